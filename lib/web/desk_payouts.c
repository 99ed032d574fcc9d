/* What a commune pays out: all lists, and a new one, from JSON, from a pasted table or from a file. */
#include "desk_payouts.h"
#include "desk_school.h"

#include "khop/api/payout.h"
#include "khop/api/query.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/flow/account.h"
#include "khop/flow/payout.h"
#include "khop/flow/school.h"
#include "khop/web/desk.h"
#include "khop/web/upload.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define NAME_MAX        80
#define PAGE_MAX        200
#define TABLE_BYTES_MAX 200000 /* of a list that is pasted */
#define ACCOUNTS        100
#define SAID_MAX        4000

static const char *const MEMBERS[] = { "account", "name", "month", "pay_by", "carry_over", "lines", NULL };
static const char *const FORM_MEMBERS[] = { "account", "name", "month", "pay_by", "carry_over", "list", NULL };

json_t *payout_doc(struct slice text)
{
    return json_loadb(text.p, text.n, 0, NULL);
}

static void release(void *doc)
{
    json_decref(doc);
}

int payout_keep(struct arena *arena, json_t *doc)
{
    return doc == NULL ? RC_NOMEM : arena_defer(arena, release, doc);
}

void payout_words(json_t *items, const char *from, const char *to)
{
    json_t *item;
    size_t i;

    json_array_foreach(items, i, item)
        json_object_set(item, to, json_object_get(item, from));
}

int payout_read_page(struct req *rq, int32_t *after, int32_t *limit)
{
    int64_t v = 0, n = PAYOUT_PAGE;
    int rc = api_query_int(rq, "after", 0, INT32_MAX, &v);

    if (rc == RC_OK)
        rc = api_query_int(rq, "limit", 1, PAGE_MAX, &n);
    *after = (int32_t)v;
    *limit = (int32_t)n;
    return rc;
}

/* --- all lists --- */

/* Of a page also the accounts that money can leave, for its form. */
struct lists {
    struct api_list list; /* what desk_list_reply looks for */
    json_t *accounts;     /* [id, text] */
};

static int lists_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct lists *l = t->state;
    struct slice text;
    json_t *doc, *a;
    size_t i;
    int rc = flow_doc_read(t, &text);

    if (rc < 0)
        return rc;
    doc = payout_doc(text);
    if (l->accounts == NULL)
        return school_list(rq, "payouts.html", doc);
    payout_words(json_object_get(doc, "items"), "state", "payout_state");
    json_array_foreach(l->accounts, i, a)
        desk_choice(rq, doc, "account", json_string_value(json_array_get(a, 0)), json_incref(json_array_get(a, 1)));
    json_object_set_new(doc, "has_account", json_boolean(json_array_size(l->accounts) > 0));
    return school_list(rq, "payouts.html", doc);
}

static int ask_lists(struct task *t, const struct lists *l)
{
    if (l->list.after_a < INT32_MIN || l->list.after_a > INT32_MAX)
        return api_list_cursor_wrong(req_of(t));
    return flow_payout_list(t, req_of(t)->app, l->list.token_hash, (int32_t)l->list.after_a, l->list.after_b, l->list.limit, lists_done);
}

static int accounts_read(struct task *t)
{
    struct lists *l = t->state;
    struct flow_account *accounts;
    size_t n = 0;
    int rc;

    if (flow_account_read(t, &accounts, &n) < 0)
        n = 0; /* who may not see them does not make lists either */
    l->accounts = json_array();
    rc = payout_keep(t->arena, l->accounts);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        char id[ENC_ID_SIZE];

        enc_id(id, "acc", accounts[i].id);
        json_array_append_new(l->accounts, json_pack("[s, o]", id, json_sprintf("%.*s · %.*s", SLICE_FMT(accounts[i].account_no), SLICE_FMT(accounts[i].holder))));
    }
    return rc < 0 ? rc : ask_lists(t, l);
}

int desk_payouts(struct req *rq)
{
    struct api_list *list;
    struct lists *l;
    int rc = desk_list_begin(rq, &list);

    if (rc != RC_OK)
        return desk_over(rc);
    l = task_state(&rq->task, sizeof *l);
    if (l == NULL)
        return RC_NOMEM;
    l->list = *list;
    return desk_is_page(rq) ? flow_account_list(&rq->task, rq->app, l->list.token_hash, 0, ACCOUNTS, accounts_read) : ask_lists(&rq->task, l);
}

/* --- a new list --- */

