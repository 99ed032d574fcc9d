// Signing in as a program or a browser without script would: passwords, second factors (codes by oathtool), limits, sessions,
// invitations, the first start. What the pages look like is tests/web/entry.test.mjs.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Forms } from './forms.mjs';
import { khop, server, sleep } from './harness.mjs';

const s = await server({ args: ['--proxies', '127.0.0.1'] });
const PASSWORD = 'quả na chín rụng vườn sau';

// One browser: cookies, and pages asked for as HTML. `from`: another address, as the proxy in front tells it.
class Browser extends Forms {
  constructor(from) { super(s, from); }

  login(login, password = PASSWORD) { return super.login(login, password); }
}

const totp = (secret, offset = 0) => execFileSync('oathtool', ['--totp', '--base32', '--now', `@${Math.floor(Date.now() / 1000) + offset}`, secret.replaceAll(' ', '')]).toString().trim();
const secretOf = (page) => /<p class="value code">([A-Z2-7 ]+)</.exec(page.text)[1];
const made = async (...args) => { const run = await khop(args, { input: args.at(-1) === '/dev/stdin' ? PASSWORD : undefined }); assert.equal(run.code, 0, run.err); return run; };
const user = (org, name, role) => made('user', 'create', '--database', s.ownerDb, '--keys', s.keys, '--org', org.id, '--name', name, '--role', role, '--password-file', '/dev/stdin');
const events = (org, action) => s.sql(`select action, result, detail from audit.event where org_id = ${Number(BigInt.asIntN(64, idNumber(org.id)))} and action = '${action}' order by seq`);
const idNumber = (id) => [...id.split('_')[1]].reduce((n, c) => n * 32n + BigInt('0123456789abcdefghjkmnpqrstvwxyz'.indexOf(c)), 0n);

