// A walk over every route of /api/v1 and /desk with the real server (security.md §5): each asks for its scopes and for nothing less, of tokens and of
// the roles of people; who is of another organisation sees and changes nothing, whatever ids he knows; nobody gets anywhere without having
// signed in. A route that is not listed here fails the test. tests/sql/walk.sql walks the functions behind them.
import test from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { digits, khop, number, server, sleep } from './harness.mjs';
import { routes } from './routes.mjs';

const s = await server();
const SCOPES = ['read', 'issue', 'accountant', 'admin', 'approve', 'vend', 'pay_make', 'pay_check', 'audit'], ALL = SCOPES.join(' ');
const ROLES = { administrator: 'read admin', accountant: 'read issue accountant', principal: 'read approve', vendor: 'vend', commune_maker: 'read issue pay_make',
  commune_checker: 'read pay_check', auditor: 'read audit' };
const today = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10), SECRET = 'bimat';
const csv = (text, fields) => ({ bytes: Buffer.from(text), type: 'text/csv', fields });
const payee = { bin: '970436', account_no: '123456789', name: 'LO THI MAY' };

// Of each: the scopes of which one is enough, the ids in its path (names of the world below; anything else is taken as it is), its body (of a program; of a form where
// that differs), its query.
const R = (scopes, ids = [], body = undefined, query = '') => ({ scopes, ids, body, query });
const items = [{ label: 'Tiền ăn', kind: 'meal', amount: 1000 }], round = (w) => ({ name: 'x', month: '2026-11', due_on: '2099-11-30', account: w.account, items });
const LISTED = {
  'GET /users': R('admin audit'),
  'POST /users': R('admin', [], () => ({ login: `u${digits(9)}`, name: 'x', role: 'vendor' })),
  'POST /users/{}/roles': R('admin', ['user'], () => ({ role: 'vendor' })),
  'POST /users/{}/roles/{}/end': R('admin', ['user', 'accountant']),
  'POST /users/{}/disable': R('admin', ['user']),
  'POST /users/{}/enable': R('admin', ['user']),
  'POST /users/{}/factor': R('admin', ['user']),
  'POST /users/{}/reset': R('admin', ['user']),
  'POST /invitations/{}/end': R('admin', ['invitation']),
  'GET /audit/events': R('admin audit'),
  'POST /codes': R('issue', [], (w) => ({ account: w.account, kind: 'fee', amount: 1000 })),
  'POST /codes/batch': R('issue', [], (w) => csv(`account,kind,amount\n${w.account},fee,1000\n`)),
  'GET /codes': R('read'),
  'GET /codes/{}': R('read issue', ['code']),
  'POST /codes/{}/cancel': R('issue accountant', ['code'], () => ({})),
  'GET /receipts': R('read'),
  'GET /receipts/{}': R('read', ['receipt']),
  'GET /receipts/{}/pdf': R('read accountant', ['receipt']),
  'GET /days/{}/sheet': R('read accountant approve', [today]),
  'GET /alone-limit': R('read'),
  'POST /alone-limit': R('admin', [], () => ({ amount: 5_000_000 })),
  'GET /papers': R('read'),
  'POST /papers': R('accountant admin', [], () => ({ collector: 'x' })),
  'GET /jobs/{}': R(ALL, ['job']),
  'POST /jobs/{}/cancel': R(ALL, ['job']),
  'POST /jobs/{}/confirm': R(ALL, ['job']),
  'GET /jobs/{}/result': R(ALL, ['job']),
  'GET /jobs/{}/codes': R('read', ['job']),
  'GET /payers': R('read'),
  'POST /payers/import': R('issue accountant', [], () => csv('Mã,Họ tên,Lớp\nX1,X,1A\n')),
  'GET /payers/{}': R('read', ['payer']),
  'POST /payers': R('issue accountant', [], () => ({ ref: `P${digits(8)}`, name: 'x' })),
  'GET /payers/new': R('issue accountant'),
  'POST /payers/{}': R('issue accountant', ['payer'], () => ({ name: 'x' })),
  'GET /payers/{}/edit': R('issue accountant', ['payer']),
  'POST /payers/{}/leave': R('issue accountant', ['payer'], () => ({})),
  'POST /payers/{}/return': R('issue accountant', ['payer'], () => ({})),
  'GET /ceilings': R('read'),
  'POST /ceilings': R('admin', [], () => ({ kind: 'meal', amount: 1, decision: 'x', valid_from: today })),
  'GET /rounds': R('read'),
  'POST /rounds': R('issue accountant', [], round),
  'GET /rounds/new': R('issue accountant'),
  'GET /rounds/{}': R('read', ['round']),
  'POST /rounds/{}': R('issue accountant', ['round'], round),
  'GET /rounds/{}/edit': R('issue accountant', ['round']),
  'GET /rounds/{}/payers': R('read', ['round']),
  'POST /rounds/{}/amounts': R('issue accountant', ['round'], () => csv('Mã,Tiền ăn\nX1,1000\n')),
  'POST /rounds/{}/propose': R('issue accountant', ['round']),
  'POST /rounds/{}/return': R('issue accountant approve', ['round'], () => ({})),
  'POST /rounds/{}/approve': R('approve', ['round'], () => ({})),
  'POST /rounds/{}/issue': R('issue accountant approve', ['round']),
  'POST /rounds/{}/cancel': R('accountant approve', ['round'], () => ({})),
  'POST /rounds/{}/slips': R('read', ['round'], () => ({})),
  'POST /rounds/{}/export': R('read', ['round'], () => ({ format: 'csv' })),
  'GET /reports': R(ALL),
  'GET /reports/{}': R('read accountant', ['unpaid']),
  'GET /home': R(ALL),
  'GET ': R(ALL),
  'GET /accounts': R('read admin'),
  'POST /accounts': R('admin', [], () => ({ bin: '970405', account_no: digits(13), holder: 'X' })),
  'GET /accounts/{}': R('read admin', ['account']),
  'GET /statements': R('read accountant'),
  'GET /statements/{}': R('read accountant', ['statement']),
  'POST /statements': R('accountant', [], (w) => csv('Ngày,Số tiền ghi có,Số tiền ghi nợ,Nội dung\n01/11/2026,1000,,x\n', { account: w.account }), (w) => `?account=${w.account}`),
  'GET /reconciliation': R('read accountant', [], undefined, (w) => `?account=${w.account}&date=${today}`),
  'GET /days': R(ALL), // the way to the day of today
  'GET /days/{}': R('read accountant', [today], undefined, (w) => `?account=${w.account}`),
  'GET /payouts': R('read pay_make pay_check audit'),
  'POST /payouts': R('pay_make', [], (w, form) => ({ account: w.account, name: 'x', month: '2026-11', pay_by: '2099-11-30', ...(form ? { list: 'Họ tên\tSố tiền\tNgân hàng\tSố tài khoản\tChủ tài khoản\nX\t1000\t970436\t1234567890\tX\n' } : { lines: [{ name: 'x', amount: 1000, bank: '970436', account_no: '1' + digits(9), holder: 'X' }] }) })),
  'POST /payouts/upload': R('pay_make', [], (w) => csv('a,b\n', { account: w.account, name: 'x', month: '2026-11', pay_by: '2099-11-30' }), (w) => `?account=${w.account}&name=x&month=2026-11&pay_by=2099-11-30`),
  'GET /payouts/{}': R('read pay_make pay_check audit', ['payout']),
  'GET /payouts/{}/lines': R('pay_make pay_check audit', ['payout']),
  'POST /payouts/{}/submit': R('pay_make', ['payout']),
  'POST /payouts/{}/return': R('pay_check', ['payout'], () => ({ note: 'x' })),
  'POST /payouts/{}/approve': R('pay_check', ['payout']),
  'POST /payouts/{}/cancel': R('pay_make', ['payout']),
  'GET /payouts/{}/batch': R('read pay_make pay_check audit', ['payout']),
  'GET /payouts/{}/report': R('read pay_make pay_check audit', ['payout']),
  'GET /connections': R('admin'),
  'POST /connections': R('admin', [], (w, form) => ({ account: w.account, ...(form ? { method: 'sepay/apikey' } : { provider: 'sepay', mode: 'apikey' }), secret: 'k'.repeat(32) })),
  'GET /connections/{}': R('admin', ['connection']),
  'POST /connections/{}/secrets': R('admin', ['connection'], () => ({ secret: 'k'.repeat(32) })),
  'POST /connections/{}/secrets/{}/end': R('admin', ['connection', 'secret']),
  'GET /stalls': R('admin vend'),
  'POST /stalls': R('admin', [], () => ({ name: `s${digits(6)}`, bin: '970436', account_no: digits(12), holder: 'X' })),
  'GET /stalls/{}': R('vend', ['stall']),
  'POST /stalls/{}/owner': R('admin', ['stall'], (w) => ({ owner: w.user })),
  'POST /stalls/{}/close': R('admin', ['stall']),
  'POST /stalls/{}/sales': R('vend', ['stall'], () => ({ amount: 1000 })),
  'GET /stalls/{}/sales/{}': R('vend', ['stall', 'sale']),
  'POST /stalls/{}/asks': R('vend', ['stall'], () => ({ asks: [{ tag: '23456', amount: 1000 }] })),
  'GET /stalls/{}/events': R('vend', ['stall']),
  'GET /stalls/{}/book': R('vend', ['stall']),
  'GET /stalls/{}/poster': R('admin vend', ['stall']),
  'GET /stalls/{}/poster.pdf': R('admin vend', ['stall']),
  'GET /exceptions': R('read accountant'),
  'GET /exceptions/{}': R('read accountant approve pay_check', ['exception']),
  'POST /exceptions/{}/resolve': R('accountant', ['exception'], (w) => ({ action: 'dismiss', reason: 'x' })),
  'POST /exceptions/{}/undo': R('accountant', ['exception'], () => ({ reason: 'x' })),
  'POST /exceptions/{}/approve': R('approve pay_check', ['exception'], () => ({})),
  'POST /exceptions/{}/refuse': R('accountant approve pay_check', ['exception'], () => ({})),
  'POST /refunds': R('issue accountant', [], (w) => ({ account: w.account, payer: w.payer, amount: 1000, reason: 'x', payee })),
  'GET /days/{}/close': R('read accountant approve', [today]),
  'POST /days/{}/close': R('accountant', [today], () => ({})),
  'POST /days/{}/reopen': R('accountant', [today], () => ({ reason: 'x' })),
  'POST /days/{}/approve': R('approve', [today], () => ({})),
  'POST /days/{}/refuse': R('accountant approve', [today], () => ({})),
  'POST /webhooks': R('admin', [], () => ({ url: 'https://hooks.example.vn/x', types: ['code.paid'] })),
  'GET /webhooks': R('admin'),
  'GET /webhooks/{}': R('admin', ['webhook']),
  'POST /webhooks/{}/end': R('admin', ['webhook']),
  'POST /webhooks/{}/secrets': R('admin', ['webhook']),
  'GET /webhooks/{}/deliveries': R('admin', ['webhook']),
  'POST /webhooks/{}/deliveries/{}/resend': R('admin', ['webhook', 'event']),
};

