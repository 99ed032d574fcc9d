#include "khop/api/api.h"
#include "khop/api/doc.h"
#include "khop/api/json.h"
#include "khop/api/list.h"
#include "khop/api/query.h"
#include "khop/auth/token.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/flow/code.h"
#include "khop/pay/code.h"
#include "khop/pay/money.h"
#include "spec.h"
#include "vietqr.h"

#include <ctype.h>
#include <stdio.h>

#include "khop/base/banned.h"

#define AMOUNT_MAX INT64_C(999999999999) /* security.md §2 */
#define KEY_MAX    255

static const char *const CODE_MEMBERS[] = { "account", "kind",   "amount",     "label", "payer",
                                            "payee",   "due_on", "expires_at", "lines", "use_credit", NULL };
static const char *const STATUSES[] = { "issued", "partially_paid", "paid", "overpaid", "paid_late", "cancelled", NULL };
static const char *const PAYER_MEMBERS[] = { "ref", "name", "class", NULL };
static const char *const LINE_MEMBERS[] = { "label", "amount", NULL };
static const char *const PAYEE_MEMBERS[] = { "bin", "account_no", "name", NULL };

static int code_reply(struct req *rq, int status, const struct flow_code *c)
{
    return api_reply(rq, status, api_doc_code(rq->app, c));
}

static void read_payee(struct api_in *in, bool out, struct flow_code_spec *spec)
{
    json_t *payee = api_in_object(in, "/payee");

    if (!out) {
        if (payee != NULL)
            api_in_fault(in, "/payee", "kind", "Only a payout has a payee.");
        return;
    }
    if (payee == NULL) {
        api_in_fault(in, "/payee", "required", "A payout needs the account that is paid.");
        return;
    }
    api_in_known(in, payee, "/payee", PAYEE_MEMBERS);
    api_in_text(in, payee, "/payee/bin", 6, 6, &spec->payee.bin);
    api_in_text(in, payee, "/payee/account_no", 1, 19, &spec->payee.account_no);
    api_in_free_text(in, payee, "/payee/name", 1, 120, &spec->payee.name);
}

static void read_dates(struct api_in *in, struct flow_code_spec *spec)
{
    struct slice text;

    api_in_date(in, NULL, "/due_on", &spec->has_due, &spec->due_on);
    api_in_text(in, NULL, "/expires_at", 0, 40, &text);
    spec->has_expiry = text.p != NULL;
    if (spec->has_expiry && clock_parse_rfc3339(text, &spec->expires_us) < 0)
        api_in_fault(in, "/expires_at", "time", "This must be a time such as 2026-11-30T17:00:00+07:00.");
}

static void read_line(struct api_in *in, json_t *item, size_t i, struct flow_line *line)
{
    char at[32], label[48], amount[48];
    bool has;

    snprintf(at, sizeof at, "/lines/%zu", i);
    snprintf(label, sizeof label, "%s/label", at);
    snprintf(amount, sizeof amount, "%s/amount", at);
    if (!json_is_object(item)) {
        api_in_fault(in, at, "type", "This must be an object.");
        return;
    }
    api_in_known(in, item, at, LINE_MEMBERS);
    api_in_free_text(in, item, label, 1, 120, &line->label);
    api_in_int(in, item, amount, -AMOUNT_MAX, AMOUNT_MAX, &has, &line->amount);
    if (!has || line->amount == 0)
        api_in_fault(in, amount, "required", "A line needs an amount; what is taken off is below zero.");
}

