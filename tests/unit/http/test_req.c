/* What a handler asks of its request, and how its answer is packed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "harness.h"
#define ZLIB_CONST
#include <zlib.h>
#include "khop/base/banned.h"

#define H "Host: h\r\n"

static void tune(struct http_config *config)
{
    static const char *const offered[] = { "vi", "en", NULL };

    config->languages = offered;
}

static int start(void **state)
{
    (void)state;
    site_start(tune);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    site_stop();
    return 0;
}

static void asks(void **state)
{
    static const struct {
        const char *headers, *want;
    } cases[] = {
        { "", "vi 0 0 -" },
        { "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n", "vi 1 0 -" },
        { "Accept: application/json\r\n", "vi 0 0 -" },
        { "Accept: application/json, text/html;q=0.9\r\n", "vi 0 0 -" },
        { "Accept: */*\r\n", "vi 0 0 -" },
        { "Accept: text/html;q=0\r\n", "vi 0 0 -" },
        { "Accept-Encoding: gzip, deflate, br\r\n", "vi 0 1 -" },
        { "Accept-Encoding: br, gzip;q=0\r\n", "vi 0 0 -" },
        { "Accept-Encoding: *\r\n", "vi 0 1 -" },
        { "Accept-Encoding: xgzip\r\n", "vi 0 0 -" },
        { "Accept-Language: en-US,en;q=0.9,vi;q=0.1\r\n", "en 0 0 -" },
        { "Accept-Language: fr, en;q=0.2, vi-VN;q=0.5\r\n", "vi 0 0 -" },
        { "Accept-Language: english\r\n", "vi 0 0 -" },
        { "Accept-Language: en;q=nonsense\r\n", "en 0 0 -" },
        { "Cookie: a=b; sid=xyz; c=d\r\n", "vi 0 0 xyz" },
        { "Cookie: sid=\r\n", "vi 0 0 " },
        { "Cookie: xsid=1; sidx=2; sid\r\n", "vi 0 0 -" },
        { "Cookie: sid=a\r\nCookie: sid=b\r\n", "vi 0 0 -" },
    };
    struct client c;

    (void)state;
    client_open(&c);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char request[512];

        (void)snprintf(request, sizeof request, "GET /asks HTTP/1.1\r\n" H "%s\r\n", cases[i].headers);
        expect(&c, request, 200, cases[i].want);
    }
    client_close(&c);
}

static void forms(void **state)
{
    static const struct {
        const char *query, *want;
    } cases[] = {
        { "", "-4:" },
        { "?x", "-4:" },
        { "?x+y=1", "0:1" },
        { "?a=b&x%20y=ti%E1%BB%81n+%C4%83n&c", "0:ti\xE1\xBB\x81n \xC4\x83n" },
        { "?%78+y=%41", "0:A" },
        { "?x+y", "0:" },
        { "?x+y=", "0:" },
        { "?x+y=a=b", "0:a=b" },
        { "?x+y=1&x%20y=2", "-1:" },
        { "?x+y=%FF", "-1:" },
        { "?x+y=%C0%AF", "-1:" },
        { "?x+y=%ED%A0%80", "-1:" },
        { "?x+yy=1&x+=2", "-4:" },
    };
    struct client c;

    (void)state;
    client_open(&c);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char request[512];

        (void)snprintf(request, sizeof request, "GET /query%s HTTP/1.1\r\n" H "\r\n", cases[i].query);
        expect(&c, request, 200, cases[i].want);
    }
#define FORM(type, n) "POST /form HTTP/1.1\r\n" H "Content-Type: " type "\r\nContent-Length: " #n "\r\n\r\n"
    expect(&c, FORM("application/x-www-form-urlencoded; charset=utf-8", 12) "a=1&f=%0D%0A", 200, "1:\r\n");
    expect(&c, FORM("application/x-www-form-urlencoded", 5) "f=%00", 200, "-1:");
    expect(&c, FORM("application/x-www-form-urlencoded", 4) "f=%2", 200, "-1:");
    expect(&c, FORM("text/plain", 3) "f=1", 200, "-1:");
    expect(&c, FORM("application/x-www-form-urlencoded;charset=\"UTF-8\"", 3) "f=1", 200, "1:1");
    expect(&c, FORM("application/x-www-form-urlencoded; boundary=x; Charset=us-ascii", 3) "f=1", 200, "1:1");
    expect(&c, FORM("application/x-www-form-urlencoded; charset=latin1", 3) "f=1", 200, "-1:");
    expect(&c, FORM("application/x-www-form-urlencoded; charset=utf-8; charset=utf-16", 3) "f=1", 200, "-1:");
    expect(&c, FORM("application/x-www-form-urlencoded\r\nContent-Encoding: identity", 3) "f=1", 200, "1:1");
    expect(&c, FORM("application/x-www-form-urlencoded\r\nContent-Encoding: gzip", 3) "f=1", 200, "-1:");
    client_close(&c);
}

/* ---- trace ---- */

