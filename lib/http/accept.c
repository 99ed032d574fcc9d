/* New connections: limits, and what happens when descriptors run out. */
#include "http_private.h"
#include "khop/base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "khop/base/banned.h"

#define ACCEPT_TURN_MAX     64
#define ACCEPT_PAUSE_MS     100
#define ACCEPT_COMPLAINT_MS 10000

static void accept_again(void *server)
{
    struct http_server *s = server;

    if (!s->draining && event_add(&s->accept_event, NULL) != 0)
        (void)!loop_timer_start(s->loop, &s->pause, ACCEPT_PAUSE_MS, false, accept_again, s);
}

static int take_one(struct http_server *s, struct sockaddr_storage *from)
{
    socklen_t n = sizeof *from;

    from->ss_family = AF_UNSPEC;
    return accept4(s->listener, (struct sockaddr *)(void *)from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* The listener stays readable while nothing can be accepted: left on, the loop would spin. One client is told by a
 * closed connection, for which the reserve descriptor is given up a moment; the oldest idle connection makes room. */
static void descriptors_out(struct http_server *s, int error)
{
    int64_t now = server_now(s);
    struct http_conn *oldest = TAILQ_FIRST(&s->idle);
    struct sockaddr_storage from;

    if ((error == EMFILE || error == ENFILE) && s->reserve >= 0) {
        close(s->reserve);

        int fd = take_one(s, &from);

        if (fd >= 0)
            close(fd);
        s->stats.shed += fd >= 0;
        s->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (oldest != NULL) {
        s->stats.shed++;
        conn_close(oldest, false);
    }
    if (now >= s->next_complaint) {
        s->next_complaint = now + ACCEPT_COMPLAINT_MS;
        log_error("accept_failed", "errno=%d open=%zu shed=%llu", error, s->stats.open,
                  (unsigned long long)s->stats.shed);
    }
    if (loop_timer_start(s->loop, &s->pause, ACCEPT_PAUSE_MS, false, accept_again, s) == RC_OK)
        (void)event_del(&s->accept_event);
}

/* Room for one more, if need be by closing who has been idle longest. */
static bool make_room(struct http_server *s)
{
    struct http_conn *oldest = TAILQ_FIRST(&s->idle);

    if (s->stats.open < s->limits.connections)
        return true;
    s->stats.shed++;
    if (oldest == NULL)
        return false;
    conn_close(oldest, false);
    return true;
}

static void welcome(struct http_server *s, int fd, const struct sockaddr_storage *from)
{
    s->stats.accepted++;
    if (!make_room(s)) {
        close(fd);
        return;
    }

    struct http_conn *c = conn_open(s, fd);

    if (c != NULL && peer_enter(c, from) < 0) {
        s->stats.shed++;
        conn_close(c, true);
    }
}

static void accept_ready(evutil_socket_t fd, short what, void *server)
{
    struct http_server *s = server;
    struct sockaddr_storage from;

    (void)fd;
    (void)what;
    for (int i = 0; i < ACCEPT_TURN_MAX; i++) {
        int got = take_one(s, &from);

        if (got >= 0) {
            welcome(s, got, &from);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            descriptors_out(s, errno);
            return;
        } else if (errno == EAGAIN || errno == EINVAL || errno == EBADF) {
            return;
        } /* else: that connection failed before we took it; the next may be good */
    }
}

int accept_start(struct http_server *s)
{
    s->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
    event_assign(&s->accept_event, loop_base(s->loop), s->listener, EV_READ | EV_PERSIST, accept_ready, s);
    return event_add(&s->accept_event, NULL) == 0 ? RC_OK : RC_NOMEM;
}

void accept_stop(struct http_server *s)
{
    (void)event_del(&s->accept_event);
    loop_timer_stop(&s->pause);
    if (s->reserve >= 0)
        close(s->reserve);
    s->reserve = -1;
}
