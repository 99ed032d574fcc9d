// khopd itself is killed, drained, reloaded, started too early and on the wrong schema.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { sleep } from '../api/harness.mjs';
import { alive, installation } from './installation.mjs';
import { Load } from './load.mjs';

const it = installation();
const EX_CONFIG = 78;

test('kill -9 of the serving process: another one takes over, nothing is lost', async (t) => {
  const load = new Load(it.banks).start(), pauses = [];
  try {
    await sleep(500);
    for (let i = 0; i < 2; i++) {
      const [pid] = it.children('serve'), began = Date.now();
      process.kill(pid, 'SIGKILL');
      await load.recovered();
      pauses.push(Date.now() - began);
      assert.notEqual(it.children('serve')[0], pid);
      await sleep(300);
    }
    await load.stop();
  } finally {
    load.abandon();
  }
  t.diagnostic(`settling again after ${pauses.join(' and ')} ms; ${load.summary()}`);
  assert.ok(pauses.every((ms) => ms < 3000));
  assert.deepEqual(Object.keys(load.answers).sort(), ['200', 'lost'], 'who comes while it starts is answered');
  await load.verify();
});

test('kill -9 of the background process is nobody\'s business', async (t) => {
  const load = new Load(it.banks).start();
  try {
    const [pid] = it.children('jobs');
    process.kill(pid, 'SIGKILL');
    let began = Date.now();
    while (it.children('jobs')[0] === undefined || it.children('jobs')[0] === pid) {
      assert.ok(Date.now() - began < 5000, 'no other one was started');
      await sleep(20);
    }
    t.diagnostic(`another one after ${Date.now() - began} ms`);
    await sleep(300);
    await load.stop();
  } finally {
    load.abandon();
  }
  assert.deepEqual(Object.keys(load.answers), ['200']);
  await load.verify();
});

test('SIGTERM under load: every accepted request gets its answer, then exit 0', async (t) => {
  const leaving = await it.second();
  const waiting = new Load(it.banks.slice(1, 2), { ports: [leaving.port] }), load = new Load(it.banks, { ports: [leaving.port] });
  const lock = await it.session('lock table khop.org_head in share mode');
  try {
    // These are inside when the signal comes: they wait for the lock.
    const inside = Array.from({ length: 60 }, () => waiting.send(waiting.make(), leaving.port));
    load.start();
    await sleep(400);
    const began = Date.now();
    leaving.child.kill('SIGTERM');
    await sleep(400);
    assert.equal(leaving.child.exitCode, null, 'it did not wait for its requests');
    assert.equal(await leaving.status('/healthz'), 'lost', 'it still takes new connections');
    load.ports = [it.port];
    await lock.end();
    for (const answer of await Promise.all(inside)) assert.equal(answer?.status, 200, 'a request that was accepted has no answer');
    assert.equal(await leaving.ended, 0);
    t.diagnostic(`left ${Date.now() - began} ms after SIGTERM (400 of them locked)`);
    await load.stop();
    const torn = load.losses.filter((l) => l.sentAt < began - 20);
    assert.deepEqual(torn, [], 'requests sent before SIGTERM were torn');
    t.diagnostic(load.summary());
  } finally {
    await lock.end();
    load.abandon();
    waiting.abandon();
  }
  await load.verify();
  await waiting.verify();
});

test('SIGTERM with work that does not end: it leaves at the end of its time, and what it held comes again', async (t) => {
  const leaving = await it.second({}, ['--drain-ms', '1000']);
  const load = new Load(it.banks, { ports: [leaving.port] });
  const lock = await it.session('lock table khop.org_head in share mode');
  try {
    load.start();
    await sleep(300);
    const began = Date.now();
    leaving.child.kill('SIGTERM');
    const code = await Promise.race([leaving.ended, sleep(8000).then(() => 'still there')]);
    t.diagnostic(`left with ${code} after ${Date.now() - began} ms`);
    assert.notEqual(code, 'still there');
    load.ports = [it.port];
    await lock.end();
    await load.stop();
  } finally {
    await lock.end();
    load.abandon();
  }
  await load.verify();
});

test('kill -9 of the supervisor: its children leave, the next start goes on', async (t) => {
  const orphaned = await it.second();
  const load = new Load(it.banks, { ports: [orphaned.port] }).start();
  try {
    await sleep(400);
    const children = [...orphaned.children('serve'), ...orphaned.children('jobs')];
    assert.equal(children.length, 2);
    orphaned.child.kill('SIGKILL');
    const began = Date.now();
    while (children.some(alive)) {
      assert.ok(Date.now() - began < 8000, 'a child outlives its supervisor');
      await sleep(20);
    }
    t.diagnostic(`its children were gone ${Date.now() - began} ms later`);
    load.ports = [it.port];
    await load.stop();
  } finally {
    load.abandon();
  }
  await load.verify();
});

