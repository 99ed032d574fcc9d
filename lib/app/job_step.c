/* What the steps of a kind may call. */
#include "job_run.h"
#include "khop/print/fonts.h"

#include "khop/base/banned.h"

void *job_state(struct task *t)
{
    return job_run_of(t)->state;
}

struct arena *job_arena(struct task *t)
{
    return job_run_of(t)->arena;
}

const struct flow_job_lease *job_lease(struct task *t)
{
    return &job_run_of(t)->job;
}

const uint8_t *job_field_key(struct task *t)
{
    return job_run_of(t)->field_key;
}

struct db *job_db(struct task *t)
{
    return job_run_of(t)->db;
}

/* --- ends of a step --- */

int job_next(struct task *t, task_step step)
{
    job_run_of(t)->next = step;
    task_end(t);
    return RC_OK;
}

static int end(struct task *t, const char *state, struct slice result)
{
    struct job_run *r = job_run_of(t);

    if (result.p != NULL) {
        r->result = arena_copy(r->arena, result);
        if (r->result.p == NULL)
            return RC_NOMEM;
    }
    r->end_state = state;
    r->phase = JOB_END;
    task_end(t);
    return RC_OK;
}

int job_done(struct task *t, struct slice result)
{
    return end(t, "done", result);
}

int job_wait(struct task *t, struct slice result)
{
    return end(t, "waiting", result);
}

int job_fail(struct task *t)
{
    return end(t, "failed", (struct slice){ 0 });
}

int job_ended(struct task *t)
{
    job_run_of(t)->phase = JOB_LEAVE;
    task_end(t);
    return RC_OK;
}

struct job_run *job_of(struct task *t)
{
    return job_run_of(t);
}

void job_side_begin(struct job_run *r)
{
    r->sides++;
}

/* --- faults, progress --- */

void job_fault(struct task *t, int64_t line, const char *place, const char *code, const char *detail)
{
    struct job_run *r = job_run_of(t);

    r->nerrors++;
    if (r->errors == NULL)
        r->errors = json_array();
    if (json_array_size(r->errors) < JOB_FAULTS_MAX)
        json_array_append_new(r->errors, json_pack("{s:I, s:s, s:s, s:s}", "line", (json_int_t)line, "pointer", place, "code", code, "detail",
                                                   detail));
}

int64_t job_faults(struct task *t)
{
    return job_run_of(t)->nerrors;
}

void job_fault_text(struct task *t, struct slice json, int64_t count)
{
    struct job_run *r = job_run_of(t);

    r->error = arena_copy(r->arena, json);
    r->nerrors = count;
}

void job_progress(struct task *t, const char *stage, int32_t done, int32_t total)
{
    struct job_run *r = job_run_of(t);

    (void)snprintf(r->stage, sizeof r->stage, "%s", stage);
    r->done = done;
    r->total = total;
    r->untold = true;
}

/* --- input --- */

static int input_read(struct task *t)
{
    struct job_run *r = job_run_of(t);
    task_step next = r->task.state == NULL ? NULL : *(task_step *)r->task.state;
    int rc = flow_job_read_input(t, &r->input);

    if (rc < 0 || next == NULL)
        return rc < 0 ? rc : RC_INTERNAL;
    r->input_at += (int32_t)r->input.n;
    return next(t);
}

int job_input_next(struct task *t, task_step next)
{
    struct job_run *r = job_run_of(t);
    task_step *state;

    buf_clear(&r->input);
    if (r->input_at >= r->job.size)
        return next(t);
    state = task_state(t, sizeof *state);
    if (state == NULL)
        return RC_NOMEM;
    *state = next;
    return flow_job_input(t, r->db, &r->job, r->input_at, input_read);
}

struct slice job_input(struct task *t, bool *last)
{
    struct job_run *r = job_run_of(t);

    *last = r->input_at >= r->job.size;
    return buf_slice(&r->input);
}

void job_input_rewind(struct task *t)
{
    struct job_run *r = job_run_of(t);

    buf_clear(&r->input);
    r->input_at = 0;
}

static int whole_step(struct task *t);

static int whole_piece(struct task *t)
{
    struct job_run *r = job_run_of(t);
    bool last;
    struct slice piece = job_input(t, &last);

    buf_put_slice(&r->whole, piece);
    if (r->whole.failed)
        return RC_NOMEM;
    return job_next(t, last ? r->whole_next : whole_step);
}

static int whole_step(struct task *t)
{
    return job_input_next(t, whole_piece);
}

int job_input_whole(struct task *t, size_t max, task_step next)
{
    struct job_run *r = job_run_of(t);

    buf_release(&r->whole);
    buf_init(&r->whole, max);
    if ((size_t)r->job.size > max) {
        job_fault(t, 0, "", "size", "This file is larger than what is taken here.");
        return job_fail(t);
    }
    job_input_rewind(t);
    r->whole_next = next;
    return whole_step(t);
}

struct slice job_whole(struct task *t)
{
    return buf_slice(&job_run_of(t)->whole);
}

/* --- output --- */

int job_out_open(struct task *t, struct slice name, const char *type)
{
    struct job_run *r = job_run_of(t);

    r->out_name = arena_copy(r->arena, name);
    r->out_type = arena_strndup(r->arena, type, strlen(type));
    return r->out_name.p == NULL || r->out_type == NULL ? RC_NOMEM : RC_OK;
}

void *job_out_sink(struct task *t)
{
    return job_run_of(t);
}

int job_out_write(void *sink, const void *bytes, size_t n)
{
    struct job_run *r = sink;

    if (n > JOB_OUT_MAX - r->out.n)
        return RC_TOO_LARGE;
    buf_put(&r->out, bytes, n);
    return r->out.failed ? RC_NOMEM : RC_OK;
}

/* --- letters --- */

static struct print_fonts *fonts;

int job_fonts(struct print_fonts **out)
{
    int rc = fonts != NULL ? RC_OK : print_fonts_open(NULL, &fonts);

    *out = fonts;
    return rc;
}

void job_fonts_end(void)
{
    print_fonts_free(fonts);
    fonts = NULL;
}
