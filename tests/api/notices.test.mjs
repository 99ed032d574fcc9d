// What becomes of money: every outcome of settlement, seen in the code's document, in the books and in the exceptions.
import assert from 'node:assert/strict';
import test from 'node:test';
import { digits, number, server, stranger, wholeSecond } from './harness.mjs';
import { MODES } from './providers.mjs';

const s = await server();
const school = await s.org(), market = await s.org(undefined, 'market');
const hmac = await s.bank(school.token, 'sepay/hmac');
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const PAYEE = { bin: '970436', account_no: '0071000123456', name: 'LO THI MAY' };

const fee = (more = {}, bank = hmac) => s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 180000, ...more });
const payout = (more = {}, bank = hmac) => fee({ kind: 'payout', payee: PAYEE, ...more }, bank);

const LEDGER = { in: { settled: 131, suspense: 3388 }, out: { settled: 3318, suspense: 1388 } };

// The one event of a movement: its outcome, its transfer, its receipt or exception, as design.md §8's views show them.
async function booked(bank, m, outcome, { how = null, code = null, receipt = outcome === 'settled' || outcome === 'short' || outcome === 'over' } = {}) {
  const e = await bank.event(m);
  assert.ok(e, `not booked: ${JSON.stringify(m)}`);
  assert.equal(e.outcome, outcome);
  assert.equal(e.provider, bank.connection.provider);
  assert.equal(e.amount, m.amount);
  assert.equal(e.direction, m.direction);
  assert.equal(e.bank_date, new Date(m.time.getTime() + 7 * 3600_000).toISOString().slice(0, 10));
  if (how) assert.equal(e.how, how);
  if (code) assert.equal(e.code, code.code);
  assert.equal(e.receipt_no !== null, receipt, 'a receipt');

  const ledger = bank.account.ledger_no, side = LEDGER[m.direction][receipt ? 'settled' : 'suspense'];
  const [t] = await s.sql(`select debit, credit, amount, kind from audit.transfer where org_id = ${e.org_id} and seq = ${e.seq}`);
  assert.deepEqual([t.debit, t.credit], m.direction === 'in' ? [ledger, side] : [side, ledger]);
  assert.equal(t.amount, m.amount);

  const x = await s.sql(`select reason, state, held, amount, direction, ext_id, provider from audit.exception where seq = ${e.seq} and org_id = ${e.org_id}`);
  const reason = outcome === 'cancelled' ? 'cancelled_charge' : outcome;
  assert.deepEqual(x, outcome === 'settled' ? [] : [{ reason, state: 'open', held: receipt ? 0 : m.amount, amount: m.amount, direction: m.direction, ext_id: e.ext_id, provider: e.provider }]);
  return e;
}

async function state(code, status, paid, receipts) {
  const shown = await s.show(school.token, code);
  assert.deepEqual([shown.status, shown.paid, shown.receipts.length], [status, paid, receipts]);
  return shown;
}

