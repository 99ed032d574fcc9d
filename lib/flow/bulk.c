#include "khop/flow/bulk.h"

#include "khop/base/clock.h"
#include "khop/pay/code.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define PAY_TOKEN 16

struct flow_bulk {
    struct arena *arena; /* texts of the rows */
    size_t n;
    bool any_name, any_class, any_payee, any_due, any_expiry;
    char kinds[FLOW_BULK_MAX];
    int64_t accounts[FLOW_BULK_MAX], amounts[FLOW_BULK_MAX], expires[FLOW_BULK_MAX];
    int32_t due[FLOW_BULK_MAX], codes[FLOW_BULK_MAX];
    bool no_amount[FLOW_BULK_MAX], no_due[FLOW_BULK_MAX], no_expiry[FLOW_BULK_MAX];
    struct slice labels[FLOW_BULK_MAX], refs[FLOW_BULK_MAX], names[FLOW_BULK_MAX];
    struct slice payee_bins[FLOW_BULK_MAX], payee_nos[FLOW_BULK_MAX], payee_names[FLOW_BULK_MAX];
    struct slice tokens[FLOW_BULK_MAX];
    uint8_t token_bytes[FLOW_BULK_MAX][PAY_TOKEN];
    uint64_t random[FLOW_BULK_MAX];
    struct slice classes[FLOW_BULK_MAX];
    size_t nno_credit;
    int32_t no_credit[FLOW_BULK_MAX]; /* rows, from 1, of payers whose credit is left alone */
    size_t nlines, lines_room; /* lines of bills: of which row, from 1, what, how much */
    int32_t *line_of;
    struct slice *line_labels;
    int64_t *line_amounts;
};

struct flow_bulk *flow_bulk_new(void)
{
    struct flow_bulk *b = calloc(1, sizeof *b);

    if (b != NULL && (b->arena = arena_new(0)) == NULL) {
        free(b);
        return NULL;
    }
    return b;
}

void flow_bulk_free(struct flow_bulk *b)
{
    if (b == NULL)
        return;
    arena_free(b->arena);
    free(b->line_of);
    free(b->line_labels);
    free(b->line_amounts);
    free(b);
}

void flow_bulk_clear(struct flow_bulk *b)
{
    arena_reset(b->arena);
    b->n = b->nlines = b->nno_credit = 0;
    b->any_name = b->any_class = b->any_payee = b->any_due = b->any_expiry = false;
}

size_t flow_bulk_count(const struct flow_bulk *b)
{
    return b->n;
}

static bool keep(struct flow_bulk *b, struct slice text, struct slice *out)
{
    *out = (struct slice){ 0 };
    if (text.p == NULL)
        return true;
    *out = arena_copy(b->arena, text);
    return out->p != NULL;
}

/* Room for one more bill; grows to what FLOW_BULK_MAX bills can have, and most have none. */
static bool lines_grow(struct flow_bulk *b, size_t more)
{
    size_t room = b->lines_room == 0 ? 1024 : b->lines_room * 2;

    if (b->nlines + more <= b->lines_room)
        return true;
    int32_t *of = realloc(b->line_of, room * sizeof *of);

    if (of != NULL)
        b->line_of = of;
    struct slice *labels = realloc(b->line_labels, room * sizeof *labels);

    if (labels != NULL)
        b->line_labels = labels;
    int64_t *amounts = realloc(b->line_amounts, room * sizeof *amounts);

    if (amounts != NULL)
        b->line_amounts = amounts;
    if (of == NULL || labels == NULL || amounts == NULL)
        return false;
    b->lines_room = room;
    return true;
}

_Static_assert(FLOW_LINES_MAX <= 1024, "one step makes room for a bill");

static bool keep_lines(struct flow_bulk *b, const struct flow_code_spec *spec)
{
    if (spec->nlines == 0)
        return true;
    if (!lines_grow(b, spec->nlines))
        return false;
    for (size_t i = 0; i < spec->nlines; i++) {
        size_t at = b->nlines + i;

        if (!keep(b, spec->lines[i].label, &b->line_labels[at]))
            return false;
        b->line_of[at] = (int32_t)b->n + 1;
        b->line_amounts[at] = spec->lines[i].amount;
    }
    b->nlines += spec->nlines;
    return true;
}

