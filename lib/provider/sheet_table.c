/* Where the columns are: titles are compared as a memo is folded (no accents, no case, no punctuation), so "Lớp học", "LOP HOC" and
 * "lop_hoc" are one title. */
#include "sheet_private.h"

#include "khop/pay/memo.h"
#include <stdlib.h>

#include "khop/base/banned.h"

#define TITLE_MAX   240 /* bytes of a title that are looked at */
#define NAMES_MAX   64  /* synonyms of one column */
#define PLACES_MAX  (SHEET_HEADER_ROWS + 1)
#define PARTS_MAX   7
#define MEMORY_MAX  (8U << 20)

/* How well a title names a column. */
enum fit { FIT_NONE = 0, FIT_EDGE = 1, FIT_PART = 3, FIT_WHOLE = 4 };

struct names {
    size_t n;
    struct slice folded[NAMES_MAX];
    bool accents[NAMES_MAX]; /* so short that its accents tell what it is: "Nợ" is not "No" */
};

/* One row of the beginning, kept. */
struct place {
    int32_t number;
    size_t n;
    struct slice *text;
};

/* A row, or two one under the other, as titles. */
struct guess {
    size_t first, last; /* rows */
    size_t required, matched;
    int weight;
    int16_t at[SHEET_WANTED_MAX];
};

/* A title folded: as a whole, then its parts between / | ( ) : and brackets, for bilingual ones. */
struct title {
    size_t n;
    struct slice part[1 + PARTS_MAX];
    bool plain[1 + PARTS_MAX]; /* ASCII only */
    struct buf space;
};

struct search {
    struct arena *arena, *rows;
    const struct sheet_column *columns;
    size_t n;
    struct names names[SHEET_WANTED_MAX];
    struct place places[PLACES_MAX];
    size_t n_places;
    uint8_t *fits; /* [row][column][wanted] */
    struct title title;
};

static bool is_plain(struct slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    }
    return true;
}

static void fold_part(struct title *t, struct slice text)
{
    size_t at = t->space.n;

    if (memo_fold(&t->space, text) < 0 || t->space.n == at)
        return;
    t->plain[t->n] = is_plain(text);
    t->part[t->n++] = (struct slice){ t->space.p + at, t->space.n - at };
}

/* Uses the title's space again. */
static void fold_title(struct title *t, struct slice text)
{
    size_t from = 0;

    t->n = 0;
    buf_clear(&t->space);
    if (text.n == 0 || text.n > TITLE_MAX || buf_room(&t->space, 4 * TITLE_MAX) == NULL) /* room first: parts point into it */
        return;
    fold_part(t, text);
    for (size_t i = 0; i <= text.n && t->n > 0 && t->n <= PARTS_MAX; i++) {
        if (i < text.n && strchr("/|()[]:", text.p[i]) == NULL)
            continue;
        if (i > from && (from > 0 || i < text.n))
            fold_part(t, slice_sub(text, from, i - from));
        from = i + 1;
    }
}

static bool edge(struct slice title, struct slice name)
{
    if (name.n < 3 || title.n <= name.n + 1)
        return false;
    return (slice_starts(title, name) && title.p[name.n] == ' ') ||
           (slice_eq(slice_sub(title, title.n - name.n, name.n), name) && title.p[title.n - name.n - 1] == ' ');
}

static enum fit fit_folded(struct slice title, bool plain, const struct names *names, enum fit whole)
{
    enum fit best = FIT_NONE;

    for (size_t i = 0; i < names->n && title.n > 0; i++) {
        if (slice_eq(title, names->folded[i]) && !(plain && names->accents[i]))
            return whole;
        if (best == FIT_NONE && title.n <= 60 && edge(title, names->folded[i]))
            best = FIT_EDGE;
    }
    return best;
}

static enum fit fit_of(const struct title *t, const struct names *names)
{
    enum fit best = t->n == 0 ? FIT_NONE : fit_folded(t->part[0], t->plain[0], names, FIT_WHOLE);

    for (size_t i = 1; i < t->n && best < FIT_PART; i++) {
        enum fit part = fit_folded(t->part[i], t->plain[i], names, FIT_PART);

        best = part > best ? part : best;
    }
    return best;
}

