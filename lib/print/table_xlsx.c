/* XLSX by libxlsxwriter. It can only write to a file by name: that is a file of the kernel's memory (memfd), under the name that the
 * process has for it, and goes to the sink from there. */
#include "table_private.h"

#include "khop/base/clock.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "khop/base/banned.h"

#define SHEET_NAME_MAX 31 /* characters; Excel's limit */
#define WIDTH_MAX      60
#define EPOCH_DAYS     25569 /* from Excel's day 0 to 1970-01-01 */

struct xlsx {
    int fd;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *title, *unit, *sub, *head, *head_right;
    lxw_format *cells[3][TABLE_TIME + 1]; /* by kind of row and of column */
    lxw_row_t at, head_at, last; /* next row, headings, last plain row */
};

static int xlsx_rc(lxw_error e)
{
    switch (e) {
    case LXW_NO_ERROR:
        return RC_OK;
    case LXW_ERROR_MEMORY_MALLOC_FAILED:
        return RC_NOMEM;
    case LXW_ERROR_CREATING_XLSX_FILE:
    case LXW_ERROR_CREATING_TMPFILE:
    case LXW_ERROR_READING_TMPFILE:
    case LXW_ERROR_ZIP_FILE_OPERATION:
    case LXW_ERROR_ZIP_FILE_ADD:
    case LXW_ERROR_ZIP_CLOSE:
        return RC_IO;
    default: /* sixty more, all of them ours */
        return RC_INTERNAL;
    }
}

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

    x->title = bold(x->book, 14);
    x->unit = bold(x->book, 11);
    x->sub = workbook_add_format(x->book);
    x->head = bold(x->book, 11);
    x->head_right = bold(x->book, 11);
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
            x->cells[row][kind] = cell_look(x->book, (enum row_kind)row, (enum table_kind)kind);
            ok = ok && x->cells[row][kind] != NULL;
        }
    return ok;
}

/* --- the sheet --- */

/* Excel refuses some characters in a sheet's name, and names that are long. */
static void sheet_name(char out[4 * SHEET_NAME_MAX + 1], const char *title)
{
    size_t n = 0, characters = 0;

    for (const char *p = title; *p != '\0'; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80 && ++characters > SHEET_NAME_MAX)
            break;
        out[n++] = strchr("[]:*?/\\'", *p) != NULL ? ' ' : *p;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
}

static int put_line(struct xlsx *x, const char *text, lxw_format *look)
{
    int rc = text == NULL || *text == '\0' ? RC_OK : xlsx_rc(worksheet_write_string(x->sheet, x->at, 0, text, look));

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
        rc = xlsx_rc(worksheet_write_string(x->sheet, x->head_at, (lxw_col_t)i, h->columns[i].title,
                                            table_is_text(h->columns[i].kind) ? x->head : x->head_right));
    x->at++;
    return rc;
}

static void set_page(struct table_out *t, struct xlsx *x)
{
    worksheet_set_paper(x->sheet, 9); /* A4 */
    if (t->head.page == TABLE_PAGE_ACROSS || (t->head.page == TABLE_PAGE_AUTO && t->head.column_count > 6))
        worksheet_set_landscape(x->sheet);
    worksheet_fit_to_pages(x->sheet, 1, 0);
    worksheet_set_margins(x->sheet, 0.5, 0.5, 0.6, 0.6);
    worksheet_set_footer(x->sheet, "&R&P/&N");
    worksheet_repeat_rows(x->sheet, x->head_at, x->head_at);
    worksheet_freeze_panes(x->sheet, x->head_at + 1, 0);
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
    workbook_set_properties(x->book, &about);
}

static int xlsx_open(struct table_out *t)
{
    struct xlsx *x = arena_alloc(t->arena, sizeof *x);
    lxw_workbook_options options = { .constant_memory = LXW_TRUE };
    char path[64], name[4 * SHEET_NAME_MAX + 1];

    if (x == NULL)
        return RC_NOMEM;
    t->own = x;
    x->fd = memfd_create("sheet", MFD_CLOEXEC);
    if (x->fd < 0)
        return RC_IO;
    snprintf(path, sizeof path, "/proc/self/fd/%d", x->fd);
    x->book = workbook_new_opt(path, &options);
    if (x->book == NULL)
        return RC_NOMEM;
    sheet_name(name, t->head.sheet != NULL ? t->head.sheet : t->head.title);
    x->sheet = workbook_add_worksheet(x->book, *name == '\0' ? NULL : name);
    if (x->sheet == NULL || !looks_make(x))
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
        return kind == ROW_PLAIN ? RC_OK : xlsx_rc(worksheet_write_blank(x->sheet, x->at, at, look));
    if (table_is_text(of) || cell->text.n > 0) {
        memcpy(text, cell->text.p, cell->text.n);
        text[cell->text.n] = '\0';
        return xlsx_rc(worksheet_write_string(x->sheet, x->at, at, text, look));
    }
    switch (of) {
    case TABLE_DATE:
        return xlsx_rc(worksheet_write_number(x->sheet, x->at, at, (double)(cell->number + EPOCH_DAYS), look));
    case TABLE_TIME: /* whole seconds */
        return xlsx_rc(worksheet_write_number(
            x->sheet, x->at, at, (double)(cell->number / CLOCK_US + CLOCK_VN_OFFSET_S) / 86400.0 + EPOCH_DAYS, look));
    case TABLE_TEXT:
    case TABLE_CODE:
    case TABLE_MONEY:
    case TABLE_INTEGER:
        break;
    }
    return xlsx_rc(worksheet_write_number(x->sheet, x->at, at, (double)cell->number, look));
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
        worksheet_set_column(x->sheet, (lxw_col_t)i, (lxw_col_t)i, (double)(width > WIDTH_MAX ? WIDTH_MAX : width), NULL);
    }
}

static int drain(struct table_out *t, int fd)
{
    char piece[16384];
    ssize_t n;
    int rc = lseek(fd, 0, SEEK_SET) < 0 ? RC_IO : RC_OK;

    while (rc == RC_OK && (n = read(fd, piece, sizeof piece)) != 0)
        rc = n < 0 ? RC_IO : t->sink.write(t->sink.arg, piece, (size_t)n);
    return rc;
}

static int xlsx_end(struct table_out *t, bool *more)
{
    struct xlsx *x = t->own;
    int rc;

    *more = false;
    set_widths(t, x);
    set_page(t, x);
    if (x->last > 0)
        worksheet_autofilter(x->sheet, x->head_at, 0, x->last, (lxw_col_t)(t->head.column_count - 1));
    rc = xlsx_rc(workbook_close(x->book)); /* frees it, also when it fails */
    x->book = NULL;
    return rc < 0 ? rc : drain(t, x->fd);
}

static void xlsx_free(struct table_out *t)
{
    struct xlsx *x = t->own;

    if (x == NULL)
        return;
    if (x->book != NULL)
        lxw_workbook_free(x->book);
    if (x->fd >= 0)
        close(x->fd);
}

const struct table_form table_xlsx = { xlsx_open, xlsx_row, xlsx_end, xlsx_free };
