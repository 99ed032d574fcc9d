/* One connection's life: down → connecting → checking the schema's version → preparing → ready → down …
 * Only callbacks of the loop (socket, timer, tick) and db_close end a connection; everybody else marks it `broken`. */
#include "internal.h"
#include "khop/base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "khop/base/banned.h"

#define BACKOFF_MS      50
#define BACKOFF_MAX_MS  2000
#define SESSION_SIZE    256

static void on_socket(bool readable, bool writable, void *arg);

/* ---- starting ---- */

int conn_init(struct db_conn *c, struct db *db, struct db_lane *lane)
{
    memset(c, 0, sizeof *c);
    c->db = db;
    c->lane = lane;
    c->state = CONN_DOWN;
    TAILQ_INIT(&c->sent);
    c->setup = calloc(db->schema->n_stmts + 1, sizeof *c->setup);
    return c->setup == NULL ? RC_NOMEM : RC_OK;
}

static void begin_attempt(void *arg);

/* A settling session has no time limits (a COMMIT may wait for a standby) and plans once; the others have limits. Plans that
 * avoid a sequential scan at any price look dear to the optimiser: without `jit=off` it would compile them. */
static void session_settings(const struct db_conn *c, char out[SESSION_SIZE])
{
    if (c->lane != NULL)
        snprintf(out, SESSION_SIZE, "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=10000 "
                                    "-c plan_cache_mode=force_generic_plan -c jit=off -c TimeZone=UTC");
    else
        snprintf(out, SESSION_SIZE, "-c statement_timeout=%lld -c lock_timeout=2000 "
                                    "-c idle_in_transaction_session_timeout=10000 -c jit=off -c TimeZone=UTC",
                 (long long)c->db->config.statement_ms);
}

static PGconn *connect_start(struct db_conn *c)
{
    char session[SESSION_SIZE];
    struct db_conninfo ci;
    PGconn *pg = NULL;

    session_settings(c, session);
    if (conninfo_build(&ci, c->db->config.conninfo, c->tries++, session) == RC_OK)
        pg = PQconnectStartParams(ci.keywords, ci.values, 0);
    conninfo_release(&ci);
    return pg;
}

static void log_loss(const struct db_conn *c, const char *why)
{
    char text[LOG_QUOTE_SIZE];
    const char *words = c->pg == NULL ? "" : PQerrorMessage(c->pg);
    bool was_ready = c->state == CONN_READY;

    /* Attempts during a long outage: the first, and then ever fewer. */
    if (!was_ready && (c->failures & (c->failures - 1)) != 0)
        return;
    log_warn(was_ready ? "db_lost" : "db_connect_failed", "kind=%s why=%s in_flight=%d attempts=%d text=%s",
             c->lane != NULL ? "lane" : "reader", why, c->in_flight, c->failures, log_quote(text, slice_of(words)));
}

static void plan_attempt(struct db_conn *c, int64_t in_ms)
{
    /* Without memory for a timer the tick tries again. */
    (void)!loop_timer_start(c->db->loop, &c->timer, in_ms, false, begin_attempt, c);
}

/* Ends the connection, finishes what was in flight, and comes back after a while. */
static void lost(struct db_conn *c, const char *why)
{
    bool was_ready = c->state == CONN_READY;

    if (c->recycle && c->in_flight == 0) {
        log_info("db_recycled", "kind=%s", c->lane != NULL ? "lane" : "reader");
    } else {
        if (!was_ready)
            c->failures++;
        log_loss(c, why);
    }
    loop_watch_stop(&c->watch);
    loop_timer_stop(&c->timer);
    PQfinish(c->pg);
    c->pg = NULL;
    c->state = CONN_DOWN;
    c->db->stats.reconnects += was_ready;
    pipe_abort(c);
    c->recycle = c->broken = false;
    if (!c->db->closing)
        plan_attempt(c, db_jitter_ms(c->failures, BACKOFF_MS, BACKOFF_MAX_MS));
}

static void attempt_late(void *arg)
{
    lost(arg, "no answer in time");
}

void conn_start(struct db_conn *c)
{
    plan_attempt(c, 0);
}

static void begin_attempt(void *arg)
{
    struct db_conn *c = arg;

    c->pg = connect_start(c);
    c->state = CONN_CONNECTING;
    if (c->pg == NULL || PQstatus(c->pg) == CONNECTION_BAD) {
        lost(c, c->pg == NULL ? "not a conninfo, or no memory" : "refused");
        return;
    }
    PQsetNoticeReceiver(c->pg, pipe_notice, c);
    if (loop_timer_start(c->db->loop, &c->timer, c->db->config.connect_ms, false, attempt_late, c) < 0) {
        lost(c, "no memory");
        return;
    }
    conn_watch(c, false, true);
}

void conn_watch(struct db_conn *c, bool read, bool write)
{
    if (loop_watch_start(c->db->loop, &c->watch, PQsocket(c->pg), read, write, on_socket, c) < 0)
        c->broken = true;
}

/* ---- setting up: version, then statements ---- */

static void send_setup(struct db_conn *c, struct db_call *call)
{
    c->setup_left++;
    if (pipe_send(c, call) < 0)
        c->setup_left--;
}

static bool wanted(const struct db_conn *c, const struct db_stmt_info *stmt)
{
    return stmt != c->db->version_stmt && (stmt->roles & (unsigned)c->db->config.role) != 0;
}

static void prepare_all(struct db_conn *c)
{
    const struct db_schema *s = c->db->schema;

    c->state = CONN_PREPARING;
    for (size_t i = 0; i < s->n_stmts && !c->broken; i++) {
        if (wanted(c, &s->stmts[i]))
            send_setup(c, &c->setup[i]);
    }
}

