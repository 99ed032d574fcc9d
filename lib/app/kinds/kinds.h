#ifndef KHOP_LIB_APP_KINDS_H
#define KHOP_LIB_APP_KINDS_H

#include "khop/app/job.h"

extern const struct job_kind kind_codes, kind_payers, kind_report, kind_round_amounts, kind_round_issue, kind_slips, kind_round_list, kind_stall_poster, kind_statement;
extern const struct job_kind kind_day, kind_receipt;
extern const struct job_kind kind_payout_list, kind_payout_issue, kind_payout_batch, kind_payout_report;

const struct job_kind *job_kind_find(struct slice name); /* NULL: none of ours */

#endif
