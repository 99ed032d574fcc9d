/* /me: oneself. Password, second factor, recovery codes, where one has signed in, and what one goes on as. */
#include "door.h"

#include "khop/auth/password.h"
#include "khop/auth/totp.h"
#include "khop/base/enc.h"
#include "khop/web/desk.h"
#include "khop/web/entry.h"

#include "khop/base/banned.h"

static const char *const PASSWORD_MEMBERS[] = { "old", "password", "again", NULL };
static const char *const ROLE_MEMBERS[] = { "membership", NULL };

struct me {
    struct slice token;
    json_t *doc;
    /* a new password */
    struct slice old, password;
    struct flow_proof proof;
    struct flow_self self;
    bool match;
    struct flow_password chosen;
    const char *secret;
    struct slice hash;
    /* new recovery codes */
    char codes[RECOVERY_CODES][RECOVERY_CODE_SIZE];
    uint8_t hashes[RECOVERY_CODES][SHA256_SIZE];
};

static int me_begin(struct req *rq, struct me **out)
{
    struct me *s = rq->task.state != NULL ? rq->task.state : task_state(&rq->task, sizeof *s);
    int rc = s == NULL ? RC_NOMEM : desk_begin(rq, &s->token);

    *out = s;
    return rc;
}

/* --- the page --- */

static int memberships_known(struct task *t)
{
    struct req *rq = req_of(t);
    struct me *s = t->state;
    struct flow_membership *all;
    json_t *list = json_array();
    size_t n;
    int rc = flow_membership_read(t, &all, &n);

    json_object_set_new(s->doc, "memberships", list);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        char id[ENC_ID_SIZE];
        json_t *row = json_object();

        enc_id(id, "org", all[i].org_id);
        json_object_set_new(row, "value", json_sprintf("%s/%.*s", id, SLICE_FMT(all[i].role)));
        api_set_slice(row, "org", all[i].org_name);
        api_set_slice(row, "role", all[i].role);
        json_object_set_new(row, "current", json_boolean(all[i].current));
        json_array_append_new(list, row);
    }
    if (rc < 0)
        return rc;
    if (rq->desk->page)
        json_object_set_new(s->doc, "several", json_boolean(n > 1));
    return desk_reply(rq, 200, "me.html", json_incref(s->doc));
}

static int sessions_known(struct task *t)
{
    struct req *rq = req_of(t);
    struct me *s = t->state;
    struct flow_session *all;
    json_t *list = json_array();
    size_t n = 0;
    int rc = flow_session_read(t, &all, &n);

    json_object_set_new(s->doc, "sessions", list);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        json_t *row = json_object();

        api_set_id(row, "id", "ses", all[i].id);
        json_object_set_new(row, "current", json_boolean(all[i].current));
        api_set_slice(row, "org", all[i].org_name);
        api_set_slice(row, "role", all[i].role);
        api_set_slice(row, "ip", all[i].ip);
        api_set_slice(row, "agent", all[i].agent);
        api_set_time(row, "created_at", true, all[i].created_us);
        api_set_time(row, "seen_at", true, all[i].seen_us);
        json_array_append_new(list, row);
    }
    return rc < 0 ? rc : flow_memberships(t, rq->app, s->token, memberships_known);
}

static int self_known(struct task *t)
{
    struct req *rq = req_of(t);
    struct me *s = t->state;
    int rc = flow_self_read(t, &s->self);

    if (rc == RC_OK && s->self.stage != 2)
        rc = RC_UNAUTHORIZED;
    if (rc < 0)
        return rc;
    s->doc = json_object();
    rc = desk_keep(rq, s->doc);
    if (rc < 0)
        return rc;
    api_set_slice(s->doc, "login", s->self.login);
    api_set_slice(s->doc, "name", s->self.name);
    api_set_slice(s->doc, "role", s->self.role);
    json_object_set_new(s->doc, "second_factor", json_boolean(s->self.totp));
    json_object_set_new(s->doc, "second_factor_needed", json_boolean(s->self.needs_factor));
    json_object_set_new(s->doc, "recovery_left", json_integer(s->self.recovery_left));
    return flow_session_list(t, rq->app, s->token, sessions_known);
}

