/* What the handlers of pages share. */
#ifndef KHOP_WEB_HANDLERS_H
#define KHOP_WEB_HANDLERS_H

#include "khop/base/buf.h"
#include "khop/http/req.h"
#include "khop/pay/token.h"
#include <jansson.h>

/* The token in the route's first parameter, in the request's arena. RC_NOT_FOUND when it has not the form of one. */
int web_token(struct req *rq, int32_t *bucket, struct slice *random) RC_MUST;
/* 200: the page, or its document for who asks for JSON. Takes the document's reference. */
int web_reply(struct req *rq, json_t *doc, int (*page)(const json_t *, const char *, struct buf *));

/* What changes in a page when money comes, from the newest receipt's random id (empty: there is none). */
#define WEB_MARK_SIZE 9
void web_receipt_mark(struct slice newest_rid, char out[WEB_MARK_SIZE]);

#endif
