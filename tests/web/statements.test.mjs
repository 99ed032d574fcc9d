// The pages of reconciliation: a day with what needs somebody first, the files of the bank, both languages, every width.
import test from 'node:test';
import assert from 'node:assert/strict';
import { accessible, inOrder, seen, shown, stage } from './stage.mjs';

const s = await stage();
const accountant = s.signedIn(s.school, 'accountant', 'Quàng Văn Dũng');
const bank = await s.bank(s.school.token, 'sepay/hmac');
const now = new Date(Math.floor(Date.now() / 1000) * 1000 - 30_000), local = (at) => new Date(at.getTime() + 7 * 3600_000).toISOString();
const day = local(now).slice(0, 10);

// A day with a matched notice, a line without one, a gap of 200.000 and a notice that no file has yet.
const code = await s.code(s.school.token, { account: bank.account.id, kind: 'fee', amount: 936000 });
await bank.send({ memo: code.code, amount: 936000, time: now, reference: 'FT1', balance: null });
await bank.send({ memo: 'ung ho', amount: 50000, time: new Date(now.getTime() + 20_000), reference: 'FT9', balance: null });
const text = `Ngày giao dịch,Giờ,Nợ,Có,Số dư,Số tham chiếu,Nội dung
${shown(day)},${local(now).slice(11, 19)},,936000,1936000,FT1,${code.code}
${shown(day)},${local(new Date(now.getTime() + 1000)).slice(11, 19)},11000,,2125000,FT3,Phi <b>dich vu</b>
`;
const sent = await s.request('POST', `/api/v1/statements?account=${bank.account.id}`, { token: s.school.token, body: Buffer.from(text), headers: { 'Content-Type': 'text/csv' } });
for (let i = 0; i < 100 && (await s.get(sent.json.url, { token: s.school.token })).json.state !== 'done'; i++) await new Promise((f) => setTimeout(f, 50));

for (const [lang, words] of Object.entries({
  vi: ['Đối soát ngày', 'Số dư đầu + vào − ra = số dư cuối', 'Ngân hàng', '1.000.000 đ', 'Sổ sách', 'Số dư không liền nhau', '200.000 đ', 'Ba nguồn', 'Chờ sao kê', 'Khớp, vào sổ từ sao kê', 'Khớp', 'Từng giao dịch', '50.000 đ', 'Phi <b>dich vu</b>'],
  en: ['Reconciliation of', 'Opening + in − out = closing', 'Bank', '1.000.000 đ', 'Books', 'Gaps in the balance', '200.000 đ', 'Three sources', 'Awaits the statement', 'Matched, booked from the statement', 'Matched', 'Every movement', '50.000 đ', 'Phi <b>dich vu</b>'],
})) {
  test(`a day in ${lang}: balances, gaps, states, movements, for everybody`, () => s.desk(accountant, { locale: lang === 'vi' ? 'vi-VN' : 'en-US', reducedMotion: 'reduce' }, async (t) => {
    await t.goto(`${s.origin}/desk/days/${day}?account=${bank.account.id}`);
    inOrder(await seen(t), words);
    await accessible(t);
  }));

  test(`statements in ${lang}: the list and a file`, () => s.desk(accountant, { locale: lang === 'vi' ? 'vi-VN' : 'en-US', reducedMotion: 'reduce' }, async (t) => {
    await t.goto(`${s.origin}/desk/statements`);
    inOrder(await seen(t), [lang === 'vi' ? 'Sao kê ngân hàng' : 'Bank statements', shown(day), 'generic', '936.000 đ', '11.000 đ']);
    await accessible(t);
    await t.click('tbody th a');
    inOrder(await seen(t), ['generic (csv)', '936.000 đ', 'SHA-256']);
    await accessible(t);
  }));
}

test('without script: from the list of statements to the form that sends one', () => s.desk(accountant, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk/statements`);
  await t.click('text=Gửi sao kê: chọn tài khoản');
  await t.click(`a[href*="account=${bank.account.id}"]`);
  assert.equal(await t.locator('#send form[action="/desk/statements"] input[type=file]').count(), 1);
}));

test('without script: from a day to one state, to the day before and to another account', () => s.desk(accountant, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk/days/${day}?account=${bank.account.id}`);
  await t.click('text=Khớp, vào sổ từ sao kê');
  assert.match(t.url(), /state=matched_by_statement/);
  assert.equal(await t.locator('caption:has-text("Từng giao dịch") ~ tbody tr').count(), 1);
  await t.click('nav.tabs a:first-child');
  inOrder(await seen(t), ['Đối soát ngày', 'Chưa có sao kê đủ cả ngày này.', 'Ngày này không có giao dịch nào.']);
  await t.selectOption('#account', bank.account.id);
  await t.click('form.filters button');
  assert.match(t.url(), new RegExp(`account=${bank.account.id}`));
}));

