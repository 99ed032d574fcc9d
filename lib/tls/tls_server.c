/* Contexts: one per certificate that is or was current. */
#include "tls_private.h"
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include "khop/base/banned.h"

/* TLS 1.2; the suites of 1.3 are all ECDHE with AEAD. */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"
static char tls_groups[] = "X25519:P-256:P-384"; /* not const: the macro that takes it casts const away */

static const unsigned char alpn_http11[] = "\x08http/1.1";

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_n, const unsigned char *in,
                       unsigned int in_n, void *arg)
{
    unsigned char *chosen;

    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, out_n, alpn_http11, sizeof alpn_http11 - 1, in, in_n) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* A key with a passphrase is refused: the default would ask on the terminal and block the loop. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

static bool configure(SSL_CTX *ctx)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(ctx,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    return SSL_CTX_set_num_tickets(ctx, 0) == 1 && SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 && SSL_CTX_set_max_early_data(ctx, 0) == 1 &&
           SSL_CTX_set_cipher_list(ctx, TLS12_CIPHERS) == 1 && SSL_CTX_set1_groups_list(ctx, tls_groups) == 1;
}

/* "what: path (OpenSSL's reason)" in a place that lasts until the next failure. */
static int refuse(const char **why, const char *what, const char *path)
{
    static char text[512];
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    (void)snprintf(text, sizeof text, "%s: %s%s%s%s", what, path, reason == NULL ? "" : " (",
                   reason == NULL ? "" : reason, reason == NULL ? "" : ")");
    *why = text;
    ERR_clear_error();
    return RC_IO;
}

static int load(SSL_CTX *ctx, const struct tls_server *s, const char **why)
{
    if (!configure(ctx))
        return refuse(why, "the TLS library refuses our settings", s->cert_path);
    if (SSL_CTX_use_certificate_chain_file(ctx, s->cert_path) != 1)
        return refuse(why, "the certificate cannot be used", s->cert_path);
    if (SSL_CTX_use_PrivateKey_file(ctx, s->key_path, SSL_FILETYPE_PEM) != 1)
        return refuse(why, "the key cannot be used", s->key_path);
    if (SSL_CTX_check_private_key(ctx) != 1)
        return refuse(why, "the key does not belong to the certificate", s->key_path);
    return RC_OK;
}

int tls_server_reload(struct tls_server *s, const char **why)
{
    ERR_clear_error();

    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (ctx == NULL) {
        (void)refuse(why, "no memory for TLS", s->cert_path);
        return RC_NOMEM;
    }

    int rc = load(ctx, s, why);

    if (rc < 0) {
        SSL_CTX_free(ctx);
        return rc;
    }
    SSL_CTX_free(s->ctx);
    s->ctx = ctx;
    return RC_OK;
}

struct tls_server *tls_server_new(const char *cert_path, const char *key_path, const char **why)
{
    struct tls_server *s = calloc(1, sizeof *s);

    *why = "no memory for TLS";
    if (s == NULL)
        return NULL;
    s->refs = 1;
    s->cert_path = strdup(cert_path);
    s->key_path = strdup(key_path);
    s->method = tls_bio_method();
    if (s->cert_path == NULL || s->key_path == NULL || s->method == NULL || tls_server_reload(s, why) < 0) {
        tls_server_unref(s);
        return NULL;
    }
    return s;
}

void tls_server_unref(struct tls_server *s)
{
    if (--s->refs > 0)
        return;
    SSL_CTX_free(s->ctx);
    BIO_meth_free(s->method);
    free(s->cert_path);
    free(s->key_path);
    free(s);
}

void tls_server_free(struct tls_server *s)
{
    if (s != NULL)
        tls_server_unref(s);
}
