/* A worker of jobs: takes one job after the other, for as long as there are any. Two passes over the input: every line is
 * checked before a code is issued; then parts are issued, two side by side, each in a transaction of its own. What it holds
 * is bounded: a megabyte of input and two parts. Whatever goes wrong on the way, it lets go of the job and takes it again:
 * the database knows which parts are done. */
#ifndef KHOP_APP_BULK_H
#define KHOP_APP_BULK_H

#include "khop/db/db.h"

struct bulk;

struct bulk *bulk_new(struct loop *l, struct db *db); /* NULL without memory */
void bulk_free(struct bulk *b);                       /* accepts NULL; after the loop has ended */
/* Looks for work, unless it is at work. To be called a few times a second. */
void bulk_tick(struct bulk *b);

#endif
