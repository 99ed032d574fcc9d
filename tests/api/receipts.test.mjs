// Receipts: the signed form checked by another library, the documents, gapless numbers, and khop verify against everything
// that is not exactly such a receipt.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { calculateJwkThumbprint, compactVerify, createLocalJWKSet, decodeProtectedHeader } from 'jose';
import { folder, khop, server, stranger } from './harness.mjs';

const s = await server();
const file = folder();
const school = await s.org('C12THMAU'), other = await s.org();
const bank = await s.bank(school.token, 'sepay/hmac');
const year = new Date(Date.now() + 7 * 3600_000).getUTCFullYear();
const jwks = (await s.get('/.well-known/jwks.json')).json;
const keySet = createLocalJWKSet(jwks);

// One paid code with its receipt's three forms.
async function pay(amount = 180000, more = {}) {
  const code = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount, label: 'Tiền ăn', payer: { name: 'Lò Thị Mây' }, ...more });
  const m = await bank.send({ memo: code.code, amount });
  const shown = await s.show(school.token, code);
  assert.equal(shown.receipts.length, 1);
  const jws = await s.get(shown.receipts[0].jws_url);
  assert.equal(jws.status, 200);
  assert.equal(jws.type, 'application/jose');
  return { code, m, receipt: shown.receipts[0], jws: jws.text };
}
const first = await pay();

test('npm jose verifies the signed form with our keys', async () => {
  const { payload, protectedHeader } = await compactVerify(first.jws, keySet);
  assert.deepEqual(protectedHeader, { alg: 'Ed25519', kid: jwks.keys[0].kid, typ: 'khop-receipt+jws' });
  const text = Buffer.from(payload).toString();
  const p = JSON.parse(text);
  assert.equal(JSON.stringify(p), text, 'compact');
  assert.deepEqual(Object.keys(p), ['v', 'iss', 'rid', 'iat', 'paid_at', 'amount', 'cur', 'ref', 'org', 'no']);
  assert.equal(p.v, 1);
  assert.equal(p.iss, s.origin);
  assert.equal(Buffer.from(p.rid, 'base64url').length, 16);
  assert.ok(Math.abs(p.iat - Date.now() / 1000) < 60);
  assert.equal(Date.parse(p.paid_at), first.m.time.getTime());
  assert.match(p.paid_at, /\+07:00$/);
  assert.equal(p.amount, 180000);
  assert.equal(p.cur, 'VND');
  assert.equal(p.ref, first.code.code);
  assert.equal(p.org, 'C12THMAU');
  assert.equal(p.no, first.receipt.number);
  for (const secret of ['Lò', 'LO THI', 'Tiền', bank.account.account_no, bank.account.holder]) assert.ok(!text.includes(secret));
  await assert.rejects(compactVerify(first.jws.replace(/.(?=.{10}$)/, (c) => (c === 'A' ? 'B' : 'A')), keySet));
});

test('node\'s own crypto verifies it, too, and it is the same bytes every time', async () => {
  const [head, payload, signature] = first.jws.split('.');
  const key = crypto.createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: jwks.keys[0].x }, format: 'jwk' });
  assert.ok(crypto.verify(null, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url')));
  for (let i = 0; i < 3; i++) assert.equal((await s.get(first.receipt.jws_url)).text, first.jws);
});

test('the keys: public halves, named by their thumbprints, for every origin', async () => {
  const answer = await s.get('/.well-known/jwks.json');
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  for (const key of answer.json.keys) {
    assert.equal(key.kid, await calculateJwkThumbprint(key));
    assert.ok(key.nbf <= Date.now() / 1000);
  }
  const seed = readFileSync(path.join(s.keys, 'receipt.key'));
  assert.ok(!JSON.stringify(answer.json).includes(seed.toString('base64url')));
});

