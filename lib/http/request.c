/* From a complete head to the handler: route, limits, body. */
#include "http_private.h"
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include "khop/base/banned.h"

#define SLOTS_KEPT     1024
#define SLOT_BYTES_MAX 16384 /* one whose arena grew over this is not kept */

/* ---- slots ---- */

static struct http_slot *slot_take(struct http_server *s)
{
    struct http_slot *slot = s->slots;

    if (slot != NULL) {
        s->slots = slot->next;
        s->nslots--;
    } else {
        slot = calloc(1, sizeof *slot);
        if (slot == NULL)
            return NULL;
        slot->arena = arena_new(0);
        if (slot->arena == NULL) {
            free(slot);
            return NULL;
        }
        slot->server = s;
    }
    s->refs++;
    memset(&slot->req, 0, sizeof slot->req);
    buf_init(&slot->body, 0);
    return slot;
}

void slot_free(struct http_slot *slot)
{
    arena_free(slot->arena);
    free(slot);
}

/* The task's last word. */
static void slot_released(struct task *t)
{
    struct http_slot *slot = (struct http_slot *)(void *)t;
    struct http_server *s = slot->server;

    buf_release(&slot->body);
    if (s->closed || s->nslots >= SLOTS_KEPT || arena_used(slot->arena) > SLOT_BYTES_MAX) {
        slot_free(slot);
    } else {
        arena_reset(slot->arena);
        slot->next = s->slots;
        s->slots = slot;
        s->nslots++;
    }
    server_unref(s);
}

/* ---- answers of ours ---- */

static void task_failed(struct task *t, int rc)
{
    struct req *rq = req_of(t);

    if (rq->sse != NULL) {
        sse_gone(rq);
        return;
    }
    if (rq->left > 0) {
        pieces_abort(rq);
        return;
    }
    const struct http_config *config = &((struct http_slot *)(void *)rq)->server->config;

    if (!rq->replied && config->fail != NULL)
        config->fail(rq, rc);
    if (!rq->replied)
        (void)reply_plain(rq, rc == RC_TIMEOUT || rc == RC_UNAVAILABLE || rc == RC_BUSY || rc == RC_NOMEM ? 503 : 500);
    task_end(t); /* reply did, unless it had been called before */
}

void request_refuse(struct req *rq, int status)
{
    const struct http_config *config = &((struct http_slot *)(void *)rq)->server->config;

    if (config->fail_status != NULL)
        config->fail_status(rq, status);
    if (!rq->replied)
        (void)reply_plain(rq, status);
}

static void refuse_method(struct req *rq, unsigned allow)
{
    static const char *const lists[] = { "GET, HEAD", "POST", "GET, HEAD, POST" };
    bool get = (allow & (1u << HTTP_GET)) != 0, post = (allow & (1u << HTTP_POST)) != 0;

    reply_header(rq, "Allow", slice_of(lists[get && post ? 2 : post ? 1 : 0]));
    request_refuse(rq, 405);
}

/* ---- the handler ---- */

static int run_handler(struct task *t)
{
    struct req *rq = req_of(t);

    return rq->route->handle(rq);
}

static void dispatch(struct http_conn *c)
{
    conn_set_phase(c, CONN_BUSY);
    task_run(&c->slot->req.task, run_handler);
}

/* ---- body ---- */

