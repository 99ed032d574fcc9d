/* The canonical bytes of a receipt (security.md §6), and that no other bytes are read. */
#include "khop/base/clock.h"
#include "khop/pay/code.h"
#include "khop/pay/money.h"
#include "khop/pay/receipt.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char golden[] =
    "{\"v\":1,\"iss\":\"https://pay.school.example\",\"rid\":\"AAECAwQFBgcICQoLDA0ODw\",\"iat\":1795136600,"
    "\"paid_at\":\"2026-11-20T08:03:11+07:00\",\"amount\":936000,\"cur\":\"VND\",\"ref\":\"SB7M4QX2C\","
    "\"org\":\"THCS-CHIENGLY\",\"no\":\"2026/000123\"}";
static const char golden_rev[] =
    "{\"v\":1,\"iss\":\"https://pay.school.example\",\"rid\":\"AAECAwQFBgcICQoLDA0ODw\",\"iat\":1795136600,"
    "\"paid_at\":\"2026-11-20T08:03:11+07:00\",\"amount\":936000,\"cur\":\"VND\",\"ref\":\"SB7M4QX2C\","
    "\"org\":\"THCS-CHIENGLY\",\"no\":\"2026/000123\",\"rev\":\"_____________________w\"}";

static struct receipt sample(void)
{
    struct receipt r = { .iss = "https://pay.school.example",
                         .iat = 1795136600,
                         .paid_at = INT64_C(1795136591000000),
                         .amount = 936000,
                         .org = "THCS-CHIENGLY",
                         .year = 2026,
                         .no = 123 };

    for (uint8_t i = 0; i < RECEIPT_RID_SIZE; i++)
        r.rid[i] = i;
    assert_int_equal(code_parse(SLICE("SB7M4QX2C"), &r.code_no), RC_OK);
    return r;
}

static bool same(const struct receipt *a, const struct receipt *b)
{
    return strcmp(a->iss, b->iss) == 0 && memcmp(a->rid, b->rid, sizeof a->rid) == 0 && a->iat == b->iat &&
           a->paid_at == b->paid_at && a->amount == b->amount && a->code_no == b->code_no && strcmp(a->org, b->org) == 0 &&
           a->year == b->year && a->no == b->no && a->revises == b->revises &&
           (!a->revises || memcmp(a->rev, b->rev, sizeof a->rev) == 0);
}

static void expect_write(const struct receipt *r, const char *want)
{
    struct buf out;
    struct receipt back;

    buf_init(&out, RECEIPT_MAX);
    assert_int_equal(receipt_write(&out, r), RC_OK);
    if (want != NULL)
        assert_string_equal(out.p, want);
    assert_int_equal(receipt_read(buf_slice(&out), &back), RC_OK);
    assert_true(same(r, &back));
    buf_release(&out);
}

static void test_golden(void **state)
{
    struct receipt r = sample();

    (void)state;
    expect_write(&r, golden);
    r.revises = true;
    memset(r.rev, 0xff, sizeof r.rev);
    expect_write(&r, golden_rev);
}

static void test_escaping(void **state)
{
    struct receipt r = sample();
    struct buf out;

    (void)state;
    memcpy(r.org, "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f<\xc4\x90>", sizeof "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f<\xc4\x90>");
    buf_init(&out, RECEIPT_MAX);
    assert_int_equal(receipt_write(&out, &r), RC_OK);
    assert_non_null(strstr(out.p, "\"org\":\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f<\xc4\x90>\""));
    buf_release(&out);
    expect_write(&r, NULL);
    /* The longest there can be. */
    memset(r.iss, 1, RECEIPT_ISS_MAX);
    memset(r.org, 1, RECEIPT_ORG_MAX);
    r.iss[RECEIPT_ISS_MAX] = r.org[RECEIPT_ORG_MAX] = '\0';
    r.revises = true;
    r.amount = MONEY_MAX;
    r.no = INT64_C(999999999999);
    r.paid_at += 123456;
    expect_write(&r, NULL);
}

static void expect_refused(struct receipt r)
{
    struct buf out;

    buf_init(&out, RECEIPT_MAX);
    assert_int_equal(receipt_write(&out, &r), RC_BAD_INPUT);
    assert_int_equal(out.n, 0);
    buf_release(&out);
}

#define REFUSE(change)              \
    do {                            \
        struct receipt r = sample(); \
        change;                     \
        expect_refused(r);          \
    } while (0)

