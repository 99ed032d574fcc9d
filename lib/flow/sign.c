#include "khop/flow/sign.h"

#include "khop/base/clock.h"
#include "khop/flow/receipt.h"

#include "khop/base/banned.h"

int flow_sign_next(struct task *t, struct db *db, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_i32(&a, FLOW_SIGN_MAX);
    return db_call(db, t, DB_SIGN_NEXT, &a, next);
}

static int lot_room(struct flow_signed *s, struct arena *arena, size_t n, char **bytes)
{
    *s = (struct flow_signed){ .rows = n };
    s->bucket = arena_array(arena, n, sizeof *s->bucket);
    s->org = arena_array(arena, n, sizeof *s->org);
    s->next = arena_array(arena, n, sizeof *s->next);
    s->run_org = arena_array(arena, n, sizeof *s->run_org);
    s->run_year = arena_array(arena, n, sizeof *s->run_year);
    s->run_first = arena_array(arena, n, sizeof *s->run_first);
    s->run_bytes = arena_array(arena, n, sizeof *s->run_bytes);
    *bytes = arena_array(arena, n, ED25519_SIG_SIZE);
    return s->bucket != NULL && s->org != NULL && s->next != NULL && s->run_org != NULL && s->run_year != NULL &&
                   s->run_first != NULL && s->run_bytes != NULL && *bytes != NULL
               ? RC_OK
               : RC_NOMEM;
}

/* The signature at `at` is the next of the last run, or begins one. */
static void run_add(struct flow_signed *s, const struct flow_receipt *r, const char *at)
{
    size_t last = s->runs - 1;

    if (s->runs > 0 && s->run_org[last] == (int32_t)s->orgs && s->run_year[last] == r->year &&
        s->run_first[last] + (int64_t)(s->run_bytes[last].n / ED25519_SIG_SIZE) == r->number) {
        s->run_bytes[last].n += ED25519_SIG_SIZE;
        return;
    }
    s->run_org[s->runs] = (int32_t)s->orgs;
    s->run_year[s->runs] = r->year;
    s->run_first[s->runs] = (int32_t)r->number;
    s->run_bytes[s->runs] = (struct slice){ at, ED25519_SIG_SIZE };
    s->runs++;
}

int flow_sign_lot(struct task *t, const struct ed25519 *key, const char *kid, struct flow_signed *s)
{
    const struct db_rows *rows = db_result(t);
    size_t n = (size_t)db_rows_count(rows);
    struct flow_receipt r;
    int64_t seq;
    char *bytes;
    int rc = lot_room(s, t->arena, n, &bytes);

    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        rc = flow_receipt_read_content(rows, (int)i, &r, &seq);
        if (rc < 0)
            return rc;
        if (s->orgs == 0 || s->org[s->orgs - 1] != r.org_id) {
            s->bucket[s->orgs] = r.bucket;
            s->org[s->orgs] = r.org_id;
            s->orgs++;
        }
        s->next[s->orgs - 1] = seq + 1;
        if (s->oldest_us == 0 || r.issued_us < s->oldest_us)
            s->oldest_us = r.issued_us;
        if (r.year == 0)
            continue;
        rc = flow_receipt_signature(key, kid, &r, (uint8_t *)bytes);
        if (rc == RC_OK) {
            run_add(s, &r, bytes);
            bytes += ED25519_SIG_SIZE;
            s->receipts++;
        } else if (rc == RC_NOT_FOUND) {
            s->strangers++;
            rc = RC_OK;
        }
    }
    return rc;
}

int flow_sign_store(struct task *t, struct db *db, const struct flow_signed *s, task_step next)
{
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_i32_array(&a, s->bucket, NULL, s->orgs);
    db_arg_i64_array(&a, s->org, NULL, s->orgs);
    db_arg_i64_array(&a, s->next, NULL, s->orgs);
    db_arg_i32_array(&a, s->run_org, NULL, s->runs);
    db_arg_i32_array(&a, s->run_year, NULL, s->runs);
    db_arg_i32_array(&a, s->run_first, NULL, s->runs);
    db_arg_bytes_array(&a, s->run_bytes, s->runs);
    return db_call(db, t, DB_SIGN_STORE, &a, next);
}

int flow_sign_stored(struct task *t)
{
    const struct db_rows *r = db_result(t);

    return db_rows_count(r) == 1 ? (int)db_i64(r, 0, 0) : RC_INTERNAL;
}
