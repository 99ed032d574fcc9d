// Receipts on paper over HTTP: the public PDF says no more than the public page, the desk's says who paid; made once; settings of the unit.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { server, sleep } from './harness.mjs';

const s = await server();
const school = await s.org('TH-MAU'), other = await s.org();
const bank = await s.bank(school.token, 'sepay/hmac');
const code = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 936_000, label: 'Tiền ăn bán trú', payer: { ref: 'HS1', name: 'Lò Thị Mây' } });
const movement = await bank.send({ memo: code.code, amount: 936_000 });
const receipt = (await s.show(school.token, code)).receipts[0];
const squeeze = (text) => text.replace(/\s+/g, '').normalize('NFC');

// What a PDF says, and what the symbol on it says.
function read(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.type, 'application/pdf');
  const at = path.join(s.dir, `${crypto.randomUUID()}.pdf`);
  writeFileSync(at, answer.bytes);
  execFileSync('qpdf', ['--check', at], { stdio: 'ignore' });
  execFileSync('pdftoppm', ['-r', '150', '-gray', '-singlefile', at, at]);
  const symbols = execFileSync('zbarimg', ['--quiet', '--raw', '--nodbus', '-S*.disable', '-Sqrcode.enable', `${at}.pgm`], { encoding: 'utf8' }).trim().split('\n');
  return { said: squeeze(execFileSync('pdftotext', ['-layout', at, '-'], { encoding: 'utf8' })), symbols };
}
const jobs = async () => Number((await s.sql("select count(*) as n from khop.job where kind = 'receipt' and created_by = 0", s.ownerDb))[0].n);

test('the public PDF: the form, the amount in words, a symbol that leads back; nobody named', async () => {
  assert.equal(receipt.pdf_url, `${receipt.url}.pdf`);
  const answer = await s.get(receipt.pdf_url), { said, symbols } = read(answer);
  assert.match(answer.headers['content-disposition'], /filename\*=UTF-8''Bi%C3%AAn%20lai%20\d{4}-000001\.pdf/);
  for (const word of ['TrườngTH-MAU', 'BIÊNLAITHUTIỀN', 'MẫusốC45-BB', 'Thôngtưsố24/2024/TT-BTC', 'Số:0000001', '936.000đồng', 'Chíntrămbamươisáunghìnđồng', code.code, 'khôngthaythếhóađơn'])
    assert.ok(said.includes(word), word);
  for (const word of ['Mây', 'LòThị', 'Tiềnăn', movement.reference, 'BẢNINLẠI', 'HS1']) assert.ok(!said.includes(word), `says ${word}`);
  assert.deepEqual(symbols, [receipt.url]);
});

test('it is made once: the next one is the same, byte for byte, without another job', async () => {
  const [first, ...more] = await Promise.all(Array.from({ length: 5 }, () => s.get(receipt.pdf_url)));
  for (const answer of more) assert.deepEqual(answer.bytes, first.bytes);
  assert.equal(await jobs(), 1);
});

test('who has no address gets nothing', async () => {
  const at = new URL(receipt.pdf_url).pathname;
  for (const wrong of [at.replace(/.\.pdf$/, (x) => `${x[0] === 'A' ? 'B' : 'A'}.pdf`), '/r/AAAAAAAAAAAAAAAAAAAAAAAA.pdf', '/r/x.pdf']) assert.equal((await s.get(wrong)).status, 404, wrong);
  assert.equal(await jobs(), 1);
});

test("the desk's: with the payer and what it was for; the second time it says so; two copies on a sheet", async () => {
  const at = `/api/v1/receipts/${receipt.id}/pdf`, first = read(await s.get(at, { token: school.token }));
  for (const word of ['LòThịMây', 'Tiềnănbántrú', movement.reference]) assert.ok(first.said.includes(word), word);
  assert.ok(!first.said.includes('BẢNINLẠI') && !first.said.includes('Liên'));
  const again = read(await s.get(`${at}?copies=2`, { token: school.token }));
  for (const word of ['BẢNINLẠI', 'Liên1:Lưu', 'Liên2:Giaongườinộptiền']) assert.ok(again.said.includes(word), word);
  assert.deepEqual(again.symbols, [receipt.url, receipt.url]);
  assert.equal((await s.get(`${at}?copies=3`, { token: school.token })).status, 400);
  assert.equal((await s.get(at, { token: await s.token(school.id, 'issue') })).status, 403);
  assert.equal((await s.get(at)).status, 401);
});

test("others' receipts are not printed", async () => {
  assert.equal((await s.get(`/api/v1/receipts/${receipt.id}/pdf`, { token: other.token })).status, 404);
  assert.equal((await s.get(`/api/v1/receipts/${receipt.id.replace(/.$/, (x) => (x === '0' ? '1' : '0'))}/pdf`, { token: school.token })).status, 404);
});