static void test_write_refuses(void **state)
{
    (void)state;
    REFUSE(r.iss[0] = '\0');
    REFUSE(r.org[0] = '\0');
    REFUSE(memset(r.iss, 'x', sizeof r.iss));
    REFUSE(memset(r.org, 'x', sizeof r.org));
    REFUSE(r.org[2] = (char)0xff);
    REFUSE(r.amount = 0);
    REFUSE(r.amount = -1);
    REFUSE(r.amount = MONEY_MAX + 1);
    REFUSE(r.code_no = -1);
    REFUSE(r.code_no = CODE_END);
    REFUSE(r.iat = -1);
    REFUSE(r.iat = INT64_MAX);
    REFUSE(r.paid_at = -1);
    REFUSE(r.paid_at = INT64_C(253402275600) * CLOCK_US);
    REFUSE(r.no = 0);
    REFUSE(r.no = INT64_C(1000000000000));
    REFUSE(r.year = 1999);
    REFUSE(r.year = 10000);
}

static void test_limits_of_time(void **state)
{
    struct receipt r = sample();

    (void)state;
    r.iat = r.paid_at = 0;
    expect_write(&r, NULL);
    r.paid_at = INT64_C(253402275600) * CLOCK_US - 1; /* 9999-12-31T23:59:59.999999+07:00 */
    expect_write(&r, NULL);
}

static void test_numbers(void **state)
{
    static const char *const bad[] = { "",           "2026",         "2026/",         "/000123",      "2026/123",    "2026/0000123",
                                       "2026-000123", "2026/00012a", "2026/000000",   "02026/000123", "26/000123",   "2026/000123 ",
                                       " 2026/000123", "2026/+00123", "2026/000123/1", "1999/000123",  "2026/0000000000001" };
    char text[RECEIPT_NO_SIZE];
    int32_t year = 7;
    int64_t no = 7;

    (void)state;
    assert_int_equal(receipt_no_text(text, 2026, 1), RC_OK);
    assert_string_equal(text, "2026/000001");
    assert_int_equal(receipt_no_text(text, 2026, 999999), RC_OK);
    assert_string_equal(text, "2026/999999");
    assert_int_equal(receipt_no_text(text, 2026, 1000000), RC_OK);
    assert_string_equal(text, "2026/1000000");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(receipt_no_parse(slice_of(bad[i]), &year, &no), RC_BAD_INPUT);
    assert_true(year == 7 && no == 7);
    assert_int_equal(receipt_no_parse(slice_of(text), &year, &no), RC_OK);
    assert_true(year == 2026 && no == 1000000);
}

/* A part of the golden text, and how another writer might have put it. */
static const struct {
    const char *from, *to;
} variants[] = {
    { "{\"v\"", "{ \"v\"" },
    { "{\"v\"", " {\"v\"" },
    { "{\"v\"", "\xef\xbb\xbf{\"v\"" },
    { "\"v\":1", "\"v\":2" },
    { "\"v\":1", "\"v\":1.0" },
    { "\"v\":1", "\"v\":\"1\"" },
    { "\"v\":1,", "\"v\":1,\"v\":1," },
    { "\"v\":1,", "" },
    { "1,\"iss\"", "1, \"iss\"" },
    { "https://", "https:\\/\\/" },
    { "https://", "\\u0068ttps://" },
    { "https://", "https:\\u002f/" },
    { "https://pay.school.example", "" },
    { "https://pay", "https://p\xff" "ay" },
    { "https://pay", "https://p\nay" },
    { "https://pay", "https://p\\u0000ay" },
    { "https://pay", "https://p\\u000Aay" },
    { "https://pay", "https://p\\u000aay" },
    { "https://pay", "https://p\\xay" },
    { "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODx" },
    { "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODw==" },
    { "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0O" },
    { "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0OD+" },
    { "1795136600", "01795136600" },
    { "1795136600", "1795136600.0" },
    { "1795136600", "1.7951366e9" },
    { "1795136600", "-1795136600" },
    { "1795136600", "+1795136600" },
    { "1795136600", "\"1795136600\"" },
    { "1795136600", "179513660000000000" },
    { "+07:00", "Z" },
    { "08:03:11+07:00", "01:03:11Z" },
    { "08:03:11+07:00", "01:03:11+00:00" },
    { "08:03:11", "08:03:11.000000" },
    { "08:03:11", "08:03:11.5" },
    { "T08", " 08" },
    { "T08", "t08" },
    { "936000", "936000.0" },
    { "936000", "0936000" },
    { "936000", "-936000" },
    { "936000", "\"936000\"" },
    { "936000", "0" },
    { "936000", "1000000000000" },
    { "936000", "9360000000000000000000" },
    { "VND", "vnd" },
    { "VND", "USD" },
    { "SB7M4QX2C", "SB794QX2C" },
    { "SB7M4QX2C", "sb7m4qx2c" },
    { "SB7M4QX2C", "SB7M 4QX2C" },
    { "2026/000123", "2026/123" },
    { "2026/000123", "2026\\/000123" },
    { "\"amount\":936000,\"cur\":\"VND\"", "\"cur\":\"VND\",\"amount\":936000" },
    { "\"}", "\",\"rev\":\"\"}" },
    { "\"}", "\",\"rev\":null}" },
    { "\"}", "\",\"rev\":\"AAECAwQFBgcICQoLDA0ODx\"}" },
    { "\"}", "\",\"name\":\"LO THI MAY\"}" },
    { "\"}", "\",}" },
    { "\"}", "\"" },
    { "\"}", "\"}\n" },
    { "\"}", "\"} " },
    { "\"}", "\"}}" },
    { "\"}", "\" }" },
};

