// A stall's day: made by who manages the market, given to a seller, who takes money with codes of an amount and with the permanent one,
// sees and hears what came, and takes the book home. On a phone, on a desk, without script.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bin } from '../api/harness.mjs';
import { accessible, inOrder, readQr, seen, stage } from './stage.mjs';

const s = await stage();
const market = await s.org(undefined, 'market');
const admin = s.signedIn(market, 'administrator', 'Đinh Văn Quyết'), seller = s.signedIn(market, 'vendor', 'Hoàng Thị Hoa'), other = s.signedIn(market, 'vendor', 'Vì Văn Sơn');
const asks = (who, path, headers = {}) => s.get(path, { headers: { Cookie: `sid=${who.cookie}`, Accept: 'application/json', ...headers } });
let stall, bank, sold;

test('without script: the administrator makes a stall and gives it to its seller, and sees no money', () => s.desk(admin, { javaScriptEnabled: false, expected: /403/ }, async (t) => {
  await t.goto(`${s.origin}/desk/stalls`);
  inOrder(await seen(t), ['Sạp hàng', 'ban quản lý không xem được doanh thu', 'Chưa có sạp nào', 'Lập sạp']);
  await t.fill('#name', 'Rau sạch chị Hoa');
  await t.fill('#place', 'Dãy A, số 12');
  await t.selectOption('#bin', '970405');
  await t.fill('#account_no', '7907205000001');
  await t.fill('#holder', 'HOANG THI HOA');
  await t.click('form:has(#name) button');
  inOrder(await seen(t), ['Đã lập sạp', 'Rau sạch chị Hoa', 'Dãy A, số 12', '7907205000001', 'Chưa giao', 'Giao sạp']);
  await t.selectOption('select[name=owner]', { label: 'Hoàng Thị Hoa' });
  await t.click('form:has(select[name=owner]) button');
  inOrder(await seen(t), ['Đã giao sạp', 'Rau sạch chị Hoa', 'Hoàng Thị Hoa']);
  stall = (await asks(admin, '/desk/stalls')).json.items[0];
  assert.equal(stall.owner, 'Hoàng Thị Hoa');
  assert.equal((await t.goto(`${s.origin}/desk/stalls/${stall.id}`)).status(), 403);
  bank = await s.bank(market.token, 'sepay/hmac', stall.account);
}));

for (const locale of ['vi-VN', 'en-US']) {
  test(`the list of stalls in ${locale}, for everybody`, () => s.desk(admin, { locale, reducedMotion: 'reduce' }, async (t) => {
    await t.goto(`${s.origin}/desk/stalls`);
    await accessible(t);
  }));
}

