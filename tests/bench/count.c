/* Counts, in front of libc, what a process asks of the kernel (input, output, waiting) and of malloc. Preloaded into khopd by costs.mjs:
 *
 *   LD_PRELOAD=libkhop_count.so KHOP_COUNT_FILE=f khopd …     f: a file of COUNT_SIZE bytes, read while it runs
 *
 * A process, forked ones too, takes a slot of the file for itself. Figures are the same on a busy machine and on a quiet one, with
 * any user's rights, where a tracer's are not to be had. Not seen: what libc asks for by itself (a growing heap). */
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define SLOTS      64
#define COUNT_SIZE (sizeof(struct slot) * SLOTS)

struct slot {
    int64_t pid, calls, allocations, bytes;
};

static struct slot unseen; /* before the file is open, and where none is wanted */
static struct slot *slots, *mine = &unseen;

static void add(int64_t *what, int64_t n)
{
    __atomic_fetch_add(what, n, __ATOMIC_RELAXED);
}

static void take_slot(void)
{
    mine = &unseen;
    for (int i = 0; slots != NULL && i < SLOTS; i++) {
        int64_t none = 0;

        if (__atomic_compare_exchange_n(&slots[i].pid, &none, (int64_t)getpid(), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            mine = &slots[i];
            return;
        }
    }
}

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("KHOP_COUNT_FILE");
    int fd = file == NULL ? -1 : open(file, O_RDWR | O_CLOEXEC);
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, COUNT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (fd >= 0)
        close(fd);
    if (at == MAP_FAILED)
        return;
    slots = at;
    take_slot();
    pthread_atfork(NULL, NULL, take_slot);
}

/* --- malloc --- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static void allocated(size_t n)
{
    add(&mine->allocations, 1);
    add(&mine->bytes, (int64_t)n);
}

void *malloc(size_t n)
{
    allocated(n);
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    allocated(n * size);
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    allocated(n);
    return __libc_realloc(p, n);
}

/* --- calls --- */

/* The next definition of a function behind ours, looked up once. */
#define COUNTED(result, name, parameters, arguments) \
    result name parameters; \
    result name parameters \
    { \
        static result(*real) parameters; \
\
        if (real == NULL) \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
        add(&mine->calls, 1); \
        return real arguments; \
    }

COUNTED(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n))
COUNTED(ssize_t, __read_chk, (int fd, void *p, size_t n, size_t room), (fd, p, n, room))
COUNTED(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
COUNTED(ssize_t, readv, (int fd, const struct iovec *v, int n), (fd, v, n))
COUNTED(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n))
COUNTED(ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags))
COUNTED(ssize_t, __recv_chk, (int fd, void *p, size_t n, size_t room, int flags), (fd, p, n, room, flags))
COUNTED(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags))
COUNTED(ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags))
COUNTED(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags))
COUNTED(int, epoll_wait, (int fd, struct epoll_event *e, int n, int ms), (fd, e, n, ms))
COUNTED(int, epoll_ctl, (int fd, int op, int of, struct epoll_event *e), (fd, op, of, e))
COUNTED(int, poll, (struct pollfd *p, nfds_t n, int ms), (p, n, ms))
COUNTED(int, __poll_chk, (struct pollfd *p, nfds_t n, int ms, size_t room), (p, n, ms, room))
COUNTED(int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags), (fd, a, n, flags))
COUNTED(int, setsockopt, (int fd, int level, int name, const void *p, socklen_t n), (fd, level, name, p, n))
COUNTED(int, getsockopt, (int fd, int level, int name, void *p, socklen_t *n), (fd, level, name, p, n))
COUNTED(ssize_t, getrandom, (void *p, size_t n, unsigned flags), (p, n, flags))
COUNTED(int, close, (int fd), (fd))
