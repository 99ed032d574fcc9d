// What single pupils are asked in a round: a list by the names of the items, what is wrong with it and the file that says so, what the principal sees,
// what the bills say. And the same for the list of pupils: the file to correct is the file to send again.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { server, stranger } from './harness.mjs';
import { cells, lists, pupils, sheet, table } from './school.mjs';

const s = await server();
const school = await s.org(), other = await s.org();
const account = await s.account(school.token, '7907205112244');
const principal = await s.token(school.id, 'read,approve'), reader = await s.token(school.id, 'read');
const XLSX = { headers: { 'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } };
const folder = mkdtempSync(path.join(os.tmpdir(), 'khop-amounts-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const { until, send, looked, yes, taken } = lists(s, school.token);
const rows = pupils(40);
const ITEMS = [{ label: 'Tiền ăn', kind: 'meal', amount: 600000, by_class: { '2A': 500000 } }, { label: 'Nước uống', kind: 'water', amount: 10000 }];
const act = (id, what, body, token = school.token) => s.post(`/api/v1/rounds/${id}/${what}`, body, { token });
async function make(body) {
  const answer = await s.post('/api/v1/rounds', { name: 'Tiền ăn tháng 11', month: '2026-11', due_on: '2026-11-30', account: account.id, items: ITEMS, ...body }, { token: school.token, key: crypto.randomUUID() });
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
}
const get = async (id) => (await s.get(`/api/v1/rounds/${id}`, { token: school.token })).json;
const asked = async (id, query = '') => Object.fromEntries((await s.all(`/api/v1/rounds/${id}/payers${query}`, school.token, 200)).map((r) => [r.ref, r]));
const own = (payers, amount, instead) => ({ payers, amount, instead });
const result = async (id, token = school.token) => s.get(`/api/v1/jobs/${id}/result`, { token });

test('the list of pupils with faults comes back with what is wrong in each row, and is taken when that is corrected', async () => {
  const sent = [['DANH SÁCH HỌC SINH'], [], ['STT', 'Mã học sinh', 'Họ và tên', 'Lớp', 'Chế độ'], ...rows.map((p, i) => [i + 1, p.ref, p.name, p.class, null]), ['Tổng cộng: 40 học sinh']];
  sent[4][1] = null;
  sent[5][2] = null;
  sent[5][1] = sent[3][1];
  sent[6][4] = 'tiền quà';
  const failed = await looked('/api/v1/payers/import', sheet(sent, folder), XLSX);
  assert.deepEqual([failed.state, failed.error_count], ['failed', 3], JSON.stringify(failed.errors));
  assert.equal(failed.file.name, 'Danh sách cần sửa.xlsx');
  assert.equal((await result(failed.id, other.token)).status, 404);
  const file = cells((await result(failed.id)).bytes, folder);
  assert.deepEqual(file.map((r) => r[0]).map((mark, i) => [i + 1, mark]).filter(([, mark]) => mark !== null),
    [[3, 'Cần sửa'], [5, 'Mã học sinh: Ô này trống.'], [6, 'Họ và tên: Ô này trống.'], [7, 'Chế độ: Không biết chế độ hỗ trợ này.']]);
  const width = Math.max(...sent.map((r) => r.length));
  assert.deepEqual(file.map((r) => r.slice(1)), sent.map((r) => [...r, ...Array(width - r.length).fill(null)]), 'the rows as they came');
  const again = await looked('/api/v1/payers/import', (await result(failed.id)).bytes, XLSX);
  assert.deepEqual(again.errors.map((e) => [e.line, e.pointer, e.code]), failed.errors.map((e) => [e.line, e.pointer, e.code]), 'sent as it is, it says the same');
  const corrected = file.map((r) => [...r]);
  corrected[4][2] = rows[1].ref;
  corrected[5][2] = rows[2].ref;
  corrected[5][3] = rows[2].name;
  corrected[6][5] = null;
  assert.equal((await taken('/api/v1/payers/import', sheet(corrected, folder), XLSX)).new, 40);
  assert.equal((await taken('/api/v1/payers/import', table(rows))).changed, 40, 'with the households');
});

test('amounts by the names of the items: nothing before the yes, then the bills, and the same again changes nothing', async () => {
  const round = await make();
  const before = await asked(round.id);
  assert.deepEqual([round.own, round.items.map((i) => i.own)], [own(0, 0, 0), [own(0, 0, 0), own(0, 0, 0)]]);
  const [a, b, c, d] = rows;
  const list = [['TIỀN ĂN THÁNG 11'], ['STT', 'Mã HS', 'Họ và tên', 'Ngày ăn', 'TIEN AN (đồng)', 'nước uống'],
    [1, a.ref, a.name, 18, 540000, null], [2, b.ref, b.name, 0, 0, 0], [3, c.ref, c.name, 20, '600.000 đ', 12000], [4, d.ref, d.name, 22, null, null], [null, null, 'Tổng cộng', 60, 1140000, 12000]];
  const look = await looked(`/api/v1/rounds/${round.id}/amounts`, sheet(list, folder), XLSX);
  assert.equal(look.state, 'waiting', JSON.stringify(look));
  assert.equal(look.round, round.id);
  const r = look.result;
  assert.deepEqual([r.payers, r.own, r.changed, r.same, r.dropped, r.unused], [4, 3, 3, 1, 0, ['STT', 'Ngày ăn']]);
  assert.deepEqual(r.columns, [{ label: 'Tiền ăn', payers: 3, amount: 1140000, instead: before[a.ref].lines[0][1] + before[b.ref].lines[0][1] + before[c.ref].lines[0][1], nothing: 1 },
    { label: 'Nước uống', payers: 2, amount: 12000, instead: 20000, nothing: 1 }]);
  assert.deepEqual(r.examples.map((e) => [e.ref, e.before, e.after]), [[a.ref, before[a.ref].amount, 550000], [b.ref, before[b.ref].amount, 0], [c.ref, before[c.ref].amount, 612000]]);
  assert.deepEqual(await asked(round.id), before);
  assert.equal((await s.post(`/api/v1/jobs/${look.id}/confirm`, undefined, { token: reader })).status, 403);
  await yes(look.id);
  const after = await asked(round.id);
  assert.deepEqual([after[a.ref].lines, after[a.ref].own], [[['Tiền ăn', 540000], ['Nước uống', 10000]], true]);
  assert.deepEqual([after[b.ref].lines, after[b.ref].payment], [[], 'free']);
  assert.deepEqual(after[c.ref].lines, [['Tiền ăn', 600000], ['Nước uống', 12000]]);
  assert.deepEqual(after[d.ref], before[d.ref]);
  const now = await get(round.id);
  assert.deepEqual([now.own, now.items[1].own], [own(3, 1152000, r.columns[0].instead + 20000), own(2, 12000, 20000)]);
  assert.equal(now.amount, round.amount - before[a.ref].amount + 550000 - before[b.ref].amount - before[c.ref].amount + 612000);
  assert.deepEqual(Object.keys(await asked(round.id, '?own=true')).sort(), [a.ref, b.ref, c.ref]);
  const again = await taken(`/api/v1/rounds/${round.id}/amounts`, sheet(list, folder), XLSX);
  assert.deepEqual([again.changed, again.same, again.before === again.after], [0, 4, true]);
  assert.deepEqual(await get(round.id), now);

  // By name and class as CSV; what is not named stays, unless the list is the whole one.
  const byName = `Họ tên;Lớp;Nước uống\n${d.name.toUpperCase()};${d.class.toLowerCase()};1.000\n`;
  assert.equal((await taken(`/api/v1/rounds/${round.id}/amounts`, byName)).changed, 1);
  assert.equal((await get(round.id)).own.payers, 4);
  const whole = await taken(`/api/v1/rounds/${round.id}/amounts?whole=true`, byName);
  assert.deepEqual([whole.same, whole.dropped], [1, 3]);
  assert.deepEqual([(await get(round.id)).own, (await asked(round.id))[a.ref]], [own(1, 1000, 10000), before[a.ref]]);

  // The form sends all of a round again: amounts stay with their items.
  const changed = await s.post(`/api/v1/rounds/${round.id}`, { name: 'Tháng 11', month: '2026-11', due_on: '2026-12-05', account: account.id, items: [ITEMS[1], { ...ITEMS[0], label: 'TIỀN ĂN' }] }, { token: school.token, key: crypto.randomUUID() });
  assert.deepEqual([changed.status, changed.json.own, changed.json.items[0].own], [200, own(1, 1000, 10000), own(1, 1000, 10000)], changed.text);
});

test('what is wrong with a list of amounts is said by its row and column, and in the file', async () => {
  const round = await make({ classes: ['1A', '2A'] });
  const inside = rows.filter((p) => ['1A', '2A'].includes(p.class)), outside = rows.filter((p) => !['1A', '2A'].includes(p.class));
  const list = ['Mã HS,Họ và tên,Tiền ăn,Nước uống',
    `${inside[0].ref},${inside[0].name},1.5,`, `${inside[1].ref},${inside[1].name},-5,`, `${inside[2].ref},Ai Đó,1,`, `KHÔNG,,1,`, `${outside[0].ref},${outside[0].name},1,`, `${outside[1].ref},${outside[1].name},,`,
    `${inside[3].ref},,1,`, `${inside[3].ref},,1,`, `,${inside[4].name},1,`].join('\n');
  const failed = await looked(`/api/v1/rounds/${round.id}/amounts`, list);
  assert.deepEqual(failed.errors.map((e) => [e.line, e.pointer, e.code]).sort((x, y) => x[0] - y[0]), [[2, 'Tiền ăn', 'amount'], [3, 'Tiền ăn', 'range'], [4, 'Họ và tên', 'other_name'], [5, 'Mã HS', 'unknown'], [6, 'Mã HS', 'not_asked'],
    [9, 'Mã HS', 'twice'], [10, 'Mã HS', 'required']]);
  const file = cells((await result(failed.id)).bytes, folder);
  assert.deepEqual(file.map((r) => r[0]), ['Cần sửa', 'Tiền ăn: Đây không phải số tiền tính bằng đồng.', 'Tiền ăn: Số tiền không được âm, cũng không quá 999.999.999.999.', 'Họ và tên: Mã này là của học sinh tên khác.',
    'Mã HS: Không có học sinh nào mang mã này.', 'Mã HS: Học sinh này không thuộc đợt thu.', null, null, 'Mã HS: Học sinh này đã có ở một dòng phía trên.', 'Mã HS: Ô này trống.']);
  for (const [body, code] of [['Mã HS,Tiền ăn sáng\n1,2\n', 'items'], ['Mã HS,Tiền ăn,TIEN AN\n1,2,3\n', 'column_twice'], ['Họ tên,Tiền ăn\nA,2\n', 'header'], ['x,y\n1,2\n', 'header'], ['Mã HS,Tiền ăn\n', 'empty']]) {
    const no = await looked(`/api/v1/rounds/${round.id}/amounts`, body);
    assert.deepEqual([no.errors.map((e) => e.code), no.file], [[code], null], body);
  }
  // Two of one name in a class: nobody is guessed.
  await taken('/api/v1/payers/import', `Mã HS,Họ và tên,Lớp\nT1,Lò Văn Sinh,1A\nT2,Lò Văn Sình,1A\n`);
  const twins = await make({ name: 'Sinh đôi', classes: ['1A'] });
  const guess = await looked(`/api/v1/rounds/${twins.id}/amounts`, 'Họ tên,Lớp,Tiền ăn\nLò Văn Sinh,1A,5\n');
  assert.deepEqual(guess.errors.map((e) => [e.line, e.code]), [[2, 'ambiguous']]);
  const two = await make({ name: 'Hai khoản', items: [ITEMS[0], { ...ITEMS[0], label: 'tiền ăn' }] });
  assert.deepEqual((await looked(`/api/v1/rounds/${two.id}/amounts`, 'Mã HS,Tiền ăn\nT1,5\n')).errors.map((e) => e.code), ['item_twice']);
});

test('whose round it is, and what becomes of it between the look and the yes', async () => {
  const round = await make({ name: 'Đổi giữa chừng' });
  const body = `Mã HS,Tiền ăn\n${rows[0].ref},5000\n`;
  assert.equal((await send(`/api/v1/rounds/${round.id}/amounts`, body, { token: reader })).status, 403);
  assert.equal((await send(`/api/v1/rounds/${round.id}/amounts`, body, { token: principal })).status, 403, 'who approves does not change');
  assert.equal((await send('/api/v1/rounds/rnd_x/amounts', body)).status, 404);
  for (const [id, token] of [[stranger(round.id), school.token], [round.id, other.token]]) assert.equal((await send(`/api/v1/rounds/${id}/amounts`, body, { token })).status, 404);
  const first = await looked(`/api/v1/rounds/${round.id}/amounts`, body);
  const renamed = await s.post(`/api/v1/rounds/${round.id}`, { name: 'x', month: '2026-11', due_on: '2026-11-30', account: account.id, items: [{ ...ITEMS[0], label: 'Tiền cơm' }] }, { token: school.token, key: crypto.randomUUID() });
  assert.equal(renamed.status, 200, renamed.text);
  assert.deepEqual((await yes(first.id, 'failed')).errors.map((e) => e.code), ['changed']);
  assert.equal((await get(round.id)).own.payers, 0);
  const second = await looked(`/api/v1/rounds/${round.id}/amounts`, body.replace('Tiền ăn', 'Tiền cơm'));
  assert.equal((await act(round.id, 'propose')).status, 200);
  assert.deepEqual((await yes(second.id, 'failed')).errors.map((e) => e.code), ['changed'], 'what the principal looks at does not change below him');
  assert.deepEqual((await looked(`/api/v1/rounds/${round.id}/amounts`, body)).errors.map((e) => e.code), ['not_draft']);
});

test('support and ceilings go by them as by amounts of a class, and the bill that is paid has their lines', async () => {
  await taken('/api/v1/payers/import', `Mã HS,Họ và tên,Chế độ\n${rows[4].ref},${rows[4].name},boarding_food\n${rows[5].ref},${rows[5].name},boarding_food\n`);
  assert.equal((await s.post('/api/v1/ceilings', { kind: 'meal', amount: 1500000, decision: 'NQ 30/2025', valid_from: '2026-01-01' }, { token: school.token })).status, 201);
  const round = await make({ name: 'Ăn tháng 12', month: '2026-12', due_on: '2026-12-31' });
  assert.deepEqual(round.over_ceiling, []);
  await taken(`/api/v1/rounds/${round.id}/amounts`, `Mã HS,Tiền ăn,Nước uống\n${rows[4].ref},936001,0\n${rows[5].ref},0,\n${rows[6].ref},1500001,\n`);
  const now = await get(round.id), by = await asked(round.id);
  assert.deepEqual(by[rows[4].ref].lines, [['Tiền ăn', 936001], ['Hỗ trợ tiền ăn học sinh bán trú', -936000]]);
  assert.deepEqual([by[rows[4].ref].amount, by[rows[5].ref].lines], [1, [['Nước uống', 10000]]], 'what is not asked is not covered');
  assert.deepEqual(now.over_ceiling, [{ label: 'Tiền ăn', amount: 1500001, ceiling: 1500000, decision: 'NQ 30/2025' }]);
  assert.equal((await act(round.id, 'propose')).status, 200);
  assert.equal((await s.get(`/api/v1/rounds/${round.id}`, { token: principal })).json.own.payers, 3);
  assert.equal((await act(round.id, 'approve', {}, principal)).status, 422);
  const issue = await act(round.id, 'approve', { reason: 'Ăn kiêng theo chỉ định' }, principal);
  assert.equal((await until(issue.json.id)).state, 'done');
  const bill = (await asked(round.id))[rows[6].ref];
  const page = (await s.get(`${bill.pay_url}.json`)).json;
  assert.deepEqual(page.lines.map((l) => [l.label, l.amount]), [['Tiền ăn', 1500001], ['Nước uống', 10000]]);
  const bank = await s.bank(school.token, 'sepay/apikey', account);
  await bank.send({ memo: bill.code, amount: bill.amount });
  assert.equal((await asked(round.id))[rows[6].ref].payment, 'paid');
});

test('5,000 pupils with amounts: looked at and saved in a few seconds', async (t) => {
  const many = pupils(5000, 'K');
  await taken('/api/v1/payers/import', table(many));
  const round = await make({ name: 'Lớn', month: '2027-01', due_on: '2027-01-31', items: [...ITEMS, { label: 'Chăm sóc', kind: 'care', amount: 150000 }], classes: [...new Set(many.map((p) => p.class))] });
  const list = `Mã HS;Họ và tên;Tiền ăn;Nước uống;Chăm sóc\n${many.map((p, i) => `${p.ref};${p.name};${500000 + i};${i % 3 === 0 ? '' : 10000 + i};${i % 5 === 0 ? 0 : 150000}`).join('\n')}\n`;
  const began = Date.now();
  const asked5000 = await looked(`/api/v1/rounds/${round.id}/amounts`, list);
  assert.deepEqual([asked5000.state, asked5000.result?.payers], ['waiting', 5000], JSON.stringify(asked5000.errors));
  const half = Date.now();
  await yes(asked5000.id);
  const end = Date.now();
  t.diagnostic(`looked at in ${half - began} ms, saved in ${end - half} ms`);
  assert.equal((await get(round.id)).own.payers, 5000);
  const again = Date.now();
  assert.equal((await taken(`/api/v1/rounds/${round.id}/amounts`, list)).changed, 0);
  t.diagnostic(`the same again ${Date.now() - again} ms`);
  assert.ok(end - began < 20_000, `${end - began} ms`); // two here; a plan that reads all of a round for each pupil takes minutes
});
