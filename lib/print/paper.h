/* A PDF being written, and the few things that papers are made of: text (Pango), rules, tints, symbols. Units are points
 * (1/72 inch), y goes down, text stands on its top edge. Private to this folder.
 *
 * Failures stick: paper_close tells them. */
#ifndef KHOP_PRINT_PAPER_H
#define KHOP_PRINT_PAPER_H

#include "fonts_private.h"
#include "khop/base/slice.h"
#include "khop/print/qr.h"
#include "khop/print/sink.h"
#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

#define PAPER_MM       (72.0 / 25.4)
#define PAPER_A4_SHORT (210 * PAPER_MM)
#define PAPER_A4_LONG  (297 * PAPER_MM)

enum paper_face { FACE_SANS, FACE_SANS_BOLD, FACE_SANS_ITALIC, FACE_SERIF, FACE_SERIF_BOLD, FACE_SERIF_ITALIC, FACE_COUNT };

enum paper_align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT };

struct paper {
    struct print_sink sink;
    int rc;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoContext *context;
    PangoLayout *layout;
    PangoFontDescription *fonts[FACE_COUNT]; /* sizes are set as they are used */
};

/* A way to write. leading: line height as a factor of the font's own, 0 for 1. lines: at most so many, the last one ends in "…"; 0: any number. */
struct paper_style {
    enum paper_face face;
    double size;
    enum paper_align align;
    double grey; /* 0 is black */
    double leading;
    double spacing; /* between letters, in points */
    int lines;
};

struct paper_about {
    const char *title, *author;
    int64_t made_us;
};

/* RC_NOMEM, RC_INTERNAL. Ends with paper_close, or paper_free after a failure. */
int paper_open(struct paper *p, struct print_fonts *fonts, double width, double height, const struct paper_about *about,
               struct print_sink sink) RC_MUST;
void paper_page_done(struct paper *p);
/* Writes the end and frees; the first failure of all. */
int paper_close(struct paper *p) RC_MUST;
void paper_free(struct paper *p);

/* Writes `text` into a column of `width` from x, its top at y; returns its height. Longer text is wrapped, words that are too long are cut. */
double paper_text(struct paper *p, const struct paper_style *s, double x, double y, double width, struct slice text);
/* Only measures. *used (may be NULL): width of the longest line. */
double paper_measure(struct paper *p, const struct paper_style *s, double width, struct slice text, double *used);
/* The same on one line, made smaller down to `least` points until it fits. */
double paper_text_fit(struct paper *p, const struct paper_style *s, double least, double x, double y, double width, struct slice text);
/* The size, from that of the style down to `least`, at which the text takes no more height than `lines` lines of it. */
double paper_fit_size(struct paper *p, const struct paper_style *s, double least, int lines, double width, struct slice text);

void paper_rule(struct paper *p, double x, double y, double x2, double y2, double width, double grey);
void paper_tint(struct paper *p, double x, double y, double width, double height, double grey);
/* Dots of `width` in place of a rule, for lines to write on and to cut along. */
void paper_dots(struct paper *p, double x, double y, double x2, double y2, double width, double on, double off, double grey);
/* A symbol with its quiet zone, `side` points wide in all: a mask of one bit a module, drawn sharp at any size. */
void paper_qr(struct paper *p, const struct print_qr *qr, double x, double y, double side);

#endif
