/* Amounts, dates and times as people write them into cells. */
#include "sheet_private.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"
#include "khop/base/rd.h"
#include <stdio.h>

#include "khop/base/banned.h"

#define AMOUNT_CHARS_MAX 40
#define YEAR_MIN         1900
#define YEAR_MAX         2199

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- amounts --- */

/* Takes a suffix or prefix off, without case; also the blanks beside it. */
static bool strip(struct slice *s, struct slice word)
{
    if (s->n >= word.n && slice_eq_nocase(slice_sub(*s, s->n - word.n, word.n), word))
        *s = slice_sub(*s, 0, s->n - word.n);
    else if (s->n >= word.n && slice_eq_nocase(slice_sub(*s, 0, word.n), word))
        *s = slice_sub(*s, word.n, s->n);
    else
        return false;
    *s = slice_trim(*s);
    return true;
}

static void strip_currency(struct slice *s)
{
    static const struct slice words[] = { SLICE_INIT("vnđ"), SLICE_INIT("vnd"), SLICE_INIT("VNĐ"), SLICE_INIT("đồng"), SLICE_INIT("dong"),
                                          SLICE_INIT("đ"),   SLICE_INIT("Đ"),   SLICE_INIT("₫"),   SLICE_INIT("d") };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strip(s, words[i]))
            return;
    }
}

/* One sign: in front, behind, or brackets around. */
static bool strip_sign(struct slice *s)
{
    bool negative = false;

    if (s->n >= 2 && s->p[0] == '(' && s->p[s->n - 1] == ')') {
        *s = slice_trim(slice_sub(*s, 1, s->n - 2));
        return true;
    }
    if (s->n > 3 && slice_starts(*s, SLICE("\xe2\x88\x92"))) { /* U+2212 */
        *s = slice_trim(slice_sub(*s, 3, s->n));
        return true;
    }
    if (s->n > 1 && (s->p[0] == '-' || s->p[0] == '+')) {
        negative = s->p[0] == '-';
        *s = slice_trim(slice_sub(*s, 1, s->n));
    } else if (s->n > 1 && (s->p[s->n - 1] == '-' || s->p[s->n - 1] == '+')) {
        negative = s->p[s->n - 1] == '-';
        *s = slice_trim(slice_sub(*s, 0, s->n - 1));
    }
    return negative;
}

/* Groups of three behind `sep`, the first one of one to three; *rest is what is behind the last group. */
static bool grouped(struct slice s, char sep, struct slice *rest)
{
    size_t i = 0;

    while (i < s.n && is_digit(s.p[i]))
        i++;
    if (i == 0 || i > 3 || i == s.n || s.p[i] != sep)
        return false;
    while (i < s.n && s.p[i] == sep) {
        size_t digits = 0;

        while (i + 1 + digits < s.n && is_digit(s.p[i + 1 + digits]))
            digits++;
        if (digits != 3)
            break;
        i += 4;
    }
    *rest = slice_sub(s, i, s.n);
    return i > 3;
}

static bool zero_fraction(struct slice rest)
{
    if (rest.n == 0)
        return true;
    if ((rest.p[0] != '.' && rest.p[0] != ',') || rest.n < 2)
        return false;
    for (size_t i = 1; i < rest.n; i++) {
        if (rest.p[i] != '0')
            return false;
    }
    return true;
}

/* The digits of s without its grouping. */
static int digits_of(struct slice s, bool plain, char out[AMOUNT_CHARS_MAX], size_t *n)
{
    static const char separators[] = { '.', ',', ' ', '\'' };
    struct slice rest = s, head;
    bool found = false;

    for (size_t i = 0; i < sizeof separators && !found && !plain; i++)
        found = grouped(s, separators[i], &rest);
    if (!found) {
        size_t i = 0;

        while (i < s.n && is_digit(s.p[i]))
            i++;
        rest = slice_sub(s, i, s.n);
    }
    head = slice_sub(s, 0, s.n - rest.n);
    if (head.n == 0 || !zero_fraction(rest))
        return RC_BAD_INPUT;
    *n = 0;
    for (size_t i = 0; i < head.n; i++) {
        if (!is_digit(head.p[i]))
            continue;
        if (*n == AMOUNT_CHARS_MAX)
            return RC_TOO_LARGE;
        out[(*n)++] = head.p[i];
    }
    return RC_OK;
}

