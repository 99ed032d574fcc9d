// Reports: the same figures as JSON, on the page, as CSV, XLSX and PDF, read by programs that are not ours; the journal checked by
// Beancount and hledger; who may read them; what is refused.
import test from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { khop, server, source } from './harness.mjs';

const s = await server();
const school = await s.org(), other = await s.org();
const bank = await s.bank(school.token, 'sepay/hmac'), second = await s.bank(school.token, 'casso/v1');
const today = new Date(Date.now() + 7 * 3600_000).toISOString().slice(0, 10);
const read = (program, ...args) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });

// Enough for more than one page of every kind; names and labels that need care in every form.
const NAMES = ['Lò Thị Ánh', 'Quàng Văn Đông', '=HYPERLINK("x")', 'Nguyễn "Bo", An', 'Vừ A Dế', 'Mùa; Thị Sống', '-Lường'];
for (let i = 0; i < 70; i++) {
  const code = await s.code(school.token, { account: i % 3 === 0 ? second.account.id : bank.account.id, kind: 'fee', amount: 100_000 + i * 1500, label: i % 2 ? 'Tiền ăn tháng 11' : '+ Nước, "điện"',
    payer: { ref: `00${i}`, name: NAMES[i % NAMES.length], class: `${1 + i % 4}A` }, due_on: i % 5 ? '2026-12-05' : undefined });
  if (i % 4 < 2) await (i % 3 === 0 ? second : bank).send({ memo: `ck ${code.code}`, amount: 100_000 + i * 1500 });
  if (i % 4 === 2) await (i % 3 === 0 ? second : bank).send({ memo: `ck ${code.code}`, amount: 40_000 });
}
const payout = await s.code(school.token, { account: bank.account.id, kind: 'payout', amount: 77_000, payee: { bin: '970436', account_no: '123456789', name: 'LO THI MAY' } });
await bank.send({ memo: `chi ${payout.code}`, amount: 77_000, direction: 'out' });
await bank.send({ memo: 'khong co ma', amount: 12_345 });
await bank.send({ memo: 'khong biet', amount: 999, direction: 'out' });
s.owner(`insert into khop.receipt_void (bucket, org_id, year, no, reason, voided_at)
  select r.bucket, r.org_id, r.year, r.no, 'ngân hàng báo hai lần', now() from khop.receipt r join khop.org o using (org_id) where o.code = '${school.code}' and r.no = 3`);

const NAMES_OF_REPORTS = ['days', 'classes', 'unpaid', 'paid', 'receipts', 'journal', 'balances'];
const file = async (name, format, query = '') => {
  const answer = await s.get(`/api/v1/reports/${name}?format=${format}&${query}`, { token: school.token });
  assert.equal(answer.status, 200, answer.text);
  const at = path.join(s.dir, `${name}.${format}`);
  writeFileSync(at, answer.bytes);
  return { at, answer };
};
const json = async (name, query = '') => (await s.get(`/api/v1/reports/${name}?${query}`, { token: school.token })).json;
const pages = async (name, limit) => s.all(`/api/v1/reports/${name}`, school.token, limit);

// RFC 4180, read here.
function csv(text) {
  const rows = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n)/g)) {
    rows.at(-1).push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  rows.pop();
  return rows;
}
const dotted = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, '.');
const local = (time) => new Date(Date.parse(time) + 7 * 3600_000).toISOString().slice(0, 19).replace('T', ' ');
// A value of the JSON as CSV writes it, and as paper and pages show it.
const words = { settled: 'Khớp', suspense: 'Chờ xử lý', allocation: 'Phân bổ' };
const plain = (v, kind) => v === null ? '' : kind === 'time' ? local(v) : kind === 'word' ? words[v] : typeof v === 'string' && /^[=+\-@]/.test(v) ? `'${v}` : String(v);
const shown = (v, kind) => v === null ? '' : kind === 'time' ? local(v).replace(/(\d+)-(\d+)-(\d+) (..:..).*/, '$3/$2/$1 $4') : kind === 'date' ? v.split('-').reverse().join('/')
  : kind === 'word' ? words[v] : typeof v === 'number' ? dotted(v) : v;
const squeeze = (text) => text.replace(/\s+/g, '').normalize('NFC');
const unescape = (html) => html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');