/* The lines of a bill add up to its amount: a page that shows both must never contradict itself. */
static void read_lines(struct api_in *in, struct flow_code_spec *spec)
{
    json_t *lines = in->columns != NULL ? NULL : json_object_get(in->root, "lines"), *item;
    size_t i, faults = in->nerrors;
    int64_t sum = 0;

    if (lines == NULL || json_is_null(lines))
        return;
    if (!json_is_array(lines) || json_array_size(lines) > FLOW_LINES_MAX) {
        api_in_fault(in, "/lines", "type", "This must be a list of at most 50 lines.");
        return;
    }
    spec->nlines = json_array_size(lines);
    json_array_foreach(lines, i, item) {
        read_line(in, item, i, &spec->lines[i]);
        if (money_add(sum, spec->lines[i].amount, &sum) < 0) /* 50 × AMOUNT_MAX fits: cannot happen */
            api_in_fault(in, "/lines", "sum", "The lines must add up to the amount.");
    }
    if (in->nerrors == faults && spec->nlines > 0 && (!spec->has_amount || sum != spec->amount))
        api_in_fault(in, "/lines", "sum", "The lines must add up to the amount.");
}

/* Credit of a payer of the list is used unless the caller says no. */
static void read_credit(struct api_in *in, struct flow_code_spec *spec)
{
    bool use;

    if (api_in_bool(in, NULL, "/use_credit", &use))
        spec->no_credit = !use;
}

void api_spec_read(struct api_in *in, const struct flow_kinds *kinds, struct flow_code_spec *spec)
{
    const struct flow_kind *known;
    struct slice kind;
    json_t *payer;
    bool out;

    api_in_known(in, in->root, "", CODE_MEMBERS);
    api_in_id(in, NULL, "/account", "acc", true, &spec->account_id);
    api_in_text(in, NULL, "/kind", 1, 16, &kind);
    known = kind.p == NULL ? NULL : flow_kind_named(kinds, kind);
    if (kind.p != NULL && (known == NULL || !known->usable))
        api_in_fault(in, "/kind", "kind", "This must be fee, stall, payout, service, card, or a kind that was added here.");
    spec->kind = known == NULL ? '\0' : known->letter;
    out = known != NULL && known->out;
    api_in_int(in, NULL, "/amount", 1, AMOUNT_MAX, &spec->has_amount, &spec->amount);
    if (out && !spec->has_amount)
        api_in_fault(in, "/amount", "required", "A payout needs an amount.");
    api_in_free_text(in, NULL, "/label", 0, 140, &spec->label);
    payer = api_in_object(in, "/payer");
    if (payer != NULL) {
        api_in_known(in, payer, "/payer", PAYER_MEMBERS);
        api_in_text(in, payer, "/payer/ref", 0, 64, &spec->payer_ref);
        api_in_free_text(in, payer, "/payer/name", 0, 120, &spec->payer_name);
        api_in_free_text(in, payer, "/payer/class", 0, 40, &spec->payer_class);
    }
    read_credit(in, spec);
    read_payee(in, out, spec);
    read_dates(in, spec);
    read_lines(in, spec);
    if (in->nerrors == 0 && out) {
        char payload[VIETQR_ENCODED_MAX];
        struct flow_code probe = { .kind = spec->kind, .has_payee = true, .payee = spec->payee, .has_amount = true, .amount = spec->amount };

        if (api_code_payload(&probe, payload) < 0)
            api_in_fault(in, "/payee", "account", "No VietQR code can be made for this account: check bin and account_no.");
    }
}

static int create_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_code code;
    int rc = flow_code_read(t, &code);

    if (rc == RC_CONFLICT)
        return api_problem(rq, "idempotency_key_reused", "Use a new key for a new request.");
    if (rc == RC_NOT_FOUND) {
        struct api_error e = { "/account", "not_found", "This organisation has no such account." };

        return api_problem_invalid(rq, &e, 1);
    }
    if (rc < 0)
        return rc;
    if (code.repeated)
        reply_header(rq, "Idempotent-Replayed", SLICE("true"));
    return api_created(rq, "/api/v1/codes", "cod", code.id, api_doc_code(rq->app, &code));
}

