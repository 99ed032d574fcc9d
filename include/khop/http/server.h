/* The HTTP/1.1 server: strict reader, keep-alive, pipelining in order, limits and deadlines of security.md §3.
 *
 * A connection serves one request at a time; what follows it waits, at most 8 heads or 16 KiB, then nothing is read. A
 * request that breaks a rule of framing is answered with fixed text and the connection closed. Everything else that is
 * wrong with a request (no such route, too large, late) goes through fail and fail_status, which give it its form. */
#ifndef KHOP_HTTP_SERVER_H
#define KHOP_HTTP_SERVER_H

#include "khop/http/req.h"
#include <stddef.h>

/* A pattern is literal but for "{}", which matches one or more bytes other than '/'; "{}.jws" needs the suffix. At most
 * one {} between two slashes, and REQ_PARAMS_MAX in all. The first route that fits wins; a path that fits with another
 * method gives 405 and Allow. */
struct route {
    enum http_method method; /* GET serves HEAD too */
    const char *pattern;
    int (*handle)(struct req *rq); /* 0 after it replied or parked, negative rc otherwise */
    size_t body_max;               /* 0 for GET */
    int64_t deadline_ms;           /* 0: 30 s */
    bool stream;                   /* handle runs before the body is read and takes it by req_body_next */
};

struct http_limits {
    size_t connections;      /* 4,096; fewer when the process may not open so many files (64 are reserved) */
    size_t per_address;      /* 0 = none; the product's default is 128. IPv6: per /64. Never for proxies */
    int64_t head_ms;         /* 10 s */
    int64_t body_ms;         /* 20 s */
    int64_t body_grace_ms;   /* 5 s; then at least 256 B/s */
    int64_t idle_ms;         /* 30 s */
    int64_t write_ms;        /* 20 s without progress */
    int64_t age_ms;          /* 1 h */
    size_t requests;         /* 100,000 per connection */
    size_t streams;          /* 1,024 server-sent event streams */
    int64_t beat_ms;         /* 15 s between heartbeats of a stream */
};

struct http_config {
    const struct route *routes;
    size_t nroutes;
    void *app;
    /* Turns an rc into an answer: must call reply(). NULL: fixed text. */
    void (*fail)(struct req *rq, int rc);
    /* The same for 404, 405 (Allow is set), 408, 411, 413, 421, 501 and a bad body (400). rq->route may be NULL. */
    void (*fail_status)(struct req *rq, int status);
    const char *const *hosts;     /* accepted Host values without port, NULL-ended; NULL: any. IPv6 in brackets */
    const char *const *proxies;   /* addresses whose X-Forwarded-For and -Proto count, NULL-ended; "unix": Unix sockets */
    const char *const *languages; /* offered, default first, NULL-ended; NULL: "vi" */
    struct http_limits limits;    /* zero members take the defaults above */
    struct tls_server *tls;       /* NULL: plain */
    /* Called once per answer of a request, for the access log and metrics; us from its head to its answer. */
    void (*done)(const struct req *rq, int status, int64_t us);
};

struct http_server;
/* Serves on a listening socket (owned by the caller, non-blocking). The config is copied; what it points at must stay.
 * NULL without memory. */
struct http_server *http_serve(struct loop *l, int listener, const struct http_config *config);
/* Stops accepting, closes idle connections, marks the others "Connection: close", ends streams. An answer that is not
 * yet written keeps the loop (loop_keep). */
void http_drain(struct http_server *s);
/* Closes every connection. Tasks that are still at work go on without one. Accepts NULL. */
void http_free(struct http_server *s);

struct http_stats {
    uint64_t accepted, requests;
    uint64_t rejected; /* connections closed for a bad head */
    uint64_t shed;     /* refused at a limit, or closed idle to make room */
    size_t open, streams;
};
void http_stats(const struct http_server *s, struct http_stats *out);

#endif
