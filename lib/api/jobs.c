/* /api/v1/jobs: progress, end and results of what is done in the background. */
#include "khop/api/api.h"
#include "khop/api/doc.h"
#include "khop/api/job.h"
#include "khop/api/json.h"
#include "khop/api/list.h"
#include "khop/auth/token.h"
#include "khop/base/enc.h"
#include "khop/pay/code.h"

#include "khop/base/banned.h"

static void set_errors(struct req *rq, json_t *doc, struct slice text)
{
    json_t *error = text.p == NULL ? NULL : api_json_object(text);
    json_t *list = json_object_get(error, "errors"), *e;
    size_t i;

    json_array_foreach(list, i, e)
    {
        const char *detail = json_string_value(json_object_get(e, "detail"));

        if (detail != NULL)
            json_object_set_new(e, "detail", json_string(api_detail(rq, detail)));
    }
    json_object_set_new(doc, "error_count", json_integer(json_integer_value(json_object_get(error, "count"))));
    json_object_set_new(doc, "errors", list != NULL ? json_incref(list) : json_array());
    json_decref(error);
}

static json_t *doc_file(const struct flow *f, const char *id, const struct flow_job *job)
{
    json_t *doc;

    if (job->out_name.p == NULL)
        return json_null();
    doc = json_object();
    api_set_slice(doc, "name", job->out_name);
    api_set_slice(doc, "type", job->out_type);
    json_object_set_new(doc, "size", json_integer(job->out_size));
    api_set_url(doc, "url", "%s/api/v1/jobs/%s/result", f->origin, id);
    return doc;
}

/* What a job is about, for the way back. */
static void doc_about(json_t *doc, struct slice params)
{
    json_t *said = params.p == NULL ? NULL : api_json_object(params);
    const json_t *round = json_object_get(said, "round");

    if (json_is_integer(round))
        api_set_id(doc, "round", "rnd", json_integer_value(round));
    json_decref(said);
}

json_t *api_doc_job(struct req *rq, const struct flow_job *job)
{
    const struct flow *f = rq->app;
    char id[ENC_ID_SIZE];
    json_t *doc = json_object();

    enc_id(id, "job", job->id);
    api_set_id(doc, "id", "job", job->id);
    api_set_slice(doc, "kind", job->kind);
    api_set_slice(doc, "state", job->state);
    json_object_set_new(doc, "done", json_integer(job->done));
    json_object_set_new(doc, "total", job->has_total ? json_integer(job->total) : json_null());
    api_set_slice(doc, "stage", job->stage);
    json_object_set_new(doc, "result", job->result.p == NULL ? json_null() : json_loadb(job->result.p, job->result.n, 0, NULL));
    json_object_set_new(doc, "file", doc_file(f, id, job));
    set_errors(rq, doc, job->error);
    api_set_time(doc, "created_at", true, job->created_us);
    api_set_time(doc, "started_at", job->has_started, job->started_us);
    api_set_time(doc, "finished_at", job->has_finished, job->finished_us);
    api_set_url(doc, "url", "%s/api/v1/jobs/%s", f->origin, id);
    doc_about(doc, job->params);
    if (slice_is(job->kind, "codes"))
        api_set_url(doc, "codes_url", "%s/api/v1/jobs/%s/codes", f->origin, id);
    return doc;
}

static json_t *codes_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_job_code *c = (const struct flow_job_code *)rows + i;
    const struct flow *f = rq->app;
    char code[CODE_SIZE], token[TOKEN_SIZE];
    json_t *doc = json_object();

    key[0] = c->place;
    code_text(code, c->code_no);
    api_token_text(enc_id_bucket(c->code_id), c->pay_token, token);
    json_object_set_new(doc, "line", json_integer(c->line));
    api_set_slice(doc, "ref", c->ref);
    api_set_id(doc, "id", "cod", c->code_id);
    json_object_set_new(doc, "code", json_string(code));
    api_set_url(doc, "pay_url", "%s/p/%s", f->origin, token);
    return doc;
}

static int codes_done(struct task *t)
{
    struct flow_job_code *codes;
    size_t n;
    int rc = flow_job_read_codes(t, &codes, &n);

    return rc < 0 ? rc : api_list_reply(req_of(t), codes, n, codes_row);
}

int api_jobs_codes(struct req *rq)
{
    struct api_list *list;
    int64_t id;
    int rc = api_list_begin(rq, &list);

    if (rc != RC_OK)
        return rc;
    if (dec_id(rq->params[0], "job", &id) < 0)
        return RC_NOT_FOUND;
    if (list->after_a < 0 || list->after_a > INT32_MAX / 2)
        return api_list_cursor_wrong(rq);
    return flow_job_codes(&rq->task, rq->app, list->token_hash, id, (int32_t)list->after_a, list->limit, codes_done);
}
