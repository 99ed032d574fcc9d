/* One deflate stream per server, made at the first page and reset for each (making one costs a quarter of a megabyte).
 */
#include "http_private.h"
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>
#include "khop/base/banned.h"

/* A page is about 10 KB: level 3 makes it 4 % larger than level 6 in half the time, and a window of its own size is
 * cheaper to clear for each than 32 KiB. */
#define GZIP_LEVEL  3
#define GZIP_WINDOW (13 + 16) /* 8 KiB, with the gzip frame */
#define GZIP_MEMORY 7

struct gzip {
    z_stream z;
};

static struct gzip *gzip_new(void)
{
    struct gzip *g = calloc(1, sizeof *g);

    if (g == NULL || deflateInit2(&g->z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) == Z_OK)
        return g;
    free(g);
    return NULL;
}

void gzip_free(struct gzip *g)
{
    if (g == NULL)
        return;
    (void)deflateEnd(&g->z);
    free(g);
}

struct slice gzip_pack(struct gzip **g, struct arena *arena, struct slice body)
{
    struct slice none = { NULL, 0 };

    if (*g == NULL)
        *g = gzip_new();

    /* Room for one byte less than the body: what would not fit is not worth it. */
    unsigned char *out = body.n < 2 ? NULL : arena_alloc(arena, body.n - 1);

    if (*g == NULL || out == NULL || deflateReset(&(*g)->z) != Z_OK)
        return none;

    z_stream *z = &(*g)->z;

    z->next_in = (const Bytef *)(const void *)body.p;
    z->avail_in = (uInt)body.n;
    z->next_out = out;
    z->avail_out = (uInt)(body.n - 1);
    if (deflate(z, Z_FINISH) != Z_STREAM_END)
        return none;
    return (struct slice){ (const char *)out, body.n - 1 - z->avail_out };
}