static void send_continue(struct http_conn *c)
{
    if (!c->continue_due)
        return;
    c->continue_due = false;
    conn_buf_ready(c, &c->out);
    buf_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

static void body_complete(struct http_conn *c)
{
    struct http_slot *slot = c->slot;

    c->body_open = false;
    slot->req.body = buf_slice(&slot->body);
    dispatch(c);
}

/* A streamed request gets what has been collected. */
static void deliver_piece(struct http_conn *c)
{
    struct http_slot *slot = c->slot;

    slot->req.body = buf_slice(&slot->body);
    slot->req.body_last = !c->body_open;
    c->wants_piece = false;
    conn_set_phase(c, CONN_BUSY);
    task_wake(&slot->req.task, 0);
}

/* Appends bytes of the body; false: the request has been answered (too much, or no memory). */
static bool body_take(struct http_conn *c, struct slice piece)
{
    struct http_slot *slot = c->slot;

    c->body_got += piece.n;
    if (c->body_got > slot->req.route->body_max) {
        request_refuse(&slot->req, 413);
        return false;
    }
    buf_put_slice(&slot->body, piece);
    if (slot->body.failed) {
        task_failed(&slot->req.task, RC_NOMEM);
        return false;
    }
    return true;
}

static size_t body_chunked(struct http_conn *c, struct slice bytes)
{
    struct slice rest = bytes, piece;

    for (;;) {
        int rc = http_chunks_feed(&c->chunks, &rest, &piece);

        if (rc == HTTP_PARSE_DATA) {
            if (!body_take(c, piece))
                return bytes.n;
        } else if (rc < 0) {
            request_refuse(&c->slot->req, 400);
            return bytes.n;
        } else {
            c->body_open = rc != HTTP_PARSE_DONE;
            return bytes.n - rest.n;
        }
    }
}

/* A body that came whole behind its head is copied once, into the arena. */
static bool body_at_once(struct http_conn *c, struct slice bytes)
{
    struct http_slot *slot = c->slot;

    if (c->body_got > 0 || c->body_left > bytes.n || slot->req.route->stream)
        return false;

    struct slice body = arena_copy(slot->arena, slice_sub(bytes, 0, c->body_left));

    c->body_open = false;
    if (body.p == NULL) {
        c->close_after = true;
        task_failed(&slot->req.task, RC_NOMEM);
        return true;
    }
    slot->req.body = body;
    dispatch(c);
    return true;
}

size_t request_body(struct http_conn *c, struct slice bytes)
{
    struct http_slot *slot = c->slot;
    bool stream = slot->req.route->stream;
    size_t used;

    if (stream)
        bytes = slice_sub(bytes, 0, REQ_PIECE_MAX - slot->body.n);
    if (c->slot->head.framing == HTTP_BODY_CHUNKED) {
        used = body_chunked(c, bytes);
    } else {
        used = c->body_left < bytes.n ? (size_t)c->body_left : bytes.n;
        if (body_at_once(c, bytes))
            return used;
        if (!body_take(c, slice_sub(bytes, 0, used)))
            return bytes.n;
        c->body_left -= used;
        c->body_open = c->body_left > 0;
    }
    if (c->phase != CONN_BODY)
        return used;
    if (stream && (!c->body_open || slot->body.n == REQ_PIECE_MAX))
        deliver_piece(c);
    else if (!stream && !c->body_open)
        body_complete(c);
    return used;
}

/* The head promises a body: checks it against the route before a byte is read. */
static void body_begin(struct http_conn *c, bool more)
{
    struct http_slot *slot = c->slot;
    const struct route *route = slot->req.route;
    const struct http_head *h = &slot->head;
    int64_t now = server_now(c->server);

    c->body_got = 0;
    c->body_left = (uint64_t)h->length;
    c->body_since = now;
    http_chunks_init(&c->chunks);
    buf_init(&slot->body, route->stream ? REQ_PIECE_MAX : route->body_max);
    if (h->framing == HTTP_BODY_LENGTH && c->body_left > route->body_max) {
        request_refuse(&slot->req, 413);
        return;
    }
    c->continue_due = h->expect_continue && !more;
    if (route->stream) {
        dispatch(c);
        return;
    }
    conn_set_phase(c, CONN_BODY);
    c->deadline = now + c->server->limits.body_ms;
    send_continue(c);
}

int req_body_next(struct req *rq, task_step next)
{
    struct http_conn *c = rq->conn;
    struct http_slot *slot = (struct http_slot *)(void *)rq;

    if (c == NULL)
        return RC_IO;
    if (!rq->route->stream || c->phase != CONN_BUSY)
        return RC_INTERNAL;
    buf_clear(&slot->body);
    rq->body = (struct slice){ NULL, 0 };
    (void)task_park(&rq->task, next);
    task_hold(&rq->task);
    if (!c->body_open) { /* there was no body, or its last piece has been here */
        deliver_piece(c);
        return RC_OK;
    }
    c->wants_piece = true;
    conn_set_phase(c, CONN_BODY);
    send_continue(c);
    if (!c->consuming) {
        conn_flush(c);
        if (c->phase != CONN_CLOSED && c->in.n > 0)
            conn_schedule(c);
        conn_update_reading(c);
    }
    return RC_OK;
}

/* ---- the head ---- */

static bool host_known(const struct http_config *config, struct slice host)
{
    if (config->hosts == NULL)
        return true;
    for (const char *const *h = config->hosts; *h != NULL; h++) {
        if (slice_eq_nocase(host, slice_of(*h)))
            return true;
    }
    return false;
}

static struct req *req_fill(struct http_conn *c, struct slice bytes)
{
    struct http_server *s = c->server;
    struct http_slot *slot = c->slot;
    struct http_head *h = &slot->head;
    struct req *rq = &slot->req;

    memcpy(h, &c->head, offsetof(struct http_head, fields) + c->head.nfields * sizeof c->head.fields[0]);
    h->base = bytes.p;
    task_begin(&rq->task, s->loop, slot->arena, server_now(s) + REQ_DEADLINE_MS, task_failed, slot_released);
    rq->conn = c;
    rq->app = s->config.app;
    rq->head = h;
    rq->method = h->method;
    rq->target = http_head_slice(h, h->target);
    rq->path = http_head_slice(h, h->path);
    rq->query = http_head_slice(h, h->query);
    rq->started_us = server_now_us(s);
    buf_init_arena(&rq->extra, slot->arena, REQ_EXTRA_MAX);
    peer_of_request(rq, c);
    rq->task.from = rq->peer;
    req_trace(rq);
    return rq;
}

void request_begin(struct http_conn *c, struct slice bytes, bool more)
{
    struct http_server *s = c->server;

    c->slot = slot_take(s);
    struct slice copy = c->slot == NULL ? (struct slice){ NULL, 0 } : arena_copy(c->slot->arena, bytes);

    if (copy.p == NULL) {
        if (c->slot != NULL)
            slot_released(&c->slot->req.task);
        c->slot = NULL;
        conn_reject(c, 503);
        return;
    }
    s->stats.requests++;
    c->requests++;

    struct req *rq = req_fill(c, copy);
    const struct http_head *h = rq->head;

    c->body_open = h->framing != HTTP_BODY_NONE;
    c->continue_due = false;
    c->close_after = !h->keep_alive || s->draining || c->requests >= s->limits.requests ||
                     server_now(s) - c->born >= s->limits.age_ms;
    conn_set_phase(c, CONN_BUSY);
    if (!host_known(&s->config, http_head_slice(h, h->host))) {
        c->close_after = true;
        request_refuse(rq, 421);
        return;
    }
    if (h->method == HTTP_UNKNOWN) {
        request_refuse(rq, 501);
        return;
    }

    unsigned allow = 0;

    rq->route = route_find(s->routes, h->method == HTTP_HEAD ? HTTP_GET : h->method, rq->path, rq->params, &allow);
    if (rq->route == NULL && allow == 0) {
        request_refuse(rq, 404);
    } else if (rq->route == NULL) {
        refuse_method(rq, allow);
    } else {
        if (rq->route->deadline_ms > 0)
            rq->task.deadline_ms = server_now(s) + rq->route->deadline_ms;
        if (c->body_open)
            body_begin(c, more);
        else
            dispatch(c);
    }
}

/* Called by conn_close: a handler at work goes on without its connection; what has not begun never will. */
void request_orphan(struct http_slot *slot, struct http_conn *c)
{
    struct req *rq = &slot->req;

    rq->conn = NULL;
    if (rq->sse != NULL) {
        sse_gone(rq);
    } else if (c->wants_piece || c->wants_room) {
        task_wake(&rq->task, RC_IO);
    } else if (c->body_open && !rq->route->stream) {
        rq->replied = true;
        task_end(&rq->task);
    }
}
