#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "harness.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "khop/base/banned.h"

#define H         "Host: h\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"

static char folder[64], cert_path[96], key_path[96];
static struct tls_server *tls;

/* ---- certificates made for the occasion ---- */

static EVP_PKEY *write_key(const char *path, const char *passphrase)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE *f = fopen(path, "w");

    assert_non_null(key);
    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, key, passphrase == NULL ? NULL : EVP_aes_128_cbc(), NULL, 0, NULL,
                                          (void *)(uintptr_t)passphrase),
                     1);
    fclose(f);
    return key;
}

static void write_cert(const char *path, EVP_PKEY *key, const char *name)
{
    X509 *x = X509_new();
    X509_NAME *subject = X509_get_subject_name(x);
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(x, subject);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509(f, x), 1);
    fclose(f);
    X509_free(x);
}

static void write_pair(const char *name)
{
    EVP_PKEY *key = write_key(key_path, NULL);

    write_cert(cert_path, key, name);
    EVP_PKEY_free(key);
}

static void with_tls(struct http_config *config)
{
    config->tls = tls;
    config->limits.write_ms = 1000;
}

static int start(void **state)
{
    const char *why = NULL;

    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/khop-tls-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(cert_path, sizeof cert_path, "%s/cert.pem", folder);
    (void)snprintf(key_path, sizeof key_path, "%s/key.pem", folder);
    write_pair("first");
    tls = tls_server_new(cert_path, key_path, &why);
    assert_non_null(tls);
    site_start(with_tls);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    site_stop();
    tls_server_free(tls);
    unlink(cert_path);
    unlink(key_path);
    rmdir(folder);
    return 0;
}

/* ---- a client ---- */

struct secure {
    struct client c;
    SSL_CTX *ctx;
    SSL *ssl;
};

static void secure_init(struct secure *s, int min, int max)
{
    client_open(&s->c);
    s->ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(s->ctx, 0);
    SSL_CTX_set_min_proto_version(s->ctx, min);
    SSL_CTX_set_max_proto_version(s->ctx, max);
    SSL_CTX_set_mode(s->ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    s->ssl = SSL_new(s->ctx);
    SSL_set_fd(s->ssl, s->c.fd);
    SSL_set_connect_state(s->ssl);
}

static void secure_close(struct secure *s)
{
    SSL_free(s->ssl);
    SSL_CTX_free(s->ctx);
    client_close(&s->c);
    ERR_clear_error();
}

/* True while the call that returned `rc` should be tried again after a turn of the loop. */
static bool again(struct secure *s, int rc)
{
    int error = SSL_get_error(s->ssl, rc);

    ERR_clear_error();
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        return false;
    (void)loop_turn(site.loop, 2);
    return true;
}

static bool handshake(struct secure *s)
{
    for (int64_t end = now_ms() + 2000; now_ms() < end;) {
        int rc = SSL_do_handshake(s->ssl);

        if (rc == 1)
            return true;
        if (!again(s, rc))
            return false;
    }
    return false;
}

static bool secure_send(struct secure *s, const char *bytes, size_t n)
{
    for (int64_t end = now_ms() + 5000; n > 0 && now_ms() < end;) {
        size_t done = 0;
        int rc = SSL_write_ex(s->ssl, bytes, n < 16384 ? n : 16384, &done);

        bytes += done;
        n -= done;
        if (rc != 1 && !again(s, rc))
            return false;
    }
    return n == 0;
}

static bool secure_answer(struct secure *s, struct answer *a, int64_t ms)
{
    memset(a, 0, sizeof *a);
    for (int64_t end = now_ms() + ms; now_ms() < end;) {
        char *room = buf_room(&s->c.in, 65536);
        size_t n = 0;
        int rc = SSL_read_ex(s->ssl, room, 65536, &n);

        s->c.in.n += n;
        if (client_take(&s->c, a, false))
            return true;
        if (rc != 1 && !again(s, rc))
            return false;
    }
    return false;
}

static void secure_expect(struct secure *s, const char *request, const char *body)
{
    struct answer a;

    assert_true(secure_send(s, request, strlen(request)));
    if (!secure_answer(s, &a, 2000))
        fail_msg("no answer to %.40s", request);
    assert_int_equal(a.status, 200);
    answer_check(&a);
    assert_true(slice_is(a.body, body));
    answer_release(&a);
}

static const char *peer_name(struct secure *s)
{
    static char name[64];
    X509 *x = SSL_get1_peer_certificate(s->ssl);

    assert_non_null(x);
    X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, name, sizeof name);
    X509_free(x);
    return name;
}

/* ---- tests ---- */

