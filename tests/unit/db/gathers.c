/* Asks of many tasks in one call: who gets what, who fails, and that nobody waits for a neighbour's trouble. */
#include "support.h"
#include <stdio.h>
#include <string.h>
#include "khop/base/banned.h"

#define ASKS 21
#define MOST 8 /* many.sql */
#define SLOW 150

static struct probe probes[ASKS];
static char conninfo[320];

static void open_named(const char *application, int readers)
{
    snprintf(conninfo, sizeof conninfo, "%s application_name=%s", cluster_conninfo(), application);
    struct db_config config = test_config(conninfo);

    config.readers = readers;
    config.lanes = 0;
    db_up(&config);
}

static int setup(void **state)
{
    (void)state;
    memset(probes, 0, sizeof probes);
    probes_ended = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (db != NULL)
        db_down();
    return 0;
}

static struct db_stats stats(void)
{
    struct db_stats s;

    db_stats(db, &s);
    return s;
}

static void ask(struct probe *p, int64_t n, int ms)
{
    struct db_args args;

    p->columns = 2;
    db_args_init(&args, p->task.arena);
    db_arg_i64(&args, n);
    db_arg_i32(&args, ms);
    probe_call(p, TEST_MANY, &args);
}

/* The first one on its way, and slow; the others wait. */
static void ask_all(int64_t first_ms)
{
    for (int i = 0; i < ASKS; i++)
        probe_begin(&probes[i], 10000);
    ask(&probes[0], 1, (int)first_ms);
    turn_for(20);
    for (int i = 1; i < ASKS; i++)
        ask(&probes[i], i, 0);
}

static void assert_answered(const struct probe *p, int64_t n)
{
    assert_int_equal(p->rc, RC_OK);
    assert_int_equal(p->rows, n % 3);
    if (n % 3 > 0)
        assert_int_equal(p->first, n);
}

/* What waits goes together, at most so many; each gets its own rows, also when that is none or several. */
static void test_together(void **state)
{
    (void)state;
    open_named("together", 1);
    ask_all(SLOW);
    assert_int_equal(stats().gathers, 1);
    assert_int_equal(stats().waiting, ASKS - 1);
    probe_wait(probes, ASKS);
    assert_answered(&probes[0], 1);
    assert_int_equal(probes[0].second, 1);
    for (int i = 1; i < ASKS; i++) {
        assert_answered(&probes[i], i);
        assert_int_equal(probes[i].order, i + 1);
        if (i % 3 > 0)
            assert_int_equal(probes[i].second, i <= 2 * MOST ? MOST : ASKS - 1 - 2 * MOST);
    }
    assert_int_equal(stats().gathers, 1 + (ASKS - 1 + MOST - 1) / MOST);
    assert_int_equal(stats().calls, ASKS);
    assert_int_equal(stats().waiting, 0);
    assert_int_equal(stats().resubmits, 0);
}

/* One of them is what the database refuses: that one fails, and its neighbours are answered. */
static void test_one_fails_alone(void **state)
{
    (void)state;
    open_named("one_fails", 1);
    for (int i = 0; i < MOST; i++) {
        probe_begin(&probes[i], 10000);
        ask(&probes[i], i == 3 ? -1 : i, 0);
    }
    probe_wait(probes, MOST);
    for (int i = 0; i < MOST; i++) {
        if (i == 3)
            assert_int_equal(probes[i].rc, RC_BAD_INPUT);
        else
            assert_answered(&probes[i], i);
    }
    assert_int_equal(stats().gathers, 1 + MOST);
    assert_int_equal(stats().failures, 1);
    assert_int_equal(stats().resubmits, MOST);
    /* And what is asked later goes together again. */
    probe_begin(&probes[8], 10000);
    probe_begin(&probes[9], 10000);
    ask(&probes[8], 1, 0);
    ask(&probes[9], 2, 0);
    probe_wait(&probes[8], 2);
    assert_int_equal(probes[9].second, 2);
}

/* One takes longer than a statement may: its neighbours are asked for again, it is not waited for twice. */
static void test_one_is_too_slow(void **state)
{
    snprintf(conninfo, sizeof conninfo, "%s application_name=too_slow", cluster_conninfo());
    struct db_config config = test_config(conninfo);

    (void)state;
    config.readers = 1;
    config.statement_ms = 100;
    db_up(&config);
    for (int i = 0; i < 3; i++) {
        probe_begin(&probes[i], 10000);
        ask(&probes[i], i, i == 1 ? 400 : 0);
    }
    probe_wait(probes, 3);
    assert_answered(&probes[0], 0);
    assert_int_equal(probes[1].rc, RC_TIMEOUT);
    assert_answered(&probes[2], 2);
}

/* A slow call for many does not hold up what another reader can do; calls of other statements pass it as well. */
static void test_other_reader(void **state)
{
    (void)state;
    open_named("other_reader", 2);
    for (int i = 0; i < 3; i++)
        probe_begin(&probes[i], 10000);
    ask(&probes[0], 1, 2 * SLOW);
    turn_for(20);
    ask(&probes[1], 2, 0);
    probe_number(&probes[2], 7);
    probe_wait(probes, 3);
    assert_answered(&probes[1], 2);
    assert_int_equal(probes[2].first, 7);
    assert_int_equal(probes[0].order, 3);
}

