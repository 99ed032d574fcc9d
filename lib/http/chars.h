/* What a byte may be in each part of a request head, as one table of bits. */
#ifndef KHOP_HTTP_CHARS_H
#define KHOP_HTTP_CHARS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CHAR_TOKEN = 1,  /* RFC 9110 §5.6.2 */
    CHAR_TARGET = 2, /* 0x21–0x7E without '#' and '\' (security.md §3); '%' needs more */
    CHAR_VALUE = 4,  /* HTAB, 0x20–0x7E, 0x80–0xFF */
    CHAR_HEX = 8,
    CHAR_HOST = 16,  /* reg-name without '%', and what an IPv6 literal holds (brackets apart) */
};

extern const uint8_t http_chars[256];

static inline bool char_is(char c, unsigned kind)
{
    return (http_chars[(unsigned char)c] & kind) != 0;
}

#endif
