// The bank says otherwise: what no statement has, what came twice, another amount, a payment taken back, money in suspense given back. One answer through the API, two people where that is needed,
// undone, and a receipt that says it is void.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { number, server, sleep, until } from './harness.mjs';

const s = await server();
const school = await s.org();
const second = await s.token(school.id, 'read,approve');

const VN = (at) => new Date(at.getTime() + 7 * 3600_000).toISOString();
// Yesterday noon: a file of that day has all of it.
const day = VN(new Date(Date.now() - 86_400_000)).slice(0, 10), noon = new Date(`${day}T12:00:00+07:00`);
// A bank's file: lines {at, amount, memo, ref}.
async function file(bank, lines, opening) {
  let balance = opening;
  const rows = ['Ngày giao dịch,Giờ,Nợ,Có,Số dư,Số tham chiếu,Nội dung'];
  for (const l of lines) {
    balance += l.amount;
    const [y, m, d] = VN(l.at).slice(0, 10).split('-');
    rows.push(`${d}/${m}/${y},${VN(l.at).slice(11, 19)},${l.amount < 0 ? -l.amount : ''},${l.amount > 0 ? l.amount : ''},${balance},${l.ref ?? ''},"${l.memo ?? ''}"`);
  }
  const sent = await s.request('POST', `/api/v1/statements?account=${bank.account.id}`, { token: school.token, body: Buffer.from(rows.join('\n') + '\n'), headers: { 'Content-Type': 'application/octet-stream' } });
  assert.equal(sent.status, 202, sent.text);
  for (let i = 0; i < 300; i++) {
    const { json } = await s.get(`/api/v1/jobs/${sent.json.id}`, { token: school.token });
    if (json.state === 'done') return json.result;
    assert.notEqual(json.state, 'failed', JSON.stringify(json));
    await sleep(40);
  }
  throw new Error('the job does not end');
}
const fee = (bank, amount = 180000) => s.code(school.token, { account: bank.account.id, kind: 'fee', amount });
const paid = async (code) => { const c = await s.show(school.token, code); return [c.status, c.paid, c.receipts.length]; };
const open = async (reason, bank) => (await s.get(`/api/v1/exceptions?state=open&reason=${reason}&account=${bank.account.id}`, { token: school.token })).json.items;
const show = async (id) => (await s.get(`/api/v1/exceptions/${id}`, { token: school.token })).json;
const act = (id, what, body, token = school.token) => s.post(`/api/v1/exceptions/${id}/${what}`, body, { token });
const states = async (bank) => Object.fromEntries((await s.get(`/api/v1/reconciliation?account=${bank.account.id}&date=${day}`, { token: school.token })).json.states.map((x) => [x.state, [x.count, x.in, x.out]]));
test('in no statement: reversed, its receipt is void, undone, and asked of two above the limit', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac');
  const [real, forged, large] = [await fee(bank), await fee(bank), await fee(bank, 9_000_000)];
  await bank.send({ memo: real.code, amount: 180000, time: noon, reference: 'A1', balance: null });
  await bank.send({ memo: forged.code, amount: 180000, time: noon, reference: 'A2', balance: null });
  await bank.send({ memo: large.code, amount: 9_000_000, time: noon, reference: 'A3', balance: null });
  const result = await file(bank, [{ at: noon, amount: 180000, memo: real.code, ref: 'A1' }], 1_000_000);
  assert.equal(result.not_on_statement, 2);
  const [a, b] = (await open('not_on_statement', bank)).sort((x, y) => x.amount - y.amount);

  const doc = await show(a.id);
  assert.deepEqual([doc.about.what, doc.about.alone, doc.about.event.amount, doc.about.event.code, doc.may.correct], ['absent', true, 180000, forged.code, true]);
  const receipt = (await s.show(school.token, forged)).receipts[0];
  const done = await act(a.id, 'resolve', { action: 'correct' });
  assert.deepEqual([done.status, done.json.state, done.json.may.correct, done.json.may.undo], [200, 'resolved', false, true], done.text);
  assert.deepEqual(await paid(forged), ['issued', 0, 1]);
  assert.equal((await s.show(school.token, forged)).receipts[0].voided, true);
  assert.equal((await act(a.id, 'resolve', { action: 'correct' })).status, 409, 'once');
  const page = await s.get(new URL(receipt.url).pathname, { headers: { Accept: 'text/html' } });
  assert.match(page.text, /không còn giá trị|đã hủy|đã bị hủy/i, 'whoever opens the receipt sees it');
  assert.deepEqual((await states(bank)).corrected, [1, 180000, 0]);

  assert.equal((await act(a.id, 'undo', { reason: 'nhầm' })).status, 200);
  assert.deepEqual(await paid(forged), ['paid', 180000, 2]);
  assert.deepEqual([(await show(a.id)).state, (await show(a.id)).about.what], ['open', 'absent']);

  const asked = await act(b.id, 'resolve', { action: 'correct', reason: 'kiểm tra rồi' });
  assert.deepEqual([asked.status, asked.json.state, asked.json.proposal.what], [200, 'proposed', 'correct'], asked.text);
  assert.deepEqual(await paid(large), ['paid', 9_000_000, 1]);
  assert.equal((await act(b.id, 'approve', {}, second)).status, 200);
  assert.deepEqual(await paid(large), ['issued', 0, 1]);
  const [match] = await s.sql(`select action, rule, actor is not null and requested_by is not null and actor <> requested_by as two, reason from audit.match where action = 'correct' and requested_by is not null`);
  assert.deepEqual(match, { action: 'correct', rule: 'person', two: true, reason: 'kiểm tra rồi' });
});

