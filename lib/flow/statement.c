/* Statements and days as clients see them. */
#include "khop/flow/statement.h"

#include "khop/base/banned.h"

enum list_col { L_RC, L_STORED, L_ID, L_DOC };

int flow_statement_list(struct task *t, struct flow *f, struct slice token_hash, int64_t account, int64_t after_us, int64_t after_id, int32_t limit,
                        task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_id(&a, account);
    if (after_id != 0) {
        db_arg_time(&a, after_us);
        db_arg_i64(&a, after_id);
    } else {
        db_arg_null(&a);
        db_arg_null(&a);
    }
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_STATEMENT_LIST, &a, next);
}

int flow_statement_read_list(struct task *t, struct flow_statement_row **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++)
        (*out)[i] = (struct flow_statement_row){ db_time_us(r, i, L_STORED), db_i64(r, i, L_ID), db_text(r, i, L_DOC) };
    return rc;
}

int flow_statement_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_STATEMENT_GET, &a, next);
}

int flow_day_accounts(struct task *t, struct flow *f, struct slice token_hash, int32_t day, int32_t limit, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_date(&a, day);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_DAY_ACCOUNTS, &a, next);
}

int flow_reconciliation(struct task *t, struct flow *f, struct slice token_hash, const struct flow_day_query *q, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_id(&a, q->account);
    db_arg_date(&a, q->day);
    db_arg_text(&a, q->state);
    db_arg_i32(&a, q->after);
    db_arg_i32(&a, q->limit);
    return db_call(f->db, t, DB_RECONCILIATION, &a, next);
}
