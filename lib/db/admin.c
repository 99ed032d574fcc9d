#include "khop/db/admin.h"
#include "internal.h"
#include "sync.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "khop/base/banned.h"

struct db_admin {
    PGconn *pg;
    const struct db_schema *schema;
    struct db_rows rows; /* of the last call */
};

void sync_error(struct db_error *err, const char *fmt, ...)
{
    va_list ap;

    memset(err, 0, sizeof *err);
    va_start(ap, fmt);
    (void)vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
}

/* libpq's messages may have lines; a sentence has none. */
static void one_line(char *text)
{
    size_t n = strlen(text);

    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
        text[--n] = '\0';
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n' || text[i] == '\t')
            text[i] = ' ';
    }
}

PGconn *sync_open(const char *conninfo, struct db_error *err)
{
    struct db_conninfo ci;
    PGconn *pg = NULL;
    int rc = conninfo_build(&ci, conninfo, 0, "-c client_min_messages=warning -c jit=off -c TimeZone=UTC -c default_transaction_read_only=off");

    if (rc == RC_OK)
        pg = PQconnectdbParams(ci.keywords, ci.values, 0);
    conninfo_release(&ci);
    if (pg == NULL) {
        sync_error(err, rc == RC_BAD_INPUT ? "the database address is not a PostgreSQL conninfo" : "out of memory");
        return NULL;
    }
    if (PQstatus(pg) != CONNECTION_OK) {
        sync_error(err, "cannot connect to the database: %s", PQerrorMessage(pg));
        one_line(err->text);
        PQfinish(pg);
        return NULL;
    }
    return pg;
}

void sync_describe(struct db_error *err, const char *what, const PGconn *pg, const PGresult *res)
{
    const char *words = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);

    sync_error(err, "%s: %s%s%s", what, words == NULL ? PQerrorMessage(pg) : words, detail == NULL ? "" : ": ",
               detail == NULL ? "" : detail);
    if (sqlstate != NULL)
        (void)snprintf(err->sqlstate, sizeof err->sqlstate, "%s", sqlstate);
    one_line(err->text);
}

static int compare_version(struct db_admin *a, struct db_error *err)
{
    int at = db_schema_stmt(a->schema, "schema_version");
    const struct db_rows *rows;

    assert(at >= 0);
    if (db_admin_call(a, (enum db_stmt)at, NULL, &rows, err) < 0) {
        if (err->sqlstate[0] != '\0')
            sync_error(err, "the database has no schema of this program yet: run `khop migrate`");
        return err->sqlstate[0] == '\0' && PQstatus(a->pg) != CONNECTION_OK ? RC_UNAVAILABLE : RC_CONFLICT;
    }
    if (db_rows_count(rows) == 1 && db_i64(rows, 0, 0) == a->schema->version && slice_is(db_text(rows, 0, 1), a->schema->hash))
        return RC_OK;
    sync_error(err, "the database has schema version %lld, this program was built for %d%s: run `khop migrate` of the newer one",
               db_rows_count(rows) == 1 ? (long long)db_i64(rows, 0, 0) : 0, a->schema->version,
               db_rows_count(rows) == 1 && db_i64(rows, 0, 0) == a->schema->version ? " with other functions" : "");
    return RC_CONFLICT;
}

int db_admin_open(struct db_admin **out, const char *conninfo, const struct db_schema *schema, struct db_error *err)
{
    struct db_admin *a = calloc(1, sizeof *a);
    int rc;

    if (a == NULL) {
        sync_error(err, "out of memory");
        return RC_NOMEM;
    }
    a->schema = schema == NULL ? &db_schema_builtin : schema;
    a->pg = sync_open(conninfo, err);
    rc = a->pg == NULL ? RC_UNAVAILABLE : compare_version(a, err);
    if (rc < 0) {
        db_admin_close(a);
        return rc;
    }
    *out = a;
    return RC_OK;
}

void db_admin_close(struct db_admin *a)
{
    if (a == NULL)
        return;
    PQclear(a->rows.res);
    PQfinish(a->pg);
    free(a);
}

int db_admin_call(struct db_admin *a, enum db_stmt stmt, const struct db_args *args, const struct db_rows **rows,
                  struct db_error *err)
{
    const struct db_stmt_info *info = &a->schema->stmts[stmt];

    assert((size_t)stmt < a->schema->n_stmts);
    if (args != NULL && args->rc < 0) {
        sync_error(err, "%s: the arguments cannot be sent (%s)", info->name, rc_name(args->rc));
        return args->rc;
    }
    PQclear(a->rows.res);
    a->rows.res = args == NULL ? PQexecParams(a->pg, info->text, 0, NULL, NULL, NULL, NULL, 1)
                               : PQexecParams(a->pg, info->text, args->n, NULL, args->values, args->lengths, args->formats, 1);
    struct db_outcome o = db_outcome_of(a->rows.res, false);

    if (o.class == DB_DONE) {
        *rows = &a->rows;
        return RC_OK;
    }
    sync_describe(err, info->name, a->pg, a->rows.res);
    return strcmp(o.sqlstate, "42501") == 0 ? RC_FORBIDDEN : o.rc;
}
