/* Payout lists as jobs see them. */
#include "khop/flow/payout.h"

#include "khop/base/banned.h"

enum paper_col { P_RC, P_UNIT, P_NAME, P_MONTH, P_PAY_BY, P_LIST_STATE, P_BIN, P_ACCOUNT_NO, P_HOLDER, P_LINES, P_ISSUED, P_STATE, P_FORMAT, P_LAYOUT };
enum row_col { R_RC, R_PLACE, R_NAME, R_BIRTH, R_AMOUNT, R_GOT, R_BIN, R_ACCOUNT_NO, R_HOLDER, R_STATE, R_CODE, R_PAID, R_CARRIED };

int flow_payout_stage(struct task *t, struct db *db, const struct flow_job_lease *job, const int32_t *lines, const struct slice *data, size_t n,
                      task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i32_array(&a, lines, NULL, n);
    db_arg_text_array(&a, data, n);
    return db_call(db, t, DB_PAYOUT_STAGE, &a, next);
}

int flow_payout_make(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    int64_t random;
    struct db_args a;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_job_args(&a, t, job);
    db_arg_i64(&a, random);
    return db_call(db, t, DB_PAYOUT_MAKE, &a, next);
}

int flow_payout_paper(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    return db_call(db, t, DB_PAYOUT_PAPER, &a, next);
}

int flow_payout_read_paper(struct task *t, struct flow_payout_paper *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc == RC_OK)
        *out = (struct flow_payout_paper){
            .unit = db_text(r, 0, P_UNIT),
            .name = db_text(r, 0, P_NAME),
            .list_state = db_text(r, 0, P_LIST_STATE),
            .bin = db_text(r, 0, P_BIN),
            .account_no = db_text(r, 0, P_ACCOUNT_NO),
            .holder = db_text(r, 0, P_HOLDER),
            .month = db_day(r, 0, P_MONTH),
            .pay_by = db_day(r, 0, P_PAY_BY),
            .lines = (int32_t)db_i64(r, 0, P_LINES),
            .issued = (int32_t)db_i64(r, 0, P_ISSUED),
            .state = db_text(r, 0, P_STATE),
            .format = db_text(r, 0, P_FORMAT),
            .layout = db_text(r, 0, P_LAYOUT),
        };
    return rc;
}

int flow_payout_rows(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t after, int32_t limit, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i32(&a, after);
    db_arg_i32(&a, limit);
    return db_call(db, t, DB_PAYOUT_PAPER_ROWS, &a, next);
}

int flow_payout_read_rows(struct task *t, struct flow_payout_row **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_payout_row){
            .place = (int32_t)db_i64(r, i, R_PLACE),
            .code_no = (int32_t)db_i64(r, i, R_CODE),
            .name = db_text(r, i, R_NAME),
            .bin = db_text(r, i, R_BIN),
            .account_no = db_text(r, i, R_ACCOUNT_NO),
            .holder = db_text(r, i, R_HOLDER),
            .state = db_text(r, i, R_STATE),
            .has_birth = !db_null(r, i, R_BIRTH),
            .birth_on = db_day(r, i, R_BIRTH),
            .amount = db_i64(r, i, R_AMOUNT),
            .got = db_i64(r, i, R_GOT),
            .has_paid = !db_null(r, i, R_PAID),
            .paid_us = db_time_us(r, i, R_PAID),
            .carried = db_bool(r, i, R_CARRIED),
        };
    }
    return rc;
}
