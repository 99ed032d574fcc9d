// The pay page of the real server in every state (product.md §4): what it says and in which order, in both languages, on a
// phone and on a desk, light and dark; that it can be scanned, copied, saved; that it tells no stranger whose child it is.
import test from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { QRPay } from 'vietnam-qr-pay';
import { sleep } from '../api/harness.mjs';
import { PAYEE, PUPIL, accessible, day, inOrder, listen, readQr, seen, shown, stage } from './stage.mjs';

const s = await stage();
const all = await s.gallery();
const { account } = s.purse;
const quiet = listen(all.waiting); // nothing happens to it; looked at by the last test
await quiet.began;
const dir = mkdtempSync(path.join(os.tmpdir(), 'khop-web-'));
test.after(() => rmSync(dir, { recursive: true }));

// What a page says, top to bottom.
const due = shown(day(14)), unit = s.school.name;
const to = [account.account_no, 'Agribank'];
const SAYS = {
  waiting: {
    vi: (c) => [unit, 'Nộp cho Mai · 3A', 'Số tiền cần nộp', '936.000 đ', 'Chín trăm ba mươi sáu nghìn đồng', 'Hạn nộp', due, 'Đang chờ tiền về', 'dưới 5 phút', 'Tải lại',
      'Quét mã', 'Lưu ảnh QR', account.account_no, 'Chép', '936.000 đ', 'Chép', c.memo, 'Chép', 'So tên', account.holder, 'Agribank', 'Mở ứng dụng ngân hàng', 'Tiền ăn bán trú tháng 12', 'Tiền ăn 26 bữa', '780.000 đ', 'Phục vụ bán trú', '216.000 đ', 'Nhà nước hỗ trợ', '-60.000 đ', c.code],
    en: (c) => [unit, 'For Mai · 3A', 'Amount to pay', '936.000 đ', 'Due by', due, 'Waiting for the money', 'within 5 minutes', 'Reload',
      'Scan', 'Save the QR image', account.account_no, 'Copy', '936.000 đ', 'Copy', c.memo, 'Copy', 'Compare the name', account.holder, 'Agribank', 'Open a bank app', '780.000 đ', '216.000 đ', '-60.000 đ', c.code],
  },
  short: {
    vi: (c) => [unit, 'Nộp cho Mai', 'Còn phải nộp', '436.000 đ', 'Bốn trăm ba mươi sáu nghìn đồng', 'Hạn nộp', due, 'Đã nhận 500.000 đ, còn thiếu 436.000 đ', 'Tải lại',
      'Quét mã', 'Lưu ảnh QR', to[0], '436.000 đ', c.memo, account.holder, 'Đã nộp', '500.000 đ', 'Biên lai số 20'],
    en: (c) => [unit, 'For Mai', 'Still to pay', '436.000 đ', due, '500.000 đ received, 436.000 đ missing', 'Scan', to[0], '436.000 đ', c.memo, account.holder, 'Paid so far', '500.000 đ', 'Receipt 20'],
  },
  paid: {
    vi: (c) => [unit, 'Nộp cho Mai · 3A', 'Số tiền phải nộp', '936.000 đ', 'Chín trăm ba mươi sáu nghìn đồng', '✓', 'ĐÃ NHẬN TIỀN', 'Đã đủ 936.000 đ', 'Đã nộp', '936.000 đ', 'Biên lai số 20', c.code],
    en: (c) => [unit, 'For Mai', '936.000 đ', '✓', 'MONEY RECEIVED', '936.000 đ', 'Receipt 20', c.code],
  },
  over: {
    vi: () => [unit, 'Nộp cho Mai', '936.000 đ', '✓', 'ĐÃ NHẬN TIỀN, thừa 64.000 đ', 'trả lại phần thừa', '1.000.000 đ', 'Biên lai số 20'],
    en: () => [unit, '936.000 đ', '✓', 'MONEY RECEIVED, 64.000 đ too much', 'return the surplus', '1.000.000 đ', 'Receipt 20'],
  },
  late: {
    vi: () => [unit, 'Nộp cho Mai', '936.000 đ', '✓', 'ĐÃ NHẬN TIỀN', 'Đã đủ 936.000 đ', 'Biên lai số 20'],
    en: () => [unit, '936.000 đ', '✓', 'MONEY RECEIVED', 'Receipt 20'],
  },
  cancelled: {
    vi: (c) => [unit, 'Nộp cho Mai · 3A', 'Số tiền phải nộp', '936.000 đ', 'Mã này đã hủy', 'đừng chuyển tiền', unit, c.code],
    en: (c) => [unit, '936.000 đ', 'This code was cancelled', 'do not transfer', unit, c.code],
  },
  expired: {
    vi: (c) => [unit, 'Nộp cho Mai · 3A', 'Số tiền phải nộp', '936.000 đ', 'Mã này đã hết hạn', 'đừng chuyển tiền', unit, c.code],
    en: (c) => [unit, '936.000 đ', 'This code has expired', 'do not transfer', unit, c.code],
  },
  stall: {
    vi: (c) => [unit, 'Tự nhập số tiền', 'Đang chờ tiền về', 'Quét mã', to[0], 'Chép', c.memo, 'Chép', account.holder, 'Sạp 12', c.code],
    en: (c) => [unit, 'Enter any amount', 'Waiting for the money', 'Scan', to[0], c.memo, account.holder, 'Sạp 12', c.code],
  },
  stall_paid: {
    vi: (c) => [unit, 'Tự nhập số tiền', '✓', 'Đã nhận 50.000 đ', 'Quét mã', to[0], c.memo, account.holder, 'Đã nộp', '50.000 đ', 'Biên lai số 20'],
    en: (c) => [unit, 'Enter any amount', '✓', '50.000 đ received', 'Scan', to[0], c.memo, account.holder, 'Paid so far', '50.000 đ', 'Receipt 20'],
  },
  card: {
    vi: (c) => [unit, 'Nộp cho Mai', 'Tự nhập số tiền', 'Đang chờ tiền về', 'Quét mã', to[0], c.memo, account.holder, c.code],
    en: (c) => [unit, 'For Mai', 'Enter any amount', 'Waiting for the money', 'Scan', to[0], c.memo, account.holder, c.code],
  },
  payout: {
    vi: (c) => [unit, 'Số tiền chi trả', '500.000 đ', 'Năm trăm nghìn đồng', 'Đang chờ ngân hàng báo', 'Quét mã', PAYEE.account_no, 'Chép', '500.000 đ', 'Chép', c.memo, 'Chép', PAYEE.name, 'Vietcombank', 'Trợ cấp tháng 12'],
    en: (c) => [unit, 'Amount to pay out', '500.000 đ', 'Waiting for the bank', 'Scan', PAYEE.account_no, '500.000 đ', c.memo, PAYEE.name, 'Vietcombank', 'Trợ cấp tháng 12'],
  },
  payout_paid: {
    vi: () => [unit, '500.000 đ', '✓', 'ĐÃ CHUYỂN TIỀN', 'Đã chi', '500.000 đ'],
    en: () => [unit, '500.000 đ', '✓', 'MONEY SENT', 'Paid out', '500.000 đ'],
  },
};
const LEFT = { waiting: 936_000, short: 436_000, stall: null, stall_paid: null, card: null, payout: 500_000 }; // the pages with a QR code

