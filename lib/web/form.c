#include "form.h"

#include "khop/base/num.h"
#include "khop/http/req.h"

#include "khop/base/banned.h"

#define PART_MAX  40
#define INDEX_MAX 499

static bool name_ok(struct slice part)
{
    if (part.n == 0 || part.n > PART_MAX)
        return false;
    for (size_t i = 0; i < part.n; i++) {
        char c = part.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

/* Browsers end the lines of a text area with CR LF. */
static json_t *text_new(struct arena *arena, struct slice value)
{
    char *out = arena_alloc(arena, value.n + 1);
    size_t n = 0;

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '\r' && i + 1 < value.n && value.p[i + 1] == '\n')
            continue;
        out[n++] = value.p[i];
    }
    struct slice text = slice_trim((struct slice){ out, n });

    return json_stringn_nocheck(text.p, text.n);
}

/* A place in an object by name, or in an array by a number that is there or the next one. */
static json_t *get(json_t *at, struct slice part)
{
    int64_t index;

    if (json_is_object(at))
        return json_object_getn(at, part.p, part.n);
    return num_parse(part, 0, INDEX_MAX, false, &index) < 0 ? NULL : json_array_get(at, (size_t)index);
}

static int put(json_t *at, struct slice part, json_t *value)
{
    int64_t index;

    if (value == NULL)
        return RC_NOMEM;
    if (json_is_object(at))
        return json_object_setn_new_nocheck(at, part.p, part.n, value) < 0 ? RC_NOMEM : RC_OK;
    if (num_parse(part, 0, INDEX_MAX, false, &index) < 0 || (size_t)index != json_array_size(at)) {
        json_decref(value);
        return RC_BAD_INPUT;
    }
    return json_array_append_new(at, value) < 0 ? RC_NOMEM : RC_OK;
}

/* The container below `at`, made when it is not there: an array when the next part of the name is a number. */
static int descend(json_t **at, struct slice part, struct slice next)
{
    json_t *below = get(*at, part);
    int64_t index;

    if (below == NULL) {
        int rc = put(*at, part, num_parse(next, 0, INDEX_MAX, false, &index) == RC_OK ? json_array() : json_object());

        if (rc < 0)
            return rc;
        below = get(*at, part);
    }
    *at = below;
    return json_is_object(below) || json_is_array(below) ? RC_OK : RC_BAD_INPUT;
}

/* A field that came before becomes an array with it. */
static int repeat(json_t *at, struct slice part, json_t *before, json_t *value)
{
    json_t *both;

    if (value == NULL)
        return RC_NOMEM;
    if (json_is_array(before))
        return json_array_append_new(before, value) < 0 ? RC_NOMEM : RC_OK;
    if (!json_is_string(before) || !json_is_object(at)) {
        json_decref(value);
        return RC_BAD_INPUT;
    }
    both = json_array();
    if (json_array_append(both, before) < 0 || json_array_append_new(both, value) < 0) {
        json_decref(both);
        return RC_NOMEM;
    }
    return json_object_setn_new_nocheck(at, part.p, part.n, both) < 0 ? RC_NOMEM : RC_OK;
}

static int field_put(struct arena *arena, json_t *root, struct slice name, struct slice value)
{
    bool ends_in_dot = name.n > 0 && name.p[name.n - 1] == '.';
    json_t *at = root, *before;
    struct slice part = slice_cut(&name, '.');

    if (ends_in_dot)
        return RC_BAD_INPUT;
    for (int depth = 1; name.n > 0; depth++) {
        struct slice rest = name, next = slice_cut(&rest, '.');
        int rc = depth == FORM_DEPTH_MAX || !name_ok(part) ? RC_BAD_INPUT : descend(&at, part, next);

        if (rc < 0)
            return rc;
        part = next;
        name = rest;
    }
    if (!name_ok(part))
        return RC_BAD_INPUT;
    before = get(at, part);
    return before == NULL ? put(at, part, text_new(arena, value)) : repeat(at, part, before, text_new(arena, value));
}

int form_values(struct arena *arena, struct slice body, json_t **out)
{
    struct slice name, value;
    json_t *root = json_object();
    int rc = root == NULL ? RC_NOMEM : RC_OK, found = 0;

    for (int left = FORM_FIELDS_MAX; rc == RC_OK && (found = form_next(arena, &body, &name, &value)) == 1; left--)
        rc = left == 0 ? RC_TOO_LARGE : field_put(arena, root, name, value);
    if (rc == RC_OK && found < 0)
        rc = found;
    if (rc < 0)
        json_decref(root);
    else
        *out = root;
    return rc;
}

static json_t *pruned(const json_t *value)
{
    json_t *copy = json_is_array(value) ? json_array() : json_object(), *element;
    const char *key;
    size_t i;

    if (json_is_array(value)) {
        json_array_foreach(value, i, element) {
            if (json_is_string(element) && json_string_length(element) > 0)
                json_array_append(copy, element);
            else if (!json_is_string(element))
                json_array_append_new(copy, pruned(element)); /* keeps its place, so that faults name the right line */
        }
        return copy;
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, element) {
        json_t *kept = json_is_string(element) ? (json_string_length(element) > 0 ? json_incref(element) : NULL) : pruned(element);

        if (kept == NULL)
            continue;
        if ((json_is_object(kept) && json_object_size(kept) == 0) || (json_is_array(kept) && json_array_size(kept) == 0))
            json_decref(kept);
        else
            json_object_set_new_nocheck(copy, key, kept);
    }
    return copy;
}

json_t *form_members(const json_t *values)
{
    json_t *members = pruned(values);

    json_object_del(members, "csrf");
    json_object_del(members, "once");
    return members;
}
