// Filters of khop (design.md §8): one answer line per input line, in order, also for bad lines; the answers against other
// people's libraries and against vectors of the reference.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import path from 'node:path';
import test from 'node:test';
import { ReadingConfig, doReadNumber } from 'read-vietnamese-number';
import { bin, filter, khop } from './harness.mjs';
import * as providers from './providers.mjs';

const json = async (args, lines) => (await filter(args, lines)).map((l) => JSON.parse(l));

// --- words (product.md §6; the library says lẻ and tỉ) ---

const config = new ReadingConfig();
config.unit = [];
function read(n) {
  return doReadNumber(String(n), config).replaceAll('lẻ', 'linh').replaceAll('tỉ', 'tỷ').normalize('NFC').trim();
}

test('words: twenty thousand numbers read alike by another library', async () => {
  const numbers = new Set();
  for (let n = 0; n < 3000; n++) numbers.add(n);
  for (let e = 3; e < 15; e++) for (let d = -12; d <= 12; d++) numbers.add(Math.max(0, 10 ** e + d));
  // Groups that are zero, round or full, in every mixture.
  const groups = [0, 1, 4, 5, 10, 11, 15, 21, 24, 55, 100, 101, 104, 105, 110, 115, 205, 400, 999];
  for (const a of groups) for (const b of groups) for (const c of groups) numbers.add(a * 1e6 + b * 1e3 + c);
  while (numbers.size < 20_500) numbers.add(crypto.randomInt(0, 10 ** crypto.randomInt(4, 15)));
  const list = [...numbers].filter((n) => n < 1e12);
  const answers = await filter(['words', '-'], list);
  assert.ok(list.length > 15_000);
  const bad = list.map((n, i) => [n, answers[i], read(n)]).filter(([, ours, theirs]) => ours !== theirs);
  assert.deepEqual(bad.slice(0, 10), []);
});

test('words: the table of the reference, and a thousand billions', async () => {
  const table = { 0: 'không', 5: 'năm', 15: 'mười lăm', 21: 'hai mươi mốt', 24: 'hai mươi tư', 104: 'một trăm linh bốn', 115: 'một trăm mười lăm', 1001: 'một nghìn không trăm linh một', 10500: 'mười nghìn năm trăm',
    936000: 'chín trăm ba mươi sáu nghìn', 1000005: 'một triệu không trăm linh năm', 1000000000: 'một tỷ', 1005000000: 'một tỷ không trăm linh năm triệu', 360000000000: 'ba trăm sáu mươi tỷ',
    1000000005000: 'một nghìn tỷ không trăm linh năm nghìn' };
  assert.deepEqual(await filter(['words', '-'], Object.keys(table)), Object.values(table));
  assert.ok((await filter(['words', '-'], ['999999999999999']))[0].startsWith('chín trăm chín mươi chín nghìn chín trăm chín mươi chín tỷ'));
});

test('words: a bad line is answered, the next one too', async () => {
  const answers = await filter(['words', '-'], ['5', '', 'x', '-1', '1.5', '1e3', '1000000000000000', '99999999999999999999999', '١', '5\u0000', '7']);
  assert.deepEqual([answers[0], answers.at(-1)], ['năm', 'bảy']);
  for (const a of answers.slice(1, -1)) assert.match(a, /^error: /);
});

// --- vietqr (against another library: oracle/) ---

