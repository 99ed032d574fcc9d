/* The life of a task: every way to end one, in every order that its waker and its deadline can choose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "khop/base/clock.h"
#include "khop/loop/task.h"
#include "khop/base/banned.h"

#define FAR INT64_MAX

/* A task that counts what happens to it. */
struct probe {
    struct task task; /* first, so that a task is its probe */
    int steps, fails, rc, released;
    task_step then; /* what the second step does */
};

static struct probe *probe_of(struct task *t)
{
    return (struct probe *)(void *)t;
}

static void on_fail(struct task *t, int rc)
{
    struct probe *p = probe_of(t);

    p->fails++;
    p->rc = rc;
    task_end(t);
}

static void on_release(struct task *t)
{
    struct probe *p = probe_of(t);

    p->released++;
    arena_free(t->arena);
}

static void begin(struct probe *p, struct loop *l, int64_t deadline_ms)
{
    memset(p, 0, sizeof *p);
    task_begin(&p->task, l, arena_new(0), deadline_ms, on_fail, on_release);
}

static int step_end(struct task *t)
{
    probe_of(t)->steps++;
    task_end(t);
    return RC_OK;
}

static int step_error(struct task *t)
{
    probe_of(t)->steps++;
    return RC_CONFLICT;
}

static int step_park(struct task *t)
{
    struct probe *p = probe_of(t);

    p->steps++;
    return task_park(t, p->then == NULL ? step_end : p->then);
}

static int setup(void **state)
{
    *state = loop_new();
    return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    int left = (int)task_count(*state);

    loop_free(*state);
    return left == 0 ? 0 : -1;
}

static void turn(void **state)
{
    assert_int_equal(loop_turn(*state, 0), RC_OK);
}

static void ends_in_its_first_step(void **state)
{
    struct probe p;

    begin(&p, *state, FAR);
    assert_int_equal(task_count(*state), 1);
    task_run(&p.task, step_end);
    assert_true(task_ended(&p.task));
    assert_int_equal(p.released, 0); /* not inside somebody's callback */
    task_run(&p.task, step_end);
    assert_int_equal(p.steps, 1); /* an ended task does nothing more */
    task_end(&p.task);
    turn(state);
    assert_int_equal(p.released, 1);
    assert_int_equal(p.fails, 0);
    assert_int_equal(task_count(*state), 0);
}

static void arena_goes_with_a_task_that_has_no_owner(void **state)
{
    struct probe p = { 0 };
    int *x;

    task_begin(&p.task, *state, arena_new(0), FAR, on_fail, NULL);
    x = task_state(&p.task, sizeof *x);
    assert_non_null(x);
    assert_int_equal(*x, 0);
    assert_ptr_equal(p.task.state, x);
    task_run(&p.task, step_end);
    turn(state); /* the leak checker looks for the arena */
    assert_int_equal(task_count(*state), 0);
}

static void traces(void **state)
{
    static struct probe p[40];

    for (size_t i = 0; i < 40; i++) {
        begin(&p[i], *state, FAR);
        assert_int_equal(strlen(p[i].task.trace), 32);
        assert_int_equal(strspn(p[i].task.trace, "0123456789abcdef"), 32);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(p[i].task.trace, p[k].task.trace);
        task_run(&p[i].task, step_end);
    }
    turn(state);
}

static void an_error_fails_once(void **state)
{
    struct probe p;

    begin(&p, *state, 0); /* and its deadline has passed, too */
    task_run(&p.task, step_error);
    assert_int_equal(p.fails, 1);
    assert_int_equal(p.rc, RC_CONFLICT);
    assert_true(task_ended(&p.task));
    for (int i = 0; i < 3; i++)
        assert_int_equal(loop_turn(*state, 60), RC_OK);
    assert_int_equal(p.fails, 1);
    assert_int_equal(p.released, 1);
}

static int step_nothing(struct task *t)
{
    probe_of(t)->steps++;
    return RC_OK;
}

static int step_park_and_error(struct task *t)
{
    (void)task_park(t, step_end);
    return RC_BUSY;
}

static int step_end_and_error(struct task *t)
{
    task_end(t);
    return RC_BUSY;
}

static void faulty_steps(void **state)
{
    struct probe p, q, r;

    begin(&p, *state, FAR);
    task_run(&p.task, step_nothing); /* would wait for ever */
    assert_int_equal(p.rc, RC_INTERNAL);
    begin(&q, *state, FAR);
    task_run(&q.task, step_park_and_error);
    assert_int_equal(q.rc, RC_BUSY);
    assert_true(task_ended(&q.task));
    begin(&r, *state, FAR);
    task_run(&r.task, step_end_and_error); /* it has replied: nothing more to say */
    assert_int_equal(r.fails, 0);
    turn(state);
    assert_int_equal(p.released + q.released + r.released, 3);
}

static void wake_runs_the_next_step(void **state)
{
    struct probe p;

    begin(&p, *state, FAR);
    task_hold(&p.task);
    task_run(&p.task, step_park);
    turn(state);
    assert_int_equal(p.steps, 1);
    task_wake(&p.task, RC_OK);
    assert_int_equal(p.steps, 1); /* later, not inside the waker */
    turn(state);
    assert_int_equal(p.steps, 2);
    assert_int_equal(p.released, 1); /* in the same turn */
}

