#include "bulk.h"

#include "khop/api/bulk.h"
#include "khop/base/enc.h"
#include "khop/base/log.h"
#include "khop/flow/bulk.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define SLOTS            2
#define INPUT_MAX        (4 * FLOW_JOB_PIECE_MAX)
#define STEP_DEADLINE_MS 60000
#define REST_MS          1000 /* after trouble */
#define TRIES_MAX        5    /* of a job that the database refuses */
#define PARTS_MAX        8192

enum phase { PHASE_IDLE, PHASE_CHECK, PHASE_ISSUE, PHASE_LEAVE };

/* A part on its way into the database. */
struct slot {
    struct task task; /* first */
    struct bulk *bulk;
    struct flow_bulk *rows;
    int32_t first;
    int side;
    bool busy, sent; /* busy: it has rows; sent: the call is under way */
    int again;
};

struct bulk {
    struct loop *loop;
    struct db *db;
    struct task task; /* one step after the other: claim, read … */
    bool stepping;
    enum phase phase;
    int64_t worker, rest_until_ms;
    struct flow_job_lease job;
    int64_t tried_job;
    int tries;
    int64_t accounts[API_BULK_ACCOUNTS];
    size_t naccounts;
    uint8_t parts[PARTS_MAX / 8]; /* done before we came */
    struct api_bulk *lines;
    struct buf input;
    int32_t at, row; /* bytes read, rows seen in this pass */
    struct slot slots[SLOTS];
    struct slot *filling;
    struct loop_timer soon;
};

static void go_on(struct bulk *b);

struct bulk *bulk_new(struct loop *l, struct db *db)
{
    struct bulk *b = calloc(1, sizeof *b);

    if (b == NULL)
        return NULL;
    b->loop = l;
    b->db = db;
    buf_init(&b->input, INPUT_MAX);
    for (int i = 0; i < SLOTS; i++) {
        b->slots[i].bulk = b;
        b->slots[i].side = i;
    }
    if (flow_random48(&b->worker) < 0) {
        free(b);
        return NULL;
    }
    return b;
}

/* Nothing of the last job stays in memory. */
static void let_go(struct bulk *b)
{
    api_bulk_free(b->lines);
    b->lines = NULL;
    buf_release(&b->input);
    buf_init(&b->input, INPUT_MAX);
    for (int i = 0; i < SLOTS; i++) {
        flow_bulk_free(b->slots[i].rows);
        b->slots[i].rows = NULL;
        b->slots[i].busy = false;
    }
    b->filling = NULL;
    b->phase = PHASE_IDLE;
}

void bulk_free(struct bulk *b)
{
    if (b == NULL)
        return;
    loop_timer_stop(&b->soon);
    let_go(b);
    buf_release(&b->input);
    free(b);
}

/* --- steps --- */

static void step_released(struct task *t)
{
    struct bulk *b = t->state;

    arena_free(t->arena);
    b->stepping = false;
    go_on(b);
}

static void leave(struct bulk *b)
{
    if (b->phase != PHASE_IDLE)
        b->phase = PHASE_LEAVE;
}

/* Cancelled, or somebody else's by now: RC_CONFLICT. Everything else is trouble: a pause, then it is taken again. */
static void step_trouble(struct bulk *b, const char *what, int rc)
{
    leave(b);
    if (rc == RC_CONFLICT)
        return;
    b->rest_until_ms = loop_now_ms(b->loop) + REST_MS;
    b->tries = b->tried_job == b->job.job_id && (rc == RC_BAD_INPUT || rc == RC_INTERNAL) ? b->tries + 1 : 0;
    b->tried_job = b->job.job_id;
    log_warn("job_step_failed", "step=%s rc=%s do=\"it is tried again\"", what, rc_name(rc));
}

static void step_failed(struct task *t, int rc)
{
    step_trouble(t->state, "job", rc);
    task_end(t);
}

static void step_start(struct bulk *b, task_step step)
{
    struct arena *arena = arena_new(0);

    if (arena == NULL) {
        step_trouble(b, "memory", RC_NOMEM);
        return;
    }
    b->stepping = true;
    task_begin(&b->task, b->loop, arena, loop_now_ms(b->loop) + STEP_DEADLINE_MS, step_failed, step_released);
    b->task.state = b;
    task_run(&b->task, step);
}

/* --- a new job --- */

static int restart(struct bulk *b, enum phase phase)
{
    api_bulk_free(b->lines);
    b->lines = api_bulk_new(b->job.csv, b->accounts, b->naccounts);
    buf_clear(&b->input);
    b->at = b->row = 0;
    b->phase = phase;
    for (int i = 0; phase == PHASE_ISSUE && i < SLOTS; i++) {
        if (b->slots[i].rows == NULL && (b->slots[i].rows = flow_bulk_new()) == NULL)
            return RC_NOMEM;
    }
    return b->lines == NULL ? RC_NOMEM : RC_OK;
}

