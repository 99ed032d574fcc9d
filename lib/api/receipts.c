#include "khop/api/api.h"
#include "khop/api/doc.h"
#include "khop/api/json.h"
#include "khop/auth/token.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/flow/receipt.h"

#include "khop/base/banned.h"

static int get_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_receipt receipt;
    int rc = flow_receipt_read(t, &receipt);

    return rc < 0 ? rc : api_reply(rq, 200, api_doc_receipt(rq->app, &receipt));
}

int api_receipts_get(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = auth_bearer(rq, &hash);

    if (rc < 0)
        return rc;
    if (dec_id(rq->params[0], "rcp", &id) < 0)
        return RC_NOT_FOUND;
    return flow_receipt_get(&rq->task, rq->app, hash, id, get_done);
}

static int list_done(struct task *t)
{
    struct req *rq = req_of(t);
    const struct api_page *page = t->state;
    struct flow_receipt *receipts;
    json_t *doc, *items;
    size_t n;
    int rc = flow_receipt_read_list(t, &receipts, &n);

    if (rc < 0)
        return rc;
    bool more = n > (size_t)page->limit;

    if (more)
        n = (size_t)page->limit;
    doc = json_object();
    items = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(items, api_doc_receipt(rq->app, &receipts[i]));
    json_object_set_new(doc, "items", items);
    api_page_next(rq, doc, more, more ? receipts[n - 1].year : 0, more ? receipts[n - 1].number : 0);
    return api_reply(rq, 200, doc);
}

int api_receipts_list(struct req *rq)
{
    struct api_page *page = task_state(&rq->task, sizeof *page);
    struct slice hash, text;
    int64_t year = 0;
    int rc = auth_bearer(rq, &hash);

    if (rc < 0)
        return rc;
    if (page == NULL)
        return RC_NOMEM;
    if (api_page_read(rq, page) < 0 || (page->has_after && (page->after_a < 1970 || page->after_a > 9999)))
        return api_problem(rq, "bad_request", "limit must be 1 to 200, after a cursor that this list gave.");
    rc = req_query(rq, "year", &text);
    if (rc != RC_NOT_FOUND && (rc < 0 || num_parse(text, 1970, 9999, false, &year) < 0))
        return api_problem(rq, "bad_request", "year must be a year such as 2026.");
    return flow_receipt_list(&rq->task, rq->app, hash, (int32_t)year, (int32_t)page->after_a, page->after_b, page->limit + 1,
                             list_done);
}
