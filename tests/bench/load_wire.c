#include "load.h"

#include "khop/base/num.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "khop/base/banned.h"

#define ANSWER_MAX (1 << 20)
#define EVENTS     256

struct conn {
    int fd;
    SSL *ssl;
    bool busy, dead;
    const char *out;
    size_t out_n;
    char *in;
    size_t in_n, in_cap, need; /* need: whole answer's size once its head is known */
    int status;
    int64_t started_ns;
};

struct wire {
    const struct load_plan *plan;
    const struct load_run *run;
    struct load_result *r;
    struct conn *conns;
    SSL_CTX *tls;
    int epoll;
    size_t next, done;
    int64_t begin_ns;
};

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void record(struct load_result *r, int64_t ns)
{
    uint64_t us = (uint64_t)(ns / 1000), step = 0;

    if (us >= 32) {
        unsigned top = 63U - (unsigned)__builtin_clzll(us); /* ≥ 5 */

        step = (uint64_t)(top - 4) * 32 + ((us >> (top - 5)) & 31);
    } else {
        step = us;
    }
    if (step >= LOAD_HISTOGRAM)
        step = LOAD_HISTOGRAM - 1;
    r->histogram[step]++;
}

static double step_ms(size_t step)
{
    if (step < 32)
        return (double)step / 1000;
    unsigned top = (unsigned)(step / 32) + 4;
    double low = (double)((uint64_t)1 << top);

    return (low + low / 32 * (double)(step % 32 + 1)) / 1000;
}

double load_percentile(const struct load_result *r, double share)
{
    uint64_t total = 0, seen = 0;

    for (size_t i = 0; i < LOAD_HISTOGRAM; i++)
        total += r->histogram[i];
    for (size_t i = 0; i < LOAD_HISTOGRAM; i++) {
        seen += r->histogram[i];
        if ((double)seen >= share * (double)total)
            return step_ms(i);
    }
    return 0;
}

static ssize_t conn_write(struct conn *c, const char *p, size_t n)
{
    return c->ssl != NULL ? SSL_write(c->ssl, p, (int)n) : send(c->fd, p, n, MSG_NOSIGNAL);
}

static ssize_t conn_read(struct conn *c, char *p, size_t n)
{
    if (c->ssl == NULL)
        return recv(c->fd, p, n, 0);
    int got = SSL_read(c->ssl, p, (int)n);

    if (got > 0)
        return got;
    errno = SSL_get_error(c->ssl, got) == SSL_ERROR_WANT_READ ? EAGAIN : EIO;
    return -1;
}

static bool conn_open(struct wire *w, struct conn *c)
{
    struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)w->run->port) };
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
    int one = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || inet_pton(AF_INET, w->run->address, &sa.sin_addr) != 1 ||
        connect(c->fd, (struct sockaddr *)&sa, sizeof sa) < 0)
        return false;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (w->tls != NULL) {
        c->ssl = SSL_new(w->tls);
        if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1 || SSL_connect(c->ssl) != 1)
            return false;
    }
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    c->in_cap = 16384;
    c->in = malloc(c->in_cap);
    return c->in != NULL && epoll_ctl(w->epoll, EPOLL_CTL_ADD, c->fd, &ev) == 0;
}

