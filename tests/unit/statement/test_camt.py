"""camt.053 and camt.054: entries, batches, what is not booked, and XML that only an attacker writes."""
import time
import unittest

from dump import Read


def entry(amount, way='CRDT', status='<Sts>BOOK</Sts>', date='<Dt>2026-11-20</Dt>', ref='FT1', details='', more='', ccy='VND'):
    return ('<Ntry><NtryRef>1</NtryRef><Amt Ccy="%s">%s</Amt><CdtDbtInd>%s</CdtDbtInd>%s%s<BookgDt>%s</BookgDt><ValDt><Dt>2026-11-21</Dt></ValDt>'
            '<AcctSvcrRef>%s</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd></Domn></BkTxCd>%s</Ntry>') % (ccy, amount, way, more, status, date, ref, details)


def detail(memo, amount=None, ref=None, name='LO THI MAY', account='4811000001'):
    return '<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId>%s</Refs>%s<RltdPties><Dbtr><Nm>%s</Nm></Dbtr><DbtrAcct><Id><Othr><Id>%s</Id></Othr></Id></DbtrAcct></RltdPties><RmtInf>%s</RmtInf></TxDtls>' % (
        '<AcctSvcrRef>%s</AcctSvcrRef>' % ref if ref else '', '<Amt Ccy="VND">%s</Amt>' % amount if amount else '', name, account, ''.join('<Ustrd>%s</Ustrd>' % m for m in memo))


def group(*details):
    return '<NtryDtls>' + ''.join(details) + '</NtryDtls>'


def balance(kind, amount, way='CRDT'):
    return '<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="VND">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>' % (kind, amount, way)


def statement(*parts, account='10187654321', kind='053', head=''):
    outer, inner = ('BkToCstmrStmt', 'Stmt') if kind == '053' else ('BkToCstmrDbtCdtNtfctn', 'Ntfctn')
    return ('<?xml version="1.0" encoding="UTF-8"?>%s<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.%s.001.08"><%s><GrpHdr><MsgId>M</MsgId></GrpHdr><%s><Id>1</Id>'
            '<FrToDt><FrDtTm>2026-11-20T00:00:00</FrDtTm><ToDtTm>2026-11-21T23:59:59</ToDtTm></FrToDt><Acct><Id><Othr><Id>%s</Id></Othr></Id></Acct>%s</%s></%s></Document>') % (
        head, kind, outer, inner, account, ''.join(parts), inner, outer)


FULL = [balance('OPBD', 5000000), balance('CLBD', 5349000),
        entry('180000.00', details=group(detail(['MBVCB.111.SB7M4QX2C ', 'tien an']))),
        entry('180000', date='<DtTm>2026-11-20T23:30:00Z</DtTm>', ref='FT2', details=group(detail(['SC22222SY']))),
        entry('11000', way='DBIT', ref='FT3', date='<Dt>2026-11-21</Dt>')]


