#include "khop/auth/rate.h"

#include "khop/base/map.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define ADDRESSES_MAX 16384
#define WINDOW_MS     60000

struct address {
    int64_t window_ms; /* when its minute began */
    int64_t refused;
};

struct auth_rate {
    int64_t per_minute;
    struct map *addresses;
};

struct auth_rate *auth_rate_new(int64_t per_minute)
{
    struct auth_rate *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->per_minute = per_minute;
    r->addresses = map_new(ADDRESSES_MAX);
    if (r->addresses == NULL) {
        free(r);
        return NULL;
    }
    return r;
}

static bool free_each(struct slice key, void *value, void *arg)
{
    (void)key;
    (void)arg;
    free(value);
    return true;
}

void auth_rate_free(struct auth_rate *r)
{
    if (r == NULL)
        return;
    map_each(r->addresses, free_each, NULL);
    map_free(r->addresses);
    free(r);
}

static bool is_counted(const struct auth_rate *r, const struct req *rq)
{
    return r != NULL && r->per_minute > 0 && !rq->loopback;
}

/* Everybody is forgotten: whoever goes on is soon counted again. */
static void forget_all(struct auth_rate *r)
{
    struct map *fresh = map_new(ADDRESSES_MAX);

    if (fresh == NULL)
        return;
    map_each(r->addresses, free_each, NULL);
    map_free(r->addresses);
    r->addresses = fresh;
}

static struct address *address_of(struct auth_rate *r, struct slice peer, int64_t now_ms)
{
    struct address *a = map_get(r->addresses, peer);

    if (a != NULL)
        return a;
    if (map_count(r->addresses) >= ADDRESSES_MAX)
        forget_all(r);
    a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->window_ms = now_ms;
    if (map_put(r->addresses, peer, a, NULL) == RC_OK)
        return a;
    free(a);
    return NULL;
}

bool auth_rate_refuse(struct auth_rate *r, const struct req *rq, int64_t now_ms)
{
    struct address *a = is_counted(r, rq) ? address_of(r, slice_of(rq->peer), now_ms) : NULL;

    if (a == NULL) /* exempt; or without memory, then nobody is counted */
        return false;
    if (now_ms - a->window_ms >= WINDOW_MS)
        *a = (struct address){ .window_ms = now_ms };
    return ++a->refused > r->per_minute;
}
