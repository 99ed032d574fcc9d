/* Our memos (vietqr.md §5), foreign texts as stored, and tokens of addresses. */
#include "khop/base/utf8.h"
#include "khop/pay/code.h"
#include "khop/pay/match.h"
#include "khop/pay/memo.h"
#include "khop/pay/token.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define OUT_MAX 1024

static int32_t number(const char *code)
{
    int32_t no = -1;

    assert_int_equal(code_parse(slice_of(code), &no), RC_OK);
    return no;
}

static void expect_fold(const char *text, const char *want)
{
    struct buf out;

    buf_init(&out, OUT_MAX);
    assert_int_equal(memo_fold(&out, slice_of(text)), RC_OK);
    assert_string_equal(out.n == 0 ? "" : out.p, want);
    buf_release(&out);
}

static void test_fold(void **state)
{
    (void)state;
    expect_fold("", "");
    expect_fold("tiền ăn tháng 9", "TIEN AN THANG 9");
    expect_fold("Đường Điện Biên Phủ", "DUONG DIEN BIEN PHU");
    expect_fold("đóng học phí kỳ I", "DONG HOC PHI KY I");
    expect_fold("Lò Thị Mây – lớp 5A/2", "LO THI MAY LOP 5A 2");
    expect_fold("  a__b--c..d  ", "A B C D");
    expect_fold("...", "");
    expect_fold("tie\xcc\x82\xcc\x80n", "TIEN");          /* decomposed already */
    expect_fold("\xe1\xbb\x87", "E");                     /* ệ */
    expect_fold("ca\xff\xfe\x80m on", "CA M ON");         /* broken bytes separate */
    expect_fold("gi\xc3\xa1 5\xe2\x82\xab", "GIA 5");     /* ₫ */
    expect_fold("stra\xc3\x9f" "e \xc3\x98 \xe2\x93\x90", "STRA E"); /* nothing to decompose to */
    expect_fold("a\xc2\xa0" "b", "A B");
    expect_fold("\xea\xaa\x80\xea\xaa\x81", "");          /* Tai Viet has no Latin form */
}

static void expect_make(const char *label, size_t limit, const char *want)
{
    struct buf out;

    buf_init(&out, OUT_MAX);
    buf_puts(&out, "|"); /* it appends */
    assert_int_equal(memo_make(&out, number("SB7M4QX2C"), slice_of(label), limit), RC_OK);
    assert_string_equal(out.p + 1, want);
    assert_int_equal(out.n, strlen(want) + 1);
    buf_release(&out);
}

static void test_make(void **state)
{
    struct buf out;

    (void)state;
    expect_make("tiền ăn tháng", MEMO_LIMIT, "SB7M4QX2C TIEN AN THANG");
    expect_make("tiền ăn tháng 9", MEMO_LIMIT, "SB7M4QX2C TIEN AN THANG 9");
    expect_make("tiền ăn tháng 10", MEMO_LIMIT, "SB7M4QX2C TIEN AN THANG"); /* half a word says something else */
    expect_make("tiền ăn tháng  mười", MEMO_LIMIT, "SB7M4QX2C TIEN AN THANG");
    expect_make("", MEMO_LIMIT, "SB7M4QX2C");
    expect_make("–––", MEMO_LIMIT, "SB7M4QX2C");
    expect_make("tiền ăn", 9, "SB7M4QX2C");
    expect_make("tiền ăn", 10, "SB7M4QX2C");
    expect_make("tiền ăn", 11, "SB7M4QX2C T");
    expect_make("a b", 12, "SB7M4QX2C A");
    expect_make("tiền ăn", 19, "SB7M4QX2C TIEN AN");
    buf_init(&out, OUT_MAX);
    assert_int_equal(memo_make(&out, number("SB7M4QX2C"), SLICE("x"), 8), RC_BAD_INPUT);
    assert_int_equal(memo_make(&out, -1, SLICE("x"), 25), RC_BAD_INPUT);
    assert_int_equal(memo_make(&out, CODE_END, SLICE("x"), 25), RC_BAD_INPUT);
    assert_int_equal(out.n, 0);
    buf_release(&out);
}