for (const mode of Object.keys(MODES)) {
  test(`${mode}: settled, short, over, again, without a code, money out`, async () => {
    const bank = await s.bank(school.token, mode);
    const exact = await fee({}, bank), short = await fee({}, bank), over = await fee({}, bank), out = await fee({}, bank);
    let m = await bank.send({ memo: `MBVCB.7123456789.${exact.code} hoc phi.CT tu 0071000123456` });
    await booked(bank, m, 'settled', { how: 'exact', code: exact });
    const shown = await state(exact, 'paid', 180000, 1);
    assert.equal(shown.receipts[0].amount, 180000);
    assert.equal(Date.parse(shown.receipts[0].paid_at), m.time.getTime());

    const repeat = await bank.deliver(await bank.signed(m));
    bank.taken(repeat);
    assert.equal(repeat.text, m.answer.text);
    await state(exact, 'paid', 180000, 1);

    m = await bank.send({ memo: short.code, amount: 80000 });
    await booked(bank, m, 'short', { code: short });
    await state(short, 'partially_paid', 80000, 1);
    m = await bank.send({ memo: short.code, amount: 100000 });
    await booked(bank, m, 'settled', { code: short });
    await state(short, 'paid', 180000, 2);
    m = await bank.send({ memo: short.code, amount: 5 });
    await booked(bank, m, 'already_paid', { code: short });
    await state(short, 'paid', 180000, 2);

    m = await bank.send({ memo: over.code, amount: 180001 });
    await booked(bank, m, 'over', { code: over });
    await state(over, 'overpaid', 180001, 1);

    await booked(bank, await bank.send({ memo: 'LO THI MAY chuyen tien' }), 'no_code');
    if (bank.table.outgoing) {
      await booked(bank, await bank.send({ memo: out.code, direction: 'out' }), 'out_of_direction', { code: out });
      await state(out, 'issued', 0, 0);
      await booked(bank, await bank.send({ memo: 'phi dich vu', direction: 'out', amount: 1100 }), 'out_of_direction');
    }
    await s.suspense();
  });

  test(`${mode}: the same movement fifty times at once is booked once and answered alike`, async () => {
    const bank = await s.bank(school.token, mode);
    const code = await fee({}, bank), m = bank.movement({ memo: code.code });
    const notice = await bank.signed(m);
    const answers = await Promise.all(Array.from({ length: 50 }, () => bank.deliver(notice)));
    for (const a of answers) bank.taken(a);
    assert.equal(new Set(answers.map((a) => a.text)).size, 1);
    await booked(bank, m, 'settled', { code });
    assert.equal((await s.events(bank.account)).length, 1);
    await state(code, 'paid', 180000, 1);
  });

  test(`${mode}: the same key with another amount books nothing and opens one exception`, async () => {
    const bank = await s.bank(school.token, mode);
    const code = await fee({}, bank);
    const m = await bank.send({ memo: code.code });
    for (let i = 0; i < 3; i++) bank.taken(await bank.deliver(await bank.signed({ ...m, amount: 1000 })));
    await booked(bank, m, 'settled', { code });
    assert.deepEqual((await s.exceptions(bank.account)).map((x) => [x.reason, x.held, x.amount, x.state]), [['body_conflict', 0, 1000, 'open']]);
    const second = { ...m, time: wholeSecond(m.time.getTime() - 60_000) };
    bank.taken(await bank.deliver(await bank.signed(second)));
    assert.equal((await s.exceptions(bank.account)).length, 2);
    assert.equal((await s.events(bank.account)).length, 1);
    await state(code, 'paid', 180000, 1);
    // What decides no sum may differ: providers fill it in later.
    bank.taken(await bank.deliver(await bank.signed({ ...m, memo: 'x', balance: 5 })));
    assert.equal((await s.exceptions(bank.account)).length, 2);
    const raw = await s.sql(`select notice_id from khop.notice where account_id = ${number(bank.account)}`, s.ownerDb);
    assert.equal(raw.length, 3, 'the first and the two other contents are kept');
  });
}

test('an open amount takes whatever comes, as often as it comes', async () => {
  const code = await fee({ amount: null, kind: 'card' });
  let paid = 0;
  for (const amount of [1, 250000, 999999999999]) {
    await booked(hmac, await hmac.send({ memo: code.code, amount }), 'settled', { code });
    paid += amount;
  }
  await state(code, 'issued', paid, 3);
});

test('a code that nobody issued', async () => {
  await booked(hmac, await hmac.send({ memo: 'SB7M4QX2C' }), 'unknown_code');
});

test('a code of another organisation never takes the money', async () => {
  // Where both share a bucket the code is seen to be somebody else's, elsewhere it does not exist.
  const seen = new Set();
  for (let i = 0; i < 40 && seen.size < 2; i++) {
    const org = i === 0 ? market : await s.org();
    const theirs = await s.bank(org.token, 'sepay/hmac');
    const code = await s.code(org.token, { account: theirs.account.id, kind: 'stall', amount: 180000 });
    await booked(hmac, await hmac.send({ memo: code.code }), org.bucket === school.bucket ? 'wrong_account' : 'unknown_code');
    assert.equal((await s.show(org.token, code)).status, 'issued');
    assert.deepEqual(await s.all('/api/v1/exceptions', org.token), []);
    // With exactly the sum but damaged it is nobody's here, either.
    await booked(hmac, await hmac.send({ memo: broken(code) }), 'unknown_code');
    assert.equal((await s.show(org.token, code)).status, 'issued');
    seen.add(org.bucket === school.bucket);
  }
  assert.equal(seen.size, 2);
});

