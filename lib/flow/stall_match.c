#include "khop/flow/stall_match.h"

#include "khop/base/clock.h"

#include "khop/base/banned.h"

#define OPEN_US (15 * 60 * CLOCK_US)

/* What a payment may have been asked for by the page: the permanent code, or money that names no code at all. */
static bool is_loose(const struct flow_takings *t, int32_t permanent)
{
    return t->code_no == permanent || t->code_no == 0;
}

static void belongs(struct flow_takings *t, struct flow_ask *a)
{
    t->has_asked = true;
    t->asked = a->amount;
    t->before = a->paid;
    t->tag = a->tag;
    a->paid += t->amount;
}

/* A sale of its own code: what came for it earlier on this page, and in all. */
static void of_sale(struct flow_takings *all, size_t n, size_t i)
{
    int64_t sum = 0;

    for (size_t j = 0; j < n; j++) {
        if (all[j].code_no != all[i].code_no)
            continue;
        sum += all[j].amount;
        all[i].before += j > i ? all[j].amount : 0;
    }
    all[i].made_up = all[i].before + all[i].amount < all[i].asked && sum >= all[i].asked;
}

/* The rest of what was asked came after it. */
static void made_up(struct flow_takings *t, const struct flow_ask *asks, size_t nasks)
{
    for (size_t j = 0; j < nasks; j++) {
        if (slice_eq(asks[j].tag, t->tag))
            t->made_up = t->before + t->amount < t->asked && asks[j].paid >= t->asked;
    }
}

static bool is_open(const struct flow_ask *a, const struct flow_takings *t)
{
    return a->paid < a->amount && a->asked_us <= t->recorded_us && t->recorded_us <= a->asked_us + OPEN_US &&
           (a->dropped_us == 0 || t->recorded_us < a->dropped_us);
}

/* Asks are newest first. */
static void by_amount(struct flow_takings *t, struct flow_ask *asks, size_t nasks)
{
    struct flow_ask *newest = NULL, *exact = NULL;

    for (size_t i = 0; i < nasks; i++) {
        struct flow_ask *a = &asks[i];

        if (!is_open(a, t))
            continue;
        if (newest == NULL)
            newest = a;
        if (a->amount - a->paid == t->amount)
            exact = a;
    }
    if (exact != NULL) {
        belongs(t, exact);
    } else if (newest != NULL && t->amount < newest->amount - newest->paid) {
        t->has_asked = true;
        t->asked = newest->amount;
        t->before = newest->paid;
        t->tag = newest->tag;
        t->guess = true;
    }
}

void flow_stall_match(struct flow_takings *takings, size_t n, struct flow_ask *asks, size_t nasks, int32_t permanent)
{
    for (size_t i = n; i-- > 0;) {
        struct flow_takings *t = &takings[i];
        struct slice tag = t->tag;

        t->tag = (struct slice){ 0 };
        if (t->has_asked && t->code_no != permanent)
            of_sale(takings, n, i);
        for (size_t j = 0; j < nasks && tag.n > 0 && t->code_no == permanent; j++) {
            if (slice_eq(asks[j].tag, tag) && asks[j].paid < asks[j].amount) {
                belongs(t, &asks[j]);
                break;
            }
        }
    }
    for (size_t i = n; i-- > 0;) {
        if (!takings[i].has_asked && is_loose(&takings[i], permanent))
            by_amount(&takings[i], asks, nasks);
    }
    for (size_t i = 0; i < n; i++) {
        if (takings[i].tag.n > 0 && !takings[i].guess)
            made_up(&takings[i], asks, nasks);
    }
}
