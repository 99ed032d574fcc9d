// Files of codes: checked whole, issued in parts, once, whatever ends in between; nothing big stays in memory.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { folder, khop, number, server, sleep, stranger, until } from './harness.mjs';

const s = await server();
const school = await s.org(), other = await s.org();
const account = await s.account(school.token), foreign = await s.account(other.token);
const CSV = { 'Content-Type': 'text/csv' }, JSONL = { 'Content-Type': 'application/jsonl' };
const HEADER = 'account,kind,amount,label,payer_ref,payer_name,due_on,expires_at';
const END_MS = 60_000;

const send = (body, headers = CSV, options = {}) => s.request('POST', '/api/v1/codes/batch', { token: school.token, key: crypto.randomUUID(), ...options, body, headers: { ...headers, ...options.headers } });
const job = async (id, token = school.token) => (await s.get(`/api/v1/jobs/${id}`, { token })).json;
const cell = (text) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const row = (i, more = {}) => {
  const r = { account: account.id, kind: 'fee', amount: 180000 + i, label: 'Tiền ăn, "T11"', payer_ref: `HS-${i}`, payer_name: 'Lò Thị Mây', due_on: '2026-11-30', expires_at: '', ...more };
  return HEADER.split(',').map((c) => cell(String(r[c]))).join(',');
};
const table = (n, from = 1) => [HEADER, ...Array.from({ length: n }, (_, i) => row(from + i))].join('\n') + '\n';
const object = (i, more = {}) => JSON.stringify({ account: account.id, kind: 'service', amount: 1000 + i, label: `Khám ${i}`, payer: { ref: `BN-${i}` }, ...more });

const ended = (id, token = school.token) => s.jobEnded(id, token);

async function issued(body, headers, options) {
  const answer = await send(body, headers, options);
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.json.url, `${s.origin}/api/v1/jobs/${answer.json.id}`);
  const done = await ended(answer.json.id);
  assert.equal(done.state, 'done', JSON.stringify(done));
  assert.equal(done.done, done.total);
  return done;
}

const refused = async (body, headers) => {
  const answer = await send(body, headers);
  assert.equal(answer.status, 202, answer.text);
  const failed = await ended(answer.json.id);
  assert.equal(failed.state, 'failed', JSON.stringify(failed));
  assert.equal(failed.done, 0);
  assert.deepEqual((await s.get(`/api/v1/jobs/${failed.id}/codes`, { token: school.token })).json.items, []);
  return failed;
};

const count = async (table) => Number((await s.sql(`select count(*) as n from khop.${table}`, s.ownerDb))[0].n);

test('bills in JSON lines, classes in a table', async () => {
  const lines = (i) => Array.from({ length: i % 4 }, (_, k) => ({ label: `Khoản ${k} của ${i}`, amount: k === 2 ? -i : 1000 * (k + 1) + i }));
  const sum = (i) => lines(i).reduce((a, l) => a + l.amount, 0) || 1;
  const body = Array.from({ length: 700 }, (_, i) => object(i, { amount: sum(i), lines: lines(i), payer: { class: `${i % 5}A` } })).join('\n');
  const codes = await s.all(`/api/v1/jobs/${(await issued(body, JSONL)).id}/codes`, school.token);
  for (const i of [0, 1, 2, 3, 353, 699]) {
    const code = await s.show(school.token, codes[i]);
    assert.deepEqual([code.amount, code.lines, code.payer], [sum(i), lines(i), { ref: null, name: null, class: `${i % 5}A` }], `line ${i}`);
  }
  const table = `${HEADER},payer_class\n${row(1)},3A\n${row(2)},\n`;
  const [one, two] = await s.all(`/api/v1/jobs/${(await issued(table)).id}/codes`, school.token);
  assert.equal((await s.show(school.token, one)).payer.class, '3A');
  assert.equal((await s.show(school.token, two)).payer.class, null);
  const failed = await refused(object(1, { lines: [{ label: 'x', amount: 1 }] }), JSONL);
  assert.deepEqual(failed.errors.map((e) => [e.line, e.pointer, e.code]), [[1, '/lines', 'sum']]);
});

