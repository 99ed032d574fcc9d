// What bad input gets at the hooks: the table of security.md §2, row by row, for every provider and mode. Nothing refused is
// kept, nothing held is booked, and a repeat gets what the first got.
import assert from 'node:assert/strict';
import test from 'node:test';
import { digits, number, server } from './harness.mjs';
import * as providers from './providers.mjs';

const s = await server();
s.expectLog(/event=notice_held /);
const school = await s.org();
const { MODES } = providers;
const banks = {};
for (const mode of Object.keys(MODES)) banks[mode] = await s.bank(school.token, mode);

// What the database holds of an account; raw notices are no auditor's business, so the owner looks.
async function kept(bank) {
  const of = `where account_id = ${number(bank.account)}`;
  const [found] = await s.sql(`select (select count(*) from khop.notice ${of}) as notices, (select count(*) from audit.bank_event ${of}) as events, (select count(*) from audit.exception ${of}) as exceptions`, s.ownerDb);
  return found;
}

// Sends it and demands the status; tells what was added to the database.
async function sends(bank, notice, status) {
  const before = await kept(bank), answer = await bank.deliver(notice), after = await kept(bank);
  assert.equal(answer.status, status, answer.text);
  if (status === 401 && bank.mode !== 'vietqrvn/token') assert.equal(answer.text, '');
  return { answer, notices: after.notices - before.notices, events: after.events - before.events, exceptions: after.exceptions - before.exceptions };
}

async function refused(bank, notice, status) {
  const { answer, ...added } = await sends(bank, notice, status);
  assert.deepEqual(added, { notices: 0, events: 0, exceptions: 0 });
  return answer;
}

async function held(bank, notice) {
  const { answer, ...added } = await sends(bank, notice, 200);
  assert.deepEqual(added, { notices: 1, events: 0, exceptions: 1 });
  const [x] = await s.sql(`select reason, held, amount, direction from audit.exception where account_id = ${number(bank.account)} order by opened_at desc, exception_id desc limit 1`);
  assert.deepEqual(x, { reason: 'unreadable_notice', held: 0, amount: null, direction: null });
  const again = await sends(bank, notice, 200);
  assert.deepEqual([again.notices, again.events, again.exceptions], [0, 0, 0]);
  bank.taken(answer);
}

const change = (notice, headers, body) => ({ ...notice, headers: { ...notice.headers, ...headers }, ...(body === undefined ? {} : { body }) });

// The headers that carry the proof.
const PROOF = {
  'sepay/apikey': ['Authorization'], 'sepay/hmac': ['X-SePay-Signature', 'X-SePay-Timestamp'], 'casso/v1': ['secure-token'], 'casso/v2': ['X-Casso-Signature'],
  'payos/webhook': [], 'vietqrvn/token': ['Authorization'], 'standardwebhooks/hmac': ['webhook-signature', 'webhook-id', 'webhook-timestamp'],
  'standardwebhooks/ed25519': ['webhook-signature', 'webhook-id', 'webhook-timestamp'],
};
const TIMED = ['sepay/hmac', 'casso/v2', 'standardwebhooks/hmac', 'standardwebhooks/ed25519'];

// A notice whose body is these bytes, proven where the scheme proves raw bytes; parsed schemes sign what they would parse.
async function proven(bank, raw) {
  const bytes = Buffer.from(raw), notice = await bank.signed(bank.movement());
  switch (bank.mode) {
    case 'sepay/hmac': return change(notice, providers.sepaySigned(bank.secret, bytes), bytes);
    case 'standardwebhooks/hmac': case 'standardwebhooks/ed25519': return change(notice, providers.standardSigned(bank.secret, `msg_${digits(9)}`, bytes), bytes);
    default: return change(notice, {}, bytes);
  }
}
// Their JSON must be parsed before it can be proven (security.md §2 rule 1), or is proven by its sender alone.
const PARSED = ['casso/v2', 'payos/webhook', 'vietqrvn/token'];

