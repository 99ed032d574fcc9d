/* The vectors of design.md §4, and what its two sums promise, over thousands of codes. */
#include "khop/pay/code.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define CODES 3000

static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

static const char *const vectors[] = { "SB7M4QX2C", "SC22222SY", "SPZZZZZ6E", "SV234567Q",
                                       "SK9TTF6CU", "SBAAAAAUN", "SCK7P3W98" };

static int parse(const char *text, int32_t *no)
{
    return code_parse(slice_of(text), no);
}

static void test_vectors(void **state)
{
    char text[CODE_SIZE];
    int32_t no = 0;
    int place;

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t body[CODE_BODY];
        int32_t made;

        for (int j = 0; j < CODE_BODY; j++)
            body[j] = (uint8_t)code_value(vectors[i][2 + j]);
        assert_int_equal(code_make(vectors[i][1], body, &made), RC_OK);
        code_text(text, made);
        assert_string_equal(text, vectors[i]);
        assert_int_equal(parse(vectors[i], &no), RC_OK);
        assert_int_equal(no, made);
        assert_int_equal(code_kind(no), vectors[i][1]);
    }
    assert_int_equal(code_repair(SLICE("SB794QX2C"), &no, &place), RC_OK);
    code_text(text, no);
    assert_string_equal(text, "SB7M4QX2C");
    assert_int_equal(place, 3);
    /* The number: kind · 31⁵ + the five symbols, most significant first. */
    assert_int_equal(parse("SC22222SY", &no), RC_OK);
    assert_int_equal(no, 10 * CODE_BODIES);
    assert_int_equal(parse("SPZZZZZ6E", &no), RC_OK);
    assert_int_equal(no, 20 * CODE_BODIES + CODE_BODIES - 1);
    assert_int_equal(parse("SV234567Q", &no), RC_OK);
    assert_int_equal(code_body(no), ((1 * 31 + 2) * 31 + 3) * 31 + 4);
}

static void test_alphabet(void **state)
{
    (void)state;
    assert_int_equal(strlen(alphabet), CODE_BASE);
    for (int c = 0; c < 256; c++) {
        const char *at = c == 0 ? NULL : strchr(alphabet, c);

        assert_int_equal(code_value((char)c), at == NULL ? -1 : (int)(at - alphabet));
    }
    for (int v = 0; v < CODE_BASE; v++)
        assert_int_equal(code_letter(v), alphabet[v]);
}

static int32_t any_code(uint64_t *seed)
{
    static const char kinds[] = "BCPVK";
    int32_t no;

    assert_int_equal(code_from_random(kinds[random_below(seed, 5)], random_next(seed), &no), RC_OK);
    assert_true(code_ok(no));
    return no;
}

static void test_round_trip(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        char text[CODE_SIZE];
        int32_t no = any_code(&seed), back = -1;

        code_text(text, no);
        assert_int_equal(parse(text, &back), RC_OK);
        assert_int_equal(back, no);
    }
    for (int32_t no = 0; no < CODE_END; no += 99991) { /* every kind letter, also those in nobody's list */
        char text[CODE_SIZE];
        int32_t back = -1;

        code_text(text, no);
        assert_int_equal(parse(text, &back), RC_OK);
        assert_int_equal(back, no);
    }
}

/* Every wrong letter at every place is noticed, and repaired to the code that it was. */
static void test_every_single_error_repairs(void **state)
{
    static const char wrong[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint64_t seed = 2;

    (void)state;
    for (int i = 0; i < CODES; i++) {
        char text[CODE_SIZE];
        int32_t no = any_code(&seed);

        code_text(text, no);
        for (int at = 0; at < CODE_LETTERS; at++) {
            char right = text[at];

            for (const char *w = wrong; *w != '\0'; w++) {
                int32_t got = -1;
                int place = -2;

                if (*w == right)
                    continue;
                text[at] = *w;
                assert_int_equal(parse(text, &got), RC_BAD_INPUT);
                assert_int_equal(code_repair(slice_of(text), &got, &place), RC_OK);
                assert_int_equal(got, no);
                assert_int_equal(place, at);
            }
            text[at] = right;
        }
    }
}

static void test_every_swap_is_noticed(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (int i = 0; i < 20 * CODES; i++) {
        char text[CODE_SIZE];
        int32_t no = any_code(&seed), got = -1;

        code_text(text, no);
        for (int at = 0; at + 1 < CODE_LETTERS; at++) {
            char a = text[at], b = text[at + 1];
            int place;

            text[at] = b;
            text[at + 1] = a;
            if (a != b)
                assert_int_equal(parse(text, &got), RC_BAD_INPUT);
            /* A swap behind the S is never taken for one wrong letter. */
            if (a != b && at > 0)
                assert_int_equal(code_repair(slice_of(text), &got, &place), RC_BAD_INPUT);
            text[at] = a;
            text[at + 1] = b;
        }
    }
}

static void test_repair_refuses(void **state)
{
    static const char *const bad[] = { "",          "SB7M4QX2",  "SB7M4QX2CC", "5B794QX2C", "SB0M4QX20",
                                       "XB7M4QX2D", "sb7m4qx2c", "SB7M4QX2 ",  "000000000", "SB7M4XQ2C" };
    int32_t no = 42;
    int place = 42;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(code_repair(slice_of(bad[i]), &no, &place), RC_BAD_INPUT);
        assert_int_equal(parse(bad[i], &no), RC_BAD_INPUT);
    }
    assert_int_equal(no, 42);
    assert_int_equal(place, 42);
    assert_int_equal(code_repair(SLICE("SB7M4QX2C"), &no, &place), RC_OK);
    assert_int_equal(place, -1);
    assert_int_equal(code_repair(SLICE("5B7M4QX2C"), &no, &place), RC_OK);
    assert_int_equal(place, 0);
}

static void test_kinds(void **state)
{
    static const char letters[] = "BCPVK";
    static const char *const names[] = { "fee", "stall", "payout", "service", "card" };
    uint8_t body[CODE_BODY] = { 0, 0, 0, 0, CODE_BASE };
    int32_t no;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(code_kind_at(i)->name, names[i]);
        assert_int_equal(code_kind_at(i)->letter, letters[i]);
    }
    assert_null(code_kind_at(5));
    assert_int_equal(code_kinds(SLICE("BCPVK")), CODE_KINDS_DEFAULT);
    assert_int_equal(code_kinds(SLICE("BO")), 0);
    assert_int_equal(code_make('B', body, &no), RC_BAD_INPUT);
    body[4] = 0;
    assert_int_equal(code_make('O', body, &no), RC_BAD_INPUT);
    assert_int_equal(code_make('b', body, &no), RC_BAD_INPUT);
    assert_int_equal(code_from_random('1', 0, &no), RC_BAD_INPUT);
    assert_false(code_ok(-1) || code_ok(CODE_END));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_alphabet),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_single_error_repairs),
        cmocka_unit_test(test_every_swap_is_noticed),
        cmocka_unit_test(test_repair_refuses),
        cmocka_unit_test(test_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
