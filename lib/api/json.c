#include "khop/api/json.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

#include "khop/base/banned.h"

#define DEPTH_MAX     16
#define LOCATION_MAX  160
#define CARD_MIN      13
#define CARD_MAX      19

/* jansson's own limit on nesting is 2,048 levels; ours is counted before it sees the text. */
static bool depth_ok(struct slice text)
{
    bool in_string = false;
    int depth = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > DEPTH_MAX)
                return false;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return true;
}

static void json_release(void *root)
{
    json_decref(root);
}

static json_t *object_of(struct slice text)
{
    json_error_t error;
    json_t *root = json_loadb(text.p == NULL ? "" : text.p, text.n, JSON_REJECT_DUPLICATES, &error);

    if (json_is_object(root))
        return root;
    json_decref(root);
    return NULL;
}

json_t *api_json_object(struct slice text)
{
    return depth_ok(text) ? object_of(text) : NULL;
}

int api_in_begin(struct api_in *in, struct req *rq)
{
    *in = (struct api_in){ .rq = rq };
    if (!req_content_is(rq, "application/json")) {
        api_problem(rq, "unsupported_media_type", NULL);
        return 1;
    }
    if (!depth_ok(rq->body)) {
        api_problem(rq, "bad_request", "The body is nested deeper than 16 levels.");
        return 1;
    }
    in->root = object_of(rq->body);
    if (in->root == NULL) {
        api_problem(rq, "bad_request", "The body must be one JSON object without repeated members.");
        return 1;
    }
    return arena_defer(rq->task.arena, json_release, in->root);
}

void api_in_fault(struct api_in *in, const char *pointer, const char *code, const char *detail)
{
    if (in->nerrors == API_ERRORS_MAX)
        return;
    struct api_error *e = &in->errors[in->nerrors++];

    snprintf(e->pointer, sizeof e->pointer, "%s", pointer);
    e->code = code;
    e->detail = detail;
}

static json_t *member(struct api_in *in, json_t *parent, const char *pointer)
{
    const char *name = strrchr(pointer, '/');
    json_t *v = json_object_get(parent != NULL ? parent : in->root, name == NULL ? pointer : name + 1);

    return json_is_null(v) ? NULL : v;
}

/* The field of a table's row; empty if absent. */
static struct slice field(const struct api_in *in, const char *pointer)
{
    for (size_t i = 0; i < in->ncolumns; i++) {
        if (strcmp(in->columns[i].pointer, pointer) == 0)
            return in->columns[i].value;
    }
    return (struct slice){ 0 };
}

/* Control characters; and those that turn or break the line in which a text is shown, so that it reads as another one. */
static bool has_control(struct slice s)
{
    for (size_t i = 0, n = 1; i < s.n; i += n) {
        uint32_t c = (unsigned char)s.p[i];

        n = c < 0x80 ? 1 : utf8_next((struct slice){ s.p + i, s.n - i }, &c);
        if (n == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff)
            return true;
    }
    return false;
}

void api_in_text(struct api_in *in, json_t *parent, const char *pointer, size_t min, size_t max, struct slice *out)
{
    json_t *v = in->columns != NULL ? NULL : member(in, parent, pointer);
    struct slice s = in->columns != NULL ? field(in, pointer) : (struct slice){ 0 };

    *out = (struct slice){ 0 };
    if (v == NULL && s.n == 0) {
        if (min > 0)
            api_in_fault(in, pointer, "required", "This member is needed.");
        return;
    }
    if (v != NULL && !json_is_string(v)) {
        api_in_fault(in, pointer, "type", "This must be text.");
        return;
    }
    if (v != NULL)
        s = (struct slice){ json_string_value(v), json_string_length(v) };
    if (s.n < min || utf8_count(s) > max)
        api_in_fault(in, pointer, "length", "This text is too short or too long.");
    else if (has_control(s))
        api_in_fault(in, pointer, "characters", "Control characters are not allowed.");
    else
        *out = s;
}

/* ISO/IEC 7812: 13 to 19 digits whose Luhn sum ends in 0. */
static bool is_card_number(const char *digits, size_t n)
{
    int sum = 0;

    if (n < CARD_MIN || n > CARD_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        int v = digits[n - 1 - i] - '0';

        if (i % 2 == 1)
            v = v > 4 ? 2 * v - 9 : 2 * v;
        sum += v;
    }
    return sum % 10 == 0;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Runs of digits, in which single blanks, dots and dashes may stand as on the card itself; with a letter at either end it
 * is somebody's reference. */
static bool has_card_number(struct slice s)
{
    char digits[CARD_MAX];
    bool glued = false;
    size_t n = 0; /* may grow past what is kept: then it is no card */

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool between = n > 0 && (c == ' ' || c == '-' || c == '.') && i + 1 < s.n && s.p[i + 1] >= '0' && s.p[i + 1] <= '9';

        if (c >= '0' && c <= '9') {
            if (n == 0)
                glued = i > 0 && is_letter(s.p[i - 1]);
            if (n < CARD_MAX)
                digits[n] = c;
            n++;
        } else if (!between) {
            if (!glued && !is_letter(c) && is_card_number(digits, n))
                return true;
            n = 0;
        }
    }
    return !glued && is_card_number(digits, n);
}