/* Whatever the label and the limit: the form holds, and the code is found again as it is. */
static void test_make_holds(void **state)
{
    static const char *const bits[] = { "tiền", " ", "  ", "ăn", "-", "Đ", "9", "\xff", "S", "B7", "\xcc\x81", "…", "lớp 5A" };
    uint64_t seed = 21;
    struct buf label, out;

    (void)state;
    buf_init(&label, OUT_MAX);
    buf_init(&out, OUT_MAX);
    for (int i = 0; i < 20000; i++) {
        size_t limit = 9 + random_below(&seed, 30);
        struct match_list list;
        int32_t no;

        assert_int_equal(code_from_random('B', random_next(&seed), &no), RC_OK);
        buf_clear(&label);
        buf_clear(&out);
        for (uint32_t n = random_below(&seed, 8); n > 0; n--)
            buf_puts(&label, bits[random_below(&seed, sizeof bits / sizeof bits[0])]);
        assert_int_equal(memo_make(&out, no, buf_slice(&label), limit), RC_OK);
        assert_in_range(out.n, CODE_LETTERS, limit);
        assert_true(out.p[out.n - 1] != ' ');
        assert_null(strstr(out.p, "  "));
        assert_int_equal(strspn(out.p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "), out.n);
        assert_true(out.n == CODE_LETTERS || out.p[CODE_LETTERS] == ' ');
        assert_int_equal(match_find(buf_slice(&out), CODE_KINDS_DEFAULT, &list), RC_OK);
        assert_true(list.code[0].no == no && list.code[0].how == MATCH_EXACT);
    }
    buf_release(&label);
    buf_release(&out);
}

static void test_no_room(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 4);
    assert_int_equal(memo_make(&out, number("SB7M4QX2C"), SLICE("x"), 25), RC_NOMEM);
    buf_clear(&out);
    assert_int_equal(memo_fold(&out, SLICE("abcdef")), RC_NOMEM);
    buf_release(&out);
}

static void test_tokens(void **state)
{
    static const char *const bad[] = { "", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA=",
                                       "AAAAAAAAAAAA AAAAAAAAAAA", "AAAAAAAAAAAA+AAAAAAAAAAA", "AAAAAAAAAAAA/AAAAAAAAAAA",
                                       "AAAAAAAAAAAA.AAAAAAAAAAA", "gAAAAAAAAAAAAAAAAAAAAAAA", "________________________" };
    uint8_t random[TOKEN_RANDOM_SIZE] = { 0xff, 1, 2 }, back[TOKEN_RANDOM_SIZE];
    char text[TOKEN_SIZE];
    int32_t bucket = -1;
    uint64_t seed = 23;

    (void)state;
    assert_int_equal(token_text(text, 258, random), RC_OK);
    assert_string_equal(text, "AQL_AQIAAAAAAAAAAAAAAAAA");
    for (int i = 0; i < 5000; i++) {
        int32_t from = (int32_t)random_below(&seed, TOKEN_BUCKET_MAX + 1);

        for (size_t j = 0; j < sizeof random; j++)
            random[j] = (uint8_t)random_next(&seed);
        assert_int_equal(token_text(text, from, random), RC_OK);
        assert_int_equal(strlen(text), TOKEN_LETTERS);
        assert_int_equal(token_parse(slice_of(text), &bucket, back), RC_OK);
        assert_int_equal(bucket, from);
        assert_memory_equal(back, random, sizeof random);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(token_parse(slice_of(bad[i]), &bucket, back), RC_BAD_INPUT);
    assert_int_equal(token_text(text, -1, random), RC_BAD_INPUT);
    assert_int_equal(token_text(text, TOKEN_BUCKET_MAX + 1, random), RC_BAD_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),    cmocka_unit_test(test_make),   cmocka_unit_test(test_make_holds),
        cmocka_unit_test(test_no_room), cmocka_unit_test(test_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
