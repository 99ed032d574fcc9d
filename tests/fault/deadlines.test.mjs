// What lasts longer than a provider waits: 503 with Retry-After in time, nothing lost, nothing twice, and back by itself. Both
// outages run at the same time, each on an installation of its own, for they consist of waiting.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { sleep } from '../api/harness.mjs';
import { Installation } from './installation.mjs';
import { Load } from './load.mjs';

const DEADLINE_MS = 25_000, SLACK_MS = 1500;
const locked = new Installation(), full = new Installation(), away = new Installation({ args: ['--max-connections', '8000'] });
const all = [locked, away, full];

before(async () => {
  for (const it of all) { await it.start(); it.banks = await it.people(); }
});
after(async () => {
  for (const it of all) await it.stop();
});

// n notices to these banks at once; every one must be refused at its deadline, in the way a provider understands.
async function refused(load, n, banks) {
  const notices = Array.from({ length: n }, (_, i) => load.make({}, banks[i % banks.length])), began = Date.now();
  const answers = await Promise.all(notices.map(async (notice) => ({ ...await load.send(notice, load.ports[0]), after: Date.now() - began })));
  for (const a of answers) {
    assert.equal(a.status, 503);
    assert.equal(a.headers['retry-after'], '5');
    assert.deepEqual(JSON.parse(a.text), { success: false });
    assert.ok(a.after > DEADLINE_MS - 100 && a.after < DEADLINE_MS + SLACK_MS, `503 after ${a.after} ms`);
  }
  for (const notice of notices) load.queue.push({ notice, at: 0 });
  return notices;
}

async function lockHeld(t) {
  const it = locked, lane = (bank) => (BigInt(it.number(bank)) >> 48n) % 2n, other = it.banks.filter((b) => lane(b) !== lane(it.banks[1]));
  const load = new Load(it.banks), others = new Load(other, { sockets: 3, pause: 100 });
  const lock = await it.session(`select 1 from khop.org_head where org_id = (select org_id from khop.account where account_id = ${it.number(it.banks[1])}) for update`);
  try {
    const began = Date.now();
    others.start();
    await refused(load, 40, [it.banks[1]]);
    assert.equal(await it.status('/readyz'), 200, 'one locked organisation is no outage');
    assert.equal((await it.show(it.banks[1].token, it.banks[1].codes[0])).status, 'issued');
    await lock.end();
    load.start();
    const back = await load.recovered();
    await sleep(300);
    await load.stop();
    await others.stop();
    t.diagnostic(`lock: settling again after ${back} ms; others' longest pause ${others.gap(began)} ms; ${load.summary()}`);
    assert.ok(others.gap(began) < 1500);
    assert.deepEqual(Object.keys(others.answers), ['200']);
  } finally {
    await lock.end();
    load.abandon();
    others.abandon();
  }
  await load.verify();
  await others.verify();
}

// More connections with a notice each than may wait for a connection of the database. Answers what they were told within two
// seconds, and how long somebody else waited meanwhile.
async function crowd(it, n) {
  const notice = await it.banks[0].signed(it.banks[0].movement()), early = [];
  const bytes = `POST ${it.banks[0].hook} HTTP/1.1\r\nHost: localhost\r\n${Object.entries(notice.headers).map(([k, v]) => `${k}: ${v}\r\n`).join('')}Content-Length: ${Buffer.byteLength(notice.body)}\r\n\r\n${notice.body}`;
  const sockets = [];
  for (let i = 0; i < n; i++) {
    const socket = net.connect(it.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('error', () => {});
    socket.on('data', (p) => early.push(p.toString('latin1').slice(0, 12)));
    sockets.push(socket);
    if (i % 500 === 499) await sleep(50);
  }
  let slowest = 0;
  for (let i = 0; i < 20; i++) {
    const began = Date.now();
    assert.equal(await it.status('/healthz'), 200);
    slowest = Math.max(slowest, Date.now() - began);
    await sleep(100);
  }
  for (const socket of sockets) socket.destroy();
  return { early, slowest };
}

async function databaseAway(t) {
  const it = away, load = new Load(it.banks).start();
  try {
    await sleep(400);
    load.producing = false;
    await load.stop();
    const again = new Load(it.banks);
    await it.cluster('kill');
    const down = Date.now(), waiting = refused(again, 40, it.banks);
    const watch = async () => {
      await sleep(500);
      assert.equal(await it.status('/readyz'), 503);
      assert.equal(await it.status('/healthz'), 200);
      assert.equal(await it.status('/metrics'), 200);
      const page = await it.get(new URL(it.banks[0].codes[0].pay_url).pathname, { unchecked: true, headers: { Accept: 'text/html' } });
      assert.equal(page.status, 503);
      assert.match(page.type, /^text\/html/);
      const read = await it.get(`/api/v1/codes/${it.banks[0].codes[0].id}`, { token: it.banks[0].token, unchecked: true });
      assert.deepEqual([read.status, read.headers['retry-after'], read.type], [503, '5', 'application/problem+json']);
      t.diagnostic(`away: a read is refused, a page too, ${Date.now() - down} ms in`);
      const { early, slowest } = await crowd(it, 4600);
      assert.ok(early.every((line) => line === 'HTTP/1.1 503'), `told: ${early[0]}`);
      assert.ok(slowest < 1000, `somebody else waited ${slowest} ms`);
      t.diagnostic(`away: of 4600 that came at once ${early.length} were refused at once, somebody else waited at most ${slowest} ms`);
    };
    await Promise.all([waiting, watch()]);
    assert.equal(again.answers[200], undefined);
    assert.equal(await it.status('/healthz'), 200);
    const down_ms = Date.now() - down;
    await it.cluster('start');
    again.start();
    const back = await again.recovered(), ready = back + await it.ready(5000);
    await sleep(500);
    await again.stop();
    t.diagnostic(`away for ${down_ms} ms: settling again ${back} ms after the database, /readyz ${ready} ms; ${again.summary()}`);
    assert.ok(back < 5000);
    await again.verify();
    await load.verify();
  } finally {
    load.abandon();
    if (await it.status('/readyz') !== 200) await it.cluster('start').catch(() => {});
  }
}

// The lane rests for 30 s: nothing is sent to a machine that is out of room, and nobody waits for it.
async function diskFull(t) {
  const it = full, load = new Load(it.banks), clear = await it.trap('statement', `raise exception 'for a test' using errcode = '53100';`);
  it.expectLog(/ event=db_lane_stopped /);
  try {
    const notices = it.banks.map((bank) => load.make({}, bank)), began = Date.now();
    for (const round of [1, 2]) {
      const answers = await Promise.all(notices.map((n) => load.send(n, it.port)));
      assert.ok(answers.every((a) => a.status === 503), `round ${round}`);
      assert.equal(await it.status('/readyz'), 503);
    }
    assert.ok(Date.now() - began < 3000, 'somebody waited for it');
    assert.equal((await it.show(it.banks[0].token, it.banks[0].codes[0])).status, 'issued', 'what is read is still answered');
    await clear();
    const ready = await it.ready(35_000), whole = Date.now() - began;
    load.start();
    await load.recovered();
    await load.stop();
    t.diagnostic(`full: refused at once, ready again by itself ${ready} ms after there was room (${whole} ms after the first error)`);
  } finally {
    await clear();
    load.abandon();
  }
  await load.verify();
}

test('outages longer than a provider waits', { concurrency: true }, async (t) => {
  await Promise.all([
    t.test('the books of one organisation are locked', (s) => lockHeld(s)),
    t.test('the disk is full', (s) => diskFull(s)),
    t.test('the database is away', (s) => databaseAway(s)),
  ]);
});
