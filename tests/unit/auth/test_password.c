/* Which passwords may be chosen; hashes from the other thread, and what happens when too many ask or the process ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "khop/auth/password.h"
#include "request.h"

#include <sodium.h>
#include <time.h>

#include "khop/base/banned.h"

static int start(void **state)
{
    (void)state;
    return crypto_init();
}

static int stop(void **state)
{
    (void)state;
    crypto_end();
    return 0;
}

static void rules(void **state)
{
    static const struct {
        const char *password, *fault;
    } cases[] = {
        { "quả na chín rụng vườn sau", NULL },
        { "wX8#kq2Lm!vT", NULL },
        { "0f1e2d3c4b5a69788796a5b4", NULL },
        { "con-trau-di-cay-som", NULL },
        { "ngắn quá", "too_short" },
        { "password", "too_short" },
        { "password1234", "common" },
        { "PasswordPassword", "common" },
        { "Mật khẩu của tôi 2026", "common" },
        { "anh yêu em nhiều lắm", "common" },
        { "111111111111111", "common" },
        { "121212121212121", "common" },
        { "123456789abcdef", "common" },
        { "qwerty123456qwerty123456", "common" },
        { "iloveyou!!!!", "common" },
        { "changeme20261122", "common" },
        { "tháng 9 ketoan sơn", "names_you" },
        { "Trường Tiểu học Bản Mẫu số 1", "names_you" },
        { "thu tiền khớp đúng", "names_you" },
    };
    const struct slice names[] = { SLICE_INIT("ketoan"), SLICE_INIT("Trường Tiểu học Bản Mẫu"), SLICE_INIT("HN"), { NULL, 0 } };
    char lots[1200];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *fault = auth_password_fault(slice_of(cases[i].password), 12, names, 4);

        if (strcmp(fault == NULL ? "-" : fault, cases[i].fault == NULL ? "-" : cases[i].fault) != 0)
            fail_msg("%s: %s", cases[i].password, fault == NULL ? "-" : fault);
    }
    for (size_t i = 0; i < sizeof lots; i++)
        lots[i] = (char)('a' + (i * i + i / 7) % 26);
    assert_null(auth_password_fault((struct slice){ lots, 128 }, 12, names, 4));
    assert_null(auth_password_fault((struct slice){ lots, 256 }, 12, names, 4));
    assert_string_equal(auth_password_fault((struct slice){ lots, 257 }, 12, names, 4), "too_long");
    assert_string_equal(auth_password_fault(SLICE("abcdefg\xff hijklmnop"), 12, names, 4), "not_text");
    assert_string_equal(auth_password_fault(SLICE("wX8#kq2Lm!vT"), 15, NULL, 0), "too_short");
    assert_string_equal(auth_password_fault((struct slice){ NULL, 0 }, 15, NULL, 0), "too_short");
}

/* --- the thread --- */

struct waiter {
    struct task task;
    struct auth_hashed result;
    bool answered;
    int rc;
};

static int answered(struct task *t)
{
    struct waiter *w = (struct waiter *)(void *)t;

    w->answered = true;
    w->result = *(const struct auth_hashed *)t->result;
    task_end(t);
    return RC_OK;
}

static void failed(struct task *t, int rc)
{
    struct waiter *w = (struct waiter *)(void *)t;

    w->rc = rc;
    task_end(t);
}

static void waiter_begin(struct waiter *w, struct loop *l, int64_t ms)
{
    memset(w, 0, sizeof *w);
    task_begin(&w->task, l, arena_new(0), loop_now_ms(l) + ms, failed, NULL);
}

static struct auth *auth_start(struct loop *l)
{
    struct auth_config config = { .loop = l, .origin = "", .peppers = { { 1, { 3 } } } };
    struct auth *a = auth_new(&config);

    assert_non_null(a);
    return a;
}

static struct slice asked_password, asked_phc;
static int16_t asked_pepper = 1;
static struct auth *asked;

