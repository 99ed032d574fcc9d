/* Calls of tasks: to the reader with the least to do, or into a bounded queue until there is one. Those of statements for many wait in a
 * queue of their own (gather.c). */
#include "internal.h"
#include "khop/base/log.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "khop/base/banned.h"

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

static struct db_calls *queue_of(struct db *db, const struct db_call *call)
{
    return call->stmt->many > 0 ? &db->asking : &db->waiting;
}

void pool_enqueue(struct db *db, struct pool_call *pc, bool first)
{
    struct db_calls *queue = queue_of(db, &pc->call);

    if (first)
        TAILQ_INSERT_HEAD(queue, &pc->call, link);
    else
        TAILQ_INSERT_TAIL(queue, &pc->call, link);
    db->n_waiting++;
}

bool pool_dequeue(struct db *db, struct pool_call *pc)
{
    TAILQ_REMOVE(queue_of(db, &pc->call), &pc->call, link);
    db->n_waiting--;
    if (!task_ended(pc->task))
        return true;
    task_drop(pc->task);
    return false;
}

void pool_dispatch(struct db *db)
{
    struct db_call *call;

    while ((call = TAILQ_FIRST(&db->waiting)) != NULL) {
        struct db_conn *c = choose(db);

        if (c == NULL)
            return;
        if (pool_dequeue(db, pool_call_of(call)) && pipe_send(c, call) < 0)
            pool_enqueue(db, pool_call_of(call), true); /* that connection is broken now, so this ends */
    }
}

static void sweep(struct db *db, struct db_calls *queue)
{
    struct db_call *call, *next;

    for (call = TAILQ_FIRST(queue); call != NULL; call = next) {
        next = TAILQ_NEXT(call, link);
        if (task_ended(pool_call_of(call)->task))
            (void)!pool_dequeue(db, pool_call_of(call));
    }
}

void pool_sweep(struct db *db)
{
    sweep(db, &db->waiting);
    sweep(db, &db->asking);
}

static void close_queue(struct db *db, struct db_calls *queue)
{
    struct db_call *call;

    while ((call = TAILQ_FIRST(queue)) != NULL) {
        if (pool_dequeue(db, pool_call_of(call)))
            task_wake(pool_call_of(call)->task, RC_UNAVAILABLE);
    }
}

void pool_close(struct db *db)
{
    close_queue(db, &db->waiting);
    close_queue(db, &db->asking);
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

void pool_answer(struct pool_call *pc, struct db_rows rows)
{
    pc->rows = rows; /* released with the arena */
    if (!task_ended(pc->task))
        pc->task->result = &pc->rows;
    task_wake(pc->task, RC_OK);
}

void pool_failed(struct pool_call *pc, const struct db_outcome *o)
{
    struct db *db = pc->db;

    if (again(pc, o)) {
        db->stats.resubmits++;
        pool_enqueue(db, pc, true);
        return;
    }
    db->stats.failures++;
    task_wake(pc->task, o->rc);
}

static void call_done(struct db_call *call, const struct db_outcome *o)
{
    struct pool_call *pc = pool_call_of(call);
    PGresult *res = call->res;

    call->res = NULL;
    if (o->class == DB_MOVED || o->class == DB_STALE)
        conn_recycle(call->conn);
    if (o->class == DB_DONE) {
        pool_answer(pc, (struct db_rows){ .res = res });
        return;
    }
    if (!again(pc, o))
        db_log_failure(call->stmt->name, res, o);
    PQclear(res);
    pool_failed(pc, o);
}

static void let_go(void *rows)
{
    rows_release(rows);
}

/* The arguments once more, in the task's arena: the call may be sent again long after its caller has gone. */
static int copy_params(struct db_params *out, struct arena *arena, const struct db_args *args)
{
    size_t n = args == NULL ? 0 : (size_t)args->n;
    const char **values = arena_array(arena, n + 1, sizeof *values);
    int *lengths = arena_array(arena, n + 1, sizeof *lengths);
    int *formats = arena_array(arena, n + 1, sizeof *formats);
    int *types = arena_array(arena, n + 1, sizeof *types);

    if (values == NULL || lengths == NULL || formats == NULL || types == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++) {
        lengths[i] = args->lengths[i];
        formats[i] = args->formats[i];
        types[i] = args->types[i];
        if (args->values[i] == NULL)
            continue;
        values[i] = arena_strndup(arena, args->values[i], (size_t)lengths[i]);
        if (values[i] == NULL)
            return RC_NOMEM;
    }
    *out = (struct db_params){ (int)n, values, lengths, formats, types };
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
        rc = arena_defer(t->arena, let_go, &pc->rows);
    if (rc < 0)
        return rc;
    db->stats.calls++;
    task_hold(t);
    pool_enqueue(db, pc, false);
    rc = task_park(t, next);
    pool_dispatch(db); /* what may go with others is sent before the loop sleeps */
    return rc;
}

const struct db_rows *db_result(const struct task *t)
{
    return t->result;
}

void db_result_drop(struct task *t)
{
    rows_release(t->result);
    t->result = NULL;
}
