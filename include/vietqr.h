/* libvietqr: the payload text of VietQR codes (merchant-presented QR for NAPAS 247 transfers).
 *
 *   decode    payload -> struct vietqr, strict or lenient
 *   encode    struct vietqr -> payload
 *   validate  decode without the result
 *   banks     the table of banks, by BIN
 *   kind      what else a scanned text may be
 *
 * Nothing is allocated, nothing is global, every function may be called from any thread. Texts are pointer and length;
 * those in a decoded struct point into the payload and live as long as it does. Functions that can fail return
 * VIETQR_OK (0) or an enum vietqr_error and, where asked, tell the field in a struct vietqr_problem. No function prints,
 * and no sentence of this library contains anything out of a payload.
 *
 * Amounts are integers in the smallest unit of the currency (for VND: dong).
 *
 * Rules: NAPAS "Quy dinh dinh dang ma VietQR" 1.0 (2021). Lengths in a payload count Unicode code points, the checksum
 * runs over the UTF-8 bytes. */
#ifndef VIETQR_H
#define VIETQR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VIETQR_API __attribute__((visibility("default")))
#else
#define VIETQR_API
#endif

/* --- errors, warnings, kinds --- */

/* Why a payload was refused, or could not be written. Numbers are stable; new ones are added at the end. */
enum vietqr_error {
    VIETQR_OK = 0,
    /* the text as a whole */
    VIETQR_EMPTY = 1,
    VIETQR_TOO_LONG = 2,          /* more than VIETQR_PAYLOAD_MAX characters */
    VIETQR_NOT_UTF8 = 3,
    VIETQR_CONTROL_CHARACTER = 4, /* NUL, line ends, tabs … anywhere */
    VIETQR_LEADING_SPACE = 5,     /* a byte-order mark or a space in front */
    VIETQR_NOT_EMV = 6,           /* a link, JSON, text with pipes …: see vietqr_kind() */
    /* objects: id, length, value */
    VIETQR_HEADER_CUT = 10,      /* fewer than 4 characters where an object must start */
    VIETQR_TEMPLATE_REST = 11,   /* the same at the end of a template: it is not filled exactly */
    VIETQR_ID_NOT_DIGITS = 12,
    VIETQR_LENGTH_NOT_DIGITS = 13,
    VIETQR_LENGTH_ZERO = 14,
    VIETQR_VALUE_CUT = 15,       /* the value runs past the end of what it is in */
    VIETQR_DUPLICATE = 16,       /* an id twice at one level */
    /* 00 and 63 */
    VIETQR_FORMAT_MISSING = 20,  /* 00 is not there or not first */
    VIETQR_FORMAT_VALUE = 21,    /* 00 is not "01" */
    VIETQR_CRC_MISSING = 22,
    VIETQR_CRC_NOT_LAST = 23,    /* something stands behind 63 */
    VIETQR_CRC_LENGTH = 24,
    VIETQR_CRC_NOT_HEX = 25,
    VIETQR_CRC_WRONG = 26,
    VIETQR_CRC_LOWER_CASE = 27,  /* strict only */
    /* 01, 53, 58, 52 */
    VIETQR_METHOD_MISSING = 30,
    VIETQR_METHOD_VALUE = 31,
    VIETQR_CURRENCY_MISSING = 32,
    VIETQR_CURRENCY_VALUE = 33,  /* not 3 digits */
    VIETQR_CURRENCY_UNKNOWN = 34,
    VIETQR_COUNTRY_MISSING = 35,
    VIETQR_COUNTRY_VALUE = 36,
    VIETQR_CATEGORY_VALUE = 37,
    /* 38 */
    VIETQR_BENEFICIARY_MISSING = 40, /* no 38: another kind of payment code, see vietqr_kind() */
    VIETQR_GUID_MISSING = 41,
    VIETQR_GUID_VALUE = 42,
    VIETQR_ACCOUNT_TEMPLATE_MISSING = 43, /* no 38.01 */
    VIETQR_BIN_MISSING = 44,
    VIETQR_BIN_VALUE = 45,
    VIETQR_ACCOUNT_MISSING = 46,
    VIETQR_ACCOUNT_LENGTH = 47,
    VIETQR_ACCOUNT_CHARACTER = 48,
    VIETQR_SERVICE_VALUE = 49,
    VIETQR_CARD_NUMBER = 50,     /* QRIBFTTC without 16 or 19 digits */
    /* 54 to 57 */
    VIETQR_AMOUNT_LENGTH = 60,
    VIETQR_AMOUNT_CHARACTER = 61, /* anything but digits and one dot */
    VIETQR_AMOUNT_DECIMALS = 62,  /* not the decimals of the currency: "50.000" is not fifty thousand */
    VIETQR_AMOUNT_ZERO = 63,
    VIETQR_TIP_VALUE = 64,
    VIETQR_FEE_MISSING = 65,      /* 55 = 02 without 56 */
    VIETQR_FEE_UNEXPECTED = 66,   /* 56 without 55 = 02 */
    VIETQR_FEE_LENGTH = 67,
    VIETQR_FEE_CHARACTER = 68,
    VIETQR_FEE_DECIMALS = 69,
    VIETQR_FEE_ZERO = 70,
    VIETQR_PERCENTAGE_MISSING = 71,    /* 55 = 03 without 57 */
    VIETQR_PERCENTAGE_UNEXPECTED = 72, /* 57 without 55 = 03 */
    VIETQR_PERCENTAGE_VALUE = 73,
    /* 59 to 64 */
    VIETQR_LANGUAGE_MISSING = 80,      /* 64 without 00 */
    VIETQR_LANGUAGE_NAME_MISSING = 81, /* 64 without 01 */
    VIETQR_NAME_LENGTH = 82,           /* strict only, as all below */
    VIETQR_CITY_LENGTH = 83,
    VIETQR_POSTAL_CODE_LENGTH = 84,
    VIETQR_ADDITIONAL_LENGTH = 85,     /* 62.01 to 62.08 over 25 */
    VIETQR_NOT_ASCII = 86,             /* in 59, 60, 61 or 62 */
    VIETQR_CONSUMER_DATA = 87,         /* 62.09: other letters than A, M, E, or one twice */
    VIETQR_LANGUAGE_VALUE = 88,        /* 64.00 is not two letters, 64.01 or 64.02 is too long */
    /* encode only */
    VIETQR_NO_ROOM = 100,      /* the caller's buffer */
    VIETQR_TEXT_EMPTY = 101,   /* a text of length 0 cannot be written */
    VIETQR_NOT_WRITTEN = 102,  /* tips, fees and field 64 are read but never written */
};

