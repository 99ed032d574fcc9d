/* Files of forms on their way into the database, and the jobs that work on them. */
#include "khop/web/upload.h"

#include "desk_private.h"
#include "form.h"
#include "khop/api/job.h"
#include "khop/auth/session.h"
#include "khop/base/enc.h"
#include "khop/http/multipart.h"
#include "khop/web/web.h"

#include "khop/base/banned.h"

#define KEY_MAX 255

struct upload {
    struct flow_job_submit submit;
    desk_upload_ready ready;
    task_step submitted;
    struct http_multipart parts;
    struct slice rest; /* of the piece at hand */
    struct buf data;   /* what of it is the file: the reader gives it in crumbs, wherever a line ends */
    json_t *fields;
    bool file;
};

static int read_on(struct task *t);

/* --- a file comes: is it ours that sent the form, may this person --- */

static int begun(struct task *t)
{
    int rc = flow_rc_read(t);

    if (rc == RC_BUSY)
        return desk_refuse(req_of(t), NULL, "too_many_requests", "Twenty jobs of this organisation are waiting already.");
    return rc < 0 ? rc : read_on(t);
}

static int file_begins(struct task *t, struct upload *u)
{
    struct req *rq = req_of(t);
    const json_t *csrf = json_object_get(u->fields, "csrf"), *once = json_object_get(u->fields, "once");
    int rc;

    if (!auth_from_ours(rq)) {
        web_fail_status(rq, 403);
        return RC_OK;
    }
    if (!json_is_string(csrf) || auth_csrf_check(rq, u->submit.token_hash, DESK_FORM,
                                                 (struct slice){ json_string_value(csrf), json_string_length(csrf) }) != RC_OK)
        return desk_refuse(rq, NULL, "forbidden", "This form was opened in another session; look at it once more and send it again.");
    u->submit.idempotency_key = (struct slice){ json_string_value(once), json_string_length(once) };
    if (u->submit.idempotency_key.n == 0 || u->submit.idempotency_key.n > KEY_MAX)
        return api_problem(rq, "idempotency_key_missing", "Send one key of 1 to 255 characters, new for each new file.");
    rc = u->ready(rq, &u->submit, u->fields);
    if (rc != RC_OK)
        return desk_over(rc);
    u->file = true;
    return flow_job_begin(t, rq->app, u->submit.token_hash, u->submit.kind, begun);
}

/* --- the parts --- */

static int used_up(struct task *t);

static void data_release(void *data)
{
    buf_release(data);
}

static int data_kept(struct task *t)
{
    struct upload *u = t->state;

    u->submit.size += (int32_t)u->data.n;
    buf_clear(&u->data);
    return used_up(t);
}

static int piece_read(struct task *t)
{
    struct upload *u = t->state;

    u->rest = req_of(t)->body;
    return read_on(t);
}

static int used_up(struct task *t)
{
    struct req *rq = req_of(t);
    struct upload *u = t->state;

    if (u->data.n > 0)
        return flow_job_piece(t, rq->app, u->submit.token_hash, u->submit.kind, u->submit.random, u->submit.size, buf_slice(&u->data), data_kept);
    if (!rq->body_last)
        return req_body_next(rq, piece_read);
    if (!http_multipart_whole(&u->parts))
        return RC_BAD_INPUT;
    if (!u->file || u->submit.size == 0)
        return desk_refuse(rq, "/file", "required", "Please choose a file that is not empty.");
    return flow_job_submit(t, rq->app, &u->submit, u->submitted);
}

