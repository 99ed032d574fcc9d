#include "load.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/pay/code.h"
#include "khop/provider/sign.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

static bool plan_room(struct load_plan *p, size_t n)
{
    if (p->cap - p->size >= n)
        return true;
    size_t cap = p->cap == 0 ? (size_t)64 << 20 : p->cap * 2;
    char *bytes = realloc(p->bytes, cap);

    if (bytes == NULL)
        return false;
    p->bytes = bytes;
    p->cap = cap;
    return plan_room(p, n);
}

static bool plan_begin(struct load_plan *p, size_t n)
{
    *p = (struct load_plan){ .at = calloc(n + 1, sizeof *p->at) };
    return p->at != NULL;
}

static bool plan_add(struct load_plan *p, const char *head, size_t head_n, struct slice body)
{
    if (!plan_room(p, head_n + body.n))
        return false;
    memcpy(p->bytes + p->size, head, head_n);
    if (body.n > 0)
        memcpy(p->bytes + p->size + head_n, body.p, body.n);
    p->size += head_n + body.n;
    p->at[++p->n] = p->size;
    return true;
}

void load_plan_release(struct load_plan *p)
{
    free(p->bytes);
    free(p->at);
}

static bool plan_notice(struct load_plan *p, const struct load_want *want, int64_t j, struct arena *arena)
{
    struct load_code c = load_code_at(&want->world, j);
    char code[CODE_SIZE], memo[64], ext[24], account[16], secret[40], head[2048];
    uint8_t hook[16];
    struct signed_notice s;
    struct buf path;
    struct notice_event e;
    size_t n;

    code_text(code, c.code_no);
    load_hook(c.org, hook);
    load_account_no(c.org, account);
    load_secret(c.org, secret);
    snprintf(memo, sizeof memo, "LO THI MAY %s FT26324%09lld", code, (long long)j);
    snprintf(ext, sizeof ext, "%lld", (long long)j + 1000000);
    e = (struct notice_event){ .ext_id = slice_of(ext), .direction = NOTICE_IN, .amount = c.amount, .account = slice_of(account),
                               .reference = slice_of(ext), .time_us = (want->paid_at != 0 ? want->paid_at : clock_wall_us() / CLOCK_US) * CLOCK_US, .memo = slice_of(memo) };
    if (provider_sign(PROVIDER_SEPAY_HMAC, slice_of(secret), clock_wall_us(), &e, 1, arena, &s) < 0)
        return false;
    buf_init_arena(&path, arena, 64);
    enc_base64url(&path, hook, sizeof hook);
    n = (size_t)snprintf(head, sizeof head, "POST /hooks/%.*s HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n",
                         SLICE_FMT(buf_slice(&path)), want->host, s.body.n);
    for (size_t i = 0; i < s.n_headers; i++)
        n += (size_t)snprintf(head + n, sizeof head - n, "%s: %.*s\r\n", s.headers[i].name, SLICE_FMT(s.headers[i].value));
    n += (size_t)snprintf(head + n, sizeof head - n, "\r\n");
    return plan_add(p, head, n, s.body);
}

bool load_plan_settle(struct load_plan *p, const struct load_want *want)
{
    struct arena *arena = arena_new((size_t)1 << 20);
    bool good = arena != NULL && plan_begin(p, (size_t)want->n);

    for (int64_t k = 0, j = want->first; good && k < want->n; j++) {
        if (j >= want->world.codes) {
            fprintf(stderr, "khop_load: only %lld codes were seeded\n", (long long)want->world.codes);
            good = false;
        }
        if (good && want->one_org && load_code_at(&want->world, j).org != 0)
            continue;
        for (int i = 0; good && i < want->repeats && k < want->n; i++, k++) {
            good = plan_notice(p, want, j, arena);
            arena_reset(arena);
        }
    }
    arena_free(arena);
    return good;
}

bool load_plan_codes(struct load_plan *p, const struct load_want *want)
{
    bool good = plan_begin(p, (size_t)want->n);
    char head[1024], body[512], account[ENC_ID_SIZE];

    enc_id(account, "acc", load_id(&want->world, 0, 1));
    for (int64_t k = 0; good && k < want->n; k++) {
        int b = snprintf(body, sizeof body, "{\"account\":\"%s\",\"kind\":\"fee\",\"amount\":%lld,\"label\":\"tien an\",\"payer\":{\"ref\":\"HS-%lld\"}}",
                         account, (long long)(10000 + k), (long long)k);
        int h = snprintf(head, sizeof head,
                         "POST /api/v1/codes HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                         "Authorization: Bearer %s\r\nIdempotency-Key: bench-%lld-%lld\r\n\r\n",
                         want->host, b, want->token, (long long)clock_wall_us(), (long long)k);

        good = plan_add(p, head, (size_t)h, (struct slice){ body, (size_t)b });
    }
    return good;
}

bool load_plan_get(struct load_plan *p, const struct load_want *want)
{
    FILE *f = fopen(want->paths, "re");
    char path[512], head[1024];
    bool good = f != NULL && plan_begin(p, (size_t)want->n);

    while (good && (int64_t)p->n < want->n) {
        if (fgets(path, sizeof path, f) == NULL) {
            good = p->n > 0;
            rewind(f);
            continue;
        }
        path[strcspn(path, "\r\n")] = '\0';
        int h = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n", path,
                         want->host);

        good = plan_add(p, head, (size_t)h, (struct slice){ 0 });
    }
    if (f != NULL)
        fclose(f);
    return good;
}
