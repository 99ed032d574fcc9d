/* Every signature of providers.md (b) to (f), the published ones among them, and what is read from those notices. */
#include "notice.h"

#include "common.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"

#include "khop/base/banned.h"

#define ASKED_AT INT64_C(1795136591000000) /* 2026-11-20 08:03:11 +07:00 */

static void check_common(const struct notice_event *e, const char *ext_id)
{
    assert_text(e->ext_id, ext_id);
    assert_int_equal(e->direction, NOTICE_IN);
    assert_int_equal(e->amount, 180000);
    assert_text(e->account, "7900123450011");
    assert_text(e->reference, "FT26324000111222");
    assert_int_equal(e->time_us, ASKED_AT);
}

static void test_sepay_hmac(void **state)
{
    struct test_notice t = {
        .mode = PROVIDER_SEPAY_HMAC, .secrets = {"sl-demo-sepay-secret"}, .body = slice_of(sepay_body)};

    (void)state;
    assert_int_equal(t.body.n, 324);
    test_add(&t, "X-SePay-Timestamp", "1795136600");
    test_add(&t, "X-SePay-Signature", sepay_signature);
    test_add(&t, "Content-Type", "application/json; charset=utf-8");
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "sepay hmac");
    assert_int_equal(v.n, 1);
    check_common(v.events, "92704001");
    assert_text(v.events->memo, "LO THI MAY SB7M4QX2K");
    assert_false(v.events->has_balance);
    assert_int_equal(v.secret, 0);
}

static void test_sepay_apikey(void **state)
{
    struct test_notice t = {.mode = PROVIDER_SEPAY_APIKEY, .secrets = {"the-key"}, .body = slice_of(sepay_body)};

    (void)state;
    test_add(&t, "authorization", "Apikey the-key");
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "sepay apikey");
    check_common(v.events, "92704001");
}

static void test_sepay_form(void **state)
{
    static const char body[] =
        "id=92704001&gateway=Agribank&transactionDate=2026-11-20+08%3A03%3A11&accountNumber=7900123450011&code=&"
        "content=N%E1%BB%99p+SB7M4QX2K&transferType=out&transferAmount=180000&accumulated=1180000&subAccount=VA1&"
        "referenceCode=FT26324000111222&description=";
    struct test_notice t = {.mode = PROVIDER_SEPAY_APIKEY, .secrets = {"the-key"}, .body = slice_of(body)};

    (void)state;
    test_add(&t, "Authorization", "Apikey the-key");
    test_add(&t, "Content-Type", "application/x-www-form-urlencoded");
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "sepay form");
    assert_int_equal(v.events->direction, NOTICE_OUT);
    assert_text(v.events->memo, "Nộp SB7M4QX2K");
    assert_text(v.events->sub_account, "VA1");
    assert_true(v.events->has_balance);
    assert_int_equal(v.events->balance, 1180000);
    assert_int_equal(v.events->time_us, ASKED_AT);
}

static void test_casso_v1(void **state)
{
    struct test_notice t = {.mode = PROVIDER_CASSO_V1, .secrets = {"casso-key"}, .body = slice_of(casso1_body)};

    (void)state;
    test_add(&t, "secure-token", "casso-key");
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "casso v1");
    assert_int_equal(v.n, 1);
    check_common(v.events, "88123");
    assert_text(v.events->counterparty.bin, "970436");
    assert_text(v.events->counterparty.account, "0071000123456");
    assert_text(v.events->counterparty.name, "LO THI MAY");
    assert_int_equal(v.events->balance, 1180000);
}

static void test_casso_v2(void **state)
{
    struct test_notice t = {.mode = PROVIDER_CASSO_V2, .secrets = {"sl-demo-casso-key"}, .body = slice_of(casso2_body)};

    (void)state;
    test_add(&t, "X-Casso-Signature", casso2_signature);
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "casso v2");
    check_common(v.events, "88123");
    assert_text(v.events->memo, "Nộp SB7M4QX2K / lớp 1A");
}