test('settings of the unit stand on the paper', async () => {
  const { token } = school, set = { budget_code: '1098765', address: 'Xã Chiềng Ơn, tỉnh Sơn La', form: 'C38-BB', circular: 'Theo Thông tư cũ', collector: 'Nguyễn Thị Lan', hotline: '0212 3 850 123' };
  const before = (await s.get('/api/v1/papers', { token })).json;
  assert.equal(before.form, 'C45-BB');
  assert.equal(before.changed_at, null);
  const saved = await s.post('/api/v1/papers', set, { token });
  assert.equal(saved.status, 200, saved.text);
  const { changed_at, ...rest } = saved.json;
  assert.deepEqual(rest, set);
  assert.ok(changed_at);
  const { said } = read(await s.get(receipt.pdf_url));
  for (const word of ['1098765', 'XãChiềngƠn', 'MẫusốC38-BB', 'TheoThôngtưcũ', 'NguyễnThịLan']) assert.ok(said.includes(word), word);
  assert.equal(await jobs(), 2);
  for (const [body, status] of [[{ form: 'x'.repeat(41) }, 422], [{ nothing: 'x' }, 422], [{ address: 5 }, 422]]) assert.equal((await s.post('/api/v1/papers', body, { token })).status, status, JSON.stringify(body));
  assert.equal((await s.post('/api/v1/papers', set, { token: await s.token(school.id, 'read') })).status, 403);
  assert.equal((await s.get('/api/v1/papers', { token: other.token })).json.budget_code, null);
});

test('the sheet of a day: as it stands, then as it was sealed', async () => {
  const today = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10), token = await s.token(school.id, 'read,accountant'), at = `/api/v1/days/${today}/sheet`;
  const pdf = async () => {
    const answer = await s.get(at, { token });
    assert.equal(answer.status, 200, answer.text);
    const file = path.join(s.dir, 'day.pdf');
    writeFileSync(file, answer.bytes);
    execFileSync('qpdf', ['--check', file], { stdio: 'ignore' });
    return squeeze(execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }));
  };
  await bank.send({ memo: 'ung ho', amount: 4321 });
  const open = await pdf();
  for (const word of ['CHƯAKHÓASỔ', 'TrườngTH-MAU', 'MãQHNS:1098765', '940.321', '1khoản,giữ4.321đ']) assert.ok(open.includes(word), word);
  const closed = await s.post(`/api/v1/days/${today}/close`, {}, { token });
  assert.equal(closed.status, 200, closed.text);
  const sealed = await pdf();
  for (const word of ['BIÊNBẢNKHÓASỔNGÀY', closed.json.seal, closed.json.sheet.journal.chain, '940.321', '-936.000']) assert.ok(sealed.includes(word), word);
  await bank.send({ memo: 'muon', amount: 99 });
  assert.equal(await pdf(), sealed, 'what came later is not on it');
  for (const [day, status] of [['2100-01-01', 404], ['2026-02-30', 404], ['1990-01-01', 404]]) assert.equal((await s.get(`/api/v1/days/${day}/sheet`, { token })).status, status, day);
  assert.equal((await s.get(at, { token: await s.token(school.id, 'issue') })).status, 403);
});

test('the address of a payer of the list stands on the desk\'s paper; without one there are the dots of the form', async () => {
  const wait = async (id, state) => { for (;; await sleep(30)) { const j = (await s.get(`/api/v1/jobs/${id}`, { token: school.token })).json; if (j.state === state) return j; assert.ok(['queued', 'running', 'waiting'].includes(j.state), JSON.stringify(j)); } };
  const list = 'Mã HS,Họ và tên,Lớp,Địa chỉ\nD1,Cà Thị Bông,4A,"Bản Pá Hốc, xã Chiềng Ơn"\nD2,Cà Văn Chung,4A,\n';
  for (const [n, text] of [list, list.replace('Pá Hốc', 'Tốc Lìu')].entries()) {
    const sent = await s.request('POST', '/api/v1/payers/import', { body: Buffer.from(text), token: school.token, key: crypto.randomUUID(), headers: { 'Content-Type': 'text/csv' } });
    assert.equal(sent.status, 202, sent.text);
    assert.equal((await wait(sent.json.id, 'waiting')).result.changed, n);
    await s.post(`/api/v1/jobs/${sent.json.id}/confirm`, undefined, { token: school.token });
    await wait(sent.json.id, 'done');
  }
  const paper = async (ref) => {
    const bill = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 5000, payer: { ref } });
    await bank.send({ memo: bill.code, amount: 5000 });
    const paid = (await s.show(school.token, bill)).receipts[0];
    assert.ok(!read(await s.get(paid.pdf_url)).said.includes('TốcLìu'), 'the public paper names no address');
    return [bill, read(await s.get(`/api/v1/receipts/${paid.id}/pdf`, { token: school.token })).said];
  };
  const [bill, said] = await paper('D1');
  assert.ok(said.includes('Địachỉ:BảnTốcLìu,xãChiềngƠn'), said);
  assert.equal((await s.get(`/api/v1/payers/${bill.payer_id}`, { token: school.token })).json.address, 'Bản Tốc Lìu, xã Chiềng Ơn');
  assert.match((await paper('D2'))[1], /Địachỉ:(?!Bản)/);
});
