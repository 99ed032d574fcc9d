/* Amounts, dates and times as people write them into cells. */
#include "khop/base/clock.h"
#include "khop/provider/sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "khop/base/banned.h"

static struct sheet_cell cell(const char *text, enum sheet_kind kind)
{
    return (struct sheet_cell){ slice_of(text), kind };
}

static void test_amounts(void **state)
{
    static const struct {
        const char *text;
        int64_t v;
    } good[] = {
        { "0", 0 },
        { "1234567", 1234567 },
        { "1.234.567", 1234567 },
        { "1,234,567", 1234567 },
        { "1 234 567", 1234567 },
        { "1'234'567", 1234567 },
        { "1,234,567.00", 1234567 },
        { "1.234.567,00", 1234567 },
        { "1234567.00", 1234567 },
        { "1234567,0", 1234567 },
        { "936.000 đ", 936000 },
        { "936.000đ", 936000 },
        { "936,000 VND", 936000 },
        { "VND 936,000", 936000 },
        { "936000 VNĐ", 936000 },
        { "936000 đồng", 936000 },
        { "+936,000", 936000 },
        { "- 936,000", -936000 },
        { "-936.000 đ", -936000 },
        { "(1.000)", -1000 },
        { "1.000-", -1000 },
        { "\xe2\x88\x92" "5.000", -5000 },
        { "1.000", 1000 }, /* a group: there is no smaller unit */
        { "00123", 123 },
        { "999,999,999,999", INT64_C(999999999999) },
        { "000000000000000000001", 1 },
    };
    static const char *const bad[] = { "",      " ",       "-",        "đ",         "1.5",      "1,50",     "1.2345",   "12.34.567", "1.234,567", "1,234.5", "1.234.56",
                                       "12a",   "1e5",     "--1",      "1 23",      "0x10",     "1..000",   "1.000.",   ".000",      "()",        "NaN",     "1.234 567",
                                       "=1+1",  "12/3",    "1,234,567.001" };
    int64_t v;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        print_message("%s\n", good[i].text);
        assert_int_equal(sheet_amount(cell(good[i].text, SHEET_TEXT), &v), RC_OK);
        assert_true(v == good[i].v);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        print_message("%s\n", bad[i]);
        assert_true(sheet_amount(cell(bad[i], SHEET_TEXT), &v) < 0);
    }
    assert_int_equal(sheet_amount(cell("9999999999999999", SHEET_TEXT), &v), RC_TOO_LARGE);
}

static void test_amounts_of_numbers(void **state)
{
    int64_t v;

    (void)state;
    assert_int_equal(sheet_amount(cell("180000", SHEET_NUMBER), &v), RC_OK);
    assert_true(v == 180000);
    assert_int_equal(sheet_amount(cell("-180000", SHEET_NUMBER), &v), RC_OK);
    assert_true(v == -180000);
    /* A program's number with a point is a fraction, never a group. */
    assert_int_equal(sheet_amount(cell("1.234", SHEET_NUMBER), &v), RC_BAD_INPUT);
    assert_int_equal(sheet_amount(cell("2026-11-20", SHEET_DATE), &v), RC_BAD_INPUT);
    assert_int_equal(sheet_amount(cell("TRUE", SHEET_BOOL), &v), RC_BAD_INPUT);
}

static void test_dates(void **state)
{
    static const struct {
        const char *text, *date;
        int32_t second; /* -1: none */
        enum sheet_date_form form;
        enum sheet_kind kind;
    } good[] = {
        { "20/11/2026", "2026-11-20", -1, SHEET_DAY_FIRST, SHEET_TEXT },
        { "5/1/2026", "2026-01-05", -1, SHEET_DAY_FIRST, SHEET_TEXT },
        { "5/1/2026", "2026-05-01", -1, SHEET_MONTH_FIRST, SHEET_TEXT },
        { "20-11-2026", "2026-11-20", -1, SHEET_DAY_FIRST, SHEET_TEXT },
        { "20.11.26", "2026-11-20", -1, SHEET_DAY_FIRST, SHEET_TEXT },
        { "2026-11-20", "2026-11-20", -1, SHEET_MONTH_FIRST, SHEET_TEXT },
        { "20261120", "2026-11-20", -1, SHEET_DAY_FIRST, SHEET_TEXT },
        { "20261120", "2026-11-20", -1, SHEET_DAY_FIRST, SHEET_NUMBER },
        { "20-NOV-2026", "2026-11-20", -1, SHEET_MONTH_FIRST, SHEET_TEXT },
        { "20 November 2026", "2026-11-20", -1, SHEET_DAY_FIRST, SHEET_TEXT },
        { "20/11/2026 08:03:11", "2026-11-20", 28991, SHEET_DAY_FIRST, SHEET_TEXT },
        { "20/11/2026 8:03", "2026-11-20", 28980, SHEET_DAY_FIRST, SHEET_TEXT },
        { "20/11/2026 - 08:03:11", "2026-11-20", 28991, SHEET_DAY_FIRST, SHEET_TEXT },
        { "11/20/2026 08:03:11 PM", "2026-11-20", 72191, SHEET_MONTH_FIRST, SHEET_TEXT },
        { "20/11/2026 12:00 AM", "2026-11-20", 0, SHEET_DAY_FIRST, SHEET_TEXT },
        { "2026-11-20 08:03:11", "2026-11-20", 28991, SHEET_DAY_FIRST, SHEET_DATE },
        { "46346", "2026-11-20", -1, SHEET_DAY_FIRST, SHEET_NUMBER },
        { "29/02/2024", "2024-02-29", -1, SHEET_DAY_FIRST, SHEET_TEXT },
    };
    static const char *const bad[] = { "",           "29/02/2026", "31/04/2026", "20/13/2026", "2026-11-32", "20/11/1026", "20/11/3026", "11/2026", "20/11",
                                       "20/11/2026x", "20/11/2026 25:00", "20/11/2026 10:60", "hôm qua", "20-XYZ-2026", "20261332", "1/2/3/4", "20/11/126" };
    struct sheet_moment at;
    char text[CLOCK_DATE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        print_message("%s\n", good[i].text);
        assert_int_equal(sheet_date(cell(good[i].text, good[i].kind), good[i].form, &at), RC_OK);
        clock_date_text(text, at.day);
        assert_string_equal(text, good[i].date);
        assert_int_equal(at.has_time, good[i].second >= 0);
        assert_int_equal(at.second, good[i].second >= 0 ? good[i].second : 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        print_message("%s\n", bad[i]);
        assert_true(sheet_date(cell(bad[i], SHEET_TEXT), SHEET_DAY_FIRST, &at) < 0);
    }
}

/* Births lie before 1970: each day of 1900–1970 must be the one before the next. */
static void test_early_dates(void **state)
{
    static const int months[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int32_t before = -25568;

    (void)state;
    for (int year = 1900; year <= 1970; year++) {
        bool leap = year % 4 == 0 && year != 1900;

        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= months[month - 1] + (leap && month == 2); day++) {
                struct sheet_moment at;
                char text[16];

                (void)snprintf(text, sizeof text, "%d/%d/%d", day, month, year);
                assert_int_equal(sheet_date(cell(text, SHEET_TEXT), SHEET_DAY_FIRST, &at), RC_OK);
                assert_int_equal(at.day, before + 1);
                before = at.day;
            }
        }
    }
    assert_int_equal(before, 364);
}

