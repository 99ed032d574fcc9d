// The commands of khop beside the filters: what an operator and an integrator type, with exit codes, JSON and sentences.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { bin, digits, folder, khop, number, server } from './harness.mjs';
import { MODES } from './providers.mjs';

const s = await server();
const file = folder();
const school = await s.org();
const bank = await s.bank(school.token, 'sepay/hmac');
const env = { KHOP_URL: s.origin, KHOP_TOKEN: school.token };

const run = (...args) => khop(args, { env });
async function json(...args) {
  const r = await run(...args, '--json');
  assert.equal(r.code, 0, r.err);
  assert.equal(r.out.trimEnd().split('\n').length, 1);
  return JSON.parse(r.out);
}

// --- words and help ---

test('help: all, one noun, one command; the version', async () => {
  const all = await khop(['help']);
  assert.equal(all.code, 0);
  for (const word of ['account', 'code', 'connection', 'doctor', 'key', 'migrate', 'notice', 'org', 'token', 'verify', 'vietqr', 'words', 'exit:']) assert.ok(all.out.includes(word), word);
  assert.equal((await khop(['--help'])).out, all.out);
  const one = await khop(['code', 'create', '--help']);
  assert.equal(one.code, 0);
  assert.match(one.out, /usage: khop code create .*\n[\s\S]*examples:\n/);
  assert.ok((await khop(['help', 'code'])).out.includes('khop code cancel'));
  assert.equal((await khop(['help', 'words'])).out, (await khop(['words', '--help'])).out);
  assert.match((await khop(['--version'])).out, /^khop \d+\.\d+/);
});

test('a typo: exit 2 and what was meant', async () => {
  for (const [args, meant] of [[['cod', 'find', 'x'], 'khop code'], [['wrods', '5'], 'khop words'], [['code', 'creat'], 'khop code create'], [['vietqr', 'decoed', 'x'], 'khop vietqr decode'], [['help', 'acount'], 'khop account']]) {
    const r = await khop(args);
    assert.deepEqual([r.code, r.out], [2, '']);
    assert.ok(r.err.includes(`do you mean "${meant}"?`), r.err);
  }
  for (const args of [[], ['frobnicate'], ['code'], ['code', 'zzzzzz'], ['words'], ['words', '1', '2'], ['words', '--loud', '1'], ['code', 'create', '--account'], ['vietqr', 'draw', '--level', 'Z', 'x']]) {
    const r = await khop(args, { env });
    assert.deepEqual([r.code, r.out], [2, ''], args.join(' '));
    assert.match(r.err, /usage|see khop|missing/);
  }
});

test('one argument instead of lines: the exit code tells', async () => {
  assert.deepEqual(await khop(['words', '936000']), { code: 0, out: 'chín trăm ba mươi sáu nghìn\n', err: '' });
  assert.equal((await khop(['words', '-5'])).code, 2);
  assert.equal((await khop(['words', '--', '-5'])).code, 1);
  assert.equal((await khop(['code', 'find', 'x SB7M4QX2C y'])).out, '{"codes":[{"code":"SB7M4QX2C","how":"exact"}]}\n');
});

test('a code is drawn for a terminal, as SVG and as PNG', async () => {
  assert.match((await khop(['vietqr', 'draw', 'abc'])).out, /[█▀▄]/);
  assert.match((await khop(['vietqr', 'draw', '--svg', 'abc'])).out, /^<svg /);
  assert.ok((await khop(['vietqr', 'draw', '--png', 'abc'])).out.startsWith('\ufffdPNG'));
  assert.equal((await khop(['vietqr', 'draw', '--png', '--svg', 'abc'])).code, 2);
});

// --- the operator ---

