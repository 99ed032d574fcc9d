/* A worker and the job it works on; shared by the frame (job.c) and what steps may call (job_step.c). */
#ifndef KHOP_LIB_APP_JOB_RUN_H
#define KHOP_LIB_APP_JOB_RUN_H

#include "khop/base/buf.h"
#include "kinds/kinds.h"
#include <jansson.h>

#define JOB_WORKERS    3
#define JOB_STEP_MS    60000
#define JOB_INPUT_MAX  ((size_t)4 * FLOW_JOB_PIECE_MAX)
#define JOB_OUT_MAX    ((size_t)32 << 20)
#define JOB_FAULTS_MAX 100
#define JOB_STAGE_SIZE 33

enum job_phase { JOB_IDLE, JOB_RUN, JOB_END, JOB_LEAVE };

struct job_run {
    struct task task; /* first: one step after the other */
    struct job_pool *pool;
    struct loop *loop;
    struct db *db;
    const uint8_t *field_key;
    bool urgent;
    int64_t worker;
    enum job_phase phase;
    bool stepping;
    int sides;         /* tasks of the kind's own that are under way beside the step */
    struct loop_timer soon;
    /* of the job */
    struct flow_job_lease job;
    const struct job_kind *kind;
    struct arena *arena;
    void *state;
    task_step next;
    int64_t touched_ms, told_ms; /* the lease was renewed; progress was stored */
    bool untold;
    char stage[JOB_STAGE_SIZE];
    int32_t done, total;
    struct buf input, out, whole;
    task_step whole_next;
    int32_t input_at;  /* bytes read */
    size_t out_sent;   /* of out */
    int64_t out_at;    /* of the file: in the database */
    struct slice out_name;
    const char *out_type;
    json_t *errors;
    int64_t nerrors;
    struct slice error, result; /* of the end */
    const char *end_state;
};

static inline struct job_run *job_run_of(struct task *t)
{
    return (struct job_run *)(void *)t;
}

void job_fonts_end(void);

#endif
