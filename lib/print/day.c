#include "khop/print/day.h"

#include "check.h"
#include "khop/base/clock.h"
#include "khop/pay/money.h"
#include "paper.h"
#include <stdio.h>

#include "khop/base/banned.h"

#define EDGE_X   (16 * PAPER_MM)
#define EDGE_Y   (15 * PAPER_MM)
#define INNER    (PAPER_A4_SHORT - 2 * EDGE_X)
#define BOTTOM   (PAPER_A4_LONG - EDGE_Y - 14)
#define ROW      15.5
#define TEXT_MAX 400

static const struct paper_style plain = { .face = FACE_SANS, .size = 9 };
static const struct paper_style bold = { .face = FACE_SANS_BOLD, .size = 9 };
static const struct paper_style dim = { .face = FACE_SANS, .size = 8, .grey = 0.3 };
static const struct paper_style code = { .face = FACE_SANS, .size = 7, .grey = 0.2 };

struct sheet {
    struct paper p;
    const struct day_paper *d;
    double y;
    int page;
};

static void day_text(char out[16], int32_t day)
{
    struct civil c = clock_civil(day * 86400 * CLOCK_US, 0);

    snprintf(out, 16, "%02d/%02d/%04d", c.day, c.month, c.year);
}

/* --- pages --- */

static void foot(struct sheet *s)
{
    struct paper_style right = dim;
    char text[32];

    snprintf(text, sizeof text, "Trang %d", s->page);
    right.align = ALIGN_RIGHT;
    paper_text_fit(&s->p, &dim, 6, EDGE_X, BOTTOM + 8, INNER * 0.8, s->d->unit);
    paper_text(&s->p, &right, EDGE_X + INNER * 0.8, BOTTOM + 8, INNER * 0.2, slice_of(text));
}

static void room(struct sheet *s, double height)
{
    if (s->y + height <= BOTTOM)
        return;
    foot(s);
    paper_page_done(&s->p);
    s->page++;
    s->y = EDGE_Y;
}

static void heading(struct sheet *s, const char *text)
{
    struct paper_style h = bold;

    h.size = 10.5;
    room(s, 3 * ROW);
    s->y += 9;
    s->y += paper_text(&s->p, &h, EDGE_X, s->y, INNER, slice_of(text)) + 3;
}

static void pair(struct sheet *s, const char *label, struct slice value)
{
    if (value.n == 0)
        return;
    room(s, ROW);
    paper_text(&s->p, &dim, EDGE_X, s->y + 1, INNER * 0.3, slice_of(label));
    s->y += paper_text(&s->p, &plain, EDGE_X + INNER * 0.3, s->y, INNER * 0.7, value) + 2;
}

/* --- tables --- */

struct cell {
    double left, width; /* of INNER */
    enum paper_align align;
    struct slice text;
};

static void row(struct sheet *s, const struct paper_style *style, const struct cell *cells, size_t n, double rule)
{
    for (size_t i = 0; i < n; i++) {
        struct paper_style own = *style;

        own.align = cells[i].align;
        paper_text_fit(&s->p, &own, 6, EDGE_X + cells[i].left * INNER + 2, s->y + 2, cells[i].width * INNER - 4, cells[i].text);
    }
    s->y += ROW;
    paper_rule(&s->p, EDGE_X, s->y, EDGE_X + INNER, s->y, rule, 0.6);
}

static void accounts_head(struct sheet *s)
{
    const struct cell head[] = { { 0, 0.1, ALIGN_LEFT, SLICE("Số hiệu") },      { 0.1, 0.3, ALIGN_LEFT, SLICE("Tài khoản") },
                                 { 0.4, 0.15, ALIGN_RIGHT, SLICE("Dư đầu") },    { 0.55, 0.15, ALIGN_RIGHT, SLICE("Phát sinh Nợ") },
                                 { 0.7, 0.15, ALIGN_RIGHT, SLICE("Phát sinh Có") }, { 0.85, 0.15, ALIGN_RIGHT, SLICE("Dư cuối") } };

    paper_tint(&s->p, EDGE_X, s->y, INNER, ROW, 0.92);
    row(s, &bold, head, 6, 0.8);
}

