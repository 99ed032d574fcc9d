/* Live pages: who wants to know when a charge is paid. One look-up a second for all watched charges of a bucket, at most
 * 1,000 at a time, and one at once when this process settled one of them; so a page also hears of what another process
 * settled. Nothing is lost by a missed wake-up: the next look-up tells. */
#ifndef KHOP_FLOW_WATCH_H
#define KHOP_FLOW_WATCH_H

#include "khop/flow/flow.h"
#include <stdbool.h>
#include <sys/queue.h>

struct flow_watch_state {
    struct slice status;
    int64_t paid;
    int32_t receipts;
    struct slice last_rid; /* 16 bytes; empty if no receipt */
};

/* The watcher's own memory; filled by it but for the private part. */
struct flow_watcher {
    int32_t bucket;
    int64_t charge_id;
    /* Something changed since the last call (or this is the first look). Slices are valid during the call. It may remove
     * this watcher, no other. */
    void (*changed)(struct flow_watcher *w, const struct flow_watch_state *state);
    void *arg;
    /* private */
    TAILQ_ENTRY(flow_watcher) link;
    bool seen, due;
    int64_t paid;
    int32_t receipts;
    size_t status_n;
    char status[24];
};

struct flow_watch *flow_watch_new(struct flow *f, size_t max); /* NULL without memory */
void flow_watch_free(struct flow_watch *w);
/* RC_BUSY over the limit. */
int flow_watch_add(struct flow_watch *w, struct flow_watcher *watcher) RC_MUST;
void flow_watch_remove(struct flow_watch *w, struct flow_watcher *watcher);
/* A charge was settled here; w may be NULL (a process without pages). */
void flow_watch_changed(struct flow_watch *w, int64_t charge_id);

#endif
