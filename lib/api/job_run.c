/* Starting jobs from a handler, waiting for them, and giving their files. */
#include "khop/api/job.h"

#include "khop/api/json.h"
#include "khop/base/enc.h"
#include "khop/pay/memo.h"

#include <string.h>

#include "khop/base/banned.h"

#define WAIT_MS     15000
#define RANDOM_SIZE 16

/* --- an upload --- */

struct upload {
    struct flow_job_submit submit;
    task_step done;
};

static int take_piece(struct task *t);

static int piece_kept(struct task *t)
{
    struct req *rq = req_of(t);
    struct upload *u = t->state;

    if (rq->body.n > 0 && flow_rc_read(t) < 0)
        return flow_rc_read(t);
    u->submit.size += (int32_t)rq->body.n;
    if (rq->body_last)
        return flow_job_submit(t, rq->app, &u->submit, u->done);
    return req_body_next(rq, take_piece);
}

static int take_piece(struct task *t)
{
    struct req *rq = req_of(t);
    struct upload *u = t->state;

    if (rq->body.n == 0)
        return piece_kept(t);
    return flow_job_piece(t, rq->app, u->submit.token_hash, u->submit.kind, u->submit.random, u->submit.size, rq->body, piece_kept);
}

static int begun(struct task *t)
{
    int rc = flow_rc_read(t);

    if (rc == RC_BUSY)
        return api_problem(req_of(t), "too_many_requests", "Twenty jobs of this organisation are waiting already.");
    return rc < 0 ? rc : req_body_next(req_of(t), take_piece);
}

int api_job_upload(struct req *rq, const struct flow_job_submit *submit, task_step done)
{
    struct upload *u = task_state(&rq->task, sizeof *u);

    if (u == NULL)
        return RC_NOMEM;
    u->submit = *submit;
    u->submit.size = 0;
    u->done = done;
    if (flow_random48(&u->submit.random) < 0)
        return RC_INTERNAL;
    return flow_job_begin(&rq->task, rq->app, u->submit.token_hash, u->submit.kind, begun);
}

/* --- the file --- */

static int piece_read(struct task *t);

static int next_piece(struct task *t)
{
    return flow_job_result(t, t->state, piece_read);
}

/* A name as any system can keep it: no accents, small letters, hyphens; what follows the last point stays. */
static void put_plain_name(struct buf *b, struct slice name)
{
    size_t stem = name.n, start = b->n;

    for (size_t i = 0; i < name.n; i++)
        stem = name.p[i] == '.' ? i : stem;
    if (memo_fold(b, slice_sub(name, 0, stem)) < 0)
        return; /* the buffer has failed, which is seen where it is used */
    for (size_t i = start; i < b->n; i++)
        b->p[i] = b->p[i] == ' ' ? '-' : b->p[i] >= 'A' && b->p[i] <= 'Z' ? (char)(b->p[i] | 0x20) : b->p[i];
    if (b->n == start)
        buf_puts(b, "khop");
    for (size_t i = stem; i < name.n; i++) {
        char c = name.p[i];

        if (c == '.' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            buf_putc(b, c);
    }
}

/* RFC 6266: a plain name for everybody, the real one in UTF-8. */
static void set_disposition(struct req *rq, struct slice name)
{
    static const char hex[] = "0123456789ABCDEF";
    struct buf b;

    buf_init_arena(&b, rq->task.arena, 2048);
    buf_puts(&b, "attachment; filename=\"");
    put_plain_name(&b, name);
    buf_puts(&b, "\"; filename*=UTF-8''");
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];

        if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' || c == '-' || c == '_') {
            buf_putc(&b, (char)c);
        } else {
            buf_putc(&b, '%');
            buf_putc(&b, hex[c >> 4]);
            buf_putc(&b, hex[c & 15]);
        }
    }
    reply_header(rq, "Content-Disposition", buf_slice(&b));
}

static int piece_read(struct task *t)
{
    struct flow_job_result *r = t->state;
    struct req *rq = req_of(t);

    if (r->bytes.n == 0)
        return RC_INTERNAL; /* it is shorter than it said */
    return reply_piece(rq, r->bytes, next_piece);
}

