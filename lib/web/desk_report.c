/* Reports: the list of them, and each as a page, as JSON, or (by a job that is waited for) as a file: CSV, XLSX, PDF, and the journal for
 * Beancount and hledger. GET /api/v1/reports, /desk/reports, and under them the name. */
#include "desk_private.h"

#include "khop/api/job.h"
#include "khop/api/query.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/entry.h"
#include "khop/flow/report.h"
#include "khop/print/table.h"
#include "khop/web/locale.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define KEY_SIZE 64
#define FILTER_MAX 120 /* bytes of a class or a label */
#define URL_MAX    2048

static const char *const FORMATS[] = { "json", "csv", "xlsx", "pdf", "beancount", "hledger", NULL };

/* What is asked for; days as they go out, "" when there is no end. */
struct asked {
    const struct report *report;
    char from[CLOCK_DATE_SIZE], to[CLOCK_DATE_SIZE];
    struct slice class_name, label, format;
};

/* "report.col.KEY", "report.NAME.title" … */
static const char *words(struct req *rq, const char *group, const char *what)
{
    char key[2 * KEY_SIZE];

    snprintf(key, sizeof key, "report.%s.%s", group, what);
    return locale_get(locale_language(desk_language(rq)), key);
}

/* --- the query --- */

static void period_default(const struct report *report, bool *has_from, bool *has_to, int32_t *from, int32_t *to)
{
    int32_t today = clock_day(clock_wall_us(), CLOCK_VN_OFFSET_S), first = today, last = today;

    if (report->period == REPORT_ALL)
        return;
    if (report->period == REPORT_MONTH)
        report_month_of(*has_from ? *from : *has_to ? *to : today, &first, &last);
    else
        report_year_of(*has_from ? *from : *has_to ? *to : today, &first, &last);
    if (!*has_from)
        *from = first;
    if (!*has_to)
        *to = last;
    *has_from = *has_to = true;
}

static int period_read(struct req *rq, struct asked *a)
{
    bool has_from = false, has_to = false;
    int32_t from = 0, to = 0;
    struct slice period;
    int rc = api_query_text(rq, "period", FILTER_MAX, &period);

    if (rc == RC_OK && period.p != NULL) {
        if (report_days_of(period, &from, &to) < 0)
            return api_query_wrong(rq, "period", "period", "This must be a month (2026-11), a budget year (2026) or a school year (2026-2027).");
        has_from = has_to = true;
    } else if (rc == RC_OK) {
        rc = api_query_date(rq, "from", &has_from, &from);
        if (rc == RC_OK)
            rc = api_query_date(rq, "to", &has_to, &to);
        if (rc == RC_OK)
            period_default(a->report, &has_from, &has_to, &from, &to);
    }
    if (rc == RC_OK && has_from && has_to && from > to)
        rc = api_query_wrong(rq, "to", "range", "This must not be before the first day.");
    if (rc == RC_OK && has_from)
        clock_date_text(a->from, from);
    if (rc == RC_OK && has_to)
        clock_date_text(a->to, to);
    return rc;
}

static int asked_read(struct req *rq, struct asked *a)
{
    int rc;

    *a = (struct asked){ .report = report_find(rq->params[0]) };
    if (a->report == NULL)
        return RC_NOT_FOUND;
    rc = period_read(rq, a);
    if (rc == RC_OK)
        rc = api_query_choice(rq, "format", FORMATS, &a->format);
    if (rc == RC_OK && a->report->by_class)
        rc = api_query_text(rq, "class", FILTER_MAX, &a->class_name);
    if (rc == RC_OK && a->report->by_class)
        rc = api_query_text(rq, "label", FILTER_MAX, &a->label);
    if (rc == RC_OK && strcmp(a->report->name, "journal") != 0 && (slice_is(a->format, "beancount") || slice_is(a->format, "hledger")))
        rc = api_query_wrong(rq, "format", "choice", "Only the journal has this form.");
    return rc;
}

