#include "build.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

#define RING 256
#define SIZE 4096

static char *ring_next(void)
{
    static char ring[RING][SIZE];
    static unsigned at;

    return ring[at++ % RING];
}

static size_t characters(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

const char *obj(int id, const char *value)
{
    char *out = ring_next();

    snprintf(out, SIZE, "%02d%02zu%s", id, characters(value), value);
    return out;
}

const char *cat(const char *first, ...)
{
    char *out = ring_next();
    size_t n = 0;
    va_list ap;

    va_start(ap, first);
    for (const char *part = first; part != NULL; part = va_arg(ap, const char *))
        n += (size_t)snprintf(out + n, SIZE - n, "%s", part);
    va_end(ap);
    return out;
}

unsigned crc_by_division(const char *text, unsigned initial, unsigned final_xor)
{
    unsigned remainder = initial;

    for (const char *p = text; *p != '\0'; p++) {
        for (int bit = 7; bit >= 0; bit--) {
            unsigned in = (unsigned)(unsigned char)*p >> bit & 1;
            unsigned top = remainder >> 15 & 1;

            remainder = remainder << 1 & 0xFFFF;
            if ((in ^ top) != 0)
                remainder ^= 0x1021;
        }
    }
    return remainder ^ final_xor;
}

unsigned crc_reflected(const char *text, unsigned polynomial, unsigned initial)
{
    unsigned remainder = initial;

    for (const char *p = text; *p != '\0'; p++) {
        remainder ^= (unsigned char)*p;
        for (int bit = 0; bit < 8; bit++)
            remainder = (remainder & 1) != 0 ? remainder >> 1 ^ polynomial : remainder >> 1;
    }
    return remainder;
}

const char *seal(const char *text)
{
    const char *open = cat(text, "6304", NULL);
    char digits[16];

    snprintf(digits, sizeof digits, "%04X", crc_by_division(open, 0xFFFF, 0));
    return cat(open, digits, NULL);
}

uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545F4914F6CDD1D);
}
