/* Tables: CSV to the byte, bounds, faults of the sink. What the other forms say is read back by read_papers.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "khop/base/clock.h"
#include "khop/print/table.h"

#include "khop/base/banned.h"

static struct print_fonts *fonts;

static const struct table_column columns[] = {
    { "Họ tên", TABLE_TEXT }, { "Mã", TABLE_CODE },  { "Tiền", TABLE_MONEY },
    { "Số", TABLE_INTEGER },  { "Ngày", TABLE_DATE }, { "Lúc, giờ", TABLE_TIME },
};

static struct table_head a_head(void)
{
    return (struct table_head){ .title = "Thử", .columns = columns, .column_count = 6, .made_us = 1000000 };
}

static struct table_cell text(const char *s)
{
    return (struct table_cell){ .set = true, .text = slice_of(s) };
}

static struct table_cell number(int64_t n)
{
    return (struct table_cell){ .set = true, .number = n };
}

static int end(struct table_out *t)
{
    bool more = true;
    int rc = RC_OK;

    while (rc == RC_OK && more)
        rc = table_end(t, &more);
    assert_false(more);
    return rc;
}

static void csv_bytes(void **state)
{
    static const char expected[] = "\xEF\xBB\xBFHọ tên,Mã,Tiền,Số,Ngày,\"Lúc, giờ\"\r\n"
                                   "Lò Văn A,SB7M4QX2C,180000,-3,2026-11-22,2026-11-22 09:20:01\r\n"
                                   ",,,,,\r\n"
                                   "\"a\"\"b,c\r\nd\",\"'=1+1\",0,0,1970-01-01,1970-01-01 07:00:00\r\n"
                                   "\"'+x\",\"'-x\",-9007199254740991,1,,\r\n"
                                   "\"'@x\",\"'\tx\",1,1,,\r\n"
                                   "\"'\rx\",x=1,1,1,,\r\n"
                                   "\" x\",\"a;b\",1,1,,\r\n";
    struct table_cell rows[][6] = {
        { text("Lò Văn A"), text("SB7M4QX2C"), number(180000), number(-3), number(20779), number(INT64_C(1795314001) * CLOCK_US + 5) },
        { { 0 } },
        { text("a\"b,c\r\nd"), text("=1+1"), number(0), number(0), number(0), number(0) },
        { text("+x"), text("-x"), number(-TABLE_NUMBER_MAX), number(1) },
        { text("@x"), text("\tx"), number(1), number(1) },
        { text("\rx"), text("x=1"), number(1), number(1) },
        { text(" x"), text("a;b"), number(1), number(1) },
    };
    struct table_head head = a_head();
    struct table_out *t;
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    assert_int_equal(table_open(&t, TABLE_CSV, &head, NULL, print_sink_buf(&out)), RC_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(table_row(t, rows[i]), RC_OK);
    assert_int_equal(table_sum(t, TABLE_SUM_ALL, rows[0]), RC_OK);
    assert_int_equal(end(t), RC_OK);
    assert_int_equal(table_row(t, rows[0]), RC_INTERNAL);
    table_free(t);
    assert_string_equal(out.p, expected);
    buf_release(&out);
}

static void bounds(void **state)
{
    static char big[TABLE_TEXT_MAX + 2];
    static struct table_column many[TABLE_COLUMNS_MAX + 1];
    struct table_head head = a_head();
    struct table_out *t;
    struct buf out;

    (void)state;
    memset(big, 'x', sizeof big - 1);
    for (size_t i = 0; i <= TABLE_COLUMNS_MAX; i++)
        many[i] = (struct table_column){ "x", TABLE_TEXT };
    buf_init(&out, 1 << 20);
    for (enum table_format f = TABLE_CSV; f <= TABLE_PDF; f++) {
        const struct {
            struct table_cell cell;
            size_t column;
            int rc;
        } cells[] = {
            { { true, 0, { big, TABLE_TEXT_MAX } }, 0, RC_OK },
            { { true, 0, { big, TABLE_TEXT_MAX + 1 } }, 0, RC_TOO_LARGE },
            { text("\xC3"), 0, RC_BAD_INPUT },
            { { true, 0, { "a\0b", 3 } }, 0, RC_BAD_INPUT },
            { text("x"), 2, RC_BAD_INPUT },
            { number(TABLE_NUMBER_MAX), 2, RC_OK },
            { number(TABLE_NUMBER_MAX + 1), 2, RC_TOO_LARGE },
            { number(-TABLE_NUMBER_MAX - 1), 3, RC_TOO_LARGE },
            { number(-25509), 4, RC_TOO_LARGE },
            { number(-25508), 4, RC_OK },
            { number(2932897), 4, RC_TOO_LARGE },
            { number(2932896), 4, RC_OK },
            { number(-1), 5, RC_TOO_LARGE },
        };

        for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
            struct table_cell row[6] = { 0 };
            bool more;

            row[cells[i].column] = cells[i].cell;
            assert_int_equal(table_open(&t, f, &head, fonts, print_sink_buf(&out)), RC_OK);
            assert_int_equal(table_row(t, row), cells[i].rc);
            if (cells[i].rc != RC_OK) {
                assert_int_equal(table_sum(t, TABLE_SUM_ALL, (struct table_cell[6]){ 0 }), cells[i].rc);
                assert_int_equal(table_end(t, &more), cells[i].rc);
                assert_false(more);
            }
            table_free(t); /* also in the middle */
        }
        head.columns = many;
        head.column_count = TABLE_COLUMNS_MAX + 1;
        assert_int_equal(table_open(&t, f, &head, fonts, print_sink_buf(&out)), RC_BAD_INPUT);
        head.column_count = 0;
        assert_int_equal(table_open(&t, f, &head, fonts, print_sink_buf(&out)), RC_BAD_INPUT);
        head = a_head();
        head.subtitles[0] = "\xFF";
        assert_int_equal(table_open(&t, f, &head, fonts, print_sink_buf(&out)), RC_BAD_INPUT);
        head = a_head();
    }
    assert_int_equal(table_open(&t, TABLE_PDF, &head, NULL, print_sink_buf(&out)), RC_BAD_INPUT);
    buf_release(&out);
}

