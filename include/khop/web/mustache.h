/* Pages from documents: a small logic-less mustache over jansson values.
 *
 *   {{name}} {{a.b}} {{.}}    a string, escaped for HTML text and quoted attributes; an integer; nothing for anything else
 *   {{{name}}} {{&name}}      the same without escaping: for markup made here (the QR code), never for what somebody sent
 *   {{#name}} … {{/name}}     once for each element of an array, once inside an object, once for a true value
 *   {{^name}} … {{/name}}     when the name is missing, null, false, an empty string or an empty array
 *   {{>name}}                 another template of the set, in the same context
 *   {{t.key}}                 a text of the catalogue in the page's language (locale.h), whose {name} is filled as {{name}}
 *   {{! … }}                  a comment
 *
 * A tag alone on its line (all but variables) takes the line with it. Zero is a value like any other. A name is looked up
 * in the innermost context that has its first part. No lambdas, no other delimiters, no inheritance.
 *
 * A set is compiled once at start, all names of partials and texts known then; it does not change, so rendering needs no
 * memory but the buffer's. Bounded: MUSTACHE_DEPTH sections within each other (partials counted in), MUSTACHE_STEPS steps
 * a page, and the buffer's ceiling. */
#ifndef KHOP_WEB_MUSTACHE_H
#define KHOP_WEB_MUSTACHE_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <jansson.h>
#include <stddef.h>

#define MUSTACHE_DEPTH 24
#define MUSTACHE_STEPS 200000

struct mustache_source {
    const char *name;
    const char *text;
    size_t n;
};

/* Texts by key; see locale.h for the real one. `find` gives the number of a key or -1, `text` its text in a language. */
struct mustache_texts {
    int (*find)(struct slice key);
    const char *(*text)(int language, int key);
};

struct mustache;

/* Compiles all sources; they must stay as long as the set, texts may be NULL. NULL with a sentence in error
 * ("pay.html:12: {{/x}} closes {{#y}}") when one is wrong: a fault of the build, found by its tests. */
struct mustache *mustache_new(const struct mustache_source *sources, size_t count, const struct mustache_texts *texts,
                              char *error, size_t error_size);
void mustache_free(struct mustache *m);

/* Appends a page. RC_NOT_FOUND (no template of that name), RC_TOO_LARGE (a limit above, or the buffer is full: what was
 * appended is part of a page). */
int mustache_render(const struct mustache *m, const char *name, json_t *doc, int language, struct buf *out) RC_MUST;

/* Appends text with & < > " ' written as entities. */
void mustache_escape(struct buf *out, struct slice text);

#endif
