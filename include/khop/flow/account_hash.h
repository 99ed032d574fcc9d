/* Accounts from which payers pay (product.md §3.5, rule 5), as far as they are kept: a keyed hash, under a key that the database does not have. */
#ifndef KHOP_FLOW_ACCOUNT_HASH_H
#define KHOP_FLOW_ACCOUNT_HASH_H

#include "khop/crypto/crypto.h"
#include "khop/flow/flow.h"

#define ACCOUNT_HASH_SIZE 16

struct account_hasher;
/* For the accounts that one organisation sees: the same account says nothing in another's rows. NULL on failure. */
struct account_hasher *account_hasher_new(const uint8_t field_key[SEAL_KEY_SIZE], int64_t org);
void account_hasher_free(struct account_hasher *h); /* accepts NULL */
/* Bank (BIN or name, may be empty) and number as they are written, letters and digits of them; false: too short to be an account. */
bool account_hash(const struct account_hasher *h, struct slice bank, struct slice number, uint8_t out[ACCOUNT_HASH_SIZE]);

/* Notices whose payer's account is still to be read (sql/functions/account_next.sql): asks, reads what was found, and puts what it says.
 * *more: there may be more to read. */
int flow_account_next(struct task *t, struct db *db, task_step next) RC_MUST;
int flow_account_put(struct task *t, struct db *db, const uint8_t field_key[SEAL_KEY_SIZE], bool *more, task_step next) RC_MUST;

#endif
