/* The plain text is: until when in seconds, the path, the body, each of the first two with a line end. */
#include "khop/auth/kept.h"

#include "auth_private.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define HEAD_MAX 1024 /* until when, and the path */

struct ad {
    char text[32];
    struct slice slice;
};

static void ad_make(struct ad *ad, int64_t user_id)
{
    int n = snprintf(ad->text, sizeof ad->text, "kept %lld", (long long)user_id);

    ad->slice = (struct slice){ ad->text, (size_t)n };
}

/* A key of its own, from the one that makes tokens of forms. */
static int key_make(const struct req *rq, uint8_t key[SHA512_SIZE])
{
    struct slice part = SLICE_INIT("fields kept through signing in");

    return mac_sign(auth_of(rq)->session_mac, &part, 1, key);
}

int auth_kept_seal(struct req *rq, int64_t user_id, const struct auth_kept *kept, int64_t now_s, struct slice *text)
{
    size_t room = kept->body.n + HEAD_MAX + SEAL_OVERHEAD, n = 0;
    uint8_t key[SHA512_SIZE], *sealed;
    struct buf plain, out;
    struct ad ad;
    int rc;

    if (kept->body.n > AUTH_KEPT_MAX)
        return RC_TOO_LARGE;
    sealed = arena_alloc(rq->task.arena, room);
    buf_init_arena(&plain, rq->task.arena, room);
    buf_init_arena(&out, rq->task.arena, room / 3 * 4 + 8);
    buf_printf(&plain, "%lld\n%.*s\n", (long long)(now_s + AUTH_KEPT_S), SLICE_FMT(kept->to));
    if (sealed == NULL || plain.failed)
        return RC_NOMEM;
    if (plain.n > HEAD_MAX)
        return RC_TOO_LARGE;
    buf_put_slice(&plain, kept->body);
    if (plain.failed)
        return RC_NOMEM;
    ad_make(&ad, user_id);
    rc = key_make(rq, key);
    if (rc == RC_OK)
        rc = crypto_seal(key, ad.slice, buf_slice(&plain), sealed, room, &n);
    explicit_bzero(key, sizeof key);
    if (rc < 0)
        return rc;
    enc_base64url(&out, sealed, n);
    *text = buf_slice(&out);
    return out.failed ? RC_NOMEM : RC_OK;
}

int auth_kept_open(struct req *rq, int64_t user_id, struct slice text, int64_t now_s, struct auth_kept *out)
{
    uint8_t key[SHA512_SIZE], *sealed, *plain;
    size_t nsealed = 0, nplain = 0;
    struct slice rest, until;
    struct ad ad;
    int64_t until_s;
    int rc;

    if (text.n > AUTH_KEPT_TEXT)
        return RC_UNAUTHORIZED;
    sealed = arena_alloc(rq->task.arena, text.n + 1);
    plain = arena_alloc(rq->task.arena, text.n + 1);
    if (sealed == NULL || plain == NULL)
        return RC_NOMEM;
    if (dec_base64url(text, sealed, text.n, &nsealed) < 0)
        return RC_UNAUTHORIZED;
    ad_make(&ad, user_id);
    rc = key_make(rq, key);
    if (rc == RC_OK)
        rc = crypto_open(key, ad.slice, (struct slice){ (const char *)sealed, nsealed }, plain, text.n, &nplain);
    explicit_bzero(key, sizeof key);
    if (rc < 0)
        return rc;
    rest = (struct slice){ (const char *)plain, nplain };
    until = slice_cut(&rest, '\n');
    out->to = slice_cut(&rest, '\n');
    out->body = rest;
    return num_parse(until, 0, INT64_MAX, false, &until_s) < 0 || until_s < now_s ? RC_UNAUTHORIZED : RC_OK;
}
