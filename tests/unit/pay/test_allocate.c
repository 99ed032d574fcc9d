/* The choice of charges against a search of every subset that knows nothing of the one under test. */
#include "khop/pay/allocate.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define A 1
#define B 2
#define CHARGE(p, r) { .payer = (p), .rest = (r) }

static struct allocate_answer run(int64_t amount, const struct allocate_charge *c, size_t n, size_t code)
{
    struct allocate_answer out;

    assert_int_equal(allocate(amount, A, c, n, code, &out), RC_OK);
    return out;
}

static void assert_parts(const struct allocate_answer *a, size_t n, const size_t *at, const int64_t *amount, int64_t credit)
{
    assert_int_equal(a->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(a->part[i].at, at[i]);
        assert_int_equal(a->part[i].amount, amount[i]);
    }
    assert_int_equal(a->credit, credit);
}

static void siblings(void **state)
{
    const struct allocate_charge c[] = { CHARGE(A, 500), CHARGE(B, 300), CHARGE(B, 200) };
    struct allocate_answer a = run(800, c, 3, 0);

    (void)state;
    assert_int_equal(a.rule, ALLOCATE_SUM);
    assert_parts(&a, 2, (size_t[]){ 0, 1 }, (int64_t[]){ 500, 300 }, 0);
    a = run(1000, c, 3, 0);
    assert_int_equal(a.rule, ALLOCATE_SUM);
    assert_parts(&a, 3, (size_t[]){ 0, 1, 2 }, (int64_t[]){ 500, 300, 200 }, 0);
    /* Without the code's own charge a sum is not for it: the payer's oldest, and credit. */
    a = run(300, c, 3, 0);
    assert_int_equal(a.rule, ALLOCATE_OLDEST);
    assert_parts(&a, 1, (size_t[]){ 0 }, (int64_t[]){ 300 }, 0);
    a = run(900, c, 3, 0);
    assert_int_equal(a.rule, ALLOCATE_OLDEST);
    assert_parts(&a, 1, (size_t[]){ 0 }, (int64_t[]){ 500 }, 400);
}

static void several_fit(void **state)
{
    const struct allocate_charge two[] = { CHARGE(A, 500), CHARGE(B, 300), CHARGE(3, 300) };
    const struct allocate_charge own[] = { CHARGE(A, 300), CHARGE(A, 500), CHARGE(B, 300) };
    const struct allocate_charge alike[] = { CHARGE(A, 500), CHARGE(B, 300), CHARGE(B, 300) };
    struct allocate_answer a = run(800, two, 3, 0);

    (void)state;
    /* One of two siblings: which? */
    assert_int_equal(a.rule, ALLOCATE_NONE);
    assert_int_equal(a.choices, 2);
    assert_parts(&a, 0, NULL, NULL, 0);
    assert_int_equal(a.choice[0].at[1], 1);
    assert_int_equal(a.choice[1].at[1], 2);
    /* The payer's own, or a sibling's: oldest-first is among them. */
    a = run(800, own, 3, 1);
    assert_int_equal(a.choices, 2);
    assert_int_equal(a.rule, ALLOCATE_OLDEST);
    assert_parts(&a, 2, (size_t[]){ 0, 1 }, (int64_t[]){ 300, 500 }, 0);
    /* Two months of one sibling are alike: the older one. */
    a = run(800, alike, 3, 0);
    assert_int_equal(a.choices, 1);
    assert_int_equal(a.rule, ALLOCATE_SUM);
    assert_parts(&a, 2, (size_t[]){ 0, 1 }, (int64_t[]){ 500, 300 }, 0);
}

