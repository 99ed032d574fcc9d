/* A document's values as JavaScript would print them: the forms that Casso and payOS sign. Strings are walked as UTF-16
 * code units straight from how they were written, since that is what JavaScript sorts by and prints. */
#include "doc.h"

#include "khop/base/utf8.h"

#include <stdlib.h>

#include "khop/base/banned.h"

/* The UTF-16 code units of a string as written, one after the other. */
struct units {
    const char *p, *end;
    int32_t low; /* second half of a letter outside the first plane, -1 */
};

static struct units units_of(struct slice written)
{
    return (struct units){written.p, written.p + written.n, -1};
}

static int32_t escape_unit(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return (unsigned char)c;
    }
}

/* -1 at the end. The text has been scanned, so it is well formed. */
static int32_t units_next(struct units *u)
{
    uint32_t point;

    if (u->low >= 0) {
        int32_t low = u->low;

        u->low = -1;
        return low;
    }
    if (u->p >= u->end)
        return -1;
    if (*u->p == '\\') {
        int32_t unit = doc_unit_at(u->p, u->end);

        if (unit >= 0) {
            u->p += 6;
            return unit;
        }
        unit = escape_unit(u->p[1]);
        u->p += 2;
        return unit;
    }
    size_t n = utf8_next((struct slice){u->p, (size_t)(u->end - u->p)}, &point);

    if (n == 0)
        return -1;
    u->p += n;
    if (point < 0x10000)
        return (int32_t)point;
    u->low = (int32_t)(0xDC00 + ((point - 0x10000) & 0x3FF));
    return (int32_t)(0xD800 + ((point - 0x10000) >> 10));
}

static void put_point(struct buf *out, uint32_t point)
{
    char bytes[4];

    buf_put(out, bytes, utf8_encode(point, bytes));
}

static uint32_t pair_point(int32_t high, int32_t low)
{
    return 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
}

void doc_put_text(struct slice written, struct buf *out)
{
    struct units u = units_of(written);
    int32_t unit = units_next(&u);

    while (unit >= 0) {
        int32_t next = units_next(&u);

        if (doc_is_high(unit) && doc_is_low(next)) {
            put_point(out, pair_point(unit, next));
            next = units_next(&u);
        } else {
            put_point(out, doc_is_high(unit) || doc_is_low(unit) ? 0xFFFD : (uint32_t)unit);
        }
        unit = next;
    }
}

/* One code unit (or letter) inside the quotes of a JSON string. */
static void put_quoted(struct buf *out, int32_t unit)
{
    static const char shorts[] = "\b\f\n\r\t\"\\", names[] = "bfnrt\"\\";
    const char *found = unit > 0 && unit < 0x80 ? strchr(shorts, unit) : NULL;

    if (found != NULL) {
        buf_putc(out, '\\');
        buf_putc(out, names[found - shorts]);
    } else if (unit < 0x20 || doc_is_high(unit) || doc_is_low(unit)) {
        buf_printf(out, "\\u%04x", (unsigned)unit);
    } else {
        put_point(out, (uint32_t)unit);
    }
}

static void put_string(struct buf *out, struct slice written)
{
    struct units u = units_of(written);
    int32_t unit = units_next(&u);

    buf_putc(out, '"');
    while (unit >= 0) {
        int32_t next = units_next(&u);

        if (doc_is_high(unit) && doc_is_low(next)) {
            put_point(out, pair_point(unit, next));
            next = units_next(&u);
        } else {
            put_quoted(out, unit);
        }
        unit = next;
    }
    buf_putc(out, '"');
}

void doc_put_units(struct slice written, struct buf *out)
{
    struct units u = units_of(written);
    int32_t unit;
    int64_t index = 0;

    buf_putc(out, '{');
    while ((unit = units_next(&u)) >= 0) {
        if (index > 0)
            buf_putc(out, ',');
        buf_putc(out, '"');
        buf_put_i64(out, index++);
        buf_puts(out, "\":\"");
        put_quoted(out, unit);
        buf_putc(out, '"');
    }
    buf_putc(out, '}');
}

