/* Chained hash table: an entry owns its key's bytes, so one allocation per entry. It doubles while entries outnumber
 * chains; when there is no memory for that it stays correct with longer chains. */
#include "khop/base/map.h"
#include "siphash.h"
#include <stdlib.h>
#include <sys/random.h>
#include "khop/base/banned.h"

struct entry {
    struct entry *next;
    uint64_t hash;
    void *value;
    size_t n;
    char key[];
};

struct map {
    struct siphash_key sip;
    struct entry **chains;
    size_t mask; /* chains - 1, a power of two minus one */
    size_t count, max;
};

#define MAP_FIRST_CHAINS 16

struct map *map_new(size_t max_entries)
{
    struct map *m = calloc(1, sizeof *m);

    if (m == NULL)
        return NULL;
    m->chains = calloc(MAP_FIRST_CHAINS, sizeof(struct entry *));
    m->mask = MAP_FIRST_CHAINS - 1;
    m->max = max_entries;
    if (m->chains == NULL || getrandom(&m->sip, sizeof m->sip, 0) != (ssize_t)sizeof m->sip) {
        free(m->chains);
        free(m);
        return NULL;
    }
    return m;
}

void map_free(struct map *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i <= m->mask; i++) {
        struct entry *e = m->chains[i];

        while (e != NULL) {
            struct entry *next = e->next;

            free(e);
            e = next;
        }
    }
    free(m->chains);
    free(m);
}

/* The link that points at the key's entry, or at the NULL where it would go. */
static struct entry **place(const struct map *m, struct slice key, uint64_t hash)
{
    struct entry **at = &m->chains[hash & m->mask];

    while (*at != NULL && !((*at)->hash == hash && slice_eq((struct slice){ (*at)->key, (*at)->n }, key)))
        at = &(*at)->next;
    return at;
}

static uint64_t hash_of(const struct map *m, struct slice key)
{
    return siphash(&m->sip, 1, 3, key);
}

static void grow(struct map *m)
{
    size_t chains = (m->mask + 1) * 2;
    struct entry **fresh = calloc(chains, sizeof(struct entry *));

    if (fresh == NULL)
        return;
    for (size_t i = 0; i <= m->mask; i++) {
        struct entry *e = m->chains[i];

        while (e != NULL) {
            struct entry *next = e->next;
            struct entry **head = &fresh[e->hash & (chains - 1)];

            e->next = *head;
            *head = e;
            e = next;
        }
    }
    free(m->chains);
    m->chains = fresh;
    m->mask = chains - 1;
}

int map_put(struct map *m, struct slice key, void *value, void **old)
{
    uint64_t hash = hash_of(m, key);
    struct entry **at = place(m, key, hash);
    struct entry *e = *at;

    if (e != NULL) {
        if (old != NULL)
            *old = e->value;
        e->value = value;
        return RC_OK;
    }
    if (m->count >= m->max)
        return RC_TOO_LARGE;
    if (key.n > SIZE_MAX - sizeof *e)
        return RC_NOMEM;
    e = malloc(sizeof *e + key.n);
    if (e == NULL)
        return RC_NOMEM;
    *e = (struct entry){ .hash = hash, .value = value, .n = key.n };
    if (key.n > 0)
        memcpy(e->key, key.p, key.n);
    *at = e;
    m->count++;
    if (old != NULL)
        *old = NULL;
    if (m->count > m->mask + 1)
        grow(m);
    return RC_OK;
}

void *map_get(const struct map *m, struct slice key)
{
    const struct entry *e = *place(m, key, hash_of(m, key));

    return e == NULL ? NULL : e->value;
}

void *map_remove(struct map *m, struct slice key)
{
    struct entry **at = place(m, key, hash_of(m, key));
    struct entry *e = *at;

    if (e == NULL)
        return NULL;

    void *value = e->value;

    *at = e->next;
    m->count--;
    free(e);
    return value;
}

size_t map_count(const struct map *m)
{
    return m->count;
}

void map_each(const struct map *m, bool (*fn)(struct slice key, void *value, void *arg), void *arg)
{
    for (size_t i = 0; i <= m->mask; i++) {
        for (const struct entry *e = m->chains[i]; e != NULL; e = e->next) {
            if (!fn((struct slice){ e->key, e->n }, e->value, arg))
                return;
        }
    }
}
