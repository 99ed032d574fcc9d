/* A list that somebody sent, XLSX or CSV, as kinds of jobs read it: its header, its rows, what is wrong with them, told as faults of the job and in the
 * end as a file: the rows as they came with what must be put right (print/marked.h), to correct and send again.
 *
 * `struct list_in` is the first member of the kind's state; the whole input stands in memory (job_input_whole) before list_open. */
#ifndef KHOP_LIB_APP_LIST_IN_H
#define KHOP_LIB_APP_LIST_IN_H

#include "khop/app/job.h"
#include "khop/flow/school.h"
#include "khop/provider/sheet.h"
#include <jansson.h>

#define LIST_BYTES_MAX  ((size_t)8 << 20)
#define LIST_ROWS_MAX   50000
#define LIST_MARK       "Cần sửa" /* the title of the column that tells */
#define LIST_FAULTS_MAX 100000 /* that the file tells */

struct list_mark {
    int32_t line;
    int16_t cell; /* -1: the row as a whole */
    const char *detail;
};

struct list_in;
struct list_lines;

/* What a kind does with its rows. */
struct list_steps {
    size_t key;
    int (*take)(struct task *t, struct list_in *l, const struct sheet_row *row, struct list_lines *out);
    int (*stage)(struct task *t, struct db *db, const struct flow_job_lease *job, const struct flow_lines *lines, task_step next);
    task_step review;
};

struct list_in {
    const struct list_steps *steps; /* of list_read */
    struct sheet *sheet;
    struct sheet_header header;
    int32_t rows; /* read so far */
    struct list_mark *marks;
    size_t n_marks, room, told; /* told: of the marks, while the file is made */
    struct marked_out *out;
    bool (*shows)(const struct list_in *l, size_t cell, struct slice text); /* what of a row the file repeats; NULL: all */
};

/* Told as a fault of the file as a whole: the step ends in job_fail. */
#define LIST_REFUSED 2

/* Finds the header. RC_OK, LIST_REFUSED, RC_NOMEM. `needs`: the sentence when no row names the columns. */
int list_open(struct task *t, struct list_in *l, const struct sheet_column *columns, size_t n, const char *needs) RC_MUST;
/* SHEET_ROW, SHEET_END, LIST_REFUSED, RC_NOMEM. */
int list_next(struct task *t, struct list_in *l, struct sheet_row *row) RC_MUST;

/* What one step reads: rows as JSON objects, on their way into the database. */
#define LIST_STEP 500
struct list_lines {
    size_t n;
    int32_t lines[LIST_STEP]; /* of the file */
    struct slice data[LIST_STEP];
    bool end; /* nothing comes behind them */
};
/* Keeps the object of a row that is right; takes its reference. RC_NOMEM. */
int list_put(struct task *t, struct list_lines *out, const struct sheet_row *row, json_t *doc, bool right) RC_MUST;
/* The step that reads the next rows, has them staged, and comes again until none are left; then `review`. A line of sums, one that says so and has nothing in
 * the column `key`, is passed over. */
int list_read(struct task *t) RC_MUST;

/* The title of a cell as the file has it, else `name`. */
const char *list_title(struct task *t, const struct list_in *l, int cell, const char *name);
/* A fault of a row (line from 1). code and detail are constants; `name` is said where the column has no title. */
void list_fault(struct task *t, struct list_in *l, int64_t line, int cell, const char *name, const char *code, const char *detail);
/* Fails the job with the faults that were told; if rows have any, with the file that says them. */
int list_fail(struct task *t, struct list_in *l) RC_MUST;
void list_close(struct list_in *l);

/* "Tổng cộng", "Cộng": the line of sums that ends many lists. */
bool list_says_sum(struct slice text);

#endif
