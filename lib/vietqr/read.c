/* Reading a payload: first the text as a whole, then the checksum over bytes, then the fields, level by level
 * (vietqr.md §7). What strict mode refuses beyond that is collected as warnings and decided at the end. */
#include <string.h>

#include "parts.h"

#include "khop/base/banned.h"

#define CRC_HEADER "6304"
#define CRC_SIZE   4

struct reader {
    struct vietqr code;
    struct tlv_level root;
    struct vietqr_problem *problem;
    struct vietqr_problem strict; /* the first thing that strict mode refuses */
    unsigned warned;              /* bit n: enum vietqr_warning n */
};

static enum vietqr_error refuse(struct reader *r, enum vietqr_error error, const char *parent, int id)
{
    return problem_at(r->problem, error, parent, id);
}

static void warn(struct reader *r, enum vietqr_warning warning)
{
    r->warned |= 1u << warning;
}

/* Lenient warns, strict will refuse. */
static void warn_strict(struct reader *r, enum vietqr_warning warning, enum vietqr_error error, const char *parent,
                        int id)
{
    warn(r, warning);
    if (r->strict.error == VIETQR_OK)
        problem_at(&r->strict, error, parent, id);
}

static void copy_text(char *out, size_t out_size, struct vietqr_text t)
{
    size_t n = t.size < out_size - 1 ? t.size : out_size - 1;

    memcpy(out, t.bytes, n);
    out[n] = '\0';
}

/* --- 63 --- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool crc_number(const char *digits, unsigned *number)
{
    *number = 0;
    for (int i = 0; i < CRC_SIZE; i++) {
        int digit = hex_digit(digits[i]);

        if (digit < 0)
            return false;
        *number = *number << 4 | (unsigned)digit;
    }
    return true;
}

/* Before anything is parsed: a text that ends like a payload must have the right checksum. A text that does not is
 * parsed, and the fault is found there. */
static enum vietqr_error read_crc_bytes(struct reader *r, const char *payload, size_t size)
{
    unsigned stated;
    const char *digits;

    if (size < sizeof CRC_HEADER - 1 + CRC_SIZE)
        return VIETQR_OK;
    digits = payload + size - CRC_SIZE;
    if (memcmp(digits - (sizeof CRC_HEADER - 1), CRC_HEADER, sizeof CRC_HEADER - 1) != 0 ||
        !crc_number(digits, &stated))
        return VIETQR_OK;
    if (stated != vietqr_crc(payload, size - CRC_SIZE))
        return refuse(r, VIETQR_CRC_WRONG, "", 63);
    return VIETQR_OK;
}

static enum vietqr_error read_crc_field(struct reader *r, const char *payload)
{
    struct vietqr_text crc = r->root.field[63];
    unsigned stated;

    if (crc.bytes == NULL)
        return refuse(r, VIETQR_CRC_MISSING, "", 63);
    if (r->root.last != 63)
        return refuse(r, VIETQR_CRC_NOT_LAST, "", 63);
    if (text_count(crc) != CRC_SIZE)
        return refuse(r, VIETQR_CRC_LENGTH, "", 63);
    if (crc.size != CRC_SIZE || !crc_number(crc.bytes, &stated))
        return refuse(r, VIETQR_CRC_NOT_HEX, "", 63);
    if (stated != vietqr_crc(payload, (size_t)(crc.bytes - payload)))
        return refuse(r, VIETQR_CRC_WRONG, "", 63);
    for (int i = 0; i < CRC_SIZE; i++) {
        if (crc.bytes[i] >= 'a') {
            warn_strict(r, VIETQR_WARN_CRC_LOWER_CASE, VIETQR_CRC_LOWER_CASE, "", 63);
            break;
        }
    }
    return VIETQR_OK;
}

/* --- 00 01 52 53 58 --- */

static enum vietqr_error read_currency(struct reader *r)
{
    struct vietqr_text currency = r->root.field[53];

