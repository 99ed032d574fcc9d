/* The second factor: time-based codes of an authenticator app (RFC 6238: SHA-1, 30 s, 6 digits, ±1 step, each step once), and the
 * recovery codes for whoever lost it. */
#ifndef KHOP_AUTH_TOTP_H
#define KHOP_AUTH_TOTP_H

#include "khop/auth/auth.h"
#include "khop/base/buf.h"
#include "khop/base/slice.h"
#include <stdint.h>

#define TOTP_SECRET_SIZE 20
#define TOTP_STEP_S      30

/* The six digits of a step. */
int totp_code(const uint8_t secret[TOTP_SECRET_SIZE], int64_t step, char out[7]) RC_MUST;
/* Which step the code is of: of now, the one before or the one behind, and after last_step. Blanks in it are passed over.
 * RC_UNAUTHORIZED: of none. */
int totp_check(const uint8_t secret[TOTP_SECRET_SIZE], struct slice code, int64_t now_s, int64_t last_step, int64_t *step) RC_MUST;
/* Appends the secret as apps take it: base 32, in fours with blanks between. */
void totp_text(struct buf *out, const uint8_t secret[TOTP_SECRET_SIZE]);
/* Appends the address that an app reads from a QR symbol. */
void totp_uri(struct buf *out, const uint8_t secret[TOTP_SECRET_SIZE], struct slice login, struct slice host);

/* A secret as the database keeps it, and as a form carries it until its first code has come; of this user only. */
#define TOTP_SEALED_SIZE (TOTP_SECRET_SIZE + SEAL_OVERHEAD)
int totp_seal(const struct auth *a, int64_t user_id, const uint8_t secret[TOTP_SECRET_SIZE], uint8_t out[TOTP_SEALED_SIZE]) RC_MUST;
/* RC_UNAUTHORIZED: not sealed by us for this user. */
int totp_open(const struct auth *a, int64_t user_id, struct slice sealed, uint8_t secret[TOTP_SECRET_SIZE]) RC_MUST;

/* Ten codes of 128 bits: 26 letters of base 32 in groups; what is stored is their SHA-256. */
#define RECOVERY_CODES     10
#define RECOVERY_CODE_SIZE 32
int recovery_make(char code[RECOVERY_CODE_SIZE], uint8_t hash[SHA256_SIZE]) RC_MUST;
/* RC_UNAUTHORIZED: not of that form. */
int recovery_hash(struct slice code, uint8_t hash[SHA256_SIZE]) RC_MUST;

#endif
