// What the audit log says: of each event which request it was and where it came from; files with names that somebody took. And its copy elsewhere,
// which tells when the database tells another story.
import test from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { khop, number, server } from './harness.mjs';

const s = await server({ args: ['--proxies', '127.0.0.1'] });
const PASSWORD = 'quả na chín rụng vườn sau', FROM = '203.0.113.7';
const org = await s.org(), account = await s.account(org.token);
const from = { 'X-Forwarded-For': FROM, 'X-Forwarded-Proto': 'https' };
const events = async (action) => (await s.sql(`select seq, actor::text, session8, ip, req, action, object, result, detail from audit.event where org_id = ${number(org.id)} order by seq`)).filter((e) => !action || e.action === action);
const file = path.join(s.dir, 'audit.jsonl');
const copy = (to = file) => khop(['audit', 'copy', to, '--database', s.auditDb]), verify = (...files) => khop(['audit', 'verify', ...files]);

test('every event of a token or a session says which request it was, and from where', async () => {
  const made = await khop(['user', 'create', '--database', s.ownerDb, '--keys', s.keys, '--org', org.id, '--name', 'lan', '--role', 'accountant', '--password-file', '/dev/stdin'], { input: PASSWORD });
  assert.equal(made.code, 0, made.err);
  assert.equal((await s.post('/api/v1/webhooks', { url: 'https://hooks.example.vn/x', types: ['code.paid'] }, { token: org.token, headers: from })).status, 201);
  const login = await s.post('/login', { login: 'lan', password: PASSWORD }, { headers: { Accept: 'application/json', ...from } });
  assert.equal(login.status, 200, login.text);
  const Cookie = login.headers['set-cookie'].map((c) => c.split(';')[0]).join('; ');
  await s.post('/login', { login: 'lan', password: 'sai mật khẩu rồi' }, { headers: { Accept: 'application/json', ...from } });
  const list = await events();
  const request = (answer) => answer.json.instance.split(':').at(-1);
  const refused = await s.get('/api/v1/webhooks', { token: await s.token(org.id, 'read'), headers: from });
  assert.equal(refused.status, 403);
  for (const e of await events()) {
    if (e.action === 'user.create') continue; // by the operator's command
    assert.match(e.req ?? '', /^[0-9a-f]{32}$/, `${e.action}: the request`);
    assert.ok(e.ip === FROM || e.ip === '127.0.0.1', `${e.action}: ${e.ip}`);
  }
  assert.deepEqual((await events('webhook.create')).map((e) => [e.ip, e.actor !== null]), [[FROM, true]]);
  assert.deepEqual((await events('login')).map((e) => [e.ip, e.result]), [[FROM, 'password'], [FROM, 'failed']]);
  assert.ok(list.length > 3 && request(refused) !== undefined && Cookie !== '');

  // Who is refused is written down with the request that was refused: its address, not that of the sign-in.
  s.owner(`update khop.session set stage = 2 where ended_at is null`);
  const forbidden = await s.get('/desk/connections', { headers: { Cookie, Accept: 'application/json', ...from, 'X-Forwarded-For': '198.51.100.9' } });
  assert.equal(forbidden.status, 403, forbidden.text);
  const access = (await events('access')).at(-1);
  assert.deepEqual([access.ip, access.req, access.result], ['198.51.100.9', request(forbidden), 'refused']);
});

test('a file with names is an event for each time that it is taken; one without is not', async () => {
  await s.code(org.token, { account: account.id, kind: 'fee', amount: 1000, payer: { ref: '1', name: 'Lò Thị Ánh', class: '1A' } });
  const take = async (target) => { const a = await s.get(target, { token: org.token, headers: from }); assert.equal(a.status, 200, a.text); };
  await take('/api/v1/reports/unpaid?format=csv');
  await take('/api/v1/reports/unpaid?format=xlsx');
  await take('/api/v1/reports/unpaid');
  await take(`/api/v1/days/${new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10)}/sheet`);
  const took = await events('export');
  assert.deepEqual(took.map((e) => [e.detail, e.result, e.ip]), [['report unpaid csv', 'ok', FROM], ['report unpaid xlsx', 'ok', FROM]]);
  for (const e of took) assert.match(e.object, /^job_/);
  await take(`/api/v1/jobs/${took[0].object}/result`);
  assert.equal((await events('export')).length, 3);
  assert.ok(!JSON.stringify(await events()).includes('Ánh'));
});

