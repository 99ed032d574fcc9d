/* Nothing matches by luck (design.md §1.3). A million memos that hold no code, made of what people and banks write, against
 * 100,000 live codes of ONE account whose sums are as alike as those of a school: none of them may settle anything. All
 * codes in one account is far harsher than any account will be. */
#include "khop/pay/match.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define MEMOS 100000
#else
#define MEMOS 1000000
#endif
#define LIVE       100000
#define TABLE_BITS 18
#define TABLE_SIZE (1U << TABLE_BITS)
#define MEMO_SIZE  512
#define NANO       1000000000

struct live {
    int32_t no; /* -1: empty */
    int64_t due;
};

static struct live table[TABLE_SIZE];

static uint32_t slot_of(int32_t no)
{
    return (uint32_t)no * UINT32_C(2654435761) >> (32 - TABLE_BITS);
}

static const struct live *live_find(int32_t no)
{
    for (uint32_t i = slot_of(no);; i = (i + 1) % TABLE_SIZE)
        if (table[i].no == no || table[i].no < 0)
            return table[i].no < 0 ? NULL : &table[i];
}

static void live_add(int32_t no, int64_t due)
{
    uint32_t i = slot_of(no);

    while (table[i].no >= 0)
        i = (i + 1) % TABLE_SIZE;
    table[i] = (struct live){ no, due };
}

/* What a school, a market and a clinic ask for: few sums, many times. */
static int64_t any_amount(uint64_t *seed)
{
    static const int64_t usual[] = { 936000, 360000, 165000, 120000, 500000, 160000, 100000, 10000, 50000, 200000 };
    uint32_t pick = random_below(seed, 10);

    if (pick < 4)
        return usual[random_below(seed, sizeof usual / sizeof usual[0])];
    if (pick < 7)
        return (int64_t)(15 + random_below(seed, 8)) * (random_below(seed, 2) == 0 ? 25000 : 30000);
    if (pick < 9)
        return (int64_t)(1 + random_below(seed, 200)) * 5000;
    return 1000 + random_below(seed, 2000000);
}

static const char *const words[] = {
    "nop", "tien", "hoc", "phi", "thang", "cho", "con", "chau", "em", "be", "lop", "truong", "an", "ban", "tru", "quy", "chuyen",
    "khoan", "thanh", "toan", "sinh", "hoat", "bao", "hiem", "y", "te", "nuoc", "uong", "dong", "phuc", "sach", "vo", "ky", "hk1",
    "hk2", "nam", "2026", "2027", "5a", "3b", "1c", "dot", "2", "gui", "co", "giao", "SBD", "SV", "SK", "SP", "BHYT", "CCCD", "SDT",
    "sap", "quay", "so", "12", "15", "cho", "rau", "thit", "ca", "hoa", "don", "HD00123", "phieu", "thu", "tro", "cap", "xa", "hoi",
    "nộp", "tiền", "học", "phí", "tháng", "cháu", "lớp", "trường", "đóng", "quỹ", "bảo", "hiểm", "sữa", "đồng", "phục", "kỳ", "năm",
    "SACHVO", "TIENAN", "HOCPHI", "BANTRU", "chuyentien", "thanhtoan", "KHACHHANG", "THANHTOANHOADON", "cam on", "ok", "hp", "k12",
};
static const char *const family[] = { "LO", "QUANG", "CA", "TONG", "VI", "HOANG", "NGUYEN", "TRAN", "GIANG", "SUNG", "VANG", "MUA",
                                      "THAO", "LUONG", "DINH", "BUI", "PHAM", "CAM", "BAC", "DEO", "SONG", "SA", "Lò", "Vàng" };
