/* What one serving process owns. `flow` is first: handlers see it as rq->app. */
#ifndef KHOP_APP_SERVE_PRIVATE_H
#define KHOP_APP_SERVE_PRIVATE_H

#include "khop/app/serve.h"
#include "khop/auth/session.h"
#include "khop/flow/flow.h"
#include "khop/http/server.h"
#include "khop/tls/tls.h"

/* Upper bounds of the latency histogram, milliseconds; one more bucket for what is slower. */
#define METRICS_BOUNDS 12

struct metrics {
    uint64_t by_class[6];                /* 1xx … 5xx */
    uint64_t le[METRICS_BOUNDS + 1];
    uint64_t sum_us;
    uint64_t unsigned_transfers;         /* read every few seconds, for one scrape must not wait for the database */
    int64_t lag_us;
};

struct serve {
    struct flow flow;
    const struct config *config;
    struct http_server *http;
    struct tls_server *tls;
    struct metrics metrics;
    struct loop_timer tick;
    struct task setup;      /* registers the receipt key, again until it is done */
    struct task kinds;      /* looks at the kinds of codes now and then */
    bool asking_kinds;
    int64_t kinds_due_ms;
    struct task offer;      /* of the making of the first administrator, once, by the first process */
    char offer_code[AUTH_SECRET_SIZE];
    int index;
    bool registering, failed_schema;
    struct task look;       /* reads what /metrics tells of other processes */
    int64_t look_at_ms;
    bool looking;
    int exit_status;
    char hosts[CONFIG_TEXT_MAX], proxies[CONFIG_TEXT_MAX];
    char webhook_allow[CONFIG_TEXT_MAX];
    const char *webhook_list[CONFIG_LIST_MAX + 1];
    const char *host_list[CONFIG_LIST_MAX + 1], *proxy_list[CONFIG_LIST_MAX + 1];
};

#endif
