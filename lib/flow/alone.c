#include "khop/flow/alone.h"

#include "khop/base/banned.h"

enum alone_col { A_RC, A_AMOUNT, A_CHANGED, A_CHANGED_BY };

int flow_alone_get(struct task *t, struct flow *f, struct slice token_hash, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    return db_call(f->db, t, DB_ALONE_LIMIT_GET, &a, next);
}

int flow_alone_read(struct task *t, struct flow_alone *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_alone){ .amount = db_i64(r, 0, A_AMOUNT), .changed = !db_null(r, 0, A_CHANGED), .changed_by = db_text(r, 0, A_CHANGED_BY) };
    if (out->changed)
        out->changed_us = db_time_us(r, 0, A_CHANGED);
    return RC_OK;
}

int flow_alone_save(struct task *t, struct flow *f, struct slice token_hash, int64_t amount, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, amount);
    return db_call(f->db, t, DB_ALONE_LIMIT_SAVE, &a, next);
}
