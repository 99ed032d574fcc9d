/* Commands of the operator: they talk to the database itself, as its owner. */
#include "cmd.h"
#include "owner.h"

#include "khop/app/serve.h"
#include "khop/auth/auth.h"
#include "khop/auth/token.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/base/utf8.h"
#include "khop/crypto/crypto.h"
#include "khop/db/admin.h"
#include "khop/db/migrate.h"
#include "khop/pay/receipt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "khop/base/banned.h"

/* As many as khopd has lanes: a batch is of one bucket, so more of them make smaller batches. Who will spread the books over
 * several clusters (ledger.md §8) starts with as many as there may ever be clusters. */
#define BUCKETS_DEFAULT "2"
#define BUCKETS_MAX     32768
#define ORG_NAME_MAX    200
#define TOKEN_LIFE_US (INT64_C(365) * 24 * 3600 * CLOCK_US)

static void say_line(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

int cmd_migrate(int argc, char **argv)
{
    const char *conninfo;
    struct db_migrated done;
    struct db_error error;
    bool json = cmd_take_flag(&argc, argv, "--json");
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    if (db_migrate(conninfo, NULL, say_line, NULL, &done, &error) < 0)
        return cmd_fail("%s", error.text);
    if (json) {
        printf("{\"version\":%d,\"applied\":%d,\"functions_renewed\":%s}\n", done.version, done.applied,
               done.functions ? "true" : "false");
        return CMD_OK;
    }
    printf("schema version %d: %d migration%s applied, functions %s\n", done.version, done.applied, done.applied == 1 ? "" : "s",
           done.functions ? "renewed" : "as they were");
    return CMD_OK;
}

void owner_args(struct db_args *a)
{
    struct arena *arena = arena_new(0);

    db_args_init(a, arena);
    if (arena == NULL)
        a->rc = RC_NOMEM;
}

int owner_rows(const char *conninfo, enum db_stmt stmt, struct db_args *args, int (*say)(const struct db_rows *rows, void *arg), void *arg)
{
    struct db_admin *admin = NULL;
    const struct db_rows *rows;
    struct db_error error;
    int code;

    if (db_admin_open(&admin, conninfo, NULL, &error) < 0 || db_admin_call(admin, stmt, args, &rows, &error) < 0)
        code = cmd_fail("%s", error.text);
    else
        code = say(rows, arg);
    db_admin_close(admin);
    arena_free(args->arena);
    return code;
}

struct numbers {
    int64_t *out;
    int n;
};

static int numbers_read(const struct db_rows *rows, void *arg)
{
    const struct numbers *numbers = arg;

    if (db_rows_count(rows) != 1)
        return cmd_fail("the database gave no answer");
    for (int i = 0; i < numbers->n; i++)
        numbers->out[i] = db_i64(rows, 0, i);
    return CMD_OK;
}

int owner_call(const char *conninfo, enum db_stmt stmt, struct db_args *args, int64_t *out, int n)
{
    struct numbers numbers = { out, n };

    return owner_rows(conninfo, stmt, args, numbers_read, &numbers);
}

int owner_random(int64_t *out)
{
    uint64_t random;

    if (crypto_init() < 0 || crypto_random(&random, sizeof random) < 0)
        return cmd_fail("the system gives no random numbers");
    *out = (int64_t)(random & ((UINT64_C(1) << ENC_ID_RANDOM_BITS) - 1));
    return CMD_OK;
}

/* The code is signed into every receipt and never changes: what a receipt cannot hold must not get in. */
static int check_org(const char *name, const char *kind, const char *code)
{
    static const char *const kinds[] = { "school", "market", "clinic", "commune" };
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    size_t i = 0, n = strlen(code);

    while (i < 4 && strcmp(kind, kinds[i]) != 0)
        i++;
    if (i == 4)
        return cmd_usage("--kind is school, market, clinic or commune");
    if (n == 0 || n > RECEIPT_ORG_MAX || strspn(code, letters) != n)
        return cmd_usage("--code is 1 to %d letters, digits, dots, dashes or underscores", RECEIPT_ORG_MAX);
    if (*name == '\0' || strlen(name) > ORG_NAME_MAX || !utf8_valid(slice_of(name)))
        return cmd_usage("--name is 1 to %d bytes of text", ORG_NAME_MAX);
    return CMD_OK;
}

int cmd_org_create(int argc, char **argv)
{
    const char *conninfo, *name = NULL, *kind = "school", *org_code = NULL, *buckets_text = BUCKETS_DEFAULT,
               *area_text = NULL;
    struct db_args a;
    int64_t random, buckets, area = 0, made[2];
    char id[ENC_ID_SIZE];
    bool json = cmd_take_flag(&argc, argv, "--json");
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--name", &name) < 0 || cmd_take_value(&argc, argv, "--kind", &kind) < 0 ||
        cmd_take_value(&argc, argv, "--code", &org_code) < 0 || cmd_take_value(&argc, argv, "--buckets", &buckets_text) < 0 ||
        cmd_take_value(&argc, argv, "--area", &area_text) < 0 ||
        name == NULL || org_code == NULL)
        return cmd_usage("--name and --code are needed, each with a value");
    if (num_parse(slice_of(buckets_text), 1, BUCKETS_MAX, false, &buckets) < 0)
        return cmd_usage("--buckets is 1 to %d", BUCKETS_MAX);
    if (area_text != NULL && num_parse(slice_of(area_text), 1, 99999, true, &area) < 0)
        return cmd_usage("--area is the official number of a commune or ward");
    code = cmd_take_end(&argc, argv, 0, 0);
    if (code == CMD_OK)
        code = check_org(name, kind, org_code);
    if (code == CMD_OK)
        code = owner_random(&random);
    if (code != CMD_OK)
        return code;
    owner_args(&a);
    db_arg_time(&a, clock_wall_us());
    db_arg_i64(&a, random);
    db_arg_text(&a, slice_of(name));
    db_arg_text(&a, slice_of(kind));
    db_arg_text(&a, slice_of(org_code));
    db_arg_i32(&a, (int32_t)buckets);
    if (area_text == NULL)
        db_arg_null(&a);
    else
        db_arg_i32(&a, (int32_t)area);
    code = owner_call(conninfo, DB_ORG_CREATE, &a, made, 2);
    if (code == CMD_OK && made[0] == 0)
        code = cmd_fail("another organisation has the code %s: it stands on receipts, so each needs its own", org_code);
    if (code != CMD_OK)
        return code;
    enc_id(id, "org", made[0]);
    if (json)
        printf("{\"id\":\"%s\",\"bucket\":%lld}\n", id, (long long)made[1]);
    else
        printf("%s  bucket %lld\n", id, (long long)made[1]);
    return CMD_OK;
}

