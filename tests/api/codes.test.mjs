// Payment codes over the API: every kind, every fault with its place, idempotency, lists, cancelling.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import test from 'node:test';
import { BanksObject, QRPay } from 'vietnam-qr-pay';
import { number, server, sleep, stranger } from './harness.mjs';

const s = await server();
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const LETTER = { fee: 'B', stall: 'C', payout: 'P', service: 'V', card: 'K' };
const PAYEE = { bin: '970436', account_no: '0071000123456', name: 'LO THI MAY' };
const school = await s.org(), other = await s.org();
const account = await s.account(school.token);

// design.md §4, computed here: both sums over the eight symbols behind S are zero modulo 31.
function assertCode(code, kind) {
  assert.match(code, /^S[2-9A-HJKMNP-Z]{8}$/);
  assert.equal(code[1], LETTER[kind]);
  const symbols = [...code.slice(1)].map((c) => ALPHABET.indexOf(c));
  assert.equal(symbols.reduce((a, v) => a + v, 0) % 31, 0, code);
  assert.equal(symbols.reduce((a, v, i) => a + (i + 1) * v, 0) % 31, 0, code);
}

const issue = (body, options) => s.post('/api/v1/codes', body, { token: school.token, key: crypto.randomUUID(), ...options });
const fee = (more) => ({ account: account.id, kind: 'fee', amount: 180000, ...more });

for (const kind of Object.keys(LETTER)) {
  test(`a ${kind} code can be issued, scanned and read again`, async () => {
    const body = fee({ kind, label: 'Tiền ăn T11', payer: { ref: 'HS-0042', name: 'Lò Thị Mây', class: '3A' }, due_on: '2026-11-30', expires_at: '2027-01-31T17:00:00+07:00',
      ...(kind === 'payout' ? { payee: PAYEE } : {}) });
    const code = await s.code(school.token, body);
    assertCode(code.code, kind);
    assert.equal(code.kind, kind);
    assert.equal(code.status, 'issued');
    assert.equal(code.amount, 180000);
    assert.equal(code.paid, 0);
    assert.equal(code.account, account.id);
    assert.equal(code.label, 'Tiền ăn T11');
    assert.equal(code.memo, `${code.code} TIEN AN T11`);
    assert.deepEqual(code.payer, { ref: 'HS-0042', name: 'Lò Thị Mây', class: '3A' });
    assert.deepEqual(code.lines, []);
    assert.deepEqual(code.payee, kind === 'payout' ? PAYEE : null);
    assert.equal(code.due_on, '2026-11-30');
    assert.equal(code.expires_at, '2027-01-31T17:00:00+07:00');
    assert.deepEqual(code.receipts, []);
    assert.ok(Math.abs(Date.parse(code.created_at) - Date.now()) < 10_000);

    // Read by somebody else's reader: who gets the money, how much, with which memo.
    const read = new QRPay(code.payload);
    assert.ok(read.isValid);
    assert.equal(read.consumer.bankBin, kind === 'payout' ? PAYEE.bin : account.bin);
    assert.equal(read.consumer.bankNumber, kind === 'payout' ? PAYEE.account_no : account.account_no);
    assert.equal(read.amount, '180000');
    assert.equal(read.additionalData.purpose, code.memo);

    assert.deepEqual(await s.show(school.token, code.id), code);
    assert.deepEqual(await s.show(school.token, code.code), code);
    for (const [name, url, type] of [['page', code.pay_url, 'text/html; charset=utf-8'], ['svg', code.qr_svg, 'image/svg+xml'], ['png', code.qr_png, 'image/png'], ['document', `${code.pay_url}.json`, 'application/json']]) {
      const answer = await s.get(url);
      assert.equal(answer.status, 200, name);
      assert.equal(answer.type, type);
    }
  });
}

test('the bank of every known BIN can be written into a code', async () => {
  const bins = Object.values(BanksObject).map((b) => b.bin).filter((b) => /^\d{6}$/.test(b)).slice(0, 8);
  for (const bin of bins) {
    const to = await s.account(school.token, undefined, bin);
    const code = await s.code(school.token, { account: to.id, kind: 'fee', amount: 1000 });
    assert.equal(new QRPay(code.payload).consumer.bankBin, bin);
  }
});

