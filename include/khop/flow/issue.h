/* Codes for a whole list that two people have agreed on: the charges of a round, the lines of a payout list. A part at a time; the database
 * knows what has been issued, so a job may begin anew at any time and end more than once. */
#ifndef KHOP_FLOW_ISSUE_H
#define KHOP_FLOW_ISSUE_H

#include "khop/flow/job.h"

#define FLOW_ISSUE_PART 500

enum flow_issue { FLOW_ISSUE_ROUND, FLOW_ISSUE_PAYOUT };

/* Issues the next codes of the job's list, FLOW_ISSUE_PART at most. */
int flow_issue_part(struct task *t, struct db *db, const struct flow_job_lease *job, enum flow_issue what, task_step next) RC_MUST;
/* How many the list has, and how many are issued; or the row's rc. */
int flow_issue_read(struct task *t, int32_t *done, int32_t *total) RC_MUST;

#endif
