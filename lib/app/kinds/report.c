/* Kind "report": any report (flow/report.h) as a file: CSV, XLSX, PDF; the journal also for Beancount and hledger. Rows come page by page, the sums
 * on paper are added up from the rows that are on it. Parameters: {"name", "format", "lang", "from", "to", "class", "label"}. */
#include "kinds.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"
#include "khop/flow/report.h"
#include "khop/print/ledger.h"
#include "khop/print/table.h"
#include "khop/web/locale.h"

#include <jansson.h>
#include <stdio.h>

#include "khop/base/banned.h"

#define ROWS_STEP 250
#define KEY_SIZE 64
#define PART_MAX  256

struct run {
    json_t *params;
    const struct report *report;
    int language;
    enum table_format format;
    bool is_ledger;
    enum ledger_format ledger_format;
    const char *unit;
    struct table_out *table;
    struct ledger_out *ledger;
    int64_t after_a, after_b, rows;
    int64_t sums[REPORT_COLUMNS_MAX], part_sums[REPORT_COLUMNS_MAX];
    char part[PART_MAX]; /* value of the first column of the rows that are being summed up */
    size_t npart;
    int64_t part_rows;
};

static int read_some(struct task *t);

static void end(void *state)
{
    struct run *r = state;

    json_decref(r->params);
    table_free(r->table);
}

static const char *param(const struct run *r, const char *name)
{
    return json_string_value(json_object_get(r->params, name));
}

static const char *words(const struct run *r, const char *group, const char *what)
{
    char key[2 * KEY_SIZE];

    snprintf(key, sizeof key, "report.%s.%s", group, what);
    return locale_get(r->language, key);
}

/* --- rows --- */

static enum table_kind kind_of(enum report_kind kind)
{
    switch (kind) {
    case REPORT_TEXT:
    case REPORT_BANK:
    case REPORT_WORD:
        return TABLE_TEXT;
    case REPORT_REF:
    case REPORT_CODE:
    case REPORT_RECEIPT:
        return TABLE_CODE;
    case REPORT_MONEY:
        return TABLE_MONEY;
    case REPORT_COUNT:
    case REPORT_NUMBER:
        return TABLE_INTEGER;
    case REPORT_DATE:
        return TABLE_DATE;
    case REPORT_TIME:
        return TABLE_TIME;
    }
    return TABLE_TEXT;
}

static int put_sums(struct run *r, enum table_sum what, const int64_t *sums, const char *label)
{
    struct table_cell cells[REPORT_COLUMNS_MAX] = { { .set = true, .text = slice_of(label) } };

    for (size_t c = 1; c < r->report->ncolumns; c++)
        cells[c] = (struct table_cell){ .set = r->report->columns[c].sum, .number = sums[c] };
    return table_sum(r->table, what, cells);
}

static int part_end(struct run *r)
{
    char label[PART_MAX + KEY_SIZE];

    if (!r->report->parted || r->part_rows == 0)
        return RC_OK;
    snprintf(label, sizeof label, "%s %.*s", locale_get(r->language, "report.part"), (int)r->npart, r->part);
    r->part_rows = 0;
    return put_sums(r, TABLE_SUM_PART, r->part_sums, label);
}

static int part_begin(struct run *r, struct slice value)
{
    int rc;

    if (!r->report->parted || (r->part_rows > 0 && slice_eq(value, (struct slice){ r->part, r->npart })))
        return RC_OK;
    rc = part_end(r);
    memset(r->part_sums, 0, sizeof r->part_sums);
    r->npart = value.n < PART_MAX ? value.n : PART_MAX;
    memcpy(r->part, value.n == 0 ? "" : value.p, r->npart);
    return rc;
}

static int put_row(struct run *r, const struct report_line *line)
{
    struct table_cell cells[REPORT_COLUMNS_MAX];
    int rc = part_begin(r, line->cells[0].text);

    for (size_t c = 0; rc == RC_OK && c < r->report->ncolumns; c++) {
        const struct report_column *column = &r->report->columns[c];
        const struct report_cell *cell = &line->cells[c];
        char word[KEY_SIZE];

        cells[c] = (struct table_cell){ .set = cell->set, .number = cell->number, .text = report_is_text(column->kind) ? cell->text : (struct slice){ 0 } };
        if (column->kind == REPORT_WORD && cell->set) {
            snprintf(word, sizeof word, "%.*s", SLICE_FMT(cell->text));
            cells[c].text = slice_of(words(r, "word", word));
        }
        if (column->sum && cell->set &&
            (!num_add(r->sums[c], cell->number, &r->sums[c]) || !num_add(r->part_sums[c], cell->number, &r->part_sums[c])))
            rc = RC_TOO_LARGE;
    }
    r->rows++;
    r->part_rows++;
    return rc < 0 ? rc : table_row(r->table, cells);
}

