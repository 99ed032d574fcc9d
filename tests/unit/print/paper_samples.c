/* paper_samples FOLDER: writes every form of a few tables into files, for programs that are not ours to read back
 * (read_papers.py). Each is made twice: the same calls give the same bytes. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "khop/base/clock.h"
#include "khop/pay/words.h"
#include "khop/print/day.h"
#include "khop/print/ledger.h"
#include "khop/print/poster.h"
#include "khop/print/receipt.h"
#include "khop/print/slip.h"
#include "khop/print/table.h"
#include "vietqr.h"

#include "khop/base/banned.h"

static const char *folder;
static struct print_fonts *fonts;
static FILE *symbols; /* what each symbol of a paper says: file, page, payload */
static const char *paper;
static bool telling;

static void tell_symbol(int page, const char *payload)
{
    if (telling)
        fprintf(symbols, "%s\t%d\t%s\n", paper, page, payload);
}

static void keep(const char *name, const struct buf *bytes)
{
    char path[4096];
    FILE *f;

    assert(snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path);
    f = fopen(path, "wb");
    assert(f != NULL);
    assert(fwrite(bytes->p, 1, bytes->n, f) == bytes->n && fclose(f) == 0);
}

/* Makes a paper twice and keeps it. */
static void sample(const char *name, void (*make)(struct print_sink sink, int arg), int arg)
{
    struct buf out[2];

    paper = name;
    for (int i = 0; i < 2; i++) {
        telling = i == 0;
        buf_init(&out[i], 64 << 20);
        make(print_sink_buf(&out[i]), arg);
    }
    assert(out[0].n > 0);
    assert(out[0].n == out[1].n && memcmp(out[0].p, out[1].p, out[0].n) == 0);
    keep(name, &out[0]);
    buf_release(&out[0]);
    buf_release(&out[1]);
}

/* --- tables --- */

#define MADE_US (INT64_C(1795312800) * CLOCK_US) /* 2026-11-22 09:20 in Vietnam */

static const struct table_column pupils[] = {
    { "STT", TABLE_INTEGER },       { "Mã học sinh", TABLE_CODE },  { "Họ và tên", TABLE_TEXT },    { "Lớp", TABLE_TEXT },
    { "Hạn nộp", TABLE_DATE },      { "Phải nộp", TABLE_MONEY },    { "Đã nộp", TABLE_MONEY },      { "Lần nộp cuối", TABLE_TIME },
    { "Ghi chú", TABLE_TEXT },
};
#define PUPIL_COLUMNS (sizeof pupils / sizeof pupils[0])

static struct table_cell number(int64_t n)
{
    return (struct table_cell){ .set = true, .number = n };
}

static struct table_cell text(const char *s)
{
    return (struct table_cell){ .set = true, .text = slice_of(s) };
}

static void finish(struct table_out *t)
{
    bool more = true;

    while (more)
        assert(table_end(t, &more) == RC_OK);
    table_free(t);
}

static void pupil(struct table_out *t, int i)
{
    static const char *const names[] = {
        "Lò Thị Ánh", "Quàng Văn Bình", "Nguyễn Ngọc Phương Thảo Nguyên", "Vừ A Dế", "Mùa Thị Sống", "Hoàng Đình Đức Ưởng", "ꪁꪺꪉ ꪹꪎꪷꪣ ꪼꪕ",
    };
    static const char *const notes[] = {
        "", "=HYPERLINK(\"http://bad.example\")", "Nộp hộ em; \"đã gọi\" ngày 12,\nbố mẹ đi làm xa", "-3 buổi ăn", "@mai", "+84 912 345 678",
        "Được hỗ trợ tiền ăn theo Nghị định 66/2025/NĐ-CP, phần còn lại gia đình nộp theo từng tháng, không thu gộp cả học kỳ",
    };
    char ref[16], class[8];
    int64_t due = 180000 + i % 5 * 45000, paid = i % 3 == 0 ? due : i % 3 == 1 ? 0 : 90000;
    struct table_cell cells[PUPIL_COLUMNS];

    snprintf(ref, sizeof ref, "%07d", 12345 + i);
    snprintf(class, sizeof class, "%dA%d", 1 + i / 200 % 5, 1 + i / 35 % 6);
    cells[0] = number(i + 1);
    cells[1] = text(ref);
    cells[2] = text(names[i % 7]);
    cells[3] = text(class);
    cells[4] = i % 11 == 0 ? (struct table_cell){ 0 } : number(20790 + i % 30);
    cells[5] = number(due);
    cells[6] = number(paid);
    cells[7] = paid == 0 ? (struct table_cell){ 0 } : number(MADE_US - (int64_t)i * 977 * CLOCK_US);
    cells[8] = text(notes[i % 7]);
    assert(table_row(t, cells) == RC_OK);
}

