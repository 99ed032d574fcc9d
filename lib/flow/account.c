#include "khop/flow/account.h"

#include "khop/base/banned.h"

enum account_col { A_RC, A_ID, A_BIN, A_NO, A_HOLDER, A_LEDGER, A_CREATED };

int flow_account_create(struct task *t, struct flow *f, struct slice token_hash, struct slice bin, struct slice account_no,
                        struct slice holder, task_step next)
{
    struct db_args a;
    int64_t random;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, token_hash);
    db_arg_i64(&a, random);
    db_arg_text(&a, bin);
    db_arg_text(&a, account_no);
    db_arg_text(&a, holder);
    return db_call(f->db, t, DB_ACCOUNT_CREATE, &a, next);
}

int flow_account_list(struct task *t, struct flow *f, struct slice token_hash, int64_t after_id, int32_t limit, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_bytes(&a, token_hash);
    db_arg_id(&a, after_id);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_ACCOUNT_LIST, &a, next);
}

int flow_account_read(struct task *t, struct flow_account **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_account){
            .id = db_i64(r, i, A_ID),
            .bin = db_text(r, i, A_BIN),
            .account_no = db_text(r, i, A_NO),
            .holder = db_text(r, i, A_HOLDER),
            .ledger_no = (int32_t)db_i64(r, i, A_LEDGER),
            .created_us = db_time_us(r, i, A_CREATED),
        };
    }
    return rc;
}
