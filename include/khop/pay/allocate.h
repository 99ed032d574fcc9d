/* Money on a code whose charge belongs to a payer, when it is not exactly what that charge still needs (product.md §3.5, 2 and 3):
 *   1. the exact sum of one to five open charges of the household, the code's among them if it is open, when only one choice fits;
 *   2. else the payer's own open charges, oldest due first, and what is left becomes the payer's credit;
 *   3. several choices fit, and oldest-first is not one of them: a person decides.
 * Charges of one payer that still need the same are one choice: of these the older is paid first.
 *
 * A pure function: the same charges in the same order give the same answer. ALLOCATE_VERSION is stored with every answer; it rises
 * when an answer changes. */
#ifndef KHOP_PAY_ALLOCATE_H
#define KHOP_PAY_ALLOCATE_H

#include "khop/base/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALLOCATE_VERSION   1
#define ALLOCATE_SEARCH    16  /* more open charges are not searched for sums: too many would fit by luck */
#define ALLOCATE_PARTS     5   /* a sum has at most so many */
#define ALLOCATE_CHARGES   256 /* open charges of a household */
#define ALLOCATE_CHOICES   5   /* kept to be suggested */

enum allocate_rule {
    ALLOCATE_NONE = 0,     /* a person decides */
    ALLOCATE_SUM = 1,      /* "household_sum" */
    ALLOCATE_OLDEST = 2,   /* "oldest_first" */
    ALLOCATE_KNOWN = 3,    /* "known_account" */
};

struct allocate_charge {
    int64_t payer, rest; /* what it still needs, above 0 */
};

struct allocate_choice {
    size_t n, at[ALLOCATE_PARTS]; /* places of the charges, ascending */
};

struct allocate_answer {
    enum allocate_rule rule;
    size_t n;
    struct {
        size_t at;
        int64_t amount;
    } part[ALLOCATE_CHARGES];
    int64_t credit; /* of the payer */
    bool searched;  /* false: too many open charges */
    size_t choices; /* that give the sum exactly */
    struct allocate_choice choice[ALLOCATE_CHOICES]; /* the first of them */
};

/* `charges`: open ones of the household, oldest due first; `code`: the place of the code's charge, n when it is not open.
 * RC_TOO_LARGE over ALLOCATE_CHARGES, RC_BAD_INPUT for sums that are none. */
int allocate(int64_t amount, int64_t payer, const struct allocate_charge *charges, size_t n, size_t code, struct allocate_answer *out) RC_MUST;

/* Money without a code, from an account from which one household alone has paid (rule 5): the exact sum of one to five of its open charges, when only one
 * choice fits; else a person decides. As allocate. */
int allocate_known(int64_t amount, const struct allocate_charge *charges, size_t n, struct allocate_answer *out) RC_MUST;

/* All choices of charges that give `amount` exactly, counted, the first ALLOCATE_CHOICES of them kept; `must`: a place that has to be among
 * them, or n. For suggestions too. 0 over ALLOCATE_SEARCH charges. */
size_t allocate_sums(int64_t amount, const struct allocate_charge *charges, size_t n, size_t must, struct allocate_choice out[ALLOCATE_CHOICES]);

const char *allocate_rule_name(enum allocate_rule rule); /* "none", "household_sum", "oldest_first", "known_account" */

#endif
