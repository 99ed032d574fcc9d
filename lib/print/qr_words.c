/* A text as the codewords of a QR symbol: segments of digits, of capital letters and of bytes; padding; Reed-Solomon. */
#include "qr_code.h"
#include "khop/base/banned.h"

/* ---- what the standard's tables say, by level (in the order of the enum) and version ---- */

static const uint8_t WORDS_PER_BLOCK[4][QR_VERSIONS] = { /* of error correction */
    { 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
      26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28 },
    { 7,  10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
      28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30 },
    { 13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30,
      28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30 },
    { 17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28,
      30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30 },
};
static const uint8_t BLOCKS[4][QR_VERSIONS] = {
    { 1,  1,  1,  2,  2,  4,  4,  4,  5,  5,  5,  8,  9,  9,  10, 10, 11, 13, 14, 16,
      17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49 },
    { 1, 1, 1, 1,  1,  2,  2,  2,  2,  4,  4,  4,  4,  4,  6,  6,  6,  6,  7,  8,
      8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25 },
    { 1,  1,  2,  2,  4,  4,  6,  6,  8,  8,  8,  10, 12, 16, 12, 17, 16, 18, 21, 20,
      23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68 },
    { 1,  1,  2,  4,  4,  4,  5,  6,  8,  8,  11, 11, 16, 16, 18, 16, 19, 21, 25, 25,
      25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81 },
};
static const uint16_t WORDS[QR_VERSIONS] = {
    26,   44,   70,   100,  134,  172,  196,  242,  292,  346,  404,  466,  532,  581,  655,  733,  815,  901,  991,  1085,
    1156, 1258, 1364, 1474, 1588, 1706, 1828, 1921, 2051, 2185, 2323, 2465, 2611, 2761, 2876, 3034, 3196, 3362, 3532, 3706,
};

/* ---- segments ---- */

enum mode { DIGITS, LETTERS, BYTES, NOTHING };

static const uint8_t MODE_BITS[] = { 1, 2, 4 };
/* Bits of a segment's length, by version: to 9, to 26, to 40. */
static const uint8_t LENGTH_BITS[3][3] = { { 10, 12, 14 }, { 9, 11, 13 }, { 8, 16, 16 } };

/* The 45 characters of LETTERS, plus one; 0: none of them. */
static const uint8_t LETTER[128] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,  ['8'] = 9,
    ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['G'] = 17, ['H'] = 18,
    ['I'] = 19, ['J'] = 20, ['K'] = 21, ['L'] = 22, ['M'] = 23, ['N'] = 24, ['O'] = 25, ['P'] = 26, ['Q'] = 27,
    ['R'] = 28, ['S'] = 29, ['T'] = 30, ['U'] = 31, ['V'] = 32, ['W'] = 33, ['X'] = 34, ['Y'] = 35, ['Z'] = 36,
    [' '] = 37, ['$'] = 38, ['%'] = 39, ['*'] = 40, ['+'] = 41, ['-'] = 42, ['.'] = 43, ['/'] = 44, [':'] = 45,
};

struct segment {
    enum mode mode;
    size_t n;
};

/* A segment costs its head, so short ones do not pay: each is tried against going on in the mode that is open. */
static int bits_of(enum mode mode, size_t n)
{
    switch (mode) {
    case DIGITS:
        return (int)(n / 3 * 10 + (n % 3 == 0 ? 0 : n % 3 * 3 + 1));
    case LETTERS:
        return (int)(n / 2 * 11 + n % 2 * 6);
    case BYTES:
    case NOTHING:
        break;
    }
    return (int)n * 8;
}

static int head_bits(enum mode mode, int version_class)
{
    return 4 + LENGTH_BITS[mode][version_class];
}

static enum mode mode_at(struct slice s, size_t i)
{
    unsigned char c;

    if (i >= s.n)
        return NOTHING;
    c = (unsigned char)s.p[i];
    if (c >= '0' && c <= '9')
        return DIGITS;
    return c < 128 && LETTER[c] != 0 ? LETTERS : BYTES;
}

/* Where a run of `mode` from i on ends; digits are letters too. */
static size_t run_end(struct slice s, size_t i, enum mode mode)
{
    while (mode_at(s, i) <= mode)
        i++;
    return i;
}

