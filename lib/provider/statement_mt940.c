/* MT940: fields ":61:" and ":86:" between ":60F:" and ":62F:". Several statements may stand in a file; those of the account are read, pages
 * (":60M:", ":62M:") joined. The bytes are UTF-8 or ASCII. */
#include "statement_private.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"
#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define FIELD_MAX 8192

struct mt940 {
    struct slice rest; /* from the line at hand */
    int32_t line;      /* its number, from 1 */
    bool ours;         /* the statement at hand is of the account */
    bool any;          /* one was */
    bool page_open;    /* between :60: and :62: */
    int64_t balance;   /* by opening and lines of this page */
    bool chained;      /* balance holds the closing of the page before */
    struct buf field;
    char tag[4];
    int32_t field_line;
};

static void close_mt940(struct statement *s)
{
    struct mt940 *m = s->own;

    if (m != NULL)
        buf_release(&m->field);
    free(m);
    s->own = NULL;
}

/* --- fields --- */

static struct slice take_row(struct mt940 *m)
{
    struct slice row = slice_cut(&m->rest, '\n');

    m->line++;
    if (row.n > 0 && row.p[row.n - 1] == '\r')
        row.n--;
    return row;
}

/* ":61:" at the beginning of a row; also behind "{4:". */
static bool is_tag(struct slice *row, char tag[4])
{
    struct slice r = *row;
    size_t n = 2;

    if (slice_starts(r, SLICE("{1:")) || slice_starts(r, SLICE("{4:"))) {
        const char *at = memmem(r.p, r.n, "{4:", 3);

        if (at == NULL)
            return false;
        r = slice_sub(r, (size_t)(at - r.p) + 3, r.n);
    }
    if (r.n < 4 || r.p[0] != ':' || r.p[1] < '0' || r.p[1] > '9' || r.p[2] < '0' || r.p[2] > '9')
        return false;
    if (r.p[3] != ':')
        n = 3;
    if (r.n < n + 2 || r.p[n + 1] != ':' || (n == 3 && (r.p[3] < 'A' || r.p[3] > 'Z')))
        return false;
    memset(tag, 0, 4);
    memcpy(tag, r.p + 1, n);
    *row = slice_sub(r, n + 2, r.n);
    return true;
}

/* The next field into m->field: rows joined by line ends. False: the file ends. */
static bool next_field(struct mt940 *m)
{
    bool found = false;

    buf_clear(&m->field);
    while (m->rest.n > 0) {
        struct slice before = m->rest, row = take_row(m);
        char tag[4];

        if (is_tag(&row, tag)) {
            if (found) { /* of the next one */
                m->rest = before;
                m->line--;
                return true;
            }
            found = true;
            memcpy(m->tag, tag, 4);
            m->field_line = m->line;
            buf_put_slice(&m->field, row);
        } else if (found) {
            if (slice_starts(row, SLICE("-}")) || slice_is(row, "-"))
                return true;
            buf_putc(&m->field, '\n');
            buf_put_slice(&m->field, row);
        }
    }
    return found;
}

/* --- parts of fields --- */

/* YYMMDD: 2000 to 2099. */
static int take_date(struct slice *s, int32_t *day, int *year)
{
    char text[CLOCK_DATE_SIZE + 4];
    int64_t v;

    if (s->n < 6 || num_parse(slice_sub(*s, 0, 6), 0, 999999, true, &v) < 0)
        return RC_BAD_INPUT;
    *year = (int)(2000 + v / 10000);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", *year, (int)(v / 100 % 100), (int)(v % 100));
    *s = slice_sub(*s, 6, s->n);
    return clock_parse_date((struct slice){ text, 10 }, day);
}

static int day_of(int year, int month, int day_of_month, int32_t *day)
{
    char text[CLOCK_DATE_SIZE + 16];

    if (month < 1 || month > 12 || day_of_month < 1 || day_of_month > 31)
        return RC_BAD_INPUT;
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day_of_month);
    return clock_parse_date((struct slice){ text, 10 }, day);
}

