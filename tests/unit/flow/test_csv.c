/* RFC 4180 by its own examples, and every way to break it. */
#include "khop/flow/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "khop/base/banned.h"

/* The fields between bars, or the sentence. */
static const char *split(const char *text, char out[512])
{
    char scratch[512];
    struct csv_line line;
    const char *why = "";
    int n = 0;

    if (csv_split(slice_of(text), scratch, &line, &why) < 0)
        return why;
    for (size_t i = 0; i < line.n; i++)
        n += snprintf(out + n, 512 - (size_t)n, "%s%s%.*s", i == 0 ? "" : "|", line.quoted[i] ? "'" : "", SLICE_FMT(line.fields[i]));
    return out;
}

static void test_fields(void **state)
{
    static const struct {
        const char *line, *fields;
    } cases[] = {
        { "aaa,bbb,ccc", "aaa|bbb|ccc" },
        { "\"aaa\",\"bbb\",\"ccc\"", "'aaa|'bbb|'ccc" },
        { "\"aaa\",\"b\"\"bb\",\"ccc\"", "'aaa|'b\"bb|'ccc" },
        { "\"a,b\",c", "'a,b|c" },
        { "", "" },
        { ",", "|" },
        { ",,x", "||x" },
        { "x,", "x|" },
        { "\"\"", "'" },
        { "\"\"\"\"", "'\"" },
        { "\"\"\"a\"\"\",\"b\"", "'\"a\"|'b" },
        { " a , b ", " a | b " }, /* spaces are part of a field */
        { "Tiền ăn,Lò Thị Mây", "Tiền ăn|Lò Thị Mây" },
    };
    char out[512];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(split(cases[i].line, out), cases[i].fields);
}

static void test_faults(void **state)
{
    char out[512];

    (void)state;
    assert_string_equal(split("\"abc", out), "A quote is opened and not closed on this line.");
    assert_string_equal(split("a,\"b\"\"", out), "A quote is opened and not closed on this line.");
    assert_string_equal(split("a,\"", out), "A quote is opened and not closed on this line.");
    assert_string_equal(split("a\"b", out), "A quote stands inside a field: put the whole field in quotes and double the quotes in it.");
    assert_string_equal(split(" \"a\"", out), "A quote stands inside a field: put the whole field in quotes and double the quotes in it.");
    assert_string_equal(split("\"a\"b,c", out), "Only a comma or the end of the line may follow a closing quote.");
    assert_string_equal(split("\"a\" ,c", out), "Only a comma or the end of the line may follow a closing quote.");
}

static void test_many(void **state)
{
    char text[CSV_FIELDS_MAX + 1], out[512];

    (void)state;
    memset(text, ',', sizeof text);
    text[CSV_FIELDS_MAX - 1] = '\0'; /* one field more than commas */
    assert_int_equal(strlen(split(text, out)), CSV_FIELDS_MAX - 1);
    text[CSV_FIELDS_MAX - 1] = ',';
    text[CSV_FIELDS_MAX] = '\0';
    assert_string_equal(split(text, out), "There are more fields on this line than there are columns.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
