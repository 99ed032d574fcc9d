/* The sheet of a closed day, or of a day as it stands: per account opening, debit, credit, closing; what was booked and receipted; what is carried on;
 * the seal. An A4 upright, more pages when many items are carried, with places to sign on the last. */
#ifndef KHOP_PRINT_DAY_H
#define KHOP_PRINT_DAY_H

#include "khop/base/slice.h"
#include "khop/print/fonts.h"
#include "khop/print/sink.h"
#include <stdbool.h>
#include <stdint.h>

#define DAY_ACCOUNTS_MAX 200
#define DAY_ITEMS_MAX    500

struct day_account {
    struct slice no, name;
    int64_t opening, debit, credit, closing;
};

struct day_item {
    struct slice reason; /* in words */
    struct slice ref;
    int64_t held;
};

struct day_paper {
    struct slice unit, unit_code; /* code: mã QHNS, may be empty */
    int32_t from, day;            /* since 1970-01-01 */
    bool closed;
    int version;
    struct slice closed_by, approved_by; /* may be empty */
    int64_t closed_us;
    int64_t entries, first_seq, last_seq; /* 0, 0, 0: none */
    struct slice receipts;                /* "2026/000001 – 2026/000042 (42)"; may be empty */
    const struct day_account *accounts;
    size_t naccounts;
    int64_t open_count, open_held;
    const struct day_item *items; /* of the open ones; at most DAY_ITEMS_MAX */
    size_t nitems;
    struct slice chain, seal; /* in hex; seal empty on an open day */
    int64_t made_us;
};

/* RC_BAD_INPUT (no unit, no UTF-8), RC_TOO_LARGE, RC_NOMEM, RC_INTERNAL, or what the sink answered. */
int day_paper_write(const struct day_paper *d, struct print_fonts *fonts, struct print_sink sink) RC_MUST;

#endif
