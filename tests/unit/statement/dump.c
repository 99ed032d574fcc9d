/* statement_dump FILE [ACCOUNT [FORMAT [TODAY]]]: what a statement reads, one line each, texts between tabs, for tests that make files. */
#include "khop/base/clock.h"
#include "khop/provider/statement.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

static char bytes[STATEMENT_FILE_MAX + 2];

static const char *date(int32_t day)
{
    static char text[2][CLOCK_DATE_SIZE];
    static int turn;

    turn = 1 - turn;
    clock_date_text(text[turn], day);
    return text[turn];
}

static void show_line(const struct statement_line *l)
{
    printf("line\t%d\t%d\t%s\t", l->place, l->row, date(l->day));
    if (l->has_second)
        printf("%02d:%02d:%02d", l->second / 3600, l->second / 60 % 60, l->second % 60);
    printf("\t%lld\t", (long long)l->amount);
    if (l->has_balance)
        printf("%lld", (long long)l->balance);
    printf("\t%s%s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", l->unique ? "u" : "", l->reversal ? "r" : "", SLICE_FMT(l->reference), SLICE_FMT(l->memo),
           SLICE_FMT(l->counter_name), SLICE_FMT(l->counter_account), SLICE_FMT(l->counter_bank));
}

static void show_about(const struct statement_about *a)
{
    printf("about\t%s\t%s\t%.*s\t%s%s%s\t%d\t%s\t%s\t", a->profile, a->format, SLICE_FMT(a->account), a->has_time ? "t" : "", a->has_balance ? "b" : "",
           a->newest_first ? "n" : "", a->lines, a->from > a->to ? "" : date(a->from), a->from > a->to ? "" : date(a->to));
    if (a->has_opening)
        printf("%lld", (long long)a->opening);
    putchar('\t');
    if (a->has_closing)
        printf("%lld", (long long)a->closing);
    printf("\t%lld\t%lld\n", (long long)a->in, (long long)a->out);
}

int main(int argc, char **argv)
{
    FILE *f = argc < 2 ? NULL : fopen(argv[1], "rb");
    enum statement_format format = STATEMENT_AUTO;
    struct statement_fault fault;
    struct statement_line line;
    struct statement *s;
    int32_t today = 100000;
    size_t nfaults;
    int64_t count;
    int rc;

    if (f == NULL || (argc > 3 && !statement_format_by_name(slice_of(argv[3]), &format)) || (argc > 4 && clock_parse_date(slice_of(argv[4]), &today) < 0))
        return 2;

    size_t n = fread(bytes, 1, sizeof bytes, f);
    char *copy = malloc(n > 0 ? n : 1);

    fclose(f);
    if (copy == NULL)
        return 2;
    memcpy(copy, bytes, n);
    rc = statement_open((struct slice){ copy, n }, format, slice_of(argc > 2 ? argv[2] : ""), today, &s, &fault);
    if (rc < 0) {
        printf("fault\t%d\t%s\t%s\n", fault.row, fault.code, fault.text);
        free(copy);
        return 1;
    }
    while ((rc = statement_check(s, 7)) == STATEMENT_MORE)
        ;
    const struct statement_fault *faults = statement_faults(s, &nfaults, &count);

    for (size_t i = 0; i < nfaults; i++)
        printf("fault\t%d\t%s\t%s\n", faults[i].row, faults[i].code, faults[i].text);
    show_about(statement_about(s));
    const struct statement_dates *dates = &statement_about(s)->dates;

    if (dates->by != STATEMENT_DATES_PLAIN)
        printf("dates\t%s\t%s\t%d\t%s\t%s\n", statement_dates_by_name(dates->by), dates->month_first ? "month" : "day", dates->row, dates->written, date(dates->day));
    if (rc == STATEMENT_END && count == 0) {
        rc = statement_rewind(s);
        while (rc >= 0 && (rc = statement_next(s, &line)) == STATEMENT_MORE)
            show_line(&line);
    }
    statement_close(s);
    free(copy);
    return rc < 0 ? 3 : count > 0;
}
