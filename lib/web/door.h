/* Pages in front of the desk: of people who have not signed in, or only halfway. They are forms like those of the desk
 * (web/desk.h) without its navigation. A program may send and get JSON instead: bodies of application/json, which no form of
 * another site can send, need no form token. */
#ifndef KHOP_WEB_DOOR_H
#define KHOP_WEB_DOOR_H

#include "desk_private.h"
#include "khop/auth/auth.h"
#include "khop/auth/session.h"
#include "khop/flow/entry.h"
#include "khop/flow/flow.h"

static inline struct flow *door_flow(const struct req *rq)
{
    return rq->app;
}

/* Whoever comes: RC_OK, or 1 when answered (a connection that a password must not travel over). */
int door_begin(struct req *rq) RC_MUST;
/* Of a session, whatever it owes; without one a browser is sent to /login (1). */
int door_session(struct req *rq, struct slice *token) RC_MUST;
/* As desk_in_begin, for a form or JSON. */
int door_in_begin(struct api_in *in, struct req *rq, int (*form)(struct req *)) RC_MUST;
/* It was done: 303 to a path of ours, or the document (its reference is taken). */
int door_done(struct req *rq, json_t *doc, const char *location);
/* The form again, above it that it takes so many seconds; Retry-After. */
int door_wait(struct req *rq, int32_t seconds);

/* Where to go afterwards: `next` of the form or query when it is a path of ours, else /desk. */
const char *door_next(struct req *rq);
/* A path of ours, with its query: nothing that a browser takes for another server. */
bool door_ours(struct slice path);
/* A path with ?next= of that. */
const char *door_path(struct req *rq, const char *path);

/* From where; texts stay as long as the request. */
struct flow_visitor door_visitor(const struct req *rq);
/* A new session's secret: kept, its hash in the arena. Then the cookie once the database has it. */
int door_secret(struct req *rq, const char **secret, struct slice *hash) RC_MUST;
/* The session that the database has begun: cookie, and on where it owes what. */
int door_enter(struct req *rq, const char *secret, enum flow_next next);

/* The same, with what had been typed when the session was over (`kept` of the form): it is carried on to the next step, or shown to be sent.
 * `hash` is the new session's. */
int kept_enter(struct req *rq, int64_t user_id, const char *secret, struct slice hash, enum flow_next next);
/* /kept of a form: only read so that it is known. */
void kept_read(struct api_in *in);
/* The page that asks for the code of the second factor, or for the password of who has none. */
int door_factor(struct req *rq, struct slice login, bool totp, bool again);

/* /password and /again of a form that chooses a password: the same, and one that may be chosen. */
void door_read_password(struct api_in *in, bool second_factor, const struct slice *names, size_t nnames, struct slice *password);
/* A login name: small letters, digits, . _ @ -. */
void door_read_login(struct api_in *in, const char *pointer, struct slice *login);

#endif
