/* The calendar against libc's, and the texts of times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>
#include "gen.h"
#include "khop/base/clock.h"
#include "khop/base/banned.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define LAST_DAY 2932896 /* 9999-12-31 */
#define DAY_US   (86400 * CLOCK_US)

/* Every day from 1970 to 9999, at some second of it. */
static void calendar_like_libc(void **state)
{
    struct gen g = { 4 };

    (void)state;
    for (int32_t day = 0; day <= LAST_DAY; day++) {
        uint64_t r = gen_u64(&g);
        int64_t seconds = (int64_t)day * 86400 + (int64_t)(r % 86400);
        int64_t us = seconds * CLOCK_US + (int64_t)(r >> 20) % CLOCK_US, back;
        struct civil c = clock_civil(us, 0);
        time_t when = (time_t)seconds;
        struct tm tm;

        (void)gmtime_r(&when, &tm);
        if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 || c.day != tm.tm_mday || c.hour != tm.tm_hour ||
            c.minute != tm.tm_min || c.second != tm.tm_sec)
            fail_msg("civil of day %d", day);
        if (clock_from_civil(&c, 0, &back) != RC_OK || back != us || timegm(&tm) != when)
            fail_msg("from_civil of day %d", day);
        if (clock_day(us, 0) != day)
            fail_msg("day %d", day);
    }
}

static void zones(void **state)
{
    int64_t us;
    struct civil c;

    (void)state;
    /* 17:00 UTC is the next midnight in Hanoi. */
    assert_int_equal(clock_parse_rfc3339(SLICE("2026-12-31T16:59:59.999999Z"), &us), RC_OK);
    c = clock_civil(us, CLOCK_VN_OFFSET_S);
    assert_true(c.year == 2026 && c.month == 12 && c.day == 31 && c.hour == 23 && c.second == 59 && c.micro == 999999);
    assert_int_equal(clock_day(us + 1, CLOCK_VN_OFFSET_S), clock_day(us, CLOCK_VN_OFFSET_S) + 1);
    c = clock_civil(us + 1, CLOCK_VN_OFFSET_S);
    assert_true(c.year == 2027 && c.month == 1 && c.day == 1 && c.hour == 0 && c.micro == 0);
    /* Before 1970, rounding goes down. */
    c = clock_civil(-1, 0);
    assert_true(c.year == 1969 && c.month == 12 && c.day == 31 && c.second == 59 && c.micro == 999999);
    assert_int_equal(clock_day(-1, 0), -1);
    /* 1970-01-01 00:00 in Hanoi is seven hours before the epoch. */
    assert_int_equal(clock_parse_local(SLICE("1970-01-01 00:00:00"), &us), RC_OK);
    assert_true(us == -(int64_t)CLOCK_VN_OFFSET_S * CLOCK_US);
    /* No instant overflows. */
    c = clock_civil(INT64_MAX, CLOCK_VN_OFFSET_S);
    assert_int_equal(c.year, 294247);
    c = clock_civil(INT64_MIN, -CLOCK_VN_OFFSET_S);
    assert_true(c.year < 0);
}

static void no_such_date(void **state)
{
    static const struct civil t[] = {
        { 1969, 12, 31, 0, 0, 0, 0 },    { 10000, 1, 1, 0, 0, 0, 0 },  { 2026, 0, 1, 0, 0, 0, 0 },
        { 2026, 13, 1, 0, 0, 0, 0 },     { 2026, 1, 0, 0, 0, 0, 0 },   { 2026, 1, 32, 0, 0, 0, 0 },
        { 2026, 4, 31, 0, 0, 0, 0 },     { 2026, 2, 29, 0, 0, 0, 0 },  { 2100, 2, 29, 0, 0, 0, 0 },
        { 2026, 1, 1, 24, 0, 0, 0 },     { 2026, 1, 1, -1, 0, 0, 0 },  { 2026, 1, 1, 0, 60, 0, 0 },
        { 2026, 1, 1, 0, 0, 60, 0 },     { 2026, 1, 1, 0, 0, 0, -1 },  { 2026, 1, 1, 0, 0, 0, 1000000 },
        { INT32_MIN, 1, 1, 0, 0, 0, 0 }, { 2026, INT32_MAX, 1, 0, 0, 0, 0 },
    };
    static const struct civil fine[] = { { 2024, 2, 29, 0, 0, 0, 0 }, { 2000, 2, 29, 0, 0, 0, 0 },
                                         { 9999, 12, 31, 23, 59, 59, 999999 } };
    int64_t us = 42;

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        assert_int_equal(clock_from_civil(&t[i], 0, &us), RC_BAD_INPUT);
        assert_int_equal(us, 42);
    }
    for (size_t i = 0; i < COUNT(fine); i++)
        assert_int_equal(clock_from_civil(&fine[i], 0, &us), RC_OK);
}