/* What is worth saying about a payload that was accepted. The first group is refused when strict. */
enum vietqr_warning {
    VIETQR_WARN_CRC_LOWER_CASE = 1,
    VIETQR_WARN_NAME_LENGTH,
    VIETQR_WARN_CITY_LENGTH,
    VIETQR_WARN_POSTAL_CODE_LENGTH,
    VIETQR_WARN_ADDITIONAL_LENGTH,
    VIETQR_WARN_NOT_ASCII,
    VIETQR_WARN_CONSUMER_DATA,
    VIETQR_WARN_LANGUAGE_VALUE,
    /* never refused */
    VIETQR_WARN_SERVICE_MISSING, /* no 38.02: taken as a transfer to an account */
    VIETQR_WARN_BANK_UNKNOWN,    /* the BIN is not in the table, which may be older than the bank */
    VIETQR_WARN_CURRENCY,        /* not VND: do not pay it as a domestic transfer */
    VIETQR_WARN_COUNTRY,         /* not VN */
};
#define VIETQR_WARNINGS_MAX 12

/* What a scanned text is. Nothing is extracted from anything but a VietQR payload. */
enum vietqr_kind {
    VIETQR_KIND_UNKNOWN = 0,
    VIETQR_KIND_VIETQR,          /* field 38 with the NAPAS GUID (it may still be damaged) */
    VIETQR_KIND_VNPAY_MERCHANT,
    VIETQR_KIND_SHOPEEPAY,
    VIETQR_KIND_ELECTRICITY_BILL,
    VIETQR_KIND_CARD_SCHEME,     /* EMV code of a card organisation only */
    VIETQR_KIND_OTHER_EMV,       /* EMV code of another wallet or bank */
    VIETQR_KIND_WALLET,          /* EMV-like without any account field: a personal wallet, as VNPay prints */
    VIETQR_KIND_MOMO,            /* MoMo's former transfer code */
    VIETQR_KIND_VIETTELPAY,      /* ViettelPay's former JSON code */
    VIETQR_KIND_IDENTITY_CARD,   /* personal data: do not log, do not store */
    VIETQR_KIND_LINK,
};