/* Name, form and filters: what the SQL functions read, and the parameters of the job. */
static int filter_text(struct req *rq, const struct asked *a, struct slice *out)
{
    json_t *doc = json_pack("{s:s, s:s}", "name", a->report->name, "lang", desk_language(rq));
    char *text;

    if (a->format.n > 0)
        api_set_slice(doc, "format", a->format);
    if (a->from[0] != '\0')
        json_object_set_new(doc, "from", json_string(a->from));
    if (a->to[0] != '\0')
        json_object_set_new(doc, "to", json_string(a->to));
    if (a->class_name.n > 0)
        api_set_slice(doc, "class", a->class_name);
    if (a->label.n > 0)
        api_set_slice(doc, "label", a->label);
    text = doc == NULL ? NULL : json_dumps(doc, JSON_COMPACT);
    *out = text == NULL ? (struct slice){ 0 } : arena_copy(rq->task.arena, slice_of(text));
    json_decref(doc);
    free(text);
    return out->p == NULL ? RC_NOMEM : RC_OK;
}

/* --- the document --- */

static const char *kind_name(enum report_kind kind)
{
    switch (kind) {
    case REPORT_TEXT:
    case REPORT_BANK:
        return "text";
    case REPORT_REF:
        return "ref";
    case REPORT_WORD:
        return "word";
    case REPORT_MONEY:
        return "money";
    case REPORT_COUNT:
    case REPORT_NUMBER:
        return "integer";
    case REPORT_DATE:
        return "date";
    case REPORT_TIME:
        return "time";
    case REPORT_CODE:
        return "code";
    case REPORT_RECEIPT:
        return "receipt";
    }
    return "text";
}

static json_t *cell_doc(const struct report_column *column, const struct report_cell *cell)
{
    char date[CLOCK_DATE_SIZE], when[CLOCK_RFC3339_SIZE];

    if (!cell->set)
        return json_null();
    if (report_is_text(column->kind))
        return json_stringn(cell->text.p == NULL ? "" : cell->text.p, cell->text.n);
    if (column->kind == REPORT_DATE) {
        clock_date_text(date, (int32_t)cell->number);
        return json_string(date);
    }
    if (column->kind == REPORT_TIME) {
        clock_rfc3339(when, cell->number, CLOCK_VN_OFFSET_S);
        return json_string(when);
    }
    return json_integer(cell->number);
}

static json_t *line_doc(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct report_line *line = (const struct report_line *)rows + i;
    const struct report *report = report_find(rq->params[0]);
    json_t *doc = json_object();

    key[0] = line->after_a;
    key[1] = line->after_b;
    for (size_t c = 0; c < report->ncolumns; c++)
        if (!line->sums || report->columns[c].sum)
            json_object_set_new(doc, report->columns[c].key, cell_doc(&report->columns[c], &line->cells[c]));
    return doc;
}

static json_t *columns_doc(struct req *rq, const struct report *report)
{
    json_t *list = json_array();
    bool page = desk_is_page(rq);

    for (size_t c = 0; c < report->ncolumns; c++) {
        const struct report_column *column = &report->columns[c];

        json_t *doc = json_pack("{s:s, s:s, s:s, s:b}", "key", column->key, "title", words(rq, "col", column->key), "kind", kind_name(column->kind),
                                "sum", column->sum);

        if (page)
            json_object_set_new(doc, "right", json_boolean(c > 0 && !report_is_text(column->kind))); /* the first is the heading of its row */
        json_array_append_new(list, doc);
    }
    return list;
}

/* --- the page: the same cells, as they are read --- */

static const char *shown(struct req *rq, const struct report_column *column, const struct report_cell *cell, char out[TABLE_CELL_SIZE])
{
    char word[KEY_SIZE];

    if (!cell->set)
        return "";
    if (column->kind == REPORT_WORD) {
        snprintf(word, sizeof word, "%.*s", SLICE_FMT(cell->text));
        return words(rq, "word", word);
    }
    if (column->kind == REPORT_NUMBER)
        snprintf(out, TABLE_CELL_SIZE, "%lld", (long long)cell->number);
    else
        table_number_shown(out, column->kind == REPORT_DATE ? TABLE_DATE : column->kind == REPORT_TIME ? TABLE_TIME : TABLE_MONEY, cell->number);
    return out;
}

