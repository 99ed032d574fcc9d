// The accountant's desk by the API: what is done about an exception, by whom, undone; refunds with two people; closing a day and opening it again.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { test } from 'node:test';
import { digits, number, server, sleep } from './harness.mjs';

const s = await server();
const school = await s.org();
const bank = await s.bank(school.token, 'sepay/apikey');
const principal = await s.token(school.id, 'read,approve');
const accountant = await s.token(school.id, 'read,issue,accountant');
const reader = await s.token(school.id, 'read');
const today = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10);
let payers = 0;

function payer(name = `Lò Văn ${payers + 1}`, household) {
  const id = (BigInt(school.bucket) << 48n) + BigInt(1000 + ++payers);
  s.owner(`insert into khop.payer (bucket, payer_id, org_id, ref, name, household, created_at, changed_at)
    values (${school.bucket}, ${id}, ${number(school)}, 'HS${100 + payers}', '${name}', ${household ? `'${household}'` : 'null'}, now(), now())`);
  return id;
}
const publicId = (prefix, id) => {
  let text = '';
  for (let n = BigInt(id), i = 0; i < 13; i++, n /= 32n) text = '0123456789abcdefghjkmnpqrstvwxyz'[Number(n % 32n)] + text;
  return `${prefix}_${text}`;
};
async function charge(owner, amount, due_on, kind = 'fee') {
  const code = await s.code(school.token, { account: bank.account.id, kind, amount, due_on, label: 'tien an' });
  if (owner) {
    s.owner(`update khop.charge set payer_id = ${owner} where charge_id = ${number(code)};
      update khop.charge_due set of_payer = true where charge_id = ${number(code)}`);
  }
  return code;
}
// The exception of a movement, once no rule is at work on it any more.
async function exception(sent, token = accountant) {
  for (;;) {
    const e = (await s.exceptions(bank.account)).find((x) => x.ext_id === bank.table.ext(sent));
    const got = await s.get(`/api/v1/exceptions/${publicId('exc', e.exception_id)}`, { token });
    assert.equal(got.status, 200, got.text);
    if (!got.json.pending) return got.json;
    await sleep(30);
  }
}
async function act(e, what, body, token = accountant, status = 200) {
  const answer = await s.post(`/api/v1/exceptions/${e.id ?? e}/${what}`, body, { token });
  assert.equal(answer.status, status, answer.text);
  return answer.json;
}
const resolve = (e, body, token, status) => act(e, 'resolve', body, token, status);
const payee = { bin: '970415', account_no: digits(10), name: 'LO VAN CHA' };
const paid = async (code) => { const c = await s.show(school.token, code); return `${c.status} ${c.paid}`; };

test('money without a code: matched by hand, undone, split', async () => {
  const [x, y] = [await charge(null, 300000), await charge(null, 200000)];
  let e = await exception(await bank.send({ amount: 500000, memo: 'nop tien hoc' }));
  assert.equal(e.reason, 'no_code');
  assert.deepEqual([e.held, e.state, e.may.link, e.may.undo, e.may.refund], [500000, 'open', true, false, true]);
  await resolve(e, { action: 'link', code: x.code }, accountant, 422); // something would be left over, of nobody
  await resolve(e, { action: 'link', code: 'SB7M4QX2C' }, accountant, 422);
  await resolve(e, { action: 'link', code: 'xyz' }, accountant, 422);
  await resolve(e, { action: 'link', code: x.code }, reader, 403);
  await resolve(e, { action: 'sing' }, accountant, 422);
  e = await resolve(e, { action: 'split', parts: [{ code: x.code, amount: 300000 }, { code: y.id, amount: 150000 }] });
  assert.deepEqual([e.held, e.state, e.may.undo, e.history.at(-1).action, e.history.at(-1).rows.length], [50000, 'open', true, 'split', 2]);
  assert.match(e.history.at(-1).at, /\+07:00$/);
  assert.ok(Math.abs(Date.parse(e.history.at(-1).at) - Date.now()) < 600_000, e.history.at(-1).at);
  assert.equal(await paid(x), 'paid 300000');
  assert.equal(await paid(y), 'partially_paid 150000');
  e = await resolve(e, { action: 'link', code: ` ${y.code.toLowerCase().slice(0, 4)} ${y.code.slice(4)} ` });
  assert.deepEqual([e.held, e.state], [0, 'resolved']);
  await resolve(e, { action: 'link', code: y.code }, accountant, 409);
  await act(e, 'undo', {}, accountant, 422);
  e = await act(e, 'undo', { reason: 'nhầm em' });
  assert.deepEqual([e.held, e.state, e.history.at(-1).action, e.history.at(-1).reason, e.may.undo], [50000, 'open', 'undo', 'nhầm em', false]);
  assert.equal(await paid(y), 'partially_paid 150000');
  const receipts = (await s.show(school.token, y)).receipts;
  assert.deepEqual(receipts.map((r) => r.voided), [false, true], 'a receipt that is void keeps its number');
  const page = await s.get(new URL(y.pay_url).pathname, { headers: { Accept: 'application/json' } });
  assert.equal(page.json.receipts.length, 1, 'but does not stand on the pay page');
  const voided = await s.sql(`select voided from audit.receipt where org_id = ${number(school)} and voided`);
  assert.equal(voided.length, 1);
});

