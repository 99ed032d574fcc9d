/* PostgreSQL, asynchronously. One `struct db` per process: `lanes` settling connections (an organisation's bucket belongs
 * to one lane, bucket % lanes) and `readers` connections for everything else, all in pipeline mode, all prepared with the
 * statements of sql/statements, reconnecting by themselves with back-off. Only this folder includes libpq.
 *
 * db_call runs one statement for one task: it parks the task; the next step finds the rows with db_result. A failed
 * statement wakes the task with an rc from its SQLSTATE. Waiting for a connection is bounded in number (max_waiting,
 * RC_BUSY at once when full) and by the task's deadline. A call whose connection dies after it was sent ends in RC_UNKNOWN
 * unless the statement is marked `retry: yes` in its header comment (a read, or idempotent by key): then it is sent again.
 *
 * A statement marked `many: N` answers up to N asks in one call. It is called with one ask's arguments like any other; what waits for it goes
 * out together. Its parameters are arrays of those arguments (none of db_arg_null), and it returns the rows of each ask, none or several, in
 * the order of the asks, with the ask's place, from 1, as the last column. */
#ifndef KHOP_DB_DB_H
#define KHOP_DB_DB_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/db/args.h"
#include "khop/db/schema.h"
#include "khop/loop/task.h"
#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_rows;

struct db_config {
    const char *conninfo;   /* all hosts, as socket folders or hostaddr (a name is looked up while the loop stands still);
                             * target_session_attrs=read-write and keepalives are added. Kept by pointer */
    int lanes;              /* settling connections, at most DB_LANES_MAX; 0 in a jobs process */
    int readers;            /* at least 1, at most DB_READERS_MAX */
    int max_waiting;        /* calls that wait for a connection, default 4,096 */
    int64_t connect_ms;     /* give up one attempt after, default 5,000 */
    enum db_role role;      /* whose statements are prepared, default DB_ROLE_SERVE */
    int64_t statement_ms;   /* statement_timeout of the readers, default 5,000 (lanes have none: `ledger.md` §5) */
    int64_t stall_ms;       /* a connection that owes an answer for so long (a reader's: after statement_ms) is given up,
                             * default 60,000: longer than a failover */
    int64_t trouble_ms;     /* a lane rests after 53100, 58030, XX001, default 30,000 */
    const struct db_schema *schema; /* NULL: the built-in one (a test brings its own) */
};

#define DB_LANES_MAX   64
#define DB_READERS_MAX 64

/* The statements, generated from sql/statements/NAME.sql as DB_NAME ("code_issue.sql" is DB_CODE_ISSUE). */
#include "khop/db/stmt_names.h" /* generated in the build folder: enum db_stmt */

struct db *db_open(struct loop *l, const struct db_config *config); /* NULL without memory; connects in the background */
/* Ends everything at once and frees it. To be called when no task waits any more (loop_run returns then); calls that a
 * drain deadline cut off end in RC_UNKNOWN if they were sent, else in RC_UNAVAILABLE. Batches are freed before. */
void db_close(struct db *db);
/* At least one reader and every lane is connected, no lane rests, and the schema is the one this binary was built with. */
bool db_ready(const struct db *db);
/* RC_OK when compared equal, RC_CONFLICT when the schema is another version (khopd refuses to serve), RC_UNAVAILABLE
 * while no connection has told. */
int db_schema_state(const struct db *db);

/* One statement for one task: parks it; the next step runs with the rows. Arguments are copied into the task's arena.
 * At once: RC_BUSY (queue full), RC_UNAVAILABLE (another schema), RC_NOMEM, RC_TOO_LARGE, or the args' own failure.
 * Later, to the task's `fail`: RC_BAD_INPUT (22xxx, 23xxx), RC_CONFLICT (23505), RC_BUSY (locks, after three tries),
 * RC_TIMEOUT (57014), RC_UNAVAILABLE (nothing was done), RC_UNKNOWN, RC_INTERNAL (a fault of ours). */
int db_call(struct db *db, struct task *t, enum db_stmt stmt, const struct db_args *args, task_step next) RC_MUST;
/* Rows of the last db_call of this task; stay until its arena goes. Never NULL inside the next step. */
const struct db_rows *db_result(const struct task *t);
/* They are not looked at any more: for a task that lasts (a stream). */
void db_result_drop(struct task *t);

/* Rows: columns by position, in the order the statement's SQL returns them. Reading the wrong type is a fault of ours
 * and aborts. Bytes stay valid as long as the rows. */
int db_rows_count(const struct db_rows *r);
bool db_null(const struct db_rows *r, int row, int col);
int64_t db_i64(const struct db_rows *r, int row, int col);       /* int2, int4, int8; 0 for NULL */
bool db_bool(const struct db_rows *r, int row, int col);         /* false for NULL */
struct slice db_text(const struct db_rows *r, int row, int col); /* text, bytea, json(b as text); empty for NULL */
int64_t db_time_us(const struct db_rows *r, int row, int col);   /* timestamptz as microseconds since 1970; 0 for NULL */
int32_t db_day(const struct db_rows *r, int row, int col);       /* date as days since 1970; 0 for NULL */

/* Counters for /metrics. */
struct db_stats {
    uint64_t calls;       /* what tasks asked */
    uint64_t gathers;     /* calls sent that answer many asks */
    uint64_t failures;    /* of them and of batches, after all repeats */
    uint64_t reconnects;  /* connections lost after they had been ready */
    uint64_t batches;     /* batch calls sent, repeats included */
    uint64_t batch_items; /* items that ended in a committed batch */
    uint64_t resubmits;   /* calls and batches that were sent again */
    int connected, waiting;
};
void db_stats(const struct db *db, struct db_stats *out);

#endif
