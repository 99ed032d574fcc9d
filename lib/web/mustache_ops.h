/* What mustache_parse.c makes of a template and mustache.c walks through. Private to these two. */
#ifndef KHOP_WEB_MUSTACHE_OPS_H
#define KHOP_WEB_MUSTACHE_OPS_H

#include "khop/base/slice.h"
#include "khop/web/mustache.h"
#include <stdbool.h>
#include <stdint.h>

enum op_kind {
    OP_TEXT,     /* text: as it is */
    OP_VALUE,    /* text: a name */
    OP_RAW,      /* text: a name */
    OP_SECTION,  /* text: a name; target: the op behind its end */
    OP_INVERTED, /* the same */
    OP_END,      /* target: the op that opened it */
    OP_PARTIAL,  /* text: a name; target: the template's number, set once all are known */
    OP_LOCALE,   /* target: the number of the key */
};

struct op {
    enum op_kind kind;
    int line;
    struct slice text;
    int target;
};

struct template {
    const char *name;
    struct op *ops;
    int count, room;
    enum { TEMPLATE_NEW, TEMPLATE_OPEN, TEMPLATE_MEASURED } state;
    int depth; /* sections within each other, partials counted in; known once measured */
};

struct mustache {
    const struct mustache_texts *texts;
    struct template *templates;
    size_t count;
};

struct parse_error {
    char *text;
    size_t size;
};

/* Fills t from a source. False with the error said (or no memory). */
bool template_parse(struct template *t, const struct mustache_source *source, const struct mustache_texts *texts,
                    struct parse_error *error);
bool parse_fail(struct parse_error *error, const char *name, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