    if (currency.bytes == NULL)
        return refuse(r, VIETQR_CURRENCY_MISSING, "", 53);
    if (!text_digits(currency, 3))
        return refuse(r, VIETQR_CURRENCY_VALUE, "", 53);
    copy_text(r->code.currency, sizeof r->code.currency, currency);
    if (vietqr_currency_decimals(r->code.currency) < 0)
        return refuse(r, VIETQR_CURRENCY_UNKNOWN, "", 53);
    if (!text_is(currency, "704"))
        warn(r, VIETQR_WARN_CURRENCY);
    return VIETQR_OK;
}

static bool upper_letters(struct vietqr_text t, size_t size)
{
    if (t.size != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (t.bytes[i] < 'A' || t.bytes[i] > 'Z')
            return false;
    return true;
}

static enum vietqr_error read_country(struct reader *r)
{
    struct vietqr_text country = r->root.field[58];

    if (country.bytes == NULL)
        return refuse(r, VIETQR_COUNTRY_MISSING, "", 58);
    if (!upper_letters(country, 2))
        return refuse(r, VIETQR_COUNTRY_VALUE, "", 58);
    copy_text(r->code.country, sizeof r->code.country, country);
    if (!text_is(country, "VN"))
        warn(r, VIETQR_WARN_COUNTRY);
    return VIETQR_OK;
}

static enum vietqr_error read_general(struct reader *r)
{
    struct vietqr_text method = r->root.field[1], category = r->root.field[52];
    enum vietqr_error error;

    if (method.bytes == NULL)
        return refuse(r, VIETQR_METHOD_MISSING, "", 1);
    if (!text_is(method, "11") && !text_is(method, "12"))
        return refuse(r, VIETQR_METHOD_VALUE, "", 1);
    r->code.method = text_is(method, "11") ? VIETQR_STATIC : VIETQR_DYNAMIC;
    error = read_currency(r);
    if (error == VIETQR_OK)
        error = read_country(r);
    if (error != VIETQR_OK)
        return error;
    if (category.bytes != NULL && !text_digits(category, 4))
        return refuse(r, VIETQR_CATEGORY_VALUE, "", 52);
    if (category.bytes != NULL)
        copy_text(r->code.category, sizeof r->code.category, category);
    return VIETQR_OK;
}

/* --- 38 --- */

static enum vietqr_error read_account(struct reader *r, struct vietqr_text template)
{
    struct tlv_level level;
    enum vietqr_error error = tlv_read(&level, template, "38.01", r->problem);
    struct vietqr_text bin, account;

    if (error != VIETQR_OK)
        return error;
    bin = level.field[0];
    account = level.field[1];
    if (bin.bytes == NULL)
        return refuse(r, VIETQR_BIN_MISSING, "38.01", 0);
    if (!text_digits(bin, 6))
        return refuse(r, VIETQR_BIN_VALUE, "38.01", 0);
    if (account.bytes == NULL)
        return refuse(r, VIETQR_ACCOUNT_MISSING, "38.01", 1);
    error = account_check(account, r->code.service);
    if (error != VIETQR_OK)
        return refuse(r, error, "38.01", 1);
    copy_text(r->code.bin, sizeof r->code.bin, bin);
    copy_text(r->code.account, sizeof r->code.account, account);
    r->code.skipped += level.count - 2;
    if (vietqr_bank(bin.bytes, bin.size) == NULL)
        warn(r, VIETQR_WARN_BANK_UNKNOWN);
    return VIETQR_OK;
}

static enum vietqr_error read_beneficiary(struct reader *r)
{
    struct tlv_level level;
    enum vietqr_error error = tlv_read(&level, r->root.field[38], "38", r->problem);
    struct vietqr_text service;

    if (error != VIETQR_OK)
        return error;
    if (level.field[0].bytes == NULL)
        return refuse(r, VIETQR_GUID_MISSING, "38", 0);
    if (!text_is(level.field[0], VIETQR_NAPAS_GUID))
        return refuse(r, VIETQR_GUID_VALUE, "38", 0);
    if (level.field[1].bytes == NULL)
        return refuse(r, VIETQR_ACCOUNT_TEMPLATE_MISSING, "38", 1);
    service = level.field[2];
    if (service.bytes == NULL)
        warn(r, VIETQR_WARN_SERVICE_MISSING);
    else if (!service_read(service, &r->code.service))
        return refuse(r, VIETQR_SERVICE_VALUE, "38", 2);
    r->code.skipped += level.count - (service.bytes == NULL ? 2 : 3);
    return read_account(r, level.field[1]);
}

/* --- 54 to 57 --- */

static enum vietqr_error read_money(struct reader *r, int id, int64_t *amount)
{
    bool fee = id == 56;

    switch (amount_read(r->root.field[id], vietqr_currency_decimals(r->code.currency), amount)) {
    case AMOUNT_GOOD:
        return VIETQR_OK;
    case AMOUNT_BAD_LENGTH:
        return refuse(r, fee ? VIETQR_FEE_LENGTH : VIETQR_AMOUNT_LENGTH, "", id);
    case AMOUNT_BAD_CHARACTER:
        return refuse(r, fee ? VIETQR_FEE_CHARACTER : VIETQR_AMOUNT_CHARACTER, "", id);
    case AMOUNT_BAD_DECIMALS:
        return refuse(r, fee ? VIETQR_FEE_DECIMALS : VIETQR_AMOUNT_DECIMALS, "", id);
    case AMOUNT_IS_ZERO:
        break;
    }
    return refuse(r, fee ? VIETQR_FEE_ZERO : VIETQR_AMOUNT_ZERO, "", id);
}

static enum vietqr_error read_fee(struct reader *r)
{
    struct vietqr_text fixed = r->root.field[56], percentage = r->root.field[57];
    enum vietqr_tip tip = r->code.tip;

    if (tip == VIETQR_TIP_FIXED && fixed.bytes == NULL)
        return refuse(r, VIETQR_FEE_MISSING, "", 56);
    if (tip != VIETQR_TIP_FIXED && fixed.bytes != NULL)
        return refuse(r, VIETQR_FEE_UNEXPECTED, "", 56);
    if (tip == VIETQR_TIP_PERCENTAGE && percentage.bytes == NULL)
        return refuse(r, VIETQR_PERCENTAGE_MISSING, "", 57);
    if (tip != VIETQR_TIP_PERCENTAGE && percentage.bytes != NULL)
        return refuse(r, VIETQR_PERCENTAGE_UNEXPECTED, "", 57);
    if (tip == VIETQR_TIP_FIXED)
        return read_money(r, 56, &r->code.fee);
    if (tip == VIETQR_TIP_PERCENTAGE && !percentage_read(percentage, &r->code.fee))
        return refuse(r, VIETQR_PERCENTAGE_VALUE, "", 57);
    return VIETQR_OK;
}

static enum vietqr_error read_amounts(struct reader *r)
{
    struct vietqr_text tip = r->root.field[55];
    enum vietqr_error error;

    if (r->root.field[54].bytes != NULL) {
        error = read_money(r, 54, &r->code.amount);
        if (error != VIETQR_OK)
            return error;
        r->code.has_amount = 1;
    }
    if (tip.bytes != NULL) {
        if (!text_digits(tip, 2) || tip.bytes[0] != '0' || tip.bytes[1] < '1' || tip.bytes[1] > '3')
            return refuse(r, VIETQR_TIP_VALUE, "", 55);
        r->code.tip = (enum vietqr_tip)(tip.bytes[1] - '0');
    }
    return read_fee(r);
}

/* --- 59 to 64 --- */

static void read_merchant(struct reader *r)
{
    static const struct {
        int id;
        size_t max;
        enum vietqr_warning warning;
        enum vietqr_error error;
    } rules[] = {
        { 59, 25, VIETQR_WARN_NAME_LENGTH, VIETQR_NAME_LENGTH },
        { 60, 15, VIETQR_WARN_CITY_LENGTH, VIETQR_CITY_LENGTH },
        { 61, 10, VIETQR_WARN_POSTAL_CODE_LENGTH, VIETQR_POSTAL_CODE_LENGTH },
    };

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct vietqr_text t = r->root.field[rules[i].id];

        if (text_count(t) > rules[i].max)
            warn_strict(r, rules[i].warning, rules[i].error, "", rules[i].id);
        if (!text_ascii(t))
            warn_strict(r, VIETQR_WARN_NOT_ASCII, VIETQR_NOT_ASCII, "", rules[i].id);
    }
    r->code.merchant_name = r->root.field[59];
    r->code.merchant_city = r->root.field[60];
    r->code.postal_code = r->root.field[61];
}

