/* TCP listening sockets from text. The supervisor opens them before it forks, one SO_REUSEPORT socket a child. */
#ifndef KHOP_LOOP_LISTEN_H
#define KHOP_LOOP_LISTEN_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define LISTEN_BACKLOG 1024

/* "[ffff:…:ffff]:65535" with a NUL fits. */
#define LISTEN_TEXT_SIZE  56
#define LISTEN_ERROR_SIZE 160

struct listen_addr {
    struct sockaddr_storage sa;
    socklen_t len;
};

/* "127.0.0.1:8080" or "[::1]:8080": numeric addresses only, so that nothing is looked up; port 0 lets the system choose.
 * RC_BAD_INPUT. */
int listen_parse(struct slice text, struct listen_addr *out) RC_MUST;
/* The same text back. */
void listen_text(char out[LISTEN_TEXT_SIZE], const struct listen_addr *addr);

/* A listening socket: non-blocking, close-on-exec, SO_REUSEADDR, IPv6 only for an IPv6 address ("[::]" and "0.0.0.0" may
 * both be open). `reuse_port` lets further sockets take the same address. On success *fd is the caller's, and `bound`
 * (may be NULL) is where it listens, with the port that was chosen. RC_BAD_INPUT: not an address; RC_CONFLICT: in use;
 * RC_FORBIDDEN: not allowed (a port below 1024); RC_UNAVAILABLE: no such address here; RC_IO. `error` then says it in words. */
int listen_open(struct slice text, bool reuse_port, int *fd, struct listen_addr *bound,
                char error[LISTEN_ERROR_SIZE]) RC_MUST;

#endif
