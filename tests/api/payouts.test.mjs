// A commune's month (product.md §3.10): the list comes as a sheet and as JSON, is checked, submitted by one person and approved by another,
// paid by notices of money that leaves; late, doubled and returned ones; what is left unpaid goes into the next month; the month's report.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { server, stranger, until } from './harness.mjs';
import { cells } from './school.mjs';

const s = await server();
const commune = await s.org(undefined, 'commune'), other = await s.org(undefined, 'commune');
const maker = await s.token(commune.id, 'read,issue,pay_make'), checker = await s.token(commune.id, 'read,pay_check'), both = await s.token(commune.id, 'read,pay_make,pay_check');
const auditor = await s.token(commune.id, 'audit'), reader = await s.token(commune.id, 'read');
const bank = await s.bank(commune.token, 'sepay/hmac');
const dir = mkdtempSync('/tmp/khopapi-p-');
test.after(() => rmSync(dir, { recursive: true }));

const person = (i) => `0140${String(80_000_000 + i).padStart(8, '0')}`;
const NAMES = ['Lò Thị Mai', 'Cà Văn Hặc', 'Quàng Thị Ó', 'Vì Văn Pâng', 'Tòng Văn Ương', 'Hoàng Thị Ệt'];
const name = (i) => `${NAMES[i % NAMES.length]} ${String.fromCharCode(65 + Math.floor(i / NAMES.length))}`;
const line = (i, more = {}) => ({ name: name(i), birth_on: '1941', person_id: person(i), amount: 500_000, bank: '970405', account_no: `7900${String(i).padStart(9, '0')}`, ...more });
const lines = (n, from = 0) => Array.from({ length: n }, (_, i) => line(from + i));
const call = (method, at, body, token = maker, more = {}) => s.request(method, `/api/v1/payouts${at}`, { body, token, ...(body === undefined && method === 'POST' ? { headers: { 'Content-Type': null } } : {}), ...more });
const create = (body, options = {}) => call('POST', '', { account: bank.account.id, name: 'Trợ cấp xã hội T11', month: '2026-11', pay_by: '2026-11-25', ...body }, options.token ?? maker, { key: crypto.randomUUID(), ...options });
const made = async (body) => { const answer = await create(body); assert.equal(answer.status, 201, answer.text); return answer.json; };
const show = async (id) => (await call('GET', `/${id}`)).json;
const all = async (id, more = '', token = maker) => { const items = []; for (let after = 0; after !== null;) { const answer = await call('GET', `/${id}/lines?limit=3&after=${after}${more}`, undefined, token); assert.equal(answer.status, 200, answer.text); items.push(...answer.json.items); after = answer.json.next; } return items; };
const pay = (code, amount, more) => bank.send({ memo: `CHI TRA ${code} tro cap`, amount, direction: 'out', ...more });

const ended = (id, token = maker) => s.jobEnded(id, token);

// Submitted and approved by two people, and every line has its code.
async function approved(id) {
  assert.equal((await call('POST', `/${id}/submit`)).status, 200);
  const answer = await call('POST', `/${id}/approve`, undefined, checker);
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await ended(answer.json.job, checker)).state, 'done');
  return show(id);
}

function xlsx(rows, file = 'list.xlsx') {
  const at = path.join(dir, file);
  execFileSync('/usr/bin/python3', ['-c', 'import json,sys,openpyxl\nb=openpyxl.Workbook()\nfor r in json.load(sys.stdin): b.active.append(r)\nb.save(sys.argv[1])', at], { input: JSON.stringify(rows) });
  return readFileSync(at);
}

const TITLES = ['STT', 'Họ và tên', 'Ngày sinh', 'Số CCCD', 'Mức hưởng', 'Ngân hàng', 'Số tài khoản', 'Chủ tài khoản', 'Người được ủy quyền', 'Hạn ủy quyền'];
const upload = (bytes, query = {}, options = {}) => s.request('POST', `/api/v1/payouts/upload?${new URLSearchParams({ account: bank.account.id, name: 'Trợ cấp T11', month: '2026-11', pay_by: '2026-11-25', ...query })}`,
  { body: bytes, token: maker, key: crypto.randomUUID(), headers: { 'Content-Type': 'application/octet-stream' }, ...options });

