// Clients that are slow, silent, many, gone or mad: everybody else is answered within a second.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import net from 'node:net';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sleep } from '../api/harness.mjs';
import { installation } from './installation.mjs';
import { Load } from './load.mjs';

const it = installation();
const SOON_MS = 1000;

// A raw connection: {socket, got, closed (when, or null)}.
function dial({ port = it.port, from, read = true } = {}) {
  const c = { got: '', closed: null, began: Date.now(), socket: net.connect({ port, host: '127.0.0.1', localAddress: from }) };
  c.connected = new Promise((done) => { c.socket.once('connect', () => done(true)); c.socket.once('close', () => done(false)); });
  c.ended = new Promise((done) => c.socket.once('close', () => { c.closed = Date.now(); done(); }));
  c.socket.on('error', () => {});
  if (read) c.socket.on('data', (p) => { if (c.got.length < 65536) c.got += p.toString('latin1'); });
  else c.socket.pause();
  return c;
}

const dialled = async (n, options) => {
  const all = Array.from({ length: n }, () => dial(options));
  await Promise.all(all.map((c) => c.connected));
  return all;
};

const hang = (all) => Promise.all(all.map((c) => { c.socket.destroy(); return c.ended; }));

// While `body` runs, notices and pages on connections of others: each within a second. Answers the slowest.
async function othersServed(t, body) {
  const load = new Load(it.banks, { sockets: 6 }).start();
  let slowest = 0, going = true;
  const probe = (async () => {
    for (const bank = it.banks[0]; going; await sleep(40)) {
      const began = Date.now();
      const answers = [await it.status('/healthz'), (await load.send(load.make({}, bank), it.port))?.status];
      slowest = Math.max(slowest, Date.now() - began);
      assert.deepEqual(answers, [200, 200]);
    }
  })();
  try {
    await Promise.race([Promise.all([body(load)]), probe]);
    going = false;
    await probe;
    await load.stop();
  } finally {
    going = false;
    load.abandon();
  }
  t.diagnostic(`others: slowest ${slowest} ms, longest pause ${load.gap(load.marks[0].at)} ms; ${load.summary()}`);
  assert.ok(slowest < SOON_MS, `others waited ${slowest} ms`);
  assert.deepEqual(Object.keys(load.answers), ['200']);
  await load.verify();
}

test('a thousand idle connections', async (t) => {
  await othersServed(t, async () => {
    const idle = await dialled(1000);
    assert.ok(idle.every((c) => c.closed === null), 'an idle connection was refused');
    assert.ok(await it.metric('khop_http_connections') >= 1000);
    await sleep(700);
    await hang(idle);
    await sleep(200);
    const left = await it.metric('khop_http_connections');
    assert.ok(left < 100, `${left} connections are still held`);
  });
});

test('two hundred slow clients are answered 408 in their time, however steadily they drip', async (t) => {
  const hook = it.banks[0].hook, answered = [];
  await othersServed(t, async () => {
    const heads = await dialled(100), bodies = await dialled(100);
    for (const c of heads) c.socket.write(`POST ${hook} HTTP/1.1\r\nHost: localhost\r\nX-Slow: `);
    for (const c of bodies) c.socket.write(`POST ${hook} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n`);
    const drip = setInterval(() => { for (const c of [...heads, ...bodies]) if (c.closed === null) c.socket.write('x'); }, 400);
    await Promise.race([Promise.all([...heads, ...bodies].map((c) => c.ended)), sleep(14_000)]);
    clearInterval(drip);
    for (const [name, all, least, most] of [['heads', heads, 9000, 12_500], ['bodies', bodies, 4500, 8000]]) {
      const times = all.map((c) => c.closed === null ? Infinity : c.closed - c.began);
      answered.push(`${name} ${Math.min(...times)}–${Math.max(...times)} ms`);
      assert.ok(Math.min(...times) > least && Math.max(...times) < most, `${name}: closed after ${Math.min(...times)} to ${Math.max(...times)} ms`);
      for (const c of all) assert.match(c.got, /^HTTP\/1\.1 408 /, `${name}: ${c.got.slice(0, 60)}`);
    }
  });
  t.diagnostic(`closed: ${answered.join(', ')}`);
});

