#include "khop/flow/paper.h"

#include "khop/base/banned.h"

enum paper_col { P_RC, P_BUDGET_CODE, P_ADDRESS, P_FORM, P_CIRCULAR, P_COLLECTOR, P_HOTLINE, P_CHANGED };

int flow_paper_get(struct task *t, struct flow *f, struct slice token_hash, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    return db_call(f->db, t, DB_PAPER_SETTING_GET, &a, next);
}

int flow_paper_read(struct task *t, struct flow_paper *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_paper){ .budget_code = db_text(r, 0, P_BUDGET_CODE), .address = db_text(r, 0, P_ADDRESS), .form = db_text(r, 0, P_FORM),
                                .circular = db_text(r, 0, P_CIRCULAR), .collector = db_text(r, 0, P_COLLECTOR), .hotline = db_text(r, 0, P_HOTLINE),
                                .changed = !db_null(r, 0, P_CHANGED) };
    if (out->changed)
        out->changed_us = db_time_us(r, 0, P_CHANGED);
    return RC_OK;
}

int flow_paper_save(struct task *t, struct flow *f, struct slice token_hash, const struct flow_paper *paper, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_text(&a, paper->budget_code);
    db_arg_text(&a, paper->address);
    db_arg_text(&a, paper->form);
    db_arg_text(&a, paper->circular);
    db_arg_text(&a, paper->collector);
    db_arg_text(&a, paper->hotline);
    return db_call(f->db, t, DB_PAPER_SETTING_SAVE, &a, next);
}
