/* Calls of tasks: order, failures alone, bounds, deadlines, and what a lost connection means. */
#include "support.h"
#include "khop/base/clock.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "khop/base/banned.h"

#define MANY 300

static struct probe probes[MANY];
static char conninfo[320];

/* Each test names its connections, so that the boss kills those and no others. */
static struct db_config config_named(const char *application)
{
    snprintf(conninfo, sizeof conninfo, "%s application_name=%s", cluster_conninfo(), application);
    return test_config(conninfo);
}

static int setup(void **state)
{
    (void)state;
    memset(probes, 0, sizeof probes);
    probes_ended = 0;
    table_clear();
    fault_set("", 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (db != NULL)
        db_down();
    return 0;
}

static void begin_all(size_t n, int64_t deadline_ms)
{
    for (size_t i = 0; i < n; i++)
        probe_begin(&probes[i], deadline_ms);
}

static struct db_stats stats(void)
{
    struct db_stats s;

    db_stats(db, &s);
    return s;
}

/* Far more calls than one connection may have in flight: all are answered, each with its own rows, in order. */
static void test_pipelining(void **state)
{
    struct db_config config = config_named("pipelining");

    (void)state;
    config.readers = 1;
    config.lanes = 0;
    db_up(&config);
    begin_all(MANY, 10000);
    for (int i = 0; i < MANY; i++)
        probe_number(&probes[i], i * 1000);
    assert_true(stats().waiting > 0);
    probe_wait(probes, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(probes[i].rc, RC_OK);
        assert_int_equal(probes[i].rows, 1);
        assert_int_equal(probes[i].first, i * 1000);
        assert_int_equal(probes[i].order, i + 1);
    }
    assert_int_equal(stats().waiting, 0);
    assert_int_equal(stats().calls, MANY);
    assert_int_equal(stats().failures, 0);
}

static void call_divide(struct probe *p, int32_t a, int32_t b)
{
    struct db_args args;

    p->columns = 1;
    db_args_init(&args, p->task.arena);
    db_arg_i32(&args, a);
    db_arg_i32(&args, b);
    probe_call(p, TEST_DIVIDE, &args);
}

static void test_one_fails_alone(void **state)
{
    struct db_config config = config_named("fails_alone");

    (void)state;
    config.readers = 1;
    db_up(&config);
    begin_all(40, 10000);
    for (int i = 0; i < 40; i++)
        call_divide(&probes[i], 100 + i, i % 10 == 7 ? 0 : 1);
    probe_wait(probes, 40);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(probes[i].rc, i % 10 == 7 ? RC_BAD_INPUT : RC_OK);
        if (i % 10 != 7)
            assert_int_equal(probes[i].first, 100 + i);
    }
    assert_int_equal(stats().failures, 4);
    assert_int_equal(stats().reconnects, 0);
}

/* The statement succeeded and returned its row; COMMIT refuses. That is a failure. */
static void test_error_at_commit(void **state)
{
    struct db_config config = config_named("at_commit");
    struct db_args args;

    (void)state;
    config.readers = 1;
    db_up(&config);
    begin_all(3, 10000);
    probe_number(&probes[0], 1);
    db_args_init(&args, probes[1].task.arena);
    db_arg_i32(&args, 1); /* is there already; the constraint is deferred */
    probe_call(&probes[1], TEST_PUT_LATE, &args);
    probe_number(&probes[2], 3);
    probe_wait(probes, 3);
    assert_int_equal(probes[0].rc, RC_OK);
    assert_int_equal(probes[1].rc, RC_CONFLICT);
    assert_int_equal(probes[2].rc, RC_OK);
    assert_int_equal(stats().reconnects, 0);
}

/* Rolled back by a conflict of transactions: repeated here, and nobody notices; but not for ever. */
static void test_rolled_back_is_repeated(void **state)
{
    struct db_config config = config_named("rolled_back");

    (void)state;
    db_up(&config);
    fault_set("40001", 2);
    begin_all(2, 10000);
    probe_call(&probes[0], TEST_FAIL, NULL);
    probe_wait(probes, 1);
    assert_int_equal(probes[0].rc, RC_OK);
    assert_int_equal(stats().resubmits, 2);
    fault_set("40P01", 1000);
    probe_call(&probes[1], TEST_FAIL, NULL);
    probe_wait(&probes[1], 1);
    assert_int_equal(probes[1].rc, RC_BUSY);
}

