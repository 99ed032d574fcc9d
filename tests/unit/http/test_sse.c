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

#define H         "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

static void tune(struct http_config *config)
{
    config->limits = (struct http_limits){ .streams = 2, .beat_ms = 100 };
}

static int start(void **state)
{
    (void)state;
    site_start(tune);
    return 0;
}

static void slow(struct http_config *config)
{
    config->limits = (struct http_limits){ .beat_ms = 60000, .write_ms = 250, .age_ms = 400 };
}

static void no_beat(struct http_config *config)
{
    config->limits = (struct http_limits){ .beat_ms = 60000, .write_ms = 250 };
}

static int start_quiet(void **state)
{
    (void)state;
    site_start(no_beat);
    return 0;
}

static int start_slow(void **state)
{
    (void)state;
    site_start(slow);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    site_stop();
    return 0;
}

static void open_stream(struct client *c)
{
    struct answer a;

    client_open(c);
    client_say(c, GET("/sse"));
    assert_true(client_answer(c, &a, false, 1000));
    assert_int_equal(a.status, 200);
    answer_check(&a);
    assert_true(slice_is(answer_header(&a, "Content-Type"), "text/event-stream"));
    assert_true(slice_is(answer_header(&a, "Cache-Control"), "no-store"));
    assert_null(answer_header(&a, "Content-Length").p);
    answer_release(&a);
}

/* Waits until `text` has been received. */
static bool receives(struct client *c, const char *text, int64_t ms)
{
    int64_t end = now_ms() + ms;

    for (;;) {
        client_poll(c);
        if (c->in.n > 0 && memmem(c->in.p, c->in.n, text, strlen(text)) != NULL)
            return true;
        if (now_ms() >= end)
            return false;
        (void)loop_turn(site.loop, 2);
    }
}

static size_t streams_now(void)
{
    struct http_stats stats;

    http_stats(site.http, &stats);
    return stats.streams;
}

static void events_and_heartbeat(void **state)
{
    struct client c;

    (void)state;
    open_stream(&c);
    assert_true(receives(&c, "retry: 3000\n\n", 500));
    buf_clear(&c.in);
    assert_int_equal(sse_send(site.streams[0], "paid", SLICE("{\"id\":1}")), RC_OK);
    assert_int_equal(sse_send(site.streams[0], NULL, SLICE("a\nb\r\nc\rid: 9\n\nevent: x")), RC_OK);
    assert_int_equal(sse_send(site.streams[0], NULL, SLICE("")), RC_OK);
    assert_true(receives(&c,
                         "event: paid\ndata: {\"id\":1}\n\n"
                         "data: a\ndata: b\ndata: c\ndata: id: 9\ndata: \ndata: event: x\n\ndata: \n\n",
                         500));
    buf_clear(&c.in);
    assert_true(receives(&c, ":\n\n:\n\n", 500)); /* two heartbeats */
    assert_int_equal(site.closed, 0);
    assert_int_equal(streams_now(), 1);
    client_close(&c);
    site_run(10);
    assert_int_equal(site.closed, 1);
    assert_int_equal(streams_now(), 0);
    assert_int_equal(site.done, 1);
}

static void client_leaves(void **state)
{
    struct client c, d;
    struct linger now = { 1, 0 };

    (void)state;
    open_stream(&c);
    open_stream(&d);
    client_close(&c);
    site_run(10);
    assert_int_equal(site.closed, 1);
    setsockopt(d.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    client_close(&d);
    site_run(10);
    assert_int_equal(site.closed, 2);
    assert_int_equal(streams_now(), 0);
    assert_int_equal(task_count(site.loop), 0);
}

static void only_so_many(void **state)
{
    struct client c, d, e;
    struct answer a;

    (void)state;
    open_stream(&c);
    open_stream(&d);
    client_open(&e);
    client_say(&e, GET("/sse"));
    assert_true(client_answer(&e, &a, false, 1000));
    assert_int_equal(a.status, 503);
    assert_true(slice_is(answer_header(&a, "Retry-After"), "10"));
    answer_release(&a);
    client_say(&e, "HEAD /sse HTTP/1.1\r\n" H "\r\n"); /* a head needs no stream */
    assert_true(client_answer(&e, &a, true, 1000));
    assert_int_equal(a.status, 200);
    answer_release(&a);
    client_close(&c);
    client_close(&d);
    client_close(&e);
}

/* Who falls more than 64 KiB behind (besides what the kernel holds) is dropped. */
static void falls_behind(void **state)
{
    static char data[16384];
    struct client c;
    int rc = RC_OK, sent = 0;

    (void)state;
    memset(data, 'x', sizeof data);
    open_stream(&c);
    while (rc == RC_OK && sent < 4096) {
        rc = sse_send(site.streams[0], NULL, (struct slice){ data, sizeof data });
        assert_int_equal(site.closed, 0); /* never from inside sse_send */
        sent++;
        if (rc == RC_OK)
            site_run(1);
    }
    assert_int_equal(rc, RC_TOO_LARGE);
    assert_int_equal(sse_send(site.streams[0], NULL, SLICE("x")), RC_IO);
    site_run(10);
    assert_int_equal(site.closed, 1);
    site_run(400); /* and the socket goes when the rest is not taken */
    struct http_stats stats;

    http_stats(site.http, &stats);
    assert_int_equal(stats.open, 0);
    client_close(&c);
}

/* Who keeps up may receive far more than that in all. */
static void keeps_up(void **state)
{
    static char data[16384];
    struct client c;
    size_t got = 0;

    (void)state;
    memset(data, 'x', sizeof data);
    open_stream(&c);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(sse_send(site.streams[0], NULL, (struct slice){ data, sizeof data }), RC_OK);
        (void)loop_turn(site.loop, 0);
        client_poll(&c);
        got += c.in.n;
        buf_clear(&c.in);
    }
    assert_true(got >= 200 * sizeof data);
    assert_true(client_closed(&c, 2000)); /* at the age limit; browsers come again */
    assert_int_equal(site.closed, 1);
    client_close(&c);
}

static void drain_ends_streams(void **state)
{
    struct client c;

    (void)state;
    open_stream(&c);
    http_drain(site.http);
    assert_true(client_closed(&c, 1000));
    assert_int_equal(site.closed, 1);
    assert_int_equal(task_count(site.loop), 0);
    client_close(&c);
}

static void free_ends_streams(void **state)
{
    struct client c;

    (void)state;
    open_stream(&c);
    http_free(site.http);
    site.http = NULL;
    assert_int_equal(site.closed, 1);
    client_close(&c);
}

#define T(test, site) cmocka_unit_test_setup_teardown(test, site, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(events_and_heartbeat, start), T(client_leaves, start), T(only_so_many, start),
        T(falls_behind, start_quiet),   T(keeps_up, start_slow), T(drain_ends_streams, start),
        T(free_ends_streams, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
