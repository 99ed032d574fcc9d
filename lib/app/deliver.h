/* Deliveries to webhooks: the journal is turned into deliveries once a second, those that are due are claimed, sent and reported. Whatever ends in
 * between, the lease runs out and another process sends it again, under the same id. */
#ifndef KHOP_APP_DELIVER_H
#define KHOP_APP_DELIVER_H

#include "khop/app/config.h"
#include "khop/app/serve.h"
#include "khop/db/db.h"

struct deliver;

struct deliver *deliver_new(struct loop *l, struct db *db, const struct config *config, const struct app_keys *keys); /* NULL without memory */
void deliver_free(struct deliver *d); /* accepts NULL; before the loop goes */
/* What is on its way is given up: it comes again when its lease has run out. To be called when the process ends. */
void deliver_stop(struct deliver *d);
void deliver_tick(struct deliver *d);

#endif
