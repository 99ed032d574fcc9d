// What the bank contradicts, corrected from the pages: one click from the day and from the exception, on a phone and without script; two people above the limit; undone.
import assert from 'node:assert/strict';
import test from 'node:test';
import { accessible, inOrder, seen, shown, stage } from './stage.mjs';
import { sleep } from '../api/harness.mjs';

const s = await stage();
const accountant = s.signedIn(s.school, 'accountant', 'Quàng Văn Dũng'), principal = s.signedIn(s.school, 'principal', 'Hà Thị Én');
const bank = await s.bank(s.school.token, 'sepay/hmac');
const day = new Date(Date.now() + 7 * 3600_000 - 86_400_000).toISOString().slice(0, 10), noon = new Date(`${day}T12:00:00+07:00`);
const fee = (amount = 180_000) => s.code(s.school.token, { account: bank.account.id, kind: 'fee', amount });
const pay = (code, reference, more) => bank.send({ memo: code.code, amount: code.amount, time: noon, reference, balance: null, ...more });

// Yesterday: one that the file has, one that it does not, one that came twice, one with another amount, one that is large and absent, one taken back.
const [real, forged, twice, wrong, large, taken] = [await fee(), await fee(), await fee(), await fee(), await fee(9_000_000), await fee()];
for (const [code, reference] of [[real, 'R-1'], [forged, 'R-2'], [twice, 'R-3'], [large, 'R-5'], [taken, 'R-6']]) await pay(code, reference);
await pay(twice, 'R-3', { time: noon });
await pay(wrong, 'R-4', { amount: 280_000 });
await bank.send({ memo: 'THU HOI', amount: 180_000, direction: 'out', time: noon, reference: 'R-6', balance: null });
const sent = await s.request('POST', `/api/v1/statements?account=${bank.account.id}`, { token: s.school.token, headers: { 'Content-Type': 'text/plain' }, body: Buffer.from(
  [':20:STATEMENT', `:25:BFTVVNVX/${bank.account.account_no}`, ':28C:1/1', `:60F:C${day.slice(2).replaceAll('-', '')}VND1000000,00`,
    ...[['R-1', 180000, real], ['R-3', 180000, twice], ['R-4', 180000, wrong], ['R-6', 180000, taken], ['R-6', -180000, { code: 'THU HOI' }]].flatMap(([ref, amount, code]) => [
      `:61:${day.slice(2).replaceAll('-', '')}${day.slice(5).replaceAll('-', '')}${amount > 0 ? 'C' : 'RC'}${Math.abs(amount)},00NTRFNONREF//${ref}`, `:86:${code.code}`]),
    `:62F:C${day.slice(2).replaceAll('-', '')}VND1540000,00`, ''].join('\n')) });
assert.equal(sent.status, 202, sent.text);
let job;
for (let i = 0; i < 200 && (job = (await s.get(sent.json.url, { token: s.school.token })).json).state !== 'done'; i++) await sleep(50);
assert.equal(job.state, 'done', JSON.stringify(job));
const at = `${s.origin}/desk/days/${day}?account=${bank.account.id}`;
const paid = async (code) => { const c = await s.show(s.school.token, code); return `${c.status} ${c.paid} ${c.receipts.map((r) => (r.voided ? 'void' : 'good')).join(' ')}`; };

for (const [lang, says] of Object.entries({
  vi: ['Ba nguồn', 'Có thông báo, không có trên sao kê', 'Báo hai lần', 'Số tiền khác sao kê', 'Từng giao dịch', 'Xem', 'Làm theo sao kê'],
  en: ['Three sources', 'Notice without a line of the statement', 'Noticed twice', 'Amount differs from the statement', 'Every movement', 'Look', 'The bank is right'],
})) {
  test(`the day and one of it in ${lang}: what the bank says, and the button that follows it`, () => s.desk(accountant, { locale: lang === 'vi' ? 'vi-VN' : 'en-US', reducedMotion: 'reduce' }, async (t) => {
    await t.goto(at);
    inOrder(await seen(t), says.slice(0, 1));
    for (const words of says) assert.ok((await seen(t)).toLowerCase().includes(words.toLowerCase()), words);
    await accessible(t);
    await t.click(`tr:has-text("R-4") a`);
    inOrder(await seen(t), lang === 'vi' ? ['Số tiền khác sao kê', 'Ngân hàng nói gì', 'Thông báo', '280.000 đ', 'SePay', 'Sao kê', '180.000 đ', shown(day), 'tệp sao kê', 'Ghi lại theo sao kê']
      : ['Another amount than the statement', 'What the bank says', 'Notice', '280.000 đ', 'SePay', 'Statement', '180.000 đ', shown(day), 'statement file', 'Book what the statement says']);
    await accessible(t);
  }));
}

