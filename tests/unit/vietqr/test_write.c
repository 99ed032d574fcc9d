/* Writing, the checksum, and that what was written is read again. */
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

static struct vietqr_text text_of(const char *word)
{
    return (struct vietqr_text){ word, word != NULL ? strlen(word) : 0 };
}

static struct vietqr plain(void)
{
    struct vietqr q;

    vietqr_init(&q);
    memcpy(q.bin, "970405", 7);
    memcpy(q.account, "7900123450011", 14);
    return q;
}

static void write_is(const struct vietqr *q, const char *payload)
{
    char out[VIETQR_ENCODED_MAX];
    struct vietqr_problem problem;
    size_t n = 0;

    assert_int_equal(vietqr_encode(q, out, sizeof out, &n, &problem), VIETQR_OK);
    assert_string_equal(out, payload);
    assert_int_equal(n, strlen(payload));
}

static void refuse(const struct vietqr *q, enum vietqr_error error, const char *field)
{
    char out[VIETQR_ENCODED_MAX] = "before";
    struct vietqr_problem problem;
    size_t n = 7;

    assert_int_equal(vietqr_encode(q, out, sizeof out, &n, &problem), error);
    assert_int_equal(problem.error, error);
    assert_string_equal(problem.field, field);
    assert_string_equal(out, "");
    assert_int_equal(n, 0);
}

/* Of the examples, those that we would write the same way. */
static void examples_are_written(void **state)
{
    static const char *const others[] = { "E9", "E11", "E13" };

    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        const struct example *e = &examples[i];
        struct vietqr q;
        bool other = false;

        for (size_t j = 0; j < sizeof others / sizeof others[0]; j++)
            other |= strcmp(e->name, others[j]) == 0;
        if (other)
            continue;
        /* from what its table row says, as far as that says all */
        if (strcmp(e->name, "E2") != 0 && strcmp(e->name, "E10") != 0) {
            vietqr_init(&q);
            memcpy(q.bin, e->bin, 7);
            memcpy(q.account, e->account, strlen(e->account));
            q.service = e->service;
            q.has_amount = e->amount != 0;
            q.amount = e->amount;
            q.additional[VIETQR_PURPOSE] = text_of(e->purpose);
            write_is(&q, e->payload);
        }
        /* and from what was read */
        assert_int_equal(vietqr_decode(e->payload, strlen(e->payload), VIETQR_STRICT, &q, NULL), VIETQR_OK);
        write_is(&q, e->payload);
    }
}

static void checksum(void **state)
{
    (void)state;
    assert_int_equal(vietqr_crc("123456789", 9), 0x29B1);
    assert_int_equal(vietqr_crc("", 0), 0xFFFF);
    assert_int_equal(vietqr_crc("\xFF\xFE", 2), crc_by_division("\xFF\xFE", 0xFFFF, 0));
    for (size_t i = 0; i < EXAMPLES; i++) {
        char digits[8];
        size_t n = strlen(examples[i].payload);
        bool lower = strcmp(examples[i].name, "E9") == 0;

        snprintf(digits, sizeof digits, lower ? "%04x" : "%04X", (unsigned)vietqr_crc(examples[i].payload, n - 4));
        assert_string_equal(digits, examples[i].payload + n - 4);
    }
}

/* What others get wrong (vietqr.md §6) is none of ours. */
static void wrong_checksums(void **state)
{
    const char *open = HEAD BANK VND VN "6304", *closed = HEAD BANK VND VN;
    unsigned right = vietqr_crc(open, strlen(open));
    unsigned wrong[] = {
        crc_by_division(open, 0x0000, 0),        /* XMODEM */
        crc_by_division(open, 0x1D0F, 0),        /* AUG-CCITT */
        crc_by_division(open, 0xFFFF, 0xFFFF),   /* GENIBUS */
        crc_reflected(open, 0x8408, 0xFFFF),     /* MCRF4XX */
        crc_reflected(open, 0xA001, 0xFFFF),     /* MODBUS */
        crc_by_division(closed, 0xFFFF, 0),      /* without 6304 */
        (right & 0xFF) << 8 | right >> 8,        /* bytes swapped */
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char digits[16];

        assert_int_not_equal(wrong[i], right);
        snprintf(digits, sizeof digits, "%04X", wrong[i]);
        const char *payload = cat(open, digits, NULL);
        assert_int_equal(vietqr_validate(payload, strlen(payload), VIETQR_LENIENT, NULL), VIETQR_CRC_WRONG);
    }
}

