/* The JSON reader: limits, what is refused, what survives into the signed forms. */
#include "notice.h"

#include "doc.h"

#include <stdlib.h>

#include "khop/base/banned.h"

static int read_text(const char *text, size_t n, struct doc *d)
{
    arena_reset(test_arena);
    /* A heap copy of exactly the bytes, so that a read past the end is seen. */
    char *copy = malloc(n == 0 ? 1 : n);

    assert_non_null(copy);
    memcpy(copy, text, n);
    int rc = doc_read(d, test_arena, (struct slice){copy, n});

    free(copy);
    return rc;
}

static void test_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "}",
        "[",
        "1",
        "\"a\"",
        "null",
        "{]",
        "[}",
        "{}{}",
        "{} x",
        "[1,]",
        "[,1]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1 \"b\":2}",
        "[01]",
        "[-]",
        "[+1]",
        "[1.]",
        "[.5]",
        "[1e]",
        "[1e+]",
        "[--1]",
        "[0x1]",
        "[NaN]",
        "[Infinity]",
        "[tru]",
        "[nul]",
        "[True]",
        "[\"\\x\"]",
        "[\"\\u12\"]",
        "[\"\\u12g4\"]",
        "[\"a\nb\"]",
        "[\"a\tb\"]",
        "[\"a]",
        "[\"\\\"]",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"b\":{\"a\":1,\"a\":1}}",
        "\xef\xbb\xbf{}",
        "[\"\xff\"]",
        "[\"\xc0\x80\"]",
        "[\"\xed\xa0\x80\"]",
        "[\"\xf4\x90\x80\x80\"]",
        "[\"\xe1\xbb\"]",
        "/*x*/{}",
        "[1]//",
        "{\"\\u0000\":1}",
        "[truefalse]",
        "[1 2]",
    };
    struct doc d;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read_text(bad[i], strlen(bad[i]), &d) != RC_BAD_INPUT)
            fail_msg("taken: %s", bad[i]);
    }
    assert_int_equal(read_text("{}\0", 3, &d), RC_BAD_INPUT);
    assert_int_equal(read_text("[\"a\0b\"]", 7, &d), RC_BAD_INPUT);
}

static void test_taken(void **state)
{
    static const char *const good[] = {
        "{}",
        "[]",
        " {} \r\n\t",
        "[0,-0,-1,1.5,1e5,1E-5,-1.5e+10]",
        "{\"a\":[true,false,null]}",
        "[\"\\u0000\"]",
        "[\"\\ud800\"]",
        "[\"\\udc00\\ud800\"]",
        "[\"\\ud83d\\ude00\"]",
        "[99999999999999999999]",
        "[1e999,-1e-999]",
        "[-9999999999999999999]",
        "{\"\":1}",
        "{\"\\ud800\":1,\"a\":2}",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
    };
    struct doc d;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (read_text(good[i], strlen(good[i]), &d) != RC_OK)
            fail_msg("refused: %s", good[i]);
    }
}

static void test_depth_and_count(void **state)
{
    char text[16384];
    struct doc d;

    (void)state;
    for (int depth = 15; depth <= 17; depth++) {
        size_t n = 0;

        for (int i = 0; i < depth; i++)
            text[n++] = '[';
        for (int i = 0; i < depth; i++)
            text[n++] = ']';
        assert_int_equal(read_text(text, n, &d), depth <= DOC_DEPTH_MAX ? RC_OK : RC_BAD_INPUT);
    }
    for (size_t values = DOC_VALUES_MAX - 1; values <= DOC_VALUES_MAX + 1; values++) {
        size_t n = 0;

        text[n++] = '[';
        for (size_t i = 1; i < values; i++) {
            text[n++] = '1';
            text[n++] = ',';
        }
        text[n - 1] = ']';
        assert_int_equal(read_text(text, n, &d), values <= DOC_VALUES_MAX ? RC_OK : RC_BAD_INPUT);
    }
}

static void test_long_text(void **state)
{
    static char text[40000];
    struct doc d;

    (void)state;
    for (size_t length = DOC_TEXT_MAX; length <= DOC_TEXT_MAX + 1; length++) {
        size_t n = 0;

        text[n++] = '[';
        text[n++] = '"';
        for (size_t i = 0; i < length; i++) {
            memcpy(text + n, "\\u0041", 6);
            n += 6;
        }
        text[n++] = '"';
        text[n++] = ']';
        assert_int_equal(read_text(text, n, &d), RC_OK);
        assert_int_equal(d.long_text, length > DOC_TEXT_MAX);
    }
}

/* Integers stay, everything that is none is a real, and no digit is lost in the printed form. */
static void test_numbers(void **state)
{
    static const char text[] =
        "[0,180000,9223372036854775807,9223372036854775808,-9223372036854775808,180000.0,3e3,1.50,1e999]";
    struct buf out;
    struct doc d;

    (void)state;
    arena_reset(test_arena);
    assert_int_equal(doc_read(&d, test_arena, slice_of(text)), RC_OK);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(d.nodes[1 + i].kind, i < 3 || i == 4 ? DOC_INTEGER : DOC_REAL);
    assert_int_equal(d.nodes[3].value, INT64_MAX);
    assert_int_equal(d.nodes[5].value, INT64_MIN);
    buf_init_arena(&out, test_arena, 1000);
    assert_int_equal(doc_put_json(&d, 0, DOC_AS_WRITTEN, &out), RC_OK);
    assert_text(buf_slice(&out), text);
}

