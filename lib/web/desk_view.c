#include "desk_view.h"

#include "khop/base/clock.h"
#include "khop/base/slice.h"
#include "khop/pay/money.h"
#include "khop/pay/words.h"
#include "khop/print/qr.h"
#include "khop/web/locale.h"
#include "vietqr.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

#define NAME_MAX 64
#define KEY_SIZE 128
#define SYMBOL_MAX (64 * 1024)
#define SAID_MAX   512

/* Members whose values have words in the catalogue: "state": "open" is said as the text "state.open". */
static const char *const WORDS[] = {
    "direction.%s",
    "action.%s",
    "blocker.%s",
    "date_by.%s",
    "date_order.%s",
    "kind.%s",
    "line_state.%s",
    "org_kind.%s",
    "payment.%s",
    "payout_state.%s",
    "provider.%s",
    "reason.%s",
    "result.%s",
    "role.%s",
    "source.%s",
    "stage.%s",
    "state.%s",
    "status.%s",
    "tile.%s",
    "warning.%s",
    "what.%s",
    "why.%s",
};

static json_t *time_text(struct slice s)
{
    int64_t us;

    if (s.n < 20 || clock_parse_rfc3339(s, &us) < 0)
        return NULL;
    struct civil c = clock_civil(us, CLOCK_VN_OFFSET_S);

    return json_sprintf("%02d:%02d %02d/%02d/%d", c.hour, c.minute, c.day, c.month, c.year);
}

static json_t *date_text(struct slice s)
{
    int32_t day;

    return s.n != 10 || clock_parse_date(s, &day) < 0 ? NULL : json_sprintf("%.2s/%.2s/%.4s", s.p + 8, s.p + 5, s.p);
}

/* The key of a value's words, or -1. */
static int words_of(const char *name, struct slice value)
{
    char key[KEY_SIZE];

    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        size_t n = strlen(WORDS[i]) - 3;

        if (strncmp(WORDS[i], name, n) != 0 || name[n] != '\0' || value.n + n + 2 > sizeof key)
            continue;
        snprintf(key, sizeof key, "%s.%.*s", name, SLICE_FMT(value));
        return locale_find(slice_of(key));
    }
    return -1;
}

static int set(json_t *object, const char *name, const char *suffix, json_t *value)
{
    char full[NAME_MAX + 8];

    if (value == NULL)
        return RC_NOMEM;
    snprintf(full, sizeof full, "%s%s", name, suffix);
    return json_object_set_new(object, full, value) < 0 ? RC_NOMEM : RC_OK;
}

/* A VietQR text as a symbol. */
static int draw(json_t *object, const char *name, struct slice payload, int language)
{
    struct print_qr qr;
    struct buf b;
    int rc = print_qr_make(&qr, payload, PRINT_QR_M);

    if (rc < 0)
        return rc;
    buf_init(&b, SYMBOL_MAX);
    print_qr_svg(&b, &qr, locale_get(language, "pay.qr_label"));
    rc = b.failed ? RC_NOMEM : set(object, name, "_qr", json_stringn(b.p, b.n));
    buf_release(&b);
    print_qr_release(&qr);
    return rc;
}

static int speak_text(json_t *object, const char *name, struct slice value, int language)
{
    json_t *said = NULL;
    int words;

    if (strcmp(name, "bin") == 0) {
        const struct vietqr_bank *bank = vietqr_bank(value.p, value.n);

        return bank == NULL ? set(object, name, "_text", json_stringn(value.p, value.n)) : set(object, name, "_text", json_string(bank->short_name));
    }
    if (strcmp(name, "payload") == 0)
        return draw(object, name, value, language);
    if (value.n > 0 && value.p[0] >= '0' && value.p[0] <= '9') {
        said = date_text(value);
        if (said == NULL)
            said = time_text(value);
        return said == NULL ? RC_OK : set(object, name, "_text", said);
    }
    words = words_of(name, value);
    if (words < 0)
        return RC_OK;
    int rc = set(object, name, "_text", json_string(locale_text(language, words)));

    if (rc == RC_OK)
        said = json_object();
    if (rc == RC_OK && json_object_setn_new(said, value.p, value.n, json_true()) < 0)
        rc = RC_NOMEM;
    return rc < 0 ? rc : set(object, name, "_is", said);
}

