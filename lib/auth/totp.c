#include "khop/auth/totp.h"

#include "auth_private.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define DIGITS          6
#define AROUND          1 /* steps that a clock may be off */
#define RECOVERY_BYTES  16
#define RECOVERY_LETTERS 26 /* of 16 bytes */
#define RECOVERY_GROUP  6

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; /* RFC 4648 base 32 */

int totp_code(const uint8_t secret[TOTP_SECRET_SIZE], int64_t step, char out[7])
{
    struct mac *mac = mac_new(MAC_HMAC_SHA1, (struct slice){ (const char *)secret, TOTP_SECRET_SIZE });
    uint8_t counter[8], digest[SHA512_SIZE];
    struct slice part = { (const char *)counter, sizeof counter };
    int rc;

    if (mac == NULL)
        return RC_NOMEM;
    for (int i = 0; i < 8; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (8 * (7 - i)));
    rc = mac_sign(mac, &part, 1, digest);
    mac_free(mac);
    if (rc < 0)
        return rc;

    size_t at = digest[SHA1_SIZE - 1] & 15;
    uint32_t number = ((uint32_t)(digest[at] & 127) << 24) | ((uint32_t)digest[at + 1] << 16) | ((uint32_t)digest[at + 2] << 8) | digest[at + 3];

    snprintf(out, DIGITS + 1, "%06u", number % 1000000);
    return RC_OK;
}

/* The digits of what was typed, "123 456"; false when it is anything else. */
static bool code_read(struct slice code, char out[DIGITS])
{
    size_t n = 0;

    for (size_t i = 0; i < code.n; i++) {
        if (code.p[i] == ' ')
            continue;
        if (code.p[i] < '0' || code.p[i] > '9' || n == DIGITS)
            return false;
        out[n++] = code.p[i];
    }
    return n == DIGITS;
}

int totp_check(const uint8_t secret[TOTP_SECRET_SIZE], struct slice code, int64_t now_s, int64_t last_step, int64_t *step)
{
    char typed[DIGITS], right[DIGITS + 1];
    int found = RC_UNAUTHORIZED;

    if (!code_read(code, typed))
        return RC_UNAUTHORIZED;
    for (int64_t s = now_s / TOTP_STEP_S - AROUND; s <= now_s / TOTP_STEP_S + AROUND; s++) {
        int rc = totp_code(secret, s, right);

        if (rc < 0)
            return rc;
        if (crypto_equal((struct slice){ typed, DIGITS }, (struct slice){ right, DIGITS }) && s > last_step && found < 0) {
            *step = s;
            found = RC_OK;
        }
    }
    return found;
}

/* --- text --- */

static void put_base32(struct buf *out, const uint8_t *bytes, size_t n, size_t group, char between)
{
    uint32_t bits = 0;
    size_t written = 0;
    int have = 0;

    for (size_t i = 0; i < n || have > 0;) {
        if (have < 5 && i < n) {
            bits = bits << 8 | bytes[i++];
            have += 8;
        } else if (have < 5) {
            bits <<= 5 - have;
            have = 5;
        }
        for (; have >= 5; have -= 5) {
            if (group > 0 && written > 0 && written % group == 0)
                buf_putc(out, between);
            buf_putc(out, letters[bits >> (have - 5) & 31]);
            written++;
        }
    }
}

void totp_text(struct buf *out, const uint8_t secret[TOTP_SECRET_SIZE])
{
    put_base32(out, secret, TOTP_SECRET_SIZE, 4, ' ');
}

void totp_uri(struct buf *out, const uint8_t secret[TOTP_SECRET_SIZE], struct slice login, struct slice host)
{
    buf_puts(out, "otpauth://totp/Khop%20");
    buf_put_slice(out, host);
    buf_putc(out, ':');
    buf_put_slice(out, login);
    buf_puts(out, "?secret=");
    put_base32(out, secret, TOTP_SECRET_SIZE, 0, 0);
    buf_puts(out, "&issuer=Khop%20");
    buf_put_slice(out, host);
    buf_puts(out, "&algorithm=SHA1&digits=6&period=30");
}

/* --- sealed --- */

struct ad {
    char text[32];
    struct slice slice;
};

static void ad_make(struct ad *ad, int64_t user_id)
{
    int n = snprintf(ad->text, sizeof ad->text, "totp %lld", (long long)user_id);

    ad->slice = (struct slice){ ad->text, (size_t)n };
}

int totp_seal(const struct auth *a, int64_t user_id, const uint8_t secret[TOTP_SECRET_SIZE], uint8_t out[TOTP_SEALED_SIZE])
{
    struct ad ad;
    size_t n;

    ad_make(&ad, user_id);
    return crypto_seal(a->totp_key, ad.slice, (struct slice){ (const char *)secret, TOTP_SECRET_SIZE }, out, TOTP_SEALED_SIZE, &n);
}

int totp_open(const struct auth *a, int64_t user_id, struct slice sealed, uint8_t secret[TOTP_SECRET_SIZE])
{
    struct ad ad;
    size_t n = 0;

    if (sealed.n != TOTP_SEALED_SIZE)
        return RC_UNAUTHORIZED;
    ad_make(&ad, user_id);
    return crypto_open(a->totp_key, ad.slice, sealed, secret, TOTP_SECRET_SIZE, &n);
}

/* --- recovery codes --- */

int recovery_make(char code[RECOVERY_CODE_SIZE], uint8_t hash[SHA256_SIZE])
{
    uint8_t raw[RECOVERY_BYTES];
    struct buf text;
    int rc = crypto_random(raw, sizeof raw);

    if (rc < 0)
        return rc;
    buf_init(&text, RECOVERY_CODE_SIZE);
    put_base32(&text, raw, sizeof raw, RECOVERY_GROUP, '-');
    rc = text.failed ? RC_NOMEM : recovery_hash(buf_slice(&text), hash);
    if (rc == RC_OK) {
        memcpy(code, text.p, text.n);
        code[text.n] = '\0';
    }
    buf_release(&text);
    explicit_bzero(raw, sizeof raw);
    return rc;
}

/* Hashed is what the code says, however it was typed. */
int recovery_hash(struct slice code, uint8_t hash[SHA256_SIZE])
{
    char typed[RECOVERY_LETTERS];
    size_t n = 0;

    for (size_t i = 0; i < code.n; i++) {
        char c = code.p[i];

        if (c == '-' || c == ' ')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (c == '\0' || strchr(letters, c) == NULL || n == RECOVERY_LETTERS)
            return RC_UNAUTHORIZED;
        typed[n++] = c;
    }
    return n == RECOVERY_LETTERS ? crypto_sha256((struct slice){ typed, n }, hash) : RC_UNAUTHORIZED;
}