static bool has_sums(const struct report *report)
{
    for (size_t c = 1; c < report->ncolumns; c++)
        if (report->columns[c].sum)
            return true;
    return false;
}

/* --- the end --- */

/* More than one page can show, and the like: said to whoever waits, not tried again. */
static int too_large(struct task *t)
{
    job_fault(t, 0, "", "too_large", "This report is too long for this form: choose a shorter time, or CSV.");
    return job_fail(t);
}

static int failed(struct task *t, int rc)
{
    return rc == RC_TOO_LARGE ? too_large(t) : rc;
}

static int finish(struct task *t)
{
    struct run *r = job_state(t);
    bool more = false;
    int rc = table_end(r->table, &more);

    if (rc < 0)
        return failed(t, rc);
    return more ? job_next(t, finish) : job_done(t, (struct slice){ 0 });
}

static int all_read(struct task *t, struct run *r)
{
    int rc;

    if (r->is_ledger) {
        rc = ledger_out_end(r->ledger);
        return rc < 0 ? failed(t, rc) : job_done(t, (struct slice){ 0 });
    }
    rc = part_end(r);
    if (rc == RC_OK && has_sums(r->report))
        rc = put_sums(r, TABLE_SUM_ALL, r->sums, locale_get(r->language, "report.sum"));
    return rc < 0 ? failed(t, rc) : job_next(t, finish);
}

/* --- the journal for other programs --- */

/* Columns of the reports "journal" and "balances" by their keys. */
static const struct report_cell *cell_of(const struct report *report, const struct report_line *line, const char *key)
{
    for (size_t c = 0; c < report->ncolumns; c++)
        if (strcmp(report->columns[c].key, key) == 0)
            return &line->cells[c];
    return NULL;
}

static int put_entry(struct run *r, const struct report_line *line)
{
    const struct report *j = r->report;
    const struct ledger_row row = {
        .seq = cell_of(j, line, "seq")->number,
        .day = (int32_t)cell_of(j, line, "day")->number,
        .debit = cell_of(j, line, "debit")->text,
        .credit = cell_of(j, line, "credit")->text,
        .amount = cell_of(j, line, "amount")->number,
        .kind = cell_of(j, line, "kind")->text,
        .code = cell_of(j, line, "code")->text,
        .reference = cell_of(j, line, "reference")->text,
        .of_seq = cell_of(j, line, "of_seq")->number,
    };

    return ledger_out_row(r->ledger, &row);
}

static int balances_read(struct task *t)
{
    struct run *r = job_state(t);
    const struct report *b = report_find(SLICE("balances"));
    struct report_line *lines;
    size_t n;
    int rc = flow_report_read(t, b, &lines, &n);

    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (!lines[i].sums)
            rc = ledger_out_account(r->ledger, cell_of(b, &lines[i], "account")->text, cell_of(b, &lines[i], "account_name")->text,
                                    cell_of(b, &lines[i], "opening_debit")->number - cell_of(b, &lines[i], "opening_credit")->number);
    return rc < 0 ? failed(t, rc) : job_next(t, read_some);
}

static int balances(struct task *t)
{
    return flow_report_job(t, job_db(t), job_lease(t), report_find(SLICE("balances")), 0, 0, REPORT_PAGE_MAX, balances_read);
}

static int ledger_open(struct task *t, struct run *r)
{
    struct print_sink sink = { job_out_write, job_out_sink(t) };
    const char *from = param(r, "from");
    int32_t day;
    int rc;

    r->ledger = arena_alloc(job_arena(t), sizeof *r->ledger);
    if (r->ledger == NULL)
        return RC_NOMEM;
    if (from == NULL || clock_parse_date(slice_of(from), &day) < 0)
        return RC_INTERNAL; /* the handler has put it there */
    rc = ledger_out_begin(r->ledger, r->ledger_format, slice_of(r->unit), day, sink);
    return rc < 0 ? rc : job_next(t, balances);
}

/* --- a page of rows --- */

static int some_read(struct task *t)
{
    struct run *r = job_state(t);
    struct report_line *lines;
    size_t n, rows = 0;
    int rc = flow_report_read(t, r->report, &lines, &n);

    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        if (lines[i].sums)
            continue;
        rows++;
        r->after_a = lines[i].after_a;
        r->after_b = lines[i].after_b;
        rc = r->is_ledger ? put_entry(r, &lines[i]) : put_row(r, &lines[i]);
    }
    if (rc < 0)
        return failed(t, rc);
    job_progress(t, "rows", (int32_t)r->rows, -1);
    return r->report->whole || rows < ROWS_STEP ? all_read(t, r) : job_next(t, read_some);
}

static int read_some(struct task *t)
{
    struct run *r = job_state(t);

    return flow_report_job(t, job_db(t), job_lease(t), r->report, r->after_a, r->after_b, ROWS_STEP, some_read);
}