test('lines that name pupils of the list: theirs, and their credit pays', async () => {
  const bank = await s.bank(school.token, 'sepay/apikey');
  const id = (n) => (BigInt(school.bucket) << 48n) + BigInt(n);
  s.owner([1, 2, 3].map((n) => `insert into khop.payer (bucket, payer_id, org_id, ref, name, class, created_at, changed_at)
    values (${school.bucket}, ${id(n)}, ${number(school)}, 'P${n}', 'Pờ ${n}', '2C', now(), now());`).join('\n'));
  const credit = async (n) => Number((await s.sql(`select amount from audit.credit where payer_id = ${id(n)}`))[0]?.amount ?? 0);
  for (const n of [1, 2]) {
    const first = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 1000, payer: { ref: `P${n}` } });
    await bank.send({ amount: 61000, memo: first.code });
    await until(() => credit(n), (c) => c === 60000);
  }
  const fields = 'account,kind,amount,payer_ref,payer_name,use_credit';
  const body = [fields, `${bank.account.id},fee,100000,P1,,`, `${bank.account.id},fee,100000,P2,,false`, `${bank.account.id},fee,100000,P3,Tên khác,true`, `${bank.account.id},fee,100000,P4,Ai đó,`, `${bank.account.id},stall,,P1,,`].join('\n');
  const codes = await s.all(`/api/v1/jobs/${(await issued(body)).id}/codes`, school.token);
  const docs = await Promise.all(codes.map((c) => s.show(school.token, c.id)));
  assert.deepEqual(docs.map((d) => [d.payer_id !== null, d.payer.name, d.payer.class, d.credit_used, d.remaining]),
    [[true, 'Pờ 1', '2C', 60000, 40000], [true, 'Pờ 2', '2C', 0, 100000], [true, 'Tên khác', '2C', 0, 100000], [false, 'Ai đó', null, 0, 100000], [false, null, null, 0, null]]);
  assert.deepEqual([await credit(1), await credit(2)], [0, 60000]);
  assert.deepEqual((await refused(`account,kind,use_credit\n${account.id},card,maybe\n`)).errors.map((e) => [e.line, e.pointer, e.code]), [[2, 'use_credit', 'type']]);
  const many = [HEADER, ...Array.from({ length: 4000 }, (_, i) => row(i, { payer_ref: `P${i % 3 + 1}`, account: bank.account.id }))].join('\n');
  const bulk = await issued(many);
  assert.deepEqual(await s.sql(`select count(*) as n from khop.charge c join khop.charge_due d on d.bucket = c.bucket and d.code_no = c.code_no where c.org_id = ${number(school)} and c.payer_id is not null and d.of_payer and c.created_at = (select started_at from khop.job where job_id = ${number(bulk)})`, s.ownerDb), [{ n: 4000 }]);
  assert.equal(await credit(2), 0);
  assert.deepEqual(await s.sql('select * from audit.invariants()'), []);
});

test('a table of 2,000 lines becomes 2,000 codes in its order', async () => {
  const done = await issued(table(2000));
  assert.equal(done.total, 2000);
  assert.deepEqual(done.errors, []);
  const codes = await s.all(`/api/v1/jobs/${done.id}/codes`, school.token);
  assert.deepEqual(codes.map((c) => c.line), Array.from({ length: 2000 }, (_, i) => i + 2));
  assert.deepEqual(codes.map((c) => c.ref), Array.from({ length: 2000 }, (_, i) => `HS-${i + 1}`));
  assert.equal(new Set(codes.map((c) => c.code)).size, 2000);
  assert.equal(new Set(codes.map((c) => c.pay_url)).size, 2000);
  for (const i of [0, 1234, 1999]) {
    const code = await s.show(school.token, codes[i].id);
    assert.equal(code.code, codes[i].code);
    assert.equal(code.pay_url, codes[i].pay_url);
    assert.equal(code.amount, 180001 + i);
    assert.equal(code.label, 'Tiền ăn, "T11"');
    assert.deepEqual(code.payer, { ref: `HS-${i + 1}`, name: 'Lò Thị Mây', class: null });
    assert.equal(code.due_on, '2026-11-30');
    assert.equal(code.expires_at, null);
    assert.equal((await s.get(code.pay_url)).status, 200);
  }
  assert.equal(await count('job_chunk'), 0, 'names stay behind');
});

