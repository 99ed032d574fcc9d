/* A notice's JSON, read twice: by a scan of our own that enforces the limits and remembers how every value was written,
 * and by jansson, which decides what is JSON and gives the typed members. Two providers sign a form made again from the
 * parsed body, so the writing of numbers and of odd escapes must survive; a tree alone has lost it.
 *
 * Rules (security.md §2): depth 16, 2,000 values (a list of transfers: more, see below), no member twice, valid UTF-8, nothing behind the value, integers only
 * where an integer is asked for. A lone surrogate (\ud800 without its half) is JSON that no UTF-8 can hold: the tree
 * has U+FFFD there, the signed forms have what JavaScript would print. A number that is no plain integer of 64 bits is
 * a real in the tree, with a meaningless value: nothing here ever computes with it. */
#ifndef KHOP_PROVIDER_DOC_H
#define KHOP_PROVIDER_DOC_H

#include "khop/base/arena.h"
#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define DOC_DEPTH_MAX  16
#define DOC_VALUES_MAX 2000
/* A Casso list of 120 transfers has more values than that; held, it would be money that waits for a person. A body of
 * 64 KiB holds about 150 of them. */
#define DOC_LIST_VALUES_MAX 4096
#define DOC_TEXT_MAX   4096 /* bytes of one string, decoded */

enum doc_kind { DOC_NULL, DOC_FALSE, DOC_TRUE, DOC_NUMBER, DOC_STRING, DOC_ARRAY, DOC_OBJECT };

struct doc_node {
    enum doc_kind kind;
    struct slice key;     /* as written, without the quotes; only in an object */
    struct slice text;    /* as written: digits of a number, a string without its quotes */
    uint32_t first, next; /* first child, next sibling; 0: none (the root is nobody's child) */
    uint32_t count;       /* children */
};

struct doc {
    json_t *root;           /* an object or array; doc_release gives it back */
    struct doc_node *nodes; /* nodes[0] is the root */
    size_t n;
    bool long_text; /* some string is over DOC_TEXT_MAX */
    struct arena *arena;
};

/* RC_BAD_INPUT: not JSON by the rules above; RC_NOMEM. On failure nothing has to be released. */
int doc_read(struct doc *d, struct arena *arena, struct slice body) RC_MUST;
/* The same with up to `values` values. */
int doc_read_large(struct doc *d, struct arena *arena, struct slice body, size_t values) RC_MUST;
void doc_release(struct doc *d);

/* The member of an object node by its name, written without escapes; 0 if there is none. */
uint32_t doc_member(const struct doc *d, uint32_t object, const char *name);

/* JSON as JavaScript prints it, compact: letters as they are, '/' bare, numbers as written, lone surrogates as \udXXX.
 * DOC_SORT_DEEP sorts the members of every object on the way by UTF-16 code units. */
enum doc_order { DOC_AS_WRITTEN, DOC_SORT_TOP, DOC_SORT_DEEP };
int doc_put_json(const struct doc *d, uint32_t node, enum doc_order order, struct buf *out) RC_MUST; /* RC_NOMEM */
/* The decoded text of a string as written (a node's text or key); a lone surrogate becomes U+FFFD, as when JavaScript
 * encodes a string to UTF-8. */
void doc_put_text(struct slice written, struct buf *out);
/* One string as an object of its UTF-16 code units {"0":"a",…}: what sorting "the keys" of a string makes of it. */
void doc_put_units(struct slice written, struct buf *out);
/* The children of an object in JavaScript's order (array indexes first, then as asked). RC_NOMEM. */
int doc_children(const struct doc *d, uint32_t object, enum doc_order order, uint32_t **out) RC_MUST;

/* For the two halves of this module: the code unit of "\uXXXX" at p (-1 if there is none), and halves of pairs. */
int32_t doc_unit_at(const char *p, const char *end);
static inline bool doc_is_high(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static inline bool doc_is_low(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

#endif
