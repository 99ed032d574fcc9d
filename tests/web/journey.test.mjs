// Each user does one whole job, in one installation that begins empty: a school's round on a phone without script, simulated notices of every
// sort, a stall's day, a commune's month by the API, and the accountant's close, where what was lost is found and nothing is left unexplained.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { number, sleep, wholeSecond } from '../api/harness.mjs';
import { table } from '../api/school.mjs';
import { day, inOrder, readQr, seen, shown, stage, violations } from './stage.mjs';

const PHONE = { viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' }, DESK = { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' };
const PLAIN = { ...PHONE, javaScriptEnabled: false };
const DAY_MS = 86_400_000, EDGE_MS = 150_000, WAIT_MS = 15_000;

// All of it is one day of the bank: not begun in the last minutes before midnight at +07:00, nor in the first ones.
const inDay = (Date.now() + 7 * 3600_000) % DAY_MS;
if (inDay < EDGE_MS || inDay > DAY_MS - EDGE_MS) await sleep(((DAY_MS + EDGE_MS - inDay) % DAY_MS) + 1000);

const s = await stage();
const market = await s.org(undefined, 'market'), commune = await s.org(undefined, 'commune');
const today = day(0);
const accountant = s.signedIn(s.school, 'accountant', 'Quàng Văn Dũng'), principal = s.signedIn(s.school, 'principal', 'Lò Thị Hiệu');
const asks = async (who, at) => {
  const answer = await s.get(at, { headers: { Cookie: `sid=${who.cookie}`, Accept: 'application/json' } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};

// --- the school's pupils, and what becomes of each ---

const FEE = 610_000, WATER = 150_000, OWN = 120_000; // what one of the second round pays instead
const pupil = (n, who, of) => ({ ref: `HS${String(n).padStart(3, '0')}`, name: who, class: of, household: `09${10_000_000 + n}` });
const P = {
  exact: pupil(1, 'Lò Văn An', '1A'), elder: pupil(2, 'Quàng Thị Bình', '1A'), twice: pupil(3, 'Cầm Minh Đức', '1A'), lost: pupil(4, 'Tòng Thị Hà', '1A'),
  younger: pupil(5, 'Quàng Văn Sơn', '1B'), short: pupil(6, 'Mùa A Páo', '1B'), over: pupil(7, 'Đinh Thị Thảo', '1B'), nocode: pupil(8, 'Vàng Thị Mỷ', '1B'), never: pupil(9, 'Nguyễn Văn Yến', '1B'),
  late: pupil(10, 'Lường Thị Ơn', '2A'), never_late: pupil(11, 'Vì Văn Khánh', '2A'),
};
P.younger.household = P.elder.household;
const rounds = {}, bills = {}; // bills: by the name in P, the row of the round: code, code_id, pay_url

// --- small things ---

// axe, once for each page. Where the page under test has no script, in a tab of its own that has.
const looked = new Set();
const first = (name) => !looked.has(name) && looked.add(name);
async function look(t, name) {
  if (first(name)) assert.deepEqual(await violations(t), [], name);
}
async function lookAside(t, name) {
  if (!first(name)) return;
  const cookies = await t.context().cookies(), url = t.url();
  await s.tab(PHONE, async (o, context) => {
    await context.addCookies(cookies);
    await o.goto(url);
    assert.deepEqual(await violations(o), [], name);
  });
}

// What the page says once it says `text`, asked again and again as somebody without script does.
async function until(t, text) {
  for (const began = Date.now(); ; await sleep(100)) {
    const now = await seen(t);
    if (now.includes(text)) return now;
    assert.ok(Date.now() - began < WAIT_MS, `"${text}" does not come: ${now}`);
    await t.reload();
  }
}

async function becomes(what, wanted) {
  for (const began = Date.now(); ; await sleep(40)) {
    const got = await what();
    if (got === wanted) return;
    assert.ok(Date.now() - began < WAIT_MS, `${got}, not ${wanted}`);
  }
}

const standing = async (...names) => (await Promise.all(names.map((n) => s.show(s.school.token, bills[n].code_id)))).map((c) => `${c.status} ${c.paid}`).join(', ');
const net = async (org) => Object.fromEntries((await s.sql(`select account, net from audit.balance where org_id = ${number(org)} and net <> 0`)).map((r) => [r.account, r.net]));
const dotted = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, '.');

// Every movement of the school's account, as the bank knows it: what was told in a notice, and what was not.
const base = wholeSecond(Date.now() - 60_000), moved = [];
function movement(memo, amount) {
  const m = { memo, amount, time: new Date(base.getTime() + moved.length * 1000), reference: `FT${2600 + moved.length}`, balance: null };
  moved.push(m);
  return m;
}
const told = (memo, amount) => s.purse.send(movement(memo, amount));

// --- the school ---

test('school: the list of pupils is sent, looked at and saved, without script', () => s.desk(accountant, PLAIN, async (t) => {
  const file = path.join(s.dir, 'pupils.csv');
  writeFileSync(file, table(Object.values(P)));
  await t.goto(`${s.origin}/desk`);
  await lookAside(t, 'landing of the accountant');
  await t.goto(`${s.origin}/desk/payers`);
  inOrder(await seen(t), ['Danh sách học sinh', 'Chưa có học sinh nào']);
  await t.setInputFiles('#file', file);
  await t.click('#import button');
  inOrder(await until(t, 'Chờ xác nhận'), ['Nhập danh sách học sinh', 'Thêm mới', '11', 'Lưu danh sách']);
  assert.deepEqual(await s.all('/api/v1/payers', s.school.token), [], 'nothing is saved before the yes');
  await lookAside(t, 'a list to confirm');
  await t.click('text=Lưu danh sách');
  await until(t, 'Xong');
  await t.goto(`${s.origin}/desk/payers`);
  assert.equal(await t.locator('tbody tr').count(), 11);
  await lookAside(t, 'payers');
}));

test('school: two rounds are made and proposed, one of them due three days ago, with a list of what one pupil pays', () => s.desk(accountant, PLAIN, async (t) => {
  for (const [key, name, due, classes, items] of [
    ['meals', 'Tiền bán trú', day(14), ['1A', '1B'], [['Tiền ăn', 600_000], ['Nước uống', 10_000]]], ['water', 'Tiền nước uống', day(-3), ['2A'], [['Nước uống', WATER]]],
  ]) {
    await t.goto(`${s.origin}/desk/rounds`);
    await lookAside(t, 'rounds');
    await t.click('text=Lập đợt thu');
    await t.fill('#name', name);
    await t.fill('#month', today.slice(0, 7).split('-').reverse().join('/'));
    await t.fill('#due_on', shown(due));
    for (const [i, [label, amount]] of items.entries()) {
      await t.fill(`#label-${i}`, label);
      await t.fill(`#amount-${i}`, dotted(amount));
    }
    for (const c of ['1A', '1B', '2A']) await t.setChecked(`input[name=classes][value="${c}"]`, classes.includes(c));
    await lookAside(t, 'a new round');
    await t.click('main form button');
    inOrder(await seen(t), ['Đã lưu đợt thu', name, 'Bản nháp']);
    rounds[key] = new URL(t.url()).pathname;
    await lookAside(t, 'a draft');
    if (key === 'water') {
      await t.setInputFiles('#file', { name: 'so-tien.csv', mimeType: 'text/csv', buffer: Buffer.from(`Mã HS,Họ và tên,Nước uống\n${P.never_late.ref},${P.never_late.name},${dotted(OWN)}\n`) });
      await t.click('#amounts button');
      inOrder(await until(t, 'Lưu danh sách'), ['Nhập số tiền riêng của học sinh', 'Nước uống']);
      await t.click('text=Lưu danh sách');
      await until(t, 'Xong');
      await t.goto(s.origin + rounds.water);
      inOrder(await seen(t), [`${dotted(WATER + OWN)} đ`, 'Học sinh có số tiền riêng', '1']);
      await lookAside(t, 'a draft with an amount of one pupil');
    }
    await t.click('text=Trình hiệu trưởng duyệt');
    inOrder(await seen(t), ['Đã trình hiệu trưởng duyệt', 'Chờ duyệt']);
  }
}));

test('school: the principal approves, and every pupil has a code', async () => {
  await s.desk(principal, PLAIN, async (t) => {
    for (const [key, codes] of [['meals', 9], ['water', 2]]) {
      await t.goto(s.origin + rounds[key]);
      await lookAside(t, 'a round to approve');
      await t.click('text=Duyệt và phát hành mã');
      await until(t, 'Đã phát hành mã nộp tiền');
      await lookAside(t, 'codes issued');
      const rows = (await asks(principal, `${rounds[key]}/payers`)).items;
      assert.equal(rows.length, codes);
      for (const row of rows) bills[Object.keys(P).find((n) => P[n].ref === row.ref)] = row;
    }
  });
  assert.deepEqual(Object.keys(bills).sort(), Object.keys(P).sort());
  assert.equal(new Set(Object.values(bills).map((b) => b.code)).size, 11);
});

test('school: slips come down as PDF, and their symbols are read back', () => s.desk(accountant, PLAIN, async (t) => {
  await t.goto(s.origin + rounds.meals);
  await t.click('text=In phiếu (PDF)');
  await until(t, 'Tải về');
  await lookAside(t, 'slips made');
  const [download] = await Promise.all([t.waitForEvent('download'), t.click('text=Tải về')]);
  assert.equal(download.suggestedFilename(), 'Tiền bán trú.pdf');
  const pdf = path.join(s.dir, 'slips.pdf');
  await download.saveAs(pdf);
  const read = [];
  for (const page of [1, 2]) {
    execFileSync('pdftoppm', ['-r', '150', '-gray', '-png', '-singlefile', '-f', String(page), pdf, path.join(s.dir, `slips${page}`)]);
    read.push(...readQr(path.join(s.dir, `slips${page}.png`)).split('\n'));
  }
  const wanted = await Promise.all(Object.keys(P).filter((n) => P[n].class !== '2A').map(async (n) => (await s.show(s.school.token, bills[n].code_id)).payload));
  assert.deepEqual(read.sort(), wanted.sort());
}));

// --- what the parents do, as the bank tells it ---

test('notices: exact, two children at once, twice the same, short, over, late, without a code', async () => {
  await s.tab(PLAIN, async (t) => {
    await t.goto(bills.exact.pay_url);
    assert.ok((await seen(t)).includes('610.000'));
    await lookAside(t, 'pay page');
    await told(`LO VAN LUAN ck ${bills.exact.code} tien an`, FEE);
    inOrder(await until(t, 'ĐÃ NHẬN TIỀN'), ['Đã đủ 610.000 đ', 'Biên lai số']);
  });
  await told(`nop tien 2 chau ${bills.elder.code}`, 2 * FEE);
  const sent = await told(bills.twice.code, FEE);
  s.purse.taken(await s.purse.deliver(await s.purse.signed(sent)));
  movement(`tien an ${bills.lost.code}`, FEE); // no notice of it ever comes
  await told(bills.short.code, 400_000);
  await told(bills.over.code, 700_000);
  await told(bills.late.code, WATER);
  await told('MBVCB.77.Vang Thi My nop tien an', FEE);
  await told('chuyen nham tai khoan', 40_000);
  await told('ung ho nha truong', 5_000);
  await becomes(() => standing('exact', 'elder', 'younger', 'twice', 'lost'), `paid ${FEE}, paid ${FEE}, paid ${FEE}, paid ${FEE}, issued 0`);
  await becomes(() => standing('short', 'over', 'nocode', 'never'), `partially_paid 400000, paid ${FEE}, issued 0, issued 0`);
  await becomes(() => standing('late', 'never_late'), `paid_late ${WATER}, issued 0`);
  await becomes(async () => (await net(s.school))[3387], -90_000);
  assert.equal((await s.events(s.purse.account)).length, moved.length - 1, 'the second of two equal notices is no second event');
});

test('school: who has paid stands on the pages of the round and of a child', () => s.desk(accountant, PLAIN, async (t) => {
  await t.goto(s.origin + rounds.meals);
  inOrder(await seen(t), ['Đã thu', dotted(5 * FEE + 400_000), 'Đã nộp đủ', '5', 'Nộp một phần', '1', 'Chưa nộp', '3']);
  await lookAside(t, 'a round at work');
  await t.goto(`${s.origin}${rounds.meals}/payers?payment=part`);
  inOrder(await seen(t), [P.short.name, '1B', '400.000 đ', '610.000 đ', bills.short.code]);
  await lookAside(t, 'payers of a round');
  await t.goto(`${s.origin}/desk/payers/${bills.over.payer}`);
  inOrder(await seen(t), [P.over.name, '90.000 đ', 'Tiền bán trú', '610.000 đ']);
  await lookAside(t, 'a pupil');
}));

// --- the stall ---

test('stall: the seller types an amount, shows the code, and the money appears, also where the network was gone; the day has its sum', async () => {
  const manager = s.signedIn(market, 'administrator', 'Đinh Văn Quyết'), seller = s.signedIn(market, 'vendor', 'Hoàng Thị Hoa');
  await s.desk(manager, PLAIN, async (t) => {
    await t.goto(`${s.origin}/desk/stalls`);
    for (const [field, value] of [['#name', 'Rau sạch chị Hoa'], ['#place', 'Dãy A, số 12'], ['#account_no', '7907205000001'], ['#holder', 'HOANG THI HOA']]) await t.fill(field, value);
    await t.selectOption('#bin', '970405');
    await t.click('form:has(#name) button');
    await t.selectOption('select[name=owner]', { label: 'Hoàng Thị Hoa' });
    await t.click('form:has(select[name=owner]) button');
    inOrder(await seen(t), ['Đã giao sạp', 'Rau sạch chị Hoa', 'Hoàng Thị Hoa']);
    await lookAside(t, 'stalls');
  });
  const stall = (await asks(manager, '/desk/stalls')).items[0], till = await s.bank(market.token, 'sepay/hmac', stall.account);
  await s.desk(seller, PHONE, async (t) => {
    await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
    await look(t, 'a stall');
    for (const key of ['8', '5', '000']) await t.click(`[data-key="${key}"]`);
    await t.click('.keypad .acts button');
    await t.waitForSelector('#sale .qr svg');
    inOrder(await t.innerText('#sale'), ['85.000 đ', 'Tám mươi lăm nghìn đồng', 'Đang chờ tiền về']);
    await t.locator('#sale .qr').screenshot({ path: path.join(s.dir, 'sale.png') });
    const memo = `${stall.code} ${await t.getAttribute('#sale .sale', 'data-tag')}`;
    assert.ok(readQr(path.join(s.dir, 'sale.png')).includes(memo));
    await till.send({ memo: `mua rau ${memo}`, amount: 85_000 });
    await t.waitForSelector('#live .feed >> text=85.000 đ');
    await t.waitForSelector('#sale >> text=ĐÃ NHẬN ĐỦ');
    await till.send({ memo: `${stall.code} rau`, amount: 12_000 });
    await t.waitForSelector('#live .feed >> text=12.000 đ');
    await t.reload();
    inOrder(await seen(t), ['Hôm nay', '97.000 đ', 'Chín mươi bảy nghìn đồng', '2 lần']);
  });
  await s.desk(seller, { ...PHONE, expected: /ERR_INTERNET_DISCONNECTED/ }, async (t, context) => { // the network goes; the page and its codes stay
    await t.goto(`${s.origin}/desk/stalls/${stall.id}`);
    await t.evaluate(() => navigator.serviceWorker.ready.then(() => 0));
    await t.waitForFunction(() => navigator.serviceWorker.controller);
    await context.setOffline(true);
    await t.reload();
    inOrder(await seen(t), ['Rau sạch chị Hoa', 'Mất mạng từ']);
    for (const key of ['4', '0', '000']) await t.click(`[data-key="${key}"]`);
    await t.click('.keypad .acts button');
    await t.waitForSelector('#sale .qr svg');
    const tag = await t.getAttribute('#sale .sale', 'data-tag');
    await till.send({ memo: `${stall.code} ${tag}`, amount: 40_000 });
    await context.setOffline(false);
    await t.waitForSelector('#sale >> text=ĐÃ NHẬN ĐỦ', { timeout: WAIT_MS });
    await t.reload();
    inOrder(await seen(t), ['Hôm nay', '137.000 đ', '3 lần']);
  });
});

// --- the commune ---

test('commune: a month by the API: submitted, approved by another, paid, doubled, returned, reported', async () => {
  const make = await s.token(commune.id, 'read,issue,pay_make'), check = await s.token(commune.id, 'read,pay_check'), purse = await s.bank(commune.token, 'sepay/hmac');
  const call = async (status, method, at, body, token = make, more = {}) => {
    const answer = await s.request(method, `/api/v1/payouts${at}`, { body, token, ...(body === undefined && method === 'POST' ? { headers: { 'Content-Type': null } } : {}), ...more });
    assert.equal(answer.status, status, answer.text);
    return answer;
  };
  const month = today.slice(0, 7), names = ['Lò Thị Mai', 'Cà Văn Hặc', 'Quàng Thị Ó', 'Vì Văn Pâng', 'Tòng Văn Ương'];
  const lines = names.map((name, i) => ({ name, birth_on: '1941', person_id: `01408000000${i}`, amount: 500_000, bank: '970405', account_no: `790000000000${i}` }));
  const { id } = (await call(201, 'POST', '', { account: purse.account.id, name: 'Trợ cấp xã hội', month, pay_by: day(3), lines }, make, { key: crypto.randomUUID() })).json;
  await call(200, 'POST', `/${id}/submit`);
  await call(403, 'POST', `/${id}/approve`);
  const { job } = (await call(200, 'POST', `/${id}/approve`, undefined, check)).json;
  await becomes(async () => (await s.get(`/api/v1/jobs/${job}`, { token: check })).json.state, 'done');
  const people = async () => (await call(200, 'GET', `/${id}/lines?limit=50`)).json.items;
  const states = async () => (await people()).map((x) => `${x.state} ${x.paid}`).join(', ');
  const l = await people(), out = (x, amount = 500_000) => purse.send({ memo: `CHI TRA ${x.code} tro cap`, amount, direction: 'out' });
  assert.equal(await states(), Array(5).fill('waiting 0').join(', '));

  const same = await out(l[0]);
  purse.taken(await purse.deliver(await purse.signed(same))); // the notice twice
  await out(l[1]);
  await out(l[1]); // the money twice
  await out(l[2], 200_000);
  await out(l[3]);
  await becomes(states, 'paid 500000, paid 500000, part 200000, paid 500000, waiting 0');
  await purse.send({ memo: `HOAN TRA ${l[3].code} sai ten`, amount: 500_000 });
  await becomes(states, 'paid 500000, paid 500000, part 200000, returned 0, waiting 0');
  const open = (await s.all('/api/v1/exceptions', commune.token)).filter((e) => e.held > 0).map((e) => [e.reason, e.state, e.held]);
  assert.deepEqual(open, [['already_paid', 'open', 500_000]], 'what the bank paid twice waits for a person');
  assert.equal((await net(commune))[1388], 500_000);

  const report = (await call(200, 'GET', `/${id}/report?format=json`)).json;
  assert.deepEqual(report.payout.sums, { paid: { lines: 2, amount: 1_000_000, paid: 1_000_000 }, part: { lines: 1, amount: 500_000, paid: 200_000 },
    returned: { lines: 1, amount: 500_000, paid: 0 }, waiting: { lines: 1, amount: 500_000, paid: 0 } });
  const rows = (await call(200, 'GET', `/${id}/report?format=csv`)).text.replace(/^\ufeff/, '').trim().split('\r\n').slice(1).map((r) => r.split(','));
  assert.deepEqual(rows.map((r) => [r[1], Number(r[6]), Number(r[7])]), names.map((name, i) => [name, 500_000, [500_000, 500_000, 200_000, 0, 0][i]]));
});

// --- the accountant ---

test("accountant: the bank's file heals what was lost, and the day shows the states", () => s.desk(accountant, DESK, async (t) => {
  let balance = 10_000_000;
  const sum = moved.reduce((n, m) => n + m.amount, 0), clock = (at) => new Date(at.getTime() + 7 * 3600_000).toISOString().slice(11, 19);
  const rows = [`Số tài khoản:,${s.purse.account.account_no}`, `Số dư đầu kỳ,,,,${balance}`, 'Ngày giao dịch,Giờ,Nợ,Có,Số dư,Số tham chiếu,Nội dung',
    ...moved.map((m) => `${shown(today)},${clock(m.time)},,${m.amount},${balance += m.amount},${m.reference},"${m.memo}"`)];
  const at = `${s.origin}/desk/days/${today}?account=${s.purse.account.id}`;
  await t.goto(at);
  inOrder(await seen(t), ['Đối soát ngày', 'Chờ sao kê']);
  await t.setInputFiles('#file', { name: 'sao-ke.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\r\n') + '\r\n') });
  await t.click('#send button');
  inOrder(await until(t, 'Xong'), ['Đọc sao kê ngân hàng', 'Xong', 'Dòng mới', String(moved.length), 'Khớp với thông báo', String(moved.length - 1), 'Vào sổ từ sao kê', '1']);
  await look(t, 'a statement read');
  await becomes(() => standing('lost'), `paid ${FEE}`);
  assert.equal((await s.show(s.school.token, bills.lost.code_id)).receipts.length, 1);
  await t.goto(at);
  inOrder(await seen(t), ['Ngân hàng', '10.000.000 đ', `${dotted(sum)} đ`, `${dotted(balance)} đ`, 'Ba nguồn']);
  await look(t, 'a day');
  const doc = (await s.get(`/api/v1/reconciliation?account=${s.purse.account.id}&date=${today}`, { token: s.school.token })).json;
  assert.deepEqual(Object.fromEntries(doc.states.map((x) => [x.state, [x.count, x.in, x.out]])), { matched: [moved.length - 1, sum - FEE, 0], matched_by_statement: [1, FEE, 0] });
  assert.deepEqual([doc.agrees, doc.gaps, doc.bank.in, doc.books.in], [true, [], sum, sum]);
  await t.click('text=Khớp, vào sổ từ sao kê');
  inOrder(await seen(t), ['Từng giao dịch', `${dotted(FEE)} đ`, bills.lost.code]);
}));