for (const name of NAMES_OF_REPORTS) {
  test(`${name}: the same figures in every form`, async () => {
    const first = await json(name), items = await pages(name, 7), kinds = first.columns.map((c) => c.kind), keys = first.columns.map((c) => c.key);
    assert.deepEqual(await pages(name, 200), items, 'pages of another size');
    assert.ok(items.length >= (name === 'days' ? 2 : name === 'classes' ? 4 : 5), `${items.length} rows`);
    for (const item of items) assert.deepEqual(Object.keys(item).sort(), [...keys].sort(), 'a value for each column');

    // The sums are those of the rows.
    assert.ok(first.columns.some((c) => c.sum));
    for (const c of first.columns.filter((c) => c.sum)) assert.equal(first.sums[c.key], items.reduce((n, row) => n + (row[c.key] ?? 0), 0), `sum of ${c.key}`);

    const data = csv((await file(name, 'csv')).answer.text.replace(/^\ufeff/, ''));
    assert.deepEqual(data[0], first.columns.map((c) => c.title));
    assert.deepEqual(data.slice(1), items.map((row) => keys.map((k, i) => plain(row[k], kinds[i]))), 'CSV');

    const xlsx = await file(name, 'xlsx');
    const sheet = JSON.parse(read('/usr/bin/python3', path.join(source, 'tests/api/oracle/sheet.py'), xlsx.at));
    const head = sheet.findIndex((row) => row[0] === data[0][0] && row[1] === data[0][1]);
    const isSum = (row) => typeof row[0] === 'string' && /^(Cộng|Tổng cộng)/.test(row[0]);
    const cells = sheet.slice(head + 1).filter((row) => !isSum(row)), total = sheet.find((row) => row[0] === 'Tổng cộng');
    assert.deepEqual(cells.map((row) => row.map((v) => v ?? '')), items.map((row) => keys.map((k, i) => (kinds[i] === 'time' || kinds[i] === 'word' ? plain(row[k], kinds[i]) : row[k] ?? ''))), 'XLSX');
    first.columns.forEach((c, i) => c.sum && assert.equal(total[i], first.sums[c.key], `XLSX: sum of ${c.key}`));
    const parts = sheet.filter((row) => isSum(row) && row !== total);
    assert.equal(parts.length, ['unpaid', 'paid'].includes(name) ? new Set(items.map((row) => row.class)).size : 0, 'a sum for each class');
    if (parts.length) first.columns.forEach((c, i) => c.sum && assert.equal(parts.reduce((n, row) => n + row[i], 0), first.sums[c.key], 'sums of classes'));

    const pdf = await file(name, 'pdf');
    read('qpdf', '--check', pdf.at);
    const said = squeeze(read('pdftotext', '-layout', pdf.at, '-')), flow = read('pdftotext', pdf.at, '-').normalize('NFC');
    assert.ok(said.includes(squeeze(first.title)) && said.includes(squeeze(school.name)), 'PDF: what and whose it is');
    for (const row of items) keys.forEach((k, i) => {
      for (const word of shown(row[k], kinds[i]).split(/\s+/)) assert.ok(said.includes(squeeze(word)) || flow.includes(word), `PDF: ${word}`);
    });
    for (const c of first.columns.filter((c) => c.sum)) assert.ok(said.includes(dotted(first.sums[c.key])), `PDF: sum of ${c.key}`);

    // The page, all of it.
    const rows = [];
    let sums;
    for (let at = `/desk/reports/${name}?limit=20`; at;) {
      const page = await s.get(at, { headers: { Cookie: `sid=${accountant.cookie}`, Accept: 'text/html' } });
      assert.equal(page.status, 200, page.text);
      const body = /<tbody>([\s\S]*)<\/tbody>/.exec(page.text)[1];
      rows.push(...body.trim().split('\n').map((tr) => [...tr.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map((m) => unescape(m[1].replace(/<\/?a[^>]*>/g, '')))));
      sums ??= [.../<tfoot>([\s\S]*)<\/tfoot>/.exec(page.text)[1].matchAll(/<td[^>]*>(.*?)<\/td>/g)].map((m) => m[1]);
      at = /<a [^>]*href="([^"]+)"[^>]*rel="next"/.exec(page.text)?.[1].replaceAll('&amp;', '&');
    }
    assert.deepEqual(rows, items.map((row) => keys.map((k, i) => (kinds[i] === 'integer' && /seq/.test(k) ? String(row[k] ?? '') : shown(row[k], kinds[i])))), 'page');
    assert.deepEqual(sums, first.columns.slice(1).map((c) => (c.sum ? dotted(first.sums[c.key]) : '')), 'page: sums');
  });
}