/* MMDD of the entry: in the year that brings it nearest to the value date. */
static int take_entry_day(struct slice *s, int32_t value_day, int year, int32_t *day)
{
    int64_t v;
    int32_t best = 0, d;
    bool found = false;

    if (s->n < 4 || num_parse(slice_sub(*s, 0, 4), 0, 9999, true, &v) < 0)
        return RC_BAD_INPUT;
    for (int y = year - 1; y <= year + 1; y++) {
        if (day_of(y, (int)(v / 100), (int)(v % 100), &d) < 0)
            continue;
        if (!found || (d > value_day ? d - value_day : value_day - d) < (best > value_day ? best - value_day : value_day - best))
            best = d;
        found = true;
    }
    *s = slice_sub(*s, 4, s->n);
    *day = best;
    return found ? RC_OK : RC_BAD_INPUT;
}

static struct slice take_amount(struct slice *s)
{
    size_t n = 0;

    while (n < s->n && ((s->p[n] >= '0' && s->p[n] <= '9') || s->p[n] == ','))
        n++;

    struct slice amount = slice_sub(*s, 0, n);

    *s = slice_sub(*s, n, s->n);
    return amount;
}

/* "C261120VND1234567,00" */
static int read_balance(struct slice f, int64_t *balance, int32_t *day)
{
    bool debit;
    int year;

    if (f.n < 10 || (f.p[0] != 'C' && f.p[0] != 'D'))
        return RC_BAD_INPUT;
    debit = f.p[0] == 'D';
    f = slice_sub(f, 1, f.n);
    if (take_date(&f, day, &year) < 0 || !slice_starts(f, SLICE("VND")))
        return RC_BAD_INPUT;
    f = slice_trim(slice_sub(f, 3, f.n));
    if (statement_decimal(f, balance) < 0)
        return RC_BAD_INPUT;
    if (debit)
        *balance = -*balance;
    return RC_OK;
}

/* C, D, RC (a credit taken back), RD; then perhaps a letter of the currency. */
static int take_mark(struct slice *s, int *way, bool *reversal)
{
    *reversal = s->n > 1 && s->p[0] == 'R' && (s->p[1] == 'C' || s->p[1] == 'D');
    if (*reversal)
        *s = slice_sub(*s, 1, s->n);
    if (s->n == 0 || (s->p[0] != 'C' && s->p[0] != 'D'))
        return RC_BAD_INPUT;
    *way = (s->p[0] == 'C') != *reversal ? 1 : -1;
    *s = slice_sub(*s, 1, s->n);
    if (s->n > 0 && s->p[0] >= 'A' && s->p[0] <= 'Z')
        *s = slice_sub(*s, 1, s->n);
    return RC_OK;
}

/* "2611201120C180000,00NTRFNONREF//FT26324001" and a second row. */
static int read_61(struct slice f, struct statement_line *l, struct slice *reference)
{
    struct slice row = slice_cut(&f, '\n'), customer;
    int32_t value_day;
    int year, way;

    if (take_date(&row, &value_day, &year) < 0)
        return RC_BAD_INPUT;
    l->day = value_day;
    l->by_value = row.n == 0 || row.p[0] < '0' || row.p[0] > '9';
    if (!l->by_value && take_entry_day(&row, value_day, year, &l->day) < 0)
        return RC_BAD_INPUT;
    if (take_mark(&row, &way, &l->reversal) < 0 || statement_decimal(take_amount(&row), &l->amount) < 0 || l->amount == 0 || row.n < 4)
        return RC_BAD_INPUT;
    l->amount *= way;
    row = slice_sub(row, 4, row.n);

    const char *bank = memmem(row.p, row.n, "//", 2);

    customer = bank == NULL ? row : slice_sub(row, 0, (size_t)(bank - row.p));
    l->unique = bank != NULL && row.n > customer.n + 2;
    *reference = l->unique ? slice_sub(row, customer.n + 2, row.n) : slice_is(slice_trim(customer), "NONREF") ? SLICE("") : customer;
    return RC_OK;
}

/* --- :86: --- */

