/* Tokens in the addresses of pay pages and receipts: the bucket and 16 random bytes, as 24 letters of base64url. The
 * bucket leads to the organisation's rows without a look-up; the random part is the proof. */
#ifndef KHOP_PAY_TOKEN_H
#define KHOP_PAY_TOKEN_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdint.h>

#define TOKEN_RANDOM_SIZE 16
#define TOKEN_LETTERS     24
#define TOKEN_SIZE        (TOKEN_LETTERS + 1)
#define TOKEN_BUCKET_MAX  32767 /* 15 bits, as in public ids */

/* RC_BAD_INPUT: a bucket outside 0 … TOKEN_BUCKET_MAX. */
int token_text(char out[TOKEN_SIZE], int32_t bucket, const uint8_t random[TOKEN_RANDOM_SIZE]) RC_MUST;
int token_parse(struct slice text, int32_t *bucket, uint8_t random[TOKEN_RANDOM_SIZE]) RC_MUST;

#endif
