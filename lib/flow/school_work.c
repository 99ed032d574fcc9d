/* Payers and rounds as jobs see them. */
#include "khop/flow/school.h"

#include "khop/base/banned.h"

enum fault_col { F_RC, F_LINE, F_FAULT, F_COUNT };
enum paper_col { P_RC, P_UNIT, P_NAME, P_DUE, P_BIN, P_ACCOUNT_NO, P_HOLDER, P_CLASS, P_STATE, P_FORMAT, P_PAYERS, P_HOTLINE };
enum row_col { R_RC, R_PLACE, R_REF, R_NAME, R_GIVEN, R_CLASS, R_AMOUNT, R_GOT, R_STATE, R_CODE, R_PAID };

/* --- statements of a job that take nothing else, lines, a limit --- */

static int call(struct task *t, struct db *db, const struct flow_job_lease *job, enum db_stmt stmt, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    return db_call(db, t, stmt, &a, next);
}

static int stage(struct task *t, struct db *db, const struct flow_job_lease *job, enum db_stmt stmt, const struct flow_lines *lines, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i32_array(&a, lines->lines, NULL, lines->n);
    db_arg_text_array(&a, lines->data, lines->n);
    return db_call(db, t, stmt, &a, next);
}

static int faults(struct task *t, struct db *db, const struct flow_job_lease *job, enum db_stmt stmt, int32_t limit, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i32(&a, limit);
    return db_call(db, t, stmt, &a, next);
}

/* --- the list of payers --- */

int flow_payers_stage(struct task *t, struct db *db, const struct flow_job_lease *job, const struct flow_lines *lines, task_step next)
{
    return stage(t, db, job, DB_PAYERS_STAGE, lines, next);
}

int flow_payers_faults(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t limit, task_step next)
{
    return faults(t, db, job, DB_PAYERS_FAULTS, limit, next);
}

int flow_payers_read_faults(struct task *t, void (*fault)(void *arg, int64_t line, struct slice name), void *arg, int64_t *count)
{
    const struct db_rows *r = db_result(t);
    int rc = db_rows_count(r) == 0 ? RC_OK : flow_rc_read(t);

    *count = 0;
    for (int i = 0; rc == RC_OK && i < db_rows_count(r); i++) {
        *count = db_i64(r, i, F_COUNT);
        fault(arg, db_i64(r, i, F_LINE), db_text(r, i, F_FAULT));
    }
    return rc;
}

int flow_payers_review(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    return call(t, db, job, DB_PAYERS_REVIEW, next);
}

int flow_payers_apply(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    int64_t random;
    struct db_args a;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_job_args(&a, t, job);
    db_arg_i64(&a, random);
    return db_call(db, t, DB_PAYERS_APPLY, &a, next);
}

/* --- amounts of single pupils --- */

int flow_round_amounts_begin(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    return call(t, db, job, DB_ROUND_AMOUNTS_BEGIN, next);
}

int flow_round_amounts_stage(struct task *t, struct db *db, const struct flow_job_lease *job, const struct flow_lines *lines, task_step next)
{
    return stage(t, db, job, DB_ROUND_AMOUNTS_STAGE, lines, next);
}

int flow_round_amounts_faults(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t limit, task_step next)
{
    return faults(t, db, job, DB_ROUND_AMOUNTS_FAULTS, limit, next);
}

int flow_round_amounts_review(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    return call(t, db, job, DB_ROUND_AMOUNTS_REVIEW, next);
}

int flow_round_amounts_apply(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    return call(t, db, job, DB_ROUND_AMOUNTS_APPLY, next);
}

/* --- papers --- */

int flow_round_paper(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    return call(t, db, job, DB_ROUND_PAPER, next);
}

int flow_round_read_paper(struct task *t, struct flow_round_paper *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc == RC_OK)
        *out = (struct flow_round_paper){
            .unit = db_text(r, 0, P_UNIT),
            .name = db_text(r, 0, P_NAME),
            .due_on = db_day(r, 0, P_DUE),
            .bin = db_text(r, 0, P_BIN),
            .account_no = db_text(r, 0, P_ACCOUNT_NO),
            .holder = db_text(r, 0, P_HOLDER),
            .class_name = db_text(r, 0, P_CLASS),
            .state = db_text(r, 0, P_STATE),
            .format = db_text(r, 0, P_FORMAT),
            .payers = (int32_t)db_i64(r, 0, P_PAYERS),
            .hotline = db_text(r, 0, P_HOTLINE),
        };
    return rc;
}

int flow_round_rows(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t after, int32_t limit, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i32(&a, after);
    db_arg_i32(&a, limit);
    return db_call(db, t, DB_ROUND_PAPER_ROWS, &a, next);
}

int flow_round_read_rows(struct task *t, struct flow_round_row **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_round_row){
            .place = (int32_t)db_i64(r, i, R_PLACE),
            .ref = db_text(r, i, R_REF),
            .name = db_text(r, i, R_NAME),
            .given_name = db_text(r, i, R_GIVEN),
            .class_name = db_text(r, i, R_CLASS),
            .state = db_text(r, i, R_STATE),
            .amount = db_i64(r, i, R_AMOUNT),
            .received = db_i64(r, i, R_GOT),
            .code_no = (int32_t)db_i64(r, i, R_CODE),
            .has_paid = !db_null(r, i, R_PAID),
            .paid_us = db_time_us(r, i, R_PAID),
        };
    }
    return rc;
}