static void dates(void **state)
{
    static const char *const bad[] = { "", "2026-11-2", "2026-11-200", "2026-1-20", "26-11-20", "2026/11/20", "2026-11-31",
                                       "2026-02-29", " 2026-11-20", "2026-11-20 ", "+026-11-20", "2026-+1-20",
                                       "1969-12-31", "20261120", "2026-11-20T" };
    char out[CLOCK_DATE_SIZE];
    int32_t day = 42;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(clock_parse_date(slice_of(bad[i]), &day), RC_BAD_INPUT);
        assert_int_equal(day, 42);
    }
    assert_int_equal(clock_parse_date(SLICE("2026-11-20"), &day), RC_OK);
    assert_int_equal(day, 20777);
    for (day = 0; day <= LAST_DAY; day += 37) {
        int32_t back;

        clock_date_text(out, day);
        assert_int_equal(clock_parse_date(slice_of(out), &back), RC_OK);
        assert_int_equal(back, day);
    }
    clock_date_text(out, -1);
    assert_string_equal(out, "1969-12-31");
    clock_date_text(out, LAST_DAY + 1); /* no four-digit year */
    assert_string_equal(out, "0000-00-00");
    clock_date_text(out, INT32_MIN);
    assert_string_equal(out, "0000-00-00");
}

static void rfc3339_known(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
        int offset_s;
        const char *again; /* NULL: the same */
    } t[] = {
        { "1970-01-01T00:00:00+00:00", 0, 0, NULL },
        { "2026-11-20T08:03:11+07:00", INT64_C(1795136591) * CLOCK_US, CLOCK_VN_OFFSET_S, NULL },
        { "2026-11-20T01:03:11Z", INT64_C(1795136591) * CLOCK_US, 0, "2026-11-20T01:03:11+00:00" },
        { "2026-11-20T08:03:11.000001+07:00", INT64_C(1795136591) * CLOCK_US + 1, CLOCK_VN_OFFSET_S, NULL },
        { "2026-11-20T08:03:11.5+07:00", INT64_C(1795136591) * CLOCK_US + 500000, CLOCK_VN_OFFSET_S,
          "2026-11-20T08:03:11.500000+07:00" },
        { "2026-11-20T08:03:11.123456789+07:00", INT64_C(1795136591) * CLOCK_US + 123456, CLOCK_VN_OFFSET_S,
          "2026-11-20T08:03:11.123456+07:00" },
        { "2026-11-19T19:33:11-05:30", INT64_C(1795136591) * CLOCK_US, -(5 * 3600 + 1800), NULL },
        { "9999-12-31T16:59:59.999999+00:00", (int64_t)(LAST_DAY + 1) * DAY_US - INT64_C(7 * 3600) * CLOCK_US - 1, 0, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        char out[CLOCK_RFC3339_SIZE];
        int64_t us;

        assert_int_equal(clock_parse_rfc3339(slice_of(t[i].text), &us), RC_OK);
        assert_true(us == t[i].us);
        clock_rfc3339(out, us, t[i].offset_s);
        assert_string_equal(out, t[i].again == NULL ? t[i].text : t[i].again);
    }
}

static void rfc3339_refused(void **state)
{
    static const char *const t[] = {
        "", "2026-11-20", "2026-11-20T08:03:11", "2026-11-20 08:03:11+07:00", "2026-11-20t08:03:11Z",
        "2026-11-20T08:03:11z", "2026-11-20T08:03+07:00", "2026-11-20T08:03:11+0700", "2026-11-20T08:03:11+07",
        "2026-11-20T08:03:11+24:00", "2026-11-20T08:03:11+07:60", "2026-11-20T08:03:11.+07:00",
        "2026-11-20T08:03:11.1234567890Z", "2026-11-20T08:03:11,5Z", "2026-11-20T24:00:00Z", "2026-11-20T08:60:00Z",
        "2026-12-31T23:59:60Z", "2026-11-31T00:00:00Z", "2026-11-20T08:03:11ZZ", "2026-11-20T08:03:11 Z",
        "2026-11-20T8:03:11Z", "2026-11-20T08:03:-1Z", "9999-12-31T17:00:00Z", "9999-12-31T23:59:59-01:00", "2026-11-20T08:03:11\xe2\x88\x92" "07:00",
    };
    int64_t us = 42;

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        if (clock_parse_rfc3339(slice_of(t[i]), &us) != RC_BAD_INPUT)
            fail_msg("accepted \"%s\"", t[i]);
        assert_int_equal(us, 42);
    }
}

