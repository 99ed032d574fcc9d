/* A turn is: settle, poll, settle, destroy. "Settle" runs woken tasks and the before-sleep hooks until nobody is ready
 * or the turn's budget is spent; then the next poll does not sleep, so that neither side starves the other. */
#include "khop/loop/loop.h"
#include "loop_private.h"
#include "khop/base/clock.h"
#include <assert.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "khop/base/banned.h"

#define LOOP_HOOKS         16
#define LOOP_SETTLE_ROUNDS 8

struct signal_watch {
    struct signal_watch *next;
    struct event *event;
    void (*fn)(int signo, void *arg);
    void *arg;
};

struct hook {
    void (*fn)(void *arg);
    void *arg;
};

struct loop {
    struct event_base *base;
    struct event *wait; /* bounds a sleep */
    struct hook hooks[LOOP_HOOKS];
    size_t nhooks;
    struct loop_destroy *doomed, **doomed_end;
    struct signal_watch *signals;
    struct task_set tasks;
    int64_t now_ms, stop_ms;
    int kept;
    bool stopping, polling, in_turn, held;
};

static void wait_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg; /* coming back from the poll is all it is for */
}

static struct event_base *base_new(void)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (config == NULL)
        return NULL;
    if (event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0)
        base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

struct loop *loop_new(void)
{
    struct loop *l = calloc(1, sizeof *l);

    if (l == NULL)
        return NULL;
    l->base = base_new();
    if (l->base != NULL)
        l->wait = evtimer_new(l->base, wait_over, NULL);
    if (l->wait == NULL) {
        if (l->base != NULL)
            event_base_free(l->base);
        free(l);
        return NULL;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    l->doomed_end = &l->doomed;
    l->now_ms = clock_mono_ms();
    task_set_init(&l->tasks);
    return l;
}

static void destroy_marked(struct loop *l)
{
    while (l->doomed != NULL) {
        struct loop_destroy *d = l->doomed;

        l->doomed = d->next;
        if (l->doomed == NULL)
            l->doomed_end = &l->doomed;
        d->fn(d->arg); /* may free the link, and may mark others */
    }
}

void loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    assert(!l->in_turn);
    destroy_marked(l);
    task_set_release(&l->tasks);
    destroy_marked(l);
    while (l->signals != NULL) {
        struct signal_watch *w = l->signals;

        l->signals = w->next;
        event_free(w->event);
        free(w);
    }
    event_free(l->wait);
    event_base_free(l->base);
    free(l);
}

static void settle(struct loop *l)
{
    for (int round = 0; round < LOOP_SETTLE_ROUNDS; round++) {
        task_run_ready(l);
        for (size_t i = 0; i < l->nhooks; i++)
            l->hooks[i].fn(l->hooks[i].arg);
        if (TAILQ_EMPTY(&l->tasks.ready))
            return;
    }
}

static int poll_events(struct loop *l, int64_t wait_ms)
{
    int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;

    if (wait_ms == 0 || l->doomed != NULL || !TAILQ_EMPTY(&l->tasks.ready)) {
        flags = EVLOOP_NONBLOCK;
    } else if (wait_ms > 0) {
        struct timeval tv = { (time_t)(wait_ms / 1000), (suseconds_t)(wait_ms % 1000 * 1000) };

        if (event_add(l->wait, &tv) != 0)
            return RC_INTERNAL;
    }
    l->polling = true;

    int rc = event_base_loop(l->base, flags);

    l->polling = false;
    (void)event_del(l->wait);
    return rc < 0 ? RC_INTERNAL : RC_OK;
}

int loop_turn(struct loop *l, int64_t wait_ms)
{
    assert(!l->in_turn);
    l->in_turn = true;
    l->now_ms = clock_mono_ms();
    settle(l);

    int rc = poll_events(l, l->stopping && wait_ms < 0 ? 0 : wait_ms);

    l->now_ms = clock_mono_ms();
    settle(l);
    destroy_marked(l);
    l->in_turn = false;
    return rc;
}

static bool busy(const struct loop *l)
{
    return task_count(l) > 0 || l->kept > 0;
}

