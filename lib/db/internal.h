/* How lib/db works inside.
 *
 *   struct db       one per process: connections, the queue of waiting calls, lanes
 *   struct db_conn  one connection: a state machine around PGconn (conn.c) and the FIFO of what was sent (pipe.c)
 *   struct db_call  one statement on its way: a task's (pool.c), what many tasks ask (gather.c), a lane's batch (lane.c), or one of a
 *                   connection's own (conn.c)
 *   struct db_lane  a settling connection and the batches that take turns on it (batch.c collects, lane.c sends)
 *
 * A call is owned by whoever made it. From conn_send until `done` it stands in exactly one connection's FIFO; `done` is
 * called exactly once per conn_send, and may send the call again. No code of a task or handler ever runs inside db: tasks
 * are only woken. So nobody can pull a connection away from under a loop here.
 *
 * A statement is done when its sync has been answered, not when its rows are there: the server commits at the sync, and an
 * error of COMMIT, or the warning that a standby was not waited for, comes between the two. */
#ifndef KHOP_DB_INTERNAL_H
#define KHOP_DB_INTERNAL_H

#include <libpq-fe.h>
#include <sys/queue.h>
#include "khop/db/args.h"
#include "khop/db/batch.h"
#include "khop/db/db.h"
#include "khop/loop/watch.h"

#define DB_IN_FLIGHT     16  /* calls of tasks sent and unanswered on one connection; more wait in our queue */
#define DB_ATTEMPTS      5   /* of a call or batch that was rolled back, or whose outcome is unknown */
#define DB_TICK_MS       250 /* sweep of waiters, watch over stalls */
#define DB_SQLSTATE_SIZE 6

/* ---- error.c: what an error means (`ledger.md` §5) ---- */

enum db_class {
    DB_DONE,    /* committed */
    DB_REPEAT,  /* rolled back, may go through next time: 40001 40P01 55P03 57014 */
    DB_ITEM,    /* rolled back, one of the items is bad: 21xxx 22xxx 23xxx P0xxx */
    DB_MOVED,   /* not done, wrong or starting node: 25006 57P03 */
    DB_STALE,   /* not done, the session's statement is out of date: 0A000 26000 */
    DB_UNKNOWN, /* 57P01 57P02 08xxx, connection lost, or a commit whose standby was not waited for */
    DB_TROUBLE, /* not done, the machine is in trouble: 53100 58030 XX001 */
    DB_FAULT,   /* not done, a fault of ours: everything else */
};

struct db_outcome {
    enum db_class class;
    int rc;                          /* for a single call that is not repeated */
    char sqlstate[DB_SQLSTATE_SIZE]; /* "" when there was none */
};

/* res NULL: the connection was lost. `doubt`: the synchronous standby was not waited for. */
struct db_outcome db_outcome_of(const PGresult *res, bool doubt);
/* One log line for a failed statement: its name and SQLSTATE; the server's words only for faults (they may quote data). */
void db_log_failure(const char *stmt, const PGresult *res, const struct db_outcome *o);

/* ---- rows.c ---- */

/* A result that several tasks hold a part of; it goes with the last of them. */
struct rows_shared {
    int holders;
};

struct db_rows {
    PGresult *res;
    struct rows_shared *of; /* NULL: all of the result, and ours alone */
    int first, n;           /* of a shared one: the part */
};

void rows_release(struct db_rows *r);

/* ---- args.c ---- */

/* An array of single values as they stand in other arguments; p == NULL is NULL. */
void args_array(struct db_args *a, int type, const struct slice *v, size_t n);

/* ---- pipe.c, conn.c ---- */

struct db_params {
    int n;
    const char *const *values;
    const int *lengths, *formats, *types;
};

enum db_phase { PHASE_IDLE, PHASE_RESULT, PHASE_END, PHASE_SYNC };

