/* What crypto_init fetched: one explicit fetch per algorithm and process. An implicit fetch in every call takes a lock
 * and a look-up that cost more than hashing a notice (style.md §4). */
#ifndef KHOP_CRYPTO_ALGS_H
#define KHOP_CRYPTO_ALGS_H

#include "khop/base/slice.h"
#include <openssl/evp.h>

struct crypto_algs {
    EVP_MD *sha256;
    EVP_MD_CTX *hashing; /* for one SHA-256 at a time: a context of its own would be four calls of malloc and free */
    EVP_MAC *hmac;
    EVP_CIPHER *aes256_gcm;
};

/* All NULL before crypto_init and after crypto_end. */
extern struct crypto_algs crypto_algs;

/* Empties OpenSSL's error queue and returns rc: whatever stays there would be taken for the failure of a later TLS
 * call. */
int crypto_fail(int rc);

/* Never NULL: OpenSSL takes NULL for "not given" where we mean "empty". */
static inline const unsigned char *crypto_bytes(struct slice s)
{
    return (const unsigned char *)(s.p == NULL ? "" : s.p);
}

#endif