static int parse_scopes(const char *text, int32_t *scopes)
{
    static const struct {
        const char *name;
        int32_t bit;
    } names[] = { { "read", 1 }, { "issue", 2 }, { "accountant", 4 }, { "admin", 8 },
                  { "approve", 16 }, { "vend", 32 }, { "pay_make", 64 }, { "pay_check", 128 }, { "audit", 256 } };
    struct slice rest = slice_of(text);

    *scopes = 0;
    while (rest.n > 0) {
        struct slice word = slice_trim(slice_cut(&rest, ','));
        size_t i = 0;

        while (i < sizeof names / sizeof names[0] && !slice_is(word, names[i].name))
            i++;
        if (i == sizeof names / sizeof names[0])
            return cmd_usage("a scope is read, issue, accountant, admin, approve, vend, pay_make, pay_check or audit, not \"%.*s\"", SLICE_FMT(word));
        *scopes |= names[i].bit;
    }
    return *scopes != 0 ? CMD_OK : cmd_usage("--scopes needs at least one scope");
}

static int token_store(const char *conninfo, int64_t org, int32_t scopes, const char *name, const uint8_t hash[SHA256_SIZE],
                       int64_t random, int64_t *id)
{
    struct db_args a;

    owner_args(&a);
    db_arg_time(&a, clock_wall_us());
    db_arg_i64(&a, random);
    db_arg_i64(&a, org);
    db_arg_bytes(&a, (struct slice){ (const char *)hash, SHA256_SIZE });
    db_arg_i32(&a, scopes);
    db_arg_text(&a, slice_of(name));
    db_arg_time(&a, clock_wall_us() + TOKEN_LIFE_US);
    return owner_call(conninfo, DB_TOKEN_CREATE, &a, id, 1);
}

