/* CSV as programs really write it: the delimiter found out, quotes by RFC 4180 with line breaks inside, a stray quote inside a field
 * taken as a letter, ="0012" and '0012 of people who had to stop their spreadsheet from eating zeros. */
#include "sheet_private.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define SAMPLE_MAX     65536
#define SAMPLE_RECORDS 40

struct sheet_csv {
    struct slice file; /* without the mark in front */
    struct sheet_text *text;
    struct slice window;
    struct buf field;
    int32_t line; /* the line of the next byte, from 1 */
    bool skip_first; /* "sep=;" */
};

static int next_byte(struct sheet_csv *c)
{
    if (c->window.n == 0) {
        c->window = sheet_text_next(c->text);
        if (c->window.n == 0)
            return -1;
    }

    unsigned char b = (unsigned char)c->window.p[0];

    c->window.p++;
    c->window.n--;
    return b;
}

static int peek_byte(struct sheet_csv *c)
{
    if (c->window.n == 0)
        c->window = sheet_text_next(c->text);
    return c->window.n == 0 ? -1 : (unsigned char)c->window.p[0];
}

/* --- the delimiter --- */

struct tally {
    int32_t seen[SHEET_COLUMNS_MAX]; /* records with so many delimiters */
};

/* Counts delimiters outside quotes in every complete record of the sample. */
static void tally_records(struct slice sample, bool whole, char delimiter, struct tally *t)
{
    bool quoted = false, start = true, any = false;
    size_t count = 0;
    int records = 0;

    for (size_t i = 0; i <= sample.n && records < SAMPLE_RECORDS; i++) {
        char c = i < sample.n ? sample.p[i] : '\n';

        if (i == sample.n && !whole)
            return;
        if (quoted) {
            quoted = c != '"';
        } else if (c == '"' && start) {
            quoted = any = true;
        } else if (c == '\n' || c == '\r') {
            if (any) {
                t->seen[count < SHEET_COLUMNS_MAX ? count : SHEET_COLUMNS_MAX - 1]++;
                records++;
            }
            count = 0;
            any = false;
            start = true;
            continue;
        } else if (c == delimiter) {
            count++;
            any = start = true;
            continue;
        } else {
            any = any || c != ' ';
        }
        start = false;
    }
}

/* Records that have the most frequent number of delimiters speak for it, those with another number against it; among equals the
 * delimiter that makes more columns. Titles have no commas in amounts, so a ';' that stands in the header too wins over those. */
static int64_t score_of(const struct tally *t)
{
    int64_t best = 0, others = 0;

    for (int i = 1; i < SHEET_COLUMNS_MAX; i++) {
        others += t->seen[i];
        if (t->seen[i] > 0 && t->seen[i] >= t->seen[best] * (best > 0))
            best = i;
    }
    if (best == 0)
        return 0;
    others -= t->seen[best];
    return ((int64_t)t->seen[best] * 2 - others) * 1000 + best;
}

static char guess_delimiter(struct slice sample, bool whole)
{
    static const char candidates[] = { ',', ';', '\t', '|' };
    int64_t best = 0;
    char found = ',';

    for (size_t i = 0; i < sizeof candidates; i++) {
        struct tally t = { { 0 } };
        int64_t score;

        tally_records(sample, whole, candidates[i], &t);
        score = score_of(&t);
        if (score > best) {
            best = score;
            found = candidates[i];
        }
    }
    return found;
}

/* The first line "sep=;" of Excel. */
static bool says_delimiter(struct slice sample, char *delimiter)
{
    if (sample.n < 5 || !slice_eq_nocase(slice_sub(sample, 0, 4), SLICE("sep=")))
        return false;
    if (sample.n > 5 && sample.p[5] != '\r' && sample.p[5] != '\n')
        return false;
    *delimiter = sample.p[4];
    return *delimiter != '"' && *delimiter != '\r' && *delimiter != '\n';
}

static int look(struct sheet *s)
{
    struct sheet_csv *c = s->csv;
    int32_t replaced = 0;
    struct slice part = slice_sub(c->file, 0, SAMPLE_MAX);
    struct sheet_text *t = sheet_text_new(part, s->about.encoding, &replaced);
    struct buf sample;

    if (t == NULL)
        return RC_NOMEM;
    buf_init(&sample, 4 * SAMPLE_MAX);
    for (struct slice w = sheet_text_next(t); w.n > 0; w = sheet_text_next(t))
        buf_put_slice(&sample, w);
    sheet_text_free(t);
    c->skip_first = says_delimiter(buf_slice(&sample), &s->about.delimiter);
    if (!c->skip_first)
        s->about.delimiter = guess_delimiter(buf_slice(&sample), part.n == c->file.n);

    bool failed = sample.failed;

    buf_release(&sample);
    return failed ? RC_NOMEM : RC_OK;
}

/* --- records --- */

