/* What waits for somebody today: the tiles of the landing page. */
#ifndef KHOP_FLOW_HOME_H
#define KHOP_FLOW_HOME_H

#include "khop/flow/flow.h"
#include <stdbool.h>

struct flow_tile {
    struct slice tile, label;
    bool has_n, has_amount, has_since, has_total, has_day, has_paid;
    int64_t n, amount, since_us, id, done, total, paid;
    int32_t day;
};

int flow_home(struct task *t, struct flow *f, struct slice token_hash, task_step next) RC_MUST;
int flow_home_read(struct task *t, struct flow_tile **out, size_t *n) RC_MUST;

#endif
