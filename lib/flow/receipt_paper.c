/* Receipts on paper: the job that makes a public one, and what a paper says. */
#include "khop/flow/receipt.h"

#include "khop/base/clock.h"

#include "khop/base/banned.h"

enum paper_col { P_RC, P_JOB, P_STATE, P_KEY };
enum content_col {
    C_RC, C_UNIT, C_BUDGET_CODE, C_ADDRESS, C_FORM, C_CIRCULAR, C_COLLECTOR, C_YEAR, C_NO, C_RID, C_CODE, C_AMOUNT, C_PAID, C_ISSUED, C_ISS, C_KID,
    C_VOIDED, C_VOID_REASON, C_OUTGOING, C_PAYER, C_LABEL, C_REFERENCE, C_AGAIN, C_DESK, C_COPIES, C_PAYER_ADDRESS,
};

int flow_receipt_paper(struct task *t, struct flow *f, int32_t bucket, struct slice rid, task_step next)
{
    struct db_args a;
    int64_t random;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    db_args_init(&a, t->arena);
    db_arg_i32(&a, bucket);
    db_arg_bytes(&a, rid);
    db_arg_time(&a, clock_wall_us());
    db_arg_i64(&a, random);
    return db_call(f->db, t, DB_RECEIPT_PAPER, &a, next);
}

int flow_receipt_read_paper(struct task *t, struct flow_receipt_paper *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_receipt_paper){ db_i64(r, 0, P_JOB), db_text(r, 0, P_STATE), db_text(r, 0, P_KEY) };
    return RC_OK;
}

int flow_receipt_sheet(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    return db_call(db, t, DB_JOB_RECEIPT, &a, next);
}

int flow_receipt_sheet_read(struct task *t, struct flow_receipt_sheet *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_receipt_sheet){
        .unit = db_text(r, 0, C_UNIT),
        .budget_code = db_text(r, 0, C_BUDGET_CODE),
        .address = db_text(r, 0, C_ADDRESS),
        .form = db_text(r, 0, C_FORM),
        .circular = db_text(r, 0, C_CIRCULAR),
        .collector = db_text(r, 0, C_COLLECTOR),
        .year = (int32_t)db_i64(r, 0, C_YEAR),
        .number = db_i64(r, 0, C_NO),
        .rid = db_text(r, 0, C_RID),
        .code_no = (int32_t)db_i64(r, 0, C_CODE),
        .amount = db_i64(r, 0, C_AMOUNT),
        .paid_us = db_time_us(r, 0, C_PAID),
        .issued_us = db_time_us(r, 0, C_ISSUED),
        .iss = db_text(r, 0, C_ISS),
        .kid = db_text(r, 0, C_KID),
        .voided = db_bool(r, 0, C_VOIDED),
        .void_reason = db_text(r, 0, C_VOID_REASON),
        .outgoing = db_bool(r, 0, C_OUTGOING),
        .payer = db_text(r, 0, C_PAYER),
        .payer_address = db_text(r, 0, C_PAYER_ADDRESS),
        .label = db_text(r, 0, C_LABEL),
        .reference = db_text(r, 0, C_REFERENCE),
        .again = db_bool(r, 0, C_AGAIN),
        .desk = db_bool(r, 0, C_DESK),
        .copies = db_bool(r, 0, C_COPIES),
    };
    return RC_OK;
}