test('migrate again does nothing; another database says what is wrong', async () => {
  const again = await khop(['migrate', '--database', s.ownerDb]);
  assert.equal(again.code, 0);
  assert.match(again.out, /0 migrations applied/);
  assert.equal((await khop(['migrate'], { env: { KHOP_DATABASE_URL: s.ownerDb } })).code, 0);
  const told = JSON.parse((await khop(['migrate', '--json', '--database', s.ownerDb])).out);
  assert.deepEqual([told.applied, told.functions_renewed], [0, false]);
  const away = await khop(['migrate', '--database', 'host=/nonexistent dbname=khop']);
  assert.equal(away.code, 1);
  assert.match(away.err, /^khop migrate: /);
  assert.equal((await khop(['migrate'])).code, 2);
});

test('keys: made once, readable by their owner only, never touched again', async () => {
  const dir = path.join(path.dirname(file('x', '')), 'keys');
  assert.equal((await khop(['key', 'init', dir])).code, 0);
  for (const name of ['receipt.key', 'field.key', 'session.key', 'pepper.key', 'totp.key']) assert.deepEqual([statSync(path.join(dir, name)).size, statSync(path.join(dir, name)).mode & 0o777], [32, 0o600]);
  const again = await khop(['key', 'init', dir]);
  assert.equal(again.code, 0);
  assert.match(again.out, /is there already/);
  assert.equal((await khop(['key', 'init', '/proc/x/keys'])).code, 1);
  assert.equal((await khop(['key', 'init'])).code, 2);
});

test('the turnover from which tax is due: put, changed, listed', async () => {
  const put = (...args) => khop(['threshold', 'put', '--database', s.ownerDb, ...args]), list = async () => (await khop(['threshold', 'list', '--database', s.ownerDb])).out.trimEnd().split('\n');
  assert.match((await list())[0], /^2026-01-01 {2}500000000 {2}Luật/);
  for (const amount of ['700000000', '1000000000']) assert.equal((await put('--from', '2027-01-01', '--amount', amount, '--source', 'Nghị định mới')).code, 0);
  assert.deepEqual((await list()).map((l) => l.slice(0, 22)), ['2027-01-01  1000000000', '2026-01-01  500000000 ']);
  for (const args of [['--from', '2027-13-01', '--amount', '1', '--source', 'x'], ['--from', '2027-01-01', '--amount', '0', '--source', 'x'], ['--from', '2027-01-01', '--amount', '1', '--source', ''], ['--from', '2027-01-01']]) assert.equal((await put(...args)).code, 2, args.join(' '));
});

test('organisations and tokens', async () => {
  const made = JSON.parse((await khop(['org', 'create', '--database', s.ownerDb, '--name', 'Chợ Mẫu', '--code', `M${digits(6)}`, '--kind', 'market', '--json'])).out);
  assert.match(made.id, /^org_[0-9a-z]{13}$/);
  // The code is signed into receipts: what they cannot hold is refused here.
  for (const args of [['--name', 'x'], ['--code', 'x'], ['--name', 'x', '--code', 'y', '--kind', 'castle'], ['--name', '', '--code', 'y'], ['--name', 'x', '--code', ''], ['--name', 'x', '--code', 'x'.repeat(200)],
    ['--name', 'x', '--code', 'Mã 1'], ['--name', 'x'.repeat(300), '--code', 'y']]) assert.equal((await khop(['org', 'create', '--database', s.ownerDb, ...args])).code, 2, args.join(' '));
  const taken = await khop(['org', 'create', '--database', s.ownerDb, '--name', 'x', '--code', school.code]);
  assert.equal(taken.code, 1, 'a public code is unique');
  assert.equal(taken.err, `khop org create: another organisation has the code ${school.code}: it stands on receipts, so each needs its own\n`);
  const text = await khop(['token', 'create', '--database', s.ownerDb, '--org', made.id, '--name', 'x']);
  assert.equal(text.code, 0);
  const token = text.out.split('\n')[0];
  assert.equal((await s.get('/api/v1/codes', { token })).status, 200);
  for (const args of [['--org', 'x', '--name', 'x'], ['--org', made.id], ['--org', made.id, '--name', 'x', '--scopes', 'all'], ['--org', made.id, '--name', 'x', '--scopes', '']]) assert.equal((await khop(['token', 'create', '--database', s.ownerDb, ...args])).code, 2, args.join(' '));
  const nobody = await khop(['token', 'create', '--database', s.ownerDb, '--org', 'org_0000000000000', '--name', 'x']);
  assert.deepEqual([nobody.code, nobody.out], [1, '']);
});

