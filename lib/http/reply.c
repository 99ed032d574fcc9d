/* Answers. Every one carries the headers of security.md §3; they are laid out once a second together with the date. */
#include "http_private.h"
#include "khop/base/clock.h"
#include "khop/base/log.h"
#include "khop/base/banned.h"

#define COMMON_HEADERS                                                                                                 \
    "X-Content-Type-Options: nosniff\r\n"                                                                              \
    "Referrer-Policy: no-referrer\r\n"                                                                                 \
    "Cross-Origin-Resource-Policy: same-origin\r\n"                                                                    \
    "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n"

#define HTML_HEADERS                                                                                                   \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "         \
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "               \
    "object-src 'none'; require-trusted-types-for 'script'\r\n"                                                        \
    "Cross-Origin-Opener-Policy: same-origin\r\n"                                                                      \
    "Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=()\r\n"                                     \
    "X-Frame-Options: DENY\r\n"

#define CACHE_NEVER  "Cache-Control: no-store\r\n"
#define CACHE_STATIC "Cache-Control: public, max-age=31536000, immutable\r\n"

#define PLAIN_MAX 64
#define GZIP_MIN  1024
#define GZIP_MAX  ((size_t)1 << 20) /* more would keep the loop busy for tens of milliseconds */

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        { 200, "OK" },
        { 201, "Created" },
        { 202, "Accepted" },
        { 204, "No Content" },
        { 301, "Moved Permanently" },
        { 302, "Found" },
        { 303, "See Other" },
        { 304, "Not Modified" },
        { 307, "Temporary Redirect" },
        { 308, "Permanent Redirect" },
        { 400, "Bad Request" },
        { 401, "Unauthorized" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 406, "Not Acceptable" },
        { 408, "Request Timeout" },
        { 409, "Conflict" },
        { 410, "Gone" },
        { 411, "Length Required" },
        { 412, "Precondition Failed" },
        { 413, "Content Too Large" },
        { 414, "URI Too Long" },
        { 415, "Unsupported Media Type" },
        { 417, "Expectation Failed" },
        { 421, "Misdirected Request" },
        { 422, "Unprocessable Content" },
        { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 503, "Service Unavailable" },
        { 504, "Gateway Timeout" },
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].status == status)
            return texts[i].text;
    }
    return "Status";
}

static void put_date(struct buf *out, int64_t us)
{
    static const char days[7][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }; /* 1970-01-01 was a Thursday */
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct civil t = clock_civil(us, 0);

    buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[clock_day(us, 0) % 7], t.day,
               months[t.month - 1], t.year, t.hour, t.minute, t.second);
}

/* Lays the headers out anew when the second has changed. */
static void refresh_common(struct http_server *s)
{
    int64_t now = server_now(s);

    if (now == s->common_clock)
        return;

    int64_t us = clock_wall_us();

    s->common_clock = now;
    if (us / CLOCK_US == s->common_at && !s->common.failed)
        return;
    s->common_at = us / CLOCK_US;
    buf_clear(&s->common);
    put_date(&s->common, us);
    buf_puts(&s->common, COMMON_HEADERS);
}

/* The status line and the headers of every answer, up to the type. */
static void reply_start(struct http_server *s, struct buf *out, int status)
{
    refresh_common(s);
    out->failed |= s->common.failed;
    if (status == 200) {
        buf_put_slice(out, SLICE("HTTP/1.1 200 OK\r\n"));
    } else {
        buf_put_slice(out, SLICE("HTTP/1.1 "));
        buf_put_i64(out, status);
        buf_putc(out, ' ');
        buf_puts(out, status_text(status));
        buf_put_slice(out, SLICE("\r\n"));
    }
    buf_put_slice(out, buf_slice(&s->common));
}

/* ---- an answer ---- */

struct answer {
    int status;
    const char *type;
    struct slice body;
    const char *cache; /* whole header line, "" for none */
    bool gzip;         /* the body is compressed */
    bool vary;
};

static bool is_html(const char *type)
{
    return type != NULL && slice_starts(slice_of(type), SLICE("text/html"));
}

static void put_connection(const struct http_conn *c, const struct http_head *h, struct buf *out)
{
    if (c->close_after)
        buf_put_slice(out, SLICE("Connection: close\r\n"));
    else if (h->minor == 0)
        buf_put_slice(out, SLICE("Connection: keep-alive\r\n"));
}

/* Everything but the body, which has `length` bytes. */
static void put_head(struct req *rq, const struct answer *a, int64_t length)
{
    struct http_conn *c = rq->conn;
    struct buf *out = &c->out;

    conn_buf_ready(c, out);
    reply_start(c->server, out, a->status);
    buf_puts(out, a->cache);
    if (a->type != NULL) {
        buf_put_slice(out, SLICE("Content-Type: "));
        buf_puts(out, a->type);
        buf_put_slice(out, SLICE("\r\n"));
    }
    if (is_html(a->type))
        buf_put_slice(out, SLICE(HTML_HEADERS));
    if (a->vary)
        buf_put_slice(out, SLICE("Vary: Accept-Encoding\r\n"));
    if (a->gzip)
        buf_put_slice(out, SLICE("Content-Encoding: gzip\r\n"));
    if (a->status != 204 && a->status != 304) {
        buf_put_slice(out, SLICE("Content-Length: "));
        buf_put_i64(out, length);
        buf_put_slice(out, SLICE("\r\n"));
    }
    buf_put_slice(out, buf_slice(&rq->extra));
    out->failed |= rq->extra.failed;
    put_connection(c, rq->head, out);
    buf_put_slice(out, SLICE("\r\n"));
}

