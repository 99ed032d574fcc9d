/* Users, as the operator makes them, and the areas that organisations lie in. */
#include "cmd.h"
#include "owner.h"

#include "khop/app/serve.h"
#include "khop/auth/password.h"
#include "khop/auth/session.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/base/utf8.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "khop/base/banned.h"

#define LOGIN_MAX 64
#define NAME_MAX  120
#define AREA_MAX  99999

static bool role_known(const char *role)
{
    static const char *const roles[] = { "administrator", "accountant", "principal", "vendor", "commune_maker", "commune_checker", "auditor" };

    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(role, roles[i]) == 0)
            return true;
    }
    return false;
}

static int check_login(const char *login)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789._@-";
    size_t n = strlen(login);

    if (n < 2 || n > LOGIN_MAX || strspn(login, letters) != n || strchr("._@-", login[0]) != NULL)
        return cmd_usage("--name is 2 to %d small letters, digits, dots, dashes, _ or @, beginning with a letter or digit", LOGIN_MAX);
    return CMD_OK;
}

static int check_name(const char *name)
{
    return *name == '\0' || strlen(name) > NAME_MAX || !utf8_valid(slice_of(name)) ? cmd_usage("--full-name is 1 to %d bytes of text", NAME_MAX) : CMD_OK;
}

static int take_org(int *argc, char **argv, int64_t *org)
{
    const char *text = NULL;

    *org = 0;
    if (cmd_take_value(argc, argv, "--org", &text) < 0 || (text != NULL && dec_id(slice_of(text), "org", org) < 0))
        return cmd_usage("--org is the id of an organisation (org_…)");
    return CMD_OK;
}

/* --- a user with a password --- */