test('several codes in one memo: nobody is credited by guess', async () => {
  const a = await fee(), b = await fee();
  await booked(hmac, await hmac.send({ memo: `${a.code} ${b.code}`, amount: 360000 }), 'several_charges');
  await state(a, 'issued', 0, 0);
  await state(b, 'issued', 0, 0);
  // The same code twice is one code; an unknown one beside it does not matter.
  await booked(hmac, await hmac.send({ memo: `${a.code} ${a.code}` }), 'settled', { code: a });
  await booked(hmac, await hmac.send({ memo: `${b.code} SB7M4QX2C` }), 'settled', { code: b });
});

test('a code of another account of the same organisation', async () => {
  const bank = await s.bank(school.token, 'casso/v2');
  const code = await fee({}, bank);
  await booked(hmac, await hmac.send({ memo: code.code }), 'wrong_account');
  await state(code, 'issued', 0, 0);
  // Beside one of the account's own it does not matter.
  const own = await fee();
  await booked(hmac, await hmac.send({ memo: `${code.code} ${own.code}` }), 'settled', { code: own });
});

test('a notice about another account is kept, never booked', async () => {
  for (const mode of Object.keys(MODES)) {
    const bank = await s.bank(school.token, mode);
    const code = await fee({}, bank);
    const m = await bank.send({ memo: code.code, account: digits(12) });
    assert.equal(await bank.event(m), undefined, mode);
    await state(code, 'issued', 0, 0);
    bank.taken(await bank.deliver(await bank.signed(m)));
    const [x, ...more] = await s.exceptions(bank.account);
    assert.deepEqual([x.reason, x.held, x.state, more.length], ['wrong_account', 0, 'open', 0], mode);
  }
});

test('a virtual account of ours names us', async () => {
  for (const mode of ['sepay/hmac', 'casso/v1', 'casso/v2', 'payos/webhook']) {
    const bank = await s.bank(school.token, mode);
    const code = await fee({}, bank);
    const m = await bank.send({ memo: code.code, account: digits(12), sub: bank.account.account_no });
    await booked(bank, m, 'settled', { code });
  }
});

test('cancelled and expired codes take no money; expiry goes by when it was paid', async () => {
  const cancelled = await fee();
  await s.post(`/api/v1/codes/${cancelled.id}/cancel`, {}, { token: school.token });
  await booked(hmac, await hmac.send({ memo: cancelled.code }), 'cancelled', { code: cancelled });
  await state(cancelled, 'cancelled', 0, 0);

  const until = wholeSecond(Date.now() - 3600_000);
  const expired = await fee({ expires_at: until.toISOString() });
  await booked(hmac, await hmac.send({ memo: expired.code, time: wholeSecond(until.getTime() + 1000) }), 'expired', { code: expired });
  await state(expired, 'issued', 0, 0);
  // News of a payment in time may come late.
  await booked(hmac, await hmac.send({ memo: expired.code, time: until }), 'settled', { code: expired });
});

test('a payout is settled by the outgoing notice, never by an incoming one', async () => {
  const a = await payout(), b = await payout(), c = await payout();
  await booked(hmac, await hmac.send({ memo: a.code, direction: 'in' }), 'out_of_direction', { code: a });
  await state(a, 'issued', 0, 0);
  await booked(hmac, await hmac.send({ memo: a.code, direction: 'out' }), 'settled', { code: a });
  await state(a, 'paid', 180000, 1);
  await booked(hmac, await hmac.send({ memo: b.code, direction: 'out', amount: 1000 }), 'short', { code: b });
  await booked(hmac, await hmac.send({ memo: b.code, direction: 'out', amount: 179_000 }), 'settled', { code: b });
  await booked(hmac, await hmac.send({ memo: a.code, direction: 'out' }), 'already_paid', { code: a });
  await booked(hmac, await hmac.send({ memo: c.code, direction: 'out', amount: 180001 }), 'over', { code: c });
});

test('a due date makes a late payment late', async () => {
  const day = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10);
  const late = await fee({ due_on: '2026-01-01' }), timely = await fee({ due_on: day });
  await hmac.send({ memo: late.code });
  await hmac.send({ memo: timely.code });
  await state(late, 'paid_late', 180000, 1);
  await state(timely, 'paid', 180000, 1);
});

// --- joined and repaired codes (design.md §4, product.md 3.5): only with exactly the sum that is due ---

const joined = (code) => `MUOI ${code.code.slice(0, 5)} ${code.code.slice(5)}- Ma GD ACSP/ nf407079`;
// One wrong symbol behind the kind letter.
const broken = (code, at = 5) => `${code.code.slice(0, at)}${ALPHABET[(ALPHABET.indexOf(code.code[at]) + 7) % 31]}${code.code.slice(at + 1)}`;

