/* The end of a server, and a proxy before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "harness.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
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

static size_t open_now(void)
{
    struct http_stats stats;

    http_stats(site.http, &stats);
    return stats.open;
}

/* ---- drain ---- */

static void drains(void **state)
{
    struct client idle_one, busy, halfway, fresh;
    struct answer a;

    (void)state;
    client_open(&idle_one);
    expect(&idle_one, GET("/a"), 200, "a");
    client_open(&busy);
    client_say(&busy, GET("/park"));
    client_open(&halfway);
    client_say(&halfway, "GET /a HTTP/1.1\r\n");
    client_open(&fresh);
    site_run(10);
    assert_int_equal(open_now(), 4);
    http_drain(site.http);
    assert_true(client_closed(&idle_one, 1000));
    assert_true(client_closed(&fresh, 1000));
    client_say(&halfway, H "\r\n"); /* who had begun gets his answer */
    assert_true(client_answer(&halfway, &a, false, 1000));
    assert_true(slice_is(answer_header(&a, "Connection"), "close"));
    answer_release(&a);
    assert_true(client_closed(&halfway, 1000));
    loop_stop(site.loop);
    assert_true(site_wake(RC_OK));
    assert_int_equal(loop_run(site.loop, 2000), RC_OK); /* ends with the last task, its answer written */
    client_poll(&busy);
    assert_true(client_answer(&busy, &a, false, 0));
    assert_true(slice_is(answer_header(&a, "Connection"), "close"));
    assert_true(slice_is(a.body, "parked"));
    answer_release(&a);
    client_close(&idle_one);
    client_close(&busy);
    client_close(&halfway);
    client_close(&fresh);
}

/* A long answer keeps the loop until it is out. */
static void drain_waits_for_answers(void **state)
{
    static char large[8 << 20];
    struct client c;
    pid_t reader;

    (void)state;
    site.large = (struct slice){ large, sizeof large };
    client_open(&c);
    client_say(&c, GET("/large"));
    site_run(20);
    http_drain(site.http);
    loop_stop(site.loop);
    reader = fork(); /* the client in a process of its own, so that this one may sit in loop_run */
    if (reader == 0) {
        char bytes[65536];
        size_t n = 0;
        ssize_t got;

        alarm(15); /* this process holds the server's end too: it would wait for itself for ever */
        usleep(50000);
        while (n < sizeof large && (got = recv(c.fd, bytes, sizeof bytes, 0)) != 0) {
            if (got > 0)
                n += (size_t)got;
            else
                usleep(1000);
        }
        _exit(n < sizeof large);
    }
    close(c.fd);
    c.fd = -1;
    assert_int_equal(loop_run(site.loop, 10000), RC_OK);

    int status = -1;

    for (int i = 0; i < 1000 && waitpid(reader, &status, WNOHANG) == 0; i++)
        usleep(2000); /* without turning the loop: it must all be in the kernel now */
    assert_int_equal(status, 0);
    client_close(&c);
}

static void free_while_busy(void **state)
{
    struct client c, d;

    (void)state;
    client_open(&c);
    client_say(&c, GET("/park"));
    client_open(&d);
    client_say(&d, "POST /post HTTP/1.1\r\n" H "Content-Length: 10\r\n\r\nabc");
    site_run(10);
    assert_int_equal(site.nparked, 1);
    http_free(site.http);
    site.http = NULL;
    assert_true(client_closed(&c, 1000));
    assert_true(site_wake(RC_OK)); /* the task outlives the server */
    site_run(5);
    assert_int_equal(site.handled, 1);
    assert_int_equal(task_count(site.loop), 0);
    client_close(&c);
    client_close(&d);
}

/* ---- behind a proxy ---- */

static const char *const proxies[] = { "127.0.0.9", "10.0.0.1", "2001:DB8::1", NULL };

static void behind_proxy(struct http_config *config)
{
    config->proxies = proxies;
    config->limits.per_address = 1;
}

static int proxy_site(void **state)
{
    (void)state;
    site_start(behind_proxy);
    return 0;
}

