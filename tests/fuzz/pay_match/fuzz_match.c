/* The input as a memo: what is found must be there, seen through the other implementation of folding; and the memo must
 * store and fold without harm. */
#include "khop/base/utf8.h"
#include "khop/pay/match.h"
#include "khop/pay/memo.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static bool contains(struct slice text, const char *code)
{
    return text.n > 0 && memmem(text.p, text.n, code, CODE_LETTERS) != NULL;
}

static void check_item(const struct match_list *list, size_t i, struct slice folded, struct slice dense)
{
    const struct match_code *c = &list->code[i];
    char text[CODE_SIZE];

    must(code_ok(c->no) && (CODE_KINDS_DEFAULT >> code_value(code_kind(c->no)) & 1) != 0);
    code_text(text, c->no);
    must((c->how == MATCH_EXACT) == contains(folded, text));
    must((c->how != MATCH_REPAIRED) == contains(dense, text));
    must(i == 0 || list->code[i - 1].how <= c->how);
    must((list->code[0].how == MATCH_REPAIRED) == (c->how == MATCH_REPAIRED));
    for (size_t j = 0; j < i; j++)
        must(list->code[j].no != c->no);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice memo = { (const char *)data, size };
    struct match_list list;
    struct buf folded, dense;

    if (match_find(memo, CODE_KINDS_DEFAULT, &list) != RC_OK) {
        must(size > MATCH_MEMO_MAX && list.n == 0);
        return 0;
    }
    must(list.n <= MATCH_MAX);
    buf_init(&folded, 2 * MATCH_MEMO_MAX);
    buf_init(&dense, 2 * MATCH_MEMO_MAX);
    must(memo_fold(&folded, memo) == RC_OK);
    for (size_t i = 0; i < folded.n; i++)
        if (folded.p[i] != ' ')
            buf_putc(&dense, folded.p[i]);
    for (size_t i = 0; i < list.n; i++)
        check_item(&list, i, buf_slice(&folded), buf_slice(&dense));
    buf_release(&folded);
    buf_release(&dense);
    return 0;
}
