/* Statements as tables: CSV and XLSX. Which bank's it is follows from titles and letterhead; columns are found by their titles. Rows with a date are
 * lines; rows without one are sums, signatures and explanations. */
#include "statement_private.h"
#include "statement_profiles.h"

#include "khop/pay/memo.h"
#include <stdlib.h>

#include "khop/base/banned.h"

#define WORD_MAX 400

struct table {
    struct sheet *sheet;
    struct sheet_header header;
    const struct statement_profile *profile;
    enum sheet_date_form form;
    struct statement_dates_seen seen;
};

static void close_table(struct statement *s)
{
    struct table *t = s->own;

    if (t != NULL)
        sheet_close(t->sheet);
    free(t);
    s->own = NULL;
}

/* "SO DU DAU KY" of a cell, in space of the caller. */
static struct slice fold(struct slice text, char space[WORD_MAX])
{
    struct buf b;
    size_t n;

    buf_init(&b, WORD_MAX - 1);
    if (memo_fold(&b, slice_sub(text, 0, WORD_MAX / 4)) < 0)
        b.n = 0;
    n = b.n;
    if (n > 0)
        memcpy(space, b.p, n);
    buf_release(&b);
    return (struct slice){ space, n };
}

static bool begins(struct slice folded, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (slice_starts(folded, slice_of(*words)))
            return true;
    }
    return false;
}

static bool is_opening(struct slice folded)
{
    static const char *const words[] = { "SO DU DAU", "OPENING BALANCE", "BEGINNING BALANCE", "DU DAU KY", "SO DU BAN DAU", "BALANCE BROUGHT", NULL };

    return begins(folded, words);
}

static bool is_closing(struct slice folded)
{
    static const char *const words[] = { "SO DU CUOI", "CLOSING BALANCE", "ENDING BALANCE", "DU CUOI KY", "BALANCE CARRIED", NULL };

    return begins(folded, words);
}

static bool is_sum(struct slice folded)
{
    static const char *const words[] = { "CONG", "TONG", "TOTAL", "SUM", "LUY KE", "SO DU", "DU ", "PHAT SINH TRONG", NULL };

    return begins(folded, words) || is_opening(folded) || is_closing(folded);
}

/* --- rows above and below the lines --- */

/* What stands behind a word: the rest of its cell after ':', else the next cell. */
static struct sheet_cell behind(const struct sheet_row *row, size_t i)
{
    struct slice rest = row->cells[i].text;

    (void)slice_cut(&rest, ':');
    rest = slice_trim(rest);
    if (rest.n > 0)
        return (struct sheet_cell){ rest, SHEET_TEXT };
    for (size_t k = i + 1; k < row->n; k++) {
        if (row->cells[k].text.n > 0)
            return row->cells[k];
    }
    return (struct sheet_cell){ SLICE(""), SHEET_TEXT };
}

static void read_balance(struct statement *s, const struct sheet_row *row, size_t i, bool opening)
{
    int64_t v;

    if (sheet_amount(behind(row, i), &v) < 0)
        return;
    if (opening)
        statement_opening(s, v);
    else
        statement_closing(s, v);
}

/* "Số tài khoản: 1903 … - LO THI MAY" gives its digits. */
static int read_account(struct statement *s, const struct sheet_row *row, size_t i)
{
    struct slice text = behind(row, i).text;
    size_t n = 0;

    while (n < text.n && ((text.p[n] >= '0' && text.p[n] <= '9') || text.p[n] == ' ' || text.p[n] == '.' || (text.p[n] == '-' && n > 0)))
        n++;
    return n < 6 ? RC_OK : statement_set_account(s, slice_trim(slice_sub(text, 0, n)));
}

/* A row that is no line: opening and closing balances, above the titles also the account. */
static int read_beside(struct statement *s, const struct sheet_row *row, bool above)
{
    static const char *const account[] = { "SO TAI KHOAN", "TAI KHOAN", "ACCOUNT NO", "ACCOUNT NUMBER", "SO TK", NULL };
    char space[WORD_MAX];
    int rc = RC_OK;

    for (size_t i = 0; i < row->n && rc >= 0; i++) {
        struct slice word = fold(row->cells[i].text, space);

        if (row->cells[i].kind != SHEET_TEXT || word.n == 0)
            continue;
        if (is_opening(word))
            read_balance(s, row, i, true);
        else if (is_closing(word))
            read_balance(s, row, i, false);
        else if (above && begins(word, account))
            rc = read_account(s, row, i);
    }
    return rc;
}

