/* QR symbols of a text, as SVG, as PNG and on a terminal (vietqr.md §10). An image is a pure function of its text: it is
 * made when asked for and never stored. All forms are black on white with a quiet zone of 4 modules, also where the
 * page or the terminal is dark. */
#ifndef KHOP_PRINT_QR_H
#define KHOP_PRINT_QR_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stddef.h>

#define PRINT_QR_QUIET    4    /* modules on every side */
#define PRINT_QR_TEXT_MAX 2331 /* bytes: what the largest symbol holds at level M */

/* Share of the symbol that may be lost: 7, 15, 25, 30 %. M is right for a code without a logo. */
enum print_qr_level { PRINT_QR_M, PRINT_QR_L, PRINT_QR_Q, PRINT_QR_H };

struct print_qr {
    int side;            /* modules, without the quiet zone */
    unsigned char *dark; /* side × side, 0 or 1 */
};

/* Segments are optimised: a payload in upper case gives the small symbol. RC_BAD_INPUT for an empty text or a NUL in it,
 * RC_TOO_LARGE, RC_NOMEM. Ends with print_qr_release. */
int print_qr_make(struct print_qr *qr, struct slice text, enum print_qr_level level) RC_MUST;
void print_qr_release(struct print_qr *qr);

static inline bool print_qr_dark(const struct print_qr *qr, int x, int y)
{
    return qr->dark[y * qr->side + x] != 0;
}

/* One <svg> element with one white rectangle and one path, without size (the page gives it) and without style. label
 * (may be NULL) is what a screen reader says, UTF-8; escaped here. Failure sticks to out. */
void print_qr_svg(struct buf *out, const struct print_qr *qr, const char *label);

/* Lines under the code of a PNG, for the photo gallery: amount, memo (product.md §4). Drawn with digits, capital letters
 * and . , : ; / + - _ # ( ) and space; small letters are drawn as capitals, anything else as an empty box. */
#define PRINT_QR_LINES      4
#define PRINT_QR_LINE_CHARS 40

/* 1-bit PNG, at least min_px wide (1 to 4096; 480 for a phone's gallery) with an integer number of pixels for a module.
 * RC_BAD_INPUT for another size, for too many lines, or one too long for the limits or the width; RC_TOO_LARGE when out
 * is full, RC_NOMEM. */
int print_qr_png(struct buf *out, const struct print_qr *qr, int min_px, const struct slice *lines,
                 size_t line_count) RC_MUST;

/* Lines of half blocks, each ended by a newline, with fixed colours of the 256-colour palette. */
void print_qr_terminal(struct buf *out, const struct print_qr *qr);

#endif
