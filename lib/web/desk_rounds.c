/* Rounds of fees: the list, one with who has paid, what is done to it, its papers. */
#include "desk_school.h"

#include "khop/api/job.h"
#include "khop/api/query.h"
#include "khop/base/enc.h"
#include "khop/flow/school.h"
#include "khop/web/desk.h"
#include "khop/web/locale.h"
#include "khop/web/school.h"
#include "khop/web/upload.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define CLASS_MAX 40
#define NOTE_MAX  500

static const char *const NOTE_MEMBERS[] = { "note", NULL };
static const char *const REASON_MEMBERS[] = { "reason", NULL };
static const char *const SLIP_MEMBERS[] = { "class", NULL };
static const char *const EXPORT_MEMBERS[] = { "class", "payment", "format", NULL };
static const char *const PAYMENTS[] = { "paid", "part", "open", "free", "cancelled", NULL };
static const char *const FORMATS[] = { "csv", "xlsx", "pdf", NULL };

/* --- lists --- */

static int list_done(struct task *t)
{
    json_t *doc;
    int rc = school_doc(t, &doc);

    return rc < 0 ? rc : school_list(req_of(t), "rounds.html", doc);
}

int desk_rounds(struct req *rq)
{
    struct api_list *list;
    int rc = desk_list_begin(rq, &list);

    return rc != RC_OK ? desk_over(rc) : flow_round_list(&rq->task, rq->app, list->token_hash, list->after_a, list->after_b, list->limit, list_done);
}

static bool one_of(struct slice value, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (slice_is(value, names[i]))
            return true;
    }
    return false;
}

/* Lines by name, for the template. */
static json_t *parts(const json_t *lines)
{
    json_t *list = json_array(), *line;
    size_t i;

    json_array_foreach(lines, i, line)
        json_array_append_new(list, json_pack("{s:O, s:O}", "label", json_array_get(line, 0), "amount", json_array_get(line, 1)));
    return list;
}

static int payers_done(struct task *t)
{
    struct req *rq = req_of(t);
    json_t *doc, *item;
    size_t i;
    int rc = school_doc(t, &doc);

    if (rc < 0)
        return rc;
    json_array_foreach(json_object_get(doc, "items"), i, item)
    {
        school_charge(rq->app, item, "code_id");
        if (desk_is_page(rq))
            json_object_set_new(item, "parts", parts(json_object_get(item, "lines")));
    }
    for (i = 0; PAYMENTS[i] != NULL; i++) {
        char key[40];

        (void)snprintf(key, sizeof key, "payment.%s", PAYMENTS[i]);
        desk_choice(rq, doc, "payment", PAYMENTS[i], json_string(locale_get(locale_language(desk_language(rq)), key)));
    }
    json_object_set_new(doc, "round", json_stringn(rq->params[0].p, rq->params[0].n));
    return school_list(rq, "round_payers.html", doc);
}

int desk_round_payers(struct req *rq)
{
    struct flow_round_filter filter = { 0 };
    struct slice own = { 0 };
    struct api_list *list;
    int64_t id;
    int rc = desk_list_begin(rq, &list);

    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "rnd", &id) < 0)
        return RC_NOT_FOUND;
    rc = school_query(rq, "class", CLASS_MAX, &filter.class_name);
    if (rc == RC_OK)
        rc = school_query(rq, "payment", 16, &filter.state);
    if (rc == RC_OK && filter.state.p != NULL)
        rc = api_query_choice(rq, "payment", PAYMENTS, &filter.state);
    if (rc == RC_OK)
        rc = school_query(rq, "own", 8, &own);
    if (rc < 0)
        return rc;
    filter.own = slice_is(own, "true");
    filter.after = (int32_t)list->after_a;
    filter.limit = list->limit;
    return flow_round_payers(&rq->task, rq->app, list->token_hash, id, &filter, payers_done);
}

/* --- one --- */

static int get_done(struct task *t)
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

        desk_choice(rq, doc, "class", name, json_string(name));
    }
    school_tag(rq, doc);
    return desk_reply(rq, 200, "round.html", doc);
}

