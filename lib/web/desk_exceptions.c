/* Exceptions: the list, one with its suggestions, and everything that is done about one. */
#include "exception_doc.h"
#include "khop/api/doc.h"
#include "khop/api/query.h"
#include "khop/base/enc.h"
#include "khop/pay/code.h"
#include "khop/web/books.h"
#include "khop/web/desk.h"

#include <ctype.h>
#include <stdio.h>

#include "khop/base/banned.h"

#define AMOUNT_MAX INT64_C(999999999999)
#define MEMO_CODES 16
#define REASON_MAX 200

static const char *const STATES[] = { "waiting", "open", "proposed", "resolved", "dismissed", "self_resolved", "all", NULL };
static const char *const REASONS[] = { "no_code", "unknown_code", "ambiguous_code", "short", "tiny_amount", "over", "several_charges", "already_paid",
                                       "cancelled_charge", "expired", "wrong_account", "out_of_direction", "body_conflict", "unreadable_notice",
                                       "refund_requested", "not_on_statement", "duplicate_notice", "balance_gap", "amount_conflict", NULL };
static const char *const ACTIONS[] = { "link", "split", "credit", "refund", "dismiss", "accept", "reverse", "correct", NULL };
static const char *const MEMBERS[] = { "action", "code", "parts", "credit", "payer", "amount", "reason", "payee", "suggestion", NULL };
static const char *const PART_MEMBERS[] = { "code", "amount", NULL };
static const char *const CREDIT_MEMBERS[] = { "payer", "amount", NULL };
static const char *const PAYEE_MEMBERS[] = { "bin", "account_no", "name", NULL };

/* --- the list --- */

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_exception *e = (const struct flow_exception *)rows + i;

    (void)rq;
    key[0] = e->opened_us;
    key[1] = e->id;
    return api_doc_exception(e);
}

static int list_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_exception *found;
    json_t *more = json_object();
    size_t n;
    int rc = flow_exception_read(t, &found, &n);

    if (rc < 0) {
        json_decref(more);
        return rc;
    }
    for (size_t i = 0; STATES[i] != NULL; i++)
        desk_choice(rq, more, "state", STATES[i], json_string(desk_word(rq, "state", STATES[i])));
    for (size_t i = 0; REASONS[i] != NULL; i++)
        desk_choice(rq, more, "reason", REASONS[i], json_string(desk_word(rq, "reason", REASONS[i])));
    return desk_list_reply(rq, "exceptions.html", more, found, n, list_row);
}

int desk_exceptions(struct req *rq)
{
    struct flow_exception_filter filter = { 0 };
    struct api_list *list;
    int rc = desk_list_begin(rq, &list);

    if (rc != RC_OK)
        return desk_over(rc);
    rc = api_query_choice(rq, "state", STATES, &filter.state);
    if (rc == RC_OK)
        rc = api_query_choice(rq, "reason", REASONS, &filter.reason);
    if (rc == RC_OK)
        rc = api_query_id(rq, "account", "acc", &filter.account_id);
    if (rc < 0)
        return rc;
    if (filter.state.p == NULL && desk_is_page(rq))
        filter.state = SLICE("waiting");
    if (slice_is(filter.state, "all"))
        filter.state = (struct slice){ 0 };
    filter.has_after = list->has_after;
    filter.after_us = list->after_a;
    filter.after_id = list->after_b;
    filter.limit = list->limit;
    return flow_exception_list(&rq->task, rq->app, list->token_hash, &filter, list_done);
}

/* --- one of them --- */

struct one {
    struct flow_resolve resolve;
    struct flow_exception_detail detail;
    struct suggestions suggestions;
    int64_t accept;   /* number of the suggestion that was accepted; 0: none */
    const char *said; /* something has been done: its message */
    int (*then)(struct req *rq, struct one *one);
};

static struct one *one_new(struct req *rq)
{
    return task_state(&rq->task, sizeof(struct one));
}

static int one_suggest(struct req *rq, struct one *one, const struct flow_exception_code *codes, size_t n)
{
    int rc = exception_suggest(&one->suggestions, &one->detail, codes, n);

    if (rc == RC_OK)
        rc = one->then(rq, one);
    exception_suggest_free(&one->suggestions);
    return rc;
}

static int one_codes(struct task *t)
{
    struct flow_exception_code *codes;
    size_t n;
    int rc = flow_exception_read_codes(t, &codes, &n);

    return rc < 0 ? rc : one_suggest(req_of(t), t->state, codes, n);
}