static void checksum_is_padded(void **state)
{
    struct vietqr q = plain();
    int padded = 0;

    (void)state;
    for (int64_t amount = 1; amount <= 200; amount++) {
        char out[VIETQR_ENCODED_MAX];
        size_t n;

        q.has_amount = 1;
        q.amount = amount;
        assert_int_equal(vietqr_encode(&q, out, sizeof out, &n, NULL), VIETQR_OK);
        assert_memory_equal(out + n - 8, "6304", 4);
        padded += out[n - 4] == '0';
    }
    assert_in_range(padded, 1, 199);
}

static void method_follows_the_amount(void **state)
{
    struct vietqr q = plain();

    (void)state;
    write_is(&q, seal(HEAD BANK VND VN));
    q.method = VIETQR_DYNAMIC;
    write_is(&q, seal("000201010212" BANK VND VN));
    q.method = VIETQR_METHOD_AUTO;
    q.has_amount = 1;
    q.amount = 5000;
    write_is(&q, seal("000201010212" BANK VND "54045000" VN));
    q.method = VIETQR_STATIC;
    write_is(&q, seal(HEAD BANK VND "54045000" VN));
    q.method = (enum vietqr_method)13;
    refuse(&q, VIETQR_METHOD_VALUE, "01");
}

static void all_fields(void **state)
{
    struct vietqr q = plain();

    (void)state;
    memcpy(q.category, "8211", 5);
    q.merchant_name = text_of("TRUONG MUONG LA");
    q.merchant_city = text_of("SON LA");
    q.postal_code = text_of("34000");
    q.additional[VIETQR_BILL_NUMBER] = text_of("HD1");
    q.additional[VIETQR_TERMINAL_LABEL] = text_of("***");
    q.additional[VIETQR_PURPOSE] = text_of("SB7M4QX2C");
    q.consumer_data = text_of("AME");
    write_is(&q, seal(cat(HEAD BANK "52048211" VND VN, obj(59, "TRUONG MUONG LA"), obj(60, "SON LA"), obj(61, "34000"),
                          obj(62, "0103HD10703***0809SB7M4QX2C0903AME"), NULL)));
}

static void bad_beneficiary(void **state)
{
    struct vietqr q = plain();

    (void)state;
    memset(q.bin, 0, sizeof q.bin);
    refuse(&q, VIETQR_BIN_MISSING, "38.01.00");
    memcpy(q.bin, "97040", 5);
    refuse(&q, VIETQR_BIN_VALUE, "38.01.00");
    memcpy(q.bin, "9704051", 7); /* without its NUL */
    refuse(&q, VIETQR_BIN_VALUE, "38.01.00");
    q = plain();
    memset(q.account, 0, sizeof q.account);
    refuse(&q, VIETQR_ACCOUNT_MISSING, "38.01.01");
    memset(q.account, '1', sizeof q.account);
    refuse(&q, VIETQR_ACCOUNT_LENGTH, "38.01.01");
    memcpy(q.account, "12-34", 6);
    refuse(&q, VIETQR_ACCOUNT_CHARACTER, "38.01.01");
    q = plain();
    q.service = VIETQR_TO_CARD;
    refuse(&q, VIETQR_CARD_NUMBER, "38.01.01");
    q.service = VIETQR_MERCHANT;
    refuse(&q, VIETQR_SERVICE_VALUE, "38.02");
    q.service = (enum vietqr_service)7;
    refuse(&q, VIETQR_SERVICE_VALUE, "38.02");
}

static void bad_amount(void **state)
{
    struct vietqr q = plain();

    (void)state;
    q.has_amount = 1;
    refuse(&q, VIETQR_AMOUNT_ZERO, "54");
    q.amount = -1;
    refuse(&q, VIETQR_AMOUNT_CHARACTER, "54");
    q.amount = INT64_MIN;
    refuse(&q, VIETQR_AMOUNT_CHARACTER, "54");
    q.amount = VIETQR_AMOUNT_MAX + 1;
    refuse(&q, VIETQR_AMOUNT_LENGTH, "54");
    q.amount = INT64_MAX;
    refuse(&q, VIETQR_AMOUNT_LENGTH, "54");
    q.amount = VIETQR_AMOUNT_MAX;
    write_is(&q, seal("000201010212" BANK VND "54139999999999999" VN));
    memcpy(q.currency, "702", 4);
    refuse(&q, VIETQR_CURRENCY_VALUE, "53");
    q = plain();
    memcpy(q.country, "TH", 3);
    refuse(&q, VIETQR_COUNTRY_VALUE, "58");
    q = plain();
    q.tip = VIETQR_TIP_ASK;
    refuse(&q, VIETQR_NOT_WRITTEN, "55");
}