int sheet_amount(struct sheet_cell cell, int64_t *out)
{
    struct slice s = slice_trim(cell.text);
    char digits[AMOUNT_CHARS_MAX];
    size_t n = 0, zeros = 0;
    bool negative;
    int rc;

    if (s.n == 0 || s.n > AMOUNT_CHARS_MAX || (cell.kind != SHEET_TEXT && cell.kind != SHEET_NUMBER))
        return s.n > AMOUNT_CHARS_MAX ? RC_TOO_LARGE : RC_BAD_INPUT;
    if (cell.kind == SHEET_TEXT)
        strip_currency(&s);
    negative = strip_sign(&s);
    if (cell.kind == SHEET_TEXT)
        strip_currency(&s);
    rc = digits_of(s, cell.kind == SHEET_NUMBER, digits, &n);
    if (rc < 0)
        return rc;
    while (zeros + 1 < n && digits[zeros] == '0')
        zeros++;
    if (n - zeros > 15) /* a thousand times all the money there is */
        return RC_TOO_LARGE;
    rc = num_parse((struct slice){ digits + zeros, n - zeros }, 0, INT64_C(999999999999999), true, out);
    if (rc >= 0 && negative)
        *out = -*out;
    return rc;
}

/* --- times and dates --- */

/* One or two digits. */
static int take_short(struct rd *r, int max)
{
    int v = 0, n = 0;

    while (n < 2 && rd_peek(r) >= '0' && rd_peek(r) <= '9') {
        v = v * 10 + (rd_peek(r) - '0');
        (void)rd_take(r, 1);
        n++;
    }
    if (n == 0 || v > max)
        r->rc = RC_BAD_INPUT;
    return v;
}

static bool skip_one(struct rd *r, const char *of)
{
    int c = rd_peek(r);

    if (c <= 0 || strchr(of, c) == NULL)
        return false;
    (void)rd_take(r, 1);
    return true;
}

/* "8:03", "08:03:11", "08:03:11.123", "8h03", "08:03 PM"; takes all that is left. */
static int32_t take_time(struct rd *r)
{
    int hour = take_short(r, 24), minute, second = 0;

    if (!skip_one(r, ":hH."))
        r->rc = RC_BAD_INPUT;
    minute = take_short(r, 59);
    if (skip_one(r, ":m."))
        second = take_short(r, 59);
    if (skip_one(r, ".,")) {
        while (rd_peek(r) >= '0' && rd_peek(r) <= '9')
            (void)rd_take(r, 1);
    }
    (void)skip_one(r, " ");
    if (rd_left(r) == 2 && (r->p[1] | 0x20) == 'm' && hour <= 12) {
        int half = rd_peek(r) | 0x20;

        if (half != 'a' && half != 'p')
            r->rc = RC_BAD_INPUT;
        hour = hour % 12 + (half == 'p' ? 12 : 0);
        (void)rd_take(r, 2);
    }
    (void)skip_one(r, "Z");
    rd_end(r);
    if (hour == 24)
        r->rc = RC_BAD_INPUT;
    return hour * 3600 + minute * 60 + second;
}

int sheet_time(struct sheet_cell cell, int32_t *second)
{
    struct slice s = slice_trim(cell.text), rest = s;

    if (cell.kind == SHEET_DATE && s.n == 19) /* a date before it, which another column has too */
        s = slice_sub(s, 11, 8);
    if (cell.kind == SHEET_NUMBER && slice_starts(s, SLICE("0."))) {
        struct sheet_moment at;

        if (sheet_serial_moment(rest, false, &at) < 0)
            return RC_BAD_INPUT;
        *second = at.second;
        return RC_OK;
    }

    struct rd r = rd_of(s);

    *second = take_time(&r);
    return r.rc;
}

static int month_by_name(struct slice s)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

    for (int i = 0; i < 12 && s.n >= 3; i++) {
        if (slice_eq_nocase(slice_sub(s, 0, 3), (struct slice){ names + i * 3, 3 }))
            return i + 1;
    }
    return 0;
}

