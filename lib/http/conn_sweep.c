/* Deadlines: one walk over the connections a few times a second. Each phase has an absolute end that further bytes do
 * not move; the one thing that progress moves is a blocked write. */
#include "http_private.h"
#include "khop/base/banned.h"

#define BODY_RATE 256 /* bytes a second, after the grace */

static bool body_too_slow(const struct http_conn *c, int64_t now)
{
    int64_t ms = now - c->body_since;

    if (c->slot->req.route->stream || ms <= c->server->limits.body_grace_ms)
        return false;
    return c->body_got < (uint64_t)ms * BODY_RATE / 1000;
}

static void head_late(struct http_conn *c)
{
    /* In c->in is what has come of the head. Nothing: there is no request to answer. */
    if (c->in.n == 0)
        conn_close(c, false);
    else
        conn_reject(c, 408);
}

static void sweep_one(struct http_conn *c, int64_t now)
{
    if (c->write_deadline != 0 && now >= c->write_deadline) {
        conn_close(c, true);
        return;
    }

    bool old = now - c->born >= c->server->limits.age_ms;
    bool late = c->deadline != 0 && now >= c->deadline;

    switch (c->phase) {
    case CONN_IDLE:
        /* an answer on its way has its own deadline */
        if ((late || old) && conn_unsent(c) == 0) {
            conn_set_phase(c, CONN_FLUSH);
            conn_flush(c);
        }
        break;
    case CONN_HEAD:
        if (late)
            head_late(c);
        break;
    case CONN_BODY:
        if (late || body_too_slow(c, now))
            request_refuse(&c->slot->req, 408);
        break;
    case CONN_STREAM:
        if (old)
            sse_end_soon(c);
        else
            sse_beat(c, now);
        break;
    case CONN_LINGER:
    case CONN_FLUSH:
        if (late || (old && c->phase == CONN_FLUSH))
            conn_close(c, c->phase == CONN_FLUSH);
        break;
    case CONN_BUSY: /* the task has a deadline */
    case CONN_CLOSED:
        break;
    }
}

void conn_sweep(void *server)
{
    struct http_server *s = server;
    int64_t now = server_now(s);
    struct http_conn *c;

    /* Closing a stream calls its owner, who may close others: conn_close keeps `walk` on the list. */
    for (c = TAILQ_FIRST(&s->conns); c != NULL; c = s->walk) {
        s->walk = TAILQ_NEXT(c, link);
        sweep_one(c, now);
    }
}