// --- the list ---

test('a bank that instant transfers do not reach, and a sum that does not go at once, are pointed out', async () => {
  const answer = await upload(xlsx([TITLES, [1, 'Cà Thị Chum', '1950', person(950), 500000, 'VBSP', '999001', null, null, null], [2, 'Vàng A Lử', '1951', person(951), 499_999_999, 'MB', '0368999888', null, null, null],
    [3, 'Vàng A Sủ', '1952', person(952), 500_000_000, 'MB', '0368999889', null, null, null]]), { name: 'Xa', month: '2026-10', pay_by: '2026-10-25' });
  const job = await ended(answer.json.id), got = await all(job.result.payout);
  assert.deepEqual(got.map((l) => l.warnings.filter((w) => w !== 'standard')), [['bank_away'], [], ['large']]);
  assert.equal((await s.post(`/api/v1/payouts/${job.result.payout}/cancel`, {}, { token: maker })).status, 200);
});

test('a list as a sheet becomes a draft, with what a person should look at', async () => {
  const rows = [['ỦY BAN NHÂN DÂN XÃ BẢN MẪU'], ['DANH SÁCH CHI TRẢ'], [], TITLES,
    [1, 'Lò Thị Mai', '12/03/1941', person(900), '500.000', 'Agribank CN Sơn La', '7900 0000 00001', 'LO THI MAI', null, null],
    [2, 'Cà Văn Hặc', '1939', person(901), 750000, 'Vietcombank', '0071000123456', 'NGUYEN VAN A', null, null],
    [3, 'Quàng Thị Ó', null, null, '500.001', '970436', '0071000123457', null, 'Quàng Văn Tâm', '30/11/2026'],
    [4, 'Vì Văn Pâng', '01/01/1950', person(902), 500000, 'BIDV', '7900000000001', null, 'Vì Văn Sơn', null],
    [5, 'Tòng Văn Ương', '01/01/1950', person(903), 500000, 'Agribank', '7900000000001', 'Tòng Văn Ương', null, null],
    ['', 'Tổng cộng', null, null, 2750001, null, null, null, null, null]];
  const answer = await upload(xlsx(rows));
  assert.equal(answer.status, 202, answer.text);
  const job = await ended(answer.json.id);
  assert.equal(job.state, 'done', JSON.stringify(job));
  const list = await show(job.result.payout);
  assert.deepEqual([list.state, list.lines, list.amount, list.month, list.pay_by], ['draft', 5, 2_750_001, '2026-11', '2026-11-25']);
  assert.deepEqual(list.warnings, { account_twice: 2, holder: 1, standard: 1, payee_open: 1, payee_ending: 1, no_person: 1 });
  const got = await all(list.id);
  assert.deepEqual(got.map((l) => [l.row, l.name, l.birth_on, l.bin, l.account_no, l.holder, l.warnings.toSorted()]), [
    [5, 'Lò Thị Mai', '1941-03-12', '970405', '7900000000001', 'LO THI MAI', ['account_twice']],
    [6, 'Cà Văn Hặc', '1939-01-01', '970436', '0071000123456', 'NGUYEN VAN A', ['holder']],
    [7, 'Quàng Thị Ó', null, '970436', '0071000123457', 'Quàng Văn Tâm', ['no_person', 'payee_ending', 'standard']],
    [8, 'Vì Văn Pâng', '1950-01-01', '970418', '7900000000001', 'Vì Văn Sơn', ['payee_open']],
    [9, 'Tòng Văn Ương', '1950-01-01', '970405', '7900000000001', 'Tòng Văn Ương', ['account_twice']]]);
  assert.equal((await call('POST', `/${list.id}/cancel`)).json.state, 'cancelled');
});