test('vietqr: bad lines are answered in place', async () => {
  const good = '{"bin":"970405","account":"7900123450011","amount":180000,"purpose":"SB7M4QX2C"}';
  const bad = ['', 'x', '[]', '{}', '{"bin":"970405"}', '{"bin":"97040","account":"1"}', '{"bin":"970405","account":"1","amount":-5}', '{"bin":"970405","account":"1","amount":1.5}', '{"bin":"970405","account":"1","amount":"5 "}',
    '{"bin":"970405","account":"1","purpose":"Tiền ăn"}', `{"bin":"970405","account":"1","purpose":"${'x'.repeat(26)}"}`, '{"bin":"970405","account":"1","service":"X"}', '{"bin":"970405","bin":"970405","account":"1"}',
    '{"bin":"970405","account":"1","more":1}', '{"bin":"970405","account":"12345678901234567890"}', '\u0000'];
  const lines = bad.flatMap((b) => [b, good]);
  const answers = await json(['vietqr', 'encode', '-'], lines);
  const payload = answers[1].payload;
  answers.forEach((a, i) => {
    if (i % 2 === 1) assert.equal(a.payload, payload);
    else assert.ok(a.ok === false && typeof a.error === 'string' && typeof a.detail === 'string', `${lines[i]}: ${JSON.stringify(a)}`);
  });
  const broken = [payload.slice(0, -1), `${payload}0`, payload.replace('180000', '180001'), payload.toLowerCase(), 'https://example.org', '', 'x'.repeat(5000)];
  const read = await json(['vietqr', 'decode', '-'], broken.flatMap((b) => [b, payload]));
  read.forEach((a, i) => {
    assert.equal(a.ok, i % 2 === 1, broken[i / 2]);
    if (!a.ok) assert.ok(a.error && a.kind);
  });
  const hex = await json(['vietqr', 'decode', '--hex', '-'], ['zz', Buffer.from(payload).toString('hex')]);
  assert.deepEqual([hex[0].ok, hex[1]], [false, read[1]]);
  // The published sample, and one argument instead of lines.
  const published = '00020101021238560010A0000007270126000697041501121133666688880208QRIBFTTA53037045405790005802VN62220818Ung Ho Quy Vac Xin63043ACF';
  const one = await khop(['vietqr', 'decode', published]);
  assert.deepEqual([one.code, JSON.parse(one.out).account, JSON.parse(one.out).amount], [0, '113366668888', 79000]);
  assert.equal((await khop(['vietqr', 'decode', payload.slice(1)])).code, 1);
  assert.equal((await khop(['vietqr', 'encode', '{}'])).code, 1);
});

// --- code find ---

test('code find: exact, joined, repaired, none, in the order of the lines', async () => {
  const code = 'SB7M4QX2C';
  const cases = [
    [`MBVCB.7123456789.${code} hoc phi.CT tu 0071000123456 LO THI MAY`, [[code, 'exact']]], [`nap tien ${code.toLowerCase()}`, [[code, 'exact']]], ['MUOI SB7M 4QX2C- Ma GD ACSP/ nf407079', [[code, 'joined']]],
    ['S.B.7.M.4.Q.X.2.C', [[code, 'joined']]], ['SB794QX2C', [[code, 'repaired']]], ['LO THI MAY chuyen tien', []], ['', []], [`${code} SC22222SY`, [[code, 'exact'], ['SC22222SY', 'exact']]],
    [`${code}${code}`, [[code, 'exact']]], [`NAPTIEN${code}`, [[code, 'exact']]], ['\u0000\u0001', []], ['Đóng tiền 🙂 sb7m4qx2c', [[code, 'exact']]],
  ];
  const answers = await json(['code', 'find', '-'], cases.map(([memo]) => memo));
  answers.forEach((a, i) => assert.deepEqual(a.codes.map((c) => [c.code, c.how]), cases[i][1], cases[i][0]));
  for (const [codes, sample] of [[1, `x ${code}`]]) assert.equal((await json(['code', 'find', '-'], Array(500).fill(sample))).filter((a) => a.codes.length === codes).length, 500);
  const vectors = ['SB7M4QX2C', 'SC22222SY', 'SPZZZZZ6E', 'SV234567Q', 'SK9TTF6CU', 'SBAAAAAUN', 'SCK7P3W98'];
  (await json(['code', 'find', '-'], vectors)).forEach((a, i) => assert.deepEqual(a.codes, [{ code: vectors[i], how: 'exact' }]));
  const long = await json(['code', 'find', '-'], ['x'.repeat(100_000), code]);
  assert.deepEqual([long[0].codes, long[1].codes.length], [[], 1]);
});

// --- notice check ---

const NOW = 1795136600;
const movement = (more) => ({ id: 88123, amount: 180000, memo: 'LO THI MAY SB7M4QX2C', direction: 'in', account: '7900123450011', reference: 'FT26324000111222', time: new Date((NOW - 9) * 1000), balance: 1180000, ...more });

test('notice check: every mode, and what it makes of the movement', async () => {
  const lines = [], wanted = [];
  for (const [mode, table] of Object.entries(providers.MODES)) {
    const { secret, stored } = table.secrets(), m = movement();
    let notice = table.notice(secret, m, NOW * 1000);
    if (mode === 'vietqrvn/token') {
      const [asked] = await json(['notice', 'check', '-'], [JSON.stringify({ provider: 'vietqrvn', secret, now: NOW, path: '/x/api/token_generate', headers: providers.basic(secret), body: '{}' })]);
      notice = { ...notice, headers: { ...notice.headers, Authorization: `Bearer ${JSON.parse(asked.answer).access_token}` } };
    }
    const [provider, name] = mode.split('/');
    lines.push({ provider, mode: name, secret: stored, now: NOW, path: notice.path, headers: notice.headers, body: notice.body });
    wanted.push(table.ext(m));
  }
  const answers = await json(['notice', 'check', '-'], lines.map((l) => JSON.stringify(l)));
  answers.forEach((a, i) => {
    assert.equal(a.verdict, 'accept', JSON.stringify([lines[i], a]));
    const [e] = a.events;
    assert.deepEqual([e.ext_id, e.direction, e.amount, e.account, Date.parse(e.time), e.memo], [wanted[i], 'in', 180000, '7900123450011', (NOW - 9) * 1000, 'LO THI MAY SB7M4QX2C']);
  });
  // The same with another secret, another time, without headers.
  const wrong = await json(['notice', 'check', '-'], lines.map((l) => JSON.stringify({ ...l, headers: {}, ...(l.provider === 'payos' ? { body: l.body.replace('180000', '180001') } : {}) })));
  for (const a of wrong) assert.deepEqual([a.verdict, a.events], ['reject', []]);
});