test('accountant: one click settles the transfer without a code', () => s.desk(accountant, DESK, async (t) => {
  await t.goto(`${s.origin}/desk/exceptions`);
  inOrder(await seen(t), ['Khoản cần xem', 'Nội dung không có mã nộp tiền', `${dotted(FEE)} đ`]);
  await look(t, 'exceptions');
  await t.click('tbody tr:has-text("Vang Thi My") a');
  inOrder(await seen(t), ['Gợi ý', bills.nocode.code, P.nocode.name]);
  await look(t, 'an exception');
  await t.click(`[data-suggestion]:has-text("${bills.nocode.code}") button`);
  inOrder(await seen(t), ['Đã ghi nhận.', 'Đã xử lý', bills.nocode.code]);
  assert.equal(await standing('nocode'), `paid ${FEE}`);
}));

test('accountant: what came without a code and the bank took back is set off, and waits no more', () => s.desk(accountant, DESK, async (t) => {
  await s.purse.send({ memo: 'gui lon so tai khoan', amount: 25_000, reference: 'FT2790', balance: null });
  await s.purse.send({ memo: 'Hoan tra GD FT2790', amount: 25_000, direction: 'out', reference: 'FT2791', balance: null });
  await t.goto(`${s.origin}/desk/exceptions`);
  await t.click('tbody tr:has-text("Hoan tra GD") a');
  inOrder(await seen(t), ['Ngân hàng nói gì', 'FT2791', 'Khoản liên quan', 'FT2790', 'Bù trừ hai khoản']);
  await look(t, 'what the bank gave back');
  await t.click('[data-correct] button');
  inOrder(await seen(t), ['Đã ghi nhận.', 'Đã xử lý', 'Bù trừ', 'Quàng Văn Dũng']);
  await t.goto(`${s.origin}/desk/exceptions`);
  assert.doesNotMatch(await seen(t), /gui lon so|Hoan tra GD/);
  assert.deepEqual([(await net(s.school))[3388], (await net(s.school))[1388]], [-45_000, undefined]);
}));

