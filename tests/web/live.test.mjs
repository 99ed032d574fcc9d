// Pages of the real server: a parent's page hears of the money, the receipt page leads to a receipt that verifies, static
// files are cached for ever, and nothing on the way asks another host.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { khop, server, folder } from '../api/harness.mjs';
import { execFileSync } from 'node:child_process';
import { launch } from './browser.mjs';

const s = await server();
const school = await s.org();
const bank = await s.bank(school.token, 'sepay/hmac');
const files = folder();
let browser;

before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const issue = (more) => s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 180000, label: 'Tiền ăn tháng 12', payer: { ref: 'HS-7', name: 'Lò Thị Mây' }, due_on: '2026-12-05', ...more });

// A tab that notes what it asked for and what it complained about.
async function tab(options, use) {
  const context = await browser.newContext({ locale: 'vi-VN', ...options });
  const t = await context.newPage();
  const asked = [], complaints = [];
  t.on('request', (r) => asked.push(new URL(r.url())));
  t.on('console', (m) => { if (m.type() === 'error') complaints.push(m.text()); });
  t.on('pageerror', (e) => complaints.push(e.message));
  try {
    await use(t, asked);
    assert.deepEqual(complaints, []);
    assert.deepEqual(asked.filter((u) => u.protocol !== 'data:' && u.origin !== s.origin).map(String), []);
  } finally {
    await context.close();
  }
}

test('a parent pays in two parts and sees each arrive, without reloading', async () => {
  const code = await issue();
  await tab({ viewport: { width: 360, height: 740 } }, async (t) => {
    await t.goto(code.pay_url);
    await t.getByText('Đang chờ tiền về').waitFor();
    assert.ok(await t.getByText('Mây', { exact: true }).isVisible());
    assert.equal(await t.getByText('Lò Thị').count(), 0, 'the full name of a child stands on a public page');
    await bank.send({ amount: 100000, memo: `LO VAN A chuyen tien ${code.code}` });
    await t.getByText('còn thiếu 80.000 đ').waitFor({ timeout: 10_000 });
    await bank.send({ amount: 80000, memo: code.memo });
    await t.getByText('ĐÃ NHẬN TIỀN').waitFor({ timeout: 10_000 });
    assert.equal(await t.locator('.done li').count(), 2);
  });
});

test('the receipt page: from the pay page to a file that verifies offline', async () => {
  const code = await issue({ amount: 65000 });
  await bank.send({ amount: 65000, memo: code.code });
  await tab({ viewport: { width: 360, height: 740 } }, async (t) => {
    await t.goto(code.pay_url);
    await t.locator('.done a').click();
    await t.getByRole('heading', { name: 'Xác nhận đã nhận tiền' }).waitFor();
    assert.ok(await t.getByText('65.000 đ').isVisible());
    assert.equal(await t.getByText(/Mây|Lò Thị/).count(), 0);
    const fetched = async (name) => (await s.get(new URL(await t.getByRole('link', { name }).getAttribute('href'), s.origin).pathname)).text;
    const jws = files('r.jws', await fetched('Biên lai đã ký số (.jws)')), keys = files('keys.json', await fetched('Khóa công khai của máy chủ (.json)'));
    assert.equal((await khop(['verify', '--jwks', keys, jws])).code, 0);
    await t.getByRole('link', { name: 'English' }).click();
    await t.getByRole('heading', { name: 'Confirmation of payment' }).waitFor();
  });
});

test('the QR image to save reads as the code, and a cancelled code has none', async () => {
  const code = await issue();
  const image = await s.get(new URL(code.qr_png).pathname);
  assert.equal(image.status, 200);
  const read = execFileSync('zbarimg', ['--quiet', '--raw', '--nodbus', files('qr.png', image.bytes)]).toString().trim();
  assert.equal(read, code.payload);
  await s.post(`/api/v1/codes/${code.id}/cancel`, { reason: 'wrong class' }, { token: school.token });
  await tab({}, async (t) => {
    await t.goto(code.pay_url);
    await t.getByText('Mã này đã hủy').waitFor();
    assert.equal(await t.locator('.qr').count(), 0);
  });
});

test('static files may be kept for a year and come compressed', async () => {
  const code = await issue();
  const html = (await s.get(new URL(code.pay_url).pathname, { headers: { Accept: 'text/html' } })).text;
  const names = [...html.matchAll(/\/static\/[\w.-]+/g)].map((m) => m[0]);
  assert.ok(names.length >= 3);
  for (const name of names) {
    const answer = await s.get(name, { headers: { 'Accept-Encoding': 'gzip' }, unchecked: true });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
    if (/css|js$/.test(name)) assert.equal(answer.headers['content-encoding'], 'gzip');
  }
});

test('a page that is not there is a page', async () => {
  const context = await browser.newContext({ locale: 'vi-VN' });
  const t = await context.newPage();
  const answer = await t.goto(`${s.origin}/p/AAAAAAAAAAAAAAAAAAAAAAAA`);
  assert.equal(answer.status(), 404);
  assert.ok(await t.getByRole('heading', { name: 'Không tìm thấy trang này' }).isVisible());
  await context.close();
});
