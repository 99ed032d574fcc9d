// What surrounds the API: problem documents and their language, methods, sizes, media types, health, metrics, the contract.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import test from 'node:test';
import { server, sleep } from './harness.mjs';

const s = await server();
const school = await s.org();
const account = await s.account(school.token);

// --- problem documents (RFC 9457) ---

test('a problem says what, where it is explained, and which request it was', async () => {
  const answer = await s.get('/api/v1/codes/cod_0000000000000', { token: school.token });
  assert.equal(answer.status, 404);
  assert.equal(answer.type, 'application/problem+json');
  assert.equal(answer.json.type, `${s.origin}/problems/not_found`);
  assert.equal(answer.json.code, 'not_found');
  assert.match(answer.json.instance, /^urn:khop:request:\S+$/);
  const again = await s.get('/api/v1/codes/cod_0000000000000', { token: school.token });
  assert.notEqual(again.json.instance, answer.json.instance);
  const explained = await s.get(answer.json.type);
  assert.equal(explained.status, 200);
  assert.equal(explained.json.status, 404);
  assert.equal(explained.json.title.en, answer.json.title);
  assert.equal((await s.get('/problems/nothing')).status, 404);
});

for (const [language, vi] of [[undefined, false], ['vi', true], ['vi-VN,vi;q=0.9,en;q=0.8', true], ['en', false], ['en-US,vi;q=0.5', false], ['fr', true], ['fr,en;q=0.1', false], ['en;q=0,vi', true], ['*', true]]) {
  test(`the language of a problem for Accept-Language: ${language}`, async () => {
    const headers = language ? { 'Accept-Language': language } : {};
    const found = await s.get('/api/v1/codes/x', { token: school.token, headers });
    assert.equal(found.json.title, vi ? 'Không tìm thấy' : 'There is nothing here under that name');
    const refused = await s.get('/api/v1/codes', { headers });
    assert.equal(refused.status, 401);
    assert.equal(refused.json.title, vi ? 'Cần mã truy cập hợp lệ' : 'A valid API token is needed');
  });
}

test('every problem has a page in both languages', async () => {
  for (const code of ['bad_request', 'idempotency_key_missing', 'unauthorized', 'forbidden', 'not_found', 'method_not_allowed', 'conflict', 'length_required', 'too_large', 'uri_too_long',
    'unsupported_media_type', 'misdirected', 'invalid', 'idempotency_key_reused', 'too_many_requests', 'headers_too_large', 'internal', 'not_implemented', 'unavailable']) {
    const page = await s.get(`/problems/${code}`);
    assert.equal(page.json.code, code);
    assert.notEqual(page.json.title.en, page.json.title.vi);
  }
});

test('nothing of the request is said back', async () => {
  const mark = `mark${crypto.randomBytes(6).toString('hex')}`;
  const answers = [
    await s.get(`/api/v1/codes/${mark}`, { token: school.token }), await s.get(`/${mark}`), await s.get(`/api/v1/codes?status=${mark}`, { token: school.token }),
    await s.post('/api/v1/codes', { [mark]: mark, account: mark, kind: mark }, { token: school.token, key: mark }), await s.get('/api/v1/codes', { token: mark }),
  ];
  for (const answer of answers) assert.ok(answer.status >= 400 && !JSON.stringify([answer.text, answer.raw]).includes(mark), answer.text);
});

// --- methods and addresses ---

