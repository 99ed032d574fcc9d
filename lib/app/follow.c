#include "follow.h"

#include "khop/base/clock.h"
#include "khop/base/log.h"
#include "khop/base/spare.h"
#include "khop/crypto/jws.h"
#include "khop/flow/sign.h"
#include "khop/loop/task.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define IDLE_MS          400 /* between lots that are not full: the more receipts of an organisation in one, the cheaper each */
#define SPAN_MAX_MS      5000 /* a lot has at most so long, whatever the machine is doing */
#define REST_MS          1000 /* after trouble */
#define STEP_DEADLINE_MS 60000

struct follow {
    struct loop *loop;
    struct db *db;
    struct db_config config;
    struct ed25519 *key;
    char kid[JWS_KID_SIZE];
    struct task task;
    struct flow_signed lot;
    struct spare spare; /* payments come first: signing takes what they leave */
    bool busy, more;
    int64_t began_ms, rest_until_ms;
};

static void turn_start(struct follow *f);

static void turn_released(struct task *t)
{
    struct follow *f = t->state;

    arena_free(t->arena);
    f->busy = false;
    if (f->more && f->rest_until_ms <= loop_now_ms(f->loop) && !loop_stopping(f->loop))
        turn_start(f);
}

static void turn_failed(struct task *t, int rc)
{
    struct follow *f = t->state;

    log_warn("signing_failed", "rc=%s do=\"it is tried again\"", rc_name(rc));
    f->rest_until_ms = loop_now_ms(f->loop) + REST_MS;
    task_end(t);
}

/* When the next lot may begin, after one that took so much processor time. */
static int64_t next_ms(struct follow *f, int64_t cpu_us)
{
    int64_t span_ms = spare_span_us(&f->spare, cpu_us) / 1000, idle_ms = f->more ? 0 : IDLE_MS;

    if (span_ms < idle_ms)
        span_ms = idle_ms;
    return f->began_ms + (span_ms < SPAN_MAX_MS ? span_ms : SPAN_MAX_MS);
}

static int lot_stored(struct task *t)
{
    struct follow *f = t->state;
    int rc = flow_sign_stored(t);

    if (rc < 0)
        return rc;
    if (f->lot.strangers > 0)
        log_warn("receipts_of_another_key", "n=%zu do=\"keep a khopd with their key until the log shows none\"", f->lot.strangers);
    task_end(t);
    return RC_OK;
}

static int lot_read(struct task *t)
{
    struct follow *f = t->state;
    int64_t from_us = clock_thread_us();
    int rc = flow_sign_lot(t, f->key, f->kid, &f->lot);

    if (rc < 0)
        return rc;
    f->more = f->lot.rows == FLOW_SIGN_MAX;
    f->rest_until_ms = next_ms(f, clock_thread_us() - from_us);
    if (f->lot.rows > 0)
        return flow_sign_store(t, f->db, &f->lot, lot_stored);
    task_end(t);
    return RC_OK;
}

static int turn_begin(struct task *t)
{
    struct follow *f = t->state;

    return flow_sign_next(t, f->db, lot_read);
}

static void turn_start(struct follow *f)
{
    struct arena *arena = arena_new(0);

    f->began_ms = loop_now_ms(f->loop);
    f->rest_until_ms = f->began_ms + IDLE_MS;
    f->more = false;
    if (arena == NULL)
        return;
    f->busy = true;
    task_begin(&f->task, f->loop, arena, loop_now_ms(f->loop) + STEP_DEADLINE_MS, turn_failed, turn_released);
    f->task.state = f;
    task_run(&f->task, turn_begin);
}

void follow_tick(struct follow *f)
{
    if (!f->busy && db_ready(f->db) && f->rest_until_ms <= loop_now_ms(f->loop))
        turn_start(f);
}

struct follow *follow_new(struct loop *l, const struct config *config, const struct app_keys *keys)
{
    struct follow *f = calloc(1, sizeof *f);
    uint8_t public_key[ED25519_KEY_SIZE];

    if (f == NULL)
        return NULL;
    f->loop = l;
    spare_open(&f->spare);
    f->config = (struct db_config){ .conninfo = config->jobs_database, .lanes = 0, .readers = 1, .role = DB_ROLE_JOBS,
                                    .statement_ms = STEP_DEADLINE_MS };
    f->key = ed25519_from_seed(keys->receipt_seed);
    f->db = f->key == NULL ? NULL : db_open(l, &f->config);
    if (f->db == NULL) {
        follow_free(f);
        return NULL;
    }
    ed25519_public(f->key, public_key);
    if (jws_thumbprint(public_key, f->kid) < 0) {
        follow_free(f);
        return NULL;
    }
    return f;
}

void follow_free(struct follow *f)
{
    if (f == NULL)
        return;
    if (f->db != NULL)
        db_close(f->db);
    ed25519_free(f->key);
    spare_close(&f->spare);
    free(f);
}
