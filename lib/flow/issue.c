#include "khop/flow/issue.h"

#include "khop/pay/code.h"

#include "khop/base/banned.h"

#define PAY_TOKEN 16

static const struct {
    char letter;
    enum db_stmt stmt;
} LISTS[] = {
    [FLOW_ISSUE_ROUND] = { 'B', DB_ROUND_ISSUE },
    [FLOW_ISSUE_PAYOUT] = { 'P', DB_PAYOUT_ISSUE },
};

/* A seed for ids, a code and the token of a pay page for each. */
static int draw(struct task *t, struct db_args *a, char letter)
{
    size_t n = FLOW_ISSUE_PART;
    uint64_t *random = arena_array(t->arena, n, sizeof *random);
    uint8_t *bytes = arena_array(t->arena, n, PAY_TOKEN);
    int32_t *codes = arena_array(t->arena, n, sizeof *codes);
    struct slice *tokens = arena_array(t->arena, n, sizeof *tokens);
    int64_t seed;
    int rc;

    if (random == NULL || bytes == NULL || codes == NULL || tokens == NULL)
        return RC_NOMEM;
    rc = crypto_random(random, n * sizeof *random);
    if (rc == RC_OK)
        rc = crypto_random(bytes, n * PAY_TOKEN);
    if (rc == RC_OK)
        rc = flow_random48(&seed);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        tokens[i] = (struct slice){ (char *)bytes + i * PAY_TOKEN, PAY_TOKEN };
        rc = code_from_random(letter, random[i], &codes[i]);
    }
    if (rc < 0)
        return rc;
    db_arg_i64(a, seed);
    db_arg_i32_array(a, codes, NULL, n);
    db_arg_bytes_array(a, tokens, n);
    return RC_OK;
}

int flow_issue_part(struct task *t, struct db *db, const struct flow_job_lease *job, enum flow_issue what, task_step next)
{
    struct db_args a;
    int rc;

    flow_job_args(&a, t, job);
    rc = draw(t, &a, LISTS[what].letter);
    return rc < 0 ? rc : db_call(db, t, LISTS[what].stmt, &a, next);
}

int flow_issue_read(struct task *t, int32_t *done, int32_t *total)
{
    const struct db_rows *r = db_result(t);
    int rc = flow_rc_read(t);

    if (rc == RC_OK) {
        *done = (int32_t)db_i64(r, 0, 1);
        *total = (int32_t)db_i64(r, 0, 2);
    }
    return rc;
}