/* A statement whose plan is out of date, or a node that became read only: another connection, and once more. */
static void test_session_out_of_date(void **state)
{
    static const char *const states[] = { "0A000", "26000", "25006" };
    struct db_config config = config_named("out_of_date");

    (void)state;
    config.lanes = 0;
    db_up(&config);
    begin_all(3, 10000);
    for (size_t i = 0; i < 3; i++) {
        fault_set(states[i], 1);
        probe_call(&probes[i], TEST_FAIL, NULL);
        probe_wait(&probes[i], 1);
        assert_int_equal(probes[i].rc, RC_OK);
        assert_int_equal(stats().resubmits, i + 1);
    }
    turn_for(150);
    assert_int_equal(stats().reconnects, 3);
    assert_int_equal(stats().connected, 2);
}

static void test_bounded_waiting(void **state)
{
    struct db_config config = config_named("bounded");
    int ok = 0, busy = 0;

    (void)state;
    config.readers = 1;
    config.lanes = 0;
    config.max_waiting = 10;
    db_up(&config);
    begin_all(40, 10000);
    for (int i = 0; i < 40; i++)
        probe_slow(&probes[i], 1, i);
    for (int i = 0; i < 40; i++) /* the refused are answered at once, before anything else */
        busy += probes[i].done;
    probe_wait(probes, 40);
    for (int i = 0; i < 40; i++) {
        assert_true(probes[i].rc == RC_OK || probes[i].rc == RC_BUSY);
        ok += probes[i].rc == RC_OK;
    }
    assert_int_equal(ok, 16 + 10); /* in flight and waiting */
    assert_int_equal(busy, 40 - ok);
}

/* Tasks answered at their deadline give their place in the queue back, and what was not sent is not done. */
static void test_deadline_while_waiting(void **state)
{
    struct db_config config = config_named("deadline");

    (void)state;
    config.readers = 1;
    config.lanes = 0;
    config.max_waiting = 5;
    db_up(&config);
    begin_all(16, 10000);
    probe_slow(&probes[0], 700, 1);
    for (int i = 1; i < 16; i++)
        probe_number(&probes[i], 0);
    for (int i = 16; i < 21; i++) {
        char ext[16];

        snprintf(ext, sizeof ext, "d%d", i);
        probe_begin(&probes[i], 100);
        probe_put(&probes[i], 1, ext, 1, 0);
    }
    assert_int_equal(stats().waiting, 5);
    probe_wait(&probes[16], 5);
    for (int i = 16; i < 21; i++)
        assert_int_equal(probes[i].rc, RC_TIMEOUT);
    assert_false(probes[0].done);
    probe_begin(&probes[21], 10000);
    probe_number(&probes[21], 5); /* there is room again */
    assert_false(probes[21].done);
    probe_wait(probes, 16);
    probe_wait(&probes[21], 1);
    assert_int_equal(probes[21].rc, RC_OK);
    assert_int_equal(table_count(0), 0);
}

/* A call in flight when its task's deadline passes goes on, and its answer harms nobody. */
static void test_deadline_in_flight(void **state)
{
    struct db_config config = config_named("late");

    (void)state;
    db_up(&config);
    probe_begin(&probes[0], 50);
    probe_put(&probes[0], 1, "late", 1, 300);
    probe_wait(probes, 1);
    assert_int_equal(probes[0].rc, RC_TIMEOUT);
    turn_for(400);
    assert_int_equal(table_count(0), 1);
}

/* Backends killed with calls in flight: what may be repeated succeeds, what may not is reported as unknown. */
static void test_backend_killed(void **state)
{
    struct db_config config = config_named("killed");

    (void)state;
    config.readers = 1;
    config.lanes = 0;
    db_up(&config);
    begin_all(12, 10000);
    probe_slow(&probes[0], 300, 7);
    for (int i = 1; i < 10; i++)
        probe_number(&probes[i], i);
    probe_put(&probes[10], 1, "a", 1, 0);
    probe_put(&probes[11], 1, "b", 1, 0);
    turn_for(60);
    assert_int_equal(kill_backends("killed"), 1);
    probe_wait(probes, 12);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(probes[i].rc, RC_OK);
        assert_int_equal(probes[i].first, i == 0 ? 7 : i);
    }
    for (int i = 0; i + 1 < 10; i++)
        assert_int_equal(probes[i].order + 1, probes[i + 1].order); /* still in order */
    assert_int_equal(probes[10].rc, RC_UNKNOWN);
    assert_int_equal(probes[11].rc, RC_UNKNOWN);
    assert_int_equal(stats().reconnects, 1);
    assert_int_equal(stats().resubmits, 10);
}

/* The server goes down and comes back under load: nothing that may be repeated is lost, waiters go on. */
static void test_server_restart(void **state)
{
    struct db_config config = config_named("restart");
    pid_t pid = 0;
    int sent = 0;

    (void)state;
    db_up(&config);
    boss_close();
    begin_all(MANY, 15000);
    while (sent < MANY) {
        for (int i = 0; i < 10; i++, sent++)
            probe_number(&probes[sent], sent);
        if (sent == 50)
            pid = cluster_begin("restart", "immediate");
        turn_for(5);
    }
    probe_wait(probes, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(probes[i].rc, RC_OK);
        assert_int_equal(probes[i].first, i);
    }
    while (!cluster_ended(pid))
        turn_for(10);
    assert_true(stats().reconnects >= 1);
    boss_open();
}

