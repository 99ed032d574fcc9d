#include "doc.h"

#include "khop/base/num.h"
#include "khop/base/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "khop/base/banned.h"

#define NODES_FIRST  16 /* a notice of SePay has 13 */
#define NAMES_PAIRED 16 /* so many members are compared each with each; more are sorted */

struct scan {
    const char *p, *end;
    struct doc *doc;
    size_t room, cap; /* nodes: there is room for, are allowed */
    int rc;
};

static void scan_fail(struct scan *s, int rc)
{
    if (s->rc == RC_OK)
        s->rc = rc;
    s->p = s->end;
}

static void scan_space(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

static bool scan_take(struct scan *s, char c)
{
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int32_t doc_unit_at(const char *p, const char *end)
{
    int32_t unit = 0;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int h = hex_value(p[i]);

        if (h < 0)
            return -1;
        unit = unit * 16 + h;
    }
    return unit;
}

static void scan_escape(struct scan *s)
{
    if (s->end - s->p >= 2 && memchr("\"\\/bfnrt", s->p[1], 8) != NULL)
        s->p += 2;
    else if (doc_unit_at(s->p, s->end) >= 0)
        s->p += 6;
    else
        scan_fail(s, RC_BAD_INPUT);
}

/* What a string with escapes stands for; it is never longer than how it is written. */
static struct slice scan_decode(struct scan *s, struct slice written)
{
    struct buf b;

    buf_init_arena(&b, s->doc->arena, written.n);
    (void)buf_room(&b, written.n);
    doc_put_text(written, &b);
    if (b.failed) {
        scan_fail(s, RC_NOMEM);
        return (struct slice){NULL, 0};
    }
    return buf_slice(&b);
}

/* True if a string goes on through eight bytes as they are: no quote, no backslash, no control character. */
static bool plain8(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t x, quote, slash;

    memcpy(&x, p, sizeof x);
    quote = x ^ ones * '"';
    slash = x ^ ones * '\\';
    return ((((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & tops) == 0;
}

/* Behind the opening quote. As written, without quotes, and decoded. */
static void scan_string(struct scan *s, struct slice *written, struct slice *text)
{
    const char *from = s->p;
    bool escaped = false;

    for (;;) {
        const char *p = s->p;

        while (s->end - p >= 8 && plain8(p))
            p += 8;
        while (p < s->end && (unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
            p++;
        s->p = p;
        if (p == s->end || *p != '\\')
            break;
        escaped = true;
        scan_escape(s);
    }
    *written = (struct slice){from, (size_t)(s->p - from)};
    if (!scan_take(s, '"'))
        scan_fail(s, RC_BAD_INPUT);
    *text = escaped && s->rc == RC_OK ? scan_decode(s, *written) : *written;
    if (text->n > DOC_TEXT_MAX)
        s->doc->long_text = true;
}

static size_t scan_digits(struct scan *s)
{
    const char *from = s->p;

    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    if (s->p == from)
        scan_fail(s, RC_BAD_INPUT);
    return (size_t)(s->p - from);
}

static void scan_number(struct scan *s, struct doc_node *node)
{
    const char *from = s->p;
    bool plain = true;

    scan_take(s, '-');
    bool zero = s->p < s->end && *s->p == '0';
    size_t digits = scan_digits(s);

    if (zero && digits > 1)
        scan_fail(s, RC_BAD_INPUT);
    if (scan_take(s, '.')) {
        plain = false;
        scan_digits(s);
    }
    if (scan_take(s, 'e') || scan_take(s, 'E')) {
        plain = false;
        if (!scan_take(s, '+'))
            scan_take(s, '-');
        scan_digits(s);
    }
    node->written = (struct slice){from, (size_t)(s->p - from)};
    /* "-0" is an integer of JSON, if not one of ours. */
    plain = plain && (zero || num_parse_signed(node->written, INT64_MIN, INT64_MAX, &node->value) == RC_OK);
    node->kind = plain ? DOC_INTEGER : DOC_REAL;
}

static int compare_names(const void *a, const void *b)
{
    return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* No two members of one name. */
static void scan_names(struct scan *s, uint32_t object)
{
    const struct doc_node *nodes = s->doc->nodes;
    struct slice few[NAMES_PAIRED], *names = few;
    size_t n = 0;

    if (nodes[object].count > NAMES_PAIRED)
        names = arena_array(s->doc->arena, nodes[object].count, sizeof *names);
    if (names == NULL) {
        scan_fail(s, RC_NOMEM);
        return;
    }
    for (uint32_t at = nodes[object].first; at != 0; at = nodes[at].next) {
        for (size_t i = 0; names == few && i < n; i++) {
            if (slice_eq(few[i], nodes[at].name))
                scan_fail(s, RC_BAD_INPUT);
        }
        names[n++] = nodes[at].name;
    }
    if (names == few)
        return;
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 1; i < n; i++) {
        if (slice_eq(names[i - 1], names[i]))
            scan_fail(s, RC_BAD_INPUT);
    }
}

static uint32_t scan_value(struct scan *s, int depth);

/* The name of a member and the colon behind it. */
static void scan_name(struct scan *s, struct slice *key, struct slice *name)
{
    if (!scan_take(s, '"')) {
        scan_fail(s, RC_BAD_INPUT);
        return;
    }
    scan_string(s, key, name);
    if (name->n > 0 && memchr(name->p, '\0', name->n) != NULL)
        scan_fail(s, RC_BAD_INPUT);
    scan_space(s);
    if (!scan_take(s, ':'))
        scan_fail(s, RC_BAD_INPUT);
}

static void scan_container(struct scan *s, uint32_t at, int depth)
{
    bool object = s->doc->nodes[at].kind == DOC_OBJECT;
    char close = object ? '}' : ']';
    uint32_t last = 0;

    if (depth > DOC_DEPTH_MAX) {
        scan_fail(s, RC_BAD_INPUT);
        return;
    }
    scan_space(s);
    if (scan_take(s, close))
        return;
    do {
        struct slice key = {NULL, 0}, name = {NULL, 0};

        scan_space(s);
        if (object)
            scan_name(s, &key, &name);
        uint32_t child = scan_value(s, depth + 1);

        if (s->rc != RC_OK)
            return;
        struct doc_node *nodes = s->doc->nodes;

        nodes[child].key = key;
        nodes[child].name = name;
        if (last == 0)
            nodes[at].first = child;
        else
            nodes[last].next = child;
        last = child;
        nodes[at].count++;
        scan_space(s);
    } while (scan_take(s, ','));
    if (!scan_take(s, close))
        scan_fail(s, RC_BAD_INPUT);
    else if (object)
        scan_names(s, at);
}

static bool scan_word(struct scan *s, struct slice word)
{
    if (!slice_starts((struct slice){s->p, (size_t)(s->end - s->p)}, word))
        return false;
    s->p += word.n;
    return true;
}

/* How many values may yet come: each has a separator or a bracket before it. */
static size_t scan_ahead(const struct scan *s)
{
    size_t n = 1;

    for (const char *p = s->p; p < s->end; p++)
        n += *p == ',' || *p == '[' || *p == '{';
    return n;
}

/* Room for a few nodes at first, then for all that can be. */
static bool scan_room(struct scan *s)
{
    struct doc *d = s->doc;
    size_t room = d->n == 0 ? NODES_FIRST : d->n + scan_ahead(s);
    struct doc_node *nodes = arena_array(d->arena, room < s->cap ? room : s->cap, sizeof *nodes);

    if (nodes == NULL)
        return false;
    if (d->n > 0)
        memcpy(nodes, d->nodes, d->n * sizeof *nodes);
    d->nodes = nodes;
    s->room = room;
    return true;
}

/* A fresh node's number; 0 when it fails. */
static uint32_t scan_node(struct scan *s)
{
    struct doc *d = s->doc;

    if (d->n >= s->cap)
        scan_fail(s, RC_BAD_INPUT);
    else if (d->n == s->room && !scan_room(s))
        scan_fail(s, RC_NOMEM);
    return s->rc == RC_OK ? (uint32_t)d->n++ : 0;
}

/* One value of any kind; its node's number. */
static uint32_t scan_value(struct scan *s, int depth)
{
    uint32_t at = scan_node(s);

    if (s->rc != RC_OK)
        return 0;
    struct doc_node *node = &s->doc->nodes[at];

    scan_space(s);
    if (scan_take(s, '"')) {
        node->kind = DOC_STRING;
        scan_string(s, &node->written, &node->text);
    } else if (scan_take(s, '{')) {
        node->kind = DOC_OBJECT;
        scan_container(s, at, depth);
    } else if (scan_take(s, '[')) {
        node->kind = DOC_ARRAY;
        scan_container(s, at, depth);
    } else if (scan_word(s, SLICE("true"))) {
        node->kind = DOC_TRUE;
    } else if (scan_word(s, SLICE("false"))) {
        node->kind = DOC_FALSE;
    } else if (scan_word(s, SLICE("null"))) {
        node->kind = DOC_NULL;
    } else {
        scan_number(s, node);
    }
    return at;
}

int doc_read(struct doc *d, struct arena *arena, struct slice body)
{
    return doc_read_large(d, arena, body, DOC_VALUES_MAX);
}

int doc_read_large(struct doc *d, struct arena *arena, struct slice body, size_t values)
{
    struct scan s = {.p = body.p, .end = body.p + body.n, .doc = d, .cap = values};

    *d = (struct doc){.arena = arena};
    if (body.n < 2 || !utf8_valid(body))
        return RC_BAD_INPUT;
    scan_value(&s, 1);
    scan_space(&s);
    if (s.rc == RC_OK && (s.p != s.end || (d->nodes[0].kind != DOC_OBJECT && d->nodes[0].kind != DOC_ARRAY)))
        return RC_BAD_INPUT;
    return s.rc;
}

const struct doc_node *doc_member(const struct doc *d, const struct doc_node *object, const char *name)
{
    struct slice wanted = slice_of(name);

    if (object == NULL || object->kind != DOC_OBJECT)
        return NULL;
    for (uint32_t at = object->first; at != 0; at = d->nodes[at].next) {
        if (slice_eq(d->nodes[at].name, wanted))
            return &d->nodes[at];
    }
    return NULL;
}
