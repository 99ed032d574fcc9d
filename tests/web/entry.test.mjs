// The pages of entry in a browser, without script: the first start, a second factor, an invitation, oneself, the people of an
// organisation and its log. How sign-in is limited and what it refuses is tests/api/entry.test.mjs.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { khop } from '../api/harness.mjs';
import { accessible, inOrder, seen, stage } from './stage.mjs';

const s = await stage();
const PASSWORD = 'quả na chín rụng vườn sau';
const totp = (secret, offset = 0) => execFileSync('oathtool', ['--totp', '--base32', '--now', `@${Math.floor(Date.now() / 1000) + offset}`, secret.replaceAll(' ', '')]).toString().trim();
const say = (t, text) => t.getByRole('button', { name: text, exact: true }).click();
// What the page is at both widths: no fault of axe, nothing wider than the screen.
async function good(t) {
  const wide = async () => t.evaluate(() => [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth).map((e) => e.outerHTML.slice(0, 120)));
  await t.setViewportSize({ width: 320, height: 800 });
  assert.deepEqual(await wide(), [], `${t.url()} at 320 px`);
  await accessible(t);
  for (const width of [320, 360, 1280]) {
    await t.setViewportSize({ width, height: 800 });
    assert.ok(await t.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${t.url()} is wider than ${width}`);
  }
  await t.setViewportSize({ width: 360, height: 740 });
}
const enrolment = { secret: '' };

test('the first start, step by step, as somebody on a phone without script does it', () => s.tab({ javaScriptEnabled: false, reducedMotion: 'reduce', expected: /422/ }, async (t) => {
  const printed = await khop(['setup', '--database', s.ownerDb, '--origin', s.origin]);
  await t.goto(`${s.origin}/setup`);
  inOrder(await seen(t), ['Thiết lập lần đầu', 'Mã thiết lập']);
  await t.goto(/(\S+\/setup\?code=\S+)/.exec(printed.out)[1]);
  inOrder(await seen(t), ['Đơn vị', 'Quản trị đầu tiên', 'Mật khẩu mới']);
  await t.fill('#org_name', 'Chợ trung tâm Mộc Châu');
  await t.selectOption('#org_kind', 'market');
  await t.fill('#org_code', 'MOCCHAU');
  await t.fill('#name', 'Lò Thị Lan');
  await t.fill('#login', 'lan');
  await t.fill('#password', 'matkhau123456');
  await t.fill('#again', 'matkhau123456');
  await say(t, 'Tạo');
  assert.match(await t.textContent('#password-fault'), /bị thử đầu tiên/);
  assert.equal(await t.inputValue('#org_name'), 'Chợ trung tâm Mộc Châu', 'what was typed is lost');
  assert.equal(await t.inputValue('#password'), '', 'a password is written into a page');
  await t.fill('#password', PASSWORD);
  await t.fill('#again', PASSWORD);
  await say(t, 'Tạo');
  assert.equal(new URL(t.url()).pathname, '/login/enrol');
  enrolment.secret = (await t.textContent('p.value.code')).trim();
  assert.equal(await t.locator('.again-qr svg').count(), 1);
  await t.fill('#code', '000000');
  await say(t, 'Bật');
  assert.equal((await t.textContent('p.value.code')).trim(), enrolment.secret, 'the key stays while one tries');
  await t.fill('#code', totp(enrolment.secret, -30));
  await say(t, 'Bật');
  assert.equal(await t.locator('ol.codes li').count(), 10);
  await t.click('text=Đã cất, tiếp tục');
  assert.equal(new URL(t.url()).pathname, '/desk');
}));

test('signing in on a phone without script, and out again', () => s.tab({ javaScriptEnabled: false, expected: /401/ }, async (t) => {
  await t.goto(`${s.origin}/desk/users`);
  assert.equal(t.url(), `${s.origin}/login?next=/desk/users`);
  await t.fill('#login', 'Lan');
  await t.fill('#password', 'sai mật khẩu rồi');
  await say(t, 'Đăng nhập');
  inOrder(await seen(t), ['Tên đăng nhập hoặc mật khẩu không đúng.', 'Đăng nhập']);
  await t.fill('#password', PASSWORD);
  await say(t, 'Đăng nhập');
  inOrder(await seen(t), ['Xác nhận danh tính', 'Mã trong ứng dụng xác thực']);
  await t.fill('#code', totp(enrolment.secret));
  await say(t, 'Xác nhận');
  assert.equal(t.url(), `${s.origin}/desk/users`, 'back to what was asked for');
  inOrder(await seen(t), ['Lò Thị Lan · Quản trị', 'Người dùng', 'Lò Thị Lan', 'Mời thêm người']);
  await t.goto(`${s.origin}/me`);
  await t.click('main >> text=Đăng xuất');
  await say(t, 'Đăng xuất');
  assert.equal(t.url(), `${s.origin}/login`);
  await t.goto(`${s.origin}/me`);
  assert.equal(t.url(), `${s.origin}/login?next=/me`);
}));

for (const [lang, locale] of [['vi', 'vi-VN'], ['en', 'en-US']]) {
  test(`every page of entry in ${lang}: for everybody, at every width`, async () => {
    const admin = s.signedIn(s.school, 'administrator', 'Cầm Thị Ơn');
    s.owner(`insert into khop.membership (user_id, org_id, role, created_at, created_by) select ${admin.id}, org_id, 'auditor', now(), ${admin.id} from khop.org where code = '${s.school.code}'`);
    const link = (await s.post('/api/v1/users', { login: `moi.${lang}`, name: 'Quàng Thị Mai', role: 'accountant' }, { token: s.school.token })).json.url;
    await s.tab({ locale, reducedMotion: 'reduce' }, async (t) => {
      for (const path of ['/login', '/setup', new URL(link).pathname]) {
        await t.goto(s.origin + path).catch(() => {});
        if (path !== '/setup') { assert.equal(await t.getAttribute('html', 'lang'), lang); await good(t); }
      }
    });
    await s.desk(admin, { locale, reducedMotion: 'reduce' }, async (t) => {
      for (const path of ['/me', '/me/factor', '/login/again', '/logout', '/desk/users', '/desk/alone-limit', '/desk/audit/events', '/desk/audit/events?action=none']) {
        await t.goto(s.origin + path);
        assert.equal(await t.getAttribute('html', 'lang'), lang, path);
        assert.ok(!(await t.content()).includes('{{'), path);
        await good(t);
      }
      await t.goto(`${s.origin}/desk/users`);
      await t.fill('#name', 'Lò Văn Hai');
      await t.fill('#login', `hai.${lang}`);
      await t.selectOption('#role', 'vendor');
      await t.locator('section.card form button').first().click();
      inOrder(await seen(t), [`hai.${lang}`, `${s.origin}/invite/`]);
      await good(t);
    });
  });
}

test('who is invited chooses a password, and is in', () => s.tab({ javaScriptEnabled: false, reducedMotion: 'reduce' }, async (t) => {
  const { url } = (await s.post('/api/v1/users', { login: 'sap.muoi.hai', name: 'Vì Thị Sen', role: 'vendor' }, { token: s.school.token })).json;
  await t.goto(url);
  inOrder(await seen(t), [s.school.name, 'Quý vị được mời làm việc với vai trò Người bán', 'sap.muoi.hai', 'Vì Thị Sen']);
  await t.fill('#password', PASSWORD);
  await t.fill('#again', PASSWORD);
  await say(t, 'Đặt mật khẩu và vào');
  await t.goto(`${s.origin}/me`);
  inOrder(await seen(t), ['Vì Thị Sen', 'Người bán', 'Chưa bật', 'Nơi này']);
}));

// --- a form that was sent too late ---

const userOf = (login) => `(select user_id from khop.app_user where login = '${login}')`;
const idle = (login) => s.owner(`update khop.session set seen_at = now() - interval '2 hours' where user_id = ${userOf(login)} and ended_at is null`);
const code = () => { s.owner("update khop.app_user set totp_step = 0 where login = 'lan'"); return totp(enrolment.secret); };
async function enter(t, login = 'lan') {
  await t.fill('#login', login);
  await t.fill('#password', PASSWORD);
  await say(t, 'Đăng nhập');
}
async function lan(t) {
  await t.goto(`${s.origin}/login?next=/desk/users`);
  await enter(t);
  await t.fill('#code', code());
  await say(t, 'Xác nhận');
}
async function invite(t, name, login) {
  await t.fill('#name', name);
  await t.fill('#login', login);
  await t.selectOption('#role', 'accountant');
  await t.locator('section.card form button').first().click();
}

for (const [width, script] of [[390, false], [1280, true]]) {
  test(`what was typed when the session was over is kept, at ${width} px`, () => s.tab({ javaScriptEnabled: script, viewport: { width, height: 800 }, reducedMotion: 'reduce', expected: /401/ }, async (t) => {
    await lan(t);
    idle('lan');
    await invite(t, 'Lò Thị "Chậm" & con', `cham.${width}`);
    inOrder(await seen(t), ['Đăng nhập', 'vẫn được giữ, chưa gửi']);
    assert.equal(await t.inputValue('#login'), 'lan', 'who it was is there already');
    if (script) await good(t);
    await t.fill('#password', 'sai mật khẩu rồi');
    await say(t, 'Đăng nhập');
    inOrder(await seen(t), ['Tên đăng nhập hoặc mật khẩu không đúng.', 'vẫn được giữ']);
    await enter(t);
    inOrder(await seen(t), ['Xác nhận danh tính', 'Những gì vừa nhập vẫn được giữ.']);
    await t.fill('#code', code());
    await say(t, 'Xác nhận');
    inOrder(await seen(t), ['Đã đăng nhập lại', 'chưa được gửi', 'Không gửi, về trang trước']);
    assert.deepEqual(await s.sql(`select count(*) as n from khop.invitation where login = 'cham.${width}'`, s.ownerDb), [{ n: 0 }], 'nothing is done before the person says so');
    if (script) await good(t);
    await say(t, 'Gửi những gì đã nhập');
    inOrder(await seen(t), [`cham.${width}`, `${s.origin}/invite/`]);
    assert.deepEqual(await s.sql(`select name from khop.invitation where login = 'cham.${width}'`, s.ownerDb), [{ name: 'Lò Thị "Chậm" & con' }]);
  }));
}

test('a session that must be proved again: the same, and another way out', () => s.tab({ javaScriptEnabled: false, reducedMotion: 'reduce' }, async (t) => {
  await lan(t);
  s.owner(`update khop.session set fresh_at = now() - interval '1 hour' where user_id = ${userOf('lan')}`);
  await invite(t, 'Lò Văn Nữa', 'nua');
  inOrder(await seen(t), ['Xác nhận danh tính', 'Những gì vừa nhập vẫn được giữ.']);
  await t.fill('#code', code());
  await say(t, 'Xác nhận');
  await t.click('text=Không gửi, về trang trước');
  assert.equal(t.url(), `${s.origin}/desk/users`);
  assert.deepEqual(await s.sql("select count(*) as n from khop.invitation where login = 'nua'", s.ownerDb), [{ n: 0 }]);
}));

test('up to what sum one person decides: found from the users, changed by who has just proved to be there', () => s.tab({ javaScriptEnabled: false, viewport: { width: 390, height: 800 }, reducedMotion: 'reduce', expected: /422/ }, async (t) => {
  await lan(t);
  await t.click('text=Một người tự quyết đến bao nhiêu');
  inOrder(await seen(t), ['Một người tự quyết đến bao nhiêu', 'luôn cần người thứ hai đồng ý', 'Nhiều nhất 50.000.000 đ.']);
  assert.equal(await t.inputValue('#amount'), '5.000.000');
  await t.fill('#amount', '60.000.000');
  await say(t, 'Lưu');
  inOrder(await seen(t), ['Số này ngoài mức cho phép.']);
  assert.equal(await t.inputValue('#amount'), '60.000.000');
  s.owner(`update khop.session set fresh_at = now() - interval '1 hour' where user_id = ${userOf('lan')}`);
  await t.fill('#amount', '2.000.000');
  await say(t, 'Lưu');
  inOrder(await seen(t), ['Xác nhận danh tính', 'Những gì vừa nhập vẫn được giữ.']);
  await t.fill('#code', code());
  await say(t, 'Xác nhận');
  await say(t, 'Gửi những gì đã nhập');
  inOrder(await seen(t), ['Đã lưu.', 'Đổi lần cuối', 'Lò Thị Lan']);
  assert.equal(await t.inputValue('#amount'), '2.000.000');
  await t.goto(`${s.origin}/desk/audit/events`);
  inOrder(await seen(t), ['Đổi mức một người tự quyết', '5000000 2000000']);
}));

test('what was typed is for nobody else; a file, and what is too long, must be given again', () => s.tab({ javaScriptEnabled: false, reducedMotion: 'reduce' }, async (t) => {
  await lan(t);
  idle('lan');
  await invite(t, 'Lò Văn Kín', 'kin');
  await enter(t, 'sap.muoi.hai');
  inOrder(await seen(t), ['những gì vừa nhập chưa được ghi và không giữ lại được']);
  assert.ok(!(await t.content()).includes('Lò Văn Kín'));
  await t.context().clearCookies();
  await lan(t);
  idle('lan');
  await t.locator('#name').evaluate((e) => { e.removeAttribute('maxlength'); });
  await invite(t, 'x'.repeat(60_000), 'dai');
  inOrder(await seen(t), ['quá dài nên không giữ lại được', 'Đăng nhập']);
  await t.context().clearCookies();
  const office = s.signedIn(s.school, 'accountant');
  await s.desk(office, { javaScriptEnabled: false }, async (u) => {
    await u.goto(`${s.origin}/desk/payers`);
    await u.setInputFiles('input[type=file]', { name: 'ds.csv', mimeType: 'text/csv', buffer: Buffer.from('Mã,Họ tên\n1,A\n') });
    s.owner(`update khop.session set seen_at = now() - interval '2 hours' where user_id = ${office.id}`);
    await u.locator('form[enctype] button').first().click();
    inOrder(await seen(u), ['tệp chưa được nhận. Xin chọn lại tệp', 'Đăng nhập']);
  });
}));

test('another site gets nothing kept', async () => {
  const office = s.signedIn(s.school, 'accountant');
  const post = (headers) => s.request('POST', '/login/kept?to=/desk/users&next=/desk/users', { body: 'name=x&csrf=y', unchecked: true,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html', ...headers } });
  assert.equal((await post({ Cookie: `sid=${office.cookie}`, 'Sec-Fetch-Site': 'cross-site' })).status, 403);
  const old = await post({ Cookie: `sid=${office.cookie}`, 'Sec-Fetch-Site': 'same-origin' });
  assert.deepEqual([old.status, old.headers.location], [303, '/login?next=/desk/users'], 'a form of another session');
  assert.equal((await post({})).headers.location, '/login');
});
