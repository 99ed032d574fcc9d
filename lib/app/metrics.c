#include "metrics.h"

#include "khop/base/clock.h"
#include "khop/flow/settle.h"

#include "khop/base/banned.h"

#define METRICS_MAX      (64 * 1024)
#define LOOK_MS          2000 /* how old the figures of the receipts' signing are at most */
#define LOOK_DEADLINE_MS 5000

static const int64_t BOUNDS_US[METRICS_BOUNDS] = { 500,   1000,   2500,   5000,    10000,   25000,
                                                   50000, 100000, 250000, 1000000, 5000000, 30000000 };
static const char *const BOUNDS_TEXT[METRICS_BOUNDS] = { "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025",
                                                         "0.05",   "0.1",   "0.25",   "1",     "5",    "30" };

void metrics_request(struct metrics *m, int status, int64_t us)
{
    size_t i = 0;

    if (status >= 100 && status < 600)
        m->by_class[status / 100]++;
    while (i < METRICS_BOUNDS && us > BOUNDS_US[i])
        i++;
    m->le[i]++;
    m->sum_us += (uint64_t)us;
}

/* --- how far the signing of receipts is behind --- */

static void look_ended(struct task *t)
{
    struct serve *s = t->state;

    arena_free(t->arena);
    s->looking = false;
}

static void look_failed(struct task *t, int rc)
{
    (void)rc; /* the figures stay as they were; what ails the database has its own */
    task_end(t);
}

static int look_done(struct task *t)
{
    struct serve *s = t->state;
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    int64_t lag = db_null(r, 0, 1) ? 0 : clock_wall_us() - db_time_us(r, 0, 1);

    s->metrics.unsigned_transfers = (uint64_t)db_i64(r, 0, 0);
    s->metrics.lag_us = lag > 0 ? lag : 0;
    task_end(t);
    return RC_OK;
}

static int look_begin(struct task *t)
{
    struct serve *s = t->state;
    struct db_args a;

    db_args_init(&a, t->arena);
    return db_call(s->flow.db, t, DB_SIGN_STATE, &a, look_done);
}

void metrics_look(struct serve *s)
{
    struct arena *arena;

    if (s->looking || loop_now_ms(s->flow.loop) < s->look_at_ms || (arena = arena_new(0)) == NULL)
        return;
    s->looking = true;
    s->look_at_ms = loop_now_ms(s->flow.loop) + LOOK_MS;
    task_begin(&s->look, s->flow.loop, arena, loop_now_ms(s->flow.loop) + LOOK_DEADLINE_MS, look_failed, look_ended);
    s->look.state = s;
    task_run(&s->look, look_begin);
}

static void counter(struct buf *b, const char *name, const char *help, uint64_t value)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s counter\n%s %llu\n", name, help, name, name, (unsigned long long)value);
}

static void gauge(struct buf *b, const char *name, const char *help, uint64_t value)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s gauge\n%s %llu\n", name, help, name, name, (unsigned long long)value);
}

