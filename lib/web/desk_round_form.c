/* The form of a round: what it offers, what it takes. */
#include "desk_private.h"
#include "desk_school.h"

#include "khop/base/enc.h"
#include "khop/base/clock.h"
#include "khop/flow/school.h"
#include "khop/pay/money.h"
#include "khop/web/desk.h"
#include "khop/web/locale.h"
#include "khop/web/school.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define ITEMS_MAX    20
#define ITEMS_SHOWN  6
#define CLASSES_MAX  200
#define CLASS_MAX    40
#define REQUEST_MAX  65536

static const char *const NEW_MEMBERS[] = { "name", "month", "due_on", "account", "items", "classes", NULL };
static const char *const MEMBERS[] = { "name", "month", "due_on", "account", "items", "classes", "version", NULL };
static const char *const ITEM_MEMBERS[] = { "label", "kind", "amount", "by_class", NULL };
const char *const SCHOOL_KINDS[] = { "meal", "care", "housing", "water", "bedding", "tuition", "other", NULL };

/* --- what it offers --- */

/* "1A 120000" a line, for people. */
static json_t *class_lines(const json_t *by_class)
{
    struct buf b;
    const char *name;
    json_t *value, *text;

    buf_init(&b, REQUEST_MAX);
    json_object_foreach((json_t *)(uintptr_t)by_class, name, value)
        buf_printf(&b, "%s %lld\n", name, (long long)json_integer_value(value));
    text = b.failed ? NULL : json_stringn(b.p == NULL ? "" : b.p, b.n);
    buf_release(&b);
    return text;
}

/* Rows of the form: what was typed, else the items of the round, else empty ones. */
static json_t *item_rows(struct req *rq, const json_t *round, const json_t *typed)
{
    json_t *rows = json_array();
    const json_t *items = json_object_get(round, "items");
    size_t given = json_is_array(typed) ? json_array_size(typed) : json_array_size(items);
    size_t n = given < ITEMS_SHOWN ? ITEMS_SHOWN : given + 1;

    for (size_t i = 0; i < n && i < ITEMS_MAX; i++) {
        const json_t *from = json_array_get(json_is_array(typed) ? typed : items, i);
        json_t *row = json_pack("{s:I, s:I}", "index", (json_int_t)i, "number", (json_int_t)i + 1), *kinds = json_array();
        const char *kind = json_string_value(json_object_get(from, "kind"));
        json_t *by_class = json_object_get(from, "by_class");

        json_object_set(row, "label", json_object_get(from, "label"));
        json_object_set(row, "typed", json_object_get(from, "amount"));
        if (json_is_object(by_class))
            json_object_set_new(row, "by_class", class_lines(by_class));
        else
            json_object_set(row, "by_class", by_class);
        for (size_t k = 0; SCHOOL_KINDS[k] != NULL; k++) {
            char key[40];

            (void)snprintf(key, sizeof key, "kind.%s", SCHOOL_KINDS[k]);
            json_array_append_new(kinds, json_pack("{s:s, s:s, s:b}", "value", SCHOOL_KINDS[k], "text", locale_get(locale_language(desk_language(rq)), key), "chosen",
                                                   kind != NULL && strcmp(kind, SCHOOL_KINDS[k]) == 0));
        }
        json_object_set_new(row, "kinds", kinds);
        json_array_append_new(rows, row);
    }
    return rows;
}

static void add_accounts(struct req *rq, json_t *doc)
{
    json_t *a;
    size_t i;

    json_array_foreach(json_object_get(doc, "accounts"), i, a)
        desk_choice(rq, doc, "account", json_string_value(json_object_get(a, "id")),
                    json_sprintf("%s · %s", json_string_value(json_object_get(a, "account_no")), json_string_value(json_object_get(a, "holder"))));
}

static void add_classes(struct req *rq, json_t *doc)
{
    json_t *c;
    size_t i;

    json_array_foreach(json_object_get(doc, "classes"), i, c)
    {
        const char *name = json_string_value(json_object_get(c, "class"));

        desk_choice(rq, doc, "classes", name, json_sprintf("%s (%lld)", name, (long long)json_integer_value(json_object_get(c, "payers"))));
    }
}

