/* What a commune pays out: one list, its way through two people, its files. */
#include "desk_payouts.h"

#include "khop/api/job.h"
#include "khop/api/payout.h"
#include "khop/api/query.h"
#include "khop/base/enc.h"
#include "khop/flow/payout.h"
#include "khop/flow/school.h"
#include "khop/web/desk.h"

#include "khop/base/banned.h"

#define NOTE_MAX 400

static const char *const NOTE_MEMBERS[] = { "note", NULL };
static const char *const STATES[] = { "planned", "waiting", "paid", "part", "returned", "carried", "cancelled", NULL };
static const char *const FORMATS[] = { "csv", "xlsx", "pdf", NULL };
static const char *const REPORT_FORMATS[] = { "json", "csv", "xlsx", "pdf", NULL };
static const char *const LAYOUTS[] = { "generic", "agribank", NULL };

/* --- one list --- */

struct one {
    struct slice token, state;
    int64_t id;
    json_t *doc;
    int32_t after, limit;
    bool report;
    struct slice format, layout; /* of the bank's file */
};

static int begin_one(struct req *rq, struct one **out)
{
    struct one *o = task_state(&rq->task, sizeof *o);
    int rc = o == NULL ? RC_NOMEM : desk_begin(rq, &o->token);

    *out = o;
    if (rc != RC_OK)
        return rc;
    return dec_id(rq->params[0], "lst", &o->id) < 0 ? RC_NOT_FOUND : RC_OK;
}

/* Lines as a page says them: states and warnings under names that have words. */
static void page_words(json_t *items)
{
    json_t *item, *warning;
    size_t i, k;

    payout_words(items, "state", "line_state");
    json_array_foreach(items, i, item) {
        json_t *notes = json_array();

        json_array_foreach(json_object_get(item, "warnings"), k, warning)
            json_array_append_new(notes, json_pack("{s:O}", "warning", warning));
        json_object_set_new(item, "notes", notes);
    }
}

/* The page shows the document and, to those who may see them, lines; a report has both as well. */
static int page_lines(struct task *t)
{
    struct req *rq = req_of(t);
    struct one *o = t->state;
    struct slice text;
    json_t *lines;
    int rc = flow_doc_read(t, &text);

    if (rc < 0 && (rc != RC_FORBIDDEN || o->report))
        return rc;
    lines = rc < 0 ? json_object() : payout_doc(text);
    rc = payout_keep(t->arena, lines);
    if (rc < 0)
        return rc;
    if (o->report)
        return desk_reply(rq, 200, "payout.html", json_pack("{s:O, s:O}", "payout", o->doc, "lines", json_object_get(lines, "items")));
    page_words(json_object_get(lines, "items"));
    json_object_set(o->doc, "items", json_object_get(lines, "items"));
    if (json_is_integer(json_object_get(lines, "next")))
        json_object_set_new(o->doc, "next_url", json_sprintf("?after=%lld%s%.*s", (long long)json_integer_value(json_object_get(lines, "next")),
                                                            o->state.p == NULL ? "" : "&state=", SLICE_FMT(o->state)));
    json_object_set_new(o->doc, "has_pages", json_boolean(json_object_get(o->doc, "next_url") != NULL));
    return desk_reply(rq, 200, "payout.html", json_incref(o->doc));
}

/* Sums and warnings as lists, in the order of a person's questions: pages have no loops over names. */
static void add_rows(json_t *doc, const char *from, const char *to, const char *word, const char *const *names)
{
    json_t *object = json_object_get(doc, from), *rows = json_array(), *value;

    for (size_t i = 0; names[i] != NULL; i++) {
        if ((value = json_object_get(object, names[i])) == NULL)
            continue;
        json_t *row = json_is_object(value) ? json_copy(value) : json_pack("{s:O}", "lines", value);

        json_object_set_new(row, word, json_string(names[i]));
        json_array_append_new(rows, row);
    }
    json_object_set_new(doc, to, rows);
}

