// VietQR against npm vietnam-qr-pay, an implementation that is not ours: what both write, and the checksum.
// It reads with few checks (vietqr.md §12), so refusals are not compared.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { QRPay } from 'vietnam-qr-pay';

const khop = path.join(process.env.KHOP_BIN ?? 'build/dev/bin', 'khop');

function filter(args, lines) {
  const run = spawnSync(khop, args, { input: lines.map((line) => `${line}\n`).join(''), encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(run.status, 0, run.stderr);
  const answers = run.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  assert.equal(answers.length, lines.length);
  return answers;
}

// A small generator with a seed of its own, so that a failure can be repeated.
let state = 20251122;
function below(n) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
}
const pick = (letters, n) => Array.from({ length: n }, () => letters[below(letters.length)]).join('');

function wanted() {
  const card = below(8) === 0;
  return {
    bin: pick('0123456789', 6),
    account: card ? pick('0123456789', below(2) ? 16 : 19) : pick('0123456789ABCDEFXYZabcz', 1 + below(19)),
    service: card ? 'QRIBFTTC' : 'QRIBFTTA',
    amount: below(4) === 0 ? null : 1 + below(2 ** 31) * (1 + below(4000)),
    // It counts and trims as it likes at the edges: texts without spaces there.
    purpose: below(4) === 0 ? null : pick('ABCDEFGHXYZ0123456789abc', 1 + below(12)) + pick(' -./ABC', below(5)) + pick('XYZ019', 1 + below(8)),
  };
}

function theirs(w) {
  return QRPay.initVietQR({
    bankBin: w.bin, bankNumber: w.account, service: w.service,
    amount: w.amount === null ? undefined : String(w.amount), purpose: w.purpose ?? undefined,
  });
}

test('2000 random codes are written the same by both', () => {
  const list = Array.from({ length: 2000 }, wanted);
  filter(['vietqr', 'encode', '-'], list.map((w) => JSON.stringify(w))).forEach((answer, i) => {
    assert.deepEqual(answer, { ok: true, payload: theirs(list[i]).build() }, JSON.stringify(list[i]));
  });
});

test('what they write is read by us, and what we write by them', () => {
  const list = Array.from({ length: 500 }, wanted);
  filter(['vietqr', 'decode', '-'], list.map((w) => theirs(w).build())).forEach((answer, i) => {
    const { bin, account, service, amount, purpose } = answer;
    assert.deepEqual({ bin, account, service, amount, purpose }, list[i]);
    assert.equal(answer.method, amount === null ? 'static' : 'dynamic');
  });
  filter(['vietqr', 'encode', '-'], list.map((w) => JSON.stringify(w))).forEach(({ payload }, i) => {
    const read = new QRPay(payload);
    assert.ok(read.isValid, payload);
    assert.equal(read.consumer.bankBin, list[i].bin);
    assert.equal(read.consumer.bankNumber, list[i].account);
    assert.equal(read.amount ?? null, list[i].amount === null ? null : String(list[i].amount));
    assert.equal(read.additionalData.purpose ?? null, list[i].purpose);
  });
});

test('a changed checksum is refused by both', () => {
  const payloads = Array.from({ length: 200 }, () => {
    const payload = theirs(wanted()).build();
    const crc = Number.parseInt(payload.slice(-4), 16) ^ (1 << below(16));
    return payload.slice(0, -4) + crc.toString(16).toUpperCase().padStart(4, '0');
  });
  filter(['vietqr', 'decode', '--lenient', '-'], payloads).forEach((answer, i) => {
    assert.equal(answer.error, 'crc_wrong');
    assert.equal(new QRPay(payloads[i]).isValid, false);
  });
});