int api_codes_create(struct req *rq)
{
    struct flow_code_spec spec = { .request = rq->body, .idempotency_key = req_header(rq, "Idempotency-Key") };
    struct api_in in;
    int rc = auth_bearer(rq, &spec.token_hash);

    if (rc < 0)
        return rc;
    if (spec.idempotency_key.n == 0 || spec.idempotency_key.n > KEY_MAX || req_header_count(rq, "Idempotency-Key") != 1)
        return api_problem(rq, "idempotency_key_missing", "Send one key of 1 to 255 characters, new for each new code.");
    rc = api_in_begin(&in, rq);
    if (rc != RC_OK)
        return rc < 0 ? rc : RC_OK;
    api_spec_read(&in, &((const struct flow *)rq->app)->kinds, &spec);
    if (!api_in_end(&in))
        return RC_OK;
    return flow_code_issue(&rq->task, rq->app, &spec, create_done);
}

static int get_done(struct task *t)
{
    struct flow_code code;
    int rc = flow_code_read(t, &code);

    return rc < 0 ? rc : code_reply(req_of(t), 200, &code);
}

/* People type codes as they come: letters in any case. */
static int code_typed(struct slice text, int32_t *no)
{
    char upper[CODE_LETTERS];

    if (text.n != sizeof upper)
        return RC_BAD_INPUT;
    for (size_t i = 0; i < text.n; i++)
        upper[i] = (char)toupper((unsigned char)text.p[i]);
    return code_parse((struct slice){ upper, sizeof upper }, no);
}

int api_codes_get(struct req *rq)
{
    struct slice hash, name = rq->params[0];
    int32_t code_no = 0;
    int64_t id = 0;
    int rc = auth_bearer(rq, &hash);

    if (rc < 0)
        return rc;
    if (dec_id(name, "cod", &id) < 0 && code_typed(name, &code_no) < 0)
        return RC_NOT_FOUND;
    return flow_code_get(&rq->task, rq->app, hash, id, code_no, get_done);
}

static int cancel_done(struct task *t)
{
    struct flow_code code;
    int rc = flow_code_read(t, &code);

    if (rc == RC_CONFLICT)
        return api_problem(req_of(t), "conflict", "Something has been paid on this code already; it cannot be cancelled.");
    return rc < 0 ? rc : code_reply(req_of(t), 200, &code);
}

int api_codes_cancel(struct req *rq)
{
    static const char *const members[] = { "reason", NULL };
    struct slice hash, reason = { 0 };
    struct api_in in;
    int64_t id;
    int rc = auth_bearer(rq, &hash);

    if (rc < 0)
        return rc;
    if (dec_id(rq->params[0], "cod", &id) < 0)
        return RC_NOT_FOUND;
    if (rq->body.n > 0) {
        rc = api_in_begin(&in, rq);
        if (rc != RC_OK)
            return rc < 0 ? rc : RC_OK;
        api_in_known(&in, in.root, "", members);
        api_in_free_text(&in, NULL, "/reason", 0, 200, &reason);
        if (!api_in_end(&in))
            return RC_OK;
    }
    return flow_code_cancel(&rq->task, rq->app, hash, id, reason, cancel_done);
}

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_code *c = (const struct flow_code *)rows + i;

    key[0] = c->created_us;
    key[1] = c->id;
    return api_doc_code(rq->app, c);
}

static int list_done(struct task *t)
{
    struct flow_code *codes;
    size_t n;
    int rc = flow_code_read_list(t, &codes, &n);

    return rc < 0 ? rc : api_list_reply(req_of(t), codes, n, list_row);
}

int api_codes_list(struct req *rq)
{
    struct flow_code_filter filter = { 0 };
    struct api_list *list;
    int rc = api_list_begin(rq, &list);

    if (rc != RC_OK)
        return rc;
    rc = api_query_choice(rq, "status", STATUSES, &filter.status);
    if (rc == RC_OK)
        rc = api_query_id(rq, "account", "acc", &filter.account_id);
    if (rc < 0)
        return rc;
    filter.has_after = list->has_after;
    filter.after_us = list->after_a;
    filter.after_id = list->after_b;
    filter.limit = list->limit;
    return flow_code_list(&rq->task, rq->app, list->token_hash, &filter, list_done);
}
