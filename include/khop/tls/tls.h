/* TLS 1.2/1.3 for the server side, and contexts whose certificate can be replaced while serving. Connections keep the
 * context they started with. Works over memory buffers: the caller moves bytes, this turns them; no socket here. */
#ifndef KHOP_TLS_TLS_H
#define KHOP_TLS_TLS_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

struct tls_server;
struct tls_conn;

/* PEM files: certificate chain, key. NULL on failure with a plain sentence in *why (constant or owned by the module until
 * the next call). */
struct tls_server *tls_server_new(const char *cert_path, const char *key_path, const char **why);
/* Reads the files again; on failure the old certificate stays. */
int tls_server_reload(struct tls_server *s, const char **why) RC_MUST;
void tls_server_free(struct tls_server *s); /* freed when its last connection has gone */

#endif