static void wake_with_a_failure(void **state)
{
    struct probe p;

    begin(&p, *state, FAR);
    task_hold(&p.task);
    task_run(&p.task, step_park);
    task_wake(&p.task, RC_UNKNOWN);
    assert_int_equal(p.fails, 0);
    turn(state);
    assert_int_equal(p.fails, 1);
    assert_int_equal(p.rc, RC_UNKNOWN);
    assert_int_equal(p.steps, 1);
    assert_int_equal(p.released, 1);
}

static void ended_while_held(void **state)
{
    struct probe p;

    begin(&p, *state, FAR);
    task_hold(&p.task);
    task_hold(&p.task);
    task_run(&p.task, step_park);
    task_end(&p.task);
    turn(state);
    assert_int_equal(p.released, 0); /* two calls still point at it */
    assert_int_equal(task_count(*state), 1);
    task_wake(&p.task, RC_OK);
    turn(state);
    assert_int_equal(p.steps, 1); /* a wake-up after the end is nothing */
    assert_int_equal(p.released, 0);
    task_drop(&p.task);
    assert_int_equal(p.released, 0);
    turn(state);
    assert_int_equal(p.released, 1);
}

static void wake_of_one_that_is_not_parked(void **state)
{
    struct probe p;

    begin(&p, *state, FAR);
    task_hold(&p.task);
    task_wake(&p.task, RC_OK);
    turn(state);
    assert_int_equal(p.steps, 0);
    task_run(&p.task, step_end);
    turn(state);
    assert_int_equal(p.released, 1);
}

static void second_wake_is_ignored(void **state)
{
    struct probe p;

    begin(&p, *state, FAR);
    task_hold(&p.task);
    task_hold(&p.task);
    task_run(&p.task, step_park);
    task_wake(&p.task, RC_OK);
    task_wake(&p.task, RC_INTERNAL);
    turn(state);
    assert_int_equal(p.steps, 2);
    assert_int_equal(p.fails, 0);
    assert_int_equal(p.released, 1);
}

static void ended_while_queued(void **state)
{
    struct probe p;

    begin(&p, *state, FAR);
    task_hold(&p.task);
    task_run(&p.task, step_park);
    task_wake(&p.task, RC_OK);
    task_end(&p.task);
    turn(state);
    assert_int_equal(p.steps, 1);
    assert_int_equal(p.released, 1);
}

static void dropped_then_failed_at_the_deadline(void **state)
{
    struct probe p;
    int64_t begun = clock_mono_ms();

    begin(&p, *state, begun + 30);
    task_hold(&p.task);
    task_run(&p.task, step_park);
    task_drop(&p.task); /* nobody will wake it */
    while (p.released == 0 && clock_mono_ms() - begun < 3000)
        assert_int_equal(loop_turn(*state, 50), RC_OK);
    assert_int_equal(p.fails, 1);
    assert_int_equal(p.rc, RC_TIMEOUT);
    assert_int_equal(p.released, 1);
    assert_in_range(clock_mono_ms() - begun, 30, 2500); /* swept every 100 ms */
}

static void timeout_then_wake(void **state)
{
    struct probe p;

    begin(&p, *state, clock_mono_ms() + 10);
    task_hold(&p.task);
    task_run(&p.task, step_park);
    for (int i = 0; p.fails == 0 && i < 50; i++)
        assert_int_equal(loop_turn(*state, 50), RC_OK);
    assert_int_equal(p.rc, RC_TIMEOUT);
    turn(state);
    assert_int_equal(p.released, 0); /* answered, but the call is still out */
    task_wake(&p.task, RC_OK);
    turn(state);
    assert_int_equal(p.steps, 1);
    assert_int_equal(p.fails, 1);
    assert_int_equal(p.released, 1);
}

struct waker {
    struct probe *p;
    int flushed;
};

/* A batch: before the loop sleeps it answers everybody who is parked. */
static void flush(void *arg)
{
    struct waker *w = arg;

    if (w->p == NULL)
        return;
    w->flushed++;
    task_wake(&w->p->task, RC_OK);
    w->p = NULL;
}

static void woken_by_a_hook_in_the_same_turn(void **state)
{
    struct probe p;
    struct waker w = { .p = &p };

    assert_int_equal(loop_before_sleep(*state, flush, &w), RC_OK);
    begin(&p, *state, FAR);
    task_hold(&p.task);
    task_run(&p.task, step_park);
    turn(state);
    assert_int_equal(w.flushed, 1);
    assert_int_equal(p.steps, 2);
    assert_int_equal(p.released, 1);
}

/* Parks and wakes itself at once, for ever. */
static int step_spin(struct task *t)
{
    struct probe *p = probe_of(t);

    p->steps++;
    if (loop_stopping(t->loop)) {
        task_end(t);
        return RC_OK;
    }
    (void)task_park(t, step_spin);
    task_hold(t);
    task_wake(t, RC_OK);
    return RC_OK;
}

