// Providers at work: SePay notices with HMAC over kept-alive sockets, to several organisations and buckets at once; new ones,
// ones that came before, ones sent twice at the same moment. Like a provider it sends again until it gets a 2xx, and it
// remembers every 2xx: verify() holds the books against that memory.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { digits, number, sleep, wholeSecond } from '../api/harness.mjs';

const RESEND_MS = 150;
const LAST_MS = 45_000; // how long stop() waits for the last 2xx

export class Load {
  // banks: connections to send to. options: sockets, pause (ms of a socket between two notices), ports (sent to in turn),
  // twins (each notice goes to every port at the same moment), tls.
  constructor(banks, { sockets = 24, pause = 30, ports, twins = false, tls = false } = {}) {
    Object.assign(this, { banks, sockets, pause, twins, tls, ports: ports ?? [banks[0].server.port] });
    this.notices = new Map(); // by account and id: {bank, m, sent, taken}
    this.queue = []; // to be sent (again): {notice, at}
    this.answers = {}; // how many of each status; "lost" for those without one
    this.unexpected = [];
    this.losses = []; // {sentAt, at, port, why}
    this.marks = []; // when each 2xx came, and when its request had gone out
    this.busy = 0;
    this.turn = 0;
    this.agent = new (tls ? https : http).Agent({ keepAlive: true, maxSockets: Infinity, rejectUnauthorized: false });
  }

  start() {
    this.producing = true;
    this.workers = Array.from({ length: this.sockets }, () => this.work());
    return this;
  }

  async work() {
    for (;;) {
      const next = this.next();
      if (next === null) return;
      if (next !== undefined) await this.deliver(next);
      await sleep(this.pause * (0.5 + Math.random()));
    }
  }

  // A notice, undefined (nothing to do at the moment) or null (the end).
  next() {
    const due = this.queue.findIndex((q) => q.at <= Date.now());
    if (due >= 0) return this.queue.splice(due, 1)[0].notice;
    if (!this.producing) return this.abandoned || this.queue.length === 0 && this.busy === 0 ? null : undefined;
    const dice = Math.random();
    if (dice < 0.1 && this.notices.size > 0) return this.known();
    const notice = this.make();
    if (dice < 0.2) this.queue.push({ notice, at: 0 });
    return notice;
  }

  known() {
    this.keys ??= [];
    return this.notices.get(this.keys[crypto.randomInt(this.keys.length)]);
  }

  // A new notice: most name a code of the account, some a code of nobody, some none.
  make(more = {}, bank = this.banks[crypto.randomInt(this.banks.length)]) {
    const dice = Math.random(), code = bank.codes?.[crypto.randomInt(bank.codes.length)];
    const memo = dice < 0.8 && code ? `CT tu 0071 ${code.code} tien an` : dice < 0.9 ? 'SB22222SY hoc phi' : 'nop tien an ban tru';
    const m = bank.movement({ memo, amount: 1000 * (1 + crypto.randomInt(180)), ...more });
    return this.remember(bank, m);
  }

  remember(bank, m) {
    const key = `${number(bank.account)} ${bank.table.ext(m)}`, notice = { bank, m, key, sent: 0, taken: 0 };
    this.notices.set(key, notice);
    (this.keys ??= []).push(key);
    return notice;
  }

  async deliver(notice) {
    this.busy++;
    const ports = this.twins ? this.ports : [this.ports[this.turn++ % this.ports.length]];
    const answers = await Promise.all(ports.map((port) => this.send(notice, port)));
    this.busy--;
    if (answers.some((a) => a?.status !== 200) && !this.abandoned) this.queue.push({ notice, at: Date.now() + RESEND_MS });
    return answers[0];
  }

