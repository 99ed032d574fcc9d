"""Statements of banks as CSV and XLSX, in the shapes of ledger.md section 7."""
import datetime
import io
import random
import unittest

import openpyxl

from dump import Read

VCB = '''VIETCOMBANK - CN SƠN LA,,,,,
SAO KÊ TÀI KHOẢN,,,,,
Số tài khoản/Account No: 1018 7654 321,,,,,
Từ ngày 01/11/2026 đến ngày 30/11/2026,,,,,
Số dư đầu kỳ:,,,,"5,000,000",
STT/No,Ngày/TNX Date,Số CT/Doc No,Số tiền ghi nợ/Debit,Số tiền ghi có/Credit,Số dư/Balance,Nội dung chi tiết/Transactions in detail
1,20/11/2026,5214 - 001,,"180,000","5,180,000",MBVCB.111.SB7M4QX2C tien an
2,20/11/2026,5214 - 001,,"180,000","5,360,000",MBVCB.112.SC22222SY
3,21/11/2026,5214 - 002,"11,000",,"5,349,000","Phi dich vu, thang 11"
,Tổng số/Total,,"11,000","360,000",,
,Số dư cuối kỳ: ,,,"5,349,000",,
Người lập,,,Kế toán trưởng,,,
'''

TCB = '''Ngày yêu cầu giao dịch/Requesting date;Ngày giao dịch/Transaction date;Số bút toán/Reference no;Ngân hàng chuyển/Remitter bank;Tài khoản chuyển/Remitter account;Tên tài khoản chuyển/Remitter account name;Diễn giải/Description;Nợ/Debit;Có/Credit;Số dư/Balance
22/11/2026;22/11/2026;FT26326000003;;;;Rut tien;50.000;;310.000
21/11/2026;22/11/2026;FT26326000002;BIDV;4811000001;LO THI MAY;SB7M4QX2C;;180.000;360.000
21/11/2026;21/11/2026;FT26325000001;VCB;0071000002;GIANG A PAO;nop tien;;180.000;180.000
'''


