// A school's fees from the list of pupils to the list of who has paid: what is taken, what is refused, what a second time changes, what ends in between.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { number, server, sleep, stranger } from './harness.mjs';
import { given, lists, pupils, table, workbook } from './school.mjs';

const s = await server();
const school = await s.org(), other = await s.org();
const account = await s.account(school.token, '7907205112233');
const principal = await s.token(school.id, 'read,approve'), reader = await s.token(school.id, 'read');
const folder = mkdtempSync(path.join(os.tmpdir(), 'khop-school-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const { job, until, send, taken: take, looked: look } = lists(s, school.token);
const upload = (body, { query = '', ...options } = {}) => send(`/api/v1/payers/import${query}`, body, options);
const looked = (body, { query = '', ...options } = {}) => look(`/api/v1/payers/import${query}`, body, options);
const taken = (body, { query = '', ...options } = {}) => take(`/api/v1/payers/import${query}`, body, options);
const payers = (query = '', limit = 200) => s.all(`/api/v1/payers${query}`, school.token, limit);
const counts = ({ new: fresh, changed, same, left, returned }) => [fresh, changed, same, left, returned];
const act = (id, what, body, token = school.token) => s.post(`/api/v1/rounds/${id}/${what}`, body, { token });
const make = async (body, token = school.token) => {
  const answer = await s.post('/api/v1/rounds', { name: 'Tiền bán trú tháng 11', month: '2026-11', due_on: '2026-11-30', account: account.id, ...body }, { token, key: crypto.randomUUID() });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};
async function approved(body) {
  const round = await make(body);
  assert.equal((await act(round.id, 'propose')).status, 200);
  const answer = await act(round.id, 'approve', undefined, principal);
  assert.equal(answer.status, 202, answer.text);
  assert.equal((await until(answer.json.id)).state, 'done');
  return (await s.get(`/api/v1/rounds/${round.id}`, { token: school.token })).json;
}
const MEALS = [{ label: 'Tiền ăn', kind: 'meal', amount: 600000, by_class: { '2A': 500000 } }, { label: 'Nước uống', kind: 'water', amount: 10000 }];

test('a list with faults: each with its row and column, nothing is saved', async () => {
  const failed = await looked('Danh sách học sinh\n\nMã HS;Họ và tên;Lớp;Chế độ\n01;Lò Văn An;1A;\n;Không Mã;1A;\n03;;1A;\n01;Lặp Lại;1A;xyz\n05;Hỗ Trợ Lạ;1A;tiền tiêu vặt\n');
  assert.equal(failed.state, 'failed');
  assert.deepEqual(failed.errors.map((e) => [e.line, e.pointer, e.code]), [[5, 'Mã HS', 'required'], [6, 'Họ và tên', 'required'], [7, 'Mã HS', 'twice'], [8, 'Chế độ', 'support']]);
  assert.equal((await s.get(`/api/v1/jobs/${failed.id}`, { token: school.token, headers: { 'Accept-Language': 'vi' } })).json.errors[2].detail, 'Mã này đã có ở một dòng phía trên.');
  assert.deepEqual(await payers(), []);
  for (const [body, code] of [['a;b\n1;2\n', 'header'], ['mã;họ và tên\n', 'empty'], ['%PDF-1.4 x', 'not_a_sheet'], ['<html><table>', 'is_html']]) {
    const no = await looked(body);
    assert.deepEqual(no.errors.map((e) => e.code), [code], body);
  }
  const refused = await s.post(`/api/v1/jobs/${failed.id}/confirm`, undefined, { token: school.token });
  assert.equal(refused.status, 409, 'nothing to say yes to');
});

test('a list is looked at, saved when confirmed, and the same again changes nothing', async () => {
  const rows = pupils(60);
  const asked = await looked(table(rows));
  assert.deepEqual(counts(asked.result), [60, 0, 0, 0, 0]);
  assert.equal(asked.result.examples[0].name, rows[0].name);
  assert.deepEqual(await payers(), [], 'not before the yes');
  assert.equal((await s.post(`/api/v1/jobs/${asked.id}/confirm`, undefined, { token: reader })).status, 403);
  assert.equal((await s.post(`/api/v1/jobs/${asked.id}/confirm`, undefined, { token: other.token })).status, 404);
  for (let i = 0; i < 2; i++) assert.equal((await s.post(`/api/v1/jobs/${asked.id}/confirm`, undefined, { token: school.token })).status, 200);
  await until(asked.id, ['done']);
  const stored = await payers('', 7);
  assert.equal(stored.length, 60);
  assert.deepEqual(stored.map((p) => p.ref), given(rows).map((p) => p.ref), 'by class and given name');
  const before = await s.sql('select payer_id, changed_at from khop.payer order by 1', s.ownerDb);
  assert.deepEqual(counts(await taken(table(rows), { query: '?whole=true' })), [0, 0, 60, 0, 0]);
  assert.deepEqual(await s.sql('select payer_id, changed_at from khop.payer order by 1', s.ownerDb), before);
  assert.deepEqual(await s.sql('select (select count(*) from khop.job_chunk) + (select count(*) from khop.job_line) as n', s.ownerDb), [{ n: 0 }], 'names stay behind');
});

test('XLSX, other encodings, another order of columns: the same list', async () => {
  const rows = pupils(60);
  const xlsx = await looked(workbook(rows, folder), { headers: { 'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } });
  assert.deepEqual(counts(xlsx.result), [0, 0, 60, 0, 0], JSON.stringify(xlsx));
  const utf16 = await looked(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(table(rows), 'utf16le')]));
  assert.deepEqual(counts(utf16.result), [0, 0, 60, 0, 0]);
  const tabs = await looked(`Class\tFull name\tStudent ID\n${rows.map((p) => `${p.class}\t${p.name}\t${p.ref}`).join('\r\n')}`);
  assert.deepEqual(counts(tabs.result), [0, 0, 60, 0, 0], 'a column that is not there says nothing');
  const apart = await looked(`Mã HS,Họ đệm,Tên,Lớp\n${rows.map((p) => `${p.ref},${p.name.split(' ').slice(0, -1).join(' ')},${p.name.split(' ').at(-1)},${p.class}`).join('\n')}`);
  assert.deepEqual(counts(apart.result), [0, 0, 60, 0, 0], 'the given name in a column of its own');
  for (const id of [xlsx.id, utf16.id, tabs.id, apart.id]) assert.equal((await s.post(`/api/v1/jobs/${id}/cancel`, undefined, { token: school.token })).status, 200);
});

test('who leaves, who comes back, who moves', async () => {
  const rows = pupils(60);
  assert.deepEqual(counts(await taken(table([...rows.slice(2), { ...rows[0], ref: 'NEW', name: 'Tòng Thị Mới' }]), { query: '?whole=true' })), [1, 0, 58, 2, 0]);
  assert.equal((await payers('?left=true')).length, 2);
  assert.deepEqual(counts(await taken(table([{ ...rows[0], class: '5B' }, rows[1]]))), [0, 0, 0, 0, 2]);
  assert.deepEqual((await payers('?q=toNG%20thi%20moi')).map((p) => p.ref), ['NEW'], 'found without marks');
  assert.deepEqual((await payers(`?class=5B`)).map((p) => p.ref), [rows[0].ref]);
  const one = await s.get(`/api/v1/payers/${(await payers(`?q=${rows[1].ref}`))[0].id}`, { token: school.token });
  assert.equal(one.json.name, rows[1].name);
  assert.equal((await s.get(`/api/v1/payers/${one.json.id}`, { token: other.token })).status, 404);
  assert.deepEqual((await s.get('/api/v1/payers', { token: other.token })).json.items, []);
});

test('the key of an upload: the same file is the same job, another is refused', async () => {
  const key = crypto.randomUUID();
  const a = await upload(table(pupils(3)), { key }), b = await upload(table(pupils(3)), { key });
  assert.equal(a.json.id, b.json.id);
  assert.equal((await upload(table(pupils(4)), { key })).status, 422);
  assert.equal((await upload(table(pupils(3)), { key, query: '?whole=true' })).status, 422, 'the same file for something else');
  assert.equal((await upload(table(pupils(3)), { key: null })).status, 400);
  assert.equal((await upload(table(pupils(3)), { token: reader })).status, 403);
  await until(a.json.id);
  await s.post(`/api/v1/jobs/${a.json.id}/cancel`, undefined, { token: school.token });
});

test('a round: what is wrong with it is said by its place', async () => {
  const send = (body) => s.post('/api/v1/rounds', { name: 'x', month: '2026-11', due_on: '2026-11-30', account: account.id, items: MEALS, ...body }, { token: school.token, key: crypto.randomUUID() });
  for (const [body, pointer] of [[{ month: '2026-13' }, '/month'], [{ due_on: '30/11' }, '/due_on'], [{ account: 'acc_x' }, '/account'], [{ items: [] }, '/items'], [{ items: undefined }, '/items'], [{ name: '' }, '/name'],
    [{ items: [{ label: 'a', kind: 'tax', amount: 1 }] }, '/items/0/kind'], [{ items: [{ label: 'a', kind: 'meal', amount: -1 }] }, '/items/0/amount'], [{ items: [{ label: 'a', kind: 'meal', amount: 1, by_class: { '1A': 1.5 } }] }, '/items/0/by_class'],
    [{ items: [MEALS[0], { label: 'a', kind: 'meal', amount: 1, by_class: { '1B': 2, '9Z': 0 } }] }, '/items/1/by_class'],
    [{ classes: ['9Z'] }, '/classes'], [{ classes: [1] }, '/classes'], [{ account: stranger(account.id) }, '/account'], [{ x: 1 }, '']]) {
    const answer = await send(body);
    assert.equal(answer.status, 422, `${JSON.stringify(body)} ${answer.text}`);
    assert.deepEqual(answer.json.errors.map((e) => e.pointer), [pointer]);
  }
  assert.equal((await s.post('/api/v1/rounds', { name: 'x' }, { token: reader, key: 'k' })).status >= 400, true);
});

test('a draft of two editors: who was overtaken changes nothing, and is told', async () => {
  const body = { name: 'Hai người', month: '2026-11', due_on: '2026-11-30', account: account.id, items: MEALS };
  const save = (id, more, headers = {}, key = crypto.randomUUID()) => s.request('POST', `/api/v1/rounds/${id}`, { token: school.token, headers: { 'Idempotency-Key': key, ...headers }, body: JSON.stringify({ ...body, ...more }) });
  const draft = await make(body), seen = await s.get(`/api/v1/rounds/${draft.id}`, { token: school.token });
  assert.equal(seen.headers.etag, `"${draft.version}"`);
  const first = await save(draft.id, { name: 'Người thứ nhất' }, { 'If-Match': seen.headers.etag }, 'hai-nguoi');
  assert.deepEqual([first.status, first.json.name, first.headers.etag], [200, 'Người thứ nhất', `"${first.json.version}"`], first.text);
  assert.notEqual(first.json.version, draft.version);
  for (const late of [await save(draft.id, { name: 'Người thứ hai' }, { 'If-Match': seen.headers.etag }), await save(draft.id, { name: 'Người thứ hai', version: draft.version })]) assert.deepEqual([late.status, late.json.code], [409, 'conflict'], late.text);
  assert.deepEqual((await s.get(`/api/v1/rounds/${draft.id}`, { token: school.token })).json, first.json);
  assert.deepEqual((await save(draft.id, { name: 'Người thứ nhất' }, { 'If-Match': seen.headers.etag }, 'hai-nguoi')).json, first.json, 'the same again is no second editor');
  const reused = await save(draft.id, { name: 'Khác' }, {}, 'hai-nguoi');
  assert.equal(reused.json.code, 'idempotency_key_reused', reused.text);
  const whoever = await save(draft.id, { name: 'Không nhìn bản nào' });
  assert.equal(whoever.status, 200, whoever.text);
  assert.equal((await save(draft.id, { name: 'Bản mới nhất', version: whoever.json.version })).status, 200);
  const proposed = await act(draft.id, 'propose');
  assert.equal(proposed.headers.etag, `"${proposed.json.version}"`);
  assert.match((await save(draft.id, { version: proposed.json.version })).json.detail, /no draft any more/);
  assert.equal((await act(draft.id, 'cancel', { reason: 'thử' })).status, 200);
});

let round;
test('a round goes from draft to codes: proposed by one, approved by another', async () => {
  round = await make({ items: MEALS });
  assert.equal(round.state, 'draft');
  const stored = await payers(), in2a = stored.filter((p) => p.class === '2A').length;
  assert.equal(round.payers, stored.length);
  assert.equal(round.amount, stored.length * 610000 - in2a * 100000);
  assert.equal((await act(round.id, 'approve', undefined, principal)).status, 409, 'not before it is proposed');
  assert.equal((await act(round.id, 'propose', undefined, principal)).status, 403);
  assert.equal((await act(round.id, 'propose')).status, 200);
  const back = await act(round.id, 'return', { note: 'Thiếu lớp 5' }, principal);
  assert.deepEqual([back.json.state, back.json.note], ['draft', 'Thiếu lớp 5']);
  assert.equal((await act(round.id, 'propose')).json.state, 'proposed');
  assert.equal((await act(round.id, 'approve', undefined, school.token)).status, 403);
  const both = await s.token(school.id, 'read,issue,approve');
  const own = await make({ name: 'Riêng', items: MEALS }, both);
  assert.equal((await act(own.id, 'propose', undefined, both)).status, 200);
  assert.equal((await act(own.id, 'approve', undefined, both)).status, 403, 'not by who made it');
  const answers = [await act(round.id, 'approve', undefined, principal), await act(round.id, 'approve', undefined, principal)];
  assert.deepEqual(answers.map((a) => a.status), [202, 202]);
  assert.equal(answers[0].json.id, answers[1].json.id, 'twice is one job');
  const done = await until(answers[0].json.id);
  assert.deepEqual([done.state, done.done, done.total, done.round], ['done', stored.length, stored.length, round.id]);
  round = (await s.get(`/api/v1/rounds/${round.id}`, { token: school.token })).json;
  assert.deepEqual([round.state, round.issued, round.sums.open], ['approved', stored.length, stored.length]);
  const again = await act(round.id, 'issue');
  assert.equal((await until(again.json.id)).state, 'done');
  assert.deepEqual(await s.sql('select count(*) as n, count(distinct payer_id) as payers from khop.charge where payer_id is not null', s.ownerDb), [{ n: stored.length, payers: stored.length }], 'again changes nothing');
});

test('each bill has its payer, class and lines, and a link', async () => {
  const rows = await s.all(`/api/v1/rounds/${round.id}/payers`, school.token);
  assert.deepEqual(rows.map((r) => r.ref), (await payers()).map((p) => p.ref));
  const two = rows.find((r) => r.class === '2A');
  assert.deepEqual(two.lines, [['Tiền ăn', 500000], ['Nước uống', 10000]]);
  const code = await s.show(school.token, two.code_id);
  assert.deepEqual([code.code, code.amount, code.pay_url, code.payer.ref, code.label, code.due_on], [two.code, 510000, two.pay_url, two.ref, 'Tiền bán trú tháng 11', '2026-11-30']);
  const page = await s.get(`${two.pay_url}.json`);
  assert.equal(page.status, 200);
});

test('slips: eight on a page by class and given name, every symbol is the payload of its code', async (t) => {
  const started = Date.now();
  assert.equal((await s.post('/api/v1/papers', { hotline: '0212 3 850 123' }, { token: school.token })).status, 200);
  const answer = await act(round.id, 'slips', {});
  assert.equal(answer.status, 202, answer.text);
  const done = await until(answer.json.id);
  assert.equal(done.state, 'done', JSON.stringify(done));
  const rows = await s.all(`/api/v1/rounds/${round.id}/payers`, school.token);
  assert.equal(done.result.slips, rows.length);
  assert.ok(done.total >= 1 && done.done === done.total, JSON.stringify(done));
  const file = await s.get(`/api/v1/jobs/${done.id}/result`, { token: school.token });
  assert.equal(file.status, 200);
  assert.equal(file.headers['content-type'], 'application/pdf');
  assert.match(file.headers['content-disposition'], /^attachment; filename="tien-ban-tru-thang-11\.pdf"; filename\*=UTF-8''Ti%E1%BB%81n%20/);
  assert.equal(Number(file.headers['content-length']), done.file.size);
  t.diagnostic(`${rows.length} slips, ${file.bytes.length} bytes, ${Date.now() - started} ms`);
  const pdf = path.join(folder, 'slips.pdf');
  writeFileSync(pdf, file.bytes);
  execFileSync('pdftoppm', ['-r', '150', '-gray', '-png', pdf, path.join(folder, 'page')]);
  const read = [];
  for (const page of readdirSync(folder).filter((n) => n.startsWith('page')).sort()) {
    read.push(...execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', path.join(folder, page)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n').filter((l) => l !== ''));
  }
  const payloads = await Promise.all(rows.map(async (r) => (await s.show(school.token, r.code_id)).payload));
  assert.deepEqual(read.sort(), payloads.sort());
  const text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' }).normalize('NFC');
  const bare = text.replace(/\s+/g, '');
  assert.deepEqual(rows.map((r) => r.code).filter((code) => !bare.includes(code)), [], 'every code stands there in type');
  assert.ok(bare.includes('Cầnhỏi,xingọi02123850123'), 'whom to call');
  for (const r of rows) assert.ok(!text.includes(r.name), 'a full name is on paper that many hands hold');
  const one = await until((await act(round.id, 'slips', { class: '2A' })).json.id);
  assert.equal(one.result.slips, rows.filter((r) => r.class === '2A').length);
  assert.equal((await s.get(`/api/v1/jobs/${one.id}/result`, { token: other.token })).status, 404);
});

test('paid, in part, too much: the lists follow, and credit pays in the next round', async () => {
  const bank = await s.bank(school.token, 'sepay/apikey', account);
  const [full, part, over, ...rest] = await s.all(`/api/v1/rounds/${round.id}/payers`, school.token);
  await bank.send({ memo: full.code, amount: full.amount });
  await bank.send({ memo: part.code, amount: 100000 });
  await bank.send({ memo: over.code, amount: over.amount + 70000 });
  let now;
  for (const began = Date.now(); ;) {
    now = (await s.get(`/api/v1/rounds/${round.id}`, { token: school.token })).json;
    if (now.sums.paid === 2 && now.sums.part === 1) break;
    assert.ok(Date.now() - began < 10_000, JSON.stringify(now.sums));
    await sleep(50);
  }
  assert.equal(now.sums.received, full.amount + 100000 + over.amount);
  const states = async (payment) => (await s.all(`/api/v1/rounds/${round.id}/payers?payment=${payment}`, school.token)).map((r) => r.ref);
  assert.deepEqual(await states('part'), [part.ref]);
  assert.deepEqual(await states('paid'), [full.ref, over.ref]);
  assert.equal((await states('open')).length, rest.length);
  assert.equal((await s.get(`/api/v1/payers/${over.payer}`, { token: school.token })).json.credit, 70000);

  const next = await approved({ name: 'Tháng 12', month: '2026-12', due_on: '2026-12-31', items: [{ label: 'Nước uống', kind: 'water', amount: 50000 }] });
  assert.equal(next.sums.paid, 1, 'what was too much pays');
  const bill = (await s.all(`/api/v1/rounds/${next.id}/payers?payment=paid`, school.token))[0];
  assert.equal(bill.ref, over.ref);
  assert.equal((await s.get(`/api/v1/payers/${over.payer}`, { token: school.token })).json.credit, 20000);
});

test('the list as CSV, XLSX and PDF says what the page says', async () => {
  const rows = await s.all(`/api/v1/rounds/${round.id}/payers`, school.token);
  const files = {};
  for (const format of ['csv', 'xlsx', 'pdf']) {
    const done = await until((await act(round.id, 'export', { format })).json.id);
    assert.equal(done.state, 'done', JSON.stringify(done));
    files[format] = (await s.get(`/api/v1/jobs/${done.id}/result`, { token: school.token })).bytes;
  }
  const csv = files.csv.toString().replace('\ufeff', '').trim().split(/\r?\n/).slice(1).map((l) => l.split(','));
  assert.deepEqual(csv.map((c) => [c[1], c[2], Number(c[4]), Number(c[5])]), rows.map((r) => [r.ref, r.name, r.amount, r.received]));
  const xlsx = path.join(folder, 'list.xlsx');
  writeFileSync(xlsx, files.xlsx);
  const cells = JSON.parse(execFileSync('/usr/bin/python3', ['-c', 'import sys,json,openpyxl\nw=openpyxl.load_workbook(sys.argv[1],read_only=True).active\nprint(json.dumps([[c if isinstance(c,(int,str)) else None for c in r] for r in w.iter_rows(values_only=True)]))', xlsx], { encoding: 'utf8' }));
  const body = cells.filter((r) => rows.some((x) => x.ref === r[1]));
  assert.deepEqual(body.map((c) => [c[1], c[2], c[4], c[5]]), rows.map((r) => [r.ref, r.name, r.amount, r.received]));
  assert.match(files.pdf.subarray(0, 5).toString(), /^%PDF-/);
  const part = await until((await act(round.id, 'export', { format: 'csv', payment: 'part' })).json.id);
  assert.equal((await s.get(`/api/v1/jobs/${part.id}/result`, { token: school.token })).text.trim().split('\n').length, 2);
  assert.equal((await act(round.id, 'export', { format: 'doc' })).status, 422);
});

test('what the state pays is a line below zero, and a bill of nothing is none', async () => {
  const rows = pupils(60);
  await taken(`Mã HS,Họ và tên,Chế độ\n${rows[4].ref},${rows[4].name},Hỗ trợ tiền ăn học sinh bán trú\n`);
  const supported = await make({ name: 'Ăn tháng 1', month: '2027-01', due_on: '2027-01-31', items: [{ label: 'Tiền ăn', kind: 'meal', amount: 600000 }] });
  assert.deepEqual(supported.support, [{ label: 'Hỗ trợ tiền ăn học sinh bán trú', payers: 1, amount: -600000 }]);
  assert.equal(supported.charges, supported.payers - 1);
  const free = await s.all(`/api/v1/rounds/${supported.id}/payers?payment=free`, school.token);
  assert.deepEqual(free.map((r) => [r.ref, r.amount, r.lines]), [[rows[4].ref, 0, [['Tiền ăn', 600000], ['Hỗ trợ tiền ăn học sinh bán trú', -600000]]]]);
});

test('above a ceiling only with the reason of the principal', async () => {
  const ceiling = { kind: 'care', amount: 165000, decision: 'NQ 28/2025', valid_from: '2026-01-01' };
  assert.equal((await s.post('/api/v1/ceilings', ceiling, { token: principal })).status, 403);
  assert.deepEqual((await s.post('/api/v1/ceilings', { ...ceiling, amount: 0, kind: 'x', valid_from: 'y' }, { token: school.token })).json.errors.map((e) => e.pointer), ['/kind', '/amount', '/valid_from']);
  const added = await s.post('/api/v1/ceilings', ceiling, { token: school.token });
  assert.deepEqual([added.status, added.json.items], [201, [{ ...ceiling, valid_to: null }]]);
  assert.deepEqual((await s.get('/api/v1/ceilings', { token: other.token })).json.items, []);
  const high = await make({ name: 'Chăm sóc', items: [{ label: 'Chăm sóc bán trú', kind: 'care', amount: 200000 }] });
  assert.deepEqual(high.over_ceiling, [{ label: 'Chăm sóc bán trú', amount: 200000, ceiling: 165000, decision: 'NQ 28/2025' }]);
  await act(high.id, 'propose');
  const no = await act(high.id, 'approve', {}, principal);
  assert.equal(no.status, 422);
  assert.equal(no.json.errors[0].pointer, '/reason');
  const yes = await act(high.id, 'approve', { reason: 'Thuê thêm cô nuôi' }, principal);
  assert.equal(yes.status, 202);
  await until(yes.json.id);
  const gone = await act(high.id, 'cancel', { reason: 'Thu nhầm' });
  assert.deepEqual([gone.json.state, gone.json.sums.cancelled, gone.json.sums.part], ['cancelled', high.payers - 1, 1], 'what credit has paid stays');
  const row = (await s.get(`/api/v1/rounds/${high.id}/payers?limit=1`, { token: school.token })).json.items[0];
  assert.equal((await s.show(school.token, row.code_id)).status, 'cancelled');
  assert.equal((await until((await act(high.id, 'slips', { class: '9Z' })).json.id)).errors[0].code, 'empty');
});

test('rounds page by their key: the newest first, whatever is made meanwhile', async () => {
  const whole = await s.all('/api/v1/rounds', school.token);
  assert.ok(whole.length >= 3);
  assert.deepEqual(whole.map((r) => r.created_at), whole.map((r) => r.created_at).sort().reverse());
  assert.deepEqual(await s.all('/api/v1/rounds', school.token, 2), whole);
  const first = (await s.get('/api/v1/rounds?limit=1', { token: school.token })).json;
  await make({ name: 'Giữa chừng', items: [{ label: 'Nước', kind: 'water', amount: 1000 }] });
  assert.deepEqual((await s.get(`/api/v1/rounds?after=${first.next}&limit=200`, { token: school.token })).json.items, whole.slice(1));
});

// The jobs process: the last one that was started.
const worker = () => Number([...s.log().matchAll(/event=child_started .*role=jobs .*pid=(\d+)/g)].at(-1)[1]);

test('kill -9 in the middle of a list, an issue and a run of slips: each is whole in the end', async (t) => {
  s.expectLog(/event=child_(killed|ended) .*role=jobs/);
  const big = pupils(5000, 'K');
  const asked = await looked(table(big));
  assert.equal(asked.state, 'waiting');
  await s.post(`/api/v1/jobs/${asked.id}/confirm`, undefined, { token: school.token });
  await sleep(120);
  process.kill(worker(), 'SIGKILL');
  assert.equal((await until(asked.id, ['done', 'failed'])).state, 'done');
  assert.deepEqual(await s.sql("select count(*) as n, count(distinct ref) as refs from khop.payer where ref like 'K%'", s.ownerDb), [{ n: 5000, refs: 5000 }]);

  const large = await make({ name: 'Lớn', classes: [...new Set(big.map((p) => p.class))], items: [{ label: 'Nước', kind: 'water', amount: 10000 }] });
  await act(large.id, 'propose');
  const issue = (await act(large.id, 'approve', undefined, principal)).json.id;
  let killed = 0;
  const id = number(large.id);
  while (killed === 0) {
    [{ issued: killed }] = await s.sql(`select issued from khop.round where round_id = ${id}`, s.ownerDb);
    if (killed > 0) process.kill(worker(), 'SIGKILL');
  }
  assert.equal((await until(issue)).state, 'done');
  t.diagnostic(`killed after ${killed} of 5,000`);
  assert.ok(killed > 0 && killed < 5000);
  assert.deepEqual(await s.sql(`select (select issued from khop.round where round_id = ${id}) as issued, count(*) as n, count(distinct c.payer_id) as payers from khop.round_payer p join khop.charge c on c.bucket = p.bucket and c.code_no = p.code_no where p.round_id = ${id}`, s.ownerDb),
    [{ issued: 5000, n: 5000, payers: 5000 }]);

  const slips = (await act(large.id, 'slips', {})).json.id;
  for (killed = 0; killed === 0;) {
    const now = await job(slips);
    if (now.state === 'running' && now.done > 0) { process.kill(worker(), 'SIGKILL'); killed = now.done; }
    assert.notEqual(now.state, 'done', 'too fast to be killed');
    await sleep(5);
  }
  const done = await until(slips);
  assert.deepEqual([done.state, done.result.slips], ['done', 5000]);
  const pdf = path.join(folder, 'large.pdf');
  writeFileSync(pdf, (await s.get(`/api/v1/jobs/${slips}/result`, { token: school.token })).bytes);
  execFileSync('qpdf', ['--check', pdf], { stdio: 'ignore' });
  assert.equal(Number(/Pages:\s+(\d+)/.exec(execFileSync('pdfinfo', [pdf], { encoding: 'utf8' }))[1]), done.result.pages);
});
