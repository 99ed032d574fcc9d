/* Requests and answers over real sockets. Limits, the end, streams and TLS have programs of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "cases.h"
#include "harness.h"
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "khop/base/banned.h"

#define H         "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

static int plain_site(void **state)
{
    (void)state;
    site_start(NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    site_stop();
    return 0;
}

/* ---- the table of cases, against the server ---- */

static void run_case(const struct http_case *k, bool drip)
{
    struct client c;
    struct answer a;
    bool head = k->n > 4 && memcmp(k->bytes, "HEAD", 4) == 0;

    client_open(&c);
    for (size_t i = 0; drip && i < k->n; i++) {
        client_send(&c, k->bytes + i, 1);
        (void)loop_turn(site.loop, 0);
    }
    if (!drip)
        client_send(&c, k->bytes, k->n);
    if (k->status == 0) {
        site_run(1);
        client_poll(&c);
        if (c.in.n > 0 || c.eof || c.reset)
            fail_msg("%s: an answer or an end, too early", k->name);
        client_close(&c);
        return;
    }
    bool got = client_answer(&c, &a, head, 2000);

    if (got && a.status == 100) {
        answer_release(&a);
        got = client_answer(&c, &a, head, 2000);
    }
    if (!got)
        fail_msg("%s%s: no answer", k->name, drip ? ", byte by byte" : "");
    if (a.status != k->status)
        fail_msg("%s%s: %d instead of %d", k->name, drip ? ", byte by byte" : "", a.status, k->status);
    answer_check(&a);
    /* whatever breaks the framing closes the connection, and is not taken for a second request */
    if (k->parse < 0) {
        assert_true(slice_is(answer_header(&a, "Connection"), "close"));
        if (!client_closed(&c, 2000) || c.in.n > 0)
            fail_msg("%s: the connection goes on", k->name);
    }
    if (k->body != NULL && k->status == 200)
        assert_true(slice_is(a.body, k->body));
    answer_release(&a);
    client_close(&c);
}

static void table(void **state)
{
    const struct http_case *made;

    (void)state;
    for (size_t i = 0; i < http_ncases; i++) {
        run_case(&http_cases[i], false);
        run_case(&http_cases[i], true);
    }
    for (size_t i = 0; (made = http_case_made(i)) != NULL; i++)
        run_case(made, false);
}

/* ---- one after the other ---- */

static void keeps_alive(void **state)
{
    struct client c;
    struct http_stats stats;

    (void)state;
    client_open(&c);
    for (int i = 0; i < 5; i++)
        expect(&c, GET("/a"), 200, "a");
    expect(&c, "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello", 200, "hello");
    expect(&c, GET("/nowhere"), 404, "status");
    expect(&c, GET("/items/x%20y"), 200, "x%20y");
    http_stats(site.http, &stats);
    assert_int_equal(stats.accepted, 1);
    assert_int_equal(stats.requests, 8);
    assert_int_equal(site.done, 8);
    expect(&c, "GET /a HTTP/1.1\r\n" H "Connection: close\r\n\r\n", 200, "a");
    assert_true(client_closed(&c, 1000));
    client_close(&c);
}

static void http_1_0(void **state)
{
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    client_say(&c, "GET /a HTTP/1.0\r\n" H "Connection: keep-alive\r\n\r\n");
    assert_true(client_answer(&c, &a, false, 1000));
    assert_true(slice_is(answer_header(&a, "Connection"), "keep-alive"));
    answer_release(&a);
    client_say(&c, "GET /a HTTP/1.0\r\n" H "\r\n");
    assert_true(client_answer(&c, &a, false, 1000));
    assert_true(slice_is(answer_header(&a, "Connection"), "close"));
    answer_release(&a);
    assert_true(client_closed(&c, 1000));
    client_close(&c);
}

