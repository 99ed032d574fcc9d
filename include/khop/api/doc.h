/* The documents of the API, made from what flow returns. Pages show the same documents through templates. */
#ifndef KHOP_API_DOC_H
#define KHOP_API_DOC_H

#include "khop/flow/account.h"
#include "khop/flow/code.h"
#include "khop/flow/exception.h"
#include "khop/flow/receipt.h"
#include "khop/pay/token.h"
#include "vietqr.h"
#include <jansson.h>

/* New references; NULL without memory. */
json_t *api_doc_code(const struct flow *f, const struct flow_code *c);
json_t *api_doc_receipt(const struct flow *f, const struct flow_receipt *r);
/* What anybody with the address of a receipt may see: no names of payers, no account numbers. */
json_t *api_doc_receipt_public(const struct flow *f, const struct flow_receipt *r);
json_t *api_doc_account(const struct flow_account *a);
json_t *api_doc_exception(const struct flow_exception *e);

/* Lines of the bill: [{"label", "amount"}]. */
json_t *api_doc_lines(const struct flow_code *c);

/* As it is to be paid now: of a code paid in part the amount is the rest. */
struct flow_code api_code_due(const struct flow_code *c);
/* The VietQR payload of a code: to the receiving account, or to the payee of a payout. RC_BAD_INPUT: no such account can
 * be written into one (refused at issue). */
int api_code_payload(const struct flow_code *c, char out[VIETQR_ENCODED_MAX]) RC_MUST;
/* Sets "number", the receipt's number as printed. */
void api_doc_set_number(json_t *doc, int32_t year, int64_t number);
/* Token text of a pay page or a receipt page. */
void api_token_text(int32_t bucket, struct slice random16, char out[TOKEN_SIZE]);

#endif
