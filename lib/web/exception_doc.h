/* An exception with what may be done about it: the document of one, and the suggestions in it (product.md §3.5: rules 2 to 6). A suggestion is what a
 * person may accept with one click; nothing here is ever done without that. */
#ifndef KHOP_WEB_EXCEPTION_DOC_H
#define KHOP_WEB_EXCEPTION_DOC_H

#include "khop/flow/exception.h"
#include <jansson.h>

#define SUGGESTIONS_MAX 5

struct suggestion_part {
    int64_t charge_id, amount; /* amount 0: what it needs */
    int64_t shown;             /* the sum that is shown */
    int32_t code_no, due_on;
    bool has_due;
    struct slice label, payer_name, payer_class;
};

/* why: "same_sum", "oldest_first", "code", "codes_sum", "ref", "name", "returned", "taken_back", "credit". */
struct suggestion {
    const char *why[3];
    size_t nwhy, nparts;
    struct suggestion_part part[FLOW_RESOLVE_PARTS];
    int64_t credit, credit_payer;
    struct slice credit_name;
};

struct suggestions {
    size_t n;
    struct suggestion item[SUGGESTIONS_MAX];
    json_t *charges, *found; /* what the texts point into */
};

/* The codes that the memo may mean, to be asked for with flow_exception_codes; 0: they are not needed. */
size_t exception_memo_codes(const struct flow_exception_detail *e, int32_t *out, size_t max);
/* RC_NOMEM. Released with exception_suggest_free. */
int exception_suggest(struct suggestions *out, const struct flow_exception_detail *e, const struct flow_exception_code *codes, size_t ncodes) RC_MUST;
void exception_suggest_free(struct suggestions *s);
/* NULL without memory. */
json_t *exception_doc(const struct flow_exception_detail *e, const struct suggestions *s);
/* What accepting one is. */
void exception_accept(const struct suggestion *s, struct flow_resolve *r);

#endif
