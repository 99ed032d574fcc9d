/* Codes in memos: every shape of providers.md section g, every damage that design.md §4 names, and what must not be
 * taken for a code. */
#include "khop/pay/match.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define CODES     3000
#define TEXT_SIZE 1024

static const char kinds[] = "BCPVK";

static struct match_list find(const char *memo)
{
    struct match_list list;

    assert_int_equal(match_find(slice_of(memo), CODE_KINDS_DEFAULT, &list), RC_OK);
    return list;
}

static int32_t number(const char *code)
{
    int32_t no = -1;

    assert_int_equal(code_parse(slice_of(code), &no), RC_OK);
    return no;
}

static bool found(const struct match_list *list, int32_t no, enum match_how how)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->code[i].no == no && list->code[i].how == how)
            return true;
    return false;
}

static void expect_in(const char *memo, int32_t no, enum match_how how)
{
    struct match_list list = find(memo);

    if (!found(&list, no, how))
        fail_msg("not found as %s: \"%s\"", match_how_name(how), memo);
}

/* This code, found so, and nothing else. */
static void expect(const char *memo, const char *code, enum match_how how)
{
    struct match_list list = find(memo);

    expect_in(memo, number(code), how);
    if (list.n != 1)
        fail_msg("%zu candidates: \"%s\"", list.n, memo);
}

static void expect_none(const char *memo)
{
    struct match_list list = find(memo);

    if (list.n != 0) {
        char text[CODE_SIZE];

        code_text(text, list.code[0].no);
        fail_msg("%s %s in \"%s\"", text, match_how_name(list.code[0].how), memo);
    }
}

static void __attribute__((format(printf, 2, 3))) put(char text[TEXT_SIZE], const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);

    int n = vsnprintf(text, TEXT_SIZE, fmt, ap);

    va_end(ap);
    assert_in_range(n, 0, TEXT_SIZE - 1);
}

static int32_t any_code(uint64_t *seed, char text[CODE_SIZE])
{
    int32_t no;

    assert_int_equal(code_from_random(kinds[random_below(seed, 5)], random_next(seed), &no), RC_OK);
    code_text(text, no);
    return no;
}

/* '@' stands for the code. */
static const char *const shapes[] = {
    "@",
    "MBVCB.7123456789.@ hoc phi.CT tu 0071000123456 LO THI MAY toi 1014567890123 TRUONG X",
    "MBVCB.7123456789.123456.@.CT tu 0071000123456 LO THI MAY toi 7900123450011 TRUONG X Ngan hang Nong nghiep va Phat "
    "trien Nong thon Viet Nam (AGRIBANK)",
    "MBVCB.7123456789.123456.@CT tu 0071000123456 LO THI MAY toi 7900123450011 TRUONG X",
    "IBVCB.1906190052065001.@",
    "CT nhanh 247 den: @",
    "020097042212241533582026DXBC123456.69891.225634.@",
    "SHGD:10001234.DD:261120.BO:LO THI MAY.@",
    "CUSTOMER LO THI MAY @ - Ma giao dich/ Trace 123456",
    "CUSTOMER LO THI MAY @- Ma GD ACSP/ nf407079",
    "@. TU: LO THI MAY",
    "70123456789-@-CHUYEN TIEN-OQCH000Abcde-MOMO70123456789MOMO",
    "70123456789-@-CHUYEN TIEN-...",
    "70123456789-@-MOMO",
    "ZALOPAY-CHUYENTIEN-O5CH7ABCDEFG-@",
    "QRCODE VNPAY QRCODE @ 52215176634960 BP0001abcd",
    "CT DEN:504T26708LL8P2HF @ (0945000111)",
    "ND:CT DEN:416713881564 @; tai Napas",
    "TKThe :0590000139999, tai MB. @ -CTLNHIDI000014950160814-1/1-CRE-002",
    "REM Tfr Ac:1770000111 LO THI MAY @",
    "MBVCB.7123456789.@.CT tu 0071000123456 LO THI MAY GD 174242-090826 15:45:46",
    "IB @",
    "IBFT @",
    "@ FT26255200008461",
    "@ (by TPBank ChatPay)",
    "LO THI MAY;NOP TIEN;@",
    "BankAPINotify MBVCB.7123456789.@.CT tu 0071000123456 LO THI MAY",
    "@-250726-23:59:16",
    "NAPTIEN@",
    "@NAPTIEN",
    "0945000111@",
    "@0945000111",
    "NOPTIEN@0945000111",
    "@VRCabc7k2",
    "VQR7Q2KX9@",
    "CS8KD72@",
    "Học phí tháng 9 của cháu Lò Thị Mây @ lớp 5A",
    "nộp tiền ăn — @ — cảm ơn",
};

