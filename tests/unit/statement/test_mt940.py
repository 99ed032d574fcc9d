"""MT940 by its own grammar, whole pages and broken ones."""
import unittest

from dump import Read

PAGE = ''':20:STMT261120
:25:BFTVVNVX/10187654321
:28C:324/1
:60F:C261119VND5000000,00
:61:2611201120C180000,00NTRFNONREF//FT26324001
:86:MBVCB.111.SB7M4QX2C tien an
thang 11
:61:2611201120C180000,NTRFNONREF//FT26324002
:86:166?00CHUYEN TIEN?20SC22222SY nop?21 tien hoc?314811000001?32LO THI MAY
:61:2611210101D11000,00NCHGPHI-2611
phi dich vu
:62F:C261121VND5349000,00
'''


class Pages(unittest.TestCase):
    def test_a_page(self):
        r = Read(PAGE, '10187654321')
        self.assertEqual(r.faults, [])
        self.assertEqual(r.about, ('mt940', 'mt940', 'BFTVVNVX/10187654321', 'b', 3, '2026-11-20', '2027-01-01', 5000000, 5349000, 360000, 11000))
        self.assertEqual(r.lines[0], (1, 5, '2026-11-20', '', 180000, 5180000, 'u', 'FT26324001', 'MBVCB.111.SB7M4QX2C tien an thang 11', '', '', ''))
        self.assertEqual(r.lines[1][6:], ('u', 'FT26324002', 'SC22222SY nop tien hoc', 'LO THI MAY', '4811000001', ''))
        self.assertEqual(r.lines[2][4:9], (-11000, 5349000, '', 'PHI-2611', ''))

    def test_wrapped_and_crlf(self):
        text = '{1:F01BFTVVNVXAXXX0000000000}{2:I940XN}{4:\r\n' + PAGE.replace('\n', '\r\n') + '-}'
        self.assertEqual([l[4:] for l in Read(text).lines], [l[4:] for l in Read(PAGE).lines])

    def test_days_to_come(self):
        def faults(value, entry, today):
            text = PAGE.replace('2611210101D', '261120D').replace(':61:2611201120C', ':61:%s%sC' % (value, entry), 1)
            return Read(text, '', 'mt940', today).faults
        self.assertEqual(faults('261121', '1120', '2026-11-20'), [])
        self.assertEqual(faults('261121', '', '2026-11-20'), [])
        self.assertEqual(faults('261206', '', '2026-11-20'), [(5, 'future')])
        self.assertEqual(faults('261120', '1121', '2026-11-20'), [(5, 'future')])

    def test_entry_day_near_the_turn_of_the_year(self):
        def day(value, entry):
            return Read(PAGE.replace(':61:2611201120C', ':61:%s%sC' % (value, entry), 1)).lines[0].date
        self.assertEqual(day('261231', '0102'), '2027-01-02')
        self.assertEqual(day('270101', '1231'), '2026-12-31')
        self.assertEqual(day('261231', ''), '2026-12-31')
        self.assertEqual(day('240229', '0301'), '2024-03-01')

    def test_marks(self):
        for mark, way, flag in (('C', 1, ''), ('D', -1, ''), ('RC', -1, 'r'), ('RD', 1, 'r'), ('CD', 1, ''), ('RCN', -1, 'r')):
            closing = 5349000 if way > 0 else 4989000
            r = Read(PAGE.replace(':61:2611201120C', ':61:2611201120' + mark, 1).replace(':62F:C261121VND5349000', ':62F:C261121VND%d' % closing))
            self.assertEqual((r.faults, r.lines[0].amount, r.lines[0].flags), ([], 180000 * way, flag + '' if not flag else 'ur'[0] + 'r') if flag else ([], 180000 * way, 'u'), mark)

    def test_below_zero(self):
        r = Read(PAGE.replace(':60F:C261119VND5000000,00', ':60F:D261119VND100000,00').replace(':62F:C261121VND5349000,00', ':62F:C261121VND249000,00'))
        self.assertEqual((r.faults, r.about.opening, r.about.closing), ([], -100000, 249000))

    def test_pages_are_joined(self):
        two = PAGE.replace(':61:2611201120C180000,NTRF', ':62M:C261120VND5180000,00\n-\n:20:STMT261120\n:25:10187654321\n:28C:324/2\n:60M:C261120VND5180000,00\n:61:2611201120C180000,NTRF')
        r = Read(two, '10187654321')
        self.assertEqual((r.faults, [l.amount for l in r.lines], r.about.opening, r.about.closing), ([], [180000, 180000, -11000], 5000000, 5349000))
        lost = two.replace(':60M:C261120VND5180000', ':60M:C261120VND5190000').replace('VND5349000', 'VND5359000')
        self.assertEqual([c for _, c in Read(lost).faults], ['page', 'closing'])

    def test_other_accounts_in_the_file(self):
        other = PAGE.replace('10187654321', '999').replace('SB7M4QX2C', 'OTHER')
        r = Read(other + '-\n' + PAGE, '10187654321')
        self.assertEqual((r.faults, len(r.lines), r.about.account), ([], 3, 'BFTVVNVX/10187654321'))
        self.assertNotIn('OTHER', r.lines[0].memo)
        self.assertEqual(Read(other, '10187654321').faults, [(0, 'other_account')])


class Faults(unittest.TestCase):
    def codes(self, old, new):
        assert old in PAGE
        return [c for _, c in Read(PAGE.replace(old, new)).faults]

    def test_sums(self):
        self.assertEqual(self.codes('VND5349000,00', 'VND5349001,00'), ['closing', 'closing'])
        self.assertEqual(self.codes(':61:2611201120C180000,00NTRFNONREF//FT26324001\n', ''), ['closing', 'closing'])

    def test_cut_off(self):
        self.assertEqual(self.codes(':62F:C261121VND5349000,00\n', ''), ['closing'])

    def test_lines(self):
        for old, new in (('C180000,00N', 'X180000,00N'), ('C180000,00N', 'C180000,50N'), ('C180000,00N', 'C0,N'), ('2611201120C', '2613201120C'), ('2611201120C', '2611201320C'),
                         ('C180000,00N', 'C1000000000000,00N')):
            self.assertIn('line', self.codes(old, new), new)

    def test_money(self):
        self.assertEqual(self.codes(':60F:C261119VND5000000,00', ':60F:C261119USD5000000,00')[0], 'balance')
        self.assertEqual(self.codes(':60F:C261119VND5000000,00\n', '')[0], 'page')

    def test_no_statement(self):
        self.assertEqual(Read(':20:x\n:60F:C261119VND1,\n').faults, [(0, 'not_a_statement')])


if __name__ == '__main__':
    unittest.main()
