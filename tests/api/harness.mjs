// A whole installation for one test file: cluster, database, keys, khopd on a free port; and what a client, a bank and an
// auditor do with it. At the end the books must hold, the log must be clean and the server must leave with 0 (a build with
// sanitizers reports leaks then). Binaries come from $KHOP_BUILD/bin (default build/dev).
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Contract } from './openapi.mjs';
import { MODES } from './providers.mjs';

export const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const bin = path.join(path.resolve(source, process.env.KHOP_BUILD ?? 'build/dev'), 'bin');
const pg = path.join(source, 'tests/pg');
const START_MS = 30_000;
const END_MS = 15_000;

// Leaks are looked for where a process ends; filters and short commands are processes, too.
process.env.ASAN_OPTIONS ??= 'detect_leaks=1:detect_stack_use_after_return=1';
process.env.UBSAN_OPTIONS ??= 'print_stacktrace=1';
for (const name of Object.keys(process.env)) if (/^KHOP_(URL|TOKEN|DATABASE_URL)$|^PG/.test(name)) delete process.env[name];

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Looks until what it sees is done, and returns that. Generous, for a loaded machine is slow.
export async function until(look, done = (seen) => seen, ms = 30_000) {
  for (const began = Date.now(); ; await sleep(40)) {
    const seen = await look();
    if (done(seen)) return seen;
    assert.ok(Date.now() - began < ms, `not done after ${ms / 1000} s: ${JSON.stringify(seen)}`);
  }
}

// One run of khop: {code, out, err}. input: standard input.
export function khop(args, { input, env } = {}) {
  return new Promise((done) => {
    const child = execFile(path.join(bin, 'khop'), args, { env: { ...process.env, ...env }, maxBuffer: 1 << 28, timeout: 60_000 },
      (error, out, err) => done({ code: error ? error.code ?? error.signal : 0, out, err }));
    child.stdin.on('error', () => {}); // a command that refuses its arguments does not read
    child.stdin.end(input ?? '');
  });
}

// A filter's answers, one per line of input, parsed.
export async function filter(args, lines) {
  const run = await khop(args, { input: lines.map((l) => `${l}\n`).join('') });
  assert.equal(run.code, 0, `khop ${args.join(' ')}: ${run.err}`);
  const answers = run.out.split('\n');
  assert.equal(answers.pop(), '', 'the last answer has no line end');
  assert.equal(answers.length, lines.length, 'one answer per line');
  return answers;
}

