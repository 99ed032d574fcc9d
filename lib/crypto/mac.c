/* Keyed MACs. The key is absorbed once; each message re-starts the same context, which costs 0.34 µs for a notice of
 * 400 bytes where a duplicate of the context costs 0.55 and the one-shot call 1.1 (a duplicate is five allocations). */
#include "algs.h"
#include "khop/crypto/crypto.h"
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "khop/base/banned.h"

struct mac {
    EVP_MAC_CTX *ctx;
    size_t size;
};

static bool mac_set_key(struct mac *m, const char *digest, struct slice key)
{
    char name[8];
    OSSL_PARAM params[2];

    memcpy(name, digest, strlen(digest) + 1);
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
    params[1] = OSSL_PARAM_construct_end();
    return EVP_MAC_init(m->ctx, crypto_bytes(key), key.n, params) == 1;
}

static const struct {
    const char *name;
    size_t size;
} digests[] = {
    [MAC_HMAC_SHA256] = { "SHA256", SHA256_SIZE },
    [MAC_HMAC_SHA512] = { "SHA512", SHA512_SIZE },
    [MAC_HMAC_SHA1] = { "SHA1", SHA1_SIZE },
};

struct mac *mac_new(enum mac_kind kind, struct slice key)
{
    if (key.n == 0 || crypto_algs.hmac == NULL)
        return NULL; /* an empty secret proves nothing */

    struct mac *m = calloc(1, sizeof *m);

    if (m == NULL)
        return NULL;
    m->size = digests[kind].size;
    m->ctx = EVP_MAC_CTX_new(crypto_algs.hmac);
    if (m->ctx == NULL || !mac_set_key(m, digests[kind].name, key)) {
        (void)crypto_fail(RC_INTERNAL);
        mac_free(m);
        return NULL;
    }
    return m;
}

void mac_free(struct mac *m)
{
    if (m == NULL)
        return;
    EVP_MAC_CTX_free(m->ctx); /* cleanses the key */
    free(m);
}

size_t mac_size(const struct mac *m)
{
    return m->size;
}

int mac_sign(const struct mac *m, const struct slice *parts, size_t n, uint8_t out[SHA512_SIZE])
{
    size_t size = 0;
    bool ok = EVP_MAC_init(m->ctx, NULL, 0, NULL) == 1;

    for (size_t i = 0; ok && i < n; i++)
        ok = EVP_MAC_update(m->ctx, crypto_bytes(parts[i]), parts[i].n) == 1;
    ok = ok && EVP_MAC_final(m->ctx, out, &size, SHA512_SIZE) == 1 && size == m->size;
    return ok ? RC_OK : crypto_fail(RC_INTERNAL);
}
