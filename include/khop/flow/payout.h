/* What a commune pays out: lists of beneficiaries. Reading and deciding are SQL functions that answer a document, which flow_doc_read
 * (flow/school.h) takes. Lines come as JSON, made by api/payout.h. */
#ifndef KHOP_FLOW_PAYOUT_H
#define KHOP_FLOW_PAYOUT_H

#include "khop/flow/job.h"

struct flow_payout_spec {
    struct slice token_hash, idempotency_key, request; /* request: what was asked, for the key */
    int64_t account_id;
    struct slice name;
    int32_t month, pay_by; /* days since 1970; the month's first */
    bool carry;
    struct slice lines; /* JSON */
};
/* RC_BAD_INPUT: the document is the faults, [{"row", "place", "code"}] (flow_payout_faults); RC_NOT_FOUND: no such account; RC_CONFLICT: the key. */
int flow_payout_create(struct task *t, struct flow *f, const struct flow_payout_spec *spec, task_step next) RC_MUST;
struct slice flow_payout_faults(struct task *t);
bool flow_payout_repeated(struct task *t);
/* After: the key of the row before, or 0 and 0. */
int flow_payout_list(struct task *t, struct flow *f, struct slice token_hash, int32_t after_day, int64_t after_id, int32_t limit, task_step next) RC_MUST;
int flow_payout_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
/* state: p NULL: any. */
int flow_payout_lines(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice state, int32_t after, int32_t limit,
                      task_step next) RC_MUST;
/* to: "submitted", "draft" (sent back, with a note), "cancelled". RC_CONFLICT: it is not where it would have to be. */
int flow_payout_move(struct task *t, struct flow *f, struct slice token_hash, int64_t id, const char *to, struct slice note, task_step next) RC_MUST;
/* RC_BAD_INPUT: a line taken over from an earlier list has been paid meanwhile; RC_FORBIDDEN: also for who made it; RC_BUSY: again. */
int flow_payout_approve(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;

/* --- jobs --- */

/* flow_rc_read. */
int flow_payout_stage(struct task *t, struct db *db, const struct flow_job_lease *job, const int32_t *lines, const struct slice *data, size_t n,
                      task_step next) RC_MUST;
/* Makes the draft and ends the job; RC_BAD_INPUT as flow_payout_create. flow_rc_read. */
int flow_payout_make(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;

struct flow_payout_paper {
    struct slice unit, name, list_state, bin, account_no, holder;
    int32_t month, pay_by, lines, issued;
    struct slice state, format, layout; /* as asked; p NULL: not */
};
int flow_payout_paper(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
int flow_payout_read_paper(struct task *t, struct flow_payout_paper *out) RC_MUST;
struct flow_payout_row {
    int32_t place, code_no; /* code_no 0: none */
    struct slice name, bin, account_no, holder, state;
    bool has_birth, has_paid, carried;
    int32_t birth_on;
    int64_t amount, got, paid_us;
};
int flow_payout_rows(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t after, int32_t limit, task_step next) RC_MUST;
int flow_payout_read_rows(struct task *t, struct flow_payout_row **out, size_t *n) RC_MUST;

#endif
