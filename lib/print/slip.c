#include "khop/print/slip.h"

#include "check.h"
#include "khop/base/arena.h"
#include "khop/base/clock.h"
#include "khop/pay/money.h"
#include "paper.h"
#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define COLUMNS   2
#define ROWS      4
#define WIDTH     (PAPER_A4_SHORT / COLUMNS)
#define HEIGHT    (PAPER_A4_LONG / ROWS)
#define INSET     (7.5 * PAPER_MM) /* printers leave 5 mm of a page's edge white */
#define QR_SIDE   (43 * PAPER_MM)
#define TEXT_MAX  200 /* bytes */

_Static_assert(COLUMNS * ROWS == SLIP_PER_PAGE, "a page of slips");

struct slips {
    struct paper paper;
    bool open;
    struct arena *arena;
    struct slice unit, hotline, receiver, holder;
    int rc, count, pages, on_page;
};

/* --- the head --- */

static int take(struct slips *s, const char *text, struct slice *out)
{
    int rc;

    if (text == NULL)
        return RC_OK;
    rc = print_text_check(slice_of(text), TEXT_MAX);
    if (rc < 0)
        return rc;
    *out = arena_copy(s->arena, slice_of(text));
    return out->p == NULL ? RC_NOMEM : RC_OK;
}

static int take_joined(struct slips *s, struct slice *out, const char *front, const char *middle, const char *back)
{
    const char *text = arena_printf(s->arena, "%s%s%s", front, middle, back);

    return text == NULL ? RC_NOMEM : take(s, text, out);
}

static int take_head(struct slips *s, const struct slips_head *h)
{
    int rc = h->unit == NULL ? RC_BAD_INPUT : take(s, h->unit, &s->unit);

    if (rc == RC_OK && h->hotline != NULL)
        rc = take_joined(s, &s->hotline, "Cần hỏi, xin gọi ", "", h->hotline);
    if (rc == RC_OK && h->bank != NULL && h->account_no != NULL)
        rc = take_joined(s, &s->receiver, h->bank, " · ", h->account_no);
    else if (rc == RC_OK)
        rc = take(s, h->account_no != NULL ? h->account_no : h->bank, &s->receiver);
    if (rc == RC_OK)
        rc = take(s, h->holder, &s->holder);
    return rc;
}

