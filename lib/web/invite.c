/* /invite/{secret}: joining an organisation, or a new password in place of a forgotten one. /setup: the first administrator. */
#include "door.h"

#include "khop/auth/password.h"
#include "khop/base/enc.h"
#include "khop/pay/receipt.h"
#include "khop/web/entry.h"

#include "khop/base/banned.h"

static const char *const INVITE_MEMBERS[] = { "password", "again", NULL };
static const char *const SETUP_MEMBERS[] = { "code", "login", "name", "password", "again", "org", "org_name", "org_kind", "org_code", NULL };
static const char *const KINDS[] = { "school", "market", "clinic", "commune" };

struct invite {
    struct slice link, session;
    struct flow_link what;
    struct slice password;
    struct flow_password chosen;
    struct flow_setup setup;
    const char *secret;
    struct slice hash;
};

static struct invite *invite_state(struct req *rq)
{
    struct invite *s = rq->task.state;

    return s != NULL ? s : task_state(&rq->task, sizeof *s);
}

/* The hash of a secret of ours that somebody brings. RC_NOT_FOUND when it has not the form of one. */
static int link_hash(struct req *rq, struct slice text, struct slice *hash)
{
    uint8_t *bytes = arena_alloc(rq->task.arena, SHA256_SIZE);

    if (bytes == NULL)
        return RC_NOMEM;
    *hash = (struct slice){ (const char *)bytes, SHA256_SIZE };
    return auth_secret_hash(text, bytes) < 0 ? RC_NOT_FOUND : RC_OK;
}

/* --- a link --- */

static int invite_shown(struct task *t)
{
    struct req *rq = req_of(t);
    struct invite *s = t->state;
    json_t *doc;
    int rc = flow_link_read(t, &s->what);

    if (rc < 0)
        return rc;
    doc = json_pack("{s:s, s:b}", "purpose", s->what.reset ? "reset" : "join", "known", !s->what.reset && s->what.known);
    api_set_slice(doc, "login", s->what.login);
    api_set_slice(doc, "name", s->what.name);
    api_set_slice(doc, "org", s->what.org_name);
    api_set_slice(doc, "role", s->what.role);
    if (rq->desk->page) {
        json_object_set_new(doc, "reset", json_boolean(s->what.reset));
        json_object_set_new(doc, "here", json_boolean(s->session.p != NULL));
        json_object_set_new(doc, "short_ok", json_boolean(s->what.needs_factor));
    }
    return desk_reply_bare(rq, 200, "invite.html", doc);
}

static int invite_begin(struct req *rq, struct invite **out)
{
    struct invite *s = invite_state(rq);
    int rc = s == NULL ? RC_NOMEM : door_begin(rq);

    if (rc != RC_OK)
        return rc;
    *out = s;
    rc = auth_session(rq, &s->session);
    if (rc < 0 && rc != RC_UNAUTHORIZED)
        return rc;
    return link_hash(rq, rq->params[0], &s->link);
}

int web_invite(struct req *rq)
{
    struct invite *s;
    int rc = invite_begin(rq, &s);

    return rc != RC_OK ? desk_over(rc) : flow_link_show(&rq->task, rq->app, s->link, invite_shown);
}

static int accepted(struct task *t)
{
    struct req *rq = req_of(t);
    const struct invite *s = t->state;
    enum flow_next next;
    int rc = flow_next_read(t, &next);

    if (rc == RC_CONFLICT || rc == RC_UNAUTHORIZED)
        return desk_refuse(rq, NULL, "conflict", "Somebody has this login name already. If it is you, please sign in with it and open the link again.");
    return rc < 0 ? rc : door_enter(rq, s->secret, next);
}

static int accept(struct task *t)
{
    struct req *rq = req_of(t);
    struct invite *s = t->state;
    struct flow_visitor v = door_visitor(rq);
    int rc = door_secret(rq, &s->secret, &s->hash);

    return rc < 0 ? rc : flow_link_accept(t, rq->app, s->link, s->session, &s->chosen, s->hash, &v, accepted);
}

static int invite_hashed(struct task *t)
{
    struct req *rq = req_of(t);
    struct invite *s = t->state;

    s->chosen = (struct flow_password){ slice_of(((const struct auth_hashed *)t->result)->phc), auth_pepper_no(door_flow(rq)->auth) };
    return accept(t);
}

/* What may be chosen depends on what the link is for, so the body is read when that is known. */
static int invite_known(struct task *t)
{
    struct req *rq = req_of(t);
    struct invite *s = t->state;
    struct api_in in;
    int rc = flow_link_read(t, &s->what);

    if (rc == RC_OK)
        rc = door_in_begin(&in, rq, web_invite);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", INVITE_MEMBERS);
    if (!s->what.reset && s->what.known) { /* of somebody who is known the session shows who it is */
        rc = desk_in_end(&in);
        return rc != RC_OK ? desk_over(rc) : accept(t);
    }
    const struct slice names[] = { s->what.login, s->what.org_name, s->what.org_code };

    door_read_password(&in, s->what.needs_factor && auth_factor_required(door_flow(rq)->auth), names, 3, &s->password);
    rc = desk_in_end(&in);
    if (rc == RC_OK)
        rc = auth_password_hash(t, door_flow(rq)->auth, s->password, invite_hashed);
    return rc == RC_BUSY ? door_wait(rq, 5) : desk_over(rc);
}

int web_invite_post(struct req *rq)
{
    struct invite *s;
    int rc = invite_begin(rq, &s);

    return rc != RC_OK ? desk_over(rc) : flow_link_show(&rq->task, rq->app, s->link, invite_known);
}