struct made {
    struct flow_payout_spec spec;
    struct api_in *in;
    struct buf lines, said; /* said: the faults of a pasted table, all in one text below its field */
    int32_t row;
    bool pasted;
    const struct sheet_header *header;
};

static bool read_month(struct slice text, int32_t *day)
{
    char date[16];

    if (text.n != 7)
        return false;
    snprintf(date, sizeof date, "%.7s-01", text.p);
    return clock_parse_date(slice_of(date), day) == RC_OK;
}

/* What a list is about, of a body or of an address. */
static void read_head(struct api_in *in, struct slice month, struct slice pay_by, struct flow_payout_spec *s)
{
    if (month.p != NULL && !read_month(month, &s->month))
        api_in_fault(in, "/month", "month", "This must be a month such as 2026-11.");
    if (pay_by.p != NULL && clock_parse_date(pay_by, &s->pay_by) < 0)
        api_in_fault(in, "/pay_by", "date", "This must be a date such as 2026-11-30.");
}

/* Of a line, for programs: its place; for people: the row and the column, in words. */
static void line_fault(void *arg, enum payout_column column, const char *code, const char *detail)
{
    struct made *m = arg;
    char at[64];

    if (!m->pasted) {
        snprintf(at, sizeof at, "/lines/%d/%s", (int)m->row - 1, payout_names[column]);
        api_in_fault(m->in, at, code, detail);
        return;
    }
    int place = m->header->at[column];
    buf_printf(&m->said, "%s%s %d, %.*s: %s", m->said.n > 0 ? " " : "", desk_word(m->in->rq, "payouts", "row"), (int)m->row,
                              place < 0 ? (int)strlen(payout_names[column]) : (int)m->header->title[place].n,
                              place < 0 ? payout_names[column] : m->header->title[place].p, api_detail(m->in->rq, detail));
    if (m->said.failed) /* enough to begin with */
        m->said.failed = false;
}

static int take_line(struct made *m, const struct sheet_cell cells[PAYOUT_COLUMNS])
{
    const struct flow *f = m->in->rq->app;
    struct slice line;
    int rc = payout_line(m->in->rq->task.arena, f->field_key, cells, m->row, line_fault, m, &line);

    if (rc == RC_OK && line.p != NULL) {
        if (m->lines.n > 1)
            buf_putc(&m->lines, ',');
        buf_put_slice(&m->lines, line);
    }
    return rc;
}

/* JSON: {"name": …, "amount": 500000}, each as the cell of a sheet would say it. */
static int read_object(struct made *m, json_t *item)
{
    struct sheet_cell cells[PAYOUT_COLUMNS] = { 0 };
    const char *name;
    json_t *value;

    json_object_foreach(item, name, value) {
        int c = 0;

        while (c < PAYOUT_COLUMNS && strcmp(name, payout_names[c]) != 0)
            c++;
        if (c == PAYOUT_COLUMNS) {
            char at[64];

            snprintf(at, sizeof at, "/lines/%d", (int)m->row - 1);
            api_in_fault(m->in, at, "unknown", "There is a member here that is not known.");
        } else if (json_is_integer(value) && c == PAYOUT_AMOUNT) {
            char *text = arena_printf(m->in->rq->task.arena, "%lld", (long long)json_integer_value(value));

            cells[c].text = text == NULL ? (struct slice){ 0 } : slice_of(text);
        } else if (json_is_string(value) && c != PAYOUT_AMOUNT) {
            cells[c].text = (struct slice){ json_string_value(value), json_string_length(value) };
        } else if (!json_is_null(value)) {
            line_fault(m, (enum payout_column)c, "type", c == PAYOUT_AMOUNT ? "This must be a whole number, without quotes, point or exponent." : "This must be text.");
        }
    }
    return take_line(m, cells);
}

static int read_objects(struct made *m)
{
    json_t *list = json_object_get(m->in->root, "lines"), *item;
    size_t i;
    int rc = RC_OK;

    if (!json_is_array(list) || json_array_size(list) > PAYOUT_LINES_MAX) {
        api_in_fault(m->in, "/lines", "type", "This must be a list of lines, 10,000 at most.");
        return RC_OK;
    }
    json_array_foreach(list, i, item) {
        m->row = (int32_t)i + 1;
        if (rc == RC_OK && json_is_object(item))
            rc = read_object(m, item);
        else if (!json_is_object(item))
            line_fault(m, PAYOUT_NAME, "type", "This must be an object.");
    }
    return rc;
}

