// Webhooks to others: what happens is told at least once, under one id, signed so that npm standardwebhooks agrees; whatever the receiver does.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { server, sleep, stranger, until } from './harness.mjs';

// A receiver that keeps what comes and answers as it is told.
class Receiver {
  async open() {
    this.got = [];
    this.answer = () => 204;
    this.server = http.createServer((rq, rs) => {
      const pieces = [];
      rq.on('data', (p) => pieces.push(p));
      rq.on('end', async () => {
        const body = Buffer.concat(pieces).toString(), one = { url: rq.url, headers: rq.headers, body, json: JSON.parse(body), at: Date.now() };
        this.got.push(one);
        const status = await this.answer(one, rs);
        if (status) { rs.writeHead(status); rs.end(); }
      });
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  wait(n) { return until(() => this.got, (got) => got.length >= n); }

  close() { this.server.closeAllConnections(); this.server.close(); }
}

const here = await new Receiver().open(), second = await new Receiver().open();
test.after(() => { here.close(); second.close(); });
const s = await server({ args: ['--webhook-allow', `${here.origin}, ${second.origin}`] });
const school = await s.org(), other = await s.org();
const bank = await s.bank(school.token, 'sepay/hmac');
const TYPES = ['code.paid', 'receipt.issued', 'exception.opened'];
const create = async (url, types = TYPES, token = school.token) => s.post('/api/v1/webhooks', { url, types }, { token });
const show = async (id) => (await s.get(`/api/v1/webhooks/${id}`, { token: school.token })).json;
const log = (id) => s.all(`/api/v1/webhooks/${id}/deliveries`, school.token, 2);
const due = () => s.owner("update khop.delivery set next_at = now() where state = 'pending'");
const paid = async (amount = 180_000) => { const code = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 180_000, payer: { name: 'Lò Thị Mai' } }); await bank.send({ memo: code.code, amount }); return s.show(school.token, code); };

test('what is no address to call is refused with its reason', async () => {
  for (const url of ['http://ketoan.example.vn/', 'https://127.0.0.1/', 'https://localhost/', 'https://a:b@x.vn/', 'https://x.vn:8443/', 'x', `${here.origin}.vn/`]) {
    const answer = await create(url);
    assert.equal(answer.status, 422, url);
    assert.equal(answer.json.errors[0].pointer, '/url');
  }
  for (const types of [[], ['code.gone'], ['code.paid', 'code.paid'], 'code.paid', [5]]) assert.equal((await create(here.origin, types)).json.errors[0].pointer, '/types');
  assert.equal((await create('https://ketoan.example.vn/khop', TYPES, await s.token(school.id, 'read,issue,accountant'))).status, 403);
});

let hook;

test('a payment, its receipt, an exception: each told once, signed, without a name', async () => {
  await paid(); // before there was a webhook
  const made = await create(`${here.origin}/khop?unit=1`);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers.location, `/api/v1/webhooks/${made.json.id}`);
  hook = made.json;
  const code = await paid(), short = await paid(1000);
  await bank.send({ memo: 'khong co ma', amount: 5000 });
  await here.wait(5);
  await sleep(1500);
  const got = here.got.splice(0), by = (type) => got.filter((g) => g.json.type === type).map((g) => g.json.data);
  assert.deepEqual(got.map((g) => g.json.type).sort(), ['code.paid', 'exception.opened', 'exception.opened', 'receipt.issued', 'receipt.issued']);
  assert.deepEqual(by('code.paid'), [{ id: by('code.paid')[0].id, code_id: code.id, code: code.code, amount: 180_000, currency: 'VND', receipt: code.receipts[0].number }]);
  assert.deepEqual(by('receipt.issued').map((d) => [d.id, d.receipt, d.amount]).sort(), [[code.receipts[0].id, code.receipts[0].number, 180_000], [short.receipts[0].id, short.receipts[0].number, 1000]].sort());
  assert.deepEqual(by('exception.opened').map((d) => [d.reason, d.code]).sort(), [['no_code', null], ['short', short.code]]);
  const exceptions = (await s.all('/api/v1/exceptions', school.token)).map((e) => e.id);
  for (const d of by('exception.opened')) assert.ok(exceptions.includes(d.id));
  for (const g of got) {
    assert.equal(g.url, '/khop?unit=1');
    assert.equal(g.headers['webhook-id'], g.json.data.id);
    assert.deepEqual(new Webhook(hook.secret).verify(g.body, g.headers), g.json);
    assert.throws(() => new Webhook(`whsec_${'A'.repeat(43)}=`).verify(g.body, g.headers));
    assert.equal(g.headers['content-type'], 'application/json');
    assert.equal(g.headers['khop-replayed'], undefined);
    assert.match(g.headers.traceparent, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/);
    assert.ok(!g.body.includes('Mai') && !g.body.includes(bank.account.account_no));
  }
  assert.deepEqual((await log(hook.id)).map((d) => [d.state, d.tries, d.last_status]), Array(5).fill(['delivered', 1, 204]));
  assert.deepEqual(await show(hook.id), { ...await show(hook.id), state: 'active', waiting: 0, url: hook.url, types: TYPES });
});