test('only account and kind are needed; an open amount stays open', async () => {
  const code = await s.code(school.token, { account: account.id, kind: 'stall' });
  assert.equal(code.amount, null);
  assert.equal(code.label, null);
  assert.equal(code.payer, null);
  assert.equal(code.due_on, null);
  assert.equal(code.expires_at, null);
  assert.equal(code.memo, code.code);
  assert.ok(!new QRPay(code.payload).amount);
  const explicit = await s.code(school.token, { account: account.id, kind: 'card', amount: null, label: null, payer: null, payee: null, due_on: null, expires_at: null });
  assert.equal(explicit.amount, null);
});

test('the label is cut to what a memo holds, the stored one is not', async () => {
  const label = 'Đóng tiền ăn bán trú tháng mười một năm học 2026–2027, lớp 1A, Nguyễn Thị Ánh Nguyệt';
  const code = await s.code(school.token, fee({ label }));
  assert.equal(code.label, label);
  assert.ok(code.memo.length <= 25, code.memo);
  assert.ok(code.memo.startsWith(`${code.code} DONG TIEN AN`), code.memo);
  assert.match(code.memo, /^[A-Za-z0-9 ]+$/);
  assert.doesNotMatch(code.memo, / $/);
  const emoji = await s.code(school.token, fee({ label: '🙂 — …' }));
  assert.equal(emoji.memo, emoji.code);
  const longest = await s.code(school.token, fee({ label: 'ệ'.repeat(140), payer: { ref: 'r'.repeat(64), name: 'ộ'.repeat(120) } }));
  assert.equal([...longest.label].length, 140);
});

test('amounts: the smallest, the largest', async () => {
  for (const amount of [1, 999999999999]) {
    const code = await s.code(school.token, fee({ amount }));
    assert.equal(code.amount, amount);
    assert.equal(new QRPay(code.payload).amount, String(amount));
  }
});

const FAULTS = [
  ['no account', { account: undefined }, '/account', 'required'],
  ['null account', { account: null }, '/account', 'required'],
  ['account is no id', { account: 'x' }, '/account', 'id'],
  ['account is an id of another kind', { account: 'org_0000000000000' }, '/account', 'id'],
  ['account is a number', { account: 5 }, '/account', 'type'],
  ['account that nobody has', () => ({ account: stranger(account.id) }), '/account', 'not_found'],
  ['no kind', { kind: undefined }, '/kind', 'required'],
  ['unknown kind', { kind: 'tax' }, '/kind', 'kind'],
  ['kind by a letter that is none', { kind: 'Q' }, '/kind', 'kind'],
  ['kind in other case', { kind: 'Fee' }, '/kind', 'kind'],
  ['kind is a list', { kind: ['fee'] }, '/kind', 'type'],
  ['amount zero', { amount: 0 }, '/amount', 'range'],
  ['amount negative', { amount: -1 }, '/amount', 'range'],
  ['amount too large', { amount: 1000000000000 }, '/amount', 'range'],
  ['amount as text', { amount: '180000' }, '/amount', 'type'],
  ['amount true', { amount: true }, '/amount', 'type'],
  ['amount with a fraction', '{"account":"ACC","kind":"fee","amount":180000.0}', '/amount', 'type'],
  ['amount with an exponent', '{"account":"ACC","kind":"fee","amount":18e4}', '/amount', 'type'],
  ['label too long', { label: 'x'.repeat(141) }, '/label', 'length'],
  ['label with a line end', { label: 'a\nb' }, '/label', 'characters'],
  ['label is a number', { label: 7 }, '/label', 'type'],
  ['payer is a text', { payer: 'Lò Thị Mây' }, '/payer', 'type'],
  ['payer with a number for a name', { payer: { name: 5 } }, '/payer/name', 'type'],
  ['payer name too long', { payer: { name: 'x'.repeat(121) } }, '/payer/name', 'length'],
  ['payer ref too long', { payer: { ref: 'x'.repeat(65) } }, '/payer/ref', 'length'],
  ['payer with something else', { payer: { name: 'A', phone: '09' } }, '/payer', 'unknown'],
  ['payee of a fee', { payee: PAYEE }, '/payee', 'kind'],
  ['payout without payee', { kind: 'payout' }, '/payee', 'required'],
  ['payout with null payee', { kind: 'payout', payee: null }, '/payee', 'required'],
  ['payout without amount', { kind: 'payout', payee: PAYEE, amount: null }, '/amount', 'required'],
  ['payee bin too short', { kind: 'payout', payee: { ...PAYEE, bin: '97043' } }, '/payee/bin', 'length'],
  ['payee bin of letters', { kind: 'payout', payee: { ...PAYEE, bin: 'ABCDEF' } }, '/payee', 'account'],
  ['payee account too long', { kind: 'payout', payee: { ...PAYEE, account_no: '1'.repeat(20) } }, '/payee/account_no', 'length'],
  ['payee account with a dash', { kind: 'payout', payee: { ...PAYEE, account_no: '007-1' } }, '/payee', 'account'],
  ['payee without account', { kind: 'payout', payee: { ...PAYEE, account_no: undefined } }, '/payee/account_no', 'required'],
  ['payee without name', { kind: 'payout', payee: { ...PAYEE, name: undefined } }, '/payee/name', 'required'],
  ['payee with something else', { kind: 'payout', payee: { ...PAYEE, x: 1 } }, '/payee', 'unknown'],
  ['due date that is none', { due_on: '2026-02-30' }, '/due_on', 'date'],
  ['due date with time', { due_on: '2026-11-30T00:00:00Z' }, '/due_on', 'date'],
  ['due date in other order', { due_on: '30/11/2026' }, '/due_on', 'date'],
  ['expiry without zone', { expires_at: '2026-11-30T17:00:00' }, '/expires_at', 'time'],
  ['expiry that is a date', { expires_at: '2026-11-30' }, '/expires_at', 'time'],
  ['expiry as a number', { expires_at: 1795136600 }, '/expires_at', 'type'],
  ['a member that is not known', { metadata: {} }, '', 'unknown'],
];