/* --- the beginning --- */

static void day_text(char out[16], const char *iso)
{
    snprintf(out, 16, "%.2s/%.2s/%.4s", iso + 8, iso + 5, iso);
}

/* "Từ 01/11/2026 đến 30/11/2026", "Lớp: 3A", and when it was made. */
static int subtitles(struct task *t, const struct run *r, struct table_head *head, int64_t now)
{
    const char *from = param(r, "from"), *to = param(r, "to"), *filters[] = { "class", "label" };
    char a[16], b[16], when[TABLE_CELL_SIZE];
    size_t n = 0;

    if (from != NULL && to != NULL) {
        day_text(a, from);
        day_text(b, to);
        head->subtitles[n++] = arena_printf(t->arena, "%s %s %s %s", locale_get(r->language, "report.from"), a, locale_get(r->language, "report.to"), b);
    }
    for (size_t i = 0; i < 2; i++)
        if (param(r, filters[i]) != NULL)
            head->subtitles[n++] = arena_printf(t->arena, "%s: %s", words(r, "col", filters[i]), param(r, filters[i]));
    table_number_shown(when, TABLE_TIME, now);
    head->subtitles[n++] = arena_printf(t->arena, "%s %s", locale_get(r->language, "report.made"), when);
    for (size_t i = 0; i < n; i++)
        if (head->subtitles[i] == NULL)
            return RC_NOMEM;
    return RC_OK;
}

static int table_begin(struct task *t, struct run *r)
{
    struct table_column columns[REPORT_COLUMNS_MAX];
    struct print_fonts *fonts = NULL;
    struct table_head head = { .title = words(r, r->report->name, "title"), .unit = r->unit, .columns = columns,
                               .column_count = r->report->ncolumns, .made_us = clock_wall_us(), .page_word = locale_get(r->language, "report.page") };
    int rc;

    for (size_t c = 0; c < r->report->ncolumns; c++)
        columns[c] = (struct table_column){ words(r, "col", r->report->columns[c].key), kind_of(r->report->columns[c].kind) };
    rc = subtitles(t, r, &head, head.made_us);
    head.foot = arena_printf(t->arena, "%s · %s", head.title, r->unit);
    if (rc == RC_OK && head.foot == NULL)
        rc = RC_NOMEM;
    if (rc == RC_OK && r->format == TABLE_PDF)
        rc = job_fonts(&fonts);
    if (rc == RC_OK)
        rc = table_open(&r->table, r->format, &head, fonts, (struct print_sink){ job_out_write, job_out_sink(t) });
    return rc < 0 ? rc : job_next(t, read_some);
}

static int file_open(struct task *t, const struct run *r)
{
    static const char *const suffixes[] = { [LEDGER_BEANCOUNT] = "beancount", [LEDGER_HLEDGER] = "journal" };
    const char *from = param(r, "from"), *to = param(r, "to");
    char *name = arena_printf(t->arena, "%s%s%s%s%s.%s", words(r, r->report->name, "title"), from == NULL ? "" : " ", from == NULL ? "" : from,
                              to == NULL ? "" : " ", to == NULL ? "" : to, r->is_ledger ? suffixes[r->ledger_format] : table_format_suffix(r->format));

    if (name == NULL)
        return RC_NOMEM;
    return job_out_open(t, slice_of(name), r->is_ledger ? "text/plain; charset=utf-8" : table_format_type(r->format));
}

static int org_read(struct task *t)
{
    struct run *r = job_state(t);
    struct slice name, code;
    int rc = flow_report_read_org(t, &name, &code);

    if (rc < 0)
        return rc;
    r->unit = arena_strndup(job_arena(t), name.p, name.n);
    rc = r->unit == NULL ? RC_NOMEM : file_open(t, r);
    return rc < 0 ? rc : r->is_ledger ? ledger_open(t, r) : table_begin(t, r);
}

static int begin(struct task *t)
{
    struct run *r = job_state(t);
    const struct flow_job_lease *job = job_lease(t);
    struct slice format;

    r->params = json_loadb(job->params.p, job->params.n, 0, NULL);
    r->report = report_find(slice_of(param(r, "name")));
    r->language = locale_language(param(r, "lang"));
    format = slice_of(param(r, "format"));
    r->is_ledger = slice_is(format, "beancount") || slice_is(format, "hledger");
    r->ledger_format = slice_is(format, "hledger") ? LEDGER_HLEDGER : LEDGER_BEANCOUNT;
    if (r->report == NULL || (!r->is_ledger && table_format_of(format, &r->format) < 0))
        return RC_INTERNAL;
    return flow_report_org(t, job_db(t), job, org_read);
}

const struct job_kind kind_report = { .name = "report", .state = sizeof(struct run), .begin = begin, .end = end };
