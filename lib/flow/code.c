#include "khop/flow/code.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/pay/code.h"
#include "khop/pay/memo.h"

#include "khop/base/banned.h"

/* Columns of a code, in the order every statement here returns them. */
enum code_col {
    C_RC, C_REPEATED, C_ID, C_CODE, C_KIND, C_STATUS, C_AMOUNT, C_PAID, C_LABEL, C_ACCOUNT, C_BIN, C_ACCOUNT_NO, C_HOLDER,
    C_PAYER_REF, C_PAYER_NAME, C_PAYEE_BIN, C_PAYEE_NO, C_PAYEE_NAME, C_DUE, C_EXPIRES, C_TOKEN, C_CREATED, C_ORG,
    C_ORG_NAME, C_RCP_ID, C_RCP_YEAR, C_RCP_NO, C_RCP_AMOUNT, C_RCP_RID, C_RCP_PAID,
    C_PAYER_CLASS, C_LINES, C_RCP_VOIDED, C_PAYER, C_CREDIT,
};

static void code_from_row(const struct db_rows *r, int i, struct flow_code *c)
{
    struct slice kind = db_text(r, i, C_KIND);

    *c = (struct flow_code){
        .repeated = db_bool(r, i, C_REPEATED),
        .id = db_i64(r, i, C_ID),
        .code_no = (int32_t)db_i64(r, i, C_CODE),
        .kind = kind.n == 1 ? kind.p[0] : '?',
        .status = db_text(r, i, C_STATUS),
        .has_amount = !db_null(r, i, C_AMOUNT),
        .amount = db_i64(r, i, C_AMOUNT),
        .paid = db_i64(r, i, C_PAID),
        .credit_used = db_i64(r, i, C_CREDIT),
        .label = db_text(r, i, C_LABEL),
        .account_id = db_i64(r, i, C_ACCOUNT),
        .bin = db_text(r, i, C_BIN),
        .account_no = db_text(r, i, C_ACCOUNT_NO),
        .holder = db_text(r, i, C_HOLDER),
        .payer_id = db_i64(r, i, C_PAYER),
        .payer_ref = db_text(r, i, C_PAYER_REF),
        .payer_name = db_text(r, i, C_PAYER_NAME),
        .payer_class = db_text(r, i, C_PAYER_CLASS),
        .has_payee = !db_null(r, i, C_PAYEE_NO),
        .payee = { db_text(r, i, C_PAYEE_BIN), db_text(r, i, C_PAYEE_NO), db_text(r, i, C_PAYEE_NAME) },
        .lines = db_text(r, i, C_LINES),
        .has_due = !db_null(r, i, C_DUE),
        .due_on = db_day(r, i, C_DUE),
        .has_expiry = !db_null(r, i, C_EXPIRES),
        .expires_us = db_time_us(r, i, C_EXPIRES),
        .pay_token = db_text(r, i, C_TOKEN),
        .created_us = db_time_us(r, i, C_CREATED),
        .org_id = db_i64(r, i, C_ORG),
        .org_name = db_text(r, i, C_ORG_NAME),
    };
}

static int code_receipts(struct task *t, const struct db_rows *r, struct flow_code *c)
{
    int n = db_rows_count(r);

    if (db_null(r, 0, C_RCP_ID))
        return RC_OK;
    c->receipts = arena_array(t->arena, (size_t)n, sizeof *c->receipts);
    if (c->receipts == NULL)
        return RC_NOMEM;
    for (int i = 0; i < n; i++) {
        c->receipts[i] = (struct flow_code_receipt){
            .id = db_i64(r, i, C_RCP_ID),
            .year = (int32_t)db_i64(r, i, C_RCP_YEAR),
            .number = db_i64(r, i, C_RCP_NO),
            .amount = db_i64(r, i, C_RCP_AMOUNT),
            .paid_us = db_time_us(r, i, C_RCP_PAID),
            .rid = db_text(r, i, C_RCP_RID),
            .voided = db_bool(r, i, C_RCP_VOIDED),
        };
    }
    c->nreceipts = (size_t)n;
    return RC_OK;
}

int flow_code_read(struct task *t, struct flow_code *out)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) < 1)
        return RC_NOT_FOUND;
    int rc = (int)db_i64(r, 0, C_RC);

    if (rc < 0)
        return rc;
    code_from_row(r, 0, out);
    return code_receipts(t, r, out);
}

int flow_code_read_list(struct task *t, struct flow_code **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++)
        code_from_row(r, i, &(*out)[i]);
    return rc;
}

int flow_code_candidates(char kind, int32_t out[FLOW_CODE_CANDIDATES])
{
    uint64_t random[FLOW_CODE_CANDIDATES];
    int rc = crypto_random(random, sizeof random);

    for (size_t i = 0; rc == RC_OK && i < FLOW_CODE_CANDIDATES; i++)
        rc = code_from_random(kind, random[i], &out[i]);
    return rc;
}

static int issue_lines(struct db_args *a, const struct flow_code_spec *spec)
{
    struct slice *labels = arena_array(a->arena, FLOW_LINES_MAX, sizeof *labels);
    int64_t *amounts = arena_array(a->arena, FLOW_LINES_MAX, sizeof *amounts);

    if (labels == NULL || amounts == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < spec->nlines; i++) {
        labels[i] = spec->lines[i].label;
        amounts[i] = spec->lines[i].amount;
    }
    db_arg_text_array(a, labels, spec->nlines);
    db_arg_i64_array(a, amounts, NULL, spec->nlines);
    return RC_OK;
}