const LINES = [{ label: 'Tiền ăn 26 bữa', amount: 540000 }, { label: 'Nhà nước hỗ trợ', amount: -360000 }];

FAULTS.push(
  ['lines that do not add up', { lines: [{ label: 'x', amount: 179999 }] }, '/lines', 'sum'],
  ['lines without an amount', { amount: null, lines: LINES }, '/lines', 'sum'],
  ['lines that are no list', { lines: {} }, '/lines', 'type'],
  ['more lines than 50', { amount: 51, lines: Array.from({ length: 51 }, () => ({ label: 'x', amount: 1 })) }, '/lines', 'type'],
  ['a line that is a text', { lines: ['x'] }, '/lines/0', 'type'],
  ['a line without a label', { lines: [LINES[0], { amount: -360000 }] }, '/lines/1/label', 'required'],
  ['a line without an amount', { lines: [{ label: 'x' }] }, '/lines/0/amount', 'required'],
  ['a line of nothing', { lines: [{ label: 'x', amount: 180000 }, { label: 'y', amount: 0 }] }, '/lines/1/amount', 'required'],
  ['a line with a fraction', { lines: [{ label: 'x', amount: 1.5 }] }, '/lines/0/amount', 'type'],
  ['a line with something else', { lines: [{ label: 'x', amount: 180000, tax: 0 }] }, '/lines/0', 'unknown'],
  ['a line with a card number', { lines: [{ label: '4111111111111111', amount: 180000 }] }, '/lines/0/label', 'card_number'],
  ['a class too long', { payer: { class: 'x'.repeat(41) } }, '/payer/class', 'length'],
);

for (const [name, change, pointer, code] of FAULTS) {
  test(`refused with its place: ${name}`, async () => {
    const more = typeof change === 'function' ? change() : change;
    const body = typeof more === 'string' ? more.replace('ACC', account.id) : fee(more);
    const answer = await issue(body);
    assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.json.code, 'invalid');
    assert.ok(answer.json.errors.some((e) => e.pointer === pointer && e.code === code), answer.text);
  });
}

test('a bill has lines, in their order, also below zero; the class stands beside the payer', async () => {
  const key = crypto.randomUUID(), body = fee({ lines: LINES, payer: { class: '3A' } });
  const answer = await issue(body, { key });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.headers.location, `/api/v1/codes/${answer.json.id}`);
  assert.deepEqual(answer.json.lines, LINES);
  assert.deepEqual(answer.json.payer, { ref: null, name: null, class: '3A' });
  assert.equal((await issue(body, { key })).text, answer.text);
  assert.deepEqual((await s.get(answer.headers.location, { token: school.token })).json, answer.json);
  const page = (await s.get(`${new URL(answer.json.pay_url).pathname}.json`)).json;
  assert.deepEqual(page.lines, LINES);
  const many = Array.from({ length: 50 }, (_, i) => ({ label: `Khoản ${i}`, amount: i + 1 }));
  assert.deepEqual((await s.code(school.token, fee({ amount: 1275, lines: many }))).lines, many);
});