int slips_open(struct slips **out, const struct slips_head *head, struct print_fonts *fonts, struct print_sink sink)
{
    struct arena *arena = arena_new(64 * 1024);
    struct slips *s = arena == NULL ? NULL : arena_alloc(arena, sizeof *s);
    int rc;

    if (s == NULL) {
        arena_free(arena);
        return RC_NOMEM;
    }
    s->arena = arena;
    rc = take_head(s, head);
    if (rc == RC_OK) {
        const struct paper_about about = { "Phiếu mã chuyển khoản", head->unit, head->made_us };

        rc = paper_open(&s->paper, fonts, PAPER_A4_SHORT, PAPER_A4_LONG, &about, sink);
        s->open = rc == RC_OK;
    }
    if (rc != RC_OK) {
        slips_free(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

void slips_free(struct slips *s)
{
    if (s == NULL)
        return;
    if (s->open)
        paper_free(&s->paper);
    arena_free(s->arena);
}

/* --- a page --- */

static void cut_lines(struct paper *p)
{
    for (int i = 1; i < ROWS; i++)
        paper_dots(p, 0, i * HEIGHT, PAPER_A4_SHORT, i * HEIGHT, 0.5, 4, 4, 0.6);
    for (int i = 1; i < COLUMNS; i++)
        paper_dots(p, i * WIDTH, 0, i * WIDTH, PAPER_A4_LONG, 0.5, 4, 4, 0.6);
}

static void page_done(struct slips *s)
{
    if (s->on_page == 0)
        return;
    paper_page_done(&s->paper);
    s->on_page = 0;
    s->pages++;
    if (s->rc == RC_OK)
        s->rc = s->paper.rc;
}

void slips_break(struct slips *s)
{
    if (s->rc == RC_OK)
        page_done(s);
}

int slips_pages(const struct slips *s)
{
    return s->pages + (s->on_page > 0 ? 1 : 0);
}

/* --- a slip --- */

static const struct paper_style unit_style = { .face = FACE_SANS, .size = 8, .grey = 0.25, .lines = 2 };
static const struct paper_style name_style = { .face = FACE_SANS_BOLD, .size = 20, .lines = 1 };
static const struct paper_style class_style = { .face = FACE_SANS, .size = 11.5, .lines = 1 };
static const struct paper_style label_style = { .face = FACE_SANS, .size = 9, .grey = 0.15, .lines = 2 };
static const struct paper_style amount_style = { .face = FACE_SANS_BOLD, .size = 16, .lines = 1 };
static const struct paper_style scan_style = { .face = FACE_SANS_BOLD, .size = 10.5, .lines = 2 };
static const struct paper_style due_style = { .face = FACE_SANS, .size = 9, .lines = 1 };
static const struct paper_style small_style = { .face = FACE_SANS, .size = 7, .grey = 0.25, .lines = 1 };
static const struct paper_style code_style = { .face = FACE_SANS_BOLD, .size = 15, .align = ALIGN_CENTER, .spacing = 1.2, .lines = 1 };
static const struct paper_style hint_style = { .face = FACE_SANS, .size = 7, .align = ALIGN_CENTER, .grey = 0.25, .lines = 1 };

/* The left side: who and what, from the top. */
static void draw_words(struct slips *s, const struct slip *slip, double x, double y, double width)
{
    struct paper *p = &s->paper;
    char text[96];

    y += paper_text(p, &unit_style, x, y, width, s->unit) + 7;
    y += paper_text_fit(p, &name_style, 11, x, y, width, slip->given_name) - 1;
    if (slip->class_name.n > 0) {
        snprintf(text, sizeof text, "Lớp %.*s", SLICE_FMT(slip->class_name));
        y += paper_text_fit(p, &class_style, 8, x, y, width, slice_of(text));
    }
    y += 6;
    y += paper_text(p, &label_style, x, y, width, slip->label) + 2;
    if (slip->has_amount) {
        money_text(text, slip->amount);
        y += paper_text_fit(p, &amount_style, 10, x, y, width, slice_of(text));
    } else {
        y += paper_text(p, &scan_style, x, y, width, SLICE("Quét để xem số tiền")) + 3;
    }
    if (slip->has_due) {
        struct civil c = clock_civil(slip->due_day * 86400 * CLOCK_US, 0);

        snprintf(text, sizeof text, "Nộp đến hết ngày %02d/%02d/%04d", c.day, c.month, c.year);
        paper_text_fit(p, &due_style, 7, x, y, width, slice_of(text));
    }
}

/* At the foot: whom the money must reach, whom to ask. */
static void draw_foot(struct slips *s, double x, double bottom, double width)
{
    const struct slice lines[] = { s->hotline, s->receiver, s->holder };
    struct paper_style bold = small_style;
    double y = bottom;

    bold.face = FACE_SANS_BOLD;
    bold.grey = 0;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (lines[i].n == 0)
            continue;
        y -= 10;
        paper_text_fit(&s->paper, i == 2 ? &bold : &small_style, 5, x, y, width, lines[i]);
    }
}

static int draw_symbol(struct slips *s, const struct slip *slip, double x, double y)
{
    struct print_qr qr;
    int rc = print_qr_make(&qr, slip->payload, PRINT_QR_M);

    if (rc < 0)
        return rc;
    paper_qr(&s->paper, &qr, x, y, QR_SIDE);
    print_qr_release(&qr);
    y += QR_SIDE - 4;
    y += paper_text_fit(&s->paper, &code_style, 9, x, y, QR_SIDE, slip->code);
    paper_text(&s->paper, &hint_style, x, y, QR_SIDE, SLICE("giữ nguyên mã này khi chuyển"));
    return RC_OK;
}

static int slip_check(const struct slip *slip)
{
    const struct slice texts[] = { slip->given_name, slip->class_name, slip->label, slip->code };
    int rc = slip->given_name.n == 0 || slip->code.n == 0 || (slip->has_amount && !money_ok(slip->amount)) ||
                     (slip->has_due && (slip->due_day < 0 || slip->due_day > 2932896))
                 ? RC_BAD_INPUT
                 : RC_OK;

    for (size_t i = 0; rc == RC_OK && i < sizeof texts / sizeof texts[0]; i++)
        rc = print_text_check(texts[i], i == 1 ? 64 : TEXT_MAX);
    return rc;
}

int slips_add(struct slips *s, const struct slip *slip)
{
    double x = s->on_page % COLUMNS * WIDTH, y = s->on_page / COLUMNS * HEIGHT;
    double words = WIDTH - 2 * INSET - QR_SIDE - 4;

    if (s->rc == RC_OK)
        s->rc = s->count == SLIP_MAX ? RC_TOO_LARGE : slip_check(slip);
    if (s->rc != RC_OK)
        return s->rc;
    if (s->on_page == 0)
        cut_lines(&s->paper);
    draw_words(s, slip, x + INSET, y + INSET, words);
    draw_foot(s, x + INSET, y + HEIGHT - INSET + 4, words);
    s->rc = draw_symbol(s, slip, x + WIDTH - INSET - QR_SIDE + 6, y + INSET - 6);
    s->count++;
    if (++s->on_page == SLIP_PER_PAGE)
        page_done(s);
    return s->rc;
}

int slips_end(struct slips *s)
{
    if (s->rc == RC_OK && s->count == 0)
        s->rc = RC_BAD_INPUT;
    if (s->rc != RC_OK)
        return s->rc;
    page_done(s);
    s->open = false;
    s->rc = paper_close(&s->paper);
    return s->rc;
}