// What an own token with all scopes does not see, for a reason: it is no seller at that stall, the list is not approved, the job makes no file.
const OTHERWISE = { 'GET /jobs/{}/result': 404, 'GET /payouts/{}/batch': 409, 'GET /stalls/{}': 404, 'GET /stalls/{}/sales/{}': 404, 'GET /stalls/{}/events': 404, 'GET /stalls/{}/book': 404 };

const every = routes().filter(({ pattern }) => /^\/(api\/v1|desk)(\/|$)/.test(pattern));
const nameOf = ({ method, pattern }) => `${method} ${pattern.replace(/^\/(api\/v1|desk)/, '')}`;
const walked = every.filter((r) => LISTED[nameOf(r)]);
const isApi = ({ pattern }) => pattern.startsWith('/api/');

// --- two organisations; what the first has is named so that it is known anywhere ---

async function world(name) {
  const org = await s.org(), token = await s.token(org.id, SCOPES.join(','));
  const ok = async (promise) => { const a = await promise; assert.ok(a.status < 300, a.text); return a.json; };
  const post = (path, body, more = {}) => ok(s.post(path, body, { token, key: crypto.randomUUID(), ...more }));
  const bank = await s.bank(token, 'sepay/hmac'), account = bank.account.id;
  const code = await s.code(token, { account, kind: 'fee', amount: 5000, label: `${name} fee`, payer: { ref: `${name}1`, name: `Lò Văn ${name}`, class: '1A' } });
  await bank.send({ memo: code.code, amount: 5000 });
  await bank.send({ memo: 'khong ma', amount: 700 });
  const password = (await khop(['user', 'create', '--database', s.ownerDb, '--keys', s.keys, '--org', org.id, '--name', `nguoi.${name}`, '--full-name', `Người ${name}`, '--role', 'accountant', '--password-file', '/dev/stdin'],
    { input: 'quả na chín rụng vườn sau' }));
  assert.equal(password.code, 0, password.err);
  const invited = await post('/api/v1/users', { login: `moi.${name}`, name: `Mời ${name}`, role: 'vendor' });
  s.owner(`insert into khop.payer (bucket, payer_id, org_id, ref, name, class, created_at, changed_at) select o.bucket, o.bucket::int8 << 48 | ${digits(9)}, o.org_id, '${name}HS', 'Lò Thị ${name}', '1A', now(), now()
    from khop.org o where o.code = '${org.code}'`);
  const stall = await post('/api/v1/stalls', { name: `Sạp ${name}`, bin: '970436', account_no: digits(12), holder: 'HOANG THI HOA' });
  const rounds = await post('/api/v1/rounds', { ...round({ account }), name: `Đợt ${name}` });
  const payout = await post('/api/v1/payouts', { account, name: `Chi ${name}`, month: '2026-11', pay_by: '2099-11-30', lines: [{ name: `Già ${name}`, amount: 1000, bank: '970436', account_no: '10' + digits(8), holder: 'GIA' }] });
  const webhook = await post('/api/v1/webhooks', { url: `https://${name}.example.vn/x`, types: ['code.paid', 'receipt.issued'] });
  const second = await s.code(token, { account, kind: 'fee', amount: 800, label: `${name} two` });
  await bank.send({ memo: second.code, amount: 800 });
  const job = await post('/api/v1/codes/batch', Buffer.from(`account,kind,amount,label\n${account},fee,1000,${name}\n`), { headers: { 'Content-Type': 'text/csv' } });
  const get = async (path) => (await ok(s.get(path, { token })));
  const w = { org, token, account, code: code.id, connection: bank.connection.id, secret: (await get(`/api/v1/connections/${bank.connection.id}`)).secrets[0].id, stall: stall.id, round: rounds.id, payout: payout.id, webhook: webhook.id, job: job.id,
    receipt: (await s.show(token, code)).receipts[0].id, exception: (await get('/api/v1/exceptions')).items[0].id, payer: (await get('/api/v1/payers')).items[0].id, sale: second.id, invited, event: 'evt_0000000000001' };
  const people = await get('/api/v1/users');
  w.user = people.items.find((u) => u.login === `nguoi.${name}`).id;
  w.invitation = people.invitations?.[0]?.id ?? invited.id;
  for (let i = 0; i < 100; i++) {
    const d = (await s.get(`/api/v1/webhooks/${webhook.id}/deliveries`, { token })).json.items?.[0];
    if (d) { w.event = d.event ?? d.id; break; }
    await sleep(50);
  }
  const file = await s.request('POST', `/api/v1/statements?account=${account}`, { token, body: Buffer.from('Ngày,Ghi có,Ghi nợ,Nội dung\n01/11/2026,1000,,chuyen tien\n'), headers: { 'Content-Type': 'text/csv' }, key: crypto.randomUUID() });
  assert.ok(file.status < 300, file.text);
  for (let i = 0; i < 200 && !w.statement; i++, await sleep(50)) w.statement = (await get(`/api/v1/statements?account=${account}`)).items[0]?.id;
  return w;
}
// Somebody of an organisation, signed in. Straight into the tables: how one signs in is entry.test.mjs.
function signedIn(org, role) {
  const secret = crypto.randomBytes(32), user = crypto.randomBytes(5).readUIntBE(0, 5) + 1;
  s.owner(`insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at) values (${user}, 'u${user}', 'x', '-', 1, now(), now());
    insert into khop.membership (user_id, org_id, role, created_at, created_by) values (${user}, ${number(org.id)}, '${role}', now(), ${user});
    insert into khop.session (session_id, session_hash, user_id, stage, org_id, bucket, role, scopes, idle_s, created_at, seen_at, expires_at, fresh_at)
    select ${user}, sha256('\\x${secret.toString('hex')}'), ${user}, 2, o.org_id, o.bucket, '${role}', khop.role_scopes('${role}'), 3600, now(), now(), now() + interval '1 hour', now() from khop.org o where o.org_id = ${number(org.id)}`);
  return { cookie: secret.toString('base64url') };
}
const a = await world(SECRET), b = await world('nha'), tokens = {}, sessions = {};
for (const [role, scopes] of Object.entries(ROLES)) {
  tokens[role] = { token: await s.token(b.org.id, scopes.replaceAll(' ', ',')) };
  sessions[role] = signedIn(b.org, role);
  sessions[role].csrf = /name="csrf" value="([^"]+)"/.exec((await s.get('/desk', { headers: { Accept: 'text/html', Cookie: `sid=${sessions[role].cookie}` } })).text)?.[1];
  assert.ok(sessions[role].csrf, role);
}

