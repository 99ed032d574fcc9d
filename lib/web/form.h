/* Form bodies to JSON: what was typed, as an object of texts. Pure; private to lib/web. */
#ifndef KHOP_WEB_FORM_H
#define KHOP_WEB_FORM_H

#include "khop/base/arena.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <jansson.h>

#define FORM_FIELDS_MAX 2000
#define FORM_DEPTH_MAX  4

/* Names with dots make objects ("payee.bin"), numbers between them arrays in order ("lines.0.label"), a name that comes
 * several times an array. Values without surrounding blanks, CR LF as LF. *out is a new reference. RC_BAD_INPUT (a broken
 * escape, a name of other characters than a-z 0-9 _, a name that is a text here and an object there), RC_TOO_LARGE, RC_NOMEM. */
int form_values(struct arena *arena, struct slice body, json_t **out) RC_MUST;
/* The same without empty texts, without the named member of the frame ("csrf", "once"), and without what that leaves empty:
 * what a reader takes for the members of a body. NULL without memory. */
json_t *form_members(const json_t *values);

#endif
