/* Memory with one lifetime: everything taken from an arena goes when the arena goes. Each task has one.
 * With the environment variable KHOP_ARENA_MALLOC (or under AddressSanitizer) every allocation is a malloc of its own,
 * so that an overrun is seen. Not thread safe. */
#ifndef KHOP_BASE_ARENA_H
#define KHOP_BASE_ARENA_H

#include "khop/base/slice.h"
#include <stddef.h>

struct arena;

/* At most `limit` bytes in all (0 = 64 MiB). NULL when there is no memory. */
struct arena *arena_new(size_t limit);
/* Runs the hooks, last registered first, then frees everything. Accepts NULL. */
void arena_free(struct arena *a);
/* Hooks run, memory is kept for the next use. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any type. NULL over the limit or without memory. */
void *arena_alloc(struct arena *a, size_t n);
/* count × size with overflow check. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A copy ended by NUL. NULL without memory. */
char *arena_strndup(struct arena *a, const char *p, size_t n);
/* A copy (also ended by NUL); p == NULL without memory. */
struct slice arena_copy(struct arena *a, struct slice s);
/* Formatted text ended by NUL. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Calls fn(arg) when the arena goes. Negative without memory: then fn has been called at once. */
int arena_defer(struct arena *a, void (*fn)(void *), void *arg);
/* Bytes handed out since the start or the last reset (for cost counters). */
size_t arena_used(const struct arena *a);

#endif