/* "?20memo?21more?31account?32name": the form with subfields. */
static bool subfield(struct slice *f, int *no, struct slice *text)
{
    const char *next;

    if (f->n < 3 || f->p[0] != '?' || f->p[1] < '0' || f->p[1] > '9' || f->p[2] < '0' || f->p[2] > '9')
        return false;
    *no = (f->p[1] - '0') * 10 + (f->p[2] - '0');
    *f = slice_sub(*f, 3, f->n);
    next = memchr(f->p, '?', f->n);
    *text = slice_sub(*f, 0, next == NULL ? f->n : (size_t)(next - f->p));
    *f = slice_sub(*f, text->n, f->n);
    return true;
}

struct memo {
    struct buf memo, name, account;
};

static void read_86(struct slice f, struct memo *m)
{
    struct slice first = f, text;
    int no;

    while (first.n > 0 && first.p[0] >= '0' && first.p[0] <= '9') /* the business code in front */
        first = slice_sub(first, 1, first.n);
    if (first.n < 3 || f.n - first.n > 3 || first.p[0] != '?') {
        buf_put_slice(&m->memo, f);
        return;
    }
    while (subfield(&first, &no, &text)) {
        struct slice part;

        while (text.n > 0 && (part = slice_cut(&text, '\n'), true)) { /* rows are cut anywhere */
            if ((no >= 20 && no <= 29) || (no >= 60 && no <= 63))
                buf_put_slice(&m->memo, part);
            else if (no == 32 || no == 33)
                buf_put_slice(&m->name, part);
            else if (no == 31)
                buf_put_slice(&m->account, part);
        }
    }
}

static int put_memo(struct statement *s, struct slice reference, struct slice field, struct statement_line *l)
{
    struct memo m;
    struct statement_text ref, memo, name, account;
    int rc;

    buf_init(&m.memo, FIELD_MAX);
    buf_init(&m.name, FIELD_MAX);
    buf_init(&m.account, FIELD_MAX);
    read_86(field, &m);
    rc = statement_text_put(s, reference, STATEMENT_REF_MAX, &ref);
    if (rc >= 0)
        rc = statement_text_put(s, buf_slice(&m.memo), STATEMENT_MEMO_MAX, &memo);
    if (rc >= 0)
        rc = statement_text_put(s, buf_slice(&m.name), STATEMENT_REF_MAX, &name);
    if (rc >= 0)
        rc = statement_text_put(s, buf_slice(&m.account), STATEMENT_REF_MAX, &account);
    if (rc >= 0) {
        l->reference = statement_text_of(s, ref);
        l->memo = statement_text_of(s, memo);
        l->counter_name = statement_text_of(s, name);
        l->counter_account = statement_text_of(s, account);
        l->unique = l->unique && l->reference.n > 0;
    }
    buf_release(&m.memo);
    buf_release(&m.name);
    buf_release(&m.account);
    return rc;
}

/* --- the statement --- */

static int balance_field(struct statement *s, struct mt940 *m, bool opening)
{
    int64_t v;
    int32_t day;

    if (read_balance(buf_slice(&m->field), &v, &day) < 0)
        return statement_wrong(s, m->field_line, "balance", "A balance cannot be read: whole đồng of VND are expected.");
    if (opening) {
        if (m->chained && v != m->balance)
            (void)statement_wrong(s, m->field_line, "page", "This page does not begin where the one before ended: a page is missing.");
        if (!m->chained)
            statement_opening(s, v);
        m->balance = v;
        m->page_open = true;
        return RC_OK;
    }
    if (!m->page_open)
        return statement_wrong(s, m->field_line, "page", "A closing balance stands without an opening one.");
    if (v != m->balance)
        (void)statement_wrong(s, m->field_line, "closing", "Opening balance and lines do not make the closing balance: lines are missing, or there are too many.");
    m->balance = v;
    m->page_open = false;
    m->chained = true;
    statement_closing(s, v);
    statement_period(s, day, day);
    return RC_OK;
}

