/* khop notice send: a notice as its provider would send it, to any receiver; for trying out, demos and drills. */
#include "client.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"
#include "khop/crypto/crypto.h"
#include "khop/provider/sign.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define COUNT_MAX 1000000

struct sending {
    const char *provider_text, *mode_text, *url, *secret, *account_no, *memo, *ext_id, *reference;
    int64_t amount, count;
    enum notice_direction direction;
    int mode;
    bool duplicate, mangle, json;
    uint64_t start; /* first id of this run */
    struct client *client;
};

/* What banks make of a memo (providers.md section g); which one follows from the number of the notice. */
static struct slice mangle(struct arena *arena, const char *memo, int64_t i)
{
    size_t n = strlen(memo), cut = n > 4 ? 4 : n;
    char *text;

    switch (i % 6) {
    case 0:
        text = arena_printf(arena, "MBVCB.7123456789.%s.CT tu 0071000123456 LO THI MAY toi 1014567890123", memo);
        break;
    case 1: /* a line of 35 columns ends inside the code */
        text = arena_printf(arena, "CUSTOMER LO THI MAY %.*s %s- Ma GD ACSP/ nf407079", (int)cut, memo, memo + cut);
        break;
    case 2:
        text = arena_printf(arena, "70123456789-%s-CHUYEN TIEN-OQCH000Abcde-MOMO70123456789MOMO", memo);
        break;
    case 3:
        text = arena_printf(arena, "CT DEN:504T26708LL8P2HF %s (0945000111)", memo);
        break;
    case 4:
        text = arena_printf(arena, "NAPTIEN%s", memo);
        break;
    default:
        text = arena_printf(arena, "%s FT26255200008461", memo);
        for (char *p = text; p != NULL && *p != '\0'; p++) {
            if (*p >= 'A' && *p <= 'Z')
                *p = (char)(*p + ('a' - 'A'));
        }
    }
    return slice_of(text);
}

static void make_event(const struct sending *s, struct arena *arena, int64_t i, struct notice_event *e)
{
    const char *id = s->ext_id != NULL ? s->ext_id : arena_printf(arena, "%llu", (unsigned long long)(s->start + (uint64_t)i));
    const char *reference =
        s->reference != NULL ? s->reference : arena_printf(arena, "FT%llu", (unsigned long long)(s->start + (uint64_t)i));

    *e = (struct notice_event){
        .ext_id = slice_of(id),
        .direction = s->direction,
        .amount = s->amount,
        .account = slice_of(s->account_no),
        .reference = slice_of(reference),
        .time_us = clock_wall_us() / CLOCK_US * CLOCK_US,
        .memo = s->mangle ? mangle(arena, s->memo, i) : slice_of(s->memo),
    };
}

/* VietQR.vn first asks the receiver for a token, one for each notice. */
static int fetch_token(const struct sending *s, struct arena *arena, struct slice *bearer, const char **why)
{
    struct client_header headers[CLIENT_HEADERS_MAX];
    struct signed_notice call;
    struct buf answer;
    char url[2048];
    long status;
    json_t *doc;
    int rc = provider_sign_token_call(slice_of(s->secret), arena, &call);

    if (rc < 0) {
        *why = "the secret must be user:password";
        return rc;
    }
    snprintf(url, sizeof url, "%s%s", s->url, call.suffix);
    for (size_t i = 0; i < call.n_headers; i++)
        headers[i] = (struct client_header){ call.headers[i].name, call.headers[i].value };
    buf_init(&answer, CLIENT_ANSWER_MAX);
    rc = client_call(s->client, url, headers, call.n_headers, call.body, &status, &answer, why);
    doc = rc < 0 ? NULL : cmd_json_object(buf_slice(&answer), why);
    buf_release(&answer);
    const char *token = json_string_value(json_object_get(doc, "access_token"));

    if (rc == RC_OK && token == NULL) {
        *why = "the receiver gave no token";
        rc = RC_UNAUTHORIZED;
    }
    if (rc == RC_OK)
        *bearer = slice_of(arena_printf(arena, "Bearer %s", token));
    json_decref(doc);
    return rc;
}

static void print_answer(const struct sending *s, const struct notice_event *e, long status, struct slice body)
{
    struct buf line;

    if (!s->json) {
        printf("notice %.*s: %ld %.*s\n", SLICE_FMT(e->ext_id), status, SLICE_FMT(slice_sub(body, 0, 200)));
        return;
    }
    buf_init(&line, CLIENT_ANSWER_MAX);
    cmd_json(&line, json_pack("{s:s%, s:i, s:s%}", "ext_id", e->ext_id.p, e->ext_id.n, "status", (int)status, "body",
                              body.p == NULL ? "" : body.p, body.n));
    printf("%.*s\n", SLICE_FMT(buf_slice(&line)));
    buf_release(&line);
}