static int ask_hash(struct task *t)
{
    return auth_password_hash(t, asked, asked_password, answered);
}

static int ask_check(struct task *t)
{
    return auth_password_check(t, asked, asked_password, asked_phc, asked_pepper, answered);
}

static const struct auth_hashed *ask(struct loop *l, struct waiter *w, task_step step)
{
    waiter_begin(w, l, 60000);
    task_run(&w->task, step);
    while (task_count(l) > 0)
        loop_turn(l, 100);
    assert_true(w->answered);
    return &w->result;
}

static void hashes(void **state)
{
    struct loop *l = loop_new();
    static struct waiter w;
    char phc[AUTH_PHC_SIZE], weak[AUTH_PHC_SIZE], now[AUTH_PHC_SIZE];
    const uint8_t pepper[AUTH_KEY_SIZE] = { 3 }, other[AUTH_KEY_SIZE] = { 4 };

    (void)state;
    asked = auth_start(l);
    asked_password = SLICE("m\xe1\xba\xadt kh\xe1\xba\xa9u");
    memcpy(phc, ask(l, &w, ask_hash)->phc, sizeof phc);
    assert_int_equal(strncmp(phc, "$argon2id$v=19$m=65536,t=3,p=1$", 31), 0);
    asked_phc = slice_of(phc);
    assert_true(ask(l, &w, ask_check)->match);
    assert_false(w.result.renew);
    asked_password = SLICE("ma\xcc\xa3\xcc\x82t kha\xcc\x82\xcc\x89u"); /* the same text, typed on another keyboard */
    assert_true(ask(l, &w, ask_check)->match);
    asked_password = SLICE("mat khau");
    assert_false(ask(l, &w, ask_check)->match);
    asked_password = SLICE("\xff\xfe");
    assert_false(ask(l, &w, ask_check)->match);
    asked_phc = (struct slice){ NULL, 0 };
    assert_false(ask(l, &w, ask_check)->match);

    /* The command line's hash is the same; another pepper's is not. */
    asked_password = SLICE("mat khau");
    assert_int_equal(auth_password_hash_now(pepper, asked_password, now), RC_OK);
    asked_phc = slice_of(now);
    assert_true(ask(l, &w, ask_check)->match);
    assert_int_equal(auth_password_hash_now(other, asked_password, now), RC_OK);
    asked_phc = slice_of(now);
    assert_false(ask(l, &w, ask_check)->match);

    /* A hash of other days is renewed, when it is the right password. */
    struct mac *mac = mac_new(MAC_HMAC_SHA256, (struct slice){ (const char *)pepper, AUTH_KEY_SIZE });
    uint8_t input[SHA512_SIZE];

    assert_int_equal(mac_sign(mac, &asked_password, 1, input), RC_OK);
    mac_free(mac);
    assert_int_equal(crypto_pwhash_str_alg(weak, (const char *)input, SHA256_SIZE, 1, 8 << 20, crypto_pwhash_ALG_ARGON2ID13), 0);
    asked_phc = slice_of(weak);
    assert_true(ask(l, &w, ask_check)->match);
    assert_true(w.result.renew);
    memcpy(phc, w.result.phc, sizeof phc);
    asked_phc = slice_of(phc);
    assert_true(ask(l, &w, ask_check)->match);
    asked_password = SLICE("mat khaU");
    asked_phc = slice_of(weak);
    assert_false(ask(l, &w, ask_check)->match);
    assert_false(w.result.renew);
    auth_free(asked);
    loop_free(l);
}

