#include "sheet_private.h"

#include "khop/base/utf8.h"
#include <stdlib.h>
#include <utf8proc.h>

#include "khop/base/banned.h"

static const struct {
    const char *name, *text;
} faults[SHEET_FAULTS] = {
    [SHEET_FINE] = { "fine", "Nothing is wrong." },
    [SHEET_EMPTY] = { "empty", "The file is empty." },
    [SHEET_FILE_TOO_LARGE] = { "file_too_large", "The file is larger than 32 MiB." },
    [SHEET_OLD_EXCEL] = { "old_excel", "This is an old Excel file (.xls) or one with a password: save it as .xlsx without a password." },
    [SHEET_IS_HTML] = { "is_html", "This is a web page with the name of a sheet: open it in a spreadsheet program and save it as .xlsx." },
    [SHEET_NOT_A_SHEET] = { "not_a_sheet", "This is neither CSV nor XLSX." },
    [SHEET_BROKEN_ARCHIVE] = { "broken_archive", "The .xlsx file is damaged." },
    [SHEET_BOMB] = { "bomb", "The .xlsx file unpacks to more than a sheet may have." },
    [SHEET_BROKEN_XML] = { "broken_xml", "The contents of the .xlsx file are damaged." },
    [SHEET_FORBIDDEN_XML] = { "forbidden_xml", "The .xlsx file has a document type, which is not allowed." },
    [SHEET_TOO_MANY_ROWS] = { "too_many_rows", "There are too many rows." },
    [SHEET_TOO_MANY_COLUMNS] = { "too_many_columns", "There are more than 256 columns." },
    [SHEET_ROW_TOO_LONG] = { "row_too_long", "A row or a cell is too long." },
    [SHEET_OPEN_QUOTE] = { "open_quote", "A quote is opened and never closed." },
    [SHEET_TOO_MANY_STRINGS] = { "too_many_strings", "The .xlsx file has more text than a sheet may have." },
    [SHEET_NO_HEADER] = { "no_header", "The row with the names of the columns was not found in the first 40 rows." },
};

const char *sheet_fault_name(enum sheet_fault fault)
{
    return fault >= SHEET_FINE && fault < SHEET_FAULTS ? faults[fault].name : "unknown";
}

const char *sheet_fault_text(enum sheet_fault fault)
{
    return fault >= SHEET_FINE && fault < SHEET_FAULTS ? faults[fault].text : "The file cannot be read.";
}

int sheet_fault_rc(enum sheet_fault fault)
{
    switch (fault) {
    case SHEET_FINE:
        return RC_OK;
    case SHEET_FILE_TOO_LARGE:
    case SHEET_BOMB:
    case SHEET_TOO_MANY_ROWS:
    case SHEET_TOO_MANY_COLUMNS:
    case SHEET_ROW_TOO_LONG:
    case SHEET_TOO_MANY_STRINGS:
        return RC_TOO_LARGE;
    case SHEET_EMPTY:
    case SHEET_OLD_EXCEL:
    case SHEET_IS_HTML:
    case SHEET_NOT_A_SHEET:
    case SHEET_BROKEN_ARCHIVE:
    case SHEET_BROKEN_XML:
    case SHEET_FORBIDDEN_XML:
    case SHEET_OPEN_QUOTE:
    case SHEET_NO_HEADER:
    case SHEET_FAULTS:
        return RC_BAD_INPUT;
    }
    return RC_INTERNAL;
}

int sheet_fail(struct sheet *s, enum sheet_fault fault, int32_t row)
{
    s->fault = fault;
    s->fault_row = row;
    return sheet_fault_rc(fault);
}

/* --- cells --- */

enum point_use { POINT_KEEP, POINT_SPACE, POINT_DROP };

static enum point_use use_of(uint32_t point)
{
    if (point <= 0x20 || point == 0x7f || (point >= 0x80 && point <= 0x9f) || point == 0xa0 || point == 0x2028 || point == 0x2029 ||
        point == 0x3000 || (point >= 0x2000 && point <= 0x200a) || point == 0x202f)
        return POINT_SPACE;
    if ((point >= 0x200b && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) || (point >= 0x2060 && point <= 0x2069) ||
        point == 0xfeff || point == 0xad)
        return POINT_DROP; /* invisible: width zero, direction marks, soft hyphen */
    return POINT_KEEP;
}