static void metrics_http(struct buf *b, const struct serve *s)
{
    struct http_stats h;
    uint64_t total = 0;

    http_stats(s->http, &h);
    counter(b, "khop_http_connections_total", "Accepted connections.", h.accepted);
    counter(b, "khop_http_rejected_total", "Requests refused by the reader before any handler.", h.rejected);
    counter(b, "khop_http_shed_total", "Connections closed because a limit was reached.", h.shed);
    gauge(b, "khop_http_connections", "Open connections.", h.open);
    gauge(b, "khop_http_streams", "Open event streams.", h.streams);
    buf_puts(b, "# HELP khop_http_responses_total Answers by status class.\n# TYPE khop_http_responses_total counter\n");
    for (int c = 1; c < 6; c++)
        buf_printf(b, "khop_http_responses_total{class=\"%dxx\"} %llu\n", c, (unsigned long long)s->metrics.by_class[c]);
    buf_puts(b, "# HELP khop_http_request_seconds Time from a request's head to its answer.\n"
                "# TYPE khop_http_request_seconds histogram\n");
    for (int i = 0; i < METRICS_BOUNDS; i++) {
        total += s->metrics.le[i];
        buf_printf(b, "khop_http_request_seconds_bucket{le=\"%s\"} %llu\n", BOUNDS_TEXT[i], (unsigned long long)total);
    }
    total += s->metrics.le[METRICS_BOUNDS];
    buf_printf(b, "khop_http_request_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)total);
    buf_printf(b, "khop_http_request_seconds_sum %llu.%06llu\nkhop_http_request_seconds_count %llu\n",
               (unsigned long long)(s->metrics.sum_us / 1000000), (unsigned long long)(s->metrics.sum_us % 1000000),
               (unsigned long long)total);
}

static void metrics_settle(struct buf *b, const struct flow *f)
{
    buf_puts(b, "# HELP khop_bank_events_total Bank events by outcome; held: kept without booking.\n"
                "# TYPE khop_bank_events_total counter\n");
    for (int i = 0; i < SETTLE_OUTCOMES; i++)
        buf_printf(b, "khop_bank_events_total{outcome=\"%s\"} %llu\n", settle_outcome_name(i),
                   (unsigned long long)f->counts.notices[i]);
    counter(b, "khop_notices_repeated_total", "Events that had come before.", f->counts.repeated);
    counter(b, "khop_notices_conflicting_total", "Events that came again with another body.", f->counts.conflicts);
    counter(b, "khop_notices_rejected_total", "Notices refused: signature, form.", f->counts.rejected);
    counter(b, "khop_stale_alarms_total", "Connections whose notices came with a right signature and a wrong time, more than 3 in 10 minutes.",
            f->stale.alarms);
    counter(b, "khop_notices_ignored_total", "Notices of a kind that is not ours.", f->counts.ignored);
}

static void metrics_receipts(struct buf *b, const struct metrics *m)
{
    gauge(b, "khop_receipts_unsigned", "Booked transfers whose receipts the follower has not signed yet.", m->unsigned_transfers);
    buf_printf(b, "# HELP khop_receipts_lag_seconds Age of the oldest of them.\n# TYPE khop_receipts_lag_seconds gauge\n"
                  "khop_receipts_lag_seconds %lld.%06lld\n", (long long)(m->lag_us / 1000000), (long long)(m->lag_us % 1000000));
}

static void metrics_db(struct buf *b, const struct flow *f)
{
    struct db_stats d;

    db_stats(f->db, &d);
    counter(b, "khop_db_calls_total", "What requests asked of the database.", d.calls);
    counter(b, "khop_db_gathers_total", "Statements sent that answer many of them.", d.gathers);
    counter(b, "khop_db_failures_total", "Statements and batches that failed after all repeats.", d.failures);
    counter(b, "khop_db_reconnects_total", "Connections lost after they had been ready.", d.reconnects);
    counter(b, "khop_db_batches_total", "Settlement batches sent.", d.batches);
    counter(b, "khop_db_batch_items_total", "Notices in committed batches.", d.batch_items);
    counter(b, "khop_db_resubmits_total", "Calls and batches sent again.", d.resubmits);
    gauge(b, "khop_db_connections", "Connected database sessions.", (uint64_t)d.connected);
    gauge(b, "khop_db_waiting", "Calls that wait for a session.", (uint64_t)d.waiting);
    gauge(b, "khop_ready", "1 when this process can settle.", db_ready(f->db) && f->key_no != 0);
}

int app_metrics(struct req *rq)
{
    const struct serve *s = rq->app;
    struct buf b;

    if (!rq->loopback)
        return RC_NOT_FOUND;
    buf_init_arena(&b, rq->task.arena, METRICS_MAX);
    metrics_http(&b, s);
    metrics_settle(&b, &s->flow);
    metrics_receipts(&b, &s->metrics);
    metrics_db(&b, &s->flow);
    if (b.failed)
        return RC_NOMEM;
    return reply(rq, 200, "text/plain; version=0.0.4; charset=utf-8", buf_slice(&b));
}
