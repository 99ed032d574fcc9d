/* The people of an organisation: who they are, invitations, roles, and what else an administrator may do to them. */
#include "door.h"

#include "khop/base/enc.h"
#include "khop/flow/people.h"
#include "khop/web/desk.h"
#include "khop/web/entry.h"

#include "khop/base/banned.h"

static const char *const ROLES[] = { "accountant", "principal", "vendor", "commune_maker", "commune_checker", "auditor", "administrator", NULL };
static const char *const INVITE_MEMBERS[] = { "login", "name", "role", NULL };
static const char *const ROLE_MEMBERS[] = { "role", NULL };

struct users {
    struct slice token;
    char link[AUTH_SECRET_SIZE];
    uint8_t hash[SHA256_SIZE];
    struct slice login, name, role;
    bool reset;
};

/* --- the list --- */

static int64_t login_key(struct slice login)
{
    uint64_t key = 0;

    for (size_t i = 0; i < 8; i++)
        key = key << 8 | (i < login.n ? (unsigned char)login.p[i] : 0);
    return (int64_t)key;
}

static struct slice key_login(struct req *rq, int64_t key)
{
    char *text = arena_alloc(rq->task.arena, 9);
    size_t n = 0;

    for (int i = 7; text != NULL && i >= 0; i--) {
        char c = (char)((uint64_t)key >> (8 * i) & 127);

        if (c != '\0')
            text[n++] = c;
    }
    return (struct slice){ text, n };
}

static json_t *roles_doc(struct slice roles, bool page, struct req *rq)
{
    json_t *list = json_array();

    while (roles.n > 0) {
        struct slice role = slice_cut(&roles, ',');
        char *name = arena_printf(rq->task.arena, "%.*s", SLICE_FMT(role));

        if (name == NULL)
            break;
        json_array_append_new(list, page ? json_pack("{s:s, s:s}", "name", name, "text", desk_word(rq, "role", name)) : json_string(name));
    }
    return list;
}

static json_t *user_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_user *u = (const struct flow_user *)rows + i;
    json_t *doc = json_object();

    key[0] = login_key(u->login);
    key[1] = u->id;
    api_set_id(doc, "id", "usr", u->id);
    api_set_slice(doc, "login", u->login);
    api_set_slice(doc, "name", u->name);
    json_object_set_new(doc, "roles", roles_doc(u->roles, rq->desk->page, rq));
    json_object_set_new(doc, "disabled", json_boolean(u->disabled));
    json_object_set_new(doc, "second_factor", json_boolean(u->totp));
    json_object_set_new(doc, "elsewhere", json_boolean(u->elsewhere));
    api_set_time(doc, "signed_in_at", u->has_signed_in, u->signed_in_us);
    return doc;
}

static json_t *invitation_doc(const struct flow_invitation *i)
{
    json_t *doc = json_object();

    api_set_id(doc, "id", "inv", i->id);
    json_object_set_new(doc, "purpose", json_string(i->reset ? "reset" : "join"));
    api_set_slice(doc, "login", i->login);
    api_set_slice(doc, "name", i->name);
    api_set_slice(doc, "role", i->role);
    api_set_slice(doc, "created_by", i->created_by);
    api_set_time(doc, "created_at", true, i->created_us);
    api_set_time(doc, "expires_at", true, i->expires_us);
    return doc;
}

static int list_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_user *users;
    size_t n;
    json_t *more;
    int rc = flow_user_read(t, &users, &n);

    if (rc < 0)
        return rc;
    more = json_object();
    json_object_set(more, "invitations", rq->desk->extra);
    for (size_t i = 0; ROLES[i] != NULL; i++)
        desk_choice(rq, more, "role", ROLES[i], json_string(desk_word(rq, "role", ROLES[i])));
    return desk_list_reply(rq, "users.html", more, users, n, user_row);
}

static int invitations_known(struct task *t)
{
    struct req *rq = req_of(t);
    const struct api_list *list = t->state;
    struct flow_invitation *open;
    json_t *docs;
    size_t n;
    int rc = flow_invitation_read(t, &open, &n);

    if (rc < 0)
        return rc;
    docs = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(docs, invitation_doc(&open[i]));
    rc = desk_keep(rq, docs);
    rq->desk->extra = docs;
    return rc < 0 ? rc
                  : flow_user_list(t, rq->app, list->token_hash, key_login(rq, list->after_a), list->has_after ? list->after_b : 0, list->limit, list_done);
}

