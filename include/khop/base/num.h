/* Numbers from text, and arithmetic that cannot wrap. Amounts are int64_t đồng; there is no floating point here. */
#ifndef KHOP_BASE_NUM_H
#define KHOP_BASE_NUM_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

/* Digits only, min ≤ value ≤ max, leading zeros allowed only if `zeros`. RC_BAD_INPUT otherwise. */
int num_parse(struct slice s, int64_t min, int64_t max, bool zeros, int64_t *out) RC_MUST;
/* As above with an optional leading '-'. */
int num_parse_signed(struct slice s, int64_t min, int64_t max, int64_t *out) RC_MUST;

static inline bool RC_MUST num_add(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool RC_MUST num_sub(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_sub_overflow(a, b, out);
}

static inline bool RC_MUST num_mul(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

#endif
