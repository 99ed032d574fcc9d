#include "khop/db/migrate.h"
#include "internal.h"
#include "sync.h"
#include "khop/base/clock.h"
#include "khop/base/num.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "khop/base/banned.h"

struct migrator {
    PGconn *pg;
    const struct db_schema *schema;
    void (*say)(void *arg, const char *line);
    void *arg;
    struct db_error *err;
};

#define LABEL_SIZE       128
#define INVALID_FUNCTION "42P13" /* as the SQLSTATE: another type than the function has that is there */

static void tell(const struct migrator *m, const char *verb, const char *label)
{
    char line[LABEL_SIZE + 32];

    (void)snprintf(line, sizeof line, "%s %s", verb, label);
    if (m->say != NULL)
        m->say(m->arg, line);
}

static bool succeeded(const PGresult *res)
{
    return PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK ||
           PQresultStatus(res) == PGRES_EMPTY_QUERY;
}

/* ---- the migrator's own statements (sql/migrate) ---- */

/* Runs one; *out (may be NULL) gets its rows, to be cleared by the caller. */
static int step(const struct migrator *m, const char *name, const struct db_args *args, PGresult **out)
{
    const struct db_file *f = db_schema_file(m->schema->steps, m->schema->n_steps, name);
    PGresult *res;

    assert(f != NULL && (args == NULL || args->rc == RC_OK));
    res = args == NULL ? PQexecParams(m->pg, f->text, 0, NULL, NULL, NULL, NULL, 1)
                       : PQexecParams(m->pg, f->text, args->n, NULL, args->values, args->lengths, args->formats, 1);
    if (!succeeded(res)) {
        sync_describe(m->err, name, m->pg, res);
        PQclear(res);
        return PQstatus(m->pg) == CONNECTION_OK ? RC_INTERNAL : RC_UNAVAILABLE;
    }
    if (out != NULL)
        *out = res;
    else
        PQclear(res);
    return RC_OK;
}

/* ---- files ---- */

/* The line of a text that the server points to; 0 when it does not. Its position counts characters, from 1. */
static int line_of(const char *text, const PGresult *res)
{
    const char *at = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
    int64_t position = 0;
    int line = 1;

    if (at == NULL || num_parse(slice_of(at), 1, INT32_MAX, false, &position) < 0)
        return 0;
    for (; *text != '\0' && position > 1; text++) {
        line += *text == '\n';
        position -= ((unsigned char)text[1] & 0xC0) != 0x80;
    }
    return line;
}

/* Runs a whole file inside the open transaction and takes off the role it may have put on. */
static int run_file(const struct migrator *m, const char *label, const struct db_file *f)
{
    PGresult *res = PQexec(m->pg, f->text);

    if (!succeeded(res)) {
        char what[LABEL_SIZE + 32];
        int line = line_of(f->text, res);

        (void)snprintf(what, sizeof what, line > 0 ? "%s.sql, line %d" : "%s.sql", label, line);
        sync_describe(m->err, what, m->pg, res);
        PQclear(res);
        return PQstatus(m->pg) == CONNECTION_OK ? RC_INTERNAL : RC_UNAVAILABLE;
    }
    PQclear(res);
    if (PQtransactionStatus(m->pg) != PQTRANS_INTRANS) {
        sync_error(m->err, "%s.sql ends the transaction it runs in: take its commit or rollback out", label);
        return RC_INTERNAL;
    }
    tell(m, "applied", label);
    return step(m, "reset_role", NULL, NULL);
}

/* ---- transactions ---- */

static int end(const struct migrator *m, int rc)
{
    struct db_error ignored;
    struct migrator quiet = *m;

    if (rc == RC_OK)
        return step(m, "commit", NULL, NULL);
    quiet.err = &ignored; /* the first error is the one to tell */
    (void)step(&quiet, "rollback", NULL, NULL);
    return rc;
}

static int apply_roles(const struct migrator *m)
{
    int rc;

    if (m->schema->roles == NULL)
        return RC_OK;
    rc = step(m, "begin", NULL, NULL);
    if (rc == RC_OK)
        rc = end(m, run_file(m, "roles", m->schema->roles));
    return rc;
}

static int record_migration(const struct migrator *m, const struct db_file *f)
{
    struct arena *arena = arena_new(0);
    struct db_args args;
    int rc;

    if (arena == NULL) {
        sync_error(m->err, "out of memory");
        return RC_NOMEM;
    }
    db_args_init(&args, arena);
    db_arg_i32(&args, f->number);
    db_arg_text(&args, slice_of(f->name));
    db_arg_text(&args, slice_of(f->hash));
    db_arg_time(&args, clock_wall_us());
    rc = args.rc < 0 ? args.rc : step(m, "record", &args, NULL);
    arena_free(arena);
    return rc;
}

static int apply_migration(const struct migrator *m, const struct db_file *f)
{
    char label[LABEL_SIZE];
    int rc = step(m, "begin", NULL, NULL);

    (void)snprintf(label, sizeof label, "migrations/%04d_%s", f->number, f->name);
    if (rc < 0)
        return rc;
    rc = run_file(m, label, f);
    if (rc == RC_OK)
        rc = record_migration(m, f);
    return end(m, rc);
}