static void bad_texts(void **state)
{
    static const char *const not_ascii[] = { "học phí", "a\nb", "\x7F", "\t" };
    struct vietqr q = plain();

    (void)state;
    for (size_t i = 0; i < sizeof not_ascii / sizeof not_ascii[0]; i++) {
        q.additional[VIETQR_PURPOSE] = text_of(not_ascii[i]);
        refuse(&q, VIETQR_NOT_ASCII, "62.08");
    }
    q.additional[VIETQR_PURPOSE] = (struct vietqr_text){ "a\0b", 3 };
    refuse(&q, VIETQR_NOT_ASCII, "62.08");
    q.additional[VIETQR_PURPOSE] = text_of("");
    refuse(&q, VIETQR_TEXT_EMPTY, "62.08");
    q.additional[VIETQR_PURPOSE] = text_of("12345678901234567890123456");
    refuse(&q, VIETQR_ADDITIONAL_LENGTH, "62.08");
    q.additional[VIETQR_PURPOSE] = text_of(" ~1234567890123456789012 ");
    write_is(&q, seal(cat(HEAD BANK VND VN, obj(62, obj(8, " ~1234567890123456789012 ")), NULL)));
    /* four of 25 are 116 characters */
    for (int i = 0; i < 4; i++)
        q.additional[i] = text_of("1234567890123456789012345");
    refuse(&q, VIETQR_ADDITIONAL_LENGTH, "62");
    q = plain();
    q.consumer_data = text_of("AA");
    refuse(&q, VIETQR_CONSUMER_DATA, "62.09");
    q = plain();
    q.merchant_name = text_of("12345678901234567890123456");
    refuse(&q, VIETQR_NAME_LENGTH, "59");
    q = plain();
    q.merchant_city = text_of("1234567890123456");
    refuse(&q, VIETQR_CITY_LENGTH, "60");
    q = plain();
    q.postal_code = text_of("12345678901");
    refuse(&q, VIETQR_POSTAL_CODE_LENGTH, "61");
    q = plain();
    memcpy(q.category, "541", 4);
    refuse(&q, VIETQR_CATEGORY_VALUE, "52");
    q = plain();
    q.language = text_of("vi");
    refuse(&q, VIETQR_NOT_WRITTEN, "64");
}

/* Every size of buffer: either the whole payload and its NUL, or nothing; never a byte behind the end. */
static void small_buffers(void **state)
{
    struct vietqr q = plain();
    const char *payload = seal(HEAD BANK VND VN);
    size_t need = strlen(payload) + 1;

    (void)state;
    for (size_t size = 0; size <= need + 1; size++) {
        char out[VIETQR_ENCODED_MAX];

        memset(out, '#', sizeof out);
        if (size < need) {
            assert_int_equal(vietqr_encode(&q, out, size, NULL, NULL), VIETQR_NO_ROOM);
            assert_true(size == 0 || out[0] == '\0');
        } else {
            assert_int_equal(vietqr_encode(&q, out, size, NULL, NULL), VIETQR_OK);
            assert_string_equal(out, payload);
        }
        for (size_t i = size; i < sizeof out; i++)
            assert_int_equal(out[i], '#');
    }
}

static void longest_payload_fits(void **state)
{
    struct vietqr q = plain();
    char out[VIETQR_ENCODED_MAX];
    size_t n;

    (void)state;
    memcpy(q.account, "9704031101234567890", 20);
    memcpy(q.category, "8211", 5);
    q.has_amount = 1;
    q.amount = VIETQR_AMOUNT_MAX;
    q.merchant_name = text_of("1234567890123456789012345");
    q.merchant_city = text_of("123456789012345");
    q.postal_code = text_of("1234567890");
    for (int i = 0; i < 3; i++)
        q.additional[i] = text_of("1234567890123456789012345");
    q.additional[VIETQR_PURPOSE] = text_of("12345678");
    assert_int_equal(vietqr_encode(&q, out, sizeof out, &n, NULL), VIETQR_OK);
    assert_in_range(n, 280, VIETQR_ENCODED_MAX - 1);
    assert_int_equal(vietqr_validate(out, n, VIETQR_STRICT, NULL), VIETQR_OK);
}

/* --- random round trip --- */

struct texts {
    char bytes[VIETQR_ADDITIONAL_COUNT][32];
};

static void random_text(uint64_t *seed, char *out, size_t max)
{
    size_t n = 1 + random_next(seed) % max;

    for (size_t i = 0; i < n; i++)
        out[i] = (char)(0x20 + random_next(seed) % 0x5F);
    out[n] = '\0';
}

