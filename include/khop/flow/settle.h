/* Settlement: bank events with the payment codes found in their memos go to SQL settle_batch through the lane of their
 * bucket, many requests in one call, each request whole or not at all. Rules: reference ledger.md §3–5, product.md §3.5. */
#ifndef KHOP_FLOW_SETTLE_H
#define KHOP_FLOW_SETTLE_H

#include "khop/flow/flow.h"
#include "khop/pay/match.h"
#include <stdbool.h>

enum settle_outcome {
    SETTLE_HELD = 0,
    SETTLE_SETTLED = 1,
    SETTLE_SHORT = 2,
    SETTLE_OVER = 3,
    SETTLE_ALREADY_PAID = 4,
    SETTLE_UNKNOWN_CODE = 5,
    SETTLE_CANCELLED = 6,
    SETTLE_EXPIRED = 7,
    SETTLE_NO_CODE = 8,
    SETTLE_WRONG_ACCOUNT = 9,
    SETTLE_SEVERAL_CHARGES = 10,
    SETTLE_OUT_OF_DIRECTION = 11,
    SETTLE_AMBIGUOUS_CODE = 12,
    SETTLE_OUTCOMES,
};

/* The name used in the API and in the audit views; "unknown" for a number that is none. */
const char *settle_outcome_name(int outcome);

struct settle_event {
    struct slice ext_id, memo, reference;
    uint8_t hash[SHA256_SIZE];  /* of the decoded business fields */
    int direction;              /* 1 in, 2 out */
    int64_t amount, paid_us;
    bool has_balance;
    int64_t balance;
    /* what settle_prepare adds */
    size_t ncandidates;
    struct match_code *candidates;
    /* the answer */
    int outcome;
    bool repeated, conflict;
    int64_t stored_id, seq, receipt_no, charge_id;
    int32_t receipt_year;
};

/* One notice with all its events: settles whole. Lives in the task's arena. */
struct settle_item {
    int32_t bucket;
    int64_t account_id, connection_id;
    int64_t notice_id; /* of a held or witness notice; the database numbers the others */
    int provider;
    int64_t now_us;
    int16_t key_no;
    struct slice body;
    uint8_t body_hash[SHA256_SIZE];
    size_t nevents;
    struct settle_event *events;
    struct flow *flow;
};

extern const struct db_batch_kind flow_settle_kind;

/* Draws the receipts' addresses, finds the codes in the memos, and parks the task until the item's batch is committed; the next step finds
 * outcomes in the events. RC_BUSY when too many wait; RC_BAD_INPUT wakes the task when the database refuses this item
 * alone (the caller holds it as an exception). */
int flow_settle(struct task *t, struct flow *f, struct settle_item *item, task_step next) RC_MUST;

#endif
