/* Names and plain sentences. No sentence holds anything out of a payload. */
#include "parts.h"

#include "khop/base/banned.h"

struct wording {
    const char *name, *text;
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct wording errors[] = {
    [VIETQR_OK] = { "ok", "the payload is good" },
    [VIETQR_EMPTY] = { "empty", "there is no text" },
    [VIETQR_TOO_LONG] = { "too_long", "the text is longer than 512 characters" },
    [VIETQR_NOT_UTF8] = { "not_utf8", "the text is not valid UTF-8" },
    [VIETQR_CONTROL_CHARACTER] = { "control_character", "the text contains a control character, such as a line end" },
    [VIETQR_LEADING_SPACE] = { "leading_space", "a space or a byte-order mark stands in front" },
    [VIETQR_NOT_EMV] = { "not_emv", "this is not a payment code in the EMV format" },
    [VIETQR_HEADER_CUT] = { "header_cut", "the text ends where another field must start" },
    [VIETQR_TEMPLATE_REST] = { "template_rest", "the inner fields do not fill their template exactly" },
    [VIETQR_ID_NOT_DIGITS] = { "id_not_digits", "a field does not start with a two-digit id" },
    [VIETQR_LENGTH_NOT_DIGITS] = { "length_not_digits", "the length of a field is not two digits" },
    [VIETQR_LENGTH_ZERO] = { "length_zero", "the length of a field is 00" },
    [VIETQR_VALUE_CUT] = { "value_cut", "a value is shorter than its length says" },
    [VIETQR_DUPLICATE] = { "duplicate", "a field stands twice" },
    [VIETQR_FORMAT_MISSING] = { "format_missing", "the payload does not start with field 00" },
    [VIETQR_FORMAT_VALUE] = { "format_value", "field 00 is not 01" },
    [VIETQR_CRC_MISSING] = { "crc_missing", "the checksum (field 63) is missing" },
    [VIETQR_CRC_NOT_LAST] = { "crc_not_last", "something stands behind the checksum" },
    [VIETQR_CRC_LENGTH] = { "crc_length", "the checksum is not 4 characters long" },
    [VIETQR_CRC_NOT_HEX] = { "crc_not_hex", "the checksum is not hexadecimal" },
    [VIETQR_CRC_WRONG] = { "crc_wrong", "the checksum does not fit the text" },
    [VIETQR_CRC_LOWER_CASE] = { "crc_lower_case", "the checksum is in lower case" },
    [VIETQR_METHOD_MISSING] = { "method_missing", "field 01 (static or dynamic) is missing" },
    [VIETQR_METHOD_VALUE] = { "method_value", "field 01 is neither 11 nor 12" },
    [VIETQR_CURRENCY_MISSING] = { "currency_missing", "the currency (field 53) is missing" },
    [VIETQR_CURRENCY_VALUE] = { "currency_value", "the currency is not as it must be (704 for VND)" },
    [VIETQR_CURRENCY_UNKNOWN] = { "currency_unknown", "the currency is none that NAPAS lists" },
    [VIETQR_COUNTRY_MISSING] = { "country_missing", "the country (field 58) is missing" },
    [VIETQR_COUNTRY_VALUE] = { "country_value", "the country is not as it must be (VN)" },
    [VIETQR_CATEGORY_VALUE] = { "category_value", "the merchant category is not 4 digits" },
    [VIETQR_BENEFICIARY_MISSING] = { "beneficiary_missing", "there is no bank account in it (no field 38)" },
    [VIETQR_GUID_MISSING] = { "guid_missing", "field 38 lacks the NAPAS identifier" },
    [VIETQR_GUID_VALUE] = { "guid_value", "field 38 belongs to somebody other than NAPAS" },
    [VIETQR_ACCOUNT_TEMPLATE_MISSING] = { "account_template_missing", "field 38 lacks bank and account (38.01)" },
    [VIETQR_BIN_MISSING] = { "bin_missing", "the bank number is missing" },
    [VIETQR_BIN_VALUE] = { "bin_value", "the bank number is not 6 digits" },
    [VIETQR_ACCOUNT_MISSING] = { "account_missing", "the account number is missing" },
    [VIETQR_ACCOUNT_LENGTH] = { "account_length", "the account number is not 1 to 19 characters long" },
    [VIETQR_ACCOUNT_CHARACTER] = { "account_character", "the account number has other characters than letters and digits" },
    [VIETQR_SERVICE_VALUE] = { "service_value", "the service code is not one that can be used here" },
    [VIETQR_CARD_NUMBER] = { "card_number", "a transfer to a card needs a card number of 16 or 19 digits" },
    [VIETQR_AMOUNT_LENGTH] = { "amount_length", "the amount is longer than 13 characters" },
    [VIETQR_AMOUNT_CHARACTER] = { "amount_character", "the amount has other characters than digits and one dot" },
    [VIETQR_AMOUNT_DECIMALS] = { "amount_decimals", "the amount has not the decimals of its currency (none for VND)" },
    [VIETQR_AMOUNT_ZERO] = { "amount_zero", "the amount is zero" },
    [VIETQR_TIP_VALUE] = { "tip_value", "field 55 is not 01, 02 or 03" },
    [VIETQR_FEE_MISSING] = { "fee_missing", "field 55 announces a fixed fee, but 56 is missing" },
    [VIETQR_FEE_UNEXPECTED] = { "fee_unexpected", "there is a fixed fee that field 55 does not announce" },
    [VIETQR_FEE_LENGTH] = { "fee_length", "the fee is longer than 13 characters" },
    [VIETQR_FEE_CHARACTER] = { "fee_character", "the fee has other characters than digits and one dot" },
    [VIETQR_FEE_DECIMALS] = { "fee_decimals", "the fee has not the decimals of its currency (none for VND)" },
    [VIETQR_FEE_ZERO] = { "fee_zero", "the fee is zero" },
    [VIETQR_PERCENTAGE_MISSING] = { "percentage_missing", "field 55 announces a percentage, but 57 is missing" },
    [VIETQR_PERCENTAGE_UNEXPECTED] = { "percentage_unexpected", "there is a percentage that field 55 does not announce" },
    [VIETQR_PERCENTAGE_VALUE] = { "percentage_value", "the percentage is not between 00.01 and 99.99" },
    [VIETQR_LANGUAGE_MISSING] = { "language_missing", "field 64 lacks its language" },
    [VIETQR_LANGUAGE_NAME_MISSING] = { "language_name_missing", "field 64 lacks the merchant's name" },
    [VIETQR_NAME_LENGTH] = { "name_length", "the merchant's name is longer than 25 characters" },
    [VIETQR_CITY_LENGTH] = { "city_length", "the merchant's city is longer than 15 characters" },
    [VIETQR_POSTAL_CODE_LENGTH] = { "postal_code_length", "the postal code is longer than 10 characters" },
    [VIETQR_ADDITIONAL_LENGTH] = { "additional_length", "a text of field 62 is longer than 25, or all of it than 99" },
    [VIETQR_NOT_ASCII] = { "not_ascii", "a text has characters other than printable ASCII" },
    [VIETQR_CONSUMER_DATA] = { "consumer_data", "field 62.09 has other letters than A, M and E, or one twice" },
    [VIETQR_LANGUAGE_VALUE] = { "language_value", "field 64 has no two-letter language, or its texts are too long" },
    [VIETQR_NO_ROOM] = { "no_room", "the buffer is too small" },
    [VIETQR_TEXT_EMPTY] = { "text_empty", "an empty text cannot be written" },
    [VIETQR_NOT_WRITTEN] = { "not_written", "tips, fees and a second language are not written" },
};

static const struct wording warnings[] = {
    [VIETQR_WARN_CRC_LOWER_CASE] = { "crc_lower_case", "the checksum is in lower case" },
    [VIETQR_WARN_NAME_LENGTH] = { "name_length", "the merchant's name is longer than 25 characters" },
    [VIETQR_WARN_CITY_LENGTH] = { "city_length", "the merchant's city is longer than 15 characters" },
    [VIETQR_WARN_POSTAL_CODE_LENGTH] = { "postal_code_length", "the postal code is longer than 10 characters" },
    [VIETQR_WARN_ADDITIONAL_LENGTH] = { "additional_length", "a text of field 62 is longer than 25 characters" },
    [VIETQR_WARN_NOT_ASCII] = { "not_ascii", "a text has characters other than printable ASCII" },
    [VIETQR_WARN_CONSUMER_DATA] = { "consumer_data", "field 62.09 has other letters than A, M and E, or one twice" },
    [VIETQR_WARN_LANGUAGE_VALUE] = { "language_value", "field 64 has no two-letter language, or its texts are too long" },
    [VIETQR_WARN_SERVICE_MISSING] = { "service_missing", "no service code: taken as a transfer to an account" },
    [VIETQR_WARN_BANK_UNKNOWN] = { "bank_unknown", "the bank number is not in the table of banks" },
    [VIETQR_WARN_CURRENCY] = { "currency", "the currency is not VND" },
    [VIETQR_WARN_COUNTRY] = { "country", "the country is not VN" },
};

static const struct wording kinds[] = {
    [VIETQR_KIND_UNKNOWN] = { "unknown", "this is not a bank transfer code" },
    [VIETQR_KIND_VIETQR] = { "vietqr", "this is a VietQR bank transfer code" },
    [VIETQR_KIND_VNPAY_MERCHANT] = { "vnpay_merchant", "this is a VNPay merchant code, not a bank transfer code" },
    [VIETQR_KIND_SHOPEEPAY] = { "shopeepay", "this is a ShopeePay code, not a bank transfer code" },
    [VIETQR_KIND_ELECTRICITY_BILL] = { "electricity_bill", "this is an electricity bill code, not a bank transfer code" },
    [VIETQR_KIND_CARD_SCHEME] = { "card_scheme", "this is a card organisation's code, not a bank transfer code" },
    [VIETQR_KIND_OTHER_EMV] = { "other_emv", "this is another wallet's or bank's code, not a bank transfer code" },
    [VIETQR_KIND_WALLET] = { "wallet", "this is a wallet's own code, not a bank transfer code" },
    [VIETQR_KIND_MOMO] = { "momo", "this is a former MoMo transfer code, not a bank transfer code" },
    [VIETQR_KIND_VIETTELPAY] = { "viettelpay", "this is a former ViettelPay code, not a bank transfer code" },
    [VIETQR_KIND_IDENTITY_CARD] = { "identity_card",
                                    "this is an identity card, not a bank transfer code; it is not kept" },
    [VIETQR_KIND_LINK] = { "link", "this is a link, not a bank transfer code" },
};

_Static_assert(COUNT(warnings) == VIETQR_WARNINGS_MAX + 1, "every warning fits into struct vietqr");

static const struct wording *find(const struct wording *table, size_t count, unsigned number)
{
    static const struct wording none = { "unknown", "unknown" };

    return number < count && table[number].name != NULL ? &table[number] : &none;
}

const char *vietqr_error_name(enum vietqr_error error)
{
    return find(errors, COUNT(errors), (unsigned)error)->name;
}

const char *vietqr_error_text(enum vietqr_error error)
{
    return find(errors, COUNT(errors), (unsigned)error)->text;
}

const char *vietqr_warning_name(enum vietqr_warning warning)
{
    return find(warnings, COUNT(warnings), (unsigned)warning)->name;
}

const char *vietqr_warning_text(enum vietqr_warning warning)
{
    return find(warnings, COUNT(warnings), (unsigned)warning)->text;
}

const char *vietqr_kind_name(enum vietqr_kind kind)
{
    return find(kinds, COUNT(kinds), (unsigned)kind)->name;
}

const char *vietqr_kind_text(enum vietqr_kind kind)
{
    return find(kinds, COUNT(kinds), (unsigned)kind)->text;
}

const char *vietqr_version(void)
{
    return VIETQR_VERSION;
}