/* Constant names ("crc_wrong", "service_missing", "vnpay_merchant") and plain English sentences. Numbers that are none
 * of ours give "unknown". */
VIETQR_API const char *vietqr_error_name(enum vietqr_error error);
VIETQR_API const char *vietqr_error_text(enum vietqr_error error);
VIETQR_API const char *vietqr_warning_name(enum vietqr_warning warning);
VIETQR_API const char *vietqr_warning_text(enum vietqr_warning warning);
VIETQR_API const char *vietqr_kind_name(enum vietqr_kind kind);
VIETQR_API const char *vietqr_kind_text(enum vietqr_kind kind);

/* Looks at a text of any form and any damage. */
VIETQR_API enum vietqr_kind vietqr_kind(const char *text, size_t size);

/* --- the payload --- */

#define VIETQR_PAYLOAD_MAX 512 /* characters */
#define VIETQR_TEXT_MAX    25  /* characters of a merchant name and of 62.01 to 62.08 */
#define VIETQR_AMOUNT_MAX  INT64_C(9999999999999)
#define VIETQR_NAPAS_GUID  "A000000727"

/* Bytes inside the payload, not ended by NUL; bytes == NULL: the field is not there. */
struct vietqr_text {
    const char *bytes;
    size_t size;
};

enum vietqr_method {
    VIETQR_METHOD_AUTO = 0, /* encode: dynamic exactly when there is an amount */
    VIETQR_STATIC = 11,     /* may be paid many times */
    VIETQR_DYNAMIC = 12,    /* meant for one payment */
};

enum vietqr_service {
    VIETQR_TO_ACCOUNT = 0, /* QRIBFTTA */
    VIETQR_TO_CARD,        /* QRIBFTTC: the account is a card number, personal financial data */
    VIETQR_MERCHANT,       /* QRPUSH: read, never written */
};

enum vietqr_tip {
    VIETQR_TIP_NONE = 0,
    VIETQR_TIP_ASK = 1,
    VIETQR_TIP_FIXED = 2,      /* `fee`, in the unit of the amount */
    VIETQR_TIP_PERCENTAGE = 3, /* `fee`, in hundredths of a percent */
};

/* Places in `additional`: sub-field 62.01 is place 0. */
enum vietqr_additional {
    VIETQR_BILL_NUMBER,
    VIETQR_MOBILE_NUMBER,
    VIETQR_STORE_LABEL,
    VIETQR_LOYALTY_NUMBER,
    VIETQR_REFERENCE_LABEL,
    VIETQR_CUSTOMER_LABEL,
    VIETQR_TERMINAL_LABEL,
    VIETQR_PURPOSE, /* the transfer memo */
};
#define VIETQR_ADDITIONAL_COUNT 8

