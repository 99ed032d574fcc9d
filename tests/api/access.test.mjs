// Who may do what: tokens, scopes, organisations; accounts, connections and the rotation of their secrets.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import test from 'node:test';
import zlib from 'node:zlib';
import { digits, server, stranger } from './harness.mjs';
import { MODES } from './providers.mjs';

const s = await server();
const school = await s.org(), other = await s.org();
const account = await s.account(school.token);

// Every call of /api/v1, with the scopes of which one is enough.
const CALLS = [
  ['POST', () => '/api/v1/codes', () => ({ account: account.id, kind: 'fee' }), ['issue'], 201],
  ['GET', () => '/api/v1/codes', undefined, ['read'], 200],
  ['GET', (x) => `/api/v1/codes/${x.code.id}`, undefined, ['read', 'issue'], 200],
  ['GET', (x) => `/api/v1/codes/${x.code.code}`, undefined, ['read', 'issue'], 200],
  ['POST', (x) => `/api/v1/codes/${x.cancelled.id}/cancel`, () => ({}), ['issue', 'accountant'], 200],
  ['GET', () => '/api/v1/receipts', undefined, ['read'], 200],
  ['GET', (x) => `/api/v1/receipts/${x.receipt.id}`, undefined, ['read'], 200],
  ['POST', () => '/api/v1/accounts', () => ({ bin: account.bin, account_no: account.account_no, holder: account.holder }), ['admin'], 201],
  ['GET', () => '/api/v1/accounts', undefined, ['read', 'admin'], 200],
  ['GET', () => `/api/v1/accounts/${account.id}`, undefined, ['read', 'admin'], 200],
  ['POST', () => '/api/v1/connections', () => ({ account: account.id, provider: 'sepay', mode: 'hmac', secret: 'x' }), ['admin'], 201],
  ['GET', () => '/api/v1/connections', undefined, ['admin'], 200],
  ['GET', (x) => `/api/v1/connections/${x.connection.id}`, undefined, ['admin'], 200],
  ['POST', (x) => `/api/v1/connections/${x.connection.id}/secrets`, () => ({ secret: 'y' }), ['admin'], 201],
  ['POST', (x) => `/api/v1/connections/${x.connection.id}/secrets/${x.ended}/end`, undefined, ['admin'], 204],
  ['GET', () => '/api/v1/exceptions', undefined, ['read', 'accountant'], 200],
];

async function things() {
  const bank = await s.bank(school.token, 'sepay/hmac', account);
  const code = await s.code(school.token, { account: account.id, kind: 'fee', amount: 1000 });
  await bank.send({ memo: code.code, amount: 1000 });
  const receipt = (await s.show(school.token, code)).receipts[0];
  const cancelled = await s.code(school.token, { account: account.id, kind: 'fee', amount: 1000 });
  const added = await s.post(`/api/v1/connections/${bank.connection.id}/secrets`, { secret: 'x' }, { token: school.token });
  const ended = added.json.id;
  await s.post(`/api/v1/connections/${bank.connection.id}/secrets/${ended}/end`, undefined, { token: school.token });
  return { code, receipt, cancelled, bank, connection: bank.connection, ended };
}
const mine = await things();

const call = ([method, path, body], token, headers) => s.request(method, path(mine), { token, headers, body: body?.(mine), key: method === 'POST' ? crypto.randomUUID() : undefined });

test('every call with a body refuses what is no such body', async () => {
  const { token } = school;
  for (const c of CALLS.filter(([method, , body]) => method === 'POST' && body)) {
    const path = c[1](mine), send = (body, headers) => s.request('POST', path, { token, body, headers, key: crypto.randomUUID() });
    for (const body of ['{', '[]', '{"a":1,"a":2}', '"x"', `{"a":${'['.repeat(17)}${']'.repeat(17)}}`, Buffer.from('7b2261223a22ff227d', 'hex')]) {
      const answer = await send(body);
      assert.deepEqual([answer.status, answer.json.code], [400, 'bad_request'], `${path} ${body}`);
    }
    for (const type of ['text/plain', null]) assert.equal((await send('{}', { 'Content-Type': type })).status, 415, path);
    assert.equal((await send(Buffer.alloc(256 * 1024 + 1, 0x20))).status, 413, path);
    const answer = await send({ unknown: 1 });
    assert.equal(answer.status, 422, path);
    assert.ok(answer.json.errors.some((e) => e.pointer === '' && e.code === 'unknown'), path);
  }
});

