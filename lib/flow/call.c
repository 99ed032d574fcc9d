/* What most use cases begin and end with. */
#include "khop/base/clock.h"
#include "khop/flow/flow.h"

#include "khop/base/banned.h"

void flow_args(struct db_args *a, struct task *t, struct slice token_hash)
{
    db_args_init(a, t->arena);
    db_arg_bytes(a, token_hash);
    db_arg_time(a, clock_wall_us());
}

int flow_arg_request(struct db_args *a, struct slice key, struct slice request)
{
    uint8_t *hashes = arena_alloc(a->arena, (size_t)2 * SHA256_SIZE);

    if (hashes == NULL)
        return RC_NOMEM;
    if (crypto_sha256(key, hashes) < 0 || crypto_sha256(request, hashes + SHA256_SIZE) < 0)
        return RC_INTERNAL;
    db_arg_bytes(a, (struct slice){ (char *)hashes, SHA256_SIZE });
    db_arg_bytes(a, (struct slice){ (char *)hashes + SHA256_SIZE, SHA256_SIZE });
    return RC_OK;
}

int flow_random48(int64_t *out)
{
    uint8_t b[6];
    int64_t v = 0;

    if (crypto_random(b, sizeof b) < 0)
        return RC_INTERNAL;
    for (size_t i = 0; i < sizeof b; i++)
        v = (v << 8) | b[i];
    *out = v;
    return RC_OK;
}

int flow_rc_read(struct task *t)
{
    const struct db_rows *r = db_result(t);

    return db_rows_count(r) < 1 ? RC_INTERNAL : (int)db_i64(r, 0, 0);
}

void *flow_rows(struct task *t, size_t size, size_t *n, int *rc)
{
    const struct db_rows *r = db_result(t);
    size_t count = (size_t)db_rows_count(r);
    void *out = NULL;

    *rc = count == 0 ? RC_OK : (int)db_i64(r, 0, 0);
    if (*rc == RC_OK && count > 0) {
        out = arena_array(t->arena, count, size);
        *rc = out == NULL ? RC_NOMEM : RC_OK;
    }
    *n = out == NULL ? 0 : count;
    return out;
}