static void cards_and_paid_codes(void **state)
{
    const struct allocate_charge c[] = { CHARGE(A, 100), CHARGE(A, 200), CHARGE(A, 300), CHARGE(B, 250) };
    struct allocate_answer a = run(250, c, 4, 4);

    (void)state;
    assert_int_equal(a.rule, ALLOCATE_SUM);
    assert_parts(&a, 1, (size_t[]){ 3 }, (int64_t[]){ 250 }, 0);
    a = run(300, c, 4, 4); /* 100 + 200, or 300: the oldest */
    assert_int_equal(a.rule, ALLOCATE_OLDEST);
    assert_parts(&a, 2, (size_t[]){ 0, 1 }, (int64_t[]){ 100, 200 }, 0);
    a = run(700, c, 4, 4);
    assert_int_equal(a.rule, ALLOCATE_OLDEST);
    assert_parts(&a, 3, (size_t[]){ 0, 1, 2 }, (int64_t[]){ 100, 200, 300 }, 100);
    a = run(700, c, 0, 0); /* nothing is open: all of it is credit */
    assert_int_equal(a.rule, ALLOCATE_OLDEST);
    assert_parts(&a, 0, NULL, NULL, 700);
}

static void limits(void **state)
{
    struct allocate_charge c[ALLOCATE_CHARGES + 1];
    struct allocate_answer a;

    (void)state;
    for (size_t i = 0; i <= ALLOCATE_CHARGES; i++)
        c[i] = (struct allocate_charge)CHARGE(A, 100 + (int64_t)i);
    a = run(100 + 101, c, ALLOCATE_SEARCH, ALLOCATE_SEARCH);
    assert_true(a.searched);
    a = run(100 + 101, c, ALLOCATE_SEARCH + 1, 0);
    assert_false(a.searched);
    assert_int_equal(a.rule, ALLOCATE_OLDEST);
    assert_int_equal(allocate(1, A, c, ALLOCATE_CHARGES + 1, 0, &a), RC_TOO_LARGE);
    assert_int_equal(allocate(0, A, c, 1, 0, &a), RC_BAD_INPUT);
    assert_int_equal(allocate(1, A, c, 1, 2, &a), RC_BAD_INPUT);
    c[0].rest = 0;
    assert_int_equal(allocate(1, A, c, 1, 0, &a), RC_BAD_INPUT);
}

/* From a known account: one choice or none, whoever's of the household it is; never in parts, never credit. */
static void known_account(void **state)
{
    const struct allocate_charge c[] = { CHARGE(A, 500), CHARGE(B, 300), CHARGE(B, 200), CHARGE(B, 200) };
    static const struct {
        int64_t amount;
        size_t n, choices;
        enum allocate_rule rule;
    } cases[] = { { 300, 4, 1, ALLOCATE_KNOWN }, { 200, 4, 1, ALLOCATE_KNOWN }, { 500, 4, 2, ALLOCATE_NONE }, { 800, 2, 1, ALLOCATE_KNOWN }, { 250, 4, 0, ALLOCATE_NONE },
                  { 1201, 4, 0, ALLOCATE_NONE }, { 500, 0, 0, ALLOCATE_NONE } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct allocate_answer a;
        int64_t sum = 0;

        assert_int_equal(allocate_known(cases[i].amount, c, cases[i].n, &a), RC_OK);
        assert_int_equal(a.rule, cases[i].rule);
        assert_int_equal(a.choices, cases[i].choices);
        for (size_t k = 0; k < a.n; k++)
            sum += a.part[k].amount;
        assert_int_equal(sum, a.rule == ALLOCATE_KNOWN ? cases[i].amount : 0);
        assert_int_equal(a.credit, 0);
    }
    struct allocate_charge many[ALLOCATE_SEARCH + 1];
    struct allocate_answer a;

    for (size_t i = 0; i <= ALLOCATE_SEARCH; i++)
        many[i] = (struct allocate_charge)CHARGE(A, 100 + (int64_t)i);
    assert_int_equal(allocate_known(100, many, ALLOCATE_SEARCH + 1, &a), RC_OK);
    assert_int_equal(a.rule, ALLOCATE_NONE);
    assert_int_equal(allocate_known(0, many, 1, &a), RC_BAD_INPUT);
}

/* Six charges of a payer need six parts: too many to be meant. */
static void at_most_five(void **state)
{
    struct allocate_charge c[6];
    struct allocate_answer a;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        c[i] = (struct allocate_charge)CHARGE(i < 3 ? A : B, INT64_C(1) << i);
    a = run(31, c, 5, 0);
    assert_int_equal(a.rule, ALLOCATE_SUM);
    assert_int_equal(a.n, 5);
    a = run(63, c, 6, 0);
    assert_int_equal(a.choices, 0);
    assert_int_equal(a.rule, ALLOCATE_OLDEST);
}

