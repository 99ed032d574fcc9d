/* Batches in lanes: they form by themselves, bad items end alone, and whatever happens to connections every item is in the
 * table exactly once and every waiter is woken. */
#include "support.h"
#include "khop/base/clock.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "khop/base/banned.h"

#define MANY 3000

struct item {
    char ext[24];
    int64_t n, answered;
    int32_t bucket;
    size_t weight;
    bool repeated;
};

static struct probe probes[MANY];
static struct item items[MANY];
static struct db_batch *batch;
static int run_ms;          /* how long one call takes in the server */
static size_t encode_limit; /* more items than this are too large to encode; 0: none */
static size_t largest;      /* items in one call */
static int64_t called[100];   /* numbers in the order of the calls */
static size_t n_called;

static int encode(struct db_args *args, int32_t bucket, void *const *all, size_t n)
{
    struct slice *ext = arena_array(args->arena, n, sizeof *ext);
    int64_t *numbers = arena_array(args->arena, n, sizeof *numbers);

    if (ext == NULL || numbers == NULL)
        return RC_NOMEM;
    if (encode_limit > 0 && n > encode_limit)
        return RC_TOO_LARGE;
    for (size_t i = 0; i < n; i++) {
        const struct item *it = all[i];

        assert_int_equal(it->bucket, bucket);
        ext[i] = slice_of(it->ext);
        numbers[i] = it->n;
        if (n_called < sizeof called / sizeof *called)
            called[n_called++] = it->n;
    }
    if (n > largest)
        largest = n;
    db_arg_i32(args, bucket);
    db_arg_text_array(args, ext, n);
    db_arg_i64_array(args, numbers, NULL, n);
    db_arg_i32(args, run_ms);
    return RC_OK;
}

static int decode(const struct db_rows *rows, void *const *all, size_t n)
{
    if ((size_t)db_rows_count(rows) != n)
        return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        struct item *it = all[i];

        it->answered = db_i64(rows, (int)i, 1);
        it->repeated = db_bool(rows, (int)i, 2);
    }
    return RC_OK;
}

static char conninfo[320];

static void up(const char *application, const char *more, int lanes, size_t max_weight, size_t max_queued)
{
    struct db_batch_kind kind = { (enum db_stmt)TEST_SETTLE, max_weight, max_queued, encode, decode };
    struct db_config config;

    snprintf(conninfo, sizeof conninfo, "%s application_name=%s %s", cluster_conninfo(), application, more);
    config = test_config(conninfo);
    config.lanes = lanes;
    config.readers = 1;
    config.trouble_ms = 150;
    db_up(&config);
    batch = db_batch_new(db, &kind);
    assert_non_null(batch);
}

