/* One block with the fixed code. A row of modules differs from any other, so there is nothing to look for but runs of a byte; its
 * copies are one reference each to the row before. zlib, which must find that out by itself, takes five times as long. */
#include "deflate.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "khop/base/banned.h"

#define LENGTH_MAX 258
#define RUN_MIN    5 /* shorter ones cost less as bytes */
#define ADLER      65521

struct bits {
    unsigned char *out;
    uint64_t hold; /* not yet written, the next bit lowest */
    unsigned n;    /* below 32 */
};

/* n: at most 32 */
static inline void bits_put(struct bits *b, uint32_t value, unsigned n)
{
    b->hold |= (uint64_t)value << b->n;
    b->n += n;
    if (b->n >= 32) {
        uint32_t word = htole32((uint32_t)b->hold);

        memcpy(b->out, &word, sizeof word);
        b->out += sizeof word;
        b->hold >>= 32;
        b->n -= 32;
    }
}

/* Whole bytes; what is left of the last one is 0. */
static void bits_end(struct bits *b)
{
    for (; b->n > 0; b->n = b->n > 8 ? b->n - 8 : 0) {
        *b->out++ = (unsigned char)b->hold;
        b->hold >>= 8;
    }
}

/* Codes stand with their highest bit first. n: at most 12 */
static uint32_t reversed(uint32_t code, unsigned n)
{
    static const uint8_t of[16] = { 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15 };

    return (uint32_t)(of[code & 15] << 8 | of[code >> 4 & 15] << 4 | of[code >> 8 & 15]) >> (12 - n);
}

/* The fixed code of the end (256) or of a class of lengths (257 …). */
static void put_symbol(struct bits *b, unsigned symbol)
{
    if (symbol < 280)
        bits_put(b, reversed(symbol - 256, 7), 7);
    else
        bits_put(b, reversed(0xC0 + symbol - 280, 8), 8);
}

/* Lengths and distances: classes whose size doubles, `per` of them of each size (4 for lengths, 2 for distances). */
static unsigned class_of(unsigned value, unsigned per_log, unsigned *extra)
{
    unsigned top = value == 0 ? 0 : 31 - (unsigned)__builtin_clz(value);

    *extra = top > per_log ? top - per_log : 0;
    return (*extra << per_log) + (value >> *extra);
}

/* `length` bytes (3 to 258) as they stand `back` bytes before. */
static void put_copy(struct bits *b, unsigned length, unsigned back)
{
    unsigned extra, class = length == LENGTH_MAX ? 28 : class_of(length - 3, 2, &extra);

    if (length == LENGTH_MAX)
        extra = 0;
    put_symbol(b, 257 + class);
    bits_put(b, (length - 3) & ((1U << extra) - 1), extra);
    class = class_of(back - 1, 1, &extra);
    bits_put(b, reversed(class, 5), 5);
    bits_put(b, (back - 1) & ((1U << extra) - 1), extra);
}

static void put_copies(struct bits *b, size_t length, size_t back)
{
    while (length > 0) {
        size_t n = length > LENGTH_MAX ? LENGTH_MAX : length;

        if (length - n > 0 && length - n < 3)
            n -= 3; /* a rest of one or two cannot be said */
        put_copy(b, (unsigned)n, (unsigned)back);
        length -= n;
    }
}

/* Of a byte; the table is laid out by the compiler. */
#define TURNED8(v) (((v) & 1) << 7 | ((v) & 2) << 5 | ((v) & 4) << 3 | ((v) & 8) << 1 | ((v) >> 1 & 8) | ((v) >> 3 & 4) | ((v) >> 5 & 2) | ((v) >> 7 & 1))
#define LITERAL(v)   ((v) < 144 ? TURNED8(0x30 + (v)) : 1 | TURNED8(v) << 1)
#define LITERALS4(v)  LITERAL(v), LITERAL((v) + 1), LITERAL((v) + 2), LITERAL((v) + 3)
#define LITERALS16(v) LITERALS4(v), LITERALS4((v) + 4), LITERALS4((v) + 8), LITERALS4((v) + 12)
#define LITERALS64(v) LITERALS16(v), LITERALS16((v) + 16), LITERALS16((v) + 32), LITERALS16((v) + 48)

static inline void put_byte(struct bits *b, unsigned char byte)
{
    static const uint16_t literals[256] = { LITERALS64(0), LITERALS64(64), LITERALS64(128), LITERALS64(192) };

    bits_put(b, literals[byte], 8 + (byte >= 144));
}

/* RUN_MIN bytes of one value: each is the one before it. */
static inline bool run_begins(const unsigned char *row)
{
    uint32_t from, next;

    memcpy(&from, row, sizeof from);
    memcpy(&next, row + 1, sizeof next);
    return from == next;
}
_Static_assert(RUN_MIN == 1 + sizeof(uint32_t), "run_begins looks at so many");

static void put_row(struct bits *b, const unsigned char *row, size_t stride)
{
    for (size_t i = 0; i < stride;) {
        size_t run = 1;

        put_byte(b, row[i]);
        if (stride - i >= RUN_MIN && run_begins(row + i)) {
            for (run = RUN_MIN; i + run < stride && row[i + run] == row[i]; run++)
                ;
            put_copies(b, run - 1, 1);
        }
        i += run;
    }
}

/* n zeros behind a byte add n times the first sum to the second. */
static uint32_t adler_up(uint32_t sum, size_t stride)
{
    uint32_t a = ((sum & 0xFFFF) + DEFLATE_UP) % ADLER;

    return a | (uint32_t)(((sum >> 16) + stride * a) % ADLER) << 16;
}

size_t deflate_rows(unsigned char *out, const unsigned char *rows, size_t stride, size_t height)
{
    struct bits b = { .out = out + 2 };
    uint32_t sum = 1;

    out[0] = 0x78; /* window of 32 KiB, */
    out[1] = 0x01; /* packed in haste */
    bits_put(&b, 3, 3); /* the last block; fixed code */
    for (size_t y = 0; y < height;) {
        const unsigned char *row = rows + y * stride;
        size_t same = 1;

        put_row(&b, row, stride);
        if (row[0] != DEFLATE_UP) {
            sum = (uint32_t)adler32(sum, row, (uInt)stride);
        } else {
            sum = adler_up(sum, stride);
            for (; y + same < height && rows[(y + same) * stride] == DEFLATE_UP; same++)
                sum = adler_up(sum, stride);
            if (same > 1)
                put_copies(&b, (same - 1) * stride, stride);
        }
        y += same;
    }
    put_symbol(&b, 256);
    bits_end(&b);
    for (int i = 3; i >= 0; i--)
        *b.out++ = (unsigned char)(sum >> (8 * i));
    return (size_t)(b.out - out);
}
