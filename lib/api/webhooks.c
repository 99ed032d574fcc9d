/* /api/v1/webhooks: whom an organisation wants told of what, and what became of it. */
#include "khop/api/api.h"
#include "khop/api/json.h"
#include "khop/api/list.h"
#include "khop/auth/token.h"
#include "khop/base/enc.h"
#include "khop/flow/webhook.h"
#include "khop/http/client.h"

#include "khop/base/banned.h"

enum webhook_col { W_RC, W_ID, W_URL, W_TYPES, W_CREATED, W_FAILING, W_ENDED, W_WHY, W_TWO, W_WAITING };
enum delivery_col { D_RC, D_TYPE, D_EVENT, D_TIME, D_STATE, D_TRIES, D_REPLAYS, D_NEXT, D_LAST, D_STATUS, D_ERROR, D_MS };

static const char *const WEBHOOK_MEMBERS[] = { "url", "types", NULL };

struct hook {
    char secret[WEBHOOK_SECRET_SIZE];
    struct slice url, token_hash;
    struct slice types[WEBHOOK_TYPES];
    size_t ntypes;
    int64_t id;
};

/* --- create --- */

static void read_types(struct api_in *in, struct hook *h)
{
    json_t *list = json_object_get(in->root, "types"), *item;
    bool seen[WEBHOOK_TYPES + 1] = { false };
    size_t i;

    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > WEBHOOK_TYPES) {
        api_in_fault(in, "/types", "types", "This must be a list of code.paid, receipt.issued and exception.opened, each once.");
        return;
    }
    json_array_foreach(list, i, item) {
        struct slice name = { json_string_value(item), json_string_length(item) };
        int type = name.p == NULL ? 0 : webhook_type_by_name(name);

        if (type == 0 || seen[type]) {
            api_in_fault(in, "/types", "types", "This must be a list of code.paid, receipt.issued and exception.opened, each once.");
            return;
        }
        seen[type] = true;
        h->types[h->ntypes++] = name;
    }
}

static json_t *types_doc(const struct slice *types, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_stringn(types[i].p, types[i].n));
    return list;
}

static int create_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct hook *h = t->state;
    const struct db_rows *r = db_result(t);
    json_t *doc;

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, 0) == RC_BUSY)
        return api_problem(rq, "conflict", "Ten webhooks are active already; end one of them first.");
    if (db_i64(r, 0, 0) < 0)
        return (int)db_i64(r, 0, 0);
    doc = json_object();
    api_set_id(doc, "id", "whk", db_i64(r, 0, 1));
    api_set_slice(doc, "url", h->url);
    json_object_set_new(doc, "types", types_doc(h->types, h->ntypes));
    json_object_set_new(doc, "secret", json_string(h->secret));
    return api_created(rq, "/api/v1/webhooks", "whk", db_i64(r, 0, 1), doc);
}

int api_webhooks_create(struct req *rq)
{
    struct flow *f = rq->app;
    struct hook *h = task_state(&rq->task, sizeof *h);
    struct slice sealed;
    struct api_in in;
    const char *fault;
    int rc;

    if (h == NULL)
        return RC_NOMEM;
    rc = auth_bearer(rq, &h->token_hash);
    if (rc < 0)
        return rc;
    rc = api_in_begin(&in, rq);
    if (rc != RC_OK)
        return rc < 0 ? rc : RC_OK;
    api_in_known(&in, in.root, "", WEBHOOK_MEMBERS);
    api_in_text(&in, NULL, "/url", 1, HTTP_TARGET_MAX, &h->url);
    fault = h->url.p == NULL ? NULL : http_target_fault(h->url, f->webhook_allow);
    if (fault != NULL)
        api_in_fault(&in, "/url", "url", fault);
    read_types(&in, h);
    if (!api_in_end(&in))
        return RC_OK;
    rc = flow_webhook_secret(rq->task.arena, f->field_key, h->secret, &sealed);
    return rc < 0 ? rc : flow_webhook_create(&rq->task, f, h->token_hash, h->url, h->types, h->ntypes, sealed, create_done);
}

/* --- read --- */

