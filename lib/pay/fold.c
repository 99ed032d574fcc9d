#include "fold.h"

#include "khop/base/utf8.h"
#include <utf8proc.h>

#include "khop/base/banned.h"

#define DECOMPOSED_MAX 8 /* a canonical decomposition has at most four */

static enum fold_kind fold_point(uint32_t point, char *letter)
{
    utf8proc_int32_t parts[DECOMPOSED_MAX] = { 0 };
    int boundary = 0;

    if (point == 0x0110 || point == 0x0111) { /* Đ and đ have no decomposition */
        *letter = 'D';
        return FOLD_LETTER;
    }

    utf8proc_ssize_t n =
        utf8proc_decompose_char((utf8proc_int32_t)point, parts, DECOMPOSED_MAX, UTF8PROC_DECOMPOSE, &boundary);

    if (n < 1 || n > DECOMPOSED_MAX)
        return FOLD_OTHER;
    if (parts[0] < 0x80)
        return fold_ascii((unsigned char)parts[0], letter);

    utf8proc_category_t category = utf8proc_category(parts[0]);

    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME
               ? FOLD_MARK
               : FOLD_OTHER;
}

size_t fold_wide(struct slice text, enum fold_kind *kind, char *letter)
{
    uint32_t point = 0;
    size_t n = utf8_next(text, &point);

    if (n == 0) {
        *kind = FOLD_OTHER;
        return 1;
    }
    *kind = fold_point(point, letter);
    return n;
}
