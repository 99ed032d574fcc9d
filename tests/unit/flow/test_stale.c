#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "khop/flow/stale.h"

#include "khop/base/banned.h"

#define MINUTE (60 * 1000)

static void fourth_once(void **state)
{
    struct flow_stale s = { 0 };

    (void)state;
    for (int window = 0; window < 3; window++) {
        int64_t from = window * INT64_C(10) * MINUTE;

        for (int i = 0; i < 30; i++)
            assert_int_equal(flow_stale_count(&s, 7, from + i * 1000), i == 3);
    }
    assert_int_equal(s.alarms, 3);
}

static void slow_ones_are_chance(void **state)
{
    struct flow_stale s = { 0 };

    (void)state;
    for (int64_t i = 0; i < 100; i++)
        assert_false(flow_stale_count(&s, 7, i * 4 * MINUTE));
}

static void each_connection_for_itself(void **state)
{
    struct flow_stale s = { 0 };

    (void)state;
    for (int i = 0; i < 4; i++) {
        for (int64_t id = 1; id <= FLOW_STALE_TABLE; id++)
            assert_int_equal(flow_stale_count(&s, id, i), i == 3);
    }
}

/* However many there are, memory stays, and the newest trouble is seen. */
static void bounded(void **state)
{
    struct flow_stale s = { 0 };

    (void)state;
    for (int64_t id = 1; id <= 1000; id++) {
        for (int i = 0; i < 4; i++)
            assert_int_equal(flow_stale_count(&s, id, id * 10 + i), i == 3);
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(flow_stale_count(&s, 1, 20000 + i), i == 3); /* it was forgotten */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(fourth_once), cmocka_unit_test(slow_ones_are_chance),
                                        cmocka_unit_test(each_connection_for_itself), cmocka_unit_test(bounded) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