test('doctor: good, and what is bad said with what to do', async () => {
  const good = await khop(['doctor', '--url', s.origin, '--database', s.ownerDb, '--keys', s.keys, '--disk', '/'], {});
  const lines = (await khop(['doctor', '--json', '--keys', s.keys, '--disk', '/'], { env: {} })).out.trim().split('\n').map((l) => JSON.parse(l));
  assert.deepEqual(lines.map((l) => [l.check, l.ok]), [['keys', true], ['disk', true]]);
  assert.deepEqual([good.code, good.err], [0, ''], good.out);
  assert.deepEqual(good.out.trimEnd().split('\n').map((l) => l.split(/\s+/).slice(0, 2).join(' ')), ['ok server', 'ok ready', 'ok database', 'ok books', 'ok names', 'ok people', 'ok keys', 'ok disk']);
  for (const args of [['--url', 'http://127.0.0.1:1'], ['--database', 'host=/nonexistent'], ['--keys', '/nonexistent'], ['--disk', '/nonexistent']]) {
    const bad = await khop(['doctor', ...args]);
    assert.equal(bad.code, 1, args.join(' '));
    assert.match(bad.out, /^BAD /m);
  }
  // Names that were put in order by another ICU, and then by this one.
  s.owner("update pg_collation set collversion = '58.0' where collname = 'vn'");
  const other = await khop(['doctor', '--database', s.ownerDb]);
  assert.equal(other.code, 1);
  s.owner(/BAD +names .*: (reindex.*)$/m.exec(other.out)[1]);
  assert.match((await khop(['doctor', '--database', s.ownerDb])).out, /^ok +names /m);
  const key = file('receipt.key', Buffer.alloc(32));
  chmodSync(key, 0o644);
  assert.match((await khop(['doctor', '--keys', path.dirname(key)])).out, /BAD .*(0600|mode)/);
  assert.equal((await khop(['doctor'])).code, 2);
});

// --- the integrator ---

test('account and connection: create, list, as JSON and as text', async () => {
  const account = await json('account', 'create', '--bin', '970405', '--account-no', digits(13), '--holder', 'TRUONG TH');
  assert.match((await run('account', 'list')).out, new RegExp(`^${account.id}  970405  ${account.account_no}  TRUONG TH$`, 'm'));
  const listed = (await run('account', 'list', '--json')).out.trimEnd().split('\n').map((l) => JSON.parse(l));
  assert.ok(listed.some((a) => a.id === account.id));
  const connection = await json('connection', 'create', '--account', account.id, '--provider', 'casso', '--mode', 'v2', '--secret', 'k');
  assert.match((await run('connection', 'list')).out, new RegExp(`^${connection.id}  casso  v2  settling  ${s.origin}/hooks/\\S{22}$`, 'm'));
  const bad = await run('account', 'create', '--bin', '97', '--account-no', '1', '--holder', 'x');
  assert.equal(bad.code, 1);
  assert.match(bad.err, /422.*\n\s+\/bin: /);
  assert.equal((await run('account', 'create', '--bin', '970405')).code, 2);
  assert.equal((await run('connection', 'create', '--account', account.id, '--provider', 'x', '--mode', 'y', '--secret', 'z')).code, 1);
});