test('an address that is not there: 404, as a page for people', async () => {
  for (const path of ['/nothing', '/api/v1', '/api/v1/', '/api/v2/codes', '/api/v1/codes/', '/API/v1/codes', '//api/v1/codes', '/api/v1/../v1/codes', '/hooks', '/hooks/', '/p/', '/r/', '/log/checkpoint']) {
    for (const method of ['GET', 'POST']) assert.equal((await s.request(method, path, { token: school.token })).status, 404, `${method} ${path}`);
  }
  const page = await s.get('/nothing', { headers: { Accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' } });
  assert.equal(page.status, 404);
  assert.equal(page.type, 'text/html; charset=utf-8');
  const machine = await s.get('/api/v1/nothing', { headers: { Accept: 'text/html' } });
  assert.equal(machine.type, 'application/problem+json');
});

test('pay pages of nobody: 404 in every form; static files may be kept', async () => {
  const token = crypto.randomBytes(18).toString('base64url');
  for (const t of [token, `AAAA${token.slice(4)}`, token.slice(1), 'x', `${token}A`]) {
    for (const form of ['', '.json', '/qr.svg', '/qr.png', '/events']) assert.equal((await s.get(`/p/${t}${form}`)).status, 404, t + form);
  }
  const code = await s.code(school.token, { account: account.id, kind: 'fee', amount: 1 });
  const page = await s.get(code.pay_url);
  const files = [...new Set([...page.text.matchAll(/"(\/static\/[^"]+)"/g)].map((m) => m[1]))];
  assert.ok(files.length >= 2);
  for (const path of files) {
    const file = await s.get(path);
    assert.equal(file.status, 200, path);
    assert.match(file.headers['cache-control'], /immutable/);
  }
  assert.equal((await s.get('/static/nothing.css')).status, 404);
});

test('a payment is told to the page that waits for it', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac');
  const code = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 9000 });
  const events = s.raw(`GET ${new URL(code.pay_url).pathname}/events HTTP/1.1\r\n${host()}Accept: text/event-stream\r\n\r\n`, { wait: 1500 });
  await sleep(200);
  await bank.send({ memo: code.code, amount: 4000 });
  await bank.send({ memo: code.code, amount: 5000 });
  const got = await events;
  assert.match(got, /^HTTP\/1\.1 200 OK\r\n[\s\S]*Content-Type: text\/event-stream/);
  assert.match(got, /event: status\n/);
  assert.match(got, /data: \{"status":"paid","mark":"[0-9a-f]{8}"\}/);
});

test('a method that an address does not take: 405 with Allow', async () => {
  for (const [method, path, allow] of [
    ['POST', '/healthz', 'GET, HEAD'], ['POST', '/openapi.json', 'GET, HEAD'], ['POST', '/api/v1/codes/x', 'GET, HEAD'], ['GET', '/hooks/x', 'POST'], ['HEAD', '/hooks/x', 'POST'],
    ['GET', '/api/v1/codes/x/cancel', 'POST'], ['POST', '/api/v1/receipts', 'GET, HEAD'], ['POST', '/.well-known/jwks.json', 'GET, HEAD'],
  ]) {
    const answer = await s.request(method, path);
    assert.equal(answer.status, 405, `${method} ${path}`);
    assert.equal(answer.headers.allow, allow, `${method} ${path}`);
  }
});

test('methods that nothing takes: 405 when they are known, else 501', async () => {
  for (const [method, status] of [['PUT', 405], ['DELETE', 405], ['PATCH', 405], ['OPTIONS', 405], ['TRACE', 405], ['PROPFIND', 501], ['REPORT', 501]]) {
    const answer = await s.request(method, '/api/v1/codes', { token: school.token });
    assert.equal(answer.status, status, method);
    assert.equal(answer.json.code, status === 405 ? 'method_not_allowed' : 'not_implemented');
    if (status === 405) assert.equal(answer.headers.allow, 'GET, HEAD, POST');
  }
});

test('HEAD everywhere that GET is: the same head, no body', async () => {
  const code = await s.code(school.token, { account: account.id, kind: 'fee', amount: 1 });
  for (const path of ['/healthz', '/readyz', '/openapi.json', '/.well-known/jwks.json', '/api/v1/codes', '/api/v1/accounts', '/api/v1/exceptions', '/api/v1/receipts', new URL(code.pay_url).pathname, new URL(code.qr_svg).pathname, '/', '/nothing']) {
    const get = await s.get(path, { token: school.token }), head = await s.request('HEAD', path, { token: school.token });
    assert.equal(head.status, get.status, path);
    assert.equal(head.headers['content-length'], get.headers['content-length'], path);
    assert.equal(head.type, get.type, path);
  }
});

// --- the wire: what node's client would never send ---

const host = () => `Host: 127.0.0.1:${s.port}\r\n`;
const status = (text) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);

test('a POST without a length is 411', async () => {
  const got = await s.raw(`POST /api/v1/codes HTTP/1.1\r\n${host()}Authorization: Bearer ${school.token}\r\nIdempotency-Key: a\r\n\r\n`);
  assert.equal(status(got), 411);
});

test('a body that is announced too large is refused before it is read', async () => {
  for (const [path, size] of [['/api/v1/codes', 256 * 1024 + 1], ['/hooks/AAAAAAAAAAAAAAAAAAAAAA', 64 * 1024 + 1]]) {
    const got = await s.raw(`POST ${path} HTTP/1.1\r\n${host()}Content-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`);
    assert.equal(status(got), 413, path);
    assert.match(got, /\r\nConnection: close\r\n/i);
  }
});

test('a chunked body counts the same', async () => {
  const body = JSON.stringify({ account: account.id, kind: 'fee', amount: 5 });
  const head = `POST /api/v1/codes HTTP/1.1\r\n${host()}Authorization: Bearer ${school.token}\r\nContent-Type: application/json\r\nIdempotency-Key: ${crypto.randomUUID()}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  assert.equal(status(await s.raw(`${head}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)), 201);
  const piece = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
  assert.equal(status(await s.raw(head + piece.repeat(9))), 413);
});

