/* Any bytes as a request: the verdict must not depend on how they were cut, every span must lie in the head and be
 * clean, and an accepted head written out again must be read as the same. */
#include "cases.h"
#include "khop/base/buf.h"
#include <assert.h>
#include "khop/base/banned.h"

#define INPUT_MAX 32768
#define DRIP_MAX  1024 /* larger ones are not cut at every byte */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct verdict *a, const struct verdict *b)
{
    assert(a->rc == b->rc && a->used == b->used);
    if (a->rc == 1)
        assert(a->nbody == b->nbody && memcmp(a->body, b->body, a->nbody) == 0);
}

static struct slice checked(const struct http_head *h, struct http_span span)
{
    struct slice s = http_head_slice(h, span);

    assert((size_t)span.at + span.n <= h->size);
    for (size_t i = 0; i < s.n; i++)
        assert(s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0');
    return s;
}

static void written_again(const struct http_head *h)
{
    struct http_head again;
    struct buf out;

    buf_init(&out, (size_t)2 * HTTP_HEAD_MAX);
    buf_put_slice(&out, checked(h, h->method_text));
    buf_putc(&out, ' ');
    buf_put_slice(&out, checked(h, h->target));
    buf_printf(&out, " HTTP/1.%d\r\n", h->minor);
    for (size_t i = 0; i < h->nfields; i++) {
        struct slice name = checked(h, h->fields[i].name);

        assert(http_is_token(name));
        buf_put_slice(&out, name);
        buf_putc(&out, ':');
        buf_put_slice(&out, checked(h, h->fields[i].value));
        buf_puts(&out, "\r\n");
    }
    buf_puts(&out, "\r\n");
    assert(!out.failed && out.n <= h->size); /* blanks around values are all that may have gone */
    http_head_init(&again);
    assert(http_head_feed(&again, buf_slice(&out)) == HTTP_PARSE_DONE);
    assert(again.size == out.n && again.method == h->method && again.nfields == h->nfields);
    assert(again.framing == h->framing && again.length == h->length && again.keep_alive == h->keep_alive);
    assert(slice_eq(checked(&again, again.path), checked(h, h->path)));
    assert(slice_eq(checked(&again, again.query), checked(h, h->query)));
    assert(slice_eq(checked(&again, again.host), checked(h, h->host)));
    for (size_t i = 0; i < h->nfields; i++)
        assert(slice_eq(http_head_slice(&again, again.fields[i].value), http_head_slice(h, h->fields[i].value)));
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct verdict whole, cut;
    const char *bytes = (const char *)data;
    struct http_head h;
    size_t at = size;

    if (size > INPUT_MAX)
        return 0;
    judge(bytes, size, size, &whole);
    for (size_t i = 0; i < size; i++)
        at = at * 31 + data[i];
    if (size > 0) {
        judge(bytes, size, 1 + at % size, &cut);
        same(&whole, &cut);
    }
    if (size <= DRIP_MAX) {
        judge(bytes, size, 0, &cut);
        same(&whole, &cut);
    }
    http_head_init(&h);
    if (http_head_feed(&h, (struct slice){ bytes, size }) == HTTP_PARSE_DONE)
        written_again(&h);
    return 0;
}
