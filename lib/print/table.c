/* What all forms share: checks, bounds, how a value is written. */
#include "table_private.h"

#include "khop/base/clock.h"
#include "khop/base/utf8.h"
#include "khop/pay/money.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "khop/base/banned.h"

#define ARENA_MAX (96U << 20)

_Static_assert(TABLE_CELL_SIZE >= MONEY_TEXT_SIZE, "a sum fits");

int table_format_of(struct slice word, enum table_format *out)
{
    for (enum table_format f = TABLE_CSV; f <= TABLE_PDF; f++)
        if (slice_is(word, table_format_suffix(f))) {
            *out = f;
            return RC_OK;
        }
    return RC_NOT_FOUND;
}

const char *table_format_type(enum table_format f)
{
    switch (f) {
    case TABLE_CSV:
        return "text/csv; charset=utf-8";
    case TABLE_XLSX:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    case TABLE_PDF:
        return "application/pdf";
    }
    return "application/octet-stream";
}

const char *table_format_suffix(enum table_format f)
{
    switch (f) {
    case TABLE_CSV:
        return "csv";
    case TABLE_XLSX:
        return "xlsx";
    case TABLE_PDF:
        return "pdf";
    }
    return "bin";
}

/* --- values --- */

void table_number_plain(char out[TABLE_CELL_SIZE], enum table_kind kind, int64_t number)
{
    char date[CLOCK_DATE_SIZE];
    struct civil c;

    switch (kind) {
    case TABLE_DATE:
        clock_date_text(date, (int32_t)number);
        memcpy(out, date, sizeof date);
        return;
    case TABLE_TIME:
        c = clock_civil(number, CLOCK_VN_OFFSET_S);
        snprintf(out, TABLE_CELL_SIZE, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
        return;
    case TABLE_TEXT:
    case TABLE_CODE:
    case TABLE_MONEY:
    case TABLE_INTEGER:
        snprintf(out, TABLE_CELL_SIZE, "%lld", (long long)number);
    }
}

void table_number_shown(char out[TABLE_CELL_SIZE], enum table_kind kind, int64_t number)
{
    struct civil c;

    switch (kind) {
    case TABLE_DATE:
        c = clock_civil(number * 86400 * CLOCK_US, 0);
        snprintf(out, TABLE_CELL_SIZE, "%02d/%02d/%04d", c.day, c.month, c.year);
        return;
    case TABLE_TIME:
        c = clock_civil(number, CLOCK_VN_OFFSET_S);
        snprintf(out, TABLE_CELL_SIZE, "%02d/%02d/%04d %02d:%02d", c.day, c.month, c.year, c.hour, c.minute);
        return;
    case TABLE_TEXT:
    case TABLE_CODE:
    case TABLE_MONEY:
    case TABLE_INTEGER:
        money_groups(out, number);
    }
}

/* --- widths --- */

static int letter_width(uint32_t point)
{
    static const unsigned char ascii[] = {
        26, 27, 41, 65, 57, 83, 73, 23, 30, 30, 55, 57, 27, 32, 27, 37, /* space to / */
        57, 57, 57, 57, 57, 57, 57, 57, 57, 57, 27, 27, 57, 57, 57, 43, /* 0 to ? */
        90, 64, 65, 63, 73, 56, 52, 73, 74, 34, 27, 62, 52, 91, 76, 78, /* @ to O */
        60, 78, 62, 55, 55, 73, 60, 93, 58, 56, 57, 33, 37, 33, 57, 44, /* P to _ */
        28, 56, 61, 48, 61, 56, 34, 61, 62, 26, 26, 53, 26, 93, 62, 60, /* ` to o */
        61, 61, 41, 48, 36, 62, 51, 79, 53, 51, 47, 38, 55, 38, 57,     /* p to ~ */
    };

    if (point >= ' ' && point < ' ' + sizeof ascii)
        return ascii[point - ' '];
    if (point < ' ' || (point >= 0x300 && point < 0x370))
        return 0; /* combining marks */
    return point < 0x2000 ? 64 : 100;
}

int table_width(struct slice text)
{
    int width = 0, line = 0;
    uint32_t point;
    size_t n;

    while ((n = utf8_next(text, &point)) > 0) {
        text = slice_sub(text, n, text.n);
        line = point == '\n' ? 0 : line + letter_width(point);
        width = line > width ? line : width;
    }
    return width;
}

/* --- checks --- */

/* What clock_civil can show: 1970 to 9999. */
static bool number_ok(enum table_kind kind, int64_t number)
{
    const int64_t days = 2932896, first = -25508; /* 9999-12-31; 1900-03-01: before it Excel counts a day that was not */

    switch (kind) {
    case TABLE_DATE:
        return number >= first && number <= days;
    case TABLE_TIME:
        return number >= 0 && number <= days * 86400 * CLOCK_US;
    case TABLE_TEXT:
    case TABLE_CODE:
    case TABLE_MONEY:
    case TABLE_INTEGER:
        break;
    }
    return number >= -TABLE_NUMBER_MAX && number <= TABLE_NUMBER_MAX;
}

static int text_check(struct slice text)
{
    if (text.n > TABLE_TEXT_MAX)
        return RC_TOO_LARGE;
    return utf8_valid(text) && (text.n == 0 || memchr(text.p, '\0', text.n) == NULL) ? RC_OK : RC_BAD_INPUT;
}

static int cell_check(struct table_out *t, enum row_kind kind_of_row, size_t column, const struct table_cell *cell)
{
    enum table_kind kind = t->head.columns[column].kind;
    char shown[TABLE_CELL_SIZE];
    int width;

    if (!cell->set)
        return RC_OK;
    if (table_is_text(kind) || cell->text.n > 0) {
        int rc = text_check(cell->text);

        if (rc < 0)
            return rc;
        width = table_width(cell->text);
    } else {
        if (!number_ok(kind, cell->number))
            return RC_TOO_LARGE;
        table_number_shown(shown, kind, cell->number);
        width = table_width(slice_of(shown));
    }
    /* The label of a sum reaches over the empty cells beside it. */
    if (width > t->widest[column] && (kind_of_row == ROW_PLAIN || cell->text.n == 0))
        t->widest[column] = width;
    return RC_OK;
}

static int put_row(struct table_out *t, enum row_kind kind, const struct table_cell *cells)
{
    if (t->rc == RC_OK && t->ended)
        t->rc = RC_INTERNAL;
    if (t->rc == RC_OK && t->rows == t->rows_max)
        t->rc = RC_TOO_LARGE;
    for (size_t i = 0; t->rc == RC_OK && i < t->head.column_count; i++) {
        if (kind == ROW_PLAIN && !table_is_text(t->head.columns[i].kind) && cells[i].text.n > 0)
            t->rc = RC_BAD_INPUT;
        else
            t->rc = cell_check(t, kind, i, &cells[i]);
    }
    if (t->rc == RC_OK)
        t->rc = t->form->row(t, kind, cells);
    t->rows++;
    return t->rc;
}

int table_row(struct table_out *t, const struct table_cell *cells)
{
    return put_row(t, ROW_PLAIN, cells);
}

int table_sum(struct table_out *t, enum table_sum what, const struct table_cell *cells)
{
    return put_row(t, what == TABLE_SUM_ALL ? ROW_ALL : ROW_PART, cells);
}

int table_end(struct table_out *t, bool *more)
{
    *more = false;
    if (t->rc == RC_OK)
        t->rc = t->form->end(t, more);
    t->ended = true;
    if (t->rc != RC_OK)
        *more = false;
    return t->rc;
}

/* --- the head --- */

static int take_text(struct table_out *t, const char **text)
{
    struct slice s = slice_of(*text);
    int rc = *text == NULL ? RC_OK : text_check(s);

    if (*text != NULL && rc == RC_OK) {
        *text = arena_strndup(t->arena, s.p, s.n);
        rc = *text == NULL ? RC_NOMEM : RC_OK;
    }
    return rc;
}

/* In bold, which is wider by a twelfth. */
static int widest_word(const char *title)
{
    struct slice rest = slice_of(title);
    int widest = 0;

    while (rest.n > 0) {
        int width = table_width(slice_cut(&rest, ' ')) * 13 / 12;

        widest = width > widest ? width : widest;
    }
    return widest;
}

static int take_columns(struct table_out *t)
{
    struct table_column *columns = arena_array(t->arena, t->head.column_count, sizeof *columns);

    if (columns == NULL)
        return RC_NOMEM;
    memcpy(columns, t->head.columns, t->head.column_count * sizeof *columns);
    for (size_t i = 0; i < t->head.column_count; i++) {
        int rc = take_text(t, &columns[i].title);

        if (rc < 0)
            return rc;
        t->widest[i] = widest_word(columns[i].title);
    }
    t->head.columns = columns;
    return RC_OK;
}

static int take_head(struct table_out *t, const struct table_head *head)
{
    const char **texts[] = { &t->head.title, &t->head.unit, &t->head.foot, &t->head.sheet, &t->head.page_word };
    int rc;

    t->head = *head;
    if (head->column_count < 1 || head->column_count > TABLE_COLUMNS_MAX || head->title == NULL || !number_ok(TABLE_TIME, head->made_us))
        return RC_BAD_INPUT;
    rc = take_columns(t);
    for (size_t i = 0; rc == RC_OK && i < sizeof texts / sizeof texts[0]; i++)
        rc = take_text(t, texts[i]);
    for (size_t i = 0; rc == RC_OK && i < TABLE_SUBTITLES_MAX && t->head.subtitles[i] != NULL; i++)
        rc = take_text(t, &t->head.subtitles[i]);
    return rc;
}

int table_open(struct table_out **out, enum table_format format, const struct table_head *head, struct print_fonts *fonts,
               struct print_sink sink)
{
    static const struct table_form *const forms[] = { [TABLE_CSV] = &table_csv, [TABLE_XLSX] = &table_xlsx, [TABLE_PDF] = &table_pdf };
    struct arena *arena = arena_new(ARENA_MAX);
    struct table_out *t = arena == NULL ? NULL : arena_alloc(arena, sizeof *t);
    int rc;

    if (t == NULL) {
        arena_free(arena);
        return RC_NOMEM;
    }
    t->arena = arena;
    t->sink = sink;
    t->fonts = fonts;
    t->rows_max = format == TABLE_PDF ? TABLE_PDF_ROWS_MAX : TABLE_ROWS_MAX;
    rc = take_head(t, head);
    if (rc == RC_OK && format == TABLE_PDF && fonts == NULL)
        rc = RC_BAD_INPUT;
    if (rc == RC_OK) {
        t->form = forms[format];
        rc = t->form->open(t);
    }
    if (rc != RC_OK) {
        table_free(t);
        return rc;
    }
    *out = t;
    return RC_OK;
}

void table_free(struct table_out *t)
{
    if (t == NULL)
        return;
    if (t->form != NULL)
        t->form->free(t);
    arena_free(t->arena);
}
