/* One request and its one answer, as a handler sees it. The request is a task (first member), so a handler parks on a
 * database call and its second half continues; see loop/task.h. Slices point into the request's own bytes and stay valid
 * until the task is released. When the client has gone, replies become no-ops and the work goes on. */
#ifndef KHOP_HTTP_REQ_H
#define KHOP_HTTP_REQ_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/http/parse.h"
#include "khop/loop/task.h"
#include <stdbool.h>
#include <stdint.h>

#define REQ_PARAMS_MAX 4

struct desk;
struct http_conn;
struct route;
struct sse;

struct req {
    struct task task;
    enum http_method method; /* HEAD is routed as GET; the body is dropped on the way out */
    struct slice target;     /* raw, path and query */
    struct slice path;       /* raw, without query */
    struct slice query;      /* raw, without '?'; empty if none */
    struct slice params[REQ_PARAMS_MAX]; /* what the {} of the route matched, raw */
    struct slice body;       /* whole; of a streamed route the piece that has come (see req_body_next) */
    bool body_last;          /* streamed route: nothing follows this piece */
    const struct route *route; /* NULL while an answer without a route (404 …) is being made */
    void *app;               /* http_config.app: the process's services */
    bool secure;             /* came over TLS, ours or a trusted proxy's */
    bool loopback;           /* peer address is loopback and no proxy told otherwise */
    struct desk *desk;       /* of a signed-in page (web/desk.h); NULL otherwise */
    const void *wrong;       /* what is wrong with the query (api/query.h); NULL: nothing was found */
    const char *lang;        /* of a page: what it speaks; NULL: what the request asks for */
    char peer[46];           /* client address as text; "unix" for a Unix socket */
    /* private to http */
    const struct http_head *head;
    struct http_conn *conn;  /* NULL once the client has gone or was answered */
    struct sse *sse;
    struct buf extra;        /* additional answer headers */
    int64_t started_us;
    int64_t left;            /* bytes of an answer in pieces that are still to come */
    bool own_cache, replied;
    int status;
};

static inline struct req *req_of(struct task *t)
{
    return (struct req *)(void *)t;
}

/* The value of a header (name in any case), trimmed; p == NULL if absent. Count tells repeats. */
struct slice req_header(const struct req *rq, const char *name);
size_t req_header_count(const struct req *rq, const char *name);
/* A query parameter, percent-decoded in the arena; RC_NOT_FOUND, RC_BAD_INPUT (bad escape, NUL, invalid UTF-8, given twice),
 * RC_NOMEM. */
int req_query(struct req *rq, const char *name, struct slice *value) RC_MUST;
/* The next pair of a query string or form body, decoded in the arena: 1, or 0 at the end; RC_BAD_INPUT, RC_NOMEM. */
int form_next(struct arena *arena, struct slice *rest, struct slice *name, struct slice *value) RC_MUST;
/* The most that a body of this address may have; 0 when there is no such address. */
int64_t req_body_limit(const struct req *rq);
/* Is the body of this media type ("application/json"), in UTF-8 and not packed? */
bool req_content_is(const struct req *rq, const char *type);
/* A cookie's value; p == NULL if absent, and if it was given twice: which of the two is ours cannot be known. */
struct slice req_cookie(const struct req *rq, const char *name);
/* Best of the offered languages (http_config.languages) by Accept-Language; the first offered when nothing fits. */
const char *req_language(const struct req *rq);
/* The nearest address at or above this one that can be shown (GET): where a form stands that posts below it. Empty: none. */
struct slice req_page_above(const struct req *rq);
/* True if Accept prefers HTML over JSON (a browser). */
bool req_wants_html(const struct req *rq);
/* True if Accept prefers JSON over HTML: a page that has both is HTML unless somebody asks for the other. */
bool req_wants_json(const struct req *rq);
/* True if the client takes gzip (reply_static with compressed bytes). */
bool req_accepts_gzip(const struct req *rq);

/* For a route with `stream`: parks the task until the next piece of the body has come, at most 64 KiB; then rq->body holds
 * it until the next call, and rq->body_last tells the end. The first call accepts the body (answers Expect), so check
 * who asks before it. While a piece is being worked on nothing is read: the sender waits. The task fails with RC_IO when
 * the client leaves. */
int req_body_next(struct req *rq, task_step next);

/* An extra header for the coming answer; value must be printable ASCII or UTF-8 without control characters. Cache-Control
 * replaces the default no-store. */
void reply_header(struct req *rq, const char *name, struct slice value);
/* The answer; copies the body, ends the task. Security headers (security.md §3) are added by type: HTML gets the CSP, and
 * is compressed when over 1 KiB and the client takes gzip. type NULL with an empty body. Returns RC_OK, so that a handler
 * can end in `return reply(…)`. A second answer is ignored. */
int reply(struct req *rq, int status, const char *type, struct slice body);
/* Static content: may be cached for a year (hashed names). gzip: the body is compressed already; only for a client that
 * takes it (req_accepts_gzip). */
int reply_static(struct req *rq, const char *type, struct slice body, bool gzip);

/* An answer in pieces, for what should not stand in memory at once: begin with the length of the whole, then one piece after the other. A piece
 * is copied; the next step runs when the client has taken most of it, however slow it is (it is closed after 20 s without progress). The
 * piece that makes the length full ends the task. A task that fails in between closes the connection, for half an answer must not look whole.
 * reply_begin: RC_OK, or 1 when it is answered by that (HEAD, nothing to send). reply_piece: RC_IO, the client has gone. */
int reply_begin(struct req *rq, int status, const char *type, int64_t length) RC_MUST;
int reply_piece(struct req *rq, struct slice piece, task_step next) RC_MUST;

/* Server-sent events. The stream holds the task; `closed` is called once when the client leaves, falls more than 64 KiB
 * behind, or the server drains (not from inside sse_send): `s` is gone behind it. A heartbeat
 * comment goes every 15 s. */
struct sse *sse_begin(struct req *rq, void (*closed)(struct sse *s, void *arg), void *arg); /* NULL: replied 503 */
/* data may have lines. RC_OK; RC_TOO_LARGE: too far behind, `closed` follows soon; RC_IO: already over. */
int sse_send(struct sse *s, const char *event, struct slice data);

#endif