static int setup(void **state)
{
    (void)state;
    memset(probes, 0, sizeof probes);
    memset(items, 0, sizeof items);
    probes_ended = 0;
    run_ms = 0;
    encode_limit = 0;
    largest = 0;
    n_called = 0;
    table_clear();
    fault_set("", 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    db_batch_free(batch);
    batch = NULL;
    if (db != NULL)
        db_down();
    return 0;
}

static int submit_step(struct task *t)
{
    struct item *it = t->state;

    return db_batch_submit(batch, it->bucket, t, it, it->weight, probe_step);
}

static void submit(int i, int32_t bucket, int64_t n, int64_t deadline_ms)
{
    snprintf(items[i].ext, sizeof items[i].ext, "x%d", i);
    items[i].n = n;
    items[i].bucket = bucket;
    items[i].weight = 1;
    probe_begin(&probes[i], deadline_ms);
    probes[i].task.state = &items[i];
    task_run(&probes[i].task, submit_step);
}

static void check_ok(int from, int to)
{
    for (int i = from; i < to; i++) {
        assert_int_equal(probes[i].rc, RC_OK);
        assert_true(items[i].answered == items[i].n);
    }
}

static struct db_stats stats(void)
{
    struct db_stats s;

    db_stats(db, &s);
    return s;
}

/* While one batch runs the next one collects: far fewer batches than items, and no timer makes a lone item wait. */
static void test_natural_batching(void **state)
{
    (void)state;
    up("natural", "", 2, 1000, 0);
    int64_t start = clock_mono_ms();

    submit(0, 1, 1, 5000);
    probe_wait(probes, 1);
    assert_true(clock_mono_ms() - start < 100);
    run_ms = 5;
    for (int i = 1; i < MANY; i++) {
        submit(i, i % 4, i, 10000);
        if (i % 20 == 0)
            turn_for(1);
    }
    probe_wait(probes, MANY);
    check_ok(0, MANY);
    assert_int_equal(table_count(0), MANY);
    assert_int_equal(table_count(1), (int64_t)MANY * (MANY - 1) / 2 + 1);
    assert_int_equal(table_count(2), stats().batches);
    assert_int_equal(stats().batch_items, MANY);
    assert_true(stats().batches < MANY / 10);
    assert_int_equal(stats().resubmits, 0);
}

static void test_order(void **state)
{
    (void)state;
    up("order", "", 1, 100, 0);
    for (int i = 0; i < 60; i++)
        submit(i, 1, i * 7 % 60, 5000);
    probe_wait(probes, 60);
    check_ok(0, 60);
    assert_int_equal(n_called, 60);
    for (size_t i = 0; i < n_called; i++)
        assert_int_equal(called[i], i * 7 % 60);
}

static void test_bad_items_alone(void **state)
{
    (void)state;
    up("halving", "", 1, 1000, 0);
    for (int i = 0; i < 300; i++)
        submit(i, i % 2, i == 0 || i == 77 || i == 299 ? -1 : i, 5000);
    probe_wait(probes, 300);
    for (int i = 0; i < 300; i++)
        assert_int_equal(probes[i].rc, i == 0 || i == 77 || i == 299 ? RC_BAD_INPUT : RC_OK);
    assert_int_equal(table_count(0), 297);
    /* 150 items a bucket, halved 8 times for each bad one at most, two calls a time. */
    assert_true(stats().batches <= 2 + 2 * 3 * 8);
    assert_int_equal(stats().reconnects, 0);
}

static void test_rolled_back_is_repeated(void **state)
{
    static const char *const states[] = { "40001", "40P01", "55P03", "57014" };

    (void)state;
    up("repeated", "", 1, 1000, 0);
    for (int i = 0; i < 4; i++) {
        fault_set(states[i], 3);
        submit(i, 5, i, 10000);
        probe_wait(&probes[i], 1);
        assert_int_equal(probes[i].rc, RC_OK);
        assert_int_equal(stats().resubmits, 3 * (i + 1));
    }
    fault_set("40001", 1000);
    submit(4, 5, 4, 10000);
    probe_wait(&probes[4], 1);
    assert_int_equal(probes[4].rc, RC_UNAVAILABLE); /* six times, then it is given back */
    assert_int_equal(stats().resubmits, 3 * 4 + 5);
    fault_set("", 0);
    submit(5, 5, 5, 10000);
    probe_wait(&probes[5], 1);
    assert_int_equal(probes[5].rc, RC_OK);
}

static void test_fault_of_ours(void **state)
{
    (void)state;
    up("fault", "", 1, 1000, 0);
    fault_set("42P01", 1);
    submit(0, 0, 1, 5000);
    submit(1, 0, 1, 5000);
    probe_wait(probes, 2);
    assert_int_equal(probes[0].rc, RC_INTERNAL);
    assert_int_equal(probes[1].rc, RC_INTERNAL);
    assert_int_equal(table_count(0), 0);
    fault_set("0A000", 1); /* a plan out of date: a new connection, and the same again */
    submit(2, 0, 1, 5000);
    probe_wait(&probes[2], 1);
    assert_int_equal(probes[2].rc, RC_OK);
    assert_int_equal(stats().reconnects, 1);
}

static bool ready(void *arg)
{
    (void)arg;
    return db_ready(db);
}

/* The machine is in trouble: the lane rests, /readyz is told, everybody is sent away; then it tries again. */
static void test_trouble(void **state)
{
    (void)state;
    up("trouble", "", 1, 10, 0);
    fault_set("53100", 1);
    for (int i = 0; i < 20; i++)
        submit(i, i % 3, i, 5000);
    probe_wait(probes, 20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(probes[i].rc, RC_UNAVAILABLE);
    assert_false(db_ready(db));
    submit(20, 0, 1, 5000);
    assert_int_equal(probes[20].rc, RC_UNAVAILABLE);
    assert_int_equal(table_count(0), 0);
    turn_until(ready, NULL);
    submit(21, 0, 1, 5000);
    probe_wait(&probes[21], 1);
    assert_int_equal(probes[21].rc, RC_OK);
}

/* Buckets of one lane take turns: a long queue does not keep a short one waiting. */
static void test_buckets_take_turns(void **state)
{
    (void)state;
    up("turns", "", 1, 50, 0);
    run_ms = 3;
    for (int i = 0; i < 1000; i++)
        submit(i, 1, i, 10000);
    submit(1000, 2, 1, 10000);
    probe_wait(probes, 1001);
    check_ok(0, 1001);
    assert_true(probes[1000].order <= 2 * 50 + 1);
    assert_int_equal(largest, 50);
    assert_int_equal(stats().batches, 21);
    for (int i = 1; i < 1000; i++) /* and inside a bucket the order is that of arrival */
        assert_true(probes[i].order > probes[i - 1].order);
}

static void test_weight_and_bound(void **state)
{
    (void)state;
    up("weight", "", 1, 100, 30);
    run_ms = 30;
    submit(0, 1, 0, 10000);
    turn_for(5); /* is running */
    for (int i = 1; i < 40; i++) {
        snprintf(items[i].ext, sizeof items[i].ext, "x%d", i);
        items[i].weight = i == 9 ? 500 : 40;
        items[i].bucket = 1;
        probe_begin(&probes[i], 10000);
        probes[i].task.state = &items[i];
        task_run(&probes[i].task, submit_step);
    }
    for (int i = 31; i < 40; i++)
        assert_int_equal(probes[i].rc, RC_BUSY);
    run_ms = 0;
    probe_wait(probes, 31);
    for (int i = 0; i < 31; i++)
        assert_int_equal(probes[i].rc, RC_OK);
    assert_int_equal(largest, 2);
    assert_int_equal(table_count(0), 31);
    assert_int_equal(stats().batches, 1 + 4 + 1 + 11); /* the running one, 8 by twos, the heavy one, 21 by twos */
}

static void test_too_large_to_encode(void **state)
{
    (void)state;
    up("encode", "", 1, 1000, 0);
    encode_limit = 7;
    for (int i = 0; i < 100; i++)
        submit(i, 1, i, 10000);
    probe_wait(probes, 100);
    check_ok(0, 100);
    assert_true(largest <= 7 && largest > 3);
}

/* A task that was answered at its deadline: its item goes through all the same. */
static void test_deadline_passes(void **state)
{
    (void)state;
    up("deadline", "", 1, 1000, 0);
    run_ms = 300;
    submit(0, 1, 1, 50);
    turn_for(10);
    submit(1, 1, 1, 50);
    probe_wait(probes, 2);
    assert_int_equal(probes[0].rc, RC_TIMEOUT);
    assert_int_equal(probes[1].rc, RC_TIMEOUT);
    run_ms = 0;
    turn_for(500);
    assert_int_equal(table_count(0), 2);
}

/* Backends of both lanes are killed again and again: nothing is lost, nothing is doubled, everybody hears of it. */
static void test_kill_at_random(void **state)
{
    int kills = 0, sent = 0;
    int64_t next = 0;

    (void)state;
    up("random", "", 2, 100, 0);
    run_ms = 2;
    while (sent < MANY) {
        for (int i = 0; i < 25 && sent < MANY; i++, sent++)
            submit(sent, sent % 5, sent, 18000);
        turn_for(1 + (int64_t)arc4random_uniform(8));
        if (clock_mono_ms() >= next) {
            kills += kill_backends("random") > 0;
            next = clock_mono_ms() + 40 + arc4random_uniform(60);
        }
    }
    probe_wait(probes, MANY);
    check_ok(0, MANY);
    assert_true(kills >= 3);
    assert_int_equal(table_count(0), MANY);
    assert_int_equal(table_count(3), MANY);
    assert_int_equal(table_count(1), (int64_t)MANY * (MANY - 1) / 2);
    assert_true(stats().reconnects >= 3);
}

/* The server stops at once and comes back while notices arrive. */
static void test_server_restart(void **state)
{
    pid_t pid = 0;
    int sent = 0;

    (void)state;
    up("reborn", "", 2, 100, 0);
    boss_close();
    run_ms = 2;
    while (sent < 1000) {
        for (int i = 0; i < 10; i++, sent++)
            submit(sent, sent % 5, sent, 18000);
        turn_for(4);
        if (sent == 200)
            pid = cluster_begin("restart", "immediate");
    }
    probe_wait(probes, 1000);
    while (!cluster_ended(pid))
        turn_for(10);
    check_ok(0, 1000);
    boss_open();
    assert_int_equal(table_count(0), 1000);
    assert_int_equal(table_count(3), 1000);
    assert_int_equal(table_count(1), 1000 * 999 / 2);
}

/* An item that ends its backend whenever it is sent: the others get through, it is given back in the end. */
static void test_poison(void **state)
{
    (void)state;
    up("poison", "", 1, 1000, 0);
    run_ms = 0;
    for (int i = 0; i < 4; i++) {
        submit(i, 1, i, 18000);
        if (i == 2)
            snprintf(items[i].ext, sizeof items[i].ext, "poison");
    }
    probe_wait(probes, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(probes[i].rc, i == 2 ? RC_UNKNOWN : RC_OK);
    assert_int_equal(table_count(0), 3);
}

static void demand_standby(bool on)
{
    boss_say(on ? "alter system set synchronous_standby_names = 'nobody'" : "alter system reset synchronous_standby_names");
    boss_say("select pg_reload_conf()");
}

static int teardown_standby(void **state)
{
    demand_standby(false);
    return teardown(state);
}

struct standby_wait {
    const char *name;
    const struct probe *p;
};

static bool waits_or_done(void *arg)
{
    const struct standby_wait *w = arg;

    return w->p->done || sync_waiters(w->name, false) > 0;
}

/* Submits until one waits for the standby: the setting takes a moment to be known. Returns which. */
static int submit_until_waiting(const char *name)
{
    for (int i = 0; i < 100; i++) {
        struct standby_wait w = { name, &probes[i] };

        submit(i, 1, 1, 18000);
        turn_until(waits_or_done, &w);
        if (!probes[i].done)
            return i;
    }
    fail();
    return -1;
}

/* Committed here, but the wait for the standby was cancelled: not proven, so it is sent again, and the repeat waits. */
static void test_standby_not_waited_for(void **state)
{
    static const char name[] = "standby";

    (void)state;
    demand_standby(true);
    up(name, "options='-c synchronous_commit=on'", 1, 1000, 0);
    int i = submit_until_waiting(name);
    struct standby_wait w = { name, &probes[i] };

    for (uint64_t times = 1; times <= 2; times++) {
        assert_int_equal(sync_waiters(name, true), 1);
        while (stats().resubmits < times)
            turn_for(5);
        turn_until(waits_or_done, &w);
        assert_false(probes[i].done);
    }
    /* The same for a single call that may not be repeated: nobody can say. */
    probe_begin(&probes[200], 18000);
    probe_put(&probes[200], 1, "alone", 1, 0);
    while (sync_waiters(name, false) < 2)
        turn_for(5);
    assert_int_equal(sync_waiters(name, true), 2);
    probe_wait(&probes[200], 1);
    assert_int_equal(probes[200].rc, RC_UNKNOWN);

    demand_standby(false);
    probe_wait(&probes[i], 1);
    check_ok(0, i + 1);
    assert_true(items[i].repeated);
    assert_int_equal(table_count(0), i + 2);
}

/* Freed with one batch in flight and others waiting. */
static void test_freed_in_flight(void **state)
{
    (void)state;
    up("freed", "", 1, 10, 0);
    run_ms = 50;
    for (int i = 0; i < 30; i++)
        submit(i, 1, i, 5000);
    turn_for(10);
    db_batch_free(batch);
    batch = NULL;
    probe_wait(probes, 30);
    for (int i = 0; i < 30; i++)
        assert_int_equal(probes[i].rc, i < 10 ? RC_UNKNOWN : RC_UNAVAILABLE);
    turn_for(100);
    assert_int_equal(table_count(0), 10);
}

int batches_tests(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_natural_batching),
        T(test_order),
        T(test_bad_items_alone),
        T(test_rolled_back_is_repeated),
        T(test_fault_of_ours),
        T(test_trouble),
        T(test_buckets_take_turns),
        T(test_weight_and_bound),
        T(test_too_large_to_encode),
        T(test_deadline_passes),
        T(test_kill_at_random),
        T(test_server_restart),
        T(test_poison),
        cmocka_unit_test_setup_teardown(test_standby_not_waited_for, setup, teardown_standby),
        T(test_freed_in_flight),
    };

    return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
