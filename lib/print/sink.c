#include "khop/print/sink.h"

#include "khop/base/banned.h"

static int write_buf(void *arg, const void *bytes, size_t n)
{
    struct buf *out = arg;

    buf_put(out, bytes, n);
    return out->failed ? RC_TOO_LARGE : RC_OK;
}

struct print_sink print_sink_buf(struct buf *out)
{
    return (struct print_sink){ write_buf, out };
}