for (const scope of ['read', 'issue', 'accountant', 'admin']) {
  test(`a token with the scope ${scope} may do that and nothing else`, async () => {
    const token = await s.token(school.id, scope);
    for (const c of CALLS) {
      const answer = await call(c, token);
      assert.equal(answer.status, c[3].includes(scope) ? c[4] : 403, `${scope}: ${c[0]} ${c[1](mine)} ${answer.text}`);
      if (answer.status === 403) assert.equal(answer.json.code, 'forbidden');
    }
  });
}

// A well-formed token of nobody.
function forged(random = crypto.randomBytes(32), change = 0) {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE((crc32(random) ^ change) >>> 0);
  return `khop_${Buffer.concat([random, crc]).toString('base64url')}`;
}

function crc32(bytes) {
  // The trailer of gzip holds it.
  return zlib.gzipSync(bytes).readUInt32LE(zlib.gzipSync(bytes).length - 8);
}

test('the form of tokens is the documented one', () => {
  const raw = Buffer.from(school.token.slice(5), 'base64url');
  assert.match(school.token, /^khop_[A-Za-z0-9_-]{48}$/);
  assert.equal(raw.length, 36);
  assert.equal(raw.readUInt32BE(32), crc32(raw.subarray(0, 32)));
});

const BAD_TOKENS = {
  'no header': { Authorization: null },
  'another scheme': { Authorization: `Basic ${Buffer.from(`x:${school.token}`).toString('base64')}` },
  'the token without a scheme': { Authorization: school.token },
  'an empty token': { Authorization: 'Bearer ' },
  'two headers': { Authorization: [`Bearer ${school.token}`, `Bearer ${school.token}`] },
  'a token cut short': { Authorization: `Bearer ${school.token.slice(0, -1)}` },
  'a token with more': { Authorization: `Bearer ${school.token}A` },
  'padding': { Authorization: `Bearer ${school.token}=` },
  'another prefix': { Authorization: `Bearer khoq_${school.token.slice(5)}` },
  'a prefix in capitals': { Authorization: `Bearer KHOP_${school.token.slice(5)}` },
  'a wrong checksum': { Authorization: `Bearer ${forged(undefined, 1)}` },
  'nobody\'s token': { Authorization: `Bearer ${forged()}` },
  'text': { Authorization: 'Bearer khop_x' },
};

for (const [name, headers] of Object.entries(BAD_TOKENS)) {
  test(`${name}: 401 everywhere`, async () => {
    for (const c of CALLS) {
      const answer = await call(c, undefined, headers);
      assert.equal(answer.status, 401, `${c[0]} ${c[1](mine)}`);
      assert.equal(answer.json.code, 'unauthorized');
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
    }
  });
}

test('the word Bearer in any case', async () => {
  for (const word of ['bearer', 'BEARER']) assert.equal((await s.get('/api/v1/accounts', { headers: { Authorization: `${word} ${school.token}` } })).status, 200);
});

test('a token in the address is not looked at', async () => {
  assert.equal((await s.get(`/api/v1/accounts?token=${school.token}&access_token=${school.token}`)).status, 401);
});

test('an expired token and an ended one: 401', async () => {
  for (const column of ['expires_at', 'ended_at']) {
    const token = await s.token(school.id, 'read');
    assert.equal((await s.get('/api/v1/codes', { token })).status, 200);
    s.owner(`update khop.api_token set ${column} = now() - interval '1 second' where token_hash = sha256('${token}')`);
    assert.equal((await s.get('/api/v1/codes', { token })).status, 401, column);
    assert.equal((await s.get('/api/v1/receipts', { token })).status, 401, column);
  }
});

test('no token lies in the database', async () => {
  assert.equal((await s.sql(`select 1 from khop.api_token t where t::text like '%${school.token.slice(5, 20)}%'`, s.ownerDb)).length, 0);
});

