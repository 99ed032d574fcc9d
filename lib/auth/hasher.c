/* One thread, one queue in, one queue out, and a descriptor that tells the loop. What is in a job belongs to whoever has the job:
 * the loop until it is in the queue, the thread until it is among the done, then the loop again. */
#include "hasher.h"

#include "khop/loop/watch.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "khop/base/banned.h"

struct job {
    STAILQ_ENTRY(job) link;
    struct task *task;
    uint8_t input[SHA256_SIZE];
    uint8_t newest[SHA256_SIZE]; /* the same password with the newest pepper, where `input` has an older one */
    bool stale;
    char phc[AUTH_PHC_SIZE]; /* "": make one */
    struct auth_hashed result;
    int rc;
};
STAILQ_HEAD(job_list, job);

struct hasher {
    struct loop *loop;
    struct loop_watch watch;
    int ready; /* eventfd: something is done */
    int inside; /* jobs that the loop has given and not got back; the loop's own */
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t more;
    struct job_list waiting, done;
    bool stop;
};

static void job_free(struct job *j)
{
    explicit_bzero(j, sizeof *j);
    free(j);
}

static void job_work(struct job *j)
{
    if (j->phc[0] == '\0') {
        j->rc = argon_hash(j->input, j->result.phc);
        return;
    }
    j->result.match = argon_match(j->input, j->phc);
    if (j->result.match && (j->stale || argon_is_weak(j->phc))) {
        /* Without memory for a better one the old one stays: it matched. */
        j->result.renew = argon_hash(j->stale ? j->newest : j->input, j->result.phc) == RC_OK;
    }
}

static void *hasher_run(void *arg)
{
    struct hasher *h = arg;
    const uint64_t one = 1;

    pthread_mutex_lock(&h->lock);
    while (!h->stop) {
        struct job *j = STAILQ_FIRST(&h->waiting);

        if (j == NULL) {
            pthread_cond_wait(&h->more, &h->lock);
            continue;
        }
        STAILQ_REMOVE_HEAD(&h->waiting, link);
        pthread_mutex_unlock(&h->lock);
        job_work(j);
        pthread_mutex_lock(&h->lock);
        STAILQ_INSERT_TAIL(&h->done, j, link);
        /* A counter that is full keeps its event; nothing else can fail here. */
        (void)!write(h->ready, &one, sizeof one);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

static struct job *take(struct hasher *h, struct job_list *from)
{
    struct job *j;

    pthread_mutex_lock(&h->lock);
    j = STAILQ_FIRST(from);
    if (j != NULL)
        STAILQ_REMOVE_HEAD(from, link);
    pthread_mutex_unlock(&h->lock);
    return j;
}

/* Gives the task what was found out; it may have failed at its deadline meanwhile, then nobody looks. */
static void job_end(struct hasher *h, struct job *j)
{
    struct task *t = j->task;
    int rc = j->rc;

    h->inside--;
    if (rc == RC_OK && !task_ended(t)) {
        struct auth_hashed *result = arena_alloc(t->arena, sizeof *result);

        if (result == NULL)
            rc = RC_NOMEM;
        else
            *result = j->result;
        t->result = result;
    }
    job_free(j);
    task_wake(t, rc);
}

static void hasher_ready(bool readable, bool writable, void *arg)
{
    struct hasher *h = arg;
    struct job *j;
    uint64_t n;

    (void)readable;
    (void)writable;
    (void)!read(h->ready, &n, sizeof n);
    while ((j = take(h, &h->done)) != NULL)
        job_end(h, j);
}

/* Signals are for the loop's thread. */
static int thread_start(struct hasher *h)
{
    sigset_t all, before;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return RC_INTERNAL;
    int failed = pthread_create(&h->thread, NULL, hasher_run, h);

    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0 ? RC_OK : RC_NOMEM;
}

struct hasher *hasher_new(struct loop *l)
{
    struct hasher *h = calloc(1, sizeof *h);

    if (h == NULL)
        return NULL;
    h->loop = l;
    STAILQ_INIT(&h->waiting);
    STAILQ_INIT(&h->done);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->more, NULL);
    h->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (h->ready >= 0 && loop_watch_start(l, &h->watch, h->ready, true, false, hasher_ready, h) == RC_OK && thread_start(h) == RC_OK)
        return h;
    loop_watch_stop(&h->watch);
    if (h->ready >= 0)
        close(h->ready);
    pthread_cond_destroy(&h->more);
    pthread_mutex_destroy(&h->lock);
    free(h);
    return NULL;
}

void hasher_free(struct hasher *h)
{
    struct job *j;

    if (h == NULL)
        return;
    pthread_mutex_lock(&h->lock);
    h->stop = true;
    pthread_cond_signal(&h->more);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    loop_watch_stop(&h->watch);
    while ((j = take(h, &h->done)) != NULL || (j = take(h, &h->waiting)) != NULL) {
        j->rc = RC_UNAVAILABLE;
        job_end(h, j);
    }
    close(h->ready);
    pthread_cond_destroy(&h->more);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

int hasher_submit(struct hasher *h, struct task *t, const uint8_t input[SHA256_SIZE], const char *phc, const uint8_t *newest, task_step next)
{
    struct job *j;

    if (h->inside >= HASHER_QUEUE)
        return RC_BUSY;
    j = calloc(1, sizeof *j);
    if (j == NULL)
        return RC_NOMEM;
    j->task = t;
    memcpy(j->input, input, sizeof j->input);
    j->stale = newest != NULL;
    if (j->stale)
        memcpy(j->newest, newest, sizeof j->newest);
    if (phc != NULL && (size_t)snprintf(j->phc, sizeof j->phc, "%s", phc) >= sizeof j->phc) {
        job_free(j);
        return RC_INTERNAL;
    }
    h->inside++;
    task_hold(t);
    (void)!task_park(t, next);
    pthread_mutex_lock(&h->lock);
    STAILQ_INSERT_TAIL(&h->waiting, j, link);
    pthread_cond_signal(&h->more);
    pthread_mutex_unlock(&h->lock);
    return RC_OK;
}