test('JSON lines: every kind, with payees, over pieces cut anywhere', async () => {
  const payee = { bin: '970436', account_no: '0071000123456', name: 'LO THI MAY' };
  const lines = Array.from({ length: 2000 }, (_, i) => object(i, i % 10 === 0 ? { kind: 'payout', payee } : { expires_at: '2027-01-31T17:00:00+07:00' }));
  const done = await issued(lines.join('\r\n'), JSONL);
  const codes = await s.all(`/api/v1/jobs/${done.id}/codes`, school.token);
  assert.equal(codes.length, 2000);
  assert.equal(codes[0].line, 1);
  assert.deepEqual((await s.show(school.token, codes[10].id)).payee, payee);
  assert.equal((await s.show(school.token, codes[11].id)).expires_at, '2027-01-31T17:00:00+07:00');
  assert.equal((await issued(object(1), { 'Content-Type': 'application/x-ndjson; charset=utf-8' })).total, 1);
});

test('columns in any order, only those that are needed, as a spreadsheet writes them', async () => {
  const done = await issued(`\ufeffamount,kind,account\r\n,stall,${account.id}\r\n5000,"card",${account.id}\r\n`);
  const [open, card] = await s.all(`/api/v1/jobs/${done.id}/codes`, school.token);
  assert.equal((await s.show(school.token, open.id)).amount, null);
  assert.equal((await s.show(school.token, card.id)).kind, 'card');
});

test('a code of a batch is paid as any other', async () => {
  const done = await issued(table(3));
  const [code] = await s.all(`/api/v1/jobs/${done.id}/codes`, school.token);
  const bank = await s.bank(school.token, 'sepay/apikey', account);
  await bank.send({ memo: code.code, amount: 180001 });
  assert.equal((await s.show(school.token, code.id)).status, 'paid');
});

test('every wrong line is named with its place, and nothing is issued', async () => {
  const before = await count('charge');
  const failed = await refused([HEADER, row(1), row(2, { amount: 0 }), row(3, { amount: '18e4' }), row(4, { account: foreign.id }), row(5, { account: stranger(account.id) }),
    row(6, { kind: 'tax', label: 'x'.repeat(141) }), row(7, { kind: 'payout' }), 'a,b', `${row(9)},x`, '"open', row(11, { due_on: '30/11/2026' }), '', row(13, { payer_name: 'a\tb' }),
    row(14).replace('fee', 'f"ee'), 'x'.repeat(20_000), row(16), `${account.id},fee,\x80`].join('\n'), CSV);
  assert.equal(failed.total, null);
  assert.deepEqual(failed.errors.map((e) => [e.line, e.pointer, e.code]), [[3, 'amount', 'range'], [4, 'amount', 'type'], [5, 'account', 'not_found'], [6, 'account', 'not_found'],
    [7, 'kind', 'kind'], [7, 'label', 'length'], [8, '/payee', 'required'], [9, '', 'columns'], [10, '', 'columns'], [11, '', 'csv'], [12, 'due_on', 'date'], [13, '', 'empty'],
    [14, 'payer_name', 'characters'], [15, '', 'csv'], [16, '', 'length'], [18, '', 'columns']]);
  assert.equal(failed.error_count, 16);
  assert.equal(await count('charge'), before);
  const vi = (await s.get(`/api/v1/jobs/${failed.id}`, { token: school.token, headers: { 'Accept-Language': 'vi' } })).json;
  assert.equal(vi.errors[11].detail, 'Dòng này trống.');
});

