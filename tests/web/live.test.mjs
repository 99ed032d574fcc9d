// The pay page hears of the money (product.md §4): by the stream, where no stream comes through by asking, without script by
// a link; the stream outlives the server. Delays are printed as diagnostics.
import test from 'node:test';
import assert from 'node:assert/strict';
import { sleep } from '../api/harness.mjs';
import { inOrder, listen, seen, stage } from './stage.mjs';

const s = await stage();
const POLL_MS = 15_000;

const count = (t, type, end = '') => t.asked.filter(([what, url]) => what === type && url.endsWith(end)).length;
const waiting = (t, code) => t.goto(code.pay_url).then(() => t.getByText('Đang chờ tiền về').waitFor());

test('a notice changes the page to paid within a second or so, and it is loaded once', async (t0) => {
  const code = await s.issue();
  await s.tab({}, async (t) => {
    await waiting(t, code);
    await t.getByRole('button', { name: 'Chép Số tiền' }).scrollIntoViewIfNeeded();
    const delays = [];
    for (const [amount, says, status] of [[300_000, 'còn thiếu 636.000 đ', 'partially_paid'], [636_000, 'ĐÃ NHẬN TIỀN', 'paid']]) {
      const before = count(t, 'document'), began = Date.now();
      await s.pay(code, amount);
      const taken = Date.now();
      await t.getByText(says).waitFor({ timeout: 5000 });
      delays.push(`${Date.now() - taken} ms after the 200 (${Date.now() - began} ms after the notice was sent)`);
      assert.ok(Date.now() - taken < 3000, `${delays}`);
      assert.equal(await t.getAttribute('main', 'data-status'), status);
      assert.ok(await t.getByText(says).evaluate((e) => { const b = e.getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight; }), 'the news stand outside the window');
      await sleep(300);
      assert.equal(count(t, 'document'), before + 1, 'loaded once');
    }
    assert.equal(count(t, 'fetch'), 0, 'it was the stream that told');
    assert.match(await t.title(), /^ĐÃ NHẬN TIỀN/);
    assert.equal(await t.locator('.done li').count(), 2);
    for (const d of delays) t0.diagnostic(`shown ${d}`);
  });
});

test('a payment into a code without a sum shows on the page, and it stays open for the next', async () => {
  const code = await s.issue({ kind: 'stall', amount: null, payer: undefined, label: 'Sạp 7' });
  await s.tab({}, async (t) => {
    await waiting(t, code);
    await s.pay(code, 35_000);
    await t.getByText('Đã nhận 35.000 đ').waitFor();
    await s.pay(code, 20_000);
    await t.getByText('Đã nhận 20.000 đ').waitFor();
    assert.equal(await t.locator('.qr').count(), 1);
  });
});

test('a page opened in several places hears in all of them; one of another code hears nothing', async () => {
  const code = await s.issue(), other = await s.issue();
  const here = listen(code), there = listen(code), elsewhere = listen(other);
  await Promise.all([here.began, there.began, elsewhere.began]);
  await sleep(1200); // the first look has told each what is
  await s.pay(code, 936_000);
  for (const began = Date.now(); Date.now() - began < 3000 && ![here, there].every((g) => g.text.includes('936000')); await sleep(20));
  for (const g of [here, there]) assert.match(g.text, /^retry: \d+\n\nevent: status\ndata: \{"status":"issued","mark":"0"\}\n\nevent: status\ndata: \{"status":"paid","mark":"[0-9a-f]{8}"\}\n\n$/);
  assert.match(elsewhere.text, /^retry: \d+\n\nevent: status\ndata: \{"status":"issued","mark":"0"\}\n\n$/);
  for (const g of [here, there, elsewhere]) g.request.destroy();
});