test('the same movement under two ids: one line, one booking', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), code = await fee(bank);
  await bank.send({ memo: code.code, amount: 180000, time: noon, reference: 'D1', balance: 1_180_000 });
  await bank.send({ memo: code.code, amount: 180000, time: noon, reference: 'D1', balance: 1_180_000 });
  await file(bank, [{ at: noon, amount: 180000, memo: code.code, ref: 'D1' }], 1_000_000);
  assert.deepEqual(await open('not_on_statement', bank), []);
  const [item] = await open('duplicate_notice', bank);
  assert.deepEqual((await show(item.id)).about.other.amount, 180000);
  assert.equal((await act(item.id, 'resolve', { action: 'correct' })).status, 200);
  assert.deepEqual(await paid(code), ['paid', 180000, 1]);
  assert.equal((await s.sql(`select coalesce(sum(held), 0)::int as held from audit.exception where account_id = ${number(bank.account)} and state in ('open', 'proposed')`))[0].held, 0);
});

test('a payment that the bank takes back', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), code = await fee(bank);
  await bank.send({ memo: code.code, amount: 180000, time: noon, reference: 'T1', balance: null });
  await bank.send({ memo: 'THU HOI GIAO DICH', amount: 180000, direction: 'out', time: new Date(noon.getTime() + 1000), reference: 'T1', balance: null });
  const [item] = await open('out_of_direction', bank);
  assert.deepEqual([(await show(item.id)).about.what, (await show(item.id)).about.other.code], ['taken_back', code.code]);
  const done = await act(item.id, 'resolve', { action: 'correct' });
  assert.deepEqual([done.status, done.json.state, done.json.held, done.json.may.undo], [200, 'resolved', 0, false]);
  assert.deepEqual(await paid(code), ['issued', 0, 1]);
  assert.equal((await s.show(school.token, code)).receipts[0].voided, true);
  assert.equal((await act(item.id, 'undo', { reason: 'nhầm' })).status, 409);
});

test('money in suspense that the bank gives back: set off, said on both sides, undone, of two above the limit', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac');
  const both = async (amount, reference) => {
    await bank.send({ memo: 'ung ho', amount, time: noon, reference, balance: null });
    await bank.send({ memo: `Hoan tra ${reference}`, amount, direction: 'out', time: new Date(noon.getTime() + 1000), reference: `${reference}R`, balance: null });
    const found = (await s.get(`/api/v1/exceptions?state=open&account=${bank.account.id}`, { token: school.token })).json.items.filter((x) => x.amount === amount);
    return ['in', 'out'].map((direction) => found.find((x) => x.direction === direction).id);
  };
  const [came, went] = await both(180000, 'FT25001');
  const doc = await show(went);
  assert.deepEqual([doc.about.what, doc.about.alone, doc.about.other.reference, doc.may.correct], ['set_off', true, 'FT25001', true]);
  const done = await act(went, 'resolve', { action: 'correct' });
  assert.deepEqual([done.status, done.json.state, done.json.held, done.json.may.undo], [200, 'resolved', 0, true], done.text);
  const other = await show(came);
  assert.deepEqual([other.state, other.held, other.history.at(-1).action, other.may.undo, other.may.reverse], ['resolved', 0, 'offset', true, false]);
  assert.equal((await act(came, 'undo', { reason: 'nhầm' })).status, 200);
  for (const id of [came, went]) {
    const now = await show(id);
    assert.deepEqual([now.state, now.held, now.about.what, now.history.map((h) => h.action), now.may.undo], ['open', 180000, 'set_off', ['offset', 'undo'], false]);
  }
  const [, large] = await both(9_000_000, 'FT25002');
  assert.equal((await act(large, 'resolve', { action: 'correct' })).json.proposal.what, 'offset');
  assert.equal((await act(large, 'approve', {}, second)).json.state, 'resolved');
});

