#include "khop/pay/code.h"

#include "code_sums.h"
#include <assert.h>

#include "khop/base/banned.h"

static const char alphabet[CODE_BASE + 1] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

static const struct code_kind kinds[] = {
    { 'B', "fee" }, { 'C', "stall" }, { 'P', "payout" }, { 'V', "service" }, { 'K', "card" },
};

/* One more than the value of each letter of the alphabet. */
static const int8_t values[256] = {
    ['2'] = 1,  ['3'] = 2,  ['4'] = 3,  ['5'] = 4,  ['6'] = 5,  ['7'] = 6,  ['8'] = 7,  ['9'] = 8,
    ['A'] = 9,  ['B'] = 10, ['C'] = 11, ['D'] = 12, ['E'] = 13, ['F'] = 14, ['G'] = 15, ['H'] = 16,
    ['J'] = 17, ['K'] = 18, ['M'] = 19, ['N'] = 20, ['P'] = 21, ['Q'] = 22, ['R'] = 23, ['S'] = 24,
    ['T'] = 25, ['U'] = 26, ['V'] = 27, ['W'] = 28, ['X'] = 29, ['Y'] = 30, ['Z'] = 31,
};

int code_value(char c)
{
    return values[(unsigned char)c] - 1;
}

char code_letter(int value)
{
    assert(value >= 0 && value < CODE_BASE);
    return alphabet[value];
}

struct code_sums code_sums(const int8_t symbols[CODE_SYMBOLS])
{
    int sum = 0, weighted = 0;

    for (int i = 0; i < CODE_SYMBOLS; i++) {
        sum += symbols[i];
        weighted += (i + 1) * symbols[i];
    }
    return (struct code_sums){ sum % CODE_BASE, weighted % CODE_BASE };
}

int32_t code_number(const int8_t symbols[CODE_SYMBOLS])
{
    int32_t no = 0;

    for (int i = 0; i < 1 + CODE_BODY; i++)
        no = no * CODE_BASE + symbols[i];
    return no;
}

/* Multiplicative inverse modulo 31 of 1 … 30: the power 29 (Fermat). */
static int inverse(int v)
{
    int power = 1;

    for (int i = 0; i < CODE_BASE - 2; i++)
        power = power * v % CODE_BASE;
    return power;
}

int code_symbols_repair(int8_t symbols[CODE_SYMBOLS])
{
    struct code_sums sums = code_sums(symbols);

    if (sums.plain == 0)
        return -1;

    int place = sums.weighted * inverse(sums.plain) % CODE_BASE - 1;

    if (place < 0 || place >= CODE_SYMBOLS)
        return -1;
    symbols[place] = (int8_t)((symbols[place] + CODE_BASE - sums.plain) % CODE_BASE);
    return place;
}

int code_make(char kind, const uint8_t body[CODE_BODY], int32_t *no)
{
    int32_t made = code_value(kind);

    if (made < 0)
        return RC_BAD_INPUT;
    for (int i = 0; i < CODE_BODY; i++) {
        if (body[i] >= CODE_BASE)
            return RC_BAD_INPUT;
        made = made * CODE_BASE + body[i];
    }
    *no = made;
    return RC_OK;
}

int code_from_random(char kind, uint64_t random, int32_t *no)
{
    int value = code_value(kind);

    if (value < 0)
        return RC_BAD_INPUT;
    /* 2⁶⁴ over 31⁵: no body is likelier than another by more than one in 2³⁹. */
    *no = value * CODE_BODIES + (int32_t)(random % (uint64_t)CODE_BODIES);
    return RC_OK;
}

char code_kind(int32_t no)
{
    return code_letter(no / CODE_BODIES);
}

int32_t code_body(int32_t no)
{
    return no % CODE_BODIES;
}

void code_text(char out[CODE_SIZE], int32_t no)
{
    int8_t symbols[CODE_SYMBOLS] = { 0 };

    assert(code_ok(no));
    for (int i = CODE_BODY; i >= 0; i--, no /= CODE_BASE)
        symbols[i] = (int8_t)(no % CODE_BASE);

    struct code_sums sums = code_sums(symbols);

    /* s₇ + s₈ ≡ -plain and 7·s₇ + 8·s₈ ≡ -weighted. */
    symbols[7] = (int8_t)((7 * sums.plain - sums.weighted + CODE_BASE) % CODE_BASE);
    symbols[6] = (int8_t)((2 * CODE_BASE - sums.plain - symbols[7]) % CODE_BASE);
    out[0] = CODE_PREFIX;
    for (int i = 0; i < CODE_SYMBOLS; i++)
        out[1 + i] = code_letter(symbols[i]);
    out[CODE_LETTERS] = '\0';
}

int code_parse(struct slice text, int32_t *no)
{
    int8_t symbols[CODE_SYMBOLS];

    if (text.n != CODE_LETTERS || text.p[0] != CODE_PREFIX)
        return RC_BAD_INPUT;
    for (int i = 0; i < CODE_SYMBOLS; i++) {
        symbols[i] = (int8_t)code_value(text.p[1 + i]);
        if (symbols[i] < 0)
            return RC_BAD_INPUT;
    }

    struct code_sums sums = code_sums(symbols);

    if (sums.plain != 0 || sums.weighted != 0)
        return RC_BAD_INPUT;
    *no = code_number(symbols);
    return RC_OK;
}

/* Left out of the alphabet, for people take them for each other. */
static bool letter_excluded(char c)
{
    return c == '0' || c == '1' || c == 'I' || c == 'L' || c == 'O';
}

int code_repair(struct slice text, int32_t *no, int *place)
{
    int8_t symbols[CODE_SYMBOLS];
    int foreign = -1; /* place of a letter outside the alphabet */

    if (text.n != CODE_LETTERS || (code_value(text.p[0]) < 0 && !letter_excluded(text.p[0])))
        return RC_BAD_INPUT;
    for (int i = 0; i < CODE_SYMBOLS; i++) {
        symbols[i] = (int8_t)code_value(text.p[1 + i]);
        if (symbols[i] >= 0)
            continue;
        if (foreign >= 0 || !letter_excluded(text.p[1 + i]))
            return RC_BAD_INPUT;
        foreign = i;
        symbols[i] = 0;
    }

    struct code_sums sums = code_sums(symbols);
    bool whole = sums.plain == 0 && sums.weighted == 0;
    bool prefix = text.p[0] == CODE_PREFIX;
    int wrong = whole ? foreign : code_symbols_repair(symbols);

    if (!whole && (wrong < 0 || (foreign >= 0 && wrong != foreign)))
        return RC_BAD_INPUT;
    if (!prefix && wrong >= 0)
        return RC_BAD_INPUT; /* two wrong letters */
    *no = code_number(symbols);
    *place = prefix ? (wrong < 0 ? -1 : wrong + 1) : 0;
    return RC_OK;
}

const struct code_kind *code_kind_at(size_t i)
{
    return i < sizeof kinds / sizeof kinds[0] ? &kinds[i] : NULL;
}

uint32_t code_kinds(struct slice letters)
{
    uint32_t set = 0;

    for (size_t i = 0; i < letters.n; i++) {
        int value = code_value(letters.p[i]);

        if (value < 0)
            return 0;
        set |= 1U << value;
    }
    return set;
}
