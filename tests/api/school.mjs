// Lists of pupils for tests: the same list every time, as CSV or XLSX.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
