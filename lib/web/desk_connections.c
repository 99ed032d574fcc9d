/* Where the notices of an account come from: connections, their addresses and secrets. */
#include "khop/base/enc.h"
#include "khop/flow/connection.h"
#include "khop/web/desk.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define SECRET_TEXT_MAX 200

static const char *const CONNECTION_MEMBERS[] = { "account", "provider", "mode", "secret", NULL };
static const char *const FORM_MEMBERS[] = { "account", "method", "secret", NULL };
static const char *const SECRET_MEMBERS[] = { "secret", NULL };

static void set_hook_url(json_t *doc, const struct flow *f, struct slice hook, struct arena *arena)
{
    struct buf text;

    buf_init_arena(&text, arena, 64);
    enc_base64url(&text, hook.p, hook.n);
    api_set_url(doc, "url", "%s/hooks/%.*s", f->origin, SLICE_FMT(buf_slice(&text)));
}

static void read_mode(struct api_in *in, int *provider, int *mode)
{
    struct slice provider_text, mode_text;

    api_in_text(in, NULL, "/provider", 1, 32, &provider_text);
    api_in_text(in, NULL, "/mode", 1, 32, &mode_text);
    *provider = provider_text.p == NULL ? 0 : provider_by_name(provider_text);
    *mode = mode_text.p == NULL || *provider == 0 ? 0 : provider_mode_by_name(*provider, mode_text);
    if (provider_text.p != NULL && *provider == 0)
        api_in_fault(in, "/provider", "provider", "This must be sepay, casso, payos, vietqrvn or standardwebhooks.");
    else if (mode_text.p != NULL && *provider != 0 && *mode == 0)
        api_in_fault(in, "/mode", "mode", "This provider has no such mode; see /openapi.json.");
}

/* A form has one field for both: "sepay/hmac". */
static void read_method(struct api_in *in, int *provider, int *mode)
{
    struct slice method;

    api_in_text(in, NULL, "/method", 1, 64, &method);
    *provider = provider_by_name(slice_cut(&method, '/'));
    *mode = *provider == 0 ? 0 : provider_mode_by_name(*provider, method);
    if (in->nerrors == 0 && *mode == 0)
        api_in_fault(in, "/method", "mode", "This provider has no such mode; see /openapi.json.");
}

static int secret_refused(struct req *rq)
{
    return desk_refuse(rq, "/secret", "form", "This secret does not have the form that this provider gives out.");
}

enum created_col { C_RC, C_ID, C_HOOK, C_ROLE, C_CREATED };

struct created {
    struct flow_connection_spec spec;
};

static int create_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct created *made = t->state;
    const struct db_rows *r = db_result(t);
    char id[ENC_ID_SIZE];
    json_t *doc;

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, C_RC) == RC_NOT_FOUND)
        return desk_refuse(rq, "/account", "not_found", "This organisation has no such account.");
    if (db_i64(r, 0, C_RC) < 0)
        return (int)db_i64(r, 0, C_RC);
    doc = json_object();
    api_set_id(doc, "id", "con", db_i64(r, 0, C_ID));
    set_hook_url(doc, rq->app, db_text(r, 0, C_HOOK), t->arena);
    api_set_id(doc, "account", "acc", made->spec.account_id);
    json_object_set_new(doc, "provider", json_string(provider_name(made->spec.provider)));
    json_object_set_new(doc, "mode", json_string(provider_mode_name(made->spec.mode)));
    json_object_set_new(doc, "role", json_string(db_i64(r, 0, C_ROLE) == 2 ? "witness" : "settling"));
    api_set_time(doc, "created_at", true, db_time_us(r, 0, C_CREATED));
    enc_id(id, "con", db_i64(r, 0, C_ID));
    return desk_done(rq, 201, doc, "said.connection", "/desk/connections/%s", id);
}

