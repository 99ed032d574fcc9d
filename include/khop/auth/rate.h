/* How often an address is refused (security.md §2: over rate is 429): forged notices and guessed tokens are counted for each
 * address in windows of a minute. Only what would be refused anyway is answered with 429, so a good notice is never turned
 * away, whoever shares its address. Callers on this machine are exempt. Bounded: when too many addresses are known, all are
 * forgotten. */
#ifndef KHOP_AUTH_RATE_H
#define KHOP_AUTH_RATE_H

#include "khop/http/req.h"
#include <stdbool.h>

struct auth_rate;

/* `per_minute` 0: no limit. NULL without memory. */
struct auth_rate *auth_rate_new(int64_t per_minute);
void auth_rate_free(struct auth_rate *r);
/* This request is refused: counts it, and tells whether its address was refused too often in this minute (then 429 takes
 * the place of 401). r may be NULL. */
bool auth_rate_refuse(struct auth_rate *r, const struct req *rq, int64_t now_ms);

#endif
