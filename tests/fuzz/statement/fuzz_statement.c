/* The input as a bank statement of one format: what the check found out must be what the lines then say, twice the same. */
#include "khop/base/utf8.h"
#include "khop/pay/money.h"
#include "khop/provider/statement.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#if defined FUZZ_MT940
#define FORMAT STATEMENT_MT940
#elif defined FUZZ_CAMT
#define FORMAT STATEMENT_CAMT
#else
#define FORMAT STATEMENT_SHEET
#endif

#define TODAY 20788 /* 2026-12-01 */

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_text(struct slice s, size_t max)
{
    must(s.n <= max && utf8_valid(s));
    for (size_t i = 0; i < s.n; i++)
        must((unsigned char)s.p[i] >= 0x20);
}

static void check_line(const struct statement_line *l, const struct statement_about *a)
{
    must(l->amount != 0 && money_ok(l->amount < 0 ? -l->amount : l->amount));
    must(l->day <= TODAY + (l->by_value ? STATEMENT_AHEAD_MAX : 0));
    must(l->day >= a->from && l->day <= a->to && l->place >= 1 && l->place <= a->lines);
    must(!l->has_second || (l->second >= 0 && l->second < 86400));
    must(!l->unique || l->reference.n > 0);
    check_text(l->memo, STATEMENT_MEMO_MAX);
    check_text(l->reference, STATEMENT_REF_MAX);
    check_text(l->counter_name, STATEMENT_REF_MAX);
    check_text(l->counter_account, STATEMENT_REF_MAX);
}

static void read_again(struct statement *s)
{
    const struct statement_about *a = statement_about(s);
    struct statement_line line;
    int64_t in = 0, out = 0;
    int32_t n = 0;
    int rc;

    must(statement_rewind(s) == RC_OK);
    while ((rc = statement_next(s, &line)) == STATEMENT_MORE) {
        check_line(&line, a);
        in += line.amount > 0 ? line.amount : 0;
        out -= line.amount < 0 ? line.amount : 0;
        n++;
        must(line.place == (a->newest_first ? a->lines - n + 1 : n));
    }
    must(rc == STATEMENT_END && n == a->lines && in == a->in && out == a->out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct statement_fault fault;
    struct statement *s;
    size_t n;
    int64_t count;

    if (size > 64 * 1024)
        return 0;
    if (statement_open((struct slice){ (const char *)data, size }, FORMAT, SLICE(""), TODAY, &s, &fault) < 0) {
        must(fault.code != NULL && fault.text != NULL);
        return 0;
    }
    while (statement_check(s, 100) == STATEMENT_MORE)
        ;
    (void)statement_faults(s, &n, &count);
    must(n <= STATEMENT_FAULTS_MAX && (int64_t)n <= count);
    if (count == 0) {
        const struct statement_about *a = statement_about(s);

        must(a->has_balance /* a gap between lines is for others to find */ || !a->has_opening || !a->has_closing || a->opening + a->in - a->out == a->closing);
        read_again(s);
        read_again(s);
    }
    statement_close(s);
    return 0;
}