static int get_done(struct task *t)
{
    static const char *const WARNINGS[] = { "account_twice", "holder", "standard", "payee_open", "payee_ended", "payee_ending", "no_person", "other_list",
                                            "large", "bank_away", NULL };
    struct req *rq = req_of(t);
    struct one *o = t->state;
    struct slice text;
    int rc = flow_doc_read(t, &text);

    if (rc < 0)
        return rc;
    o->doc = payout_doc(text);
    rc = payout_keep(t->arena, o->doc);
    if (rc < 0 || (!desk_is_page(rq) && !o->report))
        return rc < 0 ? rc : desk_reply(rq, 200, "payout.html", json_incref(o->doc));
    if (!o->report) {
        add_rows(o->doc, "sums", "by_state", "line_state", STATES);
        add_rows(o->doc, "warnings", "warned", "warning", WARNINGS);
        json_object_set(o->doc, "payout_state", json_object_get(o->doc, "state"));
        json_object_set_new(o->doc, "is_left_out", json_boolean(json_integer_value(json_object_get(json_object_get(o->doc, "left_out"), "lines")) > 0));
    }
    return flow_payout_lines(t, rq->app, o->token, o->id, o->state, o->after, o->limit, page_lines);
}

static int read_state(struct req *rq, struct slice *state)
{
    return api_query_choice(rq, "state", STATES, state);
}

int desk_payout(struct req *rq)
{
    struct one *o;
    int rc = begin_one(rq, &o);

    if (rc != RC_OK)
        return desk_over(rc);
    o->limit = PAYOUT_PAGE;
    if (rq->method == HTTP_GET) {
        rc = payout_read_page(rq, &o->after, &o->limit);
        if (rc == RC_OK)
            rc = read_state(rq, &o->state);
    }
    return rc != RC_OK ? desk_over(rc) : flow_payout_get(&rq->task, rq->app, o->token, o->id, get_done);
}

static int lines_done(struct task *t)
{
    struct slice text;
    int rc = flow_doc_read(t, &text);

    return rc < 0 ? rc : desk_reply(req_of(t), 200, "payout.html", payout_doc(text));
}

int desk_payout_lines(struct req *rq)
{
    struct one *o;
    int rc = begin_one(rq, &o);

    if (rc == RC_OK)
        rc = payout_read_page(rq, &o->after, &o->limit);
    if (rc == RC_OK)
        rc = read_state(rq, &o->state);
    return rc != RC_OK ? desk_over(rc) : flow_payout_lines(&rq->task, rq->app, o->token, o->id, o->state, o->after, o->limit, lines_done);
}

/* --- on its way --- */

static int moved(struct task *t)
{
    struct req *rq = req_of(t);
    struct slice text;
    int rc = flow_doc_read(t, &text);

    if (rc == RC_BAD_INPUT)
        return desk_refuse(rq, NULL, "conflict", "There is no line in this list.");
    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", "This list is not where it would have to be for that: look at it once more.");
    return rc < 0 ? rc : desk_done(rq, 200, payout_doc(text), "said.payout_moved", "/desk/payouts/%.*s", SLICE_FMT(rq->params[0]));
}

int desk_payout_submit(struct req *rq)
{
    struct one *o;
    int rc = begin_one(rq, &o);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_payout);
    return rc != RC_OK ? desk_over(rc) : flow_payout_move(&rq->task, rq->app, o->token, o->id, "submitted", (struct slice){ 0 }, moved);
}

int desk_payout_cancel(struct req *rq)
{
    struct one *o;
    int rc = begin_one(rq, &o);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_payout);
    return rc != RC_OK ? desk_over(rc) : flow_payout_move(&rq->task, rq->app, o->token, o->id, "cancelled", (struct slice){ 0 }, moved);
}

int desk_payout_return(struct req *rq)
{
    struct one *o;
    struct slice note;
    struct api_in in;
    int rc = begin_one(rq, &o);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_payout);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", NOTE_MEMBERS);
    api_in_free_text(&in, NULL, "/note", 1, NOTE_MAX, &note);
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_payout_move(&rq->task, rq->app, o->token, o->id, "draft", note, moved);
}

/* The codes are issued by a job; asking for it again gets the first one. */
static int issuing(struct task *t)
{
    struct req *rq = req_of(t);
    struct one *o = t->state;
    struct flow_job job;
    char id[ENC_ID_SIZE];
    int rc = flow_job_read(t, &job);

    if (rc < 0)
        return rc;
    enc_id(id, "job", job.id);
    json_object_set_new(o->doc, "job", json_string(id));
    return desk_done(rq, 200, json_incref(o->doc), "said.payout_approved", "/desk/payouts/%.*s", SLICE_FMT(rq->params[0]));
}

