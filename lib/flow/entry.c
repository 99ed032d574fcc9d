#include "khop/flow/entry.h"

#include "khop/base/clock.h"

#include "khop/base/banned.h"

int flow_next_read(struct task *t, enum flow_next *next)
{
    static const char *const names[] = { [FLOW_DONE] = "done", [FLOW_FACTOR] = "factor", [FLOW_ENROL] = "enrol", [FLOW_HERE] = "here" };
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (slice_is(db_text(db_result(t), 0, 1), names[i])) {
            *next = (enum flow_next)i;
            return RC_OK;
        }
    }
    return RC_INTERNAL;
}

/* --- signing in --- */

int flow_sign_in_begin(struct task *t, struct flow *f, struct slice login, int64_t device_user, struct slice device, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_text(&a, login);
    db_arg_id(&a, device_user);
    db_arg_bytes(&a, device);
    return db_call(f->db, t, DB_SIGN_IN_BEGIN, &a, next);
}

int flow_sign_in_read(struct task *t, struct flow_sign_in *out)
{
    enum { RC, WAIT, BUDGET, USER, PASSWORD, PEPPER };
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0 && rc != RC_BUSY)
        return rc;
    *out = (struct flow_sign_in){
        .wait_s = (int32_t)db_i64(r, 0, WAIT),
        .budget = db_text(r, 0, BUDGET),
        .user_id = db_i64(r, 0, USER),
    };
    if (!db_null(r, 0, PASSWORD)) {
        out->password = db_text(r, 0, PASSWORD);
        out->pepper = (int16_t)db_i64(r, 0, PEPPER);
    }
    return rc;
}

int flow_sign_in_end(struct task *t, struct flow *f, const struct flow_sign_in *who, bool match, const struct flow_password *renewed,
                     struct slice hash, const struct flow_visitor *v, task_step next)
{
    struct db_args a;
    int64_t random;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_id(&a, who->user_id);
    db_arg_bytes(&a, who->budget);
    db_arg_bool(&a, match);
    db_arg_text(&a, renewed->phc);
    if (renewed->phc.p == NULL)
        db_arg_null(&a);
    else
        db_arg_i16(&a, renewed->pepper);
    db_arg_bytes(&a, hash);
    db_arg_i64(&a, random);
    db_arg_bool(&a, v->required);
    db_arg_text(&a, v->ip);
    db_arg_text(&a, v->agent);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_SIGN_IN_END, &a, next);
}

int flow_sign_out(struct task *t, struct flow *f, struct slice token, const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_SIGN_OUT, &a, next);
}

/* --- the person of a session --- */

int flow_self(struct task *t, struct flow *f, struct slice token, const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_bool(&a, v->required);
    return db_call(f->db, t, DB_SESSION_SELF, &a, next);
}

int flow_self_read(struct task *t, struct flow_self *out)
{
    enum { RC, STAGE, USER, LOGIN, NAME, TOTP, NEEDS, LEFT, ROLE, ORG, FRESH };
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_self){
        .stage = (int)db_i64(r, 0, STAGE),
        .user_id = db_i64(r, 0, USER),
        .login = db_text(r, 0, LOGIN),
        .name = db_text(r, 0, NAME),
        .role = db_text(r, 0, ROLE),
        .org_name = db_text(r, 0, ORG),
        .totp = db_bool(r, 0, TOTP),
        .needs_factor = db_bool(r, 0, NEEDS),
        .fresh = db_bool(r, 0, FRESH),
        .recovery_left = (int32_t)db_i64(r, 0, LEFT),
    };
    return RC_OK;
}

int flow_session_owner(struct task *t, struct flow *f, struct slice token, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    return db_call(f->db, t, DB_SESSION_OWNER, &a, next);
}

int flow_session_owner_read(struct task *t, struct flow_owner *out)
{
    enum { RC, USER, LOGIN, TOTP, LIVE };
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc == RC_OK)
        *out = (struct flow_owner){ .user_id = db_i64(r, 0, USER), .login = db_text(r, 0, LOGIN), .totp = db_bool(r, 0, TOTP), .live = db_bool(r, 0, LIVE) };
    return rc;
}

int flow_proof_begin(struct task *t, struct flow *f, struct slice token, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    return db_call(f->db, t, DB_PROOF_BEGIN, &a, next);
}

