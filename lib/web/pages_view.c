#include "pages_view.h"

#include "khop/base/buf.h"
#include "khop/base/clock.h"
#include "khop/pay/money.h"
#include "khop/pay/words.h"
#include "khop/print/qr.h"
#include "khop/web/locale.h"
#include "khop/web/pages.h"
#include "vietqr.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

#define QR_MARKUP_MAX (64 * 1024)
#define WORDS_TEXT    512

/* json_object_set_new takes care of a NULL value: it fails, and the page with it. */
static int set(json_t *view, const char *name, json_t *value)
{
    return json_object_set_new(view, name, value) == 0 ? RC_OK : RC_NOMEM;
}

static int set_flag(json_t *view, const char *name, bool on)
{
    return set(view, name, json_boolean(on));
}

static struct slice text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return (struct slice){ json_string_value(value), json_string_length(value) };
}

static int set_money(json_t *view, const char *name, int64_t amount)
{
    char text[MONEY_TEXT_SIZE];

    money_text(text, amount);
    return set(view, name, json_string(text));
}

/* Only in Vietnamese: there is no other language to read an amount out in. */
static int set_words(json_t *view, const char *name, int64_t amount, int language)
{
    struct buf b;
    int rc;

    if (strcmp(locale_tag(language), "vi") != 0)
        return RC_OK;
    buf_init(&b, WORDS_TEXT);
    rc = words_printed(&b, amount, 0);
    if (rc == RC_OK)
        rc = set(view, name, json_stringn(b.p, b.n));
    buf_release(&b);
    return rc;
}

/* "2026-12-05" as "05/12/2026". */
static int set_date(json_t *view, const char *name, const char *from)
{
    struct slice s = text_of(view, from);
    char text[16];
    int32_t day;

    if (s.p == NULL)
        return RC_OK;
    if (clock_parse_date(s, &day) < 0)
        return RC_BAD_INPUT;
    snprintf(text, sizeof text, "%.2s/%.2s/%.4s", s.p + 8, s.p + 5, s.p);
    return set(view, name, json_string(text));
}

/* An instant as "08:03 05/12/2026" in Vietnam. */
static int set_time(json_t *view, const char *name, const json_t *object, const char *from)
{
    struct slice s = text_of(object, from);
    char text[64];
    int64_t us;

    if (clock_parse_rfc3339(s, &us) < 0)
        return RC_BAD_INPUT;
    struct civil c = clock_civil(us, CLOCK_VN_OFFSET_S);

    snprintf(text, sizeof text, "%02d:%02d %02d/%02d/%d", c.hour, c.minute, c.day, c.month, c.year);
    return set(view, name, json_string(text));
}

/* The members of a page in a list: each is either there with its type or the page is not made. */
struct needed {
    const char *name;
    json_type type;
};

static int need(const json_t *view, const struct needed *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *value = json_object_get(view, list[i].name);

        if (value == NULL || json_typeof(value) != list[i].type)
            return RC_BAD_INPUT;
    }
    return RC_OK;
}

#define NEED(view, list) need(view, list, sizeof(list) / sizeof(list)[0])

static int set_qr(json_t *view, const char *from, const char *label)
{
    struct print_qr qr;
    struct buf b;
    int rc = print_qr_make(&qr, text_of(view, from), PRINT_QR_M);

    if (rc < 0)
        return rc;
    buf_init(&b, QR_MARKUP_MAX);
    print_qr_svg(&b, &qr, label);
    rc = b.failed ? RC_NOMEM : set(view, "qr_markup", json_stringn(b.p, b.n));
    buf_release(&b);
    print_qr_release(&qr);
    return rc;
}

/* Items with an amount, and maybe a time, get both as text. */
static int view_items(json_t *view, const char *name)
{
    const json_t *items = json_object_get(view, name);
    json_t *shown = json_array(), *item;
    int rc = RC_OK;
    size_t i;

    json_array_foreach(items, i, item) {
        json_t *copy = json_copy(item);

        if (copy == NULL || json_array_append_new(shown, copy) < 0) {
            rc = RC_NOMEM;
            break;
        }
        rc = json_is_integer(json_object_get(copy, "amount"))
                 ? set_money(copy, "amount_text", json_integer_value(json_object_get(copy, "amount")))
                 : RC_BAD_INPUT;
        if (rc == RC_OK && json_object_get(copy, "paid_at") != NULL)
            rc = set_time(copy, "paid_text", copy, "paid_at");
        if (rc < 0)
            break;
    }
    if (rc < 0) {
        json_decref(shown);
        return rc;
    }
    return set(view, name, shown);
}

