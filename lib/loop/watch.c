#include "khop/loop/watch.h"
#include <event2/event.h>
#include "khop/base/banned.h"

static void watch_ready(evutil_socket_t fd, short what, void *arg)
{
    struct loop_watch *w = arg;

    (void)fd;
    w->fn((what & EV_READ) != 0, (what & EV_WRITE) != 0, w->arg);
}

int loop_watch_start(struct loop *l, struct loop_watch *w, int fd, bool read, bool write,
                     void (*fn)(bool readable, bool writable, void *arg), void *arg)
{
    w->fn = fn;
    w->arg = arg;
    if (w->event != NULL && w->fd == fd && w->read == read && w->write == write)
        return RC_OK;
    loop_watch_stop(w);
    short what = (short)(EV_PERSIST | (read ? EV_READ : 0) | (write ? EV_WRITE : 0));
    struct event *ev = event_new(loop_base(l), fd, what, watch_ready, w);

    if (ev == NULL)
        return RC_NOMEM;
    if (event_add(ev, NULL) != 0) {
        event_free(ev);
        return RC_NOMEM;
    }
    w->event = ev;
    w->fd = fd;
    w->read = read;
    w->write = write;
    return RC_OK;
}

void loop_watch_stop(struct loop_watch *w)
{
    if (w->event != NULL)
        event_free(w->event); /* removes it first; libevent allows this inside the event's own callback */
    w->event = NULL;
}
