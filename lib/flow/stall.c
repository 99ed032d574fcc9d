#include "khop/flow/stall.h"

#include "khop/base/clock.h"
#include "khop/flow/stall_match.h"

#include "khop/base/banned.h"

#define SALE_LIFE_US (24 * 3600 * CLOCK_US) /* a customer who pays in the evening still hits the code */

enum stall_col {
    S_RC, S_ID, S_NAME, S_PLACE, S_ACCOUNT, S_BIN, S_ACCOUNT_NO, S_HOLDER, S_CHARGE, S_CODE, S_TOKEN, S_OWNER, S_OWNER_NAME, S_CREATED,
    S_CLOSED, S_ORG_NAME, S_WHAT,
    /* of a page */
    P_TODAY_N, P_TODAY, P_YEAR, P_THRESHOLD, P_THRESHOLD_FROM, P_THRESHOLD_SOURCE, P_LAST, P_SEQ, P_AMOUNT, P_ASKED, P_CODE, P_PAID,
    P_RECORDED, P_OUTCOME, P_TAG, P_ASKED_AT, P_DROPPED_AT,
};

static void stall_from_row(const struct db_rows *r, int i, struct flow_stall *s)
{
    *s = (struct flow_stall){
        .id = db_i64(r, i, S_ID),
        .name = db_text(r, i, S_NAME),
        .place = db_text(r, i, S_PLACE),
        .account_id = db_i64(r, i, S_ACCOUNT),
        .bin = db_text(r, i, S_BIN),
        .account_no = db_text(r, i, S_ACCOUNT_NO),
        .holder = db_text(r, i, S_HOLDER),
        .charge_id = db_i64(r, i, S_CHARGE),
        .code_no = (int32_t)db_i64(r, i, S_CODE),
        .pay_token = db_text(r, i, S_TOKEN),
        .owner_id = db_i64(r, i, S_OWNER),
        .owner = db_text(r, i, S_OWNER_NAME),
        .created_us = db_time_us(r, i, S_CREATED),
        .closed = !db_null(r, i, S_CLOSED),
        .closed_us = db_time_us(r, i, S_CLOSED),
        .org_name = db_text(r, i, S_ORG_NAME),
        .what = db_text(r, i, S_WHAT),
    };
}

int flow_stall_create(struct task *t, struct flow *f, const struct flow_stall_spec *spec, task_step next)
{
    struct made {
        uint8_t pay_token[16];
        int32_t candidates[FLOW_CODE_CANDIDATES];
    } *b = arena_alloc(t->arena, sizeof *b);
    int64_t random[3];
    struct db_args a;

    if (b == NULL)
        return RC_NOMEM;
    for (int i = 0; i < 3; i++) {
        if (flow_random48(&random[i]) < 0)
            return RC_INTERNAL;
    }
    if (crypto_random(b->pay_token, sizeof b->pay_token) < 0 || flow_code_candidates('C', b->candidates) < 0)
        return RC_INTERNAL;
    flow_args(&a, t, spec->token_hash);
    for (int i = 0; i < 3; i++)
        db_arg_i64(&a, random[i]);
    db_arg_bytes(&a, (struct slice){ (char *)b->pay_token, sizeof b->pay_token });
    db_arg_i32_array(&a, b->candidates, NULL, FLOW_CODE_CANDIDATES);
    db_arg_text(&a, spec->name);
    db_arg_text(&a, spec->place);
    db_arg_text(&a, spec->bin);
    db_arg_text(&a, spec->account_no);
    db_arg_text(&a, spec->holder);
    return db_call(f->db, t, DB_STALL_CREATE, &a, next);
}

int flow_stall_list(struct task *t, struct flow *f, struct slice token_hash, int64_t after_id, int32_t limit, bool vendors, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_id(&a, after_id);
    db_arg_i32(&a, limit);
    db_arg_bool(&a, vendors);
    return db_call(f->db, t, DB_STALL_LIST, &a, next);
}

int flow_stall_assign(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t owner_id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_i64(&a, owner_id);
    return db_call(f->db, t, DB_STALL_ASSIGN, &a, next);
}

int flow_stall_close(struct task *t, struct flow *f, struct slice token_hash, int64_t id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    return db_call(f->db, t, DB_STALL_CLOSE, &a, next);
}

