#include "khop/crypto/crypto.h"

#include "algs.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "khop/base/banned.h"

struct crypto_algs crypto_algs;

int crypto_fail(int rc)
{
    ERR_clear_error();
    return rc;
}

int crypto_init(void)
{
    if (crypto_algs.sha256 != NULL)
        return RC_OK;
    crypto_algs.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    crypto_algs.hashing = EVP_MD_CTX_new();
    crypto_algs.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    crypto_algs.aes256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    if (crypto_algs.sha256 == NULL || crypto_algs.hashing == NULL || crypto_algs.hmac == NULL || crypto_algs.aes256_gcm == NULL) {
        crypto_end();
        return crypto_fail(RC_INTERNAL);
    }
    return RC_OK;
}

void crypto_end(void)
{
    EVP_MD_CTX_free(crypto_algs.hashing);
    EVP_MD_free(crypto_algs.sha256);
    EVP_MAC_free(crypto_algs.hmac);
    EVP_CIPHER_free(crypto_algs.aes256_gcm);
    crypto_algs = (struct crypto_algs){ NULL, NULL, NULL, NULL };
}

int crypto_random(void *out, size_t n)
{
    if (RAND_bytes_ex(NULL, out, n, 0) != 1) {
        OPENSSL_cleanse(out, n);
        return crypto_fail(RC_INTERNAL);
    }
    return RC_OK;
}

bool crypto_equal(struct slice a, struct slice b)
{
    return a.n == b.n && CRYPTO_memcmp(crypto_bytes(a), crypto_bytes(b), a.n) == 0;
}

int crypto_sha256(struct slice data, uint8_t out[SHA256_SIZE])
{
    return crypto_sha256_parts(&data, 1, out);
}

int crypto_sha256_parts(const struct slice *parts, size_t n, uint8_t out[SHA256_SIZE])
{
    EVP_MD_CTX *ctx = crypto_algs.hashing;
    bool ok = ctx != NULL && EVP_DigestInit_ex2(ctx, crypto_algs.sha256, NULL) == 1;

    for (size_t i = 0; ok && i < n; i++)
        ok = EVP_DigestUpdate(ctx, crypto_bytes(parts[i]), parts[i].n) == 1;
    ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
    return ok ? RC_OK : crypto_fail(RC_INTERNAL);
}
