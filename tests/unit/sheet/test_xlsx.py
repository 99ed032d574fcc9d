"""XLSX as openpyxl writes it, and columns found by their titles."""
import datetime
import io
import random
import re
import unicodedata
import unittest
import zipfile

import openpyxl

from dump import Read


def save(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def one(rows, **formats):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for place, code in formats.items():
        sheet[place].number_format = code
    return Read(save(book))


def plain(cells):
    while cells and cells[-1][1] == '':
        cells.pop()
    return cells


class Cells(unittest.TestCase):
    def test_kinds(self):
        r = one([['Họ tên', 180000, 1234.5, True, '#N/A', '=1+1', None, 'x'],
                 [datetime.date(2026, 11, 20), datetime.datetime(2026, 11, 20, 8, 3, 11), datetime.time(8, 3, 11), datetime.timedelta(hours=30)]])
        self.assertEqual(r.rows[0], (1, [('t', 'Họ tên'), ('n', '180000'), ('n', '1234.5'), ('b', 'TRUE'), ('e', '#N/A'), ('t', ''), ('t', ''), ('t', 'x')]))
        self.assertEqual(r.rows[1][1][:3], [('d', '2026-11-20'), ('d', '2026-11-20 08:03:11'), ('d', '08:03:11')])

    def test_numbers_are_exact(self):
        book = openpyxl.Workbook()
        book.active.append([0])
        path, data = 'xl/worksheets/sheet1.xml', save(book)
        values = {'999999999999': '999999999999', '19036912345678901234': '19036912345678901234', '1.8E5': '180000', '1.23456789012345E+14': '123456789012345',
                  '179999.99999999997': '180000', '0.1': '0.1', '-0': '0', '-12.50': '-12.5', '1E-3': '0.001', '.5': '0.5', '5.': '5', '00012': '12',
                  '9007199254740993': '9007199254740993', '0.30000000000000004': '0.3', '99999999999999.996': '100000000000000'}
        for raw, want in values.items():
            r = Read(replace(data, path, '<v>0</v>', '<v>%s</v>' % raw))
            self.assertEqual(r.rows, [(1, [('n', want)])], raw)
        for raw in ('1e999', 'nan', '1.2.3', '12a', '--1', '1' * 41):
            r = Read(replace(data, path, '<v>0</v>', '<v>%s</v>' % raw))
            self.assertEqual(r.rows, [(1, [('t', raw)])], raw)

    def test_dates_against_openpyxl(self):
        rng = random.Random(7)
        days = [datetime.datetime(1900, 3, 1) + datetime.timedelta(seconds=rng.randrange(0, 6 * 10**9)) for _ in range(400)]
        days += [datetime.datetime(1900, 1, 1), datetime.datetime(1900, 2, 28), datetime.datetime(1999, 12, 31, 23, 59, 59), datetime.datetime(2026, 11, 20)]
        for epoch in (None, openpyxl.utils.datetime.CALENDAR_MAC_1904):
            book = openpyxl.Workbook()
            if epoch is not None:
                book.epoch = epoch
            days = [d for d in days if epoch is None or d.year >= 1904]
            for d in days:
                book.active.append([d])
            r = Read(save(book))
            for (_, cells), d in zip(r.rows, days):
                self.assertEqual(cells, [('d', d.strftime('%Y-%m-%d') if d.time() == datetime.time() else d.strftime('%Y-%m-%d %H:%M:%S'))])

    def test_formats(self):
        dates = ['dd/mm/yyyy', 'D-MMM-YY', '[$-42A]dd mmmm yyyy', 'hh:mm', '[h]:mm', 'yyyy"年"m', 'm/d/yy h:mm']
        numbers = ['General', '#,##0', '0.00', '#,##0 "đ"', '[Red]-#,##0', '"ngày" 0', '0_);(0)', '@', '\\d0', '0;yyyy', '[Blue]General']
        for code in dates:
            self.assertEqual(one([[46346.5]], A1=code).rows[0][1][0][0], 'd', code)
        for code in numbers:
            self.assertEqual(one([[46346]], A1=code).rows[0][1], [('n', '46346')], code)

    def test_texts(self):
        r = one([['  trim ', 'two\nlines', unicodedata.normalize('NFD', 'Lường Thị Ngân'), 'a_x000D_b', '_x0041_', 'tab\tx', '&lt;&amp;', 'x' * 32000]])
        self.assertEqual([t for _, t in r.rows[0][1]], ['trim', 'two lines', 'Lường Thị Ngân', 'a b', '_x0041_', 'tab x', '&lt;&amp;', 'x' * 32000])

    def test_rich_and_inline_strings(self):
        data = shared(save(book_of([['nội dung', 1]])))
        rich = '<si><r><t>Lò </t></r><rPh sb="0" eb="1"><t>XX</t></rPh><r><rPr><b/></rPr><t>Mây</t></r></si>'
        strings, sheet = 'xl/sharedStrings.xml', 'xl/worksheets/sheet1.xml'
        r = Read(replace(data, strings, '<si><t xml:space="preserve">n&#7897;i dung</t></si>', rich))
        self.assertEqual(r.rows[0][1], [('t', 'Lò Mây'), ('n', '1')])
        cell = '<c r="A1" t="s"><v>0</v></c>'
        r = Read(replace(data, sheet, cell, '<c t="inlineStr"><is><t>Lò </t><r><t>Mây</t></r></is></c>'))
        self.assertEqual(r.rows[0][1], [('t', 'Lò Mây'), ('n', '1')])
        r = Read(replace(data, sheet, cell, '<c r="A1" t="str"><f>A2</f><v>cũ</v></c>'))
        self.assertEqual(r.rows[0][1][0], ('t', 'cũ'))

    def test_places(self):
        book = openpyxl.Workbook()
        s = book.active
        s['C2'], s['IV5'], s['A1000'] = 'c', 'last', 'far'
        r = Read(save(book))
        self.assertEqual([(n, len(c)) for n, c in r.rows], [(2, 3), (5, 256), (1000, 1)])

    def test_random_books_against_openpyxl(self):
        rng = random.Random(11)
        for _ in range(8):
            book = openpyxl.Workbook()
            want = []
            for i in range(rng.randint(1, 200)):
                row = [rng.choice([None, '', rng.randrange(-10**12, 10**12), 'Lớp %d' % rng.randrange(99), 'x' * rng.randrange(300)]) for _ in range(rng.randint(0, 20))]
                book.active.append(row)
                cells = plain([('t', '') if v in (None, '') else ('n', str(v)) if isinstance(v, int) else ('t', v) for v in row])
                if cells:
                    want.append((i + 1, cells))
            self.assertEqual(Read(save(book)).rows, want)
            self.assertEqual(Read(shared(save(book))).rows, want)

    def test_many_rows(self):
        book = openpyxl.Workbook(write_only=True)
        s = book.create_sheet()
        for i in range(30000):
            s.append([i, 'Nguyễn Văn %d' % (i % 1000), 180000 + i])
        r = Read(save(book))
        self.assertEqual(len(r.rows), 30000)
        self.assertEqual(r.rows[-1], (30000, [('n', '29999'), ('t', 'Nguyễn Văn 999'), ('n', '209999')]))


def replace(data, path, old, new):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as z, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as w:
        for name in z.namelist():
            body = z.read(name)
            if name == path:
                text = body.decode()
                assert old in text, (old, text[:2000])
                body = text.replace(old, new).encode()
            w.writestr(name, body)
    return out.getvalue()


def shared(data):
    """The same book with its texts as shared strings, as other programs write them."""
    texts, out = [], io.BytesIO()

    def take(m):
        texts.append(m.group(2))
        return '<c%s t="s"><v>%d</v></c>' % (m.group(1), len(texts) - 1)

    with zipfile.ZipFile(io.BytesIO(data)) as z, zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as w:
        for name in z.namelist():
            if name.startswith('xl/worksheets/'):
                text = re.sub(r'<c([^>]*?) t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>', take, z.read(name).decode(), flags=re.S)
                w.writestr(name, text)
            elif name == 'xl/_rels/workbook.xml.rels' and b'sharedStrings' not in z.read(name):
                more = '<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>'
                w.writestr(name, z.read(name).decode().replace('</Relationships>', more + '</Relationships>'))
            elif name != 'xl/sharedStrings.xml':
                w.writestr(name, z.read(name))
        w.writestr('xl/sharedStrings.xml', '<sst xmlns="m">' + ''.join('<si><t xml:space="preserve">%s</t></si>' % t for t in texts) + '</sst>')
    assert texts
    return out.getvalue()


class Sheets(unittest.TestCase):
    def test_hidden_ones_are_left_out(self):
        book = openpyxl.Workbook()
        book.active.title = 'Ẩn'
        book.active.append(['hidden'])
        book.create_sheet('Danh sách').append(['shown'])
        book.create_sheet('Khác').append(['other'])
        book['Ẩn'].sheet_state = 'hidden'
        r = Read(save(book))
        self.assertEqual({k: [[t for _, t in c] for _, c in v] for k, v in r.sheets.items()}, {'Danh sách': [['shown']], 'Khác': [['other']]})


NAME, CLASS, MONEY, DATE = '!họ và tên|họ tên|tên học sinh|name', 'lớp|lớp học|class', '!số tiền|amount|phải nộp', 'ngày|ngày sinh|date'


class Header(unittest.TestCase):
    def find(self, rows, *names):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        return Read(save(book), *names)

    def test_below_a_letterhead(self):
        r = self.find([['TRƯỜNG PTDTBT TIỂU HỌC'], [], ['Danh sách học sinh lớp 6A'], ['STT', 'HỌ VÀ TÊN', 'Lop', 'Số tiền (đồng)'], [1, 'Mây', '6A', 5]], NAME, CLASS, MONEY, DATE)
        self.assertEqual((r.header, r.fault), ([0, 4, 1, 2, 3, -1], None))
        self.assertEqual(r.titles, [(False, 'STT'), (True, 'HỌ VÀ TÊN'), (True, 'Lop'), (True, 'Số tiền (đồng)')])
        self.assertEqual(r.rows, [(5, [('n', '1'), ('t', 'Mây'), ('t', '6A'), ('n', '5')])])

    def test_without_accents_and_in_english(self):
        self.assertEqual(self.find([['ho_ten', 'CLASS', 'AMOUNT']], NAME, CLASS, MONEY).header, [0, 1, 0, 1, 2])

    def test_two_languages_in_one_cell(self):
        r = self.find([['Ngày/TNX Date', 'Họ tên\nFull name', 'Số tiền | Amount']], NAME, MONEY, DATE)
        self.assertEqual(r.header, [0, 1, 1, 2, 0])

    def test_two_languages_in_two_rows(self):
        r = self.find([['Họ tên', 'Lớp', 'Số tiền'], ['Name', 'Class', 'Amount'], ['Mây', '6A', 5]], NAME, CLASS, MONEY)
        self.assertEqual((r.header, r.rows), ([0, 2, 0, 1, 2], [(3, [('t', 'Mây'), ('t', '6A'), ('n', '5')])]))

    def test_merged_over_two(self):
        r = self.find([['Ngày', 'Phát sinh', None, 'Số dư'], [None, 'Nợ', 'Có', None], ['1/1/2026', 1, None, 5]],
                      '!ngày', '!phát sinh nợ|ghi nợ', '!phát sinh có|ghi có', '!số dư')
        self.assertEqual((r.header, len(r.rows)), ([0, 2, 0, 1, 2, 3], 1))

    def test_exact_titles_win(self):
        r = self.find([['Số tiền đã nộp', 'Họ tên bố', 'Họ tên', 'Số tiền']], NAME, MONEY)
        self.assertEqual(r.header, [0, 1, 2, 3])

    def test_data_is_no_header(self):
        r = self.find([['a', 'b'], ['Mây', '6A', 100]], NAME, CLASS, MONEY)
        self.assertEqual(r.fault, 'no_header')
        r = self.find([['Họ tên', 'Lớp']], NAME, CLASS, MONEY)
        self.assertEqual((r.fault, r.header[2:]), ('no_header', [0, 1, -1]))

    def test_only_the_first_forty_rows(self):
        self.assertIsNone(self.find([['x']] * 40 + [['Họ tên', 'Số tiền']], NAME, MONEY).fault)
        self.assertEqual(self.find([['x']] * 41 + [['Họ tên', 'Số tiền']], NAME, MONEY).fault, 'no_header')

    def test_second_sheet(self):
        book = openpyxl.Workbook()
        book.active.append(['Hướng dẫn: điền vào trang sau'])
        book.create_sheet('HS').append(['Họ tên', 'Số tiền'])
        book['HS'].append(['Mây', 7])
        r = Read(save(book), NAME, MONEY)
        self.assertEqual((r.header, r.rows), ([1, 1, 0, 1], [(2, [('t', 'Mây'), ('n', '7')])]))


if __name__ == '__main__':
    unittest.main()