/* The function of this name goes, for it comes back with another answer. */
static int drop_function(const struct migrator *m, const char *name)
{
    struct db_args args;
    int rc;

    db_args_init(&args, NULL);
    db_arg_text(&args, slice_of(name)); /* takes no memory */
    rc = step(m, "functions_back", NULL, NULL);
    if (rc == RC_OK)
        rc = step(m, "functions_name", &args, NULL);
    return rc == RC_OK ? step(m, "functions_drop", NULL, NULL) : rc;
}

static int apply_function(const struct migrator *m, const struct db_file *f)
{
    char label[LABEL_SIZE];
    int rc = step(m, "functions_mark", NULL, NULL);

    (void)snprintf(label, sizeof label, "functions/%s", f->name);
    if (rc == RC_OK)
        rc = run_file(m, label, f);
    if (rc != RC_INTERNAL || strcmp(m->err->sqlstate, INVALID_FUNCTION) != 0)
        return rc;
    rc = drop_function(m, f->name);
    return rc == RC_OK ? run_file(m, label, f) : rc;
}

static int apply_functions(const struct migrator *m)
{
    struct db_args args;
    int rc = step(m, "begin", NULL, NULL);

    if (rc < 0)
        return rc;
    rc = step(m, "functions_admit", NULL, NULL);
    for (size_t i = 0; rc == RC_OK && i < m->schema->n_functions; i++)
        rc = apply_function(m, &m->schema->functions[i]);
    db_args_init(&args, NULL);
    db_arg_text(&args, slice_of(m->schema->hash)); /* takes no memory */
    if (rc == RC_OK)
        rc = step(m, "functions_dismiss", NULL, NULL);
    if (rc == RC_OK)
        rc = step(m, "functions_forget", NULL, NULL);
    if (rc == RC_OK)
        rc = step(m, "functions_record", &args, NULL);
    return end(m, rc);
}

/* ---- what is there already ---- */

/* Checks the recorded migrations against ours; *n is how many of ours are applied. */
static int check_applied(const struct migrator *m, const struct db_rows *rows, size_t *n)
{
    size_t count = (size_t)db_rows_count(rows);

    if (count > m->schema->n_migrations) {
        sync_error(m->err, "the database has %zu migrations, this program knows %zu: use the newer program", count,
                   m->schema->n_migrations);
        return RC_CONFLICT;
    }
    for (size_t i = 0; i < count; i++) {
        const struct db_file *f = &m->schema->migrations[i];

        if (db_i64(rows, (int)i, 0) != f->number) {
            sync_error(m->err, "migration %04d_%s is missing among those applied to the database", f->number, f->name);
            return RC_CONFLICT;
        }
        if (!slice_is(db_text(rows, (int)i, 2), f->hash)) {
            sync_error(m->err, "migration %04d_%s was changed after it was applied: put the file back as it was, and make the "
                               "change in a new migration", f->number, f->name);
            return RC_CONFLICT;
        }
    }
    *n = count;
    return RC_OK;
}

static int count_applied(const struct migrator *m, size_t *n)
{
    struct db_rows rows = { .res = NULL };
    int rc = step(m, "known", NULL, &rows.res);
    bool known = rc == RC_OK && db_bool(&rows, 0, 0);

    PQclear(rows.res);
    *n = 0;
    if (rc < 0 || !known)
        return rc;
    rows.res = NULL;
    rc = step(m, "applied", NULL, &rows.res);
    if (rc == RC_OK)
        rc = check_applied(m, &rows, n);
    PQclear(rows.res);
    return rc;
}

static int functions_current(const struct migrator *m, bool *current)
{
    struct db_rows rows = { .res = NULL };
    int rc = step(m, "functions_hash", NULL, &rows.res);

    if (rc == RC_OK)
        *current = slice_is(db_text(&rows, 0, 0), m->schema->hash);
    PQclear(rows.res);
    return rc;
}

static int migrate(const struct migrator *m, struct db_migrated *done)
{
    size_t applied = 0;
    bool current = false;
    int rc = step(m, "lock", NULL, NULL);

    /* What is there is looked at first: a newer database is left alone altogether. */
    if (rc == RC_OK)
        rc = count_applied(m, &applied);
    if (rc == RC_OK)
        rc = apply_roles(m);
    for (size_t i = applied; rc == RC_OK && i < m->schema->n_migrations; i++) {
        rc = apply_migration(m, &m->schema->migrations[i]);
        done->applied += rc == RC_OK;
    }
    if (rc == RC_OK && m->schema->n_migrations > 0)
        rc = functions_current(m, &current);
    if (rc == RC_OK && !current && m->schema->n_migrations > 0) {
        rc = apply_functions(m);
        done->functions = rc == RC_OK;
    }
    done->version = (int)applied + done->applied;
    return rc;
}

int db_migrate(const char *conninfo, const struct db_schema *schema, void (*say)(void *arg, const char *line), void *arg,
               struct db_migrated *out, struct db_error *err)
{
    struct migrator m = { NULL, schema == NULL ? &db_schema_builtin : schema, say, arg, err };
    struct db_migrated done = { 0, 0, false };
    int rc;

    m.pg = sync_open(conninfo, err);
    if (m.pg == NULL)
        return RC_UNAVAILABLE;
    rc = migrate(&m, &done);
    PQfinish(m.pg); /* the lock goes with it */
    if (out != NULL)
        *out = done;
    return rc;
}
