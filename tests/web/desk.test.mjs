// Signed-in pages: the frame around them, forms that lose nothing, lists, and who may see them. The example is the page of
// receiving accounts; what each page is for is tested where it belongs.
import test from 'node:test';
import assert from 'node:assert/strict';
import { accessible, inOrder, seen, stage } from './stage.mjs';

const s = await stage();
const admin = s.signedIn(s.school, 'administrator'), accountant = s.signedIn(s.school, 'accountant', 'Quàng Văn Dũng');
const asks = (who, path, headers = {}) => s.get(path, { headers: { Cookie: `sid=${who.cookie}`, Accept: 'text/html', ...headers } });
const posts = (who, path, fields, headers = {}) => s.post(path, new URLSearchParams(fields).toString(), { headers: { Cookie: `sid=${who.cookie}`, Accept: 'text/html', 'Content-Type': 'application/x-www-form-urlencoded', Origin: s.origin, ...headers } });
const csrf = async (who) => /name="csrf" value="([^"]+)"/.exec((await asks(who, '/desk/accounts')).text)[1];
const wrong = { bin: '', account_no: '12 34<b>', holder: '' };

for (const [lang, says] of Object.entries({
  vi: ['Cầm Thị Ơn · Quản trị', 'Hôm nay', 'Tài khoản nhận', 'Tài khoản nhận tiền', 'Thêm tài khoản', 'Ngân hàng', 'Số tài khoản', 'Chủ tài khoản'],
  en: ['Cầm Thị Ơn · Administrator', 'Today', 'Accounts', 'Receiving accounts', 'Add an account', 'Bank', 'Account number', 'Account holder'],
})) {
  test(`accounts in ${lang}: what the page says, for everybody, at every size`, () => s.desk(admin, { locale: lang === 'vi' ? 'vi-VN' : 'en-US', reducedMotion: 'reduce' }, async (t) => {
    await t.goto(`${s.origin}/desk/accounts`);
    assert.equal(await t.getAttribute('html', 'lang'), lang);
    inOrder(await seen(t), says);
    await accessible(t);
  }));

  test(`a form in ${lang} with faults: nothing is lost, each fault beside its field`, () => s.desk(admin, { locale: lang === 'vi' ? 'vi-VN' : 'en-US', reducedMotion: 'reduce', expected: /422/ }, async (t) => {
    await t.goto(`${s.origin}/desk/accounts`);
    await t.fill('#account_no', wrong.account_no);
    await t.evaluate(() => { document.querySelector('main form').noValidate = true; });
    await t.click('main form button');
    assert.equal(await t.inputValue('#account_no'), wrong.account_no);
    for (const field of ['bin', 'account_no', 'holder']) {
      const told = await t.getAttribute(`#${field}`, 'aria-describedby');
      assert.equal(await t.getAttribute(`#${field}`, 'aria-invalid'), 'true', field);
      assert.ok((await t.textContent(`#${told}`)).length > 10, field);
    }
    await accessible(t);
  }));
}

