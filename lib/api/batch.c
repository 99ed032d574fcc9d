/* POST /api/v1/codes/batch: a file of codes goes into the database piece by piece and becomes a job. */
#include "jobs.h"

#include "khop/api/api.h"
#include "khop/api/json.h"
#include "khop/auth/token.h"
#include "khop/base/enc.h"

#include "khop/base/banned.h"

#define KEY_MAX 255

struct upload {
    struct flow_job_submit submit;
};

static int take_piece(struct task *t);

static int submit_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_job job;
    int rc = flow_job_read(t, &job);

    if (rc == RC_CONFLICT)
        return api_problem(rq, "idempotency_key_reused", "Use a new key for a new request.");
    if (rc < 0)
        return rc;
    if (job.repeated)
        reply_header(rq, "Idempotent-Replayed", SLICE("true"));
    return api_reply(rq, 202, api_doc_job(rq, &job));
}

static int piece_kept(struct task *t)
{
    struct req *rq = req_of(t);
    struct upload *u = t->state;

    u->submit.size += (int32_t)rq->body.n;
    if (rq->body_last)
        return flow_job_submit(t, rq->app, &u->submit, submit_done);
    return req_body_next(rq, take_piece);
}

static int take_piece(struct task *t)
{
    struct req *rq = req_of(t);
    struct upload *u = t->state;

    if (rq->body.n == 0)
        return piece_kept(t);
    return flow_job_piece(t, rq->app, u->submit.token_hash, u->submit.random, u->submit.size, rq->body, piece_kept);
}

static int begun(struct task *t)
{
    struct req *rq = req_of(t);
    int rc = flow_job_rc(t);

    if (rc == RC_BUSY)
        return api_problem(rq, "too_many_requests", "Twenty jobs of this organisation are waiting already.");
    return rc < 0 ? rc : req_body_next(rq, take_piece);
}

int api_codes_batch(struct req *rq)
{
    struct upload *u = task_state(&rq->task, sizeof *u);
    int rc;

    if (u == NULL)
        return RC_NOMEM;
    rc = auth_bearer(rq, &u->submit.token_hash);
    if (rc < 0)
        return rc;
    u->submit.idempotency_key = req_header(rq, "Idempotency-Key");
    if (u->submit.idempotency_key.n == 0 || u->submit.idempotency_key.n > KEY_MAX || req_header_count(rq, "Idempotency-Key") != 1)
        return api_problem(rq, "idempotency_key_missing", "Send one key of 1 to 255 characters, new for each new file.");
    if (req_content_is(rq, "text/csv"))
        u->submit.format = SLICE("csv");
    else if (req_content_is(rq, "application/jsonl") || req_content_is(rq, "application/x-ndjson"))
        u->submit.format = SLICE("jsonl");
    else
        return api_problem(rq, "unsupported_media_type", "A batch is text/csv, or application/jsonl with one object a line.");
    u->submit.kind = SLICE("codes");
    if (flow_random48(&u->submit.random) < 0)
        return RC_INTERNAL;
    return flow_job_begin(&rq->task, rq->app, u->submit.token_hash, begun);
}
