#include "khop/loop/children.h"
#include "khop/base/clock.h"
#include "khop/base/log.h"
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "khop/base/banned.h"

struct child {
    const struct children_role *role;
    int index;
    pid_t pid;            /* 0: not running */
    int64_t started_ms;
    int64_t start_at_ms;  /* when not running */
    int64_t back_off_ms;  /* the next pause */
};

struct supervisor {
    struct children_config config;
    struct child child[CHILDREN_MAX];
    size_t n;
    sigset_t watched, before;
    bool stopping, killed;
    int64_t kill_at_ms;
    int exit_code;
};

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value > 0 ? value : fallback;
}

/* One slot per process of the table; false when it has too many or none. */
static bool fill_table(struct supervisor *s, const struct children_config *config)
{
    s->config = *config;
    s->config.back_off_ms = or_default(config->back_off_ms, 200);
    s->config.back_off_max = or_default(config->back_off_max, 5000);
    s->config.settled_ms = or_default(config->settled_ms, 10000);
    for (size_t r = 0; r < config->nroles; r++) {
        for (int i = 0; i < config->roles[r].count; i++) {
            if (s->n == CHILDREN_MAX)
                return false;
            s->child[s->n++] = (struct child){
                .role = &config->roles[r],
                .index = i,
                .back_off_ms = s->config.back_off_ms,
            };
        }
    }
    return s->n > 0;
}

static void watch_signals(struct supervisor *s)
{
    static const int watched[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };

    sigemptyset(&s->watched);
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        sigaddset(&s->watched, watched[i]);
    /* Blocked and waited for, never delivered. An inherited "ignore" of SIGCHLD would lose the exit codes. */
    (void)sigprocmask(SIG_BLOCK, &s->watched, &s->before);
    (void)signal(SIGCHLD, SIG_DFL);
}

/* In the child; never returns. */
static void run_child(const struct supervisor *s, const struct child *c, pid_t parent)
{
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGHUP, SIG_DFL);
    (void)signal(SIGINT, SIG_IGN);
    (void)prctl(PR_SET_NAME, c->role->name);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    /* If the supervisor died before the line above, no signal will come. */
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    log_set_name(c->role->name);
    (void)sigprocmask(SIG_SETMASK, &s->before, NULL);
    exit(c->role->run(c->index, c->role->arg));
}

/* The pause before the next start: the present one, and twice that the time after. */
static void back_off(const struct supervisor *s, struct child *c, int64_t now)
{
    c->start_at_ms = now + c->back_off_ms;
    c->back_off_ms = c->back_off_ms > s->config.back_off_max / 2 ? s->config.back_off_max : c->back_off_ms * 2;
}

static void start(struct supervisor *s, struct child *c, int64_t now)
{
    pid_t parent = getpid();

    (void)fflush(NULL); /* else a child would write what is still in our buffers */

    pid_t pid = fork();

    if (pid == 0)
        run_child(s, c, parent);
    if (pid < 0) {
        log_error("child_not_started", "role=%s index=%d errno=%d", c->role->name, c->index, errno);
        back_off(s, c, now);
        return;
    }
    c->pid = pid;
    c->started_ms = now;
    log_info("child_started", "role=%s index=%d pid=%d", c->role->name, c->index, (int)pid);
}

static void signal_all(const struct supervisor *s, int signo)
{
    for (size_t i = 0; i < s->n; i++) {
        /* Not yet waited for, so the number is still this child's. */
        if (s->child[i].pid > 0)
            (void)kill(s->child[i].pid, signo);
    }
}

static void stop(struct supervisor *s, int64_t now, const char *why)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->kill_at_ms = now + s->config.drain_ms;
    log_info("children_stopping", "why=%s drain_ms=%lld", why, (long long)s->config.drain_ms);
    if (s->config.stopping != NULL)
        s->config.stopping(s->config.arg);
    signal_all(s, SIGTERM);
}

