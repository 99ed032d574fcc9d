#include "khop/auth/rate.h"

#include "khop/base/map.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "khop/base/banned.h"

#define ADDRESSES_MAX 16384

struct address {
    int64_t since_ms; /* when its window began */
    int64_t refused;
};

struct auth_rate {
    int64_t limit, window_ms;
    struct map *addresses;
};

struct auth_rate *auth_rate_new(int64_t limit, int64_t window_ms)
{
    struct auth_rate *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->limit = limit;
    r->window_ms = window_ms;
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
    return r != NULL && r->limit > 0 && !rq->loopback;
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

/* Whoever has one address of IPv6 has 2^64: what is counted is the network. */
static struct slice network_of(const char *peer, char text[INET6_ADDRSTRLEN])
{
    struct in6_addr a;

    if (inet_pton(AF_INET6, peer, &a) != 1)
        return slice_of(peer);
    memset(&a.s6_addr[8], 0, 8);
    return slice_of(inet_ntop(AF_INET6, &a, text, INET6_ADDRSTRLEN));
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
    a->since_ms = now_ms;
    if (map_put(r->addresses, peer, a, NULL) == RC_OK)
        return a;
    free(a);
    return NULL;
}

bool auth_rate_refuse(struct auth_rate *r, const struct req *rq, int64_t now_ms)
{
    char text[INET6_ADDRSTRLEN];
    struct address *a = is_counted(r, rq) ? address_of(r, network_of(rq->peer, text), now_ms) : NULL;

    if (a == NULL) /* exempt; or without memory, then nobody is counted */
        return false;
    if (now_ms - a->since_ms >= r->window_ms)
        *a = (struct address){ .since_ms = now_ms };
    return ++a->refused > r->limit;
}

bool auth_rate_over(struct auth_rate *r, const struct req *rq, int64_t now_ms)
{
    char text[INET6_ADDRSTRLEN];
    const struct address *a = is_counted(r, rq) ? map_get(r->addresses, network_of(rq->peer, text)) : NULL;

    return a != NULL && now_ms - a->since_ms < r->window_ms && a->refused >= r->limit;
}