/* The first line of a file; "-" is standard input, whatever it is connected to. */
static int password_read(const char *path, char *out, size_t size, struct slice *password)
{
    int fd = strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    size_t n = 0;
    ssize_t got = 1;

    if (fd < 0)
        return cmd_fail("cannot open %s", path);
    while (got > 0 && n < size) {
        got = read(fd, out + n, size - n);
        n += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    struct slice rest = { out, n };

    *password = slice_cut(&rest, '\n');
    if (password->n > 0 && password->p[password->n - 1] == '\r')
        password->n--;
    return got < 0 || password->n == 0 ? cmd_fail("%s has no password in its first line", path) : CMD_OK;
}

static int password_hash(const char *keys, const char *path, const char *login, char phc[AUTH_PHC_SIZE], int16_t *pepper)
{
    char text[AUTH_PASSWORD_MAX + 2], error[600];
    const struct slice names[] = { slice_of(login) };
    struct slice password;
    struct auth_pepper peppers[AUTH_PEPPERS] = { 0 };
    const char *fault;
    int code = password_read(path, text, sizeof text, &password);

    if (code != CMD_OK)
        return code;
    fault = auth_password_fault(password, AUTH_PASSWORD_BOTH, names, 1);
    if (fault != NULL)
        code = cmd_fail("this password may not be used: %s", fault);
    else if (app_peppers_read(peppers, keys, error, sizeof error) < 0)
        code = cmd_fail("%s", error);
    else if (crypto_init() < 0 || auth_password_hash_now(peppers[0].key, password, phc) < 0)
        code = cmd_fail("the password cannot be hashed");
    *pepper = peppers[0].no;
    explicit_bzero(peppers, sizeof peppers);
    explicit_bzero(text, sizeof text);
    return code;
}

/* The id, 0 for no such organisation, and whether the user is new. */
static int made_read(const struct db_rows *rows, void *arg)
{
    int64_t *made = arg;

    made[0] = db_i64(rows, 0, 0);
    made[1] = db_bool(rows, 0, 1);
    return CMD_OK;
}

static int user_store(const char *conninfo, const char *login, const char *name, const char *phc, int16_t pepper, int64_t org, const char *role,
                      int64_t random, int64_t made[2])
{
    struct db_args a;

    owner_args(&a);
    db_arg_time(&a, clock_wall_us());
    db_arg_i64(&a, random);
    db_arg_text(&a, slice_of(login));
    db_arg_text(&a, slice_of(name));
    db_arg_text(&a, slice_of(phc));
    db_arg_i16(&a, pepper);
    db_arg_i64(&a, org);
    db_arg_text(&a, slice_of(role));
    return owner_rows(conninfo, DB_USER_CREATE, &a, made_read, made);
}

int cmd_user_create(int argc, char **argv)
{
    const char *conninfo, *login = NULL, *name = NULL, *role = NULL, *file = NULL, *keys = NULL;
    char phc[AUTH_PHC_SIZE], id[ENC_ID_SIZE];
    int64_t org, random, made[2] = { 0 };
    int16_t pepper = 0;
    bool json = cmd_take_flag(&argc, argv, "--json");
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code == CMD_OK)
        code = take_org(&argc, argv, &org);
    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--name", &login) < 0 || cmd_take_value(&argc, argv, "--full-name", &name) < 0 ||
        cmd_take_value(&argc, argv, "--role", &role) < 0 || cmd_take_value(&argc, argv, "--password-file", &file) < 0 ||
        cmd_take_value(&argc, argv, "--keys", &keys) < 0 || login == NULL || role == NULL || file == NULL || keys == NULL || org == 0)
        return cmd_usage("--org, --name, --role, --password-file and --keys are needed, each with a value");
    if (!role_known(role))
        return cmd_usage("there is no role \"%s\"", role);
    code = check_login(login);
    if (code == CMD_OK)
        code = check_name(name == NULL ? login : name);
    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code == CMD_OK)
        code = password_hash(keys, file, login, phc, &pepper);
    if (code == CMD_OK)
        code = owner_random(&random);
    if (code == CMD_OK)
        code = user_store(conninfo, login, name == NULL ? login : name, phc, pepper, org, role, random, made);
    if (code != CMD_OK)
        return code;
    if (made[0] == 0)
        return cmd_fail("there is no such organisation");
    enc_id(id, "usr", made[0]);
    if (json)
        printf("{\"id\":\"%s\",\"login\":\"%s\",\"made\":%s}\n", id, login, made[1] ? "true" : "false");
    else
        printf("%s  %s\n", id, made[1] ? "made" : "has the role now; the password is as it was");
    return CMD_OK;
}

/* --- what else is done to users --- */

int cmd_user_change(int argc, char **argv)
{
    const char *conninfo, *login = NULL, *what = NULL;
    struct db_args a;
    int64_t rc;
    int code = cmd_take_database(&argc, argv, &conninfo), n = 0;
    static const char *const flags[] = { "--disable", "--enable", "--factor" };

    for (size_t i = 0; code == CMD_OK && i < sizeof flags / sizeof flags[0]; i++) {
        if (cmd_take_flag(&argc, argv, flags[i])) {
            what = flags[i] + 2;
            n++;
        }
    }
    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--name", &login) < 0 || login == NULL || n != 1)
        return cmd_usage("--name and one of --disable, --enable and --factor are needed");
    code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_time(&a, clock_wall_us());
    db_arg_text(&a, slice_of(login));
    db_arg_text(&a, slice_of(what));
    code = owner_call(conninfo, DB_USER_CHANGE, &a, &rc, 1);
    if (code == CMD_OK && rc < 0)
        code = cmd_fail("nobody has the login %s", login);
    if (code == CMD_OK)
        printf("%s: %s\n", login, strcmp(what, "factor") == 0 ? "second factor taken off" : strcmp(what, "disable") == 0 ? "disabled" : "enabled");
    return code;
}

/* Texts in an answer of JSON: names of people are the only ones with quotes or marks in them. */
static void print_json_text(struct slice s)
{
    json_t *text = json_stringn(s.p, s.n);
    char *out = text == NULL ? NULL : json_dumps(text, JSON_ENCODE_ANY);

    fputs(out == NULL ? "null" : out, stdout);
    free(out);
    json_decref(text);
}

