// Lists of pupils for tests: the same list every time, as CSV or XLSX.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FAMILY = ['Lò', 'Quàng', 'Cầm', 'Vàng', 'Đinh', 'Nguyễn', 'Tòng', 'Mùa'], MIDDLE = ['Văn', 'Thị', 'A', 'Thị Ngọc', 'Minh'];
const GIVEN = ['An', 'Ánh', 'Bình', 'Cường', 'Dũng', 'Đức', 'Giang', 'Hà', 'Khánh', 'Ơn', 'Phương', 'Quyên', 'Sơn', 'Thảo', 'Ê', 'Yến'];
const CLASSES = ['1A', '1B', '2A', '10A', '5B'];

// n pupils; siblings share a household in pairs. `prefix` makes another school of them, with classes of its own.
export const pupils = (n, prefix = 'HS') => Array.from({ length: n }, (_, i) => ({
  ref: `${prefix}${String(i + 1).padStart(4, '0')}`,
  name: `${FAMILY[i % 8]} ${MIDDLE[(i >> 1) % 5]} ${GIVEN[(i * 7) % 16]}`,
  class: prefix === 'HS' ? CLASSES[i % 4] : `${prefix}${1 + (i % 100)}`,
  household: `09${String(10000000 + (i >> 1))}`,
}));

const collate = new Intl.Collator('vi', { numeric: true });
export const given = (rows) => [...rows].sort((a, b) => collate.compare(a.class, b.class) || collate.compare(a.name.split(' ').at(-1), b.name.split(' ').at(-1)) || collate.compare(a.name, b.name) || (a.ref < b.ref ? -1 : 1));

export const table = (rows) => `STT;Mã học sinh;Họ và tên;Lớp;SĐT phụ huynh\n${rows.map((p, i) => `${i + 1};${p.ref};${p.name};${p.class};${p.household}`).join('\n')}\n`;

// As Excel writes it, made by a program that is not ours.
export function workbook(rows, folder) {
  const file = path.join(folder, 'pupils.xlsx');
  execFileSync('/usr/bin/python3', ['-c', `import sys, json, openpyxl
book = openpyxl.Workbook()
sheet = book.active
sheet.append(['DANH SÁCH HỌC SINH'])
sheet.append([])
sheet.append(['STT', 'Mã học sinh', 'Họ và tên', 'Lớp', 'SĐT phụ huynh'])
for i, p in enumerate(json.load(sys.stdin)):
    sheet.append([i + 1, p['ref'], p['name'], p['class'], p['household']])
book.save(sys.argv[1])`, file], { input: JSON.stringify(rows) });
  return readFileSync(file);
}

// Any rows as an XLSX, cells as they are (numbers stay numbers); and the cells of one.
export function sheet(rows, folder) {
  const file = path.join(folder, 'sheet.xlsx');
  execFileSync('/usr/bin/python3', ['-c', `import sys, json, openpyxl
book = openpyxl.Workbook()
for row in json.load(sys.stdin): book.active.append(row)
book.save(sys.argv[1])`, file], { input: JSON.stringify(rows) });
  return readFileSync(file);
}
export function cells(bytes, folder) {
  const file = path.join(folder, 'cells.xlsx');
  writeFileSync(file, bytes);
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', 'import sys,json,openpyxl\nw=openpyxl.load_workbook(sys.argv[1]).active\nprint(json.dumps([[c if isinstance(c,(int,str)) else None for c in r] for r in w.iter_rows(values_only=True)]))', file], { encoding: 'utf8' }));
}

// What a program does with a list: sends it, waits until it was looked at, says yes.
export function lists(s, own) {
  const job = async (id, token = own) => (await s.get(`/api/v1/jobs/${id}`, { token })).json;
  async function until(id, ends = ['done', 'failed', 'cancelled', 'waiting']) {
    for (const began = Date.now(); ;) {
      const now = await job(id);
      if (ends.includes(now.state)) return now;
      assert.ok(Date.now() - began < 60_000, JSON.stringify(now));
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  const send = (where, body, { headers = { 'Content-Type': 'text/csv' }, token = own, key = crypto.randomUUID() } = {}) => s.request('POST', where, { token, key, body, headers });
  async function looked(where, body, options) {
    const answer = await send(where, body, options);
    assert.equal(answer.status, 202, answer.text);
    return until(answer.json.id);
  }
  async function yes(id, state = 'done') {
    const said = await s.post(`/api/v1/jobs/${id}/confirm`, undefined, { token: own });
    assert.equal(said.status, 200, said.text);
    const end = await until(id, ['done', 'failed']);
    assert.equal(end.state, state, JSON.stringify(end));
    return end;
  }
  async function taken(where, body, options) {
    const asked = await looked(where, body, options);
    assert.equal(asked.state, 'waiting', JSON.stringify(asked));
    await yes(asked.id);
    return asked.result;
  }
  return { job, until, send, looked, yes, taken };
}
