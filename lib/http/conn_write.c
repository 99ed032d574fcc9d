/* Plain bytes to the socket. `out` collects answers; with TLS they pass through `wire` in pieces. */
#include "http_private.h"
#include <errno.h>
#include "khop/base/banned.h"

#define TLS_PIECE    65536
#define KEEP_BUF_MAX 65536 /* a write buffer larger than this does not go back to the pool */
#define COMPACT_MIN  65536

void conn_buf_ready(struct http_conn *c, struct buf *b)
{
    struct http_server *s = c->server;

    if (b->p == NULL && s->nbufs > 0)
        *b = s->bufs[--s->nbufs];
}

static void give_back(struct http_server *s, struct buf *b)
{
    if (b->cap > 0 && b->cap <= KEEP_BUF_MAX && !b->failed && !s->closed &&
        s->nbufs < sizeof s->bufs / sizeof s->bufs[0]) {
        buf_clear(b);
        s->bufs[s->nbufs++] = *b;
        buf_init(b, REPLY_MAX);
    } else {
        buf_release(b);
    }
}

void conn_out_release(struct http_conn *c)
{
    give_back(c->server, &c->out);
    give_back(c->server, &c->wire);
    c->out_sent = c->wire_sent = 0;
}

/* Sends from *sent on. 1: all is out, 0: the socket takes no more now, -1: the connection has gone. */
static int send_some(struct http_conn *c, struct buf *b, size_t *sent)
{
    while (*sent < b->n) {
        ssize_t n = send(c->fd, b->p + *sent, b->n - *sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? 0 : -1;
        *sent += (size_t)n;
        c->write_deadline = server_now(c->server) + c->server->limits.write_ms;
    }
    b->n = *sent = 0;
    return 1;
}

static int send_tls(struct http_conn *c)
{
    for (;;) {
        int rc = send_some(c, &c->wire, &c->wire_sent);

        if (rc <= 0)
            return rc;
        if (c->out_sent == c->out.n)
            break;

        struct slice piece = slice_sub(buf_slice(&c->out), c->out_sent, TLS_PIECE);

        conn_buf_ready(c, &c->wire);
        if (tls_write(c->tls, piece, &c->wire) < 0)
            return -1;
        c->out_sent += piece.n;
    }
    c->out.n = c->out_sent = 0;
    return 1;
}

/* Keeps a long-lived buffer from growing over what is unsent; each byte moves at most once per byte sent. */
static void compact(struct buf *b, size_t *sent)
{
    if (*sent < COMPACT_MIN || *sent < b->n - *sent)
        return;
    memmove(b->p, b->p + *sent, b->n - *sent);
    b->n -= *sent;
    *sent = 0;
}

static void wait_writable(struct http_conn *c)
{
    compact(&c->out, &c->out_sent);
    if (c->write_deadline == 0)
        c->write_deadline = server_now(c->server) + c->server->limits.write_ms;
    if (!c->kept) {
        c->kept = true;
        loop_keep(c->server->loop, 1);
    }
    if (c->blocked)
        return;
    c->blocked = true;
    if (event_add(&c->wr, NULL) != 0)
        conn_close(c, true);
}

/* Goodbye: our side is closed; the client gets a while to read the answer, for a close with unread bytes in the socket
 * would reset the connection and could take the answer with it. */
static void say_goodbye(struct http_conn *c)
{
    if (c->tls != NULL) {
        tls_close(c->tls, &c->wire);
        if (send_some(c, &c->wire, &c->wire_sent) < 0) {
            conn_close(c, false);
            return;
        }
    }
    if (c->eof || shutdown(c->fd, SHUT_WR) < 0) {
        conn_close(c, false);
        return;
    }
    conn_set_phase(c, CONN_LINGER);
    conn_update_reading(c);
}

static void all_sent(struct http_conn *c)
{
    conn_out_release(c);
    c->write_deadline = 0;
    if (c->blocked)
        (void)event_del(&c->wr);
    c->blocked = false;
    if (c->kept)
        loop_keep(c->server->loop, -1);
    c->kept = false;
    if (c->phase == CONN_FLUSH) {
        say_goodbye(c);
    } else if (c->phase == CONN_IDLE) {
        c->deadline = server_now(c->server) + c->server->limits.idle_ms;
        if (c->in.n > 0) /* it may have waited for this */
            conn_schedule(c);
    }
}

void conn_flush(struct http_conn *c)
{
    if (c->phase == CONN_CLOSED)
        return;
    if (conn_unsent(c) == 0) {
        if (c->phase == CONN_FLUSH)
            all_sent(c);
        pieces_resume(c);
        return;
    }

    int rc = c->tls != NULL ? send_tls(c) : send_some(c, &c->out, &c->out_sent);

    if (rc < 0)
        conn_close(c, false);
    else if (rc == 0)
        wait_writable(c);
    else
        all_sent(c);
    pieces_resume(c);
}

void conn_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    conn_flush(arg);
}
