/* The command line's way to the database: one connection, one call after the other, waiting. Not for a process with a loop.
 * Statements, arguments and rows are those of db.h. */
#ifndef KHOP_DB_ADMIN_H
#define KHOP_DB_ADMIN_H

#include "khop/base/rc.h"
#include "khop/db/args.h"
#include "khop/db/db.h"
#include "khop/db/schema.h"

/* What to tell the person at the keyboard: a plain sentence, without a newline. */
#define DB_ERROR_SIZE 512
struct db_error {
    char text[DB_ERROR_SIZE];
    char sqlstate[6]; /* "" when it was not the database that refused */
};

struct db_admin;

/* Connects, and compares the schema's version. `schema` NULL: the built-in one. RC_UNAVAILABLE (no connection), RC_CONFLICT
 * (another version of the schema), RC_NOMEM; the sentence is in *err. */
int db_admin_open(struct db_admin **out, const char *conninfo, const struct db_schema *schema, struct db_error *err) RC_MUST;
void db_admin_close(struct db_admin *a); /* accepts NULL */
/* Runs a statement, whatever role it is for: the login's rights decide. The rows stay until the next call or the close.
 * The rc is the SQLSTATE's, as with db_call (RC_FORBIDDEN besides: 42501). */
int db_admin_call(struct db_admin *a, enum db_stmt stmt, const struct db_args *args, const struct db_rows **rows,
                  struct db_error *err) RC_MUST;

#endif