static void part_done(void *arg, int32_t first)
{
    struct bulk *b = arg;
    int32_t k = first / b->job.part;

    if (k < PARTS_MAX)
        b->parts[k / 8] |= (uint8_t)(1u << (k % 8));
}

static int parts_read(struct task *t)
{
    struct bulk *b = t->state;
    int rc = flow_job_read_parts(t, part_done, b);

    if (rc == RC_OK)
        rc = restart(b, PHASE_ISSUE);
    if (rc == RC_OK)
        task_end(t);
    return rc;
}

static int accounts_read(struct task *t)
{
    struct bulk *b = t->state;
    int rc = flow_job_read_accounts(t, b->accounts, API_BULK_ACCOUNTS, &b->naccounts);

    if (rc < 0)
        return rc;
    if (b->job.checked)
        return flow_job_parts(t, b->db, &b->job, parts_read);
    rc = restart(b, PHASE_CHECK);
    if (rc == RC_OK)
        task_end(t);
    return rc;
}

static int claimed(struct task *t)
{
    struct bulk *b = t->state;
    int rc = flow_job_claimed(t, b->worker, &b->job);
    char id[ENC_ID_SIZE];

    if (rc == RC_NOT_FOUND) {
        task_end(t);
        return RC_OK;
    }
    memset(b->parts, 0, sizeof b->parts);
    enc_id(id, "job", b->job.job_id);
    log_info("job_taken", "job=%s bytes=%d checked=%d", id, (int)b->job.size, b->job.checked);
    b->phase = PHASE_CHECK;
    return flow_job_accounts(t, b->db, &b->job, accounts_read);
}

static int claim_begin(struct task *t)
{
    struct bulk *b = t->state;

    return flow_job_claim(t, b->db, b->worker, claimed);
}

/* --- the ends of a pass --- */

static int failed_told(struct task *t)
{
    struct bulk *b = t->state;
    int rc = flow_job_rc(t);
    char id[ENC_ID_SIZE];

    if (rc < 0)
        return rc;
    enc_id(id, "job", b->job.job_id);
    log_info("job_failed", "job=%s faults=%lld", id, (long long)api_bulk_bad(b->lines));
    leave(b);
    task_end(t);
    return RC_OK;
}

static int tell_failed(struct task *t)
{
    struct bulk *b = t->state;
    char *text = api_bulk_errors(b->lines);
    struct slice copy = text == NULL ? (struct slice){ 0 } : arena_copy(t->arena, slice_of(text));

    free(text);
    return copy.p == NULL ? RC_NOMEM : flow_job_fail(t, b->db, &b->job, copy, failed_told);
}

static int checked_told(struct task *t)
{
    struct bulk *b = t->state;
    int rc = flow_job_rc(t);

    if (rc < 0)
        return rc;
    b->job.checked = true;
    b->job.total = b->row;
    b->job.part = FLOW_BULK_MAX;
    rc = restart(b, PHASE_ISSUE);
    if (rc == RC_OK)
        task_end(t);
    return rc;
}

static int tell_checked(struct task *t)
{
    struct bulk *b = t->state;

    if (b->row == 0 && api_bulk_bad(b->lines) == 0)
        api_bulk_fault(b->lines, 1, "empty", "There is no code in this file.");
    if (api_bulk_bad(b->lines) > 0)
        return tell_failed(t);
    return flow_job_checked(t, b->db, &b->job, b->row, FLOW_BULK_MAX, checked_told);
}

/* A job that the database refuses time and again is not tried for ever. */
static int give_up(struct task *t)
{
    struct bulk *b = t->state;

    b->tries = 0;
    api_bulk_fault(b->lines, 0, "internal", "This file could not be worked on. The reason is in the server's log.");
    return tell_failed(t);
}

/* --- input --- */

static int input_read(struct task *t)
{
    struct bulk *b = t->state;
    int rc;

    buf_clear(&b->input);
    rc = flow_job_read_input(t, &b->input);
    if (rc < 0)
        return rc;
    b->at += (int32_t)b->input.n;
    api_bulk_put(b->lines, buf_slice(&b->input), b->at >= b->job.size);
    task_end(t);
    return RC_OK;
}

static int input_begin(struct task *t)
{
    struct bulk *b = t->state;

    return flow_job_input(t, b->db, &b->job, b->at, input_read);
}

/* --- parts --- */

static void slot_released(struct task *t)
{
    struct slot *s = (struct slot *)(void *)t;

    arena_free(t->arena);
    s->sent = false;
    go_on(s->bulk);
}

static void slot_failed(struct task *t, int rc)
{
    struct slot *s = (struct slot *)(void *)t;

    /* Somebody took one of our numbers meanwhile: others are drawn. */
    if (rc == RC_CONFLICT && s->again++ < TRIES_MAX) {
        task_end(t);
        return;
    }
    step_trouble(s->bulk, "issue", rc == RC_CONFLICT ? RC_INTERNAL : rc);
    task_end(t);
}

