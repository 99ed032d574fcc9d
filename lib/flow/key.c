#include "khop/flow/flow.h"

#include "khop/base/banned.h"

struct flow_key_wait {
    SLIST_ENTRY(flow_key_wait) link;
    struct task *task;
};

int flow_key_await(struct task *t, struct flow *f, task_step next)
{
    struct flow_key_wait *w;

    if (f->key_no != 0)
        return next(t);
    w = arena_alloc(t->arena, sizeof *w);
    if (w == NULL)
        return RC_NOMEM;
    w->task = t;
    task_hold(t);
    SLIST_INSERT_HEAD(&f->key_waits, w, link);
    return task_park(t, next);
}

void flow_key_known(struct flow *f, int16_t key_no)
{
    struct flow_key_wait *w;

    f->key_no = key_no;
    while ((w = SLIST_FIRST(&f->key_waits)) != NULL) {
        SLIST_REMOVE_HEAD(&f->key_waits, link);
        task_wake(w->task, RC_OK);
    }
}