test('code: create, show, cancel, the same key', async () => {
  const args = ['code', 'create', '--account', bank.account.id, '--kind', 'fee', '--amount', '180000', '--label', 'Tiền ăn', '--payer', 'Lò Thị Mây', '--payer-ref', 'HS1', '--due-on', '2026-12-31', '--expires-at', '2027-01-31T17:00:00+07:00'];
  const code = await json(...args, '--key', 'k1');
  assert.deepEqual([code.amount, code.label, code.payer.name, code.due_on, code.expires_at], [180000, 'Tiền ăn', 'Lò Thị Mây', '2026-12-31', '2027-01-31T17:00:00+07:00']);
  assert.deepEqual(await json(...args, '--key', 'k1'), code);
  assert.notEqual((await json(...args)).id, code.id);
  assert.deepEqual(await json('code', 'show', code.code), code);
  const shown = await run('code', 'show', code.id, '--qr');
  assert.match(shown.out, new RegExp(`^${code.code}  fee  issued  180000 VND, paid 0\n${code.pay_url}\n[\\s\\S]*█`));
  assert.equal((await json('code', 'cancel', code.id, '--reason', 'nhầm')).status, 'cancelled');
  const open = await run('code', 'create', '--account', bank.account.id, '--kind', 'card', '--payer', 'A');
  assert.match(open.out, /^SK\S{7}  card  issued  any amount, paid 0 VND\n/);
  for (const amount of ['0', '-1', '1.5', 'x', '1000000000000']) assert.equal((await run('code', 'create', '--account', bank.account.id, '--kind', 'fee', '--amount', amount)).code, 2, amount);
  assert.equal((await run('code', 'show', 'SB7M4QX2C')).code, 1);
  assert.equal((await run('code', 'create', '--account', bank.account.id, '--kind', 'tax')).code, 1);
});

test('without a server, a token, a right one', async () => {
  for (const [more, code, said] of [[{ KHOP_URL: '' , KHOP_TOKEN: '' }, 1, /cannot reach/], [{ KHOP_URL: 'http://127.0.0.1:1' }, 1, /cannot reach/], [{ KHOP_TOKEN: 'khop_x' }, 1, /401/], [{ KHOP_URL: `${s.origin}/p` }, 1, /404/]]) {
    const r = await khop(['code', 'show', 'SB7M4QX2C'], { env: { ...env, ...more } });
    assert.deepEqual([r.code, r.out], [code, ''], JSON.stringify(more));
    assert.match(r.err, said);
  }
  for (const args of [['--url', s.origin], ['--token', school.token]]) assert.equal((await khop(['account', 'list', ...args])).code, 2);
  assert.equal((await khop(['account', 'list', '--url', s.origin, `--token=${school.token}`])).code, 0);
});

test('notice send: every mode settles, twice is once, a refusal is exit 1', async () => {
  for (const mode of Object.keys(MODES)) {
    const to = await s.bank(school.token, mode), code = await s.code(school.token, { account: to.account.id, kind: 'fee', amount: 5000 });
    const [provider, name] = mode.split('/');
    const args = ['notice', 'send', '--provider', provider, '--mode', name, '--url', to.connection.url, '--secret', to.secret, '--account-no', to.account.account_no, '--amount', '5000', '--memo', `${code.code} tien an`];
    const sent = await khop([...args, '--duplicate']);
    assert.equal(sent.code, 0, `${mode}: ${sent.err}`);
    const lines = sent.out.trimEnd().split('\n');
    assert.equal(lines.length, 2);
    assert.equal(lines[0], lines[1]);
    assert.equal((await s.show(school.token, code)).status, 'paid', mode);
    assert.equal((await s.events(to.account)).length, 1);
    const wrong = MODES[mode].secrets().secret;
    const refused = await khop(args.map((a) => (a === to.secret ? wrong : a)));
    assert.equal(refused.code, 1, mode);
  }
});