static int first_read(struct task *t)
{
    struct flow_job_result *r = t->state;
    struct req *rq = req_of(t);
    char *type = arena_strndup(t->arena, r->type.p, r->type.n);
    int rc;

    if (type == NULL)
        return RC_NOMEM;
    set_disposition(rq, r->name);
    rc = reply_begin(rq, 200, type, r->size);
    return rc == RC_OK ? piece_read(t) : rc < 0 ? rc : RC_OK;
}

int api_job_file(struct req *rq, struct slice token_hash, int64_t id)
{
    struct flow_job_result *r = task_state(&rq->task, sizeof *r);

    if (r == NULL)
        return RC_NOMEM;
    *r = (struct flow_job_result){ .f = rq->app, .token_hash = token_hash, .id = id };
    return flow_job_result(&rq->task, r, first_read);
}

/* --- a small one --- */

struct small {
    struct slice token_hash;
    int64_t id;
};

static int go_to_job(struct req *rq, const struct flow_job *job)
{
    char id[ENC_ID_SIZE];
    char *url;

    if (slice_starts(rq->path, SLICE("/api/")))
        return api_reply(rq, 202, api_doc_job(rq, job));
    enc_id(id, "job", job->id);
    url = arena_printf(rq->task.arena, "/desk/jobs/%s", id);
    if (url == NULL)
        return RC_NOMEM;
    reply_header(rq, "Location", slice_of(url));
    return reply(rq, 303, NULL, SLICE(""));
}

/* Why a job has failed: a page shows it where the job is, a program is told in the answer. */
static int small_failed(struct req *rq, const struct flow_job *job)
{
    json_t *doc = job->error.p == NULL ? NULL : json_loadb(job->error.p, job->error.n, 0, NULL);
    const json_t *first = json_array_get(json_object_get(doc, "errors"), 0);
    const char *code = json_string_value(json_object_get(first, "code")), *detail = json_string_value(json_object_get(first, "detail"));
    int rc = RC_INTERNAL;

    if (code != NULL && strcmp(code, "not_found") == 0)
        rc = RC_NOT_FOUND;
    else if (code != NULL && strcmp(code, "internal") != 0)
        rc = slice_starts(rq->path, SLICE("/api/")) ? api_problem(rq, "invalid", detail) : go_to_job(rq, job);
    json_decref(doc);
    return rc;
}

static int small_ended(struct task *t)
{
    struct req *rq = req_of(t);
    const struct small *s = t->state;
    struct flow_job job;
    int rc = flow_job_read(t, &job);

    if (rc < 0)
        return rc;
    if (slice_is(job.state, "done"))
        return api_job_file(rq, s->token_hash, s->id);
    return slice_is(job.state, "failed") ? small_failed(rq, &job) : go_to_job(rq, &job);
}

static int small_submitted(struct task *t)
{
    struct req *rq = req_of(t);
    struct small *s = t->state;
    struct flow_job job;
    int rc = flow_job_read(t, &job);

    if (rc == RC_BUSY)
        return api_problem(rq, "too_many_requests", "Twenty jobs of this organisation are waiting already.");
    if (rc < 0)
        return rc;
    s->id = job.id;
    return flow_job_await(t, rq->app, s->token_hash, s->id, WAIT_MS, small_ended);
}

int api_job_small(struct req *rq, const struct flow_job_submit *submit)
{
    struct small *s = task_state(&rq->task, sizeof *s);
    struct flow_job_submit own = *submit;
    char *key = arena_alloc(rq->task.arena, RANDOM_SIZE);

    if (s == NULL || key == NULL)
        return RC_NOMEM;
    s->token_hash = submit->token_hash;
    own.urgent = true;
    own.idempotency_key = (struct slice){ key, RANDOM_SIZE };
    if (flow_random48(&own.random) < 0 || crypto_random(key, RANDOM_SIZE) < 0)
        return RC_INTERNAL;
    return flow_job_submit(&rq->task, rq->app, &own, small_submitted);
}