test('every route of the API and of the desk is listed here', () => {
  assert.deepEqual([...new Set(every.map(nameOf))].filter((n) => !LISTED[n]), [], 'routes without a line');
  assert.deepEqual(Object.keys(LISTED).filter((n) => !walked.some((r) => nameOf(r) === n)), [], 'lines without a route');
});

// A body as a program sends it, and as a form of a page does.
function packed(body, who) {
  if (body === undefined && !who.csrf) return {};
  if (!who.csrf) return body.bytes ? { body: body.bytes, type: body.type } : { body, type: 'application/json' };
  if (body?.bytes) {
    const part = (name, value, more = '') => `--B\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
    return { body: Buffer.from(`${part('csrf', who.csrf)}${part('once', crypto.randomUUID())}${Object.entries(body.fields ?? {}).map(([k, v]) => part(k, v)).join('')}${part('file', body.bytes, `; filename="x.csv"\r\nContent-Type: ${body.type}`)}--B--\r\n`), type: 'multipart/form-data; boundary=B' };
  }
  const flat = (value, name) => value !== null && typeof value === 'object' ? Object.entries(value).flatMap(([k, v]) => flat(v, name ? (Array.isArray(value) && typeof v !== 'object' ? name : `${name}.${k}`) : k)) : [[name, String(value)]];
  return { body: new URLSearchParams([['csrf', who.csrf], ['once', crypto.randomUUID()], ...flat(body ?? {})]).toString(), type: 'application/x-www-form-urlencoded' };
}
function ask(route, w, who, accept = 'application/json') {
  const line = LISTED[nameOf(route)], ids = [...line.ids], { body, type } = route.method === 'POST' ? packed(line.body?.(w, who.csrf !== undefined), who) : {};
  const path = route.pattern.replace(/\{\}/g, () => { const id = ids.shift(); return w[id] ?? id; }) + (line.query ? line.query(w) : '');
  const headers = { Accept: accept, ...(type ? { 'Content-Type': type } : {}), ...(who.cookie ? { Cookie: `sid=${who.cookie}` } : {}) };
  return s.request(route.method, path, { token: who.token, headers, body, key: route.method === 'POST' && isApi(route) ? crypto.randomUUID() : undefined, unchecked: !isApi(route) });
}
// security.md §3, of pages; answers of the API are held against the contract.
const HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'no-store',
  'strict-transport-security': 'max-age=63072000; includeSubDomains' };
const OF_HTML = { 'cross-origin-opener-policy': 'same-origin', 'x-frame-options': 'DENY', 'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()' };
function headed(answer, what) {
  for (const [name, value] of Object.entries({ ...HEADERS, ...(answer.type?.startsWith('text/html') ? OF_HTML : {}) })) assert.equal(answer.headers[name], value, `${what}: ${name}`);
  if (answer.type?.startsWith('text/html')) assert.match(answer.headers['content-security-policy'] ?? '', /^default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'/, what);
  assert.equal(answer.headers['access-control-allow-origin'], undefined, what);
}
const said = (route, role, answer) => `${role}: ${route.method} ${route.pattern} → ${answer.status} ${answer.text.slice(0, 300)}`;

// What of the first organisation stands in the database, without what its own jobs go on to do.
const digest = async () => (await s.sql(`select string_agg(md5(x), ' ') as all from (
  select string_agg(t::text, '|' order by t::text) as x from (select * from khop.charge where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select org_id, account_id, private, owner_id from khop.account where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select * from khop.transfer where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select * from khop.payer where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select * from khop.round where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select * from khop.stall where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select * from khop.payout where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select * from khop.membership where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select * from khop.invitation where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select * from khop.exception where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select * from khop.day_close where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select connection_id, account_id from khop.connection where account_id in (select account_id from khop.account where org_id = ${id(a)})) t union all
  select string_agg(t::text, '|' order by t::text) from (select job_id, state, created_by from khop.job where org_id = ${id(a)}) t union all
  select string_agg(t::text, '|' order by t::text) from (select user_id, login, name, password, totp_sealed, disabled_at from khop.app_user where login like '%${SECRET}') t) y (x)`, s.ownerDb))[0].all;
const id = (w) => number(w.org.id);

for (const [role, scopes] of Object.entries(ROLES)) {
  const has = scopes.split(' '), may = (route) => LISTED[nameOf(route)].scopes.split(' ').some((x) => has.includes(x));

  test(`${role}: what it may not is refused, what is of others is not there, in the API and on the desk`, async () => {
    const before = await digest(), seen = [];
    for (const route of walked) {
      const answer = await ask(route, a, isApi(route) ? tokens[role] : sessions[role]), known = LISTED[nameOf(route)].ids.some((x) => a[x] !== undefined);
      if (!may(route)) assert.equal(answer.status, 403, said(route, role, answer));
      else if (known) assert.ok([404, 422].includes(answer.status), said(route, role, answer));
      else assert.ok(answer.status !== 403 && answer.status < 500, said(route, role, answer));
      assert.ok(!answer.text.includes(SECRET), said(route, role, answer));
      headed(answer, said(route, role, answer));
      if (answer.json?.id?.startsWith('job_')) seen.push([route, answer.json.id]);
      if (!isApi(route) && route.method === 'GET') {
        const page = await ask(route, a, sessions[role], 'text/html');
        assert.equal(page.status, may(route) ? answer.status : 403, `${answer.status} as JSON; ${said(route, role, page)}`);
        assert.ok(!page.text.includes(SECRET), said(route, role, page));
        headed(page, said(route, role, page));
      }
    }
    // What a job has made of ids of others.
    for (const [route, job] of seen) {
      for (let i = 0; i < 200; i++) {
        const doc = await s.get(`/api/v1/jobs/${job}`, { token: tokens[role].token });
        assert.ok(!doc.text.includes(SECRET), said(route, role, doc));
        if (!['queued', 'running'].includes(doc.json?.state)) break;
        await sleep(25);
      }
      const file = await s.get(`/api/v1/jobs/${job}/result`, { token: tokens[role].token });
      assert.ok(!file.text.includes(SECRET), said(route, role, file));
    }
    assert.equal(await digest(), before, 'something of another organisation has changed');
  });
}

test('the ids of the walk are those of things: their own people see them', async () => {
  for (const route of walked.filter((r) => r.method === 'GET' && isApi(r))) {
    const answer = await ask(route, a, { token: a.token });
    if (OTHERWISE[nameOf(route)]) assert.equal(answer.status, OTHERWISE[nameOf(route)], said(route, 'own', answer));
    else assert.equal(answer.status, 200, said(route, 'own', answer));
  }
});

test('who has not signed in gets nowhere', async () => {
  const nobody = { cookie: crypto.randomBytes(32).toString('base64url') };
  // The way to the day of today tells nothing.
  for (const route of walked.filter((r) => nameOf(r) !== 'GET /days')) {
    for (const who of [{}, nobody]) {
      const answer = await ask(route, a, isApi(route) ? who : { ...who, csrf: sessions.accountant.csrf });
      if (nameOf(route) === 'GET /reports' && answer.status === 200) continue; // the names of the reports there are: the same for everybody
      assert.ok(answer.status === 401 || !isApi(route) && route.method === 'POST' && answer.status === 403, said(route, 'nobody', answer)); // 403: of a form that nobody has seen
    }
    if (isApi(route)) { // a session is no token, nor a token a session
      const answer = await ask(route, a, { cookie: sessions.accountant.cookie });
      assert.equal(answer.status, 401, said(route, 'a cookie', answer));
    } else {
      const page = await ask(route, a, { ...nobody, csrf: sessions.accountant.csrf }, 'text/html');
      assert.ok([303, 307].includes(page.status) && /^\/login(\/kept)?(\?|$)/.test(page.headers.location) || route.method === 'POST' && page.status === 403, said(route, 'nobody', page));
    }
  }
});
