#include "khop/flow/settle.h"

#include "khop/flow/watch.h"
#include "khop/pay/match.h"

#include "khop/base/banned.h"

/* One array call takes at most this many events (ledger.md §3: cap 1,000). */
#define SETTLE_BATCH_EVENTS 1000
#define RID_SIZE            16

static const char *const OUTCOME_NAMES[SETTLE_OUTCOMES] = {
    [SETTLE_HELD] = "held",
    [SETTLE_SETTLED] = "settled",
    [SETTLE_SHORT] = "short",
    [SETTLE_OVER] = "over",
    [SETTLE_ALREADY_PAID] = "already_paid",
    [SETTLE_UNKNOWN_CODE] = "unknown_code",
    [SETTLE_CANCELLED] = "cancelled",
    [SETTLE_EXPIRED] = "expired",
    [SETTLE_NO_CODE] = "no_code",
    [SETTLE_WRONG_ACCOUNT] = "wrong_account",
    [SETTLE_SEVERAL_CHARGES] = "several_charges",
    [SETTLE_OUT_OF_DIRECTION] = "out_of_direction",
    [SETTLE_AMBIGUOUS_CODE] = "ambiguous_code",
};

const char *settle_outcome_name(int outcome)
{
    return outcome >= 0 && outcome < SETTLE_OUTCOMES ? OUTCOME_NAMES[outcome] : "unknown";
}

/* Everything of one call as columns, in the arena of the first item's task (the batch holds all its tasks). */
struct columns {
    size_t notices, events, candidates;
    int64_t *n_connection;
    struct slice *n_body, *n_hash;
    int64_t *e_account, *e_amount, *e_paid, *e_balance;
    int32_t *e_notice, *c_event, *c_code;
    int16_t *e_provider, *e_direction, *c_how;
    bool *e_no_balance;
    struct slice *e_ext, *e_hash, *e_memo, *e_reference, *e_rid;
    uint8_t *rids; /* RID_SIZE bytes for each event */
};

static bool columns_alloc(struct columns *c, struct arena *arena, void *const *items, size_t n)
{
    *c = (struct columns){ .notices = n };
    for (size_t i = 0; i < n; i++) {
        const struct settle_item *it = items[i];

        c->events += it->nevents;
        for (size_t e = 0; e < it->nevents; e++)
            c->candidates += it->events[e].ncandidates;
    }
#define COLUMN(name, count) ((c->name = arena_array(arena, (count) + 1, sizeof *c->name)) != NULL)
    return COLUMN(n_connection, n) && COLUMN(n_body, n) && COLUMN(n_hash, n) &&
           COLUMN(e_account, c->events) && COLUMN(e_amount, c->events) &&
           COLUMN(e_paid, c->events) && COLUMN(e_balance, c->events) && COLUMN(e_notice, c->events) &&
           COLUMN(e_provider, c->events) && COLUMN(e_direction, c->events) && COLUMN(e_no_balance, c->events) &&
           COLUMN(e_ext, c->events) && COLUMN(e_hash, c->events) && COLUMN(e_memo, c->events) &&
           COLUMN(e_reference, c->events) && COLUMN(e_rid, c->events) && COLUMN(c_event, c->candidates) &&
           COLUMN(c_code, c->candidates) && COLUMN(c_how, c->candidates) &&
           (c->rids = arena_array(arena, c->events + 1, RID_SIZE)) != NULL;
#undef COLUMN
}

/* Each call of the generator costs as much as a tenth of a notice, so many are drawn at once. */
static int rid_next(struct flow_rids *rids, uint8_t out[RID_SIZE])
{
    if (rids->left < RID_SIZE) {
        if (crypto_random(rids->bytes, sizeof rids->bytes) < 0)
            return RC_INTERNAL;
        rids->left = sizeof rids->bytes;
    }
    rids->left -= RID_SIZE;
    memcpy(out, rids->bytes + rids->left, RID_SIZE);
    return RC_OK;
}

static int columns_add_event(struct columns *c, const struct settle_item *it, const struct settle_event *ev, size_t notice,
                             size_t at, size_t *candidate)
{
    c->e_notice[at] = (int32_t)notice + 1;
    c->e_account[at] = it->account_id;
    c->e_provider[at] = (int16_t)it->provider;
    c->e_ext[at] = ev->ext_id;
    c->e_hash[at] = (struct slice){ (const char *)ev->hash, sizeof ev->hash };
    c->e_direction[at] = (int16_t)ev->direction;
    c->e_amount[at] = ev->amount;
    c->e_paid[at] = ev->paid_us;
    c->e_memo[at] = ev->memo;
    c->e_reference[at] = ev->reference;
    c->e_balance[at] = ev->balance;
    c->e_no_balance[at] = !ev->has_balance;
    if (rid_next(&it->flow->rids, c->rids + at * RID_SIZE) < 0)
        return RC_INTERNAL;
    c->e_rid[at] = (struct slice){ (const char *)c->rids + at * RID_SIZE, RID_SIZE };
    for (size_t i = 0; i < ev->ncandidates; i++, ++*candidate) {
        c->c_event[*candidate] = (int32_t)at + 1;
        c->c_code[*candidate] = ev->candidates[i].no;
        c->c_how[*candidate] = (int16_t)ev->candidates[i].how;
    }
    return RC_OK;
}