/* The array index that a key is ("0", "17", below 2^32 - 1), or -1: JavaScript keeps such keys in front, by number. */
static int64_t key_index(struct slice key)
{
    struct units u = units_of(key);
    int32_t unit = units_next(&u);
    bool zero = unit == '0';
    int64_t v = 0;
    int digits = 0;

    for (; unit >= '0' && unit <= '9' && digits < 10; digits++) {
        v = v * 10 + (unit - '0');
        unit = units_next(&u);
    }
    if (digits == 0 || unit >= 0 || (zero && digits > 1))
        return -1;
    return v < INT64_C(4294967295) ? v : -1;
}

static int compare_units(struct slice a, struct slice b)
{
    struct units ua = units_of(a), ub = units_of(b);
    int32_t x, y;

    do {
        x = units_next(&ua);
        y = units_next(&ub);
    } while (x == y && x >= 0);
    return x < y ? -1 : x > y;
}

struct order {
    const struct doc_node *nodes;
    bool sorted;
};

static int compare_children(const void *a, const void *b, void *arg)
{
    const struct order *o = arg;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int64_t ix = key_index(o->nodes[x].key), iy = key_index(o->nodes[y].key);

    if (ix >= 0 || iy >= 0) {
        if (ix < 0 || iy < 0)
            return ix < 0 ? 1 : -1;
        return ix < iy ? -1 : ix > iy;
    }
    if (!o->sorted)
        return x < y ? -1 : x > y; /* nodes are numbered as they were written */
    return compare_units(o->nodes[x].key, o->nodes[y].key);
}

int doc_children(const struct doc *d, uint32_t object, enum doc_order order, uint32_t **out)
{
    const struct doc_node *node = &d->nodes[object];
    uint32_t *list = arena_array(d->arena, node->count + 1, sizeof *list);
    struct order o = {d->nodes, order != DOC_AS_WRITTEN};
    size_t n = 0;

    if (list == NULL)
        return RC_NOMEM;
    for (uint32_t at = node->first; at != 0; at = d->nodes[at].next)
        list[n++] = at;
    if (node->kind == DOC_OBJECT)
        qsort_r(list, n, sizeof *list, compare_children, &o);
    *out = list;
    return RC_OK;
}

static int put_container(const struct doc *d, uint32_t at, enum doc_order order, struct buf *out)
{
    const struct doc_node *node = &d->nodes[at];
    enum doc_order below = order == DOC_SORT_DEEP ? DOC_SORT_DEEP : DOC_AS_WRITTEN;
    bool object = node->kind == DOC_OBJECT;
    uint32_t *list;
    int rc = doc_children(d, at, order, &list);

    buf_putc(out, object ? '{' : '[');
    for (uint32_t i = 0; rc == RC_OK && i < node->count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        if (object) {
            put_string(out, d->nodes[list[i]].key);
            buf_putc(out, ':');
        }
        rc = doc_put_json(d, list[i], below, out);
    }
    buf_putc(out, object ? '}' : ']');
    return rc;
}

int doc_put_json(const struct doc *d, uint32_t node, enum doc_order order, struct buf *out)
{
    const struct doc_node *n = &d->nodes[node];

    switch (n->kind) {
    case DOC_NULL:
        buf_puts(out, "null");
        break;
    case DOC_FALSE:
        buf_puts(out, "false");
        break;
    case DOC_TRUE:
        buf_puts(out, "true");
        break;
    case DOC_INTEGER:
    case DOC_REAL:
        buf_put_slice(out, n->written);
        break;
    case DOC_STRING:
        put_string(out, n->written);
        break;
    case DOC_ARRAY:
    case DOC_OBJECT:
        return put_container(d, node, order, out);
    }
    return RC_OK;
}
