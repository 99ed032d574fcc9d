/* Who is at the other end: the count per address, and the client behind a proxy of ours. */
#include "http_private.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include "khop/base/banned.h"

struct peer_entry {
    size_t count;
    struct slice key; /* into bytes */
    char bytes[8];
};

/* An address as our text for it, with what is counted together. */
struct address {
    char text[INET6_ADDRSTRLEN];
    char key[8]; /* IPv4: 4 bytes; IPv6: the /64 */
    size_t nkey;
    bool loopback;
};

_Static_assert(sizeof(((struct http_conn *)0)->peer_text) >= INET6_ADDRSTRLEN, "an address fits");

static void address_v4(struct address *a, const struct in_addr *in)
{
    (void)inet_ntop(AF_INET, in, a->text, sizeof a->text);
    memcpy(a->key, in, 4);
    a->nkey = 4;
    a->loopback = (ntohl(in->s_addr) >> 24) == 127;
}

static void address_v6(struct address *a, const struct in6_addr *in)
{
    if (IN6_IS_ADDR_V4MAPPED(in)) {
        struct in_addr v4;

        memcpy(&v4, &in->s6_addr[12], sizeof v4);
        address_v4(a, &v4);
        return;
    }
    (void)inet_ntop(AF_INET6, in, a->text, sizeof a->text);
    memcpy(a->key, in, 8);
    a->nkey = 8;
    a->loopback = IN6_IS_ADDR_LOOPBACK(in);
}

static void address_of_socket(struct address *a, const struct sockaddr_storage *from)
{
    memset(a, 0, sizeof *a);
    if (from->ss_family == AF_INET) {
        address_v4(a, &((const struct sockaddr_in *)(const void *)from)->sin_addr);
    } else if (from->ss_family == AF_INET6) {
        address_v6(a, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr);
    } else {
        memcpy(a->text, "unix", sizeof "unix");
        a->loopback = true; /* whoever may open the socket is on this machine */
    }
}

static bool address_of_text(struct address *a, struct slice text)
{
    char copy[INET6_ADDRSTRLEN];
    struct in_addr v4;
    struct in6_addr v6;

    memset(a, 0, sizeof *a);
    if (text.n == 0 || text.n >= sizeof copy)
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    if (inet_pton(AF_INET, copy, &v4) == 1)
        address_v4(a, &v4);
    else if (inet_pton(AF_INET6, copy, &v6) == 1)
        address_v6(a, &v6);
    else
        return false;
    return true;
}

static bool is_proxy(const struct http_config *config, const struct address *a)
{
    if (config->proxies == NULL)
        return false;
    for (const char *const *p = config->proxies; *p != NULL; p++) {
        struct address proxy;

        if (strcmp(*p, a->text) == 0 || (address_of_text(&proxy, slice_of(*p)) && strcmp(proxy.text, a->text) == 0))
            return true;
    }
    return false;
}

static int count_up(struct http_conn *c, const struct address *a)
{
    struct http_server *s = c->server;
    struct peer_entry *e = map_get(s->peers, (struct slice){ a->key, a->nkey });

    if (e == NULL) {
        e = calloc(1, sizeof *e);
        if (e == NULL)
            return RC_BUSY;
        memcpy(e->bytes, a->key, a->nkey);
        e->key = (struct slice){ e->bytes, a->nkey };
        if (map_put(s->peers, e->key, e, NULL) < 0) {
            free(e);
            return RC_BUSY;
        }
    }
    if (e->count >= s->limits.per_address)
        return RC_BUSY;
    e->count++;
    c->peer = e;
    return RC_OK;
}

int peer_enter(struct http_conn *c, const struct sockaddr_storage *from)
{
    struct address a;

    address_of_socket(&a, from);
    memcpy(c->peer_text, a.text, sizeof a.text);
    c->loopback = a.loopback;
    c->proxy = is_proxy(&c->server->config, &a);
    if (c->server->limits.per_address == 0 || c->proxy || a.nkey == 0)
        return RC_OK;
    return count_up(c, &a);
}

void peer_leave(struct http_conn *c)
{
    struct peer_entry *e = c->peer;

    c->peer = NULL;
    if (e == NULL || --e->count > 0)
        return;
    (void)map_remove(c->server->peers, e->key);
    free(e);
}

/* Takes the last element off a comma-separated list. */
static struct slice cut_last(struct slice *list)
{
    const char *comma = list->n == 0 ? NULL : memrchr(list->p, ',', list->n);
    struct slice last = *list;

    if (comma == NULL) {
        list->n = 0;
        return slice_trim(last);
    }
    last = slice_sub(*list, (size_t)(comma - list->p) + 1, list->n);
    list->n = (size_t)(comma - list->p);
    return slice_trim(last);
}

/* From the right: the first hop that is no proxy of ours is the client. What stands left of it was written by him. An
 * element that is no address ends the walk at what is known so far. */
static void forwarded_for(const struct http_head *h, const struct http_config *config, struct address *client)
{
    for (size_t i = h->nfields; i-- > 0;) {
        struct slice list = http_head_slice(h, h->fields[i].value);

        if (!slice_eq_nocase(http_head_slice(h, h->fields[i].name), SLICE("x-forwarded-for")))
            continue;
        while (list.n > 0) {
            struct address hop;

            if (!address_of_text(&hop, cut_last(&list)))
                return;
            *client = hop;
            if (!is_proxy(config, client))
                return;
        }
    }
}

static struct slice last_value(const struct http_head *h, struct slice name)
{
    for (size_t i = h->nfields; i-- > 0;) {
        if (slice_eq_nocase(http_head_slice(h, h->fields[i].name), name)) {
            struct slice list = http_head_slice(h, h->fields[i].value);

            return cut_last(&list);
        }
    }
    return (struct slice){ NULL, 0 };
}

void peer_of_request(struct req *rq, const struct http_conn *c)
{
    rq->secure = c->tls != NULL;
    rq->loopback = c->loopback;
    memcpy(rq->peer, c->peer_text, sizeof rq->peer);
    if (!c->proxy && !c->loopback)
        return;

    bool forwarded = http_head_field(rq->head, SLICE("x-forwarded-for")).p != NULL;

    if (!c->proxy) {
        /* A proxy on this machine that nobody told us of: believed only in that the client is not local. */
        rq->loopback = !forwarded;
        return;
    }
    if (forwarded) {
        struct address client = { .loopback = false };

        memcpy(client.text, c->peer_text, sizeof client.text);
        forwarded_for(rq->head, &c->server->config, &client);
        memset(rq->peer, 0, sizeof rq->peer);
        memcpy(rq->peer, client.text, sizeof client.text);
        rq->loopback = client.loopback;
    }
    if (slice_eq_nocase(last_value(rq->head, SLICE("x-forwarded-proto")), SLICE("https")))
        rq->secure = true;
}
