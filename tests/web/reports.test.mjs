// Reports and what papers say, in a browser: found from the navigation, read at every size, filtered and taken away without script.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { accessible, inOrder, seen, stage } from './stage.mjs';

const s = await stage();
const accountant = s.signedIn(s.school, 'accountant'), vendor = s.signedIn(s.school, 'vendor');
const codes = [await s.issue(), await s.issue({ amount: 500_000 }), await s.issue({ amount: 70_000 })];
await s.pay(codes[0], 936_000);
await s.pay(codes[1], 200_000);

for (const [lang, says] of Object.entries({ vi: ['Danh sách chưa nộp đủ', 'Từ ngày', 'Lò Thị Mai', '500.000', '200.000', '300.000', 'Tổng cộng', '570.000', 'Tải về', 'Excel'],
  en: ['Not yet paid in full', 'From', 'Lò Thị Mai', '500.000', '200.000', '300.000', 'Total', '570.000', 'Take away', 'Excel'] })) {
  test(`a report in ${lang}: what it says, for everybody, at every size`, () => s.desk(accountant, { locale: lang === 'vi' ? 'vi-VN' : 'en-US', reducedMotion: 'reduce' }, async (t) => {
    await t.goto(`${s.origin}/desk/reports/unpaid`);
    inOrder(await seen(t), says);
    await accessible(t);
    for (const page of ['/desk/reports', '/desk/papers']) {
      await t.goto(s.origin + page);
      await accessible(t);
    }
  }));
}

test('without script: from the list to a report, another time, a file', () => s.desk(accountant, { javaScriptEnabled: false, acceptDownloads: true }, async (t) => {
  await t.goto(`${s.origin}/desk/reports`);
  await t.click('a.tile[href$="/receipts"]');
  assert.equal(await t.locator('tbody tr').count(), 2);
  const [paper] = await Promise.all([t.waitForEvent('download'), t.click('tbody tr a')]);
  assert.match(paper.suggestedFilename(), /^Biên lai \d{4}-00000\d\.pdf$/);
  await t.fill('#from', '2020-01-01');
  await t.fill('#to', '2020-12-31');
  await t.click('main form button');
  assert.equal(await t.locator('tbody tr').count(), 0);
  await t.click('.tabs a >> nth=0');
  assert.equal(await t.locator('tbody tr').count(), 2);
  const [download] = await Promise.all([t.waitForEvent('download'), t.click('a[href$="format=csv"]')]);
  assert.match(download.suggestedFilename(), /^Sổ biên lai .*\.csv$/);
  assert.match(readFileSync(await download.path(), 'utf8'), /936000/);
}));

test('what papers say is set without script, and stands there again', () => s.desk(accountant, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk/papers`);
  await t.fill('#budget_code', '1098765');
  await t.fill('#collector', 'Nguyễn Thị Lan');
  await t.click('main form button');
  inOrder(await seen(t), ['Đã lưu']);
  assert.equal(await t.inputValue('#budget_code'), '1098765');
  assert.equal(await t.inputValue('#form'), 'C45-BB');
}));

test('a vendor has no reports', () => s.desk(vendor, { expected: /403/ }, async (t) => {
  assert.equal((await t.goto(`${s.origin}/desk/reports/unpaid`)).status(), 403);
}));
