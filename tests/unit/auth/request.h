/* A request as a handler sees it, made from the text of its head; and a process's auth. */
#ifndef KHOP_TEST_AUTH_REQUEST_H
#define KHOP_TEST_AUTH_REQUEST_H

#include "khop/auth/auth.h"
#include "khop/flow/flow.h"
#include "khop/http/req.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct request {
    struct flow flow;
    struct http_head head;
    char text[4096];
    struct req rq;
};

/* `fields` are whole header lines. */
static inline struct req *request_make(struct request *r, struct auth *auth, const char *fields)
{
    int n = snprintf(r->text, sizeof r->text, "GET / HTTP/1.1\r\nHost: khop.example:8080\r\n%s\r\n", fields);

    assert(n > 0 && (size_t)n < sizeof r->text);
    memset(&r->rq, 0, sizeof r->rq);
    memset(&r->flow, 0, sizeof r->flow);
    http_head_init(&r->head);
    assert(http_head_feed(&r->head, (struct slice){ r->text, (size_t)n }) == HTTP_PARSE_DONE);
    r->flow.auth = auth;
    r->rq.app = &r->flow;
    r->rq.head = &r->head;
    r->rq.loopback = true;
    r->rq.task.arena = arena_new(0);
    buf_init(&r->rq.extra, 4096);
    return &r->rq;
}

static inline void request_free(struct request *r)
{
    arena_free(r->rq.task.arena);
    buf_release(&r->rq.extra);
}

#endif