for (const [mode, bank] of Object.entries(banks)) {
  for (const name of PROOF[mode]) {
    test(`${mode}: without ${name} 401, twice 400`, async () => {
      const notice = await bank.signed(bank.movement());
      await refused(bank, change(notice, { [name]: null }), 401);
      await refused(bank, change(notice, { [name]: '' }), 401);
      await refused(bank, change(notice, { [name]: [notice.headers[name], notice.headers[name]] }), 400);
    });
  }

  test(`${mode}: another secret, a changed body`, async () => {
    const m = bank.movement();
    await refused(bank, await bank.signed(m, { secret: bank.secret }).then((n) => tamper(bank, n)), 401);
    const other = MODES[mode].secrets().secret;
    if (mode === 'vietqrvn/token') {
      for (const wrong of [other, bank.secret.replace(/.$/, 'x'), 'a:b', ':', '']) await refused(bank, { path: '/api/token_generate', headers: providers.basic(wrong), body: '{}' }, 401);
      await refused(bank, { path: '/api/token_generate', headers: { Authorization: null }, body: '{}' }, 401);
    } else {
      await refused(bank, await bank.signed(m, { secret: other }), 401);
    }
  });

  if (TIMED.includes(mode)) {
    test(`${mode}: five minutes off is stale, both ways; four are not`, async () => {
      s.expectLog(new RegExp(`stale_alarm .*${bank.connection.id}`)); // four of them
      for (const minutes of [-5.1, 5.1, -60 * 24, 60 * 24]) await refused(bank, await bank.signed(bank.movement(), { at: Date.now() + minutes * 60_000 }), 401);
      for (const minutes of [-4.8, 4.8]) assert.equal((await sends(bank, await bank.signed(bank.movement(), { at: Date.now() + minutes * 60_000 }), 200)).events, 1);
    });
  }

  test(`${mode}: another media type or coding is 415`, async () => {
    const notice = await bank.signed(bank.movement());
    for (const type of ['text/plain', 'application/xml', 'application/json; charset=utf-16']) await refused(bank, change(notice, { 'Content-Type': type }), 415);
    await refused(bank, change(notice, { 'Content-Encoding': 'gzip' }), 415);
    if (!mode.startsWith('sepay'))
      for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) await refused(bank, change(notice, { 'Content-Type': type }), 415);
    assert.equal((await sends(bank, change(notice, { 'Content-Type': 'application/json; charset=UTF-8' }), 200)).events, 1);
  });

  test(`${mode}: over 64 KiB is 413 and not read`, async () => {
    const notice = await bank.signed(bank.movement());
    await refused(bank, change(notice, {}, Buffer.alloc(64 * 1024 + 1, 0x20)), 413);
  });

  for (const [name, raw] of [
    ['no JSON', '{"id":1'], ['nothing', ''], ['not UTF-8', Buffer.from('7b226964223a22ff227d', 'hex')], ['two values', '{} {}'], ['a member twice', '{"id":1,"id":2}'],
    ['nested too deep', `{"data":${'['.repeat(17)}${']'.repeat(17)}}`], ['too many values', `{"data":[${'0,'.repeat(2100)}0]}`],
  ]) {
    test(`${mode}: a body that is ${name}: ${PARSED.includes(mode) ? '400' : 'held'}`, async () => {
      const notice = await proven(bank, raw);
      if (PARSED.includes(mode)) await refused(bank, notice, 400);
      else await held(bank, notice);
    });
  }

  // Authentic but unusable.
  for (const [name, more, form] of [
    ['amount 0', { amount: 0 }], ['amount too large', { amount: 1000000000000 }], ['amount with a fraction', { amount: 180000.5 }],
    ['a memo too long', { memo: 'x'.repeat(4097) }], ['an empty account', { account: '' }],
  ]) {
    test(`${mode}: ${name} is held, nothing is booked`, async () => { await held(bank, await bank.signed(bank.movement(more))); assert.equal(form, undefined); });
  }

  test(`${mode}: a memo with NUL, line ends, half a letter and all of Unicode is booked`, async () => {
    const code = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 180000 });
    const m = bank.movement({ memo: `Lò\u0000Thị\r\nMây 🙂\ud800 ${code.code}\u202e` });
    const { events } = await sends(bank, await bank.signed(m), 200);
    assert.equal(events, 1);
    assert.equal((await bank.event(m)).outcome, 'settled');
  });

  test(`${mode}: the sender's own extra members are ignored`, async () => {
    const m = bank.movement(), notice = await bank.signed(m);
    if (mode === 'sepay/apikey' || mode === 'vietqrvn/token') {
      assert.equal((await sends(bank, change(notice, {}, JSON.stringify({ ...JSON.parse(notice.body), extra: { a: [1, null] } })), 200)).events, 1);
    } else {
      assert.equal((await sends(bank, notice, 200)).events, 1);
    }
  });
}

