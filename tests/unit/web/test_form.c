/* Forms to JSON: names with dots, arrays, what is refused; and what a page shows of them when they come back with faults. */
#include "khop/base/arena.h"
#include "khop/web/pages.h"

#include "../../../lib/web/desk_view.h"
#include "../../../lib/web/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "khop/base/banned.h"

/* The form as JSON text, its members as a reader sees them behind a bar; or the rc. */
static void expect(const char *form, const char *wanted)
{
    struct arena *a = arena_new(0);
    json_t *values, *members;
    char got[4096];
    int rc = form_values(a, slice_of(form), &values);

    if (rc < 0) {
        snprintf(got, sizeof got, "%s", rc_name(rc));
    } else {
        members = form_members(values);
        char *v = json_dumps(values, JSON_COMPACT | JSON_SORT_KEYS), *m = json_dumps(members, JSON_COMPACT | JSON_SORT_KEYS);

        snprintf(got, sizeof got, "%s|%s", v, m);
        free(v);
        free(m);
        json_decref(members);
        json_decref(values);
    }
    assert_string_equal(got, wanted);
    arena_free(a);
}

static void test_names(void **state)
{
    (void)state;
    expect("", "{}|{}");
    expect("name=L%C3%B2+Th%E1%BB%8B+Mai&csrf=x&once=y", "{\"csrf\":\"x\",\"name\":\"Lò Thị Mai\",\"once\":\"y\"}|{\"name\":\"Lò Thị Mai\"}");
    expect("payee.bin=970405&payee.name=", "{\"payee\":{\"bin\":\"970405\",\"name\":\"\"}}|{\"payee\":{\"bin\":\"970405\"}}");
    expect("payee.bin=&payee.name=+", "{\"payee\":{\"bin\":\"\",\"name\":\"\"}}|{}");
    expect("a=1&a=2&a=3", "{\"a\":[\"1\",\"2\",\"3\"]}|{\"a\":[\"1\",\"2\",\"3\"]}");
    expect("l.0.label=A&l.0.amount=1&l.1.label=&l.2.label=C", "{\"l\":[{\"amount\":\"1\",\"label\":\"A\"},{\"label\":\"\"},{\"label\":\"C\"}]}|"
                                                           "{\"l\":[{\"amount\":\"1\",\"label\":\"A\"},{},{\"label\":\"C\"}]}");
    expect("note=++a%0D%0Ab++", "{\"note\":\"a\\nb\"}|{\"note\":\"a\\nb\"}");
}

static void test_refused(void **state)
{
    static const char *const BAD[] = { "a=%zz", "a=%00", "a=%ff", "A=1", "a-b=1", "a.=1", ".a=1", "a..b=1", "=1", "a.b.c.d.e=1", "a=1&a.b=2", "a.b=1&a=2",
                                       "l.1.x=1", "l.0=1&l.2=1", "l.0.x=1&l.y=2", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1" };

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        expect(BAD[i], "bad_input");
}

static void test_limits(void **state)
{
    size_t n = 4 * (FORM_FIELDS_MAX + 1);
    char *form = malloc(n + 1);

    (void)state;
    assert_non_null(form);
    for (size_t i = 0; i < n; i += 4)
        memcpy(form + i, "a=1&", 4);
    form[n] = '\0';
    expect(form, "too_large");
    free(form);
}

/* A view from a document; the caller reads it and lets it go. */
static json_t *view_of(const char *text)
{
    json_t *view = json_loads(text, 0, NULL);

    assert_non_null(view);
    assert_int_equal(view_desk(view, 0), RC_OK);
    return view;
}

static const char *at(const json_t *v, const char *path)
{
    char part[64];

    while (v != NULL) {
        size_t n = strcspn(path, ".");

        snprintf(part, sizeof part, "%.*s", (int)n, path);
        v = json_is_array(v) ? json_array_get(v, (size_t)(part[0] - '0')) : json_object_get(v, part);
        if (path[n] == '\0')
            break;
        path += n + 1;
    }
    return json_is_true(v) ? "true" : json_string_value(v);
}

static void test_view(void **state)
{
    json_t *v = view_of("{\"amount\": 1200000, \"due_on\": \"2026-12-05\", \"at\": \"2026-12-05T08:03:11+07:00\", \"bin\": \"970405\", \"state\": \"short\","
                        " \"items\": [{\"amount\": 5}], \"none\": [], \"id\": \"0123456789\"}");

    (void)state;
    assert_string_equal(at(v, "amount_money"), "1.200.000 đ");
    assert_string_equal(at(v, "amount_text"), "1.200.000");
    assert_string_equal(at(v, "amount_words"), "Một triệu hai trăm nghìn đồng");
    assert_string_equal(at(v, "due_on_text"), "05/12/2026");
    assert_string_equal(at(v, "at_text"), "08:03 05/12/2026");
    assert_string_equal(at(v, "bin_text"), "Agribank");
    assert_string_equal(at(v, "state_text"), "Thiếu");
    assert_string_equal(at(v, "state_is.short"), "true");
    assert_string_equal(at(v, "items.0.amount_money"), "5 đ");
    assert_string_equal(at(v, "has_items"), "true");
    assert_null(at(v, "has_none"));
    assert_null(at(v, "id_text"));
    json_decref(v);
}

static void test_faults(void **state)
{
    json_t *v = view_of("{\"in\": {\"kind\": \"b\", \"who\": [\"x\", \"z\"]}, \"choices\": {\"kind\": [{\"value\": \"a\"}, {\"value\": \"b\"}], \"who\": [{\"value\": \"x\"},"
                        " {\"value\": \"y\"}]}, \"faults\": [{\"pointer\": \"/payee/bin\", \"detail\": \"<b> & co\"}, {\"pointer\": \"\", \"detail\": \"above\"}]}");

    (void)state;
    assert_string_equal(at(v, "wrong.payee.bin"), " aria-invalid=\"true\" aria-describedby=\"payee-bin-fault\"");
    assert_string_equal(at(v, "said.payee.bin"), "<span class=\"fault\" id=\"payee-bin-fault\">&lt;b&gt; &amp; co</span>");
    assert_string_equal(at(v, "above.0"), "above");
    assert_null(at(v, "choices.kind.0.chosen"));
    assert_string_equal(at(v, "choices.kind.1.chosen"), "true");
    assert_string_equal(at(v, "choices.who.0.chosen"), "true");
    assert_null(at(v, "choices.who.1.chosen"));
    json_decref(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_names), cmocka_unit_test(test_refused), cmocka_unit_test(test_limits),
                                        cmocka_unit_test(test_view), cmocka_unit_test(test_faults) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
