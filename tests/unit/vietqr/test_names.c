/* Kinds of other codes, errata of published material, banks, names and sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "build.h"
#include "examples.h"

#include "khop/base/banned.h"

#define VNPAY                                                                                                          \
    "00020101021126280010A000000775011001087990425204597753037045802VN5909MYPHAMHER6005HANOI62260311MY PHAM "          \
    "HER0707MPHER0163041C50"

static void kind_is(const char *text, enum vietqr_error error, enum vietqr_kind kind)
{
    for (int mode = VIETQR_STRICT; mode <= VIETQR_LENIENT; mode++) {
        struct vietqr_problem problem;

        assert_int_equal(vietqr_validate(text, strlen(text), (enum vietqr_mode)mode, &problem), error);
        assert_int_equal(problem.kind, kind);
    }
    assert_int_equal(vietqr_kind(text, strlen(text)), kind);
}

static void other_kinds(void **state)
{
    (void)state;
    kind_is(VNPAY, VIETQR_BENEFICIARY_MISSING, VIETQR_KIND_VNPAY_MERCHANT);
    kind_is(seal(cat(HEAD, obj(26, "0013vn.airpay.www0103abc"), VND VN, NULL)), VIETQR_BENEFICIARY_MISSING,
            VIETQR_KIND_SHOPEEPAY);
    kind_is(seal(cat(HEAD, obj(26, "0002000110PA01020304"), VND VN, obj(59, "TONG CONG TY DIEN LUC MIEN BAC"), NULL)),
            VIETQR_BENEFICIARY_MISSING, VIETQR_KIND_ELECTRICITY_BILL);
    kind_is(seal(cat(HEAD, obj(4, "5500000000000004"), VND VN, NULL)), VIETQR_BENEFICIARY_MISSING,
            VIETQR_KIND_CARD_SCHEME);
    kind_is(seal(cat(HEAD, obj(27, "0006others"), VND VN, NULL)), VIETQR_BENEFICIARY_MISSING, VIETQR_KIND_OTHER_EMV);
    kind_is(seal(cat(HEAD, obj(38, "0010A000000999"), VND VN, NULL)), VIETQR_GUID_VALUE, VIETQR_KIND_OTHER_EMV);
    kind_is(seal(cat(HEAD VND VN, obj(81, "x"), NULL)), VIETQR_BENEFICIARY_MISSING, VIETQR_KIND_WALLET);
    kind_is("2|99|0900000000|NGUYEN VAN A||0|0|10000|tien an|transfer_myqr", VIETQR_NOT_EMV, VIETQR_KIND_MOMO);
    kind_is("{\"bankcode\":\"VTT\",\"cust_mobile\":\"0900000000\"}", VIETQR_NOT_EMV, VIETQR_KIND_VIETTELPAY);
    kind_is("012345678901|123456789|Nguyễn Văn A|01011990|Nam|Sơn La|01012021", VIETQR_NOT_EMV,
            VIETQR_KIND_IDENTITY_CARD);
    kind_is("https://example.org/pay?x=1", VIETQR_NOT_EMV, VIETQR_KIND_LINK);
    kind_is("HTTPS://EXAMPLE.ORG", VIETQR_NOT_EMV, VIETQR_KIND_LINK);
    kind_is("dl.vietqr.io/pay?app=vcb", VIETQR_NOT_EMV, VIETQR_KIND_LINK);
    kind_is("momo://app?x", VIETQR_NOT_EMV, VIETQR_KIND_LINK);
    kind_is("hello", VIETQR_ID_NOT_DIGITS, VIETQR_KIND_UNKNOWN);
    kind_is("", VIETQR_EMPTY, VIETQR_KIND_UNKNOWN);
    kind_is("\xEF\xBB\xBFhttps://example.org", VIETQR_LEADING_SPACE, VIETQR_KIND_LINK);
    /* The kind is told of damaged texts, too. */
    kind_is("{\n\"a\":1}", VIETQR_CONTROL_CHARACTER, VIETQR_KIND_VIETTELPAY);
    kind_is(HEAD BANK, VIETQR_CRC_MISSING, VIETQR_KIND_VIETQR);
}

