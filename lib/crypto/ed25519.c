/* Ed25519 (RFC 8032) by libsodium: it signs in 12 µs where OpenSSL 3.0 takes 22, and every receipt is signed. Its check is
 * the strict one: neither a scalar nor a point in another than its canonical form, no key of small order, so that two
 * readers cannot disagree about a signature. */
#include "algs.h"
#include "khop/crypto/crypto.h"
#include <sodium.h>
#include <stdlib.h>

#include "khop/base/banned.h"

_Static_assert(ED25519_SIG_SIZE == crypto_sign_ed25519_BYTES, "a signature of libsodium");
_Static_assert(ED25519_KEY_SIZE == crypto_sign_ed25519_SEEDBYTES && ED25519_KEY_SIZE == crypto_sign_ed25519_PUBLICKEYBYTES,
               "keys of libsodium");

struct ed25519 {
    bool can_sign;
    uint8_t public_key[ED25519_KEY_SIZE];
    uint8_t secret_key[crypto_sign_ed25519_SECRETKEYBYTES];
};

/* A private key lies in memory that is neither swapped nor dumped, between guard pages, and is wiped when it is freed. */
struct ed25519 *ed25519_from_seed(const uint8_t seed[ED25519_KEY_SIZE])
{
    struct ed25519 *k = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *k);

    if (k == NULL)
        return NULL;
    k->can_sign = true;
    if (crypto_sign_ed25519_seed_keypair(k->public_key, k->secret_key, seed) == 0 && sodium_mprotect_readonly(k) == 0)
        return k;
    sodium_free(k);
    return NULL;
}

struct ed25519 *ed25519_from_public(const uint8_t key[ED25519_KEY_SIZE])
{
    struct ed25519 *k = sodium_init() < 0 ? NULL : calloc(1, sizeof *k);

    if (k != NULL)
        memcpy(k->public_key, key, ED25519_KEY_SIZE);
    return k;
}

void ed25519_free(struct ed25519 *k)
{
    if (k == NULL)
        return;
    if (k->can_sign)
        sodium_free(k);
    else
        free(k);
}

void ed25519_public(const struct ed25519 *k, uint8_t out[ED25519_KEY_SIZE])
{
    memcpy(out, k->public_key, ED25519_KEY_SIZE);
}

int ed25519_sign(const struct ed25519 *k, struct slice data, uint8_t out[ED25519_SIG_SIZE])
{
    if (!k->can_sign)
        return RC_FORBIDDEN;
    return crypto_sign_ed25519_detached(out, NULL, crypto_bytes(data), data.n, k->secret_key) == 0 ? RC_OK : RC_INTERNAL;
}

bool ed25519_verify(const struct ed25519 *k, struct slice data, const uint8_t sig[ED25519_SIG_SIZE])
{
    return crypto_sign_ed25519_verify_detached(sig, crypto_bytes(data), data.n, k->public_key) == 0;
}
