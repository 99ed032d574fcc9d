#include "job.h"

#include "job_run.h"
#include "khop/base/enc.h"
#include "khop/base/log.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define REST_MS   1000 /* after trouble */
#define TAKES_MAX 6    /* of a job that does not get on: then it is given up */
#define TOUCH_MS  3000 /* the lease, of ten seconds, is renewed at least so often between two steps */
#define TELL_MS   250  /* progress is stored at most so often */

struct job_pool {
    struct loop *loop;
    struct db *db;
    struct job_run runs[JOB_WORKERS];
    int64_t rest_until_ms;
};

static void go_on(struct job_run *r);

struct job_pool *job_pool_new(struct loop *l, struct db *db, const uint8_t *field_key)
{
    struct job_pool *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->loop = l;
    p->db = db;
    for (int i = 0; i < JOB_WORKERS; i++) {
        struct job_run *r = &p->runs[i];

        r->pool = p;
        r->loop = l;
        r->db = db;
        r->field_key = field_key;
        r->urgent = i == JOB_WORKERS - 1;
        buf_init(&r->input, JOB_INPUT_MAX);
        buf_init(&r->out, JOB_OUT_MAX);
        if (flow_random48(&r->worker) < 0) {
            free(p);
            return NULL;
        }
    }
    return p;
}

/* Nothing of the last job stays in memory. */
static void let_go(struct job_run *r)
{
    if (r->kind != NULL && r->kind->end != NULL && r->state != NULL)
        r->kind->end(r->state);
    json_decref(r->errors);
    buf_release(&r->input);
    buf_release(&r->out);
    buf_release(&r->whole);
    buf_init(&r->input, JOB_INPUT_MAX);
    buf_init(&r->out, JOB_OUT_MAX);
    arena_free(r->arena);
    r->arena = NULL;
    r->errors = NULL;
    r->kind = NULL;
    r->state = NULL;
    r->next = NULL;
    r->phase = JOB_IDLE;
}

void job_pool_free(struct job_pool *p)
{
    if (p == NULL)
        return;
    for (int i = 0; i < JOB_WORKERS; i++) {
        loop_timer_stop(&p->runs[i].soon);
        let_go(&p->runs[i]);
    }
    job_fonts_end();
    free(p);
}

/* --- steps --- */

static void step_released(struct task *t)
{
    struct job_run *r = (struct job_run *)(void *)t;

    arena_free(t->arena);
    r->stepping = false;
    go_on(r);
}

/* Cancelled, or somebody else's by now: RC_CONFLICT. Everything else is trouble: a pause, then it is taken again. */
static void trouble(struct job_run *r, int rc)
{
    r->phase = r->phase == JOB_IDLE ? JOB_IDLE : JOB_LEAVE;
    if (rc == RC_CONFLICT)
        return;
    r->pool->rest_until_ms = loop_now_ms(r->loop) + REST_MS;
    log_warn("job_step_failed", "kind=%s rc=%s do=\"it is tried again\"", r->kind == NULL ? "none" : r->kind->name, rc_name(rc));
}

static void step_failed(struct task *t, int rc)
{
    trouble((struct job_run *)(void *)t, rc);
    task_end(t);
}

static void step_start(struct job_run *r, task_step step)
{
    struct arena *arena = arena_new(0);

    if (arena == NULL) {
        trouble(r, RC_NOMEM);
        go_on(r);
        return;
    }
    r->stepping = true;
    task_begin(&r->task, r->loop, arena, loop_now_ms(r->loop) + JOB_STEP_MS, step_failed, step_released);
    task_run(&r->task, step);
}

/* --- what the frame tells the database --- */

static int finished(struct task *t)
{
    struct job_run *r = job_run_of(t);
    int rc = flow_rc_read(t);
    char id[ENC_ID_SIZE];

    if (rc < 0)
        return rc;
    enc_id(id, "job", r->job.job_id);
    log_info("job_ended", "job=%s kind=%s state=%s faults=%lld bytes=%lld", id, r->kind == NULL ? "none" : r->kind->name, r->end_state,
             (long long)r->nerrors, (long long)r->out_at);
    r->phase = JOB_LEAVE;
    task_end(t);
    return RC_OK;
}

static int finish(struct task *t)
{
    struct job_run *r = job_run_of(t);
    struct flow_job_end end = { .state = r->end_state, .result = r->result, .error = r->error, .out_name = r->out_name,
                                .out_type = slice_of(r->out_type), .out_size = r->out_at };

    if (r->error.p == NULL && r->errors != NULL) {
        json_t *doc = json_pack("{s:I, s:O}", "count", (json_int_t)r->nerrors, "errors", r->errors);
        char *text = doc == NULL ? NULL : json_dumps(doc, JSON_COMPACT);

        end.error = text == NULL ? (struct slice){ 0 } : arena_copy(t->arena, slice_of(text));
        json_decref(doc);
        free(text);
        if (end.error.p == NULL)
            return RC_NOMEM;
    }
    return flow_job_finish(t, r->db, &r->job, &end, finished);
}