int flow_proof_read(struct task *t, struct flow_proof *out)
{
    enum { RC, WAIT, STAGE, USER, SEALED, STEP, PASSWORD, PEPPER };
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0 && rc != RC_BUSY)
        return rc;
    *out = (struct flow_proof){
        .wait_s = (int32_t)db_i64(r, 0, WAIT),
        .stage = (int)db_i64(r, 0, STAGE),
        .user_id = db_i64(r, 0, USER),
        .totp_sealed = db_text(r, 0, SEALED),
        .totp_step = db_i64(r, 0, STEP),
        .password = db_text(r, 0, PASSWORD),
        .pepper = (int16_t)db_i64(r, 0, PEPPER),
    };
    return rc;
}

int flow_proof_end(struct task *t, struct flow *f, struct slice token, const struct flow_proven *how, struct slice new_hash,
                   const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_id(&a, how->step);
    db_arg_bytes(&a, how->recovery);
    db_arg_bool(&a, how->password);
    db_arg_bytes(&a, new_hash);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_PROOF_END, &a, next);
}

int flow_factor_set(struct task *t, struct flow *f, struct slice token, struct slice sealed, int64_t step, const struct slice *codes,
                    size_t ncodes, struct slice new_hash, const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_bytes(&a, sealed);
    db_arg_i64(&a, step);
    db_arg_bytes_array(&a, codes, ncodes);
    db_arg_bytes(&a, new_hash);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_FACTOR_SET, &a, next);
}

int flow_factor_remove(struct task *t, struct flow *f, struct slice token, struct slice new_hash, const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_bool(&a, v->required);
    db_arg_bytes(&a, new_hash);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_FACTOR_REMOVE, &a, next);
}

int flow_recovery_renew(struct task *t, struct flow *f, struct slice token, const struct slice *codes, size_t ncodes,
                        const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_bytes_array(&a, codes, ncodes);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_RECOVERY_RENEW, &a, next);
}

int flow_password_change(struct task *t, struct flow *f, struct slice token, bool match, const struct flow_password *chosen,
                         struct slice new_hash, const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_bool(&a, match);
    db_arg_text(&a, chosen->phc);
    db_arg_i16(&a, chosen->pepper);
    db_arg_bytes(&a, new_hash);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_PASSWORD_CHANGE, &a, next);
}

/* --- its sessions and memberships --- */

int flow_session_list(struct task *t, struct flow *f, struct slice token, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    return db_call(f->db, t, DB_SESSION_LIST, &a, next);
}

int flow_session_read(struct task *t, struct flow_session **out, size_t *n)
{
    enum { RC, ID, CURRENT, ORG, ROLE, IP, AGENT, CREATED, SEEN };
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_session){
            .id = db_i64(r, i, ID),
            .current = db_bool(r, i, CURRENT),
            .org_name = db_text(r, i, ORG),
            .role = db_text(r, i, ROLE),
            .ip = db_text(r, i, IP),
            .agent = db_text(r, i, AGENT),
            .created_us = db_time_us(r, i, CREATED),
            .seen_us = db_time_us(r, i, SEEN),
        };
    }
    return rc;
}

int flow_session_end(struct task *t, struct flow *f, struct slice token, int64_t id, const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_id(&a, id);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_SESSION_END, &a, next);
}

int flow_session_switch(struct task *t, struct flow *f, struct slice token, int64_t org_id, struct slice role, struct slice new_hash,
                        const struct flow_visitor *v, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    db_arg_i64(&a, org_id);
    db_arg_text(&a, role);
    db_arg_bool(&a, v->required);
    db_arg_bytes(&a, new_hash);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_SESSION_SWITCH, &a, next);
}

int flow_memberships(struct task *t, struct flow *f, struct slice token, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token);
    return db_call(f->db, t, DB_SESSION_SHOW, &a, next);
}

int flow_membership_read(struct task *t, struct flow_membership **out, size_t *n)
{
    enum { RC, USER, LOGIN, NAME, ORG, ORG_NAME, KIND, ROLE, SCOPES, CURRENT };
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_membership){
            .org_id = db_i64(r, i, ORG),
            .org_name = db_text(r, i, ORG_NAME),
            .role = db_text(r, i, ROLE),
            .current = db_bool(r, i, CURRENT),
        };
    }
    return rc;
}