void api_in_free_text(struct api_in *in, json_t *parent, const char *pointer, size_t min, size_t max, struct slice *out)
{
    api_in_text(in, parent, pointer, min, max, out);
    if (out->p != NULL && has_card_number(*out)) {
        *out = (struct slice){ 0 };
        api_in_fault(in, pointer, "card_number", "This looks like the number of a card; card data is not kept here.");
    }
}

/* A whole number as people write it: "1200000", or with groups of three, "1.200.000" or "1 200 000". */
static int grouped_number(struct slice s, int64_t *out)
{
    char digits[24];
    size_t n = 0, since = 0;
    bool minus = s.n > 0 && s.p[0] == '-', grouped = false;

    for (size_t i = minus ? 1 : 0; i < s.n; i++, since++) {
        if (s.p[i] == '.' || s.p[i] == ' ') {
            if (since == 0 || since > 3 || (grouped && since != 3))
                return RC_BAD_INPUT;
            grouped = true;
            since = (size_t)-1;
            continue;
        }
        if (n == sizeof digits)
            return RC_BAD_INPUT;
        digits[n++] = s.p[i];
    }
    if ((grouped && since != 3) || num_parse((struct slice){ digits, n }, 0, INT64_MAX, false, out) < 0)
        return RC_BAD_INPUT;
    *out = minus ? -*out : *out;
    return RC_OK;
}

/* The number of a member or a field: 1, 0 when absent, -1 when it is something else. */
static int number_of(struct api_in *in, json_t *parent, const char *pointer, int64_t *out)
{
    if (in->columns != NULL) {
        struct slice s = field(in, pointer);

        return s.n == 0 ? 0 : num_parse(s, 0, INT64_MAX, false, out) < 0 ? -1 : 1;
    }
    json_t *v = member(in, parent, pointer);

    if (v == NULL)
        return 0;
    if (in->form && json_is_string(v))
        return grouped_number((struct slice){ json_string_value(v), json_string_length(v) }, out) < 0 ? -1 : 1;
    if (!json_is_integer(v))
        return -1;
    *out = json_integer_value(v);
    return 1;
}

void api_in_int(struct api_in *in, json_t *parent, const char *pointer, int64_t min, int64_t max, bool *has, int64_t *out)
{
    int64_t number = 0;
    int found = number_of(in, parent, pointer, &number);

    *has = false;
    *out = 0;
    if (found == 0)
        return;
    if (found < 0) {
        api_in_fault(in, pointer, "type", "This must be a whole number, without quotes, point or exponent.");
        return;
    }
    if (number < min || number > max) {
        api_in_fault(in, pointer, "range", "This number is outside what is allowed.");
        return;
    }
    *has = true;
    *out = number;
}

/* "30/11/2026" and "3/1/2027", as people write a date where the browser has no field for it. */
static int written_date(struct slice s, int32_t *day)
{
    struct slice rest = s, d = slice_cut(&rest, '/'), m = slice_cut(&rest, '/');
    int64_t number[3];
    char text[16];

    if (d.n > 2 || m.n > 2 || rest.n != 4 || num_parse(d, 1, 31, true, &number[0]) < 0 || num_parse(m, 1, 12, true, &number[1]) < 0 ||
        num_parse(rest, 1970, 9999, false, &number[2]) < 0)
        return RC_BAD_INPUT;
    snprintf(text, sizeof text, "%04d-%02d-%02d", (int)number[2], (int)number[1], (int)number[0]);
    return clock_parse_date(slice_of(text), day);
}

void api_in_date(struct api_in *in, json_t *parent, const char *pointer, bool *has, int32_t *day)
{
    struct slice text;

    *day = 0;
    api_in_text(in, parent, pointer, 0, 32, &text);
    *has = text.p != NULL;
    if (*has && clock_parse_date(text, day) < 0 && (!in->form || written_date(text, day) < 0)) {
        *has = false;
        api_in_fault(in, pointer, "date", "This must be a date such as 2026-11-30.");
    }
}

bool api_in_bool(struct api_in *in, json_t *parent, const char *pointer, bool *out)
{
    json_t *v = in->columns != NULL ? NULL : member(in, parent, pointer);
    bool ticked = in->form && json_is_string(v);
    struct slice text = in->columns != NULL ? field(in, pointer) : (struct slice){ json_string_value(v), ticked ? json_string_length(v) : 0 };

    if (in->columns != NULL) {
        *out = slice_is(text, "true");
        if (text.n > 0 && !*out && !slice_is(text, "false"))
            api_in_fault(in, pointer, "type", "This must be true or false.");
        return text.n > 0;
    }
    *out = json_is_true(v) || (ticked && !slice_is(text, "false") && !slice_is(text, "0"));
    if (v != NULL && !json_is_boolean(v) && !ticked)
        api_in_fault(in, pointer, "type", "This must be true or false.");
    return v != NULL;
}

