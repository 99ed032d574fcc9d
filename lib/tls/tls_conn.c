/* One connection over memory. The SSL's BIO reads from the slice and writes to the buffer that the current call was
 * given; outside a call both are absent. An end of the socket never reaches OpenSSL (the BIO only ever says "not now"),
 * so what 3.0 reports as SSL_R_UNEXPECTED_EOF_WHILE_READING cannot arise: requests are framed by length, truncation
 * shows there. */
#include "tls_private.h"
#include <openssl/err.h>
#include <stdlib.h>
#include "khop/base/banned.h"

struct tls_conn {
    SSL *ssl;
    struct tls_server *server;
    struct slice wire;
    struct buf *out;
    bool ended, failed;
};

static int bio_read(BIO *bio, char *to, size_t n, size_t *got)
{
    struct tls_conn *c = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (c->wire.n == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    *got = n < c->wire.n ? n : c->wire.n;
    memcpy(to, c->wire.p, *got);
    c->wire = slice_sub(c->wire, *got, c->wire.n);
    return 1;
}

static int bio_write(BIO *bio, const char *from, size_t n, size_t *put)
{
    struct tls_conn *c = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    buf_put(c->out, from, n);
    if (c->out->failed)
        return 0;
    *put = n;
    return 1;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH; /* nothing is held back; everything else is not for us */
}

BIO_METHOD *tls_bio_method(void)
{
    BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "khop memory");

    if (m != NULL && BIO_meth_set_read_ex(m, bio_read) == 1 && BIO_meth_set_write_ex(m, bio_write) == 1 &&
        BIO_meth_set_ctrl(m, bio_ctrl) == 1)
        return m;
    BIO_meth_free(m);
    return NULL;
}

struct tls_conn *tls_accept(struct tls_server *s)
{
    struct tls_conn *c = calloc(1, sizeof *c);
    BIO *bio;

    if (c == NULL)
        return NULL;
    ERR_clear_error();
    c->ssl = SSL_new(s->ctx);
    bio = BIO_new(s->method);
    if (c->ssl == NULL || bio == NULL) {
        BIO_free(bio);
        SSL_free(c->ssl);
        free(c);
        ERR_clear_error();
        return NULL;
    }
    BIO_set_data(bio, c);
    BIO_set_init(bio, 1);
    SSL_set_bio(c->ssl, bio, bio); /* one reference serves both directions */
    SSL_set_accept_state(c->ssl);
    c->server = s;
    s->refs++;
    return c;
}

void tls_conn_free(struct tls_conn *c)
{
    if (c == NULL)
        return;
    SSL_free(c->ssl);
    tls_server_unref(c->server);
    free(c);
}

/* After a call that did not succeed; leaves the error queue empty, for the next connection's sake. */
static int outcome(struct tls_conn *c, int result)
{
    int error = SSL_get_error(c->ssl, result);

    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ)
        return RC_OK;
    if (error == SSL_ERROR_ZERO_RETURN) {
        c->ended = true;
        return RC_OK;
    }
    c->failed = true;
    return RC_IO;
}

int tls_read(struct tls_conn *c, struct slice *wire, char *plain, size_t cap, size_t *n, struct buf *out)
{
    *n = 0;
    if (c->failed)
        return RC_IO;
    if (c->ended) {
        *wire = slice_sub(*wire, wire->n, 0);
        return RC_OK;
    }
    c->wire = *wire;
    c->out = out;
    ERR_clear_error();

    int result = SSL_read_ex(c->ssl, plain, cap, n);
    int rc = result == 1 ? RC_OK : outcome(c, result);

    *wire = c->ended ? slice_sub(c->wire, c->wire.n, 0) : c->wire;
    c->wire = (struct slice){ NULL, 0 };
    c->out = NULL;
    return rc;
}

int tls_write(struct tls_conn *c, struct slice plain, struct buf *out)
{
    int rc = RC_OK;

    if (c->failed)
        return RC_IO;
    if (!SSL_is_init_finished(c->ssl))
        return RC_BUSY;
    c->out = out;
    ERR_clear_error();
    while (plain.n > 0 && rc == RC_OK) {
        size_t done = 0;
        int result = SSL_write_ex(c->ssl, plain.p, plain.n, &done);

        plain = slice_sub(plain, done, plain.n);
        if (result == 1)
            continue;
        rc = outcome(c, result);
        if (out->failed)
            rc = RC_NOMEM;
        else if (rc == RC_OK) /* the BIO takes everything, so a finished handshake cannot want anything */
            rc = RC_IO;
    }
    c->out = NULL;
    return rc;
}

bool tls_ended(const struct tls_conn *c)
{
    return c->ended;
}

void tls_close(struct tls_conn *c, struct buf *out)
{
    if (c->failed || !SSL_is_init_finished(c->ssl))
        return;
    c->out = out;
    ERR_clear_error();
    (void)SSL_shutdown(c->ssl);
    ERR_clear_error();
    c->out = NULL;
}

