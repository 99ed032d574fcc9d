/* An amount in Vietnamese words (product.md §6). UTF-8 in NFC. */
#ifndef KHOP_PAY_WORDS_H
#define KHOP_PAY_WORDS_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include <stdint.h>

#define WORDS_MAX INT64_C(999999999999999)

/* Settings of a unit; 0 is linh, nghìn, tỷ, without chẵn. */
enum words_style {
    WORDS_LE = 1,   /* lẻ instead of linh */
    WORDS_NGAN = 2, /* ngàn instead of nghìn */
    WORDS_TI = 4,   /* tỉ instead of tỷ */
    WORDS_CHAN = 8, /* printed form: " chẵn" behind a sum of whole thousands */
};

/* Appends the bare form: lower case, single spaces ("ba trăm sáu mươi nghìn"). RC_BAD_INPUT outside 0 … WORDS_MAX;
 * RC_NOMEM when `out` is full. */
int words_bare(struct buf *out, int64_t n, unsigned style) RC_MUST;
/* Appends the printed form: first letter upper case, " đồng" behind ("Ba trăm sáu mươi nghìn đồng chẵn"). */
int words_printed(struct buf *out, int64_t n, unsigned style) RC_MUST;

#endif
