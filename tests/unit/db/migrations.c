/* `khop migrate`: what is missing and nothing else, what was edited is refused; and the version that processes compare. */
#include "support.h"
#include <stdio.h>
#include <string.h>
#include "khop/base/banned.h"

static char said[4096];

static void say(void *arg, const char *line)
{
    size_t n = strlen(said);

    (void)arg;
    snprintf(said + n, sizeof said - n, "%s\n", line);
}

/* A database of its own for each test, made and dropped through the boss's server. */
static char conninfo[320];

static int migrate(const struct db_schema *schema, struct db_migrated *out, struct db_error *err)
{
    said[0] = '\0';
    memset(err, 0, sizeof *err);
    return db_migrate(conninfo, schema, say, NULL, out, err);
}

static void use_database(const char *name)
{
    char text[64];

    snprintf(text, sizeof text, "create database %s", name);
    boss_say(text);
    snprintf(conninfo, sizeof conninfo, "%s dbname=%s", cluster_conninfo(), name);
}

static void test_from_nothing(void **state)
{
    struct db_migrated done;
    struct db_admin *a;
    struct db_error err;

    (void)state;
    use_database("from_nothing");
    assert_int_equal(db_admin_open(&a, conninfo, &test_schema, &err), RC_CONFLICT);
    assert_non_null(strstr(err.text, "khop migrate"));
    assert_int_equal(migrate(&test_schema, &done, &err), RC_OK);
    assert_string_equal(said, "applied migrations/0001_first\napplied migrations/0002_second\napplied functions/fail_maybe\n"
                              "applied functions/schema_version\napplied functions/settle\n");
    assert_int_equal(done.version, 2);
    assert_int_equal(done.applied, 2);
    assert_true(done.functions);

    assert_int_equal(migrate(&test_schema, &done, &err), RC_OK);
    assert_string_equal(said, "");
    assert_int_equal(done.version, 2);
    assert_int_equal(done.applied, 0);
    assert_false(done.functions);
    assert_int_equal(db_admin_open(&a, conninfo, &test_schema, &err), RC_OK);
    db_admin_close(a);
}

static void test_further_and_functions(void **state)
{
    struct db_schema older = test_schema, other = test_schema;
    struct db_migrated done;
    struct db_error err;

    (void)state;
    use_database("further");
    older.n_migrations = 1;
    older.version = 1;
    older.hash = "old";
    older.n_functions = 0;
    assert_int_equal(migrate(&older, &done, &err), RC_OK);
    assert_int_equal(done.version, 1);
    assert_int_equal(migrate(&test_schema, &done, &err), RC_OK);
    assert_int_equal(done.version, 2);
    assert_int_equal(done.applied, 1);
    assert_true(done.functions);

    other.hash = "other";
    assert_int_equal(migrate(&other, &done, &err), RC_OK);
    assert_int_equal(done.applied, 0);
    assert_true(done.functions);
    assert_int_equal(migrate(&older, &done, &err), RC_CONFLICT); /* the database is newer than that program */
    assert_non_null(strstr(err.text, "newer"));
    assert_string_equal(said, "");
}

/* A function that answers something else, or takes something else, than the one that is there: afterwards there is the new one alone. */
static void test_changed_function(void **state)
{
    struct db_file function = { 0, "changes", "create or replace function khop.changes(a int4) returns int4 language sql as 'select $1'", "1" };
    struct db_schema schema = test_schema;
    struct db_migrated done;
    struct db_error err;

    (void)state;
    use_database("changed");
    schema.functions = &function;
    schema.n_functions = 1;
    schema.hash = "1";
    assert_int_equal(migrate(&schema, &done, &err), RC_OK);
    function.text = "create or replace function khop.changes(a int4) returns table (a int4, b int4) language sql as 'select $1, 2'";
    schema.hash = "2";
    assert_int_equal(migrate(&schema, &done, &err), RC_OK);
    assert_string_equal(said, "applied functions/changes\n");
    function.text = "create or replace function khop.changes(a int4, c text default '') returns int8 language sql as 'select 3::int8'";
    schema.hash = "3";
    assert_int_equal(migrate(&schema, &done, &err), RC_OK);
    function.text = "do $$ begin perform khop.changes(1); if (select count(*) from pg_proc where proname = 'changes') <> 1 then raise 'two'; end if; end $$";
    schema.hash = "4";
    assert_int_equal(migrate(&schema, &done, &err), RC_OK);
    /* what cannot be dropped is told, and nothing has happened */
    function.text = "create view khop.rests as select khop.changes(1)";
    schema.hash = "5";
    assert_int_equal(migrate(&schema, &done, &err), RC_OK);
    function.text = "create or replace function khop.changes(a int4, c text default '') returns int4 language sql as 'select 4'";
    schema.hash = "6";
    assert_int_equal(migrate(&schema, &done, &err), RC_INTERNAL);
    assert_non_null(strstr(err.text, "depend"));
}

