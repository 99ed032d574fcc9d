/* The transfer memo that we write into a QR code. */
#ifndef KHOP_PAY_MEMO_H
#define KHOP_PAY_MEMO_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

#define MEMO_LIMIT 25 /* field 62.08 of VietQR; some channels have 19 or 9 (vietqr.md §5) */

/* Appends the text as a memo may have it: A–Z, 0–9 and single spaces. Accents are dropped, đ is D, small letters become
 * capitals, everything else is a space; none at either end. RC_NOMEM when `out` is full. */
int memo_fold(struct buf *out, struct slice text) RC_MUST;

/* Appends "CODE LABEL": the code, one space, the folded label cut so that all is at most `limit` letters, between two words
 * if it has more than one; only the code when nothing of the label fits. RC_BAD_INPUT: limit below nine (a code is never cut), or no code. */
int memo_make(struct buf *out, int32_t code_no, struct slice label, size_t limit) RC_MUST;

#endif