test('without script: an amount, the code on the next page, and what came after a reload', () => s.desk(seller, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk/stalls`);
  await t.click('tbody th a');
  inOrder(await seen(t), ['Rau sạch chị Hoa', 'Số tiền khách trả', 'Hôm nay', '0 đ', 'Hôm nay chưa có tiền về', 'Từ đầu năm đến nay', '0 đ', '500.000.000 đ', 'Chỉ người bán', 'Sổ bán hàng']);
  await t.fill('#amount', '200.000');
  await t.click('.keypad button.button');
  inOrder(await seen(t), ['200.000 đ', 'Hai trăm nghìn đồng', 'Đang chờ tiền về']);
  await t.locator('.qr').screenshot({ path: `${s.dir}/sale.png` });
  assert.match(readQr(`${s.dir}/sale.png`), /5406200000/);
  sold = t.url();
  const code = (await asks(seller, new URL(t.url()).pathname)).json;
  await bank.send({ memo: `ck ${code.code}`, amount: 200 });
  await t.click('text=Tải lại');
  inOrder(await seen(t), ['200.000 đ', 'THIẾU 199.800 đ', 'Mới nhận 200 đ', 'Một trăm chín mươi chín nghìn tám trăm đồng']);
  assert.equal(await t.locator('[role=alert]').count(), 1);
  await bank.send({ memo: `ck ${code.code}`, amount: 199_800 });
  await t.click('text=Tải lại');
  inOrder(await seen(t), ['200.000 đ', 'ĐÃ NHẬN ĐỦ']);
  await t.click('.crumb a');
  inOrder(await seen(t), ['Hôm nay', '200.000 đ', '2 lần', 'Tiền vừa về', '199.800 đ', 'Đủ', '200 đ', 'Thiếu, đã trả nốt', 'Hai trăm đồng', 'Cần thu 200.000 đ']);
  assert.equal(await t.locator('.feed .alarm').count(), 0, 'the rest came');
}));

// A tab whose page says what it would have been heard to say.
const hearing = (t) => t.addInitScript(() => {
  window.said = [];
  Object.defineProperty(window, 'speechSynthesis', { value: { speak: (u) => window.said.push(u.text), cancel() {}, getVoices: () => [{ lang: 'vi-VN' }] } });
});
const said = (t) => t.evaluate(() => window.said);
const keys = async (t, ...list) => { for (const key of list) await t.click(`[data-key="${key}"]`); };
// The code on the screen as a scanner reads it, and its mark.
const code = async (t) => {
  const { width, modules } = await t.evaluate(() => { const svg = document.querySelector('#sale svg'); return { width: svg.getBoundingClientRect().width * devicePixelRatio, modules: svg.viewBox.baseVal.width }; });
  assert.ok(Number.isInteger(width / modules) && width / modules >= 4, `${width} for ${modules} modules`);
  await t.locator('#sale .qr').screenshot({ path: `${s.dir}/made.png` });
  return { text: readQr(`${s.dir}/made.png`), tag: await t.getAttribute('#sale .sale', 'data-tag') };
};
const told = (t) => t.waitForResponse((r) => r.url().endsWith('/asks') && r.status() === 204);

test('with script: keys, a code made on the page, and money as it comes', () => s.desk(seller, { viewport: { width: 360, height: 740 } }, async (t) => {
  await hearing(t);
  await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
  await t.click('[data-sound]');
  await t.fill('#word', 'hoa ban');
  await t.locator('#word').blur();
  await keys(t, '5', '0', '000', '0', '-');
  assert.equal(await t.inputValue('#amount'), '50.000');
  const before = t.asked.length;
  await Promise.all([told(t), t.click('.keypad .acts button')]);
  inOrder(await t.innerText('#sale'), ['50.000 đ', 'Năm mươi nghìn đồng', 'Đang chờ tiền về']);
  assert.deepEqual(t.asked.slice(before).map(([, url]) => new URL(url).pathname.slice(`/desk/stalls/${stall.id}`.length)).filter(Boolean), ['/asks'], 'nothing was asked for to make it');
  assert.equal(t.url(), `${s.origin}/desk/stalls/${stall.id}`);
  const { text, tag } = await code(t);
  const [made] = execFileSync(path.join(bin, 'khop'), ['vietqr', 'decode', '-'], { input: `${text}\n`, encoding: 'utf8' }).trim().split('\n').map((row) => JSON.parse(row));
  assert.deepEqual([made.ok, made.method, made.bin, made.account, made.amount, made.purpose], [true, 'dynamic', '970405', '7907205000001', 50_000, `${stall.code} ${tag}`]);
  const began = Date.now();
  await bank.send({ memo: `MBVCB.99 ${stall.code} ${tag} CT tu 0011`, amount: 5_000 });
  await t.waitForSelector('#live .alarm >> text=5.000 đ', { timeout: 5000 });
  assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
  await t.waitForSelector('#sale .alarm');
  inOrder(await t.innerText('#sale'), ['50.000 đ', 'THIẾU 45.000 đ', 'Đừng giao hàng']);
  await bank.send({ memo: `${stall.code} rau`, amount: 12_000 });
  await t.waitForSelector('#live >> text=12.000 đ', { timeout: 5000 });
  await bank.send({ memo: `${stall.code}${tag}`, amount: 45_000 });
  await t.waitForSelector('#sale .state.good');
  assert.deepEqual(await said(t), ['Đã nhận Năm nghìn đồng. Thiếu Bốn mươi lăm nghìn đồng. hoa ban', 'Đã nhận Mười hai nghìn đồng. Thiếu Ba mươi ba nghìn đồng. hoa ban', 'Đã nhận Bốn mươi lăm nghìn đồng, đủ. hoa ban']);
  assert.deepEqual((await asks(seller, `/desk/stalls/${stall.id}`)).json.items.slice(0, 3).map((i) => [i.amount, i.asked, i.missing, i.state, i.tag === tag]),
    [[45_000, 50_000, null, 'full', true], [12_000, null, null, 'free', false], [5_000, 50_000, 45_000, 'short', true]], 'what came by the printed code was not for the sale after all');
  assert.equal(await t.inputValue('#amount'), '');
  assert.match(await t.textContent('#voice'), /giọng của trình duyệt/);
}));

test('several customers at once; one goes away', () => s.desk(seller, {}, async (t) => {
  await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
  await keys(t, '2', '000');
  await Promise.all([told(t), t.click('.keypad .acts button')]);
  const first = await code(t);
  await keys(t, '3', '000');
  await Promise.all([told(t), t.click('.keypad .acts button')]);
  assert.match(await t.textContent('#waiting'), /2\.000 đ/);
  await t.click('#waiting button');
  assert.deepEqual(await code(t), first, 'the same code again');
  await Promise.all([told(t), t.click('[data-drop]')]);
  assert.equal(await t.locator('#sale .sale').count(), 0);
  assert.doesNotMatch(await t.textContent('#waiting'), /2\.000 đ/);
  assert.match(await t.textContent('#waiting'), /3\.000 đ/);
  await t.reload();
  assert.match(await t.textContent('#waiting'), /3\.000 đ/, 'kept over a reload');
  await t.evaluate(() => Object.defineProperty(navigator, 'share', { value: async (what) => { window.shared = what; } }));
  await t.click('[data-day]');
  assert.match((await t.evaluate(() => window.shared)).text, /^Rau sạch chị Hoa, ngày \d\d\/\d\d\/\d{4}: 5 lần, tổng cộng 262\.000 đ\.$/);
  await t.click('#waiting button');
  await Promise.all([told(t), t.click('[data-drop]')]);
}));

test('without a network: the page opens, makes codes, says so; then it knows what was asked', () => s.desk(seller, { expected: /ERR_INTERNET_DISCONNECTED/ }, async (t, context) => {
  await hearing(t);
  await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
  await t.evaluate(() => navigator.serviceWorker.ready.then(() => 0));
  await t.waitForFunction(() => navigator.serviceWorker.controller);
  await t.click('[data-sound]');
  await context.setOffline(true);
  await t.waitForSelector('#signal:not([hidden])');
  assert.match(await t.textContent('#signal'), /Mất mạng từ \d\d:\d\d.*tiền khách chuyển vẫn về tài khoản/);
  await t.reload();
  inOrder(await seen(t), ['Rau sạch chị Hoa', 'Mất mạng từ', 'Chưa tải được tiền về']);
  assert.doesNotMatch(await t.content(), /267\.000|12\.000 đ|217\.000/, 'nothing of what came is kept on the phone');
  await accessible(t, false);
  await t.setViewportSize({ width: 360, height: 740 });
  await keys(t, '2', '0', '0', '000');
  await t.click('.keypad .acts button');
  const { text, tag } = await code(t);
  assert.match(text, new RegExp(`5406200000.*${stall.code} ${tag}`));
  await t.click('[data-sound]');
  await bank.send({ memo: `ck ${stall.code} ${tag}`, amount: 200 }); // meanwhile, at the bank
  await context.setOffline(false);
  await t.waitForSelector('#sale .alarm', { timeout: 10_000 });
  inOrder(await seen(t), ['THIẾU 199.800 đ', 'Cần thu 200.000 đ']);
  assert.equal(await t.isVisible('#signal'), false);
  assert.deepEqual(await said(t), ['Đã nhận Hai trăm đồng. Thiếu Một trăm chín mươi chín nghìn tám trăm đồng']);
  await Promise.all([told(t), t.click('[data-drop]')]);
}));

test('a session that has ended is said, and codes are made all the same', () => s.desk(seller, { expected: /401|MIME type/ }, async (t, context) => {
  await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
  await context.clearCookies();
  await t.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await t.waitForSelector('#signal[data-state=out]');
  assert.match(await t.textContent('#signal'), /hết phiên đăng nhập/);
  await keys(t, '4', '000');
  await t.click('.keypad .acts button');
  assert.match((await code(t)).text, /54044000/);
  assert.equal(new URL(t.url()).pathname, `/desk/stalls/${stall.id}`);
  // Signed in again: what was asked meanwhile is told.
  await context.addCookies([{ name: 'sid', value: seller.cookie, url: s.origin }]);
  await Promise.all([told(t), t.evaluate(() => window.dispatchEvent(new Event('online')))]);
  await t.waitForSelector('#signal', { state: 'hidden' });
  await Promise.all([told(t), t.click('[data-drop]')]);
}));

test('who signs out leaves nothing on the phone', () => s.desk(seller, { expected: /404/ }, async (t, context) => {
  const at = `/desk/stalls/${stall.id}`;
  await t.goto(`${s.origin}${at}`);
  await t.evaluate(() => navigator.serviceWorker.ready.then(() => 0));
  await keys(t, '1', '000');
  await t.click('.keypad .acts button');
  const left = () => t.evaluate(async () => ({ caches: (await caches.keys()).length, workers: (await navigator.serviceWorker.getRegistrations()).length, kept: Object.keys(localStorage).length }));
  const now = await left();
  assert.ok(now.caches === 1 && now.workers === 1 && now.kept > 0, JSON.stringify(now));
  const kept = await t.evaluate(async () => { const c = await caches.open((await caches.keys())[0]); return Promise.all((await c.keys()).map(async (r) => [new URL(r.url).pathname, (await (await c.match(r)).text()).length])); });
  assert.deepEqual(kept.map(([url]) => url.replace(/\.[0-9a-f]{10}\./, '.')).sort(), [at, '/static/icon.svg', '/static/page.css', '/static/page.js', '/static/qr.mjs', '/static/stall.mjs', '/static/vietqr.mjs', '/static/voice.mjs'].sort());
  // The session ends elsewhere: the page says so, and the next visit is the door.
  await context.addCookies([{ name: 'sid', value: s.signedIn(market, 'vendor', 'Người khác').cookie, url: s.origin }]);
  await t.goto(`${s.origin}${at}`);
  assert.match(await t.content(), /Không tìm thấy/);
  await t.waitForFunction(async () => (await caches.keys()).length === 0);
  await context.addCookies([{ name: 'sid', value: seller.cookie, url: s.origin }]);
  await t.goto(`${s.origin}${at}`);
  await t.evaluate(() => navigator.serviceWorker.ready.then(() => 0));
  const out = s.signedIn(market, 'vendor', 'Người ra');
  await context.addCookies([{ name: 'sid', value: out.cookie, url: s.origin }]);
  await t.goto(`${s.origin}/desk`);
  await Promise.all([t.waitForURL(/login/), t.click('form[action="/logout"] button')]);
  assert.deepEqual(await left(), { caches: 0, workers: 0, kept: 0 });
}));

test('from the last key to the code in less than a second on a slow phone', () => s.desk(seller, {}, async (t, context) => {
  await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
  const session = await context.newCDPSession(t);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const ms = await t.evaluate(() => new Promise((done) => {
    const began = performance.now();
    new MutationObserver(() => { if (document.querySelector('#sale svg')) requestAnimationFrame(() => setTimeout(() => done(performance.now() - began))); }).observe(document.querySelector('#sale'), { childList: true });
    for (const key of ['2', '0', '0', '000']) document.querySelector(`[data-key="${key}"]`).click();
    document.querySelector('.keypad .acts button').click();
  }));
  console.log(`# keypad to code: ${Math.round(ms)} ms at a quarter of the speed`);
  assert.ok(ms < 1000, `${ms} ms`);
  await t.waitForSelector('[data-drop]');
  await Promise.all([told(t), t.click('[data-drop]')]);
}));

