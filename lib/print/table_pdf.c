/* Tables on A4. Rows are kept until the end; then column widths follow from their longest cells, every row is measured, pages are counted,
 * and pages are drawn one a call. */
#include "paper.h"
#include "table_private.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

#define MARGIN_X    (14 * PAPER_MM)
#define MARGIN_TOP  (14 * PAPER_MM)
#define MARGIN_FOOT (16 * PAPER_MM)
#define FOOT_SIZE   7.5
#define PAD_X       3.5
#define PAD_Y       2.6
#define BLOCK_ROWS  256
#define MEASURED    200 /* rows that one call measures */

/* Sizes to try, upright first. */
static const struct {
    double size;
    bool across;
} tries[] = { { 9, false }, { 9, true }, { 8, true }, { 7, true } };

struct row {
    enum row_kind kind;
    float height;
    struct table_cell *cells;
};

struct block {
    struct block *next;
    size_t n;
    struct row rows[BLOCK_ROWS];
};

struct place {
    struct block *block;
    size_t i;
};

enum stage { STAGE_MEASURE, STAGE_DRAW, STAGE_DONE };

struct pdf {
    struct paper paper;
    bool open;
    struct block *first, *last;
    enum stage stage;
    bool laid; /* widths are known */
    double page_width, page_height, size;
    double widths[TABLE_COLUMNS_MAX];
    double head_height; /* of the line of headings */
    struct place at;
    double y; /* while measuring: where the next row begins on its page */
    int pages, page;
};

/* --- rows --- */

static int pdf_open(struct table_out *t)
{
    struct pdf *d = arena_alloc(t->arena, sizeof *d);

    if (d == NULL)
        return RC_NOMEM;
    t->own = d;
    return RC_OK;
}

static struct row *row_add(struct table_out *t, struct pdf *d)
{
    if (d->last == NULL || d->last->n == BLOCK_ROWS) {
        struct block *b = arena_alloc(t->arena, sizeof *b);

        if (b == NULL)
            return NULL;
        if (d->last == NULL)
            d->first = b;
        else
            d->last->next = b;
        d->last = b;
    }
    return &d->last->rows[d->last->n++];
}

static int pdf_row(struct table_out *t, enum row_kind kind, const struct table_cell *cells)
{
    struct row *row = row_add(t, t->own);

    if (row == NULL)
        return RC_NOMEM;
    row->kind = kind;
    row->cells = arena_array(t->arena, t->head.column_count, sizeof *row->cells);
    if (row->cells == NULL)
        return RC_NOMEM;
    memcpy(row->cells, cells, t->head.column_count * sizeof *cells);
    for (size_t i = 0; i < t->head.column_count; i++) {
        if (!cells[i].set || cells[i].text.n == 0)
            continue;
        row->cells[i].text = arena_copy(t->arena, cells[i].text);
        if (row->cells[i].text.p == NULL)
            return RC_NOMEM;
    }
    return RC_OK;
}

static struct row *row_at(const struct pdf *d)
{
    return d->at.block == NULL ? NULL : &d->at.block->rows[d->at.i];
}

static void row_next(struct pdf *d)
{
    if (++d->at.i == d->at.block->n) {
        d->at.block = d->at.block->next;
        d->at.i = 0;
    }
}

static void rows_again(struct pdf *d)
{
    d->at = (struct place){ d->first, 0 };
}

/* --- widths --- */

/* What a column wants, and the least that it takes: figures and codes do not break, text does, but not in short columns. */
static void wishes(const struct table_out *t, double size, double *wish, double *least)
{
    for (size_t i = 0; i < t->head.column_count; i++) {
        bool text = t->head.columns[i].kind == TABLE_TEXT;
        double width = t->widest[i] < 200 ? 2 : t->widest[i] > 3600 ? 36 : t->widest[i] / 100.0;

        wish[i] = width * size * 1.05 + 2 * PAD_X;
        least[i] = text && width > 9 ? 9 * size + 2 * PAD_X : wish[i];
    }
}

