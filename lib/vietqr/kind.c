/* What a scanned text is when it is no bank transfer code (vietqr.md §9). Nothing is taken out of such a text; an identity
 * card in particular is personal data that must not travel further. */
#include <string.h>

#include "parts.h"

#include "khop/base/banned.h"

#define MERCHANTS_FROM 2 /* card schemes: 02 to 25; wallets and banks: 26 to 51 */
#define WALLETS_FROM   26
#define WALLETS_TO     51

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts(struct vietqr_text t, const char *prefix)
{
    size_t n = strlen(prefix);

    if (t.size < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(t.bytes[i]) != prefix[i])
            return false;
    return true;
}

static bool in_scheme(char c, bool behind_first)
{
    bool letter = lower(c) >= 'a' && lower(c) <= 'z';

    return letter || (behind_first && (ascii_digit(c) || c == '+' || c == '-' || c == '.'));
}

/* scheme://…, or a host that is written without its scheme */
static bool is_link(struct vietqr_text t)
{
    size_t i = 0;

    if (starts(t, "dl.vietqr.io/") || starts(t, "www."))
        return true;
    while (i < t.size && in_scheme(t.bytes[i], i > 0))
        i++;
    return i > 1 && t.size - i >= 3 && memcmp(t.bytes + i, "://", 3) == 0;
}

/* Twelve digits, then a pipe. */
static bool is_identity_card(struct vietqr_text t)
{
    return t.size > 12 && t.bytes[12] == '|' && text_digits((struct vietqr_text){ t.bytes, 12 }, 12);
}

static bool is_json(struct vietqr_text t)
{
    size_t i = 0;

    while (i < t.size && (t.bytes[i] == ' ' || t.bytes[i] == '\t' || t.bytes[i] == '\r' || t.bytes[i] == '\n'))
        i++;
    return i < t.size && t.bytes[i] == '{';
}

static struct vietqr_text without_mark(const char *text, size_t size)
{
    struct vietqr_text t = { text, size };

    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        t = (struct vietqr_text){ text + 3, size - 3 };
    while (t.size > 0 && t.bytes[0] == ' ')
        t = (struct vietqr_text){ t.bytes + 1, t.size - 1 };
    return t;
}

/* The value of the GUID of a template; empty when it has none that can be found. */
static struct vietqr_text guid_of(struct vietqr_text template)
{
    const char *p = template.bytes, *end = template.bytes + template.size;
    struct tlv_object object;

    while (p < end && tlv_next(&p, end, true, &object) == VIETQR_OK)
        if (object.id == 0)
            return object.value;
    return (struct vietqr_text){ "", 0 };
}

/* What the root says, as far as it can be read. */
struct root {
    bool emv, scheme, wallet;
    struct vietqr_text beneficiary, first_wallet;
};

static void root_note(struct root *r, const struct tlv_object *o)
{
    if (o->id == 38 && r->beneficiary.bytes == NULL)
        r->beneficiary = o->value;
    else if (o->id == 26 && r->first_wallet.bytes == NULL)
        r->first_wallet = o->value;
    if (o->id >= MERCHANTS_FROM && o->id < WALLETS_FROM)
        r->scheme = true;
    if (o->id >= WALLETS_FROM && o->id <= WALLETS_TO)
        r->wallet = true;
}

static void root_read(struct root *r, struct vietqr_text t)
{
    const char *p = t.bytes, *end = t.bytes + t.size;
    struct tlv_object object;
    bool first = true;

    memset(r, 0, sizeof *r);
    while (p < end && tlv_next(&p, end, false, &object) == VIETQR_OK) {
        if (first && object.id == 0 && text_digits(object.value, 2))
            r->emv = true;
        first = false;
        root_note(r, &object);
    }
}

static enum vietqr_kind emv_kind(const struct root *r)
{
    if (r->beneficiary.bytes != NULL)
        return text_is(guid_of(r->beneficiary), VIETQR_NAPAS_GUID) ? VIETQR_KIND_VIETQR : VIETQR_KIND_OTHER_EMV;
    if (r->first_wallet.bytes != NULL) {
        struct vietqr_text guid = guid_of(r->first_wallet);

        if (text_is(guid, "A000000775"))
            return VIETQR_KIND_VNPAY_MERCHANT;
        if (text_is(guid, "vn.airpay.www"))
            return VIETQR_KIND_SHOPEEPAY;
        if (text_is(guid, "00"))
            return VIETQR_KIND_ELECTRICITY_BILL;
    }
    if (r->wallet)
        return VIETQR_KIND_OTHER_EMV;
    return r->scheme ? VIETQR_KIND_CARD_SCHEME : VIETQR_KIND_WALLET;
}

enum vietqr_kind vietqr_kind(const char *text, size_t size)
{
    struct vietqr_text t = without_mark(text, size);
    struct root root;

    if (t.size == 0)
        return VIETQR_KIND_UNKNOWN;
    if (is_identity_card(t))
        return VIETQR_KIND_IDENTITY_CARD;
    if (starts(t, "2|99|"))
        return VIETQR_KIND_MOMO;
    if (is_json(t))
        return VIETQR_KIND_VIETTELPAY;
    if (is_link(t))
        return VIETQR_KIND_LINK;
    root_read(&root, t);
    return root.emv ? emv_kind(&root) : VIETQR_KIND_UNKNOWN;
}

bool kind_is_foreign(enum vietqr_kind kind)
{
    return kind == VIETQR_KIND_IDENTITY_CARD || kind == VIETQR_KIND_MOMO || kind == VIETQR_KIND_VIETTELPAY ||
           kind == VIETQR_KIND_LINK;
}
