/* The table of product.md §6, its settings, and what must hold for every number; then how amounts are shown. */
#include "khop/pay/money.h"
#include "khop/pay/words.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define TEXT_MAX 512

static const struct {
    int64_t n;
    const char *bare;
} table[] = {
    { 0, "không" },
    { 5, "năm" },
    { 10, "mười" },
    { 15, "mười lăm" },
    { 21, "hai mươi mốt" },
    { 24, "hai mươi tư" },
    { 55, "năm mươi lăm" },
    { 104, "một trăm linh bốn" },
    { 105, "một trăm linh năm" },
    { 115, "một trăm mười lăm" },
    { 1001, "một nghìn không trăm linh một" },
    { 1005, "một nghìn không trăm linh năm" },
    { 10500, "mười nghìn năm trăm" },
    { 100000, "một trăm nghìn" },
    { 360000, "ba trăm sáu mươi nghìn" },
    { 936000, "chín trăm ba mươi sáu nghìn" },
    { 1000005, "một triệu không trăm linh năm" },
    { 1050000, "một triệu không trăm năm mươi nghìn" },
    { 2340000, "hai triệu ba trăm bốn mươi nghìn" },
    { 20000000, "hai mươi triệu" },
    { 1000000000, "một tỷ" },
    { 1005000000, "một tỷ không trăm linh năm triệu" },
    { 360000000000, "ba trăm sáu mươi tỷ" },
    { 1000000005000, "một nghìn tỷ không trăm linh năm nghìn" },
    /* worked out by hand from the rules */
    { 1, "một" },
    { 4, "bốn" },
    { 11, "mười một" },
    { 14, "mười bốn" },
    { 20, "hai mươi" },
    { 25, "hai mươi lăm" },
    { 40, "bốn mươi" },
    { 101, "một trăm linh một" },
    { 110, "một trăm mười" },
    { 111, "một trăm mười một" },
    { 121, "một trăm hai mươi mốt" },
    { 1010, "một nghìn không trăm mười" },
    { 1021, "một nghìn không trăm hai mươi mốt" },
    { 1100, "một nghìn một trăm" },
    { 21000, "hai mươi mốt nghìn" },
    { 1000000, "một triệu" },
    { 1000000001, "một tỷ không trăm linh một" },
    { 1001000000000, "một nghìn không trăm linh một tỷ" },
    { 21000000000, "hai mươi mốt tỷ" },
    { 1000000000000, "một nghìn tỷ" },
    { 100000000000001, "một trăm nghìn tỷ không trăm linh một" },
    { 999999999999999,
      "chín trăm chín mươi chín nghìn chín trăm chín mươi chín tỷ chín trăm chín mươi chín triệu "
      "chín trăm chín mươi chín nghìn chín trăm chín mươi chín" },
};

static const char *bare(struct buf *out, int64_t n, unsigned style)
{
    buf_clear(out);
    assert_int_equal(words_bare(out, n, style), RC_OK);
    return out->p;
}

static const char *printed(struct buf *out, int64_t n, unsigned style)
{
    buf_clear(out);
    assert_int_equal(words_printed(out, n, style), RC_OK);
    return out->p;
}

static void test_table(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_string_equal(bare(&out, table[i].n, 0), table[i].bare);
    buf_release(&out);
}

static void test_settings(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, TEXT_MAX);
    assert_string_equal(bare(&out, 1000005, WORDS_LE), "một triệu không trăm lẻ năm");
    assert_string_equal(bare(&out, 1005, WORDS_NGAN), "một ngàn không trăm linh năm");
    assert_string_equal(bare(&out, 1000000005000, WORDS_LE | WORDS_NGAN | WORDS_TI),
                        "một ngàn tỉ không trăm lẻ năm ngàn");
    assert_string_equal(bare(&out, 1000, WORDS_CHAN), "một nghìn");
    assert_string_equal(printed(&out, 936000, 0), "Chín trăm ba mươi sáu nghìn đồng");
    assert_string_equal(printed(&out, 936000, WORDS_CHAN), "Chín trăm ba mươi sáu nghìn đồng chẵn");
    assert_string_equal(printed(&out, 936500, WORDS_CHAN), "Chín trăm ba mươi sáu nghìn năm trăm đồng");
    assert_string_equal(printed(&out, 0, WORDS_CHAN), "Không đồng");
    assert_string_equal(printed(&out, 4, 0), "Bốn đồng");
    buf_release(&out);
}

static void test_appends_and_limits(void **state)
{
    struct buf out, small;

    (void)state;
    buf_init(&out, TEXT_MAX);
    buf_init(&small, 10);
    buf_puts(&out, "Bằng chữ: ");
    assert_int_equal(words_printed(&out, 15, 0), RC_OK);
    assert_string_equal(out.p, "Bằng chữ: Mười lăm đồng");
    assert_int_equal(words_bare(&out, -1, 0), RC_BAD_INPUT);
    assert_int_equal(words_bare(&out, WORDS_MAX + 1, 0), RC_BAD_INPUT);
    assert_int_equal(words_printed(&out, INT64_MIN, 0), RC_BAD_INPUT);
    assert_string_equal(out.p, "Bằng chữ: Mười lăm đồng");
    assert_int_equal(words_printed(&small, 999999, 0), RC_NOMEM);
    buf_release(&out);
    buf_release(&small);
}

