/* Who calls, and the answer in its layout. */
#include "desk_private.h"

#include "form.h"
#include "khop/auth/kept.h"
#include "khop/auth/session.h"
#include "khop/auth/token.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/flow.h"
#include "khop/web/locale.h"
#include "khop/web/pages.h"
#include "khop/web/web.h"

#include <stdarg.h>
#include <stdio.h>

#include "khop/base/banned.h"

#define LOCATION_MAX  2048
#define LANG_COOKIE_S (365 * 86400)
#define SAID_COOKIE_S 60

/* --- the caller --- */

static bool is_api(const struct req *rq)
{
    return slice_starts(rq->path, SLICE("/api/"));
}

bool desk_is_page(const struct req *rq)
{
    struct slice accept = req_header(rq, "accept");

    return !is_api(rq) && (req_wants_html(rq) || !slice_starts(accept, SLICE("application/json")));
}

const char *desk_language(struct req *rq)
{
    struct slice chosen;

    if (req_query(rq, "lang", &chosen) != RC_OK)
        chosen = req_cookie(rq, "lang");
    for (int i = 0; locale_tag(i) != NULL; i++) {
        if (slice_is(chosen, locale_tag(i)))
            return locale_tag(i);
    }
    return req_language(rq);
}

const char *desk_word(struct req *rq, const char *name, const char *value)
{
    char key[128];
    int n = snprintf(key, sizeof key, "%s.%s", name, value), text = n < 0 || (size_t)n >= sizeof key ? -1 : locale_find(slice_of(key));

    return text < 0 ? value : locale_text(locale_language(rq->desk == NULL ? desk_language(rq) : rq->desk->lang), text);
}

static void json_release(void *doc)
{
    json_decref(doc);
}

int desk_keep(struct req *rq, json_t *doc)
{
    return doc == NULL ? RC_NOMEM : arena_defer(rq->task.arena, json_release, doc);
}

int desk_open(struct req *rq, struct desk **out)
{
    if (rq->desk == NULL) {
        struct desk *d = arena_alloc(rq->task.arena, sizeof *d);

        if (d == NULL)
            return RC_NOMEM;
        d->page = desk_is_page(rq);
        d->lang = desk_language(rq);
        if (d->page)
            rq->lang = d->lang;
        rq->desk = d;
    }
    *out = rq->desk;
    return RC_OK;
}

void desk_cookie(struct req *rq, const char *name, const char *value, int64_t seconds)
{
    char text[256];
    int n = snprintf(text, sizeof text, "%s=%s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s", name, value == NULL ? "" : value,
                     (long long)(value == NULL ? 0 : seconds), rq->secure ? "; Secure" : "");

    if (n > 0 && (size_t)n < sizeof text)
        reply_header(rq, "Set-Cookie", slice_of(text));
}

int desk_redirect(struct req *rq, struct slice location)
{
    reply_header(rq, "Location", location);
    return reply(rq, 303, NULL, (struct slice){ 0 });
}

/* A path with its query, as the value of a parameter. */
static void put_escaped(struct buf *b, struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c != '\0' && strchr("-._~/", c) != NULL))
            buf_putc(b, (char)c);
        else
            buf_printf(b, "%%%02X", c);
    }
}

/* What was typed goes along (kept.c), as the browser sends it once more; where it cannot, that is said. */
static bool keep_typed(struct req *rq)
{
    bool form = req_content_is(rq, "application/x-www-form-urlencoded"), fits = form && rq->body.n <= AUTH_KEPT_MAX;

    if (rq->method != HTTP_POST || !slice_starts(rq->path, SLICE("/desk/")))
        return false;
    if (fits && rq->desk->token_hash.p != NULL)
        return true;
    desk_cookie(rq, "said", fits ? "said.lost" : form ? "said.lost_long" : "said.lost_file", SAID_COOKIE_S);
    return false;
}

/* To where one shows who one is, and back to what was asked for; of a form to the page that it stands on. */
static int send_to(struct req *rq, const char *where)
{
    bool keep = keep_typed(rq);
    struct buf to;

    buf_init_arena(&to, rq->task.arena, LOCATION_MAX);
    buf_printf(&to, "%s?next=", keep ? "/login/kept" : where);
    put_escaped(&to, rq->method == HTTP_POST ? req_page_above(rq) : rq->target);
    if (keep) {
        buf_puts(&to, "&to=");
        put_escaped(&to, rq->target);
    }
    if (to.failed || !keep)
        return desk_redirect(rq, to.failed ? slice_of(where) : buf_slice(&to));
    reply_header(rq, "Location", buf_slice(&to));
    return reply(rq, 307, NULL, (struct slice){ 0 });
}