/* Folds the synonyms into memory of the search. False: no memory. */
static bool fold_names(struct arena *arena, const char *list, struct names *out)
{
    struct slice rest = slice_of(list);

    out->n = 0;
    while (rest.n > 0 && out->n < NAMES_MAX) {
        struct buf folded;

        struct slice name = slice_cut(&rest, '|');

        buf_init_arena(&folded, arena, TITLE_MAX);
        if (memo_fold(&folded, name) < 0)
            return false;
        if (folded.n == 0)
            continue;
        out->accents[out->n] = folded.n < 3 && !is_plain(name);
        out->folded[out->n++] = buf_slice(&folded);
    }
    return true;
}

bool sheet_title_fits(struct slice title, const char *names)
{
    struct arena *arena = arena_new(256 * 1024);
    struct names *folded = arena == NULL ? NULL : arena_alloc(arena, sizeof *folded);
    struct title t = { 0 };
    bool fits = folded != NULL && fold_names(arena, names, folded);

    if (fits) {
        buf_init_arena(&t.space, arena, 8 * TITLE_MAX);
        fold_title(&t, title);
        fits = fit_of(&t, folded) != FIT_NONE;
    }
    arena_free(arena);
    return fits;
}

/* --- one row or two as titles --- */

static struct slice text_at(const struct place *p, size_t column)
{
    return column < p->n ? p->text[column] : SLICE("");
}

/* The title above when cells were merged: the nearest one to the left. */
static struct slice merged_above(const struct place *p, size_t column)
{
    for (size_t i = column + 1; i > 0; i--) {
        if (text_at(p, i - 1).n > 0)
            return text_at(p, i - 1);
    }
    return SLICE("");
}

/* Fits of every column of a row, kept: rows are looked at alone and with their neighbours. */
static uint8_t *fits_of(const struct search *s, size_t row, size_t column)
{
    return s->fits + (row * SHEET_COLUMNS_MAX + column) * SHEET_WANTED_MAX;
}

static void fit_row(struct search *s, size_t row)
{
    for (size_t c = 0; c < SHEET_COLUMNS_MAX; c++) {
        fold_title(&s->title, text_at(&s->places[row], c));
        for (size_t i = 0; i < s->n; i++)
            fits_of(s, row, c)[i] = (uint8_t)fit_of(&s->title, &s->names[i]);
    }
}

/* Titles above and below in one column: either of them, or both as one title. */
static void fit_pair(struct search *s, size_t row, size_t column, uint8_t *fit)
{
    struct slice over = merged_above(&s->places[row], column), below = text_at(&s->places[row + 1], column);
    const uint8_t *top = fits_of(s, row, column), *bottom = fits_of(s, row + 1, column);
    char both[2 * TITLE_MAX + 1];

    s->title.n = 0;
    if (over.n > 0 && below.n > 0 && over.n + below.n < TITLE_MAX) {
        memcpy(both, over.p, over.n);
        both[over.n] = ' ';
        memcpy(both + over.n + 1, below.p, below.n);
        fold_title(&s->title, (struct slice){ both, over.n + 1 + below.n });
    }
    for (size_t i = 0; i < s->n; i++) {
        enum fit joined = fit_of(&s->title, &s->names[i]);

        fit[i] = top[i] > bottom[i] ? top[i] : bottom[i];
        if (joined > fit[i])
            fit[i] = (uint8_t)joined;
    }
}

/* Each wanted column gets the best title that is still free, better fits first, then from the left. */
static void assign(const struct search *s, const uint8_t (*fit)[SHEET_WANTED_MAX], size_t width, struct guess *g)
{
    static const enum fit order[] = { FIT_WHOLE, FIT_PART, FIT_EDGE };
    bool taken[SHEET_COLUMNS_MAX] = { false };

    for (size_t i = 0; i < s->n; i++)
        g->at[i] = -1;
    for (size_t o = 0; o < sizeof order / sizeof order[0]; o++) {
        for (size_t i = 0; i < s->n; i++) {
            for (size_t c = 0; c < width && g->at[i] < 0; c++) {
                if (taken[c] || fit[c][i] != order[o])
                    continue;
                taken[c] = true;
                g->at[i] = (int16_t)c;
                g->weight += (int)order[o];
                g->matched++;
                g->required += s->columns[i].required;
            }
        }
    }
}

