/* Reports: their tables are whole, periods are what people say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "khop/base/clock.h"
#include "khop/flow/report.h"

#include "khop/base/banned.h"

static void tables_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < report_count(); i++) {
        const struct report *r = report_at(i);

        assert_ptr_equal(report_find(slice_of(r->name)), r);
        assert_in_range(r->ncolumns, 2, REPORT_COLUMNS_MAX);
        for (size_t c = 0; c < r->ncolumns; c++) {
            const struct report_column *column = &r->columns[c];

            assert_non_null(column->key);
            assert_true(column->from == 't' ? column->place >= '1' && column->place <= '5' : column->from == 'n' && column->place >= '1' && column->place <= '9');
            assert_true(!column->sum || column->kind == REPORT_MONEY || column->kind == REPORT_COUNT);
            for (size_t d = 0; d < c; d++)
                assert_string_not_equal(r->columns[d].key, column->key);
        }
        assert_true(!r->parted || report_is_text(r->columns[0].kind));
    }
    assert_null(report_find(SLICE("")));
    assert_null(report_find(SLICE("day")));
}

static void period_is(int32_t from, int32_t to, const char *expected)
{
    char text[2 * CLOCK_DATE_SIZE];

    clock_date_text(text, from);
    text[CLOCK_DATE_SIZE - 1] = ' ';
    clock_date_text(text + CLOCK_DATE_SIZE, to);
    assert_string_equal(text, expected);
}

static void periods(void **state)
{
    static const char *const bad[] = { "", "26", "2026-", "2026-0", "2026-13", "2026-00", "2026-2028", "2026-2026", "2026-11-01", "1970", "9999", "20265", "abcd", "2026-1" };
    int32_t from, to, day;

    (void)state;
    assert_int_equal(report_days_of(SLICE("2026"), &from, &to), RC_OK);
    period_is(from, to, "2026-01-01 2026-12-31");
    assert_int_equal(report_days_of(SLICE("2026-02"), &from, &to), RC_OK);
    period_is(from, to, "2026-02-01 2026-02-28");
    assert_int_equal(report_days_of(SLICE("2028-02"), &from, &to), RC_OK);
    period_is(from, to, "2028-02-01 2028-02-29");
    assert_int_equal(report_days_of(SLICE("2026-12"), &from, &to), RC_OK);
    period_is(from, to, "2026-12-01 2026-12-31");
    assert_int_equal(report_days_of(SLICE("2026-2027"), &from, &to), RC_OK);
    period_is(from, to, "2026-09-01 2027-08-31");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(report_days_of(slice_of(bad[i]), &from, &to), RC_BAD_INPUT);
    assert_int_equal(clock_parse_date(SLICE("2027-08-31"), &day), RC_OK);
    report_school_year_of(day, &from, &to);
    period_is(from, to, "2026-09-01 2027-08-31");
    report_school_year_of(day + 1, &from, &to);
    period_is(from, to, "2027-09-01 2028-08-31");
    report_month_of(day, &from, &to);
    period_is(from, to, "2027-08-01 2027-08-31");
    report_year_of(day, &from, &to);
    period_is(from, to, "2027-01-01 2027-12-31");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tables_are_whole), cmocka_unit_test(periods) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
