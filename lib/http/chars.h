/* What a byte may be in each part of a request head, as one table of bits. */
#ifndef KHOP_HTTP_CHARS_H
#define KHOP_HTTP_CHARS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    CHAR_TOKEN = 1,  /* RFC 9110 §5.6.2 */
    CHAR_TARGET = 2, /* 0x21–0x7E without '#' and '\' (security.md §3), and without '%', which needs more */
    CHAR_VALUE = 4,  /* HTAB, 0x20–0x7E, 0x80–0xFF */
    CHAR_HEX = 8,
    CHAR_HOST = 16,  /* reg-name without '%', and what an IPv6 literal holds (brackets apart) */
};

extern const uint8_t http_chars[256];

static inline bool char_is(char c, unsigned kind)
{
    return (http_chars[(unsigned char)c] & kind) != 0;
}

/* True if none of eight bytes is below 0x20 or DEL: the common case of a field's value, in a handful of steps. */
static inline bool chars_plain8(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t x, del;

    memcpy(&x, p, sizeof x);
    del = x ^ (ones * 0x7F);
    return (((x - ones * 0x20) & ~x & tops) | ((del - ones) & ~del & tops)) == 0;
}

#endif
