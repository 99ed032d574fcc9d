// A market with 300 stalls, each with the account of its seller: the books have numbers for all of them, reports and exports know them.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { digits, number, server } from './harness.mjs';

const s = await server();
const market = await s.org(undefined, 'market');
const read = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
const STALLS = 300;
const first = await s.account(market.token);
const stalls = [];
for (let i = 1; i <= STALLS; i++) {
  const answer = await s.post('/api/v1/stalls', { name: `Sạp ${i}`, bin: '970436', account_no: digits(12), holder: 'HOANG THI HOA' }, { token: market.token });
  assert.equal(answer.status, 201, `stall ${i}: ${answer.text}`);
  stalls.push(answer.json);
}
const last = await s.account(market.token);
const rows = await s.sql(`select account_id::text, ledger_no from khop.account where org_id = (select org_id from khop.org where code = '${market.code}')`, s.ownerDb);
const ledger = Object.fromEntries(rows.map((r) => [r.account_id, r.ledger_no]));

test('their numbers follow each other, and the first hundred are those they always were', () => {
  const numbers = stalls.map((x) => ledger[number(x.account.id ?? x.account)]);
  assert.deepEqual(numbers.slice(0, 98), Array.from({ length: 98 }, (_, i) => 112102 + i));
  assert.deepEqual(numbers.slice(98), Array.from({ length: 202 }, (_, i) => 11210100 + i));
  assert.equal(ledger[number(last.id)], 11210302);
});

test('money of a stall behind the hundredth, and of an account behind all of them', async () => {
  const till = await s.bank(market.token, 'sepay/hmac', stalls[299].account);
  const own = await s.bank(market.token, 'sepay/hmac', last), old = await s.bank(market.token, 'casso/v1', first);
  await till.send({ memo: stalls[299].code, amount: 30_000 });
  const code = await s.code(market.token, { account: last.id, kind: 'service', amount: 50_000 });
  await own.send({ memo: code.code, amount: 50_000 });
  await old.send({ memo: 'khong ma', amount: 7_000 });

  const balances = (await s.get('/api/v1/reports/balances', { token: market.token })).json.items.map((r) => [r.account, r.closing_debit - r.closing_credit]);
  assert.deepEqual(balances, [['112101', 7_000], ['11210302', 50_000], ['131', -50_000], ['3388', -7_000]], 'what is a seller\'s is not in sight');
  const days = (await s.get('/api/v1/reports/days', { token: market.token })).json;
  assert.deepEqual([days.items.length, days.sums.in, days.sums.settled], [2, 57_000, 50_000]);
  const net = Object.fromEntries((await s.sql(`select account, net from audit.balance b join (select distinct org_id from audit.receipt where org_code = '${market.code}') c using (org_id)`)).map((r) => [r.account, r.net]));
  assert.deepEqual(net, { 131: -80_000, 3388: -7_000, 112101: 7_000, 11210301: 30_000, 11210302: 50_000 });

  const file = async (format) => {
    const answer = await s.get(`/api/v1/reports/journal?format=${format}&from=2000-01-01&to=2100-01-01`, { token: market.token }), at = path.join(s.dir, `journal.${format}`);
    assert.equal(answer.status, 200, answer.text);
    writeFileSync(at, answer.bytes);
    return at;
  };
  const bean = await file('beancount'), hledger = await file('hledger');
  read('bean-check', bean);
  read('hledger', '-f', `journal:${hledger}`, 'check', '-s');
  const told = read('bean-query', '-q', '-f', 'csv', bean, 'select account, sum(number) group by account').trim().split('\n').slice(1).map((l) => l.split(',').map((v) => v.trim()));
  assert.deepEqual(told.map(([a, n]) => [a.split(':')[1], Number(n)]).sort(), balances.map(([a, n]) => [String(a), n]).sort());
  const also = read('hledger', '-f', `journal:${hledger}`, 'bal', '-N', '-O', 'csv').trim().split('\n').slice(1).map((l) => l.replaceAll('"', '').split(','));
  assert.deepEqual(also.map(([a, n]) => [a.split(':')[1], Number(n.replace(' VND', ''))]).sort(), balances.map(([a, n]) => [String(a), n]).sort());
});

test('all of them are listed, and a page of the list is quick', async () => {
  const all = await s.all('/api/v1/stalls', market.token, 100), begun = performance.now();
  assert.deepEqual(all.map((x) => x.name).sort(), stalls.map((x) => x.name).sort());
  await s.all('/api/v1/codes', market.token, 200);
  assert.ok(performance.now() - begun < 2_000);
});
