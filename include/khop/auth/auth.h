/* Entry of people (security.md §4): what a serving process keeps for it. Made once at start by lib/app, found by handlers as
 * ((struct flow *)rq->app)->auth. */
#ifndef KHOP_AUTH_AUTH_H
#define KHOP_AUTH_AUTH_H

#include "khop/crypto/crypto.h"
#include "khop/loop/loop.h"
#include <stdbool.h>

#define AUTH_KEY_SIZE 32

struct auth;

/* Keys of passwords, by number: new hashes use the one of the highest number, old ones are checked with theirs. Two at most, while one
 * replaces the other. */
#define AUTH_PEPPERS 2
struct auth_pepper {
    int16_t no; /* 0: none */
    uint8_t key[AUTH_KEY_SIZE];
};

struct auth_config {
    struct loop *loop;                  /* NULL in a test: then nothing is hashed */
    bool factor_required;               /* roles that need a second factor must have one; else it is offered */
    int64_t logins_per_address;         /* wrong ones in a quarter of an hour; 0: no limit */
    uint8_t session_key[AUTH_KEY_SIZE]; /* form tokens and device cookies */
    struct auth_pepper peppers[AUTH_PEPPERS]; /* passwords; the first is the one that new hashes use */
    uint8_t totp_key[SEAL_KEY_SIZE];    /* secrets of second factors */
    const char *origin;                 /* ours: "https://…"; kept by pointer */
};

/* Starts the thread that hashes. NULL without memory or a thread. */
struct auth *auth_new(const struct auth_config *config);
/* Before the loop goes: waits for the hash that is being made. Accepts NULL. */
void auth_free(struct auth *a);


/* Whether roles that need a second factor must have one here. */
bool auth_factor_required(const struct auth *a);
struct req;
/* Wrong passwords and codes of an address: too many already; one more. */
bool auth_logins_over(struct auth *a, const struct req *rq);
void auth_login_failed(struct auth *a, const struct req *rq);

#endif
