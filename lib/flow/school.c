/* Payers and rounds as clients see them. */
#include "khop/flow/school.h"

#include "khop/base/banned.h"

int flow_doc_read(struct task *t, struct slice *doc)
{
    int rc = flow_rc_read(t);

    if (rc == RC_OK)
        *doc = db_text(db_result(t), 0, 1);
    return rc;
}

int flow_payer_list(struct task *t, struct flow *f, struct slice token_hash, const struct flow_payer_filter *filter, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_text(&a, filter->class_name);
    db_arg_text(&a, filter->find);
    db_arg_bool(&a, filter->left);
    db_arg_i32(&a, filter->after);
    db_arg_i32(&a, filter->limit);
    return db_call(f->db, t, DB_PAYER_LIST, &a, next);
}

int flow_payer_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_PAYER_GET, &a, next);
}

int flow_payer_form(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    if (id == 0)
        db_arg_null(&a);
    else
        db_arg_i64(&a, id);
    return db_call(f->db, t, DB_PAYER_FORM, &a, next);
}

int flow_payer_save(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice version, struct slice data, task_step next)
{
    int64_t random;
    struct db_args a;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, token_hash);
    db_arg_i64(&a, random);
    if (id == 0)
        db_arg_null(&a);
    else
        db_arg_i64(&a, id);
    db_arg_text(&a, version);
    db_arg_text(&a, data);
    return db_call(f->db, t, DB_PAYER_SAVE, &a, next);
}

struct slice flow_doc_what(struct task *t)
{
    const struct db_rows *r = db_result(t);

    return db_rows_count(r) < 1 || db_null(r, 0, 2) ? (struct slice){ 0 } : db_text(r, 0, 2);
}

int flow_round_save(struct task *t, struct flow *f, const struct flow_round_spec *s, task_step next)
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
    db_arg_id(&a, s->round_id);
    db_arg_i64(&a, s->account_id);
    db_arg_text(&a, s->name);
    db_arg_date(&a, s->month);
    db_arg_date(&a, s->due_on);
    db_arg_text(&a, s->items);
    if (s->nclasses == 0)
        db_arg_null(&a);
    else
        db_arg_text_array(&a, s->classes, s->nclasses);
    db_arg_text(&a, s->version);
    return db_call(f->db, t, DB_ROUND_SAVE, &a, next);
}

int flow_round_form(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_id(&a, id);
    return db_call(f->db, t, DB_ROUND_FORM, &a, next);
}

int flow_round_list(struct task *t, struct flow *f, struct slice token_hash, int64_t after_us, int64_t after_id, int32_t limit, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, after_us);
    db_arg_id(&a, after_id);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_ROUND_LIST, &a, next);
}

int flow_round_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_ROUND_GET, &a, next);
}

int flow_round_payers(struct task *t, struct flow *f, struct slice token_hash, int64_t id, const struct flow_round_filter *filter, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_text(&a, filter->class_name);
    db_arg_text(&a, filter->state);
    if (filter->own)
        db_arg_bool(&a, true);
    else
        db_arg_null(&a);
    db_arg_i32(&a, filter->after);
    db_arg_i32(&a, filter->limit);
    return db_call(f->db, t, DB_ROUND_PAYERS, &a, next);
}

int flow_round_propose(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_ROUND_PROPOSE, &a, next);
}

int flow_round_return(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice note, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_text(&a, note);
    return db_call(f->db, t, DB_ROUND_RETURN, &a, next);
}

int flow_round_approve(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason, task_step next)
{
    int64_t random;
    struct db_args a;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_text(&a, reason);
    db_arg_i64(&a, random);
    return db_call(f->db, t, DB_ROUND_APPROVE, &a, next);
}

int flow_round_cancel(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_text(&a, reason);
    return db_call(f->db, t, DB_ROUND_CANCEL, &a, next);
}

int flow_ceiling_list(struct task *t, struct flow *f, struct slice token_hash, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    return db_call(f->db, t, DB_CEILING_LIST, &a, next);
}

int flow_ceiling_add(struct task *t, struct flow *f, struct slice token_hash, const struct flow_ceiling *c, task_step next)
{
    int64_t random;
    struct db_args a;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, token_hash);
    db_arg_i64(&a, random);
    db_arg_text(&a, c->kind);
    db_arg_i64(&a, c->amount);
    db_arg_text(&a, c->decision);
    db_arg_date(&a, c->valid_from);
    if (c->has_end)
        db_arg_date(&a, c->valid_to);
    else
        db_arg_null(&a);
    return db_call(f->db, t, DB_CEILING_ADD, &a, next);
}