// One byte of what is proven.
function tamper(bank, notice) {
  switch (bank.mode) {
    case 'sepay/apikey': return change(notice, { Authorization: `${notice.headers.Authorization.slice(0, -1)}_` });
    case 'casso/v1': return change(notice, { 'secure-token': `${notice.headers['secure-token']}x` });
    case 'vietqrvn/token': return change(notice, { Authorization: notice.headers.Authorization.replace(/.$/, (c) => (c === 'A' ? 'E' : 'A')) });
    default: return change(notice, {}, notice.body.replace('180000', '180001'));
  }
}

// --- one provider's own rules ---

test('SePay: the proof in other spellings', async () => {
  const bank = banks['sepay/hmac'], key = banks['sepay/apikey'];
  const notice = await bank.signed(bank.movement());
  const hex = notice.headers['X-SePay-Signature'].slice(7), t = notice.headers['X-SePay-Timestamp'];
  for (const signature of [hex, `sha1=${hex}`, `sha256=${hex.slice(2)}`, `sha256=${hex}00`, `sha256=${hex.replace(/./, 'g')}`, 'sha256=']) await refused(bank, change(notice, { 'X-SePay-Signature': signature }), 401);
  for (const time of [`+${t}`, `0${t}`, `${t}.0`, 'now', '-1']) await refused(bank, change(notice, { 'X-SePay-Timestamp': time }), 401);
  const good = await key.signed(key.movement());
  for (const value of [key.secret, `Bearer ${key.secret}`, `Apikey ${key.secret} x`, `Apikey${key.secret}`, 'Apikey ']) await refused(key, change(good, { Authorization: value }), 401);
  assert.equal((await sends(key, change(good, { Authorization: `apikey ${key.secret}` }), 200)).events, 1);
});

test('SePay: a form instead of JSON', async () => {
  for (const mode of ['sepay/apikey', 'sepay/hmac']) {
    const bank = banks[mode];
    const code = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 180000 });
    const m = bank.movement({ memo: `${code.code} & tiền ăn = 5%` }), fields = Object.entries(providers.sepayBody(m)).filter(([, v]) => v !== null);
    const send = async (body, status = 200) => {
      const headers = mode === 'sepay/hmac' ? providers.sepaySigned(bank.secret, body) : (await bank.signed(m)).headers;
      return sends(bank, { path: '', headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' }, body }, status);
    };
    const body = new URLSearchParams(fields).toString();
    assert.equal((await send(body)).events, 1);
    assert.equal((await send(body)).events, 0);
    assert.equal((await bank.event(m)).outcome, 'settled');
    assert.equal((await send(`${body}&id=5`)).exceptions, 1, 'a member twice is held');
    assert.equal((await send('%zz')).exceptions, 1);
    assert.equal((await send(body.replace(String(m.id), digits(12)).replace('transferAmount=180000', 'transferAmount=1e5'))).exceptions, 1);
  }
});

test('SePay: ids, directions and types that are none are held', async () => {
  const bank = banks['sepay/hmac'];
  for (const more of [{ id: null }, { id: -1 }, { id: '92704001' }, { id: 1.5 }, { transferType: 'IN' }, { transferType: null }, { transferType: 'reversal' }, { transferAmount: '180000' }, { transferAmount: null },
    { transferAmount: -5 }, { accountNumber: 7900123450011 }, { accountNumber: null }, { transactionDate: '2026-02-30 08:00:00' }, { transactionDate: null }, { transactionDate: 1795136600 }, { content: 5 }]) {
    await held(bank, await proven(bank, JSON.stringify({ ...providers.sepayBody(bank.movement()), ...more })));
  }
  for (const amount of ['3e3', '180000.0', '1e400', '99999999999999999999']) {
    await held(bank, await proven(bank, JSON.stringify(providers.sepayBody(bank.movement())).replace('"transferAmount":180000', `"transferAmount":${amount}`)));
  }
});

test('Casso v2: the signed form survives how the body is written', async () => {
  const bank = banks['casso/v2'];
  const m = bank.movement({ memo: 'Nộp / lớp 1A "x" \\ 🙂' }), body = providers.casso2Body(m), headers = providers.casso2Signed(bank.secret, body);
  const escaped = JSON.stringify(body, null, 2).replace(/[^\x20-\x7e\n]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).replaceAll('/', '\\/');
  assert.equal((await sends(bank, { path: '', headers, body: escaped }, 200)).events, 1);
  assert.equal((await sends(bank, { path: '', headers, body: JSON.stringify(body) }, 200)).events, 0);
  const value = headers['X-Casso-Signature'], n = providers.casso2Body(bank.movement());
  for (const bad of [value.replace('t=', 'T='), value.replace(',', ';'), value.slice(0, -2), value.replace('v1=', 'v2='), `${value.split(',')[0]},${value}`]) await refused(bank, { path: '', headers: { ...headers, 'X-Casso-Signature': bad }, body: JSON.stringify(body) }, 401);
  for (const more of [{ error: 1 }, { error: '0' }, { error: true }]) { const b = { ...n, ...more }; await held(bank, { path: '', headers: providers.casso2Signed(bank.secret, b), body: JSON.stringify(b) }); }
  const missing = { ...n, data: { ...n.data, amount: undefined } };
  await refused(bank, { path: '', headers: providers.casso2Signed(bank.secret, JSON.parse(JSON.stringify(missing))), body: JSON.stringify(missing) }, 400);
});

