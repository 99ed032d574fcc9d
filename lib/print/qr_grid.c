/* The grid of a QR symbol: fixed patterns, the words in their zigzag, and the best of the eight masks. The grid is kept twice, as its rows
 * and as its columns, each as words of 64 modules across: what a mask's demerits ask of the modules that follow each other in a
 * column is then one operation for 64 columns. */
#include "qr_code.h"
#include <limits.h>
#include "khop/base/banned.h"

#define WORDS ((QR_SIDE_MAX + 63) / 64)

/* [i][y]: the modules x = 64 i … of line y, from the lowest bit on. Behind the last one zeros. */
typedef uint64_t lines[WORDS][QR_SIDE_MAX];

struct view {
    lines dark;
    lines fixed; /* no data there, and no mask */
};

struct grid {
    int side, words;     /* of 64 modules, in use */
    struct view way[2];  /* by rows; by columns, where x and y have changed places */
    lines tried[2];      /* the same under a mask */
};

static bool get(lines a, int x, int y)
{
    return a[x >> 6][y] >> (x & 63) & 1;
}

static void set(lines a, int x, int y, bool on)
{
    uint64_t bit = (uint64_t)1 << (x & 63);

    a[x >> 6][y] = on ? a[x >> 6][y] | bit : a[x >> 6][y] & ~bit;
}

/* The modules of word i that are on the grid. */
static uint64_t inside(const struct grid *g, int i)
{
    return g->side - 64 * i >= 64 ? UINT64_MAX : ((uint64_t)1 << (g->side - 64 * i)) - 1;
}

/* ---- fixed patterns ---- */

static void fix(struct grid *g, int x, int y, bool on)
{
    set(g->way[0].dark, x, y, on);
    set(g->way[0].fixed, x, y, true);
    set(g->way[1].dark, y, x, on);
    set(g->way[1].fixed, y, x, true);
}

/* Rings around a point: dark where the distance is even, but for the light one at `light`. */
static void rings(struct grid *g, int x0, int y0, int reach, int light)
{
    for (int y = y0 - reach; y <= y0 + reach; y++) {
        for (int x = x0 - reach; x <= x0 + reach; x++) {
            int dx = x < x0 ? x0 - x : x - x0, dy = y < y0 ? y0 - y : y - y0, far = dx > dy ? dx : dy;

            if (x >= 0 && y >= 0 && x < g->side && y < g->side)
                fix(g, x, y, far != light && far < 4);
        }
    }
}

/* Centres of the alignment patterns, in both directions. */
static int alignment(int version, int at[7])
{
    int n = version == 1 ? 0 : version / 7 + 2;
    int step = version == 32 ? 26 : n == 0 ? 0 : (version * 4 + n * 2 + 1) / (n * 2 - 2) * 2;

    for (int i = n - 1, pos = qr_side(version) - 7; i >= 1; i--, pos -= step)
        at[i] = pos;
    at[0] = 6;
    return n;
}

/* The remainder of v, moved up by `width` bits, over a polynomial: what protects format and version. */
static unsigned protect(unsigned v, unsigned polynomial, int width)
{
    unsigned rest = v;

    for (int i = 0; i < width; i++)
        rest = rest << 1 ^ (rest >> (width - 1) & 1 ? polynomial : 0);
    return v << width | (rest & ((1u << width) - 1));
}

static void put_version(struct grid *g, int version)
{
    unsigned bits = protect((unsigned)version, 0x1f25, 12);

    for (int i = 0; version >= 7 && i < 18; i++) {
        fix(g, g->side - 11 + i % 3, i / 3, bits >> i & 1);
        fix(g, i / 3, g->side - 11 + i % 3, bits >> i & 1);
    }
}

/* Level and mask, twice; and the module that is always dark. */
static void put_format(struct grid *g, enum print_qr_level level, unsigned mask)
{
    static const unsigned LEVEL[] = { 0, 1, 3, 2 }; /* M, L, Q, H */
    unsigned bits = protect(LEVEL[level] << 3 | mask, 0x537, 10) ^ 0x5412;

    for (int i = 0; i < 15; i++) {
        bool on = bits >> i & 1;

        if (i < 8) {
            fix(g, g->side - 1 - i, 8, on);
            fix(g, 8, i < 6 ? i : i + 1, on);
        } else {
            fix(g, 8, g->side - 15 + i, on);
            fix(g, i == 8 ? 7 : 14 - i, 8, on);
        }
    }
    fix(g, 8, g->side - 8, true);
}

