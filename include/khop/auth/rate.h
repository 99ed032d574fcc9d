/* How often an address is refused (security.md §2: over rate is 429): forged notices and guessed tokens are counted for each
 * address in windows (of a minute; of a quarter of an hour for passwords). Only what would be refused anyway is answered with 429, so a good notice is never turned
 * away, whoever shares its address. Callers on this machine are exempt. Bounded: when too many addresses are known, all are
 * forgotten. */
#ifndef KHOP_AUTH_RATE_H
#define KHOP_AUTH_RATE_H

#include "khop/http/req.h"
#include <stdbool.h>

struct auth_rate;

/* At most `limit` in so many milliseconds; 0: no limit. NULL without memory. */
struct auth_rate *auth_rate_new(int64_t limit, int64_t window_ms);
void auth_rate_free(struct auth_rate *r);
/* Whether the address of this request was refused too often in this window; then it is not even looked at. */
bool auth_rate_over(struct auth_rate *r, const struct req *rq, int64_t now_ms);
/* This request is refused: counts it, and tells whether its address was refused too often in this window (then 429 takes
 * the place of 401). An IPv6 address counts with its /64. r may be NULL. */
bool auth_rate_refuse(struct auth_rate *r, const struct req *rq, int64_t now_ms);

#endif
