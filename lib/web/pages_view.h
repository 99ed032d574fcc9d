/* A page's view: a copy of its document with what is only a matter of showing it. Private to pages.c. */
#ifndef KHOP_WEB_PAGES_VIEW_H
#define KHOP_WEB_PAGES_VIEW_H

#include "khop/base/rc.h"
#include <jansson.h>

/* Each adds to `view`, which starts as a copy of the document. RC_BAD_INPUT, RC_NOMEM. */
int view_pay(json_t *view, int language) RC_MUST;
int view_receipt(json_t *view, int language) RC_MUST;
int view_error(json_t *view, int language) RC_MUST;

#endif
