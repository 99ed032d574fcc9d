/* Form bodies, for the one provider that lets its users choose them (SePay). Strict: every pair once, whole escapes, no part that is a file.
 * They lie in memory whole and are small; what browsers send piece by piece is http/multipart.h. */
#include "common.h"

#include "khop/base/num.h"
#include "khop/base/utf8.h"

#include <string.h>

#include "khop/base/banned.h"

#define FORM_PAIRS_MAX 64

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Percent escapes and '+' decoded; RC_BAD_INPUT for a cut escape or what is no UTF-8. */
static int decode(struct arena *arena, struct slice raw, struct slice *out)
{
    char *p = arena_alloc(arena, raw.n + 1);
    size_t n = 0;

    if (p == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] != '%') {
            p[n++] = raw.p[i] == '+' ? ' ' : raw.p[i];
            continue;
        }
        if (raw.n - i < 3 || hex_digit(raw.p[i + 1]) < 0 || hex_digit(raw.p[i + 2]) < 0)
            return RC_BAD_INPUT;
        p[n++] = (char)(hex_digit(raw.p[i + 1]) * 16 + hex_digit(raw.p[i + 2]));
        i += 2;
    }
    *out = (struct slice){p, n};
    return utf8_valid(*out) && n <= DOC_TEXT_MAX ? RC_OK : RC_BAD_INPUT;
}

static bool is_named(const char *const *names, struct slice name)
{
    for (; *names != NULL; names++) {
        if (slice_is(name, *names))
            return true;
    }
    return false;
}

/* An object without members, and room for all that may come. */
static int object_new(struct doc *d, struct arena *arena)
{
    *d = (struct doc){.arena = arena, .n = 1};
    d->nodes = arena_array(arena, 1 + FORM_PAIRS_MAX, sizeof *d->nodes);
    if (d->nodes == NULL)
        return RC_NOMEM;
    d->nodes[0].kind = DOC_OBJECT;
    return RC_OK;
}

static int put_pair(struct doc *d, const char *const *numbers, struct slice name, struct slice value)
{
    struct doc_node *object = d->nodes, *node = &d->nodes[d->n];

    if (object->count == FORM_PAIRS_MAX || name.n == 0 || !text_is_plain(name) || !utf8_valid(name))
        return RC_BAD_INPUT;
    for (uint32_t at = object->first; at != 0; at = d->nodes[at].next) {
        if (slice_eq(d->nodes[at].name, name))
            return RC_BAD_INPUT;
    }
    *node = (struct doc_node){.kind = DOC_STRING, .name = name, .text = value};
    if (is_named(numbers, name) && num_parse(value, 0, INT64_MAX, false, &node->value) == RC_OK)
        node->kind = DOC_INTEGER;
    node->next = object->first; /* the order says nothing */
    object->first = (uint32_t)d->n++;
    object->count++;
    return RC_OK;
}

int form_read(struct doc *d, struct arena *arena, struct slice body, const char *const *numbers)
{
    struct slice rest = body;
    int rc = object_new(d, arena);

    while (rc == RC_OK && rest.n > 0) {
        struct slice value = slice_cut(&rest, '&'), name = slice_cut(&value, '='), name_text, value_text;

        rc = decode(arena, name, &name_text);
        if (rc == RC_OK)
            rc = decode(arena, value, &value_text);
        if (rc == RC_OK)
            rc = put_pair(d, numbers, name_text, value_text);
    }
    return rc;
}

/* --- multipart/form-data --- */

#define BOUNDARY_MAX 70

/* What is in front of `mark`; false: it is not there. */
static bool cut_at(struct slice *rest, struct slice mark, struct slice *before)
{
    const char *at = rest->n < mark.n ? NULL : memmem(rest->p, rest->n, mark.p, mark.n);

    if (at == NULL)
        return false;
    *before = slice_sub(*rest, 0, (size_t)(at - rest->p));
    *rest = slice_sub(*rest, before->n + mark.n, rest->n);
    return true;
}

/* A parameter of a header's value; p == NULL if it is not there. */
static struct slice parameter(struct slice value, struct slice name)
{
    slice_cut(&value, ';');
    while (value.n > 0) {
        struct slice one = slice_trim(slice_cut(&value, ';')), key = slice_trim(slice_cut(&one, '='));

        one = slice_trim(one);
        if (one.n >= 2 && one.p[0] == '"' && one.p[one.n - 1] == '"')
            one = slice_sub(one, 1, one.n - 2);
        if (slice_eq_nocase(key, name))
            return one;
    }
    return (struct slice){NULL, 0};
}

/* The name of a field in the headers of its part; p == NULL: it is none. */
static struct slice part_name(struct slice headers)
{
    struct slice name = {NULL, 0}, line;

    while (headers.n > 0) {
        if (!cut_at(&headers, SLICE("\r\n"), &line)) {
            line = headers;
            headers.n = 0;
        }
        struct slice field = slice_cut(&line, ':'), value = slice_trim(line), kind = value;

        if (!slice_eq_nocase(field, SLICE("content-disposition")))
            continue;
        if (name.p != NULL || !slice_eq_nocase(slice_trim(slice_cut(&kind, ';')), SLICE("form-data")) ||
            parameter(value, SLICE("filename")).p != NULL)
            return (struct slice){NULL, 0};
        name = parameter(value, SLICE("name"));
    }
    return name;
}

int form_read_parts(struct doc *d, struct arena *arena, struct slice type, struct slice body, const char *const *numbers)
{
    struct slice boundary = parameter(type, SLICE("boundary")), rest = body, headers, value, mark;
    char delimiter[4 + BOUNDARY_MAX];
    int rc;

    if (boundary.n == 0 || boundary.n > BOUNDARY_MAX)
        return RC_BAD_INPUT;
    memcpy(delimiter, "\r\n--", 4);
    memcpy(delimiter + 4, boundary.p, boundary.n);
    mark = (struct slice){delimiter, 4 + boundary.n};
    if (!slice_starts(rest, slice_sub(mark, 2, mark.n)))
        return RC_BAD_INPUT;
    rest = slice_sub(rest, mark.n - 2, rest.n);
    rc = object_new(d, arena);
    while (rc == RC_OK && !slice_starts(rest, SLICE("--"))) {
        if (!slice_starts(rest, SLICE("\r\n")))
            return RC_BAD_INPUT;
        rest = slice_sub(rest, 2, rest.n);
        if (!cut_at(&rest, SLICE("\r\n\r\n"), &headers) || !cut_at(&rest, mark, &value) || !utf8_valid(value) || value.n > DOC_TEXT_MAX)
            rc = RC_BAD_INPUT;
        else
            rc = put_pair(d, numbers, part_name(headers), value);
    }
    if (rc == RC_OK && rest.n != 2 && !slice_is(rest, "--\r\n"))
        rc = RC_BAD_INPUT;
    return rc;
}
