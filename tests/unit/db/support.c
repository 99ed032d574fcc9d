#include "support.h"
#include "khop/base/clock.h"
#include "khop/base/log.h"
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "khop/base/banned.h"

#define WAIT_MS 20000

extern char **environ;

static char dir[] = "/tmp/khop-db-XXXXXX";
static char conninfo[256], script[256];

struct db_admin *boss;
struct loop *loop;
struct db *db;
int probes_ended;

/* ---- the server ---- */

static pid_t run_script(const char *const *argv, int out)
{
    posix_spawn_file_actions_t files;
    pid_t pid;

    posix_spawn_file_actions_init(&files);
    if (out >= 0)
        posix_spawn_file_actions_adddup2(&files, out, 1);
    assert_int_equal(posix_spawn(&pid, script, &files, NULL, (char *const *)(uintptr_t)argv, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    return pid;
}

static void wait_well(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

void cluster_start(void)
{
    const char *source = getenv("KHOP_SOURCE");
    char self[24];
    int out[2];

    snprintf(script, sizeof script, "%s/tests/pg", source == NULL ? TEST_SOURCE : source);
    snprintf(self, sizeof self, "%d", (int)getpid());
    assert_non_null(mkdtemp(dir));
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    const char *argv[] = { script, "start", dir, "--with", self, NULL };
    pid_t pid = run_script(argv, out[1]);

    close(out[1]);
    ssize_t n = read(out[0], conninfo, sizeof conninfo - 1);

    close(out[0]);
    wait_well(pid);
    assert_true(n > 1);
    conninfo[n - 1] = '\0'; /* the newline */
}

void cluster_stop(void)
{
    const char *argv[] = { script, "stop", dir, NULL };

    wait_well(run_script(argv, -1));
}

const char *cluster_conninfo(void)
{
    return conninfo;
}

const char *cluster_dir(void)
{
    return dir;
}

pid_t cluster_begin(const char *verb, const char *how)
{
    const char *argv[] = { script, verb, dir, how, NULL };

    return run_script(argv, 2);
}

bool cluster_ended(pid_t pid)
{
    int status;
    pid_t got = waitpid(pid, &status, WNOHANG);

    assert_true(got >= 0);
    if (got == pid)
        assert_int_equal(status, 0);
    return got == pid;
}

/* ---- the boss ---- */

void boss_open(void)
{
    struct db_error err;
    int rc = db_admin_open(&boss, conninfo, &test_schema, &err);

    if (rc < 0)
        fail_msg("%s", err.text);
}

void boss_close(void)
{
    db_admin_close(boss);
    boss = NULL;
}

/* Arguments in memory that is gone after the call. */
static const struct db_rows *order(int stmt, void (*fill)(struct db_args *args, const void *arg), const void *arg)
{
    struct arena *arena = arena_new(0);
    const struct db_rows *rows = NULL;
    struct db_args args;
    struct db_error err;

    db_args_init(&args, arena);
    if (fill != NULL)
        fill(&args, arg);
    if (db_admin_call(boss, (enum db_stmt)stmt, &args, &rows, &err) < 0)
        fail_msg("%s", err.text);
    arena_free(arena);
    return rows;
}

struct fault {
    const char *state;
    int64_t times;
};

static void fill_fault(struct db_args *args, const void *arg)
{
    const struct fault *f = arg;

    db_arg_text(args, slice_of(f->state));
    db_arg_i64(args, f->times);
}

static void fill_text(struct db_args *args, const void *arg)
{
    db_arg_text(args, slice_of(arg));
}

void fault_set(const char *sqlstate, int64_t times)
{
    struct fault f = { sqlstate, times };

    (void)order(TEST_FAULT_SET, fill_fault, &f);
}

void table_clear(void)
{
    (void)order(TEST_CLEAR, NULL, NULL);
}

int64_t table_count(int col)
{
    return db_i64(order(TEST_COUNT, NULL, NULL), 0, col);
}

int64_t kill_backends(const char *application)
{
    return db_i64(order(TEST_KILL, fill_text, application), 0, 0);
}

/* Statements without parameters, as text: what cannot be prepared (ALTER SYSTEM), in a schema of one statement. */
void boss_say(const char *text)
{
    const struct db_stmt_info stmts[] = { { "schema_version", test_schema.stmts[TEST_SCHEMA_VERSION].text, true, DB_ROLE_OWNER, false, 0 },
                                          { "as_told", text, false, DB_ROLE_OWNER, false, 0 } };
    struct db_schema schema = test_schema;
    const struct db_rows *rows;
    struct db_admin *a = NULL;
    struct db_error err;

    schema.stmts = stmts;
    schema.n_stmts = 2;
    if (db_admin_open(&a, conninfo, &schema, &err) < 0 || db_admin_call(a, (enum db_stmt)1, NULL, &rows, &err) < 0)
        fail_msg("%s", err.text);
    db_admin_close(a);
}

int64_t sync_waiters(const char *application, bool cancel)
{
    return db_i64(order(cancel ? TEST_CANCEL : TEST_SYNC_WAITERS, fill_text, application), 0, 0);
}

/* ---- loop and database ---- */

struct db_config test_config(const char *text)
{
    return (struct db_config){ .conninfo = text, .lanes = 2, .readers = 2, .schema = &test_schema };
}

static bool is_ready(void *arg)
{
    (void)arg;
    return db_ready(db);
}

void db_up(const struct db_config *config)
{
    loop = loop_new();
    assert_non_null(loop);
    db = db_open(loop, config);
    assert_non_null(db);
    turn_until(is_ready, NULL);
}

void db_down(void)
{
    db_close(db);
    loop_free(loop);
    db = NULL;
    loop = NULL;
}

void turn_until(bool (*cond)(void *arg), void *arg)
{
    int64_t end = clock_mono_ms() + WAIT_MS;

    while (!cond(arg)) {
        assert_true(clock_mono_ms() < end);
        assert_int_equal(loop_turn(loop, 20), RC_OK);
    }
}

void turn_for(int64_t ms)
{
    int64_t end = clock_mono_ms() + ms;

    while (clock_mono_ms() < end)
        assert_int_equal(loop_turn(loop, 5), RC_OK);
}

/* ---- probes ---- */

static struct probe *probe_of(struct task *t)
{
    return (struct probe *)(void *)t;
}

static void probe_end(struct task *t, int rc)
{
    struct probe *p = probe_of(t);

    p->done = true;
    p->rc = rc;
    p->order = ++probes_ended;
    task_end(t);
}

void probe_begin(struct probe *p, int64_t deadline_ms)
{
    struct arena *arena = arena_new(0);

    assert_non_null(arena);
    p->done = false;
    p->rc = 1;
    p->order = 0;
    task_begin(&p->task, loop, arena, clock_mono_ms() + deadline_ms, probe_end, NULL);
}

int probe_step(struct task *t)
{
    struct probe *p = probe_of(t);
    const struct db_rows *rows = db_result(t);

    if (rows != NULL) {
        p->rows = db_rows_count(rows);
        if (p->columns > 0 && p->rows > 0)
            p->first = db_i64(rows, 0, 0);
        if (p->columns > 1 && p->rows > 0)
            p->second = db_i64(rows, 0, 1);
    }
    probe_end(t, RC_OK);
    return RC_OK;
}

struct wait {
    struct probe *p;
    size_t n;
};

static bool all_done(void *arg)
{
    const struct wait *w = arg;

    for (size_t i = 0; i < w->n; i++) {
        if (!w->p[i].done)
            return false;
    }
    return true;
}

void probe_wait(struct probe *p, size_t n)
{
    struct wait w = { p, n };

    turn_until(all_done, &w);
}

/* As a handler would: a step whose failure becomes the task's. */
struct request {
    int stmt;
    const struct db_args *args;
};

static struct request asked;

static int ask(struct task *t)
{
    return db_call(db, t, (enum db_stmt)asked.stmt, asked.args, probe_step);
}

void probe_call(struct probe *p, int stmt, const struct db_args *args)
{
    asked = (struct request){ stmt, args };
    task_run(&p->task, ask);
}

void probe_number(struct probe *p, int64_t v)
{
    struct db_args args;

    p->columns = 1;
    db_args_init(&args, p->task.arena);
    db_arg_i64(&args, v);
    probe_call(p, TEST_NUMBER, &args);
}

void probe_slow(struct probe *p, int ms, int64_t v)
{
    struct db_args args;

    p->columns = 2; /* the second is the backend's pid */
    db_args_init(&args, p->task.arena);
    db_arg_i32(&args, ms);
    db_arg_i64(&args, v);
    probe_call(p, TEST_SLOW, &args);
}

void probe_put(struct probe *p, int32_t bucket, const char *ext, int64_t n, int ms)
{
    struct db_args args;

    p->columns = 1;
    db_args_init(&args, p->task.arena);
    db_arg_i32(&args, bucket);
    db_arg_text(&args, slice_of(ext));
    db_arg_i64(&args, n);
    db_arg_i32(&args, ms);
    probe_call(p, TEST_PUT, &args);
}