test('a code with the bank\'s line break inside', async () => {
  const a = await fee(), b = await fee();
  await booked(hmac, await hmac.send({ memo: joined(a), amount: 179999 }), 'unknown_code');
  await state(a, 'issued', 0, 0);
  await booked(hmac, await hmac.send({ memo: joined(a) }), 'settled', { code: a, how: 'joined' });
  await booked(hmac, await hmac.send({ memo: joined(a) }), 'unknown_code');
  // What is left of a part payment counts.
  await hmac.send({ memo: b.code, amount: 100000 });
  await booked(hmac, await hmac.send({ memo: joined(b) }), 'unknown_code');
  await booked(hmac, await hmac.send({ memo: joined(b), amount: 80000 }), 'settled', { code: b, how: 'joined' });
  const open = await fee({ amount: null });
  await booked(hmac, await hmac.send({ memo: joined(open), amount: 7 }), 'settled', { code: open, how: 'joined' });
});

test('a code with one wrong character', async () => {
  for (let at = 2; at < 9; at++) {
    const code = await fee({ amount: 100000 + at * 1111 });
    await booked(hmac, await hmac.send({ memo: `${broken(code, at)} tien an`, amount: code.amount + 1 }), 'unknown_code');
    await state(code, 'issued', 0, 0);
    await booked(hmac, await hmac.send({ memo: `${broken(code, at)} tien an`, amount: code.amount }), 'settled', { code, how: 'repaired' });
  }
  const open = await fee({ amount: null });
  await booked(hmac, await hmac.send({ memo: broken(open) }), 'unknown_code');
  const away = await fee({ amount: 55555 });
  await s.post(`/api/v1/codes/${away.id}/cancel`, {}, { token: school.token });
  await booked(hmac, await hmac.send({ memo: broken(away), amount: 55555 }), 'unknown_code');
});

// A code as symbols with both sums zero; body of five.
function codeOf(kind, body) {
  const v = [...(kind + body)].map((c) => ALPHABET.indexOf(c));
  for (let x = 0; x < 31; x++) {
    for (let y = 0; y < 31; y++) {
      const all = [...v, x, y];
      if (all.reduce((a, b) => a + b, 0) % 31 === 0 && all.reduce((a, b, i) => a + (i + 1) * b, 0) % 31 === 0) return `S${kind}${body}${ALPHABET[x]}${ALPHABET[y]}`;
    }
  }
}

test('a damaged code that two open codes explain is left to a person', async () => {
  assert.equal(codeOf('B', '7M4QX'), 'SB7M4QX2C');
  // With one symbol missing any of several codes may have been meant: let two of them live with the same sum.
  const a = await fee({ amount: 43210 }), b = await fee({ amount: 43210 });
  const rows = await s.sql(`select code_no from khop.charge_due where charge_id = ${number(a.id)}`, s.ownerDb);
  assert.equal(rows.length, 1);
  const cut = a.code.slice(0, 6) + a.code.slice(7);
  const near = [];
  for (let hole = 2; hole < 9 && near.length === 0; hole++) {
    for (const c of ALPHABET) {
      const other = cut.slice(0, hole) + c + cut.slice(hole);
      if (other !== a.code && codeOf(other[1], other.slice(2, 7)) === other) near.push(other);
    }
  }
  if (near.length === 0) return; // this code has no such neighbour: the next run has another
  const no = 31 ** 5 * ALPHABET.indexOf('B') + [...near[0].slice(2, 7)].reduce((n, c) => n * 31 + ALPHABET.indexOf(c), 0);
  for (const table of ['charge', 'charge_due']) s.owner(`update khop.${table} set code_no = ${no} where charge_id = ${number(b.id)}`);
  assert.equal((await s.show(school.token, b)).code, near[0]);
  await booked(hmac, await hmac.send({ memo: cut, amount: 43210 }), 'ambiguous_code');
  await state(a, 'issued', 0, 0);
  await booked(hmac, await hmac.send({ memo: a.code, amount: 43210 }), 'settled', { code: a });
  await booked(hmac, await hmac.send({ memo: cut, amount: 43210 }), 'settled', { how: 'repaired' });
});