static void weigh(struct search *s, size_t first, size_t last, struct guess *g)
{
    const struct place *a = &s->places[first], *b = &s->places[last];
    size_t width = a->n > b->n ? a->n : b->n;
    uint8_t fit[SHEET_COLUMNS_MAX][SHEET_WANTED_MAX];

    *g = (struct guess){ .first = first, .last = last };
    for (size_t c = 0; c < width; c++) {
        if (first == last)
            memcpy(fit[c], fits_of(s, first, c), s->n);
        else
            fit_pair(s, first, c, fit[c]);
    }
    assign(s, (const uint8_t(*)[SHEET_WANTED_MAX])fit, width, g);
}

static bool better(const struct guess *a, const struct guess *b)
{
    if (a->required != b->required)
        return a->required > b->required;
    if (a->matched != b->matched)
        return a->matched > b->matched;
    if ((a->first == a->last) != (b->first == b->last))
        return a->first == a->last; /* two rows only where one is not enough */
    return a->weight > b->weight;
}

/* A second row of titles in the other language is no data. */
static bool repeats_header(struct search *s, const struct guess *best, size_t row)
{
    struct guess g;
    size_t same = 0;

    if (row >= s->n_places)
        return false;
    weigh(s, row, row, &g);
    for (size_t i = 0; i < s->n; i++)
        same += g.at[i] >= 0 && g.at[i] == best->at[i];
    return same >= 2 && same * 2 >= best->matched;
}

static bool adjacent(const struct search *s, size_t row)
{
    return row + 1 < s->n_places && s->places[row + 1].number == s->places[row].number + 1;
}

static void best_guess(struct search *s, struct guess *best)
{
    *best = (struct guess){ 0 };
    for (size_t i = 0; i < s->n; i++)
        best->at[i] = -1;
    for (size_t row = 0; row < s->n_places; row++)
        fit_row(s, row);
    for (size_t row = 0; row < s->n_places; row++) {
        struct guess one, two;

        weigh(s, row, row, &one);
        if (better(&one, best))
            *best = one;
        if (!adjacent(s, row))
            continue;
        weigh(s, row, row + 1, &two);
        if (better(&two, best))
            *best = two;
    }
    if (best->matched > 0 && best->first == best->last && adjacent(s, best->last) && repeats_header(s, best, best->last + 1))
        best->last++;
}

/* --- the search --- */

static int keep_row(struct search *s, const struct sheet_row *row)
{
    struct place *p = &s->places[s->n_places];

    p->number = row->number;
    p->n = row->n;
    p->text = arena_array(s->rows, row->n, sizeof *p->text);
    if (p->text == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < row->n; i++) {
        bool title = row->cells[i].text.n <= TITLE_MAX; /* longer texts are data */

        p->text[i] = title ? arena_copy(s->rows, row->cells[i].text) : SLICE("");
        if (p->text[i].p == NULL)
            return RC_NOMEM;
    }
    s->n_places++;
    return RC_OK;
}

static int read_beginning(struct sheet *sheet, size_t i, struct search *s)
{
    struct sheet_row row;
    int rc = sheet_select(sheet, i);

    s->n_places = 0;
    arena_reset(s->rows);
    while (rc >= 0 && s->n_places < PLACES_MAX) {
        rc = sheet_next(sheet, &row);
        if (rc != SHEET_ROW)
            return rc;
        rc = keep_row(s, &row);
    }
    return rc;
}

static int start_search(struct search *s, const struct sheet_column *columns, size_t n)
{
    if (n > SHEET_WANTED_MAX)
        return RC_INTERNAL;
    s->columns = columns;
    s->n = n;
    s->arena = arena_new(MEMORY_MAX);
    s->rows = arena_new(MEMORY_MAX);
    if (s->arena == NULL || s->rows == NULL)
        return RC_NOMEM;
    buf_init_arena(&s->title.space, s->arena, 8 * TITLE_MAX);
    s->fits = arena_array(s->arena, (size_t)PLACES_MAX * SHEET_COLUMNS_MAX, SHEET_WANTED_MAX);
    if (s->fits == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++) {
        if (!fold_names(s->arena, columns[i].names, &s->names[i]))
            return RC_NOMEM;
    }
    return RC_OK;
}

