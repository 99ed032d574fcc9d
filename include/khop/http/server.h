/* The HTTP/1.1 server: strict reader, keep-alive, pipelining in order, limits and deadlines of security.md §3. */
#ifndef KHOP_HTTP_SERVER_H
#define KHOP_HTTP_SERVER_H

#include "khop/http/req.h"
#include <stddef.h>

/* A pattern is literal but for "{}", which matches one or more bytes other than '/'; "{}.jws" needs the suffix. The first
 * route that fits wins; a path that fits with another method gives 405 and Allow. */
struct route {
    enum http_method method; /* GET serves HEAD too */
    const char *pattern;
    int (*handle)(struct req *rq); /* 0 after it replied or parked, negative rc otherwise */
    size_t body_max;               /* 0 for GET */
    int64_t deadline_ms;           /* 0: 30 s */
};

struct http_limits {
    size_t connections;      /* 4,096 */
    size_t per_address;      /* 128; 0 = none */
    int64_t head_ms;         /* 10 s */
    int64_t body_ms;         /* 20 s */
    int64_t idle_ms;         /* 30 s */
    int64_t write_ms;        /* 20 s */
    int64_t age_ms;          /* 1 h */
    size_t requests;         /* 100,000 per connection */
};

struct http_config {
    const struct route *routes;
    size_t nroutes;
    void *app;
    /* Turns an rc into an answer: must call reply(). Also used for 404, 405 and so on through fail_status. */
    void (*fail)(struct req *rq, int rc);
    void (*fail_status)(struct req *rq, int status);
    const char *const *hosts;   /* accepted Host values without port, NULL-ended; NULL: any */
    const char *const *proxies; /* addresses whose X-Forwarded-For and -Proto count, NULL-ended */
    struct http_limits limits;  /* zero members take the defaults above */
    struct tls_server *tls;     /* NULL: plain */
    /* Called once per answer, for the access log and metrics. */
    void (*done)(const struct req *rq, int status, int64_t us);
};

struct http_server;
/* Serves on a listening socket (owned by the caller, non-blocking). NULL without memory. */
struct http_server *http_serve(struct loop *l, int listener, const struct http_config *config);
/* Stops accepting, closes idle connections, marks the others "Connection: close", ends streams. */
void http_drain(struct http_server *s);
void http_free(struct http_server *s);

struct http_stats {
    uint64_t accepted, requests, rejected, shed;
    size_t open, streams;
};
void http_stats(const struct http_server *s, struct http_stats *out);

#endif
