/* One character of a foreign text, reduced to what a memo can carry: shared by memo.c and match.c. */
#ifndef KHOP_PAY_FOLD_H
#define KHOP_PAY_FOLD_H

#include "khop/base/slice.h"

enum fold_kind {
    FOLD_LETTER, /* A–Z or 0–9, after dropping accents and case */
    FOLD_MARK,   /* an accent standing alone: belongs to the letter before, separates nothing */
    FOLD_OTHER,  /* everything else, and bytes that are not UTF-8 */
};

/* Takes the first character off a text that is not empty: how many bytes it has (at least 1), its kind, its letter. */
size_t fold_next(struct slice text, enum fold_kind *kind, char *letter);

#endif
