/* Server-sent events: an answer without an end, on a connection that serves nothing after it. The stream lives in the
 * request's arena; the request's task stays parked for as long as it lasts. */
#include "http_private.h"
#include "khop/base/clock.h"
#include "khop/base/banned.h"

struct sse {
    struct req *rq;
    void (*closed)(struct sse *s, void *arg);
    void *arg;
    bool over; /* to be ended when its connection is resumed */
};

static int never(struct task *t)
{
    (void)t;
    return RC_INTERNAL; /* nobody holds the task to wake it */
}

static struct http_server *server_of(const struct req *rq)
{
    return ((const struct http_slot *)(const void *)rq)->server;
}

struct sse *sse_begin(struct req *rq, void (*closed)(struct sse *s, void *arg), void *arg)
{
    struct http_server *s = server_of(rq);
    struct http_conn *c = rq->conn;
    struct sse *stream = NULL;

    if (rq->method == HTTP_HEAD) {
        (void)reply(rq, 200, "text/event-stream", SLICE(""));
        return NULL;
    }
    if (c != NULL && !rq->replied && !s->draining && s->stats.streams < s->limits.streams)
        stream = arena_alloc(rq->task.arena, sizeof *stream);
    if (stream == NULL) {
        reply_header(rq, "Retry-After", SLICE("10"));
        (void)reply_plain(rq, 503);
        return NULL;
    }
    *stream = (struct sse){ rq, closed, arg, false };
    s->stats.streams++;
    rq->sse = stream;
    rq->replied = true;
    rq->status = 200;
    rq->task.deadline_ms = INT64_MAX;
    (void)task_park(&rq->task, never);
    c->close_after = true;
    conn_set_phase(c, CONN_STREAM);
    c->beat_at = server_now(s) + s->limits.beat_ms;
    conn_buf_ready(c, &c->out);
    reply_stream_head(rq, &c->out);
    buf_puts(&c->out, "retry: 3000\n\n");
    conn_schedule(c);
    return stream;
}

/* A line ends with CR, LF or both; each becomes a field of its own, so data cannot make fields. */
static struct slice cut_line(struct slice *rest)
{
    size_t n = 0;

    while (n < rest->n && rest->p[n] != '\r' && rest->p[n] != '\n')
        n++;

    struct slice line = slice_sub(*rest, 0, n);
    size_t end = n < rest->n ? n + 1 : n;

    if (end < rest->n && rest->p[n] == '\r' && rest->p[end] == '\n')
        end++;
    *rest = slice_sub(*rest, end, rest->n);
    return line;
}

static int check_behind(struct http_conn *c)
{
    if (!c->out.failed && conn_unsent(c) <= SSE_BEHIND_MAX)
        return RC_OK;
    sse_end_soon(c);
    return RC_TOO_LARGE;
}

int sse_send(struct sse *s, const char *event, struct slice data)
{
    struct http_conn *c = s->rq->conn;

    if (s->over || c == NULL)
        return RC_IO;
    conn_buf_ready(c, &c->out);
    if (event != NULL) {
        buf_puts(&c->out, "event: ");
        buf_puts(&c->out, event);
        buf_putc(&c->out, '\n');
    }
    do {
        buf_puts(&c->out, "data: ");
        buf_put_slice(&c->out, cut_line(&data));
        buf_putc(&c->out, '\n');
    } while (data.n > 0);
    buf_putc(&c->out, '\n');
    conn_schedule(c);
    return check_behind(c);
}

/* Takes the stream off its connection, which closes after what is owed. */
static void detach(struct req *rq)
{
    struct http_conn *c = rq->conn;

    server_of(rq)->stats.streams--;
    rq->sse = NULL;
    rq->conn = NULL;
    if (c == NULL || c->phase == CONN_CLOSED)
        return;
    c->slot = NULL;
    conn_set_phase(c, CONN_FLUSH);
    conn_flush(c);
}

void sse_gone(struct req *rq)
{
    struct sse *s = rq->sse;

    detach(rq);
    s->closed(s, s->arg);
    reply_done(rq);
    task_end(&rq->task);
}

void sse_end_soon(struct http_conn *c)
{
    c->slot->req.sse->over = true;
    conn_schedule(c);
}

void sse_resume(struct http_conn *c)
{
    struct req *rq = &c->slot->req;

    if (rq->sse->over)
        sse_gone(rq);
    else
        conn_flush(c);
}

void sse_beat(struct http_conn *c, int64_t now)
{
    if (now < c->beat_at)
        return;
    c->beat_at = now + c->server->limits.beat_ms;
    conn_buf_ready(c, &c->out);
    buf_puts(&c->out, ":\n\n");
    conn_schedule(c);
    (void)check_behind(c);
}
