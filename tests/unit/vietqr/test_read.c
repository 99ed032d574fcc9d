/* Reading: the worked examples, what is always refused, what only strict refuses, what is never refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "build.h"
#include "examples.h"

#include "khop/base/banned.h"

static bool text_is(struct vietqr_text t, const char *word)
{
    return word == NULL ? t.bytes == NULL : t.size == strlen(word) && memcmp(t.bytes, word, t.size) == 0;
}

static void examples_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        const struct example *e = &examples[i];
        struct vietqr_problem problem;
        struct vietqr q;

        print_message("%s\n", e->name);
        assert_int_equal(vietqr_decode(e->payload, strlen(e->payload), VIETQR_STRICT, &q, &problem), e->strict);
        assert_int_equal(problem.error, e->strict);
        assert_int_equal(vietqr_decode(e->payload, strlen(e->payload), VIETQR_LENIENT, &q, NULL), VIETQR_OK);
        assert_int_equal(q.method, e->method);
        assert_int_equal(q.service, e->service);
        assert_string_equal(q.bin, e->bin);
        assert_string_equal(q.account, e->account);
        assert_int_equal(q.has_amount, e->amount != 0);
        assert_true(q.amount == e->amount);
        if (strcmp(e->name, "E13") != 0)
            assert_true(text_is(q.additional[VIETQR_PURPOSE], e->purpose));
        assert_string_equal(q.currency, "704");
        assert_string_equal(q.country, "VN");
        assert_int_equal(q.warning_count, e->strict != VIETQR_OK);
        assert_int_equal(vietqr_kind(e->payload, strlen(e->payload)), VIETQR_KIND_VIETQR);
        assert_non_null(vietqr_bank(q.bin, 6));
    }
}

static struct vietqr read_example(const char *name)
{
    struct vietqr q;

    for (size_t i = 0; i < EXAMPLES; i++)
        if (strcmp(examples[i].name, name) == 0) {
            assert_int_equal(vietqr_decode(examples[i].payload, strlen(examples[i].payload), VIETQR_LENIENT, &q, NULL),
                             VIETQR_OK);
            return q;
        }
    fail();
    return q;
}

static void other_fields_of_examples(void **state)
{
    struct vietqr q = read_example("E2");

    (void)state;
    assert_true(text_is(q.additional[VIETQR_BILL_NUMBER], "NPS6869"));
    assert_int_equal(q.skipped, 0);
    q = read_example("E9");
    assert_int_equal(q.warnings[0], VIETQR_WARN_CRC_LOWER_CASE);
    q = read_example("E10");
    assert_true(text_is(q.additional[VIETQR_REFERENCE_LABEL], "MOMOW2W12345678"));
    q = read_example("E11");
    assert_int_equal(q.skipped, 1); /* 80 is passed over, although it is no template */
    q = read_example("E13");
    assert_int_equal(q.warnings[0], VIETQR_WARN_NOT_ASCII);
    assert_true(text_is(q.merchant_name, "aAeEoOiIuUyYđĐ"));
    assert_true(text_is(q.merchant_city, "Vietnam"));
    assert_true(text_is(q.additional[VIETQR_BILL_NUMBER], "INV/TEST/0002"));
    assert_string_equal(q.category, "0000");
}

/* Both modes refuse, at this field, and leave the result alone. */
static void refuse_bytes(const char *payload, size_t size, enum vietqr_error error, const char *field)
{
    for (int mode = VIETQR_STRICT; mode <= VIETQR_LENIENT; mode++) {
        struct vietqr_problem problem;
        struct vietqr q, before;

        memset(&q, 0xA5, sizeof q);
        before = q;
        if (vietqr_decode(payload, size, (enum vietqr_mode)mode, &q, &problem) != error ||
            strcmp(problem.field, field) != 0)
            print_error("%s: %s at \"%s\", expected %s at \"%s\"\n", payload, vietqr_error_name(problem.error),
                        problem.field, vietqr_error_name(error), field);
        assert_int_equal(problem.error, error);
        assert_string_equal(problem.field, field);
        assert_memory_equal(&q, &before, sizeof q);
    }
}

