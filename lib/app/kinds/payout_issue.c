/* Kind "payout_issue": the codes of an approved payout list, a part in a transaction. The database knows what has been issued, so it may begin anew
 * at any time and end more than once. */
#include "kinds.h"

#include "khop/flow/payout.h"

#include "khop/base/banned.h"

static int issue(struct task *t);

static int issued(struct task *t)
{
    int32_t done, total;
    int rc = flow_payout_issued(t, &done, &total);

    if (rc < 0)
        return rc;
    job_progress(t, "issuing", done, total);
    return done < total ? job_next(t, issue) : job_done(t, (struct slice){ 0 });
}

static int issue(struct task *t)
{
    return flow_payout_issue(t, job_db(t), job_lease(t), issued);
}

const struct job_kind kind_payout_issue = { .name = "payout_issue", .begin = issue };