test('the document for the organisation and the one for everybody', async () => {
  const mine = (await s.get(`/api/v1/receipts/${first.receipt.id}`, { token: school.token })).json;
  assert.deepEqual([mine.number, mine.amount, mine.code, mine.code_id, mine.kind, mine.label, mine.reference, mine.voided],
    [first.receipt.number, 180000, first.code.code, first.code.id, 'fee', 'Tiền ăn', first.m.reference, false]);
  assert.deepEqual(mine.org, { code: 'C12THMAU', name: 'Trường C12THMAU' });
  const open = await s.get(first.receipt.json_url);
  assert.equal(open.headers['access-control-allow-origin'], '*');
  const { id, code_id, label, reference, ...rest } = mine;
  assert.ok(id && code_id && label && reference);
  assert.deepEqual(open.json, rest);
  const page = await s.get(first.receipt.url);
  assert.equal(page.type, 'text/html; charset=utf-8');
  assert.ok(page.text.includes(first.receipt.number));
  for (const secret of ['Lò Thị', bank.account.account_no, 'Tiền ăn']) assert.ok(!page.text.includes(secret) && !open.text.includes(secret));
  for (const at of [stranger(first.receipt.id), 'rcp_x', first.code.id]) assert.equal((await s.get(`/api/v1/receipts/${at}`, { token: school.token })).status, 404);
  assert.equal((await s.get(`/api/v1/receipts/${first.receipt.id}`, { token: other.token })).status, 404);
});

test('an address of nobody: 404 in every form', async () => {
  const token = new URL(first.receipt.url).pathname.slice(3);
  const others = [token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'), crypto.randomBytes(18).toString('base64url'), token.slice(1), `${token}A`, 'x', `AB${token.slice(2)}`];
  for (const t of others) for (const form of ['', '.jws', '.json', '.pdf']) assert.equal((await s.get(`/r/${t}${form}`)).status, 404, t + form);
  const head = await s.request('HEAD', `/r/${token}.jws`);
  assert.equal(head.status, 200);
});

test('numbers have no gap and no repeat, in the list as in the books', async () => {
  const market = await s.org(undefined, 'market');
  const stalls = await Promise.all(['casso/v2', 'sepay/hmac', 'payos/webhook'].map((mode) => s.bank(market.token, mode)));
  const codes = await Promise.all(Array.from({ length: 60 }, (_, i) => s.code(market.token, { account: stalls[i % 3].account.id, kind: 'stall', amount: 1000 + i })));
  await Promise.all(codes.map((c, i) => stalls[i % 3].send({ memo: c.code, amount: 1000 + i })));
  const numbers = (await s.sql(`select no, year from audit.receipt r where r.org_code = '${market.code}' order by no`)).map((r) => `${r.year}/${String(r.no).padStart(6, '0')}`);
  assert.deepEqual(numbers, codes.map((_, i) => `${year}/${String(i + 1).padStart(6, '0')}`));
  for (const limit of [1, 7, 200]) assert.deepEqual((await s.all(`/api/v1/receipts?year=${year}`, market.token, limit === 1 ? 13 : limit)).map((r) => r.number), numbers);
  assert.deepEqual(await s.all(`/api/v1/receipts?year=${year - 1}`, market.token), []);
  assert.equal(new Set((await s.all('/api/v1/receipts', market.token)).map((r) => r.url)).size, 60);
  for (const query of ['year=x', 'year=', 'year=1969', 'year=2026&year=2026', 'limit=0', 'after=x', 'after=MS4x']) assert.equal((await s.get(`/api/v1/receipts?${query}`, { token: market.token })).status, 400, query);
});

test('receipts of a payout, of an open amount, of part payments', async () => {
  const code = await s.code(school.token, { account: bank.account.id, kind: 'payout', amount: 500000, payee: { bin: '970436', account_no: '0071000123456', name: 'LO THI MAY' } });
  await bank.send({ memo: code.code, amount: 500000, direction: 'out' });
  const [receipt] = (await s.show(school.token, code)).receipts;
  const { payload } = await compactVerify((await s.get(receipt.jws_url)).text, keySet);
  assert.equal(JSON.parse(Buffer.from(payload)).ref, code.code);
  const part = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 10 });
  for (const amount of [3, 3, 4]) await bank.send({ memo: part.code, amount });
  const receipts = (await s.show(school.token, part)).receipts;
  assert.deepEqual(receipts.map((r) => r.amount), [3, 3, 4]);
  assert.equal(new Set(receipts.map((r) => r.number)).size, 3);
});