int desk_begin(struct req *rq, struct slice *token_hash)
{
    struct desk *d;
    int rc = desk_open(rq, &d);

    if (rc == RC_OK && d->token_hash.p == NULL)
        rc = is_api(rq) ? auth_bearer(rq, &d->token_hash) : auth_session(rq, &d->token_hash);
    if (rc == RC_UNAUTHORIZED && d->page) {
        send_to(rq, "/login");
        return 1;
    }
    if (rc == RC_OK)
        *token_hash = d->token_hash;
    return rc;
}

bool desk_fail(struct req *rq, int rc)
{
    if (rq->desk == NULL || !rq->desk->page || (rc != RC_UNAUTHORIZED && rc != RC_FORBIDDEN && rc != RC_STALE))
        return false;
    if (rc == RC_UNAUTHORIZED)
        send_to(rq, "/login");
    else if (rc == RC_STALE)
        send_to(rq, "/login/again");
    else
        web_fail_status(rq, 403);
    return true;
}

/* --- the answer --- */

/* The address again, in the other language; of a form that was sent the page at its address. */
static json_t *lang_url(struct req *rq, const char *lang)
{
    struct slice rest = rq->method == HTTP_POST ? (struct slice){ 0 } : rq->query;
    int other = locale_tag(locale_language(lang) + 1) == NULL ? 0 : locale_language(lang) + 1;
    struct buf b;

    buf_init_arena(&b, rq->task.arena, LOCATION_MAX);
    buf_put_slice(&b, rq->path);
    buf_putc(&b, '?');
    while (rest.n > 0) {
        struct slice pair = slice_cut(&rest, '&');

        if (pair.n > 0 && !slice_starts(pair, SLICE("lang=")))
            buf_printf(&b, "%.*s&", SLICE_FMT(pair));
    }
    buf_printf(&b, "lang=%s", locale_tag(other));
    return b.failed ? json_string("?") : json_stringn(b.p, b.n);
}

/* The message that the request before this one left, said once. */
static void said_take(struct req *rq, json_t *frame, const char *lang)
{
    struct slice said = req_cookie(rq, "said");
    int text = slice_starts(said, SLICE("said.")) ? locale_find(said) : -1;

    if (said.p == NULL)
        return;
    desk_cookie(rq, "said", NULL, 0);
    if (text >= 0)
        json_object_set_new(frame, slice_starts(said, SLICE("said.lost")) ? "lost" : "said", json_string(locale_text(locale_language(lang), text)));
}

static json_t *query_values(struct req *rq)
{
    json_t *values;

    return form_values(rq->task.arena, rq->query, &values) < 0 ? json_object() : values;
}

/* A new key for a form that must not be carried out twice. */
static json_t *once_key(struct req *rq)
{
    struct desk *d = rq->desk;
    const json_t *before = json_object_get(d->values, "once");
    uint8_t random[16];
    struct buf text;

    if (before != NULL) /* the form is shown again: it is still the same thing that is to be done */
        return json_incref((json_t *)(uintptr_t)before);
    if (crypto_random(random, sizeof random) < 0)
        return NULL;
    buf_init_arena(&text, rq->task.arena, 64);
    enc_base64url(&text, random, sizeof random);
    return json_stringn(text.p, text.n);
}

enum frame_col { F_RC, F_USER_ID, F_LOGIN, F_USER, F_ORG_ID, F_ORG, F_KIND, F_ROLE, F_SCOPES };

/* What every page of ours with a form needs. */
static json_t *frame_bare(struct req *rq)
{
    char csrf[AUTH_CSRF_SIZE];
    json_t *frame = json_object();

    if (auth_csrf_make(rq, rq->desk->token_hash, DESK_FORM, csrf) < 0) {
        json_decref(frame);
        return NULL;
    }
    json_object_set_new(frame, "once", once_key(rq));
    json_object_set_new(frame, "path", json_stringn(rq->path.p, rq->path.n));
    json_object_set_new(frame, "csrf", json_string(csrf));
    json_object_set_new(frame, "lang_url", lang_url(rq, rq->desk->lang));
    if (json_object_get(rq->desk->doc, "id") != NULL)
        json_object_set(frame, "self", json_object_get(rq->desk->doc, "id"));
    said_take(rq, frame, rq->desk->lang);
    return frame;
}

static json_t *frame_doc(struct req *rq, const struct db_rows *r)
{
    json_t *frame = frame_bare(rq);

    api_set_slice(frame, "org", db_text(r, 0, F_ORG));
    api_set_slice(frame, "kind", db_text(r, 0, F_KIND));
    api_set_slice(frame, "user", db_text(r, 0, F_USER));
    api_set_slice(frame, "role", db_text(r, 0, F_ROLE));
    json_object_set_new(frame, "scopes", json_integer(db_i64(r, 0, F_SCOPES)));
    return frame;
}

