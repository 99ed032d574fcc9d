/* /login and /logout. */
#include "door.h"

#include "khop/auth/password.h"
#include "khop/web/entry.h"

#include "khop/base/banned.h"

#define LOGIN_TEXT_MAX 64

static const char *const LOGIN_MEMBERS[] = { "login", "password", "next", "kept", NULL };

struct sign_in {
    struct slice password;
    struct flow_sign_in who;
    const char *secret;
    struct slice hash;
};

int web_login(struct req *rq)
{
    int rc = door_begin(rq);

    return rc != RC_OK ? desk_over(rc) : desk_reply_bare(rq, 200, "login.html", json_pack("{s:s}", "next", door_next(rq)));
}

static int ended(struct task *t)
{
    struct req *rq = req_of(t);
    const struct sign_in *s = t->state;
    enum flow_next next;
    int rc = flow_next_read(t, &next);

    if (rc == RC_UNAUTHORIZED) {
        auth_login_failed(door_flow(rq)->auth, rq);
        return desk_refuse_as(rq, 401, NULL, "unauthorized", "The login name or the password is not right.");
    }
    if (rc < 0)
        return rc;
    if (next == FLOW_DONE)
        auth_device_set(rq, s->who.user_id);
    return kept_enter(rq, s->who.user_id, s->secret, s->hash, next);
}

static int checked(struct task *t)
{
    struct req *rq = req_of(t);
    struct sign_in *s = t->state;
    const struct auth_hashed *hashed = t->result;
    struct flow_password renewed = { .pepper = auth_pepper_no(door_flow(rq)->auth) };
    struct flow_visitor v = door_visitor(rq);
    int rc = door_secret(rq, &s->secret, &s->hash);

    if (rc < 0)
        return rc;
    if (hashed->renew)
        renewed.phc = slice_of(hashed->phc);
    return flow_sign_in_end(t, rq->app, &s->who, hashed->match, &renewed, s->hash, &v, ended);
}

static int known(struct task *t)
{
    struct req *rq = req_of(t);
    struct sign_in *s = t->state;
    int rc = flow_sign_in_read(t, &s->who);

    if (rc == RC_BUSY)
        return door_wait(rq, s->who.wait_s);
    if (rc < 0)
        return rc;
    rc = auth_password_check(t, door_flow(rq)->auth, s->password, s->who.password, s->who.pepper, checked);
    return rc == RC_BUSY ? door_wait(rq, 5) : rc;
}

/* What is typed at the name is compared as it is stored. */
static struct slice lower(struct req *rq, struct slice text)
{
    char *out = arena_printf(rq->task.arena, "%.*s", SLICE_FMT(text));

    for (char *p = out; p != NULL && *p != '\0'; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
    return slice_of(out);
}

int web_login_post(struct req *rq)
{
    struct sign_in *s = task_state(&rq->task, sizeof *s);
    struct slice login, next, device = { 0 };
    struct api_in in;
    int64_t device_user = 0;
    int rc = s == NULL ? RC_NOMEM : door_begin(rq);

    if (rc == RC_OK)
        rc = door_in_begin(&in, rq, web_login);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", LOGIN_MEMBERS);
    api_in_text(&in, NULL, "/login", 1, LOGIN_TEXT_MAX, &login);
    api_in_text(&in, NULL, "/password", 1, AUTH_PASSWORD_MAX, &s->password);
    api_in_text(&in, NULL, "/next", 0, 2048, &next);
    kept_read(&in);
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    if (auth_logins_over(door_flow(rq)->auth, rq))
        return door_wait(rq, 900);
    login = lower(rq, login);
    if (login.p == NULL)
        return RC_NOMEM;
    rc = auth_device(rq, &device_user, &device);
    if (rc < 0 && rc != RC_UNAUTHORIZED)
        return rc;
    return flow_sign_in_begin(&rq->task, rq->app, login, rc < 0 ? 0 : device_user, rc < 0 ? (struct slice){ 0 } : device, known);
}

/* --- the way out --- */

int web_logout(struct req *rq)
{
    struct slice token;
    int rc = door_session(rq, &token);

    return rc != RC_OK ? desk_over(rc) : desk_reply_bare(rq, 200, "logout.html", json_object());
}

static int out(struct task *t)
{
    struct req *rq = req_of(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    auth_session_clear(rq);
    reply_header(rq, "Clear-Site-Data", SLICE("\"storage\"")); /* what pages keep on a phone (static/worker.js) */
    return door_done(rq, json_pack("{s:s}", "next", "login"), "/login");
}

int web_logout_post(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct slice token;
    struct api_in in;
    int rc = door_session(rq, &token);

    if (rc == RC_OK)
        rc = door_in_begin(&in, rq, web_logout);
    return rc != RC_OK ? desk_over(rc) : flow_sign_out(&rq->task, rq->app, token, &v, out);
}
