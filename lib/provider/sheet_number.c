/* Numbers of XLSX as decimal text, and the dates that it keeps as numbers of days. Whole-number arithmetic only. */
#include "sheet_private.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"

#include "khop/base/banned.h"

#define DIGITS_MAX   40
#define DIGITS_SHOWN 15 /* what the program itself keeps */
#define DAY_S        86400
#define DAYS_MAX     2958465 /* 9999-12-31 */

struct decimal {
    bool negative;
    size_t n;     /* digits */
    int point;    /* how many of them stand before the point; may be negative or over n */
    char digit[DIGITS_MAX + 2];
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits of "12.50" or "1.25"; leading zeros are dropped. */
static struct slice take_digits(struct slice s, struct decimal *d, bool *any, bool *over)
{
    bool after = false;

    for (; s.n > 0 && (is_digit(s.p[0]) || (s.p[0] == '.' && !after)); s.p++, s.n--) {
        if (s.p[0] == '.') {
            after = true;
            continue;
        }
        *any = true;
        if (d->n == 0 && s.p[0] == '0') {
            d->point -= after;
            continue;
        }
        if (d->n < DIGITS_MAX)
            d->digit[d->n++] = s.p[0];
        else
            *over = *over || !after;
        d->point += !after;
    }
    return s;
}

static int take_exponent(struct slice s, int *exponent)
{
    int64_t v;

    *exponent = 0;
    if (s.n == 0)
        return RC_OK;
    if ((s.p[0] | 0x20) != 'e')
        return RC_BAD_INPUT;
    s = slice_sub(s, 1, s.n);
    if (s.n > 0 && s.p[0] == '+')
        s = slice_sub(s, 1, s.n);
    if (num_parse_signed(s, -400, 400, &v) < 0 && num_parse(s, 0, 400, true, &v) < 0)
        return RC_BAD_INPUT;
    *exponent = (int)v;
    return RC_OK;
}

static int parse(struct slice raw, struct decimal *d)
{
    bool any = false, over = false;
    int exponent;

    *d = (struct decimal){ 0 };
    raw = slice_trim(raw);
    if (raw.n > 0 && (raw.p[0] == '-' || raw.p[0] == '+')) {
        d->negative = raw.p[0] == '-';
        raw = slice_sub(raw, 1, raw.n);
    }
    raw = take_digits(raw, d, &any, &over);
    if (!any || over || take_exponent(raw, &exponent) < 0)
        return RC_BAD_INPUT;
    d->point += exponent;
    return d->point > DIGITS_MAX || d->point < -DIGITS_MAX ? RC_BAD_INPUT : RC_OK;
}

static void drop_zeros(struct decimal *d)
{
    while (d->n > 0 && d->digit[d->n - 1] == '0')
        d->n--;
    if (d->n == 0) {
        d->point = 0;
        d->negative = false;
    }
}

/* Half up in the last digit that stays. */
static void round_to(struct decimal *d, size_t n)
{
    bool up;

    if (d->n <= n)
        return;
    up = d->digit[n] >= '5';
    d->n = n;
    while (up && d->n > 0) {
        up = d->digit[d->n - 1] == '9';
        if (up)
            d->n--;
        else
            d->digit[d->n - 1]++;
    }
    if (up) { /* 999… became 1000… */
        d->digit[0] = '1';
        d->n = 1;
        d->point++;
    }
}

int sheet_decimal(struct slice raw, struct buf *out)
{
    struct decimal d;

    if (parse(raw, &d) < 0)
        return RC_BAD_INPUT;
    drop_zeros(&d);
    if (d.point < (int)d.n)
        round_to(&d, DIGITS_SHOWN);
    drop_zeros(&d);
    if (d.negative)
        buf_putc(out, '-');
    if (d.point <= 0)
        buf_putc(out, '0');
    for (int i = 0; i < d.point; i++)
        buf_putc(out, (size_t)i < d.n ? d.digit[i] : '0');
    if (d.point < (int)d.n) {
        buf_putc(out, '.');
        for (int i = d.point; i < 0; i++)
            buf_putc(out, '0');
        for (size_t i = d.point < 0 ? 0 : (size_t)d.point; i < d.n; i++)
            buf_putc(out, d.digit[i]);
    }
    return out->failed ? RC_NOMEM : RC_OK;
}

/* --- dates --- */

/* Seconds of a fraction of a day, rounded: nine digits of the fraction are a ten-thousandth of a second. */
static int32_t seconds_of(struct slice fraction)
{
    int64_t v = 0, scale = 1;

    for (size_t i = 0; i < fraction.n && i < 9; i++) {
        v = v * 10 + (fraction.p[i] - '0');
        scale *= 10;
    }
    return (int32_t)((v * DAY_S + scale / 2) / scale);
}

/* Whole days and seconds of a plain decimal. */
static int split(struct slice decimal, int64_t *days, int32_t *seconds)
{
    struct slice rest = decimal, whole = slice_cut(&rest, '.');

    if (num_parse(whole, 0, DAYS_MAX, true, days) < 0)
        return RC_BAD_INPUT;
    *seconds = seconds_of(rest);
    if (*seconds == DAY_S) {
        *seconds = 0;
        (*days)++;
    }
    return RC_OK;
}

/* The program believes that 1900 was a leap year: day 60 does not exist, and days before it are one later. */
static int32_t unix_day(int64_t serial, bool since_1904)
{
    if (since_1904)
        return (int32_t)(serial - 24107);
    return (int32_t)(serial - 25569 + (serial < 60 ? 1 : 0));
}

int sheet_serial_moment(struct slice decimal, bool since_1904, struct sheet_moment *out)
{
    int64_t days;

    *out = (struct sheet_moment){ 0 };
    if (split(decimal, &days, &out->second) < 0 || days > DAYS_MAX)
        return RC_BAD_INPUT;
    out->day = unix_day(days, since_1904);
    out->has_time = out->second != 0;
    return RC_OK;
}

/* Year, month and day of a day before or after 1970 (Howard Hinnant's civil_from_days). */
static void put_day(struct buf *out, int32_t day)
{
    int64_t z = (int64_t)day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int d = (int)(doy - (153 * mp + 2) / 5 + 1), m = (int)(mp < 10 ? mp + 3 : mp - 9);

    buf_printf(out, "%04d-%02d-%02d", (int)(yoe + era * 400 + (m <= 2)), m, d);
}

int sheet_serial(struct slice decimal, bool since_1904, struct buf *out)
{
    struct sheet_moment at;
    int64_t days;

    if (split(decimal, &days, &at.second) < 0 || sheet_serial_moment(decimal, since_1904, &at) < 0)
        return RC_BAD_INPUT;
    if (days > 0 || since_1904)
        put_day(out, at.day);
    if (at.has_time || (days == 0 && !since_1904))
        buf_printf(out, "%s%02d:%02d:%02d", days > 0 || since_1904 ? " " : "", at.second / 3600, at.second / 60 % 60, at.second % 60);
    return out->failed ? RC_NOMEM : RC_OK;
}

bool sheet_format_id_is_date(int64_t id)
{
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/* A format is of a date when its first section has a letter of one outside quotes, escapes and brackets ("[Red]"; "[h]" counts). */
bool sheet_format_is_date(struct slice code)
{
    for (size_t i = 0; i < code.n && code.p[i] != ';'; i++) {
        char c = code.p[i];

        if (c == '"') {
            while (i + 1 < code.n && code.p[++i] != '"')
                ;
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else if (c == '[') {
            char in = i + 1 < code.n ? (char)(code.p[i + 1] | 0x20) : ' ';
            char behind = i + 2 < code.n ? (char)(code.p[i + 2] | 0x20) : ' ';

            if ((in == 'h' || in == 'm' || in == 's') && (behind == (']' | 0x20) || behind == in))
                return true;
            while (i + 1 < code.n && code.p[++i] != ']')
                ;
        } else if ((c | 0x20) == 'y' || (c | 0x20) == 'd' || (c | 0x20) == 'h' || (c | 0x20) == 'm' || (c | 0x20) == 's') {
            return true;
        } else if ((c | 0x20) == 'g') { /* General */
            i += 6;
        }
    }
    return false;
}