static void test_times(void **state)
{
    int32_t s;

    (void)state;
    assert_int_equal(sheet_time(cell("08:03:11", SHEET_TEXT), &s), RC_OK);
    assert_int_equal(s, 28991);
    assert_int_equal(sheet_time(cell("8h03", SHEET_TEXT), &s), RC_OK);
    assert_int_equal(s, 28980);
    assert_int_equal(sheet_time(cell("23:59:59.999", SHEET_TEXT), &s), RC_OK);
    assert_int_equal(s, 86399);
    assert_int_equal(sheet_time(cell("2026-11-20 08:03:11", SHEET_DATE), &s), RC_OK);
    assert_int_equal(s, 28991);
    assert_int_equal(sheet_time(cell("0.5", SHEET_NUMBER), &s), RC_OK);
    assert_int_equal(s, 43200);
    assert_true(sheet_time(cell("24:00", SHEET_TEXT), &s) < 0);
    assert_true(sheet_time(cell("10:61", SHEET_TEXT), &s) < 0);
    assert_true(sheet_time(cell("", SHEET_TEXT), &s) < 0);
}

static void test_titles(void **state)
{
    (void)state;
    assert_true(sheet_title_fits(SLICE("LỚP HỌC"), "lớp|class"));
    assert_true(sheet_title_fits(SLICE("Lop"), "lớp|class"));
    assert_true(sheet_title_fits(SLICE("Khối/Lớp"), "lớp|class"));
    assert_true(sheet_title_fits(SLICE("class_name"), "lớp|class"));
    assert_false(sheet_title_fits(SLICE("classic"), "lớp|class"));
    assert_false(sheet_title_fits(SLICE(""), "lớp|class"));
    assert_true(sheet_title_fits(SLICE("NỢ"), "nợ|debit"));
    assert_true(sheet_title_fits(SLICE("PS no"), "ps nợ"));
    assert_false(sheet_title_fits(SLICE("No"), "nợ|debit"));
    assert_false(sheet_title_fits(SLICE("STT/No"), "nợ|debit"));
}

static bool is(const char *title, uint32_t above, const char *name)
{
    struct sheet_header h = { .titles = 1, .title = { slice_of(title) }, .above = { above } };

    return sheet_column_is(&h, 0, slice_of(name));
}

static void test_columns(void **state)
{
    (void)state;
    assert_true(is("Tiền ăn", 0, "Tiền ăn"));
    assert_true(is("TIEN  AN", 0, "Tiền ăn"));
    assert_true(is("Tiền ăn (đồng)", 0, "tiền ăn"));
    assert_true(is("Tiền ăn / Meals", 0, "Tiền ăn"));
    assert_true(is("Meals/Tiền ăn", 0, "Tiền ăn"));
    assert_true(is("Nước uống/tháng", 0, "Nước uống/tháng"));
    assert_true(is("Các khoản thu Tiền ăn", 16, "Tiền ăn"));
    assert_true(is("Tiền ăn Meals", 10, "Tiền ăn"));
    assert_false(is("Tiền ăn sáng", 0, "Tiền ăn"));
    assert_false(is("Đã thu tiền ăn", 0, "Tiền ăn"));
    assert_false(is("Tiền ăn (đã thu)", 0, "Tiền ăn"));
    assert_false(is("Tiền", 0, "Tiền ăn"));
    assert_false(is("", 0, "Tiền ăn"));
    assert_false(is("Tiền ăn", 0, ""));
    assert_false(is("Tiền ăn", 0, "–"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amounts), cmocka_unit_test(test_columns), cmocka_unit_test(test_amounts_of_numbers), cmocka_unit_test(test_dates),
        cmocka_unit_test(test_early_dates), cmocka_unit_test(test_times), cmocka_unit_test(test_titles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