int cmd_token_create(int argc, char **argv)
{
    const char *conninfo, *org_text = NULL, *scopes_text = "read", *name = NULL;
    char token[AUTH_TOKEN_SIZE], id_text[ENC_ID_SIZE];
    uint8_t hash[SHA256_SIZE];
    int64_t org, random, id;
    int32_t scopes;
    bool json = cmd_take_flag(&argc, argv, "--json");
    int code = cmd_take_database(&argc, argv, &conninfo);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--org", &org_text) < 0 || cmd_take_value(&argc, argv, "--scopes", &scopes_text) < 0 ||
        cmd_take_value(&argc, argv, "--name", &name) < 0 || org_text == NULL || name == NULL)
        return cmd_usage("--org and --name are needed, each with a value");
    if (dec_id(slice_of(org_text), "org", &org) < 0)
        return cmd_usage("\"%s\" is not the id of an organisation (org_…)", org_text);
    code = parse_scopes(scopes_text, &scopes);
    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code == CMD_OK)
        code = owner_random(&random);
    if (code != CMD_OK)
        return code;
    if (auth_token_make(token) < 0 || auth_token_hash(slice_of(token), hash) < 0)
        return cmd_fail("no token could be made");
    code = token_store(conninfo, org, scopes, name, hash, random, &id);
    if (code == CMD_OK && id == 0)
        code = cmd_fail("there is no organisation %s", org_text);
    if (code != CMD_OK)
        return code;
    enc_id(id_text, "tok", id);
    if (json)
        printf("{\"id\":\"%s\",\"token\":\"%s\"}\n", id_text, token);
    else
        printf("%s\nThis is shown once: it is stored as a hash only. Id %s, valid for a year.\n", token, id_text);
    explicit_bzero(token, sizeof token);
    return CMD_OK;
}

/* A new random key of n bytes; an existing one is left as it is. */
static int key_make(const char *dir, const char *name, size_t n)
{
    uint8_t bytes[64];
    char path[512];
    int fd;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) {
        printf("%s is there already, left as it is\n", path);
        return CMD_OK;
    }
    if (fd < 0)
        return cmd_fail("cannot make %s: %s", path, strerror(errno));
    bool good = crypto_random(bytes, n) == RC_OK && write(fd, bytes, n) == (ssize_t)n && fsync(fd) == 0;

    explicit_bzero(bytes, sizeof bytes);
    close(fd);
    if (!good) {
        unlink(path);
        return cmd_fail("cannot write %s", path);
    }
    printf("%s made\n", path);
    return CMD_OK;
}

/* The number of the newest pepper of a folder; 0: none. */
static int pepper_last(const char *dir)
{
    char name[APP_PEPPER_NAME], path[512];

    for (int no = APP_PEPPER_MAX; no > 0; no--) {
        app_pepper_name(no, name);
        snprintf(path, sizeof path, "%s/%s", dir, name);
        if (access(path, F_OK) == 0)
            return no;
    }
    return 0;
}

int cmd_key_init(int argc, char **argv)
{
    static const struct {
        const char *name;
        size_t n;
    } keys[] = {
        { "receipt.key", ED25519_KEY_SIZE }, { "field.key", SEAL_KEY_SIZE },   { "session.key", AUTH_KEY_SIZE },
        { "totp.key", SEAL_KEY_SIZE },
    };
    int code = cmd_take_end(&argc, argv, 1, 1);

    if (code != CMD_OK)
        return code;
    if (crypto_init() < 0)
        return cmd_fail("the cryptographic library cannot be started");
    if (mkdir(argv[0], 0700) < 0 && errno != EEXIST)
        return cmd_fail("cannot make the folder %s: %s", argv[0], strerror(errno));
    for (size_t i = 0; code == CMD_OK && i < sizeof keys / sizeof keys[0]; i++)
        code = key_make(argv[0], keys[i].name, keys[i].n);
    /* Where a later one has replaced it, the first pepper is not missing. */
    if (code == CMD_OK && pepper_last(argv[0]) <= 1)
        code = key_make(argv[0], "pepper.key", AUTH_KEY_SIZE);
    return code;
}

int cmd_key_pepper(int argc, char **argv)
{
    struct auth_pepper peppers[AUTH_PEPPERS];
    char name[APP_PEPPER_NAME], error[600];
    int code = cmd_take_end(&argc, argv, 1, 1), last;

    if (code != CMD_OK)
        return code;
    if (crypto_init() < 0)
        return cmd_fail("the cryptographic library cannot be started");
    if (app_peppers_read(peppers, argv[0], error, sizeof error) < 0)
        code = cmd_fail("%s", error);
    else if (peppers[AUTH_PEPPERS - 1].no != 0)
        code = cmd_fail("a pepper is being replaced already; `khop doctor` says who still needs the old one");
    last = peppers[0].no;
    explicit_bzero(peppers, sizeof peppers);
    if (code == CMD_OK && last == APP_PEPPER_MAX)
        code = cmd_fail("there is no number for another pepper");
    if (code != CMD_OK)
        return code;
    app_pepper_name(last + 1, name);
    return key_make(argv[0], name, AUTH_KEY_SIZE);
}
