/* Ed25519 (RFC 8032). A key carries contexts that are already initialised for signing and checking; each use works on a
 * copy, so the signature algorithm is fetched when the key is made and never again. */
#include "algs.h"
#include "khop/crypto/crypto.h"
#include <openssl/crypto.h>
#include <stdlib.h>

#include "khop/base/banned.h"

struct ed25519 {
    EVP_PKEY *pkey;
    EVP_MD_CTX *sign; /* NULL: only a public key */
    EVP_MD_CTX *verify;
    uint8_t public_key[ED25519_KEY_SIZE];
};

/* Takes over pkey, also when it fails. */
static struct ed25519 *ed25519_new(EVP_PKEY *pkey, bool can_sign)
{
    struct ed25519 *k = calloc(1, sizeof *k);
    size_t n = sizeof k->public_key;

    if (k == NULL || pkey == NULL)
        goto fail;
    if (EVP_PKEY_get_raw_public_key(pkey, k->public_key, &n) != 1 || n != sizeof k->public_key)
        goto fail;
    k->verify = EVP_MD_CTX_new();
    if (k->verify == NULL || EVP_DigestVerifyInit_ex(k->verify, NULL, NULL, NULL, NULL, pkey, NULL) != 1)
        goto fail;
    if (can_sign) {
        k->sign = EVP_MD_CTX_new();
        if (k->sign == NULL || EVP_DigestSignInit_ex(k->sign, NULL, NULL, NULL, NULL, pkey, NULL) != 1)
            goto fail;
    }
    k->pkey = pkey;
    return k;

fail:
    (void)crypto_fail(RC_INTERNAL);
    EVP_PKEY_free(pkey);
    ed25519_free(k);
    return NULL;
}

struct ed25519 *ed25519_from_seed(const uint8_t seed[ED25519_KEY_SIZE])
{
    return ed25519_new(EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, ED25519_KEY_SIZE), true);
}

struct ed25519 *ed25519_from_public(const uint8_t key[ED25519_KEY_SIZE])
{
    return ed25519_new(EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, key, ED25519_KEY_SIZE), false);
}

void ed25519_free(struct ed25519 *k)
{
    if (k == NULL)
        return;
    EVP_MD_CTX_free(k->sign);
    EVP_MD_CTX_free(k->verify);
    EVP_PKEY_free(k->pkey); /* cleanses the seed */
    free(k);
}

void ed25519_public(const struct ed25519 *k, uint8_t out[ED25519_KEY_SIZE])
{
    memcpy(out, k->public_key, ED25519_KEY_SIZE);
}

/* A working copy of an initialised context; NULL without memory. */
static EVP_MD_CTX *ed25519_ctx(const EVP_MD_CTX *from)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (ctx != NULL && EVP_MD_CTX_copy_ex(ctx, from) != 1) {
        EVP_MD_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

int ed25519_sign(const struct ed25519 *k, struct slice data, uint8_t out[ED25519_SIG_SIZE])
{
    size_t n = ED25519_SIG_SIZE;

    if (k->sign == NULL)
        return RC_FORBIDDEN;

    EVP_MD_CTX *ctx = ed25519_ctx(k->sign);
    bool ok = ctx != NULL && EVP_DigestSign(ctx, out, &n, crypto_bytes(data), data.n) == 1 && n == ED25519_SIG_SIZE;

    EVP_MD_CTX_free(ctx);
    return ok ? RC_OK : crypto_fail(RC_INTERNAL);
}

bool ed25519_verify(const struct ed25519 *k, struct slice data, const uint8_t sig[ED25519_SIG_SIZE])
{
    EVP_MD_CTX *ctx = ed25519_ctx(k->verify);
    bool ok = ctx != NULL && EVP_DigestVerify(ctx, sig, ED25519_SIG_SIZE, crypto_bytes(data), data.n) == 1;

    EVP_MD_CTX_free(ctx);
    if (!ok)
        (void)crypto_fail(RC_UNAUTHORIZED);
    return ok;
}
