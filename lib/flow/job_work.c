/* Jobs as a worker sees them. */
#include "khop/base/clock.h"
#include "khop/flow/job.h"

#include "khop/base/banned.h"

#define INPUT_PIECES 4

enum claim_col { M_BUCKET, M_JOB, M_ORG, M_KIND, M_FORMAT, M_SIZE, M_TOTAL, M_PART, M_PARAMS, M_TAKES, M_CONFIRMED };
enum issue_col { I_RC, I_DONE, I_STATE };

void flow_job_args(struct db_args *a, struct task *t, const struct flow_job_lease *job)
{
    db_args_init(a, t->arena);
    db_arg_i32(a, job->bucket);
    db_arg_i64(a, job->job_id);
    db_arg_i64(a, job->worker);
    db_arg_time(a, clock_wall_us());
}

int flow_job_claim(struct task *t, struct db *db, int64_t worker, bool urgent, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_i64(&a, worker);
    db_arg_bool(&a, urgent);
    return db_call(db, t, DB_JOB_CLAIM, &a, next);
}

int flow_job_claimed(struct task *t, int64_t worker, struct flow_job_lease *out)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) < 1)
        return RC_NOT_FOUND;
    *out = (struct flow_job_lease){
        .worker = worker,
        .bucket = (int32_t)db_i64(r, 0, M_BUCKET),
        .job_id = db_i64(r, 0, M_JOB),
        .org_id = db_i64(r, 0, M_ORG),
        .size = (int32_t)db_i64(r, 0, M_SIZE),
        .checked = !db_null(r, 0, M_TOTAL),
        .total = (int32_t)db_i64(r, 0, M_TOTAL),
        .part = (int32_t)db_i64(r, 0, M_PART),
        .confirmed = db_bool(r, 0, M_CONFIRMED),
        .takes = (int32_t)db_i64(r, 0, M_TAKES),
        .kind = db_text(r, 0, M_KIND),
        .format = db_text(r, 0, M_FORMAT),
        .params = db_text(r, 0, M_PARAMS),
    };
    return RC_OK;
}

int flow_job_accounts(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    return db_call(db, t, DB_JOB_ACCOUNTS, &a, next);
}

/* Rows of (rc, value): the rc of all of them, RC_OK without any. */
static int rows_rc(const struct db_rows *r)
{
    return db_rows_count(r) == 0 ? RC_OK : (int)db_i64(r, 0, 0);
}

int flow_job_read_accounts(struct task *t, int64_t *out, size_t max, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc = rows_rc(r);

    *n = 0;
    for (int i = 0; rc == RC_OK && i < db_rows_count(r); i++) {
        if (*n == max)
            return RC_TOO_LARGE;
        out[(*n)++] = db_i64(r, i, 1);
    }
    return rc;
}

int flow_job_parts(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    return db_call(db, t, DB_JOB_PARTS, &a, next);
}

int flow_job_read_parts(struct task *t, void (*done)(void *arg, int32_t first), void *arg)
{
    const struct db_rows *r = db_result(t);
    int rc = rows_rc(r);

    for (int i = 0; rc == RC_OK && i < db_rows_count(r); i++)
        done(arg, (int32_t)db_i64(r, i, 1));
    return rc;
}

int flow_job_input(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t at, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i32(&a, at);
    db_arg_i32(&a, INPUT_PIECES);
    return db_call(db, t, DB_JOB_INPUT, &a, next);
}

int flow_job_read_input(struct task *t, struct buf *out)
{
    const struct db_rows *r = db_result(t);
    int rc = rows_rc(r);

    if (rc == RC_OK && db_rows_count(r) == 0)
        return RC_INTERNAL;
    for (int i = 0; rc == RC_OK && i < db_rows_count(r); i++)
        buf_put_slice(out, db_text(r, i, 1));
    return rc == RC_OK && out->failed ? RC_NOMEM : rc;
}

int flow_job_checked(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t total, int32_t part, task_step next)
{
    int64_t random;
    struct db_args a;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_job_args(&a, t, job);
    db_arg_i32(&a, total);
    db_arg_i32(&a, part);
    db_arg_i64(&a, random);
    return db_call(db, t, DB_JOB_CHECKED, &a, next);
}

int flow_job_touch(struct task *t, struct db *db, const struct flow_job_lease *job, struct slice stage, int32_t done, int32_t total,
                   task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_text(&a, stage);
    db_arg_i32(&a, done);
    if (total < 0)
        db_arg_null(&a);
    else
        db_arg_i32(&a, total);
    return db_call(db, t, DB_JOB_TOUCH, &a, next);
}

int flow_job_output(struct task *t, struct db *db, const struct flow_job_lease *job, int64_t at, struct slice bytes, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i64(&a, at);
    db_arg_bytes(&a, bytes);
    return db_call(db, t, DB_JOB_OUTPUT, &a, next);
}

int flow_job_finish(struct task *t, struct db *db, const struct flow_job_lease *job, const struct flow_job_end *end, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_text(&a, slice_of(end->state));
    db_arg_text(&a, end->result);
    db_arg_text(&a, end->error);
    db_arg_text(&a, end->out_name);
    db_arg_text(&a, end->out_type);
    db_arg_i64(&a, end->out_size);
    return db_call(db, t, DB_JOB_FINISH, &a, next);
}

int flow_job_issued(struct task *t, int32_t *done, bool *finished)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *done = (int32_t)db_i64(r, 0, I_DONE);
    *finished = !slice_is(db_text(r, 0, I_STATE), "running");
    return RC_OK;
}

int flow_job_prune(struct task *t, struct db *db, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    return db_call(db, t, DB_JOB_PRUNE, &a, next);
}