test('up to what sum one person decides is for the organisation to say', async () => {
  const other = await s.org(), bank = await s.bank(other.token, 'sepay/hmac');
  const limit = async (token = other.token) => (await s.get('/api/v1/alone-limit', { token })).json;
  assert.deepEqual(await limit(), { amount: 5_000_000, ceiling: 50_000_000, changed_at: null, changed_by: null });
  for (const [body, pointer] of [[{}, '/amount'], [{ amount: 50_000_001 }, '/amount'], [{ amount: -1 }, '/amount'], [{ amount: 1, org: 'x' }, '']]) {
    const refused = await s.post('/api/v1/alone-limit', body, { token: other.token, unchecked: true });
    assert.deepEqual([refused.status, refused.json.errors[0].pointer], [422, pointer], refused.text);
  }
  assert.equal((await s.post('/api/v1/alone-limit', { amount: 0 }, { token: await s.token(other.id, 'read,accountant') })).status, 403);
  const set = await s.post('/api/v1/alone-limit', { amount: 9999 }, { token: other.token });
  assert.deepEqual([set.status, set.json.amount, (await limit()).amount, (await limit(school.token)).amount], [200, 9999, 9999, 5_000_000]);
  await bank.send({ memo: 'ung ho', amount: 10_000, time: noon, reference: 'FT25003', balance: null });
  await bank.send({ memo: 'Hoan tra FT25003', amount: 10_000, direction: 'out', time: noon, reference: 'FT25004', balance: null });
  const [item] = (await s.get('/api/v1/exceptions?state=open&reason=out_of_direction', { token: other.token })).json.items;
  const one = (await s.get(`/api/v1/exceptions/${item.id}`, { token: other.token })).json;
  assert.equal(one.about.alone, false);
  assert.equal((await act(item.id, 'resolve', { action: 'correct' }, other.token)).json.state, 'proposed');
});

test('a break in the running balance of notices: told when it stays, with both ends, gone when the missing one comes', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), at = (k) => new Date(noon.getTime() + k * 1000);
  await bank.send({ memo: 'mot', amount: 10_000, time: at(0), balance: 1_010_000 });
  await bank.send({ memo: 'ba', amount: 30_000, time: at(2), balance: 1_060_000 });
  assert.deepEqual(await open('balance_gap', bank), [], 'it may have been overtaken');
  // One transaction, in the order in which balance_check locks: cursor, then marks.
  const later = () => s.owner(`update khop.balance_cursor set due_at = now() where org_id = ${number(school)};
    update khop.balance_mark set since = since - interval '1 hour' where account_id = ${number(bank.account)}`);
  const [gap] = await until(() => { later(); return open('balance_gap', bank); }, (found) => found.length === 1);
  const doc = await show(gap.id);
  assert.deepEqual([gap.amount, doc.about.notice_before.balance, doc.about.notice_after.opening], [20_000, 1_010_000, 1_030_000]);
  const found = await s.get(`/api/v1/reconciliation?account=${bank.account.id}&date=${day}`, { token: school.token });
  assert.deepEqual(found.json.gaps, [{ exception: gap.id, amount: 20_000, source: 'notice', direction: 'in', before: 1_030_000, after: 1_010_000 }]);
  await bank.send({ memo: 'hai', amount: 20_000, time: at(1), balance: 1_030_000 });
  await until(() => show(gap.id), (x) => x.state === 'self_resolved');
});

test('far too little: told as such; the item closes itself when the rest comes, and asks again when the bank takes the rest back', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), code = await fee(bank, 200_000), at = (k) => new Date(noon.getTime() + k * 1000);
  await bank.send({ memo: code.code, amount: 200, time: at(0), reference: 'N1', balance: null });
  const [item] = await open('tiny_amount', bank);
  assert.deepEqual([item.amount, item.held, item.code, (await open('short', bank)).length], [200, 0, code.code, 0]);
  assert.deepEqual(await paid(code), ['partially_paid', 200, 1]);
  await bank.send({ memo: code.code, amount: 199_800, time: at(1), reference: 'N2', balance: null });
  const closed = await until(() => show(item.id), (x) => x.state === 'self_resolved');
  assert.deepEqual([closed.history.map((h) => [h.action, h.rule, h.actor]), closed.may.undo, closed.may.dismiss], [[['rest_paid', 'rest_paid', null]], false, false]);
  await bank.send({ memo: 'THU HOI GIAO DICH', amount: 199_800, direction: 'out', time: at(2), reference: 'N2', balance: null });
  const [taken] = await open('out_of_direction', bank);
  assert.equal((await act(taken.id, 'resolve', { action: 'correct' })).status, 200);
  assert.deepEqual([await paid(code), (await show(item.id)).state], [['partially_paid', 200, 2], 'open']);
  assert.deepEqual((await show(item.id)).history.map((h) => h.action), ['rest_paid', 'undo']);
});

test('nothing to be corrected, nobody who may', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), other = await s.org();
  await bank.send({ memo: 'ung ho', amount: 7000 });
  const [item] = await open('no_code', bank);
  assert.equal((await show(item.id)).about, null);
  assert.equal((await act(item.id, 'resolve', { action: 'correct' })).status, 409);
  assert.equal((await act(item.id, 'resolve', { action: 'correct' }, other.token)).status, 404);
  assert.equal((await act(item.id, 'resolve', { action: 'correct' }, await s.token(school.id, 'read'))).status, 403);
});
