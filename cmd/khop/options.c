/* Arguments of a command. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

#include "khop/base/banned.h"

static void take_out(int *argc, char **argv, int at, int count)
{
    for (int i = at; i + count < *argc; i++)
        argv[i] = argv[i + count];
    *argc -= count;
}

bool cmd_take_flag(int *argc, char **argv, const char *name)
{
    bool found = false;

    for (int i = 0; i < *argc && strcmp(argv[i], "--") != 0;) {
        if (strcmp(argv[i], name) == 0) {
            take_out(argc, argv, i, 1);
            found = true;
        } else {
            i++;
        }
    }
    return found;
}

int cmd_take_value(int *argc, char **argv, const char *name, const char **value)
{
    size_t n = strlen(name);

    for (int i = 0; i < *argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], name, n) != 0)
            continue;
        if (argv[i][n] == '=') {
            *value = argv[i] + n + 1;
            take_out(argc, argv, i, 1);
            return RC_OK;
        }
        if (argv[i][n] == '\0') {
            if (i + 1 >= *argc)
                return RC_BAD_INPUT;
            *value = argv[i + 1];
            take_out(argc, argv, i, 2);
            return RC_OK;
        }
    }
    return RC_OK;
}

int cmd_take_end(int *argc, char **argv, int min, int max)
{
    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            take_out(argc, argv, i, 1);
            break;
        }
        if (argv[i][0] == '-' && argv[i][1] != '\0')
            return cmd_usage("there is no option %s", argv[i]);
    }
    if (*argc < min)
        return cmd_usage("something is missing");
    if (*argc > max)
        return cmd_usage("one argument too many: %s", argv[max]);
    return CMD_OK;
}

int cmd_take_database(int *argc, char **argv, const char **conninfo)
{
    *conninfo = getenv("KHOP_DATABASE_URL");
    if (cmd_take_value(argc, argv, "--database", conninfo) < 0 || *conninfo == NULL)
        return cmd_usage("which database? --database CONNINFO, or KHOP_DATABASE_URL in the environment");
    return CMD_OK;
}