static void put_answer(struct req *rq, const struct answer *a)
{
    struct buf *out = &rq->conn->out;

    put_head(rq, a, (int64_t)a->body.n);
    if (rq->method != HTTP_HEAD && a->status != 204 && a->status != 304)
        buf_put_slice(out, a->body);
}

/* A page that a stranger's site can have the browser fetch with the reader's cookies is not compressed: its length
 * would tell, guess by guess, what secrets stand in it (BREACH). Where the fetch comes from is in Sec-Fetch-Site. */
static bool length_may_tell(const struct req *rq)
{
    if (req_header(rq, "cookie").p == NULL)
        return false;

    struct slice site = req_header(rq, "sec-fetch-site");

    return !slice_is(site, "same-origin") && !slice_is(site, "none");
}

static void compress_html(struct req *rq, struct answer *a)
{
    struct http_slot *slot = (struct http_slot *)(void *)rq;

    a->vary = true;
    if (a->body.n <= GZIP_MIN || a->body.n > GZIP_MAX || rq->conn == NULL || !req_accepts_gzip(rq) ||
        length_may_tell(rq))
        return;

    struct slice packed = gzip_pack(&slot->server->gzip, slot->arena, a->body);

    if (packed.p == NULL)
        return;
    a->body = packed;
    a->gzip = true;
}

void reply_done(const struct req *rq)
{
    const struct http_server *s = ((const struct http_slot *)(const void *)rq)->server;

    if (s->config.done != NULL)
        s->config.done(rq, rq->status, server_clock_us() - rq->started_us);
}

static int answer(struct req *rq, struct answer *a)
{
    struct http_conn *c = rq->conn;

    if (rq->replied) {
        log_error("second_answer", "trace=%s status=%d", rq->task.trace, a->status);
        return RC_OK;
    }
    rq->replied = true;
    rq->status = a->status;
    if (c != NULL) {
        if (c->body_open)
            c->close_after = true; /* nobody will read the rest of the body */
        put_answer(rq, a);
        rq->conn = NULL;
        conn_answered(c);
    }
    reply_done(rq);
    task_end(&rq->task);
    return RC_OK;
}

int reply(struct req *rq, int status, const char *type, struct slice body)
{
    struct answer a = { status, type, body, rq->own_cache ? "" : CACHE_NEVER, false, false };

    if (is_html(type) && !rq->replied)
        compress_html(rq, &a);
    return answer(rq, &a);
}

int reply_static(struct req *rq, const char *type, struct slice body, bool gzip)
{
    struct answer a = { 200, type, body, rq->own_cache ? "" : CACHE_STATIC, gzip, true };

    return answer(rq, &a);
}

static void put_plain_body(struct buf *out, int status)
{
    buf_put_i64(out, status);
    buf_putc(out, ' ');
    buf_puts(out, status_text(status));
    buf_putc(out, '\n');
}

int reply_plain(struct req *rq, int status)
{
    struct buf body;

    buf_init_arena(&body, rq->task.arena, PLAIN_MAX);
    put_plain_body(&body, status);
    return reply(rq, status, "text/plain; charset=utf-8", buf_slice(&body));
}

void reply_reject(struct http_server *s, struct buf *out, int status, bool body)
{
    reply_start(s, out, status);
    buf_put_slice(out, SLICE(CACHE_NEVER "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"));
    buf_put_slice(out, SLICE("Content-Length: "));
    buf_put_i64(out, (int64_t)strlen(status_text(status)) + 5); /* three digits, a blank, a line end */
    buf_put_slice(out, SLICE("\r\n\r\n"));
    if (body)
        put_plain_body(out, status);
}

void reply_head(struct req *rq, int status, const char *type, int64_t length)
{
    struct answer a = { status, type, { NULL, 0 }, rq->own_cache ? "" : CACHE_NEVER, false, false };

    put_head(rq, &a, length);
}

void reply_stream_head(struct req *rq, struct buf *out)
{
    reply_start(rq->conn->server, out, 200);
    buf_put_slice(out, SLICE(CACHE_NEVER "Content-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n"));
    buf_put_slice(out, buf_slice(&rq->extra));
    buf_put_slice(out, SLICE("Connection: close\r\n\r\n"));
}

static bool header_value_ok(struct slice value)
{
    for (size_t i = 0; i < value.n; i++) {
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7F)
            return false;
    }
    return true;
}

void reply_header(struct req *rq, const char *name, struct slice value)
{
    struct slice n = slice_of(name);

    if (!http_is_token(n) || !header_value_ok(value)) {
        log_error("bad_answer_header", "trace=%s name=%s", rq->task.trace, http_is_token(n) ? name : "?");
        return;
    }
    rq->own_cache |= slice_eq_nocase(n, SLICE("cache-control"));
    buf_put_slice(&rq->extra, n);
    buf_put_slice(&rq->extra, SLICE(": "));
    buf_put_slice(&rq->extra, value);
    buf_put_slice(&rq->extra, SLICE("\r\n"));
}