static void random_account(uint64_t *seed, struct vietqr *q)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t n = 1 + random_next(seed) % 19;

    snprintf(q->bin, sizeof q->bin, "%06u", (unsigned)(random_next(seed) % 1000000));
    q->service = random_next(seed) % 8 == 0 ? VIETQR_TO_CARD : VIETQR_TO_ACCOUNT;
    if (q->service == VIETQR_TO_CARD)
        n = random_next(seed) % 2 == 0 ? 16 : 19;
    for (size_t i = 0; i < n; i++)
        q->account[i] = letters[random_next(seed) % (q->service == VIETQR_TO_CARD ? 10 : 62)];
}

static const char *random_code(uint64_t *seed, struct vietqr *q, struct texts *texts)
{
    const char *additional = "";
    char amount[32] = "";
    size_t left = 99;

    vietqr_init(q);
    random_account(seed, q);
    q->has_amount = random_next(seed) % 4 != 0;
    if (q->has_amount)
        q->amount = (int64_t)(1 + random_next(seed) % UINT64_C(9999999999999));
    for (int i = 0; i < VIETQR_ADDITIONAL_COUNT; i++) {
        if (random_next(seed) % 3 != 0 || left < 4 + 25)
            continue;
        random_text(seed, texts->bytes[i], 25);
        q->additional[i] = text_of(texts->bytes[i]);
        left -= 4 + q->additional[i].size;
        additional = cat(additional, obj(i + 1, texts->bytes[i]), NULL);
    }
    snprintf(amount, sizeof amount, "%lld", (long long)q->amount);
    const char *account = obj(1, cat(obj(0, q->bin), obj(1, q->account), NULL));
    const char *service = obj(2, q->service == VIETQR_TO_CARD ? "QRIBFTTC" : "QRIBFTTA");
    return seal(cat("0002010102", q->has_amount ? "12" : "11", obj(38, cat(obj(0, "A000000727"), account, service, NULL)),
                    VND, q->has_amount ? obj(54, amount) : "", VN, additional[0] != '\0' ? obj(62, additional) : "",
                    NULL));
}

static void round_trip(void **state)
{
    uint64_t seed = 20251122;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        struct vietqr q, again;
        struct texts texts;
        char out[VIETQR_ENCODED_MAX];
        const char *expected = random_code(&seed, &q, &texts);
        size_t n;

        assert_int_equal(vietqr_encode(&q, out, sizeof out, &n, NULL), VIETQR_OK);
        assert_string_equal(out, expected);
        assert_int_equal(vietqr_decode(out, n, VIETQR_STRICT, &again, NULL), VIETQR_OK);
        assert_int_equal(again.method, q.has_amount ? VIETQR_DYNAMIC : VIETQR_STATIC);
        assert_int_equal(again.service, q.service);
        assert_string_equal(again.bin, q.bin);
        assert_string_equal(again.account, q.account);
        assert_int_equal(again.has_amount, q.has_amount);
        assert_true(again.amount == q.amount);
        for (int j = 0; j < VIETQR_ADDITIONAL_COUNT; j++) {
            assert_int_equal(again.additional[j].size, q.additional[j].size);
            assert_int_equal(again.additional[j].bytes == NULL, q.additional[j].bytes == NULL);
            if (q.additional[j].bytes != NULL)
                assert_memory_equal(again.additional[j].bytes, q.additional[j].bytes, q.additional[j].size);
        }
        assert_int_equal(again.skipped, 0);
    }
}

/* One byte changed, anywhere, to anything: the checksum or a rule finds it. */
static void no_damage_goes_unseen(void **state)
{
    char copy[VIETQR_ENCODED_MAX];

    (void)state;
    for (size_t e = 13; e < 17; e++) {
        size_t n = strlen(examples[e].payload);

        memcpy(copy, examples[e].payload, n);
        for (size_t i = 0; i < n; i++) {
            for (int c = 0; c < 256; c++) {
                copy[i] = (char)c;
                enum vietqr_error error = vietqr_validate(copy, n, VIETQR_STRICT, NULL);

                assert_true((error == VIETQR_OK) == (copy[i] == examples[e].payload[i]));
            }
            copy[i] = examples[e].payload[i];
        }
        for (size_t cut = 0; cut < n; cut++)
            assert_int_not_equal(vietqr_validate(copy, cut, VIETQR_LENIENT, NULL), VIETQR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_written),
        cmocka_unit_test(checksum),
        cmocka_unit_test(wrong_checksums),
        cmocka_unit_test(checksum_is_padded),
        cmocka_unit_test(method_follows_the_amount),
        cmocka_unit_test(all_fields),
        cmocka_unit_test(bad_beneficiary),
        cmocka_unit_test(bad_amount),
        cmocka_unit_test(bad_texts),
        cmocka_unit_test(small_buffers),
        cmocka_unit_test(longest_payload_fits),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(no_damage_goes_unseen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
