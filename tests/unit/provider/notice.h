/* Notices for the tests: what arrives as plain text, what came of it. */
#ifndef TEST_NOTICE_H
#define TEST_NOTICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above first. */
#include <cmocka.h>

#include "khop/provider/provider.h"
#include "khop/provider/sign.h"

#define NOW_S  INT64_C(1795136600) /* 2026-11-20 08:03:20 +07:00 */
#define NOW_US (NOW_S * 1000000)

struct test_header {
    const char *name;
    struct slice value;
};

struct test_notice {
    int mode;
    const char *secrets[PROVIDER_SECRETS_MAX];
    const char *path;
    struct test_header headers[8];
    struct slice body;
    int64_t now_us; /* 0: NOW_US */
    bool open_wire; /* plain HTTP from elsewhere */
};

extern struct arena *test_arena; /* emptied by test_check */

int test_setup(void **state);
int test_teardown(void **state);
void test_add(struct test_notice *t, const char *name, const char *value);
/* Reads headers, path and body of a signed notice into t. */
void test_take(struct test_notice *t, const struct signed_notice *s);
struct notice_verdict test_check(const struct test_notice *t);
/* The same without emptying the arena first. */
struct notice_verdict test_check_more(const struct test_notice *t);

void assert_verdict(const struct notice_verdict *v, enum notice_kind kind, int status, const char *reason,
                    const char *what);
void assert_text(struct slice got, const char *want);
const char *kind_name(enum notice_kind kind);

/* Public examples: providers.md (b) to (f). */
extern const char sepay_body[], casso1_body[], casso2_body[], payos_body[], vietqr_body[], standard_body[];
extern const char sepay_signature[], casso2_signature[], payos_signature[];

#endif
