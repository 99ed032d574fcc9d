/* One-time codes against RFC 6238's own (tests/api/entry.test.mjs signs in with those of oathtool); sealed secrets; recovery codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "khop/auth/totp.h"
#include "request.h"

#include "khop/base/banned.h"

static int start(void **state)
{
    (void)state;
    return crypto_init();
}

static int stop(void **state)
{
    (void)state;
    crypto_end();
    return 0;
}

static const uint8_t *bytes(const char *text)
{
    return (const uint8_t *)text;
}

static void rfc6238(void **state)
{
    static const struct {
        int64_t at;
        const char *code; /* the last six of the RFC's eight digits */
    } vectors[] = {
        { 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
        { 1234567890, "005924" }, { 2000000000, "279037" }, { INT64_C(20000000000), "353130" },
    };
    const uint8_t *secret = bytes("12345678901234567890");
    char code[7];

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        assert_int_equal(totp_code(secret, vectors[i].at / 30, code), RC_OK);
        assert_string_equal(code, vectors[i].code);
    }
}

static void each_step_once(void **state)
{
    const uint8_t *secret = bytes("12345678901234567890");
    char before[7], now[7], after[7], late[7], spaced[16];
    int64_t at = 1700000010, step;

    (void)state;
    assert_int_equal(totp_code(secret, at / 30 - 1, before), RC_OK);
    assert_int_equal(totp_code(secret, at / 30, now), RC_OK);
    assert_int_equal(totp_code(secret, at / 30 + 1, after), RC_OK);
    assert_int_equal(totp_code(secret, at / 30 - 2, late), RC_OK);
    assert_int_equal(totp_check(secret, slice_of(now), at, 0, &step), RC_OK);
    assert_int_equal(step, at / 30);
    assert_int_equal(totp_check(secret, slice_of(now), at, step, &step), RC_UNAUTHORIZED);
    assert_int_equal(totp_check(secret, slice_of(before), at, at / 30, &step), RC_UNAUTHORIZED);
    assert_int_equal(totp_check(secret, slice_of(after), at, at / 30, &step), RC_OK);
    assert_int_equal(step, at / 30 + 1);
    assert_int_equal(totp_check(secret, slice_of(before), at, 0, &step), RC_OK);
    assert_int_equal(totp_check(secret, slice_of(late), at, 0, &step), RC_UNAUTHORIZED);
    snprintf(spaced, sizeof spaced, "%.3s %s ", now, now + 3);
    assert_int_equal(totp_check(secret, slice_of(spaced), at, 0, &step), RC_OK);
    assert_int_equal(totp_check(secret, (struct slice){ now, 5 }, at, 0, &step), RC_UNAUTHORIZED);
    snprintf(spaced, sizeof spaced, "%s0", now);
    assert_int_equal(totp_check(secret, slice_of(spaced), at, 0, &step), RC_UNAUTHORIZED);
    assert_int_equal(totp_check(secret, SLICE(""), at, 0, &step), RC_UNAUTHORIZED);
}

static void sealed_for_one(void **state)
{
    struct auth_config config = { .origin = "", .totp_key = { 5 } };
    struct auth *a = auth_new(&config);
    uint8_t secret[TOTP_SECRET_SIZE] = { 1, 2, 3 }, sealed[TOTP_SEALED_SIZE], got[TOTP_SECRET_SIZE];
    struct slice box = { (const char *)sealed, sizeof sealed };

    (void)state;
    assert_int_equal(totp_seal(a, 7, secret, sealed), RC_OK);
    assert_int_equal(totp_open(a, 7, box, got), RC_OK);
    assert_memory_equal(got, secret, sizeof secret);
    assert_int_equal(totp_open(a, 8, box, got), RC_UNAUTHORIZED);
    sealed[20] ^= 1;
    assert_int_equal(totp_open(a, 7, box, got), RC_UNAUTHORIZED);
    box.n--;
    assert_int_equal(totp_open(a, 7, box, got), RC_UNAUTHORIZED);
    auth_free(a);
}

static void recovery(void **state)
{
    char a[RECOVERY_CODE_SIZE], b[RECOVERY_CODE_SIZE];
    uint8_t hash[SHA256_SIZE], again[SHA256_SIZE];

    (void)state;
    assert_int_equal(recovery_make(a, hash), RC_OK);
    assert_int_equal(recovery_make(b, again), RC_OK);
    assert_string_not_equal(a, b);
    assert_int_equal(strlen(a), 30);
    assert_int_equal(recovery_hash(slice_of(a), again), RC_OK);
    assert_memory_equal(hash, again, sizeof hash);
    for (size_t i = 0; a[i] != '\0'; i++)
        b[i] = a[i] == '-' ? ' ' : (char)(a[i] >= 'A' && a[i] <= 'Z' ? a[i] + 32 : a[i]);
    assert_int_equal(recovery_hash(slice_of(b), again), RC_OK);
    assert_memory_equal(hash, again, sizeof hash);
    assert_int_equal(recovery_hash((struct slice){ a, 29 }, again), RC_UNAUTHORIZED);
    a[3] = '1';
    assert_int_equal(recovery_hash(slice_of(a), again), RC_UNAUTHORIZED);
}

static void address(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 512);
    totp_uri(&out, bytes("12345678901234567890"), SLICE("ketoan"), SLICE("khop.example"));
    assert_string_equal(out.p, "otpauth://totp/Khop%20khop.example:ketoan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                               "&issuer=Khop%20khop.example&algorithm=SHA1&digits=6&period=30");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc6238),        cmocka_unit_test(each_step_once),
        cmocka_unit_test(sealed_for_one), cmocka_unit_test(recovery), cmocka_unit_test(address),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
