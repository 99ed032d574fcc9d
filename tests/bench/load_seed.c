#include "load.h"

#include "khop/base/enc.h"
#include "khop/crypto/crypto.h"
#include "khop/flow/connection.h"
#include "khop/pay/code.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define STRIDE INT64_C(7368787) /* prime: j · STRIDE visits every body once */

struct load_code load_code_at(const struct load_world *w, int64_t j)
{
    struct load_code c = { .org = j % 5 == 0 || w->orgs == 1 ? 0 : 1 + j % (w->orgs - 1), .amount = 10000 + j % 90 * 1000 };

    c.code_no = (int32_t)(code_value('B') * (int64_t)CODE_BODIES + j * STRIDE % CODE_BODIES);
    return c;
}

int32_t load_bucket(const struct load_world *w, int64_t org)
{
    return (int32_t)(org % w->buckets);
}

int64_t load_id(const struct load_world *w, int64_t org, int64_t n)
{
    return enc_id_make(load_bucket(w, org), (uint64_t)n);
}

void load_hook(int64_t org, uint8_t hook[16])
{
    uint8_t digest[SHA256_SIZE];
    char text[32];
    int n = snprintf(text, sizeof text, "bench-hook-%lld", (long long)org);

    if (crypto_sha256((struct slice){ text, (size_t)n }, digest) < 0)
        abort();
    memcpy(hook, digest, 16);
}

void load_account_no(int64_t org, char out[16])
{
    snprintf(out, 16, "99%08u", (unsigned)(org % 100000000));
}

void load_secret(int64_t org, char out[40])
{
    snprintf(out, 40, "bench-secret-%lld", (long long)org);
}

static void put_hex(const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%02x", ((const uint8_t *)bytes)[i]);
}

static bool seed_org(const struct load_world *w, int64_t org, const uint8_t key[SEAL_KEY_SIZE])
{
    uint8_t hook[16], sealed[128];
    char account_no[16], secret[40];
    long long id = (long long)load_id(w, org, org + 1);
    size_t n;

    load_hook(org, hook);
    load_account_no(org, account_no);
    load_secret(org, secret);
    if (flow_secret_seal(key, slice_of(secret), sealed, sizeof sealed, &n) < 0)
        return false;
    printf("insert into khop.org values (%lld, %d, 'Bench %lld', 'school', 'BENCH%lld', now());\n", id, load_bucket(w, org),
           (long long)org, (long long)org);
    printf("insert into khop.org_head (bucket, org_id, open_day, receipt_year) values (%d, %lld, current_date - 1, 2000);\n",
           load_bucket(w, org), id);
    printf("insert into khop.account values (%lld, %lld, %d, '970405', '%s', 'BENCH', 112101, now());\n", id, id,
           load_bucket(w, org), account_no);
    printf("insert into khop.connection (connection_id, hook, org_id, bucket, account_id, provider, mode, role, created_at) "
           "values (%lld, '\\x", id);
    put_hex(hook, sizeof hook);
    printf("', %lld, %d, %lld, 1, 2, 1, now());\n", id, load_bucket(w, org), id);
    printf("insert into khop.connection_secret (secret_id, connection_id, org_id, sealed, created_at) values (%lld, %lld, %lld, '\\x",
           id, id, id);
    put_hex(sealed, n);
    printf("', now());\n");
    return true;
}

int load_seed(const struct load_world *w, const char *field_key_path)
{
    uint8_t key[SEAL_KEY_SIZE];
    FILE *f = fopen(field_key_path, "re");

    if (f == NULL || fread(key, 1, sizeof key, f) != sizeof key) {
        fprintf(stderr, "khop_load: cannot read %s\n", field_key_path);
        return 1;
    }
    fclose(f);
    puts("begin;");
    for (int64_t org = 0; org < w->orgs; org++) {
        if (!seed_org(w, org, key))
            return 1;
    }
    puts("commit;");
    return 0;
}
