/* Lists of the desk: pages forward by cursor, and back by the cursors of the pages before, which the address carries. */
#include "desk_private.h"

#include "khop/base/buf.h"

#include "khop/base/banned.h"

#define URL_MAX  4096
#define BACK_MAX 1500 /* of cursors in an address; older ones are dropped */

int desk_list_begin(struct req *rq, struct api_list **list)
{
    struct slice hash;
    int rc = desk_begin(rq, &hash);

    return rc != RC_OK ? rc : api_list_open(rq, hash, list);
}

/* The address without the place in the list. */
static void put_address(struct buf *b, const struct req *rq)
{
    struct slice rest = rq->method == HTTP_POST ? (struct slice){ 0 } : rq->query;

    buf_put_slice(b, rq->path);
    buf_putc(b, '?');
    while (rest.n > 0) {
        struct slice pair = slice_cut(&rest, '&');

        if (pair.n > 0 && !slice_starts(pair, SLICE("after=")) && !slice_starts(pair, SLICE("back=")) && !slice_starts(pair, SLICE("lang=")))
            buf_printf(b, "%.*s&", SLICE_FMT(pair));
    }
}

/* Only what a cursor is made of goes into an address again. */
static struct slice cursors(struct req *rq, const char *name)
{
    struct slice s;

    if (rq->method == HTTP_POST || req_query(rq, name, &s) != RC_OK)
        return (struct slice){ 0 };
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
            return (struct slice){ 0 };
    }
    return s;
}

/* "back" is the trail of pages: the cursor of each, oldest first, "." behind each; the first page has an empty one. */
static void next_set(struct req *rq, json_t *doc, const char *next)
{
    struct slice back = cursors(rq, "back"), after = cursors(rq, "after");
    struct buf b;

    while (back.n + after.n > BACK_MAX)
        slice_cut(&back, '.');
    buf_init_arena(&b, rq->task.arena, URL_MAX);
    put_address(&b, rq);
    buf_printf(&b, "after=%s&back=%.*s%.*s.", next, SLICE_FMT(back), SLICE_FMT(after));
    if (!b.failed)
        json_object_set_new(doc, "next_url", json_stringn(b.p, b.n));
}

static void previous_set(struct req *rq, json_t *doc)
{
    struct slice back = cursors(rq, "back"), last;
    struct buf b;

    if (back.n == 0 || back.p[back.n - 1] != '.')
        return;
    back.n--;
    last = back;
    while (last.n > 0 && memchr(last.p, '.', last.n) != NULL)
        slice_cut(&last, '.');
    back.n -= last.n;
    buf_init_arena(&b, rq->task.arena, URL_MAX);
    put_address(&b, rq);
    if (last.n > 0)
        buf_printf(&b, "after=%.*s&back=%.*s", SLICE_FMT(last), SLICE_FMT(back));
    if (!b.failed)
        json_object_set_new(doc, "previous_url", json_stringn(b.p, b.n));
}

int desk_list_reply(struct req *rq, const char *template, json_t *more, const void *rows, size_t n, api_list_row row)
{
    json_t *doc = api_list_doc(rq, rows, n, row);
    const char *next = json_string_value(json_object_get(doc, "next"));

    if (more != NULL && json_object_update(doc, more) < 0) {
        json_decref(doc);
        doc = NULL;
    }
    json_decref(more);
    if (doc != NULL && desk_is_page(rq)) {
        if (next != NULL)
            next_set(rq, doc, next);
        previous_set(rq, doc);
        json_object_set_new(doc, "has_pages", json_boolean(json_object_get(doc, "next_url") != NULL || json_object_get(doc, "previous_url") != NULL));
    }
    return desk_reply(rq, 200, template, doc);
}