function signedIn(role) {
  const secret = crypto.randomBytes(32), id = crypto.randomBytes(5).readUIntBE(0, 5) + 1, org_id = `(select org_id from khop.org where code = '${school.code}')`;
  s.owner(`insert into khop.app_user (user_id, login, name, password, pepper, created_at, changed_at) values (${id}, 'u${id}', 'Cầm Thị Ơn', '-', 0, now(), now());
    insert into khop.membership (user_id, org_id, role, created_at, created_by) values (${id}, ${org_id}, '${role}', now(), ${id});
    insert into khop.session (session_id, session_hash, user_id, stage, org_id, bucket, role, scopes, idle_s, created_at, seen_at, expires_at, fresh_at)
    select ${id}, decode('${crypto.createHash('sha256').update(secret).digest('hex')}', 'hex'), ${id}, 2, o.org_id, o.bucket, '${role}', khop.role_scopes('${role}'), 3600, now(), now(), now() + interval '1 hour', now()
      from khop.org o where o.org_id = ${org_id}`);
  return { cookie: secret.toString('base64url') };
}
const accountant = signedIn('accountant'), vendor = signedIn('vendor');

test('the reports agree with each other and with the books', async () => {
  const [days, classes, unpaid, paid, receipts, balances] = await Promise.all(['days', 'classes', 'unpaid', 'paid', 'receipts', 'balances'].map((n) => json(n)));
  const net = Object.fromEntries((await s.sql(`select account, net from audit.balance b join (select distinct org_id from audit.receipt where org_code = '${school.code}') o using (org_id)`)).map((r) => [r.account, r.net]));
  assert.deepEqual(Object.fromEntries(balances.items.map((r) => [r.account, r.closing_debit - r.closing_credit])), net);
  assert.equal(balances.sums.closing_debit, balances.sums.closing_credit);
  assert.equal(days.sums.in - days.sums.out, Object.entries(net).filter(([a]) => /^1121/.test(a)).reduce((n, [, v]) => n + v, 0));
  assert.equal(days.sums.suspense, 12_345 + 999);
  assert.equal(receipts.sums.amount + receipts.sums.void_amount, days.sums.settled);
  assert.equal(classes.sums.due, unpaid.sums.due + paid.sums.due);
  assert.equal(classes.sums.missing, unpaid.sums.missing);
  assert.equal(classes.sums.charges, 70);
});

test('Beancount and hledger accept the journal and find the same balances', async () => {
  const net = (await json('balances', 'from=2000-01-01&to=2100-01-01')).items.map((r) => [r.account, r.closing_debit - r.closing_credit]).sort();
  for (const query of ['from=2000-01-01&to=2100-01-01', '', `from=${today}&to=${today}`]) {
    const bean = await file('journal', 'beancount', query), hledger = await file('journal', 'hledger', query);
    read('bean-check', bean.at);
    read('hledger', '-f', `journal:${hledger.at}`, 'check', '-s');
    assert.match(bean.answer.headers['content-disposition'], /\.beancount/);
    const told = read('bean-query', '-q', '-f', 'csv', bean.at, 'select account, sum(number) group by account').trim().split('\n').slice(1).map((l) => l.split(',').map((v) => v.trim()));
    assert.deepEqual(told.map(([a, n]) => [a.split(':')[1], Number(n)]).sort(), net, `Beancount: ${query}`);
    const also = read('hledger', '-f', `journal:${hledger.at}`, 'bal', '-N', '--empty', '-O', 'csv').trim().split('\n').slice(1).map((l) => l.replaceAll('"', '').split(','));
    assert.deepEqual(also.map(([a, n]) => [a.split(':')[1], Number(n.replace(' VND', ''))]).sort(), net, `hledger: ${query}`);
  }
});