/* 62.09: up to three of A, M and E, each once. */
static bool consumer_data_good(struct vietqr_text t)
{
    unsigned seen = 0;

    for (size_t i = 0; i < t.size; i++) {
        unsigned bit = t.bytes[i] == 'A' ? 1 : t.bytes[i] == 'M' ? 2 : t.bytes[i] == 'E' ? 4 : 0;

        if (bit == 0 || (seen & bit) != 0)
            return false;
        seen |= bit;
    }
    return true;
}

static enum vietqr_error read_additional(struct reader *r)
{
    struct tlv_level level;
    enum vietqr_error error;
    unsigned known = 0;

    if (r->root.field[62].bytes == NULL)
        return VIETQR_OK;
    error = tlv_read(&level, r->root.field[62], "62", r->problem);
    if (error != VIETQR_OK)
        return error;
    for (int id = 1; id <= VIETQR_ADDITIONAL_COUNT; id++) {
        struct vietqr_text t = level.field[id];

        known += t.bytes != NULL;
        r->code.additional[id - 1] = t;
        if (text_count(t) > VIETQR_TEXT_MAX)
            warn_strict(r, VIETQR_WARN_ADDITIONAL_LENGTH, VIETQR_ADDITIONAL_LENGTH, "62", id);
    }
    if (!text_ascii(r->root.field[62]))
        warn_strict(r, VIETQR_WARN_NOT_ASCII, VIETQR_NOT_ASCII, "", 62);
    r->code.consumer_data = level.field[9];
    known += level.field[9].bytes != NULL;
    if (!consumer_data_good(level.field[9]))
        warn_strict(r, VIETQR_WARN_CONSUMER_DATA, VIETQR_CONSUMER_DATA, "62", 9);
    r->code.skipped += level.count - known;
    return VIETQR_OK;
}

