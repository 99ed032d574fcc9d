/* Stalls, for the jobs process. */
#include "khop/flow/stall.h"

#include "khop/base/banned.h"

enum poster_col { W_RC, W_NAME, W_PLACE, W_BIN, W_ACCOUNT_NO, W_HOLDER, W_CODE, W_SIZE };

int flow_stall_poster(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    return db_call(db, t, DB_JOB_POSTER, &a, next);
}

int flow_stall_poster_read(struct task *t, struct flow_stall_poster *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_stall_poster){
        .name = db_text(r, 0, W_NAME),
        .place = db_null(r, 0, W_PLACE) ? SLICE("") : db_text(r, 0, W_PLACE),
        .bin = db_text(r, 0, W_BIN),
        .account_no = db_text(r, 0, W_ACCOUNT_NO),
        .holder = db_text(r, 0, W_HOLDER),
        .code_no = (int32_t)db_i64(r, 0, W_CODE),
        .size = db_text(r, 0, W_SIZE),
    };
    return RC_OK;
}
