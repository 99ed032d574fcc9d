#include "khop/auth/token.h"

#include "khop/base/enc.h"

#include <zlib.h>

#include "khop/base/banned.h"

#define TOKEN_PREFIX "khop_"
#define TOKEN_RANDOM 32
#define TOKEN_CRC    4

static void token_crc(const uint8_t random[TOKEN_RANDOM], uint8_t out[TOKEN_CRC])
{
    unsigned long crc = crc32(crc32(0, NULL, 0), random, TOKEN_RANDOM);

    for (int i = 0; i < TOKEN_CRC; i++)
        out[i] = (uint8_t)(crc >> (8 * (TOKEN_CRC - 1 - i)));
}

int auth_token_make(char out[AUTH_TOKEN_SIZE])
{
    uint8_t raw[TOKEN_RANDOM + TOKEN_CRC];
    struct buf text;
    int rc = RC_INTERNAL;

    if (crypto_random(raw, TOKEN_RANDOM) < 0)
        return RC_INTERNAL;
    token_crc(raw, raw + TOKEN_RANDOM);
    buf_init(&text, AUTH_TOKEN_SIZE);
    buf_puts(&text, TOKEN_PREFIX);
    enc_base64url(&text, raw, sizeof raw);
    if (!text.failed && text.n == AUTH_TOKEN_SIZE - 1) {
        memcpy(out, text.p, text.n);
        out[text.n] = '\0';
        rc = RC_OK;
    }
    buf_release(&text);
    return rc;
}

int auth_token_hash(struct slice token, uint8_t hash[SHA256_SIZE])
{
    uint8_t raw[TOKEN_RANDOM + TOKEN_CRC], crc[TOKEN_CRC];
    struct slice prefix = SLICE(TOKEN_PREFIX);
    size_t n = 0;

    if (!slice_starts(token, prefix) ||
        dec_base64url(slice_sub(token, prefix.n, token.n), raw, sizeof raw, &n) < 0 || n != sizeof raw)
        return RC_UNAUTHORIZED;
    token_crc(raw, crc);
    if (memcmp(crc, raw + TOKEN_RANDOM, TOKEN_CRC) != 0)
        return RC_UNAUTHORIZED;
    return crypto_sha256(token, hash);
}

int auth_bearer(struct req *rq, struct slice *hash)
{
    struct slice value = req_header(rq, "Authorization");
    struct slice scheme = SLICE("Bearer ");
    uint8_t *bytes;

    if (req_header_count(rq, "Authorization") != 1 || !slice_eq_nocase(slice_sub(value, 0, scheme.n), scheme))
        return RC_UNAUTHORIZED;
    bytes = arena_alloc(rq->task.arena, SHA256_SIZE);
    if (bytes == NULL)
        return RC_NOMEM;
    int rc = auth_token_hash(slice_trim(slice_sub(value, scheme.n, value.n)), bytes);

    if (rc < 0)
        return rc;
    *hash = (struct slice){ (char *)bytes, SHA256_SIZE };
    return RC_OK;
}