for (const [what, block] of [['is refused', (r) => r.abort()], ['never answers', () => {}]]) {
  test(`where the stream ${what}, the page asks every 15 seconds`, async () => {
    const code = await s.issue();
    await s.tab({ expected: /ERR_FAILED/ }, async (t) => {
      await t.route('**/events', block);
      await t.clock.install();
      await waiting(t, code);
      await t.clock.runFor(POLL_MS + 100);
      await t.waitForTimeout(200);
      assert.equal(count(t, 'fetch', '.json'), 1);
      assert.equal(count(t, 'document'), 1, 'nothing new, nothing loaded');
      await s.pay(code, 936_000);
      await t.waitForTimeout(300);
      assert.equal(await t.getByText('Đang chờ tiền về').count(), 1);
      await t.clock.runFor(POLL_MS + 100);
      await t.getByText('ĐÃ NHẬN TIỀN').waitFor();
    });
  });
}

test('without script the link shows the result', async () => {
  const code = await s.issue();
  await s.tab({ javaScriptEnabled: false }, async (t) => {
    await waiting(t, code);
    await s.pay(code, 936_000);
    await t.getByRole('link', { name: 'Tải lại để xem kết quả' }).click();
    await t.getByText('ĐÃ NHẬN TIỀN').waitFor();
  });
});

const script = (await s.get(/\/static\/[^"]+\.js/.exec((await s.page(await s.issue())).text)[0])).text;

for (const [what, half] of [['half', script.slice(0, script.length / 2)], ['none', null]]) {
  test(`with ${what} of the script loaded everything is there, and the link works`, async () => {
    const code = await s.issue();
    await s.tab({ expected: /SyntaxError|Unexpected end|missing \)|Invalid or unexpected|ERR_FAILED/ }, async (t) => {
      await t.route('**/static/*.js', (r) => half === null ? r.abort() : r.fulfill({ contentType: 'text/javascript', body: half }));
      await waiting(t, code);
      inOrder(await seen(t), ['936.000 đ', 'Tải lại', s.purse.account.account_no, code.memo, s.purse.account.holder]);
      assert.equal(await t.locator('button:visible').count(), 0, 'a button that does nothing');
      await s.pay(code, 936_000);
      await t.getByRole('link', { name: 'Tải lại để xem kết quả' }).click();
      await t.getByText('ĐÃ NHẬN TIỀN').waitFor();
    });
  });
}

test('a page whose tab was in the background asks when it comes back', async () => {
  const code = await s.issue();
  await s.tab({ expected: /ERR_FAILED/ }, async (t) => {
    await t.route('**/events', (r) => r.abort());
    await t.addInitScript(() => {
      window.away = false;
      Object.defineProperty(document, 'hidden', { get: () => window.away });
    });
    await t.clock.install();
    await waiting(t, code);
    await t.evaluate(() => { window.away = true; });
    await t.clock.runFor(4 * POLL_MS);
    await t.waitForTimeout(200);
    assert.equal(count(t, 'fetch'), 0, 'asks although nobody looks');
    await s.pay(code, 936_000);
    await t.evaluate(() => { window.away = false; document.dispatchEvent(new Event('visibilitychange')); });
    await t.getByText('ĐÃ NHẬN TIỀN').waitFor();
  });
});

test('the stream outlives the server: a page that was open hears of what is paid behind a restart', async (t0) => {
  const code = await s.issue();
  await s.tab({ expected: /ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/ }, async (t) => {
    await waiting(t, code);
    while (count(t, 'eventsource') === 0) await sleep(20);
    const began = Date.now();
    await s.restart();
    t0.diagnostic(`khopd was back after ${Date.now() - began} ms`);
    assert.equal(await t.getByText('Đang chờ tiền về').count(), 1, 'the page stands while the server is away');
    const back = Date.now();
    while (count(t, 'eventsource') < 2) { assert.ok(Date.now() - back < 10_000, 'the page does not come back'); await sleep(20); }
    t0.diagnostic(`the page was back ${Date.now() - back} ms later`);
    await s.pay(code, 936_000);
    await t.getByText('ĐÃ NHẬN TIỀN').waitFor({ timeout: 8000 });
    assert.equal(count(t, 'fetch'), 0, 'it was the stream that told');
  });
});