for (const [name, bytes, expected] of [
  ['a bad escape in the address', (h) => `GET /api/v1/codes?after=%zz HTTP/1.1\r\n${h}\r\n`, 400], ['a NUL in the address', (h) => `GET /api/v1/codes?after=%00 HTTP/1.1\r\n${h}\r\n`, 400],
  ['two lengths', (h) => `POST /api/v1/codes HTTP/1.1\r\n${h}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400], ['no host', () => 'GET /healthz HTTP/1.1\r\n\r\n', 400],
  ['a body on GET', (h) => `GET /healthz HTTP/1.1\r\n${h}Content-Length: 2\r\n\r\n{}`, 400], ['an endless address', (h) => `GET /${'a'.repeat(9000)} HTTP/1.1\r\n${h}\r\n`, 414],
  ['endless headers', (h) => `GET /healthz HTTP/1.1\r\n${h}${'X-A: b\r\n'.repeat(70)}\r\n`, 431],
]) {
  test(`on the wire: ${name} is ${expected}`, async () => {
    const got = await s.raw(bytes(host()));
    assert.equal(status(got), expected, got.slice(0, 200));
    assert.match(got, /X-Content-Type-Options: nosniff/);
  });
}

test('two requests in one packet get two answers in order', async () => {
  const got = await s.raw(`GET /healthz HTTP/1.1\r\n${host()}\r\nGET /api/v1/codes HTTP/1.1\r\n${host()}\r\n`);
  assert.deepEqual([...got.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((m) => m[1]), ['200', '401']);
});

// --- what machines ask ---

test('healthz and readyz say one word', async () => {
  assert.equal((await s.get('/healthz')).text, 'ok\n');
  assert.equal((await s.get('/readyz')).text, 'ready\n');
});

test('the contract is served, names its own paths and is valid OpenAPI in what we use of it', async () => {
  const answer = await s.get('/openapi.json');
  const doc = answer.json;
  assert.equal(doc.openapi.slice(0, 3), '3.1');
  const ids = Object.values(doc.paths).flatMap((p) => Object.values(p)).map((o) => o.operationId ?? assert.fail(o.summary));
  assert.ok(doc.servers.length > 0);
  assert.equal(new Set(ids).size, ids.length);
  for (const [path, item] of Object.entries(doc.paths)) {
    const holes = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
    for (const operation of Object.values(item)) {
      assert.deepEqual((operation.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name).sort(), [...holes].sort(), path);
      assert.ok(operation.summary, path);
      for (const [code, response] of Object.entries(operation.responses)) assert.ok(response.description, `${path} ${code}`);
    }
  }
  for (const name of Object.keys(doc.components.schemas)) s.contract.validator(`/components/schemas/${name}`);
});

test('metrics: the text format, counters that count', async () => {
  const read = async () => {
    const answer = await s.get('/metrics');
    assert.equal(answer.status, 200);
    const values = new Map();
    const typed = new Set();
    for (const line of answer.text.trimEnd().split('\n')) {
      const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
      if (type) typed.add(type[1]);
      if (line.startsWith('#')) continue;
      const m = /^([a-z_]+)(\{[^}]*\})? (\d+(?:\.\d+)?)$/.exec(line);
      assert.ok(m, line);
      assert.ok(typed.has(m[1].replace(/_(bucket|sum|count)$/, '')) || typed.has(m[1]), line);
      values.set(m[1] + (m[2] ?? ''), Number(m[3]));
    }
    return values;
  };
  s.expectLog(/event=notice_held .* reason=bad_amount/);
  const bank = await s.bank(school.token, 'sepay/hmac');
  const before = await read();
  const code = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 1000 });
  const m = await bank.send({ memo: code.code, amount: 1000 });
  await bank.send(m);
  await bank.send({ ...m, amount: 999 });
  await bank.send({ memo: 'x' });
  assert.equal((await bank.deliver(await bank.signed(bank.movement(), { secret: 'wrong' }))).status, 401);
  assert.equal((await bank.deliver(await bank.signed(bank.movement({ amount: 0 })))).status, 200);
  const after = await read();
  const grew = (name) => after.get(name) - before.get(name);
  for (const [name, by] of [['khop_bank_events_total{outcome="settled"}', 1], ['khop_bank_events_total{outcome="no_code"}', 1], ['khop_bank_events_total{outcome="held"}', 1],
    ['khop_notices_repeated_total', 1], ['khop_notices_conflicting_total', 1], ['khop_notices_rejected_total', 1]]) assert.equal(grew(name), by, name);
  assert.ok(grew('khop_http_responses_total{class="2xx"}') >= 6);
  assert.equal(after.get('khop_ready'), 1);
  assert.equal(after.get('khop_http_request_seconds_bucket{le="+Inf"}'), after.get('khop_http_request_seconds_count'));
});

test('metrics are for this machine only', async () => {
  assert.equal((await s.get('/metrics', { headers: { 'X-Forwarded-For': '203.0.113.9' } })).status, 404);
});

test('without its database the server says so, and comes back by itself', async () => {
  s.expectLog(/event=(db_\w+|work_failed|notice_not_stored|deliveries_not_read|signing_failed|job_step_failed|allocation_failed|kinds_not_read)/);
  const code = await s.code(school.token, { account: account.id, kind: 'fee', amount: 1 });
  s.owner('alter database khop allow_connections false', 'postgres');
  s.owner("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'khop'", 'postgres');
  try {
    let answer;
    for (let i = 0; i < 100 && (answer = await s.get('/readyz')).status !== 503; i++) await sleep(50);
    assert.equal(answer.status, 503);
    assert.ok(answer.headers['retry-after']);
    assert.equal((await s.get('/healthz')).status, 200);
    assert.equal((await s.get('/healthz')).status, 200);
    const asked = Date.now(), paths = [`/api/v1/codes/${code.id}`, '/api/v1/codes', '/api/v1/accounts', '/api/v1/connections', '/api/v1/receipts', '/api/v1/exceptions', '/.well-known/jwks.json', new URL(code.pay_url).pathname];
    const answers = await Promise.all(paths.map((path) => s.get(path, { token: school.token })));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [503]);
    assert.ok(Date.now() - asked < 15_000, 'it is said soon');
    const [refused] = answers;
    assert.equal(refused.json.code, 'unavailable');
    assert.ok(refused.headers['retry-after']);
  } finally {
    s.owner('alter database khop allow_connections true', 'postgres');
  }
  for (let i = 0; i < 200 && (await s.get('/readyz')).status !== 200; i++) await sleep(50);
  assert.equal((await s.get('/readyz')).status, 200);
  assert.deepEqual(await s.show(school.token, code), code);
});