static void routes(void **state)
{
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    expect(&c, GET("/r/abc.jws"), 200, "abc|");
    expect(&c, GET("/r/abc"), 200, "abc");
    expect(&c, GET("/r/.jws"), 200, ".jws");
    expect(&c, GET("/r/"), 404, NULL);
    expect(&c, GET("/r/a/b"), 404, NULL);
    expect(&c, GET("/pair/1/of/x-2.pdf"), 200, "1|2");
    expect(&c, GET("/pair/1/of/x-.pdf"), 404, NULL);
    expect(&c, GET("/pair/1/of/x-2.pd"), 404, NULL);
    expect(&c, GET("/pair/1/of"), 404, NULL);
    expect(&c, GET("/a/"), 404, NULL);
    client_say(&c, "PUT /both HTTP/1.1\r\n" H "\r\n");
    assert_true(client_answer(&c, &a, false, 1000));
    assert_int_equal(a.status, 405);
    assert_true(slice_is(answer_header(&a, "Allow"), "GET, HEAD, POST"));
    answer_release(&a);
    client_say(&c, GET("/echo"));
    assert_true(client_answer(&c, &a, false, 1000));
    assert_true(slice_is(answer_header(&a, "Allow"), "POST"));
    answer_release(&a);
    client_close(&c);
}

static void head_has_no_body(void **state)
{
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    client_say(&c, "HEAD /items/hello HTTP/1.1\r\n" H "\r\n" GET("/a"));
    assert_true(client_answer(&c, &a, true, 1000));
    assert_int_equal(a.status, 200);
    assert_true(slice_is(answer_header(&a, "Content-Length"), "5"));
    answer_release(&a);
    assert_true(client_answer(&c, &a, false, 1000)); /* the very next bytes are the next answer */
    assert_true(slice_is(a.body, "a"));
    answer_release(&a);
    client_close(&c);
}

static void codes(void **state)
{
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    expect(&c, GET("/fail"), 409, "conflict");
    expect(&c, GET("/lost"), 503, "internal");
    expect(&c, GET("/twice"), 200, "once");
    client_say(&c, GET("/empty"));
    assert_true(client_answer(&c, &a, false, 1000));
    assert_int_equal(a.status, 204);
    assert_null(answer_header(&a, "Content-Length").p);
    answer_release(&a);
    client_say(&c, GET("/headers"));
    assert_true(client_answer(&c, &a, false, 1000));
    assert_true(slice_is(answer_header(&a, "Cache-Control"), "public, max-age=60"));
    assert_true(slice_is(answer_header(&a, "X-Good"), "v\xC4\x91"));
    assert_null(answer_header(&a, "X-Bad").p);
    assert_null(answer_header(&a, "X-Injected").p);
    answer_release(&a);
    client_close(&c);
}

/* ---- pipelining ---- */

static void pipelined_in_order(void **state)
{
    static const char *const bodies[] = { "a", "parked", "1", "parked", "2", "a" };
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    client_say(&c, GET("/a") GET("/park") GET("/items/1") GET("/park") GET("/items/2") GET("/a"));
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        if (strcmp(bodies[i], "parked") == 0) {
            assert_false(client_answer(&c, &a, false, 20)); /* what follows waits for it */
            assert_int_equal(site.nparked, 1);              /* one of a connection at a time */
            assert_true(site_wake(RC_OK));
        }
        assert_true(client_answer(&c, &a, false, 1000));
        assert_true(slice_is(a.body, bodies[i]));
        answer_release(&a);
    }
    client_close(&c);
}

static void many_pipelined(void **state)
{
    struct client c;
    struct answer a;
    char request[128];

    (void)state;
    client_open(&c);
    for (int i = 0; i < 500; i++) {
        (void)snprintf(request, sizeof request, "GET /items/%d HTTP/1.1\r\n" H "\r\n", i);
        client_say(&c, request);
    }
    for (int i = 0; i < 500; i++) {
        char want[16];

        (void)snprintf(want, sizeof want, "%d", i);
        assert_true(client_answer(&c, &a, false, 1000));
        assert_true(slice_is(a.body, want));
        answer_release(&a);
    }
    client_close(&c);
}

