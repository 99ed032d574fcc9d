/* khop kind: the kinds of payment codes, in the database itself, as its owner. */
#include "cmd.h"

#include "khop/base/clock.h"
#include "khop/db/admin.h"
#include "khop/flow/kinds.h"
#include "khop/pay/code.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

enum kind_col { K_LETTER, K_NAME, K_DIRECTION, K_USABLE };

/* One statement as the owner; `say` gets its rows. */
static int kind_call(const char *conninfo, enum db_stmt stmt, void (*args)(struct db_args *a, const void *arg), const void *arg,
                     int (*say)(const struct db_rows *rows, bool json), bool json)
{
    struct arena *arena = arena_new(0);
    struct db_admin *admin = NULL;
    const struct db_rows *rows;
    struct db_error error;
    struct db_args a;
    int code;

    if (arena == NULL)
        return cmd_fail("no memory");
    db_args_init(&a, arena);
    args(&a, arg);
    if (db_admin_open(&admin, conninfo, NULL, &error) < 0 || db_admin_call(admin, stmt, &a, &rows, &error) < 0)
        code = cmd_fail("%s", error.text);
    else
        code = say(rows, json);
    if (admin != NULL)
        db_admin_close(admin);
    arena_free(arena);
    return code;
}

static void list_args(struct db_args *a, const void *arg)
{
    (void)arg;
    db_arg_time(a, clock_wall_us());
}

static int list_say(const struct db_rows *rows, bool json)
{
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
    bool json = cmd_take_flag(&argc, argv, "--json");
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    return code != CMD_OK ? code : kind_call(conninfo, DB_KIND_LIST, list_args, NULL, list_say, json);
}

static void add_args(struct db_args *a, const void *arg)
{
    const struct flow_kind *kind = arg;

    db_arg_text(a, (struct slice){ &kind->letter, 1 });
    db_arg_text(a, slice_of(kind->name));
    db_arg_i16(a, kind->out ? 2 : 1);
    db_arg_time(a, clock_wall_us() + FLOW_KINDS_SETTLE_MS * INT64_C(1000));
}

static int add_say(const struct db_rows *rows, bool json)
{
    if (db_rows_count(rows) != 1 || db_i64(rows, 0, 0) < 0)
        return cmd_fail("another kind has this letter or this name: see khop kind list");
    if (json)
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
    struct flow_kind kind = { .out = cmd_take_flag(&argc, argv, "--out") };
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
    kind.letter = letter[0];
    snprintf(kind.name, sizeof kind.name, "%s", name);
    return kind_call(conninfo, DB_KIND_ADD, add_args, &kind, add_say, json);
}
