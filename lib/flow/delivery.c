/* Deliveries as the jobs process sees them. */
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/webhook.h"
#include "khop/pay/code.h"
#include "khop/pay/receipt.h"

#include "khop/base/banned.h"

#define FEED_ROWS  500
#define JITTER_END 1000001

enum claim_col {
    M_BUCKET, M_WEBHOOK, M_TYPE, M_EVENT, M_TIME, M_CHARGE, M_CODE, M_AMOUNT, M_YEAR, M_NO, M_REASON, M_REPLAYED, M_URL, M_SEALED, M_BEFORE,
};

int flow_outbox_feed(struct task *t, struct db *db, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_i32(&a, FEED_ROWS);
    return db_call(db, t, DB_OUTBOX_FEED, &a, next);
}

int flow_delivery_claim(struct task *t, struct db *db, int64_t worker, int32_t limit, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_i64(&a, worker);
    db_arg_i32(&a, limit);
    return db_call(db, t, DB_DELIVERY_CLAIM, &a, next);
}

void flow_delivery_read(const struct db_rows *r, int i, struct flow_delivery *d)
{
    *d = (struct flow_delivery){
        .bucket = (int32_t)db_i64(r, i, M_BUCKET),
        .webhook_id = db_i64(r, i, M_WEBHOOK),
        .type = (int)db_i64(r, i, M_TYPE),
        .event_id = db_i64(r, i, M_EVENT),
        .happened_us = db_time_us(r, i, M_TIME),
        .charge_id = db_i64(r, i, M_CHARGE),
        .has_code = !db_null(r, i, M_CODE),
        .code_no = (int32_t)db_i64(r, i, M_CODE),
        .has_amount = !db_null(r, i, M_AMOUNT),
        .amount = db_i64(r, i, M_AMOUNT),
        .receipt_year = (int32_t)db_i64(r, i, M_YEAR),
        .receipt_no = (int32_t)db_i64(r, i, M_NO),
        .reason = db_text(r, i, M_REASON),
        .replayed = db_bool(r, i, M_REPLAYED),
        .url = db_text(r, i, M_URL),
        .sealed = db_text(r, i, M_SEALED),
        .sealed_before = db_text(r, i, M_BEFORE),
    };
}

static void put_id(struct buf *out, const char *name, const char *prefix, int64_t id)
{
    char text[ENC_ID_SIZE];

    if (id == 0) {
        buf_printf(out, ",\"%s\":null", name);
        return;
    }
    enc_id(text, prefix, id);
    buf_printf(out, ",\"%s\":\"%s\"", name, text);
}

void flow_delivery_body(struct buf *out, const struct flow_delivery *d)
{
    char time[CLOCK_RFC3339_SIZE], id[ENC_ID_SIZE], code[CODE_SIZE], no[RECEIPT_NO_SIZE];

    clock_rfc3339(time, d->happened_us, CLOCK_VN_OFFSET_S);
    enc_id(id, webhook_event_prefix(d->type), d->event_id);
    buf_printf(out, "{\"type\":\"%s\",\"timestamp\":\"%s\",\"data\":{\"id\":\"%s\"", webhook_type_name(d->type), time, id);
    put_id(out, "code_id", "cod", d->charge_id);
    if (d->has_code && code_ok(d->code_no)) {
        code_text(code, d->code_no);
        buf_printf(out, ",\"code\":\"%s\"", code);
    } else {
        buf_puts(out, ",\"code\":null");
    }
    if (d->has_amount)
        buf_printf(out, ",\"amount\":%lld,\"currency\":\"VND\"", (long long)d->amount);
    else
        buf_puts(out, ",\"amount\":null,\"currency\":\"VND\"");
    if (d->type == WEBHOOK_EXCEPTION_OPENED)
        buf_printf(out, ",\"reason\":\"%.*s\"", SLICE_FMT(d->reason));
    else if (receipt_no_text(no, d->receipt_year, d->receipt_no) == RC_OK)
        buf_printf(out, ",\"receipt\":\"%s\"", no);
    buf_puts(out, "}}");
}

static int put_signature(struct buf *out, const uint8_t field_key[SEAL_KEY_SIZE], struct slice sealed, const struct slice parts[5])
{
    uint8_t secret[64], mac[SHA512_SIZE];
    size_t n = 0;
    int rc = sealed.n > sizeof secret + SEAL_OVERHEAD ? RC_BAD_INPUT : crypto_open(field_key, SLICE("webhook"), sealed, secret, sizeof secret, &n);
    struct mac *m = rc == RC_OK ? mac_new(MAC_HMAC_SHA256, (struct slice){ (char *)secret, n }) : NULL;

    explicit_bzero(secret, sizeof secret);
    if (m == NULL)
        return rc < 0 ? rc : RC_INTERNAL;
    rc = mac_sign(m, parts, 5, mac);
    mac_free(m);
    if (rc < 0)
        return rc;
    buf_puts(out, out->n > 0 ? " v1," : "v1,");
    enc_base64(out, mac, SHA256_SIZE);
    return RC_OK;
}

int flow_delivery_sign(struct buf *out, const uint8_t field_key[SEAL_KEY_SIZE], const struct flow_delivery *d, struct slice id,
                       struct slice time, struct slice body)
{
    const struct slice parts[5] = { id, SLICE("."), time, SLICE("."), body };
    int rc = put_signature(out, field_key, d->sealed, parts);

    return rc == RC_OK && d->sealed_before.p != NULL ? put_signature(out, field_key, d->sealed_before, parts) : rc;
}

int flow_delivery_report(struct task *t, struct db *db, const struct flow_delivery *d, int64_t worker, int status, const char *error,
                         int64_t ms, task_step next)
{
    struct db_args a;
    uint32_t jitter;

    if (crypto_random(&jitter, sizeof jitter) < 0)
        return RC_INTERNAL;
    db_args_init(&a, t->arena);
    db_arg_i32(&a, d->bucket);
    db_arg_i64(&a, d->webhook_id);
    db_arg_i16(&a, (int16_t)d->type);
    db_arg_i64(&a, d->event_id);
    db_arg_i64(&a, worker);
    db_arg_time(&a, clock_wall_us());
    if (status != 0)
        db_arg_i32(&a, status);
    else
        db_arg_null(&a);
    db_arg_text(&a, error == NULL ? (struct slice){ 0 } : slice_of(error));
    db_arg_i32(&a, (int32_t)ms);
    db_arg_i32(&a, (int32_t)(jitter % JITTER_END));
    return db_call(db, t, DB_DELIVERY_REPORT, &a, next);
}