test('a copy: whole, then what is new, checked without the database', async () => {
  const first = await copy();
  assert.equal(first.code, 0, first.err);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map((l) => JSON.parse(l));
  assert.equal(lines.length, (await s.sql('select count(*)::int as n from audit.event'))[0].n);
  for (const line of lines) {
    assert.deepEqual(Object.keys(line), ['ts', 'bucket', 'org', 'seq', 'actor', 'session_hash8', 'ip', 'req_id', 'action', 'object', 'result', 'detail', 'hash']);
    assert.match(line.ts, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  }
  assert.match((await verify(file)).out, /ok, \d+ events of \d+ organisations/);
  // Texts that JSON writes in more than one way.
  s.owner(`select khop.audit_put((select bucket from khop.org where code = '${org.code}'), ${number(org.id)}, now(), null, null, null, null, 'test', E'a"b\\\\c\\n\\td\\x01\\x7fđ/ẵ😀', 'ok', null)`);
  appendFileSync(file, '{"ts":"2026-'); // whoever copied was stopped in the middle
  const second = await copy();
  assert.equal(second.code, 0, second.err);
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, lines.length + 1);
  assert.equal((await verify(file)).code, 0);
  assert.equal((await copy()).code, 0);
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, lines.length + 1, 'nothing twice');
});

test('a copy that was changed, and a database that was', async () => {
  const text = readFileSync(file, 'utf8'), lines = text.trimEnd().split('\n'), other = path.join(s.dir, 'other.jsonl');
  const last = lines.findIndex((l) => JSON.parse(l).org === number(org.id));
  const changed = [
    ['another word', (l) => { l[last] = l[last].replace('"result" : "ok"', '"result" : "no"'); }], ['another time', (l) => { l[last] = l[last].replace(/"ts" : "2026/, '"ts" : "2025'); }],
    ['one taken out', (l) => { l.splice(last, 1); }], ['two exchanged', (l) => { [l[last], l[last + 1]] = [l[last + 1], l[last]]; }], ['one twice', (l) => { l.splice(last, 0, l[last]); }],
    ['no event', (l) => { l[last] = '{}'; }], ['no JSON', (l) => { l[last] = 'x'; }],
  ];
  for (const [name, change] of changed) {
    const some = [...lines];
    change(some);
    assert.notDeepEqual(some, lines, name);
    writeFileSync(other, some.join('\n') + '\n');
    const run = await verify(other);
    assert.deepEqual([run.code, /DIFFERENT/.test(run.out)], [3, true], `${name}: ${run.out}${run.err}`);
    assert.equal((await copy(other)).code, 3, name);
    assert.equal(readFileSync(other, 'utf8'), some.join('\n') + '\n', `${name}: what was found is left as it is`);
  }
  copyFileSync(file, other);
  const before = (await events()).at(-1).seq;
  s.owner(`begin; create table keep as select * from khop.audit_event where org_id = ${number(org.id)}; create table keep_head as select * from khop.audit_head where org_id = ${number(org.id)};
    delete from khop.audit_event where org_id = ${number(org.id)} and seq = ${before};
    update khop.audit_head h set next_seq = ${before}, hash = (select e.hash from khop.audit_event e where e.org_id = h.org_id and e.seq = ${before} - 1) where org_id = ${number(org.id)}; commit`);
  const shorter = await copy(other);
  assert.deepEqual([shorter.code, /events that were copied are gone/.test(shorter.err)], [3, true], shorter.err);
  // What was taken out is replaced by something else.
  s.owner(`select khop.audit_put(h.bucket, h.org_id, now(), null, null, null, null, 'test', null, 'ok', 'other') from khop.audit_head h where h.org_id = ${number(org.id)};
    select khop.audit_put(h.bucket, h.org_id, now(), null, null, null, null, 'test', null, 'ok', 'more') from khop.audit_head h where h.org_id = ${number(org.id)}`);
  const rewritten = await copy(other);
  assert.deepEqual([rewritten.code, /is not what was written/.test(rewritten.err)], [3, true], rewritten.err);
  assert.equal(readFileSync(other, 'utf8'), text, 'nothing of that story is written');
  s.owner(`begin; delete from khop.audit_event where org_id = ${number(org.id)}; insert into khop.audit_event select * from keep; delete from khop.audit_head where org_id = ${number(org.id)};
    insert into khop.audit_head select * from keep_head; drop table keep, keep_head; commit`);
  assert.equal((await copy()).code, 0);
  truncateSync(other, 0);
  assert.equal((await copy(other)).code, 0);
});
