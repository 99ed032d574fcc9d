/* A notice from its bytes to what became of it: proven, read, settled or held, and the answer its provider wants.
 * 2xx means that it is durable (design §1): every way to a 2xx here goes through a COMMIT. */
#ifndef KHOP_FLOW_NOTICE_H
#define KHOP_FLOW_NOTICE_H

#include "khop/flow/connection.h"
#include "khop/flow/settle.h"
#include "khop/provider/provider.h"

struct flow_notice {
    struct flow *f;
    const struct flow_connection *connection;
    struct notice_in in;           /* the caller's: path, headers, body, time */
    struct notice_verdict verdict;
    struct settle_item item;
    const char *hold_reason;       /* what is kept beside or instead of settling */
    uint8_t body_hash[SHA256_SIZE];
    struct provider_reply reply;   /* the answer */
    int (*answered)(struct task *t, struct flow_notice *n);
};

/* Works on n (in the task's arena, also t->state) and calls `answered` with the reply filled in, also when the database
 * cannot be reached or the deadline passes (then the reply is the provider's form of 503). */
int flow_notice(struct task *t, struct flow_notice *n) RC_MUST;

#endif
