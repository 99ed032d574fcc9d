/* The turn: timers, signals, descriptors, hooks before sleep, the destroy list, and the end of a run. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "khop/base/clock.h"
#include "khop/loop/loop.h"
#include "khop/loop/watch.h"
#include "khop/base/banned.h"

static void count(void *arg)
{
    ++*(int *)arg;
}

static void turns_until(struct loop *l, const int *value, int want)
{
    int64_t end = clock_mono_ms() + 5000;

    while (*value < want && clock_mono_ms() < end)
        assert_int_equal(loop_turn(l, 50), RC_OK);
    assert_true(*value >= want);
}

static void a_turn_sleeps_as_told(void **state)
{
    struct loop *l = loop_new();
    int64_t begun = clock_mono_ms();

    (void)state;
    assert_int_equal(loop_turn(l, 30), RC_OK); /* nothing to wait for: the whole time */
    assert_in_range(clock_mono_ms() - begun, 29, 2000);
    begun = clock_mono_ms();
    assert_int_equal(loop_turn(l, 0), RC_OK);
    assert_in_range(clock_mono_ms() - begun, 0, 1000);
    loop_free(l);
    loop_free(NULL);
}

static void timers(void **state)
{
    struct loop *l = loop_new();
    struct loop_timer once = { 0 }, often = { 0 }, never = { 0 };
    int fired = 0, repeated = 0, wrong = 0;
    int64_t begun = clock_mono_ms();

    (void)state;
    loop_timer_stop(&never);
    assert_int_equal(loop_timer_start(l, &once, 20, false, count, &fired), RC_OK);
    assert_int_equal(loop_timer_start(l, &often, 5, true, count, &repeated), RC_OK);
    assert_int_equal(loop_timer_start(l, &never, 1, false, count, &wrong), RC_OK);
    loop_timer_stop(&never);
    turns_until(l, &fired, 1);
    assert_in_range(clock_mono_ms() - begun, 15, 2000);
    turns_until(l, &repeated, 5);
    assert_int_equal(fired, 1);
    assert_int_equal(wrong, 0);
    assert_null(once.event); /* a fired timer owns nothing */
    /* A running timer that is started again has only its new time. */
    assert_int_equal(loop_timer_start(l, &once, 1, false, count, &wrong), RC_OK);
    assert_int_equal(loop_timer_start(l, &once, 10, false, count, &fired), RC_OK);
    turns_until(l, &fired, 2);
    assert_int_equal(wrong, 0);
    loop_timer_stop(&often);
    repeated = 0;
    assert_int_equal(loop_turn(l, 20), RC_OK);
    assert_int_equal(repeated, 0);
    loop_free(l);
}

struct self_timer {
    struct loop_timer timer;
    int fired, *freed;
};

static void stop_self(void *arg)
{
    struct self_timer *s = arg;

    s->fired++;
    loop_timer_stop(&s->timer);
}

static void free_self(void *arg)
{
    struct self_timer *s = arg;

    ++*s->freed;
    free(s);
}

static void restart_self(void *arg)
{
    struct self_timer *s = arg;

    if (++s->fired < 3)
        assert_int_equal(loop_timer_start(s->timer.loop, &s->timer, 1, false, restart_self, s), RC_OK);
}

static void timers_from_inside(void **state)
{
    struct loop *l = loop_new();
    struct self_timer stop = { 0 }, again = { 0 }, *heap = calloc(1, sizeof *heap);
    int freed = 0;

    (void)state;
    heap->freed = &freed;
    assert_int_equal(loop_timer_start(l, &stop.timer, 1, true, stop_self, &stop), RC_OK);
    assert_int_equal(loop_timer_start(l, &heap->timer, 1, false, free_self, heap), RC_OK);
    assert_int_equal(loop_timer_start(l, &again.timer, 1, false, restart_self, &again), RC_OK);
    turns_until(l, &again.fired, 3);
    turns_until(l, &freed, 1);
    assert_int_equal(stop.fired, 1);
    loop_free(l);
}

static int last_signal;

static void note_signal(int signo, void *arg)
{
    last_signal = signo;
    count(arg);
}

