/* Which encoding a text file has, and its bytes as UTF-8. Files of Vietnamese offices come as UTF-8, as UTF-16 ("Unicode text" of
 * Excel), as windows-1258 and, from old accounting programs, in TCVN3 (TCVN 5712). The last two share all byte values: they are told
 * apart by which one makes Vietnamese words. */
#include "sheet_private.h"

#include "khop/base/utf8.h"
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "khop/base/banned.h"

#define SAMPLE_MAX 65536
#define WINDOW     16384

struct sheet_text {
    struct slice rest;
    iconv_t cd; /* (iconv_t)-1: the bytes are UTF-8 already */
    size_t unit;
    bool flushed;
    int32_t *replaced;
    char out[WINDOW];
};

struct sheet_text *sheet_text_new(struct slice bytes, const char *encoding, int32_t *replaced)
{
    struct sheet_text *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->rest = bytes;
    t->replaced = replaced;
    t->cd = (iconv_t)-1;
    t->unit = slice_starts(slice_of(encoding), SLICE("UTF-16")) ? 2 : 1;
    if (slice_is(slice_of(encoding), "UTF-8"))
        return t;
    t->cd = iconv_open("UTF-8", encoding);
    if (t->cd == (iconv_t)-1) {
        free(t);
        return NULL;
    }
    return t;
}

void sheet_text_free(struct sheet_text *t)
{
    if (t == NULL)
        return;
    if (t->cd != (iconv_t)-1)
        (void)iconv_close(t->cd);
    free(t);
}

static struct slice convert(struct sheet_text *t)
{
    char *to = t->out;
    size_t room = sizeof t->out;

    while (t->rest.n > 0 && room > 16) {
        union {
            const char *in;
            char *iconv_in; /* iconv() does not change what it reads */
        } at = { .in = t->rest.p };
        size_t left = t->rest.n;
        size_t rc = iconv(t->cd, &at.iconv_in, &left, &to, &room);
        int why = errno;

        t->rest = (struct slice){ at.in, left };
        if (rc != (size_t)-1 || why == E2BIG)
            break;
        if (room <= 16)
            break;
        /* A sequence that means nothing, or half a one at the end. */
        to = memcpy(to, "\xef\xbf\xbd", 3);
        to += 3;
        room -= 3;
        (*t->replaced)++;
        t->rest = slice_sub(t->rest, t->unit < t->rest.n ? t->unit : t->rest.n, t->rest.n);
    }
    if (t->rest.n == 0 && !t->flushed && room > 16) {
        t->flushed = true;
        (void)iconv(t->cd, NULL, NULL, &to, &room);
    }
    return (struct slice){ t->out, (size_t)(to - t->out) };
}

struct slice sheet_text_next(struct sheet_text *t)
{
    struct slice all = t->rest;

    if (t->cd == (iconv_t)-1) {
        t->rest = slice_sub(t->rest, t->rest.n, 0);
        return all;
    }
    for (;;) {
        struct slice s = convert(t);

        if (s.n > 0 || (t->rest.n == 0 && t->flushed))
            return s;
    }
}

/* --- guessing --- */

static bool is_tone(utf8proc_int32_t mark)
{
    return mark == 0x300 || mark == 0x301 || mark == 0x303 || mark == 0x309 || mark == 0x323;
}

static bool is_shape(utf8proc_int32_t mark) /* of ă â ê ô ơ ư */
{
    return mark == 0x302 || mark == 0x306 || mark == 0x31b;
}

struct word {
    int letters, tones, foreign;
};

/* One character: its letter and marks, or something that no Vietnamese word has. */
static void weigh_point(uint32_t point, struct word *w)
{
    utf8proc_int32_t parts[8] = { 0 };
    int boundary = 0;
    utf8proc_ssize_t n;

    if (point == 0x110 || point == 0x111) {
        w->letters++;
        return;
    }
    n = utf8proc_decompose_char((utf8proc_int32_t)point, parts, 8, UTF8PROC_DECOMPOSE, &boundary);
    for (utf8proc_ssize_t i = 0; i < n && i < 8; i++) {
        if (is_tone(parts[i]))
            w->tones++;
        else if (!is_shape(parts[i]) && parts[i] >= 0x80)
            w->foreign++;
        else
            w->letters++;
    }
}

