/* VietQR.vn (providers.md (e)). They fetch a token with user and password, then bring one movement with it. The token
 * is ours: the second it was made and a MAC over it, by a key derived from the connection's secret; nothing is stored,
 * and any process can check it. */
#include "common.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"

#include "khop/base/banned.h"

#define KEY_LABEL     "khop vietqrvn token key 1"
#define TOKEN_LABEL   "khop vietqrvn token 1."
#define TOKEN_PREFIX  "kvt1"
#define TOKEN_AHEAD_S 60 /* another machine's clock may be this much ahead of ours */
#define EPOCH_S_MAX   INT64_C(253402300799)
#define EPOCH_MS_MAX  INT64_C(253402300799999)
#define EPOCH_MS_MIN  INT64_C(100000000000) /* 1973; anything less is seconds by mistake */
#define USER_MAX      SECRET_MAX

enum call { CALL_TOKEN, CALL_SYNC, CALL_UNKNOWN };

/* Takes the last segment off a path, skipping the empty ones that doubled slashes make. */
static struct slice pop_segment(struct slice *path)
{
    while (path->n > 0 && path->p[path->n - 1] == '/')
        path->n--;
    size_t from = path->n;

    while (from > 0 && path->p[from - 1] != '/')
        from--;
    struct slice segment = slice_sub(*path, from, path->n);

    path->n = from;
    return segment;
}

static enum call call_of(struct slice path)
{
    struct slice rest = path, whole = slice_cut(&rest, '?'), last = pop_segment(&whole), before = pop_segment(&whole);

    if (slice_is(last, "token_generate") && slice_is(before, "api"))
        return CALL_TOKEN;
    if (slice_is(last, "transaction-sync") && slice_is(before, "api") && slice_is(pop_segment(&whole), "bank"))
        return CALL_SYNC;
    return CALL_UNKNOWN;
}

int vietqrvn_key(struct slice user_password, struct mac **out)
{
    struct mac *outer = mac_new(MAC_HMAC_SHA256, user_password);
    uint8_t key[SHA512_SIZE];
    int rc = RC_INTERNAL;

    if (outer != NULL)
        rc = mac_sign(outer, (struct slice[]){SLICE(KEY_LABEL)}, 1, key);
    mac_free(outer);
    if (rc != RC_OK)
        return RC_INTERNAL;
    *out = mac_new(MAC_HMAC_SHA256, (struct slice){(const char *)key, SHA256_SIZE});
    explicit_bzero(key, sizeof key);
    return *out == NULL ? RC_INTERNAL : RC_OK;
}

int vietqrvn_token(const struct mac *key, int64_t now_s, struct arena *arena, struct slice *out)
{
    char *issued = arena_printf(arena, "%lld", (long long)now_s);
    uint8_t proof[SHA512_SIZE];
    struct buf b;
    int rc;

    if (issued == NULL)
        return RC_NOMEM;
    rc = mac_sign(key, (struct slice[]){SLICE(TOKEN_LABEL), slice_of(issued)}, 2, proof);
    if (rc != RC_OK)
        return rc;
    buf_init_arena(&b, arena, 256);
    buf_printf(&b, TOKEN_PREFIX ".%s.", issued);
    enc_base64url(&b, proof, SHA256_SIZE);
    *out = buf_slice(&b);
    return b.failed ? RC_NOMEM : RC_OK;
}

/* What follows the scheme's word and one space; n == 0 if it is another scheme. */
static struct slice after_scheme(struct slice value, struct slice scheme)
{
    if (!slice_eq_nocase(slice_sub(value, 0, scheme.n), scheme))
        return (struct slice){"", 0};
    return slice_sub(value, scheme.n, value.n);
}

static int token_call(struct check *c)
{
    uint8_t user[USER_MAX];
    struct slice value;
    size_t n = 0;
    int rc;

    if (!check_header(c, "Authorization", "no_key", &value))
        return RC_OK;
    value = after_scheme(value, SLICE("Basic "));
    if (value.n == 0 || dec_base64(value, user, sizeof user, &n) != RC_OK)
        return check_reject(c, 401, "bad_key");
    rc = prove_plain(c, (struct slice){(const char *)user, n});
    explicit_bzero(user, sizeof user);
    if (rc != RC_OK)
        return rc == RC_UNAUTHORIZED ? check_reject(c, 401, "bad_key") : rc;
    rc = vietqrvn_token(c->secrets[c->v->secret]->mac, c->in->now_us / CLOCK_US, c->arena, &c->v->token);
    return rc == RC_OK ? check_accept(c, NULL, 0) : rc;
}

/* *proven only for a token of ours that still lives. */
static int prove_token(struct check *c, bool *proven)
{
    struct slice value, issued;
    struct proof given;
    int64_t issued_s, age;
    int rc;

    if (!check_header(c, "Authorization", "no_token", &value))
        return RC_OK;
    value = after_scheme(value, SLICE("Bearer "));
    if (!slice_is(slice_cut(&value, '.'), TOKEN_PREFIX))
        return check_reject(c, 401, "bad_token");
    issued = slice_cut(&value, '.');
    if (dec_base64url(value, given.bytes, sizeof given.bytes, &given.n) != RC_OK || given.n != SHA256_SIZE ||
        num_parse(issued, 0, EPOCH_S_MAX, false, &issued_s) != RC_OK)
        return check_reject(c, 401, "bad_token");
    rc = prove_mac(c, (struct slice[]){SLICE(TOKEN_LABEL), issued}, 2, &given, 1);
    if (rc != RC_OK)
        return rc == RC_UNAUTHORIZED ? check_reject(c, 401, "bad_token") : rc;
    age = c->in->now_us / CLOCK_US - issued_s;
    if (age > PROVIDER_TOKEN_LIFE_S || age < -TOKEN_AHEAD_S)
        return check_reject(c, 401, "stale_token");
    *proven = true;
    return RC_OK;
}