static void conn_lost(struct wire *w, struct conn *c)
{
    if (!c->dead)
        w->r->broken++;
    c->dead = true;
    epoll_ctl(w->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    if (c->busy)
        w->done++;
    c->busy = false;
}

static bool may_send(const struct wire *w, int64_t now)
{
    if (w->next >= w->plan->n || w->run->stop != 0)
        return false;
    if (w->run->rate == 0)
        return true;
    return (int64_t)w->next <= (now - w->begin_ns) / 1000 * w->run->rate / 1000000;
}

static void conn_start(struct wire *w, struct conn *c, int64_t now)
{
    size_t i = w->next++;

    c->out = w->plan->bytes + w->plan->at[i];
    c->out_n = w->plan->at[i + 1] - w->plan->at[i];
    c->in_n = c->need = 0;
    c->status = 0;
    c->busy = true;
    c->started_ns = now;
    while (c->out_n > 0) {
        ssize_t n = conn_write(c, c->out, c->out_n);

        if (n <= 0 && errno == EAGAIN)
            continue; /* a request is smaller than a socket's buffer */
        if (n <= 0) {
            conn_lost(w, c);
            return;
        }
        c->out += n;
        c->out_n -= (size_t)n;
    }
}

/* The size of head and body once the head is there; 0 before. */
static size_t answer_size(struct conn *c)
{
    static const char name[] = "content-length:";
    char *end = memmem(c->in, c->in_n, "\r\n\r\n", 4);
    int64_t length = 0;

    if (end == NULL)
        return 0;
    if (c->in_n > 12)
        c->status = (c->in[9] - '0') * 100 + (c->in[10] - '0') * 10 + (c->in[11] - '0');
    for (char *line = c->in; line < end; line++) {
        if (line[0] == '\n' && (size_t)(end - line) > sizeof name && strncasecmp(line + 1, name, sizeof name - 1) == 0) {
            struct slice value = { line + sizeof name, (size_t)(end - (line + sizeof name)) };

            if (num_parse(slice_trim(slice_cut(&value, '\r')), 0, ANSWER_MAX, true, &length) < 0)
                length = 0;
        }
    }
    return (size_t)(end - c->in) + 4 + (size_t)length;
}

static void conn_answered(struct wire *w, struct conn *c, int64_t now)
{
    record(w->r, now - c->started_ns);
    if (c->status >= 200 && c->status < 300) {
        w->r->ok++;
    } else {
        w->r->bad++;
        if (w->r->first_bad_status == 0)
            w->r->first_bad_status = c->status;
    }
    c->busy = false;
    w->done++;
}

static void conn_ready(struct wire *w, struct conn *c)
{
    for (;;) {
        if (c->in_n == c->in_cap) {
            char *more = c->in_cap < ANSWER_MAX ? realloc(c->in, c->in_cap * 2) : NULL;

            if (more == NULL) {
                conn_lost(w, c);
                return;
            }
            c->in = more;
            c->in_cap *= 2;
        }
        ssize_t n = conn_read(c, c->in + c->in_n, c->in_cap - c->in_n);

        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            conn_lost(w, c);
            return;
        }
        c->in_n += (size_t)n;
        if (c->need == 0)
            c->need = answer_size(c);
        if (c->need > 0 && c->in_n >= c->need) {
            int64_t now = now_ns();

            conn_answered(w, c, now);
            if (may_send(w, now))
                conn_start(w, c, now);
            return;
        }
    }
}

static void wire_loop(struct wire *w)
{
    int64_t deadline = w->begin_ns + (int64_t)(w->run->seconds * 1e9);
    struct epoll_event events[EVENTS];
    bool stop = false;

    while (w->done < w->plan->n) {
        int64_t now = now_ns();

        if (now > deadline && !stop) {
            stop = true; /* what is under way is waited for */
            w->next = w->plan->n;
        }
        bool busy = false, alive = false;

        for (int i = 0; i < w->run->connections; i++) {
            struct conn *c = &w->conns[i];

            if (!c->dead && !c->busy && may_send(w, now))
                conn_start(w, c, now);
            busy = busy || c->busy;
            alive = alive || !c->dead;
        }
        if (!alive || (!busy && w->next >= w->plan->n) || now > deadline + 40000000000)
            return;
        int n = epoll_wait(w->epoll, events, EVENTS, w->run->rate > 0 ? 1 : 1000);

        for (int i = 0; i < n; i++)
            conn_ready(w, events[i].data.ptr);
    }
}

/* The state of a process as the kernel tells it: R, S, T … */
static char process_state(int64_t pid)
{
    char path[64], text[256];
    FILE *f;
    size_t n;

    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    f = fopen(path, "re");
    if (f == NULL)
        return '\0';
    n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';

    const char *end = strrchr(text, ')');

    return end != NULL && end[1] == ' ' ? end[2] : '\0';
}

