#!/usr/bin/python3
"""read_papers.py SAMPLES FOLDER: reads what SAMPLES writes with programs that are not ours: csv and openpyxl, qpdf, pdftotext,
pdffonts. All forms of a table say the same, a PDF is sound, its letters are in it and come back as words."""
import collections, csv, datetime, re, shutil, subprocess, sys, unicodedata, zipfile
from pathlib import Path

import openpyxl

samples, folder = sys.argv[1], Path(sys.argv[2])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
subprocess.run([samples, str(folder)], check=True)
done = 0


def ok(is_so, says):
    global done
    done += 1
    if not is_so:
        raise SystemExit(f'not ok: {says}')


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def words_of(text):
    return re.sub(r'\s+', '', unicodedata.normalize('NFC', text))


def shown(cell):
    """What paper shows for a value of the XLSX."""
    if isinstance(cell, datetime.datetime):
        return cell.strftime('%d/%m/%Y') + (cell.strftime('%H:%M') if cell.time() != datetime.time() else '')
    return f'{cell:,}'.replace(',', '.') if isinstance(cell, int) else str(cell)


def plain(cell):
    """What CSV writes for a value of the XLSX."""
    if cell is None:
        return ''
    if isinstance(cell, datetime.datetime):
        return str(cell if cell.time() != datetime.time() else cell.date())
    if isinstance(cell, str) and cell[0] in '=+-@':
        return "'" + cell
    return str(cell)


def check_pdf(path):
    run('qpdf', '--check', str(path))
    fonts = run('pdffonts', str(path)).splitlines()[2:]
    ok(fonts, f'{path.name} has fonts')
    for line in fonts:
        emb, sub, uni = line.split()[-5:-2]
        ok(re.match(r'[A-Z]{6}\+Noto', line) and (emb, sub, uni) == ('yes', 'yes', 'yes'), f'{path.name} embeds its fonts: {line}')
    return run('pdftotext', '-layout', str(path), '-')


def check_table(name, heading_row, rows, sums, pages):
    text = (folder / f'{name}.csv').read_bytes().decode('utf-8')
    ok(text.startswith('\ufeff') and text.endswith('\r\n'), f'{name}.csv has a mark and whole lines')
    lines = list(csv.reader(text[1:].splitlines(keepends=True)))
    ok(len(lines) == rows + 1, f'{name}.csv has {len(lines) - 1} rows')
    sheet = openpyxl.load_workbook(folder / f'{name}.xlsx').active
    cells = list(sheet.iter_rows(min_row=heading_row, values_only=True))
    ok(len(cells) == rows + sums + 1, f'{name}.xlsx has {len(cells)} rows')
    ok(sheet.freeze_panes == f'A{heading_row + 1}', f'{name}.xlsx is frozen at {sheet.freeze_panes}')
    page_text = check_pdf(folder / f'{name}.pdf')
    ok(page_text.count('\f') == pages, f'{name}.pdf has {page_text.count(chr(12))} pages')
    said, at = words_of(re.sub(r'[^\S\n]*\n', '\n', page_text)), 0
    plains = [row for row in cells[1:] if row[0] is None or not str(row[0]).startswith(('Cộng', 'Tổng'))]
    ok([[plain(c) for c in row] for row in plains] == [[c for c in line] for line in lines[1:]], f'{name}: CSV and XLSX say the same')
    for row in cells:
        for c in row:
            for word in ([] if c is None else c.split() if isinstance(c, str) else [shown(c)]): # text may be wrapped
                ok(words_of(word) in said, f'{name}.pdf says {word!r} of {c!r}')
    return sheet, said, page_text


sheet, said, text = check_table('pupils', 6, 90, 3, 5)
for word in ['TrườngPTDTBTTiểuhọcChiềngƠn', 'Danhsáchthutheolớp', '123.456.789.012', '-5.000', 'Trang1/5', 'Trang5/5', '=HYPERLINK("http://bad.example")']:
    ok(word in said, f'pupils.pdf says {word}')