static void rfc3339_round_trips(void **state)
{
    struct gen g = { 5 };

    (void)state;
    for (int i = 0; i < 50000; i++) {
        /* A day from each end, so that no zone leaves the years. */
        int64_t us = DAY_US + (int64_t)(gen_u64(&g) % (uint64_t)(INT64_C(2932894) * DAY_US)), back;
        int offset_s = ((int)gen_below(&g, 2 * 1439 + 1) - 1439) * 60;
        char out[CLOCK_RFC3339_SIZE];

        if (i % 2 == 0)
            us -= us % CLOCK_US;
        clock_rfc3339(out, us, offset_s);
        assert_int_equal(strlen(out), i % 2 == 0 ? 25 : us % CLOCK_US == 0 ? 25 : 32);
        assert_int_equal(clock_parse_rfc3339(slice_of(out), &back), RC_OK);
        assert_true(back == us);
    }
}

static void rfc3339_out_of_range_fits(void **state)
{
    static const int64_t t[] = { INT64_MIN, INT64_MIN + 1, INT64_MAX, (int64_t)(LAST_DAY + 1) * DAY_US };
    char out[CLOCK_RFC3339_SIZE];
    int64_t us;

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        clock_rfc3339(out, t[i], CLOCK_VN_OFFSET_S);
        assert_true(strlen(out) < sizeof out);
        assert_int_equal(strncmp(out, "0000-00-00T", 11), 0);
        assert_int_equal(clock_parse_rfc3339(slice_of(out), &us), RC_BAD_INPUT);
    }
}

static void local_times(void **state)
{
    static const struct {
        const char *text;
        const char *same; /* as RFC 3339; NULL: refused */
    } t[] = {
        { "2026-11-20 08:03:11", "2026-11-20T08:03:11+07:00" },
        { "2026-11-20T08:03:11", "2026-11-20T08:03:11+07:00" },
        { "2026-11-20 08:03:11.25", "2026-11-20T08:03:11.250000+07:00" },
        { "2026-11-20T08:03:11Z", "2026-11-20T15:03:11+07:00" },
        { "2026-11-20 08:03:11+00:00", "2026-11-20T15:03:11+07:00" },
        { "2026-11-20T08:03:11+07:00", "2026-11-20T08:03:11+07:00" },
        { "2026-11-20  08:03:11", NULL },
        { "2026-11-20", NULL },
        { "2026-11-20 08:03", NULL },
        { "20-11-2026 08:03:11", NULL },
        { "2026-11-20 08:03:11 ", NULL },
        { "2026-11-20 08:03:11+7", NULL },
        { "0000-00-00 00:00:00", NULL },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        char out[CLOCK_RFC3339_SIZE];
        int64_t us;
        int rc = clock_parse_local(slice_of(t[i].text), &us);

        assert_int_equal(rc, t[i].same == NULL ? RC_BAD_INPUT : RC_OK);
        if (rc != RC_OK)
            continue;
        clock_rfc3339(out, us, CLOCK_VN_OFFSET_S);
        assert_string_equal(out, t[i].same);
    }
}

static void clocks_run(void **state)
{
    int64_t mono = clock_mono_ms(), wall = clock_wall_us();

    (void)state;
    assert_true(clock_mono_ms() >= mono);
    assert_true(wall > INT64_C(1700000000) * CLOCK_US);
    assert_true(clock_wall_us() - wall < DAY_US);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_like_libc), cmocka_unit_test(zones),
        cmocka_unit_test(no_such_date),       cmocka_unit_test(dates),
        cmocka_unit_test(rfc3339_known),      cmocka_unit_test(rfc3339_refused),
        cmocka_unit_test(rfc3339_round_trips), cmocka_unit_test(rfc3339_out_of_range_fits),
        cmocka_unit_test(local_times),        cmocka_unit_test(clocks_run),
    };

    return cmocka_run_group_tests_name("base_clock", tests, NULL, NULL);
}
