/* Answers in pieces: whole, in order, at the client's pace, in the memory of a piece; cut off when they cannot be whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "harness.h"
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "khop/base/banned.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static char *large;

static void tune(struct http_config *config)
{
    config->limits = (struct http_limits){ .write_ms = 1500 };
}

static int start(void **state)
{
    size_t n = (size_t)8 << 20;

    (void)state;
    site_start(tune);
    large = malloc(n);
    assert_non_null(large);
    for (size_t i = 0; i < n; i++)
        large[i] = (char)(i * 7 + i / 100003);
    site.large = (struct slice){ large, n };
    return 0;
}

static int stop(void **state)
{
    (void)state;
    site_stop();
    free(large);
    return 0;
}

static void whole_and_in_order(void **state)
{
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    client_say(&c, GET("/pieces") GET("/a")); /* what comes behind it waits its turn */
    assert_true(client_answer(&c, &a, false, 5000));
    assert_int_equal(a.status, 200);
    answer_check(&a);
    assert_true(slice_is(answer_header(&a, "Content-Length"), "8388608"));
    assert_true(slice_eq(a.body, site.large));
    answer_release(&a);
    assert_int_equal(site.pieces, 84);
    assert_true(client_answer(&c, &a, false, 1000));
    assert_true(slice_is(a.body, "a"));
    answer_release(&a);
    assert_int_equal(site.done, 2);
    client_close(&c);
}

static void no_body(void **state)
{
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    client_say(&c, "HEAD /pieces HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(client_answer(&c, &a, true, 1000));
    assert_true(slice_is(answer_header(&a, "Content-Length"), "8388608"));
    answer_release(&a);
    site.large.n = 0;
    expect(&c, GET("/pieces"), 200, "");
    expect(&c, GET("/a"), 200, "a");
    client_close(&c);
}

/* Who reads slowly gets everything, also behind the route's deadline of 200 ms; nothing is prepared that he does not take. */
static void slow_reader(void **state)
{
    struct client c;
    size_t got = 0;
    int64_t began = now_ms();

    (void)state;
    client_open(&c);
    client_say(&c, GET("/pieces"));

    size_t ahead;

    do { /* until the kernel's buffers are full */
        ahead = site.pieces;
        site_run(100);
    } while (ahead != site.pieces && now_ms() - began < 10000);
    assert_in_range(site.pieces, 1, 60); /* a few MiB, and one piece */
    while (got < site.large.n && now_ms() - began < 10000) {
        char part[200000];
        ssize_t n = recv(c.fd, part, sizeof part, 0);

        got += n > 0 ? (size_t)n : 0;
        site_run(n > 0 && now_ms() - began < 600 ? 20 : 1);
    }
    assert_true(got >= site.large.n);
    assert_true(now_ms() - began > 250);
    assert_int_equal(site.failed, 0);
    client_close(&c);
}

static void reader_stops(void **state)
{
    struct client c;
    struct http_stats stats;
    int64_t began = now_ms();

    (void)state;
    client_open(&c);
    client_say(&c, GET("/pieces"));
    do {
        site_run(100);
        http_stats(site.http, &stats);
    } while (stats.open > 0 && now_ms() - began < 10000);
    assert_int_equal(stats.open, 0);
    assert_true(now_ms() - began >= 1000); /* not at once: without progress */
    assert_int_equal(task_count(site.loop), 0);
    assert_int_equal(site.done, 1);
    client_close(&c);
}

static void reader_leaves(void **state)
{
    struct client c;
    struct linger now = { 1, 0 };

    (void)state;
    client_open(&c);
    client_say(&c, GET("/pieces"));
    site_run(20);
    setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    client_close(&c);
    site_run(50);
    assert_int_equal(task_count(site.loop), 0);
    assert_int_equal(site.done, 1);
}

/* Half an answer never looks whole: the connection is reset. */
static void failure_in_between(void **state)
{
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    client_say(&c, GET("/pieces?x%20y=fail"));
    assert_false(client_answer(&c, &a, false, 300));
    client_poll(&c);
    assert_true(c.reset || c.eof);
    assert_int_equal(site.failed, 0);
    assert_int_equal(site.done, 1);
    client_close(&c);
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(whole_and_in_order), T(no_body), T(slow_reader), T(reader_stops), T(reader_leaves), T(failure_in_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