static int approved(struct task *t)
{
    struct req *rq = req_of(t);
    struct one *o = t->state;
    struct flow_job_submit submit = { .token_hash = o->token, .kind = SLICE("payout_issue"), .format = SLICE("") };
    struct slice text;
    char *key, *params;
    int rc = flow_doc_read(t, &text);

    if (rc == RC_BAD_INPUT)
        return desk_refuse(rq, NULL, "conflict", "A line that was taken over from an earlier list has been paid meanwhile: send the list back.");
    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", "This list is not where it would have to be for that: look at it once more.");
    if (rc < 0)
        return rc;
    o->doc = payout_doc(text);
    rc = payout_keep(t->arena, o->doc);
    key = arena_printf(t->arena, "payout_issue %lld", (long long)o->id);
    params = arena_printf(t->arena, "{\"payout\":%lld}", (long long)o->id);
    if (rc == RC_OK && (key == NULL || params == NULL || flow_random48(&submit.random) < 0))
        rc = RC_NOMEM;
    if (rc < 0)
        return rc;
    submit.idempotency_key = slice_of(key);
    submit.params = slice_of(params);
    return flow_job_submit(t, rq->app, &submit, issuing);
}

int desk_payout_approve(struct req *rq)
{
    struct one *o;
    int rc = begin_one(rq, &o);

    if (rc == RC_OK)
        rc = desk_act_begin(rq, desk_payout);
    return rc != RC_OK ? desk_over(rc) : flow_payout_approve(&rq->task, rq->app, o->token, o->id, approved);
}

/* --- files --- */

static int give_file(struct req *rq, const struct one *o, struct slice kind, struct slice format, struct slice layout)
{
    struct flow_job_submit submit = { .token_hash = o->token, .kind = kind, .format = SLICE("") };
    char *params = arena_printf(rq->task.arena, "{\"payout\":%lld,\"format\":\"%.*s\"%s%.*s%s%s%.*s%s}", (long long)o->id, SLICE_FMT(format),
                                layout.p == NULL ? "" : ",\"layout\":\"", SLICE_FMT(layout), layout.p == NULL ? "" : "\"",
                                o->state.p == NULL ? "" : ",\"state\":\"", SLICE_FMT(o->state), o->state.p == NULL ? "" : "\"");

    if (params == NULL)
        return RC_NOMEM;
    submit.params = slice_of(params);
    return api_job_small(rq, &submit);
}

/* There is nothing for the bank before every line has its code. */
static int batch_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct one *o = t->state;
    struct slice text;
    json_t *doc;
    bool ready;
    int rc = flow_doc_read(t, &text);

    if (rc < 0)
        return rc;
    doc = payout_doc(text);
    ready = doc != NULL && strcmp(json_string_value(json_object_get(doc, "state")), "approved") == 0 &&
            json_integer_value(json_object_get(doc, "issued")) == json_integer_value(json_object_get(doc, "lines"));
    json_decref(doc);
    if (!ready)
        return api_problem(rq, "conflict", "The codes of this list are not all issued yet.");
    return give_file(rq, o, SLICE("payout_batch"), o->format.p == NULL ? SLICE("csv") : o->format, o->layout.p == NULL ? SLICE("generic") : o->layout);
}

int desk_payout_batch(struct req *rq)
{
    struct one *o;
    int rc = begin_one(rq, &o);

    if (rc != RC_OK)
        return desk_over(rc);
    rc = api_query_choice(rq, "format", FORMATS, &o->format);
    if (rc == RC_OK)
        rc = api_query_choice(rq, "layout", LAYOUTS, &o->layout);
    return rc < 0 ? rc : flow_payout_get(&rq->task, rq->app, o->token, o->id, batch_done);
}

int desk_payout_report(struct req *rq)
{
    struct slice format;
    struct one *o;
    int rc = begin_one(rq, &o);

    if (rc == RC_OK)
        rc = read_state(rq, &o->state);
    if (rc == RC_OK)
        rc = api_query_choice(rq, "format", REPORT_FORMATS, &format);
    if (rc != RC_OK)
        return desk_over(rc);
    if (format.p != NULL && !slice_is(format, "json"))
        return give_file(rq, o, SLICE("payout_report"), format, (struct slice){ 0 });
    o->report = true;
    o->limit = PAYOUT_LINES_MAX;
    return flow_payout_get(&rq->task, rq->app, o->token, o->id, get_done);
}
