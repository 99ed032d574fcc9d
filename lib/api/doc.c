#include "khop/api/doc.h"

#include "khop/api/json.h"
#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/flow/settle.h"
#include "khop/pay/code.h"
#include "khop/pay/memo.h"
#include "khop/pay/receipt.h"
#include "khop/pay/token.h"
#include "khop/provider/provider.h"
#include "vietqr.h"

#include "khop/base/banned.h"

void api_token_text(int32_t bucket, struct slice random16, char out[TOKEN_SIZE])
{
    if (random16.n != TOKEN_RANDOM_SIZE || token_text(out, bucket, (const uint8_t *)random16.p) < 0)
        out[0] = '\0';
}


struct flow_code api_code_due(const struct flow_code *c)
{
    struct flow_code due = *c;

    if (c->has_amount && c->paid > 0 && c->paid < c->amount)
        due.amount = c->amount - c->paid;
    return due;
}

int api_code_payload(const struct flow_code *c, char out[VIETQR_ENCODED_MAX])
{
    bool payout = c->has_payee;
    struct slice bin = payout ? c->payee.bin : c->bin, account = payout ? c->payee.account_no : c->account_no;
    char memo[FLOW_MEMO_SIZE];
    struct vietqr code;

    vietqr_init(&code);
    if (bin.n >= sizeof code.bin || account.n >= sizeof code.account || flow_code_memo(c, memo) < 0)
        return RC_BAD_INPUT;
    memcpy(code.bin, bin.p, bin.n);
    memcpy(code.account, account.p, account.n);
    code.has_amount = c->has_amount;
    code.amount = c->amount;
    code.additional[VIETQR_PURPOSE] = (struct vietqr_text){ memo, strlen(memo) };
    return vietqr_encode(&code, out, VIETQR_ENCODED_MAX, NULL, NULL) == VIETQR_OK ? RC_OK : RC_BAD_INPUT;
}

static void doc_receipt_urls(json_t *doc, const struct flow *f, int32_t bucket, struct slice rid)
{
    char token[TOKEN_SIZE];

    api_token_text(bucket, rid, token);
    api_set_url(doc, "url", "%s/r/%s", f->origin, token);
    api_set_url(doc, "jws_url", "%s/r/%s.jws", f->origin, token);
    api_set_url(doc, "json_url", "%s/r/%s.json", f->origin, token);
    api_set_url(doc, "pdf_url", "%s/r/%s.pdf", f->origin, token);
}

void api_doc_set_number(json_t *doc, int32_t year, int64_t number)
{
    char text[RECEIPT_NO_SIZE];

    if (receipt_no_text(text, year, number) == RC_OK)
        json_object_set_new(doc, "number", json_string(text));
}

static json_t *doc_code_receipts(const struct flow *f, const struct flow_code *c)
{
    json_t *list = json_array();

    for (size_t i = 0; i < c->nreceipts; i++) {
        const struct flow_code_receipt *r = &c->receipts[i];
        json_t *doc = json_object();

        api_doc_set_number(doc, r->year, r->number);
        api_set_id(doc, "id", "rcp", r->id);
        json_object_set_new(doc, "amount", json_integer(r->amount));
        api_set_time(doc, "paid_at", true, r->paid_us);
        json_object_set_new(doc, "voided", json_boolean(r->voided));
        doc_receipt_urls(doc, f, enc_id_bucket(r->id), r->rid);
        json_array_append_new(list, doc);
    }
    return list;
}

static json_t *doc_payer(const struct flow_code *c)
{
    if (c->payer_ref.p == NULL && c->payer_name.p == NULL && c->payer_class.p == NULL)
        return json_null();
    json_t *doc = json_object();

    api_set_slice(doc, "ref", c->payer_ref);
    api_set_slice(doc, "name", c->payer_name);
    api_set_slice(doc, "class", c->payer_class);
    return doc;
}

static json_t *doc_payee(const struct flow_code *c)
{
    if (!c->has_payee)
        return json_null();
    json_t *doc = json_object();

    api_set_slice(doc, "bin", c->payee.bin);
    api_set_slice(doc, "account_no", c->payee.account_no);
    api_set_slice(doc, "name", c->payee.name);
    return doc;
}

/* The database keeps them as [label, amount]. */
json_t *api_doc_lines(const struct flow_code *c)
{
    json_t *stored = c->lines.n == 0 ? NULL : json_loadb(c->lines.p, c->lines.n, 0, NULL), *line;
    json_t *list = json_array();
    size_t i;

    json_array_foreach(stored, i, line)
        json_array_append_new(list, json_pack("{s:O, s:O}", "label", json_array_get(line, 0), "amount", json_array_get(line, 1)));
    json_decref(stored);
    return list;
}

