#include "khop/base/buf.h"
#include "khop/base/arena.h"
#include <stdio.h>
#include <stdlib.h>
#include "khop/base/banned.h"

#define BUF_FIRST 64

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){ .max = max < SIZE_MAX ? max : SIZE_MAX - 1 };
}

void buf_init_arena(struct buf *b, struct arena *arena, size_t max)
{
    buf_init(b, max);
    b->arena = arena;
}

void buf_release(struct buf *b)
{
    if (b->arena == NULL)
        free(b->p);
    *b = (struct buf){ .max = b->max, .arena = b->arena };
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->failed = false;
    if (b->p != NULL)
        b->p[0] = '\0';
}

/* The next capacity for `need` bytes and the NUL: doubled, but never over what the ceiling can use. */
static size_t next_cap(const struct buf *b, size_t need)
{
    size_t cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap > SIZE_MAX / 2 ? SIZE_MAX : b->cap * 2;

    if (cap < need + 1)
        cap = need + 1;
    return cap > b->max + 1 ? b->max + 1 : cap;
}

static bool grow(struct buf *b, size_t need)
{
    size_t cap = next_cap(b, need);
    char *p;

    if (b->arena == NULL) {
        p = realloc(b->p, cap);
    } else {
        p = arena_alloc(b->arena, cap);
        if (p != NULL && b->n > 0)
            memcpy(p, b->p, b->n);
    }
    if (p == NULL)
        return false;
    p[b->n] = '\0';
    b->p = p;
    b->cap = cap;
    return true;
}

char *buf_room(struct buf *b, size_t n)
{
    if (b->failed)
        return NULL;
    if (n > b->max - b->n || (b->n + n >= b->cap && !grow(b, b->n + n))) {
        b->failed = true;
        return NULL;
    }
    /* Whoever fills the whole room leaves a NUL behind it; buf_put writes its own. */
    b->p[b->n + n] = '\0';
    return b->p + b->n;
}

void buf_put(struct buf *b, const void *bytes, size_t n)
{
    if (n == 0)
        return;

    char *to = buf_room(b, n);

    if (to == NULL)
        return;
    memcpy(to, bytes, n);
    b->n += n;
}

void buf_put_slice(struct buf *b, struct slice s)
{
    buf_put(b, s.p, s.n);
}

void buf_puts(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}

void buf_putc(struct buf *b, char c)
{
    buf_put(b, &c, 1);
}

void buf_put_i64(struct buf *b, int64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t u = v < 0 ? UINT64_C(0) - (uint64_t)v : (uint64_t)v;

    do {
        digits[--at] = (char)('0' + u % 10);
        u /= 10;
    } while (u > 0);
    if (v < 0)
        digits[--at] = '-';
    buf_put(b, digits + at, sizeof digits - at);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    /* Most texts fit in what is there: then one pass is enough. */
    size_t room = b->failed || b->cap <= b->n ? 0 : b->cap - b->n;
    va_list again;

    va_copy(again, ap);
    int n = vsnprintf(room > 0 ? b->p + b->n : NULL, room, fmt, again);

    va_end(again);
    if (n >= 0 && (size_t)n < room) {
        b->n += (size_t)n;
        return;
    }
    if (room > 0)
        b->p[b->n] = '\0';
    if (n < 0) {
        b->failed = true;
        return;
    }

    char *to = buf_room(b, (size_t)n);

    if (to == NULL)
        return;
    (void)vsnprintf(to, (size_t)n + 1, fmt, ap);
    b->n += (size_t)n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}
