/* AES-256-GCM boxes: 12 bytes random nonce, ciphertext, 16 bytes tag (security.md §10). */
#include "algs.h"
#include "khop/crypto/crypto.h"
#include <openssl/crypto.h>

#include "khop/base/banned.h"

#define SEAL_NONCE_SIZE 12
#define SEAL_TAG_SIZE   16
#define SEAL_MAX        ((size_t)1 << 30) /* OpenSSL counts in int */

_Static_assert(SEAL_NONCE_SIZE + SEAL_TAG_SIZE == SEAL_OVERHEAD, "sealed form");

static bool seal_run(EVP_CIPHER_CTX *ctx, struct slice ad, const unsigned char *in, size_t n, uint8_t *out)
{
    uint8_t last[16]; /* GCM leaves nothing for the final call */
    int done = 0;

    if (ad.n > 0 && EVP_CipherUpdate(ctx, NULL, &done, crypto_bytes(ad), (int)ad.n) != 1)
        return false;
    if (n > 0 && (EVP_CipherUpdate(ctx, out, &done, in, (int)n) != 1 || done != (int)n))
        return false;
    return EVP_CipherFinal_ex(ctx, last, &done) == 1 && done == 0;
}

int crypto_seal(const uint8_t key[SEAL_KEY_SIZE], struct slice ad, struct slice plain, uint8_t *out, size_t cap,
                size_t *n)
{
    if (plain.n > SEAL_MAX || ad.n > SEAL_MAX || cap < SEAL_OVERHEAD || plain.n > cap - SEAL_OVERHEAD)
        return RC_TOO_LARGE;

    int rc = crypto_random(out, SEAL_NONCE_SIZE);

    if (rc != RC_OK)
        return rc;

    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *body = out + SEAL_NONCE_SIZE;
    bool ok = ctx != NULL && EVP_EncryptInit_ex2(ctx, crypto_algs.aes256_gcm, key, out, NULL) == 1 &&
              seal_run(ctx, ad, crypto_bytes(plain), plain.n, body) &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_SIZE, body + plain.n) == 1;

    EVP_CIPHER_CTX_free(ctx);
    if (!ok)
        return crypto_fail(RC_INTERNAL);
    *n = plain.n + SEAL_OVERHEAD;
    return RC_OK;
}

int crypto_open(const uint8_t key[SEAL_KEY_SIZE], struct slice ad, struct slice sealed, uint8_t *out, size_t cap,
                size_t *n)
{
    uint8_t tag[SEAL_TAG_SIZE];

    if (sealed.n < SEAL_OVERHEAD)
        return RC_UNAUTHORIZED;
    if (sealed.n > SEAL_MAX || ad.n > SEAL_MAX || sealed.n - SEAL_OVERHEAD > cap)
        return RC_TOO_LARGE;

    size_t size = sealed.n - SEAL_OVERHEAD;
    const unsigned char *nonce = crypto_bytes(sealed);
    const unsigned char *body = nonce + SEAL_NONCE_SIZE;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    memcpy(tag, body + size, SEAL_TAG_SIZE);
    if (ctx == NULL || EVP_DecryptInit_ex2(ctx, crypto_algs.aes256_gcm, key, nonce, NULL) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_SIZE, tag) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return crypto_fail(RC_INTERNAL);
    }

    bool ok = seal_run(ctx, ad, body, size, out);

    EVP_CIPHER_CTX_free(ctx);
    if (!ok) {
        OPENSSL_cleanse(out, size); /* never hand out what is not proven */
        return crypto_fail(RC_UNAUTHORIZED);
    }
    *n = size;
    return RC_OK;
}
