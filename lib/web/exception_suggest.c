/* What might be done about an exception, best first. */
#include "exception_doc.h"
#include "khop/base/clock.h"
#include "khop/pay/allocate.h"
#include "khop/pay/match.h"

#include <stdlib.h>
#include <string.h>

#include "khop/base/banned.h"

static struct slice member_text(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);

    return json_is_string(v) ? (struct slice){ json_string_value(v), json_string_length(v) } : (struct slice){ 0 };
}

static int64_t member_int(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static void part_from(struct suggestion_part *p, const json_t *charge)
{
    struct slice due = member_text(charge, "due_on");

    *p = (struct suggestion_part){
        .charge_id = member_int(charge, "charge_id"),
        .code_no = (int32_t)member_int(charge, "code_no"),
        .label = member_text(charge, "label"),
        .payer_name = member_text(charge, "payer_name"),
        .payer_class = member_text(charge, "payer_class"),
    };
    p->has_due = due.n > 0 && clock_parse_date(due, &p->due_on) == RC_OK;
}

static bool same(const struct suggestion *a, const struct suggestion *b)
{
    if (a->nparts != b->nparts || a->credit != b->credit || a->credit_payer != b->credit_payer)
        return false;
    for (size_t i = 0; i < a->nparts; i++)
        if (a->part[i].charge_id != b->part[i].charge_id || a->part[i].shown != b->part[i].shown)
            return false;
    return true;
}

/* The same thing for two reasons is said once, with the first. */
static void add(struct suggestions *out, const struct suggestion *s)
{
    if (out->n == SUGGESTIONS_MAX || (s->nparts == 0 && s->credit == 0))
        return;
    for (size_t i = 0; i < out->n; i++)
        if (same(&out->item[i], s))
            return;
    out->item[out->n++] = *s;
}

/* Open charges as the rules want them. */
static size_t charges_of(const json_t *list, struct allocate_charge *out, size_t max)
{
    size_t n = json_array_size(list) < max ? json_array_size(list) : max;

    for (size_t i = 0; i < n; i++)
        out[i] = (struct allocate_charge){ .payer = member_int(json_array_get(list, i), "payer_id"), .rest = member_int(json_array_get(list, i), "rest") };
    return n;
}

/* Sums that fit charges of the household, then what the rule for other sums would do. */
static int suggest_household(struct suggestions *out, const struct flow_exception_detail *e, const json_t *list)
{
    struct allocate_charge charges[ALLOCATE_CHARGES];
    size_t n = charges_of(list, charges, ALLOCATE_CHARGES), code = n;
    struct allocate_answer *answer = calloc(1, sizeof *answer);

    if (answer == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (member_int(json_array_get(list, i), "charge_id") == e->base.code_id)
            code = i;
    if (allocate(e->base.held, e->payer_id, charges, n, code, answer) < 0)
        answer->choices = 0;
    for (size_t c = 0; c < answer->choices && c < ALLOCATE_CHOICES; c++) {
        struct suggestion s = { .why = { "same_sum" }, .nwhy = 1 };

        for (size_t i = 0; i < answer->choice[c].n; i++) {
            part_from(&s.part[i], json_array_get(list, answer->choice[c].at[i]));
            s.part[i].amount = s.part[i].shown = charges[answer->choice[c].at[i]].rest;
        }
        s.nparts = answer->choice[c].n;
        add(out, &s);
    }
    if (answer->rule == ALLOCATE_OLDEST && answer->n <= FLOW_RESOLVE_PARTS) {
        struct suggestion s = { .why = { "oldest_first" }, .nwhy = 1, .credit = answer->credit, .credit_payer = e->payer_id, .credit_name = e->payer_name };

        for (size_t i = 0; i < answer->n; i++) {
            part_from(&s.part[i], json_array_get(list, answer->part[i].at));
            s.part[i].amount = s.part[i].shown = answer->part[i].amount;
        }
        s.nparts = answer->n;
        add(out, &s);
    }
    free(answer);
    return RC_OK;
}

static void part_from_code(struct suggestion_part *p, const struct flow_exception_code *c, int64_t shown)
{
    *p = (struct suggestion_part){ .charge_id = c->charge_id, .code_no = c->code_no, .has_due = c->has_due, .due_on = c->due_on, .shown = shown,
                                   .label = c->label, .payer_name = c->payer_name, .payer_class = c->payer_class };
}

/* Codes in the memo: all of them together when that is the sum, then each alone. */
static void suggest_codes(struct suggestions *out, const struct flow_exception_detail *e, const struct flow_exception_code *codes, size_t n)
{
    bool money_out = e->base.direction == 2;
    struct suggestion all = { .why = { "codes_sum" }, .nwhy = 1 };
    int64_t sum = 0;

    for (size_t i = 0; i < n && all.nparts < FLOW_RESOLVE_PARTS; i++) {
        if (codes[i].out != money_out || codes[i].rest <= 0)
            continue;
        part_from_code(&all.part[all.nparts], &codes[i], codes[i].rest);
        all.part[all.nparts++].amount = codes[i].rest;
        sum += codes[i].rest;
    }
    if (all.nparts > 1 && sum == e->base.held)
        add(out, &all);
    for (int exact = 1; exact >= 0; exact--) {
        for (size_t i = 0; i < n; i++) {
            bool fits = codes[i].rest == e->base.held;
            struct suggestion s = { .why = { "code", fits ? "same_sum" : NULL }, .nwhy = fits ? 2 : 1, .nparts = 1 };
            int64_t part = codes[i].rest > 0 && codes[i].rest < e->base.held ? codes[i].rest : e->base.held;

            if (codes[i].out != money_out || fits != (exact == 1) || (part < e->base.held && codes[i].payer_id == 0))
                continue;
            part_from_code(&s.part[0], &codes[i], part);
            s.credit = e->base.held - part;
            s.credit_payer = s.credit > 0 ? codes[i].payer_id : 0;
            s.credit_name = codes[i].payer_name;
            add(out, &s);
        }
    }
}

/* Payers who have paid from the same account before, or whom the memo names; their rows stand together. */
static void suggest_found(struct suggestions *out, const struct flow_exception_detail *e, const json_t *found)
{
    for (size_t at = 0; at < json_array_size(found);) {
        const json_t *first = json_array_get(found, at);
        int64_t payer = member_int(first, "payer_id"), left = e->base.held;
        struct slice said = member_text(first, "why");
        const char *why = slice_is(said, "account") ? "account" : slice_is(said, "ref") ? "ref" : "name";
        struct suggestion oldest = { .why = { why, "oldest_first" }, .nwhy = 2, .credit_payer = payer, .credit_name = member_text(first, "payer_name") };

        for (; at < json_array_size(found) && member_int(json_array_get(found, at), "payer_id") == payer; at++) {
            const json_t *row = json_array_get(found, at);
            int64_t rest = member_int(row, "rest");

            if (rest <= 0)
                continue;
            if (rest == e->base.held) {
                struct suggestion s = { .why = { why, "same_sum" }, .nwhy = 2, .nparts = 1 };

                part_from(&s.part[0], row);
                s.part[0].amount = s.part[0].shown = rest;
                add(out, &s);
            }
            if (left > 0 && oldest.nparts < FLOW_RESOLVE_PARTS) {
                part_from(&oldest.part[oldest.nparts], row);
                oldest.part[oldest.nparts].amount = oldest.part[oldest.nparts].shown = rest < left ? rest : left;
                left -= oldest.part[oldest.nparts++].shown;
            }
        }
        oldest.credit = left;
        add(out, &oldest);
    }
}

/* The code's own charge, where it is known but something else is wrong. */
static void suggest_own(struct suggestions *out, const struct flow_exception_detail *e)
{
    struct suggestion s = { .nwhy = 1, .nparts = 1 };

    if (e->base.held == 0) {
        int64_t over = e->has_due ? e->paid - e->due : 0;

        if (slice_is(e->base.reason, "over") && e->payer_id != 0 && over > 0)
            add(out, &(struct suggestion){ .why = { "credit" }, .nwhy = 1, .credit = over, .credit_payer = e->payer_id, .credit_name = e->payer_name });
        return;
    }
    if (e->base.code_id == 0 || !slice_is(e->base.reason, "out_of_direction") || e->base.held > e->paid)
        return;
    s.why[0] = e->base.direction == 1 ? "returned" : "taken_back";
    s.part[0] = (struct suggestion_part){ .charge_id = e->base.code_id, .code_no = e->base.code_no, .shown = e->base.held, .label = e->label,
                                          .payer_name = e->payer_name, .payer_class = e->payer_class };
    add(out, &s);
}

size_t exception_memo_codes(const struct flow_exception_detail *e, int32_t *out, size_t max)
{
    struct match_list found;
    size_t n = 0;

    if (!slice_is(e->base.state, "open") || e->base.held == 0 || e->base.memo.n == 0 || e->base.code_id != 0)
        return 0;
    if (match_find(e->base.memo, UINT32_MAX, &found) < 0)
        return 0;
    for (size_t i = 0; i < found.n && n < max; i++)
        out[n++] = found.code[i].no;
    return n;
}

int exception_suggest(struct suggestions *out, const struct flow_exception_detail *e, const struct flow_exception_code *codes, size_t ncodes)
{
    json_t *charges, *found;
    int rc = RC_OK;

    *out = (struct suggestions){ 0 };
    if (!slice_is(e->base.state, "open") || e->pending)
        return RC_OK;
    charges = json_loadb(e->charges.p, e->charges.n, 0, NULL);
    found = json_loadb(e->found.p, e->found.n, 0, NULL);
    suggest_own(out, e);
    if (e->base.held > 0 && e->base.direction == 1 && e->payer_id != 0)
        rc = suggest_household(out, e, charges);
    if (e->base.held > 0)
        suggest_codes(out, e, codes, ncodes);
    if (e->base.held > 0 && e->base.direction == 1)
        suggest_found(out, e, found);
    /* Texts point into these two: they live as long as the document that is made of them. */
    out->charges = charges;
    out->found = found;
    return rc;
}

void exception_suggest_free(struct suggestions *s)
{
    json_decref(s->charges);
    json_decref(s->found);
    *s = (struct suggestions){ 0 };
}

void exception_accept(const struct suggestion *s, struct flow_resolve *r)
{
    r->nparts = s->nparts;
    for (size_t i = 0; i < s->nparts; i++) {
        r->part[i].charge_id = s->part[i].charge_id;
        r->part[i].amount = s->part[i].shown;
    }
    r->payer_id = s->credit_payer;
    r->credit = s->credit;
    r->amount = 0;
    r->action = s->nparts == 0 ? SLICE("credit") : SLICE("split");
}