for (const [state, says] of Object.entries(SAYS)) {
  for (const lang of ['vi', 'en']) {
    test(`${state} in ${lang}: what it says, for everybody, at every size`, async () => {
      await s.tab({ locale: lang === 'vi' ? 'vi-VN' : 'en-US', reducedMotion: 'reduce' }, async (t) => {
        await t.goto(all[state].pay_url);
        assert.equal(await t.getAttribute('html', 'lang'), lang);
        inOrder(await seen(t), says[lang](all[state]));
        assert.equal(await t.locator('.qr').count(), state in LEFT ? 1 : 0);
        await accessible(t, lang === 'vi');
      });
    });
  }
}

test('no page of a pupil holds the family name, the full name or the number of the pupil, not even in its source', async () => {
  for (const state of Object.keys(SAYS)) {
    for (const answer of [await s.page(all[state]), await s.get(`${new URL(all[state].pay_url).pathname}.json`)]) {
      for (const word of [PUPIL.name, 'Lò', 'Thị', PUPIL.ref, all[state].id]) assert.ok(!answer.text.includes(word), `${state}: "${word}"`);
    }
  }
});

test('title and link preview tell neither the child nor the sum', async () => {
  for (const [state, code] of Object.entries(all)) {
    const { text } = await s.page(code);
    const said = [...text.matchAll(/<meta[^>]*>|<title>[^<]*/g)].map((m) => m[0]).join('\n');
    assert.match(said, new RegExp(`<title>.*${unit}`));
    assert.match(said, new RegExp(`<meta property="og:title" content="${unit}">`));
    assert.match(said, /<meta name="robots" content="noindex">/);
    // The school's name is random here and may hold digits of its own.
    assert.doesNotMatch(said.replaceAll(unit, ''), /Mai|\d00.000|\d{6}| đ\b/, state);
  }
});

