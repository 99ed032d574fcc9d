#include "cases.h"
#include <assert.h>
#include <stdlib.h>
#include "khop/base/banned.h"

/* All that has come so far, at its own exact place in memory. */
struct arrived {
    char *p;
    size_t n;
};

static void arrive(struct arrived *a, const char *bytes, size_t n)
{
    char *fresh = malloc(n > 0 ? n : 1);

    assert(fresh != NULL && n >= a->n);
    memcpy(fresh, bytes, n);
    free(a->p);
    a->p = fresh;
    a->n = n;
}

static int body_step(const struct http_head *h, struct http_chunks *chunks, struct arrived *a, size_t *at,
                     struct verdict *v)
{
    struct slice in = { a->p + *at, a->n - *at }, piece;
    int rc;

    if (h->framing != HTTP_BODY_CHUNKED) {
        size_t want = h->framing == HTTP_BODY_LENGTH ? (size_t)h->length : 0;

        if (in.n < want)
            return 0;
        assert(want <= sizeof v->body);
        memcpy(v->body, in.p, want);
        v->nbody = want;
        v->used = *at + want;
        return 1;
    }
    while ((rc = http_chunks_feed(chunks, &in, &piece)) == HTTP_PARSE_DATA) {
        assert(piece.n > 0 && piece.n <= sizeof v->body - v->nbody);
        memcpy(v->body + v->nbody, piece.p, piece.n);
        v->nbody += piece.n;
    }
    *at = (size_t)(in.p - a->p);
    v->used = *at;
    return rc;
}

void judge(const char *bytes, size_t n, size_t cut, struct verdict *v)
{
    struct arrived a = { NULL, 0 };
    struct http_head h;
    struct http_chunks chunks;
    size_t end = cut == 0 ? (n > 0 ? 1 : 0) : cut, at = 0;
    bool head_done = false;

    http_head_init(&h);
    http_chunks_init(&chunks);
    v->used = v->nbody = 0;
    for (;;) {
        arrive(&a, bytes, end);
        v->rc = HTTP_PARSE_MORE;
        if (!head_done) {
            v->rc = http_head_feed(&h, (struct slice){ a.p, a.n });
            head_done = v->rc == HTTP_PARSE_DONE;
            at = head_done ? h.size : 0;
            if (head_done)
                v->rc = HTTP_PARSE_MORE;
        }
        if (head_done)
            v->rc = body_step(&h, &chunks, &a, &at, v);
        if (v->rc != HTTP_PARSE_MORE || end == n)
            break;
        end = cut == 0 ? end + 1 : n;
    }
    if (v->rc != 1)
        v->used = 0;
    free(a.p);
}
