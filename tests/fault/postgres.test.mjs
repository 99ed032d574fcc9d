// The database restarts, crashes, loses backends, refuses to write, refuses one notice: nothing is lost, nothing is booked
// twice, nobody has to do anything, and within their deadline providers do not even notice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '../api/harness.mjs';
import { installation } from './installation.mjs';
import { Load } from './load.mjs';

const it = installation();

// Load before, during and after the fault; then the books are held against what was answered.
async function under(t, fault, { noticed = false } = {}) {
  const load = new Load(it.banks).start();
  let began, recovered, whole;
  try {
    await sleep(600);
    began = Date.now();
    await fault(load);
    whole = Date.now() - began;
    recovered = await load.recovered();
    await sleep(300);
    await load.stop();
  } finally {
    load.abandon();
  }
  t.diagnostic(`settling again ${recovered} ms after the fault (which took ${whole} ms), longest pause ${load.gap(began)} ms; ${load.summary()}`);
  await it.ready();
  await load.verify();
  if (!noticed) assert.deepEqual(Object.keys(load.answers), ['200'], 'a provider noticed it');
  return load;
}

test('a fast restart of PostgreSQL is not noticed', async (t) => {
  await under(t, () => it.cluster('restart', 'fast'));
});

test('a crash of PostgreSQL is not noticed', async (t) => {
  await under(t, () => it.cluster('restart', 'immediate'));
});

test('backends that are terminated again and again are not noticed', async (t) => {
  const before = await it.metric('khop_db_reconnects_total');
  await under(t, async () => {
    for (let i = 0; i < 12; i++) {
      const kind = i % 3 === 2 ? 'reader' : 'lane';
      let pid;
      for (const began = Date.now(); pid === undefined; await sleep(20)) { // what was ended last may still be coming back
        assert.ok(Date.now() - began < 10_000, `no ${kind} came back`);
        pid = it.backends(kind)[i % 2];
      }
      await it.super(`select pg_terminate_backend(${pid})`);
      await sleep(120);
    }
  });
  assert.ok(await it.metric('khop_db_reconnects_total') >= before + 4, 'the backends were not the right ones');
});

test('kill -9 of a settling backend under load is crash recovery, and not noticed', async (t) => {
  await under(t, async () => {
    for (let i = 0; i < 2; i++) {
      process.kill(it.backends(i === 0 ? 'lane' : 'reader')[0], 'SIGKILL');
      await sleep(900);
      await it.ready();
    }
  });
});

test('a lock on the books of one organisation stops those of its lane and nobody else', async (t) => {
    // A connection settles the buckets of its parity: an id begins with its bucket.
  const lane = (bank) => (BigInt(it.number(bank)) >> 48n) % 2n;
  const others = it.banks.filter((b) => lane(b) !== lane(it.banks[1]));
  const watch = new Load(others, { sockets: 4 });
  await under(t, async (load) => {
    const held = await it.session(`select 1 from khop.org_head where org_id = (select org_id from khop.account where account_id = ${it.number(it.banks[1])}) for update`);
    const began = Date.now();
    watch.start();
    await sleep(2500);
    assert.ok(watch.gap(began) < 1000, `another lane waited ${watch.gap(began)} ms`);
    assert.ok(load.busy > 0, 'nothing waited for the lock');
    await held.end();
    await watch.stop();
  });
  await watch.verify();
});

test('a database that turns read-only gets nothing and is taken again when it may be written', async (t) => {
  await under(t, async (load) => {
    await it.super('alter system set default_transaction_read_only = on', 'select pg_reload_conf()');
    await sleep(700);
    assert.equal(await it.status('/readyz'), 503);
    assert.equal(await it.status('/healthz'), 200);
    const at = load.marks.length;
    await sleep(1200);
    assert.equal(load.marks.length, at, 'a 2xx from a database that cannot be written');
    await it.super('alter system reset default_transaction_read_only', 'select pg_reload_conf()');
  });
});

test('one notice that the database refuses is held, the others of its batch settle', async (t) => {
  it.expectLog(/ event=notice_quarantined /);
  let bad;
  const load = await under(t, async (l) => {
    bad = [3, 3, 1].map((bank) => l.make({}, it.banks[bank]));
    for (const n of bad) n.held = true;
    await it.super(`alter table khop.transfer add constraint poison check (ext_id not in (${bad.map((n) => `'${n.m.id}'`).join(',')})) not valid`);
    for (const n of bad) l.queue.push({ notice: n, at: 0 }, { notice: n, at: 0 });
    await sleep(1500);
  });
  for (const n of bad) {
    assert.ok(n.taken >= 2, 'a held notice is answered with 2xx');
    const found = await it.query(`select reason, held, state from audit.exception where ext_id = '${n.m.id}'`);
    assert.deepEqual(found, [{ reason: 'unreadable_notice', held: 0, state: 'open' }], 'one exception, nothing booked');
  }
  // What made it bad goes away: the provider's next try settles it.
  await it.super('alter table khop.transfer drop constraint poison');
  for (const n of bad) n.held = false;
  await it.settleAgain(load, bad);
  const stored = await load.verify();
  for (const n of bad) assert.ok(stored.has(n.key), 'the repeat of a held notice settles once it can');
});

test('rollbacks that may pass are tried again, and not noticed', async (t) => {
  const before = await it.metric('khop_db_resubmits_total');
  const away = await it.trap('statement', `declare n int8 := nextval('public.turns'); begin if random() < 0.1 then
    raise exception 'for a test' using errcode = (array['40001', '40P01', '55P03', '57014'])[1 + n % 4]; end if; end;`); // by chance: two lanes in step could meet every fourth turn six times
  await under(t, () => sleep(1500));
  await away();
  const times = await it.metric('khop_db_resubmits_total') - before;
  t.diagnostic(`${times} batches were sent again`);
  assert.ok(times >= 10, 'nothing was rolled back');
});

test('a notice that breaks the server is alone in it; one that is over a limit of the server is held', async (t) => {
  it.expectLog(/ event=notice_quarantined /);
  const load = new Load(it.banks);
  const [broken, long] = [load.make({}, it.banks[1]), load.make({}, it.banks[1])];
  const away = await it.trap('row', `if new.ext_id = '${broken.m.id}' then raise exception 'for a test' using errcode = 'XX000'; end if;
    if new.ext_id = '${long.m.id}' then raise exception 'for a test' using errcode = '54000'; end if;`);
  long.held = true;
  const others = new Load(it.banks).start();
  try {
    await sleep(300);
    const answers = [];
    for (let i = 0; i < 12; i++) {
      answers.push(await Promise.all([load.send(broken, it.port), load.send(long, it.port)]));
      await sleep(50);
    }
    for (const [bad, held] of answers) assert.deepEqual([bad.status, held.status], [503, 200]);
    await others.stop();
    assert.deepEqual(Object.keys(others.answers), ['200'], 'others suffered with it');
    await away();
    assert.equal((await load.send(broken, it.port)).status, 200);
  } finally {
    others.abandon();
    load.abandon();
    await away();
  }
  t.diagnostic(others.summary());
  await others.verify();
  await load.verify();
});
