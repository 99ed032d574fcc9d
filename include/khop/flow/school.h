/* A school's fees: the list of payers, rounds. Reading and deciding are SQL functions that answer a document; flow_doc_read takes it. */
#ifndef KHOP_FLOW_SCHOOL_H
#define KHOP_FLOW_SCHOOL_H

#include "khop/flow/job.h"

/* The document that a call of this header answered, as JSON text. The rc of a refusal. */
int flow_doc_read(struct task *t, struct slice *doc) RC_MUST;

struct flow_payer_filter {
    struct slice class_name, find; /* p NULL: any */
    bool left;                     /* those who have left instead */
    int32_t after, limit;
};
int flow_payer_list(struct task *t, struct flow *f, struct slice token_hash, const struct flow_payer_filter *filter, task_step next) RC_MUST;
int flow_payer_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;

/* What the form of one payer offers, and a payer to begin with (0: none). */
int flow_payer_form(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
/* Adds a payer (id 0) or changes one: data as sql/functions/payer_save.sql takes it; version p NULL: whatever is stored. flow_doc_read: its document;
 * RC_CONFLICT with flow_doc_what "ref" or "version", RC_BAD_INPUT: a support that nobody knows. */
int flow_payer_save(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice version, struct slice data, task_step next) RC_MUST;
/* What a refusal of flow_payer_save or flow_round_save is about. */
struct slice flow_doc_what(struct task *t);

struct flow_round_spec {
    struct slice token_hash, idempotency_key, request; /* request: what was asked, for the key */
    int64_t round_id;                                  /* 0: a new one */
    int64_t account_id;
    struct slice name;
    int32_t month, due_on;      /* days since 1970; the month's first */
    struct slice items;         /* JSON: [{"label", "kind", "amount", "by_class", "at"}], at: where it stood in what was read */
    const struct slice *classes;
    size_t nclasses;            /* 0: all */
    struct slice version;       /* that was looked at; p NULL: whatever is stored */
};
/* RC_BAD_INPUT with the place of the fault as flow_doc_what: /classes, nobody is in them; /items, nobody pays anything; /items/AT/by_class, no such class.
 * RC_NOT_FOUND: no such account, or round; RC_CONFLICT with flow_doc_what "key", "version", "state" (it is no draft). */
int flow_round_save(struct task *t, struct flow *f, const struct flow_round_spec *spec, task_step next) RC_MUST;
/* What the form of a round offers, and a round to begin with (0: none). */
int flow_round_form(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
/* After: the key of the row before, or 0 and 0. */
int flow_round_list(struct task *t, struct flow *f, struct slice token_hash, int64_t after_us, int64_t after_id, int32_t limit, task_step next) RC_MUST;
int flow_round_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
struct flow_round_filter {
    struct slice class_name, state; /* p NULL: any */
    bool own;                       /* only who has an amount of their own */
    int32_t after, limit;
};
int flow_round_payers(struct task *t, struct flow *f, struct slice token_hash, int64_t id, const struct flow_round_filter *filter, task_step next) RC_MUST;
int flow_round_propose(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
/* note, reason: p NULL without one. */
int flow_round_return(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice note, task_step next) RC_MUST;
/* RC_BAD_INPUT: it goes above a ceiling, which needs a reason; RC_FORBIDDEN: also for whoever made or proposed it; RC_BUSY: again. */
int flow_round_approve(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason, task_step next) RC_MUST;
int flow_round_cancel(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason, task_step next) RC_MUST;

struct flow_ceiling {
    struct slice kind, decision;
    int64_t amount;
    int32_t valid_from, valid_to;
    bool has_end;
};
/* Both answer the list. */
int flow_ceiling_list(struct task *t, struct flow *f, struct slice token_hash, task_step next) RC_MUST;
int flow_ceiling_add(struct task *t, struct flow *f, struct slice token_hash, const struct flow_ceiling *c, task_step next) RC_MUST;

/* --- jobs --- */

struct flow_lines {
    size_t n;
    const int32_t *lines;
    const struct slice *data; /* JSON objects */
};
/* flow_rc_read. */
int flow_payers_stage(struct task *t, struct db *db, const struct flow_job_lease *job, const struct flow_lines *lines, task_step next) RC_MUST;
int flow_payers_faults(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t limit, task_step next) RC_MUST;
/* fault(arg, line, name) for each of the first `limit`; *count is the number of all. */
int flow_payers_read_faults(struct task *t, void (*fault)(void *arg, int64_t line, struct slice name), void *arg, int64_t *count) RC_MUST;
/* flow_doc_read. */
int flow_payers_review(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
/* Saves them and ends the job. flow_rc_read. */
int flow_payers_apply(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;

/* Amounts of single pupils. flow_doc_read: the names of the round's items. RC_NOT_FOUND: no such round; RC_BAD_INPUT: it is no draft. */
int flow_round_amounts_begin(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
int flow_round_amounts_stage(struct task *t, struct db *db, const struct flow_job_lease *job, const struct flow_lines *lines, task_step next) RC_MUST;
/* flow_payers_read_faults. */
int flow_round_amounts_faults(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t limit, task_step next) RC_MUST;
/* flow_doc_read. */
int flow_round_amounts_review(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
/* Saves them and ends the job. flow_rc_read; RC_BAD_INPUT: the round is another by now. */
int flow_round_amounts_apply(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;

struct flow_round_paper {
    struct slice unit, name, bin, account_no, holder;
    int32_t due_on, payers;
    struct slice class_name, state, format; /* as asked; p NULL: not */
    struct slice hotline;                   /* p NULL: none is set */
};
int flow_round_paper(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
/* Texts are of the task. */
int flow_round_read_paper(struct task *t, struct flow_round_paper *out) RC_MUST;
struct flow_round_row {
    int32_t place;
    struct slice ref, name, given_name, class_name, state;
    int64_t amount, received;
    int32_t code_no; /* 0: none */
    bool has_paid;
    int64_t paid_us;
};
int flow_round_rows(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t after, int32_t limit, task_step next) RC_MUST;
int flow_round_read_rows(struct task *t, struct flow_round_row **out, size_t *n) RC_MUST;

#endif