static json_t *webhook_doc(const struct db_rows *r, int i)
{
    struct slice types = db_text(r, i, W_TYPES);
    json_t *doc = json_object(), *list = json_array();

    while (types.n > 0) {
        struct slice type = slice_cut(&types, ',');

        json_array_append_new(list, json_stringn(type.p, type.n));
    }
    api_set_id(doc, "id", "whk", db_i64(r, i, W_ID));
    api_set_slice(doc, "url", db_text(r, i, W_URL));
    json_object_set_new(doc, "types", list);
    json_object_set_new(doc, "state", json_string(!db_null(r, i, W_ENDED) ? "ended" : !db_null(r, i, W_FAILING) ? "failing" : "active"));
    api_set_time(doc, "created_at", true, db_time_us(r, i, W_CREATED));
    api_set_time(doc, "failing_since", !db_null(r, i, W_FAILING), db_null(r, i, W_FAILING) ? 0 : db_time_us(r, i, W_FAILING));
    api_set_time(doc, "ended_at", !db_null(r, i, W_ENDED), db_null(r, i, W_ENDED) ? 0 : db_time_us(r, i, W_ENDED));
    if (db_null(r, i, W_WHY))
        json_object_set_new(doc, "ended_why", json_null());
    else
        api_set_slice(doc, "ended_why", db_text(r, i, W_WHY));
    json_object_set_new(doc, "two_secrets", json_boolean(db_bool(r, i, W_TWO)));
    json_object_set_new(doc, "waiting", json_integer(db_i64(r, i, W_WAITING)));
    return doc;
}

static int get_done(struct task *t)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) < 1)
        return RC_NOT_FOUND;
    if (db_i64(r, 0, W_RC) < 0)
        return (int)db_i64(r, 0, W_RC);
    return api_reply(req_of(t), 200, webhook_doc(r, 0));
}

/* The token, and the webhook of the path. */
static int begin_one(struct req *rq, struct slice *hash, int64_t *id)
{
    int rc = auth_bearer(rq, hash);

    return rc < 0 ? rc : dec_id(rq->params[0], "whk", id) < 0 ? RC_NOT_FOUND : RC_OK;
}

int api_webhooks_get(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = begin_one(rq, &hash, &id);

    return rc < 0 ? rc : flow_webhook_list(&rq->task, rq->app, hash, id, 0, 1, get_done);
}

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    (void)rq;
    key[1] = db_i64(rows, (int)i, W_ID);
    return webhook_doc(rows, (int)i);
}

static int list_done(struct task *t)
{
    const struct db_rows *r = db_result(t);
    int n = db_rows_count(r);

    if (n > 0 && db_i64(r, 0, W_RC) < 0)
        return (int)db_i64(r, 0, W_RC);
    return api_list_reply(req_of(t), r, (size_t)n, list_row);
}

int api_webhooks_list(struct req *rq)
{
    struct api_list *list;
    int rc = api_list_begin(rq, &list);

    if (rc != RC_OK)
        return rc < 0 ? rc : RC_OK;
    return flow_webhook_list(&rq->task, rq->app, list->token_hash, 0, list->after_b, list->limit, list_done);
}

/* --- end, another secret --- */

static int ended(struct task *t)
{
    const struct hook *h = t->state;
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, 0) < 0)
        return (int)db_i64(r, 0, 0);
    return flow_webhook_list(t, req_of(t)->app, h->token_hash, h->id, 0, 1, get_done);
}

int api_webhooks_end(struct req *rq)
{
    struct hook *h = task_state(&rq->task, sizeof *h);
    int rc = h == NULL ? RC_NOMEM : begin_one(rq, &h->token_hash, &h->id);

    return rc < 0 ? rc : flow_webhook_change(&rq->task, rq->app, h->token_hash, h->id, (struct slice){ 0 }, ended);
}

static int secret_made(struct task *t)
{
    struct req *rq = req_of(t);
    const struct hook *h = t->state;
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, 0) == RC_CONFLICT)
        return api_problem(rq, "conflict", "This webhook has ended.");
    if (db_i64(r, 0, 0) < 0)
        return (int)db_i64(r, 0, 0);
    return api_reply(rq, 201, json_pack("{s:s}", "secret", h->secret));
}

int api_webhooks_secret(struct req *rq)
{
    struct flow *f = rq->app;
    struct hook *h = task_state(&rq->task, sizeof *h);
    struct slice sealed;
    int rc = h == NULL ? RC_NOMEM : begin_one(rq, &h->token_hash, &h->id);

    if (rc == RC_OK)
        rc = flow_webhook_secret(rq->task.arena, f->field_key, h->secret, &sealed);
    return rc < 0 ? rc : flow_webhook_change(&rq->task, f, h->token_hash, h->id, sealed, secret_made);
}