static const char casso2_published[] =
    "{\"error\":0,\"data\":{\"id\":0,\"reference\":\"MA_GIAO_DICH_THU_NGHIEM\",\"description\":\"giao dich thu "
    "nghiem\",\"amount\":599000,\"runningBalance\":25000000,\"transactionDateTime\":\"2024-10-03 15:06:37\","
    "\"accountNumber\":\"88888888\",\"bankName\":\"VPBank\",\"bankAbbreviation\":\"VPB\",\"virtualAccountNumber\":\"\","
    "\"virtualAccountName\":\"\",\"counterAccountName\":\"NGUYEN VAN A\",\"counterAccountNumber\":\"8888888888\","
    "\"counterAccountBankId\":\"970415\",\"counterAccountBankName\":\"VietinBank\"}}";

static void test_casso_v2_published(void **state)
{
    struct test_notice t = {
        .mode = PROVIDER_CASSO_V2,
        .secrets = {"mgExMrjj4i7a1p8Cs6LmFbpCd8lbw4sSX4LZXPag7TKazeIogtR90tvWYTkwQbvs"},
        .body = slice_of(casso2_published),
        .now_us = INT64_C(1727948258788000),
    };

    (void)state;
    test_add(
        &t, "X-Casso-Signature",
        "t=1727948258788,v1=ed0a4bd2e826d5cb69988cdb141e6c1a080e21f3b57eb72cd78192220042b9e7dde0868fc667faea8e224900"
        "fa7904e7c88dfa098032fb2d6b6996856e8b7ff3");
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "casso v2 published");
    assert_text(v.events->ext_id, "0");
    assert_int_equal(v.events->amount, 599000);
    t.now_us += INT64_C(300000) * 1000;
    v = test_check(&t);
    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "five minutes later");
    t.now_us += 1000;
    v = test_check(&t);
    assert_verdict(&v, NOTICE_REJECT, 401, "stale_timestamp", "a millisecond more");
}

static void test_payos(void **state)
{
    struct test_notice t = {
        .mode = PROVIDER_PAYOS_WEBHOOK, .secrets = {"sl-demo-checksum-key-0001"}, .body = slice_of(payos_body)};

    (void)state;
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "payos");
    check_common(v.events, "0123456789abcdef0123456789abcdefFT26324000111222");
    assert_text(v.events->memo, "SB7M4QX2K");
    assert_text(v.events->counterparty.bin, "");
    assert_text(v.events->counterparty.name, "LO THI MAY");
}

static void test_payos_published(void **state)
{
    static const char body[] =
        "{\"code\":\"00\",\"desc\":\"success\",\"success\":true,\"data\":{\"orderCode\":123,\"amount\":3000,"
        "\"description\":\"VQRIO123\",\"accountNumber\":\"12345678\",\"reference\":\"TF230204212323\","
        "\"transactionDateTime\":\"2023-02-04 18:25:00\",\"currency\":\"VND\",\"paymentLinkId\":"
        "\"124c33293c43417ab7879e14c8d9eb18\",\"code\":\"00\",\"desc\":\"Thành công\",\"counterAccountBankId\":\"\","
        "\"counterAccountBankName\":\"\",\"counterAccountName\":\"\",\"counterAccountNumber\":\"\","
        "\"virtualAccountName\":\"\",\"virtualAccountNumber\":\"\"},\"signature\":"
        "\"412e915d2871504ed31be63c8f62a149a4410d34c4c42affc9006ef9917eaa03\"}";
    struct test_notice t = {
        .mode = PROVIDER_PAYOS_WEBHOOK,
        .secrets = {"1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675"},
        .body = slice_of(body),
    };

    (void)state;
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "payos published");
    assert_int_equal(v.events->amount, 3000);
    assert_text(v.events->account, "12345678");
    assert_false(notice_names_account(v.events, SLICE("7900123450011")));
    assert_true(notice_names_account(v.events, SLICE("12345678")));
}