// --- khop verify ---

const jwksFile = file('jwks.json', JSON.stringify(jwks));
const verify = (args, options) => khop(['verify', ...args], options);

test('khop verify: what holds, for people and for programs', async () => {
  const good = file('good.jws', first.jws);
  let run = await verify([good, '--jwks', jwksFile]);
  assert.deepEqual([run.code, run.err], [0, '']);
  assert.match(run.out, /^\S+good\.jws: holds: receipt \d{4}\/\d{6} of C12THMAU at http:\S+, 180000 VND for S[A-Z0-9]{8}, paid \S+\+07:00\n$/);
  run = await verify(['--json', '--jwks', jwksFile, good]);
  assert.equal(run.code, 0);
  const said = JSON.parse(run.out);
  assert.deepEqual([said.ok, said.amount, said.code, said.number, said.org, said.kid], [true, 180000, first.code.code, first.receipt.number, 'C12THMAU', jwks.keys[0].kid]);
  const second = await pay(7000);
  for (const [input, code, holds] of [[first.jws, 0, [true]], [`${first.jws}\n`, 0, [true]], [`${first.jws}\r\n${second.jws}\n`, 0, [true, true]],
    [`${first.jws}\n\n${second.jws}x\n${second.jws}`, 3, [true, false, false, true]], [`${'a'.repeat(5 << 20)}\n${first.jws}\n`, 3, [false, true]], ['', 3, [false]]]) {
    run = await verify(['-', '--jwks', jwksFile], { input });
    assert.deepEqual([run.code, run.out.trimEnd().split('\n').map((l) => / holds: receipt /.test(l))], [code, holds]);
  }
  run = await verify([good, file('second.jws', second.jws), '--jwks', jwksFile]);
  assert.deepEqual([run.code, run.out.trimEnd().split('\n').length], [0, 2]);
});

// A receipt signed as the server would, by the server's own key: only what is signed differs.
const seed = readFileSync(path.join(s.keys, 'receipt.key'));
const privateKey = (bytes) => crypto.createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes]), format: 'der', type: 'pkcs8' });
const b64 = (v) => Buffer.from(v).toString('base64url');
function sign(head, payload, key = seed) {
  const h = typeof head === 'string' || Buffer.isBuffer(head) ? head : JSON.stringify(head), p = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
  const text = `${b64(h)}.${b64(p)}`;
  return `${text}.${crypto.sign(null, Buffer.from(text), privateKey(key)).toString('base64url')}`;
}