/* A table copied out of a spreadsheet. */
static int read_table(struct made *m, struct slice text)
{
    struct sheet *sheet = NULL;
    enum sheet_fault fault = SHEET_FINE;
    struct sheet_header header;
    struct sheet_cell cells[PAYOUT_COLUMNS];
    struct sheet_row row;
    int32_t at;
    int rc = sheet_open(text, &sheet, &fault), found = SHEET_END;

    if (rc == RC_OK && (rc = sheet_find_header(sheet, payout_columns, PAYOUT_COLUMNS, &header)) < 0)
        fault = sheet_fault_of(sheet, &at);
    m->header = &header;
    while (rc == RC_OK && (found = sheet_next(sheet, &row)) == SHEET_ROW) {
        for (size_t c = 0; c < PAYOUT_COLUMNS; c++)
            cells[c] = sheet_cell_of(&row, &header, c);
        m->row = row.number;
        rc = take_line(m, cells);
    }
    if (rc == RC_OK && found < 0) {
        fault = sheet_fault_of(sheet, &at);
        rc = found;
    }
    sheet_close(sheet);
    m->header = NULL;
    if (m->said.n > 0)
        api_in_fault(m->in, "/list", "rows", arena_strndup(m->in->rq->task.arena, m->said.p, m->said.n));
    if (rc == RC_NOMEM || rc == RC_INTERNAL)
        return rc;
    if (rc < 0)
        api_in_fault(m->in, "/list", sheet_fault_name(fault), fault == SHEET_NO_HEADER ? "No row of this file names the columns: it needs the name, the amount, the bank and the account." : sheet_fault_text(fault));
    return RC_OK;
}

/* Faults that only the whole list shows, as faults of members. */
static int create_refused(struct req *rq, struct slice text)
{
    json_t *faults = json_loadb(text.p, text.n, 0, NULL), *f;
    struct api_error errors[API_ERRORS_MAX];
    size_t i, n = 0;

    json_array_foreach(faults, i, f) {
        const char *code = json_string_value(json_object_get(f, "code")), *place = json_string_value(json_object_get(f, "place"));
        struct api_error *e = &errors[n];

        if (n == API_ERRORS_MAX || code == NULL || place == NULL)
            break;
        *e = (struct api_error){ .code = strcmp(code, "payee_ended") == 0 ? "payee_ended" : "person_twice", .detail = payout_fault_text(slice_of(code)) };
        snprintf(e->pointer, sizeof e->pointer, "/lines/%lld/%s", (long long)json_integer_value(json_object_get(f, "row")) - 1,
                 strcmp(place, "person") == 0 ? "person_id" : place);
        n++;
    }
    json_decref(faults);
    if (n == 0)
        return RC_INTERNAL;
    return desk_is_page(rq) ? desk_refuse(rq, "/list", errors[0].code, errors[0].detail) : api_problem_invalid(rq, errors, n);
}

static int create_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct slice text;
    json_t *doc;
    int rc = flow_doc_read(t, &text);

    if (rc == RC_BAD_INPUT)
        return create_refused(rq, flow_payout_faults(t));
    if (rc == RC_NOT_FOUND)
        return desk_refuse(rq, "/account", "not_found", "This organisation has no such account.");
    if (rc == RC_CONFLICT)
        return desk_refuse_key(rq);
    if (rc < 0)
        return rc;
    doc = payout_doc(text);
    if (flow_payout_repeated(t))
        reply_header(rq, "Idempotent-Replayed", SLICE("true"));
    const char *id = json_string_value(json_object_get(doc, "id")), *kept = id == NULL ? NULL : arena_strndup(t->arena, id, strlen(id));

    if (kept == NULL) {
        json_decref(doc);
        return RC_NOMEM;
    }
    return desk_done(rq, 201, doc, "said.payout_made", "/desk/payouts/%s", kept);
}