test('from the day, on a phone, without script: what no statement has is reversed, and undone', () => s.desk(accountant, { javaScriptEnabled: false, viewport: { width: 390, height: 800 } }, async (t) => {
  await t.goto(`${at}&state=not_on_statement`);
  await t.click(`tr:has-text("R-2") form button`);
  inOrder(await seen(t), ['Đã ghi nhận.', 'Có thông báo, sao kê không có', 'Đã xử lý', 'Đã làm gì', 'Làm theo sao kê', 'Quàng Văn Dũng', 'Sao kê của ngân hàng không có khoản này']);
  assert.equal(await paid(forged), 'issued 0 void');
  const exception = t.url();
  await t.goto(at);
  assert.equal(await t.locator('tr:has-text("R-2") form').count(), 0, 'nothing more to do');
  inOrder(await seen(t), ['Từng giao dịch', 'Đã đảo theo sao kê']);
  await t.goto(exception);
  await t.fill('#undo-reason', 'nhầm dòng');
  await t.click('form[action$="/undo"] button');
  inOrder(await seen(t), ['Đã hoàn tác', 'Đang mở', 'Đảo bút toán', 'Hoàn tác', 'nhầm dòng']);
  assert.equal(await paid(forged), 'paid 180000 void good');
}));

test('from the exception: twice told, another amount, taken back', () => s.desk(accountant, { javaScriptEnabled: false }, async (t) => {
  for (const [ref, button, code, after] of [['R-3', 'Bỏ lần ghi thứ hai', twice, 'paid 180000 good'], ['R-4', 'Ghi lại theo sao kê', wrong, 'paid 180000 void good'], ['R-6', 'Mở lại khoản thu', taken, 'issued 0 void']]) {
    await t.goto(at);
    await t.click(`tr:has-text("${ref}"):has(form) a`);
    await t.click(`button:has-text("${button}")`);
    inOrder(await seen(t), ['Đã ghi nhận.', 'Đã xử lý']);
    assert.equal(await paid(code), after, ref);
  }
}));

test('above the limit one asks and another agrees', async () => {
  let url;
  await s.desk(accountant, { javaScriptEnabled: false }, async (t) => {
    await t.goto(at);
    await t.click('tr:has-text("R-5") a');
    inOrder(await seen(t), ['Ngân hàng nói gì', '9.000.000 đ', 'Việc này cần một người khác đồng ý.', 'Đảo bút toán']);
    await t.click('text=Một người tự quyết đến bao nhiêu');
    inOrder(await seen(t), ['Số tiền tối đa một người tự quyết', '5.000.000 đ']);
    assert.equal(await t.locator('form[action="/desk/alone-limit"]').count(), 0, 'an accountant does not change it');
    await t.goBack();
    await t.click('[data-correct] button');
    inOrder(await seen(t), ['Đã gửi đề nghị', 'Chờ duyệt', 'Đang chờ duyệt: làm theo sao kê', '9.000.000 đ', 'Quàng Văn Dũng', 'Rút lại đề nghị']);
    url = t.url();
  });
  assert.equal(await paid(large), 'paid 9000000 good');
  await s.desk(principal, { javaScriptEnabled: false }, async (t) => {
    await t.goto(url);
    await t.click('form[action$="/approve"] button');
    inOrder(await seen(t), ['Đã đồng ý và ghi sổ.', 'Đã xử lý', 'Làm theo sao kê', 'Hà Thị Én', 'đề nghị bởi Quàng Văn Dũng']);
  });
  assert.equal(await paid(large), 'issued 0 void');
});

for (const [lang, locale, says, after] of [['vi', 'vi-VN', ['Ngân hàng nói gì', 'Thông báo', '65.000 đ', 'Khoản liên quan', '65.000 đ', 'FT260001', 'Hai khoản sẽ được bù trừ', 'Bù trừ hai khoản'], ['Đã ghi nhận.', 'Đã xử lý', 'Bù trừ', 'Quàng Văn Dũng']],
  ['en', 'en-US', ['What the bank says', 'Notice', '66.000 đ', 'The other one', '66.000 đ', 'FT260002', 'The two are set off', 'Set the two off'], ['Done.', 'Resolved', 'Set off', 'Quàng Văn Dũng']]]) {
  test(`money that waits and is given back is set off on a phone, in ${lang}; the other one tells of it and undoes it`, () => s.desk(accountant, { locale, viewport: { width: 390, height: 800 }, reducedMotion: 'reduce' }, async (t) => {
    const [ref, amount] = lang === 'vi' ? ['FT260001', 65_000] : ['FT260002', 66_000];
    await bank.send({ memo: 'ung ho', amount, time: noon, reference: ref, balance: null });
    await bank.send({ memo: `Hoan tra ${ref}`, amount, direction: 'out', time: noon, reference: `${ref}R`, balance: null });
    const { items } = (await s.get(`/api/v1/exceptions?state=open&account=${bank.account.id}`, { token: s.school.token })).json;
    const [came, went] = ['in', 'out'].map((direction) => items.find((x) => x.amount === amount && x.direction === direction).id);
    await t.goto(`${s.origin}/desk/exceptions/${went}`);
    inOrder(await seen(t), says);
    await accessible(t);
    await t.click('[data-correct] button');
    inOrder(await seen(t), after);
    await t.goto(`${s.origin}/desk/exceptions/${came}`);
    inOrder(await seen(t), after.slice(1));
    assert.equal(await t.locator('form[action$="/resolve"]').count(), 0, 'nothing else is offered');
    await accessible(t);
    await t.fill('#undo-reason', 'nhầm');
    await t.click('form[action$="/undo"] button');
    assert.equal(await t.locator('[data-correct]').count(), 1);
  }));
}
