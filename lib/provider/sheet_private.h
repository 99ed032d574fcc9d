/* Parts of a sheet, shared by lib/provider/sheet_*.c. */
#ifndef KHOP_PROVIDER_SHEET_PRIVATE_H
#define KHOP_PROVIDER_SHEET_PRIVATE_H

#include "khop/base/arena.h"
#include "khop/base/buf.h"
#include "khop/provider/sheet.h"

/* A row being put together: clean texts one behind the other, pointers only when it is complete. */
struct sheet_line {
    struct buf text;
    size_t n; /* up to the last cell that is not blank */
    struct {
        uint32_t at, n;
        enum sheet_kind kind;
    } cell[SHEET_COLUMNS_MAX];
    struct sheet_cell out[SHEET_COLUMNS_MAX];
};

struct sheet {
    struct sheet_about about;
    struct sheet_csv *csv;
    struct sheet_xlsx *xlsx;
    struct sheet_line line;
    struct buf titles;
    enum sheet_fault fault;
    int32_t fault_row;
    int rc; /* what ended the rows: RC_OK is their end */
    bool ended;
};

/* Appends text as cells have it (trimmed, NFC, no control characters); *replaced counts broken sequences. RC_TOO_LARGE, RC_NOMEM. */
int sheet_clean(struct buf *out, struct slice raw, int32_t *replaced) RC_MUST;

void sheet_line_start(struct sheet_line *line);
/* Puts a cell; blank ones are left out. SHEET_FINE, or why not. */
enum sheet_fault sheet_line_put(struct sheet_line *line, size_t column, enum sheet_kind kind, struct slice raw, int32_t *replaced) RC_MUST;
void sheet_line_done(struct sheet_line *line, int32_t number, struct sheet_row *row);

/* Keeps the reason and returns its code. */
int sheet_fail(struct sheet *s, enum sheet_fault fault, int32_t row);
int sheet_fault_rc(enum sheet_fault fault);

/* --- text of any encoding as UTF-8 --- */

struct sheet_text;
/* What the bytes look like; *skip is the mark in front. False: this is no text. */
bool sheet_guess_encoding(struct slice file, const char **encoding, bool *guessed, size_t *skip);
/* NULL without memory (or without that converter). */
struct sheet_text *sheet_text_new(struct slice bytes, const char *encoding, int32_t *replaced);
void sheet_text_free(struct sheet_text *t);
/* The next bytes of UTF-8, valid until the next call; empty at the end. Broken UTF-8 passes as it is. */
struct slice sheet_text_next(struct sheet_text *t);

/* --- formats --- */

int sheet_csv_open(struct sheet *s, struct slice file) RC_MUST;
void sheet_csv_close(struct sheet_csv *c);
int sheet_csv_start(struct sheet *s) RC_MUST;
int sheet_csv_next(struct sheet *s, struct sheet_row *row) RC_MUST;

int sheet_xlsx_open(struct sheet *s, struct slice file) RC_MUST;
void sheet_xlsx_close(struct sheet_xlsx *x);
int sheet_xlsx_start(struct sheet *s, size_t i) RC_MUST;
int sheet_xlsx_next(struct sheet *s, struct sheet_row *row) RC_MUST;
struct slice sheet_xlsx_name(const struct sheet_xlsx *x, size_t i);

/* --- numbers of XLSX --- */

/* The stored text of a number without exponent. What has a fraction and more than 15 digits is rounded to 15, as the program shows
 * it. RC_BAD_INPUT: no number, or one of more than 40 digits. */
int sheet_decimal(struct slice raw, struct buf *out) RC_MUST;
/* A serial date as ISO text. RC_BAD_INPUT: not a date of that program. */
int sheet_serial(struct slice decimal, bool since_1904, struct buf *out) RC_MUST;
/* The same as a day and a second. */
int sheet_serial_moment(struct slice decimal, bool since_1904, struct sheet_moment *out) RC_MUST;
bool sheet_format_is_date(struct slice code);
bool sheet_format_id_is_date(int64_t id);

#endif
