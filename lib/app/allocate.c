#include "allocate.h"

#include "khop/base/log.h"
#include "khop/flow/allocate.h"
#include "khop/loop/task.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define IDLE_MS          200 /* how long money waits at most while nothing else does */
#define REST_MS          1000 /* after trouble, and when another process is at the same money */
#define TURN_DEADLINE_MS 60000
#define TRIES            20 /* of the same money, that others do not change for so long: then a person looks at it */

struct allocator {
    struct loop *loop;
    struct db *db;
    struct task task;
    bool busy, more;
    int64_t tried;
    int tries;
    int64_t rest_until_ms;
};

static void turn_start(struct allocator *a);

static void turn_released(struct task *t)
{
    struct allocator *a = t->state;

    arena_free(t->arena);
    a->busy = false;
    if (a->more && !loop_stopping(a->loop))
        turn_start(a);
}

static void turn_failed(struct task *t, int rc)
{
    struct allocator *a = t->state;

    if (rc == RC_CONFLICT || rc == RC_NOT_FOUND)
        a->tries++;
    else
        log_warn("allocation_failed", "rc=%s do=\"it is tried again\"", rc_name(rc));
    a->rest_until_ms = loop_now_ms(a->loop) + REST_MS;
    task_end(t);
}

static int applied(struct task *t)
{
    struct allocator *a = t->state;
    int rc = flow_allocate_applied(t);

    if (rc < 0)
        return rc;
    a->more = true; /* the next at once */
    task_end(t);
    return RC_OK;
}

static int found(struct task *t)
{
    struct allocator *a = t->state;
    int64_t id = flow_allocate_found(t);

    if (id == 0) {
        task_end(t);
        return RC_OK;
    }
    if (id != a->tried) {
        a->tried = id;
        a->tries = 0;
    }
    if (a->tries == TRIES)
        log_warn("allocation_left", "exception=%lld do=\"a person decides on the exceptions page\"", (long long)id);
    return flow_allocate_apply(t, a->db, a->tries >= TRIES, applied);
}

static int turn_begin(struct task *t)
{
    struct allocator *a = t->state;

    return flow_allocate_next(t, a->db, found);
}

static void turn_start(struct allocator *a)
{
    struct arena *arena = arena_new(0);

    a->rest_until_ms = loop_now_ms(a->loop) + IDLE_MS;
    a->more = false;
    if (arena == NULL)
        return;
    a->busy = true;
    task_begin(&a->task, a->loop, arena, loop_now_ms(a->loop) + TURN_DEADLINE_MS, turn_failed, turn_released);
    a->task.state = a;
    task_run(&a->task, turn_begin);
}

void allocator_tick(struct allocator *a)
{
    if (!a->busy && a->rest_until_ms <= loop_now_ms(a->loop))
        turn_start(a);
}

struct allocator *allocator_new(struct loop *l, struct db *db)
{
    struct allocator *a = calloc(1, sizeof *a);

    if (a != NULL)
        *a = (struct allocator){ .loop = l, .db = db };
    return a;
}

void allocator_free(struct allocator *a)
{
    free(a);
}
