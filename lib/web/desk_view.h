/* What showing adds to a document of a signed-in page; private to lib/web. Pure. */
#ifndef KHOP_WEB_DESK_VIEW_H
#define KHOP_WEB_DESK_VIEW_H

#include "khop/base/rc.h"
#include <jansson.h>

/* Adds X_text, X_money and X_is (web/desk.h) to the members of `view` at every depth, and what the layout and forms need: see
 * web_desk_page. */
int view_desk(json_t *view, int language) RC_MUST;
/* frame.nav and frame.role from frame.scopes, frame.kind and frame.path. */
int view_nav(json_t *frame, int language) RC_MUST;
/* wrong, said and faults of the page from "faults"; chosen choices from "in" and "query". */
int view_form(json_t *view) RC_MUST;

#endif
