/* Up to what sum one person alone corrects what the bank contradicts (ledger.md §6.8): a setting of the organisation. */
#ifndef KHOP_FLOW_ALONE_H
#define KHOP_FLOW_ALONE_H

#include "khop/flow/flow.h"
#include <stdbool.h>

#define ALONE_LIMIT_MAX INT64_C(50000000) /* as the table has it */

struct flow_alone {
    int64_t amount;
    bool changed; /* false: it stands there by itself */
    int64_t changed_us;
    struct slice changed_by;
};

int flow_alone_get(struct task *t, struct flow *f, struct slice token_hash, task_step next) RC_MUST;
int flow_alone_read(struct task *t, struct flow_alone *out) RC_MUST;
int flow_alone_save(struct task *t, struct flow *f, struct slice token_hash, int64_t amount, task_step next) RC_MUST; /* flow_rc_read */

#endif
