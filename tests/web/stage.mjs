// The installation of the API tests with what pages are made of: a school, its bank, a code in each state that a pay page
// can be in, and tabs that keep account of what they load.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { openSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { Server, sleep } from '../api/harness.mjs';
import { launch } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const SIZES = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 900 } };

// A day at +07:00, some days from now, as the API takes it and as a page shows it.
export const day = (from) => new Date(Date.now() + (from * 24 + 7) * 3600_000).toISOString().slice(0, 10);
export const shown = (date) => date.split('-').reverse().join('/');

export const PUPIL = { ref: 'HS-0042', name: 'Lò Thị Mai', class: '3A' };
export const BILL = [{ label: 'Tiền ăn 26 bữa × 30.000 đ', amount: 780_000 }, { label: 'Phục vụ bán trú', amount: 216_000 }, { label: 'Nhà nước hỗ trợ', amount: -60_000 }];
export const PAYEE = { bin: '970436', account_no: '0071000123456', name: 'LO THI MAY' };

export class Stage extends Server {
  async start() {
    await super.start();
    this.school = await this.org();
    this.purse = await this.bank(this.school.token, 'sepay/hmac');
    this.browser = await launch();
    return this;
  }

  async stop() {
    await this.browser?.close();
    await super.stop();
  }

  issue(more) {
    return this.code(this.school.token, { account: this.purse.account.id, kind: 'fee', amount: 936_000, label: 'Tiền ăn bán trú tháng 12', payer: PUPIL, due_on: day(14), ...more });
  }

  pay(code, amount, more) { return this.purse.send({ memo: `LO VAN HOA ck ${code.code} tien an`, amount, ...more }); }

  async cancel(code) {
    const answer = await this.post(`/api/v1/codes/${code.id}/cancel`, { reason: 'phát nhầm lớp' }, { token: this.school.token });
    assert.equal(answer.status, 200, answer.text);
  }

  // A code in each state; what a page of it must show is in pay.test.mjs.
  async gallery() {
    const all = {
      waiting: await this.issue({ lines: BILL }), short: await this.issue(), paid: await this.issue(), over: await this.issue(), late: await this.issue({ due_on: day(-1) }),
      cancelled: await this.issue(), expired: await this.issue({ expires_at: new Date(Date.now() + 1500).toISOString() }),
      stall: await this.issue({ kind: 'stall', amount: null, label: 'Sạp 12', payer: undefined, due_on: undefined }),
      stall_paid: await this.issue({ kind: 'stall', amount: null, label: 'Sạp 12', payer: undefined, due_on: undefined }),
      card: await this.issue({ kind: 'card', amount: null, label: undefined, due_on: undefined }),
      payout: await this.issue({ kind: 'payout', amount: 500_000, label: 'Trợ cấp tháng 12', payer: undefined, payee: PAYEE, due_on: undefined }),
      payout_paid: await this.issue({ kind: 'payout', amount: 500_000, label: 'Trợ cấp tháng 12', payer: undefined, payee: PAYEE, due_on: undefined }),
    };
    await this.pay(all.short, 500_000);
    await this.pay(all.paid, 936_000);
    await this.pay(all.over, 1_000_000);
    await this.pay(all.late, 936_000);
    await this.pay(all.stall_paid, 50_000);
    await this.pay(all.payout_paid, 500_000, { direction: 'out' });
    await this.cancel(all.cancelled);
    await sleep(Math.max(0, Date.parse(all.expired.expires_at) - Date.now() + 50));
    return all;
  }

  // khopd ends as an operator ends it, and starts again on the same port.
  async restart() {
    const { spawnfile, spawnargs } = this.child;
    this.child.kill('SIGTERM');
    assert.equal(await this.ended, 0, this.log());
    const log = openSync(this.logFile, 'a');
    this.child = spawn(spawnfile, spawnargs.slice(1), { stdio: ['ignore', log, log] });
    this.ended = new Promise((done) => this.child.on('exit', (code, signal) => done(signal ?? code)));
    const child = this.child;
    process.once('exit', () => child.exitCode === null && child.kill('SIGKILL'));
    await this.ready(true);
  }

  // Waits until /readyz says so (or no longer).
  async ready(wanted) {
    for (const began = Date.now(); ; await sleep(20)) {
      const answer = await this.get('/readyz', { unchecked: true }).catch(() => null);
      if ((answer?.status === 200) === wanted) return;
      assert.ok(Date.now() - began < 20_000, `/readyz: ${answer?.status}\n${this.log().slice(-2000)}`);
    }
  }

