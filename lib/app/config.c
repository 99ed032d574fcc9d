#include "khop/app/config.h"

#include "khop/base/num.h"
#include "khop/base/slice.h"
#include "khop/loop/listen.h"

#include <ctype.h>
#include <stdlib.h>

#include "khop/base/banned.h"

enum setting_kind { SETTING_TEXT, SETTING_NUMBER };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset, size;
    int64_t min, max;
    const char *value; /* default */
    const char *help;
};

#define TEXT(field, def, about) \
    { #field, SETTING_TEXT, offsetof(struct config, field), sizeof(((struct config *)0)->field), 0, 0, def, about }
#define NUMBER(field, lo, hi, def, about) { #field, SETTING_NUMBER, offsetof(struct config, field), 0, lo, hi, def, about }

static const struct setting SETTINGS[] = {
    TEXT(database, "", "connection string of PostgreSQL, e.g. host=/run/khop user=khop_serve dbname=khop"),
    NUMBER(drain_ms, 0, 600000, "25000", "milliseconds that running requests get after SIGTERM"),
    TEXT(hosts, "", "accepted Host names, separated by commas; empty: any"),
    NUMBER(jobs, 0, 8, "1", "processes for background work"),
    TEXT(jobs_database, "", "the same database as khop_jobs; empty: the setting database with that user"),
    TEXT(keys_dir, "keys", "folder with the keys that `khop key init` makes (mode 0600)"),
    NUMBER(lanes, 1, 16, "2", "settling connections of a serving process"),
    NUMBER(logins_per_address, 0, 100000, "20", "wrong passwords and codes of one address in 15 minutes before 429; 0: no limit"),
    TEXT(listen, "127.0.0.1:8080", "address and port"),
    TEXT(log_level, "info", "debug, info, warn or error"),
    NUMBER(max_connections, 16, 100000, "4096", "open HTTP connections of a serving process"),
    TEXT(origin, "http://127.0.0.1:8080", "what people type in front of /p/…; written into receipts"),
    NUMBER(per_address, 0, 100000, "128", "open HTTP connections of one address; 0: no limit"),
    TEXT(proxies, "", "addresses whose X-Forwarded-For counts, separated by commas"),
    NUMBER(readers, 1, 32, "2", "other database connections of a serving process"),
    NUMBER(refusals_per_minute, 0, 1000000, "600", "refused requests of one address in a minute before 429; 0: no limit"),
    TEXT(second_factor, "required", "of accountants, administrators and whoever approves: required or offered (for a demo)"),
    TEXT(tls_cert, "", "PEM certificate chain; empty: plain HTTP (a proxy in front)"),
    TEXT(tls_key, "", "PEM private key of tls_cert"),
    TEXT(user, "", "run as this user once the sockets are open and the keys read (only as root)"),
    TEXT(voice_dir, "", "folder with voice packs, a folder a language; empty: the browser's own voice"),
    TEXT(webhook_allow, "", "origins such as http://10.1.2.3:8080 that webhooks may call besides public https, separated by commas"),
    NUMBER(workers, 1, 64, "1", "serving processes"),
};

#define NSETTINGS (sizeof SETTINGS / sizeof SETTINGS[0])

static const struct setting *setting_find(struct slice name)
{
    for (size_t i = 0; i < NSETTINGS; i++) {
        if (slice_is(name, SETTINGS[i].name))
            return &SETTINGS[i];
    }
    return NULL;
}

static int setting_put(struct config *c, const struct setting *s, struct slice value, char *error, size_t size)
{
    char *at = (char *)c + s->offset;

    if (s->kind == SETTING_NUMBER) {
        int64_t v;

        if (num_parse(value, s->min, s->max, false, &v) < 0) {
            snprintf(error, size, "%s must be a number from %lld to %lld, not \"%.*s\"", s->name, (long long)s->min,
                     (long long)s->max, SLICE_FMT(value));
            return RC_BAD_INPUT;
        }
        memcpy(at, &v, sizeof v);
        return RC_OK;
    }
    if (value.n >= s->size || memchr(value.p, '\0', value.n) != NULL) {
        snprintf(error, size, "%s is too long (at most %zu bytes)", s->name, s->size - 1);
        return RC_BAD_INPUT;
    }
    memcpy(at, value.p, value.n);
    at[value.n] = '\0';
    return RC_OK;
}

static int config_line(struct config *c, struct slice line, const char *path, int number, char *error, size_t size)
{
    struct slice rest = slice_trim(line), name;
    const struct setting *s;

    if (rest.n == 0 || rest.p[0] == '#')
        return RC_OK;
    if (memchr(rest.p, '=', rest.n) == NULL) {
        snprintf(error, size, "%s:%d: a line must be name = value", path, number);
        return RC_BAD_INPUT;
    }
    name = slice_trim(slice_cut(&rest, '='));
    s = setting_find(name);
    if (s == NULL) {
        snprintf(error, size, "%s:%d: there is no setting \"%.*s\"", path, number, SLICE_FMT(name));
        return RC_BAD_INPUT;
    }
    return setting_put(c, s, slice_trim(rest), error, size);
}

static int config_file(struct config *c, const char *path, char *error, size_t size)
{
    char line[2048];
    int number = 0, rc = RC_OK;
    FILE *f = fopen(path, "re");

    if (f == NULL) {
        snprintf(error, size, "cannot open the configuration file %s", path);
        return RC_NOT_FOUND;
    }
    while (rc == RC_OK && fgets(line, sizeof line, f) != NULL) {
        size_t n = strlen(line);

        while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            n--;
        rc = config_line(c, (struct slice){ line, n }, path, ++number, error, size);
    }
    fclose(f);
    return rc;
}

static int config_environment(struct config *c, char *error, size_t size)
{
    for (size_t i = 0; i < NSETTINGS; i++) {
        char name[64];
        const char *value;

        snprintf(name, sizeof name, "KHOP_%s", SETTINGS[i].name);
        for (char *p = name; *p != '\0'; p++)
            *p = (char)toupper((unsigned char)*p);
        value = getenv(name);
        if (value != NULL && setting_put(c, &SETTINGS[i], slice_of(value), error, size) < 0)
            return RC_BAD_INPUT;
    }
    return RC_OK;
}

static int config_flag(struct config *c, const char *flag, const char *value, char *error, size_t size)
{
    char name[64];
    const struct setting *s;

    snprintf(name, sizeof name, "%s", flag + 2);
    for (char *p = name; *p != '\0'; p++)
        *p = *p == '-' ? '_' : *p;
    s = setting_find(slice_of(name));
    if (s == NULL) {
        snprintf(error, size, "there is no option %s; see --help", flag);
        return RC_BAD_INPUT;
    }
    return setting_put(c, s, slice_of(value), error, size);
}

static int config_flags(struct config *c, int argc, char **argv, bool only_file, char *error, size_t size)
{
    for (int i = 1; i < argc; i++) {
        int rc = RC_OK;

        if (strncmp(argv[i], "--", 2) != 0 || i + 1 >= argc) {
            snprintf(error, size, "\"%s\" is not --option value; see --help", argv[i]);
            return RC_BAD_INPUT;
        }
        bool file = strcmp(argv[i], "--config") == 0;

        if (file && only_file)
            rc = config_file(c, argv[i + 1], error, size);
        else if (!file && !only_file)
            rc = config_flag(c, argv[i], argv[i + 1], error, size);
        if (rc < 0)
            return rc;
        i++;
    }
    return RC_OK;
}

/* The background work has a login of its own. In "name=value" form the last user wins; in a URL it cannot be added. */
static int config_jobs_database(struct config *c, char *error, size_t size)
{
    int n;

    if (c->jobs_database[0] != '\0' || c->jobs == 0)
        return RC_OK;
    n = snprintf(c->jobs_database, sizeof c->jobs_database, "%s user=khop_jobs", c->database);
    if (strstr(c->database, "://") == NULL && n < (int)sizeof c->jobs_database)
        return RC_OK;
    snprintf(error, size, "jobs_database is not set: give the database's connection string with the user khop_jobs");
    return RC_BAD_INPUT;
}

static bool level_known(const char *name)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* A Host is compared without its port; an IPv6 address stands in brackets. NULL: all are names. */
static const char *host_with_port(const char *const *list)
{
    for (; *list != NULL; list++) {
        if ((*list)[0] != '[' ? strchr(*list, ':') != NULL : (*list)[strlen(*list) - 1] != ']')
            return *list;
    }
    return NULL;
}

static int config_check_lists(const struct config *c, char *error, size_t size)
{
    char hosts[CONFIG_TEXT_MAX], proxies[CONFIG_TEXT_MAX];
    const char *list[CONFIG_LIST_MAX + 1], *bad;

    memcpy(hosts, c->hosts, sizeof hosts);
    memcpy(proxies, c->proxies, sizeof proxies);
    if (config_list(proxies, list) < 0 || config_list(hosts, list) < 0) {
        snprintf(error, size, "hosts and proxies take at most %d values each", CONFIG_LIST_MAX);
        return RC_BAD_INPUT;
    }
    bad = host_with_port(list);
    if (bad == NULL)
        return RC_OK;
    snprintf(error, size, "hosts takes names without a port, not \"%.200s\"", bad);
    return RC_BAD_INPUT;
}

static int config_check(const struct config *c, char *error, size_t size)
{
    size_t n = strlen(c->origin);
    struct listen_addr address;

    if (strncmp(c->origin, "http://", 7) != 0 && strncmp(c->origin, "https://", 8) != 0)
        snprintf(error, size, "origin must begin with https:// (or http:// on loopback)");
    else if (c->origin[n - 1] == '/')
        snprintf(error, size, "origin must not end with a slash");
    else if ((c->tls_cert[0] == '\0') != (c->tls_key[0] == '\0'))
        snprintf(error, size, "tls_cert and tls_key go together");
    else if (c->database[0] == '\0')
        snprintf(error, size, "database is not set: give a connection string, e.g. --database 'host=/run/khop dbname=khop'");
    else if (listen_parse(slice_of(c->listen), &address) != RC_OK)
        snprintf(error, size, "listen must be an address and a port, as 127.0.0.1:8080 or [::1]:8080, not \"%.200s\"", c->listen);
    else if (!level_known(c->log_level))
        snprintf(error, size, "log_level must be debug, info, warn or error, not \"%s\"", c->log_level);
    else if (strcmp(c->second_factor, "required") != 0 && strcmp(c->second_factor, "offered") != 0)
        snprintf(error, size, "second_factor must be required or offered, not \"%s\"", c->second_factor);
    else
        return config_check_lists(c, error, size);
    return RC_BAD_INPUT;
}

int config_read(struct config *c, int argc, char **argv, char *error, size_t error_size)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < NSETTINGS; i++) {
        if (setting_put(c, &SETTINGS[i], slice_of(SETTINGS[i].value), error, error_size) < 0)
            return RC_INTERNAL;
    }
    int rc = config_flags(c, argc, argv, true, error, error_size);

    if (rc == RC_OK)
        rc = config_environment(c, error, error_size);
    if (rc == RC_OK)
        rc = config_flags(c, argc, argv, false, error, error_size);
    if (rc == RC_OK)
        rc = config_check(c, error, error_size);
    return rc < 0 ? rc : config_jobs_database(c, error, error_size);
}

