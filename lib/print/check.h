/* Texts that go onto paper. Private to this folder. */
#ifndef KHOP_PRINT_CHECK_H
#define KHOP_PRINT_CHECK_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/base/utf8.h"
#include <string.h>

static inline int print_text_check(struct slice text, size_t max)
{
    if (text.n > max)
        return RC_TOO_LARGE;
    return text.n == 0 || (memchr(text.p, '\0', text.n) == NULL && utf8_valid(text)) ? RC_OK : RC_BAD_INPUT;
}

#endif
