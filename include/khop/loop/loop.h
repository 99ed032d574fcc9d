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

struct loop *loop_new(void); /* NULL without memory */
void loop_free(struct loop *l);
/* Turns until loop_stop and until no task is alive, or `drain_ms` after loop_stop at the latest. */
int loop_run(struct loop *l, int64_t drain_ms);
/* One turn, sleeping at most `wait_ms` (tests). */
int loop_turn(struct loop *l, int64_t wait_ms);
void loop_stop(struct loop *l);
bool loop_stopping(const struct loop *l);
struct event_base *loop_base(struct loop *l); /* for db, http, tls */
int64_t loop_now_ms(const struct loop *l);    /* monotonic, read once a turn */

/* Calls fn(arg) at the end of this turn. Never fails: the caller's object carries the link. */
struct loop_destroy {
    struct loop_destroy *next;
    void (*fn)(void *arg);
    void *arg;
};
void loop_destroy(struct loop *l, struct loop_destroy *link, void (*fn)(void *), void *arg);

/* fn(arg) after every batch of callbacks, before the loop sleeps. At most 16 hooks. */
int loop_before_sleep(struct loop *l, void (*fn)(void *arg), void *arg) RC_MUST;

/* Timers; one-shot unless `repeat`. The object is the caller's and must stay until stopped or fired. */
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
