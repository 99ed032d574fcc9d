/* Many waiting tasks, one array call. A lane sends what has collected for one bucket while its previous batch ran (natural
 * batching: no timer; a lone item goes at once, before the loop sleeps). What happens on errors is `ledger.md` §5:
 * rolled back → the same items again (≤ 5 times, jitter); one bad item (22xxx, 23xxx, P0001) → halved until it is
 * alone, and that item alone is woken with RC_BAD_INPUT; lost connection → outcome unknown: a new connection, the same
 * items again. A batch is never cancelled; a task whose deadline passes has been answered, its item still goes through. */
#ifndef KHOP_DB_BATCH_H
#define KHOP_DB_BATCH_H

#include "khop/db/db.h"

/* What is sent together, in the order it came. An item is one task's unit (all of it settles, or none): `weight` rows of the arrays. */
struct db_batch_kind {
    enum db_stmt stmt;
    size_t max_weight; /* rows in one call, 1,000; an item that alone is heavier goes alone */
    size_t max_queued; /* items waiting in one lane, default 8,192 */
    /* Adds the arguments for these items: a pure function of them, called again for every repeat, also after the item's
     * task was answered. RC_NOMEM, RC_TOO_LARGE: fewer items are tried; anything else ends them with that code. */
    int (*encode)(struct db_args *args, int32_t bucket, void *const *items, size_t n);
    /* Copies the answer's rows into the items (their memory, their task's arena). Negative: out of step, a fault. */
    int (*decode)(const struct db_rows *rows, void *const *items, size_t n);
};

struct db_batch;
struct db_batch *db_batch_new(struct db *db, const struct db_batch_kind *kind); /* NULL without memory */
/* Before db_close. Queued items end in RC_UNAVAILABLE, those in flight in RC_UNKNOWN. */
void db_batch_free(struct db_batch *b);
/* Parks the task; the next step runs when the item's batch has been committed and decoded. The item and what it points to
 * live in the task's arena (or in the request's bytes), which stay until then. RC_BUSY when the queue is full,
 * RC_UNAVAILABLE while the lane rests after trouble (53100, 58030, XX001). Later, to the task's `fail`: RC_BAD_INPUT
 * (this item alone is refused by the database: hold it), RC_UNAVAILABLE (nothing was done), RC_UNKNOWN, RC_INTERNAL. */
int db_batch_submit(struct db_batch *b, int32_t bucket, struct task *t, void *item, size_t weight, task_step next) RC_MUST;

#endif
