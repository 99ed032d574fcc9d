// One pupil by hand in a browser: a new one, what is wrong beside its field, a change that somebody else has overtaken, leaving and coming back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { accessible, inOrder, seen, stage } from './stage.mjs';

const s = await stage();

for (const [name, options, look] of [
  ['without script, on a phone', { viewport: { width: 360, height: 740 }, javaScriptEnabled: false }, false],
  ['on a desk', { viewport: { width: 1280, height: 900 } }, true],
]) {
  test(`a pupil by hand ${name}`, async () => {
    const school = await s.org(), accountant = s.signedIn(school, 'accountant', 'Quàng Văn Dũng'), principal = s.signedIn(school, 'principal', 'Lò Thị Hiệu');
    const check = async (t) => { if (look) { await accessible(t, false); await t.setViewportSize(options.viewport); } };
    let page;
    await s.desk(accountant, { reducedMotion: 'reduce', expected: /409|422/, ...options }, async (t) => {
      await t.goto(`${s.origin}/desk/payers`);
      await t.click('text=Thêm một học sinh');
      await t.fill('#ref', 'HS1');
      await t.fill('#name', 'Lò Văn An');
      await t.fill('#class', '1A');
      await t.check('#policy-0');
      await t.selectOption('#months-0', '1');
      await check(t);
      await t.click('main form button');
      inOrder(await seen(t), ['Đã lưu học sinh', 'Lò Văn An', '1A', 'HS1', 'Hỗ trợ tiền ăn học sinh bán trú', '(+1 tháng)']);
      page = t.url().replace(/\?.*/, '');
      await check(t);

      await t.goto(`${s.origin}/desk/payers/new`);
      await t.fill('#ref', 'HS1');
      await t.fill('#name', 'Trùng Mã');
      await t.click('main form button');
      inOrder(await seen(t), ['Mã học sinh', 'Trường đã có học sinh mang mã này']);
      assert.equal(await t.inputValue('#name'), 'Trùng Mã', 'what was typed is there');
      await check(t);

      await t.goto(`${page}/edit`);
      assert.ok(await t.isChecked('#policy-0'));
      assert.equal(await t.inputValue('#months-0'), '1');
      const id = page.split('/').at(-1);
      assert.equal((await s.post(`/api/v1/payers/${id}`, { class: '2A' }, { token: school.token })).status, 200);
      await t.fill('#household', '0912345678');
      await t.click('main form button');
      inOrder(await seen(t), ['Có người vừa sửa học sinh này']);
      assert.equal((await s.get(`/api/v1/payers/${id}`, { token: school.token })).json.class, '2A');
      assert.equal(await t.inputValue('#household'), '0912345678');
      await check(t);
      await t.uncheck('#policy-0');
      await t.click('main form button');
      inOrder(await seen(t), ['Đã lưu học sinh', '0912345678', 'đến']);

      await t.click('summary');
      await t.click('text=Ghi là đã rời trường');
      inOrder(await seen(t), ['Đã lưu học sinh', 'Đã rời trường từ', 'Trở lại trường']);
      await check(t);
      await t.goto(`${s.origin}/desk/payers`);
      assert.ok(!(await seen(t)).includes('Lò Văn An'));
      await t.check('#left');
      await t.click('form[role=search] button');
      assert.ok((await seen(t)).includes('Lò Văn An'));
      await t.goto(page);
      await t.click('text=Trở lại trường');
      assert.ok(!(await seen(t)).includes('Đã rời trường từ'));
    });
    await s.desk(principal, { reducedMotion: 'reduce', ...options }, async (t) => {
      await t.goto(page);
      assert.ok(!(await seen(t)).includes('Sửa học sinh'), 'who approves changes nothing');
    });
  });
}
