/* Every type of argument and column, there and back, with NULLs and the ends of what can be said. */
#include "support.h"
#include "khop/base/clock.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "khop/base/banned.h"

/* What PostgreSQL can say, in microseconds since 1970: its last timestamptz and its first (4713 BC), and a little inside. */
#define TIME_LAST  INT64_C(9223371331199999999)
#define TIME_FIRST INT64_C(-210866803200000000)
#define DATE_LAST  INT32_C(2145042905)  /* 5874897-12-31 */
#define DATE_FIRST INT32_C(-2440588)           /* 4713-11-24 BC: Julian day 0 */

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct db_rows *ask(int stmt, const struct db_args *args)
{
    const struct db_rows *rows = NULL;
    struct db_error err;

    if (db_admin_call(boss, (enum db_stmt)stmt, args, &rows, &err) < 0)
        fail_msg("%s", err.text);
    return rows;
}

struct values {
    bool b;
    int16_t s;
    int32_t i;
    int64_t l;
    struct slice t, y;
    int64_t z;
    int32_t d;
};

static void check_values(const struct values *v)
{
    struct db_args args;

    db_args_init(&args, arena);
    db_arg_bool(&args, v->b);
    db_arg_i16(&args, v->s);
    db_arg_i32(&args, v->i);
    db_arg_i64(&args, v->l);
    db_arg_text(&args, v->t);
    db_arg_bytes(&args, v->y);
    db_arg_time(&args, v->z);
    db_arg_date(&args, v->d);
    db_arg_text(&args, SLICE("{\"a\": 1}"));
    db_arg_null(&args);
    assert_int_equal(args.rc, RC_OK);
    const struct db_rows *r = ask(TEST_ECHO, &args);

    assert_int_equal(db_rows_count(r), 1);
    assert_int_equal(db_bool(r, 0, 0), v->b);
    assert_int_equal(db_i64(r, 0, 1), v->s);
    assert_int_equal(db_i64(r, 0, 2), v->i);
    assert_true(db_i64(r, 0, 3) == v->l);
    assert_true(slice_eq(db_text(r, 0, 4), v->t));
    assert_true(slice_eq(db_text(r, 0, 5), v->y));
    assert_true(db_time_us(r, 0, 6) == v->z);
    assert_int_equal(db_day(r, 0, 7), v->d);
    assert_true(slice_is(db_text(r, 0, 8), "{\"a\": 1}"));
    assert_true(db_null(r, 0, 9));
}

static void test_values(void **state)
{
    (void)state;
    struct values ordinary = { true, -2, 70000, -5000000000, SLICE("tiền ăn"), SLICE("\0\xff'\\"), 1784073600123456, 20649 };
    struct values most = { true, INT16_MAX, INT32_MAX, INT64_MAX, SLICE(""), SLICE(""), TIME_LAST, DATE_LAST };
    struct values least = { false, INT16_MIN, INT32_MIN, INT64_MIN, SLICE("x"), SLICE("\0"), TIME_FIRST, DATE_FIRST };
    struct values zero = { false, 0, 0, 0, SLICE("0"), SLICE("0"), 0, 0 };

    check_values(&ordinary);
    check_values(&most);
    check_values(&least);
    check_values(&zero);
}

static void test_nulls(void **state)
{
    struct db_args args;

    (void)state;
    db_args_init(&args, arena);
    for (int i = 0; i < 9; i++) {
        if (i == 4)
            db_arg_text(&args, (struct slice){ NULL, 0 });
        else if (i == 5)
            db_arg_bytes(&args, (struct slice){ NULL, 7 });
        else
            db_arg_null(&args);
    }
    db_arg_text(&args, SLICE("[1, \"đ\"]"));
    const struct db_rows *r = ask(TEST_ECHO, &args);

    for (int i = 0; i < 9; i++)
        assert_true(db_null(r, 0, i));
    assert_false(db_bool(r, 0, 0));
    assert_int_equal(db_i64(r, 0, 1), 0);
    assert_null(db_text(r, 0, 4).p);
    assert_int_equal(db_text(r, 0, 5).n, 0);
    assert_true(db_time_us(r, 0, 6) == 0);
    assert_int_equal(db_day(r, 0, 7), 0);
    assert_false(db_null(r, 0, 9));
    assert_true(slice_is(db_text(r, 0, 9), "[1, \"đ\"]")); /* jsonb, as text */
}

