/* Text forms of bytes: known vectors, what must be refused, and round trips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "gen.h"
#include "khop/base/buf.h"
#include "khop/base/enc.h"
#include "khop/base/banned.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

typedef void encoder(struct buf *out, const void *bytes, size_t n);
typedef int decoder(struct slice text, uint8_t *out, size_t cap, size_t *n);

static void check_known(encoder *enc, decoder *dec, const char *bytes, const char *text)
{
    struct buf b;
    uint8_t out[64];
    size_t n = 99;

    buf_init(&b, 256);
    enc(&b, bytes, strlen(bytes));
    assert_false(b.failed);
    assert_true(slice_is(buf_slice(&b), text));
    assert_int_equal(dec(slice_of(text), out, sizeof out, &n), RC_OK);
    assert_int_equal(n, strlen(bytes));
    assert_memory_equal(out, bytes, n);
    /* Exactly enough room, and one byte less. */
    assert_int_equal(dec(slice_of(text), out, n, &n), RC_OK);
    if (n > 0)
        assert_int_equal(dec(slice_of(text), out, n - 1, &n), RC_TOO_LARGE);
    buf_release(&b);
}

static void known_vectors(void **state)
{
    /* RFC 4648 §10 */
    static const struct {
        const char *bytes, *hex, *base64, *base64url;
    } t[] = {
        { "", "", "", "" },
        { "f", "66", "Zg==", "Zg" },
        { "fo", "666f", "Zm8=", "Zm8" },
        { "foo", "666f6f", "Zm9v", "Zm9v" },
        { "foob", "666f6f62", "Zm9vYg==", "Zm9vYg" },
        { "fooba", "666f6f6261", "Zm9vYmE=", "Zm9vYmE" },
        { "foobar", "666f6f626172", "Zm9vYmFy", "Zm9vYmFy" },
        { "\xfb\xff\xbf", "fbffbf", "+/+/", "-_-_" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        check_known(enc_hex, dec_hex, t[i].bytes, t[i].hex);
        check_known(enc_base64, dec_base64, t[i].bytes, t[i].base64);
        check_known(enc_base64url, dec_base64url, t[i].bytes, t[i].base64url);
    }
}

static void refused(decoder *dec, struct slice text)
{
    uint8_t out[64];
    size_t n = 99;

    if (dec(text, out, sizeof out, &n) != RC_BAD_INPUT)
        fail_msg("accepted \"%.*s\"", SLICE_FMT(text));
    assert_int_equal(n, 99);
}

static void strict_hex(void **state)
{
    static const struct slice t[] = { SLICE_INIT("6"), SLICE_INIT("666"), SLICE_INIT("0x66"), SLICE_INIT("6g"), SLICE_INIT("g6"),
                                      SLICE_INIT(" 66 "), SLICE_INIT("66\n0"), SLICE_INIT("6\0" "66"), SLICE_INIT("-1"), SLICE_INIT("6:") };
    uint8_t out[2];
    size_t n;

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++)
        refused(dec_hex, t[i]);
    assert_int_equal(dec_hex(SLICE("aBFf"), out, 2, &n), RC_OK);
    assert_memory_equal(out, "\xab\xff", 2);
}

static void strict_base64(void **state)
{
    static const struct slice both[] = { SLICE_INIT("A"), SLICE_INIT("Zm9vY"), SLICE_INIT("Zm9*"), SLICE_INIT("Zm 9"), SLICE_INIT("Zm9\n"),
                                         SLICE_INIT("Zm\0v"), SLICE_INIT("Z=9v"), SLICE_INIT("=m9v"), SLICE_INIT("===="), SLICE_INIT("Zh"),
                                         SLICE_INIT("Zm9"), SLICE_INIT("Z\xc3\xa9v") };
    static const struct slice std[] = { SLICE_INIT("Zg"), SLICE_INIT("Zg="), SLICE_INIT("Zm8"), SLICE_INIT("Zg==="), SLICE_INIT("Zh=="),
                                        SLICE_INIT("Zm9="), SLICE_INIT("Zm9v===="), SLICE_INIT("Z==="), SLICE_INIT("-_-_"), SLICE_INIT("="),
                                        SLICE_INIT("Zg==Zg=="), SLICE_INIT("==") };
    static const struct slice url[] = { SLICE_INIT("Zg=="), SLICE_INIT("Zm8="), SLICE_INIT("+/+/"), SLICE_INIT("Zm9vYg=="), SLICE_INIT("=") };

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        refused(dec_base64, both[i]);
        refused(dec_base64url, both[i]);
    }
    for (size_t i = 0; i < COUNT(std); i++)
        refused(dec_base64, std[i]);
    for (size_t i = 0; i < COUNT(url); i++)
        refused(dec_base64url, url[i]);
}