/* Everything below U+0300, and the Vietnamese letters at U+1E00, is composed already. */
static bool may_need_nfc(uint32_t point)
{
    return point >= 0x300 && !(point >= 0x1e00 && point <= 0x1eff);
}

static int compose(struct buf *out, size_t from)
{
    utf8proc_uint8_t *nfc = NULL;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)out->p + from, (utf8proc_ssize_t)(out->n - from), &nfc, UTF8PROC_STABLE | UTF8PROC_COMPOSE);

    if (n < 0)
        return RC_NOMEM; /* the text is valid: only memory can fail */
    out->n = from;
    buf_put(out, nfc, (size_t)n);
    free(nfc);
    return out->failed ? RC_TOO_LARGE : RC_OK;
}

int sheet_clean(struct buf *out, struct slice raw, int32_t *replaced)
{
    size_t from = out->n, end = out->n; /* end: behind the last thing that is no space */
    bool nfc = false;

    while (raw.n > 0) {
        uint32_t point = 0;
        size_t n = utf8_next(raw, &point);
        enum point_use use = POINT_KEEP;

        if (n == 0) {
            n = 1;
            buf_puts(out, "\xef\xbf\xbd");
            (*replaced)++;
        } else if ((use = use_of(point)) == POINT_KEEP) {
            buf_put(out, raw.p, n);
            nfc = nfc || may_need_nfc(point);
        } else if (use == POINT_SPACE && out->n > from) {
            buf_putc(out, ' ');
        }
        if (use == POINT_KEEP)
            end = out->n;
        raw = slice_sub(raw, n, raw.n);
    }
    if (out->failed)
        return RC_TOO_LARGE;
    out->n = end;
    return nfc ? compose(out, from) : RC_OK;
}

void sheet_line_start(struct sheet_line *line)
{
    buf_clear(&line->text);
    line->n = 0;
}

enum sheet_fault sheet_line_put(struct sheet_line *line, size_t column, enum sheet_kind kind, struct slice raw, int32_t *replaced)
{
    size_t at = line->text.n;

    if (raw.n > SHEET_CELL_MAX)
        return SHEET_ROW_TOO_LONG;
    if (sheet_clean(&line->text, raw, replaced) < 0)
        return SHEET_ROW_TOO_LONG;
    if (line->text.n == at)
        return SHEET_FINE;
    if (column >= SHEET_COLUMNS_MAX)
        return SHEET_TOO_MANY_COLUMNS;
    for (; line->n <= column; line->n++)
        line->cell[line->n].n = line->cell[line->n].at = 0, line->cell[line->n].kind = SHEET_TEXT;
    line->cell[column].at = (uint32_t)at;
    line->cell[column].n = (uint32_t)(line->text.n - at);
    line->cell[column].kind = kind;
    return SHEET_FINE;
}

void sheet_line_done(struct sheet_line *line, int32_t number, struct sheet_row *row)
{
    for (size_t i = 0; i < line->n; i++)
        line->out[i] = (struct sheet_cell){ { line->text.p + line->cell[i].at, line->cell[i].n }, line->cell[i].kind };
    *row = (struct sheet_row){ number, line->n, line->out };
}

/* --- the file --- */

static bool starts(struct slice file, const char *bytes, size_t n)
{
    return slice_starts(file, (struct slice){ bytes, n });
}

static bool is_page(struct slice file)
{
    static const char *const begins[] = { "<html", "<!doctype html", "<table", "<meta", "<head", "<body", "<style", "<div" };

    if (starts(file, "\xef\xbb\xbf", 3))
        file = slice_sub(file, 3, file.n);
    while (file.n > 0 && (file.p[0] == ' ' || file.p[0] == '\t' || file.p[0] == '\r' || file.p[0] == '\n'))
        file = slice_sub(file, 1, file.n);
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        if (slice_eq_nocase(slice_sub(file, 0, strlen(begins[i])), slice_of(begins[i])))
            return true;
    }
    return false;
}