json_t *api_doc_code(const struct flow *f, const struct flow_code *c)
{
    char code[CODE_SIZE], memo[FLOW_MEMO_SIZE], payload[VIETQR_ENCODED_MAX], token[TOKEN_SIZE];
    struct flow_code due = api_code_due(c);
    json_t *doc = json_object();

    if (doc == NULL || flow_code_memo(c, memo) < 0 || api_code_payload(&due, payload) < 0) {
        json_decref(doc);
        return NULL;
    }
    code_text(code, c->code_no);
    api_token_text(enc_id_bucket(c->id), c->pay_token, token);
    api_set_id(doc, "id", "cod", c->id);
    json_object_set_new(doc, "code", json_string(code));
    api_set_slice(doc, "kind", flow_kind_name(&f->kinds, &c->kind));
    api_set_slice(doc, "status", c->status);
    json_object_set_new(doc, "amount", c->has_amount ? json_integer(c->amount) : json_null());
    json_object_set_new(doc, "paid", json_integer(c->paid));
    json_object_set_new(doc, "credit_used", json_integer(c->credit_used));
    json_object_set_new(doc, "remaining", c->has_amount ? json_integer(c->paid < c->amount ? c->amount - c->paid : 0) : json_null());
    json_object_set_new(doc, "currency", json_string("VND"));
    api_set_slice(doc, "label", c->label);
    json_object_set_new(doc, "memo", json_string(memo));
    api_set_id(doc, "account", "acc", c->account_id);
    json_object_set_new(doc, "payer", doc_payer(c));
    api_set_id(doc, "payer_id", "pyr", c->payer_id);
    json_object_set_new(doc, "payee", doc_payee(c));
    json_object_set_new(doc, "lines", api_doc_lines(c));
    api_set_date(doc, "due_on", c->has_due, c->due_on);
    api_set_time(doc, "expires_at", c->has_expiry, c->expires_us);
    json_object_set_new(doc, "payload", json_string(payload));
    api_set_url(doc, "pay_url", "%s/p/%s", f->origin, token);
    api_set_url(doc, "qr_svg", "%s/p/%s/qr.svg", f->origin, token);
    api_set_url(doc, "qr_png", "%s/p/%s/qr.png", f->origin, token);
    api_set_time(doc, "created_at", true, c->created_us);
    json_object_set_new(doc, "receipts", doc_code_receipts(f, c));
    return doc;
}

static json_t *doc_receipt_base(const struct flow *f, const struct flow_receipt *r)
{
    const struct flow_kind *kind = flow_kind_of(&f->kinds, r->kind);
    char code[CODE_SIZE];
    json_t *doc = json_object();

    api_doc_set_number(doc, r->year, r->number);
    code_text(code, r->code_no);
    json_object_set_new(doc, "amount", json_integer(r->amount));
    json_object_set_new(doc, "currency", json_string("VND"));
    json_object_set_new(doc, "code", json_string(code));
    api_set_slice(doc, "kind", flow_kind_name(&f->kinds, &r->kind));
    json_object_set_new(doc, "direction", json_string(kind != NULL && kind->out ? "out" : "in"));
    json_object_set_new(doc, "org", json_pack("{s:s%, s:s%}", "code", r->org_code.p, r->org_code.n, "name", r->org_name.p,
                                              r->org_name.n));
    api_set_time(doc, "paid_at", true, r->paid_us);
    api_set_time(doc, "issued_at", true, r->issued_us);
    json_object_set_new(doc, "voided", json_boolean(r->voided));
    api_set_slice(doc, "kid", r->kid);
    doc_receipt_urls(doc, f, r->bucket, r->rid);
    return doc;
}

json_t *api_doc_receipt(const struct flow *f, const struct flow_receipt *r)
{
    json_t *doc = doc_receipt_base(f, r);

    api_set_id(doc, "id", "rcp", r->id);
    api_set_id(doc, "code_id", "cod", r->code_id);
    api_set_slice(doc, "label", r->label);
    api_set_slice(doc, "reference", r->reference);
    return doc;
}

json_t *api_doc_receipt_public(const struct flow *f, const struct flow_receipt *r)
{
    return doc_receipt_base(f, r);
}

json_t *api_doc_account(const struct flow_account *a)
{
    json_t *doc = json_object();

    api_set_id(doc, "id", "acc", a->id);
    api_set_slice(doc, "bin", a->bin);
    api_set_slice(doc, "account_no", a->account_no);
    api_set_slice(doc, "holder", a->holder);
    json_object_set_new(doc, "ledger_no", json_integer(a->ledger_no));
    api_set_time(doc, "created_at", true, a->created_us);
    return doc;
}

json_t *api_doc_exception(const struct flow_exception *e)
{
    char code[CODE_SIZE];
    json_t *doc = json_object();

    api_set_id(doc, "id", "exc", e->id);
    api_set_slice(doc, "reason", e->reason);
    api_set_slice(doc, "state", e->state);
    /* Of a notice that could not be read neither is known. */
    json_object_set_new(doc, "direction", e->direction == 0 ? json_null() : json_string(e->direction == 2 ? "out" : "in"));
    json_object_set_new(doc, "amount", e->amount == 0 ? json_null() : json_integer(e->amount));
    json_object_set_new(doc, "held", json_integer(e->held));
    json_object_set_new(doc, "currency", json_string("VND"));
    api_set_id(doc, "account", "acc", e->account_id);
    api_set_id(doc, "code_id", "cod", e->code_id);
    if (e->code_id != 0) {
        code_text(code, e->code_no);
        json_object_set_new(doc, "code", json_string(code));
    } else {
        json_object_set_new(doc, "code", json_null());
    }
    json_object_set_new(doc, "provider", e->provider == 0 ? json_null() : json_string(provider_name(e->provider)));
    api_set_slice(doc, "ext_id", e->ext_id);
    api_set_slice(doc, "memo", e->memo);
    api_set_time(doc, "opened_at", true, e->opened_us);
    json_object_set_new(doc, "age_days", json_integer((clock_wall_us() - e->opened_us) / (INT64_C(86400) * 1000000)));
    return doc;
}