static void put_patterns(struct grid *g, int version)
{
    int at[7], n = alignment(version, at);

    for (int i = 0; i < g->side; i++) {
        fix(g, i, 6, i % 2 == 0);
        fix(g, 6, i, i % 2 == 0);
    }
    rings(g, 3, 3, 4, 2);
    rings(g, g->side - 4, 3, 4, 2);
    rings(g, 3, g->side - 4, 4, 2);
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            if ((i == 0 && (j == 0 || j == n - 1)) || (i == n - 1 && j == 0))
                continue; /* a finder is there */
            rings(g, at[i], at[j], 2, 1);
        }
    }
    put_version(g, version);
}

/* From the right corner below, upwards and downwards in columns of two; the timing column is passed over. */
static void put_words(struct grid *g, const struct qr_words *words)
{
    size_t bit = 0;
    bool up = true;

    for (int right = g->side - 1; right > 0; right -= 2, up = !up) {
        if (right == 6)
            right--;
        for (int i = 0; i < g->side; i++) {
            int y = up ? g->side - 1 - i : i;

            for (int x = right; x > right - 2; x--) {
                if (get(g->way[0].fixed, x, y))
                    continue;
                if (bit < words->n * 8 && words->word[bit >> 3] >> (7 - (bit & 7)) & 1) {
                    set(g->way[0].dark, x, y, true);
                    set(g->way[1].dark, y, x, true);
                }
                bit++;
            }
        }
    }
}

/* ---- masks ---- */

static bool masked(unsigned mask, int x, int y)
{
    switch (mask) {
    case 0:
        return (x + y) % 2 == 0;
    case 1:
        return y % 2 == 0;
    case 2:
        return x % 3 == 0;
    case 3:
        return (x + y) % 3 == 0;
    case 4:
        return (y / 2 + x / 3) % 2 == 0;
    case 5:
        return x * y % 2 + x * y % 3 == 0;
    case 6:
        return (x * y % 2 + x * y % 3) % 2 == 0;
    default:
        return ((x + y) % 2 + x * y % 3) % 2 == 0;
    }
}

/* A mask comes again after twelve modules at the latest, in both directions: [way][mask][y % 12], twelve bits across. Made with the first
 * symbol. */
#define MASKS  8
#define PERIOD 12
static uint16_t mask_bits[2][MASKS][PERIOD];

static void masks_make(void)
{
    if (mask_bits[0][0][0] != 0)
        return;
    for (unsigned mask = 0; mask < MASKS; mask++) {
        for (int y = 0; y < PERIOD; y++) {
            for (int x = 0; x < PERIOD; x++) {
                mask_bits[0][mask][y] |= (uint16_t)(masked(mask, x, y) << x);
                mask_bits[1][mask][y] |= (uint16_t)(masked(mask, y, x) << x);
            }
        }
    }
}

static void mask_words(uint64_t out[PERIOD], int way, unsigned mask, int i)
{
    int turn = 64 * i % PERIOD;

    for (int y = 0; y < PERIOD; y++) {
        unsigned bits = mask_bits[way][mask][y], turned = (bits >> turn | bits << (PERIOD - turn)) & ((1u << PERIOD) - 1);

        out[y] = turned * UINT64_C(0x1001001001001001);
    }
}

/* Word i of every line under a mask. */
static void mask_lines(uint64_t *out, const struct grid *g, int way, unsigned mask, int i)
{
    const struct view *v = &g->way[way];
    uint64_t here = inside(g, i), words[PERIOD];

    mask_words(words, way, mask, i);
    for (int y = 0, k = 0; y < g->side; y++, k = k == PERIOD - 1 ? 0 : k + 1)
        out[y] = v->dark[i][y] ^ (words[k] & ~v->fixed[i][y] & here);
}

/* ---- demerits, as the standard has them ---- */

#define RUN     3  /* of five alike, and one for each more */
#define SQUARE  3  /* of two by two alike */
#define FINDER  40
#define BALANCE 10 /* for each five per cent off the middle */

static int of_runs(const uint64_t *d, int side, uint64_t here)
{
    uint64_t three = 0, two = 0, one = 0, five_before = 0; /* alike: the last modules, three pairs, two, one */
    int n = 0;

    for (int y = 1; y < side; y++) {
        uint64_t same = ~(d[y] ^ d[y - 1]) & here, five = same & three;

        n += __builtin_popcountll(five) + (RUN - 1) * __builtin_popcountll(five & ~five_before);
        three = same & two;
        two = same & one;
        one = same;
        five_before = five;
    }
    return n;
}

