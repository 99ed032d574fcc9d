/* Bytes that must not be printed, swapped into a log, or left in memory. Fixed room, cleansed on release. */
#ifndef KHOP_BASE_SECRET_H
#define KHOP_BASE_SECRET_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdint.h>

#define SECRET_MAX 256

struct secret {
    size_t n;
    uint8_t bytes[SECRET_MAX];
};

/* RC_TOO_LARGE over SECRET_MAX. */
int secret_set(struct secret *s, const void *bytes, size_t n) RC_MUST;
void secret_release(struct secret *s);
/* A file of at most SECRET_MAX bytes; refuses one that others may read (mode & 077). RC_NOT_FOUND, RC_FORBIDDEN, RC_TOO_LARGE, RC_IO. */
int secret_read_file(struct secret *s, const char *path) RC_MUST;

#endif
