/* A statement of any format; each format is a struct statement_ops. */
#ifndef KHOP_PROVIDER_STATEMENT_PRIVATE_H
#define KHOP_PROVIDER_STATEMENT_PRIVATE_H

#include "khop/base/arena.h"
#include "khop/base/buf.h"
#include "khop/pay/money.h"
#include "khop/provider/sheet.h"
#include "khop/provider/statement.h"

/* Totals of the whole, gathered by the check. */
struct statement_sums {
    bool any;
    int32_t first_day, last_day, first_second, last_second;
    bool seconds; /* every line has a time */
    bool has_first, has_last;
    int64_t first_balance, first_amount, last_balance, last_amount;
    int64_t rises, falls; /* pairs of neighbours whose balances fit in this order, or in the other */
    int64_t before_balance, before_amount;
    bool has_before;
};

/* The dates of a table in both readings. */
struct statement_dates_way {
    bool any;
    int32_t day;      /* the last one */
    int64_t up, down; /* steps from row to row */
};
struct statement_dates_seen {
    int64_t day_only, month_only, both;
    struct statement_dates_way way[2]; /* by enum sheet_date_form */
    int32_t row, day_first, month_first; /* the first one with two readings */
    char written[sizeof((struct statement_dates *)0)->written];
};
/* booked: it is of the column whose order counts. */
void statement_dates_see(struct statement_dates_seen *seen, struct sheet_cell cell, int32_t row, bool booked);
enum sheet_date_form statement_dates_decide(const struct statement_dates_seen *seen, bool bank_known, struct statement_dates *out);

struct statement_ops {
    int (*rewind)(struct statement *s);
    /* STATEMENT_MORE with a line (line->row set, place not), STATEMENT_END, or RC_BAD_INPUT after statement_wrong: it goes on behind that row. */
    int (*next)(struct statement *s, struct statement_line *line);
    /* NULL, or after the first check: true when all must be checked again, for it has now another way to read. */
    bool (*again)(struct statement *s);
    void (*close)(struct statement *s);
};

struct statement {
    const struct statement_ops *ops;
    void *own; /* the format's state */
    struct slice file, account_no;
    int32_t today;
    struct arena *arena; /* of the file: account, names */
    struct buf text;     /* of the line at hand */
    struct statement_about about;
    struct statement_about before; /* of the lines */
    size_t faults_before;
    bool begun, again;             /* the check */
    struct statement_sums sums;
    struct statement_fault faults[STATEMENT_FAULTS_MAX];
    size_t n_faults;
    int64_t fault_count;
    bool checked, broken; /* broken: reading cannot go on */
    bool oldest_first;    /* by its format */
    int32_t given; /* lines in this pass */
    int32_t at;    /* row at hand, for faults */
};

/* Notes a fault and returns RC_BAD_INPUT. */
int statement_wrong(struct statement *s, int32_t row, const char *code, const char *text);
/* The same with two amounts behind the sentence. */
int statement_wrong_sums(struct statement *s, int32_t row, const char *code, const char *text, int64_t a, int64_t b);
/* As statement_wrong, and nothing behind it can be read. */
int statement_broken(struct statement *s, int32_t row, const char *code, const char *text);

/* Copies a text of the line at hand: clean (sheet_clean), at most max bytes, cut between letters. Its place in s->text; get it by statement_text_of when
 * the line is complete. */
struct statement_text {
    size_t at, n;
};
int statement_text_put(struct statement *s, struct slice raw, size_t max, struct statement_text *out) RC_MUST;
static inline struct slice statement_text_of(const struct statement *s, struct statement_text t)
{
    return (struct slice){ t.n == 0 ? "" : s->text.p + t.at, t.n };
}

/* The account of the file against the one that is expected; an empty one fits. */
bool statement_same_account(struct slice said, struct slice expected);
int statement_set_account(struct statement *s, struct slice account) RC_MUST;
/* An opening or closing balance; both said and different is a fault. */
void statement_opening(struct statement *s, int64_t v);
void statement_closing(struct statement *s, int64_t v);
void statement_period(struct statement *s, int32_t from, int32_t to);

/* Decimal text of đồng with '.' or ',' before a fraction of zeros. RC_BAD_INPUT. */
int statement_decimal(struct slice text, int64_t *out) RC_MUST;

int statement_sheet_open(struct statement *s, struct statement_fault *fault) RC_MUST;
int statement_mt940_open(struct statement *s, struct statement_fault *fault) RC_MUST;
int statement_camt_open(struct statement *s, struct statement_fault *fault) RC_MUST;

#endif
