/* The pay page and what belongs to it: its document, the QR symbol, the live stream. */
#include "bank_apps.h"
#include "handlers.h"

#include "khop/api/doc.h"
#include "khop/api/json.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/code.h"
#include "khop/flow/watch.h"
#include "khop/pay/code.h"
#include "khop/pay/money.h"
#include "khop/print/qr.h"
#include "khop/web/pages.h"
#include "khop/web/web.h"

#include <stdio.h>

#include "khop/base/banned.h"

#define SVG_MAX    (256 * 1024)
#define PNG_MAX    (256 * 1024)
#define PNG_PIXELS 480 /* vietqr.md §10: at least, for a phone's gallery */

/* A page lists the newest receipts only: it stays small however long a code is in use. What a stall takes is its own
 * business (product.md §3.11), so the page of its open code shows no more than the last customers need to find theirs. */
#define PAGE_RECEIPTS       20 /* khop.pay_pages reads no more */
#define PAGE_RECEIPTS_STALL 3

static bool has_expired(const struct flow_code *c)
{
    return c->has_expiry && c->expires_us < clock_wall_us();
}

/* --- the document --- */

static json_t *doc_to(const struct flow_code *c)
{
    bool payout = c->has_payee;
    json_t *to = json_object();

    api_set_slice(to, "bin", payout ? c->payee.bin : c->bin);
    api_set_slice(to, "account_no", payout ? c->payee.account_no : c->account_no);
    api_set_slice(to, "holder", payout ? c->payee.name : c->holder);
    return to;
}

static json_t *doc_receipts(const struct flow *f, const struct flow_code *c)
{
    size_t most = c->kind == 'C' && !c->has_amount ? PAGE_RECEIPTS_STALL : PAGE_RECEIPTS;
    json_t *list = json_array();

    for (size_t i = c->nreceipts > most ? c->nreceipts - most : 0; i < c->nreceipts; i++) {
        const struct flow_code_receipt *r = &c->receipts[i];
        char token[TOKEN_SIZE];
        json_t *doc;

        if (r->voided) /* it counts no more, and says so at its own address */
            continue;
        doc = json_object();
        api_token_text(enc_id_bucket(r->id), r->rid, token);
        api_doc_set_number(doc, r->year, r->number);
        json_object_set_new(doc, "amount", json_integer(r->amount));
        api_set_time(doc, "paid_at", true, r->paid_us);
        api_set_url(doc, "url", "%s/r/%s", f->origin, token);
        json_array_append_new(list, doc);
    }
    return list;
}

/* What changes when money comes, and says nothing else: a part of the newest receipt's random id. A page or a stream that
 * told the sum would tell everybody what a stall takes (product.md §3.11). */
void web_receipt_mark(struct slice newest_rid, char out[WEB_MARK_SIZE])
{
    const uint8_t *b = (const uint8_t *)newest_rid.p;

    if (newest_rid.n < 4)
        snprintf(out, WEB_MARK_SIZE, "0");
    else
        snprintf(out, WEB_MARK_SIZE, "%02x%02x%02x%02x", b[0], b[1], b[2], b[3]);
}

static void doc_payer(json_t *doc, const struct flow_code *c)
{
    json_t *payer;

    /* A page without login shows a child's given name only (product.md §4). */
    if (c->payer_name.p == NULL)
        return;
    payer = json_object();
    api_set_slice(payer, "name", web_given_name(c->payer_name));
    api_set_slice(payer, "class", c->payer_class);
    json_object_set_new(doc, "payer", payer);
}

/* Apps by name. The addresses belong to a third party (bank_apps.tsv): they say nothing of whom and how much, and nothing
 * is asked of it before somebody taps. Who pays out sits at the bank's own program. */
static json_t *doc_apps(const struct flow_code *c)
{
    static json_t *all; /* made with the first page, the same in each */

    if (c->has_payee)
        return json_array();
    if (all == NULL) {
        all = json_array();
        for (size_t i = 0; i < sizeof BANK_APPS / sizeof BANK_APPS[0]; i++) {
            json_t *app = json_pack("{s:s}", "name", BANK_APPS[i].name);

            api_set_url(app, "url", "https://dl.vietqr.io/pay?app=%s", BANK_APPS[i].id);
            json_array_append_new(all, app);
        }
    }
    return json_incref(all);
}

static json_t *pay_doc(const struct flow *f, const struct flow_code *c)
{
    char code[CODE_SIZE], memo[FLOW_MEMO_SIZE], payload[VIETQR_ENCODED_MAX], token[TOKEN_SIZE], mark[WEB_MARK_SIZE];
    struct flow_code due = api_code_due(c);
    json_t *doc, *org;

    if (flow_code_memo(c, memo) < 0 || api_code_payload(&due, payload) < 0)
        return NULL;
    code_text(code, c->code_no);
    api_token_text(enc_id_bucket(c->id), c->pay_token, token);
    doc = json_object();
    org = json_object();
    api_set_slice(org, "name", c->org_name);
    json_object_set_new(doc, "org", org);
    doc_payer(doc, c);
    json_object_set_new(doc, "code", json_string(code));
    json_object_set_new(doc, "memo", json_string(memo));
    api_set_slice(doc, "label", c->label);
    json_object_set_new(doc, "direction", json_string(c->has_payee ? "out" : "in"));
    json_object_set_new(doc, "amount", c->has_amount ? json_integer(c->amount) : json_null());
    json_object_set_new(doc, "paid", json_integer(c->has_amount ? c->paid : 0));
    web_receipt_mark(c->nreceipts > 0 ? c->receipts[c->nreceipts - 1].rid : (struct slice){ 0 }, mark);
    json_object_set_new(doc, "mark", json_string(mark));
    api_set_slice(doc, "status", c->status);
    json_object_set_new(doc, "expired", json_boolean(has_expired(c)));
    api_set_date(doc, "due_on", c->has_due, c->due_on);
    json_object_set_new(doc, "to", doc_to(c));
    json_object_set_new(doc, "payload", json_string(payload));
    json_object_set_new(doc, "lines", api_doc_lines(c));
    json_object_set_new(doc, "apps", doc_apps(c));
    json_object_set_new(doc, "receipts", doc_receipts(f, c));
    api_set_url(doc, "page_url", "%s/p/%s", f->origin, token);
    api_set_url(doc, "qr_png", "/p/%s/qr.png", token);
    api_set_url(doc, "events_url", "/p/%s/events", token);
    api_set_url(doc, "json_url", "/p/%s.json", token);
    return doc;
}