// A psql that stays, for a test asks hundreds of questions.
class Psql {
  constructor(db) {
    this.child = spawn('psql', ['-XAtq', '-d', db], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.errors = '';
    this.waiting = [];
    let got = '';
    this.child.stdin.on('error', () => {});
    this.child.stderr.on('data', (p) => { this.errors = (this.errors + p).slice(-4000); });
    this.child.stdout.on('data', (p) => {
      got += p;
      for (let at; (at = got.indexOf(MARK)) >= 0; got = got.slice(at + MARK.length)) {
        const answer = got.slice(0, at);
        this.waiting.shift()(answer === '' ? null : answer);
      }
    });
    this.child.on('exit', () => { for (const done of this.waiting.splice(0)) done(null); });
  }

  ask(query) {
    return new Promise((done) => {
      if (this.child.exitCode !== null) done(null);
      else this.waiting.push(done);
      this.child.stdin.write(`${query};\n\\echo ${MARK}`);
    });
  }

  end() { this.child.stdin.end(); this.child.kill(); }
}

const MARK = '--answered--\n';

// Pages and problems say in which language they are, and are in it.
function speaks({ type, text, json, headers }) {
  if (type?.startsWith('text/html') && text !== '') assert.equal(headers['content-language'], /^<!doctype html>\s*<html lang="(\w+)"/i.exec(text)?.[1]);
  if (type === 'application/problem+json' && json) assert.equal(headers['content-language'], /[^\0-\x7f]/.test(json.title) ? 'vi' : 'en');
}

export class Server {
  constructor(options) {
    this.psql = new Map();
    this.options = options;
    this.expected = []; // patterns of warnings that a test provokes on purpose
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 128 });
  }

  async start() {
    this.pgDir = mkdtempSync('/tmp/khopapi-');
    this.dir = mkdtempSync('/tmp/khopapi-d-');
    execFileSync(pg, ['start', this.pgDir, '--with', String(process.pid), ...(this.options.pg ?? [])], { stdio: ['ignore', 'pipe', 'inherit'] });
    const at = `host=${this.pgDir} port=5432`;
    execFileSync('psql', ['-Xqc', 'create database khop', '-d', `${at} user=postgres dbname=postgres`]);
    this.ownerDb = `${at} user=postgres dbname=khop`;
    this.serveDb = `${at} user=khop_serve dbname=khop`;
    this.auditDb = `${at} user=khop_audit dbname=khop`;
    this.keys = path.join(this.dir, 'keys');
    for (const args of [['migrate', '--database', this.ownerDb], ['key', 'init', this.keys]]) {
      const run = await khop(args);
      assert.equal(run.code, 0, run.err);
    }
    await this.run();
    this.contract = new Contract((await this.request('GET', '/openapi.json', { unchecked: true })).json);
    return this;
  }

  // Starts khopd on a free port and waits until it can settle.
  async run(more = []) {
    await this.launch(more);
    for (const began = Date.now(); ;) {
      const answer = await this.request('GET', '/readyz', { unchecked: true }).catch(() => null);
      if (answer?.status === 200) return;
      // Between the choice of a port and its use somebody else may take it.
      if (this.child.exitCode !== null && /cannot listen on .*in use/.test(this.log()) && Date.now() - began < START_MS) await this.launch(more);
      assert.ok(this.child.exitCode === null && Date.now() - began < START_MS, `khopd does not become ready:\n${this.log()}`);
      await sleep(25);
    }
  }

  async launch(more) {
    this.port = await freePort();
    this.origin = `http://127.0.0.1:${this.port}`;
    this.logFile = path.join(this.dir, `khopd-${this.port}.log`);
    const log = openSync(this.logFile, 'w');
    const args = ['--database', this.serveDb, '--keys-dir', this.keys, '--listen', `127.0.0.1:${this.port}`, '--origin', this.origin,
      '--per-address', '0', '--drain-ms', '5000', ...(this.options.args ?? []), ...more];
    this.child = spawn(path.join(bin, 'khopd'), args, { stdio: ['ignore', log, log] });
    this.ended = new Promise((done) => this.child.on('exit', (code, signal) => done(signal ?? code)));
    // A test file that dies must not leave a server behind.
    process.once('exit', () => this.child.exitCode === null && this.child.kill('SIGKILL'));
  }

  log() { return readFileSync(this.logFile, 'utf8'); }

  // Warnings and errors in the log that match stay out of the final check.
  expectLog(pattern) { this.expected.push(pattern); }

  checkLog() {
    const bad = this.log().split('\n').filter((line) => line !== '' && !/ level=(debug|info) /.test(line) && !this.expected.some((p) => p.test(line)));
    assert.deepEqual(bad, [], 'khopd logged what it should not');
  }

  async end() {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    const code = await this.ended;
    clearTimeout(timer);
    this.agent.destroy();
    assert.equal(code, 0, `khopd ended with ${code}:\n${this.log().slice(-4000)}`);
    this.checkLog();
  }

  async stop() {
    try {
      assert.deepEqual(await this.sql('select * from audit.invariants()'), [], 'broken invariants');
      await this.suspense();
      await this.end();
    } finally {
      for (const psql of this.psql.values()) psql.end();
      this.child.kill('SIGKILL');
      execFileSync(pg, ['stop', this.pgDir], { stdio: 'ignore' });
      if (!process.env.KHOP_KEEP) rmSync(this.dir, { recursive: true, force: true });
    }
  }

  // --- HTTP ---

  // options: headers, body (value → JSON; string or Buffer as it is), token, key, unchecked, encoded (send as is).
  request(method, target, { headers = {}, body, token, key, unchecked } = {}) {
    const bytes = body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
    const all = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...(key ? { 'Idempotency-Key': key } : {}),
      ...(bytes === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': bytes.length }), ...headers };
    for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
    const url = target.startsWith('http') ? new URL(target) : null;
    const at = url ? url.pathname + url.search : target;
    return new Promise((done, fail) => {
      const request = http.request({ host: '127.0.0.1', port: url?.port ?? this.port, path: at, method, headers: all, agent: this.agent, timeout: 40_000 }, (response) => {
        const pieces = [];
        response.on('data', (p) => pieces.push(p));
        response.on('error', fail);
        response.on('end', () => {
          const answer = { status: response.statusCode, headers: response.headers, raw: response.rawHeaders, bytes: Buffer.concat(pieces), type: response.headers['content-type'] };
          answer.text = answer.bytes.toString();
          try {
            if (answer.type?.includes('json') && answer.text !== '') answer.json = JSON.parse(answer.text);
            if (!unchecked) this.contract.check({ method, path: at.split('?')[0], body: parsed(bytes) }, answer);
            speaks(answer);
            done(answer);
          } catch (error) {
            fail(error);
          }
        });
      });
      request.on('error', fail);
      request.on('timeout', () => request.destroy(new Error(`no answer: ${method} ${at}`)));
      if (method === 'POST' && bytes === undefined) request.setHeader('Content-Length', 0);
      request.end(bytes);
    });
  }

  get(target, options) { return this.request('GET', target, options); }
  post(target, body, options) { return this.request('POST', target, { body, ...options }); }

  // What comes back for these bytes on a socket of their own, until the server closes or falls silent.
  raw(bytes, { wait = 300 } = {}) {
    return new Promise((done) => {
      const socket = net.connect(this.port, '127.0.0.1');
      let got = '', timer;
      const finish = () => { clearTimeout(timer); socket.destroy(); done(got); };
      socket.on('data', (p) => { got += p.toString('latin1'); clearTimeout(timer); timer = setTimeout(finish, wait); });
      socket.on('close', finish);
      socket.on('error', finish);
      socket.write(bytes);
      timer = setTimeout(finish, 5000);
    });
  }

  // --- people ---

  // An organisation with a token for all it may do.
  async org(code = `U${crypto.randomBytes(4).toString('hex').toUpperCase()}`, kind = 'school') {
    const { id, bucket } = JSON.parse(await ok(['org', 'create', '--database', this.ownerDb, '--name', `Trường ${code}`, '--code', code, '--kind', kind, '--json']));
    return { id, bucket, code, name: `Trường ${code}`, token: await this.token(id, 'read,issue,accountant,admin') };
  }

  async token(org, scopes) {
    return JSON.parse(await ok(['token', 'create', '--database', this.ownerDb, '--org', org, '--scopes', scopes, '--name', 'test', '--json'])).token;
  }

  async account(token, account_no = digits(13), bin = '970405') {
    const answer = await this.post('/api/v1/accounts', { bin, account_no, holder: 'TRUONG TIEU HOC MAU' }, { token });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  }

  // A receiving account with its settling connection; mode as "sepay/hmac".
  async bank(token, mode, account) {
    const to = account ?? await this.account(token);
    const secret = MODES[mode].secrets();
    const [provider, name] = mode.split('/');
    const answer = await this.post('/api/v1/connections', { account: to.id, provider, mode: name, secret: secret.stored }, { token });
    assert.equal(answer.status, 201, answer.text);
    return new Bank(this, mode, secret, to, answer.json);
  }

  async code(token, body, options = {}) {
    const answer = await this.post('/api/v1/codes', body, { token, key: crypto.randomUUID(), ...options });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  }

  async show(token, code) {
    const answer = await this.get(`/api/v1/codes/${code.id ?? code}`, { token });
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  }

  // A job, once it runs no more.
  async jobEnded(job, token) {
    return until(async () => {
      const answer = await this.get(`/api/v1/jobs/${job.id ?? job}`, { token });
      assert.equal(answer.status, 200, answer.text);
      return answer.json;
    }, ({ state }) => !['queued', 'running'].includes(state), 60_000);
  }

  // Every item of a list, page by page.
  async all(target, token, limit = 200) {
    const items = [];
    for (let after = ''; ;) {
      const answer = await this.get(`${target}${target.includes('?') ? '&' : '?'}limit=${limit}${after}`, { token });
      assert.equal(answer.status, 200, answer.text);
      items.push(...answer.json.items);
      if (answer.json.next === null) return items;
      after = `&after=${encodeURIComponent(answer.json.next)}`;
    }
  }

  // --- the auditor ---

  async sql(query, db = this.auditDb) {
    const text = `select coalesce(json_agg(t), '[]') from (${query}) t`;
    for (let tries = 0; ; tries++) {
      const psql = this.psql.get(db) ?? new Psql(db);
      this.psql.set(db, psql);
      const out = await psql.ask(text);
      if (out !== null) return JSON.parse(out);
      this.psql.delete(db); // a test may have ended its connection
      psql.end();
      assert.ok(tries < 2, `${psql.errors}\n${query}`);
    }
  }

  // As the owner: for what no client can bring about.
  owner(statement, database = 'khop') {
    execFileSync('psql', ['-Xqv', 'ON_ERROR_STOP=1', '-d', this.ownerDb.replace(/dbname=\w+/, `dbname=${database}`), '-c', statement], { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  // audit.bank_event of one account, oldest first. Ids are the database's own numbers there.
  events(account) { return this.sql(`select * from audit.bank_event where account_id = ${number(account)} order by seq`); }

  exceptions(account) { return this.sql(`select * from audit.exception where account_id = ${number(account)} order by opened_at, exception_id`); }

  // What suspense holds is what the open exceptions hold (ledger.md §2, invariant 9), computed here from the views alone.
  async suspense() {
    const rows = await this.sql(`
      select coalesce(b.org_id, x.org_id) as org, coalesce(b.account, x.account) as account, coalesce(b.net, 0) as net, coalesce(x.held, 0) as held
        from (select org_id, account, case account when 3388 then -net else net end as net from audit.balance where account in (1388, 3388)) b
        full join (select org_id, case direction when 'out' then 1388 else 3388 end as account, sum(held) as held
                     from audit.exception where state in ('open', 'proposed') and held > 0 group by 1, 2) x
          on x.org_id = b.org_id and x.account = b.account`);
    for (const r of rows) assert.equal(r.net, r.held, `suspense ${r.account} of ${r.org}`);
  }
}

// One connection of an account, seen from the provider's side.
export class Bank {
  constructor(server, mode, secret, account, connection) {
    Object.assign(this, { server, mode, secret: secret.secret, account, connection, table: MODES[mode] });
    this.hook = new URL(connection.url).pathname;
  }

  movement(more = {}) {
    const id = Number(digits(12));
    return { id, amount: 180000, memo: '', direction: 'in', account: this.account.account_no, reference: `FT${id}`, time: wholeSecond(), ...more };
  }

  // {path, headers, body} as the provider would send it now; VietQR.vn fetches its token first.
  async signed(m, { secret = this.secret, at } = {}) {
    const notice = this.table.notice(secret, m, at);
    if (notice.token === undefined) return notice;
    const { basic } = await import('./providers.mjs');
    const granted = await this.server.post(`${this.hook}/api/token_generate`, {}, { headers: basic(notice.token) });
    assert.equal(granted.status, 200, granted.text);
    return { ...notice, headers: { ...notice.headers, Authorization: `Bearer ${granted.json.access_token}` } };
  }

  deliver(notice) { return this.server.request('POST', this.hook + notice.path, { headers: notice.headers, body: notice.body }); }

  // Sends one movement (or several in one notice, Casso v1) and demands what the provider counts as success.
  async send(more = {}, options) {
    const m = Array.isArray(more) ? more.map((x) => this.movement(x)) : this.movement(more);
    const answer = await this.deliver(await this.signed(m, options));
    this.taken(answer);
    return Object.assign(m, { answer });
  }

  taken(answer) {
    assert.equal(answer.status, 200, answer.text);
    if (this.mode === 'vietqrvn/token') {
      assert.equal(answer.json.error, false);
      assert.match(answer.json.object.reftransactionid, /^(evt|ntc)_[0-9a-hjkmnp-tv-z]{13}$/);
    } else {
      assert.deepEqual(answer.json, { success: true });
    }
  }

  // The stored event of a movement, by the auditor's view.
  async event(m) {
    const found = (await this.server.events(this.account)).filter((e) => e.ext_id === this.table.ext(m));
    assert.ok(found.length <= 1, 'an event is stored twice');
    return found[0];
  }
}

// --- small things ---

export const digits = (n) => String(crypto.randomInt(1, 10)) + Array.from({ length: n - 1 }, () => crypto.randomInt(0, 10)).join('');
export const wholeSecond = (ms = Date.now()) => new Date(Math.floor(ms / 1000) * 1000);

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

// The number behind a public id, as text: JSON numbers do not hold it.
export function number(id) {
  const text = typeof id === 'string' ? id : id.id;
  let n = 0n;
  for (const c of text.slice(text.indexOf('_') + 1)) n = n * 32n + BigInt(CROCKFORD.indexOf(c));
  return n.toString();
}

// A well-formed id of nothing that exists, in the bucket of another one.
export function stranger(id) {
  const at = id.length - 1;
  const other = CROCKFORD[(CROCKFORD.indexOf(id[at]) + 1) % 32];
  return id.slice(0, at) + other;
}

async function ok(args) {
  const run = await khop(args);
  assert.equal(run.code, 0, `khop ${args.join(' ')}: ${run.err}`);
  return run.out;
}

function parsed(bytes) {
  try {
    return bytes === undefined ? undefined : JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function freePort() {
  return new Promise((done) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

// One installation per test file, up before its tests and checked behind them.
export async function server(options = {}) {
  const s = new Server(options);
  after(() => s.stop());
  await s.start();
  return s;
}

// A folder of files for commands.
export function folder() {
  const dir = mkdtempSync('/tmp/khopapi-f-');
  after(() => rmSync(dir, { recursive: true, force: true }));
  return (name, content) => { const file = path.join(dir, name); writeFileSync(file, content); return file; };
}

assert.ok(existsSync(path.join(bin, 'khop')), `there is no khop in ${bin}: build it, or set KHOP_BUILD`);