test('what looks like a card number is refused in free text, other numbers are not', async () => {
  for (const number of ['4111111111111111', '4111 1111 1111 1111', '4111-1111-1111-1111', '378282246310005', '6304000000000000000', 'thẻ số 5555555555554444 nhé']) {
    for (const more of [{ label: number }, { payer: { name: number } }]) {
      const answer = await issue(fee(more));
      assert.equal(answer.status, 422, number);
      assert.equal(answer.json.errors[0].code, 'card_number');
    }
  }
  for (const number of ['4111111111111112', '411111111111', '41111111111111111111', '4111 1111  1111 1111', 'FT26324000111223', '2026-11-30']) {
    assert.equal((await issue(fee({ label: number }))).status, 201, number);
  }
  assert.equal((await issue(fee({ payer: { ref: '4111111111111111' } }))).status, 201, 'a reference is not free text');
});

test('all faults are told at once', async () => {
  const answer = await issue({ kind: 'x', amount: -1, label: 5, due_on: 'x', expires_at: 'y', payer: 3, more: 1 });
  assert.deepEqual(answer.json.errors.map((e) => e.pointer).sort(), ['', '/account', '/amount', '/due_on', '/expires_at', '/kind', '/label', '/payer']);
});

test('a refused request does not use up its key', async () => {
  const key = crypto.randomUUID();
  assert.equal((await issue(fee({ amount: 0 }), { key })).status, 422);
  assert.equal((await issue({ account: stranger(account.id), kind: 'fee' }, { key })).status, 422);
  assert.equal((await issue(fee(), { key })).status, 201);
});

test('the account of another organisation is no account', async () => {
  const foreign = await s.account(other.token);
  const answer = await issue(fee({ account: foreign.id }));
  assert.equal(answer.status, 422);
  assert.equal(answer.json.errors[0].pointer, '/account');
  assert.equal(answer.json.errors[0].code, 'not_found');
});

// --- the body ---

for (const [name, body, status] of [
  ['not JSON', '{"account":', 400], ['nothing', '', 400], ['a list', '[]', 400], ['a text', '"x"', 400], ['two values', '{}{}', 400],
  ['a member twice', '{"kind":"fee","kind":"card"}', 400], ['not UTF-8', Buffer.from('7b226b696e64223a22ff227d', 'hex'), 400],
  ['a NUL in a text', '{"label":"a\\u0000b"}', 400], ['nested too deep', `{"payer":${'['.repeat(20)}${']'.repeat(20)}}`, 400],
  ['too large', JSON.stringify({ label: 'x'.repeat(256 * 1024) }), 413],
]) {
  test(`a body that is ${name} is ${status}`, async () => {
    const answer = await issue(body);
    assert.equal(answer.status, status, answer.text);
  });
}

for (const type of [null, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
  test(`media type ${type} is 415`, async () => {
    assert.equal((await issue(fee(), { headers: { 'Content-Type': type } })).status, 415);
  });
}

test('a media type with a parameter is taken', async () => {
  assert.equal((await issue(fee(), { headers: { 'Content-Type': 'Application/JSON; charset=utf-8' } })).status, 201);
});

// --- idempotency (product.md §8.3) ---

test('without a key, with an empty, a doubled or an endless one: 400', async () => {
  for (const key of [undefined, null]) assert.equal((await issue(fee(), { key })).json.code, 'idempotency_key_missing');
  for (const value of ['', 'x'.repeat(256), ['a', 'b']]) {
    const answer = await issue(fee(), { key: undefined, headers: { 'Idempotency-Key': value } });
    assert.equal(answer.status, 400);
    assert.equal(answer.json.code, 'idempotency_key_missing');
  }
  assert.equal((await issue(fee(), { key: 'x'.repeat(255) })).status, 201);
});

test('the same key and request: the first answer byte for byte, also after it was paid or cancelled', async () => {
  const key = crypto.randomUUID();
  const bank = await s.bank(school.token, 'sepay/hmac');
  const body = fee({ account: bank.account.id, label: 'Tiền ăn' });
  const first = await issue(body, { key });
  assert.equal(first.status, 201);
  assert.equal(first.headers['idempotent-replayed'], undefined);
  await bank.send({ memo: first.json.code, amount: 180000 });
  assert.equal((await s.show(school.token, first.json)).status, 'paid');
  const again = await issue(body, { key });
  assert.equal(again.status, 201);
  assert.equal(again.text, first.text);
  assert.equal(again.headers['idempotent-replayed'], 'true');

  const key2 = crypto.randomUUID();
  const open = await issue(body, { key: key2 });
  await s.post(`/api/v1/codes/${open.json.id}/cancel`, {}, { token: school.token });
  assert.equal((await issue(body, { key: key2 })).text, open.text);
});

test('the same key with another request: 422', async () => {
  const key = crypto.randomUUID();
  assert.equal((await issue(fee(), { key })).status, 201);
  for (const body of [fee({ amount: 180001 }), fee({ label: 'x' }), ` ${JSON.stringify(fee())}`]) {
    const answer = await issue(body, { key });
    assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.json.code, 'idempotency_key_reused');
  }
});