test('Casso v1: what is no list, an error, a line without id', async () => {
  const bank = banks['casso/v1'], { headers } = await bank.signed(bank.movement());
  const item = providers.casso1Item(bank.movement());
  for (const body of [{ error: 0, data: {} }, { error: 0 }, { error: 1, data: [item] }, { error: 0, data: [{ ...item, id: undefined }] }, { error: 0, data: [{ ...item, when: 'x' }] }, { error: 0, data: [5] }]) await held(bank, { path: '', headers, body: JSON.stringify(body) });
});

test('Casso v1: a list as long as a body can be is booked', async () => {
  const bank = banks['casso/v1'], { headers } = await bank.signed(bank.movement());
  const item = providers.casso1Item(bank.movement()), list = Array.from({ length: 130 }, (_, i) => ({ ...item, id: 7_000_000 + i, tid: `L${i}`, description: '' }));
  assert.equal((await sends(bank, { path: '', headers, body: JSON.stringify({ error: 0, data: list }) }, 200)).events, 130);
});

test('payOS: its own sample for a new address, and what the signature does not cover', async () => {
  const bank = banks['payos/webhook'];
  const data = providers.payosBody(bank.movement({ memo: 'VQRIO123', account: '12345678' }));
  // Confirming an address sends an order that nobody has, for an account that is not ours: 2xx, or payOS refuses the address.
  bank.taken(await bank.deliver({ path: '', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(providers.payosSigned(bank.secret, data)) }));
  const m = bank.movement(), signed = providers.payosSigned(bank.secret, providers.payosBody(m));
  const post = (body) => ({ path: '', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal((await sends(bank, post({ ...signed, code: '99', success: false, desc: 'x' }), 200)).events, 1, 'outer members decide nothing');
  assert.equal((await sends(bank, post(signed), 200)).events, 0);
  await refused(bank, post({ ...signed, signature: undefined }), 401);
  await refused(bank, post({ ...signed, signature: 5 }), 401);
  await refused(bank, post({ ...signed, signature: signed.signature.slice(1) }), 401);
  await refused(bank, post({ ...signed, data: [] }), 400);
  await refused(bank, post({ ...signed, data: undefined }), 400);
  const again = (more) => post(providers.payosSigned(bank.secret, { ...providers.payosBody(bank.movement()), ...more }));
  for (const more of [{ code: '01' }, { currency: 'USD' }, { reference: '' }, { paymentLinkId: '' }]) await held(bank, again(more));
  for (const more of [{ amount: '180000' }, { orderCode: 'x' }, { reference: 5 }]) await refused(bank, again(more), 400);
});

test('payOS: a memo that spells members cannot move money', async () => {
  const bank = banks['payos/webhook'];
  const m = bank.movement({ memo: 'x&reference=FT1' });
  await held(bank, await bank.signed(m));
  // The same signed text read as another body.
  const data = providers.payosBody(bank.movement({ memo: 'a' }));
  const shifted = { ...data, description: `a&orderCode=${data.orderCode}`, orderCode: undefined };
  const real = providers.payosSigned(bank.secret, data);
  const { answer, ...added } = await sends(bank, { path: '', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...real, data: shifted }) }, 400).catch(async () => ({ answer: null }));
  assert.ok(answer === null || added.events === 0);
});