/* The signed text of payOS data, and its signature by the demo key. */
static void payos_says(const char *data, const char *text, const char *signature)
{
    struct mac *mac = mac_new(MAC_HMAC_SHA256, SLICE("sl-demo-checksum-key-0001"));
    uint8_t bytes[SHA512_SIZE];
    struct buf out, hex;
    struct doc d;

    buf_init_arena(&out, test_arena, 65536);
    buf_init_arena(&hex, test_arena, 200);
    assert_int_equal(doc_read(&d, test_arena, slice_of(data)), RC_OK);
    assert_int_equal(payos_text(&d, 0, &out), RC_OK);
    assert_text(buf_slice(&out), text);
    assert_int_equal(mac_sign(mac, (struct slice[]){buf_slice(&out)}, 1, bytes), RC_OK);
    mac_free(mac);
    enc_hex(&hex, bytes, SHA256_SIZE);
    if (signature != NULL)
        assert_text(buf_slice(&hex), signature);
}

static void test_payos_signed_text(void **state)
{
    (void)state;
    payos_says("{\"orderCode\":260001,\"amount\":180000,\"description\":\"SB7M4QX2K\",\"returnUrl\":"
               "\"https://thu.example.vn/xong?d=1&x=2\",\"cancelUrl\":\"https:\\/\\/thu.example.vn\\/huy\"}",
               "amount=180000&cancelUrl=https://thu.example.vn/huy&description=SB7M4QX2K&orderCode=260001&returnUrl="
               "https://thu.example.vn/xong?d=1&x=2",
               "b07c001ccc2df5c4ec453bc6276d89b87f70d829c4e9974c266f6d6929b1be55");
    payos_says(
        "{\"bin\":\"970405\",\"accountNumber\":\"7900123450011\",\"accountName\":\"TRUONG TIEU HOC A\",\"amount\":"
        "180000,\"description\":\"SB7M4QX2K\",\"orderCode\":260001,\"currency\":\"VND\",\"paymentLinkId\":"
        "\"0123456789abcdef0123456789abcdef\",\"status\":\"PENDING\",\"expiredAt\":null,\"checkoutUrl\":"
        "\"https://thu.example.vn/web/0123456789abcdef0123456789abcdef\",\"qrCode\":"
        "\"00020101021238570010A00000072701270006970405011379001234500110208QRIBFTTA530370454061800005802VN62130809"
        "SB7M4QX2K63040456\"}",
        "accountName=TRUONG TIEU HOC A&accountNumber=7900123450011&amount=180000&bin=970405&checkoutUrl="
        "https://thu.example.vn/web/0123456789abcdef0123456789abcdef&currency=VND&description=SB7M4QX2K&"
        "expiredAt=&orderCode=260001&paymentLinkId=0123456789abcdef0123456789abcdef&qrCode="
        "00020101021238570010A00000072701270006970405011379001234500110208QRIBFTTA530370454061800005802VN62130809"
        "SB7M4QX2K63040456&status=PENDING",
        "38809c9e9e0ddc41f7e7dc359f361792047628e0526404f0cbcdc1cb2de506a5");
    payos_says(
        "{\"id\":\"0123456789abcdef0123456789abcdef\",\"orderCode\":260001,\"amount\":180000,\"amountPaid\":180000,"
        "\"amountRemaining\":0,\"status\":\"PAID\",\"createdAt\":\"2026-11-20T08:00:00+07:00\",\"transactions\":[{"
        "\"reference\":\"FT26324000111222\",\"amount\":180000,\"accountNumber\":\"7900123450011\",\"description\":"
        "\"SB7M4QX2K Lò Thị Mây\",\"transactionDateTime\":\"2026-11-20T08:03:11+07:00\",\"virtualAccountName\":"
        "null,\"virtualAccountNumber\":null,\"counterAccountBankId\":\"\",\"counterAccountBankName\":null,"
        "\"counterAccountName\":null,\"counterAccountNumber\":null}],\"cancellationReason\":null,\"canceledAt\":null}",
        "amount=180000&amountPaid=180000&amountRemaining=0&canceledAt=&cancellationReason=&createdAt="
        "2026-11-20T08:00:00+07:00&id=0123456789abcdef0123456789abcdef&orderCode=260001&status=PAID&transactions="
        "[{\"accountNumber\":\"7900123450011\",\"amount\":180000,\"counterAccountBankId\":\"\","
        "\"counterAccountBankName\":null,\"counterAccountName\":null,\"counterAccountNumber\":null,\"description\":"
        "\"SB7M4QX2K Lò Thị Mây\",\"reference\":\"FT26324000111222\",\"transactionDateTime\":"
        "\"2026-11-20T08:03:11+07:00\",\"virtualAccountName\":null,\"virtualAccountNumber\":null}]",
        "9661e83038df090008a0633a1875ee761b3c97da06757761ec300b17811828ca");
}