static void pdf_rows_are_bounded(void **state)
{
    struct table_head head = a_head();
    struct table_cell row[6] = { { 0 } };
    struct table_out *t;
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    assert_int_equal(table_open(&t, TABLE_PDF, &head, fonts, print_sink_buf(&out)), RC_OK);
    for (int i = 0; i < TABLE_PDF_ROWS_MAX; i++)
        assert_int_equal(table_row(t, row), RC_OK);
    assert_int_equal(table_row(t, row), RC_TOO_LARGE);
    table_free(t);
    assert_int_equal(out.n, 0);
    buf_release(&out);
}

/* A sink that is full after some bytes. */
struct narrow {
    size_t room, calls_after;
    bool full;
};

static int write_narrow(void *arg, const void *bytes, size_t n)
{
    struct narrow *w = arg;

    (void)bytes;
    if (w->full)
        w->calls_after++;
    if (n > w->room) {
        w->full = true;
        return RC_BUSY;
    }
    w->room -= n;
    return RC_OK;
}

static void sink_refuses(void **state)
{
    struct table_head head = a_head();
    struct table_cell row[6] = { text("Lò Thị Ánh"), text("SB7M4QX2C"), number(1) };

    (void)state;
    for (enum table_format f = TABLE_CSV; f <= TABLE_PDF; f++)
        for (size_t room = 0; room < 40000; room = room * 3 + 100) {
            struct narrow w = { .room = room };
            struct table_out *t;
            int rc = RC_OK;

            assert_int_equal(table_open(&t, f, &head, fonts, (struct print_sink){ write_narrow, &w }), RC_OK);
            for (int i = 0; rc == RC_OK && i < 2000; i++)
                rc = table_row(t, row);
            if (rc == RC_OK)
                rc = end(t);
            assert_int_equal(rc, w.full ? RC_BUSY : RC_OK);
            table_free(t);
            assert_int_equal(w.calls_after, 0);
        }
}

static void words(void **state)
{
    enum table_format f;
    struct print_fonts *none = NULL;
    char out[TABLE_CELL_SIZE];

    (void)state;
    assert_int_equal(table_format_of(SLICE("pdf"), &f), RC_OK);
    assert_int_equal(f, TABLE_PDF);
    assert_int_equal(table_format_of(SLICE("PDF"), &f), RC_NOT_FOUND);
    table_number_shown(out, TABLE_MONEY, -1936000);
    assert_string_equal(out, "-1.936.000");
    table_number_shown(out, TABLE_DATE, -10592); /* somebody's birth */
    assert_string_equal(out, "01/01/1941");
    table_number_shown(out, TABLE_DATE, 20779);
    assert_string_equal(out, "22/11/2026");
    table_number_shown(out, TABLE_TIME, INT64_C(1795314001) * CLOCK_US);
    assert_string_equal(out, "22/11/2026 09:20");
    assert_int_equal(print_fonts_open("/nonexistent", &none), RC_NOT_FOUND);
    assert_null(none);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_bytes),    cmocka_unit_test(bounds), cmocka_unit_test(pdf_rows_are_bounded),
        cmocka_unit_test(sink_refuses), cmocka_unit_test(words),
    };

    return cmocka_run_group_tests(tests, fonts_take, fonts_drop);
}