test('JSON lines are held to the same rules', async () => {
  const failed = await refused([object(1), object(2, { amount: '5' }), '[]', object(4, { payer: { phone: 'x' } }), '{"account":1,"account":1}', object(6, { label: '4111 1111 1111 1111' })].join('\n'), JSONL);
  assert.deepEqual(failed.errors.map((e) => [e.line, e.pointer, e.code]), [[2, '/amount', 'type'], [3, '', 'json'], [4, '/payer', 'unknown'], [5, '', 'json'], [6, '/label', 'card_number']]);
});

test('of many faults the first hundred are told', async () => {
  const failed = await refused([HEADER, ...Array.from({ length: 7000 }, (_, i) => row(i, { amount: -1 }))].join('\n'));
  assert.equal(failed.error_count, 7000);
  assert.equal(failed.errors.length, 100);
  assert.equal(failed.errors[99].line, 101);
});

test('files without a code, and without a header', async () => {
  for (const [body, line, code] of [['', 1, 'empty'], [`${HEADER}\n`, 1, 'empty'], ['account;kind\nx;y\n', 1, 'header'], ['account,kind,kind\n', 1, 'header'], [row(1), 1, 'header'], ['\n', 1, 'empty']]) {
    const failed = await refused(body);
    assert.deepEqual(failed.errors.map((e) => [e.line, e.code]), [[line, code]], JSON.stringify(body));
  }
});

test('the same key with the same file is the same job; with another file it is refused', async () => {
  const key = crypto.randomUUID(), body = table(20);
  const before = await count('charge');
  const [a, b] = await Promise.all([send(body, CSV, { key }), send(body, CSV, { key })]);
  assert.equal(a.json.id, b.json.id);
  assert.deepEqual([a, b].map((x) => x.headers['idempotent-replayed']).sort(), ['true', undefined]);
  await ended(a.json.id);
  const again = await send(body, CSV, { key });
  assert.equal(again.json.id, a.json.id);
  assert.equal(again.json.state, 'done');
  for (const [other, headers] of [[table(21), CSV], [body, JSONL]]) {
    const answer = await send(other, headers, { key });
    assert.equal(answer.status, 422);
    assert.equal(answer.json.code, 'idempotency_key_reused');
  }
  assert.equal(await count('charge'), before + 20);
  assert.equal(await count('job_chunk'), 0, 'what was sent twice is not kept');
});

test('who may not', async () => {
  const reader = await s.token(school.id, 'read');
  assert.equal((await send(table(1), CSV, { token: reader })).status, 403);
  assert.equal((await send(table(1), CSV, { token: undefined })).status, 401);
  assert.equal((await send(table(1), CSV, { key: undefined })).status, 400);
  assert.equal((await send(table(1), { 'Content-Type': 'application/json' })).status, 415);
  const done = await issued(table(1));
  for (const path of ['', '/codes']) assert.equal((await s.get(`/api/v1/jobs/${done.id}${path}`, { token: other.token })).status, 404);
  assert.equal((await s.post(`/api/v1/jobs/${done.id}/cancel`, undefined, { token: other.token })).status, 404);
  assert.equal((await s.get(`/api/v1/jobs/${done.id}`, { token: reader })).status, 200);
  assert.equal((await s.get(`/api/v1/jobs/${stranger(done.id)}`, { token: school.token })).status, 404);
  assert.equal((await s.get('/api/v1/jobs/x', { token: school.token })).status, 404);
  const late = await s.post(`/api/v1/jobs/${done.id}/cancel`, undefined, { token: school.token });
  assert.equal(late.status, 409);
});

test('64 MiB is the limit', async () => {
  const answer = await s.raw(`POST /api/v1/codes/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${school.token}\r\nIdempotency-Key: k\r\nContent-Type: text/csv\r\nContent-Length: ${(64 << 20) + 1}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

// The jobs process: the last one that was started.
const worker = () => Number([...s.log().matchAll(/event=child_started .*role=jobs .*pid=(\d+)/g)].at(-1)[1]);
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker()}/status`, 'utf8'))[1]);
const lines = (id) => s.sql(`select count(*) as n, count(distinct charge_id) as ids from khop.charge c join khop.job j on c.bucket = j.bucket and c.charge_id > j.first_id and c.charge_id <= j.first_id + j.total where j.job_id = ${number(id)}`, s.ownerDb);

