/* Jobs as clients see them. */
#include "khop/flow/job.h"

#include "khop/base/banned.h"

#define PIECE_DEADLINE_MS 20000

enum job_col { J_RC, J_REPEATED, J_ID, J_KIND, J_STATE, J_TOTAL, J_DONE, J_CREATED, J_STARTED, J_FINISHED, J_ERROR, J_STAGE, J_RESULT,
               J_OUT_NAME, J_OUT_TYPE, J_OUT_SIZE, J_PARAMS };
enum code_col { C_RC, C_FORMAT, C_LINE, C_ID, C_CODE, C_TOKEN, C_REF };

int flow_job_begin(struct task *t, struct flow *f, struct slice token_hash, struct slice kind, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_text(&a, kind);
    return db_call(f->db, t, DB_JOB_BEGIN, &a, next);
}

/* --- a piece: a task of its own, whose memory goes with it --- */

struct piece {
    struct task task; /* first */
    struct task *upload;
    struct flow *f;
    struct slice token_hash, kind, bytes;
    int64_t random;
    int32_t at;
    int rc;
};

static void piece_released(struct task *t)
{
    struct piece *p = (struct piece *)(void *)t;
    struct task *upload = p->upload;
    int rc = p->rc;

    arena_free(t->arena); /* with p in it */
    task_wake(upload, rc);
}

static void piece_failed(struct task *t, int rc)
{
    ((struct piece *)(void *)t)->rc = rc;
    task_end(t);
}

static int piece_done(struct task *t)
{
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    task_end(t);
    return RC_OK;
}

static int piece_begin(struct task *t)
{
    struct piece *p = (struct piece *)(void *)t;
    struct db_args a;

    flow_args(&a, t, p->token_hash);
    db_arg_text(&a, p->kind);
    db_arg_i64(&a, p->random);
    db_arg_i32(&a, p->at);
    db_arg_bytes(&a, p->bytes);
    return db_call(p->f->db, t, DB_JOB_CHUNK, &a, piece_done);
}

int flow_job_piece(struct task *t, struct flow *f, struct slice token_hash, struct slice kind, int64_t random, int32_t at, struct slice bytes,
                   task_step next)
{
    struct arena *arena = arena_new(4 * FLOW_JOB_PIECE_MAX);
    struct piece *p = arena == NULL ? NULL : arena_alloc(arena, sizeof *p);

    if (p == NULL) {
        arena_free(arena);
        return RC_NOMEM;
    }
    task_begin(&p->task, t->loop, arena, loop_now_ms(t->loop) + PIECE_DEADLINE_MS, piece_failed, piece_released);
    task_follow(&p->task, t);
    p->upload = t;
    p->f = f;
    p->token_hash = token_hash;
    p->kind = kind;
    p->bytes = bytes;
    p->random = random;
    p->at = at;
    (void)task_park(t, next);
    task_hold(t);
    task_run(&p->task, piece_begin);
    return RC_OK;
}

/* --- the whole --- */

int flow_job_submit(struct task *t, struct flow *f, const struct flow_job_submit *s, task_step next)
{
    uint8_t *key_hash = arena_alloc(t->arena, SHA256_SIZE);
    struct db_args a;

    if (key_hash == NULL)
        return RC_NOMEM;
    if (crypto_sha256(s->idempotency_key, key_hash) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, s->token_hash);
    db_arg_i64(&a, s->random);
    db_arg_bytes(&a, (struct slice){ (char *)key_hash, SHA256_SIZE });
    db_arg_text(&a, s->kind);
    db_arg_text(&a, s->format.p == NULL ? SLICE("") : s->format);
    db_arg_i32(&a, s->size);
    db_arg_text(&a, s->params.p == NULL ? SLICE("{}") : s->params);
    db_arg_bool(&a, s->urgent);
    return db_call(f->db, t, DB_JOB_SUBMIT, &a, next);
}

int flow_job_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_JOB_GET, &a, next);
}

int flow_job_cancel(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_JOB_CANCEL, &a, next);
}

int flow_job_confirm(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_JOB_CONFIRM, &a, next);
}

int flow_job_read(struct task *t, struct flow_job *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_job){
        .repeated = db_bool(r, 0, J_REPEATED),
        .id = db_i64(r, 0, J_ID),
        .kind = db_text(r, 0, J_KIND),
        .state = db_text(r, 0, J_STATE),
        .has_total = !db_null(r, 0, J_TOTAL),
        .total = (int32_t)db_i64(r, 0, J_TOTAL),
        .done = (int32_t)db_i64(r, 0, J_DONE),
        .created_us = db_time_us(r, 0, J_CREATED),
        .has_started = !db_null(r, 0, J_STARTED),
        .started_us = db_time_us(r, 0, J_STARTED),
        .has_finished = !db_null(r, 0, J_FINISHED),
        .finished_us = db_time_us(r, 0, J_FINISHED),
        .error = db_text(r, 0, J_ERROR),
        .stage = db_text(r, 0, J_STAGE),
        .result = db_text(r, 0, J_RESULT),
        .params = db_text(r, 0, J_PARAMS),
        .out_name = db_text(r, 0, J_OUT_NAME),
        .out_type = db_text(r, 0, J_OUT_TYPE),
        .out_size = db_i64(r, 0, J_OUT_SIZE),
    };
    return RC_OK;
}

int flow_job_codes(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int32_t after, int32_t limit, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_i32(&a, after);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_JOB_CODES, &a, next);
}

int flow_job_read_codes(struct task *t, struct flow_job_code **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++) {
        (*out)[i] = (struct flow_job_code){
            .place = (int32_t)db_i64(r, i, C_LINE),
            .line = (int32_t)db_i64(r, i, C_LINE) + (slice_is(db_text(r, i, C_FORMAT), "csv") ? 1 : 0), /* behind the header */
            .code_id = db_i64(r, i, C_ID),
            .code_no = (int32_t)db_i64(r, i, C_CODE),
            .pay_token = db_text(r, i, C_TOKEN),
            .ref = db_text(r, i, C_REF),
        };
    }
    return rc;
}