static void test_edited_migration(void **state)
{
    struct db_file edited[2] = { test_schema.migrations[0], test_schema.migrations[1] };
    struct db_schema schema = test_schema;
    struct db_migrated done;
    struct db_error err;

    (void)state;
    use_database("edited");
    assert_int_equal(migrate(&test_schema, &done, &err), RC_OK);
    edited[0].hash = "0";
    schema.migrations = edited;
    assert_int_equal(migrate(&schema, &done, &err), RC_CONFLICT);
    assert_string_equal(err.text, "migration 0001_first was changed after it was applied: put the file back as it was, and make "
                                  "the change in a new migration");
}

/* A migration that fails leaves nothing of itself, and what went before it stays. */
static void test_failed_migration(void **state)
{
    struct db_file files[2] = { test_schema.migrations[0],
                                { 2, "bad", "create table khop.half();\n-- đồng\nselect nonsense", "h" } };
    struct db_file ends = { 2, "ends", "create table khop.half(); commit", "h" };
    struct db_schema schema = test_schema;
    struct db_migrated done;
    struct db_error err;

    (void)state;
    use_database("failed");
    schema.migrations = files;
    assert_int_equal(migrate(&schema, &done, &err), RC_INTERNAL);
    assert_string_equal(err.text, "migrations/0002_bad.sql, line 3: column \"nonsense\" does not exist");
    assert_string_equal(err.sqlstate, "42703");
    assert_int_equal(done.version, 1);
    assert_int_equal(migrate(&schema, &done, &err), RC_INTERNAL); /* "half" is not there yet, so the same error */
    assert_string_equal(err.sqlstate, "42703");

    use_database("ends");
    files[1] = ends;
    assert_int_equal(migrate(&schema, &done, &err), RC_INTERNAL);
    assert_non_null(strstr(err.text, "migrations/0002_ends.sql ends the transaction"));
}

/* A process of ours finds every statement of its role, by its own login. */
static void serve_from(const char *login, enum db_role role)
{
    struct db_config config = { .lanes = 1, .readers = 1, .role = role };
    char as[400];

    snprintf(as, sizeof as, "%s user=%s", conninfo, login);
    config.conninfo = as;
    db_up(&config);
    assert_int_equal(db_schema_state(db), RC_OK);
    db_down();
}

/* The real files, as the built binary carries them. */
static void test_built_in(void **state)
{
    struct db_migrated done;
    struct db_admin *a;
    struct db_error err;

    (void)state;
    use_database("builtin");
    if (migrate(NULL, &done, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(done.version, db_schema_builtin.version);
    assert_int_equal(migrate(NULL, &done, &err), RC_OK);
    assert_string_equal(said, "applied roles\n");
    if (db_admin_open(&a, conninfo, NULL, &err) < 0)
        fail_msg("%s", err.text);
    db_admin_close(a);
    serve_from("khop_serve", DB_ROLE_SERVE);
    serve_from("khop_jobs", DB_ROLE_JOBS);
}

static void test_no_connection(void **state)
{
    struct db_migrated done;
    struct db_admin *a;
    struct db_error err;

    (void)state;
    snprintf(conninfo, sizeof conninfo, "host=/nowhere user=postgres");
    assert_int_equal(migrate(&test_schema, &done, &err), RC_UNAVAILABLE);
    assert_null(strchr(err.text, '\n'));
    assert_int_equal(db_admin_open(&a, conninfo, &test_schema, &err), RC_UNAVAILABLE);
    snprintf(conninfo, sizeof conninfo, "no conninfo at all");
    assert_int_equal(migrate(&test_schema, &done, &err), RC_UNAVAILABLE);
    assert_non_null(strstr(err.text, "conninfo"));
}

int migrations_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_nothing),     cmocka_unit_test(test_further_and_functions), cmocka_unit_test(test_changed_function),
        cmocka_unit_test(test_edited_migration), cmocka_unit_test(test_failed_migration),
        cmocka_unit_test(test_built_in),         cmocka_unit_test(test_no_connection),
    };

    return cmocka_run_group_tests_name("migrations", tests, NULL, NULL);
}
