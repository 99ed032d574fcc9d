/* Bank statements as files: CSV and XLSX of banks, MT940, camt.053 and camt.054. One stream of lines for all.
 *
 * A statement is read twice: statement_check goes through all of it, a part at a time, and finds out what only the whole tells (period, balances,
 * which end is the newest, every fault); then statement_rewind and statement_next give the lines. Nothing but the line at hand is kept.
 * No I/O and no clock. Sources: reference ledger.md §7. */
#ifndef KHOP_PROVIDER_STATEMENT_H
#define KHOP_PROVIDER_STATEMENT_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATEMENT_FILE_MAX   (32U << 20)
#define STATEMENT_LINES_MAX  1000000
#define STATEMENT_MEMO_MAX   4096
#define STATEMENT_REF_MAX    128
#define STATEMENT_FAULTS_MAX 100
#define STATEMENT_AHEAD_MAX  15 /* days of a value date after today: the longest holidays and what is around them */

enum statement_format { STATEMENT_AUTO, STATEMENT_SHEET, STATEMENT_MT940, STATEMENT_CAMT };

/* "auto" "csv" "xlsx" "mt940" "camt"; false: none of these. */
bool statement_format_by_name(struct slice name, enum statement_format *out);

/* One movement of money as the bank booked it. Texts are valid until the next call. */
struct statement_line {
    int32_t place;   /* from 1 in the order of time, whichever end of the file is the newest */
    int32_t row;     /* where it stands in the file: row of a table, line of text, entry of XML */
    int32_t day;     /* booked, since 1970-01-01 */
    bool by_value;   /* the file says only when it has value, which may be some days after it was booked */
    bool has_second;
    int32_t second;  /* of the day */
    int64_t amount;  /* in positive, out negative, never zero */
    bool has_balance;
    int64_t balance; /* after it */
    bool unique;     /* the bank gives this reference to no other line of this amount */
    bool reversal;   /* the bank takes an earlier line back */
    struct slice reference, memo, counter_name, counter_account, counter_bank;
};

/* How the dates of a table were read, when one of them can be read as day/month and as month/day. All of the file is read one way: a day above 12
 * decides, then the bank, then the order of the rows; else it is day first. */
enum statement_dates_by { STATEMENT_DATES_PLAIN, STATEMENT_DATES_DAY, STATEMENT_DATES_BANK, STATEMENT_DATES_ORDER, STATEMENT_DATES_GUESS };
const char *statement_dates_by_name(enum statement_dates_by by); /* "plain" "day_above_12" "bank" "order" "guess" */

struct statement_dates {
    enum statement_dates_by by; /* PLAIN: none has two readings, and what follows says nothing */
    bool month_first;
    int32_t row, day;           /* an example */
    char written[32];
};

struct statement_about {
    struct statement_dates dates;
    const char *profile; /* "vietcombank" "generic" … "mt940" "camt.053" */
    const char *format;  /* "csv" "xlsx" "mt940" "camt" */
    struct slice account; /* as the file says; empty when it does not */
    bool has_time, has_balance, newest_first;
    int32_t lines;
    int32_t from, to;     /* days; from > to: the file is empty and says nothing */
    bool has_opening, has_closing;
    int64_t opening, closing;
    int64_t in, out;      /* sums, both positive */
};

struct statement_fault {
    int32_t row;         /* 0: the whole file */
    const char *code;    /* "amount" "date" "balance" … */
    const char *text;    /* a plain English sentence, perhaps with numbers behind its full stop; valid until statement_close */
};

struct statement;

/* `file` must stay until statement_close. `account_no`: the account that the statement is said to be of, empty when not known. `today`: a line booked
 * later is a fault. RC_BAD_INPUT or RC_TOO_LARGE with *fault; RC_NOMEM. */
int statement_open(struct slice file, enum statement_format format, struct slice account_no, int32_t today, struct statement **out,
                   struct statement_fault *fault) RC_MUST;
void statement_close(struct statement *s); /* accepts NULL */

/* Looks at up to `rows` more rows: STATEMENT_MORE, or STATEMENT_END when it has seen all. Negative only without memory: what is wrong is
 * in statement_faults then. */
#define STATEMENT_END  0
#define STATEMENT_MORE 1
int statement_check(struct statement *s, int32_t rows) RC_MUST;
/* After the end of the check: none means that the file may be used. */
const struct statement_fault *statement_faults(const struct statement *s, size_t *n, int64_t *count);
const struct statement_about *statement_about(const struct statement *s);
/* From the first line again. */
int statement_rewind(struct statement *s) RC_MUST;
/* STATEMENT_MORE with a line, STATEMENT_END, or an rc (never of a file that was checked and had no fault, but RC_NOMEM). */
int statement_next(struct statement *s, struct statement_line *line) RC_MUST;

#endif