static json_t *cells_view(struct req *rq, const struct report *report, const struct report_line *line)
{
    json_t *cells = json_array();
    char id[ENC_ID_SIZE];

    for (size_t c = line->sums ? 1 : 0; c < report->ncolumns; c++) {
        const struct report_column *column = &report->columns[c];
        const struct report_cell *cell = &line->cells[c];
        bool text = report_is_text(column->kind) && column->kind != REPORT_WORD;
        char number[TABLE_CELL_SIZE];

        json_array_append_new(cells, json_pack("{s:o, s:s, s:b, s:b}", "text",
                                               text ? json_stringn(cell->text.p == NULL ? "" : cell->text.p, cell->text.n) : json_string(shown(rq, column, cell, number)),
                                               "title", words(rq, "col", column->key), "right", !report_is_text(column->kind), "first", c == 0));
    }
    /* Receipts are printed from here. */
    if (line->id != 0) {
        enc_id(id, "rcp", line->id);
        json_object_set_new(json_array_get(cells, 0), "url", json_sprintf("/desk/receipts/%s/pdf", id));
    }
    return cells;
}

static void put_escaped(struct buf *b, const char *name, struct slice s)
{
    if (s.n == 0)
        return;
    buf_printf(b, "%s=", name);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.')
            buf_putc(b, (char)c);
        else
            buf_printf(b, "%%%02X", c);
    }
    buf_putc(b, '&');
}

static json_t *files_view(struct req *rq, const struct asked *a)
{
    bool journal = strcmp(a->report->name, "journal") == 0;
    json_t *list = json_array();

    for (size_t i = 1; FORMATS[i] != NULL && (i < 4 || journal); i++) {
        struct buf b;

        buf_init_arena(&b, rq->task.arena, URL_MAX);
        buf_printf(&b, "/desk/reports/%s?", a->report->name);
        put_escaped(&b, "from", slice_of(a->from));
        put_escaped(&b, "to", slice_of(a->to));
        put_escaped(&b, "class", a->class_name);
        put_escaped(&b, "label", a->label);
        buf_printf(&b, "lang=%s&format=%s", desk_language(rq), FORMATS[i]);
        json_array_append_new(list, json_pack("{s:s, s:s}", "text", words(rq, "format", FORMATS[i]), "url", b.p == NULL ? "" : b.p));
    }
    return list;
}

/* This month, the last one, the budget year, the school year, and everything. */
static json_t *periods_view(struct req *rq, const struct asked *a)
{
    static const char *const names[] = { "month", "last_month", "year", "school_year" };
    int32_t today = clock_day(clock_wall_us(), CLOCK_VN_OFFSET_S), from[4], to[4];
    json_t *list = json_array();

    report_month_of(today, &from[0], &to[0]);
    report_month_of(from[0] - 1, &from[1], &to[1]);
    report_year_of(today, &from[2], &to[2]);
    report_school_year_of(today, &from[3], &to[3]);
    for (size_t i = 0; i < 4; i++) {
        char first[CLOCK_DATE_SIZE], last[CLOCK_DATE_SIZE];
        struct buf b;

        clock_date_text(first, from[i]);
        clock_date_text(last, to[i]);
        buf_init_arena(&b, rq->task.arena, URL_MAX);
        buf_printf(&b, "/desk/reports/%s?", a->report->name);
        put_escaped(&b, "class", a->class_name);
        put_escaped(&b, "label", a->label);
        buf_printf(&b, "from=%s&to=%s", first, last);
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "text", words(rq, "period", names[i]), "url", b.p == NULL ? "" : b.p, "here",
                                              strcmp(first, a->from) == 0 && strcmp(last, a->to) == 0));
    }
    return list;
}

