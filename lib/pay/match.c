/* Two passes over the folded memo.
 *
 * Exact: every window of nine that begins with S and a wanted kind and whose two sums are zero. In text that holds no
 * code chance makes one in some 30,000 memos, nearly all of them joined, and then it must also be live.
 *
 * Repaired: a damaged code leaves one check sum instead of two, and one window can be repaired in some thirty ways.
 * Taken everywhere, that gives a candidate in 2.4 % of the memos without a code; with what is asked for besides, in
 * 0.08 %. A window must look like a code that somebody wrote down:
 *   - alone: it is a whole run of letters and digits between two separators; or
 *   - glued at one side to other text, and with a digit in it; or
 *   - cut once by a separator (the bank's line break), a whole run otherwise, and with a digit in it.
 * Where the S itself is damaged there is nothing to recognise a code by but the sums: only windows that stand alone.
 * The numbers are those of tests/unit/pay/test_match_luck.c. */
#include "khop/pay/match.h"

#include "code_sums.h"
#include "fold.h"

#include "khop/base/banned.h"

#define BODY_FIRST 1 /* index of s₁ in a window */

/* The memo's letters without what is between them. */
struct match_text {
    size_t n;
    uint32_t kinds;
    char letter[MATCH_MEMO_MAX];
    int8_t value[MATCH_MEMO_MAX]; /* code_value of the letter */
    uint16_t run[MATCH_MEMO_MAX]; /* number of the run of letters it is in */
};

static void text_fold(struct match_text *t, struct slice memo, uint32_t kinds)
{
    uint16_t run = 0;

    t->n = 0;
    t->kinds = kinds;
    for (size_t at = 0; at < memo.n;) {
        enum fold_kind kind;
        char letter = ' ';

        at += fold_next(slice_sub(memo, at, memo.n - at), &kind, &letter);
        if (kind == FOLD_OTHER && t->n > 0 && t->run[t->n - 1] == run)
            run++;
        if (kind != FOLD_LETTER)
            continue;
        t->letter[t->n] = letter;
        t->value[t->n] = (int8_t)code_value(letter);
        t->run[t->n] = run;
        t->n++;
    }
}

static void list_add(struct match_list *list, int32_t no, enum match_how how)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->code[i].no != no)
            continue;
        if (how < list->code[i].how)
            list->code[i].how = how;
        return;
    }
    if (list->n == MATCH_MAX) {
        list->more = true;
        return;
    }
    list->code[list->n++] = (struct match_code){ no, how };
}

static bool kind_wanted(const struct match_text *t, int value)
{
    return value >= 0 && (t->kinds >> value & 1) != 0;
}

/* Adds the code of these eight symbols if they are one of a wanted kind. */
static void try_symbols(const struct match_text *t, struct match_list *list, const int8_t symbols[CODE_SYMBOLS],
                        enum match_how how)
{
    if (!kind_wanted(t, symbols[0]))
        return;

    struct code_sums sums = code_sums(symbols);

    if (sums.plain == 0 && sums.weighted == 0)
        list_add(list, code_number(symbols), how);
}

static bool all_of_alphabet(const int8_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] < 0)
            return false;
    return true;
}

static void find_exact(const struct match_text *t, struct match_list *list, enum match_how how)
{
    for (size_t at = 0; at + CODE_LETTERS <= t->n; at++) {
        if (t->letter[at] != CODE_PREFIX || !kind_wanted(t, t->value[at + BODY_FIRST]))
            continue;
        if ((t->run[at] == t->run[at + CODE_LETTERS - 1]) != (how == MATCH_EXACT))
            continue;
        if (all_of_alphabet(t->value + at + BODY_FIRST, CODE_SYMBOLS))
            try_symbols(t, list, t->value + at + BODY_FIRST, how);
    }
}

/* One wrong symbol, which may be a letter that no code has. */
static void repair_wrong(const struct match_text *t, struct match_list *list, const int8_t *values)
{
    int8_t symbols[CODE_SYMBOLS];
    int foreign = -1;

    for (int i = 0; i < CODE_SYMBOLS; i++) {
        symbols[i] = values[i];
        if (values[i] >= 0)
            continue;
        if (foreign >= 0)
            return;
        foreign = i;
        symbols[i] = 0;
    }

    int place = code_symbols_repair(symbols);

    if (foreign < 0 ? place >= 0 : place < 0 || place == foreign)
        try_symbols(t, list, symbols, MATCH_REPAIRED);
}

/* Two neighbours swapped. */
static void repair_swap(const struct match_text *t, struct match_list *list, const int8_t *values)
{
    int8_t symbols[CODE_SYMBOLS];

    if (!all_of_alphabet(values, CODE_SYMBOLS) || code_sums(values).plain != 0)
        return;
    memcpy(symbols, values, CODE_SYMBOLS);
    for (int i = 0; i + 1 < CODE_SYMBOLS; i++) {
        symbols[i] = values[i + 1];
        symbols[i + 1] = values[i];
        try_symbols(t, list, symbols, MATCH_REPAIRED);
        symbols[i] = values[i];
        symbols[i + 1] = values[i + 1];
    }
}