static void print_user(const struct db_rows *r, int i, bool json)
{
    enum { ID, LOGIN, NAME, ORG, ORG_NAME, ROLE, DISABLED, TOTP };
    char id[ENC_ID_SIZE], org[ENC_ID_SIZE];

    enc_id(id, "usr", db_i64(r, i, ID));
    enc_id(org, "org", db_i64(r, i, ORG));
    if (!json) {
        printf("%s  %-20.*s  %-16.*s  %.*s%s%s\n", id, SLICE_FMT(db_text(r, i, LOGIN)), SLICE_FMT(db_text(r, i, ROLE)), SLICE_FMT(db_text(r, i, ORG_NAME)),
               db_bool(r, i, TOTP) ? "" : "  (no second factor)", db_bool(r, i, DISABLED) ? "  (disabled)" : "");
        return;
    }
    printf("{\"id\":\"%s\",\"login\":\"%.*s\",\"name\":", id, SLICE_FMT(db_text(r, i, LOGIN)));
    print_json_text(db_text(r, i, NAME));
    if (db_null(r, i, ORG))
        fputs(",\"org\":null,\"role\":null", stdout);
    else
        printf(",\"org\":\"%s\",\"role\":\"%.*s\"", org, SLICE_FMT(db_text(r, i, ROLE)));
    printf(",\"disabled\":%s,\"second_factor\":%s}\n", db_bool(r, i, DISABLED) ? "true" : "false", db_bool(r, i, TOTP) ? "true" : "false");
}

static int list_say(const struct db_rows *rows, void *arg)
{
    const bool *json = arg;

    for (int i = 0; i < db_rows_count(rows); i++)
        print_user(rows, i, *json);
    return CMD_OK;
}

int cmd_user_list(int argc, char **argv)
{
    const char *conninfo;
    struct db_args a;
    int64_t org;
    bool json = cmd_take_flag(&argc, argv, "--json");
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code == CMD_OK)
        code = take_org(&argc, argv, &org);
    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_id(&a, org);
    return owner_rows(conninfo, DB_USER_LIST_ALL, &a, list_say, &json);
}

/* --- links --- */

/* Where the pages are: --origin, else the default of the server. */
static const char *take_origin(int *argc, char **argv)
{
    const char *origin = "http://127.0.0.1:8080";

    return cmd_take_value(argc, argv, "--origin", &origin) < 0 ? NULL : origin;
}

static int secret_make(char secret[AUTH_SECRET_SIZE], uint8_t hash[SHA256_SIZE])
{
    return crypto_init() < 0 || auth_secret_make(secret, hash) < 0 ? cmd_fail("the system gives no random numbers") : CMD_OK;
}

int cmd_user_invite(int argc, char **argv)
{
    const char *conninfo, *login = NULL, *name = NULL, *role = NULL, *origin = take_origin(&argc, argv);
    char secret[AUTH_SECRET_SIZE];
    uint8_t hash[SHA256_SIZE];
    struct db_args a;
    int64_t org, random, rc;
    bool json = cmd_take_flag(&argc, argv, "--json"), reset = cmd_take_flag(&argc, argv, "--reset");
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code == CMD_OK)
        code = take_org(&argc, argv, &org);
    if (code != CMD_OK)
        return code;
    if (origin == NULL || cmd_take_value(&argc, argv, "--name", &login) < 0 || cmd_take_value(&argc, argv, "--full-name", &name) < 0 ||
        cmd_take_value(&argc, argv, "--role", &role) < 0 || login == NULL || (!reset && (role == NULL || name == NULL || org == 0)))
        return cmd_usage("--name is needed, and --org, --role and --full-name or --reset");
    if (!reset && !role_known(role))
        return cmd_usage("there is no role \"%s\"", role);
    code = check_login(login);
    if (code == CMD_OK && !reset)
        code = check_name(name);
    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code == CMD_OK)
        code = owner_random(&random);
    if (code == CMD_OK)
        code = secret_make(secret, hash);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_time(&a, clock_wall_us());
    db_arg_i64(&a, random);
    db_arg_bytes(&a, (struct slice){ (const char *)hash, sizeof hash });
    db_arg_id(&a, org);
    db_arg_text(&a, slice_of(reset ? NULL : role));
    db_arg_text(&a, slice_of(login));
    db_arg_text(&a, slice_of(name));
    code = owner_call(conninfo, DB_USER_LINK, &a, &rc, 1);
    if (code == CMD_OK && rc < 0)
        code = cmd_fail(reset ? "nobody has the login %s" : "there is no such organisation for %s", login);
    if (code == CMD_OK)
        printf(json ? "{\"url\":\"%s/invite/%s\"}\n" : "%s/invite/%s\n", origin, secret);
    explicit_bzero(secret, sizeof secret);
    return code;
}

