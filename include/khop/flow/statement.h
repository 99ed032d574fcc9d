/* Statements of the bank: what the job that reads one tells the database, and what clients see of files and days.
 *
 * Every call parks the task; the next step reads the answer. Calls of a worker answer RC_CONFLICT when the job is not its own any more. */
#ifndef KHOP_FLOW_STATEMENT_H
#define KHOP_FLOW_STATEMENT_H

#include "khop/flow/account_hash.h"
#include "khop/flow/job.h"
#include "khop/provider/statement.h"

/* --- the job --- */

#define FLOW_STATEMENT_STAGE 1000 /* lines of one call */
#define FLOW_STATEMENT_HEAL  200  /* settled by one call, under the locks of the books */

struct flow_statement_file {
    int64_t id;
    bool repeated; /* this very file was there */
    int32_t lines, new_lines;
};

/* hash: of the file. flow_statement_begun: RC_NOT_FOUND (the account is not theirs); known: this file is stored already. */
int flow_statement_begin(struct task *t, struct db *db, const struct flow_job_lease *job, struct slice hash, task_step next) RC_MUST;
int flow_statement_begun(struct task *t, struct slice *account_no, int64_t *known) RC_MUST;

/* Lines on their way, copied: their texts and the codes in their memos. NULL without memory. */
struct flow_statement_lines;
struct flow_statement_lines *flow_statement_lines_new(void);
void flow_statement_lines_free(struct flow_statement_lines *l); /* accepts NULL */
void flow_statement_lines_clear(struct flow_statement_lines *l);
/* letters: kinds of codes that may stand in memos (flow/kinds.h). */
int flow_statement_lines_add(struct flow_statement_lines *l, const struct statement_line *line, uint32_t letters, const struct account_hasher *hasher) RC_MUST;
/* They stay until the answer is there (flow_rc_read). */
int flow_statement_stage(struct task *t, struct db *db, const struct flow_job_lease *job, const struct flow_statement_lines *l, task_step next) RC_MUST;

int flow_statement_store(struct task *t, struct db *db, const struct flow_job_lease *job, struct slice hash, const struct statement_about *about,
                         task_step next) RC_MUST;
int flow_statement_stored(struct task *t, struct flow_statement_file *out) RC_MUST;
/* How far the lines of a file have been settled, from call to call. */
struct flow_statement_progress {
    int32_t linked, open; /* open: lines that are no event yet */
    int32_t healed, place;
    int64_t seen;         /* of the journal */
    bool all;
};

/* Pairs lines with events. */
int flow_statement_match(struct task *t, struct db *db, const struct flow_job_lease *job, int64_t file, task_step next) RC_MUST;
int flow_statement_matched(struct task *t, struct flow_statement_progress *p) RC_MUST;
/* Settles up to FLOW_STATEMENT_HEAL lines that have no notice. RC_UNAVAILABLE: no receipt key yet. */
int flow_statement_heal(struct task *t, struct db *db, const struct flow_job_lease *job, int64_t file, const struct flow_statement_progress *p,
                        task_step next) RC_MUST;
int flow_statement_healed(struct task *t, struct flow_statement_progress *p) RC_MUST;
/* Opens and closes items; the answer is a document (flow_doc_read). */
int flow_statement_review(struct task *t, struct db *db, const struct flow_job_lease *job, int64_t file, bool repeated, int32_t linked, int32_t healed,
                          task_step next) RC_MUST;

/* --- clients --- */

struct flow_statement_row {
    int64_t stored_us, id;
    struct slice doc; /* JSON */
};
/* account 0: of all accounts. */
int flow_statement_list(struct task *t, struct flow *f, struct slice token_hash, int64_t account, int64_t after_us, int64_t after_id, int32_t limit,
                        task_step next) RC_MUST;
int flow_statement_read_list(struct task *t, struct flow_statement_row **out, size_t *n) RC_MUST;
/* Then flow_doc_read. RC_NOT_FOUND. */
int flow_statement_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;

struct flow_day_query {
    int64_t account;
    int32_t day;
    struct slice state; /* p NULL: all */
    int32_t after, limit;
};
/* A day of all accounts: the document of day_accounts (flow_doc_read). */
int flow_day_accounts(struct task *t, struct flow *f, struct slice token_hash, int32_t day, int32_t limit, task_step next) RC_MUST;
/* A day of an account by its three sources; then flow_doc_read. RC_NOT_FOUND. */
int flow_reconciliation(struct task *t, struct flow *f, struct slice token_hash, const struct flow_day_query *q, task_step next) RC_MUST;

#endif