for (const [locale, says] of [['vi-VN', ['Hôm nay', '262.200 đ', '6 lần']], ['en-US', ['Today', '262.200 đ', '6 payments']]]) {
  test(`the stall in ${locale}, for everybody, at every size`, () => s.desk(seller, { locale, reducedMotion: 'reduce' }, async (t) => {
    await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
    inOrder(await seen(t), says);
    await accessible(t);
    await t.setViewportSize({ width: 360, height: 740 });
    await t.fill('#amount', '1000');
    await t.click('.keypad .acts button');
    await t.waitForSelector('#sale .qr');
    await accessible(t, false);
    await t.goto(sold);
    await accessible(t);
  }));
}

test('an amount that is none is told beside the field', () => s.desk(seller, { javaScriptEnabled: false, expected: /422/ }, async (t) => {
  await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
  await t.fill('#amount', '12.50');
  await t.click('.keypad button.button');
  assert.equal(await t.inputValue('#amount'), '12.50');
  assert.match(await t.textContent('#amount-fault'), /số nguyên/);
}));

test('the book is a CSV that Excel opens and no cell is a formula', async () => {
  await bank.send({ memo: 'khach tra', amount: 1_000, reference: '=1+1' });
  const book = await asks(seller, `/desk/stalls/${stall.id}/book`);
  assert.match(book.type, /^text\/csv/);
  assert.match(book.headers['content-disposition'], /attachment/);
  const rows = book.text.replace(/^\uFEFF/, '').trim().split('\r\n');
  assert.equal(rows.length, 8);
  assert.deepEqual(rows.slice(1).map((r) => r.split(',').slice(2, 4)), [['200', '200000'], ['199800', '200000'], ['5000', ''], ['12000', ''], ['45000', ''], ['200', ''], ['1000', '']]);
  assert.ok(rows.at(-1).includes("'=1+1"), rows.at(-1));
  assert.equal((await asks(seller, `/desk/stalls/${stall.id}/book?from=2026-01-01&to=2028-01-01`)).status, 400);
});

