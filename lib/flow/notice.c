#include "khop/flow/notice.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/log.h"

#include "khop/base/banned.h"

static int notice_answer(struct task *t, enum provider_outcome outcome)
{
    struct flow_notice *n = t->state;
    char ref[ENC_ID_SIZE];
    const char *id = NULL;

    if (n->item.nevents > 0 && n->item.events[0].stored_id != 0) {
        enc_id(ref, "evt", n->item.events[0].stored_id);
        id = ref;
    } else if (n->item.notice_id != 0) {
        enc_id(ref, "ntc", n->item.notice_id);
        id = ref;
    }
    int rc = provider_answer(n->connection->mode, outcome, &n->verdict, id, t->arena, &n->reply);

    return rc < 0 ? rc : n->answered(t, n);
}

/* Nothing is known to be stored: the provider keeps the notice and comes again; the event key makes that safe. */
static int notice_unavailable(struct task *t, int rc)
{
    const struct flow_notice *n = t->state;
    char account[LOG_TAIL4_SIZE];

    log_warn("notice_not_stored", "trace=%s rc=%s provider=%s account=%s", t->trace, rc_name(rc),
             provider_name(n->connection->provider), log_tail4(account, slice_of(n->connection->account_no)));
    return notice_answer(t, PROVIDER_UNAVAILABLE);
}

static int notice_kept(struct task *t)
{
    struct flow_notice *n = t->state;
    const struct db_rows *r = db_result(t);

    if (db_rows_count(r) != 1 || db_i64(r, 0, 0) < 0)
        return RC_INTERNAL;
    if (n->hold_reason != NULL && !db_bool(r, 0, 1))
        n->f->counts.notices[SETTLE_HELD]++;
    return notice_answer(t, PROVIDER_DONE);
}

/* The database counts a bucket's events up from 1; ids of notices that are no events have the highest of the 48 bits. */
#define NOTICE_ID_APART (UINT64_C(1) << (ENC_ID_RANDOM_BITS - 1))

static int notice_new_id(const struct flow_notice *n, int64_t *id)
{
    int64_t random;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    *id = enc_id_make(n->connection->bucket, (uint64_t)random | NOTICE_ID_APART);
    return RC_OK;
}

static void notice_raw_args(struct task *t, const struct flow_notice *n, int64_t id, struct db_args *a)
{
    db_args_init(a, t->arena);
    db_arg_i64(a, n->connection->account_id);
    db_arg_time(a, n->in.now_us);
    db_arg_i64(a, id);
    db_arg_i64(a, n->connection->id);
    db_arg_bytes(a, n->in.body.p != NULL ? n->in.body : SLICE(""));
    db_arg_bytes(a, (struct slice){ (const char *)n->body_hash, sizeof n->body_hash });
}

/* Raw bytes and one open exception, nothing booked. */
static int notice_hold(struct task *t, const char *reason)
{
    struct flow_notice *n = t->state;
    struct db_args a;
    int64_t exception_id;

    n->hold_reason = reason;
    if (notice_new_id(n, &n->item.notice_id) < 0 || notice_new_id(n, &exception_id) < 0)
        return RC_INTERNAL;
    notice_raw_args(t, n, n->item.notice_id, &a);
    db_arg_text(&a, slice_of(reason));
    db_arg_text(&a, n->verdict.ext_id.n > 0 ? n->verdict.ext_id : (struct slice){ 0 });
    db_arg_i64(&a, exception_id);
    t->rescue = notice_unavailable;
    return db_call(n->f->db, t, DB_NOTICE_HOLD, &a, notice_kept);
}

/* A second source of an account already settled by another connection: kept for comparison, never booked. */
static int notice_witness(struct task *t)
{
    struct flow_notice *n = t->state;
    struct db_args a;

    if (notice_new_id(n, &n->item.notice_id) < 0)
        return RC_INTERNAL;
    notice_raw_args(t, n, n->item.notice_id, &a);
    t->rescue = notice_unavailable;
    return db_call(n->f->db, t, DB_NOTICE_WITNESS, &a, notice_kept);
}

static int notice_settled(struct task *t)
{
    struct flow_notice *n = t->state;

    if (n->hold_reason != NULL)
        return notice_hold(t, n->hold_reason);
    return notice_answer(t, PROVIDER_DONE);
}

static int notice_settle_failed(struct task *t, int rc)
{
    char account[LOG_TAIL4_SIZE];
    struct flow_notice *n = t->state;

    if (rc != RC_BAD_INPUT)
        return notice_unavailable(t, rc);
    /* The database refuses this notice alone, whatever is tried: it is kept and somebody looks at it. */
    log_error("notice_quarantined", "trace=%s provider=%s account=%s", t->trace, provider_name(n->connection->provider),
              log_tail4(account, slice_of(n->connection->account_no)));
    if (n->item.nevents == 1)
        n->verdict.ext_id = n->item.events[0].ext_id; /* by which the person who looks finds it at the provider */
    return notice_hold(t, "unreadable_notice");
}

static int notice_submit(struct task *t)
{
    struct flow_notice *n = t->state;

    return flow_settle(t, n->f, &n->item, notice_settled);
}

