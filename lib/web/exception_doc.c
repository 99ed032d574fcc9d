#include "exception_doc.h"

#include "khop/api/doc.h"
#include "khop/api/json.h"
#include "khop/pay/code.h"

#include <string.h>

#include "khop/base/banned.h"

static void set_code(json_t *doc, const char *name, int32_t no)
{
    char text[CODE_SIZE];

    code_text(text, no);
    json_object_set_new(doc, name, json_string(text));
}

static json_t *part_doc(const struct suggestion_part *p)
{
    json_t *doc = json_object();

    api_set_id(doc, "code_id", "cod", p->charge_id);
    set_code(doc, "code", p->code_no);
    api_set_slice(doc, "label", p->label);
    api_set_slice(doc, "payer_name", p->payer_name);
    api_set_slice(doc, "payer_class", p->payer_class);
    api_set_date(doc, "due_on", p->has_due, p->due_on);
    json_object_set_new(doc, "amount", json_integer(p->shown));
    return doc;
}

static json_t *suggestion_doc(const struct suggestion *s, size_t place)
{
    json_t *doc = json_object(), *why = json_array(), *parts = json_array(), *credit = json_null();

    for (size_t i = 0; i < s->nwhy; i++)
        json_array_append_new(why, json_pack("{s:s}", "why", s->why[i]));
    for (size_t i = 0; i < s->nparts; i++)
        json_array_append_new(parts, part_doc(&s->part[i]));
    if (s->credit > 0) {
        credit = json_object();
        api_set_id(credit, "payer", "pyr", s->credit_payer);
        api_set_slice(credit, "name", s->credit_name);
        json_object_set_new(credit, "amount", json_integer(s->credit));
    }
    json_object_set_new(doc, "number", json_integer((json_int_t)place));
    json_object_set_new(doc, "why", why);
    json_object_set_new(doc, "parts", parts);
    json_object_set_new(doc, "credit", credit);
    return doc;
}

/* The SQL function's list with public ids and codes in place of numbers. */
static json_t *history_doc(struct slice text)
{
    json_t *list = json_loadb(text.p, text.n, 0, NULL), *item, *row;
    size_t i, k;

    json_array_foreach (list, i, item) {
        api_set_id(item, "id", "mat", json_integer_value(json_object_get(item, "match_id")));
        json_object_del(item, "match_id");
        json_array_foreach (json_object_get(item, "rows"), k, row) {
            const json_t *no = json_object_get(row, "code_no");

            if (json_is_integer(no))
                set_code(row, "code", (int32_t)json_integer_value(no));
            else
                json_object_set_new(row, "code", json_null());
            json_object_del(row, "code_no");
        }
    }
    return list;
}

static json_t *charge_doc(const struct flow_exception_detail *e)
{
    json_t *doc;

    if (e->base.code_id == 0)
        return json_null();
    doc = json_object();
    api_set_slice(doc, "label", e->label);
    json_object_set_new(doc, "due", e->has_due ? json_integer(e->due) : json_null());
    json_object_set_new(doc, "paid", json_integer(e->paid));
    api_set_id(doc, "payer", "pyr", e->payer_id);
    api_set_slice(doc, "payer_name", e->payer_name);
    api_set_slice(doc, "payer_class", e->payer_class);
    return doc;
}

/* What may be done about it now, by somebody with the right role. */
static json_t *may_doc(const struct flow_exception_detail *e, bool correct)
{
    bool open = slice_is(e->base.state, "open") && !e->pending, proposed = slice_is(e->base.state, "proposed");
    bool held = open && e->base.held > 0, in = e->base.direction == 1;
    bool over = open && e->base.held == 0 && e->has_due && e->paid > e->due;

    return json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "correct", correct, "link", held, "credit", in && ((held && e->payer_id != 0) || (over && e->payer_id != 0)),
                     "refund", in && (held || over), "dismiss", open, "undo", e->may_undo, "reverse",
                     slice_is(e->base.state, "resolved") && !e->may_undo && !e->corrected && e->base.provider != 0, "decide", proposed && !e->own_proposal, "withdraw",
                     proposed && e->own_proposal);
}

json_t *exception_doc(const struct flow_exception_detail *e, const struct suggestions *s)
{
    json_t *doc = api_doc_exception(&e->base), *list = json_array(), *history = history_doc(e->history);
    json_t *about = e->about.p == NULL ? json_null() : json_loadb(e->about.p, e->about.n, 0, NULL);

    if (doc == NULL || list == NULL || history == NULL || about == NULL) {
        json_decref(doc);
        json_decref(list);
        json_decref(history);
        json_decref(about);
        return NULL;
    }
    for (size_t i = 0; i < s->n; i++)
        json_array_append_new(list, suggestion_doc(&s->item[i], i + 1));
    json_object_set_new(doc, "pending", json_boolean(e->pending));
    api_set_slice(doc, "reference", e->reference);
    api_set_time(doc, "paid_at", e->has_paid_at, e->paid_us);
    api_set_date(doc, "booked_on", e->has_booked_on, e->booked_on);
    api_set_slice(doc, "account_no", e->account_no);
    json_object_set_new(doc, "charge", charge_doc(e));
    json_object_set_new(doc, "suggestions", list);
    json_object_set_new(doc, "about", about);
    json_object_set_new(doc, "may", may_doc(e, slice_is(e->base.state, "open") && json_is_string(json_object_get(about, "what"))));
    json_object_set_new(doc, "proposal", e->proposal.p == NULL ? json_null() : json_loadb(e->proposal.p, e->proposal.n, 0, NULL));
    json_object_set_new(doc, "history", history);
    return doc;
}
