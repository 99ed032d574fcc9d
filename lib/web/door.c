#include "door.h"

#include "khop/auth/password.h"
#include "khop/base/utf8.h"
#include "khop/web/web.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define NEXT_MAX  512
#define LOGIN_MAX 64

/* --- who comes --- */

int door_begin(struct req *rq)
{
    struct desk *d;
    int rc = desk_open(rq, &d);

    if (rc < 0)
        return rc;
    if (!auth_may_sign_in(rq)) {
        web_fail_status(rq, 403);
        return 1;
    }
    return d->token_hash.p != NULL ? RC_OK : auth_visitor(rq, &d->token_hash);
}

int door_session(struct req *rq, struct slice *token)
{
    struct desk *d;
    int rc = desk_open(rq, &d);

    if (rc == RC_OK && d->token_hash.p == NULL)
        rc = auth_session(rq, &d->token_hash);
    if (rc == RC_UNAUTHORIZED && d->page) {
        desk_redirect(rq, SLICE("/login"));
        return 1;
    }
    if (rc == RC_OK)
        *token = d->token_hash;
    return rc;
}

struct flow_visitor door_visitor(const struct req *rq)
{
    struct slice agent = req_header(rq, "User-Agent");
    const char *request = task_request(&rq->task);

    while (agent.n > 200 || !utf8_valid(agent))
        agent.n = agent.n > 200 ? 200 : agent.n - 1;
    return (struct flow_visitor){
        .ip = slice_of(rq->peer),
        .agent = agent,
        .req = slice_of(request == NULL ? rq->task.trace : request),
        .required = auth_factor_required(door_flow(rq)->auth),
    };
}

/* --- forms --- */

int door_in_begin(struct api_in *in, struct req *rq, int (*form)(struct req *))
{
    if (!req_content_is(rq, "application/json"))
        return desk_in_begin(in, rq, form);
    if (!auth_from_ours(rq))
        return RC_FORBIDDEN;
    rq->desk->page = false;
    rq->desk->form = form;
    return api_in_begin(in, rq);
}

int door_done(struct req *rq, json_t *doc, const char *location)
{
    if (!rq->desk->page)
        return api_reply(rq, 200, doc);
    json_decref(doc);
    return desk_redirect(rq, slice_of(location));
}

int door_wait(struct req *rq, int32_t seconds)
{
    char text[16];

    snprintf(text, sizeof text, "%d", seconds < 1 ? 1 : seconds);
    if (!rq->desk->page)
        return api_problem(rq, "too_many_requests", NULL);
    reply_header(rq, "Retry-After", slice_of(text));
    return desk_refuse_as(rq, 429, NULL, "too_many_requests",
                          seconds > 60 ? "There were too many wrong attempts; please wait a quarter of an hour."
                                       : "There were too many wrong attempts; please wait a minute.");
}

bool door_ours(struct slice next)
{
    if (next.n == 0 || next.n > NEXT_MAX || next.p[0] != '/' || (next.n > 1 && (next.p[1] == '/' || next.p[1] == '\\')))
        return false;
    for (size_t i = 0; i < next.n; i++) {
        if (next.p[i] <= ' ' || next.p[i] > '~' || next.p[i] == '\\' || next.p[i] == '"' || next.p[i] == '<')
            return false;
    }
    return true;
}

const char *door_next(struct req *rq)
{
    const json_t *typed = json_object_get(rq->desk->values, "next");
    struct slice next = { json_string_value(typed), json_string_length(typed) };
    char *text;

    if (next.n == 0 && req_query(rq, "next", &next) != RC_OK)
        next.n = 0;
    text = door_ours(next) ? arena_printf(rq->task.arena, "%.*s", SLICE_FMT(next)) : NULL;
    return text == NULL ? "/desk" : text;
}

