/* A body with the boundary "b", in one piece, byte by byte, and cut in two where its length says: what is found must not depend on the
 * cuts, and a file's bytes must come in the order they were sent. */
#include "khop/base/buf.h"
#include "khop/http/multipart.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* What was found, as text: the result at its end. */
static void read_pieces(struct slice body, size_t step, struct buf *found)
{
    struct http_multipart m;
    struct http_part part;
    size_t files = 0;
    int rc = http_multipart_init(&m, SLICE("multipart/form-data; boundary=b"));

    must(rc == RC_OK);
    while (rc >= 0 && body.n > 0) {
        struct slice piece = slice_sub(body, 0, step);

        body = slice_sub(body, piece.n, body.n);
        while ((rc = http_multipart_feed(&m, &piece, &part)) > 0) {
            must(rc != HTTP_PART_DATA || part.value.n > 0);
            files += rc == HTTP_PART_FILE;
            if (rc == HTTP_PART_FIELD)
                buf_printf(found, "<%.*s=", SLICE_FMT(part.name));
            if (rc == HTTP_PART_FILE)
                buf_printf(found, "[%.*s %.*s %.*s:", SLICE_FMT(part.name), SLICE_FMT(part.filename), SLICE_FMT(part.type));
            if (rc == HTTP_PART_END)
                buf_puts(found, "]");
            else if (rc != HTTP_PART_FILE)
                buf_put_slice(found, part.value);
        }
        must(rc < 0 || piece.n == 0);
    }
    must(files <= 1);
    buf_printf(found, "%d%d", rc, http_multipart_whole(&m));
    if (rc < 0) {
        struct slice more = SLICE("--b");

        must(http_multipart_feed(&m, &more, &part) == rc);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = { (const char *)data, size };
    size_t steps[] = { size + 1, 1, size / 2 + 1, 7 };
    struct buf found[4];

    for (size_t i = 0; i < 4; i++) {
        buf_init(&found[i], 1 << 24);
        read_pieces(body, steps[i], &found[i]);
        must(!found[i].failed && (i == 0 || slice_eq(buf_slice(&found[0]), buf_slice(&found[i]))));
    }
    for (size_t i = 0; i < 4; i++)
        buf_release(&found[i]);
    return 0;
}
