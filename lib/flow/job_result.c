/* Waiting for a job, and reading what came out of it. */
#include "khop/flow/job.h"

#include "khop/base/banned.h"

#define LOOK_FIRST_MS     20
#define LOOK_MS           60 /* between two looks at a job that somebody waits for */
#define PIECE_DEADLINE_MS 20000

enum result_col { R_RC, R_NAME, R_TYPE, R_SIZE, R_BYTES };

/* --- until it has ended --- */

struct wait {
    struct flow *f;
    struct slice token_hash;
    int64_t id, until_ms;
    task_step next;
    void *state; /* of who waits */
    struct task *task;
    struct loop_timer timer;
};

static int looked(struct task *t);

static void wait_over(void *arg)
{
    struct wait *w = arg;

    loop_timer_stop(&w->timer);
}

static int look(struct task *t)
{
    struct wait *w = t->state;

    return flow_job_get(t, w->f, w->token_hash, w->id, looked);
}

static void look_again(void *arg)
{
    struct wait *w = arg;

    task_wake(w->task, RC_OK);
}

static int pause(struct task *t, struct wait *w, int64_t ms)
{
    int rc = loop_timer_start(t->loop, &w->timer, ms, false, look_again, w);

    if (rc < 0)
        return rc;
    task_hold(t);
    return task_park(t, look);
}

static int looked(struct task *t)
{
    struct wait *w = t->state;
    struct flow_job job;
    int rc = flow_job_read(t, &job);

    if (rc == RC_OK && (slice_is(job.state, "queued") || slice_is(job.state, "running")) && loop_now_ms(t->loop) < w->until_ms)
        return pause(t, w, LOOK_MS);
    t->state = w->state;
    return w->next(t);
}

int flow_job_await(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t ms, task_step next)
{
    void *state = t->state;
    struct wait *w = task_state(t, sizeof *w);

    if (w == NULL)
        return RC_NOMEM;
    *w = (struct wait){ .f = f, .token_hash = token_hash, .id = id, .until_ms = loop_now_ms(t->loop) + ms, .next = next, .state = state,
                        .task = t };
    if (arena_defer(t->arena, wait_over, w) < 0)
        return RC_NOMEM;
    return pause(t, w, LOOK_FIRST_MS);
}

/* --- a piece of the file: a task of its own, whose memory stays until the next --- */

struct piece {
    struct task task; /* first */
    struct task *reader;
    struct flow_job_result *result;
    int rc;
};

static void give_back(void *arg)
{
    struct flow_job_result *r = arg;

    arena_free(r->arena);
    r->arena = NULL;
}

static void piece_released(struct task *t)
{
    struct piece *p = (struct piece *)(void *)t;

    /* A reader that has ended meanwhile gave up what it had; this is still ours to hand over, and goes with its arena. */
    p->result->arena = t->arena;
    task_wake(p->reader, p->rc);
}

static void piece_failed(struct task *t, int rc)
{
    ((struct piece *)(void *)t)->rc = rc;
    task_end(t);
}

static int piece_done(struct task *t)
{
    struct piece *p = (struct piece *)(void *)t;
    struct flow_job_result *r = p->result;
    const struct db_rows *rows = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    r->name = db_text(rows, 0, R_NAME);
    r->type = db_text(rows, 0, R_TYPE);
    r->size = db_i64(rows, 0, R_SIZE);
    r->bytes = db_text(rows, 0, R_BYTES);
    r->at += (int64_t)r->bytes.n;
    task_end(t);
    return RC_OK;
}

static int piece_begin(struct task *t)
{
    struct piece *p = (struct piece *)(void *)t;
    const struct flow_job_result *r = p->result;
    struct db_args a;

    flow_args(&a, t, r->token_hash);
    db_arg_i64(&a, r->id);
    db_arg_i64(&a, r->at);
    return db_call(r->f->db, t, DB_JOB_RESULT, &a, piece_done);
}

int flow_job_result(struct task *t, struct flow_job_result *r, task_step next)
{
    struct arena *arena = arena_new(4 * FLOW_JOB_PIECE_MAX);
    struct piece *p = arena == NULL ? NULL : arena_alloc(arena, sizeof *p);

    if (p == NULL || (!r->deferred && arena_defer(t->arena, give_back, r) < 0)) {
        arena_free(arena);
        return RC_NOMEM;
    }
    r->deferred = true;
    give_back(r);
    task_begin(&p->task, t->loop, arena, loop_now_ms(t->loop) + PIECE_DEADLINE_MS, piece_failed, piece_released);
    task_follow(&p->task, t);
    p->reader = t;
    p->result = r;
    (void)task_park(t, next);
    task_hold(t);
    task_run(&p->task, piece_begin);
    return RC_OK;
}
