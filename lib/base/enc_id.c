#include "khop/base/enc.h"
#include <assert.h>
#include "khop/base/banned.h"

/* Crockford's base 32: no i, l, o, u. */
static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

void enc_id(char out[ENC_ID_SIZE], const char *prefix, int64_t id)
{
    size_t n = strlen(prefix);
    uint64_t v = (uint64_t)id;

    assert(n + 1 <= ENC_ID_SIZE - ENC_ID_LETTERS - 1 && id >= 0);
    memcpy(out, prefix, n);
    out[n] = '_';
    for (size_t i = ENC_ID_LETTERS; i > 0; i--) {
        out[n + i] = letters[v & 31];
        v >>= 5;
    }
    out[n + 1 + ENC_ID_LETTERS] = '\0';
}

int dec_id(struct slice text, const char *prefix, int64_t *id)
{
    struct slice head = slice_of(prefix);
    uint64_t v = 0;

    if (text.n != head.n + 1 + ENC_ID_LETTERS || !slice_starts(text, head) || text.p[head.n] != '_')
        return RC_BAD_INPUT;
    text = slice_sub(text, head.n + 1, ENC_ID_LETTERS);
    /* 13 letters hold 65 bits, an id 63: the first is at most 7. */
    if (text.p[0] > '7')
        return RC_BAD_INPUT;
    for (size_t i = 0; i < text.n; i++) {
        const char *hit = memchr(letters, text.p[i], 32);

        if (hit == NULL)
            return RC_BAD_INPUT;
        v = v << 5 | (uint64_t)(hit - letters);
    }
    *id = (int64_t)v;
    return RC_OK;
}