static int form_done(struct task *t)
{
    struct req *rq = req_of(t);
    const json_t *round;
    json_t *doc;
    int rc = school_doc(t, &doc);

    if (rc < 0)
        return rc;
    round = json_object_get(doc, "round");
    json_object_set_new(doc, "rows_of", json_string("items"));
    json_object_set_new(doc, "rows", item_rows(rq, round, rq->desk == NULL ? NULL : json_object_get(rq->desk->values, "items")));
    if (json_is_object(round))
        json_object_set_new(doc, "action", json_sprintf("/desk/rounds/%s", json_string_value(json_object_get(round, "id"))));
    else
        json_object_set_new(doc, "action", json_string("/desk/rounds"));
    add_accounts(rq, doc);
    add_classes(rq, doc);
    return desk_reply(rq, 200, "round_form.html", doc);
}

int desk_round_new(struct req *rq)
{
    struct slice hash;
    int rc = desk_begin(rq, &hash);

    return rc != RC_OK ? desk_over(rc) : flow_round_form(&rq->task, rq->app, hash, 0, form_done);
}

int desk_round_edit(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = desk_begin(rq, &hash);

    if (rc != RC_OK)
        return desk_over(rc);
    return dec_id(rq->params[0], "rnd", &id) < 0 ? RC_NOT_FOUND : flow_round_form(&rq->task, rq->app, hash, id, form_done);
}

/* --- what it takes --- */

/* "1A 120000", "1A: 120.000", "1A = 0": the class before the last number of the line. */
static bool read_line(struct slice line, json_t *by_class)
{
    size_t n = line.n;
    int64_t amount = 0, unit = 1;
    bool any = false;

    while (n > 0 && ((line.p[n - 1] >= '0' && line.p[n - 1] <= '9') || line.p[n - 1] == '.')) {
        if (line.p[n - 1] != '.') {
            if (unit > INT64_C(100000000000))
                return false;
            amount += (line.p[n - 1] - '0') * unit;
            unit *= 10;
            any = true;
        }
        n--;
    }
    while (n > 0 && strchr(" \t:=", line.p[n - 1]) != NULL)
        n--;
    line = slice_trim(slice_sub(line, 0, n));
    return any && line.n > 0 && line.n <= CLASS_MAX && json_object_setn_new(by_class, line.p, line.n, json_integer(amount)) == 0;
}

/* {"1A": 120000}, or lines of text. */
static json_t *read_by_class(struct api_in *in, const char *pointer, const json_t *from)
{
    json_t *by_class = json_object(), *value;
    const char *name;

    if (json_is_string(from)) {
        struct slice rest = { json_string_value(from), json_string_length(from) };

        while (rest.n > 0) {
            struct slice line = slice_trim(slice_cut(&rest, '\n'));

            if (line.n > 0 && !read_line(line, by_class))
                api_in_fault(in, pointer, "class_amount", "Write a class and its amount on each line, such as 1A 120000.");
        }
    } else if (json_is_object(from)) {
        json_object_foreach((json_t *)(uintptr_t)from, name, value)
        {
            int64_t amount = json_integer_value(value);

            if (!json_is_integer(value) || amount < 0 || amount > MONEY_MAX || strlen(name) > CLASS_MAX)
                api_in_fault(in, pointer, "class_amount", "Write a class and its amount on each line, such as 1A 120000.");
            else
                json_object_set(by_class, name, value);
        }
    } else if (from != NULL && !json_is_null(from)) {
        api_in_fault(in, pointer, "type", "This must be an object.");
    }
    return by_class;
}

static bool known_kind(struct slice kind)
{
    for (size_t i = 0; SCHOOL_KINDS[i] != NULL; i++) {
        if (slice_is(kind, SCHOOL_KINDS[i]))
            return true;
    }
    return false;
}