test('the same key in another organisation is another key', async () => {
  const key = crypto.randomUUID();
  const theirs = await s.account(other.token);
  const one = await issue(fee(), { key });
  const two = await s.post('/api/v1/codes', { account: theirs.id, kind: 'fee' }, { token: other.token, key });
  assert.equal(two.status, 201);
  assert.notEqual(one.json.id, two.json.id);
});

test('the same key at the same time, thirty times: one code', async () => {
  const key = crypto.randomUUID(), before = (await s.all('/api/v1/codes', school.token)).length;
  const answers = await Promise.all(Array.from({ length: 30 }, () => issue(fee(), { key })));
  assert.deepEqual([...new Set(answers.map((a) => a.status))], [201]);
  assert.equal(new Set(answers.map((a) => a.text)).size, 1);
  assert.equal(answers.filter((a) => !a.headers['idempotent-replayed']).length, 1);
  assert.equal((await s.all('/api/v1/codes', school.token)).length, before + 1);
});

test('a hundred codes at once are a hundred codes', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => issue(fee({ amount: i + 1 }))));
  assert.deepEqual([...new Set(answers.map((a) => a.status))], [201]);
  assert.equal(new Set(answers.map((a) => a.json.code)).size, 100);
  assert.equal(new Set(answers.map((a) => a.json.pay_url)).size, 100);
});

// --- get ---

test('what is not there is 404, whatever is asked for', async () => {
  const code = await s.code(school.token, fee());
  for (const name of [stranger(code.id), 'cod_x', 'x', `${code.code}2`, code.id.toUpperCase(), account.id, '%20', 'SB7M4QX2D', 'SB7M4QX2C', `${code.id}%00`.slice(0, -3)]) {
    const answer = await s.get(`/api/v1/codes/${name}`, { token: school.token });
    assert.equal(answer.status, name === code.id ? 200 : 404, name);
  }
});

test('a code is found as people type it', async () => {
  const code = await s.code(school.token, fee());
  for (const name of [code.id, code.code, code.code.toLowerCase()]) {
    const answer = await s.get(`/api/v1/codes/${name}`, { token: school.token });
    assert.equal(answer.status, 200, name);
    assert.equal(answer.json.id, code.id);
  }
});

test('HEAD is GET without the body', async () => {
  const code = await s.code(school.token, fee());
  const get = await s.get(`/api/v1/codes/${code.id}`, { token: school.token });
  const head = await s.request('HEAD', `/api/v1/codes/${code.id}`, { token: school.token });
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-length'], get.headers['content-length']);
});

// --- lists ---

test('a list is stable, whole and without repeats, whatever the page size', async () => {
  const market = await s.org(undefined, 'market');
  const a = await s.account(market.token), b = await s.account(market.token);
  const made = [];
  for (let i = 0; i < 25; i++) made.push(await s.code(market.token, { account: (i % 2 ? a : b).id, kind: 'stall', amount: 1000 + i }));
  const ids = made.map((c) => c.id);
  for (const limit of [1, 7, 24, 25, 26, 200]) assert.deepEqual((await s.all('/api/v1/codes', market.token, limit)).map((c) => c.id), ids, `limit ${limit}`);
  assert.deepEqual((await s.all(`/api/v1/codes?account=${a.id}`, market.token, 4)).map((c) => c.id), ids.filter((_, i) => i % 2 === 1));
  assert.equal((await s.get('/api/v1/codes', { token: market.token })).json.items.length, 25);

  // The Link header is the next page, with the filters kept.
  const first = await s.get(`/api/v1/codes?account=${a.id}&limit=5`, { token: market.token });
  const link = /^<([^>]+)>; rel="next"$/.exec(first.headers.link);
  assert.ok(link, first.headers.link);
  const second = await s.get(link[1], { token: market.token });
  assert.deepEqual(second.json.items.map((c) => c.id), ids.filter((_, i) => i % 2 === 1).slice(5, 10));
  assert.ok(second.headers.link);
  const last = await s.get(/^<([^>]+)>/.exec(second.headers.link)[1], { token: market.token });
  assert.equal(last.json.next, null);
  assert.equal(last.headers.link, undefined);

  // A list shows no receipts, one code does.
  assert.ok(first.json.items.every((c) => c.receipts.length === 0));
});

