/* The JSON reader and the forms made again from it. The printed form must be JSON with the same meaning: read again and
 * printed again it is the same text. */
#include "doc.h"

#include <assert.h>

#include "khop/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct arena *arena = arena_new(0);
    struct buf first, second;
    struct doc d;

    if (size > 1 << 16 || doc_read(&d, arena, text) != RC_OK) {
        arena_free(arena);
        return 0;
    }
    assert(d.n >= 1 && d.n <= DOC_VALUES_MAX);
    buf_init_arena(&first, arena, 1 << 20);
    buf_init_arena(&second, arena, 1 << 20);
    assert(doc_put_json(&d, 0, DOC_SORT_DEEP, &first) == RC_OK && !first.failed);
    doc_release(&d);
    assert(doc_read(&d, arena, buf_slice(&first)) == RC_OK);
    assert(doc_put_json(&d, 0, DOC_SORT_DEEP, &second) == RC_OK && !second.failed);
    doc_release(&d);
    assert(slice_eq(buf_slice(&first), buf_slice(&second)));
    arena_free(arena);
    return 0;
}
