/* Secrets of a connection made ready, and proofs by them: every active one is tried to the end, compared in constant
 * time (security.md §2). */
#include "common.h"

#include "khop/base/enc.h"

#include <stdlib.h>

#include "khop/base/banned.h"

#define WHSEC_MIN 24
#define WHSEC_MAX 64

/* A plain key travels in a header, where outer spaces are lost. */
static int set_plain(struct provider_secret *s, struct slice text)
{
    if (!text_is_plain(text) || !slice_eq(slice_trim(text), text))
        return RC_BAD_INPUT;
    return secret_set(&s->plain, text.p, text.n);
}

static int set_mac(struct provider_secret *s, enum mac_kind kind, struct slice key)
{
    if (key.n > SECRET_MAX)
        return RC_TOO_LARGE;
    s->mac = mac_new(kind, key);
    return s->mac == NULL ? RC_INTERNAL : RC_OK;
}

/* Decodes what follows the prefix; min to max bytes. */
static int decode_prefixed(struct slice text, struct slice prefix, size_t min, size_t max, struct secret *out)
{
    int rc;

    if (!slice_starts(text, prefix))
        return RC_BAD_INPUT;
    rc = dec_base64(slice_sub(text, prefix.n, text.n), out->bytes, sizeof out->bytes, &out->n);
    if (rc != RC_OK)
        return RC_BAD_INPUT;
    return out->n < min || out->n > max ? RC_BAD_INPUT : RC_OK;
}

static int set_whsec(struct provider_secret *s, struct slice text)
{
    struct secret key;
    int rc = decode_prefixed(text, SLICE("whsec_"), WHSEC_MIN, WHSEC_MAX, &key);

    if (rc == RC_OK)
        rc = set_mac(s, MAC_HMAC_SHA256, (struct slice){(const char *)key.bytes, key.n});
    secret_release(&key);
    return rc;
}

static int set_whpk(struct provider_secret *s, struct slice text)
{
    struct secret key;
    int rc = decode_prefixed(text, SLICE("whpk_"), ED25519_KEY_SIZE, ED25519_KEY_SIZE, &key);

    if (rc == RC_OK) {
        s->key = ed25519_from_public(key.bytes);
        if (s->key == NULL)
            rc = RC_BAD_INPUT;
    }
    secret_release(&key);
    return rc;
}

/* "user:password", both there; the token key is derived from it. */
static int set_user(struct provider_secret *s, struct slice text)
{
    struct slice rest = text, user = slice_cut(&rest, ':');
    int rc;

    if (user.n == 0 || rest.n == 0)
        return RC_BAD_INPUT;
    rc = set_plain(s, text);
    return rc == RC_OK ? vietqrvn_key(text, &s->mac) : rc;
}

static int set_secret(struct provider_secret *s, struct slice text)
{
    switch ((enum provider_mode)s->mode) {
    case PROVIDER_SEPAY_APIKEY:
    case PROVIDER_CASSO_V1:
        return set_plain(s, text);
    case PROVIDER_SEPAY_HMAC:
    case PROVIDER_PAYOS_WEBHOOK:
        return set_mac(s, MAC_HMAC_SHA256, text);
    case PROVIDER_CASSO_V2:
        return set_mac(s, MAC_HMAC_SHA512, text);
    case PROVIDER_VIETQRVN_TOKEN:
        return set_user(s, text);
    case PROVIDER_STANDARD_HMAC:
        return set_whsec(s, text);
    case PROVIDER_STANDARD_ED25519:
        return set_whpk(s, text);
    }
    return RC_BAD_INPUT;
}

int provider_secret_new(int mode, struct slice text, struct provider_secret **out)
{
    struct provider_secret *s;
    int rc;

    if (text.n == 0)
        return RC_BAD_INPUT;
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return RC_NOMEM;
    s->mode = mode;
    rc = set_secret(s, text);
    if (rc != RC_OK) {
        provider_secret_free(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

void provider_secret_free(struct provider_secret *s)
{
    if (s == NULL)
        return;
    mac_free(s->mac);
    ed25519_free(s->key);
    secret_release(&s->plain);
    free(s);
}

int prove_plain(struct check *c, struct slice given)
{
    for (size_t i = 0; i < c->n_secrets; i++) {
        const struct secret *key = &c->secrets[i]->plain;

        if (crypto_equal(given, (struct slice){(const char *)key->bytes, key->n}) && c->v->secret < 0)
            c->v->secret = (int)i;
    }
    return c->v->secret < 0 ? RC_UNAUTHORIZED : RC_OK;
}

int prove_mac(struct check *c, const struct slice *parts, size_t n_parts, const struct proof *given, size_t n_given)
{
    for (size_t i = 0; i < c->n_secrets; i++) {
        const struct mac *mac = c->secrets[i]->mac;
        uint8_t want[SHA512_SIZE];

        if (mac_sign(mac, parts, n_parts, want) != RC_OK)
            return RC_INTERNAL;
        for (size_t k = 0; k < n_given; k++) {
            struct slice theirs = {(const char *)given[k].bytes, given[k].n};

            if (crypto_equal(theirs, (struct slice){(const char *)want, mac_size(mac)}) && c->v->secret < 0)
                c->v->secret = (int)i;
        }
    }
    return c->v->secret < 0 ? RC_UNAUTHORIZED : RC_OK;
}

bool proof_from_hex(struct proof *p, struct slice hex, size_t n)
{
    return n <= sizeof p->bytes && hex.n == 2 * n && dec_hex(hex, p->bytes, n, &p->n) == RC_OK && p->n == n;
}
