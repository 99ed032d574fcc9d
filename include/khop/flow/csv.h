/* One line of comma-separated values (RFC 4180), strictly: fields between commas, or in quotes with "" for a quote. A line
 * break inside quotes is refused: no field of ours may hold one, so every line stands for itself and errors name lines.
 * A pure function over a slice. */
#ifndef KHOP_FLOW_CSV_H
#define KHOP_FLOW_CSV_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>

#define CSV_FIELDS_MAX 32

struct csv_line {
    size_t n; /* fields, at least one */
    struct slice fields[CSV_FIELDS_MAX];
    bool quoted[CSV_FIELDS_MAX]; /* it stood in quotes */
};

/* Splits a line (without its line end). Fields point into the line or, where quotes were doubled, into `scratch` (as many
 * bytes as the line has). RC_BAD_INPUT with a plain sentence in *why. */
int csv_split(struct slice line, char *scratch, struct csv_line *out, const char **why) RC_MUST;

#endif