const char *door_path(struct req *rq, const char *path)
{
    const char *next = door_next(rq), *digits = "0123456789ABCDEF";
    struct buf b;

    if (strcmp(next, "/desk") == 0)
        return path;
    buf_init_arena(&b, rq->task.arena, 4 * NEXT_MAX);
    buf_printf(&b, "%s?next=", path);
    for (const char *p = next; *p != '\0'; p++) {
        if (strchr("?&=%+#", *p) == NULL) {
            buf_putc(&b, *p);
        } else {
            buf_putc(&b, '%');
            buf_putc(&b, digits[(unsigned char)*p >> 4]);
            buf_putc(&b, digits[(unsigned char)*p & 15]);
        }
    }
    return b.failed ? path : b.p;
}

/* --- sessions --- */

int door_secret(struct req *rq, const char **secret, struct slice *hash)
{
    char *text = arena_alloc(rq->task.arena, AUTH_SECRET_SIZE);
    uint8_t *bytes = arena_alloc(rq->task.arena, SHA256_SIZE);

    if (text == NULL || bytes == NULL)
        return RC_NOMEM;
    *secret = text;
    *hash = (struct slice){ (const char *)bytes, SHA256_SIZE };
    return auth_secret_make(text, bytes);
}

int door_enter(struct req *rq, const char *secret, enum flow_next next)
{
    static const char *const names[] = { [FLOW_DONE] = "done", [FLOW_FACTOR] = "factor", [FLOW_ENROL] = "enrol", [FLOW_HERE] = "done" };

    if (next != FLOW_HERE)
        auth_session_set(rq, secret);
    return door_done(rq, json_pack("{s:s}", "next", names[next]),
                     next == FLOW_FACTOR ? door_path(rq, "/login/factor") : next == FLOW_ENROL ? door_path(rq, "/login/enrol") : door_next(rq));
}

/* --- what several forms read --- */

void door_read_password(struct api_in *in, bool second_factor, const struct slice *names, size_t nnames, struct slice *password)
{
    static const struct {
        const char *fault, *detail;
    } faults[] = {
        { "too_long", "A password has at most 256 characters." },
        { "not_text", "This must be text." },
        { "common", "This password is among the first that are tried. Please choose another one." },
        { "names_you", "The password must not contain the login name or the name of the organisation or of this software." },
    };
    struct slice again;
    const char *fault;

    api_in_text(in, NULL, "/password", 1, AUTH_PASSWORD_MAX, password);
    api_in_text(in, NULL, "/again", in->form ? 1 : 0, AUTH_PASSWORD_MAX, &again);
    if (password->p == NULL)
        return;
    fault = auth_password_fault(*password, second_factor ? AUTH_PASSWORD_BOTH : AUTH_PASSWORD_ONLY, names, nnames);
    if (fault != NULL && strcmp(fault, "too_short") == 0)
        api_in_fault(in, "/password", fault,
                     second_factor ? "A password has at least 12 characters. A short sentence is a good one."
                                   : "A password has at least 15 characters. A short sentence is a good one.");
    for (size_t i = 0; fault != NULL && i < sizeof faults / sizeof faults[0]; i++) {
        if (strcmp(fault, faults[i].fault) == 0)
            api_in_fault(in, "/password", fault, faults[i].detail);
    }
    if (again.p != NULL && !slice_eq(again, *password))
        api_in_fault(in, "/again", "differs", "This is not the same as above.");
}

void door_read_login(struct api_in *in, const char *pointer, struct slice *login)
{
    char *text;

    api_in_text(in, NULL, pointer, 2, LOGIN_MAX, login);
    if (login->p == NULL)
        return;
    text = arena_printf(in->rq->task.arena, "%.*s", SLICE_FMT(*login));
    if (text == NULL)
        return;
    for (char *p = text; *p != '\0'; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
        if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || (p > text && strchr("._@-", *p) != NULL))) {
            api_in_fault(in, pointer, "characters", "A login name has small letters, digits, dots, dashes, _ and @, and begins with a letter or digit.");
            return;
        }
    }
    login->p = text;
}
