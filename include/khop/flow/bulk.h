/* One part of a bulk issue: the columns of up to FLOW_BULK_MAX codes, filled row by row, sent as arrays of one call. Its
 * texts are copied into an arena of its own, which is used again for the next part. */
#ifndef KHOP_FLOW_BULK_H
#define KHOP_FLOW_BULK_H

#include "khop/flow/code.h"
#include "khop/flow/job.h"

#define FLOW_BULK_MAX 5000

struct flow_bulk;

struct flow_bulk *flow_bulk_new(void); /* NULL without memory */
void flow_bulk_free(struct flow_bulk *b); /* accepts NULL */
/* Empties it. */
void flow_bulk_clear(struct flow_bulk *b);
size_t flow_bulk_count(const struct flow_bulk *b);
/* Adds a checked row; its texts are copied. RC_NOMEM, RC_TOO_LARGE (it is full). */
int flow_bulk_add(struct flow_bulk *b, const struct flow_code_spec *spec) RC_MUST;
/* Issues the rows as the part of the job behind `first` lines; the next step reads flow_job_issued. Parts that are sent
 * side by side must differ in `side` (0 or 1): they draw from different halves of the codes and so never meet. Sent again
 * after a failure it draws anew. The rows stay until the answer is there. */
int flow_bulk_issue(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t first, int side, struct flow_bulk *b,
                    task_step next) RC_MUST;

#endif
