/* A notice's JSON, read in one pass that allocates in the arena only: every value typed, and as it was written. Two
 * providers sign a form made again from the parsed body, so the writing of numbers and of odd escapes must survive.
 * That it takes and refuses what jansson does is tested (tests/fuzz/provider/json.c).
 *
 * Rules (security.md §2): depth 16, 2,000 values (a list of transfers: more, see below), no member twice, valid UTF-8, nothing behind the value, integers only
 * where an integer is asked for. A lone surrogate (\ud800 without its half) is JSON that no UTF-8 can hold: the text
 * has U+FFFD there, the signed forms have what JavaScript would print. A number that is no plain integer of 64 bits is
 * a real without a value: nothing here ever computes with it. */
#ifndef KHOP_PROVIDER_DOC_H
#define KHOP_PROVIDER_DOC_H

#include "khop/base/arena.h"
#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

#define DOC_DEPTH_MAX  16
#define DOC_VALUES_MAX 2000
/* A Casso list of 120 transfers has more values than that; held, it would be money that waits for a person. A body of
 * 64 KiB holds about 150 of them. */
#define DOC_LIST_VALUES_MAX 4096
#define DOC_TEXT_MAX   4096 /* bytes of one string, decoded */

enum doc_kind { DOC_NULL, DOC_FALSE, DOC_TRUE, DOC_INTEGER, DOC_REAL, DOC_STRING, DOC_ARRAY, DOC_OBJECT };

struct doc_node {
    enum doc_kind kind;
    uint32_t first, next; /* first child, next sibling; 0: none (the root is nobody's child) */
    uint32_t count;       /* children */
    int64_t value;        /* of an integer */
    struct slice key, name;     /* in an object: as written, without the quotes; decoded */
    struct slice written, text; /* a number or a string, without its quotes, as written; a string decoded */
};

struct doc {
    struct doc_node *nodes; /* nodes[0] is the root, an object or array */
    size_t n;
    bool long_text; /* some string is over DOC_TEXT_MAX */
    struct arena *arena;
};

/* RC_BAD_INPUT: not JSON by the rules above; RC_NOMEM. Texts without escapes stand in the body itself. */
int doc_read(struct doc *d, struct arena *arena, struct slice body) RC_MUST;
/* The same with up to `values` values. */
int doc_read_large(struct doc *d, struct arena *arena, struct slice body, size_t values) RC_MUST;

/* The member of an object by its decoded name; NULL: there is none, or this is no object (which may be NULL, too). */
const struct doc_node *doc_member(const struct doc *d, const struct doc_node *object, const char *name);
static inline uint32_t doc_number(const struct doc *d, const struct doc_node *node)
{
    return (uint32_t)(node - d->nodes);
}

/* JSON as JavaScript prints it, compact: letters as they are, '/' bare, numbers as written, lone surrogates as \udXXX.
 * DOC_SORT_DEEP sorts the members of every object on the way by UTF-16 code units. */
enum doc_order { DOC_AS_WRITTEN, DOC_SORT_TOP, DOC_SORT_DEEP };
int doc_put_json(const struct doc *d, uint32_t node, enum doc_order order, struct buf *out) RC_MUST; /* RC_NOMEM */
/* The decoded text of a string as written (a node's `written` or `key`); a lone surrogate becomes U+FFFD, as when JavaScript
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
