#include "doc.h"

#include "khop/base/num.h"
#include "khop/base/utf8.h"

#include <string.h>

#include "khop/base/banned.h"

struct scan {
    const char *start, *p, *end;
    struct doc *doc;
    size_t cap;
    char *copy; /* the text for jansson, once it differs from the body */
    int rc;
};

static void scan_fail(struct scan *s, int rc)
{
    if (s->rc == RC_OK)
        s->rc = rc;
    s->p = s->end;
}

/* Writes over what was scanned, in a copy of the body: same length, so every offset stays. */
static char *scan_patch(struct scan *s, const char *at)
{
    if (s->copy == NULL) {
        size_t n = (size_t)(s->end - s->start);

        s->copy = arena_alloc(s->doc->arena, n);
        if (s->copy == NULL) {
            scan_fail(s, RC_NOMEM);
            return NULL;
        }
        memcpy(s->copy, s->start, n);
    }
    return s->copy + (at - s->start);
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

/* The bytes that "\uXXXX" (or a pair of them) at s->p stands for in UTF-8; moves behind it. */
static size_t scan_unicode(struct scan *s)
{
    const char *at = s->p;
    int32_t unit = doc_unit_at(at, s->end);

    if (unit < 0) {
        scan_fail(s, RC_BAD_INPUT);
        return 0;
    }
    s->p += 6;
    if (doc_is_high(unit) && doc_is_low(doc_unit_at(s->p, s->end))) {
        s->p += 6;
        return 4;
    }
    if (doc_is_high(unit) || doc_is_low(unit)) {
        char *patch = scan_patch(s, at);

        if (patch != NULL)
            memcpy(patch, "\\ufffd", 6);
        return 3;
    }
    return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
}

/* Behind the opening quote; the text as written, without quotes. */
static struct slice scan_string(struct scan *s)
{
    const char *from = s->p;
    size_t decoded = 0;

    while (s->p < s->end && *s->p != '"') {
        if ((unsigned char)*s->p < 0x20) {
            scan_fail(s, RC_BAD_INPUT);
        } else if (*s->p != '\\') {
            s->p++;
            decoded++;
        } else if (s->end - s->p < 2) {
            scan_fail(s, RC_BAD_INPUT);
        } else if (s->p[1] == 'u') {
            decoded += scan_unicode(s);
        } else if (memchr("\"\\/bfnrt", s->p[1], 8) != NULL) {
            s->p += 2;
            decoded++;
        } else {
            scan_fail(s, RC_BAD_INPUT);
        }
    }
    struct slice text = {from, (size_t)(s->p - from)};

    if (!scan_take(s, '"'))
        scan_fail(s, RC_BAD_INPUT);
    if (decoded > DOC_TEXT_MAX)
        s->doc->long_text = true;
    return text;
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

static bool fits_int64(struct slice number, size_t digits)
{
    int64_t v;

    return digits <= 18 || (digits == 19 && num_parse_signed(number, INT64_MIN, INT64_MAX, &v) == RC_OK);
}

static struct slice scan_number(struct scan *s)
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
    struct slice text = {from, (size_t)(s->p - from)};

    if (s->rc == RC_OK && (!plain || !fits_int64(text, digits))) {
        char *patch = scan_patch(s, from);

        if (patch != NULL) {
            memset(patch, '0', text.n);
            patch[1] = '.';
        }
    }
    return text;
}

static uint32_t scan_value(struct scan *s, int depth);

static void scan_container(struct scan *s, uint32_t at, int depth)
{
    struct doc_node *nodes = s->doc->nodes;
    bool object = nodes[at].kind == DOC_OBJECT;
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
        struct slice key = {NULL, 0};

        scan_space(s);
        if (object) {
            if (!scan_take(s, '"')) {
                scan_fail(s, RC_BAD_INPUT);
                return;
            }
            key = scan_string(s);
            scan_space(s);
            if (!scan_take(s, ':'))
                scan_fail(s, RC_BAD_INPUT);
        }
        uint32_t child = scan_value(s, depth + 1);

        if (s->rc != RC_OK)
            return;
        nodes[child].key = key;
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
}

static bool scan_word(struct scan *s, struct slice word)
{
    if (!slice_starts((struct slice){s->p, (size_t)(s->end - s->p)}, word))
        return false;
    s->p += word.n;
    return true;
}

/* One value of any kind; its node's number. */
static uint32_t scan_value(struct scan *s, int depth)
{
    if (s->doc->n >= s->cap) {
        scan_fail(s, RC_BAD_INPUT);
        return 0;
    }
    uint32_t at = (uint32_t)s->doc->n++;
    struct doc_node *node = &s->doc->nodes[at];

    scan_space(s);
    if (scan_take(s, '{')) {
        node->kind = DOC_OBJECT;
        scan_container(s, at, depth);
    } else if (scan_take(s, '[')) {
        node->kind = DOC_ARRAY;
        scan_container(s, at, depth);
    } else if (scan_take(s, '"')) {
        node->kind = DOC_STRING;
        node->text = scan_string(s);
    } else if (scan_word(s, SLICE("true"))) {
        node->kind = DOC_TRUE;
    } else if (scan_word(s, SLICE("false"))) {
        node->kind = DOC_FALSE;
    } else if (scan_word(s, SLICE("null"))) {
        node->kind = DOC_NULL;
    } else {
        node->kind = DOC_NUMBER;
        node->text = scan_number(s);
    }
    return at;
}

int doc_read(struct doc *d, struct arena *arena, struct slice body)
{
    return doc_read_large(d, arena, body, DOC_VALUES_MAX);
}

int doc_read_large(struct doc *d, struct arena *arena, struct slice body, size_t values)
{
    struct scan s = {.start = body.p, .p = body.p, .end = body.p + body.n, .doc = d};
    json_error_t error;

    *d = (struct doc){.arena = arena};
    if (body.n < 2 || !utf8_valid(body))
        return RC_BAD_INPUT;
    /* Every value but the first has a separator before it. */
    s.cap = body.n / 2 + 1 < values ? body.n / 2 + 1 : values;
    d->nodes = arena_array(arena, s.cap, sizeof *d->nodes);
    if (d->nodes == NULL)
        return RC_NOMEM;
    scan_value(&s, 1);
    scan_space(&s);
    if (s.rc == RC_OK && s.p != s.end)
        s.rc = RC_BAD_INPUT;
    if (s.rc != RC_OK)
        return s.rc;
    d->root = json_loadb(s.copy != NULL ? s.copy : body.p, body.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (d->root == NULL)
        return json_error_code(&error) == json_error_out_of_memory ? RC_NOMEM : RC_BAD_INPUT;
    return RC_OK;
}

void doc_release(struct doc *d)
{
    json_decref(d->root);
    d->root = NULL;
}

uint32_t doc_member(const struct doc *d, uint32_t object, const char *name)
{
    if (d->nodes[object].kind != DOC_OBJECT)
        return 0;
    for (uint32_t at = d->nodes[object].first; at != 0; at = d->nodes[at].next) {
        if (slice_is(d->nodes[at].key, name))
            return at;
    }
    return 0;
}
