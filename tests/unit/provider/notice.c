#include "notice.h"

#include <stdio.h>

#include "khop/base/banned.h"

struct arena *test_arena;

const char sepay_body[] =
    "{\"id\":92704001,\"gateway\":\"Agribank\",\"transactionDate\":\"2026-11-20 08:03:11\",\"accountNumber\":"
    "\"7900123450011\",\"code\":\"SB7M4QX2K\",\"content\":\"LO THI MAY SB7M4QX2K\",\"transferType\":\"in\","
    "\"transferAmount\":180000,\"accumulated\":0,\"subAccount\":null,\"referenceCode\":\"FT26324000111222\","
    "\"description\":\"BankAPINotify LO THI MAY SB7M4QX2K\"}";
const char sepay_signature[] = "sha256=855b07424c226def29980a4d29e2161ee48365adef754e4341aa9061487f98e8";

const char casso1_body[] =
    "{\"error\":0,\"data\":[{\"id\":88123,\"tid\":\"FT26324000111222\",\"description\":\"LO THI MAY SB7M4QX2K\","
    "\"amount\":180000,\"cusum_balance\":1180000,\"when\":\"2026-11-20 "
    "08:03:11\",\"bank_sub_acc_id\":\"7900123450011\","
    "\"subAccId\":\"7900123450011\",\"bankName\":\"Agribank\",\"bankAbbreviation\":\"VBA\",\"virtualAccount\":\"\","
    "\"virtualAccountName\":\"\",\"corresponsiveName\":\"LO THI MAY\",\"corresponsiveAccount\":\"0071000123456\","
    "\"corresponsiveBankId\":\"970436\",\"corresponsiveBankName\":\"Vietcombank\"}]}";

const char casso2_body[] =
    "{\"error\":0,\"data\":{\"id\":88123,\"reference\":\"FT26324000111222\",\"description\":\"Nộp SB7M4QX2K / lớp "
    "1A\",\"amount\":180000,\"runningBalance\":1180000,\"transactionDateTime\":\"2026-11-20 08:03:11\","
    "\"accountNumber\":\"7900123450011\",\"bankName\":\"Agribank\",\"bankAbbreviation\":\"VBA\","
    "\"virtualAccountNumber\":\"\",\"virtualAccountName\":\"\",\"counterAccountName\":\"LO THI MAY\","
    "\"counterAccountNumber\":\"0071000123456\",\"counterAccountBankId\":\"970436\",\"counterAccountBankName\":"
    "\"Vietcombank\"}}";
const char casso2_signature[] =
    "t=1795136600123,v1=64201748b2ef2d1f7696e9365c55d0dad2b62c6a0c22d6b75791f8ff923773208099933585e405e2d4195752fa36cc"
    "0de8d5b13bc1b1815ba40525dce5927b2f";

#define PAYOS_DATA                                                                                                     \
    "{\"orderCode\":260001,\"amount\":180000,\"description\":\"SB7M4QX2K\",\"accountNumber\":\"7900123450011\","       \
    "\"reference\":\"FT26324000111222\",\"transactionDateTime\":\"2026-11-20 08:03:11\",\"currency\":\"VND\","         \
    "\"paymentLinkId\":\"0123456789abcdef0123456789abcdef\",\"code\":\"00\",\"desc\":\"success\","                     \
    "\"counterAccountBankId\":null,\"counterAccountBankName\":null,\"counterAccountName\":\"LO THI MAY\","             \
    "\"counterAccountNumber\":\"0071000123456\",\"virtualAccountName\":\"\",\"virtualAccountNumber\":\"\"}"
const char payos_signature[] = "21bfaedc1f31d04be6d0beb6355b4d6e4062cc841f4c9f74bdbddeabf83fd384";
const char payos_body[] =
    "{\"code\":\"00\",\"desc\":\"success\",\"success\":true,\"data\":" PAYOS_DATA ",\"signature\":"
    "\"21bfaedc1f31d04be6d0beb6355b4d6e4062cc841f4c9f74bdbddeabf83fd384\"}";