static void test_payos_awkward(void **state)
{
    (void)state;
    payos_says("{\"b\":0,\"a\":false,\"c\":\"null\",\"d\":null,\"e\":[],\"f\":\"a&b=c\",\"g\":1.5,\"h\":[{\"z\":1,"
               "\"y\":null}]}",
               "a=false&b=0&c=&d=&e=[]&f=a&b=c&g=1.5&h=[{\"y\":null,\"z\":1}]",
               "129929a685ef22dbdf00dcd7c42308ed8db53a3d32e3e40fc1cfeea24c89eed7");
    payos_says("{\"a\":\"undefined\",\"b\":{\"x\":1},\"c\":\"\",\"B\":true}", "B=true&a=&b=[object Object]&c=", NULL);
    /* One level of sorting inside lists; what is below stays. */
    payos_says("{\"l\":[{\"b\":{\"d\":1,\"c\":2},\"a\":[{\"z\":1,\"y\":2}]}]}",
               "l=[{\"a\":[{\"z\":1,\"y\":2}],\"b\":{\"d\":1,\"c\":2}}]", NULL);
    /* Lists of what has no keys of its own. */
    payos_says("{\"l\":[\"ab\",1,true,[7,{\"b\":1,\"a\":2}],{}]}",
               "l=[{\"0\":\"a\",\"1\":\"b\"},{},{},{\"0\":7,\"1\":{\"b\":1,\"a\":2}},{}]", NULL);
    /* JavaScript keeps number-like names in front. */
    payos_says("{\"b\":1,\"10\":2,\"9\":3,\"a\":4,\"01\":5}", "9=3&10=2&01=5&a=4&b=1", NULL);
    /* Letters by code unit: an emoji (d83d) sorts before U+FF5E. */
    payos_says("{\"\xef\xbd\x9e\":1,\"\xf0\x9f\x98\x80\":2}", "\xf0\x9f\x98\x80=2&\xef\xbd\x9e=1", NULL);
    payos_says("{\"a\":\"\\ud83d\\ude00 \\ud83d \\u0111\\n\",\"b\":[{\"c\":\"\\ud83d\\u0001\\u000a\\/\\u0111\"}]}",
               "a=\xf0\x9f\x98\x80 \xef\xbf\xbd đ\n&b=[{\"c\":\"\\ud83d\\u0001\\n/đ\"}]", NULL);
}

