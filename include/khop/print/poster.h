/* The poster of a stall, to stand beside the scales: its name, the symbol of its permanent code, and whom a payer must see in the bank's app
 * before the money goes ("so tên trước khi chuyển"): a false symbol glued over the true one is the known fraud. One page, upright. */
#ifndef KHOP_PRINT_POSTER_H
#define KHOP_PRINT_POSTER_H

#include "khop/base/slice.h"
#include "khop/print/fonts.h"
#include "khop/print/sink.h"
#include <stdint.h>

enum poster_size { POSTER_A5, POSTER_A6 };

struct poster {
    struct slice name;             /* "Rau sạch chị Hoa" */
    struct slice place;            /* "Chợ Quyết Thắng"; may be empty */
    struct slice holder;           /* as a bank's app shows it */
    struct slice bank, account_no;
    struct slice code;             /* what the transfer's text will be */
    struct slice payload;          /* of the symbol */
    int64_t made_us;
};

/* RC_BAD_INPUT: something is missing or no UTF-8; RC_TOO_LARGE, RC_NOMEM, RC_INTERNAL, or what the sink answered. */
int poster_write(const struct poster *poster, enum poster_size size, struct print_fonts *fonts, struct print_sink sink) RC_MUST;

#endif
