#include "khop/flow/people.h"

#include "khop/base/banned.h"

int flow_user_list(struct task *t, struct flow *f, struct slice token, struct slice after, int64_t after_id, int32_t limit, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_text(&a, after);
    db_arg_id(&a, after_id);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_USER_LIST, &a, next);
}

int flow_user_read(struct task *t, struct flow_user **out, size_t *n)
{
    enum { RC, ID, LOGIN, NAME, ROLES, DISABLED, SIGNED_IN, TOTP, ELSEWHERE };
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_user){
            .id = db_i64(r, i, ID),
            .login = db_text(r, i, LOGIN),
            .name = db_text(r, i, NAME),
            .roles = db_text(r, i, ROLES),
            .disabled = db_bool(r, i, DISABLED),
            .totp = db_bool(r, i, TOTP),
            .elsewhere = db_bool(r, i, ELSEWHERE),
            .has_signed_in = !db_null(r, i, SIGNED_IN),
            .signed_in_us = db_time_us(r, i, SIGNED_IN),
        };
    }
    return rc;
}

static int role_call(struct task *t, struct flow *f, enum db_stmt stmt, struct slice token, int64_t user, struct slice role,
                     const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_i64(&a, user);
    db_arg_text(&a, role);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, stmt, &a, next);
}

int flow_user_role_add(struct task *t, struct flow *f, struct slice token, int64_t user, struct slice role, const struct flow_visitor *v, task_step next)
{
    return role_call(t, f, DB_USER_ROLE_ADD, token, user, role, v, next);
}

int flow_user_role_end(struct task *t, struct flow *f, struct slice token, int64_t user, struct slice role, const struct flow_visitor *v, task_step next)
{
    return role_call(t, f, DB_USER_ROLE_END, token, user, role, v, next);
}

int flow_user_disable(struct task *t, struct flow *f, struct slice token, int64_t user, bool disable, const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_i64(&a, user);
    db_arg_bool(&a, disable);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_USER_DISABLE, &a, next);
}

int flow_user_factor_reset(struct task *t, struct flow *f, struct slice token, int64_t user, const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_i64(&a, user);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_USER_FACTOR_RESET, &a, next);
}

int flow_user_reset(struct task *t, struct flow *f, struct slice token, int64_t user, struct slice link, const struct flow_visitor *v, task_step next)
{
    struct db_args a;
    int64_t random;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, token);
    db_arg_i64(&a, random);
    db_arg_bytes(&a, link);
    db_arg_i64(&a, user);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_USER_RESET, &a, next);
}

int flow_invite(struct task *t, struct flow *f, struct slice token, struct slice link, struct slice login, struct slice name, struct slice role,
                const struct flow_visitor *v, task_step next)
{
    struct db_args a;
    int64_t random;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, token);
    db_arg_i64(&a, random);
    db_arg_bytes(&a, link);
    db_arg_text(&a, login);
    db_arg_text(&a, name);
    db_arg_text(&a, role);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_INVITE, &a, next);
}

int flow_invited_read(struct task *t, int64_t *id, int64_t *expires_us)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *id = db_i64(r, 0, 1);
    *expires_us = db_time_us(r, 0, 2);
    return RC_OK;
}

int flow_invitation_list(struct task *t, struct flow *f, struct slice token, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    return db_call(f->db, t, DB_INVITATION_LIST, &a, next);
}

int flow_invitation_read(struct task *t, struct flow_invitation **out, size_t *n)
{
    enum { RC, ID, PURPOSE, LOGIN, NAME, ROLE, CREATED, CREATED_BY, EXPIRES };
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_invitation){
            .id = db_i64(r, i, ID),
            .reset = slice_is(db_text(r, i, PURPOSE), "reset"),
            .login = db_text(r, i, LOGIN),
            .name = db_text(r, i, NAME),
            .role = db_text(r, i, ROLE),
            .created_by = db_text(r, i, CREATED_BY),
            .created_us = db_time_us(r, i, CREATED),
            .expires_us = db_time_us(r, i, EXPIRES),
        };
    }
    return rc;
}

int flow_invitation_end(struct task *t, struct flow *f, struct slice token, int64_t id, const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_i64(&a, id);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_INVITATION_END, &a, next);
}

int flow_event_list(struct task *t, struct flow *f, struct slice token, int64_t before, struct slice action, int32_t limit, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_id(&a, before);
    db_arg_text(&a, action);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_AUDIT_LIST, &a, next);
}

int flow_event_read(struct task *t, struct flow_event **out, size_t *n)
{
    enum { RC, SEQ, AT, ACTOR, ACTOR_NAME, SESSION8, IP, REQ, ACTION, OBJECT, RESULT, DETAIL, HASH };
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_event){
            .seq = db_i64(r, i, SEQ),
            .at_us = db_time_us(r, i, AT),
            .actor = db_i64(r, i, ACTOR),
            .actor_name = db_text(r, i, ACTOR_NAME),
            .session8 = db_text(r, i, SESSION8),
            .ip = db_text(r, i, IP),
            .req = db_text(r, i, REQ),
            .action = db_text(r, i, ACTION),
            .object = db_text(r, i, OBJECT),
            .result = db_text(r, i, RESULT),
            .detail = db_text(r, i, DETAIL),
            .hash = db_text(r, i, HASH),
        };
    }
    return rc;
}
