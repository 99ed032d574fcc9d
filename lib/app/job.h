/* The workers of a jobs process: a few jobs side by side, each a step at a time. The last worker takes only jobs for which somebody sits and
 * waits, so that a long one never keeps a receipt from being printed. */
#ifndef KHOP_LIB_APP_JOB_H
#define KHOP_LIB_APP_JOB_H

#include "khop/db/db.h"

struct job_pool;

/* field_key must stay. NULL without memory. */
struct job_pool *job_pool_new(struct loop *l, struct db *db, const uint8_t *field_key);
void job_pool_free(struct job_pool *p);                       /* accepts NULL; after the loop has ended */
/* Looks for work when a worker is free. To be called a few times a second. */
void job_pool_tick(struct job_pool *p);

#endif
