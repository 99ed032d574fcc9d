/* Bump allocation from chunks that double from 4 to 64 KiB. `chunks` are in use, the first one is being filled; `spare`
 * ones were kept by a reset. In malloc mode every allocation is a chunk of exactly its size. */
#include "khop/base/arena.h"
#include "khop/base/rc.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "khop/base/banned.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifndef ARENA_ASAN
#define ARENA_ASAN 0
#endif

#define ARENA_LIMIT       ((size_t)64 << 20)
#define ARENA_ALIGN       _Alignof(max_align_t)
#define ARENA_FIRST_CHUNK ((size_t)4 << 10)
#define ARENA_LAST_CHUNK  ((size_t)64 << 10)
#define ARENA_KEEP        ((size_t)128 << 10) /* what a reset keeps at most */

struct chunk {
    struct chunk *next;
    size_t size, used; /* of data */
    _Alignas(max_align_t) unsigned char data[];
};

struct hook {
    struct hook *next;
    void (*fn)(void *);
    void *arg;
};

struct arena {
    struct chunk *chunks, *spare;
    struct hook *hooks;
    size_t used, limit, next_size;
    bool each_malloc;
};

struct arena *arena_new(size_t limit)
{
    struct arena *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->limit = limit == 0 ? ARENA_LIMIT : limit;
    a->next_size = ARENA_FIRST_CHUNK;
    a->each_malloc = ARENA_ASAN || getenv("KHOP_ARENA_MALLOC") != NULL;
    return a;
}

static void free_chunks(struct chunk *c)
{
    while (c != NULL) {
        struct chunk *next = c->next;

        free(c);
        c = next;
    }
}

/* A hook may still allocate, and even register another hook. */
static void run_hooks(struct arena *a)
{
    while (a->hooks != NULL) {
        struct hook *h = a->hooks;

        a->hooks = h->next;
        h->fn(h->arg);
    }
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    run_hooks(a);
    free_chunks(a->chunks);
    free_chunks(a->spare);
    free(a);
}

void arena_reset(struct arena *a)
{
    struct chunk *c, *next;
    size_t kept = 0;

    run_hooks(a);
    for (c = a->spare; c != NULL; c = c->next)
        kept += c->size;
    for (c = a->chunks; c != NULL; c = next) {
        next = c->next;
        if (a->each_malloc || c->size > ARENA_KEEP || kept > ARENA_KEEP - c->size) {
            free(c);
            continue;
        }
        kept += c->size;
        c->used = 0;
        c->next = a->spare;
        a->spare = c;
    }
    a->chunks = NULL;
    a->used = 0;
}

static struct chunk *chunk_new(size_t size)
{
    struct chunk *c = size > SIZE_MAX - sizeof *c ? NULL : malloc(sizeof *c + size);

    if (c != NULL)
        *c = (struct chunk){ .size = size };
    return c;
}

/* A kept chunk with room for n bytes, taken off the spare list; NULL: none. */
static struct chunk *spare_take(struct arena *a, size_t n)
{
    for (struct chunk **at = &a->spare; *at != NULL; at = &(*at)->next) {
        struct chunk *c = *at;

        if (c->size >= n) {
            *at = c->next;
            return c;
        }
    }
    return NULL;
}

/* Makes a->chunks or the chunk behind it have room for n bytes, and returns that chunk. */
static struct chunk *chunk_for(struct arena *a, size_t n)
{
    struct chunk *c = a->chunks;

    if (c != NULL && n <= c->size - c->used)
        return c;
    if (n > a->next_size / 2) {
        /* A chunk of its own behind the current one, whose rest stays in use. */
        c = chunk_new(n);
        if (c == NULL)
            return NULL;
        if (a->chunks == NULL) {
            a->chunks = c;
        } else {
            c->next = a->chunks->next;
            a->chunks->next = c;
        }
        return c;
    }
    c = spare_take(a, n);
    if (c == NULL) {
        c = chunk_new(a->next_size);
        if (c == NULL)
            return NULL;
        if (a->next_size < ARENA_LAST_CHUNK)
            a->next_size *= 2;
    }
    c->next = a->chunks;
    a->chunks = c;
    return c;
}

/* Exactly n bytes behind their own malloc, so that a checker sees the byte after them. */
static void *alloc_malloc(struct arena *a, size_t n)
{
    struct chunk *c = chunk_new(n);

    if (c == NULL)
        return NULL;
    c->used = n;
    c->next = a->chunks;
    a->chunks = c;
    return memset(c->data, 0, n);
}

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > a->limit || n > SIZE_MAX - ARENA_ALIGN)
        return NULL;

    size_t size = n == 0 ? ARENA_ALIGN : (n + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;

    if (size > a->limit - a->used)
        return NULL;

    void *p;

    if (a->each_malloc) {
        p = alloc_malloc(a, n);
    } else {
        struct chunk *c = chunk_for(a, size);

        p = c == NULL ? NULL : memset(c->data + c->used, 0, size);
        if (c != NULL)
            c->used += size;
    }
    if (p != NULL)
        a->used += size;
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t n;

    if (__builtin_mul_overflow(count, size, &n))
        return NULL;
    return arena_alloc(a, n);
}

char *arena_strndup(struct arena *a, const char *p, size_t n)
{
    char *copy = n == SIZE_MAX ? NULL : arena_alloc(a, n + 1);

    if (copy != NULL && n > 0)
        memcpy(copy, p, n);
    return copy;
}

struct slice arena_copy(struct arena *a, struct slice s)
{
    char *copy = arena_strndup(a, s.p, s.n);

    return (struct slice){ copy, copy == NULL ? 0 : s.n };
}

static char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

static char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    char *text = NULL;

    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);

    va_end(again);
    if (n >= 0)
        text = arena_alloc(a, (size_t)n + 1);
    if (text != NULL)
        (void)vsnprintf(text, (size_t)n + 1, fmt, ap);
    return text;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    char *text = arena_vprintf(a, fmt, ap);

    va_end(ap);
    return text;
}

int arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
    struct hook *h = arena_alloc(a, sizeof *h);

    if (h == NULL) {
        fn(arg);
        return RC_NOMEM;
    }
    *h = (struct hook){ a->hooks, fn, arg };
    a->hooks = h;
    return RC_OK;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
