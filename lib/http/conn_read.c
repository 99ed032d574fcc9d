/* Socket to plain bytes. */
#include "http_private.h"
#include <errno.h>
#include "khop/base/banned.h"

static bool wants_bytes(const struct http_conn *c)
{
    if (c->eof)
        return false;
    switch (c->phase) {
    case CONN_BUSY:
        return c->in.n < CONN_WAIT_BYTES && c->in_heads < CONN_WAIT_HEADS;
    case CONN_IDLE: /* what waits here waits for the client to take its answers */
    case CONN_BODY:
        return c->in.n < CONN_WAIT_BYTES;
    case CONN_HEAD:
    case CONN_STREAM:
    case CONN_FLUSH:
    case CONN_LINGER:
        return true;
    case CONN_CLOSED:
        break;
    }
    return false;
}

void conn_update_reading(struct http_conn *c)
{
    bool wanted = wants_bytes(c);

    if (wanted == c->reading)
        return;
    c->reading = wanted;
    if (!wanted)
        (void)event_del(&c->rd);
    else if (event_add(&c->rd, NULL) != 0)
        conn_close(c, true);
}

/* Records to bytes. One recv holds whole records and the parts of two, so this ends. OpenSSL reads no further than the
 * record at hand, and `plain` takes a whole one: when the bytes are used up it has nothing more to give. */
static void read_tls(struct http_conn *c, struct slice wire)
{
    struct http_server *s = c->server;
    size_t n;

    if (c->tls == NULL) /* made at the first byte: who only connects costs nothing */
        c->tls = tls_accept(s->config.tls);
    if (c->tls == NULL) {
        conn_close(c, true);
        return;
    }

    do {
        conn_buf_ready(c, &c->wire);

        int rc = tls_read(c->tls, &wire, s->plain, sizeof s->plain, &n, &c->wire);

        if (rc < 0 || c->wire.failed) {
            conn_flush(c); /* the alert, if there is one */
            conn_close(c, false);
            return;
        }
        if (n > 0)
            conn_feed(c, (struct slice){ s->plain, n });
    } while (n > 0 && wire.n > 0 && c->phase != CONN_CLOSED);
    if (c->phase == CONN_CLOSED)
        return;
    if (c->wire.n > c->wire_sent)
        conn_flush(c);
    if (c->phase != CONN_CLOSED && tls_ended(c->tls))
        conn_eof(c);
}

void conn_readable(evutil_socket_t fd, short what, void *arg)
{
    struct http_conn *c = arg;
    struct http_server *s = c->server;
    ssize_t n = recv((int)fd, s->wire, sizeof s->wire, 0);

    (void)what;
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            conn_close(c, false);
        return;
    }
    server_clock_hold(s);
    if (n == 0)
        conn_eof(c);
    else if (s->config.tls != NULL)
        read_tls(c, (struct slice){ s->wire, (size_t)n });
    else
        conn_feed(c, (struct slice){ s->wire, (size_t)n });
    server_clock_drop(s);
}