static bool refused(void *arg)
{
    (void)arg;
    return db_schema_state(db) == RC_CONFLICT;
}

/* Another schema: never ready, calls are refused at once; when it fits again (khop migrate ran) it serves. */
static void test_schema_mismatch(void **state)
{
    struct db_schema other = test_schema;
    struct db_config config = config_named("mismatch");

    (void)state;
    other.hash = "another";
    config.schema = &other;
    loop = loop_new();
    db = db_open(loop, &config);
    assert_int_equal(db_schema_state(db), RC_UNAVAILABLE);
    turn_until(refused, NULL);
    assert_false(db_ready(db));
    probe_begin(&probes[0], 1000);
    probe_number(&probes[0], 1);
    assert_true(probes[0].done);
    assert_int_equal(probes[0].rc, RC_UNAVAILABLE);
    other.hash = test_schema.hash;
    while (!db_ready(db))
        turn_for(10);
    assert_int_equal(db_schema_state(db), RC_OK);
}

/* A database without any schema of ours. */
static void test_schema_missing(void **state)
{
    struct db_config config;

    (void)state;
    snprintf(conninfo, sizeof conninfo, "%s dbname=template1", cluster_conninfo());
    config = test_config(conninfo);
    loop = loop_new();
    db = db_open(loop, &config);
    turn_until(refused, NULL);
    assert_false(db_ready(db));
}

/* A host that takes the connection and says nothing: the next host is tried after connect_ms. */
static void test_silent_host(void **state)
{
    char folder[64];
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct db_config config;

    (void)state;
    snprintf(folder, sizeof folder, "%s-silent", cluster_dir());
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(name.sun_path, sizeof name.sun_path, "%s/.s.PGSQL.5432", folder);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(fd, 100), 0);
    snprintf(conninfo, sizeof conninfo, "host=%s,%s user=postgres dbname=postgres", folder, cluster_dir());
    config = test_config(conninfo);
    config.connect_ms = 200;
    db_up(&config);
    probe_begin(&probes[0], 1000);
    probe_number(&probes[0], 1);
    probe_wait(probes, 1);
    assert_int_equal(probes[0].rc, RC_OK);
    close(fd);
    unlink(name.sun_path);
    rmdir(folder);
}

/* A server that stops answering while the connection stands: it is given up, and the call goes to another one. */
static void test_stalled_backend(void **state)
{
    struct db_config config = config_named("stalled");

    (void)state;
    config.readers = 1;
    config.lanes = 0;
    config.statement_ms = 100;
    config.stall_ms = 200;
    db_up(&config);
    begin_all(2, 10000);
    probe_slow(&probes[0], 0, 1);
    probe_wait(probes, 1);
    pid_t backend = (pid_t)probes[0].second;

    assert_true(backend > 1);
    assert_int_equal(kill(backend, SIGSTOP), 0);
    probe_slow(&probes[1], 0, 2);
    probe_wait(&probes[1], 1);
    assert_int_equal(kill(backend, SIGCONT), 0);
    assert_int_equal(probes[1].rc, RC_OK);
    assert_true(probes[1].second != backend);
    assert_int_equal(stats().reconnects, 1);
}

/* Closing with calls everywhere: those sent are unknown, those that waited were not done. */
static void test_close_with_calls(void **state)
{
    struct db_config config = config_named("closing");

    (void)state;
    config.readers = 1;
    db_up(&config);
    begin_all(30, 10000);
    for (int i = 0; i < 30; i++)
        probe_slow(&probes[i], 50, i);
    db_close(db);
    db = NULL;
    probe_wait(probes, 30);
    for (int i = 0; i < 30; i++)
        assert_int_equal(probes[i].rc, i < 16 ? RC_UNKNOWN : RC_UNAVAILABLE);
    loop_free(loop);
    loop = NULL;
}

int calls_tests(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_pipelining),
        T(test_one_fails_alone),
        T(test_error_at_commit),
        T(test_rolled_back_is_repeated),
        T(test_session_out_of_date),
        T(test_bounded_waiting),
        T(test_deadline_while_waiting),
        T(test_deadline_in_flight),
        T(test_backend_killed),
        T(test_server_restart),
        T(test_schema_mismatch),
        T(test_schema_missing),
        T(test_silent_host),
        T(test_stalled_backend),
        T(test_close_with_calls),
    };

    return cmocka_run_group_tests_name("calls", tests, NULL, NULL);
}