struct vietqr {
    enum vietqr_method method;
    enum vietqr_service service;
    char bin[7];       /* 6 digits */
    char account[20];  /* 1 to 19 letters and digits, case kept */
    char currency[4];  /* "704"; empty means that to encode */
    char country[3];   /* "VN"; empty means that to encode */
    char category[5];  /* field 52, 4 digits, or empty */
    int has_amount;
    int64_t amount;    /* smallest unit of the currency: see vietqr_currency_decimals */
    enum vietqr_tip tip;
    int64_t fee;
    struct vietqr_text additional[VIETQR_ADDITIONAL_COUNT]; /* 62.01 to 62.08 */
    struct vietqr_text consumer_data;                       /* 62.09 */
    struct vietqr_text merchant_name, merchant_city, postal_code; /* 59, 60, 61 */
    struct vietqr_text language, local_name, local_city;    /* 64.00, 64.01, 64.02 */
    unsigned skipped;  /* objects that were passed over: other wallets, unknown ids */
    unsigned warning_count;
    enum vietqr_warning warnings[VIETQR_WARNINGS_MAX]; /* each at most once, in the order of the enum */
    void *reserved[4];
};

/* Where a problem is. */
struct vietqr_problem {
    enum vietqr_error error;
    enum vietqr_kind kind; /* decode only */
    char field[10];        /* "38.01.00", "54"; empty when no field can be named */
};

/* Everything absent: an account transfer in VND, static until an amount is set. */
VIETQR_API void vietqr_init(struct vietqr *code);

enum vietqr_mode { VIETQR_STRICT = 0, VIETQR_LENIENT = 1 };

/* Reads a payload. The decoder trims nothing: a final line end is the caller's to remove. Lenient accepts what real
 * bank apps print (lower-case checksum, long or accented names and memos) and warns. On failure *code is untouched and
 * *problem (may be NULL) says why. */
VIETQR_API enum vietqr_error vietqr_decode(const char *payload, size_t size, enum vietqr_mode mode, struct vietqr *code,
                                           struct vietqr_problem *problem);

/* Only whether it would be read. */
VIETQR_API enum vietqr_error vietqr_validate(const char *payload, size_t size, enum vietqr_mode mode,
                                             struct vietqr_problem *problem);

/* Enough for every payload that vietqr_encode writes, with its NUL. */
#define VIETQR_ENCODED_MAX 320

/* Writes the payload and a NUL, *written (may be NULL) gets its length without the NUL. Written are 00 01 38 52 53 54 58
 * 59 60 61 62 (01 to 09) 63, in this order, as far as they are set. Texts go in as given: what the format forbids is
 * refused, nothing is cut or replaced. Currency and country are VND and VN; tips, fees and 64 are refused. On failure
 * out is an empty text (if it has room for that). */
VIETQR_API enum vietqr_error vietqr_encode(const struct vietqr *code, char *out, size_t out_size, size_t *written,
                                           struct vietqr_problem *problem);

/* Checksum of field 63: CRC-16 with polynomial 1021, initial FFFF, not reflected, no final XOR. */
VIETQR_API uint16_t vietqr_crc(const void *bytes, size_t size);

/* "QRIBFTTA", "QRIBFTTC", "QRPUSH"; "unknown" for another number. */
VIETQR_API const char *vietqr_service_name(enum vietqr_service service);

/* Decimals of a numeric ISO 4217 currency that NAPAS lists; -1 for any other. */
VIETQR_API int vietqr_currency_decimals(const char *currency);

/* --- banks --- */

enum vietqr_flag { VIETQR_FLAG_UNKNOWN = -1, VIETQR_FLAG_NO = 0, VIETQR_FLAG_YES = 1 };

struct vietqr_bank {
    char bin[7];
    const char *code;       /* letters; not a key, sources disagree */
    const char *short_name; /* UTF-8, as customers know it */
    const char *full_name;
    signed char receives;    /* enum vietqr_flag: transfers by VietQR reach it */
    signed char scans;       /* its own app pays by scanning VietQR */
    signed char looks_up;    /* the holder's name can be looked up */
};

/* By the 6 digits; NULL when it is not in the table. */
VIETQR_API const struct vietqr_bank *vietqr_bank(const char *bin, size_t size);
/* All of them, ascending by BIN: 0 … count - 1; NULL beyond. */
VIETQR_API const struct vietqr_bank *vietqr_bank_at(size_t place);
VIETQR_API size_t vietqr_bank_count(void);

/* "0.1.0", of the library that runs. */
VIETQR_API const char *vietqr_version(void);

#ifdef __cplusplus
}
#endif

#endif
