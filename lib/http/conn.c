/* Phases of a connection, and the bytes between them. */
#include "http_private.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>
#include "khop/base/banned.h"

struct http_conn *conn_open(struct http_server *s, int fd)
{
    struct http_conn *c = calloc(1, sizeof *c);
    int one = 1;

    if (c == NULL) {
        close(fd);
        return NULL;
    }
    c->server = s;
    c->fd = fd;
    c->born = server_now(s);
    buf_init(&c->in, SIZE_MAX); /* bounded by what conn_update_reading lets in */
    buf_init(&c->out, REPLY_MAX);
    buf_init(&c->wire, REPLY_MAX);
    event_assign(&c->rd, loop_base(s->loop), fd, EV_READ | EV_PERSIST, conn_readable, c);
    event_assign(&c->wr, loop_base(s->loop), fd, EV_WRITE | EV_PERSIST, conn_writable, c);
    TAILQ_INSERT_TAIL(&s->conns, c, link);
    s->stats.open++;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* fails on a Unix socket, which has no Nagle */
    /* Idle, so that it makes room for who has something to say; but not for longer than a head may take. */
    c->fresh = true;
    conn_set_phase(c, CONN_IDLE);
    c->deadline = c->born + s->limits.head_ms;
    conn_update_reading(c);
    return c;
}

static bool is_idle(enum conn_phase phase)
{
    return phase == CONN_IDLE || phase == CONN_LINGER;
}

/* The deadline of a phase starts with it; body and busy have theirs set by who knows the route. */
void conn_set_phase(struct http_conn *c, enum conn_phase phase)
{
    struct http_server *s = c->server;

    if (is_idle(c->phase) && c->phase != phase && c->idle_link.tqe_prev != NULL) {
        TAILQ_REMOVE(&s->idle, c, idle_link);
        c->idle_link.tqe_prev = NULL;
    }
    c->phase = phase;
    if (is_idle(phase) && c->idle_link.tqe_prev == NULL)
        TAILQ_INSERT_TAIL(&s->idle, c, idle_link);
    switch (phase) {
    case CONN_IDLE:
        c->deadline = server_now(s) + s->limits.idle_ms;
        break;
    case CONN_HEAD:
        http_head_init(&c->head);
        c->deadline = (c->fresh ? c->born : server_now(s)) + s->limits.head_ms;
        c->fresh = false;
        break;
    case CONN_LINGER:
        c->deadline = server_now(s) + CONN_LINGER_MS;
        break;
    case CONN_BODY:
    case CONN_BUSY:
    case CONN_STREAM:
    case CONN_FLUSH:
    case CONN_CLOSED:
        c->deadline = 0;
        break;
    }
}

static void conn_free(void *arg)
{
    free(arg);
}