/* Published examples that are wrong must not be read (vietqr.md §8, errata). */
static void errata(void **state)
{
    static const char napas_611[] =
        "00020101021138570010A00000072701270006970403011200110123456780208QRIBFTTA53037045802VN6304F4E5";

    (void)state;
    assert_int_not_equal(vietqr_validate(napas_611, strlen(napas_611), VIETQR_LENIENT, NULL), VIETQR_OK);
    /* Also with a right checksum: the account's length is wrong. */
    const char *sealed =
        seal("00020101021138570010A00000072701270006970403011200110123456780208QRIBFTTA53037045802VN");
    assert_int_equal(vietqr_validate(sealed, strlen(sealed), VIETQR_LENIENT, NULL), VIETQR_TEMPLATE_REST);
    /* A step-by-step string without the GUID. */
    const char *no_guid = seal(cat(HEAD, obj(38, "0127" ACCOUNT "0208QRIBFTTA"), VND VN, NULL));
    assert_int_equal(vietqr_validate(no_guid, strlen(no_guid), VIETQR_LENIENT, NULL), VIETQR_GUID_MISSING);
    /* The checksum of another text. */
    assert_int_equal(vietqr_validate(HEAD BANK VND VN "63041C50", strlen(HEAD BANK VND VN "63041C50"), VIETQR_LENIENT,
                                     NULL),
                     VIETQR_CRC_WRONG);
}

static void banks(void **state)
{
    const struct vietqr_bank *bank = vietqr_bank("970405", 6);
    size_t n = vietqr_bank_count();

    (void)state;
    assert_non_null(bank);
    assert_string_equal(bank->short_name, "Agribank");
    assert_string_equal(bank->code, "VBA");
    assert_int_equal(bank->receives, VIETQR_FLAG_YES);
    bank = vietqr_bank("999888", 6); /* Social Policies: not payable */
    assert_int_equal(bank->receives, VIETQR_FLAG_NO);
    assert_int_equal(bank->scans, VIETQR_FLAG_NO);
    assert_int_equal(vietqr_bank("970460", 6)->scans, VIETQR_FLAG_UNKNOWN);
    assert_string_equal(vietqr_bank("970438", 6)->code, "BVB"); /* the letters that others give to 970454 */
    assert_null(vietqr_bank("970401", 6));
    assert_null(vietqr_bank("97040", 5));
    assert_null(vietqr_bank("9704050", 7));
    assert_null(vietqr_bank("000000", 6));
    assert_null(vietqr_bank("999999", 6));
    assert_in_range(n, 72, 200);
    assert_null(vietqr_bank_at(n));
    for (size_t i = 0; i < n; i++) {
        const struct vietqr_bank *b = vietqr_bank_at(i);

        assert_ptr_equal(vietqr_bank(b->bin, 6), b);
        assert_true(i == 0 || strcmp(vietqr_bank_at(i - 1)->bin, b->bin) < 0);
        assert_true(b->code[0] != '\0' && b->short_name[0] != '\0' && b->full_name[0] != '\0');
    }
}

/* Every number of the enums has a name of its own and a sentence. */
static void names(void **state)
{
    const char *seen[128];
    size_t count = 0;

    (void)state;
    for (int e = 0; e <= VIETQR_NOT_WRITTEN; e++) {
        const char *name = vietqr_error_name((enum vietqr_error)e);

        if (strcmp(name, "unknown") == 0)
            continue;
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(name, seen[i]);
        seen[count++] = name;
        assert_true(strlen(vietqr_error_text((enum vietqr_error)e)) > 10);
    }
    assert_int_equal(count, 67);
    for (int w = 1; w <= VIETQR_WARNINGS_MAX; w++)
        assert_string_not_equal(vietqr_warning_name((enum vietqr_warning)w), "unknown");
    for (int k = 1; k <= VIETQR_KIND_LINK; k++)
        assert_string_not_equal(vietqr_kind_name((enum vietqr_kind)k), "unknown");
    assert_string_equal(vietqr_error_name((enum vietqr_error)9999), "unknown");
    assert_string_equal(vietqr_warning_name((enum vietqr_warning)0), "unknown");
    assert_string_equal(vietqr_kind_text((enum vietqr_kind)9999), "unknown");
    assert_string_equal(vietqr_service_name((enum vietqr_service)9), "unknown");
    assert_int_equal(vietqr_currency_decimals("704"), 0);
    assert_int_equal(vietqr_currency_decimals("702"), 2);
    assert_int_equal(vietqr_currency_decimals("840"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_kinds),
        cmocka_unit_test(errata),
        cmocka_unit_test(banks),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
