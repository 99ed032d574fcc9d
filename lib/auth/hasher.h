/* The thread that hashes passwords, and its queue. */
#ifndef KHOP_AUTH_HASHER_H
#define KHOP_AUTH_HASHER_H

#include "khop/auth/password.h"
#include "khop/crypto/crypto.h"

#define HASHER_QUEUE 16

struct hasher;

/* NULL without memory, descriptors or a thread. */
struct hasher *hasher_new(struct loop *l);
/* Waits for the hash that is being made; tasks that still wait end in RC_UNAVAILABLE. Accepts NULL. */
void hasher_free(struct hasher *h);

/* `input` is the keyed password; phc NULL: make a hash, else compare. `newest` is the password keyed as new hashes are, where `input` is keyed with
 * an older pepper, else NULL. Parks the task; t->result is a struct auth_hashed. */
int hasher_submit(struct hasher *h, struct task *t, const uint8_t input[SHA256_SIZE], const char *phc, const uint8_t *newest, task_step next) RC_MUST;

/* What the thread does. */
int argon_hash(const uint8_t input[SHA256_SIZE], char phc[AUTH_PHC_SIZE]) RC_MUST;
bool argon_match(const uint8_t input[SHA256_SIZE], const char *phc);
bool argon_is_weak(const char *phc);
/* A hash of nobody's password. */
const char *argon_dummy(void);

#endif
