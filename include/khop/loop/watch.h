/* A descriptor that the loop watches, for those who do not see libevent: libpq's socket. The object is the caller's and must
 * stay until stopped; stopping (and starting again) inside its own callback is allowed. The descriptor stays the caller's. */
#ifndef KHOP_LOOP_WATCH_H
#define KHOP_LOOP_WATCH_H

#include "khop/base/rc.h"
#include "khop/loop/loop.h"
#include <stdbool.h>

struct loop_watch {
    void *event;
    int fd;
    bool read, write;
    void (*fn)(bool readable, bool writable, void *arg);
    void *arg;
};

/* Calls fn whenever the descriptor is ready, until stopped. Starting a started watch changes what it waits for (and the
 * descriptor, which costs nothing when it is the same). RC_NOMEM. */
int loop_watch_start(struct loop *l, struct loop_watch *w, int fd, bool read, bool write,
                     void (*fn)(bool readable, bool writable, void *arg), void *arg) RC_MUST;
void loop_watch_stop(struct loop_watch *w); /* also when never started (zeroed) */

#endif
