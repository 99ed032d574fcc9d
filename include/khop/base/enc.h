/* Text forms of bytes: hex, base64 (RFC 4648 §4), base64url without padding (§5), and public ids.
 * Decoders are strict: only the canonical form is accepted (no white space, no stray bits, padding exactly as stated). */
#ifndef KHOP_BASE_ENC_H
#define KHOP_BASE_ENC_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdint.h>

void enc_hex(struct buf *out, const void *bytes, size_t n);             /* lower case */
void enc_base64(struct buf *out, const void *bytes, size_t n);          /* with padding */
void enc_base64url(struct buf *out, const void *bytes, size_t n);       /* without padding */

/* Each writes at most cap bytes to out and their number to *n. RC_BAD_INPUT, RC_TOO_LARGE. */
int dec_hex(struct slice text, uint8_t *out, size_t cap, size_t *n) RC_MUST; /* either case */
int dec_base64(struct slice text, uint8_t *out, size_t cap, size_t *n) RC_MUST;
int dec_base64url(struct slice text, uint8_t *out, size_t cap, size_t *n) RC_MUST;

/* Public id of a row: prefix, '_', and the number as 13 letters of Crockford's base 32 in lower case ("cod_0000g40r40m30").
 * The number carries the bucket in its top 15 bits (enc_id_bucket), so that an id routes without a look-up. It is not
 * negative, and a prefix has at most 7 letters: both are asserted when writing. */
#define ENC_ID_LETTERS 13
#define ENC_ID_SIZE    (8 + ENC_ID_LETTERS + 1)
void enc_id(char out[ENC_ID_SIZE], const char *prefix, int64_t id);
int dec_id(struct slice text, const char *prefix, int64_t *id) RC_MUST;

#define ENC_ID_RANDOM_BITS 48
static inline int64_t enc_id_make(int32_t bucket, uint64_t random)
{
    return (int64_t)(((uint64_t)(uint32_t)bucket << ENC_ID_RANDOM_BITS) | (random & ((UINT64_C(1) << ENC_ID_RANDOM_BITS) - 1)));
}

static inline int32_t enc_id_bucket(int64_t id)
{
    return (int32_t)((uint64_t)id >> ENC_ID_RANDOM_BITS);
}

#endif