test('a list by state', async () => {
  const clinic = await s.org(undefined, 'clinic');
  const bank = await s.bank(clinic.token, 'casso/v2');
  const make = (more) => s.code(clinic.token, { account: bank.account.id, kind: 'service', amount: 5000, ...more });
  const codes = { issued: await make(), partially_paid: await make(), paid: await make(), overpaid: await make(), paid_late: await make({ due_on: '2026-01-01' }), cancelled: await make(), open: await make({ amount: null }) };
  await bank.send({ memo: codes.partially_paid.code, amount: 1 });
  await bank.send({ memo: codes.paid.code, amount: 5000 });
  await bank.send({ memo: codes.overpaid.code, amount: 5001 });
  await bank.send({ memo: codes.paid_late.code, amount: 5000 });
  await bank.send({ memo: codes.open.code, amount: 77 });
  await s.post(`/api/v1/codes/${codes.cancelled.id}/cancel`, undefined, { token: clinic.token, headers: { 'Content-Type': null } });
  for (const status of ['partially_paid', 'paid', 'overpaid', 'paid_late', 'cancelled']) {
    assert.deepEqual((await s.all(`/api/v1/codes?status=${status}`, clinic.token)).map((c) => c.id), [codes[status].id], status);
  }
  assert.deepEqual((await s.all('/api/v1/codes?status=issued', clinic.token)).map((c) => c.id), [codes.issued.id, codes.open.id]);
  const open = await s.show(clinic.token, codes.open);
  assert.equal(open.paid, 77);
  assert.equal(open.receipts.length, 1);
});

for (const query of ['limit=0', 'limit=201', 'limit=x', 'limit=', 'limit=5&limit=6', 'limit=-1', 'after=', 'after=x', 'after=AAAA', 'status=open', 'status=', 'status=paid&status=paid',
  'account=x', 'account=', 'account=cod_0000000000000']) {
  test(`a list refuses ?${query}`, async () => {
    const answer = await s.get(`/api/v1/codes?${query}`, { token: school.token });
    assert.equal(answer.status, 400, answer.text);
  });
}

// --- cancel ---

test('cancel: once, twice, with a reason; not after money came', async () => {
  const cancel = (code, body, options) => s.post(`/api/v1/codes/${code.id}/cancel`, body, { token: school.token, ...options });
  const code = await s.code(school.token, fee());
  const first = await cancel(code, { reason: 'Nhầm lớp' });
  assert.equal(first.status, 200);
  assert.equal(first.json.status, 'cancelled');
  assert.equal((await cancel(code)).json.status, 'cancelled');
  assert.equal((await s.show(school.token, code)).status, 'cancelled');

  const bank = await s.bank(school.token, 'sepay/apikey');
  const paid = await s.code(school.token, fee({ account: bank.account.id }));
  await bank.send({ memo: paid.code, amount: 1 });
  const refused = await cancel(paid, {});
  assert.equal(refused.status, 409);
  assert.equal((await s.show(school.token, paid)).status, 'partially_paid');

  assert.equal((await cancel({ id: stranger(code.id) }, {})).status, 404);
  assert.equal((await cancel({ id: code.code }, {})).status, 404);
  assert.equal((await cancel(code, {}, { token: other.token })).status, 404);
  assert.equal((await cancel(code, { reason: 'x'.repeat(201) })).status, 422);
  assert.equal((await cancel(code, { why: 'x' })).status, 422);
  assert.equal((await cancel(code, '[]')).status, 400);
});

test('cancelling and paying at the same time end in one of two states', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac');
  for (let i = 0; i < 8; i++) {
    const code = await s.code(school.token, fee({ account: bank.account.id }));
    const [cancelled, m] = await Promise.all([s.post(`/api/v1/codes/${code.id}/cancel`, {}, { token: school.token }), (i % 2 ? sleep(i) : Promise.resolve()).then(() => bank.send({ memo: code.code, amount: 180000 }))]);
    const state = (await s.show(school.token, code)).status, outcome = (await bank.event(m)).outcome;
    assert.deepEqual([cancelled.status, state, outcome], cancelled.status === 200 ? [200, 'cancelled', 'cancelled'] : [409, 'paid', 'settled']);
  }
});

