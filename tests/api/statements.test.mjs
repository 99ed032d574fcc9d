// Files of the bank: lost, late and doubled notices against a statement in every format, what a day shows, and what a file may not be.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { number, server, sleep } from './harness.mjs';

const s = await server();
const school = await s.org(), other = await s.org();

const VN = (at) => new Date(at.getTime() + 7 * 3600_000).toISOString();
const day = (at) => VN(at).slice(0, 10);
const compact = (at) => day(at).slice(2).replaceAll('-', '');

// --- a bank that writes statements: lines {at, amount (below 0: out), memo, ref} with running balances ---
const reckon = (lines, opening) => {
  let balance = opening;
  return lines.map((l) => ({ ...l, balance: (balance += l.amount) }));
};
const FORMATS = {
  csv: (account, lines, opening) => {
    const rows = [`Số tài khoản:,${account}`, `Số dư đầu kỳ,,,,${opening}`, 'Ngày giao dịch,Giờ,Nợ,Có,Số dư,Số tham chiếu,Nội dung'];
    for (const l of reckon(lines, opening)) {
      const [y, m, d] = day(l.at).split('-');
      rows.push(`${d}/${m}/${y},${VN(l.at).slice(11, 19)},${l.amount < 0 ? -l.amount : ''},${l.amount > 0 ? l.amount : ''},${l.balance},${l.ref ?? ''},"${l.memo ?? ''}"`);
    }
    return Buffer.from(rows.join('\r\n') + '\r\n');
  },
  xlsx: (account, lines, opening) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'khop-xlsx-')), file = path.join(folder, 'a.xlsx');
    const rows = reckon(lines, opening).map((l) => [`${day(l.at)} ${VN(l.at).slice(11, 19)}`, l.ref ?? null, l.amount < 0 ? -l.amount : null, l.amount > 0 ? l.amount : null, l.balance, l.memo ?? null]);
    const script = `import sys, json, datetime, openpyxl
data = json.load(sys.stdin)
book = openpyxl.Workbook()
book.active.append(['Số tài khoản:', data['account']])
book.active.append(['Ngày giao dịch', 'Số tham chiếu', 'Phát sinh nợ', 'Phát sinh có', 'Số dư', 'Diễn giải'])
for row in data['rows']:
    book.active.append([datetime.datetime.fromisoformat(row[0])] + row[1:])
book.save(sys.argv[1])`;
    execFileSync('/usr/bin/python3', ['-c', script, file], { input: JSON.stringify({ account, rows }) });
    const bytes = fs.readFileSync(file);
    fs.rmSync(folder, { recursive: true });
    return bytes;
  },
  mt940: (account, lines, opening) => {
    const all = reckon(lines, opening), out = [':20:STATEMENT', `:25:BFTVVNVX/${account}`, ':28C:1/1', `:60F:C${compact(lines[0].at)}VND${opening},00`];
    for (const l of all) out.push(`:61:${compact(l.at)}${compact(l.at).slice(2)}${l.amount > 0 ? 'C' : 'D'}${Math.abs(l.amount)},00NTRFNONREF${l.ref ? `//${l.ref}` : ''}`, `:86:${l.memo ?? ''}`);
    out.push(`:62F:C${compact(lines.at(-1).at)}VND${all.at(-1).balance},00`);
    return Buffer.from(out.join('\n') + '\n');
  },
  camt: (account, lines, opening) => {
    const all = reckon(lines, opening), sign = (a) => (a < 0 ? 'DBIT' : 'CRDT');
    const balance = (kind, v) => `<Bal><Tp><CdOrPrtry><Cd>${kind}</Cd></CdOrPrtry></Tp><Amt Ccy="VND">${v}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>`;
    return Buffer.from(`<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>${account}</Id></Othr></Id></Acct>`
      + balance('OPBD', opening) + balance('CLBD', all.at(-1).balance)
      + all.map((l) => `<Ntry><Amt Ccy="VND">${Math.abs(l.amount)}</Amt><CdtDbtInd>${sign(l.amount)}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><DtTm>${VN(l.at).slice(0, 19)}+07:00</DtTm></BookgDt>`
        + `${l.ref ? `<AcctSvcrRef>${l.ref}</AcctSvcrRef>` : ''}<NtryDtls><TxDtls><RmtInf><Ustrd>${l.memo ?? ''}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`).join('')
      + '</Stmt></BkToCstmrStmt></Document>');
  },
};

