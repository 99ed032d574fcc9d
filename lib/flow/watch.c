#include "khop/flow/watch.h"

#include "khop/base/clock.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define WATCH_PERIOD_MS   1000
#define WATCH_SOON_MS     5
#define WATCH_DEADLINE_MS 5000
#define WATCH_IDS         1000

TAILQ_HEAD(watcher_list, flow_watcher);

struct flow_watch {
    struct flow *f;
    struct watcher_list all;
    size_t count, max;
    struct loop_timer period, soon;
    bool soon_armed, looking;
    struct task task; /* one look at a time */
};

static void watch_look(struct flow_watch *w);

static void watch_period(void *arg)
{
    struct flow_watch *w = arg;
    struct flow_watcher *x;

    TAILQ_FOREACH(x, &w->all, link)
        x->due = true;
    watch_look(w);
}

static void watch_soon(void *arg)
{
    struct flow_watch *w = arg;

    w->soon_armed = false;
    watch_look(w);
}

struct flow_watch *flow_watch_new(struct flow *f, size_t max)
{
    struct flow_watch *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    w->f = f;
    w->max = max;
    TAILQ_INIT(&w->all);
    if (loop_timer_start(f->loop, &w->period, WATCH_PERIOD_MS, true, watch_period, w) < 0) {
        free(w);
        return NULL;
    }
    return w;
}

void flow_watch_free(struct flow_watch *w)
{
    if (w == NULL)
        return;
    loop_timer_stop(&w->period);
    loop_timer_stop(&w->soon);
    free(w);
}

int flow_watch_add(struct flow_watch *w, struct flow_watcher *x)
{
    if (w->count >= w->max)
        return RC_BUSY;
    x->seen = false;
    x->due = true;
    TAILQ_INSERT_TAIL(&w->all, x, link);
    w->count++;
    return RC_OK;
}

void flow_watch_remove(struct flow_watch *w, struct flow_watcher *x)
{
    TAILQ_REMOVE(&w->all, x, link);
    w->count--;
}

static void watch_arm_soon(struct flow_watch *w)
{
    if (w->soon_armed || w->looking)
        return;
    /* Without a timer the next period looks. */
    w->soon_armed = loop_timer_start(w->f->loop, &w->soon, WATCH_SOON_MS, false, watch_soon, w) >= 0;
}

void flow_watch_changed(struct flow_watch *w, int64_t charge_id)
{
    struct flow_watcher *x;
    bool any = false;

    if (w == NULL)
        return;
    TAILQ_FOREACH(x, &w->all, link) {
        if (x->charge_id == charge_id)
            any = x->due = true;
    }
    if (any)
        watch_arm_soon(w);
}

static bool watch_differs(const struct flow_watcher *x, const struct flow_watch_state *s)
{
    return !x->seen || x->paid != s->paid || x->receipts != s->receipts ||
           !slice_eq((struct slice){ x->status, x->status_n }, s->status);
}

static void watch_tell(struct flow_watcher *x, const struct flow_watch_state *s)
{
    if (!watch_differs(x, s))
        return;
    x->seen = true;
    x->paid = s->paid;
    x->receipts = s->receipts;
    x->status_n = s->status.n < sizeof x->status ? s->status.n : sizeof x->status;
    if (x->status_n > 0)
        memcpy(x->status, s->status.p, x->status_n);
    x->changed(x, s);
}

enum watch_col { W_ID, W_STATUS, W_PAID, W_AMOUNT, W_RECEIPTS, W_RID };

static void watch_ended(struct task *t)
{
    struct flow_watch *w = t->state;
    struct flow_watcher *x;

    arena_free(t->arena);
    w->looking = false;
    TAILQ_FOREACH(x, &w->all, link) {
        if (x->due) {
            watch_arm_soon(w);
            return;
        }
    }
}

static int watch_done(struct task *t)
{
    struct flow_watch *w = t->state;
    const struct db_rows *r = db_result(t);

    for (int i = 0; i < db_rows_count(r); i++) {
        struct flow_watch_state s = { db_text(r, i, W_STATUS), db_i64(r, i, W_PAID), (int32_t)db_i64(r, i, W_RECEIPTS),
                                      db_text(r, i, W_RID) };
        struct flow_watcher *x, *next;

        for (x = TAILQ_FIRST(&w->all); x != NULL; x = next) {
            next = TAILQ_NEXT(x, link);
            if (x->charge_id == db_i64(r, i, W_ID))
                watch_tell(x, &s);
        }
    }
    task_end(t);
    return RC_OK;
}

/* Whatever went wrong: the next period looks again. */
static void watch_failed(struct task *t, int rc)
{
    (void)rc;
    task_end(t);
}

static int watch_begin(struct task *t)
{
    struct flow_watch *w = t->state;
    int64_t *ids = arena_array(t->arena, WATCH_IDS, sizeof *ids);
    struct flow_watcher *x;
    int32_t bucket = -1;
    struct db_args a;
    size_t n = 0;

    if (ids == NULL)
        return RC_NOMEM;
    TAILQ_FOREACH(x, &w->all, link) {
        if (!x->due || n == WATCH_IDS)
            continue;
        if (bucket < 0)
            bucket = x->bucket;
        if (x->bucket != bucket)
            continue;
        x->due = false;
        ids[n++] = x->charge_id;
    }
    db_args_init(&a, t->arena);
    db_arg_i32(&a, bucket);
    db_arg_i64_array(&a, ids, NULL, n);
    db_arg_time(&a, clock_wall_us());
    return db_call(w->f->db, t, DB_CHARGE_WATCH, &a, watch_done);
}

static void watch_look(struct flow_watch *w)
{
    struct flow_watcher *x;
    bool any = false;

    TAILQ_FOREACH(x, &w->all, link)
        any = any || x->due;
    if (!any || w->looking)
        return;
    struct arena *arena = arena_new(0);

    if (arena == NULL)
        return;
    w->looking = true;
    task_begin(&w->task, w->f->loop, arena, loop_now_ms(w->f->loop) + WATCH_DEADLINE_MS, watch_failed, watch_ended);
    w->task.state = w;
    task_run(&w->task, watch_begin);
}