static void compare_version(struct db_conn *c, PGresult *res)
{
    struct db_rows rows = { .res = res };
    const struct db_schema *s = c->db->schema;
    bool same = db_rows_count(&rows) == 1 && db_i64(&rows, 0, 0) == s->version && slice_is(db_text(&rows, 0, 1), s->hash);

    if (!same && c->db->schema_state != RC_CONFLICT)
        log_error("db_schema_differs", "ours=%d theirs=%lld", s->version,
                  db_rows_count(&rows) == 1 ? (long long)db_i64(&rows, 0, 0) : -1);
    c->db->schema_state = same ? RC_OK : RC_CONFLICT;
    if (same)
        prepare_all(c);
    else
        c->broken = true;
}

static void set_up(struct db_conn *c)
{
    c->state = CONN_READY;
    c->failures = 0;
    loop_timer_stop(&c->timer);
    log_info("db_connected", "kind=%s backend=%d", c->lane != NULL ? "lane" : "reader", PQbackendPID(c->pg));
}

/* No such function, schema or right (42xxx, 3F000): a database that nobody has migrated for us. Anything else may pass. */
static bool says_not_migrated(const struct db_outcome *o)
{
    return o->class == DB_FAULT && (strncmp(o->sqlstate, "42", 2) == 0 || strcmp(o->sqlstate, "3F000") == 0);
}

static void setup_done(struct db_call *call, const struct db_outcome *o)
{
    struct db_conn *c = call->owner;
    PGresult *res = call->res;

    call->res = NULL;
    c->setup_left--;
    if (o->class != DB_DONE) {
        if (o->class != DB_UNKNOWN && c->db->schema_state != RC_CONFLICT)
            db_log_failure(call->stmt->name, res, o);
        if (c->state == CONN_CHECKING && says_not_migrated(o))
            c->db->schema_state = RC_CONFLICT;
        c->broken = true;
    } else if (c->state == CONN_CHECKING && !call->prepare) {
        compare_version(c, res);
    }
    PQclear(res);
    if (c->setup_left == 0 && !c->broken && c->state == CONN_PREPARING)
        set_up(c);
}

static void check_version(struct db_conn *c)
{
    const struct db_schema *s = c->db->schema;
    size_t at = c->db->version_stmt == NULL ? 0 : (size_t)(c->db->version_stmt - s->stmts);

    c->state = CONN_CHECKING;
    c->setup_left = 0;
    for (size_t i = 0; i <= s->n_stmts; i++)
        c->setup[i] = (struct db_call){ .stmt = &s->stmts[i], .prepare = true, .done = setup_done, .owner = c };
    if (c->db->version_stmt == NULL) { /* this binary was built without a schema */
        c->db->schema_state = RC_CONFLICT;
        c->broken = true;
        return;
    }
    c->setup[s->n_stmts].stmt = c->db->version_stmt;
    c->setup[s->n_stmts].prepare = false;
    send_setup(c, &c->setup[at]);
    if (!c->broken)
        send_setup(c, &c->setup[s->n_stmts]);
}

static void connected(struct db_conn *c)
{
    if (PQsetnonblocking(c->pg, 1) != 0 || PQenterPipelineMode(c->pg) != 1) {
        lost(c, "no pipeline mode");
        return;
    }
    conn_watch(c, true, false);
    check_version(c);
    if (c->broken)
        lost(c, "set-up failed");
}

static void poll_connect(struct db_conn *c)
{
    /* libpq may close this socket and open another one, with the same number: the watch must not survive that. */
    loop_watch_stop(&c->watch);
    switch (PQconnectPoll(c->pg)) {
    case PGRES_POLLING_READING:
        conn_watch(c, true, false);
        break;
    case PGRES_POLLING_WRITING:
        conn_watch(c, false, true);
        break;
    case PGRES_POLLING_OK:
        connected(c);
        return;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE:
        lost(c, "refused");
        return;
    }
    if (c->broken)
        lost(c, "no memory");
}

/* ---- living ---- */

static void on_socket(bool readable, bool writable, void *arg)
{
    struct db_conn *c = arg;

    (void)writable;
    if (c->state == CONN_CONNECTING)
        poll_connect(c);
    else if (pipe_turn(c, readable) < 0)
        lost(c, c->state == CONN_READY ? "connection ended" : "set-up failed");
    else if (c->recycle && c->in_flight == 0)
        lost(c, "recycled");
}

bool conn_usable(const struct db_conn *c)
{
    return c->state == CONN_READY && !c->recycle && !c->broken;
}

/* Takes nothing new; renewed once what is in flight has been answered. */
void conn_recycle(struct db_conn *c)
{
    c->recycle = c->state == CONN_READY;
}

static bool stalled(const struct db_conn *c, int64_t now_ms)
{
    const struct db_call *first = TAILQ_FIRST(&c->sent);
    int64_t limit = c->db->config.stall_ms + (c->lane != NULL ? 0 : c->db->config.statement_ms);

    if (first == NULL || c->state != CONN_READY)
        return false;
    int64_t since = first->sent_ms > c->progress_ms ? first->sent_ms : c->progress_ms;

    return now_ms - since > limit;
}

void conn_tick(struct db_conn *c, int64_t now_ms)
{
    if (c->state == CONN_DOWN && c->timer.event == NULL)
        begin_attempt(c);
    else if (c->broken)
        lost(c, "out of step");
    else if (stalled(c, now_ms))
        lost(c, "no answer");
}

void conn_release(struct db_conn *c)
{
    if (c->db == NULL)
        return;
    loop_watch_stop(&c->watch);
    loop_timer_stop(&c->timer);
    PQfinish(c->pg);
    c->pg = NULL;
    c->state = CONN_DOWN;
    pipe_abort(c);
    free(c->setup);
    c->setup = NULL;
}
