// What anybody may open: receipts, the home page, error pages; what every page weighs, which headers it carries, how it
// comes out of a printer. The last test takes the database away.
import test from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { compactVerify, createLocalJWKSet } from 'jose';
import { khop, source } from '../api/harness.mjs';
import { PAYEE, PUPIL, accessible, inOrder, readQr, seen, stage, violations } from './stage.mjs';

const s = await stage();
const dir = mkdtempSync(path.join(os.tmpdir(), 'khop-web-'));
test.after(() => rmSync(dir, { recursive: true }));

const waiting = await s.issue(), paid = await s.issue();
const benefit = await s.issue({ kind: 'payout', amount: 500_000, payer: undefined, payee: PAYEE });
await s.pay(paid, 936_000, { reference: 'FT26326000123' });
await s.pay(benefit, 500_000, { direction: 'out' });
const receiptOf = async (code) => (await s.show(s.school.token, code)).receipts[0];
const receipt = await receiptOf(paid), spent = await receiptOf(benefit);
const at = receipt.jws_url.replace(/\.jws$/, '');
const NOWHERE = `${s.origin}/p/${'A'.repeat(24)}`;

const speak = (lang) => ({ locale: lang === 'vi' ? 'vi-VN' : 'en-US', reducedMotion: 'reduce' });

// --- receipts ---

for (const [lang, says] of [
  ['vi', [s.school.name, s.school.code, 'Xác nhận đã nhận tiền', receipt.number, '936.000 đ', 'Chín trăm ba mươi sáu nghìn đồng', paid.code, 'không thay thế hóa đơn', 'Ai cũng có thể kiểm tra', 'chữ ký số', '.jws', 'Khóa công khai', at]],
  ['en', [s.school.name, s.school.code, 'Confirmation of payment', receipt.number, '936.000 đ', paid.code, 'not an invoice', 'Anyone can check it', 'digital signature', '.jws', 'Public keys', at]],
]) {
  test(`a receipt in ${lang}: what it says, and how to check it`, async () => {
    await s.tab(speak(lang), async (t) => {
      await t.goto(at);
      inOrder(await seen(t), says);
      await t.locator('.again-qr svg').screenshot({ path: path.join(dir, 'again.png') });
      assert.equal(readQr(path.join(dir, 'again.png')), at, 'the symbol leads to this page');
      await accessible(t, lang === 'vi');
    });
  });
}

test('a receipt of money that went out says so', async () => {
  await s.tab({}, async (t) => {
    await t.goto(spent.jws_url.replace(/\.jws$/, ''));
    inOrder(await seen(t), ['Xác nhận đã chi tiền', spent.number, '500.000 đ', 'Năm trăm nghìn đồng', benefit.code]);
    assert.doesNotMatch(await seen(t), /đã nhận tiền/i);
    await t.getByRole('link', { name: 'English' }).click();
    await t.getByRole('heading', { name: 'Confirmation of payout' }).waitFor();
  });
});

test('a receipt tells nobody who paid, from where and to where, in none of its forms', async () => {
  const payload = Buffer.from((await s.get(receipt.jws_url)).text.split('.')[1], 'base64url').toString();
  for (const text of [(await s.get(at, { headers: { Accept: 'text/html' } })).text, (await s.get(`${at}.json`)).text, payload]) {
    for (const word of [PUPIL.name, 'Mai', PUPIL.ref, paid.id, s.purse.account.account_no, s.purse.account.holder, 'LO VAN HOA', 'tien an']) assert.ok(!text.includes(word), word);
  }
});

