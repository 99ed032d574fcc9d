// deploy/up as somebody new would use it, but for the packages: an empty folder becomes a running demo, a second start is
// refused while it runs and continues after a stop, and what others rely on (design.md §8) is there.
import test, { after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, chmodSync, readFileSync, rmSync, statSync, existsSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..');
const folder = mkdtempSync('/tmp/khop-up-');
chmodSync(folder, 0o755);
const home = path.join(folder, 'a home');
const free_port = () => new Promise((done) => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
const port = await free_port();
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^KHOP_|^PG/.test(name)));
const up = (...args) => spawnSync(path.join(root, 'deploy/up'), args, { cwd: '/', env, encoding: 'utf8', timeout: 400_000 });
const start = () => up('--home', home, '--port', String(port), '--no-install', '--detach');
const stop = () => up('stop', '--home', home);

after(() => { stop(); rmSync(folder, { recursive: true, force: true }); });

// The values of demo.env as a shell reads them.
const demo = () => Object.fromEntries(execFileSync('sh', ['-c', 'set -a; . "$1"; env -0', '-', path.join(home, 'demo.env')], { env: {} })
  .toString().split('\0').filter((l) => l.startsWith('KHOP_')).map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]));
const running = () => Number(readFileSync(path.join(home, 'khopd.pid'), 'utf8'));

test('wrong words are refused with the usage', () => {
  for (const args of [['--port'], ['--port', '0'], ['--workers', 'many'], ['--bogus']]) assert.notEqual(up(...args).status, 0, args.join(' '));
  assert.match(up('--bogus').stderr, /deploy\/up \[--home DIR\]/);
});

test('an empty folder becomes a running demo that has done its main job', async () => {
  const run = start();
  assert.equal(run.status, 0, run.stderr);
  for (const said of [/the code is paid, once/, /every invariant of the books holds/, /demo-receipt\.jws: holds/, /pay page +http/]) assert.match(run.stderr, said);
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
});

