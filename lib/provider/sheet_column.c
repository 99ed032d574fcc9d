/* Is a column just this one? For columns that must not be taken for one another. */
#include "khop/base/buf.h"
#include "khop/pay/memo.h"
#include "khop/provider/sheet.h"

#include "khop/base/banned.h"

#define TITLE_MAX 240 /* bytes of a title that are looked at */

/* Without "(đồng)" behind. */
static struct slice without_unit(struct slice title)
{
    static const char *const UNITS[] = { "(đồng)", "(đ)", "(vnd)", "(vnđ)", "(VND)", "(VNĐ)", "(Đồng)", "(ĐỒNG)" };

    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        struct slice unit = slice_of(UNITS[i]);

        if (title.n > unit.n && slice_eq(slice_sub(title, title.n - unit.n, unit.n), unit))
            return slice_trim(slice_sub(title, 0, title.n - unit.n));
    }
    return title;
}

static bool same_name(struct slice title, struct slice folded)
{
    struct buf b;
    bool same;

    title = without_unit(slice_trim(title));
    if (title.n == 0 || title.n > TITLE_MAX)
        return false;
    buf_init(&b, TITLE_MAX);
    same = memo_fold(&b, title) == RC_OK && slice_eq(buf_slice(&b), folded);
    buf_release(&b);
    return same;
}

static bool either_side(struct slice title, struct slice folded)
{
    if (same_name(title, folded))
        return true;
    for (size_t i = 0; i < title.n; i++) {
        if (title.p[i] == '/')
            return same_name(slice_sub(title, 0, i), folded) || same_name(slice_sub(title, i + 1, title.n - i - 1), folded);
    }
    return false;
}

bool sheet_column_is(const struct sheet_header *header, size_t c, struct slice name)
{
    struct slice title = c < header->titles ? header->title[c] : SLICE("");
    size_t above = c < header->titles ? header->above[c] : 0;
    struct buf folded;
    bool is;

    buf_init(&folded, TITLE_MAX);
    is = memo_fold(&folded, name) == RC_OK && folded.n > 0 &&
         (either_side(title, buf_slice(&folded)) ||
          (above > 0 && above < title.n && (either_side(slice_sub(title, 0, above), buf_slice(&folded)) ||
                                            either_side(slice_sub(title, above + 1, title.n - above - 1), buf_slice(&folded)))));
    buf_release(&folded);
    return is;
}