void config_print(const struct config *c, FILE *out)
{
    for (size_t i = 0; i < NSETTINGS; i++) {
        const char *at = (const char *)c + SETTINGS[i].offset;

        if (SETTINGS[i].kind == SETTING_NUMBER) {
            int64_t v;

            memcpy(&v, at, sizeof v);
            fprintf(out, "%s = %lld\n", SETTINGS[i].name, (long long)v);
        } else {
            fprintf(out, "%s = %s\n", SETTINGS[i].name, at);
        }
    }
}

void config_help(FILE *out)
{
    for (size_t i = 0; i < NSETTINGS; i++)
        fprintf(out, "  --%-20s %s (%s)\n", SETTINGS[i].name, SETTINGS[i].help,
                SETTINGS[i].value[0] == '\0' ? "none" : SETTINGS[i].value);
}

int config_list(char *text, const char *list[CONFIG_LIST_MAX + 1])
{
    size_t n = 0;

    for (char *p = text, *end; p != NULL; p = end) {
        struct slice one;

        end = strchr(p, ',');
        if (end != NULL)
            *end++ = '\0';
        one = slice_trim(slice_of(p));
        if (one.n == 0)
            continue;
        if (n == CONFIG_LIST_MAX)
            return RC_TOO_LARGE;
        p += one.p - p;
        p[one.n] = '\0';
        list[n++] = p;
    }
    list[n] = NULL;
    return RC_OK;
}