static void test_arrays(void **state)
{
    static const bool b[] = { true, false, true };
    static const int16_t s[] = { INT16_MIN, 0, INT16_MAX };
    static const int32_t i[] = { INT32_MIN, 0, INT32_MAX };
    static const int64_t l[] = { INT64_MIN, 0, INT64_MAX };
    static const struct slice t[] = { { "", 0 }, { NULL, 0 }, { "đồng", 6 } };
    static const struct slice y[] = { { "\0\1", 2 }, { "", 0 }, { NULL, 0 } };
    static const int64_t z[] = { TIME_FIRST, 0, TIME_LAST };
    static const int32_t d[] = { DATE_FIRST, 0, DATE_LAST };
    static const bool middle[] = { false, true, false };
    struct db_args args;

    (void)state;
    for (int nulls = 0; nulls < 2; nulls++) {
        const bool *absent = nulls ? middle : NULL;

        db_args_init(&args, arena);
        db_arg_bool_array(&args, b, 3);
        db_arg_i16_array(&args, s, absent, 3);
        db_arg_i32_array(&args, i, absent, 3);
        db_arg_i64_array(&args, l, absent, 3);
        db_arg_text_array(&args, t, 3);
        db_arg_bytes_array(&args, y, 3);
        db_arg_time_array(&args, z, absent, 3);
        db_arg_date_array(&args, d, absent, 3);
        const struct db_rows *r = ask(TEST_ECHO_ARRAYS, &args);

        assert_int_equal(db_rows_count(r), 3);
        for (int n = 0; n < 3; n++) {
            assert_int_equal(db_bool(r, n, 0), b[n]);
            assert_true(slice_eq(db_text(r, n, 4), t[n]));
            assert_int_equal(db_null(r, n, 4), t[n].p == NULL);
            assert_true(slice_eq(db_text(r, n, 5), y[n]));
            assert_int_equal(db_null(r, n, 5), y[n].p == NULL);
            assert_int_equal(db_null(r, n, 1), absent != NULL && absent[n]);
            assert_int_equal(db_null(r, n, 6), absent != NULL && absent[n]);
            if (absent != NULL && absent[n])
                continue;
            assert_int_equal(db_i64(r, n, 1), s[n]);
            assert_int_equal(db_i64(r, n, 2), i[n]);
            assert_true(db_i64(r, n, 3) == l[n]);
            assert_true(db_time_us(r, n, 6) == z[n]);
            assert_int_equal(db_day(r, n, 7), d[n]);
        }
    }
}

static void test_empty_arrays(void **state)
{
    struct db_args args;

    (void)state;
    db_args_init(&args, arena);
    db_arg_bool_array(&args, NULL, 0);
    db_arg_i16_array(&args, NULL, NULL, 0);
    db_arg_i32_array(&args, NULL, NULL, 0);
    db_arg_i64_array(&args, NULL, NULL, 0);
    db_arg_text_array(&args, NULL, 0);
    db_arg_bytes_array(&args, NULL, 0);
    db_arg_time_array(&args, NULL, NULL, 0);
    db_arg_date_array(&args, NULL, NULL, 0);
    assert_int_equal(args.rc, RC_OK);
    assert_int_equal(db_rows_count(ask(TEST_ECHO_ARRAYS, &args)), 0);
}

