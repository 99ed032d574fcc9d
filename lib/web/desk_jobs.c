/* Jobs: what they are at, what they found, what came out of them. */
#include "khop/api/job.h"
#include "khop/base/enc.h"
#include "khop/web/desk.h"
#include "khop/web/school.h"

#include "khop/base/banned.h"

static int begin(struct req *rq, struct slice *hash, int64_t *id)
{
    int rc = desk_begin(rq, hash);

    return rc != RC_OK ? rc : dec_id(rq->params[0], "job", id) < 0 ? RC_NOT_FOUND : RC_OK;
}

static int get_done(struct task *t)
{
    struct flow_job job;
    int rc = flow_job_read(t, &job);

    return rc < 0 ? rc : desk_reply(req_of(t), 200, "job.html", api_doc_job(req_of(t), &job));
}

int desk_job(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = begin(rq, &hash, &id);

    return rc != RC_OK ? desk_over(rc) : flow_job_get(&rq->task, rq->app, hash, id, get_done);
}

int desk_job_result(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = begin(rq, &hash, &id);

    return rc != RC_OK ? desk_over(rc) : api_job_file(rq, hash, id);
}

/* --- yes and no --- */

static int changed(struct task *t, const char *conflict)
{
    struct req *rq = req_of(t);
    struct flow_job job;
    char id[ENC_ID_SIZE];
    int rc = flow_job_read(t, &job);

    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", conflict);
    if (rc < 0)
        return rc;
    enc_id(id, "job", job.id);
    return desk_done(rq, 200, api_doc_job(rq, &job), NULL, "/desk/jobs/%s", id);
}

static int cancel_done(struct task *t)
{
    return changed(t, "This job has ended already.");
}

static int confirm_done(struct task *t)
{
    return changed(t, "This job does not ask for anything.");
}

static int take(struct req *rq, struct slice *hash, int64_t *id)
{
    struct api_in in;
    int rc = begin(rq, hash, id);

    return rc == RC_OK ? desk_in_maybe(&in, rq, desk_job) : rc;
}

int desk_job_cancel(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = take(rq, &hash, &id);

    return rc != RC_OK ? desk_over(rc) : flow_job_cancel(&rq->task, rq->app, hash, id, cancel_done);
}

int desk_job_confirm(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = take(rq, &hash, &id);

    return rc != RC_OK ? desk_over(rc) : flow_job_confirm(&rq->task, rq->app, hash, id, confirm_done);
}