/* While a pepper is replaced: old hashes are checked with the old one and made again with the new one; new ones are the new one's alone. */
static void two_peppers(void **state)
{
    struct loop *l = loop_new();
    struct auth_config config = { .loop = l, .origin = "", .peppers = { { 2, { 4 } }, { 1, { 3 } } } };
    const uint8_t old_pepper[AUTH_KEY_SIZE] = { 3 }, new_pepper[AUTH_KEY_SIZE] = { 4 };
    static struct waiter w;
    char phc[AUTH_PHC_SIZE], renewed[AUTH_PHC_SIZE];

    (void)state;
    asked = auth_new(&config);
    assert_non_null(asked);
    assert_int_equal(auth_pepper_no(asked), 2);
    asked_password = SLICE("mat khau cu");
    assert_int_equal(auth_password_hash_now(old_pepper, asked_password, phc), RC_OK);
    asked_phc = slice_of(phc);
    asked_pepper = 1;
    assert_true(ask(l, &w, ask_check)->match);
    assert_true(w.result.renew);
    memcpy(renewed, w.result.phc, sizeof renewed);
    asked_pepper = 2; /* the number says which pepper, nothing is tried */
    assert_false(ask(l, &w, ask_check)->match);
    asked_pepper = 1;
    asked_password = SLICE("mat khau");
    assert_false(ask(l, &w, ask_check)->match);
    assert_false(w.result.renew);
    for (int16_t gone = 3; gone >= -1; gone -= 3) { /* 3, 0 */
        asked_pepper = gone;
        asked_password = SLICE("mat khau cu");
        assert_false(ask(l, &w, ask_check)->match);
    }

    asked_phc = slice_of(renewed);
    asked_pepper = 2;
    asked_password = SLICE("mat khau cu");
    assert_true(ask(l, &w, ask_check)->match);
    assert_false(w.result.renew);
    assert_int_equal(auth_password_hash_now(new_pepper, asked_password, phc), RC_OK);
    asked_phc = slice_of(phc);
    assert_true(ask(l, &w, ask_check)->match);
    memcpy(phc, ask(l, &w, ask_hash)->phc, sizeof phc);
    asked_phc = slice_of(phc);
    assert_true(ask(l, &w, ask_check)->match);
    asked_pepper = 1;
    assert_false(ask(l, &w, ask_check)->match);
    auth_free(asked);
    loop_free(l);
}

/* The loop goes on while passwords are hashed; of twenty that ask at once sixteen wait and four are told to come again. */
static void many_at_once(void **state)
{
    static struct waiter w[20];
    struct loop *l = loop_new();
    int busy = 0, good = 0, turns = 0;

    (void)state;
    asked = auth_start(l);
    asked_password = SLICE("mat khau");
    asked_phc = (struct slice){ NULL, 0 };
    for (int i = 0; i < 20; i++) {
        waiter_begin(&w[i], l, 60000);
        task_run(&w[i].task, ask_check);
    }
    while (task_count(l) > 0) {
        loop_turn(l, 1);
        turns++;
    }
    for (int i = 0; i < 20; i++) {
        busy += w[i].rc == RC_BUSY;
        good += w[i].answered && !w[i].result.match;
    }
    assert_int_equal(busy, 4);
    assert_int_equal(good, 16);
    assert_true(turns > 50);
    auth_free(asked);
    loop_free(l);
}

/* Whoever is late is told so at the deadline; what is hashed for him then is dropped. The end of the process waits for no more
 * than one hash. */
static void late_and_last(void **state)
{
    static struct waiter w[4];
    struct loop *l = loop_new();

    (void)state;
    asked = auth_start(l);
    for (int i = 0; i < 4; i++) {
        waiter_begin(&w[i], l, i == 0 ? 1 : 60000);
        task_run(&w[i].task, ask_check);
    }
    while (w[0].rc == 0 && !w[0].answered)
        loop_turn(l, 10);
    auth_free(asked);
    while (task_count(l) > 0)
        loop_turn(l, 10);
    assert_true(w[0].rc == RC_TIMEOUT || w[0].answered);
    assert_int_equal(w[3].rc, RC_UNAVAILABLE);
    loop_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules), cmocka_unit_test(hashes), cmocka_unit_test(two_peppers),
        cmocka_unit_test(many_at_once), cmocka_unit_test(late_and_last),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
