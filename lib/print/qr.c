/* Making a symbol, and its two text forms: SVG and terminal. */
#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#include "khop/print/qr.h"

#include "khop/base/banned.h"

static QRecLevel library_level(enum print_qr_level level)
{
    switch (level) {
    case PRINT_QR_L:
        return QR_ECLEVEL_L;
    case PRINT_QR_M:
        return QR_ECLEVEL_M;
    case PRINT_QR_Q:
        return QR_ECLEVEL_Q;
    case PRINT_QR_H:
        return QR_ECLEVEL_H;
    }
    return QR_ECLEVEL_M;
}

static int take_modules(struct print_qr *qr, const QRcode *code)
{
    size_t count = (size_t)code->width * (size_t)code->width;

    qr->dark = malloc(count);
    if (qr->dark == NULL)
        return RC_NOMEM;
    qr->side = code->width;
    for (size_t i = 0; i < count; i++)
        qr->dark[i] = code->data[i] & 1;
    return RC_OK;
}

int print_qr_make(struct print_qr *qr, struct slice text, enum print_qr_level level)
{
    char copy[PRINT_QR_TEXT_MAX + 1];
    QRcode *code;
    int rc;

    *qr = (struct print_qr){ 0 };
    if (text.n == 0 || memchr(text.p, '\0', text.n) != NULL)
        return RC_BAD_INPUT;
    if (text.n > PRINT_QR_TEXT_MAX)
        return RC_TOO_LARGE;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    /* QRcode_encodeString splits the text into numeric, alphanumeric and byte segments; the 8-bit call does not. */
    code = QRcode_encodeString(copy, 0, library_level(level), QR_MODE_8, 1);
    if (code == NULL)
        return errno == ERANGE ? RC_TOO_LARGE : errno == ENOMEM ? RC_NOMEM : RC_BAD_INPUT;
    rc = take_modules(qr, code);
    QRcode_free(code);
    return rc;
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

/* A number below 1,000; returns what is behind it. */
static char *put_number(char *at, int n)
{
    if (n >= 100)
        *at++ = (char)('0' + n / 100);
    if (n >= 10)
        *at++ = (char)('0' + n / 10 % 10);
    *at++ = (char)('0' + n % 10);
    return at;
}

static char *put_letters(char *at, const char *letters, size_t n)
{
    memcpy(at, letters, n);
    return at + n;
}

/* The first run takes 14 characters at most; a further one, with the gap before it, 8 for each two modules: numbers of
 * more digits are of more modules. */
#define SVG_ROW_MAX(side) (14 + 4 * (size_t)(side))

/* A line of one module's width for every run: half as many characters as rectangles. */
static void svg_row(struct buf *out, const struct print_qr *qr, int y)
{
    char *at = buf_room(out, SVG_ROW_MAX(qr->side)), *from = at;
    int gap = -1; /* before the first run */

    if (at == NULL)
        return;
    for (int x = 0; x < qr->side;) {
        int n = run_length(qr, x, y);

        if (!print_qr_dark(qr, x, y)) {
            if (at > from)
                gap = n;
        } else if (gap < 0) {
            *at++ = 'M';
            at = put_number(at, PRINT_QR_QUIET + x);
            *at++ = ' ';
            at = put_number(at, PRINT_QR_QUIET + y);
            at = put_number(put_letters(at, ".5h", 3), n);
        } else {
            *at++ = 'm';
            at = put_number(at, gap);
            at = put_number(put_letters(at, " 0h", 3), n);
        }
        x += n;
    }
    *at = '\0';
    out->n += (size_t)(at - from);
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
