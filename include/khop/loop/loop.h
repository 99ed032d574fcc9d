/* One event loop per process, on libevent's core. A turn: sleep until something is ready, run it, run woken tasks, run the
 * before-sleep hooks (batches flush here), then free what was marked during the turn. Nothing is freed inside its own
 * callback: loop_destroy puts it on the list. */
#ifndef KHOP_LOOP_LOOP_H
#define KHOP_LOOP_LOOP_H

#include "khop/base/rc.h"
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct event_base;

/* NULL without memory. Also makes the process ignore SIGPIPE. */
struct loop *loop_new(void);
/* Runs what is on the destroy list, releases tasks that are still alive without an answer, frees signals. Timers and
 * events of others must have been stopped. Accepts NULL. */
void loop_free(struct loop *l);
/* Turns until loop_stop and until no task is alive and nobody keeps the loop, or `drain_ms` after loop_stop at the
 * latest (RC_TIMEOUT). RC_INTERNAL: the event library failed. */
int loop_run(struct loop *l, int64_t drain_ms);
/* One turn, sleeping at most `wait_ms`, negative: until something happens. */
int loop_turn(struct loop *l, int64_t wait_ms);
void loop_stop(struct loop *l);
bool loop_stopping(const struct loop *l);
/* Something besides tasks that a drain waits for, such as an answer not yet written: +1 when it begins, -1 when it ends. */
void loop_keep(struct loop *l, int change);
struct event_base *loop_base(struct loop *l); /* for db, http, tls */
/* Monotonic. Read once a turn for tasks and hooks; callbacks of events ask the clock, for the sleep lies between. */
int64_t loop_now_ms(const struct loop *l);
/* A callback has asked the clock itself: until it drops the hold, that is what loop_now_ms says. */
void loop_clock_hold(struct loop *l, int64_t now_ms);
void loop_clock_drop(struct loop *l);

/* Calls fn(arg) at the end of this turn, in the order of marking. Never fails: the caller's object carries the link,
 * which is on the list once at most. */
struct loop_destroy {
    struct loop_destroy *next;
    void (*fn)(void *arg);
    void *arg;
};
void loop_destroy(struct loop *l, struct loop_destroy *link, void (*fn)(void *), void *arg);

/* fn(arg) after every batch of callbacks, before the loop sleeps. At most 16 hooks (RC_TOO_LARGE). */
int loop_before_sleep(struct loop *l, void (*fn)(void *arg), void *arg) RC_MUST;
/* Takes it back before its argument goes; not from inside a hook. */
void loop_before_sleep_remove(struct loop *l, void (*fn)(void *arg), void *arg);

/* Timers; one-shot unless `repeat`. The object is the caller's, all zero before its first start, and must stay until
 * stopped or fired. Starting a running timer starts it anew. */
struct loop_timer {
    void *event;
    struct loop *loop;
    void (*fn)(void *arg);
    void *arg;
    bool repeat;
    int64_t ms;
};
int loop_timer_start(struct loop *l, struct loop_timer *t, int64_t ms, bool repeat, void (*fn)(void *), void *arg) RC_MUST;
void loop_timer_stop(struct loop_timer *t); /* also when never started */

/* A signal becomes an ordinary callback. */
int loop_signal(struct loop *l, int signo, void (*fn)(int signo, void *arg), void *arg) RC_MUST;

#endif
