/* What loop.c and task.c share. */
#ifndef KHOP_LIB_LOOP_LOOP_PRIVATE_H
#define KHOP_LIB_LOOP_LOOP_PRIVATE_H

#include "khop/loop/loop.h"
#include "khop/loop/task.h"
#include <stddef.h>
#include <sys/queue.h>

TAILQ_HEAD(task_list, task);

struct task_set {
    struct task_list live;  /* begun and not yet released, oldest first */
    struct task_list ready; /* parked and woken */
    size_t count;           /* of live */
    struct loop_timer sweep;
    unsigned char random[256]; /* for traces, taken from the front */
    size_t random_left;
};

void task_set_init(struct task_set *s);
/* Releases every task that is still alive, answered or not. */
void task_set_release(struct task_set *s);
struct task_set *loop_tasks(struct loop *l);

#endif
