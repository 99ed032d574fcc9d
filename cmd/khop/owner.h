/* What the operator's commands share: they talk to the database itself, as its owner. */
#ifndef KHOP_CMD_OWNER_H
#define KHOP_CMD_OWNER_H

#include "khop/base/rc.h"
#include "khop/db/admin.h"

#include <stdint.h>

/* Starts the arguments of one statement, in memory that the next two give back. Without memory it is they that say so. */
void owner_args(struct db_args *a);
/* One statement as the owner; `say` gets its rows and returns the exit code. */
int owner_rows(const char *conninfo, enum db_stmt stmt, struct db_args *args, int (*say)(const struct db_rows *rows, void *arg), void *arg);
/* One statement as the owner, that answers with one row; its first n numbers are copied to out. */
int owner_call(const char *conninfo, enum db_stmt stmt, struct db_args *args, int64_t *out, int n);
/* 48 random bits for an id. */
int owner_random(int64_t *out);

#endif
