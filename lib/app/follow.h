/* The follower of the journal: signs receipts after they were settled. One at a time, wherever khopd runs. */
#ifndef KHOP_APP_FOLLOW_H
#define KHOP_APP_FOLLOW_H

#include "khop/app/serve.h"
#include "khop/loop/loop.h"

struct follow;

/* On a connection of its own, whose session holds the lock. NULL without memory or with a key that cannot sign. */
struct follow *follow_new(struct loop *l, const struct config *config, const struct app_keys *keys);
void follow_free(struct follow *f); /* accepts NULL; when no task runs any more */
void follow_tick(struct follow *f);

#endif
