#include "khop/loop/listen.h"
#include "khop/base/num.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "khop/base/banned.h"

static int parse_v4(struct slice host, in_port_t port, struct listen_addr *out)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port };
    char text[INET_ADDRSTRLEN];

    if (host.n >= sizeof text || memchr(host.p, '\0', host.n) != NULL)
        return RC_BAD_INPUT;
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
    if (inet_pton(AF_INET, text, &in.sin_addr) != 1)
        return RC_BAD_INPUT;
    memcpy(&out->sa, &in, sizeof in);
    out->len = sizeof in;
    return RC_OK;
}

static int parse_v6(struct slice host, in_port_t port, struct listen_addr *out)
{
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = port };
    char text[INET6_ADDRSTRLEN];

    if (host.n >= sizeof text || memchr(host.p, '\0', host.n) != NULL)
        return RC_BAD_INPUT;
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
    if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1)
        return RC_BAD_INPUT;
    memcpy(&out->sa, &in6, sizeof in6);
    out->len = sizeof in6;
    return RC_OK;
}

int listen_parse(struct slice text, struct listen_addr *out)
{
    const char *colon = text.n == 0 ? NULL : memrchr(text.p, ':', text.n);
    int64_t port;

    if (colon == NULL)
        return RC_BAD_INPUT;

    struct slice host = slice_sub(text, 0, (size_t)(colon - text.p));

    if (num_parse(slice_sub(text, host.n + 1, text.n), 0, 65535, false, &port) != RC_OK || host.n == 0)
        return RC_BAD_INPUT;
    memset(out, 0, sizeof *out);
    if (host.p[0] != '[')
        return parse_v4(host, htons((uint16_t)port), out);
    if (host.n < 3 || host.p[host.n - 1] != ']')
        return RC_BAD_INPUT;
    return parse_v6(slice_sub(host, 1, host.n - 2), htons((uint16_t)port), out);
}

void listen_text(char out[LISTEN_TEXT_SIZE], const struct listen_addr *addr)
{
    char host[INET6_ADDRSTRLEN] = "?";

    if (addr->sa.ss_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, &addr->sa, sizeof in6);
        (void)inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host);
        (void)snprintf(out, LISTEN_TEXT_SIZE, "[%s]:%d", host, ntohs(in6.sin6_port));
    } else {
        struct sockaddr_in in;

        memcpy(&in, &addr->sa, sizeof in);
        (void)inet_ntop(AF_INET, &in.sin_addr, host, sizeof host);
        (void)snprintf(out, LISTEN_TEXT_SIZE, "%s:%d", host, ntohs(in.sin_port));
    }
}

static int rc_of_errno(int error)
{
    switch (error) {
    case EADDRINUSE:
        return RC_CONFLICT;
    case EACCES:
    case EPERM:
        return RC_FORBIDDEN;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return RC_UNAVAILABLE;
    default:
        return RC_IO;
    }
}

/* Sets up the socket; the name of the call that failed, with errno, or NULL. */
static const char *set_up(int fd, const struct listen_addr *addr, bool reuse_port)
{
    int on = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
        return "SO_REUSEADDR";
    if (reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
        return "SO_REUSEPORT";
    if (addr->sa.ss_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
        return "IPV6_V6ONLY";
    if (bind(fd, (const struct sockaddr *)&addr->sa, addr->len) != 0)
        return "bind";
    if (listen(fd, LISTEN_BACKLOG) != 0)
        return "listen";
    return NULL;
}

static int explain(char error[LISTEN_ERROR_SIZE], const char *where, const char *call, int err)
{
    (void)snprintf(error, LISTEN_ERROR_SIZE, "cannot listen on %s: %s: %s", where, call, strerror(err));
    return rc_of_errno(err);
}

int listen_open(struct slice text, bool reuse_port, int *fd, struct listen_addr *bound, char error[LISTEN_ERROR_SIZE])
{
    char where[LISTEN_TEXT_SIZE];
    struct listen_addr addr, got = { .len = sizeof got.sa };

    error[0] = '\0';
    if (listen_parse(text, &addr) != RC_OK) {
        (void)snprintf(error, LISTEN_ERROR_SIZE,
                       "not an address to listen on: \"%.*s\" (wanted such as 127.0.0.1:8080 or [::1]:8080)",
                       SLICE_FMT(slice_sub(text, 0, 60)));
        return RC_BAD_INPUT;
    }
    listen_text(where, &addr);

    int s = socket(addr.sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

    if (s < 0)
        return explain(error, where, "socket", errno);

    const char *call = set_up(s, &addr, reuse_port);

    if (call == NULL && getsockname(s, (struct sockaddr *)&got.sa, &got.len) != 0)
        call = "getsockname";
    if (call != NULL) {
        int err = errno;

        close(s);
        return explain(error, where, call, err);
    }
    if (bound != NULL)
        *bound = got;
    *fd = s;
    return RC_OK;
}
