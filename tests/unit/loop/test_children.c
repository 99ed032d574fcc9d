/* The supervisor with real processes: restart with back-off, drain, kill, reload, and the exit code that is fatal. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "khop/base/clock.h"
#include "khop/base/log.h"
#include "khop/loop/children.h"
#include "khop/base/banned.h"

/* What all processes of a test write into. */
struct shared {
    _Atomic int starts, terms, ignored, hups;
    _Atomic int pid[4];
    _Atomic int64_t at_ms[16];
};

static struct shared *shared;

static int setup(void **state)
{
    (void)state;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    log_set_level(LOG_LEVEL_ERROR);
    return shared == MAP_FAILED ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    return munmap(shared, sizeof *shared);
}

static void sleep_ms(long ms)
{
    struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

    (void)nanosleep(&ts, NULL);
}

static void wait_for(_Atomic int *value, int want)
{
    int64_t end = clock_mono_ms() + 5000;

    while (atomic_load(value) < want && clock_mono_ms() < end)
        sleep_ms(2);
    if (atomic_load(value) < want)
        fail_msg("waited for %d, have %d", want, atomic_load(value));
}

static void on_term(int signo)
{
    (void)signo;
    atomic_fetch_add(&shared->terms, 1);
    _exit(0);
}

static void on_term_stay(int signo)
{
    (void)signo;
    atomic_fetch_add(&shared->ignored, 1);
}

static void on_hup(int signo)
{
    (void)signo;
    atomic_fetch_add(&shared->hups, 1);
}

static int note_start(int index)
{
    int n = atomic_fetch_add(&shared->starts, 1);

    atomic_store(&shared->pid[index & 3], getpid());
    atomic_store(&shared->at_ms[n & 15], clock_mono_ms());
    return n;
}

/* At most ten seconds, so that nothing outlives a broken test. */
static int linger(void)
{
    for (int i = 0; i < 1000; i++)
        sleep_ms(10);
    return 3;
}

/* Serves until SIGTERM. */
static int good(int index, void *arg)
{
    (void)arg;
    (void)signal(SIGTERM, on_term);
    (void)signal(SIGHUP, on_hup);
    (void)note_start(index);
    return linger();
}

static int crash(int index, void *arg)
{
    (void)arg;
    (void)note_start(index);
    _exit(9);
}

static int deaf(int index, void *arg)
{
    (void)arg;
    (void)signal(SIGTERM, on_term_stay);
    (void)note_start(index);
    return linger();
}

static int misconfigured(int index, void *arg)
{
    (void)arg;
    (void)note_start(index);
    _exit(CHILDREN_EXIT_CONFIG);
}

/* The supervisor as a child of the test. */
static pid_t supervise_with(const struct children_config *config)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        _exit(children_run(config));
    return pid;
}

static pid_t supervise(const struct children_role *roles, size_t n, int64_t drain_ms)
{
    const struct children_config config = { .roles = roles, .nroles = n, .drain_ms = drain_ms, .back_off_ms = 20,
                                            .back_off_max = 80, .settled_ms = 10000 };

    return supervise_with(&config);
}

