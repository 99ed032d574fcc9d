/* Background work that must happen once somewhere, not once per process: every step is safe to run in many places. */
#include "allocate.h"
#include "deliver.h"
#include "follow.h"
#include "job.h"
#include "khop/app/serve.h"
#include "khop/base/clock.h"
#include "khop/base/log.h"
#include "khop/crypto/crypto.h"
#include "khop/db/db.h"
#include "khop/flow/account_hash.h"
#include "khop/flow/job.h"
#include "khop/loop/task.h"

#include <signal.h>
#include <sys/resource.h>

#include "khop/base/banned.h"

#define TICK_MS          100 /* how long a job that was just sent waits at most */
#define MAINTAIN_MS      (60 * 60 * 1000) /* partitions ahead, old idempotency keys */
#define INVARIANTS_MS    (60 * 60 * 1000) /* security.md §5: hourly and after every start */
#define PRUNE_MS         (10 * 60 * 1000) /* input that never became a job */
#define BALANCES_MS      (5 * 1000)
#define BALANCES_WAIT_S  (15 * 60) /* notices overtake one another, and providers try again for half an hour: a gap that stays so long is one */
#define SHORT_MS         (5 * 1000)
#define SHORT_ROWS       500 /* payments that came short looked at in one turn */
#define ACCOUNTS_MS      1000 /* from which accounts payers pay: money without a code waits so long for what may be known of it */
#define BALANCES_ROWS    5000 /* of each journal in one call */
#define WORK_DEADLINE_MS (30 * 60 * 1000) /* all invariants of 100 million rows */

#define CONNECTIONS      6 /* three jobs, one of them with two parts side by side, the allocator, and what else there is */
#define NICE             10

enum work { WORK_MAINTAIN, WORK_INVARIANTS, WORK_PRUNE, WORK_ACCOUNTS, WORK_BALANCES, WORK_SHORT, WORK_COUNT };

struct jobs {
    struct loop *loop;
    struct db *db;
    struct loop_timer tick;
    struct job_pool *pool;
    struct follow *follow;
    struct allocator *allocator;
    struct deliver *deliver;
    struct task task; /* one piece of work at a time */
    bool working, more;
    const uint8_t *field_key; /* the supervisor's */
    enum work doing;
    int64_t due_ms[WORK_COUNT];
    int32_t short_bucket; /* where the round of short payments goes on */
    int64_t short_after;
    int exit_status;
};

static const int64_t PERIOD_MS[WORK_COUNT] = { [WORK_MAINTAIN] = MAINTAIN_MS, [WORK_INVARIANTS] = INVARIANTS_MS,
                                               [WORK_PRUNE] = PRUNE_MS, [WORK_ACCOUNTS] = ACCOUNTS_MS, [WORK_BALANCES] = BALANCES_MS,
                                               [WORK_SHORT] = SHORT_MS };
static const char *const WORK_NAMES[WORK_COUNT] = { [WORK_MAINTAIN] = "maintain", [WORK_INVARIANTS] = "invariants",
                                                    [WORK_PRUNE] = "prune", [WORK_ACCOUNTS] = "accounts", [WORK_BALANCES] = "balances",
                                                    [WORK_SHORT] = "short" };

static void work_ended(struct task *t)
{
    struct jobs *j = t->state;

    arena_free(t->arena);
    j->working = false;
}

static void work_failed(struct task *t, int rc)
{
    struct jobs *j = t->state;

    log_warn("work_failed", "work=%s rc=%s do=\"it is tried again in a minute\"", WORK_NAMES[j->doing], rc_name(rc));
    j->due_ms[j->doing] = loop_now_ms(j->loop) + 60 * 1000;
    task_end(t);
}

static void work_done(struct task *t)
{
    struct jobs *j = t->state;

    j->due_ms[j->doing] = loop_now_ms(j->loop) + PERIOD_MS[j->doing];
    task_end(t);
}

