/* Casso (providers.md (d)). v1: a list of movements behind a plain key, negative amounts go out, all or none is taken.
 * v2: one movement, HMAC-SHA512 over the body made again with the members of every object sorted. */
#include "common.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"

#include "khop/base/banned.h"

#define EPOCH_MS_MAX INT64_C(253402300799999)
#define SIGNED_MAX   (512 << 10)
#define SIGNATURES   4
#define TOLERANCE_MS (PROVIDER_TOLERANCE_S * INT64_C(1000))

/* "error" is 0 in every notice of money; anything else says that this is none. */
static void read_error(struct fields *f, const struct doc *d)
{
    const struct doc_node *error = doc_member(d, d->nodes, "error");

    if (error != NULL && error->kind != DOC_NULL && !(error->kind == DOC_INTEGER && error->value == 0))
        fields_fault(f, "provider_error", false);
}

static void read_amount(struct fields *f, struct notice_event *e)
{
    int64_t amount = fields_signed_amount(f, "amount");

    e->direction = amount < 0 ? NOTICE_OUT : NOTICE_IN;
    e->amount = amount < 0 ? -amount : amount;
}

static int finish_event(struct check *c, struct fields *f, struct notice_event *e)
{
    return f->fault != NULL ? RC_OK : event_hash(c->arena, PROVIDER_CASSO, e->ext_id, SLICE(""), e);
}

/* One element of v1's list. */
static int read_v1(struct check *c, struct fields *f, struct notice_event *e)
{
    e->ext_id = fields_number_id(f, "id");
    read_amount(f, e);
    e->account = fields_id(f, "bank_sub_acc_id", "subAccId", NOTICE_ACCOUNT_MAX, "bad_account");
    e->sub_account = fields_text(f, "virtualAccount", NULL);
    e->reference = fields_text(f, "tid", NULL);
    e->time_us = fields_local_time(f, "when");
    e->memo = fields_text(f, "description", NULL);
    e->counterparty.bin = fields_text(f, "corresponsiveBankId", NULL);
    e->counterparty.account = fields_text(f, "corresponsiveAccount", NULL);
    e->counterparty.name = fields_text(f, "corresponsiveName", NULL);
    fields_balance(f, "cusum_balance", false, e);
    return finish_event(c, f, e);
}

static int decode_v1(struct check *c, const struct doc *d)
{
    const struct doc_node *list = doc_member(d, d->nodes, "data");
    size_t n = list != NULL && list->kind == DOC_ARRAY ? list->count : 0;
    struct fields outer = fields_of(d, d->nodes);
    struct notice_event *events;
    uint32_t at;

    read_error(&outer, d);
    if (outer.fault == NULL && (list == NULL || list->kind != DOC_ARRAY))
        fields_fault(&outer, "missing_field", true);
    if (outer.fault == NULL && n > NOTICE_EVENTS_MAX)
        fields_fault(&outer, "too_many_events", false);
    if (outer.fault != NULL)
        return check_fault(c, &outer, false, SLICE(""));
    if (n == 0)
        return check_ignore(c, "no_events");
    events = arena_array(c->arena, n, sizeof *events);
    if (events == NULL)
        return RC_NOMEM;
    at = list->first;
    for (size_t i = 0; i < n; i++, at = d->nodes[at].next) {
        struct fields f = fields_of(d, &d->nodes[at]);
        int rc = read_v1(c, &f, &events[i]);

        if (f.fault != NULL)
            return check_fault(c, &f, false, events[i].ext_id);
        if (rc != RC_OK)
            return rc;
    }
    return check_accept(c, events, n);
}

int casso_v1_check(struct check *c)
{
    struct slice token;
    struct doc d;
    bool read;
    int rc;

    if (!check_is_json(c) || !check_header(c, "Secure-Token", "no_key", &token))
        return RC_OK;
    rc = prove_plain(c, token);
    if (rc != RC_OK)
        return rc == RC_UNAUTHORIZED ? check_reject(c, 401, "bad_key") : rc;
    rc = check_read(c, &d, true, &read);
    if (!read)
        return rc;
    return d.long_text ? check_hold(c, "text_too_long", SLICE("")) : decode_v1(c, &d);
}

