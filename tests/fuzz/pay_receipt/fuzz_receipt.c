/* The input as the content of a receipt: what is read writes the same bytes. Then as the fields of one: what is written
 * is read back. */
#include "khop/pay/receipt.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_read(struct slice bytes)
{
    struct receipt r;
    struct buf out;

    if (receipt_read(bytes, &r) != RC_OK)
        return;
    buf_init(&out, RECEIPT_MAX);
    must(receipt_write(&out, &r) == RC_OK && slice_eq(buf_slice(&out), bytes));
    buf_release(&out);
}

static void check_write(const uint8_t *data, size_t size)
{
    struct receipt r = { .iss = "" }, back;
    struct buf out;

    memcpy(&r, data, size < sizeof r ? size : sizeof r);
    r.revises = size % 2 == 1; /* a bool must not hold any byte */
    r.year = 2000 + (int32_t)((uint32_t)r.year % 8000);
    r.no = 1 + (int64_t)((uint64_t)r.no % 1000000000);
    r.iat = (int64_t)((uint64_t)r.iat % UINT64_C(4102444800));
    r.paid_at = (int64_t)((uint64_t)r.paid_at % UINT64_C(4102444800000000));
    r.amount = 1 + (int64_t)((uint64_t)r.amount % UINT64_C(999999999999));
    r.code_no = (int32_t)((uint32_t)r.code_no % 887503681U);
    buf_init(&out, RECEIPT_MAX);
    if (receipt_write(&out, &r) == RC_OK)
        must(receipt_read(buf_slice(&out), &back) == RC_OK && strcmp(back.org, r.org) == 0 && back.amount == r.amount &&
             back.code_no == r.code_no && back.paid_at == r.paid_at && back.no == r.no && back.revises == r.revises);
    else
        must(out.n == 0); /* the texts were refused, nothing else */
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_read((struct slice){ (const char *)data, size });
    check_write(data, size);
    return 0;
}