// A page of a PDF: its words, its symbol, its size in points.
function poster(answer, name) {
  assert.deepEqual([answer.status, answer.type], [200, 'application/pdf'], answer.text);
  const at = `${s.dir}/${name}`;
  writeFileSync(`${at}.pdf`, answer.bytes);
  execFileSync('pdftoppm', ['-r', '150', '-png', '-singlefile', `${at}.pdf`, at]);
  const [, width, height] = execFileSync('pdfinfo', [`${at}.pdf`], { encoding: 'utf8' }).match(/Page size:\s+([\d.]+) x ([\d.]+)/);
  return { words: execFileSync('pdftotext', ['-layout', `${at}.pdf`, '-'], { encoding: 'utf8' }).normalize('NFC').replace(/\s+/g, ' '), symbol: readQr(`${at}.png`), size: [width, height].map(Math.round) };
}

test('the poster: for the seller and for who manages stalls; on paper the same symbol as on the page of the code', async () => {
  const code = (await asks(seller, `${new URL(stall.pay_url).pathname}.json`)).json;
  for (const [size, points] of [['a5', [420, 595]], ['a6', [298, 420]]]) {
    const mine = poster(await asks(seller, `/desk/stalls/${stall.id}/poster.pdf?size=${size}`), `mine-${size}`);
    inOrder(mine.words, ['Quét mã để trả tiền', 'Rau sạch chị Hoa', 'Dãy A, số 12', 'HOANG THI HOA', '7907205000001', 'So tên trước khi chuyển', stall.code]);
    assert.equal(mine.symbol, code.payload);
    assert.deepEqual(mine.size, points);
    assert.doesNotMatch(mine.words, /217\.000|Hoàng Thị Hoa/);
    assert.deepEqual(poster(await asks(admin, `/desk/stalls/${stall.id}/poster.pdf?size=${size}`), `theirs-${size}`), mine);
  }
  const token = await s.token(market.id, 'admin'), at = `/api/v1/stalls/${stall.id}/poster`;
  assert.equal(poster(await s.get(at, { token }), 'token').symbol, code.payload);
  assert.equal((await s.get(`${at}?size=a4`, { token })).status, 400);
  assert.equal((await s.get(at, { token: await s.token(market.id, 'read,accountant') })).status, 403);
  assert.equal((await s.get(at, { token: await s.token(market.id, 'vend') })).status, 404, 'another till');
  assert.equal((await s.get(at)).status, 401);
  assert.equal((await asks(other, `/desk/stalls/${stall.id}/poster.pdf`)).status, 404);
  assert.equal((await s.get(at, { token: await s.token((await s.org(undefined, 'market')).id, 'admin') })).status, 404);
});