static int decode_v2(struct check *c, const struct doc *d)
{
    const struct doc_node *data = doc_member(d, d->nodes, "data");
    struct notice_event *e = arena_alloc(c->arena, sizeof *e);
    struct fields f = fields_of(d, data);

    if (e == NULL)
        return RC_NOMEM;
    read_error(&f, d);
    if (f.fault == NULL && (data == NULL || data->kind != DOC_OBJECT))
        fields_fault(&f, "missing_field", true);
    e->ext_id = fields_number_id(&f, "id");
    read_amount(&f, e);
    e->account = fields_id(&f, "accountNumber", NULL, NOTICE_ACCOUNT_MAX, "bad_account");
    e->sub_account = fields_text(&f, "virtualAccountNumber", NULL);
    e->reference = fields_text(&f, "reference", NULL);
    e->time_us = fields_local_time(&f, "transactionDateTime");
    e->memo = fields_text(&f, "description", NULL);
    e->counterparty.bin = fields_text(&f, "counterAccountBankId", NULL);
    e->counterparty.account = fields_text(&f, "counterAccountNumber", NULL);
    e->counterparty.name = fields_text(&f, "counterAccountName", NULL);
    fields_balance(&f, "runningBalance", false, e);
    if (f.fault != NULL)
        return check_fault(c, &f, true, e->ext_id);
    int rc = finish_event(c, &f, e);

    return rc == RC_OK ? check_accept(c, e, 1) : rc;
}

int casso_v2_text(const struct doc *d, struct buf *out)
{
    int rc = doc_put_json(d, 0, DOC_SORT_DEEP, out);

    return rc == RC_OK && out->failed ? RC_NOMEM : rc;
}

/* "t=MILLISECONDS,v1=HEX": one t, one or more v1, other names are not ours to judge. */
static bool read_signature(struct slice value, struct slice *time, int64_t *then, struct proof *given, size_t *n)
{
    size_t times = 0;

    *n = 0;
    while (value.n > 0) {
        struct slice part = slice_cut(&value, ','), name;

        part = slice_trim(part);
        name = slice_cut(&part, '=');
        if (slice_is(name, "t")) {
            *time = part;
            times++;
        } else if (slice_is(name, "v1")) {
            if (*n == SIGNATURES || !proof_from_hex(&given[*n], part, SHA512_SIZE))
                return false;
            ++*n;
        }
    }
    return times == 1 && *n > 0 && num_parse(*time, 0, EPOCH_MS_MAX, false, then) == RC_OK;
}

static int prove_v2(struct check *c, const struct doc *d, struct slice signature)
{
    struct proof given[SIGNATURES];
    struct slice time;
    struct buf text;
    int64_t then;
    size_t n;
    int rc;

    if (!read_signature(signature, &time, &then, given, &n))
        return check_reject(c, 401, "bad_signature");
    buf_init_arena(&text, c->arena, SIGNED_MAX);
    rc = casso_v2_text(d, &text);
    if (rc != RC_OK)
        return rc;
    rc = prove_mac(c, (struct slice[]){time, SLICE("."), buf_slice(&text)}, 3, given, n);
    if (rc != RC_OK)
        return rc == RC_UNAUTHORIZED ? check_reject(c, 401, "bad_signature") : rc;
    if (!time_is_near(c->in->now_us / 1000, then, TOLERANCE_MS))
        return check_reject(c, 401, "stale_timestamp");
    return d->long_text ? check_hold(c, "text_too_long", SLICE("")) : decode_v2(c, d);
}

int casso_v2_check(struct check *c)
{
    struct slice signature;
    struct doc d;
    bool read;
    int rc;

    if (!check_is_json(c) || !check_header(c, "X-Casso-Signature", "no_signature", &signature))
        return RC_OK;
    rc = check_read(c, &d, false, &read);
    if (!read)
        return rc;
    return prove_v2(c, &d, signature);
}

int casso_decode(struct check *c, const struct doc *d)
{
    return c->mode == PROVIDER_CASSO_V1 ? decode_v1(c, d) : decode_v2(c, d);
}
