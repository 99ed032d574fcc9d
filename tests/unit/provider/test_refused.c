/* Who is refused before anything is read: proofs, headers, content types, open wires; which secrets can be one; and the
 * answers that providers get. */
#include "notice.h"

#include "khop/base/banned.h"

#define KEY "a-key-of-ours"

static void test_sepay_proofs(void **state)
{
    static const struct {
        const char *signature, *time, *reason;
    } cases[] = {
        {NULL, "1795136600", "no_signature"},
        {sepay_signature, NULL, "no_signature"},
        {"", "1795136600", "no_signature"},
        {"855b07424c226def29980a4d29e2161ee48365adef754e4341aa9061487f98e8", "1795136600", "bad_signature"},
        {"sha256=855b07424c226def29980a4d29e2161ee48365adef754e4341aa9061487f98", "1795136600", "bad_signature"},
        {"sha256=855b07424c226def29980a4d29e2161ee48365adef754e4341aa9061487f98e8ff", "1795136600", "bad_signature"},
        {"sha256=955b07424c226def29980a4d29e2161ee48365adef754e4341aa9061487f98e8", "1795136600", "bad_signature"},
        {sepay_signature, "1795136601", "bad_signature"},
        {sepay_signature, "01795136600", "bad_signature"},
        {sepay_signature, "+1795136600", "bad_signature"},
        {sepay_signature, "99999999999999999999", "bad_signature"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_notice t = {
            .mode = PROVIDER_SEPAY_HMAC, .secrets = {"sl-demo-sepay-secret"}, .body = slice_of(sepay_body)};

        if (cases[i].signature != NULL)
            test_add(&t, "X-SePay-Signature", cases[i].signature);
        if (cases[i].time != NULL)
            test_add(&t, "X-SePay-Timestamp", cases[i].time);
        struct notice_verdict v = test_check(&t);

        assert_verdict(&v, NOTICE_REJECT, 401, cases[i].reason, "sepay proof");
    }
}

static void test_apikey_forms(void **state)
{
    static const struct {
        const char *value, *reason;
    } cases[] = {
        {"Apikey " KEY, "ok"},
        {"apikey " KEY, "ok"},
        {"APIKEY " KEY, "ok"},
        {NULL, "no_key"},
        {KEY, "bad_key"},
        {"Bearer " KEY, "bad_key"},
        {"Apikey", "bad_key"},
        {"Apikey  " KEY, "bad_key"},
        {"Apikey " KEY "x", "bad_key"},
        {"Apikey a-key-of-our", "bad_key"},
        {"Apikey A-key-of-ours", "bad_key"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_notice t = {.mode = PROVIDER_SEPAY_APIKEY, .secrets = {KEY}, .body = slice_of(sepay_body)};

        if (cases[i].value != NULL)
            test_add(&t, "Authorization", cases[i].value);
        struct notice_verdict v = test_check(&t);

        if (i < 3)
            assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", cases[i].value);
        else
            assert_verdict(&v, NOTICE_REJECT, 401, cases[i].reason, "apikey form");
    }
}

/* Twice the header that proves: which one counts is nobody's guess. */
static void test_repeated_headers(void **state)
{
    static const struct {
        int mode;
        const char *secret, *path, *names[3];
    } cases[] = {
        {PROVIDER_SEPAY_APIKEY, KEY, "", {"Authorization"}},
        {PROVIDER_SEPAY_HMAC, KEY, "", {"X-SePay-Signature", "X-SePay-Timestamp"}},
        {PROVIDER_CASSO_V1, KEY, "", {"secure-token"}},
        {PROVIDER_CASSO_V2, KEY, "", {"X-Casso-Signature"}},
        {PROVIDER_VIETQRVN_TOKEN, "u:p", "/api/token_generate", {"Authorization"}},
        {PROVIDER_VIETQRVN_TOKEN, "u:p", "/bank/api/transaction-sync", {"Authorization"}},
        {PROVIDER_STANDARD_HMAC,
         "whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh",
         "",
         {"webhook-signature", "webhook-id", "webhook-timestamp"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int twice = 0; twice < 3 && cases[i].names[twice] != NULL; twice++) {
            struct test_notice t = {.mode = cases[i].mode, .secrets = {cases[i].secret}, .path = cases[i].path};

            for (int k = 0; k < 3 && cases[i].names[k] != NULL; k++)
                test_add(&t, cases[i].names[k], "1795136600");
            test_add(&t, cases[i].names[twice], "1795136600");
            struct notice_verdict v = test_check(&t);

            assert_verdict(&v, NOTICE_REJECT, 400, "repeated_header", cases[i].names[twice]);
        }
    }
}

static void test_content(void **state)
{
    static const struct {
        const char *type, *coding;
        bool json_ok, sepay_ok;
    } cases[] = {
        {NULL, NULL, true, true},
        {"application/json", NULL, true, true},
        {"Application/JSON ; Charset=UTF-8", "identity", true, true},
        {"application/json; charset=\"utf-8\"", NULL, true, true},
        {"application/json; charset=utf-16", NULL, false, false},
        {"text/json", NULL, false, false},
        {"text/plain", NULL, false, false},
        {"application/jsonx", NULL, false, false},
        {"multipart/form-data; boundary=x", NULL, false, true},
        {"application/x-www-form-urlencoded", NULL, false, true},
        {"application/json", "gzip", false, false},
        {"", NULL, false, false},
    };
    static const struct {
        int mode;
        const char *secret, *path;
    } modes[] = {
        {PROVIDER_SEPAY_APIKEY, KEY, ""},
        {PROVIDER_SEPAY_HMAC, KEY, ""},
        {PROVIDER_CASSO_V1, KEY, ""},
        {PROVIDER_CASSO_V2, KEY, ""},
        {PROVIDER_PAYOS_WEBHOOK, KEY, ""},
        {PROVIDER_VIETQRVN_TOKEN, "u:p", "/bank/api/transaction-sync"},
        {PROVIDER_STANDARD_HMAC, "whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh", ""},
    };

    (void)state;
    for (size_t m = 0; m < sizeof modes / sizeof modes[0]; m++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            struct test_notice t = {
                .mode = modes[m].mode, .secrets = {modes[m].secret}, .path = modes[m].path, .body = SLICE("{}")};

            if (cases[i].type != NULL)
                test_add(&t, "Content-Type", cases[i].type);
            if (cases[i].coding != NULL)
                test_add(&t, "Content-Encoding", cases[i].coding);
            struct notice_verdict v = test_check(&t);
            bool ok = provider_of_mode(modes[m].mode) == PROVIDER_SEPAY ? cases[i].sepay_ok : cases[i].json_ok;

            if (v.kind != NOTICE_REJECT || v.status != (ok ? 401 : 415))
                fail_msg("mode %d %s %s: %d %s", modes[m].mode, cases[i].type, cases[i].coding, v.status, v.reason);
        }
    }
}

static void test_open_wire(void **state)
{
    static const struct {
        int mode;
        const char *secret;
        bool refused;
    } cases[] = {
        {PROVIDER_SEPAY_APIKEY, KEY, true},
        {PROVIDER_SEPAY_HMAC, KEY, false},
        {PROVIDER_CASSO_V1, KEY, true},
        {PROVIDER_CASSO_V2, KEY, false},
        {PROVIDER_PAYOS_WEBHOOK, KEY, false},
        {PROVIDER_VIETQRVN_TOKEN, "u:p", true},
        {PROVIDER_STANDARD_HMAC, "whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh", false},
        {PROVIDER_STANDARD_ED25519, "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_notice t = {.mode = cases[i].mode, .secrets = {cases[i].secret}, .open_wire = true};
        struct notice_verdict v = test_check(&t);

        assert_int_equal(v.kind, NOTICE_REJECT);
        assert_int_equal(strcmp(v.reason, "insecure_transport") == 0, cases[i].refused);
        assert_int_equal(provider_mode_is_bearer(cases[i].mode), cases[i].refused);
    }
}

static void test_casso2_signatures(void **state)
{
    static const char other[] = "v1="
                                "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                                "000000000000000000000000000000000000000000";
    const char *good = strchr(casso2_signature, ',') + 1;
    char *values[] = {
        arena_printf(test_arena, "t=1795136600123,%s", good),
        arena_printf(test_arena, "%s,t=1795136600123", good),
        arena_printf(test_arena, "t=1795136600123, %s,v2=zz", good),
        arena_printf(test_arena, "t=1795136600123,%s,%s", other, good),
        /* refused from here */
        arena_printf(test_arena, "t=1795136600123,t=1795136600123,%s", good),
        arena_printf(test_arena, "%s", good),
        arena_printf(test_arena, "t=1795136600123"),
        arena_printf(test_arena, "t=1795136600124,%s", good),
        arena_printf(test_arena, "t=1795136600123,%s,v1=zz", good),
        arena_printf(test_arena, "T=1795136600123,%s", good),
        arena_printf(test_arena, "t=1795136600123,%s,%s,%s,%s,%s", other, other, other, other, good),
    };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct test_notice t = {
            .mode = PROVIDER_CASSO_V2, .secrets = {"sl-demo-casso-key"}, .body = slice_of(casso2_body)};

        test_add(&t, "X-Casso-Signature", values[i]);
        struct notice_verdict v = test_check_more(&t);

        if (i < 4)
            assert_verdict(&v, NOTICE_ACCEPT, 0, "ok", values[i]);
        else
            assert_verdict(&v, NOTICE_REJECT, 401, "bad_signature", values[i]);
    }
}

static void test_payos_outside(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *reason;
    } cases[] = {
        {"", 400, "not_json"},
        {"{}", 401, "no_signature"},
        {"{\"data\":{}}", 401, "no_signature"},
        {"{\"signature\":5,\"data\":{}}", 401, "no_signature"},
        {"{\"signature\":\"x\"}", 400, "missing_field"},
        {"{\"signature\":\"x\",\"data\":{}}", 401, "bad_signature"},
        {"{\"signature\":\"21bfaedc1f31d04be6d0beb6355b4d6e4062cc841f4c9f74bdbddeabf83fd384\",\"data\":{\"a\":1,\"a\":"
         "2}}",
         400, "not_json"},
        {"{\"signature\":\"21bfaedc1f31d04be6d0beb6355b4d6e4062cc841f4c9f74bdbddeabf83fd384\",\"data\":{}}", 401,
         "bad_signature"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_notice t = {.mode = PROVIDER_PAYOS_WEBHOOK, .secrets = {KEY}, .body = slice_of(cases[i].body)};
        struct notice_verdict v = test_check(&t);

        assert_verdict(&v, NOTICE_REJECT, cases[i].status, cases[i].reason, cases[i].body);
    }
}

static void test_vietqr_calls(void **state)
{
    static const struct {
        const char *path, *authorization;
        int status;
        const char *reason;
    } cases[] = {
        {"/api/token_generate", NULL, 401, "no_key"},
        {"/api/token_generate", "Basic", 401, "bad_key"},
        {"/api/token_generate", "Basic dTpw ", 0, "ok"}, /* trimmed by the wire */
        {"//api//token_generate/", "basic dTpw", 0, "ok"},
        {"/api/token_generate?x=1", "Basic dTpw", 0, "ok"},
        {"/api/token_generate", "Basic dTpx", 401, "bad_key"},
        {"/api/token_generate", "Basic dTp", 401, "bad_key"},
        {"/api/token_generate", "Bearer dTpw", 401, "bad_key"},
        {"/bank/api/transaction-sync", NULL, 401, "no_token"},
        {"/bank/api/transaction-sync", "Bearer x", 401, "bad_token"},
        {"/bank/api/transaction-sync", "Bearer kvt1.1795136600.AAAA", 401, "bad_token"},
        {"/bank/api/transaction-sync", "Bearer kvt1.1795136600.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 401,
         "bad_token"},
        {"/bank/api/transaction-sync", "Basic dTpw", 401, "bad_token"},
        {"", "Basic dTpw", 404, "unknown_path"},
        {"/token_generate", "Basic dTpw", 404, "unknown_path"},
        {"/api/transaction-sync", "Basic dTpw", 404, "unknown_path"},
        {"/bank/api/transaction-sync/x", "Basic dTpw", 404, "unknown_path"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_notice t = {.mode = PROVIDER_VIETQRVN_TOKEN, .secrets = {"u:p"}, .path = cases[i].path};

        if (cases[i].authorization != NULL)
            test_add(&t, "Authorization", cases[i].authorization);
        struct notice_verdict v = test_check(&t);

        assert_verdict(&v, cases[i].status == 0 ? NOTICE_ACCEPT : NOTICE_REJECT, cases[i].status, cases[i].reason,
                       cases[i].path);
    }
}

static void test_standard_ids(void **state)
{
    static const struct {
        const char *id, *time, *signature, *reason;
        int status;
    } cases[] = {
        {"a.b", "1795136600", "v1,AAAA", "bad_signature", 401},
        {"a b", "1795136600", "v1,AAAA", "bad_signature", 401},
        {"a\xff", "1795136600", "v1,AAAA", "bad_signature", 401},
        {"a", "1795136600.5", "v1,AAAA", "bad_signature", 401},
        {"a", "soon", "v1,AAAA", "bad_signature", 401},
        {NULL, "1795136600", "v1,AAAA", "no_signature", 401},
        {"a", NULL, "v1,AAAA", "no_signature", 401},
        {"a", "1795136600", NULL, "no_signature", 401},
        {"a", "1795136600", "v1", "bad_signature", 401},
        {"a", "1795136600",
         "v1,+9b1JV84RwUxWgSDDoq96tHsoLOqeHXzjqNd16v5p84= v1,+9b1JV84RwUxWgSDDoq96tHsoLOqeHXzjqNd16v5p84= "
         "v1,+9b1JV84RwUxWgSDDoq96tHsoLOqeHXzjqNd16v5p84= v1,+9b1JV84RwUxWgSDDoq96tHsoLOqeHXzjqNd16v5p84= "
         "v1,+9b1JV84RwUxWgSDDoq96tHsoLOqeHXzjqNd16v5p84= v1,+9b1JV84RwUxWgSDDoq96tHsoLOqeHXzjqNd16v5p84= v1,AAAA",
         "too_many_signatures", 400},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_notice t = {.mode = PROVIDER_STANDARD_HMAC,
                                .secrets = {"whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh"}};

        if (cases[i].id != NULL)
            test_add(&t, "webhook-id", cases[i].id);
        if (cases[i].time != NULL)
            test_add(&t, "webhook-timestamp", cases[i].time);
        if (cases[i].signature != NULL)
            test_add(&t, "webhook-signature", cases[i].signature);
        struct notice_verdict v = test_check(&t);

        assert_verdict(&v, NOTICE_REJECT, cases[i].status, cases[i].reason, "standard headers");
    }
}

static void test_secrets(void **state)
{
    static const struct {
        int mode;
        const char *text;
        bool good;
    } cases[] = {
        {PROVIDER_SEPAY_APIKEY, "k", true},
        {PROVIDER_SEPAY_APIKEY, "", false},
        {PROVIDER_SEPAY_APIKEY, " k", false},
        {PROVIDER_SEPAY_APIKEY, "k\n", false},
        {PROVIDER_SEPAY_HMAC, "k", true},
        {PROVIDER_SEPAY_HMAC, "", false},
        {PROVIDER_VIETQRVN_TOKEN, "u:p", true},
        {PROVIDER_VIETQRVN_TOKEN, "u:p:q", true},
        {PROVIDER_VIETQRVN_TOKEN, "u:", false},
        {PROVIDER_VIETQRVN_TOKEN, ":p", false},
        {PROVIDER_VIETQRVN_TOKEN, "up", false},
        {PROVIDER_STANDARD_HMAC, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true},
        {PROVIDER_STANDARD_HMAC, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false}, /* 23 bytes */
        {PROVIDER_STANDARD_HMAC, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false},
        {PROVIDER_STANDARD_HMAC, "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", false},
        {PROVIDER_STANDARD_ED25519, "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", true},
        {PROVIDER_STANDARD_ED25519, "whpk_AAAA", false},
        {PROVIDER_STANDARD_ED25519, "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false},
        {99, "k", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct provider_secret *s = NULL;
        int rc = provider_secret_new(cases[i].mode, slice_of(cases[i].text), &s);

        if ((rc == RC_OK) != cases[i].good)
            fail_msg("mode %d, \"%s\": %d", cases[i].mode, cases[i].text, rc);
        provider_secret_free(s);
    }
}

static void test_answers(void **state)
{
    struct notice_verdict rejected = {.kind = NOTICE_REJECT, .status = 401, .reason = "bad_token"};
    struct notice_verdict bad = {.kind = NOTICE_REJECT, .status = 400, .reason = "missing_field"};
    struct notice_verdict done = {.kind = NOTICE_ACCEPT, .reason = "ok"};
    struct provider_reply reply;

    (void)state;
    arena_reset(test_arena);
    for (int mode = PROVIDER_SEPAY_APIKEY; mode <= PROVIDER_STANDARD_ED25519; mode++) {
        if (mode == PROVIDER_VIETQRVN_TOKEN)
            continue;
        assert_int_equal(provider_answer(mode, PROVIDER_DONE, &done, "evt_1", test_arena, &reply), RC_OK);
        assert_int_equal(reply.status, 200);
        assert_text(reply.body, "{\"success\":true}");
        assert_int_equal(provider_answer(mode, PROVIDER_REJECTED, &rejected, NULL, test_arena, &reply), RC_OK);
        assert_int_equal(reply.status, 401);
        assert_int_equal(reply.body.n, 0);
        assert_null(reply.type);
        assert_int_equal(provider_answer(mode, PROVIDER_UNAVAILABLE, &done, NULL, test_arena, &reply), RC_OK);
        assert_int_equal(reply.status, 503);
    }
    const int mode = PROVIDER_VIETQRVN_TOKEN;

    assert_int_equal(provider_answer(mode, PROVIDER_DONE, &done, "evt_1", test_arena, &reply), RC_OK);
    assert_int_equal(reply.status, 200);
    assert_text(
        reply.body,
        "{\"error\":false,\"errorReason\":null,\"toastMessage\":\"ok\",\"object\":{\"reftransactionid\":\"evt_1\"}}");
    assert_int_equal(provider_answer(mode, PROVIDER_REJECTED, &bad, NULL, test_arena, &reply), RC_OK);
    assert_int_equal(reply.status, 400);
    assert_text(
        reply.body,
        "{\"error\":true,\"errorReason\":\"missing_field\",\"toastMessage\":\"missing_field\",\"object\":null}");
    assert_int_equal(provider_answer(mode, PROVIDER_REJECTED, &rejected, NULL, test_arena, &reply), RC_OK);
    assert_int_equal(reply.status, 401);
    assert_text(reply.body,
                "{\"error\":true,\"errorReason\":\"unauthorized\",\"toastMessage\":\"unauthorized\",\"object\":null}");
    rejected.token_call = true;
    assert_int_equal(provider_answer(mode, PROVIDER_REJECTED, &rejected, NULL, test_arena, &reply), RC_OK);
    assert_text(reply.body, "{\"status\":\"FAILED\",\"message\":\"unauthorized\"}");
    assert_int_equal(provider_answer(mode, PROVIDER_UNAVAILABLE, &done, NULL, test_arena, &reply), RC_OK);
    assert_int_equal(reply.status, 503);
}

static void test_table(void **state)
{
    (void)state;
    assert_int_equal(provider_by_name(SLICE("vietqrvn")), 4);
    assert_int_equal(provider_by_name(SLICE("manual")), 10);
    assert_int_equal(provider_by_name(SLICE("Sepay")), 0);
    assert_string_equal(provider_name(5), "standardwebhooks");
    assert_null(provider_name(6));
    assert_int_equal(provider_mode_by_name(PROVIDER_SEPAY, SLICE("hmac")), 2);
    assert_int_equal(provider_mode_by_name(PROVIDER_STANDARD, SLICE("hmac")), 7);
    assert_int_equal(provider_mode_by_name(PROVIDER_CASSO, SLICE("hmac")), 0);
    assert_string_equal(provider_mode_name(8), "ed25519");
    assert_null(provider_mode_name(0));
    assert_int_equal(provider_of_mode(5), PROVIDER_PAYOS);
    assert_int_equal(provider_of_mode(9), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sepay_proofs),     cmocka_unit_test(test_apikey_forms),
        cmocka_unit_test(test_repeated_headers), cmocka_unit_test(test_content),
        cmocka_unit_test(test_open_wire),        cmocka_unit_test(test_casso2_signatures),
        cmocka_unit_test(test_payos_outside),    cmocka_unit_test(test_vietqr_calls),
        cmocka_unit_test(test_standard_ids),     cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_answers),          cmocka_unit_test(test_table),
    };

    return cmocka_run_group_tests_name("provider_refused", tests, test_setup, test_teardown);
}
