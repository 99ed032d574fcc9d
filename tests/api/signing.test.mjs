// Signatures made after the settlement: the follower keeps up, keeps each once, survives being killed, and what it keeps is what leaves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { folder, khop, server, sleep, until } from './harness.mjs';

const s = await server();
const file = folder();
const school = await s.org(), other = await s.org();
const banks = [await s.bank(school.token, 'sepay/hmac'), await s.bank(other.token, 'sepay/hmac')];
const owned = (query) => s.sql(query, s.ownerDb);
const kept = async () => (await owned('select coalesce(sum(octet_length(signatures) / 64), 0)::int as n from khop.receipt_signature'))[0].n;

// Codes are issued beforehand, so that what follows is payments only. One in five pays nothing: money in suspense gives no receipt.
async function pay(n) {
  const codes = [];
  for (let i = 0; i < n; i++) {
    const bank = banks[i % 2];
    codes.push({ bank, code: await s.code(bank === banks[0] ? school.token : other.token, { account: bank.account.id, kind: 'fee', amount: 1000 + i }), i });
  }
  await Promise.all(codes.map(({ bank, code, i }) => bank.send({ memo: i % 5 === 4 ? 'khong co ma' : code.code, amount: 1000 + i })));
  return codes.filter(({ i }) => i % 5 !== 4);
}
async function signed() {
  const receipts = (await owned('select count(*)::int as n from khop.receipt'))[0].n;
  await until(kept, (n) => n === receipts);
  return receipts;
}
const url = async ({ bank, code }) => (await s.show(bank === banks[0] ? school.token : other.token, code)).receipts[0].jws_url;
const job = () => readdirSync('/proc').filter((p) => /^\d+$/.test(p)).find((p) => {
  try {
    const stat = readFileSync(`/proc/${p}/stat`, 'utf8');
    return stat.includes('(jobs)') && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === s.child.pid;
  } catch { return false; }
});

test('the follower signs what was settled; the bytes are those made on demand', async () => {
  process.kill(Number(job()), 'SIGSTOP'); // nobody follows yet
  const paid = await pay(20);
  const urls = await Promise.all(paid.map(url));
  const before = await Promise.all(urls.map((u) => s.get(u)));
  assert.equal(await kept(), 0);
  process.kill(Number(job()), 'SIGCONT');
  assert.equal(await signed(), 16);
  const jwks = file('jwks.json', (await s.get('/.well-known/jwks.json')).text);
  for (const [i, u] of urls.entries()) {
    const after = await s.get(u);
    assert.equal(after.text, before[i].text);
    assert.equal((await khop(['verify', file(`r${i}.jws`, after.text), '--jwks', jwks])).code, 0);
  }
});

test('what is kept is what leaves', async () => {
  const [one] = await pay(1);
  await signed();
  const at = await url(one), before = (await s.get(at)).text;
  const where = "where first_no = (select max(first_no) from khop.receipt_signature g where g.org_id = x.org_id) and signed_at = (select max(signed_at) from khop.receipt_signature)";
  const swap = (mask) => execFileSync('psql', ['-Xqv', 'ON_ERROR_STOP=1', '-d', s.ownerDb, '-c',
    `update khop.receipt_signature x set signatures = set_byte(signatures, octet_length(signatures) - 1, get_byte(signatures, octet_length(signatures) - 1) # ${mask}) ${where}`]);
  swap(1);
  assert.notEqual((await s.get(at)).text, before);
  swap(1);
  assert.equal((await s.get(at)).text, before);
});

test('killed at any moment it goes on: every receipt is signed, none twice', async () => {
  s.expectLog(/event=child_ended .*role=jobs .*signal=9/);
  s.expectLog(/event=(db_lost|signing_failed|work_failed) /);
  let paying = true;
  const killing = (async () => {
    while (paying) {
      const pid = job();
      if (pid) process.kill(Number(pid), 'SIGKILL');
      await sleep(150);
    }
  })();
  for (let i = 0; i < 6; i++) await pay(20);
  paying = false;
  await killing;
  const receipts = await signed();
  assert.equal(receipts, 16 + 1 + 6 * 16);
  const runs = await owned('select org_id, year, first_no, octet_length(signatures) / 64 as n from khop.receipt_signature order by 1, 2, 3');
  for (const [i, run] of runs.entries()) {
    const before = runs[i - 1]?.org_id === run.org_id ? runs[i - 1].first_no + runs[i - 1].n : 1;
    assert.equal(run.first_no, before, 'numbers follow one another');
  }
});

test('/metrics tells how far it is behind', async () => {
  const gauges = async () => {
    const { text } = await s.get('/metrics', { unchecked: true });
    return ['unsigned', 'lag_seconds'].map((name) => Number(new RegExp(`^khop_receipts_${name} ([\\d.]+)$`, 'm').exec(text)?.[1]));
  };
  await until(gauges, ([unsigned, lag]) => unsigned === 0 && lag === 0);
  process.kill(Number(job()), 'SIGSTOP');
  await pay(2);
  await until(gauges, ([unsigned, lag]) => unsigned === 2 && lag > 0);
  process.kill(Number(job()), 'SIGCONT');
  await signed();
});