static double sum(const double *v, size_t n)
{
    double s = 0;

    for (size_t i = 0; i < n; i++)
        s += v[i];
    return s;
}

/* Room that is left goes to text first, else to all in proportion; what is missing is taken from text, in proportion to what it can spare. */
static void share(struct table_out *t, struct pdf *d, const double *wish, const double *least, double room)
{
    size_t n = t->head.column_count;
    double wanted = sum(wish, n), needed = sum(least, n), texts = 0;

    for (size_t i = 0; i < n; i++)
        texts += t->head.columns[i].kind == TABLE_TEXT ? wish[i] : 0;
    for (size_t i = 0; i < n; i++) {
        bool text = t->head.columns[i].kind == TABLE_TEXT;

        if (wanted <= room && texts > 0)
            d->widths[i] = wish[i] + (text ? (room - wanted) * wish[i] / texts : 0);
        else if (wanted <= room)
            d->widths[i] = wish[i] * room / wanted;
        else if (needed <= room)
            d->widths[i] = least[i] + (wish[i] - least[i]) * (room - needed) / (wanted - needed);
        else
            d->widths[i] = least[i] * room / needed;
    }
}

static void choose_page(struct table_out *t, struct pdf *d)
{
    size_t count = sizeof tries / sizeof tries[0];
    double wish[TABLE_COLUMNS_MAX], least[TABLE_COLUMNS_MAX], room = 0;

    for (size_t i = 0; i < count; i++) {
        if ((tries[i].across && t->head.page == TABLE_PAGE_UPRIGHT) || (!tries[i].across && t->head.page == TABLE_PAGE_ACROSS))
            continue;
        d->size = tries[i].size;
        d->page_width = tries[i].across ? PAPER_A4_LONG : PAPER_A4_SHORT;
        d->page_height = tries[i].across ? PAPER_A4_SHORT : PAPER_A4_LONG;
        room = d->page_width - 2 * MARGIN_X;
        wishes(t, d->size, wish, least);
        if (sum(least, t->head.column_count) <= room)
            break;
    }
    share(t, d, wish, least, room);
}

/* --- drawing --- */

static enum paper_align align_of(enum table_kind kind)
{
    return table_is_text(kind) ? ALIGN_LEFT : ALIGN_RIGHT;
}

static struct paper_style cell_style(const struct pdf *d, enum row_kind row, enum table_kind kind)
{
    return (struct paper_style){ .face = row == ROW_PLAIN ? FACE_SANS : FACE_SANS_BOLD, .size = d->size, .align = align_of(kind) };
}

static struct paper_style head_style(const struct pdf *d, enum table_kind kind)
{
    return (struct paper_style){ .face = FACE_SANS_BOLD, .size = d->size - 0.5, .align = align_of(kind) };
}

static double line_height(struct pdf *d)
{
    struct paper_style s = cell_style(d, ROW_PLAIN, TABLE_TEXT);

    return paper_measure(&d->paper, &s, 1000, SLICE("Ẩg"), NULL);
}

static double head_height(struct table_out *t, struct pdf *d)
{
    double height = 0;

    for (size_t i = 0; i < t->head.column_count; i++) {
        struct paper_style s = head_style(d, t->head.columns[i].kind);
        double h = paper_measure(&d->paper, &s, d->widths[i] - 2 * PAD_X, slice_of(t->head.columns[i].title), NULL);

        height = h > height ? h : height;
    }
    return height + 2 * PAD_Y + 2;
}

/* A sum's label may reach over the empty cells to its right: "Cộng lớp 3A1" needs no wide first column. */
static double room_of(const struct table_out *t, const struct pdf *d, const struct row *row, size_t i)
{
    double room = d->widths[i];

    for (size_t j = i + 1; row->kind != ROW_PLAIN && j < t->head.column_count && !row->cells[j].set; j++)
        room += d->widths[j];
    return room - 2 * PAD_X;
}