static void kill_left(struct supervisor *s)
{
    s->killed = true;
    if (s->exit_code == 0)
        s->exit_code = EXIT_FAILURE;
    for (size_t i = 0; i < s->n; i++) {
        if (s->child[i].pid > 0)
            log_warn("child_killed", "role=%s index=%d pid=%d", s->child[i].role->name, s->child[i].index,
                     (int)s->child[i].pid);
    }
    signal_all(s, SIGKILL);
}

static void log_end(const struct supervisor *s, const struct child *c, int status, int64_t now)
{
    bool clean = s->stopping && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    const char *how = WIFSIGNALED(status) ? "signal" : "code";
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);

    log_line(clean ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "child_ended", "role=%s index=%d pid=%d %s=%d ran_ms=%lld",
             c->role->name, c->index, (int)c->pid, how, number, (long long)(now - c->started_ms));
}

static void ended(struct supervisor *s, struct child *c, int status, int64_t now)
{
    log_end(s, c, status, now);
    c->pid = 0;
    /* It did not end all of its work in time. (By SIGTERM it ends before it has begun any.) */
    if (s->stopping && s->exit_code == 0 && (WIFEXITED(status) ? WEXITSTATUS(status) != 0 : WTERMSIG(status) != SIGTERM))
        s->exit_code = EXIT_FAILURE;
    if (now - c->started_ms >= s->config.settled_ms)
        c->back_off_ms = s->config.back_off_ms;
    back_off(s, c, now);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILDREN_EXIT_CONFIG) {
        s->exit_code = CHILDREN_EXIT_CONFIG;
        stop(s, now, "config");
    }
}

/* Only our own children are waited for, each by its number; returns how many still run. */
static size_t reap(struct supervisor *s, int64_t now)
{
    size_t alive = 0;

    for (size_t i = 0; i < s->n; i++) {
        struct child *c = &s->child[i];
        int status;

        if (c->pid == 0)
            continue;

        pid_t got = waitpid(c->pid, &status, WNOHANG);

        if (got == c->pid)
            ended(s, c, status, now);
        else
            alive++;
    }
    return alive;
}

/* Starts what is due, and returns the milliseconds until something else is. */
static int64_t start_due(struct supervisor *s, int64_t now)
{
    int64_t wait = 60000;

    for (size_t i = 0; i < s->n; i++) {
        struct child *c = &s->child[i];

        if (c->pid == 0 && c->start_at_ms <= now)
            start(s, c, now);
        if (c->pid == 0 && c->start_at_ms - now < wait)
            wait = c->start_at_ms - now;
    }
    return wait;
}

static void wait_signal(struct supervisor *s, int64_t wait_ms)
{
    struct timespec ts = { (time_t)(wait_ms / 1000), (long)(wait_ms % 1000 * 1000000) };
    int signo = sigtimedwait(&s->watched, NULL, &ts);

    if (signo == SIGTERM || signo == SIGINT) {
        if (s->stopping)
            s->kill_at_ms = clock_mono_ms();
        stop(s, clock_mono_ms(), signo == SIGTERM ? "sigterm" : "sigint");
    } else if (signo == SIGHUP) {
        log_info("children_reloading", "children=%zu", s->n);
        signal_all(s, SIGHUP);
    }
}

static int supervise(struct supervisor *s)
{
    for (;;) {
        int64_t now = clock_mono_ms();
        size_t alive = reap(s, now);
        int64_t wait;

        if (!s->stopping) {
            wait = start_due(s, now);
        } else if (alive == 0) {
            return s->exit_code;
        } else if (s->killed) {
            wait = 1000; /* only the kernel can keep them now */
        } else if (now >= s->kill_at_ms) {
            kill_left(s);
            continue;
        } else {
            wait = s->kill_at_ms - now;
        }
        wait_signal(s, wait);
    }
}

int children_run(const struct children_config *config)
{
    struct supervisor s = { 0 };

    if (!fill_table(&s, config)) {
        log_error("children_table", "max=%d", CHILDREN_MAX);
        return EXIT_FAILURE;
    }
    watch_signals(&s);

    int code = supervise(&s);

    (void)sigprocmask(SIG_SETMASK, &s.before, NULL);
    log_info("children_stopped", "code=%d", code);
    return code;
}
