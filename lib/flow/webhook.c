/* Webhooks as their organisation sees them. */
#include "khop/flow/webhook.h"

#include "khop/base/enc.h"

#include <stdio.h>

#include "khop/base/banned.h"

static const struct {
    const char *name, *prefix;
} TYPES[WEBHOOK_TYPES + 1] = {
    [WEBHOOK_CODE_PAID] = { "code.paid", "evt" },
    [WEBHOOK_RECEIPT_ISSUED] = { "receipt.issued", "rcp" },
    [WEBHOOK_EXCEPTION_OPENED] = { "exception.opened", "exc" },
};

const char *webhook_type_name(int type)
{
    return type >= 1 && type <= WEBHOOK_TYPES ? TYPES[type].name : NULL;
}

const char *webhook_event_prefix(int type)
{
    return type >= 1 && type <= WEBHOOK_TYPES ? TYPES[type].prefix : NULL;
}

int webhook_type_by_name(struct slice name)
{
    for (int i = 1; i <= WEBHOOK_TYPES; i++) {
        if (slice_is(name, TYPES[i].name))
            return i;
    }
    return 0;
}

#define SECRET_BYTES 32

int flow_webhook_secret(struct arena *arena, const uint8_t field_key[SEAL_KEY_SIZE], char out[WEBHOOK_SECRET_SIZE], struct slice *sealed)
{
    uint8_t bytes[SECRET_BYTES], *box = arena_alloc(arena, sizeof bytes + SEAL_OVERHEAD);
    struct buf text;
    size_t n = 0;

    if (box == NULL)
        return RC_NOMEM;
    buf_init(&text, WEBHOOK_SECRET_SIZE);
    buf_puts(&text, "whsec_");
    int rc = crypto_random(bytes, sizeof bytes);

    if (rc == RC_OK) {
        enc_base64(&text, bytes, sizeof bytes);
        rc = text.failed ? RC_NOMEM
                         : crypto_seal(field_key, SLICE("webhook"), (struct slice){ (char *)bytes, sizeof bytes }, box,
                                       sizeof bytes + SEAL_OVERHEAD, &n);
    }
    if (rc == RC_OK)
        snprintf(out, WEBHOOK_SECRET_SIZE, "%.*s", SLICE_FMT(buf_slice(&text)));
    *sealed = (struct slice){ (char *)box, n };
    explicit_bzero(bytes, sizeof bytes);
    buf_release(&text);
    return rc;
}

int flow_webhook_create(struct task *t, struct flow *f, struct slice token_hash, struct slice url, const struct slice *types, size_t ntypes,
                        struct slice sealed, task_step next)
{
    int64_t random;
    struct db_args a;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, token_hash);
    db_arg_i64(&a, random);
    db_arg_text(&a, url);
    db_arg_text_array(&a, types, ntypes);
    db_arg_bytes(&a, sealed);
    return db_call(f->db, t, DB_WEBHOOK_CREATE, &a, next);
}

int flow_webhook_list(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t after, int32_t limit, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_id(&a, id);
    db_arg_id(&a, after);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_WEBHOOK_LIST, &a, next);
}

int flow_webhook_change(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice sealed, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_bytes(&a, sealed);
    return db_call(f->db, t, DB_WEBHOOK_CHANGE, &a, next);
}

int flow_delivery_list(struct task *t, struct flow *f, struct slice token_hash, const struct flow_delivery_filter *filter, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, filter->webhook_id);
    if (filter->event_id != 0)
        db_arg_i16(&a, (int16_t)filter->type);
    else
        db_arg_null(&a);
    db_arg_id(&a, filter->event_id);
    if (filter->has_after) {
        db_arg_time(&a, filter->after_us);
        db_arg_i16(&a, (int16_t)filter->after_type);
        db_arg_i64(&a, filter->after_id);
    } else {
        db_arg_null(&a);
        db_arg_null(&a);
        db_arg_null(&a);
    }
    db_arg_i32(&a, filter->limit);
    return db_call(f->db, t, DB_DELIVERY_LIST, &a, next);
}
