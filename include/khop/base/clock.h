/* Time. Monotonic milliseconds for deadlines, wall-clock microseconds since 1970 for records. Only the edge asks the
 * clock; everything that decides takes time as a parameter. The zone is Asia/Ho_Chi_Minh, +07:00 without summer time. */
#ifndef KHOP_BASE_CLOCK_H
#define KHOP_BASE_CLOCK_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdint.h>

#define CLOCK_VN_OFFSET_S (7 * 3600)
#define CLOCK_DAY_LAST    2932896 /* 9999-12-31 */
#define CLOCK_US          INT64_C(1000000)

int64_t clock_mono_ms(void);
int64_t clock_wall_us(void);
int64_t clock_thread_us(void); /* processor time of the calling thread */

struct civil {
    int year, month, day, hour, minute, second; /* month 1–12 */
    int micro;
};

/* Calendar fields of an instant in a zone of `offset_s` seconds east of UTC, and back. Years 1970–9999. */
struct civil clock_civil(int64_t us, int offset_s);
int clock_from_civil(const struct civil *c, int offset_s, int64_t *us) RC_MUST; /* RC_BAD_INPUT: no such date */
/* Days since 1970-01-01 of the instant's local date; text of such a day ("0000-00-00", which is no date, when its year has
 * more than four digits). */
int32_t clock_day(int64_t us, int offset_s);
#define CLOCK_DATE_SIZE 11
void clock_date_text(char out[CLOCK_DATE_SIZE], int32_t day);
int clock_parse_date(struct slice s, int32_t *day) RC_MUST; /* YYYY-MM-DD */

/* "2026-11-20T08:03:11+07:00", microseconds only when not zero. */
#define CLOCK_RFC3339_SIZE 36
void clock_rfc3339(char out[CLOCK_RFC3339_SIZE], int64_t us, int offset_s);
/* Upper-case T and Z; one to nine digits of a fraction, of which six count; no leap second. */
int clock_parse_rfc3339(struct slice s, int64_t *us) RC_MUST;
/* "YYYY-MM-DD HH:MM:SS" as providers send it, taken as +07:00; also with 'T', and with an offset or Z behind. */
int clock_parse_local(struct slice s, int64_t *us) RC_MUST;

#endif