static void refuse(const char *payload, enum vietqr_error error, const char *field)
{
    refuse_bytes(payload, strlen(payload), error, field);
}

/* Strict refuses, lenient reads with this warning and no other. */
static void warn(const char *payload, enum vietqr_error error, const char *field, enum vietqr_warning warning)
{
    struct vietqr_problem problem;
    struct vietqr q;

    assert_int_equal(vietqr_decode(payload, strlen(payload), VIETQR_STRICT, &q, &problem), error);
    assert_string_equal(problem.field, field);
    assert_int_equal(vietqr_decode(payload, strlen(payload), VIETQR_LENIENT, &q, &problem), VIETQR_OK);
    assert_int_equal(problem.error, VIETQR_OK);
    assert_int_equal(q.warning_count, 1);
    assert_int_equal(q.warnings[0], warning);
}

/* Strict reads; `warning` 0 for none. */
static struct vietqr accept(const char *payload, int warning)
{
    struct vietqr_problem problem;
    struct vietqr q;

    if (vietqr_decode(payload, strlen(payload), VIETQR_STRICT, &q, &problem) != VIETQR_OK)
        print_error("%s: %s at %s\n", payload, vietqr_error_name(problem.error), problem.field);
    assert_int_equal(problem.error, VIETQR_OK);
    assert_int_equal(q.warning_count, warning != 0);
    if (warning != 0)
        assert_int_equal(q.warnings[0], warning);
    assert_int_equal(vietqr_validate(payload, strlen(payload), VIETQR_LENIENT, NULL), VIETQR_OK);
    return q;
}

static void whole_text(void **state)
{
    const char *good = seal(HEAD BANK VND VN);
    static const char *const not_utf8[] = {
        "\xC3", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xE0\x9F\xBF", "\xF0\x80\x80\xAF", "\xF0\x8F\xBF\xBF",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\x80", "t\xEAn", "\xE1\xBB",
    };
    static const char *const controls[] = { "\n", "\r\n", "\t", "\x1B", "\x7F", "\xC2\x85", "\x01" };
    char filler[600];

    (void)state;
    refuse("", VIETQR_EMPTY, "");
    assert_int_equal(vietqr_validate(NULL, 0, VIETQR_STRICT, NULL), VIETQR_EMPTY);
    for (size_t i = 0; i < sizeof not_utf8 / sizeof not_utf8[0]; i++)
        refuse(seal(cat(HEAD BANK VND VN, obj(59, not_utf8[i]), NULL)), VIETQR_NOT_UTF8, "");
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
        refuse(seal(cat(HEAD BANK VND VN, obj(59, controls[i]), NULL)), VIETQR_CONTROL_CHARACTER, "");
        refuse(cat(good, controls[i], NULL), VIETQR_CONTROL_CHARACTER, "");
    }
    refuse_bytes("00020101\0", 9, VIETQR_CONTROL_CHARACTER, "");
    refuse(cat("\xEF\xBB\xBF", good, NULL), VIETQR_LEADING_SPACE, "");
    refuse(cat(" ", good, NULL), VIETQR_LEADING_SPACE, "");

    /* 512 characters are read, 513 are not, whatever their bytes. */
    memset(filler, 'x', sizeof filler);
    filler[99] = '\0';
    const char *long_text = cat(HEAD BANK VND VN, obj(65, filler), obj(66, filler), obj(67, filler), obj(70, "ballast"), NULL);
    size_t left = 512 - 8 - strlen(long_text);
    const char *half = obj(68, "ă");
    filler[left - 5 - 4] = '\0';
    accept(seal(cat(long_text, half, obj(69, filler), NULL)), 0);
    filler[left - 5 - 4] = 'x';
    filler[left - 5 - 3] = '\0';
    refuse(seal(cat(long_text, half, obj(69, filler), NULL)), VIETQR_TOO_LONG, "");
    static char huge[100000];
    memset(huge, '0', sizeof huge);
    refuse_bytes(huge, sizeof huge, VIETQR_TOO_LONG, "");
}