/* One request on each connection while the server is stopped; then it goes on and finds them all at once. So what it puts
 * into one batch does not depend on how busy the machine is. */
static bool burst(struct wire *w)
{
    struct epoll_event events[EVENTS];
    size_t until = w->next;

    if (kill((pid_t)w->run->stop, SIGSTOP) < 0)
        return false;
    while (process_state(w->run->stop) != 'T')
        usleep(50);
    for (int i = 0; i < w->run->connections && w->next < w->plan->n; i++, until++)
        conn_start(w, &w->conns[i], now_ns());
    if (kill((pid_t)w->run->stop, SIGCONT) < 0)
        return false;
    while (w->done < until) {
        int n = epoll_wait(w->epoll, events, EVENTS, 30000);

        if (n <= 0)
            return false;
        for (int i = 0; i < n; i++)
            conn_ready(w, events[i].data.ptr);
    }
    return true;
}

static void wire_bursts(struct wire *w)
{
    bool good = true;

    while (good && w->next < w->plan->n && w->r->broken == 0)
        good = burst(w);
    if (!good)
        w->r->broken++;
}

bool load_wire(const struct load_plan *p, const struct load_run *run, struct load_result *r)
{
    struct wire w = { .plan = p, .run = run, .r = r, .epoll = epoll_create1(EPOLL_CLOEXEC) };
    struct rusage before, after;
    bool good = true;

    w.conns = calloc((size_t)run->connections, sizeof *w.conns);
    if (run->tls) {
        w.tls = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_verify(w.tls, SSL_VERIFY_NONE, NULL);
    }
    for (int i = 0; good && i < run->connections; i++)
        good = w.conns != NULL && conn_open(&w, &w.conns[i]);
    if (!good)
        fprintf(stderr, "khop_load: cannot connect to %s:%d\n", run->address, run->port);
    getrusage(RUSAGE_SELF, &before);
    w.begin_ns = now_ns();
    if (good && run->stop != 0)
        wire_bursts(&w);
    else if (good)
        wire_loop(&w);
    r->seconds = (double)(now_ns() - w.begin_ns) / 1e9;
    getrusage(RUSAGE_SELF, &after);
    r->client_cpu = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
                    (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
    for (int i = 0; w.conns != NULL && i < run->connections; i++) {
        SSL_free(w.conns[i].ssl);
        close(w.conns[i].fd);
        free(w.conns[i].in);
    }
    free(w.conns);
    SSL_CTX_free(w.tls);
    close(w.epoll);
    return good;
}

/* Connections that have each been used once and then stay: for measuring what one costs. Ends with the process. */
bool load_idle(const struct load_run *run)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    static const size_t at[] = { 0, sizeof request - 1 };
    static struct load_result r;
    struct load_plan plan = { .bytes = (char[]){ "" }, .n = 1 };
    struct wire w = { .plan = &plan, .run = run, .r = &r, .epoll = epoll_create1(EPOLL_CLOEXEC) };
    struct epoll_event event;
    char bytes[sizeof request];

    memcpy(bytes, request, sizeof request);
    plan.bytes = bytes;
    plan.at = (size_t[]){ at[0], at[1] };
    w.conns = calloc((size_t)run->connections, sizeof *w.conns);
    if (run->tls)
        w.tls = SSL_CTX_new(TLS_client_method());
    for (int i = 0; i < run->connections; i++) {
        if (w.conns == NULL || !conn_open(&w, &w.conns[i]))
            return false;
        w.next = 0;
        conn_start(&w, &w.conns[i], now_ns());
        while (w.conns[i].busy && !w.conns[i].dead && epoll_wait(w.epoll, &event, 1, 10000) == 1)
            conn_ready(&w, event.data.ptr);
        if (w.conns[i].busy || w.conns[i].dead)
            return false;
    }
    puts("open");
    fflush(stdout);
    for (;;)
        pause();
}
