"""CSV in every encoding and with every delimiter that offices send."""
import csv
import io
import random
import subprocess
import unicodedata
import unittest

from dump import Read

LIST = [['STT', 'Họ và tên', 'Lớp', 'Ghi chú'],
        ['1', 'Lò Thị Mây', '6A', 'ăn trưa, ngủ trưa'],
        ['2', 'Giàng A Páo', '6B', 'đường xa; ở lại'],
        ['3', 'Nguyễn Hữu Đức', '7A', 'Trường PTDTBT Chiềng Sơn']]


def write(rows, delimiter=',', end='\r\n', quote=csv.QUOTE_MINIMAL):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quote).writerows(rows)
    return out.getvalue()


def tcvn(text):
    return subprocess.run(['iconv', '-f', 'UTF-8', '-t', 'TCVN5712-1'], input=text.encode(), capture_output=True, check=True).stdout


class Encodings(unittest.TestCase):
    def check(self, data, encoding, guessed='sure'):
        r = Read(data)
        self.assertEqual(r.head[1:3], [encoding, guessed])
        self.assertEqual(r.texts(), LIST)
        self.assertEqual(r.replaced, 0)

    def test_utf8(self):
        self.check(write(LIST).encode('utf-8'), 'UTF-8')
        self.check(write(LIST).encode('utf-8-sig'), 'UTF-8')

    def test_decomposed_becomes_nfc(self):
        text = unicodedata.normalize('NFD', write(LIST))
        self.assertNotEqual(text, write(LIST))
        self.check(text.encode('utf-8'), 'UTF-8')

    def test_utf16(self):
        self.check(write(LIST, '\t').encode('utf-16'), 'UTF-16LE')
        self.check(b'\xfe\xff' + write(LIST, '\t').encode('utf-16-be'), 'UTF-16BE')
        self.check(write(LIST, ';').encode('utf-16-le'), 'UTF-16LE', 'guessed')
        self.check(write(LIST, ';').encode('utf-16-be'), 'UTF-16BE', 'guessed')

    def test_windows_1258(self):
        """Tone marks stand behind the letter there: the letter with its shape, then the tone."""
        text = ''
        for c in write(LIST):
            d = unicodedata.normalize('NFD', c)
            shape = ''.join(x for x in d if x not in '\u0300\u0301\u0303\u0309\u0323')
            text += unicodedata.normalize('NFC', shape) + ''.join(x for x in d if x in '\u0300\u0301\u0303\u0309\u0323')
        self.check(text.encode('cp1258'), 'WINDOWS-1258', 'guessed')

    def test_tcvn3(self):
        self.check(tcvn(write(LIST)), 'TCVN5712-1', 'guessed')

    def test_one_broken_letter_leaves_it_utf8(self):
        text = write(LIST * 30).encode('utf-8').replace('Mây'.encode(), b'M\xc3', 1)
        r = Read(text)
        self.assertEqual((r.head[1], r.replaced), ('UTF-8', 1))
        self.assertEqual(r.texts()[1][1], 'Lò Thị M\ufffd')

    def test_half_a_unit_at_the_end(self):
        r = Read(write([['a', 'b'], ['c', 'd']], '\t', '\n').encode('utf-16') + b'x')
        self.assertEqual((r.texts()[:2], r.replaced), ([['a', 'b'], ['c', 'd']], 1))

    def test_long_file_in_every_encoding(self):
        """Longer than any window: the same rows must come out."""
        rows = LIST[:1] + [[str(i), 'Nguyễn Thị Hường %d' % i, '%dA' % (i % 9), 'đã nộp'] for i in range(5000)]
        for data in (write(rows).encode(), write(rows).encode('utf-16'), tcvn(write(rows))):
            r = Read(data)
            self.assertEqual(r.texts(), rows)


class Delimiters(unittest.TestCase):
    def test_each(self):
        for d in ',;\t|':
            for end in ('\r\n', '\n', '\r'):
                r = Read(write(LIST, d, end).encode())
                self.assertEqual((r.head[3], r.texts()), (str(ord(d)), LIST), repr((d, end)))

    def test_named_by_the_file(self):
        r = Read(('sep=;\r\n' + write([['a', '1,2,3'], ['b', '4,5,6']], ';')).encode())
        self.assertEqual((r.head[3], r.texts(), r.rows[0][0]), ('59', [['a', '1,2,3'], ['b', '4,5,6']], 2))

    def test_amounts_with_commas_between_semicolons(self):
        rows = [['Ngày', 'Số tiền', 'Số dư', 'Nội dung']] + [['0%d/11/2026' % i, '1,234,%03d' % i, '9,999,%03d' % i, 'tien an, thang %d' % i] for i in range(1, 9)]
        r = Read(write(rows, ';', quote=csv.QUOTE_NONE).encode())
        self.assertEqual((r.head[3], r.texts()), ('59', rows))

    def test_lines_in_front(self):
        text = 'NGÂN HÀNG NÔNG NGHIỆP\nChi nhánh Sơn La\n\nTừ ngày: 01/11/2026\n' + write(LIST, ';', '\n')
        r = Read(text.encode())
        self.assertEqual(r.head[3], '59')
        self.assertEqual([n for n, _ in r.rows], [1, 2, 4, 5, 6, 7, 8])