struct db_call {
    TAILQ_ENTRY(db_call) link;      /* in a connection's FIFO; while PHASE_IDLE its owner's to use */
    const struct db_stmt_info *stmt;
    bool prepare;                   /* prepares the statement instead of running it */
    struct db_params params;
    enum db_phase phase;
    int attempts;                   /* times sent */
    int64_t sent_ms;
    bool doubt; /* the standby was not waited for */
    struct db_conn *conn;           /* where it was sent last */
    PGresult *res;                  /* set before `done`, which may take it (set NULL); else cleared after */
    void (*done)(struct db_call *call, const struct db_outcome *o);
    void *owner;
};
TAILQ_HEAD(db_calls, db_call);

enum db_conn_state {
    CONN_DOWN,       /* waits for its back-off timer */
    CONN_CONNECTING, /* PQconnectPoll has the word */
    CONN_CHECKING,   /* asking the schema's version */
    CONN_PREPARING,
    CONN_READY,
};

struct db_conn {
    struct db *db;
    struct db_lane *lane; /* NULL: a reader */
    enum db_conn_state state;
    PGconn *pg;
    struct loop_watch watch;
    struct loop_timer timer; /* back-off, or the deadline of an attempt */
    struct db_calls sent;
    int in_flight;
    int64_t progress_ms;     /* when the last answer came */
    unsigned tries;          /* attempts in all: rotates the hosts */
    int failures;            /* attempts in a row that did not reach CONN_READY */
    bool recycle;            /* takes nothing new and is renewed when empty */
    bool broken;             /* out of step or out of memory: to be given up by whoever comes by next from the loop */
    struct db_call *setup;   /* one for each statement, and one that asks the version */
    size_t setup_left;
};

int conn_init(struct db_conn *c, struct db *db, struct db_lane *lane) RC_MUST;
void conn_start(struct db_conn *c);
void conn_release(struct db_conn *c); /* calls in flight are done as unknown */
bool conn_usable(const struct db_conn *c); /* prepared, and takes new calls */
void conn_recycle(struct db_conn *c);
void conn_tick(struct db_conn *c, int64_t now_ms);
void conn_watch(struct db_conn *c, bool read, bool write);

/* Sends a call. RC_UNAVAILABLE: nothing was sent, the call is still the caller's, and the connection will be given up. */
int pipe_send(struct db_conn *c, struct db_call *call) RC_MUST;
/* Reads and writes what can be; negative: give the connection up. */
int pipe_turn(struct db_conn *c, bool readable) RC_MUST;
/* Every call in the FIFO is done, last sent first: by its own error if that was there already, else as unknown. */
void pipe_abort(struct db_conn *c);
void pipe_notice(void *arg, const PGresult *res); /* PQnoticeReceiver */

/* conninfo.c: the keywords of attempt number `attempt`: our additions, hosts rotated, so that a host that swallows
 * packets does not keep us from the next one. RC_BAD_INPUT: not a conninfo. */
struct db_conninfo {
    PQconninfoOption *options;
    char *rotated[3]; /* host, hostaddr, port */
    char *session;
    const char *keywords[64], *values[64];
};
int conninfo_build(struct db_conninfo *ci, const char *conninfo, unsigned attempt, const char *session) RC_MUST;
void conninfo_release(struct db_conninfo *ci);

/* ---- pool.c ---- */

/* What one task asks. Lives in its task's arena, which the task keeps as long as we hold it. */
struct pool_call {
    struct db_call call;
    struct db *db;
    struct task *task;
    struct db_rows rows;
    bool alone; /* of a statement for many: goes out without others */
};

void pool_dispatch(struct db *db); /* sends what waits, as far as there is room */
void pool_sweep(struct db *db);    /* forgets waiting calls whose task has been answered */
void pool_close(struct db *db);
void pool_enqueue(struct db *db, struct pool_call *pc, bool first);
/* Out of its queue. False: its task was answered at its deadline, and the call, which was never sent, is not done at all. */
bool pool_dequeue(struct db *db, struct pool_call *pc);
void pool_answer(struct pool_call *pc, struct db_rows rows);
/* It goes out once more, or its task is told. */
void pool_failed(struct pool_call *pc, const struct db_outcome *o);

/* ---- gather.c ---- */

