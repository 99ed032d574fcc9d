/* Where papers and sheets go: every maker of this folder hands its bytes to a sink, in order, as they come. A sink answers RC_OK
 * or the rc that ends the making; nothing is written after that. Nothing here keeps what the sink has taken. */
#ifndef KHOP_PRINT_SINK_H
#define KHOP_PRINT_SINK_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include <stddef.h>

struct print_sink {
    int (*write)(void *arg, const void *bytes, size_t n);
    void *arg;
};

/* Into a buffer; RC_TOO_LARGE when it is full. */
struct print_sink print_sink_buf(struct buf *out);

#endif
