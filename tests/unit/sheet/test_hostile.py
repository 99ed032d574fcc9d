"""Archives and XML that only an attacker or a broken disk makes. Each must be refused soon and by name."""
import io
import random
import time
import unittest
import zipfile
import zlib

import openpyxl

from dump import Read
from test_xlsx import replace, save, shared

SHEET = 'xl/worksheets/sheet1.xml'


def book(rows=(('a', 1), ('b', 2))):
    b = openpyxl.Workbook()
    for row in rows:
        b.active.append(row)
    return shared(save(b)) if any(isinstance(c, str) for row in rows for c in row) else save(b)


def with_entry(data, path, body, how=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as z, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as w:
        for name in z.namelist():
            if name != path:
                w.writestr(name, z.read(name))
        if body is not None:
            w.writestr(path, body, how)
    return out.getvalue()


class Bombs(unittest.TestCase):
    def test_unpacks_to_much(self):
        began = time.time()
        body = b'<worksheet xmlns="m"><sheetData>' + b' ' * (40 << 20) + b'</sheetData></worksheet>'
        self.assertEqual(Read(with_entry(book(), SHEET, body)).fault, 'bomb')
        self.assertLess(time.time() - began, 20)

    def test_lies_about_its_size(self):
        data = bytearray(with_entry(book(), SHEET, b'<worksheet xmlns="m"><sheetData>' + b' ' * (16 << 20) + b'</sheetData></worksheet>'))
        size = (16 << 20) + len(b'<worksheet xmlns="m"><sheetData></sheetData></worksheet>')
        at = data.rfind(size.to_bytes(4, 'little'))
        data[at:at + 4] = (5000).to_bytes(4, 'little')
        self.assertIn(Read(bytes(data)).fault, ('bomb', 'broken_archive'))

    def test_many_entries(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, 'w') as w:
            for i in range(5000):
                w.writestr('x%d' % i, b'')
        self.assertEqual(Read(out.getvalue()).fault, 'bomb')

    def test_many_strings(self):
        rng = random.Random(3)
        text = ''.join('<si><t>%s</t></si>' % (chr(65 + rng.randrange(26)) * 1000) for _ in range(36000))
        body = '<sst xmlns="m">' + text + '</sst>'
        self.assertEqual(Read(with_entry(book(), 'xl/sharedStrings.xml', body)).fault, 'too_many_strings')

    def test_wide_and_long(self):
        self.assertEqual(Read(replace(book(), SHEET, 'r="B1"', 'r="ABC1"')).fault, 'too_many_columns')
        self.assertEqual(Read(replace(book(), SHEET, '<row r="2"', '<row r="1048577"')).fault, 'too_many_rows')
        self.assertEqual(Read(replace(book([['x']]), 'xl/sharedStrings.xml', '>x</t>', '>%s</t>' % ('y' * 40000))).fault, 'row_too_long')

    def test_other_packings(self):
        for how in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            body = b'<worksheet xmlns="m"><sheetData>' + b' ' * (4 << 20) + b'</sheetData></worksheet>'
            self.assertEqual(Read(with_entry(book(), SHEET, body, how)).fault, 'broken_archive')


class Xml(unittest.TestCase):
    def fault(self, body, path=SHEET):
        return Read(with_entry(book(), path, body)).fault

    def test_entities(self):
        laughs = '<!DOCTYPE a [<!ENTITY l "ha">' + ''.join('<!ENTITY l%d "%s">' % (i, '&l%s;' % (i - 1 if i > 1 else '') * 10) for i in range(1, 10)) + ']>'
        sheet = '<worksheet xmlns="m"><sheetData><row><c t="str"><v>&l9;</v></c></row></sheetData></worksheet>'
        self.assertEqual(self.fault(laughs + sheet), 'forbidden_xml')
        outside = '<!DOCTYPE a [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>'
        self.assertEqual(self.fault(outside + sheet), 'forbidden_xml')
        self.assertEqual(self.fault('<!DOCTYPE worksheet SYSTEM "http://127.0.0.1:9/x.dtd">' + sheet), 'forbidden_xml')
        self.assertEqual(self.fault(outside + '<sst xmlns="m"/>', 'xl/sharedStrings.xml'), 'forbidden_xml')

    def test_broken(self):
        for body in ('', '<worksheet', '<worksheet xmlns="m"><sheetData><row>', '<worksheet xmlns="m"></sheetData>', '\0\0\0', '<a/><b/>',
                     '<worksheet xmlns="m"><sheetData><row><c t="s"><v>99</v></c></row></sheetData></worksheet>',
                     '<worksheet xmlns="m"><sheetData><row><c t="s"><v>-1</v></c></row></sheetData></worksheet>',
                     '<worksheet xmlns="m"><sheetData><row><c t="str"><v>&none;</v></c></row></sheetData></worksheet>'):
            self.assertEqual(self.fault(body), 'broken_xml', body)

    def test_one_endless_tag(self):
        began = time.time()
        rng = random.Random(5)
        junk = ''.join(rng.choice('abcdefghij') for _ in range(3 << 20))
        self.assertEqual(self.fault('<worksheet xmlns="m" a="' + junk + '"/>'), 'broken_xml')
        self.assertEqual(self.fault('<worksheet xmlns="m"><!-- ' + junk + ' --></worksheet>'), 'broken_xml')
        self.assertLess(time.time() - began, 20)

    def test_deep(self):
        began = time.time()
        r = Read(with_entry(book(), SHEET, '<worksheet xmlns="m">' + '<a>' * 50000 + '</a>' * 50000 + '</worksheet>'))
        self.assertIn(r.fault, (None, 'bomb'))
        self.assertLess(time.time() - began, 10)

    def test_foreign_elements_are_skipped(self):
        body = '<x:worksheet xmlns:x="m"><x:sheetData><x:row r="3"><x:c r="B3"><x:v>7</x:v><x:f>1</x:f></x:c><y/></x:row></x:sheetData></x:worksheet>'
        self.assertEqual(Read(with_entry(book(), SHEET, body)).rows, [(3, [('t', ''), ('n', '7')])])


class Archives(unittest.TestCase):
    def test_not_a_workbook(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, 'w') as w:
            w.writestr('word/document.xml', b'<w/>')
        self.assertEqual(Read(out.getvalue()).fault, 'not_a_sheet')
        self.assertEqual(Read(with_entry(book(), '_rels/.rels', None)).fault, 'not_a_sheet')
        self.assertEqual(Read(with_entry(book(), 'xl/workbook.xml', None)).fault, 'not_a_sheet')
        self.assertEqual(Read(with_entry(book(), SHEET, None)).fault, 'broken_archive')
        self.assertEqual(Read(with_entry(book(), 'xl/workbook.xml', '<workbook xmlns="m"><sheets/></workbook>')).fault, 'empty')

    def test_paths_stay_inside(self):
        for target in ('../../../../etc/passwd', '/etc/passwd', 'file:///etc/passwd', ''):
            data = replace(book(), 'xl/_rels/workbook.xml.rels', 'Target="/xl/worksheets/sheet1.xml"', 'Target="%s"' % target)
            self.assertEqual(Read(data).fault, 'broken_archive', target)

    def test_without_strings_and_styles(self):
        self.assertEqual(Read(with_entry(book([[1, 2]]), 'xl/styles.xml', None)).rows, [(1, [('n', '1'), ('n', '2')])])
        self.assertEqual(Read(with_entry(book([['a']]), 'xl/sharedStrings.xml', None)).fault, 'broken_xml')

    def test_encrypted(self):
        data = bytearray(book())
        for mark in (b'PK\x03\x04', b'PK\x01\x02'):
            at = -1
            while (at := data.find(mark, at + 1)) >= 0:
                data[at + (6 if mark[2] == 3 else 8)] |= 1
        self.assertEqual(Read(bytes(data)).fault, 'old_excel')

    def test_every_cut(self):
        data = book()
        for n in range(4, len(data), 211):
            self.assertIsNotNone(Read(data[:n]).fault, n)

    def test_flipped_bytes(self):
        """Whatever comes out, it comes out: no crash, no hang (the sanitized build runs this too)."""
        rng = random.Random(9)
        data = book([['Họ tên', 1, 2.5]] * 20)
        for _ in range(60):
            bad = bytearray(data)
            for _ in range(rng.randint(1, 6)):
                bad[rng.randrange(len(bad))] = rng.randrange(256)
            Read(bytes(bad))

    def test_flipped_bytes_under_a_right_checksum(self):
        rng = random.Random(10)
        data = book([['Họ tên', 1, 2.5]] * 5)
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            parts = {n: z.read(n) for n in z.namelist()}
        for name in sorted(parts):
            for _ in range(6):
                body = bytearray(parts[name])
                for _ in range(rng.randint(1, 4)):
                    body[rng.randrange(len(body))] = rng.randrange(256)
                Read(with_entry(data, name, bytes(body)))


if __name__ == '__main__':
    unittest.main()