ok('ꪁꪺꪉ' in said, 'Tai Viet comes back')
ok(text.count('Họ và tên') == 5, 'headings stand on every page')
ok(all(word in text for word in 'Nghị định 66/2025/NĐ-CP phần còn lại gia đình nộp theo từng tháng không thu gộp'.split()), 'wrapped text comes back word by word')
ok(sheet['F7'].number_format == '#,##0' and sheet['E8'].number_format == 'dd/mm/yyyy' and sheet['B7'].value == '0012345', 'numbers have formats, codes keep their zeros')
with zipfile.ZipFile(folder / 'pupils.xlsx') as z:
    xml = z.read('xl/worksheets/sheet1.xml').decode()
    ok('<f>' not in xml and '=HYPERLINK(' in xml and '<hyperlink' not in xml, 'a text is no formula')
check_table('many', 6, 1000, 29, 50)
check_table('small', 3, 1, 0, 1)
check_table('empty', 3, 0, 0, 1)


def read_symbols(path, page):
    """What a reader finds on a page as a printer of 150 dots an inch would make it."""
    image = folder / 'page'
    run('pdftoppm', '-r', '150', '-gray', '-singlefile', '-f', str(page), '-l', str(page), str(path), str(image))
    return run('zbarimg', '--quiet', '--raw', '--nodbus', '-S*.disable', '-Sqrcode.enable', f'{image}.pgm').splitlines()


told = collections.defaultdict(list)
for line in (folder / 'symbols').read_text().splitlines():
    paper, page, payload = line.split('\t')
    told[paper, int(page)].append(payload)
for (paper, page), payloads in told.items():
    if paper == 'slips-800.pdf' and page % 25 != 1:
        continue
    ok(sorted(read_symbols(folder / paper, page)) == sorted(payloads), f'{paper}, page {page}: every symbol says what it must')

text = check_pdf(folder / 'slips-20.pdf')
said = words_of(text)
for word in ['Ánh', 'Lớp1A1', '90.000đ', 'Quétđểxemsốtiền', 'Nộpđếnhếtngày03/12/2026', 'SB7M4Q22C', 'TRUONGPTDTBTTHCHIENGON', '02123850123']:
    ok(word in said, f'a slip says {word}')
ok(said.count('TiểuhọcChiềngƠn') == 20 and not re.search('nợ|thiếu|quáhạn', said), 'a slip has no word of debt')
ok((folder / 'slips-800.pdf').stat().st_size / 800 <= 1.2 * 1024, 'a slip takes 1.2 KiB at most')
ok(check_pdf(folder / 'slips-800.pdf').count('\f') == 100, '8 slips a page')

def check_size(name, width, height):
    size = re.search(r'Page size:\s+([\d.]+) x ([\d.]+) pts', run('pdfinfo', str(folder / name)))
    ok(abs(float(size[1]) / 72 * 25.4 - width) < 0.5 and abs(float(size[2]) / 72 * 25.4 - height) < 0.7, f'{name} is {size[0]}')


for name, size in ('poster-a5.pdf', (148, 210)), ('poster-a6.pdf', (105, 148)), ('poster-long.pdf', (148, 210)):
    said = words_of(check_pdf(folder / name))
    check_size(name, *size)
    ok('Sotêntrướckhichuyển' in said and 'SC22222SY' in said, f'{name} tells to compare names')
    for word in (['RausạchchịHoa', 'LOTHIHOA', '7900205123456', 'NgânhàngAgribank'] if name != 'poster-long.pdf' else ['HộkinhdoanhthựcphẩmsạchvùngcaoQuàngThịBạchTuyếtvàcáccon', 'CHINHANHCHIENGON']):
        ok(word in said, f'{name} says {word}')

