#include "khop/print/ledger.h"

#include "check.h"
#include "khop/base/clock.h"
#include "khop/base/num.h"
#include <stdarg.h>
#include <stdio.h>

#include "khop/base/banned.h"

#define LINE_MAX_BYTES 1024
#define TEXT_MAX       400

static void put(struct ledger_out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct ledger_out *o, const char *fmt, ...)
{
    char line[LINE_MAX_BYTES];
    va_list ap;
    int n;

    if (o->rc != RC_OK)
        return;
    va_start(ap, fmt);
    n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    o->rc = n < 0 || n >= (int)sizeof line ? RC_TOO_LARGE : o->sink.write(o->sink.arg, line, (size_t)n);
}

/* Text as both formats take it inside a line: no quotes, no sign that begins a comment, no control characters. */
static const char *tame(char out[TEXT_MAX + 1], struct slice text)
{
    size_t n = 0, i;

    for (i = 0; i < text.n && n < TEXT_MAX; i++) {
        char c = text.p[i];

        out[n++] = (unsigned char)c < ' ' || c == '"' || c == ';' || c == '\\' || c == '|' || c == 127 ? ' ' : c;
    }
    if (i < text.n) { /* not half a letter */
        while (n > 0 && ((unsigned char)out[n - 1] & 0xC0) == 0x80)
            n--;
        if (n > 0 && ((unsigned char)out[n - 1] & 0x80) != 0)
            n--;
    }
    out[n] = '\0';
    return out;
}

static const char *date_of(char out[CLOCK_DATE_SIZE], int32_t day)
{
    clock_date_text(out, day);
    return out;
}

/* The chart of accounts of Vietnamese public units says by its first digit what an account is. */
static const char *family(const char *no)
{
    switch (no[0]) {
    case '1':
    case '2':
        return "Assets";
    case '3':
        return "Liabilities";
    case '5':
    case '7':
        return "Income";
    case '6':
    case '8':
        return "Expenses";
    default:
        return "Equity";
    }
}

static void put_posting(struct ledger_out *o, const char *no, int64_t amount, const char *behind)
{
    char account[LEDGER_ACCOUNT_SIZE + 16];

    snprintf(account, sizeof account, "%s:%s", family(no), no);
    put(o, "    %-22s %18lld VND%s\n", account, (long long)amount, behind);
}

/* --- accounts --- */

static struct ledger_account *find(struct ledger_out *o, struct slice no)
{
    for (size_t i = 0; i < o->n; i++)
        if (slice_is(no, o->accounts[i].no))
            return &o->accounts[i];
    return NULL;
}

static struct ledger_account *declare(struct ledger_out *o, struct slice no, struct slice name)
{
    struct ledger_account *a = find(o, no);
    char date[CLOCK_DATE_SIZE], text[TEXT_MAX + 1];
    int64_t value;

    if (a != NULL)
        return a;
    if (num_parse(no, 1, INT32_MAX, false, &value) < 0 || no.n >= LEDGER_ACCOUNT_SIZE || print_text_check(name, 8192) < 0) {
        o->rc = o->rc == RC_OK ? RC_BAD_INPUT : o->rc;
        return NULL;
    }
    if (o->n == LEDGER_ACCOUNTS_MAX) {
        o->rc = o->rc == RC_OK ? RC_TOO_LARGE : o->rc;
        return NULL;
    }
    a = &o->accounts[o->n++];
    snprintf(a->no, sizeof a->no, "%.*s", SLICE_FMT(no));
    if (o->format == LEDGER_BEANCOUNT) {
        put(o, "%s open %s:%s VND\n", date_of(date, o->from), family(a->no), a->no);
        if (name.n > 0)
            put(o, "  name: \"%s\"\n", tame(text, name));
    } else {
        put(o, "account %s:%s  ; %s\n", family(a->no), a->no, tame(text, name));
    }
    return a;
}

/* --- the whole --- */

int ledger_out_begin(struct ledger_out *o, enum ledger_format format, struct slice title, int32_t from, struct print_sink sink)
{
    char date[CLOCK_DATE_SIZE], text[TEXT_MAX + 1];

    *o = (struct ledger_out){ .format = format, .sink = sink, .from = from, .last = from };
    o->rc = print_text_check(title, 8192);
    put(o, "; %s\n; Khớp %s\n\n", tame(text, title), KHOP_VERSION);
    if (format == LEDGER_BEANCOUNT)
        put(o, "option \"title\" \"%s\"\noption \"operating_currency\" \"VND\"\n\n%s commodity VND\n", text, date_of(date, from));
    else
        put(o, "commodity 1000. VND\n");
    return o->rc;
}

