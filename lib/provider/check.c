/* The order of every check: may this mode come over this wire, then the format's own proof, then what it says. */
#include "common.h"

#include "khop/base/banned.h"

int check_accept(struct check *c, struct notice_event *events, size_t n)
{
    c->v->kind = NOTICE_ACCEPT;
    c->v->reason = "ok";
    c->v->events = events;
    c->v->n = n;
    return RC_OK;
}

int check_hold(struct check *c, const char *reason, struct slice ext_id)
{
    c->v->kind = NOTICE_HOLD;
    c->v->reason = reason;
    c->v->ext_id = ext_id;
    return RC_OK;
}

int check_ignore(struct check *c, const char *reason)
{
    c->v->kind = NOTICE_IGNORE;
    c->v->reason = reason;
    return RC_OK;
}

int check_reject(struct check *c, int status, const char *reason)
{
    c->v->kind = NOTICE_REJECT;
    c->v->reason = reason;
    c->v->status = status;
    return RC_OK;
}

bool check_header(struct check *c, const char *name, const char *reason, struct slice *value)
{
    size_t count = 0;

    *value = c->in->header(c->in->headers, name, &count);
    if (count > 1) {
        check_reject(c, 400, "repeated_header");
        return false;
    }
    if (count == 0 || value->p == NULL || value->n == 0) {
        check_reject(c, 401, reason);
        return false;
    }
    return true;
}

enum media check_media(const struct check *c)
{
    size_t count = 0;
    struct slice coding = c->in->header(c->in->headers, "Content-Encoding", &count);

    if (count > 0 && !slice_eq_nocase(coding, SLICE("identity")))
        return MEDIA_OTHER;
    struct slice value = c->in->header(c->in->headers, "Content-Type", &count);

    if (count > 1)
        return MEDIA_OTHER;
    if (count == 0)
        return MEDIA_JSON;
    struct slice type = slice_trim(slice_cut(&value, ';')), parameter = slice_trim(value);

    if (slice_eq_nocase(type, SLICE("multipart/form-data")))
        return MEDIA_PARTS; /* its parameter is the boundary */

    if (parameter.n > 0 && !slice_eq_nocase(parameter, SLICE("charset=utf-8")) &&
        !slice_eq_nocase(parameter, SLICE("charset=\"utf-8\"")))
        return MEDIA_OTHER;
    if (slice_eq_nocase(type, SLICE("application/json")))
        return MEDIA_JSON;
    return slice_eq_nocase(type, SLICE("application/x-www-form-urlencoded")) ? MEDIA_FORM : MEDIA_OTHER;
}

bool check_is_json(struct check *c)
{
    if (check_media(c) == MEDIA_JSON)
        return true;
    check_reject(c, 415, "content_type");
    return false;
}

int check_fault(struct check *c, const struct fields *f, bool parsed_first, struct slice ext_id)
{
    if (f->rc != RC_OK)
        return f->rc;
    if (parsed_first && f->missing)
        return check_reject(c, 400, f->fault);
    return check_hold(c, f->fault, ext_id);
}

int check_read(struct check *c, struct doc *d, bool proven, bool *read)
{
    int rc = doc_read_large(d, c->arena, c->in->body, c->mode == PROVIDER_CASSO_V1 ? DOC_LIST_VALUES_MAX : DOC_VALUES_MAX);

    *read = rc == RC_OK;
    if (rc != RC_BAD_INPUT)
        return rc;
    return proven ? check_hold(c, "not_json", (struct slice){"", 0}) : check_reject(c, 400, "not_json");
}

bool time_is_near(int64_t now, int64_t then, int64_t tolerance)
{
    return now - then <= tolerance && then - now <= tolerance;
}

static int check_format(struct check *c)
{
    switch ((enum provider_mode)c->mode) {
    case PROVIDER_SEPAY_APIKEY:
    case PROVIDER_SEPAY_HMAC:
        return sepay_check(c);
    case PROVIDER_CASSO_V1:
        return casso_v1_check(c);
    case PROVIDER_CASSO_V2:
        return casso_v2_check(c);
    case PROVIDER_PAYOS_WEBHOOK:
        return payos_check(c);
    case PROVIDER_VIETQRVN_TOKEN:
        return vietqrvn_check(c);
    case PROVIDER_STANDARD_HMAC:
    case PROVIDER_STANDARD_ED25519:
        return standard_check(c);
    }
    return RC_INTERNAL;
}

int provider_check(int mode, struct provider_secret *const *secrets, size_t n_secrets, const struct notice_in *in,
                   struct arena *arena, struct notice_verdict *v)
{
    struct check c = {mode, secrets, n_secrets, in, arena, v};

    *v = (struct notice_verdict){.kind = NOTICE_REJECT, .reason = "unknown_mode", .secret = -1};
    if (n_secrets > PROVIDER_SECRETS_MAX)
        return RC_INTERNAL;
    for (size_t i = 0; i < n_secrets; i++) {
        if (secrets[i] == NULL || secrets[i]->mode != mode)
            return RC_INTERNAL;
    }
    /* A key that whoever reads the wire could use again is not taken from an open one. */
    if (provider_mode_is_bearer(mode) && !in->secure && !in->loopback)
        return check_reject(&c, 401, "insecure_transport");
    return check_format(&c);
}

int provider_reread(int mode, struct slice body, struct arena *arena, struct notice_verdict *v)
{
    const struct notice_in in = {.body = body};
    struct check c = {mode, NULL, 0, &in, arena, v};
    struct doc d;
    bool read;
    int rc;

    *v = (struct notice_verdict){.kind = NOTICE_IGNORE, .reason = "no_payer", .secret = -1};
    rc = check_read(&c, &d, true, &read);
    if (!read)
        return rc;
    switch ((enum provider_mode)mode) {
    case PROVIDER_CASSO_V1:
    case PROVIDER_CASSO_V2:
        rc = casso_decode(&c, &d);
        break;
    case PROVIDER_PAYOS_WEBHOOK:
        rc = payos_decode(&c, &d);
        break;
    case PROVIDER_STANDARD_HMAC:
    case PROVIDER_STANDARD_ED25519:
        rc = standard_decode(&c, &d);
        break;
    default:
        break;
    }
    return rc;
}

size_t provider_modes_with_payer(int16_t out[PROVIDER_MODES])
{
    static const int16_t modes[] = {PROVIDER_CASSO_V1, PROVIDER_CASSO_V2, PROVIDER_PAYOS_WEBHOOK, PROVIDER_STANDARD_HMAC, PROVIDER_STANDARD_ED25519};

    memcpy(out, modes, sizeof modes);
    return sizeof modes / sizeof modes[0];
}

bool notice_names_account(const struct notice_event *e, struct slice account_no)
{
    if (account_no.n == 0)
        return false;
    return slice_eq_nocase(e->account, account_no) || slice_eq_nocase(e->sub_account, account_no);
}
