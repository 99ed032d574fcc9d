#include "khop/flow/home.h"

#include "khop/base/banned.h"

enum tile_col { H_RC, H_TILE, H_N, H_AMOUNT, H_SINCE, H_ID, H_LABEL, H_DONE, H_TOTAL, H_DAY, H_PAID };

int flow_home(struct task *t, struct flow *f, struct slice token_hash, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    return db_call(f->db, t, DB_DESK_HOME, &a, next);
}

int flow_home_read(struct task *t, struct flow_tile **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_tile){
            .tile = db_text(r, i, H_TILE),
            .label = db_text(r, i, H_LABEL),
            .has_n = !db_null(r, i, H_N),
            .has_amount = !db_null(r, i, H_AMOUNT),
            .has_since = !db_null(r, i, H_SINCE),
            .has_total = !db_null(r, i, H_TOTAL),
            .has_day = !db_null(r, i, H_DAY),
            .has_paid = !db_null(r, i, H_PAID),
            .n = db_i64(r, i, H_N),
            .amount = db_i64(r, i, H_AMOUNT),
            .since_us = db_time_us(r, i, H_SINCE),
            .id = db_i64(r, i, H_ID),
            .done = db_i64(r, i, H_DONE),
            .total = db_i64(r, i, H_TOTAL),
            .day = db_day(r, i, H_DAY),
            .paid = db_i64(r, i, H_PAID),
        };
    }
    return rc;
}