/* A number, or the name of a month; *digits is how many it had. */
static int take_part(struct rd *r, size_t *digits)
{
    struct slice left = { r->p, rd_left(r) };
    int v = 0;

    *digits = 0;
    while (*digits < left.n && is_digit(left.p[*digits]) && *digits < 8) {
        v = v * 10 + (left.p[*digits] - '0');
        (*digits)++;
    }
    if (*digits > 0) {
        (void)rd_take(r, *digits);
        return v;
    }
    v = month_by_name(left);
    if (v == 0) {
        r->rc = RC_BAD_INPUT;
        return 0;
    }
    size_t n = 3;

    while (n < left.n && ((left.p[n] | 0x20) >= 'a' && (left.p[n] | 0x20) <= 'z'))
        n++;
    (void)rd_take(r, n);
    *digits = 3; /* says: a month by its name */
    return v;
}

static int year_of(int v, size_t digits)
{
    if (digits == 4)
        return v;
    return digits == 2 ? 2000 + v : 0;
}

static int take_date(struct rd *r, enum sheet_date_form form, struct civil *c)
{
    size_t n1, n2 = 0, n3 = 0;
    int a = take_part(r, &n1), b, d;

    if (n1 == 8) {
        *c = (struct civil){ .year = a / 10000, .month = a / 100 % 100, .day = a % 100 };
        return r->rc;
    }
    if (!skip_one(r, "/-. "))
        return RC_BAD_INPUT;
    b = take_part(r, &n2);
    if (!skip_one(r, "/-. "))
        return RC_BAD_INPUT;
    d = take_part(r, &n3);
    if (r->rc < 0)
        return r->rc;
    if (n1 == 4)
        *c = (struct civil){ .year = a, .month = b, .day = d };
    else if (n2 == 3 || form == SHEET_DAY_FIRST)
        *c = (struct civil){ .year = year_of(d, n3), .month = b, .day = a };
    else
        *c = (struct civil){ .year = year_of(d, n3), .month = a, .day = b };
    return n1 > 4 || (n1 == 3) || n2 > 3 || n3 == 3 || n3 > 4 ? RC_BAD_INPUT : RC_OK;
}

static int day_of(const struct civil *c, int32_t *day)
{
    char text[16];

    if (c->year < YEAR_MIN || c->year > YEAR_MAX || c->month < 1 || c->month > 12 || c->day < 1 || c->day > 31)
        return RC_BAD_INPUT;
    if (c->year >= 1970) {
        (void)snprintf(text, sizeof text, "%04d-%02d-%02d", c->year, c->month, c->day);
        return clock_parse_date(slice_of(text), day);
    }
    /* Births before 1970: the calendar repeats after 400 years, which have 146,097 days. */
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", c->year + 400, c->month, c->day);
    if (clock_parse_date(slice_of(text), day) < 0)
        return RC_BAD_INPUT;
    *day -= 146097;
    return RC_OK;
}

int sheet_date(struct sheet_cell cell, enum sheet_date_form form, struct sheet_moment *out)
{
    struct slice s = slice_trim(cell.text);
    struct rd r = rd_of(s);
    struct civil c = { 0 };

    *out = (struct sheet_moment){ 0 };
    if (s.n == 0 || s.n > 64)
        return RC_BAD_INPUT;
    if (cell.kind == SHEET_NUMBER && (s.n != 8 || memchr(s.p, '.', s.n) != NULL))
        return s.n >= 5 && sheet_serial_moment(s, false, out) == RC_OK && out->day > -25567 && out->day < 84371 ? RC_OK : RC_BAD_INPUT;
    if (take_date(&r, form, &c) < 0 || day_of(&c, &out->day) < 0)
        return RC_BAD_INPUT;
    if (rd_left(&r) == 0)
        return RC_OK;
    if (!skip_one(&r, " T,"))
        return RC_BAD_INPUT;
    while (skip_one(&r, " -"))
        ;
    out->second = take_time(&r);
    out->has_time = true;
    return r.rc;
}
