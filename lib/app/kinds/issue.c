/* Kinds "round_issue" and "payout_issue": the codes of an approved list, a part in a transaction. */
#include "kinds.h"

#include "khop/flow/issue.h"

#include "khop/base/banned.h"

/* What was issued of a list; `again` issues the next part. */
static int issued(struct task *t, task_step again)
{
    int32_t done, total;
    int rc = flow_issue_read(t, &done, &total);

    if (rc < 0)
        return rc;
    job_progress(t, "issuing", done, total);
    return done < total ? job_next(t, again) : job_done(t, (struct slice){ 0 });
}

static int round_part(struct task *t);

static int round_issued(struct task *t)
{
    return issued(t, round_part);
}

static int round_part(struct task *t)
{
    return flow_issue_part(t, job_db(t), job_lease(t), FLOW_ISSUE_ROUND, round_issued);
}

static int payout_part(struct task *t);

static int payout_issued(struct task *t)
{
    return issued(t, payout_part);
}

static int payout_part(struct task *t)
{
    return flow_issue_part(t, job_db(t), job_lease(t), FLOW_ISSUE_PAYOUT, payout_issued);
}

const struct job_kind kind_round_issue = { .name = "round_issue", .begin = round_part };
const struct job_kind kind_payout_issue = { .name = "payout_issue", .begin = payout_part };