static int maintained(struct task *t)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) == 1 && (db_i64(r, 0, 0) > 0 || db_i64(r, 0, 1) > 0))
        log_info("maintained", "partitions_made=%lld keys_pruned=%lld", (long long)db_i64(r, 0, 0), (long long)db_i64(r, 0, 1));
    work_done(t);
    return RC_OK;
}

/* The last row has no name: it says what was looked at. */
static int invariants_checked(struct task *t)
{
    const struct db_rows *r = db_result(t);
    char name[LOG_QUOTE_SIZE], detail[LOG_QUOTE_SIZE];
    int n = db_rows_count(r);

    if (n == 0 || !db_null(r, n - 1, 0))
        return RC_INTERNAL;
    for (int i = 0; i < n - 1; i++)
        log_error("invariant_broken", "name=%s detail=%s", log_quote(name, db_text(r, i, 0)), log_quote(detail, db_text(r, i, 1)));
    if (n == 1)
        log_info("invariants_hold", "checked=%s", log_quote(detail, db_text(r, 0, 1)));
    work_done(t);
    return RC_OK;
}

static int pruned(struct task *t)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) == 1 && (db_i64(r, 0, 0) > 0 || db_i64(r, 0, 1) > 0))
        log_info("pruned", "pieces=%lld jobs=%lld", (long long)db_i64(r, 0, 0), (long long)db_i64(r, 0, 1));
    work_done(t);
    return RC_OK;
}

/* Breaks in the running balance of notices; while there is more to look at, at once again. */
static int balances_checked(struct task *t)
{
    struct jobs *j = t->state;
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, 1) > 0 || db_i64(r, 0, 2) > 0)
        log_info("balances", "gaps_opened=%lld gaps_closed=%lld", (long long)db_i64(r, 0, 1), (long long)db_i64(r, 0, 2));
    work_done(t);
    if (db_bool(r, 0, 3))
        j->due_ms[WORK_BALANCES] = loop_now_ms(j->loop);
    return RC_OK;
}

/* Short payments whose rest has come; while there are such, at once again. */
static int short_closed(struct task *t)
{
    struct jobs *j = t->state;
    const struct db_rows *r = db_result(t);
    int64_t closed;

    if (db_rows_count(r) != 1)
        return RC_INTERNAL;
    closed = db_i64(r, 0, 1);
    j->short_bucket = db_null(r, 0, 2) ? 0 : (int32_t)db_i64(r, 0, 2);
    j->short_after = db_null(r, 0, 3) ? 0 : db_i64(r, 0, 3);
    if (closed > 0)
        log_info("rest_paid", "closed=%lld", (long long)closed);
    work_done(t);
    if (closed > 0)
        j->due_ms[WORK_SHORT] = loop_now_ms(j->loop);
    return RC_OK;
}

static int accounts_kept(struct task *t)
{
    struct jobs *j = t->state;

    work_done(t);
    if (j->more)
        j->due_ms[WORK_ACCOUNTS] = loop_now_ms(j->loop);
    return RC_OK;
}

static int accounts_read(struct task *t)
{
    struct jobs *j = t->state;

    return flow_account_put(t, j->db, j->field_key, &j->more, accounts_kept);
}

static int work_begin(struct task *t)
{
    struct jobs *j = t->state;
    struct db_args a;

    if (j->doing == WORK_ACCOUNTS)
        return flow_account_next(t, j->db, accounts_read);
    if (j->doing == WORK_PRUNE)
        return flow_job_prune(t, j->db, pruned);
    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    if (j->doing == WORK_BALANCES) {
        db_arg_i32(&a, BALANCES_WAIT_S);
        db_arg_i32(&a, BALANCES_ROWS);
        return db_call(j->db, t, DB_BALANCE_CHECK, &a, balances_checked);
    }
    if (j->doing == WORK_SHORT) {
        db_arg_i32(&a, j->short_bucket);
        db_arg_i64(&a, j->short_after);
        db_arg_i32(&a, SHORT_ROWS);
        return db_call(j->db, t, DB_REST_CLOSE, &a, short_closed);
    }
    if (j->doing == WORK_INVARIANTS)
        return db_call(j->db, t, DB_INVARIANTS, &a, invariants_checked);
    return db_call(j->db, t, DB_MAINTAIN, &a, maintained);
}