int loop_run(struct loop *l, int64_t drain_ms)
{
    int rc = RC_OK;

    while (!l->stopping && rc == RC_OK)
        rc = loop_turn(l, -1);
    while (rc == RC_OK && busy(l)) {
        int64_t left = l->stop_ms + drain_ms - clock_mono_ms();

        if (left <= 0)
            return RC_TIMEOUT;
        rc = loop_turn(l, left);
    }
    return rc;
}

void loop_stop(struct loop *l)
{
    if (l->stopping)
        return;
    l->stopping = true;
    l->stop_ms = clock_mono_ms();
}

bool loop_stopping(const struct loop *l)
{
    return l->stopping;
}

void loop_keep(struct loop *l, int change)
{
    l->kept += change;
    assert(l->kept >= 0);
}

struct event_base *loop_base(struct loop *l)
{
    return l->base;
}

int64_t loop_now_ms(const struct loop *l)
{
    return l->held || (l->in_turn && !l->polling) ? l->now_ms : clock_mono_ms();
}

void loop_clock_hold(struct loop *l, int64_t now_ms)
{
    l->now_ms = now_ms;
    l->held = true;
}

void loop_clock_drop(struct loop *l)
{
    l->held = false;
}

struct task_set *loop_tasks(struct loop *l)
{
    return &l->tasks;
}

size_t task_count(const struct loop *l)
{
    return l->tasks.count;
}

void loop_destroy(struct loop *l, struct loop_destroy *link, void (*fn)(void *), void *arg)
{
    *link = (struct loop_destroy){ NULL, fn, arg };
    *l->doomed_end = link;
    l->doomed_end = &link->next;
}

int loop_before_sleep(struct loop *l, void (*fn)(void *arg), void *arg)
{
    if (l->nhooks == LOOP_HOOKS)
        return RC_TOO_LARGE;
    l->hooks[l->nhooks++] = (struct hook){ fn, arg };
    return RC_OK;
}

void loop_before_sleep_remove(struct loop *l, void (*fn)(void *arg), void *arg)
{
    for (size_t i = 0; i < l->nhooks; i++) {
        if (l->hooks[i].fn != fn || l->hooks[i].arg != arg)
            continue;
        l->nhooks--;
        memmove(&l->hooks[i], &l->hooks[i + 1], (l->nhooks - i) * sizeof l->hooks[0]);
        return;
    }
}

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
    struct loop_timer *t = arg;

    (void)fd;
    (void)what;
    /* Once it has fired a one-shot timer owns nothing, so that its owner may go or start it again. */
    if (!t->repeat)
        loop_timer_stop(t);
    t->fn(t->arg);
}

int loop_timer_start(struct loop *l, struct loop_timer *t, int64_t ms, bool repeat, void (*fn)(void *), void *arg)
{
    loop_timer_stop(t);
    if (ms < 0)
        ms = 0;
    if (repeat && ms == 0)
        ms = 1; /* a repeating timer of nothing would never let the loop sleep */
    *t = (struct loop_timer){ .loop = l, .fn = fn, .arg = arg, .repeat = repeat, .ms = ms };

    struct timeval tv = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };
    struct event *e = event_new(l->base, -1, repeat ? EV_PERSIST : 0, timer_fired, t);

    if (e == NULL)
        return RC_NOMEM;
    if (event_add(e, &tv) != 0) {
        event_free(e);
        return RC_NOMEM;
    }
    t->event = e;
    return RC_OK;
}

void loop_timer_stop(struct loop_timer *t)
{
    if (t->event == NULL)
        return;
    event_free(t->event);
    t->event = NULL;
}

static void signal_came(evutil_socket_t signo, short what, void *arg)
{
    struct signal_watch *w = arg;

    (void)what;
    w->fn((int)signo, w->arg);
}

int loop_signal(struct loop *l, int signo, void (*fn)(int signo, void *arg), void *arg)
{
    struct signal_watch *w = calloc(1, sizeof *w);

    if (w == NULL)
        return RC_NOMEM;
    *w = (struct signal_watch){ l->signals, evsignal_new(l->base, signo, signal_came, w), fn, arg };
    if (w->event == NULL || event_add(w->event, NULL) != 0) {
        if (w->event != NULL)
            event_free(w->event);
        free(w);
        return RC_INTERNAL;
    }
    l->signals = w;
    return RC_OK;
}
