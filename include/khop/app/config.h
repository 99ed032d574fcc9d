/* Configuration of khopd: one table of settings; each is read from the file, then the environment (KHOP_NAME), then the
 * flags (--name value), the last one wins. Unknown names are errors. Secrets are files, never values. */
#ifndef KHOP_APP_CONFIG_H
#define KHOP_APP_CONFIG_H

#include "khop/base/rc.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CONFIG_TEXT_MAX 512
#define CONFIG_LIST_MAX 16

struct config {
    char database[CONFIG_TEXT_MAX];
    char jobs_database[CONFIG_TEXT_MAX];
    char listen[128];
    char origin[256];
    char hosts[CONFIG_TEXT_MAX];   /* separated by commas */
    char proxies[CONFIG_TEXT_MAX]; /* separated by commas */
    char keys_dir[256];
    char tls_cert[256], tls_key[256];
    char user[64];
    char webhook_allow[CONFIG_TEXT_MAX]; /* separated by commas */
    char log_level[16];
    char second_factor[16];
    char voice_dir[256];
    int64_t workers, lanes, readers, jobs;
    int64_t max_connections, per_address, refusals_per_minute, logins_per_address;
    int64_t drain_ms;
};

/* Defaults, then `argv` (its --config first), with the environment between. RC_BAD_INPUT with a sentence in error. */
int config_read(struct config *c, int argc, char **argv, char *error, size_t error_size) RC_MUST;
/* The table with values in effect, as a file that config_read takes. */
void config_print(const struct config *c, FILE *out);
/* Names, defaults and meaning, for --help. */
void config_help(FILE *out);
/* Cuts a comma-separated setting in place into a NULL-ended list (room for CONFIG_LIST_MAX + 1 pointers). */
int config_list(char *text, const char *list[CONFIG_LIST_MAX + 1]) RC_MUST;

#endif