static void headers(void **state)
{
    (void)state;
    refuse("000201010", VIETQR_HEADER_CUT, "");
    refuse("000201 01", VIETQR_HEADER_CUT, "");
    refuse(seal(cat(HEAD BANK VND VN, "A60112", NULL)), VIETQR_ID_NOT_DIGITS, "");
    refuse(seal(cat(HEAD BANK VND VN, " 60112", NULL)), VIETQR_ID_NOT_DIGITS, "");
    refuse(seal(cat(HEAD BANK VND VN, "-60112", NULL)), VIETQR_ID_NOT_DIGITS, "");
    refuse(seal(cat(HEAD BANK VND VN, "６２01x", NULL)), VIETQR_ID_NOT_DIGITS, "");
    refuse(seal(cat(HEAD BANK VND VN, "65A1x", NULL)), VIETQR_LENGTH_NOT_DIGITS, "65");
    refuse(seal(cat(HEAD BANK VND VN, "65 1x", NULL)), VIETQR_LENGTH_NOT_DIGITS, "65");
    refuse(seal(cat(HEAD BANK VND VN, "65+1x", NULL)), VIETQR_LENGTH_NOT_DIGITS, "65");
    refuse(seal(cat(HEAD BANK VND VN, "65０１x", NULL)), VIETQR_LENGTH_NOT_DIGITS, "65");
    refuse(seal(cat(HEAD BANK VND VN, "6500", NULL)), VIETQR_LENGTH_ZERO, "65");
    refuse(seal(cat(HEAD BANK VND VN, "6599x", NULL)), VIETQR_VALUE_CUT, "65");
    refuse(seal(cat(HEAD, obj(38, GUID "0199x"), VND VN, NULL)), VIETQR_VALUE_CUT, "38.01");
    refuse(seal(cat(HEAD, obj(38, GUID "0131" ACCOUNT), VND VN, NULL)), VIETQR_VALUE_CUT, "38.01");
    refuse(seal(cat(HEAD, obj(38, GUID "0127" ACCOUNT "0"), VND VN, NULL)), VIETQR_TEMPLATE_REST, "38");
    refuse(seal(cat(HEAD, obj(38, GUID "0130" ACCOUNT "020"), VND VN, NULL)), VIETQR_TEMPLATE_REST, "38.01");
    refuse(seal(cat(HEAD BANK VND VN, obj(62, "0801A08"), NULL)), VIETQR_TEMPLATE_REST, "62");
    refuse(seal(cat(HEAD BANK VND VN, obj(62, "0800"), NULL)), VIETQR_LENGTH_ZERO, "62.08");
    refuse(seal(cat(HEAD BANK VND VN, obj(64, "0002vi0105x"), NULL)), VIETQR_VALUE_CUT, "64.01");
    refuse("hello", VIETQR_ID_NOT_DIGITS, "");
}

static void frame(void **state)
{
    const char *good = seal(HEAD BANK VND VN);

    (void)state;
    refuse(seal("010211" BANK VND VN), VIETQR_FORMAT_MISSING, "00");
    refuse(seal("010211000201" BANK VND VN), VIETQR_FORMAT_MISSING, "00");
    refuse(seal("000202010211" BANK VND VN), VIETQR_FORMAT_VALUE, "00");
    refuse(seal("00011010211" BANK VND VN), VIETQR_FORMAT_VALUE, "00");
    refuse(HEAD BANK VND VN, VIETQR_CRC_MISSING, "63");
    refuse(cat(good, "6402vi", NULL), VIETQR_CRC_NOT_LAST, "63");
    refuse(cat(good, "0", NULL), VIETQR_HEADER_CUT, "");
    refuse(HEAD BANK VND VN "63039E6", VIETQR_CRC_LENGTH, "63");
    refuse(HEAD BANK VND VN "63059E6F0", VIETQR_CRC_LENGTH, "63");
    refuse(HEAD BANK VND VN "6304G123", VIETQR_CRC_NOT_HEX, "63");
    refuse(HEAD BANK VND VN "6304+123", VIETQR_CRC_NOT_HEX, "63");
    refuse(HEAD BANK VND VN "6304１１１１", VIETQR_CRC_NOT_HEX, "63");
    refuse(HEAD BANK VND VN "63040000", VIETQR_CRC_WRONG, "63");
    refuse(seal(HEAD BANK VND VN "63041234"), VIETQR_DUPLICATE, "63");
}

