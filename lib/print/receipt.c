#include "khop/print/receipt.h"

#include "check.h"
#include "khop/base/clock.h"
#include "khop/pay/money.h"
#include "khop/pay/words.h"
#include "paper.h"
#include <stdio.h>

#include "khop/base/banned.h"

/* One copy is drawn on an A5 across. */
#define WIDTH     (210 * PAPER_MM)
#define HEIGHT    (148.5 * PAPER_MM)
#define EDGE_X    (14 * PAPER_MM)
#define EDGE_Y    (9 * PAPER_MM)
#define INNER     (WIDTH - 2 * EDGE_X)
#define QR_SIDE   (27 * PAPER_MM)
#define TEXT_MAX  600 /* bytes */
#define SIZE      10.5
#define LEADING   19.0

static const struct paper_style plain = { .face = FACE_SERIF, .size = SIZE };
static const struct paper_style bold = { .face = FACE_SERIF_BOLD, .size = SIZE };
static const struct paper_style small = { .face = FACE_SERIF, .size = 8, .grey = 0.15 };
static const struct paper_style tiny = { .face = FACE_SANS, .size = 6.8, .grey = 0.3 };

static struct paper_style aligned(const struct paper_style *s, enum paper_align align)
{
    struct paper_style out = *s;

    out.align = align;
    return out;
}

/* --- the head --- */

static double labelled(struct paper *p, double x, double y, double width, const char *label, struct slice value)
{
    char line[TEXT_MAX + 64];

    snprintf(line, sizeof line, "%s%.*s", label, SLICE_FMT(value));
    return paper_text(p, &plain, x, y, width, slice_of(line));
}

static double draw_unit(struct paper *p, const struct receipt_paper *r, double y)
{
    double width = INNER * 0.54;
    struct paper_style unit = bold;

    unit.size = paper_fit_size(p, &bold, 9, 1, width, r->unit); /* one line, or two full ones */
    if (unit.size <= 9)
        unit.size = paper_fit_size(p, &bold, 8, 2, width, r->unit);
    unit.lines = 2;
    y += paper_text(p, &unit, EDGE_X, y, width, r->unit) + 1;
    if (r->unit_address.n > 0)
        y += labelled(p, EDGE_X, y, width, "Địa chỉ: ", r->unit_address) + 1;
    return y + labelled(p, EDGE_X, y, width, "Mã QHNS: ", r->unit_code);
}

static void draw_form(struct paper *p, const struct receipt_paper *r, double y, int copy)
{
    double x = EDGE_X + INNER * 0.56, width = INNER * 0.44;
    struct paper_style form = aligned(&bold, ALIGN_CENTER), circular = aligned(&small, ALIGN_CENTER);
    struct paper_style italic = aligned(&small, ALIGN_CENTER);
    char line[TEXT_MAX + 64];

    circular.lines = 2;
    circular.face = FACE_SERIF_ITALIC;
    if (r->form.n > 0) {
        snprintf(line, sizeof line, "Mẫu số %.*s", SLICE_FMT(r->form));
        y += paper_text(p, &form, x, y, width, slice_of(line));
    }
    if (r->circular.n > 0) {
        snprintf(line, sizeof line, "(%.*s)", SLICE_FMT(r->circular));
        y += paper_text(p, &circular, x, y, width, slice_of(line));
    }
    if (copy > 0)
        paper_text(p, &italic, x, y + 1, width, copy == 1 ? SLICE("Liên 1: Lưu") : SLICE("Liên 2: Giao người nộp tiền"));
}

/* Title and date in the middle, book and number on the right of them. */
static double draw_title(struct paper *p, const struct receipt_paper *r, double y)
{
    struct paper_style title = { .face = FACE_SERIF_BOLD, .size = 17, .align = ALIGN_CENTER };
    struct paper_style date = { .face = FACE_SERIF_ITALIC, .size = SIZE, .align = ALIGN_CENTER };
    struct civil c = clock_civil(r->day * 86400 * CLOCK_US, 0);
    double x = EDGE_X + INNER * 0.74, width = INNER * 0.26, height;
    char line[TEXT_MAX + 64];

    height = paper_text_fit(p, &title, 10, EDGE_X + INNER * 0.2, y, INNER * 0.54,
                            r->title.n > 0 ? r->title : r->outgoing ? SLICE("BIÊN NHẬN CHI TIỀN") : SLICE("BIÊN LAI THU TIỀN"));
    snprintf(line, sizeof line, "Ngày %02d tháng %02d năm %04d", c.day, c.month, c.year);
    height += paper_text(p, &date, EDGE_X + INNER * 0.2, y + height - 1, INNER * 0.54, slice_of(line));
    labelled(p, x, y + 5, width, "Quyển số: ", r->book);
    snprintf(line, sizeof line, "%07lld", (long long)r->number);
    labelled(p, x, y + 5 + LEADING - 3, width, "Số: ", slice_of(line));
    return y + height;
}

