/* Sets of templates, and rendering: one walk over the ops, the context a chain of frames on the stack. */
#include "mustache_ops.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

struct frame {
    json_t *value;
    const struct frame *outer;
};

struct render {
    const struct mustache *m;
    struct buf *out;
    int language;
    int steps;
};

/* --- a set --- */

static int template_find(const struct mustache *m, struct slice name)
{
    for (size_t i = 0; i < m->count; i++) {
        if (slice_is(name, m->templates[i].name))
            return (int)i;
    }
    return -1;
}

static bool partials_link(struct mustache *m, struct parse_error *error)
{
    for (size_t i = 0; i < m->count; i++) {
        struct template *t = &m->templates[i];

        for (int k = 0; k < t->count; k++) {
            struct op *op = &t->ops[k];

            if (op->kind != OP_PARTIAL)
                continue;
            op->target = template_find(m, op->text);
            if (op->target < 0)
                return parse_fail(error, t->name, op->line, "there is no template \"%.*s\"", SLICE_FMT(op->text));
        }
    }
    return true;
}

/* How deep a template goes with its partials, at most MUSTACHE_DEPTH. A template that is met again inside itself never ends. */
static bool depth_measure(struct mustache *m, struct template *t, struct parse_error *error)
{
    int here = 0;

    if (t->state == TEMPLATE_MEASURED)
        return true;
    if (t->state == TEMPLATE_OPEN)
        return parse_fail(error, t->name, 1, "includes itself");
    t->state = TEMPLATE_OPEN;
    for (int k = 0; k < t->count; k++) {
        const struct op *op = &t->ops[k];
        int inner = 0;

        if (op->kind == OP_SECTION || op->kind == OP_INVERTED)
            here++;
        else if (op->kind == OP_END)
            here--;
        if (op->kind == OP_PARTIAL) {
            if (!depth_measure(m, &m->templates[op->target], error))
                return false;
            inner = m->templates[op->target].depth + 1;
        }
        if (here + inner > t->depth)
            t->depth = here + inner;
    }
    t->state = TEMPLATE_MEASURED;
    return t->depth <= MUSTACHE_DEPTH || parse_fail(error, t->name, 1, "goes deeper than %d with its partials", MUSTACHE_DEPTH);
}

struct mustache *mustache_new(const struct mustache_source *sources, size_t count, const struct mustache_texts *texts,
                              char *error, size_t error_size)
{
    struct parse_error said = { error, error_size };
    struct mustache *m = calloc(1, sizeof *m);

    if (error_size > 0)
        error[0] = '\0';
    if (m == NULL)
        return NULL;
    m->texts = texts;
    m->templates = calloc(count > 0 ? count : 1, sizeof *m->templates);
    if (m->templates == NULL)
        goto fail;
    for (m->count = 0; m->count < count; m->count++) {
        if (!template_parse(&m->templates[m->count], &sources[m->count], texts, &said)) {
            m->count++;
            goto fail;
        }
    }
    if (!partials_link(m, &said))
        goto fail;
    for (size_t i = 0; i < m->count; i++) {
        if (!depth_measure(m, &m->templates[i], &said))
            goto fail;
    }
    return m;
fail:
    mustache_free(m);
    return NULL;
}

void mustache_free(struct mustache *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; m->templates != NULL && i < m->count; i++)
        free(m->templates[i].ops);
    free(m->templates);
    free(m);
}

/* --- values --- */

void mustache_escape(struct buf *out, struct slice text)
{
    size_t from = 0;

    for (size_t i = 0; i < text.n; i++) {
        const char *entity;

        switch (text.p[i]) {
        case '&':
            entity = "&amp;";
            break;
        case '<':
            entity = "&lt;";
            break;
        case '>':
            entity = "&gt;";
            break;
        case '"':
            entity = "&quot;";
            break;
        case '\'':
            entity = "&#39;";
            break;
        default:
            continue;
        }
        buf_put(out, text.p + from, i - from);
        buf_puts(out, entity);
        from = i + 1;
    }
    if (from < text.n)
        buf_put(out, text.p + from, text.n - from);
}

static json_t *member(json_t *object, struct slice name)
{
    return json_is_object(object) ? json_object_getn(object, name.p, name.n) : NULL;
}

