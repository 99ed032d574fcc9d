/* Reads one integer a line, writes its bare form a line, or "error". */
#include "khop/base/num.h"
#include "khop/pay/words.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
    char line[64];
    struct buf out;

    buf_init(&out, 1024);
    while (fgets(line, sizeof line, stdin) != NULL) {
        int64_t n;

        buf_clear(&out);
        if (num_parse((struct slice){ line, strcspn(line, "\n") }, 0, WORDS_MAX, false, &n) != RC_OK ||
            words_bare(&out, n, 0) != RC_OK)
            puts("error");
        else
            puts(out.p);
    }
    buf_release(&out);
    return 0;
}
