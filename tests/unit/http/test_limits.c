/* Deadlines, limits, full tables: what a client may do at most (security.md §3), with the times cut short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "harness.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "khop/base/banned.h"

#define H         "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

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

/* ---- deadlines ---- */

static void short_times(struct http_config *config)
{
    config->limits =
        (struct http_limits){ .head_ms = 200, .body_ms = 300, .body_grace_ms = 10000, .idle_ms = 150, .write_ms = 600 };
}

static int short_site(void **state)
{
    (void)state;
    site_start(short_times);
    return 0;
}

/* Sends one byte every few milliseconds until the server answers or closes; returns after how long. */
static int64_t drip(struct client *c, const char *text, struct answer *a, bool *answered)
{
    int64_t start = now_ms();

    *answered = false;
    for (size_t i = 0; now_ms() - start < 3000; i++) {
        (void)send(c->fd, &text[i % strlen(text)], 1, MSG_NOSIGNAL);
        *answered = client_answer(c, a, false, 10);
        if (*answered || c->eof || c->reset)
            break;
    }
    return now_ms() - start;
}

static void slow_head(void **state)
{
    struct client c;
    struct answer a;
    bool answered;

    (void)state;
    client_open(&c);
    client_say(&c, "GET /a HTTP/1.1\r\nX: ");

    int64_t took = drip(&c, "y", &a, &answered);

    assert_true(answered); /* a byte does not start the time anew */
    assert_int_equal(a.status, 408);
    answer_check(&a);
    assert_in_range(took, 150, 600);
    assert_true(client_closed(&c, 1000));
    answer_release(&a);
    client_close(&c);
}

static void silent_from_the_start(void **state)
{
    struct client c;
    int64_t start = now_ms();

    (void)state;
    client_open(&c);
    assert_true(client_closed(&c, 2000));
    assert_in_range(now_ms() - start, 150, 600);
    assert_int_equal(c.in.n, 0); /* no request, no answer */
    client_close(&c);
}

static void head_time_begins_with_its_first_byte(void **state)
{
    struct client c;
    struct answer a;
    bool answered;

    (void)state;
    client_open(&c);
    expect(&c, GET("/a"), 200, "a");
    site_run(100); /* idle, less than idle_ms */

    int64_t took = drip(&c, "G", &a, &answered);

    assert_true(answered);
    assert_int_equal(a.status, 408);
    assert_in_range(took, 150, 600);
    answer_release(&a);
    client_close(&c);
}

static void idle(void **state)
{
    struct client c;
    int64_t start;

    (void)state;
    client_open(&c);
    expect(&c, GET("/a"), 200, "a");
    start = now_ms();
    assert_true(client_closed(&c, 2000));
    assert_in_range(now_ms() - start, 100, 500);
    assert_int_equal(c.in.n, 0);
    client_close(&c);
}

static void slow_body(void **state)
{
    struct client c;
    struct answer a;
    bool answered;

    (void)state;
    client_open(&c);
    client_say(&c, "POST /post HTTP/1.1\r\n" H "Content-Length: 100000\r\n\r\n");

    int64_t took = drip(&c, "b", &a, &answered);

    assert_true(answered);
    assert_int_equal(a.status, 408);
    assert_true(slice_is(a.body, "status")); /* the application gives it its form */
    assert_in_range(took, 250, 800);
    assert_true(client_closed(&c, 1000));
    answer_release(&a);
    client_close(&c);
    assert_int_equal(site.handled, 0);
}

static void slow_rate(struct http_config *config)
{
    config->limits = (struct http_limits){ .body_ms = 10000, .body_grace_ms = 200 };
}

static int rate_site(void **state)
{
    (void)state;
    site_start(slow_rate);
    return 0;
}

