/* The JSON reader beside jansson: both take the same texts and find the same values in them, but for what is ours alone
 * (limits of depth and count, lone surrogates, numbers of any size). And the forms made again from it: the printed form
 * must be JSON with the same meaning, so that read again and printed again it is the same text. */
#include "doc.h"

#include <assert.h>
#include <jansson.h>

#include "khop/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct doc *d, const struct doc_node *node, const json_t *value)
{
    const char *name;
    size_t n = 0;
    json_t *child;

    switch (node->kind) {
    case DOC_NULL:
        assert(json_is_null(value));
        break;
    case DOC_FALSE:
        assert(json_is_false(value));
        break;
    case DOC_TRUE:
        assert(json_is_true(value));
        break;
    case DOC_INTEGER:
        assert(json_is_integer(value) && json_integer_value(value) == node->value);
        break;
    case DOC_REAL:
        assert(json_is_real(value));
        break;
    case DOC_STRING:
        assert(json_is_string(value));
        assert(slice_eq(node->text, (struct slice){json_string_value(value), json_string_length(value)}));
        break;
    case DOC_ARRAY:
        assert(json_is_array(value) && json_array_size(value) == node->count);
        for (uint32_t at = node->first; at != 0; at = d->nodes[at].next)
            same(d, &d->nodes[at], json_array_get(value, n++));
        break;
    case DOC_OBJECT:
        assert(json_is_object(value) && json_object_size(value) == node->count);
        json_object_foreach((json_t *)(uintptr_t)value, name, child) {
            assert(doc_member(d, node, name) != NULL);
            same(d, doc_member(d, node, name), child);
        }
        break;
    }
}

/* Values in all; *depth becomes that of the deepest container. */
static size_t count(const json_t *value, int at, int *depth)
{
    const char *name;
    size_t i, n = 1;
    json_t *child;

    if ((json_is_object(value) || json_is_array(value)) && at > *depth)
        *depth = at;
    json_object_foreach((json_t *)(uintptr_t)value, name, child)
        n += count(child, at + 1, depth);
    json_array_foreach(value, i, child)
        n += count(child, at + 1, depth);
    return n;
}

static void beside_jansson(const struct doc *d, int rc, struct slice text)
{
    json_error_t error;
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    int depth = 0;

    assert(rc == RC_OK || rc == RC_BAD_INPUT);
    if (root != NULL && rc == RC_OK)
        same(d, d->nodes, root);
    else if (root != NULL) /* it reads over a NUL between two values */
        assert(count(root, 1, &depth) > DOC_VALUES_MAX || depth > DOC_DEPTH_MAX || memchr(text.p, '\0', text.n) != NULL);
    else if (rc == RC_OK) /* it refuses half a surrogate, and what no number of C can hold */
        assert(json_error_code(&error) == json_error_numeric_overflow || memmem(text.p, text.n, "\\u", 2) != NULL);
    json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct arena *arena = arena_new(0);
    struct buf first, second;
    struct doc d;

    int rc = size > 1 << 16 ? RC_TOO_LARGE : doc_read(&d, arena, text);

    if (rc != RC_TOO_LARGE)
        beside_jansson(&d, rc, text);
    if (rc != RC_OK) {
        arena_free(arena);
        return 0;
    }
    assert(d.n >= 1 && d.n <= DOC_VALUES_MAX);
    buf_init_arena(&first, arena, 1 << 20);
    buf_init_arena(&second, arena, 1 << 20);
    assert(doc_put_json(&d, 0, DOC_SORT_DEEP, &first) == RC_OK && !first.failed);
    assert(doc_read(&d, arena, buf_slice(&first)) == RC_OK);
    assert(doc_put_json(&d, 0, DOC_SORT_DEEP, &second) == RC_OK && !second.failed);
    assert(slice_eq(buf_slice(&first), buf_slice(&second)));
    arena_free(arena);
    return 0;
}
