#include "metrics.h"

#include "khop/flow/settle.h"

#include "khop/base/banned.h"

#define METRICS_MAX (64 * 1024)

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
    counter(b, "khop_notices_ignored_total", "Notices of a kind that is not ours.", f->counts.ignored);
}

static void metrics_db(struct buf *b, const struct flow *f)
{
    struct db_stats d;

    db_stats(f->db, &d);
    counter(b, "khop_db_calls_total", "Statements sent.", d.calls);
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
    metrics_db(&b, &s->flow);
    if (b.failed)
        return RC_NOMEM;
    return reply(rq, 200, "text/plain; version=0.0.4; charset=utf-8", buf_slice(&b));
}
