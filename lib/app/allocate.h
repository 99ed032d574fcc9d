/* Places what waits in suspense and needs no person, moments after it was settled. Safe to run in many processes. */
#ifndef KHOP_APP_ALLOCATE_H
#define KHOP_APP_ALLOCATE_H

#include "khop/db/db.h"

struct allocator;

struct allocator *allocator_new(struct loop *l, struct db *db); /* NULL without memory */
void allocator_free(struct allocator *a);                       /* accepts NULL; when no task runs any more */
void allocator_tick(struct allocator *a);

#endif
