/* Form bodies, for the one provider that lets its users choose them (SePay). Strict: every pair once, whole escapes. */
#include "common.h"

#include "khop/base/num.h"
#include "khop/base/utf8.h"

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

static int put_pair(json_t *object, const char *const *numbers, struct slice name, struct slice value)
{
    int64_t number;
    json_t *member;

    if (name.n == 0 || !text_is_plain(name) || json_object_getn(object, name.p, name.n) != NULL)
        return RC_BAD_INPUT;
    if (is_named(numbers, name) && num_parse(value, 0, INT64_MAX, false, &number) == RC_OK)
        member = json_integer(number);
    else
        member = json_stringn(value.p, value.n);
    return json_object_setn_new(object, name.p, name.n, member) == 0 ? RC_OK : RC_NOMEM;
}

int form_read(struct arena *arena, struct slice body, const char *const *numbers, json_t **out)
{
    json_t *object = json_object();
    struct slice rest = body;
    int rc = object == NULL ? RC_NOMEM : RC_OK;

    for (size_t pairs = 0; rc == RC_OK && rest.n > 0; pairs++) {
        struct slice value = slice_cut(&rest, '&'), name = slice_cut(&value, '='), name_text, value_text;

        if (pairs == FORM_PAIRS_MAX) {
            rc = RC_BAD_INPUT;
            break;
        }
        rc = decode(arena, name, &name_text);
        if (rc == RC_OK)
            rc = decode(arena, value, &value_text);
        if (rc == RC_OK)
            rc = put_pair(object, numbers, name_text, value_text);
    }
    if (rc != RC_OK) {
        json_decref(object);
        return rc;
    }
    *out = object;
    return RC_OK;
}