static bool language_good(struct vietqr_text t)
{
    if (t.size != 2)
        return false;
    for (int i = 0; i < 2; i++)
        if ((t.bytes[i] < 'a' || t.bytes[i] > 'z') && (t.bytes[i] < 'A' || t.bytes[i] > 'Z'))
            return false;
    return true;
}

static enum vietqr_error read_language(struct reader *r)
{
    struct tlv_level level;
    enum vietqr_error error;
    struct vietqr *q = &r->code;

    if (r->root.field[64].bytes == NULL)
        return VIETQR_OK;
    error = tlv_read(&level, r->root.field[64], "64", r->problem);
    if (error != VIETQR_OK)
        return error;
    if (level.field[0].bytes == NULL)
        return refuse(r, VIETQR_LANGUAGE_MISSING, "64", 0);
    if (level.field[1].bytes == NULL)
        return refuse(r, VIETQR_LANGUAGE_NAME_MISSING, "64", 1);
    q->language = level.field[0];
    q->local_name = level.field[1];
    q->local_city = level.field[2];
    if (!language_good(q->language))
        warn_strict(r, VIETQR_WARN_LANGUAGE_VALUE, VIETQR_LANGUAGE_VALUE, "64", 0);
    if (text_count(q->local_name) > 25)
        warn_strict(r, VIETQR_WARN_LANGUAGE_VALUE, VIETQR_LANGUAGE_VALUE, "64", 1);
    if (text_count(q->local_city) > 15)
        warn_strict(r, VIETQR_WARN_LANGUAGE_VALUE, VIETQR_LANGUAGE_VALUE, "64", 2);
    q->skipped += level.count - (q->local_city.bytes == NULL ? 2 : 3);
    return VIETQR_OK;
}

