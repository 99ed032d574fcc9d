/* Which money was for what a seller had asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "khop/base/clock.h"
#include "khop/flow/settle.h"
#include "khop/flow/stall_match.h"

#include "khop/base/banned.h"

#define PERMANENT 77
#define SALE      78
#define MINUTE    (60 * CLOCK_US)

/* Money at a minute, newest first as a page has it. */
#define CAME(minute, sum, code, mark) { .amount = sum, .recorded_us = (minute) * MINUTE, .code_no = code, .tag = { mark, sizeof mark - 1 }, .outcome = SETTLE_SETTLED }
#define ASKED(minute, sum, mark) { .tag = { mark, 5 }, .amount = sum, .asked_us = (minute) * MINUTE }

/* "asked-before" of each with its tag, ? for a guess, . for what was not asked, oldest first. */
static void is(struct flow_takings *t, size_t n, struct flow_ask *a, size_t na, const char *wanted)
{
    char got[512] = "";
    size_t at = 0;

    flow_stall_match(t, n, a, na, PERMANENT);
    for (size_t i = n; i-- > 0;) {
        if (!t[i].has_asked)
            at += (size_t)snprintf(got + at, sizeof got - at, ". ");
        else
            at += (size_t)snprintf(got + at, sizeof got - at, "%.*s%s%lld-%lld ", SLICE_FMT(t[i].tag), t[i].guess ? "?" : ":", (long long)t[i].asked, (long long)t[i].before);
    }
    assert_string_equal(got, wanted);
}

static void by_tag(void **state)
{
    struct flow_takings t[] = { CAME(13, 5000, PERMANENT, ""), CAME(12, 199800, PERMANENT, "AAAAA"), CAME(11, 50000, PERMANENT, "BBBBB"), CAME(10, 200, PERMANENT, "AAAAA") };
    struct flow_ask a[] = { ASKED(9, 50000, "BBBBB"), ASKED(8, 200000, "AAAAA") };

    (void)state;
    is(t, 4, a, 2, "AAAAA:200000-0 BBBBB:50000-0 AAAAA:200000-200 . ");
    assert_true(t[3].made_up);
    for (size_t i = 0; i < 3; i++)
        assert_false(t[i].made_up);
}

static void a_tag_used_again_is_no_proof(void **state)
{
    struct flow_takings t[] = { CAME(12, 10000, PERMANENT, "AAAAA"), CAME(10, 10000, PERMANENT, "AAAAA") };
    struct flow_ask a[] = { ASKED(11, 200000, "BBBBB"), ASKED(9, 10000, "AAAAA") };

    (void)state;
    is(t, 2, a, 2, "AAAAA:10000-0 BBBBB?200000-0 ");
}

static void without_a_tag_by_the_amount(void **state)
{
    struct flow_takings t[] = { CAME(12, 50000, PERMANENT, ""), CAME(11, 200000, 0, "") };
    struct flow_ask a[] = { ASKED(10, 50000, "CCCCC"), ASKED(9, 200000, "BBBBB"), ASKED(8, 50000, "AAAAA") };

    (void)state;
    is(t, 2, a, 3, "BBBBB:200000-0 AAAAA:50000-0 ");
}

static void less_than_what_is_open_is_an_alarm(void **state)
{
    struct flow_takings t[] = { CAME(13, 300000, PERMANENT, ""), CAME(12, 200, 0, ""), CAME(11, 200, PERMANENT, "") };
    struct flow_ask a[] = { ASKED(10, 200000, "AAAAA") };

    (void)state;
    is(t, 3, a, 1, "AAAAA?200000-0 AAAAA?200000-0 . ");
}

static void of_what_a_poster_brought_nothing_is_left_when_the_sale_is_paid(void **state)
{
    struct flow_takings t[] = { CAME(12, 200000, PERMANENT, "AAAAA"), CAME(11, 15000, PERMANENT, "") };
    struct flow_ask a[] = { ASKED(10, 200000, "AAAAA") };

    (void)state;
    is(t, 2, a, 1, ". AAAAA:200000-0 ");
}

static void not_of_what_is_over(void **state)
{
    struct flow_takings t[] = { CAME(40, 200, PERMANENT, ""), CAME(12, 200, PERMANENT, ""), CAME(9, 200, PERMANENT, "") };
    struct flow_ask a[] = { ASKED(20, 5000, "BBBBB"), ASKED(10, 200000, "AAAAA") };

    (void)state;
    a[1].dropped_us = 11 * MINUTE;
    is(t, 3, a, 2, ". . . ");
}

static void another_code_is_another_sale(void **state)
{
    struct flow_takings t[] = { CAME(13, 300, SALE, ""), CAME(12, 200, SALE, ""), CAME(11, 100, 79, "AAAAA") };
    struct flow_ask a[] = { ASKED(10, 200000, "AAAAA") };

    (void)state;
    t[0].has_asked = t[1].has_asked = true;
    t[0].asked = t[1].asked = 500;
    is(t, 3, a, 1, ". :500-0 :500-200 ");
    assert_true(t[1].made_up);
    assert_false(t[0].made_up);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_tag),
        cmocka_unit_test(a_tag_used_again_is_no_proof),
        cmocka_unit_test(without_a_tag_by_the_amount),
        cmocka_unit_test(less_than_what_is_open_is_an_alarm),
        cmocka_unit_test(of_what_a_poster_brought_nothing_is_left_when_the_sale_is_paid),
        cmocka_unit_test(not_of_what_is_over),
        cmocka_unit_test(another_code_is_another_sale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