static enum table_format format;

static void make_pupils(struct print_sink sink, int rows)
{
    const struct table_head head = {
        .title = "Danh sách thu theo lớp",
        .unit = "Trường PTDTBT Tiểu học Chiềng Ơn",
        .subtitles = { "Đợt thu: tiền ăn bán trú tháng 11/2026", "Lập lúc 22/11/2026 09:20" },
        .foot = "Khớp · Trường PTDTBT Tiểu học Chiềng Ơn · lập lúc 22/11/2026 09:20",
        .sheet = "Thu theo lớp: [tháng 11/2026]",
        .columns = pupils,
        .column_count = PUPIL_COLUMNS,
        .made_us = MADE_US,
    };
    struct table_cell sums[PUPIL_COLUMNS] = { 0 };
    struct table_out *t;

    assert(table_open(&t, format, &head, fonts, sink) == RC_OK);
    for (int i = 0; i < rows; i++) {
        pupil(t, i);
        if (i % 35 == 34) {
            sums[0] = text("Cộng lớp");
            sums[5] = number(1234000);
            sums[6] = number(567000);
            assert(table_sum(t, TABLE_SUM_PART, sums) == RC_OK);
        }
    }
    sums[0] = text("Tổng cộng");
    sums[5] = number(INT64_C(123456789012));
    sums[6] = number(-5000);
    assert(table_sum(t, TABLE_SUM_ALL, sums) == RC_OK);
    finish(t);
}

static void make_small(struct print_sink sink, int rows)
{
    static const struct table_column columns[] = { { "Ngày", TABLE_DATE }, { "Số tiền", TABLE_MONEY }, { "Nội dung", TABLE_TEXT } };
    const struct table_head head = { .title = "Sổ thu", .columns = columns, .column_count = 3, .made_us = 0, .page_word = "Page" };
    struct table_out *t;

    assert(table_open(&t, format, &head, fonts, sink) == RC_OK);
    for (int i = 0; i < rows; i++)
        assert(table_row(t, (struct table_cell[]){ number(20790), number(INT64_C(-9007199254740991)), text("Đủ") }) == RC_OK);
    finish(t);
}

static void sample_tables(void)
{
    static const struct {
        const char *name;
        void (*make)(struct print_sink, int);
        int rows;
    } tables[] = { { "pupils", make_pupils, 90 }, { "many", make_pupils, 1000 }, { "small", make_small, 1 }, { "empty", make_small, 0 } };

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (format = TABLE_CSV; format <= TABLE_PDF; format++) {
            char name[64];

            snprintf(name, sizeof name, "%s.%s", tables[i].name, table_format_suffix(format));
            sample(name, tables[i].make, tables[i].rows);
        }
}

/* --- slips --- */

/* A payload as the pay page makes it: account, amount, memo with the code. */
static struct slice payload_of(char out[VIETQR_ENCODED_MAX], const char *code, int64_t amount)
{
    struct vietqr q;

