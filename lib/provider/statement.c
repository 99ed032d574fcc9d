#include "statement_private.h"

#include "khop/base/num.h"
#include "sheet_private.h"
#include <stdlib.h>

#include "khop/base/banned.h"

#define TEXT_MAX (3 * STATEMENT_MEMO_MAX)

bool statement_format_by_name(struct slice name, enum statement_format *out)
{
    static const struct {
        const char *name;
        enum statement_format format;
    } names[] = { { "auto", STATEMENT_AUTO },   { "csv", STATEMENT_SHEET },  { "xlsx", STATEMENT_SHEET }, { "mt940", STATEMENT_MT940 },
                  { "camt", STATEMENT_CAMT },   { "camt.053", STATEMENT_CAMT }, { "camt.054", STATEMENT_CAMT } };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (slice_is(name, names[i].name)) {
            *out = names[i].format;
            return true;
        }
    }
    return false;
}

int statement_wrong(struct statement *s, int32_t row, const char *code, const char *text)
{
    if (!s->checked) {
        if (s->n_faults < STATEMENT_FAULTS_MAX)
            s->faults[s->n_faults++] = (struct statement_fault){ row, code, text };
        s->fault_count++;
    }
    return RC_BAD_INPUT;
}

int statement_wrong_sums(struct statement *s, int32_t row, const char *code, const char *text, int64_t a, int64_t b)
{
    const char *whole = NULL;

    if (!s->checked && s->n_faults < STATEMENT_FAULTS_MAX)
        whole = arena_printf(s->arena, "%s %lld ≠ %lld VND", text, (long long)a, (long long)b);
    return statement_wrong(s, row, code, whole != NULL ? whole : text);
}

int statement_broken(struct statement *s, int32_t row, const char *code, const char *text)
{
    s->broken = true;
    return statement_wrong(s, row, code, text);
}

int statement_text_put(struct statement *s, struct slice raw, size_t max, struct statement_text *out)
{
    int32_t replaced = 0;
    size_t at = s->text.n;

    if (raw.n > 4 * max)
        raw.n = 4 * max;
    if (sheet_clean(&s->text, raw, &replaced) < 0)
        return RC_NOMEM;
    if (s->text.n - at > max) {
        size_t n = max;

        while (n > 0 && (s->text.p[at + n] & 0xC0) == 0x80) /* between two letters */
            n--;
        s->text.n = at + n;
    }
    *out = (struct statement_text){ at, s->text.n - at };
    return RC_OK;
}

/* --- what the file says of itself --- */