function certificate(name) {
  const key = path.join(it.dir, `${name}.key`), cert = path.join(it.dir, `${name}.crt`);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '2',
    '-subj', `/CN=${name}.test`, '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
  return { key, cert };
}

function subject(port) {
  return new Promise((done, fail) => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => { done(socket.getPeerCertificate().subject.CN); socket.destroy(); });
    socket.on('error', fail);
  });
}

test('SIGHUP under load: new connections see the new certificate, no request is lost; a broken one changes nothing', async (t) => {
  it.expectLog(/ event=certificate_not_reloaded /);
  const [old, fresh] = [certificate('old'), certificate('fresh')], [cert, key] = [path.join(it.dir, 'live.crt'), path.join(it.dir, 'live.key')];
  copyFileSync(old.cert, cert);
  copyFileSync(old.key, key);
  const secure = await it.second({ tls: true }, ['--tls-cert', cert, '--tls-key', key]);
  const load = new Load(it.banks, { ports: [secure.port], tls: true }).start();
  const becomes = async (name) => {
    const began = Date.now();
    while (await subject(secure.port) !== name) {
      assert.ok(Date.now() - began < 3000, `the certificate does not become ${name}`);
      await sleep(20);
    }
    return Date.now() - began;
  };
  try {
    await sleep(400);
    assert.equal(await subject(secure.port), 'old.test');
    copyFileSync(fresh.cert, cert);
    copyFileSync(fresh.key, key);
    secure.child.kill('SIGHUP');
    t.diagnostic(`new certificate after ${await becomes('fresh.test')} ms`);
    await sleep(300);
    copyFileSync(old.cert, cert); // the key does not fit it
    secure.child.kill('SIGHUP');
    await sleep(500);
    assert.equal(await subject(secure.port), 'fresh.test');
    await load.stop();
  } finally {
    load.abandon();
  }
  t.diagnostic(load.summary());
  assert.deepEqual(Object.keys(load.answers), ['200']);
  assert.match(secure.log(), /event=certificate_not_reloaded .*kept=old/);
  await load.verify();
  await secure.end();
});

test('started before the database is up, it becomes ready by itself', async (t) => {
  await it.cluster('kill');
  const first = await it.second({ unready: true });
  try {
    await sleep(1500);
    assert.equal(await first.status('/healthz'), 200);
    assert.equal(await first.status('/readyz'), 503);
  } finally {
    await it.cluster('start');
  }
  t.diagnostic(`ready ${await first.ready(5000)} ms after the database`);
  await first.end();
});

test('on another schema it says so and leaves with 78, without serving', async (t) => {
  it.expectLog(/ event=(db_)?schema_differs /);
  const refused = async (database, t) => {
    const wrong = await it.second({ serveDb: it.serveDb.replace('dbname=khop', `dbname=${database}`), unready: true });
    const began = Date.now(), statuses = new Set();
    while (wrong.child.exitCode === null && Date.now() - began < 8000) {
      statuses.add(await wrong.status('/readyz'));
      await sleep(10);
    }
    t.diagnostic(`${database}: left with ${wrong.child.exitCode} after ${Date.now() - began} ms`);
    assert.equal(wrong.child.exitCode, EX_CONFIG);
    assert.ok(!statuses.has(200), 'ready on a schema that is not its own');
    assert.match(wrong.log(), /event=schema_differs .*khop migrate/);
  };
  await it.super('create database empty', 'grant connect on database empty to khop_serve, khop_jobs');
  await refused('empty', t);
  // A database of a later version.
  await it.super('create database later template template0');
  execFileSync('sh', ['-c', `pg_dump --schema-only '${it.ownerDb}' | psql -Xq -v ON_ERROR_STOP=1 -d '${it.ownerDb.replace('dbname=khop', 'dbname=later')}'`], { stdio: 'ignore' });
  execFileSync('sh', ['-c', `pg_dump --data-only -t khop.schema_migration -t khop.schema_functions '${it.ownerDb}' | psql -Xq -d '${it.ownerDb.replace('dbname=khop', 'dbname=later')}'`], { stdio: 'ignore' });
  execFileSync('psql', ['-Xqv', 'ON_ERROR_STOP=1', '-d', it.ownerDb.replace('dbname=khop', 'dbname=later'), '-c', "insert into khop.schema_migration (version, name, hash, applied_at) values (9999, 'later', 'x', now())",
    '-c', 'grant connect on database later to khop_serve, khop_jobs']);
  await refused('later', t);
});
