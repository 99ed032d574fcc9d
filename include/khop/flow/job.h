/* Jobs: work that is too long for a request. A client sends the input in pieces and then submits it; from then on the job
 * belongs to the database, and whichever jobs process holds its lease works on it (sql/migrations/…_jobs.sql).
 *
 * Every call parks the task; the next step reads the answer. Calls of a worker show its lease and answer RC_CONFLICT when the
 * job is not its own any more (cancelled, or taken over after the lease ran out): it lets go then. */
#ifndef KHOP_FLOW_JOB_H
#define KHOP_FLOW_JOB_H

#include "khop/flow/flow.h"
#include <stdbool.h>

#define FLOW_JOB_PIECE_MAX (256 * 1024)

/* --- clients --- */

struct flow_job {
    bool repeated;
    int64_t id;
    struct slice kind, state, stage; /* stage: p NULL without one */
    bool has_total;
    int32_t total, done;
    int64_t created_us;
    bool has_started, has_finished;
    int64_t started_us, finished_us;
    struct slice error, result; /* JSON, p NULL without one */
    struct slice params;        /* JSON */
    struct slice out_name, out_type; /* the file that came out of it; p NULL without one */
    int64_t out_size;
};

/* May this token start a job of this kind? RC_UNAUTHORIZED, RC_FORBIDDEN, RC_BUSY by flow_rc_read. */
int flow_job_begin(struct task *t, struct flow *f, struct slice token_hash, struct slice kind, task_step next) RC_MUST;
/* The rc of an answer that has nothing else. */
/* Keeps a piece (1 to FLOW_JOB_PIECE_MAX bytes, first at place `at`) of the input `random`. In memory of its own, which goes
 * with the answer: an upload of any size takes the memory of one piece. `bytes` must stay until the next step. */
int flow_job_piece(struct task *t, struct flow *f, struct slice token_hash, struct slice kind, int64_t random, int32_t at,
                   struct slice bytes, task_step next) RC_MUST;
struct flow_job_submit {
    struct slice token_hash, idempotency_key;
    int64_t random;
    struct slice kind, format; /* format: of the input, as its kind likes it */
    int32_t size;              /* of the input; 0: none */
    struct slice params;       /* a JSON object; p NULL: empty */
    bool urgent;               /* somebody sits and waits for it */
};
/* RC_BUSY by flow_job_read: twenty jobs of the organisation wait already. */
int flow_job_submit(struct task *t, struct flow *f, const struct flow_job_submit *s, task_step next) RC_MUST;
int flow_job_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
int flow_job_cancel(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
/* Says yes to what a job in state "waiting" has found. */
int flow_job_confirm(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
/* As flow_job_get, but the answer comes when the job has ended or asks something, at the latest after `ms`. */
int flow_job_await(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t ms, task_step next) RC_MUST;
/* After submit, get, cancel, confirm, await. RC_CONFLICT (another input under this key; too late to cancel or confirm), RC_NOT_FOUND … */
int flow_job_read(struct task *t, struct flow_job *out) RC_MUST;

/* The file that came out of a job, piece by piece. One in the task's state, zeroed but for the first three members; each call reads the
 * piece at `at` in memory of its own, which the next call or the end of the task gives back; the next step finds the members set.
 * RC_NOT_FOUND: there is no such file (any more). */
struct flow_job_result {
    struct flow *f;
    struct slice token_hash;
    int64_t id;
    int64_t at;               /* moves behind the piece that has come */
    struct slice name, type, bytes;
    int64_t size;
    struct arena *arena;      /* private */
    bool deferred;
};
int flow_job_result(struct task *t, struct flow_job_result *r, task_step next) RC_MUST;

struct flow_job_code {
    int32_t place; /* among the codes of the file, from 1 */
    int32_t line;  /* of the file */
    int64_t code_id;
    int32_t code_no;
    struct slice pay_token, ref;
};
/* Codes that a job has issued, those behind place `after`, `limit` places at most. */
int flow_job_codes(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int32_t after, int32_t limit, task_step next) RC_MUST;
int flow_job_read_codes(struct task *t, struct flow_job_code **out, size_t *n) RC_MUST;

/* --- workers --- */

struct flow_job_lease {
    int64_t worker; /* random, of this process */
    int32_t bucket;
    int64_t job_id, org_id;
    int32_t size;        /* of the input */
    bool checked;        /* kind codes: its lines are right */
    int32_t total, part; /* when checked */
    bool confirmed;      /* somebody said yes to what it had found */
    int32_t takes;       /* how often it was taken without getting on, this time included */
    /* Of the task that claimed it: copied by whoever keeps them. */
    struct slice kind, format, params;
};

/* The first four arguments of every statement of a worker: bucket, job, worker, now. */
void flow_job_args(struct db_args *a, struct task *t, const struct flow_job_lease *job);
/* urgent: only a job for which somebody waits. */
int flow_job_claim(struct task *t, struct db *db, int64_t worker, bool urgent, task_step next) RC_MUST;
/* RC_NOT_FOUND: nothing to do. */
int flow_job_claimed(struct task *t, int64_t worker, struct flow_job_lease *out) RC_MUST;
/* Ids of the accounts that codes may name, ascending, at most `max` (an organisation has 99). */
int flow_job_accounts(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
int flow_job_read_accounts(struct task *t, int64_t *out, size_t max, size_t *n) RC_MUST;
/* Which parts are done: `done(arg, first)` for each. */
int flow_job_parts(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
int flow_job_read_parts(struct task *t, void (*done)(void *arg, int32_t first), void *arg) RC_MUST;
/* Some pieces of the input from place `at`, appended to `out`. RC_INTERNAL: there are none. */
int flow_job_input(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t at, task_step next) RC_MUST;
int flow_job_read_input(struct task *t, struct buf *out) RC_MUST;
/* All lines are right. flow_rc_read; RC_BUSY: again, with another random. */
int flow_job_checked(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t total, int32_t part, task_step next) RC_MUST;
/* Keeps the lease, and tells how far it is: stage p NULL leaves that as it was, total below 0 is not known. flow_rc_read. */
int flow_job_touch(struct task *t, struct db *db, const struct flow_job_lease *job, struct slice stage, int32_t done, int32_t total,
                   task_step next) RC_MUST;
/* Keeps a piece (1 to FLOW_JOB_PIECE_MAX bytes) of the file that comes out of it. flow_rc_read. */
int flow_job_output(struct task *t, struct db *db, const struct flow_job_lease *job, int64_t at, struct slice bytes, task_step next) RC_MUST;
struct flow_job_end {
    const char *state;           /* done, failed, waiting */
    struct slice result, error;  /* JSON, p NULL without one */
    struct slice out_name, out_type;
    int64_t out_size;
};
/* It has ended, or asks for a yes. flow_rc_read. */
int flow_job_finish(struct task *t, struct db *db, const struct flow_job_lease *job, const struct flow_job_end *end, task_step next) RC_MUST;
/* After flow_bulk_issue (flow/bulk.h). */
int flow_job_issued(struct task *t, int32_t *done, bool *finished) RC_MUST;
int flow_job_prune(struct task *t, struct db *db, task_step next) RC_MUST;

#endif
