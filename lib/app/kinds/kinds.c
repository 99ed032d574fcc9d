/* The table of kinds. */
#include "kinds.h"

#include "khop/base/banned.h"

static const struct job_kind *const KINDS[] = {
    &kind_codes, &kind_payers, &kind_report, &kind_round_amounts, &kind_round_issue, &kind_round_list, &kind_slips, &kind_stall_poster, &kind_statement,
    &kind_day, &kind_receipt,
    &kind_payout_list, &kind_payout_issue, &kind_payout_batch, &kind_payout_report,
};

const struct job_kind *job_kind_find(struct slice name)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (slice_is(name, KINDS[i]->name))
            return KINDS[i];
    }
    return NULL;
}
