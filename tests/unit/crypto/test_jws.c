/* One receipt that is right, and every way of writing it that must be refused (security.md §6). The tampered headers are
 * all signed with the right key: only the form can be the reason. */
#include "khop/base/enc.h"
#include "khop/crypto/jws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TYP     "khop-receipt+jws"
#define PAYLOAD "{\"x\":\">>>???\",\"amount\":1936000}" /* encodes with '-' and '_' in it */
#define TEXT_SIZE 8192

static struct ed25519 *key, *other;
static char kid[JWS_KID_SIZE], other_kid[JWS_KID_SIZE];
static char good[TEXT_SIZE];

struct jws_cut {
    char part[3][TEXT_SIZE];
};

static void __attribute__((format(printf, 3, 4))) text_put(char *out, size_t size, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);

    int n = vsnprintf(out, size, fmt, ap);

    va_end(ap);
    assert_in_range(n, 0, size - 1);
}

static const struct ed25519 *find(struct slice want, void *arg)
{
    (void)arg;
    return slice_is(want, kid) ? key : NULL;
}

static const struct ed25519 *find_wrong(struct slice want, void *arg)
{
    (void)arg;
    (void)want;
    return other;
}

static int verify_with(jws_key_fn fn, struct slice text)
{
    struct buf payload;
    char got_kid[JWS_KID_SIZE] = "";
    const char *why = NULL;

    buf_init(&payload, TEXT_SIZE);

    int rc = jws_verify(text, TYP, fn, NULL, &payload, got_kid, &why);

    if (rc == RC_OK) {
        assert_true(slice_is(buf_slice(&payload), PAYLOAD));
        assert_string_equal(got_kid, kid);
    } else {
        assert_int_equal(payload.n, 0); /* nothing unproven leaves */
        assert_string_equal(got_kid, "");
        assert_non_null(why);
    }
    buf_release(&payload);
    return rc;
}

static int verify(const char *text)
{
    return verify_with(find, slice_of(text));
}

static void refused(const char *name, const char *text)
{
    int rc = verify(text);

    if (rc == RC_OK)
        fail_msg("accepted: %s: %s", name, text);
}

static void encode(char *out, struct slice bytes)
{
    struct buf b;

    buf_init(&b, TEXT_SIZE - 1);
    enc_base64url(&b, bytes.p, bytes.n);
    assert_false(b.failed);
    memcpy(out, b.n == 0 ? "" : b.p, b.n + 1);
    buf_release(&b);
}

/* header.payload.signature with a signature that fits, whatever the header says. */
static void forge(char *out, const struct ed25519 *with, struct slice header, struct slice payload)
{
    static struct jws_cut c;
    uint8_t sig[ED25519_SIG_SIZE];

    encode(c.part[0], header);
    encode(c.part[1], payload);
    text_put(out, TEXT_SIZE, "%s.%s", c.part[0], c.part[1]);
    assert_int_equal(ed25519_sign(with, slice_of(out), sig), RC_OK);
    encode(c.part[2], (struct slice){ (char *)sig, sizeof sig });
    text_put(out, TEXT_SIZE, "%s.%s.%s", c.part[0], c.part[1], c.part[2]);
}

static struct jws_cut *cut_good(void)
{
    static struct jws_cut c;
    struct slice rest = slice_of(good);

    for (int i = 0; i < 3; i++) {
        struct slice part = slice_cut(&rest, '.');

        memcpy(c.part[i], part.p, part.n);
        c.part[i][part.n] = '\0';
    }
    return &c;
}

static void joined(const char *name, const char *a, const char *b, const char *c)
{
    char text[TEXT_SIZE];

    text_put(text, TEXT_SIZE, "%s.%s.%s", a, b, c);
    refused(name, text);
}

static void test_accepts(void **state)
{
    char text[TEXT_SIZE], header[256];

    (void)state;
    assert_int_equal(verify(good), RC_OK);
    text_put(header, sizeof header, "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}", kid);
    forge(text, key, slice_of(header), SLICE(PAYLOAD));
    assert_string_equal(text, good); /* signing is deterministic */
    text_put(header, sizeof header, "{\"alg\":\"EdDSA\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}", kid);
    forge(text, key, slice_of(header), SLICE(PAYLOAD));
    assert_int_equal(verify(text), RC_OK);
}