test('VietQR.vn: token, both spellings, doubled slashes, times as text', async () => {
  const bank = banks['vietqrvn/token'];
  const token = async (path = '/api/token_generate', body = '{}') => {
    const answer = await bank.deliver({ path, headers: providers.basic(bank.secret), body });
    assert.equal(answer.status, 200, answer.text);
    return { Authorization: `Bearer ${answer.json.access_token}`, 'Content-Type': 'application/json' };
  };
  const sync = (headers, body, path = '/bank/api/transaction-sync') => ({ path, headers, body: JSON.stringify(body) });
  await token('//api/token_generate');
  await token('/api/token_generate', '');
  for (const [camel, path] of [[false, '/bank/api/transaction-sync'], [true, '/bank/api/transaction-sync'], [false, '//bank/api/transaction-sync'], [true, '//bank/api/transaction-sync']]) {
    const code = await s.code(school.token, { account: bank.account.id, kind: 'fee', amount: 180000 });
    const m = bank.movement({ memo: `VQR1a2b3c4d5e ${code.code}` });
    const { answer, events } = await sends(bank, sync(await token(), providers.vietqrvnBody(m, camel), path), 200);
    assert.equal(events, 1);
    bank.taken(answer);
    assert.equal((await bank.event(m)).outcome, 'settled');
    // The other spelling is the same movement, and gets our same id.
    const again = await sends(bank, sync(await token(), providers.vietqrvnBody(m, !camel)), 200);
    assert.equal(again.answer.text, answer.text);
  }
  const m = bank.movement(), body = providers.vietqrvnBody(m);
  assert.equal((await sends(bank, sync(await token(), { ...body, amount: '180000', transactiontime: String(body.transactiontime) }), 200)).events, 1);
  const headers = await token();
  for (const bad of ['', 'x', headers.Authorization.slice(0, -3), `${headers.Authorization}x`, headers.Authorization.replace('Bearer', 'Basic'), 'Bearer kvt1.1.x', 'Bearer kvt1.99999999999.x']) await refused(bank, sync({ ...headers, Authorization: bad }, body), 401);
  // A token of another connection is none of this one.
  const other = await s.bank(school.token, 'vietqrvn/token');
  const theirs = await other.deliver({ path: '/api/token_generate', headers: providers.basic(other.secret), body: '{}' });
  await refused(bank, sync({ ...headers, Authorization: `Bearer ${theirs.json.access_token}` }, body), 401);
  const answer = await refused(bank, sync(headers, { ...body, amount: undefined }), 400);
  assert.deepEqual([answer.json.error, answer.json.object], [true, null]);
  for (const more of [{ referencenumber: undefined }, { referencenumber: '' }, { transType: 'X' }, { transactiontime: 1795136591 }, { bankAccount: '999' }, { amount: '18e4' }]) await held(bank, sync(headers, { ...body, ...more }));
  assert.equal((await bank.deliver({ path: '', headers, body: JSON.stringify(body) })).status, 404);
});

test('Standard Webhooks: several signatures, other versions, other types', async () => {
  for (const mode of ['standardwebhooks/hmac', 'standardwebhooks/ed25519']) {
    const bank = banks[mode];
    const notice = async () => bank.signed(bank.movement());
    const n = await notice(), signature = n.headers['webhook-signature'];
    const wrong = `${signature.split(',')[0]},${Buffer.alloc(mode.endsWith('hmac') ? 32 : 64).toString('base64')}`;
    for (const value of [`${wrong} ${signature}`, `v9,AAAA ${signature} v9,BBBB`, `${signature} ${wrong}`]) {
      const one = await notice();
      assert.equal((await sends(bank, change(one, { 'webhook-signature': value.replace(signature, one.headers['webhook-signature']) }), 200)).events, 1);
    }
    for (const value of [wrong, signature.replace(/^v1a?/, 'v2'), signature.slice(0, -2), signature.replace(',', ';'), `x${signature}`]) await refused(bank, change(n, { 'webhook-signature': value }), 401);
    await refused(bank, change(n, { 'webhook-signature': Array(7).fill(wrong).join(' ') }), 400);
    await refused(bank, change(n, { 'webhook-id': `${n.headers['webhook-id']}x` }), 401);
    const post = (body, id = `msg_${digits(9)}`) => { const raw = JSON.stringify(body); return { path: '', headers: providers.standardSigned(bank.secret, id, raw), body: raw }; };
    await refused(bank, post(providers.standardBody(bank.movement()), 'msg.1'), 401);
    // Other types are not ours: taken, ignored, not kept.
    await refused(bank, post({ type: 'bank.balance', timestamp: new Date().toISOString(), data: {} }), 200);
    const body = providers.standardBody(bank.movement()), data = (more) => post({ ...body, data: { ...body.data, ...more } });
    for (const bad of [post({ ...body, type: undefined }), post({ ...body, data: [] }), data({ id: undefined }), data({ account_no: undefined }), data({ direction: 'both' }), data({ direction: undefined }), data({ amount: undefined }),
      data({ amount: '5' }), data({ amount: -5 }), data({ paid_at: undefined }), data({ paid_at: 'today' }), data({ currency: 'USD' }), data({ counterparty: 5 }), data({ memo: 5 })]) await held(bank, bad);
    for (const good of [data({ memo: null, reference: null, balance: null, counterparty: null }), data({ paid_at: '2026-11-20T01:03:11Z', id: 'y' }), data({ currency: 'VND', id: 'z' })]) assert.equal((await sends(bank, good, 200)).events, 1);
  }
});

