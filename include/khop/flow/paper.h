/* What an organisation's papers say about it: settings of the unit (product.md §5). */
#ifndef KHOP_FLOW_PAPER_H
#define KHOP_FLOW_PAPER_H

#include "khop/flow/flow.h"
#include <stdbool.h>

/* p NULL: not set; form and circular then are those of today's rules. */
struct flow_paper {
    struct slice budget_code, address, form, circular, collector, hotline;
    bool changed;
    int64_t changed_us;
};

int flow_paper_get(struct task *t, struct flow *f, struct slice token_hash, task_step next) RC_MUST;
int flow_paper_read(struct task *t, struct flow_paper *out) RC_MUST;
int flow_paper_save(struct task *t, struct flow *f, struct slice token_hash, const struct flow_paper *paper, task_step next) RC_MUST; /* flow_rc_read */

#endif