static void test_vietqrvn(void **state)
{
    struct test_notice t = {
        .mode = PROVIDER_VIETQRVN_TOKEN, .secrets = {"sonla-user:s3cret-pass"}, .path = "/hooks/x//api/token_generate"};
    struct provider_reply reply;

    (void)state;
    test_add(&t, "Authorization", "Basic c29ubGEtdXNlcjpzM2NyZXQtcGFzcw==");
    struct notice_verdict v = test_check(&t);

    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "token");
    assert_true(v.token_call && v.token.n > 40 && v.n == 0);
    assert_int_equal(provider_answer(t.mode, PROVIDER_DONE, &v, NULL, test_arena, &reply), RC_OK);
    char *want = arena_printf(test_arena, "{\"access_token\":\"%.*s\",\"token_type\":\"Bearer\",\"expires_in\":300}",
                              SLICE_FMT(v.token));

    assert_text(reply.body, want);
    char *bearer = arena_printf(test_arena, "Bearer %.*s", SLICE_FMT(v.token));
    struct test_notice sync = {.mode = t.mode,
                               .secrets = {t.secrets[0]},
                               .path = "//bank/api/transaction-sync",
                               .body = slice_of(vietqr_body)};

    test_add(&sync, "Authorization", bearer);
    test_add(&sync, "Content-Type", "application/json");
    v = test_check_more(&sync);
    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "sync");
    check_common(v.events, "FT26324000111222");
    assert_text(v.events->memo, "VQR1a2b3c4d5e SB7M4QX2K");
    sync.now_us = NOW_US + INT64_C(300000000);
    v = test_check_more(&sync);
    assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", "five minutes later");
    sync.now_us += 1000000;
    v = test_check_more(&sync);
    assert_verdict(&v, NOTICE_REJECT, 401, "stale_token", "a second more");
    sync.now_us = NOW_US - INT64_C(61000000);
    v = test_check_more(&sync);
    assert_verdict(&v, NOTICE_REJECT, 401, "stale_token", "from the future");
    sync.now_us = 0;
    sync.secrets[0] = "sonla-user:other-pass";
    v = test_check_more(&sync);
    assert_verdict(&v, NOTICE_REJECT, 401, "bad_token", "token of another connection");
}

static void test_vietqrvn_spellings(void **state)
{
    static const char *const bodies[] = {
        "{\"bankAccount\":\"7900123450011\",\"amount\":\"180000\",\"transType\":\"D\",\"content\":\"x\","
        "\"transactionId\":\"t\","
        "\"transactionTime\":\"1795136591000\",\"referenceNumber\":\"FT26324000111222\"}",
        "{\"bankaccount\":\"7900123450011\",\"amount\":180000,\"transType\":\"D\",\"content\":\"x\",\"transactionid\":"
        "\"t\","
        "\"transactiontime\":1795136591000,\"referencenumber\":\"FT26324000111222\",\"referenceNumber\":"
        "\"FT26324000111222\"}",
    };
    struct notice_event event = {.ext_id = SLICE("1"), .direction = NOTICE_IN, .amount = 1, .account = SLICE("1")};
    struct signed_notice s;
    uint8_t first[SHA256_SIZE];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct test_notice t = {.mode = PROVIDER_VIETQRVN_TOKEN, .secrets = {"u:p"}};

        assert_int_equal(provider_sign(t.mode, SLICE("u:p"), NOW_US, &event, 1, test_arena, &s), RC_OK);
        test_take(&t, &s);
        t.body = slice_of(bodies[i]);
        struct notice_verdict v = test_check_more(&t);

        assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", bodies[i]);
        assert_int_equal(v.events->direction, NOTICE_OUT);
        assert_int_equal(v.events->amount, 180000);
        assert_int_equal(v.events->time_us, ASKED_AT);
        if (i == 0)
            memcpy(first, v.events->body_hash, sizeof first);
        else
            assert_memory_equal(first, v.events->body_hash, sizeof first);
    }
}

static void standard_notice(struct test_notice *t, int mode, const char *secret, const char *signature)
{
    *t = (struct test_notice){.mode = mode, .secrets = {secret}, .body = slice_of(standard_body)};
    test_add(t, "webhook-id", "msg_01JSLDEMO0001");
    test_add(t, "webhook-timestamp", "1795136600");
    test_add(t, "webhook-signature", signature);
}

