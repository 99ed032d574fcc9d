/* A receipt on paper in the layout of form C45-BB, "Biên lai thu tiền", of public units: unit and its budget code above left, form and circular
 * above right, book and number, payer, reason, amount in digits and in words, signatures. A5 across; with `copies` an A4 that holds
 * both copies (liên 1 kept, liên 2 for the payer) with a line to cut along. The symbol opens the public receipt, where anybody can check it.
 * What is empty becomes a dotted line to be filled in by hand. */
#ifndef KHOP_PRINT_RECEIPT_H
#define KHOP_PRINT_RECEIPT_H

#include "khop/base/slice.h"
#include "khop/print/fonts.h"
#include "khop/print/sink.h"
#include <stdbool.h>
#include <stdint.h>

struct receipt_paper {
    struct slice unit, unit_code;     /* code: mã QHNS */
    struct slice unit_address;        /* may be empty: left out */
    struct slice form, circular;      /* "C45-BB"; "Ban hành kèm theo Thông tư số …": settings of the unit */
    struct slice title;               /* empty: "BIÊN LAI THU TIỀN" */
    struct slice book;                /* quyển số */
    int64_t number;
    int32_t day;                      /* since 1970-01-01 */
    struct slice payer, address;      /* the desk's version; empty on the public one */
    bool outgoing;                    /* money that was paid out: "người nhận tiền" */
    struct slice reason;
    int64_t amount;
    unsigned words;                   /* enum words_style of pay/words.h */
    struct slice how;                 /* "Chuyển khoản, ngân hàng báo lúc 08:03 ngày 20/11/2026, số giao dịch FT26…"; may be empty */
    struct slice code;                /* payment code; may be empty */
    struct slice collector;           /* printed name of who takes the money; may be empty */
    struct slice url;                 /* of the public receipt */
    struct slice key;                 /* id of the key that signs it; may be empty */
    bool reprint;                     /* "Bản in lại" */
    bool voided;
    struct slice void_reason;
    bool copies;
    int64_t made_us;
};

/* RC_BAD_INPUT: something is missing, no UTF-8, or an amount without words; RC_TOO_LARGE, RC_NOMEM, RC_INTERNAL, or what the sink answered. */
int receipt_paper_write(const struct receipt_paper *r, struct print_fonts *fonts, struct print_sink sink) RC_MUST;

#endif