/* %s is the right kid. */
static const char *const bad_headers[] = {
    "{\"alg\":\"none\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"HS256\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed448\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"EDDSA\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":null,\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"JWT\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"khop-day+jws\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"Khop-Receipt+JWS\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"application/" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\"}",
    "{\"alg\":\"Ed25519\",\"typ\":\"" TYP "\"}",
    "{\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%sA\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s=\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\" %s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":[\"%s\"],\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\",\"jku\":\"https://evil.example/jwks\"}",
    "{\"alg\":\"Ed25519\",\"jku\":\"https://evil.example/jwks\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qY\"},\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\",\"x5u\":\"https://evil.example/x\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\",\"x5c\":[\"MIIB\"]}",
    "{\"alg\":\"Ed25519\",\"crit\":[\"b64\"],\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"b64\":false,\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\",\"cty\":\"json\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\",\"zip\":\"DEF\"}",
    "{\"kid\":\"%s\",\"alg\":\"Ed25519\",\"typ\":\"" TYP "\"}",
    "{\"typ\":\"" TYP "\",\"alg\":\"Ed25519\",\"kid\":\"%s\"}",
    "{\"alg\":\"none\",\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"x\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"JWT\",\"typ\":\"" TYP "\"}",
    "{\"alg\": \"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{ \"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}\n",
    " {\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "\xef\xbb\xbf{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"\\u0061lg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed2551\\u0039\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"ALG\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\",}",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"",
    "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}}",
    "{'alg':'Ed25519','kid':'%s','typ':'" TYP "'}",
    "[{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}]",
    "\"%s\"",
    "{}",
    "null",
};

static void test_refuses_headers(void **state)
{
    char header[512], text[TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof bad_headers / sizeof bad_headers[0]; i++) {
        const char *at = strstr(bad_headers[i], "%s");

        if (at == NULL)
            text_put(header, sizeof header, "%s", bad_headers[i]);
        else
            text_put(header, sizeof header, "%.*s%s%s", (int)(at - bad_headers[i]), bad_headers[i], kid, at + 2);
        forge(text, key, slice_of(header), SLICE(PAYLOAD));
        refused(header, text);
        assert_int_equal(verify(text), RC_BAD_INPUT);
    }
    /* A NUL behind a right header. */
    text_put(header, sizeof header, "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}", kid);
    forge(text, key, (struct slice){ header, strlen(header) + 1 }, SLICE(PAYLOAD));
    assert_int_equal(verify(text), RC_BAD_INPUT);
}

static void test_refuses_kids(void **state)
{
    char header[256], text[TEXT_SIZE], bent[JWS_KID_SIZE];

    (void)state;
    /* A key that nobody trusts, rightly signed by it. */
    text_put(header, sizeof header, "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}", other_kid);
    forge(text, other, slice_of(header), SLICE(PAYLOAD));
    assert_int_equal(verify(text), RC_NOT_FOUND);
    /* Our kid, another's signature. */
    text_put(header, sizeof header, "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}", kid);
    forge(text, other, slice_of(header), SLICE(PAYLOAD));
    assert_int_equal(verify(text), RC_UNAUTHORIZED);
    /* A key store that answers with a key which is not the one named. */
    assert_int_equal(verify_with(find_wrong, slice_of(text)), RC_UNAUTHORIZED);
    /* The last letter of 43 carries four bits: its neighbour decodes to the same 32 bytes. */
    memcpy(bent, kid, sizeof bent);
    bent[42] = (char)(bent[42] + 1);
    text_put(header, sizeof header, "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}", bent);
    forge(text, key, slice_of(header), SLICE(PAYLOAD));
    assert_int_equal(verify(text), RC_BAD_INPUT);
    memset(bent, '+', 43);
    text_put(header, sizeof header, "{\"alg\":\"Ed25519\",\"kid\":\"%s\",\"typ\":\"" TYP "\"}", bent);
    forge(text, key, slice_of(header), SLICE(PAYLOAD));
    assert_int_equal(verify(text), RC_BAD_INPUT);
}

static void test_refuses_parts(void **state)
{
    struct jws_cut *c = cut_good();
    const char *h = c->part[0], *p = c->part[1], *s = c->part[2];
    char text[TEXT_SIZE];

    (void)state;
    joined("payload first", p, h, s);
    joined("signature in the middle", h, s, p);
    joined("signature first", s, h, p);
    joined("no header", "", p, s);
    joined("no payload", h, "", s);
    joined("no signature", h, p, "");
    joined("nothing but dots", "", "", "");
    text_put(text, TEXT_SIZE, "%s.%s", h, p);
    refused("two parts", text);
    refused("one part", h);
    refused("empty", "");
    refused("a dot", ".");
    text_put(text, TEXT_SIZE, ".%s", good);
    refused("a dot in front", text);
    text_put(text, TEXT_SIZE, "%s.", good);
    refused("a dot behind", text);
    text_put(text, TEXT_SIZE, "%s..%s.%s", h, p, s);
    refused("two dots", text);
    text_put(text, TEXT_SIZE, "%s.%s.%s.%s.%s", h, p, s, p, s);
    refused("five parts", text);
    text_put(text, TEXT_SIZE, "%s%%2E%s%%2E%s", h, p, s);
    refused("escaped dots", text);
    text_put(text, TEXT_SIZE, "{\"protected\":\"%s\",\"payload\":\"%s\",\"signature\":\"%s\"}", h, p, s);
    refused("JSON form", text);
    assert_int_equal(verify_with(find, (struct slice){ good, strlen(good) + 1 }), RC_BAD_INPUT); /* with its NUL */
}

static void test_refuses_padding_and_space(void **state)
{
    static const char *const stuff[] = { "=", "==", " ", "\n", "\r\n", "\t", "\v", "A", "%3D" };
    struct jws_cut *c = cut_good();
    char text[TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof stuff / sizeof stuff[0]; i++) {
        text_put(text, TEXT_SIZE, "%s%s.%s.%s", c->part[0], stuff[i], c->part[1], c->part[2]);
        refused("behind the header", text);
        text_put(text, TEXT_SIZE, "%s.%s%s.%s", c->part[0], c->part[1], stuff[i], c->part[2]);
        refused("behind the payload", text);
        text_put(text, TEXT_SIZE, "%s.%s.%s%s", c->part[0], c->part[1], c->part[2], stuff[i]);
        refused("behind the signature", text);
        text_put(text, TEXT_SIZE, "%s%s", stuff[i], good);
        refused("in front", text);
        text_put(text, TEXT_SIZE, "%s.%s%s.%s", c->part[0], stuff[i], c->part[1], c->part[2]);
        refused("before the payload", text);
    }
}

/* A part whose length is 2 or 3 beyond a multiple of 4 has spare bits in its last letter; any other than zero is another
 * text for the same bytes. */
static void bend_last(const char *name, int which)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct jws_cut *c = cut_good();
    char *part = c->part[which];
    size_t n = strlen(part), over = n % 4;

    if (over == 0)
        return;

    size_t value = (size_t)(strchr(letters, part[n - 1]) - letters);
    size_t spare = over == 2 ? 16 : 4;

    for (size_t i = 1; i < spare; i++) {
        part[n - 1] = letters[value + i];
        joined(name, c->part[0], c->part[1], c->part[2]);
    }
    part[n - 1] = letters[value];
}

static void test_refuses_spare_bits(void **state)
{
    (void)state;
    assert_int_not_equal(strlen(cut_good()->part[2]) % 4, 0);
    assert_int_not_equal(strlen(cut_good()->part[1]) % 4, 0);
    bend_last("header", 0);
    bend_last("payload", 1);
    bend_last("signature", 2);
}

static void test_refuses_letters(void **state)
{
    char text[TEXT_SIZE];
    size_t n = strlen(good);
    bool changed = false;

    (void)state;
    memcpy(text, good, n + 1);
    for (size_t i = 0; i < n; i++) {
        changed = changed || text[i] == '-' || text[i] == '_';
        text[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    }
    assert_true(changed);
    refused("standard alphabet", text);
    /* Every letter of the right text replaced by another one, and left out. */
    for (size_t i = 0; i < n; i++) {
        if (good[i] == '.')
            continue;
        memcpy(text, good, n + 1);
        text[i] = good[i] == 'A' ? 'B' : 'A';
        refused("one letter", text);
        memmove(text + i, text + i + 1, n - i);
        refused("a letter less", text);
    }
}

static void test_refuses_signatures(void **state)
{
    /* L of RFC 8032, little endian: S + L is the same number mod L. */
    static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                       0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10 };
    struct jws_cut *c = cut_good();
    uint8_t sig[ED25519_SIG_SIZE + 1] = { 0 };
    char text[TEXT_SIZE], s[128];
    size_t n;
    unsigned carry = 0;

    (void)state;
    assert_int_equal(dec_base64url(slice_of(c->part[2]), sig, sizeof sig, &n), RC_OK);
    encode(s, (struct slice){ (char *)sig, 63 });
    joined("short", c->part[0], c->part[1], s);
    encode(s, (struct slice){ (char *)sig, 65 });
    joined("long", c->part[0], c->part[1], s);
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)sig[32 + i] + order[i];
        sig[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    encode(s, (struct slice){ (char *)sig, 64 });
    joined("S + L", c->part[0], c->part[1], s);
    memset(sig, 0, sizeof sig);
    encode(s, (struct slice){ (char *)sig, 64 });
    joined("zeros", c->part[0], c->part[1], s);
    /* The signature of another content, and of the same content under the other name of the algorithm. */
    forge(text, key, SLICE("{\"alg\":\"EdDSA\"}"), SLICE(PAYLOAD));
    joined("another header's", c->part[0], c->part[1], strrchr(text, '.') + 1);
}

static void test_size_limit(void **state)
{
    char text[JWS_MAX + 2], big[TEXT_SIZE / 2];
    struct buf out;

    (void)state;
    memset(text, 'A', sizeof text);
    memcpy(text, good, strlen(good));
    assert_int_equal(verify_with(find, (struct slice){ text, JWS_MAX }), RC_BAD_INPUT);
    assert_int_equal(verify_with(find, (struct slice){ text, JWS_MAX + 1 }), RC_BAD_INPUT);
    memset(big, 'x', sizeof big);
    buf_init(&out, 2 * TEXT_SIZE);
    assert_int_equal(jws_sign(&out, key, kid, TYP, (struct slice){ big, JWS_MAX / 4 * 3 }), RC_TOO_LARGE);
    assert_int_equal(jws_sign(&out, key, kid, TYP, (struct slice){ big, sizeof big }), RC_TOO_LARGE);
    assert_int_equal(jws_sign(&out, key, kid, TYP, SLICE("")), RC_BAD_INPUT);
    assert_int_equal(jws_sign(&out, key, "short", TYP, SLICE("x")), RC_BAD_INPUT);
    assert_int_equal(jws_sign(&out, key, kid, "a\"b", SLICE("x")), RC_BAD_INPUT);
    assert_int_equal(out.n, 0);
    buf_release(&out);
}

/* RFC 8037 appendix A.3. */
static void test_thumbprint(void **state)
{
    uint8_t x[ED25519_KEY_SIZE];
    char got[JWS_KID_SIZE];
    size_t n;

    (void)state;
    assert_int_equal(dec_base64url(SLICE("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"), x, sizeof x, &n), RC_OK);
    assert_int_equal(jws_thumbprint(x, got), RC_OK);
    assert_string_equal(got, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

static struct ed25519 *key_of(uint8_t first, char id[JWS_KID_SIZE])
{
    uint8_t seed[ED25519_KEY_SIZE] = { first }, public_key[ED25519_KEY_SIZE];
    struct ed25519 *k = ed25519_from_seed(seed);

    if (k == NULL)
        return NULL;
    ed25519_public(k, public_key);
    return jws_thumbprint(public_key, id) == RC_OK ? k : NULL;
}

static int setup(void **state)
{
    struct buf out;

    (void)state;
    if (crypto_init() != RC_OK)
        return -1;
    key = key_of(1, kid);
    other = key_of(2, other_kid);
    buf_init(&out, TEXT_SIZE - 1);
    if (key == NULL || other == NULL || jws_sign(&out, key, kid, TYP, SLICE(PAYLOAD)) != RC_OK)
        return -1;
    memcpy(good, out.p, out.n + 1);
    buf_release(&out);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ed25519_free(key);
    ed25519_free(other);
    crypto_end();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),          cmocka_unit_test(test_refuses_headers),
        cmocka_unit_test(test_refuses_kids),     cmocka_unit_test(test_refuses_parts),
        cmocka_unit_test(test_refuses_padding_and_space), cmocka_unit_test(test_refuses_spare_bits),
        cmocka_unit_test(test_refuses_letters),  cmocka_unit_test(test_refuses_signatures),
        cmocka_unit_test(test_size_limit),       cmocka_unit_test(test_thumbprint),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
