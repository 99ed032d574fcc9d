/* What papers say about the organisation, the desk's version of a receipt, the sheet of a day. */
#include "desk_private.h"

#include "khop/api/job.h"
#include "khop/api/query.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/paper.h"

#include "khop/base/banned.h"

/* --- settings --- */

static const char *const MEMBERS[] = { "budget_code", "address", "form", "circular", "collector", "hotline", NULL };

static json_t *paper_doc(const struct flow_paper *p)
{
    json_t *doc = json_object();

    api_set_slice(doc, "budget_code", p->budget_code);
    api_set_slice(doc, "address", p->address);
    api_set_slice(doc, "form", p->form);
    api_set_slice(doc, "circular", p->circular);
    api_set_slice(doc, "collector", p->collector);
    api_set_slice(doc, "hotline", p->hotline);
    api_set_time(doc, "changed_at", p->changed, p->changed_us);
    return doc;
}

static int papers_read(struct task *t)
{
    struct flow_paper paper;
    int rc = flow_paper_read(t, &paper);

    return rc < 0 ? rc : desk_reply(req_of(t), 200, "papers.html", paper_doc(&paper));
}

int desk_papers(struct req *rq)
{
    struct slice token;
    int rc = desk_begin(rq, &token);

    return rc != RC_OK ? desk_over(rc) : flow_paper_get(&rq->task, rq->app, token, papers_read);
}

static int saved_read(struct task *t)
{
    struct flow_paper paper;
    int rc = flow_paper_read(t, &paper);

    return rc < 0 ? rc : desk_done(req_of(t), 200, paper_doc(&paper), "said.papers", "/desk/papers");
}

static int saved(struct task *t)
{
    struct req *rq = req_of(t);
    struct slice token;
    int rc = flow_rc_read(t);

    if (rc == RC_OK)
        rc = desk_begin(rq, &token);
    return rc != RC_OK ? desk_over(rc) : flow_paper_get(t, rq->app, token, saved_read);
}

int desk_papers_save(struct req *rq)
{
    struct flow_paper paper = { 0 };
    struct slice token;
    struct api_in in;
    int rc = desk_begin(rq, &token);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_papers);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", MEMBERS);
    api_in_text(&in, NULL, "/budget_code", 0, 20, &paper.budget_code);
    api_in_free_text(&in, NULL, "/address", 0, 200, &paper.address);
    api_in_free_text(&in, NULL, "/form", 0, 40, &paper.form);
    api_in_free_text(&in, NULL, "/circular", 0, 200, &paper.circular);
    api_in_free_text(&in, NULL, "/collector", 0, 100, &paper.collector);
    api_in_free_text(&in, NULL, "/hotline", 0, 80, &paper.hotline);
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_paper_save(&rq->task, rq->app, token, &paper, saved);
}

/* --- the desk's version of a receipt: with the payer and what it was for, as one copy or two on a sheet (?copies=2) --- */

int desk_receipt_paper(struct req *rq)
{
    static const char *const COPIES[] = { "1", "2", NULL };
    struct flow_job_submit job = { .kind = SLICE("receipt"), .format = SLICE("") };
    struct slice copies;
    int64_t id;
    char *params;
    int rc = desk_begin(rq, &job.token_hash);

    if (rc == RC_OK)
        rc = api_query_choice(rq, "copies", COPIES, &copies);
    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "rcp", &id) < 0)
        return RC_NOT_FOUND;
    params = arena_printf(rq->task.arena, "{\"receipt\":%lld,\"desk\":true,\"copies\":%s}", (long long)id, slice_is(copies, "2") ? "true" : "false");
    if (params == NULL)
        return RC_NOMEM;
    job.params = slice_of(params);
    return api_job_small(rq, &job);
}

/* --- the sheet of a day --- */

int desk_day_paper(struct req *rq)
{
    struct flow_job_submit job = { .kind = SLICE("day"), .format = SLICE("") };
    int32_t day;
    char *params;
    int rc = desk_begin(rq, &job.token_hash);

    if (rc != RC_OK)
        return desk_over(rc);
    if (clock_parse_date(rq->params[0], &day) < 0)
        return RC_NOT_FOUND;
    params = arena_printf(rq->task.arena, "{\"day\":\"%.*s\"}", SLICE_FMT(rq->params[0]));
    if (params == NULL)
        return RC_NOMEM;
    job.params = slice_of(params);
    return api_job_small(rq, &job);
}