test('another organisation sees nothing: 404 for what it names, nothing in its lists', async () => {
  const secret = (await s.get(`/api/v1/connections/${mine.connection.id}`, { token: school.token })).json.secrets[0];
  for (const path of [`codes/${mine.code.id}`, `codes/${mine.code.code}`, `receipts/${mine.receipt.id}`, `connections/${mine.connection.id}`]) {
    assert.equal((await s.get(`/api/v1/${path}`, { token: school.token })).status, 200, path);
    assert.equal((await s.get(`/api/v1/${path}`, { token: other.token })).status, 404, path);
  }
  assert.equal((await s.post(`/api/v1/codes/${mine.code.id}/cancel`, {}, { token: other.token })).status, 404);
  assert.equal((await s.post(`/api/v1/connections/${mine.connection.id}/secrets`, { secret: 'abc' }, { token: other.token })).status, 404);
  assert.equal((await s.post(`/api/v1/connections/${mine.connection.id}/secrets/${secret.id}/end`, undefined, { token: other.token })).status, 404);
  await mine.bank.send({ memo: 'no code here' });
  for (const list of ['codes', 'receipts', 'accounts', 'connections', 'exceptions']) {
    assert.notEqual((await s.all(`/api/v1/${list}`, school.token)).length, 0, list);
    assert.deepEqual(await s.all(`/api/v1/${list}`, other.token), [], list);
  }
  assert.deepEqual(await s.all(`/api/v1/codes?account=${account.id}`, other.token), []);
  const refused = await s.post('/api/v1/connections', { account: account.id, provider: 'sepay', mode: 'hmac', secret: 'x' }, { token: other.token });
  assert.equal(refused.status, 422);
  assert.equal(refused.json.errors[0].pointer, '/account');
});

// --- accounts ---

test('an account again is the same account; another organisation cannot have it', async () => {
  const body = { bin: '970405', account_no: digits(13), holder: 'TRUONG TH MAU' };
  const first = await s.post('/api/v1/accounts', body, { token: school.token });
  assert.equal(first.status, 201);
  const again = await s.post('/api/v1/accounts', { ...body, holder: 'other' }, { token: school.token });
  assert.equal(again.status, 201);
  assert.deepEqual(again.json, first.json);
  const theirs = await s.post('/api/v1/accounts', body, { token: other.token });
  assert.equal(theirs.status, 409);
  assert.equal((await s.post('/api/v1/accounts', { ...body, bin: '970436' }, { token: other.token })).status, 201);
});

test('what was made is read again where Location says; what is not theirs is not there', async () => {
  const made = await s.post('/api/v1/accounts', { bin: '970405', account_no: digits(12), holder: 'A' }, { token: school.token });
  assert.equal(made.headers.location, `/api/v1/accounts/${made.json.id}`);
  assert.deepEqual((await s.get(made.headers.location, { token: school.token })).json, made.json);
  assert.equal((await s.get(made.headers.location, { token: other.token })).status, 404);
  assert.equal((await s.get(`/api/v1/accounts/${stranger(made.json.id)}`, { token: school.token })).status, 404);
  const connection = await s.post('/api/v1/connections', { account: made.json.id, provider: 'sepay', mode: 'apikey', secret: 'k'.repeat(32) }, { token: school.token });
  assert.equal(connection.headers.location, `/api/v1/connections/${connection.json.id}`);
  assert.equal((await s.get(connection.headers.location, { token: school.token })).json.id, connection.json.id);
});

test('an account is refused when the books have no number left, one that is there may be sent again', async () => {
  const org = await s.org(), add = (account_no) => s.post('/api/v1/accounts', { bin: '970405', account_no, holder: 'A' }, { token: org.token });
  const there = digits(14);
  assert.equal((await add(there)).status, 201);
  s.owner(`update khop.account set ledger_no = 11219998 where account_no = '${there}'`);
  assert.equal((await add(digits(14))).json.ledger_no, 11219999);
  const full = await add(digits(14));
  assert.equal(full.status, 409);
  assert.match(full.json.detail, /9,999 accounts/);
  assert.equal((await add(there)).status, 201);
  const foreign = (await s.account(school.token)).account_no;
  assert.match((await s.post('/api/v1/accounts', { bin: '970405', account_no: foreign, holder: 'A' }, { token: other.token })).json.detail, /another organisation/);
});

test('accounts get numbers of the books one after the other', async () => {
  const org = await s.org();
  const made = [];
  for (let i = 0; i < 4; i++) made.push(await s.account(org.token));
  assert.deepEqual(made.map((a) => a.ledger_no), [112101, 112102, 112103, 112104]);
  assert.deepEqual((await s.all('/api/v1/accounts', org.token, 3)).map((a) => a.id).sort(), made.map((a) => a.id).sort());
});

