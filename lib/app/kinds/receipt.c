/* Kind "receipt": one receipt as a PDF in the layout of C45-BB; the public version, or the desk's with the payer and what it was for. */
#include "kinds.h"

#include "khop/api/doc.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/receipt.h"
#include "khop/pay/code.h"
#include "khop/pay/receipt.h"
#include "khop/print/receipt.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define HOW_SIZE 400

static struct slice or_empty(struct slice s)
{
    return s.p == NULL ? SLICE("") : s;
}

static void how_text(char out[HOW_SIZE], const struct flow_receipt_sheet *c)
{
    struct civil paid = clock_civil(c->paid_us, CLOCK_VN_OFFSET_S);

    snprintf(out, HOW_SIZE, "Chuyển khoản lúc %02d:%02d ngày %02d/%02d/%04d%s%.*s", paid.hour, paid.minute, paid.day, paid.month, paid.year,
             c->reference.n > 0 ? ", số giao dịch ngân hàng " : "", c->reference.n > 200 ? 200 : (int)c->reference.n, c->reference.n > 0 ? c->reference.p : "");
}

static int write_paper(struct task *t, const struct flow_receipt_sheet *c, struct print_fonts *fonts)
{
    char code[CODE_SIZE], how[HOW_SIZE], book[16], token[TOKEN_SIZE], *url, *name, *reason;
    struct receipt_paper paper;
    int rc;

    code_text(code, c->code_no);
    how_text(how, c);
    snprintf(book, sizeof book, "%d", (int)c->year);
    api_token_text(job_lease(t)->bucket, c->rid, token);
    url = arena_printf(t->arena, "%.*s/r/%s", SLICE_FMT(c->iss), token);
    name = arena_printf(t->arena, "Biên lai %d-%06lld.pdf", (int)c->year, (long long)c->number);
    /* What it was for is free text: not for everybody who has the address (security.md §6). */
    reason = c->desk && c->label.n > 0 ? arena_printf(t->arena, "%.*s", SLICE_FMT(c->label)) : arena_printf(t->arena, "Theo mã thanh toán %s", code);
    if (url == NULL || name == NULL || reason == NULL)
        return RC_NOMEM;
    paper = (struct receipt_paper){
        .unit = or_empty(c->unit),
        .unit_code = or_empty(c->budget_code),
        .unit_address = or_empty(c->address),
        .form = or_empty(c->form),
        .circular = or_empty(c->circular),
        .book = slice_of(book),
        .number = c->number,
        .day = clock_day(c->issued_us, CLOCK_VN_OFFSET_S),
        .payer = or_empty(c->payer),
        .address = or_empty(c->payer_address),
        .outgoing = c->outgoing,
        .reason = slice_of(reason),
        .amount = c->amount,
        .how = slice_of(how),
        .code = slice_of(code),
        .collector = or_empty(c->collector),
        .url = slice_of(url),
        .key = or_empty(c->kid),
        .reprint = c->again,
        .voided = c->voided,
        .void_reason = or_empty(c->void_reason),
        .copies = c->copies,
        .made_us = c->issued_us,
    };
    rc = job_out_open(t, slice_of(name), "application/pdf");
    return rc < 0 ? rc : receipt_paper_write(&paper, fonts, (struct print_sink){ job_out_write, job_out_sink(t) });
}

static int content_read(struct task *t)
{
    struct flow_receipt_sheet content;
    struct print_fonts *fonts;
    int rc = flow_receipt_sheet_read(t, &content);

    if (rc == RC_NOT_FOUND) {
        job_fault(t, 0, "", "not_found", "There is no such receipt.");
        return job_fail(t);
    }
    if (rc == RC_OK)
        rc = job_fonts(&fonts);
    if (rc == RC_OK)
        rc = write_paper(t, &content, fonts);
    return rc < 0 ? rc : job_done(t, (struct slice){ 0 });
}

static int begin(struct task *t)
{
    return flow_receipt_sheet(t, job_db(t), job_lease(t), content_read);
}

const struct job_kind kind_receipt = { .name = "receipt", .begin = begin };