size_t api_in_array(struct api_in *in, const char *pointer, size_t max)
{
    json_t *v = member(in, NULL, pointer);

    if (v == NULL)
        return 0;
    if (in->form && json_is_string(v))
        return 1;
    if (!json_is_array(v)) {
        api_in_fault(in, pointer, "type", "This must be an array.");
        return 0;
    }
    if (json_array_size(v) > max) {
        api_in_fault(in, pointer, "length", "There are more elements here than are taken at once.");
        return 0;
    }
    return json_array_size(v);
}

json_t *api_in_element(struct api_in *in, const char *pointer, size_t i)
{
    json_t *v = member(in, NULL, pointer);

    return json_is_array(v) ? json_array_get(v, i) : v;
}

void api_in_id(struct api_in *in, json_t *parent, const char *pointer, const char *prefix, bool required, int64_t *out)
{
    struct slice text;

    *out = 0;
    api_in_text(in, parent, pointer, required ? 1 : 0, 64, &text);
    if (text.p != NULL && dec_id(text, prefix, out) < 0)
        api_in_fault(in, pointer, "id", "This is not the id of such a thing.");
}

json_t *api_in_object(struct api_in *in, const char *pointer)
{
    if (in->columns != NULL) {
        size_t n = strlen(pointer);

        for (size_t i = 0; i < in->ncolumns; i++) {
            if (strncmp(in->columns[i].pointer, pointer, n) == 0 && in->columns[i].pointer[n] == '/' && in->columns[i].value.n > 0)
                return in->root;
        }
        return NULL;
    }
    json_t *v = member(in, NULL, pointer);

    if (v != NULL && !json_is_object(v)) {
        api_in_fault(in, pointer, "type", "This must be an object.");
        return NULL;
    }
    return v;
}

void api_in_known(struct api_in *in, json_t *object, const char *at, const char *const *names)
{
    const char *name;
    json_t *value;

    if (object == NULL)
        return;
    json_object_foreach(object, name, value)
    {
        size_t i = 0;

        while (names[i] != NULL && strcmp(names[i], name) != 0)
            i++;
        if (names[i] == NULL)
            api_in_fault(in, at, "unknown", "There is a member here that is not known.");
    }
}

bool api_in_end(struct api_in *in)
{
    if (in->nerrors == 0)
        return true;
    api_problem_invalid(in->rq, in->errors, in->nerrors);
    return false;
}

int api_reply(struct req *rq, int status, json_t *doc)
{
    char *text = doc == NULL ? NULL : json_dumps(doc, JSON_COMPACT);

    json_decref(doc);
    if (text == NULL)
        return RC_NOMEM;
    int rc = reply(rq, status, "application/json", slice_of(text));

    free(text);
    return rc;
}

int api_created(struct req *rq, const char *collection, const char *prefix, int64_t id, json_t *doc)
{
    char text[ENC_ID_SIZE], *at = arena_alloc(rq->task.arena, LOCATION_MAX);

    if (at == NULL) {
        json_decref(doc);
        return RC_NOMEM;
    }
    enc_id(text, prefix, id);
    snprintf(at, LOCATION_MAX, "%s/%s", collection, text);
    reply_header(rq, "Location", slice_of(at));
    return api_reply(rq, 201, doc);
}

void api_set_slice(json_t *object, const char *name, struct slice value)
{
    json_object_set_new(object, name, value.p == NULL ? json_null() : json_stringn(value.p, value.n));
}

void api_set_id(json_t *object, const char *name, const char *prefix, int64_t id)
{
    char text[ENC_ID_SIZE];

    if (id == 0) {
        json_object_set_new(object, name, json_null());
        return;
    }
    enc_id(text, prefix, id);
    json_object_set_new(object, name, json_string(text));
}

void api_set_time(json_t *object, const char *name, bool has, int64_t us)
{
    char text[CLOCK_RFC3339_SIZE];

    if (!has) {
        json_object_set_new(object, name, json_null());
        return;
    }
    clock_rfc3339(text, us, CLOCK_VN_OFFSET_S);
    json_object_set_new(object, name, json_string(text));
}

void api_set_date(json_t *object, const char *name, bool has, int32_t day)
{
    char text[CLOCK_DATE_SIZE];

    if (!has) {
        json_object_set_new(object, name, json_null());
        return;
    }
    clock_date_text(text, day);
    json_object_set_new(object, name, json_string(text));
}

void api_set_url(json_t *object, const char *name, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    json_object_set_new(object, name, json_string(text));
}
