/* Notices as their providers send them: members, their order and types are those of providers.md. */
#include "khop/provider/sign.h"

#include "common.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/base/utf8.h"

#include <jansson.h>

#include "khop/base/banned.h"

#define BODY_MAX (64 << 10)

struct signer {
    int mode;
    struct slice secret;
    int64_t now_us;
    struct arena *arena;
    struct signed_notice *out;
};

static int put_header(struct signer *s, const char *name, struct slice value)
{
    if (value.p == NULL)
        return RC_NOMEM;
    if (s->out->n_headers == SIGNED_HEADERS_MAX)
        return RC_TOO_LARGE;
    s->out->headers[s->out->n_headers].name = name;
    s->out->headers[s->out->n_headers++].value = value;
    return RC_OK;
}

/* A string member; an empty one stays "". */
static json_t *text(struct slice s)
{
    return json_stringn(s.p == NULL ? "" : s.p, s.n);
}

static json_t *text_or_null(struct slice s)
{
    return s.n == 0 ? json_null() : text(s);
}

/* "YYYY-MM-DD HH:MM:SS" at +07:00. */
static json_t *local_time(int64_t us)
{
    struct civil c = clock_civil(us, CLOCK_VN_OFFSET_S);

    return json_sprintf("%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

static json_t *rfc3339(int64_t us)
{
    char out[CLOCK_RFC3339_SIZE];

    clock_rfc3339(out, us, CLOCK_VN_OFFSET_S);
    return json_string(out);
}

static bool digits_id(const struct notice_event *e, int64_t *id)
{
    return num_parse(e->ext_id, 0, INT64_MAX, false, id) == RC_OK;
}

static int dump(struct signer *s, json_t *body, struct slice *out)
{
    char *raw = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);

    json_decref(body);
    if (raw == NULL)
        return RC_NOMEM;
    *out = arena_copy(s->arena, slice_of(raw));
    free(raw);
    if (out->p == NULL)
        return RC_NOMEM;
    return out->n > BODY_MAX ? RC_TOO_LARGE : RC_OK;
}

static int body_is(struct signer *s, json_t *body)
{
    return dump(s, body, &s->out->body);
}

static json_t *sepay_body(const struct notice_event *e, int64_t id)
{
    json_t *whole = json_sprintf("BankAPINotify %.*s", SLICE_FMT(e->memo));

    return json_pack("{s:I, s:s, s:o, s:o, s:n, s:o, s:s, s:I, s:I, s:o, s:o, s:o}", "id", (json_int_t)id, "gateway",
                     "Agribank", "transactionDate", local_time(e->time_us), "accountNumber", text(e->account), "code",
                     "content", text(e->memo), "transferType", e->direction == NOTICE_OUT ? "out" : "in",
                     "transferAmount", (json_int_t)e->amount, "accumulated",
                     (json_int_t)(e->has_balance ? e->balance : 0), "subAccount", text_or_null(e->sub_account),
                     "referenceCode", text(e->reference), "description", whole);
}

/* MAC over the parts as hex behind a prefix. */
static int mac_header(struct signer *s, enum mac_kind kind, const struct slice *parts, size_t n, const char *prefix,
                      struct slice *out)
{
    struct mac *mac = mac_new(kind, s->secret);
    uint8_t bytes[SHA512_SIZE];
    struct buf b;
    int rc;

    if (mac == NULL)
        return RC_BAD_INPUT;
    rc = mac_sign(mac, parts, n, bytes);
    buf_init_arena(&b, s->arena, 512);
    buf_puts(&b, prefix);
    enc_hex(&b, bytes, mac_size(mac));
    mac_free(mac);
    *out = buf_slice(&b);
    return rc != RC_OK ? rc : b.failed ? RC_NOMEM : RC_OK;
}

static struct slice print_number(struct signer *s, int64_t v)
{
    return slice_of(arena_printf(s->arena, "%lld", (long long)v));
}

static int sign_sepay(struct signer *s, const struct notice_event *e)
{
    struct slice time, signature;
    int64_t id;
    int rc;

    if (!digits_id(e, &id))
        return RC_BAD_INPUT;
    rc = body_is(s, sepay_body(e, id));
    if (rc == RC_OK && s->mode == PROVIDER_SEPAY_APIKEY)
        return put_header(s, "Authorization", slice_of(arena_printf(s->arena, "Apikey %.*s", SLICE_FMT(s->secret))));
    time = print_number(s, s->now_us / CLOCK_US);
    if (rc == RC_OK)
        rc = mac_header(s, MAC_HMAC_SHA256, (struct slice[]){time, SLICE("."), s->out->body}, 3, "sha256=", &signature);
    if (rc == RC_OK)
        rc = put_header(s, "X-SePay-Timestamp", time);
    return rc == RC_OK ? put_header(s, "X-SePay-Signature", signature) : rc;
}

static json_t *casso_v1_event(const struct notice_event *e, int64_t id)
{
    json_int_t amount = e->direction == NOTICE_OUT ? -e->amount : e->amount;

    return json_pack("{s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:s}", "id",
                     (json_int_t)id, "tid", text(e->reference), "description", text(e->memo), "amount", amount,
                     "cusum_balance", (json_int_t)(e->has_balance ? e->balance : 0), "when", local_time(e->time_us),
                     "bank_sub_acc_id", text(e->account), "subAccId", text(e->account), "bankName", "Agribank",
                     "bankAbbreviation", "VBA", "virtualAccount", text(e->sub_account), "virtualAccountName", "",
                     "corresponsiveName", text(e->counterparty.name), "corresponsiveAccount",
                     text(e->counterparty.account), "corresponsiveBankId", text(e->counterparty.bin),
                     "corresponsiveBankName", "");
}

static int sign_casso_v1(struct signer *s, const struct notice_event *events, size_t n)
{
    json_t *list = json_array();
    int64_t id;

    for (size_t i = 0; i < n; i++) {
        if (!digits_id(&events[i], &id)) {
            json_decref(list);
            return RC_BAD_INPUT;
        }
        if (json_array_append_new(list, casso_v1_event(&events[i], id)) != 0) {
            json_decref(list);
            return RC_NOMEM;
        }
    }
    int rc = body_is(s, json_pack("{s:i, s:o}", "error", 0, "data", list));

    return rc == RC_OK ? put_header(s, "secure-token", s->secret) : rc;
}

static json_t *casso_v2_body(const struct notice_event *e, int64_t id)
{
    json_int_t amount = e->direction == NOTICE_OUT ? -e->amount : e->amount;

    return json_pack("{s:i, s:{s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:s}}", "error", 0,
                     "data", "id", (json_int_t)id, "reference", text(e->reference), "description", text(e->memo),
                     "amount", amount, "runningBalance", (json_int_t)(e->has_balance ? e->balance : 0),
                     "transactionDateTime", local_time(e->time_us), "accountNumber", text(e->account), "bankName",
                     "Agribank", "bankAbbreviation", "VBA", "virtualAccountNumber", text(e->sub_account),
                     "virtualAccountName", "", "counterAccountName", text(e->counterparty.name), "counterAccountNumber",
                     text(e->counterparty.account), "counterAccountBankId", text(e->counterparty.bin),
                     "counterAccountBankName", "");
}

static int sign_casso_v2(struct signer *s, const struct notice_event *e)
{
    struct slice time, signature;
    struct doc d;
    struct buf signed_text;
    int64_t id;
    int rc;

    if (!digits_id(e, &id))
        return RC_BAD_INPUT;
    rc = body_is(s, casso_v2_body(e, id));
    if (rc == RC_OK)
        rc = doc_read(&d, s->arena, s->out->body);
    if (rc != RC_OK)
        return rc;
    buf_init_arena(&signed_text, s->arena, 4 * BODY_MAX);
    rc = casso_v2_text(&d, &signed_text);
    time = print_number(s, s->now_us / 1000);
    if (rc == RC_OK)
        rc = mac_header(s, MAC_HMAC_SHA512, (struct slice[]){time, SLICE("."), buf_slice(&signed_text)}, 3, "",
                        &signature);
    if (rc != RC_OK)
        return rc;
    return put_header(s, "X-Casso-Signature",
                      slice_of(arena_printf(s->arena, "t=%.*s,v1=%.*s", SLICE_FMT(time), SLICE_FMT(signature))));
}

/* payOS wants a number for the order; ours is made from the payment link's id, so that a repeat has the same. */
static json_int_t order_code(const struct notice_event *e)
{
    json_int_t code = 0;

    for (size_t i = 0; i < e->ext_id.n; i++)
        code = (code * 31 + (unsigned char)e->ext_id.p[i]) % 1000000007;
    return code + 1;
}

static json_t *payos_data(const struct notice_event *e)
{
    return json_pack(
        "{s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:s, s:s, s:o, s:n, s:o, s:o, s:s, s:o}", "orderCode", order_code(e),
        "amount", (json_int_t)e->amount, "description", text(e->memo), "accountNumber", text(e->account), "reference",
        text(e->reference), "transactionDateTime", local_time(e->time_us), "currency", "VND", "paymentLinkId",
        text(e->ext_id), "code", "00", "desc", "success", "counterAccountBankId", text_or_null(e->counterparty.bin),
        "counterAccountBankName", "counterAccountName", text_or_null(e->counterparty.name), "counterAccountNumber",
        text_or_null(e->counterparty.account), "virtualAccountName", "", "virtualAccountNumber", text(e->sub_account));
}

static int sign_payos(struct signer *s, const struct notice_event *e)
{
    struct slice data, signature;
    struct buf signed_text, body;
    struct doc d;
    int rc;

    if (e->direction != NOTICE_IN)
        return RC_BAD_INPUT;
    rc = dump(s, payos_data(e), &data);
    if (rc == RC_OK)
        rc = doc_read(&d, s->arena, data);
    if (rc != RC_OK)
        return rc;
    buf_init_arena(&signed_text, s->arena, 4 * BODY_MAX);
    rc = payos_text(&d, 0, &signed_text);
    if (rc == RC_OK)
        rc = mac_header(s, MAC_HMAC_SHA256, (struct slice[]){buf_slice(&signed_text)}, 1, "", &signature);
    if (rc != RC_OK)
        return rc;
    buf_init_arena(&body, s->arena, BODY_MAX);
    buf_puts(&body, "{\"code\":\"00\",\"desc\":\"success\",\"success\":true,\"data\":");
    buf_put_slice(&body, data);
    buf_puts(&body, ",\"signature\":\"");
    buf_put_slice(&body, signature);
    buf_puts(&body, "\"}");
    s->out->body = buf_slice(&body);
    return body.failed ? RC_NOMEM : RC_OK;
}

static int sign_vietqrvn(struct signer *s, const struct notice_event *e)
{
    struct mac *key = NULL;
    struct slice token;
    int rc = body_is(s, json_pack("{s:o, s:I, s:s, s:o, s:o, s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:s}", "bankaccount",
                                  text(e->account), "amount", (json_int_t)e->amount, "transType",
                                  e->direction == NOTICE_OUT ? "D" : "C", "content", text(e->memo), "transactionid",
                                  text(e->ext_id), "transactiontime", (json_int_t)(e->time_us / 1000),
                                  "referencenumber", text(e->ext_id), "orderId", "", "terminalCode", "",
                                  "subTerminalCode", "", "serviceCode", "", "urlLink", "", "sign", ""));

    s->out->suffix = "/bank/api/transaction-sync";
    if (rc == RC_OK)
        rc = vietqrvn_key(s->secret, &key);
    if (rc == RC_OK)
        rc = vietqrvn_token(key, s->now_us / CLOCK_US, s->arena, &token);
    mac_free(key);
    if (rc != RC_OK)
        return rc;
    return put_header(s, "Authorization", slice_of(arena_printf(s->arena, "Bearer %.*s", SLICE_FMT(token))));
}

static json_t *standard_body(const struct notice_event *e, int64_t now_us)
{
    json_t *data =
        json_pack("{s:o, s:o, s:s, s:I, s:o, s:o, s:o, s:{s:o, s:o, s:o}}", "id", text(e->ext_id), "account_no",
                  text(e->account), "direction", e->direction == NOTICE_OUT ? "out" : "in", "amount",
                  (json_int_t)e->amount, "memo", text(e->memo), "reference", text(e->reference), "paid_at",
                  rfc3339(e->time_us), "counterparty", "bin", text_or_null(e->counterparty.bin), "account_no",
                  text_or_null(e->counterparty.account), "name", text_or_null(e->counterparty.name));

    if (e->has_balance && json_object_set_new(data, "balance", json_integer(e->balance)) != 0) {
        json_decref(data);
        return NULL;
    }
    return json_pack("{s:s, s:o, s:o}", "type", "bank.transaction", "timestamp", rfc3339(now_us), "data", data);
}

static int v1_signature(struct signer *s, struct slice signed_text, struct buf *out)
{
    struct provider_secret *secret;
    uint8_t bytes[SHA512_SIZE];
    int rc = provider_secret_new(PROVIDER_STANDARD_HMAC, s->secret, &secret);

    if (rc != RC_OK)
        return rc;
    rc = mac_sign(secret->mac, &signed_text, 1, bytes);
    provider_secret_free(secret);
    buf_puts(out, "v1,");
    enc_base64(out, bytes, SHA256_SIZE);
    return rc;
}

static int v1a_signature(struct signer *s, struct slice signed_text, struct buf *out)
{
    const struct slice prefix = SLICE("whsk_");
    uint8_t seed[ED25519_KEY_SIZE], bytes[ED25519_SIG_SIZE];
    struct ed25519 *key;
    size_t n;
    int rc;

    if (!slice_starts(s->secret, prefix) ||
        dec_base64(slice_sub(s->secret, prefix.n, s->secret.n), seed, sizeof seed, &n) != RC_OK || n != sizeof seed)
        return RC_BAD_INPUT;
    key = ed25519_from_seed(seed);
    explicit_bzero(seed, sizeof seed);
    if (key == NULL)
        return RC_INTERNAL;
    rc = ed25519_sign(key, signed_text, bytes);
    ed25519_free(key);
    buf_puts(out, "v1a,");
    enc_base64(out, bytes, sizeof bytes);
    return rc;
}

static int sign_standard(struct signer *s, const struct notice_event *e)
{
    struct slice time = print_number(s, s->now_us / CLOCK_US), id = arena_copy(s->arena, e->ext_id);
    struct buf signed_text, signature;
    int rc;

    if (e->ext_id.n == 0 || memchr(e->ext_id.p, '.', e->ext_id.n) != NULL)
        return RC_BAD_INPUT;
    rc = body_is(s, standard_body(e, s->now_us));
    if (rc != RC_OK)
        return rc;
    buf_init_arena(&signed_text, s->arena, 2 * BODY_MAX);
    buf_printf(&signed_text, "%.*s.%.*s.", SLICE_FMT(id), SLICE_FMT(time));
    buf_put_slice(&signed_text, s->out->body);
    buf_init_arena(&signature, s->arena, 512);
    rc = s->mode == PROVIDER_STANDARD_HMAC ? v1_signature(s, buf_slice(&signed_text), &signature)
                                           : v1a_signature(s, buf_slice(&signed_text), &signature);
    if (rc == RC_OK && (signed_text.failed || signature.failed))
        rc = RC_NOMEM;
    if (rc == RC_OK)
        rc = put_header(s, "webhook-id", id);
    if (rc == RC_OK)
        rc = put_header(s, "webhook-timestamp", time);
    return rc == RC_OK ? put_header(s, "webhook-signature", buf_slice(&signature)) : rc;
}

static bool is_sayable(const struct notice_event *e)
{
    return utf8_valid(e->ext_id) && utf8_valid(e->account) && utf8_valid(e->sub_account) && utf8_valid(e->reference) &&
           utf8_valid(e->memo) && utf8_valid(e->counterparty.bin) && utf8_valid(e->counterparty.account) &&
           utf8_valid(e->counterparty.name);
}

int provider_sign(int mode, struct slice secret, int64_t now_us, const struct notice_event *events, size_t n,
                  struct arena *arena, struct signed_notice *out)
{
    struct signer s = {mode, arena_copy(arena, secret), now_us, arena, out};

    *out = (struct signed_notice){.suffix = ""};
    if (secret.n == 0 || n == 0 || (n > 1 && mode != PROVIDER_CASSO_V1))
        return RC_BAD_INPUT;
    for (size_t i = 0; i < n; i++) {
        if (!is_sayable(&events[i]))
            return RC_BAD_INPUT;
    }
    int rc = s.secret.p == NULL ? RC_NOMEM : put_header(&s, "Content-Type", SLICE("application/json"));

    if (rc != RC_OK)
        return rc;
    switch ((enum provider_mode)mode) {
    case PROVIDER_SEPAY_APIKEY:
    case PROVIDER_SEPAY_HMAC:
        return sign_sepay(&s, events);
    case PROVIDER_CASSO_V1:
        return sign_casso_v1(&s, events, n);
    case PROVIDER_CASSO_V2:
        return sign_casso_v2(&s, events);
    case PROVIDER_PAYOS_WEBHOOK:
        return sign_payos(&s, events);
    case PROVIDER_VIETQRVN_TOKEN:
        return sign_vietqrvn(&s, events);
    case PROVIDER_STANDARD_HMAC:
    case PROVIDER_STANDARD_ED25519:
        return sign_standard(&s, events);
    }
    return RC_BAD_INPUT;
}

int provider_sign_token_call(struct slice secret, struct arena *arena, struct signed_notice *out)
{
    struct signer s = {PROVIDER_VIETQRVN_TOKEN, secret, 0, arena, out};
    struct buf value;
    int rc;

    *out = (struct signed_notice){.suffix = "/api/token_generate", .body = SLICE("{}")};
    buf_init_arena(&value, arena, 1024);
    buf_puts(&value, "Basic ");
    enc_base64(&value, secret.p, secret.n);
    if (value.failed)
        return RC_NOMEM;
    rc = put_header(&s, "Content-Type", SLICE("application/json"));
    return rc == RC_OK ? put_header(&s, "Authorization", buf_slice(&value)) : rc;
}