test('text from outside stays text', async () => {
  const label = '<img src=x onerror=alert(1)> & "tiền" {{code}} {{{memo}}}';
  const code = await s.issue({ label, payer: { name: 'Lò <script>alert(2)</script>' } });
  await s.tab({}, async (t) => {
    t.on('dialog', () => assert.fail('a script from a label ran'));
    await t.goto(code.pay_url);
    assert.ok((await seen(t)).includes(label));
    assert.equal(await t.locator('main img, main script').count(), 0);
  });
});

// --- the symbol ---

test('each QR code is large, has a quiet zone, and reads as its payload, on light and dark pages', async () => {
  for (const [state, left] of Object.entries(LEFT)) {
    const code = all[state], { payload } = (await s.get(`${new URL(code.pay_url).pathname}.json`)).json;
    for (const colorScheme of state === 'waiting' ? ['light', 'dark'] : ['dark']) {
      await s.tab({ colorScheme, deviceScaleFactor: 2, viewport: { width: 320, height: 640 } }, async (t) => {
        await t.goto(code.pay_url);
        const box = await t.locator('.qr svg').boundingBox();
        assert.ok(box.width >= 240 && Math.abs(box.width - box.height) < 1, `${box.width} × ${box.height}`);
        const quiet = await t.locator('.qr svg').evaluate((svg) => {
          const view = svg.viewBox.baseVal, ink = svg.querySelector('path').getBBox();
          return [ink.x, ink.y, view.width - ink.x - ink.width, view.height - ink.y - ink.height];
        });
        assert.deepEqual(quiet.filter((modules) => modules < 4), [], 'quiet zone in modules');
        const file = path.join(dir, `${state}.png`);
        await t.locator('.qr svg').screenshot({ path: file });
        assert.equal(readQr(file), payload, state);
      });
    }
    const read = new QRPay(payload), target = state.startsWith('payout') ? PAYEE : account;
    assert.ok(read.isValid);
    assert.equal(read.amount ?? null, left === null ? null : String(left), `${state}: the sum in the symbol`);
    assert.equal(read.consumer.bankNumber, target.account_no);
    assert.equal(read.consumer.bankBin, target.bin);
    assert.ok(read.additionalData.purpose.startsWith(code.code));
  }
});

test('the saved image reads as the payload and shows sum and memo below', async () => {
  for (const state of ['waiting', 'short', 'card']) {
    const { payload } = (await s.get(`${new URL(all[state].pay_url).pathname}.json`)).json;
    await s.tab({ acceptDownloads: true }, async (t) => {
      await t.goto(all[state].pay_url);
      const [download] = await Promise.all([t.waitForEvent('download'), t.getByRole('link', { name: 'Lưu ảnh QR' }).click()]);
      assert.equal(download.suggestedFilename(), `${all[state].code}.png`);
      const file = path.join(dir, 'saved.png');
      await download.saveAs(file);
      assert.equal(readQr(file), payload);
      const header = readFileSync(file).subarray(16, 24), width = header.readUInt32BE(0), height = header.readUInt32BE(4);
      assert.ok(width >= 480, `${width} pixels wide`);
      assert.ok(height >= width + (state === 'card' ? 20 : 40), `${width} × ${height}: no room for what is printed below`);
    });
  }
});

