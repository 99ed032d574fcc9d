// The same money from two sides: two servers on one database, and commits whose answer was lost. Exactly once, and every
// answer tells of the one stored event.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sleep } from '../api/harness.mjs';
import { installation } from './installation.mjs';
import { Load } from './load.mjs';
import { Proxy } from './proxy.mjs';

const it = installation();

test('two khopd on one database, the same notices to both at the same moment', async (t) => {
  const second = await it.second();
  const load = new Load(it.banks, { twins: true, ports: [it.port, second.port], sockets: 16, pause: 20 }).start();
  try {
    await sleep(2500);
    await load.stop();
  } finally {
    load.abandon();
  }
  t.diagnostic(load.summary());
  assert.deepEqual(Object.keys(load.answers), ['200']);
  for (const n of load.notices.values()) assert.ok(n.taken >= 2);
  await load.verify();
  const repeated = await it.metric('khop_notices_repeated_total') + await second.metric('khop_notices_repeated_total');
  assert.ok(repeated >= load.notices.size, `${repeated} repeats of ${load.notices.size} notices`);
  await second.end();
});

test('one of two khopd is killed: the other one takes what it held', async (t) => {
  const second = await it.second();
  const load = new Load(it.banks, { ports: [it.port, second.port] }).start();
  try {
    await sleep(500);
    process.kill(second.child.pid, 'SIGKILL');
    for (const pid of second.children('serve')) process.kill(pid, 'SIGKILL');
    load.ports = [it.port];
    await sleep(700);
    await load.stop();
  } finally {
    load.abandon();
  }
  t.diagnostic(load.summary());
  assert.deepEqual(load.losses.filter((l) => l.port === it.port), []);
  await load.verify();
});

test('a connection cut between COMMIT and its answer, before the batch, and in the middle of the answer', async (t) => {
  // One settling connection, so that never five in a row are cut: then a batch may be given back, which is another story (503).
  const proxy = await new Proxy(it.pgDir, ['after', 'pass', 'before', 'after', 'half', 'pass', 'race', 'race', 'half', 'pass', 'after']).start();
  after(() => proxy.stop());
  const behind = await it.second({ serveDb: it.serveDb.replace(it.pgDir, proxy.dir) }, ['--lanes', '1']);
  // This bank's format answers with the id of the stored event.
  const teller = await it.member(it.banks[0].token, 12, 'vietqrvn/token');
  const load = new Load([...it.banks, teller, teller], { ports: [behind.port], sockets: 16 }).start();
  try {
    await sleep(4000);
    await load.stop();
  } finally {
    load.abandon();
  }
  t.diagnostic(`cuts ${JSON.stringify(proxy.cuts)}, batches sent again ${await behind.metric('khop_db_resubmits_total')}; ${load.summary()}`);
  assert.deepEqual(Object.keys(load.answers), ['200'], 'a provider noticed it');
  for (const fate of ['after', 'before', 'half', 'race']) assert.ok(proxy.cuts[fate] >= 2, `too few cuts: ${fate}`);
  assert.ok(await behind.metric('khop_db_resubmits_total') >= proxy.cuts.after + proxy.cuts.half);
  const stored = await load.verify();
  for (const n of load.notices.values()) {
    if (n.bank !== teller) continue;
    assert.equal(n.texts.size, 1, 'one event, one answer');
    const { reftransactionid } = JSON.parse([...n.texts][0]).object;
    assert.equal(it.number({ account: reftransactionid }), stored.get(n.key).event, 'the answer names the stored event');
  }
  await behind.end();
});

test('a connection that is cut at every batch gives 503, and nothing is booked twice', async (t) => {
  const proxy = await new Proxy(it.pgDir, ['after']).start();
  after(() => proxy.stop());
  const behind = await it.second({ serveDb: it.serveDb.replace(it.pgDir, proxy.dir) });
  const load = new Load(it.banks, { ports: [behind.port], sockets: 4 }).start();
  try {
    await sleep(6000);
    assert.equal(load.answers[200], undefined, 'a 2xx without any answer of the database');
    proxy.plan = ['pass'];
    t.diagnostic(`settling again ${await load.recovered()} ms after the last cut`);
    await load.stop();
  } finally {
    load.abandon();
  }
  t.diagnostic(`cuts ${JSON.stringify(proxy.cuts)}; ${load.summary()}`);
  await load.verify();
  await behind.end();
});