const char vietqr_body[] =
    "{\"bankaccount\":\"7900123450011\",\"amount\":180000,\"transType\":\"C\",\"content\":\"VQR1a2b3c4d5e "
    "SB7M4QX2K\",\"transactionid\":\"0b6f7f0a-5a0e-4c36-9d3f-000000000001\",\"transactiontime\":1795136591000,"
    "\"referencenumber\":\"FT26324000111222\",\"orderId\":\"SB7M4QX2K\",\"terminalCode\":\"\",\"subTerminalCode\":\"\","
    "\"serviceCode\":\"\",\"urlLink\":\"\",\"sign\":\"\"}";

const char standard_body[] = "{\"type\":\"payment.matched\",\"timestamp\":\"2026-11-20T01:03:20Z\",\"data\":{\"code\":"
                             "\"SB7M4QX2K\",\"amount\":180000}}";

int test_setup(void **state)
{
    (void)state;
    if (crypto_init() != RC_OK)
        return -1;
    test_arena = arena_new(0);
    return test_arena == NULL ? -1 : 0;
}

int test_teardown(void **state)
{
    (void)state;
    arena_free(test_arena);
    crypto_end();
    return 0;
}

static struct slice header_of(const void *headers, const char *name, size_t *count)
{
    const struct test_header *list = headers;
    struct slice found = {NULL, 0};

    *count = 0;
    for (size_t i = 0; i < 8 && list[i].name != NULL; i++) {
        if (slice_eq_nocase(slice_of(list[i].name), slice_of(name))) {
            if (++*count == 1)
                found = slice_trim(list[i].value);
        }
    }
    return found;
}

void test_add(struct test_notice *t, const char *name, const char *value)
{
    size_t i = 0;

    while (t->headers[i].name != NULL)
        i++;
    assert_true(i < 7);
    t->headers[i] = (struct test_header){name, slice_of(value)};
}

void test_take(struct test_notice *t, const struct signed_notice *s)
{
    memset(t->headers, 0, sizeof t->headers);
    for (size_t i = 0; i < s->n_headers; i++)
        t->headers[i] = (struct test_header){s->headers[i].name, s->headers[i].value};
    t->path = s->suffix;
    t->body = s->body;
}

struct notice_verdict test_check_more(const struct test_notice *t)
{
    struct provider_secret *secrets[PROVIDER_SECRETS_MAX] = {NULL};
    struct notice_verdict v;
    size_t n = 0;

    for (size_t i = 0; i < PROVIDER_SECRETS_MAX && t->secrets[i] != NULL; i++)
        assert_int_equal(provider_secret_new(t->mode, slice_of(t->secrets[i]), &secrets[n++]), RC_OK);
    struct notice_in in = {
        .path = slice_of(t->path == NULL ? "" : t->path),
        .header = header_of,
        .headers = t->headers,
        .body = t->body,
        .now_us = t->now_us != 0 ? t->now_us : NOW_US,
        .secure = !t->open_wire,
    };

    assert_int_equal(provider_check(t->mode, secrets, n, &in, test_arena, &v), RC_OK);
    for (size_t i = 0; i < n; i++)
        provider_secret_free(secrets[i]);
    return v;
}

struct notice_verdict test_check(const struct test_notice *t)
{
    arena_reset(test_arena);
    return test_check_more(t);
}

const char *kind_name(enum notice_kind kind)
{
    static const char *const names[] = {"accept", "hold", "ignore", "reject"};

    return names[kind];
}

void assert_verdict(const struct notice_verdict *v, enum notice_kind kind, int status, const char *reason,
                    const char *what)
{
    if (v->kind == kind && v->status == status && strcmp(v->reason, reason) == 0)
        return;
    fail_msg("%s: want %s %d %s, got %s %d %s", what, kind_name(kind), status, reason, kind_name(v->kind), v->status,
             v->reason);
}

void assert_text(struct slice got, const char *want)
{
    if (!slice_is(got, want))
        fail_msg("want \"%s\", got \"%.*s\"", want, SLICE_FMT(got));
}
