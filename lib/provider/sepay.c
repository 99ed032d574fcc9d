/* SePay (providers.md (c)): one movement a notice, proven by an API key or by HMAC-SHA256 over time and raw body. */
#include "common.h"

#include "khop/base/clock.h"
#include "khop/base/num.h"

#include "khop/base/banned.h"

#define EPOCH_S_MAX INT64_C(253402300799) /* the end of the year 9999 */

/* "Apikey KEY": the word in any case, one space. *proven only if it fits; otherwise the verdict is set. */
static int prove_apikey(struct check *c, bool *proven)
{
    const struct slice word = SLICE("Apikey ");
    struct slice value;
    int rc;

    if (!check_header(c, "Authorization", "no_key", &value))
        return RC_OK;
    if (!slice_eq_nocase(slice_sub(value, 0, word.n), word))
        return check_reject(c, 401, "bad_key");
    rc = prove_plain(c, slice_sub(value, word.n, value.n));
    *proven = rc == RC_OK;
    return rc == RC_UNAUTHORIZED ? check_reject(c, 401, "bad_key") : rc;
}

static int prove_hmac(struct check *c, bool *proven)
{
    const struct slice word = SLICE("sha256=");
    struct slice time, signature;
    struct proof given;
    int64_t then;
    int rc;

    if (!check_header(c, "X-SePay-Signature", "no_signature", &signature) ||
        !check_header(c, "X-SePay-Timestamp", "no_signature", &time))
        return RC_OK;
    if (!slice_starts(signature, word) ||
        !proof_from_hex(&given, slice_sub(signature, word.n, signature.n), SHA256_SIZE) ||
        num_parse(time, 0, EPOCH_S_MAX, false, &then) != RC_OK)
        return check_reject(c, 401, "bad_signature");
    rc = prove_mac(c, (struct slice[]){time, SLICE("."), c->in->body}, 3, &given, 1);
    if (rc == RC_UNAUTHORIZED)
        return check_reject(c, 401, "bad_signature");
    if (rc == RC_OK && !time_is_near(c->in->now_us / CLOCK_US, then, PROVIDER_TOLERANCE_S))
        return check_reject(c, 401, "stale_timestamp");
    *proven = rc == RC_OK;
    return rc;
}

static enum notice_direction direction_of(struct fields *f)
{
    struct slice type = fields_text(f, "transferType", NULL);

    if (slice_is(type, "out"))
        return NOTICE_OUT;
    if (!slice_is(type, "in"))
        fields_fault(f, "bad_direction", false);
    return NOTICE_IN;
}

static int decode(struct check *c, const struct doc *d)
{
    struct notice_event *e = arena_alloc(c->arena, sizeof *e);
    struct fields f = fields_of(d, d->nodes);

    if (e == NULL)
        return RC_NOMEM;
    e->ext_id = fields_number_id(&f, "id");
    e->direction = direction_of(&f);
    e->amount = fields_amount(&f, "transferAmount");
    e->account = fields_id(&f, "accountNumber", NULL, NOTICE_ACCOUNT_MAX, "bad_account");
    e->sub_account = fields_text(&f, "subAccount", NULL);
    e->reference = fields_text(&f, "referenceCode", NULL);
    e->time_us = fields_local_time(&f, "transactionDate");
    e->memo = fields_text(&f, "content", NULL);
    if (e->memo.n == 0)
        e->memo = fields_text(&f, "description", NULL);
    fields_balance(&f, "accumulated", true, e);
    if (f.fault != NULL)
        return check_fault(c, &f, false, e->ext_id);
    int rc = event_hash(c->arena, PROVIDER_SEPAY, e->ext_id, SLICE(""), e);

    return rc == RC_OK ? check_accept(c, e, 1) : rc;
}

static int decode_form(struct check *c, bool parts)
{
    static const char *const numbers[] = {"id", "transferAmount", "accumulated", NULL};
    struct doc d;
    size_t count;
    int rc = parts ? form_read_parts(&d, c->arena, c->in->header(c->in->headers, "Content-Type", &count), c->in->body, numbers)
                   : form_read(&d, c->arena, c->in->body, numbers);

    if (rc != RC_OK)
        return rc == RC_BAD_INPUT ? check_hold(c, "bad_form", SLICE("")) : rc;
    return decode(c, &d);
}

static int decode_json(struct check *c)
{
    struct doc d;
    bool read;
    int rc = check_read(c, &d, true, &read);

    if (!read)
        return rc;
    return d.long_text ? check_hold(c, "text_too_long", SLICE("")) : decode(c, &d);
}

int sepay_check(struct check *c)
{
    enum media media = check_media(c);
    bool proven = false;
    int rc;

    if (media == MEDIA_OTHER)
        return check_reject(c, 415, "content_type");
    rc = c->mode == PROVIDER_SEPAY_HMAC ? prove_hmac(c, &proven) : prove_apikey(c, &proven);
    if (!proven)
        return rc;
    return media == MEDIA_JSON ? decode_json(c) : decode_form(c, media == MEDIA_PARTS);
}