static int view_bank(json_t *view)
{
    static const struct needed NEEDED[] = { { "bin", JSON_STRING }, { "account_no", JSON_STRING }, { "holder", JSON_STRING } };
    json_t *to = json_object_get(view, "to");
    struct slice bin = text_of(to, "bin");

    if (NEED(to, NEEDED) < 0)
        return RC_BAD_INPUT;
    const struct vietqr_bank *bank = vietqr_bank(bin.p, bin.n);

    if (bank == NULL)
        return set(view, "bank_short", json_stringn(bin.p, bin.n));
    if (set(view, "bank_name", json_string(bank->full_name)) < 0)
        return RC_NOMEM;
    return set(view, "bank_short", json_string(bank->short_name));
}

/* Which of its states a page is in, from the document's status; exactly one flag is true. */
enum pay_state { PAY_WAITING, PAY_AGAIN, PAY_SHORT, PAY_DONE, PAY_OVER, PAY_CANCELLED, PAY_EXPIRED };

static int pay_state(const json_t *view, enum pay_state *out)
{
    static const struct {
        const char *status;
        enum pay_state state;
    } STATES[] = {
        { "issued", PAY_WAITING }, { "partially_paid", PAY_SHORT }, { "paid", PAY_DONE },
        { "paid_late", PAY_DONE }, { "overpaid", PAY_OVER },        { "cancelled", PAY_CANCELLED },
    };
    struct slice status = text_of(view, "status");

    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++) {
        if (!slice_is(status, STATES[i].status))
            continue;
        *out = STATES[i].state;
        if (*out <= PAY_SHORT && json_is_true(json_object_get(view, "expired")))
            *out = PAY_EXPIRED;
        /* A code without a sum stays open; what arrived last is the news. */
        if (*out == PAY_WAITING && json_array_size(json_object_get(view, "receipts")) > 0)
            *out = PAY_AGAIN;
        return RC_OK;
    }
    return RC_BAD_INPUT;
}

static int view_pay_state(json_t *view, enum pay_state state)
{
    static const char *const NAMES[] = { "is_waiting", "is_again", "is_short", "is_done", "is_over", "is_cancelled", "is_expired" };
    int rc = RC_OK;

    for (int i = 0; i < (int)(sizeof NAMES / sizeof NAMES[0]) && rc == RC_OK; i++)
        rc = set_flag(view, NAMES[i], i == (int)state);
    if (rc == RC_OK)
        rc = set_flag(view, "may_pay", state <= PAY_SHORT);
    if (rc == RC_OK)
        rc = set_flag(view, "is_paid", state == PAY_DONE || state == PAY_OVER);
    if (rc == RC_OK)
        rc = set_flag(view, "is_closed", state == PAY_CANCELLED || state == PAY_EXPIRED);
    return rc;
}

/* What is due, was paid, is missing or too much; of an open amount nothing is due and nothing is missing. */
static int view_pay_money(json_t *view, enum pay_state state, int language)
{
    const json_t *amount = json_object_get(view, "amount");
    int64_t paid = json_integer_value(json_object_get(view, "paid")), due = json_integer_value(amount), left;
    int rc = set_money(view, "paid_sum", paid);

    if (rc < 0 || !json_is_integer(amount))
        return rc < 0 ? rc : set_flag(view, "is_open", true);
    if (money_sub(due, paid, &left) < 0)
        return RC_BAD_INPUT;
    rc = set_money(view, "due_sum", due);
    if (rc == RC_OK && left < 0)
        rc = set_money(view, "over_sum", -left);
    if (rc < 0 || state > PAY_SHORT || left <= 0)
        return rc < 0 ? rc : set_words(view, "words", due, language);
    rc = set_money(view, "left_sum", left);
    if (rc == RC_OK)
        rc = set(view, "left", json_integer(left));
    return rc < 0 ? rc : set_words(view, "words", left, language);
}

