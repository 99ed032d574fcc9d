/* Money in suspense that a rule may place by itself (pay/allocate.h): what was paid on a code of a payer, and payouts that came back. The oldest is
 * looked up, decided, carried out, one at a time; nothing is done before that transaction commits, and it checks that what was seen is still
 * so. Any number of processes may do this. */
#ifndef KHOP_FLOW_ALLOCATE_H
#define KHOP_FLOW_ALLOCATE_H

#include "khop/db/db.h"
#include "khop/loop/task.h"
#include <stdbool.h>

int flow_allocate_next(struct task *t, struct db *db, task_step next) RC_MUST;
/* The exception that was found, 0 when nothing waits. */
int64_t flow_allocate_found(struct task *t);
/* Decides on the answer of flow_allocate_next and carries it out; or leaves it to a person. */
int flow_allocate_apply(struct task *t, struct db *db, bool leave, task_step next) RC_MUST;
/* RC_CONFLICT: something changed meanwhile; look again. */
int flow_allocate_applied(struct task *t) RC_MUST;

#endif
