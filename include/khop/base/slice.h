/* Bytes of somebody else: pointer and length, not ended by NUL, valid as long as their owner says. */
#ifndef KHOP_BASE_SLICE_H
#define KHOP_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *p;
    size_t n;
};

#define SLICE(literal)      ((struct slice){ "" literal, sizeof(literal) - 1 })
#define SLICE_INIT(literal) { "" literal, sizeof(literal) - 1 } /* for static tables */
#define SLICE_FMT(s)        (int)(s).n, (s).p == NULL ? "" : (s).p /* for "%.*s" */

static inline struct slice slice_of(const char *text)
{
    return (struct slice){ text, text == NULL ? 0 : strlen(text) };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
    return slice_eq(a, slice_of(text));
}

static inline bool slice_starts(struct slice a, struct slice prefix)
{
    return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

/* ASCII letters compare without case. */
bool slice_same_letters(const char *a, const char *b, size_t n);
static inline bool slice_eq_nocase(struct slice a, struct slice b)
{
    return a.n == b.n && slice_same_letters(a.p, b.p, a.n);
}
/* -1, 0 or 1 by unsigned bytes, a prefix first. */
int slice_cmp(struct slice a, struct slice b);
/* Without leading and trailing spaces and tabs. */
struct slice slice_trim(struct slice a);
/* Part from `at`, at most `n` bytes; out of range gives what is there. */
static inline struct slice slice_sub(struct slice a, size_t at, size_t n)
{
    if (at > a.n)
        at = a.n;
    if (n > a.n - at)
        n = a.n - at;
    return (struct slice){ at == 0 ? a.p : a.p + at, n };
}
/* Cuts `*rest` at the first `sep`: returns what is before it, leaves what is behind. Without one: all, and nothing. */
struct slice slice_cut(struct slice *rest, char sep);

#endif
