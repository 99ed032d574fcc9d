/* What the two files about payout lists share. */
#ifndef KHOP_WEB_DESK_PAYOUTS_H
#define KHOP_WEB_DESK_PAYOUTS_H

#include "khop/http/req.h"
#include <jansson.h>

#define PAYOUT_PAGE 50

/* The document that a SQL function answered. NULL without memory. */
json_t *payout_doc(struct slice text);
/* It goes with the arena. RC_NOMEM, also for NULL. */
int payout_keep(struct arena *arena, json_t *doc) RC_MUST;
/* For a page: the member `from` of every item also under the name that has its words (desk_view.c). */
void payout_words(json_t *items, const char *from, const char *to);
/* ?after=&limit=: places, not cursors: lines and lists keep theirs. RC_OK, 1 when answered. */
int payout_read_page(struct req *rq, int32_t *after, int32_t *limit) RC_MUST;

#endif