/* --- the first administrator --- */

static void add_orgs(struct req *rq, json_t *doc, const struct flow_setup_org *orgs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char id[ENC_ID_SIZE];

        enc_id(id, "org", orgs[i].id);
        desk_choice(rq, doc, "org", id, json_stringn(orgs[i].name.p, orgs[i].name.n));
    }
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        desk_choice(rq, doc, "org_kind", KINDS[i], json_string(desk_word(rq, "org_kind", KINDS[i])));
}

static int setup_shown(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_setup_org *orgs;
    json_t *doc;
    size_t n;
    int rc = flow_setup_read(t, &orgs, &n);

    if (rc == RC_UNAUTHORIZED) {
        auth_login_failed(door_flow(rq)->auth, rq);
        return desk_reply_bare(rq, 401, "setup.html", json_pack("{s:b}", "code_wrong", 1));
    }
    if (rc < 0)
        return rc;
    doc = json_pack("{s:b, s:b}", "code_good", 1, "has_orgs", n > 0);
    add_orgs(rq, doc, orgs, n);
    return desk_reply_bare(rq, 200, "setup.html", doc);
}

/* The code is in the form, or in the address that `khop setup` prints. */
int web_setup(struct req *rq)
{
    struct invite *s = invite_state(rq);
    struct slice code, hash;
    const json_t *typed;
    int rc = s == NULL ? RC_NOMEM : door_begin(rq);

    if (rc != RC_OK)
        return desk_over(rc);
    typed = json_object_get(rq->desk->values, "code");
    code = (struct slice){ json_string_value(typed), json_string_length(typed) };
    if (code.n == 0 && req_query(rq, "code", &code) != RC_OK)
        return desk_reply_bare(rq, 200, "setup.html", json_object());
    if (auth_logins_over(door_flow(rq)->auth, rq))
        return RC_FORBIDDEN;
    rc = link_hash(rq, slice_trim(code), &hash);
    if (rc == RC_NOT_FOUND)
        return desk_reply_bare(rq, 401, "setup.html", json_pack("{s:b}", "code_wrong", 1));
    return rc < 0 ? rc : flow_setup_show(&rq->task, rq->app, hash, setup_shown);
}

static int setup_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct invite *s = t->state;
    enum flow_next next;
    int rc = flow_next_read(t, &next);

    if (rc == RC_CONFLICT)
        return desk_refuse(rq, "/org_code", "conflict", "Another organisation has this code.");
    if (rc == RC_UNAUTHORIZED) {
        auth_login_failed(door_flow(rq)->auth, rq);
        return RC_FORBIDDEN;
    }
    return rc < 0 ? rc : door_enter(rq, s->secret, next);
}

static int setup_hashed(struct task *t)
{
    struct req *rq = req_of(t);
    struct invite *s = t->state;
    struct flow_visitor v = door_visitor(rq);
    int rc = door_secret(rq, &s->secret, &s->hash);

    s->chosen = (struct flow_password){ slice_of(((const struct auth_hashed *)t->result)->phc), auth_pepper_no(door_flow(rq)->auth) };
    return rc < 0 ? rc : flow_setup_finish(t, rq->app, &s->setup, &s->chosen, s->hash, &v, setup_done);
}

static void read_org(struct api_in *in, struct flow_setup *setup)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    bool known = false;

    api_in_id(in, NULL, "/org", "org", false, &setup->org_id);
    if (setup->org_id != 0)
        return;
    api_in_free_text(in, NULL, "/org_name", 1, 200, &setup->org_name);
    api_in_text(in, NULL, "/org_kind", 1, 16, &setup->org_kind);
    api_in_text(in, NULL, "/org_code", 1, RECEIPT_ORG_MAX, &setup->org_code);
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        known |= slice_is(setup->org_kind, KINDS[i]);
    if (setup->org_kind.p != NULL && !known)
        api_in_fault(in, "/org_kind", "kind", "This must be school, market, clinic or commune.");
    for (size_t i = 0; i < setup->org_code.n; i++) {
        if (memchr(letters, setup->org_code.p[i], sizeof letters - 1) == NULL) {
            api_in_fault(in, "/org_code", "characters", "A code has letters, digits, dots, dashes and underscores only.");
            break;
        }
    }
}

int web_setup_post(struct req *rq)
{
    struct invite *s = invite_state(rq);
    struct slice code;
    struct api_in in;
    int rc = s == NULL ? RC_NOMEM : door_begin(rq);

    if (rc == RC_OK)
        rc = door_in_begin(&in, rq, web_setup);
    if (rc != RC_OK)
        return desk_over(rc);
    if (auth_logins_over(door_flow(rq)->auth, rq))
        return RC_FORBIDDEN;
    api_in_known(&in, in.root, "", SETUP_MEMBERS);
    api_in_text(&in, NULL, "/code", 1, 64, &code);
    door_read_login(&in, "/login", &s->setup.login);
    api_in_free_text(&in, NULL, "/name", 1, 120, &s->setup.name);
    read_org(&in, &s->setup);
    const struct slice names[] = { s->setup.login, s->setup.org_name, s->setup.org_code };

    door_read_password(&in, auth_factor_required(door_flow(rq)->auth), names, 3, &s->password);
    rc = desk_in_end(&in);
    if (rc == RC_OK)
        rc = link_hash(rq, code, &s->setup.code);
    if (rc == RC_OK)
        rc = auth_password_hash(&rq->task, door_flow(rq)->auth, s->password, setup_hashed);
    return rc == RC_BUSY ? door_wait(rq, 5) : desk_over(rc);
}
