// Notices signed by the providers' own libraries, read by khop notice check: npm @payos/node and standardwebhooks. For Casso,
// which publishes no library, its rule in plain JavaScript: members sorted at every depth, JSON.stringify, HMAC-SHA512.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import path from 'node:path';
import { PayOS } from '@payos/node';
import { Webhook } from 'standardwebhooks';

const khop = path.join(process.env.KHOP_BIN ?? 'build/dev/bin', 'khop');
const now = 1795136600;

function check(lines) {
  const run = spawnSync(khop, ['notice', 'check', '-'], { input: lines.map((l) => `${JSON.stringify(l)}\n`).join(''), encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(run.status, 0, run.stderr);
  const answers = run.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  assert.equal(answers.length, lines.length);
  return answers;
}

// A small generator with a seed of its own, so that a failure can be repeated.
let state = 20261120;
function below(n) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
}
const one = (list) => list[below(list.length)];
const PIECES = ['A', 'z', '7', ' ', 'nộp tiền', '/', '"', '\\', '&', '=', '😀', 'Đ', '\n', '\t', '\u0000', '\u007f', '\ud83d', '\ude00', '\uff5e', '\u2028', 'null', '<b>', "'"];
const text = (max) => Array.from({ length: below(max + 1) }, () => one(PIECES)).join('');
const digits = (n) => Array.from({ length: n }, () => below(10)).join('');
const number = () => one([0, 1, -1, 1.5, 0.1, 1e21, 1e-7, 123456789012, Number.MAX_SAFE_INTEGER, below(1e9)]);
const scalar = () => one([null, true, false, 'null', 'undefined', '', text(4), text(8), number(), number()]);

function object(depth) {
  const keys = Array.from({ length: below(5) }, () => one(['a', 'b', 'B', 'aa', '10', '9', '01', '4294967295', 'đ', '😀', '\uff5e', '\ud83d', `k${below(20)}`, '"', '']));
  return Object.fromEntries(keys.map((k) => [k, depth > 0 ? one([scalar(), scalar(), object(depth - 1), list(depth - 1)]) : scalar()]));
}
const list = (depth) => Array.from({ length: below(4) }, () => (depth > 0 ? one([scalar(), object(depth - 1), list(depth - 1)]) : scalar()));

function payosData() {
  const data = {
    orderCode: 1 + below(1e9), amount: 1 + below(2e9), description: text(6), accountNumber: digits(13), reference: `FT${digits(14)}`,
    transactionDateTime: '2026-11-20 08:03:11', currency: 'VND', paymentLinkId: crypto.createHash('md5').update(String(below(1e9))).digest('hex'),
    code: '00', desc: text(3), counterAccountBankId: one([null, '', '970436']), counterAccountName: one([null, 'undefined', text(3)]),
  };
  // Whatever else payOS may add one day: lists of objects are in its answers already.
  for (let i = below(4); i > 0; i--) data[one(['x', 'y', 'zz', '7', '12', 'đ', 'transactions'])] = one([scalar(), object(1), list(2).filter((e) => e !== null), [object(2)]]);
  return data;
}

test('1,500 payOS notices signed by @payos/node', async () => {
  const key = 'sl-demo-checksum-key-0001';
  const payos = new PayOS({ clientId: 'c', apiKey: 'a', checksumKey: key });
  const lines = [], all = [];
  for (let i = 0; i < 1500; i++) {
    const data = payosData();
    const body = { code: '00', desc: 'success', success: true, data, signature: await payos.crypto.createSignatureFromObj(data, key) };
    all.push(data);
    lines.push({ provider: 'payos', mode: 'webhook', secret: key, now, path: '', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }
  check(lines).forEach((answer, i) => {
    const data = all[i];
    assert.equal(answer.verdict, 'accept', `${answer.reason}: ${lines[i].body}`);
    const memo = (data.description.toWellFormed?.() ?? Buffer.from(data.description).toString()).replace(/[\u0000-\u001f\u007f]/g, ' ');
    assert.deepEqual(answer.events, [{ ext_id: data.paymentLinkId + data.reference, direction: 'in', amount: data.amount, account: data.accountNumber,
      reference: data.reference, time: '2026-11-20T08:03:11+07:00', memo }]);
  });
});

test('what @payos/node refuses is refused', async () => {
  const key = 'sl-demo-checksum-key-0001';
  const payos = new PayOS({ clientId: 'c', apiKey: 'a', checksumKey: key });
  const lines = [];
  for (let i = 0; i < 300; i++) {
    const data = payosData();
    const body = { code: '00', desc: 'success', success: true, data, signature: await payos.crypto.createSignatureFromObj(data, key) };
    const change = one([() => { data.amount++; }, () => { data.accountNumber += '1'; }, () => { data.reference = 'X'; }, () => { data.paymentLinkId = 'y'; },
      () => { data.description += '!'; }, () => { data.more = 1; }, () => { delete data.desc; }, () => { data.transactionDateTime = '2026-11-21 08:03:11'; },
      () => { body.signature = body.signature.replace(/^./, (c) => (c === '0' ? '1' : '0')); }]);
    change();
    await assert.rejects(payos.webhooks.verify(structuredClone(body)));
    lines.push({ provider: 'payos', secret: key, now, headers: {}, body: JSON.stringify(body) });
  }
  for (const answer of check(lines)) assert.deepEqual(answer, { verdict: 'reject', reason: 'bad_signature', events: [] });
});

function bankTransaction() {
  return { type: 'bank.transaction', timestamp: '2026-11-20T01:03:20Z', data: {
    id: `tx-${digits(6)}`, account_no: digits(13), direction: one(['in', 'out']), amount: 1 + below(2e9), memo: text(6), reference: digits(8),
    paid_at: one(['2026-11-20T01:03:11Z', '2026-11-20T08:03:11+07:00']), balance: one([null, 5]), counterparty: one([null, {}, { bin: '970436', account_no: '1', name: text(2) }]) } };
}

function standardLine(secret, signer, id, t, body) {
  return { provider: 'standardwebhooks', mode: 'hmac', secret, now, path: '',
    headers: { 'Webhook-Id': id, 'Webhook-Timestamp': String(t), 'Webhook-Signature': signer.sign(id, new Date(t * 1000), body) }, body };
}

test('1,000 notices signed by standardwebhooks', () => {
  const lines = Array.from({ length: 1000 }, () => {
    const secret = `whsec_${crypto.createHash('sha256').update(String(below(1e9))).digest('base64')}`;
    return standardLine(secret, new Webhook(secret), `msg_${digits(9)}`, now - 300 + below(601), JSON.stringify(bankTransaction()));
  });
  check(lines).forEach((answer, i) => {
    const { data } = JSON.parse(lines[i].body);
    assert.equal(answer.verdict, 'accept', `${answer.reason}: ${lines[i].body}`);
    assert.deepEqual({ ...answer.events[0], memo: undefined }, { ext_id: data.id, direction: data.direction, amount: data.amount,
      account: data.account_no, reference: data.reference, time: '2026-11-20T08:03:11+07:00', memo: undefined });
  });
});

test('standardwebhooks and we refuse the same', () => {
  const secret = 'whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh';
  const theirs = new Webhook(secret);
  const real = Math.floor(Date.now() / 1000); // it asks the clock itself
  const lines = Array.from({ length: 400 }, () => {
    const line = { ...standardLine(secret, theirs, `msg_${digits(9)}`, real - 600 + below(1201), JSON.stringify(bankTransaction())), now: real };
    const h = line.headers;
    one([() => {}, () => {}, () => { line.body += ' '; }, () => { h['Webhook-Id'] += '1'; }, () => { h['Webhook-Timestamp'] = String(Number(h['Webhook-Timestamp']) + 1); },
      () => { h['Webhook-Signature'] = `v1,AAAA v1a,BBBB ${h['Webhook-Signature']}`; }, () => { h['Webhook-Signature'] = h['Webhook-Signature'].replace('v1,', 'v2,'); },
      () => { h['Webhook-Signature'] = h['Webhook-Signature'].slice(0, -1); }, () => { delete h['Webhook-Signature']; }])();
    return line;
  });
  const ours = check(lines);
  let taken = 0;
  lines.forEach((line, i) => {
    let fits = true;
    // On the border of the five minutes the two clocks may differ by the second that passed.
    if (Math.abs(Math.abs(real - Number(line.headers['Webhook-Timestamp'])) - 300) <= 5) return;
    try { theirs.verify(line.body, line.headers, { jsonParse: false }); } catch { fits = false; }
    assert.equal(ours[i].verdict !== 'reject', fits, JSON.stringify(line));
    taken += fits;
  });
  assert.ok(taken > 20 && taken < 350);
});

test('1,000 Casso v2 notices by the rule in JavaScript', () => {
  const sorted = (v) => (Array.isArray(v) ? v.map(sorted)
    : v !== null && typeof v === 'object' ? Object.fromEntries(Object.keys(v).sort().map((k) => [k, sorted(v[k])])) : v);
  const lines = Array.from({ length: 1000 }, () => {
    const body = { error: 0, ...object(2), data: { ...object(3), id: below(1e9), reference: digits(9), description: text(6), amount: one([1, -1]) * (1 + below(1e9)),
      runningBalance: below(1e9), transactionDateTime: '2026-11-20 08:03:11', accountNumber: digits(13) } };
    const t = now * 1000 - 300_000 + below(600_001);
    const signature = crypto.createHmac('sha512', 'sl-demo-casso-key').update(`${t}.${JSON.stringify(sorted(body))}`).digest('hex');
    return { provider: 'casso', mode: 'v2', secret: 'sl-demo-casso-key', now, headers: { 'X-Casso-Signature': `t=${t},v1=${signature}` }, body: JSON.stringify(body, null, below(3)) };
  });
  check(lines).forEach((answer, i) => {
    const { data } = JSON.parse(lines[i].body);
    assert.equal(answer.verdict, 'accept', `${answer.reason}: ${lines[i].body}`);
    assert.equal(answer.events[0].ext_id, String(data.id));
    assert.equal(answer.events[0].amount * (answer.events[0].direction === 'out' ? -1 : 1), data.amount);
  });
});

test('every line gets its answer', () => {
  const good = { provider: 'sepay', mode: 'apikey', secret: 'k', now, headers: { authorization: 'Apikey k' }, body: JSON.stringify({ id: 1,
    transactionDate: '2026-11-20 08:03:11', accountNumber: '79', content: 'SB7M4QX2C', transferType: 'in', transferAmount: 5 }) };
  const input = [JSON.stringify(good), '', 'x', '[]', '{}', '{"provider":"sepay","provider":"sepay"}', JSON.stringify({ ...good, mode: 'v1' }), JSON.stringify({ ...good, secret: '' }),
    JSON.stringify({ ...good, headers: { authorization: ['Apikey k', 'Apikey k'] } }), JSON.stringify({ ...good, now: '2026-11-20T08:03:20+07:00' }),
    JSON.stringify({ ...good, secret: ['x', 'k'] }), JSON.stringify({ ...good, body: undefined, body_base64: Buffer.from(good.body).toString('base64') }),
    `"${'x'.repeat(5 << 20)}"`, JSON.stringify({ ...good, body: good.body.replace('SB7', '\\u0000\\ud800') })];
  const run = spawnSync(khop, ['notice', 'check', '-'], { input: input.join('\n'), encoding: 'utf8', maxBuffer: 1 << 28 });
  const answers = run.stdout.split('\n').slice(0, -1).map((l) => JSON.parse(l));
  assert.deepEqual(answers.map((a) => `${a.verdict} ${a.reason}`), ['accept ok', 'reject bad_line', 'reject bad_line', 'reject bad_line', 'reject unknown_provider',
    'reject bad_line', 'reject unknown_mode', 'reject bad_secret', 'reject repeated_header', 'accept ok', 'accept ok', 'accept ok', 'reject line_too_long', 'accept ok']);
  assert.equal(answers.at(-1).events[0].memo, ' \ufffdM4QX2C');
});

test('a VietQR.vn token from the filter opens the second call for five minutes', () => {
  const line = { provider: 'vietqrvn', secret: 'sonla-user:s3cret-pass', now, path: '/hooks/x/api/token_generate', headers: { authorization: 'Basic c29ubGEtdXNlcjpzM2NyZXQtcGFzcw==' }, body: '{}' };
  const { access_token: token, expires_in: life } = JSON.parse(check([line])[0].answer);
  const sync = (after) => ({ ...line, now: now + after, path: '//bank/api/transaction-sync', headers: { authorization: `Bearer ${token}` }, body: JSON.stringify({
    bankaccount: '7900123450011', amount: 180000, transType: 'C', content: 'VQR1a2b3c4d5e SB7M4QX2C', transactiontime: 1795136591000, referencenumber: 'FT26324000111222' }) });
  assert.equal(life, 300);
  assert.deepEqual(check([sync(0), sync(300), sync(301)]).map((a) => a.reason), ['ok', 'ok', 'stale_token']);
});
