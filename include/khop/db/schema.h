/* What the binary knows of its database: the texts of sql/, embedded when it was built (lib/db/embed.cmake). Statements are
 * what the server prepares; migrations, roles and functions are what `khop migrate` applies; the version is what a
 * process compares before it serves. Everything is constant and NUL-terminated. */
#ifndef KHOP_DB_SCHEMA_H
#define KHOP_DB_SCHEMA_H

#include "khop/base/slice.h"
#include <stdbool.h>
#include <stddef.h>

/* Who prepares a statement: the login of the process. A statement may name several. */
enum db_role {
    DB_ROLE_SERVE = 1,
    DB_ROLE_JOBS = 2,
    DB_ROLE_OWNER = 4, /* the command line */
};

struct db_stmt_info {
    const char *name; /* "code_issue", also its name in the session */
    const char *text;
    bool retry;     /* a read, or idempotent by a key in its arguments: may be sent again when nobody knows its outcome */
    unsigned roles; /* enum db_role, or-ed */
    bool visitor;   /* it calls khop.visit: its last argument is who asks, which db_call adds */
    int many;       /* above 0: so many asks of tasks may go out as one call (db.h) */
};

struct db_file {
    int number;       /* of a migration, else 0 */
    const char *name; /* without folder and ".sql"; a migration's without its number */
    const char *text;
    const char *hash; /* SHA-256 of the file, hex */
};

struct db_schema {
    int version;               /* the highest migration, 0 without one */
    const char *hash;          /* SHA-256 of all functions' files one after another, in hex */
    const struct db_stmt_info *stmts;
    size_t n_stmts;
    const struct db_file *migrations; /* by number, without a gap */
    size_t n_migrations;
    const struct db_file *functions; /* by name (bytes): applied in this order */
    size_t n_functions;
    const struct db_file *reports;
    size_t n_reports;
    const struct db_file *roles; /* NULL without one */
    const struct db_file *steps; /* sql/migrate: what the migrator itself says to the database */
    size_t n_steps;
};

extern const struct db_schema db_schema_builtin;

/* The place of a statement by its name, -1 when there is none; a file by its name, NULL when there is none. */
int db_schema_stmt(const struct db_schema *s, const char *name);
const struct db_file *db_schema_file(const struct db_file *files, size_t n, const char *name);

#endif
