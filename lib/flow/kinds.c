#include "khop/flow/kinds.h"

#include "khop/base/clock.h"
#include "khop/pay/code.h"

#include <string.h>

#include "khop/base/banned.h"

enum kind_col { K_LETTER, K_NAME, K_DIRECTION, K_USABLE };

static bool kinds_add(struct flow_kinds *k, char letter, struct slice name, bool out, bool usable)
{
    struct flow_kind *kind = &k->kind[k->n];

    if (k->n == FLOW_KINDS_MAX || code_value(letter) < 0 || name.n == 0 || name.n > FLOW_KIND_NAME)
        return false;
    *kind = (struct flow_kind){ .letter = letter, .out = out, .usable = usable };
    memcpy(kind->name, name.p, name.n);
    k->letters |= 1U << code_value(letter);
    k->n++;
    return true;
}

void flow_kinds_init(struct flow_kinds *k)
{
    const struct code_kind *kind;

    *k = (struct flow_kinds){ 0 };
    for (size_t i = 0; (kind = code_kind_at(i)) != NULL; i++)
        (void)kinds_add(k, kind->letter, slice_of(kind->name), kind->letter == 'P', true);
}

const struct flow_kind *flow_kind_of(const struct flow_kinds *k, char letter)
{
    for (size_t i = 0; i < k->n; i++) {
        if (k->kind[i].letter == letter)
            return &k->kind[i];
    }
    return NULL;
}

const struct flow_kind *flow_kind_named(const struct flow_kinds *k, struct slice name)
{
    if (name.n == 1)
        return flow_kind_of(k, name.p[0]);
    for (size_t i = 0; i < k->n; i++) {
        if (slice_is(name, k->kind[i].name))
            return &k->kind[i];
    }
    return NULL;
}

struct slice flow_kind_name(const struct flow_kinds *k, const char *letter)
{
    const struct flow_kind *kind = flow_kind_of(k, *letter);

    return kind != NULL ? slice_of(kind->name) : (struct slice){ letter, 1 };
}

int flow_kinds_ask(struct task *t, struct db *db, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    return db_call(db, t, DB_KIND_LIST, &a, next);
}

int flow_kinds_read(struct task *t, struct flow_kinds *k)
{
    const struct db_rows *r = db_result(t);
    struct flow_kinds fresh = { 0 };

    for (int i = 0; i < db_rows_count(r); i++) {
        struct slice letter = db_text(r, i, K_LETTER);

        if (letter.n != 1 ||
            !kinds_add(&fresh, letter.p[0], db_text(r, i, K_NAME), db_i64(r, i, K_DIRECTION) == 2, db_bool(r, i, K_USABLE)))
            return RC_INTERNAL;
    }
    if (fresh.n == 0)
        return RC_INTERNAL;
    *k = fresh;
    return RC_OK;
}