int desk_payouts_create(struct req *rq)
{
    struct made *m = task_state(&rq->task, sizeof *m);
    struct slice month, pay_by, table = { 0 };
    struct api_in in;
    int rc = m == NULL ? RC_NOMEM : desk_begin(rq, &m->spec.token_hash);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_payouts);
    if (rc != RC_OK)
        return desk_over(rc);
    m->in = &in;
    m->pasted = in.form;
    api_in_known(&in, in.root, "", in.form ? FORM_MEMBERS : MEMBERS);
    api_in_id(&in, NULL, "/account", "acc", true, &m->spec.account_id);
    api_in_free_text(&in, NULL, "/name", 1, NAME_MAX, &m->spec.name);
    api_in_text(&in, NULL, "/month", 7, 7, &month);
    api_in_text(&in, NULL, "/pay_by", 10, 10, &pay_by);
    read_head(&in, month, pay_by, &m->spec);
    m->spec.carry = json_is_true(json_object_get(in.root, "carry_over"));
    if (json_object_get(in.root, "carry_over") != NULL && !json_is_boolean(json_object_get(in.root, "carry_over")))
        api_in_fault(&in, "/carry_over", "type", "This must be true or false.");
    buf_init_arena(&m->said, rq->task.arena, SAID_MAX);
    buf_init_arena(&m->lines, rq->task.arena, (size_t)8 << 20);
    buf_putc(&m->lines, '[');
    if (in.form) {
        const char *list = json_string_value(json_object_get(in.root, "list"));

        table = list == NULL ? (struct slice){ 0 } : slice_of(list);
        if (table.n == 0 || table.n > TABLE_BYTES_MAX)
            api_in_fault(&in, "/list", "required", "This member is needed.");
        else
            rc = read_table(m, table);
    } else {
        rc = read_objects(m);
    }
    buf_putc(&m->lines, ']');
    if (rc < 0 || m->lines.failed)
        return rc < 0 ? rc : RC_TOO_LARGE;
    rc = desk_in_key(&in, &m->spec.idempotency_key);
    if (rc == RC_OK)
        rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    m->spec.request = rq->body;
    m->spec.lines = buf_slice(&m->lines);
    return flow_payout_create(&rq->task, rq->app, &m->spec, create_done);
}

/* --- a list as a file --- */

/* Of the form, or of the query of a program. */
static struct slice said_text(struct req *rq, const json_t *fields, const char *name)
{
    const json_t *value = json_object_get(fields, name);
    struct slice s = { 0 };

    if (fields != NULL)
        return json_is_string(value) ? (struct slice){ json_string_value(value), json_string_length(value) } : s;
    return req_query(rq, name, &s) == RC_OK ? s : (struct slice){ 0 };
}

static int upload_refused(struct req *rq, const struct api_in *in)
{
    int rc = desk_is_page(rq) ? desk_refuse(rq, in->errors[0].pointer, in->errors[0].code, in->errors[0].detail) : api_problem_invalid(rq, in->errors, in->nerrors);

    return rc < 0 ? rc : 1;
}

static int upload_ready(struct req *rq, struct flow_job_submit *submit, const json_t *fields)
{
    struct slice name = said_text(rq, fields, "name"), month = said_text(rq, fields, "month"), pay_by = said_text(rq, fields, "pay_by");
    struct flow_payout_spec s = { 0 };
    struct api_in in = { .rq = rq };
    char by[CLOCK_DATE_SIZE];
    json_t *params;
    char *text;

    if (dec_id(said_text(rq, fields, "account"), "acc", &s.account_id) < 0)
        api_in_fault(&in, "/account", "id", "This is not the id of such a thing.");
    if (name.n == 0 || name.n > NAME_MAX)
        api_in_fault(&in, "/name", "length", "This text is too short or too long.");
    if (month.p == NULL || pay_by.p == NULL)
        api_in_fault(&in, month.p == NULL ? "/month" : "/pay_by", "required", "This member is needed.");
    read_head(&in, month, pay_by, &s);
    if (in.nerrors > 0)
        return upload_refused(rq, &in);
    clock_date_text(by, s.pay_by);
    params = json_pack("{s:I, s:s%, s:o, s:s, s:b}", "account", (json_int_t)s.account_id, "name", name.p, name.n, "month",
                       json_sprintf("%.7s-01", month.p), "pay_by", by, "carry", slice_is(said_text(rq, fields, "carry_over"), "true"));
    text = params == NULL ? NULL : json_dumps(params, JSON_COMPACT);
    json_decref(params);
    submit->params = text == NULL ? (struct slice){ 0 } : arena_copy(rq->task.arena, slice_of(text));
    submit->format = SLICE("sheet");
    free(text);
    return submit->params.p == NULL ? RC_NOMEM : RC_OK;
}

static int upload_submitted(struct task *t)
{
    return desk_job_started(req_of(t));
}

int desk_payouts_upload(struct req *rq)
{
    return desk_upload(rq, SLICE("payout_list"), desk_payouts, upload_ready, upload_submitted);
}
