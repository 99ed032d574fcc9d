/* A list that somebody sent, given back as XLSX with what is wrong: the rows as they came, each at its number, a first column that says what must be
 * put right, and the cells that are meant in colour. Whole numbers stay numbers, everything else is text, so that it can be corrected and sent again. */
#ifndef KHOP_PRINT_MARKED_H
#define KHOP_PRINT_MARKED_H

#include "khop/base/slice.h"
#include "khop/print/sink.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARKED_TEXT_MAX 4096 /* bytes of a cell and of a mark that are shown */

struct marked_cell {
    struct slice text; /* UTF-8 */
    bool number;       /* decimal digits: stays a number where Excel keeps them all */
    bool wrong;
};

struct marked_out;

/* `sheet` names the sheet, `head` the first column, in row `head_row` (from 1). RC_NOMEM, RC_IO. */
int marked_open(struct marked_out **out, const char *sheet, const char *head, int32_t head_row, struct print_sink sink) RC_MUST;
/* Rows by ascending number, from 1. `mark`: what is wrong with it, empty for nothing. RC_BAD_INPUT for a row that comes too late. */
int marked_row(struct marked_out *m, int32_t number, struct slice mark, const struct marked_cell *cells, size_t n) RC_MUST;
/* Writes the file into the sink; nothing was written before. */
int marked_end(struct marked_out *m) RC_MUST;
void marked_free(struct marked_out *m); /* accepts NULL */

#endif