test('without script: an account is added, said once, and stands in the list', () => s.desk(admin, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk/accounts`);
  await t.selectOption('#bin', '970405');
  await t.fill('#account_no', '7907205123456');
  await t.fill('#holder', 'TRUONG TIEU HOC CHIENG LY');
  await t.click('main form button');
  assert.equal(t.url(), `${s.origin}/desk/accounts`);
  inOrder(await seen(t), ['Đã thêm tài khoản.', 'Agribank', '7907205123456', 'TRUONG TIEU HOC CHIENG LY']);
  await t.reload();
  assert.ok(!(await seen(t)).includes('Đã thêm tài khoản.'), 'said again');
}));

test('without script: the name leads to oneself, and the way out stands beside it', async () => {
  const guest = s.signedIn(s.school, 'accountant', 'Vừ Thị Dua');
  await s.desk(guest, { javaScriptEnabled: false, viewport: { width: 360, height: 740 } }, async (t) => {
    await t.goto(`${s.origin}/desk/reports`);
    for (const what of ['.me a', '.me button']) {
      const box = await t.locator(what).boundingBox();
      assert.ok(box.height >= 44 && box.width >= 44, `${what}: ${JSON.stringify(box)}`);
    }
    await t.click('.me a');
    assert.equal(t.url(), `${s.origin}/me`);
    await t.getByRole('banner').getByRole('button', { name: 'Đăng xuất' }).click();
    assert.match(t.url(), /\/login/);
    await t.goto(`${s.origin}/desk`);
    assert.match(t.url(), /\/login/, 'the session has ended');
  });
  const again = s.signedIn(s.school, 'accountant', 'Vừ Thị Dua');
  assert.equal((await posts(again, '/logout', { csrf: await csrf(admin) })).status, 409);
  assert.equal((await asks(again, '/desk')).status, 200, "a form of somebody else's session ends nothing");
});

test('the language stays, once chosen', () => s.desk(admin, {}, async (t) => {
  await t.goto(`${s.origin}/desk/accounts?limit=1`);
  await t.click('footer a.tongue');
  assert.match(t.url(), /\?limit=1&lang=en$/);
  await t.goto(`${s.origin}/desk/accounts`);
  assert.equal(await t.getAttribute('html', 'lang'), 'en');
}));

test('a list goes forward and back, and keeps its filters', async () => {
  for (let i = 0; i < 3; i++) await s.account(s.school.token, `55550000${i}`);
  await s.desk(admin, {}, async (t) => {
    const numbers = [], row = () => t.textContent('tbody td.num');
    await t.goto(`${s.origin}/desk/accounts?limit=1`);
    for (;;) {
      numbers.push(await row());
      const next = t.locator('.pages [rel=next]');
      if (await next.count() === 0) break;
      await next.click();
      assert.match(t.url(), /[?&]limit=1&/);
    }
    const all = (await s.all('/api/v1/accounts', s.school.token)).map((a) => a.account_no);
    assert.deepEqual(numbers, all);
    for (const number of numbers.slice(0, -1).reverse()) {
      await t.click('.pages [rel=prev]');
      assert.equal(await row(), number);
    }
    assert.equal(await t.locator('.pages [rel=prev]').count(), 0);
  });
});

test('the same document leaves as JSON', async () => {
  const page = await asks(admin, '/desk/accounts', { Accept: 'application/json' });
  assert.equal(page.status, 200);
  assert.deepEqual(page.json, (await s.get('/api/v1/accounts', { token: s.school.token })).json);
});

test('who is not signed in is sent to the login, and back', async () => {
  for (const cookie of [undefined, 'sid=x', `sid=${Buffer.alloc(32).toString('base64url')}`]) {
    const answer = await s.get('/desk/accounts?limit=3', { headers: { Accept: 'text/html', ...(cookie ? { Cookie: cookie } : {}) } });
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.location, '/login?next=/desk/accounts%3Flimit%3D3');
  }
  assert.equal((await s.get('/desk/accounts', { headers: { Accept: 'application/json' } })).status, 401);
  assert.equal((await s.get('/api/v1/accounts', { headers: { Cookie: `sid=${admin.cookie}` } })).status, 401, 'a cookie is no API token');
});

test('who may not is told so', async () => {
  const answer = await posts(accountant, '/desk/accounts', { csrf: await csrf(accountant), bin: '970405', account_no: '1', holder: 'A' });
  assert.equal(answer.status, 403);
  assert.match(answer.text, /Không có quyền/);
});

test('a form counts only from our own pages, with the token of this session', async () => {
  const before = (await s.get('/api/v1/accounts', { token: s.school.token })).json.items.length;
  const good = { csrf: await csrf(admin), bin: '970405', account_no: '424242', holder: 'A' };
  for (const [fields, headers, status] of [
    [good, { Origin: 'https://elsewhere.example' }, 403],
    [good, { 'Sec-Fetch-Site': 'cross-site' }, 403],
    [good, { 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ ...good, csrf: '' }, {}, 409],
    [{ ...good, csrf: await csrf(accountant) }, {}, 409],
    [good, { 'Content-Type': 'text/plain' }, 415],
  ]) {
    const answer = await posts(admin, '/desk/accounts', fields, headers);
    assert.equal(answer.status, status, JSON.stringify(headers));
    if (status === 409) assert.match(answer.text, /value="424242"/, 'what was typed is lost');
  }
  assert.equal((await s.get('/api/v1/accounts', { token: s.school.token })).json.items.length, before);
  assert.equal((await posts(admin, '/desk/accounts', good, { 'Sec-Fetch-Site': 'same-origin', Origin: null })).status, 303);
});

test('what the database refuses is said above the form', async () => {
  const other = await s.org();
  await s.account(other.token, '31337');
  const answer = await posts(admin, '/desk/accounts', { csrf: await csrf(admin), bin: '970405', account_no: '31337', holder: 'TRUONG A & B' });
  assert.equal(answer.status, 409);
  assert.match(answer.text, /role="alert">Tài khoản này đã đăng ký cho một đơn vị khác/);
  assert.match(answer.text, /value="TRUONG A &amp; B"/);
});

test('an account is connected without script; its address is shown, secrets change hands', () => s.desk(admin, { javaScriptEnabled: false, expected: /409/ }, async (t) => {
  const account = await s.account(s.school.token, '8888000001');
  await t.goto(`${s.origin}/desk/accounts/${account.id}`);
  await t.click('main a.button');
  assert.equal(await t.inputValue('#account'), account.id);
  await t.selectOption('#method', 'sepay/hmac');
  await t.fill('#secret', 'a secret of SePay');
  await t.click('main form button');
  assert.match(t.url(), /\/desk\/connections\/con_/);
  const { items } = (await s.get('/api/v1/connections', { token: s.school.token })).json;
  const made = items.find((c) => c.account === account.id);
  inOrder(await seen(t), ['Đã nối.', 'SePay · hmac', made.url, account.id, 'Ghi sổ', 'Khóa đang dùng']);
  await t.click('.button.danger');
  inOrder(await seen(t), ['Đây là khóa bí mật cuối cùng', 'SePay · hmac', made.url]);
  await t.fill('#secret', 'another secret');
  await t.click('form:has(#secret) button');
  assert.equal(await t.locator('.button.danger').count(), 2);
  await t.locator('.button.danger').first().click();
  inOrder(await seen(t), ['Đã ngừng dùng khóa.', 'SePay · hmac']);
  assert.equal(await t.locator('.button.danger').count(), 1);
}));

for (const lang of ['vi-VN', 'en-US']) {
  test(`connections in ${lang}, for everybody`, () => s.desk(admin, { locale: lang, reducedMotion: 'reduce', expected: /422/ }, async (t) => {
    await t.goto(`${s.origin}/desk/connections`);
    await accessible(t);
    await t.evaluate(() => { document.querySelector('main form').noValidate = true; });
    await t.click('main form button');
    assert.equal(await t.locator('[aria-invalid]').count(), 3);
    await accessible(t, false);
    await t.goto(`${s.origin}/desk/connections`);
    await t.click('tbody th a');
    await accessible(t);
  }));
}

for (const [role, says] of Object.entries({
  administrator: { vi: ['Xin chào Cầm Thị Ơn', 'Tài khoản chưa nối', 'chưa nối với ngân hàng'], en: ['Welcome, Cầm Thị Ơn', 'Accounts not connected', 'not connected'] },
  accountant: { vi: ['Tiền về hôm nay', '936.000 đ', '1 lần', 'Khoản chờ xử lý', '0', 'Không còn khoản nào', 'Ngày chưa đóng sổ', 'Chưa đóng sổ'], en: ['Money in today', '936.000 đ', '1 payments', 'Open exceptions', 'Nothing to look at'] },
  principal: { vi: ['Tiền về hôm nay', '936.000 đ', 'Khoản chờ xử lý'], en: ['Money in today', '936.000 đ'] },
  auditor: { vi: ['Tiền về hôm nay', '936.000 đ'], en: ['Money in today'] },
  vendor: { vi: ['Hôm nay chưa có việc nào'], en: ['Nothing waits for you'] },
})) {
  test(`the landing page of the ${role} shows the day's work, for everybody`, async () => {
    const who = s.signedIn(s.school, role);
    if (role === 'accountant') await s.pay(await s.issue(), 936_000);
    for (const [lang, locale] of [['vi', 'vi-VN'], ['en', 'en-US']])
      await s.desk(who, { locale, reducedMotion: 'reduce' }, async (t) => {
        await t.goto(`${s.origin}/desk`);
        inOrder(await seen(t), says[lang]);
        await accessible(t, lang === 'vi');
      });
    const doc = (await asks(who, '/desk', { Accept: 'application/json' })).json;
    s.contract.fits('/components/schemas/Home', doc, 'the landing page as JSON');
  });
}

test('who has just begun is told how', async () => {
  const fresh = await s.org(), who = s.signedIn(fresh, 'administrator');
  await s.desk(who, {}, async (t) => {
    await t.goto(`${s.origin}/desk`);
    inOrder(await seen(t), ['Bắt đầu', 'Thêm tài khoản nhận tiền', 'Nối tài khoản với ngân hàng', 'Mời kế toán']);
    await accessible(t);
  });
});