test('without script: buttons for the poster, the seller\'s and the management\'s', async () => {
  for (const [who, path] of [[seller, `/desk/stalls/${stall.id}`], [admin, '/desk/stalls']]) await s.desk(who, { javaScriptEnabled: false }, async (t) => {
    await t.goto(`${s.origin}${path}`);
    for (const size of ['A5', 'A6']) {
      const [file] = await Promise.all([t.waitForEvent('download'), t.click(`a:has-text("Áp phích khổ ${size}")`)]);
      assert.equal(file.suggestedFilename(), 'Rau sạch chị Hoa.pdf');
    }
  });
});

test('nobody else sees it: not the management, not another seller, not a token', async () => {
  for (const path of ['', '/book', '/events']) {
    assert.equal((await asks(admin, `/desk/stalls/${stall.id}${path}`)).status, 403, path);
    assert.equal((await asks(other, `/desk/stalls/${stall.id}${path}`)).status, 404, path);
    assert.equal((await s.get(`/api/v1/stalls/${stall.id}${path}`, { token: market.token })).status, 403, path);
  }
  for (const list of ['codes', 'receipts', 'exceptions']) assert.deepEqual(await s.all(`/api/v1/${list}`, market.token), [], list);
  assert.equal((await s.get(`/api/v1/codes/${stall.code}`, { token: market.token })).status, 404);
});

