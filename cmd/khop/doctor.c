/* khop doctor: is everything as it should be, in one look. Each check says what it found and, if it is bad, what to do. */
#include "client.h"

#include "khop/app/serve.h"
#include "khop/db/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "khop/base/banned.h"

#define DISK_FREE_PERCENT 5 /* security.md §8: /readyz is red below */

struct findings {
    int bad;
    bool json;
};

static void found(struct findings *f, bool good, const char *what, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void found(struct findings *f, bool good, const char *what, const char *fmt, ...)
{
    char detail[1024];
    struct buf line;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(detail, sizeof detail, fmt, ap);
    va_end(ap);
    f->bad += !good;
    if (!f->json) {
        printf("%-4s %-10s %s\n", good ? "ok" : "BAD", what, detail);
        return;
    }
    buf_init(&line, 1 << 16);
    cmd_json(&line, json_pack("{s:s, s:b, s:s}", "check", what, "ok", good, "detail", detail));
    printf("%.*s\n", SLICE_FMT(buf_slice(&line)));
    buf_release(&line);
}

static void check_server(struct findings *f, const char *url)
{
    struct client *c = client_new();
    const char *why = "no memory";
    struct buf answer;
    char address[2048];
    long status = 0;

    buf_init(&answer, CLIENT_ANSWER_MAX);
    snprintf(address, sizeof address, "%s/healthz", url);
    if (c == NULL || client_call(c, address, NULL, 0, (struct slice){ 0 }, &status, &answer, &why) < 0) {
        found(f, false, "server", "%s does not answer: %s; is khopd running?", url, why);
    } else {
        found(f, status == 200, "server", "%s answered %ld", address, status);
        snprintf(address, sizeof address, "%s/readyz", url);
        if (client_call(c, address, NULL, 0, (struct slice){ 0 }, &status, &answer, &why) < 0)
            status = 0;
        found(f, status == 200, "ready", "%s answered %ld%s", address, status,
              status == 200 ? "" : "; look at khopd's log and at the database");
    }
    buf_release(&answer);
    client_free(c);
}

/* A demo lets people in with a password alone; what handles money should not. */
static void check_people(struct findings *f, struct db_admin *admin)
{
    enum { LOGIN = 1, ROLE = 5, DISABLED = 6, TOTP = 7 };
    static const char *const free_roles[] = { "vendor", "auditor" };
    const struct db_rows *rows;
    struct db_error error;
    struct db_args a;
    struct arena *arena = arena_new(0);
    int without = 0, first = -1;

    if (arena == NULL)
        return;
    db_args_init(&a, arena);
    db_arg_null(&a);
    if (db_admin_call(admin, DB_USER_LIST_ALL, &a, &rows, &error) < 0) {
        found(f, false, "people", "%s", error.text);
        arena_free(arena);
        return;
    }
    for (int i = 0; i < db_rows_count(rows); i++) {
        struct slice role = db_text(rows, i, ROLE);

        if (db_bool(rows, i, TOTP) || db_bool(rows, i, DISABLED) || role.n == 0 || slice_is(role, free_roles[0]) || slice_is(role, free_roles[1]))
            continue;
        without++;
        first = first < 0 ? i : first;
    }
    if (db_rows_count(rows) == 0)
        found(f, true, "people", "nobody can sign in yet; `khop setup` makes the first administrator");
    else if (without == 0)
        found(f, true, "people", "everybody whose role needs a second factor has one");
    else
        found(f, true, "people", "warning: %d without the second factor that the role needs, first %.*s; second_factor = required asks for it", without,
              SLICE_FMT(db_text(rows, first, LOGIN)));
    arena_free(arena);
}

/* Who still needs which pepper, and whether it is there (`dir` NULL: that is not known). */
static void check_passwords(struct findings *f, struct db_admin *admin, const char *dir)
{
    enum { USER, LOGIN, DISABLED = 6, PEPPER = 9 };
    struct auth_pepper peppers[AUTH_PEPPERS] = { 0 };
    int people[APP_PEPPER_MAX + 1] = { 0 }, newest = 0;
    const struct db_rows *rows;
    struct db_error error;
    struct db_args a;
    struct arena *arena = arena_new(0);
    char name[APP_PEPPER_NAME], text[600];
    bool all_known = true;

    if (arena == NULL)
        return;
    db_args_init(&a, arena);
    db_arg_null(&a);
    if (db_admin_call(admin, DB_USER_LIST_ALL, &a, &rows, &error) < 0)
        found(f, false, "passwords", "%s", error.text);
    else if (dir == NULL || app_peppers_read(peppers, dir, text, sizeof text) == RC_OK) { /* else check_keys says it */
        for (int i = 0; i < db_rows_count(rows); i++) {
            int64_t no = db_i64(rows, i, PEPPER);

            if (db_bool(rows, i, DISABLED) || no < 1 || no > APP_PEPPER_MAX || (i > 0 && db_i64(rows, i, USER) == db_i64(rows, i - 1, USER)))
                continue;
            people[no]++;
            newest = no > newest ? (int)no : newest;
        }
        newest = peppers[0].no > newest ? peppers[0].no : newest;
        for (int no = 1; no <= newest; no++) {
            bool here = dir == NULL || peppers[0].no == no || peppers[1].no == no;

            app_pepper_name(no, name);
            if (people[no] > 0 && !here)
                found(f, false, "passwords", "%d cannot sign in: %s is not in %s; put it back, or let them choose new passwords (khop user invite --reset)",
                      people[no], name, dir);
            else if (people[no] > 0 && no < newest)
                found(f, true, "passwords", "warning: %d still with %s; each moves to the newest at the next sign-in, until then it has to stay", people[no], name);
            all_known = all_known && (people[no] == 0 || no == newest);
        }
        if (all_known && people[newest] > 0) {
            app_pepper_name(newest, name);
            found(f, true, "passwords", "all %d are keyed with %s", people[newest], name);
        }
    }
    explicit_bzero(peppers, sizeof peppers);
    arena_free(arena);
}

/* Another ICU orders names otherwise than the index of payers was built. */
static void check_names(struct findings *f, struct db_admin *admin)
{
    const struct db_rows *rows;
    struct db_error error;
    struct db_args none;

    memset(&none, 0, sizeof none);
    if (db_admin_call(admin, DB_NAME_ORDER, &none, &rows, &error) < 0) {
        found(f, false, "names", "%s", error.text);
        return;
    }
    if (db_rows_count(rows) == 1 && slice_eq(db_text(rows, 0, 0), db_text(rows, 0, 1)))
        found(f, true, "names", "the index of payers has the order of the ICU that is installed");
    else
        found(f, false, "names", "the index of payers has the order of another ICU: reindex index khop.payer_order; alter collation khop.vn refresh version");
}

static void check_database(struct findings *f, const char *conninfo, const char *keys)
{
    struct db_admin *admin;
    const struct db_rows *rows;
    struct db_error error;
    struct db_args none;

    if (db_admin_open(&admin, conninfo, NULL, &error) < 0) {
        found(f, false, "database", "%s", error.text);
        return;
    }
    found(f, true, "database", "connected, and the schema is the one of this version");
    memset(&none, 0, sizeof none);
    if (db_admin_call(admin, DB_INVARIANTS_ALL, &none, &rows, &error) < 0) {
        found(f, false, "books", "%s", error.text);
    } else if (db_rows_count(rows) == 0) {
        found(f, true, "books", "every invariant holds");
    } else {
        for (int i = 0; i < db_rows_count(rows); i++)
            found(f, false, "books", "%.*s: %.*s; stop paying out and have it looked at", SLICE_FMT(db_text(rows, i, 0)),
                  SLICE_FMT(db_text(rows, i, 1)));
    }
    check_names(f, admin);
    check_people(f, admin);
    check_passwords(f, admin, keys);
    db_admin_close(admin);
}

static void check_keys(struct findings *f, const char *dir)
{
    static struct app_keys keys;
    char error[512];

    if (app_keys_read(&keys, dir, error, sizeof error) < 0)
        found(f, false, "keys", "%s", error);
    else
        found(f, true, "keys", "%s: readable by their owner only", dir);
    explicit_bzero(&keys, sizeof keys);
}

static void check_disk(struct findings *f, const char *path)
{
    struct statvfs st;

    if (statvfs(path, &st) < 0 || st.f_blocks == 0) {
        found(f, false, "disk", "%s cannot be looked at", path);
        return;
    }
    unsigned long long percent = (unsigned long long)st.f_bavail * 100 / st.f_blocks;

    found(f, percent >= DISK_FREE_PERCENT, "disk", "%s: %llu %% free", path, percent);
}

int cmd_doctor(int argc, char **argv)
{
    const char *url = getenv("KHOP_URL"), *database = getenv("KHOP_DATABASE_URL"), *keys = NULL, *disk = NULL;
    struct findings f = { 0 };
    int code;

    f.json = cmd_take_flag(&argc, argv, "--json");
    if (cmd_take_value(&argc, argv, "--url", &url) < 0 || cmd_take_value(&argc, argv, "--database", &database) < 0 ||
        cmd_take_value(&argc, argv, "--keys", &keys) < 0 || cmd_take_value(&argc, argv, "--disk", &disk) < 0)
        return cmd_usage("an option needs a value");
    code = cmd_take_end(&argc, argv, 0, 0);
    if (code != CMD_OK)
        return code;
    if (url == NULL && database == NULL && keys == NULL && disk == NULL)
        return cmd_usage("what shall be looked at? --url, --database, --keys, --disk, or KHOP_URL and KHOP_DATABASE_URL");
    if (url != NULL)
        check_server(&f, url);
    if (database != NULL)
        check_database(&f, database, keys);
    if (keys != NULL)
        check_keys(&f, keys);
    if (disk != NULL)
        check_disk(&f, disk);
    return f.bad == 0 ? CMD_OK : CMD_FAILED;
}
