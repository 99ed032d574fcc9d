#include "khop/api/bulk.h"

#include "khop/base/utf8.h"
#include "khop/flow/csv.h"
#include "spec.h"

#include <stdlib.h>

#include "khop/base/banned.h"

static const struct {
    const char *name, *pointer;
} COLUMNS[] = {
    { "account", "/account" },       { "kind", "/kind" },     { "amount", "/amount" }, { "label", "/label" },
    { "payer_ref", "/payer/ref" },   { "payer_name", "/payer/name" }, { "payer_class", "/payer/class" },
    { "due_on", "/due_on" },         { "expires_at", "/expires_at" }, { "use_credit", "/use_credit" },
};
#define HEADER_WRONG "The first line must name the columns, separated by commas: account, kind, amount, label, payer_ref, payer_name, payer_class, due_on, expires_at, use_credit."
#define NCOLUMNS (sizeof COLUMNS / sizeof COLUMNS[0])

struct api_bulk {
    bool csv, headed, stopped; /* stopped: without its header nothing can be read */
    int32_t line;              /* of the file, from 1 */
    struct slice rest;         /* of the piece */
    bool last, too_long, taken; /* taken: the line in `carry` has been read */
    struct buf carry;          /* a line that began in an earlier piece */
    struct api_in in;
    struct flow_kinds kinds;
    json_t *empty, *object;
    struct api_column columns[NCOLUMNS];
    size_t nfields, place[CSV_FIELDS_MAX]; /* which column a field is of */
    int64_t accounts[API_BULK_ACCOUNTS];
    size_t naccounts;
    int64_t bad;
    json_t *errors;
    char scratch[API_BULK_LINE_MAX];
};

struct api_bulk *api_bulk_new(bool csv, const struct flow_kinds *kinds, const int64_t *accounts, size_t n)
{
    struct api_bulk *b = n > API_BULK_ACCOUNTS ? NULL : calloc(1, sizeof *b);

    if (b == NULL)
        return NULL;
    b->csv = csv;
    b->kinds = *kinds;
    b->empty = json_object();
    b->errors = json_array();
    buf_init(&b->carry, API_BULK_LINE_MAX);
    if (n > 0)
        memcpy(b->accounts, accounts, n * sizeof *accounts);
    b->naccounts = n;
    for (size_t i = 0; i < NCOLUMNS; i++)
        b->columns[i] = (struct api_column){ .pointer = COLUMNS[i].pointer, .name = COLUMNS[i].name };
    if (b->empty == NULL || b->errors == NULL) {
        api_bulk_free(b);
        return NULL;
    }
    return b;
}

void api_bulk_free(struct api_bulk *b)
{
    if (b == NULL)
        return;
    json_decref(b->object);
    json_decref(b->empty);
    json_decref(b->errors);
    buf_release(&b->carry);
    free(b);
}

void api_bulk_put(struct api_bulk *b, struct slice piece, bool last)
{
    b->rest = piece;
    b->last = last;
}

/* --- faults --- */

static void add_fault(struct api_bulk *b, int32_t line, const char *pointer, const char *code, const char *detail)
{
    b->bad++;
    if (json_array_size(b->errors) < API_BULK_ERRORS_MAX)
        json_array_append_new(b->errors, json_pack("{s:i, s:s, s:s, s:s}", "line", (int)line, "pointer", pointer, "code", code,
                                                   "detail", detail));
}

void api_bulk_fault(struct api_bulk *b, int32_t line, const char *code, const char *detail)
{
    add_fault(b, line, "", code, detail);
}

int64_t api_bulk_bad(const struct api_bulk *b)
{
    return b->bad;
}

char *api_bulk_errors(const struct api_bulk *b)
{
    json_t *doc = json_pack("{s:I, s:O}", "count", (json_int_t)b->bad, "errors", b->errors);
    char *text = doc == NULL ? NULL : json_dumps(doc, JSON_COMPACT);

    json_decref(doc);
    return text;
}

/* Whoever made a table knows columns, not pointers. */
static const char *place_of(const struct api_bulk *b, const char *pointer)
{
    for (size_t i = 0; b->csv && i < NCOLUMNS; i++) {
        if (strcmp(COLUMNS[i].pointer, pointer) == 0)
            return COLUMNS[i].name;
    }
    return pointer;
}

static int line_fault(struct api_bulk *b, const char *code, const char *detail)
{
    api_bulk_fault(b, b->line, code, detail);
    return API_BULK_BAD;
}

/* --- lines --- */

