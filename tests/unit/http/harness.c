#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "harness.h"
#include "khop/base/clock.h"
#include "khop/base/num.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "khop/base/banned.h"

#define TEXT "text/plain; charset=utf-8"

struct site site;

int64_t now_ms(void)
{
    return clock_mono_ms();
}

/* ---- handlers ---- */

static int get_a(struct req *rq)
{
    site.handled++;
    return reply(rq, 200, TEXT, SLICE("a"));
}

static int get_item(struct req *rq)
{
    return reply(rq, 200, TEXT, rq->params[0]);
}

static int get_pair(struct req *rq)
{
    char *text = arena_printf(rq->task.arena, "%.*s|%.*s", SLICE_FMT(rq->params[0]), SLICE_FMT(rq->params[1]));

    return reply(rq, 200, TEXT, slice_of(text));
}

static int post_echo(struct req *rq)
{
    site.handled++;
    return reply(rq, 200, TEXT, rq->body);
}

static int woken(struct task *t)
{
    site.handled++;
    return reply(req_of(t), 200, TEXT, SLICE("parked"));
}

static int get_park(struct req *rq)
{
    assert_true(site.nparked < PARKED_MAX);
    site.parked[site.nparked++] = &rq->task;
    task_hold(&rq->task);
    return task_park(&rq->task, woken);
}

static int get_large(struct req *rq)
{
    site.handled++;
    return reply(rq, 200, "application/octet-stream", site.large);
}

static int get_fail(struct req *rq)
{
    (void)rq;
    return RC_CONFLICT;
}

static int get_lost(struct req *rq)
{
    (void)rq;
    return RC_OK; /* neither replied nor parked */
}

static int get_twice(struct req *rq)
{
    (void)reply(rq, 200, TEXT, SLICE("once"));
    return reply(rq, 201, TEXT, SLICE("twice"));
}

static int get_headers(struct req *rq)
{
    reply_header(rq, "Cache-Control", SLICE("public, max-age=60"));
    reply_header(rq, "X-Good", SLICE("v\xC4\x91"));
    reply_header(rq, "X-Bad", SLICE("a\r\nX-Injected: b"));
    reply_header(rq, "X Bad", SLICE("a"));
    return reply(rq, 200, TEXT, SLICE("h"));
}

static int get_empty(struct req *rq)
{
    return reply(rq, 204, NULL, SLICE(""));
}

static int get_html(struct req *rq)
{
    return reply(rq, 200, "text/html; charset=utf-8", site.large);
}

static int get_json(struct req *rq)
{
    return reply(rq, 200, "application/json", site.large);
}

static int get_static(struct req *rq)
{
    return reply_static(rq, "text/css", SLICE("body{}"), req_accepts_gzip(rq));
}

static int get_who(struct req *rq)
{
    char *text = arena_printf(rq->task.arena, "%s %d %d", rq->peer, rq->secure, rq->loopback);

    return reply(rq, 200, TEXT, slice_of(text));
}

/* rc and value of ?x=, as "rc:value". */
static int get_query(struct req *rq)
{
    struct slice value = { NULL, 0 };
    int rc = req_query(rq, "x y", &value);

    return reply(rq, 200, TEXT, slice_of(arena_printf(rq->task.arena, "%d:%.*s", rc, SLICE_FMT(value))));
}

static int post_form(struct req *rq)
{
    struct slice rest = rq->body, name = { NULL, 0 }, value = { NULL, 0 };
    int rc;

    do
        rc = req_content_is(rq, "application/x-www-form-urlencoded") ? form_next(rq->task.arena, &rest, &name, &value) : RC_BAD_INPUT;
    while (rc == 1 && !slice_is(name, "f"));

    return reply(rq, 200, TEXT, slice_of(arena_printf(rq->task.arena, "%d:%.*s", rc, SLICE_FMT(value))));
}

static int get_asks(struct req *rq)
{
    struct slice cookie = req_cookie(rq, "sid");
    char *text = arena_printf(rq->task.arena, "%s %d %d %s%.*s", req_language(rq), req_wants_html(rq),
                              req_accepts_gzip(rq), cookie.p == NULL ? "-" : "", SLICE_FMT(cookie));

    return reply(rq, 200, TEXT, slice_of(text));
}

