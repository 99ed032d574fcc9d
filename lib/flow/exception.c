#include "khop/flow/exception.h"

#include "khop/pay/code.h"

#include "khop/base/banned.h"

enum exception_col {
    E_RC, E_ID, E_REASON, E_STATE, E_DIRECTION, E_HELD, E_AMOUNT, E_ACCOUNT, E_CHARGE, E_CODE, E_EXT, E_PROVIDER, E_MEMO,
    E_OPENED, E_SEQ,
    /* of one */
    E_PENDING, E_REFERENCE, E_PAID_AT, E_BOOKED_ON, E_PAYER, E_PAYER_NAME, E_PAYER_CLASS, E_LABEL, E_DUE, E_PAID, E_ACCOUNT_NO, E_MAY_UNDO,
    E_OWN, E_CORRECTED, E_CHARGES, E_FOUND, E_HISTORY, E_PROPOSAL, E_ABOUT,
};

enum code_col { K_RC, K_CODE, K_CHARGE, K_REST, K_DUE, K_LABEL, K_PAYER, K_PAYER_NAME, K_PAYER_CLASS, K_DIRECTION };

#define CANDIDATES 16 /* free numbers for the payout code of a refund */
#define RID_SIZE   16

int flow_exception_list(struct task *t, struct flow *f, struct slice token_hash, const struct flow_exception_filter *filter,
                        task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_bytes(&a, token_hash);
    db_arg_text(&a, filter->state);
    db_arg_text(&a, filter->reason);
    db_arg_id(&a, filter->account_id);
    if (filter->has_after) {
        db_arg_time(&a, filter->after_us);
        db_arg_i64(&a, filter->after_id);
    } else {
        db_arg_null(&a);
        db_arg_null(&a);
    }
    db_arg_i32(&a, filter->limit);
    return db_call(f->db, t, DB_EXCEPTION_LIST, &a, next);
}

static struct flow_exception exception_from(const struct db_rows *r, int i)
{
    return (struct flow_exception){
        .id = db_i64(r, i, E_ID),
        .reason = db_text(r, i, E_REASON),
        .state = db_text(r, i, E_STATE),
        .direction = (int)db_i64(r, i, E_DIRECTION),
        .held = db_i64(r, i, E_HELD),
        .amount = db_i64(r, i, E_AMOUNT),
        .account_id = db_i64(r, i, E_ACCOUNT),
        .code_id = db_i64(r, i, E_CHARGE),
        .code_no = (int32_t)db_i64(r, i, E_CODE),
        .ext_id = db_text(r, i, E_EXT),
        .memo = db_text(r, i, E_MEMO),
        .provider = (int)db_i64(r, i, E_PROVIDER),
        .opened_us = db_time_us(r, i, E_OPENED),
    };
}

int flow_exception_read(struct task *t, struct flow_exception **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++)
        (*out)[i] = exception_from(r, i);
    return rc;
}

static void by_token(struct db_args *a, struct task *t, struct slice token_hash, int64_t id)
{
    flow_args(a, t, token_hash);
    db_arg_i64(a, id);
}

int flow_exception_show(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    by_token(&a, t, token_hash, id);
    return db_call(f->db, t, DB_EXCEPTION_SHOW, &a, next);
}

int flow_exception_read_detail(struct task *t, struct flow_exception_detail *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_exception_detail){
        .base = exception_from(r, 0),
        .pending = db_bool(r, 0, E_PENDING),
        .may_undo = db_bool(r, 0, E_MAY_UNDO),
        .own_proposal = db_bool(r, 0, E_OWN),
        .corrected = db_bool(r, 0, E_CORRECTED),
        .has_paid_at = !db_null(r, 0, E_PAID_AT),
        .paid_us = db_time_us(r, 0, E_PAID_AT),
        .has_booked_on = !db_null(r, 0, E_BOOKED_ON),
        .booked_on = db_day(r, 0, E_BOOKED_ON),
        .reference = db_text(r, 0, E_REFERENCE),
        .payer_id = db_i64(r, 0, E_PAYER),
        .payer_name = db_text(r, 0, E_PAYER_NAME),
        .payer_class = db_text(r, 0, E_PAYER_CLASS),
        .label = db_text(r, 0, E_LABEL),
        .has_due = !db_null(r, 0, E_DUE),
        .due = db_i64(r, 0, E_DUE),
        .paid = db_i64(r, 0, E_PAID),
        .account_no = db_text(r, 0, E_ACCOUNT_NO),
        .charges = db_text(r, 0, E_CHARGES),
        .found = db_text(r, 0, E_FOUND),
        .history = db_text(r, 0, E_HISTORY),
        .proposal = db_text(r, 0, E_PROPOSAL),
        .about = db_text(r, 0, E_ABOUT),
    };
    return RC_OK;
}

int flow_exception_codes(struct task *t, struct flow *f, struct slice token_hash, const int32_t *codes, size_t n, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i32_array(&a, codes, NULL, n);
    return db_call(f->db, t, DB_EXCEPTION_CODES, &a, next);
}

int flow_exception_read_codes(struct task *t, struct flow_exception_code **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_exception_code){
            .code_no = (int32_t)db_i64(r, i, K_CODE),
            .charge_id = db_i64(r, i, K_CHARGE),
            .rest = db_i64(r, i, K_REST),
            .has_due = !db_null(r, i, K_DUE),
            .due_on = db_day(r, i, K_DUE),
            .label = db_text(r, i, K_LABEL),
            .payer_id = db_i64(r, i, K_PAYER),
            .payer_name = db_text(r, i, K_PAYER_NAME),
            .payer_class = db_text(r, i, K_PAYER_CLASS),
            .out = db_i64(r, i, K_DIRECTION) == 2,
        };
    }
    return rc;
}

