/* khop org days: what came to every organisation and went out, by day, for whoever answers for all of them. In the database itself,
 * as its owner: sums of organisations, no names of people (product.md §1, provincial officer). */
#include "cmd.h"
#include "owner.h"

#include "khop/base/clock.h"

#include <stdio.h>

#include "khop/base/banned.h"

enum { C_CODE = 1, C_NAME, C_DAY, C_FIRST_SUM };

#define SUMS 6 /* in and out: how many, how much; the same of what settled a charge */

/* A field of CSV: quotes inside are doubled. */
static void put_text(struct slice text)
{
    putchar('"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            putchar('"');
        putchar(text.p[i]);
    }
    putchar('"');
}

static int say(const struct db_rows *rows, void *arg)
{
    (void)arg;
    puts("code,name,day,in_count,in_amount,out_count,out_amount,settled_count,settled_amount");
    for (int i = 0; i < db_rows_count(rows); i++) {
        char day[CLOCK_DATE_SIZE];

        clock_date_text(day, db_day(rows, i, C_DAY));
        put_text(db_text(rows, i, C_CODE));
        putchar(',');
        put_text(db_text(rows, i, C_NAME));
        printf(",%s", day);
        for (int c = 0; c < SUMS; c++)
            printf(",%lld", (long long)db_i64(rows, i, C_FIRST_SUM + c));
        putchar('\n');
    }
    return CMD_OK;
}

int cmd_org_days(int argc, char **argv)
{
    const char *conninfo, *from = NULL, *to = NULL;
    int32_t first, last;
    struct db_args a;
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--from", &from) < 0 || cmd_take_value(&argc, argv, "--to", &to) < 0 || from == NULL || to == NULL)
        return cmd_usage("--from and --to are needed, each with a day");
    if (clock_parse_date(slice_of(from), &first) < 0 || clock_parse_date(slice_of(to), &last) < 0 || last < first)
        return cmd_usage("--from and --to are days such as 2026-11-01, the earlier one first");
    code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_date(&a, first);
    db_arg_date(&a, last);
    return owner_rows(conninfo, DB_REPORT_ORGANISATIONS, &a, say, NULL);
}
