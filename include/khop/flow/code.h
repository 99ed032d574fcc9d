/* Payment codes: issue, read, list, cancel. A request is checked here as far as it can be without the database; the
 * decision is one SQL function. Each call parks the task; the next step reads the answer with flow_code_read. */
#ifndef KHOP_FLOW_CODE_H
#define KHOP_FLOW_CODE_H

#include "khop/flow/flow.h"
#include <stdbool.h>

struct flow_payee {
    struct slice bin, account_no, name;
};

/* A line of a bill; what the state pays is below zero. */
struct flow_line {
    struct slice label;
    int64_t amount;
};

#define FLOW_LINES_MAX 50

/* What is asked. Slices stay valid as long as the task. */
struct flow_code_spec {
    struct slice token_hash;      /* SHA-256 of the API token */
    struct slice idempotency_key; /* as sent */
    struct slice request;         /* the body as sent: same key with another body is refused */
    int64_t account_id;
    char kind;                    /* letter of design §4 */
    bool has_amount;
    int64_t amount;
    struct slice label;
    struct slice payer_ref, payer_name, payer_class;
    bool no_credit;               /* of a payer of the list: leave its credit alone */
    struct flow_payee payee;      /* of kinds that pay out only */
    bool has_due;
    int32_t due_on;
    bool has_expiry;
    int64_t expires_us;
    size_t nlines;                /* their sum is the amount */
    struct flow_line lines[FLOW_LINES_MAX];
};

struct flow_code_receipt {
    int64_t id;
    int32_t year;
    int64_t number, amount, paid_us;
    struct slice rid; /* 16 bytes */
    bool voided;      /* its money was taken back */
};

/* A code as the database holds it. */
struct flow_code {
    bool repeated;
    int64_t id;
    int32_t code_no;
    char kind;
    struct slice status;
    bool has_amount;
    int64_t amount, paid;
    int64_t credit_used;    /* what of `paid` the payer's credit paid */
    struct slice label;
    int64_t account_id;
    struct slice bin, account_no, holder;
    int64_t payer_id;       /* 0: nobody of the list */
    struct slice payer_ref, payer_name, payer_class;
    bool has_payee;         /* money out */
    struct flow_payee payee;
    struct slice lines;     /* of the bill: a JSON array of [label, amount]; empty without any */
    bool has_due;
    int32_t due_on;
    bool has_expiry;
    int64_t expires_us;
    struct slice pay_token; /* 16 bytes */
    int64_t created_us;
    int64_t org_id;
    struct slice org_name;
    size_t nreceipts;
    struct flow_code_receipt *receipts;
};

/* A code for one request: 1 row gives one code with its receipts. Returns the row's rc (RC_NOT_FOUND …). */
int flow_code_read(struct task *t, struct flow_code *out) RC_MUST;
/* A list: one row a code. *n is 0 for an empty page. */
int flow_code_read_list(struct task *t, struct flow_code **out, size_t *n) RC_MUST;

/* Random numbers of a kind. Free ones are tried in this order by one statement; with a kind nine tenths full all are taken once
 * in 850 calls. */
#define FLOW_CODE_CANDIDATES 64
int flow_code_candidates(char kind, int32_t out[FLOW_CODE_CANDIDATES]) RC_MUST;
/* Codes that are asked for at the same time are issued in one call where they can. Takes the task's state. */
int flow_code_issue(struct task *t, struct flow *f, const struct flow_code_spec *spec, task_step next) RC_MUST;
/* By id, or by code number when id is 0. */
int flow_code_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int32_t code_no, task_step next) RC_MUST;
struct flow_code_filter {
    struct slice status;    /* p NULL: any */
    int64_t account_id;     /* 0: any */
    bool has_after;
    int64_t after_us, after_id;
    int32_t limit;
};
int flow_code_list(struct task *t, struct flow *f, struct slice token_hash, const struct flow_code_filter *filter,
                   task_step next) RC_MUST;
int flow_code_cancel(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice reason,
                     task_step next) RC_MUST;
/* By the token of a pay page's address; no login. */
int flow_code_by_pay_token(struct task *t, struct flow *f, int32_t bucket, struct slice pay_token, task_step next) RC_MUST;

/* The nine characters, and the transfer memo (code, space, label cut to 25). */
#define FLOW_MEMO_SIZE (25 + 1) /* MEMO_LIMIT of pay/memo.h and NUL */
int flow_code_memo(const struct flow_code *c, char memo[FLOW_MEMO_SIZE]) RC_MUST;

#endif
