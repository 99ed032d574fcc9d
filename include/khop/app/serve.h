/* The two kinds of child processes of khopd, and what they share. */
#ifndef KHOP_APP_SERVE_H
#define KHOP_APP_SERVE_H

#include "khop/app/config.h"
#include "khop/auth/auth.h"
#include "khop/crypto/crypto.h"

/* Keys are read by the supervisor, while it may still read them, and handed to its children. */
struct app_keys {
    uint8_t receipt_seed[ED25519_KEY_SIZE];
    uint8_t field_key[SEAL_KEY_SIZE];
    uint8_t session_key[AUTH_KEY_SIZE], totp_key[SEAL_KEY_SIZE]; /* auth/auth.h */
    struct auth_pepper peppers[AUTH_PEPPERS];
};
/* From the folder keys_dir. RC_NOT_FOUND and others with a sentence in error. */
int app_keys_read(struct app_keys *keys, const char *dir, char *error, size_t error_size) RC_MUST;

/* Only the peppers: pepper.key is number 1, pepper-N.key the N-th; the newest first. */
int app_peppers_read(struct auth_pepper peppers[AUTH_PEPPERS], const char *dir, char *error, size_t error_size) RC_MUST;
#define APP_PEPPER_MAX  99
#define APP_PEPPER_NAME 16
void app_pepper_name(int no, char name[APP_PEPPER_NAME]);

/* Exit status of a child that must not be restarted: the configuration or the schema is wrong (EX_CONFIG). */
#define APP_EXIT_CONFIG 78

/* Serves on `listener` until SIGTERM; returns the exit status. */
int app_serve(const struct config *config, const struct app_keys *keys, int listener, int index);
/* Background work until SIGTERM. */
int app_jobs(const struct config *config, const struct app_keys *keys, int index);

#endif
