// A sixth kind of payment codes (design.md §4): added by the operator, known to a running server, issued alone and in a
// file, found in memos, settled, receipted, shown; and one that pays out.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import test from 'node:test';
import { khop, server, sleep } from './harness.mjs';

const s = await server();
const school = await s.org();
const bank = await s.bank(school.token, 'sepay/hmac');
const add = (...args) => khop(['kind', 'add', '--database', s.ownerDb, ...args]);
const issue = (body) => s.post('/api/v1/codes', { account: bank.account.id, amount: 50_000, ...body }, { token: school.token, key: crypto.randomUUID() });

// Issued as soon as the server may.
async function soon(body) {
  for (const began = Date.now(); ; await sleep(200)) {
    const answer = await issue(body);
    if (answer.status === 201) return [answer.json, Date.now() - began];
    assert.equal(answer.json.errors[0].pointer, '/kind', answer.text);
    assert.ok(Date.now() - began < 15_000, answer.text);
  }
}

test('an unknown kind is refused', async () => {
  for (const kind of ['parking', 'X', 'x', 'B1']) assert.equal((await issue({ kind })).status, 422, kind);
});

test('a sixth letter: known within seconds, issued, paid, receipted', async () => {
  const added = await add('--letter', 'X', '--name', 'parking');
  assert.equal(added.code, 0, added.err);
  const [code, waited] = await soon({ kind: 'parking', label: 'Gửi xe' });
  assert.ok(waited >= 3000, `a code of a new kind after ${waited} ms: other servers may not know the letter yet`);
  assert.equal(code.code[1], 'X');
  assert.equal(code.kind, 'parking');
  assert.equal((await issue({ kind: 'X' })).json.kind, 'parking', 'by its letter');

  for (const [memo, amount, status] of [[`CK ${code.code} gui xe`, 20_000, 'partially_paid'], [`${code.code.slice(0, 4)} ${code.code.slice(4)}`, 30_000, 'paid']]) {
    await bank.send({ memo, amount });
    assert.equal((await s.show(school.token, code)).status, status, memo);
  }
  const damaged = (await issue({ kind: 'parking' })).json, letters = [...damaged.code];
  letters[4] = letters[4] === '7' ? '8' : '7';
  await bank.send({ memo: `tien ${letters.join('')} gui xe`, amount: 50_000 });
  assert.equal((await s.show(school.token, damaged)).status, 'paid', 'repaired');
  const receipt = new URL((await s.show(school.token, damaged)).receipts[0].url).pathname;
  assert.equal((await s.get(`${receipt}.json`)).json.kind, 'parking');
  assert.equal((await s.get(receipt, { headers: { Accept: 'text/html' } })).status, 200);
});

test('in a file, too', async () => {
  const body = `account,kind,amount\n${bank.account.id},parking,1000\n${bank.account.id},fee,2000\n`;
  const answer = await s.request('POST', '/api/v1/codes/batch', { token: school.token, key: crypto.randomUUID(), body, headers: { 'Content-Type': 'text/csv' } });
  assert.equal((await s.jobEnded(answer.json, school.token)).state, 'done');
  const codes = await s.all(`/api/v1/jobs/${answer.json.id}/codes`, school.token);
  assert.deepEqual(codes.map((c) => c.code[1]), ['X', 'B']);
});

test('a kind that pays out has a payee and is settled by money that leaves', async () => {
  assert.equal((await add('--letter', 'R', '--name', 'refund', '--out', '--json')).code, 0);
  const payee = { bin: '970436', account_no: '0071000123456', name: 'LO THI MAY' };
  const [code] = await soon({ kind: 'refund', payee });
  assert.deepEqual(code.payee, payee);
  assert.equal((await issue({ kind: 'refund' })).json.errors[0].pointer, '/payee');
  const page = (await s.get(`${new URL(code.pay_url).pathname}.json`)).json;
  assert.deepEqual([page.direction, page.to.holder, page.apps], ['out', payee.name, []]);
  await bank.send({ memo: code.code, amount: 50_000, direction: 'out' });
  const paid = await s.show(school.token, code);
  assert.equal(paid.status, 'paid');
  assert.equal((await s.get(`${new URL(paid.receipts[0].url).pathname}.json`)).json.direction, 'out');
});

test('the list, and what cannot be added', async () => {
  const list = JSON.parse((await khop(['kind', 'list', '--database', s.ownerDb, '--json'])).out);
  assert.deepEqual(list.map((k) => `${k.letter} ${k.name} ${k.direction}`), ['B fee in', 'C stall in', 'K card in', 'P payout out', 'R refund out', 'V service in', 'X parking in']);
  assert.match((await khop(['kind', 'list', '--database', s.ownerDb])).out, /^X {2}parking +money in$/m);
  assert.equal((await add('--letter', 'X', '--name', 'parking')).code, 0, 'the same again');
  for (const args of [['--letter', 'X', '--name', 'other'], ['--letter', 'Y', '--name', 'fee'], ['--letter', 'X', '--name', 'parking', '--out']]) assert.equal((await add(...args)).code, 1, args.join(' '));
  for (const args of [['--letter', 'O', '--name', 'other'], ['--letter', 'XY', '--name', 'other'], ['--letter', 'Y', '--name', 'O'], ['--letter', 'Y', '--name', 'Other'], ['--letter', 'Y', '--name', 'a'.repeat(17)], ['--letter', 'Y']]) assert.equal((await add(...args)).code, 2, args.join(' '));
});