/* True when the receiver took it. */
static bool deliver(const struct sending *s, struct arena *arena, const struct notice_event *e, const struct signed_notice *n)
{
    struct client_header headers[CLIENT_HEADERS_MAX];
    struct slice bearer = { 0 };
    const char *why = "";
    struct buf answer;
    char url[2048];
    long status = 0;
    int rc = RC_OK;

    if (s->mode == PROVIDER_VIETQRVN_TOKEN)
        rc = fetch_token(s, arena, &bearer, &why);
    snprintf(url, sizeof url, "%s%s", s->url, n->suffix);
    for (size_t i = 0; i < n->n_headers; i++) {
        bool replaced = bearer.p != NULL && slice_eq_nocase(slice_of(n->headers[i].name), SLICE("Authorization"));

        headers[i] = (struct client_header){ n->headers[i].name, replaced ? bearer : n->headers[i].value };
    }
    buf_init(&answer, CLIENT_ANSWER_MAX);
    if (rc == RC_OK)
        rc = client_call(s->client, url, headers, n->n_headers, n->body, &status, &answer, &why);
    if (rc == RC_OK)
        print_answer(s, e, status, buf_slice(&answer));
    else
        cmd_fail("notice %.*s was not delivered to %s: %s", SLICE_FMT(e->ext_id), s->url, why);
    buf_release(&answer);
    return rc == RC_OK && status >= 200 && status < 300;
}

static bool send_one(const struct sending *s, int64_t i)
{
    struct arena *arena = arena_new(0);
    struct signed_notice notice;
    struct notice_event event;
    bool good = false;
    int rc;

    if (arena == NULL)
        return cmd_fail("no memory") == CMD_OK;
    make_event(s, arena, i, &event);
    rc = provider_sign(s->mode, slice_of(s->secret), clock_wall_us(), &event, 1, arena, &notice);
    if (rc < 0)
        cmd_fail("%s", rc == RC_BAD_INPUT ? "this provider's format cannot say that, or the secret has not its form"
                                          : "the notice could not be made");
    else
        good = deliver(s, arena, &event, &notice) && (!s->duplicate || deliver(s, arena, &event, &notice));
    arena_free(arena);
    return good;
}

static int take_texts(struct sending *s, int *argc, char **argv)
{
    const char *amount = NULL, *count = "1", *direction = "in";
    int provider;

    if (cmd_take_value(argc, argv, "--provider", &s->provider_text) < 0 || cmd_take_value(argc, argv, "--mode", &s->mode_text) < 0 ||
        cmd_take_value(argc, argv, "--url", &s->url) < 0 || cmd_take_value(argc, argv, "--secret", &s->secret) < 0 ||
        cmd_take_value(argc, argv, "--account-no", &s->account_no) < 0 || cmd_take_value(argc, argv, "--memo", &s->memo) < 0 ||
        cmd_take_value(argc, argv, "--ext-id", &s->ext_id) < 0 || cmd_take_value(argc, argv, "--reference", &s->reference) < 0 ||
        cmd_take_value(argc, argv, "--amount", &amount) < 0 || cmd_take_value(argc, argv, "--count", &count) < 0 ||
        cmd_take_value(argc, argv, "--direction", &direction) < 0)
        return cmd_usage("an option needs a value");
    if (s->provider_text == NULL || s->mode_text == NULL || s->url == NULL || s->secret == NULL || s->account_no == NULL ||
        amount == NULL)
        return cmd_usage("--provider, --mode, --url, --secret, --account-no and --amount are needed");
    provider = provider_by_name(slice_of(s->provider_text));
    s->mode = provider == 0 ? 0 : provider_mode_by_name(provider, slice_of(s->mode_text));
    if (s->mode == 0)
        return cmd_usage("provider and mode: sepay apikey|hmac, casso v1|v2, payos webhook, vietqrvn token, "
                         "standardwebhooks hmac|ed25519");
    if (num_parse(slice_of(amount), 1, NOTICE_AMOUNT_MAX, false, &s->amount) < 0)
        return cmd_usage("--amount is a whole number of đồng");
    if (num_parse(slice_of(count), 1, COUNT_MAX, false, &s->count) < 0)
        return cmd_usage("--count is 1 to %d", COUNT_MAX);
    if (strcmp(direction, "in") != 0 && strcmp(direction, "out") != 0)
        return cmd_usage("--direction is in or out");
    s->direction = strcmp(direction, "out") == 0 ? NOTICE_OUT : NOTICE_IN;
    return CMD_OK;
}

int cmd_notice_send(int argc, char **argv)
{
    struct sending s = { .memo = "" };
    int64_t failed = 0;
    int code;

    s.duplicate = cmd_take_flag(&argc, argv, "--duplicate");
    s.mangle = cmd_take_flag(&argc, argv, "--mangle");
    s.json = cmd_take_flag(&argc, argv, "--json");
    code = take_texts(&s, &argc, argv);
    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    if (crypto_init() < 0 || crypto_random(&s.start, sizeof s.start) < 0)
        return cmd_fail("the cryptographic library cannot be started");
    s.start %= UINT64_C(1000000000000000);
    s.client = client_new();
    if (s.client == NULL)
        return cmd_fail("no memory");
    for (int64_t i = 0; i < s.count; i++)
        failed += !send_one(&s, i);
    client_free(s.client);
    crypto_end();
    return failed == 0 ? CMD_OK : cmd_fail("%lld of %lld notices were not taken", (long long)failed, (long long)s.count);
}