static double row_height(struct table_out *t, struct pdf *d, const struct row *row, double line)
{
    double height = line;

    for (size_t i = 0; i < t->head.column_count; i++) {
        double room = room_of(t, d, row, i);
        struct slice text = row->cells[i].set ? row->cells[i].text : (struct slice){ 0 };

        /* Most cells need no look at their letters. */
        if (text.n > 0 && (table_width(text) * d->size / 100 * 1.15 > room || memchr(text.p, '\n', text.n) != NULL)) {
            struct paper_style s = cell_style(d, row->kind, t->head.columns[i].kind);
            double h = paper_measure(&d->paper, &s, room, text, NULL);

            height = h > height ? h : height;
        }
    }
    return height + 2 * PAD_Y;
}

static const struct paper_style unit_style = { .face = FACE_SANS_BOLD, .size = 9.5, .grey = 0.25 };
static const struct paper_style title_style = { .face = FACE_SANS_BOLD, .size = 15 };
static const struct paper_style sub_style = { .face = FACE_SANS, .size = 9.5, .grey = 0.3 };

/* Unit, title and subtitles; draws or only measures. Returns where the table begins. */
static double top(struct table_out *t, struct pdf *d, bool draw)
{
    const struct table_head *h = &t->head;
    double width = d->page_width - 2 * MARGIN_X, y = MARGIN_TOP;
    const struct paper_style *styles[2 + TABLE_SUBTITLES_MAX] = { &unit_style, &title_style };
    const char *texts[2 + TABLE_SUBTITLES_MAX] = { h->unit, h->title };

    for (size_t i = 0; i < TABLE_SUBTITLES_MAX && h->subtitles[i] != NULL; i++) {
        styles[2 + i] = &sub_style;
        texts[2 + i] = h->subtitles[i];
    }
    for (size_t i = 0; i < 2 + TABLE_SUBTITLES_MAX; i++) {
        struct slice text = slice_of(texts[i]);

        if (text.n > 0)
            y += (draw ? paper_text(&d->paper, styles[i], MARGIN_X, y, width, text) : paper_measure(&d->paper, styles[i], width, text, NULL)) +
                 (i == 0 ? 2 : 1);
    }
    return y + 9;
}

static void draw_head(struct table_out *t, struct pdf *d, double y)
{
    double x = MARGIN_X, width = d->page_width - 2 * MARGIN_X;

    paper_tint(&d->paper, x, y, width, d->head_height, 0.92);
    paper_rule(&d->paper, x, y + d->head_height, x + width, y + d->head_height, 0.8, 0.35);
    for (size_t i = 0; i < t->head.column_count; i++) {
        struct paper_style s = head_style(d, t->head.columns[i].kind);
        double room = d->widths[i] - 2 * PAD_X;
        struct slice title = slice_of(t->head.columns[i].title);
        double h = paper_measure(&d->paper, &s, room, title, NULL);

        paper_text(&d->paper, &s, x + PAD_X, y + d->head_height - PAD_Y - 1 - h, room, title);
        x += d->widths[i];
    }
}

static void draw_row(struct table_out *t, struct pdf *d, const struct row *row, double y)
{
    double x = MARGIN_X, width = d->page_width - 2 * MARGIN_X, bottom = y + (double)row->height;
    char shown[TABLE_CELL_SIZE];

    if (row->kind == ROW_ALL)
        paper_tint(&d->paper, x, y, width, (double)row->height, 0.95);
    paper_rule(&d->paper, x, bottom, x + width, bottom, row->kind == ROW_PLAIN ? 0.35 : 0.8, row->kind == ROW_PLAIN ? 0.78 : 0.35);
    for (size_t i = 0; i < t->head.column_count; i++) {
        const struct table_cell *cell = &row->cells[i];
        enum table_kind kind = t->head.columns[i].kind;
        struct paper_style s = cell_style(d, row->kind, cell->text.n > 0 ? TABLE_TEXT : kind);
        struct slice text = cell->text;

        if (cell->set && !table_is_text(kind) && text.n == 0) {
            table_number_shown(shown, kind, cell->number);
            text = slice_of(shown);
        }
        if (cell->set)
            paper_text(&d->paper, &s, x + PAD_X, y + PAD_Y, cell->text.n > 0 ? room_of(t, d, row, i) : d->widths[i] - 2 * PAD_X, text);
        x += d->widths[i];
    }
}

