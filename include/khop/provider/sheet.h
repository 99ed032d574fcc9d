/* Tables as people send them: CSV in any usual encoding and XLSX, read row by row as cells of text.
 *
 * A sheet reads from the bytes of one file (the caller keeps them); what it allocates itself is bounded whatever the file
 * says: one row, for XLSX also the shared strings, the styles and one window of the entry that is being unpacked. Nothing is
 * ever a floating point number: a number of XLSX comes as the decimal text that was stored, a date as ISO text.
 *
 *     sheet_open → sheet_find_header (finds and skips the header) or sheet_select → sheet_next until SHEET_END
 *
 * Text of cells is UTF-8 in NFC, trimmed, without control characters; line breaks inside a cell are spaces. */
#ifndef KHOP_PROVIDER_SHEET_H
#define KHOP_PROVIDER_SHEET_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHEET_FILE_MAX     (32U << 20)
#define SHEET_COLUMNS_MAX  256
#define SHEET_CELL_MAX     (32 * 1024) /* bytes of text in a cell */
#define SHEET_ROW_MAX      (256 * 1024)
#define SHEET_ROWS_MAX     1048576 /* of one sheet */
#define SHEET_SHEETS_MAX   64
#define SHEET_STRINGS_MAX  (32U << 20)  /* bytes of all shared strings */
#define SHEET_ENTRIES_MAX  4096         /* in the archive */
#define SHEET_UNPACKED_MAX (512U << 20) /* bytes of one entry, unpacked */
#define SHEET_RATIO_MAX    1000         /* unpacked to packed, from 1 MiB on: deflate itself ends at 1,032 */
#define SHEET_HEADER_ROWS  40           /* where a header is looked for */

/* Why a file was refused. Names are constants for problem documents and texts of pages. */
enum sheet_fault {
    SHEET_FINE,
    SHEET_EMPTY,            /* no bytes, or a workbook without a visible sheet */
    SHEET_FILE_TOO_LARGE,
    SHEET_OLD_EXCEL,        /* .xls, or an .xlsx under a password */
    SHEET_IS_HTML,          /* a web page with the name of a sheet */
    SHEET_NOT_A_SHEET,      /* PDF, picture, other archive … */
    SHEET_BROKEN_ARCHIVE,
    SHEET_BOMB,             /* unpacks to more than any sheet has */
    SHEET_BROKEN_XML,
    SHEET_FORBIDDEN_XML,    /* a document type, which only attacks have */
    SHEET_TOO_MANY_ROWS,
    SHEET_TOO_MANY_COLUMNS,
    SHEET_ROW_TOO_LONG,
    SHEET_OPEN_QUOTE,       /* CSV: a quote that nothing closes */
    SHEET_TOO_MANY_STRINGS,
    SHEET_NO_HEADER,
    SHEET_FAULTS
};

const char *sheet_fault_name(enum sheet_fault fault); /* "empty" "file_too_large" … */
const char *sheet_fault_text(enum sheet_fault fault); /* a plain English sentence */

enum sheet_format { SHEET_CSV, SHEET_XLSX };

enum sheet_kind {
    SHEET_TEXT,
    SHEET_NUMBER, /* XLSX: decimal text without exponent, '.' before a fraction */
    SHEET_DATE,   /* XLSX: "2026-11-20", "2026-11-20 08:03:11" or "08:03:11" */
    SHEET_BOOL,   /* "TRUE" "FALSE" */
    SHEET_ERROR   /* "#N/A" … */
};

struct sheet_cell {
    struct slice text;
    enum sheet_kind kind;
};

struct sheet_row {
    int32_t number; /* as the file counts, from 1: the row in XLSX, the first line of the record in CSV */
    size_t n;       /* cells, trailing blank ones left out; a row without any is not reported */
    const struct sheet_cell *cells; /* valid until the next call */
};

struct sheet_about {
    enum sheet_format format;
    const char *encoding; /* CSV: "UTF-8" "UTF-16LE" "UTF-16BE" "WINDOWS-1258" "TCVN5712-1" */
    bool guessed;         /* the encoding is a guess: show a preview */
    char delimiter;       /* CSV */
    int32_t replaced;     /* characters that the encoding does not know, so far */
    size_t sheets;        /* XLSX: visible ones; CSV: 1 */
};

struct sheet;