test('notice send: many, disfigured, out, with given ids', async () => {
  const to = await s.bank(school.token, 'sepay/hmac');
  const codes = await Promise.all(Array.from({ length: 6 }, () => s.code(school.token, { account: to.account.id, kind: 'fee', amount: 5000 })));
  const args = ['notice', 'send', '--provider', 'sepay', '--mode', 'hmac', '--url', to.connection.url, '--secret', to.secret, '--account-no', to.account.account_no, '--amount', '5000'];
  for (const code of codes) assert.equal((await khop([...args, '--memo', code.code, '--mangle'])).code, 0);
  const many = await khop([...args, '--memo', 'x', '--count', '20', '--json']);
  assert.equal(many.code, 0);
  assert.deepEqual([...new Set(many.out.trimEnd().split('\n').map((l) => JSON.parse(l).status))], [200]);
  const given = await khop([...args, '--direction', 'out', '--ext-id', '4711', '--reference', 'REF1']);
  assert.match(given.out, /^notice 4711: 200 /);
  const events = await s.events(to.account);
  assert.equal(events.length, 27);
  assert.deepEqual([events.at(-1).ext_id, events.at(-1).reference, events.at(-1).direction], ['4711', 'REF1', 'out']);
  for (const [name, value] of [['--amount', '0'], ['--direction', 'up'], ['--count', '0'], ['--mode', 'v1']]) {
    const rest = args.filter((a, i) => a !== name && args[i - 1] !== name);
    assert.equal((await khop([...rest, name, value])).code, 2, name);
  }
  assert.equal((await khop([...args.slice(0, 6), '--url', 'http://127.0.0.1:1/x', ...args.slice(8)])).code, 1);
});

// --- settings of khopd ---

test('khopd --check-config names every setting that it cannot use', () => {
  const check = (...lines) => {
    const at = file('check.conf', ['database = host=/run/nowhere', ...lines, ''].join('\n'));
    return spawnSync(path.join(bin, 'khopd'), ['--config', at, '--check-config'], { encoding: 'utf8', timeout: 10_000 });
  };
  for (const line of ['listen = [::1]:80', 'hosts = thu.example.vn, [::1] ,', 'proxies = 127.0.0.1, ::1', 'log_level = warn', 'workers = 64']) assert.equal(check(line).status, 0, line);
  for (const line of ['nothing = 1', 'listen = 127.0.0.1', 'listen = thu.example.vn:80', 'hosts = thu.example.vn:443', 'hosts = a, [::1]:443', 'log_level = loud', 'workers = 0', 'workers = 1x',
    'origin = ftp://thu.example.vn', 'origin = https://thu.example.vn/', 'tls_cert = /a.pem', 'database =']) {
    const run = check(line);
    assert.equal(run.status, 78, line);
    assert.match(run.stderr, new RegExp(`^khopd: .*${line.split(' ')[0]}`), line);
  }
});

test('the days of all organisations', async () => {
  const days = (...args) => khop(['org', 'days', '--database', s.ownerDb, ...args]);
  const { out, code } = await days('--from', '2020-01-01', '--to', '2099-12-31');
  const [head, ...lines] = out.trimEnd().split('\n'), own = lines.filter((l) => l.startsWith(`"${school.code}",`));
  assert.equal(code, 0);
  assert.equal(head, 'code,name,day,in_count,in_amount,out_count,out_amount,settled_count,settled_amount');
  const [{ n, amount }] = await s.sql(`select count(*)::int as n, sum(amount)::int as amount from audit.bank_event where org_id = ${number(school.id)} and direction = 'in'`);
  assert.ok(n > 0 && own.length > 0);
  assert.deepEqual([3, 4].map((i) => own.reduce((sum, l) => sum + Number(l.split(',').at(i - 9)), 0)), [n, amount]);
  for (const args of [['--from', '2026-11-02', '--to', '2026-11-01'], ['--from', '2026-13-01', '--to', '2026-11-01'], ['--from', '2026-11-01'], []]) assert.equal((await days(...args)).code, 2, args.join(' '));
});