int desk_me(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct me *s;
    int rc = me_begin(rq, &s);

    return rc != RC_OK ? desk_over(rc) : flow_self(&rq->task, rq->app, s->token, &v, self_known);
}

/* --- the password: the old one first, then the new one is hashed --- */

static int password_changed(struct task *t)
{
    struct req *rq = req_of(t);
    const struct me *s = t->state;
    int rc = flow_rc_read(t);

    if (rc == RC_UNAUTHORIZED) {
        auth_login_failed(door_flow(rq)->auth, rq);
        return desk_refuse(rq, "/old", "wrong", "This password is not right.");
    }
    if (rc < 0)
        return rc;
    auth_session_set(rq, s->secret);
    return desk_done(rq, 204, NULL, "said.password", "/me");
}

static int password_store(struct task *t)
{
    struct req *rq = req_of(t);
    struct me *s = t->state;
    struct flow_visitor v = door_visitor(rq);
    int rc = door_secret(rq, &s->secret, &s->hash);

    return rc < 0 ? rc : flow_password_change(t, rq->app, s->token, s->match, &s->chosen, s->hash, &v, password_changed);
}

static int password_hashed(struct task *t)
{
    struct me *s = t->state;

    s->chosen = (struct flow_password){ slice_of(((const struct auth_hashed *)t->result)->phc), auth_pepper_no(door_flow(req_of(t))->auth) };
    return password_store(t);
}

static int old_checked(struct task *t)
{
    struct req *rq = req_of(t);
    struct me *s = t->state;
    int rc;

    s->match = ((const struct auth_hashed *)t->result)->match;
    if (!s->match)
        return password_store(t); /* the database writes down that it was tried */
    rc = auth_password_hash(t, door_flow(rq)->auth, s->password, password_hashed);
    return rc == RC_BUSY ? door_wait(rq, 5) : rc;
}

static int old_known(struct task *t)
{
    struct req *rq = req_of(t);
    struct me *s = t->state;
    int rc = flow_proof_read(t, &s->proof);

    if (rc == RC_BUSY)
        return door_wait(rq, s->proof.wait_s);
    if (rc < 0)
        return rc;
    rc = auth_password_check(t, door_flow(rq)->auth, s->old, s->proof.password, s->proof.pepper, old_checked);
    return rc == RC_BUSY ? door_wait(rq, 5) : rc;
}

/* Whose it is decides what it must not contain and how long it is. */
static int password_owner(struct task *t)
{
    struct req *rq = req_of(t);
    struct me *s = t->state;
    struct api_in in;
    int rc = flow_self_read(t, &s->self);

    if (rc == RC_OK)
        rc = door_in_begin(&in, rq, desk_me);
    if (rc != RC_OK)
        return desk_over(rc);
    const struct slice names[] = { s->self.login, s->self.org_name };

    api_in_known(&in, in.root, "", PASSWORD_MEMBERS);
    api_in_text(&in, NULL, "/old", 1, AUTH_PASSWORD_MAX, &s->old);
    door_read_password(&in, s->self.totp, names, 2, &s->password);
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_proof_begin(t, rq->app, s->token, old_known);
}

int desk_me_password(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct me *s;
    int rc = me_begin(rq, &s);

    return rc != RC_OK ? desk_over(rc) : flow_self(&rq->task, rq->app, s->token, &v, password_owner);
}

/* --- what one goes on as --- */

static int role_taken(struct task *t)
{
    struct req *rq = req_of(t);
    const struct me *s = t->state;
    enum flow_next next;
    int rc = flow_next_read(t, &next);

    if (rc == RC_NOT_FOUND)
        return desk_refuse(rq, "/membership", "not_found", "This is not something that you are.");
    if (rc < 0)
        return rc;
    auth_session_set(rq, s->secret);
    return desk_done(rq, 204, NULL, NULL, "%s", next == FLOW_ENROL ? "/login/enrol" : "/desk");
}

