/* khopd: reads the configuration and the keys, opens the sockets, gives up what it no longer needs, and keeps its child
 * processes running. It has no database, no TLS and serves nothing itself. */
#include "khop/app/config.h"
#include "khop/app/serve.h"
#include "khop/base/log.h"
#include "khop/loop/children.h"
#include "khop/loop/listen.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "khop/base/banned.h"

#define WORKERS_MAX 64
#define FILES_WANTED 16384 /* security.md §3 */

struct khopd {
    struct config config;
    struct app_keys keys;
    int listeners[WORKERS_MAX];
};

static int run_serve(int index, void *arg)
{
    const struct khopd *k = arg;

    log_set_name("serve");
    for (int i = 0; i < (int)k->config.workers; i++) {
        if (i != index)
            close(k->listeners[i]);
    }
    return app_serve(&k->config, &k->keys, k->listeners[index], index);
}

static int run_jobs(int index, void *arg)
{
    const struct khopd *k = arg;

    log_set_name("jobs");
    for (int i = 0; i < (int)k->config.workers; i++)
        close(k->listeners[i]);
    return app_jobs(&k->config, &k->keys, index);
}

static int usage(FILE *out)
{
    fprintf(out, "khopd - the Khớp server\n\nusage: khopd [--config FILE] [--SETTING VALUE ...]\n"
                 "       khopd --print-config | --check-config | --version | --help, behind the other options\n\nsettings:\n");
    config_help(out);
    fprintf(out, "\nA setting is read from the file (name = value), then from the environment (KHOP_NAME), then from the\n"
                 "options; the last one wins.\n\nexample:\n"
                 "  khopd --database 'host=/run/khop user=khop_serve dbname=khop' --keys-dir /etc/khop/keys\n");
    return out == stdout ? 0 : 2;
}

static void set_level(const char *name)
{
    static const char *const names[] = { "debug", "info", "warn", "error" };

    for (int i = 0; i < 4; i++) {
        if (strcmp(name, names[i]) == 0)
            log_set_level((enum log_level)i);
    }
}

static int open_listeners(struct khopd *k)
{
    struct slice address = slice_of(k->config.listen);
    char chosen[LISTEN_TEXT_SIZE], error[LISTEN_ERROR_SIZE];
    struct listen_addr bound;

    for (int i = 0; i < (int)k->config.workers; i++) {
        if (listen_open(address, k->config.workers > 1, &k->listeners[i], &bound, error) < 0) {
            fprintf(stderr, "khopd: cannot listen on %s: %s\n", k->config.listen, error);
            return -1;
        }
        /* With port 0 the first socket chooses, the others share its port. */
        listen_text(chosen, &bound);
        address = slice_of(chosen);
    }
    snprintf(k->config.listen, sizeof k->config.listen, "%s", chosen);
    return 0;
}

static int become(const char *user)
{
    const struct passwd *pw;

    if (user[0] == '\0' || geteuid() != 0)
        return 0;
    errno = 0;
    pw = getpwnam(user);
    if (pw == NULL) {
        fprintf(stderr, "khopd: there is no user \"%s\"\n", user);
        return -1;
    }
    if (initgroups(user, pw->pw_gid) < 0 || setgid(pw->pw_gid) < 0 || setuid(pw->pw_uid) < 0) {
        fprintf(stderr, "khopd: cannot become %s: %s\n", user, strerror(errno));
        return -1;
    }
    return 0;
}

static void harden(void)
{
    struct rlimit files;
    const struct rlimit no_core = { 0, 0 };

    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FILES_WANTED) {
        files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

/* Whoever connects from now on is refused at once, instead of waiting in a backlog that nobody reads while the children
 * finish; and the port is free for the next khopd. shutdown, not only close: the children hold these sockets too. */
static void stop_listening(void *arg)
{
    const struct khopd *k = arg;

    for (int i = 0; i < (int)k->config.workers; i++) {
        (void)shutdown(k->listeners[i], SHUT_RDWR);
        close(k->listeners[i]);
    }
}

static int supervise(struct khopd *k)
{
    const struct children_role roles[] = {
        { "serve", (int)k->config.workers, run_serve, k },
        { "jobs", (int)k->config.jobs, run_jobs, k },
    };
    /* A child ends its own drain first. */
    const struct children_config children = { .roles = roles, .nroles = 2, .drain_ms = k->config.drain_ms + 2000,
                                              .stopping = stop_listening, .arg = k };

    return children_run(&children);
}

int main(int argc, char **argv)
{
    static struct khopd k;
    char error[512] = "";
    const char *last = argc > 1 ? argv[argc - 1] : "";
    bool print = strcmp(last, "--print-config") == 0, check = strcmp(last, "--check-config") == 0;

    if (strcmp(last, "--help") == 0 || strcmp(last, "-h") == 0)
        return usage(stdout);
    if (strcmp(last, "--version") == 0) {
        printf("khopd %s\n", KHOP_VERSION);
        return 0;
    }
    log_set_name("khopd");
    if (config_read(&k.config, argc - (print || check), argv, error, sizeof error) < 0) {
        fprintf(stderr, "khopd: %s\n", error);
        return APP_EXIT_CONFIG;
    }
    if (print || check) {
        if (print)
            config_print(&k.config, stdout);
        return 0;
    }
    set_level(k.config.log_level);
    if (app_keys_read(&k.keys, k.config.keys_dir, error, sizeof error) < 0) {
        fprintf(stderr, "khopd: %s\n", error);
        return APP_EXIT_CONFIG;
    }
    if (open_listeners(&k) < 0)
        return 1;
    harden();
    if (become(k.config.user) < 0)
        return APP_EXIT_CONFIG;
    int status = supervise(&k);

    explicit_bzero(&k.keys, sizeof k.keys);
    return status;
}