int flow_stall_read(struct task *t, struct flow_stall **out, size_t *n)
{
    const struct db_rows *r = db_result(t);
    int count = db_rows_count(r), rc = count == 0 ? RC_OK : (int)db_i64(r, 0, S_RC);

    *n = 0;
    *out = NULL;
    if (count == 0 || (rc < 0 && rc != RC_CONFLICT))
        return rc;
    *out = arena_array(t->arena, (size_t)count, sizeof **out);
    if (*out == NULL)
        return RC_NOMEM;
    for (int i = 0; i < count; i++)
        stall_from_row(r, i, &(*out)[i]);
    *n = (size_t)count;
    return rc;
}

int flow_stall_page(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t after, int32_t limit, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_i64(&a, after);
    db_arg_i32(&a, limit);
    return db_call(f->db, t, DB_STALL_PAGE, &a, next);
}

/* Behind the stall: what came in, then what the page asked for. */
static int takings_read(struct task *t, const struct db_rows *r, struct flow_stall_page *out)
{
    int count = db_rows_count(r);
    struct flow_ask *asks = arena_array(t->arena, (size_t)count, sizeof *asks);
    size_t nasks = 0;

    out->takings = arena_array(t->arena, (size_t)count, sizeof *out->takings);
    if (out->takings == NULL || asks == NULL)
        return RC_NOMEM;
    for (int i = 1; i < count; i++) {
        if (db_null(r, i, P_SEQ)) {
            asks[nasks++] = (struct flow_ask){
                .tag = db_text(r, i, P_TAG),
                .amount = db_i64(r, i, P_ASKED),
                .asked_us = db_time_us(r, i, P_ASKED_AT),
                .dropped_us = db_null(r, i, P_DROPPED_AT) ? 0 : db_time_us(r, i, P_DROPPED_AT),
            };
            continue;
        }
        out->takings[out->n++] = (struct flow_takings){
            .seq = db_i64(r, i, P_SEQ),
            .amount = db_i64(r, i, P_AMOUNT),
            .has_asked = !db_null(r, i, P_ASKED),
            .asked = db_i64(r, i, P_ASKED),
            .code_no = (int32_t)db_i64(r, i, P_CODE),
            .paid_us = db_null(r, i, P_PAID) ? db_time_us(r, i, P_RECORDED) : db_time_us(r, i, P_PAID),
            .recorded_us = db_time_us(r, i, P_RECORDED),
            .outcome = (int)db_i64(r, i, P_OUTCOME),
            .tag = db_text(r, i, P_TAG),
        };
    }
    flow_stall_match(out->takings, out->n, asks, nasks, out->stall.code_no);
    return RC_OK;
}

int flow_stall_page_read(struct task *t, struct flow_stall_page *out)
{
    const struct db_rows *r = db_result(t);
    int count = db_rows_count(r);

    if (count < 1)
        return RC_INTERNAL;
    if (db_i64(r, 0, S_RC) < 0)
        return (int)db_i64(r, 0, S_RC);
    *out = (struct flow_stall_page){
        .today_count = db_i64(r, 0, P_TODAY_N),
        .today = db_i64(r, 0, P_TODAY),
        .year = db_i64(r, 0, P_YEAR),
        .has_threshold = !db_null(r, 0, P_THRESHOLD),
        .threshold = db_i64(r, 0, P_THRESHOLD),
        .threshold_from = db_day(r, 0, P_THRESHOLD_FROM),
        .threshold_source = db_text(r, 0, P_THRESHOLD_SOURCE),
        .last = db_i64(r, 0, P_LAST),
    };
    stall_from_row(r, 0, &out->stall);
    return takings_read(t, r, out);
}

int flow_stall_asked(struct task *t, struct flow *f, struct slice token_hash, int64_t id, const struct flow_ask *asks, size_t n, task_step next)
{
    struct slice *tags = arena_array(t->arena, n, sizeof *tags);
    int64_t *amounts = arena_array(t->arena, n, sizeof *amounts);
    int32_t *ages = arena_array(t->arena, n, sizeof *ages);
    bool *dropped = arena_array(t->arena, n, sizeof *dropped);
    struct db_args a;

    if (tags == NULL || amounts == NULL || ages == NULL || dropped == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++) {
        tags[i] = asks[i].tag;
        amounts[i] = asks[i].amount;
        ages[i] = asks[i].age_s;
        dropped[i] = asks[i].dropped;
    }
    db_args_init(&a, t->arena);
    db_arg_bytes(&a, token_hash);
    db_arg_time(&a, clock_wall_us());
    db_arg_i64(&a, id);
    db_arg_text_array(&a, tags, n);
    db_arg_i64_array(&a, amounts, NULL, n);
    db_arg_i32_array(&a, ages, NULL, n);
    db_arg_bool_array(&a, dropped, n);
    return db_call(f->db, t, DB_STALL_ASKED, &a, next);
}

