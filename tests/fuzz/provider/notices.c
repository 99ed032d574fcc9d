/* A notice of one provider. The first byte chooses: bit 0 the mode, bit 1 whether the input is signed for us (then it
 * is the body; for payOS the members of data) or brings its own headers (lines up to an empty one, then the body), bit
 * 2 a form. Whatever comes: the same verdict twice, and accepted events are fit to be stored. */
#include "common.h"

#include "khop/base/enc.h"
#include "khop/base/utf8.h"

#include <assert.h>

#include "khop/base/banned.h"

#define NOW_S   INT64_C(1795136600)
#define HEADERS 8

#if defined(FUZZ_sepay)
static const int modes[] = {PROVIDER_SEPAY_APIKEY, PROVIDER_SEPAY_HMAC};
static const char *const secrets[] = {"key", "key"};
#elif defined(FUZZ_casso)
static const int modes[] = {PROVIDER_CASSO_V1, PROVIDER_CASSO_V2};
static const char *const secrets[] = {"key", "key"};
#elif defined(FUZZ_payos)
static const int modes[] = {PROVIDER_PAYOS_WEBHOOK, PROVIDER_PAYOS_WEBHOOK};
static const char *const secrets[] = {"key", "key"};
#elif defined(FUZZ_vietqrvn)
static const int modes[] = {PROVIDER_VIETQRVN_TOKEN, PROVIDER_VIETQRVN_TOKEN};
static const char *const secrets[] = {"u:p", "u:p"};
#else
static const int modes[] = {PROVIDER_STANDARD_HMAC, PROVIDER_STANDARD_ED25519};
static const char *const secrets[] = {"whsec_c2wtZGVtby13ZWJob29rLXNlY3JldC0yNGIh",
                                      "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="};
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct header {
    struct slice name, value;
};

struct notice {
    struct arena *arena;
    int mode;
    const struct provider_secret *secret;
    struct header headers[HEADERS];
    size_t n;
    struct slice path, body;
};

static struct slice header_of(const void *arg, const char *name, size_t *count)
{
    const struct notice *t = arg;
    struct slice found = {NULL, 0};

    *count = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (slice_eq_nocase(t->headers[i].name, slice_of(name)) && ++*count == 1)
            found = slice_trim(t->headers[i].value);
    }
    return found;
}

static void add(struct notice *t, struct slice name, struct slice value)
{
    if (t->n < HEADERS)
        t->headers[t->n++] = (struct header){name, value};
}

/* "name: value" lines up to an empty one; the first line is the path. */
static void take_headers(struct notice *t, struct slice text)
{
    t->path = slice_cut(&text, '\n');
    while (text.n > 0) {
        struct slice value = slice_cut(&text, '\n'), name;

        if (value.n == 0)
            break;
        name = slice_cut(&value, ':');
        add(t, name, value);
    }
    t->body = text;
}

static struct slice hex_mac(struct notice *t, const struct slice *parts, size_t n, const char *before)
{
    uint8_t bytes[SHA512_SIZE];
    struct buf b;

    assert(mac_sign(t->secret->mac, parts, n, bytes) == RC_OK);
    buf_init_arena(&b, t->arena, 300);
    buf_puts(&b, before);
    enc_hex(&b, bytes, mac_size(t->secret->mac));
    return buf_slice(&b);
}

static void sign_casso_v2(struct notice *t)
{
    struct buf text;
    struct doc d;

    if (doc_read(&d, t->arena, t->body) != RC_OK)
        return;
    buf_init_arena(&text, t->arena, 1 << 20);
    assert(casso_v2_text(&d, &text) == RC_OK);
    add(t, SLICE("X-Casso-Signature"),
        hex_mac(t, (struct slice[]){SLICE("1795136600000."), buf_slice(&text)}, 2, "t=1795136600000,v1="));
}

static void sign_payos(struct notice *t)
{
    struct buf text, body;
    struct doc d;

    buf_init_arena(&text, t->arena, 1 << 20);
    buf_init_arena(&body, t->arena, 1 << 20);
    if (doc_read(&d, t->arena, t->body) != RC_OK)
        return;
    bool object = d.nodes[0].kind == DOC_OBJECT && payos_text(&d, 0, &text) == RC_OK;

    if (!object)
        return;
    buf_puts(&body, "{\"data\":");
    buf_put_slice(&body, t->body);
    buf_put_slice(&body, hex_mac(t, (struct slice[]){buf_slice(&text)}, 1, ",\"signature\":\""));
    buf_puts(&body, "\"}");
    t->body = buf_slice(&body);
}

static void sign_standard(struct notice *t)
{
    uint8_t bytes[SHA512_SIZE];
    struct buf b;

    if (t->mode != PROVIDER_STANDARD_HMAC)
        return;
    assert(mac_sign(t->secret->mac, (struct slice[]){SLICE("m.1795136600."), t->body}, 2, bytes) == RC_OK);
    buf_init_arena(&b, t->arena, 300);
    buf_puts(&b, "v1,");
    enc_base64(&b, bytes, SHA256_SIZE);
    add(t, SLICE("webhook-id"), SLICE("m"));
    add(t, SLICE("webhook-timestamp"), SLICE("1795136600"));
    add(t, SLICE("webhook-signature"), buf_slice(&b));
}

