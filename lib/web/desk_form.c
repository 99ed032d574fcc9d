/* Forms of a page: faults beside their fields, choices as they were chosen. */
#include "desk_view.h"

#include "khop/base/buf.h"
#include "khop/base/slice.h"
#include "khop/web/mustache.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

#define MARKUP_MAX 2048

/* Sets a text at a pointer ("/payee/bin") of a tree of objects. */
static int tree_set(json_t *tree, struct slice pointer, json_t *text)
{
    struct slice part;

    if (text == NULL)
        return RC_NOMEM;
    for (slice_cut(&pointer, '/'); part = slice_cut(&pointer, '/'), pointer.n > 0;) {
        json_t *below = json_object_getn(tree, part.p, part.n);

        if (!json_is_object(below)) {
            below = json_object();
            if (json_object_setn_new(tree, part.p, part.n, below) < 0) {
                json_decref(text);
                return RC_NOMEM;
            }
        }
        tree = below;
    }
    return json_object_setn_new(tree, part.p, part.n, text) < 0 ? RC_NOMEM : RC_OK;
}

/* "/payee/bin" as an id: "payee-bin-fault". */
static void put_id(struct buf *b, struct slice pointer)
{
    slice_cut(&pointer, '/');
    for (size_t i = 0; i < pointer.n; i++)
        buf_putc(b, pointer.p[i] == '/' ? '-' : pointer.p[i]);
    buf_puts(b, "-fault");
}

static int fault_tie(json_t *wrong, json_t *said, struct slice pointer, struct slice detail)
{
    struct buf b;
    int rc;

    buf_init(&b, MARKUP_MAX);
    buf_puts(&b, " aria-invalid=\"true\" aria-describedby=\"");
    put_id(&b, pointer);
    buf_puts(&b, "\"");
    rc = b.failed ? RC_TOO_LARGE : tree_set(wrong, pointer, json_stringn(b.p, b.n));
    buf_clear(&b);
    buf_puts(&b, "<span class=\"fault\" id=\"");
    put_id(&b, pointer);
    buf_puts(&b, "\">");
    mustache_escape(&b, detail);
    buf_puts(&b, "</span>");
    if (rc == RC_OK)
        rc = b.failed ? RC_TOO_LARGE : tree_set(said, pointer, json_stringn(b.p, b.n));
    buf_release(&b);
    return rc;
}

/* Each fault is tied to its field; one that has no pointer stands above the form, and above it is said how many there are. */
static int faults_view(json_t *view)
{
    json_t *wrong = json_object(), *said = json_object(), *above = json_array(), *fault;
    size_t i, fields = 0;
    int rc = json_object_set_new(view, "wrong", wrong) < 0 || json_object_set_new(view, "said", said) < 0 ||
                     json_object_set_new(view, "above", above) < 0
                 ? RC_NOMEM
                 : RC_OK;

    json_array_foreach(json_object_get(view, "faults"), i, fault) {
        const json_t *pointer = json_object_get(fault, "pointer"), *detail = json_object_get(fault, "detail");
        struct slice at = { json_string_value(pointer), json_string_length(pointer) };

        if (rc < 0)
            break;
        if (at.n < 2 || at.p[0] != '/') {
            rc = json_array_append(above, (json_t *)(uintptr_t)detail) < 0 ? RC_NOMEM : RC_OK;
        } else {
            rc = fault_tie(wrong, said, at, (struct slice){ json_string_value(detail), json_string_length(detail) });
            fields++;
        }
    }
    if (rc == RC_OK && fields > 0)
        rc = json_object_set_new(view, "fields_wrong", json_integer((json_int_t)fields)) < 0 ? RC_NOMEM : RC_OK;
    return rc;
}

static bool is_chosen(const json_t *chosen, const json_t *value)
{
    const json_t *element;
    size_t i;

    if (json_is_string(chosen))
        return json_equal(chosen, value);
    json_array_foreach(chosen, i, element) {
        if (json_equal(element, value))
            return true;
    }
    return false;
}

/* A list of choices was copied with the document, so its elements may be marked. */
static int choices_mark(json_t *list, const json_t *chosen)
{
    json_t *choice;
    size_t i;

    json_array_foreach(list, i, choice) {
        if (chosen != NULL && json_object_set_new(choice, "chosen", json_boolean(is_chosen(chosen, json_object_get(choice, "value")))) < 0)
            return RC_NOMEM;
    }
    return RC_OK;
}

/* What is said of the n-th element of a list, below its row: {{#rows}} … {{&wrong.label}}. */
static int row_tie(json_t *row, const json_t *view, const char *what, const char *list, size_t n)
{
    char index[24];
    json_t *of;

    (void)snprintf(index, sizeof index, "%zu", n);
    of = json_object_get(json_object_get(json_object_get(view, what), list), index);
    return (json_is_object(of) ? json_object_set(row, what, of) : json_object_set_new(row, what, json_object())) < 0 ? RC_NOMEM : RC_OK;
}

/* Rows of a form are the elements of the list that `rows_of` names. */
static int rows_view(json_t *view)
{
    const char *list = json_string_value(json_object_get(view, "rows_of"));
    json_t *row;
    size_t i;
    int rc = RC_OK;

    if (list == NULL)
        return RC_OK;
    json_array_foreach(json_object_get(view, "rows"), i, row) {
        if (rc == RC_OK)
            rc = row_tie(row, view, "wrong", list, i);
        if (rc == RC_OK)
            rc = row_tie(row, view, "said", list, i);
    }
    return rc;
}

int view_form(json_t *view)
{
    const char *name;
    json_t *list;
    int rc = faults_view(view);

    if (rc == RC_OK)
        rc = rows_view(view);
    json_object_foreach(json_object_get(view, "choices"), name, list) {
        const json_t *chosen = json_object_get(json_object_get(view, "in"), name);

        if (rc == RC_OK)
            rc = choices_mark(list, chosen != NULL ? chosen : json_object_get(json_object_get(view, "query"), name));
    }
    return rc;
}
