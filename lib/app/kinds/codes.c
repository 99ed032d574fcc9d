/* Kind "codes": a file of payment codes. Two passes over the input: every line is checked before a code is issued; then parts are issued, two
 * side by side, each in a transaction of its own that ends the job with its last. What it holds is bounded: a megabyte of input and two parts. */
#include "kinds.h"

#include "khop/api/bulk.h"
#include "khop/flow/bulk.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define SLOTS            2
#define PART_DEADLINE_MS 60000
#define TRIES_MAX        5 /* of a part whose numbers somebody else took meanwhile */
#define PARTS_MAX        8192

struct codes;

/* A part on its way into the database. */
struct slot {
    struct task task; /* first */
    struct codes *codes;
    struct job_run *run;
    struct flow_bulk *rows;
    int32_t first;
    int side, again;
    bool busy, sent; /* busy: it has rows; sent: the call is under way */
};

struct codes {
    struct loop *loop;
    struct db *db;
    struct flow_job_lease job;
    int64_t accounts[API_BULK_ACCOUNTS];
    size_t naccounts;
    struct flow_kinds letters; /* kinds of codes */
    uint8_t parts[PARTS_MAX / 8]; /* done before we came */
    struct api_bulk *lines;
    int32_t row; /* rows seen in this pass */
    struct slot slots[SLOTS], *filling;
    struct task *waiting; /* the step, until a part is done */
    bool finished;
    int rc;
};

static int check(struct task *t);
static int issue(struct task *t);

static void end(void *state)
{
    struct codes *c = state;

    api_bulk_free(c->lines);
    for (int i = 0; i < SLOTS; i++)
        flow_bulk_free(c->slots[i].rows);
}

/* --- begin --- */

static int restart(struct task *t, task_step step)
{
    struct codes *c = job_state(t);

    api_bulk_free(c->lines);
    c->lines = api_bulk_new(slice_is(c->job.format, "csv"), &c->letters, c->accounts, c->naccounts);
    c->row = 0;
    job_input_rewind(t);
    for (int i = 0; step == issue && i < SLOTS; i++) {
        c->slots[i].codes = c;
        c->slots[i].side = i;
        if (c->slots[i].rows == NULL && (c->slots[i].rows = flow_bulk_new()) == NULL)
            return RC_NOMEM;
    }
    return c->lines == NULL ? RC_NOMEM : job_next(t, step);
}

static void part_done(void *arg, int32_t first)
{
    struct codes *c = arg;
    int32_t k = first / c->job.part;

    if (k < PARTS_MAX)
        c->parts[k / 8] |= (uint8_t)(1u << (k % 8));
}

static int parts_read(struct task *t)
{
    int rc = flow_job_read_parts(t, part_done, job_state(t));

    return rc < 0 ? rc : restart(t, issue);
}

static int accounts_read(struct task *t)
{
    struct codes *c = job_state(t);
    int rc = flow_job_read_accounts(t, c->accounts, API_BULK_ACCOUNTS, &c->naccounts);

    if (rc < 0)
        return rc;
    return c->job.checked ? flow_job_parts(t, c->db, &c->job, parts_read) : restart(t, check);
}

static int letters_read(struct task *t)
{
    struct codes *c = job_state(t);
    int rc = flow_kinds_read(t, &c->letters);

    return rc < 0 ? rc : flow_job_accounts(t, c->db, &c->job, accounts_read);
}

static int begin(struct task *t)
{
    struct codes *c = job_state(t);

    c->loop = t->loop;
    c->db = job_db(t);
    c->job = *job_lease(t);
    return flow_kinds_ask(t, c->db, letters_read);
}

/* --- the first pass --- */

