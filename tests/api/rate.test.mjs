// Over rate is 429 (security.md §2), for what would be refused anyway: a good notice is never turned away.
import assert from 'node:assert/strict';
import test from 'node:test';
import { server } from './harness.mjs';

const s = await server({ args: ['--proxies', '127.0.0.1', '--refusals-per-minute', '4'] });
const school = await s.org();
const bank = await s.bank(school.token, 'sepay/hmac');
const behind = (address) => ({ 'X-Forwarded-For': address, 'X-Forwarded-Proto': 'https' });

test('forged notices of one address: 401, then 429; its good ones settle, other addresses do not notice', async () => {
  const forged = async (address) => {
    const n = await bank.signed(bank.movement());
    return bank.deliver({ ...n, headers: { ...n.headers, ...behind(address), 'X-SePay-Signature': `sha256=${'0'.repeat(64)}` } });
  };
  const answers = [];
  for (let i = 0; i < 6; i++) answers.push(await forged('203.0.113.5'));
  assert.deepEqual(answers.map((a) => a.status), [401, 401, 401, 401, 429, 429]);
  assert.equal(answers[4].headers['retry-after'], '60');
  const good = await bank.signed(bank.movement());
  assert.equal((await bank.deliver({ ...good, headers: { ...good.headers, ...behind('203.0.113.5') } })).status, 200);
  assert.equal((await forged('203.0.113.6')).status, 401);
});

test('guessed tokens: 401, then 429 with a problem document; a good token of that address goes on', async () => {
  const guess = () => s.get('/api/v1/codes', { token: `${school.token.slice(0, -1)}x`, headers: behind('198.51.100.7') });
  for (let i = 0; i < 4; i++) assert.equal((await guess()).status, 401);
  const over = await guess();
  assert.equal(over.status, 429);
  assert.equal(over.json.code, 'too_many_requests');
  assert.equal((await s.get('/api/v1/codes', { token: school.token, headers: behind('198.51.100.7') })).status, 200);
});

test('this machine is exempt', async () => {
  for (let i = 0; i < 20; i++) assert.equal((await s.get('/api/v1/codes', { token: undefined })).status, 401);
});
