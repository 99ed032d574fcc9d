/* Signing receipts after they were settled (design.md §6): the follower reads the journal from where it stopped, signs what is new,
 * keeps the signatures and where it is now in one transaction. Killed anywhere, it begins again at the last of these. */
#ifndef KHOP_FLOW_SIGN_H
#define KHOP_FLOW_SIGN_H

#include "khop/crypto/crypto.h"
#include "khop/db/db.h"
#include "khop/loop/task.h"
#include <stdint.h>

#define FLOW_SIGN_MAX 4096 /* transfers in one go: a tenth of a second of signing */

/* Signatures of receipts with consecutive numbers, and the organisations they are of. In the task's arena. */
struct flow_signed {
    size_t rows;      /* transfers seen; FLOW_SIGN_MAX: there may be more */
    size_t receipts;  /* signed */
    size_t strangers; /* receipts under a key that is not ours: they stay without a stored signature */
    int64_t oldest_us; /* when the first of them was booked */
    size_t orgs, runs;
    int32_t *bucket;
    int64_t *org, *next;
    int32_t *run_org, *run_year, *run_first;
    struct slice *run_bytes;
};

/* No rows: nothing to sign, or another session does it. The database must be one of a single connection: the lock is its session's. */
int flow_sign_next(struct task *t, struct db *db, task_step next) RC_MUST;
/* Signs the rows of flow_sign_next. */
int flow_sign_lot(struct task *t, const struct ed25519 *key, const char *kid, struct flow_signed *out) RC_MUST;
int flow_sign_store(struct task *t, struct db *db, const struct flow_signed *s, task_step next) RC_MUST;
/* RC_BUSY: another session has become the follower; nothing was kept. */
int flow_sign_stored(struct task *t) RC_MUST;

#endif
