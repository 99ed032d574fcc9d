/* Which way the dates of a table are read: day/month or month/day. The whole file decides, never one row. */
#include "statement_private.h"

#include "khop/base/banned.h"

#define MOVES_MIN 2 /* from day to day: fewer fit both ways too often */

static void move(struct statement_dates_way *w, int32_t day)
{
    w->up += w->any && day > w->day;
    w->down += w->any && day < w->day;
    w->any = true;
    w->day = day;
}

static bool in_order(const struct statement_dates_way *w)
{
    return w->up == 0 || w->down == 0;
}

void statement_dates_see(struct statement_dates_seen *seen, struct sheet_cell cell, int32_t row, bool booked)
{
    struct sheet_moment day_first, month_first;
    bool a = sheet_date(cell, SHEET_DAY_FIRST, &day_first) == RC_OK, b = sheet_date(cell, SHEET_MONTH_FIRST, &month_first) == RC_OK;
    struct slice text = slice_trim(cell.text);

    seen->day_only += a && !b;
    seen->month_only += b && !a;
    if (!a || !b)
        return;
    if (day_first.day != month_first.day && seen->both++ == 0) {
        seen->row = row;
        seen->day_first = day_first.day;
        seen->month_first = month_first.day;
        text = slice_sub(text, 0, sizeof seen->written - 1);
        memcpy(seen->written, text.p, text.n);
    }
    if (booked) {
        move(&seen->way[SHEET_DAY_FIRST], day_first.day);
        move(&seen->way[SHEET_MONTH_FIRST], month_first.day);
    }
}

enum sheet_date_form statement_dates_decide(const struct statement_dates_seen *seen, bool bank_known, struct statement_dates *out)
{
    const struct statement_dates_way *d = &seen->way[SHEET_DAY_FIRST], *m = &seen->way[SHEET_MONTH_FIRST];
    bool month_in_order = in_order(m) && m->up + m->down >= MOVES_MIN, month = false;
    enum statement_dates_by by = STATEMENT_DATES_GUESS;

    if (seen->day_only > 0) {
        by = STATEMENT_DATES_DAY;
    } else if (seen->month_only > 0 && (!bank_known || in_order(m))) { /* a slip in one row of a bank's own file stays a fault of that row */
        by = STATEMENT_DATES_DAY;
        month = true;
    } else if (bank_known) {
        by = STATEMENT_DATES_BANK; /* every bank here writes the day first */
    } else if (in_order(d) != in_order(m) && (in_order(d) || month_in_order)) {
        by = STATEMENT_DATES_ORDER;
        month = !in_order(d);
    }
    *out = (struct statement_dates){ .by = seen->both > 0 ? by : STATEMENT_DATES_PLAIN, .month_first = month, .row = seen->row,
                                     .day = month ? seen->month_first : seen->day_first };
    memcpy(out->written, seen->written, sizeof out->written);
    return month ? SHEET_MONTH_FIRST : SHEET_DAY_FIRST;
}