/* Light from line y on, `step` by step, as far as four times `f`; off the grid it is light. */
static uint64_t light(const uint64_t *d, int side, int y, int step, int f)
{
    uint64_t dark = 0;

    for (int i = 0; i < 4 * f && y >= 0 && y < side; i++, y += step)
        dark |= d[y];
    return ~dark;
}

/* Something like a finder: runs of 1:1:3:1:1, with `f` modules for one, beside four of light. */
static int of_finders(const uint64_t *d, int side, int f)
{
    int n = 0;

    for (int y = 0; y + 7 * f <= side; y++) {
        uint64_t is = y > 0 ? d[y] & ~d[y - 1] : d[y];

        for (int i = 1; i < f; i++)
            is &= d[y + i];
        for (int i = f; i < 2 * f; i++)
            is &= ~(d[y + i] | d[y + i + 4 * f]);
        for (int i = 2 * f; i < 5 * f && is != 0; i++)
            is &= d[y + i];
        for (int i = 6 * f; i < 7 * f && is != 0; i++)
            is &= d[y + i];
        if (is != 0 && y + 7 * f < side)
            is &= ~d[y + 7 * f];
        if (is != 0)
            n += __builtin_popcountll(is & (light(d, side, y - 1, -1, f) | light(d, side, y + 7 * f, 1, f)));
    }
    return n;
}

/* Two by two alike; `next` is the word of the lines to the right, NULL behind the last one. */
static int of_squares(const uint64_t *d, const uint64_t *next, int side, uint64_t here)
{
    uint64_t pairs = next == NULL ? here >> 1 : here; /* modules that have one to the right */
    int n = 0;

    for (int y = 1; y < side; y++) {
        uint64_t all = d[y] & d[y - 1], none = ~(d[y] | d[y - 1]);
        uint64_t next_all = next == NULL ? 0 : next[y] & next[y - 1], next_none = next == NULL ? 0 : ~(next[y] | next[y - 1]);

        all &= all >> 1 | next_all << 63;
        none &= none >> 1 | next_none << 63;
        n += __builtin_popcountll((all | none) & pairs);
    }
    return n;
}

static int of_balance(const struct grid *g)
{
    int dark = 0, area = g->side * g->side, share;

    for (int i = 0; i < g->words; i++) {
        for (int y = 0; y < g->side; y++)
            dark += __builtin_popcountll(g->tried[0][i][y]);
    }
    share = (200 * dark + area) / area / 2;
    return (share < 50 ? 50 - share : share - 50) / 5;
}

static int demerits(struct grid *g, unsigned mask)
{
    int sum = 0;

    for (int way = 0; way < 2; way++) {
        for (int i = 0; i < g->words; i++) {
            const uint64_t *d = g->tried[way][i];

            mask_lines(g->tried[way][i], g, way, mask, i);
            sum += of_runs(d, g->side, inside(g, i));
            for (int f = 1; 7 * f <= g->side; f++)
                sum += FINDER * of_finders(d, g->side, f);
        }
    }
    for (int i = 0; i < g->words; i++)
        sum += SQUARE * of_squares(g->tried[0][i], i + 1 < g->words ? g->tried[0][i + 1] : NULL, g->side, inside(g, i));
    return sum + BALANCE * of_balance(g);
}

static unsigned best_mask(struct grid *g, enum print_qr_level level)
{
    unsigned best = 0;
    int least = INT_MAX;

    for (unsigned mask = 0; mask < MASKS; mask++) {
        put_format(g, level, mask);
        int found = demerits(g, mask);

        if (found < least) {
            least = found;
            best = mask;
        }
    }
    return best;
}

void qr_grid_make(unsigned char *dark, const struct qr_words *words, enum print_qr_level level)
{
    struct grid g = { .side = qr_side(words->version) };
    unsigned best;

    g.words = (g.side + 63) / 64;
    masks_make();
    put_patterns(&g, words->version);
    put_format(&g, level, 0); /* keeps its place */
    put_words(&g, words);
    best = best_mask(&g, level);
    put_format(&g, level, best);
    for (int i = 0; i < g.words; i++) {
        uint64_t line[QR_SIDE_MAX];

        mask_lines(line, &g, 0, best, i);
        for (int y = 0; y < g.side; y++) {
            for (int x = 64 * i; x < g.side && x < 64 * (i + 1); x++)
                dark[y * g.side + x] = line[y] >> (x & 63) & 1;
        }
    }
}
