/* A school's payers: the list with the form that takes a new one in, and one of them with charges, link and household. */
#include "desk_school.h"

#include "khop/api/doc.h"
#include "khop/api/query.h"
#include "khop/base/enc.h"
#include "khop/flow/school.h"
#include "khop/pay/code.h"
#include "khop/web/desk.h"
#include "khop/web/school.h"
#include "khop/web/upload.h"

#include "khop/base/banned.h"

#define FIND_MAX 80

/* --- documents of functions, shared with rounds --- */

int school_doc(struct task *t, json_t **out)
{
    struct slice text;
    int rc = flow_doc_read(t, &text);

    if (rc < 0)
        return rc;
    *out = json_loadb(text.p, text.n, 0, NULL);
    return *out == NULL ? RC_INTERNAL : RC_OK;
}

/* "code_no" and "token" of a charge become what people use. `id`: the member with the charge's id. */
void school_charge(const struct flow *f, json_t *charge, const char *id)
{
    json_t *no = json_object_get(charge, "code_no"), *token = json_object_get(charge, "token"), *of = json_object_get(charge, id);
    uint8_t bytes[16];
    char code[CODE_SIZE], text[TOKEN_SIZE];
    size_t n = 0;
    int64_t charge_id;

    json_object_set_new(charge, "code", json_null());
    json_object_set_new(charge, "pay_url", json_null());
    if (json_is_integer(no) && json_is_string(token) && json_is_string(of) &&
        dec_hex(slice_of(json_string_value(token)), bytes, sizeof bytes, &n) == RC_OK && n == sizeof bytes &&
        dec_id(slice_of(json_string_value(of)), "cod", &charge_id) == RC_OK) {
        code_text(code, (int32_t)json_integer_value(no));
        api_token_text(enc_id_bucket(charge_id), (struct slice){ (const char *)bytes, n }, text);
        json_object_set_new(charge, "code", json_string(code));
        api_set_url(charge, "pay_url", "%s/p/%s", f->origin, text);
    }
    json_object_del(charge, "code_no");
    json_object_del(charge, "token");
}

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const json_t *const *items = rows;
    json_t *item = json_deep_copy(items[i]);

    (void)rq;
    const json_t *of = json_object_get(item, "key");

    key[0] = json_integer_value(of != NULL ? json_array_get(of, 0) : json_object_get(item, "place"));
    key[1] = json_integer_value(json_array_get(of, 1));
    json_object_del(item, "key");
    json_object_del(item, "place");
    return item;
}

int school_list(struct req *rq, const char *template, json_t *doc)
{
    json_t *items = json_object_get(doc, "items"), *item;
    size_t n = json_array_size(items), i;
    json_t **rows = arena_array(rq->task.arena, n + 1, sizeof(json_t *));
    int rc;

    /* The rows are read in this call, and their document stays as long as the request. */
    if (rows == NULL || arena_defer(rq->task.arena, (void (*)(void *))json_decref, json_incref(items)) < 0) {
        json_decref(doc);
        return RC_NOMEM;
    }
    json_array_foreach(items, i, item)
        rows[i] = item;
    json_object_del(doc, "items");
    rc = desk_list_reply(rq, template, doc, rows, n, list_row);
    return rc;
}

int school_query(struct req *rq, const char *name, size_t max, struct slice *out)
{
    *out = (struct slice){ 0 };
    return rq->method == HTTP_POST ? RC_OK : api_query_text(rq, name, max, out);
}

/* --- the list --- */

static int list_done(struct task *t)
{
    struct req *rq = req_of(t);
    json_t *doc, *c;
    size_t i;
    int rc = school_doc(t, &doc);

    if (rc < 0)
        return rc;
    json_array_foreach(json_object_get(doc, "classes"), i, c)
    {
        const char *name = json_string_value(json_object_get(c, "class"));

        if (name != NULL)
            desk_choice(rq, doc, "class", name, json_sprintf("%s (%lld)", name, (long long)json_integer_value(json_object_get(c, "payers"))));
    }
    return school_list(rq, "payers.html", doc);
}

int desk_payers(struct req *rq)
{
    struct flow_payer_filter filter = { 0 };
    struct slice left;
    struct api_list *list;
    int rc = desk_list_begin(rq, &list);

    if (rc != RC_OK)
        return desk_over(rc);
    rc = school_query(rq, "class", FIND_MAX, &filter.class_name);
    if (rc == RC_OK)
        rc = school_query(rq, "q", FIND_MAX, &filter.find);
    if (rc == RC_OK)
        rc = school_query(rq, "left", 8, &left);
    if (rc < 0)
        return rc;
    filter.left = slice_is(left, "true");
    filter.after = (int32_t)list->after_a;
    filter.limit = list->limit;
    return flow_payer_list(&rq->task, rq->app, list->token_hash, &filter, list_done);
}

/* --- one --- */

struct slice school_version(struct api_in *in)
{
    struct slice version, header = slice_trim(req_header(in->rq, "if-match"));

    api_in_text(in, NULL, "/version", 0, 24, &version);
    if (version.p == NULL && header.n > 2 && header.p[0] == '"' && header.p[header.n - 1] == '"')
        header = slice_sub(header, 1, header.n - 2);
    return version.p != NULL || header.n == 0 || slice_is(header, "*") ? version : header;
}

void school_tag(struct req *rq, const json_t *doc)
{
    const char *version = json_string_value(json_object_get(doc, "version"));
    const char *tag = version == NULL ? NULL : arena_printf(rq->task.arena, "\"%s\"", version);

    if (tag != NULL && !desk_is_page(rq))
        reply_header(rq, "ETag", slice_of(tag));
}

void school_payer(struct req *rq, json_t *doc)
{
    json_t *charge;
    size_t i;

    json_array_foreach(json_object_get(doc, "charges"), i, charge)
    {
        int64_t left = json_integer_value(json_object_get(charge, "amount")) - json_integer_value(json_object_get(charge, "paid"));

        school_charge(rq->app, charge, "id");
        json_object_set_new(charge, "left", json_integer(left > 0 && strcmp(json_string_value(json_object_get(charge, "status")), "cancelled") != 0 ? left : 0));
    }
    school_tag(rq, doc);
}

static int get_done(struct task *t)
{
    struct req *rq = req_of(t);
    json_t *doc;
    int rc = school_doc(t, &doc);

    if (rc < 0)
        return rc;
    school_payer(rq, doc);
    return desk_reply(rq, 200, "payer.html", doc);
}

int desk_payer(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = desk_begin(rq, &hash);

    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "pyr", &id) < 0)
        return RC_NOT_FOUND;
    return flow_payer_get(&rq->task, rq->app, hash, id, get_done);
}

/* --- a new list --- */

int school_whole(struct req *rq, const json_t *fields, bool *out)
{
    struct slice whole = { 0 };
    int rc = fields == NULL ? req_query(rq, "whole", &whole) : RC_OK;
    const json_t *ticked = json_object_get(fields, "whole");

    *out = slice_is(whole, "true") || (json_is_string(ticked) && json_string_length(ticked) > 0);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static int ready(struct req *rq, struct flow_job_submit *submit, const json_t *fields)
{
    bool whole;
    int rc = school_whole(rq, fields, &whole);

    submit->params = whole ? SLICE("{\"whole\": true}") : SLICE("{\"whole\": false}");
    return rc;
}

static int submitted(struct task *t)
{
    return desk_job_started(req_of(t));
}

int desk_payers_import(struct req *rq)
{
    return desk_upload(rq, SLICE("payers"), desk_payers, ready, submitted);
}