/* The page itself; takes the reference of the frame. */
static int page_finish(struct req *rq, json_t *frame)
{
    struct desk *d = rq->desk;
    struct slice lang;
    struct buf out;
    int rc;

    if (json_object_set_new(d->doc, "frame", frame) < 0 || json_object_set_new(d->doc, "query", query_values(rq)) < 0 ||
        (d->values != NULL && json_object_set(d->doc, "in", d->values) < 0) ||
        (d->faults != NULL && json_object_set(d->doc, "faults", d->faults) < 0))
        return RC_NOMEM;
    buf_init(&out, WEB_PAGE_MAX);
    rc = web_desk_page(d->template, d->doc, d->lang, &out);
    if (rc == RC_OK) {
        if (req_query(rq, "lang", &lang) == RC_OK)
            desk_cookie(rq, "lang", d->lang, LANG_COOKIE_S);
        reply_header(rq, "Vary", SLICE("Accept, Accept-Language, Cookie"));
        reply_header(rq, "Content-Language", slice_of(d->lang));
        rc = reply(rq, d->again ? d->again_status : d->status, "text/html; charset=utf-8", buf_slice(&out));
    }
    buf_release(&out);
    return rc == RC_NOT_FOUND || rc == RC_BAD_INPUT ? RC_INTERNAL : rc;
}

static int frame_known(struct task *t)
{
    struct req *rq = req_of(t);
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) < 1)
        return RC_INTERNAL;
    return db_i64(r, 0, F_RC) < 0 ? (int)db_i64(r, 0, F_RC) : page_finish(rq, frame_doc(rq, r));
}

int desk_reply_bare(struct req *rq, int status, const char *template, json_t *doc)
{
    struct desk *d = rq->desk;
    int rc;

    if (!d->page)
        return api_reply(rq, status, doc);
    rc = desk_keep(rq, doc);
    if (rc < 0)
        return rc;
    d->status = status;
    d->template = template;
    d->doc = doc;
    return page_finish(rq, frame_bare(rq));
}

int desk_reply(struct req *rq, int status, const char *template, json_t *doc)
{
    struct flow *f = rq->app;
    struct desk *d = rq->desk;
    struct db_args a;
    int rc;

    if (d == NULL || !d->page)
        return api_reply(rq, status, doc);
    rc = desk_keep(rq, doc);
    if (rc < 0)
        return rc;
    d->status = status;
    d->template = template;
    d->doc = doc;
    db_args_init(&a, rq->task.arena);
    db_arg_bytes(&a, d->token_hash);
    db_arg_time(&a, clock_wall_us());
    return db_call(f->db, &rq->task, DB_SESSION_SHOW, &a, frame_known);
}

void desk_choice(struct req *rq, json_t *doc, const char *name, const char *value, json_t *text)
{
    json_t *choices = json_object_get(doc, "choices"), *list;

    if (rq->desk == NULL || !rq->desk->page) {
        json_decref(text);
        return;
    }
    if (choices == NULL) {
        choices = json_object();
        json_object_set_new(doc, "choices", choices);
    }
    list = json_object_get(choices, name);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(choices, name, list);
    }
    json_array_append_new(list, json_pack("{s:s, s:o}", "value", value, "text", text));
}

/* Where a new thing is: under the collection that it was posted to. */
static void created_at(struct req *rq, int status, const json_t *doc)
{
    const char *id = json_string_value(json_object_get(doc, "id"));
    char *at = status == 201 && id != NULL ? arena_printf(rq->task.arena, "%.*s/%s", SLICE_FMT(rq->path), id) : NULL;

    if (at != NULL)
        reply_header(rq, "Location", slice_of(at));
}

int desk_done(struct req *rq, int status, json_t *doc, const char *said, const char *location, ...)
{
    struct buf to;
    va_list ap;

    if (status == 204 && (rq->desk == NULL || !rq->desk->page))
        return reply(rq, 204, NULL, (struct slice){ 0 });
    if (rq->desk == NULL || !rq->desk->page) {
        created_at(rq, status, doc);
        return api_reply(rq, status, doc);
    }
    json_decref(doc);
    buf_init_arena(&to, rq->task.arena, LOCATION_MAX);
    va_start(ap, location);
    buf_vprintf(&to, location, ap);
    va_end(ap);
    if (to.failed)
        return RC_INTERNAL;
    if (said != NULL)
        desk_cookie(rq, "said", said, SAID_COOKIE_S);
    return desk_redirect(rq, buf_slice(&to));
}