#define WHSEC "whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh"
#define WHPK  "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
#define V1    "v1,+9b1JV84RwUxWgSDDoq96tHsoLOqeHXzjqNd16v5p84="
#define V1A   "v1a,zT9HGArmBFoQ98xc5khclq5Lv09OKCBww+XCBePACNbagOG+8ZrKtwL13QfeY3Vt7CCIxiqOOH+kwsUlZtXLDA=="

static void test_standard(void **state)
{
    static const struct {
        int mode;
        const char *secret, *signature;
        enum notice_kind kind;
    } cases[] = {
        {PROVIDER_STANDARD_HMAC, WHSEC, V1, NOTICE_IGNORE},
        {PROVIDER_STANDARD_ED25519, WHPK, V1A, NOTICE_IGNORE},
        {PROVIDER_STANDARD_HMAC, WHSEC, V1A " " V1, NOTICE_IGNORE},
        {PROVIDER_STANDARD_ED25519, WHPK, "v9,AAAA " V1 " " V1A, NOTICE_IGNORE},
        {PROVIDER_STANDARD_HMAC, WHSEC, "v1,AAAA v1,%% " V1, NOTICE_IGNORE},
        {PROVIDER_STANDARD_HMAC, WHSEC, V1A, NOTICE_REJECT},
        {PROVIDER_STANDARD_ED25519, WHPK, V1, NOTICE_REJECT},
        {PROVIDER_STANDARD_HMAC, WHSEC, "v1a,+9b1JV84RwUxWgSDDoq96tHsoLOqeHXzjqNd16v5p84=", NOTICE_REJECT},
        {PROVIDER_STANDARD_HMAC, WHSEC, "v1,+9b1JV84RwUxWgSDDoq96tHsoLOqeHXzjqNd16v5p84", NOTICE_REJECT},
        {PROVIDER_STANDARD_HMAC, "whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIi", V1, NOTICE_REJECT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_notice t;

        standard_notice(&t, cases[i].mode, cases[i].secret, cases[i].signature);
        struct notice_verdict v = test_check(&t);

        if (cases[i].kind == NOTICE_IGNORE)
            assert_verdict(&v, NOTICE_IGNORE, 0, "other_type", cases[i].signature);
        else
            assert_verdict(&v, NOTICE_REJECT, 401, "bad_signature", cases[i].signature);
    }
}

static void test_standard_times(void **state)
{
    struct test_notice t;

    (void)state;
    standard_notice(&t, PROVIDER_STANDARD_HMAC, WHSEC, V1);
    for (int64_t shift = -302; shift <= 302; shift++) {
        t.now_us = NOW_US + shift * 1000000 + 999999;
        struct notice_verdict v = test_check(&t);

        if (shift >= -300 && shift <= 300)
            assert_verdict(&v, NOTICE_IGNORE, 0, "other_type", "near");
        else
            assert_verdict(&v, NOTICE_REJECT, 401, "stale_timestamp", "far");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sepay_hmac),
        cmocka_unit_test(test_sepay_apikey),
        cmocka_unit_test(test_sepay_form),
        cmocka_unit_test(test_casso_v1),
        cmocka_unit_test(test_casso_v2),
        cmocka_unit_test(test_casso_v2_published),
        cmocka_unit_test(test_payos),
        cmocka_unit_test(test_payos_published),
        cmocka_unit_test(test_payos_signed_text),
        cmocka_unit_test(test_payos_awkward),
        cmocka_unit_test(test_vietqrvn),
        cmocka_unit_test(test_vietqrvn_spellings),
        cmocka_unit_test(test_standard),
        cmocka_unit_test(test_standard_times),
    };

    return cmocka_run_group_tests_name("provider_vectors", tests, test_setup, test_teardown);
}
