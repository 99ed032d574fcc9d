/* Reads a slice from front to back. The first failure sticks: later reads give nothing, rc is checked once at the end. */
#ifndef KHOP_BASE_RD_H
#define KHOP_BASE_RD_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdint.h>

struct rd {
    const char *p, *end;
    int rc;
};

static inline struct rd rd_of(struct slice s)
{
    return (struct rd){ s.p, s.n == 0 ? s.p : s.p + s.n, RC_OK };
}

static inline size_t rd_left(const struct rd *r)
{
    return r->rc == RC_OK ? (size_t)(r->end - r->p) : 0;
}

/* The next n bytes; fewer left is RC_BAD_INPUT. */
struct slice rd_take(struct rd *r, size_t n);
/* The next byte without taking it, -1 at the end. */
int rd_peek(const struct rd *r);
/* Takes exactly `text`, else RC_BAD_INPUT. */
void rd_expect(struct rd *r, struct slice text);
/* Everything up to (not with) `stop`, and takes `stop`; none is RC_BAD_INPUT. */
/* 1 to 18 digits, no sign, no leading zero but "0" itself. */
int64_t rd_number(struct rd *r);
/* RC_BAD_INPUT if anything is left. */
void rd_end(struct rd *r);

#endif