/* A second reader of the same rules, backwards: what do these words say? */
static int64_t read_back(char *text)
{
    static const struct {
        const char *word;
        int digit;
    } digits[] = { { "không", 0 }, { "một", 1 }, { "mốt", 1 }, { "hai", 2 }, { "ba", 3 },  { "bốn", 4 }, { "tư", 4 },
                   { "năm", 5 },   { "lăm", 5 }, { "sáu", 6 }, { "bảy", 7 }, { "tám", 8 }, { "chín", 9 } };
    int64_t total = 0, part = 0; /* below the last tỷ; below the last unit */
    int group = 0, digit = 0;
    char *save = NULL;

    for (char *w = strtok_r(text, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
        int found = -1;

        for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++)
            if (strcmp(w, digits[i].word) == 0)
                found = digits[i].digit;
        if (found >= 0) {
            digit = found;
        } else if (strcmp(w, "trăm") == 0) {
            group += digit * 100;
            digit = 0;
        } else if (strcmp(w, "mươi") == 0) {
            group += digit * 10;
            digit = 0;
        } else if (strcmp(w, "mười") == 0) {
            group += 10;
        } else if (strcmp(w, "linh") == 0) {
            digit = 0;
        } else {
            int64_t unit = strcmp(w, "nghìn") == 0 ? 1000 : strcmp(w, "triệu") == 0 ? 1000000 : 0;

            part += (group + digit) * (unit == 0 ? 1 : unit);
            group = digit = 0;
            if (unit == 0) {
                assert_string_equal(w, "tỷ");
                total = part * 1000000000;
                part = 0;
            }
        }
    }
    return total + part + group + digit;
}

static void check_number(struct buf *out, int64_t n)
{
    const char *text = bare(out, n, 0);

    assert_null(strstr(text, "  "));
    assert_true(text[0] != ' ' && text[strlen(text) - 1] != ' ');
    /* Words that cannot follow each other. */
    assert_null(strstr(text, "mười năm"));
    assert_null(strstr(text, "mươi năm"));
    assert_null(strstr(text, "mươi một"));
    assert_null(strstr(text, "mươi bốn"));
    assert_null(strstr(text, "một mươi"));
    assert_null(strstr(text, "linh mười"));
    assert_null(strstr(text, "linh tư"));
    assert_true(n == 0 || strcmp(text, "không") != 0);
    assert_int_equal(read_back(out->p), n);
}

static void test_every_number_reads_back(void **state)
{
    struct buf out;
    uint64_t seed = 6;

    (void)state;
    buf_init(&out, TEXT_MAX);
    for (int64_t n = 0; n < 20000; n++)
        check_number(&out, n);
    for (int64_t size = 1; size <= WORDS_MAX / 9; size *= 10)
        for (int64_t d = 1; d < 10; d++)
            for (int64_t add = 0; add < 30 && d * size + add <= WORDS_MAX; add++)
                check_number(&out, d * size + add);
    for (int i = 0; i < 20000; i++)
        check_number(&out, (int64_t)((random_next(&seed) >> random_below(&seed, 60)) % (WORDS_MAX + 1)));
    buf_release(&out);
}

static void test_money_text(void **state)
{
    static const struct {
        int64_t v;
        const char *text;
    } shown[] = { { 936000, "936.000 đ" },
                  { 0, "0 đ" },
                  { 5, "5 đ" },
                  { 999, "999 đ" },
                  { 1000, "1.000 đ" },
                  { 12345678, "12.345.678 đ" },
                  { -1500, "-1.500 đ" },
                  { -999, "-999 đ" },
                  { MONEY_MAX, "999.999.999.999 đ" },
                  { INT64_MAX, "9.223.372.036.854.775.807 đ" },
                  { INT64_MIN, "-9.223.372.036.854.775.808 đ" } };
    char out[MONEY_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        money_text(out, shown[i].v);
        assert_string_equal(out, shown[i].text);
    }
    money_groups(out, 180000);
    assert_string_equal(out, "180.000");
}

static void test_money_rules(void **state)
{
    int64_t v = 7;

    (void)state;
    assert_int_equal(money_add(INT64_MAX, 1, &v), RC_TOO_LARGE);
    assert_int_equal(money_sub(INT64_MIN, 1, &v), RC_TOO_LARGE);
    assert_int_equal(v, 7);
    assert_int_equal(money_add(MONEY_MAX, 1, &v), RC_OK);
    assert_int_equal(v, MONEY_MAX + 1);
    assert_int_equal(money_sub(1, 3, &v), RC_OK);
    assert_int_equal(v, -2);
    assert_true(money_ok(1) && money_ok(MONEY_MAX));
    assert_false(money_ok(0) || money_ok(-1) || money_ok(MONEY_MAX + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_appends_and_limits),
        cmocka_unit_test(test_every_number_reads_back),
        cmocka_unit_test(test_money_text),
        cmocka_unit_test(test_money_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
