/* The input as a line of CSV: what is split, written again by the rules, must split into the same; and as a whole file in two
 * pieces, cut anywhere: rows and faults must not depend on the cut. */
#include "khop/api/bulk.h"
#include "khop/flow/csv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_line(struct slice line)
{
    static char scratch[API_BULK_LINE_MAX], again_scratch[4 * API_BULK_LINE_MAX];
    struct csv_line fields, again;
    const char *why = NULL;
    struct buf out;

    if (csv_split(line, scratch, &fields, &why) < 0) {
        must(why != NULL);
        return;
    }
    must(fields.n >= 1 && fields.n <= CSV_FIELDS_MAX);
    buf_init(&out, 4 * API_BULK_LINE_MAX);
    for (size_t i = 0; i < fields.n; i++) {
        buf_puts(&out, i == 0 ? "\"" : ",\"");
        for (size_t k = 0; k < fields.fields[i].n; k++) {
            if (fields.fields[i].p[k] == '"')
                buf_putc(&out, '"');
            buf_putc(&out, fields.fields[i].p[k]);
        }
        buf_putc(&out, '"');
    }
    must(!out.failed && csv_split(buf_slice(&out), again_scratch, &again, &why) == RC_OK && again.n == fields.n);
    for (size_t i = 0; i < fields.n; i++)
        must(slice_eq(fields.fields[i], again.fields[i]));
    buf_release(&out);
}

struct seen {
    int64_t rows, bad, sum;
};

static struct seen read_file(struct slice file, size_t cut, bool csv)
{
    static const int64_t account = 1;
    struct flow_kinds kinds;

    flow_kinds_init(&kinds);
    struct api_bulk *b = api_bulk_new(csv, &kinds, &account, 1);
    struct slice pieces[2] = { slice_sub(file, 0, cut), slice_sub(file, cut, file.n) };
    struct seen seen = { 0 };
    struct flow_code_spec spec;

    must(b != NULL);
    for (int i = 0; i < 2; i++) {
        api_bulk_put(b, pieces[i], i == 1);
        for (int found; (found = api_bulk_next(b, &spec)) != API_BULK_END;) {
            must(found > 0);
            if (found == API_BULK_ROW) {
                seen.rows++;
                seen.sum += spec.amount + (int64_t)spec.label.n + spec.kind;
            }
        }
    }
    seen.bad = api_bulk_bad(b);
    char *text = api_bulk_errors(b);

    must(text != NULL);
    free(text);
    api_bulk_free(b);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice file = { (const char *)data, size };

    if (size > 2 * API_BULK_LINE_MAX)
        return 0;
    if (size <= API_BULK_LINE_MAX)
        check_line(file);
    for (int csv = 0; csv < 2; csv++) {
        struct seen whole = read_file(file, size, csv == 1), cut = read_file(file, size == 0 ? 0 : data[0] % size, csv == 1);

        must(whole.rows == cut.rows && whole.bad == cut.bad && whole.sum == cut.sum);
    }
    return 0;
}