/* --- deliveries --- */

static json_t *delivery_doc(const struct db_rows *r, int i)
{
    int type = (int)db_i64(r, i, D_TYPE);
    json_t *doc = json_object();

    api_set_id(doc, "id", webhook_event_prefix(type), db_i64(r, i, D_EVENT));
    json_object_set_new(doc, "type", json_string(webhook_type_name(type)));
    api_set_time(doc, "happened_at", true, db_time_us(r, i, D_TIME));
    api_set_slice(doc, "state", db_text(r, i, D_STATE));
    json_object_set_new(doc, "tries", json_integer(db_i64(r, i, D_TRIES)));
    json_object_set_new(doc, "replays", json_integer(db_i64(r, i, D_REPLAYS)));
    api_set_time(doc, "next_at", slice_is(db_text(r, i, D_STATE), "pending"), db_time_us(r, i, D_NEXT));
    api_set_time(doc, "last_at", !db_null(r, i, D_LAST), db_null(r, i, D_LAST) ? 0 : db_time_us(r, i, D_LAST));
    json_object_set_new(doc, "last_status", db_null(r, i, D_STATUS) ? json_null() : json_integer(db_i64(r, i, D_STATUS)));
    if (db_null(r, i, D_ERROR))
        json_object_set_new(doc, "last_error", json_null());
    else
        api_set_slice(doc, "last_error", db_text(r, i, D_ERROR));
    json_object_set_new(doc, "last_ms", db_null(r, i, D_MS) ? json_null() : json_integer(db_i64(r, i, D_MS)));
    return doc;
}

/* The sort key is (time, type, event); time and type go into one number of the cursor. */
static json_t *delivery_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct db_rows *r = rows;

    (void)rq;
    key[0] = db_time_us(r, (int)i, D_TIME) * (WEBHOOK_TYPES + 1) + db_i64(r, (int)i, D_TYPE);
    key[1] = db_i64(r, (int)i, D_EVENT);
    return delivery_doc(r, (int)i);
}

static int deliveries_done(struct task *t)
{
    const struct db_rows *r = db_result(t);
    int n = db_rows_count(r);

    if (n > 0 && db_i64(r, 0, D_RC) < 0)
        return (int)db_i64(r, 0, D_RC);
    return api_list_reply(req_of(t), r, (size_t)n, delivery_row);
}

int api_webhooks_deliveries(struct req *rq)
{
    struct flow_delivery_filter filter = { 0 };
    struct api_list *list;
    int rc = api_list_begin(rq, &list);

    if (rc != RC_OK)
        return rc < 0 ? rc : RC_OK;
    if (dec_id(rq->params[0], "whk", &filter.webhook_id) < 0)
        return RC_NOT_FOUND;
    filter.has_after = list->has_after && list->after_a >= 0;
    filter.after_us = list->after_a / (WEBHOOK_TYPES + 1);
    filter.after_type = (int)(list->after_a % (WEBHOOK_TYPES + 1));
    filter.after_id = list->after_b;
    filter.limit = list->limit;
    return flow_delivery_list(&rq->task, rq->app, list->token_hash, &filter, deliveries_done);
}

static int resend_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) < 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, D_RC) == RC_CONFLICT)
        return api_problem(rq, "conflict", "This webhook has ended.");
    if (db_i64(r, 0, D_RC) < 0)
        return (int)db_i64(r, 0, D_RC);
    return api_reply(rq, 200, delivery_doc(r, 0));
}

int api_webhooks_resend(struct req *rq)
{
    struct flow_delivery_filter filter = { .limit = 1 };
    struct slice hash;
    int rc = begin_one(rq, &hash, &filter.webhook_id);

    for (int type = 1; rc == RC_OK && type <= WEBHOOK_TYPES; type++) {
        if (dec_id(rq->params[1], webhook_event_prefix(type), &filter.event_id) == RC_OK) {
            filter.type = type;
            return flow_delivery_list(&rq->task, rq->app, hash, &filter, resend_done);
        }
    }
    return rc < 0 ? rc : RC_NOT_FOUND;
}
