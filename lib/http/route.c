/* Patterns against raw paths. Each entry knows the literal bytes before its first {}, which turn most routes down in
 * one comparison. */
#include "http_private.h"
#include <assert.h>
#include <stdlib.h>
#include "khop/base/banned.h"

struct route_entry {
    const struct route *route;
    struct slice prefix;  /* literal */
    struct slice pattern; /* the rest, from the first {} on; empty: the prefix is all */
};

struct route_table {
    size_t n;
    struct route_entry entries[];
};

static struct route_entry entry_of(const struct route *route)
{
    struct slice all = slice_of(route->pattern);
    const char *hole = memmem(all.p, all.n, "{}", 2);
    size_t literal = hole == NULL ? all.n : (size_t)(hole - all.p);

    assert(all.n > 0 && all.p[0] == '/');
    return (struct route_entry){ route, slice_sub(all, 0, literal), slice_sub(all, literal, all.n) };
}

/* A fault in the program's own table is found at its first start. */
static void check(const struct route *route)
{
    struct slice rest = slice_of(route->pattern);
    size_t holes = 0;

    assert(route->method == HTTP_GET || route->method == HTTP_POST);
    assert(route->method == HTTP_POST || route->body_max == 0);
    while (rest.n > 0) {
        struct slice part = slice_cut(&rest, '/');
        const char *hole = part.n < 2 ? NULL : memmem(part.p, part.n, "{}", 2);

        if (hole == NULL)
            continue;
        holes++;
        assert(memmem(hole + 2, part.n - 2 - (size_t)(hole - part.p), "{}", 2) == NULL);
    }
    assert(holes <= REQ_PARAMS_MAX);
}

struct route_table *route_table_new(const struct route *routes, size_t n)
{
    struct route_table *t = calloc(1, sizeof *t + n * sizeof t->entries[0]);

    if (t == NULL)
        return NULL;
    t->n = n;
    for (size_t i = 0; i < n; i++) {
        check(&routes[i]);
        t->entries[i] = entry_of(&routes[i]);
    }
    return t;
}

void route_table_free(struct route_table *t)
{
    free(t);
}

static struct slice until_slash(struct slice s)
{
    return slice_cut(&s, '/');
}

/* `pattern` begins with {}; literal bytes between two of them may span several parts of the path. */
static bool fits(struct slice pattern, struct slice path, struct slice params[REQ_PARAMS_MAX])
{
    size_t n = 0;

    while (pattern.n > 0) {
        if (pattern.n >= 2 && pattern.p[0] == '{' && pattern.p[1] == '}') {
            struct slice part = until_slash(path);
            struct slice behind = until_slash(slice_sub(pattern, 2, pattern.n));

            if (part.n <= behind.n || !slice_eq(slice_sub(part, part.n - behind.n, behind.n), behind))
                return false;
            params[n++] = slice_sub(part, 0, part.n - behind.n);
            pattern = slice_sub(pattern, 2 + behind.n, pattern.n);
            path = slice_sub(path, part.n, path.n);
        } else {
            if (path.n == 0 || path.p[0] != pattern.p[0])
                return false;
            pattern = slice_sub(pattern, 1, pattern.n);
            path = slice_sub(path, 1, path.n);
        }
    }
    return path.n == 0;
}

const struct route *route_find(const struct route_table *t, enum http_method method, struct slice path,
                               struct slice params[REQ_PARAMS_MAX], unsigned *allow)
{
    *allow = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct route_entry *e = &t->entries[i];

        if (!slice_starts(path, e->prefix))
            continue;

        struct slice rest = slice_sub(path, e->prefix.n, path.n);

        if (e->pattern.n == 0 ? rest.n > 0 : !fits(e->pattern, rest, params))
            continue;
        if (e->route->method == method)
            return e->route;
        *allow |= 1u << e->route->method;
    }
    memset(params, 0, REQ_PARAMS_MAX * sizeof params[0]);
    return NULL;
}
