// One pupil by hand: added, changed by two at once, with what the state pays; leaving and coming back; who may.
import assert from 'node:assert/strict';
import test from 'node:test';
import { server, sleep, stranger } from './harness.mjs';
import { lists } from './school.mjs';

const s = await server();
const school = await s.org(), other = await s.org();
const account = await s.account(school.token, '7907205112255');
const principal = await s.token(school.id, 'read,approve'), reader = await s.token(school.id, 'read');
const add = (body, token = school.token) => s.post('/api/v1/payers', body, { token });
const change = (id, body, headers = {}, token = school.token, what = '') => s.request('POST', `/api/v1/payers/${id}${what}`, { token, headers, body: body === undefined ? undefined : JSON.stringify(body) });
const get = async (id) => s.get(`/api/v1/payers/${id}`, { token: school.token });
let one;

test('a pupil is added, with the same checks as in a list', async () => {
  for (const [body, pointers] of [[{}, ['/ref', '/name']], [{ ref: '1', name: 'x'.repeat(121), class: 'y'.repeat(41) }, ['/name', '/class']], [{ ref: '1', name: 'A', x: 1 }, ['']],
    [{ ref: '1', name: 'A', support: [{ policy: 'nothing' }] }, ['/support']], [{ ref: '1', name: 'A', support: [{ policy: 'boarding_food', more_months: 4 }] }, ['/support/0/more_months']], [{ ref: '1', name: 'A', support: ['x'] }, ['/support/0']]]) {
    const no = await add(body);
    assert.equal(no.status, 422, no.text);
    assert.deepEqual(no.json.errors.map((e) => e.pointer), pointers, JSON.stringify(body));
  }
  for (const token of [principal, reader]) assert.equal((await add({ ref: '1', name: 'A' }, token)).status, 403);
  const made = await add({ ref: 'HS1', name: 'Lò Văn An', class: '1A', household: 'h1', support: [{ policy: 'boarding_food', more_months: 1 }] });
  assert.equal(made.status, 201, made.text);
  one = made.json;
  assert.deepEqual([one.ref, one.name, one.class, one.household, one.left_at, one.charges], ['HS1', 'Lò Văn An', '1A', 'h1', null, []]);
  assert.deepEqual(one.support.map((x) => [x.policy, x.more_months, x.valid_to]), [['boarding_food', 1, null]]);
  const twice = await add({ ref: 'HS1', name: 'Ai Đó' });
  assert.deepEqual([twice.status, twice.json.errors.map((e) => [e.pointer, e.code])], [422, [['/ref', 'conflict']]]);
  assert.equal((await add({ ref: 'HS1', name: 'Trường khác' }, other.token)).status, 201, 'numbers are a school\'s own');
});

test('what is not said stays; a version that was overtaken changes nothing', async () => {
  const seen = await get(one.id);
  assert.equal(seen.headers.etag, `"${one.version}"`);
  const moved = await change(one.id, { class: '2A' }, { 'If-Match': seen.headers.etag });
  assert.deepEqual([moved.status, moved.json.class, moved.json.household, moved.json.support.length], [200, '2A', 'h1', 1], moved.text);
  assert.notEqual(moved.json.version, one.version);
  const late = await change(one.id, { name: 'Người Khác' }, { 'If-Match': seen.headers.etag });
  assert.equal(late.status, 409, late.text);
  assert.equal((await change(one.id, { name: 'Người Khác', version: one.version })).status, 409);
  assert.equal((await get(one.id)).json.name, 'Lò Văn An');
  const same = await change(one.id, { class: '2A', version: moved.json.version });
  assert.equal(same.json.version, moved.json.version, 'what is so already changes nothing');
  assert.equal((await change(one.id, { household: null })).json.household, null);
  assert.deepEqual((await change(one.id, { support: [{ policy: 'boarding_food' }, { policy: 'boarding_housing', more_months: 2 }] })).json.support.map((x) => [x.policy, x.more_months, x.valid_to]),
    [['boarding_food', 1, null], ['boarding_housing', 2, null]]);
  assert.deepEqual((await change(one.id, { support: [] })).json.support.map((x) => x.valid_to === null), [false, false]);
  assert.deepEqual((await change(one.id, { name: '' })).json.errors.map((e) => e.pointer), ['/name']);
  assert.deepEqual((await change(one.id, { ref: 'neu' })).json.errors.map((e) => e.pointer), [''], 'a number stays');
  for (const [id, token, status] of [[one.id, other.token, 404], [stranger(one.id), school.token, 404], ['pyr_x', school.token, 404], [one.id, principal, 403]]) assert.equal((await change(id, { class: 'x' }, {}, token)).status, status);
});

test('who leaves is asked no more, and what is owed stays and can be paid', async () => {
  const make = async (name) => (await s.post('/api/v1/rounds', { name, month: '2026-11', due_on: '2026-11-30', account: account.id, items: [{ label: 'Nước', kind: 'water', amount: 10000 }] }, { token: school.token, key: crypto.randomUUID() })).json;
  await add({ ref: 'HS2', name: 'Quàng Thị Ở', class: '2A' });
  const round = await make('Nước');
  await s.post(`/api/v1/rounds/${round.id}/propose`, undefined, { token: school.token });
  await lists(s, school.token).until((await s.post(`/api/v1/rounds/${round.id}/approve`, undefined, { token: principal })).json.id);
  for (let i = 0; i < 2; i++) {
    const left = await change(one.id, undefined, {}, school.token, '/leave');
    assert.equal(left.status, 200, left.text);
    assert.notEqual(left.json.left_at, null);
    assert.deepEqual(left.json.charges.map((c) => [c.status, c.left]), [['issued', 10000]]);
  }
  assert.deepEqual((await s.all('/api/v1/payers?left=true', school.token)).map((p) => [p.ref, p.open]), [['HS1', 10000]]);
  assert.equal((await make('Nước nữa')).payers, 1);
  const charge = (await get(one.id)).json.charges[0], bank = await s.bank(school.token, 'sepay/apikey', account);
  // Link, image and message of one pupil: each is there, and the image can be read.
  assert.equal((await s.get(new URL(charge.pay_url).pathname, { headers: { Accept: 'text/html' } })).status, 200);
  const image = await s.get(`${new URL(charge.pay_url).pathname}/qr.png`);
  assert.deepEqual([image.status, image.headers['content-type']], [200, 'image/png']);
  await bank.send({ memo: charge.code, amount: 10000 });
  for (let i = 0; i < 100 && (await get(one.id)).json.charges[0].left > 0; i++) await sleep(50);
  assert.deepEqual((await get(one.id)).json.charges.map((c) => [c.paid, c.left]), [[10000, 0]]);
  assert.equal((await change(one.id, undefined, {}, reader, '/leave')).status, 403);
  const back = await change(one.id, undefined, {}, school.token, '/return');
  assert.deepEqual([back.status, back.json.left_at], [200, null]);
  assert.deepEqual(await s.sql("select action, count(*) as n from khop.audit_event where action like 'payer.%' group by 1 order by 1", s.ownerDb),
    [{ action: 'payer.add', n: 3 }, { action: 'payer.change', n: 4 }, { action: 'payer.leave', n: 1 }, { action: 'payer.return', n: 1 }]);
});
