/* khop threshold: the turnover of a year from which a stall pays tax, by date; in the database itself, as its owner. */
#include "cmd.h"
#include "owner.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"
#include "khop/base/utf8.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

#define AMOUNT_MAX INT64_C(999999999999)
#define SOURCE_MAX 200

int cmd_threshold_put(int argc, char **argv)
{
    const char *conninfo, *from = NULL, *amount_text = NULL, *source = NULL;
    struct db_args a;
    int64_t amount;
    int32_t day;
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--from", &from) < 0 || cmd_take_value(&argc, argv, "--amount", &amount_text) < 0 ||
        cmd_take_value(&argc, argv, "--source", &source) < 0 || from == NULL || amount_text == NULL || source == NULL)
        return cmd_usage("--from, --amount and --source are needed, each with a value");
    if (clock_parse_date(slice_of(from), &day) < 0)
        return cmd_usage("--from is a date such as 2027-01-01");
    if (num_parse(slice_of(amount_text), 1, AMOUNT_MAX, true, &amount) < 0)
        return cmd_usage("--amount is a whole number of đồng, without points");
    if (source[0] == '\0' || strlen(source) > SOURCE_MAX || !utf8_valid(slice_of(source)))
        return cmd_usage("--source says which law sets it, in 1 to %d bytes", SOURCE_MAX);
    code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_date(&a, day);
    db_arg_i64(&a, amount);
    db_arg_text(&a, slice_of(source));
    code = owner_call(conninfo, DB_STALL_THRESHOLD_PUT, &a, NULL, 0);
    if (code == CMD_OK)
        printf("%s  %lld  %s\n", from, (long long)amount, source);
    return code;
}

static int say(const struct db_rows *rows, void *arg)
{
    (void)arg;
    for (int i = 0; i < db_rows_count(rows); i++) {
        char day[CLOCK_DATE_SIZE];
        struct slice source = db_text(rows, i, 2);

        clock_date_text(day, db_day(rows, i, 0));
        printf("%s  %lld  %.*s\n", day, (long long)db_i64(rows, i, 1), SLICE_FMT(source));
    }
    return CMD_OK;
}

int cmd_threshold_list(int argc, char **argv)
{
    const char *conninfo;
    struct db_args a;
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    return owner_rows(conninfo, DB_STALL_THRESHOLD_LIST, &a, say, NULL);
}
