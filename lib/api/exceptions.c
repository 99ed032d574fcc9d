#include "khop/api/api.h"
#include "khop/api/doc.h"
#include "khop/api/json.h"
#include "khop/auth/token.h"
#include "khop/flow/account.h"

#include "khop/base/banned.h"

static const char *const STATES[] = { "open", "proposed", "resolved", "dismissed", "self_resolved", NULL };

static int list_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct api_page *page = t->state;
    struct flow_exception *found;
    json_t *doc, *items;
    size_t n;
    int rc = flow_exception_read(t, &found, &n);

    if (rc < 0)
        return rc;
    bool more = n > (size_t)page->limit;

    if (more)
        n = (size_t)page->limit;
    doc = json_object();
    items = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(items, api_doc_exception(&found[i]));
    json_object_set_new(doc, "items", items);
    api_page_next(rq, doc, more, more ? found[n - 1].opened_us : 0, more ? found[n - 1].id : 0);
    return api_reply(rq, 200, doc);
}

int api_exceptions_list(struct req *rq)
{
    struct flow_exception_filter filter = { 0 };
    struct api_page *page = task_state(&rq->task, sizeof *page);
    struct slice hash;
    int rc = auth_bearer(rq, &hash);

    if (rc < 0)
        return rc;
    if (page == NULL)
        return RC_NOMEM;
    if (api_page_read(rq, page) < 0)
        return api_problem(rq, "bad_request", "limit must be 1 to 200, after a cursor that this list gave.");
    if (api_query_choice(rq, "state", STATES, &filter.state) < 0)
        return api_problem(rq, "bad_request", "state must be one of those that an exception can have; see /openapi.json.");
    filter.has_after = page->has_after;
    filter.after_us = page->after_a;
    filter.after_id = page->after_b;
    filter.limit = page->limit + 1;
    return flow_exception_list(&rq->task, rq->app, hash, &filter, list_done);
}