// Enrols a second factor after a sign-in that owes one; what apps would keep.
async function enrol(b, at = '/login/enrol') {
  const page = await b.get(at), secret = secretOf(page);
  const hidden = Object.fromEntries([...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
  const answer = b.keep(await s.post(at, new URLSearchParams({ ...hidden, code: totp(secret, -30) }).toString(), { headers: b.headers({ 'Content-Type': 'application/x-www-form-urlencoded' }) }));
  assert.equal(answer.status, 200, answer.text);
  return { secret, codes: [...answer.text.matchAll(/<li class="code">([A-Z2-7-]+)</g)].map((m) => m[1]) };
}

let admin, first;
test('the first start: a code, the first administrator, a second factor, then the desk', async () => {
  const b = admin = new Browser();
  assert.match((await b.get('/setup')).text, /name="code"/);
  assert.equal((await b.get('/setup?code=wrong')).status, 401);
  const code = (await made('setup', '--database', s.ownerDb, '--origin', s.origin)).out;
  const url = /(\/setup\?code=\S+)/.exec(code)[1];
  const faulty = await b.form(url, '/setup', { login: 'Lan Quản', name: '', org_name: 'Trường Chiềng Ly', org_kind: 'school', org_code: 'CHIENGLY', password: 'ngắn', again: 'khác' });
  assert.equal(faulty.status, 422);
  for (const field of ['login', 'name', 'password', 'again']) assert.match(faulty.text, new RegExp(`id="${field}-fault"`), field);
  const done = await b.form(url, '/setup', { login: 'Lan', name: 'Lò Thị Lan', org_name: 'Trường Chiềng Ly', org_kind: 'school', org_code: 'CHIENGLY', password: PASSWORD, again: PASSWORD });
  assert.equal(done.status, 303, done.text);
  assert.equal(done.headers.location, '/login/enrol');
  assert.equal((await b.get('/desk/users')).headers.location, '/login?next=/desk/users', 'halfway is not in');
  assert.equal((await new Browser().get(url)).status, 404, 'the code works once');
  first = await enrol(b);
  assert.equal(first.codes.length, 10);
  assert.equal((await b.get('/desk/users')).status, 200);
  assert.match((await b.get('/me')).text, /Đang bật/);
});

test('signing in: password, then a code of oathtool, each once', async () => {
  const b = new Browser();
  const wrong = await b.login('lan', 'sai mật khẩu rồi nhé');
  assert.equal(wrong.status, 401);
  assert.match(wrong.text, /role="alert">Tên đăng nhập hoặc mật khẩu không đúng/);
  const nobody = await b.login('nobody', PASSWORD);
  assert.equal(nobody.status, 401);
  assert.equal(nobody.text.match(/role="alert">([^<]*)/)[1], wrong.text.match(/role="alert">([^<]*)/)[1], 'names are not told apart');
  assert.equal((await b.login('LAN')).headers.location, '/login/factor');
  const half = b.session;
  assert.equal((await b.get('/desk/users')).status, 303, 'a password is not enough');
  assert.equal((await b.form('/login/factor', '/login/factor', { code: '000000' })).status, 401);
  const code = totp(first.secret);
  const done = await b.form('/login/factor', '/login/factor', { code });
  assert.equal(done.status, 303, done.text);
  assert.equal(done.headers.location, '/desk');
  assert.notEqual(b.session, half, 'a session that was there before signing in is another one');
  assert.equal((await b.get('/desk/users')).status, 200);
  const again = new Browser();
  await again.login('lan');
  assert.equal((await again.form('/login/factor', '/login/factor', { code })).status, 401, 'a code counts once');
  assert.equal((await again.form('/login/factor', '/login/factor', { code: first.codes[0].toLowerCase() })).status, 303, 'a recovery code');
  const third = new Browser();
  await third.login('lan');
  assert.equal((await third.form('/login/factor', '/login/factor', { code: first.codes[0] })).status, 401, 'once, too');
});

test('a program signs in with JSON, and out', async () => {
  const org = await s.org();
  await user(org, 'ban.hang', 'vendor');
  const json = (path, body, more = {}) => s.post(path, body, { headers: { Accept: 'application/json', ...more } });
  assert.equal((await json('/login', { login: 'ban.hang', password: 'không phải mật khẩu' })).status, 401);
  assert.equal((await json('/login', { login: 'ban.hang', password: PASSWORD }, { Origin: 'https://elsewhere.example' })).status, 403);
  const answer = await json('/login', { login: 'ban.hang', password: PASSWORD });
  assert.deepEqual(answer.json, { next: 'done' });
  const Cookie = /sid=[^;]+/.exec(answer.headers['set-cookie'].join())[0];
  assert.equal((await s.get('/me', { headers: { Cookie, Accept: 'application/json' } })).json.login, 'ban.hang');
  assert.equal((await json('/logout', {}, { Cookie })).status, 200);
  assert.equal((await s.get('/me', { headers: { Cookie, Accept: 'application/json' } })).status, 401);
});

test('a form that another site sends does nothing', async () => {
  const b = new Browser();
  for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { Origin: 'https://elsewhere.example' }]) {
    assert.equal((await b.form('/login', '/login', { login: 'lan', password: PASSWORD }, headers)).status, 403, JSON.stringify(headers));
  }
  assert.equal((await b.form('/login', '/login', { login: 'lan', password: PASSWORD, csrf: 'x' })).status, 409);
  const other = new Browser();
  await other.get('/login');
  const page = await b.get('/login');
  const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)[1];
  const stolen = await s.post('/login', new URLSearchParams({ csrf, login: 'lan', password: PASSWORD }).toString(), { headers: other.headers({ 'Content-Type': 'application/x-www-form-urlencoded' }) });
  assert.equal(stolen.status, 409, 'the token of another browser');
  assert.equal(b.session, undefined);
});

test('five wrong passwords, then a minute, for names that nobody has as well; a known device has its own tries', async () => {
  const org = await s.org();
  await user(org, 'thu.quy', 'vendor');
  const known = new Browser();
  assert.equal((await known.login('thu.quy')).status, 303);
  known.jar.delete('sid');
  for (const login of ['thu.quy', 'khong.ai']) {
    const b = new Browser();
    for (let i = 0; i < 5; i++) assert.equal((await b.login(login, 'sai mật khẩu rồi nhé')).status, 401, login);
    const late = await b.login(login);
    assert.equal(late.status, 429, login);
    assert.ok(Number(late.headers['retry-after']) > 0 && Number(late.headers['retry-after']) <= 60);
  }
  assert.equal((await known.login('thu.quy')).status, 303);
  s.owner(`update khop.login_budget set next_at = next_at - interval '1 minute'`);
  const b = new Browser();
  assert.equal((await b.login('thu.quy', 'sai mật khẩu rồi nhé')).status, 401);
  assert.ok(Number((await b.login('thu.quy')).headers['retry-after']) > 60, 'the delay grows');
});

test('an address has twenty wrong ones in a quarter of an hour', async () => {
  const b = new Browser('203.0.113.77');
  for (let i = 0; i < 20; i++) assert.equal((await b.login(`nguoi.${i}`, 'sai mật khẩu rồi nhé')).status, 401, `${i}`);
  assert.equal((await b.login('lan')).status, 429);
  const other = new Browser('203.0.113.78');
  assert.equal((await other.login('lan')).headers.location, '/login/factor');
  assert.ok(other.jar.has('__Host-sid'), 'over TLS the cookie is bound to it');
});