static int begin(struct req *rq, struct slice *hash, int64_t *id)
{
    int rc = desk_begin(rq, hash);

    return rc != RC_OK ? rc : dec_id(rq->params[0], "rnd", id) < 0 ? RC_NOT_FOUND : RC_OK;
}

int desk_round(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = begin(rq, &hash, &id);

    return rc != RC_OK ? desk_over(rc) : flow_round_get(&rq->task, rq->app, hash, id, get_done);
}

/* --- what is done to it --- */

static int done(struct task *t, const char *said, const char *conflict)
{
    struct req *rq = req_of(t);
    json_t *doc;
    int rc = school_doc(t, &doc);

    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", conflict);
    if (rc < 0)
        return rc;
    school_tag(rq, doc);
    return desk_done(rq, 200, doc, said, "/desk/rounds/%.*s", SLICE_FMT(rq->params[0]));
}

static int propose_done(struct task *t)
{
    return done(t, "said.round_proposed", "This round is no draft, or nobody has to pay anything in it.");
}

static int return_done(struct task *t)
{
    return done(t, "said.round_returned", "This round is not waiting for approval.");
}

static int cancel_done(struct task *t)
{
    return done(t, "said.round_cancelled", "This round cannot be cancelled.");
}

/* One text of a form that a program may leave out. */
static int take(struct req *rq, struct slice *hash, int64_t *id, const char *const *members, const char *pointer, struct slice *text)
{
    struct api_in in;
    int rc = begin(rq, hash, id);

    *text = (struct slice){ 0 };
    if (rc == RC_OK)
        rc = desk_in_maybe(&in, rq, desk_round);
    if (rc != RC_OK)
        return rc;
    if (members != NULL) {
        api_in_known(&in, in.root, "", members);
        api_in_free_text(&in, NULL, pointer, 0, NOTE_MAX, text);
    }
    return desk_in_end(&in);
}

int desk_round_propose(struct req *rq)
{
    struct slice hash, text;
    int64_t id;
    int rc = take(rq, &hash, &id, NULL, NULL, &text);

    return rc != RC_OK ? desk_over(rc) : flow_round_propose(&rq->task, rq->app, hash, id, propose_done);
}

int desk_round_return(struct req *rq)
{
    struct slice hash, note;
    int64_t id;
    int rc = take(rq, &hash, &id, NOTE_MEMBERS, "/note", &note);

    return rc != RC_OK ? desk_over(rc) : flow_round_return(&rq->task, rq->app, hash, id, note, return_done);
}

int desk_round_cancel(struct req *rq)
{
    struct slice hash, reason;
    int64_t id;
    int rc = take(rq, &hash, &id, REASON_MEMBERS, "/reason", &reason);

    return rc != RC_OK ? desk_over(rc) : flow_round_cancel(&rq->task, rq->app, hash, id, reason, cancel_done);
}

/* --- amounts of single pupils --- */

static int amounts_ready(struct req *rq, struct flow_job_submit *submit, const json_t *fields)
{
    const char *params;
    bool whole;
    int64_t id;
    int rc = dec_id(rq->params[0], "rnd", &id) < 0 ? RC_NOT_FOUND : school_whole(rq, fields, &whole);

    if (rc < 0)
        return rc;
    params = arena_printf(rq->task.arena, "{\"round\": %lld, \"whole\": %s}", (long long)id, whole ? "true" : "false");
    submit->params = params == NULL ? (struct slice){ 0 } : slice_of(params);
    return params == NULL ? RC_NOMEM : RC_OK;
}

static int amounts_submitted(struct task *t)
{
    return desk_job_started(req_of(t));
}

int desk_round_amounts(struct req *rq)
{
    return desk_upload(rq, SLICE("round_amounts"), desk_round, amounts_ready, amounts_submitted);
}

/* --- approval, and the job that issues --- */

struct approval {
    struct slice hash, reason;
    int64_t id;
    int tries;
};

