/* Sending: one lane runs one batch at a time. A run is the items taken from one bucket and a stack of ranges of them still to
 * do, in order; an error of one bad item halves the topmost range until the item is alone. A range leaves the stack only
 * when each of its items has been told what became of it. While a run lasts, the next one collects (batch.c).
 *
 * idle → ready (taken) → sent → ready (next range, or the same again) … → idle; → paused between repeats. */
#include "internal.h"
#include "khop/base/log.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "khop/base/banned.h"

#define PAUSE_MS     5
#define PAUSE_MAX_MS 400

static void call_done(struct db_call *call, const struct db_outcome *o);

int lane_init(struct db_lane *lane, struct db *db, int index)
{
    memset(lane, 0, sizeof *lane);
    lane->db = db;
    lane->index = index;
    TAILQ_INIT(&lane->turns);
    lane->arena = arena_new(0);
    return lane->arena == NULL ? RC_NOMEM : conn_init(&lane->conn, db, lane);
}

int lane_reserve(struct db_lane *lane, size_t n)
{
    if (n <= lane->cap_items)
        return RC_OK;
    struct batch_item **items = reallocarray(lane->items, n, sizeof *items);

    if (items == NULL)
        return RC_NOMEM;
    lane->items = items;
    void **payload = reallocarray(lane->payload, n, sizeof *payload);

    if (payload == NULL)
        return RC_NOMEM;
    lane->payload = payload;
    lane->cap_items = n;
    return RC_OK;
}

bool lane_resting(const struct db_lane *lane)
{
    return lane->resting_until_ms > loop_now_ms(lane->db->loop);
}

/* ---- ranges ---- */

static struct lane_range top(const struct db_lane *lane)
{
    return lane->ranges[lane->n_ranges - 1];
}

static void push(struct db_lane *lane, size_t from, size_t to)
{
    assert(lane->n_ranges < LANE_RANGES && from < to);
    lane->ranges[lane->n_ranges++] = (struct lane_range){ from, to };
    lane->rolled_back = lane->unknown = lane->stale = 0;
}

/* The topmost range is over: its items are told. */
static void finish(struct db_lane *lane, int rc)
{
    struct lane_range r = top(lane);

    lane->n_ranges--;
    lane->rolled_back = lane->unknown = lane->stale = 0;
    lane->db->stats.failures += rc < 0;
    for (size_t i = r.from; i < r.to; i++)
        task_wake(lane->items[i]->task, rc);
    lane->state = lane->n_ranges == 0 ? LANE_IDLE : LANE_READY;
}

static void finish_all(struct db_lane *lane, int rc)
{
    while (lane->n_ranges > 0)
        finish(lane, rc);
}

/* Half of it first, the other half after; a single item is over. */
static void halve(struct db_lane *lane, int rc_alone)
{
    struct lane_range r = top(lane);
    size_t middle = r.from + (r.to - r.from) / 2;

    if (r.to - r.from == 1) {
        finish(lane, rc_alone);
        return;
    }
    lane->n_ranges--;
    push(lane, middle, r.to);
    push(lane, r.from, middle);
    lane->state = LANE_READY;
}

static void pause_over(void *arg)
{
    struct db_lane *lane = arg;

    lane->state = LANE_READY; /* sent by the hook, before the loop sleeps */
}

static void repeat_later(struct db_lane *lane, int times)
{
    lane->state = LANE_PAUSED;
    if (loop_timer_start(lane->db->loop, &lane->pause, db_jitter_ms(times, PAUSE_MS, PAUSE_MAX_MS), false, pause_over, lane) < 0)
        lane->state = LANE_READY;
}

/* ---- sending ---- */

/* The topmost range as arguments; false: it was halved or ended instead. */
static bool encode(struct db_lane *lane)
{
    struct lane_range r = top(lane);

    arena_reset(lane->arena);
    db_args_init(&lane->args, lane->arena);
    int rc = lane->batch->kind.encode(&lane->args, lane->bucket, lane->payload + r.from, r.to - r.from);

    if (rc == RC_OK)
        rc = lane->args.rc;
    if (rc == RC_OK)
        return true;
    if (rc == RC_NOMEM || rc == RC_TOO_LARGE)
        halve(lane, rc);
    else
        finish(lane, rc);
    return false;
}

static void send_top(struct db_lane *lane)
{
    const struct db_args *a = &lane->args;
    bool repeated = lane->rolled_back + lane->unknown + lane->stale > 0;

    lane->call = (struct db_call){ .stmt = lane->batch->stmt, .done = call_done, .owner = lane };
    lane->call.params = (struct db_params){ a->n, a->values, a->lengths, a->formats, a->types };
    if (pipe_send(&lane->conn, &lane->call) < 0)
        return; /* stays ready for the next connection */
    lane->state = LANE_SENT;
    lane->db->stats.batches++;
    lane->db->stats.resubmits += repeated;
}

