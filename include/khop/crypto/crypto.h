/* Hashes, MACs, random bytes, sealed boxes: OpenSSL with every algorithm fetched once by crypto_init. Signatures: libsodium.
 * Only lib/crypto and lib/tls include OpenSSL. Failures of a library itself (no memory) are RC_INTERNAL. */
#ifndef KHOP_CRYPTO_CRYPTO_H
#define KHOP_CRYPTO_CRYPTO_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

int crypto_init(void) RC_MUST; /* once per process, before anything else here */
void crypto_end(void);

int crypto_random(void *out, size_t n) RC_MUST;
/* Equal length and equal bytes, in time that does not depend on the bytes. */
bool crypto_equal(struct slice a, struct slice b);

#define SHA1_SIZE   20 /* as part of HMAC only: one-time codes of authenticator apps */
#define SHA256_SIZE 32
#define SHA512_SIZE 64
/* By the loop's thread only. */
/* With the one context of the process: not for two threads. */
int crypto_sha256(struct slice data, uint8_t out[SHA256_SIZE]) RC_MUST;
int crypto_sha256_parts(const struct slice *parts, size_t n, uint8_t out[SHA256_SIZE]) RC_MUST;

/* A keyed MAC context, made once per secret (not empty) and used for many messages, one at a time: not for two threads. */
enum mac_kind { MAC_HMAC_SHA256, MAC_HMAC_SHA512, MAC_HMAC_SHA1 };
struct mac;
struct mac *mac_new(enum mac_kind kind, struct slice key); /* NULL on failure */
void mac_free(struct mac *m);
size_t mac_size(const struct mac *m); /* 20, 32 or 64 */
/* MAC over the parts one after the other. */
int mac_sign(const struct mac *m, const struct slice *parts, size_t n, uint8_t out[SHA512_SIZE]) RC_MUST;

#define ED25519_KEY_SIZE 32
#define ED25519_SIG_SIZE 64
struct ed25519; /* a private key (seed) or only a public key */
struct ed25519 *ed25519_from_seed(const uint8_t seed[ED25519_KEY_SIZE]);   /* NULL on failure */
struct ed25519 *ed25519_from_public(const uint8_t key[ED25519_KEY_SIZE]);  /* NULL on failure */
void ed25519_free(struct ed25519 *k);
void ed25519_public(const struct ed25519 *k, uint8_t out[ED25519_KEY_SIZE]);
/* RC_FORBIDDEN with only a public key. */
int ed25519_sign(const struct ed25519 *k, struct slice data, uint8_t out[ED25519_SIG_SIZE]) RC_MUST;
bool ed25519_verify(const struct ed25519 *k, struct slice data, const uint8_t sig[ED25519_SIG_SIZE]);

/* AES-256-GCM. Sealed form: 12 bytes nonce, ciphertext, 16 bytes tag. `ad` is bound, not stored. */
#define SEAL_KEY_SIZE 32
#define SEAL_OVERHEAD 28
int crypto_seal(const uint8_t key[SEAL_KEY_SIZE], struct slice ad, struct slice plain, uint8_t *out, size_t cap, size_t *n) RC_MUST;
/* RC_UNAUTHORIZED when it does not fit the key, the data or the ad. */
int crypto_open(const uint8_t key[SEAL_KEY_SIZE], struct slice ad, struct slice sealed, uint8_t *out, size_t cap, size_t *n) RC_MUST;

#endif
