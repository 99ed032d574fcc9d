/* A form that was sent when its session was over, or needed its person to be proved again: what was typed goes sealed through signing in, and
 * is then sent by who typed it. Nobody else can open it, and nothing is done before that person says so. */
#include "door.h"

#include "khop/auth/kept.h"
#include "khop/base/clock.h"
#include "khop/web/entry.h"

#include "khop/base/banned.h"

#define LOST_COOKIE_S 60

struct kept {
    struct slice token;
    struct auth_kept typed;
};

void kept_read(struct api_in *in)
{
    struct slice kept;

    api_in_text(in, NULL, "/kept", 0, AUTH_KEPT_TEXT, &kept);
}

/* --- in --- */

/* The pairs as they came, but the token of the form: the next one is of another session. *token is what it was. */
static int pairs_keep(struct req *rq, struct slice *kept, struct slice *token)
{
    struct slice rest = rq->body, name, value;
    struct buf out;

    buf_init_arena(&out, rq->task.arena, rq->body.n + 1);
    while (rest.n > 0) {
        struct slice pair = slice_cut(&rest, '&'), one = pair;
        int rc = form_next(rq->task.arena, &one, &name, &value);

        if (rc < 0)
            return rc;
        if (rc == 1 && slice_is(name, "csrf"))
            *token = value;
        else if (rc == 1)
            buf_printf(&out, "%s%.*s", out.n == 0 ? "" : "&", SLICE_FMT(pair));
    }
    *kept = buf_slice(&out);
    return out.failed ? RC_NOMEM : RC_OK;
}

static int lost(struct req *rq, const char *why)
{
    desk_cookie(rq, "said", why, LOST_COOKIE_S);
    return desk_redirect(rq, slice_of(door_path(rq, "/login")));
}

static int owner_known(struct task *t)
{
    struct req *rq = req_of(t);
    struct kept *k = t->state;
    struct flow_owner who;
    struct slice text;
    int rc = flow_session_owner_read(t, &who);

    if (rc == RC_UNAUTHORIZED)
        return lost(rq, "said.lost");
    if (rc == RC_OK)
        rc = auth_kept_seal(rq, who.user_id, &k->typed, clock_wall_us() / CLOCK_US, &text);
    if (rc == RC_TOO_LARGE)
        return lost(rq, "said.lost_long");
    if (rc < 0)
        return rc;
    rq->desk->values = json_pack("{s:s, s:s%, s:s%}", "next", door_next(rq), "kept", text.p, text.n, "login", who.login.p, who.login.n);
    rc = desk_keep(rq, rq->desk->values);
    if (rc < 0)
        return rc;
    if (who.live)
        return door_factor(rq, who.login, who.totp, true);
    rc = auth_visitor(rq, &rq->desk->token_hash);
    return rc < 0 ? rc : desk_reply_bare(rq, 200, "login.html", json_pack("{s:s}", "next", door_next(rq)));
}

int web_kept(struct req *rq)
{
    struct kept *k = task_state(&rq->task, sizeof *k);
    struct slice csrf = { 0 };
    int rc = k == NULL ? RC_NOMEM : door_session(rq, &k->token);

    if (rc != RC_OK)
        return desk_over(rc);
    if (!rq->desk->page || !req_content_is(rq, "application/x-www-form-urlencoded") || req_query(rq, "to", &k->typed.to) != RC_OK ||
        !door_ours(k->typed.to) || !slice_starts(k->typed.to, SLICE("/desk/")))
        return RC_BAD_INPUT;
    rc = pairs_keep(rq, &k->typed.body, &csrf);
    if (rc < 0)
        return rc;
    /* A form that another site sent is not kept for anybody, nor one of a session before this one. */
    if (!auth_from_ours(rq))
        return RC_FORBIDDEN;
    if (csrf.p == NULL || auth_csrf_check(rq, k->token, DESK_FORM, csrf) != RC_OK)
        return lost(rq, "said.lost");
    return flow_session_owner(&rq->task, rq->app, k->token, owner_known);
}

/* --- out --- */

/* The page of a button that sends it: to where it was sent, as it was, from the session that there is now. */
static int kept_page(struct req *rq, const struct auth_kept *kept)
{
    json_t *fields = json_array(), *doc = json_pack("{s:o, s:s%, s:s}", "fields", fields, "to", kept->to.p, kept->to.n, "next", door_next(rq));
    struct slice rest = kept->body, name, value;
    int rc;

    if (doc == NULL)
        return RC_NOMEM;
    while ((rc = form_next(rq->task.arena, &rest, &name, &value)) == 1)
        json_array_append_new(fields, json_pack("{s:s%, s:s%}", "name", name.p, name.n, "value", value.n == 0 ? "" : value.p, value.n));
    if (rc < 0) {
        json_decref(doc);
        return rc;
    }
    rq->desk->values = NULL;
    return desk_reply_bare(rq, 200, "kept.html", doc);
}

static struct slice kept_text(const struct req *rq)
{
    const json_t *kept = json_object_get(rq->desk->values, "kept");

    return (struct slice){ json_string_value(kept), json_string_length(kept) };
}

int kept_enter(struct req *rq, int64_t user_id, const char *secret, struct slice hash, enum flow_next next)
{
    const json_t *login = json_object_get(rq->desk->values, "login");
    struct slice text = kept_text(rq);
    struct auth_kept kept;
    int rc;

    if (!rq->desk->page || text.n == 0 || (next != FLOW_DONE && next != FLOW_FACTOR))
        return door_enter(rq, secret, next);
    rc = auth_kept_open(rq, user_id, text, clock_wall_us() / CLOCK_US, &kept);
    if (rc == RC_UNAUTHORIZED) {
        desk_cookie(rq, "said", "said.lost", LOST_COOKIE_S);
        json_object_set_new(rq->desk->values, "next", json_string("/desk")); /* who comes may not see that page at all */
        return door_enter(rq, secret, next);
    }
    if (rc < 0)
        return rc;
    /* Forms of the page that comes belong to the session as it is now. */
    auth_session_set(rq, secret);
    rq->desk->token_hash = hash;
    return next == FLOW_DONE ? kept_page(rq, &kept)
                             : door_factor(rq, (struct slice){ json_string_value(login), json_string_length(login) }, true, false);
}
