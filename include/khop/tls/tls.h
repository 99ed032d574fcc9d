/* TLS 1.2/1.3 for the server side, and contexts whose certificate can be replaced while serving. Connections keep the
 * context they started with. Works over memory buffers: the caller moves bytes, this turns them; no socket here.
 *
 * What is offered (security.md §3): ECDHE with AEAD only; no compression, renegotiation, session cache, tickets or 0-RTT;
 * ALPN http/1.1, and a client that offers ALPN without it is refused. */
#ifndef KHOP_TLS_TLS_H
#define KHOP_TLS_TLS_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

struct tls_server;
struct tls_conn;

/* PEM files: certificate chain, key. NULL on failure with a plain sentence in *why (constant or owned by the module until
 * the next call). */
struct tls_server *tls_server_new(const char *cert_path, const char *key_path, const char **why);
/* Reads the files again; on failure (RC_IO, RC_NOMEM) the old certificate stays. */
int tls_server_reload(struct tls_server *s, const char **why) RC_MUST;
void tls_server_free(struct tls_server *s); /* freed when its last connection has gone; accepts NULL */

/* The server's side of a new connection, with the certificate of this moment. NULL without memory. */
struct tls_conn *tls_accept(struct tls_server *s);
void tls_conn_free(struct tls_conn *c); /* accepts NULL */

/* Takes what the peer sent from the front of *wire, puts plain bytes to plain[0 … cap), their number to *n, and appends to
 * `out` what must be sent to the peer (handshake, alerts). To be called until *n is 0: then all of *wire is used. RC_IO: the
 * connection has failed, send what `out` holds and close. */
int tls_read(struct tls_conn *c, struct slice *wire, char *plain, size_t cap, size_t *n, struct buf *out) RC_MUST;
/* Appends all of `plain` to `out` as records. RC_BUSY before the handshake is complete, RC_NOMEM when `out` is full. */
int tls_write(struct tls_conn *c, struct slice plain, struct buf *out) RC_MUST;
/* The peer has said that it sends no more (close_notify). */
bool tls_ended(const struct tls_conn *c);
/* Says the same to the peer; nothing after a failure. */
void tls_close(struct tls_conn *c, struct buf *out);
/* "TLSv1.3"; for the log. */

#endif