int desk_users(struct req *rq)
{
    struct api_list *list;
    int rc = desk_list_begin(rq, &list);

    return rc != RC_OK ? desk_over(rc) : flow_invitation_list(&rq->task, rq->app, list->token_hash, invitations_known);
}

/* --- links: shown once, to be handed over --- */

static int link_reply(struct req *rq, int status, struct users *s, json_t *doc)
{
    api_set_slice(doc, "login", s->login);
    api_set_url(doc, "url", "%s/invite/%s", door_flow(rq)->origin, s->link);
    explicit_bzero(s->link, sizeof s->link);
    if (rq->desk->page)
        json_object_set_new(doc, "reset", json_boolean(s->reset));
    return desk_reply(rq, status, "invited.html", doc);
}

static int invited(struct task *t)
{
    struct req *rq = req_of(t);
    struct users *s = t->state;
    int64_t id, expires_us;
    json_t *doc;
    int rc = flow_invited_read(t, &id, &expires_us);

    if (rc == RC_CONFLICT)
        return desk_refuse(rq, "/login", "conflict", "This person has that role here already.");
    if (rc == RC_BUSY)
        return desk_refuse(rq, NULL, "conflict", "A hundred invitations are open; take some of them back first.");
    if (rc < 0)
        return rc;
    doc = json_object();
    api_set_id(doc, "id", "inv", id);
    api_set_slice(doc, "name", s->name);
    api_set_slice(doc, "role", s->role);
    api_set_time(doc, "expires_at", true, expires_us);
    return link_reply(rq, 201, s, doc);
}

static void read_role(struct api_in *in, struct slice *role)
{
    bool known = false;

    api_in_text(in, NULL, "/role", 1, 32, role);
    for (size_t i = 0; ROLES[i] != NULL; i++)
        known |= slice_is(*role, ROLES[i]);
    if (role->p != NULL && !known)
        api_in_fault(in, "/role", "role", "This must be administrator, accountant, principal, vendor, commune_maker, commune_checker or auditor.");
}

static int users_begin(struct req *rq, struct users **out)
{
    struct slice token;
    int rc = desk_begin(rq, &token);

    if (rc != RC_OK)
        return rc;
    *out = task_state(&rq->task, sizeof **out);
    if (*out == NULL)
        return RC_NOMEM;
    (*out)->token = token;
    return RC_OK;
}

int desk_users_invite(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct users *s;
    struct api_in in;
    int rc = users_begin(rq, &s);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_users);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", INVITE_MEMBERS);
    door_read_login(&in, "/login", &s->login);
    api_in_free_text(&in, NULL, "/name", 1, 120, &s->name);
    read_role(&in, &s->role);
    rc = desk_in_end(&in);
    if (rc == RC_OK)
        rc = auth_secret_make(s->link, s->hash);
    return rc != RC_OK ? desk_over(rc)
                       : flow_invite(&rq->task, rq->app, s->token, (struct slice){ (const char *)s->hash, SHA256_SIZE }, s->login, s->name, s->role, &v, invited);
}

static int reset_made(struct task *t)
{
    struct req *rq = req_of(t);
    struct users *s = t->state;
    int rc = flow_rc_read(t);

    if (rc == RC_BAD_INPUT)
        return desk_refuse(rq, NULL, "conflict", "This person is in another organisation, too; only the operator of this installation can do that.");
    if (rc < 0)
        return rc;
    s->login = db_text(db_result(t), 0, 1);
    s->reset = true;
    return link_reply(rq, 200, s, json_object());
}

/* --- what is done to one of them --- */

static int act_begin(struct req *rq, struct users **out, int64_t *id)
{
    int rc = users_begin(rq, out);

    if (rc == RC_OK && dec_id(rq->params[0], "usr", id) < 0)
        rc = RC_NOT_FOUND;
    return rc;
}

