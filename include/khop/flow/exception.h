/* What a person must look at, and what that person does about it (sql/functions/exception_*.sql). */
#ifndef KHOP_FLOW_EXCEPTION_H
#define KHOP_FLOW_EXCEPTION_H

#include "khop/flow/flow.h"
#include <stdbool.h>

struct flow_exception {
    int64_t id;
    struct slice reason, state;
    int direction;
    int64_t held, amount, account_id;
    int64_t code_id; /* 0: none */
    int32_t code_no;
    struct slice ext_id, memo;
    int provider; /* 0: no notice brought it */
    int64_t opened_us;
};

struct flow_exception_filter {
    struct slice state, reason; /* p NULL: any; state "waiting": open or proposed */
    int64_t account_id;         /* 0: any */
    bool has_after;
    int64_t after_us, after_id;
    int32_t limit;
};
int flow_exception_list(struct task *t, struct flow *f, struct slice token_hash, const struct flow_exception_filter *filter,
                        task_step next) RC_MUST;
int flow_exception_read(struct task *t, struct flow_exception **out, size_t *n) RC_MUST;

/* One exception with what is needed to decide. JSON is as the SQL function makes it: ids are numbers there. */
struct flow_exception_detail {
    struct flow_exception base;
    bool pending, may_undo, own_proposal, corrected, has_paid_at, has_due, has_booked_on;
    struct slice reference, payer_name, payer_class, label, account_no;
    int64_t paid_us, payer_id, due, paid; /* due, paid: of the code's charge */
    int32_t booked_on;
    struct slice charges, found, history, proposal, about; /* the last two: p NULL without one */
};
int flow_exception_show(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
int flow_exception_read_detail(struct task *t, struct flow_exception_detail *out) RC_MUST;

/* What codes that a memo may mean stand for: live codes of the organisation. */
struct flow_exception_code {
    int32_t code_no;
    int64_t charge_id, payer_id, rest; /* rest 0: it takes any sum */
    bool has_due, out;
    int32_t due_on;
    struct slice label, payer_name, payer_class;
};
int flow_exception_codes(struct task *t, struct flow *f, struct slice token_hash, const int32_t *codes, size_t n, task_step next) RC_MUST;
int flow_exception_read_codes(struct task *t, struct flow_exception_code **out, size_t *n) RC_MUST;

#define FLOW_RESOLVE_PARTS 8

struct flow_payee_in {
    struct slice bin, account_no, name;
};

struct flow_resolve {
    struct slice token_hash;
    int64_t id;
    struct slice action; /* split credit refund dismiss reverse */
    size_t nparts;
    struct {
        int64_t charge_id; /* or */
        int32_t code_no;
        int64_t amount;    /* 0: what it needs */
    } part[FLOW_RESOLVE_PARTS];
    int64_t payer_id, credit, amount; /* 0: none given */
    struct slice reason;
    struct flow_payee_in payee;
};
int flow_exception_resolve(struct task *t, struct flow *f, const struct flow_resolve *r, task_step next) RC_MUST;
int flow_exception_undo(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason, task_step next) RC_MUST;
int flow_exception_decide(struct task *t, struct flow *f, struct slice token_hash, int64_t id, bool agree, struct slice reason, task_step next) RC_MUST;
/* Lets the bank be right about it (sql/functions/exception_correct.sql). Done without a second person, or, why "asked", proposed. */
int flow_exception_correct(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason, task_step next) RC_MUST;
/* After these four: the rc, and why ("sum", "state" … or empty). */
int flow_exception_done(struct task *t, struct slice *why) RC_MUST;

struct flow_refund {
    struct slice token_hash;
    int64_t account_id, payer_id, charge_id, amount; /* payer or charge */
    struct slice reason;
    struct flow_payee_in payee;
};
int flow_refund_request(struct task *t, struct flow *f, const struct flow_refund *r, task_step next) RC_MUST;
int flow_refund_requested(struct task *t, struct slice *why, int64_t *exception_id) RC_MUST;

/* Closing days (sql/functions/day_*.sql). */
struct flow_day {
    int32_t day, from_day, open_day;
    bool has_from, own;
    struct slice state, seal, sheet, faults, steps; /* JSON from `sheet` on; sheet p NULL: not yet */
    int version;
};
int flow_day_show(struct task *t, struct flow *f, struct slice token_hash, int32_t day, task_step next) RC_MUST;
int flow_day_read(struct task *t, struct flow_day *out) RC_MUST;
/* action: close reopen agree refuse; then flow_exception_done. */
int flow_day_act(struct task *t, struct flow *f, struct slice token_hash, int32_t day, struct slice action, bool override, struct slice reason,
                 task_step next) RC_MUST;

#endif
