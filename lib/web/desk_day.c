/* A day on one page: what the bank says, what the books say, and where they differ. GET /api/v1/reconciliation?account=&date=, /desk/days/{date}. */
#include "khop/api/doc.h"
#include "khop/api/json.h"
#include "khop/api/query.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/flow/account.h"
#include "khop/flow/school.h"
#include "khop/flow/statement.h"
#include "khop/web/desk.h"

#include "desk_private.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define ROWS_MAX     200
#define ACCOUNTS_MAX 99
#define SHOWN_MAX    200 /* of all accounts on one page */

static const char *const STATES[] = { "not_on_statement", "duplicate_notice", "amount_conflict", "missed_notice", "reversed", "awaiting_statement", "matched_by_statement",
                                      "manual", "matched", "corrected", "history", NULL };

struct day {
    struct slice token;
    struct flow_day_query query;
    json_t *choices; /* of a page: accounts */
};

static void drop_choices(void *arg)
{
    json_decref(arg);
}

/* --- the answer --- */

static void set_date(json_t *doc, const char *name, int32_t day)
{
    char text[CLOCK_DATE_SIZE];

    clock_date_text(text, day);
    json_object_set_new(doc, name, json_string(text));
}

static int show_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct day *d = t->state;
    struct slice text;
    json_t *doc;
    int rc = flow_doc_read(t, &text);

    if (rc < 0)
        return rc;
    doc = api_json_object(text);
    if (doc == NULL)
        return RC_NOMEM;
    if (d->choices != NULL) { /* a page: other accounts, other days */
        const json_t *shown = json_object_get(json_object_get(doc, "account"), "id");
        size_t i;
        json_t *c;

        /* The one that is shown stands first: that is what the field says when no address names one. */
        json_array_foreach(d->choices, i, c) {
            if (json_equal(json_array_get(c, 0), shown) && i > 0) {
                json_incref(c);
                json_array_remove(d->choices, i);
                json_array_insert_new(d->choices, 0, c);
                break;
            }
        }
        json_array_foreach(d->choices, i, c)
            desk_choice(rq, doc, "account", json_string_value(json_array_get(c, 0)), json_incref(json_array_get(c, 1)));
        json_object_set_new(doc, "several", json_boolean(json_array_size(d->choices) > 1));
        set_date(doc, "day_before", d->query.day - 1);
        set_date(doc, "day_after", d->query.day + 1);
    }
    return desk_reply(rq, 200, "day.html", doc);
}

static int ask(struct task *t, struct day *d)
{
    return flow_reconciliation(t, req_of(t)->app, d->token, &d->query, show_done);
}

/* --- all accounts --- */

static int all_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct day *d = t->state;
    struct slice text;
    json_t *doc, *c;
    size_t i;
    int rc = flow_doc_read(t, &text);

    if (rc < 0)
        return rc;
    doc = api_json_object(text);
    if (doc == NULL)
        return RC_NOMEM;
    json_array_foreach(d->choices, i, c)
        desk_choice(rq, doc, "account", json_string_value(json_array_get(c, 0)), json_incref(json_array_get(c, 1)));
    if (d->choices != NULL) {
        set_date(doc, "day_before", d->query.day - 1);
        set_date(doc, "day_after", d->query.day + 1);
    }
    return desk_reply(rq, 200, "day_accounts.html", doc);
}

static int day_of_path(struct req *rq, struct day *d)
{
    if (clock_parse_date(rq->params[0], &d->query.day) < 0)
        return api_query_wrong(rq, "date", "date", "This must be a date such as 2026-11-30.");
    return RC_OK;
}

static int ask_all(struct task *t, struct day *d)
{
    return flow_day_accounts(t, req_of(t)->app, d->token, d->query.day, SHOWN_MAX, all_done);
}

int api_day_accounts(struct req *rq)
{
    struct day *d = task_state(&rq->task, sizeof *d);
    int rc = d == NULL ? RC_NOMEM : desk_begin(rq, &d->token);

    if (rc != RC_OK)
        return desk_over(rc);
    rc = day_of_path(rq, d);
    return rc < 0 ? rc : ask_all(&rq->task, d);
}

/* --- the accounts to choose from, of a page --- */

static int accounts_read(struct task *t)
{
    struct day *d = t->state;
    struct flow_account *accounts;
    char id[ENC_ID_SIZE];
    size_t n;
    int rc = flow_account_read(t, &accounts, &n);

    if (rc < 0)
        return rc;
    d->choices = json_array();
    if (d->choices == NULL || arena_defer(t->arena, drop_choices, d->choices) < 0)
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++) {
        enc_id(id, "acc", accounts[i].id);
        json_array_append_new(d->choices, json_pack("[s, o]", id,
                                                    json_sprintf("%.*s %.*s", SLICE_FMT(accounts[i].account_no), SLICE_FMT(accounts[i].holder))));
    }
    return d->query.account == 0 && n > 1 ? ask_all(t, d) : ask(t, d);
}

/* --- the question --- */

static int read_query(struct req *rq, struct day *d)
{
    int64_t after = 0, limit = ROWS_MAX;
    int rc = api_query_id(rq, "account", "acc", &d->query.account);

    if (rc == RC_OK)
        rc = api_query_choice(rq, "state", STATES, &d->query.state);
    if (rc == RC_OK)
        rc = api_query_int(rq, "after", 0, INT32_MAX / 2, &after);
    if (rc == RC_OK)
        rc = api_query_int(rq, "limit", 1, ROWS_MAX, &limit);
    d->query.after = (int32_t)after;
    d->query.limit = (int32_t)limit;
    return rc;
}

static struct day *day_new(struct req *rq)
{
    return task_state(&rq->task, sizeof(struct day));
}

static int show(struct req *rq, struct day *d)
{
    int rc = read_query(rq, d);

    if (rc < 0)
        return rc;
    if (desk_is_page(rq))
        return flow_account_list(&rq->task, rq->app, d->token, 0, ACCOUNTS_MAX, accounts_read);
    return d->query.account == 0 ? api_query_wrong(rq, "account", "required", "This is required.") : ask(&rq->task, d);
}

int desk_reconciliation(struct req *rq)
{
    struct day *d = day_new(rq);
    bool has = false;
    int rc = d == NULL ? RC_NOMEM : desk_begin(rq, &d->token);

    if (rc != RC_OK)
        return desk_over(rc);
    rc = api_query_date(rq, "date", &has, &d->query.day);
    if (rc == RC_OK && !has)
        rc = api_query_wrong(rq, "date", "required", "This is required.");
    return rc < 0 ? rc : show(rq, d);
}

int desk_day(struct req *rq)
{
    struct day *d = day_new(rq);
    int rc = d == NULL ? RC_NOMEM : desk_begin(rq, &d->token);

    if (rc != RC_OK)
        return desk_over(rc);
    rc = day_of_path(rq, d);
    return rc < 0 ? rc : show(rq, d);
}

/* Today, for a link that knows no day. */
int desk_days(struct req *rq)
{
    char date[CLOCK_DATE_SIZE], to[sizeof "/desk/days/" + CLOCK_DATE_SIZE];

    clock_date_text(date, clock_day(clock_wall_us(), CLOCK_VN_OFFSET_S));
    snprintf(to, sizeof to, "/desk/days/%s", date);
    return desk_redirect(rq, slice_of(to));
}