test('Standard Webhooks: one movement in two messages is one payment, another content under its id is shown to a person', async () => {
  const bank = banks['standardwebhooks/hmac'], m = bank.movement(), body = providers.standardBody(m);
  const post = (id, data) => { const raw = JSON.stringify({ ...body, data: { ...body.data, ...data } }); return { path: '', headers: providers.standardSigned(bank.secret, id, raw), body: raw }; };
  assert.equal((await sends(bank, post(`msg_${digits(9)}`), 200)).events, 1);
  assert.equal((await sends(bank, post(`msg_${digits(9)}`), 200)).events, 0, 'the same movement in another message');
  const before = (await s.exceptions(bank.account.id)).length;
  assert.equal((await sends(bank, post(`msg_${digits(9)}`, { amount: m.amount + 1 }), 200)).events, 0);
  const opened = (await s.exceptions(bank.account.id)).slice(before);
  assert.deepEqual(opened.map((e) => [e.reason, e.held]), [['body_conflict', 0]]);
  assert.equal((await bank.event(m)).ext_id, body.data.id);
});

for (const mode of TIMED) {
  test(`${mode}: a clock that is off is an alarm at the fourth notice in ten minutes, once, with an audit event`, async () => {
    const bank = await s.bank(school.token, mode), other = await s.bank(school.token, mode);
    const stale = async (b, n) => { for (let i = 0; i < n; i++) assert.equal((await b.deliver(await b.signed(b.movement(), { at: Date.now() - 6 * 60_000 }))).status, 401); };
    const lines = (b) => s.log().split('\n').filter((l) => l.includes('stale_alarm') && l.includes(b.connection.id));
    const alarms = async () => Number(/^khop_stale_alarms_total (\d+)$/m.exec((await s.get('/metrics')).text)[1]);
    s.expectLog(new RegExp(`stale_alarm .*${bank.connection.id}`));
    const before = await alarms();
    for (let i = 0; i < 5; i++) await bank.deliver(await bank.signed(bank.movement(), { at: Date.now() - 6 * 60_000, secret: MODES[mode].secrets().secret })); // wrong signatures do not count
    await stale(bank, 3);
    await stale(other, 3);
    assert.deepEqual(lines(bank), []);
    await stale(bank, 3);
    assert.equal(lines(bank).length, 1);
    assert.match(lines(bank)[0], / level=error .*compare the clocks/);
    assert.equal(await alarms(), before + 1);
    assert.deepEqual(lines(other), []);
    const told = await s.sql(`select action, object, result from khop.audit_event where object = '${bank.connection.id}' and action = 'notice.stale'`, s.ownerDb);
    assert.deepEqual(told, [{ action: 'notice.stale', object: bank.connection.id, result: 'refused' }]);
  });
}

test('Standard Webhooks by the library that others sign with', async () => {
  const { Webhook } = await import('standardwebhooks');
  const bank = banks['standardwebhooks/hmac'], m = bank.movement(), raw = JSON.stringify(providers.standardBody(m)), now = new Date();
  const headers = { 'Content-Type': 'application/json', 'webhook-id': `msg_${m.id}`, 'webhook-timestamp': String(Math.floor(now / 1000)), 'webhook-signature': new Webhook(bank.secret).sign(`msg_${m.id}`, now, raw) };
  assert.equal((await sends(bank, { path: '', headers, body: raw }, 200)).events, 1);
});

test('what was held lies there byte for byte', async () => {
  const bank = banks['sepay/hmac'], raw = Buffer.concat([Buffer.from('{"id":'), Buffer.from([0xff, 0x00, 0x0a]), Buffer.from(digits(9))]);
  await held(bank, await proven(bank, raw));
  const found = await s.sql(`select encode(body, 'hex') as body from khop.notice where body_hash = sha256('\\x${raw.toString('hex')}')`, s.ownerDb);
  assert.deepEqual(found, [{ body: raw.toString('hex') }]);
});