test('accountant: a refund waits for the principal', async () => {
  let at;
  await s.desk(accountant, DESK, async (t) => {
    await t.goto(`${s.origin}/desk/exceptions`);
    await t.click('tbody tr:has-text("chuyen nham") a');
    await t.click('summary');
    for (const [field, value] of [['bin', '970436'], ['account_no', '0071000123456'], ['name', 'LO THI MAY']]) await t.fill(`#payee\\.${field}`, value);
    await t.click('form:has(#payee\\.bin) button');
    inOrder(await seen(t), ['Đã gửi đề nghị', 'Chờ duyệt', '40.000 đ', 'Việc này cần một người khác đồng ý.']);
    assert.equal(await t.locator('form[action$="/approve"]').count(), 0, 'not his own');
    at = t.url();
  });
  assert.equal((await net(s.school))[3388], -45_000, 'a proposal moves nothing');
  await s.desk(principal, DESK, async (t) => {
    await t.goto(at);
    await look(t, 'a refund to approve');
    await t.click('form[action$="/approve"] button');
    inOrder(await seen(t), ['Đã đồng ý và ghi sổ.', 'Đã xử lý', 'Lò Thị Hiệu', 'đề nghị bởi Quàng Văn Dũng']);
  });
  assert.equal((await net(s.school))[3318], -40_000, 'owed to who is to have it back');
  const { code } = (await s.get(`/api/v1/exceptions/${at.split('/').at(-1)}`, { token: s.school.token })).json.history.at(-1).rows[0];
  await s.purse.send({ memo: `HOAN TIEN ${code}`, amount: 40_000, direction: 'out', balance: null });
  assert.equal((await s.show(s.school.token, code)).status, 'paid');
});

