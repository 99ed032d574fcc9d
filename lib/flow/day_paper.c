#include "khop/flow/day_paper.h"

#include "khop/base/banned.h"

enum day_col { D_RC, D_UNIT, D_BUDGET_CODE, D_FROM, D_DAY, D_CLOSED, D_VERSION, D_CLOSED_BY, D_APPROVED_BY, D_CLOSED_AT, D_SEAL, D_SHEET };

int flow_day_paper(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    return db_call(db, t, DB_JOB_DAY, &a, next);
}

static struct slice text_of(const struct db_rows *r, int col)
{
    return db_null(r, 0, col) ? (struct slice){ 0 } : db_text(r, 0, col);
}

int flow_day_paper_read(struct task *t, struct flow_day_paper *out)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) < 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, D_RC) < 0)
        return (int)db_i64(r, 0, D_RC);
    *out = (struct flow_day_paper){ .unit = text_of(r, D_UNIT), .budget_code = text_of(r, D_BUDGET_CODE), .closed_by = text_of(r, D_CLOSED_BY),
                                    .approved_by = text_of(r, D_APPROVED_BY), .seal = text_of(r, D_SEAL), .sheet = text_of(r, D_SHEET),
                                    .from = db_day(r, 0, D_FROM), .day = db_day(r, 0, D_DAY), .version = (int32_t)db_i64(r, 0, D_VERSION),
                                    .closed = db_bool(r, 0, D_CLOSED) };
    if (!db_null(r, 0, D_CLOSED_AT))
        out->closed_us = db_time_us(r, 0, D_CLOSED_AT);
    return RC_OK;
}
