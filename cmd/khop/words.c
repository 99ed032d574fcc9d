/* khop words: amounts in Vietnamese words, bare form (product.md §6). */
#include <stdint.h>

#include "cmd.h"
#include "khop/base/num.h"
#include "khop/pay/words.h"

#include "khop/base/banned.h"

static bool answer_words(const struct cmd_line *line, struct buf *out, void *arg)
{
    size_t before = out->n;
    int64_t n;

    (void)arg;
    if (!line->too_long && num_parse(slice_trim(line->text), 0, WORDS_MAX, true, &n) == RC_OK &&
        words_bare(out, n, 0) == RC_OK)
        return true;
    if (!out->failed)
        out->n = before;
    buf_puts(out, "error: not an integer from 0 to 999999999999999");
    return false;
}

int cmd_words(int argc, char **argv)
{
    int code = cmd_take_end(&argc, argv, 1, 1);

    return code == CMD_OK ? cmd_filter_or_one(argv[0], answer_words, NULL) : code;
}