test('a personal id is kept as a hash under a key that the database does not have', async () => {
  const list = await made({ lines: lines(2) });
  const rows = await s.sql(`select encode(person, 'hex') as person from khop.payout_line where name in ('${name(0)}', '${name(1)}')`, s.ownerDb);
  assert.equal(new Set(rows.map((r) => r.person)).size, 2);
  const key = readFileSync(path.join(s.keys, 'field.key')), raw = key.length === 32 ? key : Buffer.from(key.toString().trim(), 'hex');
  assert.ok(rows.some((r) => r.person === crypto.createHmac('sha256', raw).update(`person\n${person(0)}`).digest('hex').slice(0, 32)));
  const dump = execFileSync('pg_dump', ['--data-only', '-d', s.ownerDb], { maxBuffer: 1 << 28 }).toString();
  assert.ok(!dump.includes(person(0)) && !(await call('GET', `/${list.id}/lines`)).text.includes(person(0)));
  await call('POST', `/${list.id}/cancel`);
});

test('every fault is told with its row and column, and nothing is kept', async () => {
  const rows = [TITLES, [1, '', null, '12', 'abc', 'Ngân hàng Bản Mẫu', '', null, null, 'hôm nay'], [2, 'A', null, person(1), 5, 'MB', '12-34', null, null, null], [3, 'A B', '31/02/1950', person(2), -5, 'ACB', '1'.repeat(20), null, null, null]];
  const count = async () => (await call('GET', '?limit=200')).json.items.length, before = await count();
  const job = await ended((await upload(xlsx(rows))).json.id);
  assert.equal(job.state, 'failed');
  assert.deepEqual(job.errors.map((e) => [e.line, e.pointer, e.code]).sort(), [
    [2, 'Hạn ủy quyền', 'date'], [2, 'Họ và tên', 'required'], [2, 'Mức hưởng', 'amount'], [2, 'Ngân hàng', 'bank'], [2, 'Số CCCD', 'person_id'], [2, 'Số tài khoản', 'required'],
    [4, 'Mức hưởng', 'amount'], [4, 'Ngày sinh', 'date'], [4, 'Số tài khoản', 'account']].sort());
  // The file says what to put right in which row, and repeats nothing that may be a personal id.
  const told = cells((await s.get(`/api/v1/jobs/${job.id}/result`, { token: maker })).bytes, dir);
  assert.deepEqual(told[0], ['Cần sửa', ...TITLES]);
  assert.match(told[1][0], /Họ và tên: Ô này trống\..*Số CCCD: /);
  assert.deepEqual(told.slice(1).map((r) => r.slice(1)), [[null, null, null, null, 'abc', 'Ngân hàng Bản Mẫu', null, null, null, 'hôm nay'],
    [null, 'A', null, null, 5, 'MB', '12-34', null, null, null], [null, 'A B', '31/02/1950', null, -5, 'ACB', null, null, null, null]]);
  const twice = await ended((await upload(Buffer.from([TITLES.join(';'), `1;A;;${person(3)};500000;MB;1`, `2;B;;${person(3)};500000;MB;2`, '3;C;;;500000;MB;3;;;', '4;c;;;500000;MB;3;;;', `5;D;;${person(4)};500000;MB;4;;E;01/11/2026`].map((l) => l.padEnd(1)).join('\n')))).json.id);
  assert.deepEqual(twice.errors.map((e) => [e.line, e.pointer, e.code]), [[3, 'Số CCCD', 'person_twice'], [5, 'Họ và tên', 'person_twice'], [6, 'Hạn ủy quyền', 'payee_ended']]);
  for (const bytes of [Buffer.from('x;y\n1;2\n'), Buffer.from('%PDF-1.4'), Buffer.from(TITLES.join(','))]) assert.equal((await ended((await upload(bytes)).json.id)).state, 'failed');
  assert.equal(await count(), before);
  for (const query of [{ month: '2026-13' }, { pay_by: 'x' }, { name: '' }, { account: 'x' }]) assert.equal((await upload(Buffer.from('x'), query)).status, 422, JSON.stringify(query));
});