test('two payments of one damaged code in one go: the first takes it', async () => {
  const code = await fee({ amount: 61616 });
  const all = await Promise.all(Array.from({ length: 6 }, () => hmac.send({ memo: broken(code), amount: 61616 })));
  const events = await Promise.all(all.map((m) => hmac.event(m)));
  assert.deepEqual(events.map((e) => e.outcome).sort(), ['settled', ...Array(5).fill('unknown_code')]);
});

test('order does not matter: the same payments in any order end in the same sums', async () => {
  const parts = [100000, 50000, 30000];
  const orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0]];
  for (const order of orders) {
    const code = await fee();
    const times = parts.map((_, i) => wholeSecond(Date.now() - (10 - i) * 86400_000));
    for (const i of order) await hmac.send({ memo: code.code, amount: parts[i], time: times[i] });
    const shown = await state(code, 'paid', 180000, 3);
    assert.deepEqual(shown.receipts.map((r) => r.amount).sort(), [...parts].sort());
  }
  const code = await fee();
  await Promise.all(parts.map((amount) => hmac.send({ memo: code.code, amount })));
  await state(code, 'paid', 180000, 3);
});

test('two hundred payments of a hundred codes at once', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac');
  const codes = await Promise.all(Array.from({ length: 100 }, (_, i) => fee({ amount: 1000 + i }, bank)));
  await Promise.all(codes.flatMap((c) => [bank.send({ memo: c.code, amount: 500 }), bank.send({ memo: c.code, amount: c.amount - 500 })]));
  const all = await s.all(`/api/v1/codes?account=${bank.account.id}`, school.token);
  assert.deepEqual([...new Set(all.map((c) => c.status))], ['paid']);
  const events = await s.events(bank.account);
  assert.equal(events.length, 200);
  assert.deepEqual([...new Set(events.map((e) => e.outcome))].sort(), ['settled', 'short']);
});

// --- Casso v1: a list is taken whole or not at all ---

test('a list: in, out, without a code, twice the same', async () => {
  const bank = await s.bank(school.token, 'casso/v1');
  const a = await fee({}, bank), p = await payout({}, bank);
  const list = [{ memo: a.code }, { memo: p.code, direction: 'out' }, { memo: 'x', amount: 5 }, { memo: 'phi', direction: 'out', amount: 1100 }].map((m) => bank.movement(m));
  const notice = await bank.signed([...list, list[0]]);
  bank.taken(await bank.deliver(notice));
  bank.taken(await bank.deliver(notice));
  await booked(bank, list[0], 'settled', { code: a });
  await booked(bank, list[1], 'settled', { code: p });
  await booked(bank, list[2], 'no_code');
  await booked(bank, list[3], 'out_of_direction');
  assert.equal((await s.events(bank.account)).length, 4);
  assert.equal((await s.exceptions(bank.account)).length, 2);
});

test('a list with a foreign account: ours are booked, the notice is kept for somebody', async () => {
  const bank = await s.bank(school.token, 'casso/v1');
  const a = await fee({}, bank);
  const list = [bank.movement({ memo: a.code }), bank.movement({ account: digits(12) })];
  const notice = await bank.signed(list);
  for (let i = 0; i < 2; i++) bank.taken(await bank.deliver(notice));
  await booked(bank, list[0], 'settled', { code: a });
  assert.deepEqual((await s.exceptions(bank.account)).map((x) => [x.reason, x.held]), [['wrong_account', 0]]);
  assert.equal((await s.events(bank.account)).length, 1);
});

test('a list with one line that cannot be read: nothing of it is booked', async () => {
  s.expectLog(/event=notice_held .* provider=casso/);
  const bank = await s.bank(school.token, 'casso/v1');
  const a = await fee({}, bank);
  const notice = await bank.signed([bank.movement({ memo: a.code }), bank.movement({ amount: 0 })]);
  for (let i = 0; i < 2; i++) bank.taken(await bank.deliver(notice));
  assert.equal((await s.events(bank.account)).length, 0);
  assert.deepEqual((await s.exceptions(bank.account)).map((x) => [x.reason, x.held]), [['unreadable_notice', 0]]);
  await state(a, 'issued', 0, 0);
});

test('an empty list and a list of many', async () => {
  const bank = await s.bank(school.token, 'casso/v1');
  bank.taken(await bank.deliver(await bank.signed([])));
  const many = Array.from({ length: 100 }, (_, i) => bank.movement({ amount: i + 1 }));
  bank.taken(await bank.deliver(await bank.signed(many)));
  assert.equal((await s.events(bank.account)).length, 100);
});

