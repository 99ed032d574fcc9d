#include "khop/flow/account.h"

#include "khop/base/clock.h"

#include "khop/base/banned.h"

enum exception_col {
    E_RC, E_ID, E_REASON, E_STATE, E_DIRECTION, E_HELD, E_AMOUNT, E_ACCOUNT, E_CHARGE, E_CODE, E_EXT, E_PROVIDER, E_MEMO,
    E_OPENED, E_SEQ,
};

int flow_exception_list(struct task *t, struct flow *f, struct slice token_hash, const struct flow_exception_filter *filter,
                        task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_bytes(&a, token_hash);
    db_arg_text(&a, filter->state);
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

int flow_exception_read(struct task *t, struct flow_exception **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int count = db_rows_count(r);

    *n = 0;
    *out = NULL;
    if (count == 0)
        return RC_OK;
    if (db_i64(r, 0, E_RC) < 0)
        return (int)db_i64(r, 0, E_RC);
    *out = arena_array(t->arena, (size_t)count, sizeof **out);
    if (*out == NULL)
        return RC_NOMEM;
    for (int i = 0; i < count; i++) {
        (*out)[i] = (struct flow_exception){
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
    *n = (size_t)count;
    return RC_OK;
}
