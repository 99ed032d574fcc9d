#include "khop/base/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "khop/base/banned.h"

int utf8_nfc(struct buf *out, struct slice text)
{
    utf8proc_uint8_t *made = NULL;

    if (text.n == 0)
        return RC_OK;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text.p, (utf8proc_ssize_t)text.n, &made,
                                      UTF8PROC_STABLE | UTF8PROC_COMPOSE);

    if (n < 0)
        return n == UTF8PROC_ERROR_NOMEM ? RC_NOMEM : RC_BAD_INPUT;
    buf_put(out, made, (size_t)n);
    free(made);
    return out->failed ? RC_NOMEM : RC_OK;
}