int flow_bulk_add(struct flow_bulk *b, const struct flow_code_spec *spec)
{
    size_t i = b->n;

    if (i == FLOW_BULK_MAX)
        return RC_TOO_LARGE;
    if (!keep(b, spec->label, &b->labels[i]) || !keep(b, spec->payer_ref, &b->refs[i]) ||
        !keep(b, spec->payer_name, &b->names[i]) || !keep(b, spec->payer_class, &b->classes[i]) || !keep(b, spec->payee.bin, &b->payee_bins[i]) ||
        !keep(b, spec->payee.account_no, &b->payee_nos[i]) || !keep(b, spec->payee.name, &b->payee_names[i]) || !keep_lines(b, spec))
        return RC_NOMEM;
    b->kinds[i] = spec->kind;
    b->accounts[i] = spec->account_id;
    b->amounts[i] = spec->amount;
    b->no_amount[i] = !spec->has_amount;
    b->due[i] = spec->due_on;
    b->no_due[i] = !spec->has_due;
    b->expires[i] = spec->expires_us;
    b->no_expiry[i] = !spec->has_expiry;
    b->any_name |= spec->payer_ref.p != NULL || spec->payer_name.p != NULL;
    b->any_class |= spec->payer_class.p != NULL;
    b->any_payee |= spec->payee.account_no.p != NULL;
    b->any_due |= spec->has_due;
    b->any_expiry |= spec->has_expiry;
    b->n++;
    if (spec->no_credit)
        b->no_credit[b->nno_credit++] = (int32_t)b->n;
    return RC_OK;
}

/* Codes of one half of all bodies: those whose number is even, or odd. */
static int draw(struct flow_bulk *b, int side)
{
    int rc = crypto_random(b->random, b->n * sizeof b->random[0]);

    if (rc == RC_OK)
        rc = crypto_random(b->token_bytes, b->n * sizeof b->token_bytes[0]);
    for (size_t i = 0; rc == RC_OK && i < b->n; i++) {
        rc = code_from_random(b->kinds[i], b->random[i], &b->codes[i]);
        if (rc == RC_OK) {
            int32_t body = code_body(b->codes[i]);
            int32_t half = body / 2 < CODE_BODIES / 2 ? body / 2 * 2 : 0;

            b->codes[i] += half + side - body;
            b->tokens[i] = (struct slice){ (const char *)b->token_bytes[i], PAY_TOKEN };
        }
    }
    return rc;
}

int flow_bulk_issue(struct task *t, struct db *db, const struct flow_job_lease *job, int32_t first, int side, struct flow_bulk *b,
                    task_step next)
{
    int64_t seed;
    struct db_args a;
    int rc = draw(b, side);

    if (rc == RC_OK)
        rc = flow_random48(&seed);
    if (rc < 0)
        return rc;
    db_args_init(&a, t->arena);
    db_arg_i32(&a, job->bucket);
    db_arg_i64(&a, job->job_id);
    db_arg_i64(&a, job->worker);
    db_arg_time(&a, clock_wall_us());
    db_arg_i32(&a, first);
    db_arg_i64(&a, seed);
    db_arg_i32_array(&a, b->codes, NULL, b->n);
    db_arg_bytes_array(&a, b->tokens, b->n);
    db_arg_i64_array(&a, b->accounts, NULL, b->n);
    db_arg_i64_array(&a, b->amounts, b->no_amount, b->n);
    db_arg_text_array(&a, b->labels, b->n);
    /* A column without a value in any row is an empty array: the other side fills it with NULL. */
    db_arg_text_array(&a, b->refs, b->any_name ? b->n : 0);
    db_arg_text_array(&a, b->names, b->any_name ? b->n : 0);
    db_arg_text_array(&a, b->payee_bins, b->any_payee ? b->n : 0);
    db_arg_text_array(&a, b->payee_nos, b->any_payee ? b->n : 0);
    db_arg_text_array(&a, b->payee_names, b->any_payee ? b->n : 0);
    db_arg_date_array(&a, b->due, b->no_due, b->any_due ? b->n : 0);
    db_arg_time_array(&a, b->expires, b->no_expiry, b->any_expiry ? b->n : 0);
    db_arg_text_array(&a, b->classes, b->any_class ? b->n : 0);
    db_arg_i32_array(&a, b->line_of, NULL, b->nlines);
    db_arg_text_array(&a, b->line_labels, b->nlines);
    db_arg_i64_array(&a, b->line_amounts, NULL, b->nlines);
    db_arg_i32_array(&a, b->no_credit, NULL, b->nno_credit);
    return db_call(db, t, DB_JOB_ISSUE, &a, next);
}
