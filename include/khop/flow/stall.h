/* Stalls: made and given to a seller by who manages the market; what comes in is for the seller alone (sql/migrations: private accounts).
 * Each call parks the task; the next step reads the answer. */
#ifndef KHOP_FLOW_STALL_H
#define KHOP_FLOW_STALL_H

#include "khop/flow/code.h"
#include "khop/flow/flow.h"
#include "khop/flow/job.h"
#include <stdbool.h>

struct flow_stall {
    int64_t id; /* 0 in a list: a seller to choose from, owner_id and owner only */
    struct slice name, place;
    int64_t account_id;
    struct slice bin, account_no, holder;
    int64_t charge_id; /* of the permanent code */
    int32_t code_no;
    struct slice pay_token;
    int64_t owner_id; /* 0: nobody yet */
    struct slice owner;
    int64_t created_us;
    bool closed;
    int64_t closed_us;
    struct slice org_name;
    struct slice what; /* of a refusal: "name", "account" */
};

struct flow_stall_spec {
    struct slice token_hash, name, place, bin, account_no, holder;
};
int flow_stall_create(struct task *t, struct flow *f, const struct flow_stall_spec *spec, task_step next) RC_MUST;
/* vendors: sellers to choose from stand in front. */
int flow_stall_list(struct task *t, struct flow *f, struct slice token_hash, int64_t after_id, int32_t limit, bool vendors,
                    task_step next) RC_MUST;
int flow_stall_assign(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t owner_id, task_step next) RC_MUST;
/* One row: rc. */
int flow_stall_close(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
/* One or many; the row's rc when it is a refusal, with *out set to that row for RC_CONFLICT (`what`). */
int flow_stall_read(struct task *t, struct flow_stall **out, size_t *n) RC_MUST;

/* What came in on the stall's account. */
struct flow_takings {
    int64_t seq, amount;
    bool has_asked;
    int64_t asked;
    int32_t code_no; /* 0: none */
    int64_t paid_us, recorded_us;
    int outcome;     /* SETTLE_… of settle.h */
    int64_t before;  /* of what was asked: what had come already */
    struct slice tag; /* of what the seller's page asked for */
    bool guess;      /* it may have been for something else (flow/stall_match.h) */
    bool made_up;    /* too little by itself, but the rest came later */
};
/* What the page of a seller asked for, with its tag in the memo. */
struct flow_ask {
    struct slice tag;
    int64_t amount, asked_us, dropped_us; /* 0: still wanted */
    int64_t paid;                         /* for flow_stall_match */
    int32_t age_s;                        /* when it is told */
    bool dropped;
};
#define FLOW_ASKS_MAX 100
#define FLOW_TAG_SIZE 5
struct flow_stall_page {
    struct flow_stall stall;
    int64_t today_count, today, year;
    bool has_threshold;
    int64_t threshold;
    int32_t threshold_from;
    struct slice threshold_source;
    int64_t last; /* place in the journal up to which this page tells */
    size_t n;
    struct flow_takings *takings; /* newest first */
};
int flow_stall_page(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t after, int32_t limit, task_step next) RC_MUST;
int flow_stall_page_read(struct task *t, struct flow_stall_page *out) RC_MUST;

/* Tells what the page asked for, at most FLOW_ASKS_MAX. One row: rc. */
int flow_stall_asked(struct task *t, struct flow *f, struct slice token_hash, int64_t id, const struct flow_ask *asks, size_t n, task_step next) RC_MUST;

/* A code for one sale, for a day; flow_code_read. The same key gives the same code. */
int flow_stall_sale(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice key, int64_t amount, task_step next) RC_MUST;
int flow_stall_sale_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t charge_id, task_step next) RC_MUST;

/* A piece of the sales book. *more: ask again behind *after. */
struct flow_sale {
    int64_t paid_us;
    int32_t booked_on;
    int64_t amount;
    bool has_asked;
    int64_t asked;
    int32_t code_no;
    struct slice reference;
};
int flow_stall_sales(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int32_t from, int32_t to, int64_t after,
                     task_step next) RC_MUST;
int flow_stall_sales_read(struct task *t, struct slice *name, struct flow_sale **out, size_t *n, bool *more, int64_t *after) RC_MUST;

/* What a stall's poster says, for the job of kind "stall_poster". RC_NOT_FOUND: no open stall that whoever started the job may print. */
struct flow_stall_poster {
    struct slice name, place, bin, account_no, holder; /* place may be empty */
    int32_t code_no;
    struct slice size; /* "a5", "a6" */
};
int flow_stall_poster(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
int flow_stall_poster_read(struct task *t, struct flow_stall_poster *out) RC_MUST;

#endif
