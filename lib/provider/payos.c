/* payOS webhook (providers.md (b)): HMAC-SHA256 over the members of `data`, joined as key=value&… with nothing escaped.
 *
 * The join is ambiguous: "a=1&b=2" is two members or one member a whose text is "1&b=2". So a signature is worth only
 * what every reading of the text agrees on. We demand that each member that decides anything begins exactly once in the
 * signed text: a memo that spells "&reference=…" to hide or to shift a real member is held, never booked. Nothing
 * outside `data` is signed, and nothing there decides. */
#include "common.h"

#include "khop/base/banned.h"

#define SIGNED_MAX (512 << 10)

static int put_index_object(const struct doc *d, uint32_t array, struct buf *out)
{
    int64_t index = 0;
    int rc = RC_OK;

    buf_putc(out, '{');
    for (uint32_t at = d->nodes[array].first; rc == RC_OK && at != 0; at = d->nodes[at].next) {
        buf_puts(out, index > 0 ? ",\"" : "\"");
        buf_put_i64(out, index++);
        buf_puts(out, "\":");
        rc = doc_put_json(d, at, DOC_AS_WRITTEN, out);
    }
    buf_putc(out, '}');
    return rc;
}

/* An element after payOS's sorting of "its keys": an object sorted one level deep; a string becomes an object of its
 * characters, a list one of its places, a number an empty one; null makes their code fail. */
static int put_element(const struct doc *d, uint32_t at, struct buf *out)
{
    switch (d->nodes[at].kind) {
    case DOC_OBJECT:
        return doc_put_json(d, at, DOC_SORT_TOP, out);
    case DOC_ARRAY:
        return put_index_object(d, at, out);
    case DOC_STRING:
        doc_put_units(d->nodes[at].written, out);
        return RC_OK;
    case DOC_NULL:
        return RC_BAD_INPUT;
    case DOC_INTEGER:
    case DOC_REAL:
    case DOC_TRUE:
    case DOC_FALSE:
        buf_puts(out, "{}");
        return RC_OK;
    }
    return RC_INTERNAL;
}

static int put_array(const struct doc *d, uint32_t array, struct buf *out)
{
    int rc = RC_OK;

    buf_putc(out, '[');
    for (uint32_t at = d->nodes[array].first; rc == RC_OK && at != 0; at = d->nodes[at].next) {
        if (at != d->nodes[array].first)
            buf_putc(out, ',');
        rc = put_element(d, at, out);
    }
    buf_putc(out, ']');
    return rc;
}

/* The texts "null" and "undefined" count as nothing. */
static void put_text(struct slice written, struct buf *out)
{
    size_t before = out->n;

    doc_put_text(written, out);
    if (out->failed)
        return;
    struct slice text = {out->p == NULL ? "" : out->p + before, out->n - before};

    if (slice_is(text, "null") || slice_is(text, "undefined")) {
        out->n = before;
        out->p[before] = '\0';
    }
}

static int put_value(const struct doc *d, uint32_t at, struct buf *out)
{
    const struct doc_node *node = &d->nodes[at];

    switch (node->kind) {
    case DOC_NULL:
        return RC_OK;
    case DOC_STRING:
        put_text(node->written, out);
        return RC_OK;
    case DOC_ARRAY:
        return put_array(d, at, out);
    case DOC_OBJECT:
        buf_puts(out, "[object Object]");
        return RC_OK;
    case DOC_INTEGER:
    case DOC_REAL:
    case DOC_TRUE:
    case DOC_FALSE:
        return doc_put_json(d, at, DOC_AS_WRITTEN, out);
    }
    return RC_INTERNAL;
}

int payos_text(const struct doc *d, uint32_t data, struct buf *out)
{
    uint32_t *list;
    int rc = doc_children(d, data, DOC_SORT_TOP, &list);

    for (uint32_t i = 0; rc == RC_OK && i < d->nodes[data].count; i++) {
        if (i > 0)
            buf_putc(out, '&');
        doc_put_text(d->nodes[list[i]].key, out);
        buf_putc(out, '=');
        rc = put_value(d, list[i], out);
    }
    return rc == RC_OK && out->failed ? RC_NOMEM : rc;
}

/* How often "name=" stands at a place where a member may begin. */
static size_t count_starts(struct slice text, const char *name)
{
    const char *p = text.p, *end = text.p + text.n;
    size_t length = strlen(name), count = 0;

    while (p != NULL && p < end) {
        if (length < (size_t)(end - p) && memcmp(p, name, length) == 0 && p[length] == '=')
            count++;
        p = memchr(p, '&', (size_t)(end - p));
        if (p != NULL)
            p++;
    }
    return count;
}

