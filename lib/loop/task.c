/* States of a task: running (in a step) → parked → queued (woken) → running … → ended → released. It is on the live list
 * from begin to release; release happens on the loop's destroy list, when it has ended and nobody holds it. */
#include "khop/loop/task.h"
#include "loop_private.h"
#include <assert.h>
#include <string.h>
#include <sys/random.h>
#include "khop/base/banned.h"

#define TASK_SWEEP_MS    100
#define TASK_RUN_BUDGET  256 /* steps in one task_run_ready */
#define TASK_TRACE_BYTES ((TASK_TRACE_SIZE - 1) / 2)

void task_set_init(struct task_set *s)
{
    TAILQ_INIT(&s->live);
    TAILQ_INIT(&s->ready);
}

/* A request id: unique, and nothing to learn from; random bytes are fetched for sixteen tasks at a time. */
static void make_trace(struct task_set *s, char out[TASK_TRACE_SIZE])
{
    static const char digit[] = "0123456789abcdef";

    if (s->random_left < TASK_TRACE_BYTES) {
        /* Up to 256 bytes come whole once the pool is initialised, which a running system's is. */
        ssize_t n = getrandom(s->random, sizeof s->random, 0);

        assert(n == (ssize_t)sizeof s->random);
        s->random_left = sizeof s->random;
    }
    for (size_t i = 0; i < TASK_TRACE_BYTES; i++) {
        unsigned char byte = s->random[--s->random_left];

        out[2 * i] = digit[byte >> 4];
        out[2 * i + 1] = digit[byte & 15];
    }
    out[TASK_TRACE_SIZE - 1] = '\0';
}

static void unqueue(struct task *t)
{
    if (t->queued)
        TAILQ_REMOVE(&loop_tasks(t->loop)->ready, t, ready);
    t->queued = false;
}

static void release(void *arg)
{
    struct task *t = arg;
    struct task_set *s = loop_tasks(t->loop);

    assert(t->ended && t->holds == 0 && !t->queued);
    TAILQ_REMOVE(&s->live, t, live);
    s->count--;
    if (t->released != NULL)
        t->released(t);
    else
        arena_free(t->arena);
}

void task_set_release(struct task_set *s)
{
    struct task *t;

    while ((t = TAILQ_FIRST(&s->live)) != NULL) {
        unqueue(t);
        t->ended = true;
        t->holds = 0;
        release(t);
    }
    loop_timer_stop(&s->sweep);
}

static void fail_now(struct task *t, int rc)
{
    if (t->ended)
        return;
    unqueue(t);
    t->parked = false;
    if (t->rescue != NULL) {
        int (*rescue)(struct task *, int) = t->rescue;

        t->rescue = NULL;
        rc = rescue(t, rc);
        if (t->ended || (rc >= 0 && t->parked))
            return;
        if (rc >= 0)
            rc = RC_INTERNAL; /* it neither answered nor waits */
        t->parked = false;
    }
    t->fail(t, rc);
    assert(t->ended);
}

static void sweep(void *arg)
{
    struct loop *l = arg;
    struct task_set *s = loop_tasks(l);
    int64_t now = loop_now_ms(l);
    struct task *t;

    /* Nothing leaves the live list inside a callback, so walking it is safe. */
    TAILQ_FOREACH(t, &s->live, live) {
        /* What is queued has its answer, and runs in this turn. */
        if (!t->ended && !t->queued && t->deadline_ms <= now)
            fail_now(t, RC_TIMEOUT);
    }
    if (s->count == 0)
        loop_timer_stop(&s->sweep);
}

void task_begin(struct task *t, struct loop *l, struct arena *arena, int64_t deadline_ms,
                void (*fail)(struct task *, int), void (*released)(struct task *))
{
    struct task_set *s = loop_tasks(l);

    memset(t, 0, sizeof *t);
    t->loop = l;
    t->arena = arena;
    t->deadline_ms = deadline_ms;
    t->fail = fail;
    t->released = released;
    make_trace(s, t->trace);
    TAILQ_INSERT_TAIL(&s->live, t, live);
    s->count++;
    /* Without memory for the timer now, the next task tries again. */
    if (s->sweep.event == NULL)
        (void)!loop_timer_start(l, &s->sweep, TASK_SWEEP_MS, true, sweep, l);
}

void task_follow(struct task *t, const struct task *asking)
{
    memcpy(t->trace, asking->trace, sizeof t->trace);
    memcpy(t->own, asking->own, sizeof t->own);
    t->from = asking->from;
}

void task_trace_from(struct task *t, const char *trace)
{
    memcpy(t->own, t->trace, TASK_OWN_SIZE - 1);
    memcpy(t->trace, trace, TASK_TRACE_SIZE - 1);
}

const char *task_request(const struct task *t)
{
    return t->own[0] == '\0' ? t->trace : arena_printf(t->arena, "%s.%s", t->trace, t->own);
}

void task_run(struct task *t, task_step step)
{
    if (t->ended)
        return;
    unqueue(t);
    t->parked = false;

    int rc = step(t);

    if (rc < 0)
        fail_now(t, rc);
    else if (!t->parked)
        fail_now(t, RC_INTERNAL); /* nobody would ever come back to it; does nothing once it has ended */
}

void *task_state(struct task *t, size_t n)
{
    t->state = arena_alloc(t->arena, n);
    return t->state;
}

int task_park(struct task *t, task_step next)
{
    if (t->ended)
        return RC_OK;
    t->next = next;
    t->parked = true;
    return RC_OK;
}

void task_hold(struct task *t)
{
    assert(!t->ended || t->holds > 0); /* it is on the destroy list already */
    t->holds++;
}

void task_wake(struct task *t, int rc)
{
    if (t->parked && !t->queued && !t->ended) {
        t->wake_rc = rc;
        t->queued = true;
        TAILQ_INSERT_TAIL(&loop_tasks(t->loop)->ready, t, ready);
    }
    task_drop(t);
}

void task_drop(struct task *t)
{
    assert(t->holds > 0);
    t->holds--;
    if (t->ended && t->holds == 0)
        loop_destroy(t->loop, &t->destroy, release, t);
}

void task_end(struct task *t)
{
    if (t->ended)
        return;
    unqueue(t);
    t->parked = false;
    t->ended = true;
    if (t->holds == 0)
        loop_destroy(t->loop, &t->destroy, release, t);
}

bool task_ended(const struct task *t)
{
    return t->ended;
}

void task_run_ready(struct loop *l)
{
    struct task_set *s = loop_tasks(l);

    for (int budget = TASK_RUN_BUDGET; budget > 0; budget--) {
        struct task *t = TAILQ_FIRST(&s->ready);

        if (t == NULL)
            return;
        unqueue(t);
        if (t->wake_rc < 0)
            fail_now(t, t->wake_rc);
        else
            task_run(t, t->next);
    }
}