/* How often each kind of charge (payer, rest) is in a subset: subsets that say the same are one choice. */
static bool same_kinds(const struct allocate_charge *c, size_t n, size_t must, unsigned a, unsigned b)
{
    for (size_t i = 0; i < n; i++) {
        int in_a = 0, in_b = 0;

        for (size_t k = 0; k < n; k++) {
            if (c[k].payer != c[i].payer || c[k].rest != c[i].rest)
                continue;
            in_a += (a >> k & 1) != 0;
            in_b += (b >> k & 1) != 0;
        }
        if (in_a != in_b || (i == must && (a >> i & 1) != (b >> i & 1)))
            return false;
    }
    return true;
}

/* Every subset of at most five with that sum, alike ones once. */
static size_t brute(int64_t amount, const struct allocate_charge *c, size_t n, size_t must)
{
    static unsigned kept[4096];
    size_t found = 0;

    for (unsigned mask = 1; mask < 1U << n; mask++) {
        int64_t sum = 0;
        bool known = false;

        for (size_t i = 0; i < n; i++)
            sum += mask >> i & 1 ? c[i].rest : 0;
        if (sum != amount || __builtin_popcount(mask) > ALLOCATE_PARTS || (must < n && !(mask >> must & 1)))
            continue;
        for (size_t k = 0; k < found && !known; k++)
            known = same_kinds(c, n, must, kept[k], mask);
        if (!known)
            kept[found++] = mask;
    }
    return found;
}

static void against_every_subset(void **state)
{
    uint64_t seed = 20261122;
    size_t rules[3] = { 0 };

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct allocate_charge c[10];
        size_t n = random_below(&seed, 11), code = random_below(&seed, (uint32_t)n + 1);
        int64_t amount = 1 + random_below(&seed, 24), total = 0, own = 0;
        struct allocate_answer a, again;
        size_t choices;

        for (size_t i = 0; i < n; i++) {
            c[i] = (struct allocate_charge)CHARGE(1 + random_below(&seed, 3), 1 + random_below(&seed, 9));
            own += c[i].payer == A ? c[i].rest : 0;
        }
        a = run(amount, c, n, code);
        again = run(amount, c, n, code);
        assert_memory_equal(&a, &again, sizeof a);
        choices = brute(amount, c, n, code);
        assert_int_equal(a.choices, choices);
        assert_true(choices != 1 || a.rule == ALLOCATE_SUM);
        assert_true(choices != 0 || a.rule == ALLOCATE_OLDEST);
        rules[a.rule]++;
        for (size_t i = 0; i < a.n; i++) {
            const struct allocate_charge *p = &c[a.part[i].at];

            assert_true(a.part[i].amount > 0 && a.part[i].amount <= p->rest);
            assert_true(i == 0 || a.part[i].at > a.part[i - 1].at);
            assert_true(a.rule == ALLOCATE_SUM ? a.part[i].amount == p->rest : p->payer == A);
            total += a.part[i].amount;
        }
        if (a.rule == ALLOCATE_NONE)
            assert_true(a.n == 0 && a.credit == 0);
        else
            assert_int_equal(total + a.credit, amount);
        if (a.rule == ALLOCATE_OLDEST)
            assert_int_equal(a.credit, amount > own ? amount - own : 0);
        for (size_t k = 0; k < (choices < ALLOCATE_CHOICES ? choices : ALLOCATE_CHOICES); k++) {
            int64_t sum = 0;

            for (size_t i = 0; i < a.choice[k].n; i++)
                sum += c[a.choice[k].at[i]].rest;
            assert_int_equal(sum, amount);
        }
    }
    assert_true(rules[ALLOCATE_NONE] > 500 && rules[ALLOCATE_SUM] > 500 && rules[ALLOCATE_OLDEST] > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siblings), cmocka_unit_test(several_fit), cmocka_unit_test(cards_and_paid_codes), cmocka_unit_test(limits),
        cmocka_unit_test(at_most_five), cmocka_unit_test(known_account), cmocka_unit_test(against_every_subset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
