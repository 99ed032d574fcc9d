/* Characters of a payload. */
#include <string.h>

#include "parts.h"

#include "khop/base/banned.h"

static bool continues(const char *p, const char *end, size_t n)
{
    if (n > (size_t)(end - p))
        return false;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)p[i] & 0xC0) != 0x80)
            return false;
    return true;
}

size_t text_step(const char *p, const char *end)
{
    unsigned char lead = (unsigned char)p[0];
    unsigned char next = end - p > 1 ? (unsigned char)p[1] : 0;

    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return continues(p, end, 2) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if ((lead == 0xE0 && next < 0xA0) || (lead == 0xED && next > 0x9F)) /* overlong, surrogate */
            return 0;
        return continues(p, end, 3) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if ((lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next > 0x8F)) /* overlong, over U+10FFFF */
            return 0;
        return continues(p, end, 4) ? 4 : 0;
    }
    return 0;
}

size_t text_count(struct vietqr_text t)
{
    size_t count = 0;

    for (size_t i = 0; i < t.size; i++)
        if (((unsigned char)t.bytes[i] & 0xC0) != 0x80)
            count++;
    return count;
}

bool text_is(struct vietqr_text t, const char *word)
{
    size_t n = strlen(word);

    return t.bytes != NULL && t.size == n && memcmp(t.bytes, word, n) == 0;
}

bool ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool text_digits(struct vietqr_text t, size_t size)
{
    if (t.bytes == NULL || t.size != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (!ascii_digit(t.bytes[i]))
            return false;
    return true;
}

bool text_ascii(struct vietqr_text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (t.bytes[i] < 0x20 || t.bytes[i] > 0x7E)
            return false;
    return true;
}

/* C0, DEL and C1. */
static bool is_control(const char *p, size_t n)
{
    unsigned char c = (unsigned char)p[0];

    return (n == 1 && (c < 0x20 || c == 0x7F)) || (n == 2 && c == 0xC2 && (unsigned char)p[1] < 0xA0);
}

enum vietqr_error text_check(const char *text, size_t size)
{
    const char *p = text, *end = text + size;
    size_t count = 0;
    bool control = false;

    if (size == 0)
        return VIETQR_EMPTY;
    /* No valid text of at most 512 characters is longer, so a huge input costs nothing. */
    if (size > (size_t)VIETQR_PAYLOAD_MAX * 4)
        return VIETQR_TOO_LONG;
    while (p < end) {
        size_t n = text_step(p, end);

        if (n == 0)
            return VIETQR_NOT_UTF8;
        control |= is_control(p, n);
        p += n;
        count++;
    }
    if (count > VIETQR_PAYLOAD_MAX)
        return VIETQR_TOO_LONG;
    if (control)
        return VIETQR_CONTROL_CHARACTER;
    if (text[0] == ' ' || (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0))
        return VIETQR_LEADING_SPACE;
    return VIETQR_OK;
}
