/* A growing byte buffer with a ceiling. After the first failure (ceiling or memory) it keeps what it had and ignores
 * further writes: check `failed` once, at the end. Bytes are always followed by a NUL that is not counted. */
#ifndef KHOP_BASE_BUF_H
#define KHOP_BASE_BUF_H

#include "khop/base/slice.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct buf {
    char *p;
    size_t n, cap, max;
    bool failed;
    struct arena *arena; /* NULL: heap, release with buf_release */
};

/* Starts empty; at most `max` bytes. Nothing is allocated yet. */
void buf_init(struct buf *b, size_t max);
/* The same with memory of an arena: nothing to release. */
void buf_init_arena(struct buf *b, struct arena *arena, size_t max);
void buf_release(struct buf *b);
/* Empties for reuse, keeps the memory, forgets a failure. */
void buf_clear(struct buf *b);

void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_put_slice(struct buf *b, struct slice s);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_put_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Room for n more bytes to be written by the caller at the returned place (then add to b->n); NULL on failure. Who adds
 * fewer than n writes the NUL behind them. */
char *buf_room(struct buf *b, size_t n);

static inline struct slice buf_slice(const struct buf *b)
{
    return (struct slice){ b->p, b->n };
}

#endif
