// The accountant's pages: exceptions worked through with one click each, also without script, by keys; two people; a day closed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { accessible, day, inOrder, seen, stage } from './stage.mjs';
import { number, sleep } from '../api/harness.mjs';

const s = await stage();
const accountant = s.signedIn(s.school, 'accountant', 'Quàng Văn Dũng'), principal = s.signedIn(s.school, 'principal', 'Hà Thị Én');
const payer = (id, name) => s.owner(`insert into khop.payer (bucket, payer_id, org_id, ref, name, class, household, created_at, changed_at)
  values (${s.school.bucket}, ${(BigInt(s.school.bucket) << 48n) + BigInt(id)}, ${number(s.school)}, 'HS${id}', '${name}', '2A', 'nhà Mùa', now(), now())`);
const charge = async (id, amount) => {
  const code = await s.issue({ amount, payer: undefined, due_on: day(20) });
  s.owner(`update khop.charge set payer_id = ${(BigInt(s.school.bucket) << 48n) + BigInt(id)} where charge_id = ${number(code)};
    update khop.charge_due set of_payer = true where charge_id = ${number(code)}`);
  return code;
};
for (const [id, name] of [[1001, 'Mùa A Páo'], [1002, 'Mùa Thị Dợ'], [1003, 'Mùa A Lử']]) payer(id, name);
const first = await charge(1001, 500_000), second = await charge(1002, 300_000), third = await charge(1003, 300_000);
const single = await s.issue({ amount: 150_000, payer: undefined });
await s.purse.send({ amount: 800_000, memo: `nop tien ${first.code}` });
await s.purse.send({ amount: 150_000, memo: 'me chau nop hoc phi' });
await s.purse.send({ amount: 40_000, memo: 'chuyen nham tai khoan' });
while ((await s.sql('select 1 from audit.match')).length === 0) await sleep(30); // the rule has looked at the first

for (const [lang, says] of Object.entries({
  vi: ['Khoản cần xem', 'Lý do', 'Có thể là của nhiều khoản thu', '800.000 đ', 'Nội dung không có mã nộp tiền', '150.000 đ', '40.000 đ'],
  en: ['Needs a look', 'Reason', 'May be for several charges', '800.000 đ', 'No code in the memo', '150.000 đ', '40.000 đ'],
})) {
  test(`the list and one of it in ${lang}`, () => s.desk(accountant, { locale: lang === 'vi' ? 'vi-VN' : 'en-US', reducedMotion: 'reduce' }, async (t) => {
    await t.goto(`${s.origin}/desk/exceptions`);
    inOrder(await seen(t), says);
    await accessible(t);
    await t.click('tbody tr:first-child a');
    inOrder(await seen(t), lang === 'vi' ? ['Gợi ý', 'Đúng số tiền còn phải nộp', '500.000 đ', first.code, 'Mùa A Páo', '300.000 đ', 'Làm như vậy', 'Ghép vào một mã', 'Bỏ qua', 'Đã làm gì', 'Không tự ghép được']
      : ['Suggestions', 'The sum is exactly what is owed', '500.000 đ', first.code, 'Mùa A Páo', '300.000 đ', 'Do this', 'Match to a code', 'Dismiss', 'What was done', 'No rule could place it']);
    await accessible(t);
  }));
}

test('by keys: down, up, open, to the suggestion, to the note', () => s.desk(accountant, {}, async (t) => {
  await t.goto(`${s.origin}/desk/exceptions`);
  const focused = () => t.evaluate(() => document.activeElement.textContent.trim());
  for (const key of ['j', 'j', 'k']) await t.keyboard.press(key);
  assert.equal(await focused(), 'Có thể là của nhiều khoản thu');
  await Promise.all([t.waitForURL(/\/desk\/exceptions\/exc_/), t.keyboard.press('Enter')]);
  await t.keyboard.press('j');
  assert.equal(await focused(), 'Làm như vậy');
  await t.keyboard.press('x');
  assert.equal(await t.evaluate(() => document.activeElement.name), 'reason');
  await t.keyboard.type('xjk');
  assert.equal(await t.inputValue('[data-dismiss] [name=reason]'), 'xjk', 'letters in a field are letters');
}));

