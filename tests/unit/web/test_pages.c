#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "khop/web/locale.h"
#include "khop/web/pages.h"

#include <zlib.h>

#include "khop/base/banned.h"

typedef int (*page_fn)(const json_t *doc, const char *lang, struct buf *out);

static struct buf html;

static json_t *document(const char *name)
{
    char path[1000];
    json_error_t error;

    snprintf(path, sizeof path, "%s/tests/web/documents/%s.json", getenv("KHOP_SOURCE"), name);
    json_t *doc = json_load_file(path, 0, &error);

    if (doc == NULL)
        fail_msg("%s: %s", path, error.text);
    return doc;
}

static void make(page_fn page, json_t *doc, const char *lang)
{
    json_t *before = json_deep_copy(doc);

    buf_clear(&html);
    assert_int_equal(page(doc, lang, &html), RC_OK);
    assert_true(json_equal(before, doc));
    json_decref(before);
    json_decref(doc);
}

#define HAS(text)   assert_non_null(strstr(html.p, text))
#define HASNT(text) assert_null(strstr(html.p, text))

static void every_page(void **state)
{
    static const struct {
        const char *name;
        page_fn page;
    } PAGES[] = {
        { "pay_waiting", web_pay_page }, { "pay_short", web_pay_page },     { "pay_paid", web_pay_page },
        { "pay_over", web_pay_page },    { "pay_cancelled", web_pay_page }, { "pay_expired", web_pay_page },
        { "pay_open", web_pay_page },    { "pay_long", web_pay_page },      { "receipt", web_receipt_page },
        { "receipt_voided", web_receipt_page }, { "error_404", web_error_page }, { "home", web_home_page },
    };

    (void)state;
    for (size_t i = 0; i < sizeof PAGES / sizeof PAGES[0]; i++) {
        for (int language = 0; locale_tag(language) != NULL; language++) {
            make(PAGES[i].page, document(PAGES[i].name), locale_tag(language));
            assert_memory_equal(html.p, "<!doctype html>\n", 16);
            HAS("</html>\n");
            HASNT("{{");
            HASNT("(null)");
            /* The policy forbids both: style and script are files. */
            HASNT("style=");
            HASNT("onclick=");
            HASNT("<script>");
            HASNT("<style");
        }
    }
}

static void waiting(void **state)
{
    (void)state;
    make(web_pay_page, document("pay_waiting"), "vi");
    HAS("<html lang=\"vi\">");
    HAS("936.000 đ");
    HAS("Chín trăm ba mươi sáu nghìn đồng");
    HAS("05/12/2026");
    HAS("<svg");
    HAS("Agribank");
    HAS("data-copy=\"936000\"");
    HAS("data-copy=\"SB7M4QX2C tien an thang 12\"");
    HAS("data-status=\"issued\" data-mark=\"0\"");
    HAS("<b>Mai</b> · 3A");
    HAS("<a href=\"https://dl.vietqr.io/pay?app=vba\" target=\"_blank\" rel=\"noreferrer\">Agribank</a>");
    HASNT("ĐÃ NHẬN TIỀN</b>");
    make(web_pay_page, document("pay_waiting"), "en");
    HAS("<html lang=\"en\">");
    HAS("Waiting for the money");
    HASNT("Chín trăm");
}

/* What the state pays is a line below zero; without apps there is no list of them. */
static void lines_and_apps(void **state)
{
    json_t *doc = document("pay_waiting");

    (void)state;
    json_object_set_new(doc, "lines", json_pack("[{s:s, s:i}, {s:s, s:i}]", "label", "Tiền ăn", "amount", 1296000, "label",
                                                "Nhà nước hỗ trợ", "amount", -360000));
    json_object_set_new(doc, "apps", json_array());
    make(web_pay_page, doc, "vi");
    HAS("<span>Nhà nước hỗ trợ</span> <b>-360.000 đ</b>");
    HASNT("dl.vietqr.io");
}

static void short_of(void **state)
{
    (void)state;
    make(web_pay_page, document("pay_short"), "vi");
    HAS("Đã nhận 500.000 đ, còn thiếu 436.000 đ");
    HAS("data-copy=\"436000\"");
    HAS("Bốn trăm ba mươi sáu nghìn đồng");
    HAS("Biên lai số 2026/000123");
    HAS("08:03 20/11/2026");
}

static void paid(void **state)
{
    (void)state;
    make(web_pay_page, document("pay_paid"), "vi");
    HAS("ĐÃ NHẬN TIỀN");
    HASNT("<svg");
    HASNT("data-copy");
    make(web_pay_page, document("pay_over"), "vi");
    HAS("thừa 64.000 đ");
}

static void closed(void **state)
{
    static const char *const NAMES[] = { "pay_cancelled", "pay_expired" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        make(web_pay_page, document(NAMES[i]), "vi");
        HAS("Xin đừng chuyển tiền");
        HASNT("<svg");
        HASNT("00000000101");
    }
}

static void open_amount(void **state)
{
    (void)state;
    make(web_pay_page, document("pay_open"), "vi");
    HAS("Tự nhập số tiền");
    HASNT("Hạn nộp");
    HASNT("data-copy=\"0\"");
}