// --- codes of payers of the list ---

let pupils = 0;
// A pupil of the school's list, with credit in the books as an overpayment of before left it.
async function pupil({ credit = 0, household } = {}) {
  const ref = `HS${++pupils}`, id = (BigInt(school.bucket) << 48n) + BigInt(7000 + pupils);
  s.owner(`insert into khop.payer (bucket, payer_id, org_id, ref, name, class, household, created_at, changed_at)
    values (${school.bucket}, ${id}, ${number(school)}, '${ref}', 'Lò Văn ${pupils}', '3B', ${household ? `'${household}'` : 'null'}, now(), now())`);
  const p = { ref, id };
  if (credit > 0) {
    const first = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 1000, payer: { ref } });
    await bank.send({ amount: 1000 + credit, memo: first.code });
    await becomes(() => left(p), credit);
  }
  return p;
}
const bank = await s.bank(school.token, 'sepay/apikey');
const left = async (p) => Number((await s.sql(`select amount from audit.credit where payer_id = ${p.id}`))[0]?.amount ?? 0);
async function becomes(what, want) {
  for (const began = Date.now(); ;) {
    const got = await what();
    if (got === want) return;
    assert.ok(Date.now() - began < 10_000, `still ${got}, not ${want}`);
    await sleep(40);
  }
}
const bill = (p, more) => ({ account: bank.account.id, kind: 'fee', amount: 180000, due_on: '2027-01-31', payer: { ref: p.ref }, ...more });
const state = async (code) => { const c = await s.show(school.token, code.id); return `${c.status} ${c.paid}`; };
const asked = (code) => Number(new QRPay(code.payload).amount);

test('a pupil of the list: the charge is theirs, and so is what is too little, too much, or for two', async () => {
  const [a, b] = [await pupil({ household: 'nhà 1' }), await pupil({ household: 'nhà 1' })];
  const code = await s.code(school.token, bill(a));
  assert.deepEqual(code.payer, { ref: a.ref, name: 'Lò Văn 1', class: '3B' });
  assert.match(code.payer_id, /^pyr_/);
  assert.deepEqual([code.paid, code.credit_used, code.remaining, asked(code)], [0, 0, 180000, 180000]);
  assert.deepEqual((await s.get(`/api/v1/payers/${code.payer_id}`, { token: school.token })).json.charges.map((c) => c.code), [code.code]);
  const sibling = await s.code(school.token, bill(b, { amount: 95000, payer: { ref: b.ref, name: 'Lò Thị Hai', class: '1A' } }));
  assert.deepEqual(sibling.payer, { ref: b.ref, name: 'Lò Thị Hai', class: '1A' }, 'what the caller says stays');
  await bank.send({ amount: 275000, memo: code.code });
  await becomes(() => state(sibling), 'paid 95000');
  assert.equal(await state(code), 'paid 180000');
  const next = await s.code(school.token, bill(a));
  await bank.send({ amount: 80000, memo: next.code });
  await becomes(() => state(next), 'partially_paid 80000');
  const part = await s.show(school.token, next.id);
  assert.deepEqual([part.remaining, asked(part)], [100000, 100000]);
  await bank.send({ amount: 120000, memo: next.code });
  await becomes(() => state(next), 'paid 180000');
  await becomes(() => left(a), 20000);
});

test('credit is used, shown, and not asked for again', async () => {
  const a = await pupil({ credit: 50000 });
  const key = crypto.randomUUID(), sent = bill(a);
  const code = (await issue(sent, { key })).json;
  assert.deepEqual([code.status, code.paid, code.credit_used, code.remaining, asked(code)], ['partially_paid', 50000, 50000, 130000, 130000]);
  assert.equal(await left(a), 0);
  const page = (await s.get(`${code.pay_url}.json`)).json;
  assert.equal(new QRPay(page.payload).amount, '130000');
  assert.deepEqual(await s.show(school.token, code.id), code);
  await bank.send({ amount: 130000, memo: code.code });
  await becomes(() => state(code), 'paid 180000');
  const paid = await s.show(school.token, code.id);
  assert.deepEqual([paid.credit_used, paid.remaining, paid.receipts.map((r) => r.amount)], [50000, 0, [130000]]);
  const again = await issue(sent, { key });
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.deepEqual(again.json, code, 'as it was at issue');
});

