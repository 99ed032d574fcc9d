/* khop verify: proofs, offline, from public keys alone. It trusts nothing but the JWKS it is given. */
#include "cmd.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/utf8.h"
#include "khop/crypto/jws.h"
#include "khop/pay/code.h"
#include "khop/pay/receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "khop/base/banned.h"

#define KEYS_MAX      1000
#define JWKS_FILE_MAX (1 << 20)

struct trusted {
    size_t n;
    struct {
        char kid[JWS_KID_SIZE];
        struct ed25519 *key;
    } keys[KEYS_MAX];
};

/* The whole file, at most `max` bytes. The caller releases the buffer. */
static int read_file(const char *path, size_t max, struct buf *out, const char **why)
{
    FILE *f = fopen(path, "re");
    char bytes[8192];
    size_t n;

    buf_init(out, max);
    if (f == NULL) {
        *why = "the file cannot be opened";
        return RC_NOT_FOUND;
    }
    while (!out->failed && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
        buf_put(out, bytes, n);
    bool bad = ferror(f) != 0;

    fclose(f);
    if (bad || out->failed) {
        *why = bad ? "the file cannot be read" : "the file is larger than what it should be";
        return RC_TOO_LARGE;
    }
    return RC_OK;
}

static bool member_is(const json_t *object, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL && strcmp(text, value) == 0;
}

/* A key counts when its kid is its own thumbprint (RFC 7638): a kid cannot be given to another key. */
static bool trust_key(struct trusted *t, const json_t *jwk)
{
    const char *x = json_string_value(json_object_get(jwk, "x"));
    uint8_t public_key[ED25519_KEY_SIZE];
    size_t n = 0;

    if (!member_is(jwk, "kty", "OKP") || !member_is(jwk, "crv", "Ed25519") || x == NULL || t->n == KEYS_MAX)
        return false;
    if (dec_base64url(slice_of(x), public_key, sizeof public_key, &n) < 0 || n != sizeof public_key ||
        jws_thumbprint(public_key, t->keys[t->n].kid) < 0 || !member_is(jwk, "kid", t->keys[t->n].kid))
        return false;
    t->keys[t->n].key = ed25519_from_public(public_key);
    if (t->keys[t->n].key == NULL)
        return false;
    t->n++;
    return true;
}

static int trust_file(struct trusted *t, const char *path)
{
    const char *why = "";
    struct buf text;
    json_t *doc, *jwk;
    size_t i;

    if (read_file(path, JWKS_FILE_MAX, &text, &why) < 0) {
        buf_release(&text);
        return cmd_fail("%s: %s", path, why);
    }
    doc = cmd_json_object(buf_slice(&text), &why);
    buf_release(&text);
    if (doc == NULL)
        return cmd_fail("%s: %s", path, why);
    json_array_foreach(json_object_get(doc, "keys"), i, jwk)
    {
        trust_key(t, jwk);
    }
    json_decref(doc);
    return t->n > 0 ? CMD_OK : cmd_fail("%s: there is no Ed25519 key in it whose kid is its thumbprint", path);
}

static const struct ed25519 *find_key(struct slice kid, void *arg)
{
    const struct trusted *t = arg;

    for (size_t i = 0; i < t->n; i++) {
        if (slice_is(kid, t->keys[i].kid))
            return t->keys[i].key;
    }
    return NULL;
}

/* What all files and lines of one call share. */
struct verdicts {
    struct trusted trusted;
    bool json, all; /* all: none so far that does not hold */
    size_t lines;   /* of standard input */
};

static void say_bad(struct buf *out, const char *name, const char *why, bool json)
{
    if (json)
        cmd_json(out, json_pack("{s:s, s:b, s:s}", "file", name, "ok", 0, "error", why));
    else
        buf_printf(out, "%s: does not hold: %s", name, why);
}

static void say_good(struct buf *out, const char *name, const struct receipt *r, const char *kid, bool json)
{
    char number[RECEIPT_NO_SIZE] = "", code[CODE_SIZE], paid[CLOCK_RFC3339_SIZE];

    if (receipt_no_text(number, r->year, r->no) < 0)
        number[0] = '\0';
    code_text(code, r->code_no);
    clock_rfc3339(paid, r->paid_at, CLOCK_VN_OFFSET_S);
    if (json)
        cmd_json(out, json_pack("{s:s, s:b, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s}", "file", name, "ok", 1, "number", number,
                                "org", r->org, "iss", r->iss, "amount", (json_int_t)r->amount, "currency", "VND", "code", code,
                                "paid_at", paid, "kid", kid));
    else
        buf_printf(out, "%s: holds: receipt %s of %s at %s, %lld VND for %s, paid %s", name, number, r->org, r->iss,
                   (long long)r->amount, code, paid);
}

static bool verify_text(struct slice text, const char *name, struct verdicts *v, struct buf *out)
{
    const char *why = "";
    char kid[JWS_KID_SIZE];
    struct buf content;
    struct receipt r;
    bool good = false;

    buf_init(&content, RECEIPT_MAX);
    if (jws_verify(text, RECEIPT_TYP, find_key, &v->trusted, &content, kid, &why) == RC_OK) {
        good = receipt_read(buf_slice(&content), &r) == RC_OK;
        why = "the signature is right, but the content is not a receipt in its one canonical form";
    }
    if (good)
        say_good(out, name, &r, kid, v->json);
    else
        say_bad(out, name, why, v->json);
    v->all = v->all && good;
    buf_release(&content);
    return good;
}

static void verify_file(const char *path, struct verdicts *v)
{
    const char *why = "";
    struct buf text, out;

    buf_init(&out, 1 << 16);
    if (read_file(path, JWS_MAX, &text, &why) == RC_OK) {
        verify_text(buf_slice(&text), path, v, &out);
    } else {
        say_bad(&out, path, why, v->json);
        v->all = false;
    }
    printf("%.*s\n", SLICE_FMT(buf_slice(&out)));
    buf_release(&text);
    buf_release(&out);
}

static bool verify_line(const struct cmd_line *line, struct buf *out, void *arg)
{
    struct verdicts *v = arg;

    v->lines++;
    if (!line->too_long)
        return verify_text(line->text, "-", v, out);
    say_bad(out, "-", "the line is longer than what it should be", v->json);
    v->all = false;
    return false;
}

/* "-": a receipt a line. Nothing at all holds nothing. */
static int verify_lines(struct verdicts *v)
{
    struct cmd_line nothing = { SLICE(""), false };
    struct buf out;
    int code;

    fflush(stdout);
    code = cmd_filter(verify_line, v);
    if (code != CMD_OK || v->lines > 0)
        return code;
    buf_init(&out, 1 << 16);
    verify_line(&nothing, &out, v);
    printf("%.*s\n", SLICE_FMT(buf_slice(&out)));
    buf_release(&out);
    return CMD_OK;
}

int cmd_verify(int argc, char **argv)
{
    const char *jwks = NULL, *log_key = NULL;
    struct verdicts *v;
    bool json = cmd_take_flag(&argc, argv, "--json");
    int code;

    if (cmd_take_value(&argc, argv, "--jwks", &jwks) < 0 || cmd_take_value(&argc, argv, "--log-key", &log_key) < 0)
        return cmd_usage("an option needs a value");
    code = cmd_take_end(&argc, argv, 1, 100000);
    if (code != CMD_OK)
        return code;
    if (log_key != NULL)
        return cmd_usage("--log-key: log proofs come with the receipt log, which this version does not have; receipts need --jwks only");
    if (jwks == NULL)
        return cmd_usage("which keys are trusted? --jwks FILE, from https://…/.well-known/jwks.json");
    if (crypto_init() < 0)
        return cmd_fail("the cryptographic library cannot be started");
    v = calloc(1, sizeof *v);
    if (v == NULL)
        return cmd_fail("no memory");
    v->json = json;
    v->all = true;
    code = trust_file(&v->trusted, jwks);
    for (int i = 0; code == CMD_OK && i < argc; i++) {
        if (strcmp(argv[i], "-") == 0)
            code = verify_lines(v);
        else
            verify_file(argv[i], v);
    }
    for (size_t i = 0; i < v->trusted.n; i++)
        ed25519_free(v->trusted.keys[i].key);
    if (code == CMD_OK && !v->all)
        code = CMD_DIFFERENT;
    free(v);
    crypto_end();
    return code;
}