test('from the page to a proof: the two files it offers verify with other tools and with khop, a changed one does not', async () => {
  await s.tab({ acceptDownloads: true }, async (t) => {
    await t.goto(at);
    const file = async (name, to) => {
      const answer = await s.get(new URL(await t.getByRole('link', { name }).getAttribute('href'), s.origin).pathname);
      assert.equal(answer.status, 200);
      writeFileSync(path.join(dir, to), answer.text);
      return answer.text;
    };
    const jws = await file('Biên lai đã ký số', 'r.jws'), keys = await file('Khóa công khai', 'jwks.json');
    const { payload } = await compactVerify(jws, createLocalJWKSet(JSON.parse(keys)), { algorithms: ['Ed25519', 'EdDSA'] }).catch(() => ownVerify(jws, keys));
    const said = JSON.parse(Buffer.from(payload).toString());
    assert.deepEqual([said.amount, said.cur, said.ref, said.org, said.iss], [936_000, 'VND', paid.code, s.school.code, s.origin]);
    assert.equal((await khop(['verify', '--jwks', path.join(dir, 'jwks.json'), path.join(dir, 'r.jws')])).code, 0);
    const [head, body, signature] = jws.split('.');
    const forged = Buffer.from(JSON.stringify({ ...said, amount: 9_936_000 })).toString('base64url');
    assert.notEqual(forged, body);
    writeFileSync(path.join(dir, 'forged.jws'), `${head}.${forged}.${signature}`);
    assert.equal((await khop(['verify', '--jwks', path.join(dir, 'jwks.json'), path.join(dir, 'forged.jws')])).code, 3);
  });
});