int flow_stall_sale(struct task *t, struct flow *f, struct slice token_hash, int64_t id, struct slice key, int64_t amount, task_step next)
{
    struct made {
        uint8_t key_hash[SHA256_SIZE], request_hash[SHA256_SIZE], pay_token[16];
        int32_t candidates[FLOW_CODE_CANDIDATES];
    } *b = arena_alloc(t->arena, sizeof *b);
    const struct slice request[] = { { (const char *)&id, sizeof id }, { (const char *)&amount, sizeof amount } };
    int64_t random, now = clock_wall_us();
    struct db_args a;

    if (b == NULL)
        return RC_NOMEM;
    if (flow_random48(&random) < 0 || crypto_random(b->pay_token, sizeof b->pay_token) < 0 || crypto_sha256(key, b->key_hash) < 0 ||
        crypto_sha256_parts(request, 2, b->request_hash) < 0 || flow_code_candidates('C', b->candidates) < 0)
        return RC_INTERNAL;
    db_args_init(&a, t->arena);
    db_arg_bytes(&a, token_hash);
    db_arg_time(&a, now);
    db_arg_i64(&a, id);
    db_arg_bytes(&a, (struct slice){ (char *)b->key_hash, sizeof b->key_hash });
    db_arg_bytes(&a, (struct slice){ (char *)b->request_hash, sizeof b->request_hash });
    db_arg_i64(&a, random);
    db_arg_bytes(&a, (struct slice){ (char *)b->pay_token, sizeof b->pay_token });
    db_arg_i32_array(&a, b->candidates, NULL, FLOW_CODE_CANDIDATES);
    db_arg_i64(&a, amount);
    db_arg_time(&a, now + SALE_LIFE_US);
    return db_call(f->db, t, DB_STALL_SALE, &a, next);
}

int flow_stall_sale_get(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int64_t charge_id, task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_i64(&a, charge_id);
    return db_call(f->db, t, DB_STALL_SALE_GET, &a, next);
}

int flow_stall_sales(struct task *t, struct flow *f, struct slice token_hash, int64_t id, int32_t from, int32_t to, int64_t after,
                     task_step next)
{
    struct db_args a;

    flow_args(&a, t, token_hash);
    db_arg_i64(&a, id);
    db_arg_date(&a, from);
    db_arg_date(&a, to);
    db_arg_i64(&a, after);
    return db_call(f->db, t, DB_STALL_SALES, &a, next);
}

enum sales_col { B_RC, B_NAME, B_SEQ, B_PAID, B_BOOKED, B_AMOUNT, B_ASKED, B_CODE, B_REFERENCE };

int flow_stall_sales_read(struct task *t, struct slice *name, struct flow_sale **out, size_t *n, bool *more, int64_t *after)
{
    const struct db_rows *r = db_result(t);
    int last = db_rows_count(r) - 1; /* the row without an amount */

    if (last < 0)
        return RC_INTERNAL;
    if (db_i64(r, last, B_RC) < 0)
        return (int)db_i64(r, last, B_RC);
    *name = db_text(r, last, B_NAME);
    *more = !db_null(r, last, B_SEQ);
    *after = db_i64(r, last, B_SEQ);
    *n = (size_t)last;
    *out = arena_array(t->arena, (size_t)last + 1, sizeof **out);
    if (*out == NULL)
        return RC_NOMEM;
    for (int i = 0; i < last; i++) {
        (*out)[i] = (struct flow_sale){
            .paid_us = db_time_us(r, i, B_PAID),
            .booked_on = db_day(r, i, B_BOOKED),
            .amount = db_i64(r, i, B_AMOUNT),
            .has_asked = !db_null(r, i, B_ASKED),
            .asked = db_i64(r, i, B_ASKED),
            .code_no = (int32_t)db_i64(r, i, B_CODE),
            .reference = db_text(r, i, B_REFERENCE),
        };
    }
    return RC_OK;
}