static void test_read_refuses(void **state)
{
    struct receipt r = { .amount = 7 };
    struct buf text;

    (void)state;
    buf_init(&text, RECEIPT_MAX);
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        const char *at = strstr(golden, variants[i].from);

        assert_non_null(at);
        buf_clear(&text);
        buf_put(&text, golden, (size_t)(at - golden));
        buf_puts(&text, variants[i].to);
        buf_puts(&text, at + strlen(variants[i].from));
        if (receipt_read(buf_slice(&text), &r) != RC_BAD_INPUT)
            fail_msg("read: %s", text.p);
    }
    for (size_t n = 0; n < sizeof golden - 1; n++)
        assert_int_equal(receipt_read((struct slice){ golden, n }, &r), RC_BAD_INPUT);
    assert_int_equal(receipt_read((struct slice){ golden, sizeof golden }, &r), RC_BAD_INPUT); /* with its NUL */
    assert_int_equal(r.amount, 7);
    buf_release(&text);
}

/* Any one byte changed: refused, or it says something else; never two texts for one meaning. */
static void test_every_byte_counts(void **state)
{
    struct receipt r, right;
    char text[sizeof golden_rev];

    (void)state;
    assert_int_equal(receipt_read(slice_of(golden_rev), &right), RC_OK);
    memcpy(text, golden_rev, sizeof text);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        char keep = text[i];

        for (int c = 0; c < 256; c++) {
            text[i] = (char)c;
            if (text[i] != keep && receipt_read(slice_of(text), &r) == RC_OK)
                assert_false(same(&r, &right));
        }
        text[i] = keep;
    }
}

static void test_random_round_trip(void **state)
{
    uint64_t seed = 31;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct receipt r = sample();
        size_t n = 1 + random_below(&seed, RECEIPT_ORG_MAX);

        for (size_t j = 0; j < n; j++)
            r.org[j] = (char)(1 + random_below(&seed, 127));
        r.org[n] = '\0';
        for (size_t j = 0; j < RECEIPT_RID_SIZE; j++) {
            r.rid[j] = (uint8_t)random_next(&seed);
            r.rev[j] = (uint8_t)random_next(&seed);
        }
        r.revises = random_below(&seed, 2) == 0;
        r.iat = (int64_t)(random_next(&seed) % UINT64_C(4000000000));
        r.paid_at = (int64_t)(random_next(&seed) % UINT64_C(4000000000000000));
        r.amount = (int64_t)(1 + random_next(&seed) % UINT64_C(999999999999));
        r.no = (int64_t)(1 + random_next(&seed) % UINT64_C(99999999));
        assert_int_equal(code_from_random('C', random_next(&seed), &r.code_no), RC_OK);
        expect_write(&r, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),        cmocka_unit_test(test_escaping),
        cmocka_unit_test(test_write_refuses), cmocka_unit_test(test_limits_of_time),
        cmocka_unit_test(test_numbers),       cmocka_unit_test(test_read_refuses),
        cmocka_unit_test(test_every_byte_counts), cmocka_unit_test(test_random_round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