class Records(unittest.TestCase):
    def texts(self, text):
        return Read(text.encode()).texts()

    def test_quotes(self):
        self.assertEqual(self.texts('a,"b ""c"" d","e,f"\n"x","y\nz","w"'), [['a', 'b "c" d', 'e,f'], ['x', 'y z', 'w']])

    def test_line_numbers_with_breaks_inside(self):
        r = Read('a,b\n"x\ny\nz",2\nc,d\n'.encode())
        self.assertEqual([n for n, _ in r.rows], [1, 2, 5])

    def test_stray_quotes_are_letters(self):
        self.assertEqual(self.texts('a,5" pipe,b\nc,"d"e,f\n'), [['a', '5" pipe', 'b'], ['c', 'de', 'f']])

    def test_saved_zeros(self):
        self.assertEqual(self.texts('="0012",\'0034,"=""0056"""\n1,2,3\n'), [['0012', '0034', '0056'], ['1', '2', '3']])

    def test_blanks(self):
        self.assertEqual(self.texts('\n\n , ,\na,,b\n\t,,\nc,d,\n\n'), [['a', '', 'b'], ['c', 'd']])
        self.assertEqual(self.texts(' a\u00a0b ,\u200bc\u00ad,d\x07e\n1,2,3\n'), [['a b', 'c', 'd e'], ['1', '2', '3']])

    def test_random_tables_as_python_writes_them(self):
        rng = random.Random(20261120)
        letters = 'abc ,;"\n\téĐ\'=1|'
        for _ in range(60):
            d = rng.choice(',;\t|')
            width = rng.randint(2, 8)
            rows = [[''.join(rng.choice(letters) for _ in range(rng.randint(0, 9))) for _ in range(width)] for _ in range(rng.randint(3, 30))]
            text = 'sep=%s\n' % d + write(rows, d, '\n', csv.QUOTE_ALL)
            want = []
            for row in rows:
                cells = [' '.join(c.replace('\t', ' ').replace('\n', ' ').split(' ')).strip() for c in row]
                cells = [c[2:-1].strip() if len(c) > 2 and c.startswith('="') and c[-1] == '"' else c for c in cells]
                cells = [c[1:].strip() if len(c) > 1 and c[0] == "'" and c[1] in '1=' else c for c in cells]
                while cells and cells[-1] == '':
                    cells.pop()
                if cells:
                    want.append(cells)
            got = self.texts(text)
            self.assertEqual([r for r in got], want)


class Faults(unittest.TestCase):
    def fault(self, data):
        r = Read(data)
        return r.fault, r.fault_row

    def test_foreign_files(self):
        self.assertEqual(self.fault(b'')[0], 'empty')
        self.assertEqual(self.fault(b'%PDF-1.7\n')[0], 'not_a_sheet')
        self.assertEqual(self.fault(b'\x89PNG\r\n\x1a\n')[0], 'not_a_sheet')
        self.assertEqual(self.fault(b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + b'\0' * 512)[0], 'old_excel')
        self.assertEqual(self.fault(b'\xef\xbb\xbf  <HTML><table><tr><td>1</td></tr></table>')[0], 'is_html')
        self.assertEqual(self.fault(b'a,b\n\0\0\0\0\0\0\n')[0], 'not_a_sheet')

    def test_open_quote(self):
        self.assertEqual(self.fault(b'a,b\nc,"d\ne,f\n'), ('open_quote', 2))

    def test_long_cell_row_and_columns(self):
        self.assertEqual(self.fault(b'a,b\n' + b'x' * 40000 + b',y\n'), ('row_too_long', 2))
        self.assertEqual(self.fault(b'a,b\n"' + b'x' * 400000 + b'",y\n'), ('row_too_long', 2))
        self.assertEqual(self.fault(b'a,b\n' + b','.join([b'x' * 30000] * 9) + b'\n'), ('row_too_long', 2))
        self.assertEqual(self.fault(b'a,b\n' + b','.join([b'x'] * 257) + b'\n'), ('too_many_columns', 2))
        self.assertIsNone(self.fault(b'a,b\n' + b','.join([b'x'] * 256) + b',,,\n')[0])

    def test_too_large(self):
        self.assertEqual(self.fault(b'a' * (32 * 1024 * 1024 + 1))[0], 'file_too_large')
        self.assertEqual(self.fault(b'\n' * 1048576 + b'a')[0], 'too_many_rows')


if __name__ == '__main__':
    unittest.main()
