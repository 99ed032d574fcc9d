#include "khop/flow/allocate.h"

#include "khop/base/clock.h"
#include "khop/crypto/crypto.h"
#include "khop/pay/allocate.h"

#include "khop/base/banned.h"

#define RID_SIZE        16
#define RULE_RETURNED   "payout_returned"
#define RETURNED_VERSION 1

enum next_col { N_BUCKET, N_EXCEPTION, N_REASON, N_HELD, N_CODE, N_PAYER, N_PAID, N_CHARGE, N_CHARGE_PAYER, N_REST };

/* What was seen, and what is to be done about it. */
struct decision {
    const char *rule;
    int16_t version;
    int64_t held, payer, credit;
    bool has_payer, returned, searched;
    int32_t code;
    size_t seen, parts, listed, choices;
    int32_t *seen_code, *part_code, *choice, *choice_code;
    int64_t *seen_rest, *part_amount;
    struct slice *rid;
};

int flow_allocate_next(struct task *t, struct db *db, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    return db_call(db, t, DB_ALLOCATE_NEXT, &a, next);
}

static bool decision_room(struct decision *d, struct arena *arena, size_t n)
{
#define ROOM(name, count) ((d->name = arena_array(arena, (count) + 1, sizeof *d->name)) != NULL)
    return ROOM(seen_code, n) && ROOM(seen_rest, n) && ROOM(part_code, n) && ROOM(part_amount, n) && ROOM(rid, n) &&
           ROOM(choice, ALLOCATE_CHOICES * ALLOCATE_PARTS) && ROOM(choice_code, ALLOCATE_CHOICES * ALLOCATE_PARTS);
#undef ROOM
}

/* The parts of the answer, with a random address for each receipt. */
static int parts_from(struct decision *d, struct arena *arena, const struct allocate_answer *answer)
{
    char *rids = arena_array(arena, answer->n + 1, RID_SIZE);

    if (rids == NULL)
        return RC_NOMEM;
    if (answer->n > 0 && crypto_random((uint8_t *)rids, answer->n * RID_SIZE) < 0)
        return RC_INTERNAL;
    for (size_t i = 0; i < answer->n; i++) {
        d->part_code[i] = d->seen_code[answer->part[i].at];
        d->part_amount[i] = answer->part[i].amount;
        d->rid[i] = (struct slice){ rids + i * RID_SIZE, RID_SIZE };
    }
    d->parts = answer->n;
    d->credit = answer->credit;
    for (size_t c = 0; c < answer->choices && c < ALLOCATE_CHOICES; c++) {
        for (size_t i = 0; i < answer->choice[c].n; i++) {
            d->choice[d->listed] = (int32_t)c + 1;
            d->choice_code[d->listed++] = d->seen_code[answer->choice[c].at[i]];
        }
    }
    return RC_OK;
}

/* Money on a code of a payer, or, without a code, from an account that is known. */
static int decide_several(struct decision *d, struct arena *arena, const struct db_rows *r, bool known)
{
    size_t n = db_null(r, 0, N_CHARGE) ? 0 : (size_t)db_rows_count(r), code = n;
    struct allocate_charge *charges = arena_array(arena, n + 1, sizeof *charges);
    struct allocate_answer *answer = arena_alloc(arena, sizeof *answer);

    if (charges == NULL || answer == NULL || !decision_room(d, arena, n))
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++) {
        charges[i] = (struct allocate_charge){ .payer = db_i64(r, (int)i, N_CHARGE_PAYER), .rest = db_i64(r, (int)i, N_REST) };
        d->seen_code[i] = (int32_t)db_i64(r, (int)i, N_CHARGE);
        d->seen_rest[i] = charges[i].rest;
        if (d->seen_code[i] == d->code)
            code = i;
    }
    d->seen = n;
    d->version = ALLOCATE_VERSION;
    d->rule = allocate_rule_name(ALLOCATE_NONE);
    if (!d->has_payer || n > ALLOCATE_CHARGES) /* more than a household can owe: a person looks */
        return RC_OK;
    if ((known ? allocate_known(d->held, charges, n, answer) : allocate(d->held, d->payer, charges, n, code, answer)) < 0)
        return RC_INTERNAL;
    d->rule = allocate_rule_name(answer->rule);
    d->searched = answer->searched;
    d->choices = answer->choices;
    return parts_from(d, arena, answer);
}

static int decide(struct decision *d, struct arena *arena, const struct db_rows *r)
{
    *d = (struct decision){ .held = db_i64(r, 0, N_HELD), .code = (int32_t)db_i64(r, 0, N_CODE), .payer = db_i64(r, 0, N_PAYER),
                            .has_payer = !db_null(r, 0, N_PAYER) };
    if (slice_is(db_text(r, 0, N_REASON), "several_charges"))
        return decide_several(d, arena, r, false);
    if (slice_is(db_text(r, 0, N_REASON), "no_code"))
        return decide_several(d, arena, r, true);
    /* What came back is what was paid out, to the đồng; else a person decides. */
    d->rule = RULE_RETURNED;
    d->version = RETURNED_VERSION;
    d->returned = db_i64(r, 0, N_PAID) == d->held;
    return decision_room(d, arena, 0) ? RC_OK : RC_NOMEM;
}

int64_t flow_allocate_found(struct task *t)
{
    const struct db_rows *r = db_result(t);

    return db_rows_count(r) == 0 ? 0 : db_i64(r, 0, N_EXCEPTION);
}

int flow_allocate_apply(struct task *t, struct db *db, bool leave, task_step next)
{
    const struct db_rows *r = db_result(t);
    struct decision d;
    struct db_args a;
    int rc = decide(&d, t->arena, r);

    if (rc < 0)
        return rc;
    if (leave) {
        d.rule = allocate_rule_name(ALLOCATE_NONE);
        d.parts = d.seen = 0;
        d.credit = 0;
        d.returned = false;
    }
    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_i32(&a, (int32_t)db_i64(r, 0, N_BUCKET));
    db_arg_i64(&a, db_i64(r, 0, N_EXCEPTION));
    db_arg_text(&a, slice_of(d.rule));
    db_arg_i16(&a, d.version);
    db_arg_i64(&a, d.held);
    if (d.has_payer)
        db_arg_i64(&a, d.payer);
    else
        db_arg_null(&a);
    db_arg_i32_array(&a, d.seen_code, NULL, d.seen);
    db_arg_i64_array(&a, d.seen_rest, NULL, d.seen);
    db_arg_bool(&a, d.searched);
    db_arg_i64(&a, (int64_t)d.choices);
    db_arg_i32_array(&a, d.choice, NULL, d.listed);
    db_arg_i32_array(&a, d.choice_code, NULL, d.listed);
    db_arg_i32_array(&a, d.part_code, NULL, d.parts);
    db_arg_i64_array(&a, d.part_amount, NULL, d.parts);
    db_arg_bytes_array(&a, d.rid, d.parts);
    db_arg_i64(&a, d.credit);
    if (d.returned)
        db_arg_i32(&a, d.code);
    else
        db_arg_null(&a);
    return db_call(db, t, DB_ALLOCATE_APPLY, &a, next);
}

int flow_allocate_applied(struct task *t)
{
    return (int)db_i64(db_result(t), 0, 0);
}