int desk_user_reset(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct users *s;
    int64_t id;
    int rc = act_begin(rq, &s, &id);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_users);
    if (rc == RC_OK)
        rc = auth_secret_make(s->link, s->hash);
    return rc != RC_OK ? desk_over(rc) : flow_user_reset(&rq->task, rq->app, s->token, id, (struct slice){ (const char *)s->hash, SHA256_SIZE }, &v, reset_made);
}

static int act_done(struct task *t)
{
    struct req *rq = req_of(t);
    int rc = flow_rc_read(t);

    if (rc == RC_BAD_INPUT)
        return desk_refuse(rq, NULL, "conflict", "This person is in another organisation, too; only the operator of this installation can do that.");
    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", "That cannot be done: it is so already, it is the last administrator, or it is yourself.");
    return rc < 0 ? rc : desk_done(rq, 204, NULL, "said.user", "/desk/users");
}

int desk_user_role_add(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct users *s;
    struct api_in in;
    int64_t id;
    int rc = act_begin(rq, &s, &id);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_users);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", ROLE_MEMBERS);
    read_role(&in, &s->role);
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_user_role_add(&rq->task, rq->app, s->token, id, s->role, &v, act_done);
}

int desk_user_role_end(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct users *s;
    int64_t id;
    int rc = act_begin(rq, &s, &id);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_users);
    return rc != RC_OK ? desk_over(rc) : flow_user_role_end(&rq->task, rq->app, s->token, id, rq->params[1], &v, act_done);
}

static int disable(struct req *rq, bool off)
{
    struct flow_visitor v = door_visitor(rq);
    struct users *s;
    int64_t id;
    int rc = act_begin(rq, &s, &id);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_users);
    return rc != RC_OK ? desk_over(rc) : flow_user_disable(&rq->task, rq->app, s->token, id, off, &v, act_done);
}

int desk_user_disable(struct req *rq)
{
    return disable(rq, true);
}

int desk_user_enable(struct req *rq)
{
    return disable(rq, false);
}

int desk_user_factor_reset(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct users *s;
    int64_t id;
    int rc = act_begin(rq, &s, &id);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_users);
    return rc != RC_OK ? desk_over(rc) : flow_user_factor_reset(&rq->task, rq->app, s->token, id, &v, act_done);
}

int desk_invitation_end(struct req *rq)
{
    struct flow_visitor v = door_visitor(rq);
    struct users *s;
    int64_t id;
    int rc = users_begin(rq, &s);

    if (rc == RC_OK && dec_id(rq->params[0], "inv", &id) < 0)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_users);
    return rc != RC_OK ? desk_over(rc) : flow_invitation_end(&rq->task, rq->app, s->token, id, &v, act_done);
}

/* --- what has been done --- */

static json_t *event_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_event *e = (const struct flow_event *)rows + i;
    json_t *doc = json_object();
    struct buf hash;

    key[1] = e->seq;
    buf_init_arena(&hash, rq->task.arena, 80);
    enc_hex(&hash, e->hash.p, e->hash.n);
    json_object_set_new(doc, "seq", json_integer(e->seq));
    api_set_time(doc, "at", true, e->at_us);
    api_set_slice(doc, "actor", e->actor_name);
    api_set_slice(doc, "session", e->session8);
    api_set_slice(doc, "ip", e->ip);
    api_set_slice(doc, "request", e->req);
    api_set_slice(doc, "action", e->action);
    api_set_slice(doc, "object", e->object);
    api_set_slice(doc, "result", e->result);
    api_set_slice(doc, "detail", e->detail);
    json_object_set_new(doc, "hash", json_stringn(hash.p, hash.n));
    return doc;
}

static int events_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_event *events;
    size_t n;
    int rc = flow_event_read(t, &events, &n);

    return rc < 0 ? rc : desk_list_reply(rq, "events.html", NULL, events, n, event_row);
}

int desk_events(struct req *rq)
{
    struct slice action;
    struct api_list *list;
    int rc = desk_list_begin(rq, &list);

    if (rc != RC_OK)
        return desk_over(rc);
    rc = req_query(rq, "action", &action);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (rc == RC_NOT_FOUND || action.n == 0)
        action = (struct slice){ 0 };
    return flow_event_list(&rq->task, rq->app, list->token_hash, list->has_after ? list->after_b : 0, action, list->limit, events_done);
}
