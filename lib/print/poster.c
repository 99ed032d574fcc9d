#include "khop/print/poster.h"

#include "check.h"
#include "paper.h"
#include <stdio.h>

#include "khop/base/banned.h"

/* Drawn as an A5; an A6 is the same, made smaller. */
#define WIDTH    (148 * PAPER_MM)
#define HEIGHT   (210 * PAPER_MM)
#define SMALLER  (148.0 / 210) /* an A6 is a hair wider than that: the band bleeds */
#define A6_WIDTH (105 * PAPER_MM)
#define EDGE     (10 * PAPER_MM)
#define BAND     (22 * PAPER_MM)
#define QR_SIDE  (118 * PAPER_MM)
#define FRAME    52.0
#define TEXT_MAX 200

static const struct paper_style call_style = { .face = FACE_SANS_BOLD, .size = 27, .align = ALIGN_CENTER, .grey = 1, .lines = 1 };
static const struct paper_style name_style = { .face = FACE_SANS_BOLD, .size = 27, .align = ALIGN_CENTER, .lines = 1 };
static const struct paper_style place_style = { .face = FACE_SANS, .size = 12, .align = ALIGN_CENTER, .grey = 0.25, .lines = 1 };
static const struct paper_style caption_style = { .face = FACE_SANS, .size = 10.5, .align = ALIGN_CENTER, .grey = 0.25, .lines = 1 };
static const struct paper_style holder_style = { .face = FACE_SANS_BOLD, .size = 21, .align = ALIGN_CENTER, .lines = 1 };
static const struct paper_style bank_style = { .face = FACE_SANS, .size = 13, .align = ALIGN_CENTER, .lines = 1 };
static const struct paper_style warn_style = { .face = FACE_SANS_BOLD, .size = 18, .align = ALIGN_CENTER, .lines = 1 };
static const struct paper_style why_style = { .face = FACE_SANS, .size = 10, .align = ALIGN_CENTER, .lines = 1 };

static int check(const struct poster *w)
{
    const struct slice needed[] = { w->name, w->holder, w->bank, w->account_no, w->code };
    int rc = print_text_check(w->place, TEXT_MAX);

    for (size_t i = 0; rc == RC_OK && i < sizeof needed / sizeof needed[0]; i++)
        rc = needed[i].n == 0 ? RC_BAD_INPUT : print_text_check(needed[i], TEXT_MAX);
    return rc;
}

static void frame(struct paper *p, double y, double height)
{
    cairo_set_source_rgb(p->cr, 0, 0, 0);
    cairo_set_line_width(p->cr, 1.6);
    cairo_rectangle(p->cr, EDGE, y, WIDTH - 2 * EDGE, height);
    cairo_stroke(p->cr);
}

/* Text of up to two lines around the middle of the page; returns its height. */
static double put(struct paper *p, const struct paper_style *s, double least, double y, struct slice text)
{
    struct paper_style fit = *s;

    fit.lines = 2;
    fit.size = paper_fit_size(p, s, least, 2, WIDTH - 2 * EDGE, text);
    return paper_text(p, &fit, EDGE, y, WIDTH - 2 * EDGE, text);
}

static double height_of(struct paper *p, const struct paper_style *s, double least, struct slice text)
{
    struct paper_style fit = *s;

    fit.lines = 2;
    fit.size = paper_fit_size(p, s, least, 2, WIDTH - 2 * EDGE, text);
    return paper_measure(p, &fit, WIDTH - 2 * EDGE, text, NULL);
}

/* From below: what must not move. Returns where it begins. */
static double draw_bottom(struct paper *p, const struct poster *w)
{
    const double x = EDGE, width = WIDTH - 2 * EDGE;
    char line[2 * TEXT_MAX + 8];
    double top, y = HEIGHT - EDGE - 12;

    snprintf(line, sizeof line, "Nội dung chuyển khoản: %.*s · Mã VietQR, quét được bằng mọi ứng dụng ngân hàng", SLICE_FMT(w->code));
    paper_text_fit(p, &caption_style, 5, x, y, width, slice_of(line));
    y -= FRAME + 8;
    frame(p, y, FRAME);
    paper_text(p, &warn_style, x, y + 4, width, SLICE("So tên trước khi chuyển"));
    paper_text_fit(p, &why_style, 7, x + 6, y + 31, width - 12, SLICE("Tên hiện trên điện thoại phải đúng như tên ở trên. Khác tên: đừng chuyển."));
    snprintf(line, sizeof line, "%.*s · %.*s", SLICE_FMT(w->bank), SLICE_FMT(w->account_no));
    y -= height_of(p, &bank_style, 8, slice_of(line)) + 7;
    put(p, &bank_style, 8, y, slice_of(line));
    y -= height_of(p, &holder_style, 12, w->holder) - 2;
    put(p, &holder_style, 12, y, w->holder);
    top = y - 13;
    paper_text(p, &caption_style, x, top, width, SLICE("Người nhận tiền"));
    return top;
}

/* From above the name, then the symbol as large as there is room. */
static void draw(struct paper *p, const struct poster *w, const struct print_qr *qr)
{
    double y = BAND + 7, end = draw_bottom(p, w), side;

    paper_tint(p, -10, 0, WIDTH + 20, BAND, 0.1);
    paper_text_fit(p, &call_style, 12, EDGE, (BAND - 37) / 2 + 1, WIDTH - 2 * EDGE, SLICE("Quét mã để trả tiền"));
    y += put(p, &name_style, 14, y, w->name) - 1;
    y += paper_text_fit(p, &place_style, 8, EDGE, y, WIDTH - 2 * EDGE, w->place);
    side = end - y + 6; /* lines have some white of their own above and below their letters */
    side = side > QR_SIDE ? QR_SIDE : side;
    paper_qr(p, qr, (WIDTH - side) / 2, (y + end - side) / 2 + 1, side);
}

int poster_write(const struct poster *w, enum poster_size size, struct print_fonts *fonts, struct print_sink sink)
{
    const double scale = size == POSTER_A5 ? 1 : SMALLER, width = size == POSTER_A5 ? WIDTH : A6_WIDTH;
    char title[TEXT_MAX + 1];
    struct paper_about about = { title, NULL, w->made_us };
    struct print_qr qr;
    struct paper p;
    int rc = check(w);

    if (rc == RC_OK)
        rc = print_qr_make(&qr, w->payload, PRINT_QR_M);
    if (rc != RC_OK)
        return rc;
    snprintf(title, sizeof title, "%.*s", SLICE_FMT(w->name));
    rc = paper_open(&p, fonts, width, HEIGHT * scale, &about, sink);
    if (rc == RC_OK) {
        cairo_translate(p.cr, (width - WIDTH * scale) / 2, 0);
        cairo_scale(p.cr, scale, scale);
        draw(&p, w, &qr);
        paper_page_done(&p);
        rc = paper_close(&p);
    }
    print_qr_release(&qr);
    return rc;
}