static void stop(void *arg)
{
    loop_stop(arg);
}

static void spinning_tasks_do_not_starve_io(void **state)
{
    struct probe p;
    struct loop_timer t = { 0 };

    begin(&p, *state, FAR);
    assert_int_equal(loop_timer_start(*state, &t, 20, false, stop, *state), RC_OK);
    task_run(&p.task, step_spin);
    assert_int_equal(loop_run(*state, 1000), RC_OK);
    assert_true(p.steps > 1000);
    assert_int_equal(p.released, 1);
}

static void many_woken_at_once(void **state)
{
    static struct probe p[5000];
    int64_t begun = clock_mono_ms();
    size_t done = 0;

    for (size_t i = 0; i < 5000; i++) {
        begin(&p[i], *state, FAR);
        task_hold(&p[i].task);
        task_run(&p[i].task, step_park);
    }
    for (size_t i = 0; i < 5000; i++)
        task_wake(&p[i].task, RC_OK);
    /* More than one turn's budget; but no turn sleeps while somebody is ready. */
    for (int i = 0; task_count(*state) > 0 && i < 10; i++)
        assert_int_equal(loop_turn(*state, 1000), RC_OK);
    assert_true(clock_mono_ms() - begun < 1000);
    for (size_t i = 0; i < 5000; i++)
        done += p[i].released == 1 && p[i].steps == 2;
    assert_int_equal(done, 5000);
}

static void a_drain_waits_for_tasks(void **state)
{
    struct probe p;

    /* Answered at the deadline, which comes while the loop drains. */
    begin(&p, *state, clock_mono_ms() + 20);
    task_hold(&p.task);
    task_run(&p.task, step_park);
    task_drop(&p.task);
    loop_stop(*state);
    assert_int_equal(loop_run(*state, 5000), RC_OK);
    assert_int_equal(p.rc, RC_TIMEOUT);
    assert_int_equal(p.released, 1);
}

static void what_a_drain_leaves_is_released(void **state)
{
    struct loop *l = loop_new();
    struct probe held, queued;

    (void)state;
    begin(&held, l, FAR);
    task_hold(&held.task);
    task_run(&held.task, step_park);
    loop_stop(l);
    assert_int_equal(loop_run(l, 20), RC_TIMEOUT);
    begin(&queued, l, FAR);
    task_hold(&queued.task);
    task_run(&queued.task, step_park);
    task_wake(&queued.task, RC_OK);
    assert_int_equal(task_count(l), 2);
    loop_free(l);
    assert_int_equal(held.released, 1);
    assert_int_equal(queued.released, 1);
    assert_int_equal(held.fails + queued.fails, 0);
}

/* Random orders of hold, wake, drop, end and turns: each task is released exactly once, never before its last hold. */
static void random_lives(void **state)
{
    uint32_t r = 12345;

    for (int round = 0; round < 3000; round++) {
        struct probe p;
        int holds = 1;

        begin(&p, *state, FAR);
        p.then = step_park;
        task_hold(&p.task);
        task_run(&p.task, step_park);
        while (holds > 0) {
            r = r * 1664525 + 1013904223;
            switch (r >> 16 & 7) {
            case 0:
                if (holds < 4) {
                    task_hold(&p.task);
                    holds++;
                }
                break;
            case 1:
            case 2:
                task_wake(&p.task, (r >> 24 & 7) == 0 ? RC_IO : RC_OK);
                holds--;
                break;
            case 3:
                task_drop(&p.task);
                holds--;
                break;
            case 4:
                if ((r >> 24 & 3) == 0)
                    task_end(&p.task);
                break;
            default:
                turn(state);
            }
            if (holds > 0)
                assert_int_equal(p.released, 0);
            assert_true(p.fails <= 1);
        }
        task_end(&p.task);
        turn(state);
        assert_int_equal(p.released, 1);
    }
}

#define TASK_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(ends_in_its_first_step),
        TASK_TEST(arena_goes_with_a_task_that_has_no_owner),
        TASK_TEST(traces),
        TASK_TEST(an_error_fails_once),
        TASK_TEST(faulty_steps),
        TASK_TEST(wake_runs_the_next_step),
        TASK_TEST(wake_with_a_failure),
        TASK_TEST(ended_while_held),
        TASK_TEST(wake_of_one_that_is_not_parked),
        TASK_TEST(second_wake_is_ignored),
        TASK_TEST(ended_while_queued),
        TASK_TEST(dropped_then_failed_at_the_deadline),
        TASK_TEST(timeout_then_wake),
        TASK_TEST(woken_by_a_hook_in_the_same_turn),
        TASK_TEST(spinning_tasks_do_not_starve_io),
        TASK_TEST(many_woken_at_once),
        TASK_TEST(a_drain_waits_for_tasks),
        cmocka_unit_test(what_a_drain_leaves_is_released),
        TASK_TEST(random_lives),
    };

    return cmocka_run_group_tests_name("loop_task", tests, NULL, NULL);
}