/* Titles of all columns, in memory of the sheet. */
static int keep_titles(struct sheet *sheet, const struct search *s, const struct guess *g, struct sheet_header *out)
{
    const struct place *a = &s->places[g->first], *b = &s->places[g->last];
    uint32_t at[SHEET_COLUMNS_MAX + 1];

    buf_clear(&sheet->titles);
    out->titles = a->n > b->n ? a->n : b->n;
    for (size_t c = 0; c < out->titles; c++) {
        struct slice below = g->first == g->last ? SLICE("") : text_at(b, c);

        at[c] = (uint32_t)sheet->titles.n;
        buf_put_slice(&sheet->titles, text_at(a, c));
        out->above[c] = g->first == g->last ? 0 : (uint32_t)(sheet->titles.n - at[c]);
        if (below.n > 0 && !slice_eq(below, text_at(a, c))) {
            if (text_at(a, c).n > 0)
                buf_putc(&sheet->titles, ' ');
            buf_put_slice(&sheet->titles, below);
        }
    }
    at[out->titles] = (uint32_t)sheet->titles.n;
    if (sheet->titles.failed)
        return RC_NOMEM;
    for (size_t c = 0; c < out->titles; c++)
        out->title[c] = (struct slice){ sheet->titles.p + at[c], at[c + 1] - at[c] };
    for (size_t i = 0; i < s->n; i++) {
        if (g->at[i] >= 0)
            out->taken[g->at[i]] = true;
    }
    return RC_OK;
}

static int settle_on(struct sheet *sheet, const struct search *s, const struct guess *g, struct sheet_header *out)
{
    struct sheet_row row;
    int rc = keep_titles(sheet, s, g, out);

    out->row = s->places[g->last].number;
    if (rc >= 0)
        rc = sheet_select(sheet, out->sheet);
    while (rc >= 0) {
        rc = sheet_next(sheet, &row);
        if (rc != SHEET_ROW || row.number >= out->row)
            return rc < 0 ? rc : RC_OK;
    }
    return rc;
}

static bool whole(const struct search *s, const struct guess *g)
{
    size_t required = 0;

    for (size_t i = 0; i < s->n; i++)
        required += s->columns[i].required;
    return g->matched > 0 && g->required == required;
}

static int search(struct sheet *sheet, struct search *s, struct sheet_header *out)
{
    struct guess best = { 0 }, g;

    for (size_t i = 0; i < sheet->about.sheets; i++) {
        int rc = read_beginning(sheet, i, s);

        if (rc < 0)
            return rc;
        best_guess(s, &g);
        if (i == 0 || better(&g, &best)) {
            best = g;
            out->sheet = i;
        }
        if (whole(s, &g)) { /* the first sheet that has all: later ones are other lists */
            memcpy(out->at, g.at, sizeof g.at);
            out->sheet = i;
            return settle_on(sheet, s, &g, out);
        }
    }
    memcpy(out->at, best.at, sizeof best.at);
    return sheet_fail(sheet, SHEET_NO_HEADER, 0);
}

int sheet_find_header(struct sheet *sheet, const struct sheet_column *columns, size_t n, struct sheet_header *out)
{
    struct search *s = calloc(1, sizeof *s);
    int rc = s == NULL ? RC_NOMEM : start_search(s, columns, n);

    *out = (struct sheet_header){ .n = n };
    if (rc >= 0)
        rc = search(sheet, s, out);
    if (s != NULL) {
        arena_free(s->arena);
        arena_free(s->rows);
    }
    free(s);
    return rc;
}

struct sheet_cell sheet_cell_of(const struct sheet_row *row, const struct sheet_header *header, size_t i)
{
    int16_t at = i < header->n ? header->at[i] : -1;

    return at >= 0 && (size_t)at < row->n ? row->cells[at] : (struct sheet_cell){ SLICE(""), SHEET_TEXT };
}