int ledger_out_account(struct ledger_out *o, struct slice no, struct slice name, int64_t opening)
{
    struct ledger_account *a = declare(o, no, name);

    if (a != NULL)
        a->balance = opening;
    return o->rc;
}

/* What there was before, as one transaction: its sides are equal, as those of the books are. */
static void put_opening(struct ledger_out *o)
{
    char date[CLOCK_DATE_SIZE];
    bool any = false;

    o->opened = true;
    put(o, "\n");
    for (size_t i = 0; i < o->n; i++) {
        if (o->accounts[i].balance == 0)
            continue;
        if (!any)
            put(o, o->format == LEDGER_BEANCOUNT ? "%s * \"Số dư đầu kỳ\"\n" : "%s * Số dư đầu kỳ\n", date_of(date, o->from));
        any = true;
        put_posting(o, o->accounts[i].no, o->accounts[i].balance, "");
    }
    if (any)
        put(o, "\n");
}

static void put_head(struct ledger_out *o, const struct ledger_row *row)
{
    char date[CLOCK_DATE_SIZE], kind[TEXT_MAX + 1], code[TEXT_MAX + 1], reference[TEXT_MAX + 1];

    date_of(date, row->day);
    tame(kind, row->kind);
    tame(code, row->code);
    tame(reference, row->reference);
    if (o->format == LEDGER_BEANCOUNT) {
        put(o, "%s * \"%s\" \"%s\"\n  seq: %lld\n", date, kind, code, (long long)row->seq);
        if (row->reference.n > 0)
            put(o, "  reference: \"%s\"\n", reference);
        if (row->of_seq > 0)
            put(o, "  of: %lld\n", (long long)row->of_seq);
        return;
    }
    put(o, "%s * (%lld) %s%s%s", date, (long long)row->seq, kind, row->code.n > 0 ? " | " : "", code);
    if (row->reference.n > 0 || row->of_seq > 0)
        put(o, "  ;");
    if (row->reference.n > 0)
        put(o, " reference: %s", reference);
    if (row->of_seq > 0)
        put(o, "%s of: %lld", row->reference.n > 0 ? "," : "", (long long)row->of_seq);
    put(o, "\n");
}

int ledger_out_row(struct ledger_out *o, const struct ledger_row *row)
{
    struct ledger_account *debit = declare(o, row->debit, (struct slice){ 0 }), *credit = declare(o, row->credit, (struct slice){ 0 });

    if (debit == NULL || credit == NULL || o->rc != RC_OK)
        return o->rc;
    if (row->amount <= 0 || row->day < o->last) {
        o->rc = RC_BAD_INPUT;
        return o->rc;
    }
    if (!o->opened)
        put_opening(o);
    o->last = row->day;
    if (!num_add(debit->balance, row->amount, &debit->balance) || !num_sub(credit->balance, row->amount, &credit->balance)) {
        o->rc = RC_TOO_LARGE;
        return o->rc;
    }
    put_head(o, row);
    put_posting(o, debit->no, row->amount, "");
    put_posting(o, credit->no, -row->amount, "");
    put(o, "\n");
    return o->rc;
}

int ledger_out_end(struct ledger_out *o)
{
    char date[CLOCK_DATE_SIZE], behind[48];

    if (!o->opened)
        put_opening(o);
    /* Beancount asserts what an account holds as a day begins. */
    date_of(date, o->format == LEDGER_BEANCOUNT ? o->last + 1 : o->last);
    if (o->format == LEDGER_HLEDGER && o->n > 0)
        put(o, "%s * Số dư cuối kỳ\n", date);
    for (size_t i = 0; i < o->n; i++) {
        const struct ledger_account *a = &o->accounts[i];

        if (o->format == LEDGER_BEANCOUNT) {
            put(o, "%s balance %s:%-12s %16lld VND\n", date, family(a->no), a->no, (long long)a->balance);
        } else {
            snprintf(behind, sizeof behind, " = %lld VND", (long long)a->balance);
            put_posting(o, a->no, 0, behind);
        }
    }
    return o->rc;
}
