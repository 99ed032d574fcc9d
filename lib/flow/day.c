#include "khop/flow/exception.h"

#include "khop/base/banned.h"

enum day_col { D_RC, D_DAY, D_STATE, D_VERSION, D_FROM, D_OPEN, D_SEAL, D_OWN, D_SHEET, D_FAULTS, D_STEPS };

static void by_day(struct db_args *a, struct task *t, struct slice token_hash, int32_t day)
{
    flow_args(a, t, token_hash);
    db_arg_date(a, day);
}

int flow_day_show(struct task *t, struct flow *f, struct slice token_hash, int32_t day, task_step next)
{
    struct db_args a;

    by_day(&a, t, token_hash, day);
    return db_call(f->db, t, DB_DAY_SHOW, &a, next);
}

int flow_day_read(struct task *t, struct flow_day *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_day){
        .day = db_day(r, 0, D_DAY),
        .has_from = !db_null(r, 0, D_FROM),
        .from_day = db_day(r, 0, D_FROM),
        .open_day = db_day(r, 0, D_OPEN),
        .own = db_bool(r, 0, D_OWN),
        .state = db_text(r, 0, D_STATE),
        .version = (int)db_i64(r, 0, D_VERSION),
        .seal = db_text(r, 0, D_SEAL),
        .sheet = db_text(r, 0, D_SHEET),
        .faults = db_text(r, 0, D_FAULTS),
        .steps = db_text(r, 0, D_STEPS),
    };
    return RC_OK;
}

int flow_day_act(struct task *t, struct flow *f, struct slice token_hash, int32_t day, struct slice action, bool override, struct slice reason,
                 task_step next)
{
    struct db_args a;

    by_day(&a, t, token_hash, day);
    db_arg_text(&a, action);
    db_arg_bool(&a, override);
    db_arg_text(&a, reason);
    return db_call(f->db, t, DB_DAY_ACT, &a, next);
}