/* Seven of the eight symbols: one is missing in front of, between or behind them. */
static void repair_missing(const struct match_text *t, struct match_list *list, const int8_t *values)
{
    if (!all_of_alphabet(values, CODE_SYMBOLS - 1))
        return;
    for (int hole = 0; hole < CODE_SYMBOLS; hole++) {
        int8_t symbols[CODE_SYMBOLS];

        memcpy(symbols, values, (size_t)hole);
        memcpy(symbols + hole + 1, values + hole, (size_t)(CODE_SYMBOLS - 1 - hole));
        symbols[hole] = 0;
        symbols[hole] = (int8_t)((CODE_BASE - code_sums(symbols).plain) % CODE_BASE);
        try_symbols(t, list, symbols, MATCH_REPAIRED);
    }
}

/* Nine letters where eight symbols should be; the one too many may be any letter. */
static void repair_extra(const struct match_text *t, struct match_list *list, const int8_t *values)
{
    for (int skip = 0; skip <= CODE_SYMBOLS; skip++) {
        int8_t symbols[CODE_SYMBOLS];

        memcpy(symbols, values, (size_t)skip);
        memcpy(symbols + skip, values + skip + 1, (size_t)(CODE_SYMBOLS - skip));
        if (all_of_alphabet(symbols, CODE_SYMBOLS))
            try_symbols(t, list, symbols, MATCH_REPAIRED);
    }
}

/* The S is wrong (any letter stands for it), missing, or behind the kind letter. `at` begins a run of `n` letters. */
static void repair_prefix(const struct match_text *t, struct match_list *list, size_t at, size_t n)
{
    const int8_t *values = t->value + at;

    if (n == CODE_LETTERS - 1 && all_of_alphabet(values, CODE_SYMBOLS))
        try_symbols(t, list, values, MATCH_REPAIRED);
    if (n != CODE_LETTERS)
        return;
    if (all_of_alphabet(values + 1, CODE_SYMBOLS))
        try_symbols(t, list, values + 1, MATCH_REPAIRED);
    if (t->letter[at + 1] == CODE_PREFIX) {
        int8_t symbols[CODE_SYMBOLS];

        memcpy(symbols, values + 1, CODE_SYMBOLS);
        symbols[0] = values[0];
        if (all_of_alphabet(symbols, CODE_SYMBOLS))
            try_symbols(t, list, symbols, MATCH_REPAIRED);
    }
}

static bool has_digit(const struct match_text *t, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++)
        if (t->letter[i] <= '9')
            return true;
    return false;
}

/* How the window [at, at + n) stands in the memo. */
struct match_place {
    bool whole; /* a separator or an end of the memo on both sides, none inside */
    bool looks; /* like a code that somebody wrote down: see the top */
};

static struct match_place place_of(const struct match_text *t, size_t at, size_t n)
{
    size_t end = at + n;
    bool left = at == 0 || t->run[at - 1] != t->run[at];
    bool right = end == t->n || t->run[end] != t->run[end - 1];
    int cuts = t->run[end - 1] - t->run[at];
    struct match_place p = { .whole = cuts == 0 && left && right };

    p.looks = p.whole;
    if (!p.looks && (cuts == 0 ? left || right : cuts == 1 && left && right))
        p.looks = has_digit(t, at + 1, n - 1);
    return p;
}

static void find_repaired(const struct match_text *t, struct match_list *list)
{
    for (size_t at = 0; at < t->n; at++) {
        for (size_t n = CODE_LETTERS - 1; n <= CODE_LETTERS + 1 && n <= t->n - at; n++) {
            struct match_place place = place_of(t, at, n);
            const int8_t *values = t->value + at + 1;

            if (place.whole)
                repair_prefix(t, list, at, n);
            if (!place.looks || t->letter[at] != CODE_PREFIX)
                continue;
            if (n == CODE_LETTERS - 1) {
                repair_missing(t, list, values);
            } else if (n == CODE_LETTERS) {
                repair_wrong(t, list, values);
                repair_swap(t, list, values);
            } else {
                repair_extra(t, list, values);
            }
        }
    }
    if (list->more)
        list->n = 0;
}

int match_find(struct slice memo, uint32_t kinds, struct match_list *out)
{
    struct match_text text __attribute__((uninitialized)); /* 16 KiB, of which a memo fills a hundredth */

    out->n = 0;
    out->more = false;
    if (memo.n > MATCH_MEMO_MAX)
        return RC_TOO_LARGE;
    text_fold(&text, memo, kinds);
    find_exact(&text, out, MATCH_EXACT);
    find_exact(&text, out, MATCH_JOINED);
    if (out->n == 0)
        find_repaired(&text, out);
    return RC_OK;
}

const char *match_how_name(enum match_how how)
{
    switch (how) {
    case MATCH_EXACT:
        return "exact";
    case MATCH_JOINED:
        return "joined";
    case MATCH_REPAIRED:
        return "repaired";
    }
    return "";
}