static int one_read(struct task *t)
{
    struct one *one = t->state;
    struct req *rq = req_of(t);
    int32_t codes[MEMO_CODES];
    size_t n;
    int rc = flow_exception_read_detail(t, &one->detail);

    if (rc < 0)
        return rc;
    n = exception_memo_codes(&one->detail, codes, MEMO_CODES);
    return n > 0 ? flow_exception_codes(t, rq->app, one->resolve.token_hash, codes, n, one_codes) : one_suggest(rq, one, NULL, 0);
}

/* Reads the exception and its suggestions, then goes on. */
static int one_begin(struct req *rq, struct one *one, int (*then)(struct req *, struct one *))
{
    one->then = then;
    return flow_exception_show(&rq->task, rq->app, one->resolve.token_hash, one->resolve.id, one_read);
}

static int show(struct req *rq, struct one *one)
{
    json_t *doc = exception_doc(&one->detail, &one->suggestions);

    if (one->said != NULL)
        return desk_done(rq, 200, doc, one->said, "/desk/exceptions/%.*s", SLICE_FMT(rq->params[0]));
    return desk_reply(rq, 200, "exception.html", doc);
}

int desk_exception(struct req *rq)
{
    struct one *one = one_new(rq);
    int rc;

    if (one == NULL)
        return RC_NOMEM;
    rc = desk_begin(rq, &one->resolve.token_hash);
    if (rc != RC_OK)
        return desk_over(rc);
    return dec_id(rq->params[0], "exc", &one->resolve.id) < 0 ? RC_NOT_FOUND : one_begin(rq, one, show);
}

/* --- doing something about it --- */

static const struct {
    const char *why, *detail;
} REFUSALS[] = {
    { "state", "Something was done about this already, or is about to be: look at it again." },
    { "sum", "The sums do not fit: more than is held, than a charge needs, or nothing at all." },
    { "charge", "This organisation has no such code." },
    { "payer", "Something is left over, and there is no payer whose credit it could be." },
    { "used", "Something rests on this: credit that was used, or a refund that was paid. It cannot be undone." },
    { "final", "This follows what the bank itself says: it is not undone." },
    { "day", "This was booked on a day that is closed: it is corrected on the open day, with a second person." },
    { "person", "Somebody else has to agree: nobody agrees to his own request." },
    { "reason", "Say why, in a few words." },
    { "payee", "A refund needs the account that gets it." },
};

/* The member that is to blame; the others are conflicts of the whole. */
static const char *blame(struct slice why)
{
    return slice_is(why, "charge")   ? "/code"
           : slice_is(why, "payer")  ? "/payer"
           : slice_is(why, "reason") ? "/reason"
           : slice_is(why, "payee")  ? "/payee/account_no"
                                     : NULL;
}

static int refuse(struct req *rq, int rc, struct slice why)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++)
        if (slice_is(why, REFUSALS[i].why))
            return desk_refuse(rq, blame(why), blame(why) != NULL ? REFUSALS[i].why : rc == RC_FORBIDDEN ? "forbidden" : "conflict", REFUSALS[i].detail);
    return rc;
}

static int done(struct task *t)
{
    struct one *one = t->state;
    struct slice why;
    int rc = flow_exception_done(t, &why);

    if (slice_is(why, "asked"))
        one->said = "said.exception_proposed";
    return rc < 0 ? refuse(req_of(t), rc, why) : one_begin(req_of(t), one, show);
}

/* "sb7m 4qx2c" as people type it, or an id. */
static void read_code(struct api_in *in, json_t *parent, const char *pointer, struct flow_resolve *r)
{
    char text[CODE_SIZE + 1];
    struct slice given;
    size_t n = 0;

    api_in_text(in, parent, pointer, 1, 40, &given);
    if (given.p == NULL)
        return;
    if (dec_id(given, "cod", &r->part[r->nparts].charge_id) < 0) {
        for (size_t i = 0; i < given.n && n < sizeof text; i++)
            if (isalnum((unsigned char)given.p[i]))
                text[n++] = (char)toupper((unsigned char)given.p[i]);
        if (code_parse((struct slice){ text, n }, &r->part[r->nparts].code_no) < 0) {
            api_in_fault(in, pointer, "code", "This is not a payment code.");
            return;
        }
    }
    r->nparts++;
}