/* While a handler works only so much is read for later: the rest stays in the kernel. */
static void waiting_is_bounded(void **state)
{
    struct client c;
    struct answer a;
    size_t sent = 0, asked = 0;

    (void)state;
    client_open(&c);
    client_say(&c, GET("/park"));
    site_run(5);
    assert_int_equal(site.nparked, 1);
    while (sent < ((size_t)32 << 20)) { /* until the kernel takes no more */
        ssize_t n = send(c.fd, GET("/a"), sizeof GET("/a") - 1, MSG_NOSIGNAL);

        if (n < 0) {
            site_run(2);
            n = send(c.fd, GET("/a"), sizeof GET("/a") - 1, MSG_NOSIGNAL);
        }
        if (n < (ssize_t)sizeof GET("/a") - 1)
            break;
        sent += (size_t)n;
        asked++;
    }
    assert_true(sent < ((size_t)32 << 20));
    assert_true(site_wake(RC_OK));
    for (size_t i = 0; i <= asked; i++) { /* and all of it is answered then */
        assert_true(client_answer(&c, &a, false, 2000));
        assert_int_equal(a.status, 200);
        answer_release(&a);
        if (c.in.n > ((size_t)1 << 19))
            break; /* taking them off the front one by one is slow; the order is tested above */
    }
    client_close(&c);
    site_run(5);
}

/* ---- bodies ---- */