static const char *const middle[] = { "THI", "VAN", "A", "MINH", "NGOC", "THANH", "DUC", "Thị", "Văn", "HONG", "BAO", "PHUONG" };
static const char *const given[] = { "MAY", "SANG", "SINH", "SON", "HOA", "LAN", "DUNG", "CHU", "DE", "PAO", "PUA", "KSOR", "BINH",
                                     "VINH", "KHANH", "PHUC", "BACH", "CUC", "Mây", "Sáng", "Khánh", "TUYEN", "QUYNH", "NHUNG" };

/* %d digits, %x letters and digits, %l letters (a number of them behind), %N a name, %M what a payer writes. */
static const char *const shapes[] = {
    "MBVCB.%d10.%M.CT tu %d13 %N toi %d13 TRUONG THCS %N",
    "MBVCB.%d10.%d6.%M.CT tu %d13 %N toi %d13 %N Ngan hang Nong nghiep va Phat trien Nong thon Viet Nam (AGRIBANK)",
    "IBVCB.%d16.%M",
    "CT nhanh 247 den: %M",
    "020097%d6%d62026%x4%d6.%d5.%d6.%M",
    "SHGD:%d8.DD:%d6.BO:%N.%M",
    "CUSTOMER %N %M - Ma giao dich/ Trace %d6",
    "CUSTOMER %M- Ma GD ACSP/ %l2%d6",
    "%M. TU: %N",
    "%d11-%M-CHUYEN TIEN-OQCH%x8-MOMO%d11MOMO",
    "ZALOPAY-CHUYENTIEN-%x12-%M",
    "ZALOPAY-CHUYENTIEN-%x12",
    "QRCODE VNPAY QRCODE %M %d14 BP%x8",
    "CT DEN:%d3T%d5%x9 %M (%d10)",
    "ND:CT DEN:%d12 %M; tai Napas",
    "TKThe :%d13, tai MB. %M -CTLNHIDI%d15-1/1-CRE-002",
    "REM Tfr Ac:%d10 %M",
    "IBFT %M",
    "%M FT%d14",
    "%M FT%d5%x9",
    "%M (by TPBank ChatPay)",
    "%N;NOP TIEN;%M",
    "BankAPINotify %M",
    "%N chuyen tien",
    "%N chuyen tien qua MoMo",
    "%M VQR%x9",
    "CS%x8 %M",
    "PAY%x9 %M",
    "%x9 %M",
    "%x8 %M",
    "%x10",
    "%M %d10",
};

struct memo {
    char text[MEMO_SIZE];
    size_t n;
};

static void add(struct memo *m, const char *text)
{
    for (; *text != '\0' && m->n < MEMO_SIZE; text++)
        m->text[m->n++] = *text;
}

static void add_from(struct memo *m, const char *letters, uint32_t count, uint32_t n, uint64_t *seed)
{
    for (; n > 0 && m->n < MEMO_SIZE; n--)
        m->text[m->n++] = letters[random_below(seed, count)];
}

#define PICK(list) list[random_below(seed, sizeof list / sizeof list[0])]

static void add_name(struct memo *m, uint64_t *seed)
{
    add(m, PICK(family));
    add(m, " ");
    add(m, PICK(middle));
    add(m, " ");
    add(m, PICK(given));
}

static void add_message(struct memo *m, uint64_t *seed)
{
    static const char *const between[] = { " ", " ", " ", " ", "", "-", ".", ", ", "  " };
    uint32_t n = 1 + random_below(seed, 7);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t pick = random_below(seed, 16);

        if (pick == 0)
            add_name(m, seed);
        else if (pick == 1)
            add_from(m, "0123456789", 10, 1 + random_below(seed, 10), seed);
        else
            add(m, PICK(words));
        add(m, PICK(between));
    }
}

