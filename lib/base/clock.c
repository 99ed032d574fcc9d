/* The proleptic Gregorian calendar counted in eras of 400 years (146,097 days), in years that begin on 1 March so that
 * the leap day is the last one. */
#include "khop/base/clock.h"
#include <assert.h>
#include <time.h>
#include "khop/base/banned.h"

#define DAY_S 86400

static int64_t read_us(clockid_t id)
{
    struct timespec ts;
    int rc = clock_gettime(id, &ts);

    assert(rc == 0);
    return (int64_t)ts.tv_sec * CLOCK_US + ts.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
    return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_wall_us(void)
{
    return read_us(CLOCK_REALTIME);
}

int64_t clock_thread_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static void date_of_day(int64_t day, int *year, int *month, int *mday)
{
    int64_t z = day + 719468; /* days since 0000-03-01 */
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t m = (5 * doy + 2) / 153; /* 0 = March */

    *mday = (int)(doy - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

static int64_t day_of_date(int year, int month, int mday)
{
    int64_t y = year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + mday - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct civil clock_civil(int64_t us, int offset_s)
{
    int64_t seconds = floor_div(us, CLOCK_US) + offset_s;
    int64_t day = floor_div(seconds, DAY_S);
    int left = (int)(seconds - day * DAY_S);
    struct civil c = {
        .hour = left / 3600,
        .minute = left / 60 % 60,
        .second = left % 60,
        .micro = (int)(us - floor_div(us, CLOCK_US) * CLOCK_US),
    };

    date_of_day(day, &c.year, &c.month, &c.day);
    return c;
}

static int month_days(int year, int month)
{
    static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

int clock_from_civil(const struct civil *c, int offset_s, int64_t *us)
{
    if (c->year < 1970 || c->year > 9999 || c->month < 1 || c->month > 12)
        return RC_BAD_INPUT;
    if (c->day < 1 || c->day > month_days(c->year, c->month))
        return RC_BAD_INPUT;
    if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 || c->second < 0 || c->second > 59)
        return RC_BAD_INPUT;
    if (c->micro < 0 || c->micro >= CLOCK_US)
        return RC_BAD_INPUT;

    int64_t seconds = day_of_date(c->year, c->month, c->day) * DAY_S + c->hour * 3600 + c->minute * 60 + c->second;

    *us = (seconds - offset_s) * CLOCK_US + c->micro;
    return RC_OK;
}

int32_t clock_day(int64_t us, int offset_s)
{
    return (int32_t)floor_div(floor_div(us, CLOCK_US) + offset_s, DAY_S);
}

/* `digits` decimal digits at `at`; returns what is behind them. */
static char *put_digits(char *at, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + digits;
}

/* A year that four digits cannot write becomes 0000-00-00, which no parser takes for a date. */
static char *put_date(char *at, int year, int month, int day)
{
    if (year < 0 || year > 9999)
        year = month = day = 0;
    at = put_digits(at, year, 4);
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    return put_digits(at, day, 2);
}

void clock_date_text(char out[CLOCK_DATE_SIZE], int32_t day)
{
    int year, month, mday;

    date_of_day(day, &year, &month, &mday);
    *put_date(out, year, month, mday) = '\0';
}

void clock_rfc3339(char out[CLOCK_RFC3339_SIZE], int64_t us, int offset_s)
{
    struct civil c = clock_civil(us, offset_s);
    int zone = (offset_s < 0 ? -offset_s : offset_s) / 60;
    char *at = put_date(out, c.year, c.month, c.day);

    *at++ = 'T';
    at = put_digits(at, c.hour, 2);
    *at++ = ':';
    at = put_digits(at, c.minute, 2);
    *at++ = ':';
    at = put_digits(at, c.second, 2);
    if (c.micro != 0) {
        *at++ = '.';
        at = put_digits(at, c.micro, 6);
    }
    *at++ = offset_s < 0 ? '-' : '+';
    at = put_digits(at, zone / 60, 2);
    *at++ = ':';
    at = put_digits(at, zone % 60, 2);
    *at = '\0';
}
