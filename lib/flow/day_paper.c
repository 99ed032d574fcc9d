#include "khop/flow/day_paper.h"

#include "khop/base/banned.h"

enum day_col { D_RC, D_UNIT, D_BUDGET_CODE, D_FROM, D_DAY, D_CLOSED, D_VERSION, D_CLOSED_BY, D_APPROVED_BY, D_CLOSED_AT, D_SEAL, D_SHEET };

int flow_day_paper(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    return db_call(db, t, DB_JOB_DAY, &a, next);
}

int flow_day_paper_read(struct task *t, struct flow_day_paper *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_day_paper){ .unit = db_text(r, 0, D_UNIT), .budget_code = db_text(r, 0, D_BUDGET_CODE), .closed_by = db_text(r, 0, D_CLOSED_BY),
                                    .approved_by = db_text(r, 0, D_APPROVED_BY), .seal = db_text(r, 0, D_SEAL), .sheet = db_text(r, 0, D_SHEET),
                                    .from = db_day(r, 0, D_FROM), .day = db_day(r, 0, D_DAY), .version = (int32_t)db_i64(r, 0, D_VERSION),
                                    .closed = db_bool(r, 0, D_CLOSED) };
    if (!db_null(r, 0, D_CLOSED_AT))
        out->closed_us = db_time_us(r, 0, D_CLOSED_AT);
    return RC_OK;
}