static json_t *read_item(struct api_in *in, json_t *item, size_t i)
{
    char label_at[48], kind_at[48], amount_at[48], class_at[48], at[32];
    struct slice label = { 0 }, kind = { 0 };
    bool has = false;
    int64_t amount = 0;

    (void)snprintf(at, sizeof at, "/items/%zu", i);
    (void)snprintf(label_at, sizeof label_at, "%s/label", at);
    (void)snprintf(kind_at, sizeof kind_at, "%s/kind", at);
    (void)snprintf(amount_at, sizeof amount_at, "%s/amount", at);
    (void)snprintf(class_at, sizeof class_at, "%s/by_class", at);
    api_in_known(in, item, at, ITEM_MEMBERS);
    api_in_free_text(in, item, label_at, 1, 80, &label);
    api_in_text(in, item, kind_at, 1, 16, &kind);
    api_in_int(in, item, amount_at, 0, MONEY_MAX, &has, &amount);
    if (kind.p != NULL && !known_kind(kind))
        api_in_fault(in, kind_at, "kind", "This must be meal, care, housing, water, bedding, tuition or other.");
    return json_pack("{s:I, s:o, s:o, s:I, s:o}", "at", (json_int_t)i, "label", json_stringn(label.p == NULL ? "" : label.p, label.n), "kind",
                     json_stringn(kind.p == NULL ? "" : kind.p, kind.n), "amount", (json_int_t)amount, "by_class",
                     read_by_class(in, class_at, json_object_get(item, "by_class")));
}

/* An empty row of the form (its kind has always a value) is none. */
static bool is_empty_row(const struct api_in *in, const json_t *item)
{
    return in->form && json_object_get(item, "label") == NULL && json_object_get(item, "amount") == NULL && json_object_get(item, "by_class") == NULL;
}

static int read_items(struct api_in *in, struct slice *out)
{
    json_t *list = json_object_get(in->root, "items"), *items = json_array(), *item;
    char *text;
    size_t i;

    if (!json_is_array(list))
        api_in_fault(in, "/items", "required", "This member is needed.");
    json_array_foreach(list, i, item)
    {
        if (!json_is_object(item))
            api_in_fault(in, "/items", "type", "This must be an object.");
        else if (!is_empty_row(in, item))
            json_array_append_new(items, read_item(in, item, i));
    }
    if (json_is_array(list) && (json_array_size(items) == 0 || json_array_size(items) > ITEMS_MAX))
        api_in_fault(in, "/items", "count", "A round asks for one to twenty things.");
    text = json_dumps(items, JSON_COMPACT);
    json_decref(items);
    *out = text == NULL ? (struct slice){ 0 } : arena_copy(in->rq->task.arena, slice_of(text));
    free(text);
    return out->p == NULL ? RC_NOMEM : RC_OK;
}

static int read_classes(struct api_in *in, struct flow_round_spec *spec)
{
    json_t *list = json_object_get(in->root, "classes"), *one;
    size_t n = json_is_array(list) ? json_array_size(list) : 1, i;
    struct slice *classes = arena_array(in->rq->task.arena, n + 1, sizeof *classes);

    if (classes == NULL)
        return RC_NOMEM;
    spec->classes = classes;
    if (list == NULL || json_is_null(list))
        return RC_OK;
    if (json_is_string(list)) {
        classes[spec->nclasses++] = (struct slice){ json_string_value(list), json_string_length(list) };
        return RC_OK;
    }
    if (!json_is_array(list) || n == 0 || n > CLASSES_MAX)
        api_in_fault(in, "/classes", "type", "This must be a list of classes.");
    json_array_foreach(list, i, one)
    {
        if (!json_is_string(one))
            api_in_fault(in, "/classes", "type", "This must be a list of classes.");
        else
            classes[spec->nclasses++] = (struct slice){ json_string_value(one), json_string_length(one) };
    }
    return RC_OK;
}