async function ended(job, token = school.token) {
  for (let i = 0; i < 200; i++) {
    const answer = await s.get(`/api/v1/jobs/${job.id}`, { token });
    if (['done', 'failed', 'cancelled'].includes(answer.json.state)) return answer.json;
    await sleep(50);
  }
  throw new Error(`the job does not end: ${JSON.stringify(job)}`);
}
const upload = (account, bytes, { token = school.token, format, ...more } = {}) =>
  s.request('POST', `/api/v1/statements?account=${account.id}${format ? `&format=${format}` : ''}`, { token, body: bytes, headers: { 'Content-Type': 'application/octet-stream' }, ...more });
async function file(account, bytes, options) {
  const answer = await upload(account, bytes, options);
  assert.equal(answer.status, 202, answer.text);
  return ended(answer.json);
}
async function counts(account, bytes, options) {
  const job = await file(account, bytes, options);
  assert.equal(job.state, 'done', JSON.stringify(job));
  const { lines, new_lines, linked, healed, gaps, not_on_statement, amount_conflicts } = job.result;
  return [lines, new_lines, linked, healed, gaps, not_on_statement, amount_conflicts];
}
async function states(account, at) {
  const answer = await s.get(`/api/v1/reconciliation?account=${account.id}&date=${day(at)}`, { token: school.token });
  assert.equal(answer.status, 200, answer.text);
  return { doc: answer.json, states: Object.fromEntries(answer.json.states.map((x) => [x.state, [x.count, x.in, x.out]])) };
}
const fee = (bank, amount = 180000) => s.code(school.token, { account: bank.account.id, kind: 'fee', amount });
const paid = async (code) => { const c = await s.show(school.token, code); return [c.status, c.paid, c.receipts.length]; };

for (const format of Object.keys(FORMATS)) {
  test(`${format}: a lost notice is healed, a late one is a repeat, a doubled one is raised`, async () => {
    const bank = await s.bank(school.token, 'sepay/hmac'), write = FORMATS[format], no = bank.account.account_no;
    const [known, lost, part] = [await fee(bank), await fee(bank), await fee(bank)];
    const base = new Date(Math.floor((Date.now() - 60_000) / 1000) * 1000), at = (k) => new Date(base.getTime() + k * 1000);
    const sent = await bank.send({ memo: known.code, time: at(0), reference: `R${format}1`, balance: null });
    const lines = [{ at: at(0), amount: 180000, memo: `MBVCB.1.${known.code} CHUYEN TIEN`, ref: `R${format}1` }, { at: at(1), amount: 180000, memo: `tien an ${lost.code}`, ref: `R${format}2` },
      { at: at(2), amount: 60000, memo: part.code, ref: `R${format}3` }, { at: at(3), amount: -11000, memo: 'PHI DICH VU', ref: `R${format}4` }];
    assert.deepEqual(await paid(lost), ['issued', 0, 0]);

    const bytes = write(no, lines, 5000000);
    assert.deepEqual(await counts(bank.account, bytes), [4, 4, 1, 3, 0, 0, 0]);
    assert.deepEqual(await paid(known), ['paid', 180000, 1]);
    assert.deepEqual(await paid(lost), ['paid', 180000, 1]);
    assert.deepEqual(await paid(part), ['partially_paid', 60000, 1]);
    assert.ok(await bank.event(sent));

    // The same again, a longer file, another order: only what is new counts.
    const again = await file(bank.account, bytes);
    assert.deepEqual([again.state, again.result.repeated, again.result.new_lines, again.result.healed], ['done', true, 0, 0]);
    const more = [...lines, { at: at(4), amount: 120000, memo: `lan hai ${part.code}`, ref: `R${format}5` }];
    assert.deepEqual(await counts(bank.account, write(no, more, 5000000)), [5, 1, 0, 1, 0, 0, 0]);
    assert.deepEqual(await paid(part), ['paid', 180000, 2]);
    assert.deepEqual(await counts(bank.account, write(no, more.slice(2), 5360000)), [3, 0, 0, 0, 0, 0, 0]);

    // Notices that come after their lines: taken, answered, and nothing is booked twice.
    const late = await bank.send({ memo: `tien an ${lost.code}`, time: at(1), reference: `R${format}2`, balance: null });
    assert.equal(await bank.event(late), undefined);
    await bank.send({ memo: part.code, amount: 60000, time: at(2), reference: `R${format}3`, balance: null });
    assert.deepEqual([await paid(lost), await paid(part)], [['paid', 180000, 1], ['paid', 180000, 2]]);

    const d = await states(bank.account, at(0));
    assert.deepEqual(d.states, { matched: [3, 420000, 0], matched_by_statement: [2, 120000, 11000] });
    assert.deepEqual([d.doc.bank.opening, d.doc.bank.in, d.doc.bank.out, d.doc.bank.closing], [5000000, 540000, 11000, 5529000]);
    assert.deepEqual([d.doc.books.in, d.doc.books.out, d.doc.agrees], [540000, 11000, true]);
  });
}

