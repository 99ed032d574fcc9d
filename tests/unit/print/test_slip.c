/* Slips: what is refused, pages, faults of the sink. What they look like to others is read back by read_papers.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "khop/print/slip.h"

#include "khop/base/banned.h"

static struct print_fonts *fonts;
static const struct slips_head head = { .unit = "Trường Tiểu học Thử" };

static struct slip a_slip(void)
{
    return (struct slip){ .given_name = SLICE("Ánh"), .class_name = SLICE("1A1"), .payload = SLICE("0002010102"), .code = SLICE("SB7M4QX2C"), .has_amount = true, .amount = 1000 };
}

static int count(void *arg, const void *bytes, size_t n)
{
    (void)bytes;
    *(size_t *)arg += n;
    return RC_OK;
}

static int refuse(void *arg, const void *bytes, size_t n)
{
    (void)bytes;
    (void)n;
    ++*(size_t *)arg;
    return RC_IO;
}

static struct slips *open_slips(int (*write)(void *, const void *, size_t), size_t *n)
{
    struct slips *s;

    *n = 0;
    assert_int_equal(slips_open(&s, &head, fonts, (struct print_sink){ write, n }), RC_OK);
    return s;
}

static void pages(void **state)
{
    struct slip slip = a_slip();
    size_t n, before;
    struct slips *s = open_slips(count, &n);

    (void)state;
    assert_int_equal(slips_pages(s), 0);
    for (int i = 0; i < 9; i++)
        assert_int_equal(slips_add(s, &slip), RC_OK);
    assert_int_equal(slips_pages(s), 2);
    before = n;
    assert_true(before > 1000); /* the first page has left */
    slips_break(s);
    slips_break(s);
    assert_int_equal(slips_add(s, &slip), RC_OK);
    assert_int_equal(slips_pages(s), 3);
    assert_int_equal(slips_end(s), RC_OK);
    assert_true(n > before);
    slips_free(s);
    s = open_slips(count, &n);
    assert_int_equal(slips_end(s), RC_BAD_INPUT);
    slips_free(s);
}

static void refused(void **state)
{
    static char big[4096];
    struct slip slips[] = { a_slip(), a_slip(), a_slip(), a_slip(), a_slip(), a_slip(), a_slip(), a_slip() };
    const int rc[] = { RC_BAD_INPUT, RC_BAD_INPUT, RC_BAD_INPUT, RC_BAD_INPUT, RC_BAD_INPUT, RC_TOO_LARGE, RC_TOO_LARGE, RC_BAD_INPUT };
    struct slips_head no_unit = { 0 };
    struct slips *s;
    size_t n;

    (void)state;
    memset(big, '1', sizeof big);
    slips[0].given_name = SLICE("");
    slips[1].code = SLICE("");
    slips[2].payload = SLICE("");
    slips[3].amount = 0;
    slips[4].label = SLICE("\xC3\x28");
    slips[5].label = (struct slice){ big, 201 };
    slips[6].payload = (struct slice){ big, 4096 };
    slips[6].payload.n = 4096;
    slips[7].has_due = true;
    slips[7].due_day = -1;
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        s = open_slips(count, &n);
        assert_int_equal(slips_add(s, &slips[i]), rc[i]);
        slips[i] = a_slip();
        assert_int_equal(slips_add(s, &slips[i]), rc[i]); /* it sticks */
        assert_int_equal(slips_end(s), rc[i]);
        slips_free(s);
    }
    assert_int_equal(slips_open(&s, &no_unit, fonts, (struct print_sink){ count, &n }), RC_BAD_INPUT);
}

static void sink_refuses(void **state)
{
    struct slip slip = a_slip();
    size_t n;
    struct slips *s = open_slips(refuse, &n);
    int rc = RC_OK;

    (void)state;
    for (int i = 0; rc == RC_OK && i < 10000; i++)
        rc = slips_add(s, &slip);
    assert_int_equal(rc, RC_IO);
    assert_int_equal(slips_end(s), RC_IO);
    slips_free(s);
    assert_int_equal(n, 1);
}

static int fonts_take(void **state)
{
    (void)state;
    return print_fonts_open(NULL, &fonts);
}

static int fonts_drop(void **state)
{
    (void)state;
    print_fonts_free(fonts);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pages), cmocka_unit_test(refused), cmocka_unit_test(sink_refuses) };

    return cmocka_run_group_tests(tests, fonts_take, fonts_drop);
}
