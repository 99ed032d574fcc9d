/* Reports: what each one is called, what its columns are, and their rows, page by page. Every form of a report (page, JSON, CSV, XLSX, PDF) is made
 * of these rows, so that all show the same numbers. The SQL functions sql/functions/report_*.sql answer lines of one shape (khop.report_line);
 * the tables of report_table.c say what its columns mean.
 *
 * A new report: its function, a line in report_lines.sql, a table in report_table.c, its words "report.NAME.title", "report.NAME.what" and
 * "report.col.KEY" in lib/web/locale. */
#ifndef KHOP_FLOW_REPORT_H
#define KHOP_FLOW_REPORT_H

#include "khop/flow/flow.h"
#include "khop/flow/job.h"
#include <stdbool.h>

#define REPORT_COLUMNS_MAX 12
#define REPORT_PAGE_MAX    1000 /* rows of one call */

enum report_kind {
    REPORT_TEXT,
    REPORT_REF,     /* text that is no sentence: numbers of pupils, references of banks */
    REPORT_BANK,    /* an account of the books, a receiving one by the name of its bank */
    REPORT_WORD,    /* a word of ours; people read "report.word.WORD" of the catalogue */
    REPORT_MONEY,
    REPORT_COUNT,
    REPORT_NUMBER,  /* of something: not grouped, not summed up */
    REPORT_DATE,    /* days since 1970 */
    REPORT_TIME,    /* microseconds since 1970 */
    REPORT_CODE,    /* a payment code, by its number */
    REPORT_RECEIPT, /* year and number of a receipt */
};

struct report_column {
    const char *key;
    enum report_kind kind;
    char from;  /* 't' or 'n': the columns of khop.report_line … */
    char place; /* … from '1' */
    bool sum;   /* stands in the line of sums */
};

/* Which days, when nobody says. */
enum report_period { REPORT_ALL, REPORT_MONTH, REPORT_YEAR };

struct report {
    const char *name;
    enum report_period period;
    bool by_class;  /* takes the filters class and label */
    bool whole;     /* all rows at once, without a cursor */
    bool parted;    /* rows of one value of the first column stand together, and have sums of their own on paper */
    size_t ncolumns;
    struct report_column columns[REPORT_COLUMNS_MAX];
    char id; /* the column n… from '1' that holds the id of what a row is about; 0: none */
};

size_t report_count(void);
const struct report *report_at(size_t i);
const struct report *report_find(struct slice name); /* NULL: there is none */

/* number: of money, counts, dates and times. text: all others as they are read (a code's nine signs, "2026/000123"). */
struct report_cell {
    bool set;
    int64_t number;
    struct slice text;
};

static inline bool report_is_text(enum report_kind kind)
{
    return kind == REPORT_TEXT || kind == REPORT_REF || kind == REPORT_BANK || kind == REPORT_WORD || kind == REPORT_CODE || kind == REPORT_RECEIPT;
}

struct report_line {
    bool sums; /* over all rows; only before the first */
    int64_t after_a, after_b;
    int64_t id; /* 0: none */
    struct report_cell cells[REPORT_COLUMNS_MAX];
};

/* A page: at most `limit` rows behind the cursor (0, 0: from the start, with the sums before them). filter: a JSON object of texts "from", "to",
 * "class", "label". */
int flow_report(struct task *t, struct flow *f, struct slice token_hash, const struct report *report, struct slice filter, int64_t after_a,
                int64_t after_b, int32_t limit, task_step next) RC_MUST;
/* The same for a job, whose parameters hold the filter. */
int flow_report_job(struct task *t, struct db *db, const struct flow_job_lease *job, const struct report *report, int64_t after_a, int64_t after_b,
                    int32_t limit, task_step next) RC_MUST;
/* After either; memory of the task. */
int flow_report_read(struct task *t, const struct report *report, struct report_line **out, size_t *n) RC_MUST;

/* The chart names a receiving account "970436 0071000123456"; people know the bank by its name. In memory of the arena, or the text itself. */
struct slice report_bank_name(struct arena *arena, struct slice text);

/* Whose report it is; name and code stay as long as the task. */
int flow_report_org(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
int flow_report_read_org(struct task *t, struct slice *name, struct slice *code) RC_MUST;

/* Days since 1970 of what somebody asks for: "2026-11" (month), "2026" (budget year), "2026-2027" (school year: September to August).
 * RC_BAD_INPUT. */
int report_days_of(struct slice text, int32_t *from, int32_t *to) RC_MUST;
/* The period around a day: its month, its budget year, or its school year. */
void report_month_of(int32_t day, int32_t *from, int32_t *to);
void report_year_of(int32_t day, int32_t *from, int32_t *to);
void report_school_year_of(int32_t day, int32_t *from, int32_t *to);

#endif