static void body_rate(void **state)
{
    struct client c;
    struct answer a;
    bool answered;

    (void)state;
    client_open(&c);
    client_say(&c, "POST /post HTTP/1.1\r\n" H "Content-Length: 100000\r\n\r\n");

    int64_t took = drip(&c, "b", &a, &answered); /* at most 100 bytes a second */

    assert_true(answered);
    assert_int_equal(a.status, 408);
    assert_in_range(took, 180, 800);
    answer_release(&a);
    client_close(&c);
}

static void request_deadline(void **state)
{
    struct client c;
    int64_t start = now_ms();

    (void)state;
    client_open(&c);
    expect(&c, GET("/hurry"), 503, "timeout");
    assert_in_range(now_ms() - start, 150, 800);
    assert_int_equal(site.last_rc, RC_TIMEOUT);
    expect(&c, GET("/a"), 200, "a"); /* the connection goes on */
    assert_true(site_wake(RC_OK));   /* too late: ignored */
    site_run(5);
    assert_int_equal(site.done, 2);
    client_close(&c);
}

/* Who does not take his answer is reset, and no further request of his is begun meanwhile. */
static void write_stalls(void **state)
{
    static char large[16 << 20];
    struct client c;
    int small = 4096;

    (void)state;
    site.large = (struct slice){ large, sizeof large };
    client_open(&c);
    (void)setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    client_say(&c, GET("/large") GET("/large") GET("/large") GET("/large"));
    site_run(60);
    assert_int_equal(site.handled, 1);
    assert_int_equal(open_now(), 1);
    site_run(1200);
    assert_int_equal(site.handled, 1);
    assert_int_equal(open_now(), 0);
    client_close(&c);
}

/* One who reads slowly but reads gets all of it, however long it takes. */
static void slow_reader(void **state)
{
    static char large[4 << 20];
    struct client c;
    struct answer a;
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i % 17);
    site.large = (struct slice){ large, sizeof large };
    client_open(&c);
    client_say(&c, GET("/large") GET("/large"));
    for (int i = 0; i < 25; i++) { /* 750 ms: longer than every limit here */
        char *room = buf_room(&c.in, 262144);
        ssize_t n = recv(c.fd, room, 262144, 0);

        if (n > 0) {
            c.in.n += (size_t)n;
            seen += (size_t)n;
        }
        site_run(30);
    }
    assert_true(seen > 0);
    for (int i = 0; i < 2; i++) {
        assert_true(client_answer(&c, &a, false, 3000));
        assert_int_equal(a.body.n, sizeof large);
        assert_memory_equal(a.body.p, large, sizeof large);
        answer_release(&a);
    }
    client_close(&c);
}

/* ---- age and count of requests ---- */

static void few_requests(struct http_config *config)
{
    config->limits = (struct http_limits){ .requests = 3, .age_ms = 400 };
}

static int few_site(void **state)
{
    (void)state;
    site_start(few_requests);
    return 0;
}

static void last_request(void **state)
{
    struct client c;
    struct answer a;

    (void)state;
    client_open(&c);
    client_say(&c, GET("/a") GET("/a") GET("/a") GET("/a"));
    for (int i = 0; i < 3; i++) {
        assert_true(client_answer(&c, &a, false, 1000));
        assert_int_equal(slice_is(answer_header(&a, "Connection"), "close"), i == 2);
        answer_release(&a);
    }
    assert_false(client_answer(&c, &a, false, 50));
    assert_true(client_closed(&c, 1000));
    client_close(&c);
    client_open(&c);
    expect(&c, GET("/a"), 200, "a");
    site_run(550);
    client_poll(&c); /* an old one is closed when idle */
    assert_true(c.eof);
    client_close(&c);
}

/* ---- how many ---- */

static void small_tables(struct http_config *config)
{
    config->limits = (struct http_limits){ .connections = 4, .per_address = 2 };
}

static int small_site(void **state)
{
    (void)state;
    site_start(small_tables);
    return 0;
}