/* Amounts that are said aloud at a stall or written on a paper: the words only in Vietnamese, as everywhere. What is read out by a machine in
 * another language is digits without groups, which no voice shortens. */
static int speak_words(json_t *object, const char *name, int64_t value, int language)
{
    struct buf b;
    int rc;

    if (strcmp(name, "amount") != 0 && strcmp(name, "missing") != 0 && strcmp(name, "surplus") != 0)
        return RC_OK;
    if (value < 0 || value > MONEY_MAX)
        return RC_OK;
    if (strcmp(locale_tag(language), "vi") != 0)
        return set(object, name, "_said", json_sprintf("%lld đồng", (long long)value));
    buf_init(&b, SAID_MAX);
    rc = words_printed(&b, value, 0);
    if (rc == RC_OK)
        rc = set(object, name, "_words", json_stringn(b.p, b.n));
    if (rc == RC_OK)
        rc = set(object, name, "_said", json_stringn(b.p, b.n));
    buf_release(&b);
    return rc;
}

static int speak_number(json_t *object, const char *name, int64_t value, int language)
{
    char text[MONEY_TEXT_SIZE];
    int rc;

    money_groups(text, value);
    rc = set(object, name, "_text", json_string(text));
    money_text(text, value);
    if (rc == RC_OK)
        rc = set(object, name, "_money", json_string(text));
    return rc < 0 ? rc : speak_words(object, name, value, language);
}

/* A section of this name is there when there is something: an array that is not empty, a number that is not 0. */
static int set_has(json_t *to, const char *name)
{
    char has[NAME_MAX + 8];

    snprintf(has, sizeof has, "has_%s", name);
    return json_object_set_new(to, has, json_true()) < 0 ? RC_NOMEM : RC_OK;
}

static int speak(json_t *to, const char *name, const json_t *value, int language)
{
    if (strlen(name) >= NAME_MAX)
        return RC_OK;
    if (json_is_string(value))
        return speak_text(to, name, (struct slice){ json_string_value(value), json_string_length(value) }, language);
    if ((json_array_size(value) > 0 || json_integer_value(value) != 0) && set_has(to, name) < 0)
        return RC_NOMEM;
    return json_is_integer(value) ? speak_number(to, name, json_integer_value(value), language) : RC_OK;
}

/* Documents are ours and at most as deep as templates go. */
static json_t *spoken_copy(const json_t *doc, int language)
{
    json_t *copy, *value;
    const char *name;
    size_t i;

    if (json_is_array(doc)) {
        copy = json_array();
        json_array_foreach(doc, i, value) {
            if (json_array_append_new(copy, spoken_copy(value, language)) < 0)
                goto fail;
        }
        return copy;
    }
    if (!json_is_object(doc))
        return json_incref((json_t *)(uintptr_t)doc);
    copy = json_object();
    json_object_foreach((json_t *)(uintptr_t)doc, name, value) {
        if (json_object_set_new(copy, name, spoken_copy(value, language)) < 0 || speak(copy, name, value, language) < 0)
            goto fail;
    }
    return copy;
fail:
    json_decref(copy);
    return NULL;
}

int view_desk(json_t *view, int language)
{
    static const char *const AS_THEY_ARE[] = { "in", "query", "faults", "static", "lang", "frame" };
    json_t *spoken = json_object(), *frame = json_object_get(view, "frame"), *copy;
    const char *name;
    json_t *value;
    int rc = spoken == NULL ? RC_NOMEM : RC_OK;

    json_object_foreach(view, name, value) {
        bool keep = false;

        for (size_t i = 0; i < sizeof AS_THEY_ARE / sizeof AS_THEY_ARE[0]; i++)
            keep |= strcmp(name, AS_THEY_ARE[i]) == 0;
        if (rc == RC_OK && !keep && (json_object_set_new(spoken, name, spoken_copy(value, language)) < 0 ||
                                     speak(spoken, name, value, language) < 0))
            rc = RC_NOMEM;
    }
    if (rc == RC_OK && json_object_update(view, spoken) < 0)
        rc = RC_NOMEM;
    json_decref(spoken);
    copy = rc == RC_OK && json_is_object(frame) ? json_copy(frame) : json_object();
    if (rc == RC_OK && json_object_set_new(view, "frame", copy) < 0)
        rc = RC_NOMEM;
    if (rc == RC_OK)
        rc = view_nav(copy, language);
    return rc < 0 ? rc : view_form(view);
}