static void read_parts(struct api_in *in, struct flow_resolve *r)
{
    size_t n = api_in_array(in, "/parts", FLOW_RESOLVE_PARTS);
    json_t *credit = api_in_object(in, "/credit");
    bool has;

    for (size_t i = 0; i < n; i++) {
        json_t *part = api_in_element(in, "/parts", i);
        char at[32], code[48], amount[48];
        size_t before = r->nparts;
        int64_t value = 0;

        snprintf(at, sizeof at, "/parts/%zu", i);
        snprintf(code, sizeof code, "%s/code", at);
        snprintf(amount, sizeof amount, "%s/amount", at);
        if (!json_is_object(part)) {
            api_in_fault(in, at, "type", "This must be an object.");
            continue;
        }
        api_in_known(in, part, at, PART_MEMBERS);
        read_code(in, part, code, r);
        api_in_int(in, part, amount, 1, AMOUNT_MAX, &has, &value);
        if (!has)
            api_in_fault(in, amount, "required", "This is required.");
        else if (r->nparts > before)
            r->part[before].amount = value;
    }
    if (credit != NULL) {
        api_in_known(in, credit, "/credit", CREDIT_MEMBERS);
        api_in_id(in, credit, "/credit/payer", "pyr", false, &r->payer_id);
        api_in_int(in, credit, "/credit/amount", 1, AMOUNT_MAX, &has, &r->credit);
    }
}

static void read_payee(struct api_in *in, struct flow_payee_in *payee)
{
    json_t *object = api_in_object(in, "/payee");

    if (object == NULL) {
        api_in_fault(in, "/payee", "required", "A refund needs the account that gets it.");
        return;
    }
    api_in_known(in, object, "/payee", PAYEE_MEMBERS);
    api_in_text(in, object, "/payee/bin", 6, 6, &payee->bin);
    api_in_text(in, object, "/payee/account_no", 1, 19, &payee->account_no);
    api_in_free_text(in, object, "/payee/name", 1, 120, &payee->name);
}

static void read_resolve(struct api_in *in, struct one *one)
{
    struct flow_resolve *r = &one->resolve;
    struct slice action;
    bool has, known = false;

    api_in_known(in, in->root, "", MEMBERS);
    api_in_text(in, NULL, "/action", 1, 20, &action);
    for (size_t i = 0; action.p != NULL && ACTIONS[i] != NULL; i++)
        known = known || slice_is(action, ACTIONS[i]);
    if (action.p != NULL && !known)
        api_in_fault(in, "/action", "choice", "This must be link, split, credit, refund, dismiss, accept, reverse or correct.");
    api_in_int(in, NULL, "/amount", 1, AMOUNT_MAX, &has, &r->amount);
    api_in_free_text(in, NULL, "/reason", 0, REASON_MAX, &r->reason);
    r->action = action;
    if (slice_is(action, "link")) {
        read_code(in, NULL, "/code", r);
        r->action = SLICE("split");
    } else if (slice_is(action, "split")) {
        read_parts(in, r);
    } else if (slice_is(action, "credit")) {
        api_in_id(in, NULL, "/payer", "pyr", false, &r->payer_id);
    } else if (slice_is(action, "refund")) {
        read_payee(in, &r->payee);
    } else if (slice_is(action, "accept")) {
        api_in_int(in, NULL, "/suggestion", 1, SUGGESTIONS_MAX, &has, &one->accept);
        if (!has)
            api_in_fault(in, "/suggestion", "required", "This is required.");
    }
}

/* The suggestion as it stands now. */
static int accept(struct req *rq, struct one *one)
{
    if ((size_t)one->accept > one->suggestions.n)
        return desk_refuse(rq, NULL, "conflict", "This suggestion is not there any more: look at it again.");
    exception_accept(&one->suggestions.item[one->accept - 1], &one->resolve);
    return flow_exception_resolve(&rq->task, rq->app, &one->resolve, done);
}