test('clients that leave while their notice waits: what was booked stays, their next try gets its 2xx', async () => {
  const load = new Load(it.banks, { sockets: 1 });
  const lock = await it.session('lock table khop.org_head in share mode');
  const notices = Array.from({ length: 150 }, (_, i) => load.make({}, it.banks[i % it.banks.length]));
  try {
    const gone = await dialled(150);
    for (const [i, c] of gone.entries()) c.socket.write(await raw(notices[i]));
    await sleep(300);
    await hang(gone);
    await sleep(200);
    assert.equal(await it.status('/healthz'), 200);
  } finally {
    await lock.end();
  }
  for (const n of notices) assert.equal((await load.send(n, it.port)).status, 200);
  load.abandon();
  await load.verify();
});

// A signed notice as bytes.
async function raw(notice) {
  const { path, headers, body } = await notice.bank.signed(notice.m);
  const fields = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`).join('');
  return `POST ${notice.bank.hook}${path} HTTP/1.1\r\nHost: localhost\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

test('pipelined garbage, and pipelines whose answers nobody reads', async (t) => {
  const memory = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${it.children('serve')[0]}/status`, 'utf8'))[1]);
  const before = memory();
  let most = 0;
  await othersServed(t, async (load) => {
    const watch = setInterval(() => { most = Math.max(most, memory()); }, 100);
    // A good notice with rubbish behind it: the notice is answered, the rubbish ends the connection.
    for (let i = 0; i < 30; i++) {
      const [c] = await dialled(1);
      const n = load.make({ memo: 'truoc rac' }, it.banks[0]);
      c.socket.write(Buffer.concat([Buffer.from(await raw(n)), crypto.randomBytes(2000), Buffer.from('\r\n\r\n')]));
      await Promise.race([c.ended, sleep(3000)]);
      assert.notEqual(c.closed, null, 'rubbish did not end the connection');
      assert.match(c.got, /^HTTP\/1\.1 200 /);
      n.taken++;
    }
    const deaf = await dialled(40, { read: false });
    const ask = Buffer.from('GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2000));
    for (const c of deaf) c.socket.write(ask);
    const noise = await dialled(100);
    for (const c of noise) c.socket.write(crypto.randomBytes(30_000));
    await sleep(1500);
    assert.ok(noise.every((c) => c.closed !== null), 'noise did not end the connection');
    await hang(deaf);
    clearInterval(watch);
  });
  t.diagnostic(`memory ${before} KiB before, at most ${most} KiB`);
  // Sanitizers keep what is freed for a while.
  assert.ok(most - before < Math.max(150_000, 4 * before), `the serving process grew by ${most - before} KiB`);
});

test('a flood from one address leaves the others their room', async (t) => {
  const narrow = await it.second({}, ['--per-address', '32', '--max-connections', '256']);
  const flood = [];
  for (let i = 0; i < 10; i++) {
    flood.push(...await dialled(100, { port: narrow.port, from: '127.0.0.9' }));
    await sleep(30);
  }
  await sleep(200);
  const kept = flood.filter((c) => c.closed === null).length;
  assert.ok(kept <= 32 && kept >= 16, `${kept} connections of the flood are open`);
  const [other] = await dialled(1, { port: narrow.port, from: '127.0.0.7' });
  const began = Date.now();
  other.socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await Promise.race([other.ended, sleep(5000)]);
  t.diagnostic(`${kept} of 1000 kept; another address answered in ${Date.now() - began} ms`);
  assert.match(other.got, /^HTTP\/1\.1 200 /);
  assert.ok(Date.now() - began < SOON_MS);
  // From many addresses: the oldest idle ones make room for who comes now.
  const many = [];
  for (let i = 0; i < 20; i++) many.push(...await dialled(30, { port: narrow.port, from: `127.0.1.${i + 1}` }));
  assert.equal(await narrow.status('/readyz'), 200);
  assert.ok(await narrow.metric('khop_http_connections') <= 256);
  await hang([...flood, ...many]);
  await narrow.end();
});
