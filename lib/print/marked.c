#include "khop/print/marked.h"

#include "khop/base/num.h"
#include "xlsx_file.h"

#include <stdlib.h>
#include <string.h>

#include "khop/base/banned.h"

#define MARK_WIDTH 48
#define CELL_WIDTH 16
#define COLUMNS    256
#define DIGITS_MAX 15 /* that a number of Excel keeps */

struct marked_out {
    struct xlsx_file file;
    struct print_sink sink;
    const char *head;
    int32_t head_row, last;
    lxw_format *title, *mark, *wrong;
};

static bool looks_make(struct marked_out *m)
{
    m->title = workbook_add_format(m->file.book);
    m->mark = workbook_add_format(m->file.book);
    m->wrong = workbook_add_format(m->file.book);
    if (m->title == NULL || m->mark == NULL || m->wrong == NULL)
        return false;
    format_set_bold(m->title);
    format_set_bg_color(m->title, 0xF8D7D3);
    format_set_text_wrap(m->mark);
    format_set_font_color(m->mark, 0x9B1C1C);
    format_set_align(m->mark, LXW_ALIGN_VERTICAL_TOP);
    format_set_bg_color(m->wrong, 0xF8D7D3);
    return true;
}

int marked_open(struct marked_out **out, const char *sheet, const char *head, int32_t head_row, struct print_sink sink)
{
    struct marked_out *m = calloc(1, sizeof *m);
    int rc;

    if (m == NULL)
        return RC_NOMEM;
    *m = (struct marked_out){ .sink = sink, .head = head, .head_row = head_row };
    rc = xlsx_file_open(&m->file, sheet);
    if (rc == RC_OK && !looks_make(m))
        rc = RC_NOMEM;
    if (rc < 0) {
        marked_free(m);
        return rc;
    }
    worksheet_set_column(m->file.sheet, 0, 0, MARK_WIDTH, NULL);
    worksheet_set_column(m->file.sheet, 1, COLUMNS, CELL_WIDTH, NULL);
    worksheet_freeze_panes(m->file.sheet, (lxw_row_t)head_row, 1);
    *out = m;
    return RC_OK;
}

static int put_text(struct marked_out *m, lxw_row_t row, lxw_col_t column, struct slice text, lxw_format *look)
{
    char copy[MARKED_TEXT_MAX + 1];
    size_t n = text.n < MARKED_TEXT_MAX ? text.n : MARKED_TEXT_MAX;

    while (n < text.n && n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80)
        n--; /* not inside of a character */
    memcpy(copy, text.p, n);
    copy[n] = '\0';
    return xlsx_rc(worksheet_write_string(m->file.sheet, row, column, copy, look));
}

/* A whole number whose digits Excel keeps; longer ones (of accounts) and fractions stay text. */
static bool is_number(const struct marked_cell *cell, int64_t *out)
{
    return cell->number && cell->text.n <= DIGITS_MAX && num_parse_signed(cell->text, INT64_MIN, INT64_MAX, out) == RC_OK;
}

static int put_cell(struct marked_out *m, lxw_row_t row, lxw_col_t column, const struct marked_cell *cell)
{
    lxw_format *look = cell->wrong ? m->wrong : NULL;
    int64_t number;

    if (cell->text.n == 0)
        return cell->wrong ? xlsx_rc(worksheet_write_blank(m->file.sheet, row, column, look)) : RC_OK;
    if (is_number(cell, &number))
        return xlsx_rc(worksheet_write_number(m->file.sheet, row, column, (double)number, look));
    return put_text(m, row, column, cell->text, look);
}

int marked_row(struct marked_out *m, int32_t number, struct slice mark, const struct marked_cell *cells, size_t n)
{
    lxw_row_t row = (lxw_row_t)number - 1;
    int rc = RC_OK;

    if (number <= m->last)
        return RC_BAD_INPUT;
    m->last = number;
    if (number == m->head_row)
        rc = put_text(m, row, 0, slice_of(m->head), m->title);
    else if (mark.n > 0)
        rc = put_text(m, row, 0, mark, m->mark);
    for (size_t i = 0; rc == RC_OK && i < n && i < COLUMNS; i++)
        rc = put_cell(m, row, (lxw_col_t)(i + 1), &cells[i]);
    return rc;
}

int marked_end(struct marked_out *m)
{
    return xlsx_file_end(&m->file, m->sink);
}

void marked_free(struct marked_out *m)
{
    if (m == NULL)
        return;
    xlsx_file_free(&m->file);
    free(m);
}
