/* Typed members of a JSON object: integers are integers, text is cleaned, the first fault sticks. */
#include "common.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"

#include "khop/base/banned.h"

struct fields fields_of(const struct doc *d, const struct doc_node *object)
{
    return (struct fields){.doc = d, .object = object};
}

void fields_fault(struct fields *f, const char *reason, bool missing)
{
    if (f->fault != NULL)
        return;
    f->fault = reason;
    f->missing = missing;
}

static const struct doc_node *get(const struct fields *f, const char *name)
{
    const struct doc_node *value = doc_member(f->doc, f->object, name);

    return value != NULL && value->kind == DOC_NULL ? NULL : value;
}

/* Only what some field is read from: the same number or the same text. */
static bool same_value(const struct doc_node *a, const struct doc_node *b)
{
    if (a->kind != b->kind || a->kind == DOC_ARRAY || a->kind == DOC_OBJECT)
        return false;
    return a->kind == DOC_REAL ? slice_eq(a->written, b->written) : a->value == b->value && slice_eq(a->text, b->text);
}

const struct doc_node *fields_get(struct fields *f, const char *name, const char *alt)
{
    const struct doc_node *value = get(f, name), *other = alt != NULL ? get(f, alt) : NULL;

    if (value == NULL)
        return other;
    if (other != NULL && !same_value(value, other))
        fields_fault(f, "two_values", false);
    return value;
}

bool text_is_plain(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
            return false;
    }
    return true;
}

static struct slice no_memory(struct fields *f)
{
    f->rc = RC_NOMEM;
    fields_fault(f, "no_memory", false);
    return (struct slice){"", 0};
}

/* Text as we keep it: control characters become spaces. */
static struct slice keep(struct fields *f, struct slice raw)
{
    char *p;

    if (text_is_plain(raw))
        return raw;
    p = arena_alloc(f->doc->arena, raw.n);
    if (p == NULL)
        return no_memory(f);
    for (size_t i = 0; i < raw.n; i++) {
        bool control = (unsigned char)raw.p[i] < 0x20 || raw.p[i] == 0x7F;

        p[i] = control ? ' ' : raw.p[i];
    }
    return (struct slice){p, raw.n};
}

struct slice fields_text(struct fields *f, const char *name, const char *alt)
{
    const struct doc_node *value = fields_get(f, name, alt);

    if (value == NULL)
        return (struct slice){"", 0};
    if (value->kind != DOC_STRING) {
        fields_fault(f, "bad_field", true);
        return (struct slice){"", 0};
    }
    return keep(f, value->text);
}

struct slice fields_id(struct fields *f, const char *name, const char *alt, size_t max, const char *reason)
{
    const struct doc_node *value = fields_get(f, name, alt);

    if (value == NULL || value->kind != DOC_STRING) {
        fields_fault(f, value == NULL ? "missing_field" : reason, true);
        return (struct slice){"", 0};
    }
    struct slice text = value->text;

    if (text.n == 0 || text.n > max || !text_is_plain(text)) {
        fields_fault(f, reason, false);
        return (struct slice){"", 0};
    }
    return text;
}

struct slice fields_number_id(struct fields *f, const char *name)
{
    const struct doc_node *value = fields_get(f, name, NULL);
    struct buf text;

    if (value == NULL || value->kind != DOC_INTEGER || value->value < 0) {
        fields_fault(f, value == NULL ? "no_id" : "bad_id", false);
        return (struct slice){"", 0};
    }
    buf_init_arena(&text, f->doc->arena, 20);
    buf_put_i64(&text, value->value);
    return text.failed ? no_memory(f) : buf_slice(&text);
}

/* An integer whose size is in range; 0 with a fault otherwise. */
static int64_t amount_of(struct fields *f, const struct doc_node *value, int64_t min)
{
    if (value->kind != DOC_INTEGER) {
        fields_fault(f, "bad_amount", value->kind != DOC_REAL);
        return 0;
    }
    int64_t v = value->value;

    if (v == 0 || v < min || v > NOTICE_AMOUNT_MAX) {
        fields_fault(f, "bad_amount", false);
        return 0;
    }
    return v;
}

int64_t fields_amount(struct fields *f, const char *name)
{
    const struct doc_node *value = fields_get(f, name, NULL);

    if (value == NULL) {
        fields_fault(f, "missing_field", true);
        return 0;
    }
    return amount_of(f, value, 1);
}

int64_t fields_signed_amount(struct fields *f, const char *name)
{
    const struct doc_node *value = fields_get(f, name, NULL);

    if (value == NULL) {
        fields_fault(f, "missing_field", true);
        return 0;
    }
    return amount_of(f, value, -NOTICE_AMOUNT_MAX);
}

int64_t fields_amount_or_digits(struct fields *f, const char *name)
{
    const struct doc_node *value = fields_get(f, name, NULL);
    int64_t amount = 0;

    if (value == NULL || value->kind != DOC_STRING)
        return fields_amount(f, name);
    if (num_parse(value->text, 1, NOTICE_AMOUNT_MAX, false, &amount) != RC_OK)
        fields_fault(f, "bad_amount", false);
    return amount;
}

int64_t fields_local_time(struct fields *f, const char *name)
{
    const struct doc_node *value = fields_get(f, name, NULL);
    int64_t us = 0;

    if (value == NULL || value->kind != DOC_STRING) {
        fields_fault(f, value == NULL ? "missing_field" : "bad_time", true);
        return 0;
    }
    if (clock_parse_local(value->text, &us) != RC_OK)
        fields_fault(f, "bad_time", false);
    return us;
}

void fields_balance(const struct fields *f, const char *name, bool zero_is_none, struct notice_event *e)
{
    const struct doc_node *value = get(f, name);

    if (value == NULL || value->kind != DOC_INTEGER || (zero_is_none && value->value == 0))
        return;
    e->has_balance = true;
    e->balance = value->value;
}