static int notice_settle(struct task *t)
{
    struct flow_notice *n = t->state;
    struct settle_item *it = &n->item;
    const struct flow_connection *c = n->connection;

    *it = (struct settle_item){ .bucket = c->bucket, .account_id = c->account_id, .connection_id = c->id,
                                .provider = c->provider, .now_us = n->in.now_us, .body = n->in.body };
    memcpy(it->body_hash, n->body_hash, sizeof it->body_hash);
    it->events = arena_array(t->arena, n->verdict.n, sizeof *it->events);
    if (it->events == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < n->verdict.n; i++) {
        const struct notice_event *from = &n->verdict.events[i];
        struct settle_event *to = &it->events[it->nevents];

        if (!notice_names_account(from, slice_of(c->account_no))) {
            n->hold_reason = "wrong_account"; /* recorded, never credited (security.md §2) */
            continue;
        }
        *to = (struct settle_event){ .ext_id = from->ext_id, .memo = from->memo, .reference = from->reference,
                                     .direction = (int)from->direction, .amount = from->amount, .paid_us = from->time_us,
                                     .has_balance = from->has_balance, .balance = from->balance };
        memcpy(to->hash, from->body_hash, sizeof to->hash);
        it->nevents++;
    }
    if (it->nevents == 0)
        return n->hold_reason != NULL ? notice_hold(t, n->hold_reason) : notice_answer(t, PROVIDER_DONE);
    t->rescue = notice_settle_failed;
    return flow_key_await(t, n->f, notice_submit);
}

/* The alarm has been written down, or could not be: the sender hears the same. */
static int notice_alarmed(struct task *t)
{
    return notice_answer(t, PROVIDER_REJECTED);
}

static int notice_alarm_failed(struct task *t, int rc)
{
    log_warn("stale_alarm_not_stored", "trace=%s rc=%s", t->trace, rc_name(rc));
    return notice_answer(t, PROVIDER_REJECTED);
}

/* The signature is right and the time is not, again and again: somebody's clock is off. */
static int notice_stale(struct task *t)
{
    struct flow_notice *n = t->state;
    char account[LOG_TAIL4_SIZE], id[ENC_ID_SIZE];
    struct db_args a;

    if (!flow_stale_count(&n->f->stale, n->connection->id, loop_now_ms(t->loop)))
        return notice_answer(t, PROVIDER_REJECTED);
    enc_id(id, "con", n->connection->id);
    log_error("stale_alarm", "trace=%s connection=%s provider=%s account=%s do=\"compare the clocks: ours and the provider's; until then no payment is known\"",
              t->trace, id, provider_name(n->connection->provider), log_tail4(account, slice_of(n->connection->account_no)));
    db_args_init(&a, t->arena);
    db_arg_i64(&a, n->connection->account_id);
    db_arg_time(&a, n->in.now_us);
    db_arg_text(&a, arena_copy(t->arena, slice_of(id)));
    t->rescue = notice_alarm_failed;
    int rc = db_call(n->f->db, t, DB_NOTICE_ALARM, &a, notice_alarmed);

    if (rc >= 0)
        return rc;
    t->rescue = NULL;
    return notice_alarm_failed(t, rc);
}

static int notice_rejected(struct task *t)
{
    struct flow_notice *n = t->state;
    char account[LOG_TAIL4_SIZE];

    n->f->counts.rejected++;
    log_info("notice_rejected", "trace=%s provider=%s account=%s reason=%s", t->trace,
             provider_name(n->connection->provider), log_tail4(account, slice_of(n->connection->account_no)),
             n->verdict.reason);
    if (strncmp(n->verdict.reason, "stale_", 6) == 0)
        return notice_stale(t);
    return notice_answer(t, PROVIDER_REJECTED);
}

int flow_notice(struct task *t, struct flow_notice *n)
{
    const struct flow_connection *c = n->connection;
    int rc;

    t->state = n;
    rc = provider_check(c->mode, c->secrets, c->nsecrets, &n->in, t->arena, &n->verdict);
    if (rc < 0)
        return notice_unavailable(t, rc);
    if (crypto_sha256(n->in.body, n->body_hash) < 0)
        return notice_unavailable(t, RC_INTERNAL);
    switch (n->verdict.kind) {
    case NOTICE_REJECT:
        return notice_rejected(t);
    case NOTICE_IGNORE:
        n->f->counts.ignored++;
        return notice_answer(t, PROVIDER_DONE);
    case NOTICE_HOLD:
        log_warn("notice_held", "trace=%s provider=%s reason=%s", t->trace, provider_name(c->provider), n->verdict.reason);
        rc = notice_hold(t, "unreadable_notice");
        break;
    case NOTICE_ACCEPT:
        if (n->verdict.token_call) /* VietQR.vn fetches a token before each notice: nothing to keep */
            return notice_answer(t, PROVIDER_DONE);
        rc = c->witness ? notice_witness(t) : notice_settle(t);
        break;
    }
    if (rc >= 0)
        return rc;
    t->rescue = NULL;
    return notice_unavailable(t, rc);
}