/* --- the whole --- */

/* Root objects that no rule above looks at: other wallets, reserved and unreserved fields, unknown ids. */
static unsigned unread_at_root(const struct tlv_level *root)
{
    static const unsigned char read[] = { 0, 1, 38, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64 };
    unsigned unread = root->count;

    for (size_t i = 0; i < sizeof read; i++)
        unread -= root->field[read[i]].bytes != NULL;
    return unread;
}

static enum vietqr_error read_root(struct reader *r, const char *payload, size_t size)
{
    enum vietqr_error error = tlv_read(&r->root, (struct vietqr_text){ payload, size }, "", r->problem);

    if (error != VIETQR_OK)
        return error;
    if (r->root.first != 0)
        return refuse(r, VIETQR_FORMAT_MISSING, "", 0);
    if (!text_is(r->root.field[0], "01"))
        return refuse(r, VIETQR_FORMAT_VALUE, "", 0);
    error = read_crc_field(r, payload);
    if (error != VIETQR_OK)
        return error;
    if (r->root.field[38].bytes == NULL)
        return refuse(r, VIETQR_BENEFICIARY_MISSING, "", 38);
    r->code.skipped = unread_at_root(&r->root);
    return VIETQR_OK;
}

static enum vietqr_error read_fields(struct reader *r, const char *payload, size_t size)
{
    enum vietqr_error error = read_root(r, payload, size);

    if (error == VIETQR_OK)
        error = read_general(r);
    if (error == VIETQR_OK)
        error = read_beneficiary(r);
    if (error == VIETQR_OK)
        error = read_amounts(r);
    if (error != VIETQR_OK)
        return error;
    read_merchant(r);
    error = read_additional(r);
    return error == VIETQR_OK ? read_language(r) : error;
}

static void list_warnings(struct vietqr *code, unsigned warned)
{
    for (unsigned w = 1; w <= VIETQR_WARNINGS_MAX; w++)
        if ((warned & 1u << w) != 0)
            code->warnings[code->warning_count++] = (enum vietqr_warning)w;
}

static enum vietqr_error read_payload(struct reader *r, const char *payload, size_t size, enum vietqr_mode mode)
{
    enum vietqr_error error = text_check(payload, size);

    if (error != VIETQR_OK)
        return refuse(r, error, "", -1);
    if (kind_is_foreign(vietqr_kind(payload, size)))
        return refuse(r, VIETQR_NOT_EMV, "", -1);
    error = read_crc_bytes(r, payload, size);
    if (error == VIETQR_OK)
        error = read_fields(r, payload, size);
    if (error != VIETQR_OK)
        return error;
    if (mode == VIETQR_STRICT && r->strict.error != VIETQR_OK) {
        *r->problem = r->strict;
        return r->strict.error;
    }
    list_warnings(&r->code, r->warned);
    return VIETQR_OK;
}

enum vietqr_error vietqr_decode(const char *payload, size_t size, enum vietqr_mode mode, struct vietqr *code,
                                struct vietqr_problem *problem)
{
    struct vietqr_problem mine;
    struct reader r;
    enum vietqr_error error;

    memset(&r, 0, sizeof r);
    memset(&mine, 0, sizeof mine);
    r.problem = &mine;
    if (payload == NULL)
        size = 0;
    error = read_payload(&r, payload, size, mode);
    if (error == VIETQR_OK)
        *code = r.code;
    else
        mine.kind = size > 0 ? vietqr_kind(payload, size) : VIETQR_KIND_UNKNOWN;
    if (problem != NULL)
        *problem = mine;
    return error;
}

enum vietqr_error vietqr_validate(const char *payload, size_t size, enum vietqr_mode mode,
                                  struct vietqr_problem *problem)
{
    struct vietqr code;

    return vietqr_decode(payload, size, mode, &code, problem);
}