test('every format of the same days: nothing counts twice', async () => {
  const bank = await s.bank(school.token, 'sepay/apikey'), no = bank.account.account_no, base = new Date(Math.floor((Date.now() - 60_000) / 1000) * 1000);
  const codes = await Promise.all([1, 2, 3].map(() => fee(bank)));
  const lines = codes.map((c, i) => ({ at: new Date(base.getTime() + i * 1000), amount: 180000, memo: c.code }));
  lines.push({ at: new Date(base.getTime() + 5000), amount: 10000, memo: 'ung ho' }, { at: new Date(base.getTime() + 6000), amount: 10000, memo: 'ung ho' });
  assert.deepEqual(await counts(bank.account, FORMATS.csv(no, lines, 0)), [5, 5, 0, 5, 0, 0, 0]);
  for (const format of ['xlsx', 'mt940', 'camt']) assert.deepEqual(await counts(bank.account, FORMATS[format](no, lines, 0)), [5, 0, 0, 0, 0, 0, 0], format);
  for (const c of codes) assert.deepEqual(await paid(c), ['paid', 180000, 1]);
});

test('a notice that stands in no file is the first thing that a day shows', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), no = bank.account.account_no;
  const base = new Date(Math.floor((Date.now() - 4 * 3600_000) / 1000) * 1000), code = await fee(bank);
  if (day(base) !== day(new Date())) return; // between midnight and four the day is too young for this
  await bank.send({ memo: code.code, time: base, reference: 'FORGED', balance: null });
  assert.deepEqual((await states(bank.account, base)).states, { awaiting_statement: [1, 180000, 0] });
  const lines = [{ at: new Date(base.getTime() - 60_000), amount: 5, memo: 'x', ref: 'A1' }, { at: new Date(base.getTime() + 3 * 3600_000), amount: 6, memo: 'y', ref: 'A2' }];
  assert.deepEqual(await counts(bank.account, FORMATS.csv(no, lines, 0)), [2, 2, 0, 2, 0, 1, 0]);
  const d = await states(bank.account, base);
  assert.deepEqual([d.doc.items[0].state, d.doc.items[0].amount, d.doc.items[0].code], ['not_on_statement', 180000, code.code]);
  const items = await s.get('/api/v1/exceptions?state=open&limit=200', { token: school.token });
  assert.ok(items.json.items.some((x) => x.id === d.doc.items[0].exception && x.reason === 'not_on_statement' && x.amount === 180000));
  lines.push({ at: new Date(base.getTime() + 3 * 3600_000 + 1000), amount: 180000, memo: code.code, ref: 'FORGED' }); // the bank books it late
  assert.deepEqual(await counts(bank.account, FORMATS.csv(no, lines, 0)), [3, 1, 1, 0, 0, 0, 0]);
  assert.equal((await s.get('/api/v1/exceptions?state=self_resolved&limit=200', { token: school.token })).json.items.some((x) => x.id === d.doc.items[0].exception), true);
});

test('a missing line is a gap until it comes', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), no = bank.account.account_no, base = new Date(Math.floor((Date.now() - 60_000) / 1000) * 1000);
  const line = (k, amount, balance) => `${day(base).split('-').reverse().join('/')},${amount < 0 ? -amount : ''},${amount > 0 ? amount : ''},${balance},dong ${k}`;
  const head = 'Ngày,Nợ,Có,Số dư,Nội dung\n';
  assert.deepEqual(await counts(bank.account, Buffer.from(head + [line(1, 100, 100), line(3, 300, 600)].join('\n'))), [2, 2, 0, 2, 1, 0, 0]);
  const d = await states(bank.account, base);
  assert.deepEqual(d.doc.gaps.map((g) => [g.amount, g.direction, g.after, g.before]), [[200, 'in', 100, 300]]);
  assert.deepEqual(await counts(bank.account, Buffer.from(head + [line(1, 100, 100), line(2, 200, 300), line(3, 300, 600)].join('\n'))), [3, 1, 0, 1, 0, 0, 0]);
  assert.deepEqual((await states(bank.account, base)).doc.gaps, []);
  assert.ok(no);
});

