/* What a body with faults gets behind a good proof: the table of security.md §2, provider by provider. It is held;
 * where the body must be parsed before it can be proven, what is missing is refused. */
#include "notice.h"

#include "khop/base/buf.h"
#include "khop/base/enc.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define KEY "a-key-of-ours"

static struct slice hex_mac(enum mac_kind kind, const struct slice *parts, size_t n)
{
    struct mac *mac = mac_new(kind, SLICE(KEY));
    uint8_t bytes[SHA512_SIZE];
    struct buf b;

    assert_int_equal(mac_sign(mac, parts, n, bytes), RC_OK);
    buf_init_arena(&b, test_arena, 200);
    enc_hex(&b, bytes, mac_size(mac));
    mac_free(mac);
    return buf_slice(&b);
}

/* A body that SePay has signed. */
static struct notice_verdict sepay(const char *body)
{
    struct test_notice t = {.mode = PROVIDER_SEPAY_HMAC, .secrets = {KEY}, .body = slice_of(body)};

    arena_reset(test_arena);
    struct slice hex = hex_mac(MAC_HMAC_SHA256, (struct slice[]){SLICE("1795136600."), t.body}, 2);

    test_add(&t, "X-SePay-Timestamp", "1795136600");
    test_add(&t, "X-SePay-Signature", arena_printf(test_arena, "sha256=%.*s", SLICE_FMT(hex)));
    test_add(&t, "Content-Type", "application/json");
    return test_check_more(&t);
}

static struct notice_verdict casso1(const char *body)
{
    struct test_notice t = {.mode = PROVIDER_CASSO_V1, .secrets = {KEY}, .body = slice_of(body)};

    test_add(&t, "Secure-Token", KEY);
    return test_check(&t);
}

/* Casso v2: `text` is the sorted form of the body. */
static struct notice_verdict casso2(const char *body, const char *text)
{
    struct test_notice t = {.mode = PROVIDER_CASSO_V2, .secrets = {KEY}, .body = slice_of(body)};

    arena_reset(test_arena);
    struct slice hex = hex_mac(MAC_HMAC_SHA512, (struct slice[]){SLICE("1795136600000."), slice_of(text)}, 2);

    test_add(&t, "X-Casso-Signature", arena_printf(test_arena, "t=1795136600000,v1=%.*s", SLICE_FMT(hex)));
    return test_check_more(&t);
}

/* payOS: data and its signed text. */
static struct notice_verdict payos(const char *data, const char *text)
{
    struct test_notice t = {.mode = PROVIDER_PAYOS_WEBHOOK, .secrets = {KEY}};

    arena_reset(test_arena);
    struct slice hex = hex_mac(MAC_HMAC_SHA256, (struct slice[]){slice_of(text)}, 1);

    t.body = slice_of(arena_printf(test_arena, "{\"data\":%s,\"signature\":\"%.*s\"}", data, SLICE_FMT(hex)));
    return test_check_more(&t);
}

static struct notice_verdict vietqr(const char *body)
{
    const struct notice_event e = {.ext_id = SLICE("1"), .direction = NOTICE_IN, .amount = 1, .account = SLICE("1")};
    struct test_notice t = {.mode = PROVIDER_VIETQRVN_TOKEN, .secrets = {"u:p"}};
    struct signed_notice s;

    arena_reset(test_arena);
    assert_int_equal(provider_sign(t.mode, SLICE("u:p"), NOW_US, &e, 1, test_arena, &s), RC_OK);
    test_take(&t, &s);
    t.body = slice_of(body);
    return test_check_more(&t);
}

static struct notice_verdict standard(const char *body)
{
    static const char secret[] = "whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh";
    struct test_notice t = {.mode = PROVIDER_STANDARD_HMAC, .secrets = {secret}, .body = slice_of(body)};
    struct mac *mac = mac_new(MAC_HMAC_SHA256, SLICE("sl-demo-webhook-secret-24b!"));
    uint8_t bytes[SHA512_SIZE];
    struct buf b;