static int slot_done(struct task *t)
{
    struct slot *s = (struct slot *)(void *)t;
    struct bulk *b = s->bulk;
    bool finished = false;
    int32_t done = 0;
    char id[ENC_ID_SIZE];
    int rc = flow_job_issued(t, &done, &finished);

    if (rc == RC_CONFLICT) { /* not ours any more */
        leave(b);
        task_end(t);
        return RC_OK;
    }
    if (rc < 0)
        return rc;
    s->busy = false;
    b->tries = 0;
    if (finished) {
        enc_id(id, "job", b->job.job_id);
        log_info("job_ended", "job=%s issued=%d total=%d", id, (int)done, (int)b->job.total);
        leave(b);
    }
    task_end(t);
    return RC_OK;
}

static int slot_begin(struct task *t)
{
    struct slot *s = (struct slot *)(void *)t;

    return flow_bulk_issue(t, s->bulk->db, &s->bulk->job, s->first, s->side, s->rows, slot_done);
}

static void slot_send(struct slot *s)
{
    struct arena *arena = arena_new(0);

    if (arena == NULL) {
        step_trouble(s->bulk, "memory", RC_NOMEM);
        return;
    }
    s->sent = true;
    task_begin(&s->task, s->bulk->loop, arena, loop_now_ms(s->bulk->loop) + STEP_DEADLINE_MS, slot_failed, slot_released);
    task_run(&s->task, slot_begin);
}

static struct slot *slot_free_one(struct bulk *b)
{
    for (int i = 0; i < SLOTS; i++) {
        if (!b->slots[i].busy && !b->slots[i].sent)
            return &b->slots[i];
    }
    return NULL;
}

static bool part_known(const struct bulk *b, int32_t row)
{
    int32_t k = row / b->job.part;

    return k < PARTS_MAX && (b->parts[k / 8] >> (k % 8) & 1) != 0;
}

static bool any_sent(const struct bulk *b)
{
    return b->slots[0].sent || b->slots[1].sent;
}

/* --- what comes next --- */

/* Reads rows of the piece at hand. True: the piece is used up; false: parts must go first. */
static bool take_rows(struct bulk *b)
{
    struct flow_code_spec spec;

    for (;;) {
        if (b->phase == PHASE_ISSUE && b->filling == NULL && (b->filling = slot_free_one(b)) != NULL)
            flow_bulk_clear(b->filling->rows);
        if (b->phase == PHASE_ISSUE && b->filling == NULL)
            return false;

        int found = api_bulk_next(b->lines, &spec);

        if (found < 0)
            step_trouble(b, "memory", found);
        if (found <= API_BULK_END)
            return true;
        b->row++;
        if (b->phase == PHASE_CHECK || found == API_BULK_BAD || part_known(b, b->row - 1))
            continue;

        struct slot *s = b->filling;

        if (flow_bulk_count(s->rows) == 0)
            s->first = b->row - 1;
        if (flow_bulk_add(s->rows, &spec) < 0) {
            step_trouble(b, "memory", RC_NOMEM);
            return true;
        }
        if (b->row % b->job.part == 0 || b->row == b->job.total) {
            s->busy = true;
            s->again = 0;
            b->filling = NULL;
            slot_send(s);
            if (b->phase == PHASE_LEAVE)
                return true;
        }
    }
}

static void next_step(struct bulk *b)
{
    if (b->phase == PHASE_LEAVE) {
        if (!any_sent(b))
            let_go(b);
        return;
    }
    for (int i = 0; i < SLOTS; i++) { /* those whose numbers were taken */
        if (b->slots[i].busy && !b->slots[i].sent)
            slot_send(&b->slots[i]);
    }
    if (b->phase == PHASE_IDLE || !take_rows(b) || b->phase == PHASE_LEAVE)
        return;
    if (b->tries >= TRIES_MAX && !any_sent(b))
        step_start(b, give_up);
    else if (b->at < b->job.size)
        step_start(b, input_begin);
    else if (b->phase == PHASE_CHECK)
        step_start(b, tell_checked);
    else if (!any_sent(b) && b->phase == PHASE_ISSUE)
        step_trouble(b, "end", RC_INTERNAL); /* every part is done, and the job is not */
}

static void on_soon(void *arg)
{
    struct bulk *b = arg;

    if (!b->stepping && !loop_stopping(b->loop))
        next_step(b);
    if (b->phase == PHASE_LEAVE && !b->stepping && !any_sent(b))
        let_go(b);
}

/* The next step begins outside of whatever ended. */
static void go_on(struct bulk *b)
{
    if (!loop_stopping(b->loop) && loop_timer_start(b->loop, &b->soon, 0, false, on_soon, b) < 0)
        leave(b);
}

void bulk_tick(struct bulk *b)
{
    if (b->stepping || any_sent(b))
        return;
    if (b->phase != PHASE_IDLE)
        go_on(b);
    else if (loop_now_ms(b->loop) >= b->rest_until_ms)
        step_start(b, claim_begin);
}