/* The first part decides the context, the others go down from there; NULL when there is no such value. */
static json_t *lookup(const struct frame *at, struct slice name)
{
    if (slice_is(name, "."))
        return at->value;
    struct slice first = slice_cut(&name, '.');
    json_t *value = NULL;

    for (; at != NULL && value == NULL; at = at->outer)
        value = member(at->value, first);
    while (value != NULL && name.n > 0)
        value = member(value, slice_cut(&name, '.'));
    return value;
}

static bool truthy(const json_t *value)
{
    if (value == NULL || json_is_null(value) || json_is_false(value))
        return false;
    if (json_is_string(value))
        return json_string_length(value) > 0;
    return !json_is_array(value) || json_array_size(value) > 0;
}

static void value_put(struct render *r, const json_t *value, bool raw)
{
    if (json_is_integer(value)) {
        buf_put_i64(r->out, json_integer_value(value));
    } else if (json_is_string(value)) {
        struct slice text = { json_string_value(value), json_string_length(value) };

        if (raw)
            buf_put_slice(r->out, text);
        else
            mustache_escape(r->out, text);
    }
}

/* A text of the catalogue: {name} is a value of the page, every other character stands for itself. */
static void locale_put(struct render *r, const struct frame *at, int key)
{
    struct slice rest = slice_of(r->m->texts->text(r->language, key));

    while (rest.n > 0) {
        const char *open = memchr(rest.p, '{', rest.n);
        const char *close = open == NULL ? NULL : memchr(open, '}', rest.n - (size_t)(open - rest.p));

        if (close == NULL) {
            mustache_escape(r->out, rest);
            return;
        }
        mustache_escape(r->out, (struct slice){ rest.p, (size_t)(open - rest.p) });
        value_put(r, lookup(at, (struct slice){ open + 1, (size_t)(close - open - 1) }), false);
        rest = (struct slice){ close + 1, (size_t)(rest.p + rest.n - close - 1) };
    }
}

/* --- the walk --- */

static int walk(struct render *r, const struct template *t, int from, int to, const struct frame *at);

/* The ops between a section and its end, once for each of its values. */
static int section(struct render *r, const struct template *t, int which, const struct frame *at)
{
    const struct op *op = &t->ops[which];
    json_t *value = lookup(at, op->text), *element;
    int from = which + 1, to = op->target - 1;
    size_t i;

    if (op->kind == OP_INVERTED)
        return truthy(value) ? RC_OK : walk(r, t, from, to, at);
    if (!truthy(value))
        return RC_OK;
    if (json_is_array(value)) {
        json_array_foreach(value, i, element) {
            r->steps++;
            int rc = walk(r, t, from, to, &(struct frame){ element, at });

            if (rc < 0)
                return rc;
        }
        return RC_OK;
    }
    if (json_is_object(value))
        return walk(r, t, from, to, &(struct frame){ value, at });
    return walk(r, t, from, to, at);
}

static int walk(struct render *r, const struct template *t, int from, int to, const struct frame *at)
{
    for (int k = from; k < to; k++) {
        const struct op *op = &t->ops[k];
        int rc = RC_OK;

        if (++r->steps > MUSTACHE_STEPS || r->out->failed)
            return RC_TOO_LARGE;
        switch (op->kind) {
        case OP_TEXT:
            buf_put_slice(r->out, op->text);
            break;
        case OP_VALUE:
        case OP_RAW:
            value_put(r, lookup(at, op->text), op->kind == OP_RAW);
            break;
        case OP_LOCALE:
            locale_put(r, at, op->target);
            break;
        case OP_SECTION:
        case OP_INVERTED:
            rc = section(r, t, k, at);
            k = op->target - 1;
            break;
        case OP_PARTIAL:
            rc = walk(r, &r->m->templates[op->target], 0, r->m->templates[op->target].count, at);
            break;
        case OP_END:
            break;
        }
        if (rc < 0)
            return rc;
    }
    return RC_OK;
}

int mustache_render(const struct mustache *m, const char *name, json_t *doc, int language, struct buf *out)
{
    struct render r = { .m = m, .out = out, .language = language };
    int which = template_find(m, slice_of(name));

    if (which < 0)
        return RC_NOT_FOUND;
    int rc = walk(&r, &m->templates[which], 0, m->templates[which].count, &(struct frame){ doc, NULL });

    return rc == RC_OK && out->failed ? RC_TOO_LARGE : rc;
}
