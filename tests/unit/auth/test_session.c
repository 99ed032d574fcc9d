/* Cookies of sessions, tokens of forms, and requests that another site sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "khop/auth/session.h"
#include "khop/auth/token.h"
#include "request.h"

#include "khop/base/banned.h"

static struct auth *auth_at(const char *origin)
{
    struct auth_config config = { .origin = origin };

    memset(config.session_key, 7, sizeof config.session_key);

    struct auth *a = auth_new(&config);

    assert_non_null(a);
    return a;
}

static int start(void **state)
{
    (void)state;
    return crypto_init();
}

static int stop(void **state)
{
    (void)state;
    crypto_end();
    return 0;
}

static void secrets(void **state)
{
    char a[AUTH_SECRET_SIZE], b[AUTH_SECRET_SIZE];
    uint8_t hash[SHA256_SIZE], again[SHA256_SIZE];

    (void)state;
    assert_int_equal(auth_secret_make(a, hash), RC_OK);
    assert_int_equal(strlen(a), 43);
    assert_int_equal(auth_secret_hash(slice_of(a), again), RC_OK);
    assert_memory_equal(hash, again, SHA256_SIZE);
    assert_int_equal(auth_secret_make(b, again), RC_OK);
    assert_string_not_equal(a, b);
    a[42] = '.';
    assert_int_equal(auth_secret_hash(slice_of(a), again), RC_UNAUTHORIZED);
    assert_int_equal(auth_secret_hash(SLICE(""), again), RC_UNAUTHORIZED);
    assert_int_equal(auth_secret_hash(SLICE("AAAA"), again), RC_UNAUTHORIZED);
}

/* What is read as the session: the cookie of its name, once, where a session may be. */
static void cookies(void **state)
{
    static const struct {
        const char *origin, *name, *behind;
        bool secure, loopback;
        int rc;
    } cases[] = {
        { "http://127.0.0.1:8080", "sid", "", false, true, RC_OK },
        { "http://127.0.0.1:8080", "sid", "", false, false, RC_UNAUTHORIZED },
        { "http://127.0.0.1:8080", "__Host-sid", "", false, true, RC_UNAUTHORIZED },
        { "http://127.0.0.1:8080", "__Host-sid", "", true, false, RC_OK },
        { "https://khop.example", "__Host-sid", "", false, true, RC_OK },
        { "https://khop.example", "__Host-sid", "", true, false, RC_OK },
        { "https://khop.example", "sid", "", true, false, RC_UNAUTHORIZED },
        { "https://khop.example", "sid", "", false, true, RC_UNAUTHORIZED },
        { "https://khop.example", "__Host-sid", "; __Host-sid=x", true, false, RC_UNAUTHORIZED },
        { "https://khop.example", "__Host-sid", "A", true, false, RC_UNAUTHORIZED },
        { "https://khop.example", "other", "", true, false, RC_UNAUTHORIZED },
    };
    char secret[AUTH_SECRET_SIZE], fields[256];
    uint8_t hash[SHA256_SIZE];
    struct request r;

    (void)state;
    assert_int_equal(auth_secret_make(secret, hash), RC_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct auth *a = auth_at(cases[i].origin);
        struct slice got = { 0 };
        struct req *rq;

        assert_true(snprintf(fields, sizeof fields, "Cookie: %s=%s%s\r\n", cases[i].name, secret, cases[i].behind) > 0);
        rq = request_make(&r, a, fields);
        rq->secure = cases[i].secure;
        rq->loopback = cases[i].loopback;
        assert_int_equal(auth_session(rq, &got), cases[i].rc);
        if (cases[i].rc == RC_OK)
            assert_memory_equal(got.p, hash, SHA256_SIZE);
        request_free(&r);
        auth_free(a);
    }
}

static void set_and_cleared(void **state)
{
    struct auth *plain = auth_at("http://127.0.0.1:8080"), *tls = auth_at("https://khop.example");
    struct request r;

    (void)state;
    auth_session_set(request_make(&r, plain, ""), "secret");
    auth_session_clear(&r.rq);
    assert_true(slice_is(buf_slice(&r.rq.extra), "Set-Cookie: sid=secret; Path=/; HttpOnly; SameSite=Lax\r\n"
                                                 "Set-Cookie: sid=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\r\n"));
    request_free(&r);
    auth_session_set(request_make(&r, tls, ""), "secret");
    auth_session_clear(&r.rq);
    assert_true(slice_is(buf_slice(&r.rq.extra), "Set-Cookie: __Host-sid=secret; Path=/; Secure; HttpOnly; SameSite=Lax\r\n"
                                                 "Set-Cookie: __Host-sid=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0\r\n"));
    request_free(&r);
    auth_free(plain);
    auth_free(tls);
}

