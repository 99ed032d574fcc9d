/* khop account, khop connection: through the API, as any other client. */
#include "client.h"

#include <stdio.h>

#include "khop/base/banned.h"

static const char *text_of(const json_t *doc, const char *name)
{
    const char *text = json_string_value(json_object_get(doc, name));

    return text != NULL ? text : "-";
}

/* The document as one line of JSON, or the given members in a line for people. Releases it. */
static int show(json_t *doc, bool json, const char *const *members)
{
    if (doc == NULL)
        return CMD_FAILED;
    if (json) {
        char *text = json_dumps(doc, JSON_COMPACT);

        json_decref(doc);
        if (text == NULL)
            return cmd_fail("no memory");
        puts(text);
        free(text);
        return CMD_OK;
    }
    for (size_t i = 0; members[i] != NULL; i++)
        printf("%s%s", i > 0 ? "  " : "", text_of(doc, members[i]));
    putchar('\n');
    json_decref(doc);
    return CMD_OK;
}

static int show_list(const struct client_options *o, const char *path, const char *const *members)
{
    json_t *doc = client_api(o, path, NULL, NULL), *item;
    size_t i;

    if (doc == NULL)
        return CMD_FAILED;
    json_array_foreach(json_object_get(doc, "items"), i, item)
    {
        show(json_incref(item), o->json, members);
    }
    json_decref(doc);
    return CMD_OK;
}

static const char *const ACCOUNT[] = { "id", "bin", "account_no", "holder", NULL };
static const char *const CONNECTION[] = { "id", "provider", "mode", "role", "url", NULL };

int cmd_account_create(int argc, char **argv)
{
    const char *bin = NULL, *account_no = NULL, *holder = NULL;
    struct client_options o;
    int code = client_take_options(&argc, argv, &o);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--bin", &bin) < 0 || cmd_take_value(&argc, argv, "--account-no", &account_no) < 0 ||
        cmd_take_value(&argc, argv, "--holder", &holder) < 0 || bin == NULL || account_no == NULL || holder == NULL)
        return cmd_usage("--bin, --account-no and --holder are needed, each with a value");
    code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    return show(client_api(&o, "/api/v1/accounts",
                           json_pack("{s:s, s:s, s:s}", "bin", bin, "account_no", account_no, "holder", holder), NULL),
                o.json, ACCOUNT);
}

int cmd_account_list(int argc, char **argv)
{
    struct client_options o;
    int code = client_take_options(&argc, argv, &o);

    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    return code != CMD_OK ? code : show_list(&o, "/api/v1/accounts?limit=200", ACCOUNT);
}

int cmd_connection_create(int argc, char **argv)
{
    const char *account = NULL, *provider = NULL, *mode = NULL, *secret = NULL;
    struct client_options o;
    int code = client_take_options(&argc, argv, &o);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--account", &account) < 0 || cmd_take_value(&argc, argv, "--provider", &provider) < 0 ||
        cmd_take_value(&argc, argv, "--mode", &mode) < 0 || cmd_take_value(&argc, argv, "--secret", &secret) < 0 ||
        account == NULL || provider == NULL || mode == NULL || secret == NULL)
        return cmd_usage("--account, --provider, --mode and --secret are needed, each with a value");
    code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    return show(client_api(&o, "/api/v1/connections",
                           json_pack("{s:s, s:s, s:s, s:s}", "account", account, "provider", provider, "mode", mode, "secret",
                                     secret),
                           NULL),
                o.json, CONNECTION);
}

int cmd_connection_list(int argc, char **argv)
{
    struct client_options o;
    int code = client_take_options(&argc, argv, &o);

    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    return code != CMD_OK ? code : show_list(&o, "/api/v1/connections?limit=200", CONNECTION);
}
