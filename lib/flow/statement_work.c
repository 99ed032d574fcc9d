/* What the job that reads a statement tells the database. */
#include "khop/flow/statement.h"

#include "khop/pay/match.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define CODES_MAX  (8 * FLOW_STATEMENT_STAGE)
#define TEXTS_MAX  ((size_t)16 << 20)
#define RID_SIZE   16

enum begin_col { B_RC, B_ACCOUNT, B_ACCOUNT_NO, B_BIN, B_FILE };
enum store_col { S_RC, S_REPEATED, S_FILE, S_LINES, S_NEW };
enum match_col { M_RC, M_LINKED, M_OPEN, M_SEEN };
enum heal_col { H_RC, H_HEALED, H_PLACE, H_SEEN };

/* Columns of up to FLOW_STATEMENT_STAGE lines. */
struct flow_statement_lines {
    size_t n, codes;
    struct arena *arena; /* of the texts */
    int32_t place[FLOW_STATEMENT_STAGE], row[FLOW_STATEMENT_STAGE], day[FLOW_STATEMENT_STAGE], second[FLOW_STATEMENT_STAGE];
    int64_t amount[FLOW_STATEMENT_STAGE], balance[FLOW_STATEMENT_STAGE];
    bool no_second[FLOW_STATEMENT_STAGE], no_balance[FLOW_STATEMENT_STAGE], unique[FLOW_STATEMENT_STAGE], reversal[FLOW_STATEMENT_STAGE];
    struct slice reference[FLOW_STATEMENT_STAGE], memo[FLOW_STATEMENT_STAGE], name[FLOW_STATEMENT_STAGE], account[FLOW_STATEMENT_STAGE],
        bank[FLOW_STATEMENT_STAGE], counter[FLOW_STATEMENT_STAGE];
    uint8_t counter_bytes[FLOW_STATEMENT_STAGE][ACCOUNT_HASH_SIZE];
    int32_t code_place[CODES_MAX], code_no[CODES_MAX];
    int16_t code_how[CODES_MAX];
};

struct flow_statement_lines *flow_statement_lines_new(void)
{
    struct flow_statement_lines *l = calloc(1, sizeof *l);

    if (l != NULL)
        l->arena = arena_new(TEXTS_MAX);
    if (l != NULL && l->arena == NULL) {
        free(l);
        return NULL;
    }
    return l;
}

void flow_statement_lines_free(struct flow_statement_lines *l)
{
    if (l != NULL)
        arena_free(l->arena);
    free(l);
}

void flow_statement_lines_clear(struct flow_statement_lines *l)
{
    l->n = l->codes = 0;
    arena_reset(l->arena);
}

/* The codes that its memo may have, found as for notices (flow/settle.c). */
static void add_codes(struct flow_statement_lines *l, const struct statement_line *line, uint32_t letters)
{
    struct match_list found;

    if (match_find(line->memo, letters, &found) < 0)
        found.n = 0;
    for (size_t i = 0; i < found.n && l->codes < CODES_MAX; i++, l->codes++) {
        l->code_place[l->codes] = line->place;
        l->code_no[l->codes] = found.code[i].no;
        l->code_how[l->codes] = (int16_t)found.code[i].how;
    }
}

int flow_statement_lines_add(struct flow_statement_lines *l, const struct statement_line *line, uint32_t letters, const struct account_hasher *hasher)
{
    struct slice *to[] = { &l->reference[l->n], &l->memo[l->n], &l->name[l->n], &l->account[l->n], &l->bank[l->n] };
    const struct slice from[] = { line->reference, line->memo, line->counter_name, line->counter_account, line->counter_bank };

    if (l->n == FLOW_STATEMENT_STAGE || l->codes + MATCH_MAX > CODES_MAX)
        return RC_TOO_LARGE;
    for (size_t i = 0; i < sizeof to / sizeof to[0]; i++) {
        *to[i] = from[i].n == 0 ? SLICE("") : arena_copy(l->arena, from[i]);
        if (to[i]->p == NULL)
            return RC_NOMEM;
    }
    l->counter[l->n] = (struct slice){ 0 };
    if (line->counter_account.n > 0 && account_hash(hasher, line->counter_bank, line->counter_account, l->counter_bytes[l->n]))
        l->counter[l->n] = (struct slice){ (const char *)l->counter_bytes[l->n], ACCOUNT_HASH_SIZE };
    l->place[l->n] = line->place;
    l->row[l->n] = line->row;
    l->day[l->n] = line->day;
    l->second[l->n] = line->second;
    l->no_second[l->n] = !line->has_second;
    l->amount[l->n] = line->amount;
    l->balance[l->n] = line->balance;
    l->no_balance[l->n] = !line->has_balance;
    l->unique[l->n] = line->unique;
    l->reversal[l->n] = line->reversal;
    l->n++;
    add_codes(l, line, letters);
    return RC_OK;
}

int flow_statement_begin(struct task *t, struct db *db, const struct flow_job_lease *job, struct slice hash, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_bytes(&a, hash);
    return db_call(db, t, DB_STATEMENT_BEGIN, &a, next);
}

int flow_statement_begun(struct task *t, struct slice *account_no, int64_t *known)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *account_no = db_text(r, 0, B_ACCOUNT_NO);
    *known = db_i64(r, 0, B_FILE);
    return RC_OK;
}

