#include "khop/api/api.h"
#include "khop/api/doc.h"
#include "khop/api/json.h"
#include "khop/api/list.h"
#include "khop/auth/token.h"
#include "khop/flow/account.h"

#include "khop/base/banned.h"

static const char *const STATES[] = { "open", "proposed", "resolved", "dismissed", "self_resolved", NULL };

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_exception *e = (const struct flow_exception *)rows + i;

    (void)rq;
    key[0] = e->opened_us;
    key[1] = e->id;
    return api_doc_exception(e);
}

static int list_done(struct task *t)
{
    struct flow_exception *found;
    size_t n;
    int rc = flow_exception_read(t, &found, &n);

    return rc < 0 ? rc : api_list_reply(req_of(t), found, n, list_row);
}

int api_exceptions_list(struct req *rq)
{
    struct flow_exception_filter filter = { 0 };
    struct api_list *list;
    int rc = api_list_begin(rq, &list);

    if (rc != RC_OK)
        return rc < 0 ? rc : RC_OK;
    if (api_query_choice(rq, "state", STATES, &filter.state) < 0)
        return api_problem(rq, "bad_request", "state must be one of those that an exception can have; see /openapi.json.");
    filter.has_after = list->has_after;
    filter.after_us = list->after_a;
    filter.after_id = list->after_b;
    filter.limit = list->limit;
    return flow_exception_list(&rq->task, rq->app, list->token_hash, &filter, list_done);
}
