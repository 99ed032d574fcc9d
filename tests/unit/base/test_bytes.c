/* slice, rd, num, utf8, rc: the edges of bounded reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include "gen.h"
#include "khop/base/num.h"
#include "khop/base/rc.h"
#include "khop/base/rd.h"
#include "khop/base/slice.h"
#include "khop/base/utf8.h"
#include "khop/base/banned.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct slice none = { NULL, 0 };

static void slice_compares(void **state)
{
    (void)state;
    assert_true(slice_eq(none, SLICE("")));
    assert_false(slice_eq(SLICE("a"), SLICE("b")));
    assert_true(slice_eq(SLICE("a\0b"), SLICE("a\0b")));
    assert_false(slice_eq(SLICE("a\0b"), SLICE("a\0c")));
    assert_true(slice_eq_nocase(SLICE("Content-LENGTH"), SLICE("content-length")));
    assert_false(slice_eq_nocase(SLICE("a"), SLICE("ab")));
    assert_false(slice_eq_nocase(SLICE("["), SLICE("{"))); /* only letters differ by 0x20 */
    assert_false(slice_eq_nocase(SLICE("\xc3\x80"), SLICE("\xc3\xa0")));
    assert_int_equal(slice_cmp(none, none), 0);
    assert_int_equal(slice_cmp(none, SLICE("a")), -1);
    assert_int_equal(slice_cmp(SLICE("ab"), SLICE("a")), 1);
    assert_int_equal(slice_cmp(SLICE("\x7f"), SLICE("\x80")), -1); /* unsigned */
    assert_true(slice_starts(SLICE("abc"), SLICE("ab")));
    assert_true(slice_starts(none, none));
    assert_false(slice_starts(SLICE("a"), SLICE("ab")));
    assert_true(slice_is(SLICE("abc"), "abc"));
}

static void slice_parts(void **state)
{
    struct slice rest = SLICE("a,,b");

    (void)state;
    assert_true(slice_is(slice_trim(SLICE(" \t a b\t ")), "a b"));
    assert_int_equal(slice_trim(SLICE(" \t ")).n, 0);
    assert_int_equal(slice_trim(none).n, 0);
    assert_true(slice_is(slice_trim(SLICE("\na ")), "\na"));
    assert_true(slice_is(slice_sub(SLICE("hello"), 1, 3), "ell"));
    assert_true(slice_is(slice_sub(SLICE("hello"), 3, SIZE_MAX), "lo"));
    assert_int_equal(slice_sub(SLICE("hello"), 5, 1).n, 0);
    assert_int_equal(slice_sub(SLICE("hello"), SIZE_MAX, SIZE_MAX).n, 0);
    assert_int_equal(slice_sub(none, 0, 0).n, 0);
    assert_true(slice_is(slice_cut(&rest, ','), "a"));
    assert_true(slice_is(slice_cut(&rest, ','), ""));
    assert_true(slice_is(rest, "b"));
    assert_true(slice_is(slice_cut(&rest, ','), "b"));
    assert_int_equal(rest.n, 0);
    assert_int_equal(slice_cut(&rest, ',').n, 0);
    rest = SLICE("a,");
    assert_true(slice_is(slice_cut(&rest, ','), "a"));
    assert_int_equal(rest.n, 0);
    rest = none;
    assert_int_equal(slice_cut(&rest, ',').n, 0);
}

static void rd_reads(void **state)
{
    struct rd r = rd_of(SLICE("ab:120;0x"));

    (void)state;
    assert_int_equal(rd_peek(&r), 'a');
    assert_true(slice_is(rd_take(&r, 1), "a"));
    rd_expect(&r, SLICE("b"));
    rd_expect(&r, SLICE(":"));
    assert_int_equal(rd_number(&r), 120);
    rd_expect(&r, SLICE(";"));
    assert_int_equal(rd_number(&r), 0);
    assert_int_equal(rd_left(&r), 1);
    assert_int_equal(rd_take(&r, 0).n, 0);
    rd_expect(&r, SLICE("x"));
    assert_int_equal(rd_peek(&r), -1);
    rd_end(&r);
    assert_int_equal(r.rc, RC_OK);
    r = rd_of(none);
    rd_end(&r);
    assert_int_equal(r.rc, RC_OK);
}