/* --- the lines --- */

/* Label, value, and dots to the end of the line; or dots only, to write on. Long values take two lines. Returns the height. */
static double draw_line(struct paper *p, double y, const char *label, struct slice value, const struct paper_style *style)
{
    struct paper_style s = *style;
    double used, gap, x;

    (void)paper_measure(p, &plain, INNER, slice_of(label), &gap);
    x = EDGE_X + gap + 4;
    paper_text(p, &plain, EDGE_X, y, INNER, slice_of(label));
    if (value.n == 0) {
        paper_dots(p, x, y + 13.2, EDGE_X + INNER, y + 13.2, 0.6, 0.8, 2.2, 0.4);
        return LEADING;
    }
    s.lines = 2;
    s.size = paper_fit_size(p, &s, 7.5, 2, INNER - gap - 4, value);
    (void)paper_measure(p, &s, INNER - gap - 4, value, &used);
    return paper_text(p, &s, x, y, INNER - gap - 4, value) + LEADING - 14.5;
}

static int draw_lines(struct paper *p, const struct receipt_paper *r, double *y)
{
    char amount[MONEY_TEXT_SIZE], digits[MONEY_TEXT_SIZE + 16];
    struct buf words;
    int rc;

    buf_init(&words, 1024);
    rc = words_printed(&words, r->amount, r->words);
    if (rc == RC_OK) {
        money_groups(amount, r->amount);
        snprintf(digits, sizeof digits, "%s đồng", amount);
        *y += draw_line(p, *y, r->outgoing ? "Họ và tên người nhận:" : "Họ và tên người nộp:", r->payer, &bold);
        *y += draw_line(p, *y, "Địa chỉ:", r->address, &plain);
        *y += draw_line(p, *y, r->outgoing ? "Nội dung chi:" : "Nội dung thu:", r->reason, &plain);
        *y += draw_line(p, *y, r->outgoing ? "Số tiền chi:" : "Số tiền thu:", slice_of(digits), &bold);
        *y += draw_line(p, *y, "Viết bằng chữ:", buf_slice(&words), &plain);
        if (r->how.n > 0)
            *y += draw_line(p, *y, "Hình thức:", r->how, &plain);
    }
    buf_release(&words);
    return rc;
}

/* --- below --- */

static void draw_signature(struct paper *p, double x, double y, double width, const char *who, struct slice name, double bottom)
{
    struct paper_style head = aligned(&bold, ALIGN_CENTER), hint = { .face = FACE_SERIF_ITALIC, .size = 8.5, .align = ALIGN_CENTER };

    y += paper_text(p, &head, x, y, width, slice_of(who));
    paper_text(p, &hint, x, y, width, SLICE("(Ký, họ tên)"));
    if (name.n > 0)
        paper_text_fit(p, &head, 7, x, bottom - 16, width, name);
}

static void draw_check(struct paper *p, const struct receipt_paper *r, const struct print_qr *qr, double bottom)
{
    char line[2 * TEXT_MAX + 128];
    double x = EDGE_X + QR_SIDE, y = bottom - 36, width = INNER * 0.32;
    struct paper_style one = tiny;

    one.lines = 1;
    paper_qr(p, qr, EDGE_X - 9, bottom - QR_SIDE + 9, QR_SIDE);
    y -= r->code.n > 0 ? 10 : 0;
    y += paper_text(p, &one, x, y, width, SLICE("Quét để kiểm tra biên lai đã ký số")) + 0.5;
    y += paper_text_fit(p, &one, 4, x, y, width, r->url) + 0.5;
    if (r->code.n > 0) {
        snprintf(line, sizeof line, "Mã thanh toán %.*s", SLICE_FMT(r->code));
        y += paper_text_fit(p, &one, 5, x, y, width, slice_of(line)) + 0.5;
    }
    if (r->key.n > 0) {
        snprintf(line, sizeof line, "Khóa ký %.*s", SLICE_FMT(r->key));
        y += paper_text_fit(p, &one, 4, x, y, width, slice_of(line)) + 0.5;
    }
    paper_text_fit(p, &one, 5, x, y, width, SLICE("Giấy này không thay thế hóa đơn."));
}

