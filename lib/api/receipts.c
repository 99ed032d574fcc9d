#include "khop/api/api.h"
#include "khop/api/doc.h"
#include "khop/api/json.h"
#include "khop/api/list.h"
#include "khop/api/query.h"
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

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_receipt *r = (const struct flow_receipt *)rows + i;

    key[0] = r->year;
    key[1] = r->number;
    return api_doc_receipt(rq->app, r);
}

static int list_done(struct task *t)
{
    struct flow_receipt *receipts;
    size_t n;
    int rc = flow_receipt_read_list(t, &receipts, &n);

    return rc < 0 ? rc : api_list_reply(req_of(t), receipts, n, list_row);
}

int api_receipts_list(struct req *rq)
{
    struct api_list *list;
    int64_t year = 0;
    int rc = api_list_begin(rq, &list);

    if (rc != RC_OK)
        return rc;
    if (list->has_after && (list->after_a < 1970 || list->after_a > 9999))
        return api_list_cursor_wrong(rq);
    rc = api_query_int(rq, "year", 1970, 9999, &year);
    return rc < 0 ? rc : flow_receipt_list(&rq->task, rq->app, list->token_hash, (int32_t)year, (int32_t)list->after_a, list->after_b,
                             list->limit, list_done);
}
