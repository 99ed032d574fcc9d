/* What the use cases of one serving process share: the database, the keys, the caches. Made once at start by lib/app,
 * handed to every flow function; nothing in it changes while serving but the caches themselves. */
#ifndef KHOP_FLOW_FLOW_H
#define KHOP_FLOW_FLOW_H

#include "khop/crypto/crypto.h"
#include "khop/crypto/jws.h"
#include "khop/db/batch.h"
#include "khop/db/db.h"
#include "khop/flow/kinds.h"
#include "khop/flow/stale.h"
#include "khop/loop/task.h"
#include <stdint.h>
#include <sys/queue.h>

struct auth;
struct auth_rate;
struct flow_connections; /* flow/connection.h */
struct flow_watch;       /* flow/watch.h */

struct flow {
    struct loop *loop;
    struct db *db;
    struct db_batch *settle;             /* kind flow_settle_kind */
    struct flow_connections *connections;
    struct flow_watch *watch;
    struct ed25519 *receipt_key;
    char kid[JWS_KID_SIZE];
    int16_t key_no;                      /* row of this key and origin in receipt_key; 0 until registered */
    SLIST_HEAD(, flow_key_wait) key_waits; /* who came before that */
    uint8_t field_key[SEAL_KEY_SIZE];    /* seals connection secrets */
    struct auth *auth;                   /* auth/auth.h: entry of people */
    struct flow_stale stale;             /* clocks that are off */
    struct auth_rate *refusals;          /* auth/rate.h; NULL: not counted */
    struct flow_kinds kinds;             /* of payment codes */
    struct flow_rids {
        uint8_t bytes[4096];
        size_t left;
    } rids;                              /* random parts of receipts to come */
    const char *const *webhook_allow;    /* origins besides public https (http/client.h), NULL-ended */
    int32_t buckets;                     /* that new organisations are spread over */
    const char *origin;                  /* "https://thu.example.vn", no slash at the end */
    struct flow_counts {
        uint64_t notices[16];            /* by outcome, 0 = held */
        uint64_t repeated, conflicts, rejected, ignored;
    } counts;
};

/* Parks the task until the receipt key's number is known: a process that has just started takes notices at once. As many
 * wait as there are connections, each until its deadline. */
int flow_key_await(struct task *t, struct flow *f, task_step next) RC_MUST;
/* The number is known: those who wait go on. */
void flow_key_known(struct flow *f, int16_t key_no);

/* --- what most use cases begin and end with: begin packs arguments for one SQL function, the next step reads its rows --- */

/* Begins the arguments of a function that checks its caller: the hash of the token or session ($1) and the time ($2). */
void flow_args(struct db_args *a, struct task *t, struct slice token_hash);
/* The next two arguments: the SHA-256 of an idempotency key and of what is asked under it. RC_NOMEM, RC_INTERNAL. */
int flow_arg_request(struct db_args *a, struct slice key, struct slice request) RC_MUST;
/* 48 random bits for a public id; RC_INTERNAL when the system gives none. */
int flow_random48(int64_t *out) RC_MUST;
/* The rc in the first column of the first row; RC_INTERNAL when there is no row. */
int flow_rc_read(struct task *t) RC_MUST;
/* Room in the task's arena for one struct of `size` bytes for each row of a list, and how many (*n). NULL and 0 when there
 * are none (*rc RC_OK), when the first row refuses (*rc is its rc), or without memory (RC_NOMEM). */
void *flow_rows(struct task *t, size_t size, size_t *n, int *rc);

#endif
