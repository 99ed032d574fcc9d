/* POST /api/v1/codes/batch: a file of codes goes into the database piece by piece and becomes a job. */
#include "khop/api/api.h"
#include "khop/api/job.h"
#include "khop/api/json.h"
#include "khop/auth/token.h"

#include "khop/base/banned.h"

#define KEY_MAX 255

static int submitted(struct task *t)
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

int api_codes_batch(struct req *rq)
{
    struct flow_job_submit submit = { .kind = SLICE("codes") };
    int rc = auth_bearer(rq, &submit.token_hash);

    if (rc < 0)
        return rc;
    submit.idempotency_key = req_header(rq, "Idempotency-Key");
    if (submit.idempotency_key.n == 0 || submit.idempotency_key.n > KEY_MAX || req_header_count(rq, "Idempotency-Key") != 1)
        return api_problem(rq, "idempotency_key_missing", "Send one key of 1 to 255 characters, new for each new file.");
    if (req_content_is(rq, "text/csv"))
        submit.format = SLICE("csv");
    else if (req_content_is(rq, "application/jsonl") || req_content_is(rq, "application/x-ndjson"))
        submit.format = SLICE("jsonl");
    else
        return api_problem(rq, "unsupported_media_type", "A batch is text/csv, or application/jsonl with one object a line.");
    return api_job_upload(rq, &submit, submitted);
}