static void jobs_start(struct jobs *j, enum work work)
{
    struct arena *arena = arena_new(0);

    if (arena == NULL)
        return;
    j->working = true;
    j->doing = work;
    task_begin(&j->task, j->loop, arena, loop_now_ms(j->loop) + WORK_DEADLINE_MS, work_failed, work_ended);
    j->task.state = j;
    task_run(&j->task, work_begin);
}

static void jobs_tick(void *arg)
{
    struct jobs *j = arg;

    if (db_schema_state(j->db) == RC_CONFLICT) {
        log_error("schema_differs", "do=\"run khop migrate with this version's khop, or start the khopd that fits\"");
        j->exit_status = APP_EXIT_CONFIG;
        loop_stop(j->loop);
        return;
    }
    if (loop_stopping(j->loop) || !db_ready(j->db))
        return;
    job_pool_tick(j->pool);
    follow_tick(j->follow);
    allocator_tick(j->allocator);
    deliver_tick(j->deliver);
    if (j->working)
        return;
    for (int w = 0; w < WORK_COUNT; w++) {
        if (j->due_ms[w] <= loop_now_ms(j->loop)) {
            jobs_start(j, (enum work)w);
            return;
        }
    }
}

static void on_term(int signo, void *arg)
{
    struct jobs *j = arg;

    log_info("draining", "signal=%d", signo);
    deliver_stop(j->deliver);
    loop_stop(j->loop);
}

static int jobs_open(struct jobs *j, const struct config *config, const struct app_keys *keys)
{
    struct db_config db = { .conninfo = config->jobs_database, .lanes = 0, .readers = CONNECTIONS, .role = DB_ROLE_JOBS,
                            .statement_ms = WORK_DEADLINE_MS };
    int rc = crypto_init();

    if (rc < 0)
        return rc;
    j->loop = loop_new();
    if (j->loop == NULL)
        return RC_NOMEM;
    j->db = db_open(j->loop, &db);
    if (j->db == NULL)
        return RC_NOMEM;
    j->field_key = keys->field_key;
    j->pool = job_pool_new(j->loop, j->db, keys->field_key);
    if (j->pool == NULL)
        return RC_NOMEM;
    j->follow = follow_new(j->loop, config, keys);
    if (j->follow == NULL)
        return RC_NOMEM;
    j->allocator = allocator_new(j->loop, j->db);
    if (j->allocator == NULL)
        return RC_NOMEM;
    j->deliver = deliver_new(j->loop, j->db, config, keys);
    if (j->deliver == NULL)
        return RC_NOMEM;
    rc = loop_signal(j->loop, SIGTERM, on_term, j);
    return rc < 0 ? rc : loop_timer_start(j->loop, &j->tick, TICK_MS, true, jobs_tick, j);
}

int app_jobs(const struct config *config, const struct app_keys *keys, int index)
{
    struct jobs j = { 0 };
    int rc = jobs_open(&j, config, keys);

    /* Where the processor is short, what somebody waits for goes first. */
    (void)setpriority(PRIO_PROCESS, 0, NICE);

    if (rc == RC_OK) {
        log_info("working", "index=%d", index);
        rc = loop_run(j.loop, config->drain_ms);
    } else {
        log_error("jobs_not_started", "rc=%s", rc_name(rc));
    }
    loop_timer_stop(&j.tick);
    deliver_free(j.deliver);
    follow_free(j.follow);
    allocator_free(j.allocator);
    if (j.db != NULL)
        db_close(j.db);
    if (j.loop != NULL)
        loop_free(j.loop);
    job_pool_free(j.pool);
    crypto_end();
    return rc < 0 && j.exit_status == 0 ? 1 : j.exit_status;
}
