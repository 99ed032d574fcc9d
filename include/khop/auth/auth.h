/* Entry of people (security.md §4): what a serving process keeps for it. Made once at start by lib/app, found by handlers as
 * ((struct flow *)rq->app)->auth. */
#ifndef KHOP_AUTH_AUTH_H
#define KHOP_AUTH_AUTH_H

#include "khop/crypto/crypto.h"
#include "khop/loop/loop.h"
#include <stdbool.h>

#define AUTH_KEY_SIZE 32

struct auth;

struct auth_config {
    uint8_t session_key[AUTH_KEY_SIZE]; /* form tokens and device cookies */
    const char *origin;                 /* ours: "https://…"; kept by pointer */
};

/* NULL without memory. */
struct auth *auth_new(const struct auth_config *config);
void auth_free(struct auth *a); /* accepts NULL */

#endif