test('a large file: killed while it reads and while it settles, every line is there once, in bounded memory', async () => {
  s.expectLog(/event=child_ended .*role=jobs .*signal=9/);
  const bank = await s.bank(school.token, 'sepay/hmac'), today = day(new Date()).split('-').reverse().join('/'), n = 6000;
  const rows = Array.from({ length: n }, (_, k) => `${today},,${1000 + k % 5},,FT${k},"MBVCB.${k}.nop tien ${k % 12}"`);
  const sent = await upload(bank.account, Buffer.from(['Ngày giao dịch,Nợ,Có,Số dư,Số tham chiếu,Nội dung', ...rows, ''].join('\n')));
  assert.equal(sent.status, 202, sent.text);
  const pid = () => Number([...s.log().matchAll(/event=child_started .*role=jobs .*pid=(\d+)/g)].at(-1)[1]);
  const most = () => { try { return Number(fs.readFileSync(`/proc/${pid()}/status`, 'utf8').match(/VmHWM:\s+(\d+) kB/)[1]); } catch { return 0; } };
  const kills = { reading: 1, settling: 2 };
  let peak = 0, at = 0;
  for (const began = Date.now(); ;) {
    const { json } = await s.get(`/api/v1/jobs/${sent.json.id}`, { token: school.token });
    assert.notEqual(json.state, 'failed', JSON.stringify(json));
    if (json.state === 'done') break;
    peak = Math.max(peak, most());
    const stage = json.stage === 'healing' ? 'settling' : 'reading';
    if (json.state === 'running' && kills[stage] > 0 && pid() !== at) {
      at = pid();
      process.kill(at, 'SIGKILL');
      kills[stage]--;
    }
    assert.ok(Date.now() - began < 150_000, JSON.stringify(json));
    await sleep(20);
  }
  assert.deepEqual(kills, { reading: 0, settling: 0 });
  const found = await s.sql(`select count(*)::int as n, sum(amount)::int as sum, count(distinct ext_id)::int as ids from audit.bank_event where account_id = ${number(bank.account)}`);
  assert.deepEqual(found, [{ n, sum: rows.reduce((sum, _, k) => sum + 1000 + k % 5, 0), ids: n }]);
  const [doc] = (await s.get(`/api/v1/statements?account=${bank.account.id}`, { token: school.token })).json.items;
  assert.deepEqual([doc.lines, doc.new_lines], [n, n]);
  assert.ok(peak > 0);
  if (!process.env.KHOP_BUILD?.includes('asan')) assert.ok(peak < 64 * 1024, `${peak} KiB at most`);
});

test('what a file may not be', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), no = bank.account.account_no, now = new Date();
  const good = FORMATS.csv(no, [{ at: now, amount: 5, memo: 'x' }], 0);
  for (const [bytes, code] of [[Buffer.from('%PDF-1.7'), 'not_a_sheet'], [Buffer.from('a,b\n1,2\n'), 'no_header'], [FORMATS.mt940('999', [{ at: now, amount: 5 }], 0), 'other_account'],
    [Buffer.from(good.toString().replace(`,${5},${5},`, ',5,6,').replace('Số dư đầu kỳ,,,,0', 'Số dư đầu kỳ,,,,9')), 'opening'],
    [Buffer.from('Ngày,Nợ,Có\n20/11/2026,,x\n'), 'amount']]) {
    const job = await file(bank.account, bytes);
    assert.deepEqual([job.state, job.errors[0]?.code], ['failed', code], JSON.stringify(job));
    assert.equal((await s.get(`/api/v1/statements?account=${bank.account.id}`, { token: school.token })).json.items.length, 0);
  }
  assert.equal((await upload(bank.account, good, { token: null })).status, 401);
  assert.equal((await upload({ id: 'acc_none' }, good)).status, 400);
  assert.equal((await upload(bank.account, good, { format: 'pdf', unchecked: true })).status, 400);
  const foreign = await upload(bank.account, good, { token: other.token });
  assert.equal((await ended(foreign.json, other.token)).errors[0].code, 'account');
  assert.equal((await upload(bank.account, good, { token: await s.token(school.id, 'read') })).status, 403);
});

