// What a stall's page makes by itself: the VietQR text of a sale, its symbol, the words and clips of what is said. Against the server's own
// programs and against libraries of others.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { QRPay } from 'vietnam-qr-pay';
import { encode, segments } from '../../lib/web/static/qr.mjs';
import { crc, newTag, withAmount } from '../../lib/web/static/vietqr.mjs';
import { clips, numbersOf, sentence, spell } from '../../lib/web/static/voice.mjs';

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..');
const build = path.resolve(root, process.env.KHOP_BUILD ?? 'build/dev');
const lines = (program, args, input) => execFileSync(path.join(build, program), args, { input: `${input.join('\n')}\n`, maxBuffer: 1 << 26 }).toString().trim().split('\n');
const khop = (args, input) => lines('bin/khop', args, input);

// The same numbers each time.
let seed = 20261122;
const random = () => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 0; return seed / 2 ** 32; };
const upTo = (n) => Math.floor(random() * n);
const any = (letters, n) => Array.from({ length: n }, () => letters[upTo(letters.length)]).join('');
const TAG = '23456789ABCDEFGHJKMNPQRTUVWXYZ';

const accounts = Array.from({ length: 200 }, () => ({ bin: any(['970405', '970436', '970422', '970418', '971025'], 1), account: any('0123456789', 1 + upTo(19)), purpose: `SC${any('23456789ABCDEFGHJKMNPQRSTUVWXYZ', 7)}` }));
const permanent = khop(['vietqr', 'encode', '-'], accounts.map((a) => JSON.stringify({ ...a, amount: null }))).map((row) => JSON.parse(row).payload);
const sales = accounts.map((a, i) => ({ ...a, amount: 1 + Math.floor(10 ** (random() * 12.9)), tag: i % 4 ? any(TAG, 5) : undefined }));
const texts = sales.map((s, i) => withAmount(permanent[i], s.amount, s.tag));

test('the text of a sale is the one that the server would make, to the letter', () => {
  assert.equal(crc('123456789'), '29B1');
  const wanted = khop(['vietqr', 'encode', '-'], sales.map(({ bin, account, purpose, amount, tag }) => JSON.stringify({ bin, account, amount, purpose: tag ? `${purpose} ${tag}` : purpose })));
  assert.deepEqual(texts, wanted.map((row) => JSON.parse(row).payload));
});

test('others read it, too', () => {
  texts.forEach((text, i) => {
    const read = new QRPay(text);
    assert.deepEqual([read.isValid, read.consumer.bankBin, read.consumer.bankNumber, read.amount, read.additionalData.purpose],
      [true, sales[i].bin, sales[i].account, String(sales[i].amount), sales[i].tag ? `${sales[i].purpose} ${sales[i].tag}` : sales[i].purpose]);
  });
});

test('amounts that are none are refused', () => {
  for (const amount of [0, -1, 1.5, NaN, '5', 10_000_000_000_000]) assert.throws(() => withAmount(permanent[0], amount, 'AAAAA'), RangeError);
});

test('tags are of their letters, and all of them', () => {
  const tags = Array.from({ length: 500 }, () => newTag());
  for (const tag of tags) assert.match(tag, /^[2-9A-HJ-NP-RT-Z]{5}$/);
  assert.equal(new Set(tags.join('')).size, 30);
  assert.equal(new Set(tags).size, 500);
});

// Which mask is best is where libqrencode reads the standard in its own way: the rest must be equal.
test('symbols are those of libqrencode, but for the choice of the mask', () => {
  const more = [...Array.from({ length: 60 }, (_, i) => any('0123456789', 1 + i * 5)), ...Array.from({ length: 60 }, (_, i) => any('ABC $%*+-./:', 1 + i * 3)),
    ...Array.from({ length: 60 }, (_, i) => any('abcdefghij=()', 1 + i * 2))];
  const all = [...texts, ...more];
  lines('tests/web_render', ['--qr'], all).forEach((row, i) => {
    const [side, modules] = row.split(' ');
    const same = [0, 1, 2, 3, 4, 5, 6, 7].filter((mask) => { const made = encode(all[i], { mask }); return made.size === Number(side) && made.dark.join('') === modules; });
    assert.equal(same.length, 1, all[i]);
  });
  assert.ok(texts.every((text) => encode(text).size <= 41), 'a sale is version 6 at most');
});

