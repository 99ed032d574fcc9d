// An installation that survives being broken: a durable cluster, several organisations, and handles on each process. Built on
// the one of the API tests; warnings are expected here, errors only where a test says so.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { after, before } from 'node:test';
import { Server, digits, khop, number, sleep, source } from '../api/harness.mjs';

const pg = path.join(source, 'tests/pg');
const READY_MS = 20_000;

export class Installation extends Server {
  constructor(options = {}) {
    super({ pg: ['--durable'], ...options });
    this.others = [];
    this.expectLog(/ level=warn /);
  }

  // Organisations of several buckets, two of them in the same one, each with an account, a SePay connection and open codes.
  async people(orgs = 4, codes = 12) {
    const banks = [];
    for (let i = 0; i <= orgs; i++) banks.push(await this.member(await this.unit(i < orgs ? orgs : 1), codes));
    return banks;
  }

  // A token of a new organisation in one of so many buckets.
  async unit(buckets) {
    const code = `N${digits(8)}`;
    const run = await khop(['org', 'create', '--database', this.ownerDb, '--name', `Chợ ${code}`, '--code', code, '--kind', 'market', '--buckets', String(buckets), '--json']);
    assert.equal(run.code, 0, run.err);
    return this.token(JSON.parse(run.out).id, 'read,issue,accountant,admin');
  }

  async member(token, codes, mode = 'sepay/hmac') {
    const bank = await this.bank(token, mode);
    const make = (i) => this.code(token, { account: bank.account.id, kind: 'fee', amount: i % 4 === 0 ? null : 60_000 * (1 + i) });
    bank.token = token;
    bank.codes = await Promise.all(Array.from({ length: codes }, (_, i) => make(i)));
    return bank;
  }

  // --- the database ---

  // Rows of a query, like sql(), without stopping this process: the load goes on meanwhile.
  async query(text, db = this.auditDb) { return JSON.parse(await psql(db, `select coalesce(json_agg(t), '[]') from (${text}) t`)); }

  // Statements of the superuser, each on its own.
  async super(...statements) { await psql(this.ownerDb, ...statements); }

  // tests/pg restart | kill | start: milliseconds it took.
  cluster(verb, ...more) {
    const began = Date.now();
    return new Promise((done, fail) => execFile(pg, [verb, this.pgDir, ...more], { stdio: 'ignore' }, (error) => error ? fail(error) : done(Date.now() - began)));
  }

  // A session that keeps a transaction open, e.g. with a lock: {say(sql), end()}.
  async session(...statements) {
    const child = spawn('psql', ['-XAtqv', 'ON_ERROR_STOP=1', '-d', this.ownerDb], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((done) => child.on('exit', done));
    const say = (text) => new Promise((done, fail) => {
      const mark = crypto.randomBytes(6).toString('hex');
      let out = '';
      const take = (p) => { out += p; if (out.includes(mark)) { child.stdout.off('data', take); done(out); } };
      child.stdout.on('data', take);
      ended.then(() => fail(new Error(`the session has ended: ${text}`)));
      child.stdin.write(`${text};\n\\echo ${mark}\n`);
    });
    for (const text of ['begin', ...statements]) await say(text);
    return { say, async end() { child.stdin.end('rollback;\n'); await ended; } };
  }

  // A trigger on transfer: body may raise errors (new is the row). Answers how to take it away.
  async trap(level, body) {
    await this.super('create sequence if not exists public.turns', `create or replace function public.trap() returns trigger language plpgsql security definer as $f$ begin ${body} return new; end $f$`,
      `create trigger trap before insert on khop.transfer for each ${level} execute function public.trap()`);
    return () => this.super('drop trigger if exists trap on khop.transfer');
  }

  // Process numbers of khopd's living backends of one kind ("lane" or "reader"), the one it named last first.
  backends(kind) {
    return [...this.log().matchAll(/ event=db_connected proc=serve kind=(\w+) backend=(\d+)/g)].filter((m) => m[1] === kind).map((m) => Number(m[2])).filter(alive).reverse();
  }

  number(bank) { return number(bank.account); }

  // The provider's next try, after all.
  async settleAgain(load, notices) {
    for (const n of notices) assert.equal((await load.send(n, this.port)).status, 200);
  }

  // --- khopd ---

  // As it is, whatever a failed test has left.
  async stop() {
    for (const other of this.others) other.child.kill('SIGKILL');
    await super.stop();
  }

  // Another khopd on the same database and keys; changed: what it sees differently.
  async second(changed = {}, more = []) {
    const other = Object.assign(new Installation(this.options), { pgDir: this.pgDir, dir: this.dir, keys: this.keys,
      ownerDb: this.ownerDb, serveDb: this.serveDb, auditDb: this.auditDb, contract: this.contract, expected: this.expected }, changed);
    this.others.push(other);
    await other.launch(more);
    if (!other.unready) await other.ready();
    return other;
  }

  // Numbers of its children: "serve", "jobs".
  children(role, of = this.child.pid) {
    return readdirSync('/proc').filter((n) => /^\d+$/.test(n)).map(Number).filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8'), name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return name === role && Number(parent) === of && state !== 'Z';
      } catch {
        return false;
      }
    });
  }

  // Milliseconds until /readyz says 200.
  async ready(limit = READY_MS) {
    const began = Date.now();
    while (await this.status('/readyz') !== 200) {
      assert.ok(this.child.exitCode === null && Date.now() - began < limit, `not ready within ${limit} ms:\n${this.log().slice(-3000)}`);
      await sleep(20);
    }
    return Date.now() - began;
  }

  // The status of a GET on a connection of its own; "lost" without an answer.
  status(target) {
    return new Promise((done) => {
      const request = (this.tls ? https : http).get({ host: '127.0.0.1', port: this.port, path: target, agent: false, rejectUnauthorized: false, timeout: 10_000 }, (response) => {
        response.resume();
        response.on('close', () => done(response.statusCode));
      });
      request.on('error', () => done('lost'));
      request.on('timeout', () => request.destroy());
    });
  }

  async metric(name) {
    const answer = await this.get('/metrics', { unchecked: true });
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(answer.text)?.[1]);
  }
}

function psql(db, ...statements) {
  return new Promise((done, fail) => execFile('psql', ['-XAtqv', 'ON_ERROR_STOP=1', '-d', db, ...statements.flatMap((text) => ['-c', text])],
    { maxBuffer: 1 << 28 }, (error, out) => error ? fail(error) : done(out)));
}

export function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// One installation per file, checked at the end like that of the API tests.
export function installation(options = {}) {
  const it = new Installation(options);
  before(async () => { await it.start(); it.banks = await it.people(); });
  after(() => it.stop());
  return it;
}
