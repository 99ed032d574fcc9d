/* Notices with a right signature and a time of their own that is too far off: somebody's clock is wrong, theirs or ours, and soon no
 * payment will be known. One is chance; more than three of a connection in ten minutes are an alarm, told once in that time
 * (security.md §2). Memory is that of 64 connections; with more than those in trouble the one that began first is forgotten. */
#ifndef KHOP_FLOW_STALE_H
#define KHOP_FLOW_STALE_H

#include <stdbool.h>
#include <stdint.h>

#define FLOW_STALE_TABLE     64
#define FLOW_STALE_MAX       3
#define FLOW_STALE_WINDOW_MS (10 * 60 * 1000)

struct flow_stale {
    uint64_t alarms;
    struct flow_stale_entry {
        int64_t connection_id, began_ms; /* 0: free */
        int count;
    } entry[FLOW_STALE_TABLE];
};

/* Counts one; true when it is the one that must be told. */
bool flow_stale_count(struct flow_stale *s, int64_t connection_id, int64_t now_ms);

#endif
