/* khop_print_load [SLIPS]: makes a run of distinct slips and reports how fast, and how large, as JSON:
 * {"per_second":pages,"bytes_per_slip":…,"symbol_share":…}. Every slip has a payload of its own: repeating one flatters the library. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "khop/base/num.h"
#include "khop/print/qr.h"
#include "khop/print/slip.h"
#include "vietqr.h"

#include "khop/base/banned.h"

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int count(void *arg, const void *bytes, size_t n)
{
    (void)bytes;
    *(size_t *)arg += n;
    return RC_OK;
}

static const char digits[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

static void payload(int i, char code[16], char out[VIETQR_ENCODED_MAX])
{
    struct vietqr q;

    snprintf(code, 16, "SB%c%c%c%c%c%c%c", digits[i / 29791 % 31], digits[i / 961 % 31], digits[i / 31 % 31], digits[i % 31], digits[i * 7 % 31],
             digits[i * 11 % 31], digits[i * 13 % 31]);
    vietqr_init(&q);
    snprintf(q.bin, sizeof q.bin, "970436");
    snprintf(q.account, sizeof q.account, "0123456789012");
    q.has_amount = 1;
    q.amount = 90000 + i % 400 * 500;
    q.additional[VIETQR_PURPOSE] = (struct vietqr_text){ code, strlen(code) };
    assert(vietqr_encode(&q, out, VIETQR_ENCODED_MAX, NULL, NULL) == VIETQR_OK);
}

static double symbols_only(int n)
{
    double began = seconds();

    for (int i = 0; i < n; i++) {
        char code[16], text[VIETQR_ENCODED_MAX];
        struct print_qr qr;

        payload(i, code, text);
        assert(print_qr_make(&qr, slice_of(text), PRINT_QR_M) == RC_OK);
        print_qr_release(&qr);
    }
    return seconds() - began;
}

int main(int argc, char **argv)
{
    static const char *const names[] = { "Ánh", "Bình", "Chi", "Dế", "Giàng", "Hương", "Khánh", "Lả", "Mỷ", "Nguyên", "Páo", "Quỳnh", "Sống", "Thảo", "Ưởng", "Xuân" };
    const struct slips_head head = { .unit = "Trường PTDTBT Tiểu học Chiềng Ơn", .hotline = "0212 3 850 123", .bank = "Vietcombank",
                                     .account_no = "0123456789012", .holder = "TRUONG PTDTBT TH CHIENG ON" };
    struct print_fonts *fonts;
    struct slips *s;
    size_t bytes = 0;
    int64_t n = 8000;
    double began, took;

    assert(argc < 2 || num_parse(slice_of(argv[1]), 8, SLIP_MAX, false, &n) == RC_OK);
    assert(print_fonts_open(NULL, &fonts) == RC_OK);
    began = seconds();
    assert(slips_open(&s, &head, fonts, (struct print_sink){ count, &bytes }) == RC_OK);
    for (int i = 0; i < (int)n; i++) {
        char code[16], class[8], text[VIETQR_ENCODED_MAX];

        payload(i, code, text);
        snprintf(class, sizeof class, "%dA%d", 1 + i / 175 % 5, 1 + i / 35 % 5);
        struct slip slip = { .given_name = slice_of(names[i * 7 % 16]), .class_name = slice_of(class), .label = SLICE("Tiền ăn bán trú tháng 11/2026"),
                             .has_amount = true, .amount = 90000 + i % 400 * 500, .payload = slice_of(text), .code = slice_of(code), .has_due = true, .due_day = 20790 };
        assert(slips_add(s, &slip) == RC_OK);
    }
    assert(slips_end(s) == RC_OK);
    took = seconds() - began;
    printf("{\"per_second\":%.1f,\"bytes_per_slip\":%.0f,\"symbol_share\":%.2f}\n", slips_pages(s) / took, (double)bytes / (double)n,
           symbols_only((int)n) / took);
    slips_free(s);
    print_fonts_free(fonts);
    return 0;
}
