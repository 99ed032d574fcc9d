/* Which money was for what a seller had asked for. Pure: the same rows give the same answer. Only for his page: what is booked does not
 * depend on it. */
#ifndef KHOP_FLOW_STALL_MATCH_H
#define KHOP_FLOW_STALL_MATCH_H

#include "khop/flow/stall.h"

/* Sets asked, before, tag, guess and made_up of the takings (newest first):
 * - of a sale with a code of its own what it was for, and what had come for it before;
 * - with the tag of an ask that has not been paid yet: that ask;
 * - else, on the permanent code or without any code, while an ask is open (a quarter of an hour, not paid, not dropped): the oldest one of which
 *   exactly this is missing; or, when it is less than what the newest one wants, that one as a guess: it may be the money of somebody who read the
 *   printed code, but rather one alarm too many than goods for a thousandth of the price. */
void flow_stall_match(struct flow_takings *takings, size_t n, struct flow_ask *asks, size_t nasks, int32_t permanent);

#endif
