/* Calls of tasks: to the reader with the least to do, or into a bounded queue until there is one. */
#include "internal.h"
#include "khop/base/log.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "khop/base/banned.h"

/* Lives in its task's arena, which the task keeps as long as we hold it. */
struct pool_call {
    struct db_call call;
    struct db *db;
    struct task *task;
    struct db_rows rows;
};

static struct pool_call *pool_call_of(struct db_call *call)
{
    return call->owner;
}

static struct db_conn *choose(struct db *db)
{
    struct db_conn *best = NULL;

    for (int i = 0; i < db->config.readers; i++) {
        struct db_conn *c = &db->readers[i];

        if (conn_usable(c) && c->in_flight < DB_IN_FLIGHT && (best == NULL || c->in_flight < best->in_flight))
            best = c;
    }
    return best;
}

static void enqueue(struct db *db, struct db_call *call, bool first)
{
    if (first)
        TAILQ_INSERT_HEAD(&db->waiting, call, link);
    else
        TAILQ_INSERT_TAIL(&db->waiting, call, link);
    db->n_waiting++;
}

static void dequeue(struct db *db, struct db_call *call)
{
    TAILQ_REMOVE(&db->waiting, call, link);
    db->n_waiting--;
}

void pool_dispatch(struct db *db)
{
    struct db_call *call;

    while ((call = TAILQ_FIRST(&db->waiting)) != NULL) {
        struct db_conn *c = choose(db);

        if (c == NULL)
            return;
        dequeue(db, call);
        if (task_ended(pool_call_of(call)->task)) /* answered at its deadline, and never sent: not done at all */
            task_drop(pool_call_of(call)->task);
        else if (pipe_send(c, call) < 0)
            enqueue(db, call, true); /* that connection is broken now, so this ends */
    }
}

void pool_sweep(struct db *db)
{
    struct db_call *call, *next;

    for (call = TAILQ_FIRST(&db->waiting); call != NULL; call = next) {
        next = TAILQ_NEXT(call, link);
        if (!task_ended(pool_call_of(call)->task))
            continue;
        dequeue(db, call);
        task_drop(pool_call_of(call)->task);
    }
}

void pool_close(struct db *db)
{
    struct db_call *call;

    while ((call = TAILQ_FIRST(&db->waiting)) != NULL) {
        dequeue(db, call);
        task_wake(pool_call_of(call)->task, RC_UNAVAILABLE);
    }
}

/* Whether a call that did not end well goes out once more. Lock and statement time-outs have waited long enough already. */
static bool again(const struct pool_call *pc, const struct db_outcome *o)
{
    if (pc->db->closing || task_ended(pc->task) || pc->call.attempts >= DB_ATTEMPTS)
        return false;
    switch (o->class) {
    case DB_REPEAT:
        return o->sqlstate[0] == '4' && pc->call.attempts < 4; /* 40001, 40P01 */
    case DB_MOVED:
        return true;
    case DB_STALE:
        return pc->call.attempts < 2;
    case DB_UNKNOWN:
        return pc->call.stmt->retry;
    case DB_DONE:
    case DB_ITEM:
    case DB_TROUBLE:
    case DB_FAULT:
        return false;
    }
    return false;
}

static void call_done(struct db_call *call, const struct db_outcome *o)
{
    struct pool_call *pc = pool_call_of(call);
    struct db *db = pc->db;

    if (o->class == DB_MOVED || o->class == DB_STALE)
        conn_recycle(call->conn);
    if (o->class == DB_DONE) {
        pc->rows.res = call->res; /* cleared with the arena */
        call->res = NULL;
        if (!task_ended(pc->task))
            pc->task->result = &pc->rows;
        task_wake(pc->task, RC_OK);
        return;
    }
    if (again(pc, o)) {
        PQclear(call->res);
        call->res = NULL;
        db->stats.resubmits++;
        enqueue(db, call, true);
        return;
    }
    db->stats.failures++;
    db_log_failure(call->stmt->name, call->res, o);
    PQclear(call->res);
    call->res = NULL;
    task_wake(pc->task, o->rc);
}

static void rows_release(void *arg)
{
    struct db_rows *rows = arg;

    PQclear(rows->res);
}

/* The arguments once more, in the task's arena: the call may be sent again long after its caller has gone. */
static int copy_params(struct db_params *out, struct arena *arena, const struct db_args *args)
{
    size_t n = args == NULL ? 0 : (size_t)args->n;
    const char **values = arena_array(arena, n + 1, sizeof *values);
    int *lengths = arena_array(arena, n + 1, sizeof *lengths);
    int *formats = arena_array(arena, n + 1, sizeof *formats);

    if (values == NULL || lengths == NULL || formats == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++) {
        lengths[i] = args->lengths[i];
        formats[i] = args->formats[i];
        if (args->values[i] == NULL)
            continue;
        values[i] = arena_strndup(arena, args->values[i], (size_t)lengths[i]);
        if (values[i] == NULL)
            return RC_NOMEM;
    }
    *out = (struct db_params){ (int)n, values, lengths, formats };
    return RC_OK;
}

static bool any_usable(const struct db *db)
{
    for (int i = 0; i < db->config.readers; i++) {
        if (conn_usable(&db->readers[i]))
            return true;
    }
    return false;
}

/* Whether one more may wait. */
static int admit(struct db *db)
{
    if (db->closing || (db->schema_state == RC_CONFLICT && !any_usable(db)))
        return RC_UNAVAILABLE;
    if (db->n_waiting >= db->config.max_waiting)
        pool_sweep(db);
    return db->n_waiting >= db->config.max_waiting ? RC_BUSY : RC_OK;
}

/* The arguments with who asks, for khop.visit: the request's id and the address, or NULL. */
static void args_visited(struct db_args *out, const struct db_args *args, const struct task *t)
{
    const char *request = task_request(t), *visitor;

    *out = *args;
    if (t->from == NULL) {
        db_arg_null(out);
        return;
    }
    visitor = request == NULL ? NULL : arena_printf(t->arena, "%s %s", request, t->from);
    if (visitor == NULL)
        out->rc = RC_NOMEM;
    else
        db_arg_text(out, slice_of(visitor));
}

int db_call(struct db *db, struct task *t, enum db_stmt stmt, const struct db_args *args, task_step next)
{
    const struct db_stmt_info *info = &db->schema->stmts[stmt];
    struct db_args visited;
    int rc;

    assert((size_t)stmt < db->schema->n_stmts);
    assert((info->roles & (unsigned)db->config.role) != 0); /* another process prepares that one */
    if (info->visitor) {
        args_visited(&visited, args, t);
        args = &visited;
    }
    rc = args == NULL ? RC_OK : args->rc;
    if (rc == RC_OK)
        rc = admit(db);
    if (rc < 0)
        return rc;
    struct pool_call *pc = arena_alloc(t->arena, sizeof *pc);

    if (pc == NULL)
        return RC_NOMEM;
    pc->call = (struct db_call){ .stmt = info, .done = call_done, .owner = pc };
    pc->db = db;
    pc->task = t;
    rc = copy_params(&pc->call.params, t->arena, args);
    if (rc == RC_OK)
        rc = arena_defer(t->arena, rows_release, &pc->rows);
    if (rc < 0)
        return rc;
    db->stats.calls++;
    task_hold(t);
    enqueue(db, &pc->call, false);
    rc = task_park(t, next);
    pool_dispatch(db);
    return rc;
}

const struct db_rows *db_result(const struct task *t)
{
    return t->result;
}
