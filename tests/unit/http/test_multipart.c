/* Forms with a file: what browsers send, in pieces of every size, and what is refused. */
#include "khop/base/buf.h"
#include "khop/http/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "khop/base/banned.h"

#define TYPE "multipart/form-data; boundary=----WebKitFormBoundaryAbC"
#define LINE "------WebKitFormBoundaryAbC"
#define FIELD(name, value) LINE "\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_HEAD LINE "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"hs.csv\"\r\nContent-Type: text/csv\r\n\r\n"
#define END LINE "--\r\n"

/* The events as one text, read in pieces of `step` bytes; the last character tells how it ended. */
static void read_in(struct buf *out, const char *type, struct slice body, size_t step)
{
    struct http_multipart m;
    struct http_part part;
    int rc = http_multipart_init(&m, slice_of(type));

    buf_clear(out);
    while (rc >= 0 && body.n > 0) {
        struct slice piece = slice_sub(body, 0, step);

        body = slice_sub(body, piece.n, body.n);
        while ((rc = http_multipart_feed(&m, &piece, &part)) > 0) {
            if (rc == HTTP_PART_FIELD)
                buf_printf(out, "%.*s=%.*s ", SLICE_FMT(part.name), SLICE_FMT(part.value));
            else if (rc == HTTP_PART_FILE)
                buf_printf(out, "%.*s(%.*s %.*s):", SLICE_FMT(part.name), SLICE_FMT(part.filename), SLICE_FMT(part.type));
            else
                buf_put_slice(out, rc == HTTP_PART_DATA ? part.value : SLICE("."));
        }
    }
    buf_puts(out, rc == RC_TOO_LARGE ? " large" : rc < 0 ? " bad" : http_multipart_whole(&m) ? " whole" : " cut");
}

static void expect_type(const char *type, struct slice body, const char *wanted)
{
    struct buf out;

    buf_init(&out, 1 << 20);
    for (size_t step = 1; step <= body.n; step = step < 20 ? step + 1 : step * 3) {
        read_in(&out, type, body, step);
        assert_string_equal(out.p, wanted);
    }
    read_in(&out, type, body, body.n + 1);
    assert_string_equal(out.p, wanted);
    buf_release(&out);
}

static void expect(const char *body, const char *wanted)
{
    expect_type(TYPE, slice_of(body), wanted);
}

static void test_forms(void **state)
{
    (void)state;
    expect(FIELD("csrf", "t0ken") FILE_HEAD "ma,ten\r\n1,Mai\r\n\r\n" END, "csrf=t0ken file(hs.csv text/csv):ma,ten\r\n1,Mai\r\n. whole");
    expect(FIELD("csrf", "t") FIELD("lop", "6A") END, "csrf=t lop=6A  whole");
    expect(FIELD("csrf", "") FILE_HEAD "\r\n" END, "csrf= file(hs.csv text/csv):. whole");
    expect(FIELD("a", "1") LINE "--", "a=1  whole");
    expect(LINE "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n" END,
           "file( application/octet-stream):. whole");
    /* the name with its folder, quotes as browsers write them, parameters of a media type, other cases of letters */
    expect(LINE "\r\ncontent-DISPOSITION:form-data;name=file ; FILENAME=\"C:\\lop 6\\Danh sách %22A%22.xlsx\"\r\nCONTENT-type: text/csv; charset=utf-8\r\n\r\nx\r\n" END,
           "file(Danh sách %22A%22.xlsx text/csv):x. whole");
    expect_type("Multipart/Form-Data;  boundary=\"a b\"", slice_of("--a b\r\n"), " bad"); /* no blank in a boundary */
    expect_type("multipart/form-data; boundary=\"a'(1)\"", slice_of("--a'(1)\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--a'(1)--"), "x=1  whole");
}

static void test_almost_delimiters(void **state)
{
    (void)state;
    expect(FILE_HEAD "\r\r\n\r\n-\r\n--\r\n------WebKitFormBoundaryAb\r\n------WebKitFormBoundaryAbc\n" LINE "\r\n" END,
           "file(hs.csv text/csv):\r\r\n\r\n-\r\n--\r\n------WebKitFormBoundaryAb\r\n------WebKitFormBoundaryAbc\n" LINE ". whole");
    expect(FILE_HEAD "\r\r\n" END, "file(hs.csv text/csv):\r. whole");
    expect(FIELD("a", "\r\n--\r") END, "a=\r\n--\r  whole");
}

