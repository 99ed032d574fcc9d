#include "khop/api/api.h"
#include "khop/api/json.h"
#include "khop/api/list.h"
#include "khop/auth/token.h"
#include "khop/base/enc.h"
#include "khop/flow/connection.h"

#include "khop/base/banned.h"

#define SECRET_TEXT_MAX 200

static const char *const CONNECTION_MEMBERS[] = { "account", "provider", "mode", "secret", NULL };
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

static int secret_refused(struct req *rq)
{
    struct api_error e = { "/secret", "form", "This secret does not have the form that this provider gives out." };

    return api_problem_invalid(rq, &e, 1);
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
    json_t *doc;

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, C_RC) == RC_NOT_FOUND) {
        struct api_error e = { "/account", "not_found", "This organisation has no such account." };

        return api_problem_invalid(rq, &e, 1);
    }
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
    return api_created(rq, "/api/v1/connections", "con", db_i64(r, 0, C_ID), doc);
}

int api_connections_create(struct req *rq)
{
    struct created *made = task_state(&rq->task, sizeof *made);
    struct api_in in;
    int rc;

    if (made == NULL)
        return RC_NOMEM;
    rc = auth_bearer(rq, &made->spec.token_hash);
    if (rc < 0)
        return rc;
    rc = api_in_begin(&in, rq);
    if (rc != RC_OK)
        return rc < 0 ? rc : RC_OK;
    api_in_known(&in, in.root, "", CONNECTION_MEMBERS);
    api_in_id(&in, NULL, "/account", "acc", true, &made->spec.account_id);
    read_mode(&in, &made->spec.provider, &made->spec.mode);
    api_in_text(&in, NULL, "/secret", 1, SECRET_TEXT_MAX, &made->spec.secret);
    if (!api_in_end(&in))
        return RC_OK;
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
        return api_problem(rq, "conflict", "This is the last active secret; add the new one first.");
    if (db_i64(r, 0, 0) < 0)
        return (int)db_i64(r, 0, 0);
    connection_changed(rq);
    return reply(rq, 204, NULL, (struct slice){ 0 });
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
        return api_problem(rq, "conflict", "Three secrets are active already; end one of them first.");
    if (db_i64(r, 0, 0) < 0)
        return (int)db_i64(r, 0, 0);
    connection_changed(rq);
    doc = json_object();
    api_set_id(doc, "id", "sec", db_i64(r, 0, 1));
    return api_reply(rq, 201, doc);
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

int api_connection_secret(struct req *rq)
{
    struct adding *adding = task_state(&rq->task, sizeof *adding);
    struct api_in in;
    int rc;

    if (adding == NULL)
        return RC_NOMEM;
    rc = auth_bearer(rq, &adding->token_hash);
    if (rc < 0)
        return rc;
    if (dec_id(rq->params[0], "con", &adding->id) < 0)
        return RC_NOT_FOUND;
    rc = api_in_begin(&in, rq);
    if (rc != RC_OK)
        return rc < 0 ? rc : RC_OK;
    api_in_known(&in, in.root, "", SECRET_MEMBERS);
    api_in_text(&in, NULL, "/secret", 1, SECRET_TEXT_MAX, &adding->secret);
    if (!api_in_end(&in))
        return RC_OK;
    return flow_connection_show(&rq->task, rq->app, adding->token_hash, adding->id, secret_mode_known);
}

int api_connection_secret_end(struct req *rq)
{
    struct slice hash;
    int64_t id, secret_id;
    int rc = auth_bearer(rq, &hash);

    if (rc < 0)
        return rc;
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
    return api_reply(rq, 200, doc);
}

int api_connections_get(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = auth_bearer(rq, &hash);

    if (rc < 0)
        return rc;
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

static int list_done(struct task *t)
{
    const struct db_rows *r = db_result(t);
    int n = db_rows_count(r);

    if (n > 0 && db_i64(r, 0, W_RC) < 0)
        return (int)db_i64(r, 0, W_RC);
    return api_list_reply(req_of(t), r, (size_t)n, list_row);
}

int api_connections_list(struct req *rq)
{
    struct api_list *list;
    int rc = api_list_begin(rq, &list);

    if (rc != RC_OK)
        return rc < 0 ? rc : RC_OK;
    return flow_connection_list(&rq->task, rq->app, list->token_hash, list->after_b, list->limit, list_done);
}