int desk_connections_create(struct req *rq)
{
    struct created *made = task_state(&rq->task, sizeof *made);
    struct api_in in;
    int rc;

    if (made == NULL)
        return RC_NOMEM;
    rc = desk_begin(rq, &made->spec.token_hash);
    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_connections);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", in.form ? FORM_MEMBERS : CONNECTION_MEMBERS);
    api_in_id(&in, NULL, "/account", "acc", true, &made->spec.account_id);
    if (in.form)
        read_method(&in, &made->spec.provider, &made->spec.mode);
    else
        read_mode(&in, &made->spec.provider, &made->spec.mode);
    api_in_text(&in, NULL, "/secret", 1, SECRET_TEXT_MAX, &made->spec.secret);
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    rc = flow_connection_create(&rq->task, rq->app, &made->spec, create_done);
    return rc == RC_BAD_INPUT || rc == RC_TOO_LARGE ? secret_refused(rq) : rc;
}

enum show_col { W_RC, W_ID, W_HOOK, W_ACCOUNT, W_PROVIDER, W_MODE, W_ROLE, W_ACTIVE, W_CREATED, W_SECRET, W_SECRET_CREATED };

/* The connection that the address names. */
static void connection_changed(struct req *rq)
{
    int64_t id;

    if (dec_id(rq->params[0], "con", &id) == RC_OK)
        flow_connection_changed(rq->app, id);
}

static int secret_ended(struct task *t)
{
    struct req *rq = req_of(t);
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, 0) == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", "This is the last active secret; add the new one first.");
    if (db_i64(r, 0, 0) < 0)
        return (int)db_i64(r, 0, 0);
    connection_changed(rq);
    return desk_done(rq, 204, NULL, "said.secret_ended", "/desk/connections/%.*s", SLICE_FMT(rq->params[0]));
}

struct adding {
    struct slice token_hash, secret;
    int64_t id;
};

static int secret_added(struct task *t)
{
    struct req *rq = req_of(t);
    const struct db_rows *r = db_result(t);
    json_t *doc;

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, 0) == RC_BUSY)
        return desk_refuse(rq, NULL, "conflict", "Three secrets are active already; end one of them first.");
    if (db_i64(r, 0, 0) < 0)
        return (int)db_i64(r, 0, 0);
    connection_changed(rq);
    doc = json_object();
    api_set_id(doc, "id", "sec", db_i64(r, 0, 1));
    return desk_done(rq, 201, doc, "said.secret", "/desk/connections/%.*s", SLICE_FMT(rq->params[0]));
}

/* The form of a secret follows from the connection's mode, which only the database knows. */
static int secret_mode_known(struct task *t)
{
    struct req *rq = req_of(t);
    const struct adding *adding = t->state;
    const struct db_rows *r = db_result(t);
    int rc;

    if (db_rows_count(r) < 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, W_RC) < 0)
        return (int)db_i64(r, 0, W_RC);
    rc = flow_connection_add_secret(t, rq->app, adding->token_hash, adding->id, (int)db_i64(r, 0, W_MODE), adding->secret,
                                    secret_added);
    return rc == RC_BAD_INPUT || rc == RC_TOO_LARGE ? secret_refused(rq) : rc;
}

int desk_connection_secret(struct req *rq)
{
    struct adding *adding = task_state(&rq->task, sizeof *adding);
    struct api_in in;
    int rc;

    if (adding == NULL)
        return RC_NOMEM;
    rc = desk_begin(rq, &adding->token_hash);
    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "con", &adding->id) < 0)
        return RC_NOT_FOUND;
    rc = desk_in_begin(&in, rq, desk_connection);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", SECRET_MEMBERS);
    api_in_text(&in, NULL, "/secret", 1, SECRET_TEXT_MAX, &adding->secret);
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    return flow_connection_show(&rq->task, rq->app, adding->token_hash, adding->id, secret_mode_known);
}

int desk_connection_secret_end(struct req *rq)
{
    struct slice hash;
    int64_t id, secret_id;
    int rc = desk_begin(rq, &hash);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_connection);
    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "con", &id) < 0 || dec_id(rq->params[1], "sec", &secret_id) < 0)
        return RC_NOT_FOUND;
    return flow_connection_end_secret(&rq->task, rq->app, hash, id, secret_id, secret_ended);
}

