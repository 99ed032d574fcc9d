#include "khop/api/list.h"

#include "khop/api/json.h"
#include "khop/api/query.h"
#include "khop/auth/token.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     200
#define CURSOR_MAX    128
#define LINK_MAX      4096

/* A cursor is the last row's sort key: two numbers, as base64url of "a.b". */
static int cursor_read(struct slice text, int64_t *a, int64_t *b)
{
    uint8_t raw[64];
    size_t n = 0;

    if (dec_base64url(text, raw, sizeof raw, &n) < 0)
        return RC_BAD_INPUT;
    struct slice rest = { (char *)raw, n };
    struct slice first = slice_cut(&rest, '.');

    if (num_parse_signed(first, INT64_MIN + 1, INT64_MAX, a) < 0 || num_parse(rest, 0, INT64_MAX, false, b) < 0)
        return RC_BAD_INPUT;
    return RC_OK;
}

static int page_read(struct req *rq, struct api_list *list)
{
    struct slice text;
    int64_t limit = LIMIT_DEFAULT;
    int rc = api_query_int(rq, "limit", 1, LIMIT_MAX, &limit);

    list->limit = (int32_t)limit + 1;
    if (rc < 0)
        return rc;
    rc = req_query(rq, "after", &text);
    list->has_after = rc != RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = cursor_read(text, &list->after_a, &list->after_b);
    return rc == RC_BAD_INPUT ? api_list_cursor_wrong(rq) : rc == RC_NOT_FOUND ? RC_OK : rc;
}

int api_list_cursor_wrong(struct req *rq)
{
    return api_query_wrong(rq, "after", "cursor", "This must be what the page before gave as next.");
}

int api_list_begin(struct req *rq, struct api_list **out)
{
    struct slice hash;
    int rc = auth_bearer(rq, &hash);

    return rc < 0 ? rc : api_list_open(rq, hash, out);
}

int api_list_open(struct req *rq, struct slice token_hash, struct api_list **out)
{
    struct api_list *list = task_state(&rq->task, sizeof *list);

    if (list == NULL)
        return RC_NOMEM;
    list->token_hash = token_hash;
    *out = list;
    if (rq->method == HTTP_POST) { /* the list around a form that is shown again: from its start */
        list->limit = LIMIT_DEFAULT + 1;
        return RC_OK;
    }
    return page_read(rq, list);
}

/* The same query with another cursor. */
static void link_next(struct req *rq, struct slice cursor)
{
    struct buf link;

    buf_init_arena(&link, rq->task.arena, LINK_MAX);
    buf_printf(&link, "<%.*s?", SLICE_FMT(rq->path));
    for (struct slice rest = rq->query; rest.n > 0;) {
        struct slice pair = slice_cut(&rest, '&');

        if (!slice_starts(pair, SLICE("after=")))
            buf_printf(&link, "%.*s&", SLICE_FMT(pair));
    }
    buf_printf(&link, "after=%.*s>; rel=\"next\"", SLICE_FMT(cursor));
    if (!link.failed)
        reply_header(rq, "Link", buf_slice(&link));
}

static void set_next(struct req *rq, json_t *doc, const int64_t key[2])
{
    struct buf cursor;
    char raw[64];
    int n = snprintf(raw, sizeof raw, "%lld.%lld", (long long)key[0], (long long)key[1]);

    buf_init_arena(&cursor, rq->task.arena, CURSOR_MAX);
    enc_base64url(&cursor, raw, (size_t)n);
    json_object_set_new(doc, "next", json_stringn(cursor.p, cursor.n));
    link_next(rq, buf_slice(&cursor));
}

json_t *api_list_doc(struct req *rq, const void *rows, size_t n, api_list_row row)
{
    const struct api_list *list = rq->task.state;
    size_t page = (size_t)list->limit - 1;
    bool more = n > page;
    json_t *doc = json_object(), *items = json_array();
    int64_t key[2] = { 0, 0 };

    for (size_t i = 0; i < (more ? page : n); i++)
        json_array_append_new(items, row(rq, rows, i, key));
    json_object_set_new(doc, "items", items);
    if (more)
        set_next(rq, doc, key);
    else
        json_object_set_new(doc, "next", json_null());
    return doc;
}

int api_list_reply(struct req *rq, const void *rows, size_t n, api_list_row row)
{
    return api_reply(rq, 200, api_list_doc(rq, rows, n, row));
}
