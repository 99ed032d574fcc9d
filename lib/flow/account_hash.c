#include "khop/flow/account_hash.h"

#include "khop/base/clock.h"
#include "khop/provider/provider.h"

#include <ctype.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define PURPOSE     "khop payer account v1"
#define NUMBER_MIN  6
#define TEXT_MAX    64
#define NEXT_ROWS   500 /* of a journal in one turn */

enum next_col { N_BUCKET, N_ORG, N_FROM, N_TO, N_SEQ, N_MODE, N_EXT, N_BODY };

struct account_hasher {
    struct mac *mac;
    int64_t org;
};

struct account_hasher *account_hasher_new(const uint8_t field_key[SEAL_KEY_SIZE], int64_t org)
{
    struct account_hasher *h = calloc(1, sizeof *h);

    if (h == NULL)
        return NULL;
    h->org = org;
    h->mac = mac_new(MAC_HMAC_SHA256, (struct slice){ (const char *)field_key, SEAL_KEY_SIZE });
    if (h->mac == NULL) {
        free(h);
        return NULL;
    }
    return h;
}

void account_hasher_free(struct account_hasher *h)
{
    if (h != NULL)
        mac_free(h->mac);
    free(h);
}

/* Letters and digits, capitals. */
static size_t bare(char out[TEXT_MAX], struct slice s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n && n < TEXT_MAX; i++)
        if (isalnum((unsigned char)s.p[i]))
            out[n++] = (char)toupper((unsigned char)s.p[i]);
    return n;
}

bool account_hash(const struct account_hasher *h, struct slice bank, struct slice number, uint8_t out[ACCOUNT_HASH_SIZE])
{
    char bank_text[TEXT_MAX], number_text[TEXT_MAX];
    size_t bank_n = bare(bank_text, bank), number_n = bare(number_text, number);
    uint8_t hash[SHA512_SIZE];
    const struct slice parts[] = { SLICE(PURPOSE), { (const char *)&h->org, sizeof h->org }, { bank_text, bank_n }, SLICE("/"), { number_text, number_n } };

    if (number_n < NUMBER_MIN || mac_sign(h->mac, parts, sizeof parts / sizeof parts[0], hash) < 0)
        return false;
    memcpy(out, hash, ACCOUNT_HASH_SIZE);
    return true;
}

int flow_account_next(struct task *t, struct db *db, task_step next)
{
    int16_t modes[PROVIDER_MODES];
    struct db_args a;

    db_args_init(&a, t->arena);
    db_arg_i16_array(&a, modes, NULL, provider_modes_with_payer(modes));
    db_arg_i32(&a, NEXT_ROWS);
    return db_call(db, t, DB_ACCOUNT_NEXT, &a, next);
}

/* The account that a kept notice names for one of its events; p NULL: none. */
static int read_account(struct arena *arena, const struct db_rows *r, int row, struct slice *bank, struct slice *number)
{
    struct notice_verdict v;
    struct slice ext = db_text(r, row, N_EXT);
    int rc = provider_reread((int)db_i64(r, row, N_MODE), db_text(r, row, N_BODY), arena, &v);

    *number = (struct slice){ 0 };
    if (rc < 0)
        return rc;
    for (size_t i = 0; v.kind == NOTICE_ACCEPT && i < v.n; i++) {
        if (slice_eq(v.events[i].ext_id, ext)) {
            *bank = v.events[i].counterparty.bin;
            *number = v.events[i].counterparty.account;
        }
    }
    return RC_OK;
}

int flow_account_put(struct task *t, struct db *db, const uint8_t field_key[SEAL_KEY_SIZE], bool *more, task_step next)
{
    const struct db_rows *r = db_result(t);
    size_t count = (size_t)db_rows_count(r), n = 0;
    int64_t *seq = arena_array(t->arena, count + 1, sizeof *seq);
    struct slice *hash = arena_array(t->arena, count + 1, sizeof *hash);
    bool *sure = arena_array(t->arena, count + 1, sizeof *sure);
    uint8_t *bytes = arena_array(t->arena, count + 1, ACCOUNT_HASH_SIZE);
    struct account_hasher *h;
    struct arena *reading; /* a list of transfers is read again for each of them */
    struct db_args a;
    int rc = RC_OK;

    *more = count > 0;
    if (count == 0)
        return next(t);
    if (seq == NULL || hash == NULL || sure == NULL || bytes == NULL)
        return RC_NOMEM;
    h = account_hasher_new(field_key, db_i64(r, 0, N_ORG));
    reading = arena_new(0);
    if (h == NULL || reading == NULL)
        rc = RC_NOMEM;
    for (size_t i = 0; i < count && rc == RC_OK && !db_null(r, (int)i, N_SEQ); i++) {
        struct slice bank = { 0 }, number;

        arena_reset(reading);
        rc = read_account(reading, r, (int)i, &bank, &number);
        if (rc < 0 || number.n == 0 || !account_hash(h, bank, number, bytes + n * ACCOUNT_HASH_SIZE))
            continue;
        seq[n] = db_i64(r, (int)i, N_SEQ);
        sure[n] = bank.n > 0;
        hash[n] = (struct slice){ (const char *)bytes + n * ACCOUNT_HASH_SIZE, ACCOUNT_HASH_SIZE };
        n++;
    }
    arena_free(reading);
    account_hasher_free(h);
    if (rc < 0)
        return rc;
    db_args_init(&a, t->arena);
    db_arg_time(&a, clock_wall_us());
    db_arg_i32(&a, (int32_t)db_i64(r, 0, N_BUCKET));
    db_arg_i64(&a, db_i64(r, 0, N_ORG));
    db_arg_i64(&a, db_i64(r, 0, N_FROM));
    db_arg_i64(&a, db_i64(r, 0, N_TO));
    db_arg_i64_array(&a, seq, NULL, n);
    db_arg_bytes_array(&a, hash, n);
    db_arg_bool_array(&a, sure, n);
    return db_call(db, t, DB_ACCOUNT_PUT, &a, next);
}