  // One try: {status, headers, text}, or null when the connection was lost.
  async send(notice, port) {
    const { path, headers, body } = await notice.bank.signed(notice.m), sentAt = Date.now();
    notice.sent++;
    const answer = await new Promise((done) => {
      const request = (this.tls ? https : http).request({ host: '127.0.0.1', port, path: notice.bank.hook + path, method: 'POST', agent: this.agent,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) }, timeout: 40_000 }, (response) => {
        let text = '';
        response.on('data', (p) => { text += p; });
        response.on('end', () => done({ status: response.statusCode, headers: response.headers, text }));
        response.on('error', () => done(null));
      });
      request.on('error', (error) => { this.losses.push({ sentAt, at: Date.now(), port, why: error.code ?? error.message }); done(null); });
      request.on('timeout', () => request.destroy(new Error('no answer in 40 s')));
      request.end(body);
    });
    this.count(notice, answer, sentAt);
    return answer;
  }

  count(notice, answer, sentAt) {
    const status = answer?.status ?? 'lost';
    this.answers[status] = (this.answers[status] ?? 0) + 1;
    if (status === 200) {
      notice.taken++;
      (notice.texts ??= new Set()).add(answer.text);
      this.marks.push({ sentAt, at: Date.now() });
    } else if (status === 503) {
      if (answer.headers['retry-after'] === undefined) this.unexpected.push('503 without Retry-After');
    } else if (status !== 'lost') {
      this.unexpected.push(`${status} ${answer.text}`);
    }
  }

  // Milliseconds until a notice sent after this moment is answered with 2xx.
  async recovered(limit = 10_000) {
    for (const began = Date.now(); Date.now() - began < limit; await sleep(10))
      if (this.marks.at(-1)?.sentAt >= began || this.marks.slice(-50).some((a) => a.sentAt >= began)) return Date.now() - began;
    assert.fail(`no 2xx within ${limit} ms; answers so far ${JSON.stringify(this.answers)}`);
  }

  // The longest time between two 2xx from a moment on.
  gap(since) {
    let last = since, longest = 0;
    for (const { at } of this.marks) {
      if (at < since) continue;
      longest = Math.max(longest, at - last);
      last = at;
    }
    return longest;
  }

  // No new notices; what has no 2xx yet is sent until it has one.
  async stop() {
    this.producing = false;
    let timer;
    const late = new Promise((done) => { timer = setTimeout(done, LAST_MS, 'late'); });
    const end = await Promise.race([Promise.all(this.workers), late]);
    clearTimeout(timer);
    this.agent.destroy();
    assert.notEqual(end, 'late', `${this.queue.length} notices are without a 2xx: ${JSON.stringify(this.answers)}`);
    assert.deepEqual(this.unexpected, [], 'answers that no provider should get');
    return this;
  }

  // A test that failed must not leave its load behind.
  abandon() {
    this.abandoned = true;
    this.producing = false;
    this.queue = [];
    this.agent.destroy();
  }

  // Every 2xx has exactly one posting; nothing else is posted; nothing twice; numbers without gap; the invariants hold.
  async verify() {
    const server = this.banks[0].server, accounts = this.banks.map((b) => number(b.account)).join(',');
    await server.super('analyze'); // the checks join whole tables: without numbers about them they take seconds
    const [events, receipts, broken] = await Promise.all([
      server.query(`select e.account_id::text as account, e.ext_id, e.amount, e.seq, e.outcome, e.receipt_no, e.org_id::text as org, e.event_id::text as event,
                           t.amounts as transfers
                      from audit.bank_event e
                      left join (select org_id, event_id, json_agg(amount) as amounts from audit.transfer group by org_id, event_id) t using (org_id, event_id)
                     where e.account_id in (${accounts})`),
      server.query('select org_id::text as org, year, count(*) as n, count(distinct no) as different, min(no) as first, max(no) as last from audit.receipt group by org_id, year'),
      server.query('select * from audit.invariants()'),
    ]);
    const stored = new Map();
    for (const e of events) {
      const key = `${e.account} ${e.ext_id}`, notice = this.notices.get(key);
      assert.ok(!stored.has(key), `${key} is booked twice`);
      stored.set(key, e);
      if (notice === undefined) continue;
      assert.equal(e.amount, notice.m.amount, `${key}: the amount`);
      assert.deepEqual(e.transfers, [notice.m.amount], `${key}: one posting of its amount`);
      assert.equal(e.receipt_no !== null, ['settled', 'short', 'over'].includes(e.outcome), `${key}: receipt of outcome ${e.outcome}`);
    }
    for (const n of this.notices.values()) {
      if (n.held) assert.ok(!stored.has(n.key), `${n.key} was held, and booked all the same`);
      else if (n.taken > 0) assert.ok(stored.has(n.key), `${n.key} got a 2xx and is not in the books`);
    }
    for (const r of receipts) assert.deepEqual([r.first, r.last, r.different], [1, r.n, r.n], `receipts of ${r.org} in ${r.year}`);
    assert.deepEqual(broken, [], 'broken invariants');
    await server.suspense();
    return stored;
  }

  summary() {
    const repeats = [...this.notices.values()].filter((n) => n.taken > 1).length;
    return `${this.notices.size} notices, ${repeats} taken more than once, answers ${JSON.stringify(this.answers)}`;
  }
}

export { digits, wholeSecond };
