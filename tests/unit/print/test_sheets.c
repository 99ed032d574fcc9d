/* Posters and receipts: what is refused. What they look like to others is read back by read_papers.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "khop/pay/words.h"
#include "khop/print/poster.h"
#include "khop/print/receipt.h"

#include "khop/base/banned.h"

static struct print_fonts *fonts;
static char big[4096];

static int drop(void *arg, const void *bytes, size_t n)
{
    (void)bytes;
    *(size_t *)arg += n;
    return RC_OK;
}

static int refuse(void *arg, const void *bytes, size_t n)
{
    (void)arg;
    (void)bytes;
    (void)n;
    return RC_BUSY;
}

static int receipt(const struct receipt_paper *r)
{
    size_t n = 0;
    int rc = receipt_paper_write(r, fonts, (struct print_sink){ drop, &n });

    assert_true(rc != RC_OK || n > 1000);
    return rc;
}

static struct receipt_paper a_receipt(void)
{
    return (struct receipt_paper){ .unit = SLICE("Trường Thử"), .url = SLICE("https://a.example/r/x"), .number = 1, .amount = 1 };
}

static void receipts(void **state)
{
    struct receipt_paper r = a_receipt();

    (void)state;
    assert_int_equal(receipt(&r), RC_OK);
    r.unit = SLICE("");
    assert_int_equal(receipt(&r), RC_BAD_INPUT);
    r = a_receipt();
    r.url = SLICE("");
    assert_int_equal(receipt(&r), RC_BAD_INPUT);
    r = a_receipt();
    r.number = 0;
    assert_int_equal(receipt(&r), RC_BAD_INPUT);
    r = a_receipt();
    r.amount = WORDS_MAX;
    assert_int_equal(receipt(&r), RC_OK);
    r.amount++;
    assert_int_equal(receipt(&r), RC_BAD_INPUT);
    r.amount = 0;
    assert_int_equal(receipt(&r), RC_BAD_INPUT);
    r = a_receipt();
    r.day = -1;
    assert_int_equal(receipt(&r), RC_BAD_INPUT);
    r = a_receipt();
    r.reason = SLICE("a\0b");
    assert_int_equal(receipt(&r), RC_BAD_INPUT);
    r.reason = SLICE("\xE1\xBA");
    assert_int_equal(receipt(&r), RC_BAD_INPUT);
    r.reason = (struct slice){ big, 600 };
    assert_int_equal(receipt(&r), RC_OK);
    r.reason.n++;
    assert_int_equal(receipt(&r), RC_TOO_LARGE);
    r = a_receipt();
    r.url = (struct slice){ big, 600 };
    assert_int_equal(receipt(&r), RC_OK);
    assert_int_equal(receipt_paper_write(&r, fonts, (struct print_sink){ refuse, NULL }), RC_BUSY);
}

static int poster(const struct poster *w)
{
    size_t n = 0;
    int rc = poster_write(w, POSTER_A6, fonts, (struct print_sink){ drop, &n });

    assert_true(rc != RC_OK || n > 1000);
    return rc;
}

static void posters(void **state)
{
    const struct poster good = { .name = SLICE("Hoa"), .holder = SLICE("HOA"), .bank = SLICE("Agribank"), .account_no = SLICE("1"), .code = SLICE("SC22222SY"), .payload = SLICE("0002") };
    struct poster w = good;

    (void)state;
    assert_int_equal(poster(&w), RC_OK);
    assert_int_equal(poster_write(&w, POSTER_A5, fonts, (struct print_sink){ refuse, NULL }), RC_BUSY);
    w.holder = SLICE("");
    assert_int_equal(poster(&w), RC_BAD_INPUT);
    w = good;
    w.payload = SLICE("");
    assert_int_equal(poster(&w), RC_BAD_INPUT);
    w = good;
    w.place = SLICE("\xFF");
    assert_int_equal(poster(&w), RC_BAD_INPUT);
    w = good;
    w.name = (struct slice){ big, 200 };
    assert_int_equal(poster(&w), RC_OK);
    w.name.n++;
    assert_int_equal(poster(&w), RC_TOO_LARGE);
}

static int take(void **state)
{
    (void)state;
    memset(big, 'x', sizeof big);
    return print_fonts_open(NULL, &fonts);
}

static int give(void **state)
{
    (void)state;
    print_fonts_free(fonts);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(receipts), cmocka_unit_test(posters) };

    return cmocka_run_group_tests(tests, take, give);
}
