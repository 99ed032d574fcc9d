#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "cases.h"
#include "../../../lib/http/chars.h"
#include "khop/base/banned.h"

static void check(const struct http_case *c, size_t cut)
{
    static struct verdict v;

    judge(c->bytes, c->n, cut, &v);
    if (v.rc != c->parse)
        fail_msg("%s, cut at %zu of %zu: %d instead of %d", c->name, cut, c->n, v.rc, c->parse);
    if (c->parse != 1)
        return;

    size_t want = c->body == NULL ? 0 : strlen(c->body);

    if (v.nbody != want || memcmp(v.body, c->body == NULL ? "" : c->body, want) != 0)
        fail_msg("%s, cut at %zu: body of %zu bytes", c->name, cut, v.nbody);
    if (v.used > c->n || (v.used < c->n && strncmp(c->bytes + v.used, "GET /a", 6) != 0))
        fail_msg("%s, cut at %zu: used %zu of %zu", c->name, cut, v.used, c->n);
}

static void whole_and_at_every_byte(void **state)
{
    (void)state;
    assert_true(http_ncases >= 120);
    for (size_t i = 0; i < http_ncases; i++) {
        for (size_t cut = 0; cut <= http_cases[i].n; cut++)
            check(&http_cases[i], cut);
    }
}

static void large_ones(void **state)
{
    const struct http_case *c;

    (void)state;
    for (size_t i = 0; (c = http_case_made(i)) != NULL; i++) {
        check(c, c->n);
        for (size_t cut = 1; cut < c->n; cut += 397)
            check(c, cut);
        for (size_t back = 1; back <= 4 && back < c->n; back++)
            check(c, c->n - back);
    }
}

/* What a head holds once it is read. */
static void head_contents(void **state)
{
    static const char bytes[] =
        "POST /hooks/abc?x=1&y=2 HTTP/1.1\r\nHost: KHOP.example:8443\r\nX-Twice: a\r\n"
        "x-twice:\t b \r\nContent-Length: 12\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n";
    struct http_head h;

    (void)state;
    http_head_init(&h);
    assert_int_equal(http_head_feed(&h, (struct slice){ bytes, sizeof bytes - 1 }), HTTP_PARSE_DONE);
    assert_int_equal(h.size, sizeof bytes - 1);
    assert_int_equal(h.method, HTTP_POST);
    assert_true(slice_is(http_head_slice(&h, h.target), "/hooks/abc?x=1&y=2"));
    assert_true(slice_is(http_head_slice(&h, h.path), "/hooks/abc"));
    assert_true(slice_is(http_head_slice(&h, h.query), "x=1&y=2"));
    assert_true(slice_is(http_head_slice(&h, h.host), "KHOP.example"));
    assert_int_equal(h.minor, 1);
    assert_int_equal(h.framing, HTTP_BODY_LENGTH);
    assert_int_equal(h.length, 12);
    assert_false(h.keep_alive);
    assert_true(h.expect_continue);
    assert_int_equal(h.nfields, 6);
    assert_true(slice_is(http_head_field(&h, SLICE("x-TWICE")), "a"));
    assert_int_equal(http_head_count(&h, SLICE("X-Twice")), 2);
    assert_true(slice_is(http_head_slice(&h, h.fields[2].value), "b"));
    assert_null(http_head_field(&h, SLICE("x-twic")).p);
}

static void keep_alive(void **state)
{
    static const struct {
        const char *bytes;
        bool keep;
    } cases[] = {
        { "GET / HTTP/1.1\r\nHost: h\r\n\r\n", true },
        { "GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n", false },
        { "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, close\r\n\r\n", false },
        { "GET / HTTP/1.1\r\nHost: h\r\nConnection: x\r\nConnection: close\r\n\r\n", false },
        { "GET / HTTP/1.1\r\nHost: h\r\nConnection: closed\r\n\r\n", true },
        { "GET / HTTP/1.0\r\nHost: h\r\n\r\n", false },
        { "GET / HTTP/1.0\r\nHost: h\r\nConnection: Keep-Alive\r\n\r\n", true },
        { "GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_head h;

        http_head_init(&h);
        assert_int_equal(http_head_feed(&h, slice_of(cases[i].bytes)), HTTP_PARSE_DONE);
        assert_int_equal(h.keep_alive, cases[i].keep);
    }
}

/* The table of bytes against the grammar (RFC 9110 §5.6.2, security.md §3). */
static void characters(void **state)
{
    (void)state;
    for (int b = 0; b < 256; b++) {
        char c = (char)b;
        bool letter = (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z'), digit = b >= '0' && b <= '9';
        bool hex = digit || (b >= 'A' && b <= 'F') || (b >= 'a' && b <= 'f');

        assert_int_equal(char_is(c, CHAR_TOKEN), letter || digit || (b != 0 && strchr("!#$%&'*+-.^_`|~", b) != NULL));
        assert_int_equal(char_is(c, CHAR_TARGET), b >= 0x21 && b <= 0x7E && b != '#' && b != '\\' && b != '%');
        assert_int_equal(char_is(c, CHAR_VALUE), b == '\t' || (b >= 0x20 && b <= 0x7E) || b >= 0x80);
        assert_int_equal(char_is(c, CHAR_HEX), hex);
        assert_int_equal(char_is(c, CHAR_HOST), letter || digit || (b != 0 && strchr("-._~", b) != NULL));
    }
    assert_false(http_is_token(SLICE("")));
    assert_false(http_is_token(SLICE("a b")));
    assert_true(http_is_token(SLICE("X-Name")));
}

/* A head that comes byte by byte is read once, not once a byte: 16 KiB must not cost a hundred million steps. */
static void drip_is_linear(void **state)
{
    static char bytes[HTTP_HEAD_MAX];
    struct http_head h;
    size_t n = 0;

    (void)state;
    n += (size_t)snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\nHost: h\r\n");
    for (int i = 0; i < 60; i++)
        n += (size_t)snprintf(bytes + n, sizeof bytes - n, "X-%02d: %0230d\r\n", i, i);
    http_head_init(&h);
    for (size_t i = 1; i <= n; i++) {
        assert_int_equal(http_head_feed(&h, (struct slice){ bytes, i }), HTTP_PARSE_MORE);
        assert_int_equal(h.scan_at, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_and_at_every_byte),
        cmocka_unit_test(large_ones),
        cmocka_unit_test(head_contents),
        cmocka_unit_test(keep_alive),
        cmocka_unit_test(characters),
        cmocka_unit_test(drip_is_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
