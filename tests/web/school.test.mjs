// A school's whole round in a browser: the list of pupils is taken in, a round is made, the principal approves it, slips are printed, a parent
// pays, the list shows it. On a phone, on a desk, and once without script.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { pupils, table, workbook } from '../api/school.mjs';
import { accessible, inOrder, seen, stage } from './stage.mjs';

const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 900 } };
const s = await stage();
const folder = mkdtempSync(path.join(os.tmpdir(), 'khop-round-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

// The page once its work is done: by itself with script, by its refresh without.
async function until(t, text) {
  for (const began = Date.now(); ;) {
    const now = await seen(t).catch(() => '');
    if (now.includes(text)) return now;
    assert.ok(Date.now() - began < 15_000, `"${text}" does not come: ${now}`);
    await t.waitForTimeout(200);
  }
}

for (const [name, options, format, look] of [
  ['on a phone', { viewport: SIZES.phone }, 'xlsx', true],
  ['on a desk', { viewport: SIZES.desk }, 'csv', false],
  ['without script', { viewport: SIZES.phone, javaScriptEnabled: false }, 'csv', false],
]) {
  test(`a school's round ${name}`, async () => {
    const school = await s.org(), account = await s.account(school.token), bank = await s.bank(school.token, 'sepay/apikey', account);
    const accountant = s.signedIn(school, 'accountant', 'Quàng Văn Dũng'), principal = s.signedIn(school, 'principal', 'Lò Thị Hiệu');
    const rows = pupils(20), file = path.join(folder, `list.${format}`);
    const check = async (t) => { if (look) { await accessible(t, false); await t.setViewportSize(options.viewport); } };
    writeFileSync(file, format === 'xlsx' ? workbook(rows, folder) : table(rows));
    let round;

    await s.desk(accountant, { reducedMotion: 'reduce', ...options }, async (t) => {
      await t.goto(`${s.origin}/desk/payers`);
      inOrder(await seen(t), ['Danh sách học sinh', 'Chưa có học sinh nào', 'Nhập danh sách']);
      await check(t);
      await t.setInputFiles('#file', file);
      await t.click('#import button');
      inOrder(await until(t, 'Chờ xác nhận'), ['Nhập danh sách học sinh', 'Chờ xác nhận', 'Thêm mới', '20', 'Lưu danh sách']);
      await check(t);
      await t.click('text=Lưu danh sách');
      await until(t, 'Xong');
      await t.goto(`${s.origin}/desk/payers?class=1A`);
      assert.equal(await t.locator('tbody tr').count(), rows.filter((p) => p.class === '1A').length);
      await check(t);

      await t.goto(`${s.origin}/desk/rounds`);
      await check(t);
      await t.click('text=Lập đợt thu');
      await t.fill('#name', 'Tiền bán trú tháng 12');
      await t.fill('#month', '12/2026');
      await t.fill('#due_on', '31/12/2026');
      await t.fill('#label-0', 'Tiền ăn');
      await t.fill('#amount-0', '600.000');
      await t.fill('#label-1', 'Nước uống');
      await t.selectOption('#kind-1', 'water');
      await t.fill('#amount-1', '10.000');
      await check(t);
      await t.click('main form button');
      inOrder(await seen(t), ['Đã lưu đợt thu', 'Tiền bán trú tháng 12', 'Bản nháp', '12.200.000 đ']);
      round = t.url();
      await check(t);
      await t.click('text=Trình hiệu trưởng duyệt');
      inOrder(await seen(t), ['Đã trình hiệu trưởng duyệt', 'Chờ duyệt']);
    });

    await s.desk(principal, { reducedMotion: 'reduce', ...options }, async (t) => {
      await t.goto(round);
      await check(t);
      await t.click('text=Duyệt và phát hành mã');
      await until(t, 'Đã phát hành mã nộp tiền');
      await check(t);
    });

    await s.desk(accountant, { reducedMotion: 'reduce', ...options }, async (t, context) => {
      await t.goto(round);
      inOrder(await seen(t), ['Đã duyệt', 'Đã thu', '0 đ', 'Chưa nộp', '20', 'Lò Thị Hiệu']);
      await check(t);
      await t.goto(`${s.origin}/desk`);
      inOrder(await seen(t), ['Tiền bán trú tháng 12', '0 đ', 'Đã thu 0 đ / 12.200.000 đ', 'hạn 31/12/2026']);
      assert.doesNotMatch(await seen(t), /00:00|Đã phát mã/, 'a due date is a day, and all codes are issued');
      await check(t);
      await t.goto(round);
      await t.click('text=In phiếu (PDF)');
      await until(t, 'Tải về');
      await check(t);
      const download = t.waitForEvent('download');
      await t.click('text=Tải về');
      assert.equal((await download).suggestedFilename(), 'Tiền bán trú tháng 12.pdf');

      // A parent's way: the page of the child, its link, a transfer.
      await t.goto(`${round}/payers?payment=open`);
      const child = await t.textContent('tbody tr:first-child th');
      await check(t);
      await t.click('tbody tr:first-child th a');
      inOrder(await seen(t), [child.trim(), 'Tiền bán trú tháng 12', 'Chưa nộp', '610.000 đ']);
      await check(t);
      const link = await t.getAttribute('text=Mở trang nộp tiền', 'href'), code = (await t.textContent('dd.code')).trim();
      assert.ok((await t.inputValue('textarea')).includes(link), 'the message has the link');
      const parent = await context.newPage();
      await parent.goto(link);
      assert.ok((await seen(parent)).includes('610.000'), 'the pay page says how much');

      await t.goto(round);
      await bank.send({ memo: `${code} tien an`, amount: 610_000 });
      if (options.javaScriptEnabled === false) await t.reload();
      inOrder(await until(t, '610.000 đ'), ['Đã thu', '610.000 đ', 'Đã nộp đủ', '1']);
      await t.goto(`${s.origin}/desk`);
      inOrder(await seen(t), ['Đã thu 610.000 đ / 12.200.000 đ']);
      assert.equal(await t.locator('a.tile progress').getAttribute('value'), '610000');
      await t.goto(`${round}/payers?payment=paid`);
      inOrder(await seen(t), [child.trim(), 'Đã nộp đủ', '610.000 đ', code]);
    });
  });
}

test('a file with faults: each row and column in words, nothing is saved', async () => {
  const school = await s.org(), accountant = s.signedIn(school, 'accountant', 'Quàng Văn Dũng'), file = path.join(folder, 'wrong.csv');
  writeFileSync(file, 'Mã HS;Họ và tên;Lớp\n01;Lò Văn An;1A\n01;;1A\n');
  await s.desk(accountant, { reducedMotion: 'reduce' }, async (t) => {
    await t.goto(`${s.origin}/desk/payers`);
    await t.setInputFiles('#file', file);
    await t.click('#import button');
    inOrder(await until(t, 'Tổng số lỗi'), ['Không làm được', '3', 'Họ và tên', 'Ô này trống']);
    await accessible(t);
    await t.goto(`${s.origin}/desk/payers`);
    assert.ok((await seen(t)).includes('Chưa có học sinh nào'));
  });
});

test('a draft that somebody else changed meanwhile, and amounts of a class that is none: said on the form, with what was typed', async () => {
  const school = await s.org(), account = await s.account(school.token), accountant = s.signedIn(school, 'accountant', 'Quàng Văn Dũng');
  await s.post('/api/v1/payers', { ref: 'HS1', name: 'Lò Văn An', class: '1A' }, { token: school.token });
  const body = { name: 'Nước', month: '2026-11', due_on: '2026-11-30', account: account.id, items: [{ label: 'Nước', kind: 'water', amount: 10000 }] };
  const round = (await s.post('/api/v1/rounds', body, { token: school.token, key: crypto.randomUUID() })).json;

  await s.desk(accountant, { viewport: SIZES.phone, javaScriptEnabled: false, expected: /status of (409|422)/ }, async (t) => {
    const send = () => Promise.all([t.waitForNavigation(), t.click('main form[action^="/desk/rounds"] .acts .button')]);
    await t.goto(`${s.origin}/desk/rounds/${round.id}/edit`);
    await s.request('POST', `/api/v1/rounds/${round.id}`, { token: school.token, headers: { 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify({ ...body, name: 'Người khác đặt' }) });
    await t.fill('#name', 'Tên của tôi');
    await send();
    assert.match(await seen(t), /Có người vừa sửa đợt thu này/);
    assert.equal(await t.inputValue('#name'), 'Tên của tôi');
    await t.locator('details:has(#by_class-0) summary').click();
    await t.fill('#by_class-0', '1A 20000\n9Z 5000');
    await send();
    const field = t.locator('#by_class-0');
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.match(await t.textContent(`#${await field.getAttribute('aria-describedby')}`), /không có học sinh nào của trường/);
    assert.ok(await field.isVisible(), 'a field with a fault is not folded away');
    assert.equal(await t.locator('#by_class-1[aria-invalid]').count(), 0);
    await t.fill('#by_class-0', '1A 20000');
    await send();
    assert.equal(t.url(), `${s.origin}/desk/rounds/${round.id}`);
  });
  const now = (await s.get(`/api/v1/rounds/${round.id}`, { token: school.token })).json;
  assert.deepEqual([now.name, now.amount], ['Tên của tôi', 20000]);
});
