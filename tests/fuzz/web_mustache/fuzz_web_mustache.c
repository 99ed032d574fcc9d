/* A template and a document: the input up to the first NUL byte is the template, the rest JSON. Whatever compiles must
 * render within its bounds, also into a buffer that is too small. */
#include "khop/web/locale.h"
#include "khop/web/mustache.h"

#include <stdint.h>

#include "khop/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct mustache_texts TEXTS = { locale_find, locale_text };
    const char *text = (const char *)data, *zero = size > 0 ? memchr(text, '\0', size) : NULL;
    size_t n = zero == NULL ? size : (size_t)(zero - text);
    struct mustache_source sources[] = { { "page", text, n }, { "part", "{{#a}}({{.}}){{/a}}", 19 } };
    char error[100];
    struct mustache *m = mustache_new(sources, 2, &TEXTS, error, sizeof error);
    json_t *doc = zero == NULL ? NULL : json_loadb(zero + 1, size - n - 1, JSON_DECODE_ANY, NULL);

    for (size_t max = 1 << 16; m != NULL && max > 0; max = max > 64 ? 64 : 0) {
        struct buf out;

        buf_init(&out, max);
        if (mustache_render(m, "page", doc, 1, &out) == RC_OK && out.failed)
            __builtin_trap();
        buf_release(&out);
    }
    json_decref(doc);
    mustache_free(m);
    return 0;
}