static struct segment next_bytes(struct slice s)
{
    size_t i = 1;

    for (enum mode m = mode_at(s, i); m != NOTHING; m = mode_at(s, i)) {
        size_t end = m == BYTES ? i + 1 : run_end(s, i, m);
        int back = m != BYTES && mode_at(s, end) == BYTES ? head_bits(BYTES, 0) : 0;

        if (m != BYTES && bits_of(BYTES, i) + bits_of(m, end - i) + head_bits(m, 0) + back < bits_of(BYTES, end))
            break;
        i = end;
    }
    return (struct segment){ BYTES, i };
}

static struct segment next_letters(struct slice s)
{
    size_t i = 0;

    while (mode_at(s, i) <= LETTERS) {
        size_t end = mode_at(s, i) == DIGITS ? run_end(s, i, DIGITS) : i + 1;
        int back = mode_at(s, end) == LETTERS ? head_bits(DIGITS, 0) : 0;

        if (mode_at(s, i) == DIGITS &&
            bits_of(LETTERS, i) + bits_of(DIGITS, end - i) + head_bits(DIGITS, 0) + back < bits_of(LETTERS, end))
            break;
        i = end;
    }
    if (mode_at(s, i) == BYTES && bits_of(LETTERS, i) + head_bits(LETTERS, 0) + bits_of(BYTES, 1) > bits_of(BYTES, i + 1))
        return next_bytes(s);
    return (struct segment){ LETTERS, i };
}

static struct segment next_segment(struct slice s)
{
    enum mode mode = mode_at(s, 0), after;
    size_t n;

    if (mode == BYTES)
        return next_bytes(s);
    if (mode == LETTERS)
        return next_letters(s);
    n = run_end(s, 0, DIGITS);
    after = mode_at(s, n);
    if (after == NOTHING || bits_of(DIGITS, n) + head_bits(DIGITS, 0) + bits_of(after, 1) <= bits_of(after, n + 1))
        return (struct segment){ DIGITS, n };
    return after == BYTES ? next_bytes(s) : next_letters(s);
}

/* ---- bits ---- */

struct bits {
    uint8_t *word;
    size_t n;
};

/* The words are zero before. */
static void put(struct bits *b, uint32_t v, int width)
{
    for (int left = width; left > 0;) {
        int room = 8 - (int)(b->n & 7), take = left < room ? left : room;

        b->word[b->n >> 3] |= (uint8_t)((v >> (left - take) & ((1u << take) - 1)) << (room - take));
        b->n += (size_t)take;
        left -= take;
    }
}

static void put_segment(struct bits *b, enum mode mode, struct slice s, int version_class)
{
    const unsigned char *c = (const unsigned char *)s.p;
    size_t i = 0;

    put(b, MODE_BITS[mode], 4);
    put(b, (uint32_t)s.n, LENGTH_BITS[mode][version_class]);
    switch (mode) {
    case DIGITS:
        for (; i + 3 <= s.n; i += 3)
            put(b, (uint32_t)((c[i] - '0') * 100 + (c[i + 1] - '0') * 10 + (c[i + 2] - '0')), 10);
        if (s.n - i == 2)
            put(b, (uint32_t)((c[i] - '0') * 10 + (c[i + 1] - '0')), 7);
        else if (s.n - i == 1)
            put(b, (uint32_t)(c[i] - '0'), 4);
        break;
    case LETTERS:
        for (; i + 2 <= s.n; i += 2)
            put(b, (LETTER[c[i]] - 1u) * 45 + (LETTER[c[i + 1]] - 1u), 11);
        if (i < s.n)
            put(b, LETTER[c[i]] - 1u, 6);
        break;
    case BYTES:
    case NOTHING:
        for (; i < s.n; i++)
            put(b, c[i], 8);
        break;
    }
}

static size_t data_words(int version, enum print_qr_level level)
{
    return (size_t)(WORDS[version - 1] - WORDS_PER_BLOCK[level][version - 1] * BLOCKS[level][version - 1]);
}

static int class_of(int version)
{
    return version < 10 ? 0 : version < 27 ? 1 : 2;
}

