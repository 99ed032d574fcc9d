// Every sentence that the API says in detail has its Vietnamese, and says the same places and values.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { server, source } from './harness.mjs';

const s = await server();
const dir = path.join(source, 'lib/api');
const strings = (text) => [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]);

// The sentences of every call that answers with a detail, and those of tables of faults.
function details() {
  const found = new Set();
  const handlers = ['lib/api', 'lib/web'].flatMap((folder) => readdirSync(path.join(source, folder)).filter((n) => n.endsWith('.c') && n !== 'problem_vi.c').map((n) => `${folder}/${n}`));
  for (const name of handlers) {
    const code = readFileSync(path.join(source, name), 'utf8');
    for (const m of code.matchAll(/(?:api_(?:problem|in_fault|query_wrong)|desk_refuse(?:_as)?|return (?:done|changed))\((?:"(?:[^"\\]|\\.)*"|[^;"])*\);|struct api_error e = \{[^}]*\}|\{ "\w+", "[^"]+\." \}/g)) {
      for (const detail of strings(m[0])) if (/ .*\.$/.test(detail)) found.add(detail);
    }
  }
  // Sentences that have values behind them, of lines of lists and of addresses to call, told by whoever reads them.
  for (const [name, pattern] of [['lib/api/query.c', /static const char \w+\[\] = .*/g], ['lib/api/payout_line.c', /tell\([^;]*\);|\? "[^;]*;/g], ['lib/http/target.c', /return "[^;]*;/g]]) {
    for (const m of readFileSync(path.join(source, name), 'utf8').matchAll(pattern)) for (const detail of strings(m[0])) if (/ .*\.$/.test(detail)) found.add(detail);
  }
  // The faults of files, said where their lines are read: by the kinds of jobs and what they read with.
  const kinds = ['lib/app', 'lib/app/kinds'].flatMap((folder) => readdirSync(path.join(source, folder)).filter((n) => n.endsWith('.c')).map((n) => `${folder}/${n}`));
  for (const name of ['lib/api/bulk.c', 'lib/flow/csv.c', ...kinds]) {
    const code = readFileSync(path.join(source, name), 'utf8');
    for (const m of code.matchAll(/(?:line_fault|api_bulk_fault|job_fault|list_open|fault)\([^;]*\);|\*why = "[^;]*;|#define HEADER_WRONG .*|static const char NEEDS\[\] = .*|\{ "\w+", "[^"]+", C_\w+ \}/g)) {
      for (const detail of strings(m[0])) if (/ .*\.$/.test(detail)) found.add(detail);
    }
  }
  // What is wrong with sheets and statements of banks is told by their readers.
  for (const name of readdirSync(path.join(source, 'lib/provider')).filter((n) => /^(statement.*|sheet)\.c$/.test(n))) {
    for (const detail of strings(readFileSync(path.join(source, 'lib/provider', name), 'utf8'))) if (/^[A-Z].* .*\.$/.test(detail)) found.add(detail);
  }
  return found;
}

test('every detail has its translation, and every translation its detail', () => {
  const table = readFileSync(path.join(dir, 'problem_vi.c'), 'utf8');
  const pairs = [...table.matchAll(/\{\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\s*\}/g)].map((m) => [m[1], m[2]]);
  assert.deepEqual(pairs.map(([en]) => en).sort(), [...details()].sort());
  for (const [en, vi] of pairs) {
    assert.notEqual(en, vi);
    assert.equal(vi, vi.normalize('NFC'), vi);
    assert.ok(vi.endsWith('.'), vi);
    const names = (text) => (text.match(/\/openapi\.json|\b(?:bin|account_no|limit|after|state|status|account|year|fee|stall|payout|card|sepay|casso|payos|vietqrvn|standardwebhooks)\b|\d{4}-\d\d-\d\d\S*|\b\d{1,4}\b/g) ?? []).sort();
    for (const name of names(vi)) assert.ok(en.includes(name), `${vi}: ${name} is not in the English`);
  }
});

test('what the log of audit events says of every action is in words', () => {
  const sql = path.join(source, 'sql/functions'), said = readFileSync(path.join(source, 'lib/web/locale/vi/people.po'), 'utf8');
  const actions = readdirSync(sql).flatMap((name) => [...readFileSync(path.join(sql, name), 'utf8').matchAll(/audit_(?:add|put)\([^;]*;/g)].flatMap((call) => [...call[0].matchAll(/'([a-z_]+\.[a-z_]+)'/g)].map((m) => m[1])));
  assert.ok(actions.length > 30, `${actions.length} actions`);
  assert.deepEqual(actions.filter((action) => !said.includes(`msgid "action.${action}"`)), []);
});

test('a refusal speaks the language that was asked for', async () => {
  const org = await s.org();
  const ask = (language) => s.post('/api/v1/codes', { account: 'x', kind: 'fee', amount: 0 }, { token: org.token, key: 'k', headers: language ? { 'Accept-Language': language } : {} });
  const said = async (language) => Object.fromEntries((await ask(language)).json.errors.map((e) => [e.pointer, e.detail]));
  assert.deepEqual(await said('vi-VN,vi;q=0.9'), { '/account': 'Đây không phải mã định danh của loại này.', '/amount': 'Số này nằm ngoài khoảng cho phép.' });
  for (const language of ['en', undefined]) assert.deepEqual(await said(language), { '/account': 'This is not the id of such a thing.', '/amount': 'This number is outside what is allowed.' });
});

test('a parameter of an address that is wrong is named, with what it may be', async () => {
  const org = await s.org();
  const wrong = async (path, language) => {
    const { status, json } = await s.get(path, { token: org.token, unchecked: true, headers: language ? { 'Accept-Language': language } : {} });
    assert.deepEqual([status, json.code, json.errors.length, Object.keys(json.errors[0])], [400, 'bad_request', 1, ['parameter', 'code', 'detail']], path);
    assert.equal(json.detail, `${json.errors[0].parameter}: ${json.errors[0].detail}`, path);
    return [json.errors[0].parameter, json.errors[0].code, json.errors[0].detail];
  };
  assert.deepEqual(await wrong('/api/v1/codes?limit=0'), ['limit', 'range', 'This must be a whole number between these two. 1, 200']);
  assert.deepEqual(await wrong('/api/v1/codes?limit=201', 'vi'), ['limit', 'range', 'Phải là số nguyên trong khoảng giữa hai số sau. 1, 200']);
  assert.deepEqual(await wrong('/api/v1/payouts?after=x', 'vi'), ['after', 'cursor', 'Phải là giá trị next mà trang trước đã cho.']);
  assert.deepEqual(await wrong('/api/v1/codes?status=odd'), ['status', 'choice', 'This must be one of these. issued, partially_paid, paid, overpaid, paid_late, cancelled']);
  assert.deepEqual(await wrong('/api/v1/exceptions?state=open&account=acc_x', 'vi'), ['account', 'id', 'Đây không phải mã định danh của loại này.']);
  assert.deepEqual(await wrong('/api/v1/reports/days?from=2026-02-30'), ['from', 'date', 'This must be a date such as 2026-11-30.']);
  assert.deepEqual(await wrong('/api/v1/reports/days?from=2026-02-02&to=2026-02-01', 'vi'), ['to', 'range', 'Không được trước ngày bắt đầu.']);
  assert.deepEqual(await wrong('/api/v1/receipts?year=2026&year=2027'), ['year', 'query', 'This must be there once, as UTF-8 with percent signs.']);
  assert.deepEqual((await wrong('/api/v1/reconciliation?date=2026-11-30'))[0], 'account');
});