/* --- a line --- */

static struct sheet_cell cell(const struct table *t, const struct sheet_row *row, enum statement_column c)
{
    return sheet_cell_of(row, &t->header, (size_t)c);
}

static bool has_column(const struct table *t, enum statement_column c)
{
    return t->header.at[c] >= 0;
}

static bool blank(struct sheet_cell c)
{
    return c.text.n == 0 || slice_is(c.text, "-") || slice_is(c.text, "0");
}

/* In or out of a word: 1, -1, 0 for neither. */
static int sign_of(struct slice text)
{
    static const char *const in[] = { "C", "CR", "CREDIT", "CO", "GHI CO", "IN", "TIEN VAO", "THU", "NHAN", NULL };
    static const char *const out[] = { "D", "DR", "DEBIT", "NO", "GHI NO", "OUT", "TIEN RA", "CHI", "CHUYEN", NULL };
    char space[WORD_MAX];
    struct slice word = fold(text, space);

    if (slice_is(slice_trim(text), "+"))
        return 1;
    if (slice_is(slice_trim(text), "-"))
        return -1;
    for (size_t i = 0; in[i] != NULL; i++) {
        if (slice_is(word, in[i]))
            return 1;
    }
    for (size_t i = 0; out[i] != NULL; i++) {
        if (slice_is(word, out[i]))
            return -1;
    }
    return 0;
}

/* Two columns: exactly one of them has an amount, which may be written negative in the column of debits. */
static int two_columns(struct statement *s, const struct table *t, const struct sheet_row *row, int64_t *out)
{
    struct sheet_cell debit = cell(t, row, COL_DEBIT), credit = cell(t, row, COL_CREDIT);
    int64_t d = 0, c = 0;

    if ((!blank(debit) && sheet_amount(debit, &d) < 0) || (!blank(credit) && sheet_amount(credit, &c) < 0))
        return statement_wrong(s, row->number, "amount", "The amount is not a whole number of đồng.");
    if ((d != 0) == (c != 0))
        return statement_wrong(s, row->number, "amount", d == 0 ? "There is neither a debit nor a credit." : "There are a debit and a credit on one line.");
    if (c < 0)
        return statement_wrong(s, row->number, "amount", "A credit is below zero.");
    *out = c != 0 ? c : d < 0 ? d : -d;
    return RC_OK;
}

static int one_column(struct statement *s, const struct table *t, const struct sheet_row *row, int64_t *out)
{
    struct sheet_cell sign = cell(t, row, COL_SIGN);
    int way;

    if (sheet_amount(cell(t, row, COL_AMOUNT), out) < 0 || *out == 0)
        return statement_wrong(s, row->number, "amount", "The amount is not a whole number of đồng.");
    if (!has_column(t, COL_SIGN))
        return RC_OK;
    way = sign_of(sign.text);
    if (way == 0 && *out > 0)
        return statement_wrong(s, row->number, "sign", "It is not said whether the money came in or went out.");
    if (way < 0 && *out > 0)
        *out = -*out;
    return RC_OK;
}

static int read_moment(struct statement *s, const struct table *t, const struct sheet_row *row, const struct sheet_moment *date, struct statement_line *l)
{
    struct sheet_cell time = cell(t, row, COL_TIME);

    l->day = date->day;
    l->has_second = date->has_time;
    l->second = date->second;
    if (time.text.n > 0 && !date->has_time) {
        struct sheet_moment both;

        /* Some banks put date and time into the column of times. */
        if (sheet_time(time, &l->second) == RC_OK) {
            l->has_second = true;
        } else if (sheet_date(time, t->form, &both) == RC_OK && both.has_time && both.day == date->day) {
            l->has_second = true;
            l->second = both.second;
        } else {
            return statement_wrong(s, row->number, "time", "The time cannot be read.");
        }
    }
    return RC_OK;
}