static void prints(const char *text, enum doc_order order, const char *want)
{
    struct buf out;
    struct doc d;

    buf_init_arena(&out, test_arena, 4000);
    assert_int_equal(doc_read(&d, test_arena, slice_of(text)), RC_OK);
    assert_int_equal(doc_put_json(&d, 0, order, &out), RC_OK);
    assert_text(buf_slice(&out), want);
}

static void test_printed(void **state)
{
    (void)state;
    prints(" { \"b\" : [ { \"d\" : 1 , \"c\" : 2 } ] , \"a\" : \"\\u0111\\/\\u001F\\u007f\" } ", DOC_SORT_DEEP,
           "{\"a\":\"đ/\\u001f\x7f\",\"b\":[{\"c\":2,\"d\":1}]}");
    prints("{\"b\":{\"d\":1,\"c\":2},\"a\":0}", DOC_SORT_TOP, "{\"a\":0,\"b\":{\"d\":1,\"c\":2}}");
    prints("{\"b\":1,\"2\":0,\"a\":1,\"10\":0,\"4294967295\":1}", DOC_AS_WRITTEN,
           "{\"2\":0,\"10\":0,\"b\":1,\"a\":1,\"4294967295\":1}");
    prints("[\"\\uD83D\\uDE00\\uD83D\\b\\f\\n\\r\\t\\\"\\\\\"]", DOC_SORT_DEEP,
           "[\"\xf0\x9f\x98\x80\\ud83d\\b\\f\\n\\r\\t\\\"\\\\\"]");
}

static void test_key_with_nul(void **state)
{
    struct doc d;

    (void)state;
    assert_int_equal(read_text("{\"a\\u0000b\":1}", 14, &d), RC_BAD_INPUT);
}

/* A name that comes twice is found among few members and among many, wherever the second stands. */
static void test_many_members(void **state)
{
    struct buf text;
    struct doc d;

    (void)state;
    buf_init(&text, 2000);
    for (int members = 2; members <= 60; members++) {
        for (int twice = 0; twice < members; twice++) {
            buf_clear(&text);
            for (int i = 0; i < members; i++) /* number `twice` has the name of one before it */
                buf_printf(&text, "%c\"k%d\":%d", i == 0 ? '{' : ',', i == twice && twice > 0 ? (i * 7 + 1) % i : i, i);
            buf_putc(&text, '}');
            assert_int_equal(read_text(text.p, text.n, &d), twice > 0 ? RC_BAD_INPUT : RC_OK);
        }
    }
    buf_release(&text);
}

static void test_names_decoded(void **state)
{
    static const char text[] = "{\"\\u0061b\":\"\\u0111\\n\",\"c\":{\"\":-0}}";
    const struct doc_node *node;
    struct doc d;

    (void)state;
    arena_reset(test_arena);
    assert_int_equal(doc_read(&d, test_arena, slice_of(text)), RC_OK);
    node = doc_member(&d, d.nodes, "ab");
    assert_non_null(node);
    assert_text(node->text, "đ\n");
    assert_text(node->written, "\\u0111\\n");
    assert_null(doc_member(&d, d.nodes, "\\u0061b"));
    assert_null(doc_member(&d, node, "ab"));
    assert_null(doc_member(&d, NULL, "ab"));
    node = doc_member(&d, doc_member(&d, d.nodes, "c"), "");
    assert_non_null(node);
    assert_int_equal(node->kind, DOC_INTEGER);
    assert_int_equal(node->value, 0);
}

static void test_no_memory(void **state)
{
    static const char text[] = "{\"a\":\"\\ud800\",\"b\":[1,2,3]}";
    struct doc d;

    (void)state;
    for (size_t limit = 1; limit < 4096; limit += 16) {
        struct arena *small = arena_new(limit);
        struct buf out;
        int rc = doc_read(&d, small, slice_of(text));

        if (rc == RC_OK) {
            buf_init_arena(&out, small, 1000);
            assert_true(doc_put_json(&d, 0, DOC_SORT_DEEP, &out) != RC_OK || out.failed || out.n > 10);
        } else {
            assert_int_equal(rc, RC_NOMEM);
        }
        arena_free(small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_taken),     cmocka_unit_test(test_depth_and_count),
        cmocka_unit_test(test_long_text),    cmocka_unit_test(test_numbers),   cmocka_unit_test(test_printed),
        cmocka_unit_test(test_key_with_nul), cmocka_unit_test(test_no_memory), cmocka_unit_test(test_many_members),
        cmocka_unit_test(test_names_decoded),
    };

    return cmocka_run_group_tests_name("provider_doc", tests, test_setup, test_teardown);
}
