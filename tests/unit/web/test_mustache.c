#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "khop/web/mustache.h"

#include "khop/base/banned.h"

static int text_find(struct slice key)
{
    return slice_is(key, "hello") ? 0 : slice_is(key, "short") ? 1 : -1;
}

static const char *text_get(int language, int key)
{
    static const char *const TEXTS[2][2] = { { "Xin chào <{who}>", "thiếu {a.sum}, {gone}|{" }, { "Hello {who}", "{a.sum} missing" } };

    return TEXTS[language][key];
}

static const struct mustache_texts texts = { text_find, text_get };

static void gives_in(int language, const char *template, const char *json, const char *expected)
{
    struct mustache_source sources[] = {
        { "page", template, strlen(template) },
        { "part", "[{{x}}]", 7 },
        { "lines", "a\n{{#x}}\nb\n{{/x}}\n", 18 },
    };
    char error[200];
    struct mustache *m = mustache_new(sources, 3, &texts, error, sizeof error);
    json_t *doc = json_loads(json, JSON_DECODE_ANY, NULL);
    struct buf out;

    if (m == NULL)
        fail_msg("%s: %s", template, error);
    assert_non_null(doc);
    buf_init(&out, 10000);
    assert_int_equal(mustache_render(m, "page", doc, language, &out), RC_OK);
    assert_string_equal(out.n > 0 ? out.p : "", expected);
    buf_release(&out);
    json_decref(doc);
    mustache_free(m);
}

static void gives(const char *template, const char *json, const char *expected)
{
    gives_in(0, template, json, expected);
}

static void values(void **state)
{
    (void)state;
    gives("", "{}", "");
    gives("plain", "{}", "plain");
    gives("{{a}}|{{ b }}|{{c.d}}|{{c.e}}|{{gone}}", "{\"a\":\"x\",\"b\":-12,\"c\":{\"d\":\"y\"}}", "x|-12|y||");
    gives("{{a}}{{b}}{{c}}{{d}}{{e}}", "{\"a\":true,\"b\":null,\"c\":[1],\"d\":{},\"e\":1.5}", "");
    gives("{{.}}", "\"top\"", "top");
    gives("}} { {x} {{! {{ a comment }}{{x}}", "{\"x\":1}", "}} { {x} 1");
}

static void escapes(void **state)
{
    (void)state;
    gives("{{x}}", "{\"x\":\"<a href=\\\"'&'\\\">\"}", "&lt;a href=&quot;&#39;&amp;&#39;&quot;&gt;");
    gives("{{{x}}}{{&x}}", "{\"x\":\"<&\"}", "<&<&");
    gives("{{x}}", "{\"x\":\"Trường ế\"}", "Trường ế");
}

static void sections(void **state)
{
    (void)state;
    gives("{{#x}}{{.}},{{/x}}", "{\"x\":[1,2,\"a\"]}", "1,2,a,");
    gives("{{#x}}{{n}}{{/x}}", "{\"x\":[{\"n\":1},{\"n\":2}]}", "12");
    gives("{{#x}}{{n}}{{m}}{{/x}}", "{\"m\":7,\"x\":{\"n\":1}}", "17");
    gives("{{#x}}y{{/x}}", "{\"x\":true}", "y");
    gives("{{#x}}{{x}}{{/x}}", "{\"x\":\"s\"}", "s");
    gives("{{#x}}y{{/x}}", "{\"x\":0}", "y");
    for (size_t i = 0; i < 5; i++) {
        static const char *const FALSE[] = { "{}", "{\"x\":null}", "{\"x\":false}", "{\"x\":\"\"}", "{\"x\":[]}" };

        gives("{{#x}}y{{/x}}{{^x}}n{{/x}}", FALSE[i], "n");
    }
    gives("{{^x}}n{{/x}}{{^y}}m{{/y}}", "{\"x\":1,\"y\":{}}", "");
    gives("{{#a}}{{#b}}{{c}}{{/b}}{{/a}}", "{\"a\":{\"c\":1},\"b\":[{},{\"c\":2}]}", "12");
    gives("{{#a.b}}{{c}}{{/a.b}}", "{\"a\":{\"b\":[{\"c\":3}]}}", "3");
    /* The first part of a name decides the context: an inner "a" hides the outer one. */
    gives("{{#i}}{{a.b}}{{/i}}", "{\"a\":{\"b\":1},\"i\":{\"a\":{}}}", "");
}

