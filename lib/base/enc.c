#include "khop/base/enc.h"
#include "khop/base/banned.h"

void enc_hex(struct buf *out, const void *bytes, size_t n)
{
    static const char digit[] = "0123456789abcdef";
    const uint8_t *p = bytes;

    for (size_t i = 0; i < n; i++) {
        char pair[2] = { digit[p[i] >> 4], digit[p[i] & 15] };

        buf_put(out, pair, 2);
    }
}

/* One more than the value of each digit. */
static const int8_t hex_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11,
    ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static int hex_value(char c)
{
    return hex_values[(unsigned char)c] - 1;
}

int dec_hex(struct slice text, uint8_t *out, size_t cap, size_t *n)
{
    if (text.n % 2 != 0)
        return RC_BAD_INPUT;
    if (text.n / 2 > cap)
        return RC_TOO_LARGE;
    for (size_t i = 0; i < text.n / 2; i++) {
        int hi = hex_value(text.p[2 * i]), lo = hex_value(text.p[2 * i + 1]);

        if (hi < 0 || lo < 0)
            return RC_BAD_INPUT;
        out[i] = (uint8_t)(hi << 4 | lo);
    }
    *n = text.n / 2;
    return RC_OK;
}

static const char base64_std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void put_base64(struct buf *out, const uint8_t *p, size_t n, const char *letters, bool pad)
{
    while (n > 0) {
        size_t part = n < 3 ? n : 3;
        uint32_t v = (uint32_t)p[0] << 16 | (part > 1 ? (uint32_t)p[1] << 8 : 0) | (part > 2 ? p[2] : 0);
        char quad[4] = { letters[v >> 18 & 63], letters[v >> 12 & 63], letters[v >> 6 & 63], letters[v & 63] };

        if (pad)
            memset(quad + part + 1, '=', 3 - part);
        buf_put(out, quad, pad ? 4 : part + 1);
        p += part;
        n -= part;
    }
}

void enc_base64(struct buf *out, const void *bytes, size_t n)
{
    put_base64(out, bytes, n, base64_std, true);
}

void enc_base64url(struct buf *out, const void *bytes, size_t n)
{
    put_base64(out, bytes, n, base64_url, false);
}

static int base64_value(char c, char c62, char c63)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == c62 ? 62 : c == c63 ? 63 : -1;
}

/* Letters without padding. Bits behind the last whole byte must be zero, else two texts would mean the same bytes. */
static int get_base64(struct slice s, const char *letters, uint8_t *out, size_t cap, size_t *n)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t at = 0;

    if (s.n % 4 == 1)
        return RC_BAD_INPUT;
    if (s.n / 4 * 3 + (s.n % 4 == 0 ? 0 : s.n % 4 - 1) > cap)
        return RC_TOO_LARGE;
    for (size_t i = 0; i < s.n; i++) {
        int v = base64_value(s.p[i], letters[62], letters[63]);

        if (v < 0)
            return RC_BAD_INPUT;
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[at++] = (uint8_t)(bits >> have & 0xff);
            bits &= (1U << have) - 1;
        }
    }
    if (bits != 0)
        return RC_BAD_INPUT;
    *n = at;
    return RC_OK;
}

int dec_base64(struct slice text, uint8_t *out, size_t cap, size_t *n)
{
    if (text.n % 4 != 0)
        return RC_BAD_INPUT;
    /* At most two '=', and only where they complete the last four letters; others fail as letters. */
    for (int i = 0; i < 2 && text.n > 0 && text.p[text.n - 1] == '='; i++)
        text.n--;
    return get_base64(text, base64_std, out, cap, n);
}

int dec_base64url(struct slice text, uint8_t *out, size_t cap, size_t *n)
{
    return get_base64(text, base64_url, out, cap, n);
}