test('a password does not travel over a plain connection from elsewhere', async () => {
  assert.equal((await s.get('/login', { headers: { Accept: 'text/html', 'X-Forwarded-For': '203.0.113.5' } })).status, 403);
});

test('somebody and nobody take the same time', async () => {
  const org = await s.org();
  await user(org, 'co.that', 'vendor');
  const times = { 'co.that': [], 'khong.co': [] };
  const b = new Browser();
  for (let i = 0; i < 8; i++) {
    s.owner('delete from khop.login_budget');
    for (const login of Object.keys(times)) {
      const began = process.hrtime.bigint();
      await b.login(login, 'sai mật khẩu rồi nhé');
      times[login].push(Number(process.hrtime.bigint() - began) / 1e6);
    }
  }
  const [a, c] = Object.values(times).map((t) => Math.min(...t)); // whatever else the machine does
  assert.ok(a > 40 && c > 40, `a hash is made for both: ${a} and ${c} ms`);
  assert.ok(Math.abs(a - c) < 0.4 * Math.max(a, c), `${a} and ${c} ms`);
});

test('too many wrong codes: a quarter of an hour', async () => {
  s.owner('delete from khop.login_budget');
  const b = new Browser();
  await b.login('lan');
  for (let i = 0; i < 5; i++) assert.equal((await b.form('/login/factor', '/login/factor', { code: '000000' })).status, 401);
  assert.equal((await b.form('/login/factor', '/login/factor', { code: first.codes[1] })).status, 429);
  s.owner(`delete from khop.login_budget`);
  assert.equal((await b.form('/login/factor', '/login/factor', { code: first.codes[1] })).status, 303);
});

test('a session ends when it is idle, after twelve hours, and when its owner says so', async () => {
  const org = await s.org();
  await user(org, 'lau.roi', 'vendor');
  const one = new Browser(), two = new Browser();
  await one.login('lau.roi');
  await two.login('lau.roi');
  assert.equal((await one.get('/me')).status, 200);
  const ids = [...(await one.get('/me')).text.matchAll(/\/me\/sessions\/(ses_\w+)\/end/g)].map((m) => m[1]);
  assert.equal(ids.length, 1, 'the other one is listed');
  assert.equal((await one.form('/me', `/me/sessions/${ids[0]}/end`, {})).status, 303);
  assert.equal((await two.get('/me')).status, 303);
  s.owner(`update khop.session set seen_at = now() - interval '61 minutes' where ended_at is null and role = 'vendor'`);
  assert.equal((await one.get('/me')).headers.location, '/login?next=/me');
  await one.login('lau.roi');
  s.owner(`update khop.session set expires_at = now() where ended_at is null and role = 'vendor'`);
  assert.equal((await one.get('/me')).status, 303);
});

