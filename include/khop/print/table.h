/* A table, once described and streamed row by row, as CSV, XLSX or PDF: lists and reports of every kind go out through here, so that
 * all forms of one report show the same numbers.
 *
 *   CSV   data for programs and for Excel: UTF-8 with a byte order mark, RFC 4180, a line of headings and the rows, no title and no sums.
 *         Money as digits, dates as 2026-11-20, times as 2026-11-20 08:03:11. A text that Excel could take for a formula gets a ' in front
 *         (security.md §3); the figures of money and integer columns are ours and do not.
 *   XLSX  title, subtitles, headings (frozen, repeated on paper, with a filter), rows, sums in bold; numbers are numbers, dates are dates.
 *         Memory stays constant; the sheet waits in a temporary file and then in memory of the kernel until the end.
 *   PDF   A4, as many columns as fit upright or else across, headings on every page, long text wrapped, "Trang 2/7" below.
 *         Rows are kept until the end, since their number of pages stands on the first one.
 *
 * Use: table_open, table_row …, table_sum …, then table_end until there is no more, table_free. The first failure sticks: further calls
 * give the same rc. The same calls give the same bytes: the time that is printed and stored is `made_us`. */
#ifndef KHOP_PRINT_TABLE_H
#define KHOP_PRINT_TABLE_H

#include "khop/base/slice.h"
#include "khop/print/fonts.h"
#include "khop/print/sink.h"
#include <stdbool.h>
#include <stdint.h>

#define TABLE_COLUMNS_MAX   24
#define TABLE_SUBTITLES_MAX 8
#define TABLE_TEXT_MAX      8192    /* bytes of one cell */
#define TABLE_ROWS_MAX      1000000 /* CSV and XLSX; Excel takes 1,048,576 */
#define TABLE_PDF_ROWS_MAX  20000   /* some 500 pages */
#define TABLE_NUMBER_MAX    INT64_C(9007199254740991) /* XLSX: what Excel's numbers hold exactly */

enum table_format { TABLE_CSV, TABLE_XLSX, TABLE_PDF };

/* RC_NOT_FOUND for another word than csv, xlsx, pdf. */
int table_format_of(struct slice word, enum table_format *out) RC_MUST;
/* "text/csv; charset=utf-8" …, and "csv" … */
const char *table_format_type(enum table_format f);
const char *table_format_suffix(enum table_format f);

enum table_kind {
    TABLE_TEXT,
    TABLE_CODE,    /* text that is no sentence: payment codes, references, numbers of pupils; never wrapped inside when it can be helped */
    TABLE_MONEY,   /* đồng */
    TABLE_INTEGER, /* counts, places */
    TABLE_DATE,    /* days since 1970-01-01 */
    TABLE_TIME,    /* microseconds since 1970, shown in the zone of Vietnam */
};

struct table_column {
    const char *title;
    enum table_kind kind;
};

struct table_cell {
    bool set; /* false: empty */
    int64_t number;
    struct slice text; /* UTF-8, for TABLE_TEXT and TABLE_CODE; in a sum it may stand in any column, instead of the number */
};

enum table_page { TABLE_PAGE_AUTO, TABLE_PAGE_UPRIGHT, TABLE_PAGE_ACROSS };

/* Texts are copied. unit (whose table it is), foot (below every page) and sheet (name of the sheet; NULL: title) may be NULL. */
struct table_head {
    const char *title, *unit, *foot, *sheet;
    const char *subtitles[TABLE_SUBTITLES_MAX]; /* up to the first NULL */
    const struct table_column *columns;
    size_t column_count;
    enum table_page page;
    int64_t made_us;
    const char *page_word; /* "Trang" (NULL) or "Page" */
};

struct table_out;

/* fonts: for PDF only. RC_BAD_INPUT (no column, too many), RC_TOO_LARGE, RC_NOMEM, RC_IO, or what the sink answered. */
int table_open(struct table_out **out, enum table_format format, const struct table_head *head, struct print_fonts *fonts,
               struct print_sink sink) RC_MUST;
/* One cell a column. Texts are copied or written at once. RC_BAD_INPUT for a text that is not UTF-8. */
int table_row(struct table_out *t, const struct table_cell *cells) RC_MUST;
/* A line of sums: of a part (a class, a day) or of all. Not in CSV. */
enum table_sum { TABLE_SUM_PART, TABLE_SUM_ALL };
int table_sum(struct table_out *t, enum table_sum what, const struct table_cell *cells) RC_MUST;
/* Writes what is still missing, some milliseconds of work a call (for XLSX: all): again while *more, so that other work may be done between. */
int table_end(struct table_out *t, bool *more) RC_MUST;
void table_free(struct table_out *t); /* accepts NULL */

/* What a cell says in CSV ("180000") and on paper ("180.000"), without escapes. For tests and for pages that show the same table. */
#define TABLE_CELL_SIZE 40
void table_number_plain(char out[TABLE_CELL_SIZE], enum table_kind kind, int64_t number);
void table_number_shown(char out[TABLE_CELL_SIZE], enum table_kind kind, int64_t number);

#endif