/* 2026-11, or 11/2026 as people write it. */
static void read_month(struct api_in *in, int32_t *out)
{
    struct slice text;
    char date[CLOCK_DATE_SIZE];

    api_in_text(in, NULL, "/month", 7, 7, &text);
    if (text.p == NULL)
        return;
    if (text.p[4] == '-')
        (void)snprintf(date, sizeof date, "%.7s-01", text.p);
    else
        (void)snprintf(date, sizeof date, "%.4s-%.2s-01", text.p + 3, text.p);
    if ((text.p[4] != '-' && text.p[2] != '/') || clock_parse_date(slice_of(date), out) < 0)
        api_in_fault(in, "/month", "month", "This must be a month such as 2026-11.");
}

static void read_due(struct api_in *in, int32_t *out)
{
    bool has = false;

    api_in_date(in, NULL, "/due_on", &has, out);
    if (!has && json_object_get(in->root, "due_on") == NULL)
        api_in_fault(in, "/due_on", "required", "This member is needed.");
}

static int refuse_at(struct req *rq, struct slice at)
{
    const char *pointer = arena_strndup(rq->task.arena, at.p, at.n);

    if (pointer == NULL)
        return RC_NOMEM;
    if (slice_is(at, "/classes"))
        return desk_refuse(rq, pointer, "empty", "There is no pupil in these classes.");
    return desk_refuse(rq, pointer, "class", "No pupil of this school is in one of these classes.");
}

static int refuse_conflict(struct req *rq, struct slice what)
{
    if (slice_is(what, "key"))
        return desk_refuse_key(rq);
    if (slice_is(what, "version"))
        return desk_refuse(rq, NULL, "conflict", "Somebody has changed this round meanwhile. Look at what stands there now, then save again.");
    return desk_refuse(rq, NULL, "conflict", "This round is no draft any more.");
}

static int save_done(struct task *t)
{
    struct req *rq = req_of(t);
    const char *id;
    char *to;
    json_t *doc;
    int rc = school_doc(t, &doc);

    if (rc == RC_BAD_INPUT)
        return refuse_at(rq, flow_doc_what(t));
    if (rc == RC_CONFLICT)
        return refuse_conflict(rq, flow_doc_what(t));
    if (rc == RC_NOT_FOUND)
        return desk_refuse(rq, "/account", "not_found", "This organisation has no such account.");
    if (rc < 0)
        return rc;
    id = json_string_value(json_object_get(doc, "id"));
    to = arena_strndup(t->arena, id, strlen(id));
    school_tag(rq, doc);
    return to == NULL ? RC_NOMEM : desk_done(rq, rq->params[0].n == 0 ? 201 : 200, doc, "said.round", "/desk/rounds/%s", to);
}

static int save(struct req *rq, int64_t id, int (*form)(struct req *))
{
    struct flow_round_spec spec = { .round_id = id };
    struct api_in in;
    int rc = desk_begin(rq, &spec.token_hash);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, form);
    if (rc == RC_OK)
        rc = desk_in_key(&in, &spec.idempotency_key);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", id == 0 ? NEW_MEMBERS : MEMBERS);
    if (id != 0)
        spec.version = school_version(&in);
    api_in_free_text(&in, NULL, "/name", 1, 80, &spec.name);
    read_month(&in, &spec.month);
    read_due(&in, &spec.due_on);
    api_in_id(&in, NULL, "/account", "acc", true, &spec.account_id);
    rc = read_items(&in, &spec.items);
    if (rc == RC_OK)
        rc = read_classes(&in, &spec);
    if (rc == RC_OK)
        rc = desk_in_end(&in);
    if (rc != RC_OK)
        return desk_over(rc);
    spec.request = rq->body;
    return flow_round_save(&rq->task, rq->app, &spec, save_done);
}

int desk_rounds_create(struct req *rq)
{
    return save(rq, 0, desk_round_new);
}

int desk_round_change(struct req *rq)
{
    int64_t id;

    return dec_id(rq->params[0], "rnd", &id) < 0 ? RC_NOT_FOUND : save(rq, id, desk_round_edit);
}