/* Words that could be Vietnamese, less those that cannot: a syllable has at most one tone, and no sign of commerce inside. */
static int64_t weigh(struct slice text)
{
    int64_t score = 0;
    struct word w = { 0 };
    bool special = false; /* it has something besides ASCII */

    for (;;) {
        uint32_t point = 0;
        size_t n = utf8_next(text, &point);
        bool letter = n > 1 || (n == 1 && ((point | 0x20) >= 'a' && (point | 0x20) <= 'z'));

        if (letter) {
            special = special || n > 1;
            weigh_point(point, &w);
        } else {
            if (special)
                score += w.tones <= 1 && w.foreign == 0 && w.letters <= 12 ? 1 : -2;
            w = (struct word){ 0 };
            special = false;
        }
        if (text.n == 0)
            return score;
        text = slice_sub(text, n == 0 ? 1 : n, text.n);
    }
}

static int64_t weigh_as(struct slice sample, const char *encoding)
{
    int32_t replaced = 0;
    struct sheet_text *t = sheet_text_new(sample, encoding, &replaced);
    int64_t score = 0;

    if (t == NULL)
        return INT64_MIN;
    for (struct slice s = sheet_text_next(t); s.n > 0; s = sheet_text_next(t))
        score += weigh(s);
    sheet_text_free(t);
    return score - 2 * (int64_t)replaced;
}

/* UTF-16 without a mark: every other byte of its ASCII is zero. */
static const char *guess_wide(struct slice sample)
{
    size_t zeros[2] = { 0, 0 }, pairs = sample.n / 2;

    for (size_t i = 0; i < sample.n; i++)
        zeros[i % 2] += sample.p[i] == '\0';
    if (pairs < 4)
        return NULL;
    if (zeros[1] > pairs * 4 / 10 && zeros[0] < pairs / 20)
        return "UTF-16LE";
    if (zeros[0] > pairs * 4 / 10 && zeros[1] < pairs / 20)
        return "UTF-16BE";
    return NULL;
}

/* Mostly UTF-8 with a broken place or two (a program cut a text in a letter) is still UTF-8. */
static bool mostly_utf8(struct slice s)
{
    size_t good = 0, bad = 0;

    while (s.n > 0) {
        uint32_t point = 0;
        size_t n = utf8_next(s, &point);

        good += n > 1;
        bad += n == 0;
        s = slice_sub(s, n == 0 ? 1 : n, s.n);
    }
    return bad == 0 || good / 50 >= bad;
}

bool sheet_guess_encoding(struct slice file, const char **encoding, bool *guessed, size_t *skip)
{
    struct slice sample = slice_sub(file, 0, SAMPLE_MAX);

    *guessed = false;
    *skip = 0;
    if (slice_starts(file, (struct slice){ "\xef\xbb\xbf", 3 })) {
        *skip = 3;
        *encoding = "UTF-8";
    } else if (slice_starts(file, (struct slice){ "\xff\xfe", 2 })) {
        *skip = 2;
        *encoding = "UTF-16LE";
    } else if (slice_starts(file, (struct slice){ "\xfe\xff", 2 })) {
        *skip = 2;
        *encoding = "UTF-16BE";
    } else if ((*encoding = guess_wide(sample)) != NULL) {
        *guessed = true;
    } else if (memchr(file.p, '\0', file.n) != NULL) {
        return false;
    } else if (mostly_utf8(file)) {
        *encoding = "UTF-8";
    } else {
        int64_t windows = weigh_as(sample, "WINDOWS-1258"), tcvn = weigh_as(sample, "TCVN5712-1");

        *encoding = tcvn > windows ? "TCVN5712-1" : "WINDOWS-1258";
        *guessed = true;
    }
    return true;
}
