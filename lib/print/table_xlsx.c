/* XLSX: a table with its looks. */
#include "table_private.h"
#include "xlsx_file.h"

#include "khop/base/clock.h"
#include <string.h>

#include "khop/base/banned.h"

#define WIDTH_MAX      60
#define EPOCH_DAYS     25569 /* from Excel's day 0 to 1970-01-01 */

struct xlsx {
    struct xlsx_file file;
    lxw_format *title, *unit, *sub, *head, *head_right;
    lxw_format *cells[3][TABLE_TIME + 1]; /* by kind of row and of column */
    lxw_row_t at, head_at, last; /* next row, headings, last plain row */
};

/* --- looks --- */

static lxw_format *bold(lxw_workbook *book, double size)
{
    lxw_format *f = workbook_add_format(book);

    if (f != NULL) {
        format_set_bold(f);
        format_set_font_size(f, size);
    }
    return f;
}

static lxw_format *cell_look(lxw_workbook *book, enum row_kind row, enum table_kind column)
{
    static const char *const numbers[] = {
        [TABLE_TEXT] = NULL,          [TABLE_CODE] = "@",          [TABLE_MONEY] = "#,##0",
        [TABLE_INTEGER] = "#,##0",    [TABLE_DATE] = "dd/mm/yyyy", [TABLE_TIME] = "dd/mm/yyyy hh:mm:ss",
    };
    lxw_format *f = workbook_add_format(book);

    if (f == NULL)
        return NULL;
    if (numbers[column] != NULL)
        format_set_num_format(f, numbers[column]);
    format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    if (column == TABLE_TEXT && row == ROW_PLAIN)
        format_set_text_wrap(f);
    if (!table_is_text(column))
        format_set_align(f, LXW_ALIGN_RIGHT);
    if (row != ROW_PLAIN) {
        format_set_bold(f);
        format_set_top(f, row == ROW_ALL ? LXW_BORDER_DOUBLE : LXW_BORDER_THIN);
    }
    return f;
}

static bool looks_make(struct xlsx *x)
{
    bool ok = true;

    x->title = bold(x->file.book, 14);
    x->unit = bold(x->file.book, 11);
    x->sub = workbook_add_format(x->file.book);
    x->head = bold(x->file.book, 11);
    x->head_right = bold(x->file.book, 11);
    if (x->title == NULL || x->unit == NULL || x->sub == NULL || x->head == NULL || x->head_right == NULL)
        return false;
    format_set_font_color(x->sub, 0x595959);
    for (int i = 0; i < 2; i++) {
        lxw_format *f = i == 0 ? x->head : x->head_right;

        format_set_bg_color(f, 0xE6EFEA);
        format_set_bottom(f, LXW_BORDER_THIN);
        format_set_text_wrap(f);
        format_set_align(f, LXW_ALIGN_VERTICAL_CENTER);
    }
    format_set_align(x->head_right, LXW_ALIGN_RIGHT);
    for (int row = ROW_PLAIN; row <= ROW_ALL; row++)
        for (int kind = TABLE_TEXT; kind <= TABLE_TIME; kind++) {
            x->cells[row][kind] = cell_look(x->file.book, (enum row_kind)row, (enum table_kind)kind);
            ok = ok && x->cells[row][kind] != NULL;
        }
    return ok;
}

/* --- the sheet --- */

static int put_line(struct xlsx *x, const char *text, lxw_format *look)
{
    int rc = text == NULL || *text == '\0' ? RC_OK : xlsx_rc(worksheet_write_string(x->file.sheet, x->at, 0, text, look));

    x->at += text == NULL ? 0 : 1;
    return rc;
}

static int put_head(struct table_out *t, struct xlsx *x)
{
    const struct table_head *h = &t->head;
    int rc = put_line(x, h->unit, x->unit);

    if (rc == RC_OK)
        rc = put_line(x, h->title, x->title);
    for (size_t i = 0; rc == RC_OK && i < TABLE_SUBTITLES_MAX && h->subtitles[i] != NULL; i++)
        rc = put_line(x, h->subtitles[i], x->sub);
    x->head_at = ++x->at; /* behind an empty row: what Excel takes for the table begins here */
    for (size_t i = 0; rc == RC_OK && i < h->column_count; i++)
        rc = xlsx_rc(worksheet_write_string(x->file.sheet, x->head_at, (lxw_col_t)i, h->columns[i].title,
                                            table_is_text(h->columns[i].kind) ? x->head : x->head_right));
    x->at++;
    return rc;
}

