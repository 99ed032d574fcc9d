#include "khop/flow/paper.h"

#include "khop/base/clock.h"

#include "khop/base/banned.h"

enum paper_col { P_RC, P_BUDGET_CODE, P_ADDRESS, P_FORM, P_CIRCULAR, P_COLLECTOR, P_HOTLINE, P_CHANGED };

static void by_token(struct db_args *a, struct task *t, struct slice token_hash)
{
    db_args_init(a, t->arena);
    db_arg_bytes(a, token_hash);
    db_arg_time(a, clock_wall_us());
}

int flow_paper_get(struct task *t, struct flow *f, struct slice token_hash, task_step next)
{
    struct db_args a;

    by_token(&a, t, token_hash);
    return db_call(f->db, t, DB_PAPER_SETTING_GET, &a, next);
}

static struct slice text_of(const struct db_rows *r, int col)
{
    return db_null(r, 0, col) ? (struct slice){ 0 } : db_text(r, 0, col);
}

int flow_paper_read(struct task *t, struct flow_paper *out)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) < 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, P_RC) < 0)
        return (int)db_i64(r, 0, P_RC);
    *out = (struct flow_paper){ .budget_code = text_of(r, P_BUDGET_CODE), .address = text_of(r, P_ADDRESS), .form = text_of(r, P_FORM),
                                .circular = text_of(r, P_CIRCULAR), .collector = text_of(r, P_COLLECTOR), .hotline = text_of(r, P_HOTLINE),
                                .changed = !db_null(r, 0, P_CHANGED) };
    if (out->changed)
        out->changed_us = db_time_us(r, 0, P_CHANGED);
    return RC_OK;
}

int flow_paper_save(struct task *t, struct flow *f, struct slice token_hash, const struct flow_paper *paper, task_step next)
{
    struct db_args a;

    by_token(&a, t, token_hash);
    db_arg_text(&a, paper->budget_code);
    db_arg_text(&a, paper->address);
    db_arg_text(&a, paper->form);
    db_arg_text(&a, paper->circular);
    db_arg_text(&a, paper->collector);
    db_arg_text(&a, paper->hotline);
    return db_call(f->db, t, DB_PAPER_SETTING_SAVE, &a, next);
}

int flow_paper_saved(struct task *t)
{
    const struct db_rows *r = db_result(t);

    return db_rows_count(r) < 1 ? RC_INTERNAL : (int)db_i64(r, 0, P_RC);
}