static int exit_code_of(pid_t pid)
{
    int64_t end = clock_mono_ms() + 5000;
    int status;

    while (clock_mono_ms() < end) {
        pid_t got = waitpid(pid, &status, WNOHANG);

        assert_true(got >= 0);
        if (got == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        sleep_ms(2);
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, &status, 0);
    fail_msg("the supervisor did not end");
    return -1;
}

static bool gone(int pid)
{
    for (int i = 0; i < 1000; i++) {
        if (kill(pid, 0) != 0)
            return true;
        sleep_ms(2);
    }
    return false;
}

static void starts_and_drains(void **state)
{
    const struct children_role roles[] = { { "serve", 2, good, NULL }, { "none", 0, crash, NULL }, { "jobs", 1, good, NULL } };

    (void)state;
    for (int i = 0; i < 2; i++) {
        atomic_store(&shared->starts, 0);
        atomic_store(&shared->terms, 0);

        pid_t pid = supervise(roles, 3, 5000);

        wait_for(&shared->starts, 3);
        assert_int_equal(kill(pid, i == 0 ? SIGTERM : SIGINT), 0);
        assert_int_equal(exit_code_of(pid), 0);
        assert_int_equal(atomic_load(&shared->terms), 3); /* each got one SIGTERM, whatever we got */
        assert_int_equal(atomic_load(&shared->starts), 3);
    }
}

static void restarts_one_that_dies(void **state)
{
    const struct children_role roles[] = { { "serve", 2, good, NULL } };
    pid_t pid = supervise(roles, 1, 5000);

    (void)state;
    wait_for(&shared->starts, 2);

    int other = atomic_load(&shared->pid[0]);

    assert_int_equal(kill(atomic_load(&shared->pid[1]), SIGKILL), 0);
    wait_for(&shared->starts, 3);
    assert_int_equal(atomic_load(&shared->pid[0]), other); /* the other one was left alone */
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(exit_code_of(pid), 0);
    assert_int_equal(atomic_load(&shared->terms), 2);
}

static void backs_off(void **state)
{
    const struct children_role roles[] = { { "crash", 1, crash, NULL } };
    pid_t pid = supervise(roles, 1, 5000);
    int64_t pause[5];

    (void)state;
    wait_for(&shared->starts, 6);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_in_range(exit_code_of(pid), 0, 1); /* nothing was running, or the stop met its crash */
    for (int i = 0; i < 5; i++)
        pause[i] = atomic_load(&shared->at_ms[i + 1]) - atomic_load(&shared->at_ms[i]);
    /* 20, 40, 80, 80, 80 */
    assert_in_range(pause[0], 18, 2000);
    assert_in_range(pause[1], 38, 2000);
    for (int i = 2; i < 5; i++)
        assert_in_range(pause[i], 78, 2000);
}

static int crash_late(int index, void *arg)
{
    (void)arg;
    (void)note_start(index);
    sleep_ms(3);
    _exit(9);
}

static void settled_ones_start_soon_again(void **state)
{
    const struct children_role roles[] = { { "late", 1, crash_late, NULL } };
    const struct children_config config = { .roles = roles, .nroles = 1, .drain_ms = 5000, .back_off_ms = 5,
                                            .back_off_max = 100000, .settled_ms = 2 };
    pid_t pid = supervise_with(&config);

    (void)state;
    wait_for(&shared->starts, 12); /* 5 ms doubled eleven times would be ten seconds */
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_in_range(exit_code_of(pid), 0, 1); /* the stop may have met its crash */
}

static void kills_after_the_drain(void **state)
{
    const struct children_role roles[] = { { "deaf", 1, deaf, NULL }, { "serve", 1, good, NULL } };
    pid_t pid = supervise(roles, 2, 60);
    int64_t begun;

    (void)state;
    wait_for(&shared->starts, 2);
    begun = clock_mono_ms();
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(exit_code_of(pid), 1);
    assert_in_range(clock_mono_ms() - begun, 58, 3000);
    assert_int_equal(atomic_load(&shared->terms), 1);
}

/* Ends by itself, and says that it could not end everything in time. */
static void on_term_late(int signo)
{
    (void)signo;
    _exit(1);
}

static int late(int index, void *arg)
{
    (void)arg;
    (void)signal(SIGTERM, on_term_late);
    (void)note_start(index);
    return linger();
}

static void a_drain_that_ran_over_is_told(void **state)
{
    const struct children_role roles[] = { { "late", 1, late, NULL }, { "serve", 1, good, NULL } };
    pid_t pid = supervise(roles, 2, 5000);

    (void)state;
    wait_for(&shared->starts, 2);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(exit_code_of(pid), 1);
}

static void a_second_signal_kills_now(void **state)
{
    const struct children_role roles[] = { { "deaf", 1, deaf, NULL } };
    pid_t pid = supervise(roles, 1, 60000);

    (void)state;
    wait_for(&shared->starts, 1);
    assert_int_equal(kill(pid, SIGTERM), 0);
    wait_for(&shared->ignored, 1); /* two pending at once would be one */
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(exit_code_of(pid), 1);
    assert_true(gone(atomic_load(&shared->pid[0])));
}

static void forwards_reload(void **state)
{
    const struct children_role roles[] = { { "serve", 2, good, NULL } };
    pid_t pid = supervise(roles, 1, 5000);

    (void)state;
    wait_for(&shared->starts, 2);
    assert_int_equal(kill(pid, SIGHUP), 0);
    wait_for(&shared->hups, 2);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(exit_code_of(pid), 0);
    assert_int_equal(atomic_load(&shared->starts), 2); /* nobody died of it */
}

static void a_configuration_error_is_fatal(void **state)
{
    const struct children_role roles[] = { { "serve", 2, good, NULL }, { "bad", 1, misconfigured, NULL } };
    pid_t pid = supervise(roles, 2, 5000);

    (void)state;
    assert_int_equal(exit_code_of(pid), CHILDREN_EXIT_CONFIG);
    for (int i = 0; i < 2; i++)
        assert_true(atomic_load(&shared->pid[i]) == 0 || gone(atomic_load(&shared->pid[i])));
}

static void children_do_not_outlive_the_supervisor(void **state)
{
    const struct children_role roles[] = { { "serve", 2, good, NULL } };
    pid_t pid = supervise(roles, 1, 5000);

    (void)state;
    wait_for(&shared->starts, 2);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(exit_code_of(pid), -SIGKILL);
    wait_for(&shared->terms, 2); /* told by the kernel, so that they can drain */
}

static int look_around(int index, void *arg)
{
    sigset_t mask;
    char name[16];

    (void)arg;
    (void)signal(SIGTERM, on_term);
    (void)kill(getpid(), SIGINT); /* ignored */
    if (sigprocmask(SIG_SETMASK, NULL, &mask) != 0 || sigismember(&mask, SIGTERM) || sigismember(&mask, SIGCHLD))
        _exit(CHILDREN_EXIT_CONFIG);
    if (prctl(PR_GET_NAME, name) != 0 || strcmp(name, "serve") != 0)
        _exit(CHILDREN_EXIT_CONFIG);
    (void)note_start(index);
    return linger();
}

static void a_child_starts_clean(void **state)
{
    const struct children_role roles[] = { { "serve", 1, look_around, NULL } };
    pid_t pid = supervise(roles, 1, 5000);

    (void)state;
    wait_for(&shared->starts, 1);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(exit_code_of(pid), 0);
}

static void unusable_tables(void **state)
{
    const struct children_role many[] = { { "serve", CHILDREN_MAX + 1, good, NULL } };
    struct children_config none = { .drain_ms = 1 }, over = { .roles = many, .nroles = 1, .drain_ms = 1 };

    (void)state;
    log_set_level(LOG_LEVEL_ERROR);
    assert_int_equal(children_run(&none), 1);
    assert_int_equal(children_run(&over), 1);
    assert_int_equal(atomic_load(&shared->starts), 0);
}

#define CHILD_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHILD_TEST(starts_and_drains),
        CHILD_TEST(restarts_one_that_dies),
        CHILD_TEST(backs_off),
        CHILD_TEST(settled_ones_start_soon_again),
        CHILD_TEST(kills_after_the_drain),
        CHILD_TEST(a_drain_that_ran_over_is_told),
        CHILD_TEST(a_second_signal_kills_now),
        CHILD_TEST(forwards_reload),
        CHILD_TEST(a_configuration_error_is_fatal),
        CHILD_TEST(children_do_not_outlive_the_supervisor),
        CHILD_TEST(a_child_starts_clean),
        CHILD_TEST(unusable_tables),
    };

    return cmocka_run_group_tests_name("loop_children", tests, NULL, NULL);
}