static int line_field(struct statement *s, struct mt940 *m, struct statement_line *l)
{
    char space[FIELD_MAX];
    struct slice row = buf_slice(&m->field), reference;
    int32_t line = m->field_line;
    int rc;

    if (!m->page_open)
        return statement_wrong(s, line, "page", "A line stands outside of opening and closing balance.");
    if (row.n >= sizeof space)
        return statement_wrong(s, line, "line", "The line is too long.");
    memcpy(space, row.p, row.n);
    if (read_61((struct slice){ space, row.n }, l, &reference) < 0 || !money_ok(l->amount < 0 ? -l->amount : l->amount))
        return statement_wrong(s, line, "line", "The line cannot be read: date, sign and whole đồng are expected.");
    l->row = line;
    m->balance += l->amount;
    l->has_balance = true; /* by adding up: every page's sum is held against its closing balance */
    l->balance = m->balance;

    struct slice before = m->rest;
    int32_t before_line = m->line;
    bool more = next_field(m);

    if (more && strcmp(m->tag, "86") == 0) {
        rc = put_memo(s, reference, buf_slice(&m->field), l);
    } else {
        m->rest = before;
        m->line = before_line;
        rc = put_memo(s, reference, SLICE(""), l);
    }
    return rc < 0 ? rc : STATEMENT_MORE;
}

static int next_line(struct statement *s, struct statement_line *l)
{
    struct mt940 *m = s->own;
    int rc = RC_OK;

    while (rc >= 0 && next_field(m)) {
        s->at = m->field_line;
        if (m->field.failed) {
            rc = statement_wrong(s, m->field_line, "line", "The line is too long.");
        } else if (strcmp(m->tag, "20") == 0) {
            m->ours = false;
        } else if (strcmp(m->tag, "25") == 0) {
            m->ours = statement_same_account(buf_slice(&m->field), s->account_no);
            m->any = m->any || m->ours;
        } else if (!m->ours) {
            continue;
        } else if (strcmp(m->tag, "60F") == 0) {
            m->chained = m->chained && m->any; /* the next statement of the same file goes on where the last one ended */
            rc = balance_field(s, m, true);
        } else if (strcmp(m->tag, "60M") == 0) {
            rc = balance_field(s, m, true);
        } else if (strcmp(m->tag, "62F") == 0 || strcmp(m->tag, "62M") == 0) {
            rc = balance_field(s, m, false);
        } else if (strcmp(m->tag, "61") == 0) {
            return line_field(s, m, l);
        }
    }
    if (rc >= 0 && m->page_open) {
        m->page_open = false;
        return statement_wrong(s, m->line, "closing", "The closing balance is missing: the file is cut off.");
    }
    return rc < 0 ? rc : STATEMENT_END;
}

static int rewind_mt940(struct statement *s)
{
    struct mt940 *m = s->own;

    m->rest = s->file;
    if (slice_starts(m->rest, SLICE("\xef\xbb\xbf")))
        m->rest = slice_sub(m->rest, 3, m->rest.n);
    m->line = 0;
    m->ours = m->any = m->page_open = m->chained = false;
    return RC_OK;
}

static const struct statement_ops ops = { .rewind = rewind_mt940, .next = next_line, .close = close_mt940 };

/* The first account that is ours. RC_CONFLICT: only others; RC_NOT_FOUND: none. */
static int find_account(struct statement *s)
{
    struct mt940 *m = s->own;
    int rc = RC_NOT_FOUND;

    while (next_field(m)) {
        if (strcmp(m->tag, "25") != 0)
            continue;
        if (statement_same_account(buf_slice(&m->field), s->account_no))
            return statement_set_account(s, buf_slice(&m->field));
        rc = RC_CONFLICT;
    }
    return rc;
}

int statement_mt940_open(struct statement *s, struct statement_fault *fault)
{
    struct mt940 *m = calloc(1, sizeof *m);
    int rc;

    if (m == NULL)
        return RC_NOMEM;
    s->own = m;
    s->ops = &ops;
    buf_init(&m->field, FIELD_MAX);
    s->about.profile = s->about.format = "mt940";
    s->oldest_first = true;
    rc = rewind_mt940(s);
    if (rc >= 0)
        rc = find_account(s);
    if (rc == RC_CONFLICT)
        *fault = (struct statement_fault){ 0, "other_account", "This is the statement of another account." };
    else if (rc == RC_NOT_FOUND)
        *fault = (struct statement_fault){ 0, "not_a_statement", "This is no MT940: field :25: is missing." };
    else if (rc >= 0)
        rc = rewind_mt940(s);
    return rc == RC_CONFLICT || rc == RC_NOT_FOUND ? RC_BAD_INPUT : rc;
}
