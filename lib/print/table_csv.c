/* RFC 4180, written through a small buffer so that a sink is not called for every comma. */
#include "table_private.h"

#include <string.h>

#include "khop/base/banned.h"

#define PIECE     16384
#define PIECE_MAX (PIECE + TABLE_COLUMNS_MAX * (2 * TABLE_TEXT_MAX + 4))

static int flush(struct table_out *t, size_t at_least)
{
    struct buf *b = t->own;
    int rc = RC_OK;

    if (b->failed)
        return RC_NOMEM;
    if (b->n >= at_least && b->n > 0) {
        rc = t->sink.write(t->sink.arg, b->p, b->n);
        buf_clear(b);
    }
    return rc;
}

/* What a spreadsheet could take for a formula, and what hides one behind a blank (security.md §3). */
static bool like_formula(struct slice text)
{
    return text.n > 0 && strchr("=+-@\t\r", text.p[0]) != NULL;
}

static void put_text(struct buf *b, struct slice text)
{
    bool guard = like_formula(text), quote = guard;

    for (size_t i = 0; i < text.n && !quote; i++)
        quote = strchr(",\"\r\n;\t", text.p[i]) != NULL;
    if (text.n > 0 && (text.p[0] == ' ' || text.p[text.n - 1] == ' '))
        quote = true;
    if (!quote) {
        buf_put_slice(b, text);
        return;
    }
    buf_putc(b, '"');
    if (guard)
        buf_putc(b, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            buf_putc(b, '"');
        buf_putc(b, text.p[i]);
    }
    buf_putc(b, '"');
}

static int csv_open(struct table_out *t)
{
    struct buf *b = arena_alloc(t->arena, sizeof *b);

    if (b == NULL)
        return RC_NOMEM;
    buf_init(b, PIECE_MAX);
    t->own = b;
    buf_puts(b, "\xEF\xBB\xBF");
    for (size_t i = 0; i < t->head.column_count; i++) {
        if (i > 0)
            buf_putc(b, ',');
        put_text(b, slice_of(t->head.columns[i].title));
    }
    buf_puts(b, "\r\n");
    return RC_OK;
}

static int csv_row(struct table_out *t, enum row_kind kind, const struct table_cell *cells)
{
    struct buf *b = t->own;
    char number[TABLE_CELL_SIZE];

    if (kind != ROW_PLAIN)
        return RC_OK;
    for (size_t i = 0; i < t->head.column_count; i++) {
        enum table_kind column = t->head.columns[i].kind;

        if (i > 0)
            buf_putc(b, ',');
        if (!cells[i].set)
            continue;
        if (table_is_text(column)) {
            put_text(b, cells[i].text);
        } else {
            table_number_plain(number, column, cells[i].number);
            buf_puts(b, number);
        }
    }
    buf_puts(b, "\r\n");
    return flush(t, PIECE);
}

static int csv_end(struct table_out *t, bool *more)
{
    *more = false;
    return flush(t, 1);
}

static void csv_free(struct table_out *t)
{
    if (t->own != NULL)
        buf_release(t->own);
}

const struct table_form table_csv = { csv_open, csv_row, csv_end, csv_free };
