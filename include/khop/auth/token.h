/* API tokens (security.md §4): "khop_", 32 random bytes and their CRC-32 in base64url. Shown once, stored as SHA-256. The
 * CRC lets a mistyped or cut token be refused without a look-up. Sent only as `Authorization: Bearer`. */
#ifndef KHOP_AUTH_TOKEN_H
#define KHOP_AUTH_TOKEN_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/crypto/crypto.h"
#include "khop/http/req.h"
#include <stdint.h>

#define AUTH_TOKEN_SIZE 54 /* 5 + 48 letters and NUL */

int auth_token_make(char out[AUTH_TOKEN_SIZE]) RC_MUST;
/* RC_UNAUTHORIZED when it is not the form of a token. */
int auth_token_hash(struct slice token, uint8_t hash[SHA256_SIZE]) RC_MUST;
/* The hash of the request's bearer token, in its arena. RC_UNAUTHORIZED: none, two, or not one of ours. */
int auth_bearer(struct req *rq, struct slice *hash) RC_MUST;

#endif