test('every receipt that is not exactly one is refused, with exit 3 and one line', async () => {
  const [h, p, g] = first.jws.split('.');
  const head = decodeProtectedHeader(first.jws), content = JSON.parse(Buffer.from(p, 'base64url'));
  const text = Buffer.from(p, 'base64url').toString();
  // The seam itself: signed here with the server's key, the same content is the same receipt.
  assert.equal(sign(head, text), first.jws);
  const foreign = crypto.randomBytes(32);
  const foreignX = crypto.createPublicKey(privateKey(foreign)).export({ format: 'jwk' }).x;
  const foreignKid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: foreignX });
  const flip = (part, at) => { const bytes = Buffer.from(part, 'base64url'); bytes[at < 0 ? bytes.length + at : at] ^= 1; return bytes.toString('base64url'); };
  const last = (part) => { // the spare bits of the last letter
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return part.slice(0, -1) + letters[letters.indexOf(part.at(-1)) ^ 1];
  };
  const with_ = (more) => sign(head, { ...content, ...more });
  const bad = {
    'a changed amount': `${h}.${b64(text.replace('180000', '180001'))}.${g}`,
    'a changed header': `${flip(h, 5)}.${p}.${g}`,
    'a flipped bit of the content': `${h}.${flip(p, 20)}.${g}`,
    'a flipped bit of the signature': `${h}.${p}.${flip(g, 0)}`,
    'the last bit of the signature': `${h}.${p}.${flip(g, -1)}`,
    'spare bits of the signature': `${h}.${p}.${last(g)}`,
    'a signature of zeros': `${h}.${p}.${b64(Buffer.alloc(64))}`,
    'a short signature': `${h}.${p}.${b64(Buffer.from(g, 'base64url').subarray(0, 63))}`,
    'a long signature': `${h}.${p}.${b64(Buffer.concat([Buffer.from(g, 'base64url'), Buffer.alloc(1)]))}`,
    'no signature': `${h}.${p}.`,
    'two parts': `${h}.${p}`,
    'four parts': `${first.jws}.`,
    'five parts': `${h}.${p}.${g}.x.y`,
    'detached': `${h}..${g}`,
    nothing: '',
    'a line end behind it': `${first.jws}\n`,
    'a space in front': ` ${first.jws}`,
    'a space inside': `${h}. ${p}.${g}`,
    'a byte order mark': `\ufeff${first.jws}`,
    'padding at the header': `${h}=.${p}.${g}`,
    'padding at the signature': `${h}.${p}.${g}==`,
    'the other alphabet of base64': sign(head, { ...content, org: '???>>>~~~' }).replaceAll('-', '+').replaceAll('_', '/'),
    'JSON instead of compact': JSON.stringify({ payload: p, protected: h, signature: g }),
    'a key that is not trusted': sign({ ...head, kid: foreignKid }, text, foreign),
    'a foreign key under our name': sign(head, text, foreign),
    'no alg': sign({ kid: head.kid, typ: head.typ }, text),
    'alg none': `${b64(JSON.stringify({ ...head, alg: 'none' }))}.${p}.`,
    'alg none, signed': sign({ ...head, alg: 'none' }, text),
    'alg HS256 with the public key': (() => { const t = `${b64(JSON.stringify({ ...head, alg: 'HS256' }))}.${p}`; return `${t}.${crypto.createHmac('sha256', Buffer.from(jwks.keys[0].x, 'base64url')).update(t).digest('base64url')}`; })(),
    'alg in other case': sign({ ...head, alg: 'ed25519' }, text),
    'another typ': sign({ ...head, typ: 'JWT' }, text),
    'no typ': sign({ alg: head.alg, kid: head.kid }, text),
    'no kid': sign({ alg: head.alg, typ: head.typ }, text),
    crit: sign({ ...head, crit: ['exp'] }, text),
    b64: sign({ ...head, b64: false, crit: ['b64'] }, text),
    'a key brought along': sign({ ...head, jwk: { kty: 'OKP', crv: 'Ed25519', x: foreignX } }, text),
    jku: sign({ ...head, jku: 'https://example.org/jwks.json' }, text),
    x5c: sign({ ...head, x5c: ['AAAA'] }, text),
    'a member more in the header': sign({ ...head, x: 1 }, text),
    'a header member twice': sign(`{"alg":"Ed25519","kid":"${head.kid}","typ":"khop-receipt+jws","typ":"khop-receipt+jws"}`, text),
    'a header that is no object': sign('[]', text),
    'a header that is no JSON': sign('{"alg":"Ed25519"', text),
    'content with a member more': with_({ x: 1 }),
    'content with a member twice': sign(head, text.replace('"cur":"VND"', '"cur":"VND","cur":"VND"')),
    'content without a number': with_({ no: undefined }),
    'content in another order': sign(head, Object.fromEntries(Object.entries(content).reverse())),
    'content with spaces': sign(head, JSON.stringify(content, null, 1)),
    'an amount with a fraction': sign(head, text.replace('180000', '180000.0')),
    'an amount with an exponent': sign(head, text.replace('180000', '18e4')),
    'an amount as text': with_({ amount: '180000' }),
    'an amount below one': with_({ amount: 0 }),
    'another currency': with_({ cur: 'USD' }),
    'another version': with_({ v: 2 }),
    'a code that is none': with_({ ref: 'SB7M4QX2D' }),
    'a time in another zone': with_({ paid_at: content.paid_at.replace('+07:00', 'Z') }),
    'a day that is none': with_({ paid_at: content.paid_at.replace(/-\d\dT/, '-32T') }),
    'a number in other form': with_({ no: content.no.replace('/0', '/') }),
    'a random part of 15 bytes': with_({ rid: b64(Buffer.alloc(15)) }),
    'no organisation': with_({ org: '' }),
    'an escape where none is needed': sign(head, text.replace('C12', '\\u004312')),
    'content that is no UTF-8': sign(head, Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0x7d])])),
    'another kind of document': sign(head, { hello: 'world' }),
    'a megabyte': `${h}.${'A'.repeat(1 << 20)}.${g}`,
  };
  assert.ok(Object.keys(bad).length >= 40);
  const names = Object.keys(bad), files = names.map((name, i) => file(`bad-${i}.jws`, bad[name]));
  const run = await verify(['--json', '--jwks', jwksFile, ...files]);
  assert.equal(run.code, 3, run.err);
  const lines = run.out.trimEnd().split('\n').map((l) => JSON.parse(l));
  assert.equal(lines.length, names.length, 'one line each');
  lines.forEach((l, i) => {
    assert.equal(l.file, files[i]);
    assert.equal(l.ok, false, `${names[i]} is accepted`);
    assert.ok(l.error.length > 10, names[i]);
  });
  const plain = await verify(['--jwks', jwksFile, ...files.slice(0, 3)]);
  assert.equal(plain.code, 3);
  assert.equal(plain.out.trimEnd().split('\n').length, 3);
});