static void check_round(encoder *enc, decoder *dec, const uint8_t *bytes, size_t n)
{
    struct buf b;
    uint8_t back[300];
    size_t got;

    buf_init(&b, 1024);
    enc(&b, bytes, n);
    assert_false(b.failed);
    assert_int_equal(dec(buf_slice(&b), back, n, &got), RC_OK);
    assert_int_equal(got, n);
    assert_memory_equal(back, bytes, n);
    buf_release(&b);
}

static void round_trips(void **state)
{
    struct gen g = { 2 };
    uint8_t bytes[300];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        size_t n = gen_below(&g, 80);

        gen_bytes(&g, bytes, n);
        check_round(enc_hex, dec_hex, bytes, n);
        check_round(enc_base64, dec_base64, bytes, n);
        check_round(enc_base64url, dec_base64url, bytes, n);
    }
}

/* Of all two-letter endings exactly those with zero rest bits are accepted: 64 × 4 for one byte. */
static void one_text_per_byte(void **state)
{
    int accepted = 0;

    (void)state;
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            char text[2] = { (char)a, (char)b };
            uint8_t out;
            size_t n;

            accepted += dec_base64url((struct slice){ text, 2 }, &out, 1, &n) == RC_OK;
        }
    }
    assert_int_equal(accepted, 256);
}

static void ids(void **state)
{
    static const struct {
        int64_t id;
        const char *text;
    } t[] = {
        { 0, "cod_0000000000000" },
        { 1, "cod_0000000000001" },
        { 31, "cod_000000000000z" },
        { 32, "cod_0000000000010" },
        { INT64_MAX, "cod_7zzzzzzzzzzzz" },
        { INT64_C(1) << 48, "cod_0008000000000" },
    };
    struct gen g = { 3 };
    char out[ENC_ID_SIZE];
    int64_t id;

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        enc_id(out, "cod", t[i].id);
        assert_string_equal(out, t[i].text);
        assert_int_equal(dec_id(slice_of(t[i].text), "cod", &id), RC_OK);
        assert_true(id == t[i].id);
    }
    for (int i = 0; i < 5000; i++) {
        int32_t bucket = (int32_t)gen_below(&g, 32768);
        int64_t made = enc_id_make(bucket, gen_u64(&g));

        assert_true(made >= 0);
        assert_int_equal(enc_id_bucket(made), bucket);
        enc_id(out, "receipt", made); /* the longest prefix */
        assert_int_equal(strlen(out), ENC_ID_SIZE - 1);
        assert_int_equal(dec_id(slice_of(out), "receipt", &id), RC_OK);
        assert_true(id == made);
    }
}

static void strict_ids(void **state)
{
    static const struct slice t[] = {
        SLICE_INIT(""), SLICE_INIT("cod"), SLICE_INIT("cod_"), SLICE_INIT("0000000000000"), SLICE_INIT("rcp_0000000000000"),
        SLICE_INIT("cod-0000000000000"), SLICE_INIT("cod_000000000000"), SLICE_INIT("cod_00000000000000"),
        SLICE_INIT("cod_8000000000000"), /* the 64th bit */
        SLICE_INIT("cod_z000000000000"), SLICE_INIT("cod_000000000000i"), SLICE_INIT("cod_000000000000l"),
        SLICE_INIT("cod_000000000000o"), SLICE_INIT("cod_000000000000u"), SLICE_INIT("cod_000000000000A"),
        SLICE_INIT("cod_000000000000 "), SLICE_INIT("cod_000000000000\0"), SLICE_INIT("COD_0000000000000"),
        SLICE_INIT("cod_/000000000000"), SLICE_INIT("cod_\xff" "000000000000"),
    };
    int64_t id = 42;

    (void)state;
    for (size_t i = 0; i < COUNT(t); i++) {
        if (dec_id(t[i], "cod", &id) != RC_BAD_INPUT)
            fail_msg("accepted \"%.*s\"", SLICE_FMT(t[i]));
        assert_int_equal(id, 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_vectors), cmocka_unit_test(strict_hex),        cmocka_unit_test(strict_base64),
        cmocka_unit_test(round_trips),   cmocka_unit_test(one_text_per_byte), cmocka_unit_test(ids),
        cmocka_unit_test(strict_ids),
    };

    return cmocka_run_group_tests_name("base_enc", tests, NULL, NULL);
}