fixed = ['TrườngPhổthôngdântộcbántrúTiểuhọcChiềngƠn', 'MãQHNS:1098765', 'MẫusốC45-BB', 'Thôngtưsố24/2024/TT-BTC', 'BIÊNLAITHUTIỀN', 'Ngày22tháng11năm2026', 'Quyểnsố:2026',
         'Số:0001234', 'Viếtbằngchữ:', 'Ngườinộptiền', 'Ngườithutiền', 'Giấynàykhôngthaythếhóađơn.', 'SB7M4QX2C', 'sốgiaodịchFT26324778912345']
for name, copies, more, never in (
        ('receipt.pdf', 1, ['936.000đồng', 'Chíntrămbamươisáunghìnđồng', 'Tiềnănbántrútháng11/2026'], ['Thưởng', 'Liên', 'INLẠI', 'HỦY', 'Địachỉ:Xã']),
        ('receipt-desk.pdf', 2, ['LòVănThưởng', 'BảnChiềngƠn', 'NguyễnThịLan', 'Liên1:Lưu', 'Liên2:Giaongườinộptiền'], ['INLẠI', 'HỦY']),
        ('receipt-again.pdf', 2, ['BẢNINLẠI', '999.999.999.999.999đồng', 'Chíntrămchínmươichínnghìnchíntrămchínmươichíntỷ', 'LòThịChi'], ['HỦY']),
        ('receipt-void.pdf', 1, ['ĐÃHỦY', 'Lýdo:ngânhàngbáohailần'], ['INLẠI'])):
    said = words_of(check_pdf(folder / name))
    check_size(name, 210, 148.5 * copies)
    for word in fixed + more:
        ok(said.count(word) >= (copies if word in fixed else 1), f'{name} says {word}')
    for word in never:
        ok(word not in said, f'{name} does not say {word}')

for name, pages, more in (('day.pdf', 1, ['BIÊNBẢNKHÓASỔNGÀY', 'Ngày22/11/2026', '9a98ca1531d3c6e0', 'NguyễnThịLan', 'LòVănThưởng', '3khoản,giữ36.000đ', '2026/000040–2026/000049(10)', 'từsố101đếnsố112']),
                          ('day-long.pdf', 4, ['Trang4', '120khoản']), ('day-open.pdf', 1, ['CHƯAKHÓASỔ', 'Từngày21/11/2026đếnngày22/11/2026', 'khôngcóbúttoán', '0khoản'])):
    text = check_pdf(folder / name)
    ok(text.count('\f') == pages, f'{name} has {text.count(chr(12))} pages')
    for word in more + ['15.600.000', '-16.088.000', 'Thủtrưởngđơnvị', '3c6e0b8a9c15224a', 'MãQHNS:1098765']:
        ok(word in words_of(text), f'{name} says {word}')

# Journals: both programs add everything up, find the balances asserted at the end, and agree with each other.
for name in 'books', 'none':
    run('bean-check', str(folder / f'{name}.beancount'))
    run('hledger', '-f', str(folder / f'{name}.journal'), 'check', '-s')
bean = {line.split()[0]: int(line.split()[1]) for line in run('bean-query', '-q', str(folder / 'books.beancount'), 'select account, sum(number) group by account').splitlines()[2:]}
hledger = {row[0]: int(row[1].removesuffix(' VND')) for row in csv.reader(run('hledger', '-f', str(folder / 'books.journal'), 'bal', '-N', '--empty', '-O', 'csv').splitlines()[1:])}
ok(len(bean) == 6 and sum(bean.values()) == 0 and bean == hledger, f'balances are the same: {bean} {hledger}')
text = (folder / 'books.journal').read_text()
line = next(l for l in text.splitlines() if ':811' in l and '=' in l)
(folder / 'wrong.journal').write_text(text.replace(line, line[:-5] + '1 VND'))
ok(subprocess.run(['hledger', '-f', str(folder / 'wrong.journal'), 'check', '-s'], capture_output=True).returncode != 0, 'a wrong balance is found')
print(f'ok: {done} checks')
