/* POST /hooks/{connection}: what banks and aggregators send. The path names the connection by its random part; the proof
 * of who sends is the provider's (providers.md), the answer is in the provider's form. */
#include "khop/api/api.h"
#include "khop/auth/rate.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/notice.h"

#include "khop/base/banned.h"

static struct slice hook_header(const void *headers, const char *name, size_t *count)
{
    const struct req *rq = headers;

    *count = req_header_count(rq, name);
    return req_header(rq, name);
}

static int hook_answered(struct task *t, struct flow_notice *n)
{
    struct req *rq = req_of(t);

    if (n->reply.status == 401 && auth_rate_refuse(n->f->refusals, rq, loop_now_ms(t->loop))) {
        reply_header(rq, "Retry-After", SLICE("60"));
        return reply(rq, 429, NULL, (struct slice){ 0 });
    }
    if (n->reply.status == 503 || n->reply.status == 429)
        reply_header(rq, "Retry-After", SLICE("5"));
    return reply(rq, n->reply.status, n->reply.type, n->reply.body);
}

static int hook_bytes(struct slice name, uint8_t hook[FLOW_HOOK_SIZE])
{
    size_t n = 0;

    if (dec_base64url(name, hook, FLOW_HOOK_SIZE, &n) < 0 || n != FLOW_HOOK_SIZE)
        return RC_NOT_FOUND;
    return RC_OK;
}

static int hook_found(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_notice *n;
    struct flow_connection *connection;
    int rc = flow_connection_of(t, &connection);

    if (rc < 0)
        return rc;
    n = task_state(t, sizeof *n);
    if (n == NULL)
        return RC_NOMEM;
    *n = (struct flow_notice){
        .f = rq->app,
        .connection = connection,
        .in = { .path = rq->path,
                .header = hook_header,
                .headers = rq,
                .body = rq->body,
                .now_us = clock_wall_us(),
                .secure = rq->secure,
                .loopback = rq->loopback },
        .answered = hook_answered,
    };
    return flow_notice(t, n);
}

int api_hook(struct req *rq)
{
    uint8_t hook[FLOW_HOOK_SIZE];
    int rc = hook_bytes(rq->params[0], hook);

    return rc < 0 ? rc : flow_connection_find(&rq->task, rq->app, hook, hook_found);
}