static void lines(void **state)
{
    (void)state;
    gives("a\n{{#x}}\nb\n{{/x}}\nc\n", "{\"x\":true}", "a\nb\nc\n");
    gives("a\n  {{#x}}  \nb\n{{/x}}", "{\"x\":true}", "a\nb\n");
    gives("{{! c }}\na {{! c }}\nb\n", "{}", "a \nb\n");
    gives("a {{#x}}\nb{{/x}}\n", "{\"x\":true}", "a \nb\n");
    gives("{{x}}\n", "{\"x\":1}", "1\n");
    gives("{{#x}}{{/x}}\n", "{\"x\":true}", "\n");
    gives("{{>lines}}\nc\n", "{\"x\":true}", "a\nb\nc\n");
}

static void partials(void **state)
{
    (void)state;
    gives("{{>part}}{{#l}}{{>part}}{{/l}}", "{\"x\":0,\"l\":[{\"x\":1},{\"x\":\"<\"}]}", "[0][1][&lt;]");
}

static void catalogue(void **state)
{
    (void)state;
    gives("{{t.hello}}", "{\"who\":\"<b>\"}", "Xin chào &lt;&lt;b&gt;&gt;");
    gives_in(1, "{{t.hello}}", "{\"who\":5}", "Hello 5");
    gives("{{#a}}{{t.short}}{{/a}}", "{\"a\":{\"sum\":\"5 đ\"}}", "thiếu 5 đ, |{");
}

static void refuses(const char *template, const char *expected)
{
    struct mustache_source sources[] = { { "page", template, strlen(template) }, { "self", "{{>page}}", 9 } };
    char error[200];
    struct mustache *m = mustache_new(sources, 2, &texts, error, sizeof error);

    if (m != NULL || strcmp(error, expected) != 0)
        fail_msg("%s: \"%s\" instead of \"%s\"", template, error, expected);
}

static void faults(void **state)
{
    char deep[20 * (MUSTACHE_DEPTH + 1)] = "", error[200];

    (void)state;
    refuses("a\n{{x", "page:2: a tag is not closed");
    refuses("{{{x}}", "page:1: a tag is not closed");
    refuses("{{#a}}\n\n{{/b}}", "page:3: {{/b}} closes {{#a}} of line 1");
    refuses("{{#a}}{{#b}}{{/b}}", "page:1: {{#a}} is not closed");
    refuses("{{/a}}", "page:1: {{/a}} closes nothing");
    refuses("{{}}", "page:1: \"\" is no name");
    refuses("{{a..b}}", "page:1: \"a..b\" is no name");
    refuses("{{a b}}", "page:1: \"a b\" is no name");
    refuses("{{=<% %>=}}", "page:1: other delimiters are not known here");
    refuses("{{>gone}}", "page:1: there is no template \"gone\"");
    refuses("{{>page}}", "page:1: includes itself");
    refuses("{{>self}}", "page:1: includes itself");
    refuses("{{t.gone}}", "page:1: there is no text \"t.gone\"");
    refuses("{{{t.hello}}}", "page:1: a text is always escaped: \"t.hello\"");
    for (int i = 0; i <= MUSTACHE_DEPTH; i++)
        memcpy(deep + 6 * i, "{{#a}}", 7);
    struct mustache_source source = { "deep", deep, strlen(deep) };

    assert_null(mustache_new(&source, 1, NULL, error, sizeof error));
    assert_string_equal(error, "deep:1: more than 24 sections within each other");
}

static void bounds(void **state)
{
    const char *nest = "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}x{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}";
    struct mustache_source source = { "page", nest, strlen(nest) };
    char error[200];
    struct mustache *m = mustache_new(&source, 1, NULL, error, sizeof error);
    json_t *doc = json_loads("{\"a\":[1,2,3,4,5,6,7,8,9,10]}", 0, NULL);
    struct buf out;

    (void)state;
    assert_non_null(m);
    buf_init(&out, 10 << 20);
    assert_int_equal(mustache_render(m, "page", doc, 0, &out), RC_TOO_LARGE);
    assert_true(out.n <= MUSTACHE_STEPS);
    buf_release(&out);
    buf_init(&out, 50);
    assert_int_equal(mustache_render(m, "page", doc, 0, &out), RC_TOO_LARGE);
    assert_true(out.n <= 50);
    assert_int_equal(mustache_render(m, "gone", doc, 0, &out), RC_NOT_FOUND);
    buf_release(&out);
    json_decref(doc);
    mustache_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),   cmocka_unit_test(escapes),   cmocka_unit_test(sections), cmocka_unit_test(lines),
        cmocka_unit_test(partials), cmocka_unit_test(catalogue), cmocka_unit_test(faults),   cmocka_unit_test(bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
