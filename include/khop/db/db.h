/* PostgreSQL, asynchronously. One `struct db` per process: `lanes` settling connections (an organisation's bucket belongs
 * to one lane, bucket % lanes) and `readers` connections for everything else, all in pipeline mode, all prepared with the
 * statements of sql/statements, reconnecting by themselves with back-off. Only this folder includes libpq.
 *
 * db_call runs one statement for one task: it parks the task; the next step finds the rows with db_result. A failed
 * statement wakes the task with an rc from its SQLSTATE. Waiting for a connection is bounded in number (max_waiting,
 * RC_BUSY at once when full) and by the task's deadline. A call whose connection dies after it was sent ends in RC_UNKNOWN
 * unless the statement is marked `retry: yes` in its header comment (a read, or idempotent by key): then it is sent again. */
#ifndef KHOP_DB_DB_H
#define KHOP_DB_DB_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/db/args.h"
#include "khop/loop/task.h"
#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_rows;

struct db_config {
    const char *conninfo;   /* all hosts; target_session_attrs=read-write is added */
    int lanes;              /* settling connections, 0 in a jobs process */
    int readers;
    int max_waiting;        /* calls that wait for a connection, default 4,096 */
    int64_t connect_ms;     /* give up one attempt after, default 5,000 */
};

/* The statements, generated from sql/statements/NAME.sql as DB_NAME ("code_issue.sql" is DB_CODE_ISSUE). */
#include "khop/db/stmt_names.h" /* generated in the build folder: enum db_stmt */

struct db *db_open(struct loop *l, const struct db_config *config); /* NULL without memory; connects in the background */
/* Ends the connections after what is in flight; queued calls fail with RC_UNAVAILABLE. */
void db_close(struct db *db);
/* At least one reader and every lane is connected, and the schema is the one this binary was built with. */
bool db_ready(const struct db *db);
/* RC_OK when compared equal, RC_CONFLICT when the schema is another version (khopd refuses to serve), RC_UNAVAILABLE
 * while no connection has told. */
int db_schema_state(const struct db *db);

/* One statement for one task; args are copied or live in the task's arena. The next step runs with the rows. */
int db_call(struct db *db, struct task *t, enum db_stmt stmt, const struct db_args *args, task_step next) RC_MUST;
/* Rows of the last db_call of this task; stay until the task is released. Never NULL inside the next step. */
const struct db_rows *db_result(const struct task *t);

/* Rows: columns by position, in the order the statement's SQL returns them. Reading the wrong type is a fault of ours
 * and aborts. Bytes stay valid as long as the rows. */
int db_rows_count(const struct db_rows *r);
bool db_null(const struct db_rows *r, int row, int col);
int64_t db_i64(const struct db_rows *r, int row, int col);       /* int2, int4, int8; 0 for NULL */
bool db_bool(const struct db_rows *r, int row, int col);         /* false for NULL */
struct slice db_text(const struct db_rows *r, int row, int col); /* text, bytea, json(b as text); empty for NULL */
int64_t db_time_us(const struct db_rows *r, int row, int col);   /* timestamptz as microseconds since 1970 */
int32_t db_day(const struct db_rows *r, int row, int col);       /* date as days since 1970 */

/* Counters for /metrics. */
struct db_stats {
    uint64_t calls, failures, reconnects, batches, batch_items, resubmits;
    int connected, waiting;
};
void db_stats(const struct db *db, struct db_stats *out);

#endif
