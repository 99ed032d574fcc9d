/* The lines of an upload, one code each: CSV behind a header of column names, or a JSON object a line as POST /api/v1/codes
 * takes. Fed piece by piece, so that a file of any size takes the memory of a line. Every line is held to the rules of a
 * single code; what is wrong collects, the first hundred faults with their line. */
#ifndef KHOP_API_BULK_H
#define KHOP_API_BULK_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include "khop/flow/code.h"
#include "khop/flow/kinds.h"

#define API_BULK_LINE_MAX   (16 * 1024)
#define API_BULK_ERRORS_MAX 100
#define API_BULK_ACCOUNTS   128

struct api_bulk;

/* `accounts`: those that codes may name; `kinds` is copied. NULL without memory. */
struct api_bulk *api_bulk_new(bool csv, const struct flow_kinds *kinds, const int64_t *accounts, size_t n);
void api_bulk_free(struct api_bulk *b); /* accepts NULL */
/* The next piece of the input; the one before it has been read to its end. It stays until then. */
void api_bulk_put(struct api_bulk *b, struct slice piece, bool last);

enum api_bulk_found {
    API_BULK_END, /* of this piece */
    API_BULK_ROW, /* a code: its texts stay until the next call */
    API_BULK_BAD, /* a line that is not right */
};
/* Negative: RC_NOMEM. */
int api_bulk_next(struct api_bulk *b, struct flow_code_spec *spec) RC_MUST;

int64_t api_bulk_bad(const struct api_bulk *b); /* faults until now */
/* A fault of the whole file, at this line. */
void api_bulk_fault(struct api_bulk *b, int32_t line, const char *code, const char *detail);
/* {"count", "errors": [{"line", "pointer", "code", "detail"}]} as text for free(); NULL without memory. */
char *api_bulk_errors(const struct api_bulk *b);

#endif
