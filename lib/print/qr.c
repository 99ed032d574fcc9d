/* Making a symbol, and its two text forms: SVG and terminal. */
#include <stdlib.h>
#include <string.h>

#include "khop/print/qr.h"
#include "qr_code.h"

#include "khop/base/banned.h"

int print_qr_make(struct print_qr *qr, struct slice text, enum print_qr_level level)
{
    struct qr_words words;
    int rc;

    *qr = (struct print_qr){ 0 };
    if (text.n == 0 || memchr(text.p, '\0', text.n) != NULL)
        return RC_BAD_INPUT;
    if (text.n > PRINT_QR_TEXT_MAX)
        return RC_TOO_LARGE;
    rc = qr_words_make(&words, text, level);
    if (rc < 0)
        return rc;
    qr->side = qr_side(words.version);
    qr->dark = malloc((size_t)qr->side * (size_t)qr->side);
    if (qr->dark == NULL) {
        *qr = (struct print_qr){ 0 };
        return RC_NOMEM;
    }
    qr_grid_make(qr->dark, &words, level);
    return RC_OK;
}

void print_qr_release(struct print_qr *qr)
{
    free(qr->dark);
    *qr = (struct print_qr){ 0 };
}

/* Modules of the same colour from x on. */
static int run_length(const struct print_qr *qr, int x, int y)
{
    int n = 1;

    while (x + n < qr->side && print_qr_dark(qr, x + n, y) == print_qr_dark(qr, x, y))
        n++;
    return n;
}

/* A line of one module's width for every run: half as many characters as rectangles. */
static void svg_row(struct buf *out, const struct print_qr *qr, int y)
{
    bool begun = false;
    int gap = 0;

    for (int x = 0; x < qr->side;) {
        int n = run_length(qr, x, y);

        if (!print_qr_dark(qr, x, y)) {
            gap = n;
        } else {
            buf_putc(out, begun ? 'm' : 'M');
            buf_put_i64(out, begun ? gap : PRINT_QR_QUIET + x);
            if (!begun) {
                buf_putc(out, ' ');
                buf_put_i64(out, PRINT_QR_QUIET + y);
                buf_puts(out, ".5h");
            } else {
                buf_puts(out, " 0h");
            }
            buf_put_i64(out, n);
            begun = true;
        }
        x += n;
    }
}

static void put_escaped(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        default:
            buf_putc(out, *text);
        }
    }
}

void print_qr_svg(struct buf *out, const struct print_qr *qr, const char *label)
{
    int side = qr->side + 2 * PRINT_QR_QUIET;

    buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\"", side,
               side);
    if (label != NULL) {
        buf_puts(out, " role=\"img\" aria-label=\"");
        put_escaped(out, label);
        buf_putc(out, '"');
    }
    buf_printf(out, "><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path stroke=\"#000\" d=\"", side, side);
    for (int y = 0; y < qr->side; y++)
        svg_row(out, qr, y);
    buf_puts(out, "\"/></svg>");
}

static bool dark_with_quiet(const struct print_qr *qr, int x, int y)
{
    x -= PRINT_QR_QUIET;
    y -= PRINT_QR_QUIET;
    return x >= 0 && y >= 0 && x < qr->side && y < qr->side && print_qr_dark(qr, x, y);
}

void print_qr_terminal(struct buf *out, const struct print_qr *qr)
{
    static const char *const blocks[] = { " ", "▄", "▀", "█" };
    int side = qr->side + 2 * PRINT_QR_QUIET;

    for (int y = 0; y < side; y += 2) {
        /* Colours 16 and 231 are black and white in every theme; 0 and 15 are not. */
        buf_puts(out, "\033[38;5;16;48;5;231m");
        for (int x = 0; x < side; x++)
            buf_puts(out, blocks[2 * dark_with_quiet(qr, x, y) + dark_with_quiet(qr, x, y + 1)]);
        buf_puts(out, "\033[0m\n");
    }
}
