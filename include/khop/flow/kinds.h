/* The kinds of payment codes (design.md §4) as the database has them: what the API calls them, which letters a memo is
 * searched for. Every process starts with those of the first installation and asks for the list now and then; codes of a
 * new kind are issued only after all processes have had the time to ask (KINDS_SETTLE_MS). */
#ifndef KHOP_FLOW_KINDS_H
#define KHOP_FLOW_KINDS_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/db/db.h"
#include <stdbool.h>
#include <stdint.h>

#define FLOW_KINDS_MAX       31
#define FLOW_KIND_NAME       16   /* bytes */
#define FLOW_KINDS_PERIOD_MS 2000 /* between two looks at the list */
#define FLOW_KINDS_SETTLE_MS 5000 /* from adding a kind to the first code of it */

struct flow_kind {
    char letter;
    bool out;    /* money goes out: codes have a payee */
    bool usable; /* codes of it may be issued */
    char name[FLOW_KIND_NAME + 1];
};

struct flow_kinds {
    uint32_t letters; /* of all of them, for match_find */
    size_t n;
    struct flow_kind kind[FLOW_KINDS_MAX];
};

/* Those of the first installation. */
void flow_kinds_init(struct flow_kinds *k);
/* By its letter, or by its name or letter as text; NULL: unknown. */
const struct flow_kind *flow_kind_of(const struct flow_kinds *k, char letter);
const struct flow_kind *flow_kind_named(const struct flow_kinds *k, struct slice name);
/* What the API calls it; the letter itself while this process has not heard of it. Stays until the list is read again. */
struct slice flow_kind_name(const struct flow_kinds *k, const char *letter);

/* Asks for the list; the next step reads it with flow_kinds_read, which leaves *k alone on failure. */
int flow_kinds_ask(struct task *t, struct db *db, task_step next) RC_MUST;
int flow_kinds_read(struct task *t, struct flow_kinds *k) RC_MUST;

#endif