static void continue_100(void **state)
{
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    client_say(&c, "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_true(client_answer(&c, &a, false, 1000));
    assert_int_equal(a.status, 100);
    answer_release(&a);
    expect(&c, "hello", 200, "hello");
    /* not when the body is here already */
    expect(&c, "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", 200, "hello");
    /* and not when it is too large: the answer comes instead of it */
    expect(&c, "POST /echo HTTP/1.1\r\n" H "Content-Length: 33\r\nExpect: 100-continue\r\n\r\n", 413, "status");
    assert_true(client_closed(&c, 1000));
    client_close(&c);
}

static void refused_before_the_body(void **state)
{
    struct client c;

    (void)state;
    client_open(&c);
    expect(&c, "POST /post HTTP/1.1\r\n" H "Content-Length: 1048577\r\n\r\n", 413, "status");
    assert_true(client_closed(&c, 1000));
    client_close(&c);
    /* the answer survives a sender who does not listen before he has sent everything */
    static char junk[200000];

    client_open(&c);
    client_say(&c, "POST /post HTTP/1.1\r\n" H "Content-Length: 99999999\r\n\r\n");
    client_send(&c, junk, sizeof junk);
    site_run(20);
    client_send(&c, junk, sizeof junk);
    expect(&c, "x", 413, "status");
    client_close(&c);
    client_open(&c);
    expect(&c, "POST /nowhere HTTP/1.1\r\n" H "Content-Length: 1000\r\n\r\n", 404, "status");
    assert_true(client_closed(&c, 1000));
    client_close(&c);
    assert_int_equal(site.handled, 0);
}

static void large_body_in_parts(void **state)
{
    struct client c;
    struct answer a;
    size_t n = 300000;
    char *body = malloc(n);

    (void)state;
    for (size_t i = 0; i < n; i++)
        body[i] = (char)('a' + i % 23);
    client_open(&c);
    client_say(&c, "POST /post HTTP/1.1\r\n" H "Content-Length: 300000\r\n\r\n");
    for (size_t at = 0; at < n; at += 30000) {
        client_send(&c, body + at, 30000);
        site_run(1);
    }
    assert_true(client_answer(&c, &a, false, 2000));
    assert_int_equal(a.body.n, n);
    assert_memory_equal(a.body.p, body, n);
    answer_release(&a);
    client_say(&c, "POST /post HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0; at < n; at += 30000) {
        client_say(&c, "7530\r\n");
        client_send(&c, body + at, 30000);
        client_say(&c, "\r\n");
        site_run(1);
    }
    client_say(&c, "0\r\n\r\n");
    assert_true(client_answer(&c, &a, false, 2000));
    assert_int_equal(a.body.n, n);
    assert_memory_equal(a.body.p, body, n);
    answer_release(&a);
    expect(&c, GET("/a"), 200, "a");
    client_close(&c);
    free(body);
}

static void streamed_upload(void **state)
{
    struct client c;
    struct answer a;
    size_t n = 1000000;
    char *body = malloc(n);

    (void)state;
    for (size_t i = 0; i < n; i++)
        body[i] = (char)('a' + i % 19);
    client_open(&c);
    client_say(&c, "POST /upload HTTP/1.1\r\n" H "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
    assert_true(client_answer(&c, &a, false, 1000));
    assert_int_equal(a.status, 100);
    answer_release(&a);
    client_send(&c, body, n);
    expect(&c, "", 202, "1000000");
    assert_true(site.pieces >= 16);
    assert_memory_equal(site.upload.p, body, n);
    /* chunked, and the next request behind it */
    client_say(&c, "POST /upload HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n186A0\r\n");
    client_send(&c, body, 100000);
    expect(&c, "\r\n0\r\n\r\n" GET("/a"), 202, "100000");
    expect(&c, "", 200, "a");
    assert_memory_equal(site.upload.p, body, 100000);
    expect(&c, "POST /upload HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", 202, "0");
    /* refused before any of it is taken */
    expect(&c, "POST /upload HTTP/1.1\r\n" H "X-No: 1\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n", 403,
           "no");
    assert_true(client_closed(&c, 1000));
    client_close(&c);
    /* the sender leaves, or stops: the task ends */
    client_open(&c);
    client_say(&c, "POST /upload HTTP/1.1\r\n" H "Content-Length: 1000000\r\n\r\n12345");
    site_run(10);
    client_close(&c);
    site_run(10);
    assert_int_equal(site.last_rc, RC_IO);
    client_open(&c);
    client_say(&c, "POST /slow-upload HTTP/1.1\r\n" H "Content-Length: 1000000\r\n\r\n12345");
    expect(&c, "", 503, "timeout");
    client_close(&c);
    free(body);
}

/* ---- leaving ---- */

static void gone_while_parked(void **state)
{
    struct client c;
    struct linger now = { 1, 0 };
    struct http_stats stats;

    (void)state;
    client_open(&c);
    client_say(&c, GET("/park"));
    site_run(5);
    assert_int_equal(site.nparked, 1);
    setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    client_close(&c);
    site_run(20);
    http_stats(site.http, &stats);
    assert_int_equal(stats.open, 0); /* seen at once */
    assert_int_equal(site.done, 0);
    assert_int_equal(task_count(site.loop), 1);
    assert_true(site_wake(RC_OK)); /* the work goes on, its answer goes nowhere */
    site_run(5);
    assert_int_equal(site.handled, 1);
    assert_int_equal(site.done, 1);
    assert_int_equal(task_count(site.loop), 0);
}

static void half_closed(void **state)
{
    struct client c;

    (void)state;
    client_open(&c);
    client_say(&c, GET("/a") GET("/park") GET("/items/9"));
    assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
    expect(&c, "", 200, "a");
    assert_true(site_wake(RC_OK));
    expect(&c, "", 200, "parked");
    expect(&c, "", 200, "9");
    assert_true(client_closed(&c, 1000));
    client_close(&c);
    client_open(&c); /* half a request, then nothing: no answer, no request */
    client_say(&c, "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhel");
    assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
    assert_true(client_closed(&c, 1000));
    assert_int_equal(c.in.n, 0);
    client_close(&c);
}

/* ---- without hooks of the application ---- */

static void no_hooks(struct http_config *config)
{
    config->fail = NULL;
    config->fail_status = NULL;
    config->done = NULL;
    config->hosts = NULL;
}

static int bare_site(void **state)
{
    (void)state;
    site_start(no_hooks);
    return 0;
}

static void bare(void **state)
{
    struct client c;

    (void)state;
    client_open(&c);
    expect(&c, "GET /a HTTP/1.1\r\nHost: anything\r\n\r\n", 200, "a");
    expect(&c, GET("/fail"), 500, "500 Internal Server Error\n");
    expect(&c, GET("/nowhere"), 404, "404 Not Found\n");
    client_close(&c);
}

#define T(test) cmocka_unit_test_setup_teardown(test, plain_site, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(table),
        T(keeps_alive),
        T(http_1_0),
        T(routes),
        T(head_has_no_body),
        T(codes),
        T(pipelined_in_order),
        T(many_pipelined),
        T(waiting_is_bounded),
        T(continue_100),
        T(refused_before_the_body),
        T(large_body_in_parts),
        T(streamed_upload),
        T(gone_while_parked),
        T(half_closed),
        cmocka_unit_test_setup_teardown(bare, bare_site, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