test('credit that covers all of it, more than all, none at all', async () => {
  const all = await pupil({ credit: 180000 });
  const whole = await s.code(school.token, bill(all));
  assert.deepEqual([whole.status, whole.credit_used, whole.remaining], ['paid', 180000, 0]);
  const rich = await pupil({ credit: 200000 });
  const some = await s.code(school.token, bill(rich));
  assert.deepEqual([some.status, some.credit_used, some.remaining], ['paid', 180000, 0]);
  assert.equal(await left(rich), 20000);
  const no = await s.code(school.token, bill(rich, { use_credit: false }));
  assert.deepEqual([no.status, no.paid, no.credit_used, no.remaining, asked(no)], ['issued', 0, 0, 180000, 180000]);
  assert.equal(await left(rich), 20000);
  const bad = await issue(bill(rich, { use_credit: 'no' }));
  assert.deepEqual([bad.status, bad.json.errors[0].pointer], [422, '/use_credit']);
});

test('one key, sent ten times at once: one charge, and its credit once', async () => {
  const a = await pupil({ credit: 50000 });
  const key = crypto.randomUUID();
  const answers = await Promise.all(Array.from({ length: 10 }, () => issue(bill(a), { key })));
  assert.equal(new Set(answers.map((r) => JSON.stringify(r.json))).size, 1);
  assert.deepEqual([answers[0].json.credit_used, await left(a)], [50000, 0]);
  const both = await pupil({ credit: 50000 });
  const two = await Promise.all([1, 2, 3, 4].map(() => s.code(school.token, bill(both, { amount: 30000 }))));
  assert.equal((await Promise.all(two.map((c) => s.show(school.token, c.id)))).reduce((sum, c) => sum + c.credit_used, 0), 50000);
  assert.equal(await left(both), 0);
});

test('nobody of the list, an open amount, a payout: nobody\'s; a card is for whatever is owed', async () => {
  const a = await pupil();
  const strange = await s.code(school.token, bill({ ref: 'HS-of-nobody' }));
  assert.deepEqual([strange.payer_id, strange.payer], [null, { ref: 'HS-of-nobody', name: null, class: null }]);
  assert.equal((await s.code(other.token, { account: (await s.account(other.token)).id, kind: 'fee', amount: 1, payer: { ref: a.ref } })).payer_id, null, 'another school has no such pupil');
  const open = await s.code(school.token, bill(a, { amount: null, kind: 'stall' }));
  assert.deepEqual([open.payer_id, open.remaining], [null, null]);
  assert.equal((await s.code(school.token, bill(a, { kind: 'payout', payee: PAYEE }))).payer_id, null);
  const card = await s.code(school.token, bill(a, { amount: null, kind: 'card' }));
  assert.match(card.payer_id, /^pyr_/);
  const owed = await s.code(school.token, bill(a, { amount: 70000 }));
  await bank.send({ amount: 90000, memo: card.code });
  await becomes(() => state(owed), 'paid 70000');
  await becomes(() => left(a), 20000);
  assert.deepEqual(await s.sql('select * from audit.invariants()'), []);
});

test('pay pages asked for all at once: each gets its own, whoever else asks', async () => {
  const theirs = (await s.account(other.token)).id;
  const codes = await Promise.all(Array.from({ length: 24 }, (_, i) =>
    s.code(i % 2 ? other.token : school.token, { account: i % 2 ? theirs : account.id, kind: 'fee', amount: 1000 + i, label: `L${i}` })));
  const urls = codes.map((c) => new URL(c.pay_url).pathname), nobody = urls.map((u) => u.slice(0, -4) + 'AAAA');
  const sent = async () => Number(/^khop_db_gathers_total (\d+)$/m.exec((await s.get('/metrics')).text)[1]);
  const before = await sent();
  const answers = await Promise.all(urls.flatMap((url, i) => [s.get(`${url}.json`), s.get(nobody[i]), s.get(url), s.get(`${url}/qr.svg`)]));
  for (const [i, code] of codes.entries()) {
    const [doc, none, page, svg] = answers.slice(4 * i);
    assert.deepEqual([doc.json.code, doc.json.amount, doc.json.org.name], [code.code, 1000 + i, (i % 2 ? other : school).name]);
    assert.deepEqual([none.status, page.status, svg.status], [404, 200, 200]);
    assert.ok(page.text.includes(code.memo) && svg.text.startsWith('<svg'));
  }
  const calls = await sent() - before;
  assert.ok(calls > 0 && calls < answers.length, `${answers.length} asked in ${calls} calls`);
});