static void set_page(struct table_out *t, struct xlsx *x)
{
    worksheet_set_paper(x->file.sheet, 9); /* A4 */
    if (t->head.page == TABLE_PAGE_ACROSS || (t->head.page == TABLE_PAGE_AUTO && t->head.column_count > 6))
        worksheet_set_landscape(x->file.sheet);
    worksheet_fit_to_pages(x->file.sheet, 1, 0);
    worksheet_set_margins(x->file.sheet, 0.5, 0.5, 0.6, 0.6);
    worksheet_set_footer(x->file.sheet, "&R&P/&N");
    worksheet_repeat_rows(x->file.sheet, x->head_at, x->head_at);
    worksheet_freeze_panes(x->file.sheet, x->head_at + 1, 0);
}

static void describe(struct table_out *t, struct xlsx *x)
{
    union {
        const char *text;
        char *theirs; /* copied by the library, never written */
    } title = { t->head.title }, unit = { t->head.unit };
    lxw_doc_properties about = { .title = title.theirs, .company = unit.theirs, .created = (time_t)(t->head.made_us / CLOCK_US) };

    if (about.created == 0)
        about.created = 1; /* 0 would be the clock's */
    workbook_set_properties(x->file.book, &about);
}

static int xlsx_open(struct table_out *t)
{
    struct xlsx *x = arena_alloc(t->arena, sizeof *x);
    int rc;

    if (x == NULL)
        return RC_NOMEM;
    t->own = x;
    rc = xlsx_file_open(&x->file, t->head.sheet != NULL ? t->head.sheet : t->head.title);
    if (rc < 0)
        return rc;
    if (!looks_make(x))
        return RC_NOMEM;
    describe(t, x);
    return put_head(t, x);
}

static int put_cell(struct table_out *t, struct xlsx *x, enum row_kind kind, size_t column, const struct table_cell *cell)
{
    enum table_kind of = t->head.columns[column].kind;
    lxw_format *look = x->cells[kind][of];
    lxw_col_t at = (lxw_col_t)column;
    char text[TABLE_TEXT_MAX + 1];

    if (!cell->set || (table_is_text(of) && cell->text.n == 0))
        return kind == ROW_PLAIN ? RC_OK : xlsx_rc(worksheet_write_blank(x->file.sheet, x->at, at, look));
    if (table_is_text(of) || cell->text.n > 0) {
        memcpy(text, cell->text.p, cell->text.n);
        text[cell->text.n] = '\0';
        return xlsx_rc(worksheet_write_string(x->file.sheet, x->at, at, text, look));
    }
    switch (of) {
    case TABLE_DATE:
        return xlsx_rc(worksheet_write_number(x->file.sheet, x->at, at, (double)(cell->number + EPOCH_DAYS), look));
    case TABLE_TIME: /* whole seconds */
        return xlsx_rc(worksheet_write_number(
            x->file.sheet, x->at, at, (double)(cell->number / CLOCK_US + CLOCK_VN_OFFSET_S) / 86400.0 + EPOCH_DAYS, look));
    case TABLE_TEXT:
    case TABLE_CODE:
    case TABLE_MONEY:
    case TABLE_INTEGER:
        break;
    }
    return xlsx_rc(worksheet_write_number(x->file.sheet, x->at, at, (double)cell->number, look));
}

static int xlsx_row(struct table_out *t, enum row_kind kind, const struct table_cell *cells)
{
    struct xlsx *x = t->own;
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < t->head.column_count; i++)
        rc = put_cell(t, x, kind, i, &cells[i]);
    if (kind == ROW_PLAIN)
        x->last = x->at;
    x->at++;
    return rc;
}

/* --- the end --- */

static void set_widths(struct table_out *t, struct xlsx *x)
{
    for (size_t i = 0; i < t->head.column_count; i++) {
        int width = t->widest[i] / 55 + 3; /* in digits, with room for the filter's arrow */

        if (t->head.columns[i].kind == TABLE_TIME)
            width += 3; /* seconds, which paper does not show */
        worksheet_set_column(x->file.sheet, (lxw_col_t)i, (lxw_col_t)i, (double)(width > WIDTH_MAX ? WIDTH_MAX : width), NULL);
    }
}

static int xlsx_end(struct table_out *t, bool *more)
{
    struct xlsx *x = t->own;

    *more = false;
    set_widths(t, x);
    set_page(t, x);
    if (x->last > 0)
        worksheet_autofilter(x->file.sheet, x->head_at, 0, x->last, (lxw_col_t)(t->head.column_count - 1));
    return xlsx_file_end(&x->file, t->sink);
}

static void xlsx_free(struct table_out *t)
{
    struct xlsx *x = t->own;

    if (x != NULL)
        xlsx_file_free(&x->file);
}

const struct table_form table_xlsx = { xlsx_open, xlsx_row, xlsx_end, xlsx_free };
