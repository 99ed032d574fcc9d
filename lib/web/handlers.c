#include "handlers.h"

#include "khop/api/json.h"
#include "khop/api/problem.h"
#include "khop/base/log.h"
#include "khop/flow/flow.h"
#include "khop/web/desk.h"
#include "khop/web/pages.h"
#include "khop/web/web.h"

#include <string.h>

#include "khop/base/banned.h"

int web_token(struct req *rq, int32_t *bucket, struct slice *random)
{
    uint8_t *bytes = arena_alloc(rq->task.arena, TOKEN_RANDOM_SIZE);

    if (bytes == NULL)
        return RC_NOMEM;
    if (token_parse(rq->params[0], bucket, bytes) < 0)
        return RC_NOT_FOUND;
    *random = (struct slice){ (char *)bytes, TOKEN_RANDOM_SIZE };
    return RC_OK;
}

/* ?lang=vi|en, else what the browser asks for. */
static const char *language(struct req *rq)
{
    struct slice lang;

    if (req_query(rq, "lang", &lang) == RC_OK) {
        if (slice_is(lang, "en"))
            return "en";
        if (slice_is(lang, "vi"))
            return "vi";
    }
    return req_language(rq);
}

/* Renders and answers; takes the document's reference (NULL: there was no memory). */
static int reply_page(struct req *rq, int status, json_t *doc, const char *lang, int (*page)(const json_t *, const char *, struct buf *))
{
    struct buf out;
    int rc;

    if (doc == NULL)
        return RC_NOMEM;
    buf_init(&out, WEB_PAGE_MAX);
    rc = page(doc, lang, &out);
    json_decref(doc);
    if (rc == RC_OK) {
        reply_header(rq, "Vary", SLICE("Accept, Accept-Language"));
        reply_header(rq, "Content-Language", slice_of(lang));
        rc = reply(rq, status, "text/html; charset=utf-8", buf_slice(&out));
    }
    buf_release(&out);
    return rc;
}

int web_reply(struct req *rq, json_t *doc, int (*page)(const json_t *, const char *, struct buf *))
{
    if (!req_wants_json(rq))
        return reply_page(rq, 200, doc, language(rq), page);
    reply_header(rq, "Vary", SLICE("Accept, Accept-Language"));
    return api_reply(rq, 200, doc);
}

/* What somebody pasted who looks for a receipt, or for what is to be paid: an address of ours, or the end of one. */
static const char *find_page(struct req *rq, struct slice text)
{
    const char *at = "/r/";
    uint8_t random[TOKEN_RANDOM_SIZE];
    int32_t bucket;

    text = slice_trim(text);
    for (size_t i = 0; i + 3 <= text.n; i++) {
        if (memcmp(text.p + i, "/r/", 3) != 0 && memcmp(text.p + i, "/p/", 3) != 0)
            continue;
        at = text.p[i + 1] == 'p' ? "/p/" : "/r/";
        text = slice_sub(text, i + 3, text.n);
        break;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("./?#", text.p[i]) != NULL)
            text.n = i;
    }
    return token_parse(text, &bucket, random) < 0 ? NULL : arena_printf(rq->task.arena, "%s%.*s", at, SLICE_FMT(text));
}

int web_home(struct req *rq)
{
    struct slice receipt = { 0 };
    bool asked = req_query(rq, "receipt", &receipt) == RC_OK && slice_trim(receipt).n > 0;
    const char *found = asked ? find_page(rq, receipt) : NULL;

    if (found != NULL) {
        reply_header(rq, "Location", slice_of(found));
        return reply(rq, 303, NULL, (struct slice){ 0 });
    }
    return reply_page(rq, asked ? 404 : 200, json_pack("{s:b, s:s%}", "unknown", asked, "asked", asked ? receipt.p : "", asked ? receipt.n : 0),
                          language(rq), web_home_page);
}

int web_static(struct req *rq)
{
    const struct web_asset *asset = web_asset(rq->params[0]);

    if (asset == NULL)
        return RC_NOT_FOUND;
    if (strcmp(asset->source, "worker.js") == 0) { /* keeps pages of stalls on a phone, and may do nothing else */
        reply_header(rq, "Service-Worker-Allowed", SLICE("/desk/stalls/"));
        reply_header(rq, "Content-Security-Policy", SLICE("default-src 'none'; connect-src 'self'"));
    }
    if (asset->gzip != NULL && req_accepts_gzip(rq))
        return reply_static(rq, asset->type, (struct slice){ (const char *)asset->gzip, asset->gzip_n }, true);
    return reply_static(rq, asset->type, (struct slice){ (const char *)asset->bytes, asset->n }, false);
}

/* --- failures --- */

/* Pages are what people open; everything under /api, the hooks and what machines ask gets a problem document. */
static bool is_page(const struct req *rq)
{
    static const char *const machines[] = { "/api/", "/hooks/", "/.well-known/", "/problems/", "/openapi.json", "/metrics" };

    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        if (slice_starts(rq->path, slice_of(machines[i])))
            return false;
    }
    return rq->desk != NULL ? desk_is_page(rq) : req_wants_html(rq);
}

static int status_of(int rc)
{
    switch (rc) {
    case RC_NOT_FOUND:
        return 404;
    case RC_FORBIDDEN:
        return 403;
    case RC_CONFLICT:
        return 409;
    case RC_BAD_INPUT:
        return 400;
    case RC_TOO_LARGE:
        return 413;
    case RC_NOMEM:
    case RC_UNAVAILABLE:
    case RC_TIMEOUT:
    case RC_UNKNOWN:
    case RC_BUSY:
        return 503;
    default:
        return 500;
    }
}

/* What there is to do about it: try again what only looks, go back to the form, or to where one begins. */
static json_t *error_doc(struct req *rq, int status)
{
    bool desk = slice_starts(rq->path, SLICE("/desk")) || slice_starts(rq->path, SLICE("/me"));
    bool again = status == 408 || status == 429 || status >= 500;
    int64_t limit = req_body_limit(rq);
    struct slice back = desk && rq->method == HTTP_POST && rq->route != NULL ? req_page_above(rq) : (struct slice){ 0 };
    json_t *doc = json_pack("{s:i, s:s, s:b, s:b}", "status", status, "request_id", rq->task.trace, "desk", desk, "again", again && rq->method != HTTP_POST);

    if (back.n > 0)
        api_set_slice(doc, "back", back);
    if (status == 413 && limit > 0)
        json_object_set_new(doc, "limit", json_sprintf("%lld %s", (long long)(limit >> (limit >> 20 > 0 ? 20 : 10)), limit >> 20 > 0 ? "MB" : "KB"));
    return doc;
}

void web_fail_status(struct req *rq, int status)
{
    if (!is_page(rq)) {
        api_fail_status(rq, status);
        return;
    }
    if (status == 503)
        reply_header(rq, "Retry-After", SLICE("5"));
    if (reply_page(rq, status, error_doc(rq, status), desk_language(rq), web_error_page) < 0)
        api_fail_status(rq, status);
}

void web_fail(struct req *rq, int rc)
{
    if (desk_fail(rq, rc))
        return;
    if (!is_page(rq)) {
        api_fail(rq, rc);
        return;
    }
    if (rc == RC_INTERNAL || rc == RC_IO)
        log_error("request_failed", "trace=%s rc=%s", rq->task.trace, rc_name(rc));
    web_fail_status(rq, status_of(rc));
}
