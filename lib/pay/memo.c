#include "khop/pay/memo.h"

#include "fold.h"
#include "khop/base/utf8.h"
#include "khop/pay/code.h"

#include "khop/base/banned.h"


/* Appends at most `room` letters of the folded text; never ends with a space. True if the end fell inside a word. */
static bool fold_into(struct buf *out, struct slice text, size_t room)
{
    size_t done = 0;
    bool space = false; /* one is owed before the next letter */

    for (size_t at = 0; at < text.n;) {
        enum fold_kind kind;
        char letter = ' ';

        at += fold_next(slice_sub(text, at, text.n - at), &kind, &letter);
        if (kind == FOLD_MARK)
            continue;
        if (kind == FOLD_OTHER) {
            space = done > 0;
            continue;
        }
        if (room - done < (space ? 2U : 1U))
            return !space && done > 0;
        if (space) {
            buf_putc(out, ' ');
            done++;
        }
        buf_putc(out, letter);
        done++;
        space = false;
    }
    return false;
}

int memo_fold(struct buf *out, struct slice text)
{
    (void)fold_into(out, text, SIZE_MAX);
    return out->failed ? RC_NOMEM : RC_OK;
}

/* Half a word says something else: THANG 1 is not THANG 11. A single long word is cut all the same. */
static void drop_half_word(struct buf *out, size_t start)
{
    size_t n = out->n;

    while (n > start && out->p[n - 1] != ' ')
        n--;
    if (n <= start)
        return;
    out->n = n - 1;
    out->p[out->n] = '\0';
}

int memo_make(struct buf *out, int32_t code_no, struct slice label, size_t limit)
{
    char code[CODE_SIZE];
    size_t start;

    if (!code_ok(code_no) || limit < CODE_LETTERS)
        return RC_BAD_INPUT;
    code_text(code, code_no);
    buf_put(out, code, CODE_LETTERS);
    if (limit >= CODE_LETTERS + 2) {
        buf_putc(out, ' ');
        start = out->n;
        if (fold_into(out, label, limit - CODE_LETTERS - 1) && !out->failed)
            drop_half_word(out, start);
        if (!out->failed && out->n == start)
            out->p[--out->n] = '\0'; /* nothing came: the space goes too */
    }
    return out->failed ? RC_NOMEM : RC_OK;
}