test('accountant: the day is closed with what is carried on', () => s.desk(accountant, DESK, async (t) => {
  await t.goto(`${s.origin}/desk/days/${today}?account=${s.purse.account.id}`);
  await t.click('a[href$="/close"]');
  inOrder(await seen(t), ['Khóa sổ ngày', 'Đang mở', '112101', 'Chuyển sang ngày sau', '1 · 5.000 đ']);
  await look(t, 'a day to close');
  await t.click('form[action$="/close"] button');
  inOrder(await seen(t), ['Đã khóa sổ.', 'Đã khóa', 'bản 1', 'Quàng Văn Dũng', 'Niêm phong']);
  await look(t, 'a day closed');
  const closed = (await s.get(`/api/v1/days/${today}/close`, { token: s.school.token })).json;
  assert.deepEqual(Object.fromEntries(closed.sheet.accounts.filter((a) => a.closing !== 0).map((a) => [a.account, a.closing])), await net(s.school));
}));

test('reports: paid and unpaid by class are what was done, as page and as CSV', () => s.desk(accountant, DESK, async (t) => {
  // payers, charges, in full, in part, not at all, due, paid, missing
  const wanted = [['1A', 4, 4, 4, 0, 0, 4 * FEE, 4 * FEE, 0], ['1B', 5, 5, 3, 1, 1, 5 * FEE, 3 * FEE + 400_000, 2 * FEE - 400_000], ['2A', 2, 2, 1, 0, 1, WATER + OWN, WATER, OWN]];
  const sums = wanted[0].slice(1).map((_, i) => wanted.reduce((n, row) => n + row[i + 1], 0));
  await t.goto(`${s.origin}/desk/reports`);
  await look(t, 'reports');
  await t.click('a.tile[href$="/classes"]');
  const cells = (row) => t.locator(row).evaluateAll((all) => all.map((tr) => [...tr.cells].map((c) => c.textContent.trim())));
  assert.deepEqual(await cells('tbody tr'), wanted.map((row) => row.map((v) => (typeof v === 'number' ? dotted(v) : v))));
  assert.deepEqual((await cells('tfoot tr'))[0].slice(1), sums.map(dotted));
  await look(t, 'a report');
  const [download] = await Promise.all([t.waitForEvent('download'), t.click('a[href$="format=csv"]')]);
  const csv = readFileSync(await download.path(), 'utf8').replace(/^\ufeff/, '').trim().split('\r\n').slice(1);
  assert.deepEqual(csv, wanted.map((row) => row.join(',')));
  await t.goto(`${s.origin}/desk/reports/unpaid`);
  assert.deepEqual((await cells('tbody tr')).map((row) => [row[0], row[1], row.at(-1)]).sort(),
    [['1B', P.short.name, '210.000'], ['1B', P.never.name, '610.000'], ['2A', P.never_late.name, '120.000']].sort());
}));

test('books: suspense is what the open exceptions hold, and every invariant stands', async () => {
  const total = moved.reduce((n, m) => n + m.amount, 0), settled = 7 * FEE + 400_000 + WATER;
  const books = await net(s.school);
  assert.deepEqual([books[112101], books[3388], books[1388], books[3387], books[3318]], [total - 40_000, -5_000, undefined, -90_000, undefined]);
  assert.deepEqual([books[131], total], [-settled, settled + 90_000 + 40_000 + 5_000], 'every đồng is somewhere, once');
  const open = (await s.all('/api/v1/exceptions', s.school.token)).filter((e) => ['open', 'proposed'].includes(e.state) && e.held > 0);
  assert.deepEqual(open.map((e) => [e.reason, e.held]), [['no_code', 5_000]]);
  await s.suspense();
  assert.deepEqual(await s.sql('select * from audit.invariants()'), []);
});
