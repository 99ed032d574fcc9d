#include "khop/pay/token.h"

#include "khop/base/enc.h"

#include "khop/base/banned.h"

#define TOKEN_BYTES (2 + TOKEN_RANDOM_SIZE)

_Static_assert(TOKEN_BYTES * 4 == TOKEN_LETTERS * 3, "no spare bits: each token has one text");

int token_text(char out[TOKEN_SIZE], int32_t bucket, const uint8_t random[TOKEN_RANDOM_SIZE])
{
    uint8_t bytes[TOKEN_BYTES];
    struct buf text;

    if (bucket < 0 || bucket > TOKEN_BUCKET_MAX)
        return RC_BAD_INPUT;
    bytes[0] = (uint8_t)(bucket >> 8);
    bytes[1] = (uint8_t)(bucket & 0xff);
    memcpy(bytes + 2, random, TOKEN_RANDOM_SIZE);
    buf_init(&text, TOKEN_LETTERS);
    enc_base64url(&text, bytes, sizeof bytes);

    bool ok = !text.failed && text.n == TOKEN_LETTERS;

    if (ok)
        memcpy(out, text.p, TOKEN_SIZE);
    buf_release(&text);
    return ok ? RC_OK : RC_NOMEM;
}

int token_parse(struct slice text, int32_t *bucket, uint8_t random[TOKEN_RANDOM_SIZE])
{
    uint8_t bytes[TOKEN_BYTES];
    size_t n;

    if (text.n != TOKEN_LETTERS || dec_base64url(text, bytes, sizeof bytes, &n) != RC_OK || n != TOKEN_BYTES)
        return RC_BAD_INPUT;

    int32_t from = bytes[0] << 8 | bytes[1];

    if (from > TOKEN_BUCKET_MAX)
        return RC_BAD_INPUT;
    *bucket = from;
    memcpy(random, bytes + 2, TOKEN_RANDOM_SIZE);
    return RC_OK;
}
