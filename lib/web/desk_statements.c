/* Statements of the bank: the files that have come, one of them, and a new one. */
#include "khop/api/api.h"
#include "khop/api/doc.h"
#include "khop/api/job.h"
#include "khop/api/json.h"
#include "khop/api/query.h"
#include "khop/auth/token.h"
#include "khop/base/enc.h"
#include "khop/flow/account.h"
#include "khop/flow/school.h"
#include "khop/flow/statement.h"
#include "khop/web/desk.h"
#include "khop/web/upload.h"

#include "khop/base/banned.h"

#define KEY_MAX     255
#define RANDOM_KEY  16

/* --- a new one, for programs --- */

static int submitted(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_job job;
    int rc = flow_job_read(t, &job);

    if (rc == RC_CONFLICT)
        return api_problem(rq, "idempotency_key_reused", "Use a new key for a new request.");
    if (rc == RC_BUSY)
        return api_problem(rq, "too_many_requests", "Twenty jobs of this organisation are waiting already.");
    if (rc < 0)
        return rc;
    if (job.repeated)
        reply_header(rq, "Idempotent-Replayed", SLICE("true"));
    return api_reply(rq, 202, api_doc_job(rq, &job));
}

/* A key is welcome and not needed: the same file again changes nothing. */
static int read_key(struct req *rq, struct slice *key)
{
    char *random;

    *key = req_header(rq, "Idempotency-Key");
    if (key->n > KEY_MAX || req_header_count(rq, "Idempotency-Key") > 1)
        return RC_BAD_INPUT;
    if (key->n > 0)
        return RC_OK;
    random = arena_alloc(rq->task.arena, RANDOM_KEY);
    if (random == NULL)
        return RC_NOMEM;
    *key = (struct slice){ random, RANDOM_KEY };
    return crypto_random(random, RANDOM_KEY);
}

int api_statements_upload(struct req *rq)
{
    static const char *const formats[] = { "auto", "csv", "xlsx", "mt940", "camt", NULL };
    struct flow_job_submit submit = { .kind = SLICE("statement") };
    struct slice format;
    char *params;
    int64_t id = 0;
    int rc = auth_bearer(rq, &submit.token_hash);

    if (rc < 0)
        return rc;
    rc = api_query_id(rq, "account", "acc", &id);
    if (rc == RC_OK && id == 0)
        rc = api_query_wrong(rq, "account", "required", "This is required.");
    if (rc == RC_OK)
        rc = api_query_choice(rq, "format", formats, &format);
    if (rc < 0)
        return rc;
    rc = read_key(rq, &submit.idempotency_key);
    if (rc == RC_BAD_INPUT)
        return api_problem(rq, "bad_request", "Send at most one key, of 1 to 255 characters.");
    params = arena_printf(rq->task.arena, "{\"account\": %lld}", (long long)id);
    if (rc < 0 || params == NULL)
        return rc < 0 ? rc : RC_NOMEM;
    submit.format = format.p == NULL ? SLICE("auto") : format;
    submit.params = slice_of(params);
    return api_job_upload(rq, &submit, submitted);
}

/* --- and for people: a form of a day's page, which knows the account --- */

static int ready(struct req *rq, struct flow_job_submit *submit, const json_t *fields)
{
    const json_t *account = json_object_get(fields, "account");
    char *params;
    int64_t id;

    if (!json_is_string(account) || dec_id((struct slice){ json_string_value(account), json_string_length(account) }, "acc", &id) < 0)
        return RC_BAD_INPUT;
    params = arena_printf(rq->task.arena, "{\"account\": %lld}", (long long)id);
    if (params == NULL)
        return RC_NOMEM;
    submit->format = SLICE("auto");
    submit->params = slice_of(params);
    return RC_OK;
}

static int started(struct task *t)
{
    return desk_job_started(req_of(t));
}

int desk_statements_upload(struct req *rq)
{
    return desk_upload(rq, SLICE("statement"), desk_statements, ready, started);
}

/* --- the list --- */

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_statement_row *r = (const struct flow_statement_row *)rows + i;

    (void)rq;
    key[0] = r->stored_us;
    key[1] = r->id;
    return api_json_object(r->doc);
}

static int list_done(struct task *t)
{
    struct flow_statement_row *rows;
    size_t n;
    int rc = flow_statement_read_list(t, &rows, &n);

    return rc < 0 ? rc : desk_list_reply(req_of(t), "statements.html", NULL, rows, n, list_row);
}

int desk_statements(struct req *rq)
{
    struct api_list *list;
    int64_t id = 0;
    int rc = desk_list_begin(rq, &list);

    if (rc != RC_OK)
        return desk_over(rc);
    rc = api_query_id(rq, "account", "acc", &id);
    return rc < 0 ? rc : flow_statement_list(&rq->task, rq->app, list->token_hash, id, list->after_a, list->has_after ? list->after_b : 0, list->limit, list_done);
}

/* --- one --- */

static int show_done(struct task *t)
{
    struct slice doc;
    int rc = flow_doc_read(t, &doc);

    return rc < 0 ? rc : desk_reply(req_of(t), 200, "statement.html", api_json_object(doc));
}

int desk_statement(struct req *rq)
{
    struct slice token;
    int64_t id;
    int rc = desk_begin(rq, &token);

    if (rc != RC_OK)
        return desk_over(rc);
    return dec_id(rq->params[0], "stm", &id) < 0 ? RC_NOT_FOUND : flow_statement_get(&rq->task, rq->app, token, id, show_done);
}