/* The next line without its end; it stays until the next call. */
static bool next_line(struct api_bulk *b, struct slice *line)
{
    if (b->taken) {
        buf_clear(&b->carry);
        b->too_long = b->taken = false;
    }
    const char *end = b->rest.n == 0 ? NULL : memchr(b->rest.p, '\n', b->rest.n);
    size_t n = end == NULL ? b->rest.n : (size_t)(end - b->rest.p);
    struct slice part = { b->rest.p, n };

    b->rest = slice_sub(b->rest, end == NULL ? n : n + 1, b->rest.n);
    if (b->too_long || n > API_BULK_LINE_MAX - b->carry.n)
        b->too_long = true;
    else if (end == NULL || b->carry.n > 0)
        buf_put_slice(&b->carry, part);
    if (end == NULL && !(b->last && (b->carry.n > 0 || b->too_long)))
        return false;
    *line = end == NULL || b->carry.n > 0 ? buf_slice(&b->carry) : part;
    if (end == NULL)
        b->last = false; /* nothing is left */
    if (line->n > 0 && line->p[line->n - 1] == '\r')
        line->n--;
    b->line++;
    b->taken = true;
    return true;
}

/* --- CSV --- */

static int read_header(struct api_bulk *b, const struct csv_line *fields)
{
    bool seen[NCOLUMNS] = { false };

    for (size_t i = 0; i < fields->n; i++) {
        size_t c = 0;

        while (c < NCOLUMNS && !slice_is(fields->fields[i], COLUMNS[c].name))
            c++;
        if (c == NCOLUMNS)
            return line_fault(b, "header", HEADER_WRONG);
        if (seen[c])
            return line_fault(b, "header", "The first line names a column twice.");
        seen[c] = true;
        b->place[i] = c;
    }
    b->nfields = fields->n;
    b->headed = true;
    return API_BULK_END;
}

static int read_csv(struct api_bulk *b, struct slice line)
{
    struct csv_line fields;
    const char *why = "";

    if (!b->headed && slice_starts(line, SLICE("\xef\xbb\xbf"))) /* Excel's mark of UTF-8 */
        line = slice_sub(line, 3, line.n);
    if (!utf8_valid(line))
        return line_fault(b, "utf8", "This line is not UTF-8 text.");
    if (csv_split(line, b->scratch, &fields, &why) < 0)
        return line_fault(b, "csv", why);
    if (!b->headed)
        return read_header(b, &fields);
    if (fields.n != b->nfields)
        return line_fault(b, "columns", "This line has more or fewer fields than the first line names.");
    for (size_t i = 0; i < fields.n; i++)
        b->columns[b->place[i]].value = fields.fields[i];
    b->in.columns = b->columns;
    b->in.ncolumns = NCOLUMNS;
    b->in.root = b->empty;
    return API_BULK_ROW;
}

static int read_json(struct api_bulk *b, struct slice line)
{
    json_decref(b->object);
    b->object = api_json_object(line);
    if (b->object == NULL)
        return line_fault(b, "json", "Each line must be one JSON object without repeated members.");
    b->in.root = b->object;
    return API_BULK_ROW;
}

/* --- rows --- */

static bool account_known(const struct api_bulk *b, int64_t id)
{
    for (size_t i = 0; i < b->naccounts; i++) {
        if (b->accounts[i] == id)
            return true;
    }
    return false;
}

static int read_row(struct api_bulk *b, struct flow_code_spec *spec)
{
    *spec = (struct flow_code_spec){ 0 };
    api_spec_read(&b->in, &b->kinds, spec);
    if (spec->account_id != 0 && !account_known(b, spec->account_id))
        api_in_fault(&b->in, "/account", "not_found", "This organisation has no such account.");
    for (size_t i = 0; i < b->in.nerrors; i++)
        add_fault(b, b->line, place_of(b, b->in.errors[i].pointer), b->in.errors[i].code, b->in.errors[i].detail);
    return b->in.nerrors > 0 ? API_BULK_BAD : API_BULK_ROW;
}

static int read_line(struct api_bulk *b, struct slice line, struct flow_code_spec *spec)
{
    int found;

    b->in.nerrors = 0;
    if (b->too_long)
        found = line_fault(b, "length", "This line is longer than 16 KiB.");
    else if (line.n == 0)
        found = line_fault(b, "empty", "This line is empty.");
    else
        found = b->csv ? read_csv(b, line) : read_json(b, line);
    if (b->csv && !b->headed)
        b->stopped = true;
    return found == API_BULK_ROW ? read_row(b, spec) : found;
}

int api_bulk_next(struct api_bulk *b, struct flow_code_spec *spec)
{
    struct slice line;

    for (;;) {
        if (b->stopped || !next_line(b, &line)) {
            b->rest = (struct slice){ 0 };
            return b->carry.failed ? RC_NOMEM : API_BULK_END;
        }
        int found = read_line(b, line, spec);

        if (found != API_BULK_END)
            return found;
    }
}
