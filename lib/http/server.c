#include "http_private.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include "khop/base/banned.h"

#define RESERVED_FILES 64
#define SWEEP_MAX_MS   250
#define SWEEP_MIN_MS   5
#define COMMON_MAX     1024

int64_t server_clock_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t server_now_us(const struct http_server *s)
{
    return s->clock_us != 0 ? s->clock_us : server_clock_us();
}

int64_t server_now(const struct http_server *s)
{
    return loop_now_ms(s->loop);
}

void server_clock_hold(struct http_server *s)
{
    s->clock_us = server_clock_us();
    loop_clock_hold(s->loop, s->clock_us / 1000);
}

void server_clock_drop(struct http_server *s)
{
    s->clock_us = 0;
    loop_clock_drop(s->loop);
}

static void set_default(int64_t *value, int64_t normal)
{
    if (*value == 0)
        *value = normal;
}

static void set_default_size(size_t *value, size_t normal)
{
    if (*value == 0)
        *value = normal;
}

static struct http_limits limits_of(const struct http_limits *given)
{
    struct http_limits l = *given;
    struct rlimit files;

    set_default_size(&l.connections, 4096);
    set_default_size(&l.requests, 100000);
    set_default_size(&l.streams, 1024);
    set_default(&l.head_ms, 10000);
    set_default(&l.body_ms, 20000);
    set_default(&l.body_grace_ms, 5000);
    set_default(&l.idle_ms, 30000);
    set_default(&l.write_ms, 20000);
    set_default(&l.age_ms, 3600000);
    set_default(&l.beat_ms, 15000);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
        size_t most = files.rlim_cur > RESERVED_FILES + 1 ? (size_t)files.rlim_cur - RESERVED_FILES : 1;

        if (l.connections > most)
            l.connections = most;
    }
    return l;
}

/* Often enough that the shortest deadline is kept within a quarter. */
static int64_t sweep_interval(const struct http_limits *l)
{
    int64_t all[] = { l->head_ms, l->body_ms, l->body_grace_ms, l->idle_ms, l->write_ms, l->age_ms, l->beat_ms };
    int64_t ms = SWEEP_MAX_MS;

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] / 4 < ms)
            ms = all[i] / 4;
    }
    return ms < SWEEP_MIN_MS ? SWEEP_MIN_MS : ms;
}

static void kicked(evutil_socket_t fd, short what, void *server)
{
    struct http_server *s = server;
    struct http_conn *last = TAILQ_LAST(&s->ready, conn_list);
    struct http_conn *c;

    (void)fd;
    (void)what;
    /* Those that are scheduled again by this round wait for the next. The last one may go while another runs; then the
     * list ends the round. */
    server_clock_hold(s);
    while ((c = TAILQ_FIRST(&s->ready)) != NULL) {
        bool over = c == last;

        conn_resume(c);
        if (over)
            break;
    }
    server_clock_drop(s);
}

static void server_destroy(struct http_server *s)
{
    while (s->slots != NULL) {
        struct http_slot *slot = s->slots;

        s->slots = slot->next;
        slot_free(slot);
    }
    while (s->nbufs > 0)
        buf_release(&s->bufs[--s->nbufs]);
    buf_release(&s->common);
    gzip_free(s->gzip);
    map_free(s->peers);
    route_table_free(s->routes);
    free(s);
}

void server_unref(struct http_server *s)
{
    if (--s->refs == 0)
        server_destroy(s);
}

struct http_server *http_serve(struct loop *l, int listener, const struct http_config *config)
{
    struct http_server *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->refs = 1;
    s->loop = l;
    s->listener = listener;
    s->reserve = -1;
    s->config = *config;
    s->limits = limits_of(&config->limits);
    TAILQ_INIT(&s->conns);
    TAILQ_INIT(&s->idle);
    TAILQ_INIT(&s->ready);
    buf_init(&s->common, COMMON_MAX);
    event_assign(&s->kick, loop_base(l), -1, 0, kicked, s);
    s->routes = route_table_new(config->routes, config->nroutes);
    s->peers = map_new(s->limits.connections);
    if (s->routes == NULL || s->peers == NULL) {
        server_unref(s);
        return NULL;
    }
    if (loop_timer_start(l, &s->sweep, sweep_interval(&s->limits), true, conn_sweep, s) < 0 || accept_start(s) < 0) {
        http_free(s);
        return NULL;
    }
    return s;
}

static void drain_one(struct http_conn *c)
{
    switch (c->phase) {
    case CONN_IDLE:
        conn_set_phase(c, CONN_FLUSH);
        conn_flush(c);
        break;
    case CONN_HEAD:
        if (c->in.n == 0)
            conn_close(c, false);
        break;
    case CONN_STREAM:
        sse_end_soon(c);
        break;
    case CONN_BODY:
    case CONN_BUSY:
        c->close_after = true;
        break;
    case CONN_FLUSH:
    case CONN_LINGER:
    case CONN_CLOSED:
        break;
    }
}

void http_drain(struct http_server *s)
{
    struct http_conn *c;

    if (s->draining)
        return;
    s->draining = true;
    accept_stop(s);
    for (c = TAILQ_FIRST(&s->conns); c != NULL; c = s->walk) {
        s->walk = TAILQ_NEXT(c, link);
        drain_one(c);
    }
}

void http_free(struct http_server *s)
{
    struct http_conn *c;

    if (s == NULL)
        return;
    s->draining = true;
    s->closed = true;
    accept_stop(s);
    loop_timer_stop(&s->sweep);
    while ((c = TAILQ_FIRST(&s->conns)) != NULL)
        conn_close(c, false);
    (void)event_del(&s->kick);
    server_unref(s);
}

void http_stats(const struct http_server *s, struct http_stats *out)
{
    *out = s->stats;
}