/* What cannot be said sticks, and nothing is sent. */
static void test_arguments_refused(void **state)
{
    const struct db_rows *rows = NULL;
    int64_t never[] = { 0, INT64_MIN };
    struct db_args args;
    struct db_error err;

    (void)state;
    db_args_init(&args, arena);
    db_arg_time(&args, INT64_MIN);
    db_arg_i64(&args, 1);
    assert_int_equal(args.rc, RC_BAD_INPUT);
    assert_int_equal(args.n, 0);
    assert_int_equal(db_admin_call(boss, (enum db_stmt)TEST_NUMBER, &args, &rows, &err), RC_BAD_INPUT);
    assert_null(rows);

    db_args_init(&args, arena);
    db_arg_date(&args, INT32_MIN);
    assert_int_equal(args.rc, RC_BAD_INPUT);

    db_args_init(&args, arena);
    db_arg_time_array(&args, never, NULL, 2);
    assert_int_equal(args.rc, RC_BAD_INPUT);

    db_args_init(&args, arena);
    for (int i = 0; i < DB_ARGS_MAX; i++)
        db_arg_bool(&args, true);
    assert_int_equal(args.rc, RC_OK);
    db_arg_bool(&args, true);
    assert_int_equal(args.rc, RC_TOO_LARGE);

    db_args_init(&args, arena);
    db_arg_bytes(&args, (struct slice){ "", (size_t)1 << 31 });
    assert_int_equal(args.rc, RC_TOO_LARGE);

    struct arena *tiny = arena_new(64);
    int64_t many[64] = { 0 };

    db_args_init(&args, tiny);
    db_arg_i64_array(&args, many, NULL, 64);
    assert_int_equal(args.rc, RC_NOMEM);
    arena_free(tiny);
}

/* The server's refusals as rc, and as a sentence. */
static void test_errors(void **state)
{
    static const struct {
        const char *sqlstate;
        int rc;
    } cases[] = {
        { "22003", RC_BAD_INPUT }, { "23514", RC_BAD_INPUT },   { "23505", RC_CONFLICT },    { "40001", RC_BUSY },
        { "40P01", RC_BUSY },      { "55P03", RC_BUSY },        { "57014", RC_TIMEOUT },     { "P0001", RC_INTERNAL },
        { "42501", RC_FORBIDDEN }, { "42P01", RC_INTERNAL },    { "53100", RC_UNAVAILABLE }, { "58030", RC_UNAVAILABLE },
        { "25006", RC_UNAVAILABLE }, { "08006", RC_UNKNOWN },   { "XX001", RC_UNAVAILABLE }, { "40003", RC_UNKNOWN },
    };
    const struct db_rows *rows = NULL;
    struct db_error err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fault_set(cases[i].sqlstate, 1);
        assert_int_equal(db_admin_call(boss, (enum db_stmt)TEST_FAIL, NULL, &rows, &err), cases[i].rc);
        assert_string_equal(err.sqlstate, cases[i].sqlstate);
        assert_string_equal(err.text, "fail: as ordered");
        assert_int_equal(db_admin_call(boss, (enum db_stmt)TEST_FAIL, NULL, &rows, &err), RC_OK);
    }
    fault_set("", 0);
}

/* Reading a column as what it is not ends the process: a fault of ours, and one that no test survives. */
static void test_wrong_column_aborts(void **state)
{
    struct db_args args;

    (void)state;
    db_args_init(&args, arena);
    db_arg_i64(&args, 1);
    const struct db_rows *r = ask(TEST_NUMBER, &args);

    for (int kind = 0; kind < 4; kind++) {
        pid_t pid = fork();
        int status;

        assert_true(pid >= 0);
        if (pid == 0) {
            (void)!freopen("/dev/null", "w", stderr);
            signal(SIGABRT, SIG_DFL);
            if (kind == 0)
                (void)db_text(r, 0, 0);
            else if (kind == 1)
                (void)db_i64(r, 1, 0);
            else if (kind == 2)
                (void)db_i64(r, 0, 1);
            else
                (void)db_bool(r, 0, 0);
            _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

int values_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nulls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty_arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arguments_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_column_aborts, setup, teardown),
    };

    return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