void lane_pump(struct db_lane *lane)
{
    while (conn_usable(&lane->conn)) {
        if (lane->state == LANE_IDLE && batch_take(lane)) {
            push(lane, 0, lane->n_items);
            lane->state = LANE_READY;
        }
        if (lane->state != LANE_READY)
            return;
        if (encode(lane))
            send_top(lane);
    }
}

/* ---- answers ---- */

static void committed(struct db_lane *lane, PGresult *res)
{
    struct lane_range r = top(lane);
    struct db_rows rows = { .res = res };
    size_t n = r.to - r.from;
    int rc = lane->batch->kind.decode(&rows, lane->payload + r.from, n);

    if (rc < 0)
        log_error("db_batch_answer", "stmt=%s rc=%s items=%zu rows=%d", lane->batch->stmt->name, rc_name(rc), n,
                  db_rows_count(&rows));
    else
        lane->db->stats.batch_items += n;
    finish(lane, rc < 0 ? RC_INTERNAL : RC_OK);
}

/* 53100, 58030, XX001: nothing more goes to this machine for a while; providers keep their notices and repeat. */
static void rest(struct db_lane *lane, const char *sqlstate)
{
    lane->resting_until_ms = loop_now_ms(lane->db->loop) + lane->db->config.trouble_ms;
    log_error("db_lane_stopped", "lane=%d sqlstate=%s ms=%lld", lane->index, sqlstate, (long long)lane->db->config.trouble_ms);
    finish_all(lane, RC_UNAVAILABLE);
    batch_fail_queued(lane, NULL, RC_UNAVAILABLE);
}

/* Rolled back: the same again, a few times. */
static void repeat(struct db_lane *lane, int rc_at_last)
{
    if (++lane->rolled_back > DB_ATTEMPTS)
        finish(lane, rc_at_last);
    else
        repeat_later(lane, lane->rolled_back);
}

/* Nobody knows: the same again, the event key decides. A range that has cost several connections in a row may be what
 * breaks them: its halves are tried, and in the end one item is given back. */
static void repeat_unknown(struct db_lane *lane)
{
    if (++lane->unknown >= DB_ATTEMPTS)
        halve(lane, RC_UNKNOWN);
    else
        repeat_later(lane, lane->unknown);
}

static void failed(struct db_lane *lane, const struct db_outcome *o)
{
    switch (o->class) {
    case DB_REPEAT:
        repeat(lane, RC_UNAVAILABLE);
        return;
    case DB_MOVED:
        conn_recycle(&lane->conn);
        repeat(lane, RC_UNAVAILABLE);
        return;
    case DB_STALE:
        conn_recycle(&lane->conn);
        lane->state = LANE_READY;
        if (++lane->stale > 1)
            finish(lane, RC_INTERNAL);
        return;
    case DB_ITEM:
        halve(lane, RC_BAD_INPUT);
        return;
    case DB_UNKNOWN:
        repeat_unknown(lane);
        return;
    case DB_TROUBLE:
        rest(lane, o->sqlstate);
        return;
    case DB_FAULT:
        /* An internal error may come from one item; whatever else we did wrong, we did to all of them. */
        if (strncmp(o->sqlstate, "XX", 2) == 0)
            halve(lane, RC_INTERNAL);
        else
            finish(lane, RC_INTERNAL);
        return;
    case DB_DONE:
        break;
    }
    assert(!"a committed batch has not failed");
}

static void call_done(struct db_call *call, const struct db_outcome *o)
{
    struct db_lane *lane = call->owner;
    PGresult *res = call->res;

    call->res = NULL;
    lane->state = LANE_IDLE;
    if (lane->batch == NULL) { /* abandoned */
        lane->n_ranges = 0;
    } else if (o->class == DB_DONE) {
        committed(lane, res);
    } else {
        db_log_failure(call->stmt->name, res, o);
        failed(lane, o);
    }
    PQclear(res);
}

/* ---- ending ---- */

void lane_abandon(struct db_lane *lane, struct db_batch *b)
{
    enum lane_state was = lane->state;

    if (lane->batch != b || was == LANE_IDLE)
        return;
    if (was == LANE_SENT || lane->unknown > 0)
        finish(lane, RC_UNKNOWN);
    finish_all(lane, RC_UNAVAILABLE);
    loop_timer_stop(&lane->pause);
    lane->batch = NULL;
    lane->state = was == LANE_SENT ? LANE_SENT : LANE_IDLE;
}

void lane_release(struct db_lane *lane)
{
    if (lane->batch != NULL)
        lane_abandon(lane, lane->batch);
    batch_fail_queued(lane, NULL, RC_UNAVAILABLE);
    conn_release(&lane->conn);
    loop_timer_stop(&lane->pause);
    arena_free(lane->arena);
    free(lane->items);
    free(lane->payload);
}
