/* khop kind: the kinds of payment codes, in the database itself, as its owner. */
#include "cmd.h"
#include "owner.h"

#include "khop/base/clock.h"
#include "khop/flow/kinds.h"
#include "khop/pay/code.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

enum kind_col { K_LETTER, K_NAME, K_DIRECTION, K_USABLE };

static int list_say(const struct db_rows *rows, void *arg)
{
    bool json = *(const bool *)arg;

    if (json)
        printf("[");
    for (int i = 0; i < db_rows_count(rows); i++) {
        struct slice letter = db_text(rows, i, K_LETTER), name = db_text(rows, i, K_NAME);
        const char *way = db_i64(rows, i, K_DIRECTION) == 2 ? "out" : "in";

        if (json)
            printf("%s{\"letter\":\"%.*s\",\"name\":\"%.*s\",\"direction\":\"%s\"}", i > 0 ? "," : "", SLICE_FMT(letter), SLICE_FMT(name), way);
        else
            printf("%.*s  %-*.*s  money %s%s\n", SLICE_FMT(letter), FLOW_KIND_NAME, SLICE_FMT(name), way,
                   db_bool(rows, i, K_USABLE) ? "" : ", not issued yet");
    }
    if (json)
        printf("]\n");
    return CMD_OK;
}

int cmd_kind_list(int argc, char **argv)
{
    const char *conninfo;
    struct db_args a;
    bool json = cmd_take_flag(&argc, argv, "--json");
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_time(&a, clock_wall_us());
    return owner_rows(conninfo, DB_KIND_LIST, &a, list_say, &json);
}

static int add_say(const struct db_rows *rows, void *arg)
{
    const bool *json = arg;

    if (db_rows_count(rows) != 1 || db_i64(rows, 0, 0) < 0)
        return cmd_fail("another kind has this letter or this name: see khop kind list");
    if (*json)
        printf("{\"added\":true}\n");
    else
        printf("added: codes of it can be issued in %d seconds\n", FLOW_KINDS_SETTLE_MS / 1000);
    return CMD_OK;
}

static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    size_t n = strlen(name);

    return n >= 2 && n <= FLOW_KIND_NAME && strchr(letters, name[0]) != NULL &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

int cmd_kind_add(int argc, char **argv)
{
    const char *conninfo, *letter = NULL, *name = NULL;
    bool json = cmd_take_flag(&argc, argv, "--json");
    bool out = cmd_take_flag(&argc, argv, "--out");
    struct db_args a;
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--letter", &letter) < 0 || cmd_take_value(&argc, argv, "--name", &name) < 0 || letter == NULL ||
        name == NULL)
        return cmd_usage("--letter and --name are needed, each with a value");
    if (strlen(letter) != 1 || code_value(letter[0]) < 0)
        return cmd_usage("--letter is one of 23456789ABCDEFGHJKMNPQRSTUVWXYZ");
    if (!is_name(name))
        return cmd_usage("--name is a small letter, then small letters, digits or underscores, 2 to %d in all", FLOW_KIND_NAME);
    code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_text(&a, slice_of(letter));
    db_arg_text(&a, slice_of(name));
    db_arg_i16(&a, out ? 2 : 1);
    db_arg_time(&a, clock_wall_us() + FLOW_KINDS_SETTLE_MS * INT64_C(1000));
    return owner_rows(conninfo, DB_KIND_ADD, &a, add_say, &json);
}