for (const [width, locale] of [[390, 'vi-VN'], [1280, 'en-US']]) {
  test(`a day of all accounts at ${width} px: what each says, and the way to it and back`, () => s.desk(accountant, { javaScriptEnabled: width > 400, viewport: { width, height: 800 }, locale, reducedMotion: 'reduce' }, async (t) => {
    const second = await s.bank(s.school.token, 'sepay/hmac');
    await second.send({ memo: 'a', amount: 33_000 });
    await t.goto(`${s.origin}/desk/days/${day}`);
    const doc = (await s.get(`/api/v1/days/${day}`, { token: s.school.token })).json;
    for (const a of doc.accounts) {
      const one = (await s.get(`/api/v1/reconciliation?account=${a.id}&date=${day}`, { token: s.school.token })).json;
      assert.deepEqual([a.opening, a.in, a.out, a.closing, a.states], [...['opening', 'in', 'out', 'closing'].map((k) => one.books[k]), one.states]);
      const row = t.locator('tbody tr', { hasText: a.account_no });
      assert.equal(await row.count(), 1);
      inOrder((await row.innerText()).replace(/\s+/g, ' '), [a.account_no, a.in.toLocaleString('de-DE'), a.closing.toLocaleString('de-DE')]);
    }
    assert.equal(doc.sums.closing, doc.accounts.reduce((sum, a) => sum + a.closing, 0));
    if (width > 400) await accessible(t);
    await t.setViewportSize({ width, height: 800 });
    assert.ok(await t.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `wider than ${width}`);
    await t.locator('tbody tr', { hasText: second.account.account_no }).getByRole('link').first().click();
    assert.ok(t.url().includes(`account=${second.account.id}`));
    await t.click('.crumb a');
    assert.equal(t.url(), `${s.origin}/desk/days/${day}`);
    await t.locator('tbody tr', { hasText: bank.account.account_no }).locator('ul a').first().click();
    assert.match(t.url(), new RegExp(`account=${bank.account.id}&state=`));
  }));
}

test('of one account: without a statement the page says so; a caption is a line on a phone', () => s.desk(accountant, { javaScriptEnabled: false, viewport: { width: 360, height: 740 } }, async (t) => {
  const quiet = await s.bank(s.school.token, 'sepay/hmac'), busy = await s.bank(s.school.token, 'sepay/hmac');
  await quiet.send({ memo: 'a', amount: 1_000 });
  for (const memo of ['a', 'b', 'c', 'd', 'e']) await busy.send({ memo, amount: 1_000 });
  await t.goto(`${s.origin}/desk/days/${day}?account=${busy.account.id}`);
  inOrder(await seen(t), [busy.account.account_no, 'Ngân hàng', 'chưa có sao kê', 'Sổ sách', '5.000 đ']);
  assert.doesNotMatch(await seen(t), /−\s*1\.000/, 'what came in has no minus');
  assert.equal(await t.inputValue('#account'), busy.account.id);
  for (const caption of await t.locator('.cards caption:not(.unseen)').all()) {
    const { width, height } = await caption.boundingBox();
    assert.ok(width > 250 && height < 60, `${width} x ${height}`);
  }
  await t.goto(`${s.origin}/desk/days/${day}?account=${quiet.account.id}`);
  assert.equal(await t.inputValue('#account'), quiet.account.id);
}));

test('without script: a file is sent from a day', () => s.desk(accountant, { javaScriptEnabled: false }, async (t) => {
  await t.goto(`${s.origin}/desk/days/${day}?account=${bank.account.id}`);
  await t.setInputFiles('#file', { name: 'sao-ke.csv', mimeType: 'text/csv', buffer: Buffer.from(text + `${shown(day)},${local(new Date(now.getTime() + 2000)).slice(11, 19)},,7000,2132000,FT4,them\n`) });
  await t.click('#send button');
  assert.match(t.url(), /\/desk\/jobs\/job_/);
  for (let i = 0; i < 60 && (await s.get(`/api/v1/statements?account=${bank.account.id}`, { token: s.school.token })).json.items.length < 2; i++) await new Promise((f) => setTimeout(f, 50));
  const [, second] = (await s.get(`/api/v1/statements?account=${bank.account.id}`, { token: s.school.token })).json.items;
  assert.deepEqual([second.lines, second.new_lines], [3, 1]);
}));

for (const [language, said] of [['vi', /Ngày trong tệp được đọc theo thứ tự ngày\/tháng\. Tệp không cho biết rõ thứ tự\..* Dòng 2: 03\/04\/2026 → 03\/04\/2026/],
  ['en', /were read as month\/day\. A day above 12 in the file shows it\. Row 2: 03\/04\/2026 → 04\/03\/2026/]]) {
  test(`how dates with two readings were read, in ${language}`, () => s.desk(accountant, { locale: language === 'vi' ? 'vi-VN' : 'en-US' }, async (t) => {
    const account = (await s.bank(s.school.token, 'sepay/hmac')).account;
    await t.goto(`${s.origin}/desk/days/${day}?account=${account.id}`);
    await t.setInputFiles('#file', { name: 'sao-ke.csv', mimeType: 'text/csv', buffer: Buffer.from(`Ngày,Nợ,Có,Nội dung\n03/04/2026,,5,x\n${language === 'vi' ? '04/04/2026' : '03/14/2026'},,6,y\n`) });
    await t.click('#send button');
    await t.waitForSelector('.tiles');
    assert.match((await t.textContent('main')).replace(/\s+/g, ' '), said);
  }));
}