test('khop export writes a report where it is told', async () => {
  const env = { KHOP_URL: s.origin, KHOP_TOKEN: school.token };
  const run = await khop(['export', 'journal', '--format', 'beancount', '--from', '2000-01-01', '--to', '2100-01-01'], { env });
  assert.equal(run.code, 0, run.err);
  assert.equal(run.out, (await file('journal', 'beancount', 'from=2000-01-01&to=2100-01-01')).answer.text);
  const into = path.join(s.dir, 'out.xlsx'), again = await khop(['export', 'unpaid', '--format', 'xlsx', '--class', '3A', '--out', into], { env });
  assert.equal(again.code, 0, again.err);
  const sheet = JSON.parse(read('/usr/bin/python3', path.join(source, 'tests/api/oracle/sheet.py'), into));
  assert.ok(sheet.some((row) => row[0] === 'Lớp: 3A') && sheet.some((row) => row[0] === '3A') && !sheet.some((row) => row[0] === '4A'));
  for (const [args, code] of [[['nothing'], 2], [['days', '--format', 'doc'], 2], [['days', '--format', 'json'], 2], [['days', '--from', 'x'], 2], [[], 2], [['days', '--format', 'hledger'], 2]])
    assert.equal((await khop(['export', ...args], { env })).code, code, args.join(' '));
  assert.equal((await khop(['export', 'days'], { env: { ...env, KHOP_TOKEN: 'khop_nothing' } })).code, 1);
});

test('periods: days, months, budget and school years', async () => {
  const of = async (query) => { const d = await json('days', query); return [d.from, d.to]; };
  assert.deepEqual(await of('period=2026'), ['2026-01-01', '2026-12-31']);
  assert.deepEqual(await of('period=2026-2027'), ['2026-09-01', '2027-08-31']);
  assert.deepEqual(await of('period=2027-02'), ['2027-02-01', '2027-02-28']);
  assert.deepEqual(await of('from=2026-11-03&to=05%2F11%2F2026'), ['2026-11-03', '2026-11-05']);
  assert.equal((await of(''))[0], `${today.slice(0, 7)}-01`);
  const all = await json('unpaid');
  assert.deepEqual([all.from, all.to], [null, null]);
  assert.deepEqual((await json('unpaid', 'class=3A')).items, all.items.filter((r) => r.class === '3A'));
  assert.deepEqual((await s.all(`/api/v1/reports/paid?label=${encodeURIComponent('Tiền ăn tháng 11')}`, school.token)).map((r) => r.label).filter((l) => l !== 'Tiền ăn tháng 11'), []);
  assert.equal((await json('journal', 'from=2020-01-01&to=2020-12-31')).items.length, 0);
});

test('who may read reports, and what is refused', async () => {
  const token = school.token;
  for (const [query, status] of [['days?from=2026-02-30', 400], ['days?from=x', 400], ['days?from=2026-11-05&to=2026-11-01', 400], ['days?period=26', 400], ['days?format=doc', 400],
    ['days?format=beancount', 400], ['nothing', 404], ['days?limit=0', 400], ['days?after=x', 400], [`unpaid?class=${'x'.repeat(121)}`, 400]])
    assert.equal((await s.get(`/api/v1/reports/${query}`, { token })).status, status, query);
  assert.equal((await s.get('/api/v1/reports/days')).status, 401);
  const nobody = { headers: { Cookie: `sid=${vendor.cookie.slice(0, -4)}AAAA`, Accept: 'application/json' } };
  for (const path of ['/desk/reports', '/desk/reports/days']) assert.equal((await s.get(path, nobody)).status, 401, path);
  assert.equal((await s.get('/api/v1/reports', { token: `${token.slice(0, -4)}AAAA` })).status, 401);
  const issue = await s.token(school.id, 'issue');
  for (const format of ['json', 'csv', 'pdf']) assert.equal((await s.get(`/api/v1/reports/days?format=${format}`, { token: issue })).status, 403, format);
  assert.equal((await s.get('/desk/reports/days', { headers: { Cookie: `sid=${vendor.cookie}`, Accept: 'text/html' } })).status, 403);
  for (const name of NAMES_OF_REPORTS) assert.deepEqual((await s.get(`/api/v1/reports/${name}`, { token: other.token })).json.items, [], name);
  assert.deepEqual((await s.get('/api/v1/reports', { token })).json.items.map((r) => r.name), NAMES_OF_REPORTS);
});

test('(the receipt that was void only here counts again)', () => s.owner('delete from khop.receipt_void'));