static void hostile(void **state)
{
    json_t *doc = document("pay_waiting");

    (void)state;
    json_object_set_new(doc, "memo", json_string("\"><script>alert(1)</script>"));
    json_object_set_new(doc, "label", json_string("{{code}} <img>"));
    json_object_set_new(doc, "lang", json_string("x\" onload=\"y"));
    make(web_pay_page, doc, "xx\"");
    HASNT("<script>");
    HASNT("<img");
    HASNT("onload=\"y");
    HAS("data-copy=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\"");
    HAS("{{code}} &lt;img&gt;");
    HAS("<html lang=\"vi\">");
}

static void refuses(const char *member, const char *json)
{
    json_t *doc = document("pay_short");

    if (json == NULL)
        json_object_del(doc, member);
    else
        json_object_set_new(doc, member, json_loads(json, JSON_DECODE_ANY, NULL));
    buf_clear(&html);
    assert_int_equal(web_pay_page(doc, "vi", &html), RC_BAD_INPUT);
    json_decref(doc);
}

static void bad_documents(void **state)
{
    static const char *const MEMBERS[] = { "org", "code", "memo", "paid", "status", "to", "payload", "receipts", "page_url",
                                           "qr_png", "events_url", "json_url", "direction" };
    json_t *doc = document("pay_waiting");

    (void)state;
    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        refuses(MEMBERS[i], NULL);
        refuses(MEMBERS[i], "null");
    }
    refuses("status", "\"lost\"");
    refuses("due_on", "\"2026-13-01\"");
    refuses("to", "{\"bin\":\"970405\"}");
    refuses("payload", "\"\"");
    refuses("receipts", "[{}]");
    refuses("receipts", "[1]");
    refuses("receipts", "[{\"amount\":1,\"paid_at\":\"today\"}]");
    buf_clear(&html);
    assert_int_equal(web_pay_page(NULL, "vi", &html), RC_BAD_INPUT);
    struct buf small;

    buf_init(&small, 1000);
    assert_int_equal(web_pay_page(doc, "vi", &small), RC_TOO_LARGE);
    buf_release(&small);
    json_decref(doc);
}

static void receipts(void **state)
{
    (void)state;
    make(web_receipt_page, document("receipt"), "vi");
    HAS("2026/000131");
    HAS("17:41 22/11/2026");
    HAS("FT26326000123");
    HASNT("đã hủy");
    make(web_receipt_page, document("receipt_voided"), "vi");
    HAS("Biên lai này đã hủy");
}

static void errors(void **state)
{
    (void)state;
    make(web_error_page, document("error_404"), "vi");
    HAS("Không tìm thấy trang này");
    make(web_error_page, json_pack("{s:i}", "status", 418), "en");
    HAS("This request cannot be carried out");
    make(web_error_page, json_pack("{s:i}", "status", 500), "en");
    HAS("on our side");
}

static void names(void **state)
{
    (void)state;
    assert_true(slice_is(web_given_name(SLICE("Lò Thị Mai")), "Mai"));
    assert_true(slice_is(web_given_name(SLICE(" Mai ")), "Mai"));
    assert_int_equal(web_given_name(SLICE("")).n, 0);
}

static void gunzip(const struct web_asset *a)
{
    unsigned char *plain = malloc(a->n + 1);
    z_stream z = { .next_in = (unsigned char *)(uintptr_t)a->gzip, .avail_in = (unsigned)a->gzip_n, .next_out = plain,
                   .avail_out = (unsigned)a->n + 1 };

    assert_non_null(plain);
    assert_int_equal(inflateInit2(&z, 16 + MAX_WBITS), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, a->n);
    assert_memory_equal(plain, a->bytes, a->n);
    inflateEnd(&z);
    free(plain);
}

static void assets(void **state)
{
    const struct web_asset *a;
    size_t count = 0;

    (void)state;
    for (; (a = web_asset_at(count)) != NULL; count++) {
        assert_ptr_equal(web_asset(slice_of(a->name)), a);
        assert_null(web_asset(slice_of(a->source)));
        if (a->gzip != NULL)
            gunzip(a);
    }
    assert_true(count >= 3);
    assert_null(web_asset(SLICE("../page.css")));
}

static void catalogues(void **state)
{
    (void)state;
    assert_int_equal(locale_language("vi"), 0);
    assert_int_equal(locale_language("en"), 1);
    assert_int_equal(locale_language("xx"), 0);
    assert_int_equal(locale_language(NULL), 0);
    assert_string_equal(locale_get(1, "pay.copy"), "Copy");
    assert_string_equal(locale_get(9, "pay.copy"), "Chép");
    assert_string_equal(locale_get(0, "no.such"), "no.such");
    assert_null(locale_tag(-1));
    assert_int_equal(locale_find(SLICE("pay.cop")), -1);
}

static int start(void **state)
{
    char error[200];

    (void)state;
    buf_init(&html, WEB_PAGE_MAX);
    if (web_pages_start(error, sizeof error) < 0) {
        print_error("%s\n", error);
        return -1;
    }
    return 0;
}

static int stop(void **state)
{
    (void)state;
    web_pages_stop();
    buf_release(&html);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page), cmocka_unit_test(waiting),       cmocka_unit_test(lines_and_apps), cmocka_unit_test(short_of), cmocka_unit_test(paid),
        cmocka_unit_test(closed),     cmocka_unit_test(open_amount),   cmocka_unit_test(hostile),  cmocka_unit_test(bad_documents),
        cmocka_unit_test(receipts),   cmocka_unit_test(errors),        cmocka_unit_test(names),    cmocka_unit_test(assets),
        cmocka_unit_test(catalogues),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