    arena_reset(test_arena);
    assert_int_equal(mac_sign(mac, (struct slice[]){SLICE("msg_1.1795136600."), t.body}, 2, bytes), RC_OK);
    mac_free(mac);
    buf_init_arena(&b, test_arena, 200);
    buf_puts(&b, "v1,");
    enc_base64(&b, bytes, SHA256_SIZE);
    test_add(&t, "webhook-id", "msg_1");
    test_add(&t, "webhook-timestamp", "1795136600");
    test_add(&t, "webhook-signature", b.p);
    return test_check_more(&t);
}

#define SEPAY(id, time, account, content, type, amount)                                                                \
    "{\"id\":" id ",\"gateway\":\"X\",\"transactionDate\":" time ",\"accountNumber\":" account ",\"content\":" content \
    ",\"transferType\":" type ",\"transferAmount\":" amount                                                            \
    ",\"accumulated\":0,\"subAccount\":null,\"referenceCode\":\"F\"}"
#define T "\"2026-11-20 08:03:11\""
#define A "\"7900123450011\""

static void test_sepay(void **state)
{
    static const struct {
        const char *body;
        enum notice_kind kind;
        const char *reason;
    } cases[] = {
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "1"), NOTICE_ACCEPT, "ok"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "999999999999"), NOTICE_ACCEPT, "ok"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "1000000000000"), NOTICE_HOLD, "bad_amount"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "0"), NOTICE_HOLD, "bad_amount"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "-1"), NOTICE_HOLD, "bad_amount"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "180000.0"), NOTICE_HOLD, "bad_amount"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "3e3"), NOTICE_HOLD, "bad_amount"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "99999999999999999999"), NOTICE_HOLD, "bad_amount"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "\"180000\""), NOTICE_HOLD, "bad_amount"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "null"), NOTICE_HOLD, "missing_field"},
        {SEPAY("null", T, A, "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "no_id"},
        {SEPAY("\"1\"", T, A, "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "bad_id"},
        {SEPAY("-1", T, A, "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "bad_id"},
        {SEPAY("1", "\"2026-02-30 08:03:11\"", A, "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "bad_time"},
        {SEPAY("1", "\"\"", A, "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "bad_time"},
        {SEPAY("1", "null", A, "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "missing_field"},
        {SEPAY("1", T, "\"\"", "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "bad_account"},
        {SEPAY("1", T, "\"79\\u0000\"", "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "bad_account"},
        {SEPAY("1", T, "79", "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "bad_account"},
        {SEPAY("1", T, A, "\"m\"", "\"IN\"", "1"), NOTICE_HOLD, "bad_direction"},
        {SEPAY("1", T, A, "\"m\"", "null", "1"), NOTICE_HOLD, "bad_direction"},
        {SEPAY("1", T, A, "5", "\"in\"", "1"), NOTICE_HOLD, "bad_field"},
        {SEPAY("1", T, A, "null", "\"out\"", "1"), NOTICE_ACCEPT, "ok"},
        {SEPAY("1,\"id\":2", T, A, "\"m\"", "\"in\"", "1"), NOTICE_HOLD, "not_json"},
        {SEPAY("1", T, A, "\"\xff\"", "\"in\"", "1"), NOTICE_HOLD, "not_json"},
        {SEPAY("1", T, A, "\"m\"", "\"in\"", "1") "x", NOTICE_HOLD, "not_json"},
        {"", NOTICE_HOLD, "not_json"},
        {"[]", NOTICE_HOLD, "no_id"},
        {"{}", NOTICE_HOLD, "no_id"},
        {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", NOTICE_HOLD, "not_json"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notice_verdict v = sepay(cases[i].body);

        assert_verdict(&v, cases[i].kind, 0, cases[i].reason, cases[i].body);
    }
    struct notice_verdict v = sepay(SEPAY("77", T, A, "\"m\"", "\"in\"", "0"));

    assert_text(v.ext_id, "77"); /* a held notice is known by its id where it has one */
}

/* A memo may hold what no database takes: cleaned, never lost. */
static void test_memo(void **state)
{
    static const struct {
        const char *json, *memo;
    } cases[] = {
        {"\"a\\u0000b\"", "a b"},
        {"\"a\\tb\\nc\\u007f\"", "a b c "},
        {"\"a\\ud800b\"", "a\xef\xbf\xbd"
                          "b"},
        {"\"\\udc00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
        {"\"N\\u1ed9p\"", "Nộp"},
        {"\"\"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b;

        buf_init(&b, 4096);
        buf_printf(&b, SEPAY("1", T, A, "%s", "\"in\"", "1"), cases[i].json);
        struct notice_verdict v = sepay(b.p);

        buf_release(&b);
        assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", cases[i].json);
        assert_text(v.events->memo, cases[i].memo);
    }
}

static void test_long_memo(void **state)
{
    char body[8192], memo[4100];

    (void)state;
    memset(memo, 'x', sizeof memo);
    for (int length = 4096; length <= 4097; length++) {
        snprintf(body, sizeof body, SEPAY("1", T, A, "\"%.*s\"", "\"in\"", "1"), length, memo);
        struct notice_verdict v = sepay(body);

        if (length == 4096)
            assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "4,096 bytes");
        else
            assert_verdict(&v, NOTICE_HOLD, 0, "text_too_long", "4,097 bytes");
    }
}

static void test_sepay_forms(void **state)
{
    static const struct {
        const char *body;
        enum notice_kind kind;
        const char *reason;
    } cases[] = {
        {"id=1&transactionDate=2026-11-20+08:03:11&accountNumber=79&content=m&transferType=in&transferAmount=5",
         NOTICE_ACCEPT, "ok"},
        {"id=1&id=1", NOTICE_HOLD, "bad_form"},
        {"id=%1", NOTICE_HOLD, "bad_form"},
        {"id=%zz", NOTICE_HOLD, "bad_form"},
        {"content=%ff", NOTICE_HOLD, "bad_form"},
        {"=1", NOTICE_HOLD, "bad_form"},
        {"a%00=1", NOTICE_HOLD, "bad_form"},
        {"", NOTICE_HOLD, "no_id"},
        {"id=x", NOTICE_HOLD, "bad_id"},
        {"id=1&transactionDate=2026-11-20+08:03:11&accountNumber=79&content=m&transferType=in&transferAmount=5.00",
         NOTICE_HOLD, "bad_amount"},
        {"id=1&transactionDate=2026-11-20+08:03:11&accountNumber=79&content=a%00b&transferType=in&transferAmount=5",
         NOTICE_ACCEPT, "ok"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_notice t = {.mode = PROVIDER_SEPAY_APIKEY, .secrets = {KEY}, .body = slice_of(cases[i].body)};

        test_add(&t, "Authorization", "Apikey " KEY);
        test_add(&t, "Content-Type", "application/x-www-form-urlencoded");
        struct notice_verdict v = test_check(&t);

        assert_verdict(&v, cases[i].kind, 0, cases[i].reason, cases[i].body);
    }
}

#define PART(name, value) "--b0\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define PARTS(amount)                                                                                                  \
    PART("id", "1") PART("transactionDate", "2026-11-20 08:03:11") PART("accountNumber", "79") PART("content", "Nộp\r\n--b\r\nx")        \
    PART("transferType", "in") PART("code", "") PART("transferAmount", amount)

static void test_sepay_parts(void **state)
{
    static const struct {
        const char *type, *body;
        enum notice_kind kind;
        const char *reason;
    } cases[] = {
        {"multipart/form-data; boundary=b0", PARTS("5") "--b0--\r\n", NOTICE_ACCEPT, "ok"},
        {"Multipart/Form-Data;charset=utf-8; Boundary=\"b0\"", PARTS("5") "--b0--", NOTICE_ACCEPT, "ok"},
        {"multipart/form-data; boundary=b0", PARTS("5.00") "--b0--", NOTICE_HOLD, "bad_amount"},
        {"multipart/form-data; boundary=b0", PARTS("5"), NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", PARTS("5") "--b0--x", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", PARTS("5") "--b0", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", PARTS("5") PART("id", "1") "--b0--", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", "x" PARTS("5") "--b0--", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", PART("content", "\xff") "--b0--", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", "--b0\r\nContent-Type: text/plain\r\n\r\nx\r\n--b0--", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", "--b0\r\nContent-Disposition: form-data; name=\"id\"; filename=\"a\"\r\n\r\n1\r\n--b0--", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", "--b0\r\nContent-Disposition: attachment; name=\"id\"\r\n\r\n1\r\n--b0--", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", "--b0--", NOTICE_HOLD, "no_id"},
        {"multipart/form-data; boundary=b0", "", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=b0", "--b", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data", PARTS("5") "--b0--", NOTICE_HOLD, "bad_form"},
        {"multipart/form-data; boundary=", PARTS("5") "--b0--", NOTICE_HOLD, "bad_form"},
        {"multipart/mixed; boundary=b0", PARTS("5") "--b0--", NOTICE_REJECT, "content_type"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_notice t = {.mode = PROVIDER_SEPAY_APIKEY, .secrets = {KEY}, .body = slice_of(cases[i].body)};

        test_add(&t, "Authorization", "Apikey " KEY);
        test_add(&t, "Content-Type", cases[i].type);
        struct notice_verdict v = test_check(&t);

        assert_verdict(&v, cases[i].kind, cases[i].kind == NOTICE_REJECT ? 415 : 0, cases[i].reason, cases[i].body);
        if (v.kind == NOTICE_ACCEPT)
            assert_text(v.events->memo, "Nộp  --b  x");
    }
}

#define CASSO1(id, amount, when)                                                                                       \
    "{\"id\":" id ",\"tid\":\"F\",\"description\":\"m\",\"amount\":" amount ",\"when\":" when ",\"subAccId\":\"79\"}"

static void test_casso1(void **state)
{
    static const struct {
        const char *body;
        enum notice_kind kind;
        const char *reason;
        size_t n;
    } cases[] = {
        {"{\"error\":0,\"data\":[" CASSO1("1", "5", T) "," CASSO1("2", "-5", T) "]}", NOTICE_ACCEPT, "ok", 2},
        {"{\"data\":[" CASSO1("1", "5", T) "]}", NOTICE_ACCEPT, "ok", 1},
        {"{\"error\":0,\"data\":[" CASSO1("1", "5", T) "," CASSO1("2", "0", T) "]}", NOTICE_HOLD, "bad_amount", 0},
        {"{\"error\":0,\"data\":[" CASSO1("1", "5", T) "," CASSO1("2", "-1000000000000", T) "]}", NOTICE_HOLD,
         "bad_amount", 0},
        {"{\"error\":0,\"data\":[" CASSO1("1", "5.5", T) "]}", NOTICE_HOLD, "bad_amount", 0},
        {"{\"error\":0,\"data\":[" CASSO1("1", "5", "\"x\"") "]}", NOTICE_HOLD, "bad_time", 0},
        {"{\"error\":0,\"data\":[" CASSO1("1", "5", T) ",{}]}", NOTICE_HOLD, "no_id", 0},
        {"{\"error\":0,\"data\":[" CASSO1("1", "5", T) ",7]}", NOTICE_HOLD, "no_id", 0},
        {"{\"error\":0,\"data\":[]}", NOTICE_IGNORE, "no_events", 0},
        {"{\"error\":1,\"data\":[]}", NOTICE_HOLD, "provider_error", 0},
        {"{\"error\":0,\"data\":{}}", NOTICE_HOLD, "missing_field", 0},
        {"{\"error\":0}", NOTICE_HOLD, "missing_field", 0},
        {"[1]", NOTICE_HOLD, "missing_field", 0},
        {"not json", NOTICE_HOLD, "not_json", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notice_verdict v = casso1(cases[i].body);

        assert_verdict(&v, cases[i].kind, 0, cases[i].reason, cases[i].body);
        assert_int_equal(v.n, cases[i].n);
        if (v.n == 2) {
            assert_int_equal(v.events[1].direction, NOTICE_OUT);
            assert_int_equal(v.events[1].amount, 5);
        }
    }
}

static void test_casso1_too_many(void **state)
{
    struct buf b;

    (void)state;
    for (size_t n = NOTICE_EVENTS_MAX; n <= NOTICE_EVENTS_MAX + 1; n++) {
        buf_init(&b, 1 << 20);
        buf_puts(&b, "{\"error\":0,\"data\":[");
        for (size_t i = 0; i < n; i++)
            buf_printf(&b, "%s" CASSO1("%zu", "5", T), i == 0 ? "" : ",", i);
        buf_puts(&b, "]}");
        struct notice_verdict v = casso1(b.p);

        buf_release(&b);
        if (n == NOTICE_EVENTS_MAX)
            assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "as many as allowed");
        else
            assert_verdict(&v, NOTICE_HOLD, 0, "too_many_events", "one more");
    }
}

/* Members are in sorted order already, so body and signed text are the same. */
#define CASSO2(account, amount, id, time)                                                                              \
    "{\"data\":{\"accountNumber\":" account ",\"amount\":" amount ",\"description\":\"m\",\"id\":" id                  \
    ",\"reference\":\"F\",\"transactionDateTime\":" time "},\"error\":0}"

static void test_casso2(void **state)
{
    static const struct {
        const char *body;
        enum notice_kind kind;
        int status;
        const char *reason;
    } cases[] = {
        {CASSO2(A, "5", "1", T), NOTICE_ACCEPT, 0, "ok"},
        {CASSO2(A, "-5", "1", T), NOTICE_ACCEPT, 0, "ok"},
        {CASSO2(A, "0", "1", T), NOTICE_HOLD, 0, "bad_amount"},
        {CASSO2(A, "1.5", "1", T), NOTICE_HOLD, 0, "bad_amount"},
        {CASSO2(A, "1000000000000", "1", T), NOTICE_HOLD, 0, "bad_amount"},
        {CASSO2(A, "99999999999999999999999", "1", T), NOTICE_HOLD, 0, "bad_amount"},
        {CASSO2(A, "\"5\"", "1", T), NOTICE_REJECT, 400, "bad_amount"},
        {CASSO2(A, "null", "1", T), NOTICE_REJECT, 400, "missing_field"},
        {CASSO2("null", "5", "1", T), NOTICE_REJECT, 400, "missing_field"},
        {CASSO2("\"\"", "5", "1", T), NOTICE_HOLD, 0, "bad_account"},
        {CASSO2(A, "5", "null", T), NOTICE_HOLD, 0, "no_id"},
        {CASSO2(A, "5", "\"1\"", T), NOTICE_HOLD, 0, "bad_id"},
        {CASSO2(A, "5", "1", "null"), NOTICE_REJECT, 400, "missing_field"},
        {CASSO2(A, "5", "1", "\"yesterday\""), NOTICE_HOLD, 0, "bad_time"},
        {"{\"data\":[],\"error\":0}", NOTICE_REJECT, 400, "missing_field"},
        {"{\"data\":{},\"error\":7}", NOTICE_HOLD, 0, "provider_error"},
        {"{}", NOTICE_REJECT, 400, "missing_field"},
        {"nothing", NOTICE_REJECT, 400, "not_json"},
        {"{\"a\":1,\"a\":1}", NOTICE_REJECT, 400, "not_json"},
        {"{\"a\":\"\xc3\"}", NOTICE_REJECT, 400, "not_json"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notice_verdict v = casso2(cases[i].body, cases[i].body);

        assert_verdict(&v, cases[i].kind, cases[i].status, cases[i].reason, cases[i].body);
        v = casso2(cases[i].body, "{\"other\":1}");
        if (strcmp(cases[i].reason, "not_json") != 0)
            assert_verdict(&v, NOTICE_REJECT, 401, "bad_signature", cases[i].body);
    }
}

#define PAYOS_JSON(account, amount, currency, memo, order, link, ref, time)                                            \
    "{\"accountNumber\":" account ",\"amount\":" amount ",\"currency\":" currency ",\"description\":" memo             \
    ",\"orderCode\":" order ",\"paymentLinkId\":" link ",\"reference\":" ref ",\"transactionDateTime\":" time "}"
#define PAYOS_TEXT(account, amount, currency, memo, order, link, ref, time)                                            \
    "accountNumber=" account "&amount=" amount "&currency=" currency "&description=" memo "&orderCode=" order          \
    "&paymentLinkId=" link "&reference=" ref "&transactionDateTime=" time
#define L  "0123456789abcdef0123456789abcdef"
#define TT "2026-11-20 08:03:11"

static void test_payos(void **state)
{
    static const struct {
        const char *data, *text;
        enum notice_kind kind;
        int status;
        const char *reason;
    } cases[] = {
        {PAYOS_JSON("\"79\"", "5", "\"VND\"", "\"m\"", "1", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "m", "1", L, "F", TT), NOTICE_ACCEPT, 0, "ok"},
        {PAYOS_JSON("\"79\"", "5", "\"VND\"", "\"a&b=c\"", "1", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "a&b=c", "1", L, "F", TT), NOTICE_ACCEPT, 0, "ok"},
        {PAYOS_JSON("\"79\"", "0", "\"VND\"", "\"m\"", "1", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "0", "VND", "m", "1", L, "F", TT), NOTICE_HOLD, 0, "bad_amount"},
        {PAYOS_JSON("\"79\"", "1.5", "\"VND\"", "\"m\"", "1", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "1.5", "VND", "m", "1", L, "F", TT), NOTICE_HOLD, 0, "bad_amount"},
        /* the same signed text with text where a number belongs */
        {PAYOS_JSON("\"79\"", "\"5\"", "\"VND\"", "\"m\"", "1", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "m", "1", L, "F", TT), NOTICE_REJECT, 400, "bad_amount"},
        {PAYOS_JSON("\"79\"", "5", "\"VND\"", "\"m\"", "\"1\"", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "m", "1", L, "F", TT), NOTICE_REJECT, 400, "missing_field"},
        {PAYOS_JSON("79", "5", "\"VND\"", "\"m\"", "1", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "m", "1", L, "F", TT), NOTICE_REJECT, 400, "bad_account"},
        {PAYOS_JSON("\"79\"", "5", "\"VND\"", "\"m\"", "1", "5", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "m", "1", "5", "F", TT), NOTICE_REJECT, 400, "bad_id"},
        {PAYOS_JSON("\"79\"", "5", "\"VND\"", "\"m\"", "1", "\"" L "\"", "null", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "m", "1", L, "", TT), NOTICE_REJECT, 400, "missing_field"},
        {PAYOS_JSON("\"79\"", "5", "\"VND\"", "\"m\"", "1", "\"" L "\"", "\"\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "m", "1", L, "", TT), NOTICE_HOLD, 0, "bad_id"},
        {PAYOS_JSON("\"79\"", "5", "\"USD\"", "\"m\"", "1", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "USD", "m", "1", L, "F", TT), NOTICE_HOLD, 0, "bad_currency"},
        {PAYOS_JSON("\"79\"", "5", "null", "\"m\"", "1", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "", "m", "1", L, "F", TT), NOTICE_HOLD, 0, "bad_currency"},
        {PAYOS_JSON("\"79\"", "5", "\"VND\"", "\"m\"", "1", "\"" L "\"", "\"F\"", "\"soon\""),
         PAYOS_TEXT("79", "5", "VND", "m", "1", L, "F", "soon"), NOTICE_HOLD, 0, "bad_time"},
        /* a memo that spells a member */
        {PAYOS_JSON("\"79\"", "5", "\"VND\"", "\"m&reference=G\"", "1", "\"" L "\"", "\"F\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "m&reference=G", "1", L, "F", TT), NOTICE_HOLD, 0, "ambiguous_text"},
        {PAYOS_JSON("\"79\"", "5", "\"VND\"", "\"m\"", "1", "\"" L "\"", "\"F&x=1\"", "\"" TT "\""),
         PAYOS_TEXT("79", "5", "VND", "m", "1", L, "F&x=1", TT), NOTICE_HOLD, 0, "ambiguous_text"},
        {"{}", "", NOTICE_REJECT, 400, "missing_field"},
        {"[]", "", NOTICE_REJECT, 400, "missing_field"},
        {"null", "", NOTICE_REJECT, 400, "missing_field"},
        {"{\"a\":[null]}", "a=[null]", NOTICE_REJECT, 401, "bad_signature"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notice_verdict v = payos(cases[i].data, cases[i].text);

        assert_verdict(&v, cases[i].kind, cases[i].status, cases[i].reason, cases[i].data);
    }
}

/* The payer writes a memo that holds another payment; whoever cuts the same signed text elsewhere would book it twice.
 */
static void test_payos_recut(void **state)
{
    static const char text[] =
        PAYOS_TEXT("79", "5", "VND", "m&orderCode=2&paymentLinkId=feed&reference=G&transactionDateTime=" TT "&z=", "1",
                   L, "F", TT);
    static const char recut[] =
        "{\"accountNumber\":\"79\",\"amount\":5,\"currency\":\"VND\",\"description\":\"m\",\"orderCode\":2,"
        "\"paymentLinkId\":\"feed\",\"reference\":\"G\",\"transactionDateTime\":\"" TT "\",\"z\":"
        "\"&orderCode=1&paymentLinkId=" L "&reference=F&transactionDateTime=" TT "\"}";

    (void)state;
    struct notice_verdict v = payos(recut, text);

    assert_verdict(&v, NOTICE_HOLD, 0, "ambiguous_text", "cut elsewhere");
}

#define VQR(account, amount, type, time, ref)                                                                          \
    "{\"bankaccount\":" account ",\"amount\":" amount ",\"transType\":" type                                           \
    ",\"content\":\"m\",\"transactiontime\":" time ",\"referencenumber\":" ref "}"
#define MS "1795136591000"

static void test_vietqr(void **state)
{
    static const struct {
        const char *body;
        enum notice_kind kind;
        int status;
        const char *reason;
    } cases[] = {
        {VQR("\"79\"", "5", "\"C\"", MS, "\"F\""), NOTICE_ACCEPT, 0, "ok"},
        {VQR("\"79\"", "\"5\"", "\"D\"", "\"" MS "\"", "\"F\""), NOTICE_ACCEPT, 0, "ok"},
        {VQR("\"79\"", "\"05\"", "\"C\"", MS, "\"F\""), NOTICE_HOLD, 0, "bad_amount"},
        {VQR("\"79\"", "\"\"", "\"C\"", MS, "\"F\""), NOTICE_HOLD, 0, "bad_amount"},
        {VQR("\"79\"", "5.0", "\"C\"", MS, "\"F\""), NOTICE_HOLD, 0, "bad_amount"},
        {VQR("\"79\"", "true", "\"C\"", MS, "\"F\""), NOTICE_REJECT, 400, "bad_amount"},
        {VQR("\"79\"", "null", "\"C\"", MS, "\"F\""), NOTICE_REJECT, 400, "missing_field"},
        {VQR("null", "5", "\"C\"", MS, "\"F\""), NOTICE_REJECT, 400, "missing_field"},
        {VQR("\"79\"", "5", "null", MS, "\"F\""), NOTICE_REJECT, 400, "missing_field"},
        {VQR("\"79\"", "5", "\"X\"", MS, "\"F\""), NOTICE_HOLD, 0, "bad_direction"},
        {VQR("\"79\"", "5", "\"C\"", "null", "\"F\""), NOTICE_REJECT, 400, "missing_field"},
        {VQR("\"79\"", "5", "\"C\"", "1795136591", "\"F\""), NOTICE_HOLD, 0, "bad_time"},
        {VQR("\"79\"", "5", "\"C\"", "1.5", "\"F\""), NOTICE_HOLD, 0, "bad_time"},
        {VQR("\"79\"", "5", "\"C\"", "9223372036854775807", "\"F\""), NOTICE_HOLD, 0, "bad_time"},
        {VQR("\"79\"", "5", "\"C\"", "\"soon\"", "\"F\""), NOTICE_HOLD, 0, "bad_time"},
        {VQR("\"79\"", "5", "\"C\"", MS, "null"), NOTICE_HOLD, 0, "no_id"},
        {VQR("\"79\"", "5", "\"C\"", MS, "\"\""), NOTICE_HOLD, 0, "bad_id"},
        {VQR("\"79\",\"bankAccount\":\"80\"", "5", "\"C\"", MS, "\"F\""), NOTICE_HOLD, 0, "two_values"},
        {VQR("\"79\",\"bankAccount\":\"79\"", "5", "\"C\"", MS, "\"F\""), NOTICE_ACCEPT, 0, "ok"},
        {"{}", NOTICE_REJECT, 400, "missing_field"},
        {"[]", NOTICE_REJECT, 400, "missing_field"},
        {"x", NOTICE_REJECT, 400, "not_json"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notice_verdict v = vietqr(cases[i].body);

        assert_verdict(&v, cases[i].kind, cases[i].status, cases[i].reason, cases[i].body);
    }
}

#define STD(data) "{\"type\":\"bank.transaction\",\"timestamp\":\"2026-11-20T01:03:20Z\",\"data\":" data "}"
#define STD_DATA(id, account, direction, amount, paid, more)                                                           \
    STD("{\"id\":" id ",\"account_no\":" account ",\"direction\":" direction ",\"amount\":" amount                     \
        ",\"paid_at\":" paid more "}")
#define P "\"2026-11-20T01:03:11Z\""

static void test_standard(void **state)
{
    static const struct {
        const char *body;
        enum notice_kind kind;
        const char *reason;
    } cases[] = {
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "5", P, ""), NOTICE_ACCEPT, "ok"},
        {STD_DATA("\"t1\"", "\"79\"", "\"out\"", "5", "\"2026-11-20 08:03:11\"",
                  ",\"counterparty\":null,\"balance\":null"),
         NOTICE_ACCEPT, "ok"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "5", P,
                  ",\"counterparty\":{\"bin\":\"970436\",\"account_no\":\"1\",\"name\":\"N\"}"),
         NOTICE_ACCEPT, "ok"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "5", P, ",\"counterparty\":5"), NOTICE_HOLD, "bad_field"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "5", P, ",\"counterparty\":{\"bin\":5}"), NOTICE_HOLD, "bad_field"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "5", P, ",\"memo\":5"), NOTICE_HOLD, "bad_field"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "5", P, ",\"currency\":\"USD\""), NOTICE_HOLD, "bad_currency"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "5", P, ",\"currency\":\"VND\""), NOTICE_ACCEPT, "ok"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "\"5\"", P, ""), NOTICE_HOLD, "bad_amount"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "-5", P, ""), NOTICE_HOLD, "bad_amount"},
        {STD_DATA("null", "\"79\"", "\"in\"", "5", P, ""), NOTICE_HOLD, "missing_field"},
        {STD_DATA("\"t1\"", "null", "\"in\"", "5", P, ""), NOTICE_HOLD, "missing_field"},
        {STD_DATA("\"t1\"", "\"79\"", "null", "5", P, ""), NOTICE_HOLD, "bad_direction"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "null", P, ""), NOTICE_HOLD, "missing_field"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "5", "null", ""), NOTICE_HOLD, "missing_field"},
        {STD_DATA("\"t1\"", "\"79\"", "\"in\"", "5", "\"2026-11-20\"", ""), NOTICE_HOLD, "bad_time"},
        {STD("5"), NOTICE_HOLD, "missing_field"},
        {"{\"data\":{}}", NOTICE_HOLD, "missing_field"},
        {"{\"type\":\"bank.transaction.x\",\"data\":5}", NOTICE_IGNORE, "other_type"},
        {"{\"type\":\"\",\"data\":5}", NOTICE_IGNORE, "other_type"},
        {"{\"type\":\"bank.transaction\",\"type\":\"x\"}", NOTICE_HOLD, "not_json"},
        {"", NOTICE_HOLD, "not_json"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notice_verdict v = standard(cases[i].body);

        assert_verdict(&v, cases[i].kind, 0, cases[i].reason, cases[i].body);
        if (v.n == 1) {
            assert_text(v.events->ext_id, "t1");
            assert_text(v.events->reference, "t1");
            assert_int_equal(v.events->time_us, INT64_C(1795136591000000));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sepay),       cmocka_unit_test(test_memo),     cmocka_unit_test(test_long_memo),
        cmocka_unit_test(test_sepay_forms), cmocka_unit_test(test_sepay_parts), cmocka_unit_test(test_casso1),   cmocka_unit_test(test_casso1_too_many),
        cmocka_unit_test(test_casso2),      cmocka_unit_test(test_payos),    cmocka_unit_test(test_payos_recut),
        cmocka_unit_test(test_vietqr),      cmocka_unit_test(test_standard),
    };

    return cmocka_run_group_tests_name("provider_bad_input", tests, test_setup, test_teardown);
}
