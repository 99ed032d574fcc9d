// Money on codes of payers: what the rules do with it moments after it was settled, and that a jobs process that dies in the middle changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digits, number, server, sleep, until } from './harness.mjs';

const s = await server();
const school = await s.org();
const bank = await s.bank(school.token, 'sepay/apikey');
let payers = 0;

// A payer of the school; charges are given to it as its roster would.
function payer(household) {
  const id = (BigInt(school.bucket) << 48n) + BigInt(1000 + ++payers);
  s.owner(`insert into khop.payer (bucket, payer_id, org_id, ref, name, household, created_at, changed_at)
    values (${school.bucket}, ${id}, ${number(school)}, 'HS${payers}', 'Lò Văn ${payers}', ${household ? `'${household}'` : 'null'}, now(), now())`);
  return id;
}

async function charge(owner, amount, due_on, kind = 'fee') {
  const code = await s.code(school.token, { account: bank.account.id, kind, amount, due_on });
  s.owner(`update khop.charge set payer_id = ${owner} where charge_id = ${number(code)};
    update khop.charge_due set of_payer = true where charge_id = ${number(code)}`);
  return code;
}

const paid = async (...codes) => (await Promise.all(codes.map((c) => s.show(school.token, c)))).map((c) => `${c.status} ${c.paid}`).join(', ');
const becomes = (want, ...codes) => until(() => paid(...codes), (got) => got === want);
const credit = async (owner) => Number((await s.sql(`select amount from audit.credit where payer_id = ${owner}`))[0]?.amount ?? 0);
const waiting = () => s.sql(`select * from audit.exception where org_id = ${number(school)} and held > 0`);

test('two children with one transfer', async () => {
  const [a, b] = [payer('nhà 1'), payer('nhà 1')];
  const [x, y, z] = [await charge(a, 500000, '2027-01-31'), await charge(b, 300000, '2027-01-31'), await charge(b, 50000, '2026-10-31')];
  const sent = await bank.send({ amount: 800000, memo: `nop tien 2 chau ${x.code}` });
  await becomes('paid 500000, paid 300000, issued 0', x, y, z);
  const event = await bank.event(sent);
  assert.equal(event.outcome, 'several_charges');
  assert.equal(event.receipt_no, null);
  const [first, second] = [await s.show(school.token, x), await s.show(school.token, y)];
  assert.equal(first.receipts.length, 1);
  assert.equal(Number(second.receipts[0].number.split('/').pop()) - Number(first.receipts[0].number.split('/').pop()), 1, 'numbers without a gap');
  const [match] = await s.sql(`select action, rule, actor, last_seq - first_seq + 1 as n from audit.match where exception_id = ${event.event_id}`);
  assert.deepEqual(match, { action: 'allocate', rule: 'household_sum', actor: null, n: 2 });
  const jws = await s.get(new URL(first.receipts[0].jws_url).pathname);
  assert.equal(jws.status, 200, 'the receipt is signed like any other');
});

test('short, over, doubled: the oldest first, and credit', async () => {
  const a = payer();
  const [old, now] = [await charge(a, 200000, '2026-09-30'), await charge(a, 300000, '2027-01-31')];
  await bank.send({ amount: 250000, memo: now.code });
  await becomes('paid_late 200000, partially_paid 50000', old, now);
  await bank.send({ amount: 250000, memo: now.code });
  await becomes('paid_late 200000, paid 300000', old, now);
  await bank.send({ amount: 250000, memo: now.code });
  await until(() => credit(a), (c) => c === 250000);
  const next = await charge(a, 90000, '2027-02-28');
  await bank.send({ amount: 100000, memo: next.code });
  await becomes('paid 90000', next);
  assert.equal(await credit(a), 260000);
});

test('a card, of whatever is owed', async () => {
  const a = payer();
  const card = await charge(a, null, undefined, 'card');
  const [x, y] = [await charge(a, 120000, '2026-10-31'), await charge(a, 80000, '2026-11-30')];
  await bank.send({ amount: 80000, memo: card.code });
  await becomes('paid 80000', y);
  await bank.send({ amount: 150000, memo: card.code });
  await becomes('paid_late 120000', x);
  assert.equal(await credit(a), 30000);
  assert.equal(await paid(card), 'issued 0');
});

test('one of two siblings: which? A person decides', async () => {
  const [a, b, c] = [payer('nhà 2'), payer('nhà 2'), payer('nhà 2')];
  const [x, y, z] = [await charge(a, 500000), await charge(b, 300000), await charge(c, 300000)];
  const before = (await waiting()).length;
  const sent = await bank.send({ amount: 800000, memo: x.code });
  const event = await bank.event(sent);
  await until(() => s.sql(`select action from audit.match where exception_id = ${event.event_id}`), (m) => m.length === 1 && m[0].action === 'none');
  assert.equal(await paid(x, y, z), 'issued 0, issued 0, issued 0');
  assert.equal((await waiting()).length, before + 1);
});