int desk_me_role(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct slice membership, org;
    struct api_in in;
    struct me *s;
    int64_t org_id = 0;
    int rc = me_begin(rq, &s);

    if (rc == RC_OK)
        rc = door_in_begin(&in, rq, desk_me);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", ROLE_MEMBERS);
    api_in_text(&in, NULL, "/membership", 1, 64, &membership);
    org = slice_cut(&membership, '/');
    if (in.nerrors == 0 && dec_id(org, "org", &org_id) < 0)
        api_in_fault(&in, "/membership", "id", "This is not the id of such a thing.");
    rc = desk_in_end(&in);
    if (rc == RC_OK)
        rc = door_secret(rq, &s->secret, &s->hash);
    return rc != RC_OK ? desk_over(rc) : flow_session_switch(&rq->task, rq->app, s->token, org_id, membership, s->hash, &v, role_taken);
}

/* --- the second factor --- */

static int factor_removed(struct task *t)
{
    struct req *rq = req_of(t);
    const struct me *s = t->state;
    int rc = flow_rc_read(t);

    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", "What you are here needs a second factor; it can be replaced, but not taken off.");
    if (rc < 0)
        return rc;
    auth_session_set(rq, s->secret);
    return desk_done(rq, 204, NULL, "said.factor_removed", "/me");
}

int desk_me_factor_remove(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct me *s;
    int rc = me_begin(rq, &s);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_me);
    if (rc == RC_OK)
        rc = door_secret(rq, &s->secret, &s->hash);
    return rc != RC_OK ? desk_over(rc) : flow_factor_remove(&rq->task, rq->app, s->token, s->hash, &v, factor_removed);
}

static int recovery_renewed(struct task *t)
{
    struct req *rq = req_of(t);
    struct me *s = t->state;
    json_t *codes;
    int rc = flow_rc_read(t);

    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", "There is no second factor that these codes could stand in for.");
    if (rc < 0)
        return rc;
    codes = json_array();
    for (size_t i = 0; i < RECOVERY_CODES; i++)
        json_array_append_new(codes, json_string(s->codes[i]));
    explicit_bzero(s->codes, sizeof s->codes);
    return desk_reply_bare(rq, 200, "recovery.html", json_pack("{s:o, s:s}", "recovery_codes", codes, "next", "/me"));
}

int desk_me_recovery(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct slice hashes[RECOVERY_CODES];
    struct me *s;
    int rc = me_begin(rq, &s);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_me);
    for (size_t i = 0; rc == RC_OK && i < RECOVERY_CODES; i++) {
        rc = recovery_make(s->codes[i], s->hashes[i]);
        hashes[i] = (struct slice){ (const char *)s->hashes[i], SHA256_SIZE };
    }
    return rc != RC_OK ? desk_over(rc) : flow_recovery_renew(&rq->task, rq->app, s->token, hashes, RECOVERY_CODES, &v, recovery_renewed);
}

/* --- sessions --- */

static int session_ended(struct task *t)
{
    struct req *rq = req_of(t);
    int rc = flow_rc_read(t);

    return rc < 0 ? rc : desk_done(rq, 204, NULL, "said.session_ended", "/me");
}

static int session_end(struct req *rq, bool all)
{
    struct flow_visitor v = door_visitor(rq);
    struct me *s;
    int64_t id = 0;
    int rc = me_begin(rq, &s);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_me);
    if (rc != RC_OK)
        return desk_over(rc);
    if (!all && (dec_id(rq->params[0], "ses", &id) < 0 || id == 0))
        return RC_NOT_FOUND;
    return flow_session_end(&rq->task, rq->app, s->token, id, &v, session_ended);
}

int desk_me_session_end(struct req *rq)
{
    return session_end(rq, false);
}

int desk_me_sessions_end(struct req *rq)
{
    return session_end(rq, true);
}
