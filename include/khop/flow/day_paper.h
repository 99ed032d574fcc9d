/* The sheet of a day, for the job that prints it. */
#ifndef KHOP_FLOW_DAY_PAPER_H
#define KHOP_FLOW_DAY_PAPER_H

#include "khop/flow/job.h"
#include <stdbool.h>

/* sheet: JSON, as sql/functions/day_sheet.sql makes it. */
struct flow_day_paper {
    struct slice unit, budget_code, closed_by, approved_by, seal, sheet; /* p NULL: none */
    int32_t from, day, version;
    bool closed;
    int64_t closed_us;
};

int flow_day_paper(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
/* RC_NOT_FOUND: no such day. */
int flow_day_paper_read(struct task *t, struct flow_day_paper *out) RC_MUST;

#endif