    vietqr_init(&q);
    snprintf(q.bin, sizeof q.bin, "970436");
    snprintf(q.account, sizeof q.account, "0123456789012");
    q.has_amount = amount > 0;
    q.amount = amount;
    q.additional[VIETQR_PURPOSE] = (struct vietqr_text){ code, strlen(code) };
    assert(vietqr_encode(&q, out, VIETQR_ENCODED_MAX, NULL, NULL) == VIETQR_OK);
    return slice_of(out);
}

static void make_slips(struct print_sink sink, int count)
{
    static const char *const names[] = { "Ánh", "Bình", "Nguyên", "Dế", "Sống", "Ưởng", "ꪼꪕ", "Phương Thảo Nguyên Ngọc" };
    const struct slips_head head = {
        .unit = "Trường Phổ thông dân tộc bán trú Tiểu học Chiềng Ơn",
        .hotline = "0212 3 850 123 (cô Lan, kế toán)",
        .bank = "Ngân hàng Vietcombank",
        .account_no = "0123456789012",
        .holder = "TRUONG PTDTBT TH CHIENG ON",
        .made_us = MADE_US,
    };
    struct slips *s;

    assert(slips_open(&s, &head, fonts, sink) == RC_OK);
    for (int i = 0; i < count; i++) {
        char code[16], class[8], payload[VIETQR_ENCODED_MAX];
        int64_t amount = 90000 + (int64_t)i * 4500;

        snprintf(code, sizeof code, "SB7M4Q%c%cC", "23456789ABCDEFGHJKMNPQRSTUVWXYZ"[i / 31 % 31], "23456789ABCDEFGHJKMNPQRSTUVWXYZ"[i % 31]);
        snprintf(class, sizeof class, "%dA%d", 1 + i / 200 % 5, 1 + i / 35 % 6);
        struct slip slip = {
            .given_name = slice_of(names[i % 8]),
            .class_name = slice_of(class),
            .label = slice_of(i % 5 == 4 ? "Tiền ăn bán trú, tiền nước uống và tiền chăm sóc bán trú tháng 11 năm 2026" : "Tiền ăn bán trú tháng 11/2026"),
            .has_amount = i % 9 != 3,
            .amount = amount,
            .payload = payload_of(payload, code, amount),
            .code = slice_of(code),
            .has_due = i % 7 != 5,
            .due_day = 20790,
        };
        tell_symbol(i / SLIP_PER_PAGE + 1, payload);
        assert(slips_add(s, &slip) == RC_OK);
    }
    assert(slips_pages(s) == (count + SLIP_PER_PAGE - 1) / SLIP_PER_PAGE);
    assert(slips_end(s) == RC_OK);
    slips_free(s);
}

/* --- posters --- */

static void make_poster(struct print_sink sink, int size)
{
    char payload[VIETQR_ENCODED_MAX];
    struct poster w = {
        .name = SLICE("Rau sạch chị Hoa"),
        .place = SLICE("Chợ Quyết Thắng, ô số 14"),
        .holder = SLICE("LO THI HOA"),
        .bank = SLICE("Ngân hàng Agribank"),
        .account_no = SLICE("7900205123456"),
        .code = SLICE("SC22222SY"),
        .payload = payload_of(payload, "SC22222SY", 0),
        .made_us = MADE_US,
    };

    if (size == 2) { /* long texts are made smaller */
        w.name = SLICE("Hộ kinh doanh thực phẩm sạch vùng cao Quàng Thị Bạch Tuyết và các con");
        w.holder = SLICE("HO KINH DOANH QUANG THI BACH TUYET CHI NHANH CHIENG ON");
        w.place = SLICE("");
    }
    tell_symbol(1, payload);
    assert(poster_write(&w, size == 1 ? POSTER_A6 : POSTER_A5, fonts, sink) == RC_OK);
}

/* --- receipts --- */