static void rd_failure_sticks(void **state)
{
    struct rd r = rd_of(SLICE("abc"));

    (void)state;
    assert_null(rd_take(&r, 4).p);
    assert_int_equal(r.rc, RC_BAD_INPUT);
    assert_null(rd_take(&r, 1).p); /* though one is there */
    assert_int_equal(rd_peek(&r), -1);
    assert_int_equal(rd_number(&r), 0);
    assert_int_equal(rd_left(&r), 0);
    rd_end(&r);
    assert_int_equal(r.rc, RC_BAD_INPUT);

    r = rd_of(SLICE("abc"));
    rd_take(&r, SIZE_MAX);
    assert_int_equal(r.rc, RC_BAD_INPUT);
    r = rd_of(SLICE("abc"));
    rd_expect(&r, SLICE("abd"));
    assert_int_equal(r.rc, RC_BAD_INPUT);
    r = rd_of(SLICE("abc"));
    rd_end(&r);
    assert_int_equal(r.rc, RC_BAD_INPUT);
    r = rd_of(SLICE("abc"));
    r.rc = RC_TOO_LARGE; /* the first failure is the one that is told */
    rd_take(&r, 9);
    assert_int_equal(r.rc, RC_TOO_LARGE);
}

static void rd_numbers(void **state)
{
    static const struct {
        const char *text;
        int64_t value; /* -1: refused */
    } t[] = {
        { "0", 0 },    { "7", 7 },   { "999999999999999999", INT64_C(999999999999999999) },
        { "", -1 },    { "00", -1 }, { "01", -1 },
        { "-1", -1 },  { "+1", -1 }, { "1000000000000000000", -1 },
        { " 1", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        struct rd r = rd_of(slice_of(t[i].text));
        int64_t v = rd_number(&r);

        assert_int_equal(r.rc, t[i].value < 0 ? RC_BAD_INPUT : RC_OK);
        if (t[i].value >= 0)
            assert_int_equal(v, t[i].value);
    }
}

static void num_tables(void **state)
{
    static const struct {
        const char *text;
        int64_t min, max;
        bool zeros, ok;
        int64_t value;
    } t[] = {
        { "0", 0, 10, false, true, 0 },
        { "10", 0, 10, false, true, 10 },
        { "11", 0, 10, false, false, 0 },
        { "4", 5, 10, false, false, 0 },
        { "00", 0, 10, false, false, 0 },
        { "007", 0, 10, false, false, 0 },
        { "007", 0, 10, true, true, 7 },
        { "00000000000000000000000000000009", 0, 10, true, true, 9 },
        { "", 0, 10, false, false, 0 },
        { "", 0, 10, true, false, 0 },
        { "+1", 0, 10, false, false, 0 },
        { "-1", -10, 10, false, false, 0 },
        { "1 ", 0, 10, false, false, 0 },
        { " 1", 0, 10, false, false, 0 },
        { "1.0", 0, 10, false, false, 0 },
        { "1e1", 0, 10, false, false, 0 },
        { "0x1", 0, 10, false, false, 0 },
        { "\xd9\xa1", 0, 10, false, false, 0 }, /* an Arabic digit */
        { "9223372036854775807", 0, INT64_MAX, false, true, INT64_MAX },
        { "9223372036854775808", 0, INT64_MAX, false, false, 0 },
        { "18446744073709551616", 0, INT64_MAX, false, false, 0 },
        { "18446744073709551617", 0, INT64_MAX, false, false, 0 },
        { "99999999999999999999999", 0, INT64_MAX, false, false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        int64_t v = 42;
        int rc = num_parse(slice_of(t[i].text), t[i].min, t[i].max, t[i].zeros, &v);

        assert_int_equal(rc, t[i].ok ? RC_OK : RC_BAD_INPUT);
        assert_int_equal(v, t[i].ok ? t[i].value : 42); /* untouched on failure */
    }
}

static void num_signed(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } t[] = {
        { "-9223372036854775808", true, INT64_MIN },
        { "9223372036854775807", true, INT64_MAX },
        { "-9223372036854775809", false, 0 },
        { "9223372036854775808", false, 0 },
        { "0", true, 0 },
        { "-1", true, -1 },
        { "-0", false, 0 },
        { "-01", false, 0 },
        { "01", false, 0 },
        { "-", false, 0 },
        { "--1", false, 0 },
        { "+1", false, 0 },
        { "", false, 0 },
    };
    struct gen g = { 1 };

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        int64_t v = 42;
        int rc = num_parse_signed(slice_of(t[i].text), INT64_MIN, INT64_MAX, &v);

        assert_int_equal(rc, t[i].ok ? RC_OK : RC_BAD_INPUT);
        assert_int_equal(v, t[i].ok ? t[i].value : 42);
    }
    for (int i = 0; i < 20000; i++) {
        int64_t v = (int64_t)gen_u64(&g) >> gen_below(&g, 64), back;
        char text[32];

        (void)snprintf(text, sizeof text, "%lld", (long long)v);
        assert_int_equal(num_parse_signed(slice_of(text), INT64_MIN, INT64_MAX, &back), RC_OK);
        assert_true(back == v);
    }
}