test('a page of the desk weighs little', () => s.desk(seller, {}, async (t, context) => {
  const session = await context.newCDPSession(t);
  let sum = 0;
  await session.send('Network.enable');
  session.on('Network.loadingFinished', (e) => { sum += e.encodedDataLength; });
  await t.goto(`${s.origin}/desk/stalls/${stall.id}`, { waitUntil: 'load' });
  console.log(`# first load: ${sum} bytes`);
  assert.ok(sum > 0 && sum <= 60 * 1024, `${sum} bytes`);
}));

test('a till tells what it asked for, and reads which money was for it', async () => {
  const admin_token = await s.token(market.id, 'admin'), till = await s.token(market.id, 'vend'), second = await s.token(market.id, 'vend');
  const mine = (await s.post('/api/v1/stalls', { name: 'Bánh', bin: '970405', account_no: '7907205000002', holder: 'VI VAN SON' }, { token: admin_token })).json;
  s.owner(`update khop.account set owner_since = '2000-01-01', owner_id = (select token_id from khop.api_token where token_hash = sha256('${till}')) where account_no = '7907205000002'`);
  const tell = (list, token = till) => s.post(`/api/v1/stalls/${mine.id}/asks`, { asks: list }, { token });
  assert.equal((await tell([{ tag: 'AB2CD', amount: 30_000, age_s: 5 }, { tag: 'ZZZZZ', amount: 1000, dropped: true }])).status, 204);
  const source = await s.bank(market.token, 'sepay/hmac', mine.account);
  await source.send({ memo: `${mine.code} AB2CD`, amount: 40_000 });
  const page = (await s.get(`/api/v1/stalls/${mine.id}`, { token: till })).json;
  assert.deepEqual(page.items.map((i) => [i.amount, i.asked, i.surplus, i.state, i.tag, i.guess, i.made_up]), [[40_000, 30_000, 10_000, 'over', 'AB2CD', false, false]]);
  assert.match(page.payload, new RegExp(`0809${mine.code}6304`));
  for (const bad of [[], [{ tag: 'AB2C', amount: 1 }], [{ tag: 'AB2CS', amount: 1 }], [{ tag: 'AB2CD', amount: 0 }], [{ tag: 'AB2CD' }], [{ tag: 'AB2CD', amount: 1, age_s: -1 }], [{ tag: 'AB2CD', amount: 1, more: 1 }],
    Array.from({ length: 101 }, () => ({ tag: 'AB2CD', amount: 1 }))]) assert.equal((await tell(bad)).status, 422, JSON.stringify(bad).slice(0, 80));
  assert.equal((await tell([{ tag: 'AB2CE', amount: 1 }], second)).status, 404);
  assert.equal((await tell([{ tag: 'AB2CE', amount: 1 }], admin_token)).status, 403);
  assert.equal((await tell([{ tag: 'AB2CE', amount: 1 }], null)).status, 401);
});