static void make_receipt(struct print_sink sink, int version)
{
    struct receipt_paper r = {
        .unit = SLICE("Trường Phổ thông dân tộc bán trú Tiểu học Chiềng Ơn"),
        .unit_code = SLICE("1098765"),
        .form = SLICE("C45-BB"),
        .circular = SLICE("Ban hành kèm theo Thông tư số 24/2024/TT-BTC ngày 17/4/2024 của Bộ Tài chính"),
        .book = SLICE("2026"),
        .number = 1234,
        .day = 20779,
        .reason = SLICE("Tiền ăn bán trú tháng 11/2026"),
        .amount = 936000,
        .how = SLICE("Chuyển khoản, ngân hàng báo lúc 08:03 ngày 20/11/2026, số giao dịch FT26324778912345"),
        .code = SLICE("SB7M4QX2C"),
        .url = SLICE("https://khop.chiengon.example/r/AAECAwQFBgcICQoLDA0ODxAR"),
        .key = SLICE("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
        .made_us = MADE_US,
    };

    if (version >= 1) { /* the desk's */
        r.payer = SLICE("Lò Văn Thưởng");
        r.address = SLICE("Bản Chiềng Ơn, xã Chiềng Ơn, tỉnh Sơn La");
        r.collector = SLICE("Nguyễn Thị Lan");
        r.unit_address = SLICE("Xã Chiềng Ơn, tỉnh Sơn La");
        r.copies = true;
    }
    if (version == 2) {
        r.reprint = true;
        r.amount = WORDS_MAX;
        r.reason = SLICE("Tiền ăn bán trú, tiền nước uống, tiền chăm sóc bán trú, tiền thuê người nấu ăn và tiền vệ sinh tháng 11 năm 2026 của ba cháu Lò Thị Ánh, Lò Văn Bình, "
                         "Lò Thị Chi, học sinh các lớp 1A1, 3A2 và 5A1 của trường");
    }
    if (version == 3) {
        r.voided = true;
        r.void_reason = SLICE("ngân hàng báo hai lần");
        r.copies = false;
    }
    tell_symbol(1, "https://khop.chiengon.example/r/AAECAwQFBgcICQoLDA0ODxAR");
    if (r.copies)
        tell_symbol(1, "https://khop.chiengon.example/r/AAECAwQFBgcICQoLDA0ODxAR");
    assert(receipt_paper_write(&r, fonts, sink) == RC_OK);
}

/* --- days --- */

static void make_day(struct print_sink sink, int nitems)
{
    static const struct day_account accounts[] = {
        { SLICE_INIT("112101"), SLICE_INIT("Vietcombank 0071000123456"), 12500000, 3600000, 500000, 15600000 },
        { SLICE_INIT("131"), SLICE_INIT("Phải thu"), -12500000, 0, 3588000, -16088000 },
        { SLICE_INIT("3318"), SLICE_INIT("Phải trả người thụ hưởng"), 0, 500000, 0, 500000 },
        { SLICE_INIT("3388"), SLICE_INIT("Tiền vào chờ xử lý"), 0, 0, 12000, -12000 },
    };
    static struct day_item list[DAY_ITEMS_MAX];
    struct day_paper d = {
        .unit = SLICE("Trường Phổ thông dân tộc bán trú Tiểu học Chiềng Ơn"), .unit_code = SLICE("1098765"), .from = 20779, .day = 20779, .closed = true, .version = 2,
        .closed_by = SLICE("Nguyễn Thị Lan"), .approved_by = SLICE("Lò Văn Thưởng"), .closed_us = MADE_US, .entries = 12, .first_seq = 101, .last_seq = 112,
        .receipts = SLICE("2026/000040 – 2026/000049 (10)"), .accounts = accounts, .naccounts = 4, .open_count = nitems, .open_held = 12000 * (int64_t)nitems, .items = list,
        .nitems = (size_t)nitems, .chain = SLICE("3c6e0b8a9c15224a8228b9a98ca1531d3c6e0b8a9c15224a8228b9a98ca1531d"),
        .seal = SLICE("9a98ca1531d3c6e0b8a9c15224a8228b9a98ca1531d3c6e0b8a9c15224a8228b"), .made_us = MADE_US,
    };

    for (int i = 0; i < nitems; i++)
        list[i] = (struct day_item){ SLICE("Nội dung không có mã thanh toán"), SLICE("exc_0000g40r40m30"), 12000 };
    if (nitems == 0) {
        d.closed = false;
        d.seal = SLICE("");
        d.from--;
        d.entries = 0;
        d.receipts = SLICE("");
    }
    assert(day_paper_write(&d, fonts, sink) == RC_OK);
}

/* --- journals for other programs --- */

static void make_ledger(struct print_sink sink, int ledger)
{
    static const char *const kinds[] = { "settled", "suspense", "allocation" };
    struct ledger_out o;
    uint64_t seed = 42;

    assert(ledger_out_begin(&o, (enum ledger_format)ledger, SLICE("Trường \"Chiềng Ơn\"; sổ nhật ký\n"), 20758, sink) == RC_OK);
    assert(ledger_out_account(&o, SLICE("112101"), SLICE("Vietcombank 0071"), 5000000) == RC_OK);
    assert(ledger_out_account(&o, SLICE("131"), SLICE("Phải thu"), -5000000) == RC_OK);
    assert(ledger_out_account(&o, SLICE("811"), SLICE("Chi phí khác"), 0) == RC_OK);
    for (int i = 0; i < 200; i++) {
        static const char *const accounts[] = { "112101", "131", "3388", "811", "112102", "711" };
        struct ledger_row row = { .seq = i + 1, .day = 20758 + i / 10, .kind = slice_of(kinds[i % 3]), .code = SLICE("SB7M4QX2C") };
        unsigned debit = (unsigned)(seed >> 33) % 6;

        seed = seed * 6364136223846793005U + 1442695040888963407U;
        row.debit = slice_of(accounts[debit]);
        row.credit = slice_of(accounts[(debit + 1 + (unsigned)(seed >> 40) % 5) % 6]);
        row.amount = 1 + (int64_t)(seed >> 20) % 999999999999;
        row.reference = i % 2 == 0 ? SLICE("FT26\"x;|y\\z") : SLICE("");
        row.of_seq = i % 3 == 2 ? i : 0;
        assert(ledger_out_row(&o, &row) == RC_OK);
    }
    assert(ledger_out_end(&o) == RC_OK);
}

static void make_ledger_empty(struct print_sink sink, int ledger)
{
    struct ledger_out o;

    assert(ledger_out_begin(&o, (enum ledger_format)ledger, SLICE("Trống"), 20758, sink) == RC_OK);
    assert(ledger_out_account(&o, SLICE("131"), SLICE(""), 0) == RC_OK);
    assert(ledger_out_end(&o) == RC_OK);
}

int main(int argc, char **argv)
{
    char name[4096];

    assert(argc == 2);
    folder = argv[1];
    snprintf(name, sizeof name, "%s/symbols", folder);
    assert(print_fonts_open(NULL, &fonts) == RC_OK);
    symbols = fopen(name, "wb");
    assert(symbols != NULL);
    sample_tables();
    sample("slips-20.pdf", make_slips, 20);
    sample("slips-800.pdf", make_slips, 800);
    sample("poster-a5.pdf", make_poster, 0);
    sample("poster-a6.pdf", make_poster, 1);
    sample("poster-long.pdf", make_poster, 2);
    sample("receipt.pdf", make_receipt, 0);
    sample("receipt-desk.pdf", make_receipt, 1);
    sample("receipt-again.pdf", make_receipt, 2);
    sample("receipt-void.pdf", make_receipt, 3);
    assert(fclose(symbols) == 0);
    sample("day.pdf", make_day, 3);
    sample("day-long.pdf", make_day, 120);
    sample("day-open.pdf", make_day, 0);
    sample("books.beancount", make_ledger, LEDGER_BEANCOUNT);
    sample("books.journal", make_ledger, LEDGER_HLEDGER);
    sample("none.beancount", make_ledger_empty, LEDGER_BEANCOUNT);
    sample("none.journal", make_ledger_empty, LEDGER_HLEDGER);
    print_fonts_free(fonts);
    return 0;
}