/* A field in quotes, the opening one taken. False: the file ends inside. */
static bool take_quoted(struct sheet_csv *c)
{
    for (;;) {
        int b = next_byte(c);

        if (b < 0)
            return false;
        if (b == '"') {
            if (peek_byte(c) != '"')
                return true;
            (void)next_byte(c);
        }
        if (b == '\n')
            c->line++;
        if (c->field.n < SHEET_ROW_MAX) /* one byte over is enough to refuse it */
            buf_putc(&c->field, (char)b);
        else
            return false;
    }
}

enum field_end { FIELD_NEXT, FIELD_RECORD, FIELD_FILE, FIELD_OPEN, FIELD_LONG };

/* One field with its end taken. */
static enum field_end take_field(struct sheet_csv *c, char delimiter)
{
    buf_clear(&c->field);
    if (peek_byte(c) == '"') {
        (void)next_byte(c);
        if (!take_quoted(c))
            return c->field.n >= SHEET_ROW_MAX ? FIELD_LONG : FIELD_OPEN;
    }
    for (;;) {
        int b = next_byte(c);

        if (b < 0)
            return FIELD_FILE;
        if (b == (unsigned char)delimiter)
            return FIELD_NEXT;
        if (b == '\n' || b == '\r') {
            if (b == '\r' && peek_byte(c) == '\n')
                (void)next_byte(c);
            c->line++;
            return FIELD_RECORD;
        }
        if (c->field.n >= SHEET_ROW_MAX)
            return FIELD_LONG;
        buf_putc(&c->field, (char)b);
    }
}

/* ="0012" and '0012 are 0012. */
static struct slice plain(struct slice field)
{
    struct slice s = field;

    while (s.n > 0 && (unsigned char)s.p[0] <= ' ')
        s = slice_sub(s, 1, s.n);
    while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
        s = slice_sub(s, 0, s.n - 1);
    if (s.n >= 3 && s.p[0] == '=' && s.p[1] == '"' && s.p[s.n - 1] == '"')
        return slice_sub(s, 2, s.n - 3);
    if (s.n >= 2 && s.p[0] == '\'' && ((s.p[1] >= '0' && s.p[1] <= '9') || s.p[1] == '+' || s.p[1] == '-' || s.p[1] == '='))
        return slice_sub(s, 1, s.n);
    return field;
}

/* RC_OK: a record is in the line; *last when the file ends with it. */
static int take_record(struct sheet *s, bool *last)
{
    struct sheet_csv *c = s->csv;
    int32_t first = c->line;

    sheet_line_start(&s->line);
    for (size_t column = 0;; column++) {
        enum field_end end = take_field(c, s->about.delimiter);
        enum sheet_fault fault;

        if (end == FIELD_OPEN || end == FIELD_LONG)
            return sheet_fail(s, end == FIELD_OPEN ? SHEET_OPEN_QUOTE : SHEET_ROW_TOO_LONG, first);
        if (c->field.failed)
            return RC_NOMEM;
        fault = sheet_line_put(&s->line, column, SHEET_TEXT, plain(buf_slice(&c->field)), &s->about.replaced);
        if (fault != SHEET_FINE)
            return sheet_fail(s, fault, first);
        *last = end == FIELD_FILE;
        if (end != FIELD_NEXT)
            return RC_OK;
    }
}

int sheet_csv_next(struct sheet *s, struct sheet_row *row)
{
    struct sheet_csv *c = s->csv;

    for (bool last = false; !last;) {
        int32_t first = c->line;
        int rc;

        if (first > SHEET_ROWS_MAX)
            return sheet_fail(s, SHEET_TOO_MANY_ROWS, first);
        rc = take_record(s, &last);
        if (rc < 0)
            return rc;
        if (s->line.n == 0 || (first == 1 && c->skip_first))
            continue;
        sheet_line_done(&s->line, first, row);
        return SHEET_ROW;
    }
    return SHEET_END;
}

int sheet_csv_start(struct sheet *s)
{
    struct sheet_csv *c = s->csv;

    sheet_text_free(c->text);
    s->about.replaced = 0;
    c->text = sheet_text_new(c->file, s->about.encoding, &s->about.replaced);
    c->window = SLICE("");
    c->line = 1;
    return c->text == NULL ? RC_NOMEM : RC_OK;
}

int sheet_csv_open(struct sheet *s, struct slice file)
{
    struct sheet_csv *c = calloc(1, sizeof *c);
    size_t skip;

    if (c == NULL)
        return RC_NOMEM;
    s->csv = c;
    s->about.format = SHEET_CSV;
    s->about.sheets = 1;
    buf_init(&c->field, SHEET_ROW_MAX + 8);
    if (!sheet_guess_encoding(file, &s->about.encoding, &s->about.guessed, &skip))
        return sheet_fail(s, SHEET_NOT_A_SHEET, 0);
    c->file = slice_sub(file, skip, file.n);
    return look(s);
}

void sheet_csv_close(struct sheet_csv *c)
{
    if (c == NULL)
        return;
    sheet_text_free(c->text);
    buf_release(&c->field);
    free(c);
}
