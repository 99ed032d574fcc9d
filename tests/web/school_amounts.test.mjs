// Amounts of single pupils in a browser: a list with a fault comes back as a file, the corrected one is looked at and saved, the principal sees who has
// an amount of their own before approving. Without script on a phone, with it on a desk.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { cells, lists, pupils, sheet, table } from '../api/school.mjs';
import { accessible, inOrder, seen, stage } from './stage.mjs';

const s = await stage();
const folder = mkdtempSync(path.join(os.tmpdir(), 'khop-own-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

async function until(t, text) {
  for (const began = Date.now(); ;) {
    const now = await seen(t).catch(() => '');
    if (now.includes(text)) return now;
    assert.ok(Date.now() - began < 15_000, `"${text}" does not come: ${now}`);
    await t.waitForTimeout(200);
  }
}

for (const [name, options, look] of [
  ['without script, on a phone', { viewport: { width: 360, height: 740 }, javaScriptEnabled: false }, false],
  ['on a phone', { viewport: { width: 360, height: 740 } }, true],
  ['on a desk, in English', { viewport: { width: 1280, height: 900 }, locale: 'en-GB' }, true],
]) {
  test(`amounts of single pupils ${name}`, async () => {
    const school = await s.org(), account = await s.account(school.token);
    const accountant = s.signedIn(school, 'accountant', 'Quàng Văn Dũng'), principal = s.signedIn(school, 'principal', 'Lò Thị Hiệu'), english = options.locale === 'en-GB';
    const rows = pupils(8), say = (vi, en) => (english ? en : vi);
    const check = async (t) => { if (look) { await accessible(t, false); await t.setViewportSize(options.viewport); } };
    await lists(s, school.token).taken('/api/v1/payers/import', table(rows));
    const made = await s.post('/api/v1/rounds', { name: 'Tiền ăn tháng 12', month: '2026-12', due_on: '2026-12-31', account: account.id,
      items: [{ label: 'Tiền ăn', kind: 'meal', amount: 600000 }, { label: 'Nước uống', kind: 'water', amount: 10000 }] }, { token: school.token, key: crypto.randomUUID() });
    const round = `${s.origin}/desk/rounds/${made.json.id}`, file = path.join(folder, 'amounts.xlsx');
    const send = async (t) => {
      await t.goto(round);
      await t.setInputFiles('#file', file);
      await t.click('#amounts button');
    };

    await s.desk(accountant, { reducedMotion: 'reduce', ...options }, async (t) => {
      writeFileSync(file, sheet([['Mã HS', 'Họ và tên', 'Tiền ăn', 'Nước', 'Ngày ăn'], [rows[0].ref, rows[0].name, 'mười nghìn', 0, 1], [rows[1].ref, rows[1].name, 540000, 0, 18]], folder));
      await send(t);
      inOrder(await until(t, say('Tổng số lỗi', 'Faults in all')), [say('Không làm được', 'Failed'), '2', 'Tiền ăn', say('Đây không phải số tiền', 'This is not an amount')]);
      await check(t);
      const [download] = await Promise.all([t.waitForEvent('download'), t.click('a[download]')]);
      assert.equal(download.suggestedFilename(), 'Danh sách cần sửa.xlsx');
      const back = cells(readFileSync(await download.path()), folder);
      assert.deepEqual(back.map((r) => r[0]), ['Cần sửa', 'Tiền ăn: Đây không phải số tiền tính bằng đồng.', null]);
      back[0][4] = 'Nước uống';
      back[1][3] = 450000;
      writeFileSync(file, sheet(back, folder));
      await send(t);
      inOrder(await until(t, say('Lưu danh sách', 'Save')), [say('Nhập số tiền riêng của học sinh', 'Amounts of single pupils'), '2', '2', '2', '0', 'Tiền ăn', '2', '0', '990.000 đ', '1.200.000 đ', 'Nước uống', '2', '2', '0 đ', '20.000 đ', say('không dùng: Ngày ăn', 'not used: Ngày ăn'), rows[0].ref, '610.000 đ', '450.000 đ', say('Lưu danh sách', 'Save the list')]);
      await check(t);
      await t.click(`text=${say('Lưu danh sách', 'Save the list')}`);
      await until(t, say('Xong', 'Done'));
      await t.goto(round);
      inOrder(await seen(t), ['4.650.000 đ', say('Học sinh có số tiền riêng', 'Pupils with amounts of their own'), '2', '990.000 đ', '1.220.000 đ', 'Tiền ăn', '600.000 đ', '990.000 đ']);
      await check(t);
      await t.click(`text=${say('Trình hiệu trưởng duyệt', 'Put before the principal')}`);
    });

    await s.desk(principal, { reducedMotion: 'reduce', ...options }, async (t) => {
      await t.goto(round);
      assert.equal(await t.locator('#amounts').count(), 0, 'who approves sends no list');
      await t.click(`a[href$="payers?own=true"]`);
      inOrder(await seen(t), [say('Chỉ học sinh có số tiền riêng', 'Only pupils'), say('số tiền riêng', 'own amount')]);
      for (const p of rows.slice(0, 2)) assert.ok((await seen(t)).includes(p.name), p.name);
      assert.equal(await t.locator('tbody tr').count(), 2);
      assert.ok((await seen(t)).includes('Tiền ăn 540.000 đ'));
      await check(t);
      await t.goto(round);
      await t.click(`text=${say('Duyệt và phát hành mã', 'Approve and issue codes')}`);
      await until(t, say('Đã phát hành mã nộp tiền', 'Payment codes were issued'));
    });
    const bills = await s.all(`/api/v1/rounds/${made.json.id}/payers?own=true`, school.token);
    assert.deepEqual(bills.map((b) => [b.ref, b.amount]).sort(), [[rows[0].ref, 450000], [rows[1].ref, 540000]]);
    assert.ok((await (await s.get(new URL(bills[0].pay_url).pathname, { headers: { Accept: 'text/html' } })).text).includes('Tiền ăn'));
  });
}