static void test_cut(void **state)
{
    (void)state;
    expect(FIELD("csrf", "t") FILE_HEAD "half", "csrf=t file(hs.csv text/csv):half cut");
    expect(FIELD("csrf", "t") FILE_HEAD "half\r\n--", "csrf=t file(hs.csv text/csv):half cut");
    expect(FIELD("csrf", "t") LINE, "csrf=t  cut");
    expect(FIELD("csrf", "t") LINE "-", "csrf=t  cut");
    expect("--", " cut");
}

static void test_refused(void **state)
{
    static const char *const TYPES[] = { "", "text/plain; boundary=a", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=a; boundary=a",
                                         "multipart/form-data; boundary=\"a", "multipart/form-data; charset=utf-8; boundary=a", "multipart/form-data boundary=a",
                                         "multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789x" };
    static const char *const BODIES[] = {
        "x" FIELD("a", "1") END, "\r\n" FIELD("a", "1") END, LINE "x\r\n", LINE "\n", LINE "\r\n\r\nx\r\n" END,
        LINE "\r\nContent-Type: text/plain\r\n\r\nx\r\n" END, LINE "\r\nContent-Disposition: form-data\r\n\r\nx\r\n" END,
        LINE "\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n" END, LINE "\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n" END,
        LINE "\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nx\r\n" END, LINE "\r\nContent-Disposition: form-data; name=\"a\"; filename*=utf-8''x\r\n\r\nx\r\n" END,
        LINE "\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n" END,
        LINE "\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n" END,
        LINE "\r\nContent-Disposition: form-data; name=\"a\"\nX: y\r\n\r\nx\r\n" END, LINE "\r\nContent-Disposition: form-data; name=\"a\xff\"\r\n\r\nx\r\n" END,
        LINE "\r\nContent-Disposition form-data; name=\"a\"\r\n\r\nx\r\n" END, LINE "\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n" END,
    };
    (void)state;
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
        expect_type(TYPES[i], SLICE("--a\r\n"), " bad");
    for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++)
        expect(BODIES[i], " bad");
    expect(FIELD("a", "\xff") END, " bad");
    expect_type(TYPE, SLICE(FIELD("a", "x\0y") END), " bad");
    expect(FIELD("a", "1") END "x", "a=1  bad");
    expect(FIELD("a", "1") END END, "a=1  bad");
    expect(FILE_HEAD "x\r\n" FIELD("csrf", "t") END, "file(hs.csv text/csv):x. bad");
    expect(FILE_HEAD "x\r\n" FILE_HEAD "y\r\n" END, "file(hs.csv text/csv):x. bad");
}

static void test_limits(void **state)
{
    struct buf body;
    struct http_multipart m;
    struct http_part part;
    struct slice in;
    int rc, fields = 0;

    (void)state;
    buf_init(&body, 1 << 20);
    buf_puts(&body, LINE "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n");
    for (int i = 0; i < HTTP_PART_TEXT_MAX; i++)
        buf_putc(&body, 'x');
    size_t fits = body.n;
    buf_puts(&body, "\r\n" END);
    assert_int_equal(http_multipart_init(&m, SLICE(TYPE)), RC_OK);
    in = buf_slice(&body);
    assert_int_equal(http_multipart_feed(&m, &in, &part), HTTP_PART_FIELD);
    assert_int_equal(part.value.n, HTTP_PART_TEXT_MAX);
    body.p[fits] = 'x';
    expect_type(TYPE, buf_slice(&body), " large");

    buf_clear(&body);
    buf_puts(&body, LINE "\r\nContent-Disposition: form-data; name=\"");
    for (int i = 0; i <= HTTP_PART_NAME_MAX; i++)
        buf_putc(&body, 'n');
    buf_puts(&body, "\"\r\n\r\nx\r\n" END);
    expect_type(TYPE, buf_slice(&body), " large");

    buf_clear(&body);
    for (int i = 0; i <= HTTP_PART_FIELDS_MAX; i++)
        buf_puts(&body, FIELD("a", "1"));
    assert_int_equal(http_multipart_init(&m, SLICE(TYPE)), RC_OK);
    in = buf_slice(&body);
    while ((rc = http_multipart_feed(&m, &in, &part)) == HTTP_PART_FIELD)
        fields++;
    assert_int_equal(rc, RC_TOO_LARGE);
    assert_int_equal(fields, HTTP_PART_FIELDS_MAX);
    in = SLICE("--");
    assert_int_equal(http_multipart_feed(&m, &in, &part), RC_TOO_LARGE); /* and stays so */
    assert_false(http_multipart_whole(&m));
    buf_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_forms), cmocka_unit_test(test_almost_delimiters), cmocka_unit_test(test_cut),
                                        cmocka_unit_test(test_refused), cmocka_unit_test(test_limits) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
