/* A task is one piece of work that may wait: a request, or a step of a job. It is where http and db meet.
 *
 * It has an arena (everything it needs lives there), a deadline, and the next step. A step either finishes the task
 * (task_end, after it has replied), or parks it (task_park: somebody will wake it) and returns 0; or it returns a negative
 * rc and `fail` is called, the only place that turns a code into an answer. A step never does two of these.
 *
 * Whoever will wake a task holds it (task_hold … task_wake drops it). The loop frees an ended task when nobody holds it;
 * so a call in flight may outlive the answer that was given at the deadline, and its wake-up is then ignored.
 *
 * Park before anything that may wake at once: a wake-up that comes before task_park is lost. A step that neither ends
 * nor parks its task, and returns no error, is a fault of ours: the task fails with RC_INTERNAL. */
#ifndef KHOP_LOOP_TASK_H
#define KHOP_LOOP_TASK_H

#include "khop/base/arena.h"
#include "khop/base/rc.h"
#include "khop/loop/loop.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct task;
typedef int (*task_step)(struct task *t);

#define TASK_TRACE_SIZE 33
#define TASK_OWN_SIZE   17

struct task {
    struct loop *loop;
    struct arena *arena;
    int64_t deadline_ms;                   /* monotonic; then fail(RC_TIMEOUT), within 100 ms; INT64_MAX: none */
    void *state;                           /* what must survive a wait, in the arena */
    void *result;                          /* of the last wait (db rows …), in the arena */
    char trace[TASK_TRACE_SIZE];           /* request id, hex */
    char own[TASK_OWN_SIZE];               /* of a request that goes on with its client's trace: a part that no client chose; else empty */
    const char *from;                      /* the address that asked; NULL: none did */
    task_step next;
    void (*fail)(struct task *t, int rc);  /* must end the task */
    /* For the coming failure only, instead of `fail`: a step with the rc. It ends the task, parks it for another try (but
     * not on RC_TIMEOUT: the old wait may still wake it), or returns a negative rc for `fail`. NULL: none. */
    int (*rescue)(struct task *t, int rc);
    void (*released)(struct task *t);      /* last call; the owner takes its memory back; may be NULL */
    /* private to loop/task.c */
    TAILQ_ENTRY(task) live, ready;
    int holds, wake_rc;
    bool parked, queued, ended;
    struct loop_destroy destroy;
};

/* Starts a task that the caller's memory holds: zeroes it, gives it a trace. The arena stays the caller's until
 * `released` (or is freed by the task if `released` is NULL). */
void task_begin(struct task *t, struct loop *l, struct arena *arena, int64_t deadline_ms,
                void (*fail)(struct task *, int), void (*released)(struct task *));
/* Says that it works for another one, which asked: for that one's request and address. It calls before the other one ends. */
void task_follow(struct task *t, const struct task *asking);
/* Goes on with the trace that the client gave (TASK_TRACE_SIZE - 1 hex digits); half of the one it had stays as `own`. */
void task_trace_from(struct task *t, const char *trace);
/* The request, as evidence: its trace, with `own` behind a point where there is one. Lives as long as the task; NULL without memory. */
const char *task_request(const struct task *t);
/* Runs a step now, by the rules above. */
void task_run(struct task *t, task_step step);
/* Zeroed state of n bytes in the arena, also stored in t->state. NULL without memory. */
void *task_state(struct task *t, size_t n);
/* The next step runs when somebody wakes the task. Returns RC_OK, so that a step can end in `return task_park(…)`. */
int task_park(struct task *t, task_step next);
void task_hold(struct task *t);
/* Ends one hold. rc ≥ 0 runs the next step later in this turn, rc < 0 calls fail. Ignored when the task has ended or
 * is not parked. */
void task_wake(struct task *t, int rc);
/* Gives up a hold without waking. */
void task_drop(struct task *t);
/* The task is done (it has replied). */
void task_end(struct task *t);
bool task_ended(const struct task *t);

/* For loop.c: run what is ready, fail what is late. */
void task_run_ready(struct loop *l);
size_t task_count(const struct loop *l);

#endif