for (const [name, change, pointer, code] of [
  ['no bin', { bin: undefined }, '/bin', 'required'], ['bin of five digits', { bin: '97040' }, '/bin', 'length'], ['bin of letters', { bin: '97O405' }, '/bin', 'digits'],
  ['bin as a number', { bin: 970405 }, '/bin', 'type'], ['no account', { account_no: undefined }, '/account_no', 'required'], ['empty account', { account_no: '' }, '/account_no', 'length'],
  ['account of twenty', { account_no: '1'.repeat(20) }, '/account_no', 'length'], ['account with a space', { account_no: '79 001' }, '/account_no', 'characters'],
  ['account with letters of a country', { account_no: 'ĐỒNG1' }, '/account_no', 'characters'], ['no holder', { holder: undefined }, '/holder', 'required'],
  ['holder too long', { holder: 'x'.repeat(121) }, '/holder', 'length'], ['holder with a NUL', '{"bin":"970405","account_no":"1","holder":"a\\u0007"}', '/holder', 'characters'],
  ['something else', { iban: 'x' }, '', 'unknown'],
]) {
  test(`an account is refused with its place: ${name}`, async () => {
    const answer = await s.post('/api/v1/accounts', typeof change === 'string' ? change : { bin: '970405', account_no: digits(12), holder: 'A', ...change }, { token: school.token });
    assert.equal(answer.status, 422, answer.text);
    assert.ok(answer.json.errors.some((e) => e.pointer === pointer && e.code === code), answer.text);
  });
}

test('what is taken as an account can carry a code', async () => {
  for (const [bin, account_no] of [['970405', '1'], ['970405', digits(19)], ['970422', 'VQRQ00012abc'], ['000000', digits(10)], ['999999', digits(10)]]) {
    const answer = await s.post('/api/v1/accounts', { bin, account_no, holder: 'A' }, { token: school.token });
    assert.ok([201, 422].includes(answer.status));
    if (answer.status === 201) await s.code(school.token, { account: answer.json.id, kind: 'fee', amount: 1 });
  }
});

// --- connections ---

for (const mode of Object.keys(MODES)) {
  test(`${mode}: a connection, its list entry, its secret nowhere to be seen`, async () => {
    const bank = await s.bank(school.token, mode);
    const c = bank.connection;
    assert.equal(`${c.provider}/${c.mode}`, mode);
    assert.equal(c.role, 'settling');
    assert.match(c.url, new RegExp(`^${s.origin}/hooks/[A-Za-z0-9_-]{22}$`));
    const shown = await s.get(`/api/v1/connections/${c.id}`, { token: school.token });
    assert.equal(shown.json.secrets.length, 1);
    const { secrets, ...rest } = shown.json;
    assert.deepEqual(rest, { ...c, active: true });
    const listed = (await s.all('/api/v1/connections', school.token)).find((x) => x.id === c.id);
    assert.deepEqual(listed, rest);
    const inside = bank.secret.split(':').pop().replace(/^wh.._/, '');
    assert.ok(!shown.text.includes(inside));
    const stored = await s.sql(`select encode(sealed, 'escape') as sealed from khop.connection_secret`, s.ownerDb);
    assert.ok(stored.every((r) => !r.sealed.includes(inside)));
  });
}

for (const [provider, mode, secret, pointer, code] of [
  ['sepay', 'hmac', '', '/secret', 'length'], ['sepay', 'hmac', 'a\u0007', '/secret', 'characters'], ['sepay', 'apikey', ' key', '/secret', 'form'], ['sepay', 'apikey', 'key ', '/secret', 'form'],
  ['sepay', 'hmac', 'x'.repeat(201), '/secret', 'length'], ['sepay', 'hmac', 5, '/secret', 'type'], ['sepay', 'hmac', undefined, '/secret', 'required'],
  ['sepay', 'v1', 'x', '/mode', 'mode'], ['casso', 'hmac', 'x', '/mode', 'mode'], ['casso', 'v3', 'x', '/mode', 'mode'], ['payos', 'v2', 'x', '/mode', 'mode'], ['sepay', undefined, 'x', '/mode', 'required'],
  ['momo', 'hmac', 'x', '/provider', 'provider'], ['statement', 'x', 'x', '/mode', 'mode'], ['SePay', 'hmac', 'x', '/provider', 'provider'], [undefined, 'hmac', 'x', '/provider', 'required'],
  ['vietqrvn', 'token', 'nocolon', '/secret', 'form'], ['vietqrvn', 'token', ':password', '/secret', 'form'], ['vietqrvn', 'token', 'user:', '/secret', 'form'],
  ['standardwebhooks', 'hmac', 'plain', '/secret', 'form'], ['standardwebhooks', 'hmac', `whsec_${Buffer.alloc(23).toString('base64')}`, '/secret', 'form'],
  ['standardwebhooks', 'hmac', `whsec_${Buffer.alloc(65).toString('base64')}`, '/secret', 'form'], ['standardwebhooks', 'hmac', 'whsec_!!!!', '/secret', 'form'],
  ['standardwebhooks', 'ed25519', `whsec_${Buffer.alloc(32).toString('base64')}`, '/secret', 'form'], ['standardwebhooks', 'ed25519', `whpk_${Buffer.alloc(31).toString('base64')}`, '/secret', 'form'],
  ['standardwebhooks', 'ed25519', `whsk_${Buffer.alloc(32).toString('base64')}`, '/secret', 'form'],
]) {
  test(`a connection is refused: ${provider} ${mode} ${JSON.stringify(secret)?.slice(0, 24)}`, async () => {
    const to = await s.account(school.token);
    const answer = await s.post('/api/v1/connections', { account: to.id, provider, mode, secret }, { token: school.token });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(answer.json.errors.map((e) => [e.pointer, e.code]), [[pointer, code]]);
  });
}