static int read_on(struct task *t)
{
    struct upload *u = t->state;
    struct http_part part;
    int rc;

    while ((rc = http_multipart_feed(&u->parts, &u->rest, &part)) > 0) {
        if (rc == HTTP_PART_FIELD && json_object_setn_new(u->fields, part.name.p, part.name.n, json_stringn(part.value.p, part.value.n)) < 0)
            return RC_BAD_INPUT;
        if (rc == HTTP_PART_FILE)
            return file_begins(t, u);
        if (rc == HTTP_PART_DATA)
            buf_put_slice(&u->data, part.value);
    }
    if (rc == RC_OK && u->data.failed)
        rc = RC_NOMEM;
    if (rc == RC_TOO_LARGE)
        return desk_refuse_as(req_of(t), 413, NULL, "too_large", "The name of the file, or a field of this form, is too long.");
    return rc < 0 ? rc : used_up(t);
}

/* --- both faces --- */

static int from_api(struct req *rq, struct upload *u)
{
    int rc;

    u->submit.idempotency_key = req_header(rq, "idempotency-key");
    if (u->submit.idempotency_key.n == 0 || u->submit.idempotency_key.n > KEY_MAX || req_header_count(rq, "idempotency-key") != 1)
        return api_problem(rq, "idempotency_key_missing", "Send one key of 1 to 255 characters, new for each new file.");
    rc = u->ready(rq, &u->submit, NULL);
    return rc != RC_OK ? desk_over(rc) : api_job_upload(rq, &u->submit, u->submitted);
}

int desk_upload(struct req *rq, struct slice kind, int (*form)(struct req *), desk_upload_ready ready, task_step submitted)
{
    struct upload *u = arena_alloc(rq->task.arena, sizeof *u);
    struct desk *d;
    int rc = u == NULL ? RC_NOMEM : desk_begin(rq, &u->submit.token_hash);

    if (rc == RC_OK)
        rc = desk_open(rq, &d);
    if (rc != RC_OK)
        return desk_over(rc);
    u->submit.kind = kind;
    u->ready = ready;
    u->submitted = submitted;
    rq->task.state = u;
    if (slice_starts(rq->path, SLICE("/api/")))
        return from_api(rq, u);
    if (http_multipart_init(&u->parts, req_header(rq, "content-type")) < 0)
        return api_problem(rq, "unsupported_media_type", NULL);
    if (flow_random48(&u->submit.random) < 0)
        return RC_INTERNAL;
    buf_init(&u->data, FLOW_JOB_PIECE_MAX);
    u->fields = json_object();
    rc = arena_defer(rq->task.arena, data_release, &u->data);
    if (rc == RC_OK)
        rc = desk_keep(rq, u->fields);
    if (rc < 0)
        return rc;
    d->form = form;
    d->values = u->fields;
    return req_body_next(rq, piece_read);
}

/* --- the job --- */

int desk_job_started(struct req *rq)
{
    struct flow_job job;
    int rc = flow_job_read(&rq->task, &job);
    char id[ENC_ID_SIZE];

    if (rc == RC_CONFLICT)
        return desk_refuse_key(rq);
    if (rc == RC_BUSY)
        return desk_refuse(rq, NULL, "too_many_requests", "Twenty jobs of this organisation are waiting already.");
    if (rc < 0)
        return rc;
    if (job.repeated)
        reply_header(rq, "Idempotent-Replayed", SLICE("true"));
    enc_id(id, "job", job.id);
    return desk_done(rq, 202, api_doc_job(rq, &job), NULL, "/desk/jobs/%s", id);
}

static int started(struct task *t)
{
    return desk_job_started(req_of(t));
}

int desk_job_start(struct req *rq, struct slice token_hash, const struct flow_job_submit *submit)
{
    struct flow_job_submit own = *submit;
    char *key = arena_alloc(rq->task.arena, 16);

    if (key == NULL)
        return RC_NOMEM;
    own.token_hash = token_hash;
    if (own.idempotency_key.p == NULL)
        own.idempotency_key = (struct slice){ key, 16 };
    if (flow_random48(&own.random) < 0 || crypto_random(key, 16) < 0)
        return RC_INTERNAL;
    return flow_job_submit(&rq->task, rq->app, &own, started);
}
