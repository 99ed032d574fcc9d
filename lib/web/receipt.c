/* The public receipt: page, signed form, document. No names of payers, no account numbers (security.md §6). */
#include "handlers.h"

#include "khop/api/doc.h"
#include "khop/api/job.h"
#include "khop/api/json.h"
#include "khop/flow/receipt.h"
#include "khop/web/pages.h"
#include "khop/web/web.h"

#include "khop/base/banned.h"

#define JWS_ANSWER_MAX 4096
#define PAPER_WAIT_MS  15000

static int receipt_find(struct req *rq, task_step done)
{
    struct slice rid;
    int32_t bucket;
    int rc = web_token(rq, &bucket, &rid);

    return rc < 0 ? rc : flow_receipt_public(&rq->task, rq->app, bucket, rid, done);
}

static int page_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_receipt receipt;
    int rc = flow_receipt_read(t, &receipt);

    return rc < 0 ? rc : web_reply(rq, api_doc_receipt_public(rq->app, &receipt), web_receipt_page);
}

int web_receipt(struct req *rq)
{
    return receipt_find(rq, page_done);
}

static int json_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_receipt receipt;
    int rc = flow_receipt_read(t, &receipt);

    if (rc < 0)
        return rc;
    reply_header(rq, "Access-Control-Allow-Origin", SLICE("*"));
    return api_reply(rq, 200, api_doc_receipt_public(rq->app, &receipt));
}

int web_receipt_json(struct req *rq)
{
    return receipt_find(rq, json_done);
}

static int jws_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_receipt receipt;
    struct buf out;
    int64_t seq;
    int rc = flow_receipt_read_content(db_result(t), 0, &receipt, &seq);

    if (rc < 0)
        return rc;
    buf_init_arena(&out, t->arena, JWS_ANSWER_MAX);
    rc = flow_receipt_sign(rq->app, &receipt, &out);
    if (rc < 0)
        return rc == RC_NOT_FOUND ? RC_UNAVAILABLE : rc; /* another key: a process that holds it can answer */
    reply_header(rq, "Access-Control-Allow-Origin", SLICE("*"));
    return reply(rq, 200, "application/jose", buf_slice(&out));
}

int web_receipt_jws(struct req *rq)
{
    struct slice rid;
    int32_t bucket;
    int rc = web_token(rq, &bucket, &rid);

    return rc < 0 ? rc : flow_receipt_jws(&rq->task, rq->app, bucket, rid, jws_done);
}

/* --- the paper: made by a job that is waited for, once for as long as its file is kept --- */

static int paper_give(struct task *t, const struct flow_job *job, struct slice key)
{
    if (slice_is(job->state, "done"))
        return api_job_file(req_of(t), key, job->id);
    return slice_is(job->state, "failed") || slice_is(job->state, "cancelled") ? RC_INTERNAL : RC_UNAVAILABLE;
}

static int paper_ended(struct task *t)
{
    const struct flow_receipt_paper *paper = t->state;
    struct flow_job job;
    int rc = flow_job_read(t, &job);

    return rc < 0 ? rc : paper_give(t, &job, paper->key);
}

static int paper_begun(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_receipt_paper *paper = task_state(t, sizeof *paper);
    int rc = paper == NULL ? RC_NOMEM : flow_receipt_read_paper(t, paper);

    if (rc < 0)
        return rc;
    if (slice_is(paper->state, "queued") || slice_is(paper->state, "running"))
        return flow_job_await(t, rq->app, paper->key, paper->job_id, PAPER_WAIT_MS, paper_ended);
    return paper_give(t, &(struct flow_job){ .id = paper->job_id, .state = paper->state }, paper->key);
}

int web_receipt_pdf(struct req *rq)
{
    struct slice rid;
    int32_t bucket;
    int rc = web_token(rq, &bucket, &rid);

    return rc < 0 ? rc : flow_receipt_paper(&rq->task, rq->app, bucket, rid, paper_begun);
}
