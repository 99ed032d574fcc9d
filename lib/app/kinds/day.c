/* Kind "day": the sheet of a day as a PDF, from the text that was sealed, or from the figures as they stand (sql/functions/day_sheet.sql). */
#include "kinds.h"

#include "khop/api/json.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/day_paper.h"
#include "khop/flow/report.h"
#include "khop/pay/receipt.h"
#include "khop/print/day.h"
#include "khop/web/locale.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define RECEIPTS_SIZE 300
#define KEY_SIZE      64

static int64_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static struct slice text_of(const json_t *object, const char *name)
{
    const json_t *text = json_object_get(object, name);

    return json_is_string(text) ? (struct slice){ json_string_value(text), json_string_length(text) } : SLICE("");
}

static int read_accounts(struct task *t, const json_t *sheet, struct day_paper *out)
{
    const json_t *list = json_object_get(sheet, "accounts");
    size_t n = json_array_size(list);
    struct day_account *accounts = arena_array(t->arena, n + 1, sizeof *accounts);

    if (accounts == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const json_t *a = json_array_get(list, i);
        const char *no = arena_printf(t->arena, "%lld", (long long)number_of(a, "account"));

        if (no == NULL)
            return RC_NOMEM;
        accounts[i] = (struct day_account){ .no = slice_of(no), .name = report_bank_name(t->arena, text_of(a, "name")), .opening = number_of(a, "opening"),
                                            .debit = number_of(a, "debit"), .credit = number_of(a, "credit"), .closing = number_of(a, "closing") };
    }
    out->accounts = accounts;
    out->naccounts = n;
    return RC_OK;
}

static int read_items(struct task *t, const json_t *sheet, struct day_paper *out)
{
    const json_t *open = json_object_get(sheet, "open"), *list = json_object_get(open, "items");
    size_t n = json_array_size(list);
    struct day_item *items = arena_array(t->arena, n + 1, sizeof *items);

    if (items == NULL)
        return RC_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        char key[KEY_SIZE], *id = arena_alloc(t->arena, ENC_ID_SIZE);

        if (id == NULL)
            return RC_NOMEM;
        enc_id(id, "exc", number_of(item, "id"));
        snprintf(key, sizeof key, "reason.%.*s", SLICE_FMT(text_of(item, "reason")));
        items[i] = (struct day_item){ .ref = slice_of(id), .held = number_of(item, "held"),
                                      .reason = locale_find(slice_of(key)) < 0 ? text_of(item, "reason") : slice_of(locale_get(0, key)) };
    }
    out->items = items;
    out->nitems = n;
    out->open_count = number_of(open, "n");
    out->open_held = number_of(open, "held");
    return RC_OK;
}

/* "2026/000001 – 2026/000042 (42)", a book after the other. */
static int read_receipts(struct task *t, const json_t *sheet, struct day_paper *out)
{
    const json_t *list = json_object_get(sheet, "receipts");
    struct buf b;

    buf_init_arena(&b, t->arena, RECEIPTS_SIZE);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *r = json_array_get(list, i);
        char first[RECEIPT_NO_SIZE], last[RECEIPT_NO_SIZE];
        int32_t year = (int32_t)number_of(r, "year");

        if (receipt_no_text(first, year, number_of(r, "first")) < 0 || receipt_no_text(last, year, number_of(r, "last")) < 0)
            return RC_INTERNAL;
        buf_printf(&b, "%s%s – %s (%lld)", i > 0 ? "; " : "", first, last, (long long)number_of(r, "n"));
    }
    out->receipts = b.n > 0 ? buf_slice(&b) : SLICE("");
    return b.failed ? RC_NOMEM : RC_OK;
}

static int hex_of(struct task *t, struct slice bytes, struct slice *out)
{
    struct buf b;

    buf_init_arena(&b, t->arena, 2 * bytes.n + 1);
    enc_hex(&b, bytes.p, bytes.n);
    *out = bytes.n > 0 ? buf_slice(&b) : SLICE("");
    return b.failed ? RC_NOMEM : RC_OK;
}

static struct slice or_empty(struct slice s)
{
    return s.p == NULL ? SLICE("") : s;
}

static int write_paper(struct task *t, const struct flow_day_paper *day, const json_t *sheet, struct print_fonts *fonts)
{
    const json_t *transfers = json_object_get(sheet, "transfers");
    struct day_paper paper = {
        .unit = or_empty(day->unit), .unit_code = or_empty(day->budget_code), .from = day->from, .day = day->day, .closed = day->closed, .version = day->version,
        .closed_by = or_empty(day->closed_by), .approved_by = or_empty(day->approved_by), .closed_us = day->closed_us,
        .entries = number_of(transfers, "n"), .first_seq = number_of(transfers, "first"), .last_seq = number_of(transfers, "last"),
        .chain = text_of(json_object_get(sheet, "journal"), "chain"), .made_us = day->closed ? day->closed_us : clock_wall_us(),
    };
    char date[CLOCK_DATE_SIZE], *name;
    int rc = read_accounts(t, sheet, &paper);

    if (rc == RC_OK)
        rc = read_items(t, sheet, &paper);
    if (rc == RC_OK)
        rc = read_receipts(t, sheet, &paper);
    if (rc == RC_OK)
        rc = hex_of(t, day->seal, &paper.seal);
    if (rc < 0)
        return rc;
    clock_date_text(date, day->day);
    name = day->closed ? arena_printf(t->arena, "Khóa sổ %s bản %d.pdf", date, (int)day->version) : arena_printf(t->arena, "Trong ngày %s.pdf", date);
    rc = name == NULL ? RC_NOMEM : job_out_open(t, slice_of(name), "application/pdf");
    return rc < 0 ? rc : day_paper_write(&paper, fonts, (struct print_sink){ job_out_write, job_out_sink(t) });
}

static int day_read(struct task *t)
{
    struct flow_day_paper day;
    struct print_fonts *fonts;
    json_t *sheet;
    int rc = flow_day_paper_read(t, &day);

    if (rc == RC_NOT_FOUND) {
        job_fault(t, 0, "", "not_found", "There are no books of this day.");
        return job_fail(t);
    }
    if (rc == RC_OK)
        rc = job_fonts(&fonts);
    if (rc < 0)
        return rc;
    sheet = json_loadb(day.sheet.p, day.sheet.n, 0, NULL);
    rc = sheet == NULL ? RC_INTERNAL : write_paper(t, &day, sheet, fonts);
    json_decref(sheet);
    return rc < 0 ? rc : job_done(t, (struct slice){ 0 });
}

static int begin(struct task *t)
{
    return flow_day_paper(t, job_db(t), job_lease(t), day_read);
}

const struct job_kind kind_day = { .name = "day", .begin = begin };