static void versions(void **state)
{
    static const struct {
        int version;
        bool good;
    } cases[] = {
        { TLS1_3_VERSION, true }, { TLS1_2_VERSION, true }, { TLS1_1_VERSION, false }, { TLS1_VERSION, false }
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct secure s;

        secure_init(&s, cases[i].version, cases[i].version);
        if (handshake(&s) != cases[i].good)
            fail_msg("version %x", (unsigned)cases[i].version);
        if (cases[i].good) {
            const SSL_CIPHER *cipher = SSL_get_current_cipher(s.ssl);

            assert_int_equal(SSL_version(s.ssl), cases[i].version);
            assert_true(SSL_CIPHER_is_aead(cipher));
            secure_expect(&s, GET("/who"), "127.0.0.1 1 1");
            secure_expect(&s, GET("/a"), "a");
            assert_int_equal(SSL_session_reused(s.ssl), 0);
            assert_false(SSL_SESSION_has_ticket(SSL_get_session(s.ssl)));
        }
        secure_close(&s);
        site_run(5);
    }
}

/* No suite without forward secrecy or without AEAD. */
static void suites(void **state)
{
    static const char *const refused[] = { "AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
                                           "AES256-SHA", "DHE-RSA-AES128-GCM-SHA256" };

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct secure s;

        secure_init(&s, TLS1_2_VERSION, TLS1_2_VERSION);
        assert_int_equal(SSL_set_cipher_list(s.ssl, refused[i]), 1);
        if (handshake(&s))
            fail_msg("%s was accepted", refused[i]);
        secure_close(&s);
    }
}

static void alpn(void **state)
{
    static const unsigned char both[] = "\x02h2\x08http/1.1", only_h2[] = "\x02h2";
    const unsigned char *chosen;
    unsigned int n;
    struct secure s;

    (void)state;
    secure_init(&s, TLS1_3_VERSION, TLS1_3_VERSION);
    SSL_set_alpn_protos(s.ssl, both, sizeof both - 1);
    assert_true(handshake(&s));
    SSL_get0_alpn_selected(s.ssl, &chosen, &n);
    assert_int_equal(n, 8);
    assert_memory_equal(chosen, "http/1.1", 8);
    secure_expect(&s, GET("/a"), "a");
    secure_close(&s);
    secure_init(&s, TLS1_3_VERSION, TLS1_3_VERSION);
    SSL_set_alpn_protos(s.ssl, only_h2, sizeof only_h2 - 1);
    assert_false(handshake(&s));
    secure_close(&s);
}

static void renegotiation(void **state)
{
    struct secure s;

    (void)state;
    secure_init(&s, TLS1_2_VERSION, TLS1_2_VERSION);
    assert_true(handshake(&s));
    secure_expect(&s, GET("/a"), "a");
    assert_int_equal(SSL_renegotiate(s.ssl), 1);
    assert_false(handshake(&s) && secure_send(&s, "x", 1)); /* refused by an alert */
    secure_close(&s);
}