/* What goes over one reader at a time for many tasks. */
struct db_gather {
    struct db *db;
    struct db_conn *conn;
    struct db_call call;
    struct db_calls asks; /* of one statement; empty: nothing is on its way */
    size_t n;
    struct db_args args;
    struct arena *arena; /* of the arguments */
};

int gather_init(struct db_gather *g, struct db *db, struct db_conn *conn) RC_MUST;
void gather_release(struct db_gather *g);
void gather_dispatch(struct db *db); /* sends what has collected, over readers that carry no such call */

/* ---- lane.c, batch.c ---- */

struct batch_item {
    TAILQ_ENTRY(batch_item) link;
    struct task *task;
    void *item;
    size_t weight;
};
TAILQ_HEAD(batch_items, batch_item);

/* What waits for one bucket. On its lane's `turns` exactly while it has items. */
struct batch_bucket {
    TAILQ_ENTRY(batch_bucket) turn;
    SLIST_ENTRY(batch_bucket) chain;
    struct db_batch *batch;
    int32_t bucket;
    struct batch_items items;
};
TAILQ_HEAD(batch_turns, batch_bucket);

#define BATCH_CHAINS 64

struct db_batch {
    struct db *db;
    struct db_batch_kind kind;
    const struct db_stmt_info *stmt;
    size_t queued[DB_LANES_MAX];
    SLIST_HEAD(, batch_bucket) chains[BATCH_CHAINS];
};

/* A part [from, to) of the items that a lane has taken. */
struct lane_range {
    size_t from, to;
};

/* Halving keeps the other half for later: log2(items) ranges at most. */
#define LANE_RANGES 32

enum lane_state {
    LANE_IDLE,   /* nothing taken */
    LANE_READY,  /* has a range to send as soon as its connection is there */
    LANE_SENT,
    LANE_PAUSED, /* waits before a repeat */
};

struct db_lane {
    struct db *db;
    int index;
    struct db_conn conn;
    enum lane_state state;
    struct batch_turns turns;
    /* The run: items taken from one bucket, and the ranges of them still to do, next one last. */
    struct db_batch *batch; /* NULL: freed while its call was in flight, the answer is ignored */
    int32_t bucket;
    struct batch_item **items;
    void **payload; /* the same items as the kind sees them */
    size_t n_items, cap_items;
    struct lane_range ranges[LANE_RANGES];
    size_t n_ranges;
    struct db_call call;
    struct db_args args;
    struct arena *arena;             /* of the arguments */
    int rolled_back, unknown, stale; /* how often the current range ended so */
    struct loop_timer pause;
    int64_t resting_until_ms; /* after trouble; 0: not resting */
};

int lane_init(struct db_lane *lane, struct db *db, int index) RC_MUST;
void lane_release(struct db_lane *lane);
int lane_reserve(struct db_lane *lane, size_t n) RC_MUST; /* room for so many items in a run */
void lane_pump(struct db_lane *lane); /* takes and sends what it can */
void lane_abandon(struct db_lane *lane, struct db_batch *b);
bool lane_resting(const struct db_lane *lane);
/* Up to max_weight from the bucket whose turn it is, into the lane's run; false: nothing waits. */
bool batch_take(struct db_lane *lane);
/* Fails everything that waits on the lane (of one batch, or of all when b is NULL). */
void batch_fail_queued(struct db_lane *lane, const struct db_batch *b, int rc);

/* ---- db.c ---- */

struct db {
    struct loop *loop;
    struct db_config config;
    const struct db_schema *schema;
    int schema_state;
    const struct db_stmt_info *version_stmt;
    struct db_conn *readers;
    struct db_gather *gathers; /* as many, each a reader's */
    struct db_lane *lanes;
    struct db_calls waiting;   /* calls that go out alone */
    struct db_calls asking;    /* those of statements for many */
    int n_waiting;             /* in both */
    struct loop_timer tick;
    struct db_stats stats;
    bool closing;
};

/* A pause before the attempt-th repeat: exponential from `base` to `cap`, half of it random. */
int64_t db_jitter_ms(int attempt, int64_t base, int64_t cap);

#endif