/* Across the page, where it cannot be overlooked and covers nothing that must be read. */
static void draw_stamp(struct paper *p, const struct receipt_paper *r, double y)
{
    struct paper_style stamp = { .face = FACE_SANS_BOLD, .size = 10, .align = ALIGN_CENTER, .lines = 1 };
    char line[TEXT_MAX + 64];
    double width = INNER * 0.19;

    if (r->voided)
        snprintf(line, sizeof line, "ĐÃ HỦY");
    else if (r->reprint)
        snprintf(line, sizeof line, "BẢN IN LẠI");
    else
        return;
    cairo_set_source_rgb(p->cr, 0, 0, 0);
    cairo_set_line_width(p->cr, 1.2);
    cairo_rectangle(p->cr, EDGE_X, y + 4, width, 19);
    cairo_stroke(p->cr);
    paper_text_fit(p, &stamp, 6, EDGE_X + 3, y + 6.5, width - 6, slice_of(line));
}

static int draw_copy(struct paper *p, const struct receipt_paper *r, const struct print_qr *qr, int copy)
{
    double bottom = HEIGHT - EDGE_Y, y = draw_unit(p, r, EDGE_Y), title;
    char line[TEXT_MAX + 64];
    int rc;

    draw_form(p, r, EDGE_Y, copy);
    title = y > EDGE_Y + 46 ? y + 2 : EDGE_Y + 48;
    draw_stamp(p, r, title);
    y = draw_title(p, r, title) + 7;
    rc = draw_lines(p, r, &y);
    if (rc < 0)
        return rc;
    if (r->voided) {
        snprintf(line, sizeof line, "Biên lai này đã hủy, số vẫn giữ trong sổ.%s%.*s", r->void_reason.n > 0 ? " Lý do: " : "", SLICE_FMT(r->void_reason));
        paper_text_fit(p, &bold, 7, EDGE_X, y, INNER, slice_of(line));
        y += LEADING;
    }
    draw_signature(p, EDGE_X + INNER * 0.36, y + 2, INNER * 0.3, r->outgoing ? "Người nhận tiền" : "Người nộp tiền", (struct slice){ 0 }, bottom);
    draw_signature(p, EDGE_X + INNER * 0.68, y + 2, INNER * 0.32, r->outgoing ? "Người chi tiền" : "Người thu tiền", r->collector, bottom);
    draw_check(p, r, qr, bottom);
    return RC_OK;
}

/* --- the whole --- */

static int check(const struct receipt_paper *r)
{
    const struct slice texts[] = { r->unit, r->url, r->unit_code, r->unit_address, r->form, r->circular, r->title, r->book, r->payer, r->address,
                                   r->reason, r->how, r->code, r->collector, r->key, r->void_reason };
    int rc = r->unit.n == 0 || r->url.n == 0 || r->number < 1 || r->day < 0 || r->day > 2932896 || r->amount < 1 || r->amount > WORDS_MAX ? RC_BAD_INPUT : RC_OK;

    for (size_t i = 0; rc == RC_OK && i < sizeof texts / sizeof texts[0]; i++)
        rc = print_text_check(texts[i], TEXT_MAX);
    return rc;
}

static int draw_all(struct paper *p, const struct receipt_paper *r, const struct print_qr *qr)
{
    int rc = draw_copy(p, r, qr, r->copies ? 1 : 0);

    if (rc == RC_OK && r->copies) {
        paper_dots(p, 0, HEIGHT, WIDTH, HEIGHT, 0.5, 4, 4, 0.6);
        cairo_translate(p->cr, 0, HEIGHT);
        rc = draw_copy(p, r, qr, 2);
    }
    paper_page_done(p);
    return rc;
}

int receipt_paper_write(const struct receipt_paper *r, struct print_fonts *fonts, struct print_sink sink)
{
    char title[96], unit[TEXT_MAX + 1];
    struct paper_about about = { title, unit, r->made_us };
    struct print_qr qr;
    struct paper p;
    int rc = check(r);

    if (rc == RC_OK)
        rc = print_qr_make(&qr, r->url, PRINT_QR_M);
    if (rc != RC_OK)
        return rc;
    snprintf(title, sizeof title, "Biên lai số %07lld", (long long)r->number);
    snprintf(unit, sizeof unit, "%.*s", SLICE_FMT(r->unit));
    rc = paper_open(&p, fonts, WIDTH, r->copies ? 2 * HEIGHT : HEIGHT, &about, sink);
    if (rc == RC_OK) {
        rc = draw_all(&p, r, &qr);
        if (rc == RC_OK)
            rc = paper_close(&p);
        else
            paper_free(&p);
    }
    print_qr_release(&qr);
    return rc;
}
