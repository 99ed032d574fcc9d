/* JWS compact serialisation (RFC 7515) with Ed25519 (RFC 8037, RFC 9864), strict on reading: one header form, no padding,
 * no white space, canonical base64url. Source: reference security.md §6. */
#ifndef KHOP_CRYPTO_JWS_H
#define KHOP_CRYPTO_JWS_H

#include "khop/base/buf.h"
#include "khop/crypto/crypto.h"

#define JWS_KID_SIZE 44 /* 43 letters and NUL */
#define JWS_MAX      4096

/* RFC 7638 thumbprint of an OKP Ed25519 key, base64url. */
int jws_thumbprint(const uint8_t public_key[ED25519_KEY_SIZE], char kid[JWS_KID_SIZE]) RC_MUST;
/* Appends header.payload.signature to out. */
int jws_sign(struct buf *out, const struct ed25519 *key, const char *kid, const char *typ, struct slice payload) RC_MUST;
/* The same in two steps, perhaps years apart: the signature alone, and the whole from it. */
int jws_signature(const struct ed25519 *key, const char *kid, const char *typ, struct slice payload,
                  uint8_t sig[ED25519_SIG_SIZE]) RC_MUST;
int jws_join(struct buf *out, const char *kid, const char *typ, struct slice payload, const uint8_t sig[ED25519_SIG_SIZE]) RC_MUST;

/* Finds the key for a kid; NULL when it is not trusted. */
typedef const struct ed25519 *(*jws_key_fn)(struct slice kid, void *arg);
/* Checks everything and appends the payload bytes to `payload`, the key id to kid. RC_BAD_INPUT (form), RC_NOT_FOUND
 * (unknown key), RC_UNAUTHORIZED (signature). *why gets one plain sentence, a constant. */
int jws_verify(struct slice jws, const char *typ, jws_key_fn find, void *arg, struct buf *payload,
               char kid[JWS_KID_SIZE], const char **why) RC_MUST;

#endif
