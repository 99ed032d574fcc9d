/* What reports there are, and their periods. */
#include "khop/flow/report.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"

#include <stdio.h>

#include "khop/base/banned.h"

static const struct report reports[] = {
    { "days", REPORT_MONTH, false, false, false, 10, {
        { "day", REPORT_DATE, 'n', '1', false },
        { "bank_account", REPORT_BANK, 't', '1', false },
        { "opening", REPORT_MONEY, 'n', '2', false },
        { "in_count", REPORT_COUNT, 'n', '3', true },
        { "in", REPORT_MONEY, 'n', '4', true },
        { "out_count", REPORT_COUNT, 'n', '5', true },
        { "out", REPORT_MONEY, 'n', '6', true },
        { "closing", REPORT_MONEY, 'n', '7', false },
        { "settled", REPORT_MONEY, 'n', '8', true },
        { "suspense", REPORT_MONEY, 'n', '9', true } }, 0 },
    { "classes", REPORT_ALL, true, true, false, 9, {
        { "class", REPORT_TEXT, 't', '1', false },
        { "payers", REPORT_COUNT, 'n', '1', true },
        { "charges", REPORT_COUNT, 'n', '2', true },
        { "whole", REPORT_COUNT, 'n', '6', true },
        { "part", REPORT_COUNT, 'n', '7', true },
        { "none", REPORT_COUNT, 'n', '8', true },
        { "due", REPORT_MONEY, 'n', '3', true },
        { "paid", REPORT_MONEY, 'n', '4', true },
        { "missing", REPORT_MONEY, 'n', '5', true } }, 0 },
    { "unpaid", REPORT_ALL, true, false, true, 9, {
        { "class", REPORT_TEXT, 't', '1', false },
        { "name", REPORT_TEXT, 't', '2', false },
        { "ref", REPORT_REF, 't', '3', false },
        { "label", REPORT_TEXT, 't', '4', false },
        { "code", REPORT_CODE, 'n', '1', false },
        { "due_on", REPORT_DATE, 'n', '2', false },
        { "due", REPORT_MONEY, 'n', '3', true },
        { "paid", REPORT_MONEY, 'n', '4', true },
        { "missing", REPORT_MONEY, 'n', '5', true } }, 0 },
    { "paid", REPORT_ALL, true, false, true, 8, {
        { "class", REPORT_TEXT, 't', '1', false },
        { "name", REPORT_TEXT, 't', '2', false },
        { "ref", REPORT_REF, 't', '3', false },
        { "label", REPORT_TEXT, 't', '4', false },
        { "code", REPORT_CODE, 'n', '1', false },
        { "due", REPORT_MONEY, 'n', '3', true },
        { "paid", REPORT_MONEY, 'n', '4', true },
        { "paid_at", REPORT_TIME, 'n', '6', false } }, 0 },
    { "receipts", REPORT_MONTH, false, false, false, 10, {
        { "number", REPORT_RECEIPT, 'n', '1', false },
        { "day", REPORT_DATE, 'n', '3', false },
        { "paid_at", REPORT_TIME, 'n', '4', false },
        { "code", REPORT_CODE, 'n', '5', false },
        { "payer", REPORT_TEXT, 't', '1', false },
        { "label", REPORT_TEXT, 't', '2', false },
        { "amount", REPORT_MONEY, 'n', '6', true },
        { "void_amount", REPORT_MONEY, 'n', '7', true },
        { "void_reason", REPORT_TEXT, 't', '4', false },
        { "reference", REPORT_REF, 't', '3', false } }, '8' },
    { "journal", REPORT_MONTH, false, false, false, 10, {
        { "seq", REPORT_NUMBER, 'n', '1', false },
        { "day", REPORT_DATE, 'n', '2', false },
        { "kind", REPORT_WORD, 't', '3', false },
        { "debit", REPORT_REF, 't', '1', false },
        { "credit", REPORT_REF, 't', '2', false },
        { "amount", REPORT_MONEY, 'n', '3', true },
        { "code", REPORT_CODE, 'n', '4', false },
        { "reference", REPORT_REF, 't', '4', false },
        { "paid_at", REPORT_TIME, 'n', '5', false },
        { "of_seq", REPORT_NUMBER, 'n', '6', false } }, 0 },
    { "balances", REPORT_YEAR, false, true, false, 8, {
        { "account", REPORT_REF, 't', '1', false },
        { "account_name", REPORT_BANK, 't', '2', false },
        { "opening_debit", REPORT_MONEY, 'n', '1', true },
        { "opening_credit", REPORT_MONEY, 'n', '2', true },
        { "moved_debit", REPORT_MONEY, 'n', '3', true },
        { "moved_credit", REPORT_MONEY, 'n', '4', true },
        { "closing_debit", REPORT_MONEY, 'n', '5', true },
        { "closing_credit", REPORT_MONEY, 'n', '6', true } }, 0 },
};

size_t report_count(void)
{
    return sizeof reports / sizeof reports[0];
}

const struct report *report_at(size_t i)
{
    return &reports[i];
}

const struct report *report_find(struct slice name)
{
    for (size_t i = 0; i < report_count(); i++)
        if (slice_is(name, reports[i].name))
            return &reports[i];
    return NULL;
}

/* --- periods --- */

/* The day before the first of a month is the end of the one before. */
static int32_t first_of(int year, int month)
{
    struct civil c = { .year = year + (month - 1) / 12, .month = (month - 1) % 12 + 1, .day = 1 };
    int64_t us;

    return clock_from_civil(&c, 0, &us) < 0 ? 0 : (int32_t)(us / CLOCK_US / 86400);
}

static struct civil civil_of(int32_t day)
{
    return clock_civil(day * 86400 * CLOCK_US, 0);
}

void report_month_of(int32_t day, int32_t *from, int32_t *to)
{
    struct civil c = civil_of(day);

    *from = first_of(c.year, c.month);
    *to = first_of(c.year, c.month + 1) - 1;
}

void report_year_of(int32_t day, int32_t *from, int32_t *to)
{
    struct civil c = civil_of(day);

    *from = first_of(c.year, 1);
    *to = first_of(c.year, 13) - 1;
}

void report_school_year_of(int32_t day, int32_t *from, int32_t *to)
{
    struct civil c = civil_of(day);
    int year = c.month >= 9 ? c.year : c.year - 1;

    *from = first_of(year, 9);
    *to = first_of(year, 9 + 12) - 1;
}

int report_days_of(struct slice text, int32_t *from, int32_t *to)
{
    struct slice rest = text, first = slice_cut(&rest, '-');
    int64_t year, second = 0;

    if (first.n != 4 || num_parse(first, 1971, 9998, false, &year) < 0)
        return RC_BAD_INPUT;
    if (text.n == 4) {
        *from = first_of((int)year, 1);
        *to = first_of((int)year, 13) - 1;
        return RC_OK;
    }
    if (rest.n == 2 && num_parse(rest, 1, 12, true, &second) == RC_OK) {
        *from = first_of((int)year, (int)second);
        *to = first_of((int)year, (int)second + 1) - 1;
        return RC_OK;
    }
    if (rest.n == 4 && num_parse(rest, 1972, 9999, false, &second) == RC_OK && second == year + 1) {
        *from = first_of((int)year, 9);
        *to = first_of((int)year, 9 + 12) - 1;
        return RC_OK;
    }
    return RC_BAD_INPUT;
}
