/* Refusals of an address in a minute. */
#include "khop/auth/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct req from(const char *peer, bool loopback)
{
    struct req rq;

    memset(&rq, 0, sizeof rq);
    snprintf(rq.peer, sizeof rq.peer, "%s", peer);
    rq.loopback = loopback;
    return rq;
}

static void counts(void **state)
{
    struct auth_rate *r = auth_rate_new(3, 60000);
    struct req one = from("203.0.113.5", false), other = from("2001:db8::1", false), here = from("127.0.0.1", true);

    (void)state;
    assert_non_null(r);
    for (int i = 0; i < 3; i++)
        assert_false(auth_rate_refuse(r, &one, 1000));
    assert_true(auth_rate_refuse(r, &one, 60999));
    assert_false(auth_rate_refuse(r, &other, 60999));
    /* A new minute begins with the first refusal behind the old one. */
    assert_false(auth_rate_refuse(r, &one, 61000));
    for (int i = 0; i < 1000; i++)
        assert_false(auth_rate_refuse(r, &here, 61000));
    /* Looking does not count. */
    assert_false(auth_rate_over(r, &one, 61000));
    assert_false(auth_rate_refuse(r, &one, 61000) || auth_rate_refuse(r, &one, 61000));
    assert_true(auth_rate_over(r, &one, 61000));
    assert_false(auth_rate_over(r, &here, 61000) || auth_rate_over(NULL, &one, 61000));
    assert_false(auth_rate_over(r, &one, 121000));
    auth_rate_free(r);
}

/* Addresses of one /64 are one. */
static void networks(void **state)
{
    struct auth_rate *r = auth_rate_new(1, 60000);
    struct req a = from("2001:db8:1:2::1", false), b = from("2001:db8:1:2:ffff::9", false), c = from("2001:db8:1:3::1", false);

    (void)state;
    assert_false(auth_rate_refuse(r, &a, 1));
    assert_true(auth_rate_refuse(r, &b, 1));
    assert_false(auth_rate_refuse(r, &c, 1));
    auth_rate_free(r);
}

static void no_limit(void **state)
{
    struct auth_rate *r = auth_rate_new(0, 60000);
    struct req one = from("203.0.113.5", false);

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_false(auth_rate_refuse(r, &one, 1) || auth_rate_refuse(NULL, &one, 1));
    auth_rate_free(r);
}

/* More addresses than are kept: everybody is forgotten, nothing grows, and who goes on is counted again. */
static void many(void **state)
{
    struct auth_rate *r = auth_rate_new(1, 60000);
    struct req one = from("203.0.113.5", false);

    (void)state;
    assert_false(auth_rate_refuse(r, &one, 1));
    assert_true(auth_rate_refuse(r, &one, 1));
    for (int i = 0; i < 40000; i++) {
        char peer[32];
        struct req rq;

        snprintf(peer, sizeof peer, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        rq = from(peer, false);
        assert_false(auth_rate_refuse(r, &rq, 1));
    }
    assert_false(auth_rate_refuse(r, &one, 1));
    assert_true(auth_rate_refuse(r, &one, 1));
    auth_rate_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(counts), cmocka_unit_test(networks), cmocka_unit_test(no_limit), cmocka_unit_test(many) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