static int read_texts(struct statement *s, const struct table *t, const struct sheet_row *row, struct statement_line *l)
{
    static const struct {
        enum statement_column column;
        size_t max;
    } texts[] = { { COL_REFERENCE, STATEMENT_REF_MAX },
                  { COL_MEMO, STATEMENT_MEMO_MAX },
                  { COL_COUNTER_NAME, STATEMENT_REF_MAX },
                  { COL_COUNTER_ACCOUNT, STATEMENT_REF_MAX },
                  { COL_COUNTER_BANK, STATEMENT_REF_MAX } };
    struct slice *to[] = { &l->reference, &l->memo, &l->counter_name, &l->counter_account, &l->counter_bank };
    struct statement_text at[5];

    for (size_t i = 0; i < 5; i++) {
        if (statement_text_put(s, cell(t, row, texts[i].column).text, texts[i].max, &at[i]) < 0)
            return RC_NOMEM;
    }
    for (size_t i = 0; i < 5; i++)
        *to[i] = statement_text_of(s, at[i]);
    l->unique = t->profile->ref_unique && l->reference.n > 0;
    return RC_OK;
}

static int read_line(struct statement *s, const struct table *t, const struct sheet_row *row, const struct sheet_moment *date, struct statement_line *l)
{
    struct sheet_cell balance = cell(t, row, COL_BALANCE);
    int rc = has_column(t, COL_CREDIT) ? two_columns(s, t, row, &l->amount) : one_column(s, t, row, &l->amount);

    if (rc < 0)
        return rc;
    l->row = row->number;
    if (!money_ok(l->amount < 0 ? -l->amount : l->amount))
        return statement_wrong(s, row->number, "amount", "The amount is larger than one transfer may be.");
    if (balance.text.n > 0) {
        if (sheet_amount(balance, &l->balance) < 0)
            return statement_wrong(s, row->number, "balance", "The balance is not a whole number of đồng.");
        l->has_balance = true;
    }
    rc = read_moment(s, t, row, date, l);
    return rc < 0 ? rc : read_texts(s, t, row, l);
}

static bool any_amount(const struct table *t, const struct sheet_row *row)
{
    return !blank(cell(t, row, COL_DEBIT)) || !blank(cell(t, row, COL_CREDIT)) || !blank(cell(t, row, COL_AMOUNT));
}

static bool first_word_is_sum(const struct sheet_row *row)
{
    char space[WORD_MAX];

    for (size_t i = 0; i < row->n; i++) {
        if (row->cells[i].text.n > 0 && row->cells[i].kind == SHEET_TEXT && is_sum(fold(row->cells[i].text, space)))
            return true;
    }
    return false;
}

static void see_dates(const struct statement *s, struct table *t, const struct sheet_row *row)
{
    if (s->checked || s->again || !any_amount(t, row))
        return;
    statement_dates_see(&t->seen, cell(t, row, COL_DATE), row->number, true);
    statement_dates_see(&t->seen, cell(t, row, COL_VALUE_DATE), row->number, false);
}

static bool dates_known(struct statement *s)
{
    struct table *t = s->own;
    enum sheet_date_form form = statement_dates_decide(&t->seen, t->profile != &statement_profiles[statement_profiles_count - 1], &s->about.dates);
    bool other = form != t->form;

    t->form = form;
    return other;
}

static int next_line(struct statement *s, struct statement_line *l)
{
    struct table *t = s->own;
    struct sheet_row row;
    int rc;

    while ((rc = sheet_next(t->sheet, &row)) == SHEET_ROW) {
        struct sheet_cell date = cell(t, &row, COL_DATE);
        struct sheet_moment at;

        s->at = row.number;
        see_dates(s, t, &row);
        l->by_value = date.text.n == 0;
        if (l->by_value)
            date = cell(t, &row, COL_VALUE_DATE);
        if (sheet_date(date, t->form, &at) == RC_OK) {
            if (any_amount(t, &row)) {
                rc = read_line(s, t, &row, &at, l);
                return rc < 0 ? rc : STATEMENT_MORE;
            }
            if (!first_word_is_sum(&row))
                return statement_wrong(s, row.number, "amount", "There is neither a debit nor a credit.");
        } else if (any_amount(t, &row) && !first_word_is_sum(&row) && date.text.n > 0 && date.text.p[0] >= '0' && date.text.p[0] <= '9') {
            return statement_wrong(s, row.number, "date", "The date cannot be read.");
        }
        rc = read_beside(s, &row, false);
        if (rc < 0)
            return rc;
    }
    if (rc < 0 && rc != RC_NOMEM) {
        int32_t where;
        enum sheet_fault fault = sheet_fault_of(t->sheet, &where);

        return statement_broken(s, where, sheet_fault_name(fault), sheet_fault_text(fault));
    }
    return rc;
}

/* --- the beginning --- */

static void columns_of(const struct statement_profile *p, struct sheet_column out[COLS])
{
    for (size_t i = 0; i < COLS; i++)
        out[i] = (struct sheet_column){ p->names[i] != NULL ? p->names[i] : statement_common_names[i], i == COL_DATE };
}

