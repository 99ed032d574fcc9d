// khop's filters: one answer for each line, in order, also for bad ones, and at once when the next line is waited for.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';

const khop = path.join(process.env.KHOP_BIN ?? 'build/dev/bin', 'khop');
const payload = '00020101021238570010A00000072701270006970405011379001234500110208QRIBFTTA530370454061800005802VN62130809SB7M4QX2K63040456';

function run(args, input = '') {
  const done = spawnSync(khop, args, { input, maxBuffer: 1 << 28 });
  return { status: done.status, out: done.stdout.toString(), err: done.stderr.toString() };
}
function lines(args, input) {
  const { status, out, err } = run(args, input);
  assert.equal(status, 0, err);
  assert.ok(out === '' || out.endsWith('\n'));
  return out.split('\n').slice(0, -1);
}
const objects = (args, input) => lines(args, input).map((line) => JSON.parse(line));

test('vietqr decode answers every line', () => {
  const answers = objects(['vietqr', 'decode', '-'], Buffer.concat([
    Buffer.from(`${payload}\n\n${payload}\r\nhello\n`), Buffer.from([0xff, 0x0a, 0x30, 0x00, 0x30, 0x0a]),
    Buffer.from(`${payload} \nhttps://example.org/\n012345678901||NGUYEN VAN A|01011990|Nam|Son La|\n${payload}`)]));
  assert.deepEqual(answers.map((a) => a.ok), [true, false, true, false, false, false, false, false, false, true]);
  assert.deepEqual(answers.map((a) => a.error), [undefined, 'empty', undefined, 'id_not_digits', 'not_utf8', 'control_character',
    'header_cut', 'not_emv', 'not_emv', undefined]);
  assert.deepEqual(answers[0], { ok: true, method: 'dynamic', bin: '970405', account: '7900123450011', service: 'QRIBFTTA', amount: 180000,
    purpose: 'SB7M4QX2K', currency: '704', country: 'VN', bank: 'Agribank', warnings: [] });
  assert.equal(answers[7].kind, 'link');
  assert.equal(answers[8].kind, 'identity_card');
  assert.ok(!JSON.stringify(answers[8]).includes('NGUYEN'));
});

test('vietqr decode --hex takes bytes, --lenient what apps print', () => {
  const hex = (text) => Buffer.from(text).toString('hex');
  const lower = '00020101021138540010A00000072701240006970422011003523509170208QRIBFTTA53037045802VN630479db';
  const input = [hex(payload), hex(payload).toUpperCase(), hex(`${payload}\n`), 'xyz', hex(payload).slice(1), '', hex(lower), '00'.repeat(9000)];
  assert.deepEqual(objects(['vietqr', 'decode', '--hex', '-'], input.join('\n')).map((a) => a.error ?? 'ok'),
    ['ok', 'ok', 'control_character', 'not_hex', 'not_hex', 'empty', 'crc_lower_case', 'too_long']);
  assert.deepEqual(objects(['vietqr', 'decode', '--lenient', '-'], `${lower}\n`)[0].warnings, ['crc_lower_case']);
});

test('vietqr encode takes integers, digits or nothing, and refuses the rest by name', () => {
  const base = { bin: '970405', account: '7900123450011' };
  const cases = [
    [{ ...base, amount: 180000, purpose: 'SB7M4QX2K' }, 'ok'], [{ ...base, amount: '180000' }, 'ok'], [{ ...base, amount: null, purpose: null, service: null }, 'ok'],
    [{ ...base, amount: 0 }, 'amount_zero'], [{ ...base, amount: -5 }, 'amount_character'], [{ ...base, amount: 1.5 }, 'amount_decimals'],
    [{ ...base, amount: '50.000' }, 'amount_character'], [{ ...base, amount: '' }, 'amount_character'], [{ ...base, amount: 10 ** 13 }, 'amount_length'],
    [{ ...base, amount: true }, 'wrong_type'], [{ ...base, ammount: 5 }, 'unknown_member'], [{ ...base, bin: 970405 }, 'wrong_type'],
    [{ ...base, bin: '9704055' }, 'bin_value'], [{ ...base, account: '1'.repeat(20) }, 'account_length'], [{ ...base, account: '12 3' }, 'account_character'],
    [{ bin: '970405' }, 'account_missing'], [{ account: '1' }, 'bin_missing'], [{ ...base, purpose: 'học phí' }, 'not_ascii'],
    [{ ...base, purpose: 'x'.repeat(26) }, 'additional_length'], [{ ...base, purpose: '' }, 'text_empty'], [{ ...base, service: 'QRIBFTTC' }, 'card_number'],
    [{ ...base, service: 'QRPUSH' }, 'service_value'], [{ ...base, method: 'static', amount: 5 }, 'ok'], [{ ...base, method: 'x' }, 'method_value'],
  ];
  const answers = objects(['vietqr', 'encode', '-'], cases.map(([w]) => JSON.stringify(w)).join('\n'));
  assert.deepEqual(answers.map((a) => a.error ?? 'ok'), cases.map(([, name]) => name));
  assert.equal(answers[0].payload, payload);
  for (const answer of answers.filter((a) => !a.ok)) assert.ok(answer.detail.length > 10);
  const broken = ['', '{', '[]', '"x"', '{"bin":"1","bin":"2"}', '{"amount":99999999999999999999}', '{} x'];
  assert.deepEqual(objects(['vietqr', 'encode', '-'], broken.join('\n') + '\n').map((a) => a.error), broken.map(() => 'json'));
  // What decode says can be given back.
  const decoded = lines(['vietqr', 'decode', '-'], payload);
  assert.equal(objects(['vietqr', 'encode', '-'], decoded.join('\n'))[0].payload, payload);
});