/* The smallest version whose words hold the segments; 0: none. */
static int version_for(struct slice text, enum print_qr_level level)
{
    size_t bits[3] = { 0 };

    for (struct segment g; text.n > 0; text = slice_sub(text, g.n, text.n)) {
        g = next_segment(text);
        for (int k = 0; k < 3; k++)
            bits[k] += (size_t)(bits_of(g.mode, g.n) + head_bits(g.mode, k));
    }
    for (int v = 1; v <= QR_VERSIONS; v++) {
        if (bits[class_of(v)] <= data_words(v, level) * 8)
            return v;
    }
    return 0;
}

/* ---- Reed-Solomon over GF(256), x^8 + x^4 + x^3 + x^2 + 1 ---- */

static uint8_t power[2 * 255], logarithm[256]; /* made with the first symbol */

static void field_make(void)
{
    unsigned v = 1;

    if (power[0] != 0)
        return;
    for (int i = 0; i < 255; i++) {
        power[i] = power[i + 255] = (uint8_t)v;
        logarithm[v] = (uint8_t)i;
        v = v << 1 ^ (v & 0x80 ? 0x11d : 0);
    }
}

/* The logarithms of the generator's coefficients below the highest, highest first: the product of (x - 2^i), i below n. */
static void generator_make(uint8_t *g, size_t n)
{
    uint8_t c[32] = { 1 };

    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j > 0; j--)
            c[j] ^= c[j - 1] == 0 ? 0 : power[logarithm[c[j - 1]] + i];
    }
    for (size_t j = 0; j < n; j++)
        g[j] = logarithm[c[j + 1]]; /* none of them is zero, up to 30 words */
}

/* The rest of the data, moved up by n words, over the generator. */
static void remainder_of(uint8_t *rest, const uint8_t *data, size_t count, const uint8_t *g, size_t n)
{
    memset(rest, 0, n + 1);
    for (size_t i = 0; i < count; i++) {
        uint8_t first = data[i] ^ rest[0];

        if (first == 0) {
            memmove(rest, rest + 1, n);
            continue;
        }
        for (size_t j = 0; j < n; j++)
            rest[j] = rest[j + 1] ^ power[g[j] + logarithm[first]];
    }
}

/* Blocks take turns, word by word; the last ones have one data word more. */
static void interleave(struct qr_words *out, const uint8_t *data, size_t n_data, enum print_qr_level level)
{
    size_t blocks = BLOCKS[level][out->version - 1], per = WORDS_PER_BLOCK[level][out->version - 1];
    size_t shortest = n_data / blocks, n_short = blocks - n_data % blocks;
    uint8_t g[32], rest[32]; /* of 30 words at most; one behind them stays zero */

    generator_make(g, per);
    for (size_t b = 0; b < blocks; b++) {
        size_t count = shortest + (b >= n_short);

        for (size_t i = 0; i < count; i++)
            out->word[i < shortest ? i * blocks + b : shortest * blocks + b - n_short] = data[i];
        remainder_of(rest, data, count, g, per);
        for (size_t i = 0; i < per; i++)
            out->word[n_data + i * blocks + b] = rest[i];
        data += count;
    }
}

int qr_words_make(struct qr_words *out, struct slice text, enum print_qr_level level)
{
    uint8_t data[QR_WORDS_MAX];
    struct bits b = { data, 0 };
    int version = version_for(text, level);

    if (version == 0)
        return RC_TOO_LARGE;
    size_t n = data_words(version, level);

    field_make();
    memset(data, 0, n);
    for (struct segment g; text.n > 0; text = slice_sub(text, g.n, text.n)) {
        g = next_segment(text);
        put_segment(&b, g.mode, slice_sub(text, 0, g.n), class_of(version));
    }
    /* Four bits that end it, as far as there is room, and the rest of the word are zero. */
    b.n = (b.n + 4 > n * 8 ? n * 8 : b.n + 4) + 7;
    for (size_t i = b.n / 8, k = 0; i < n; i++, k++)
        data[i] = k % 2 == 0 ? 0xec : 0x11;
    out->version = version;
    out->n = WORDS[version - 1];
    interleave(out, data, n, level);
    return RC_OK;
}