test('the mask is one of eight, and the least bad of them is taken', () => {
  const taken = new Set(texts.map((text) => encode(text).mask));
  assert.ok(taken.size >= 6, [...taken].join());
});

test('what is too long or not ASCII is refused', () => {
  assert.throws(() => encode('a'.repeat(181)), RangeError);
  assert.throws(() => encode('đ'), RangeError);
  assert.equal(encode('a'.repeat(180)).version, 9);
  assert.deepEqual(segments('0123456789ABCDEF').map(([, text]) => text).join(''), '0123456789ABCDEF');
});

test('a scanner reads them', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'khop-made-'));
  for (const text of [...texts.slice(0, 24), any('0123456789', 300), any('ABCDEF:/', 200), any('abcdef', 180)]) {
    const { size, dark } = encode(text), scale = 4, side = (size + 8) * scale;
    const at = (p) => Math.floor(p / scale) - 4;
    const rows = Array.from({ length: side }, (_, y) => Array.from({ length: side }, (__, x) => (at(x) >= 0 && at(y) >= 0 && at(x) < size && at(y) < size ? dark[at(y) * size + at(x)] : 0)).join(''));
    writeFileSync(path.join(dir, 'symbol.pbm'), `P1\n${side} ${side}\n${rows.join('\n')}\n`);
    assert.equal(execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', path.join(dir, 'symbol.pbm')], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim(), text);
  }
  rmSync(dir, { recursive: true });
});

// --- words ---

const numbers = [0, 5, 10, 15, 1_000_000_005_000, 999_999_999_999_999, ...Array.from({ length: 2000 }, (_, i) => i), ...Array.from({ length: 2000 }, (_, i) => i * 1000),
  ...Array.from({ length: 8000 }, () => Math.floor(10 ** (random() * 15)))];

test('amounts are said in the words that papers have', () => {
  const wanted = khop(['words', '-'], numbers);
  const rules = numbersOf('vi');
  numbers.forEach((n, i) => assert.equal(spell(rules, n), wanted[i], String(n)));
  for (const n of [-1, 1.5, 1e15, NaN]) assert.throws(() => spell(rules, n), RangeError);
});

const pack = JSON.parse(readFileSync(path.join(root, 'deploy/voice/vi/pack.json'), 'utf8'));

test('a Vietnamese pack has a clip for each word of every sentence', () => {
  for (const amount of numbers.filter((n) => n > 0)) {
    const said = sentence(pack, { state: 'short', amount, missing: 1 + upTo(1e9) }, String(upTo(100)));
    assert.equal(clips(pack, said)?.join(' '), said);
  }
  assert.equal(sentence(pack, { state: 'free', amount: 200_000 }), 'đã nhận hai trăm nghìn đồng');
  assert.equal(sentence(pack, { state: 'full', amount: 200_000 }), 'đã nhận hai trăm nghìn đồng đủ');
  assert.equal(sentence(pack, { state: 'short', amount: 200, missing: 199_800 }, '47'), 'đã nhận hai trăm đồng thiếu một trăm chín mươi chín nghìn tám trăm đồng bốn mươi bảy');
  assert.equal(sentence(pack, { state: 'over', amount: 5000, surplus: 21 }), 'đã nhận năm nghìn đồng thừa hai mươi mốt đồng');
  assert.equal(sentence(pack, { state: 'other', amount: 15 }), 'đã nhận mười lăm đồng');
  assert.equal(clips(pack, 'đã nhận hoa ban'), null, 'a word without a clip');
});

test('another language needs only its own rules and clips', () => {
  // English, as a pack of files would say it.
  const other = { lang: 'en', clips: Object.fromEntries(['one', 'two', 'twelve', 'twenty', 'hundred', 'thousand', 'received'].map((w) => [w, w])), say: { free: 'received {amount}' },
    numbers: { main: { 1: 'one', 2: 'two', 12: 'twelve', 20: 'twenty[ {>main}]', 100: '{<main} hundred[ {>main}]', 1000: '{<main} thousand[ {>main}]' } } };
  const said = sentence(other, { state: 'full', amount: 212_121 });
  assert.equal(said, 'received two hundred twelve thousand one hundred twenty one');
  assert.deepEqual(clips(other, said), said.split(' '));
});
