/* Cookies and secrets of sessions. */
#include "khop/auth/session.h"

#include "auth_private.h"
#include "khop/auth/token.h"
#include "khop/base/enc.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define SECRET_BYTES  32
#define COOKIE_SECURE "__Host-sid"
#define COOKIE_PLAIN  "sid"
#define VISITOR_SECURE "__Host-pre"
#define VISITOR_PLAIN  "pre"
#define DEVICE_SECURE  "__Host-did"
#define DEVICE_PLAIN   "did"
#define DEVICE_YEAR    "; Max-Age=31536000"

static bool is_secure(const struct req *rq)
{
    return rq->secure || slice_starts(slice_of(auth_of(rq)->origin), SLICE("https://"));
}

bool auth_may_sign_in(const struct req *rq)
{
    return is_secure(rq) || rq->loopback;
}

int auth_secret_make(char secret[AUTH_SECRET_SIZE], uint8_t hash[SHA256_SIZE])
{
    uint8_t raw[SECRET_BYTES];
    struct buf text;
    int rc = crypto_random(raw, sizeof raw);

    if (rc < 0)
        return rc;
    buf_init(&text, AUTH_SECRET_SIZE);
    enc_base64url(&text, raw, sizeof raw);
    if (text.failed || text.n != AUTH_SECRET_SIZE - 1) {
        rc = RC_NOMEM;
    } else {
        memcpy(secret, text.p, text.n);
        secret[text.n] = '\0';
        rc = crypto_sha256((struct slice){ (const char *)raw, sizeof raw }, hash);
    }
    buf_release(&text);
    explicit_bzero(raw, sizeof raw);
    return rc;
}

int auth_secret_hash(struct slice secret, uint8_t hash[SHA256_SIZE])
{
    uint8_t raw[SECRET_BYTES];
    size_t n = 0;

    if (dec_base64url(secret, raw, sizeof raw, &n) < 0 || n != sizeof raw)
        return RC_UNAUTHORIZED;
    return crypto_sha256((struct slice){ (const char *)raw, sizeof raw }, hash);
}

/* The hash of a cookie of ours with a secret; RC_UNAUTHORIZED. */
static int cookie_hash(struct req *rq, const char *name, struct slice *hash)
{
    struct slice secret = req_cookie(rq, name);
    uint8_t *bytes;

    if (secret.p == NULL || !auth_may_sign_in(rq))
        return RC_UNAUTHORIZED;
    bytes = arena_alloc(rq->task.arena, SHA256_SIZE);
    if (bytes == NULL)
        return RC_NOMEM;
    int rc = auth_secret_hash(secret, bytes);

    if (rc < 0)
        return rc;
    *hash = (struct slice){ (const char *)bytes, SHA256_SIZE };
    return RC_OK;
}

int auth_session(struct req *rq, struct slice *hash)
{
    return cookie_hash(rq, is_secure(rq) ? COOKIE_SECURE : COOKIE_PLAIN, hash);
}

static void cookie_set(struct req *rq, const char *name, const char *value, bool secure, const char *more)
{
    char line[256];
    int n = snprintf(line, sizeof line, "%s=%s; Path=/%s; HttpOnly; SameSite=Lax%s", name, value, secure ? "; Secure" : "", more);

    if (n > 0 && (size_t)n < sizeof line)
        reply_header(rq, "Set-Cookie", (struct slice){ line, (size_t)n });
    explicit_bzero(line, sizeof line);
}

void auth_session_set(struct req *rq, const char *secret)
{
    bool secure = is_secure(rq);

    cookie_set(rq, secure ? COOKIE_SECURE : COOKIE_PLAIN, secret, secure, "");
}

void auth_session_clear(struct req *rq)
{
    bool secure = is_secure(rq);

    cookie_set(rq, secure ? COOKIE_SECURE : COOKIE_PLAIN, "", secure, "; Max-Age=0");
}

/* --- before signing in --- */

int auth_visitor(struct req *rq, struct slice *hash)
{
    bool secure = is_secure(rq);
    const char *name = secure ? VISITOR_SECURE : VISITOR_PLAIN;
    char secret[AUTH_SECRET_SIZE];
    uint8_t *bytes;
    int rc = cookie_hash(rq, name, hash);

    if (rc != RC_UNAUTHORIZED)
        return rc;
    bytes = arena_alloc(rq->task.arena, SHA256_SIZE);
    if (bytes == NULL)
        return RC_NOMEM;
    rc = auth_secret_make(secret, bytes);
    if (rc < 0)
        return rc;
    cookie_set(rq, name, secret, secure, "");
    *hash = (struct slice){ (const char *)bytes, SHA256_SIZE };
    return RC_OK;
}

/* --- known devices: user, random bytes, and the MAC of both --- */

struct device {
    uint8_t user[8], random[AUTH_DEVICE_SIZE], mac[SHA256_SIZE];
};

static int device_mac(const struct req *rq, const struct device *d, uint8_t mac[SHA512_SIZE])
{
    struct slice parts[] = { SLICE_INIT("device"), { (const char *)d->user, sizeof d->user }, { (const char *)d->random, sizeof d->random } };

    return mac_sign(auth_of(rq)->session_mac, parts, 3, mac);
}

int auth_device(struct req *rq, int64_t *user_id, struct slice *device)
{
    struct device *d = arena_alloc(rq->task.arena, sizeof *d);
    uint8_t mac[SHA512_SIZE];
    size_t n = 0;
    uint64_t id = 0;

    if (d == NULL)
        return RC_NOMEM;
    if (dec_base64url(req_cookie(rq, is_secure(rq) ? DEVICE_SECURE : DEVICE_PLAIN), (uint8_t *)d, sizeof *d, &n) < 0 || n != sizeof *d)
        return RC_UNAUTHORIZED;
    int rc = device_mac(rq, d, mac);

    if (rc < 0)
        return rc;
    if (!crypto_equal((struct slice){ (const char *)mac, SHA256_SIZE }, (struct slice){ (const char *)d->mac, SHA256_SIZE }))
        return RC_UNAUTHORIZED;
    for (size_t i = 0; i < sizeof d->user; i++)
        id = id << 8 | d->user[i];
    *user_id = (int64_t)id;
    *device = (struct slice){ (const char *)d->random, sizeof d->random };
    return RC_OK;
}

void auth_device_set(struct req *rq, int64_t user_id)
{
    bool secure = is_secure(rq);
    struct device d;
    uint8_t mac[SHA512_SIZE];
    struct buf text;

    for (size_t i = 0; i < sizeof d.user; i++)
        d.user[i] = (uint8_t)((uint64_t)user_id >> (8 * (sizeof d.user - 1 - i)));
    if (crypto_random(d.random, sizeof d.random) < 0 || device_mac(rq, &d, mac) < 0)
        return; /* it stays unknown, that is all */
    memcpy(d.mac, mac, sizeof d.mac);
    buf_init_arena(&text, rq->task.arena, 128);
    enc_base64url(&text, &d, sizeof d);
    if (!text.failed)
        cookie_set(rq, secure ? DEVICE_SECURE : DEVICE_PLAIN, text.p, secure, DEVICE_YEAR);
}
