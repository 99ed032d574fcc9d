/* Standard Webhooks 1.0.0 (providers.md (f)) with the type bank.transaction of design.md §8, for banks without a format
 * of their own. Signed are id, time and the raw body; a sender that rotates keys sends several signatures. */
#include "common.h"

#include "khop/base/clock.h"
#include "khop/base/enc.h"
#include "khop/base/num.h"

#include "khop/base/banned.h"

#define EPOCH_S_MAX    INT64_C(253402300799)
#define SIGNATURES_MAX 6 /* of our version */

/* The signatures of one version in the header; others are skipped, so are entries that are none. RC_TOO_LARGE: too
 * many. */
static int read_signatures(struct slice header, struct slice version, size_t size, struct proof *given, size_t *n)
{
    *n = 0;
    while (header.n > 0) {
        struct slice entry = slice_cut(&header, ' '), name = slice_cut(&entry, ',');

        if (!slice_eq(name, version))
            continue;
        if (*n == SIGNATURES_MAX)
            return RC_TOO_LARGE;
        if (dec_base64(entry, given[*n].bytes, sizeof given->bytes, &given[*n].n) == RC_OK && given[*n].n == size)
            ++*n;
    }
    return RC_OK;
}

static int prove_ed25519(struct check *c, const struct slice *parts, size_t n_parts, const struct proof *given,
                         size_t n)
{
    struct buf text;

    buf_init_arena(&text, c->arena, 256 << 10);
    for (size_t i = 0; i < n_parts; i++)
        buf_put_slice(&text, parts[i]);
    if (text.failed)
        return RC_NOMEM;
    for (size_t i = 0; i < c->n_secrets; i++) {
        for (size_t k = 0; k < n; k++) {
            if (ed25519_verify(c->secrets[i]->key, buf_slice(&text), given[k].bytes) && c->v->secret < 0)
                c->v->secret = (int)i;
        }
    }
    return c->v->secret < 0 ? RC_UNAUTHORIZED : RC_OK;
}

/* Visible ASCII without a dot: an id that could end somewhere else would move what is signed, and it is stored as text.
 */
static bool id_is_sound(struct slice id)
{
    for (size_t i = 0; i < id.n; i++) {
        if (id.p[i] <= ' ' || id.p[i] > '~' || id.p[i] == '.')
            return false;
    }
    return id.n <= NOTICE_ID_MAX;
}

static int prove(struct check *c, struct slice *id, bool *proven)
{
    bool hmac = c->mode == PROVIDER_STANDARD_HMAC;
    struct proof given[SIGNATURES_MAX];
    struct slice time, signatures;
    int64_t then;
    size_t n;
    int rc;

    if (!check_header(c, "Webhook-Signature", "no_signature", &signatures) ||
        !check_header(c, "Webhook-Id", "no_signature", id) ||
        !check_header(c, "Webhook-Timestamp", "no_signature", &time))
        return RC_OK;
    if (!id_is_sound(*id) || num_parse(time, 0, EPOCH_S_MAX, false, &then) != RC_OK)
        return check_reject(c, 401, "bad_signature");
    rc = hmac ? read_signatures(signatures, SLICE("v1"), SHA256_SIZE, given, &n)
              : read_signatures(signatures, SLICE("v1a"), ED25519_SIG_SIZE, given, &n);
    if (rc != RC_OK)
        return check_reject(c, 400, "too_many_signatures");
    struct slice parts[] = {*id, SLICE("."), time, SLICE("."), c->in->body};

    rc = hmac ? prove_mac(c, parts, 5, given, n) : prove_ed25519(c, parts, 5, given, n);
    if (rc != RC_OK)
        return rc == RC_UNAUTHORIZED ? check_reject(c, 401, "bad_signature") : rc;
    if (!time_is_near(c->in->now_us / CLOCK_US, then, PROVIDER_TOLERANCE_S))
        return check_reject(c, 401, "stale_timestamp");
    *proven = true;
    return RC_OK;
}

static enum notice_direction read_direction(struct fields *f)
{
    struct slice direction = fields_text(f, "direction", NULL);

    if (slice_is(direction, "out"))
        return NOTICE_OUT;
    if (!slice_is(direction, "in"))
        fields_fault(f, "bad_direction", false);
    return NOTICE_IN;
}

static void read_counterparty(struct fields *f, struct notice_event *e)
{
    const struct doc_node *value = fields_get(f, "counterparty", NULL);
    struct fields sub = fields_of(f->doc, value);

    if (value == NULL)
        return;
    if (value->kind != DOC_OBJECT)
        fields_fault(f, "bad_field", true);
    e->counterparty.bin = fields_text(&sub, "bin", NULL);
    e->counterparty.account = fields_text(&sub, "account_no", NULL);
    e->counterparty.name = fields_text(&sub, "name", NULL);
    if (sub.rc != RC_OK)
        f->rc = sub.rc;
    if (sub.fault != NULL)
        fields_fault(f, sub.fault, sub.missing);
}

/* The movement's own id is the event's key, not the message's: a bank that sends one movement in two messages would else be booked twice, and
 * nobody would see it. The other way round, two movements under one id, the second differs, is held and shown to a person. */
static int decode(struct check *c, const struct doc *d, const struct doc_node *data, struct slice id)
{
    struct notice_event *e = arena_alloc(c->arena, sizeof *e);
    struct fields f = fields_of(d, data);

    if (e == NULL)
        return RC_NOMEM;
    e->ext_id = fields_id(&f, "id", NULL, NOTICE_ID_MAX, "bad_id");
    e->direction = read_direction(&f);
    e->amount = fields_amount(&f, "amount");
    e->account = fields_id(&f, "account_no", NULL, NOTICE_ACCOUNT_MAX, "bad_account");
    e->time_us = fields_local_time(&f, "paid_at");
    e->memo = fields_text(&f, "memo", NULL);
    e->reference = fields_text(&f, "reference", NULL);
    if (e->reference.n == 0)
        e->reference = e->ext_id;
    fields_balance(&f, "balance", false, e);
    read_counterparty(&f, e);
    if (doc_member(d, data, "currency") != NULL && !slice_is(fields_text(&f, "currency", NULL), "VND"))
        fields_fault(&f, "bad_currency", false);
    if (f.fault != NULL)
        return check_fault(c, &f, false, e->ext_id.n > 0 ? e->ext_id : id);
    int rc = event_hash(c->arena, PROVIDER_STANDARD, e->ext_id, SLICE(""), e);

    return rc == RC_OK ? check_accept(c, e, 1) : rc;
}

static int check_body(struct check *c, const struct doc *d, struct slice id)
{
    const struct doc_node *type = doc_member(d, d->nodes, "type"), *data = doc_member(d, d->nodes, "data");

    if (type == NULL || type->kind != DOC_STRING)
        return check_hold(c, "missing_field", id);
    if (!slice_is(type->text, "bank.transaction"))
        return check_ignore(c, "other_type");
    if (d->long_text)
        return check_hold(c, "text_too_long", id);
    return data != NULL && data->kind == DOC_OBJECT ? decode(c, d, data, id) : check_hold(c, "missing_field", id);
}

int standard_check(struct check *c)
{
    struct slice id = SLICE("");
    bool proven = false, read;
    struct doc d;
    int rc;

    if (!check_is_json(c))
        return RC_OK;
    rc = prove(c, &id, &proven);
    if (!proven)
        return rc;
    rc = check_read(c, &d, true, &read);
    if (!read)
        return rc;
    return check_body(c, &d, id);
}

int standard_decode(struct check *c, const struct doc *d)
{
    return check_body(c, d, SLICE(""));
}
