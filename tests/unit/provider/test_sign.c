/* Whatever the signer makes the check takes, with the same fields; whatever is changed in a signed part is refused. */
#include "notice.h"

#include <stdlib.h>

#include "khop/base/buf.h"

#include "khop/base/banned.h"

static const struct {
    int mode;
    const char *secret, *check_secret; /* what signs, what checks */
} makers[] = {
    {PROVIDER_SEPAY_APIKEY, "sp-key-0123456789", "sp-key-0123456789"},
    {PROVIDER_SEPAY_HMAC, "sepay secret \xc4\x91", "sepay secret \xc4\x91"},
    {PROVIDER_CASSO_V1, "casso-key-1", "casso-key-1"},
    {PROVIDER_CASSO_V2, "casso-key-2", "casso-key-2"},
    {PROVIDER_PAYOS_WEBHOOK, "payos-checksum", "payos-checksum"},
    {PROVIDER_VIETQRVN_TOKEN, "user:pass:word", "user:pass:word"},
    {PROVIDER_STANDARD_HMAC, "whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh",
     "whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh"},
    {PROVIDER_STANDARD_ED25519,
     "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="},
};
#define MAKERS (sizeof makers / sizeof makers[0])

static uint64_t seed = 20261120;

static uint64_t dice(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

static struct slice random_text(size_t max, bool plain)
{
    static const char *const pieces[] = {"A",  "z", "7", "0", "SB7M4QX2C", " ",    "nộp tiền", "/",  "\"",
                                         "\\", "&", "=", "😀", "Đ",         "null", "<b>",      "%s", "'"};
    struct buf b;
    size_t n = dice(max) + 1;

    buf_init_arena(&b, test_arena, 4096);
    for (size_t i = 0; i < n; i++)
        buf_puts(&b, pieces[dice(plain ? 4 : sizeof pieces / sizeof pieces[0])]);
    return buf_slice(&b);
}

static struct slice random_digits(void)
{
    return slice_of(arena_printf(test_arena, "%llu", (unsigned long long)dice(INT64_MAX)));
}

static struct notice_event random_event(int mode)
{
    bool numbered = provider_of_mode(mode) == PROVIDER_SEPAY || provider_of_mode(mode) == PROVIDER_CASSO;
    struct notice_event e = {
        .ext_id = numbered ? random_digits() : random_text(40, true),
        .direction = mode == PROVIDER_PAYOS_WEBHOOK || dice(4) > 0 ? NOTICE_IN : NOTICE_OUT,
        .amount = dice(10) == 0 ? NOTICE_AMOUNT_MAX : (int64_t)dice(NOTICE_AMOUNT_MAX) + 1,
        .account = random_text(20, true),
        .reference = random_text(20, true),
        .time_us = (int64_t)(1000000000 + dice(3000000000)) * 1000000,
        .memo = random_text(12, false),
        .has_balance = true,
        .balance = (int64_t)dice(INT64_MAX),
        .counterparty = {.bin = SLICE("970436"), .account = random_digits(), .name = random_text(3, false)},
    };

    if (dice(2) == 0)
        e.sub_account = random_text(10, true);
    return e;
}

static void assert_same(const struct notice_event *got, const struct notice_event *want, int mode)
{
    struct slice id = want->ext_id, reference = mode == PROVIDER_VIETQRVN_TOKEN ? want->ext_id : want->reference;

    if (mode == PROVIDER_PAYOS_WEBHOOK)
        id = slice_of(arena_printf(test_arena, "%.*s%.*s", SLICE_FMT(want->ext_id), SLICE_FMT(want->reference)));
    assert_true(slice_eq(got->ext_id, id));
    assert_true(slice_eq(got->reference, reference));
    assert_int_equal(got->direction, want->direction);
    assert_int_equal(got->amount, want->amount);
    assert_true(slice_eq(got->account, want->account));
    assert_true(slice_eq(got->memo, want->memo));
    assert_int_equal(got->time_us, want->time_us);
    if (provider_of_mode(mode) == PROVIDER_CASSO || provider_of_mode(mode) == PROVIDER_STANDARD)
        assert_int_equal(got->balance, want->balance);
}

static void make(size_t maker, const struct notice_event *events, size_t n, struct signed_notice *s,
                 struct test_notice *t)
{
    assert_int_equal(
        provider_sign(makers[maker].mode, slice_of(makers[maker].secret), NOW_US, events, n, test_arena, s), RC_OK);
    *t = (struct test_notice){.mode = makers[maker].mode, .secrets = {makers[maker].check_secret}};
    test_take(t, s);
}

/* From its bytes alone a notice that may name the payer's account says the same again; others say nothing. */
static void assert_reread(const struct test_notice *t, const struct notice_verdict *was)
{
    int16_t modes[PROVIDER_MODES];
    size_t n = provider_modes_with_payer(modes);
    struct notice_verdict v;
    bool named = false;

    for (size_t i = 0; i < n; i++)
        named = named || modes[i] == t->mode;
    assert_int_equal(provider_reread(t->mode, t->body, test_arena, &v), RC_OK);
    assert_int_equal(v.kind, named ? NOTICE_ACCEPT : NOTICE_IGNORE);
    if (!named)
        return;
    assert_int_equal(v.n, was->n);
    for (size_t i = 0; i < v.n; i++) {
        assert_true(slice_eq(v.events[i].ext_id, was->events[i].ext_id));
        assert_true(slice_eq(v.events[i].counterparty.account, was->events[i].counterparty.account));
        assert_true(slice_eq(v.events[i].counterparty.bin, was->events[i].counterparty.bin));
        assert_true(v.events[i].counterparty.account.n > 0);
    }
}

static void test_signed_is_taken(void **state)
{
    (void)state;
    for (size_t m = 0; m < MAKERS; m++) {
        for (int round = 0; round < 300; round++) {
            struct signed_notice s;
            struct test_notice t;

            arena_reset(test_arena);
            struct notice_event e = random_event(makers[m].mode);

            make(m, &e, 1, &s, &t);
            struct notice_verdict v = test_check_more(&t);

            if (v.kind != NOTICE_ACCEPT)
                fail_msg("mode %d: %s: %.*s", makers[m].mode, v.reason, SLICE_FMT(t.body));
            assert_int_equal(v.n, 1);
            assert_same(v.events, &e, makers[m].mode);
            assert_reread(&t, &v);
        }
    }
}

static void test_several_in_one(void **state)
{
    struct notice_event events[NOTICE_EVENTS_MAX];
    struct signed_notice s;
    struct test_notice t;

    (void)state;
    arena_reset(test_arena);
    for (size_t i = 0; i < 100; i++)
        events[i] = random_event(PROVIDER_CASSO_V1);
    make(2, events, 100, &s, &t);
    struct notice_verdict v = test_check_more(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "a hundred movements");
    assert_int_equal(v.n, 100);
    for (size_t i = 0; i < 100; i++)
        assert_same(&v.events[i], &events[i], PROVIDER_CASSO_V1);
    assert_int_equal(provider_sign(PROVIDER_SEPAY_HMAC, SLICE("x"), NOW_US, events, 2, test_arena, &s), RC_BAD_INPUT);
}

static bool is_bearer_or_outside(const struct test_notice *t, size_t at)
{
    if (provider_mode_is_bearer(t->mode))
        return true;
    if (t->mode != PROVIDER_PAYOS_WEBHOOK)
        return false;
    const char *data = memmem(t->body.p, t->body.n, "\"data\":", 7);

    return data == NULL || at < (size_t)(data - t->body.p);
}

/* Flips one bit in place and asks again. */
static void assert_refused_with_flip(struct test_notice *t, char *bytes, size_t at, uint8_t bit, const char *where)
{
    bytes[at] = (char)(bytes[at] ^ bit);
    struct notice_verdict v = test_check_more(t);

    if (v.kind != NOTICE_REJECT)
        fail_msg("mode %d: %s byte %zu is \"%c\" now: %s", t->mode, where, at, bytes[at], kind_name(v.kind));
    bytes[at] = (char)(bytes[at] ^ bit);
}

static void test_changed_is_refused(void **state)
{
    const struct notice_event e = {
        .ext_id = SLICE("4711"),
        .direction = NOTICE_IN,
        .amount = 180000,
        .account = SLICE("7900123450011"),
        .reference = SLICE("FT26324000111222"),
        .time_us = NOW_US,
        .memo = SLICE("Nộp SB7M4QX2C / 1A"),
    };

    (void)state;
    for (size_t m = 0; m < MAKERS; m++) {
        struct arena *kept = arena_new(0);
        struct signed_notice s;
        struct test_notice t = {.mode = makers[m].mode, .secrets = {makers[m].check_secret}};

        assert_int_equal(provider_sign(t.mode, slice_of(makers[m].secret), NOW_US, &e, 1, kept, &s), RC_OK);
        test_take(&t, &s);
        char *body = arena_strndup(kept, s.body.p, s.body.n);

        t.body.p = body;
        for (size_t i = 0; i < s.body.n; i++) {
            arena_reset(test_arena);
            if (!is_bearer_or_outside(&t, i))
                assert_refused_with_flip(&t, body, i, 0x01, "body");
        }
        for (size_t h = 1; h < s.n_headers; h++) { /* the first is Content-Type */
            char *value = arena_strndup(kept, s.headers[h].value.p, s.headers[h].value.n);

            t.headers[h].value.p = value;
            for (size_t i = 0; i < s.headers[h].value.n; i++) {
                arena_reset(test_arena);
                assert_refused_with_flip(&t, value, i, 0x01, s.headers[h].name);
            }
        }
        arena_reset(test_arena);
        struct notice_verdict v = test_check_more(&t);

        assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "unchanged");
        arena_free(kept);
    }
}