test('suggestions say why, and are accepted by number', async () => {
  const [a, b, c] = [payer('Vàng A Dơ', 'nhà V'), payer('Vàng Thị Mỷ', 'nhà V'), payer('Vàng A Sính', 'nhà V')];
  const x = await charge(a, 500000), [y, z] = [await charge(b, 300000), await charge(c, 300000)];
  let e = await exception(await bank.send({ amount: 800000, memo: x.code }));
  assert.equal(e.suggestions.length, 2, 'either sibling');
  for (const one of e.suggestions) {
    assert.deepEqual(one.why, [{ why: 'same_sum' }]);
    assert.equal(one.parts.reduce((sum, p) => sum + p.amount, 0), 800000);
  }
  const wanted = e.suggestions.find((o) => o.parts.some((p) => p.code === z.code));
  await resolve(e, { action: 'accept', suggestion: 5 }, accountant, 409);
  e = await resolve(e, { action: 'accept', suggestion: wanted.number });
  assert.deepEqual([e.state, await paid(x), await paid(y), await paid(z)], ['resolved', 'paid 500000', 'issued 0', 'paid 300000']);
  // A name in the memo is a hint, never more.
  e = await exception(await bank.send({ amount: 350000, memo: 'MBVCB.123.Vang Thi My nop tien an' }));
  assert.deepEqual([e.reason, e.suggestions[0].why, e.suggestions[0].parts[0].code, e.suggestions[0].credit.amount],
    ['no_code', [{ why: 'name' }, { why: 'oldest_first' }], y.code, 50000]);
  e = await resolve(e, { action: 'accept', suggestion: 1 });
  assert.deepEqual([e.state, await paid(y)], ['resolved', 'paid 300000']);
  // Two exact codes in one memo.
  const [p, q] = [await charge(null, 120000), await charge(null, 80000)];
  e = await exception(await bank.send({ amount: 200000, memo: `${p.code} ${q.code}` }));
  assert.deepEqual([e.reason, e.suggestions[0].why], ['several_charges', [{ why: 'codes_sum' }]]);
  await resolve(e, { action: 'accept', suggestion: 1 });
  assert.deepEqual([await paid(p), await paid(q)], ['paid 120000', 'paid 80000']);
});

test('a refund needs two people', async () => {
  let e = await exception(await bank.send({ amount: 90000, memo: 'chuyen nham' }));
  await resolve(e, { action: 'refund' }, accountant, 422);
  e = await resolve(e, { action: 'refund', amount: 90000, payee, reason: 'chuyển nhầm' });
  assert.deepEqual([e.state, e.proposal.what, e.proposal.amount, e.proposal.account_no, e.may.withdraw, e.may.decide], ['proposed', 'refund', 90000, payee.account_no, true, false]);
  await resolve(e, { action: 'refund', payee }, accountant, 409);
  await act(e, 'approve', {}, accountant, 403);
  const both = await s.token(school.id, 'read,accountant,approve');
  e = await act(e, 'refuse', { reason: 'hỏi lại' }, principal);
  assert.deepEqual([e.state, e.held], ['open', 90000]);
  e = await resolve(e, { action: 'refund', payee }, both);
  await act(e, 'approve', {}, both, 403); // his own
  e = await act(e, 'approve', {}, principal);
  assert.deepEqual([e.state, e.held, e.history.at(-1).requested_by !== null], ['resolved', 0, true]);
  const out = await s.show(school.token, e.history.at(-1).rows[0].code);
  assert.deepEqual([out.kind, out.amount, out.payee.account_no, out.status], ['payout', 90000, payee.account_no, 'issued']);
  assert.equal((await s.post(`/api/v1/codes/${out.id}/cancel`, {}, { token: school.token })).status, 409, 'not by itself');
  await bank.send({ amount: 90000, memo: out.code, direction: 'out' });
  assert.equal(await paid(out), 'paid 90000');
  await act(e, 'undo', { reason: 'muộn rồi' }, accountant, 409);
});