// --- witness, wire ---

test('a witness is kept and never booked, and what it says cannot hurt', async () => {
  s.expectLog(/event=notice_held .* provider=casso/);
  const bank = await s.bank(school.token, 'sepay/hmac');
  const witness = await s.bank(school.token, 'casso/v2', bank.account);
  const code = await fee({}, bank);
  const m = await witness.send({ memo: code.code });
  bank.taken(await witness.deliver(await witness.signed(m)));
  await state(code, 'issued', 0, 0);
  assert.equal((await s.events(bank.account)).length, 0);
  const kept = await s.sql(`select notice_id from khop.notice where connection_id = ${number(witness.connection.id)}`, s.ownerDb);
  assert.equal(kept.length, 1, 'a repeat is kept once');
  await bank.send({ memo: code.code });
  await state(code, 'paid', 180000, 1);
  assert.equal((await s.exceptions(bank.account)).length, 0);
});

test('a hook that nobody has: 404 for whatever it may be', async () => {
  const notice = await hmac.signed(hmac.movement());
  for (const name of ['AAAAAAAAAAAAAAAAAAAAAA', 'x', `${hmac.hook.slice(7, -1)}B`, hmac.connection.id]) {
    for (const path of [`/hooks/${name}`, `/hooks/${name}/api/token_generate`, `/hooks/${name}/bank/api/transaction-sync`]) {
      assert.equal((await s.request('POST', path, { headers: notice.headers, body: notice.body })).status, 404, path);
    }
  }
  assert.equal((await s.request('POST', `${hmac.hook}/x`, { headers: notice.headers, body: notice.body })).status, 404);
});

test('modes that prove the sender only are refused over an open wire', async () => {
  for (const [mode, { bearer }] of Object.entries(MODES)) {
    const bank = await s.bank(school.token, mode);
    const code = await fee({}, bank), m = bank.movement({ memo: code.code });
    const notice = await bank.signed(m);
    const answer = await s.request('POST', bank.hook + notice.path, { headers: { ...notice.headers, 'X-Forwarded-For': '203.0.113.7' }, body: notice.body });
    assert.equal(answer.status, bearer ? 401 : 200, mode);
    assert.equal((await bank.event(m))?.outcome, bearer ? undefined : 'settled', mode);
  }
});

test('exceptions: the list tells what an accountant needs, in order, page by page, by state', async () => {
  s.expectLog(/event=notice_held .* provider=sepay/);
  const clinic = await s.org(undefined, 'clinic');
  const bank = await s.bank(clinic.token, 'sepay/hmac');
  const code = await s.code(clinic.token, { account: bank.account.id, kind: 'service', amount: 9000 });
  await bank.send({ memo: `${code.code} noi dung`, amount: 8000 });
  const plain = await bank.send({ memo: 'Lò Thị Mây chuyển tiền 🙂', amount: 7 });
  await bank.send({ memo: 'phi', amount: 3, direction: 'out' });
  bank.taken(await bank.deliver(await bank.signed(bank.movement({ amount: 0 }))));
  const list = await s.all('/api/v1/exceptions', clinic.token, 1);
  assert.deepEqual(list.map((x) => [x.reason, x.direction, x.amount, x.held, x.state, x.code, x.code_id]), [
    ['short', 'in', 8000, 0, 'open', code.code, code.id], ['no_code', 'in', 7, 7, 'open', null, null],
    ['out_of_direction', 'out', 3, 3, 'open', null, null], ['unreadable_notice', null, null, 0, 'open', null, null]]);
  assert.equal(list[1].memo, 'Lò Thị Mây chuyển tiền 🙂');
  assert.equal(list[1].ext_id, String(plain.id));
  assert.ok(list.every((x) => x.account === bank.account.id && x.provider === 'sepay'));
  assert.deepEqual(await s.all('/api/v1/exceptions?state=open', clinic.token), list);
  assert.deepEqual(await s.all('/api/v1/exceptions?state=resolved', clinic.token), []);
  for (const query of ['state=x', 'state=', 'limit=0', 'after=x']) assert.equal((await s.get(`/api/v1/exceptions?${query}`, { token: clinic.token })).status, 400);
  assert.equal(stranger(list[0].id).length, list[0].id.length);
});
