#include "khop/flow/receipt.h"

#include "khop/base/clock.h"
#include "khop/pay/receipt.h"

#include "khop/base/banned.h"

enum receipt_col {
    R_RC, R_ID, R_BUCKET, R_ORG, R_ORG_NAME, R_ORG_CODE, R_YEAR, R_NO, R_RID, R_CHARGE, R_CODE, R_AMOUNT, R_PAID, R_ISSUED,
    R_KID, R_ISS, R_PUBLIC_KEY, R_VOIDED, R_LABEL, R_KIND, R_REFERENCE,
};

enum content_col { C_RC, C_BUCKET, C_ORG, C_SEQ, C_ORG_CODE, C_YEAR, C_NO, C_RID, C_CODE, C_AMOUNT, C_PAID, C_ISSUED, C_KID, C_ISS, C_SIGNATURE };

static void receipt_from_row(const struct db_rows *r, int i, struct flow_receipt *out)
{
    struct slice kind = db_text(r, i, R_KIND);

    *out = (struct flow_receipt){
        .id = db_i64(r, i, R_ID),
        .bucket = (int32_t)db_i64(r, i, R_BUCKET),
        .org_id = db_i64(r, i, R_ORG),
        .org_name = db_text(r, i, R_ORG_NAME),
        .org_code = db_text(r, i, R_ORG_CODE),
        .year = (int32_t)db_i64(r, i, R_YEAR),
        .number = db_i64(r, i, R_NO),
        .rid = db_text(r, i, R_RID),
        .code_id = db_i64(r, i, R_CHARGE),
        .code_no = (int32_t)db_i64(r, i, R_CODE),
        .amount = db_i64(r, i, R_AMOUNT),
        .paid_us = db_time_us(r, i, R_PAID),
        .issued_us = db_time_us(r, i, R_ISSUED),
        .kid = db_text(r, i, R_KID),
        .iss = db_text(r, i, R_ISS),
        .voided = db_bool(r, i, R_VOIDED),
        .label = db_text(r, i, R_LABEL),
        .reference = db_text(r, i, R_REFERENCE),
        .kind = kind.n == 1 ? kind.p[0] : '?',
    };
}

int flow_receipt_read(struct task *t, struct flow_receipt *out)
{
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) < 1)
        return RC_NOT_FOUND;
    int rc = (int)db_i64(r, 0, R_RC);

    if (rc < 0)
        return rc;
    receipt_from_row(r, 0, out);
    return RC_OK;
}

int flow_receipt_read_list(struct task *t, struct flow_receipt **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int rc;

    *out = flow_rows(t, sizeof **out, n, &rc);
    for (int i = 0; i < (int)*n; i++)
        receipt_from_row(r, i, &(*out)[i]);
    return rc;
}

int flow_receipt_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_bytes(&a, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_RECEIPT_GET, &a, next);
}

int flow_receipt_list(struct task *t, struct flow *f, struct slice token_hash, int32_t year, int32_t after_year,
                      int64_t after_number, int32_t limit, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_bytes(&a, token_hash);
    if (year != 0)
        db_arg_i32(&a, year);
    else
        db_arg_null(&a);
    if (after_year != 0) {
        db_arg_i32(&a, after_year);
        db_arg_i64(&a, after_number);
    } else {
        db_arg_null(&a);
        db_arg_null(&a);
    }
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_RECEIPT_LIST, &a, next);
}

int flow_receipt_jws(struct task *t, struct flow *f, int32_t bucket, struct slice rid, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_i32(&a, bucket);
    db_arg_bytes(&a, rid);
    return db_call(f->db, t, DB_RECEIPT_JWS, &a, next);
}

int flow_receipt_read_content(const struct db_rows *r, int i, struct flow_receipt *out, int64_t *seq)
{
    if (i >= db_rows_count(r))
        return RC_NOT_FOUND;
    if (db_i64(r, i, C_RC) < 0)
        return (int)db_i64(r, i, C_RC);
    *out = (struct flow_receipt){
        .bucket = (int32_t)db_i64(r, i, C_BUCKET),
        .org_id = db_i64(r, i, C_ORG),
        .org_code = db_text(r, i, C_ORG_CODE),
        .year = (int32_t)db_i64(r, i, C_YEAR),
        .number = db_i64(r, i, C_NO),
        .rid = db_text(r, i, C_RID),
        .code_no = (int32_t)db_i64(r, i, C_CODE),
        .amount = db_i64(r, i, C_AMOUNT),
        .paid_us = db_time_us(r, i, C_PAID),
        .issued_us = db_time_us(r, i, C_ISSUED),
        .kid = db_text(r, i, C_KID),
        .iss = db_text(r, i, C_ISS),
        .signature = db_text(r, i, C_SIGNATURE),
    };
    *seq = db_i64(r, i, C_SEQ);
    return RC_OK;
}

int flow_receipt_public(struct task *t, struct flow *f, int32_t bucket, struct slice rid, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_i32(&a, bucket);
    db_arg_bytes(&a, rid);
    return db_call(f->db, t, DB_RECEIPT_PUBLIC, &a, next);
}

static int receipt_fields(const struct flow_receipt *r, struct receipt *out)
{
    if (r->rid.n != RECEIPT_RID_SIZE || r->iss.n > RECEIPT_ISS_MAX || r->org_code.n > RECEIPT_ORG_MAX)
        return RC_INTERNAL;
    *out = (struct receipt){ .iat = r->issued_us / CLOCK_US,
                             .paid_at = r->paid_us,
                             .amount = r->amount,
                             .code_no = r->code_no,
                             .year = r->year,
                             .no = r->number };
    memcpy(out->rid, r->rid.p, r->rid.n);
    memcpy(out->iss, r->iss.p, r->iss.n);
    memcpy(out->org, r->org_code.p, r->org_code.n);
    return RC_OK;
}

/* What a signature covers, as it stands in the payload. */
static int receipt_content(const struct flow_receipt *r, struct buf *out)
{
    struct receipt fields;
    int rc = receipt_fields(r, &fields);

    return rc < 0 ? rc : receipt_write(out, &fields);
}

int flow_receipt_signature(const struct ed25519 *key, const char *kid, const struct flow_receipt *r, uint8_t sig[ED25519_SIG_SIZE])
{
    struct buf content;
    int rc;

    if (!slice_is(r->kid, kid))
        return RC_NOT_FOUND;
    buf_init(&content, RECEIPT_MAX);
    rc = receipt_content(r, &content);
    if (rc == RC_OK)
        rc = jws_signature(key, kid, RECEIPT_TYP, buf_slice(&content), sig);
    buf_release(&content);
    return rc;
}

int flow_receipt_sign(const struct flow *f, const struct flow_receipt *r, struct buf *out)
{
    uint8_t sig[ED25519_SIG_SIZE];
    char kid[JWS_KID_SIZE] = "";
    struct buf content;
    int rc;

    if (r->kid.n >= sizeof kid)
        return RC_INTERNAL;
    memcpy(kid, r->kid.p, r->kid.n);
    if (r->signature.n == sizeof sig)
        memcpy(sig, r->signature.p, sizeof sig);
    else if ((rc = flow_receipt_signature(f->receipt_key, f->kid, r, sig)) < 0)
        return rc;
    buf_init(&content, RECEIPT_MAX);
    rc = receipt_content(r, &content);
    if (rc == RC_OK)
        rc = jws_join(out, kid, RECEIPT_TYP, buf_slice(&content), sig);
    buf_release(&content);
    return rc;
}

int flow_keys_list(struct task *t, struct flow *f, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    return db_call(f->db, t, DB_KEY_LIST, &a, next);
}