static void memo_any(struct memo *m, uint64_t *seed)
{
    static const char alnum[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *shape = PICK(shapes);

    m->n = 0;
    for (; *shape != '\0'; shape++) {
        if (*shape != '%') {
            if (m->n < MEMO_SIZE)
                m->text[m->n++] = *shape;
            continue;
        }

        char what = *++shape;
        uint32_t n = 0;

        while (shape[1] >= '0' && shape[1] <= '9')
            n = n * 10 + (uint32_t)(*++shape - '0');
        switch (what) {
        case 'd':
            add_from(m, alnum, 10, n, seed);
            break;
        case 'x':
            add_from(m, alnum, 36, n, seed);
            break;
        case 'l':
            add_from(m, alnum + 10, 26, n, seed);
            break;
        case 'N':
            add_name(m, seed);
            break;
        default:
            add_message(m, seed);
        }
    }
}

struct luck {
    size_t bytes, candidates[4], live[4], settled;
};

static void judge(struct luck *luck, const struct match_list *list, int64_t amount)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct match_code *c = &list->code[i];
        const struct live *hit = live_find(c->no);

        luck->candidates[c->how]++;
        if (hit == NULL)
            continue;
        luck->live[c->how]++;
        /* An exact code takes any sum, the others only their own (product.md §3.5). */
        if (c->how == MATCH_EXACT || hit->due == amount)
            luck->settled++;
    }
}

static void test_no_memo_settles_by_luck(void **state)
{
    struct luck luck = { 0 };
    uint64_t seed = 2026;
    static struct memo m;
    struct timespec from, to;

    (void)state;
    for (uint32_t i = 0; i < TABLE_SIZE; i++)
        table[i].no = -1;
    for (int i = 0; i < LIVE; i++) {
        int32_t no;

        assert_int_equal(code_from_random("BCPVK"[random_below(&seed, 5)], random_next(&seed), &no), RC_OK);
        live_add(no, any_amount(&seed));
    }
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < MEMOS; i++) {
        struct match_list list;

        memo_any(&m, &seed);
        luck.bytes += m.n;
        assert_int_equal(match_find((struct slice){ m.text, m.n }, CODE_KINDS_DEFAULT, &list), RC_OK);
        judge(&luck, &list, any_amount(&seed));
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    print_message("%d memos of %zu bytes on average, %lld ns each with making them; candidates exact %zu joined %zu "
                  "repaired %zu, of these live %zu %zu %zu\n",
                  MEMOS, luck.bytes / MEMOS,
                  ((long long)(to.tv_sec - from.tv_sec) * NANO + (to.tv_nsec - from.tv_nsec)) / MEMOS,
                  luck.candidates[MATCH_EXACT], luck.candidates[MATCH_JOINED], luck.candidates[MATCH_REPAIRED],
                  luck.live[MATCH_EXACT], luck.live[MATCH_JOINED], luck.live[MATCH_REPAIRED]);
    assert_int_equal(luck.settled, 0);
    /* Where the zero comes from: hardly anything is a candidate. A rule of match.c that is loosened shows here first. */
    assert_in_range(luck.candidates[MATCH_EXACT] + luck.candidates[MATCH_JOINED], 0, MEMOS / 10000);
    assert_in_range(luck.candidates[MATCH_REPAIRED], 0, MEMOS / 20);
}

/* The test above can fail: with a code put into each memo and the right sum, every one settles. */
static void test_the_judge_judges(void **state)
{
    struct luck luck = { 0 };
    uint64_t seed = 2027;
    static struct memo m;

    (void)state;
    for (uint32_t i = 0, done = 0; done < 1000; i++) {
        struct match_list list;
        char code[CODE_SIZE];

        if (table[i].no < 0)
            continue;
        code_text(code, table[i].no);
        m.n = 0;
        add_message(&m, &seed);
        add(&m, " ");
        add(&m, code);
        add(&m, " FT26255200008461");
        assert_int_equal(match_find((struct slice){ m.text, m.n }, CODE_KINDS_DEFAULT, &list), RC_OK);
        judge(&luck, &list, table[i].due);
        done++;
    }
    assert_int_equal(luck.settled, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_memo_settles_by_luck),
        cmocka_unit_test(test_the_judge_judges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