/* Each signed member, changed to another valid value. */
static void test_changed_members(void **state)
{
    static const struct {
        size_t maker;
        const char *from, *to;
    } changes[] = {
        {1, "180000", "980000"},
        {1, "\"in\"", "\"out\""},
        {1, "7900123450011", "7900123450012"},
        {1, "4711", "4712"},
        {1, "08:03:20", "08:03:21"},
        {1, "SB7M4QX2C", "SC22222SY"},
        {3, "180000", "980000"},
        {3, "180000", "-180000"},
        {3, "7900123450011", "7900123450012"},
        {3, "4711", "4712"},
        {3, "180000", "180000.0"},
        {3, "SB7M4QX2C", "SC22222SY"},
        {3, "{\"error\":0", "{\"error\":1"},
        {4, "180000", "980000"},
        {4, "7900123450011", "7900123450012"},
        {4, "4711", "4712"},
        {4, "FT26", "FT27"},
        {4, "08:03:20", "08:03:21"},
        {4, "VND", "USD"},
        {4, "SB7M4QX2C", "SC22222SY"},
        {6, "180000", "980000"},
        {6, "\"in\"", "\"out\""},
        {7, "180000", "980000"},
        {7, "7900123450011", "7900123450012"},
    };
    const struct notice_event e = {
        .ext_id = SLICE("4711"),
        .direction = NOTICE_IN,
        .amount = 180000,
        .account = SLICE("7900123450011"),
        .reference = SLICE("FT26324000111222"),
        .time_us = NOW_US,
        .memo = SLICE("SB7M4QX2C"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct signed_notice s;
        struct test_notice t;
        struct buf b;

        arena_reset(test_arena);
        make(changes[i].maker, &e, 1, &s, &t);
        const char *at = memmem(s.body.p, s.body.n, changes[i].from, strlen(changes[i].from));

        assert_non_null(at);
        buf_init_arena(&b, test_arena, 65536);
        buf_put(&b, s.body.p, (size_t)(at - s.body.p));
        buf_puts(&b, changes[i].to);
        at += strlen(changes[i].from);
        buf_put(&b, at, (size_t)(s.body.p + s.body.n - at));
        t.body = buf_slice(&b);
        struct notice_verdict v = test_check_more(&t);

        assert_verdict(&v, NOTICE_REJECT, 401, "bad_signature", changes[i].to);
    }
}

/* Casso v2 signs the parsed body: how it was laid out does not matter. */
static void test_casso_layout(void **state)
{
    static const char body[] =
        "{ \"data\" : {\"counterAccountBankName\":\"Vietcombank\", \"id\":88123,\n\"description\":\"N\\u1ed9p "
        "SB7M4QX2K \\/ l\\u1edbp 1A\","
        "\"reference\":\"FT26324000111222\",\"amount\":180000,\"runningBalance\":1180000,\"transactionDateTime\":"
        "\"2026-11-20 08:03:11\","
        "\"accountNumber\":\"7900123450011\",\"bankName\":\"Agribank\",\"bankAbbreviation\":\"VBA\","
        "\"virtualAccountNumber\":\"\","
        "\"virtualAccountName\":\"\",\"counterAccountName\":\"LO THI MAY\",\"counterAccountNumber\":\"0071000123456\","
        "\"counterAccountBankId\":\"970436\"},\t\"error\":0}";
    struct test_notice t = {.mode = PROVIDER_CASSO_V2, .secrets = {"sl-demo-casso-key"}, .body = slice_of(body)};

    (void)state;
    test_add(&t, "X-Casso-Signature", casso2_signature);
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "other layout");
}

