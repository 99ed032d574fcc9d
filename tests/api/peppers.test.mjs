// The pepper of passwords is replaced: both are there for a while, each person moves to the new one at the next sign-in.
import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { khop, server } from './harness.mjs';

const PASSWORD = 'quả na chín rụng vườn sau', OTHER = 'rừng ban nở trắng lưng đồi';
const s = await server();
const org = await s.org();
const made = async (...args) => { const run = await khop(args, { input: PASSWORD }); assert.equal(run.code, 0, run.err); return run; };
const user = (name) => made('user', 'create', '--database', s.ownerDb, '--keys', s.keys, '--org', org.id, '--name', name, '--role', 'vendor', '--password-file', '/dev/stdin');
const cookie = (answer) => answer.headers['set-cookie'].map((c) => c.split(';')[0]).join('; ');
const login = (name, password = PASSWORD) => s.post('/login', { login: name, password }, { headers: { Accept: 'application/json' } });
const stored = async () => Object.fromEntries((await s.sql('select login, pepper, password from khop.app_user', s.ownerDb)).map((u) => [u.login, u]));
const doctor = async () => (await khop(['doctor', '--database', s.ownerDb, '--keys', s.keys])).out.split('\n').filter((l) => /passwords/.test(l)).map((l) => l.replace(/^(\S+)\s+passwords\s+/, '$1 '));
const again = async () => { await s.end(); await s.run(); };
const key = (name) => path.join(s.keys, name);

await user('cu.1');
await user('cu.2');
await user('cu.3');
const before = await stored();

test('one pepper: everybody has it', async () => {
  assert.deepEqual(Object.values(before).map((u) => u.pepper), [1, 1, 1]);
  assert.deepEqual(await doctor(), ['ok all 3 are keyed with pepper.key']);
  assert.equal((await login('cu.1')).status, 200);
  assert.equal((await stored())['cu.1'].password, before['cu.1'].password, 'nothing to renew');
});

test('a second one is made; a third one is not', async () => {
  assert.equal((await khop(['key', 'pepper', s.keys])).code, 0);
  assert.deepEqual([statSync(key('pepper-2.key')).size, statSync(key('pepper-2.key')).mode & 0o777], [32, 0o600]);
  const third = await khop(['key', 'pepper', s.keys]);
  assert.equal(third.code, 1);
  assert.match(third.err, /being replaced already/);
  assert.deepEqual(await doctor(), ['ok warning: 3 still with pepper.key; each moves to the newest at the next sign-in, until then it has to stay']);
});

test('old passwords are good, and are hashed again with the new one at a sign-in', async () => {
  await again();
  assert.equal((await login('cu.1', OTHER)).status, 401);
  assert.equal((await stored())['cu.1'].pepper, 1, 'a wrong password changes nothing');
  const answer = await login('cu.1');
  assert.equal(answer.status, 200, answer.text);
  const now = await stored();
  assert.deepEqual([now['cu.1'].pepper, now['cu.2'].pepper], [2, 1]);
  assert.notEqual(now['cu.1'].password, before['cu.1'].password);
  assert.equal(now['cu.2'].password, before['cu.2'].password);
  assert.equal((await login('cu.1')).status, 200, 'the new hash is of the same password');
  assert.equal((await stored())['cu.1'].password, now['cu.1'].password);

  // Who is in already proves to be there, and changes the password, with either.
  const second = await login('cu.2'), Cookie = cookie(second);
  assert.equal((await stored())['cu.2'].pepper, 2);
  s.owner(`update khop.app_user set pepper = 1, password = '${before['cu.2'].password}' where login = 'cu.2'`);
  const proof = await s.post('/login/again', { password: PASSWORD }, { headers: { Accept: 'application/json', Cookie } });
  assert.equal(proof.status, 200, proof.text);
  const changed = await s.post('/me/password', { old: PASSWORD, password: OTHER, again: OTHER }, { headers: { Accept: 'application/json', Cookie: cookie(proof) } });
  assert.equal(changed.status, 204, changed.text);
  assert.equal((await stored())['cu.2'].pepper, 2);
  assert.equal((await login('cu.2', OTHER)).status, 200);

  await user('moi');
  assert.equal((await stored()).moi.pepper, 2, 'new people have the new one');
  assert.equal((await login('moi')).status, 200);
  assert.deepEqual(await doctor(), ['ok warning: 1 still with pepper.key; each moves to the newest at the next sign-in, until then it has to stay']);
});

test('the old one goes: who never came back chooses a new password, the others notice nothing', async () => {
  rmSync(key('pepper.key'));
  await again();
  assert.deepEqual(await doctor(), ['BAD 1 cannot sign in: pepper.key is not in ' + s.keys + '; put it back, or let them choose new passwords (khop user invite --reset)']);
  assert.equal((await login('cu.1')).status, 200);
  assert.equal((await login('cu.3')).status, 401);
  assert.equal((await khop(['key', 'init', s.keys])).code, 0);
  assert.ok(!existsSync(key('pepper.key')), 'it is not made again');
  s.owner(`update khop.app_user set disabled_at = now() where login = 'cu.3'`);
  assert.deepEqual(await doctor(), ['ok all 3 are keyed with pepper-2.key']);
  assert.equal((await khop(['key', 'pepper', s.keys])).code, 0);
  assert.ok(existsSync(key('pepper-3.key')));
});
