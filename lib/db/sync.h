/* What admin.c and migrate.c share: a connection that waits, and errors as sentences. */
#ifndef KHOP_DB_SYNC_H
#define KHOP_DB_SYNC_H

#include <libpq-fe.h>
#include "khop/db/admin.h"

PGconn *sync_open(const char *conninfo, struct db_error *err); /* NULL, and a sentence */
void sync_error(struct db_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "WHAT: the server's words: its detail", with the SQLSTATE. */
void sync_describe(struct db_error *err, const char *what, const PGconn *pg, const PGresult *res);

#endif
