#include "khop/pay/allocate.h"

#include "khop/pay/money.h"

#include "khop/base/banned.h"

struct search {
    const struct allocate_charge *charges;
    size_t n, found;
    bool taken[ALLOCATE_SEARCH];
    struct allocate_choice choice, *out;
};

/* Of charges that are alike the first is taken first; the one that must be taken counts as taken. */
static bool next_of_its_kind(const struct search *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (!s->taken[i] && s->charges[i].payer == s->charges[at].payer && s->charges[i].rest == s->charges[at].rest)
            return false;
    return true;
}

static void found_one(struct search *s)
{
    struct allocate_choice c = { 0 };

    for (size_t i = 0; i < s->n; i++)
        if (s->taken[i])
            c.at[c.n++] = i;
    if (s->found < ALLOCATE_CHOICES)
        s->out[s->found] = c;
    s->found++;
}

/* Takes or leaves each charge from `at` on; at most C(16, 0…5) = 6,885 ends. */
static void search_from(struct search *s, size_t at, int64_t rest, size_t taken)
{
    if (rest == 0) {
        found_one(s);
        return;
    }
    if (taken == ALLOCATE_PARTS || at == s->n)
        return;
    if (!s->taken[at] && s->charges[at].rest <= rest && next_of_its_kind(s, at)) {
        s->taken[at] = true;
        search_from(s, at + 1, rest - s->charges[at].rest, taken + 1);
        s->taken[at] = false;
    }
    search_from(s, at + 1, rest, taken);
}

size_t allocate_sums(int64_t amount, const struct allocate_charge *charges, size_t n, size_t must, struct allocate_choice out[ALLOCATE_CHOICES])
{
    struct search s = { .charges = charges, .n = n, .out = out };

    if (n > ALLOCATE_SEARCH || amount <= 0)
        return 0;
    if (must < n) {
        if (charges[must].rest > amount)
            return 0;
        s.taken[must] = true;
        search_from(&s, 0, amount - charges[must].rest, 1);
    } else {
        search_from(&s, 0, amount, 0);
    }
    return s.found;
}

/* The payer's charges in order; true when each that is touched is paid whole, the code's is among them, and nothing is left. */
static bool oldest_first(int64_t amount, int64_t payer, const struct allocate_charge *charges, size_t n, size_t code, struct allocate_answer *out)
{
    bool exact = true, has_code = code == n;

    out->n = 0;
    for (size_t i = 0; i < n && amount > 0; i++) {
        int64_t part = charges[i].rest < amount ? charges[i].rest : amount;

        if (charges[i].payer != payer)
            continue;
        out->part[out->n].at = i;
        out->part[out->n++].amount = part;
        exact = exact && part == charges[i].rest;
        has_code = has_code || i == code;
        amount -= part;
    }
    out->credit = amount;
    return exact && has_code && amount == 0;
}

static int begin(int64_t amount, const struct allocate_charge *charges, size_t n, struct allocate_answer *out)
{
    *out = (struct allocate_answer){ .rule = ALLOCATE_NONE, .searched = n <= ALLOCATE_SEARCH };
    if (n > ALLOCATE_CHARGES)
        return RC_TOO_LARGE;
    if (!money_ok(amount))
        return RC_BAD_INPUT;
    for (size_t i = 0; i < n; i++)
        if (!money_ok(charges[i].rest))
            return RC_BAD_INPUT;
    return RC_OK;
}

/* The one choice that fits. */
static void take_choice(struct allocate_answer *out, enum allocate_rule rule, const struct allocate_charge *charges)
{
    out->rule = rule;
    out->n = out->choice[0].n;
    for (size_t i = 0; i < out->n; i++) {
        out->part[i].at = out->choice[0].at[i];
        out->part[i].amount = charges[out->part[i].at].rest;
    }
}

int allocate_known(int64_t amount, const struct allocate_charge *charges, size_t n, struct allocate_answer *out)
{
    int rc = begin(amount, charges, n, out);

    if (rc < 0)
        return rc;
    out->choices = allocate_sums(amount, charges, n, n, out->choice);
    if (out->choices == 1)
        take_choice(out, ALLOCATE_KNOWN, charges);
    return RC_OK;
}

int allocate(int64_t amount, int64_t payer, const struct allocate_charge *charges, size_t n, size_t code, struct allocate_answer *out)
{
    int rc = begin(amount, charges, n, out);

    if (rc < 0)
        return rc;
    if (code > n)
        return RC_BAD_INPUT;
    out->choices = allocate_sums(amount, charges, n, code, out->choice);
    if (out->choices == 1) {
        take_choice(out, ALLOCATE_SUM, charges);
        return RC_OK;
    }
    if (oldest_first(amount, payer, charges, n, code, out) || out->choices == 0) {
        out->rule = ALLOCATE_OLDEST;
        return RC_OK;
    }
    out->n = 0;
    out->credit = 0;
    return RC_OK;
}

const char *allocate_rule_name(enum allocate_rule rule)
{
    return rule == ALLOCATE_SUM ? "household_sum" : rule == ALLOCATE_OLDEST ? "oldest_first" : rule == ALLOCATE_KNOWN ? "known_account" : "none";
}