static void fill(char text[TEXT_SIZE], const char *shape, const char *code)
{
    const char *at = strchr(shape, '@');

    put(text, "%.*s%s%s", (int)(at - shape), shape, code, at + 1);
}

static void test_every_shape(void **state)
{
    uint64_t seed = 11;

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        for (int j = 0; j < 50; j++) {
            char text[TEXT_SIZE], code[CODE_SIZE];
            int32_t no = any_code(&seed, code);
            struct match_list list;

            fill(text, shapes[i], code);
            expect_in(text, no, MATCH_EXACT);
            list = find(text);
            assert_true(list.code[0].no == no && !list.more);
            for (char *p = text; *p != '\0'; p++) /* the bank changes the case */
                if (*p >= 'A' && *p <= 'Z')
                    *p = (char)(*p - 'A' + 'a');
            expect_in(text, no, MATCH_EXACT);
        }
    }
}

/* MB cuts its text into lines of 35 columns and joins them with a space: wherever the cut falls. */
static void test_every_line_break(void **state)
{
    uint64_t seed = 12;

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        char text[TEXT_SIZE], broken[TEXT_SIZE], code[CODE_SIZE];
        int32_t no = any_code(&seed, code);

        fill(text, shapes[i], code);

        size_t at = (size_t)(strchr(shapes[i], '@') - shapes[i]);

        for (size_t cut = 0; cut <= strlen(text); cut++) {
            bool inside = cut > at && cut < at + CODE_LETTERS;

            put(broken, "%.*s %s", (int)cut, text, text + cut);
            expect_in(broken, no, inside ? MATCH_JOINED : MATCH_EXACT);
        }
        /* All lines at once, with the first line as short as it takes to put a cut everywhere. */
        for (size_t first = 1; first <= 35; first++) {
            size_t n = 0;

            for (size_t c = 0; text[c] != '\0'; c++) {
                if (c >= first && (c - first) % 35 == 0)
                    broken[n++] = ' ';
                broken[n++] = text[c];
            }
            broken[n] = '\0';

            struct match_list list = find(broken);

            assert_true(found(&list, no, MATCH_EXACT) || found(&list, no, MATCH_JOINED));
        }
    }
}

static void test_exact_and_joined(void **state)
{
    (void)state;
    expect("SB7M4QX2C", "SB7M4QX2C", MATCH_EXACT);
    expect("sb7m4qx2c", "SB7M4QX2C", MATCH_EXACT);
    expect("SB7M 4QX2C", "SB7M4QX2C", MATCH_JOINED);
    expect("SB7-M4Q-X2C", "SB7M4QX2C", MATCH_JOINED);
    expect("S.B.7.M.4.Q.X.2.C", "SB7M4QX2C", MATCH_JOINED);
    expect("SB7M\t\n4QX2C", "SB7M4QX2C", MATCH_JOINED);
    expect("SB7M\xc2\xa0"
           "4QX2C",
           "SB7M4QX2C", MATCH_JOINED); /* no-break space */
    expect("SB7M\xe2\x80\x8b"
           "4QX2C",
           "SB7M4QX2C", MATCH_JOINED); /* zero-width space */
    expect("SB7M\xff"
           "4QX2C",
           "SB7M4QX2C", MATCH_JOINED); /* a broken byte */
    /* A stray accent is dropped, and separates nothing. */
    expect("SB\xcc\x81"
           "7M4QX2C",
           "SB7M4QX2C", MATCH_EXACT);
    expect("\xe1\xb9\xa2"
           "B7M4QX2C",
           "SB7M4QX2C", MATCH_EXACT); /* Ṣ */
    /* Found twice: once in the list, the better way. */
    expect("SB7M 4QX2C SB7M4QX2C", "SB7M4QX2C", MATCH_EXACT);
    expect("SB7M4QX2C SB7M4QX2C", "SB7M4QX2C", MATCH_EXACT);
}

