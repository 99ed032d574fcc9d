/* One character of a foreign text, reduced to what a memo can carry: shared by memo.c and match.c. */
#ifndef KHOP_PAY_FOLD_H
#define KHOP_PAY_FOLD_H

#include "khop/base/slice.h"

enum fold_kind {
    FOLD_LETTER, /* A–Z or 0–9, after dropping accents and case */
    FOLD_MARK,   /* an accent standing alone: belongs to the letter before, separates nothing */
    FOLD_OTHER,  /* everything else, and bytes that are not UTF-8 */
};

static inline enum fold_kind fold_ascii(unsigned char c, char *letter)
{
    if (c >= 'a' && c <= 'z')
        c = (unsigned char)(c - 'a' + 'A');
    *letter = (char)c;
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? FOLD_LETTER : FOLD_OTHER;
}

/* Takes the first character off a text that is not empty: how many bytes it has (at least 1), its kind, its letter. */
size_t fold_wide(struct slice text, enum fold_kind *kind, char *letter); /* of one that is not ASCII */
static inline size_t fold_next(struct slice text, enum fold_kind *kind, char *letter)
{
    unsigned char first = (unsigned char)text.p[0];

    if (first >= 0x80)
        return fold_wide(text, kind, letter);
    *kind = fold_ascii(first, letter);
    return 1;
}

#endif