test('the secret is shown once and kept sealed', async () => {
  assert.ok(!JSON.stringify(await show(hook.id)).includes('whsec'));
  const raw = Buffer.from(hook.secret.slice(6), 'base64').toString('hex');
  const [{ n }] = await s.sql(`select count(*)::int as n from khop.webhook where encode(sealed, 'hex') like '%${raw}%'`, s.ownerDb);
  assert.equal(n, 0);
});

test('a receiver that fails gets the same again, under the same id, later and later', async () => {
  let left = 3;
  here.answer = () => (left-- > 0 ? 500 : 200);
  await paid();
  await here.wait(2);
  for (let i = 0; i < 4 && (await show(hook.id)).waiting > 0; i++) { await sleep(700); due(); }
  await here.wait(5);
  await sleep(300);
  const got = here.got.splice(0);
  for (const id of new Set(got.map((g) => g.headers['webhook-id']))) assert.equal(new Set(got.filter((g) => g.headers['webhook-id'] === id).map((g) => g.body)).size, 1, 'another body under the same id');
  for (const g of got) new Webhook(hook.secret).verify(g.body, g.headers);
  assert.equal((await show(hook.id)).state, 'active', 'a success ends the failing');
  const tries = (await log(hook.id)).slice(-2);
  assert.ok(tries.every((d) => d.state === 'delivered' && d.last_status === 200), JSON.stringify(tries));
  assert.equal(tries.reduce((a, d) => a + d.tries, 0), 5);
});

test('the waits between tries: 5 s to 24 h, each shifted by a fifth at most, ten tries in all', async () => {
  here.answer = () => 503;
  await paid();
  await here.wait(2);
  const WAITS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
  for (let n = 0; n < WAITS.length; n++) {
    const rows = await until(async () => (await log(hook.id)).filter((d) => d.last_status === 503), (r) => r.length === 2 && r.every((d) => d.tries === n + 1));
    for (const d of rows) {
      const wait = (Date.parse(d.next_at) - Date.parse(d.last_at)) / 1000;
      assert.ok(wait >= WAITS[n] * 0.8 - 0.001 && wait <= WAITS[n] * 1.2 + 0.001, `try ${n + 1}: ${wait} s`);
    }
    due();
  }
  await until(() => show(hook.id), (h) => h.waiting === 0);
  assert.deepEqual((await log(hook.id)).slice(-2).map((d) => [d.state, d.tries, d.next_at]), Array(2).fill(['failed', 10, null]));
  assert.equal((await show(hook.id)).state, 'failing');
  here.answer = () => 204;
  here.got.splice(0);
});

test('sent again on request, marked as such', async () => {
  const [failed] = (await log(hook.id)).filter((d) => d.state === 'failed');
  const again = await s.post(`/api/v1/webhooks/${hook.id}/deliveries/${failed.id}/resend`, undefined, { token: school.token });
  assert.equal(again.status, 200, again.text);
  assert.deepEqual([again.json.state, again.json.replays], ['pending', 1]);
  const [got] = await here.wait(1);
  assert.equal(got.headers['khop-replayed'], 'true');
  assert.equal(got.headers['webhook-id'], failed.id);
  new Webhook(hook.secret).verify(got.body, got.headers);
  for (const id of [stranger(failed.id), 'evt_x', hook.id]) assert.equal((await s.post(`/api/v1/webhooks/${hook.id}/deliveries/${id}/resend`, undefined, { token: school.token })).status, 404);
  here.got.splice(0);
});

test('another secret: both sign for a day, then only the new one', async () => {
  const renewed = await s.post(`/api/v1/webhooks/${hook.id}/secrets`, undefined, { token: school.token });
  assert.equal(renewed.status, 201, renewed.text);
  await paid();
  const [got] = await here.wait(2);
  for (const secret of [hook.secret, renewed.json.secret]) new Webhook(secret).verify(got.body, got.headers);
  assert.equal((await show(hook.id)).two_secrets, true);
  here.got.splice(0);
  s.owner("update khop.webhook set before_until = now() - interval '1 second' where before_until is not null");
  await paid();
  const [later] = await here.wait(2);
  new Webhook(renewed.json.secret).verify(later.body, later.headers);
  assert.throws(() => new Webhook(hook.secret).verify(later.body, later.headers));
  here.got.splice(0);
});