int flow_statement_stage(struct task *t, struct db *db, const struct flow_job_lease *job, const struct flow_statement_lines *l, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i32_array(&a, l->place, NULL, l->n);
    db_arg_i32_array(&a, l->row, NULL, l->n);
    db_arg_date_array(&a, l->day, NULL, l->n);
    db_arg_i32_array(&a, l->second, l->no_second, l->n);
    db_arg_i64_array(&a, l->amount, NULL, l->n);
    db_arg_i64_array(&a, l->balance, l->no_balance, l->n);
    db_arg_bool_array(&a, l->unique, l->n);
    db_arg_bool_array(&a, l->reversal, l->n);
    db_arg_text_array(&a, l->reference, l->n);
    db_arg_text_array(&a, l->memo, l->n);
    db_arg_text_array(&a, l->name, l->n);
    db_arg_text_array(&a, l->account, l->n);
    db_arg_text_array(&a, l->bank, l->n);
    db_arg_bytes_array(&a, l->counter, l->n);
    db_arg_i32_array(&a, l->code_place, NULL, l->codes);
    db_arg_i32_array(&a, l->code_no, NULL, l->codes);
    db_arg_i16_array(&a, l->code_how, NULL, l->codes);
    return db_call(db, t, DB_STATEMENT_STAGE, &a, next);
}

static void arg_amount(struct db_args *a, bool has, int64_t v)
{
    if (has)
        db_arg_i64(a, v);
    else
        db_arg_null(a);
}

int flow_statement_store(struct task *t, struct db *db, const struct flow_job_lease *job, struct slice hash, const struct statement_about *about,
                         task_step next)
{
    struct db_args a;
    int64_t random;

    if (flow_random48(&random) < 0)
        return RC_INTERNAL;
    flow_job_args(&a, t, job);
    db_arg_i64(&a, (int64_t)job->bucket << 48 | random);
    db_arg_bytes(&a, hash);
    db_arg_i32(&a, job->size);
    db_arg_text(&a, slice_of(about->format));
    db_arg_text(&a, slice_of(about->profile));
    db_arg_date(&a, about->from);
    db_arg_date(&a, about->to);
    db_arg_bool(&a, about->has_time);
    arg_amount(&a, about->has_opening, about->opening);
    arg_amount(&a, about->has_closing, about->closing);
    return db_call(db, t, DB_STATEMENT_STORE, &a, next);
}

int flow_statement_stored(struct task *t, struct flow_statement_file *out)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *out = (struct flow_statement_file){ .id = db_i64(r, 0, S_FILE), .repeated = db_bool(r, 0, S_REPEATED), .lines = (int32_t)db_i64(r, 0, S_LINES),
                                         .new_lines = (int32_t)db_i64(r, 0, S_NEW) };
    return RC_OK;
}

int flow_statement_match(struct task *t, struct db *db, const struct flow_job_lease *job, int64_t file, task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i64(&a, file);
    return db_call(db, t, DB_STATEMENT_MATCH, &a, next);
}

int flow_statement_matched(struct task *t, struct flow_statement_progress *p)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    *p = (struct flow_statement_progress){ .linked = (int32_t)db_i64(r, 0, M_LINKED), .open = (int32_t)db_i64(r, 0, M_OPEN), .seen = db_i64(r, 0, M_SEEN) };
    p->all = p->open == 0;
    return RC_OK;
}

int flow_statement_heal(struct task *t, struct db *db, const struct flow_job_lease *job, int64_t file, const struct flow_statement_progress *p,
                        task_step next)
{
    struct slice *rids = arena_array(t->arena, FLOW_STATEMENT_HEAL, sizeof *rids);
    char *bytes = arena_alloc(t->arena, (size_t)FLOW_STATEMENT_HEAL * RID_SIZE);
    struct db_args a;

    if (rids == NULL || bytes == NULL)
        return RC_NOMEM;
    if (crypto_random(bytes, (size_t)FLOW_STATEMENT_HEAL * RID_SIZE) < 0)
        return RC_INTERNAL;
    for (size_t i = 0; i < FLOW_STATEMENT_HEAL; i++)
        rids[i] = (struct slice){ bytes + i * RID_SIZE, RID_SIZE };
    flow_job_args(&a, t, job);
    db_arg_i64(&a, file);
    db_arg_i32(&a, p->place);
    db_arg_i64(&a, p->seen);
    db_arg_bytes_array(&a, rids, FLOW_STATEMENT_HEAL);
    return db_call(db, t, DB_STATEMENT_HEAL, &a, next);
}

int flow_statement_healed(struct task *t, struct flow_statement_progress *p)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc < 0)
        return rc;
    p->healed += (int32_t)db_i64(r, 0, H_HEALED);
    p->all = db_null(r, 0, H_PLACE);
    p->place = (int32_t)db_i64(r, 0, H_PLACE);
    p->seen = db_i64(r, 0, H_SEEN);
    return RC_OK;
}

int flow_statement_review(struct task *t, struct db *db, const struct flow_job_lease *job, int64_t file, bool repeated, int32_t linked, int32_t healed,
                          task_step next)
{
    struct db_args a;

    flow_job_args(&a, t, job);
    db_arg_i64(&a, file);
    db_arg_bool(&a, repeated);
    db_arg_i32(&a, linked);
    db_arg_i32(&a, healed);
    return db_call(db, t, DB_STATEMENT_REVIEW, &a, next);
}
