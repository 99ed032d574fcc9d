/* What the pages of stalls share. */
#ifndef KHOP_WEB_DESK_STALLS_H
#define KHOP_WEB_DESK_STALLS_H

#include "khop/api/doc.h"
#include "khop/api/json.h"
#include "khop/flow/stall.h"
#include <jansson.h>

json_t *desk_stall_doc(const struct flow *f, const struct flow_stall *s);
/* The members "bin", "account_no" and "holder" of an account, and the banks of a form to choose from. */
void desk_in_account(struct api_in *in, struct slice *bin, struct slice *account_no, struct slice *holder);
void desk_banks(struct req *rq, json_t *doc);

#endif