static bool has_title(const struct sheet_header *h, const char *names)
{
    for (size_t i = 0; i < h->titles; i++) {
        if (h->title[i].n > 0 && sheet_title_fits(h->title[i], names))
            return true;
    }
    return false;
}

/* True for a cell above the titles that has one of the words. */
static bool names_bank(const struct sheet_row *row, const char *letterhead)
{
    char space[WORD_MAX], want[WORD_MAX];
    struct slice rest = slice_of(letterhead);

    while (rest.n > 0) {
        struct slice word = fold(slice_cut(&rest, '|'), want);

        for (size_t i = 0; i < row->n; i++) {
            struct slice text = fold(row->cells[i].text, space);

            if (text.n >= word.n && memmem(text.p, text.n, word.p, word.n) != NULL)
                return true;
        }
    }
    return false;
}

/* Reads what stands above the titles; *banks has a bit for each profile that is named there. */
static int read_above(struct statement *s, struct table *t, uint32_t *banks)
{
    struct sheet_row row;
    int rc = sheet_select(t->sheet, t->header.sheet);

    *banks = 0;
    while (rc >= 0 && (rc = sheet_next(t->sheet, &row)) == SHEET_ROW && row.number < t->header.row) {
        for (size_t i = 0; i < statement_profiles_count; i++) {
            if (statement_profiles[i].letterhead != NULL && names_bank(&row, statement_profiles[i].letterhead))
                *banks |= 1U << i;
        }
        rc = read_beside(s, &row, true);
    }
    return rc < 0 ? rc : RC_OK;
}

static const struct statement_profile *pick(const struct sheet_header *h, uint32_t banks)
{
    for (size_t i = 0; i < statement_profiles_count; i++) {
        const struct statement_profile *p = &statement_profiles[i];
        size_t marks = 0, found = 0;

        for (; marks < 3 && p->marks[marks] != NULL; marks++)
            found += has_title(h, p->marks[marks]);
        if ((banks >> i & 1) != 0 || (marks > 0 && found == marks))
            return p;
    }
    return &statement_profiles[statement_profiles_count - 1];
}

static int to_first_line(struct statement *s)
{
    struct table *t = s->own;
    struct sheet_column columns[COLS];

    columns_of(t->profile, columns);
    return sheet_find_header(t->sheet, columns, COLS, &t->header);
}

static const struct statement_ops ops = { .rewind = to_first_line, .next = next_line, .again = dates_known, .close = close_table };

static int sheet_wrong(struct table *t, struct statement_fault *fault, int rc)
{
    int32_t where;
    enum sheet_fault f = sheet_fault_of(t->sheet, &where);

    if (rc != RC_NOMEM)
        *fault = (struct statement_fault){ where, sheet_fault_name(f), sheet_fault_text(f) };
    return rc;
}

static bool has_amounts(const struct sheet_header *h)
{
    return (h->at[COL_DEBIT] >= 0 && h->at[COL_CREDIT] >= 0) || h->at[COL_AMOUNT] >= 0;
}

int statement_sheet_open(struct statement *s, struct statement_fault *fault)
{
    struct table *t = calloc(1, sizeof *t);
    enum sheet_fault why;
    uint32_t banks;
    int rc;

    if (t == NULL)
        return RC_NOMEM;
    s->own = t;
    s->ops = &ops;
    rc = sheet_open(s->file, &t->sheet, &why);
    if (rc < 0) {
        *fault = (struct statement_fault){ 0, sheet_fault_name(why), sheet_fault_text(why) };
        return rc;
    }
    t->profile = &statement_profiles[statement_profiles_count - 1];
    rc = to_first_line(s);
    if (rc >= 0)
        rc = read_above(s, t, &banks);
    if (rc >= 0) {
        t->profile = pick(&t->header, banks);
        rc = to_first_line(s);
    }
    if (rc < 0)
        return sheet_wrong(t, fault, rc);
    if (!has_amounts(&t->header)) {
        *fault = (struct statement_fault){ t->header.row, "no_amounts", "The columns of the amounts were not found." };
        return RC_BAD_INPUT;
    }
    t->form = t->profile->date_form;
    s->about.profile = t->profile->name;
    s->about.format = sheet_about(t->sheet)->format == SHEET_XLSX ? "xlsx" : "csv";
    return RC_OK;
}