static bool is_of_account(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Letters and digits only; zeros in front do not count. */
static size_t account_key(struct slice text, char out[64])
{
    size_t n = 0;

    for (size_t i = 0; i < text.n && n < 64; i++) {
        if (is_of_account(text.p[i]) && !(n == 0 && text.p[i] == '0'))
            out[n++] = (char)(text.p[i] >= 'a' ? text.p[i] - ('a' - 'A') : text.p[i]);
    }
    return n;
}

bool statement_same_account(struct slice said, struct slice expected)
{
    char a[64], b[64];
    size_t n = account_key(said, a), m = account_key(expected, b);

    if (n == 0 || m == 0)
        return true;
    /* An IBAN or "BANK/ACCOUNT" ends with the number. */
    return n >= m ? memcmp(a + n - m, b, m) == 0 : false;
}

int statement_set_account(struct statement *s, struct slice account)
{
    if (s->about.account.n > 0 || s->checked)
        return RC_OK;
    s->about.account = arena_copy(s->arena, slice_sub(account, 0, 64));
    return s->about.account.p == NULL ? RC_NOMEM : RC_OK;
}

void statement_opening(struct statement *s, int64_t v)
{
    if (s->checked)
        return;
    if (s->about.has_opening && s->about.opening != v)
        (void)statement_wrong(s, s->at, "opening", "The file gives two different opening balances.");
    s->about.has_opening = true;
    s->about.opening = v;
}

void statement_closing(struct statement *s, int64_t v)
{
    if (s->checked)
        return;
    s->about.has_closing = true;
    s->about.closing = v;
}

void statement_period(struct statement *s, int32_t from, int32_t to)
{
    if (s->checked || from > to)
        return;
    if (s->about.from > s->about.to) {
        s->about.from = from;
        s->about.to = to;
        return;
    }
    s->about.from = from < s->about.from ? from : s->about.from;
    s->about.to = to > s->about.to ? to : s->about.to;
}

int statement_decimal(struct slice text, int64_t *out)
{
    struct slice whole = text;
    size_t n = 0;

    while (n < text.n && text.p[n] != '.' && text.p[n] != ',')
        n++;
    whole.n = n;
    for (size_t i = n + 1; i < text.n; i++) {
        if (text.p[i] != '0')
            return RC_BAD_INPUT; /* there is no smaller unit than the đồng */
    }
    return num_parse(whole, 0, INT64_C(999999999999999), true, out);
}

/* --- the check --- */

static void sum_line(struct statement *s, const struct statement_line *l)
{
    struct statement_sums *m = &s->sums;
    int64_t *sum = l->amount > 0 ? &s->about.in : &s->about.out, v;

    if (!m->any) {
        m->first_day = l->day;
        m->first_second = l->second;
        m->seconds = true;
        m->has_first = l->has_balance;
        m->first_balance = l->balance;
        m->first_amount = l->amount;
    }
    m->any = true;
    m->last_day = l->day;
    m->last_second = l->second;
    m->seconds = m->seconds && l->has_second;
    m->has_last = l->has_balance;
    m->last_balance = l->balance;
    m->last_amount = l->amount;
    s->about.has_balance = s->about.has_balance && l->has_balance;
    if (m->has_before && l->has_balance) {
        m->rises += num_add(m->before_balance, l->amount, &v) && v == l->balance;
        m->falls += num_sub(m->before_balance, m->before_amount, &v) && v == l->balance;
    }
    m->has_before = l->has_balance;
    m->before_balance = l->balance;
    m->before_amount = l->amount;
    if (money_add(*sum, l->amount > 0 ? l->amount : -l->amount, sum) < 0)
        (void)statement_broken(s, l->row, "amount", "The sum of the amounts is larger than any bank has.");
    statement_period(s, l->day, l->day);
}

/* What the bank will book has not happened: it may be another's day, or a date read wrongly. */
static void check_day(struct statement *s, const struct statement_line *l)
{
    if (l->day > s->today + (l->by_value ? STATEMENT_AHEAD_MAX : 0))
        (void)statement_wrong(s, l->row, "future", "The line is of a day that has not come yet.");
}

/* Days decide; on one day the balances, then the times. */
static bool newest_first(const struct statement_sums *m)
{
    if (m->first_day != m->last_day)
        return m->first_day > m->last_day;
    if (m->rises != m->falls)
        return m->falls > m->rises;
    return m->seconds && m->first_second > m->last_second;
}

/* Balances that the file does not name, and the check of those that it does. */
static void conclude(struct statement *s)
{
    struct statement_sums *m = &s->sums;
    int64_t opening, closing, net = s->about.in - s->about.out;

    s->about.has_time = m->any && m->seconds;
    s->about.has_balance = m->any && s->about.has_balance;
    s->about.newest_first = m->any && !s->oldest_first && newest_first(m);
    if (m->any && !s->about.newest_first && m->has_first) {
        opening = m->first_balance - m->first_amount;
        closing = m->last_balance;
    } else if (m->any && s->about.newest_first && m->has_last) {
        opening = m->last_balance - m->last_amount;
        closing = m->first_balance;
    } else {
        opening = s->about.opening;
        closing = s->about.closing;
    }
    if (s->about.has_opening && opening != s->about.opening)
        (void)statement_wrong(s, 0, "opening", "The first line does not begin at the opening balance.");
    if (s->about.has_opening && s->about.has_closing && s->about.opening + net != s->about.closing)
        (void)statement_wrong(s, 0, "closing", "Opening balance and lines do not make the closing balance: lines are missing, or there are too many.");
    if (s->about.has_balance && !s->about.has_opening) {
        s->about.has_opening = true;
        s->about.opening = opening;
    }
    if (s->about.has_balance && !s->about.has_closing) {
        s->about.has_closing = true;
        s->about.closing = closing;
    }
    if (s->about.has_opening && !s->about.has_closing) {
        s->about.has_closing = true;
        s->about.closing = s->about.opening + net;
    }
    if (s->about.has_closing && !s->about.has_opening) {
        s->about.has_opening = true;
        s->about.opening = s->about.closing - net;
    }
}

const char *statement_dates_by_name(enum statement_dates_by by)
{
    static const char *const names[] = { "plain", "day_above_12", "bank", "order", "guess" };

    return names[by];
}

/* Forgets what the lines said. */
static int check_again(struct statement *s)
{
    s->again = true;
    s->before.dates = s->about.dates;
    s->about = s->before;
    s->sums = (struct statement_sums){ 0 };
    s->n_faults = s->faults_before;
    s->fault_count = (int64_t)s->faults_before;
    return statement_rewind(s);
}

static int check_end(struct statement *s)
{
    if (s->ops->again != NULL && !s->again && s->ops->again(s)) {
        int rc = check_again(s);

        return rc < 0 ? rc : STATEMENT_MORE;
    }
    conclude(s);
    s->checked = true;
    return STATEMENT_END;
}

int statement_check(struct statement *s, int32_t rows)
{
    struct statement_line line;

    if (!s->begun) {
        s->before = s->about;
        s->faults_before = s->n_faults;
    }
    s->begun = true;
    for (int32_t i = 0; i < rows && !s->broken; i++) {
        int rc = statement_next(s, &line);

        if (rc == RC_NOMEM)
            return rc;
        if (rc == STATEMENT_END)
            return check_end(s);
        if (rc < 0)
            continue;
        s->about.lines++;
        sum_line(s, &line);
        check_day(s, &line);
        if (s->about.lines >= STATEMENT_LINES_MAX)
            (void)statement_broken(s, line.row, "too_many_lines", "There are more lines than a statement may have.");
    }
    if (s->broken)
        s->checked = true;
    return s->broken ? STATEMENT_END : STATEMENT_MORE;
}

const struct statement_fault *statement_faults(const struct statement *s, size_t *n, int64_t *count)
{
    *n = s->n_faults;
    *count = s->fault_count;
    return s->faults;
}

const struct statement_about *statement_about(const struct statement *s)
{
    return &s->about;
}

int statement_rewind(struct statement *s)
{
    s->given = 0;
    s->broken = false;
    return s->ops->rewind(s);
}

int statement_next(struct statement *s, struct statement_line *line)
{
    int rc;

    if (s->broken)
        return RC_BAD_INPUT;
    buf_clear(&s->text);
    *line = (struct statement_line){ 0 };
    rc = s->ops->next(s, line);
    if (rc != STATEMENT_MORE)
        return rc;
    s->given++;
    line->place = s->checked && s->about.newest_first ? s->about.lines - s->given + 1 : s->given;
    return rc;
}

/* --- opening --- */

static bool has(struct slice head, const char *text)
{
    return memmem(head.p, head.n, text, strlen(text)) != NULL;
}

static enum statement_format guess(struct slice file)
{
    struct slice head = slice_sub(file, 0, 4096);

    if (head.n > 0 && has(head, "<") && (has(head, "camt.05") || has(head, "BkToCstmr")))
        return STATEMENT_CAMT;
    if (head.n > 0 && has(head, ":20:") && (has(head, ":25:") || has(head, ":60F:") || has(head, ":60M:")))
        return STATEMENT_MT940;
    return STATEMENT_SHEET;
}

static int open_as(struct statement *s, enum statement_format format, struct statement_fault *fault)
{
    switch (format == STATEMENT_AUTO ? guess(s->file) : format) {
    case STATEMENT_MT940:
        return statement_mt940_open(s, fault);
    case STATEMENT_CAMT:
        return statement_camt_open(s, fault);
    case STATEMENT_AUTO:
    case STATEMENT_SHEET:
        break;
    }
    return statement_sheet_open(s, fault);
}

int statement_open(struct slice file, enum statement_format format, struct slice account_no, int32_t today, struct statement **out,
                   struct statement_fault *fault)
{
    struct statement *s = calloc(1, sizeof *s);
    int rc;

    *out = NULL;
    *fault = (struct statement_fault){ 0 };
    if (s == NULL)
        return RC_NOMEM;
    s->file = file;
    s->account_no = account_no;
    s->today = today;
    s->about.from = 1;
    s->about.has_balance = true;
    buf_init(&s->text, TEXT_MAX * 4);
    s->arena = arena_new(1U << 20);
    rc = s->arena == NULL ? RC_NOMEM : RC_OK;
    if (rc >= 0 && (file.n == 0 || file.n > STATEMENT_FILE_MAX)) {
        *fault = file.n == 0 ? (struct statement_fault){ 0, "empty", "The file is empty." }
                             : (struct statement_fault){ 0, "file_too_large", "The file is larger than 32 MiB." };
        rc = file.n == 0 ? RC_BAD_INPUT : RC_TOO_LARGE;
    }
    if (rc >= 0)
        rc = open_as(s, format, fault);
    if (rc >= 0 && !statement_same_account(s->about.account, account_no)) {
        *fault = (struct statement_fault){ 0, "other_account", "This is the statement of another account." };
        rc = RC_BAD_INPUT;
    }
    if (rc < 0) {
        statement_close(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

void statement_close(struct statement *s)
{
    if (s == NULL)
        return;
    if (s->ops != NULL)
        s->ops->close(s);
    buf_release(&s->text);
    arena_free(s->arena);
    free(s);
}
