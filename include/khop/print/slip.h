/* Slips that a school hands to its pupils: eight on an A4, to be cut along the dashed lines. On each: school, the child's given name and class
 * (never the full name), what it is for, the amount or "quét để xem số tiền", the code as a symbol and in large type, the due date, whom to
 * compare the receiver with, whom to call. No word of debt: a slip passes through many hands.
 *
 * Slips stand in the order in which they are added (the caller sorts by class and given name), row by row. A page is written when it is full: any
 * number of slips take the memory of one page, and a job may do other work between two slips. */
#ifndef KHOP_PRINT_SLIP_H
#define KHOP_PRINT_SLIP_H

#include "khop/base/slice.h"
#include "khop/print/fonts.h"
#include "khop/print/sink.h"
#include <stdbool.h>
#include <stdint.h>

#define SLIP_PER_PAGE 8
#define SLIP_MAX      100000

/* What all slips of a run share. Texts are copied; those that may be NULL: hotline, bank, account_no, holder. */
struct slips_head {
    const char *unit, *hotline;
    const char *bank, *account_no, *holder; /* the receiver, as a bank's app will name it */
    int64_t made_us;
};

struct slip {
    struct slice given_name, class_name; /* class_name may be empty */
    struct slice label;                  /* "Tiền ăn bán trú tháng 11"; may be empty */
    bool has_amount;
    int64_t amount; /* without one: "quét để xem số tiền" */
    struct slice payload; /* of the symbol */
    struct slice code;    /* "SB7M4QX2C" */
    bool has_due;
    int32_t due_day; /* since 1970-01-01 */
};

struct slips;

/* RC_BAD_INPUT, RC_TOO_LARGE (of a text), RC_NOMEM, RC_INTERNAL. */
int slips_open(struct slips **out, const struct slips_head *head, struct print_fonts *fonts, struct print_sink sink) RC_MUST;
/* Failures stick. RC_BAD_INPUT: a text that is not UTF-8, no name, no code; RC_TOO_LARGE: a long text, or more than SLIP_MAX slips. */
int slips_add(struct slips *s, const struct slip *slip) RC_MUST;
/* The next slip begins a page: for each class a stack of its own. */
void slips_break(struct slips *s);
/* Pages so far. */
int slips_pages(const struct slips *s);
/* RC_BAD_INPUT when there was no slip. */
int slips_end(struct slips *s) RC_MUST;
void slips_free(struct slips *s); /* accepts NULL */

#endif