static void traces(void **state)
{
#define ID     "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"
    static const struct {
        const char *headers;
        bool taken;
    } cases[] = {
        { "traceparent: 00-" ID "-" PARENT "-01\r\n", true },
        { "Traceparent:  00-" ID "-" PARENT "-00 \r\n", true },
        { "traceparent: cc-" ID "-" PARENT "-01\r\n", true },
        { "traceparent: cc-" ID "-" PARENT "-01-what-comes-later\r\n", true },
        { "traceparent: 00-" ID "-" PARENT "-01-x\r\n", false },
        { "traceparent: 00-" ID "-" PARENT "-01x\r\n", false },
        { "traceparent: cc-" ID "-" PARENT "-01x\r\n", false },
        { "traceparent: ff-" ID "-" PARENT "-01\r\n", false },
        { "traceparent: 00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01\r\n", false },
        { "traceparent: 00-00000000000000000000000000000000-" PARENT "-01\r\n", false },
        { "traceparent: 00-" ID "-0000000000000000-01\r\n", false },
        { "traceparent: 00-" ID "-" PARENT "\r\n", false },
        { "traceparent: 00-" ID "-" PARENT "-0\r\n", false },
        { "traceparent: \r\n", false },
        { "traceparent: ----\r\n", false },
        { "traceparent: 00-" ID "-" PARENT "-01\r\ntraceparent: 00-" ID "-" PARENT "-01\r\n", false },
        { "", false },
    };
    struct client c;

    (void)state;
    client_open(&c);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct answer a;
        char request[512];

        (void)snprintf(request, sizeof request, "GET /trace HTTP/1.1\r\n" H "%s\r\n", cases[i].headers);
        client_say(&c, request);
        assert_true(client_answer(&c, &a, false, 1000));
        /* Whatever trace a client gives, there is a part in what goes into the audit log that it did not choose. */
        assert_int_equal(a.body.n, cases[i].taken ? sizeof ID + 16 : sizeof ID - 1);
        assert_int_equal(memcmp(a.body.p, ID, sizeof ID - 1) == 0, cases[i].taken);
        answer_release(&a);
    }
    client_close(&c);
}

/* ---- compression ---- */

static void unpack(struct slice packed, char *out, size_t cap, size_t *n)
{
    z_stream z = { .next_in = (const Bytef *)(const void *)packed.p,
                   .avail_in = (uInt)packed.n,
                   .next_out = (Bytef *)(void *)out,
                   .avail_out = (uInt)cap };

    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    *n = cap - z.avail_out;
    inflateEnd(&z);
}

static void compression(void **state)
{
    static char page[20000], out[30000];
    static const struct {
        const char *request;
        bool packed;
    } cases[] = {
        { "GET /html HTTP/1.1\r\n" H "Accept-Encoding: gzip\r\n\r\n", true },
        { "GET /html HTTP/1.1\r\n" H "\r\n", false },
        { "GET /json HTTP/1.1\r\n" H "Accept-Encoding: gzip\r\n\r\n", false },
        { "GET /html HTTP/1.1\r\n" H "Accept-Encoding: gzip\r\nCookie: sid=1\r\nSec-Fetch-Site: same-origin\r\n\r\n",
          true },
        { "GET /html HTTP/1.1\r\n" H "Accept-Encoding: gzip\r\nCookie: sid=1\r\nSec-Fetch-Site: none\r\n\r\n", true },
        { "GET /html HTTP/1.1\r\n" H "Accept-Encoding: gzip\r\nCookie: sid=1\r\nSec-Fetch-Site: cross-site\r\n\r\n",
          false },
        { "GET /html HTTP/1.1\r\n" H "Accept-Encoding: gzip\r\nCookie: sid=1\r\n\r\n", false },
    };
    struct client c;
    struct answer a;
    size_t n;

    (void)state;
    for (size_t i = 0; i < sizeof page; i++)
        page[i] = (char)('a' + i * i % 7);
    site.large = (struct slice){ page, sizeof page };
    client_open(&c);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool html = memcmp(cases[i].request, "GET /html", 9) == 0;

        client_say(&c, cases[i].request);
        assert_true(client_answer(&c, &a, false, 1000));
        answer_check(&a);
        assert_int_equal(slice_is(answer_header(&a, "Content-Encoding"), "gzip"), cases[i].packed);
        assert_int_equal(slice_is(answer_header(&a, "Vary"), "Accept-Encoding"), html);
        if (cases[i].packed) {
            assert_true(a.body.n < 4000);
            unpack(a.body, out, sizeof out, &n);
            assert_int_equal(n, sizeof page);
            assert_memory_equal(out, page, n);
        } else {
            assert_int_equal(a.body.n, sizeof page);
        }
        answer_release(&a);
    }
    site.large = (struct slice){ page, 1024 }; /* not worth it */
    client_say(&c, cases[0].request);
    assert_true(client_answer(&c, &a, false, 1000));
    assert_null(answer_header(&a, "Content-Encoding").p);
    answer_release(&a);
    uint32_t noise = 1; /* nor is noise */

    for (size_t i = 0; i < sizeof page; i++)
        page[i] = (char)((noise = noise * 1664525 + 1013904223) >> 24);
    site.large = (struct slice){ page, sizeof page };
    client_say(&c, cases[0].request);
    assert_true(client_answer(&c, &a, false, 1000));
    assert_null(answer_header(&a, "Content-Encoding").p);
    assert_memory_equal(a.body.p, page, sizeof page);
    answer_release(&a);
    client_say(&c, "GET /static HTTP/1.1\r\n" H "Accept-Encoding: gzip\r\n\r\n");
    assert_true(client_answer(&c, &a, false, 1000));
    assert_true(slice_is(answer_header(&a, "Cache-Control"), "public, max-age=31536000, immutable"));
    assert_true(slice_is(answer_header(&a, "Content-Encoding"), "gzip"));
    assert_true(slice_is(answer_header(&a, "Vary"), "Accept-Encoding"));
    answer_release(&a);
    client_close(&c);
}

#define T(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = { T(asks), T(forms), T(traces), T(compression) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