  // Somebody with a role of an organisation, signed in: {cookie, name}. Straight into the tables: how one signs in is tested elsewhere.
  signedIn(org, role, name = 'Cầm Thị Ơn') {
    const secret = crypto.randomBytes(32), id = crypto.randomBytes(5).readUIntBE(0, 5) + 1, org_id = `(select org_id from khop.org where code = '${org.code}')`;
    this.owner(`insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at) values (${id}, 'u${id}', '${name}', '-', 0, now(), now());
      insert into khop.membership (user_id, org_id, role, created_at, created_by) values (${id}, ${org_id}, '${role}', now(), ${id});
      insert into khop.session (session_id, session_hash, user_id, stage, org_id, bucket, role, scopes, idle_s, created_at, seen_at, expires_at, fresh_at)
      select ${id}, decode('${crypto.createHash('sha256').update(secret).digest('hex')}', 'hex'), ${id}, 2, o.org_id, o.bucket, '${role}', khop.role_scopes('${role}'), 3600, now(), now(), now() + interval '1 hour', now()
        from khop.org o where o.org_id = ${org_id}`);
    return { cookie: secret.toString('base64url'), name, id };
  }

  // A tab of somebody who has signed in.
  desk(who, options, use) {
    return this.tab(options, async (t, context) => {
      await context.addCookies([{ name: 'sid', value: who.cookie, url: this.origin }]);
      await use(t, context);
    });
  }

  page(code, lang = 'vi') { return this.get(new URL(code.pay_url).pathname, { headers: { Accept: 'text/html', 'Accept-Language': lang } }); }

  // A tab for as long as `use` runs. It fails the test when the page complains (script errors, anything the policy
  // refuses, files that are missing) or asks another host for something. asked: every request as [type, URL].
  async tab(options, use) {
    const context = await this.browser.newContext({ locale: 'vi-VN', viewport: SIZES.phone, ...options });
    const t = await context.newPage();
    const complaints = [];
    t.asked = [];
    t.setDefaultTimeout(10_000);
    t.on('request', (r) => t.asked.push([r.resourceType(), r.url()]));
    t.on('console', (m) => { if (m.type() === 'error' && !options.expected?.test(m.text())) complaints.push(m.text()); });
    t.on('pageerror', (e) => { if (!options.expected?.test(e.message)) complaints.push(e.message); });
    try {
      await use(t, context);
      assert.deepEqual(complaints, [], 'what the page complained about');
      assert.deepEqual(t.asked.map(([, url]) => url).filter((url) => !url.startsWith(`${this.origin}/`) && !url.startsWith('data:')), [], 'requests to others');
    } finally {
      await context.close();
    }
  }
}

// One installation per file, made and checked around its tests.
export async function stage(options = {}) {
  const s = new Stage(options);
  after(() => s.stop());
  return s.start();
}

// What axe finds, in lines; `rules` for only some of them.
export async function violations(t, rules) {
  if (!await t.evaluate(() => window.axe !== undefined)) await t.evaluate(axe);
  const { violations: found } = await t.evaluate(([tags, only]) => window.axe.run({ runOnly: only ? { type: 'rule', values: only } : { type: 'tag', values: tags } }), [AXE_TAGS, rules]);
  return found.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('; ')}`);
}

// What holds for every page: axe finds nothing on a phone and on a desk, light and dark (once with all rules, then with
// those that these change), nothing is wider than 320 px, nothing is smaller than a thumb.
export async function accessible(t, everywhere = true) {
  assert.deepEqual(await violations(t), [], 'phone, light');
  for (const [size, colorScheme] of everywhere ? [['phone', 'dark'], ['desk', 'dark'], ['desk', 'light']] : []) {
    await t.setViewportSize(SIZES[size]);
    await t.emulateMedia({ colorScheme });
    assert.deepEqual(await violations(t, ['color-contrast', 'target-size']), [], `${size}, ${colorScheme}`);
  }
  await t.setViewportSize({ width: 320, height: 640 });
  assert.equal(await overflow(t), 0, 'wider than 320 px');
  assert.deepEqual(await small(t), []);
}

// Links, buttons and summaries that can be seen and are smaller than a thumb.
function small(t) {
  return t.evaluate(() => [...document.querySelectorAll('a, button, summary')]
    .map((e) => ({ text: e.textContent, box: e.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && (box.height < 44 || box.width < 44)).map(({ text, box }) => `${text}: ${box.width} × ${box.height}`));
}

export const seen = (t) => t.evaluate(() => document.body.innerText.replace(/\s+/g, ' '));
const overflow = (t) => t.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// The stream of a code's page as it comes over the wire: {began, status, headers, text, pieces: [[ms since it began, text]]}.
export function listen(code) {
  const got = { pieces: [], text: '' };
  got.began = new Promise((done, fail) => {
    got.request = http.get(`${code.pay_url}/events`, { headers: { Accept: 'text/event-stream' } }, (answer) => {
      const at = Date.now();
      Object.assign(got, { status: answer.statusCode, headers: answer.headers });
      answer.on('data', (p) => { got.pieces.push([Date.now() - at, p.toString()]); got.text += p; });
      answer.on('error', () => {});
      done();
    });
    got.request.on('error', fail);
  });
  return got;
}

// Each of the texts stands behind the one before it.
export function inOrder(text, wanted) {
  let from = 0;
  for (const w of wanted) {
    const at = text.indexOf(w, from);
    assert.ok(at >= 0, `"${w}" is missing ${text.includes(w) ? 'behind what must stand before it' : ''} in: ${text}`);
    from = at + w.length;
  }
}

// The text of the one QR code in an image.
export const readQr = (file) => execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
