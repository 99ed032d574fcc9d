// Pages as somebody uses them whose phone runs no script: forms sent twice, sent again, in one language throughout.
import test from 'node:test';
import assert from 'node:assert/strict';
import { Forms } from './forms.mjs';
import { khop, server, sleep } from './harness.mjs';

const s = await server();
const PASSWORD = 'quả na chín rụng vườn sau';
const market = await s.org(), school = await s.org();

async function person(org, login, role) {
  const run = await khop(['user', 'create', '--database', s.ownerDb, '--keys', s.keys, '--org', org.id, '--name', login, '--role', role, '--password-file', '/dev/stdin'], { input: PASSWORD });
  assert.equal(run.code, 0, run.err);
  const b = new Forms(s);
  await b.login(login, PASSWORD);
  return b;
}
const created = async (path, body, token, headers = {}) => { const a = await s.post(path, body, { token, headers }); assert.ok(a.status < 300, a.text); return a.json; };

test('a sale whose form is sent again with another sum is another sale, after one look', async () => {
  const admin = await s.token(market.id, 'read,admin'), seller = await person(market, 'hoa', 'vendor');
  const stall = await created('/api/v1/stalls', { name: 'Rau sạch', bin: '970436', account_no: '0071000999', holder: 'HOANG THI HOA' }, admin);
  const users = (await s.get('/api/v1/users', { token: admin })).json.items;
  await created(`/api/v1/stalls/${stall.id}/owner`, { owner: users.find((u) => u.name === 'hoa').id }, admin);
  const at = `/desk/stalls/${stall.id}`, page = await seller.get(at);
  const first = await seller.send(page, `${at}/sales`, { amount: '25.000' });
  assert.equal(first.status, 303);
  const twice = await seller.send(page, `${at}/sales`, { amount: '25000' });
  assert.equal(twice.headers.location, first.headers.location, 'the same sum is the same sale');
  const other = await seller.send(page, `${at}/sales`, { amount: '26000' });
  assert.equal(other.status, 409);
  assert.match(other.text, /xin bấm gửi lần nữa/);
  assert.match(other.text, /value="26000"/, 'what was typed is still there');
  const again = await seller.send(other, `${at}/sales`, { amount: '26000' });
  assert.equal(again.status, 303, 'sent again it is done');
  assert.notEqual(again.headers.location, first.headers.location);
});

test('a link to the days that knows no day leads to today', async () => {
  const b = await person(school, 'kiemtra', 'auditor');
  const answer = await b.get('/desk/days');
  assert.deepEqual([answer.status, answer.headers.location], [303, `/desk/days/${new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10)}`]);
});

test('what is wrong in a file is said in the language of the page, whatever the browser asks for', async () => {
  const b = await person(school, 'thanhtra', 'auditor');
  const job = await created('/api/v1/payers/import', 'Mã HS,Họ và tên,Lớp\nHS1,,1A\n', school.token, { 'Idempotency-Key': 'file 1', 'Content-Type': 'text/csv' });
  let page;
  do { await sleep(50); page = await s.get(`/api/v1/jobs/${job.id}`, { token: school.token }); } while (['queued', 'running'].includes(page.json.state));
  assert.deepEqual(page.json.errors.map((e) => e.detail), ['This cell is empty.'], 'programs get English');
  for (const [lang, words] of [['vi', 'Ô này trống'], ['en', 'This cell is empty']])
    assert.match((await b.get(`/desk/jobs/${job.id}?lang=${lang}`, { 'Accept-Language': lang === 'vi' ? 'en' : 'vi' })).text, new RegExp(words), lang);
});

test('what stands in the way of closing a day is said in words', async () => {
  const bank = await s.bank(school.token, 'sepay/apikey'), b = await person(school, 'kiemtoan', 'auditor');
  const day = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10), vn = day.split('-').reverse().join('/');
  const file = ['Ngày giao dịch,Số tham chiếu,Ghi nợ,Ghi có,Số dư,Diễn giải', `${vn} 08:00:00,R1,,10000,110000,a`, `${vn} 09:00:00,R2,,10000,121000,b`].join('\n');
  let job = await created(`/api/v1/statements?account=${bank.account.id}`, file, await s.token(school.id, 'read,accountant'), { 'Content-Type': 'text/csv' });
  do { await sleep(50); job = (await s.get(`/api/v1/jobs/${job.id}`, { token: school.token })).json; } while (['queued', 'running'].includes(job.state));
  assert.equal(job.state, 'done', JSON.stringify(job));
  const page = await b.get(`/desk/days/${day}/close`, { 'Accept-Language': 'en' });
  assert.match(page.text, /The running balance of a statement breaks/);
  assert.doesNotMatch(page.text, /breaks in the running/);
  assert.match((await b.get(`/desk/days/${day}/close?lang=vi`)).text, /Số dư trên sao kê bị ngắt quãng/);
  assert.equal((await b.get(`/desk/days/${day}/close`, { Accept: 'application/json' })).json.faults[0].name, 'balance_gap');
});