static void hash_of(size_t maker, const struct notice_event *e, uint8_t out[SHA256_SIZE])
{
    struct signed_notice s;
    struct test_notice t;

    make(maker, e, 1, &s, &t);
    struct notice_verdict v = test_check_more(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "hash");
    memcpy(out, v.events->body_hash, SHA256_SIZE);
}

/* The same movement again hashes the same, whatever else came with it; another sum, account, direction or time does
 * not. */
static void test_hashes(void **state)
{
    (void)state;
    for (size_t m = 0; m < MAKERS; m++) {
        uint8_t first[SHA256_SIZE], other[SHA256_SIZE];

        arena_reset(test_arena);
        struct notice_event e = random_event(makers[m].mode), changed;

        hash_of(m, &e, first);
        changed = e;
        changed.memo = SLICE("something else");
        changed.balance = 1;
        changed.counterparty.name = SLICE("");
        hash_of(m, &changed, other);
        assert_memory_equal(first, other, sizeof first);
        for (int field = 0; field < 5; field++) {
            changed = e;
            if (field == 0)
                changed.amount = e.amount == 1 ? 2 : e.amount - 1;
            else if (field == 1)
                changed.account = SLICE("19001");
            else if (field == 2)
                changed.time_us += 1000000;
            else if (field == 3 && makers[m].mode != PROVIDER_PAYOS_WEBHOOK)
                changed.direction = e.direction == NOTICE_IN ? NOTICE_OUT : NOTICE_IN;
            else
                changed.ext_id = SLICE("123456789");
            hash_of(m, &changed, other);
            assert_memory_not_equal(first, other, sizeof first);
        }
    }
}