test('entries that are not the sum of their payments, and days to come: shown in words, and nothing is booked', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), no = bank.account.account_no, now = new Date(Math.floor((Date.now() - 60_000) / 1000) * 1000), code = await fee(bank);
  const good = { at: now, amount: 180000, memo: code.code, ref: 'G1' }, tomorrow = new Date(now.getTime() + 24 * 3600_000 + 60_000);
  const batch = Buffer.from(FORMATS.camt(no, [good, { at: now, amount: 301, memo: 'x', ref: 'G2' }], 0).toString().replace('<NtryDtls><TxDtls><RmtInf><Ustrd>x',
    '<NtryDtls><TxDtls><Amt Ccy="VND">100</Amt></TxDtls><TxDtls><Amt Ccy="VND">200</Amt><RmtInf><Ustrd>x'));
  const refused = async (bytes, language) => {
    const job = await file(bank.account, bytes);
    assert.equal(job.state, 'failed', JSON.stringify(job));
    assert.equal((await s.get(`/api/v1/statements?account=${bank.account.id}`, { token: school.token })).json.items.length, 0);
    assert.deepEqual(await paid(code), ['issued', 0, 0]);
    return (await s.get(`/api/v1/jobs/${job.id}`, { token: school.token, headers: { 'Accept-Language': language } })).json.errors.map((e) => [e.line, e.code, e.detail]);
  };
  assert.deepEqual(await refused(batch, 'en'), [[2, 'details', 'The payments of this entry do not add up to its amount. 300 ≠ 301 VND']]);
  assert.deepEqual(await refused(batch, 'vi'), [[2, 'details', 'Các khoản chi tiết của bút toán này cộng lại không bằng số tiền của bút toán. 300 ≠ 301 VND']]);
  for (const format of Object.keys(FORMATS)) {
    const errors = await refused(FORMATS[format](no, [good, { at: tomorrow, amount: 5, memo: 'x', ref: 'G2' }], 0), 'vi');
    assert.deepEqual(errors.map((e) => e.slice(1)), [['future', 'Dòng này ghi một ngày chưa đến.']], format);
  }
  // A value date of tomorrow is usual: the entry itself is of today.
  const value = FORMATS.mt940(no, [{ ...good, at: now }], 0).toString().replace(`:61:${compact(now)}`, `:61:${compact(tomorrow)}`);
  assert.deepEqual(await counts(bank.account, Buffer.from(value)), [1, 1, 0, 1, 0, 0, 0]);
  assert.deepEqual(await paid(code), ['paid', 180000, 1]);
});

test('dates with two readings: the whole file decides, and the result says how, with an example', async () => {
  const head = 'Ngày,Nợ,Có,Nội dung\n';
  for (const [rows, dates, from] of [
    [['03/04/2026,,5,x', '04/04/2026,,6,y'], { date_order: 'day_first', date_by: 'guess', row: 2, written: '03/04/2026', read: '2026-04-03' }, '2026-04-03'],
    [['03/04/2026,,5,x', '03/14/2026,,6,y'], { date_order: 'month_first', date_by: 'day_above_12', row: 2, written: '03/04/2026', read: '2026-03-04' }, '2026-03-04'],
    [['2026-04-03,,5,x'], undefined, '2026-04-03'],
  ]) {
    const bank = await s.bank(school.token, 'sepay/hmac'), job = await file(bank.account, Buffer.from(head + rows.join('\n')));
    assert.deepEqual([job.state, job.result?.dates, job.result?.from], ['done', dates, from], JSON.stringify(job));
  }
});

test('files and days: lists, documents, strangers', async () => {
  const bank = await s.bank(school.token, 'sepay/hmac'), now = new Date(), bytes = FORMATS.csv(bank.account.account_no, [{ at: now, amount: 5, memo: 'x' }], 0);
  await file(bank.account, bytes);
  const list = await s.get(`/api/v1/statements?account=${bank.account.id}`, { token: school.token });
  assert.equal(list.json.items.length, 1);
  const [doc] = list.json.items;
  assert.deepEqual([doc.format, doc.profile, doc.lines, doc.money_in, doc.money_out, doc.opening, doc.closing, doc.sha256],
    ['csv', 'generic', 1, 5, 0, 0, 5, crypto.createHash('sha256').update(bytes).digest('hex')]);
  assert.deepEqual((await s.get(`/api/v1/statements/${doc.id}`, { token: school.token })).json, doc);
  assert.equal((await s.get(`/api/v1/statements/${doc.id}`, { token: other.token })).status, 404);
  assert.equal((await s.get(`/api/v1/reconciliation?account=${bank.account.id}&date=${day(now)}`, { token: other.token })).status, 404);
  for (const query of ['', `?account=${bank.account.id}`, `?account=${bank.account.id}&date=2026-02-30`, `?account=x&date=${day(now)}`, `?account=${bank.account.id}&date=${day(now)}&limit=0`])
    assert.equal((await s.get(`/api/v1/reconciliation${query}`, { token: school.token, unchecked: true })).status, 400, query);
  const page = await s.get(`/api/v1/reconciliation?account=${bank.account.id}&date=${day(now)}&state=matched_by_statement&limit=1`, { token: school.token });
  assert.deepEqual([page.json.count, page.json.items.length, page.json.next], [1, 1, null]);
});