/* Milliseconds since 1970, as a number or as a string of digits. */
static int64_t read_time(struct fields *f)
{
    const struct doc_node *value = fields_get(f, "transactiontime", "transactionTime");
    int64_t ms = 0;

    if (value == NULL || (value->kind != DOC_STRING && value->kind != DOC_INTEGER && value->kind != DOC_REAL)) {
        fields_fault(f, value == NULL ? "missing_field" : "bad_time", true);
        return 0;
    }
    if (value->kind == DOC_INTEGER)
        ms = value->value;
    else if (num_parse(value->text, 0, EPOCH_MS_MAX, false, &ms) != RC_OK) /* a real has no text */
        ms = 0;
    if (ms < EPOCH_MS_MIN || ms > EPOCH_MS_MAX) {
        fields_fault(f, "bad_time", false);
        return 0;
    }
    return ms * 1000;
}

static enum notice_direction read_direction(struct fields *f)
{
    const struct doc_node *value = fields_get(f, "transType", NULL);
    struct slice type = fields_text(f, "transType", NULL);

    if (value == NULL)
        fields_fault(f, "missing_field", true);
    if (slice_is(type, "D"))
        return NOTICE_OUT;
    if (!slice_is(type, "C"))
        fields_fault(f, "bad_direction", false);
    return NOTICE_IN;
}

/* The key. A notice without one cannot be told from its repeat: it is held, not refused. */
static struct slice read_id(struct fields *f)
{
    if (fields_get(f, "referencenumber", "referenceNumber") == NULL)
        fields_fault(f, "no_id", false);
    return f->fault != NULL ? SLICE("") : fields_id(f, "referencenumber", "referenceNumber", NOTICE_ID_MAX, "bad_id");
}

static int decode(struct check *c, const struct doc *d)
{
    struct notice_event *e = arena_alloc(c->arena, sizeof *e);
    struct fields f = fields_of(d, d->nodes);

    if (e == NULL)
        return RC_NOMEM;
    if (d->nodes[0].kind != DOC_OBJECT)
        fields_fault(&f, "missing_field", true);
    e->amount = fields_amount_or_digits(&f, "amount");
    e->account = fields_id(&f, "bankaccount", "bankAccount", NOTICE_ACCOUNT_MAX, "bad_account");
    e->direction = read_direction(&f);
    e->time_us = read_time(&f);
    e->memo = fields_text(&f, "content", NULL);
    e->ext_id = read_id(&f);
    e->reference = e->ext_id;
    if (f.fault != NULL)
        return check_fault(c, &f, true, e->ext_id);
    int rc = event_hash(c->arena, PROVIDER_VIETQRVN, e->ext_id, SLICE(""), e);

    return rc == RC_OK ? check_accept(c, e, 1) : rc;
}

static int sync_call(struct check *c)
{
    bool proven = false, read;
    struct doc d;
    int rc;

    if (!check_is_json(c))
        return RC_OK;
    rc = prove_token(c, &proven);
    if (!proven)
        return rc;
    rc = check_read(c, &d, false, &read);
    if (!read)
        return rc;
    return d.long_text ? check_hold(c, "text_too_long", SLICE("")) : decode(c, &d);
}

int vietqrvn_check(struct check *c)
{
    switch (call_of(c->in->path)) {
    case CALL_TOKEN:
        c->v->token_call = true;
        return token_call(c);
    case CALL_SYNC:
        return sync_call(c);
    case CALL_UNKNOWN:
        break;
    }
    return check_reject(c, 404, "unknown_path");
}

static int put_answer(int status, char *body, struct provider_reply *out)
{
    if (body == NULL)
        return RC_NOMEM;
    *out = (struct provider_reply){status, "application/json", slice_of(body)};
    return RC_OK;
}

static int fail_answer(bool token_call, int status, const char *code, struct arena *arena, struct provider_reply *out)
{
    if (token_call)
        return put_answer(status, arena_printf(arena, "{\"status\":\"FAILED\",\"message\":\"%s\"}", code), out);
    return put_answer(status,
                      arena_printf(arena,
                                   "{\"error\":true,\"errorReason\":\"%s\",\"toastMessage\":\"%s\",\"object\":null}",
                                   code, code),
                      out);
}

int vietqrvn_answer(enum provider_outcome outcome, const struct notice_verdict *v, const char *ref, struct arena *arena,
                    struct provider_reply *out)
{
    if (v->token.n > 0)
        return put_answer(200,
                          arena_printf(arena, "{\"access_token\":\"%.*s\",\"token_type\":\"Bearer\",\"expires_in\":%d}",
                                       SLICE_FMT(v->token), PROVIDER_TOKEN_LIFE_S),
                          out);
    switch (outcome) {
    case PROVIDER_DONE:
        return put_answer(200,
                          arena_printf(arena,
                                       "{\"error\":false,\"errorReason\":null,\"toastMessage\":\"ok\","
                                       "\"object\":{\"reftransactionid\":\"%s\"}}",
                                       ref == NULL || *ref == '\0' ? "-" : ref),
                          out);
    case PROVIDER_REJECTED:
        /* Why a proof failed is told to nobody. */
        return fail_answer(v->token_call, v->status, v->status == 401 ? "unauthorized" : v->reason, arena, out);
    case PROVIDER_UNAVAILABLE:
        return fail_answer(v->token_call, 503, "unavailable", arena, out);
    }
    return RC_INTERNAL;
}
