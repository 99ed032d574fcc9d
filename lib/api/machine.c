/* What machines ask: keys, health. */
#include "khop/api/api.h"
#include "khop/api/json.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/receipt.h"

#include "khop/base/banned.h"

#define PARTITIONS_AHEAD_MIN 2

enum key_col { K_KID, K_PUBLIC, K_FROM, K_REVOKED };

static json_t *jwk(struct task *t, const struct db_rows *r, int i)
{
    json_t *doc = json_pack("{s:s, s:s, s:s, s:s}", "kty", "OKP", "crv", "Ed25519", "use", "sig", "alg", "Ed25519");
    struct slice key = db_text(r, i, K_PUBLIC);
    struct buf x;

    buf_init_arena(&x, t->arena, 64);
    enc_base64url(&x, key.p, key.n);
    api_set_slice(doc, "kid", db_text(r, i, K_KID));
    api_set_slice(doc, "x", buf_slice(&x));
    json_object_set_new(doc, "nbf", json_integer(db_time_us(r, i, K_FROM) / CLOCK_US));
    return doc;
}

static int jwks_done(struct task *t)
{
    const struct db_rows *r = db_result(t);
    json_t *keys = json_array();

    for (int i = 0; i < db_rows_count(r); i++) {
        /* One key may stand under several origins: it is listed once. */
        if (i == 0 || !slice_eq(db_text(r, i, K_KID), db_text(r, i - 1, K_KID)))
            json_array_append_new(keys, jwk(t, r, i));
    }
    reply_header(req_of(t), "Access-Control-Allow-Origin", SLICE("*"));
    return api_reply(req_of(t), 200, json_pack("{s:o}", "keys", keys));
}

int api_jwks(struct req *rq)
{
    return flow_keys_list(&rq->task, rq->app, jwks_done);
}

int api_healthz(struct req *rq)
{
    return reply(rq, 200, "text/plain; charset=utf-8", SLICE("ok\n"));
}

static int not_ready(struct req *rq)
{
    reply_header(rq, "Retry-After", SLICE("5"));
    return reply(rq, 503, "text/plain; charset=utf-8", SLICE("not ready\n"));
}

static int ready_done(struct task *t)
{
    const struct db_rows *r = db_result(t);

    t->rescue = NULL;
    if (db_rows_count(r) != 1 || !db_bool(r, 0, 0) || db_i64(r, 0, 1) < PARTITIONS_AHEAD_MIN)
        return not_ready(req_of(t));
    return reply(req_of(t), 200, "text/plain; charset=utf-8", SLICE("ready\n"));
}

static int ready_failed(struct task *t, int rc)
{
    (void)rc;
    return not_ready(req_of(t));
}

int api_readyz(struct req *rq)
{
    const struct flow *f = rq->app;
    struct db_args a;

    if (!db_ready(f->db) || f->key_no == 0)
        return not_ready(rq);
    db_args_init(&a, rq->task.arena);
    db_arg_time(&a, clock_wall_us());
    rq->task.rescue = ready_failed;
    return db_call(f->db, &rq->task, DB_READY, &a, ready_done);
}
