/* Receiving accounts of an organisation. */
#ifndef KHOP_FLOW_ACCOUNT_H
#define KHOP_FLOW_ACCOUNT_H

#include "khop/flow/flow.h"
#include <stdbool.h>

struct flow_account {
    int64_t id;
    struct slice bin, account_no, holder;
    int32_t ledger_no;
    int64_t created_us;
};

int flow_account_create(struct task *t, struct flow *f, struct slice token_hash, struct slice bin, struct slice account_no,
                        struct slice holder, task_step next) RC_MUST;
/* after_id 0: from the start. */
int flow_account_list(struct task *t, struct flow *f, struct slice token_hash, int64_t after_id, int32_t limit,
                      task_step next) RC_MUST;
/* One or many; the row's rc when it is a refusal (RC_CONFLICT: the account belongs to another organisation). */
int flow_account_read(struct task *t, struct flow_account **out, size_t *n) RC_MUST;

#endif