static int pay_find(struct req *rq, task_step done)
{
    struct slice random;
    int32_t bucket;
    int rc = web_token(rq, &bucket, &random);

    return rc < 0 ? rc : flow_code_by_pay_token(&rq->task, rq->app, bucket, random, done);
}

static int pay_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_code code;
    int rc = flow_code_read(t, &code);

    return rc < 0 ? rc : web_reply(rq, pay_doc(rq->app, &code), web_pay_page);
}

int web_pay(struct req *rq)
{
    return pay_find(rq, pay_done);
}

static int pay_json_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_code code;
    int rc = flow_code_read(t, &code);

    return rc < 0 ? rc : api_reply(rq, 200, pay_doc(rq->app, &code));
}

int web_pay_json(struct req *rq)
{
    return pay_find(rq, pay_json_done);
}

/* --- the symbol --- */

static int pay_symbol(struct task *t, struct flow_code *due, struct print_qr *qr)
{
    char payload[VIETQR_ENCODED_MAX];
    struct flow_code code;
    int rc = flow_code_read(t, &code);

    if (rc < 0)
        return rc;
    *due = api_code_due(&code);
    if (api_code_payload(due, payload) < 0)
        return RC_INTERNAL;
    return print_qr_make(qr, slice_of(payload), PRINT_QR_M);
}

static int svg_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_code due;
    struct print_qr qr;
    struct buf out;
    int rc = pay_symbol(t, &due, &qr);

    if (rc < 0)
        return rc;
    buf_init_arena(&out, t->arena, SVG_MAX);
    print_qr_svg(&out, &qr, "VietQR");
    print_qr_release(&qr);
    return out.failed ? RC_NOMEM : reply(rq, 200, "image/svg+xml", buf_slice(&out));
}

int web_pay_qr_svg(struct req *rq)
{
    return pay_find(rq, svg_done);
}

static int png_done(struct task *t)
{
    struct req *rq = req_of(t);
    char memo[FLOW_MEMO_SIZE], amount[64] = "";
    struct slice lines[2];
    struct flow_code due;
    struct print_qr qr;
    struct buf out;
    size_t n = 0;
    int rc = pay_symbol(t, &due, &qr);

    if (rc < 0)
        return rc;
    buf_init_arena(&out, t->arena, PNG_MAX);
    if (due.has_amount) {
        char groups[MONEY_TEXT_SIZE];

        money_groups(groups, due.amount);
        snprintf(amount, sizeof amount, "%s VND", groups);
        lines[n++] = slice_of(amount);
    }
    if (flow_code_memo(&due, memo) == RC_OK)
        lines[n++] = slice_of(memo);
    rc = print_qr_png(&out, &qr, PNG_PIXELS, lines, n);
    print_qr_release(&qr);
    return rc < 0 ? rc : reply(rq, 200, "image/png", buf_slice(&out));
}

int web_pay_qr_png(struct req *rq)
{
    return pay_find(rq, png_done);
}

/* --- live --- */

struct live {
    struct flow_watcher watcher;
    struct flow *f;
    struct sse *stream;
};

static void live_closed(struct sse *s, void *arg)
{
    struct live *live = arg;

    (void)s;
    flow_watch_remove(live->f->watch, &live->watcher);
}

static void live_changed(struct flow_watcher *w, const struct flow_watch_state *state)
{
    struct live *live = w->arg;
    char text[128], mark[WEB_MARK_SIZE];

    web_receipt_mark(state->last_rid, mark);
    int n = snprintf(text, sizeof text, "{\"status\":\"%.*s\",\"mark\":\"%s\"}", SLICE_FMT(state->status), mark);

    /* A stream that cannot take it is closed by http, which then calls live_closed. */
    if (n > 0 && (size_t)n < sizeof text)
        (void)!sse_send(live->stream, "status", (struct slice){ text, (size_t)n });
}

static int events_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow *f = rq->app;
    struct flow_code code;
    struct live *live;
    int rc = flow_code_read(t, &code);

    if (rc < 0)
        return rc;
    live = task_state(t, sizeof *live);
    if (live == NULL)
        return RC_NOMEM;
    live->f = f;
    live->watcher = (struct flow_watcher){ .bucket = enc_id_bucket(code.id), .charge_id = code.id, .changed = live_changed,
                                           .arg = live };
    rc = flow_watch_add(f->watch, &live->watcher);
    if (rc < 0)
        return rc;
    db_result_drop(t); /* a stream lasts */
    live->stream = sse_begin(rq, live_closed, live);
    if (live->stream == NULL)
        flow_watch_remove(f->watch, &live->watcher);
    return RC_OK;
}

int web_pay_events(struct req *rq)
{
    return pay_find(rq, events_done);
}