static void duplicates(void **state)
{
    (void)state;
    refuse(seal(HEAD BANK BANK VND VN), VIETQR_DUPLICATE, "38");
    refuse(seal(HEAD BANK VND VN VN), VIETQR_DUPLICATE, "58");
    refuse(seal(HEAD "5403100" BANK VND VN "5403200"), VIETQR_DUPLICATE, "54");
    refuse(seal(cat(HEAD, obj(38, GUID GUID "0127" ACCOUNT), VND VN, NULL)), VIETQR_DUPLICATE, "38.00");
    refuse(seal(cat(HEAD, obj(38, cat(GUID, obj(1, ACCOUNT "01019"), NULL)), VND VN, NULL)), VIETQR_DUPLICATE, "38.01.01");
    refuse(seal(cat(HEAD BANK VND VN, obj(62, "0801A0801A"), NULL)), VIETQR_DUPLICATE, "62.08");
    refuse(seal(cat(HEAD BANK VND VN, obj(64, "0002vi0002en0101x"), NULL)), VIETQR_DUPLICATE, "64.00");
    refuse(seal(cat(HEAD BANK VND VN, obj(80, "x"), obj(80, "y"), NULL)), VIETQR_DUPLICATE, "80");
}

static void general_fields(void **state)
{
    (void)state;
    refuse(seal("000201" BANK VND VN), VIETQR_METHOD_MISSING, "01");
    refuse(seal("000201010213" BANK VND VN), VIETQR_METHOD_VALUE, "01");
    refuse(seal("00020101011" BANK VND VN), VIETQR_METHOD_VALUE, "01");
    refuse(seal(HEAD BANK VN), VIETQR_CURRENCY_MISSING, "53");
    refuse(seal(HEAD BANK "5303VND" VN), VIETQR_CURRENCY_VALUE, "53");
    refuse(seal(HEAD BANK "53040704" VN), VIETQR_CURRENCY_VALUE, "53");
    refuse(seal(HEAD BANK "5303840" VN), VIETQR_CURRENCY_UNKNOWN, "53");
    refuse(seal(HEAD BANK VND), VIETQR_COUNTRY_MISSING, "58");
    refuse(seal(HEAD BANK VND "5802vn"), VIETQR_COUNTRY_VALUE, "58");
    refuse(seal(HEAD BANK VND "5803VNM"), VIETQR_COUNTRY_VALUE, "58");
    refuse(seal(HEAD BANK "5203541" VND VN), VIETQR_CATEGORY_VALUE, "52");
    refuse(seal(HEAD BANK "520454A1" VND VN), VIETQR_CATEGORY_VALUE, "52");
    assert_string_equal(accept(seal(HEAD BANK "52048062" VND VN), 0).category, "8062");
    assert_string_equal(accept(seal(HEAD BANK "5303702" VN), VIETQR_WARN_CURRENCY).currency, "702");
    assert_string_equal(accept(seal(HEAD BANK VND "5802TH"), VIETQR_WARN_COUNTRY).country, "TH");
}

/* A payload whose 38 is made of these parts, each NULL where it is absent. */
static const char *with_38(const char *guid, const char *bin, const char *account, const char *service)
{
    const char *inner = cat(bin != NULL ? obj(0, bin) : "", account != NULL ? obj(1, account) : "", NULL);

    return seal(cat(HEAD,
                    obj(38, cat(guid != NULL ? obj(0, guid) : "", inner[0] != '\0' ? obj(1, inner) : "",
                                service != NULL ? obj(2, service) : "", NULL)),
                    VND VN, NULL));
}

