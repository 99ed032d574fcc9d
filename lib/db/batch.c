/* Collecting: items wait by bucket; buckets that have items stand in a ring at their lane and take turns. */
#include "internal.h"
#include <assert.h>
#include <stdlib.h>
#include "khop/base/banned.h"

#define QUEUED_MAX 8192

static int lane_of(const struct db_batch *b, int32_t bucket)
{
    return (int)((uint32_t)bucket % (uint32_t)b->db->config.lanes);
}

static size_t chain_of(int32_t bucket)
{
    return (uint32_t)bucket % BATCH_CHAINS;
}

struct db_batch *db_batch_new(struct db *db, const struct db_batch_kind *kind)
{
    struct db_batch *b = calloc(1, sizeof *b);

    assert((size_t)kind->stmt < db->schema->n_stmts && kind->max_weight > 0);
    if (b == NULL)
        return NULL;
    b->db = db;
    b->kind = *kind;
    if (b->kind.max_queued == 0)
        b->kind.max_queued = QUEUED_MAX;
    b->stmt = &db->schema->stmts[kind->stmt];
    for (int i = 0; i < db->config.lanes; i++) {
        if (lane_reserve(&db->lanes[i], kind->max_weight) < 0) {
            free(b);
            return NULL;
        }
    }
    return b;
}

void db_batch_free(struct db_batch *b)
{
    if (b == NULL)
        return;
    for (int i = 0; i < b->db->config.lanes; i++) {
        batch_fail_queued(&b->db->lanes[i], b, RC_UNAVAILABLE);
        lane_abandon(&b->db->lanes[i], b);
    }
    free(b);
}

/* ---- the ring of buckets ---- */

static struct batch_bucket *find(struct db_batch *b, int32_t bucket)
{
    struct batch_bucket *q;

    SLIST_FOREACH(q, &b->chains[chain_of(bucket)], chain) {
        if (q->bucket == bucket)
            return q;
    }
    return NULL;
}

/* The bucket's queue, at the end of its lane's ring if it was not there. NULL without memory. */
static struct batch_bucket *enter(struct db_batch *b, int32_t bucket)
{
    struct batch_bucket *q = find(b, bucket);

    if (q != NULL)
        return q;
    q = calloc(1, sizeof *q);
    if (q == NULL)
        return NULL;
    q->batch = b;
    q->bucket = bucket;
    TAILQ_INIT(&q->items);
    SLIST_INSERT_HEAD(&b->chains[chain_of(bucket)], q, chain);
    TAILQ_INSERT_TAIL(&b->db->lanes[lane_of(b, bucket)].turns, q, turn);
    return q;
}

/* To the end of the ring, or out of it when nothing waits. */
static void leave(struct db_lane *lane, struct batch_bucket *q)
{
    TAILQ_REMOVE(&lane->turns, q, turn);
    if (!TAILQ_EMPTY(&q->items)) {
        TAILQ_INSERT_TAIL(&lane->turns, q, turn);
        return;
    }
    SLIST_REMOVE(&q->batch->chains[chain_of(q->bucket)], q, batch_bucket, chain);
    free(q);
}

static struct batch_item *pop(struct db_lane *lane, struct batch_bucket *q)
{
    struct batch_item *item = TAILQ_FIRST(&q->items);

    TAILQ_REMOVE(&q->items, item, link);
    q->batch->queued[lane->index]--;
    return item;
}

bool batch_take(struct db_lane *lane)
{
    struct batch_bucket *q = TAILQ_FIRST(&lane->turns);
    size_t weight = 0;

    if (q == NULL)
        return false;
    lane->batch = q->batch;
    lane->bucket = q->bucket;
    lane->n_items = 0;
    while (!TAILQ_EMPTY(&q->items) && lane->n_items < lane->cap_items) {
        size_t more = TAILQ_FIRST(&q->items)->weight;

        if (lane->n_items > 0 && more > q->batch->kind.max_weight - weight)
            break;
        weight += more;
        lane->items[lane->n_items++] = pop(lane, q);
        if (weight >= q->batch->kind.max_weight)
            break;
    }
    for (size_t i = 0; i < lane->n_items; i++)
        lane->payload[i] = lane->items[i]->item;
    leave(lane, q);
    return true;
}

void batch_fail_queued(struct db_lane *lane, const struct db_batch *b, int rc)
{
    struct batch_bucket *q, *next;

    for (q = TAILQ_FIRST(&lane->turns); q != NULL; q = next) {
        next = TAILQ_NEXT(q, turn);
        if (b != NULL && q->batch != b)
            continue;
        while (!TAILQ_EMPTY(&q->items))
            task_wake(pop(lane, q)->task, rc);
        leave(lane, q);
    }
}

int db_batch_submit(struct db_batch *b, int32_t bucket, struct task *t, void *item, size_t weight, task_step next)
{
    struct db *db = b->db;

    if (db->config.lanes == 0 || db->closing)
        return RC_UNAVAILABLE;
    struct db_lane *lane = &db->lanes[lane_of(b, bucket)];

    if (lane_resting(lane) || (db->schema_state == RC_CONFLICT && !conn_usable(&lane->conn)))
        return RC_UNAVAILABLE;
    if (b->queued[lane->index] >= b->kind.max_queued)
        return RC_BUSY;
    struct batch_item *bi = arena_alloc(t->arena, sizeof *bi);

    if (bi == NULL)
        return RC_NOMEM;
    struct batch_bucket *q = enter(b, bucket);

    if (q == NULL)
        return RC_NOMEM;
    *bi = (struct batch_item){ .task = t, .item = item, .weight = weight == 0 ? 1 : weight };
    TAILQ_INSERT_TAIL(&q->items, bi, link);
    b->queued[lane->index]++;
    task_hold(t);
    return task_park(t, next); /* sent before the loop sleeps */
}
