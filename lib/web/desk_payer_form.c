/* One pupil by hand: the form of a new one and of one that is there, leaving and coming back. */
#include "desk_private.h"
#include "desk_school.h"

#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/flow/school.h"
#include "khop/web/desk.h"
#include "khop/web/school.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define REF_MAX       64 /* as lists have them (lib/app/kinds/pupil.h) */
#define NAME_MAX      120
#define CLASS_MAX     40
#define HOUSEHOLD_MAX 80
#define ADDRESS_MAX   200
#define SUPPORT_MAX   8
#define MONTHS_MAX    3

static const char *const NEW_MEMBERS[] = { "ref", "name", "class", "household", "address", "support", NULL };
static const char *const MEMBERS[] = { "name", "class", "household", "address", "support", "version", NULL };
static const char *const LEAVE_MEMBERS[] = { "version", NULL };
static const char *const SUPPORT_MEMBERS[] = { "policy", "more_months", NULL };

/* --- what the form offers --- */

/* What is said of a policy: in what was typed, else as it is stored and has not ended. */
static const json_t *said_of(const json_t *list, const char *policy)
{
    const json_t *s;
    size_t i;

    json_array_foreach(list, i, s)
    {
        const char *of = json_string_value(json_object_get(s, "policy"));

        if (of != NULL && strcmp(of, policy) == 0 && !json_is_string(json_object_get(s, "valid_to")))
            return s;
    }
    return NULL;
}

/* A row for each policy: is it ticked, and how many months are added. */
static void add_support(const json_t *typed, json_t *doc)
{
    const json_t *list = typed != NULL ? json_object_get(typed, "support") : json_object_get(json_object_get(doc, "payer"), "support");
    json_t *rows = json_array(), *p;
    size_t i;

    json_array_foreach(json_object_get(doc, "policies"), i, p)
    {
        const json_t *said = said_of(list, json_string_value(json_object_get(p, "policy"))), *more = json_object_get(said, "more_months");
        int64_t months = json_integer_value(more);
        json_t *row = json_pack("{s:I, s:O, s:O, s:b}", "index", (json_int_t)i, "policy", json_object_get(p, "policy"), "label", json_object_get(p, "label"),
                                "chosen", said != NULL), *choices = json_array();

        if (json_is_string(more) && num_parse(slice_of(json_string_value(more)), 0, MONTHS_MAX, true, &months) < 0)
            months = 0; /* which is told as a fault */
        for (int n = 0; n <= MONTHS_MAX; n++)
            json_array_append_new(choices, json_pack("{s:i, s:b}", "months", n, "chosen", n == months));
        json_object_set_new(row, "choices", choices);
        json_array_append_new(rows, row);
    }
    json_object_set_new(doc, "rows_of", json_string("support"));
    json_object_set_new(doc, "rows", rows);
}

static int form_done(struct task *t)
{
    struct req *rq = req_of(t);
    const char *id;
    json_t *doc;
    int rc = school_doc(t, &doc);

    if (rc < 0)
        return rc;
    add_support(rq->desk == NULL ? NULL : rq->desk->values, doc);
    id = json_string_value(json_object_get(json_object_get(doc, "payer"), "id"));
    json_object_set_new(doc, "action", id == NULL ? json_string("/desk/payers") : json_sprintf("/desk/payers/%s", id));
    return desk_reply(rq, 200, "payer_form.html", doc);
}

int desk_payer_new(struct req *rq)
{
    struct slice hash;
    int rc = desk_begin(rq, &hash);

    return rc != RC_OK ? desk_over(rc) : flow_payer_form(&rq->task, rq->app, hash, 0, form_done);
}

int desk_payer_edit(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = desk_begin(rq, &hash);

    if (rc != RC_OK)
        return desk_over(rc);
    return dec_id(rq->params[0], "pyr", &id) < 0 ? RC_NOT_FOUND : flow_payer_form(&rq->task, rq->app, hash, id, form_done);
}

/* --- what it takes --- */

static int save_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct slice what = flow_doc_what(t);
    const char *id;
    char *to;
    json_t *doc;
    int rc = school_doc(t, &doc);

    if (rc == RC_CONFLICT && slice_is(what, "ref"))
        return desk_refuse(rq, "/ref", "conflict", "A pupil of this school has this number already; who has left can come back on his page.");
    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", "Somebody has changed this pupil meanwhile. Look at what stands there now, then save again.");
    if (rc == RC_BAD_INPUT)
        return desk_refuse(rq, "/support", "support", "This support is not known.");
    if (rc < 0)
        return rc;
    id = json_string_value(json_object_get(doc, "id"));
    to = arena_strndup(t->arena, id, strlen(id));
    school_payer(rq, doc);
    return to == NULL ? RC_NOMEM : desk_done(rq, rq->params[0].n == 0 ? 201 : 200, doc, "said.payer", "/desk/payers/%s", to);
}

