// A commune's list on pages: one person pastes it out of a spreadsheet, looks at what the checks say and submits it; another sends it back, then
// approves; the file for the bank is loaded down. Without script; looked at in both languages, on a phone and on a desk.
import test from 'node:test';
import assert from 'node:assert/strict';
import { sleep } from '../api/harness.mjs';
import { accessible, inOrder, seen, stage } from './stage.mjs';

const s = await stage();
const commune = await s.org(undefined, 'commune');
const maker = s.signedIn(commune, 'commune_maker', 'Cà Thị Lả'), checker = s.signedIn(commune, 'commune_checker', 'Lò Văn Ín');
const bank = await s.bank(commune.token, 'sepay/hmac');
const HEAD = 'Họ và tên\tSố CCCD\tSố tiền\tNgân hàng\tSố tài khoản\tChủ tài khoản';
const GOOD = [HEAD, 'Quàng Văn Tem\t014080000001\t500.000\tAgribank\t7900000000001\tQUANG VAN TEM', 'Vì Thị Pẻng\t014080000002\t750.000\tVietcombank\t0071000123456\tLO VAN KEM'].join('\n');
let at;

// What the landing page says to somebody.
const waits = (who, words, never = /^$/) => s.desk(who, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk`);
  inOrder(await t.innerText('main'), words);
  assert.doesNotMatch(await t.innerText('main'), never);
});

test('without script: a fault is said with its row and column, the list stays in the form; then a draft with what to look at', () => s.desk(maker, { javaScriptEnabled: false, expected: /422/ }, async (t) => {
  await t.goto(`${s.origin}/desk/payouts`);
  inOrder(await seen(t), ['Chi trả', 'Chưa có danh sách nào', 'Lập danh sách mới', 'Bảng danh sách']);
  await t.fill('#name', 'Tro cap T11');
  await t.fill('#month', '2026-11');
  await t.fill('#pay_by', '2026-11-25');
  await t.fill('#list', GOOD.replace('750.000', 'bảy trăm').replace('Agribank', 'Ngân hàng Bản Mẫu'));
  await t.click('form:has(#list) button');
  inOrder(await seen(t), ['Dòng 2, Ngân hàng']);
  assert.ok((await t.inputValue('#list')).includes('bảy trăm'));
  await t.fill('#list', GOOD);
  await t.click('form:has(#list) button');
  at = new URL(t.url()).pathname;
  assert.match(at, /^\/desk\/payouts\/lst_/);
  inOrder(await seen(t), ['Đã lập danh sách', 'Tro cap T11', 'Bản nháp', '1.250.000 đ', 'Cà Thị Lả', 'Chủ tài khoản khác người hưởng', 'Chưa phát mã', 'Quàng Văn Tem', 'Agribank', '500.000 đ', 'Vì Thị Pẻng', 'LO VAN KEM']);
  await waits(maker, ['Danh sách chi trả của tôi', '1', 'chưa trình duyệt']);
  await waits(checker, [], /Danh sách/);
  await t.getByRole('button', { name: 'Trình duyệt' }).click();
  inOrder(await seen(t), ['Đã ghi nhận', 'Chờ duyệt']);
  await waits(maker, [], /Danh sách chi trả của tôi|chờ tôi duyệt/);
}));

test('without script: another person sends it back with a reason, and approves what comes again', async () => {
  await s.desk(checker, { javaScriptEnabled: false }, async (t) => {
    await t.goto(`${s.origin}/desk`);
    inOrder(await seen(t), ['Danh sách chờ tôi duyệt', '1', '1.250.000 đ']);
    await t.click('a.tile');
    assert.equal(await t.locator('#list').count(), 0, 'who checks makes no lists');
    await t.getByRole('link', { name: 'Tro cap T11' }).click();
    assert.equal(await t.getByRole('button', { name: 'Trình duyệt' }).count(), 0);
    await t.fill('#note', 'Xin kiểm tra tài khoản của bà Pẻng');
    await t.getByRole('button', { name: 'Trả lại' }).click();
    inOrder(await seen(t), ['Bản nháp', 'Lý do trả lại', 'Xin kiểm tra tài khoản của bà Pẻng']);
  });
  await waits(maker, ['Danh sách chi trả của tôi', '1', 'chưa trình duyệt · bị trả lại 1']);
  await s.desk(maker, { javaScriptEnabled: false }, async (t) => {
    await t.goto(`${s.origin}${at}`);
    await t.getByRole('button', { name: 'Trình duyệt' }).click();
  });
  await s.desk(checker, { javaScriptEnabled: false, acceptDownloads: true }, async (t) => {
    await t.goto(`${s.origin}${at}`);
    await t.getByRole('button', { name: 'Duyệt chi' }).click();
    inOrder(await seen(t), ['Đã duyệt', 'Lò Văn Ín']);
    for (const began = Date.now(); !/SP\w{7}/.test(await seen(t)); await sleep(200)) { assert.ok(Date.now() - began < 10_000); await t.goto(`${s.origin}${at}`); }
    const [download] = await Promise.all([t.waitForEvent('download'), t.getByRole('link', { name: 'Tải tệp cho ngân hàng' }).click()]);
    assert.match(download.suggestedFilename(), /^chi-tra-2026-11-generic\.csv$/);
    const code = /SP\w{7}/.exec(await seen(t))[0];
    await bank.send({ memo: `CHI TRA ${code}`, amount: 500_000, direction: 'out' });
    await t.goto(`${s.origin}${at}?state=paid`);
    inOrder(await seen(t), ['Đã chi', '500.000 đ', 'Quàng Văn Tem', code]);
  });
  for (const who of [maker, checker]) await waits(who, ['Còn phải chi', '750.000 đ', '1 người chưa được chi · hạn 25/11/2026'], /chờ tôi duyệt|00:00/);
});

test('without script: a list as a file; a fault of the form leaves what was typed, the job leads to the draft', () => s.desk(maker, { javaScriptEnabled: false, expected: /422/ }, async (t) => {
  const send = async (list, name = 'Tro cap T12') => {
    await t.goto(`${s.origin}/desk/payouts`);
    await t.fill('#file-name', name);
    await t.fill('#file-month', '2026-12');
    await t.fill('#file-pay_by', '2026-12-25');
    await t.setInputFiles('#file', { name: 'danh-sach.csv', mimeType: 'text/csv', buffer: Buffer.from(list) });
    await t.click('#file-form button');
  };
  await send('');
  assert.equal(await t.inputValue('#file-name'), 'Tro cap T12');
  assert.equal(await t.getAttribute('#file', 'aria-invalid'), 'true');
  await send('x', 'ấ'.repeat(60)); // 60 letters, more bytes than a name may have
  assert.equal(await t.getAttribute('#file-name', 'aria-invalid'), 'true');
  assert.equal(await t.getAttribute('#name', 'aria-invalid'), null, 'the other form is not the one that was sent');
  await send(GOOD.replaceAll('01408000000', '01408000001').replaceAll('\t', ',').replaceAll('970405', 'Ngân hàng lạ').replaceAll('Agribank', 'Ngân hàng lạ'));
  for (const began = Date.now(); !/Tải tệp cần sửa/.test(await seen(t)); await sleep(200)) { assert.ok(Date.now() - began < 10_000, await seen(t)); await t.reload(); }
  inOrder(await seen(t), ['Không rõ ngân hàng này', 'Số định danh và số tài khoản không có trong bảng này', 'Tải tệp cần sửa (XLSX)']);
  await send(GOOD.replaceAll('01408000000', '01408000001').replaceAll('\t', ','));
  assert.match(t.url(), /\/desk\/jobs\/job_/);
  for (const began = Date.now(); !/Xong/.test(await seen(t)); await sleep(200)) { assert.ok(Date.now() - began < 10_000, await seen(t)); await t.reload(); }
  await t.goto(`${s.origin}/desk/payouts`);
  inOrder(await seen(t), ['Tro cap T12', 'Bản nháp', '1.250.000 đ']);
}));

for (const [locale, says] of [['vi-VN', ['Chi trả', 'Tro cap T11', 'Đã duyệt']], ['en-US', ['Payouts', 'Tro cap T11', 'Approved']]]) {
  test(`both pages in ${locale}, for everybody`, () => s.desk(maker, { locale, reducedMotion: 'reduce' }, async (t) => {
    await t.goto(`${s.origin}/desk/payouts`);
    inOrder(await seen(t), says);
    await accessible(t);
    await t.goto(`${s.origin}${at}`);
    await accessible(t);
    await t.goto(`${s.origin}/desk`);
    await accessible(t);
  }));
}

test('without script: a file becomes a list, and the page of the job leads to it', () => s.desk(maker, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk/payouts`);
  await t.fill('#file-name', 'Tro cap T12');
  await t.fill('#file-month', '2026-12');
  await t.fill('#file-pay_by', '2026-12-25');
  await t.setInputFiles('#file', { name: 'ds.csv', mimeType: 'text/csv', buffer: Buffer.from(GOOD.replaceAll('\t', ',')) });
  await t.click('form:has(#file) button');
  const link = t.getByRole('link', { name: 'Xem danh sách vừa lập' });
  for (const until = Date.now() + 10000; await link.count() === 0 && Date.now() < until; await sleep(100)) await t.reload();
  await link.click();
  assert.match(new URL(t.url()).pathname, /^\/desk\/payouts\/lst_/);
  inOrder(await seen(t), ['Tro cap T12', 'Bản nháp', 'Quàng Văn Tem']);
}));