test('a job that is cancelled stops, and what it has issued is known', async () => {
  const answer = await send(table(60_000));
  while ((await job(answer.json.id)).done === 0) await sleep(5);
  const cancelled = (await s.post(`/api/v1/jobs/${answer.json.id}/cancel`, undefined, { token: school.token })).json;
  assert.equal(cancelled.state, 'cancelled');
  await sleep(1500);
  const after = await job(answer.json.id);
  assert.equal(after.state, 'cancelled');
  assert.ok(after.done < 60_000 && after.done >= cancelled.done);
  assert.equal((await s.post(`/api/v1/jobs/${answer.json.id}/cancel`, undefined, { token: school.token })).status, 200);
  assert.equal(await count('job_chunk'), 0);
  assert.equal(Number((await lines(answer.json.id))[0].n), after.done);
});

test('kill -9 of the worker in the middle: another one ends the job, every line once', async (t) => {
  s.expectLog(/event=child_(killed|ended) .*role=jobs/);
  const answer = await send(table(40_000));
  let killed = 0;
  for (const began = Date.now(); ;) {
    const now = await job(answer.json.id);
    if (now.state === 'done') break;
    assert.ok(['queued', 'running'].includes(now.state), JSON.stringify(now));
    if (killed === 0 && now.done >= 5000) { process.kill(worker(), 'SIGKILL'); killed = now.done; }
    assert.ok(Date.now() - began < END_MS, JSON.stringify(now));
    await sleep(5);
  }
  assert.ok(killed >= 5000 && killed < 40_000, `killed at ${killed}`);
  t.diagnostic(`killed at ${killed}`);
  assert.deepEqual(await lines(answer.json.id), [{ n: 40_000, ids: 40_000 }]);
  const codes = await s.all(`/api/v1/jobs/${answer.json.id}/codes`, school.token);
  assert.deepEqual(codes.map((c) => c.ref), Array.from({ length: 40_000 }, (_, i) => `HS-${i + 1}`));
});

test('the memory of a job does not grow with its file', async (t) => {
  const peak = async (n) => {
    const answer = await send(table(n));
    let most = 0;
    for (;;) {
      most = Math.max(most, rss());
      if ((await job(answer.json.id)).state === 'done') return most;
      await sleep(10);
    }
  };
  await peak(10_000);
  const small = await peak(20_000), large = await peak(100_000);
  t.diagnostic(`${small} KiB with 20,000 lines, ${large} KiB with 100,000`);
  if (!process.env.KHOP_BUILD?.includes('asan')) assert.ok(large < 1.25 * small + 2048 && large < 64 * 1024, `${small} → ${large} KiB`);
});

test('khop code batch sends a file, follows it, and says what is wrong with it', async () => {
  const file = folder(), env = { KHOP_URL: s.origin, KHOP_TOKEN: school.token };
  const good = await khop(['code', 'batch', file('good.csv', table(300)), '--follow', '--json'], { env });
  assert.equal(good.code, 0, good.err);
  assert.equal(JSON.parse(good.out).done, 300);
  const lines = await khop(['code', 'batch', '--follow', file('good.jsonl', object(1))], { env });
  assert.equal(lines.code, 0, lines.err);
  assert.match(lines.out, /^job_\w+ {2}done {2}1 issued\nhttp/);
  const bad = await khop(['code', 'batch', '--follow', file('bad.csv', `${HEADER}\n${row(1, { amount: 0 })}\n`)], { env });
  assert.equal(bad.code, 1);
  assert.match(bad.err, /line 2 amount: This number is outside/);
  const queued = await khop(['code', 'batch', '--key', 'k1', file('later.csv', table(1))], { env });
  assert.equal(queued.code, 0, queued.err);
  assert.equal((await khop(['code', 'batch', '/nowhere.csv'], { env })).code, 1);
  assert.equal((await khop(['code', 'batch'], { env })).code, 2);
});
