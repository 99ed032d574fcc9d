/* Typed members of a JSON object: integers are integers, text is cleaned, the first fault sticks. */
#include "common.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"

#include "khop/base/banned.h"

struct fields fields_of(struct arena *arena, const json_t *object)
{
    return (struct fields){.arena = arena, .object = object};
}

void fields_fault(struct fields *f, const char *reason, bool missing)
{
    if (f->fault != NULL)
        return;
    f->fault = reason;
    f->missing = missing;
}

static const json_t *get(const struct fields *f, const char *name)
{
    const json_t *value = json_object_get(f->object, name);

    return json_is_null(value) ? NULL : value;
}

const json_t *fields_get(struct fields *f, const char *name, const char *alt)
{
    const json_t *value = get(f, name), *other = alt != NULL ? get(f, alt) : NULL;

    if (value == NULL)
        return other;
    if (other != NULL && !json_equal(value, other))
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

/* Text as we keep it: control characters become spaces. Empty p is never NULL on success. RC_NOMEM. */
static int text_clean(struct arena *arena, struct slice raw, struct slice *out)
{
    char *p = arena_alloc(arena, raw.n + 1);

    if (p == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < raw.n; i++) {
        bool control = (unsigned char)raw.p[i] < 0x20 || raw.p[i] == 0x7F;

        p[i] = control ? ' ' : raw.p[i];
    }
    *out = (struct slice){p, raw.n};
    return RC_OK;
}

static struct slice text_of(const json_t *string)
{
    return (struct slice){json_string_value(string), json_string_length(string)};
}

static struct slice keep(struct fields *f, struct slice raw)
{
    struct slice out = {"", 0};

    if (text_clean(f->arena, raw, &out) != RC_OK) {
        f->rc = RC_NOMEM;
        fields_fault(f, "no_memory", false);
    }
    return out;
}

struct slice fields_text(struct fields *f, const char *name, const char *alt)
{
    const json_t *value = fields_get(f, name, alt);

    if (value == NULL)
        return (struct slice){"", 0};
    if (!json_is_string(value)) {
        fields_fault(f, "bad_field", true);
        return (struct slice){"", 0};
    }
    return keep(f, text_of(value));
}

struct slice fields_id(struct fields *f, const char *name, const char *alt, size_t max, const char *reason)
{
    const json_t *value = fields_get(f, name, alt);

    if (value == NULL || !json_is_string(value)) {
        fields_fault(f, value == NULL ? "missing_field" : reason, true);
        return (struct slice){"", 0};
    }
    struct slice text = text_of(value);

    if (text.n == 0 || text.n > max || !text_is_plain(text)) {
        fields_fault(f, reason, false);
        return (struct slice){"", 0};
    }
    return keep(f, text);
}

struct slice fields_number_id(struct fields *f, const char *name)
{
    const json_t *value = fields_get(f, name, NULL);
    char *text;

    if (value == NULL || !json_is_integer(value) || json_integer_value(value) < 0) {
        fields_fault(f, value == NULL ? "no_id" : "bad_id", false);
        return (struct slice){"", 0};
    }
    text = arena_printf(f->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (text == NULL) {
        f->rc = RC_NOMEM;
        fields_fault(f, "no_memory", false);
    }
    return slice_of(text);
}

/* An integer whose size is in range; 0 with a fault otherwise. */
static int64_t amount_of(struct fields *f, const json_t *value, int64_t min)
{
    if (!json_is_integer(value)) {
        fields_fault(f, "bad_amount", !json_is_real(value));
        return 0;
    }
    int64_t v = json_integer_value(value);

    if (v == 0 || v < min || v > NOTICE_AMOUNT_MAX) {
        fields_fault(f, "bad_amount", false);
        return 0;
    }
    return v;
}

int64_t fields_amount(struct fields *f, const char *name)
{
    const json_t *value = fields_get(f, name, NULL);

    if (value == NULL) {
        fields_fault(f, "missing_field", true);
        return 0;
    }
    return amount_of(f, value, 1);
}

int64_t fields_signed_amount(struct fields *f, const char *name)
{
    const json_t *value = fields_get(f, name, NULL);

    if (value == NULL) {
        fields_fault(f, "missing_field", true);
        return 0;
    }
    return amount_of(f, value, -NOTICE_AMOUNT_MAX);
}

int64_t fields_amount_or_digits(struct fields *f, const char *name)
{
    const json_t *value = fields_get(f, name, NULL);
    int64_t amount = 0;

    if (!json_is_string(value))
        return fields_amount(f, name);
    if (num_parse(text_of(value), 1, NOTICE_AMOUNT_MAX, false, &amount) != RC_OK)
        fields_fault(f, "bad_amount", false);
    return amount;
}

int64_t fields_local_time(struct fields *f, const char *name)
{
    const json_t *value = fields_get(f, name, NULL);
    int64_t us = 0;

    if (value == NULL || !json_is_string(value)) {
        fields_fault(f, value == NULL ? "missing_field" : "bad_time", true);
        return 0;
    }
    if (clock_parse_local(text_of(value), &us) != RC_OK)
        fields_fault(f, "bad_time", false);
    return us;
}

void fields_balance(const struct fields *f, const char *name, bool zero_is_none, struct notice_event *e)
{
    const json_t *value = get(f, name);

    if (!json_is_integer(value) || (zero_is_none && json_integer_value(value) == 0))
        return;
    e->has_balance = true;
    e->balance = json_integer_value(value);
}