static void beneficiary(void **state)
{
    static const char guid[] = "A000000727", bin[] = "970405", account[] = "7900123450011";

    (void)state;
    refuse(seal(HEAD VND VN), VIETQR_BENEFICIARY_MISSING, "38");
    refuse(with_38(NULL, bin, account, "QRIBFTTA"), VIETQR_GUID_MISSING, "38.00");
    refuse(with_38("a000000727", bin, account, "QRIBFTTA"), VIETQR_GUID_VALUE, "38.00");
    refuse(with_38("A000000728", bin, account, "QRIBFTTA"), VIETQR_GUID_VALUE, "38.00");
    refuse(with_38("A0000007270", bin, account, "QRIBFTTA"), VIETQR_GUID_VALUE, "38.00");
    refuse(with_38(guid, NULL, NULL, "QRIBFTTA"), VIETQR_ACCOUNT_TEMPLATE_MISSING, "38.01");
    refuse(with_38(guid, NULL, account, "QRIBFTTA"), VIETQR_BIN_MISSING, "38.01.00");
    refuse(with_38(guid, "97040", account, "QRIBFTTA"), VIETQR_BIN_VALUE, "38.01.00");
    refuse(with_38(guid, "9704055", account, "QRIBFTTA"), VIETQR_BIN_VALUE, "38.01.00");
    refuse(with_38(guid, "97040A", account, "QRIBFTTA"), VIETQR_BIN_VALUE, "38.01.00");
    refuse(with_38(guid, "９70405", account, "QRIBFTTA"), VIETQR_BIN_VALUE, "38.01.00");
    refuse(with_38(guid, bin, NULL, "QRIBFTTA"), VIETQR_ACCOUNT_MISSING, "38.01.01");
    refuse(with_38(guid, bin, "12345678901234567890", "QRIBFTTA"), VIETQR_ACCOUNT_LENGTH, "38.01.01");
    refuse(with_38(guid, bin, "123 456", "QRIBFTTA"), VIETQR_ACCOUNT_CHARACTER, "38.01.01");
    refuse(with_38(guid, bin, "123-456", "QRIBFTTA"), VIETQR_ACCOUNT_CHARACTER, "38.01.01");
    refuse(with_38(guid, bin, "tênắăđ", "QRIBFTTA"), VIETQR_ACCOUNT_CHARACTER, "38.01.01");
    refuse(with_38(guid, bin, account, "QRIBFTTX"), VIETQR_SERVICE_VALUE, "38.02");
    refuse(with_38(guid, bin, account, "qribftta"), VIETQR_SERVICE_VALUE, "38.02");
    refuse(with_38(guid, bin, account, "QRIBFTTC"), VIETQR_CARD_NUMBER, "38.01.01");
    refuse(with_38(guid, bin, "970403110123456A", "QRIBFTTC"), VIETQR_CARD_NUMBER, "38.01.01");
    assert_int_equal(accept(with_38(guid, bin, "9704031101234567", "QRIBFTTC"), 0).service, VIETQR_TO_CARD);
    assert_int_equal(accept(with_38(guid, bin, "9704031101234567890", "QRIBFTTC"), 0).service, VIETQR_TO_CARD);
    assert_int_equal(accept(with_38(guid, bin, "shop7", "QRPUSH"), 0).service, VIETQR_MERCHANT);
    assert_string_equal(accept(with_38(guid, bin, "aB1", "QRIBFTTA"), 0).account, "aB1");
}

