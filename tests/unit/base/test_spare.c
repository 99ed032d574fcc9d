/* What is left of two processors for work that can wait. */
#include "khop/base/buf.h"
#include "khop/base/spare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct spare opened(void)
{
    return (struct spare){ .fd = -1, .share = 1000, .tick_us = 10000, .processors = 2 };
}

/* The machine's counters in ticks: user, system, idle, steal. */
static int64_t look(struct spare *s, int64_t user, int64_t system, int64_t idle, int64_t steal)
{
    struct buf line;

    buf_init(&line, 256);
    buf_puts(&line, "cpu  ");
    const int64_t fields[] = { user, 0, system, idle, 0, 0, 0, steal, 0, 0 };

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        buf_putc(&line, ' ');
        buf_put_i64(&line, fields[i]);
    }
    buf_puts(&line, "\ncpu0 1 2 3\n");
    int64_t share = spare_share(s, buf_slice(&line));

    buf_release(&line);
    return share;
}

static void test_idle_machine(void **state)
{
    struct spare s = opened();

    (void)state;
    assert_int_equal(look(&s, 5000, 100, 90000, 0), 1000); /* a first look knows nothing yet */
    assert_int_equal(look(&s, 5000, 100, 90200, 0), 900);  /* nobody else is there: a tenth stays idle */
}

static void test_others_come_first(void **state)
{
    struct spare s = opened();

    (void)state;
    (void)look(&s, 5000, 100, 90000, 0);
    assert_int_equal(look(&s, 5060, 120, 90120, 0), 500); /* 80 of 200 ticks */
    assert_int_equal(look(&s, 5230, 150, 90120, 0), SPARE_LEAST); /* all of them */
    assert_int_equal(look(&s, 5230, 150, 90220, 100), 400); /* what the host takes away is not there either */
}

/* The work's own time is not others': it must not give way to itself. */
static void test_own_time(void **state)
{
    struct spare s = opened();

    (void)state;
    (void)look(&s, 5000, 100, 90000, 0);
    assert_int_equal(spare_span_us(&s, 800000), 800000); /* no /proc/stat here: no rest */
    assert_int_equal(look(&s, 5080, 100, 90120, 0), 900); /* 80 ticks, all our own */
    assert_int_equal(look(&s, 5160, 100, 90240, 0), 500); /* and now not */
}

static void test_too_soon_or_strange(void **state)
{
    struct spare s = opened();

    (void)state;
    (void)look(&s, 5000, 100, 90000, 0);
    assert_int_equal(look(&s, 5100, 100, 90100, 0), 400);
    assert_int_equal(look(&s, 5120, 100, 90110, 0), 400); /* 30 ticks */
    assert_int_equal(spare_share(&s, SLICE("")), 400);
    assert_int_equal(spare_share(&s, SLICE("cpu  1 2 3")), 400);
    assert_int_equal(spare_share(&s, SLICE("cpu  1 2 3 4 five 6 7 8 9 10\n")), 400);
    assert_int_equal(spare_share(&s, SLICE("cpu  99999999999999999999 2 3 4 5 6 7 8\n")), 400);
    assert_int_equal(look(&s, 10, 10, 10, 0), 400); /* the counters began anew: the next look tells */
    assert_int_equal(look(&s, 10, 10, 210, 0), 900);
}

static void test_real_machine(void **state)
{
    struct spare s;

    (void)state;
    spare_open(&s);
    assert_true(s.fd >= 0);
    assert_in_range(spare_span_us(&s, 1000), 1000 / s.processors, 1000 * 1000 / SPARE_LEAST);
    assert_in_range(s.share, SPARE_LEAST, 1000);
    assert_true(s.total > 0);
    spare_close(&s);
    spare_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_machine),       cmocka_unit_test(test_others_come_first), cmocka_unit_test(test_own_time),
        cmocka_unit_test(test_too_soon_or_strange), cmocka_unit_test(test_real_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