class Entries(unittest.TestCase):
    def test_a_statement(self):
        r = Read(statement(*FULL), '10187654321')
        self.assertEqual(r.faults, [])
        self.assertEqual(r.about, ('camt.053', 'camt', '10187654321', '', 3, '2026-11-20', '2026-11-21', 5000000, 5349000, 360000, 11000))
        self.assertEqual(r.lines[0], (1, 1, '2026-11-20', '', 180000, None, 'u', 'FT1', 'MBVCB.111.SB7M4QX2C tien an', 'LO THI MAY', '4811000001', ''))
        self.assertEqual(r.lines[1][2:4], ('2026-11-21', '06:30:00'))
        self.assertEqual((r.lines[2].amount, r.lines[2].memo), (-11000, ''))

    def test_a_notification(self):
        r = Read(statement(*FULL[2:], kind='054'))
        self.assertEqual((r.faults, r.about.profile, len(r.lines), r.about.opening), ([], 'camt.054', 3, None))

    def test_only_booked_entries(self):
        r = Read(statement(entry('1', status='<Sts>PDNG</Sts>'), entry('2', status='<Sts><Cd>BOOK</Cd></Sts>'), entry('3', status='<Sts><Cd>INFO</Cd></Sts>'), entry('4', status='')))
        self.assertEqual([l.amount for l in r.lines], [2])

    def test_batches(self):
        two = group(detail(['SB7M4QX2C'], 100, 'D1'), detail(['SC22222SY'], 200, 'D2'))
        r = Read(statement(entry('300', details=two), entry('5', ref='FT9')))
        self.assertEqual([(l.row, l.amount, l.reference, l.memo, l.flags) for l in r.lines],
                         [(1, 100, 'D1', 'SB7M4QX2C', 'u'), (1, 200, 'D2', 'SC22222SY', 'u'), (2, 5, 'FT9', '', 'u')])
        r = Read(statement(entry('300', details=group(detail(['a'], 100)) + group(detail(['b'], 150), detail(['c'], 50)))))
        self.assertEqual([(l.place, l.amount, l.memo) for l in r.lines], [(1, 100, 'a'), (2, 150, 'b'), (3, 50, 'c')])
        back = detail(['tra lai'], 50).replace('</Refs>', '</Refs><CdtDbtInd>DBIT</CdtDbtInd>')
        r = Read(statement(entry('250', details=group(detail(['a'], 300), back))))
        self.assertEqual((r.faults, [l.amount for l in r.lines], r.about.came, r.about.went), ([], [300, -50], 300, 50))

    def test_batches_that_do_not_add_up(self):
        two = group(detail(['SB7M4QX2C'], 100, 'D1'), detail(['SC22222SY'], 200, 'D2'))
        for amount, details, text in (('301', two, '300 ≠ 301'), ('299', two, '300 ≠ 299'), ('300', group(detail(['a'], 100), detail(['b'])), '100 ≠ 300'),
                                      ('300', group(detail(['a'], 299)), '299 ≠ 300')):
            r = Read(statement(entry('5'), entry(amount, details=details)))
            self.assertEqual((r.faults, r.lines), ([(2, 'details')], []), text)
            self.assertEqual(r.texts, ['The payments of this entry do not add up to its amount. %s VND' % text])
        # Without amounts it is one line, and no one payment's words stand for all.
        r = Read(statement(entry('300', details=group(detail(['SB7M4QX2C']), detail(['SC22222SY'])))))
        self.assertEqual((r.faults, [(l.amount, l.reference, l.memo, l.name) for l in r.lines]), ([], [(300, 'FT1', '', '')]))
        # Nor does what was asked for in another currency, or sent before charges, contradict what came.
        usd = group(detail(['a'], 12)).replace('Ccy="VND"', 'Ccy="USD"')
        gross = group(detail(['a'])).replace('<RltdPties>', '<AmtDtls><TxAmt><Amt Ccy="VND">310</Amt></TxAmt></AmtDtls><RltdPties>')
        for details in (usd, gross):
            r = Read(statement(entry('300', details=details)))
            self.assertEqual((r.faults, [(l.amount, l.memo) for l in r.lines]), ([], [(300, 'a')]))

    def test_days_to_come(self):
        def faults(today, **more):
            return Read(statement(entry('1'), entry('2', **more)), '', 'camt', today).faults
        self.assertEqual(faults('2026-11-20'), [])
        self.assertEqual(faults('2026-11-20', date='<Dt>2026-11-21</Dt>'), [(2, 'future')])
        self.assertEqual(faults('2026-11-20', date='<DtTm>2026-11-20T17:00:00Z</DtTm>'), [(2, 'future')])
        self.assertEqual(faults('2026-11-20', date='<DtTm>2026-11-20T16:59:59Z</DtTm>'), [])
        self.assertEqual(faults('2026-11-20', date=''), []) # only a value date, which is tomorrow
        self.assertEqual(Read(statement(entry('2', date='')), '', 'camt', '2026-11-01').faults, [(1, 'future')])

    def test_reversal(self):
        r = Read(statement(entry('7', way='DBIT', more='<RvslInd>true</RvslInd>')))
        self.assertEqual((r.lines[0].amount, r.lines[0].flags), (-7, 'ur'))

    def test_sums(self):
        self.assertEqual([c for _, c in Read(statement(balance('OPBD', 5000000), balance('CLBD', 5349001), *FULL[2:])).faults], ['closing'])
        self.assertEqual(Read(statement(balance('OPBD', 11000, 'DBIT'), balance('CLBD', 338000), *FULL[2:])).faults, [])

    def test_faults_by_entry(self):
        self.assertEqual(Read(statement(entry('1'), entry('1.5'), entry('1', ccy='USD'), entry('1', way=''), entry('1', date='<Dt>2026-02-30</Dt>'))).faults,
                         [(2, 'amount'), (3, 'amount'), (4, 'amount'), (5, 'date')])

    def test_accounts(self):
        self.assertEqual(Read(statement(*FULL, account='999'), '10187654321').faults, [(0, 'other_account')])
        one, two = statement(*FULL, account='VN9999'), statement(*FULL)
        both = one.replace('</Stmt>', '</Stmt>' + two[two.index('<Stmt>'):two.index('</Stmt>') + 7])
        r = Read(both, '10187654321')
        self.assertEqual((r.faults, len(r.lines), r.about.account), ([], 3, '10187654321'))

    def test_many(self):
        began = time.time()
        r = Read(statement(*[entry('1000', ref='FT%d' % i, details=group(detail(['SB7M4QX2C thang %d' % i]))) for i in range(20000)]))
        self.assertEqual((r.faults, len(r.lines), r.lines[-1].reference), ([], 20000, 'FT19999'))
        self.assertLess(time.time() - began, 15)


class Hostile(unittest.TestCase):
    def code(self, text):
        r = Read(text)
        return r.faults[0][1] if r.faults else None

    def test_entities(self):
        laughs = '<!DOCTYPE a [<!ENTITY l "ha">' + ''.join('<!ENTITY l%d "%s">' % (i, '&l%s;' % (i - 1 if i > 1 else '') * 10) for i in range(1, 10)) + ']>'
        self.assertEqual(self.code(statement(*FULL, head=laughs).replace('tien an', '&l9;')), 'forbidden_xml')
        self.assertEqual(self.code(statement(*FULL, head='<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/passwd">]>').replace('tien an', '&l;')), 'forbidden_xml')
        self.assertEqual(self.code(statement(*FULL, head='<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">')), 'forbidden_xml')
        self.assertEqual(self.code(statement(*FULL).replace('tien an', '&none;')), 'broken_xml')

    def test_cut_off(self):
        text = statement(*FULL)
        for n in range(200, len(text) - 1, 61):
            self.assertIsNotNone(self.code(text[:n]), n)

    def test_deep(self):
        self.assertEqual(self.code(statement('<a>' * 5000 + '</a>' * 5000)), 'broken_xml')

    def test_no_statement(self):
        self.assertEqual(self.code('<Document xmlns="camt.053"/>'), 'not_a_statement')


if __name__ == '__main__':
    unittest.main()
