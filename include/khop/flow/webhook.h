/* Webhooks: what an organisation wants to be told of, and the deliveries. The journal is the outbox; a delivery is made of each event of it
 * by the jobs process (lib/app/deliver.c) and sent as Standard Webhooks: at least once, the same id, time of the event and body on every try.
 * Bodies hold ids and numbers, no names. */
#ifndef KHOP_FLOW_WEBHOOK_H
#define KHOP_FLOW_WEBHOOK_H

#include "khop/flow/flow.h"

enum webhook_type { WEBHOOK_CODE_PAID = 1, WEBHOOK_RECEIPT_ISSUED = 2, WEBHOOK_EXCEPTION_OPENED = 3, WEBHOOK_TYPES = 3 };

const char *webhook_type_name(int type);         /* "code.paid" …; NULL */
int webhook_type_by_name(struct slice name);     /* 0: none */
const char *webhook_event_prefix(int type);      /* of the public id: "evt", "rcp", "exc" */

#define WEBHOOK_SECRET_SIZE 56 /* "whsec_" and base64 of 32 bytes, with NUL */

/* A new secret, as it is shown once, and its sealed form in the arena. */
int flow_webhook_secret(struct arena *arena, const uint8_t field_key[SEAL_KEY_SIZE], char out[WEBHOOK_SECRET_SIZE], struct slice *sealed) RC_MUST;

/* Rows as the statements say. */
int flow_webhook_create(struct task *t, struct flow *f, struct slice token_hash, struct slice url, const struct slice *types, size_t ntypes,
                        struct slice sealed, task_step next) RC_MUST;
int flow_webhook_list(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t after, int32_t limit, task_step next) RC_MUST;
/* sealed.p NULL: ends it. */
int flow_webhook_change(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice sealed, task_step next) RC_MUST;
struct flow_delivery_filter {
    int64_t webhook_id, event_id; /* event_id 0: the list; else that one is sent again */
    int type;
    bool has_after;
    int64_t after_us, after_id;
    int after_type;
    int32_t limit;
};
int flow_delivery_list(struct task *t, struct flow *f, struct slice token_hash, const struct flow_delivery_filter *filter, task_step next) RC_MUST;

/* --- the jobs process --- */

struct flow_delivery {
    int32_t bucket;
    int64_t webhook_id, event_id, happened_us, charge_id, amount;
    int type;
    int32_t code_no, receipt_year, receipt_no;
    bool has_code, has_amount, replayed;
    struct slice reason, url, sealed, sealed_before;
};

int flow_outbox_feed(struct task *t, struct db *db, task_step next) RC_MUST;
int flow_delivery_claim(struct task *t, struct db *db, int64_t worker, int32_t limit, task_step next) RC_MUST;
/* Row i of the claim. */
void flow_delivery_read(const struct db_rows *r, int i, struct flow_delivery *d);
/* {"type", "timestamp", "data"}: a pure function of the row. */
void flow_delivery_body(struct buf *out, const struct flow_delivery *d);
/* "v1,… v1,…": a signature for each secret in use. RC_UNAUTHORIZED: sealed with another key. */
int flow_delivery_sign(struct buf *out, const uint8_t field_key[SEAL_KEY_SIZE], const struct flow_delivery *d, struct slice id,
                       struct slice time, struct slice body) RC_MUST;
int flow_delivery_report(struct task *t, struct db *db, const struct flow_delivery *d, int64_t worker, int status, const char *error,
                         int64_t ms, task_step next) RC_MUST;

#endif
