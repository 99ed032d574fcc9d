/* Payment codes in a foreign memo (design.md §4; what banks do to memos: providers.md section g).
 *
 * The memo is upper-cased without accents, everything but A–Z and 0–9 is dropped, and a window of nine slides over the
 * rest. Only if no window is a code, damaged ones are looked for. The result is a list of candidates: which of them are
 * live codes, and what then counts, is decided by the database (product.md §3.5). */
#ifndef KHOP_PAY_MATCH_H
#define KHOP_PAY_MATCH_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/pay/code.h"
#include <stdbool.h>

/* Numbers as stored. */
enum match_how {
    MATCH_EXACT = 1,    /* the nine stood together; other letters may be glued in front or behind */
    MATCH_JOINED = 2,   /* something was dropped between them: a space of the bank's line break, a dash of the payer */
    MATCH_REPAIRED = 3, /* one letter was wrong, missing or too many, or two neighbours were swapped */
};

#define MATCH_MEMO_MAX 4096 /* bytes */
#define MATCH_MAX      16

struct match_code {
    int32_t no;
    enum match_how how;
};

struct match_list {
    size_t n;
    bool more; /* there were more than fit; repaired ones are then all left out, for one of many is a guess */
    struct match_code code[MATCH_MAX]; /* each number once, with the best way it was found; exact ones first */
};

/* Looks for codes whose kind is in `kinds`. RC_TOO_LARGE over MATCH_MEMO_MAX. Bytes that are not UTF-8 count as
 * something dropped. */
int match_find(struct slice memo, uint32_t kinds, struct match_list *out) RC_MUST;

const char *match_how_name(enum match_how how); /* "exact" "joined" "repaired" */

#endif
