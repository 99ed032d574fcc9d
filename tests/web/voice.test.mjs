// A stall that is heard: a voice pack of the operator is read, served and played clip by clip in the order of the words; without one, or with
// one that is not whole, the browser speaks, and the page says which it is.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bin } from '../api/harness.mjs';
import { accessible, stage } from './stage.mjs';

// The pack that is to be recorded, with sounds of which each has a length of its own (a person is not at hand here): what is played is known by it.
const template = JSON.parse(readFileSync(new URL('../../deploy/voice/vi/pack.json', import.meta.url), 'utf8'));
const names = Object.entries(template.clips), length = (i) => 40 + 10 * i; // ms
function wav(ms) {
  const rate = 8000, n = rate * ms / 1000, b = Buffer.alloc(44 + n * 2);
  b.write('RIFF', 0); b.writeUInt32LE(36 + n * 2, 4); b.write('WAVEfmt ', 8); b.writeUInt32LE(16, 16); b.writeUInt16LE(1, 20); b.writeUInt16LE(1, 22);
  b.writeUInt32LE(rate, 24); b.writeUInt32LE(rate * 2, 28); b.writeUInt16LE(2, 32); b.writeUInt16LE(16, 34); b.write('data', 36); b.writeUInt32LE(n * 2, 40);
  for (let i = 0; i < n; i++) b.writeInt16LE(Math.round(8000 * Math.sin(i / 4)), 44 + i * 2);
  return b;
}
const dir = mkdtempSync(path.join(tmpdir(), 'khop-voice-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
function pack(lang, change) {
  const doc = { ...template, lang, clips: Object.fromEntries(names.map(([word, file]) => [word, file.replace('.opus', '.wav')])), ...change };
  mkdirSync(path.join(dir, lang));
  writeFileSync(path.join(dir, lang, 'pack.json'), JSON.stringify(doc));
  names.forEach(([, file], i) => writeFileSync(path.join(dir, lang, file.replace('.opus', '.wav')), wav(length(i))));
}
pack('vi', {});
pack('en', {}); // not whole: a language other than Vietnamese needs rules

const s = await stage({ args: ['--voice-dir', dir] });
s.expected.push(/voice_pack_refused/);
const market = await s.org(undefined, 'market'), seller = s.signedIn(market, 'vendor', 'Hoàng Thị Hoa');
const made = await s.post('/api/v1/stalls', { name: 'Rau', bin: '970405', account_no: '7907205000099', holder: 'HOANG THI HOA' }, { token: await s.token(market.id, 'admin') });
s.owner(`update khop.account set owner_id = ${seller.id}, owner_since = '2000-01-01' where account_no = '7907205000099'`);
const stall = made.json, bank = await s.bank(market.token, 'sepay/hmac', stall.account);
const spoken = (n) => execFileSync(path.join(bin, 'khop'), ['words', '-'], { input: `${n}\n`, encoding: 'utf8' }).trim();

// What a tab lets be heard, in order.
const listening = (t) => t.addInitScript(() => {
  window.heard = [];
  window.spoke = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function play(at) { window.heard.push([at, this.buffer.duration]); return start.call(this, at); };
  Object.defineProperty(window, 'speechSynthesis', { value: { speak: (u) => window.spoke.push(u.text), cancel() {}, getVoices: () => [] } });
});
const words = async (t) => (await t.evaluate(() => window.heard)).map(([, seconds]) => names[Math.round((seconds * 1000 - length(0)) / 10)][0]);

async function sells(t, keys) {
  for (const key of keys) await t.click(`[data-key="${key}"]`);
  await Promise.all([t.waitForResponse((r) => r.url().endsWith('/asks')), t.click('.keypad .acts button')]);
  return `${stall.code} ${await t.getAttribute('#sale .sale', 'data-tag')}`;
}

test('with a pack each payment is read by its clips, whole, one behind the other', () => s.desk(seller, {}, async (t) => {
  await listening(t);
  await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
  await t.waitForFunction(() => /giọng thu sẵn\.$/.test(document.querySelector('#voice').textContent));
  await t.click('[data-sound]');
  await t.waitForFunction((n) => performance.getEntriesByType('resource').filter((e) => /voice.vi.*wav$/.test(e.name)).length === n, names.length);
  await t.fill('#word', '47');
  const memo = await sells(t, ['2', '0', '0', '000']);
  await bank.send({ memo, amount: 200 });
  await t.waitForSelector('#sale .alarm');
  await bank.send({ memo, amount: 199_800 });
  await t.waitForSelector('#sale .state.good');
  assert.equal((await words(t)).join(' '), `đã nhận ${spoken(200)} đồng thiếu ${spoken(199_800)} đồng ${spoken(47)} đã nhận ${spoken(199_800)} đồng đủ ${spoken(47)}`);
  const heard = await t.evaluate(() => window.heard);
  heard.slice(1).forEach(([at], i) => assert.ok(at >= heard[i][0] + heard[i][1] - 0.001, 'two at once'));
  assert.deepEqual(await t.evaluate(() => window.spoke), []);
  await t.fill('#word', 'hoa ban');
  await bank.send({ memo: stall.code, amount: 7000 });
  await t.waitForSelector('#live >> text=7.000 đ');
  assert.deepEqual(await t.evaluate(() => window.spoke), ['Đã nhận Bảy nghìn đồng. hoa ban'], 'a word that has no clip is for the browser, and all with it');
}));

test('the pack weighs what it may, and is kept', async () => {
  const at = (await s.get(`/desk/stalls/${stall.id}`, { headers: { Cookie: `sid=${seller.cookie}`, Accept: 'text/html' } })).text.match(/data-voice="([^"]+)"/)[1];
  const doc = await s.get(at, { unchecked: true });
  let sum = doc.bytes.length;
  assert.equal(doc.json.clips['đã nhận'].split('/').length, 4);
  for (const url of Object.values(doc.json.clips)) {
    const clip = await s.get(url, { unchecked: true });
    assert.deepEqual([clip.status, clip.type], [200, 'audio/wav']);
    assert.match(clip.headers['cache-control'], /immutable/);
    sum += clip.bytes.length;
  }
  assert.ok(sum <= 120 * 1024, `${sum} bytes`);
  for (const other of ['/voice/vi/pack.json', '/voice/en/pack.json', '/voice/vi/..%2fvi%2fpack.json', '/voice/xx/a']) assert.equal((await s.get(other, { unchecked: true })).status, 404, other);
});

test('a pack that is not whole is left out, with the reason in the log; that language has the browser\'s voice, or none', () => s.desk(seller, { locale: 'en-US' }, async (t) => {
  assert.match(s.log(), /voice_pack_refused .*why="voice pack en: pack.json has no rules for numbers"/);
  await listening(t);
  await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
  assert.match(await t.textContent('#voice'), /browser's own voice/);
  assert.equal(await t.locator('[data-voice]').count(), 0);
  await t.click('[data-sound]');
  await bank.send({ memo: stall.code, amount: 300_000 });
  await t.waitForSelector('#live >> text=300.000 đ');
  assert.deepEqual(await t.evaluate(() => window.spoke), ['300000 đồng received'], 'all digits: nothing that a voice reads as three hundred');
  await accessible(t, false);
}));