static int settle_encode(struct db_args *a, int32_t bucket, void *const *items, size_t n)
{
    struct columns c;
    size_t event = 0, candidate = 0;
    int64_t now_us = 0;
    int16_t key_no = 0;

    if (!columns_alloc(&c, a->arena, items, n))
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct settle_item *it = items[i];

        /* One clock reading for the call: the latest, so that record times do not run backwards inside it. */
        if (it->now_us > now_us)
            now_us = it->now_us;
        key_no = it->key_no;
        c.n_connection[i] = it->connection_id;
        c.n_body[i] = it->body;
        c.n_hash[i] = (struct slice){ (const char *)it->body_hash, sizeof it->body_hash };
        for (size_t e = 0; e < it->nevents; e++) {
            if (columns_add_event(&c, it, &it->events[e], i, event++, &candidate) < 0)
                return RC_INTERNAL;
        }
    }
    db_arg_i32(a, bucket);
    db_arg_time(a, now_us);
    db_arg_i16(a, key_no);
    db_arg_i64_array(a, c.n_connection, NULL, n);
    db_arg_bytes_array(a, c.n_body, n);
    db_arg_bytes_array(a, c.n_hash, n);
    db_arg_i32_array(a, c.e_notice, NULL, event);
    db_arg_i64_array(a, c.e_account, NULL, event);
    db_arg_i16_array(a, c.e_provider, NULL, event);
    db_arg_text_array(a, c.e_ext, event);
    db_arg_bytes_array(a, c.e_hash, event);
    db_arg_i16_array(a, c.e_direction, NULL, event);
    db_arg_i64_array(a, c.e_amount, NULL, event);
    db_arg_time_array(a, c.e_paid, NULL, event);
    db_arg_text_array(a, c.e_memo, event);
    db_arg_text_array(a, c.e_reference, event);
    db_arg_i64_array(a, c.e_balance, c.e_no_balance, event);
    db_arg_bytes_array(a, c.e_rid, event);
    db_arg_i32_array(a, c.c_event, NULL, candidate);
    db_arg_i32_array(a, c.c_code, NULL, candidate);
    db_arg_i16_array(a, c.c_how, NULL, candidate);
    return a->rc;
}

enum settle_col {
    S_ORD, S_OUTCOME, S_REPEATED, S_CONFLICT, S_EVENT, S_SEQ, S_YEAR, S_NO, S_CHARGE,
};

static void settle_count(struct flow *f, const struct settle_event *ev)
{
    if (ev->conflict)
        f->counts.conflicts++;
    else if (ev->repeated)
        f->counts.repeated++;
    else if (ev->outcome >= 0 && ev->outcome < SETTLE_OUTCOMES)
        f->counts.notices[ev->outcome]++;
}

static int settle_decode(const struct db_rows *r, void *const *items, size_t n)
{
    int row = 0;

    for (size_t i = 0; i < n; i++) {
        struct settle_item *it = items[i];

        for (size_t e = 0; e < it->nevents; e++, row++) {
            struct settle_event *ev = &it->events[e];

            if (row >= db_rows_count(r) || db_i64(r, row, S_ORD) != row + 1 || db_null(r, row, S_OUTCOME))
                return RC_INTERNAL;
            ev->outcome = (int)db_i64(r, row, S_OUTCOME);
            ev->repeated = db_bool(r, row, S_REPEATED);
            ev->conflict = db_bool(r, row, S_CONFLICT);
            ev->stored_id = db_i64(r, row, S_EVENT);
            ev->seq = db_i64(r, row, S_SEQ);
            ev->receipt_year = (int32_t)db_i64(r, row, S_YEAR);
            ev->receipt_no = db_i64(r, row, S_NO);
            ev->charge_id = db_i64(r, row, S_CHARGE);
            settle_count(it->flow, ev);
            if (!ev->repeated && ev->charge_id != 0)
                flow_watch_changed(it->flow->watch, ev->charge_id);
        }
    }
    return row == db_rows_count(r) ? RC_OK : RC_INTERNAL;
}

const struct db_batch_kind flow_settle_kind = {
    .stmt = DB_SETTLE_BATCH,
    .max_weight = SETTLE_BATCH_EVENTS,
    .encode = settle_encode,
    .decode = settle_decode,
};

static int settle_prepare(struct task *t, uint32_t letters, struct settle_item *it)
{
    for (size_t e = 0; e < it->nevents; e++) {
        struct settle_event *ev = &it->events[e];
        struct match_list found;

        if (match_find(ev->memo, letters, &found) < 0)
            found.n = 0; /* longer than any memo of a bank: the money is booked, without a code */
        ev->ncandidates = found.n;
        if (found.n == 0)
            continue;
        ev->candidates = arena_array(t->arena, found.n, sizeof *ev->candidates);
        if (ev->candidates == NULL)
            return RC_NOMEM;
        memcpy(ev->candidates, found.code, found.n * sizeof *ev->candidates);
    }
    return RC_OK;
}

int flow_settle(struct task *t, struct flow *f, struct settle_item *it, task_step next)
{
    int rc = settle_prepare(t, f->kinds.letters, it);

    if (rc < 0)
        return rc;
    it->flow = f;
    it->key_no = f->key_no;
    if (it->key_no == 0)
        return RC_UNAVAILABLE;
    return db_batch_submit(f->settle, it->bucket, t, it, it->nevents, next);
}