test('code find and words answer every line', () => {
  assert.deepEqual(objects(['code', 'find', '-'], `tt SB7M4QX2C\nSB7 M4Q-X2C\nSB794QX2C\n\nno code\n${'x'.repeat(5000)}\n`), [
    { codes: [{ code: 'SB7M4QX2C', how: 'exact' }] }, { codes: [{ code: 'SB7M4QX2C', how: 'joined' }] },
    { codes: [{ code: 'SB7M4QX2C', how: 'repaired' }] }, { codes: [] }, { codes: [] }, { codes: [], error: 'too_long' }]);
  const bad = 'error: not an integer from 0 to 999999999999999';
  assert.deepEqual(lines(['words', '-'], '0\n1005\n\n-1\n1.5\n1000000000000000\n360000000000\n+1\nx\n15'),
    ['không', 'một nghìn không trăm linh năm', bad, bad, bad, bad, 'ba trăm sáu mươi tỷ', bad, bad, 'mười lăm']);
});

test('a line over the limit is answered once, and the next ones as usual', () => {
  const long = 'a'.repeat(5 << 20);
  assert.deepEqual(objects(['vietqr', 'decode', '-'], `${long}\n${payload}\n${long}`).map((a) => a.error ?? 'ok'), ['too_long', 'ok', 'too_long']);
});

test('an answer does not wait for the next line', async () => {
  const child = spawn(khop, ['words', '-']);
  const answers = child.stdout[Symbol.asyncIterator]();
  for (const [line, answer] of [['5', 'năm'], ['15', 'mười lăm']]) {
    child.stdin.write(`${line}\n`);
    assert.equal((await answers.next()).value.toString(), `${answer}\n`);
  }
  child.stdin.end();
  assert.equal(await new Promise((done) => child.on('exit', done)), 0);
});

test('one argument instead of lines: the exit code is the answer', () => {
  assert.equal(run(['vietqr', 'decode', payload]).status, 0);
  assert.equal(run(['vietqr', 'decode', 'hello']).status, 1);
  assert.equal(run(['words', '21']).out, 'hai mươi mốt\n');
  assert.equal(run(['words', 'x']).status, 1);
});

test('usage', () => {
  assert.equal(run([]).status, 2);
  assert.equal(run(['words']).status, 2);
  assert.equal(run(['words', '1', '2']).status, 2);
  assert.equal(run(['vietqr', 'decode', '--nope', '-']).status, 2);
  assert.match(run(['vietqr', 'decod', '-']).err, /khop vietqr decode/);
  assert.match(run(['vietqt']).err, /khop vietqr/);
  assert.match(run(['--version']).out, /^khop \d+\.\d+\.\d+\n$/);
  assert.match(run(['help']).out, /vietqr +encode/);
  assert.match(run(['vietqr', '--help']).out, /examples:\n {2}khop vietqr decode/);
});

test('100,000 lines in seconds, not minutes', () => {
  const began = process.hrtime.bigint();
  assert.equal(lines(['vietqr', 'decode', '-'], `${payload}\n`.repeat(100000)).length, 100000);
  assert.ok(process.hrtime.bigint() - began < 20_000_000_000n);
});