test('the same in JSON: places of faults, the key, who may', async () => {
  for (const [more, pointer, code] of [[{ amount: 0 }, 'amount', 'amount'], [{ amount: '5' }, 'amount', 'type'], [{ bank: 'Ngân hàng X' }, 'bank', 'bank'], [{ account_no: 'số 1' }, 'account_no', 'account'], [{ person_id: '12' }, 'person_id', 'person_id'],
    [{ name: '' }, 'name', 'required'], [{ birth_on: '1950-02-30' }, 'birth_on', 'date'], [{ payee: 'X', payee_until: '2026-11-24' }, 'payee_until', 'payee_ended'], [{ person_id: person(0) }, 'person_id', 'person_twice']]) {
    const answer = await create({ lines: [line(0), line(1, more)] });
    assert.equal(answer.status, 422, answer.text);
    assert.ok(answer.json.errors.some((e) => e.pointer === `/lines/1/${pointer}` && e.code === code), answer.text);
  }
  for (const [more, pointer] of [[{ account: stranger(bank.account.id) }, '/account'], [{ month: '2026-1' }, '/month'], [{ pay_by: '25/11/2026' }, '/pay_by'], [{ lines: {} }, '/lines'], [{ lines: [5] }, '/lines/0/name'], [{ name: '' }, '/name'], [{ carry_over: 'yes' }, '/carry_over']]) {
    assert.ok((await create({ lines: lines(1), ...more })).json.errors.some((e) => e.pointer === pointer), pointer);
  }
  const key = crypto.randomUUID(), body = { lines: lines(1, 50) };
  const first = await create(body, { key }), again = await create(body, { key });
  assert.equal(again.json.id, first.json.id);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(first.headers.location, `/api/v1/payouts/${first.json.id}`);
  assert.equal((await create({ lines: lines(1, 51) }, { key })).status, 422);
  assert.equal((await create(body, { key: undefined })).status, 400);
  for (const token of [checker, auditor, reader, commune.token]) assert.equal((await create(body, { token })).status, 403);
  for (const token of [auditor, reader, checker]) assert.equal((await call('GET', `/${first.json.id}`, undefined, token)).status, 200);
  for (const [token, status] of [[auditor, 200], [checker, 200], [reader, 403], [other.token, 403]]) assert.equal((await call('GET', `/${first.json.id}/lines`, undefined, token)).status, status);
  const theirs = await s.token(other.id, 'read,pay_make,pay_check');
  for (const [method, at, more] of [['GET', ''], ['GET', '/lines'], ['POST', '/submit'], ['POST', '/approve'], ['POST', '/cancel'], ['POST', '/return', { note: 'x' }]]) assert.equal((await call(method, `/${first.json.id}${at}`, more, theirs)).status, 404, at);
  await call('POST', `/${first.json.id}/cancel`);
});

// --- two people ---

test('who made or submitted a list does not approve it, whatever else they may; it can be sent back', async () => {
  const list = await made({ lines: lines(2, 60) });
  const act = async (verb, token, body) => (await call('POST', `/${list.id}/${verb}`, body, token)).status;
  assert.equal(await act('approve', checker), 409, 'a draft');
  assert.equal(await act('submit', checker), 403);
  assert.equal(await act('submit', both), 200);
  assert.equal(await act('approve', maker), 403);
  assert.equal(await act('approve', both), 403, 'submitted by them');
  assert.equal(await act('cancel', maker), 409);
  assert.equal(await act('return', maker, { note: 'x' }), 403);
  assert.equal(await act('return', checker, {}), 422);
  assert.equal(await act('return', checker, { note: 'Sai số tài khoản dòng 2' }), 200);
  assert.deepEqual([(await show(list.id)).state, (await show(list.id)).note], ['draft', 'Sai số tài khoản dòng 2']);
  assert.equal(await act('submit', maker), 200);
  assert.throws(() => s.owner(`update khop.payout set state = 'approved', approved_by = submitted_by, approved_at = now() where state = 'submitted'`), 'the database itself refuses one person');
  const twice = await Promise.all([1, 2].map(() => call('POST', `/${list.id}/approve`, undefined, checker)));
  assert.deepEqual(twice.map((a) => a.status), [200, 200]);
  assert.equal(twice[0].json.job, twice[1].json.job);
  await ended(twice[0].json.job, checker);
  assert.deepEqual([(await show(list.id)).issued, (await show(list.id)).state], [2, 'approved']);
  assert.equal(await act('cancel', maker), 409);
  const empty = await made({ lines: [] });
  assert.equal((await call('POST', `/${empty.id}/submit`)).status, 409);
  assert.equal((await call('POST', `/${empty.id}/cancel`)).status, 200);
});

