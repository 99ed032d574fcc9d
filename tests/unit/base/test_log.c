/* A log line is one line whatever goes in, and gives nothing away that log_tail4 and log_quote should hide. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "khop/base/log.h"
#include "khop/base/utf8.h"
#include "khop/base/banned.h"

static int pipe_fd[2], saved_stderr;

static int redirect(void **state)
{
    (void)state;
    if (pipe(pipe_fd) != 0 || (saved_stderr = dup(STDERR_FILENO)) < 0)
        return -1;
    return dup2(pipe_fd[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int restore(void **state)
{
    (void)state;
    (void)dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
    log_set_level(LOG_LEVEL_INFO);
    log_set_name("");
    return 0;
}

/* What was written since the last call, as text. A marker makes sure that reading never waits. */
static const char *written(void)
{
    static char got[8192];
    ssize_t n;

    assert_int_equal(write(pipe_fd[1], "!", 1), 1);
    n = read(pipe_fd[0], got, sizeof got - 1);
    assert_true(n > 0 && got[n - 1] == '!');
    got[n - 1] = '\0';
    return got;
}

static void a_line(void **state)
{
    (void)state;
    log_set_name("serve");
    log_info("db_connected", "host=%s ms=%d", "local", 12);

    const char *got = written();

    assert_int_equal(strncmp(got, "ts=20", 5), 0);
    assert_non_null(strstr(got, "+07:00 level=info event=db_connected proc=serve host=local ms=12\n"));
    log_set_name("");
    log_error("stopped", "%s", "");
    got = written();
    assert_non_null(strstr(got, " level=error event=stopped\n"));
}

static void levels(void **state)
{
    (void)state;
    log_debug("quiet", "x=%d", 1);
    assert_string_equal(written(), "");
    log_set_level(LOG_LEVEL_DEBUG);
    log_debug("loud", "x=%d", 1);
    assert_non_null(strstr(written(), "level=debug event=loud x=1\n"));
    log_set_level(LOG_LEVEL_ERROR);
    log_warn("quiet", "x=%d", 1);
    assert_string_equal(written(), "");
}

static void stays_one_line(void **state)
{
    static char big[4000];

    (void)state;
    log_warn("odd", "v=%s", "a\nts=forged\r\x1b[31m\tb");

    const char *got = written();

    assert_ptr_equal(strchr(got, '\n'), got + strlen(got) - 1);
    assert_non_null(strstr(got, "v=a?ts=forged??[31m?b\n"));
    memset(big, 'x', sizeof big - 1);
    log_warn("big", "v=%s", big);
    got = written();
    assert_true(strlen(got) <= 2048);
    assert_non_null(strstr(got, "xxx cut=1\n"));
}

static void quotes(void **state)
{
    char out[LOG_QUOTE_SIZE], big[1000];

    (void)state;
    assert_string_equal(log_quote(out, SLICE("hai ba")), "\"hai ba\"");
    assert_string_equal(log_quote(out, SLICE("")), "\"\"");
    assert_string_equal(log_quote(out, (struct slice){ NULL, 0 }), "\"\"");
    assert_string_equal(log_quote(out, SLICE("a\"b\\c\nd\0e\x7f")), "\"a\\\"b\\\\c\\x0ad\\x00e\\x7f\"");
    assert_string_equal(log_quote(out, SLICE("Sơn\xff")), "\"Sơn\\xff\"");
    for (size_t n = 240; n < 262; n++) {
        memset(big, 'a', n);
        log_quote(out, (struct slice){ big, n });
        assert_int_equal(out[strlen(out) - 1], '"');
        assert_true(strlen(out) < LOG_QUOTE_SIZE);
    }
    assert_non_null(strstr(out, "aaa…\""));
    memset(big, '\xff', sizeof big); /* the longest escapes */
    log_quote(out, (struct slice){ big, sizeof big });
    assert_true(strlen(out) < LOG_QUOTE_SIZE && utf8_valid(slice_of(out)));
}

static void tails(void **state)
{
    char out[LOG_TAIL4_SIZE];

    (void)state;
    assert_string_equal(log_tail4(out, SLICE("1903612340011")), "…0011");
    assert_string_equal(log_tail4(out, SLICE("11")), "…11");
    assert_string_equal(log_tail4(out, SLICE("")), "…");
    assert_string_equal(log_tail4(out, SLICE("12\n\"\xc3\xa9")), "…?\?\?\?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line, redirect, restore),
        cmocka_unit_test_setup_teardown(levels, redirect, restore),
        cmocka_unit_test_setup_teardown(stays_one_line, redirect, restore),
        cmocka_unit_test(quotes),
        cmocka_unit_test(tails),
    };

    return cmocka_run_group_tests_name("base_log", tests, NULL, NULL);
}
