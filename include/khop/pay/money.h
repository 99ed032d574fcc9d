/* Amounts: int64_t đồng. There is no minor unit and no floating point (product.md §3.1). */
#ifndef KHOP_PAY_MONEY_H
#define KHOP_PAY_MONEY_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

/* What one notice, code or receipt may say (security.md §2). */
#define MONEY_MIN INT64_C(1)
#define MONEY_MAX INT64_C(999999999999)

static inline bool money_ok(int64_t v)
{
    return v >= MONEY_MIN && v <= MONEY_MAX;
}

/* Sums may be larger than one amount and below zero, but never wrap: RC_TOO_LARGE, *out untouched. */
int money_add(int64_t a, int64_t b, int64_t *out) RC_MUST;
int money_sub(int64_t a, int64_t b, int64_t *out) RC_MUST;

/* For people: "936.000" and "936.000 đ" (product.md §3.1), a '-' in front when negative. */
#define MONEY_TEXT_SIZE 32
void money_groups(char out[MONEY_TEXT_SIZE], int64_t v);
void money_text(char out[MONEY_TEXT_SIZE], int64_t v);

#endif