/* Approving twice starts one job: then the key is the round's id. Later ones go on where that one stopped. */
static int start_issue(struct req *rq, struct slice hash, int64_t id, bool approved)
{
    char *params = arena_printf(rq->task.arena, "{\"round\": %lld}", (long long)id), *key = arena_printf(rq->task.arena, "round_issue %lld", (long long)id);
    struct flow_job_submit submit = { .kind = SLICE("round_issue") };

    if (params == NULL || key == NULL)
        return RC_NOMEM;
    submit.params = slice_of(params);
    if (approved)
        submit.idempotency_key = slice_of(key);
    return desk_job_start(rq, hash, &submit);
}

static int approve_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct approval *a = t->state;
    struct slice doc;
    int rc = flow_doc_read(t, &doc);

    if (rc == RC_BUSY && a->tries++ < 3)
        return flow_round_approve(t, rq->app, a->hash, a->id, a->reason, approve_done);
    if (rc == RC_BAD_INPUT)
        return desk_refuse(rq, "/reason", "required", "This round asks more than a ceiling allows: please write why.");
    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", "This round is not waiting for approval.");
    if (rc == RC_FORBIDDEN)
        return desk_refuse(rq, NULL, "forbidden", "Only a principal who has neither made nor proposed this round may approve it.");
    return rc < 0 ? rc : start_issue(rq, a->hash, a->id, true);
}

int desk_round_approve(struct req *rq)
{
    struct approval *a = arena_alloc(rq->task.arena, sizeof *a);
    int rc = a == NULL ? RC_NOMEM : take(rq, &a->hash, &a->id, REASON_MEMBERS, "/reason", &a->reason);

    if (rc != RC_OK)
        return desk_over(rc);
    rq->task.state = a;
    return flow_round_approve(&rq->task, rq->app, a->hash, a->id, a->reason, approve_done);
}

int desk_round_issue(struct req *rq)
{
    struct slice hash, text;
    int64_t id;
    int rc = take(rq, &hash, &id, NULL, NULL, &text);

    return rc != RC_OK ? desk_over(rc) : start_issue(rq, hash, id, false);
}

/* --- papers --- */

static int start_paper(struct req *rq, struct slice hash, const char *kind, json_t *params)
{
    char *text = json_dumps(params, JSON_COMPACT);
    struct slice copy = text == NULL ? (struct slice){ 0 } : arena_copy(rq->task.arena, slice_of(text));

    json_decref(params);
    free(text);
    return copy.p == NULL ? RC_NOMEM : desk_job_start(rq, hash, &(struct flow_job_submit){ .kind = slice_of(kind), .params = copy });
}

static void set_text(json_t *params, const char *name, struct slice value)
{
    if (value.p != NULL)
        json_object_set_new(params, name, json_stringn(value.p, value.n));
}

int desk_round_slips(struct req *rq)
{
    struct slice hash, class_name;
    json_t *params;
    int64_t id;
    int rc = take(rq, &hash, &id, SLIP_MEMBERS, "/class", &class_name);

    if (rc != RC_OK)
        return desk_over(rc);
    params = json_pack("{s:I}", "round", (json_int_t)id);
    set_text(params, "class", class_name);
    return start_paper(rq, hash, "slips", params);
}

int desk_round_export(struct req *rq)
{
    struct slice hash, class_name, payment, format;
    struct api_in in;
    json_t *params;
    int64_t id;
    int rc = begin(rq, &hash, &id);

    if (rc == RC_OK)
        rc = desk_in_maybe(&in, rq, desk_round);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", EXPORT_MEMBERS);
    api_in_free_text(&in, NULL, "/class", 0, CLASS_MAX, &class_name);
    api_in_text(&in, NULL, "/payment", 0, 16, &payment);
    api_in_text(&in, NULL, "/format", 1, 8, &format);
    if (payment.p != NULL && !one_of(payment, PAYMENTS))
        api_in_fault(&in, "/payment", "payment", "This must be paid, part, open, free or cancelled.");
    if (format.p != NULL && !one_of(format, FORMATS))
        api_in_fault(&in, "/format", "format", "This must be csv, xlsx or pdf.");
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    params = json_pack("{s:I}", "round", (json_int_t)id);
    set_text(params, "class", class_name);
    set_text(params, "state", payment);
    set_text(params, "format", format);
    return start_paper(rq, hash, "round_list", params);
}
