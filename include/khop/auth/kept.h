/* What somebody had typed when their session was over: a form's fields, sealed with a key of the server for this user and for half an hour, so
 * that the pages of signing in can carry them to where they can be sent. */
#ifndef KHOP_AUTH_KEPT_H
#define KHOP_AUTH_KEPT_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/http/req.h"
#include <stdint.h>

#define AUTH_KEPT_MAX  (48 * 1024) /* bytes of the fields as they were sent */
#define AUTH_KEPT_S    1800
#define AUTH_KEPT_TEXT (AUTH_KEPT_MAX / 3 * 4 + 4096)

struct auth_kept {
    struct slice to;   /* the path that they were sent to */
    struct slice body; /* application/x-www-form-urlencoded */
};

/* As text for a hidden field, in the request's arena. RC_TOO_LARGE. */
int auth_kept_seal(struct req *rq, int64_t user_id, const struct auth_kept *kept, int64_t now_s, struct slice *text) RC_MUST;
/* RC_UNAUTHORIZED: not sealed here, for somebody else, or too long ago. */
int auth_kept_open(struct req *rq, int64_t user_id, struct slice text, int64_t now_s, struct auth_kept *out) RC_MUST;

#endif
