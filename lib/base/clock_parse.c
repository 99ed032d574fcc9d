/* Times as text. One grammar: date, 'T' or ' ', time, up to nine digits of a fraction, zone. */
#include "khop/base/clock.h"
#include "khop/base/rd.h"
#include "khop/base/banned.h"

/* Exactly `digits` decimal digits. */
static int take_digits(struct rd *r, size_t digits)
{
    struct slice s = rd_take(r, digits);
    int v = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            r->rc = RC_BAD_INPUT;
            return 0;
        }
        v = v * 10 + (s.p[i] - '0');
    }
    return v;
}

static void take_date(struct rd *r, struct civil *c)
{
    c->year = take_digits(r, 4);
    rd_expect(r, SLICE("-"));
    c->month = take_digits(r, 2);
    rd_expect(r, SLICE("-"));
    c->day = take_digits(r, 2);
}

/* Microseconds of ".1" … ".123456789"; what is finer is dropped. */
static int take_fraction(struct rd *r)
{
    int micro = 0, digits = 0;

    if (rd_peek(r) != '.')
        return 0;
    rd_take(r, 1);
    while (rd_peek(r) >= '0' && rd_peek(r) <= '9') {
        int d = take_digits(r, 1);

        if (digits < 6)
            micro = micro * 10 + d;
        digits++;
    }
    if (digits == 0 || digits > 9)
        r->rc = RC_BAD_INPUT;
    for (; digits < 6; digits++)
        micro *= 10;
    return micro;
}

static void take_time(struct rd *r, struct civil *c)
{
    c->hour = take_digits(r, 2);
    rd_expect(r, SLICE(":"));
    c->minute = take_digits(r, 2);
    rd_expect(r, SLICE(":"));
    c->second = take_digits(r, 2);
    c->micro = take_fraction(r);
}

/* "Z" or "+07:00", in seconds east. */
static int take_zone(struct rd *r)
{
    int sign = rd_peek(r);

    rd_take(r, 1);
    if (sign == 'Z')
        return 0;

    int hours = take_digits(r, 2);

    rd_expect(r, SLICE(":"));

    int minutes = take_digits(r, 2);

    if ((sign != '+' && sign != '-') || hours > 23 || minutes > 59)
        r->rc = RC_BAD_INPUT;
    return (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

static int finish(struct rd *r, const struct civil *c, int offset_s, int64_t *us)
{
    int64_t at = 0;
    int rc;

    rd_end(r);
    rc = r->rc != RC_OK ? r->rc : clock_from_civil(c, offset_s, &at);
    if (rc == RC_OK && clock_day(at, CLOCK_VN_OFFSET_S) > CLOCK_DAY_LAST)
        rc = RC_BAD_INPUT; /* with five digits to its year in Vietnam it could be neither written nor booked */
    if (rc == RC_OK)
        *us = at;
    return rc;
}

int clock_parse_date(struct slice s, int32_t *day)
{
    struct rd r = rd_of(s);
    struct civil c = { 0 };
    int64_t us;

    take_date(&r, &c);

    int rc = finish(&r, &c, 0, &us);

    if (rc == RC_OK)
        *day = clock_day(us, 0);
    return rc;
}

int clock_parse_rfc3339(struct slice s, int64_t *us)
{
    struct rd r = rd_of(s);
    struct civil c = { 0 };

    take_date(&r, &c);
    rd_expect(&r, SLICE("T"));
    take_time(&r, &c);
    return finish(&r, &c, take_zone(&r), us);
}

int clock_parse_local(struct slice s, int64_t *us)
{
    struct rd r = rd_of(s);
    struct civil c = { 0 };
    int offset_s = CLOCK_VN_OFFSET_S;

    take_date(&r, &c);
    rd_expect(&r, rd_peek(&r) == 'T' ? SLICE("T") : SLICE(" "));
    take_time(&r, &c);
    if (rd_left(&r) > 0)
        offset_s = take_zone(&r);
    return finish(&r, &c, offset_s, us);
}