test('without script: a suggestion accepted, undone, accepted again', () => s.desk(accountant, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk/exceptions?reason=several_charges`);
  await t.click('tbody tr:first-child a');
  await t.click(`[data-suggestion]:has-text("${third.code}") button`);
  inOrder(await seen(t), ['Đã ghi nhận.', 'Có thể là của nhiều khoản thu', 'Đã xử lý', 'Đã làm gì', 'Chia ra nhiều mã', 'Quàng Văn Dũng', third.code]);
  assert.equal((await s.show(s.school.token, third)).status, 'paid');
  await t.fill('#undo-reason', 'nhầm em');
  await t.click('form[action$="/undo"] button');
  inOrder(await seen(t), ['Đã hoàn tác', 'Đang mở', 'Hoàn tác', 'nhầm em']);
  assert.equal((await s.show(s.school.token, third)).status, 'issued');
  await t.click(`[data-suggestion]:has-text("${second.code}") button`);
  assert.equal((await s.show(s.school.token, second)).status, 'paid');
}));

test('without script: a code typed as people type it, with its fault beside the field', () => s.desk(accountant, { javaScriptEnabled: false, expected: /422/ }, async (t) => {
  await t.goto(`${s.origin}/desk/exceptions?reason=no_code`);
  await t.click('tbody tr:first-child a');
  await t.fill('#code', 'SB7M4QX2C');
  await t.click('form:has(#code) button');
  assert.equal(await t.inputValue('#code'), 'SB7M4QX2C');
  assert.match(await t.textContent(`#${await t.getAttribute('#code', 'aria-describedby')}`), /không có mã này/);
  await t.fill('#code', `${single.code.slice(0, 3)} ${single.code.slice(3).toLowerCase()}`);
  await t.click('form:has(#code) button');
  inOrder(await seen(t), ['Đã ghi nhận.', 'Đã xử lý', single.code]);
}));

test('a refund: one asks, another agrees', async () => {
  let at;
  await s.desk(accountant, { javaScriptEnabled: false }, async (t) => {
    await t.goto(`${s.origin}/desk/exceptions?reason=no_code`);
    await t.click('tbody tr:first-child a');
    await t.click('summary');
    await t.fill('#payee\\.bin', '970436');
    await t.fill('#payee\\.account_no', '0071000123456');
    await t.fill('#payee\\.name', 'LO THI MAY');
    await t.click('form:has(#payee\\.bin) button');
    inOrder(await seen(t), ['Đã gửi đề nghị', 'Chờ duyệt', 'Đang chờ duyệt: hoàn tiền', '40.000 đ', 'LO THI MAY', 'Quàng Văn Dũng', 'Việc này cần một người khác đồng ý.']);
    assert.equal(await t.locator('form[action$="/approve"]').count(), 0, 'not his own');
    at = t.url();
  });
  await s.desk(principal, { reducedMotion: 'reduce', viewport: { width: 1280, height: 900 } }, async (t) => {
    await t.goto(at);
    await accessible(t);
    await t.click('form[action$="/approve"] button');
    inOrder(await seen(t), ['Đã đồng ý và ghi sổ.', 'Đã xử lý', 'Hoàn tiền', 'Hà Thị Én', 'đề nghị bởi Quàng Văn Dũng']);
  });
});

test('the day is closed, and asked to be opened again', () => s.desk(accountant, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk/days/${day(0)}/close`);
  inOrder(await seen(t), ['Khóa sổ ngày', 'Đang mở', 'Đầu kỳ', '112101', 'Chuyển sang ngày sau', 'Khóa sổ']);
  await t.click('form[action$="/close"] button');
  inOrder(await seen(t), ['Đã khóa sổ.', 'Đã khóa', 'bản 1', 'Mở lại sổ ngày này', 'Đã làm gì', 'Quàng Văn Dũng', 'Niêm phong']);
  await s.desk(accountant, { reducedMotion: 'reduce' }, async (o) => {
    await o.goto(t.url());
    await accessible(o);
  });
  await t.fill('#reason', 'thiếu sao kê');
  await t.click('form[action$="/reopen"] button');
  inOrder(await seen(t), ['Đã gửi đề nghị', 'Chờ duyệt mở lại', 'Rút lại đề nghị']);
}));