static int get_trace(struct req *rq)
{
    return reply(rq, 200, TEXT, slice_of(task_request(&rq->task)));
}

static void stream_closed(struct sse *s, void *arg)
{
    assert_ptr_equal(arg, &site);
    for (size_t i = 0; i < site.nstreams; i++) {
        if (site.streams[i] == s)
            site.streams[i] = NULL;
    }
    site.closed++;
}

static int get_sse(struct req *rq)
{
    struct sse *s = sse_begin(rq, stream_closed, &site);

    if (s != NULL)
        site.streams[site.nstreams++] = s;
    return RC_OK;
}

static int piece(struct task *t)
{
    struct req *rq = req_of(t);

    site.pieces++;
    assert_true(rq->body.n <= 65536);
    buf_put_slice(&site.upload, rq->body);
    if (!rq->body_last)
        return req_body_next(rq, piece);
    return reply(rq, 202, TEXT, slice_of(arena_printf(t->arena, "%zu", site.upload.n)));
}

static int post_upload(struct req *rq)
{
    buf_clear(&site.upload);
    site.pieces = 0;
    if (req_header(rq, "x-no").p != NULL)
        return reply(rq, 403, TEXT, SLICE("no"));
    return req_body_next(rq, piece);
}

/* site.large in pieces of 100,000 bytes; ?x y=fail: none after the third; */
static int send_piece(struct task *t)
{
    struct req *rq = req_of(t);
    struct slice value = { NULL, 0 };
    struct slice part = slice_sub(site.large, 100000 * site.pieces++, 100000);

    (void)!req_query(rq, "x y", &value);
    if (slice_is(value, "fail") && site.pieces > 3)
        return RC_UNAVAILABLE;
    return reply_piece(rq, part, send_piece);
}

static int get_pieces(struct req *rq)
{
    int rc = reply_begin(rq, 200, "application/octet-stream", (int64_t)site.large.n);

    site.pieces = 0;
    return rc == RC_OK ? send_piece(&rq->task) : rc < 0 ? rc : RC_OK;
}

static void on_fail(struct req *rq, int rc)
{
    site.failed++;
    site.last_rc = rc;
    (void)reply(rq, rc == RC_CONFLICT ? 409 : 503, TEXT, slice_of(rc_name(rc)));
}

static void on_status(struct req *rq, int status)
{
    (void)reply(rq, status, TEXT, SLICE("status"));
}

static void on_done(const struct req *rq, int status, int64_t us)
{
    assert_non_null(rq);
    assert_true(us >= 0);
    site.done++;
    site.last_status = status;
}

static const struct route routes[] = {
    { HTTP_GET, "/a", get_a, 0, 0, false },
    { HTTP_GET, "/items/{}", get_item, 0, 0, false },
    { HTTP_GET, "/r/{}.jws", get_pair, 0, 0, false },
    { HTTP_GET, "/r/{}", get_item, 0, 0, false },
    { HTTP_GET, "/pair/{}/of/x-{}.pdf", get_pair, 0, 0, false },
    { HTTP_POST, "/echo", post_echo, 32, 0, false },
    { HTTP_POST, "/post", post_echo, 1 << 20, 0, false },
    { HTTP_GET, "/both", get_a, 0, 0, false },
    { HTTP_POST, "/both", post_echo, 32, 0, false },
    { HTTP_GET, "/park", get_park, 0, 0, false },
    { HTTP_POST, "/park", get_park, 100, 0, false },
    { HTTP_GET, "/hurry", get_park, 0, 200, false },
    { HTTP_GET, "/large", get_large, 0, 0, false },
    { HTTP_GET, "/pieces", get_pieces, 0, 200, false },
    { HTTP_GET, "/fail", get_fail, 0, 0, false },
    { HTTP_GET, "/lost", get_lost, 0, 0, false },
    { HTTP_GET, "/twice", get_twice, 0, 0, false },
    { HTTP_GET, "/headers", get_headers, 0, 0, false },
    { HTTP_GET, "/empty", get_empty, 0, 0, false },
    { HTTP_GET, "/html", get_html, 0, 0, false },
    { HTTP_GET, "/json", get_json, 0, 0, false },
    { HTTP_GET, "/static", get_static, 0, 0, false },
    { HTTP_GET, "/who", get_who, 0, 0, false },
    { HTTP_GET, "/query", get_query, 0, 0, false },
    { HTTP_POST, "/form", post_form, 4096, 0, false },
    { HTTP_GET, "/asks", get_asks, 0, 0, false },
    { HTTP_GET, "/trace", get_trace, 0, 0, false },
    { HTTP_GET, "/sse", get_sse, 0, 0, false },
    { HTTP_POST, "/upload", post_upload, 4 << 20, 0, true },
    { HTTP_POST, "/slow-upload", post_upload, 4 << 20, 200, true },
};