// Node 18's WebCrypto does not know the name "Ed25519" in a header; its crypto module does the arithmetic all the same.
function ownVerify(jws, keys) {
  const [head, body, signature] = jws.split('.');
  const { kid } = JSON.parse(Buffer.from(head, 'base64url'));
  const key = crypto.createPublicKey({ key: JSON.parse(keys).keys.find((k) => k.kid === kid), format: 'jwk' });
  assert.ok(crypto.verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url')));
  return { payload: Buffer.from(body, 'base64url') };
}

// --- home and errors ---

for (const [lang, says] of [['vi', ['Máy chủ thu tiền', 'Nộp tiền', 'mở đường dẫn hoặc quét mã QR', 'Kiểm tra biên lai', 'Đăng nhập', 'OpenAPI', 'Khóa công khai', 'English']], ['en', ['A local server for payments', 'open the link or scan', 'Check a receipt', 'Sign in', 'OpenAPI', 'Public keys', 'Tiếng Việt']]]) {
  test(`the home page in ${lang}`, async () => {
    await s.tab(speak(lang), async (t) => {
      await t.goto(s.origin);
      inOrder(await seen(t), says);
      for (const link of await t.locator('main a').all()) assert.ok([200, 303].includes((await s.get(await link.getAttribute('href'), { headers: { Accept: 'text/html' } })).status));
      await accessible(t, lang === 'vi');
      for (const width of [390, 1280]) {
        await t.setViewportSize({ width, height: 800 });
        assert.ok(await t.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `wider than ${width}`);
      }
    });
  });
}

test('a receipt is found by its address, or the end of it; a payment too', () => s.tab({ javaScriptEnabled: false, expected: /404/ }, async (t) => {
  const url = receipt.url, token = url.split('/r/')[1];
  for (const typed of [url, ` ${url}.pdf `, `${url}?lang=en`, `/r/${token}`, token]) {
    await t.goto(s.origin);
    await t.fill('#receipt', typed);
    await t.click('form button');
    assert.equal(new URL(t.url()).pathname, `/r/${token}`, typed);
  }
  await t.goto(s.origin);
  await t.fill('#receipt', waiting.pay_url);
  await t.press('#receipt', 'Enter');
  assert.equal(t.url(), waiting.pay_url);
  await t.goto(s.origin);
  await t.fill('#receipt', '2026/000123 "<b>');
  await t.press('#receipt', 'Enter');
  inOrder(await seen(t), ['Chỉ có số biên lai thì chưa đủ']);
  assert.equal(await t.inputValue('#receipt'), '2026/000123 "<b>');
}));

// Each kind of failure as a page: what happened, what to do, where to go. Made by requests that really fail that way.
const officer = s.signedIn(s.school, 'accountant');
const form = (path, body, more) => s.request('POST', path, { body, unchecked: true, headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html', Cookie: `sid=${officer.cookie}`, ...more } });
const page = (path, more) => s.get(path, { headers: { Accept: 'text/html', Cookie: `sid=${officer.cookie}`, ...more } });
for (const [status, make, says, link] of [
  [403, () => page('/desk/users'), ['Không có quyền', 'báo quản trị của đơn vị'], '/desk'],
  [403, () => form('/desk/payouts', 'a=b', { 'Sec-Fetch-Site': 'cross-site' }), ['Không có quyền'], '/desk'],
  [404, () => page('/desk/rounds/rnd_0000000000000'), ['Không tìm thấy trang này', 'kiểm tra lại đường dẫn'], '/desk'],
  [404, () => page(`/p/${'B'.repeat(24)}`), ['Không tìm thấy trang này', 'tiền không mất'], '/'],
  [405, () => form('/desk', 'a=b'), ['Địa chỉ này không nhận việc đó'], '/desk'],
  [413, () => form('/desk/payouts', `a=${'x'.repeat(257 * 1024)}`), ['quá lớn', 'nhiều nhất 256 KB'], '/desk/payouts'],
  [413, () => s.request('POST', '/desk/statements', { body: Buffer.alloc(33 << 20), unchecked: true, headers: { 'Content-Type': 'multipart/form-data; boundary=x', Accept: 'text/html', Cookie: `sid=${officer.cookie}` } }), ['quá lớn', 'tệp nhỏ hơn', 'nhiều nhất 32 MB'], '/desk/statements'],
]) {
  test(`the page of ${status}: ${says[0]} (${link})`, async () => {
    const answer = await make();
    assert.equal(answer.status, status, answer.text);
    await s.tab({}, async (t) => {
      await t.route(`${s.origin}/there`, (route) => route.fulfill({ status: 200, contentType: 'text/html; charset=utf-8', body: answer.text }));
      await t.goto(`${s.origin}/there`);
      inOrder(await seen(t), [...says, 'Mã yêu cầu']);
      assert.equal(await t.locator(`main a[href="${link}"]`).count(), 1, await t.locator('main').innerHTML());
      await accessible(t, false);
      for (const width of [390, 1280]) {
        await t.setViewportSize({ width, height: 800 });
        assert.ok(await t.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `wider than ${width}`);
      }
    });
  });
}

test('a file that is too large, or has an endless name, as a browser sends it', () => s.desk(officer, { javaScriptEnabled: false, expected: /413/ }, async (t) => {
  await t.goto(`${s.origin}/desk/payers`);
  await t.setInputFiles('input[type=file]', { name: 'ds.csv', mimeType: 'text/csv', buffer: Buffer.alloc(9 << 20, 'a') });
  await t.locator('form[enctype] button').first().click();
  inOrder(await seen(t), ['Nội dung gửi lên quá lớn', 'nhiều nhất 8 MB', 'Quay lại trang trước']);
  await t.click('text=Quay lại trang trước');
  await t.setInputFiles('input[type=file]', { name: `${'d'.repeat(300)}.csv`, mimeType: 'text/csv', buffer: Buffer.from('a\n') });
  await t.locator('form[enctype] button').first().click();
  inOrder(await seen(t), ['Tên tệp, hoặc một ô của biểu mẫu này, quá dài.']);
}));

test('programs are told the limit, too', async () => {
  const answer = await s.request('POST', '/api/v1/codes', { token: s.school.token, key: 'k', body: 'x'.repeat(257 * 1024), headers: { 'Content-Type': 'application/json' } });
  assert.deepEqual([answer.status, answer.json.detail], [413, 'At most 256 KiB are taken here.']);
  const vi = await s.request('POST', '/api/v1/codes', { token: s.school.token, key: 'k', body: 'x'.repeat(257 * 1024), headers: { 'Content-Type': 'application/json', 'Accept-Language': 'vi' } });
  assert.equal(vi.json.detail, 'Ở đây nhận nhiều nhất 256 KiB.');
});

for (const [lang, says] of [['vi', ['Không tìm thấy trang này', 'kiểm tra lại đường dẫn', 'Mã yêu cầu']], ['en', ['There is no such page', 'check the address', 'Request id']]]) {
  test(`a page that is not there, in ${lang}`, async () => {
    await s.tab({ ...speak(lang), expected: /status of 404/ }, async (t) => {
      for (const url of [NOWHERE, `${s.origin}/r/${'B'.repeat(24)}`, `${s.origin}/p/short`, `${s.origin}/<b>not-here</b>`]) {
        const answer = await t.goto(url);
        assert.equal(answer.status(), 404, url);
        inOrder(await seen(t), says);
        assert.ok(!(await t.content()).includes('not-here'), 'echoes what was asked');
      }
      await accessible(t, lang === 'vi');
    });
  });
}

test('machines get a problem document where people get a page', async () => {
  const answer = await s.get(new URL(NOWHERE).pathname, { headers: { Accept: 'application/json' } });
  assert.equal(answer.status, 404);
  assert.equal(answer.type, 'application/problem+json');
});

test('the language follows the address, then the browser, then the country', async () => {
  const title = async (query, accept) => /<html lang="(..)">/.exec((await s.get(`/${query}`, { headers: { Accept: 'text/html', 'Accept-Language': accept } })).text)[1];
  for (const [query, accept, lang] of [['', 'vi-VN,vi;q=0.9,en;q=0.8', 'vi'], ['', 'en-GB,en;q=0.5', 'en'], ['', 'fr-FR,fr', 'vi'], ['', null, 'vi'], ['', 'fr;q=0.9,en;q=0.2', 'en'], ['?lang=en', 'vi', 'en'], ['?lang=vi', 'en', 'vi'], ['?lang=xx', 'en', 'en']])
    assert.equal(await title(query, accept), lang, `${query} ${accept}`);
});

// --- headers, files, weight ---

// security.md §3; the headers of every answer are looked at by the harness.
const HTML = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'",
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
  'content-type': 'text/html; charset=utf-8',
};

test('every page carries the headers of a page, and only the receipt speaks to other origins', async () => {
  for (const url of [waiting.pay_url, paid.pay_url, at, s.origin, NOWHERE]) {
    const answer = await s.get(url, { headers: { Accept: 'text/html' } });
    for (const [name, value] of Object.entries(HTML)) assert.equal(answer.headers[name], value, `${url}: ${name}`);
    assert.match(answer.headers.vary ?? '', /Accept-Language/, url);
    assert.equal(answer.headers['set-cookie'], undefined, url);
    assert.doesNotMatch(answer.text, /<script(?! src)|<style| style=| on\w+=|https?:\/\/(?!127\.0\.0\.1)(?!www\.w3\.org\/2000\/svg)(?!dl\.vietqr\.io\/pay\?app=[\w-]+")/, url);
  }
  for (const [url, open] of [[`${waiting.pay_url}.json`, undefined], [waiting.qr_png, undefined], [receipt.jws_url, '*'], [`${at}.json`, '*']]) {
    const answer = await s.get(url);
    assert.equal(answer.headers['access-control-allow-origin'], open, url);
    assert.equal(answer.headers['cache-control'], 'no-store', url);
  }
});

test('static files have the hash of their bytes in their names, come compressed, and may be kept for a year', async () => {
  const html = (await s.page(waiting)).text;
  const names = [...new Set([...html.matchAll(/\/static\/[\w.-]+/g)].map((m) => m[0]))];
  assert.deepEqual(names.map((n) => path.extname(n)).sort(), ['.css', '.js', '.svg']);
  for (const name of names) {
    const plain = await s.get(name, { headers: { 'Accept-Encoding': 'identity' } }), packed = await s.get(name, { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(packed.headers['cache-control'], plain.headers['cache-control']);
    assert.ok(crypto.createHash('sha256').update(plain.bytes).digest('hex').startsWith(name.split('.').at(-2)), `${name} does not name its content`);
    if (packed.headers['content-encoding'] === 'gzip') {
      assert.deepEqual(gunzipSync(packed.bytes), plain.bytes);
      assert.match(packed.headers.vary, /Accept-Encoding/);
    }
    assert.equal((await s.get(name.replace(/\.\w+\./, '.0000000000.'))).status, 404, 'under another hash there is nothing');
  }
});

// What came over the wire, headers and all, by kind.
async function weigh(url) {
  const bytes = {};
  await s.tab({}, async (t, context) => {
    const cdp = await context.newCDPSession(t), kinds = new Map();
    await cdp.send('Network.enable');
    cdp.on('Network.responseReceived', (e) => kinds.set(e.requestId, e.type));
    cdp.on('Network.loadingFinished', (e) => { const kind = kinds.get(e.requestId); bytes[kind] = (bytes[kind] ?? 0) + e.encodedDataLength; });
    await t.goto(url, { waitUntil: 'load' });
    await t.waitForTimeout(300);
  });
  return bytes;
}

test('a pay page and its style come in the first flight of 14 KB, everything in 30 KB, the script in 5 KB', async (t0) => {
  for (const [name, url] of Object.entries({ waiting: waiting.pay_url, paid: paid.pay_url, receipt: at, home: s.origin })) {
    const got = await weigh(url);
    const first = got.Document + got.Stylesheet, sum = Object.values(got).reduce((a, b) => a + b, 0);
    t0.diagnostic(`${name}: ${Object.entries(got).map(([k, v]) => `${k} ${v}`).join(', ')}; first flight ${first}, all ${sum} bytes`);
    assert.ok(first <= 14 * 1024, `${name}: ${first} bytes`);
    assert.ok(sum <= 30 * 1024, `${name}: ${sum} bytes`);
    assert.ok((got.Script ?? 0) <= 5 * 1024, `${name}: ${got.Script} bytes of script`);
  }
});

// --- paper ---

test('printed: a receipt and a pay page are one sheet each, can be scanned, and no button is on the paper', async () => {
  for (const [name, url, says, pages, symbol] of [
    ['receipt', at, [receipt.number, '936.000 đ', paid.code], 1, at],
    ['pay', waiting.pay_url, ['936.000 đ', s.purse.account.account_no, waiting.memo, s.purse.account.holder, waiting.code], 1, waiting.payload],
  ]) {
    const file = path.join(dir, `${name}.pdf`);
    await s.tab({ colorScheme: 'dark' }, async (t) => {
      await t.goto(url);
      await t.emulateMedia({ media: 'print' });
      assert.equal(await t.locator('button:visible, .button:visible').count(), 0);
      assert.deepEqual(await violations(t, ['color-contrast']), []);
      await t.pdf({ path: file, format: 'A4' });
    });
    const text = execFileSync('pdftotext', ['-layout', file, '-']).toString().replace(/\s+/g, ' ');
    for (const word of says) assert.ok(text.includes(word), `${name}: ${word}`);
    assert.doesNotMatch(text, /Tải lại|Lưu ảnh|English|Đang chờ/, name);
    assert.ok(Number(/Pages:\s+(\d+)/.exec(execFileSync('pdfinfo', [file]).toString())[1]) <= pages, `${name}: more than ${pages} page`);
    execFileSync('pdftoppm', ['-r', '150', '-png', '-f', '1', '-l', '1', file, path.join(dir, name)]);
    assert.equal(readQr(path.join(dir, `${name}-1.png`)), symbol, name);
  }
});

// --- without a database ---

test('without a database pages say so soon, in both languages, and come back with it', async (t0) => {
  s.expectLog(/level=(warn|error)/);
  execFileSync(path.join(source, 'tests/pg'), ['kill', s.pgDir], { stdio: 'ignore' });
  try {
    await Promise.all([['vi', ['Hệ thống đang bận', 'tiền không mất', 'Thử lại']], ['en', ['The service is busy', 'the money is not lost', 'Try again']]].map(([lang, says]) =>
      s.tab({ ...speak(lang), expected: /status of 503/ }, async (t) => {
        const began = Date.now(), answer = await t.goto(waiting.pay_url);
        t0.diagnostic(`${lang}: 503 after ${Date.now() - began} ms`);
        assert.equal(answer.status(), 503);
        assert.equal(answer.headers()['retry-after'], '5');
        assert.ok(Date.now() - began < 8000);
        for (const [name, value] of Object.entries(HTML)) assert.equal(answer.headers()[name], value, name);
        inOrder(await seen(t), says);
        await accessible(t, lang === 'vi');
      })));
    assert.equal((await s.get('/', { headers: { Accept: 'text/html' } })).status, 200, 'the home page needs no database');
  } finally {
    execFileSync(path.join(source, 'tests/pg'), ['restart', s.pgDir], { stdio: 'ignore' });
  }
  const began = Date.now();
  await s.ready(true);
  await s.tab({}, async (t) => {
    await t.goto(waiting.pay_url);
    await t.getByText('Đang chờ tiền về').waitFor();
  });
  t0.diagnostic(`back ${Date.now() - began} ms behind the database`);
});