static void per_address(void **state)
{
    struct client a[3], b;

    (void)state;
    for (int i = 0; i < 2; i++) {
        client_open(&a[i]);
        expect(&a[i], GET("/a"), 200, "a");
    }
    client_open(&a[2]);
    assert_true(client_closed(&a[2], 1000)); /* the third of this address */
    client_close(&a[2]);
    client_open_from(&b, "127.0.0.2"); /* another address is not concerned */
    expect(&b, GET("/a"), 200, "a");
    client_close(&b);
    client_close(&a[0]);
    site_run(10);
    client_open(&a[2]); /* one has gone, one may come */
    expect(&a[2], GET("/a"), 200, "a");
    client_close(&a[1]);
    client_close(&a[2]);
}

static void oldest_idle_makes_room(void **state)
{
    static const char *const from[] = { "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6" };
    struct client c[5], more;

    (void)state;
    for (int i = 0; i < 4; i++) {
        client_open_from(&c[i], from[i]);
        expect(&c[i], GET("/a"), 200, "a");
    }
    expect(&c[0], GET("/a"), 200, "a"); /* now the second has been idle longest */
    client_open_from(&c[4], from[4]);
    expect(&c[4], GET("/a"), 200, "a");
    assert_true(client_closed(&c[1], 1000));
    expect(&c[0], GET("/a"), 200, "a");
    assert_int_equal(open_now(), 4);
    /* nobody idle: who comes last is turned away */
    client_say(&c[0], GET("/park"));
    client_say(&c[2], GET("/park"));
    client_say(&c[3], GET("/park"));
    client_say(&c[4], GET("/park"));
    site_run(10);
    client_open_from(&more, "127.0.0.7");
    assert_true(client_closed(&more, 1000));
    client_close(&more);
    while (site_wake(RC_OK))
        ;
    expect(&c[0], "", 200, "parked");
    for (int i = 0; i < 5; i++)
        client_close(&c[i]);
}

/* ---- no descriptors ---- */

static int plain_site(void **state)
{
    (void)state;
    site_start(NULL);
    return 0;
}

static double cpu_seconds(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* At EMFILE the listener rests instead of spinning; one client is told; when descriptors are free again, it goes on. */
static void descriptors_run_out(void **state)
{
    struct rlimit old, low;
    struct client waiting[20], late;
    int fds[64], nfds = 0;
    struct http_stats before, after;

    (void)state;
    for (size_t i = 0; i < 20; i++)
        client_open(&waiting[i]); /* in the kernel's queue: nobody has accepted them yet */
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);

    int lowest = dup(0);

    low = (struct rlimit){ (rlim_t)lowest + 4, old.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    while (nfds < 64 && (fds[nfds] = dup(0)) >= 0)
        nfds++;
    http_stats(site.http, &before);

    double cpu = cpu_seconds();

    site_run(400);
    cpu = cpu_seconds() - cpu;
    http_stats(site.http, &after);
    assert_true(cpu < 0.15); /* a spinning loop would take all 0.4 s */
    assert_int_equal(after.accepted, before.accepted);
    assert_in_range(after.shed - before.shed, 2, 8); /* one in 100 ms */
    while (nfds > 0)
        close(fds[--nfds]);
    close(lowest);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    site_run(150);
    client_open(&late);
    expect(&late, GET("/a"), 200, "a");
    client_close(&late);

    size_t alive = 0;

    for (size_t i = 0; i < 20; i++) {
        client_poll(&waiting[i]);
        alive += !waiting[i].eof && !waiting[i].reset;
        client_close(&waiting[i]);
    }
    assert_int_equal(alive, 20 - (after.shed - before.shed));
}

#define T(test, site) cmocka_unit_test_setup_teardown(test, site, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(slow_head, short_site),
        T(silent_from_the_start, short_site),
        T(head_time_begins_with_its_first_byte, short_site),
        T(idle, short_site),
        T(slow_body, short_site),
        T(body_rate, rate_site),
        T(request_deadline, short_site),
        T(write_stalls, short_site),
        T(slow_reader, short_site),
        T(last_request, few_site),
        T(per_address, small_site),
        T(oldest_idle_makes_room, small_site),
        T(descriptors_run_out, plain_site),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