static void signals(void **state)
{
    struct loop *l = loop_new();
    int came = 0;

    (void)state;
    assert_int_equal(loop_signal(l, SIGUSR1, note_signal, &came), RC_OK);
    assert_int_equal(loop_signal(l, SIGHUP, note_signal, &came), RC_OK);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    turns_until(l, &came, 1);
    assert_int_equal(last_signal, SIGUSR1);
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    turns_until(l, &came, 2);
    assert_int_equal(last_signal, SIGHUP);
    assert_int_equal(kill(getpid(), SIGPIPE), 0); /* ignored since loop_new */
    loop_free(l);
}

struct hooked {
    struct loop *loop;
    int ran, at_timer;
};

static void on_timer(void *arg)
{
    struct hooked *h = arg;

    h->at_timer = h->ran;
}

static void hooks_run_before_and_after_the_sleep(void **state)
{
    struct loop *l = loop_new();
    struct hooked h = { .loop = l };
    struct loop_timer t = { 0 };

    (void)state;
    assert_int_equal(loop_before_sleep(l, count, &h.ran), RC_OK);
    assert_int_equal(loop_timer_start(l, &t, 5, false, on_timer, &h), RC_OK);
    assert_int_equal(loop_turn(l, 1000), RC_OK);
    assert_int_equal(h.at_timer, 1); /* what was collected before the first turn did not wait for the timer */
    assert_int_equal(h.ran, 2);      /* and what the callback collected does not wait for the next turn */
    for (int i = 1; i < 16; i++)
        assert_int_equal(loop_before_sleep(l, count, &h.ran), RC_OK);
    assert_int_equal(loop_before_sleep(l, count, &h.ran), RC_TOO_LARGE);
    loop_free(l);
}

struct doomed {
    struct loop_destroy link;
    struct loop *loop;
    struct doomed *other;
    char *order;
    char name;
};

static void die(void *arg)
{
    struct doomed *d = arg;

    d->order[strlen(d->order)] = d->name;
    if (d->other != NULL)
        loop_destroy(d->loop, &d->other->link, die, d->other);
    free(d);
}

static struct doomed *doomed_new(struct loop *l, char *order, char name)
{
    struct doomed *d = calloc(1, sizeof *d);

    assert_non_null(d);
    d->loop = l;
    d->order = order;
    d->name = name;
    return d;
}

static void mark(void *arg)
{
    struct doomed *d = arg;

    loop_destroy(d->loop, &d->link, die, d);
    assert_string_equal(d->order, ""); /* still alive inside the callback */
}

static void destroyed_at_the_end_of_the_turn(void **state)
{
    struct loop *l = loop_new();
    char order[8] = "";
    struct doomed *a = doomed_new(l, order, 'a'), *b = doomed_new(l, order, 'b'), *c = doomed_new(l, order, 'c');
    struct loop_timer t = { 0 }, u = { 0 };
    int64_t begun;

    (void)state;
    a->other = c; /* marked while the list is being run */
    assert_int_equal(loop_timer_start(l, &t, 0, false, mark, a), RC_OK);
    assert_int_equal(loop_timer_start(l, &u, 0, false, mark, b), RC_OK);
    while (order[0] == '\0')
        assert_int_equal(loop_turn(l, 1000), RC_OK);
    assert_string_equal(order, "abc");
    /* Marked outside of a turn: the next turn does not sleep on it. */
    a = doomed_new(l, order, 'd');
    loop_destroy(l, &a->link, die, a);
    begun = clock_mono_ms();
    assert_int_equal(loop_turn(l, 2000), RC_OK);
    assert_true(clock_mono_ms() - begun < 1000);
    assert_string_equal(order, "abcd");
    a = doomed_new(l, order, 'e');
    loop_destroy(l, &a->link, die, a);
    loop_free(l);
    assert_string_equal(order, "abcde");
}

static void note_now(void *arg)
{
    struct hooked *h = arg;

    /* The sleep lies behind us: the time is that of waking up. */
    h->at_timer = (int)(clock_mono_ms() - loop_now_ms(h->loop));
    h->ran++;
}