test('invited: a link, a password of her own, a second factor where the role needs one', async () => {
  s.owner(`update khop.session set fresh_at = now() where ended_at is null`);
  const page = await admin.form('/desk/users', '/desk/users', { login: 'mai', name: 'Quàng Thị Mai', role: 'accountant' });
  assert.equal(page.status, 201, page.text);
  const path = /value url">[^<]*(\/invite\/[\w-]+)/.exec(page.text)[1];
  const b = new Browser();
  assert.match((await b.get(path)).text, /Trường Chiềng Ly/);
  const bad = await b.form(path, path, { password: 'trường chiềng ly 2026', again: 'trường chiềng ly 2026' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /không được chứa tên đăng nhập, tên đơn vị/);
  assert.equal((await b.form(path, path, { password: 'password12345', again: 'password12345' })).status, 422);
  assert.equal((await b.form(path, path, { password: PASSWORD, again: PASSWORD })).headers.location, '/login/enrol');
  await enrol(b);
  assert.match((await b.get('/me')).text, /Kế toán/);
  assert.equal((await b.get('/desk/users')).status, 403, 'an accountant sees no users');
  assert.equal((await new Browser().get(path)).status, 404, 'the link works once');
  assert.match((await admin.get('/desk/users')).text, /Quàng Thị Mai/);
});

test('what an administrator does to people needs to be proved again after five minutes', async () => {
  s.owner(`update khop.session set fresh_at = now() - interval '6 minutes'`);
  const stale = await admin.form('/desk/users', '/desk/users', { login: 'dung', name: 'Cầm Văn Dũng', role: 'principal' });
  assert.deepEqual([stale.status, stale.headers.location], [307, '/login/kept?next=/desk/users&to=/desk/users'], 'what was typed goes along');
  s.owner(`update khop.app_user set totp_step = 0`);
  const before = admin.session;
  const proved = await admin.form('/login/again?next=/desk/users', '/login/again', { code: totp(first.secret) });
  assert.equal(proved.headers.location, '/desk/users');
  assert.notEqual(admin.session, before, 'the session has another secret');
  assert.equal((await admin.form('/desk/users', '/desk/users', { login: 'dung', name: 'Cầm Văn Dũng', role: 'principal' })).status, 201);
  const id = /\/desk\/users\/(usr_\w+)\/disable"[^]*?/.exec((await admin.get('/desk/users')).text)[1];
  assert.ok(id);
});

test('a new password ends all other sessions; the old one is asked for', async () => {
  const org = await s.org();
  await user(org, 'doi.mk', 'vendor');
  const one = new Browser(), two = new Browser(), fresh = 'mùa này lúa chín vàng đồng';
  await one.login('doi.mk');
  await two.login('doi.mk');
  assert.equal((await one.form('/me', '/me/password', { old: 'sai mật khẩu rồi nhé', password: fresh, again: fresh })).status, 422);
  const done = await one.form('/me', '/me/password', { old: PASSWORD, password: fresh, again: fresh });
  assert.equal(done.headers.location, '/me', done.text);
  assert.equal((await one.get('/me')).status, 200);
  assert.equal((await two.get('/me')).status, 303);
  assert.equal((await two.login('doi.mk')).status, 401);
  assert.equal((await two.login('doi.mk', fresh)).status, 303);
});

test('one who is two things goes on as the other', async () => {
  const a = await s.org(), b = await s.org();
  await user(a, 'hai.noi', 'vendor');
  await user(b, 'hai.noi', 'auditor');
  const t = new Browser();
  await t.login('hai.noi');
  assert.equal((await t.get('/desk/audit/events')).status, 403);
  assert.equal((await t.form('/me', '/me/role', { membership: `${b.id}/auditor` })).headers.location, '/desk');
  const log = await t.get('/desk/audit/events');
  assert.equal(log.status, 200);
  assert.match(log.text, /user\.create/);
  assert.equal((await t.form('/me', '/me/role', { membership: `${b.id}/administrator` })).status, 422);
});

test('the same through the API, with a token', async () => {
  const org = await s.org();
  const asked = await s.post('/api/v1/users', { login: 'tu.api', name: 'Từ API', role: 'vendor' }, { token: org.token });
  assert.equal(asked.status, 201, asked.text);
  assert.equal((await s.post('/api/v1/users', { login: 'TU API', name: '', role: 'king' }, { token: org.token })).status, 422);
  const list = await s.get('/api/v1/users', { token: org.token });
  assert.deepEqual(list.json.invitations.map((i) => i.login), ['tu.api']);
  assert.equal((await s.post(`/api/v1/invitations/${asked.json.id}/end`, undefined, { token: org.token })).status, 204);
  assert.equal((await new Browser().get(new URL(asked.json.url).pathname)).status, 404);
  await user(org, 'co.nguoi', 'vendor');
  const [one] = await s.all('/api/v1/users', org.token, 1);
  assert.deepEqual([one.login, one.roles], ['co.nguoi', ['vendor']]);
  assert.equal((await s.post(`/api/v1/users/${one.id}/roles`, { role: 'auditor' }, { token: org.token })).status, 204);
  assert.equal((await s.post(`/api/v1/users/${one.id}/roles/vendor/end`, undefined, { token: org.token })).status, 204);
  assert.equal((await s.post(`/api/v1/users/${one.id}/disable`, undefined, { token: org.token })).status, 204);
  assert.equal((await new Browser().login('co.nguoi')).status, 401);
  assert.equal((await s.post(`/api/v1/users/${one.id}/enable`, undefined, { token: org.token })).status, 204);
  const reset = await s.post(`/api/v1/users/${one.id}/reset`, undefined, { token: org.token });
  const path = new URL(reset.json.url).pathname, b = new Browser();
  assert.equal((await b.form(path, path, { password: 'mùa này lúa chín vàng đồng', again: 'mùa này lúa chín vàng đồng' })).headers.location, '/desk');
  assert.equal((await s.post(`/api/v1/users/${one.id}/factor`, undefined, { token: org.token })).status, 409);
  const events = await s.all('/api/v1/audit/events', org.token, 3);
  const actions = events.map((e) => e.action);
  for (const action of ['user.invite', 'user.uninvite', 'user.role_add', 'user.role_end', 'user.disable', 'user.enable', 'password.reset', 'password.set']) assert.ok(actions.includes(action), action);
  assert.deepEqual(events.map((e) => e.seq), events.map((_, i) => events.length - i), 'every one, newest first');
});