static void arg_payee(struct db_args *a, const struct flow_payee_in *payee)
{
    db_arg_text(a, payee->bin);
    db_arg_text(a, payee->account_no);
    db_arg_text(a, payee->name);
}

int flow_exception_resolve(struct task *t, struct flow *f, const struct flow_resolve *r, task_step next)
{
    size_t n = r->nparts;
    int64_t *charge = arena_array(t->arena, n + 1, sizeof *charge), *amount = arena_array(t->arena, n + 1, sizeof *amount), random;
    int32_t *code = arena_array(t->arena, n + 1, sizeof *code);
    bool *no_charge = arena_array(t->arena, n + 1, sizeof *no_charge), *no_code = arena_array(t->arena, n + 1, sizeof *no_code),
         *no_amount = arena_array(t->arena, n + 1, sizeof *no_amount);
    struct slice *rid = arena_array(t->arena, n + 1, sizeof *rid);
    char *rids = arena_array(t->arena, n + 1, RID_SIZE);
    struct db_args a;

    if (charge == NULL || amount == NULL || code == NULL || no_charge == NULL || no_code == NULL || no_amount == NULL || rid == NULL || rids == NULL)
        return RC_NOMEM;
    if (flow_random48(&random) < 0 || crypto_random(rids, (n + 1) * RID_SIZE) < 0)
        return RC_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        charge[i] = r->part[i].charge_id;
        no_charge[i] = charge[i] == 0;
        code[i] = r->part[i].code_no;
        no_code[i] = !no_charge[i];
        amount[i] = r->part[i].amount;
        no_amount[i] = amount[i] == 0;
        rid[i] = (struct slice){ rids + i * RID_SIZE, RID_SIZE };
    }
    by_token(&a, t, r->token_hash, r->id);
    db_arg_text(&a, r->action);
    db_arg_i64_array(&a, charge, no_charge, n);
    db_arg_i32_array(&a, code, no_code, n);
    db_arg_i64_array(&a, amount, no_amount, n);
    db_arg_id(&a, r->payer_id);
    db_arg_id(&a, r->credit);
    db_arg_id(&a, r->amount);
    db_arg_text(&a, r->reason);
    db_arg_i64(&a, random);
    db_arg_bytes_array(&a, rid, n);
    arg_payee(&a, &r->payee);
    return db_call(f->db, t, DB_EXCEPTION_RESOLVE, &a, next);
}

/* A call that takes a reason, and the address of a receipt that may come of it. */
static int with_rid(struct task *t, struct flow *f, enum db_stmt stmt, struct slice token_hash, int64_t id, struct slice reason, task_step next)
{
    char *rid = arena_alloc(t->arena, RID_SIZE);
    struct db_args a;

    if (rid == NULL)
        return RC_NOMEM;
    if (crypto_random(rid, RID_SIZE) < 0)
        return RC_INTERNAL;
    by_token(&a, t, token_hash, id);
    db_arg_text(&a, reason);
    db_arg_bytes(&a, (struct slice){ rid, RID_SIZE });
    return db_call(f->db, t, stmt, &a, next);
}

int flow_exception_undo(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason, task_step next)
{
    return with_rid(t, f, DB_EXCEPTION_UNDO, token_hash, id, reason, next);
}

int flow_exception_correct(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason, task_step next)
{
    return with_rid(t, f, DB_EXCEPTION_CORRECT, token_hash, id, reason, next);
}

int flow_exception_decide(struct task *t, struct flow *f, struct slice token_hash, int64_t id, bool agree, struct slice reason, task_step next)
{
    int32_t *codes = arena_array(t->arena, CANDIDATES, sizeof *codes);
    char *page = arena_alloc(t->arena, RID_SIZE);
    struct db_args a;

    if (codes == NULL || page == NULL)
        return RC_NOMEM;
    if (crypto_random(page, RID_SIZE) < 0)
        return RC_INTERNAL;
    for (size_t i = 0; i < CANDIDATES; i++) {
        uint64_t random;

        if (crypto_random(&random, sizeof random) < 0 || code_from_random('P', random, &codes[i]) < 0)
            return RC_INTERNAL;
    }
    by_token(&a, t, token_hash, id);
    db_arg_bool(&a, agree);
    db_arg_text(&a, reason);
    db_arg_i32_array(&a, codes, NULL, CANDIDATES);
    db_arg_bytes(&a, (struct slice){ page, RID_SIZE });
    return db_call(f->db, t, DB_EXCEPTION_DECIDE, &a, next);
}

int flow_exception_done(struct task *t, struct slice *why)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    *why = db_text(r, 0, 1);
    return (int)db_i64(r, 0, 0);
}

int flow_refund_request(struct task *t, struct flow *f, const struct flow_refund *r, task_step next)
{
    struct db_args a;
    int64_t random;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    by_token(&a, t, r->token_hash, r->account_id);
    db_arg_id(&a, r->payer_id);
    db_arg_id(&a, r->charge_id);
    db_arg_i64(&a, r->amount);
    db_arg_text(&a, r->reason);
    db_arg_i64(&a, random);
    arg_payee(&a, &r->payee);
    return db_call(f->db, t, DB_REFUND_REQUEST, &a, next);
}

int flow_refund_requested(struct task *t, struct slice *why, int64_t *exception_id)
{
    int rc = flow_exception_done(t, why);

    *exception_id = rc == RC_OK ? db_i64(db_result(t), 0, 2) : 0;
    return rc;
}