static void now_is_not_from_before_the_sleep(void **state)
{
    struct loop *l = loop_new();
    struct hooked h = { .loop = l };
    struct loop_timer t = { 0 };

    (void)state;
    assert_int_equal(loop_timer_start(l, &t, 400, false, note_now, &h), RC_OK);
    assert_int_equal(loop_turn(l, 5000), RC_OK); /* one turn, so that the sleep is the whole time */
    assert_int_equal(h.ran, 1);
    assert_in_range(h.at_timer, 0, 200);
    loop_free(l);
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

static void unkeep(void *arg)
{
    loop_keep(arg, -1);
}

static void a_run_ends(void **state)
{
    struct loop *l = loop_new();
    struct loop_timer t = { 0 }, u = { 0 };
    int64_t begun = clock_mono_ms();

    (void)state;
    assert_int_equal(loop_timer_start(l, &t, 10, false, stop_loop, l), RC_OK);
    assert_int_equal(loop_run(l, 5000), RC_OK);
    assert_true(loop_stopping(l));
    assert_in_range(clock_mono_ms() - begun, 9, 2000);
    loop_free(l);

    /* Somebody has an answer to write yet. */
    l = loop_new();
    begun = clock_mono_ms();
    loop_keep(l, 1);
    assert_int_equal(loop_timer_start(l, &t, 1, false, stop_loop, l), RC_OK);
    assert_int_equal(loop_timer_start(l, &u, 40, false, unkeep, l), RC_OK);
    assert_int_equal(loop_run(l, 5000), RC_OK);
    assert_in_range(clock_mono_ms() - begun, 35, 2000);
    loop_free(l);

    /* And here never writes it. */
    l = loop_new();
    begun = clock_mono_ms();
    loop_keep(l, 1);
    loop_stop(l);
    loop_stop(l);
    assert_int_equal(loop_run(l, 40), RC_TIMEOUT);
    assert_in_range(clock_mono_ms() - begun, 35, 2000);
    loop_free(l);
}

struct watched {
    struct loop_watch watch;
    int fd, readable, writable;
};

static void on_ready(bool readable, bool writable, void *arg)
{
    struct watched *w = arg;
    char c;

    if (readable)
        assert_int_equal(read(w->fd, &c, 1), 1);
    w->readable += readable;
    w->writable += writable;
    if (writable)
        loop_watch_stop(&w->watch); /* from inside its own callback */
}

static void descriptors(void **state)
{
    struct loop *l = loop_new();
    struct watched r = { 0 }, w = { 0 };
    int fd[2];

    (void)state;
    assert_int_equal(pipe(fd), 0);
    r.fd = fd[0];
    loop_watch_stop(&r.watch);
    assert_int_equal(loop_watch_start(l, &r.watch, fd[0], true, false, on_ready, &r), RC_OK);
    assert_int_equal(loop_watch_start(l, &w.watch, fd[1], false, true, on_ready, &w), RC_OK);
    turns_until(l, &w.writable, 1);
    assert_int_equal(loop_turn(l, 5), RC_OK);
    assert_int_equal(w.writable, 1);
    assert_int_equal(r.readable, 0);
    assert_int_equal(write(fd[1], "ab", 2), 2);
    turns_until(l, &r.readable, 2); /* level triggered: the second byte is told too */
    assert_int_equal(loop_watch_start(l, &r.watch, fd[0], false, false, on_ready, &r), RC_OK);
    assert_int_equal(write(fd[1], "c", 1), 1);
    assert_int_equal(loop_turn(l, 5), RC_OK);
    assert_int_equal(r.readable, 2);
    loop_watch_stop(&r.watch);
    close(fd[0]);
    close(fd[1]);
    loop_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turn_sleeps_as_told),
        cmocka_unit_test(timers),
        cmocka_unit_test(timers_from_inside),
        cmocka_unit_test(signals),
        cmocka_unit_test(hooks_run_before_and_after_the_sleep),
        cmocka_unit_test(destroyed_at_the_end_of_the_turn),
        cmocka_unit_test(now_is_not_from_before_the_sleep),
        cmocka_unit_test(a_run_ends),
        cmocka_unit_test(descriptors),
    };

    return cmocka_run_group_tests_name("loop_loop", tests, NULL, NULL);
}
