/* The three forms behind table.h. Private to table*.c. */
#ifndef KHOP_PRINT_TABLE_PRIVATE_H
#define KHOP_PRINT_TABLE_PRIVATE_H

#include "khop/base/arena.h"
#include "khop/print/table.h"

enum row_kind { ROW_PLAIN, ROW_PART, ROW_ALL };

/* A form's own part. row: cells have been checked. end: as table_end. */
struct table_form {
    int (*open)(struct table_out *t);
    int (*row)(struct table_out *t, enum row_kind kind, const struct table_cell *cells);
    int (*end)(struct table_out *t, bool *more);
    void (*free)(struct table_out *t);
};

struct table_out {
    const struct table_form *form;
    struct table_head head; /* texts in the arena */
    struct print_fonts *fonts;
    struct print_sink sink;
    struct arena *arena;
    int rc;
    bool ended;
    size_t rows, rows_max;
    int widest[TABLE_COLUMNS_MAX]; /* of the widest cell, or of the heading's widest word */
    void *own;                         /* of the form, in the arena */
};

extern const struct table_form table_csv, table_xlsx, table_pdf;

/* About how wide a text is in Noto Sans, in hundredths of its size. Without looking at the font: good to some percent. */
int table_width(struct slice text);

static inline bool table_is_text(enum table_kind kind)
{
    return kind == TABLE_TEXT || kind == TABLE_CODE;
}

#endif