static void test_dd(void **state)
{
    uint8_t body[CODE_BODY] = { 11, 11, 3, 4, 5 }; /* D D … */
    char code[CODE_SIZE], memo[TEXT_SIZE];
    int32_t no;

    (void)state;
    assert_int_equal(code_make('B', body, &no), RC_OK);
    code_text(code, no);
    put(memo, "nop SBĐđ%s nhe", code + 4);
    expect(memo, code, MATCH_EXACT);
}

static void test_several(void **state)
{
    struct match_list list = find("SB7M4QX2C va SC22222SY, SK9TTF6CU");

    (void)state;
    assert_int_equal(list.n, 3);
    assert_true(found(&list, number("SB7M4QX2C"), MATCH_EXACT));
    assert_true(found(&list, number("SC22222SY"), MATCH_EXACT));
    assert_true(found(&list, number("SK9TTF6CU"), MATCH_EXACT));
    /* The exact one comes first, wherever it stands. */
    list = find("SB7M 4QX2C, SC22222SY");
    assert_int_equal(list.n, 2);
    assert_true(list.code[0].no == number("SC22222SY") && list.code[0].how == MATCH_EXACT);
    assert_true(list.code[1].no == number("SB7M4QX2C") && list.code[1].how == MATCH_JOINED);
    /* Two codes without anything between them. */
    list = find("SB7M4QX2CSC22222SY");
    assert_int_equal(list.n, 2);
    /* Nothing is repaired where something was found. */
    list = find("SB7M4QX2C SC22222S7");
    assert_int_equal(list.n, 1);
    /* Two damaged codes. */
    list = find("SB794QX2C va SC22222S9");
    assert_true(list.n >= 2);
    assert_true(found(&list, number("SB7M4QX2C"), MATCH_REPAIRED));
    assert_true(found(&list, number("SC22222SY"), MATCH_REPAIRED));
}

static void test_kinds_wanted(void **state)
{
    struct match_list list;

    (void)state;
    assert_int_equal(match_find(SLICE("SB7M4QX2C SC22222SY"), code_kinds(SLICE("C")), &list), RC_OK);
    assert_int_equal(list.n, 1);
    assert_int_equal(list.code[0].no, number("SC22222SY"));
    assert_int_equal(match_find(SLICE("SB794QX2C"), code_kinds(SLICE("C")), &list), RC_OK);
    assert_int_equal(list.n, 0);
    assert_int_equal(match_find(SLICE("SB7M4QX2C"), 0, &list), RC_OK);
    assert_int_equal(list.n, 0);
    /* A further letter of a deployment that ran out of codes. */
    uint8_t body[CODE_BODY] = { 1, 2, 3, 4, 5 };
    char code[CODE_SIZE];
    int32_t no;

    assert_int_equal(code_make('X', body, &no), RC_OK);
    code_text(code, no);
    expect_none(code);
    assert_int_equal(match_find(slice_of(code), code_kinds(SLICE("BX")), &list), RC_OK);
    assert_int_equal(list.n, 1);
}

/* Where a damaged code must still be found: alone, between separators, glued at one side. */
static const char *const surroundings[] = { "%s",
                                            "%s hoc phi",
                                            "NOP TIEN %s",
                                            "MBVCB.7123456789.%s.CT tu 007",
                                            "70123456789-%s-CHUYEN TIEN",
                                            "LO THI MAY;NOP TIEN;%s" };