/* ---- the site ---- */

static const char *const hosts[] = { "h", "khop.example", "127.0.0.1", "[::1]", NULL };

static int listen_here(int *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)(void *)&at, n), 0);
    assert_int_equal(listen(fd, 1024), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)(void *)&at, &n), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

void site_start(void (*tune)(struct http_config *config))
{
    memset(&site, 0, sizeof site);
    buf_init(&site.upload, 8 << 20);
    site.loop = loop_new();
    assert_non_null(site.loop);
    site.listener = listen_here(&site.port);
    site.config = (struct http_config){
        .routes = routes,
        .nroutes = sizeof routes / sizeof routes[0],
        .app = &site,
        .fail = on_fail,
        .fail_status = on_status,
        .hosts = hosts,
        .done = on_done,
    };
    if (tune != NULL)
        tune(&site.config);
    site.http = http_serve(site.loop, site.listener, &site.config);
    assert_non_null(site.http);
}

void site_stop(void)
{
    http_free(site.http);
    while (site.nparked > 0)
        site_park_drop();
    (void)loop_turn(site.loop, 0);
    assert_int_equal(task_count(site.loop), 0); /* nothing hangs on */
    loop_free(site.loop);
    close(site.listener);
    buf_release(&site.upload);
}

void site_run(int64_t ms)
{
    int64_t end = now_ms() + ms;

    do {
        int64_t left = end - now_ms();

        (void)loop_turn(site.loop, left > 5 ? 5 : left < 0 ? 0 : left);
    } while (now_ms() < end);
}

static struct task *take_parked(void)
{
    struct task *t = site.parked[0];

    memmove(site.parked, site.parked + 1, --site.nparked * sizeof site.parked[0]);
    return t;
}

bool site_wake(int rc)
{
    if (site.nparked == 0)
        return false;
    task_wake(take_parked(), rc);
    return true;
}

void site_park_drop(void)
{
    task_drop(take_parked());
}

/* ---- clients ---- */

void client_open_from(struct client *c, const char *address)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)site.port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1;

    *c = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    buf_init(&c->in, 64 << 20);
    assert_true(c->fd >= 0);
    if (address != NULL) {
        struct sockaddr_in from = { .sin_family = AF_INET };

        assert_int_equal(inet_pton(AF_INET, address, &from.sin_addr), 1);
        assert_int_equal(bind(c->fd, (struct sockaddr *)(void *)&from, sizeof from), 0);
    }
    assert_int_equal(connect(c->fd, (struct sockaddr *)(void *)&at, sizeof at), 0);
    assert_int_equal(fcntl(c->fd, F_SETFL, O_NONBLOCK), 0);
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

void client_open(struct client *c)
{
    client_open_from(c, NULL);
}

void client_close(struct client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    buf_release(&c->in);
}

/* A server that has closed does not take everything: then the rest is dropped. */
void client_send(struct client *c, const char *bytes, size_t n)
{
    int64_t end = now_ms() + 5000;

    while (n > 0 && now_ms() < end) {
        ssize_t done = send(c->fd, bytes, n, MSG_NOSIGNAL);

        if (done < 0 && errno != EAGAIN)
            return;
        if (done < 0) {
            (void)loop_turn(site.loop, 1);
            continue;
        }
        bytes += done;
        n -= (size_t)done;
    }
    assert_int_equal(n, 0);
}

void client_say(struct client *c, const char *text)
{
    client_send(c, text, strlen(text));
}

void client_poll(struct client *c)
{
    for (;;) {
        char *room = buf_room(&c->in, 65536);

        assert_non_null(room);

        ssize_t n = recv(c->fd, room, 65536, 0);

        if (n <= 0) {
            c->eof |= n == 0;
            c->reset |= n < 0 && errno == ECONNRESET;
            return;
        }
        c->in.n += (size_t)n;
    }
}

