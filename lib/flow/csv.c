#include "khop/flow/csv.h"

#include "khop/base/banned.h"

/* A field in quotes, `line` behind the opening one. *end is behind the closing one. */
static int take_quoted(struct slice line, size_t at, char **scratch, struct slice *field, size_t *end, const char **why)
{
    char *out = *scratch;
    size_t n = 0;

    for (; at < line.n; at++) {
        if (line.p[at] == '"') {
            if (at + 1 >= line.n || line.p[at + 1] != '"') {
                *field = (struct slice){ out, n };
                *scratch = out + n;
                *end = at + 1;
                return RC_OK;
            }
            at++;
        }
        out[n++] = line.p[at];
    }
    *why = "A quote is opened and not closed on this line.";
    return RC_BAD_INPUT;
}

static int take_bare(struct slice line, size_t at, struct slice *field, size_t *end, const char **why)
{
    size_t begin = at;

    while (at < line.n && line.p[at] != ',') {
        if (line.p[at] == '"') {
            *why = "A quote stands inside a field: put the whole field in quotes and double the quotes in it.";
            return RC_BAD_INPUT;
        }
        at++;
    }
    *field = slice_sub(line, begin, at - begin);
    *end = at;
    return RC_OK;
}

int csv_split(struct slice line, char *scratch, struct csv_line *out, const char **why)
{
    size_t at = 0;

    out->n = 0;
    for (;;) {
        int rc;

        if (out->n == CSV_FIELDS_MAX) {
            *why = "There are more fields on this line than there are columns.";
            return RC_BAD_INPUT;
        }
        out->quoted[out->n] = at < line.n && line.p[at] == '"';
        if (out->quoted[out->n])
            rc = take_quoted(line, at + 1, &scratch, &out->fields[out->n], &at, why);
        else
            rc = take_bare(line, at, &out->fields[out->n], &at, why);
        if (rc < 0)
            return rc;
        out->n++;
        if (at >= line.n)
            return RC_OK;
        if (line.p[at] != ',') {
            *why = "Only a comma or the end of the line may follow a closing quote.";
            return RC_BAD_INPUT;
        }
        at++;
    }
}
