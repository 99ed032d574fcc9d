/* What tls_server.c and tls_conn.c share. */
#ifndef KHOP_LIB_TLS_TLS_PRIVATE_H
#define KHOP_LIB_TLS_TLS_PRIVATE_H

#include "khop/tls/tls.h"
#include <openssl/bio.h>
#include <openssl/ssl.h>

struct tls_server {
    SSL_CTX *ctx;         /* of the newest certificate; each SSL keeps a reference to its own */
    BIO_METHOD *method;   /* moves bytes between an SSL and its tls_conn */
    char *cert_path, *key_path;
    int refs;             /* the owner and every connection */
};

/* The BIO of one connection; see tls_conn.c. NULL without memory. */
BIO_METHOD *tls_bio_method(void);
void tls_server_unref(struct tls_server *s);

#endif
