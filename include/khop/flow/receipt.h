/* Receipts: read them, and make their signed form (security.md §6). The bytes are a pure function of the stored row and
 * the key, so they are the same whenever and wherever they are made. */
#ifndef KHOP_FLOW_RECEIPT_H
#define KHOP_FLOW_RECEIPT_H

#include "khop/base/buf.h"
#include "khop/flow/flow.h"
#include "khop/flow/job.h"
#include <stdbool.h>

struct flow_receipt {
    int64_t id;
    int32_t bucket;
    int64_t org_id;
    struct slice org_name, org_code;
    int32_t year;
    int64_t number;
    struct slice rid; /* 16 bytes */
    int64_t code_id;
    int32_t code_no;
    int64_t amount, paid_us, issued_us;
    struct slice kid, iss;
    struct slice signature; /* as kept, 64 bytes; empty: not known, or not made yet */
    bool voided;
    struct slice label, reference;
    char kind;
};

int flow_receipt_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next) RC_MUST;
int flow_receipt_list(struct task *t, struct flow *f, struct slice token_hash, int32_t year, int32_t after_year,
                      int64_t after_number, int32_t limit, task_step next) RC_MUST;
int flow_receipt_public(struct task *t, struct flow *f, int32_t bucket, struct slice rid, task_step next) RC_MUST;
int flow_receipt_read(struct task *t, struct flow_receipt *out) RC_MUST;
int flow_receipt_read_list(struct task *t, struct flow_receipt **out, size_t *n) RC_MUST;

/* What the signed form of a public receipt is made of, with the signature if the follower has made it; a row of khop.receipt_content
 * as a receipt, and the number of its transfer. Year 0: this transfer gave no receipt. */
int flow_receipt_jws(struct task *t, struct flow *f, int32_t bucket, struct slice rid, task_step next) RC_MUST;
int flow_receipt_read_content(const struct db_rows *r, int i, struct flow_receipt *out, int64_t *seq) RC_MUST;

/* Appends the compact JWS: with the signature that is kept, else with one made now; the bytes are the same. RC_NOT_FOUND when
 * there is none and the receipt was numbered under a key that this process does not hold. */
int flow_receipt_sign(const struct flow *f, const struct flow_receipt *r, struct buf *out) RC_MUST;

/* The signature alone; RC_NOT_FOUND when the receipt was numbered under another key. */
int flow_receipt_signature(const struct ed25519 *key, const char *kid, const struct flow_receipt *r,
                           uint8_t sig[ED25519_SIG_SIZE]) RC_MUST;

/* The job that makes the public paper of a receipt (once: the same receipt has the same one), and the key that stands for a token when that job
 * is asked for. RC_NOT_FOUND, RC_BUSY. The key stays as long as the task. */
struct flow_receipt_paper {
    int64_t job_id;
    struct slice state, key;
};
int flow_receipt_paper(struct task *t, struct flow *f, int32_t bucket, struct slice rid, task_step next) RC_MUST;
int flow_receipt_read_paper(struct task *t, struct flow_receipt_paper *out) RC_MUST;

/* What the paper of a receipt says, for the job that makes it. p NULL: nothing. */
struct flow_receipt_sheet {
    struct slice unit, budget_code, address, form, circular, collector;
    int32_t year;
    int64_t number;
    struct slice rid;
    int32_t code_no;
    int64_t amount, paid_us, issued_us;
    struct slice iss, kid;
    bool voided, outgoing, again, desk, copies;
    struct slice void_reason, payer, payer_address, label, reference;
};
int flow_receipt_sheet(struct task *t, struct db *db, const struct flow_job_lease *job, task_step next) RC_MUST;
int flow_receipt_sheet_read(struct task *t, struct flow_receipt_sheet *out) RC_MUST;

/* Public keys, for /.well-known/jwks.json. Rows: kid, public key, valid from, revoked at. */
int flow_keys_list(struct task *t, struct flow *f, task_step next) RC_MUST;

#endif
