/* Brings a database to the schema of this binary, for `khop migrate`; waits, so not for a process with a loop.
 *
 * Under an advisory lock: roles.sql (every time, it only adds); each migration that is not yet recorded in
 * khop.schema_migration, in a transaction of its own; then, if the functions' hash is not the one in khop.schema_functions, all
 * functions by name in one transaction (plpgsql binds late, so their order does not matter). Every file may `set local role`;
 * the migrator goes back to its login's role after each. Running it again does nothing. */
#ifndef KHOP_DB_MIGRATE_H
#define KHOP_DB_MIGRATE_H

#include "khop/db/admin.h"
#include <stdbool.h>

struct db_migrated {
    int version;    /* of the schema now */
    int applied;    /* migrations that were missing */
    bool functions; /* were applied anew */
};

/* `schema` NULL: the built-in one. `say` (may be NULL) gets a line for each file applied. RC_UNAVAILABLE (no connection),
 * RC_CONFLICT (a migration was edited after it was applied, or the database is newer), RC_INTERNAL (a file failed; what it
 * did is rolled back, what went before stays); the sentence is in *err. */
int db_migrate(const char *conninfo, const struct db_schema *schema, void (*say)(void *arg, const char *line), void *arg,
               struct db_migrated *out, struct db_error *err) RC_MUST;

#endif
