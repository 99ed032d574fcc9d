/* Raw requests and what must become of them: the table of security.md §3, with everything that evhttp is known to let
 * through (style.md §4). The same table is read whole, cut at every byte, byte by byte, and sent to a live server. */
#ifndef KHOP_TESTS_HTTP_CASES_H
#define KHOP_TESTS_HTTP_CASES_H

#include "khop/http/parse.h"
#include <stddef.h>

struct http_case {
    const char *name;
    const char *bytes; /* may hold NUL */
    size_t n;
    int parse;         /* 1: a whole request, 0: more must come, negative: refused with that status */
    int status;        /* what the live server answers; 0: nothing yet */
    const char *body;  /* decoded; NULL: none */
};

extern const struct http_case http_cases[];
extern const size_t http_ncases;

/* Larger ones, made when asked for: NULL behind the last. The bytes belong to the module until the next call. */
const struct http_case *http_case_made(size_t i);

/* The verdict of the reader over one request. */
struct verdict {
    int rc;          /* as http_case.parse */
    size_t used;     /* bytes of the whole request, when rc is 1 */
    char body[65536];
    size_t nbody;
};

/* Feeds the bytes in pieces: [0, cut) and the rest; cut 0: byte by byte; cut n: whole. Every piece is put into memory of
 * exactly its size, at a new place each time. */
void judge(const char *bytes, size_t n, size_t cut, struct verdict *v);

#endif
