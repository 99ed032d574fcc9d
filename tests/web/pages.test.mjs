// Every page in a real browser: accessible, calm at 320 px, complete without script, within its weight, live with it.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import os from 'node:os';
import path from 'node:path';
import { launch } from './browser.mjs';
import { assets, documentOf, names, open, page } from './site.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let site, browser;

before(async () => { site = await open(); browser = await launch(); });
after(async () => { await browser?.close(); await site?.close(); });

// A tab that fails the test when the page complains (script errors, refused by the policy, missing files).
async function tab(options, use) {
  const context = await browser.newContext(options);
  const t = await context.newPage();
  const complaints = [];
  t.on('console', (m) => { if (m.type() === 'error') complaints.push(m.text()); });
  t.on('pageerror', (e) => complaints.push(e.message));
  try {
    await use(t, context);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

for (const name of names) {
  for (const lang of ['vi', 'en']) {
    test(`${name} in ${lang}: axe finds nothing, nothing is wider than a small phone, targets are large`, async () => {
      for (const colorScheme of ['light', 'dark']) {
        await tab({ viewport: { width: 320, height: 640 }, colorScheme, reducedMotion: 'reduce' }, async (t) => {
          await t.goto(`${site.url}/${name}?lang=${lang}`);
          await t.evaluate(axe);
          const { violations } = await t.evaluate(() => window.axe.run());
          assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('; ')}`), []);
          assert.ok(await t.evaluate(() => document.documentElement.scrollWidth) <= 320);
          const small = await t.evaluate(() => [...document.querySelectorAll('a, button, summary')]
            .map((e) => ({ text: e.textContent, box: e.getBoundingClientRect() }))
            .filter(({ box }) => box.width > 0 && (box.height < 44 || box.width < 44)).map(({ text }) => text));
          assert.deepEqual(small, []);
        });
      }
    });
  }
}

test('without script: everything is there, and no button that does nothing', async () => {
  await tab({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } }, async (t) => {
    const asked = documentOf('pay_waiting');
    await t.goto(`${site.url}/pay_waiting`);
    assert.equal(await t.locator('button:visible').count(), 0);
    for (const text of ['936.000 đ', asked.to.account_no, asked.to.holder, asked.memo, '05/12/2026', 'Đang chờ tiền về'])
      assert.ok(await t.getByText(text).first().isVisible(), text);
    assert.equal(await t.getByText('Tải lại để xem kết quả').getAttribute('href'), '');
    assert.equal(await t.getByText('Lưu ảnh QR').first().getAttribute('href'), asked.qr_png);
  });
});

test('the QR code is large enough and reads as the payload, also on a dark page', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'khop-web-'));
  try {
    for (const colorScheme of ['light', 'dark']) {
      await tab({ viewport: { width: 320, height: 640 }, colorScheme, deviceScaleFactor: 2 }, async (t) => {
        await t.goto(`${site.url}/pay_waiting`);
        const box = await t.locator('.qr svg').boundingBox();
        assert.ok(box.width >= 240 && Math.abs(box.width - box.height) < 1, `${box.width} × ${box.height}`);
        const file = path.join(folder, 'qr.png');
        await t.locator('.qr').screenshot({ path: file });
        assert.equal(execFileSync('zbarimg', ['--quiet', '--raw', '--nodbus', file]).toString().trim(), documentOf('pay_waiting').payload);
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('copy buttons put the bare value into the clipboard and say so', async () => {
  await tab({ permissions: ['clipboard-read', 'clipboard-write'] }, async (t) => {
    await t.goto(`${site.url}/pay_short`);
    for (const [label, value] of [['Chép Số tài khoản', '00000000101'], ['Chép Số tiền', '436000'], ['Chép Nội dung chuyển khoản', documentOf('pay_short').memo]]) {
      const button = t.getByRole('button', { name: label });
      await button.click();
      await t.waitForFunction((l) => document.querySelector(`[aria-label="${l}"]`).textContent === 'Đã chép', label);
      assert.equal(await t.evaluate(() => navigator.clipboard.readText()), value);
    }
  });
});

test('live: an event shows the money at once', async () => {
  site.live = documentOf('pay_waiting');
  site.stream = true;
  await tab({}, async (t) => {
    await t.goto(`${site.url}/live`);
    await t.getByText('Đang chờ tiền về').waitFor();
    while (site.streams.size === 0) await new Promise((r) => setTimeout(r, 20));
    const before = site.asked['/live'];
    site.say('event: status\ndata: {"status":"issued","paid":0}\n\n');
    await t.waitForTimeout(300);
    assert.equal(site.asked['/live'], before, 'nothing new, nothing loaded');
    site.live = documentOf('pay_paid');
    site.say('event: status\ndata: {"status":"paid","paid":936000}\n\n');
    await t.getByText('ĐÃ NHẬN TIỀN').waitFor();
    await t.waitForTimeout(300);
    assert.equal(site.asked['/live'], before + 1, 'loaded once');
  });
});

test('live: where no stream comes through, the page asks every 15 seconds', async () => {
  site.live = documentOf('pay_waiting');
  site.stream = false;
  const context = await browser.newContext();
  const t = await context.newPage();
  await t.clock.install();
  await t.goto(`${site.url}/live`);
  await t.getByText('Đang chờ tiền về').waitFor();
  const asked = () => site.asked[site.live.json_url] ?? 0;
  const before = asked();
  await t.clock.runFor(15100);
  await t.waitForTimeout(300);
  assert.equal(asked(), before + 1);
  assert.equal(await t.getByText('Đang chờ tiền về').count(), 1);
  site.live = documentOf('pay_short');
  await t.clock.runFor(15100);
  await t.getByText('còn thiếu 436.000 đ').waitFor();
  await context.close();
});

test('weight: a pay page and its style fit the first 14 KB, script is under 5 KB', () => {
  const weigh = (bytes) => gzipSync(bytes, { level: 6 }).length;
  const [css] = [...assets].find(([n]) => n.endsWith('.css')), [js] = [...assets].find(([n]) => n.endsWith('.js'));
  for (const name of names.filter((n) => n.startsWith('pay'))) {
    const first = weigh(page(name)) + weigh(assets.get(css).bytes);
    assert.ok(first <= 14 * 1024, `${name}: ${first} bytes`);
  }
  assert.ok(weigh(assets.get(css).bytes) < 5 * 1024);
  assert.ok(weigh(assets.get(js).bytes) < 5 * 1024);
});

test('a link preview tells the unit only', () => {
  const html = page('pay_waiting');
  const metas = [...html.matchAll(/<meta property="og:[^>]*>/g)].map((m) => m[0]);
  assert.deepEqual(metas, ['<meta property="og:title" content="Trường Tiểu học Bản Mẫu">']);
  assert.ok(!/<title>[^<]*(Mai|936)/.test(html));
});
