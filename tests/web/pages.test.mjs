// Pages made from documents that the server cannot be brought to yet, or not in a test's time: a voided receipt, very long
// texts, a bill with lines; and what all pages weigh. What the server itself shows: pay, live and public.test.mjs.
import test from 'node:test';
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { accessible, inOrder, seen } from './stage.mjs';
import { launch } from './browser.mjs';
import { assets, documentOf, names, open, page } from './site.mjs';

const site = await open(), browser = await launch();
test.after(async () => { await browser.close(); await site.close(); });

async function tab(lang, use) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' });
  const t = await context.newPage();
  const complaints = [];
  t.on('console', (m) => { if (m.type() === 'error') complaints.push(m.text()); });
  t.on('pageerror', (e) => complaints.push(e.message));
  try {
    await use(t, (name) => t.goto(`${site.url}/${name}?lang=${lang}`));
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

for (const [name, says] of Object.entries({
  receipt_voided: { vi: ['Biên lai này đã hủy', 'không còn giá trị', 'Xác nhận đã nhận tiền', '2026/000131', '936.000 đ'], en: ['This receipt was voided', 'proves no payment', 'Confirmation of payment', '2026/000131', '936.000 đ'] },
  pay_long: { vi: [documentOf('pay_long').org.name, documentOf('pay_long').payer.name, documentOf('pay_long').memo], en: [documentOf('pay_long').org.name] },
  pay_waiting: { vi: ['936.000 đ', 'Tiền ăn bán trú tháng 12', 'Tiền ăn 26 bữa × 30.000 đ', '780.000 đ', 'Phục vụ bán trú', '120.000 đ', 'Nước uống', '36.000 đ'], en: ['936.000 đ', '780.000 đ', '120.000 đ', '36.000 đ'] },
})) {
  for (const lang of ['vi', 'en']) {
    test(`${name} in ${lang}: what it says, for everybody`, () => tab(lang, async (t, go) => {
      await go(name);
      inOrder(await seen(t), says[lang]);
      await accessible(t, lang === 'vi');
    }));
  }
}

test('weight: a pay page and its style fit the first 14 KB, script is under 5 KB', () => {
  const weigh = (bytes) => gzipSync(bytes, { level: 6 }).length;
  const [css] = [...assets].find(([n]) => n.endsWith('.css')), [js] = [...assets].find(([n]) => n.startsWith('page.') && n.endsWith('.js'));
  for (const name of names.filter((n) => n.startsWith('pay'))) {
    const first = weigh(page(name)) + weigh(assets.get(css).bytes);
    assert.ok(first <= 14 * 1024, `${name}: ${first} bytes`);
  }
  assert.ok(weigh(assets.get(css).bytes) < 6 * 1024); // half of it is for the desk; the pay page bears it once
  assert.ok(weigh(assets.get(js).bytes) < 5 * 1024);
});