test('a page lists the newest receipts only, of an open stall few: what it takes is its own business', async () => {
  const stall = await s.issue({ kind: 'stall', amount: null, label: undefined, payer: undefined }), card = await s.issue({ kind: 'card', amount: null });
  for (const [code, most, sent] of [[stall, 3, 5], [card, 20, 22]]) {
    for (let i = 1; i <= sent; i++) await s.pay(code, 1000 * i);
    await s.tab({}, async (t) => {
      await t.goto(code.pay_url);
      assert.deepEqual(await t.locator('.done li b').allInnerTexts(), Array.from({ length: most }, (_, i) => `${sent - most + i + 1}.000 đ`));
      await t.getByText(`Đã nhận ${sent}.000 đ`).waitFor();
    });
  }
});

// --- buttons ---

test('copy buttons put the bare value into the clipboard and say so', async () => {
  await s.tab({ permissions: ['clipboard-read', 'clipboard-write'] }, async (t) => {
    await t.goto(all.short.pay_url);
    for (const [label, value] of [['Chép Số tài khoản', account.account_no], ['Chép Số tiền', '436000'], ['Chép Nội dung chuyển khoản', all.short.memo]]) {
      const button = t.locator(`[data-copy="${value}"]`);
      assert.equal(await button.getAttribute('aria-label'), label);
      await button.click();
      await button.getByText('Đã chép').waitFor();
      assert.equal(await button.getAttribute('aria-label'), 'Đã chép');
      assert.equal(await t.evaluate(() => navigator.clipboard.readText()), value);
      assert.equal(await t.locator('[data-said][role=status]').textContent(), `Đã chép: ${value}`, 'a screen reader is not told');
    }
    await t.getByText('Đã chép', { exact: true }).first().waitFor({ state: 'detached' });
    assert.equal(await t.getByRole('button', { name: 'Chép Số tài khoản' }).innerText(), 'Chép');
  });
});

test('copying works where the clipboard is not allowed', async () => {
  await s.tab({}, async (t) => {
    await t.addInitScript(() => { Object.defineProperty(navigator, 'clipboard', { value: undefined }); });
    await t.goto(all.waiting.pay_url);
    await t.evaluate(() => document.addEventListener('copy', () => { window.copied = document.getSelection().toString() || document.activeElement.value; }));
    await t.getByRole('button', { name: 'Chép Số tài khoản' }).click();
    await t.getByText('Đã chép').first().waitFor();
    assert.equal(await t.evaluate(() => window.copied), account.account_no);
  });
});

test('sharing gives the address away, nothing else', async () => {
  await s.tab({}, async (t) => {
    await t.addInitScript(() => { navigator.share = async (what) => { window.shared = what; }; });
    await t.goto(all.waiting.pay_url);
    await t.getByRole('button', { name: 'Gửi cho người khác' }).click();
    assert.deepEqual(await t.evaluate(() => window.shared), { title: unit, url: all.waiting.pay_url });
  });
});

test('the keyboard reaches everything in the order of the page, and one sees where one is', async () => {
  await s.tab({}, async (t) => {
    await t.goto(all.waiting.pay_url);
    const met = [];
    for (let i = 0; i < 12; i++) {
      await t.keyboard.press('Tab');
      const at = await t.evaluate(() => { const e = document.activeElement; return e === document.body ? null : [e.innerText.trim(), getComputedStyle(e).outlineStyle]; });
      if (at === null) break;
      met.push(at[0]);
      assert.notEqual(at[1], 'none', `no outline on ${at[0]}`);
    }
    inOrder(met.join('|'), ['Tải lại', 'Lưu ảnh QR', 'Chép', 'Chép', 'Chép', 'một điện thoại', 'Mở ứng dụng', 'English']);
  });
});