static void set_view(struct req *rq, json_t *doc, const struct asked *a, const struct report_line *lines, size_t n, size_t most)
{
    json_t *rows = json_array();
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (lines[i].sums)
            json_object_set_new(doc, "sum_cells", cells_view(rq, a->report, &lines[i]));
        else if (count++ < most)
            json_array_append_new(rows, json_pack("{s:o}", "cells", cells_view(rq, a->report, &lines[i])));
    }
    json_object_set_new(doc, "rows", rows);
    json_object_set_new(doc, "files", files_view(rq, a));
    json_object_set_new(doc, "periods", periods_view(rq, a));
    json_object_set_new(doc, "by_class", json_boolean(a->report->by_class));
    json_object_set_new(doc, "what", json_string(words(rq, a->report->name, "what")));
}

static json_t *text_or_null(struct slice s)
{
    return s.n == 0 ? json_null() : json_stringn(s.p, s.n);
}

static int page_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct api_list *list = t->state;
    struct report_line *lines;
    struct asked a;
    json_t *more;
    size_t n, first = 0;
    int rc = asked_read(rq, &a);

    if (rc == RC_OK)
        rc = flow_report_read(t, a.report, &lines, &n);
    if (rc != RC_OK)
        return desk_over(rc);
    if (n > 0 && lines[0].sums)
        first = 1;
    if (a.report->whole)
        list->limit = (int32_t)n + 1;
    more = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name", a.report->name, "title", words(rq, a.report->name, "title"), "from",
                     text_or_null(slice_of(a.from)), "to", text_or_null(slice_of(a.to)), "class", text_or_null(a.class_name), "label", text_or_null(a.label),
                     "columns", columns_doc(rq, a.report), "sums", first == 1 ? line_doc(rq, lines, 0, (int64_t[2]){ 0 }) : json_null());
    if (more != NULL && desk_is_page(rq))
        set_view(rq, more, &a, lines, n, (size_t)list->limit - 1);
    return more == NULL ? RC_NOMEM : desk_list_reply(rq, "report.html", more, n == 0 ? NULL : lines + first, n - first, line_doc);
}

int desk_report(struct req *rq)
{
    struct api_list *list;
    struct slice filter, token;
    struct asked a;
    int rc = desk_begin(rq, &token);

    if (rc == RC_OK)
        rc = asked_read(rq, &a);
    if (rc == RC_OK)
        rc = filter_text(rq, &a, &filter);
    if (rc != RC_OK)
        return desk_over(rc);
    if (a.format.n > 0 && !slice_is(a.format, "json")) {
        const struct flow_job_submit job = { .token_hash = token, .kind = SLICE("report"), .format = SLICE(""), .params = filter };

        return api_job_small(rq, &job);
    }
    rc = desk_list_begin(rq, &list);
    if (rc != RC_OK)
        return desk_over(rc);
    return flow_report(&rq->task, rq->app, token, a.report, filter, list->after_a, list->after_b, list->limit, page_done);
}

/* --- the list of reports --- */

static int reports_reply(struct req *rq)
{
    json_t *items = json_array();

    for (size_t i = 0; i < report_count(); i++) {
        const struct report *r = report_at(i);

        json_array_append_new(items, json_pack("{s:s, s:s, s:s, s:s}", "name", r->name, "title", words(rq, r->name, "title"), "what",
                                               words(rq, r->name, "what"), "period",
                                               r->period == REPORT_ALL ? "all" : r->period == REPORT_MONTH ? "month" : "year"));
    }
    return desk_reply(rq, 200, "reports.html", json_pack("{s:o}", "items", items));
}

/* A program's credentials are looked at here; a page's where its frame is. */
static int reports_known(struct task *t)
{
    int rc = flow_rc_read(t);

    return rc < 0 ? rc : reports_reply(req_of(t));
}

int desk_reports(struct req *rq)
{
    struct slice token;
    int rc = desk_begin(rq, &token);

    if (rc != RC_OK)
        return desk_over(rc);
    return desk_is_page(rq) ? reports_reply(rq) : flow_memberships(&rq->task, rq->app, token, reports_known);
}
