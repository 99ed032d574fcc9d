/* What the database tests share: a server of their own, a loop, and tasks that remember how they ended. */
#ifndef KHOP_TEST_DB_SUPPORT_H
#define KHOP_TEST_DB_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "khop/db/admin.h"
#include "khop/db/batch.h"
#include "khop/db/db.h"
#include "khop/db/migrate.h"
#include "test_names.h"
#include <sys/types.h>

extern const struct db_schema test_schema;

int values_tests(void);
int calls_tests(void);
int gathers_tests(void);
int batches_tests(void);
int migrations_tests(void);

/* ---- the server (tests/pg) ---- */

void cluster_start(void);
void cluster_stop(void);
const char *cluster_conninfo(void); /* of the migrated database */
const char *cluster_dir(void);
/* Runs tests/pg VERB in the background; pid to wait for. */
pid_t cluster_begin(const char *verb, const char *how);
bool cluster_ended(pid_t pid); /* true once, asserts that it went well */

/* ---- a synchronous connection that looks and disturbs ---- */

extern struct db_admin *boss;
void boss_open(void);
void boss_close(void);
void fault_set(const char *sqlstate, int64_t times);
void table_clear(void);
int64_t table_count(int col);              /* 0 items, 1 sum of n, 2 batches, 3 different items */
int64_t kill_backends(const char *application);
void boss_say(const char *sql);
int64_t sync_waiters(const char *application, bool cancel); /* that wait for a standby; cancels their wait */

/* ---- a loop with a database, and tasks on it ---- */

extern struct loop *loop;
extern struct db *db;

struct db_config test_config(const char *conninfo);
void db_up(const struct db_config *config); /* opens and waits until it is ready */
void db_down(void);

/* Turns the loop until cond(arg); fails the test after some seconds. */
void turn_until(bool (*cond)(void *arg), void *arg);
void turn_for(int64_t ms);

struct probe {
    struct task task;
    bool done;
    int rc;
    int rows;
    int64_t first, second; /* row 0, columns 0 and 1, when they are numbers */
    int order;     /* 1 for the first probe to end … */
    int columns; /* so many are numbers */
};

void probe_begin(struct probe *p, int64_t deadline_ms); /* from now */
void probe_wait(struct probe *p, size_t n);
int probe_step(struct task *t); /* ends a probe well */
extern int probes_ended;

void probe_call(struct probe *p, int stmt, const struct db_args *args);
/* The usual arguments, in the probe's arena. */
void probe_number(struct probe *p, int64_t v);
void probe_slow(struct probe *p, int ms, int64_t v);
void probe_put(struct probe *p, int32_t bucket, const char *ext, int64_t n, int ms);

#endif
