#include "khop/base/rd.h"
#include "khop/base/banned.h"

static struct slice rd_fail(struct rd *r)
{
    if (r->rc == RC_OK)
        r->rc = RC_BAD_INPUT;
    return (struct slice){ NULL, 0 };
}

struct slice rd_take(struct rd *r, size_t n)
{
    if (r->rc != RC_OK || n > (size_t)(r->end - r->p))
        return rd_fail(r);

    struct slice s = { r->p, n };

    if (n > 0)
        r->p += n;
    return s;
}

int rd_peek(const struct rd *r)
{
    return rd_left(r) == 0 ? -1 : (unsigned char)*r->p;
}

void rd_expect(struct rd *r, struct slice text)
{
    if (r->rc != RC_OK || text.n > rd_left(r) || (text.n > 0 && memcmp(r->p, text.p, text.n) != 0)) {
        rd_fail(r);
        return;
    }
    rd_take(r, text.n);
}

int64_t rd_number(struct rd *r)
{
    int64_t v = 0;
    int digits = 0;
    int c = rd_peek(r);
    bool zero = c == '0';

    while (c >= '0' && c <= '9') {
        if (digits == 18 || (zero && digits == 1)) {
            rd_fail(r);
            return 0;
        }
        v = v * 10 + (c - '0');
        digits++;
        rd_take(r, 1);
        c = rd_peek(r);
    }
    if (digits == 0)
        rd_fail(r);
    return v;
}

void rd_end(struct rd *r)
{
    if (rd_left(r) != 0)
        rd_fail(r);
}
