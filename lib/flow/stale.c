#include "khop/flow/stale.h"

#include <stddef.h>

#include "khop/base/banned.h"

static struct flow_stale_entry *stale_entry(struct flow_stale *s, int64_t connection_id)
{
    struct flow_stale_entry *oldest = &s->entry[0];

    for (size_t i = 0; i < FLOW_STALE_TABLE; i++) {
        struct flow_stale_entry *e = &s->entry[i];

        if (e->connection_id == connection_id)
            return e;
        if (oldest->connection_id != 0 && (e->connection_id == 0 || e->began_ms < oldest->began_ms))
            oldest = e;
    }
    *oldest = (struct flow_stale_entry){ .connection_id = connection_id };
    return oldest;
}

bool flow_stale_count(struct flow_stale *s, int64_t connection_id, int64_t now_ms)
{
    struct flow_stale_entry *e = stale_entry(s, connection_id);

    if (e->count == 0 || now_ms - e->began_ms >= FLOW_STALE_WINDOW_MS) {
        e->began_ms = now_ms;
        e->count = 0;
    }
    if (e->count <= FLOW_STALE_MAX)
        e->count++;
    else
        return false; /* told already */
    if (e->count <= FLOW_STALE_MAX)
        return false;
    s->alarms++;
    return true;
}
