#include "pupil.h"

#include "khop/base/banned.h"

struct slice pupil_name(struct task *t, const struct list_in *l, const struct sheet_row *row, size_t name, size_t last)
{
    struct slice first = sheet_cell_of(row, &l->header, name).text, given = sheet_cell_of(row, &l->header, last).text;

    const char *both;

    if (l->header.at[last] < 0 || given.n == 0)
        return first;
    both = arena_printf(t->arena, "%.*s %.*s", SLICE_FMT(first), SLICE_FMT(given));
    return both == NULL ? first : slice_of(both);
}