/* Two secrets are in force during a rotation; a third may wait; an ended one proves nothing. */
static void test_rotation(void **state)
{
    static const char *const others[][2] = {
        {"other-1", "other-2"},
        {"other-1", "other-2"},
        {"other-1", "other-2"},
        {"other-1", "other-2"},
        {"other-1", "other-2"},
        {"user:other", "user:another"},
        {"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "whsec_AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "whpk_PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="},
    };

    (void)state;
    for (size_t m = 0; m < MAKERS; m++) {
        struct signed_notice s;
        struct test_notice t;

        arena_reset(test_arena);
        struct notice_event e = random_event(makers[m].mode);

        make(m, &e, 1, &s, &t);
        for (int place = 0; place < 3; place++) {
            for (int i = 0, k = 0; i < 3; i++)
                t.secrets[i] = i == place ? makers[m].check_secret : others[m][k++];
            struct notice_verdict v = test_check_more(&t);

            assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "one of three");
            assert_int_equal(v.secret, place);
        }
        t.secrets[0] = others[m][0];
        t.secrets[1] = others[m][1];
        t.secrets[2] = NULL;
        struct notice_verdict v = test_check_more(&t);

        assert_int_equal(v.kind, NOTICE_REJECT);
        assert_int_equal(v.status, 401);
        assert_int_equal(v.secret, -1);
        t.secrets[0] = NULL;
        v = test_check_more(&t);
        assert_int_equal(v.kind, NOTICE_REJECT);
        assert_int_equal(v.status, 401);
    }
}

static void test_token_call(void **state)
{
    struct test_notice t = {.mode = PROVIDER_VIETQRVN_TOKEN, .secrets = {"user:pass:word"}};
    struct signed_notice s;

    (void)state;
    arena_reset(test_arena);
    assert_int_equal(provider_sign_token_call(SLICE("user:pass:word"), test_arena, &s), RC_OK);
    test_take(&t, &s);
    struct notice_verdict v = test_check_more(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "token call");
    assert_true(v.token.n > 0);
    for (size_t i = 0; i < s.headers[1].value.n; i++) {
        char *value = arena_strndup(test_arena, s.headers[1].value.p, s.headers[1].value.n);

        t.headers[1].value.p = value;
        assert_refused_with_flip(&t, value, i, 0x01, "Basic");
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    for (size_t m = 0; m < MAKERS; m++) {
        const struct notice_event e = {
            .ext_id = SLICE("4711"),
            .direction = NOTICE_IN,
            .amount = 180000,
            .account = SLICE("7900123450011"),
            .reference = SLICE("FT1"),
            .time_us = NOW_US,
            .memo = SLICE("SB7M4QX2C"),
        };
        bool done = false;

        for (size_t limit = 64; !done; limit += 512) {
            struct arena *small = arena_new(limit);
            struct signed_notice s;
            int rc = provider_sign(makers[m].mode, slice_of(makers[m].secret), NOW_US, &e, 1, small, &s);

            assert_true(rc == RC_OK || rc == RC_NOMEM || rc == RC_TOO_LARGE);
            done = rc == RC_OK;
            arena_free(small);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed_is_taken),    cmocka_unit_test(test_several_in_one),
        cmocka_unit_test(test_changed_is_refused), cmocka_unit_test(test_changed_members),
        cmocka_unit_test(test_casso_layout),       cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_rotation),           cmocka_unit_test(test_token_call),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests_name("provider_sign", tests, test_setup, test_teardown);
}