// --- a month, from the list to the report ---

test('the month: paid, late, doubled, returned, unpaid; the file for the bank; the next month; the report', async () => {
  const org = await s.org(undefined, 'commune'), purse = await s.bank(org.token, 'sepay/hmac');
  const [make, check] = [await s.token(org.id, 'read,issue,pay_make'), await s.token(org.id, 'read,pay_check')];
  const go = (method, at, body, token = make, more = {}) => call(method, at, body, token, more);
  const list = async (month, rows, carry_over) => {
    const answer = await go('POST', '', { account: purse.account.id, name: `Trợ cấp T${month}`, month: `2026-${month}`, pay_by: `2026-${month}-25`, carry_over, lines: rows }, make, { key: crypto.randomUUID() });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
  };
  const approve = async (id) => {
    assert.equal((await go('POST', `/${id}/submit`)).status, 200);
    const answer = await go('POST', `/${id}/approve`, undefined, check);
    assert.equal(answer.status, 200, answer.text);
    await ended(answer.json.job, check);
  };
  const rowsOf = (id, more) => all(id, more, make);
  const out = (l, amount, more) => purse.send({ memo: `CHI TRA ${l.code} tro cap`, amount, direction: 'out', ...more });

  const november = await list('11', lines(7, 100));
  assert.deepEqual((await go('GET', `/${november.id}`)).json.sums, { planned: { lines: 7, amount: 3_500_000, paid: 0 } });
  assert.equal((await go('GET', `/${november.id}/batch`)).status, 409, 'no codes yet');
  await approve(november.id);
  const l = await rowsOf(november.id);
  assert.deepEqual(l.map((x) => x.state), Array(7).fill('waiting'));
  assert.equal(new Set(l.map((x) => x.code)).size, 7);
  for (const x of l) assert.match(x.code, /^SP/);
  const shown = (await s.get(`/api/v1/codes/${l[0].code}`, { token: make })).json;
  assert.deepEqual([shown.kind, shown.amount, shown.payee], ['payout', 500_000, { bin: '970405', account_no: l[0].account_no, name: l[0].holder }]);

  // The file for the bank: everybody, once, with the code in the text.
  const csv = await go('GET', `/${november.id}/batch?layout=generic`);
  assert.equal(csv.status, 200, csv.text);
  assert.match(csv.headers['content-disposition'], /chi-tra-2026-11-generic\.csv/);
  const table = csv.text.replace(/^\ufeff/, '').trim().split('\r\n').map((r) => r.split(','));
  assert.equal(table.length, 8);
  assert.deepEqual(table.slice(1).map((r) => [r[1], r[3], r[4], r[6]]), l.map((x) => [x.code, x.account_no, '970405', '500000']));
  for (const r of table.slice(1)) assert.ok(r[8].startsWith(r[1]) && r[8].length <= 25, r[8]);
  const sheet = await go('GET', `/${november.id}/batch?layout=agribank&format=xlsx`);
  assert.equal(sheet.status, 200);
  writeFileSync(path.join(dir, 'batch.xlsx'), sheet.bytes);
  const cells = JSON.parse(execFileSync('/usr/bin/python3', ['-c', 'import json,sys,openpyxl\nprint(json.dumps([[c for c in r] for r in openpyxl.load_workbook(sys.argv[1]).active.iter_rows(values_only=True)]))', path.join(dir, 'batch.xlsx')]).toString());
  assert.equal(cells.filter((r) => l.some((x) => r.includes(x.account_no)) && r.includes(500000)).length, 7);

  // Paid; doubled: the same notice again, and the same money in another notice; late: days behind the 25th; short.
  const first = await out(l[0], 500_000);
  await purse.deliver(await purse.signed(first));
  await out(l[1], 500_000);
  await out(l[1], 500_000); // the bank really paid twice: a person must see it
  await out(l[2], 500_000, { time: new Date('2026-11-29T09:00:00+07:00') });
  await out(l[3], 200_000);
  // Returned: the money of line 5 leaves and comes back.
  await out(l[4], 500_000);
  assert.equal((await rowsOf(november.id))[4].state, 'paid');
  await purse.send({ memo: `HOAN TRA ${l[4].code} sai ten`, amount: 500_000 });
  await until(() => rowsOf(november.id), (rows) => rows[4].state === 'returned');
  const after = await rowsOf(november.id);
  assert.deepEqual(after.map((x) => [x.state, x.paid]), [['paid', 500_000], ['paid', 500_000], ['paid', 500_000], ['part', 200_000], ['returned', 0], ['waiting', 0], ['waiting', 0]]);
  assert.deepEqual((await rowsOf(november.id, '&state=waiting')).map((x) => x.place), [6, 7]);
  const open = (await s.all('/api/v1/exceptions', org.token)).map((e) => [e.reason, e.state]);
  assert.ok(open.some(([reason, state]) => reason === 'already_paid' && state === 'open'), JSON.stringify(open));
  assert.ok(open.some(([reason]) => reason === 'short'));
  const left = (await go('GET', `/${november.id}/batch`)).text.trim().split('\r\n').slice(1);
  assert.equal(left.length, 4, 'what is still to be paid: the rest, the returned one, the two');
  assert.ok(left[0].includes('300000'));

  // December takes over what was left unpaid, once.
  const without = await list('12', lines(1, 100));
  assert.deepEqual(without.left_out, { lines: 3, amount: 1_500_000 });
  await go('POST', `/${without.id}/cancel`);
  const december = await list('12', lines(2, 100), true);
  assert.deepEqual([december.lines, december.carried, december.left_out], [5, { lines: 3, amount: 1_500_000 }, { lines: 0, amount: 0 }]);
  const d = await rowsOf(december.id);
  assert.deepEqual(d.slice(2).map((x) => [x.name, x.row, x.from]), [4, 5, 6].map((i) => [l[i].name, null, november.id]));
  assert.deepEqual((await rowsOf(november.id)).slice(4).map((x) => [x.state, x.next]), Array(3).fill(['carried', december.id]));
  assert.deepEqual((await list('12', [], true)).lines, 0, 'nobody is taken over twice');

  // Paid late on the old code while December waits: the checker cannot approve paying it again.
  await out(l[5], 500_000);
  assert.equal((await go('POST', `/${december.id}/submit`)).status, 200);
  assert.equal((await go('POST', `/${december.id}/approve`, undefined, check)).status, 409);
  assert.equal((await go('POST', `/${december.id}/return`, { note: 'Đã chi muộn' }, check)).status, 200);
  assert.equal((await go('POST', `/${december.id}/cancel`)).status, 200);
  assert.equal((await rowsOf(november.id))[5].state, 'paid');
  const again = await list('12', lines(2, 100), true);
  assert.deepEqual(again.carried, { lines: 2, amount: 1_000_000 });
  await approve(again.id);
  // Money that still goes out on the old code is shown to a person, not paid twice unseen.
  await out(l[6], 500_000);
  assert.equal((await s.get(`/api/v1/codes/${l[6].code}`, { token: make })).json.status, 'cancelled');
  assert.ok((await s.all('/api/v1/exceptions', org.token)).some((e) => e.reason === 'cancelled_charge' && e.code === l[6].code));
  for (const x of await rowsOf(again.id)) await out(x, 500_000);
  assert.deepEqual((await rowsOf(again.id)).map((x) => x.state), Array(4).fill('paid'));

  // The report says the same in every form.
  const sums = (await go('GET', `/${november.id}`)).json.sums;
  assert.deepEqual(sums, { paid: { lines: 4, amount: 2_000_000, paid: 2_000_000 }, part: { lines: 1, amount: 500_000, paid: 200_000 }, carried: { lines: 2, amount: 1_000_000, paid: 0 } });
  const report = (await go('GET', `/${november.id}/report?format=json`)).json;
  assert.deepEqual(report.payout.sums, sums);
  assert.equal(report.lines.length, 7);
  const text = (await go('GET', `/${november.id}/report?format=csv`)).text.replace(/^\ufeff/, '').trim().split('\r\n').map((r) => r.split(','));
  assert.deepEqual(text.slice(1).map((r) => [r[1], Number(r[6]), Number(r[7])]), report.lines.map((x) => [x.name, x.amount, x.paid]));
  assert.deepEqual(text.slice(1).map((r) => r[9]), ['Đã chi', 'Đã chi', 'Đã chi', 'Chi một phần', 'Chuyển kỳ sau', 'Đã chi', 'Chuyển kỳ sau']);
  const pdf = await go('GET', `/${november.id}/report?format=pdf`);
  writeFileSync(path.join(dir, 'report.pdf'), pdf.bytes);
  const words = execFileSync('pdftotext', ['-layout', path.join(dir, 'report.pdf'), '-']).toString();
  for (const word of ['Báo cáo chi trả', '2.200.000', l[0].name]) assert.ok(words.includes(word), word);
  assert.equal((await go('GET', `/${november.id}/report?format=xlsx`)).status, 200);
  for (const query of ['format=doc', 'layout=x']) assert.equal((await go('GET', `/${november.id}/batch?${query}`)).status, 400);
  assert.equal((await go('GET', `/${november.id}/lines?state=gone`)).status, 400);
  assert.deepEqual((await go('GET', '?limit=2')).json.items.map((x) => x.month), ['2026-12', '2026-12']);
});