struct slice answer_header(const struct answer *a, const char *name)
{
    struct slice rest = a->head;

    while (rest.n > 0) {
        struct slice line = slice_cut(&rest, '\n');
        struct slice value = line;

        if (slice_eq_nocase(slice_cut(&value, ':'), slice_of(name))) {
            if (value.n > 0 && value.p[value.n - 1] == '\r')
                value.n--;
            return slice_trim(value);
        }
    }
    return (struct slice){ NULL, 0 };
}

/* True when c->in begins with a whole answer, which then is in *a. */
bool client_take(struct client *c, struct answer *a, bool head)
{
    const char *end = c->in.n == 0 ? NULL : memmem(c->in.p, c->in.n, "\r\n\r\n", 4);
    int64_t status, length = 0;

    if (end == NULL)
        return false;

    size_t nhead = (size_t)(end - c->in.p) + 4;

    a->head = (struct slice){ c->in.p, nhead };
    assert_true(slice_starts(a->head, SLICE("HTTP/1.1 ")));
    assert_int_equal(num_parse(slice_sub(a->head, 9, 3), 100, 599, false, &status), RC_OK);
    a->status = (int)status;

    struct slice text = answer_header(a, "content-length");

    if (text.p != NULL && !head)
        assert_int_equal(num_parse(text, 0, INT32_MAX, false, &length), RC_OK);
    if (c->in.n - nhead < (size_t)length)
        return false;
    buf_init(&a->all, 64 << 20);
    buf_put(&a->all, c->in.p, nhead + (size_t)length);
    a->head = slice_sub(buf_slice(&a->all), 0, nhead);
    a->body = slice_sub(buf_slice(&a->all), nhead, (size_t)length);
    memmove(c->in.p, c->in.p + a->all.n, c->in.n - a->all.n);
    c->in.n -= a->all.n;
    return true;
}

bool client_answer(struct client *c, struct answer *a, bool head, int64_t ms)
{
    int64_t end = now_ms() + ms;

    memset(a, 0, sizeof *a);
    for (;;) {
        client_poll(c);
        if (client_take(c, a, head))
            return true;
        if (c->eof || c->reset || now_ms() >= end)
            return false;
        (void)loop_turn(site.loop, 2);
    }
}

void answer_release(struct answer *a)
{
    buf_release(&a->all);
}

void answer_check(const struct answer *a)
{
    static const struct {
        const char *name, *value;
    } always[] = {
        { "X-Content-Type-Options", "nosniff" },
        { "Referrer-Policy", "no-referrer" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "Strict-Transport-Security", "max-age=63072000; includeSubDomains" },
    };
    bool html = slice_starts(answer_header(a, "Content-Type"), SLICE("text/html"));

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        if (!slice_is(answer_header(a, always[i].name), always[i].value))
            fail_msg("status %d without %s", a->status, always[i].name);
    }
    assert_non_null(answer_header(a, "Cache-Control").p);
    assert_int_equal(answer_header(a, "Date").n, 29);
    assert_null(answer_header(a, "Server").p);
    assert_int_equal(answer_header(a, "Content-Security-Policy").p != NULL, html);
    assert_int_equal(slice_is(answer_header(a, "X-Frame-Options"), "DENY"), html);
}

bool client_closed(struct client *c, int64_t ms)
{
    int64_t end = now_ms() + ms;

    for (;;) {
        client_poll(c);
        if (c->eof || c->reset)
            return true;
        if (now_ms() >= end)
            return false;
        (void)loop_turn(site.loop, 2);
    }
}

void expect(struct client *c, const char *request, int status, const char *body)
{
    struct answer a;

    client_say(c, request);
    if (!client_answer(c, &a, false, 2000))
        fail_msg("no answer to %.60s", request);
    if (a.status != status)
        fail_msg("%d instead of %d to %.60s", a.status, status, request);
    answer_check(&a);
    if (body != NULL && !slice_is(a.body, body))
        fail_msg("to %.60s: %.*s instead of %s", request, SLICE_FMT(a.body), body);
    answer_release(&a);
}