/* A row of connection_show or connection_list: the first columns are the same. */
static json_t *connection_doc(struct task *t, const struct db_rows *r, int i)
{
    json_t *doc = json_object();

    api_set_id(doc, "id", "con", db_i64(r, i, W_ID));
    set_hook_url(doc, req_of(t)->app, db_text(r, i, W_HOOK), t->arena);
    api_set_id(doc, "account", "acc", db_i64(r, i, W_ACCOUNT));
    json_object_set_new(doc, "provider", json_string(provider_name((int)db_i64(r, i, W_PROVIDER))));
    json_object_set_new(doc, "mode", json_string(provider_mode_name((int)db_i64(r, i, W_MODE))));
    json_object_set_new(doc, "role", json_string(db_i64(r, i, W_ROLE) == 2 ? "witness" : "settling"));
    json_object_set_new(doc, "active", json_boolean(db_bool(r, i, W_ACTIVE)));
    api_set_time(doc, "created_at", true, db_time_us(r, i, W_CREATED));
    return doc;
}

static int get_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct db_rows *r = db_result(t);
    json_t *doc, *secrets;

    if (db_rows_count(r) < 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, W_RC) < 0)
        return (int)db_i64(r, 0, W_RC);
    doc = connection_doc(t, r, 0);
    secrets = json_array();
    for (int i = 0; i < db_rows_count(r) && !db_null(r, i, W_SECRET); i++) {
        json_t *secret = json_object();

        api_set_id(secret, "id", "sec", db_i64(r, i, W_SECRET));
        api_set_time(secret, "created_at", true, db_time_us(r, i, W_SECRET_CREATED));
        json_array_append_new(secrets, secret);
    }
    json_object_set_new(doc, "secrets", secrets);
    return desk_reply(rq, 200, "connection.html", doc);
}

int desk_connection(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = desk_begin(rq, &hash);

    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "con", &id) < 0)
        return RC_NOT_FOUND;
    return flow_connection_show(&rq->task, rq->app, hash, id, get_done);
}

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct db_rows *r = rows;

    key[1] = db_i64(r, (int)i, W_ID);
    return connection_doc(&rq->task, r, (int)i);
}

/* What a form may ask for, as providers call it. */
static void add_methods(struct req *rq, json_t *more)
{
    static const struct {
        int provider, mode;
    } METHODS[] = {
        { PROVIDER_SEPAY, PROVIDER_SEPAY_HMAC },       { PROVIDER_SEPAY, PROVIDER_SEPAY_APIKEY },   { PROVIDER_CASSO, PROVIDER_CASSO_V2 },
        { PROVIDER_CASSO, PROVIDER_CASSO_V1 },         { PROVIDER_PAYOS, PROVIDER_PAYOS_WEBHOOK },  { PROVIDER_VIETQRVN, PROVIDER_VIETQRVN_TOKEN },
        { PROVIDER_STANDARD, PROVIDER_STANDARD_HMAC }, { PROVIDER_STANDARD, PROVIDER_STANDARD_ED25519 },
    };

    for (size_t i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++) {
        const char *mode = provider_mode_name(METHODS[i].mode);
        char value[64];

        snprintf(value, sizeof value, "%s/%s", provider_name(METHODS[i].provider), mode);
        desk_choice(rq, more, "method", value, json_sprintf("%s · %s", desk_word(rq, "provider", provider_name(METHODS[i].provider)), mode));
    }
}

static int list_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct db_rows *r = db_result(t);
    int n = db_rows_count(r);
    json_t *more;

    if (n > 0 && db_i64(r, 0, W_RC) < 0)
        return (int)db_i64(r, 0, W_RC);
    more = json_object();
    add_methods(rq, more);
    return desk_list_reply(rq, "connections.html", more, r, (size_t)n, list_row);
}

int desk_connections(struct req *rq)
{
    struct api_list *list;
    int rc = desk_list_begin(rq, &list);

    return rc != RC_OK ? desk_over(rc) : flow_connection_list(&rq->task, rq->app, list->token_hash, list->after_b, list->limit, list_done);
}