test('notice check: held, ignored, refused; bad lines in place', async () => {
  const raw = JSON.stringify({ ...providers.sepayBody(movement()), transferAmount: 0 });
  const base = { provider: 'sepay', mode: 'hmac', secret: 'k', now: NOW };
  const good = JSON.stringify({ ...base, headers: providers.sepaySigned('k', raw, NOW * 1000), body: raw });
  const hook = JSON.stringify({ type: 'other.thing', data: {} }), secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const ignored = JSON.stringify({ provider: 'standardwebhooks', mode: 'hmac', secret, now: NOW, headers: providers.standardSigned(secret, 'msg_1', hook, NOW * 1000), body: hook });
  const stale = JSON.stringify({ ...base, now: NOW + 301, headers: providers.sepaySigned('k', raw, NOW * 1000), body: raw });
  const bad = ['', 'x', '[]', '{}', '{"provider":"momo"}', JSON.stringify({ ...base, mode: 'v1' }), JSON.stringify({ ...base, secret: '' }), JSON.stringify({ ...base, headers: 5 }), JSON.stringify({ ...base, body: 5 }), JSON.stringify({ ...base, now: 'x' }), '{"provider":"sepay","provider":"sepay"}'];
  const answers = await json(['notice', 'check', '-'], [good, ignored, stale, ...bad, good]);
  assert.deepEqual([answers[0].verdict, answers[0].reason, answers[0].events], ['hold', 'bad_amount', []]);
  assert.equal(answers[1].verdict, 'ignore');
  assert.deepEqual([answers[2].verdict, answers[2].reason], ['reject', 'stale_timestamp']);
  for (const a of answers.slice(3, -1)) assert.ok(a.verdict === 'reject' && a.reason && a.events.length === 0, JSON.stringify(a));
  assert.deepEqual(answers.at(-1), answers[0]);
});

// --- all filters ---

const FILTERS = [['words', '-'], ['vietqr', 'encode', '-'], ['vietqr', 'decode', '-'], ['code', 'find', '-'], ['notice', 'check', '-']];

test('no input, no answer; a last line without its end; lines that end with CR LF', async () => {
  for (const args of FILTERS) {
    const none = await khop(args, { input: '' });
    assert.deepEqual([none.code, none.out], [0, '']);
    const [unix] = await filter(args, ['5']);
    for (const input of ['5', '5\r\n', '5\n']) assert.equal((await khop(args, { input })).out, `${unix}\n`);
    assert.equal((await khop(args, { input: '\n\n\n' })).out.split('\n').length, 4);
  }
});

test('a line of three megabytes is answered, and so is the next', async () => {
  for (const args of FILTERS) {
    const answers = await filter(args, ['x'.repeat(3 << 20), '5']);
    assert.equal(answers[1], (await filter(args, ['5']))[0]);
  }
});

test('one line in, one line out, before the next is asked for', async () => {
  for (const args of FILTERS) {
    const child = spawn(path.join(bin, 'khop'), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let got = '', lines = 0;
    const next = () => new Promise((done) => { child.stdout.once('data', (p) => { got += p; done(); }); });
    for (; lines < 5; lines++) {
      const answered = next();
      child.stdin.write('7\n');
      await answered;
      assert.equal(got.split('\n').length - 1, lines + 1);
    }
    child.stdin.end();
    assert.equal(await new Promise((done) => child.on('exit', done)), 0);
  }
});

test('a reader that goes away ends the filter', async () => {
  const child = spawn(path.join(bin, 'khop'), ['words', '-'], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {});
  child.stdout.destroy();
  child.stdin.write('1\n'.repeat(200_000));
  child.stdin.end();
  assert.equal(await new Promise((done) => child.on('exit', (code, signal) => done(signal ?? code))), 1);
});