test('a bank app is opened by name, and its address says nothing of the payment', async () => {
  const names = readFileSync(new URL('../../lib/web/bank_apps.tsv', import.meta.url), 'utf8').split('\n').filter((l) => l && !l.startsWith('#')).map((l) => l.split('\t'));
  for (const state of ['waiting', 'short', 'stall']) {
    await s.tab({ javaScriptEnabled: false }, async (t) => {
      await t.goto(all[state].pay_url);
      await t.locator('summary', { hasText: 'Mở ứng dụng ngân hàng' }).click();
      assert.ok(await t.getByText('so tên và số tiền trước khi chuyển').isVisible());
      const links = await t.locator('.apps a').evaluateAll((l) => l.map((a) => [a.innerText, a.href, a.rel, a.target]));
      assert.deepEqual(links, names.map(([id, name]) => [name, `https://dl.vietqr.io/pay?app=${id}`, 'noreferrer', '_blank']));
      assert.ok(await t.locator('.apps a').first().evaluate((a) => a.getBoundingClientRect().height) >= 44);
    });
  }
  for (const state of ['paid', 'cancelled', 'expired', 'payout']) assert.doesNotMatch((await s.page(all[state])).text, /dl\.vietqr/, state);
});

test('who asks for JSON gets the document of the page, everybody else the page', async () => {
  const code = all.short, at = new URL(code.pay_url).pathname, receipt = new URL((await s.show(s.school.token, code)).receipts[0].url).pathname;
  for (const path of [at, receipt]) {
    const document = await s.get(`${path}.json`);
    for (const accept of ['application/json', 'application/json, text/html;q=0.9', 'application/json, */*;q=0.5']) {
      const answer = await s.get(path, { headers: { Accept: accept } });
      assert.equal(answer.type, 'application/json', accept);
      assert.deepEqual(answer.json, document.json);
      assert.match(answer.headers.vary, /Accept(,|$)/);
    }
    for (const accept of [null, '*/*', 'text/html', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html, application/json', 'image/png']) {
      const answer = await s.get(path, { headers: { Accept: accept } });
      assert.equal(answer.type, 'text/html; charset=utf-8', accept);
      assert.match(answer.headers.vary, /Accept(,|$)/);
    }
  }
});

test('without script everything is there, and no button that does nothing', async () => {
  await s.tab({ javaScriptEnabled: false }, async (t) => {
    await t.goto(all.waiting.pay_url);
    assert.equal(await t.locator('button:visible').count(), 0);
    for (const text of ['936.000 đ', account.account_no, account.holder, all.waiting.memo, due, 'Đang chờ tiền về']) assert.ok(await t.getByText(text).first().isVisible(), text);
    assert.equal(await t.getByText('Tải lại để xem kết quả').getAttribute('href'), '');
    await t.getByText('một điện thoại').click();
    assert.ok(await t.getByText('rồi chọn ảnh vừa lưu').isVisible());
    await t.getByRole('link', { name: 'English' }).click();
    await t.getByText('Waiting for the money').waitFor();
  });
});

// --- the stream (what a page makes of it: live.test.mjs) ---

test('a quiet stream beats every 15 seconds and says at once how things are', async () => {
  for (const began = Date.now(); Date.now() - began < 15_000 + 3000 && !quiet.text.includes(':\n\n'); await sleep(100));
  assert.equal(quiet.status, 200);
  assert.equal(quiet.headers['content-type'], 'text/event-stream');
  assert.equal(quiet.headers['cache-control'], 'no-store');
  assert.equal(quiet.headers['content-encoding'], undefined);
  assert.match(quiet.text, /^retry: \d+\n\nevent: status\ndata: \{"status":"issued","mark":"0"\}\n\n(:\n\n)+$/);
  const status = quiet.pieces.find(([, p]) => p.includes('status')), beat = quiet.pieces.find(([, p]) => p.startsWith(':'));
  assert.ok(status[0] < 1500, `the first status came after ${status[0]} ms`);
  assert.ok(Math.abs(beat[0] - 15_000) < 2000, `the first beat came after ${beat[0]} ms`);
  quiet.request.destroy();
});