static void sign(struct notice *t)
{
    struct slice token;

    switch ((enum provider_mode)t->mode) {
    case PROVIDER_SEPAY_APIKEY:
        add(t, SLICE("Authorization"), SLICE("Apikey key"));
        break;
    case PROVIDER_SEPAY_HMAC:
        add(t, SLICE("X-SePay-Timestamp"), SLICE("1795136600"));
        add(t, SLICE("X-SePay-Signature"), hex_mac(t, (struct slice[]){SLICE("1795136600."), t->body}, 2, "sha256="));
        break;
    case PROVIDER_CASSO_V1:
        add(t, SLICE("secure-token"), SLICE("key"));
        break;
    case PROVIDER_CASSO_V2:
        sign_casso_v2(t);
        break;
    case PROVIDER_PAYOS_WEBHOOK:
        sign_payos(t);
        break;
    case PROVIDER_VIETQRVN_TOKEN:
        assert(vietqrvn_token(t->secret->mac, NOW_S, t->arena, &token) == RC_OK);
        add(t, SLICE("Authorization"), slice_of(arena_printf(t->arena, "Bearer %.*s", SLICE_FMT(token))));
        t->path = SLICE("/bank/api/transaction-sync");
        break;
    case PROVIDER_STANDARD_HMAC:
    case PROVIDER_STANDARD_ED25519:
        sign_standard(t);
        break;
    }
}

static bool is_kept(struct slice s, size_t max)
{
    return s.n <= max && utf8_valid(s) && text_is_plain(s);
}

static void assert_fit(const struct notice_event *e)
{
    assert(e->ext_id.n > 0 && is_kept(e->ext_id, NOTICE_ID_MAX));
    assert(e->account.n > 0 && is_kept(e->account, NOTICE_ACCOUNT_MAX));
    assert(e->amount >= 1 && e->amount <= NOTICE_AMOUNT_MAX);
    assert(e->direction == NOTICE_IN || e->direction == NOTICE_OUT);
    assert(e->time_us >= 0);
    assert(is_kept(e->memo, NOTICE_TEXT_MAX) && is_kept(e->reference, NOTICE_TEXT_MAX) &&
           is_kept(e->sub_account, NOTICE_TEXT_MAX) && is_kept(e->counterparty.name, NOTICE_TEXT_MAX) &&
           is_kept(e->counterparty.account, NOTICE_TEXT_MAX) && is_kept(e->counterparty.bin, NOTICE_TEXT_MAX));
}

static void assert_sound(const struct notice_verdict *v, const struct notice_verdict *again)
{
    assert(v->kind == again->kind && v->reason == again->reason && v->status == again->status && v->n == again->n);
    assert((v->kind == NOTICE_REJECT) == (v->status != 0));
    assert(v->n <= NOTICE_EVENTS_MAX && (v->kind == NOTICE_ACCEPT || v->n == 0));
    assert(is_kept(v->ext_id, NOTICE_ID_MAX));
    for (size_t i = 0; i < v->n; i++) {
        assert_fit(&v->events[i]);
        assert(memcmp(v->events[i].body_hash, again->events[i].body_hash, SHA256_SIZE) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct provider_secret *ready[2];
    struct notice_verdict v, again;
    struct provider_reply reply;

    if (size < 1 || size > 1 << 16)
        return 0;
    for (int i = 0; ready[0] == NULL || ready[1] == NULL; i++) {
        assert(crypto_init() == RC_OK);
        assert(provider_secret_new(modes[i], slice_of(secrets[i]), &ready[i]) == RC_OK);
    }
    int choice = data[0] & 1;
    struct notice t = {.arena = arena_new(0), .mode = modes[choice], .secret = ready[choice], .path = SLICE("")};
    struct slice text = {(const char *)data + 1, size - 1};

    if (data[0] & 2) {
        t.body = text;
        sign(&t);
    } else {
        take_headers(&t, text);
    }
    if (data[0] & 4)
        add(&t, SLICE("Content-Type"), SLICE("application/x-www-form-urlencoded"));
    struct notice_in in = {t.path, header_of, &t, t.body, NOW_S * 1000000, true, false};

    assert(provider_check(t.mode, &ready[choice], 1, &in, t.arena, &v) == RC_OK);
    assert(provider_check(t.mode, &ready[choice], 1, &in, t.arena, &again) == RC_OK);
    assert_sound(&v, &again);
    assert(provider_answer(t.mode, v.kind == NOTICE_REJECT ? PROVIDER_REJECTED : PROVIDER_DONE, &v, "evt_1", t.arena,
                           &reply) == RC_OK);
    assert(utf8_valid(reply.body));
    arena_free(t.arena);
    return 0;
}