/* Who is answered at its deadline before it was sent is not asked for; who is answered while it is under way takes nothing
 * from its neighbours. */
static void test_deadlines(void **state)
{
    (void)state;
    open_named("deadlines", 1);
    for (int i = 0; i < 5; i++)
        probe_begin(&probes[i], i == 0 || i == 3 ? 50 : 10000);
    ask(&probes[0], 1, 2 * SLOW);
    ask(&probes[1], 1, 0);
    turn_for(20);
    for (int i = 2; i < 5; i++)
        ask(&probes[i], 2, 0);
    probe_wait(probes, 5);
    assert_int_equal(probes[0].rc, RC_TIMEOUT);
    assert_int_equal(probes[3].rc, RC_TIMEOUT);
    assert_answered(&probes[1], 1);
    assert_answered(&probes[2], 2);
    assert_answered(&probes[4], 2);
    assert_int_equal(probes[1].second, 2);
    assert_int_equal(probes[4].second, 2);
    assert_int_equal(stats().waiting, 0);
}

/* The connection dies under a call for many: a read, so each is asked for again. */
static void test_backend_killed(void **state)
{
    (void)state;
    open_named("many_killed", 1);
    for (int i = 0; i < 4; i++) {
        probe_begin(&probes[i], 10000);
        ask(&probes[i], i, i == 0 ? 2 * SLOW : 0);
    }
    turn_for(50);
    assert_int_equal(kill_backends("many_killed"), 1);
    probe_wait(probes, 4);
    for (int i = 0; i < 4; i++)
        assert_answered(&probes[i], i);
    assert_int_equal(stats().reconnects, 1);
    assert_int_equal(stats().failures, 0);
}

static void ask_astray(struct probe *p)
{
    struct db_args args;

    probe_begin(p, 10000);
    db_args_init(&args, p->task.arena);
    db_arg_i64(&args, 1);
    probe_call(p, TEST_MANY_ASTRAY, &args);
}

/* Rows that say another place than one of the asks are a fault of ours: nobody gets what may be somebody else's. */
static void test_rows_astray(void **state)
{
    (void)state;
    open_named("astray", 1);
    ask_astray(&probes[0]);
    ask_astray(&probes[1]);
    probe_wait(probes, 2);
    assert_int_equal(probes[0].rc, RC_INTERNAL);
    assert_int_equal(probes[1].rc, RC_INTERNAL);
    assert_int_equal(stats().failures, 2);
}

/* Statements for many do not mix. */
static void test_two_statements(void **state)
{
    (void)state;
    open_named("two_statements", 1);
    probe_begin(&probes[0], 10000);
    ask(&probes[0], 2, 0);
    ask_astray(&probes[1]);
    probe_begin(&probes[2], 10000);
    ask(&probes[2], 2, 0);
    probe_wait(probes, 3);
    assert_int_equal(probes[0].second, 2);
    assert_int_equal(probes[1].rc, RC_INTERNAL);
    assert_answered(&probes[2], 2);
}

static int drop_step(struct task *t)
{
    const struct db_rows *rows = db_result(t);

    assert_int_equal(db_i64(rows, 0, 0), 1);
    db_result_drop(t);
    assert_null(db_result(t));
    return probe_step(t);
}

static int ask_and_drop(struct task *t)
{
    struct db_args args;

    db_args_init(&args, t->arena);
    db_arg_i64(&args, 1);
    db_arg_i32(&args, 0);
    return db_call(db, t, (enum db_stmt)TEST_MANY, &args, drop_step);
}

/* Rows that are given back early: the neighbours' stay. */
static void test_drop(void **state)
{
    (void)state;
    open_named("drop", 1);
    for (int i = 0; i < 3; i++)
        probe_begin(&probes[i], 10000);
    ask(&probes[0], 2, 0);
    task_run(&probes[1].task, ask_and_drop);
    ask(&probes[2], 2, 0);
    probe_wait(probes, 3);
    assert_int_equal(probes[1].rc, RC_OK);
    assert_int_equal(probes[1].rows, 0);
    assert_answered(&probes[0], 2);
    assert_answered(&probes[2], 2);
    assert_int_equal(probes[2].second, 3);
}

/* Closing: those under way are unknown, those that waited were not done. */
static void test_close(void **state)
{
    (void)state;
    open_named("many_closing", 1);
    ask_all(SLOW);
    db_close(db);
    db = NULL;
    probe_wait(probes, ASKS);
    for (int i = 0; i < ASKS; i++)
        assert_int_equal(probes[i].rc, i == 0 ? RC_UNKNOWN : RC_UNAVAILABLE);
    loop_free(loop);
    loop = NULL;
}

int gathers_tests(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_together),   T(test_one_fails_alone), T(test_one_is_too_slow), T(test_other_reader),   T(test_deadlines),
        T(test_backend_killed), T(test_rows_astray), T(test_two_statements),  T(test_drop),           T(test_close),
    };

    return cmocka_run_group_tests_name("gathers", tests, NULL, NULL);
}