test('the account of a connection must be there and theirs', async () => {
  const body = (id) => ({ account: id, provider: 'sepay', mode: 'hmac', secret: 'x' });
  const theirs = await s.account(other.token);
  for (const [id, code] of [[stranger(account.id), 'not_found'], [theirs.id, 'not_found'], ['x', 'id'], [undefined, 'required']]) {
    const answer = await s.post('/api/v1/connections', body(id), { token: school.token });
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.json.errors.map((e) => [e.pointer, e.code]), [['/account', code]]);
  }
});

test('the first connection of an account settles, further ones are witnesses', async () => {
  const to = await s.account(school.token);
  const roles = [];
  for (const mode of ['sepay/hmac', 'casso/v2', 'sepay/apikey']) roles.push((await s.bank(school.token, mode, to)).connection.role);
  assert.deepEqual(roles, ['settling', 'witness', 'witness']);
});

// --- rotation (security.md §6) ---

test('rotation: second secret, both good, first ended, only the second good', async () => {
  const token = school.token, bank = await s.bank(token, 'sepay/hmac');
  const at = `/api/v1/connections/${bank.connection.id}`;
  const secrets = async () => (await s.get(at, { token })).json.secrets.map((x) => x.id);
  const rejected = async (secret) => assert.equal((await bank.deliver(await bank.signed(bank.movement(), { secret }))).status, 401);
  const [first] = await secrets();
  await bank.send();
  await rejected('second-secret');

  const added = await s.post(`${at}/secrets`, { secret: 'second-secret' }, { token });
  assert.equal(added.status, 201);
  assert.deepEqual(await secrets(), [first, added.json.id]);
  await bank.send();
  await bank.send({}, { secret: 'second-secret' });

  const third = await s.post(`${at}/secrets`, { secret: 'third' }, { token });
  assert.equal(third.status, 201);
  const fourth = await s.post(`${at}/secrets`, { secret: 'fourth' }, { token });
  assert.equal(fourth.status, 409);

  const end = (id) => s.post(`${at}/secrets/${id}/end`, undefined, { token });
  assert.equal((await end(first)).status, 204);
  assert.equal((await end(first)).status, 204);
  assert.equal((await end(third.json.id)).status, 204);
  assert.deepEqual(await secrets(), [added.json.id]);
  assert.equal((await end(added.json.id)).status, 409);
  await rejected(bank.secret);
  await rejected('third');
  await bank.send({}, { secret: 'second-secret' });
  assert.equal((await end(stranger(first))).status, 404);
  assert.equal((await end('x')).status, 404);
});

test('a new secret has the form of the connection\'s own mode', async () => {
  const token = school.token, bank = await s.bank(token, 'standardwebhooks/hmac');
  const add = (secret) => s.post(`/api/v1/connections/${bank.connection.id}/secrets`, { secret }, { token });
  assert.equal((await add('plain')).json.errors[0].code, 'form');
  assert.equal((await add(undefined)).json.errors[0].code, 'required');
  assert.equal((await add(`whpk_${Buffer.alloc(32).toString('base64')}`)).status, 422);
  assert.equal((await s.post(`/api/v1/connections/${bank.connection.id}/secrets`, { secret: 'x', mode: 'hmac' }, { token })).status, 422);
  await bank.send();
  assert.equal((await s.post(`/api/v1/connections/${stranger(bank.connection.id)}/secrets`, { secret: 'x' }, { token })).status, 404);
  assert.equal((await s.get(`/api/v1/connections/${stranger(bank.connection.id)}`, { token })).status, 404);
  assert.equal((await s.get('/api/v1/connections/con_x', { token })).status, 404);
});