static int touched(struct task *t)
{
    struct job_run *r = job_run_of(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    r->touched_ms = r->told_ms = loop_now_ms(r->loop);
    r->untold = false;
    task_end(t);
    return RC_OK;
}

static int touch(struct task *t)
{
    struct job_run *r = job_run_of(t);

    return flow_job_touch(t, r->db, &r->job, r->untold ? slice_of(r->stage) : (struct slice){ 0 }, r->done, r->total, touched);
}

static int output_kept(struct task *t)
{
    struct job_run *r = job_run_of(t);
    int rc = flow_rc_read(t);
    size_t n = r->out.n - r->out_sent;

    if (rc < 0)
        return rc;
    n = n < FLOW_JOB_PIECE_MAX ? n : FLOW_JOB_PIECE_MAX;
    r->out_sent += n;
    r->out_at += (int64_t)n;
    n = r->out.n - r->out_sent;
    if (n < FLOW_JOB_PIECE_MAX) { /* what is left waits for more, at the front */
        memmove(r->out.p, r->out.p + r->out_sent, n);
        r->out.n = n;
        r->out_sent = 0;
    }
    r->touched_ms = loop_now_ms(r->loop);
    task_end(t);
    return RC_OK;
}

static int output(struct task *t)
{
    struct job_run *r = job_run_of(t);

    return flow_job_output(t, r->db, &r->job, r->out_at, slice_sub(buf_slice(&r->out), r->out_sent, FLOW_JOB_PIECE_MAX), output_kept);
}

/* --- a new job --- */

/* A job that brings its process down, or that the database refuses, is not tried for ever; nor is one that this program does not know. */
static int give_up(struct task *t)
{
    job_fault(t, 0, "", "internal", "This could not be worked on. The reason is in the server's log.");
    return job_fail(t);
}

static int keep_lease(struct job_run *r, const struct flow_job_lease *job)
{
    r->arena = arena_new(0);
    if (r->arena == NULL)
        return RC_NOMEM;
    r->job = *job;
    r->job.kind = arena_copy(r->arena, job->kind);
    r->job.format = arena_copy(r->arena, job->format);
    r->job.params = arena_copy(r->arena, job->params);
    r->kind = job_kind_find(job->kind);
    r->state = r->kind == NULL ? NULL : arena_alloc(r->arena, r->kind->state + 1);
    return r->job.kind.p == NULL || r->job.format.p == NULL || r->job.params.p == NULL || (r->kind != NULL && r->state == NULL) ? RC_NOMEM : RC_OK;
}

static int claimed(struct task *t)
{
    struct job_run *r = job_run_of(t);
    struct flow_job_lease job;
    int rc = flow_job_claimed(t, r->worker, &job);
    char id[ENC_ID_SIZE], kind[LOG_QUOTE_SIZE];

    if (rc == RC_NOT_FOUND) {
        task_end(t);
        return RC_OK;
    }
    r->phase = JOB_RUN;
    r->input_at = 0;
    r->out_sent = 0;
    r->out_at = 0;
    r->out_name = r->result = r->error = (struct slice){ 0 };
    r->out_type = NULL;
    r->nerrors = 0;
    r->untold = false;
    r->stage[0] = '\0';
    r->done = 0;
    r->total = -1;
    r->touched_ms = r->told_ms = loop_now_ms(r->loop);
    rc = keep_lease(r, &job);
    if (rc < 0)
        return rc;
    enc_id(id, "job", r->job.job_id);
    log_info("job_taken", "job=%s kind=%s bytes=%d take=%d", id, log_quote(kind, r->job.kind), (int)r->job.size, (int)r->job.takes);
    r->next = r->kind == NULL || r->job.takes > TAKES_MAX ? give_up : r->kind->begin;
    task_end(t);
    return RC_OK;
}

static int claim(struct task *t)
{
    struct job_run *r = job_run_of(t);

    return flow_job_claim(t, r->db, r->worker, r->urgent, claimed);
}

/* --- what comes next --- */

static void next_step(struct job_run *r)
{
    int64_t now = loop_now_ms(r->loop);
    size_t unsent = r->out.n - r->out_sent;

    if (r->phase == JOB_LEAVE) {
        if (r->sides == 0)
            let_go(r);
        return;
    }
    if (r->phase == JOB_END && unsent > 0)
        step_start(r, output);
    else if (r->phase == JOB_END && r->untold)
        step_start(r, touch);
    else if (r->phase == JOB_END && r->sides == 0)
        step_start(r, finish);
    else if (r->phase == JOB_RUN && unsent >= FLOW_JOB_PIECE_MAX)
        step_start(r, output);
    else if (r->phase == JOB_RUN && (now - r->touched_ms >= TOUCH_MS || (r->untold && now - r->told_ms >= TELL_MS)))
        step_start(r, touch);
    else if (r->phase == JOB_RUN)
        step_start(r, r->next);
}

static void on_soon(void *arg)
{
    struct job_run *r = arg;

    if (!r->stepping && !loop_stopping(r->loop))
        next_step(r);
    if (r->phase == JOB_IDLE && !r->stepping && !loop_stopping(r->loop))
        job_pool_tick(r->pool); /* where there was one job there may be another */
}

/* The next step begins outside of whatever ended, behind what else the loop has to do. */
static void go_on(struct job_run *r)
{
    if (!loop_stopping(r->loop) && r->phase != JOB_IDLE && loop_timer_start(r->loop, &r->soon, 0, false, on_soon, r) < 0)
        r->phase = JOB_LEAVE; /* the tick comes */
}

void job_side_end(struct job_run *r)
{
    r->sides--;
    if (!r->stepping)
        go_on(r);
}

void job_pool_tick(struct job_pool *p)
{
    bool claiming = false;

    for (int i = 0; i < JOB_WORKERS; i++) {
        struct job_run *r = &p->runs[i];

        if (r->phase == JOB_LEAVE && !r->stepping)
            go_on(r);
        if (r->stepping && r->phase == JOB_IDLE)
            claiming = true;
        /* One claim at a time: the first worker that is free asks, which is the urgent one when all others are at work. */
        if (r->phase != JOB_IDLE || r->stepping || claiming || loop_now_ms(p->loop) < p->rest_until_ms)
            continue;
        claiming = true;
        step_start(r, claim);
    }
}
