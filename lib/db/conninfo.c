/* What we add to the operator's conninfo. Session settings travel in the start-up packet ("options"), so that no SQL is
 * sent for them and a reset session keeps them. */
#include "internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "khop/base/banned.h"

/* What a conninfo may say otherwise, and what it may not: decisions never read a standby (`security.md` §5). */
static const char *const defaults[][2] = {
    { "keepalives", "1" },
    { "keepalives_idle", "5" },
    { "keepalives_interval", "2" },
    { "keepalives_count", "3" },
    { "tcp_user_timeout", "10000" },
    { "fallback_application_name", "khop" },
    { "connect_timeout", "10" }, /* where we wait for it (admin, migrate); elsewhere our own deadline rules */
};
static const char *const musts[][2] = {
    { "target_session_attrs", "read-write" },
    { "client_encoding", "UTF8" },
};

static size_t commas(const char *list)
{
    size_t n = 0;

    for (; *list != '\0'; list++)
        n += *list == ',';
    return n;
}

/* "a,b,c" rotated by one is "b,c,a". NULL without memory. */
static char *rotate(const char *list, size_t by)
{
    size_t n = strlen(list);
    const char *cut = list;
    char *out = malloc(n + 1);

    if (out == NULL)
        return NULL;
    for (by %= commas(list) + 1; by > 0; by--)
        cut = strchr(cut, ',') + 1;
    size_t tail = n - (size_t)(cut - list);

    memcpy(out, cut, tail);
    if (cut > list) {
        out[tail] = ',';
        memcpy(out + tail + 1, list, n - tail - 1);
    }
    out[n] = '\0';
    return out;
}

static int add(struct db_conninfo *ci, size_t *n, const char *keyword, const char *value)
{
    if (*n + 1 >= sizeof ci->keywords / sizeof ci->keywords[0])
        return RC_TOO_LARGE;
    ci->keywords[*n] = keyword;
    ci->values[*n] = value;
    (*n)++;
    return RC_OK;
}

static int add_pairs(struct db_conninfo *ci, size_t *n, const char *const pairs[][2], size_t count)
{
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < count; i++)
        rc = add(ci, n, pairs[i][0], pairs[i][1]);
    return rc;
}

/* One option of the operator's, hosts rotated, our session settings before his. */
static int add_option(struct db_conninfo *ci, size_t *n, const PQconninfoOption *o, unsigned attempt)
{
    static const char *const lists[] = { "host", "hostaddr", "port" };
    const char *value = o->val;

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strcmp(o->keyword, lists[i]) != 0 || commas(value) == 0)
            continue;
        ci->rotated[i] = rotate(value, attempt);
        if (ci->rotated[i] == NULL)
            return RC_NOMEM;
        value = ci->rotated[i];
    }
    if (strcmp(o->keyword, "options") == 0) {
        char *both;

        if (asprintf(&both, "%s %s", ci->session, value) < 0)
            return RC_NOMEM;
        free(ci->session);
        ci->session = both;
        return RC_OK;
    }
    return add(ci, n, o->keyword, value);
}

int conninfo_build(struct db_conninfo *ci, const char *conninfo, unsigned attempt, const char *session)
{
    size_t n = 0;
    int rc;

    memset(ci, 0, sizeof *ci);
    ci->options = PQconninfoParse(conninfo, NULL);
    if (ci->options == NULL)
        return RC_BAD_INPUT;
    ci->session = strdup(session);
    if (ci->session == NULL)
        return RC_NOMEM;
    /* A keyword given twice takes the later value. */
    rc = add_pairs(ci, &n, defaults, sizeof defaults / sizeof defaults[0]);
    for (const PQconninfoOption *o = ci->options; rc == RC_OK && o->keyword != NULL; o++) {
        if (o->val != NULL)
            rc = add_option(ci, &n, o, attempt);
    }
    if (rc == RC_OK)
        rc = add_pairs(ci, &n, musts, sizeof musts / sizeof musts[0]);
    if (rc == RC_OK)
        rc = add(ci, &n, "options", ci->session);
    return rc;
}

void conninfo_release(struct db_conninfo *ci)
{
    PQconninfoFree(ci->options);
    for (size_t i = 0; i < sizeof ci->rotated / sizeof ci->rotated[0]; i++)
        free(ci->rotated[i]);
    free(ci->session);
    memset(ci, 0, sizeof *ci);
}