int desk_exception_resolve(struct req *rq)
{
    struct one *one = one_new(rq);
    struct api_in in;
    int rc;

    if (one == NULL)
        return RC_NOMEM;
    rc = desk_begin(rq, &one->resolve.token_hash);
    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "exc", &one->resolve.id) < 0)
        return RC_NOT_FOUND;
    rc = desk_in_begin(&in, rq, desk_exception);
    if (rc != RC_OK)
        return desk_over(rc);
    read_resolve(&in, one);
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    rq->task.state = one;
    one->said = slice_is(one->resolve.action, "refund") || slice_is(one->resolve.action, "reverse") ? "said.exception_proposed" : "said.exception_done";
    if (slice_is(one->resolve.action, "correct"))
        return flow_exception_correct(&rq->task, rq->app, one->resolve.token_hash, one->resolve.id, one->resolve.reason, done);
    return one->accept > 0 ? one_begin(rq, one, accept) : flow_exception_resolve(&rq->task, rq->app, &one->resolve, done);
}

/* Undo, agreeing and refusing take a reason. */
static int with_reason(struct req *rq, const char *said, struct one **out)
{
    static const char *const ONLY[] = { "reason", NULL };
    struct one *one = one_new(rq);
    struct api_in in;
    int rc;

    if (one == NULL)
        return RC_NOMEM;
    rc = desk_begin(rq, &one->resolve.token_hash);
    if (rc != RC_OK)
        return rc;
    if (dec_id(rq->params[0], "exc", &one->resolve.id) < 0)
        return RC_NOT_FOUND;
    rc = desk_in_begin(&in, rq, desk_exception);
    if (rc != RC_OK)
        return rc;
    api_in_known(&in, in.root, "", ONLY);
    api_in_free_text(&in, NULL, "/reason", 0, REASON_MAX, &one->resolve.reason);
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return rc;
    rq->task.state = one;
    one->said = said;
    *out = one;
    return RC_OK;
}

int desk_exception_undo(struct req *rq)
{
    struct one *one;
    int rc = with_reason(rq, "said.exception_undone", &one);

    return rc != RC_OK ? desk_over(rc) : flow_exception_undo(&rq->task, rq->app, one->resolve.token_hash, one->resolve.id, one->resolve.reason, done);
}

static int decide(struct req *rq, bool agree)
{
    struct one *one;
    int rc = with_reason(rq, agree ? "said.exception_agreed" : "said.exception_refused", &one);

    return rc != RC_OK ? desk_over(rc)
                       : flow_exception_decide(&rq->task, rq->app, one->resolve.token_hash, one->resolve.id, agree, one->resolve.reason, done);
}

int desk_exception_approve(struct req *rq)
{
    return decide(rq, true);
}

int desk_exception_refuse(struct req *rq)
{
    return decide(rq, false);
}

/* --- a refund that somebody asks for --- */

static int refund_done(struct task *t)
{
    struct one *one = t->state;
    struct slice why;
    int rc = flow_refund_requested(t, &why, &one->resolve.id);
    json_t *doc;
    char id[ENC_ID_SIZE];

    if (rc < 0)
        return refuse(req_of(t), rc, why);
    enc_id(id, "exc", one->resolve.id);
    doc = json_pack("{s:s, s:s}", "id", id, "state", "proposed");
    return desk_done(req_of(t), 201, doc, "said.exception_proposed", "/desk/exceptions/%s", id);
}

int desk_refunds_create(struct req *rq)
{
    static const char *const REFUND_MEMBERS[] = { "account", "payer", "code", "amount", "reason", "payee", NULL };
    struct one *one = one_new(rq);
    struct flow_refund refund = { 0 };
    struct api_in in;
    bool has;
    int rc;

    if (one == NULL)
        return RC_NOMEM;
    rc = desk_begin(rq, &refund.token_hash);
    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_exceptions);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", REFUND_MEMBERS);
    api_in_id(&in, NULL, "/account", "acc", true, &refund.account_id);
    api_in_id(&in, NULL, "/payer", "pyr", false, &refund.payer_id);
    api_in_id(&in, NULL, "/code", "cod", false, &refund.charge_id);
    api_in_int(&in, NULL, "/amount", 1, AMOUNT_MAX, &has, &refund.amount);
    if (!has)
        api_in_fault(&in, "/amount", "required", "This is required.");
    if ((refund.payer_id == 0) == (refund.charge_id == 0))
        api_in_fault(&in, "/payer", "choice", "A refund is of a payer's credit, or of what was paid on a code: one of the two.");
    api_in_free_text(&in, NULL, "/reason", 1, REASON_MAX, &refund.reason);
    read_payee(&in, &refund.payee);
    rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    rq->task.state = one;
    return flow_refund_request(&rq->task, rq->app, &refund, refund_done);
}