static enum sheet_fault foreign(struct slice file)
{
    static const struct {
        const char *bytes;
        size_t n;
        enum sheet_fault fault;
    } marks[] = {
        { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, SHEET_OLD_EXCEL },
        { "\x09\x08\x10\x00\x00\x06\x05\x00", 8, SHEET_OLD_EXCEL },
        { "%PDF", 4, SHEET_NOT_A_SHEET },
        { "\x89PNG", 4, SHEET_NOT_A_SHEET },
        { "\xff\xd8\xff", 3, SHEET_NOT_A_SHEET },
        { "GIF8", 4, SHEET_NOT_A_SHEET },
        { "Rar!", 4, SHEET_NOT_A_SHEET },
        { "7z\xbc\xaf", 4, SHEET_NOT_A_SHEET },
        { "\x1f\x8b", 2, SHEET_NOT_A_SHEET },
        { "{\\rtf", 5, SHEET_NOT_A_SHEET },
        { "<?xml", 5, SHEET_NOT_A_SHEET },
    };

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (starts(file, marks[i].bytes, marks[i].n))
            return marks[i].fault;
    }
    return is_page(file) ? SHEET_IS_HTML : SHEET_FINE;
}

static int open_as(struct sheet *s, struct slice file)
{
    enum sheet_fault fault = foreign(file);

    if (file.n == 0)
        return sheet_fail(s, SHEET_EMPTY, 0);
    if (file.n > SHEET_FILE_MAX)
        return sheet_fail(s, SHEET_FILE_TOO_LARGE, 0);
    if (fault != SHEET_FINE)
        return sheet_fail(s, fault, 0);
    if (starts(file, "PK\x03\x04", 4) || starts(file, "PK\x05\x06", 4))
        return sheet_xlsx_open(s, file);
    return sheet_csv_open(s, file);
}

int sheet_open(struct slice file, struct sheet **out, enum sheet_fault *fault)
{
    struct sheet *s = calloc(1, sizeof *s);
    int rc;

    *out = NULL;
    *fault = SHEET_FINE;
    if (s == NULL)
        return RC_NOMEM;
    buf_init(&s->line.text, SHEET_ROW_MAX);
    buf_init(&s->titles, SHEET_ROW_MAX);
    rc = open_as(s, file);
    if (rc >= 0)
        rc = sheet_select(s, 0);
    if (rc < 0) {
        *fault = s->fault;
        sheet_close(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

void sheet_close(struct sheet *s)
{
    if (s == NULL)
        return;
    sheet_csv_close(s->csv);
    sheet_xlsx_close(s->xlsx);
    buf_release(&s->line.text);
    buf_release(&s->titles);
    free(s);
}

const struct sheet_about *sheet_about(const struct sheet *s)
{
    return &s->about;
}

struct slice sheet_name(const struct sheet *s, size_t i)
{
    return s->xlsx != NULL && i < s->about.sheets ? sheet_xlsx_name(s->xlsx, i) : SLICE("");
}

int sheet_select(struct sheet *s, size_t i)
{
    if (i >= s->about.sheets)
        return RC_NOT_FOUND;
    s->ended = false;
    s->fault = SHEET_FINE;
    s->rc = s->xlsx != NULL ? sheet_xlsx_start(s, i) : sheet_csv_start(s);
    s->ended = s->rc < 0;
    return s->rc;
}

int sheet_next(struct sheet *s, struct sheet_row *row)
{
    int rc;

    *row = (struct sheet_row){ 0 };
    if (s->ended)
        return s->rc < 0 ? s->rc : SHEET_END;
    rc = s->xlsx != NULL ? sheet_xlsx_next(s, row) : sheet_csv_next(s, row);
    if (rc != SHEET_ROW) {
        s->ended = true;
        s->rc = rc;
    }
    return rc;
}

enum sheet_fault sheet_fault_of(const struct sheet *s, int32_t *row)
{
    *row = s->fault_row;
    return s->fault;
}
