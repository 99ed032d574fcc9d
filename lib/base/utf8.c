#include "khop/base/utf8.h"

#include <string.h>

#include "khop/base/banned.h"

/* What a lead byte promises: length, payload bits, and the smallest value that may be written at that length. */
static size_t lead(unsigned char c, uint32_t *bits, uint32_t *least)
{
    if (c < 0x80) {
        *bits = c;
        *least = 0;
        return 1;
    }
    if ((c & 0xe0) == 0xc0) {
        *bits = c & 0x1fU;
        *least = 0x80;
        return 2;
    }
    if ((c & 0xf0) == 0xe0) {
        *bits = c & 0x0fU;
        *least = 0x800;
        return 3;
    }
    if ((c & 0xf8) == 0xf0) {
        *bits = c & 0x07U;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

static bool scalar(uint32_t v)
{
    return v <= 0x10ffff && (v < 0xd800 || v > 0xdfff);
}

size_t utf8_next(struct slice s, uint32_t *point)
{
    uint32_t v, least;

    if (s.n == 0)
        return 0;

    size_t n = lead((unsigned char)s.p[0], &v, &least);

    if (n == 0 || n > s.n)
        return 0;
    for (size_t i = 1; i < n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if ((c & 0xc0) != 0x80)
            return 0;
        v = v << 6 | (c & 0x3fU);
    }
    if (v < least || !scalar(v))
        return 0;
    *point = v;
    return n;
}

/* How many bytes at the front are ASCII; most text is. */
static size_t ascii(const char *p, size_t n)
{
    size_t i = 0;
    uint64_t eight;

    for (; n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, p + i, sizeof eight);
        if ((eight & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (i < n && (unsigned char)p[i] < 0x80)
        i++;
    return i;
}

bool utf8_valid(struct slice s)
{
    size_t i = 0;

    while (i < s.n && (i += ascii(s.p + i, s.n - i)) < s.n) {
        uint32_t point;
        size_t n = utf8_next((struct slice){ s.p + i, s.n - i }, &point);

        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

size_t utf8_count(struct slice s)
{
    size_t count = 0, i = 0;

    while (i < s.n) {
        size_t plain = ascii(s.p + i, s.n - i);
        uint32_t point;

        count += plain;
        i += plain;
        if (i == s.n)
            break;
        size_t n = utf8_next((struct slice){ s.p + i, s.n - i }, &point);

        if (n > 0)
            count++;
        i += n > 0 ? n : 1;
    }
    return count;
}

size_t utf8_encode(uint32_t point, char out[4])
{
    if (!scalar(point))
        return 0;
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }

    size_t n = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char mark[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80U | (point & 0x3fU));
        point >>= 6;
    }
    out[0] = (char)(mark[n] | point);
    return n;
}
