/* Payout lists as clients see them. */
#include "khop/flow/payout.h"

#include "khop/base/banned.h"

int flow_payout_create(struct task *t, struct flow *f, const struct flow_payout_spec *s, task_step next)
{
    int64_t random;
    struct db_args a;
    int rc = flow_random48(&random);

    flow_args(&a, t, s->token_hash);
    if (rc == RC_OK)
        rc = flow_arg_request(&a, s->idempotency_key, s->request);
    if (rc < 0)
        return rc;
    db_arg_i64(&a, random);
    db_arg_i64(&a, s->account_id);
    db_arg_text(&a, s->name);
    db_arg_date(&a, s->month);
    db_arg_date(&a, s->pay_by);
    db_arg_bool(&a, s->carry);
    db_arg_text(&a, s->lines);
    return db_call(f->db, t, DB_PAYOUT_CREATE, &a, next);
}

struct slice flow_payout_faults(struct task *t)
{
    return db_text(db_result(t), 0, 1);
}

bool flow_payout_repeated(struct task *t)
{
    return db_bool(db_result(t), 0, 2);
}

int flow_payout_list(struct task *t, struct flow *f, struct slice token_hash, int32_t after_day, int64_t after_id, int32_t limit, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i32(&a, after_day);
    db_arg_id(&a, after_id);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_PAYOUT_LIST, &a, next);
}

int flow_payout_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_PAYOUT_GET, &a, next);
}

int flow_payout_lines(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice state, int32_t after, int32_t limit,
                      task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_text(&a, state);
    db_arg_i32(&a, after);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_PAYOUT_LINES, &a, next);
}

int flow_payout_move(struct task *t, struct flow *f, struct slice token_hash, int64_t id, const char *to, struct slice note, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_text(&a, slice_of(to));
    db_arg_text(&a, note);
    return db_call(f->db, t, DB_PAYOUT_MOVE, &a, next);
}

int flow_payout_approve(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    int64_t random;
    struct db_args a;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_i64(&a, random);
    return db_call(f->db, t, DB_PAYOUT_APPROVE, &a, next);
}
