/* Sessions of browsers, and what keeps other sites from using them (security.md §4).
 *
 * The cookie holds 32 random bytes in base64url; the database holds their SHA-256, which is what SQL functions take as p_token, as
 * they take that of an API token. The cookie is __Host-sid with Secure; on plain HTTP from this machine (the demo) it is sid.
 *
 * A form carries a token = base64url(HMAC-SHA256(key, session hash ‖ 0 ‖ form)): of this session and of this form alone. Whoever
 * changes something checks it: auth_csrf_check. */
#ifndef KHOP_AUTH_SESSION_H
#define KHOP_AUTH_SESSION_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/crypto/crypto.h"
#include "khop/http/req.h"

#define AUTH_SECRET_SIZE 44 /* 43 letters and NUL */
#define AUTH_CSRF_SIZE   44

/* The hash of the session's secret, in the request's arena. RC_UNAUTHORIZED: no cookie, two, or not of that form. Whether
 * the session is good only the database knows. */
int auth_session(struct req *rq, struct slice *hash) RC_MUST;

/* A new secret and its hash. */
int auth_secret_make(char secret[AUTH_SECRET_SIZE], uint8_t hash[SHA256_SIZE]) RC_MUST;
/* The hash of a secret in a link; RC_UNAUTHORIZED when it has not the form of one. */
int auth_secret_hash(struct slice secret, uint8_t hash[SHA256_SIZE]) RC_MUST;

/* Where a session may begin: over TLS, or on plain HTTP from this machine. Elsewhere a password would travel in the clear. */
bool auth_may_sign_in(const struct req *rq);
/* Sets the cookie in the coming answer; clears it. */
void auth_session_set(struct req *rq, const char *secret);
void auth_session_clear(struct req *rq);

/* Of somebody who has not signed in: the hash of a cookie that is as good as a session for the tokens of forms; set now if there is
 * none. What is shown and what is sent then come from the same browser. */
int auth_visitor(struct req *rq, struct slice *hash) RC_MUST;

/* A browser that somebody has signed in from before has tries of its own (security.md §4): who, and 16 bytes that name it.
 * RC_UNAUTHORIZED: not known. */
#define AUTH_DEVICE_SIZE 16
int auth_device(struct req *rq, int64_t *user_id, struct slice *device) RC_MUST;
/* Makes the browser known for a year, in the coming answer. */
void auth_device_set(struct req *rq, int64_t user_id);

/* `form` names the form, e.g. the path it is posted to. */
int auth_csrf_make(const struct req *rq, struct slice session_hash, const char *form, char out[AUTH_CSRF_SIZE]) RC_MUST;
/* RC_OK when the request comes from our own pages: not from another site (auth_from_ours), with the token of this session and form.
 * `token` is the form's field; p NULL: the header X-CSRF-Token. RC_FORBIDDEN. */
int auth_csrf_check(const struct req *rq, struct slice session_hash, const char *form, struct slice token) RC_MUST;
/* False when the browser says that another site sent this: Sec-Fetch-Site is there and not same-origin, or it is absent and
 * Origin is there and is not ours. Old browsers and programs send neither; the token decides then. */
bool auth_from_ours(const struct req *rq);

#endif