static int checked_told(struct task *t)
{
    struct codes *c = job_state(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    c->job.checked = true;
    c->job.total = c->row;
    c->job.part = FLOW_BULK_MAX;
    return restart(t, issue);
}

static int all_checked(struct task *t)
{
    struct codes *c = job_state(t);
    char *text;

    if (c->row == 0 && api_bulk_bad(c->lines) == 0)
        api_bulk_fault(c->lines, 1, "empty", "There is no code in this file.");
    if (api_bulk_bad(c->lines) == 0)
        return flow_job_checked(t, c->db, &c->job, c->row, FLOW_BULK_MAX, checked_told);
    text = api_bulk_errors(c->lines);
    if (text == NULL)
        return RC_NOMEM;
    job_fault_text(t, slice_of(text), api_bulk_bad(c->lines));
    free(text);
    return job_fail(t);
}

static int check_piece(struct task *t)
{
    struct codes *c = job_state(t);
    struct flow_code_spec spec;
    bool last;
    struct slice piece = job_input(t, &last);
    int found;

    api_bulk_put(c->lines, piece, last);
    while ((found = api_bulk_next(c->lines, &spec)) > API_BULK_END)
        c->row++;
    if (found < 0)
        return found;
    return last ? all_checked(t) : job_next(t, check);
}

static int check(struct task *t)
{
    return job_input_next(t, check_piece);
}

/* --- parts --- */

static void slot_send(struct slot *s);

static void slot_released(struct task *t)
{
    struct slot *s = (struct slot *)(void *)t;
    struct codes *c = s->codes;
    struct task *waiting = c->waiting;
    struct job_run *run = s->run;

    arena_free(t->arena);
    s->sent = false;
    if (s->busy && c->rc == RC_OK) /* its numbers were taken: others are drawn */
        slot_send(s);
    if (!s->sent && waiting != NULL) {
        c->waiting = NULL;
        task_wake(waiting, RC_OK);
    }
    job_side_end(run);
}

static void slot_failed(struct task *t, int rc)
{
    struct slot *s = (struct slot *)(void *)t;

    if (rc != RC_CONFLICT || s->again++ >= TRIES_MAX)
        s->codes->rc = rc == RC_CONFLICT ? RC_INTERNAL : rc;
    task_end(t);
}

static int slot_done(struct task *t)
{
    struct slot *s = (struct slot *)(void *)t;
    struct codes *c = s->codes;
    bool finished = false;
    int32_t done = 0;
    int rc = flow_job_issued(t, &done, &finished);

    if (rc == RC_CONFLICT) /* not ours any more */
        c->rc = rc;
    else if (rc < 0)
        return rc;
    s->busy = false;
    c->finished |= finished;
    task_end(t);
    return RC_OK;
}

static int slot_begin(struct task *t)
{
    struct slot *s = (struct slot *)(void *)t;

    return flow_bulk_issue(t, s->codes->db, &s->codes->job, s->first, s->side, s->rows, slot_done);
}

static void slot_send(struct slot *s)
{
    struct codes *c = s->codes;
    struct arena *arena = arena_new(0);

    if (arena == NULL) {
        c->rc = RC_NOMEM;
        return;
    }
    s->sent = true;
    job_side_begin(s->run);
    task_begin(&s->task, c->loop, arena, loop_now_ms(c->loop) + PART_DEADLINE_MS, slot_failed, slot_released);
    task_run(&s->task, slot_begin);
}

/* --- the second pass --- */

static struct slot *slot_free_one(struct codes *c)
{
    for (int i = 0; i < SLOTS; i++) {
        if (!c->slots[i].busy && !c->slots[i].sent)
            return &c->slots[i];
    }
    return NULL;
}

static bool part_known(const struct codes *c, int32_t row)
{
    int32_t k = row / c->job.part;

    return k < PARTS_MAX && (c->parts[k / 8] >> (k % 8) & 1) != 0;
}

static int take_row(struct task *t, struct codes *c, const struct flow_code_spec *spec)
{
    struct slot *s = c->filling;
    int rc;

    if (flow_bulk_count(s->rows) == 0)
        s->first = c->row - 1;
    rc = flow_bulk_add(s->rows, spec);
    if (rc == RC_OK && (c->row % c->job.part == 0 || c->row == c->job.total)) {
        s->busy = true;
        s->again = 0;
        s->run = job_of(t);
        c->filling = NULL;
        slot_send(s);
    }
    return rc;
}

/* Reads rows of the piece at hand. 1: the piece is used up; 0: parts must go first. */
static int take_rows(struct task *t, struct codes *c)
{
    struct flow_code_spec spec;

    for (;;) {
        if (c->filling == NULL && (c->filling = slot_free_one(c)) != NULL)
            flow_bulk_clear(c->filling->rows);
        if (c->filling == NULL)
            return 0;

        int found = api_bulk_next(c->lines, &spec);

        if (found <= API_BULK_END)
            return found < 0 ? found : 1;
        c->row++;
        if (found == API_BULK_BAD || part_known(c, c->row - 1))
            continue;

        int rc = take_row(t, c, &spec);

        if (rc < 0)
            return rc;
    }
}

static int issue_piece(struct task *t)
{
    struct codes *c = job_state(t);
    bool last;
    struct slice piece = job_input(t, &last);

    api_bulk_put(c->lines, piece, last);
    return job_next(t, issue);
}

static bool any_sent(const struct codes *c)
{
    return c->slots[0].sent || c->slots[1].sent;
}

static int issue(struct task *t)
{
    struct codes *c = job_state(t);
    bool last = false;
    int used;

    if (c->rc < 0)
        return c->rc;
    if (c->finished && !any_sent(c))
        return job_ended(t);
    used = take_rows(t, c);
    if (used < 0)
        return used;
    (void)job_input(t, &last);
    if (used == 1 && !last)
        return job_input_next(t, issue_piece);
    if (!any_sent(c))
        return c->rc < 0 ? c->rc : c->finished ? job_ended(t) : RC_INTERNAL; /* every part is done, and the job is not */
    c->waiting = t;
    task_hold(t);
    return task_park(t, issue);
}

const struct job_kind kind_codes = { .name = "codes", .state = sizeof(struct codes), .begin = begin, .end = end };