static void accounts(struct sheet *s)
{
    heading(s, "Số dư và phát sinh (dư Có ghi số âm)");
    accounts_head(s);
    for (size_t i = 0; i < s->d->naccounts; i++) {
        const struct day_account *a = &s->d->accounts[i];
        char text[4][MONEY_TEXT_SIZE];

        money_groups(text[0], a->opening);
        money_groups(text[1], a->debit);
        money_groups(text[2], a->credit);
        money_groups(text[3], a->closing);

        const struct cell cells[] = { { 0, 0.1, ALIGN_LEFT, a->no },
                                      { 0.1, 0.3, ALIGN_LEFT, a->name },
                                      { 0.4, 0.15, ALIGN_RIGHT, slice_of(text[0]) },
                                      { 0.55, 0.15, ALIGN_RIGHT, slice_of(text[1]) },
                                      { 0.7, 0.15, ALIGN_RIGHT, slice_of(text[2]) },
                                      { 0.85, 0.15, ALIGN_RIGHT, slice_of(text[3]) } };

        if (s->y + ROW > BOTTOM) {
            room(s, ROW);
            accounts_head(s);
        }
        row(s, &plain, cells, 6, 0.35);
    }
}

static void items(struct sheet *s)
{
    char text[160], held[MONEY_TEXT_SIZE];

    heading(s, "Khoản chờ xử lý, chuyển sang ngày sau");
    money_text(held, s->d->open_held);
    snprintf(text, sizeof text, "%lld khoản, giữ %s", (long long)s->d->open_count, held);
    room(s, ROW);
    s->y += paper_text(&s->p, &plain, EDGE_X, s->y, INNER, slice_of(text)) + 3;
    for (size_t i = 0; i < s->d->nitems; i++) {
        char amount[MONEY_TEXT_SIZE];

        money_groups(amount, s->d->items[i].held);

        const struct cell cells[] = { { 0, 0.25, ALIGN_LEFT, s->d->items[i].ref },
                                      { 0.25, 0.5, ALIGN_LEFT, s->d->items[i].reason },
                                      { 0.75, 0.25, ALIGN_RIGHT, slice_of(amount) } };

        room(s, ROW);
        row(s, &plain, cells, 3, 0.35);
    }
}

/* --- the whole --- */

static void top(struct sheet *s)
{
    const struct day_paper *d = s->d;
    struct paper_style title = { .face = FACE_SANS_BOLD, .size = 16, .align = ALIGN_CENTER }, date = { .face = FACE_SANS, .size = 10.5, .align = ALIGN_CENTER };
    char a[16], b[16], line[TEXT_MAX + 64];

    s->y = EDGE_Y;
    s->y += paper_text(&s->p, &bold, EDGE_X, s->y, INNER, d->unit);
    if (d->unit_code.n > 0) {
        snprintf(line, sizeof line, "Mã QHNS: %.*s", SLICE_FMT(d->unit_code));
        s->y += paper_text(&s->p, &dim, EDGE_X, s->y, INNER, slice_of(line));
    }
    s->y += 12;
    s->y += paper_text(&s->p, &title, EDGE_X, s->y, INNER, d->closed ? SLICE("BIÊN BẢN KHÓA SỔ NGÀY") : SLICE("TÌNH HÌNH TRONG NGÀY (CHƯA KHÓA SỔ)"));
    day_text(a, d->from);
    day_text(b, d->day);
    if (d->from == d->day)
        snprintf(line, sizeof line, "Ngày %s", b);
    else
        snprintf(line, sizeof line, "Từ ngày %s đến ngày %s", a, b);
    s->y += paper_text(&s->p, &date, EDGE_X, s->y, INNER, slice_of(line)) + 6;
}