/* A bearer token goes before the cookie, also a bad one: nobody acts as somebody else than he says. */
static void other_sites(void **state)
{
    static const struct {
        const char *fields;
        bool ours;
    } cases[] = {
        { "", true }, /* the token decides */
        { "Sec-Fetch-Site: same-origin\r\n", true },
        { "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n", true },
        { "Sec-Fetch-Site: same-site\r\nOrigin: https://khop.example:8080\r\n", false },
        { "Sec-Fetch-Site: cross-site\r\n", false },
        { "Sec-Fetch-Site: none\r\n", false },
        { "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n", false },
        { "Origin: https://thu.example\r\n", true }, /* the installation's own */
        { "Origin: https://khop.example:8080\r\n", true }, /* the name it was reached by */
        { "Origin: http://khop.example:8080\r\n", true },
        { "Origin: https://khop.example\r\n", false },
        { "Origin: https://evil.example\r\n", false },
        { "Origin: https://khop.example:8080.evil.example\r\n", false },
        { "Origin: null\r\n", false },
        { "Origin: https://\r\n", false },
        { "Origin: ftp://khop.example:8080\r\n", false },
        { "Origin: https://thu.example\r\nOrigin: https://evil.example\r\n", false },
    };
    struct auth *a = auth_at("https://thu.example");
    struct request r;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (auth_from_ours(request_make(&r, a, cases[i].fields)) != cases[i].ours)
            fail_msg("%s", cases[i].fields);
        request_free(&r);
    }
    /* Over TLS a page of plain HTTP is another site. */
    request_make(&r, a, "Origin: http://khop.example:8080\r\n")->secure = true;
    assert_false(auth_from_ours(&r.rq));
    request_free(&r);
    auth_free(a);
}

static void form_tokens(void **state)
{
    struct auth *a = auth_at("https://thu.example"), *b;
    struct auth_config other_key = { .origin = "https://thu.example", .session_key = { 9 } };
    struct slice one = SLICE("11111111111111111111111111111111"), two = SLICE("22222222222222222222222222222222");
    char token[AUTH_CSRF_SIZE], other[AUTH_CSRF_SIZE], fields[128];
    struct request r;
    struct req *rq = request_make(&r, a, "");

    (void)state;
    assert_int_equal(auth_csrf_make(rq, one, "/desk/users", token), RC_OK);
    assert_int_equal(strlen(token), 43);
    assert_int_equal(auth_csrf_check(rq, one, "/desk/users", slice_of(token)), RC_OK);
    assert_int_equal(auth_csrf_check(rq, two, "/desk/users", slice_of(token)), RC_FORBIDDEN);
    assert_int_equal(auth_csrf_check(rq, one, "/desk/user", slice_of(token)), RC_FORBIDDEN);
    assert_int_equal(auth_csrf_check(rq, one, "/desk/users", (struct slice){ 0 }), RC_FORBIDDEN);
    assert_int_equal(auth_csrf_check(rq, one, "/desk/users", SLICE("")), RC_FORBIDDEN);
    assert_int_equal(auth_csrf_check(rq, one, "/desk/users", (struct slice){ token, 42 }), RC_FORBIDDEN);
    b = auth_new(&other_key);
    r.flow.auth = b;
    assert_int_equal(auth_csrf_make(rq, one, "/desk/users", other), RC_OK);
    assert_string_not_equal(token, other);
    request_free(&r);
    auth_free(b);
    snprintf(fields, sizeof fields, "X-CSRF-Token: %s\r\n", token);
    rq = request_make(&r, a, fields);
    assert_int_equal(auth_csrf_check(rq, one, "/desk/users", (struct slice){ 0 }), RC_OK);
    assert_int_equal(auth_csrf_check(rq, one, "/desk/users", SLICE("x")), RC_FORBIDDEN);
    request_free(&r);
    rq = request_make(&r, a, "Sec-Fetch-Site: cross-site\r\n");
    assert_int_equal(auth_csrf_check(rq, one, "/desk/users", slice_of(token)), RC_FORBIDDEN);
    request_free(&r);
    auth_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets),    cmocka_unit_test(cookies),     cmocka_unit_test(set_and_cleared),
           cmocka_unit_test(other_sites), cmocka_unit_test(form_tokens),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