test('a refund of credit, asked for without an exception', async () => {
  const a = payer(), x = await charge(a, 100000);
  await bank.send({ amount: 160000, memo: x.code });
  for (const began = Date.now(); (await s.sql(`select 1 from audit.credit where payer_id = ${a}`)).length === 0;) {
    assert.ok(Date.now() - began < 10_000);
    await sleep(40);
  }
  const ask = (amount) => s.post('/api/v1/refunds', { account: bank.account.id, payer: publicId('pyr', a), amount, reason: 'chuyển trường', payee }, { token: accountant });
  assert.equal((await ask(60001)).status, 409);
  const asked = await ask(60000);
  assert.equal(asked.status, 201, asked.text);
  const waiting = await s.all('/api/v1/exceptions?state=waiting&reason=refund_requested', principal);
  assert.deepEqual(waiting.map((e) => e.id), [asked.json.id]);
  const e = await act(asked.json.id, 'approve', {}, principal);
  assert.equal(e.state, 'resolved');
  assert.equal((await s.sql(`select amount from audit.credit where payer_id = ${a}`))[0].amount, 0);
});

test('nobody\'s money, with a note', async () => {
  let e = await exception(await bank.send({ amount: 11000, memo: 'PHI QUAN LY TAI KHOAN', direction: 'out' }));
  await resolve(e, { action: 'dismiss' }, accountant, 422);
  e = await resolve(e, { action: 'dismiss', reason: 'phí quản lý tài khoản' });
  assert.deepEqual([e.state, e.proposal.what], ['proposed', 'write_off']);
  e = await act(e, 'approve', {}, principal);
  assert.deepEqual([e.state, e.held], ['resolved', 0]);
  assert.equal((await s.sql(`select net from audit.balance where org_id = ${number(school)} and account = 811`))[0].net, 11000);
});

test('a day is closed, refuses nothing, and is opened again by two', async () => {
  const day = async (what, body, token = accountant, status = 200) => {
    const answer = await s.post(`/api/v1/days/${today}/${what}`, body ?? {}, { token });
    assert.equal(answer.status, status, answer.text);
    return answer.json;
  };
  const x = await charge(null, 70000), stays = await exception(await bank.send({ amount: 5000, memo: 'ung ho' }));
  const done = await resolve(await exception(await bank.send({ amount: 70000, memo: 'hoc phi' })), { action: 'link', code: x.code });
  const before = await s.get(`/api/v1/days/${today}/close`, { token: reader });
  assert.deepEqual([before.json.state, before.json.faults, before.json.may.close], ['open', [], true]);
  await day('close', {}, reader, 403);
  const closed = await day('close');
  assert.deepEqual([closed.state, closed.version, closed.may.reopen], ['closed', 1, true]);
  assert.equal(crypto.createHash('sha256').update(Buffer.alloc(32)).update(closed.sealed_text).digest('hex'), closed.seal, 'anybody can compute the seal');
  const balance = await s.sql(`select account, net from audit.balance where org_id = ${number(school)}`);
  for (const a of closed.sheet.accounts) {
    assert.equal(a.opening + a.debit - a.credit, a.closing);
    assert.equal(a.closing, balance.find((b) => b.account === a.account).net);
  }
  assert.ok(closed.sheet.open.items.some((o) => o.id === stays.id), 'what waits is carried on');
  await day('close', {}, accountant, 409);

  // Late money, and what is left of yesterday.
  const late = await bank.send({ amount: 1000, memo: 'muon' });
  const booked = await s.sql(`select t.booked_on from audit.transfer t join audit.bank_event e using (org_id, seq) where e.ext_id = '${bank.table.ext(late)}'`);
  assert.ok(booked[0].booked_on > today);
  await act(done, 'undo', { reason: 'nhầm' }, accountant, 409);
  let e = await resolve(done, { action: 'reverse', reason: 'nhầm em' });
  assert.equal(e.state, 'proposed');
  e = await act(e, 'approve', {}, principal);
  assert.deepEqual([e.state, e.held, await paid(x)], ['open', 70000, 'issued 0']);

  await day('reopen', {}, accountant, 422);
  assert.equal((await day('reopen', { reason: 'thiếu sao kê' })).state, 'asked_reopen');
  await day('approve', {}, accountant, 403);
  assert.equal((await day('approve', {}, principal)).state, 'open');
  await day('approve', {}, principal, 409); // somebody else was faster
  const again = await day('close');
  assert.deepEqual([again.version, again.steps.map((o) => o.what)], [2, ['closed', 'asked_reopen', 'reopened', 'closed']]);
  assert.ok(again.steps.every((o) => o.at.endsWith('+07:00')), JSON.stringify(again.steps));
  assert.equal((await s.get('/api/v1/days/2026-02-30/close', { token: reader })).status, 404);
});
