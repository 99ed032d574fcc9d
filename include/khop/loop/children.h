/* The supervisor: keeps a table of child processes running. It has no event loop, no database and no connections, only a
 * signal wait, so there is little in it that can fail.
 *
 *   SIGTERM, SIGINT   SIGTERM to every child, then SIGKILL to those that are left after drain_ms; a second one: SIGKILL now
 *   SIGHUP            passed on to every child
 *   a child ends      it is started again, after 200 ms; doubled to at most 5 s while it keeps ending soon
 *   code 78           (EX_CONFIG) it can never run: all others are stopped, and 78 is the supervisor's result too
 *
 * A child starts with the signal mask that children_run was called with and the default actions of these signals, but
 * ignores SIGINT (a terminal's Ctrl-C reaches the whole group; the supervisor turns it into one SIGTERM). It gets SIGTERM
 * when the supervisor dies. */
#ifndef KHOP_LOOP_CHILDREN_H
#define KHOP_LOOP_CHILDREN_H

#include <stddef.h>
#include <stdint.h>

#define CHILDREN_MAX         64
#define CHILDREN_EXIT_CONFIG 78

struct children_role {
    const char *name;                  /* for logs and ps; at most 15 bytes are shown */
    int count;                         /* 0: none of it */
    int (*run)(int index, void *arg);  /* in the child, index from 0 within the role; what it returns is the exit code */
    void *arg;
};

struct children_config {
    const struct children_role *roles;
    size_t nroles;
    int64_t drain_ms;      /* from SIGTERM to SIGKILL */
    int64_t back_off_ms;   /* first pause before a restart; 0: 200 */
    int64_t back_off_max;  /* longest pause, ms; 0: 5,000 */
    int64_t settled_ms;    /* one that ran this long starts from the first pause again; 0: 10,000 */
    void (*stopping)(void *arg); /* called once, before the children get their SIGTERM; NULL: nothing */
    void *arg;
};

/* Runs until told to stop. The result is the exit code: 0 when every child has ended by itself within the drain, 1 when
 * one had to be killed or the table is unusable, 78 as above. The caller must have no other threads. */
int children_run(const struct children_config *config);

#endif