static void forwarded(void **state)
{
    static const struct {
        const char *from, *headers, *want; /* want: peer, secure, loopback */
    } cases[] = {
        { "127.0.0.1", "", "127.0.0.1 0 1" },
        { "127.0.0.1", "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n", "127.0.0.1 0 0" },
        { "127.0.0.9", "", "127.0.0.9 0 1" },
        { "127.0.0.9", "X-Forwarded-For: 203.0.113.5\r\n", "203.0.113.5 0 0" },
        { "127.0.0.9", "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n", "203.0.113.5 1 0" },
        { "127.0.0.9", "X-Forwarded-For: 6.6.6.6, 203.0.113.5\r\nX-Forwarded-Proto: https, http\r\n",
          "203.0.113.5 0 0" },
        { "127.0.0.9", "X-Forwarded-For: 6.6.6.6, 203.0.113.5, 10.0.0.1\r\n", "203.0.113.5 0 0" },
        { "127.0.0.9", "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 203.0.113.5 , 10.0.0.1\r\n", "203.0.113.5 0 0" },
        { "127.0.0.9", "X-Forwarded-For: 203.0.113.7, 2001:db8:0::1\r\n", "203.0.113.7 0 0" },
        { "127.0.0.9", "X-Forwarded-For: 10.0.0.1\r\n", "10.0.0.1 0 0" },
        { "127.0.0.9", "X-Forwarded-For: 6.6.6.6, unknown\r\n", "127.0.0.9 0 0" },
        { "127.0.0.9", "X-Forwarded-For: 6.6.6.6, 203.0.113.5:80\r\n", "127.0.0.9 0 0" },
        { "127.0.0.9", "X-Forwarded-For: 2001:db8::5\r\n", "2001:db8::5 0 0" },
        { "127.0.0.9", "X-Forwarded-For: ::ffff:203.0.113.5\r\n", "203.0.113.5 0 0" },
        { "127.0.0.9", "X-Forwarded-For: 127.0.0.1\r\n", "127.0.0.1 0 1" },
        { "127.0.0.9", "X-Forwarded-For: 127.0.0.1, 203.0.113.5\r\n", "203.0.113.5 0 0" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct client c;
        char request[512];

        client_open_from(&c, cases[i].from);
        (void)snprintf(request, sizeof request, "GET /who HTTP/1.1\r\n" H "%s\r\n", cases[i].headers);
        expect(&c, request, 200, cases[i].want);
        client_close(&c);
        site_run(5);
    }
    struct client a, b; /* a proxy is not counted per address */

    client_open_from(&a, "127.0.0.9");
    expect(&a, GET("/a"), 200, "a");
    client_open_from(&b, "127.0.0.9");
    expect(&b, GET("/a"), 200, "a");
    client_close(&a);
    client_close(&b);
}

/* A proxy on this machine that comes by a Unix socket. */
static void unix_socket(void **state)
{
    static const char *const by_socket[] = { "unix", NULL };
    struct http_config config = site.config;
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    char folder[] = "/tmp/khop-http-XXXXXX";
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct client c = { .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/s", folder);
    assert_int_equal(bind(listener, (struct sockaddr *)(void *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 8), 0);
    config.proxies = by_socket;

    struct http_server *server = http_serve(site.loop, listener, &config);

    assert_non_null(server);
    assert_int_equal(connect(c.fd, (struct sockaddr *)(void *)&at, sizeof at), 0);
    assert_int_equal(fcntl(c.fd, F_SETFL, O_NONBLOCK), 0);
    buf_init(&c.in, 1 << 20);
    expect(&c, GET("/who"), 200, "unix 0 1");
    expect(&c, "GET /who HTTP/1.1\r\n" H "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n\r\n", 200,
           "203.0.113.5 1 0");
    client_close(&c);
    http_free(server);
    close(listener);
    unlink(at.sun_path);
    rmdir(folder);
}

#define T(test, site) cmocka_unit_test_setup_teardown(test, site, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(drains, plain_site),          T(drain_waits_for_answers, plain_site),
        T(free_while_busy, plain_site), T(forwarded, proxy_site),
        T(unix_socket, plain_site),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
