/* Answers in pieces: the connection stays busy with its request until the last of them is in `out`. At most CONN_ROOM bytes that the client
 * has not taken, and one piece, stand in memory. */
#include "http_private.h"
#include "khop/base/banned.h"

/* The answer is complete, or never will be: the request's task ends. */
static int finish(struct req *rq)
{
    rq->left = 0;
    reply_done(rq);
    task_end(&rq->task);
    return RC_OK;
}

static void answered(struct req *rq)
{
    struct http_conn *c = rq->conn;

    rq->conn = NULL;
    conn_answered(c);
}

int reply_begin(struct req *rq, int status, const char *type, int64_t length)
{
    struct http_conn *c = rq->conn;

    if (rq->replied || length < 0)
        return RC_INTERNAL;
    rq->replied = true;
    rq->status = status;
    if (c == NULL) {
        (void)finish(rq);
        return 1;
    }
    if (c->body_open)
        c->close_after = true; /* nobody will read the rest of the body */
    reply_head(rq, status, type, length);
    if (rq->method == HTTP_HEAD || length == 0) {
        answered(rq);
        (void)finish(rq);
        return 1;
    }
    rq->left = length;
    rq->task.deadline_ms = INT64_MAX; /* the client's pace decides, and http_limits.write_ms */
    return RC_OK;
}

int reply_piece(struct req *rq, struct slice piece, task_step next)
{
    struct http_conn *c = rq->conn;

    if (c == NULL)
        return RC_IO;
    if (rq->left <= 0 || (int64_t)piece.n > rq->left)
        return RC_INTERNAL;
    conn_buf_ready(c, &c->out);
    buf_put_slice(&c->out, piece);
    rq->left -= (int64_t)piece.n;
    if (rq->left == 0) {
        answered(rq);
        return finish(rq);
    }
    if (c->out.failed)
        return RC_NOMEM;
    (void)task_park(&rq->task, next);
    task_hold(&rq->task);
    c->wants_room = true;
    if (!c->consuming) /* else it is written when that ends */
        conn_flush(c);
    return RC_OK;
}

void pieces_resume(struct http_conn *c)
{
    if (!c->wants_room || c->phase == CONN_CLOSED || conn_unsent(c) > CONN_ROOM)
        return;
    c->wants_room = false;
    task_wake(&c->slot->req.task, RC_OK);
}

void pieces_abort(struct req *rq)
{
    struct http_conn *c = rq->conn;

    rq->conn = NULL;
    if (c != NULL) {
        if (c->wants_room)
            task_drop(&rq->task);
        c->wants_room = false;
        c->slot = NULL;
        conn_close(c, true);
    }
    (void)finish(rq);
}
