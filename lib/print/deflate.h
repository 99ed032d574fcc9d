/* Packs picture rows of which most are equal to the one above (RFC 1950, RFC 1951). */
#ifndef KHOP_PRINT_DEFLATE_H
#define KHOP_PRINT_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

#define DEFLATE_UP 2 /* first byte of a row whose other bytes are zero: PNG's filter for "equal to the row above" */

/* What deflate_rows needs at most for n bytes: nine bits each, and its frame. */
#define DEFLATE_BOUND(n) ((n) + (n) / 8 + 64)

/* Packs height rows of stride bytes each (3 to 32,768) into out; returns its size. Rows that begin with DEFLATE_UP are taken to be
 * zeros behind it. */
size_t deflate_rows(unsigned char *out, const unsigned char *rows, size_t stride, size_t height);

#endif
