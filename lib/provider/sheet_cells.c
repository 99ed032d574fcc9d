/* Rows of one worksheet. */
#include "sheet_xlsx.h"

#include "khop/base/num.h"

#include "khop/base/banned.h"

/* "BC12" → 54; -1: no such place. */
static int64_t column_of(const char *ref)
{
    int64_t v = 0;
    int n = 0;

    for (; *ref >= 'A' && *ref <= 'Z' && n < 4; ref++, n++)
        v = v * 26 + (*ref - 'A' + 1);
    return n == 0 || n > 3 ? -1 : v - 1;
}

static void start_cell(struct sheet_xlsx *s, const char **attributes)
{
    const char *ref = sheet_xml_attribute(attributes, "r"), *type = sheet_xml_attribute(attributes, "t");
    int64_t column = ref == NULL ? -1 : column_of(ref);

    s->column = column >= 0 ? column : s->column + 1;
    s->style = xlsx_number(sheet_xml_attribute(attributes, "s"));
    s->type = type == NULL || strcmp(type, "n") == 0                          ? CELL_NUMBER
              : strcmp(type, "s") == 0                                        ? CELL_SHARED
              : strcmp(type, "b") == 0                                        ? CELL_BOOL
              : strcmp(type, "e") == 0                                        ? CELL_ERROR
              : strcmp(type, "d") == 0                                        ? CELL_ISO
                                                                              : CELL_TEXT;
    buf_clear(&s->text);
}

void XMLCALL xlsx_cells_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct sheet_xml *x = arg;
    struct sheet_xlsx *s = x->arg;

    if (xlsx_is(name, "row")) {
        int64_t r = xlsx_number(sheet_xml_attribute(attributes, "r"));

        s->row = r > 0 ? r : s->row + 1;
        s->column = -1;
        s->in_row = true;
        sheet_line_start(&s->sheet->line);
        if (s->row > SHEET_ROWS_MAX)
            sheet_xml_stop(x, SHEET_TOO_MANY_ROWS);
    } else if (!s->in_row) {
        return;
    } else if (xlsx_is(name, "c")) {
        start_cell(s, attributes);
    } else if (xlsx_is(name, "v")) {
        s->collect = true;
        buf_clear(&s->text);
    } else if (xlsx_is(name, "is")) {
        s->in_inline = true;
    } else if (xlsx_is(name, "rPh")) {
        s->in_phonetic = true;
    } else if (xlsx_is(name, "t") && s->in_inline) {
        s->collect = !s->in_phonetic;
    }
}

static enum sheet_fault put(struct sheet_xlsx *s, enum sheet_kind kind, struct slice text)
{
    return sheet_line_put(&s->sheet->line, (size_t)s->column, kind, text, &s->sheet->about.replaced);
}

static enum sheet_fault put_number(struct sheet_xlsx *s)
{
    struct slice raw = buf_slice(&s->text), decimal;

    buf_clear(&s->number);
    if (sheet_decimal(raw, &s->number) < 0)
        return put(s, SHEET_TEXT, raw);
    decimal = buf_slice(&s->number);
    if (s->style >= 0 && (size_t)s->style < s->n_styles && s->style_is_date[s->style] != 0) {
        buf_clear(&s->text);
        if (sheet_serial(decimal, s->since_1904, &s->text) == RC_OK)
            return put(s, SHEET_DATE, buf_slice(&s->text));
    }
    return put(s, SHEET_NUMBER, decimal);
}

/* "2026-11-20T08:03:11.000Z" as we write it. */
static enum sheet_fault put_iso(struct sheet_xlsx *s)
{
    struct slice t = slice_sub(buf_slice(&s->text), 0, 19);

    if (t.n == 19 && t.p[10] == 'T') {
        s->text.p[10] = ' ';
        if (slice_is(slice_sub(t, 11, 8), "00:00:00"))
            t.n = 10;
    }
    return put(s, SHEET_DATE, t);
}

static enum sheet_fault finish_cell(struct sheet_xlsx *s)
{
    struct slice raw = buf_slice(&s->text);
    int64_t i;

    if (raw.n == 0)
        return SHEET_FINE;
    switch (s->type) {
    case CELL_NUMBER:
        return put_number(s);
    case CELL_SHARED:
        if (num_parse(raw, 0, INT32_MAX, true, &i) < 0 || (size_t)i >= s->n_strings)
            return SHEET_BROKEN_XML;
        return put(s, SHEET_TEXT, slice_sub(buf_slice(&s->strings), s->at[i], s->at[i + 1] - s->at[i]));
    case CELL_TEXT:
        xlsx_unescape(&s->text);
        return put(s, SHEET_TEXT, buf_slice(&s->text));
    case CELL_BOOL:
        return put(s, SHEET_BOOL, slice_is(raw, "1") || slice_is(raw, "true") ? SLICE("TRUE") : SLICE("FALSE"));
    case CELL_ERROR:
        return put(s, SHEET_ERROR, raw);
    case CELL_ISO:
        return put_iso(s);
    }
    return SHEET_BROKEN_XML;
}

void XMLCALL xlsx_cells_end(void *arg, const XML_Char *name)
{
    struct sheet_xml *x = arg;
    struct sheet_xlsx *s = x->arg;

    if (xlsx_is(name, "v") || xlsx_is(name, "t")) {
        s->collect = false;
    } else if (xlsx_is(name, "rPh")) {
        s->in_phonetic = false;
    } else if (xlsx_is(name, "is")) {
        s->in_inline = false;
    } else if (xlsx_is(name, "c") && s->in_row) {
        enum sheet_fault fault = finish_cell(s);

        if (fault != SHEET_FINE)
            sheet_xml_stop(x, fault);
        buf_clear(&s->text);
    } else if (xlsx_is(name, "row")) {
        s->in_row = false;
        if (s->sheet->line.n > 0)
            sheet_xml_pause(x);
    }
}