static void facts(struct sheet *s)
{
    const struct day_paper *d = s->d;
    struct civil c = clock_civil(d->closed_us, CLOCK_VN_OFFSET_S);
    char text[TEXT_MAX];

    if (d->closed) {
        snprintf(text, sizeof text, "%d", d->version);
        pair(s, "Bản", slice_of(text));
        snprintf(text, sizeof text, "%02d:%02d ngày %02d/%02d/%04d", c.hour, c.minute, c.day, c.month, c.year);
        pair(s, "Khóa lúc", slice_of(text));
        pair(s, "Người khóa sổ", d->closed_by);
        pair(s, "Người đồng ý", d->approved_by);
    }
    if (d->entries > 0)
        snprintf(text, sizeof text, "%lld bút toán, từ số %lld đến số %lld", (long long)d->entries, (long long)d->first_seq, (long long)d->last_seq);
    else
        snprintf(text, sizeof text, "không có bút toán");
    pair(s, "Ghi sổ", slice_of(text));
    pair(s, "Biên lai", d->receipts.n > 0 ? d->receipts : SLICE("không có biên lai"));
}

static void bottom(struct sheet *s)
{
    static const char *const signers[] = { "Người lập", "Kế toán", "Thủ trưởng đơn vị" };
    struct paper_style head = bold, hint = { .face = FACE_SANS_ITALIC, .size = 8, .align = ALIGN_CENTER };

    head.align = ALIGN_CENTER;
    room(s, 118);
    s->y += 12;
    if (s->d->seal.n > 0) {
        s->y += paper_text(&s->p, &dim, EDGE_X, s->y, INNER, SLICE("Dấu niêm phong của ngày (SHA-256) và mắt xích cuối của sổ nhật ký:"));
        s->y += paper_text(&s->p, &code, EDGE_X, s->y, INNER, s->d->seal);
    }
    s->y += paper_text(&s->p, &code, EDGE_X, s->y, INNER, s->d->chain) + 10;
    for (int i = 0; i < 3; i++) {
        double x = EDGE_X + i * INNER / 3, h = paper_text(&s->p, &head, x, s->y, INNER / 3, slice_of(signers[i]));

        paper_text(&s->p, &hint, x, s->y + h, INNER / 3, SLICE("(Ký, họ tên)"));
    }
    s->y += 70;
}

static int check(const struct day_paper *d)
{
    const struct slice texts[] = { d->unit, d->unit_code, d->closed_by, d->approved_by, d->receipts, d->chain, d->seal };
    int rc = d->unit.n == 0 || d->from < 0 || d->from > d->day || d->day > 2932896 ? RC_BAD_INPUT : RC_OK;

    if (rc == RC_OK && (d->naccounts > DAY_ACCOUNTS_MAX || d->nitems > DAY_ITEMS_MAX))
        rc = RC_TOO_LARGE;
    for (size_t i = 0; rc == RC_OK && i < sizeof texts / sizeof texts[0]; i++)
        rc = print_text_check(texts[i], TEXT_MAX);
    for (size_t i = 0; rc == RC_OK && i < d->naccounts; i++) {
        rc = print_text_check(d->accounts[i].no, TEXT_MAX);
        if (rc == RC_OK)
            rc = print_text_check(d->accounts[i].name, TEXT_MAX);
    }
    for (size_t i = 0; rc == RC_OK && i < d->nitems; i++) {
        rc = print_text_check(d->items[i].reason, TEXT_MAX);
        if (rc == RC_OK)
            rc = print_text_check(d->items[i].ref, TEXT_MAX);
    }
    return rc;
}

int day_paper_write(const struct day_paper *d, struct print_fonts *fonts, struct print_sink sink)
{
    struct sheet s = { .d = d, .page = 1 };
    char title[64], unit[TEXT_MAX + 1], day[16];
    const struct paper_about about = { title, unit, d->made_us };
    int rc = check(d);

    if (rc < 0)
        return rc;
    day_text(day, d->day);
    snprintf(title, sizeof title, "Khóa sổ ngày %s", day);
    snprintf(unit, sizeof unit, "%.*s", SLICE_FMT(d->unit));
    rc = paper_open(&s.p, fonts, PAPER_A4_SHORT, PAPER_A4_LONG, &about, sink);
    if (rc < 0)
        return rc;
    top(&s);
    facts(&s);
    accounts(&s);
    items(&s);
    bottom(&s);
    foot(&s);
    paper_page_done(&s.p);
    return paper_close(&s.p);
}
