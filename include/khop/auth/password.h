/* Passwords (security.md §4): which may be chosen, and their hashes.
 *
 * A hash is Argon2id over HMAC-SHA256(pepper, the password in NFC), as a PHC string; the pepper is a key of keys_dir, its number is stored
 * beside. Hashing takes a tenth of a second and 64 MiB, so the one other thread of a serve process does it, one after the other;
 * sixteen wait at most. */
#ifndef KHOP_AUTH_PASSWORD_H
#define KHOP_AUTH_PASSWORD_H

#include "khop/auth/auth.h"
#include "khop/base/slice.h"
#include "khop/loop/task.h"
#include <stdbool.h>

#define AUTH_PHC_SIZE      128 /* with its NUL */
#define AUTH_PASSWORD_MAX  1024 /* bytes */
#define AUTH_PASSWORD_ONLY 15   /* characters, where it is the only factor */
#define AUTH_PASSWORD_BOTH 12   /* where there is a second one */

/* What is wrong with a password that somebody chooses: NULL, or a constant word ("too_short", "too_long", "not_text", "common",
 * "names_you": it contains the login or a name of the organisation or of this software). `names` may hold empty slices. */
const char *auth_password_fault(struct slice password, size_t min_characters, const struct slice *names, size_t nnames);

/* What a hashing has given: in t->result of the next step. */
struct auth_hashed {
    bool match;              /* of auth_password_check */
    bool renew;              /* it matches, but was made with less or with an older pepper: `phc` is a new one of the same password */
    char phc[AUTH_PHC_SIZE]; /* "" if there is none */
};

/* Hashes a password, or compares it with a hash that was made with the pepper of that number; parks the task. phc of nobody (p NULL), or one
 * whose pepper is gone, is compared with one that fits no password, in the same time. RC_BUSY: too many wait. */
int auth_password_hash(struct task *t, struct auth *a, struct slice password, task_step next) RC_MUST;
int auth_password_check(struct task *t, struct auth *a, struct slice password, struct slice phc, int16_t pepper, task_step next) RC_MUST;
/* The number of the pepper that new hashes use. */
int16_t auth_pepper_no(const struct auth *a);

/* The same without a loop, for the command line. */
int auth_password_hash_now(const uint8_t pepper[AUTH_KEY_SIZE], struct slice password, char phc[AUTH_PHC_SIZE]) RC_MUST;

#endif