test('2,000 lines: a draft and its codes in seconds', async () => {
  const org = await s.org(undefined, 'commune'), purse = await s.account(org.token), make = await s.token(org.id, 'read,pay_make'), check = await s.token(org.id, 'read,pay_check');
  const body = [TITLES.join('\t'), ...Array.from({ length: 2000 }, (_, i) => [i + 1, name(i), '1941', person(10_000 + i), 500000, 'Agribank', `79${String(i).padStart(11, '0')}`, name(i)].join('\t'))].join('\n');
  const began = Date.now();
  const answer = await upload(Buffer.from(body), { account: purse.id }, { token: make });
  const job = await ended(answer.json.id, make);
  assert.equal(job.state, 'done', JSON.stringify(job));
  assert.equal((await call('POST', `/${job.result.payout}/submit`, undefined, make)).status, 200);
  const issuing = (await call('POST', `/${job.result.payout}/approve`, undefined, check)).json.job;
  assert.equal((await ended(issuing, check)).done, 2000);
  assert.equal((await call('GET', `/${job.result.payout}`, undefined, make)).json.issued, 2000);
  assert.ok(Date.now() - began < 20_000, `${Date.now() - began} ms`);
});

test('the lists page by their key: whole, newest month first, whatever is made meanwhile', async () => {
  const office = await s.org(undefined, 'commune'), purse = await s.bank(office.token, 'sepay/hmac'), token = await s.token(office.id, 'read,issue,pay_make');
  const make = async (month) => (await call('POST', '', { account: purse.account.id, name: `T ${month}`, month, pay_by: '2026-12-25', lines: lines(1) }, token, { key: crypto.randomUUID() })).json.id;
  for (const month of ['2026-03', '2026-01', '2026-03', '2026-12', '2026-02']) await make(month);
  const whole = await s.all('/api/v1/payouts', token);
  assert.deepEqual(whole.map((p) => p.month), ['2026-12', '2026-03', '2026-03', '2026-02', '2026-01']);
  assert.deepEqual(await s.all('/api/v1/payouts', token, 2), whole);
  const first = (await s.get('/api/v1/payouts?limit=2', { token })).json;
  await make('2026-12');
  await make('2026-11');
  assert.deepEqual((await s.get(`/api/v1/payouts?limit=200&after=${first.next}`, { token })).json.items, whole.slice(2), 'nothing twice, nothing left out');
  for (const after of ['1', 'x', Buffer.from('99999999999999.5').toString('base64url')]) assert.equal((await s.get(`/api/v1/payouts?after=${after}`, { token, unchecked: true })).status, 400, after);
});
