/* Links that let somebody choose a password, and the first start. */
#include "khop/flow/entry.h"

#include "khop/base/clock.h"

#include "khop/base/banned.h"

int flow_link_show(struct task *t, struct flow *f, struct slice link, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_bytes(&a, link);
    db_arg_time(&a, clock_wall_us());
    return db_call(f->db, t, DB_INVITATION_SHOW, &a, next);
}

int flow_link_read(struct task *t, struct flow_link *out)
{
    enum { RC, PURPOSE, LOGIN, NAME, ROLE, ORG, CODE, KNOWN, NEEDS };
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_link){
        .reset = slice_is(db_text(r, 0, PURPOSE), "reset"),
        .known = db_bool(r, 0, KNOWN),
        .needs_factor = db_bool(r, 0, NEEDS),
        .login = db_text(r, 0, LOGIN),
        .name = db_text(r, 0, NAME),
        .role = db_text(r, 0, ROLE),
        .org_name = db_text(r, 0, ORG),
        .org_code = db_text(r, 0, CODE),
    };
    return RC_OK;
}

int flow_link_accept(struct task *t, struct flow *f, struct slice link, struct slice token, const struct flow_password *chosen,
                     struct slice new_hash, const struct flow_visitor *v, task_step next)
{
    struct db_args a;
    int64_t random, session;

    if (flow_random48(&random) < 0 || flow_random48(&session) < 0)
        return RC_INTERNAL;
    db_args_init(&a, t->arena);
    db_arg_bytes(&a, link);
    db_arg_time(&a, clock_wall_us());
    db_arg_bytes(&a, token);
    db_arg_i64(&a, random);
    db_arg_text(&a, chosen->phc);
    db_arg_i16(&a, chosen->pepper);
    db_arg_bytes(&a, new_hash);
    db_arg_i64(&a, session);
    db_arg_bool(&a, v->required);
    db_arg_text(&a, v->ip);
    db_arg_text(&a, v->agent);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_INVITATION_ACCEPT, &a, next);
}

int flow_setup_offer(struct task *t, struct flow *f, struct slice code, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_bytes(&a, code);
    return db_call(f->db, t, DB_SETUP_OFFER, &a, next);
}

int flow_setup_show(struct task *t, struct flow *f, struct slice code, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_bytes(&a, code);
    return db_call(f->db, t, DB_SETUP_SHOW, &a, next);
}

int flow_setup_read(struct task *t, struct flow_setup_org **out, size_t *n)
{
    enum { RC, ID, NAME };
    const struct db_rows *r = db_result(t);
    size_t rows;
    int rc;

    *n = 0;
    *out = flow_rows(t, sizeof **out, &rows, &rc);
    for (int i = 0; i < (int)rows && !db_null(r, i, ID); i++)
        (*out)[(*n)++] = (struct flow_setup_org){ db_i64(r, i, ID), db_text(r, i, NAME) };
    return rc;
}

int flow_setup_finish(struct task *t, struct flow *f, const struct flow_setup *s, const struct flow_password *chosen, struct slice new_hash,
                      const struct flow_visitor *v, task_step next)
{
    struct db_args a;
    int64_t user, org, session;

    if (flow_random48(&user) < 0 || flow_random48(&org) < 0 || flow_random48(&session) < 0)
        return RC_INTERNAL;
    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_bytes(&a, s->code);
    db_arg_i64(&a, user);
    db_arg_text(&a, s->login);
    db_arg_text(&a, s->name);
    db_arg_text(&a, chosen->phc);
    db_arg_i16(&a, chosen->pepper);
    db_arg_id(&a, s->org_id);
    db_arg_i64(&a, org);
    db_arg_text(&a, s->org_name);
    db_arg_text(&a, s->org_kind);
    db_arg_text(&a, s->org_code);
    db_arg_i32(&a, f->buckets);
    db_arg_bytes(&a, new_hash);
    db_arg_i64(&a, session);
    db_arg_bool(&a, v->required);
    db_arg_text(&a, v->ip);
    db_arg_text(&a, v->agent);
    db_arg_text(&a, v->req);
    return db_call(f->db, t, DB_SETUP_FINISH, &a, next);
}
