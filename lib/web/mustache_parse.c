/* Templates to ops. Sections are matched here, so that rendering only follows targets. */
#include "mustache_ops.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

struct parser {
    struct template *t;
    const struct mustache_texts *texts;
    struct parse_error *error;
    const char *start, *at, *end;
    int line;
    int open[MUSTACHE_DEPTH]; /* ops of sections not yet closed */
    int depth;
};

struct tag {
    char sign; /* '#', '^', '/', '>', '!', '&', '{' or 0 */
    struct slice name;
    const char *before, *behind; /* first byte of the tag, first byte after it */
};

bool parse_fail(struct parse_error *error, const char *name, int line, const char *fmt, ...)
{
    va_list ap;
    int n = snprintf(error->text, error->size, "%s:%d: ", name, line);

    if (n < 0 || (size_t)n >= error->size)
        return false;
    va_start(ap, fmt);
    vsnprintf(error->text + n, error->size - (size_t)n, fmt, ap);
    va_end(ap);
    return false;
}

static struct op *op_add(struct parser *p, enum op_kind kind, struct slice text)
{
    struct template *t = p->t;

    if (t->count == t->room) {
        int room = t->room == 0 ? 64 : t->room * 2;
        struct op *ops = reallocarray(t->ops, (size_t)room, sizeof *ops);

        if (ops == NULL) {
            parse_fail(p->error, t->name, p->line, "no memory");
            return NULL;
        }
        t->ops = ops;
        t->room = room;
    }
    t->ops[t->count] = (struct op){ .kind = kind, .line = p->line, .text = text };
    return &t->ops[t->count++];
}

static bool text_add(struct parser *p, const char *from, const char *to)
{
    return from == to || op_add(p, OP_TEXT, (struct slice){ from, (size_t)(to - from) }) != NULL;
}

static bool name_ok(struct slice name)
{
    if (slice_is(name, "."))
        return true;
    if (name.n == 0 || name.p[0] == '.' || name.p[name.n - 1] == '.')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
              (c == '.' && name.p[i - 1] != '.')))
            return false;
    }
    return true;
}

static const char *find(const char *from, const char *end, const char *what, size_t n)
{
    return memmem(from, (size_t)(end - from), what, n);
}

/* Reads the tag whose "{{" is at `at`. */
static bool tag_read(struct parser *p, const char *at, struct tag *tag)
{
    const char *name = at + 2, *close;
    char sign = name < p->end ? *name : '\0';

    *tag = (struct tag){ .before = at };
    if (sign != '\0' && strchr("#^/>!&{=", sign) != NULL) {
        tag->sign = sign;
        name++;
    }
    if (sign == '=')
        return parse_fail(p->error, p->t->name, p->line, "other delimiters are not known here");
    close = sign == '{' ? find(name, p->end, "}}}", 3) : find(name, p->end, "}}", 2);
    if (close == NULL)
        return parse_fail(p->error, p->t->name, p->line, "a tag is not closed");
    tag->behind = close + (sign == '{' ? 3 : 2);
    tag->name = slice_trim((struct slice){ name, (size_t)(close - name) });
    if (sign == '!')
        return true;
    if (!name_ok(tag->name))
        return parse_fail(p->error, p->t->name, p->line, "\"%.*s\" is no name", SLICE_FMT(tag->name));
    return true;
}

/* A tag that shows nothing itself and is alone on its line takes the line with it: moves *before back to the line's start
 * and *behind past its end. `floor`: where text that has not been emitted begins. */
static void tag_alone(const struct parser *p, const struct tag *tag, const char *floor, const char **before, const char **behind)
{
    const char *left = tag->before, *right = tag->behind;

    if (tag->sign == '\0' || tag->sign == '&' || tag->sign == '{')
        return;
    while (left > floor && (left[-1] == ' ' || left[-1] == '\t'))
        left--;
    if (left != p->start && left[-1] != '\n')
        return;
    while (right < p->end && (*right == ' ' || *right == '\t' || *right == '\r'))
        right++;
    if (right < p->end && *right != '\n')
        return;
    *before = left;
    *behind = right < p->end ? right + 1 : right;
}

