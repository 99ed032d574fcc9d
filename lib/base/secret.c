#include "khop/base/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "khop/base/banned.h"

int secret_set(struct secret *s, const void *bytes, size_t n)
{
    if (n > SECRET_MAX)
        return RC_TOO_LARGE;
    secret_release(s);
    if (n > 0)
        memcpy(s->bytes, bytes, n);
    s->n = n;
    return RC_OK;
}

void secret_release(struct secret *s)
{
    explicit_bzero(s, sizeof *s);
}

static int open_rc(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return RC_NOT_FOUND;
    case EACCES:
    case EPERM:
        return RC_FORBIDDEN;
    default:
        return RC_IO;
    }
}

/* Everything in the file, one byte over the maximum is RC_TOO_LARGE. */
static int read_all(int fd, struct secret *got)
{
    uint8_t extra;

    while (got->n < SECRET_MAX) {
        ssize_t n = read(fd, got->bytes + got->n, SECRET_MAX - got->n);

        if (n == 0)
            return RC_OK;
        if (n > 0)
            got->n += (size_t)n;
        else if (errno != EINTR)
            return RC_IO;
    }

    ssize_t n = read(fd, &extra, 1);

    explicit_bzero(&extra, 1);
    return n == 0 ? RC_OK : n > 0 ? RC_TOO_LARGE : RC_IO;
}

int secret_read_file(struct secret *s, const char *path)
{
    struct secret got = { 0 };
    struct stat st;
    int rc;
    /* Non-blocking, so that a FIFO in the file's place cannot hang the start. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return open_rc(errno);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        rc = RC_IO;
    else if ((st.st_mode & 077) != 0)
        rc = RC_FORBIDDEN;
    else
        rc = read_all(fd, &got);
    close(fd);
    if (rc == RC_OK)
        rc = secret_set(s, got.bytes, got.n);
    secret_release(&got);
    return rc;
}