static int by_chance;

static void expect_repaired(const char *damaged, int32_t no, size_t which)
{
    char memo[TEXT_SIZE];
    const char *at = strstr(surroundings[which], "%s");

    put(memo, "%.*s%s%s", (int)(at - surroundings[which]), surroundings[which], damaged, at + 2);

    struct match_list list = find(memo);

    if (list.n > 0 && list.code[0].how == MATCH_JOINED)
        by_chance++; /* with the next word's first letter it is a code, this one or another: nothing is repaired then */
    else
        expect_in(memo, no, MATCH_REPAIRED);
}

static void test_repairs_wrong(void **state)
{
    static const char wrong[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint64_t seed = 13;

    (void)state;
    for (int i = 0; i < CODES / 10; i++) {
        char code[CODE_SIZE];
        int32_t no = any_code(&seed, code);

        for (int at = 0; at < CODE_LETTERS; at++) {
            char right = code[at];

            for (const char *w = wrong; *w != '\0'; w++) {
                if (*w == right)
                    continue;
                code[at] = *w;
                expect_repaired(code, no, (size_t)i % 6);
            }
            code[at] = right;
        }
    }
}

static void test_repairs_missing(void **state)
{
    uint64_t seed = 14;

    (void)state;
    for (int i = 0; i < CODES; i++) {
        char code[CODE_SIZE], damaged[CODE_SIZE];
        int32_t no = any_code(&seed, code);

        for (size_t at = 0; at < CODE_LETTERS; at++) {
            memcpy(damaged, code, at);
            memcpy(damaged + at, code + at + 1, CODE_LETTERS - at);
            expect_repaired(damaged, no, (size_t)i % 6);
        }
    }
    assert_in_range(by_chance, 0, CODES * CODE_LETTERS / 100);
}

static void test_repairs_extra(void **state)
{
    static const char extra[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint64_t seed = 15;

    (void)state;
    for (int i = 0; i < CODES; i++) {
        char code[CODE_SIZE], damaged[CODE_SIZE + 1];
        int32_t no = any_code(&seed, code);

        for (size_t at = 1; at < CODE_LETTERS; at++) {
            memcpy(damaged, code, at);
            damaged[at] = extra[random_below(&seed, 36)];
            memcpy(damaged + at + 1, code + at, CODE_SIZE - at);

            struct match_list list = find(damaged);

            /* By chance the longer text can hold another code: then nothing is repaired. */
            if (list.n == 0 || list.code[0].how == MATCH_REPAIRED)
                expect_repaired(damaged, no, (size_t)i % 6);
        }
    }
}

static void test_repairs_swaps(void **state)
{
    uint64_t seed = 16;

    (void)state;
    for (int i = 0; i < CODES; i++) {
        char code[CODE_SIZE];
        int32_t no = any_code(&seed, code);

        for (int at = 0; at + 1 < CODE_LETTERS; at++) {
            char a = code[at], b = code[at + 1];

            code[at] = b;
            code[at + 1] = a;
            if (a != b)
                expect_repaired(code, no, (size_t)i % 6);
            code[at] = a;
            code[at + 1] = b;
        }
    }
}

static void test_repairs_glued_and_cut(void **state)
{
    int32_t no = number("SB7M4QX2C");

    (void)state;
    expect_in("NAPTIENSB794QX2C", no, MATCH_REPAIRED);
    expect_in("SB794QX2CCT tu 0071000123456", no, MATCH_REPAIRED);
    expect_in("SB79 4QX2C", no, MATCH_REPAIRED);
    expect_in("LO THI MAY NOP SB7 4QX2C- Ma GD ACSP/ nf407079", no, MATCH_REPAIRED);
    expect_in("SB7MQ4X2C HOC PHI", no, MATCH_REPAIRED);
    expect_in("SB7M4QXX2C0945000111", no, MATCH_REPAIRED);
    /* O and 0, I and 1 and L are in no code: each stands for any letter. */
    expect_in("SB7M4OX2C", no, MATCH_REPAIRED);
    expect_in("SB7M40X2C", no, MATCH_REPAIRED);
    expect_in("SBLM4QX2C", no, MATCH_REPAIRED);
}

static void test_not_codes(void **state)
{
    static const char *const memos[] = {
        "",
        " ",
        "S",
        "SB7M4QX",
        "LO THI MAY chuyen tien",
        "LO THI MAY chuyen tien qua MoMo",
        "MBVCB.7123456789.LO THI MAY chuyen tien.CT tu 0071000123456 LO THI MAY toi 1014567890123 TRUONG X",
        "ZALOPAY-CHUYENTIEN-O5CH7ABCDEFG",
        "70123456789-CHUYEN TIEN-OQCH000Abcde-MOMO70123456789MOMO",
        "FT26255200008461",
        "SINH HOAT PHI SV NGUYEN VAN SANG SBD 123456",
        "SB79 4Q X2C",  /* wrong and cut twice */
        "SB794QX2D",    /* two wrong letters */
        "SB794 XQ2C",   /* wrong and swapped */
        "S0B07M04QX2C", /* three too many */
        "\xe1\xbb",     /* half a letter */
        "----------------------------------------",
    };

    (void)state;
    for (size_t i = 0; i < sizeof memos / sizeof memos[0]; i++)
        expect_none(memos[i]);
}

static void test_limits(void **state)
{
    static char memo[MATCH_MEMO_MAX + 1];
    struct match_list list;
    uint64_t seed = 17;

    (void)state;
    memset(memo, 'S', sizeof memo);
    assert_int_equal(match_find((struct slice){ memo, sizeof memo }, CODE_KINDS_DEFAULT, &list), RC_TOO_LARGE);
    assert_int_equal(list.n, 0);
    assert_int_equal(match_find((struct slice){ memo, sizeof memo - 1 }, CODE_KINDS_DEFAULT, &list), RC_OK);
    memset(memo, ' ', sizeof memo);
    memcpy(memo + MATCH_MEMO_MAX - CODE_LETTERS, "SB7M4QX2C", CODE_LETTERS);
    assert_int_equal(match_find((struct slice){ memo, MATCH_MEMO_MAX }, CODE_KINDS_DEFAULT, &list), RC_OK);
    assert_int_equal(list.n, 1);
    assert_int_equal(match_find((struct slice){ NULL, 0 }, CODE_KINDS_DEFAULT, &list), RC_OK);
    assert_int_equal(list.n, 0);
    /* More codes than the list holds: as many as fit, and it says so. */
    for (size_t i = 0; i < 30; i++)
        (void)any_code(&seed, memo + 10 * i), memo[10 * i + 9] = ' ';
    assert_int_equal(match_find((struct slice){ memo, 300 }, CODE_KINDS_DEFAULT, &list), RC_OK);
    assert_int_equal(list.n, MATCH_MAX);
    assert_true(list.more);
    /* As many damaged ones: choosing among them would be a guess. */
    for (size_t i = 0; i < 30; i++)
        memo[10 * i + 6] = memo[10 * i + 6] == '2' ? '3' : '2';
    assert_int_equal(match_find((struct slice){ memo, 300 }, CODE_KINDS_DEFAULT, &list), RC_OK);
    assert_true(list.more);
    assert_int_equal(list.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape),
        cmocka_unit_test(test_every_line_break),
        cmocka_unit_test(test_exact_and_joined),
        cmocka_unit_test(test_dd),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_kinds_wanted),
        cmocka_unit_test(test_repairs_wrong),
        cmocka_unit_test(test_repairs_missing),
        cmocka_unit_test(test_repairs_extra),
        cmocka_unit_test(test_repairs_swaps),
        cmocka_unit_test(test_repairs_glued_and_cut),
        cmocka_unit_test(test_not_codes),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
