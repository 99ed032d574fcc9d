/* What the files of the desk share. */
#ifndef KHOP_WEB_DESK_PRIVATE_H
#define KHOP_WEB_DESK_PRIVATE_H

#include "khop/web/desk.h"

#define DESK_FORM "desk" /* what the tokens of our forms are made for: one for all forms of a session */

struct desk {
    struct slice token_hash;
    bool page;
    const char *lang;
    /* a form being taken in */
    int (*form)(struct req *);
    json_t *values;           /* what was typed */
    json_t *faults;           /* [{"pointer", "detail"}] */
    bool again;               /* its page is being made again … */
    int again_status;         /* … with this status */
    /* an answer that waits for the frame */
    int status;
    const char *template;
    json_t *extra;            /* what a page of several reads has found so far */
    json_t *doc;
};

/* Makes rq->desk, without asking who it is. */
int desk_open(struct req *rq, struct desk **out) RC_MUST;
/* As desk_reply, for somebody who has not signed in: the page of the template with a form token, without navigation. */
int desk_reply_bare(struct req *rq, int status, const char *template, json_t *doc) RC_MUST;
/* As desk_refuse, with the status of the page. */
int desk_refuse_as(struct req *rq, int status, const char *pointer, const char *code, const char *detail) RC_MUST;
/* A cookie of ours; value NULL ends it. */
void desk_cookie(struct req *rq, const char *name, const char *value, int64_t seconds);
/* 303 with a path of ours. */
int desk_redirect(struct req *rq, struct slice location);
/* A reference of the document as long as the request. RC_NOMEM also when it is NULL. */
int desk_keep(struct req *rq, json_t *doc) RC_MUST;

#endif