/* A member that is there, or of a form: there an empty field says that there is nothing. */
static void take(struct api_in *in, json_t *data, const char *pointer, size_t min, size_t max)
{
    const char *name = pointer + 1;
    struct slice text;

    api_in_free_text(in, NULL, pointer, min, max, &text);
    if (json_object_get(in->root, name) != NULL || in->form || min > 0)
        json_object_set_new(data, name, text.p == NULL ? json_null() : json_stringn(text.p, text.n));
}

/* [{"policy", "more_months"}]; of a form a row for each policy, those that are not ticked without one. */
static void take_support(struct api_in *in, json_t *data)
{
    size_t n = api_in_array(in, "/support", SUPPORT_MAX);
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++) {
        json_t *from = api_in_element(in, "/support", i), *entry;
        struct slice policy = { 0 };
        char at[32], policy_at[48], months_at[48];
        bool has = false;
        int64_t months = 0;

        (void)snprintf(at, sizeof at, "/support/%zu", i);
        (void)snprintf(policy_at, sizeof policy_at, "%s/policy", at);
        (void)snprintf(months_at, sizeof months_at, "%s/more_months", at);
        if (!json_is_object(from)) {
            api_in_fault(in, at, "type", "This must be an object.");
            continue;
        }
        api_in_known(in, from, at, SUPPORT_MEMBERS);
        if (in->form && json_object_get(from, "policy") == NULL)
            continue;
        api_in_text(in, from, policy_at, 1, 32, &policy);
        api_in_int(in, from, months_at, 0, MONTHS_MAX, &has, &months);
        entry = json_pack("{s:o}", "policy", json_stringn(policy.p == NULL ? "" : policy.p, policy.n));
        if (has)
            json_object_set_new(entry, "more_months", json_integer(months));
        json_array_append_new(list, entry);
    }
    if (in->form || json_is_array(json_object_get(in->root, "support")))
        json_object_set_new(data, "support", list);
    else
        json_decref(list);
}

/* Sends what was read; takes the reference. */
static int send(struct req *rq, struct slice hash, int64_t id, struct slice version, json_t *data)
{
    char *text = json_dumps(data, JSON_COMPACT);
    struct slice copy = text == NULL ? (struct slice){ 0 } : arena_copy(rq->task.arena, slice_of(text));

    json_decref(data);
    free(text);
    return copy.p == NULL ? RC_NOMEM : flow_payer_save(&rq->task, rq->app, hash, id, version, copy, save_done);
}

static int save(struct req *rq, int64_t id, int (*form)(struct req *))
{
    struct slice hash, version;
    struct api_in in;
    json_t *data;
    int rc = desk_begin(rq, &hash);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, form);
    if (rc != RC_OK)
        return desk_over(rc);
    data = json_object();
    api_in_known(&in, in.root, "", id == 0 ? NEW_MEMBERS : MEMBERS);
    if (id == 0)
        take(&in, data, "/ref", 1, REF_MAX);
    take(&in, data, "/name", id == 0 || in.form || json_object_get(in.root, "name") != NULL ? 1 : 0, NAME_MAX);
    take(&in, data, "/class", 0, CLASS_MAX);
    take(&in, data, "/household", 0, HOUSEHOLD_MAX);
    take(&in, data, "/address", 0, ADDRESS_MAX);
    take_support(&in, data);
    version = id == 0 ? (struct slice){ 0 } : school_version(&in);
    rc = desk_in_end(&in);
    if (rc != RC_OK) {
        json_decref(data);
        return desk_over(rc);
    }
    return send(rq, hash, id, version, data);
}

int desk_payers_create(struct req *rq)
{
    return save(rq, 0, desk_payer_new);
}

int desk_payer_change(struct req *rq)
{
    int64_t id;

    return dec_id(rq->params[0], "pyr", &id) < 0 ? RC_NOT_FOUND : save(rq, id, desk_payer_edit);
}

/* --- leaving, coming back --- */

static int set_left(struct req *rq, bool left)
{
    struct slice hash, version;
    struct api_in in;
    int64_t id;
    int rc = desk_begin(rq, &hash);

    if (rc == RC_OK && dec_id(rq->params[0], "pyr", &id) < 0)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = desk_in_maybe(&in, rq, desk_payer);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", LEAVE_MEMBERS);
    version = school_version(&in);
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : send(rq, hash, id, version, json_pack("{s:b}", "left", left));
}

int desk_payer_leave(struct req *rq)
{
    return set_left(rq, true);
}

int desk_payer_return(struct req *rq)
{
    return set_left(rq, false);
}