/* The receipts as text, and of the newest one (they come in the order of the book) what the page says at its top. */
static int view_receipts(json_t *view)
{
    const json_t *receipts, *last;
    int rc = view_items(view, "receipts");

    if (rc < 0)
        return rc;
    receipts = json_object_get(view, "receipts");
    if (json_array_size(receipts) == 0)
        return RC_OK;
    last = json_array_get(receipts, json_array_size(receipts) - 1);
    rc = set_flag(view, "has_receipts", true);
    if (rc == RC_OK)
        rc = set(view, "last_sum", json_deep_copy(json_object_get(last, "amount_text")));
    if (rc == RC_OK)
        rc = set(view, "last_time", json_deep_copy(json_object_get(last, "paid_text")));
    return rc;
}

int view_pay(json_t *view, int language)
{
    static const struct needed NEEDED[] = {
        { "org", JSON_OBJECT },    { "code", JSON_STRING },     { "memo", JSON_STRING },   { "paid", JSON_INTEGER },
        { "status", JSON_STRING }, { "to", JSON_OBJECT },       { "payload", JSON_STRING }, { "receipts", JSON_ARRAY },
        { "direction", JSON_STRING }, { "page_url", JSON_STRING }, { "qr_png", JSON_STRING }, { "events_url", JSON_STRING }, { "json_url", JSON_STRING },
    };
    enum pay_state state;
    int rc = NEED(view, NEEDED);

    if (rc == RC_OK)
        rc = pay_state(view, &state);
    if (rc == RC_OK)
        rc = view_pay_state(view, state);
    if (rc == RC_OK)
        rc = view_pay_money(view, state, language);
    if (rc == RC_OK)
        rc = view_bank(view);
    if (rc == RC_OK)
        rc = set_date(view, "due_text", "due_on");
    if (rc == RC_OK && json_is_array(json_object_get(view, "lines")))
        rc = view_items(view, "lines");
    if (rc == RC_OK)
        rc = view_receipts(view);
    if (rc == RC_OK)
        rc = set_flag(view, "is_out", slice_is(text_of(view, "direction"), "out")); /* the reader sends the money; nobody waits for it */
    if (rc == RC_OK)
        rc = set_flag(view, "has_apps", json_array_size(json_object_get(view, "apps")) > 0);
    if (rc == RC_OK && json_is_true(json_object_get(view, "may_pay")))
        rc = set_qr(view, "payload", locale_get(language, "pay.qr_label"));
    return rc;
}

int view_receipt(json_t *view, int language)
{
    static const struct needed NEEDED[] = {
        { "number", JSON_STRING }, { "amount", JSON_INTEGER }, { "code", JSON_STRING }, { "org", JSON_OBJECT },
        { "paid_at", JSON_STRING }, { "issued_at", JSON_STRING }, { "jws_url", JSON_STRING }, { "url", JSON_STRING },
    };
    int64_t amount = json_integer_value(json_object_get(view, "amount"));
    int rc = NEED(view, NEEDED);

    if (rc == RC_OK)
        rc = set_money(view, "amount_text", amount);
    if (rc == RC_OK)
        rc = set_words(view, "words", amount, language);
    if (rc == RC_OK)
        rc = set_time(view, "paid_text", view, "paid_at");
    if (rc == RC_OK)
        rc = set_time(view, "issued_text", view, "issued_at");
    if (rc == RC_OK)
        rc = set_qr(view, "url", locale_get(language, "receipt.qr_label"));
    if (rc == RC_OK)
        rc = set_flag(view, "is_out", slice_is(text_of(view, "direction"), "out"));
    return rc;
}

int view_error(json_t *view, int language)
{
    json_t *status = json_object_get(view, "status");
    char key[32];

    if (!json_is_integer(status))
        return RC_BAD_INPUT;
    snprintf(key, sizeof key, "error.%d", (int)json_integer_value(status));
    if (locale_find(slice_of(key)) < 0)
        snprintf(key, sizeof key, "%s", json_integer_value(status) < 500 ? "error.request" : "error.server");
    if (set(view, "sentence", json_string(locale_get(language, key))) < 0)
        return RC_NOMEM;
    snprintf(key, sizeof key, "error.do_%d", (int)json_integer_value(status));
    if (locale_find(slice_of(key)) < 0)
        snprintf(key, sizeof key, "%s", json_integer_value(status) < 500 ? "error.do_request" : "error.do_server");
    return set(view, "what", json_string(locale_get(language, key)));
}