static bool is_unambiguous(struct slice text)
{
    static const char *const names[] = {"accountNumber",       "amount",    "currency",      "description",
                                        "orderCode",           "reference", "paymentLinkId", "transactionDateTime",
                                        "virtualAccountNumber"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (count_starts(text, names[i]) > 1)
            return false;
    }
    return true;
}

static bool has_ampersand(struct slice s)
{
    return s.n > 0 && memchr(s.p, '&', s.n) != NULL;
}

static void read_currency(struct fields *f)
{
    struct slice currency = fields_text(f, "currency", NULL);

    if (!slice_is(currency, "VND"))
        fields_fault(f, "bad_currency", false);
}

/* A signed "code" other than 00 is no payment. */
static void read_code(struct fields *f)
{
    struct slice code = fields_text(f, "code", NULL);

    if (code.n > 0 && !slice_is(code, "00"))
        fields_fault(f, "provider_error", false);
}

static int decode(struct check *c, const struct doc *d, const struct doc_node *data, struct slice text)
{
    struct notice_event *e = arena_alloc(c->arena, sizeof *e);
    struct fields f = fields_of(d, data);
    const struct doc_node *order = doc_member(d, data, "orderCode");
    struct slice link;

    if (e == NULL)
        return RC_NOMEM;
    link = fields_id(&f, "paymentLinkId", NULL, NOTICE_ID_MAX / 2, "bad_id");
    e->reference = fields_id(&f, "reference", NULL, NOTICE_ID_MAX / 2, "bad_id");
    if (order == NULL || order->kind != DOC_INTEGER)
        fields_fault(&f, "missing_field", true);
    e->direction = NOTICE_IN;
    e->amount = fields_amount(&f, "amount");
    e->account = fields_id(&f, "accountNumber", NULL, NOTICE_ACCOUNT_MAX, "bad_account");
    e->sub_account = fields_text(&f, "virtualAccountNumber", NULL);
    e->time_us = fields_local_time(&f, "transactionDateTime");
    e->memo = fields_text(&f, "description", NULL);
    e->counterparty.bin = fields_text(&f, "counterAccountBankId", NULL);
    e->counterparty.account = fields_text(&f, "counterAccountNumber", NULL);
    e->counterparty.name = fields_text(&f, "counterAccountName", NULL);
    read_currency(&f);
    read_code(&f);
    if (f.fault == NULL &&
        (!is_unambiguous(text) || has_ampersand(link) || has_ampersand(e->reference) || has_ampersand(e->account)))
        fields_fault(&f, "ambiguous_text", false);
    if (f.fault == NULL) {
        char *key = arena_printf(c->arena, "%.*s%.*s", SLICE_FMT(link), SLICE_FMT(e->reference));

        if (key == NULL)
            return RC_NOMEM;
        e->ext_id = slice_of(key);
    }
    if (f.fault != NULL)
        return check_fault(c, &f, true, SLICE(""));
    int rc = event_hash(c->arena, PROVIDER_PAYOS, link, e->reference, e);

    return rc == RC_OK ? check_accept(c, e, 1) : rc;
}

static int check_body(struct check *c, const struct doc *d)
{
    const struct doc_node *signature = doc_member(d, d->nodes, "signature"), *data = doc_member(d, d->nodes, "data");
    struct proof given;
    struct buf text;
    int rc;

    if (signature == NULL || signature->kind != DOC_STRING)
        return check_reject(c, 401, "no_signature");
    if (data == NULL || data->kind != DOC_OBJECT)
        return check_reject(c, 400, "missing_field");
    if (!proof_from_hex(&given, signature->text, SHA256_SIZE))
        return check_reject(c, 401, "bad_signature");
    buf_init_arena(&text, c->arena, SIGNED_MAX);
    rc = payos_text(d, doc_number(d, data), &text);
    if (rc == RC_OK)
        rc = prove_mac(c, (struct slice[]){buf_slice(&text)}, 1, &given, 1);
    if (rc == RC_UNAUTHORIZED || rc == RC_BAD_INPUT)
        return check_reject(c, 401, "bad_signature");
    if (rc != RC_OK)
        return rc;
    if (d->long_text)
        return check_hold(c, "text_too_long", SLICE(""));
    return decode(c, d, data, buf_slice(&text));
}

int payos_check(struct check *c)
{
    struct doc d;
    bool read;
    int rc;

    if (!check_is_json(c))
        return RC_OK;
    rc = check_read(c, &d, false, &read);
    if (!read)
        return rc;
    return check_body(c, &d);
}

int payos_decode(struct check *c, const struct doc *d)
{
    return decode(c, d, doc_member(d, d->nodes, "data"), SLICE(""));
}