int cmd_setup(int argc, char **argv)
{
    const char *conninfo, *origin = take_origin(&argc, argv);
    char secret[AUTH_SECRET_SIZE];
    uint8_t hash[SHA256_SIZE];
    struct db_args a;
    int64_t rc;
    bool json = cmd_take_flag(&argc, argv, "--json");
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code == CMD_OK && origin == NULL)
        code = cmd_usage("--origin needs a value");
    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code == CMD_OK)
        code = secret_make(secret, hash);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_time(&a, clock_wall_us());
    db_arg_bytes(&a, (struct slice){ (const char *)hash, sizeof hash });
    code = owner_call(conninfo, DB_SETUP_OFFER, &a, &rc, 1);
    if (code == CMD_OK && rc < 0)
        code = cmd_fail("there are users already; invite others with `khop user invite`");
    if (code == CMD_OK && json)
        printf("{\"code\":\"%s\",\"url\":\"%s/setup?code=%s\"}\n", secret, origin, secret);
    else if (code == CMD_OK)
        printf("%s/setup?code=%s\nOpen this page within a day to make the first administrator.\n", origin, secret);
    explicit_bzero(secret, sizeof secret);
    return code;
}

/* --- areas --- */

int cmd_area_create(int argc, char **argv)
{
    const char *conninfo, *number_text = NULL, *parent_text = NULL, *kind = NULL, *name = NULL;
    struct db_args a;
    int64_t number, parent = 0, made;
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--number", &number_text) < 0 || cmd_take_value(&argc, argv, "--parent", &parent_text) < 0 ||
        cmd_take_value(&argc, argv, "--kind", &kind) < 0 || cmd_take_value(&argc, argv, "--name", &name) < 0 || number_text == NULL ||
        kind == NULL || name == NULL || num_parse(slice_of(number_text), 1, AREA_MAX, true, &number) < 0 ||
        (parent_text != NULL && num_parse(slice_of(parent_text), 1, AREA_MAX, true, &parent) < 0))
        return cmd_usage("--number, --kind and --name are needed; numbers are 1 to %d", AREA_MAX);
    bool province = strcmp(kind, "province") == 0;

    if (!province && strcmp(kind, "commune") != 0 && strcmp(kind, "ward") != 0)
        return cmd_usage("--kind is province, commune or ward");
    if (province == (parent_text != NULL))
        return cmd_usage(province ? "a province has no --parent" : "a commune or ward needs --parent");
    code = check_name(name);
    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_i32(&a, (int32_t)number);
    if (province)
        db_arg_null(&a);
    else
        db_arg_i32(&a, (int32_t)parent);
    db_arg_text(&a, slice_of(kind));
    db_arg_text(&a, slice_of(name));
    code = owner_call(conninfo, DB_AREA_CREATE, &a, &made, 1);
    if (code == CMD_OK)
        printf("%lld  %s\n", (long long)made, name);
    return code;
}