static void num_overflow(void **state)
{
    int64_t v;

    (void)state;
    assert_true(num_add(INT64_MAX - 1, 1, &v) && v == INT64_MAX);
    assert_false(num_add(INT64_MAX, 1, &v));
    assert_false(num_add(INT64_MIN, -1, &v));
    assert_true(num_sub(INT64_MIN + 1, 1, &v) && v == INT64_MIN);
    assert_false(num_sub(INT64_MIN, 1, &v));
    assert_false(num_sub(0, INT64_MIN, &v));
    assert_true(num_mul(INT64_MAX / 3, 3, &v));
    assert_false(num_mul(INT64_MAX / 3 + 1, 3, &v));
    assert_false(num_mul(INT64_MIN, -1, &v));
}

static void utf8_tables(void **state)
{
    static const struct {
        struct slice text;
        bool valid;
        size_t count;
    } t[] = {
        { SLICE_INIT(""), true, 0 },
        { SLICE_INIT("a\0b"), true, 3 },
        { SLICE_INIT("Sơn La"), true, 6 },
        { SLICE_INIT("\xf0\x9f\x8d\xb5"), true, 1 },
        { SLICE_INIT("\xf4\x8f\xbf\xbf"), true, 1 },         /* U+10FFFF */
        { SLICE_INIT("\xf4\x90\x80\x80"), false, 0 },        /* U+110000 */
        { SLICE_INIT("\xc0\x80"), false, 0 },                /* overlong NUL */
        { SLICE_INIT("\xc1\xbf"), false, 0 },
        { SLICE_INIT("\xe0\x9f\xbf"), false, 0 },
        { SLICE_INIT("\xf0\x8f\xbf\xbf"), false, 0 },
        { SLICE_INIT("\xed\x9f\xbf"), true, 1 },             /* U+D7FF */
        { SLICE_INIT("\xed\xa0\x80"), false, 0 },            /* a surrogate */
        { SLICE_INIT("\xed\xbf\xbf"), false, 0 },
        { SLICE_INIT("\xee\x80\x80"), true, 1 },
        { SLICE_INIT("\x80"), false, 0 },
        { SLICE_INIT("\xfe"), false, 0 },
        { SLICE_INIT("\xf8\x88\x80\x80\x80"), false, 0 },
        { SLICE_INIT("\xc3"), false, 0 },                    /* cut short */
        { SLICE_INIT("\xe1\xbb"), false, 0 },
        { SLICE_INIT("\xc3" "a"), false, 1 },
        { SLICE_INIT("a\xff" "b"), false, 2 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        assert_int_equal(utf8_valid(t[i].text), t[i].valid);
        assert_int_equal(utf8_count(t[i].text), t[i].count);
    }
    assert_true(utf8_valid(none));
}

static void utf8_every_point(void **state)
{
    (void)state;
    for (uint32_t v = 0; v <= 0x110000; v++) {
        bool scalar = v < 0xd800 || (v > 0xdfff && v <= 0x10ffff);
        char out[4];
        uint32_t back;
        size_t n = utf8_encode(v, out);

        assert_int_equal(n, !scalar ? 0 : v < 0x80 ? 1 : v < 0x800 ? 2 : v < 0x10000 ? 3 : 4);
        if (n > 0 && (utf8_next((struct slice){ out, n }, &back) != n || back != v))
            fail_msg("U+%04X", v);
    }
    assert_int_equal(utf8_encode(UINT32_MAX, (char[4]){ 0 }), 0);
}

static void rc_names(void **state)
{
    (void)state;
    for (int rc = RC_STALE; rc <= RC_OK; rc++)
        assert_string_not_equal(rc_name(rc), "unknown_rc");
    assert_string_equal(rc_name(RC_BAD_INPUT), "bad_input");
    assert_string_equal(rc_name(1), "unknown_rc");
    assert_string_equal(rc_name(RC_STALE - 1), "unknown_rc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slice_compares), cmocka_unit_test(slice_parts),      cmocka_unit_test(rd_reads),
        cmocka_unit_test(rd_failure_sticks), cmocka_unit_test(rd_numbers),    cmocka_unit_test(num_tables),
        cmocka_unit_test(num_signed),     cmocka_unit_test(num_overflow),     cmocka_unit_test(utf8_tables),
        cmocka_unit_test(utf8_every_point), cmocka_unit_test(rc_names),
    };

    return cmocka_run_group_tests_name("base_bytes", tests, NULL, NULL);
}