/* What is asked, with what was drawn for it: the same in both ways. */
struct issue {
    struct flow *flow;
    struct flow_code_spec spec;
    task_step next;
    uint8_t key_hash[SHA256_SIZE], request_hash[SHA256_SIZE], pay_token[16];
    int64_t random;
    int32_t candidates[FLOW_CODE_CANDIDATES];
};

static int issue_draw(struct issue *i)
{
    if (flow_random48(&i->random) < 0 || crypto_random(i->pay_token, sizeof i->pay_token) < 0 ||
        crypto_sha256(i->spec.idempotency_key, i->key_hash) < 0 || crypto_sha256(i->spec.request, i->request_hash) < 0)
        return RC_INTERNAL;
    return flow_code_candidates(i->spec.kind, i->candidates);
}

static void issue_args(struct db_args *a, struct task *t, const struct issue *i)
{
    flow_args(a, t, i->spec.token_hash);
    db_arg_bytes(a, (struct slice){ (const char *)i->key_hash, sizeof i->key_hash });
    db_arg_bytes(a, (struct slice){ (const char *)i->request_hash, sizeof i->request_hash });
    db_arg_i64(a, i->random);
    db_arg_bytes(a, (struct slice){ (const char *)i->pay_token, sizeof i->pay_token });
    db_arg_i64(a, i->spec.account_id);
    db_arg_text(a, (struct slice){ &i->spec.kind, 1 });
}

/* With every rule and every answer. */
static int issue_alone(struct task *t, const struct issue *i)
{
    const struct flow_code_spec *spec = &i->spec;
    struct db_args a;

    issue_args(&a, t, i);
    db_arg_i32_array(&a, i->candidates, NULL, FLOW_CODE_CANDIDATES);
    db_arg_maybe_i64(&a, spec->has_amount, spec->amount);
    db_arg_text(&a, spec->label);
    db_arg_text(&a, spec->payer_ref);
    db_arg_text(&a, spec->payer_name);
    db_arg_text(&a, spec->payee.bin);
    db_arg_text(&a, spec->payee.account_no);
    db_arg_text(&a, spec->payee.name);
    db_arg_maybe_date(&a, spec->has_due, spec->due_on);
    db_arg_maybe_time(&a, spec->has_expiry, spec->expires_us);
    db_arg_text(&a, spec->payer_class);
    int rc = issue_lines(&a, spec);

    db_arg_bool(&a, !spec->no_credit);
    return rc < 0 ? rc : db_call(i->flow->db, t, DB_CODE_ISSUE, &a, i->next);
}

static int issue_tried(struct task *t)
{
    const struct issue *i = t->state;

    return db_rows_count(db_result(t)) > 0 ? i->next(t) : issue_alone(t, i);
}

/* With others that wait, in one call. */
static int issue_with_others(struct task *t, const struct issue *i)
{
    const struct flow_code_spec *spec = &i->spec;
    struct db_args a;

    issue_args(&a, t, i);
    db_arg_i32(&a, i->candidates[0]);
    db_arg_maybe_i64(&a, spec->has_amount, spec->amount);
    db_arg_text(&a, spec->label);
    db_arg_text(&a, spec->payer_ref);
    db_arg_text(&a, spec->payer_name);
    db_arg_text(&a, spec->payer_class);
    db_arg_maybe_date(&a, spec->has_due, spec->due_on);
    db_arg_maybe_time(&a, spec->has_expiry, spec->expires_us);
    return db_call(i->flow->db, t, DB_CODES_ISSUE, &a, issue_tried);
}

int flow_code_issue(struct task *t, struct flow *f, const struct flow_code_spec *spec, task_step next)
{
    struct issue *i = task_state(t, sizeof *i);
    int rc;

    if (i == NULL)
        return RC_NOMEM;
    i->flow = f;
    i->spec = *spec;
    i->next = next;
    rc = issue_draw(i);
    if (rc < 0)
        return rc;
    return spec->nlines > 0 || spec->payee.account_no.p != NULL ? issue_alone(t, i) : issue_with_others(t, i);
}

int flow_code_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int32_t code_no, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_id(&a, id);
    if (id == 0)
        db_arg_i32(&a, code_no);
    else
        db_arg_null(&a);
    return db_call(f->db, t, DB_CODE_GET, &a, next);
}

int flow_code_list(struct task *t, struct flow *f, struct slice token_hash, const struct flow_code_filter *filter,
                   task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_text(&a, filter->status);
    db_arg_id(&a, filter->account_id);
    if (filter->has_after) {
        db_arg_time(&a, filter->after_us);
        db_arg_i64(&a, filter->after_id);
    } else {
        db_arg_null(&a);
        db_arg_null(&a);
    }
    db_arg_i32(&a, filter->limit);
    return db_call(f->db, t, DB_CODE_LIST, &a, next);
}

int flow_code_cancel(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_text(&a, reason);
    return db_call(f->db, t, DB_CODE_CANCEL, &a, next);
}

int flow_code_by_pay_token(struct task *t, struct flow *f, int32_t bucket, struct slice pay_token, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_i32(&a, bucket);
    db_arg_bytes(&a, pay_token);
    return db_call(f->db, t, DB_PAY_PAGES, &a, next);
}

int flow_code_memo(const struct flow_code *c, char memo[FLOW_MEMO_SIZE])
{
    struct buf b;
    int rc;

    buf_init(&b, FLOW_MEMO_SIZE);
    rc = memo_make(&b, c->code_no, c->label, FLOW_MEMO_SIZE - 1);
    if (rc == RC_OK) {
        memcpy(memo, b.p, b.n);
        memo[b.n] = '\0';
    }
    buf_release(&b);
    return rc;
}