static void bodies_and_pipelining(void **state)
{
    static char large[3 << 20];
    struct secure s;
    struct answer a;
    size_t n = 200000;
    char *request = malloc(n + 200);

    (void)state;
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i % 13);
    site.large = (struct slice){ large, sizeof large };
    secure_init(&s, TLS1_3_VERSION, TLS1_3_VERSION);
    assert_true(handshake(&s));
    assert_true(secure_send(&s, GET("/large") GET("/items/1") GET("/large") GET("/items/2"),
                            strlen(GET("/large")) * 2 + strlen(GET("/items/1")) * 2));
    for (int i = 0; i < 2; i++) {
        assert_true(secure_answer(&s, &a, 5000));
        assert_int_equal(a.body.n, sizeof large);
        assert_memory_equal(a.body.p, large, sizeof large);
        answer_release(&a);
        assert_true(secure_answer(&s, &a, 1000));
        assert_true(slice_is(a.body, i == 0 ? "1" : "2"));
        answer_release(&a);
    }
    int head = snprintf(request, 200, "POST /post HTTP/1.1\r\n" H "Content-Length: %zu\r\n\r\n", n);

    memcpy(request + head, large, n);
    assert_true(secure_send(&s, request, (size_t)head + n));
    assert_true(secure_answer(&s, &a, 2000));
    assert_int_equal(a.body.n, n);
    assert_memory_equal(a.body.p, large, n);
    answer_release(&a);
    assert_int_equal(SSL_key_update(s.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    secure_expect(&s, GET("/a"), "a");
    free(request);
    secure_close(&s);
}

/* A new certificate without a restart: connections keep theirs; a bad file changes nothing. */
static void reload(void **state)
{
    struct secure old, fresh;
    const char *why = NULL;
    FILE *f;

    (void)state;
    secure_init(&old, TLS1_2_VERSION, TLS1_3_VERSION);
    assert_true(handshake(&old));
    assert_string_equal(peer_name(&old), "first");
    write_pair("second");
    assert_int_equal(tls_server_reload(tls, &why), RC_OK);
    secure_expect(&old, GET("/a"), "a");
    secure_init(&fresh, TLS1_2_VERSION, TLS1_3_VERSION);
    assert_true(handshake(&fresh));
    assert_string_equal(peer_name(&fresh), "second");
    secure_close(&fresh);

    f = fopen(cert_path, "w");
    fputs("not a certificate\n", f);
    fclose(f);
    assert_int_equal(tls_server_reload(tls, &why), RC_IO);
    assert_non_null(strstr(why, cert_path));
    secure_init(&fresh, TLS1_2_VERSION, TLS1_3_VERSION);
    assert_true(handshake(&fresh));
    assert_string_equal(peer_name(&fresh), "second");
    secure_expect(&fresh, GET("/a"), "a");
    secure_close(&fresh);
    secure_close(&old);
}

static void bad_files(void **state)
{
    const char *why = NULL;
    EVP_PKEY *key;

    (void)state;
    assert_null(tls_server_new("/nonexistent/cert.pem", key_path, &why));
    assert_non_null(strstr(why, "/nonexistent/cert.pem"));
    key = write_key(key_path, NULL); /* of another certificate */
    assert_null(tls_server_new(cert_path, key_path, &why));
    assert_non_null(strstr(why, key_path));
    EVP_PKEY_free(key);
    key = write_key(key_path, "secret"); /* would ask on the terminal */
    write_cert(cert_path, key, "locked");
    assert_null(tls_server_new(cert_path, key_path, &why));
    EVP_PKEY_free(key);
}

static void plain_on_the_tls_port(void **state)
{
    struct client c;
    struct secure s;

    (void)state;
    client_open(&c);
    client_say(&c, GET("/a"));
    assert_true(client_closed(&c, 1000));
    assert_true(c.in.n == 0 || memcmp(c.in.p, "HTTP", 4) != 0);
    client_close(&c);
    client_open(&c); /* half a hello, then gone */
    client_send(&c, "\x16\x03\x01\x02\x00\x01", 6);
    site_run(5);
    client_close(&c);
    site_run(5);
    secure_init(&s, TLS1_3_VERSION, TLS1_3_VERSION); /* the errors of others leave no trace */
    assert_true(handshake(&s));
    secure_expect(&s, GET("/a"), "a");
    secure_close(&s);
}

/* close_notify ends our reading; the answer that is owed still comes, then ours. */
static void says_goodbye(void **state)
{
    struct secure s;
    struct answer a;
    char byte;
    size_t n;
    int rc;

    (void)state;
    secure_init(&s, TLS1_3_VERSION, TLS1_3_VERSION);
    assert_true(handshake(&s));
    assert_true(secure_send(&s, GET("/park"), strlen(GET("/park"))));
    site_run(5);
    assert_int_equal(SSL_shutdown(s.ssl), 0);
    site_run(5);
    assert_true(site_wake(RC_OK));
    assert_true(secure_answer(&s, &a, 1000));
    assert_true(slice_is(a.body, "parked"));
    answer_release(&a);
    do {
        rc = SSL_read_ex(s.ssl, &byte, 1, &n);
    } while (rc != 1 && SSL_get_error(s.ssl, rc) == SSL_ERROR_WANT_READ && loop_turn(site.loop, 2) == RC_OK);
    assert_int_equal(SSL_get_error(s.ssl, rc), SSL_ERROR_ZERO_RETURN);
    secure_close(&s);
}

static void every_byte_alone(void **state)
{
    struct secure s;
    struct answer a;
    const char *request = "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

    (void)state;
    secure_init(&s, TLS1_2_VERSION, TLS1_2_VERSION);
    assert_true(handshake(&s));
    for (size_t i = 0; i < strlen(request); i++)
        assert_true(secure_send(&s, request + i, 1));
    assert_true(secure_answer(&s, &a, 1000));
    assert_true(slice_is(a.body, "hello"));
    answer_release(&a);
    secure_close(&s);
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(versions),
        T(suites),
        T(alpn),
        T(renegotiation),
        T(bodies_and_pipelining),
        T(reload),
        T(bad_files),
        T(plain_on_the_tls_port),
        T(says_goodbye),
        T(every_byte_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
