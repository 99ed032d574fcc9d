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

int auth_session(struct req *rq, struct slice *hash)
{
    struct slice secret = req_cookie(rq, is_secure(rq) ? COOKIE_SECURE : COOKIE_PLAIN);
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

int auth_caller(struct req *rq, struct slice *hash, bool *session)
{
    *session = req_header_count(rq, "Authorization") == 0;
    return *session ? auth_session(rq, hash) : auth_bearer(rq, hash);
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