test('money of a payout that comes back', async () => {
  const out = await s.code(school.token, { account: bank.account.id, kind: 'payout', amount: 700000, payee: { bin: '970415', account_no: digits(10), name: 'NGUYEN VAN A' } });
  await bank.send({ amount: 700000, memo: out.code, direction: 'out' });
  assert.equal(await paid(out), 'paid 700000');
  await bank.send({ amount: 700000, memo: `HOAN TRA ${out.code}` });
  await becomes('issued 0', out);
  await bank.send({ amount: 700000, memo: out.code, direction: 'out' });
  assert.equal(await paid(out), 'paid 700000');
  await bank.send({ amount: 699000, memo: `HOAN TRA ${out.code}` }); // not all of it: a person
  const before = await paid(out);
  await sleep(600);
  assert.equal(await paid(out), before);
});

test('the jobs process dies in the middle, again and again', async () => {
  s.expectLog(/event=child_ended .*role=jobs .*signal=9|event=allocation_failed/);
  const owners = [], before = (await waiting()).length;
  for (let i = 0; i < 40; i++) {
    const home = `nhà ${10 + i}`;
    const [a, b] = [payer(home), payer(home)];
    owners.push({ a, x: await charge(a, 400000, '2027-01-31'), y: await charge(b, 150000, '2027-01-31') });
  }
  const jobs = () => [...s.log().matchAll(/event=child_started .*role=jobs .*pid=(\d+)/g)].map((m) => Number(m[1])).slice(-1);
  assert.ok(jobs().length > 0, 'no jobs process found');
  let killed = 0;
  const sending = Promise.all(owners.map((o, i) => bank.send({ amount: i % 2 ? 550000 : 500000, memo: o.x.code })));
  for (const began = Date.now(); Date.now() - began < 3000;) {
    await sleep(40);
    for (const pid of jobs()) {
      try { process.kill(pid, 'SIGKILL'); killed++; } catch { /* not back yet */ }
    }
  }
  await sending;
  assert.ok(killed >= 3, `${killed} times`);
  await until(async () => (await waiting()).length, (n) => n === before);
  for (const [i, o] of owners.entries()) {
    assert.equal(await paid(o.x, o.y), i % 2 ? 'paid 400000, paid 150000' : 'paid 400000, issued 0');
    assert.equal(await credit(o.a), i % 2 ? 0 : 100000);
  }
  assert.deepEqual(await s.sql('select * from audit.invariants()'), []);
});

// --- without a code, from an account from which a payer has paid before (product.md §3.5, rule 5) ---
for (const mode of ['standardwebhooks/hmac', 'casso/v2', 'payos/webhook']) {
  test(`${mode}: a known account and the exact sum, not again once it was undone`, async () => {
    const from = digits(12), known = await s.bank(school.token, mode);
    const owed = async (owner, amount) => {
      const code = await s.code(school.token, { account: known.account.id, kind: 'fee', amount, due_on: '2027-01-31' });
      s.owner(`update khop.charge set payer_id = ${owner} where charge_id = ${number(code)}; update khop.charge_due set of_payer = true where charge_id = ${number(code)}`);
      return code;
    };
    const [a, b] = [payer(), payer()], first = await owed(a, 210_000);
    await known.send({ amount: 210_000, memo: first.code, from });
    await becomes('paid 210000', first);
    await until(async () => (await s.sql(`select 1 as one from audit.known_account where org_id = ${number(school)} and payer_id = ${a}`)).length, (n) => n === 1);
    const [next, other] = [await owed(a, 95_000), await owed(b, 95_000)];
    const sent = await known.send({ amount: 95_000, memo: 'chuyen tien', from });
    await becomes('paid 95000, issued 0', next, other);
    const event = await known.event(sent);
    assert.equal(event.outcome, 'no_code');
    const [match] = await s.sql(`select rule, action, actor from audit.match where exception_id = ${event.event_id}`);
    assert.deepEqual(match, { rule: 'known_account', action: 'allocate', actor: null });

    const [item] = (await s.get(`/api/v1/exceptions?reason=no_code&account=${known.account.id}`, { token: school.token })).json.items;
    assert.equal((await s.post(`/api/v1/exceptions/${item.id}/undo`, { reason: 'của người khác' }, { token: school.token })).status, 200);
    await becomes('issued 0', next);
    const shown = await s.get(`/api/v1/exceptions/${item.id}`, { token: school.token });
    assert.ok(shown.json.suggestions.some((x) => x.why.some((w) => w.why === 'account')), 'it is a suggestion now');

    // Another account, another sum, a memo that names somebody else: a person's.
    const rest = [await known.send({ amount: 95_000, memo: 'chuyen tien', from: digits(12) }), await known.send({ amount: 94_000, memo: 'chuyen tien', from }),
      await known.send({ amount: 95_000, memo: `nop cho Lo Van ${payers}`, from })];
    await until(async () => Number((await s.sql(`select count(*)::int as n from audit.match m join audit.exception x using (exception_id) where x.account_id = ${number(known.account)} and m.action = 'none'`))[0].n), (n) => n === 1);
    for (const one of rest) assert.equal((await s.sql(`select held::int as held from audit.exception where exception_id = ${(await known.event(one)).event_id}`))[0].held > 0, true);
    await becomes('issued 0, issued 0', next, other);
  });
}