test('no redirect is followed, and a receiver without end or without an answer holds nobody up', async () => {
  here.answer = (one, rs) => { rs.writeHead(302, { Location: `${second.origin}/inside` }); rs.end(); return 0; };
  await paid();
  await here.wait(2);
  await sleep(300);
  assert.equal(second.got.length, 0);
  here.answer = (one, rs) => { rs.writeHead(200); const more = () => rs.write('x'.repeat(60_000)) ? setImmediate(more) : rs.once('drain', more); rs.on('error', () => {}); more(); return 0; };
  due();
  await here.wait(4);
  await until(() => show(hook.id), (h) => h.waiting === 0, 15_000); // an answer without end is given up
  here.answer = () => new Promise(() => {}); // never
  await paid();
  const quick = await create(second.origin, ['code.paid']);
  await paid();
  await second.wait(1);
  second.got.splice(0);
  assert.equal((await s.post(`/api/v1/webhooks/${quick.json.id}/end`, undefined, { token: school.token })).json.ended_why, 'removed');
  here.server.closeAllConnections();
  here.answer = () => 204;
  for (const began = Date.now(); (await show(hook.id)).waiting > 0; await sleep(300)) { due(); assert.ok(Date.now() - began < 20_000); }
  here.got.splice(0);
});

test('the background process dies on the way: what was not reported comes again', async () => {
  here.answer = () => new Promise(() => {});
  await paid();
  await here.wait(2);
  const first = here.got.splice(0).map((g) => g.headers['webhook-id']).sort();
  s.expectLog(/event=child_ended .*role=jobs/);
  const child = Number(/role=jobs[^\n]*pid=(\d+)/.exec(s.log())?.[1]);
  assert.ok(child > 0, 'no process of jobs in the log');
  process.kill(child, 'SIGKILL');
  here.answer = () => 200;
  s.owner("update khop.delivery set lease_until = now() where lease_until is not null");
  await here.wait(2);
  assert.deepEqual([...new Set(here.got.splice(0).map((g) => g.headers['webhook-id']))].sort(), first);
});

test('410 ends a webhook, so do five days without a success; nothing waits for it any more', async () => {
  s.expectLog(/webhook_ended/);
  here.answer = () => 410;
  await paid();
  await here.wait(1);
  await until(() => show(hook.id), (h) => h.state === 'ended');
  const gone = await show(hook.id);
  assert.deepEqual([gone.ended_why, gone.waiting], ['gone', 0]);
  assert.equal((await s.post(`/api/v1/webhooks/${hook.id}/secrets`, undefined, { token: school.token })).status, 409);
  here.got.splice(0);
  await paid();
  await sleep(1500);
  assert.equal(here.got.length, 0);

  here.answer = () => 500;
  const made = (await create(here.origin, ['code.paid'])).json;
  s.owner(`update khop.webhook set failing_since = now() - interval '121 hours' where ended_at is null`);
  await paid();
  await here.wait(1);
  await until(() => show(made.id), (h) => h.state === 'ended');
  assert.equal((await show(made.id)).ended_why, 'failing');
  const audit = await s.sql("select detail from khop.audit_event where action = 'webhook.end' order by seq", s.ownerDb);
  assert.deepEqual(audit.map((a) => a.detail), [null, 'gone', 'failing']);
});

test('what is of another organisation is not there; ten at once, then ended ones make room', async () => {
  for (const [method, path] of [['GET', ''], ['GET', '/deliveries'], ['POST', '/end'], ['POST', '/secrets']]) {
    assert.equal((await s.request(method, `/api/v1/webhooks/${hook.id}${path}`, { token: other.token })).status, 404, path);
  }
  const made = [];
  for (let i = 0; i < 10; i++) made.push((await create(here.origin, ['code.paid'], other.token)).json);
  assert.equal((await create(here.origin, ['code.paid'], other.token)).status, 409);
  assert.deepEqual((await s.all('/api/v1/webhooks', other.token, 3)).map((w) => w.id).sort(), made.map((w) => w.id).sort());
  for (const w of made) assert.equal((await s.post(`/api/v1/webhooks/${w.id}/end`, undefined, { token: other.token })).status, 200);
  assert.equal((await create(here.origin, ['code.paid'], other.token)).status, 201);
});