static bool section_open(struct parser *p, const struct tag *tag)
{
    if (p->depth == MUSTACHE_DEPTH)
        return parse_fail(p->error, p->t->name, p->line, "more than %d sections within each other", MUSTACHE_DEPTH);
    p->open[p->depth++] = p->t->count;
    return op_add(p, tag->sign == '#' ? OP_SECTION : OP_INVERTED, tag->name) != NULL;
}

static bool section_close(struct parser *p, const struct tag *tag)
{
    if (p->depth == 0)
        return parse_fail(p->error, p->t->name, p->line, "{{/%.*s}} closes nothing", SLICE_FMT(tag->name));
    int opened = p->open[--p->depth];
    struct op *end = op_add(p, OP_END, tag->name);

    if (end == NULL)
        return false;
    struct op *begin = &p->t->ops[opened];

    if (!slice_eq(begin->text, tag->name))
        return parse_fail(p->error, p->t->name, p->line, "{{/%.*s}} closes {{#%.*s}} of line %d", SLICE_FMT(tag->name),
                          SLICE_FMT(begin->text), begin->line);
    end->target = opened;
    begin->target = p->t->count;
    return true;
}

static bool value_add(struct parser *p, const struct tag *tag)
{
    bool raw = tag->sign != '\0';

    if (p->texts == NULL || !slice_starts(tag->name, SLICE("t.")))
        return op_add(p, raw ? OP_RAW : OP_VALUE, tag->name) != NULL;
    int key = p->texts->find(slice_sub(tag->name, 2, tag->name.n));

    if (raw || key < 0)
        return parse_fail(p->error, p->t->name, p->line, raw ? "a text is always escaped: \"%.*s\"" : "there is no text \"%.*s\"",
                          SLICE_FMT(tag->name));
    struct op *op = op_add(p, OP_LOCALE, tag->name);

    if (op == NULL)
        return false;
    op->target = key;
    return true;
}

static bool tag_add(struct parser *p, const struct tag *tag)
{
    switch (tag->sign) {
    case '!':
        return true;
    case '#':
    case '^':
        return section_open(p, tag);
    case '/':
        return section_close(p, tag);
    case '>':
        return op_add(p, OP_PARTIAL, tag->name) != NULL;
    default:
        return value_add(p, tag);
    }
}

static void lines_pass(struct parser *p, const char *to)
{
    for (; p->at < to; p->at++)
        p->line += *p->at == '\n';
}

bool template_parse(struct template *t, const struct mustache_source *source, const struct mustache_texts *texts,
                    struct parse_error *error)
{
    struct parser p = { .t = t, .texts = texts, .error = error, .start = source->text, .at = source->text,
                        .end = source->text + source->n, .line = 1 };

    t->name = source->name;
    while (p.at < p.end) {
        const char *floor = p.at, *open = find(p.at, p.end, "{{", 2), *before, *behind;
        struct tag tag;

        if (open == NULL)
            return text_add(&p, p.at, p.end) &&
                   (p.depth == 0 || parse_fail(error, t->name, p.line, "{{#%.*s}} is not closed", SLICE_FMT(t->ops[p.open[0]].text)));
        lines_pass(&p, open);
        if (!tag_read(&p, open, &tag))
            return false;
        before = tag.before;
        behind = tag.behind;
        tag_alone(&p, &tag, floor, &before, &behind);
        if (!text_add(&p, floor, before) || !tag_add(&p, &tag))
            return false;
        lines_pass(&p, behind);
    }
    if (p.depth > 0)
        return parse_fail(error, t->name, p.line, "{{#%.*s}} is not closed", SLICE_FMT(t->ops[p.open[0]].text));
    return true;
}
