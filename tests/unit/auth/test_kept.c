/* Fields that are carried through signing in: whole, for one user, for half an hour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "khop/auth/kept.h"
#include "request.h"

#include "khop/base/banned.h"

#define NOW 1700000000

static struct auth *auth_with(uint8_t byte)
{
    struct auth_config config = { .origin = "https://khop.example" };

    memset(config.session_key, byte, sizeof config.session_key);

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

static void carried(void **state)
{
    struct auth *a = auth_with(1), *other = auth_with(2);
    struct request r, r2;
    struct req *rq = request_make(&r, a, ""), *stranger = request_make(&r2, other, "");
    struct auth_kept kept = { SLICE("/desk/rounds/rnd_x?y=1"), SLICE("name=%E1%BB%87+a&items.0.amount=1%0D%0A2&once=abc") }, got;
    struct slice text, again, part;

    (void)state;
    assert_int_equal(auth_kept_seal(rq, 7, &kept, NOW, &text), RC_OK);
    assert_int_equal(auth_kept_seal(rq, 7, &kept, NOW, &again), RC_OK);
    assert_false(slice_eq(text, again));
    assert_null(memmem(text.p, text.n, "rounds", 6));
    assert_int_equal(auth_kept_open(rq, 7, text, NOW + AUTH_KEPT_S, &got), RC_OK);
    assert_true(slice_eq(got.to, kept.to));
    assert_true(slice_eq(got.body, kept.body));
    assert_int_equal(auth_kept_open(rq, 7, text, NOW + AUTH_KEPT_S + 1, &got), RC_UNAUTHORIZED);
    assert_int_equal(auth_kept_open(rq, 8, text, NOW, &got), RC_UNAUTHORIZED);
    assert_int_equal(auth_kept_open(stranger, 7, text, NOW, &got), RC_UNAUTHORIZED);
    part = slice_sub(text, 0, text.n - 4);
    assert_int_equal(auth_kept_open(rq, 7, part, NOW, &got), RC_UNAUTHORIZED);
    assert_int_equal(auth_kept_open(rq, 7, SLICE(""), NOW, &got), RC_UNAUTHORIZED);
    assert_int_equal(auth_kept_open(rq, 7, SLICE("."), NOW, &got), RC_UNAUTHORIZED);
    ((char *)(uintptr_t)text.p)[20] ^= 1;
    assert_int_equal(auth_kept_open(rq, 7, text, NOW, &got), RC_UNAUTHORIZED);
    request_free(&r);
    request_free(&r2);
    auth_free(a);
    auth_free(other);
}

static void sizes(void **state)
{
    struct auth *a = auth_with(1);
    struct request r;
    struct req *rq = request_make(&r, a, "");
    char *body = malloc(AUTH_KEPT_MAX + 1);
    struct auth_kept kept = { SLICE("/desk/x"), { body, AUTH_KEPT_MAX } }, got;
    struct slice text;

    (void)state;
    assert_non_null(body);
    memset(body, 'a', AUTH_KEPT_MAX + 1);
    assert_int_equal(auth_kept_seal(rq, 7, &kept, NOW, &text), RC_OK);
    assert_in_range(text.n, 1, AUTH_KEPT_TEXT);
    assert_int_equal(auth_kept_open(rq, 7, text, NOW, &got), RC_OK);
    assert_int_equal(got.body.n, AUTH_KEPT_MAX);
    kept.body.n++;
    assert_int_equal(auth_kept_seal(rq, 7, &kept, NOW, &text), RC_TOO_LARGE);
    kept.body.n = 0;
    assert_int_equal(auth_kept_seal(rq, 7, &kept, NOW, &text), RC_OK);
    assert_int_equal(auth_kept_open(rq, 7, text, NOW, &got), RC_OK);
    assert_int_equal(got.body.n, 0);
    free(body);
    request_free(&r);
    auth_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(carried), cmocka_unit_test(sizes) };

    return cmocka_run_group_tests(tests, start, stop);
}