void conn_close(struct http_conn *c, bool reset)
{
    struct http_server *s = c->server;
    struct http_slot *slot = c->slot;

    if (c->phase == CONN_CLOSED)
        return;
    conn_set_phase(c, CONN_CLOSED);
    (void)event_del(&c->rd);
    (void)event_del(&c->wr);
    if (reset) {
        struct linger now = { 1, 0 };

        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close(c->fd);
    peer_leave(c);
    tls_conn_free(c->tls);
    c->tls = NULL;
    if (c->ready)
        TAILQ_REMOVE(&s->ready, c, ready_link);
    if (c->kept)
        loop_keep(s->loop, -1);
    if (s->walk == c)
        s->walk = TAILQ_NEXT(c, link);
    TAILQ_REMOVE(&s->conns, c, link);
    s->stats.open--;
    conn_out_release(c);
    buf_release(&c->in);
    c->slot = NULL;
    if (slot != NULL)
        request_orphan(slot, c);
    loop_destroy(s->loop, &c->destroy, conn_free, c);
}

/* Uses bytes from the front as far as the phase allows, and writes what was answered. Returns how many were used. */
static size_t conn_consume(struct http_conn *c, struct slice bytes)
{
    struct slice rest = bytes;
    int begun = 0;

    c->consuming = true;
    while (rest.n > 0 && begun < CONN_TURN_MAX) {
        if (c->phase == CONN_IDLE) {
            if (conn_unsent(c) > CONN_UNSENT_MAX)
                break;
            conn_set_phase(c, CONN_HEAD);
        } else if (c->phase == CONN_HEAD) {
            int rc = http_head_feed(&c->head, rest);

            if (rc == HTTP_PARSE_MORE)
                break;
            if (rc < 0) {
                conn_reject(c, -rc);
                continue;
            }

            size_t used = c->head.size;

            begun++;
            request_begin(c, slice_sub(rest, 0, used), rest.n > used);
            rest = slice_sub(rest, used, rest.n);
        } else if (c->phase == CONN_BODY) {
            rest = slice_sub(rest, request_body(c, rest), rest.n);
        } else if (c->phase == CONN_BUSY) {
            break;
        } else { /* stream, flush, linger, closed: nobody will read it */
            rest = slice_sub(rest, rest.n, 0);
        }
    }
    c->consuming = false;
    conn_flush(c);
    /* Bytes left over wait for the handler (busy), for the client to take its answers, or for their turn. */
    if (rest.n > 0 && (c->phase == CONN_BODY || (c->phase == CONN_IDLE && conn_unsent(c) <= CONN_UNSENT_MAX)))
        conn_schedule(c);
    return bytes.n - rest.n;
}

/* Nothing more will come and nothing is being worked on: goodbye after what is owed. */
static void finish_if_over(struct http_conn *c)
{
    if (c->phase == CONN_CLOSED || !c->eof || c->ready)
        return;
    if (c->phase == CONN_IDLE || c->phase == CONN_HEAD || c->phase == CONN_BODY) {
        conn_set_phase(c, CONN_FLUSH);
        conn_flush(c);
    } else if (c->phase == CONN_STREAM || c->phase == CONN_LINGER) {
        conn_close(c, false);
    }
}

/* How many heads wait in c->in, as far as empty lines tell (a waiting body may hold some: then reading stops a little
 * earlier, until its turn comes). */
static void count_waiting(struct http_conn *c)
{
    while (c->in_heads < CONN_WAIT_HEADS && c->in_scanned < c->in.n) {
        const char *from = c->in.p + c->in_scanned;
        const char *hit = memmem(from, c->in.n - c->in_scanned, "\r\n\r\n", 4);

        if (hit == NULL) {
            c->in_scanned = c->in.n > 3 ? c->in.n - 3 : 0; /* the last three may begin one */
            break;
        }
        c->in_heads++;
        c->in_scanned = (size_t)(hit - c->in.p) + 4;
    }
}

static bool keep_bytes(struct http_conn *c, struct slice bytes)
{
    buf_put_slice(&c->in, bytes);
    if (c->in.failed) {
        conn_close(c, true);
        return false;
    }
    return true;
}

/* Uses what waits in c->in, and keeps the rest of it at the front. */
static void consume_waiting(struct http_conn *c)
{
    size_t used = conn_consume(c, buf_slice(&c->in));

    if (c->phase == CONN_CLOSED)
        return;
    if (used == c->in.n) {
        buf_release(&c->in); /* an idle connection keeps no buffer */
    } else if (used > 0) {
        memmove(c->in.p, c->in.p + used, c->in.n - used);
        c->in.n -= used;
    }
    if (used > 0)
        c->in_scanned = c->in_heads = 0;
}

void conn_feed(struct http_conn *c, struct slice bytes)
{
    if (c->in.n > 0) {
        if (!keep_bytes(c, bytes))
            return;
        consume_waiting(c);
    } else {
        size_t used = conn_consume(c, bytes);

        if (c->phase == CONN_CLOSED || (used < bytes.n && !keep_bytes(c, slice_sub(bytes, used, bytes.n))))
            return;
    }
    if (c->phase == CONN_CLOSED)
        return;
    if (c->phase == CONN_BUSY)
        count_waiting(c);
    conn_update_reading(c);
}

void conn_eof(struct http_conn *c)
{
    c->eof = true;
    if (c->phase == CONN_BODY && c->in.n == 0) {
        conn_close(c, false); /* what is missing will never come */
        return;
    }
    conn_update_reading(c);
    if (c->in.n > 0 && (c->phase == CONN_IDLE || c->phase == CONN_BODY))
        conn_schedule(c); /* requests that waited for the writer */
    finish_if_over(c);
}

void conn_schedule(struct http_conn *c)
{
    struct http_server *s = c->server;

    if (c->ready || c->phase == CONN_CLOSED)
        return;
    c->ready = true;
    TAILQ_INSERT_TAIL(&s->ready, c, ready_link);
    event_active(&s->kick, EV_TIMEOUT, 0);
}

void conn_resume(struct http_conn *c)
{
    c->ready = false;
    TAILQ_REMOVE(&c->server->ready, c, ready_link);
    if (c->phase == CONN_STREAM) {
        sse_resume(c);
        return;
    }
    if (c->in.n > 0)
        consume_waiting(c);
    if (c->phase == CONN_CLOSED)
        return;
    if (c->phase == CONN_BUSY)
        count_waiting(c);
    conn_update_reading(c);
    finish_if_over(c);
}

void conn_answered(struct http_conn *c)
{
    if (c->wants_piece || c->wants_room)
        task_drop(&c->slot->req.task); /* answered while it waited for a piece: at its deadline */
    c->slot = NULL;
    c->wants_piece = c->wants_room = false;
    if (c->out.failed) { /* half an answer is worse than none */
        conn_close(c, true);
        return;
    }
    conn_set_phase(c, c->close_after ? CONN_FLUSH : CONN_IDLE);
    if (c->consuming)
        return;
    conn_flush(c);
    if (c->phase == CONN_CLOSED)
        return;
    if (c->in.n > 0)
        conn_schedule(c);
    conn_update_reading(c);
    finish_if_over(c);
}

void conn_reject(struct http_conn *c, int status)
{
    c->server->stats.rejected++;
    conn_buf_ready(c, &c->out);
    reply_reject(c->server, &c->out, status, c->head.method != HTTP_HEAD);
    c->close_after = true;
    conn_answered(c);
}
