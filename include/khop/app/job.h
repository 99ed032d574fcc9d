/* Kinds of jobs: what the jobs process does for a job of a kind. Claiming, lease, progress, input, output, faults, ends, retries are the
 * frame's (lib/app/job.c); a kind is one small file of steps.
 *
 * Adding a kind "poster" in ten minutes:
 *  1. sql/functions/job_kind.sql: a line ('poster', SCOPES, ALONE): who may start one, and whether only who started it may see it.
 *  2. lib/app/kinds/poster.c: `const struct job_kind kind_poster = { .name = "poster", .state = sizeof(struct poster), .begin = begin };`,
 *     declared in lib/app/kinds/kinds.h, listed in lib/app/kinds/kinds.c and lib/app/CMakeLists.txt.
 *  3. Starting one: flow_job_submit (flow/job.h) with `params`, a JSON object, from a handler; with an upload see api/upload.h; with
 *     somebody waiting for a small paper see api_job_small (api/job.h).
 *  4. Words: "job.kind.poster" and "job.stage.…" of its stages in lib/web/locale.
 *
 * A step is a task (loop/task.h) with an arena of its own, which goes when the step ends. It may park on database calls as any task,
 * and ends in exactly one of `return job_next(t, step)`, job_done, job_wait, job_fail, or a negative rc (trouble: the job is let go and
 * taken again; RC_CONFLICT: it is not ours any more). All CPU is the loop's, so a step takes some ten milliseconds at most: a page, a
 * hundred rows, then job_next, which is where the lease is renewed, progress is stored and output goes to the database. A step has 60 s.
 *
 * The process may die at any point: the job begins again at `begin`, its output empty. What a kind writes into the database must therefore be
 * safe to do twice: by key, by job_part, or in one transaction with the end. Every SQL function of a kind takes bucket, job, worker and
 * now (flow_job_args), begins with khop.enter_job and answers rc -5 when that finds nothing. It can read the parameters there, from
 * khop.job.params. The person who started the job is khop.job.created_by.
 *
 * A kind whose input must be looked at before it counts ends its first pass in job_wait with what it has found (result); somebody
 * confirms; it is begun again with lease->confirmed set. */
#ifndef KHOP_APP_JOB_H
#define KHOP_APP_JOB_H

#include "khop/flow/job.h"

struct job_kind {
    const char *name;
    size_t state;     /* bytes, zeroed before begin */
    task_step begin;
    /* Gives back what the state holds besides memory of job_arena; also called when a job is let go half done. May be NULL. */
    void (*end)(void *state);
};

struct job_run;

/* --- inside a step --- */

void *job_state(struct task *t);
struct arena *job_arena(struct task *t); /* for as long as this process works on the job; at most 64 MiB */
const struct flow_job_lease *job_lease(struct task *t);
struct db *job_db(struct task *t);
const uint8_t *job_field_key(struct task *t); /* for what the database must not be able to read; SEAL_KEY_SIZE bytes */

int job_next(struct task *t, task_step step) RC_MUST;
/* result: JSON, or p NULL. It is copied. */
int job_done(struct task *t, struct slice result) RC_MUST;
int job_wait(struct task *t, struct slice result) RC_MUST;
/* Fails the job with the faults that were told. */
int job_fail(struct task *t) RC_MUST;
/* It has ended in the database already, by a function of the kind's own that wrote the state: nothing more is told. */
int job_ended(struct task *t) RC_MUST;

/* For a kind that has tasks of its own under way beside its steps (two parts side by side): the job's memory stays until each has said that it
 * has ended, in its `released`. */
struct job_run *job_of(struct task *t);
void job_side_begin(struct job_run *r);
void job_side_end(struct job_run *r);

/* A fault of the input: line (or row) from 1, 0 for the whole; place: a column or JSON pointer, "" for the whole line. The texts are copied; a
 * detail is an English sentence that lib/api/problem_vi.c translates. The first hundred are kept, all are counted. */
void job_fault(struct task *t, int64_t line, const char *place, const char *code, const char *detail);
int64_t job_faults(struct task *t);
/* {"count", "errors": [{"line", "pointer", "code", "detail"}]} of a kind that collects its faults itself. */
void job_fault_text(struct task *t, struct slice json, int64_t count);

/* How far it is, as people see it: a stage ([a-z_], a word of the catalogue) with its own done of total (below 0: not known). Cheap: stored
 * at the end of a step, a few times a second at most. */
void job_progress(struct task *t, const char *stage, int32_t done, int32_t total);

/* The input: parks the task until the next piece (up to 1 MiB) has come; once in a step. Without input, or behind its end: an empty last piece. */
int job_input_next(struct task *t, task_step next) RC_MUST;
struct slice job_input(struct task *t, bool *last); /* stays until the next job_input_next */
void job_input_rewind(struct task *t);
/* For what must stand in memory as a whole (an archive that is read from its end): collects the input, `max` bytes at most, in as many steps as it
 * takes; `next` is then the next step, and job_whole stays until the job ends. More: the job fails with a fault that says so. */
int job_input_whole(struct task *t, size_t max, task_step next) RC_MUST;
struct slice job_whole(struct task *t);

/* The file that comes out: named before its first byte, at most 200 bytes of name. job_out_write is a sink for lib/print: `sink` is job_out_sink(t),
 * which stays for the whole job; RC_NOMEM, or RC_TOO_LARGE when a step writes more than 32 MiB. Written out at the end of the step. */
int job_out_open(struct task *t, struct slice name, const char *type) RC_MUST;
void *job_out_sink(struct task *t); /* struct print_sink: { job_out_write, job_out_sink(t) } */
int job_out_write(void *sink, const void *bytes, size_t n) RC_MUST;

/* The letters of papers, opened once for the process. RC_NOT_FOUND: they are not installed. */
struct print_fonts;
int job_fonts(struct print_fonts **out) RC_MUST;

#endif
