/* Whether a request was sent by our own pages. */
#include "khop/auth/session.h"

#include "auth_private.h"
#include "khop/base/enc.h"

#include "khop/base/banned.h"

bool auth_from_ours(const struct req *rq)
{
    struct slice site = req_header(rq, "Sec-Fetch-Site"), origin = req_header(rq, "Origin"), rest = origin, host;

    if (req_header_count(rq, "Sec-Fetch-Site") > 1 || req_header_count(rq, "Origin") > 1)
        return false;
    if (site.p != NULL)
        return slice_is(site, "same-origin");
    if (origin.p == NULL || slice_is(origin, auth_of(rq)->origin))
        return true;
    /* A server that is reached by a second name: the address of the page that was shown is then our own. */
    host = req_header(rq, "Host");
    if (slice_starts(rest, SLICE("https://")))
        rest = slice_sub(rest, 8, rest.n);
    else if (!rq->secure && slice_starts(rest, SLICE("http://")))
        rest = slice_sub(rest, 7, rest.n);
    else
        return false;
    return host.n > 0 && slice_eq_nocase(rest, host);
}

int auth_csrf_make(const struct req *rq, struct slice session_hash, const char *form, char out[AUTH_CSRF_SIZE])
{
    struct slice parts[] = { session_hash, { "", 1 }, slice_of(form) };
    uint8_t mac[SHA512_SIZE];
    struct buf text;
    int rc = mac_sign(auth_of(rq)->session_mac, parts, 3, mac);

    if (rc < 0)
        return rc;
    buf_init(&text, AUTH_CSRF_SIZE);
    enc_base64url(&text, mac, SHA256_SIZE);
    if (text.failed || text.n != AUTH_CSRF_SIZE - 1) {
        rc = RC_NOMEM;
    } else {
        memcpy(out, text.p, text.n);
        out[text.n] = '\0';
    }
    buf_release(&text);
    return rc;
}

int auth_csrf_check(const struct req *rq, struct slice session_hash, const char *form, struct slice token)
{
    char right[AUTH_CSRF_SIZE];
    int rc;

    if (!auth_from_ours(rq))
        return RC_FORBIDDEN;
    if (token.p == NULL && req_header_count(rq, "X-CSRF-Token") == 1)
        token = req_header(rq, "X-CSRF-Token");
    rc = auth_csrf_make(rq, session_hash, form, right);
    if (rc < 0)
        return rc;
    return crypto_equal(token, slice_of(right)) ? RC_OK : RC_FORBIDDEN;
}
