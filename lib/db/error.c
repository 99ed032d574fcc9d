/* `ledger.md` §5 as a table. The longest prefix that fits decides. */
#include "internal.h"
#include "khop/base/log.h"
#include <string.h>
#include "khop/base/banned.h"

static const struct {
    const char *prefix;
    enum db_class class;
    int rc;
} meanings[] = {
    { "40001", DB_REPEAT, RC_BUSY },       /* serialization failure */
    { "40P01", DB_REPEAT, RC_BUSY },       /* deadlock */
    { "55P03", DB_REPEAT, RC_BUSY },       /* lock not available */
    { "57014", DB_REPEAT, RC_TIMEOUT },    /* query cancelled: statement_timeout */
    { "53200", DB_REPEAT, RC_UNAVAILABLE }, /* out of memory: maybe of this moment */
    { "40002", DB_ITEM, RC_BAD_INPUT },    /* a deferred constraint at COMMIT */
    { "40003", DB_UNKNOWN, RC_UNKNOWN },   /* statement completion unknown */
    { "21", DB_ITEM, RC_INTERNAL },        /* cardinality: ON CONFLICT met a row twice */
    { "22", DB_ITEM, RC_BAD_INPUT },
    { "23", DB_ITEM, RC_BAD_INPUT },
    { "23505", DB_ITEM, RC_CONFLICT },
    { "54", DB_ITEM, RC_TOO_LARGE },       /* a limit of the server: an index row too large, a stack too deep */
    { "P0", DB_ITEM, RC_INTERNAL },        /* RAISE: expected outcomes are rows, so this is a fault; of one item */
    { "25006", DB_MOVED, RC_UNAVAILABLE }, /* read only: a standby now */
    { "57P03", DB_MOVED, RC_UNAVAILABLE }, /* starting up */
    { "0A000", DB_STALE, RC_INTERNAL },    /* "cached plan must not change result type" */
    { "26000", DB_STALE, RC_INTERNAL },    /* the prepared statement is gone */
    { "57P", DB_UNKNOWN, RC_UNKNOWN },     /* shutdown, crash, idle time-out */
    { "08", DB_UNKNOWN, RC_UNKNOWN },
    { "53100", DB_TROUBLE, RC_UNAVAILABLE }, /* disk full */
    { "58030", DB_TROUBLE, RC_UNAVAILABLE }, /* I/O error */
    { "XX001", DB_TROUBLE, RC_UNAVAILABLE }, /* data corrupted */
    { "XX002", DB_TROUBLE, RC_UNAVAILABLE }, /* index corrupted */
    { "53", DB_FAULT, RC_UNAVAILABLE },
};

static void by_sqlstate(struct db_outcome *o)
{
    size_t best = 0;

    o->class = DB_FAULT;
    o->rc = RC_INTERNAL;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        size_t n = strlen(meanings[i].prefix);

        if (n <= best || strncmp(o->sqlstate, meanings[i].prefix, n) != 0)
            continue;
        best = n;
        o->class = meanings[i].class;
        o->rc = meanings[i].rc;
    }
}

struct db_outcome db_outcome_of(const PGresult *res, bool doubt)
{
    struct db_outcome o = { DB_UNKNOWN, RC_UNKNOWN, "" };
    const char *sqlstate = res == NULL ? NULL : PQresultErrorField(res, PG_DIAG_SQLSTATE);

    if (res == NULL)
        return o;
    if (PQresultStatus(res) == PGRES_TUPLES_OK || PQresultStatus(res) == PGRES_COMMAND_OK) {
        if (!doubt)
            o = (struct db_outcome){ DB_DONE, RC_OK, "" };
        return o;
    }
    if (PQresultStatus(res) == PGRES_FATAL_ERROR && sqlstate == NULL)
        return o; /* libpq's own words: the connection broke */
    if (sqlstate == NULL || strlen(sqlstate) != DB_SQLSTATE_SIZE - 1) {
        o.class = DB_FAULT; /* COPY, an aborted pipeline: nothing that our statements do */
        o.rc = RC_INTERNAL;
        return o;
    }
    memcpy(o.sqlstate, sqlstate, DB_SQLSTATE_SIZE);
    by_sqlstate(&o);
    return o;
}

void db_log_failure(const char *stmt, const PGresult *res, const struct db_outcome *o)
{
    const char *constraint = res == NULL ? NULL : PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
    const char *words = res == NULL ? NULL : PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    char quoted[LOG_QUOTE_SIZE];

    /* 22xxx and 23xxx quote the value that was refused: somebody's name or memo. */
    if (o->class == DB_ITEM && o->rc != RC_INTERNAL)
        words = constraint == NULL ? "" : constraint;
    log_warn("db_error", "stmt=%s sqlstate=%s rc=%s text=%s", stmt, o->sqlstate[0] == '\0' ? "none" : o->sqlstate,
             rc_name(o->rc), log_quote(quoted, slice_of(words == NULL ? "" : words)));
}