def save(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Banks(unittest.TestCase):
    def test_vietcombank(self):
        r = Read(VCB, '10187654321')
        self.assertEqual(r.faults, [])
        self.assertEqual(r.about, ('vietcombank', 'csv', '1018 7654 321', 'b', 3, '2026-11-20', '2026-11-21', 5000000, 5349000, 360000, 11000))
        self.assertEqual(r.lines[0], (1, 7, '2026-11-20', '', 180000, 5180000, '', '5214 - 001', 'MBVCB.111.SB7M4QX2C tien an', '', '', ''))
        self.assertEqual([(l.amount, l.reference, l.balance) for l in r.lines], [(180000, '5214 - 001', 5180000), (180000, '5214 - 001', 5360000), (-11000, '5214 - 002', 5349000)])

    def test_techcombank_newest_first(self):
        r = Read(TCB)
        self.assertEqual(r.faults, [])
        self.assertEqual(r.about[:5], ('techcombank', 'csv', '', 'bn', 3))
        self.assertEqual((r.about.opening, r.about.closing), (0, 310000))
        self.assertEqual([(l.place, l.row, l.date, l.amount, l.reference, l.flags) for l in r.lines],
                         [(3, 2, '2026-11-22', -50000, 'FT26326000003', 'u'), (2, 3, '2026-11-22', 180000, 'FT26326000002', 'u'), (1, 4, '2026-11-21', 180000, 'FT26325000001', 'u')])
        self.assertEqual(r.lines[1][8:], ('SB7M4QX2C', 'LO THI MAY', '4811000001', 'BIDV'))

    def test_vietinbank(self):
        rows = [['NGÂN HÀNG TMCP CÔNG THƯƠNG VIỆT NAM'], [], ['STT', 'Ngày giao dịch', 'Giờ', 'Nợ', 'Có', 'Mô tả giao dịch', 'Tài khoản đối ứng'],
                [1, '20-11-2026', '08:03:11', None, 180000, 'CT DEN:SB7M4QX2C\ntien an thang 11', '711A0001'],
                [2, '20-11-2026', '09:10:00', 2200, None, 'Phi', None]]
        r = Read(save(rows))
        self.assertEqual((r.faults, r.about.profile, r.about.format, r.about.flags), ([], 'vietinbank', 'xlsx', 't'))
        self.assertEqual(r.lines[0], (1, 4, '2026-11-20', '08:03:11', 180000, None, '', '', 'CT DEN:SB7M4QX2C tien an thang 11', '', '711A0001', ''))
        self.assertEqual((r.about.opening, r.about.closing), (None, None))

    def test_agribank(self):
        rows = [['NGÂN HÀNG NÔNG NGHIỆP VÀ PHÁT TRIỂN NÔNG THÔN VIỆT NAM'], ['Số tài khoản:', '7900 2051 23456'], ['Số dư đầu kỳ', None, None, None, 1000000],
                ['Ngày giao dịch', 'Số tham chiếu', 'Phát sinh nợ', 'Phát sinh có', 'Số dư', 'Nội dung'],
                [datetime.datetime(2026, 11, 20, 7, 1, 2), 'AGR001', None, 180000, 1180000, 'SB7M4QX2C'],
                [datetime.datetime(2026, 11, 20, 8, 1, 2), 'AGR002', None, 180000, 1360000, 'SB7M4QX2C'],
                ['Cộng', None, 0, 360000, None, None]]
        r = Read(save(rows), '7900205123456')
        self.assertEqual((r.faults, r.about), ([], ('agribank', 'xlsx', '7900 2051 23456', 'tb', 2, '2026-11-20', '2026-11-20', 1000000, 1360000, 360000, 0)))
        self.assertEqual([(l.time, l.flags) for l in r.lines], [('07:01:02', 'u'), ('08:01:02', 'u')])

    def test_generic_with_signs(self):
        for sign_in, sign_out in (('C', 'D'), ('+', '-'), ('Ghi có', 'Ghi nợ'), ('Tiền vào', 'Tiền ra'), ('CR', 'DR')):
            r = Read('Date,Amount,D/C,Description\n2026-11-20,"1,000",%s,a\n2026-11-21,500,%s,b\n' % (sign_in, sign_out))
            self.assertEqual((r.faults, [l.amount for l in r.lines]), ([], [1000, -500]), sign_in)
        r = Read('Ngày;Số tiền;Nội dung\n20/11/2026;+1.000;a\n21/11/2026;-500;b\n')
        self.assertEqual((r.faults, r.about.profile, [l.amount for l in r.lines]), ([], 'generic', [1000, -500]))

    def test_same_rows_stay(self):
        r = Read('Ngày,Nợ,Có,Nội dung\n' + '20/11/2026,,10000,ung ho\n' * 20)
        self.assertEqual((len(r.lines), r.about.came), (20, 200000))


class Order(unittest.TestCase):
    def test_one_day(self):
        head = 'Ngày,Nợ,Có,Số dư,Nội dung\n'
        rows = ['20/11/2026,,%d,%d,x' % (i * 1000, sum(range(i + 1)) * 1000) for i in range(1, 6)]
        up, down = Read(head + '\n'.join(rows)), Read(head + '\n'.join(reversed(rows)))
        self.assertEqual((up.about.flags, down.about.flags), ('b', 'bn'))
        self.assertEqual(sorted((l.place, l.amount, l.balance) for l in up.lines), sorted((l.place, l.amount, l.balance) for l in down.lines))
        self.assertEqual((down.about.opening, down.about.closing), (0, 15000))

    def test_one_day_by_time(self):
        r = Read('Ngày,Giờ,Nợ,Có,Nội dung\n20/11/2026,10:00,,5,x\n20/11/2026,09:00,,7,y\n')
        self.assertEqual([(l.place, l.amount) for l in r.lines], [(2, 5), (1, 7)])

    def test_random_accounts_both_ways(self):
        rng = random.Random(5)
        for _ in range(20):
            balance, day, rows = rng.randrange(10**6, 10**9), datetime.date(2026, 11, 1), []
            opening, came, went = balance, 0, 0
            for _ in range(rng.randrange(2, 60)):
                day += datetime.timedelta(days=rng.choice([0, 0, 1]))
                amount = rng.randrange(1, 10**6) * rng.choice([1, 1, 1, -1])
                balance += amount
                came, went = came + max(amount, 0), went + max(-amount, 0)
                rows.append([day.strftime('%d/%m/%Y'), -amount if amount < 0 else '', amount if amount > 0 else '', balance])
            for way in (1, -1):
                r = Read('Ngày;Ghi nợ;Ghi có;Số dư\n' + '\n'.join(';'.join(str(c) for c in row) for row in rows[::way]))
                self.assertEqual(r.faults, [])
                self.assertEqual((r.about.opening, r.about.closing, r.about.came, r.about.went), (opening, balance, came, went))
                self.assertEqual([l.balance for l in sorted(r.lines)], [row[3] for row in rows])


class Dates(unittest.TestCase):
    def read(self, *dates, head='Ngày,Nợ,Có\n'):
        return Read(head + ''.join('%s,,%d\n' % (d, i + 1) for i, d in enumerate(dates)))

    def test_a_day_above_12(self):
        r = self.read('05/11/2026', '20/11/2026')
        self.assertEqual((r.faults, [l.date for l in r.lines], r.dates), ([], ['2026-11-05', '2026-11-20'], ('day_above_12', 'day', '2', '05/11/2026', '2026-11-05')))
        r = self.read('11/05/2026', '11/20/2026')
        self.assertEqual((r.faults, [l.date for l in r.lines], r.dates), ([], ['2026-11-05', '2026-11-20'], ('day_above_12', 'month', '2', '11/05/2026', '2026-11-05')))
        self.assertEqual((r.about.lines, r.about.came, r.about.first, r.about.last), (2, 3, '2026-11-05', '2026-11-20'))
        self.assertEqual(self.read('20/11/2026', '11/20/2026').faults, [(3, 'date')])

    def test_the_order(self):
        r = self.read('10/12/2026', '11/01/2026', '11/05/2026', '12/01/2026')
        self.assertEqual(([l.date for l in r.lines], r.dates[:2]), (['2026-10-12', '2026-11-01', '2026-11-05', '2026-12-01'], ('order', 'month')))
        r = self.read('01/12/2026', '05/11/2026', '01/11/2026', '12/10/2026')
        self.assertEqual(([l.date for l in r.lines][:2], r.dates[:2]), (['2026-12-01', '2026-11-05'], ('order', 'day')))

    def test_nothing_decides(self):
        r = self.read('05/11/2026', '06/11/2026')
        self.assertEqual((r.lines[0].date, r.dates), ('2026-11-05', ('guess', 'day', '2', '05/11/2026', '2026-11-05')))
        self.assertEqual(self.read('11/11/2026', '2026-11-12', '20261105').dates, None)

    def test_the_bank(self):
        def dates(*days):
            return Read('VIETCOMBANK\nNgày/TNX Date,Số CT/Doc No,Nợ,Có\n' + ''.join('%s,1,,5\n' % d for d in days))
        self.assertEqual(dates('10/12/2026', '11/01/2026', '11/05/2026', '12/01/2026').dates[:2], ('bank', 'day'))
        self.assertEqual(dates('11/05/2026', '11/20/2026').dates[:2], ('day_above_12', 'month'))
        self.assertEqual(dates('11/10/2026', '02/11/2026', '11/13/2026', '03/11/2026').faults, [(5, 'date')])


class Faults(unittest.TestCase):
    def faults(self, text, *more):
        return Read(text, *more).faults

    def test_rows(self):
        head = 'Ngày,Nợ,Có,Số dư,Nội dung\n'
        self.assertEqual(self.faults(head + '20/11/2026,,1.5,,x\n'), [(2, 'amount')])
        self.assertEqual(self.faults(head + '20/11/2026,5,5,,x\n'), [(2, 'amount')])
        self.assertEqual(self.faults(head + '20/11/2026,,,5,x\n'), [(2, 'amount')])
        self.assertEqual(self.faults(head + '20/11/2026,,1000000000000,,x\n'), [(2, 'amount')])
        self.assertEqual(self.faults(head + '31/02/2026,,5,,x\n'), [(2, 'date')])
        self.assertEqual(self.faults(head + '20/11/2026,,5,five,x\n'), [(2, 'balance')])
        self.assertEqual(self.faults(head + '20/11/2026,,5,,x\n21/11/2026,,y,,x\n22/13/2026,,5,,x\n'), [(3, 'amount'), (4, 'date')])

    def test_days_to_come(self):
        head = 'Ngày,Ngày giá trị,Nợ,Có\n'
        self.assertEqual(self.faults(head + '20/11/2026,21/11/2026,,5\n21/11/2026,21/11/2026,,5\n', '', 'csv', '2026-11-20'), [(3, 'future')])
        self.assertEqual(self.faults(head + ',21/11/2026,,5\n', '', 'csv', '2026-11-20'), [])
        self.assertEqual(self.faults(head + ',06/12/2026,,5\n', '', 'csv', '2026-11-20'), [(2, 'future')])

    def test_sums(self):
        head = 'Ngày,Nợ,Có,Số dư,Nội dung\nSố dư đầu kỳ,,,%d,\n20/11/2026,,5,105,x\n21/11/2026,,5,110,x\nSố dư cuối kỳ,,,%d,\n'
        self.assertEqual(self.faults(head % (100, 110)), [])
        self.assertEqual([c for _, c in self.faults(head % (90, 110))], ['opening', 'closing'])
        self.assertEqual([c for _, c in self.faults(head % (100, 120))], ['closing'])

    def test_foreign(self):
        self.assertEqual(self.faults(VCB, '10187654322'), [(0, 'other_account')])
        self.assertEqual(self.faults('Họ tên,Lớp\nMây,6A\n'), [(0, 'no_header')])
        self.assertEqual(self.faults('Ngày,Nội dung\n20/11/2026,x\n'), [(1, 'no_amounts')])
        self.assertEqual(self.faults(''), [(0, 'empty')])
        self.assertEqual(self.faults(b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), [(0, 'old_excel')])

    def test_many(self):
        r = Read('Ngày,Nợ,Có\n' + '20/11/2026,,x\n' * 500)
        self.assertEqual(len(r.faults), 100)

    def test_empty_statement(self):
        r = Read('Ngày,Nợ,Có,Số dư\nSố dư đầu kỳ,,,100\nSố dư cuối kỳ,,,100\n')
        self.assertEqual((r.faults, r.about.lines, r.about.opening, r.about.closing), ([], 0, 100, 100))


class Size(unittest.TestCase):
    def test_many_lines(self):
        text = 'Ngày,Nợ,Có,Số dư,Nội dung\n' + ''.join('20/11/2026,,1000,%d,SB7M4QX2C tien an thang %d\n' % ((i + 1) * 1000, i) for i in range(50000))
        r = Read(text)
        self.assertEqual((r.faults, len(r.lines), r.about.closing), ([], 50000, 50000000))


if __name__ == '__main__':
    unittest.main()