static void amounts(void **state)
{
    static const struct {
        const char *text;
        enum vietqr_error error;
        int64_t amount;
    } table[] = {
        { "50000", VIETQR_OK, 50000 },
        { "50000.", VIETQR_OK, 50000 },
        { "0050000", VIETQR_OK, 50000 },
        { "9999999999999", VIETQR_OK, INT64_C(9999999999999) },
        { "1", VIETQR_OK, 1 },
        { "50.000", VIETQR_AMOUNT_DECIMALS, 0 },
        { "50000.0", VIETQR_AMOUNT_DECIMALS, 0 },
        { "50000.00", VIETQR_AMOUNT_DECIMALS, 0 },
        { "50 000", VIETQR_AMOUNT_CHARACTER, 0 },
        { "50,000", VIETQR_AMOUNT_CHARACTER, 0 },
        { "5.0.0", VIETQR_AMOUNT_CHARACTER, 0 },
        { "5..", VIETQR_AMOUNT_CHARACTER, 0 },
        { ".", VIETQR_AMOUNT_CHARACTER, 0 },
        { "-5", VIETQR_AMOUNT_CHARACTER, 0 },
        { "+5", VIETQR_AMOUNT_CHARACTER, 0 },
        { "1e5", VIETQR_AMOUNT_CHARACTER, 0 },
        { "0x10", VIETQR_AMOUNT_CHARACTER, 0 },
        { "5đ", VIETQR_AMOUNT_CHARACTER, 0 },
        { "５00", VIETQR_AMOUNT_CHARACTER, 0 },
        { "0", VIETQR_AMOUNT_ZERO, 0 },
        { "000.", VIETQR_AMOUNT_ZERO, 0 },
        { "10000000000000", VIETQR_AMOUNT_LENGTH, 0 },
        { "00000000000001", VIETQR_AMOUNT_LENGTH, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *payload = seal(cat(HEAD BANK VND, obj(54, table[i].text), VN, NULL));

        if (table[i].error == VIETQR_OK)
            assert_true(accept(payload, 0).amount == table[i].amount);
        else
            refuse(payload, table[i].error, "54");
    }
    /* Two decimals where the currency has them, no more and no fewer. */
    assert_true(accept(seal(HEAD BANK "5303702" "540510.00" VN), VIETQR_WARN_CURRENCY).amount == 1000);
    refuse(seal(HEAD BANK "5303702" "540210" VN), VIETQR_AMOUNT_DECIMALS, "54");
    refuse(seal(HEAD BANK "5303702" "540410.0" VN), VIETQR_AMOUNT_DECIMALS, "54");
}

static void fees(void **state)
{
    (void)state;
    refuse(seal(HEAD BANK VND "550204" VN), VIETQR_TIP_VALUE, "55");
    refuse(seal(HEAD BANK VND "55011" VN), VIETQR_TIP_VALUE, "55");
    refuse(seal(HEAD BANK VND "550202" VN), VIETQR_FEE_MISSING, "56");
    refuse(seal(HEAD BANK VND "5603500" VN), VIETQR_FEE_UNEXPECTED, "56");
    refuse(seal(HEAD BANK VND "5502015603500" VN), VIETQR_FEE_UNEXPECTED, "56");
    refuse(seal(HEAD BANK VND "550203" VN), VIETQR_PERCENTAGE_MISSING, "57");
    refuse(seal(HEAD BANK VND "57015" VN), VIETQR_PERCENTAGE_UNEXPECTED, "57");
    refuse(seal(HEAD BANK VND "550202560350057015" VN), VIETQR_PERCENTAGE_UNEXPECTED, "57");
    refuse(seal(HEAD BANK VND "55020256010" VN), VIETQR_FEE_ZERO, "56");
    refuse(seal(HEAD BANK VND "55020256045.00" VN), VIETQR_FEE_DECIMALS, "56");
    refuse(seal(HEAD BANK VND "5502025602-5" VN), VIETQR_FEE_CHARACTER, "56");
    refuse(seal(HEAD BANK VND "550202561410000000000000" VN), VIETQR_FEE_LENGTH, "56");
    refuse(seal(HEAD BANK VND "550203570500.00" VN), VIETQR_PERCENTAGE_VALUE, "57");
    refuse(seal(HEAD BANK VND "5502035703100" VN), VIETQR_PERCENTAGE_VALUE, "57");
    refuse(seal(HEAD BANK VND "55020357025%" VN), VIETQR_PERCENTAGE_VALUE, "57");
    refuse(seal(HEAD BANK VND "55020357050.001" VN), VIETQR_PERCENTAGE_VALUE, "57");
    refuse(seal(HEAD BANK VND "550203570600.010" VN), VIETQR_PERCENTAGE_VALUE, "57");
    assert_int_equal(accept(seal(HEAD BANK VND "550201" VN), 0).tip, VIETQR_TIP_ASK);
    assert_true(accept(seal(HEAD BANK VND "5502025603500" VN), 0).fee == 500);
    assert_true(accept(seal(HEAD BANK VND "550203570500.01" VN), 0).fee == 1);
    assert_true(accept(seal(HEAD BANK VND "550203570599.99" VN), 0).fee == 9999);
    assert_true(accept(seal(HEAD BANK VND "55020357015" VN), 0).fee == 500);
    assert_true(accept(seal(HEAD BANK VND "55020357035.5" VN), 0).fee == 550);
}

static void language(void **state)
{
    (void)state;
    refuse(seal(cat(HEAD BANK VND VN, obj(64, "0101x"), NULL)), VIETQR_LANGUAGE_MISSING, "64.00");
    refuse(seal(cat(HEAD BANK VND VN, obj(64, "0002vi"), NULL)), VIETQR_LANGUAGE_NAME_MISSING, "64.01");
    struct vietqr q = accept(seal(cat(HEAD BANK VND VN, obj(64, "0002vi0110Chợ Sơn La0206Sơn La"), NULL)), 0);

    assert_true(text_is(q.language, "vi"));
    assert_true(text_is(q.local_name, "Chợ Sơn La"));
    assert_true(text_is(q.local_city, "Sơn La"));
    warn(seal(cat(HEAD BANK VND VN, obj(64, "0003vie0101x"), NULL)), VIETQR_LANGUAGE_VALUE, "64.00",
         VIETQR_WARN_LANGUAGE_VALUE);
    warn(seal(cat(HEAD BANK VND VN, obj(64, cat("0002vi", obj(1, "ăăăăăăăăăăăăăăăăăăăăăăăăăă"), NULL)), NULL)),
         VIETQR_LANGUAGE_VALUE, "64.01", VIETQR_WARN_LANGUAGE_VALUE);
    warn(seal(cat(HEAD BANK VND VN, obj(64, "0002vi0101x0216aaaaaaaaaaaaaaaa"), NULL)), VIETQR_LANGUAGE_VALUE, "64.02",
         VIETQR_WARN_LANGUAGE_VALUE);
}

static void strict_only(void **state)
{
    static const char x26[] = "xxxxxxxxxxxxxxxxxxxxxxxxxx";

    (void)state;
    for (int id = 1; id <= 8; id++) {
        char field[8];

        snprintf(field, sizeof field, "62.%02d", id);
        warn(seal(cat(HEAD BANK VND VN, obj(62, obj(id, x26)), NULL)), VIETQR_ADDITIONAL_LENGTH, field,
             VIETQR_WARN_ADDITIONAL_LENGTH);
        accept(seal(cat(HEAD BANK VND VN, obj(62, obj(id, x26 + 1)), NULL)), 0);
    }
    warn(seal(cat(HEAD BANK VND VN, obj(59, x26), NULL)), VIETQR_NAME_LENGTH, "59", VIETQR_WARN_NAME_LENGTH);
    accept(seal(cat(HEAD BANK VND VN, obj(59, x26 + 1), NULL)), 0);
    warn(seal(cat(HEAD BANK VND VN, obj(60, x26 + 10), NULL)), VIETQR_CITY_LENGTH, "60", VIETQR_WARN_CITY_LENGTH);
    accept(seal(cat(HEAD BANK VND VN, obj(60, x26 + 11), NULL)), 0);
    warn(seal(cat(HEAD BANK VND VN, obj(61, x26 + 15), NULL)), VIETQR_POSTAL_CODE_LENGTH, "61",
         VIETQR_WARN_POSTAL_CODE_LENGTH);
    accept(seal(cat(HEAD BANK VND VN, obj(61, x26 + 16), NULL)), 0);
    for (int id = 59; id <= 61; id++)
        warn(seal(cat(HEAD BANK VND VN, obj(id, "Sơn La"), NULL)), VIETQR_NOT_ASCII, id == 59 ? "59" : id == 60 ? "60" : "61",
             VIETQR_WARN_NOT_ASCII);
    warn(seal(cat(HEAD BANK VND VN, obj(62, obj(8, "tiền ăn")), NULL)), VIETQR_NOT_ASCII, "62", VIETQR_WARN_NOT_ASCII);
    static const char *const odd[] = { "X", "AA", "AMEA", "a", "A M" };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        warn(seal(cat(HEAD BANK VND VN, obj(62, obj(9, odd[i])), NULL)), VIETQR_CONSUMER_DATA, "62.09",
             VIETQR_WARN_CONSUMER_DATA);
    accept(seal(cat(HEAD BANK VND VN, obj(62, obj(9, "MEA")), NULL)), 0);
    accept(seal(cat(HEAD BANK VND VN, obj(62, obj(8, "***")), NULL)), 0);
}

static void lower_case_checksum(void **state)
{
    (void)state;
    /* A lower-case checksum needs a letter: look for a payload whose checksum has one. */
    for (int i = 0; i < 16; i++) {
        char digit[2] = { (char)('0' + i % 10), '\0' };
        const char *upper = seal(cat(HEAD BANK VND VN, obj(59, digit), NULL));
        const char *copy = cat(upper, NULL);
        char *lower = (char *)(uintptr_t)copy;
        size_t n = strlen(lower);
        bool letter = false;

        for (size_t j = n - 4; j < n; j++)
            if (lower[j] >= 'A') {
                lower[j] = (char)(lower[j] + 32);
                letter = true;
            }
        if (letter)
            warn(lower, VIETQR_CRC_LOWER_CASE, "63", VIETQR_WARN_CRC_LOWER_CASE);
        else
            accept(lower, 0);
    }
}

static void never_refused(void **state)
{
    struct vietqr q;

    (void)state;
    /* unknown ids, everywhere */
    q = accept(seal(cat(HEAD, obj(2, "4111111111111111"), obj(26, "0010A000000775"), obj(37, "no template"), BANK,
                        obj(51, "x"), VND VN, obj(62, "0801A1001x9901y"), obj(65, "x"), obj(79, "ắ"), obj(80, "046"),
                        obj(99, "x"), NULL)),
               0);
    assert_int_equal(q.skipped, 10);
    q = accept(seal(cat(HEAD, obj(38, cat(GUID, obj(1, ACCOUNT "0501x"), obj(3, "x"), obj(2, "QRIBFTTA"), NULL)), VND VN,
                        NULL)),
               0);
    assert_int_equal(q.skipped, 2);
    /* any order, also inside 38 */
    accept(seal(cat("000201" VN VND BANK, obj(62, "0801A"), "010211", NULL)), 0);
    accept(seal(cat(HEAD, obj(38, "0208QRIBFTTA" "0127" "01137900123450011" "0006970405" GUID), VND VN, NULL)), 0);
    /* no 38.02 */
    q = accept(seal(cat(HEAD, obj(38, GUID "0127" ACCOUNT), VND VN, NULL)), VIETQR_WARN_SERVICE_MISSING);
    assert_int_equal(q.service, VIETQR_TO_ACCOUNT);
    /* static with amount, dynamic without */
    assert_int_equal(accept(seal(HEAD BANK VND "54011" VN), 0).method, VIETQR_STATIC);
    assert_int_equal(accept(seal("000201010212" BANK VND VN), 0).has_amount, 0);
    /* a bank that nobody has heard of */
    accept(with_38("A000000727", "123456", "1", "QRIBFTTA"), VIETQR_WARN_BANK_UNKNOWN);
}

/* Lengths count characters: "Lê Anh Tú" is 9, and 11 bytes. */
static void lengths_count_characters(void **state)
{
    struct vietqr q;
    const char *payload = seal(HEAD BANK VND VN "5909Lê Anh Tú");

    (void)state;
    assert_int_equal(vietqr_decode(payload, strlen(payload), VIETQR_LENIENT, &q, NULL), VIETQR_OK);
    assert_true(text_is(q.merchant_name, "Lê Anh Tú"));
    /* Counted in bytes the name would swallow the next id. */
    refuse(seal(HEAD BANK VND "5911Lê Anh Tú" VN), VIETQR_LENGTH_NOT_DIGITS, "02");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_read),
        cmocka_unit_test(other_fields_of_examples),
        cmocka_unit_test(whole_text),
        cmocka_unit_test(headers),
        cmocka_unit_test(frame),
        cmocka_unit_test(duplicates),
        cmocka_unit_test(general_fields),
        cmocka_unit_test(beneficiary),
        cmocka_unit_test(amounts),
        cmocka_unit_test(fees),
        cmocka_unit_test(language),
        cmocka_unit_test(strict_only),
        cmocka_unit_test(lower_case_checksum),
        cmocka_unit_test(never_refused),
        cmocka_unit_test(lengths_count_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
