/* One call for what many tasks ask: a statement's fixed cost (its plan set up, its rights, a transaction) is most of what a small read
 * costs, and is paid once. Natural batching, as in the lanes: what has collected is sent when a reader carries no such call, a lone ask
 * before the loop sleeps. Each argument of the call is an array of the asks' own; a row's last column is the place of its ask.
 *
 * When a call with several asks fails, each goes out again alone, and only then counts what its failure means (pool.c): nobody
 * suffers from a neighbour. */
#include "internal.h"
#include "khop/base/log.h"
#include <assert.h>
#include <stdlib.h>
#include "khop/base/banned.h"

int gather_init(struct db_gather *g, struct db *db, struct db_conn *conn)
{
    *g = (struct db_gather){ .db = db, .conn = conn, .arena = arena_new(0) };
    TAILQ_INIT(&g->asks);
    return g->arena == NULL ? RC_NOMEM : RC_OK;
}

void gather_release(struct db_gather *g)
{
    arena_free(g->arena);
}

static struct pool_call *ask_of(struct db_call *call)
{
    return call->owner;
}

static struct pool_call *pop(struct db_gather *g)
{
    struct db_call *call = TAILQ_FIRST(&g->asks);

    if (call == NULL)
        return NULL;
    TAILQ_REMOVE(&g->asks, call, link);
    g->n--;
    return ask_of(call);
}

static void end_all(struct db_gather *g, int rc)
{
    struct pool_call *ask;

    while ((ask = pop(g)) != NULL) {
        g->db->stats.failures++;
        task_wake(ask->task, rc);
    }
}

/* ---- sending ---- */

/* The reader with the least to do among those that carry no call for many. */
static struct db_gather *choose(struct db *db)
{
    struct db_gather *best = NULL;

    for (int i = 0; i < db->config.readers; i++) {
        struct db_gather *g = &db->gathers[i];

        if (TAILQ_EMPTY(&g->asks) && conn_usable(g->conn) && g->conn->in_flight < DB_IN_FLIGHT &&
            (best == NULL || g->conn->in_flight < best->conn->in_flight))
            best = g;
    }
    return best;
}

/* The first ask, and what waits for the same statement. */
static void collect(struct db_gather *g)
{
    const struct db_stmt_info *stmt = TAILQ_FIRST(&g->db->asking)->stmt;
    struct db_call *call, *next;

    for (call = TAILQ_FIRST(&g->db->asking); call != NULL && g->n < (size_t)stmt->many; call = next) {
        struct pool_call *ask = ask_of(call);

        next = TAILQ_NEXT(call, link);
        if (call->stmt != stmt || (ask->alone && g->n > 0))
            continue;
        if (!pool_dequeue(g->db, ask))
            continue;
        TAILQ_INSERT_TAIL(&g->asks, call, link);
        g->n++;
        if (ask->alone)
            return;
    }
}

static int encode(struct db_gather *g)
{
    const struct db_params *first = &TAILQ_FIRST(&g->asks)->params;
    struct slice *column = NULL;
    struct db_call *call;

    arena_reset(g->arena);
    db_args_init(&g->args, g->arena);
    column = arena_array(g->arena, g->n, sizeof *column);
    if (column == NULL)
        return RC_NOMEM;
    for (int k = 0; k < first->n; k++) {
        size_t i = 0;

        assert(first->types[k] != 0);
        TAILQ_FOREACH(call, &g->asks, link)
            column[i++] = (struct slice){ call->params.values[k], (size_t)call->params.lengths[k] };
        args_array(&g->args, first->types[k], column, g->n);
    }
    return g->args.rc;
}

static void gather_done(struct db_call *call, const struct db_outcome *o);

static void send(struct db_gather *g)
{
    const struct db_args *a = &g->args;
    struct db_call *call, *last;

    g->call = (struct db_call){ .stmt = TAILQ_FIRST(&g->asks)->stmt, .done = gather_done, .owner = g };
    g->call.params = (struct db_params){ a->n, a->values, a->lengths, a->formats, a->types };
    if (pipe_send(g->conn, &g->call) == RC_OK) {
        TAILQ_FOREACH(call, &g->asks, link)
            call->attempts++;
        g->db->stats.gathers++;
        return;
    }
    while ((last = TAILQ_LAST(&g->asks, db_calls)) != NULL) { /* in their order, for a reader that works */
        TAILQ_REMOVE(&g->asks, last, link);
        g->n--;
        pool_enqueue(g->db, ask_of(last), true);
    }
}

void gather_dispatch(struct db *db)
{
    struct db_gather *g;

    while (!TAILQ_EMPTY(&db->asking) && (g = choose(db)) != NULL) {
        collect(g);
        if (g->n == 0)
            continue; /* all of them had been answered */
        int rc = encode(g);

        if (rc < 0)
            end_all(g, rc);
        else
            send(g);
    }
}

/* ---- answers ---- */

/* How many rows from `row` on are of the ask at this place. */
static int rows_at(const struct db_rows *all, int row, size_t place)
{
    int last = PQnfields(all->res) - 1, n = 0;

    while (row + n < db_rows_count(all) && db_i64(all, row + n, last) == (int64_t)place)
        n++;
    return n;
}

/* Each ask gets its rows. False: the rows are not those of the asks in their order. */
static bool share(struct db_gather *g, PGresult *res, struct rows_shared *of)
{
    const struct db_rows all = { .res = res };
    struct db_call *call;
    int row = 0;

    TAILQ_FOREACH(call, &g->asks, link) {
        struct db_rows *part = &ask_of(call)->rows;

        of->holders++;
        *part = (struct db_rows){ .res = res, .of = of, .first = row, .n = rows_at(&all, row, (size_t)of->holders) };
        row += part->n;
    }
    return row == db_rows_count(&all);
}

static void answered(struct db_gather *g, PGresult *res)
{
    struct rows_shared *of = calloc(1, sizeof *of);
    struct pool_call *ask;

    if (of == NULL) {
        PQclear(res);
        end_all(g, RC_NOMEM);
        return;
    }
    if (!share(g, res, of)) { /* what they hold goes with their arenas */
        log_error("db_gather_answer", "stmt=%s asks=%zu rows=%d", g->call.stmt->name, g->n, PQntuples(res));
        end_all(g, RC_INTERNAL);
        return;
    }
    while ((ask = pop(g)) != NULL)
        pool_answer(ask, ask->rows);
}

static void failed(struct db_gather *g, const struct db_outcome *o)
{
    bool several = g->n > 1 && !g->db->closing;
    struct db_call *last;

    while ((last = TAILQ_LAST(&g->asks, db_calls)) != NULL) { /* put back in their order */
        struct pool_call *ask = ask_of(last);

        TAILQ_REMOVE(&g->asks, last, link);
        g->n--;
        if (!several) {
            pool_failed(ask, o);
            continue;
        }
        ask->alone = true;
        last->attempts = 0;
        g->db->stats.resubmits++;
        pool_enqueue(g->db, ask, true);
    }
}

static void gather_done(struct db_call *call, const struct db_outcome *o)
{
    struct db_gather *g = call->owner;
    PGresult *res = call->res;

    call->res = NULL;
    if (o->class == DB_DONE) {
        answered(g, res);
    } else {
        if (o->class == DB_MOVED || o->class == DB_STALE)
            conn_recycle(call->conn);
        db_log_failure(call->stmt->name, res, o);
        PQclear(res);
        failed(g, o);
    }
    if (!g->db->closing)
        gather_dispatch(g->db); /* the database has something to do while the tasks work */
}