test('demo.env has every name, is for its owner only, and its values work', async () => {
  const names = ['KHOP_URL', 'KHOP_TOKEN', 'KHOP_ADMIN_TOKEN', 'KHOP_ACCOUNT', 'KHOP_ACCOUNT_NO', 'KHOP_BANK_BIN', 'KHOP_LOGIN', 'KHOP_AUDIT_DB',
    ...['SEPAY', 'SEPAY_HMAC', 'CASSO1', 'CASSO', 'PAYOS', 'VIETQRVN', 'STANDARD'].flatMap((n) => ['URL', 'KEY', 'ACCOUNT', 'ACCOUNT_NO'].map((p) => `KHOP_HOOK_${n}_${p}`))];
  const values = demo();
  assert.deepEqual(Object.keys(values).sort(), names.sort());
  assert.equal(statSync(path.join(home, 'demo.env')).mode & 0o777, 0o600);
  assert.equal(values.KHOP_ACCOUNT, values.KHOP_HOOK_SEPAY_ACCOUNT);
  assert.equal(new Set(names.filter((n) => n.endsWith('_ACCOUNT') && n !== 'KHOP_ACCOUNT').map((n) => values[n])).size, 7);
  const asked = await fetch(`${values.KHOP_URL}/api/v1/exceptions`, { headers: { Authorization: `Bearer ${values.KHOP_TOKEN}` } });
  assert.equal(asked.status, 200);
  const made = await fetch(`${values.KHOP_URL}/api/v1/accounts`, { headers: { Authorization: `Bearer ${values.KHOP_ADMIN_TOKEN}` } });
  assert.equal(made.status, 200);
  const [login, password] = values.KHOP_LOGIN.split(':');
  const signed = await fetch(`${values.KHOP_URL}/login`, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json' }, body: JSON.stringify({ login, password }) });
  assert.deepEqual(await signed.json(), { next: 'done' });
  const desk = await fetch(`${values.KHOP_URL}/me`, { headers: { Cookie: signed.headers.getSetCookie().map((c) => c.split(';')[0]).join('; '), Accept: 'application/json' } });
  assert.equal((await desk.json()).role, 'accountant');
  assert.equal(execFileSync('psql', ['-Xqtd', values.KHOP_AUDIT_DB, '-c', 'select count(*) from audit.invariants()']).toString().trim(), '0');
});

test('nothing that serves runs as root, keys are for khopd only', { skip: process.getuid() !== 0 }, () => {
  const owner = (pid) => statSync(`/proc/${pid}`).uid;
  assert.notEqual(owner(running()), 0);
  const cluster = readFileSync(path.join(home, 'cluster'), 'utf8').trim();
  assert.notEqual(owner(Number(readFileSync(path.join(cluster, 'data/postmaster.pid'), 'utf8').split('\n')[0])), 0);
  for (const key of ['receipt.key', 'field.key', 'session.key', 'pepper.key', 'totp.key']) {
    const at = statSync(path.join(home, 'keys', key));
    assert.equal(at.mode & 0o777, 0o600);
    assert.equal(at.size, 32);
    assert.equal(at.uid, owner(running()));
  }
});

test('while it runs a second start is refused; after a stop it goes on with the same demo', () => {
  const before = demo(), key = readFileSync(path.join(home, 'keys/receipt.key'));
  const second = start();
  assert.equal(second.status, 1);
  assert.match(second.stderr, /running already/);
  const pid = running();
  assert.equal(stop().status, 0);
  assert.ok(!existsSync(`/proc/${pid}`) && !existsSync(path.join(home, 'khopd.pid')));
  const again = start();
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(demo(), before);
  assert.deepEqual(readFileSync(path.join(home, 'keys/receipt.key')), key);
});

test('at another port everything moves along, and receipts say where they were made', async () => {
  assert.equal(stop().status, 0);
  const before = demo(), other = await free_port();
  const run = up('--home', home, '--port', String(other), '--no-install', '--detach');
  assert.equal(run.status, 0, run.stderr);
  const url = `http://127.0.0.1:${other}`, values = demo();
  assert.match(run.stderr, new RegExp(`demo-receipt\\.jws: holds: .* at ${url}, `));
  assert.deepEqual(values, Object.fromEntries(Object.entries(before).map(([name, value]) => [name, value.replace(before.KHOP_URL, url)])));
  const { keys } = await (await fetch(`${url}/.well-known/jwks.json`)).json();
  assert.equal(keys.length, 1);
  const { items } = await (await fetch(`${url}/api/v1/receipts?limit=100`, { headers: { Authorization: `Bearer ${values.KHOP_TOKEN}` } })).json();
  const issuers = await Promise.all(items.map(async (r) => JSON.parse(Buffer.from((await (await fetch(r.jws_url)).text()).split('.')[1], 'base64url')).iss));
  assert.deepEqual(new Set(issuers), new Set([before.KHOP_URL, url]));
});

test('in the foreground it stays until it is told to go, and takes everything with it', async () => {
  assert.equal(stop().status, 0);
  const child = spawn(path.join(root, 'deploy/up'), ['--home', home, '--port', String(port), '--no-install', '--no-demo'], { cwd: '/', env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise((done) => { child.stderr.on('data', (d) => { said += d; if (said.includes('Ctrl-C stops it')) done(); }); child.on('exit', done); });
  assert.match(said, /Ctrl-C stops it/);
  const pid = running();
  assert.ok(existsSync(`/proc/${pid}`));
  child.kill('SIGTERM');
  const code = await new Promise((done) => child.on('exit', done));
  assert.equal(code, 143);
  assert.ok(!existsSync(`/proc/${pid}`));
  const cluster = readFileSync(path.join(home, 'cluster'), 'utf8').trim();
  assert.ok(!existsSync(path.join(cluster, 'data/postmaster.pid')));
});

test('without the demo it says where the first administrator is made', async () => {
  const empty = path.join(folder, 'empty'), at = String(await free_port());
  const run = spawnSync(path.join(root, 'deploy/up'), ['--home', empty, '--port', at, '--no-install', '--no-demo', '--detach'], { cwd: '/', env, encoding: 'utf8', timeout: 100_000 });
  assert.equal(run.status, 0, run.stderr);
  const [, page] = /begin +(http:\S+\/setup\?code=\S+)/.exec(run.stderr) ?? assert.fail(run.stderr);
  assert.equal((await fetch(page)).status, 200);
  assert.equal(spawnSync(path.join(root, 'deploy/up'), ['stop', '--home', empty], { env }).status, 0);
});

test('with KHOP_DATABASE_URL it uses that database, by a user who may make roles and no more', async () => {
  const dir = path.join(folder, 'pg'), other = path.join(folder, 'other'), server = String(await free_port()), at = String(await free_port());
  const admin = `host=${dir} port=${server} user=postgres dbname=postgres`;
  const pg = (...args) => spawnSync(path.join(root, 'tests/pg'), args, { env, encoding: 'utf8' });
  assert.equal(pg('start', dir, '--with', String(process.pid), '-c', 'listen_addresses=127.0.0.1', '-c', `port=${server}`).status, 0);
  execFileSync('psql', ['-Xqd', admin, '-c', "create role boss login createrole password 'p w'", '-c', 'create database shop owner boss']);
  const with_url = (...args) => spawnSync(path.join(root, 'deploy/up'), args, { cwd: '/', encoding: 'utf8', timeout: 100_000,
    env: { ...env, KHOP_DATABASE_URL: `postgresql://boss:p%20w@127.0.0.1:${server}/shop` } });
  try {
    for (let times = 0; times < 2; times++) {
      const run = with_url('--home', other, '--port', at, '--no-install', '--detach');
      assert.equal(run.status, 0, run.stderr);
      assert.match(run.stderr, /demo-receipt\.jws: holds/);
      assert.equal(with_url('stop', '--home', other).status, 0);
    }
    const may = execFileSync('psql', ['-XqAtd', admin.replace('dbname=postgres', 'dbname=shop'), '-c', "select has_schema_privilege(r, 'khop', 'create') from unnest(array['khop_fn_settle', 'khop_fn_org']) r"]);
    assert.equal(may.toString(), 'f\nf\n');
  } finally {
    with_url('stop', '--home', other);
    pg('stop', dir);
  }
});