/* Looks at the file and selects its first visible sheet. `file` must stay until sheet_close. RC_BAD_INPUT or RC_TOO_LARGE with
 * *fault, RC_NOMEM. */
int sheet_open(struct slice file, struct sheet **out, enum sheet_fault *fault) RC_MUST;
void sheet_close(struct sheet *s); /* accepts NULL */
const struct sheet_about *sheet_about(const struct sheet *s);
struct slice sheet_name(const struct sheet *s, size_t i); /* of visible sheet i; CSV: empty */
/* Starts sheet i from its first row (also again). As sheet_open; RC_NOT_FOUND. */
int sheet_select(struct sheet *s, size_t i) RC_MUST;

#define SHEET_END 0
#define SHEET_ROW 1
/* The next row that has a cell. SHEET_ROW, SHEET_END, or RC_BAD_INPUT, RC_TOO_LARGE, RC_NOMEM: then there are no more rows, and
 * sheet_fault_of says why and where. */
int sheet_next(struct sheet *s, struct sheet_row *row) RC_MUST;
enum sheet_fault sheet_fault_of(const struct sheet *s, int32_t *row);

/* --- columns by their names --- */

/* A column that the caller wants. `names` are its synonyms with '|' between, accents or none, any case: "lớp|lớp học|class". A title
 * fits when it is a synonym as a whole, in a part of a bilingual title ("Ngày/TNX Date"), or begins or ends with one. */
struct sheet_column {
    const char *names;
    bool required;
};

#define SHEET_WANTED_MAX 32

struct sheet_header {
    size_t sheet;   /* where it was found */
    int32_t row;    /* number of its last row */
    size_t n;       /* columns that were wanted */
    int16_t at[SHEET_WANTED_MAX]; /* cell of each wanted column, -1: not there */
    size_t titles;  /* columns that have a title, wanted or not */
    struct slice title[SHEET_COLUMNS_MAX]; /* their texts; owned by the sheet until sheet_close or the next search */
    uint32_t above[SHEET_COLUMNS_MAX];     /* bytes of a title that come from the first of two rows; 0 of one row */
    bool taken[SHEET_COLUMNS_MAX];         /* serves a wanted column */
};

/* Looks through the first SHEET_HEADER_ROWS rows of every visible sheet for the row (or the two rows, one under the other) that names
 * most of the wanted columns and all required ones; the sheet then stands behind it. RC_BAD_INPUT with SHEET_NO_HEADER (the required columns
 * that the best row lacked are -1 in out->at), or as sheet_next. */
int sheet_find_header(struct sheet *s, const struct sheet_column *columns, size_t n, struct sheet_header *out) RC_MUST;
/* The cell of wanted column i; an empty text cell where there is none. */
struct sheet_cell sheet_cell_of(const struct sheet_row *row, const struct sheet_header *header, size_t i);
bool sheet_title_fits(struct slice title, const char *names);
/* Has column c just this name? Only accents, case and punctuation may differ, one side of a bilingual title will do ("Tiền ăn / Meals"), a unit in
 * brackets does not count ("Tiền ăn (đồng)"). For columns that must not be taken for one another. */
bool sheet_column_is(const struct sheet_header *header, size_t c, struct slice name);

/* --- values in cells --- */

/* Whole đồng as people and banks write them: 1234567, 1.234.567, 1,234,567, 1 234 567, 1,234,567.00, +1.000, -1.000, (1.000), 1.000-,
 * with đ, VND or VNĐ. One separator before three digits groups, for there is no smaller unit; a fraction must be zero.
 * RC_BAD_INPUT (also for an empty cell), RC_TOO_LARGE. */
int sheet_amount(struct sheet_cell cell, int64_t *out) RC_MUST;

enum sheet_date_form { SHEET_DAY_FIRST, SHEET_MONTH_FIRST };
struct sheet_moment {
    int32_t day;      /* since 1970-01-01 */
    bool has_time;
    int32_t second;   /* of the day */
};
/* 20/11/2026, 20-11-2026, 20.11.26, 2026-11-20, 20261120, 20-NOV-2026, each also with a time behind; years 1900 to 2199. A bare
 * number of XLSX counts as a date of that program. RC_BAD_INPUT. */
int sheet_date(struct sheet_cell cell, enum sheet_date_form form, struct sheet_moment *out) RC_MUST;
/* "08:03", "08:03:11", "8h03". */
int sheet_time(struct sheet_cell cell, int32_t *second) RC_MUST;

#endif
