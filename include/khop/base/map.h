/* Hash map from bytes to a pointer; keys are copied, values belong to the caller. Bounded; SipHash keyed per process,
 * so that outsiders cannot choose colliding keys. */
#ifndef KHOP_BASE_MAP_H
#define KHOP_BASE_MAP_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>

struct map;

struct map *map_new(size_t max_entries); /* NULL without memory */
void map_free(struct map *m);
/* Puts or replaces; *old (may be NULL) gets the previous value. RC_NOMEM, RC_TOO_LARGE when full. */
int map_put(struct map *m, struct slice key, void *value, void **old) RC_MUST;
void *map_get(const struct map *m, struct slice key); /* NULL: not there */
void *map_remove(struct map *m, struct slice key);    /* the value that was there, or NULL */
size_t map_count(const struct map *m);
/* Visits every entry in no order; fn returns false to stop. fn must not change the map. */
void map_each(const struct map *m, bool (*fn)(struct slice key, void *value, void *arg), void *arg);

#endif