test('khop verify: one bad among good, EdDSA by its older name, what cannot be read', async () => {
  const good = file('g.jws', first.jws), text = Buffer.from(first.jws.split('.')[1], 'base64url').toString();
  const run = await verify([good, file('b.jws', `${first.jws}x`), good, '--jwks', jwksFile]);
  assert.equal(run.code, 3);
  assert.deepEqual(run.out.trimEnd().split('\n').map((l) => / holds: /.test(l)), [true, false, true]);
  const older = file('older.jws', sign({ ...decodeProtectedHeader(first.jws), alg: 'EdDSA' }, text));
  assert.equal((await verify([older, '--jwks', jwksFile])).code, 0);
  assert.equal((await verify([`${good}.not-there`, '--jwks', jwksFile])).code, 3);
  assert.equal((await verify([good])).code, 2);
  assert.equal((await verify(['--jwks', jwksFile])).code, 2);
  assert.equal((await verify([good, '--jwks', `${jwksFile}.not-there`])).code, 1);
  for (const set of ['', '{}', '[]', '{"keys":[]}', JSON.stringify({ keys: [{ ...jwks.keys[0], kid: 'x' }] }), JSON.stringify({ keys: [{ ...jwks.keys[0], kty: 'EC' }] }), JSON.stringify({ keys: [{ ...jwks.keys[0], x: jwks.keys[0].x.slice(2) }] })]) {
    assert.notEqual((await verify([good, '--jwks', file('set.json', set)])).code, 0, set);
  }
  // A key that is none beside a good one does not hurt.
  assert.equal((await verify([good, '--jwks', file('mixed.json', JSON.stringify({ keys: [{ kty: 'RSA', n: 'x', e: 'AQAB', kid: 'r' }, 5, ...jwks.keys] }))])).code, 0);
});