static void draw_foot(struct table_out *t, struct pdf *d)
{
    struct paper_style s = { .face = FACE_SANS, .size = FOOT_SIZE, .grey = 0.35, .lines = 1 };
    double y = d->page_height - MARGIN_FOOT + 12, width = d->page_width - 2 * MARGIN_X;
    char number[64];

    paper_text(&d->paper, &s, MARGIN_X, y, width * 0.75, slice_of(t->head.foot));
    snprintf(number, sizeof number, "%.20s %d/%d", t->head.page_word != NULL ? t->head.page_word : "Trang", d->page, d->pages);
    s.align = ALIGN_RIGHT;
    paper_text(&d->paper, &s, MARGIN_X + width * 0.75, y, width * 0.25, slice_of(number));
}

/* --- the end, a step a call --- */

static int lay(struct table_out *t, struct pdf *d)
{
    const struct paper_about about = { t->head.title, t->head.unit, t->head.made_us };
    int rc;

    choose_page(t, d);
    rc = paper_open(&d->paper, t->fonts, d->page_width, d->page_height, &about, t->sink);
    if (rc < 0)
        return rc;
    d->open = d->laid = true;
    d->head_height = head_height(t, d);
    d->y = top(t, d, false) + d->head_height;
    d->pages = 1;
    rows_again(d);
    return RC_OK;
}

static double first_row_y(const struct pdf *d)
{
    return MARGIN_TOP + d->head_height;
}

static double bottom(const struct pdf *d)
{
    return d->page_height - MARGIN_FOOT;
}

/* A row goes to the next page when it does not fit, unless it is the first there: one that is higher than a page is cut below. */
static bool row_breaks(const struct pdf *d, const struct row *row, double y)
{
    return y + (double)row->height > bottom(d) && y > first_row_y(d);
}

static void measure_some(struct table_out *t, struct pdf *d)
{
    double line = line_height(d);

    for (int i = 0; i < MEASURED && row_at(d) != NULL; i++, row_next(d)) {
        struct row *row = row_at(d);

        row->height = (float)row_height(t, d, row, line);
        if (row_breaks(d, row, d->y)) {
            d->pages++;
            d->y = first_row_y(d);
        }
        d->y += (double)row->height;
    }
    if (row_at(d) == NULL) {
        d->stage = STAGE_DRAW;
        rows_again(d);
    }
}

static void draw_page(struct table_out *t, struct pdf *d)
{
    double y;

    d->page++;
    y = d->page == 1 ? top(t, d, true) : MARGIN_TOP;
    draw_head(t, d, y);
    y += d->head_height;
    for (struct row *row; (row = row_at(d)) != NULL && !row_breaks(d, row, y); row_next(d)) {
        draw_row(t, d, row, y);
        y += (double)row->height;
    }
    draw_foot(t, d);
    paper_page_done(&d->paper);
    if (row_at(d) == NULL)
        d->stage = STAGE_DONE;
}

static int pdf_end(struct table_out *t, bool *more)
{
    struct pdf *d = t->own;
    int rc = RC_OK;

    if (!d->laid) {
        rc = lay(t, d);
    } else if (d->stage == STAGE_MEASURE) {
        measure_some(t, d);
    } else if (d->stage == STAGE_DRAW) {
        draw_page(t, d);
        rc = d->paper.rc;
    } else {
        d->open = false;
        *more = false;
        return paper_close(&d->paper);
    }
    *more = rc == RC_OK;
    return rc;
}

static void pdf_free(struct table_out *t)
{
    struct pdf *d = t->own;

    if (d != NULL && d->open)
        paper_free(&d->paper);
}

const struct table_form table_pdf = { pdf_open, pdf_row, pdf_end, pdf_free };
